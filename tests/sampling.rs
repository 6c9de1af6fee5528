//! The sample, drawn by the real program over the fixtures' nights: again the same, told to an auditor, and from another key
//! when that is asked for.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use common::{EARLIER, Exit, LittleNight, NIGHT, rows};

/// The subjects that were drawn by lot, in the accounts' order.
fn drawn(little: &LittleNight, night: &str) -> Vec<String> {
    let accounts = rows(&little.delivered(night)["redovisning.csv"], b';');
    let is_drawn = |row: &&Vec<String>| row[0] == "stickprov" && row[4].split(' ').any(|id| id == "slump");
    accounts.iter().filter(is_drawn).map(|row| row[1].clone()).collect()
}

fn of_stickprov(little: &LittleNight, night: &str) {
    little.types(&["run", "--night", night, "stickprov"]).exits_with(Exit::Done);
}

#[test]
fn a_night_run_again_draws_the_same_and_what_was_drawn_is_told() {
    let little = LittleNight::of_the_fixtures();
    of_stickprov(&little, NIGHT);
    let first = drawn(&little, NIGHT);
    assert!(first.len() > 5, "{first:?}");
    let (files, ledger) = (little.outputs(), little.ledger());
    of_stickprov(&little, NIGHT);
    assert_eq!((files, ledger), (little.outputs(), little.ledger()));
    let told = little.types(&["sample", "draw", "stickprov", &first[0], "--night", NIGHT]).exits_with(Exit::Done);
    told.prints("; drawn by lot: the lots below 50000000 are").prints("recorded  drawn (slump");
    // One that was not drawn, and one that nobody has asked for.
    let accounts = rows(&little.delivered(NIGHT)["redovisning.csv"], b';');
    let clear = accounts.iter().find(|row| row[0] == "stickprov" && row[3] == "clear").unwrap();
    let told = little.types(&["sample", "draw", "stickprov", &clear[1], "--night", NIGHT]).exits_with(Exit::Done);
    told.prints("recorded  not drawn");
    let told = little.types(&["sample", "draw", "stickprov", "A26-0", "--night", NIGHT]).exits_with(Exit::Done);
    let told = told.prints("of a subject that there was not").does_not_print("drawn by lot");
    told.prints("recorded  nothing: `stickprov` had no such subject that night");
    let told =
        little.types(&["sample", "draw", "folkbokforing", &clear[1], "--night", NIGHT]).exits_with(Exit::Refused);
    told.says("`folkbokforing` has no [sample]");
}

#[test]
fn a_sample_that_was_held_and_refused_was_drawn_for_nobody() {
    let file = "robots/stickprov/robot.toml";
    let little = LittleNight::of_the_fixtures()
        .with_its_own_robots()
        .with_changed(file, |text| [&text[..], b"\n[expect]\nhold_above = \"1 %\"\nhold_floor = 0\n"].concat());
    let runs = |exit| little.types(&["run", "--night", NIGHT, "stickprov"]).exits_with(exit);
    runs(Exit::SomeNotesAreHeld);
    let first = drawn(&little, NIGHT);
    let told = |little: &LittleNight| {
        little.types(&["sample", "draw", "stickprov", &first[0], "--night", NIGHT]).exits_with(Exit::Done)
    };
    told(&little).prints("recorded  drawn (slump");
    let release = ["release", "stickprov", "--night", NIGHT, "--by", "Enhetschef", "--refuse"];
    little.types(&release).exits_with(Exit::Done).prints("refused: ");
    told(&little).prints("; drawn by lot: ").prints("recorded  nothing: what the robot held that night was refused");
    // The night run again keeps to what was decided, and remembers no more than before.
    runs(Exit::Done);
    assert_eq!(drawn(&little, NIGHT), first, "it is in the accounts all the same");
    told(&little).prints("recorded  nothing: ");
    little.types(&["status"]).exits_with(Exit::Done).does_not_print("held: ");
}

#[test]
fn another_key_is_for_the_nights_to_come_and_those_before_draw_the_same() {
    let little = LittleNight::of_the_fixtures();
    little.types(&["sample", "key"]).exits_with(Exit::Refused).says("there is no ledger");
    of_stickprov(&little, EARLIER);
    let first = drawn(&little, EARLIER);
    let key = |night| little.types(&["sample", "key", "--show", "--night", night]).exits_with(Exit::Done).stdout;
    assert_eq!(key(EARLIER), key(NIGHT));
    little
        .types(&["sample", "key", "--renew"])
        .exits_with(Exit::Done)
        .prints("nights from 2026-11-21 on draw from a new key");
    assert_ne!(key(EARLIER), key(NIGHT));
    of_stickprov(&little, EARLIER);
    assert_eq!(drawn(&little, EARLIER), first);
    little.types(&["sample", "key"]).exits_with(Exit::Done).prints("UTC, for nights from 2026-11-21 on");
}

#[test]
fn a_plan_tells_what_it_comes_to_and_warns_where_the_promise_cannot_be_kept() {
    let little = LittleNight::of_the_fixtures().with_its_own_robots();
    let told =
        little.types(&["sample", "plan"]).exits_with(Exit::Done).prints("at most 362 days; promised are 12 months");
    assert_eq!(told.talk(), "");
    let slow = little.with_replaced("robots/parameters/vantetid_langst.toml", "330", "340");
    slow.types(&["sample", "plan", "stickprov"])
        .exits_with(Exit::Done)
        .says("`stickprov` cannot keep what is promised: a case can wait 372 days, and 12 months are 365 days");
    slow.types(&["sample", "plan", "avslut"]).exits_with(Exit::Refused).says("`avslut` has no [sample]");
}

#[test]
fn without_a_ledger_nothing_is_drawn_and_everything_is_untried() {
    let little = LittleNight::of_the_fixtures();
    let told = little.types(&["run", "stickprov", "--dry-run"]).exits_with(Exit::Done);
    let of_stickprov = told.stdout.lines().find(|line| line.starts_with("stickprov ")).unwrap();
    let columns: Vec<&str> = of_stickprov.split_whitespace().collect();
    assert_eq!(columns[3..5], ["0", "0"], "clear and flagged: {of_stickprov}");
}
