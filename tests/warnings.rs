//! What `check` warns of though everything runs, and what a robot has declared that it does not depend on.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use common::{Exit, LittleNight};

const ROBOT: &str = "robots/hogkostnadsskydd/robot.toml";

fn with(from: &str, to: &str) -> LittleNight {
    LittleNight::of_nothing().with_its_own_robots().with_changed(ROBOT, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{from}");
        text.replace(from, to).into_bytes()
    })
}

#[test]
fn a_check_that_never_deviates_or_always_does_is_warned_of() {
    with("when = 'har_period and count(natt) > 0'", "when = 'har_period and count(natt) < 0'")
        .types(&["check"])
        .exits_with(Exit::Done)
        .says("warning: the check `frikort` can never deviate\n");
    with("when = 'har_period and count(natt) > 0'", "when = 'kostnadsslag != \"El\" or kostnadsslag != \"Hyra\"'")
        .types(&["check"])
        .exits_with(Exit::Done)
        .says("warning: the check `frikort` deviates whatever the extracts hold\n");
}

#[test]
fn a_test_for_null_of_what_is_never_null_is_warned_of() {
    with("when = 'har_period and count(natt) > 0'", "when = 'har_period and inkopsdatum != null and count(natt) > 0'")
        .types(&["check"])
        .exits_with(Exit::Done)
        .says("warning: this holds wherever it is known: it is never null here\n")
        .says("declare `empty = \"none\"` where empty is an answer");
}

#[test]
fn a_fact_that_nothing_uses_is_warned_of() {
    with("[facts]\n", "[facts]\noanvand = 'count(personens)'\n")
        .types(&["check"])
        .exits_with(Exit::Done)
        .says("warning: nothing uses the fact `oanvand`\n");
}

#[test]
fn a_subjects_condition_that_never_holds_is_warned_of() {
    with("kostnadsslag in (\"Läkemedel\", \"Öppenvård\") and", "kostnadsslag = \"El\" and kostnadsslag = \"Hyra\" and")
        .types(&["check"])
        .exits_with(Exit::Done)
        .says("warning: no row is ever a subject\n");
}

#[test]
fn a_robot_that_depends_on_what_it_declares_it_does_not_is_refused() {
    let declared = |field: &str| with("[subject]\n", &format!("independent_of = [\"{field}\"]\n\n[subject]\n"));
    declared("ansokningar.kanal").types(&["check"]).exits_with(Exit::Done);
    for field in [
        "hushall.roll.x",
        "ansokningar.kanl",
        // In a fact, in what it is found by, and through a field that is worked out from it.
        "kostnader.kostnadsslag",
        "ansokningar.inkom",
        "hushall.arendenummer",
        "kostnader.beviljat_belopp",
        "hushall.till_och_med",
    ] {
        let told = declared(field).types(&["check"]).exits_with(Exit::Refused);
        if field.ends_with('x') || field.ends_with("kanl") {
            told.says("is not a field of an extract");
        } else {
            told.says("error: the robot depends on what it declares that it does not\n").says(field);
        }
    }
}
