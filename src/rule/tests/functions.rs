//! What the functions give: FEEL's own first, then those of the domain.

use super::world::{FORDON, LittleWorld, PERSONER, come_to, date, number, person_of, text, unknown};
use crate::rule::value::Why;

#[test]
fn numbers_are_rounded_as_feel_rounds_them() {
    come_to(&[
        ("floor(1.5)", "1"),
        ("floor(-1.5)", "-2"),
        ("floor(1.26, 1)", "1.2"),
        ("ceiling(1.5)", "2"),
        ("ceiling(-1.5)", "-1"),
        ("decimal(1/3, 2)", "0.33"),
        ("decimal(1.5, 0)", "2"),
        ("decimal(2.5, 0)", "2"),
        ("round up(5.1, 0)", "6"),
        ("round up(-5.1, 0)", "-6"),
        ("round down(-5.9, 0)", "-5"),
        ("round half up(5.125, 2)", "5.13"),
        ("round half up(-5.5, 0)", "-6"),
        ("round half down(5.5, 0)", "5"),
        ("modulo(12, 5)", "2"),
        ("modulo(-12, 5)", "3"),
        ("modulo(12, -5)", "-3"),
        ("modulo(1, 0)", "unknown: NoNumber"),
        ("decimal(1.5, 0.5)", "unknown: NoNumber"),
        ("number(\"12.50\")", "12.5"),
        ("number(\"-3\")", "-3"),
        ("number(\"tolv\") = null", "true"),
        ("number(\"1 200\") = null", "true"),
    ]);
}

#[test]
fn texts_are_cut_and_put_together() {
    come_to(&[
        ("substring(\"Uppsala\", 3)", "psala"),
        ("substring(\"Uppsala\", 3, 2)", "ps"),
        ("substring(\"Uppsala\", -2)", "la"),
        ("substring(\"Åäö\", 2, 1)", "ä"),
        ("substring(\"Uppsala\", 0)", "unknown: NoNumber"),
        ("substring(\"Uppsala\", -9)", "unknown: NoNumber"),
        ("substring before(\"0380-1\", \"-\")", "0380"),
        ("substring before(\"0380\", \"-\")", ""),
        ("substring after(\"0380-1\", \"-\")", "1"),
        ("matches(\"ABC12D\", \"^[A-Z]{3} ?[0-9]{2}[0-9A-Z]$\")", "true"),
        ("matches(\"abc\", \"B\", \"i\")", "true"),
        ("replace(\"5050-1055\", \"[^0-9]\", \"\")", "50501055"),
        ("replace(\"a1b2\", \"([0-9])\", \"<$1>\")", "a<1>b<2>"),
        ("split(\"a;b;;c\", \";\")", "[a, b, , c]"),
        ("string join([\"a\", \"b\"], \", \")", "a, b"),
        ("string join([\"a\", null, \"b\"])", "ab"),
        ("string join(distinct values(fordon.status), \", \")", "I trafik, Avställd"),
        ("edit distance(\"F1001\", \"F1010\")", "2"),
        ("edit distance(\"F1001\", \"F1001A\")", "1"),
        ("has check digit(\"5050-1055\")", "true"),
        ("has check digit(\"5050-1056\")", "false"),
        ("has check digit(\"5050-105X\")", "false"),
        ("string length(\"\\u00e5\\n\")", "2"),
        ("matches(\"0380\", \"^\\d+$\")", "true"),
        (".5 + 1", "1.5"),
    ]);
}

#[test]
fn a_text_is_a_number_of_somebody_or_null() {
    come_to(&[
        ("person number(\"19850101-2382\") = personnummer", "true"),
        ("person number(\"850101-2382\") = personnummer", "true"),
        ("person number(\"850101-2383\") = null", "true"),
        ("organisation number(\"212000-0142\") = arbetsgivare", "true"),
        ("organisation number(\"SAKNAS\") = null", "true"),
    ]);
}

#[test]
fn lists_are_put_together_and_searched() {
    come_to(&[
        ("max(1, 3, 2)", "3"),
        ("min(@\"2026-01-02\", night)", "2026-01-02"),
        ("sum(1, 2.5)", "3.5"),
        ("all(1 < 2, 2 < 3)", "true"),
        ("any(1 > 2, inkomst > 999)", "true"),
        ("all(for g in grannar return g.arbetar)", "false"),
        ("any(for g in grannar return g.arbetar)", "true"),
        ("list contains([1, 2], 2)", "true"),
        ("concatenate([1], [2, 3])", "[1, 2, 3]"),
        ("count(concatenate(fordon, i_trafik))", "3"),
        ("count(concatenate(grannar, fordon.person))", "5"),
        ("concatenate(fordon.person, grannar).namn", "[Anna, Anna, Anna, Bo, Cia]"),
        ("append([1], 2, 3)", "[1, 2, 3]"),
        ("union([1, 2], [2, 3])", "[1, 2, 3]"),
        ("reverse([1, 2, 3])", "[3, 2, 1]"),
        ("reverse(fordon).regnr", "[DEF456, ABC123]"),
        ("sublist([1, 2, 3], 2)", "[2, 3]"),
        ("sublist([1, 2, 3], -2, 1)", "[2]"),
        ("sublist(fordon, 2).regnr", "[DEF456]"),
        ("sublist([1, 2, 3], 0)", "unknown: NoNumber"),
        ("index of([1, 2, 1], 1)", "[1, 3]"),
        ("index of([1, 2], 3)", "[]"),
    ]);
}

#[test]
fn parts_of_dates_are_numbers() {
    come_to(&[
        ("flyttdatum.year", "2026"),
        ("flyttdatum.month", "11"),
        ("flyttdatum.day", "20"),
        ("ansokan.month", "11"),
        ("date(2026, 2, 28)", "2026-02-28"),
        ("date(2026, 2, 29) = null", "true"),
        ("date(\"2026-02-28\") = date(2026, 2, 28)", "true"),
        ("date(\"28/2\") = null", "true"),
        ("@\"P1Y2M\"", "14 months"),
        ("@\"-P3D\"", "-3 days"),
        ("ansokan.day", "a month has no `day`"),
    ]);
}

#[test]
fn rows_come_in_the_order_that_is_asked_for() {
    come_to(&[
        ("sort by(fordon, arsmodell).regnr", "[DEF456, ABC123]"),
        ("sort by(fordon, kopt, regnr).regnr", "[ABC123, DEF456]"),
        ("first(sort by(fordon, -arsmodell)).regnr", "ABC123"),
        // What is null comes last; where a key is not known, so is what comes first.
        ("sort by(grannar, flyttdatum).namn", "[Cia, Anna, Bo]"),
        ("first(sort by(grannar, inkomst)).namn", "unknown: Empty"),
        ("count(sort by(grannar, inkomst))", "3"),
        // A text with declared values goes by their order, not the alphabet's.
        ("sort by(grannar, roll).namn", "[Anna, Bo, Cia]"),
        ("sort by(fordon, status).regnr", "[ABC123, DEF456]"),
        ("sort by(fordon, person)", "rows are not sorted by a row of `personer`"),
    ]);
}

fn purchases() -> LittleWorld {
    let bought = |regnr: &str, day: &str, price: i64| {
        vec![text(regnr), person_of(0), text("I trafik"), number(price), date(day)]
    };
    let anna = LittleWorld::household().tables.remove(&(PERSONER, crate::rule::types::Side::Tonight)).unwrap();
    LittleWorld::of([((PERSONER, crate::rule::types::Side::Tonight), anna)])
        .and(FORDON, bought("A", "2024-01-10", 100))
        .and(FORDON, bought("B", "2024-05-01", 200))
        .and(FORDON, bought("C", "2025-01-09", 50))
        .and(FORDON, bought("D", "2025-01-10", 400))
        .and(FORDON, bought("E", "2026-01-10", 10))
}

#[test]
fn a_period_begins_with_the_first_date_after_the_one_before_has_ended() {
    for (day, start) in [
        ("2024-01-10", "2024-01-10"),
        ("2025-01-09", "2024-01-10"),
        ("2025-01-10", "2025-01-10"),
        ("2026-01-09", "2025-01-10"),
        ("2026-01-10", "2026-01-10"),
        ("2023-12-31", "2023-12-31"),
    ] {
        let rule = format!("period start(fordon.kopt, @\"{day}\", duration(\"P12M\"))");
        assert_eq!(purchases().eval(&rule), start, "{day}");
    }
    let rule = "period start(fordon.kopt, @\"2025-01-09\", duration(\"P12M\"))";
    assert_eq!(purchases().without(FORDON, 0, "kopt", Why::Unreadable).eval(rule), "unknown: Unreadable");
    // A date after the day that is asked about does not matter, and one in doubt only where it could begin a period.
    assert_eq!(purchases().eval("period start(fordon[person.arbetar].kopt, night, @\"P12M\")"), "2026-01-10");
    assert_eq!(
        purchases()
            .without(FORDON, 4, "status", Why::Empty)
            .eval("period start(i_trafik.kopt, @\"2025-01-09\", @\"P12M\")"),
        "2024-01-10"
    );
}

#[test]
fn a_period_from_the_29th_of_february_ends_with_the_27th() {
    let leap = purchases().with(FORDON, 0, "kopt", date("2024-02-29")).with(FORDON, 1, "kopt", date("2025-02-28"));
    let rule = "period start(fordon.kopt, @\"2025-02-28\", duration(\"P12M\"))";
    assert_eq!(leap.eval(rule), "2025-02-28");
}

#[test]
fn a_limit_is_reached_at_the_row_where_the_sum_so_far_comes_to_it() {
    for (limit, rows) in [("100", "[A, B, C, D, E]"), ("300", "[B, C, D, E]"), ("350.01", "[D, E]"), ("761", "[]")] {
        assert_eq!(purchases().eval(&format!("reaching(fordon, arsmodell, {limit}).regnr")), rows, "{limit}");
    }
    // The limit may be each row's own.
    assert_eq!(purchases().eval("reaching(fordon, arsmodell, if kopt.year = 2024 then 1000 else 700).regnr"), "[D, E]");
}

#[test]
fn a_limit_that_may_have_been_reached_before_leaves_what_comes_after_in_doubt() {
    let holed = || purchases().without(FORDON, 1, "status", Why::Unreadable);
    // B may not belong: the sum is 100, then 100 to 300 and so on.
    assert_eq!(holed().eval("reaching(i_trafik, arsmodell, 300).regnr"), "[B?, C?, D, E]");
    assert_eq!(holed().eval("count(reaching(i_trafik, arsmodell, 300)) > 0"), "true");
    assert_eq!(holed().eval("first(reaching(i_trafik, arsmodell, 300)).regnr"), "unknown: Unreadable");
    assert_eq!(
        purchases().open(0, "fordon", Why::Rejected).eval("reaching(fordon, arsmodell, 700).regnr"),
        "[A?, B?, C?, D?, E?, …]"
    );
    let no_price = purchases().with(FORDON, 2, "arsmodell", unknown(Why::Empty));
    assert_eq!(no_price.eval("reaching(fordon, arsmodell, 300).regnr"), "[B, C?, D?, E?]");
}

#[test]
fn what_is_surely_there_limits_the_smallest_and_the_largest() {
    let holed = || purchases().without(FORDON, 1, "status", Why::Unreadable);
    assert_eq!(holed().eval("max(i_trafik.arsmodell)"), "400");
    assert_eq!(holed().eval("min(i_trafik.kopt)"), "2024-01-10");
    let unread = || purchases().without(FORDON, 0, "kopt", Why::Unreadable);
    assert_eq!(unread().eval("min(fordon.kopt)"), "at most 2024-05-01");
    assert_eq!(unread().eval("min(fordon.kopt) <= @\"2024-05-01\""), "true");
    assert_eq!(unread().eval("min(fordon.kopt) > @\"2024-05-01\""), "false");
    assert_eq!(unread().eval("min(fordon.kopt) < @\"2024-05-01\""), "unknown: Unreadable");
    assert_eq!(unread().eval("min(fordon.kopt) = null"), "false");
    assert_eq!(unread().eval("sum(i_trafik.arsmodell) - 10 > 0"), "true");
}

#[test]
fn all_rows_of_an_extract_are_named_by_its_id() {
    assert_eq!(purchases().eval("min(all rows(fordon).kopt)"), "2024-01-10");
    assert_eq!(purchases().eval("count(all rows(fordon)[agare = subject.personnummer])"), "5");
    let mut cut = purchases();
    cut.cut_off(FORDON, 2, Why::Rejected);
    assert_eq!(cut.eval("count(all rows(fordon))"), "at least 2");
    assert_eq!(purchases().eval("count(all rows(fordn))"), "there is no extract `fordn`");
}

#[test]
fn a_code_is_listed_or_not() {
    come_to(&[
        ("is listed(kommun(\"0380\"))", "true"),
        ("is listed(kommun(\"9999\"))", "false"),
        ("is listed(grans(night))", "true"),
        ("is listed(grans(@\"1900-01-01\"))", "false"),
        ("is listed(night)", "`is listed` takes a look-up of a parameter"),
        ("is derived(grans(night))", "false"),
        ("is derived(grans(@\"1900-01-01\"))", "unknown: NoParameter(ParameterId(0))"),
        ("is derived(kommun(\"0380\"))", "the codes of a code list are not derived"),
        ("night - 3 * duration(\"P1M\") = night - duration(\"P3M\")", "true"),
        ("duration(\"P2D\") * 1.5 = duration(\"P3D\")", "true"),
        ("0.5 * duration(\"P1M\")", "unknown: NoNumber"),
    ]);
}

#[test]
fn what_functions_do_not_take_is_told() {
    come_to(&[
        ("max(1, \"a\")", "a text among numbers"),
        ("reaching(fordon, regnr, 3)", "`reaching` takes a number for each row, this is a text"),
        ("sort by(inkomst, namn)", "`sort by` takes rows, this is a number"),
        ("concatenate([1], [\"a\"])", "`concatenate` takes a list of numbers, this is a list of texts"),
        ("append([1], \"a\")", "`append` takes a list of numbers, this is a text"),
        ("matches(namn, namn)", "the pattern of a regular expression stands in the expression itself, as a text"),
        ("matches(namn, \"[\")", "not a regular expression: error: unclosed character class"),
        ("matches(namn, \"a\", \"q\")", "not a regular expression: there is no flag `q`"),
        ("substring(namn)", "`substring` takes 2 to 3 values, here is one"),
        (
            "period start(fordon.regnr, night, @\"P1M\")",
            "`period start` takes dates, such as a field of rows, this is a list of texts",
        ),
        ("period start(fordon.kopt, night, 12)", "`period start` takes a duration, this is a number"),
        ("date(2026, 1)", "`date` takes a text, or a year, a month and a day"),
    ]);
}
