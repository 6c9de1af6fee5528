//! Whom each robot tried a night, check by check, so that a month's different subjects can be counted exactly.
//!
//! A subject has a number in a table of its own, the same on every night and for every robot, and a robot's night has the
//! numbers of those that it tried: see `numbers`. A check has only those of them that it was not tried for, and those it
//! found something new about, which are few.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDate;
use rusqlite::{OptionalExtension, Transaction, params};

use super::column::{Count, Day};
use super::error::LedgerError;
use super::key::Hash16;
use super::numbers::Numbers;
use super::remembered::RobotRecord;
use super::store::Ledger;

/// Whom a robot tried a night.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trials {
    /// The keyed hashes of the subjects for which some check could be tried.
    pub subjects: Vec<Hash16>,
    /// What each of its checks came to, those that only inform left out; each once.
    pub checks: Vec<CheckTrials>,
}

impl Trials {
    /// Takes back that there was anything new to say.
    pub fn forget_new(&mut self) {
        for check in &mut self.checks {
            check.new = 0;
            check.newly.clear();
        }
    }
}

/// What one check came to a night.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckTrials {
    /// The check's id.
    pub check: String,
    /// How many subjects deviate.
    pub deviated: u64,
    /// For how many subjects it could not be tried, those too for which no check could.
    pub undecided: u64,
    /// How many deviations are new.
    pub new: u64,
    /// The places among the robot's subjects of those that it was not tried for: it could not be, or a rule before it
    /// applied.
    pub untried: Vec<u32>,
    /// The places of those that have a new deviation in it.
    pub newly: Vec<u32>,
}

/// How many deviations of a check stand, in cases of one unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitStanding {
    /// The unit; none where it is not known, and for protected households.
    pub unit: Option<String>,
    /// The check's id.
    pub check: String,
    /// How many.
    pub standing: u64,
}

/// The number that stands in for a unit that is not known: no unit has an empty name.
pub(super) const NO_UNIT: &str = "";

/// The numbers of the subjects that these robots have tried. Those met for the first time are given theirs in the order in
/// which the robots tell of them, case by case: what a robot tries then has its numbers in rows.
pub(super) fn numbered(record: &Transaction<'_>, robots: &[RobotRecord]) -> rusqlite::Result<HashMap<Hash16, u64>> {
    let subjects = || robots.iter().flat_map(|robot| &robot.trials.subjects);
    // Looked up and written in the order of the hashes, in which the table lies; each once, for several robots try the same.
    let mut in_order: Vec<Hash16> = subjects().copied().collect();
    in_order.sort_unstable();
    in_order.dedup();
    if in_order.is_empty() {
        return Ok(HashMap::new());
    }
    let mut numbers: HashMap<Hash16, u64> = HashMap::with_capacity(in_order.len());
    let mut known = record.prepare("SELECT number FROM subject WHERE hash = ?1")?;
    for hash in &in_order {
        let number = known.query_row([hash], |row| row.get(0)).optional()?;
        numbers.extend(number.map(|Count(number)| (*hash, number)));
    }
    in_order.retain(|hash| !numbers.contains_key(hash));
    let next = "SELECT value FROM meta WHERE name = 'subjects'";
    let next: Option<[u8; 8]> = record.query_row(next, [], |row| row.get(0)).optional()?;
    let mut next = next.map_or(0, u64::from_be_bytes);
    for hash in subjects() {
        if let Entry::Vacant(place) = numbers.entry(*hash) {
            place.insert(next);
            next += 1;
        }
    }
    let mut insert = record.prepare("INSERT INTO subject (hash, number) VALUES (?1, ?2)")?;
    for hash in &in_order {
        insert.execute(params![hash, Count(numbers[hash])])?;
    }
    record.execute("REPLACE INTO meta (name, value) VALUES ('subjects', ?1)", [next.to_be_bytes()])?;
    Ok(numbers)
}

/// Writes whom a robot tried, and what stands of it by unit.
pub(super) fn write_trials(
    record: &Transaction<'_>,
    robot_night: i64,
    robot: &RobotRecord,
    numbers: &HashMap<Hash16, u64>,
) -> rusqlite::Result<()> {
    let Trials { subjects, checks } = &robot.trials;
    let numbers: Vec<u64> = subjects.iter().filter_map(|subject| numbers.get(subject)).copied().collect();
    let at = |places: &[u32]| -> Numbers {
        places.iter().filter_map(|place| numbers.get(*place as usize)).copied().collect()
    };
    let tried: Numbers = numbers.iter().copied().collect();
    record
        .execute("INSERT INTO trial (robot_night, subjects) VALUES (?1, ?2)", params![robot_night, tried.to_bytes()])?;
    let mut insert = record.prepare(
        "INSERT INTO check_night (robot_night, check_id, tried, deviated, undecided, new, untried, newly)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for CheckTrials { check, deviated, undecided, new, untried, newly } in checks {
        let (untried, newly) = (at(untried), at(newly));
        let of_check = tried.without(&untried).len();
        insert.execute(params![
            robot_night,
            check,
            Count(of_check),
            Count(*deviated),
            Count(*undecided),
            Count(*new),
            untried.to_bytes(),
            newly.to_bytes()
        ])?;
    }
    let mut insert =
        record.prepare("INSERT INTO unit_night (robot_night, unit, check_id, standing) VALUES (?1, ?2, ?3, ?4)")?;
    for UnitStanding { unit, check, standing } in &robot.units {
        insert.execute(params![robot_night, unit.as_deref().unwrap_or(NO_UNIT), check, Count(*standing)])?;
    }
    Ok(())
}

/// Takes back that a robot's night had anything new to say: its notes were refused or taken back, and what still stands is
/// said, and counted, anew.
pub(super) fn forget_new(step: &Transaction<'_>, robot: &str, night: NaiveDate) -> rusqlite::Result<()> {
    let forget = "UPDATE check_night SET new = 0, newly = x''
                  WHERE robot_night IN (SELECT id FROM robot_night WHERE robot = ?1 AND night = ?2)";
    step.execute(forget, params![robot, Day(night)])?;
    Ok(())
}

/// Deletes the subjects that no night tells of any more, and gives how many they are.
pub(super) fn purge_subjects(step: &Transaction<'_>) -> rusqlite::Result<usize> {
    let mut query = step.prepare("SELECT subjects FROM trial")?;
    let sets = query.query_map([], |row| numbers_in(row, 0))?.collect::<rusqlite::Result<Vec<Numbers>>>()?;
    let told_of = Numbers::united(sets);
    step.execute_batch("CREATE TEMP TABLE told_of (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT")?;
    {
        let mut insert = step.prepare("INSERT INTO told_of (first, last) VALUES (?1, ?2)")?;
        for row in told_of.rows() {
            insert.execute(params![Count(row.start), Count(row.end - 1)])?;
        }
    }
    let delete = "DELETE FROM subject WHERE coalesce(
                      number > (SELECT last FROM told_of WHERE first <= number ORDER BY first DESC LIMIT 1), TRUE)";
    let deleted = step.execute(delete, [])?;
    step.execute_batch("DROP TABLE told_of")?;
    Ok(deleted)
}

/// A column that holds a set of numbers.
pub(super) fn numbers_in(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Numbers> {
    Numbers::from_bytes(row.get_ref(column)?.as_blob()?).ok_or_else(|| super::lookup::not_a_word_of_ours(column))
}

impl Ledger {
    /// The robots' nights of which it cannot be so that those tried are as many as it says.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub(super) fn contradicted_trials(&self) -> Result<Vec<String>, LedgerError> {
        let tried = "SELECT robot, night, check_id, subjects, untried, tried FROM check_night
                     JOIN robot_night ON robot_night.id = check_night.robot_night
                     LEFT JOIN trial ON trial.robot_night = robot_night.id ORDER BY night, robot, check_id";
        let contradicted = self.rows(tried, [], |row| {
            let (robot, Day(night), check): (String, Day, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let set = |column| row.get_ref(column).ok()?.as_blob().ok().and_then(Numbers::from_bytes);
            let Count(tried) = row.get(5)?;
            let of_sets = set(3).zip(set(4)).map(|(subjects, untried)| subjects.without(&untried).len());
            Ok((of_sets != Some(tried))
                .then(|| format!("whom `{check}` of `{robot}` was tried for on {night} is not as it was written")))
        })?;
        Ok(contradicted.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{SomeLedger, night, robot, some_night};
    use super::super::purge::{Class, Purging};
    use super::super::remembered::RobotStatus;
    use super::*;

    fn tried(subjects: &[u8]) -> RobotRecord {
        let subjects = subjects.iter().map(|subject| Hash16::from([*subject; 16])).collect();
        let check = CheckTrials { check: "nytt-fordon".into(), untried: vec![0], ..CheckTrials::default() };
        RobotRecord { trials: Trials { subjects, checks: vec![check] }, ..robot("a", RobotStatus::Ran, &[]) }
    }

    fn numbers(ledger: &Ledger) -> Vec<(Hash16, u64)> {
        let all = "SELECT hash, number FROM subject ORDER BY number";
        ledger.rows(all, [], |row| Ok((row.get(0)?, super::super::lookup::count(row, 1)?))).unwrap()
    }

    #[test]
    fn a_subject_keeps_its_number_and_goes_when_no_night_tells_of_it() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        for (day, subjects) in [(3, &[7, 1, 9][..]), (4, &[1, 5]), (3, &[7, 1])] {
            ledger.record(&some_night(day, vec![tried(subjects)])).unwrap();
            ledger.clear_publication().unwrap();
        }
        let known = |subjects: &[(u8, u64)]| {
            subjects.iter().map(|(subject, number)| (Hash16::from([*subject; 16]), *number)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&ledger), known(&[(7, 0), (1, 1), (9, 2), (5, 3)]));
        let counted = ledger.purge(Class::Figures, night(4), Purging::Show).unwrap();
        assert_eq!(numbers(&ledger).len(), 4);
        assert_eq!(ledger.purge(Class::Figures, night(4), Purging::Delete).unwrap(), counted);
        assert_eq!(counted, 4, "the trial and the check of one night, and two subjects");
        assert_eq!(numbers(&ledger), known(&[(1, 1), (5, 3)]));
        ledger.record(&some_night(5, vec![tried(&[7])])).unwrap();
        assert_eq!(numbers(&ledger), known(&[(1, 1), (5, 3), (7, 4)]), "no number is given out twice");
        assert_eq!(ledger.purge(Class::Figures, night(9), Purging::Delete).unwrap(), 7, "and all of it in the end");
    }

    #[test]
    fn a_set_that_has_been_altered_is_told() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        ledger.record(&some_night(3, vec![tried(&[7, 1])])).unwrap();
        assert!(ledger.contradictions().unwrap().is_empty());
        ledger.connection.execute_batch("UPDATE trial SET subjects = x'0005'").unwrap();
        let told = ledger.contradictions().unwrap();
        assert_eq!(told, ["whom `nytt-fordon` of `a` was tried for on 2026-11-03 is not as it was written"]);
    }
}
