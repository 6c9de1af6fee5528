//! Broken definitions and what is said of them, word for word: a folder a case, see `tests/broken/README.md`.
//!
//! `NATTKOLL_RENEW_EXPECTED=1 cargo test --test broken` writes every `expected.txt` anew; read the difference as the
//! administrator who will read the message.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use std::fs;
use std::path::Path;

use common::{LittleNight, Told, repository, tree};

/// The definitions that each case breaks something of.
const BASE: &str = "_base";

/// What the terminal shows, beside a case's definitions.
const EXPECTED: &str = "expected.txt";

#[test]
fn the_definitions_that_the_cases_break_have_no_mistakes() {
    let told = checked(None);
    assert_eq!(told.exit, Some(0), "{}", told.stderr);
    assert_eq!(told.stderr, "");
}

#[test]
fn every_broken_definition_is_told_of_word_for_word() {
    let mut wrong = Vec::new();
    for case in cases() {
        let told = checked(Some(&case));
        let kept = repository("tests/broken").join(&case).join(EXPECTED);
        if is_to_be_renewed() {
            renew(&kept, &told.stderr);
        }
        wrong.extend(differences(&case, &kept, &told));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The names of the cases' folders.
fn cases() -> Vec<String> {
    let entries = fs::read_dir(repository("tests/broken")).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.retain(|name| name != BASE);
    names.sort();
    names
}

/// What `nattkoll check` says of the base with a case's files laid over it.
fn checked(case: Option<&str>) -> Told {
    let little = LittleNight::of_definitions();
    for folder in [Some(BASE), case].into_iter().flatten() {
        for (file, bytes) in tree(&repository("tests/broken").join(folder)) {
            if file != EXPECTED {
                little.lay(&format!("robots/{file}"), &bytes);
            }
        }
    }
    little.types(&["check"])
}

fn differences(case: &str, kept: &Path, told: &Told) -> Option<String> {
    let Ok(expected) = fs::read_to_string(kept) else {
        return Some(format!(
            "tests/broken/{case} has no {EXPECTED}: `NATTKOLL_RENEW_EXPECTED=1 cargo test --test broken` writes it"
        ));
    };
    if told.exit != Some(2) {
        return Some(format!("tests/broken/{case} has nothing broken in it: exit {:?}", told.exit));
    }
    (expected != told.stderr).then(|| {
        format!("tests/broken/{case} is told of otherwise\n--- expected\n{expected}\n--- said\n{}", told.stderr)
    })
}

#[expect(clippy::disallowed_methods, reason = "the one switch of the tests, for whoever runs them")]
fn is_to_be_renewed() -> bool {
    std::env::var("NATTKOLL_RENEW_EXPECTED").is_ok_and(|value| value == "1")
}

#[expect(clippy::disallowed_methods, reason = "what is expected is written by a test, when asked for")]
fn renew(kept: &Path, said: &str) {
    fs::write(kept, said).unwrap();
}
