//! Why a robot came to what it did, as `explain` tells it over the fixtures.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use std::collections::BTreeMap;

use common::{Exit, LittleNight, NIGHT, repository, rows};

fn explained(little: &LittleNight, arguments: &[&str]) -> String {
    let mut typed = vec!["explain"];
    typed.extend_from_slice(arguments);
    little.types(&typed).exits_with(Exit::Done).stdout
}

fn json(little: &LittleNight, arguments: &[&str]) -> serde_json::Value {
    let mut typed = arguments.to_vec();
    typed.push("--json");
    serde_json::from_str(&explained(little, &typed)).unwrap()
}

/// The facit's rows of one outcome, a few of each robot.
fn of_outcome(outcome: &str, every: usize) -> Vec<Vec<String>> {
    let facit = std::fs::read(repository("fixtures/facit").join(NIGHT).join("redovisning.csv")).unwrap();
    rows(&facit, b';').into_iter().filter(|row| row[3] == outcome).step_by(every).collect()
}

#[test]
fn a_deviation_is_told_with_what_decided_it_the_lines_and_the_parameters_source() {
    let little = LittleNight::of_the_fixtures();
    let told = explained(&little, &["hogkostnadsskydd", "K-105070", "--check", "over-taket"]);
    for line in [
        "hogkostnadsskydd · K-105070 (ärende EB21-0123): flagged",
        "summa (2 910) är större än tak (2 900)",
        "  Anteckning: Sökta kostnader för läkemedel överstiger högkostnadsskyddet med 10 kr.",
        "2026-11-21/kostnader.csv rad 1940, Kostnadsslag",
        "· Högkostnadsskyddets tak, kronor, efter inköpets dag [\"Läkemedel\" | < @\"2025-07-01\"], gäller från 2025-01-01: ",
    ] {
        assert!(told.contains(line), "`{line}` is not in\n{told}");
    }
    assert!(!told.contains("frikort\n"), "{told}");
}

#[test]
fn what_checks_share_is_drawn_once_what_they_require_is_called_so_and_what_has_no_sentence_has_no_line_for_one() {
    let little = LittleNight::of_the_fixtures();
    little.runs(NIGHT).exits_with(Exit::Done);
    let told = explained(&little, &["beslutsstod", "A26-5217"]);
    let required: Vec<&str> = told.lines().filter(|line| line.contains("kräver: every m in medlemmar")).collect();
    assert!(required.len() > 5, "{told}");
    assert!(!required[0].ends_with("(som ovan)"), "{told}");
    assert!(required[1..].iter().all(|line| line.ends_with("   (som ovan)")), "{told}");
    assert!(!told.contains("Anteckning: \n"), "{told}");
    // As JSON each check stands alone.
    let json = json(&little, &["beslutsstod", "A26-5217"]);
    let checks = json[0]["checks"].as_array().unwrap();
    let of_check = |check: &serde_json::Value| check["trees"][0].to_string().matches("\"required\":true").count();
    assert!(checks.iter().filter(|check| of_check(check) > 0).count() > 5);
}

#[test]
fn what_the_night_delivered_is_told_where_it_comes_to_something_else_now() {
    let little = LittleNight::of_the_fixtures().with_its_own_robots();
    little.runs(NIGHT).exits_with(Exit::Done);
    let told = |little: &LittleNight, subject: &str| explained(little, &["fordonsinnehav", subject]);
    assert!(!told(&little, "EB23-0348/2").contains("Natten redovisade"));
    let robot = "robots/fordonsinnehav/robot.toml";
    let little = little.with_replaced(robot, "raknade > arenden.kanda_fordon", "raknade > arenden.kanda_fordon + 5");
    let changed = told(&little, "EB23-0348/2");
    assert!(changed.starts_with("fordonsinnehav · EB23-0348/2 (ärende EB23-0348): clear\nNatten redovisade något annat: flagged okant-fordon. "), "{changed}");
    assert_eq!(json(&little, &["fordonsinnehav", "EB23-0348/2"])[0]["delivered"], "flagged okant-fordon");
    // One that nothing has changed for says nothing.
    let other = of_outcome("clear", 1).into_iter().find(|row| row[0] == "fordonsinnehav").unwrap();
    assert!(!told(&little, &other[1]).contains("Natten redovisade"));
}

#[test]
fn a_draw_is_told_with_the_lot_the_share_that_it_is_held_against_and_what_it_was_drawn_from() {
    let little = LittleNight::of_the_fixtures();
    // Before a night has been run there is no key.
    let told = explained(&little, &["stickprov", "A26-5283", "--check", "slump"]);
    let no_key = "  Kunde inte prövas: det finns ingen nyckel att dra med; den görs när den första natten körs.\n";
    assert!(told.contains(no_key), "{told}");
    little.types(&["run", "stickprov", "--night", NIGHT]).exits_with(Exit::Done);
    let accounts = rows(&little.delivered(NIGHT)["redovisning.csv"], b';');
    let is_by_lot = |row: &&Vec<String>| row[4].split(' ').any(|id| id == "slump");
    let drawn = accounts.iter().find(is_by_lot).unwrap();
    let not_drawn = accounts.iter().find(|row| row[3] == "clear").unwrap();
    for (row, is) in [(drawn, "är"), (not_drawn, "är inte")] {
        let again = little.types(&["sample", "draw", "stickprov", &row[1], "--night", NIGHT]).exits_with(Exit::Done);
        let lot = again.stdout.split_once("lot       ").unwrap().1.split(' ').next().unwrap().to_owned();
        let told = explained(&little, &["stickprov", &row[1], "--check", "slump"]);
        let (because, line) = (
            format!("(lotten {lot} {is} under 50000000, 5 %).\n"),
            format!(
                "· lotten {lot} av 1000000000; under 50000000 dras, 5 %; ur nattens nyckel och lot, stickprov, {NIGHT}, {}\n",
                row[1]
            ),
        );
        assert!(told.contains(&because) && told.contains(&line), "{because}{line}is not in\n{told}");
    }
    // The waiting time of the coverage is drawn too.
    let told = explained(&little, &["stickprov", &not_drawn[1], "--check", "tackning"]);
    let from = format!(" av 331, ur nattens nyckel och wait, stickprov, {}, 2026-11-20\n", not_drawn[2]);
    assert!(told.contains("· talet ") && told.contains(&from), "{told}");
    let json = json(&little, &["stickprov", &not_drawn[1]]);
    let texts = serde_json::json!(["lot", "stickprov", NIGHT, not_drawn[1]]);
    assert!(json[0]["facts"].as_array().unwrap().iter().any(|fact| fact[1]["draw"]["texts"] == texts), "{json}");
}

#[test]
fn what_another_robot_came_to_is_named_by_the_robot_and_the_check_and_by_no_line() {
    let little = LittleNight::of_the_fixtures();
    little.runs(NIGHT).exits_with(Exit::Done);
    let told = explained(&little, &["beslutsstod", "A26-5283", "--check", "stickprov"]);
    assert!(told.starts_with("beslutsstod · A26-5283 (ärende EB21-1594): flagged\nAvvikelser: stickprov\n"), "{told}");
    // Only the facts that the check rests on.
    assert!(!told.contains("\n  norm = "), "{told}");
    assert!(told.contains("robotarnas avvikelser i natt: stickprov · A26-5283 · "), "{told}");
    assert!(!told.contains("i natt rad "), "{told}");
}

#[test]
fn what_could_not_be_tried_is_told_with_the_field_the_extract_and_the_row() {
    let little = LittleNight::of_the_fixtures();
    let told = explained(&little, &["hogkostnadsskydd", "K-105290", "--check", "frikort"]);
    assert!(told.contains("Kunde inte prövas: Inköpsdatum går inte att läsa (kostnader.csv rad 687)."), "{told}");
}

#[test]
fn verdicts_are_those_of_the_night() {
    let little = LittleNight::of_the_fixtures();
    // The ledger has the key that samples are drawn with.
    little.runs(NIGHT).exits_with(Exit::Done);
    for (outcome, every) in [("flagged", 40), ("undecided", 23), ("clear", 300)] {
        for row in of_outcome(outcome, every) {
            let [robot, subject, case, _, checks] = <[String; 5]>::try_from(row).unwrap();
            let found = json(&little, &[&robot, &subject]);
            let [one] = found.as_array().unwrap().as_slice() else { panic!("{robot} {subject}: {found}") };
            assert_eq!(
                (&one["subject"], &one["case"], &one["outcome"]),
                (&subject.into(), &case.into(), &outcome.into())
            );
            assert_eq!(one.get("delivered"), None, "{robot} {one}");
            // Of a protected household nothing is told, also where nothing deviates.
            if one["protected"] == true && outcome == "clear" {
                continue;
            }
            let mut verdicts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for check in one["checks"].as_array().unwrap() {
                if check["informs"] == false {
                    verdicts.entry(check["verdict"].as_str().unwrap()).or_default().push(check["id"].as_str().unwrap());
                }
                assert!(!check["because"].as_str().unwrap().is_empty(), "{robot} {check}");
            }
            let told = match outcome {
                "flagged" => verdicts.get("deviation"),
                "undecided" => verdicts.get("undecided"),
                _ => None,
            };
            assert_eq!(told.cloned().unwrap_or_default().join(" "), checks, "{robot} {one}");
        }
    }
}

#[test]
fn of_a_protected_household_nothing_is_shown_unless_it_is_asked_for_as_such() {
    let little = LittleNight::of_the_fixtures();
    for row in of_outcome("protected", 5) {
        let (robot, subject) = (row[0].as_str(), row[1].as_str());
        let told = explained(&little, &[robot, subject]);
        assert_eq!(told.lines().count(), 2, "{told}");
        assert!(told.contains("Hushållet är skyddat."), "{told}");
        let found = json(&little, &[robot, subject]);
        let keys: Vec<&String> = found[0].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["case", "outcome", "protected", "robot", "subject"]);
        // Asked for as such, it is whole, persons' numbers too.
        let whole = little.types(&["explain", robot, subject, "--restricted", "--json"]).stdout;
        let whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
        assert!(!whole[0]["checks"].as_array().unwrap().is_empty());
    }
}

#[test]
fn one_protected_subject_closes_its_case_as_it_does_in_the_accounts() {
    let little = LittleNight::of_the_fixtures();
    // The cost of one whose row cannot be read is protected, and so is the other in the same case.
    for subject in ["K-105251", "EB22-0654"] {
        let told = explained(&little, &["hogkostnadsskydd", subject]);
        assert!(told.contains("K-105251 (ärende EB22-0654): protected"), "{told}");
        assert!(!told.contains("rad "), "{told}");
    }
}

#[test]
fn a_cost_that_is_not_new_is_told_to_be_no_subject_and_why() {
    let little = LittleNight::of_the_fixtures();
    let told = explained(&little, &["hogkostnadsskydd", "K-102750"]);
    assert!(told.starts_with("hogkostnadsskydd · K-102750 (ärende "), "{told}");
    assert!(told.contains("  Ingår inte: "), "{told}");
}

#[test]
fn what_the_robot_passes_over_is_told_why() {
    let little = LittleNight::of_the_fixtures();
    let arenden = std::fs::read(repository("fixtures/nights").join(NIGHT).join("arenden.csv")).unwrap();
    let ended = rows(&arenden, b';').into_iter().find(|row| row[3].trim() == "Avslutat").unwrap();
    let told = explained(&little, &["folkbokforing", ended[0].trim()]);
    assert!(told.contains(": not a subject\n"), "{told}");
    assert!(told.contains("  Ingår inte: status (\"Avslutat\") är inte lika med \"Pågående\"."), "{told}");
}

#[test]
fn what_is_not_there_is_refused_with_where_to_look() {
    let little = LittleNight::of_the_fixtures();
    little
        .types(&["explain", "folkbokforing", "EB99-9999"])
        .exits_with(Exit::Refused)
        .says("error: `folkbokforing` comes upon no `EB99-9999` in the night 2026-11-21\n")
        .says("redovisning.csv");
    little
        .types(&["explain", "folkbokforing", "EB21-0123", "--check", "fler"])
        .exits_with(Exit::Refused)
        .says("error: `folkbokforing` has no check `fler`\nhint: its checks are adress-andrad, ");
    little
        .types(&["explain", "folkbokforin", "EB21-0123"])
        .exits_with(Exit::Refused)
        .says("did you mean `folkbokforing`?");
}
