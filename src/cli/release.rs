//! `nattkoll release`

use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;

use super::duration::duration;
use super::run::{halt, refusal};
use super::{Answer, Context, Outcome};
use crate::ledger::Verdict;
use crate::night::{self, ReleaseRequest, Released};

/// Lets out what a robot holds, its notes and its lists, or refuses it. A second time does nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll release folkbokforing --night 2026-11-21 --by Enhetschef            what it wrote goes out as it is
  nattkoll release folkbokforing --night 2026-11-21 --by Enhetschef --refuse   it never does; what it said counts as not said")]
pub struct ReleaseArgs {
    /// The robot
    robot: String,
    /// The night that it holds
    #[arg(long, value_name = "DATE")]
    night: NaiveDate,
    /// Who decides: a role, not a name
    #[arg(long, value_name = "ROLE")]
    by: String,
    /// Refuse it
    #[arg(long)]
    refuse: bool,
    /// How long to wait for a run to be done: 90s, 10m, 2h
    #[arg(long, value_name = "LIMIT", default_value = "0s", hide_default_value = true, value_parser = duration)]
    wait: Duration,
}

impl ReleaseArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let (robot, night) = (self.robot, self.night);
        let request = ReleaseRequest {
            robot: robot.clone(),
            night,
            verdict: if self.refuse { Verdict::Refused } else { Verdict::Released },
            role: self.by,
            now: (context.here.clock)(),
            output: settings.output,
            state: settings.state,
            patience: self.wait,
            halt: halt(context.here),
        };
        let word = request.verdict.word();
        let said = match night::release(&request).map_err(|error| refusal(&error))? {
            Released::Now { notes, lists } => {
                format!("{word}: {notes} notes and {lists} lists of `{robot}` for {night}\n")
            }
            Released::Before(before) => {
                format!("already {word} by {} on {}\n", before.role, before.at.format("%Y-%m-%d"))
            }
        };
        Ok(if context.quiet { Answer::default() } else { Answer::data(said) })
    }
}
