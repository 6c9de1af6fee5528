//! Judges whether an extract can be used, on what the scan saw. Every measure is kept, also of what passes.

use std::fmt;

use super::table::{Rejection, Table};
use crate::definition::Share;
use crate::definition::extract::Extract;
use crate::definition::guard::Guard;
use crate::rule::types::FieldId;

/// With fewer rows or keys than this, a share of them says nothing.
const TOO_FEW_TO_JUDGE: u64 = 20;

/// What was seen of an extract beside its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// How many rows the file had the night before, where that is known.
    pub previous: Option<u64>,
    /// How many whole hours before its night the file was written; none where that cannot be told.
    pub age: Option<u64>,
    /// Of the keys that were looked up, how many were found, and how many they were; none where none were.
    pub found: Option<(u64, u64)>,
    /// The number of rows in the file's last line; none where it has no such line.
    pub trailer: Option<u64>,
}

/// One thing that a guard measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// What was measured: `rows`, `drop`, `rejected`, `duplicates`, `age`, `filled <heading>`, `found`, `trailer` or
    /// `must read`.
    pub guard: String,
    /// What it came to.
    pub part: u64,
    /// Of how many, where it is a share.
    pub whole: Option<u64>,
    /// What is allowed, in words.
    pub limit: String,
    /// Why it stops the extract; nothing when it passes.
    pub stop: Option<Stop>,
}

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
    /// Too many rows with the key of another and other content.
    TooManyDuplicates {
        /// Such rows.
        duplicates: u64,
        /// All rows.
        rows: u64,
        /// The largest share allowed.
        allowed: Share,
    },
    /// The file was written long before its night.
    TooOld {
        /// So many hours.
        hours: u64,
        /// The most allowed.
        allowed: u64,
    },
    /// A field that must be filled is empty, or cannot be read, in too many rows.
    NotFilled {
        /// Its heading.
        heading: String,
        /// The rows where it is filled.
        filled: u64,
        /// The rows that some case can reach.
        rows: u64,
        /// The smallest share allowed.
        least: Share,
    },
    /// Too few of those who were looked up were found.
    NotFound {
        /// Found.
        found: u64,
        /// Looked up.
        sought: u64,
        /// The smallest share allowed.
        least: Share,
    },
    /// The last line that tells how many rows there are is not there: the file was cut off.
    NoTrailer,
    /// The last line tells another number of rows.
    TrailerDiffers {
        /// What it tells.
        told: u64,
        /// The rows of the file.
        rows: u64,
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
            Self::TooManyDuplicates { duplicates, rows, allowed } => write!(
                f,
                "{duplicates} of {rows} rows have the key of another and other content; at most {allowed} is allowed"
            ),
            Self::TooOld { hours, allowed } => {
                write!(f, "it was written {hours} h before the night; at most {allowed} h is allowed")
            }
            Self::NotFilled { heading, filled, rows, least } => {
                write!(f, "`{heading}` is filled in {filled} of {rows} rows; at least {least} is needed")
            }
            Self::NotFound { found, sought, least } => {
                write!(f, "{found} of the {sought} that were looked up are in it; at least {least} is needed")
            }
            Self::NoTrailer => write!(f, "its last line does not tell how many rows there are: it was cut off"),
            Self::TrailerDiffers { told, rows } => write!(f, "{rows} rows tonight, and its last line tells of {told}"),
            Self::LostRow { line } => write!(f, "line {line} cannot be read, not even which case it belongs to"),
        }
    }
}

/// Measures a table, in the order in which the guards are told of.
#[must_use]
pub fn measure(table: &Table, extract: &Extract, guard: &Guard, seen: &Circumstances) -> Vec<Measure> {
    let mut all = vec![rows(table, guard)];
    all.extend(seen.previous.map(|previous| drop_since(previous, table, guard)));
    all.push(rejected(table, guard));
    all.push(duplicates(table, guard));
    all.extend(seen.age.and_then(|hours| age(hours, guard)));
    all.extend(guard.trailer.as_ref().map(|_| trailer(table, seen.trailer)));
    all.extend(guard.filled.iter().filter_map(|(field, least)| filled(table, extract, *field, *least)));
    all.extend(seen.found.and_then(|found| looked_up(found, guard)));
    if !guard.must_read.is_empty() {
        all.push(lost(table));
    }
    all
}

fn rows(table: &Table, guard: &Guard) -> Measure {
    let (rows, least) = (table.rows_in_file, guard.min_rows);
    Measure {
        guard: "rows".to_owned(),
        part: rows,
        whole: None,
        limit: format!("at least {least}"),
        stop: (rows < least).then_some(Stop::TooFewRows { rows, least }),
    }
}

fn drop_since(previous: u64, table: &Table, guard: &Guard) -> Measure {
    let (rows, allowed) = (table.rows_in_file, guard.max_drop);
    let fewer = previous.saturating_sub(rows);
    let is_truncated = previous >= guard.drop_floor && allowed.is_exceeded_by(fewer, previous);
    Measure {
        guard: "drop".to_owned(),
        part: fewer,
        whole: Some(previous),
        limit: format!("at most {allowed}"),
        stop: is_truncated.then_some(Stop::Truncated { rows, previous, allowed }),
    }
}

fn rejected(table: &Table, guard: &Guard) -> Measure {
    let (rows, rejected, allowed) = (table.rows_in_file, table.rejected.len() as u64, guard.max_rejected);
    let are_too_many = rejected > guard.rejected_floor && allowed.is_exceeded_by(rejected, rows);
    Measure {
        guard: "rejected".to_owned(),
        part: rejected,
        whole: Some(rows),
        limit: format!("at most {allowed}"),
        stop: are_too_many.then_some(Stop::TooManyRejected { rejected, rows, allowed }),
    }
}

fn duplicates(table: &Table, guard: &Guard) -> Measure {
    let rows = table.rows_in_file;
    let duplicates = table.rejected.iter().filter(|row| row.kind == Rejection::Duplicate).count() as u64;
    let stop = guard
        .max_duplicates
        .filter(|allowed| duplicates > guard.rejected_floor && allowed.is_exceeded_by(duplicates, rows));
    Measure {
        guard: "duplicates".to_owned(),
        part: duplicates,
        whole: Some(rows),
        limit: guard
            .max_duplicates
            .map_or_else(|| "counted as rejected".to_owned(), |share| format!("at most {share}")),
        stop: stop.map(|allowed| Stop::TooManyDuplicates { duplicates, rows, allowed }),
    }
}

fn age(hours: u64, guard: &Guard) -> Option<Measure> {
    let allowed = guard.max_age?;
    Some(Measure {
        guard: "age".to_owned(),
        part: hours,
        whole: None,
        limit: format!("at most {allowed} h"),
        stop: (hours > allowed).then_some(Stop::TooOld { hours, allowed }),
    })
}

fn trailer(table: &Table, told: Option<u64>) -> Measure {
    let rows = table.rows_in_file;
    Measure {
        guard: "trailer".to_owned(),
        part: rows,
        whole: told,
        limit: "the same".to_owned(),
        stop: match told {
            None => Some(Stop::NoTrailer),
            Some(told) => (told != rows).then_some(Stop::TrailerDiffers { told, rows }),
        },
    }
}

/// Of the rows that some case can reach; nothing where no robot reads the field.
fn filled(table: &Table, extract: &Extract, field: FieldId, least: Share) -> Option<Measure> {
    table.columns[usize::from(field.0)].as_ref()?;
    let whole_rows = (0..table.len()).filter(|row| !table.is_half_read(*row));
    let (mut rows, mut filled) = (0, 0);
    for row in whole_rows {
        rows += 1;
        filled += u64::from(table.cell(row, field).is_ok());
    }
    let heading = extract.heading(field);
    Some(Measure {
        guard: format!("filled {heading}"),
        part: filled,
        whole: Some(rows),
        limit: format!("at least {least}"),
        stop: (rows >= TOO_FEW_TO_JUDGE && !least.is_reached_by(filled, rows)).then_some(Stop::NotFilled {
            heading,
            filled,
            rows,
            least,
        }),
    })
}

fn looked_up((found, sought): (u64, u64), guard: &Guard) -> Option<Measure> {
    let least = guard.min_found?;
    Some(Measure {
        guard: "found".to_owned(),
        part: found,
        whole: Some(sought),
        limit: format!("at least {least}"),
        stop: (sought >= TOO_FEW_TO_JUDGE && !least.is_reached_by(found, sought)).then_some(Stop::NotFound {
            found,
            sought,
            least,
        }),
    })
}

fn lost(table: &Table) -> Measure {
    let mut lost = table.rejected.iter().filter(|row| row.lost);
    let first = lost.next();
    Measure {
        guard: "must read".to_owned(),
        part: u64::from(first.is_some()) + lost.count() as u64,
        whole: None,
        limit: "none lost".to_owned(),
        stop: first.map(|row| Stop::LostRow { line: row.line }),
    }
}
