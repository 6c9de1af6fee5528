//! What is said of an expression that is wrong: the title, the words that the caret marks, and what stands beside it.

use super::world::{catalog, checked, scope};
use crate::rule::catalog::{Catalog, Written};
use crate::rule::check::{self};
use crate::rule::parse::parse;
use crate::rule::syntax::RuleError;
use crate::rule::types::Use;

fn mistakes_in(catalog: &Catalog, expression: &str) -> Vec<RuleError> {
    checked(catalog, expression, Use::Decides).expect_err(expression)
}

/// One row: the expression, the title, what the caret marks, and the label or hint.
fn told(table: &[(&str, &str, &str, &str)]) {
    let catalog = catalog();
    for (expression, title, marked, advice) in table {
        let errors = mistakes_in(&catalog, expression);
        let [error] = errors.as_slice() else { panic!("{expression}: {errors:?}") };
        let given = if error.label.is_empty() { error.hint.clone().unwrap_or_default() } else { error.label.clone() };
        let found = (error.title.as_str(), &expression[error.span.clone()], given.as_str());
        assert_eq!(found, (*title, *marked, *advice), "{expression}");
    }
}

#[test]
fn a_name_that_does_not_exist_is_answered_with_the_one_that_was_meant() {
    told(&[
        (
            "inkomts > 3",
            "`inkomts` is not a field, a relation, a fact or a built-in name here",
            "inkomts",
            "did you mean `inkomst`?",
        ),
        (
            "sinc <= night",
            "`sinc` is not a field, a relation, a fact or a built-in name here",
            "sinc",
            "did you mean `since`?",
        ),
        (
            "zzzzzzzzz",
            "`zzzzzzzzz` is not a field, a relation, a fact or a built-in name here",
            "zzzzzzzzz",
            "the fields of `personer` stand in robots/extracts/personer.toml",
        ),
        (
            "count(fordan)",
            "`fordan` is not a field, a relation, a fact or a built-in name here",
            "fordan",
            "did you mean `fordon`?",
        ),
        ("kort.skyd != null", "`kort` has no field or relation `skyd`", "skyd", "did you mean `skydd`?"),
        (
            "kort.zzzzzzzzz != null",
            "`kort` has no field or relation `zzzzzzzzz`",
            "zzzzzzzzz",
            "the fields of `kort` stand in robots/extracts/kort.toml",
        ),
        (
            "fordon[regnummer = \"x\"]",
            "`regnummer` is not a field, a relation, a fact or a built-in name here",
            "regnummer",
            "the fields of `fordon` stand in robots/extracts/fordon.toml",
        ),
        (
            "some f in fordon satisfies f.regnrr = \"x\"",
            "`fordon` has no field or relation `regnrr`",
            "regnrr",
            "did you mean `regnr`?",
        ),
        ("countt(fordon)", "there is no function or parameter `countt`", "countt", "did you mean `count`?"),
        ("gräns(night)", "there is no function or parameter `gräns`", "gräns", "did you mean `grans`?"),
        (
            "xyzxyzxyz(night)",
            "there is no function or parameter `xyzxyzxyz`",
            "xyzxyzxyz",
            "parameters stand in robots/parameters/, the functions in docs/rules.md",
        ),
        (
            "count(fordon) > grans",
            "`grans` is not a field, a relation, a fact or a built-in name here",
            "grans",
            "a parameter is called with the date of the event or its code: `grans(night)`",
        ),
        (
            "f.regnr = \"x\"",
            "`f` is not a field, a relation, a fact or a built-in name here",
            "f",
            "the fields of `personer` stand in robots/extracts/personer.toml",
        ),
    ]);
}

#[test]
fn a_text_outside_the_declared_values_is_a_mistake() {
    told(&[
        (
            "roll = \"Sokande\"",
            "`Sokande` is not one of the field's declared values",
            "\"Sokande\"",
            "did you mean `Sökande`?",
        ),
        (
            "\"Far\" = roll",
            "`Far` is not one of the field's declared values",
            "\"Far\"",
            "its values are `Sökande`, `Medsökande`, `Barn`",
        ),
        (
            "roll in (\"Barn\", \"Moster\")",
            "`Moster` is not one of the field's declared values",
            "\"Moster\"",
            "its values are `Sökande`, `Medsökande`, `Barn`",
        ),
        (
            "roll between \"Barn\" and \"Xx\"",
            "`Xx` is not one of the field's declared values",
            "\"Xx\"",
            "its values are `Sökande`, `Medsökande`, `Barn`",
        ),
        (
            "\"Trafik\" in fordon.status",
            "`Trafik` is not one of the field's declared values",
            "\"Trafik\"",
            "did you mean `I trafik`?",
        ),
    ]);
}

#[test]
fn values_of_two_kinds_are_not_compared() {
    told(&[
        ("flyttdatum > 3", "a date is compared with a number", "flyttdatum > 3", ""),
        (
            "flyttdatum = \"2026-01-01\"",
            "a date is compared with a text",
            "flyttdatum = \"2026-01-01\"",
            "write a date as `@\"2026-01-31\"`",
        ),
        (
            "inkomst = \"3\"",
            "a number is compared with a text",
            "inkomst = \"3\"",
            "a number stands without quotes: `3`",
        ),
        (
            "arbetar = \"J\"",
            "a condition is compared with a text",
            "arbetar = \"J\"",
            "write the condition itself, or `not(…)` around it",
        ),
        (
            "ansokan = night",
            "a month is compared with a date",
            "ansokan = night",
            "write `month of(…)` around the date",
        ),
        (
            "night - flyttdatum > 30",
            "a duration in days is compared with a number",
            "night - flyttdatum > 30",
            "write `duration(\"P30D\")`, or ask for `days between(…, …)`",
        ),
        (
            "night - flyttdatum > duration(\"P1M\")",
            "a duration in days is compared with a duration in months",
            "night - flyttdatum > duration(\"P1M\")",
            "",
        ),
        (
            "personnummer = arbetsgivare",
            "a person number is compared with an organisation number",
            "personnummer = arbetsgivare",
            "",
        ),
        (
            "personnummer > personnummer",
            "a person number is neither less nor greater than another",
            "personnummer > personnummer",
            "",
        ),
        ("fordon = fordon", "rows of `fordon` are compared with rows of `fordon`", "fordon = fordon", ""),
        (
            "fordon.regnr = fordon.regnr",
            "a list of texts is compared with a list of texts",
            "fordon.regnr = fordon.regnr",
            "",
        ),
        ("kort = first(fordon)", "a row of `kort` is compared with a row of `fordon`", "kort = first(fordon)", ""),
        (
            "inkomst between 1 and \"x\"",
            "a number is compared with a text",
            "inkomst between 1 and \"x\"",
            "a text stands in double quotes; `number(…)` reads a text as a number",
        ),
        (
            "inkomst in (1, \"x\")",
            "a number is compared with a text",
            "inkomst in (1, \"x\"",
            "a text stands in double quotes; `number(…)` reads a text as a number",
        ),
        (
            "inkomst in fordon.regnr",
            "a number is compared with a text",
            "inkomst in fordon.regnr",
            "a text stands in double quotes; `number(…)` reads a text as a number",
        ),
        (
            "inkomst in fordon",
            "rows of `fordon` are not a list to look in",
            "fordon",
            "take a field of the rows: `x in rows.field`",
        ),
        ("inkomst < null", "nothing is less or greater than null", "inkomst < null", "write `x = null` or `x != null`"),
        ("fordon = null", "a list is never null", "fordon = null", "write `count(…) = 0` for one with nothing in it"),
        (
            "fordon_igar.regnr != null",
            "a list is never null",
            "fordon_igar.regnr != null",
            "write `count(…) = 0` for one with nothing in it",
        ),
    ]);
}

#[test]
fn arithmetic_of_two_kinds_is_a_mistake() {
    told(&[
        (
            "night + 30",
            "a date and a number cannot go together with `+`",
            "night + 30",
            "write `duration(\"P30D\")` or `duration(\"P12M\")`",
        ),
        (
            "namn + 3",
            "a text and a number cannot go together with `+`",
            "namn + 3",
            "make a text of a value with `string(…)`",
        ),
        (
            "night * 2",
            "a date and a number cannot go together with `*`",
            "night * 2",
            "write `duration(\"P30D\")` or `duration(\"P12M\")`",
        ),
        (
            "night + night",
            "a date and a date cannot go together with `+`",
            "night + night",
            "`a - b` and `days between(b, a)` are the days between them",
        ),
        (
            "1 + null",
            "a number and null cannot go together with `+`",
            "1 + null",
            "ask first whether it is there: `x != null and …`",
        ),
        ("-namn", "a text has no negative", "-namn", ""),
        (
            "duration(\"12M\")",
            "`12M` is not a duration",
            "\"12M\"",
            "write `duration(\"P12M\")` for twelve months, `duration(\"P30D\")` for thirty days",
        ),
        (
            "duration(\"P999999999Y\")",
            "`P999999999Y` is not a duration",
            "\"P999999999Y\"",
            "write `duration(\"P12M\")` for twelve months, `duration(\"P30D\")` for thirty days",
        ),
        (
            "duration(\"P178956970Y2147483647M\")",
            "`P178956970Y2147483647M` is not a duration",
            "\"P178956970Y2147483647M\"",
            "write `duration(\"P12M\")` for twelve months, `duration(\"P30D\")` for thirty days",
        ),
        (
            "duration(namn)",
            "`duration` takes a text as it stands",
            "namn",
            "write `duration(\"P12M\")` for twelve months, `duration(\"P30D\")` for thirty days",
        ),
        (
            "@\"2026-02-29\"",
            "`2026-02-29` is neither a date nor a duration",
            "@\"2026-02-29\"",
            "write `@\"2026-01-31\"` for a day, `@\"P12M\"` for twelve months",
        ),
        (
            "@\"2026 -1-31\"",
            "`2026 -1-31` is neither a date nor a duration",
            "@\"2026 -1-31\"",
            "write `@\"2026-01-31\"` for a day, `@\"P12M\"` for twelve months",
        ),
        (
            "@\"+2026-1-31\"",
            "`+2026-1-31` is neither a date nor a duration",
            "@\"+2026-1-31\"",
            "write `@\"2026-01-31\"` for a day, `@\"P12M\"` for twelve months",
        ),
        ("0.00000000000000000000000000001", "a number of more than 28 digits", "0.00000000000000000000000000001", ""),
    ]);
}

#[test]
fn a_condition_is_not_a_value_and_a_value_is_not_a_condition() {
    told(&[
        (
            "namn and arbetar",
            "a text stands where a condition was expected",
            "namn",
            "compare it, `… = \"…\"`, or ask whether it is there, `… != null`",
        ),
        (
            "fordon or arbetar",
            "rows of `fordon` stand where a condition was expected",
            "fordon",
            "write `count(…) > 0`, or `some x in … satisfies …`",
        ),
        ("if kort then 1 else 2", "a row of `kort` stands where a condition was expected", "kort", "write `… != null`"),
        (
            "some f in fordon satisfies f.regnr",
            "a text stands where a condition was expected",
            "f.regnr",
            "compare it, `… = \"…\"`, or ask whether it is there, `… != null`",
        ),
        ("not(namn)", "`not` takes a condition, this is a text", "namn", ""),
        (
            "if arbetar then 1 else \"x\"",
            "`then` gives a number and `else` gives a text",
            "if arbetar then 1 else \"x\"",
            "both give one type: make texts of them with `string(…)`, or write `null`",
        ),
        ("fordon[1]", "rows cannot be asked for by their place", "1", "write `first(…)` or `last(…)`"),
        ("fordon[-1]", "rows cannot be asked for by their place", "-1", "write `first(…)` or `last(…)`"),
        ("namn[true]", "a text cannot be filtered", "namn", ""),
        ("some x in namn satisfies true", "a text is not a list to go over", "namn", ""),
        ("namn.langd = 3", "a text has no `langd`", "langd", ""),
        ("fordon.regnr.x", "a list of texts has no `x`", "x", ""),
        ("[1, \"x\"]", "a text among numbers", "\"x\"", ""),
        ("count([])", "a list with nothing in it has no type", "[]", ""),
        ("[1..3]", "an interval stands on its own", "[1..3]", "write `x in [a..b]`"),
    ]);
    let catalog = catalog();
    let error = check::condition(&parse("namn").unwrap(), &scope(&catalog, Use::Decides)).unwrap_err();
    assert_eq!(error[0].title, "a text stands where a condition was expected");
}

#[test]
fn a_function_says_what_it_takes() {
    told(&[
        ("count(namn)", "`count` takes rows or a list, this is a text", "namn", ""),
        ("count(fordon, 3)", "`count` takes one value, here are 2", "count(fordon, 3)", ""),
        ("today(3)", "`today` takes no value, here is one", "today(3)", ""),
        ("contains(namn)", "`contains` takes 2 values, here is one", "contains(namn)", ""),
        ("sum(fordon.regnr)", "`sum` takes numbers, this is a list of texts", "fordon.regnr", ""),
        (
            "sum(fordon)",
            "`sum` takes numbers, this is rows of `fordon`",
            "fordon",
            "take a field of the rows: `sum(rows.field)`",
        ),
        (
            "max(grannar.arbetar)",
            "`max` takes numbers, dates, months or texts, this is a list of conditions",
            "grannar.arbetar",
            "",
        ),
        ("age(namn, night)", "`age` takes a person number, this is a text", "namn", ""),
        ("string(fordon)", "`string` takes one value, this is rows of `fordon`", "fordon", ""),
        (
            "distinct values(fordon)",
            "`distinct values` takes single values, such as a field of rows, this is rows of `fordon`",
            "fordon",
            "",
        ),
        (
            "distinct values(for g in grannar return g.fordon.regnr)",
            "`distinct values` takes single values, such as a field of rows, this is a list of lists",
            "for g in grannar return g.fordon.regnr",
            "",
        ),
        ("grans(3)", "`grans` is called with a date, this is a number", "3", ""),
        ("grans()", "`grans` is called with a date, here is none", "grans()", ""),
        ("kommun(night)", "`kommun` is called with a text, this is a date", "night", ""),
        ("delivered(namn)", "`delivered` takes a relation, this is a text", "namn", ""),
        ("protected(namn)", "`protected` takes a row or rows, this is a text", "namn", ""),
        (
            "protected(fordon)",
            "`fordon` does not say when a person is protected",
            "fordon",
            "add `protection = '…'` to robots/extracts/fordon.toml",
        ),
    ]);
}

#[test]
fn a_stand_in_may_be_written_but_may_not_decide() {
    told(&[
        (
            "get or else(inkomst, 0) > 3",
            "`get or else` may not decide anything",
            "get or else(inkomst, 0)",
            "it stands in `says`, in columns and in orders; a condition asks `x = null`, and stays undecided where x is not known",
        ),
        (
            "at least(count(fordon)) > 3",
            "`at least` may not decide anything",
            "at least(count(fordon))",
            "it stands in `says`, in columns and in orders; a condition asks `x = null`, and stays undecided where x is not known",
        ),
    ]);
    let catalog = catalog();
    assert!(checked(&catalog, "get or else(inkomst, 0)", Use::Written).is_ok());
    let error = checked(&catalog, "get or else(inkomst, \"saknas\")", Use::Written).unwrap_err();
    assert_eq!(error[0].title, "a text cannot stand in for a number");
    assert_eq!(error[0].hint.as_deref(), Some("make both texts with `string(…)`"));
}

#[test]
fn the_habits_of_other_languages_are_answered_with_how_it_is_written_here() {
    told(&[
        ("inkomst == 3", "`==` is not an operator here", "==", "equality is written with one `=`"),
        ("inkomst <> 3", "`<>` is not an operator here", "<>", "write `!=` for \"not equal\""),
        ("arbetar && arbetar", "`&&` is not an operator here", "&&", "write `and`"),
        ("arbetar || arbetar", "`||` is not an operator here", "||", "write `or`"),
        (
            "roll = 'Barn'",
            "a text stands in double quotes",
            "'",
            "write \"text\"; the single quotes outside are TOML's",
        ),
        ("!arbetar", "`!` is not an operator here", "!", "write `not(…)`"),
        (
            "inkomst % 2",
            "`%` is not an operator here",
            "%",
            "write the share as a number, `0.12` for 12 %; what is left of a division is `modulo(…, …)`",
        ),
        (
            "inkomst IS NULL",
            "`IS` stands where an operator or the end was expected",
            "IS",
            "write `x = null` or `x != null`",
        ),
        (
            "namn LIKE \"A%\"",
            "`LIKE` stands where an operator or the end was expected",
            "LIKE",
            "write `contains(text, \"part\")` or `starts with(text, \"part\")`",
        ),
        (
            "arbetar AND arbetar",
            "`AND` stands where an operator or the end was expected",
            "AND",
            "write `and` in small letters",
        ),
        (
            "arbetar OR arbetar",
            "`OR` stands where an operator or the end was expected",
            "OR",
            "write `or` in small letters",
        ),
        ("not arbetar", "`not` stands without its brackets", "not", "write `not(…)` with the condition in brackets"),
        (
            "arbetar and NOT arbetar",
            "`NOT` stands without its brackets",
            "NOT",
            "write `not(…)` with the condition in brackets",
        ),
        ("inkomst = NULL", "`NULL` is not a field, a relation, a fact or a built-in name here", "NULL", "write `null`"),
        ("arbetar = TRUE", "`TRUE` is not a field, a relation, a fact or a built-in name here", "TRUE", "write `true`"),
        (
            "len(namn) > 3",
            "there is no function or parameter `len`",
            "len",
            "write `count(…)` for rows, `string length(…)` for a text",
        ),
        (
            "coalesce(inkomst, 0)",
            "there is no function or parameter `coalesce`",
            "coalesce",
            "write `get or else(…, …)` in a sentence; in a condition `if x = null then … else x`",
        ),
        (
            "now() = night",
            "there is no function or parameter `now`",
            "now",
            "write `night`; nothing here asks the clock",
        ),
        ("upper(namn)", "there is no function or parameter `upper`", "upper", "write `upper case(…)`"),
        (
            "1 < inkomst < 3",
            "comparisons cannot follow one another",
            "<",
            "write `a < b and b < c`, or `b between a and c`",
        ),
    ]);
}

#[test]
fn every_mistake_in_an_expression_is_told_at_once() {
    let catalog = catalog();
    let expression = "inkomts > 3 and rol = \"Barn\" or namn > 3";
    let marked: Vec<_> = mistakes_in(&catalog, expression).into_iter().map(|error| &expression[error.span]).collect();
    assert_eq!(marked, ["inkomts", "rol", "namn > 3"]);
}

#[test]
fn a_mistake_in_a_declaration_is_left_to_where_the_declaration_is_checked() {
    let mut catalog = catalog();
    catalog.extracts[0].relations[2].condition =
        Some(Written::read("en_mycket_lang_felaktig_text = \"I trafik\"").unwrap());
    assert_eq!(mistakes_in(&catalog, "count(i_trafik)"), []);
}

#[test]
fn declarations_that_lead_round_in_a_circle_are_told_once_and_soon() {
    let mut catalog = catalog();
    let circle = ["antal_fordon = 1"; 12].join(" or ");
    catalog.extracts[0].fields[10].computed = Some(Written::read(&circle).unwrap());
    let expression = "1 < 2 and antal_fordon";
    let errors = mistakes_in(&catalog, expression);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].title, "the declarations of `personer` lead round in a circle");
    assert_eq!(&expression[errors[0].span.clone()], "antal_fordon");
}
