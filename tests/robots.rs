//! Every process document has its robot, every rule in it a check, and every check its examples.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]
#![allow(clippy::disallowed_methods, reason = "a test renews what it holds the definitions against")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use toml::{Table, Value};

mod common;

use common::{Exit, LittleNight, repository};

/// Each process with a robot: the document's number, the robot, and the ids of the rules in the document, in its order.
/// Process 12 is a report and has no rules.
const PROCESSES: [(&str, &str, &[&str]); 14] = [
    (
        "01",
        "folkbokforing",
        &[
            "adress-andrad",
            "farre-skrivna",
            "fler-skrivna",
            "olika-adresser",
            "annan-kommun",
            "avregistrerad",
            "saknas-i-kir",
        ],
    ),
    (
        "02",
        "fordonsinnehav",
        &["nytt-fordon", "okant-fordon", "manga-agda", "tata-agarbyten", "forsvunnet-fordon", "pastallt"],
    ),
    ("03", "hogkostnadsskydd", &["over-taket", "frikort", "snart-frikort", "barn", "dubblett"]),
    (
        "04",
        "arbetsformedlingen",
        &["utskriven", "utskriven-tidigare", "aldrig-inskriven", "andrad-kategori", "ingen-aktivitetsrapport"],
    ),
    (
        "05",
        "nyansokan",
        &[
            "folkbokford",
            "inflyttad",
            "hushall",
            "tidigare-arende",
            "dubbelt-arende",
            "fordon",
            "foretag",
            "inkomster",
            "inskriven-af",
        ],
    ),
    (
        "06",
        "skanning",
        &[
            "personnummer-olasligt",
            "okand-person",
            "flera-arenden",
            "avslutat-arende",
            "nummer-stammer-inte",
            "dokumenttyp-saknas",
        ],
    ),
    ("07", "inflyttade", &["inflyttad", "samma-period", "kommunkod-okand"]),
    ("08", "avslut", &["avslut", "aterkrav", "overklagande", "pagaende-plan", "barn"]),
    ("09", "anvisning", &["anvisas", "uteblivit", "plan-gar-ut"]),
    (
        "10",
        "beslutsstod",
        &[
            "plan-foljs-inte",
            "hushallet-andrat",
            "ej-kontrollerbar",
            "inkomst-avviker",
            "inkomst-andrad",
            "inkomst-upphord",
            "arbetsinkomst",
            "over-schablon",
            "saknar-schablon",
            "hogkostnad",
            "norm-saknas",
            "samma-period",
            "arende-saknas",
            "stickprov",
        ],
    ),
    ("11", "stickprov", &["slump", "riktat", "tackning"]),
    ("13", "kontrollbesked", &["besked"]),
    (
        "14",
        "leverantorskontroll",
        &[
            "varningslista",
            "konkurs",
            "kontot-annans",
            "okant-foretag",
            "f-skatt-upphort",
            "saknar-fskatt",
            "kontot-bytt",
            "delat-konto",
            "ogiltigt-konto",
            "ogiltigt-orgnr",
        ],
    ),
    (
        "15",
        "fakturagranskning",
        &[
            "varningslista",
            "okand-leverantor",
            "annat-konto",
            "dubblett",
            "fore-upplagg",
            "samma-person",
            "ny-och-stor",
            "over-tak",
            "uppdelad",
            "utan-avtal",
            "utanfor-avtalstid",
            "trolig-dubblett",
            "jamnt-belopp",
        ],
    ),
];

fn toml_of(robot: &str, file: &str) -> Table {
    fs::read_to_string(repository("robots").join(robot).join(file)).unwrap().parse().unwrap()
}

/// The robot's checks by id, and whether each only informs.
fn checks_of(robot: &str) -> Vec<(String, bool)> {
    let definition = toml_of(robot, "robot.toml");
    let checks = definition["check"].as_array().unwrap().iter();
    let informs = |check: &Value| check.get("informs").is_some_and(|informs| informs.as_bool().unwrap());
    checks.map(|check| (check["id"].as_str().unwrap().to_owned(), informs(check))).collect()
}

#[test]
fn every_rule_of_every_process_is_a_check_in_its_order() {
    for (_, robot, rules) in PROCESSES {
        let checks: Vec<String> = checks_of(robot).into_iter().map(|(id, _)| id).collect();
        let known: Vec<&str> = checks.iter().map(String::as_str).filter(|id| rules.contains(id)).collect();
        assert_eq!(known, rules, "{robot}");
        assert_eq!(checks.len(), rules.len(), "{robot} has checks that its process has not");
    }
}

#[test]
fn every_folder_with_a_robot_is_a_process() {
    let folders = fs::read_dir(repository("robots")).unwrap().map(|entry| entry.unwrap());
    let robots = folders.filter(|entry| entry.path().join("robot.toml").exists());
    let found: BTreeSet<String> = robots.map(|entry| entry.file_name().into_string().unwrap()).collect();
    let known: BTreeSet<String> = PROCESSES.iter().map(|(_, robot, _)| (*robot).to_owned()).collect();
    assert_eq!(found, known);
}

/// An example in which it deviates, and one in which it is tried and does not.
#[test]
fn every_check_has_an_example_where_it_deviates_and_one_where_it_does_not() {
    for (_, robot, rules) in PROCESSES {
        let examples = toml_of(robot, "tests.toml");
        // One that only informs is in no outcome; what it says stands in the examples' notes.
        let informs: BTreeSet<String> =
            checks_of(robot).into_iter().filter(|(_, informs)| *informs).map(|(id, _)| id).collect();
        let rules: Vec<&str> = rules.iter().copied().filter(|id| !informs.contains(*id)).collect();
        let mut deviating = BTreeSet::new();
        let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
        for example in examples["test"].as_array().unwrap() {
            let expected = example.get("expect").and_then(Value::as_array).cloned().unwrap_or_default();
            let ids = |key: &str| -> BTreeSet<String> {
                let lists = expected.iter().filter_map(|row| row.get(key)?.as_array());
                lists.flatten().map(|id| id.as_str().unwrap().to_owned()).collect()
            };
            let (checks, undecided) = (ids("checks"), ids("undecided"));
            for id in &rules {
                if !checks.contains(*id) && !undecided.contains(*id) {
                    *tried.entry(id).or_default() += 1;
                }
            }
            deviating.extend(checks);
        }
        for id in &rules {
            assert!(deviating.contains(*id), "{robot}: {id} deviates in no example");
            assert!(tried.contains_key(id), "{robot}: {id} is clear in no example");
        }
    }
}

#[test]
fn every_robots_examples_come_out_as_they_say() {
    let told = LittleNight::of_nothing().with_its_own_robots().types(&["test"]).exits_with(Exit::Done);
    for (_, robot, _) in PROCESSES {
        assert!(told.stdout.contains(&format!("{robot}: ")), "{robot} has no examples");
    }
}

#[test]
fn an_example_that_fails_on_a_note_tells_the_lines_that_differ_and_not_the_whole() {
    let tests = "robots/beslutsstod/tests.toml";
    let little = LittleNight::of_nothing().with_its_own_robots();
    let little = little.with_replaced(tests, "Godkända kostnader: 6", "Godkända kostnader: 7");
    let told = little.types(&["test", "beslutsstod"]).exits_with(Exit::ATestFailed);
    let lines: Vec<String> = told.stdout.lines().map(|line| line.replace('\u{a0}', " ")).collect();
    let failed = lines.iter().position(|line| line.starts_with("FAILED beslutsstod: ")).unwrap();
    assert_eq!(
        lines[failed + 1..failed + 8],
        [
            "  the note of `A1` is another: - expected, + found",
            "      … 2 lines alike",
            "      Norm: 5 220 kr",
            "    - Godkända kostnader: 7 330 kr",
            "    + Godkända kostnader: 6 330 kr",
            "      Inkomster: 0 kr",
            "      … 3 lines alike",
        ]
    );
    let little = little.with_replaced("robots/beslutsstod/robot.toml", "Godkända kostnader: ", "Godkänt: ");
    assert!(little.types(&["test", "beslutsstod"]).stdout.contains("\n    + Godkänt: "));
}

/// The table in `robots/README.md`; `NATTKOLL_RENEW_EXPECTED=1` writes it anew.
#[test]
fn the_table_of_robots_is_that_of_the_definitions() {
    let path = repository("robots/README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let mut table = String::from(
        "| robot | PDD | checks | lines of definition | examples | extracts |\n|---|---|---|---|---|---|\n",
    );
    for (number, robot, _) in PROCESSES {
        let definition = fs::read_to_string(repository("robots").join(robot).join("robot.toml")).unwrap();
        let lines = definition.lines().count();
        let checks = checks_of(robot).len();
        let examples = toml_of(robot, "tests.toml")["test"].as_array().unwrap().len();
        let extracts = reads(robot);
        writeln!(table, "| `{robot}` | {number} | {checks} | {lines} | {examples} | {extracts} |").unwrap();
    }
    let start = readme.find("| robot | PDD |").expect("the README has the table");
    let end = start + readme[start..].find("\n\n").expect("the table ends") + 1;
    let renewed = format!("{}{table}{}", &readme[..start], &readme[end..]);
    if std::env::var_os("NATTKOLL_RENEW_EXPECTED").is_some() {
        fs::write(&path, &renewed).unwrap();
        return;
    }
    assert_eq!(readme, renewed, "run it with NATTKOLL_RENEW_EXPECTED=1");
}

/// What `nattkoll show` says that a robot's rules read tonight.
fn reads(robot: &str) -> String {
    let told = LittleNight::of_nothing().with_its_own_robots().types(&["show", robot]).exits_with(Exit::Done);
    let line = told.stdout.lines().find_map(|line| line.strip_prefix("reads ")).expect("it says what it reads");
    line.trim().to_owned()
}
