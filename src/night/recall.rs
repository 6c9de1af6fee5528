//! Takes back the notes of a robot that was wrong.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use crate::ledger::{Ledger, WrittenNote};
use crate::output::{Correction, corrections_file, replace_in_folder};

use super::deliver::finish_publishing;
use super::lock::lock;
use super::{Effect, LEDGER, NightError};

/// What is to be taken back.
#[derive(Clone, Debug)]
pub struct RecallRequest {
    /// The robot.
    pub robot: String,
    /// The first night and the last.
    pub nights: (NaiveDate, NaiveDate),
    /// The only version of it.
    pub version: Option<String>,
    /// Whether to do it.
    pub effect: Effect,
    /// Now.
    pub now: DateTime<Utc>,
    /// Where the nights' outputs are.
    pub output: PathBuf,
    /// Where the ledger and the lock are.
    pub state: PathBuf,
    /// How long to wait for a run to be done.
    pub patience: Duration,
}

/// What was taken back.
#[derive(Debug)]
pub struct Recalled {
    /// The corrections, in the order of night and case.
    pub corrections: Vec<Correction>,
    /// Where they were written for the importer; nowhere when they are only shown, or there are none.
    pub file: Option<PathBuf>,
}

/// Writes a correction for each note, and then remembers that they are taken back: a file that was written and not
/// remembered is written again, byte for byte.
///
/// # Errors
/// When there is no ledger, or something cannot be written.
pub fn recall(request: &RecallRequest) -> Result<Recalled, NightError> {
    let path = request.state.join(LEDGER);
    let none = || NightError::Refused(format!("there is no ledger `{}`", path.display()));
    let (robot, version) = (&request.robot, request.version.as_deref());
    let corrections = |notes: &[WrittenNote]| notes.iter().map(Correction::of).collect::<Vec<_>>();
    if request.effect != Effect::Deliver {
        let ledger = Ledger::open_read_only(&path)?.ok_or_else(none)?;
        let notes = ledger.written_notes(robot, request.nights, version)?;
        return Ok(Recalled { corrections: corrections(&notes), file: None });
    }
    let _lock = lock(&request.state, request.patience)?;
    let mut ledger = Ledger::open_existing(&path)?.ok_or_else(none)?;
    finish_publishing(&mut ledger, None)?;
    let notes = ledger.written_notes(robot, request.nights, version)?;
    let corrections = corrections(&notes);
    if notes.is_empty() {
        return Ok(Recalled { corrections, file: None });
    }
    let (first, last) = request.nights;
    let of_version = version.map(|version| format!("_{version}")).unwrap_or_default();
    let name = format!("{robot}_{first}_{last}{of_version}.jsonl");
    let file = replace_in_folder(&request.output.join("recalled"), &name, &corrections_file(&corrections))?;
    ledger.recall(&notes, request.now)?;
    Ok(Recalled { corrections, file: Some(file) })
}
