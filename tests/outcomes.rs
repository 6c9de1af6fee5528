//! Robots that ask what others came to, tonight and on earlier nights, run by the real program.
//!
//! `anmodan` asks `granskning`, which comes after it in every other order.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use common::{Exit, LittleNight};

const ARENDEN: &str = r#"
id         = "arenden"
title      = "Ärenden"
encoding   = "utf-8"
delimiter  = ";"
key        = ["arendenummer"]
protection = 'skyddad'

[fields]
arendenummer = { header = "Ärendenummer", type = "text" }
belopp       = { header = "Belopp", type = "integer" }
skyddad      = { header = "Skyddad", type = "boolean" }

[relations]
granskningens = { many = "deviations", on = { case = "arendenummer" }, robots = ["granskning"] }
utfallet      = { one = "outcomes", on = { subject = "arendenummer" }, robots = ["granskning"] }
tidigare      = { many = "history", on = { case = "arendenummer" }, robots = ["granskning"], outcomes = ["flagged", "protected"], where = 'night >= @"2026-11-01"' }
egna          = { many = "history", on = { case = "arendenummer" }, robots = ["anmodan"] }
"#;

const GRANSKNING: &str = r#"
id      = "granskning"
title   = "Granskning"
version = "1.0.0"
purpose = "Hitta höga belopp."
owner   = "Test"
subject = { each = "arenden", case = "arendenummer" }
note    = { title = "Granskning" }

[[check]]
id   = "hog"
when = 'belopp > 100'
says = "Beloppet är {belopp}."

[[check]]
id   = "udda"
when = 'belopp = 3'
says = "Beloppet är udda."
"#;

const ANMODAN: &str = r#"
id      = "anmodan"
title   = "Anmodan"
version = "1.0.0"
purpose = "Följ upp granskningen."
owner   = "Test"
subject = { each = "arenden", case = "arendenummer" }
note    = { title = "Anmodan" }

[[check]]
id   = "hog-i-natt"
when = 'some d in granskningens satisfies d.check = "hog"'
says = "Granskningen har en avvikelse i natt."

[[check]]
id   = "avvek-i-natt"
when = 'utfallet.deviates'
says = "Granskningens utfall avviker."

[[check]]
id   = "tidigare"
when = 'count(tidigare) > 0'
says = "Granskningen har avvikit tidigare, senast {max(tidigare.night)}."

[[check]]
id   = "egen"
when = 'some e in egna satisfies e.deviates and e.night = previous_night'
says = "Anmodad sedan {min(egna.night)}; roboten räknar från {start}."
"#;

/// Three nights with four cases: one that deviates, one that is clear, one that cannot be tried, one that is protected.
fn three_nights() -> LittleNight {
    let little = LittleNight::of_definitions();
    little.lay("robots/extracts/arenden.toml", ARENDEN.as_bytes());
    little.lay("robots/granskning/robot.toml", GRANSKNING.as_bytes());
    little.lay("robots/anmodan/robot.toml", ANMODAN.as_bytes());
    for night in ["2026-11-20", "2026-11-21", "2026-11-22"] {
        let rows = "Ärendenummer;Belopp;Skyddad\nA1;200;N\nA2;50;N\nA3;;N\nA4;200;J\n";
        little.lay(&format!("nights/{night}/arenden.csv"), rows.as_bytes());
    }
    little
}

/// The lines of one robot in a night's accounts, without its name.
fn accounts(little: &LittleNight, night: &str, robot: &str) -> Vec<String> {
    let files = little.delivered(night);
    let text = String::from_utf8(files["redovisning.csv"].clone()).unwrap();
    text.lines().filter_map(|line| line.strip_prefix(&format!("{robot};"))).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn a_robot_asks_what_another_came_to_tonight_whatever_they_are_called() {
    let little = three_nights();
    little.runs("2026-11-20").exits_with(Exit::Done);
    assert_eq!(
        accounts(&little, "2026-11-20", "anmodan"),
        [
            "A1;A1;flagged;hog-i-natt avvek-i-natt",
            "A2;A2;clear;",
            "A3;A3;undecided;hog-i-natt avvek-i-natt",
            "A4;A4;protected;"
        ]
    );
    let list = String::from_utf8(little.delivered("2026-11-20")["anmodan/kontrollista.csv"].clone()).unwrap();
    assert!(list.contains("hog-i-natt, avvek-i-natt: en annan robot kunde inte pröva det"), "{list}");
}

#[test]
fn what_a_robot_that_did_not_run_came_to_is_not_known_and_the_list_names_it() {
    let little = three_nights();
    little.types(&["run", "--night", "2026-11-20", "anmodan"]).exits_with(Exit::Done);
    let told = accounts(&little, "2026-11-20", "anmodan");
    assert_eq!(told[0], "A1;A1;undecided;hog-i-natt avvek-i-natt");
    assert_eq!(told[1], "A2;A2;undecided;hog-i-natt avvek-i-natt");
    let list = String::from_utf8(little.delivered("2026-11-20")["anmodan/kontrollista.csv"].clone()).unwrap();
    assert!(list.contains("hog-i-natt, avvek-i-natt: Granskning kördes inte i natt"), "{list}");
}

#[test]
fn a_robot_run_alone_into_a_delivered_night_knows_what_the_others_came_to_then() {
    let whole = three_nights();
    whole.runs("2026-11-20").exits_with(Exit::Done);
    let before = whole.outputs();
    whole.types(&["run", "--night", "2026-11-20", "anmodan"]).exits_with(Exit::Done);
    assert_eq!(before, whole.outputs());
    let parts = three_nights();
    parts.types(&["run", "--night", "2026-11-20", "granskning"]).exits_with(Exit::Done);
    parts.types(&["run", "--night", "2026-11-20", "anmodan"]).exits_with(Exit::Done);
    assert_eq!(before, parts.outputs());
}

#[test]
fn earlier_nights_are_known_and_the_night_itself_never_is() {
    let little = three_nights();
    for night in ["2026-11-20", "2026-11-21", "2026-11-22"] {
        little.runs(night).exits_with(Exit::Done);
    }
    assert_eq!(accounts(&little, "2026-11-21", "anmodan")[0], "A1;A1;flagged;hog-i-natt avvek-i-natt tidigare egen");
    let notes = String::from_utf8(little.delivered("2026-11-22")["anmodan/anteckningar.jsonl"].clone()).unwrap();
    assert!(notes.contains("Granskningen har avvikit tidigare, senast 2026-11-21."), "{notes}");
    let notes = String::from_utf8(little.delivered("2026-11-21")["anmodan/anteckningar.jsonl"].clone()).unwrap();
    assert!(notes.contains("Anmodad sedan 2026-11-20; roboten räknar från 2026-11-19."), "{notes}");
    let (files, ledger) = (little.outputs(), little.ledger());
    for night in ["2026-11-20", "2026-11-22", "2026-11-21"] {
        little.runs(night).exits_with(Exit::Done);
    }
    assert_eq!((files, ledger), (little.outputs(), little.ledger()), "a night run again knows what it knew");
}

/// What the ledger keeps of a robot's nights, for those that ask.
fn kept(little: &LittleNight, robot: &str) -> Vec<String> {
    let ledger = rusqlite::Connection::open(little.path("state/nattkoll.db")).unwrap();
    let query = "SELECT case_id || ' ' || outcome || ' ' || deviates FROM outcome
                 JOIN robot_night ON id = robot_night WHERE robot = ?1 ORDER BY 1";
    let mut statement = ledger.prepare(query).unwrap();
    statement.query_map([robot], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn the_ledger_keeps_what_is_asked_for_and_nothing_else() {
    let little = three_nights();
    little.runs("2026-11-20").exits_with(Exit::Done);
    assert_eq!(kept(&little, "granskning"), ["A1 flagged 1", "A4 protected 1"]);
    assert_eq!(kept(&little, "anmodan"), ["A1 flagged 1", "A2 clear 0", "A3 undecided 0", "A4 protected 1"]);
    let asked = "robots = [\"granskning\"], outcomes";
    let without =
        three_nights().with_replaced("robots/extracts/arenden.toml", asked, "robots = [\"anmodan\"], outcomes");
    without.runs("2026-11-20").exits_with(Exit::Done);
    assert_eq!(kept(&without, "granskning"), [""; 0]);
}

#[test]
fn a_case_is_shown_and_explained_with_what_the_other_robot_came_to() {
    let little = three_nights();
    little
        .types(&["run", "--night", "2026-11-20", "--case", "A1"])
        .exits_with(Exit::Done)
        .prints("hog-i-natt avvek-i-natt");
    little.runs("2026-11-20").exits_with(Exit::Done);
    let told = little.types(&["explain", "anmodan", "A1", "--night", "2026-11-20"]).exits_with(Exit::Done);
    told.prints("robotarnas avvikelser i natt: granskning · ").prints("robot = \"granskning\"");
}

#[test]
fn one_thread_and_four_give_the_same_bytes() {
    let outputs = ["1", "4"].map(|jobs| {
        let little = three_nights();
        little.types(&["run", "--night", "2026-11-20", "--jobs", jobs]).exits_with(Exit::Done);
        little.outputs()
    });
    assert_eq!(outputs[0], outputs[1]);
}

#[test]
fn examples_say_what_robots_came_to_and_which_did_not_run() {
    let little = three_nights();
    let examples = r#"
municipality = "0380"

[defaults.arenden]
arendenummer = "A1"
belopp       = 50
skyddad      = false

[[test]]
name = "en avvikelse, och en annan kontrolls"
date = 2026-11-21
night.arenden    = [{}, { arendenummer = "A2" }, { arendenummer = "A3" }]
night.deviations = [
  { robot = "granskning", subject = "A1", check = "hog", case = "A1", deviates = true },
  { robot = "granskning", subject = "A2", check = "udda", case = "A2", deviates = true },
  { robot = "granskning", subject = "A3", check = "hog", case = "A3" },
  { robot = "anmodan", subject = "A2", check = "hog", case = "A2", deviates = true },
]
night.outcomes   = [{ robot = "granskning", subject = "A2", case = "A2", outcome = "flagged", deviates = true }, { robot = "granskning", subject = "A3", case = "A3", outcome = "undecided" }]
expect = [
  { subject = "A1", outcome = "flagged", checks = ["hog-i-natt"], undecided = ["avvek-i-natt"] },
  { subject = "A2", outcome = "flagged", checks = ["avvek-i-natt"] },
  { subject = "A3", outcome = "undecided", undecided = ["hog-i-natt", "avvek-i-natt"] },
]

[[test]]
name    = "den andra kördes inte"
date    = 2026-11-21
not_run = ["granskning"]
night.arenden = [{}]
expect  = [{ subject = "A1", outcome = "undecided", undecided = ["hog-i-natt", "avvek-i-natt"] }]

[[test]]
name  = "tidigare nätter"
date  = 2026-11-21
start = 2026-10-01
night.arenden = [{}]
night.history = [
  { robot = "granskning", night = 2026-11-03, case = "A1", outcome = "flagged", deviates = true },
  { robot = "granskning", night = 2026-10-31, case = "A1", outcome = "flagged", deviates = true },
  { robot = "granskning", night = 2026-11-04, case = "A1", outcome = "clear", deviates = false },
  { robot = "anmodan", night = 2026-11-20, case = "A1", outcome = "flagged", deviates = true },
]
expect = [{ subject = "A1", outcome = "flagged", checks = ["tidigare", "egen"], note = "Granskningen har avvikit tidigare, senast 2026-11-03. Anmodad sedan 2026-11-20; roboten räknar från 2026-10-01." }]
"#;
    little.lay("robots/anmodan/tests.toml", examples.as_bytes());
    little.types(&["test"]).exits_with(Exit::Done);
}
