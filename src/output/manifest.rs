//! `manifest.json`: what ran, on what, and what came of it. No personal data, no clock, no timings: the same night gives the
//! same bytes.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ledger::Verdict;

/// The account of a night for machines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this format.
    pub format: u32,
    /// The program's version.
    pub nattkoll: String,
    /// The night.
    pub night: NaiveDate,
    /// The own municipality's code.
    pub municipality: String,
    /// SHA-256 of all definitions: the SHA-256 of each robot's, extract's and parameter's file, in the order of their
    /// kinds and ids, one after the other.
    pub definitions: String,
    /// The exit code.
    pub exit: u8,
    /// The robots, in the order of their ids.
    pub robots: Vec<RobotEntry>,
    /// The extracts that were read, in the order of their ids and nights.
    pub extracts: Vec<ExtractEntry>,
    /// The files of the night but this one, in the order of their paths.
    pub outputs: Vec<OutputEntry>,
}

/// What one robot did.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct RobotEntry {
    /// Its id.
    pub id: String,
    /// The version of its definition.
    pub version: String,
    /// SHA-256 of its `robot.toml`.
    pub definition: String,
    /// `ran`, `held`, `set aside`, `refused` or `failed`.
    pub status: String,
    /// Why it did not run, or why what it writes is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What somebody decided about its held notes: `released` or `refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The night of its last run that gave outcomes.
    pub since: NaiveDate,
    /// The night it was compared with.
    pub previous_night: Option<NaiveDate>,
    /// Subjects: clear.
    pub clear: u64,
    /// Subjects: flagged.
    pub flagged: u64,
    /// Subjects: undecided.
    pub undecided: u64,
    /// Subjects: protected.
    pub protected: u64,
    /// Notes written; none of a night that is only shown, for what is new is then not known.
    pub notes: Option<u64>,
    /// Rows on the list; none of a night that is only shown.
    pub list_rows: Option<u64>,
}

impl RobotEntry {
    /// How it stands, as people are told: what somebody has refused waits no more.
    #[must_use]
    pub fn stands(&self) -> &str {
        let is_refused = self.status == "held" && self.release.as_deref() == Some(Verdict::Refused.word());
        if is_refused { Verdict::Refused.word() } else { &self.status }
    }
}

/// What one extract was.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct ExtractEntry {
    /// Its id.
    pub id: String,
    /// The night it is of.
    pub night: NaiveDate,
    /// The name of its file.
    pub file: String,
    /// SHA-256 of the file; none when it could not be read.
    pub sha256: Option<String>,
    /// How large the file is.
    pub bytes: u64,
    /// Its rows, rejected ones included.
    pub rows: u64,
    /// Rejected rows.
    pub rejected: u64,
    /// Cells that could not be read.
    pub unreadable: u64,
    /// What stopped it: a guard, or why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What its guards measured, also what passed.
    #[serde(default)]
    pub guards: Vec<GuardEntry>,
}

/// What one guard measured.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct GuardEntry {
    /// What was measured.
    pub guard: String,
    /// What it came to.
    pub part: u64,
    /// Of how many, where it is a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<u64>,
    /// What is allowed, in words.
    pub limit: String,
    /// Whether it is within that.
    pub passed: bool,
}

/// One file of the night.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct OutputEntry {
    /// Its path in the night's folder, with `/`.
    pub path: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How large it is.
    pub bytes: u64,
}

impl Manifest {
    /// As the file has it.
    #[must_use]
    pub fn to_file(&self) -> Vec<u8> {
        let mut file = serde_json::to_vec_pretty(self).expect("a manifest has texts for keys");
        file.push(b'\n');
        file
    }

    /// Reads a file; `None` when it is not a manifest.
    #[must_use]
    pub fn from_file(file: &[u8]) -> Option<Self> {
        serde_json::from_slice(file).ok()
    }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
