//! `nattkoll sample`

use std::fmt::Write;
use std::time::Duration;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use rust_decimal::Decimal;

use super::duration::duration;
use super::run::refusal;
use super::{Answer, Context, Outcome};
use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::night::{self, SamplePlan, SampleRequest};
use crate::sample::LOTS;

/// What a sample will come to, whether a draw can be made again, and the key that it is drawn from.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  nattkoll sample plan                                             what the share and the waiting times come to
  nattkoll sample draw stickprov A26-5201 --night 2026-11-21       a draw made again, and what was recorded
  nattkoll sample key --renew                                      another key from the next night on")]
pub enum SampleCommand {
    /// What the share and the waiting times come to, and whether they can keep what is promised
    Plan(PlanArgs),
    /// Make a subject's draw on a night again, and tell what was recorded then
    Draw(DrawArgs),
    /// The key that samples are drawn from
    Key(KeyArgs),
}

/// What the share and the waiting times come to, and whether they can keep what is promised.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The robot; every one with a sample when none is named
    robot: Option<String>,
    /// With the parameters of this night
    #[arg(long, value_name = "DATE")]
    night: Option<NaiveDate>,
}

/// Makes a subject's draw on a night again, and tells what was recorded then.
#[derive(Debug, Args)]
pub struct DrawArgs {
    /// The robot
    robot: String,
    /// The subject, as it is called in redovisning.csv
    subject: String,
    /// The night
    #[arg(long, value_name = "DATE")]
    night: NaiveDate,
}

/// The key that samples are drawn from.
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// Make another key, for the nights after the last that has been run; those before draw the same when run again
    #[arg(long, conflicts_with = "show")]
    renew: bool,
    /// Print the key of a night in hexadecimal: whoever has it can foresee the draws of the nights to come
    #[arg(long)]
    show: bool,
    /// The night; the newest when none is typed
    #[arg(long, value_name = "DATE")]
    night: Option<NaiveDate>,
    /// How long to wait for a run to be done: 90s, 10m, 2h
    #[arg(long, value_name = "LIMIT", default_value = "0s", hide_default_value = true, value_parser = duration)]
    wait: Duration,
}

impl SampleCommand {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        match self {
            Self::Plan(args) => args.execute(context),
            Self::Draw(args) => args.execute(context),
            Self::Key(args) => args.execute(context),
        }
    }
}

impl PlanArgs {
    fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let definitions = context.definitions(&settings)?;
        let night = context.night(&settings, self.night);
        let robots: Vec<&Robot> = match &self.robot {
            Some(id) => vec![named(&definitions, id)?],
            None => definitions.robots.iter().collect(),
        };
        let plans = night::plan(&definitions, &robots, night);
        if let (Some(id), []) = (&self.robot, plans.as_slice()) {
            return Err(without_sample(id));
        }
        let mut answer = Answer::default();
        for plan in &plans {
            answer.data.push_str(&told(plan, night));
            if plan.is_too_slow() {
                let _ = writeln!(
                    answer.talk,
                    "warning: `{}` cannot keep what is promised: a case can wait {}, and {} months are {} days\nhint: shorten the \
longest waiting time",
                    plan.robot,
                    plan.expected.map_or("for ever".to_owned(), |expected| format!("{} days", expected.most_days)),
                    plan.promise_months,
                    plan.promised_days(),
                );
            }
        }
        Ok(answer)
    }
}

fn told(plan: &SamplePlan, night: NaiveDate) -> String {
    let mut text = format!("{} with the parameters of {night}\n", plan.robot);
    let share = plan.share.map_or_else(
        || "not known beforehand".to_owned(),
        |share| format!("{} % of the applications", (share * Decimal::ONE_HUNDRED).normalize()),
    );
    let _ = writeln!(text, "  by lot                    {share}");
    for (least, most) in &plan.waits {
        let _ = writeln!(text, "  waiting time              {least}-{most} days");
    }
    if let Some(expected) = plan.expected {
        let _ = writeln!(
            text,
            "  of those who apply monthly, checked by nothing else\n  drawn in all              {:.1} % of the applications\n  \
between two checks        at most {} days; promised are {} months ({} days)",
            expected.in_all * 100.0,
            expected.most_days,
            plan.promise_months,
            plan.promised_days(),
        );
    }
    text
}

/// The refusal of a robot that draws nobody.
fn without_sample(robot: &str) -> Answer {
    Answer::refused(format!("error: `{robot}` has no [sample]\n"))
}

impl DrawArgs {
    fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let definitions = context.definitions(&settings)?;
        let robot = named(&definitions, &self.robot)?;
        if robot.sample.is_none() {
            return Err(without_sample(&robot.id));
        }
        let drawn = night::draw(&definitions, robot, &self.subject, self.night, (&settings.state, &settings.output))
            .map_err(|error| refusal(&error))?;
        let by_lot = match drawn.below {
            Some(_) if drawn.is_subject == Some(false) => "of a subject that there was not".to_owned(),
            Some(below) if drawn.lot < below => format!("drawn by lot: the lots below {below} are"),
            Some(below) => format!("not drawn by lot: the lots below {below} are"),
            None => "the share is not known beforehand".to_owned(),
        };
        let recorded = match (&drawn.recorded, drawn.is_delivered) {
            (Some(why), _) => format!("drawn ({why})"),
            (None, true) if drawn.is_refused => {
                "nothing: what the robot held that night was refused, and counts as not drawn".to_owned()
            }
            (None, true) if drawn.is_subject == Some(false) => {
                format!("nothing: `{}` had no such subject that night; redovisning.csv has those it had", robot.id)
            }
            (None, true) => "not drawn".to_owned(),
            (None, false) => "the robot has not delivered the night".to_owned(),
        };
        let mut data = format!("{} · {} · night {}\n", robot.id, self.subject, self.night);
        let _ = writeln!(data, "  lot       {} of {LOTS}; {by_lot}", drawn.lot);
        let _ = writeln!(data, "  recorded  {recorded}");
        let _ = writeln!(data, "  each value behind it: nattkoll explain {} CASE --night {}", robot.id, self.night);
        Ok(Answer { data, ..Answer::default() })
    }
}

impl KeyArgs {
    fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        if self.renew {
            let (today, now) = (context.here.today, (context.here.clock)());
            let request = SampleRequest { today, now, state: settings.state, patience: self.wait };
            let first_night = night::renew_key(&request).map_err(|error| refusal(&error))?;
            return Ok(Answer {
                data: format!("nights from {first_night} on draw from a new key\n"),
                ..Answer::default()
            });
        }
        let night = context.night(&settings, self.night);
        let state = night::sample_key(night, &settings.state).map_err(|error| refusal(&error))?;
        if self.show {
            let hex = state.key.bytes().iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            });
            return Ok(Answer { data: hex + "\n", ..Answer::default() });
        }
        let mut data = String::from("the first key was made with the ledger\n");
        for renewal in state.renewals {
            let made = renewal.made.format("%Y-%m-%d %H:%M");
            let _ = writeln!(data, "made {made} UTC, for nights from {} on", renewal.first_night);
        }
        Ok(Answer { data, ..Answer::default() })
    }
}

fn named<'d>(definitions: &'d Definitions, id: &str) -> Result<&'d Robot, Answer> {
    definitions.robot(id).ok_or_else(|| {
        let near = crate::diagnostic::nearest(id, definitions.robots.iter().map(|robot| robot.id.as_str()));
        let hint = near.map_or_else(String::new, |near| format!("hint: did you mean `{near}`?\n"));
        Answer::refused(format!("error: there is no robot `{id}`\n{hint}"))
    })
}
