//! The ledger's tables, and the numbered steps that bring an older ledger up to date.
//!
//! The version stands in `PRAGMA user_version`: a ledger of version n has had the first n steps. A step that has been
//! released is never changed; a change is a new step.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{LedgerError, Trouble};

/// `nkol`, in the file's header (`PRAGMA application_id`): tells a ledger from another program's database.
const APPLICATION_ID: i64 = 0x6e6b_6f6c;

/// The steps, in order. Nights are ISO dates, which sort as text in the order of time.
const STEPS: [&str; 1] = ["
    CREATE TABLE meta (
        name  TEXT NOT NULL PRIMARY KEY,      -- `key`: the ledger's secret, 32 bytes; `seal`: a hash made with it
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE night (
        night    TEXT NOT NULL PRIMARY KEY,
        manifest BLOB NOT NULL CHECK (length(manifest) = 32)      -- SHA-256 of manifest.json
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE robot_night (
        id        INTEGER PRIMARY KEY,
        robot     TEXT NOT NULL,
        night     TEXT NOT NULL REFERENCES night (night),
        since     TEXT NOT NULL,
        previous  TEXT,                                  -- the night whose extracts were yesterday's; null: none
        version   TEXT NOT NULL,
        status    TEXT NOT NULL CHECK (status IN ('ran', 'held', 'set aside', 'refused', 'failed')),
        reason    TEXT,                                  -- why it did not deliver
        clear     INTEGER NOT NULL,
        flagged   INTEGER NOT NULL,
        undecided INTEGER NOT NULL,
        protected INTEGER NOT NULL,
        delivered INTEGER NOT NULL GENERATED ALWAYS AS (status IN ('ran', 'held')) VIRTUAL,
        UNIQUE (robot, night),
        CHECK ((reason IS NULL) = (status IN ('ran', 'held')))
    ) STRICT;
    CREATE INDEX robot_night_by_night ON robot_night (night);

    -- One row for each finding that stood a delivered night. Kept in the order of its key, without a row number:
    -- a night's findings lie together, and are written and read in one go.
    CREATE TABLE standing (
        robot_night INTEGER NOT NULL REFERENCES robot_night (id) ON DELETE CASCADE,
        case_id     TEXT NOT NULL,
        check_id    TEXT NOT NULL,
        subject     BLOB NOT NULL CHECK (length(subject) = 16),       -- keyed hash
        fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),   -- keyed hash
        presence    TEXT NOT NULL CHECK (presence IN ('seen', 'carried')),
        noted_night TEXT,                                             -- the night whose note said it
        PRIMARY KEY (robot_night, case_id, check_id, subject, fingerprint)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE extract_night (
        extract    TEXT NOT NULL,
        night      TEXT NOT NULL REFERENCES night (night),
        rows       INTEGER NOT NULL,
        rejected   INTEGER NOT NULL,
        unreadable INTEGER NOT NULL,
        bytes      INTEGER NOT NULL,
        sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
        PRIMARY KEY (extract, night)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX extract_night_by_night ON extract_night (night);

    -- At most one row: what is to be put in place.
    CREATE TABLE publication (
        only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
        night      TEXT NOT NULL REFERENCES night (night),
        staging    TEXT NOT NULL,
        final_path TEXT NOT NULL
    ) STRICT;
"];

/// The version that this nattkoll works with.
#[expect(clippy::cast_possible_wrap, reason = "the steps are a handful")]
const KNOWN: i64 = STEPS.len() as i64;

/// Gives a new, empty database its tables.
pub(super) fn create(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    connection
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(|error| LedgerError::told_by(path, &error))?;
    bring_up_to_date(connection, path)
}

/// Takes the steps that the ledger has not had, all of them or none.
pub(super) fn bring_up_to_date(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    if version(connection, path)? == KNOWN {
        return Ok(());
    }
    let told = |error| LedgerError::told_by(path, &error);
    let step = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
    // Read again: another program may have taken the steps while this one waited for the lock.
    let taken = usize::try_from(version(&step, path)?).unwrap_or_default();
    for statements in STEPS.iter().skip(taken) {
        step.execute_batch(statements).map_err(told)?;
    }
    step.pragma_update(None, "user_version", KNOWN).map_err(told)?;
    step.commit().map_err(told)
}

/// Refuses a ledger that is not of this nattkoll's version; for one that is only to be read.
pub(super) fn demand_current(connection: &Connection, path: &Path) -> Result<(), LedgerError> {
    let found = version(connection, path)?;
    if found < KNOWN {
        return Err(Trouble::Older { found, known: KNOWN }.with(path));
    }
    Ok(())
}

/// The ledger's version, 0 for one without tables; refuses another program's database and a newer version.
fn version(connection: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let number = |pragma| {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
            .map_err(|error| LedgerError::told_by(path, &error))
    };
    if number("application_id")? != APPLICATION_ID {
        return Err(Trouble::NotALedger.with(path));
    }
    let found = number("user_version")?;
    match found {
        0..=KNOWN => Ok(found),
        ..0 => Err(Trouble::Damaged(format!("its version is {found}")).with(path)),
        _ => Err(Trouble::Newer { found, known: KNOWN }.with(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "state/nattkoll.db";

    fn fresh() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        create(&mut connection, Path::new(PATH)).unwrap();
        connection
    }

    #[test]
    fn a_new_ledger_has_the_known_version() {
        let mut connection = fresh();
        assert_eq!(version(&connection, Path::new(PATH)).unwrap(), KNOWN);
        bring_up_to_date(&mut connection, Path::new(PATH)).unwrap();
        demand_current(&connection, Path::new(PATH)).unwrap();
    }

    #[test]
    fn a_newer_ledger_is_refused_and_says_so() {
        let mut connection = fresh();
        connection.pragma_update(None, "user_version", KNOWN + 1).unwrap();
        let error = bring_up_to_date(&mut connection, Path::new(PATH)).unwrap_err();
        assert!(matches!(error.trouble, Trouble::Newer { .. }));
        assert!(error.to_string().contains("state/nattkoll.db"), "{error}");
    }

    #[test]
    fn a_ledger_that_is_only_read_is_not_brought_up_to_date() {
        let connection = fresh();
        connection.pragma_update(None, "user_version", KNOWN - 1).unwrap();
        let error = demand_current(&connection, Path::new(PATH)).unwrap_err();
        assert!(matches!(error.trouble, Trouble::Older { .. }), "{error}");
    }

    #[test]
    fn another_programs_database_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE diary (text TEXT)").unwrap();
        let error = bring_up_to_date(&mut connection, Path::new(PATH)).unwrap_err();
        assert!(matches!(error.trouble, Trouble::NotALedger), "{error}");
    }

    /// A step may be unable to read what an earlier one left; then no step at all has been taken.
    #[test]
    fn a_step_that_fails_leaves_the_ledger_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.execute_batch("CREATE TABLE standing (in_the_way TEXT)").unwrap();
        bring_up_to_date(&mut connection, Path::new(PATH)).unwrap_err();
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!((tables, version(&connection, Path::new(PATH)).unwrap()), (1, 0));
    }
}
