//! Subjects that are tried once: which of them the ledger knows from earlier nights, and which it is to remember.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::definition::robot::{Once, Robot};
use crate::evaluate::{Earlier, RobotResult, SubjectResult};
use crate::ledger::{Hash16, KeyedHasher, Ledger, LedgerError, LedgerKey};
use crate::outcome::Outcome;

/// What the ledger knows of the subjects that a robot has tried.
pub struct Tried {
    hasher: KeyedHasher,
    cases: HashMap<Hash16, String>,
}

impl Tried {
    /// What is known of them on a night: only what was tried on nights before it, so that a rerun of any night gives what it
    /// gave. An earlier night that is run late tries what a later one has tried; the later one, run again, then leaves that
    /// to it. Nothing for a robot that tries its subjects every night.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn before(night: NaiveDate, robot: &Robot, ledger: &Ledger) -> Result<Option<Self>, LedgerError> {
        if robot.subject.once == Once::Never {
            return Ok(None);
        }
        // Of a subject that several nights have tried, since an earlier one was run late, the first is the one that counts.
        let cases = ledger.tried(&robot.id, night)?.into_iter().collect();
        Ok(Some(Self { hasher: KeyedHasher::new(ledger.key()), cases }))
    }
}

impl Earlier for Tried {
    fn tried(&self, key: &str) -> Option<&str> {
        self.cases.get(&hash_of(&self.hasher, key)).map(String::as_str)
    }
}

/// The subjects of tonight that need not be tried on later nights, with their cases.
pub fn tried_now(robot: &Robot, result: &RobotResult, key: &LedgerKey) -> Vec<(Hash16, String)> {
    let is_done = |subject: &&SubjectResult| match robot.subject.once {
        Once::Never => false,
        // Of which nothing could be tried has not been.
        Once::Tried => !subject.findings.is_empty() || subject.untried.len() < robot.checks.len(),
        Once::Clear => subject.outcome == Outcome::Clear && !subject.is_remembered,
    };
    let hasher = KeyedHasher::new(key);
    let mut tried: Vec<(Hash16, String)> = result
        .subjects
        .iter()
        .filter(is_done)
        .map(|subject| (hash_of(&hasher, &subject.key), subject.case.clone()))
        .collect();
    tried.sort_unstable();
    // Rows without a key of their own may be called the same.
    tried.dedup_by(|a, b| a.0 == b.0);
    tried
}

fn hash_of(hasher: &KeyedHasher, key: &str) -> Hash16 {
    hasher.hash([b"tried".as_slice(), key.as_bytes()])
}
