//! Deletes what is older than it has to be, and keeps what stops a note from being written twice.

use chrono::NaiveDate;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::column::Day;
use super::error::LedgerError;
use super::store::Ledger;
use super::trials::purge_subjects;

/// What can be purged of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Which findings stood which night, and which cases had notes. For each robot its last delivered night before the
    /// limit is kept: it tells the nights after it what has been said. What robots came to before the limit is gone, and
    /// those that ask `history` know nothing of it.
    Findings,
    /// What was seen of the extracts, and what guards measured; the last week that was run is kept, for guards compare.
    Statistics,
    /// What months are followed up by: whom the robots tried and what their checks came to, and sums out of extracts. The
    /// subjects that no night that is left tells of go with them.
    Figures,
    /// The log of runs; the last run of the newest night is kept, for it tells that the nights go on.
    Runs,
    /// That nights have folders; the folders are deleted elsewhere.
    Outputs,
}

impl Class {
    /// How many rows there are to delete, one statement for each table.
    const fn statements(self) -> &'static [&'static str] {
        match self {
            Self::Findings => &[
                "DELETE FROM standing WHERE robot_night IN (
                     SELECT id FROM robot_night AS own WHERE night < (
                         SELECT max(night) FROM robot_night AS its
                         WHERE its.robot = own.robot AND its.delivered AND its.night < ?1))",
                "DELETE FROM note WHERE robot_night IN (SELECT id FROM robot_night WHERE night < ?1 AND status <> 'held')",
                "DELETE FROM recall WHERE night < ?1",
                // Such a night is not run again.
                "DELETE FROM tried WHERE night < ?1 AND NOT settled",
                "DELETE FROM sample_draw WHERE night < ?1",
                "DELETE FROM outcome WHERE robot_night IN (SELECT id FROM robot_night WHERE night < ?1)",
            ],
            Self::Statistics => &[
                "DELETE FROM measure WHERE night < min(?1, (SELECT date(max(night), '-7 days') FROM night))",
                "DELETE FROM extract_night WHERE night < min(?1, (SELECT date(max(night), '-7 days') FROM night))",
            ],
            Self::Figures => &[
                "DELETE FROM trial WHERE robot_night IN (SELECT id FROM robot_night WHERE night < ?1)",
                "DELETE FROM check_night WHERE robot_night IN (SELECT id FROM robot_night WHERE night < ?1)",
                "DELETE FROM unit_night WHERE robot_night IN (SELECT id FROM robot_night WHERE night < ?1)",
                "DELETE FROM figure_night WHERE night < ?1",
            ],
            Self::Runs => &["DELETE FROM run WHERE night < ?1 AND night < (SELECT max(night) FROM run)"],
            Self::Outputs => &["UPDATE night SET purged = 1 WHERE night < ?1 AND NOT purged AND night NOT IN (
                                    SELECT night FROM robot_night
                                    WHERE status = 'held' AND (robot, night) NOT IN (SELECT robot, night FROM release))"],
        }
    }
}

/// Whether to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purging {
    /// Count only.
    Show,
    /// Delete.
    Delete,
}

impl Ledger {
    /// Purges a class of what is about nights before `before`, and gives how many rows that is.
    ///
    /// # Errors
    /// When the ledger is locked, damaged or not writable.
    pub fn purge(&mut self, class: Class, before: NaiveDate, purging: Purging) -> Result<usize, LedgerError> {
        let path = self.path.clone();
        let told = |error| LedgerError::told_by(&path, &error);
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
        let mut rows = 0;
        for statement in class.statements() {
            rows += step.execute(statement, params![Day(before)]).map_err(told)?;
        }
        if class == Class::Figures {
            rows += purge_subjects(&step).map_err(told)?;
        }
        if class == Class::Findings {
            let remember = "INSERT INTO meta (name, value) VALUES ('purged', CAST(?1 AS BLOB))
                            ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)";
            step.execute(remember, params![Day(before)]).map_err(told)?;
        }
        match purging {
            Purging::Show => step.rollback().map_err(told)?,
            Purging::Delete => {
                step.commit().map_err(told)?;
                // What is deleted is not to be found in the file either.
                self.connection.execute_batch("VACUUM").map_err(|error| self.told(&error))?;
            }
        }
        Ok(rows)
    }

    /// The night that the findings are purged before; what is older cannot be run again.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn purged_before(&self) -> Result<Option<NaiveDate>, LedgerError> {
        let purged = "SELECT CAST(value AS TEXT) FROM meta WHERE name = 'purged'";
        let before = self.connection.query_row(purged, [], |row| row.get(0)).optional();
        Ok(before.map_err(|error| self.told(&error))?.map(|Day(night)| night))
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{SomeLedger, night, robot, some_finding, some_night};
    use super::super::remembered::RobotStatus;
    use super::*;

    fn three_nights() -> (SomeLedger, Ledger) {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        for day in [3, 4, 5] {
            ledger.record(&some_night(day, vec![robot("a", RobotStatus::Ran, &[some_finding("A1", 1)])])).unwrap();
            ledger.clear_publication().unwrap();
        }
        (place, ledger)
    }

    #[test]
    fn what_the_nights_after_the_limit_need_to_know_is_kept() {
        let (_place, mut ledger) = three_nights();
        assert_eq!(ledger.purge(Class::Findings, night(5), Purging::Show).unwrap(), 3, "a finding and two notes");
        assert_eq!((ledger.purged_before().unwrap(), ledger.noted_cases("a", night(3)).unwrap().len()), (None, 1));
        assert_eq!(ledger.purge(Class::Findings, night(5), Purging::Delete).unwrap(), 3);
        assert!(ledger.standing("a", night(3)).unwrap().is_empty());
        assert_eq!(ledger.standing("a", night(4)).unwrap().len(), 1, "night 5 run again is compared with it");
        assert_eq!(ledger.noted_cases("a", night(5)).unwrap(), ["A1"]);
        assert_eq!(ledger.last_delivered("a", night(4)).unwrap(), Some(night(3)), "the nights themselves are known");
        assert_eq!(ledger.purged_before().unwrap(), Some(night(5)));
        ledger.purge(Class::Findings, night(4), Purging::Delete).unwrap();
        assert_eq!(ledger.purged_before().unwrap(), Some(night(5)), "what is purged stays so");
    }

    #[test]
    fn held_notes_are_kept_and_so_is_the_last_run() {
        let (_place, mut ledger) = three_nights();
        ledger.record(&some_night(2, vec![robot("a", RobotStatus::Held, &[some_finding("A1", 1)])])).unwrap();
        ledger.purge(Class::Findings, night(9), Purging::Delete).unwrap();
        assert_eq!(ledger.held().unwrap().len(), 1);
        ledger.purge(Class::Outputs, night(9), Purging::Delete).unwrap();
        let purged: Vec<bool> = ledger.nights().unwrap().iter().map(|night| night.is_purged).collect();
        assert_eq!(purged, [false, true, true, true], "what is held is to be looked at");
        ledger.purge(Class::Runs, night(9), Purging::Delete).unwrap();
        assert_eq!(ledger.last_run_of_the_newest_night().unwrap().unwrap().night, night(5));
        assert_eq!(ledger.purge(Class::Statistics, night(9), Purging::Delete).unwrap(), 0, "all are of the last week");
    }
}
