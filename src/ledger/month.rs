//! What a month has been like, out of its nights: whom the robots tried and what they found (PDD 12).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rusqlite::{OptionalExtension, Row, params};

use super::applicant::{AgeGroup, Applicant, Sex};
use super::column::Day;
use super::error::LedgerError;
use super::lookup::{count, not_a_word_of_ours};
use super::numbers::Numbers;
use super::store::Ledger;
use super::trials::{NO_UNIT, UnitStanding, numbers_in};

/// Some nights, both included: a month.
pub type Nights = (NaiveDate, NaiveDate);

/// What a robot came to in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotMonth {
    /// The robot.
    pub robot: String,
    /// How many of its nights it has delivered, of those that it is known whom it tried.
    pub nights: u64,
    /// How many different subjects some check was tried for.
    pub tried: u64,
    /// What its checks came to, in the order of their ids; those that only inform are not there.
    pub checks: Vec<CheckMonth>,
}

/// What a check came to in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckMonth {
    /// The check's id.
    pub check: String,
    /// How many different subjects it was tried for.
    pub tried: u64,
    /// How many deviations were new. Those that were never let out, or taken back, are not among them.
    pub new: u64,
    /// How many different subjects had one: of those tried, the share that the check has found.
    pub newly: u64,
}

/// Notes that are alike in whom they are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoteGroup {
    /// The robot that wrote them.
    pub robot: String,
    /// The unit; none where it is not known, and for protected households.
    pub unit: Option<String>,
    /// The applicant.
    pub applicant: Applicant,
    /// How many they are.
    pub notes: u64,
}

/// What one note said, as far as what came of it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedCase {
    /// The unit; none where it is not known, and for protected households.
    pub unit: Option<String>,
    /// The applicant.
    pub applicant: Applicant,
    /// The checks whose deviations it said, in order.
    pub checks: Vec<String>,
}

/// What is put together of a robot's nights.
#[derive(Default)]
struct Gathered {
    nights: u64,
    tried: Vec<Numbers>,
    checks: BTreeMap<String, OfCheck>,
}

#[derive(Default)]
struct OfCheck {
    tried: Vec<Numbers>,
    new: u64,
    newly: Vec<Numbers>,
}

impl Ledger {
    /// What each robot and its checks came to on these nights, in the order of the robots' ids.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn robots_of_month(&self, (first, last): Nights) -> Result<Vec<RobotMonth>, LedgerError> {
        let nights =
            "SELECT id, robot, subjects, status FROM robot_night JOIN trial ON trial.robot_night = robot_night.id
                      WHERE night BETWEEN ?1 AND ?2 ORDER BY robot, night";
        let read = |row: &Row<'_>| {
            let is_out = row.get::<_, String>(3)? == "ran";
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, numbers_in(row, 2)?, is_out))
        };
        let mut robots: BTreeMap<String, Gathered> = BTreeMap::new();
        for (id, robot, subjects, is_out) in self.rows(nights, params![Day(first), Day(last)], read)? {
            let gathered = robots.entry(robot).or_default();
            for (check, untried, new, newly) in self.checks_of(id)? {
                let of_check = gathered.checks.entry(check).or_default();
                of_check.tried.push(subjects.without(&untried));
                // What waits to be released has been told to nobody yet.
                if is_out {
                    of_check.new += new;
                    of_check.newly.push(newly);
                }
            }
            gathered.nights += 1;
            gathered.tried.push(subjects);
        }
        Ok(robots.into_iter().map(|(robot, gathered)| gathered.of(robot)).collect())
    }

    fn checks_of(&self, robot_night: i64) -> Result<Vec<(String, Numbers, u64, Numbers)>, LedgerError> {
        let checks = "SELECT check_id, untried, new, newly FROM check_night WHERE robot_night = ?1";
        self.rows(checks, [robot_night], |row| {
            Ok((row.get(0)?, numbers_in(row, 1)?, count(row, 2)?, numbers_in(row, 3)?))
        })
    }

    /// How many deviations stood a night, by robot, unit and check, in this order.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn standing_by_unit(&self, night: NaiveDate) -> Result<Vec<(String, UnitStanding)>, LedgerError> {
        let standing = "SELECT robot, unit, check_id, standing FROM unit_night
                        JOIN robot_night ON robot_night.id = unit_night.robot_night
                        WHERE night = ?1 ORDER BY robot, unit, check_id";
        self.rows(standing, [Day(night)], |row| {
            let standing = UnitStanding { unit: unit(row, 1)?, check: row.get(2)?, standing: count(row, 3)? };
            Ok((row.get(0)?, standing))
        })
    }

    /// How many notes were written on these nights, by robot, unit and applicant. Those that wait, that were refused or that
    /// have been taken back are not among them.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn notes_by_applicant(&self, (first, last): Nights) -> Result<Vec<NoteGroup>, LedgerError> {
        let notes = "SELECT robot, unit, sex, age_group, count(*) FROM note
                     JOIN robot_night ON robot_night.id = note.robot_night
                     WHERE night BETWEEN ?1 AND ?2 AND status = 'ran' AND NOT EXISTS (
                         SELECT 1 FROM recall WHERE recall.robot = robot_night.robot AND recall.night = robot_night.night
                         AND recall.case_id = note.case_id)
                     GROUP BY robot, unit, sex, age_group";
        let mut groups = self.rows(notes, params![Day(first), Day(last)], |row| {
            let (unit, applicant) = (unit(row, 1)?, applicant(row, (2, 3))?);
            Ok(NoteGroup { robot: row.get(0)?, unit, applicant, notes: count(row, 4)? })
        })?;
        groups.sort();
        Ok(groups)
    }

    /// What the note of a robot, night and case said; none where none was written. A note's id is made of these.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn noted_case(&self, robot: &str, night: NaiveDate, case: &str) -> Result<Option<NotedCase>, LedgerError> {
        let of_case = params![robot, Day(night), case];
        let note = "SELECT unit, sex, age_group FROM note JOIN robot_night ON robot_night.id = note.robot_night
                    WHERE robot = ?1 AND night = ?2 AND case_id = ?3 AND status = 'ran'";
        let read = |row: &Row<'_>| Ok((unit(row, 0)?, applicant(row, (1, 2))?));
        let note = self.connection.query_row(note, of_case, read).optional().map_err(|error| self.told(&error))?;
        let Some((unit, applicant)) = note else { return Ok(None) };
        let checks = "SELECT DISTINCT check_id FROM standing JOIN robot_night ON robot_night.id = standing.robot_night
                      WHERE robot = ?1 AND night = ?2 AND case_id = ?3 AND noted_night = ?2 ORDER BY check_id";
        Ok(Some(NotedCase { unit, applicant, checks: self.rows(checks, of_case, |row| row.get(0))? }))
    }

    /// How many subjects a robot drew on these nights for each reason, a subject drawn for several counted in each; and how
    /// many it drew in all.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn draws_of_month(
        &self,
        robot: &str,
        (first, last): Nights,
    ) -> Result<(u64, BTreeMap<String, u64>), LedgerError> {
        let draws = "SELECT why, count(*) FROM sample_draw WHERE robot = ?1 AND night BETWEEN ?2 AND ?3 GROUP BY why";
        let draws = self
            .rows(draws, params![robot, Day(first), Day(last)], |row| Ok((row.get::<_, String>(0)?, count(row, 1)?)))?;
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for (why, drawn) in &draws {
            for reason in why.split(' ') {
                *reasons.entry(reason.to_owned()).or_default() += drawn;
            }
        }
        Ok((draws.iter().map(|(_, drawn)| drawn).sum(), reasons))
    }
}

impl Gathered {
    fn of(self, robot: String) -> RobotMonth {
        let of_check = |(check, of_check): (String, OfCheck)| CheckMonth {
            check,
            tried: Numbers::united(of_check.tried).len(),
            new: of_check.new,
            newly: Numbers::united(of_check.newly).len(),
        };
        let tried = Numbers::united(self.tried).len();
        RobotMonth { robot, nights: self.nights, tried, checks: self.checks.into_iter().map(of_check).collect() }
    }
}

fn unit(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    Ok(row.get::<_, Option<String>>(column)?.filter(|unit| unit != NO_UNIT))
}

fn applicant(row: &Row<'_>, (sex, age_group): (usize, usize)) -> rusqlite::Result<Applicant> {
    Ok(Applicant { sex: word(row, sex, Sex::named)?, age_group: word(row, age_group, AgeGroup::named)? })
}

/// One of our words, or none.
fn word<T>(row: &Row<'_>, column: usize, named: fn(&str) -> Option<T>) -> rusqlite::Result<Option<T>> {
    let word: Option<String> = row.get(column)?;
    word.map(|word| named(&word).ok_or_else(|| not_a_word_of_ours(column))).transpose()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::super::example::{SomeLedger, moment, night, robot, some_finding, some_night};
    use super::super::key::Hash16;
    use super::super::recall::WrittenNote;
    use super::super::release::ReleaseRecord;
    use super::super::remembered::{NoteRecord, Release, RobotRecord, RobotStatus, Verdict};
    use super::super::said::Standing;
    use super::super::trials::{CheckTrials, Trials};
    use super::*;

    const NOVEMBER: Nights = (
        NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day of the calendar"),
        NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day of the calendar"),
    );

    fn subjects(letters: &str) -> Vec<Hash16> {
        letters.bytes().map(|letter| Hash16::from([letter; 16])).collect()
    }

    /// Where these letters stand among the others.
    fn places(of: &str, among: &str) -> Vec<u32> {
        of.chars().map(|letter| u32::try_from(among.find(letter).unwrap()).unwrap()).collect()
    }

    /// A night of a robot that tried these, of whom the check could not be tried for some, and found something new about
    /// some.
    fn tried(letters: &str, untried: &str, newly: &str) -> RobotRecord {
        let check = CheckTrials {
            check: "nytt-fordon".into(),
            deviated: newly.len() as u64,
            undecided: untried.len() as u64,
            new: newly.len() as u64,
            untried: places(untried, letters),
            newly: places(newly, letters),
        };
        let trials = Trials { subjects: subjects(letters), checks: vec![check] };
        RobotRecord { trials, ..robot("fordonsinnehav", RobotStatus::Ran, &[]) }
    }

    fn record(ledger: &mut Ledger, day: u32, robots: Vec<RobotRecord>) {
        ledger.record(&some_night(day, robots)).unwrap();
        ledger.clear_publication().unwrap();
    }

    fn of_check(month: &RobotMonth) -> (u64, u64, u64) {
        (month.checks[0].tried, month.checks[0].new, month.checks[0].newly)
    }

    /// Night 3: a b c d are tried, the check for a b c; b is new. Night 4: b c d e, all; b is new again, and e.
    /// Night 5, of another month's eyes: never asked about. In all five are tried, and the check for all five.
    #[test]
    fn the_different_subjects_of_a_month_are_counted_once_each() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        record(&mut ledger, 3, vec![tried("abcd", "d", "b")]);
        let month = |ledger: &Ledger| ledger.robots_of_month(NOVEMBER).unwrap();
        assert_eq!(month(&ledger)[0].tried, 4);
        assert_eq!(of_check(&month(&ledger)[0]), (3, 1, 1));
        record(&mut ledger, 4, vec![tried("edcb", "", "be")]);
        let two_nights = month(&ledger);
        assert_eq!((two_nights[0].nights, two_nights[0].tried), (2, 5));
        assert_eq!(of_check(&two_nights[0]), (5, 3, 2));
        let first_night = ledger.robots_of_month((night(1), night(3))).unwrap();
        assert_eq!((first_night[0].nights, of_check(&first_night[0])), (1, (3, 1, 1)));
        assert!(ledger.robots_of_month((night(5), night(30))).unwrap().is_empty());
    }

    #[test]
    fn a_night_run_again_counts_as_it_came_out_last() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        record(&mut ledger, 3, vec![tried("abcd", "d", "b")]);
        record(&mut ledger, 4, vec![tried("bcde", "", "be")]);
        record(&mut ledger, 3, vec![tried("ax", "x", "")]);
        let month = ledger.robots_of_month(NOVEMBER).unwrap();
        assert_eq!((month[0].tried, of_check(&month[0])), (6, (5, 2, 2)), "a b c d e x, and the check not for x");
        record(
            &mut ledger,
            4,
            vec![robot("fordonsinnehav", RobotStatus::Failed { reason: "it panicked".into() }, &[])],
        );
        let month = ledger.robots_of_month(NOVEMBER).unwrap();
        assert_eq!((month[0].nights, month[0].tried, of_check(&month[0])), (1, 2, (1, 0, 0)));
    }

    #[test]
    fn what_waits_was_refused_or_taken_back_is_nothing_new_and_what_was_let_out_is() {
        let nights = |status: RobotStatus, then: &dyn Fn(&mut Ledger)| {
            let place = SomeLedger::new();
            let mut ledger = place.open();
            let robot = RobotRecord { robot: robot("fordonsinnehav", status, &[]).robot, ..tried("ab", "", "a") };
            record(&mut ledger, 3, vec![robot]);
            record(&mut ledger, 4, vec![tried("ab", "", "b")]);
            then(&mut ledger);
            of_check(&ledger.robots_of_month(NOVEMBER).unwrap()[0])
        };
        // They were tried all the same.
        assert_eq!(nights(RobotStatus::Held, &|_| {}), (2, 1, 1));
        assert_eq!(nights(RobotStatus::Held, &|ledger| decide(ledger, Verdict::Refused)), (2, 1, 1));
        assert_eq!(nights(RobotStatus::Held, &|ledger| decide(ledger, Verdict::Released)), (2, 2, 2));
        assert_eq!(nights(RobotStatus::Ran, &|_| {}), (2, 2, 2));
        assert_eq!(nights(RobotStatus::Ran, &take_back), (2, 1, 1));
    }

    fn at() -> DateTime<Utc> {
        moment(6, 9)
    }

    fn decide(ledger: &mut Ledger, verdict: Verdict) {
        let release = Release {
            robot: "fordonsinnehav".into(),
            night: night(3),
            verdict,
            files: [5; 32],
            role: "Enhetschef".into(),
            at: at(),
        };
        let publication = some_night(3, vec![]).publication;
        ledger.record_release(&ReleaseRecord { release, manifest: [6; 32], publication }).unwrap();
    }

    fn take_back(ledger: &mut Ledger) {
        let note =
            WrittenNote { robot: "fordonsinnehav".into(), version: "1.0.0".into(), night: night(3), case: "A1".into() };
        ledger.recall(&[note], at()).unwrap();
    }

    fn note(case: &str, unit: Option<&str>, sex: Option<Sex>) -> NoteRecord {
        let age_group = sex.map(|_| AgeGroup::From25);
        NoteRecord { case: case.into(), unit: unit.map(str::to_owned), applicant: Applicant { sex, age_group } }
    }

    #[test]
    fn notes_are_counted_by_unit_and_applicant_and_one_says_what_it_said() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let said = Standing { noted_night: Some(night(3)), ..some_finding("A1", 1) };
        let before = Standing { noted_night: Some(night(2)), check: "okant-fordon".into(), ..some_finding("A1", 2) };
        let (first, man) = (Some("Enhet 1"), Some(Sex::Man));
        let notes = vec![note("A1", first, man), note("A2", first, man), note("A3", None, None)];
        record(&mut ledger, 3, vec![RobotRecord { notes, ..robot("a", RobotStatus::Ran, &[said, before]) }]);
        record(
            &mut ledger,
            4,
            vec![RobotRecord { notes: vec![note("A4", first, man)], ..robot("a", RobotStatus::Held, &[]) }],
        );
        let counted = |ledger: &Ledger| {
            let groups = ledger.notes_by_applicant(NOVEMBER).unwrap();
            groups.into_iter().map(|group| (group.unit, group.applicant.sex, group.notes)).collect::<Vec<_>>()
        };
        assert_eq!(counted(&ledger), [(None, None, 1), (Some("Enhet 1".to_owned()), man, 2)], "not what is held");
        let one = ledger.noted_case("a", night(3), "A1").unwrap().unwrap();
        assert_eq!(
            (one.unit.as_deref(), one.applicant.sex, one.applicant.age_group),
            (first, man, Some(AgeGroup::From25))
        );
        assert_eq!(one.checks, ["nytt-fordon"], "not what an earlier note said");
        assert_eq!(ledger.noted_case("a", night(4), "A4").unwrap(), None);
        let taken_back = ledger.written_notes("a", (night(3), night(3)), None).unwrap();
        ledger.recall(&taken_back[..1], at()).unwrap();
        assert_eq!(counted(&ledger), [(None, None, 1), (Some("Enhet 1".to_owned()), man, 1)]);
    }

    #[test]
    fn what_stands_is_told_by_unit_and_what_was_drawn_by_reason() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let standing = |unit: Option<&str>, standing| UnitStanding {
            unit: unit.map(str::to_owned),
            check: "nytt-fordon".into(),
            standing,
        };
        let units = vec![standing(Some("Enhet 1"), 4), standing(None, 1)];
        let draws = [(1, "slump tackning"), (2, "slump"), (3, "riktat")];
        let draws = draws.map(|(subject, why)| (Hash16::from([subject; 16]), why.to_owned())).to_vec();
        record(&mut ledger, 3, vec![RobotRecord { units, draws, ..robot("a", RobotStatus::Ran, &[]) }]);
        let told = ledger.standing_by_unit(night(3)).unwrap();
        assert_eq!(told, [("a".to_owned(), standing(None, 1)), ("a".to_owned(), standing(Some("Enhet 1"), 4))]);
        assert!(ledger.standing_by_unit(night(4)).unwrap().is_empty());
        let reasons = [("riktat", 1), ("slump", 2), ("tackning", 1)].map(|(why, drawn)| (why.to_owned(), drawn));
        assert_eq!(ledger.draws_of_month("a", NOVEMBER).unwrap(), (3, reasons.into()));
    }
}
