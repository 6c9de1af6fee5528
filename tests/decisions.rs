//! In production a robot runs by a recorded decision about exactly what it means.

mod common;

use common::{EARLIER, Exit, LittleNight, NIGHT, ROBOTS, Told, undisturbed};

const ROBOT: &str = "robots/fordonsinnehav/robot.toml";

/// The fixtures, with robots of its own and a profile that asks for decisions.
fn with_production() -> LittleNight {
    LittleNight::of_the_fixtures().with_its_own_robots().with_changed("nattkoll.toml", |mut settings| {
        settings.extend(b"[profiles.production]\nrequire_decision = true\n");
        settings
    })
}

fn approves(little: &LittleNight, robot: &str) -> Told {
    little.types(&["approve", robot, "--ref", "SN 2026/12", "--by", "Socialchef", "--date", "2026-11-01"])
}

/// All approved, then changed.
fn approved_and_changed(file: &str, from: &str, to: &str) -> Told {
    let little = with_production();
    for robot in ROBOTS {
        approves(&little, robot).exits_with(Exit::Done).prints("SN 2026/12 of 2026-11-01 (before: none)\n");
    }
    let little = little.with_replaced(file, from, to);
    little.types(&["run", "--profile", "production", "--night", NIGHT])
}

#[test]
fn without_a_decision_a_robot_is_refused_in_production_and_nowhere_else() {
    let little = with_production();
    little
        .types(&["run", "--profile", "production"])
        .exits_with(Exit::SomeRobotsDidNotRun)
        .set_aside("hogkostnadsskydd")
        .says(" did not run: no decision to run it is recorded")
        .says("`nattkoll approve` records it");
    approves(&little, "folkbokforing").exits_with(Exit::Done);
    let told = little.types(&["run", "--profile", "production"]).exits_with(Exit::SomeRobotsDidNotRun);
    told.ran("folkbokforing").set_aside("fordonsinnehav");
    little.types(&["run"]).exits_with(Exit::Done);
    little.types(&["status"]).exits_with(Exit::Done).prints("SN 2026/12 of 2026-11-01");
}

#[test]
fn a_robot_that_is_as_it_was_decided_delivers_what_it_would_have() {
    let little = with_production();
    for robot in ROBOTS {
        approves(&little, robot).exits_with(Exit::Done);
    }
    little.types(&["run", "--profile", "production", "--night", NIGHT]).exits_with(Exit::Done);
    assert_eq!(little.delivered(NIGHT)["redovisning.csv"], undisturbed()["redovisning.csv"]);
}

#[test]
fn comments_titles_and_examples_need_no_new_decision() {
    for (from, to) in [
        ("[subject]", "# En rad till.\n\n[subject]"),
        ("title   = \"", "title   = \"Den nya "),
        ("version = \"1.0.0\"", "version = \"1.0.1\""),
    ] {
        approved_and_changed(ROBOT, from, to).exits_with(Exit::Done);
    }
    approved_and_changed("robots/fordonsinnehav/tests.toml", "name  = \"", "name  = \"Nytt namn: ")
        .exits_with(Exit::Done);
    approved_and_changed("robots/extracts/fordon.toml", "[fields]", "[guard]\nmin_rows = 2\n\n[fields]")
        .exits_with(Exit::Done);
}

#[test]
fn what_changes_the_meaning_needs_a_new_decision_and_other_robots_run() {
    for (file, from, to) in [
        (ROBOT, "raknade > arenden.kanda_fordon", "raknade >= arenden.kanda_fordon"),
        (ROBOT, "Hushållet har", "Hushållet äger"),
        ("robots/extracts/fordon.toml", "header = \"Fabrikat\"", "header = \"Årsmodell\""),
        (
            "robots/extracts/fordon.toml",
            "values = [\"I trafik\", \"Avställd\"]",
            "values = [\"I trafik\", \"Avställd\", \"Skrotad\"]",
        ),
    ] {
        approved_and_changed(file, from, to)
            .exits_with(Exit::SomeRobotsDidNotRun)
            .set_aside("fordonsinnehav")
            .says("it has changed since the decision SN 2026/12 of 2026-11-01")
            .ran("arbetsformedlingen");
    }
}

#[test]
fn a_field_that_a_robot_does_not_use_is_no_part_of_what_it_means() {
    approved_and_changed("robots/extracts/kir.toml", "header = \"Förnamn\"", "header = \"Tilltalsnamn\"")
        .exits_with(Exit::Done);
}

#[test]
fn a_decision_that_cannot_be_read_is_a_mistake_in_the_definitions() {
    let little = with_production();
    approves(&little, "folkbokforing").exits_with(Exit::Done);
    let little = little.with_replaced("robots/folkbokforing/decision.toml", "meaning   = \"", "meaning   = \"x");
    little
        .runs(EARLIER)
        .exits_with(Exit::Refused)
        .says("`meaning` is not a hash")
        .says("`nattkoll approve` writes this file");
    approves(&LittleNight::of_the_fixtures(), "folkbokforng").exits_with(Exit::Refused).says("there is no robot");
    little.types(&["run", "--profile", "prod"]).exits_with(Exit::Refused).says("there is no profile `prod`");
}
