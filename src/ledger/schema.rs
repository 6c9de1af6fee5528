//! Brings an older ledger up to date, by the numbered steps of `steps`.
//!
//! The version stands in `PRAGMA user_version`: a ledger of version n has had the first n steps. A step that has been
//! released is never changed; a change is a new step.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{LedgerError, Trouble};
use super::steps::STEPS;

/// `nkol`, in the file's header (`PRAGMA application_id`): tells a ledger from another program's database.
const APPLICATION_ID: i64 = 0x6e6b_6f6c;

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
    use super::super::steps::{FIRST, SECOND};
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
    fn what_version_6_holds_anew_waits_whatever_was_decided_about_something_else() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        STEPS[..6].iter().for_each(|step| connection.execute_batch(step).unwrap());
        connection.pragma_update(None, "user_version", 6).unwrap();
        let night = |id: u8, robot: &str, status: &str, decision: &str| {
            format!(
                "INSERT INTO robot_night (id, robot, night, since, version, status, clear, flagged, undecided, protected)
                     VALUES ({id}, '{robot}', '2026-11-20', '2026-11-19', '1.0.0', '{status}', 1, 1, 0, 0);
                 INSERT INTO release (robot, night, decision, notes, role, at)
                     VALUES ('{robot}', '2026-11-20', '{decision}', zeroblob(32), 'Chef', '2026-11-20T08:00:00Z');"
            )
        };
        let nights = [
            night(1, "let out", "ran", "released"),
            night(2, "let out and held anew", "held", "released"),
            night(3, "refused", "held", "refused"),
            night(4, "refused and held anew", "held", "refused"),
        ];
        let notes = "INSERT INTO note VALUES (1, 'A1'), (2, 'A1'), (4, 'A1');";
        let first = "INSERT INTO night (night, manifest) VALUES ('2026-11-20', zeroblob(32));";
        connection.execute_batch(&format!("{first}{}{notes}", nights.concat())).unwrap();
        bring_up_to_date(&mut connection, Path::new(PATH)).unwrap();
        let mut decided = connection.prepare("SELECT robot FROM release ORDER BY robot").unwrap();
        let decided: Vec<String> = decided.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(decided, ["let out", "refused"]);
    }

    #[test]
    fn of_the_notes_of_version_6_it_is_not_known_whom_they_are_about() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        STEPS[..6].iter().for_each(|step| connection.execute_batch(step).unwrap());
        connection.pragma_update(None, "user_version", 6).unwrap();
        connection
            .execute_batch(
                "INSERT INTO night (night, manifest) VALUES ('2026-11-20', zeroblob(32));
                 INSERT INTO robot_night (id, robot, night, since, version, status, clear, flagged, undecided, protected)
                     VALUES (1, 'a', '2026-11-20', '2026-11-19', '1.0.0', 'ran', 1, 1, 0, 0);
                 INSERT INTO note VALUES (1, 'A1');",
            )
            .unwrap();
        bring_up_to_date(&mut connection, Path::new(PATH)).unwrap();
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let note: (String, Option<String>, Option<String>) =
            connection.query_row("SELECT case_id, unit, sex FROM note", [], read).unwrap();
        assert_eq!(note, ("A1".to_owned(), None, None));
        let told_of: i64 = connection.query_row("SELECT count(*) FROM trial", [], |row| row.get(0)).unwrap();
        assert_eq!(told_of, 0, "nothing is made up of whom the night's robots tried");
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
