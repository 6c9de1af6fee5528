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
const STEPS: [&str; 7] = [FIRST, SECOND, THIRD, TRIED, OUTCOMES, SAMPLE_KEYS, SETTLED];

const FIRST: &str = "
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
";

/// What operations need: runs, notes, what guards measured, releases, recalls, decisions, sample draws, and findings from
/// their first night to their last.
const SECOND: &str = "
    -- The first night of the unbroken row of delivered nights that the finding stood; null in rows of version 1.
    ALTER TABLE standing ADD COLUMN first_night TEXT;
    -- SHA-256 of what the robot's definition meant that night.
    ALTER TABLE robot_night ADD COLUMN meaning BLOB CHECK (length(meaning) = 32);
    -- Which guard stopped the extract that night.
    ALTER TABLE extract_night ADD COLUMN stopped TEXT;
    -- Whether its folder has been deleted on purpose.
    ALTER TABLE night ADD COLUMN purged INTEGER NOT NULL DEFAULT 0 CHECK (purged IN (0, 1));

    CREATE TABLE run (
        id      INTEGER PRIMARY KEY,
        night   TEXT NOT NULL,
        begun   TEXT NOT NULL,                           -- UTC, as ended
        ended   TEXT NOT NULL,
        version TEXT NOT NULL,                           -- nattkoll's
        robots  TEXT NOT NULL,                           -- those that were run, separated by spaces
        exit    INTEGER NOT NULL
    ) STRICT;

    -- One row for each note of a robot's night, held ones too. Its id is made of night, robot and case.
    CREATE TABLE note (
        robot_night INTEGER NOT NULL REFERENCES robot_night (id) ON DELETE CASCADE,
        case_id     TEXT NOT NULL,
        PRIMARY KEY (robot_night, case_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE measure (
        extract TEXT NOT NULL,
        night   TEXT NOT NULL,
        guard   TEXT NOT NULL,
        part    INTEGER NOT NULL,
        whole   INTEGER,
        allowed TEXT NOT NULL,
        passed  INTEGER NOT NULL CHECK (passed IN (0, 1)),
        PRIMARY KEY (extract, night, guard)
    ) STRICT, WITHOUT ROWID;

    -- What somebody decided about the notes that were held. It outlives a new run of the night, and speaks for its notes
    -- as long as they are the same.
    CREATE TABLE release (
        robot    TEXT NOT NULL,
        night    TEXT NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('released', 'refused')),
        notes    BLOB NOT NULL CHECK (length(notes) = 32),            -- SHA-256 of the notes' file
        role     TEXT NOT NULL,
        at       TEXT NOT NULL,
        PRIMARY KEY (robot, night)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE recall (
        robot   TEXT NOT NULL,
        night   TEXT NOT NULL,
        case_id TEXT NOT NULL,
        version TEXT NOT NULL,                           -- of the robot's definition
        at      TEXT NOT NULL,
        PRIMARY KEY (robot, night, case_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE decision (
        robot       TEXT NOT NULL,
        meaning     BLOB NOT NULL CHECK (length(meaning) = 32),
        reference   TEXT NOT NULL,
        role        TEXT NOT NULL,
        decided     TEXT NOT NULL,
        first_night TEXT NOT NULL,                       -- the first night that rested on it
        PRIMARY KEY (robot, meaning, reference)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sample_draw (
        robot   TEXT NOT NULL,
        night   TEXT NOT NULL,
        subject BLOB NOT NULL CHECK (length(subject) = 16),           -- keyed hash
        why     TEXT NOT NULL,
        PRIMARY KEY (robot, night, subject)
    ) STRICT, WITHOUT ROWID;

    -- Each finding once: from the first night it stood to the last, open when that is the robot's last delivered night.
    CREATE VIEW finding AS
        SELECT robot, case_id, check_id, subject, fingerprint,
               coalesce(first_night, noted_night, night) AS first_night,
               max(night) AS last_night,
               CASE max(night) WHEN (SELECT max(night) FROM robot_night AS its WHERE its.robot = own.robot AND delivered)
                   THEN 'open' ELSE 'gone' END AS state
        FROM standing JOIN robot_night AS own ON own.id = standing.robot_night
        GROUP BY robot, case_id, check_id, subject, fingerprint, coalesce(first_night, noted_night, night);
";

/// What a run cost.
const THIRD: &str = "
    -- The most memory that the run had had when it recorded the night, in bytes; null where that is not known.
    ALTER TABLE run ADD COLUMN peak_memory INTEGER CHECK (peak_memory >= 0);
";

/// The subjects that are tried once.
const TRIED: &str = "
    -- A subject that a robot has tried, or found clear, and does not try again on a later night. It outlives what is
    -- purged, since it is what keeps the subject from being tried again.
    CREATE TABLE tried (
        robot   TEXT NOT NULL,
        subject BLOB NOT NULL CHECK (length(subject) = 16),           -- keyed hash
        night   TEXT NOT NULL,
        case_id TEXT NOT NULL,
        PRIMARY KEY (robot, subject, night)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tried_by_night ON tried (robot, night);
";

/// What robots came to on earlier nights, as far as some robot asks.
const OUTCOMES: &str = "
    -- One row for each case and outcome of a robot's delivered night, of the robots and outcomes that some relation to
    -- `history` names. `deviates` is 1 where a check deviated, also in a protected household.
    CREATE TABLE outcome (
        robot_night INTEGER NOT NULL REFERENCES robot_night (id) ON DELETE CASCADE,
        case_id     TEXT NOT NULL,
        outcome     TEXT NOT NULL CHECK (outcome IN ('clear', 'flagged', 'undecided', 'protected')),
        deviates    INTEGER NOT NULL CHECK (deviates IN (0, 1)),
        PRIMARY KEY (robot_night, case_id, outcome)
    ) STRICT, WITHOUT ROWID;
";

/// The keys that samples are drawn from.
const SAMPLE_KEYS: &str = "
    -- The nights before the first row draw from a key that is made of the ledger's own. A night draws from the key of the
    -- last row that is not after it, so that a night run again draws the same.
    CREATE TABLE sample_key (
        first_night TEXT NOT NULL PRIMARY KEY,
        key         BLOB NOT NULL CHECK (length(key) = 32),
        made        TEXT NOT NULL                        -- UTC
    ) STRICT, WITHOUT ROWID;
";

/// What a night tried and did not settle.
const SETTLED: &str = "
    -- 0 where the subject is to be tried on other nights all the same: it was not clear, or what the robot held was refused.
    -- The row tells the night, when it is run again, that it tried the subject itself.
    ALTER TABLE tried ADD COLUMN settled INTEGER NOT NULL DEFAULT 1 CHECK (settled IN (0, 1));
";

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

    /// A ledger that the first version wrote, with a night in it.
    #[test]
    fn a_ledger_of_version_1_is_brought_up_to_date_and_keeps_what_it_holds() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.execute_batch(FIRST).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO night VALUES ('2026-11-20', zeroblob(32));
                 INSERT INTO robot_night (id, robot, night, since, version, status, clear, flagged, undecided, protected)
                     VALUES (1, 'a', '2026-11-20', '2026-11-19', '1.0.0', 'ran', 1, 1, 0, 0);
                 INSERT INTO standing VALUES (1, 'A1', 'x', zeroblob(16), zeroblob(16), 'seen', '2026-11-20');",
            )
            .unwrap();
        bring_up_to_date(&mut connection, Path::new(PATH)).unwrap();
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let finding: (String, String, String) =
            connection.query_row("SELECT first_night, last_night, state FROM finding", [], read).unwrap();
        assert_eq!(finding, ("2026-11-20".to_owned(), "2026-11-20".to_owned(), "open".to_owned()));
    }

    #[test]
    fn the_runs_of_version_2_are_kept_and_nothing_is_made_up_of_their_memory() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.execute_batch(FIRST).unwrap();
        connection.execute_batch(SECOND).unwrap();
        connection.pragma_update(None, "user_version", 2).unwrap();
        let run = "INSERT INTO run (night, begun, ended, version, robots, exit)
                   VALUES ('2026-11-20', '2026-11-20T02:15:00Z', '2026-11-20T02:16:00Z', '0.1.0', 'a b', 0)";
        connection.execute(run, []).unwrap();
        bring_up_to_date(&mut connection, Path::new(PATH)).unwrap();
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let kept: (String, Option<i64>) =
            connection.query_row("SELECT robots, peak_memory FROM run", [], read).unwrap();
        assert_eq!(kept, ("a b".to_owned(), None));
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
