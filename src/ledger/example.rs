//! A ledger in a folder of its own, and small nights to put into it, for the room's tests.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::key::{Hash16, KeySource};
use super::remembered::{Counts, ExtractStats, NightRecord, Publication, RobotNight, RobotRecord, RobotStatus};
use super::said::{Presence, Standing};
use super::store::Ledger;

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

pub(super) fn some_finding(case: &str, kind: u8) -> Standing {
    Standing {
        case: case.into(),
        check: "nytt-fordon".into(),
        subject: Hash16::from([kind; 16]),
        fingerprint: Hash16::from([kind; 16]),
        presence: Presence::Seen,
        noted_night: Some(night(1)),
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
    RobotRecord { robot, standing: standing.to_vec() }
}

pub(super) fn some_night(day: u32, robots: Vec<RobotRecord>) -> NightRecord {
    let kir = ExtractStats {
        extract: "kir".into(),
        rows: 250_000,
        rejected: 1,
        unreadable: 2,
        bytes: 31_000_000,
        sha256: [3; 32],
    };
    let publication = Publication {
        night: night(day),
        staging: format!("out/.staging-{}", night(day)).into(),
        final_path: format!("out/{}", night(day)).into(),
    };
    NightRecord { night: night(day), manifest: [9; 32], robots, extracts: vec![kir], publication }
}
