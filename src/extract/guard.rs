//! Judges whether an extract can be used, on what the scan saw.

use std::fmt;

use super::table::Table;
use crate::definition::Share;
use crate::definition::extract::Guard;

/// Why a guard has set an extract aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Too few rows.
    TooFewRows {
        /// Tonight.
        rows: u64,
        /// The fewest allowed.
        least: u64,
    },
    /// Many fewer rows than the night before.
    Truncated {
        /// Tonight.
        rows: u64,
        /// The night before.
        previous: u64,
        /// The largest drop allowed.
        allowed: Share,
    },
    /// Too many rows that cannot be read.
    TooManyRejected {
        /// Rejected rows.
        rejected: u64,
        /// All rows.
        rows: u64,
        /// The largest share allowed.
        allowed: Share,
    },
    /// A row that cannot be told to belong to any case.
    LostRow {
        /// Its line.
        line: u64,
    },
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewRows { rows, least } => write!(f, "{rows} rows tonight, at least {least} are needed"),
            Self::Truncated { rows, previous, allowed } => {
                write!(f, "{rows} rows tonight, {previous} the night before; at most {allowed} fewer is allowed")
            }
            Self::TooManyRejected { rejected, rows, allowed } => {
                write!(f, "{rejected} of {rows} rows cannot be read; at most {allowed} is allowed")
            }
            Self::LostRow { line } => write!(f, "line {line} cannot be read, not even which case it belongs to"),
        }
    }
}

/// Judges a table; `previous` is how many rows the file had the night before, where that is known.
#[must_use]
pub fn judge(table: &Table, previous: Option<u64>, guard: &Guard) -> Option<Stop> {
    let rows = table.rows_in_file;
    if rows < guard.min_rows {
        return Some(Stop::TooFewRows { rows, least: guard.min_rows });
    }
    if let Some(previous) = previous
        && previous >= guard.drop_floor
        && guard.max_drop.is_exceeded_by(previous.saturating_sub(rows), previous)
    {
        return Some(Stop::Truncated { rows, previous, allowed: guard.max_drop });
    }
    let rejected = table.rejected.len() as u64;
    if rejected > guard.rejected_floor && guard.max_rejected.is_exceeded_by(rejected, rows) {
        return Some(Stop::TooManyRejected { rejected, rows, allowed: guard.max_rejected });
    }
    let lost = table.rejected.iter().find(|row| row.lost)?;
    Some(Stop::LostRow { line: lost.line })
}
