//! A ledger in a folder of its own, and small nights to put into it, for the room's tests.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};

use super::key::{Hash16, KeySource};
use super::remembered::{
    Counts, ExtractStats, Measured, NightRecord, NoteRecord, Publication, RobotNight, RobotRecord, RobotStatus,
    RunRecord,
};
use super::said::{Presence, Standing};
use super::store::Ledger;
use super::trials::Trials;

pub(super) struct SomeLedger(tempfile::TempDir);

impl SomeLedger {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().join("nattkoll.db")
    }

    pub fn journal(&self) -> PathBuf {
        self.0.path().join("nattkoll.db-journal")
    }

    pub fn open(&self) -> Ledger {
        Ledger::open(&self.path(), KeySource::Fixed([7; 32])).unwrap()
    }
}

pub(super) fn night(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

/// That hour of the day, UTC.
pub(super) fn moment(day: u32, hour: u32) -> DateTime<Utc> {
    night(day).and_hms_opt(hour, 0, 0).unwrap().and_utc()
}

pub(super) fn some_finding(case: &str, kind: u8) -> Standing {
    Standing {
        case: case.into(),
        check: "nytt-fordon".into(),
        subject: Hash16::from([kind; 16]),
        fingerprint: Hash16::from([kind; 16]),
        presence: Presence::Seen,
        noted_night: Some(night(1)),
        first_night: night(1),
    }
}

pub(super) fn robot(id: &str, status: RobotStatus, standing: &[Standing]) -> RobotRecord {
    let counts = Counts { clear: 4, flagged: 3, undecided: 2, protected: 1 };
    let robot = RobotNight {
        robot: id.into(),
        version: "1.0.0".into(),
        since: night(1),
        previous: Some(night(2)),
        status,
        counts,
    };
    let is_delivered = robot.status.is_delivered();
    let notes = standing.iter().map(|finding| finding.case.clone()).collect::<BTreeSet<_>>().into_iter();
    let note = |case| NoteRecord { case, ..NoteRecord::default() };
    let notes = notes.filter(|_| is_delivered).map(note).collect();
    RobotRecord {
        robot,
        standing: standing.to_vec(),
        notes,
        trials: Trials::default(),
        units: Vec::new(),
        tried: Vec::new(),
        outcomes: Vec::new(),
        draws: Vec::new(),
        decision: None,
        verdict: None,
    }
}

pub(super) fn some_night(day: u32, robots: Vec<RobotRecord>) -> NightRecord {
    let kir = ExtractStats {
        extract: "kir".into(),
        rows: 250_000,
        rejected: 1,
        unreadable: 2,
        bytes: 31_000_000,
        sha256: [3; 32],
        stopped: None,
        measures: vec![Measured {
            guard: "rows".into(),
            part: 250_000,
            whole: None,
            allowed: "at least 1".into(),
            passed: true,
        }],
    };
    let run = RunRecord {
        night: night(day),
        begun: moment(day, 2),
        ended: moment(day, 3),
        peak_memory: Some(34_000_000),
        version: "0.1.0".into(),
        robots: robots.iter().map(|record| record.robot.robot.clone()).collect(),
        exit: 0,
    };
    let publication = Publication {
        night: night(day),
        staging: format!("out/.staging-{}", night(day)).into(),
        final_path: format!("out/{}", night(day)).into(),
    };
    NightRecord { night: night(day), manifest: [9; 32], robots, extracts: vec![kir], figures: None, run, publication }
}
