//! The conductor of a night: load, plan, guard, read, evaluate, write, record. Decides nothing itself.

mod candidates;
mod deliver;
mod difference;
mod earlier;
pub mod example;
mod explain;
mod figures;
mod gather;
mod join;
mod lock;
mod made;
mod nights;
mod once;
mod outcomes;
mod purge;
mod recall;
mod release;
mod rounds;
mod said;
mod sample;
mod shown;
mod status;
mod stock;
#[cfg(test)]
mod tests;
mod trials;
mod verify;
mod words;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::ledger::{Ledger, LedgerError};
use crate::output::{FolderError, Halt, Manifest, Note, RobotEntry};

use deliver::Delivery;
use figures::{Keeping, figures, not_kept};
use gather::Leads;
use made::foresee;
use nights::Asked;
use nights::nights_of;
use outcomes::history;
use rounds::{Round, go};
use shown::{Shown, shown};
use stock::{Stock, Storehouse};
use words::{problems, remarks};

pub use explain::explain;
pub use nights::night_folders;
pub use purge::{PurgeRequest, Purged, purge};
pub use recall::{RecallRequest, Recalled, recall};
pub use release::{ReleaseRequest, Released, release};
pub use sample::{Drawn, Plan as SamplePlan, SampleKeyState, SampleRequest, draw, plan, renew_key, sample_key};
pub use status::{StatusRequest, status};
pub use verify::{Verified, VerifyRequest, verify};

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
    /// Whether a robot is refused that has no decision for what it means now.
    pub decisions: Decisions,
    /// When the run began.
    pub begun: DateTime<Utc>,
    /// What tells the time: how long a run took is remembered.
    pub clock: fn() -> DateTime<Utc>,
    /// What tells the most memory that the process has had so far, in bytes; remembered too.
    pub peak_memory: fn() -> Option<u64>,
    /// How long to wait for another run to be done.
    pub patience: Duration,
    /// Where to stop dead, for tests of what the next run makes of it.
    pub halt: Option<Halt>,
    /// The robot whose files break down while they are made, for tests of what becomes of the others.
    pub faulty: Option<String>,
    /// The key of a ledger that is made, for tests; random when there is none.
    pub ledger_key: Option<[u8; 32]>,
}

/// Whether recorded decisions are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decisions {
    /// A robot without one that stands is refused.
    Required,
    /// They are recorded where there are any.
    NotRequired,
}

/// What to do with what comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Compute everything and show what the extracts are like; write nothing, move nothing.
    Measure,
    /// Compute everything and show what would come of it; write nothing, move nothing.
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
    /// The robots that this run was for, whether or not they ran. The account has the night's other robots too, as they stood.
    pub gone_for: Vec<String>,
    /// The robots that did not run now, of whom what they delivered for this night before stands.
    pub kept: Vec<String>,
    /// For a case that is only shown: each robot's notes.
    pub notes: Vec<Note>,
    /// For a case that is only shown: the rows of each robot in the accounts.
    pub accounts: Vec<Vec<String>>,
    /// For a case that is only shown: what could not be tried, and why; nothing of protected households.
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
    /// All delivered, but what some robot writes waits for somebody to release it.
    SomeHeld,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::SomeDidNotRun => 3,
            Self::SomeHeld => 6,
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
    /// What stands in the night's folder is not what was delivered.
    #[error(
        "the night {night} is not as it was delivered\nhint: `nattkoll verify --night {night}` tells what was altered; \
`nattkoll run --night {night}` makes it again"
    )]
    Altered {
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
    if request.effect != Effect::Deliver {
        let ledger = Ledger::open_read_only(&request.state.join(LEDGER))?;
        let (stock, mut rounds) = evaluate(request, definitions, &robots, ledger.as_ref(), watch)?;
        // How many are flagged of one case says nothing.
        if request.effect == Effect::Show && request.case.is_none() {
            foresee(request, definitions, &mut rounds, ledger.as_ref())?;
        }
        let mut report = report(request, definitions, &stock, &rounds);
        // Of a whole night only the figures are told; what its notes would say is looked at a case at a time.
        if request.case.is_some() {
            let Shown { notes, accounts, untried } = shown(definitions, &rounds);
            (report.notes, report.accounts, report.untried) = (notes, accounts, untried);
        }
        return Ok(report);
    }
    let _lock = lock::lock(&request.state, request.patience)?;
    let mut ledger = deliver::open_ledger(request)?;
    if let Some(before) = ledger.purged_before()?.filter(|before| request.night < *before) {
        return Err(NightError::Refused(format!(
            "{} cannot be run again: what was known of the nights before {before} is purged",
            request.night
        )));
    }
    let (stock, mut rounds) = evaluate(request, definitions, &robots, Some(&ledger), watch)?;
    let figures = figures(request, definitions, &stock);
    let delivery = Delivery::prepare(request, definitions, &stock.intakes, &mut rounds, &ledger)?;
    let mut report = report(request, definitions, &stock, &rounds);
    report.remarks.extend(not_kept(figures.as_deref().unwrap_or_default()));
    report.manifest = delivery.manifest().clone();
    report.exit = exit_of(&report.manifest, &rounds);
    report.kept = delivery.kept().to_vec();
    // What the night was worked out of is large, and is let go of while the disk is waited for.
    let (published, ()) = rayon::join(|| delivery.publish(request, &mut ledger, figures), || drop((stock, rounds)));
    report.folder = Some(published?);
    Ok(report)
}

/// Reads, guards, and sends the robots round.
fn evaluate<'r>(
    request: &NightRequest,
    definitions: &'r Definitions,
    robots: &[&'r Robot],
    ledger: Option<&Ledger>,
    watch: &(dyn Fn(&str) + Sync),
) -> Result<(Stock<'r>, Vec<Round<'r>>), NightError> {
    let asked = nights_of(request, robots, ledger)?;
    let (mut asked, refused): (Vec<_>, Vec<_>) =
        asked.into_iter().partition(|asked| asked.is_let(request, definitions));
    asked.extend(helpers(request, definitions, robots, ledger)?);
    let leads = Leads::FromSubjects { municipality: &request.municipality };
    let going: Vec<&Robot> = asked.iter().map(|asked| asked.robot).collect();
    let keeping = Keeping::of(request);
    let history = history(definitions, &going, ledger, request.night, keeping)?;
    let storehouse =
        Storehouse { request, definitions, ledger, watch, leads, history, keeping, pipes: Mutex::default() };
    let (mut stock, broken) = storehouse.take_in(&asked);
    let mut rounds = go(request, definitions, &mut stock, &going, ledger)?;
    let is_chosen = |id: &str| robots.iter().any(|robot| robot.id == id);
    rounds.retain(|round| is_chosen(&round.robot.id));
    let broken = broken.into_iter().filter(|asked| is_chosen(&asked.robot.id));
    rounds.extend(refused.into_iter().map(|asked| Round::refused(asked, definitions)));
    rounds.extend(broken.map(Round::failed));
    rounds.sort_by(|a, b| a.robot.id.cmp(&b.robot.id));
    Ok((stock, rounds))
}

/// The robots that those that are run ask, and that were not asked for themselves: what they came to when they delivered this
/// night is worked out again. One that has not delivered it has not run.
fn helpers<'r>(
    request: &NightRequest,
    definitions: &'r Definitions,
    robots: &[&'r Robot],
    ledger: Option<&Ledger>,
) -> Result<Vec<Asked<'r>>, NightError> {
    let Some(ledger) = ledger else { return Ok(Vec::new()) };
    let delivered = ledger.robots_of_night(request.night)?;
    let has_delivered =
        |robot: &&Robot| delivered.iter().any(|night| night.robot == robot.id && night.status.is_delivered());
    let helpers: Vec<&Robot> = definitions.asked_beside(robots).into_iter().filter(has_delivered).collect();
    let own = NightRequest { since: None, ..request.clone() };
    let mut asked = nights_of(&own, &helpers, Some(ledger))?;
    asked.retain(|asked| asked.is_let(request, definitions));
    Ok(asked)
}

/// What is told of a night that is only shown.
fn report(request: &NightRequest, definitions: &Definitions, stock: &Stock<'_>, rounds: &[Round<'_>]) -> NightReport {
    let mut manifest = deliver::manifest(request, definitions, &stock.intakes, rounds.iter(), &[]);
    let exit = exit_of(&manifest, rounds);
    manifest.exit = exit.code();
    NightReport {
        manifest,
        folder: None,
        exit,
        problems: problems(request, definitions, &stock.intakes, rounds),
        remarks: remarks(request, definitions, &stock.intakes, rounds),
        gone_for: rounds.iter().map(|round| round.robot.id.clone()).collect(),
        kept: Vec::new(),
        notes: Vec::new(),
        accounts: Vec::new(),
        untried: Vec::new(),
    }
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

/// A robot that was to run and did not shows in the exit code, also where what it delivered before stands; so does one of
/// the night's other robots that has not delivered.
fn exit_of(manifest: &Manifest, rounds: &[Round<'_>]) -> Exit {
    let all_ran = rounds.iter().all(|round| round.status.is_delivered());
    if all_ran { stands_at(manifest) } else { Exit::SomeDidNotRun }
}

/// The exit code that a night's robots come to, whoever ran them.
fn stands_at(manifest: &Manifest) -> Exit {
    let waits = |robot: &RobotEntry| robot.status == "held" && robot.release.is_none();
    if manifest.robots.iter().any(|robot| robot.status != "ran" && robot.status != "held") {
        return Exit::SomeDidNotRun;
    }
    if manifest.robots.iter().any(waits) { Exit::SomeHeld } else { Exit::Done }
}
