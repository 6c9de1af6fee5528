//! What can be typed, turned into plain requests. clap lives here alone; nothing further in knows that there was a
//! command line.

mod approve;
mod check;
mod duration;
mod explain;
mod generate;
mod purge;
mod recall;
mod release;
mod robots;
mod run;
mod sample;
mod show;
mod status;
mod test;
mod verify;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use clap::{Parser, Subcommand};

use crate::definition::settings::{NightChoice, Settings};
use crate::definition::{Definitions, Problems, load, load_what_runs};
use crate::diagnostic::{Colour, Diagnostic, draw};
use crate::night::{Decisions, Effect, NightRequest, night_folders};

/// Small control robots over the night's register extracts.
///
/// Every night nattkoll runs the robots under `robots/` over the extracts in the night's folder. For each case where something
/// differs it writes a journal note and a row on a list for manual checking. It decides nothing about anyone.
#[derive(Debug, Parser)]
#[command(
    name = "nattkoll",
    version,
    after_help = "Exit codes: 0 done · 1 internal error or nowhere to write · 2 arguments or definitions refused · 3 some robots did \
not run · 4 a test failed · 5 another run holds the lock · 6 what some robot writes is held"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print problems only, so that a mail from cron means trouble
    #[arg(short, long, global = true)]
    quiet: bool,
    /// The profile of nattkoll.toml to go by
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// Log what is done to stderr
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the night: all robots, or those named
    Run(run::RunArgs),
    /// Read and check every definition; with --data also tonight's extracts
    Check(check::CheckArgs),
    /// Let out the notes that a robot holds, or refuse them
    Release(release::ReleaseArgs),
    /// How things stand: last runs, held notes, robots that did not run, missed nights
    Status(status::StatusArgs),
    /// Tell what has been altered or is missing in ledger and outputs
    Verify(verify::VerifyArgs),
    /// List the notes that a robot wrote, and write corrections of them
    Recall(recall::RecallArgs),
    /// Delete what is old
    Purge(purge::PurgeArgs),
    /// Record the decision to run a robot as it is defined now
    Approve(approve::ApproveArgs),
    /// Run the robots' examples
    Test(test::TestArgs),
    /// Explain what a robot came to for a case: each check, every value, the lines of the files
    Explain(explain::ExplainArgs),
    /// What a sample will come to, whether a draw can be made again, and the key that it is drawn from
    #[command(subcommand)]
    Sample(sample::SampleCommand),
    /// List the robots
    Robots(robots::RobotsArgs),
    /// Show what a robot goes through, asks and says
    Show(show::ShowArgs),
    /// Make a synthetic municipality of any size, with planted deviations and the right answers beside them
    Generate(generate::GenerateArgs),
}

/// What the program finds around it when it starts; only `main` looks.
pub struct Surroundings {
    /// Today's date.
    pub today: NaiveDate,
    /// What tells the time.
    pub clock: fn() -> DateTime<Utc>,
    /// The working directory.
    pub folder: PathBuf,
    /// A variable of the environment.
    pub variable: fn(&str) -> Option<String>,
    /// Whether stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// What tells the most memory that the process has had so far, in bytes.
    pub peak_memory: fn() -> Option<u64>,
    /// How many threads to work with when none is typed.
    pub cores: usize,
}

impl Surroundings {
    fn colour(&self) -> Colour {
        let is_wanted = self.stderr_is_terminal && (self.variable)("NO_COLOR").is_none_or(|value| value.is_empty());
        if is_wanted { Colour::Terminal } else { Colour::Plain }
    }
}

/// What a command gives back.
#[derive(Debug, Default)]
pub struct Answer {
    /// Data, for stdout.
    pub data: String,
    /// Talk, for stderr.
    pub talk: String,
    /// The exit code.
    pub exit: u8,
}

impl Answer {
    fn data(data: String) -> Self {
        Self { data, ..Self::default() }
    }

    fn refused(talk: impl Into<String>) -> Self {
        Self { talk: talk.into(), exit: 2, ..Self::default() }
    }
}

/// How loudly to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loudness {
    /// Trouble only.
    Warnings,
    /// What is done, too.
    Steps,
}

/// Reads what was typed and does it. `start_log` is called once, before anything is done.
pub fn execute(
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
    here: &Surroundings,
    start_log: impl FnOnce(Loudness),
) -> Answer {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = error.render().to_string();
            return if error.use_stderr() { Answer::refused(text) } else { Answer::data(text) };
        }
    };
    start_log(if arguments.verbose { Loudness::Steps } else { Loudness::Warnings });
    let context = Context { here, quiet: arguments.quiet, profile: arguments.profile };
    let result = match arguments.command {
        Command::Run(args) => args.execute(&context),
        Command::Check(args) => args.execute(&context),
        Command::Release(args) => args.execute(&context),
        Command::Status(args) => args.execute(&context),
        Command::Verify(args) => args.execute(&context),
        Command::Recall(args) => args.execute(&context),
        Command::Purge(args) => args.execute(&context),
        Command::Approve(args) => args.execute(&context),
        Command::Test(args) => args.execute(&context),
        Command::Explain(args) => args.execute(&context),
        Command::Sample(command) => command.execute(&context),
        Command::Robots(args) => args.execute(&context),
        Command::Show(args) => args.execute(&context),
        Command::Generate(args) => args.execute(&context),
    };
    result.unwrap_or_else(|answer| answer)
}

/// What every command has at hand.
struct Context<'c> {
    here: &'c Surroundings,
    quiet: bool,
    /// The profile that was typed.
    profile: Option<String>,
}

/// A command's answer; the other one where it could not even begin.
type Outcome = Result<Answer, Answer>;

impl Context<'_> {
    fn settings(&self) -> Result<Settings, Answer> {
        let settings = match Settings::find(&self.here.folder) {
            None => Settings::beside(&self.here.folder),
            Some(path) => {
                let problems = Problems::default();
                let settings = Settings::read(&path, &problems);
                let problems = problems.into_inner();
                match settings {
                    Some(settings) if problems.is_empty() => settings,
                    _ => return Err(Answer::refused(draw(&problems, self.here.colour()))),
                }
            }
        };
        settings
            .of_profile(self.profile.as_deref(), self.here.variable)
            .and_then(|settings| settings.with_environment(self.here.variable))
            .map_err(|problem| Answer::refused(draw(&[problem], self.here.colour())))
    }

    /// What a night rests on; the robots' examples are not looked at.
    fn definitions(&self, settings: &Settings) -> Result<Definitions, Answer> {
        load_what_runs(&settings.robots).map_err(|problems| self.mistaken(&problems))
    }

    /// Every definition, the robots' examples too.
    fn definitions_with_examples(&self, settings: &Settings) -> Result<Definitions, Answer> {
        load(&settings.robots).map_err(|problems| self.mistaken(&problems))
    }

    fn mistaken(&self, problems: &[Diagnostic]) -> Answer {
        let how_many =
            if problems.len() == 1 { "1 mistake".to_owned() } else { format!("{} mistakes", problems.len()) };
        let drawn = draw(problems, self.here.colour());
        Answer::refused(format!("{drawn}\nerror: {how_many} in the definitions; nothing was run\n"))
    }

    fn night(&self, settings: &Settings, typed: Option<NaiveDate>) -> NaiveDate {
        let newest = || night_folders(&settings.input).into_iter().max();
        match (typed, settings.night) {
            (Some(night), _) => night,
            (None, NightChoice::Today) => self.here.today,
            (None, NightChoice::Newest) => newest().unwrap_or(self.here.today),
        }
    }

    /// The night, as [`Self::night`]. One that was typed and has no folder is a slip; that of today may not have come yet,
    /// which a run tells of in its own way.
    fn night_with_folder(&self, settings: &Settings, typed: Option<NaiveDate>) -> Result<NaiveDate, Answer> {
        let night = self.night(settings, typed);
        let folder = settings.input.join(night.to_string());
        if typed.is_none() || folder.is_dir() {
            return Ok(night);
        }
        let there = there_are(&night_folders(&settings.input));
        let (folder, input) = (folder.display(), settings.input.display());
        Err(Answer::refused(format!(
            "error: there is no folder `{folder}`; nothing was run\nhint: `{input}` has {there}\n"
        )))
    }

    /// A request for what would come out of a night: nothing is written, and nothing rests on who may run.
    fn showing(&self, settings: &Settings, night: NaiveDate) -> Result<NightRequest, Answer> {
        Ok(NightRequest {
            night,
            since: None,
            start: settings.start,
            robots: Vec::new(),
            case: None,
            effect: Effect::Show,
            input: settings.input.clone(),
            output: settings.output.clone(),
            state: settings.state.clone(),
            municipality: municipality(settings)?,
            decisions: Decisions::NotRequired,
            begun: (self.here.clock)(),
            clock: self.here.clock,
            peak_memory: self.here.peak_memory,
            patience: Duration::ZERO,
            halt: None,
            faulty: None,
            ledger_key: run::ledger_key(self.here),
        })
    }

    /// Warnings about the definitions, and parameters that are soon to be looked over. Where only problems are asked for,
    /// they are told of once a week, until their day is past: a mail every night for sixty days is read by nobody.
    fn warnings(&self, definitions: &Definitions, night: NaiveDate) -> String {
        let mut text = draw(&definitions.warnings, self.here.colour());
        let reminds = !self.quiet || night.weekday() == REMINDED_ON;
        for (parameter, review_by) in &definitions.reviews {
            let days = (*review_by - night).num_days();
            if days < 0 || (reminds && days <= REMINDED_DAYS) {
                use std::fmt::Write;
                let _ = writeln!(text, "warning: the parameter `{parameter}` is to be looked over by {review_by}");
            }
        }
        text
    }
}

/// How many days ahead a parameter is told of that is to be looked over.
const REMINDED_DAYS: i64 = 60;

/// The nights that remind of it where only problems are asked for.
const REMINDED_ON: Weekday = Weekday::Mon;

/// The most nights that a hint names, the newest of them.
const MOST_NIGHTS: usize = 7;

/// The nights that there are, for whoever asked for another: `the nights 2026-11-20, 2026-11-21`.
fn there_are(nights: &[NaiveDate]) -> String {
    let newest = &nights[nights.len().saturating_sub(MOST_NIGHTS)..];
    let named = newest.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match nights.len() {
        0 => "no nights".to_owned(),
        1 => format!("the night {named}"),
        many if many > newest.len() => format!("{many} nights; the newest are {named}"),
        _ => format!("the nights {named}"),
    }
}

/// A municipality's code where one is needed.
fn municipality(settings: &Settings) -> Result<String, Answer> {
    settings.municipality.clone().ok_or_else(|| {
        Answer::refused(
            "error: the own municipality is not set\nhint: add `municipality = \"0380\"` to nattkoll.toml\n",
        )
    })
}
