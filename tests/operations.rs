//! What those who look after the nights can ask: how things stand, whether anything is altered, and what to take back or
//! throw away.

#![allow(clippy::disallowed_methods, reason = "a test alters and removes what was delivered")]
#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use std::fs;

use common::{EARLIER, Exit, LittleNight, NIGHT, ROBOTS, assert_same, text};

const NOTES: &str = "out/2026-11-21/folkbokforing/anteckningar.jsonl";

fn both_nights() -> LittleNight {
    let little = LittleNight::of_the_fixtures();
    little.runs(EARLIER).exits_with(Exit::Done);
    little.runs(NIGHT).exits_with(Exit::Done);
    little
}

#[test]
fn nothing_is_altered_in_what_was_delivered() {
    let little = both_nights();
    let before = little.left();
    little.types(&["verify"]).exits_with(Exit::Done).prints("2 nights, 1").prints("nothing is altered or missing\n");
    little.types(&["-q", "verify", "--night", NIGHT]).exits_with(Exit::Done);
    assert_same(&before, &little.left());
}

#[test]
fn whatever_is_altered_or_missing_is_told() {
    let spoilt = |spoil: &dyn Fn(&LittleNight), told: &[&str]| {
        let little = both_nights();
        spoil(&little);
        let mut said = little.types(&["verify"]).exits_with(Exit::ATestFailed);
        for told in told {
            said = said.says(told);
        }
        let json = little.types(&["verify", "--json"]).exits_with(Exit::ATestFailed);
        let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert!(!json["problems"].as_array().unwrap().is_empty());
    };
    let alter = |file: &'static str, from: &'static str, to: &'static str| {
        move |little: &LittleNight| {
            let text = fs::read_to_string(little.path(file)).unwrap();
            assert!(text.contains(from));
            fs::write(little.path(file), text.replacen(from, to, 1)).unwrap();
        }
    };
    spoilt(
        &alter(NOTES, "\"case\":\"EB", "\"case\":\"EX"),
        &[
            "2026-11-21: `folkbokforing/anteckningar.jsonl` has been altered",
            "2026-11-21: the notes of `folkbokforing` are not those that the ledger knows",
        ],
    );
    spoilt(
        &alter("out/2026-11-20/manifest.json", "\"exit\": 0", "\"exit\": 3"),
        &["2026-11-20: `manifest.json` is not the one that the ledger knows"],
    );
    spoilt(
        &alter("out/2026-11-21/redovisning.csv", "folkbokforing;", "folkbokforning;"),
        &["the accounts of `folkbokforing` do not add up to its counts"],
    );
    spoilt(&|little| fs::remove_file(little.path(NOTES)).unwrap(), &["`folkbokforing/anteckningar.jsonl` is missing"]);
    spoilt(
        &|little| fs::remove_dir_all(little.path("out/2026-11-20")).unwrap(),
        &["2026-11-20: its folder is missing"],
    );
    spoilt(&|little| fs::write(little.path("out/2026-11-21/mer.txt"), "").unwrap(), &["`mer.txt` is not of the night"]);
    spoilt(
        &|little| fs::create_dir(little.path("out/2026-11-01")).unwrap(),
        &["2026-11-01: there is a folder, and the ledger does not know the night"],
    );
    spoilt(
        &alter("nights/2026-11-21/arenden.csv", "Pågående", "Avslutat"),
        &["the extract `2026-11-21/arenden.csv` is another now than the one that was run on"],
    );
}

#[test]
fn what_cannot_be_verified_is_told() {
    let little = LittleNight::of_the_fixtures();
    little.types(&["verify"]).exits_with(Exit::Refused).says("there is no ledger");
    little.told_by(little.program(&["run"]).env("NATTKOLL_TEST_HALT", "recorded")).stops_dead();
    little.types(&["verify"]).exits_with(Exit::ATestFailed).says("2026-11-21: waits to be put in place");
    little
        .types(&["verify", "--night", EARLIER])
        .exits_with(Exit::ATestFailed)
        .says("the ledger does not know the night");
}

#[test]
fn status_tells_how_things_stand_and_whether_the_nights_go_on() {
    let little = LittleNight::of_the_fixtures();
    little.types(&["status"]).exits_with(Exit::Done).prints("never");
    little.types(&["status", "--max-age", "26h"]).exits_with(Exit::ATestFailed).says("no night has been delivered");
    let little = little.without("nights/2026-11-20/af.csv");
    little.runs(EARLIER).exits_with(Exit::SomeRobotsDidNotRun);
    little.types(&["status", "--max-age", "26h"]).exits_with(Exit::Done).prints("2026-11-20").prints(
        "set aside: `arbetsformedlingen` on 2026-11-20: `af.csv` was not used: `2026-11-20/af.csv` is not there",
    );
    let told = little.types(&["-q", "status", "--max-age", "0s"]).exits_with(Exit::ATestFailed);
    assert_eq!(told.stdout, "");
    let json = little.types(&["status", "--json"]).exits_with(Exit::Done);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["runs"][0]["night"], EARLIER);
    assert_eq!(json["runs"][0]["exit"], 3);
    assert_eq!(json["robots"].as_array().unwrap().len(), ROBOTS.len());
    let is_one = |robot: &&serde_json::Value| robot["id"] == "folkbokforing" || robot["robot"] == "folkbokforing";
    let one = json["robots"].as_array().unwrap().iter().find(is_one).expect("it is there");
    assert!(one["open_findings"].as_u64().unwrap() > 10, "{json}");
}

#[test]
fn the_notes_of_a_wrong_robot_are_listed_and_taken_back_and_what_still_stands_is_said_anew() {
    let little = both_nights();
    let case =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["case"].as_str().unwrap().to_owned();
    let notes = |night: &str| {
        let delivered = little.delivered(night);
        text(&delivered, "folkbokforing/anteckningar.jsonl").lines().map(case).collect::<Vec<_>>()
    };
    let recall = ["recall", "folkbokforing", "--nights", "2026-11-20..2026-11-21"];
    let before = little.left();
    let shown = little.types(&[&recall[..], &["--dry-run"]].concat()).exits_with(Exit::Done);
    let expected: Vec<String> = [EARLIER, NIGHT]
        .iter()
        .flat_map(|night| notes(night).into_iter().map(move |case| format!("{night}/folkbokforing/{case}")))
        .collect();
    assert_eq!(shown.stdout.lines().collect::<Vec<_>>(), expected);
    assert_same(&before, &little.left());
    little
        .types(&["recall", "folkbokforing", "--nights", NIGHT, "--version", "9"])
        .exits_with(Exit::Done)
        .says("0 notes");

    little
        .types(&recall)
        .exits_with(Exit::Done)
        .says("hint: import `…/out/recalled/folkbokforing_2026-11-20_2026-11-21.jsonl`");
    let file = little.path("out/recalled/folkbokforing_2026-11-20_2026-11-21.jsonl");
    let corrections = fs::read_to_string(&file).unwrap();
    assert_eq!(corrections.lines().count(), expected.len());
    let first: serde_json::Value = serde_json::from_str(corrections.lines().next().unwrap()).unwrap();
    assert_eq!(first["corrects"], expected[0].as_str());
    assert_eq!(first["title"], "Rättelse");
    little.types(&recall).exits_with(Exit::Done);
    assert_eq!(fs::read_to_string(&file).unwrap(), corrections, "a second time gives the same bytes");

    little.follows(NIGHT, "2026-11-22").runs("2026-11-22").exits_with(Exit::Done);
    let anew = notes("2026-11-22");
    let again = notes(EARLIER).iter().filter(|case| anew.contains(case)).count();
    assert!(again > 10, "what still stands is said anew: {again} of {}", anew.len());
    let unasked = text(&little.delivered("2026-11-22"), "fordonsinnehav/anteckningar.jsonl").lines().count();
    assert!(unasked < text(&before, "2026-11-20/fordonsinnehav/anteckningar.jsonl").lines().count(), "and only by it");
    little.types(&["verify"]).exits_with(Exit::Done);
}

#[test]
fn a_purge_deletes_what_is_old_and_stops_no_second_note_from_being_stopped() {
    let (little, kept) = (both_nights(), both_nights());
    // Today is after the fixtures' nights, or long before them.
    let days = |from: &str| (chrono::Local::now().date_naive() - common::date(from)).num_days();
    if days(NIGHT) < 0 {
        return;
    }
    let older = format!("{}d", days(NIGHT));
    let before = little.left();
    little
        .types(&["purge", "--older-than", &older, "--dry-run"])
        .exits_with(Exit::Done)
        .prints("outputs before 2026-11-21: 1 folders would be deleted\n");
    assert_same(&before, &little.left());
    little.types(&["purge", "--older-than", &older]).exits_with(Exit::Done).prints("1 folders deleted");
    assert_eq!(little.names_in_output(), [NIGHT]);
    little.types(&["verify"]).exits_with(Exit::Done);
    little
        .runs(EARLIER)
        .exits_with(Exit::Refused)
        .says("cannot be run again: what was known of the nights before 2026-11-21 is purged");
    let night = little.delivered(NIGHT);
    little.runs(NIGHT).exits_with(Exit::Done);
    for robot in common::SAY_WHAT_IS_NEW {
        assert_same(&common::part(&night, robot), &common::part(&little.delivered(NIGHT), robot));
    }
    for little in [&little, &kept] {
        little.follows(NIGHT, "2026-11-22").runs("2026-11-22").exits_with(Exit::Done);
    }
    // Those that ask for earlier nights know of fewer.
    let (kept, purged) = (kept.delivered("2026-11-22"), little.delivered("2026-11-22"));
    for robot in common::SAY_WHAT_IS_NEW {
        assert_same(&common::part(&kept, robot), &common::part(&purged, robot));
    }
}
