//! The conductor of a night: load, plan, guard, read, evaluate, write, record. Decides nothing itself.

mod deliver;
pub mod example;
mod explain;
mod gather;
mod nights;
mod said;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use chrono::NaiveDate;
use tracing::{info, warn};

use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::evaluate::{Cases, RobotResult, go_round, isolated, reason};
use crate::extract::{Source, SourceError, Table, count_rows};
use crate::ledger::{Ledger, LedgerError, LedgerKey, RobotStatus};
use crate::outcome::Outcome;
use crate::output::{FolderError, Halt, Manifest, Note, Noted, notes};
use crate::plan::{Nights, Plan, TableKey, plan};
use crate::rule::types::ExtractId;
use crate::rule::world::Constants;

use deliver::Delivery;
use gather::{Files, Intakes, gather, join, obstacle, of_files, take_stock, view};
use nights::NightsOf;

pub use explain::explain;
pub use nights::night_folders;

/// What is asked of a night.
#[derive(Clone, Debug)]
pub struct NightRequest {
    /// The night.
    pub night: NaiveDate,
    /// The night to count as each robot's last, for a first run.
    pub since: Option<NaiveDate>,
    /// For a robot's first run: the night counted as its last, from the settings.
    pub start: Option<NaiveDate>,
    /// The robots to run, by id; all when there are none.
    pub robots: Vec<String>,
    /// The only case to look at.
    pub case: Option<String>,
    /// What to do with what comes out.
    pub effect: Effect,
    /// The folder with a folder for each night.
    pub input: PathBuf,
    /// Where the nights' outputs go.
    pub output: PathBuf,
    /// Where the ledger and the lock are.
    pub state: PathBuf,
    /// The own municipality's code.
    pub municipality: String,
    /// Where to stop dead, for tests of what the next run makes of it.
    pub halt: Option<Halt>,
    /// The key of a ledger that is made, for tests; random when there is none.
    pub ledger_key: Option<[u8; 32]>,
}

/// What to do with what comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Compute everything and show it; write nothing, move nothing.
    Show,
    /// Write the night and record it.
    Deliver,
}

/// What came of a night.
#[derive(Debug)]
pub struct NightReport {
    /// The account for machines; of a night that is only shown, what it would have been.
    pub manifest: Manifest,
    /// Where the night was published; nowhere when it was only shown.
    pub folder: Option<PathBuf>,
    /// The exit code (design §8).
    pub exit: Exit,
    /// The extracts that were not used, and the robots that did not run, in words.
    pub problems: Vec<String>,
    /// What is worth knowing though nothing was kept from running.
    pub remarks: Vec<String>,
    /// The robots that did not run now, of whom what they delivered for this night before stands.
    pub kept: Vec<String>,
    /// For a night that is only shown: each robot's notes.
    pub notes: Vec<Note>,
    /// For a night that is only shown: the rows of each robot in the accounts.
    pub accounts: Vec<Vec<String>>,
    /// For a night that is only shown: what could not be tried, and why; nothing of protected households.
    pub untried: Vec<NotTried>,
}

/// A check that could not be tried for a subject, and why.
#[derive(Clone, Debug)]
pub struct NotTried {
    /// The robot.
    pub robot: String,
    /// The subject.
    pub subject: String,
    /// The check.
    pub check: String,
    /// Why, in Swedish.
    pub reason: String,
}

/// The exit codes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, findings or not.
    Done,
    /// Some robots did not run, the others delivered.
    SomeDidNotRun,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::SomeDidNotRun => 3,
        }
    }
}

/// Why a night was not run at all.
#[derive(Debug, thiserror::Error)]
pub enum NightError {
    /// What was asked for cannot be done.
    #[error("{0}")]
    Refused(String),
    /// Another run is going on.
    #[error("another run holds the lock `{}`\nhint: wait until it is done; the lock goes with the process that holds it", path.display())]
    Locked {
        /// The lock.
        path: PathBuf,
    },
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The output cannot be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A night that was recorded and not yet published is gone.
    #[error(
        "the night {night} was recorded, and its folder is gone before it was published\nhint: make it again first: `nattkoll run --night {night}`"
    )]
    Lost {
        /// The night.
        night: NaiveDate,
    },
    /// What a robot has delivered is gone from the night's folder, and this run would not make it again.
    #[error(
        "`{robot}` has delivered the night {night}, and its files are not there to be kept\nhint: run the whole night: `nattkoll run --night {night}`"
    )]
    NotThere {
        /// The robot.
        robot: String,
        /// The night.
        night: NaiveDate,
    },
    /// The lock cannot be made.
    #[error("the lock `{}` cannot be made: {error}", path.display())]
    Lock {
        /// The lock.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

/// What one robot came to.
struct Round<'r> {
    robot: &'r Robot,
    nights: Nights,
    since: NaiveDate,
    status: RobotStatus,
    result: RobotResult,
    /// How many rows of the extract it goes through stand for nothing, not even their key being readable.
    untold: usize,
}

/// Runs a night. `watch` is told of each file as it is read.
///
/// # Errors
/// When nothing could be run or nothing could be written. A robot that fails is no error: it is in the report.
pub fn run(
    request: &NightRequest,
    definitions: &Definitions,
    watch: &(dyn Fn(&str) + Sync),
) -> Result<NightReport, NightError> {
    let robots = chosen(request, definitions)?;
    if request.effect == Effect::Show {
        let ledger = Ledger::open_read_only(&request.state.join(LEDGER))?;
        return evaluate_and(request, definitions, &robots, ledger.as_ref(), watch, |_, rounds| {
            Ok(shown(definitions, &rounds))
        });
    }
    let _lock = nights::lock(&request.state)?;
    let mut ledger = deliver::open_ledger(request)?;
    let mut outcome = None;
    evaluate_and(request, definitions, &robots, Some(&ledger), watch, |intakes, rounds| {
        let delivery = Delivery::prepare(request, definitions, intakes, &rounds, &ledger)?;
        outcome = Some(delivery);
        Ok(Shown::default())
    })
    .and_then(|mut report| {
        let Some(delivery) = outcome else { return Ok(report) };
        report.manifest = delivery.manifest().clone();
        report.kept = delivery.kept().to_vec();
        report.folder = Some(delivery.publish(request, &mut ledger)?);
        Ok(report)
    })
}

/// The ledger's file in the state folder.
const LEDGER: &str = "nattkoll.db";

fn chosen<'d>(request: &NightRequest, definitions: &'d Definitions) -> Result<Vec<&'d Robot>, NightError> {
    if request.robots.is_empty() {
        return Ok(definitions.robots.iter().collect());
    }
    for id in &request.robots {
        if definitions.robot(id).is_none() {
            let ids: Vec<&str> = definitions.robots.iter().map(|robot| robot.id.as_str()).collect();
            let near = crate::diagnostic::nearest(id, ids.iter().copied());
            let hint = near
                .map_or_else(|| format!("the robots are {}", ids.join(", ")), |near| format!("did you mean `{near}`?"));
            return Err(NightError::Refused(format!("there is no robot `{id}`\nhint: {hint}")));
        }
    }
    Ok(definitions.robots.iter().filter(|robot| request.robots.contains(&robot.id)).collect())
}

/// What a night that is only shown has to show.
#[derive(Default)]
struct Shown {
    notes: Vec<Note>,
    accounts: Vec<Vec<String>>,
    untried: Vec<NotTried>,
}

fn shown(definitions: &Definitions, rounds: &[Round<'_>]) -> Shown {
    let mut shown = Shown::default();
    for round in rounds {
        let all_new: Noted = said::all_new(&round.result);
        shown.notes.extend(notes(round.robot, &round.result, &all_new, definitions, round.nights));
        shown.accounts.extend(crate::output::accounts(round.robot, &round.result));
        shown.untried.extend(not_tried(round, definitions));
    }
    shown
}

fn not_tried(round: &Round<'_>, definitions: &Definitions) -> Vec<NotTried> {
    let shown = round.result.subjects.iter().filter(|subject| subject.outcome != Outcome::Protected);
    shown
        .flat_map(|subject| subject.undecided().map(move |untried| (subject, untried)))
        .map(|(subject, untried)| {
            let check = &round.robot.checks[untried.check];
            NotTried {
                robot: round.robot.id.clone(),
                subject: subject.key.clone(),
                check: check.id.clone(),
                reason: reason(&untried.why, check, definitions),
            }
        })
        .collect()
}

/// Reads, guards and evaluates, and hands what came of it to `then`.
fn evaluate_and(
    request: &NightRequest,
    definitions: &Definitions,
    robots: &[&Robot],
    ledger: Option<&Ledger>,
    watch: &(dyn Fn(&str) + Sync),
    then: impl FnOnce(&Intakes, Vec<Round<'_>>) -> Result<Shown, NightError>,
) -> Result<NightReport, NightError> {
    let when = NightsOf::find(request, robots, ledger)?;
    let nights: Vec<Nights> = when.robots.iter().map(|(nights, _)| *nights).collect();
    let asked: Vec<(&Robot, Nights)> = robots.iter().copied().zip(nights.iter().copied()).collect();
    let plan = plan(definitions, &asked);
    let files = NightFiles { request, definitions };
    info!(night = %request.night, robots = robots.len(), readings = plan.steps.len(), "planned");
    let mut intakes = gather(&plan, definitions, &files, &|step| watch(&files.name(step.table).display().to_string()));
    take_stock(&mut intakes, definitions, request.night, |extract| {
        when.earlier.iter().find_map(|night| previous_rows(extract, *night, &files, definitions, ledger))
    });
    let rounds = go(request, definitions, &plan, &intakes, &when, robots);
    let problems = problems(request, definitions, &plan, &intakes, &rounds);
    let remarks = remarks(request, definitions, &plan, &intakes, &rounds);
    let mut manifest = deliver::manifest(request, definitions, &intakes, rounds.iter(), &[]);
    let exit = exit_of(&manifest, &rounds);
    manifest.exit = exit.code();
    let shown = then(&intakes, rounds)?;
    let Shown { notes, accounts, untried } = shown;
    let kept = Vec::new();
    Ok(NightReport { manifest, folder: None, exit, problems, remarks, kept, notes, accounts, untried })
}

/// A robot that was to run and did not shows in the exit code, also where what it delivered before stands; so does one of
/// the night's other robots that has not delivered.
fn exit_of(manifest: &Manifest, rounds: &[Round<'_>]) -> Exit {
    let all_stand = manifest.robots.iter().all(|robot| robot.status == "ran");
    let all_ran = rounds.iter().all(|round| round.status.is_delivered());
    if all_stand && all_ran { Exit::Done } else { Exit::SomeDidNotRun }
}

/// Sends every robot that nothing stands in the way of on its round.
fn go<'r>(
    request: &NightRequest,
    definitions: &Definitions,
    plan: &Plan,
    intakes: &Intakes,
    when: &NightsOf,
    robots: &[&'r Robot],
) -> Vec<Round<'r>> {
    let nights: Vec<Nights> = when.robots.iter().map(|(nights, _)| *nights).collect();
    let links = join(plan, &nights, definitions, intakes);
    let mut rounds = Vec::with_capacity(robots.len());
    for ((robot, needs), (nights, since)) in robots.iter().zip(&plan.robots).zip(&when.robots) {
        let own = intakes.get(&(robot.subject.extract, request.night)).and_then(|intake| intake.table.as_ref());
        let mut round = Round {
            robot,
            nights: *nights,
            since: *since,
            status: RobotStatus::Ran,
            result: RobotResult::default(),
            untold: own.map_or(0, |table| in_no_accounts(table).count()),
        };
        if let Some(extract) = obstacle(needs, &robot.optional, request.night, intakes) {
            let reason = why_not_used(extract, request.night, intakes, definitions);
            round.status = RobotStatus::SetAside { reason };
            rounds.push(round);
            continue;
        }
        let view = view(*nights, needs, definitions, intakes, &links);
        let constants = Constants {
            night: request.night,
            previous_night: nights.previous,
            since: *since,
            municipality: &request.municipality,
            parameters: &definitions.catalog.parameters,
        };
        let cases = request.case.as_deref().map_or(Cases::All, Cases::Only);
        match isolated(|| go_round(robot, definitions, &view, &constants, cases)) {
            Some(result) if result.tally.total() == result.subjects.len() as u64 => round.result = result,
            Some(_) => round.status = RobotStatus::Failed { reason: "its accounts do not add up".to_owned() },
            None => {
                warn!(robot = robot.id, "the robot failed");
                round.status =
                    RobotStatus::Failed { reason: "it panicked; the place in the code is in the log".to_owned() };
            }
        }
        rounds.push(round);
    }
    rounds
}

/// The lines of rejected rows that stand for nothing in a table: what they are about cannot be told.
fn in_no_accounts(table: &Table) -> impl Iterator<Item = u64> {
    let untold = table.rejected.iter().filter(|row| row.earlier.is_none() && !table.knows_the_key_at(row.offset));
    untold.map(|row| row.line)
}

/// Why an extract was not used, beginning with the name of its file.
fn why_not_used(extract: ExtractId, night: NaiveDate, intakes: &Intakes, definitions: &Definitions) -> String {
    let file = &definitions.extracts[usize::from(extract.0)].file;
    let Some(intake) = intakes.get(&(extract, night)) else { return format!("`{file}` was not used") };
    match (&intake.failure, &intake.stop) {
        (Some(failure), _) => format!("`{file}` was not used: {failure}"),
        (None, Some(stop)) => format!("`{file}` was not used: {stop}"),
        (None, None) => format!("`{file}` was not used"),
    }
}

/// What kept robots from running, each reason once, and what they had to do without.
fn problems(
    request: &NightRequest,
    definitions: &Definitions,
    plan: &Plan,
    intakes: &Intakes,
    rounds: &[Round<'_>],
) -> Vec<String> {
    let night = request.night;
    if !request.input.join(night.to_string()).is_dir() {
        let folder = request.input.join(night.to_string());
        return vec![format!(
            "there is no folder `{}`: no robot ran\nhint: once it is delivered, `nattkoll run --night {night}`",
            folder.display()
        )];
    }
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for round in rounds {
        let Some(reason) = round.status.reason() else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, robots)) => robots.push(&round.robot.id),
            None => reasons.push((reason, vec![&round.robot.id])),
        }
    }
    let mut problems: Vec<String> = reasons
        .iter()
        .map(|(reason, robots)| {
            let named = robots.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
            let word = if robots.len() == 1 { "robot" } else { "robots" };
            let again = robots.join(" ");
            format!(
                "{word} {named} did not run: {reason}\nhint: what was delivered for this night before, if anything, stands; \
once it is mended, `nattkoll run --night {night} {again}`"
            )
        })
        .collect();
    for ((extract, _), intake) in of_files(intakes).filter(|((_, of_night), _)| *of_night == night) {
        let is_gone_through = rounds.iter().any(|round| round.robot.subject.extract == *extract);
        let lines: Vec<String> = intake.table.iter().flat_map(in_no_accounts).map(|line| line.to_string()).collect();
        if is_gone_through && !lines.is_empty() {
            let file = &definitions.extracts[usize::from(extract.0)].file;
            let lines = lines.join(", ");
            problems.push(format!(
                "`{file}` has rows that cannot be read, and what they are about is in no robot's accounts: line {lines}\n\
hint: see avvisade_rader.csv; have them mended and run the night again"
            ));
        }
        if intake.failure.is_none() && intake.stop.is_none() {
            continue;
        }
        let why = why_not_used(*extract, night, intakes, definitions);
        if !problems.iter().any(|problem| problem.contains(&why)) {
            problems.push(why);
        }
        let file = &definitions.extracts[usize::from(extract.0)].file;
        let without = rounds.iter().zip(&plan.robots).any(|(round, needs)| {
            round.status.is_delivered() && needs.protection.contains(&(*extract, crate::rule::types::Side::Tonight))
        });
        if without {
            problems.push(format!(
                "who is protected was told by what there is of `{file}` and by that of the night before"
            ));
        }
    }
    problems
}

/// What is worth knowing though nothing was kept from running.
fn remarks(
    request: &NightRequest,
    definitions: &Definitions,
    plan: &Plan,
    intakes: &Intakes,
    rounds: &[Round<'_>],
) -> Vec<String> {
    let mut remarks = Vec::new();
    for ((extract, night), intake) in of_files(intakes) {
        let Some(table) = &intake.table else {
            let is_earlier = rounds.iter().any(|round| round.nights.previous == Some(*night));
            if let (true, Some(failure)) = (is_earlier, &intake.failure) {
                remarks.push(format!("the night before cannot be compared with: {failure}"));
            }
            continue;
        };
        let file = &definitions.extracts[usize::from(extract.0)].file;
        if !table.rejected.is_empty() || !table.unreadable.is_empty() {
            let (rows, cells) = (table.rejected.len(), table.unreadable.len());
            let list = if *night == request.night { "; see avvisade_rader.csv" } else { "" };
            let plural = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
            let (rows, cells) = (plural(rows, "row"), plural(cells, "cell"));
            remarks.push(format!("{night}/{file}: {rows} rejected, {cells} unreadable{list}"));
        }
    }
    for (round, needs) in rounds.iter().zip(&plan.robots) {
        let compares = needs.rules.iter().any(|(_, side)| *side == crate::rule::types::Side::Previous);
        if compares && round.nights.previous.is_none() && round.status.is_delivered() {
            let id = &round.robot.id;
            remarks.push(format!("robot `{id}` had no earlier night to compare with; what needs one was not tried"));
        }
    }
    remarks
}

/// How many rows an extract had on an earlier night: as the ledger remembers, or counted now. On a night that the ledger
/// knows and remembers none of, the extract was stopped: two truncated nights in a row are not compared with each other.
fn previous_rows(
    extract: ExtractId,
    night: NaiveDate,
    files: &NightFiles<'_>,
    definitions: &Definitions,
    ledger: Option<&Ledger>,
) -> Option<u64> {
    let declared = &definitions.extracts[usize::from(extract.0)];
    if let Some(Ok(Some(stats))) = ledger.map(|ledger| ledger.extract_stats(&declared.name, night)) {
        return Some(stats.rows);
    }
    let knows_the_night = ledger.is_some_and(|ledger| ledger.manifest(night).is_ok_and(|manifest| manifest.is_some()));
    if knows_the_night {
        return None;
    }
    let source = files.open((extract, night)).ok()?;
    count_rows(&source, declared.dialect.delimiter).ok()
}

/// The files of the nights' folders.
struct NightFiles<'n> {
    request: &'n NightRequest,
    definitions: &'n Definitions,
}

impl Files for NightFiles<'_> {
    fn open(&self, table: TableKey) -> Result<Source, SourceError> {
        Source::open(&self.request.input.join(self.name(table)))
    }

    fn name(&self, (extract, night): TableKey) -> PathBuf {
        PathBuf::from(night.to_string()).join(&self.definitions.extracts[usize::from(extract.0)].file)
    }
}

/// The ledger's key, or one that stands for it where nothing is recorded.
fn key_of(ledger: Option<&Ledger>) -> LedgerKey {
    ledger.map_or_else(|| LedgerKey::from([0; 32]), |ledger| ledger.key().clone())
}
