//! How things stand: the last runs, what is held, what did not run, open findings, missed nights.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};
use comfy_table::Cell;
use serde::Serialize;

use super::summary::{figure, plain, trimmed};

/// How things stand.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The latest runs, the latest first.
    pub runs: Vec<RunLine>,
    /// Every robot that is defined or has delivered.
    pub robots: Vec<RobotLine>,
    /// Notes that wait for somebody.
    pub held: Vec<HeldLine>,
    /// The robots that did not deliver a night of late, and have not since.
    pub not_delivered: Vec<NotDeliveredLine>,
    /// The nights of late that no run has delivered.
    pub missed: Vec<NaiveDate>,
    /// A night that waits to be put in place.
    pub unpublished: Option<NaiveDate>,
    /// Nights before this one are purged and cannot be run again.
    pub purged_before: Option<NaiveDate>,
    /// When the newest night's last run had delivered.
    pub last_delivered: Option<DateTime<Utc>>,
    /// Whether that is longer ago than was asked about.
    pub too_old: bool,
}

/// One run.
#[derive(Clone, Debug, Serialize)]
pub struct RunLine {
    /// The night that was run.
    pub night: NaiveDate,
    /// When it began.
    pub begun: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// The most memory that it had, in bytes; none where that is not known.
    pub peak_memory: Option<u64>,
    /// The exit code.
    pub exit: u8,
    /// The robots that were run.
    pub robots: Vec<String>,
}

/// One robot.
#[derive(Clone, Debug, Serialize)]
pub struct RobotLine {
    /// Its id.
    pub robot: String,
    /// Its version in the definitions; none for one that is no longer defined.
    pub version: Option<String>,
    /// The last night that it delivered.
    pub last_night: Option<NaiveDate>,
    /// What became of what it wrote then: `ran`, `held`, or `refused` where somebody has refused it.
    pub last_state: Option<String>,
    /// The findings that stood then.
    pub open_findings: u64,
    /// What its recorded decision says of it.
    pub decision: String,
}

/// What a robot wrote that waits.
#[derive(Clone, Debug, Serialize)]
pub struct HeldLine {
    /// The robot.
    pub robot: String,
    /// The night.
    pub night: NaiveDate,
    /// How many notes; its lists wait with them, and a robot may have lists alone.
    pub notes: u64,
}

/// A robot that did not deliver a night.
#[derive(Clone, Debug, Serialize)]
pub struct NotDeliveredLine {
    /// The robot.
    pub robot: String,
    /// The night.
    pub night: NaiveDate,
    /// `set aside`, `refused` or `failed`.
    pub status: String,
    /// Why.
    pub reason: String,
}

/// What waits for somebody to release it, with the command that does; empty where nothing does.
#[must_use]
pub fn held_text(status: &Status) -> String {
    let mut text = String::new();
    for HeldLine { robot, night, notes } in &status.held {
        let notes = if *notes == 1 { "1 note".to_owned() } else { format!("{notes} notes") };
        let _ = writeln!(text, "\nheld: what `{robot}` wrote for {night}, with {notes}");
        let _ = writeln!(text, "hint: `nattkoll release {robot} --night {night} --by ROLE`, or with --refuse");
    }
    text
}

/// As it is shown to people.
#[must_use]
pub fn status_text(status: &Status) -> String {
    let mut text = String::new();
    let mut runs = plain(&["run at (UTC)", "night", "exit", "took", "memory", "robots"]);
    for run in &status.runs {
        let took = format!("{} ms", run.took_ms);
        let begun = run.begun.format("%Y-%m-%d %H:%M").to_string();
        runs.add_row(vec![
            Cell::new(begun),
            Cell::new(run.night),
            figure(run.exit),
            figure(took),
            figure(run.peak_memory.map_or_else(|| "–".to_owned(), |bytes| format!("{} MB", bytes.div_ceil(1_000_000)))),
            Cell::new(run.robots.join(" ")),
        ]);
    }
    let _ = writeln!(text, "{}\n", trimmed(&runs));
    let mut robots = plain(&["robot", "version", "last night", "status", "open findings", "decision"]);
    for robot in &status.robots {
        let version = robot.version.clone().unwrap_or_else(|| "not defined".to_owned());
        let last = robot.last_night.map_or_else(|| "never".to_owned(), |night| night.to_string());
        let state = robot.last_state.clone().unwrap_or_else(|| "–".to_owned());
        let cells = [&robot.robot, &version, &last, &state].map(Cell::new);
        robots.add_row(cells.into_iter().chain([figure(robot.open_findings), Cell::new(&robot.decision)]));
    }
    let _ = writeln!(text, "{}", trimmed(&robots));
    text.push_str(&held_text(status));
    for line in &status.not_delivered {
        let NotDeliveredLine { robot, night, status, reason } = line;
        let reason = reason.lines().next().unwrap_or_default();
        let _ = writeln!(text, "\n{status}: `{robot}` on {night}: {reason}");
    }
    if !status.missed.is_empty() {
        let missed: Vec<String> = status.missed.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "\nmissed nights: {}", missed.join(" "));
    }
    if let Some(night) = status.unpublished {
        let _ = writeln!(text, "\n{night} waits to be put in place: a new run, of any night, does it");
    }
    if let Some(before) = status.purged_before {
        let _ = writeln!(text, "\nnights before {before} are purged and cannot be run again");
    }
    text
}
