//! What the ledger keeps of the nights for those who follow the months up (PDD 12), over nights that are small enough to be
//! counted by hand.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]
#![allow(clippy::disallowed_methods, reason = "a test looks into the ledger's file")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use nattkoll::ledger::{AgeGroup, GroupValue, Ledger, NightFigures, RobotMonth, Sex};

use common::{EARLIER, Exit, LittleNight, NIGHT, date, repository, rows};

const ARENDEN: &str = r#"
id         = "arenden"
encoding   = "utf-8"
delimiter  = ";"
key        = ["arendenummer"]
protection = 'skyddad'

[fields]
arendenummer = { header = "Ärendenummer", type = "text" }
enhet        = { header = "Enhet", type = "text", code = true }
sokande      = { header = "Sökande", type = "person" }
belopp       = { header = "Belopp", type = "integer" }
skyddad      = { header = "Skyddad", type = "boolean" }

[keep]
by      = ["enhet"]
figures = ["belopp"]
"#;

const KOSTNADER: &str = r#"
id        = "kostnader"
encoding  = "utf-8"
delimiter = ";"
key       = ["kostnad"]

[fields]
kostnad      = { header = "Kostnad", type = "text" }
arendenummer = { header = "Ärendenummer", type = "text" }
slag         = { header = "Slag", type = "text", values = ["El", "Hyra"] }
period       = { header = "Period", type = "month" }
sokt         = { header = "Sökt", type = "amount" }
"#;

/// A kind of cost of one case in one period; it is over where it comes to more than a hundred.
const SLAGEN: &str = r#"
id    = "slagen"
from  = "kostnader"
group = ["arendenummer", "slag", "period"]

[fields]
sokt = { is = 'sum(rows.sokt)' }
over = { is = 'sokt > 100' }

[keep]
where   = 'period >= month of(@"2026-10-01")'
by      = ["slag", "period"]
figures = ["sokt", "over"]
"#;

const GRANSKNING: &str = r#"
id      = "granskning"
title   = "Granskning"
version = "1.0.0"
purpose = "Hitta höga belopp."
owner   = "Test"
note    = { title = "Granskning" }

[subject]
each   = "arenden"
case   = "arendenummer"
unit   = "enhet"
person = "sokande"

[[check]]
id   = "hog"
when = 'belopp > 100'
says = "Beloppet är {belopp}."

[[check]]
id   = "annan-enhet"
when = 'enhet = "Enhet 9"'
says = "Ärendet hör till enhet 9."
"#;

/// In one order of two rules: the second is not asked where the first applies.
const REGLER: &str = r#"
id         = "regler"
title      = "Regler"
version    = "1.0.0"
purpose    = "Pröva reglerna i ordning."
owner      = "Test"
subject    = { each = "arenden", case = "arendenummer" }
note       = { title = "Regler" }
checks     = { hit_policy = "first" }

[[check]]
id   = "forst"
when = 'belopp > 100'
says = "Den första regeln."

[[check]]
id   = "sedan"
when = 'belopp > 50'
says = "Den andra regeln."
"#;

const FIRST: &str = "2026-11-20";
const SECOND: &str = "2026-11-21";

const ARENDEN_FIRST: &str = "\
Ärendenummer;Enhet;Sökande;Belopp;Skyddad
A1;Enhet 1;196001062626;200;N
A2;Enhet 1;196001189114;50;N
A3;Enhet 2;196001209136;;N
A4;Enhet 2;196001282570;200;J
";

/// A1 is gone, A2 has grown, A3 can be read, A5 is new and has a number in the place of a unit.
const ARENDEN_SECOND: &str = "\
Ärendenummer;Enhet;Sökande;Belopp;Skyddad
A2;Enhet 1;196001189114;300;N
A3;Enhet 2;196001209136;60;N
A4;Enhet 2;196001282570;200;J
A5;196001252532;196001252532;10;N
";

/// A1's are over together; A3's is of no known period, A4's of no known amount, and one is of a period before those kept.
const KOSTNADER_FIRST: &str = "\
Kostnad;Ärendenummer;Slag;Period;Sökt
K1;A1;El;2026-11;100,50
K2;A1;El;2026-11;50
K3;A2;El;2026-11;30
K4;A2;Hyra;2026-10;5000
K5;A3;El;;10
K6;A4;Hyra;2026-11;många
K7;A1;El;2026-09;70
";

fn two_nights() -> LittleNight {
    let little = LittleNight::of_definitions();
    for (extract, text) in [("arenden", ARENDEN), ("kostnader", KOSTNADER), ("slagen", SLAGEN)] {
        little.lay(&format!("robots/extracts/{extract}.toml"), text.as_bytes());
    }
    little.lay("robots/granskning/robot.toml", GRANSKNING.as_bytes());
    little.lay("robots/regler/robot.toml", REGLER.as_bytes());
    for (night, arenden) in [(FIRST, ARENDEN_FIRST), (SECOND, ARENDEN_SECOND)] {
        little.lay(&format!("nights/{night}/arenden.csv"), arenden.as_bytes());
        little.lay(&format!("nights/{night}/kostnader.csv"), KOSTNADER_FIRST.as_bytes());
    }
    little
}

fn ledger(little: &LittleNight) -> Ledger {
    Ledger::open_read_only(&little.path("state/nattkoll.db")).unwrap().unwrap()
}

/// Each check with how many different subjects it was tried for, how many deviations were new, and in how many subjects.
fn november(little: &LittleNight, robot: &str) -> (u64, Vec<(String, u64, u64, u64)>) {
    let months = ledger(little).robots_of_month((date("2026-11-01"), date("2026-11-30"))).unwrap();
    let month: RobotMonth = months.into_iter().find(|month| month.robot == robot).unwrap();
    (month.tried, month.checks.into_iter().map(|check| (check.check, check.tried, check.new, check.newly)).collect())
}

fn checks(told: &[(&str, u64, u64, u64)]) -> Vec<(String, u64, u64, u64)> {
    told.iter().map(|(check, tried, new, newly)| ((*check).to_owned(), *tried, *new, *newly)).collect()
}

/// The groups of a night, each with its rows, those that may be more, and its figures: the known sum, and in how many rows
/// it is not known.
fn groups(figures: &NightFigures) -> Vec<(String, u64, u64, Vec<String>)> {
    let word = |value: &GroupValue| match value {
        GroupValue::Is(value) => value.clone(),
        GroupValue::None => "none".to_owned(),
        GroupValue::Unknown => "?".to_owned(),
    };
    let told = figures.groups.as_ref().unwrap().iter().map(|group| {
        let of = group.of.iter().map(word).collect::<Vec<_>>().join(" ");
        let figure = |(name, figure): &(String, nattkoll::ledger::Figure)| {
            format!("{name} {}{}", figure.of_known, "?".repeat(usize::try_from(figure.unknown).unwrap()))
        };
        (of, group.rows, group.doubtful, group.figures.iter().map(figure).collect())
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

fn group(of: &str, rows: u64, figures: &[&str]) -> (String, u64, u64, Vec<String>) {
    (of.to_owned(), rows, 0, figures.iter().map(|figure| (*figure).to_owned()).collect())
}

#[test]
fn different_subjects_are_counted_once_a_month_and_a_night_run_again_as_it_came_out_last() {
    let little = two_nights();
    little.runs(FIRST).exits_with(Exit::Done);
    // A3's amount is not known: no check but the one that asks its unit is tried for it.
    assert_eq!(november(&little, "granskning"), (4, checks(&[("annan-enhet", 4, 0, 0), ("hog", 3, 2, 2)])));
    // A1 and A4 stop at the first rule, and A3 is tried for neither.
    assert_eq!(november(&little, "regler"), (3, checks(&[("forst", 3, 2, 2), ("sedan", 1, 0, 0)])));
    little.runs(SECOND).exits_with(Exit::Done);
    // A2 deviates for the first time, A4 still does and is not new.
    assert_eq!(november(&little, "granskning"), (5, checks(&[("annan-enhet", 5, 0, 0), ("hog", 5, 3, 3)])));
    assert_eq!(november(&little, "regler"), (5, checks(&[("forst", 5, 3, 3), ("sedan", 3, 1, 1)])));
    let again = ARENDEN_SECOND.replace("A5;", "A6;").replace("A3;Enhet 2;196001209136;60;N\n", "");
    little.lay(&format!("nights/{SECOND}/arenden.csv"), again.as_bytes());
    little.runs(SECOND).exits_with(Exit::Done);
    assert_eq!(november(&little, "granskning"), (5, checks(&[("annan-enhet", 5, 0, 0), ("hog", 4, 3, 3)])));
    little.types(&["verify"]).exits_with(Exit::Done);
}

#[test]
fn what_stands_is_counted_by_unit_and_a_note_tells_whom_it_is_about() {
    let little = two_nights();
    for night in [FIRST, SECOND] {
        little.runs(night).exits_with(Exit::Done);
    }
    let ledger = ledger(&little);
    let standing = |night: &str| {
        let standing = ledger.standing_by_unit(date(night)).unwrap();
        let of_robot = standing.into_iter().filter(|(robot, _)| robot == "granskning");
        of_robot.map(|(_, of_unit)| (of_unit.unit, of_unit.check, of_unit.standing)).collect::<Vec<_>>()
    };
    let hog = |unit: Option<&str>| (unit.map(str::to_owned), "hog".to_owned(), 1);
    assert_eq!(standing(FIRST), [hog(None), hog(Some("Enhet 1"))], "the protected household stands in no unit");
    assert_eq!(standing(SECOND), [hog(None), hog(Some("Enhet 1"))]);
    let about = |night: &str, case: &str| {
        let noted = ledger.noted_case("granskning", date(night), case).unwrap().unwrap();
        (noted.unit, noted.applicant.sex, noted.applicant.age_group, noted.checks)
    };
    let old = Some(AgeGroup::From65);
    let unit = || Some("Enhet 1".to_owned());
    assert_eq!(about(FIRST, "A1"), (unit(), Some(Sex::Woman), old, vec!["hog".to_owned()]));
    assert_eq!(about(SECOND, "A2"), (unit(), Some(Sex::Man), old, vec!["hog".to_owned()]));
    assert_eq!(about(FIRST, "A4"), (None, None, None, vec!["hog".to_owned()]), "a protected household");
    let groups = ledger.notes_by_applicant((date(FIRST), date(SECOND))).unwrap();
    let of_robot: Vec<u64> =
        groups.iter().filter(|group| group.robot == "granskning").map(|group| group.notes).collect();
    assert_eq!(of_robot, [1, 1, 1]);
}

#[test]
fn sums_are_kept_with_what_is_not_known_of_them() {
    let little = two_nights();
    little.runs(FIRST).exits_with(Exit::Done);
    let ledger = ledger(&little);
    let costs = ledger.figures("slagen", date(FIRST)).unwrap().unwrap();
    assert_eq!(costs.by, ["slag", "period"]);
    assert_eq!(
        groups(&costs),
        [
            group("El 2026-11", 2, &["over 1", "sokt 180.5"]),
            group("Hyra 2026-10", 1, &["over 1", "sokt 5000"]),
            group("Hyra 2026-11", 1, &["over 0?", "sokt 0?"]),
        ]
    );
    assert_eq!(costs.rejected, 1, "K5 may be of any period");
    assert_eq!(costs.may_lack(&[GroupValue::Is("El".into()), GroupValue::Is("2026-11".into())]), 1);
    let cases = ledger.figures("arenden", date(FIRST)).unwrap().unwrap();
    assert_eq!(groups(&cases), [group("Enhet 1", 2, &["belopp 250"]), group("Enhet 2", 2, &["belopp 200?"])]);
}

#[test]
fn a_number_in_the_place_of_a_unit_is_not_kept() {
    let little = two_nights();
    for night in [FIRST, SECOND] {
        little.runs(night).exits_with(Exit::Done);
    }
    let cases = ledger(&little).figures("arenden", date(SECOND)).unwrap().unwrap();
    assert_eq!(groups(&cases)[0], group("?", 1, &["belopp 10"]), "the amount may be of either unit");
    assert_eq!(cases.may_lack(&[GroupValue::Is("Enhet 1".into())]), 1);
    let file = fs::read(little.path("state/nattkoll.db")).unwrap();
    let text = String::from_utf8_lossy(&file);
    assert!(text.contains("Enhet 1"), "the search finds what is there");
    assert!(!text.contains("196001"), "no person's number is in the ledger");
}

#[test]
fn an_extract_that_is_missing_is_told_and_keeps_no_robot_from_running() {
    let little = two_nights();
    little.runs(FIRST).exits_with(Exit::Done);
    fs::remove_file(little.path(&format!("nights/{SECOND}/kostnader.csv"))).unwrap();
    let told = little.runs(SECOND).exits_with(Exit::Done);
    told.says("nothing new is kept of `slagen` for the month's figures: `kostnader.csv` was not used: ");
    let ledger = ledger(&little);
    let nothing = ledger.figures("slagen", date(SECOND)).unwrap().unwrap();
    assert!(nothing.groups.unwrap_err().contains("`2026-11-21/kostnader.csv` is not there"));
    let month = (date("2026-11-01"), date("2026-11-30"));
    assert_eq!(ledger.last_figures("slagen", month).unwrap().unwrap().0, date(FIRST));
    assert_eq!(ledger.nights_without_figures(month).unwrap().len(), 1);
    assert!(ledger.figures("arenden", date(SECOND)).unwrap().unwrap().groups.is_ok());
}

#[test]
fn a_guard_that_stops_an_extract_stops_its_figures_and_a_night_run_again_has_new_ones() {
    let little = two_nights();
    let broken = KOSTNADER_FIRST.replace("K2;A1;El;2026-11;50\n", "K2;A1\nK8\nK9\nK10\nK11\n");
    little.lay(&format!("nights/{FIRST}/kostnader.csv"), broken.as_bytes());
    little.runs(FIRST).exits_with(Exit::Done).says("nothing new is kept of `slagen`").says("rows cannot be read");
    assert!(ledger(&little).figures("slagen", date(FIRST)).unwrap().unwrap().groups.is_err());
    little.lay(&format!("nights/{FIRST}/kostnader.csv"), KOSTNADER_FIRST.as_bytes());
    little.runs(FIRST).exits_with(Exit::Done).does_not_say("nothing new is kept");
    let kept = ledger(&little).figures("slagen", date(FIRST)).unwrap();
    assert_eq!(groups(kept.as_ref().unwrap()).len(), 3);
    // Neither a run of one robot nor one that only shows reads the file, or changes what is kept of it.
    fs::remove_file(little.path(&format!("nights/{FIRST}/kostnader.csv"))).unwrap();
    for arguments in [&["run", "--night", FIRST, "granskning"][..], &["run", "--night", FIRST, "--dry-run"]] {
        little.types(arguments).exits_with(Exit::Done).does_not_say("kostnader.csv");
        assert_eq!(ledger(&little).figures("slagen", date(FIRST)).unwrap(), kept);
    }
    // A whole night that can no longer work it out says so, and what was known stands: it cannot be had back.
    little.runs(FIRST).exits_with(Exit::Done).says("nothing new is kept of `slagen`");
    assert_eq!(ledger(&little).figures("slagen", date(FIRST)).unwrap(), kept);
}

/// The fixtures' ongoing cases by unit, counted once more from their file.
#[test]
fn the_fixtures_ongoing_cases_are_counted_by_unit() {
    let little = LittleNight::of_the_fixtures();
    for night in [EARLIER, NIGHT] {
        little.runs(night).exits_with(Exit::Done);
    }
    let file = fs::read(repository(&format!("fixtures/nights/{NIGHT}/arenden.csv"))).unwrap();
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    // The number, Enhet and Status are the first, second and fourth column. A row of another number of columns is rejected,
    // and so is one with the number of an earlier.
    for row in rows(&file, b';').into_iter().filter(|row| row.len() == 11) {
        if seen.insert(row[0].trim().to_owned()) && row[3].trim() == "Pågående" {
            *counted.entry(row[1].trim().to_owned()).or_default() += 1;
        }
    }
    let kept = ledger(&little).figures("arenden", date(NIGHT)).unwrap().unwrap();
    let kept_groups = kept.groups.as_ref().unwrap();
    let of_unit: BTreeMap<String, u64> = kept_groups
        .iter()
        .filter_map(|group| match &group.of[0] {
            GroupValue::Is(unit) => Some((unit.clone(), group.rows)),
            GroupValue::None | GroupValue::Unknown => None,
        })
        .collect();
    counted.remove("");
    assert_eq!(of_unit, counted);
    let controlled: u32 = kept_groups.iter().map(|group| u32::try_from(group.figures[0].1.of_known).unwrap()).sum();
    assert!(controlled > 0, "the night before found something, which is an in-depth control");
    let costs = ledger(&little).figures("kostnadsslagen", date(NIGHT)).unwrap().unwrap();
    assert!(!costs.groups.unwrap().is_empty());
}
