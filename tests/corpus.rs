//! What the fuzz target has been given and what it has found, run anew; and monsters that are too large to be kept.
//!
//! The texts stand in `fuzz/corpus/rule`, one a file. What is done to each is `fuzz/exercise.rs`, for the target and here.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use nattkoll::rule::function::Function;

#[path = "../fuzz/exercise.rs"]
mod exercise;

use exercise::Exercise;

/// Each kept text, by the name of its file.
fn kept() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/rule");
    let mut kept: Vec<(String, String)> = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| {
            let entry = entry.expect("the folder can be listed");
            let name = entry.file_name().to_string_lossy().into_owned();
            // As the target does: what is no text is nothing to the language.
            (
                name,
                std::fs::read(entry.path()).map(String::from_utf8).expect("the file can be read").unwrap_or_default(),
            )
        })
        .collect();
    kept.sort();
    kept
}

/// Runs texts on the stack of a worker thread, which is less than that of the main thread. The names of those that
/// panicked; and of those that could be worked out.
fn run(texts: Vec<(String, String)>) -> (Vec<String>, Vec<String>) {
    let all = move || {
        let exercise = Exercise::new();
        let (mut panicked, mut worked_out) = (Vec::new(), Vec::new());
        for (name, text) in texts {
            match catch_unwind(AssertUnwindSafe(|| exercise.run(&text))) {
                Ok(true) => worked_out.push(name),
                Ok(false) => {}
                Err(_) => panicked.push(name),
            }
        }
        (panicked, worked_out)
    };
    let worker = std::thread::Builder::new().stack_size(2 << 20).spawn(all).expect("there is room for a thread");
    worker.join().expect("what panics is caught")
}

#[test]
fn every_kept_text_is_answered() {
    let (panicked, worked_out) = run(kept());
    assert!(panicked.is_empty(), "{panicked:?}");
    assert!(worked_out.len() >= 100, "only {} are worked out", worked_out.len());
}

#[test]
fn every_function_is_called_by_a_kept_text_that_is_worked_out() {
    let (_, worked_out) = run(kept());
    let missing: Vec<&str> = Function::names()
        .filter(|name| !worked_out.contains(&format!("function-{}", name.replace(' ', "-"))))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Texts of one piece again and again, from a few to far more than an expression may have.
fn monsters() -> Vec<(String, String)> {
    let pieces = [
        "+",
        "-",
        "*",
        "/",
        "1+",
        "1-",
        "-1",
        "(",
        ")",
        "()",
        "[",
        "]",
        "[]",
        "[1,",
        "(1,",
        "{",
        "}",
        "{{",
        "{1}",
        "not(",
        "count(",
        "sum(",
        ".",
        "..",
        ".a",
        ".5",
        "a.",
        "\"",
        "\"\"",
        "\"a\"+",
        "\\",
        "\"\\",
        "@",
        "@\"",
        "@\"2026-01-01\"-",
        "=",
        "1=",
        "<",
        "1<",
        "!=",
        ",",
        "1,",
        "a",
        "a ",
        "å",
        "𝄞",
        "\u{301}",
        "\0",
        " ",
        "\n",
        "9",
        "0",
        "0.",
        "belopp ",
        "kostnader[",
        "kostnader[belopp>",
        "sokande.",
        "if ",
        "if true then 1 else ",
        "if 1 then ",
        "then ",
        "else ",
        "some ",
        "some x in kostnader satisfies ",
        "every x in [1] satisfies ",
        "for x in kostnader return ",
        "in ",
        "1 in ",
        "1 in [",
        "1 in (1..",
        "between ",
        "1 between 1 and ",
        "and ",
        "true and ",
        "or ",
        "true or ",
        "null ",
        "true ",
        "distinct values(",
        "sort by(kostnader,",
        "get or else(",
        "period start(",
        "upper case(",
        "<1,",
        "[1..2],",
        "not(1,",
        "\"El\",",
        "// ",
        "/*",
    ];
    let mut monsters = Vec::new();
    for piece in pieces {
        for times in [3, 64, 65, 200_000 / piece.len()] {
            monsters.push((format!("{piece:?} {times} times"), piece.repeat(times)));
        }
        // As much as is read at all.
        monsters.push((format!("{piece:?} to the brim"), piece.repeat(3_990 / piece.len())));
    }
    for (open, inside, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("(1+", "1", ")"),
        ("(", "1", "+1+1+1)"),
        ("not(", "true", ")"),
        ("-(", "1", ")"),
        ("abs(", "1", ")"),
        ("(true and ", "true", ")"),
        ("1 in (", "1", ")"),
        ("[1][item in ", "[1]", "]"),
        ("concatenate([1],", "[1]", ")"),
        ("upper case(", "\"a\"", ")"),
        ("if true then (", "1", ") else 1"),
        ("some x in [1] satisfies (", "true", ")"),
        ("sum(for x in [1] return ", "1", ")"),
        ("count([1][item < ", "1", "])"),
        ("{", "1", "}"),
    ] {
        for times in [20, 31, 32, 62, 63, 64, 200_000] {
            let text = format!("{}{inside}{}", open.repeat(times), close.repeat(times));
            monsters.push((format!("{open:?} {times} times around"), text));
        }
    }
    let mut sums = "1".to_owned();
    for _ in 0..30 {
        sums = format!("({sums}{})", "+1".repeat(60));
    }
    monsters.push(("sums of sums of sums".to_owned(), sums));
    monsters
}

#[test]
fn monsters_are_answered() {
    let (panicked, worked_out) = run(monsters());
    assert!(panicked.is_empty(), "{panicked:?}");
    assert!(worked_out.len() >= 20, "only {} are small enough to be worked out", worked_out.len());
}

#[test]
fn what_is_too_much_is_told_with_its_limit() {
    for (text, title) in [
        ("1+".repeat(100_000), "an expression of 200000 bytes; the longest is 4000"),
        ("(".repeat(200_000), "an expression of 200000 bytes; the longest is 4000"),
        ("(".repeat(1_000), "nested more than 64 deep"),
        ("[".repeat(1_000), "nested more than 64 deep"),
        ("not(".repeat(500), "nested more than 64 deep"),
        ("-".repeat(1_000), "nested more than 64 deep"),
        (format!("1{}", "+1".repeat(1_000)), "more than 64 terms in a row"),
        (format!("a{}", ".a".repeat(1_000)), "a path of more than 64 steps"),
    ] {
        let error = nattkoll::rule::parse::parse(&text).unwrap_err();
        assert_eq!(error.title, title);
    }
}

/// Texts that grow when they are worked out, not when they are read.
#[test]
fn a_text_does_not_grow_without_end() {
    let mut doubled = String::new();
    for step in 0..40 {
        let before = if step == 0 { "\"x\"".to_owned() } else { format!("t{}", step - 1) };
        write!(doubled, "some t{step} in [{before} + {before}] satisfies ").unwrap();
    }
    let texts = ["string length(t39) > 1", "replace(t39, \".\", t39) = \"\"", "string join([t39, t39], t39) = \"\""];
    let texts = texts.map(|end| (end.to_owned(), format!("{doubled}{end}")));
    let (panicked, worked_out) = run(texts.to_vec());
    assert!(panicked.is_empty() && worked_out.len() == texts.len(), "{panicked:?}");
}
