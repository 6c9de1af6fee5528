//! Drafts of the robots that are still to come: every process document that has no robot yet, as far as it can be said.
//!
//! `drafts/robots` is laid over a copy of the repository's own `robots`: a new file is added, and an extract that is there
//! already gets the draft's fields and relations too. Each draft's examples run like any robot's. What a process document
//! asks for and nothing can say yet stands in `drafts/README.md`, with what it waits for.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]
#![allow(clippy::disallowed_methods, reason = "a test makes the folder that the program is run in")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

mod common;

use common::{Exit, LittleNight, repository, tree};

/// Each process without a robot of its own yet, and the ids of the rules in its document, in the document's order.
const PROCESSES: [(&str, &[&str]); 1] = [(
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
)];

/// The repository's robots with the drafts laid over them.
fn overlaid() -> LittleNight {
    let little = LittleNight::of_nothing().with_its_own_robots();
    for (path, bytes) in tree(&repository("tests/drafts/robots")) {
        let place = little.path("robots").join(&path);
        if place.exists() {
            add(&place, &String::from_utf8(bytes).unwrap());
            continue;
        }
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
    little
}

/// Adds to a declaration that is there what the draft has more.
fn add(place: &Path, draft: &str) {
    let mut own: Table = fs::read_to_string(place).unwrap().parse().unwrap();
    lay_over(&mut own, draft.parse().unwrap());
    fs::write(place, toml::to_string(&own).unwrap()).unwrap();
}

fn lay_over(own: &mut Table, more: Table) {
    for (key, value) in more {
        match (own.get_mut(&key), value) {
            (Some(Value::Table(own)), Value::Table(more)) => lay_over(own, more),
            (_, value) => drop(own.insert(key, value)),
        }
    }
}

/// The ids of a robot's checks, in its order.
fn checks_of(robot: &str) -> Vec<String> {
    let file = repository("tests/drafts/robots").join(robot).join("robot.toml");
    let definition: Table = fs::read_to_string(file).unwrap().parse().unwrap();
    let checks = definition["check"].as_array().unwrap();
    checks.iter().map(|check| check["id"].as_str().unwrap().to_owned()).collect()
}

/// The rules that `drafts/README.md` says cannot be said yet: robot and id.
fn not_said() -> BTreeSet<(String, String)> {
    let readme = fs::read_to_string(repository("tests/drafts/README.md")).unwrap();
    let (_, table) = readme.split_once("## Rules that cannot be said yet").expect("the README has that heading");
    let rows = table.lines().skip(1).take_while(|line| !line.starts_with('#'));
    let cells = rows.filter_map(|row| row.strip_prefix("| `")?.split_once("` | `"));
    cells.map(|(robot, rest)| (robot.to_owned(), rest.split('`').next().unwrap().to_owned())).collect()
}

#[test]
fn the_drafts_are_without_mistakes() {
    let told = overlaid().types(&["check"]).exits_with(Exit::Done);
    print!("{}", told.talk());
}

#[test]
fn every_rule_of_every_process_is_a_check_or_stands_among_those_that_cannot_be_said() {
    let mut not_said = not_said();
    for (robot, rules) in PROCESSES {
        let said: Vec<&str> =
            rules.iter().copied().filter(|id| !not_said.remove(&(robot.to_owned(), (*id).to_owned()))).collect();
        assert_eq!(checks_of(robot), said, "{robot}");
    }
    assert!(not_said.is_empty(), "no process has these: {not_said:?}");
}

#[test]
fn every_check_has_an_example_where_it_deviates() {
    for (robot, _) in PROCESSES {
        let file = repository("tests/drafts/robots").join(robot).join("tests.toml");
        let examples: Table = fs::read_to_string(file).unwrap().parse().unwrap();
        let expected = examples["test"].as_array().unwrap().iter().filter_map(|test| test.get("expect"));
        let checks = expected.flat_map(|rows| rows.as_array().unwrap()).filter_map(|row| row.get("checks"));
        let deviating: BTreeSet<&str> =
            checks.flat_map(|ids| ids.as_array().unwrap()).map(|id| id.as_str().unwrap()).collect();
        for id in checks_of(robot) {
            assert!(deviating.contains(id.as_str()), "{robot}: {id}");
        }
    }
}

#[test]
fn the_drafts_examples_come_out_as_they_say() {
    let robots = PROCESSES.map(|(robot, _)| robot);
    let told = overlaid().types(&[&["test"][..], &robots[..]].concat()).exits_with(Exit::Done);
    print!("{}", told.stdout);
}

#[test]
fn the_robots_that_are_there_come_out_the_same_under_the_drafts() {
    overlaid().types(&[&["test"][..], &common::ROBOTS[..]].concat()).exits_with(Exit::Done);
}
