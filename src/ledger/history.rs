//! What has been run, delivered and held, for those who look after it; and whether the ledger holds together.

use chrono::NaiveDate;
use rusqlite::{Row, params};

use super::column::{Count, Day, Moment};
use super::error::LedgerError;
use super::lookup::{count, day, not_a_word_of_ours};
use super::remembered::{CaseOutcome, PastOutcome, RunRecord};
use super::store::Ledger;
use crate::outcome::Outcome;

/// A night that has been delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownNight {
    /// The night.
    pub night: NaiveDate,
    /// SHA-256 of its `manifest.json`.
    pub manifest: [u8; 32],
    /// Whether its folder has been deleted on purpose.
    pub is_purged: bool,
}

/// The last night that a robot delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastNight {
    /// The robot.
    pub robot: String,
    /// The night.
    pub night: NaiveDate,
    /// How many findings stood then.
    pub open_findings: u64,
    /// `ran`, `held`, or `refused` where what it held was.
    pub state: String,
}

/// A robot that did not deliver a night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotDelivered {
    /// The robot.
    pub robot: String,
    /// The night.
    pub night: NaiveDate,
    /// `set aside`, `refused` or `failed`.
    pub status: String,
    /// Why.
    pub reason: String,
}

impl Ledger {
    /// The latest runs that delivered, the latest first.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn latest_runs(&self, how_many: u32) -> Result<Vec<RunRecord>, LedgerError> {
        let runs = "SELECT night, begun, ended, version, robots, exit, peak_memory FROM run ORDER BY id DESC LIMIT ?1";
        self.rows(runs, params![how_many], run)
    }

    /// The run that ended last, of those for the newest night on which some robot delivered: an older night that is run
    /// again says nothing of whether the nights go on.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn last_run_of_the_newest_night(&self) -> Result<Option<RunRecord>, LedgerError> {
        let newest = "SELECT night, begun, ended, version, robots, exit, peak_memory FROM run
                      WHERE night = (SELECT max(night) FROM robot_night WHERE delivered) ORDER BY ended DESC LIMIT 1";
        Ok(self.rows(newest, [], run)?.into_iter().next())
    }

    /// Every night that has been delivered, in order.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn nights(&self) -> Result<Vec<KnownNight>, LedgerError> {
        self.rows("SELECT night, manifest, purged FROM night ORDER BY night", [], |row| {
            Ok(KnownNight { night: day(row, 0)?, manifest: row.get(1)?, is_purged: row.get(2)? })
        })
    }

    /// What robots came to on the nights before one, as far as it is kept, in the order of night, robot, case and outcome.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn outcomes_before(&self, robots: &[&str], before: NaiveDate) -> Result<Vec<PastOutcome>, LedgerError> {
        let of_one = "SELECT robot, night, case_id, outcome, deviates FROM outcome
                      JOIN robot_night ON robot_night.id = outcome.robot_night WHERE robot = ?1 AND night < ?2";
        let mut all = Vec::new();
        for robot in robots {
            all.extend(self.rows(of_one, params![robot, Day(before)], past_outcome)?);
        }
        let order = |past: &PastOutcome| (past.night, past.robot.clone(), past.came_to.clone());
        all.sort_by_cached_key(order);
        Ok(all)
    }

    /// The first night that a robot delivered, of those up to `last`, and the night that it counted it from.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn first_delivered(&self, robot: &str, last: NaiveDate) -> Result<Option<(NaiveDate, NaiveDate)>, LedgerError> {
        let first = "SELECT night, since FROM robot_night WHERE robot = ?1 AND night <= ?2 AND delivered
                     ORDER BY night LIMIT 1";
        Ok(self.rows(first, params![robot, Day(last)], |row| Ok((day(row, 0)?, day(row, 1)?)))?.into_iter().next())
    }

    /// The robots' nights that wait for somebody, the oldest first, with how many notes wait. One that was refused is held
    /// for good, and waits for nobody.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn held(&self) -> Result<Vec<(String, NaiveDate, u64)>, LedgerError> {
        let held = "SELECT robot, night, (SELECT count(*) FROM note WHERE robot_night = own.id) FROM robot_night AS own
                    WHERE status = 'held' AND (robot, night) NOT IN (SELECT robot, night FROM release)
                    ORDER BY night, robot";
        self.rows(held, [], |row| Ok((row.get(0)?, day(row, 1)?, count(row, 2)?)))
    }

    /// The robots that did not deliver a night since `from`, the latest night first.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn not_delivered(&self, from: NaiveDate) -> Result<Vec<NotDelivered>, LedgerError> {
        let not = "SELECT robot, night, status, reason FROM robot_night
                   WHERE NOT delivered AND night >= ?1 ORDER BY night DESC, robot";
        self.rows(not, params![Day(from)], |row| {
            Ok(NotDelivered { robot: row.get(0)?, night: day(row, 1)?, status: row.get(2)?, reason: row.get(3)? })
        })
    }

    /// Each robot with its last delivered night.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn last_nights(&self) -> Result<Vec<LastNight>, LedgerError> {
        let last = "SELECT robot, night, (SELECT count(*) FROM standing WHERE robot_night = own.id),
                           CASE WHEN status = 'held' AND (robot, night) IN
                                     (SELECT robot, night FROM release WHERE decision = 'refused')
                                THEN 'refused' ELSE status END
                    FROM robot_night AS own
                    WHERE delivered AND night = (SELECT max(night) FROM robot_night AS its
                                                 WHERE its.robot = own.robot AND delivered)
                    ORDER BY robot";
        self.rows(last, [], |row| {
            Ok(LastNight { robot: row.get(0)?, night: day(row, 1)?, open_findings: count(row, 2)?, state: row.get(3)? })
        })
    }

    /// The cases that a robot's notes of a night are for, in order; those of held notes too.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn noted_cases(&self, robot: &str, night: NaiveDate) -> Result<Vec<String>, LedgerError> {
        let cases = "SELECT case_id FROM note JOIN robot_night ON robot_night.id = note.robot_night
                     WHERE robot = ?1 AND night = ?2 ORDER BY case_id";
        self.rows(cases, params![robot, Day(night)], |row| row.get(0))
    }

    /// Everything that does not hold together in the file, in `SQLite`'s words; they name tables and never a value.
    ///
    /// # Errors
    /// When the ledger is locked, or too damaged to be looked through.
    pub fn contradictions(&self) -> Result<Vec<String>, LedgerError> {
        let mut found: Vec<String> = self.rows("PRAGMA integrity_check(20)", [], |row| row.get(0))?;
        found.retain(|line| line != "ok");
        found.extend(self.rows("PRAGMA foreign_key_check", [], |row| {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(format!("a row of `{table}` belongs to a row of `{parent}` that is not there"))
        })?);
        found.extend(self.contradicted_trials()?);
        Ok(found)
    }
}

fn past_outcome(row: &Row<'_>) -> rusqlite::Result<PastOutcome> {
    let outcome = Outcome::named(row.get_ref(3)?.as_str()?).ok_or_else(|| not_a_word_of_ours(3))?;
    let came_to = CaseOutcome { case: row.get(2)?, outcome, deviates: row.get(4)? };
    Ok(PastOutcome { robot: row.get(0)?, night: day(row, 1)?, came_to })
}

fn run(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let (Moment(begun), Moment(ended)) = (row.get(1)?, row.get(2)?);
    let Count(exit) = row.get(5)?;
    Ok(RunRecord {
        night: day(row, 0)?,
        begun,
        ended,
        version: row.get(3)?,
        robots: row.get::<_, String>(4)?.split_whitespace().map(str::to_owned).collect(),
        exit: u8::try_from(exit).map_err(|_| not_a_word_of_ours(5))?,
        peak_memory: row.get::<_, Option<i64>>(6)?.and_then(|bytes| u64::try_from(bytes).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::example::{SomeLedger, moment, night, robot, some_finding, some_night};
    use super::super::purge::{Class, Purging};
    use super::super::remembered::RobotStatus;
    use super::*;

    fn some_history() -> (SomeLedger, Ledger) {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let set_aside = RobotStatus::SetAside { reason: "`af.csv` is not there".into() };
        let findings = [some_finding("A1", 1), some_finding("A1", 2), some_finding("A2", 1)];
        for (day, robots) in [
            (3, vec![robot("a", RobotStatus::Held, &findings), robot("b", RobotStatus::Ran, &findings[..1])]),
            (4, vec![robot("a", RobotStatus::Ran, &findings[..1]), robot("b", set_aside, &[])]),
        ] {
            ledger.record(&some_night(day, robots)).unwrap();
            ledger.clear_publication().unwrap();
        }
        (place, ledger)
    }

    #[test]
    fn what_has_been_run_and_held_and_not_delivered_is_told() {
        let (_place, ledger) = some_history();
        let runs = ledger.latest_runs(5).unwrap();
        assert_eq!(runs.iter().map(|run| run.night).collect::<Vec<_>>(), [night(4), night(3)]);
        assert_eq!((runs[0].begun, &runs[0].robots), (moment(4, 2), &vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(ledger.held().unwrap(), [("a".to_owned(), night(3), 2)]);
        assert_eq!(ledger.not_delivered(night(1)).unwrap()[0].reason, "`af.csv` is not there");
        assert!(ledger.not_delivered(night(5)).unwrap().is_empty());
        let last = ledger.last_nights().unwrap();
        let last: Vec<_> = last.iter().map(|it| (it.robot.as_str(), it.night, it.open_findings)).collect();
        assert_eq!(last, [("a", night(4), 1), ("b", night(3), 1)]);
        assert_eq!(ledger.noted_cases("a", night(3)).unwrap(), ["A1", "A2"]);
        assert_eq!(ledger.last_run_of_the_newest_night().unwrap().unwrap().night, night(4));
    }

    #[test]
    fn an_older_night_run_again_is_not_the_newest() {
        let (_place, mut ledger) = some_history();
        ledger.record(&some_night(2, vec![robot("a", RobotStatus::Ran, &[])])).unwrap();
        assert_eq!(ledger.latest_runs(1).unwrap()[0].night, night(2));
        assert_eq!(ledger.last_run_of_the_newest_night().unwrap().unwrap().night, night(4));
    }

    #[test]
    fn what_a_robot_came_to_is_known_on_later_nights_until_its_night_is_run_again_or_purged() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let came_to = |case: &str, outcome| CaseOutcome { case: case.into(), outcome, deviates: true };
        let of_night = |outcomes: &[CaseOutcome]| {
            let record = robot("a", RobotStatus::Ran, &[]);
            vec![crate::ledger::RobotRecord { outcomes: outcomes.to_vec(), ..record }]
        };
        let both = [came_to("A1", Outcome::Flagged), came_to("A1", Outcome::Protected)];
        for (day, outcomes) in [(4, &both[..1]), (3, &both[..])] {
            ledger.record(&some_night(day, of_night(outcomes))).unwrap();
            ledger.clear_publication().unwrap();
        }
        let known = |ledger: &Ledger, before| {
            let past = ledger.outcomes_before(&["b", "a"], night(before)).unwrap();
            past.into_iter().map(|past| (past.night, past.came_to)).collect::<Vec<_>>()
        };
        assert_eq!(known(&ledger, 4), [(night(3), both[0].clone()), (night(3), both[1].clone())]);
        assert_eq!(known(&ledger, 5).len(), 3);
        assert_eq!(ledger.first_delivered("a", night(9)).unwrap(), Some((night(3), night(1))));
        assert_eq!(ledger.first_delivered("a", night(2)).unwrap(), None);
        ledger.record(&some_night(3, of_night(&both[..1]))).unwrap();
        assert_eq!(known(&ledger, 4).len(), 1, "of the night run again, what it came to then");
        ledger.purge(Class::Findings, night(4), Purging::Delete).unwrap();
        assert_eq!(known(&ledger, 5), [(night(4), both[0].clone())]);
    }

    #[test]
    fn a_ledger_that_holds_together_has_no_contradictions() {
        let (place, ledger) = some_history();
        assert!(ledger.contradictions().unwrap().is_empty());
        drop(ledger);
        let ledger = place.open();
        ledger
            .connection
            .execute_batch("PRAGMA foreign_keys = off; DELETE FROM robot_night WHERE robot = 'b'")
            .unwrap();
        let told = ledger.contradictions().unwrap().join("\n");
        assert!(told.contains("a row of `standing` belongs to a row of `robot_night` that is not there"), "{told}");
    }

    #[test]
    fn each_finding_has_its_first_and_last_night_and_is_open_or_gone() {
        let (_place, ledger) = some_history();
        let query = "SELECT case_id || check_id || first_night || last_night || state FROM finding
                     WHERE robot = 'a' ORDER BY 1";
        let told: Vec<String> = ledger.rows(query, [], |row| row.get(0)).unwrap();
        assert_eq!(told.len(), 3);
        assert!(told.contains(&"A1nytt-fordon2026-11-012026-11-04open".to_owned()), "{told:?}");
        assert!(told.contains(&"A2nytt-fordon2026-11-012026-11-03gone".to_owned()), "{told:?}");
    }
}
