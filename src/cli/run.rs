//! `nattkoll run`

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::duration::duration;
use super::{Answer, Context, Outcome, Surroundings, municipality};
use crate::definition::settings::Settings;
use crate::night::{self, Decisions, Effect, NightError, NightReport, NightRequest};
use crate::output::Halt;
use crate::report::summary;

/// Runs the night. Without names, all robots; with names, those robots, and what the others delivered is kept.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll run                                      the night of the settings, all robots
  nattkoll run --night 2026-11-21                   that night; again gives the same files
  nattkoll run fordonsinnehav --night 2026-11-21    one robot anew, the others' files kept
  nattkoll run --case EB26-0344                     what would be said of one case; writes nothing
  nattkoll run --since 2026-10-01                   a first run, counting from that night")]
pub struct RunArgs {
    /// The robots to run; all when none is named
    robots: Vec<String>,
    /// The night to run, a folder of the input with that name
    #[arg(long, value_name = "DATE")]
    night: Option<NaiveDate>,
    /// For a first run: the night to count from
    #[arg(long, value_name = "DATE")]
    since: Option<NaiveDate>,
    /// The folder with a folder for each night
    #[arg(long, value_name = "DIR")]
    input: Option<PathBuf>,
    /// Where the night's files go
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Show what would be said of one case (implies --dry-run)
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    /// Compute everything, write nothing
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for another run to be done: 90s, 10m, 2h
    #[arg(long, value_name = "LIMIT", default_value = "0s", hide_default_value = true, value_parser = duration)]
    wait: Duration,
    /// How many threads to work with
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print the night's account as JSON
    #[arg(long)]
    json: bool,
}

impl RunArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let mut settings = context.settings()?;
        if let Some(input) = &self.input {
            settings.input = context.here.folder.join(input);
        }
        if let Some(output) = &self.output {
            settings.output = context.here.folder.join(output);
        }
        let night = context.night_with_folder(&settings, self.night)?;
        let threads = self.jobs.map_or(context.here.cores, usize::from);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| failure(&format!("threads cannot be started: {error}")))?;
        let definitions = pool.install(|| context.definitions(&settings))?;
        let municipality = municipality(&settings)?;
        let json = self.json;
        let request = self.into_request(&settings, context, municipality, night);
        let warnings = context.warnings(&definitions, request.night);
        let bar = progress(context);
        let result = pool.install(|| night::run(&request, &definitions, &|file| bar.set_message(file.to_owned())));
        bar.finish_and_clear();
        match result {
            Ok(report) => Ok(told(&report, &request, context, json, warnings)),
            Err(error) => Err(refusal(&error)),
        }
    }

    fn into_request(
        self,
        settings: &Settings,
        context: &Context<'_>,
        municipality: String,
        night: NaiveDate,
    ) -> NightRequest {
        let shows_only = self.dry_run || self.case.is_some();
        NightRequest {
            night,
            since: self.since,
            start: settings.start,
            robots: self.robots,
            case: self.case,
            effect: if shows_only { Effect::Show } else { Effect::Deliver },
            input: settings.input.clone(),
            output: settings.output.clone(),
            state: settings.state.clone(),
            municipality,
            decisions: decisions(settings),
            begun: (context.here.clock)(),
            clock: context.here.clock,
            peak_memory: context.here.peak_memory,
            patience: self.wait,
            halt: halt(context.here),
            faulty: faulty(context.here),
            ledger_key: ledger_key(context.here),
        }
    }
}

/// Whether the settings ask for recorded decisions.
fn decisions(settings: &Settings) -> Decisions {
    if settings.require_decision { Decisions::Required } else { Decisions::NotRequired }
}

/// Where a test has asked the program to stop dead. Only builds for tests listen.
pub(super) fn halt(here: &Surroundings) -> Option<Halt> {
    if cfg!(debug_assertions) { Halt::named(&(here.variable)("NATTKOLL_TEST_HALT")?) } else { None }
}

/// The key of a ledger that is made, so that tests draw the same sample each time: 64 hexadecimal digits. Only builds for
/// tests listen.
pub(super) fn ledger_key(here: &Surroundings) -> Option<[u8; 32]> {
    let text = if cfg!(debug_assertions) { (here.variable)("NATTKOLL_TEST_LEDGER_KEY")? } else { return None };
    let mut key = [0; 32];
    for (place, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(key)
}

/// The robot whose files a test has asked to break down. Only builds for tests listen.
fn faulty(here: &Surroundings) -> Option<String> {
    if cfg!(debug_assertions) { (here.variable)("NATTKOLL_TEST_FAULTY") } else { None }
}

fn progress(context: &Context<'_>) -> ProgressBar {
    if context.quiet || !context.here.stderr_is_terminal {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{spinner} {elapsed} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = ProgressBar::new_spinner().with_style(style);
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    bar
}

fn failure(what: &str) -> Answer {
    Answer { talk: format!("error: {what}\n"), exit: 1, ..Answer::default() }
}

pub(super) fn refusal(error: &NightError) -> Answer {
    let exit = match error {
        NightError::Refused(_) => 2,
        NightError::Locked { .. } => 5,
        NightError::Ledger(_)
        | NightError::Folder(_)
        | NightError::Lock { .. }
        | NightError::Lost { .. }
        | NightError::Altered { .. }
        | NightError::NotThere { .. } => 1,
    };
    Answer { talk: format!("error: {error}\n"), exit, ..Answer::default() }
}

fn told(report: &NightReport, request: &NightRequest, context: &Context<'_>, json: bool, warnings: String) -> Answer {
    let mut talk = warnings;
    for problem in &report.problems {
        let _ = writeln!(talk, "warning: {problem}");
    }
    if !context.quiet {
        for remark in &report.remarks {
            let _ = writeln!(talk, "note: {remark}");
        }
        let took = (context.here.clock)() - request.begun;
        let _ = writeln!(talk, "note: {}", cost(took, (context.here.peak_memory)()));
    }
    let mut data = String::new();
    if json {
        data = String::from_utf8_lossy(&report.manifest.to_file()).into_owned();
    } else if request.case.is_some() {
        data = of_case(report);
    } else if !context.quiet {
        data = summary(&report.manifest, report.folder.as_deref(), &report.gone_for, &report.kept);
    }
    Answer { data, talk, exit: report.exit.code() }
}

/// What a run took: `1.2 s, at most 34 MB of memory`.
fn cost(took: TimeDelta, memory: Option<u64>) -> String {
    let seconds = took.as_seconds_f64();
    let time = if seconds < 1.0 { format!("{} ms", took.num_milliseconds()) } else { format!("{seconds:.1} s") };
    memory.map_or_else(|| time.clone(), |bytes| format!("{time}, at most {} MB of memory", bytes.div_ceil(1_000_000)))
}

/// What would be said of one case: its rows in the accounts, and its notes as a first night would have them.
fn of_case(report: &NightReport) -> String {
    let mut text = String::new();
    for row in &report.accounts {
        if let [robot, subject, _, outcome, checks] = row.as_slice() {
            let _ = writeln!(text, "{}", format!("{robot} {subject}: {outcome} {checks}").trim_end());
            for not_tried in report.untried.iter().filter(|one| one.robot == *robot && one.subject == *subject) {
                let _ = writeln!(text, "  {} kunde inte prövas: {}", not_tried.check, not_tried.reason);
            }
        }
    }
    for note in &report.notes {
        let _ = writeln!(text, "\n{} ({})\n{}", note.title, note.robot, note.text);
    }
    if text.is_empty() {
        text.push_str(
            "no robot goes through that case tonight\nhint: a case, not a subject of one: redovisning.csv has both, and \
`nattkoll explain` takes either\n",
        );
    }
    text
}
