//! Notes that are held until a person has looked at them.

mod common;

use common::{EARLIER, Exit, LittleNight, NIGHT, assert_same, part, text};

const NOTES: &str = "folkbokforing/anteckningar.jsonl";
const HELD: &str = "held/folkbokforing/anteckningar.jsonl";
const RELEASE: [&str; 6] = ["release", "folkbokforing", "--night", EARLIER, "--by", "Enhetschef"];

/// A case of the robot's.
const STANDING: &str = "EB22-0656";

/// The fixtures, with a robot of which every night is beyond what it expects.
fn beyond() -> LittleNight {
    LittleNight::of_the_fixtures().with_its_own_robots().with_replaced(
        "robots/folkbokforing/robot.toml",
        "hold_above = \"20 %\"",
        "hold_above = \"5 %\"",
    )
}

fn refuses(little: &LittleNight) -> common::Told {
    little.types(&[&RELEASE[..], &["--refuse"]].concat())
}

/// How the summary that a run ends with says that the robot stands.
fn state_in_the_summary(told: &common::Told) -> &str {
    let row = told.stdout.lines().find(|line| line.starts_with("folkbokforing ")).unwrap_or_default();
    row.split_whitespace().nth(1).unwrap_or_default()
}

/// How `status` says that what the robot wrote on its last night stands.
fn state(told: &common::Told) -> &str {
    let row = told.stdout.lines().find(|line| line.starts_with("folkbokforing ")).unwrap_or_default();
    row.split_whitespace().nth(3).unwrap_or_default()
}

#[test]
fn a_robot_beyond_what_it_expects_holds_its_notes_and_no_others() {
    let little = beyond();
    little
        .runs(EARLIER)
        .exits_with(Exit::SomeNotesAreHeld)
        .says("robot `folkbokforing` holds what it writes: it flagged ")
        .says("above 5 % what it writes waits for somebody to release it\n")
        .says("`nattkoll release folkbokforing --night 2026-11-20 --by ROLE`")
        .ran("fordonsinnehav");
    let delivered = little.delivered(EARLIER);
    assert!(part(&delivered, "folkbokforing").is_empty(), "nothing of it is out");
    assert!(text(&delivered, HELD).lines().count() > 20);
    assert!(delivered.contains_key("held/folkbokforing/kontrollista.csv"));
    assert!(text(&delivered, "redovisning.csv").contains("folkbokforing;"), "it is in the accounts all the same");
    assert!(text(&delivered, "manifest.json").contains("\"status\": \"held\""));
    little.runs(EARLIER).exits_with(Exit::SomeNotesAreHeld);
    assert_same(&delivered, &little.delivered(EARLIER));
}

#[test]
fn a_dry_run_foresees_that_a_robot_would_hold_what_it_writes_and_why() {
    let little = beyond();
    let shows = |little: &LittleNight, night| little.types(&["-q", "run", "--dry-run", "--night", night]);
    let why = "warning: robot `folkbokforing` would hold what it writes: it flagged ";
    let told = shows(&little, EARLIER).exits_with(Exit::SomeNotesAreHeld).says(why);
    told.says("; above 5 % what it writes waits for somebody to release it\n").does_not_say("nattkoll release");
    let told = little.types(&["run", "--dry-run", "--night", EARLIER]);
    let row = told.stdout.lines().find(|line| line.starts_with("folkbokforing ")).unwrap_or_default();
    assert!(row.contains(" would be held "), "{row}");
    little.types(&["check", "--data", "--night", EARLIER]).exits_with(Exit::Done).does_not_say("would hold");
    little.types(&["run", "--case", STANDING, "--night", EARLIER]).exits_with(Exit::Done).does_not_say("would hold");
    // By what the ledger knows: held, then released.
    little.runs(EARLIER).exits_with(Exit::SomeNotesAreHeld);
    let before = little.left();
    shows(&little, EARLIER).exits_with(Exit::SomeNotesAreHeld).says(why);
    assert_same(&before, &little.left());
    little.types(&RELEASE).exits_with(Exit::Done);
    shows(&little, EARLIER).exits_with(Exit::Done).does_not_say("would hold");
    // With nothing new the night after, nothing would be held.
    let quiet = LittleNight::of_the_fixtures().with_its_own_robots();
    quiet.runs(NIGHT).exits_with(Exit::Done);
    quiet.follows(NIGHT, "2026-11-22").runs("2026-11-22").exits_with(Exit::Done);
    quiet.follows(NIGHT, "2026-11-23");
    let quiet = quiet.with_replaced("robots/folkbokforing/robot.toml", "hold_above = \"20 %\"", "hold_above = \"5 %\"");
    shows(&quiet, "2026-11-23").exits_with(Exit::Done).does_not_say("would hold");
}

#[test]
fn a_night_with_few_flagged_or_without_new_notes_holds_nothing() {
    let few = beyond().with_replaced("robots/folkbokforing/robot.toml", "\"5 %\"", "\"5 %\"\nhold_floor = 100");
    few.runs(EARLIER).exits_with(Exit::Done);
    let little = LittleNight::of_the_fixtures().with_its_own_robots();
    little.runs(NIGHT).exits_with(Exit::Done);
    little.follows(NIGHT, "2026-11-22").runs("2026-11-22").exits_with(Exit::Done);
    little.follows(NIGHT, "2026-11-23");
    let little =
        little.with_replaced("robots/folkbokforing/robot.toml", "hold_above = \"20 %\"", "hold_above = \"5 %\"");
    little.runs("2026-11-23").exits_with(Exit::Done);
}

#[test]
fn released_notes_are_those_that_would_have_gone_out_and_a_second_release_does_nothing() {
    let little = beyond();
    little.runs(EARLIER).exits_with(Exit::SomeNotesAreHeld);
    let held = little.delivered(EARLIER);
    little.types(&RELEASE).exits_with(Exit::Done).prints("released: ");
    let released = little.delivered(EARLIER);
    assert_eq!(released[NOTES], held[HELD]);
    assert!(part(&released, "held").is_empty());
    little.types(&RELEASE).exits_with(Exit::Done).prints("already released by Enhetschef on ");
    assert_same(&released, &little.delivered(EARLIER));
    refuses(&little).exits_with(Exit::Refused).says("was released by Enhetschef\nhint: to take written notes back");
    // A new run of the night gives what was decided about.
    little.runs(EARLIER).exits_with(Exit::Done);
    assert_same(&released, &little.delivered(EARLIER));
}

#[test]
fn held_findings_count_as_noted_until_they_are_refused() {
    let notes = |little: &LittleNight| {
        let delivered = little.delivered(NIGHT);
        text(&delivered, if delivered.contains_key(HELD) { HELD } else { NOTES }).lines().count()
    };
    let (held, refused) = (beyond(), beyond());
    for little in [&held, &refused] {
        little.runs(EARLIER).exits_with(Exit::SomeNotesAreHeld);
    }
    refuses(&refused).exits_with(Exit::Done).prints("refused: ");
    assert!(part(&refused.delivered(EARLIER), "held").is_empty());
    refuses(&refused).exits_with(Exit::Done).prints("already refused by Enhetschef");
    assert_eq!(state(&held.types(&["status"])), "held");
    assert_eq!(state(&refused.types(&["status"])), "refused");
    refused.types(&RELEASE).exits_with(Exit::Refused).says("was refused by Enhetschef");
    // A new run of the refused night keeps to what was decided.
    let before = refused.delivered(EARLIER);
    assert_eq!(state_in_the_summary(&refused.runs(EARLIER).exits_with(Exit::Done)), "refused");
    refused.types(&["run", "avslut", "--night", EARLIER]).exits_with(Exit::Done).prints(", folkbokforing (refused), ");
    assert_same(&before, &refused.delivered(EARLIER));
    held.runs(NIGHT);
    refused.runs(NIGHT);
    assert!(notes(&held) < notes(&refused), "{} {}", notes(&held), notes(&refused));
    // What was refused after the next night had been run is said on the one after that.
    refuses(&held).exits_with(Exit::Done);
    held.follows(NIGHT, "2026-11-22").runs("2026-11-22").exits_with(Exit::SomeNotesAreHeld);
    let later = held.delivered("2026-11-22");
    assert!(text(&later, HELD).lines().count() > 20);
}

#[test]
fn a_night_that_was_refused_stays_so_after_later_nights_have_said_it_all_and_whatever_the_limit_is_now() {
    let little = beyond();
    little.runs(EARLIER).exits_with(Exit::SomeNotesAreHeld);
    refuses(&little).exits_with(Exit::Done).prints("refused: ");
    little.runs(NIGHT);
    let is_out = |little: &LittleNight| little.delivered(EARLIER).keys().any(|file| file.starts_with("folkbokforing/"));
    // What the next night said is nothing new, so that the files are others than those that were refused: they wait.
    little.runs(EARLIER);
    assert!(!is_out(&little), "what was refused went out");

    let little = beyond();
    little.runs(EARLIER).exits_with(Exit::SomeNotesAreHeld);
    refuses(&little).exits_with(Exit::Done);
    let little =
        little.with_replaced("robots/folkbokforing/robot.toml", "hold_above = \"5 %\"", "hold_above = \"99 %\"");
    little.runs(EARLIER).exits_with(Exit::Done);
    assert!(!is_out(&little), "a higher limit let out what was refused");
}

#[test]
fn a_release_that_is_cut_off_anywhere_is_whole_after_the_next() {
    for halt in ["half-written", "staged", "recorded", "moved-aside", "published"] {
        let little = beyond();
        little.runs(EARLIER).exits_with(Exit::SomeNotesAreHeld);
        let held = little.delivered(EARLIER);
        little.told_by(little.program(&RELEASE).env("NATTKOLL_TEST_HALT", halt)).stops_dead();
        little.types(&RELEASE).exits_with(Exit::Done);
        let released = little.delivered(EARLIER);
        assert_eq!(released[NOTES], held[HELD], "{halt}");
        assert_eq!(little.names_in_output(), [EARLIER], "{halt}");
    }
}

#[test]
fn what_is_not_held_cannot_be_released() {
    let little = LittleNight::of_the_fixtures();
    little.types(&RELEASE).exits_with(Exit::Refused).says("there is no ledger");
    little.runs(EARLIER).exits_with(Exit::Done);
    little.types(&RELEASE).exits_with(Exit::Refused).says("error: `folkbokforing` holds nothing for 2026-11-20\n");
}

#[test]
fn one_robot_run_into_a_night_leaves_what_another_holds() {
    let little = beyond();
    little.runs(EARLIER).exits_with(Exit::SomeNotesAreHeld);
    let before = little.delivered(EARLIER);
    little.types(&["run", "fordonsinnehav", "--night", EARLIER]).exits_with(Exit::SomeNotesAreHeld);
    assert_same(&before, &little.delivered(EARLIER));
}
