//! What the fixtures' two nights come to when there have been earlier ones, and that every check is met by some night.
//!
//! `fixtures/earlier/` is three nights in October with few cases. Three robots check their applications, and thirty days
//! later `kontrollbesked` tells those who were checked. What is kept in `fixtures/expected/with-earlier/` is the engine's
//! own output and is written anew as `fixtures` tells; `fixtures/facit/with-earlier/` never is.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::sync::OnceLock;

use common::{
    EARLIER, Exit, LittleNight, NIGHT, ROBOTS, Tree, assert_same, checks_of, is_expected_to_be_renewed, part, renew,
    repository, rows, text, tree, undisturbed,
};

/// The nights in October; the last of them is 29 days before [`NIGHT`].
const IN_OCTOBER: [&str; 3] = ["2026-10-20", "2026-10-22", "2026-10-23"];

/// The robots whose extracts there are for those nights: those whose checks somebody is told of, and those that they ask.
const RUN_IN_OCTOBER: [&str; 6] =
    ["anvisning", "beslutsstod", "hogkostnadsskydd", "kontrollbesked", "nyansokan", "stickprov"];

/// The robots that draw: that each of their reasons is met cannot be asked, only that somebody is drawn.
const DRAWS: &str = "stickprov";

/// What all five nights left, by night. The ledger begins with the first.
fn with_earlier() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let little = LittleNight::of_the_fixtures_with_earlier();
        for night in IN_OCTOBER {
            let run = ["run", "--night", night];
            little.types(&[&run[..], &RUN_IN_OCTOBER].concat()).exits_with(Exit::Done);
        }
        little.runs(EARLIER).exits_with(Exit::Done);
        little.runs(NIGHT).exits_with(Exit::Done);
        little.outputs()
    })
}

/// October whole but for its manifests, which say with which definitions it was run, as that of the first run does; of the
/// two nights what a first run of them has nothing of.
#[test]
fn the_whole_output_of_earlier_nights_and_what_they_lead_to_is_the_expected_byte_for_byte() {
    let found = with_earlier();
    let mut of_interest: Tree = IN_OCTOBER.into_iter().flat_map(|night| part(found, night)).collect();
    for night in [EARLIER, NIGHT] {
        for robot in ["kontrollbesked", "stickprov"] {
            of_interest.extend(part(found, &format!("{night}/{robot}")));
        }
    }
    of_interest.retain(|path, _| !path.ends_with("/manifest.json"));
    let kept = repository("fixtures/expected/with-earlier");
    if is_expected_to_be_renewed() {
        renew(&kept, &of_interest);
    }
    assert_same(&tree(&kept), &of_interest);
}

#[test]
fn those_are_told_of_a_check_whom_the_facit_says_and_of_those_checks() {
    let facit = |file: &str| rows(&fs::read(repository("fixtures/facit/with-earlier").join(file)).unwrap(), b';');
    let (mut outcomes, mut letters) = (Vec::new(), Vec::new());
    for night in [EARLIER, NIGHT] {
        let accounts = rows(&with_earlier()[&format!("{night}/redovisning.csv")], b';').into_iter();
        let of_robot = accounts.filter(|row| row[0] == "kontrollbesked");
        outcomes.extend(of_robot.map(|row| vec![night.to_owned(), row[2].clone(), row[3].clone()]));
        let sent = rows(&with_earlier()[&format!("{night}/kontrollbesked/besked.csv")], b';').into_iter();
        letters.extend(sent.map(|row| [&[night.to_owned()], &row[..4]].concat()));
    }
    assert_eq!(facit("kontrollbesked.csv"), outcomes);
    assert_eq!(facit("besked.csv"), letters);
    for outcome in ["clear", "flagged", "undecided", "protected"] {
        assert!(outcomes.iter().any(|row| row[2] == outcome), "no case is {outcome}");
    }
}

#[test]
fn a_check_of_less_than_thirty_days_ago_is_not_told_and_one_that_has_been_told_is_not_told_again() {
    let of_night = |night: &str| {
        let accounts = rows(&with_earlier()[&format!("{night}/redovisning.csv")], b';').into_iter();
        accounts.filter(|row| row[0] == "kontrollbesked" && row[3] == "flagged").map(|row| row[2].clone()).collect()
    };
    let told: [BTreeSet<String>; 2] = [EARLIER, NIGHT].map(of_night);
    assert_eq!(told[0].intersection(&told[1]).count(), 0, "nobody is told twice");
    let checked_on = |night: &str| -> BTreeSet<String> {
        let accounts = rows(&with_earlier()[&format!("{night}/redovisning.csv")], b';').into_iter();
        let checks = accounts.filter(|row| row[0] == "beslutsstod" || row[0] == "nyansokan");
        checks.map(|row| row[2].clone()).collect()
    };
    let [first, second, last] = IN_OCTOBER.map(checked_on);
    assert!(told[0].is_subset(&first), "only the first is 30 days before {EARLIER}");
    assert!(!told[1].is_disjoint(&second), "the second is 30 days before {NIGHT}");
    assert!(last.len() >= 3 && told.iter().all(|told| told.is_disjoint(&last)), "the last is 29 days before it");
}

#[test]
fn every_check_of_every_robot_deviates_somewhere() {
    let mut met = BTreeSet::new();
    for night in [undisturbed(), &of_last_night()] {
        met.extend(deviations_in(night));
    }
    let mut unmet = Vec::new();
    for robot in ROBOTS.into_iter().filter(|robot| *robot != DRAWS) {
        let checks = checks_of(robot).iter().filter(|check| !met.contains(&(robot.to_owned(), (*check).clone())));
        unmet.extend(checks.map(|check| format!("{robot} {check}")));
    }
    if !met.iter().any(|(robot, _)| robot == DRAWS) {
        unmet.push(format!("{DRAWS} draws nobody"));
    }
    assert!(unmet.is_empty(), "these deviate nowhere in the fixtures: {}", unmet.join(", "));
}

/// What [`NIGHT`] left after the earlier ones.
fn of_last_night() -> Tree {
    let of_night = part(with_earlier(), NIGHT).into_iter();
    of_night.map(|(path, bytes)| (path[NIGHT.len() + 1..].to_owned(), bytes)).collect()
}

/// Each robot and check that some subject of a night deviates from. A check that only informs is in no account; what it
/// says stands in a note.
fn deviations_in(night: &Tree) -> BTreeSet<(String, String)> {
    let mut met = BTreeSet::new();
    for row in rows(&night["redovisning.csv"], b';').into_iter().filter(|row| row[3] == "flagged") {
        met.extend(row[4].split(' ').map(|check| (row[0].clone(), check.to_owned())));
    }
    for robot in ROBOTS {
        for note in text(night, &format!("{robot}/anteckningar.jsonl")).lines() {
            let note: serde_json::Value = serde_json::from_str(note).unwrap();
            let checks = note["checks"].as_array().unwrap().iter();
            met.extend(checks.map(|check| (robot.to_owned(), check.as_str().unwrap().to_owned())));
        }
    }
    met
}
