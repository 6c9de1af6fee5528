//! How subjects that belong to no case, checks over no rows, and lines of a note are dealt with: small robots of their own.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use common::{Exit, LittleNight};

const THINGS: &str = r#"
id = "saker"
encoding = "utf-8"
delimiter = ";"
key = ["sak"]
protection = 'hemlig'

[fields]
sak    = { type = "text" }
hemlig = { type = "boolean" }
ar     = { type = "text", empty = "none" }
"#;

fn robot(checks: &str) -> String {
    format!(
        "id = \"s\"\ntitle = \"S\"\nversion = \"1.0.0\"\npurpose = \"p\"\nowner = \"o\"\n\
         [subject]\neach = \"saker\"\ncase = \"ar\"\n{checks}\n[note]\ntitle = \"T\"\n"
    )
}

fn passes(robot: &str, examples: &str) {
    let little = LittleNight::of_definitions();
    little.lay("robots/extracts/saker.toml", THINGS.as_bytes());
    little.lay("robots/s/robot.toml", robot.as_bytes());
    little.lay("robots/s/tests.toml", format!("municipality = \"0380\"\n{examples}").as_bytes());
    little.types(&["test"]).exits_with(Exit::Done);
}

const ALWAYS: &str = "[[check]]\nid = \"en\"\nwhen = 'sak != \"\"'\nsays = \"x\"\n";

#[test]
fn subjects_that_belong_to_no_case_do_not_protect_one_another() {
    passes(
        &robot(ALWAYS),
        r#"
[[test]]
name = "two without a case, one protected"
date = 2026-11-21
night.saker = [{ sak = "1", hemlig = true }, { sak = "2", hemlig = false }]
expect = [
  { subject = "1", outcome = "protected", checks = ["en"] },
  { subject = "2", outcome = "flagged", checks = ["en"] },
]

[[test]]
name = "two of one case, one protected"
date = 2026-11-21
night.saker = [{ sak = "1", hemlig = true, ar = "A" }, { sak = "2", hemlig = false, ar = "A" }]
expect = [{ subject = "1", outcome = "protected", checks = ["en"] }, { subject = "2", outcome = "protected", checks = ["en"] }]
"#,
    );
}

#[test]
fn what_a_check_requires_is_asked_also_where_it_has_no_rows_to_go_over() {
    let check = |key: &str| {
        robot(&format!(
            "[[check]]\nid = \"en\"\n{key} = [{{ that = 'sak = \"känd\"', otherwise = \"okänd sak\" }}]\n\
             each = 'a in all rows(saker)[sak = \"finns inte\"]'\nwhen = 'a.sak != sak'\nsays = \"x\"\n"
        ))
    };
    for key in ["requires", "clear_requires"] {
        passes(
            &check(key),
            r#"
[[test]]
name = "asked without rows"
date = 2026-11-21
night.saker = [{ sak = "känd", hemlig = false, ar = "A" }, { sak = "annan", hemlig = false, ar = "B" }]
expect = [{ subject = "annan", outcome = "undecided", undecided = ["en"] }]
"#,
        );
    }
}

#[test]
fn the_lines_that_a_note_ends_with_stand_in_the_robots_order() {
    let robot = robot(ALWAYS)
        + "[[note.line]]\nwhen = 'sak != \"a\"'\nsays = \"Norm\"\n[[note.line]]\nwhen = 'sak != \"b\"'\nsays = \"Behov\"\n";
    passes(
        &robot,
        r#"
[[test]]
name = "each once, the robot's first line first"
date = 2026-11-21
night.saker = [{ sak = "a", hemlig = false, ar = "A" }, { sak = "b", hemlig = false, ar = "A" }]
expect = [
  { subject = "a", outcome = "flagged", checks = ["en"], note = "x\nNorm\nBehov" },
  { subject = "b", outcome = "flagged", checks = ["en"] },
]
"#,
    );
}
