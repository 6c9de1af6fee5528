//! What can be asked of the ledger: nights, standing findings, extracts' sizes, an unfinished publishing.

use std::path::PathBuf;

use chrono::NaiveDate;
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::{Count, Day};
use super::error::LedgerError;
use super::remembered::{Counts, ExtractStats, Measured, Publication, RobotNight, RobotStatus, Settled};
use super::said::{Presence, Standing};
use super::store::Ledger;

impl Ledger {
    /// The robot's latest delivered night strictly before `before`.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn last_delivered(&self, robot: &str, before: NaiveDate) -> Result<Option<NaiveDate>, LedgerError> {
        self.delivered(
            "SELECT max(night) FROM robot_night WHERE robot = ?1 AND night < ?2 AND delivered",
            robot,
            before,
        )
    }

    /// The robot's earliest delivered night strictly after `after`; there is one when an earlier night is run late.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn next_delivered(&self, robot: &str, after: NaiveDate) -> Result<Option<NaiveDate>, LedgerError> {
        self.delivered("SELECT min(night) FROM robot_night WHERE robot = ?1 AND night > ?2 AND delivered", robot, after)
    }

    fn delivered(&self, query: &str, robot: &str, than: NaiveDate) -> Result<Option<NaiveDate>, LedgerError> {
        self.connection
            .query_row(query, params![robot, Day(than)], |row| day_if_any(row, 0))
            .map_err(|error| self.told(&error))
    }

    /// The findings that stood the robot's night, in the order of case, check, subject and fingerprint; none for a
    /// night that it did not deliver.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn standing(&self, robot: &str, night: NaiveDate) -> Result<Vec<Standing>, LedgerError> {
        self.rows(
            "SELECT case_id, check_id, subject, fingerprint, presence, noted_night,
                    coalesce(first_night, noted_night, night)
             FROM standing JOIN robot_night ON robot_night.id = standing.robot_night
             WHERE robot = ?1 AND night = ?2
             ORDER BY case_id, check_id, subject, fingerprint",
            params![robot, Day(night)],
            standing,
        )
    }

    /// The subjects that a robot need not try on a night, since another has settled them and it has not tried them itself before;
    /// the earliest night last.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn settled_but_on(&self, robot: &str, night: NaiveDate) -> Result<Vec<Settled>, LedgerError> {
        self.rows(
            "SELECT subject, night, case_id FROM tried WHERE robot = ?1 AND night <> ?2 AND settled
             AND subject NOT IN (SELECT subject FROM tried WHERE robot = ?1 AND night = ?2) ORDER BY night DESC",
            params![robot, Day(night)],
            |row| Ok(Settled { subject: row.get(0)?, night: day(row, 1)?, case: row.get(2)? }),
        )
    }

    /// How each robot's night went, by robot; also those that did not deliver.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn robots_of_night(&self, night: NaiveDate) -> Result<Vec<RobotNight>, LedgerError> {
        self.rows(
            "SELECT robot, version, since, previous, status, reason, clear, flagged, undecided, protected
             FROM robot_night WHERE night = ?1 ORDER BY robot",
            params![Day(night)],
            robot_night,
        )
    }

    /// What the scan saw of an extract that night; `None` when no run has recorded it.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn extract_stats(&self, extract: &str, night: NaiveDate) -> Result<Option<ExtractStats>, LedgerError> {
        let stats = self
            .connection
            .query_row(
                "SELECT extract, rows, rejected, unreadable, bytes, sha256, stopped
                 FROM extract_night WHERE extract = ?1 AND night = ?2",
                params![extract, Day(night)],
                extract_stats,
            )
            .optional()
            .map_err(|error| self.told(&error))?;
        let Some(stats) = stats else { return Ok(None) };
        let measures = self.rows(
            "SELECT guard, part, whole, allowed, passed FROM measure WHERE extract = ?1 AND night = ?2 ORDER BY guard",
            params![extract, Day(night)],
            measured,
        )?;
        Ok(Some(ExtractStats { measures, ..stats }))
    }

    /// SHA-256 of the night's `manifest.json`; `None` for a night that has not been recorded.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn manifest(&self, night: NaiveDate) -> Result<Option<[u8; 32]>, LedgerError> {
        self.connection
            .query_row("SELECT manifest FROM night WHERE night = ?1", params![Day(night)], |row| row.get(0))
            .optional()
            .map_err(|error| self.told(&error))
    }

    /// A publishing that was recorded and not finished; every start finishes it first.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn pending_publication(&self) -> Result<Option<Publication>, LedgerError> {
        publication(&self.connection).map_err(|error| self.told(&error))
    }

    pub(super) fn rows<T>(
        &self,
        query: &str,
        of: impl rusqlite::Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        let mut query = self.connection.prepare(query).map_err(|error| self.told(&error))?;
        query.query_map(of, read).and_then(Iterator::collect).map_err(|error| self.told(&error))
    }
}

/// The unfinished publishing, also asked for inside a transaction that is about to write one.
pub(super) fn publication(connection: &Connection) -> rusqlite::Result<Option<Publication>> {
    connection
        .query_row("SELECT night, staging, final_path FROM publication", [], |row| {
            Ok(Publication {
                night: day(row, 0)?,
                staging: PathBuf::from(row.get::<_, String>(1)?),
                final_path: PathBuf::from(row.get::<_, String>(2)?),
            })
        })
        .optional()
}

fn standing(row: &Row<'_>) -> rusqlite::Result<Standing> {
    let presence = match row.get_ref(4)?.as_str()? {
        "seen" => Presence::Seen,
        "carried" => Presence::Carried,
        _ => return Err(not_a_word_of_ours(4)),
    };
    Ok(Standing {
        case: row.get(0)?,
        check: row.get(1)?,
        subject: row.get(2)?,
        fingerprint: row.get(3)?,
        presence,
        noted_night: day_if_any(row, 5)?,
        first_night: day(row, 6)?,
    })
}

pub(super) fn robot_night(row: &Row<'_>) -> rusqlite::Result<RobotNight> {
    Ok(RobotNight {
        robot: row.get(0)?,
        version: row.get(1)?,
        since: day(row, 2)?,
        previous: day_if_any(row, 3)?,
        status: status(row)?,
        counts: Counts {
            clear: count(row, 6)?,
            flagged: count(row, 7)?,
            undecided: count(row, 8)?,
            protected: count(row, 9)?,
        },
    })
}

fn status(row: &Row<'_>) -> rusqlite::Result<RobotStatus> {
    let reason = || row.get::<_, String>(5);
    Ok(match row.get_ref(4)?.as_str()? {
        "ran" => RobotStatus::Ran,
        "held" => RobotStatus::Held,
        "set aside" => RobotStatus::SetAside { reason: reason()? },
        "refused" => RobotStatus::Refused { reason: reason()? },
        "failed" => RobotStatus::Failed { reason: reason()? },
        _ => return Err(not_a_word_of_ours(4)),
    })
}

fn extract_stats(row: &Row<'_>) -> rusqlite::Result<ExtractStats> {
    Ok(ExtractStats {
        extract: row.get(0)?,
        rows: count(row, 1)?,
        rejected: count(row, 2)?,
        unreadable: count(row, 3)?,
        bytes: count(row, 4)?,
        sha256: row.get(5)?,
        stopped: row.get(6)?,
        measures: Vec::new(),
    })
}

fn measured(row: &Row<'_>) -> rusqlite::Result<Measured> {
    let whole = row.get::<_, Option<Count>>(2)?.map(|Count(count)| count);
    Ok(Measured { guard: row.get(0)?, part: count(row, 1)?, whole, allowed: row.get(3)?, passed: row.get(4)? })
}

pub(super) fn day(row: &Row<'_>, column: usize) -> rusqlite::Result<NaiveDate> {
    row.get(column).map(|Day(day)| day)
}

fn day_if_any(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<NaiveDate>> {
    Ok(row.get::<_, Option<Day>>(column)?.map(|Day(day)| day))
}

pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(|Count(count)| count)
}

/// The schema allows only the ledger's own words, so another one is damage.
pub(super) fn not_a_word_of_ours(column: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, FromSqlError::InvalidType.into())
}

#[cfg(test)]
mod tests {
    use super::super::error::Trouble;
    use super::super::example::{SomeLedger, night, robot, some_finding, some_night};
    use super::*;

    fn set_aside() -> RobotStatus {
        RobotStatus::SetAside { reason: "`af.csv` was not used: 4112 rows tonight, 10280 last night".into() }
    }

    #[test]
    fn a_robots_nights_are_those_it_delivered_before_and_after() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        for (day, status) in [(3, RobotStatus::Ran), (5, RobotStatus::Held), (7, set_aside()), (9, RobotStatus::Ran)] {
            ledger.record(&some_night(day, vec![robot("fordonsinnehav", status, &[])])).unwrap();
            ledger.clear_publication().unwrap();
        }
        let last = |day| ledger.last_delivered("fordonsinnehav", night(day)).unwrap();
        let next = |day| ledger.next_delivered("fordonsinnehav", night(day)).unwrap();
        assert_eq!([last(3), last(4), last(5), last(8)], [None, Some(night(3)), Some(night(3)), Some(night(5))]);
        assert_eq!([next(2), next(3), next(5), next(9)], [Some(night(3)), Some(night(5)), Some(night(9)), None]);
        assert_eq!(ledger.last_delivered("folkbokforing", night(30)).unwrap(), None);
    }

    #[test]
    fn a_robots_night_that_was_not_delivered_is_remembered_with_its_reason() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let failed = RobotStatus::Failed { reason: "panicked at src/evaluate/round.rs:40".into() };
        let refused = RobotStatus::Refused { reason: "no decision".into() };
        let robots = vec![robot("c", failed, &[]), robot("a", set_aside(), &[]), robot("b", refused, &[])];
        let night_three = some_night(3, robots);
        ledger.record(&night_three).unwrap();
        let [c, a, b] = &night_three.robots[..] else { panic!("three robots") };
        let expected = [a, b, c].map(|record| record.robot.clone());
        assert_eq!(ledger.robots_of_night(night(3)).unwrap(), expected);
        assert!(ledger.robots_of_night(night(4)).unwrap().is_empty());
    }

    #[test]
    fn what_was_recorded_is_read_back_also_by_a_run_that_only_shows() {
        let place = SomeLedger::new();
        let carried = Standing { presence: Presence::Carried, noted_night: None, ..some_finding("Ä2", 2) };
        let findings = [some_finding("A1", 1), carried];
        let recorded = some_night(3, vec![robot("fordonsinnehav", RobotStatus::Ran, &findings)]);
        place.open().record(&recorded).unwrap();

        let ledger = Ledger::open_read_only(&place.path()).unwrap().unwrap();
        assert_eq!(ledger.standing("fordonsinnehav", night(3)).unwrap(), findings);
        assert!(ledger.standing("fordonsinnehav", night(4)).unwrap().is_empty());
        assert!(ledger.standing("folkbokforing", night(3)).unwrap().is_empty());
        assert_eq!(ledger.extract_stats("kir", night(3)).unwrap().as_ref(), recorded.extracts.first());
        assert_eq!(ledger.extract_stats("kir", night(2)).unwrap(), None);
        assert_eq!(ledger.manifest(night(3)).unwrap(), Some(recorded.manifest));
        assert_eq!(ledger.manifest(night(4)).unwrap(), None);
        assert_eq!(ledger.pending_publication().unwrap(), Some(recorded.publication));
    }

    #[test]
    fn each_question_is_answered_by_an_index() {
        let place = SomeLedger::new();
        let ledger = place.open();
        for (query, index) in [
            (
                "SELECT max(night) FROM robot_night WHERE robot = 'a' AND night < 'b' AND delivered",
                "(robot=? AND night<?)",
            ),
            (
                "SELECT min(night) FROM robot_night WHERE robot = 'a' AND night > 'b' AND delivered",
                "(robot=? AND night>?)",
            ),
            ("SELECT * FROM standing WHERE robot_night = 1 ORDER BY case_id, check_id", "(robot_night=?)"),
            ("SELECT robot FROM robot_night WHERE night = 'a'", "(night=?)"),
        ] {
            let plan: String = ledger
                .connection
                .query_row(&format!("EXPLAIN QUERY PLAN {query}"), [], |row| row.get("detail"))
                .unwrap();
            assert!(plan.starts_with("SEARCH") && plan.ends_with(index), "{plan}");
        }
    }

    /// Every page is spoilt in turn; each question is answered or refused, and nothing panics.
    #[test]
    fn a_damaged_file_is_told_and_never_a_panic() {
        let place = SomeLedger::new();
        let findings: Vec<Standing> = (0..200).map(|n| some_finding(&format!("A{n}"), 1)).collect();
        place.open().record(&some_night(3, vec![robot("fordonsinnehav", RobotStatus::Ran, &findings)])).unwrap();
        let whole = std::fs::read(place.path()).unwrap();

        let mut damages = 0;
        for place_in_file in (0..whole.len()).step_by(257) {
            let mut spoilt = whole.clone();
            spoilt[place_in_file..].iter_mut().take(64).for_each(|byte| *byte ^= 0xa5);
            std::fs::write(place.path(), &spoilt).unwrap();
            damages += usize::from(
                ask_everything(&place)
                    .is_err_and(|error| matches!(error.trouble, Trouble::Damaged(_) | Trouble::NotALedger)),
            );
        }
        std::fs::write(place.path(), &whole[..whole.len() / 2]).unwrap();
        let error = ask_everything(&place).unwrap_err();
        assert!(matches!(error.trouble, Trouble::Damaged(_)), "{error}");
        assert!(error.to_string().contains("put the latest backup in its place"), "{error}");
        assert!(damages > 20, "{damages}");
    }

    fn ask_everything(place: &SomeLedger) -> Result<(), LedgerError> {
        let mut ledger = Ledger::open(&place.path(), super::super::key::KeySource::Random)?;
        ledger.last_delivered("fordonsinnehav", night(30))?;
        ledger.next_delivered("fordonsinnehav", night(1))?;
        ledger.standing("fordonsinnehav", night(3))?;
        ledger.robots_of_night(night(3))?;
        ledger.extract_stats("kir", night(3))?;
        ledger.manifest(night(3))?;
        ledger.pending_publication()?;
        ledger.clear_publication()
    }
}
