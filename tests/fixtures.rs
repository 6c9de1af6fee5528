//! The fixtures' night, whole: what comes out of a first run, byte for byte, and what was planted by hand.
//!
//! `fixtures/expected/` is the engine's own output, kept so that no byte changes unseen. After a change that is meant,
//! `NATTKOLL_RENEW_EXPECTED=1 cargo test --test fixtures` writes it anew; read the difference before it is committed.
//! `fixtures/facit/` was made by hand and is never written by the engine: where the two disagree, one of them is wrong.
//! For what the night comes to when there have been earlier ones see `history`.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use common::{
    EARLIER, Exit, LittleNight, NIGHT, ROBOTS, Tree, assert_same, checks_of, date, from_windows_1252,
    is_expected_to_be_renewed, of_persons, person_numbers, renew, repository, rows, text, tree, undisturbed,
};
use nattkoll::value::Personnummer;

/// The robots that ask what others came to.
const ASK_OTHERS: [&str; 2] = ["beslutsstod", "kontrollbesked"];

/// The lists that name persons, since they leave the department.
const NAMES_PERSONS: [&str; 2] = ["anvisning/anvisningar.csv", "kontrollbesked/besked.csv"];

/// The robots that have protected households. Nobody has been checked before the first night, and so nobody is told of it;
/// and nobody protected is drawn, but for one whose application cannot be read.
fn with_protected() -> impl Iterator<Item = &'static str> {
    of_persons().filter(|robot| !["kontrollbesked", "stickprov"].contains(robot))
}

#[test]
fn the_whole_output_is_the_expected_byte_for_byte() {
    let kept = repository("fixtures/expected").join(NIGHT);
    if is_expected_to_be_renewed() {
        renew(&kept, undisturbed());
    }
    assert_same(&tree(&kept), undisturbed());
}

#[test]
fn every_subject_comes_to_what_the_facit_says() {
    let mut facit = Tree::new();
    facit.insert("redovisning.csv".to_owned(), facit_file("redovisning.csv"));
    let mut found = undisturbed().clone();
    found.retain(|path, _| path == "redovisning.csv");
    assert_same(&facit, &found);
}

#[test]
fn the_notes_are_those_of_the_facit_word_for_word() {
    let planted: Vec<[String; 3]> = facit_rows("anteckningar.csv").into_iter().map(of_three).collect();
    let mut found = Vec::new();
    for robot in ROBOTS {
        for note in notes(undisturbed(), robot) {
            found.push([robot, of_note(&note, "case"), of_note(&note, "text")].map(str::to_owned));
        }
    }
    found.sort();
    let mut sorted = planted.clone();
    sorted.sort();
    for (planted, found) in sorted.iter().zip(&found) {
        assert_eq!(planted, found);
    }
    assert_eq!(sorted.len(), found.len());
}

/// What a robot comes to does not depend on which others run, but for those that ask what others came to.
#[test]
fn each_robot_run_alone_gives_what_it_gives_among_the_others() {
    for robot in ROBOTS.into_iter().filter(|robot| !ASK_OTHERS.contains(robot)) {
        let alone = LittleNight::of_the_fixtures();
        alone.types(&["run", robot]).exits_with(Exit::Done);
        let mut found = alone.delivered(NIGHT);
        found.retain(|path, _| path.starts_with(&format!("{robot}/")));
        let mut among = undisturbed().clone();
        among.retain(|path, _| path.starts_with(&format!("{robot}/")));
        assert_same(&among, &found);
    }
}

/// Every list that the facit has, wherever in the file its rows stand in ours by the order that the robot says.
#[test]
fn the_further_lists_are_those_of_the_facit() {
    let folder = repository("fixtures/facit").join(NIGHT);
    let mut compared = 0;
    for robot in ROBOTS {
        let Ok(lists) = fs::read_dir(folder.join(robot)) else { continue };
        for list in lists.map(|list| list.unwrap().path()) {
            let name = list.file_name().unwrap().to_str().unwrap().to_owned();
            let planted = all_rows(&fs::read(&list).unwrap());
            assert_eq!(planted, all_rows(&undisturbed()[&format!("{robot}/{name}")]), "{robot} {name}");
            compared += 1;
        }
    }
    assert!(compared >= 5, "{compared} lists");
}

/// The rows of a file, its header among them.
fn all_rows(file: &[u8]) -> Vec<Vec<String>> {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').has_headers(false).from_reader(file);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn what_cannot_be_read_is_what_the_facit_says_and_its_reason_holds_no_value() {
    let rows = rows(&undisturbed()["avvisade_rader.csv"], b';');
    let found: Vec<[String; 3]> = rows.iter().map(|row| of_three(row[..3].to_vec())).collect();
    let planted: Vec<[String; 3]> = facit_rows("avvisade_rader.csv").into_iter().map(of_three).collect();
    assert_eq!(planted, found);
    let written = [
        "20001301",
        "saknas",
        "två",
        "Sökand",
        "Pågåend",
        "Arbetslos",
        "trafk",
        "2026-13-40",
        "20261340",
        "2024-02-30",
    ];
    for row in &rows {
        assert!(!row[3].is_empty(), "{row:?} has no reason");
        assert!(written.iter().all(|value| !row[3].contains(value)), "{row:?} tells the value");
    }
}

#[test]
fn what_could_not_be_tried_is_what_the_facit_says() {
    let mut planted = BTreeMap::new();
    let mut planted_subjects = BTreeMap::new();
    // A protected subject without a case stands in its list by its own key.
    let about = |subject: &str, case: String, outcome: &str| {
        if case.is_empty() && outcome == "protected" { subject.to_owned() } else { case }
    };
    let case_of: BTreeMap<(String, String), String> = accounts()
        .into_iter()
        .map(|[robot, subject, case, outcome, _]| ((robot, subject.clone()), about(&subject, case, &outcome)))
        .collect();
    for row in facit_rows("oprovat.csv") {
        let [robot, subject, checks] = of_three(row);
        let case = case_of[&(robot.clone(), subject.clone())].clone();
        let ids: BTreeSet<String> = checks.split(' ').map(str::to_owned).collect();
        planted.entry((robot.clone(), case)).or_insert_with(BTreeSet::new).extend(ids);
        planted_subjects.insert((robot, subject), checks);
    }
    let mut found: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for robot in ROBOTS {
        for row in list_rows(undisturbed(), robot, "kontrollista.csv") {
            add(&mut found, robot, &row[2], untried_in_list(row.last().unwrap(), robot));
        }
        let has_protected = undisturbed().contains_key(&format!("{robot}/skyddade.csv"));
        let protected = if has_protected { list_rows(undisturbed(), robot, "skyddade.csv") } else { Vec::new() };
        for row in protected {
            let ids = row[4].split(", ").filter_map(|id| id.strip_suffix(" (kunde inte prövas)")).map(str::to_owned);
            add(&mut found, robot, &row[2], ids.collect());
        }
    }
    for key in planted.keys().chain(found.keys()) {
        assert_eq!(planted.get(key), found.get(key), "{key:?}");
    }
    for [robot, subject, _, outcome, checks] in accounts() {
        if outcome == "undecided" {
            assert_eq!(planted_subjects.get(&(robot, subject.clone())), Some(&checks), "{subject}");
        }
    }
}

fn add(found: &mut BTreeMap<(String, String), BTreeSet<String>>, robot: &str, case: &str, ids: BTreeSet<String>) {
    if !ids.is_empty() {
        found.entry((robot.to_owned(), case.to_owned())).or_default().extend(ids);
    }
}

/// The checks in `farre-skrivna, fler-skrivna: sökanden saknas; …`.
fn untried_in_list(cell: &str, robot: &str) -> BTreeSet<String> {
    let known = checks_of(robot);
    let lists = cell.split("; ").filter_map(|part| part.split_once(": ")).map(|(ids, _)| ids);
    let ids = lists.flat_map(|ids| ids.split(", ")).map(str::to_owned);
    ids.inspect(|id| assert!(known.contains(id), "`{id}` is not a check of {robot}: {cell}")).collect()
}

#[test]
fn the_manifest_counts_what_the_other_files_hold() {
    let files = undisturbed();
    let manifest: serde_json::Value = serde_json::from_str(text(files, "manifest.json")).unwrap();
    for entry in manifest["robots"].as_array().unwrap() {
        let robot = entry["id"].as_str().unwrap();
        for outcome in ["clear", "flagged", "undecided", "protected"] {
            let rows = accounts().into_iter().filter(|row| row[0] == robot && row[3] == outcome).count();
            assert_eq!(entry[outcome], rows, "{robot} {outcome}");
        }
        assert_eq!(entry["notes"], notes(files, robot).len(), "{robot}");
        assert_eq!(entry["list_rows"], list_rows(files, robot, "kontrollista.csv").len(), "{robot}");
    }
    let listed: BTreeSet<&str> =
        manifest["outputs"].as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap()).collect();
    let others: BTreeSet<&str> = files.keys().map(String::as_str).filter(|path| *path != "manifest.json").collect();
    assert_eq!(listed, others);
}

#[test]
fn every_person_number_of_the_repository_is_one_set_aside_for_testing() {
    let official: BTreeSet<u64> = fs::read_to_string(repository("fixtures/testpersonnummer.csv"))
        .unwrap()
        .lines()
        .filter_map(|line| line.trim().parse().ok())
        .collect();
    assert!(official.len() > 40_000);
    let mut files = Vec::new();
    for folder in ["fixtures/nights", "fixtures/earlier", "fixtures/facit", "fixtures/expected", "robots", "tests"] {
        let under = tree(&repository(folder)).into_iter();
        files.extend(under.map(|(path, bytes)| (format!("{folder}/{path}"), bytes)));
    }
    let mut met = 0;
    for (path, bytes) in files {
        // What is not UTF-8 is Windows-1252 or has planted bad bytes; digits are the same in all of them.
        for number in person_numbers(&String::from_utf8_lossy(&bytes)) {
            assert!(official.contains(&number), "{path} has a person number that is nobody's to use");
            met += 1;
        }
    }
    assert!(met > 6_000, "only {met} person numbers were met");
}

#[cfg(unix)]
#[test]
fn the_list_of_protected_households_can_be_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let little = LittleNight::of_the_fixtures();
    little.runs(NIGHT).exits_with(Exit::Done);
    let mode = |robot: &str, file: &str| {
        let path = little.path("out").join(NIGHT).join(robot).join(file);
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    for robot in with_protected() {
        assert_eq!(mode(robot, "skyddade.csv"), 0o600);
        assert_ne!(mode(robot, "kontrollista.csv"), 0o600, "others may read the usual list");
    }
    // Also when the file is carried over rather than written anew.
    little.types(&["run", "folkbokforing"]).exits_with(Exit::Done);
    assert_eq!(mode("fordonsinnehav", "skyddade.csv"), 0o600);
    let ledger = fs::metadata(little.path("state/nattkoll.db")).unwrap().permissions().mode() & 0o777;
    assert_eq!(ledger, 0o600, "and so can the ledger with its key");
}

#[test]
fn no_person_number_stands_outside_the_lists_of_protected_households() {
    let may_name = |path: &str| path.ends_with("/skyddade.csv") || NAMES_PERSONS.contains(&path);
    for (path, bytes) in undisturbed().iter().filter(|(path, _)| !may_name(path)) {
        assert_eq!(person_numbers(&String::from_utf8_lossy(bytes)), BTreeSet::new(), "{path}");
    }
    for robot in with_protected() {
        let list = String::from_utf8_lossy(&undisturbed()[&format!("{robot}/skyddade.csv")]).into_owned();
        assert!(!person_numbers(&list).is_empty(), "{robot}: the search finds them where they may stand");
    }
}

#[test]
fn nobody_protected_is_met_by_number_name_or_address_outside_their_own_list() {
    let protected = protected_persons();
    assert!(protected.len() >= 15, "{} protected persons", protected.len());
    let little = LittleNight::of_the_fixtures();
    let mut said = little.types(&["run", "--verbose"]).exits_with(Exit::Done);
    let mut places: Vec<(String, String)> = little
        .delivered(NIGHT)
        .into_iter()
        .filter(|(path, _)| !path.ends_with("/skyddade.csv"))
        .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
        .collect();
    places.push(("stdout".to_owned(), std::mem::take(&mut said.stdout)));
    places.push(("stderr".to_owned(), std::mem::take(&mut said.stderr)));
    let shown = little.types(&["run", "--dry-run", "--json", "--verbose"]).exits_with(Exit::Done);
    places.push(("a dry run".to_owned(), shown.stdout + &shown.stderr));
    // As bytes: the ledger is no text, yet an identity would stand in it as text or as eight bytes of a number.
    let ledger = fs::read(little.path("state/nattkoll.db")).unwrap();
    places.push(("the ledger".to_owned(), String::from_utf8_lossy(&ledger).into_owned()));
    for person in &protected {
        for (place, content) in &places {
            for written in &person.written {
                assert!(!content.contains(written), "{place} holds something of a protected person");
            }
        }
    }
}

#[test]
fn a_case_that_is_protected_is_on_no_usual_list_and_its_note_says_nothing() {
    let protected: BTreeSet<(String, String)> =
        accounts().into_iter().filter(|row| row[3] == "protected").map(|[robot, _, case, ..]| (robot, case)).collect();
    assert!(protected.len() >= 20);
    for (robot, case) in protected.iter().filter(|(_, case)| !case.is_empty()) {
        let listed = list_rows(undisturbed(), robot, "kontrollista.csv");
        assert!(listed.iter().all(|row| row[2] != *case), "{robot} {case} is on the usual list");
        for note in notes(undisturbed(), robot).iter().filter(|note| of_note(note, "case") == case) {
            assert_eq!(of_note(note, "title"), "Kontroll");
            assert_eq!(of_note(note, "text"), "En kontroll finns att hämta hos den som har behörighet.");
            assert_eq!((note["checks"].as_array().unwrap().len(), note["sources"].as_array().unwrap().len()), (0, 0));
        }
    }
}

#[test]
fn every_source_of_a_note_is_a_line_of_its_file() {
    let mut records: BTreeMap<(String, String), BTreeSet<u64>> = BTreeMap::new();
    for night in [EARLIER, NIGHT] {
        for file in fs::read_dir(repository("fixtures/nights").join(night)).unwrap() {
            let file = file.unwrap().path();
            let id = file.file_stem().unwrap().to_str().unwrap().to_owned();
            records.insert((id, night.to_owned()), starts_of_records(&fs::read(&file).unwrap()));
        }
    }
    for robot in ROBOTS {
        for note in notes(undisturbed(), robot) {
            assert_eq!(of_note(&note, "note_id"), format!("{NIGHT}/{robot}/{}", of_note(&note, "case")));
            for source in note["sources"].as_array().unwrap() {
                let key = (of_note(source, "extract").to_owned(), of_note(source, "night").to_owned());
                assert!(records[&key].contains(&source["line"].as_u64().unwrap()), "{source}");
            }
        }
    }
}

/// The lines, counted from 1, on which a record starts; a line break inside quotes starts none. The header is left out.
fn starts_of_records(bytes: &[u8]) -> BTreeSet<u64> {
    let mut starts = BTreeSet::new();
    let (mut line, mut is_quoted) = (1, false);
    for byte in bytes {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' => {
                line += 1;
                if !is_quoted {
                    starts.insert(line);
                }
            }
            _ => {}
        }
    }
    starts
}

/// A protected person, in every way that something of theirs could be written.
struct Protected {
    written: Vec<String>,
}

/// Those whom tonight's kir or af say are protected, or say something unreadable of.
fn protected_persons() -> Vec<Protected> {
    let night = date(NIGHT);
    let number = |cell: &str| Personnummer::parse(cell.trim(), night).ok().map(Personnummer::twelve_digits);
    let kir = rows(&from_windows_1252(&night_file(NIGHT, "kir.csv")), b';');
    let af = rows(&night_file(NIGHT, "af.csv"), b',');
    let mut numbers: BTreeSet<u64> = BTreeSet::new();
    numbers
        .extend(af.iter().filter(|row| row.last().is_some_and(|word| word != "N")).filter_map(|row| number(&row[0])));
    numbers.extend(
        kir.iter().filter(|row| row.get(13).is_some_and(|mark| !mark.is_empty())).filter_map(|row| number(&row[0])),
    );
    let mut persons = Vec::new();
    for number_of_one in &numbers {
        let twelve = number_of_one.to_string();
        let (century, ten) = twelve.split_at(2);
        let (day, last) = ten.split_at(6);
        let mut written = vec![twelve.clone(), ten.to_owned()];
        written.extend(["-", "+"].map(|sign| format!("{day}{sign}{last}")));
        written.push(format!("{century}{day}-{last}"));
        for row in kir.iter().filter(|row| number(&row[0]) == Some(*number_of_one) && row.len() > 6) {
            let [first, family, street, post] = [1, 2, 3, 5].map(|place| row[place].trim());
            written.push(format!("{first} {family}"));
            written.push(format!("{family}, {first}"));
            written.extend([street, post].into_iter().filter(|text| text.len() > 4).map(str::to_owned));
        }
        persons.push(Protected { written });
    }
    persons
}

fn night_file(night: &str, file: &str) -> Vec<u8> {
    fs::read(repository("fixtures/nights").join(night).join(file)).unwrap()
}

fn facit_file(file: &str) -> Vec<u8> {
    fs::read(repository("fixtures/facit").join(NIGHT).join(file)).unwrap()
}

fn facit_rows(file: &str) -> Vec<Vec<String>> {
    rows(&facit_file(file), b';')
}

fn of_three(row: Vec<String>) -> [String; 3] {
    row.try_into().expect("three columns")
}

fn accounts() -> Vec<[String; 5]> {
    let rows = rows(&undisturbed()["redovisning.csv"], b';');
    rows.into_iter().map(|row| row.try_into().expect("five columns")).collect()
}

fn list_rows(files: &Tree, robot: &str, list: &str) -> Vec<Vec<String>> {
    rows(&files[&format!("{robot}/{list}")], b';')
}

fn notes(files: &Tree, robot: &str) -> Vec<serde_json::Value> {
    let lines = text(files, &format!("{robot}/anteckningar.jsonl")).lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_note<'n>(note: &'n serde_json::Value, key: &str) -> &'n str {
    note[key].as_str().unwrap()
}
