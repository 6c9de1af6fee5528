//! Why the ledger could not be used, said so that an administrator knows what to do.
//!
//! The room's one error: whatever `SQLite` answers is turned into it here. Its own texts name tables and
//! columns, never a value.

use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rusqlite::{ErrorCode, ffi};

/// The ledger could not be used; the text ends with a hint on a line of its own where there is something to do.
#[derive(Debug, thiserror::Error)]
#[error("the ledger `{}` {trouble}", path.display())]
pub struct LedgerError {
    /// The ledger's file.
    pub path: PathBuf,
    /// What hindered.
    pub trouble: Trouble,
}

/// What hinders the ledger; reads on from the file's name.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Its folder or file could not be made.
    #[error("could not be created: {0}\nhint: check that its folder can be written to")]
    Uncreatable(io::Error),
    /// The operating system gave no random bytes to make a key of.
    #[error("could not be created: there is no randomness for its key: {0}")]
    NoRandomness(String),
    /// The file could not be opened, or the journal beside it not made.
    #[error(
        "could not be opened\n\
         hint: the user who runs nattkoll must be able to write to the file and its folder"
    )]
    Unopenable,
    /// Somebody else holds it, and still did when the patience was over.
    #[error(
        "is locked by another program\n\
         hint: let the other nattkoll, the backup or the database tool finish, then run again"
    )]
    Locked,
    /// The file is a ledger, but does not hold together.
    #[error(
        "is damaged: {0}\n\
         hint: keep it aside, put the latest backup in its place and run the nights after that again"
    )]
    Damaged(String),
    /// The file is something else: empty, or another program's.
    #[error(
        "is not one of nattkoll's\n\
         hint: put the latest backup in its place; only if no night has been delivered, move it away"
    )]
    NotALedger,
    /// A later nattkoll has written it.
    #[error(
        "has version {found}, and this nattkoll knows none later than {known}\n\
         hint: run the nattkoll that wrote it, or a later one"
    )]
    Newer {
        /// The ledger's version.
        found: i64,
        /// This nattkoll's.
        known: i64,
    },
    /// An earlier nattkoll wrote it, and it was opened only to be read, so it cannot be brought up to date.
    #[error(
        "has version {found}, and this nattkoll reads version {known}\n\
         hint: a run that is not a dry run brings it up to date"
    )]
    Older {
        /// The ledger's version.
        found: i64,
        /// This nattkoll's.
        known: i64,
    },
    /// A write was cut off, and the ledger was opened only to be read, so it cannot be mended.
    #[error(
        "was left in the middle of a write\n\
         hint: a run that is not a dry run mends it; leave the `-journal` file beside it"
    )]
    CutOff,
    /// The file, its folder or the way it was opened does not allow writing.
    #[error("cannot be written to\nhint: check the rights of the file and its folder")]
    ReadOnly,
    /// There is no room; nothing was recorded.
    #[error("could not grow: the disk is full\nhint: make room and run the night again")]
    DiskFull,
    /// Another publishing has been recorded and not finished; nothing was recorded.
    #[error(
        "waits for night {night} to be published: `{}` is not in its place yet\n\
         hint: a new run finishes it first", staging.display()
    )]
    Unpublished {
        /// The night that waits.
        night: NaiveDate,
        /// The folder that is to be put in place.
        staging: PathBuf,
    },
    /// What was to be recorded contradicts itself; nothing was recorded. A mistake in nattkoll.
    #[error("could not record the night: {0}")]
    Contradiction(String),
    /// Anything else that the database says.
    #[error("could not be used: {0}")]
    Other(String),
}

impl Trouble {
    /// This trouble, with the ledger at `path`.
    pub(super) fn with(self, path: &Path) -> LedgerError {
        LedgerError { path: path.to_path_buf(), trouble: self }
    }
}

impl LedgerError {
    /// What `SQLite`'s answer about the ledger at `path` means to an administrator.
    pub(super) fn told_by(path: &Path, error: &rusqlite::Error) -> Self {
        let detail = error.to_string();
        let trouble = match error {
            rusqlite::Error::SqliteFailure(failure, _) => trouble_of(*failure, detail),
            // A column that holds what the schema does not allow, or a row that must exist and does not.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::QueryReturnedNoRows => Trouble::Damaged(detail),
            rusqlite::Error::ToSqlConversionFailure(_) => Trouble::Contradiction(detail),
            _ => Trouble::Other(detail),
        };
        trouble.with(path)
    }
}

fn trouble_of(failure: ffi::Error, detail: String) -> Trouble {
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Trouble::Locked,
        ErrorCode::DatabaseCorrupt => Trouble::Damaged(detail),
        ErrorCode::NotADatabase => Trouble::NotALedger,
        ErrorCode::DiskFull => Trouble::DiskFull,
        ErrorCode::ReadOnly if failure.extended_code == ffi::SQLITE_READONLY_ROLLBACK => Trouble::CutOff,
        ErrorCode::ReadOnly => Trouble::ReadOnly,
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => Trouble::Unopenable,
        ErrorCode::ConstraintViolation => Trouble::Contradiction(detail),
        _ => Trouble::Other(detail),
    }
}
