//! How things stand, from ledger, definitions and folders. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::definition::Definitions;
use crate::ledger::{Ledger, RunRecord};
use crate::report::{HeldLine, NotDeliveredLine, RobotLine, RunLine, Status};

use super::{LEDGER, NightError};

/// How many runs are shown.
const RUNS: u32 = 7;
/// How far back is looked for nights that were missed, or not delivered by some robot.
const OF_LATE_DAYS: u64 = 30;

/// What is asked.
#[derive(Clone, Debug)]
pub struct StatusRequest {
    /// Today: the last night that may have been missed.
    pub today: NaiveDate,
    /// Now.
    pub now: DateTime<Utc>,
    /// How long ago the last delivery may be; any time when there is none.
    pub max_age: Option<Duration>,
    /// Where the ledger is.
    pub state: PathBuf,
    /// The folder with a folder for each night.
    pub input: PathBuf,
}

/// How things stand. A ledger that is not there yet has nothing to tell, and is older than any age.
///
/// # Errors
/// When the ledger cannot be read.
pub fn status(request: &StatusRequest, definitions: &Definitions) -> Result<Status, NightError> {
    let ledger = Ledger::open_read_only(&request.state.join(LEDGER))?;
    let Some(ledger) = ledger else { return Ok(nothing_yet(request, definitions)) };
    let last_delivered = ledger.last_run_of_the_newest_night()?.map(|run| run.ended);
    let held = ledger.held()?.into_iter().map(|(robot, night, notes)| HeldLine { robot, night, notes });
    Ok(Status {
        runs: ledger.latest_runs(RUNS)?.into_iter().map(run_line).collect(),
        robots: robot_lines(definitions, &ledger)?,
        held: held.collect(),
        not_delivered: not_delivered(request, &ledger)?,
        missed: missed(request, &ledger)?,
        unpublished: ledger.pending_publication()?.map(|waiting| waiting.night),
        purged_before: ledger.purged_before()?,
        last_delivered,
        too_old: is_too_old(request, last_delivered),
    })
}

fn nothing_yet(request: &StatusRequest, definitions: &Definitions) -> Status {
    let robots = definitions.robots.iter().map(|robot| RobotLine {
        robot: robot.id.clone(),
        version: Some(robot.version.clone()),
        last_night: None,
        last_state: None,
        open_findings: 0,
        decision: definitions.decision_of(robot).to_string(),
    });
    Status {
        runs: Vec::new(),
        robots: robots.collect(),
        held: Vec::new(),
        not_delivered: Vec::new(),
        missed: Vec::new(),
        unpublished: None,
        purged_before: None,
        last_delivered: None,
        too_old: is_too_old(request, None),
    }
}

fn is_too_old(request: &StatusRequest, last: Option<DateTime<Utc>>) -> bool {
    let Some(most) = request.max_age else { return false };
    // A clock that has been set back makes nothing old.
    last.is_none_or(|last| (request.now - last).to_std().is_ok_and(|age| age > most))
}

fn run_line(run: RunRecord) -> RunLine {
    let took_ms = (run.ended - run.begun).num_milliseconds();
    let RunRecord { night, begun, peak_memory, exit, robots, .. } = run;
    RunLine { night, begun, took_ms, peak_memory, exit, robots }
}

fn robot_lines(definitions: &Definitions, ledger: &Ledger) -> Result<Vec<RobotLine>, NightError> {
    let line = |robot: String| RobotLine {
        version: None,
        last_night: None,
        last_state: None,
        open_findings: 0,
        decision: String::new(),
        robot,
    };
    let mut lines: BTreeMap<String, RobotLine> = BTreeMap::new();
    for robot in &definitions.robots {
        let decision = definitions.decision_of(robot).to_string();
        let known = RobotLine { version: Some(robot.version.clone()), decision, ..line(robot.id.clone()) };
        lines.insert(robot.id.clone(), known);
    }
    for last in ledger.last_nights()? {
        let its = lines.entry(last.robot.clone()).or_insert_with(|| line(last.robot));
        (its.last_night, its.last_state, its.open_findings) = (Some(last.night), Some(last.state), last.open_findings);
    }
    Ok(lines.into_values().collect())
}

fn of_late(request: &StatusRequest) -> NaiveDate {
    request.today.checked_sub_days(Days::new(OF_LATE_DAYS)).unwrap_or(request.today)
}

fn not_delivered(request: &StatusRequest, ledger: &Ledger) -> Result<Vec<NotDeliveredLine>, NightError> {
    let lines = ledger.not_delivered(of_late(request))?;
    let line = |not: crate::ledger::NotDelivered| NotDeliveredLine {
        robot: not.robot,
        night: not.night,
        status: not.status,
        reason: not.reason,
    };
    Ok(lines.into_iter().map(line).collect())
}

/// The nights since the first delivered one, of late, that no run has delivered. Tonight is missed only when its extracts
/// are there: they may not have come yet.
fn missed(request: &StatusRequest, ledger: &Ledger) -> Result<Vec<NaiveDate>, NightError> {
    let known: BTreeSet<NaiveDate> = ledger.nights()?.into_iter().map(|night| night.night).collect();
    let Some(first) = known.first().copied() else { return Ok(Vec::new()) };
    let from = first.max(of_late(request));
    let is_due = |night: &NaiveDate| *night < request.today || request.input.join(night.to_string()).is_dir();
    let nights = from.iter_days().take_while(|night| *night <= request.today);
    Ok(nights.filter(|night| !known.contains(night)).filter(is_due).collect())
}
