//! Deletes what is old, by class and age.

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;

use crate::ledger::{Class, Ledger, Purging};
use crate::output::remove_night;

use super::deliver::finish_publishing;
use super::lock::lock;
use super::{LEDGER, NightError, night_folders};

/// What is to be purged.
#[derive(Clone, Debug)]
pub struct PurgeRequest {
    /// The classes.
    pub classes: Vec<Class>,
    /// What is about nights before this one.
    pub before: NaiveDate,
    /// Whether to do it.
    pub purging: Purging,
    /// Where the nights' outputs are.
    pub output: PathBuf,
    /// Where the ledger and the lock are.
    pub state: PathBuf,
    /// How long to wait for a run to be done.
    pub patience: Duration,
}

/// How much was, or would be, deleted of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    /// The class.
    pub class: Class,
    /// Rows of the ledger; for outputs, the nights' folders.
    pub count: usize,
}

/// Purges, in the order given. A night that holds notes keeps its folder until somebody has decided about them.
///
/// # Errors
/// When there is no ledger, or something cannot be deleted.
pub fn purge(request: &PurgeRequest) -> Result<Vec<Purged>, NightError> {
    let path = request.state.join(LEDGER);
    let _lock = lock(&request.state, request.patience)?;
    let Some(mut ledger) = Ledger::open_existing(&path)? else {
        return Err(NightError::Refused(format!("there is no ledger `{}`", path.display())));
    };
    finish_publishing(&mut ledger, None)?;
    let mut purged = Vec::with_capacity(request.classes.len());
    for class in &request.classes {
        let mut count = ledger.purge(*class, request.before, request.purging)?;
        if *class == Class::Outputs {
            count = outputs(request, &ledger)?;
        }
        purged.push(Purged { class: *class, count });
    }
    Ok(purged)
}

/// The ledger says first that a folder is purged on purpose: one that is left by a run cut short is removed by the next.
fn outputs(request: &PurgeRequest, ledger: &Ledger) -> Result<usize, NightError> {
    let held = ledger.held()?;
    let is_held = |night: &NaiveDate| held.iter().any(|(_, of, _)| of == night);
    let old = night_folders(&request.output).into_iter().filter(|night| *night < request.before && !is_held(night));
    let mut count = 0;
    for night in old {
        count += 1;
        if request.purging == Purging::Delete {
            remove_night(&request.output, night)?;
        }
    }
    Ok(count)
}
