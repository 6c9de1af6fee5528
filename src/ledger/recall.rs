//! Notes that are taken back because the robot that wrote them was wrong.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, TransactionBehavior, params};

use super::column::{Day, Moment};
use super::error::LedgerError;
use super::lookup::day;
use super::store::Ledger;
use super::trials::forget_new;

/// A note that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenNote {
    /// The robot.
    pub robot: String,
    /// The version of its definition.
    pub version: String,
    /// The night.
    pub night: NaiveDate,
    /// The case.
    pub case: String,
}

impl Ledger {
    /// The notes that a robot has written on these nights, the last included, in the order of night and case; of one
    /// version of it where one is given. What is held or was refused has not been written.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn written_notes(
        &self,
        robot: &str,
        (first, last): (NaiveDate, NaiveDate),
        version: Option<&str>,
    ) -> Result<Vec<WrittenNote>, LedgerError> {
        let notes =
            "SELECT robot, version, night, case_id FROM note JOIN robot_night ON robot_night.id = note.robot_night
                     WHERE robot = ?1 AND night BETWEEN ?2 AND ?3 AND status = 'ran' AND version = coalesce(?4, version)
                     ORDER BY night, case_id";
        self.rows(notes, params![robot, Day(first), Day(last), version], written_note)
    }

    /// Remembers that the notes are taken back. What they said counts as not noted, on the later nights too: what still
    /// stands is said anew. A second time changes nothing.
    ///
    /// # Errors
    /// When the ledger is locked, damaged or not writable.
    pub fn recall(&mut self, notes: &[WrittenNote], at: DateTime<Utc>) -> Result<(), LedgerError> {
        let path = self.path.clone();
        let told = |error| LedgerError::told_by(&path, &error);
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
        for WrittenNote { robot, version, night, case } in notes {
            step.execute(
                "INSERT OR IGNORE INTO recall (robot, night, case_id, version, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![robot, Day(*night), case, version, Moment(at)],
            )
            .map_err(told)?;
        }
        // A robot's night has one version, so a night is taken back as a whole.
        let mut nights: Vec<(&str, NaiveDate)> = notes.iter().map(|note| (note.robot.as_str(), note.night)).collect();
        nights.dedup();
        for (robot, night) in nights {
            let forget = "UPDATE standing SET noted_night = NULL WHERE noted_night = ?2
                          AND robot_night IN (SELECT id FROM robot_night WHERE robot = ?1)";
            step.execute(forget, params![robot, Day(night)]).map_err(told)?;
            forget_new(&step, robot, night).map_err(told)?;
        }
        step.commit().map_err(told)
    }
}

fn written_note(row: &Row<'_>) -> rusqlite::Result<WrittenNote> {
    Ok(WrittenNote { robot: row.get(0)?, version: row.get(1)?, night: day(row, 2)?, case: row.get(3)? })
}

#[cfg(test)]
mod tests {
    use super::super::example::{SomeLedger, moment, night, robot, some_finding, some_night};
    use super::super::remembered::RobotStatus;
    use super::super::said::Standing;

    #[test]
    fn notes_are_found_by_nights_and_version_and_what_they_said_is_said_anew() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let finding = Standing { noted_night: Some(night(3)), ..some_finding("A1", 1) };
        for (day, version, status) in
            [(3, "1.0.0", RobotStatus::Ran), (4, "1.0.1", RobotStatus::Ran), (5, "1.0.1", RobotStatus::Held)]
        {
            let mut record = robot("a", status, std::slice::from_ref(&finding));
            record.robot.version = version.into();
            ledger.record(&some_night(day, vec![record])).unwrap();
            ledger.clear_publication().unwrap();
        }
        let nights = (night(1), night(9));
        let all = ledger.written_notes("a", nights, None).unwrap();
        assert_eq!(all.iter().map(|note| note.night).collect::<Vec<_>>(), [night(3), night(4)], "not what is held");
        assert_eq!(ledger.written_notes("a", nights, Some("1.0.1")).unwrap().len(), 1);
        let wrong = ledger.written_notes("a", nights, Some("1.0.0")).unwrap();
        for hour in [8, 9] {
            ledger.recall(&wrong, moment(6, hour)).unwrap();
            for day in [3, 4, 5] {
                assert_eq!(ledger.standing("a", night(day)).unwrap()[0].noted_night, None);
            }
        }
        let rows: i64 = ledger.connection.query_row("SELECT count(*) FROM recall", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }
}
