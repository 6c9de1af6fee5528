//! Subjects that are tried once: which of them the ledger knows from other nights, and which it is to remember.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::definition::robot::{Once, Robot};
use crate::evaluate::{OtherNights, RobotResult, SubjectResult};
use crate::ledger::{Hash16, KeyedHasher, Ledger, LedgerError, LedgerKey, Settled, Tried};
use crate::outcome::Outcome;

/// The subjects that other nights have settled, by what the ledger knows.
pub struct SettledBefore {
    hasher: KeyedHasher,
    known: HashMap<Hash16, Settled>,
}

impl SettledBefore {
    /// What is known of them on a night. What the night tried itself is tried again when it is run again, and nothing that any
    /// other night has settled: an earlier night that is run late leaves it to the later one. Nothing for a robot that tries
    /// its subjects every night.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn read(night: NaiveDate, robot: &Robot, ledger: &Ledger) -> Result<Option<Self>, LedgerError> {
        if robot.subject.once == Once::Never {
            return Ok(None);
        }
        // Of a subject that several nights have settled the first is the one that counts.
        let known = ledger.settled_but_on(&robot.id, night)?.into_iter().map(|other| (other.subject, other)).collect();
        Ok(Some(Self { hasher: KeyedHasher::new(ledger.key()), known }))
    }

    /// When the subject of this key was settled, and the case that it belonged to then.
    pub fn when(&self, key: &str) -> Option<(NaiveDate, &str)> {
        let settled = self.known.get(&hash_of(&self.hasher, key))?;
        Some((settled.night, &settled.case))
    }
}

impl OtherNights for SettledBefore {
    fn tried(&self, key: &str) -> Option<&str> {
        self.when(key).map(|(_, case)| case)
    }
}

/// The subjects that were tried tonight, and which of them need not be tried on other nights.
pub fn tried_now(robot: &Robot, result: &RobotResult, key: &LedgerKey) -> Vec<Tried> {
    if robot.subject.once == Once::Never {
        return Vec::new();
    }
    let is_settled = |subject: &SubjectResult| match robot.subject.once {
        Once::Never => false,
        // Of which nothing could be tried has not been.
        Once::Tried => !subject.findings.is_empty() || subject.untried.len() < robot.checks.len(),
        Once::Clear => subject.outcome == Outcome::Clear,
    };
    let hasher = KeyedHasher::new(key);
    let one = |subject: &SubjectResult| Tried {
        subject: hash_of(&hasher, &subject.key),
        is_settled: is_settled(subject),
        case: subject.case.clone(),
    };
    let mut tried: Vec<Tried> =
        result.subjects.iter().filter(|subject| !subject.is_remembered).map(|subject| one(subject)).collect();
    tried.sort_unstable();
    // Rows that cannot be read may be called the same.
    tried.dedup_by(|a, b| a.subject == b.subject);
    tried
}

fn hash_of(hasher: &KeyedHasher, key: &str) -> Hash16 {
    hasher.hash([b"tried".as_slice(), key.as_bytes()])
}
