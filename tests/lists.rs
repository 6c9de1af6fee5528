//! What a robot writes beside its note and its list, and subjects that are tried once, run by the real program.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use common::{Exit, LittleNight, text};

const BREV: &str = r#"
id         = "brev"
title      = "Brev"
encoding   = "utf-8"
delimiter  = ";"
key        = ["brev"]
protection = 'skyddad'

[fields]
brev    = { header = "Brev", type = "text" }
arende  = { header = "Ärende", type = "text", empty = "none" }
ort     = { header = "Ort", type = "text" }
skyddad = { header = "Skyddad", type = "boolean" }
"#;

const SORTERING: &str = r#"
id      = "sortering"
title   = "Sortering"
version = "1.0.0"
purpose = "Lägg breven i sina ärenden."
owner   = "Test"
subject = { each = "brev", once = "clear", case = 'if outcome = "clear" then arende else null' }

[checks]
hit_policy = "first"

[[check]]
id     = "utan-arende"
weight = 5
when   = 'arende = null'

[[check]]
id     = "utan-ort"
weight = 1
when   = 'ort = "?"'

[note]
title = "Brev"

[note.summary]
when = 'outcome = "clear"'
says = "{count(subjects)} brev: {string join(sort by(subjects, brev).brev, \", \")}."

[list]
per     = "subject"
columns = [{ header = "brev", is = 'brev' }, { header = "poäng", is = 'points' }]
order_by = ["points descending"]

[[lists]]
file    = "sorterade"
where   = 'outcome = "clear"'
covers  = "clear"
columns = [{ header = "brev", is = 'brev' }, { header = "ärende", is = 'arende' }]

[[lists]]
file     = "orter"
where    = 'true'
file_per = 'ort'
leaves   = { to = "posten", because = "för att breven ska delas ut" }
columns  = [{ header = "brev", is = 'brev' }]

[[lists]]
file     = "nya"
checks   = ["utan-arende"]
only_new = true
columns  = [{ header = "brev", is = 'brev' }, { header = "ny", new = true }]
"#;

const EARLIER: &str = "2026-11-20";
const NIGHT: &str = "2026-11-21";
const LETTERS: &str =
    "Brev;Ärende;Ort;Skyddad\nB1;A1;Sala;N\nB2;;Sala;N\nB3;A1;Åmål/Säffle;N\nB4;A2;Sala;J\nB5;A2;?;J\n";

fn town(robot: &str) -> LittleNight {
    let little = LittleNight::of_definitions();
    little.lay("robots/extracts/brev.toml", BREV.as_bytes());
    little.lay("robots/sortering/robot.toml", robot.as_bytes());
    for night in [EARLIER, NIGHT] {
        little.lay(&format!("nights/{night}/brev.csv"), LETTERS.as_bytes());
    }
    little
}

fn list<'t>(tree: &'t common::Tree, name: &str) -> Vec<&'t str> {
    text(tree, &format!("sortering/{name}")).trim_start_matches('\u{feff}').lines().skip(1).collect()
}

#[test]
fn each_list_has_its_own_rows_and_a_protected_household_leaves_no_department() {
    let little = town(SORTERING);
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::Done);
    let out = little.delivered(EARLIER);
    assert_eq!(list(&out, "sorterade.csv"), ["B1;A1", "B3;A1", "B4;A2"]);
    assert_eq!(list(&out, "kontrollista.csv"), [";;;B2;5;utan-arende (ny);"]);
    assert_eq!(list(&out, "skyddade.csv"), [";;B5;;utan-ort (ny);"]);
    assert_eq!(list(&out, "nya.csv"), ["B2;J"]);
    // A file for each value, named by its letters and digits.
    assert_eq!(list(&out, "orter/sala.csv"), ["B2", "B1"], "B4 and B5 are of a protected household");
    assert_eq!(list(&out, "orter/åmål-säffle.csv"), ["B3"]);
    let notes: Vec<&str> = text(&out, "sortering/anteckningar.jsonl").lines().collect();
    assert_eq!(notes.len(), 1, "nothing is written of a protected household's case, of which nothing deviates");
    assert!(notes[0].contains("\"text\":\"2 brev: B1, B3.\""), "{}", notes[0]);
}

#[test]
fn what_was_clear_is_not_tried_again_and_a_rerun_of_its_night_sees_it_again() {
    let little = town(SORTERING);
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::Done);
    let first = little.delivered(EARLIER);
    // By the next night B1's case is gone, and B2 has got one.
    let changed = LETTERS.replace("B1;A1", "B1;").replace("B2;;", "B2;A3;");
    little.lay(&format!("nights/{NIGHT}/brev.csv"), changed.as_bytes());
    little.types(&["run", "--night", NIGHT]).exits_with(Exit::Done);
    let second = little.delivered(NIGHT);
    assert_eq!(list(&second, "sorterade.csv"), ["B2;A3"]);
    let accounts = text(&second, "redovisning.csv");
    // It is clear, in the case that it was put in then.
    assert!(accounts.contains("sortering;B1;A1;clear;\r\n"), "{accounts}");
    assert!(accounts.contains("sortering;B2;A3;clear;\r\n"), "{accounts}");
    // B2, flagged and then clear, is tried by both of its nights each time that they are run.
    for (night, before) in [(NIGHT, &second), (EARLIER, &first), (NIGHT, &second)] {
        little.types(&["run", "--night", night]).exits_with(Exit::Done);
        common::assert_same(before, &little.delivered(night));
    }
}

#[test]
fn what_a_later_night_found_clear_is_left_to_it_by_one_that_is_run_late() {
    let little = town(SORTERING);
    little.types(&["run", "--night", NIGHT]).exits_with(Exit::Done);
    let later = little.delivered(NIGHT);
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::Done);
    let earlier = little.delivered(EARLIER);
    assert_eq!(list(&later, "sorterade.csv").len(), 3);
    assert!(list(&earlier, "sorterade.csv").is_empty(), "no letter is sorted twice");
    assert!(text(&earlier, "redovisning.csv").contains("sortering;B1;A1;clear;\r\n"), "it is in the accounts");
    for (night, before) in [(NIGHT, &later), (EARLIER, &earlier)] {
        little.types(&["run", "--night", night]).exits_with(Exit::Done);
        common::assert_same(before, &little.delivered(night));
    }
}

#[test]
fn a_subject_that_is_tried_once_is_none_on_later_nights() {
    let robot = SORTERING.replace("once = \"clear\"", "once = true").replace("covers  = \"clear\"\n", "");
    let little = town(&robot);
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::Done);
    let more = format!("{LETTERS}B6;A4;Sala;N\n");
    little.lay(&format!("nights/{NIGHT}/brev.csv"), more.as_bytes());
    little.types(&["run", "--night", NIGHT]).exits_with(Exit::Done);
    let accounts = text(&little.delivered(NIGHT), "redovisning.csv").to_owned();
    assert_eq!(accounts.lines().filter(|line| line.starts_with("sortering;")).count(), 1, "{accounts}");
    assert!(accounts.contains("sortering;B6;A4;clear;"), "{accounts}");
}

#[test]
fn a_night_that_is_run_late_leaves_to_the_later_one_what_that_has_tried() {
    let robot = SORTERING.replace("once = \"clear\"", "once = true").replace("covers  = \"clear\"\n", "");
    let little = town(&robot);
    let only_earlier = LETTERS.replace("B1;A1;Sala;N\n", "");
    little.lay(&format!("nights/{NIGHT}/brev.csv"), only_earlier.as_bytes());
    let tried = |night: &str| {
        let out = little.delivered(night);
        let lines = text(&out, "redovisning.csv").lines().filter_map(|line| line.strip_prefix("sortering;"));
        lines.map(|line| line[..2].to_owned()).collect::<Vec<String>>()
    };
    little.types(&["run", "--night", NIGHT]).exits_with(Exit::Done);
    let later = little.delivered(NIGHT);
    assert_eq!(tried(NIGHT), ["B2", "B5", "B3", "B4"]);
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::Done);
    let earlier = little.delivered(EARLIER);
    assert_eq!(tried(EARLIER), ["B1"], "the others are tried on one night, and that is the later");
    for (night, before) in [(NIGHT, &later), (EARLIER, &earlier), (NIGHT, &later)] {
        little.types(&["run", "--night", night]).exits_with(Exit::Done);
        common::assert_same(before, &little.delivered(night));
    }
}

#[test]
fn of_what_is_not_tried_again_it_is_told_when_it_was() {
    for (once, outcome) in [("true", "tried before"), ("\"clear\"", "clear")] {
        let robot = SORTERING.replace("once = \"clear\"", &format!("once = {once}"));
        let little = town(&robot.replace("covers  = \"clear\"\n", ""));
        little.types(&["run", "--night", EARLIER]).exits_with(Exit::Done);
        // B1's case is gone since, and it is known by the one that it was put in then.
        little.lay(&format!("nights/{NIGHT}/brev.csv"), LETTERS.replace("B1;A1", "B1;").as_bytes());
        little.types(&["run", "--night", NIGHT]).exits_with(Exit::Done);
        for about in ["B1", "A1"] {
            little
                .types(&["explain", "sortering", about, "--night", NIGHT])
                .exits_with(Exit::Done)
                .prints(&format!("sortering · B1 (ärende A1): {outcome}\n"))
                .prints("Prövades natten 2026-11-20 och prövas inte igen.")
                .prints("nattkoll explain sortering B1 --night 2026-11-20\n")
                .does_not_print("utan-arende");
        }
        let then = little.types(&["explain", "sortering", "B1", "--night", EARLIER]).exits_with(Exit::Done);
        then.does_not_print("prövas inte igen").prints("sortering · B1 (ärende A1): clear").prints("utan-arende");
        let json = little.types(&["explain", "sortering", "B1", "--night", NIGHT, "--json"]).exits_with(Exit::Done);
        json.prints("\"tried_on\": \"2026-11-20\"");
    }
}

#[test]
fn of_a_protected_household_a_list_shows_what_the_protected_list_does_and_what_the_robot_names() {
    let robot = SORTERING.replace(
        r#"columns = [{ header = "brev", is = 'brev' }, { header = "ärende", is = 'arende' }]"#,
        r#"file_per = 'ort'
columns  = [
  { header = "brev", is = 'brev' },
  { header = "ärende", is = 'arende' },
  { header = "ort", is = 'ort' },
  { header = "tecken", is = 'string length(ort)', protected_too = true },
]

[[lists]]
file    = "salas"
where   = 'ort = "Sala"'
columns = [{ header = "brev", is = 'brev' }]"#,
    );
    let little = town(&robot);
    // B3 is in the case of B1, which is of a protected household; B2 is in no case.
    let letters = LETTERS.replace("B1;A1;Sala;N", "B1;A1;Sala;J").replace("Åmål/Säffle", "Sala");
    little.lay(&format!("nights/{EARLIER}/brev.csv"), letters.as_bytes());
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::Done);
    let out = little.delivered(EARLIER);
    assert_eq!(list(&out, "sorterade/skyddade.csv"), ["B1;A1;;4", "B3;A1;;4", "B4;A2;;4"]);
    assert!(!out.contains_key("sortering/sorterade/sala.csv"), "which town is not told by the file's name");
    assert_eq!(list(&out, "salas.csv"), ["B2"], "nor by which list they are in");
    assert_eq!(list(&out, "orter/sala.csv"), ["B2"]);
    assert_eq!(list(&out, "skyddade.csv"), [";;B5;;utan-ort (ny);"]);
}

#[test]
fn each_value_of_a_list_of_files_has_one_of_its_own_and_that_of_protected_households_is_the_owners_alone() {
    let robot = SORTERING.replace(
        r#"columns = [{ header = "brev", is = 'brev' }, { header = "ärende", is = 'arende' }]"#,
        r#"file_per = 'ort'
columns  = [{ header = "brev", is = 'brev' }]"#,
    );
    let little = town(&robot);
    let letters =
        "Brev;Ärende;Ort;Skyddad\nB1;A1;Sala;N\nB2;A3;sala!;N\nB3;A4;Skyddade;N\nB4;A2;Sala;J\nB6;A5;SALA;N\n";
    little.lay(&format!("nights/{EARLIER}/brev.csv"), letters.as_bytes());
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::Done);
    let out = little.delivered(EARLIER);
    for (file, row) in [("sala", "B6"), ("sala-2", "B1"), ("sala-3", "B2"), ("skyddade-2", "B3"), ("skyddade", "B4")] {
        assert_eq!(list(&out, &format!("sorterade/{file}.csv")), [row], "{file}");
    }
    #[cfg(unix)]
    for (file, is_the_owners_alone) in [("skyddade", true), ("skyddade-2", false)] {
        use std::os::unix::fs::PermissionsExt;
        let path = little.path(&format!("out/{EARLIER}/sortering/sorterade/{file}.csv"));
        let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode == 0o600, is_the_owners_alone, "{file}: {mode:o}");
    }
}

#[test]
fn what_could_not_be_tried_is_checked_by_hand_also_where_the_list_is_of_other_deviations() {
    let brev = BREV.replace("skyddad = {", "vikt = { header = \"Vikt\", type = \"integer\" }\nskyddad = {");
    let robot = SORTERING
        .replace("hit_policy = \"first\"", "")
        .replace("[checks]\n", "")
        .replace("[note]\n", "[[check]]\nid = \"tungt\"\nwhen = 'vikt > 20'\n\n[note]\n")
        .replace("per     = \"subject\"\n", "per     = \"subject\"\nchecks  = [\"utan-arende\", \"tungt\"]\n");
    let little = town(&robot);
    little.lay("robots/extracts/brev.toml", brev.as_bytes());
    let letters = "Brev;Ärende;Ort;Vikt;Skyddad\nB1;A1;?;1;N\nB2;A1;?;tung;N\nB3;A1;Sala;tung;N\nB4;A1;?;21;N\n";
    little.lay(&format!("nights/{EARLIER}/brev.csv"), letters.as_bytes());
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::Done);
    let out = little.delivered(EARLIER);
    let accounts = text(&out, "redovisning.csv");
    assert!(accounts.contains("sortering;B2;;flagged;utan-ort"), "{accounts}");
    // B1 deviates in what the list does not tell of, and everything else could be tried.
    let why = "tungt: Vikt går inte att läsa (brev.csv rad";
    let rows = list(&out, "kontrollista.csv");
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows.iter().any(|row| row.starts_with(&format!(";;;B2;1;;{why}"))), "{rows:?}");
    assert!(rows.iter().any(|row| row.starts_with(&format!(";;;B3;0;;{why}"))), "{rows:?}");
    assert!(rows.contains(&";;;B4;1;tungt (ny);"), "{rows:?}");
}

/// One that writes no notes, and holds what it writes of these letters.
fn held_without_notes() -> LittleNight {
    let (before, after) = (SORTERING.find("[note]").unwrap(), SORTERING.find("[list]").unwrap());
    let lists_alone = format!("{}{}", &SORTERING[..before], &SORTERING[after..]);
    town(&format!("{lists_alone}\n[expect]\nhold_above = \"10 %\"\nhold_floor = 0\n"))
}

#[test]
fn a_robot_without_notes_is_held_with_all_its_lists_and_let_out_with_all_of_them() {
    let little = held_without_notes();
    let night = ["run", "--night", EARLIER];
    little
        .types(&night)
        .exits_with(Exit::SomeNotesAreHeld)
        .says("robot `sortering` holds what it writes: it flagged 1 of 5");
    let held = little.delivered(EARLIER);
    assert!(common::part(&held, "sortering").is_empty(), "nothing of it is out: {:?}", held.keys());
    assert_eq!(text(&held, "held/sortering/orter/sala.csv").lines().count(), 3);
    little.types(&["status"]).prints("held: what `sortering` wrote for 2026-11-20, with 0 notes");
    let release = ["release", "sortering", "--night", EARLIER, "--by", "Enhetschef"];
    little.types(&release).exits_with(Exit::Done).prints("released: 0 notes and 6 lists of `sortering`");
    let out = little.delivered(EARLIER);
    let waited = common::part(&held, "held");
    assert!(out.iter().filter(|(name, _)| name.starts_with("sortering/")).count() == 7 && waited.len() == 7);
    assert!(
        waited.iter().all(|(name, bytes)| out[name.trim_start_matches("held/")] == *bytes),
        "it went out as it was"
    );
    little.types(&["status"]).does_not_print("held: ");
    little.types(&night).exits_with(Exit::Done);
    common::assert_same(&out, &little.delivered(EARLIER));
    // Another town in a list that leaves: it is not what somebody has looked through.
    little.lay(&format!("nights/{EARLIER}/brev.csv"), LETTERS.replace("Åmål/Säffle", "Arvika").as_bytes());
    little.types(&night).exits_with(Exit::SomeNotesAreHeld);
    assert!(little.delivered(EARLIER).contains_key("held/sortering/orter/arvika.csv"));
    little.types(&["status"]).prints("held: what `sortering` wrote for 2026-11-20");
    little.types(&release).exits_with(Exit::Done).prints("released: ");
}

#[test]
fn a_list_that_leaves_waits_also_where_nothing_is_new() {
    let little = held_without_notes();
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::SomeNotesAreHeld);
    little.types(&["release", "sortering", "--night", EARLIER, "--by", "Enhetschef"]).exits_with(Exit::Done);
    little.types(&["run", "--night", NIGHT]).exits_with(Exit::SomeNotesAreHeld);
    let held = little.delivered(NIGHT);
    assert_eq!(text(&held, "held/sortering/nya.csv").lines().count(), 1, "nothing is new");
    assert_eq!(text(&held, "held/sortering/orter/sala.csv").lines().count(), 2, "the one that still has no case");
    assert!(common::part(&held, "sortering").is_empty());
}

#[test]
fn what_is_altered_while_it_waits_is_not_let_out() {
    let little = held_without_notes();
    little.types(&["run", "--night", EARLIER]).exits_with(Exit::SomeNotesAreHeld);
    little.lay(&format!("out/{EARLIER}/held/sortering/orter/sala.csv"), b"brev\r\nB4\r\n");
    let release = ["release", "sortering", "--night", EARLIER, "--by", "Enhetschef"];
    little.types(&release).exits_with(Exit::CouldNot).says("is not as it was delivered");
}

#[test]
fn a_robot_whose_lists_lose_somebody_has_failed_and_the_others_go_on() {
    let robot = SORTERING.replace("where   = 'outcome = \"clear\"'\ncovers", "where   = 'ort = \"Sala\"'\ncovers");
    let told = town(&robot).types(&["run", "--night", EARLIER]).exits_with(Exit::SomeRobotsDidNotRun);
    assert!(told.stderr.contains("its lists do not add up: `B3` is on none that it belongs on"), "{}", told.stderr);
}
