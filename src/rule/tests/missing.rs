//! What expressions come to where something is null or not known.

use super::world::{FORDON, KORT, LittleWorld, PERSONER, come_to, date, number, person_of, text, unknown};
use crate::rule::types::Side;
use crate::rule::value::{Value, Why};

/// Bo's row, of whom little is known.
const BO: &str = "last(grannar[roll = \"Medsökande\"])";
/// Cia's row, of whom much is null.
const CIA: &str = "last(grannar[roll = \"Barn\"])";

fn of(who: &str, table: &[(&str, &str)]) {
    for (expression, expected) in table {
        let expression = expression.replace('$', who);
        assert_eq!(LittleWorld::household().eval(&expression), *expected, "{expression}");
    }
}

#[test]
fn and_or_and_not_are_those_of_kleene() {
    of(
        BO,
        &[
            ("$.arbetar", "unknown: SourceFailed"),
            ("$.arbetar and true", "unknown: SourceFailed"),
            ("$.arbetar and false", "false"),
            ("false and $.arbetar", "false"),
            ("$.arbetar or true", "true"),
            ("true or $.arbetar", "true"),
            ("$.arbetar or false", "unknown: SourceFailed"),
            ("not($.arbetar)", "unknown: SourceFailed"),
            ("$.arbetar or not($.arbetar)", "unknown: SourceFailed"),
            ("$.arbetar or $.inkomst > 3", "unknown: SourceFailed"),
            ("$.inkomst > 3 and $.arbetar", "unknown: Empty"),
            ("if $.arbetar then 1 else 1", "unknown: SourceFailed"),
            ("if false then $.inkomst else 2", "2"),
            ("if true then $.inkomst else 2", "unknown: Empty"),
        ],
    );
}

#[test]
fn only_the_null_test_gives_an_answer_for_null_and_none_does_for_unknown() {
    of(
        CIA,
        &[
            ("$.inkomst = null", "true"),
            ("null = $.inkomst", "true"),
            ("$.inkomst != null", "false"),
            ("$.inkomst = 0", "unknown: Null"),
            ("$.inkomst != 0", "unknown: Null"),
            ("$.inkomst = $.inkomst", "unknown: Null"),
            ("$.inkomst < 5", "unknown: Null"),
            ("$.inkomst + 1", "unknown: Null"),
            ("-$.inkomst", "unknown: Null"),
            ("$.inkomst between 1 and 2", "unknown: Null"),
            ("$.inkomst in (1, 2)", "unknown: Null"),
            ("$.ansokan + duration(\"P1M\")", "unknown: Null"),
            ("$.kort = null", "true"),
            ("$.kort != null", "false"),
            ("$.kort.skydd = null", "unknown: NoRow"),
            ("$.kort.skydd != null", "unknown: NoRow"),
            ("$.giltigt_kort = null", "true"),
            ("$.giltigt_kort.skydd = null", "unknown: NoRow"),
        ],
    );
    of(
        BO,
        &[
            ("$.inkomst = null", "unknown: Empty"),
            ("$.inkomst != null", "unknown: Empty"),
            ("$.inkomst = 0", "unknown: Empty"),
            ("$.inkomst = $.inkomst", "unknown: Empty"),
            ("$.ansokan = null", "unknown: Unreadable"),
            ("null = null", "true"),
        ],
    );
    assert_eq!(LittleWorld::household().eval("kort.skydd = null"), "true");
}

#[test]
fn an_unknown_value_can_still_lie_outside_an_interval_or_inside_a_list() {
    of(
        BO,
        &[
            ("inkomst between $.inkomst and 5", "false"),
            ("inkomst between $.inkomst and 5000", "unknown: Empty"),
            ("inkomst in [2000..$.inkomst]", "false"),
            ("inkomst in (5, $.inkomst)", "unknown: Empty"),
            ("inkomst in ($.inkomst, 1000)", "true"),
            ("inkomst in grannar.inkomst", "true"),
            ("5 in grannar.inkomst", "unknown: Empty"),
        ],
    );
}

#[test]
fn functions_of_what_is_not_known_are_not_known() {
    of(
        BO,
        &[
            ("abs($.inkomst)", "unknown: Empty"),
            ("string($.inkomst)", "unknown: Empty"),
            ("string($.flyttdatum)", "unknown: Null"),
            ("days between(night, $.flyttdatum)", "unknown: Null"),
            ("days between($.flyttdatum, night)", "unknown: Null"),
            ("month of($.flyttdatum)", "unknown: Null"),
            ("last day($.ansokan)", "unknown: Unreadable"),
            ("grans($.flyttdatum)", "unknown: Null"),
            ("age($.personnummer, $.flyttdatum)", "unknown: Null"),
            ("arbetsgivare = $.betalare", "unknown: Empty"),
        ],
    );
    let nameless = || LittleWorld::household().without(PERSONER, 0, "namn", Why::Unreadable);
    for expression in ["upper case(namn)", "namn + \"x\"", "\"x\" + namn", "contains(\"x\", namn)", "lan(namn)"] {
        assert_eq!(nameless().eval(expression), "unknown: Unreadable", "{expression}");
    }
}

#[test]
fn a_filter_over_something_unknown_keeps_the_row_as_a_doubt() {
    come_to(&[
        ("grannar[inkomst > 500]", "[0, 1?, 2?]"),
        ("grannar[inkomst > 5000]", "[1?, 2?]"),
        ("grannar[arbetar]", "[0, 1?]"),
        ("grannar[arbetar][roll = \"Medsökande\"]", "[1?]"),
        ("grannar[arbetar][roll = \"Barn\"]", "[]"),
        ("grannar[arbetar].fordon", "[0, 1, 2?]"),
        ("grannar[arbetar].fordon.regnr", "[ABC123, DEF456, GHI789?]"),
        ("grannar[arbetar].namn[item != \"Anna\"]", "[Bo?]"),
        ("for g in grannar[arbetar] return g.namn", "[Anna, Bo?]"),
    ]);
}

#[test]
fn a_count_is_known_between_limits_and_decides_what_they_decide() {
    come_to(&[
        ("count(grannar[inkomst > 500])", "between 1 and 3"),
        ("count(grannar[inkomst > 500]) >= 1", "true"),
        ("count(grannar[inkomst > 500]) > 0", "true"),
        ("count(grannar[inkomst > 500]) > 3", "false"),
        ("count(grannar[inkomst > 500]) <= 3", "true"),
        ("count(grannar[inkomst > 500]) < 1", "false"),
        ("count(grannar[inkomst > 500]) = 2", "unknown: Empty"),
        ("count(grannar[inkomst > 500]) = 4", "false"),
        ("count(grannar[inkomst > 500]) != 4", "true"),
        ("count(grannar[inkomst > 500]) != 2", "unknown: Empty"),
        ("3 < count(grannar[inkomst > 500])", "false"),
        ("count(grannar[arbetar]) < count(grannar)", "true"),
        ("count(grannar[arbetar]) < count(grannar[inkomst > 500])", "unknown: SourceFailed"),
        ("count(grannar[inkomst > 500]) between 1 and 3", "true"),
        ("count(grannar[inkomst > 500]) in [4..9]", "false"),
        ("count(grannar[inkomst > 500]) = null", "false"),
        ("count(grannar[inkomst > 500]) + 1", "between 2 and 4"),
    ]);
    let more = || LittleWorld::household().open(0, "fordon", Why::Rejected);
    assert_eq!(more().eval("count(fordon)"), "at least 2");
    assert_eq!(more().eval("count(fordon) > 1"), "true");
    assert_eq!(more().eval("count(fordon) < 2"), "false");
    assert_eq!(more().eval("count(fordon) > 2"), "unknown: Rejected");
    assert_eq!(more().eval("antal_fordon >= 2"), "true");
}

#[test]
fn a_decisive_row_decides_beside_one_that_is_not_known() {
    come_to(&[
        ("some g in grannar satisfies g.inkomst > 500", "true"),
        ("some g in grannar satisfies g.inkomst > 5000", "unknown: Empty"),
        ("every g in grannar satisfies g.inkomst > 5000", "false"),
        ("every g in grannar satisfies g.inkomst > 500", "unknown: Empty"),
        ("some g in grannar[arbetar] satisfies g.namn = \"Anna\"", "true"),
        ("some g in grannar[arbetar] satisfies g.namn = \"Bo\"", "unknown: SourceFailed"),
        ("some g in grannar[arbetar] satisfies g.namn = \"Cia\"", "false"),
        ("every g in grannar[arbetar] satisfies g.namn != \"Bo\"", "unknown: SourceFailed"),
        ("\"Bo\" in grannar[arbetar].namn", "unknown: SourceFailed"),
        ("\"Anna\" in grannar[arbetar].namn", "true"),
    ]);
    let more = || LittleWorld::household().open(0, "fordon", Why::Rejected);
    assert_eq!(more().eval("some f in fordon satisfies f.arsmodell = 2019"), "true");
    assert_eq!(more().eval("some f in fordon satisfies f.arsmodell = 1900"), "unknown: Rejected");
    assert_eq!(more().eval("every f in fordon satisfies f.arsmodell = 2019"), "false");
    assert_eq!(more().eval("every f in fordon satisfies f.arsmodell > 1900"), "unknown: Rejected");
    assert_eq!(more().eval("\"ABC123\" in fordon.regnr"), "true");
    assert_eq!(more().eval("\"XYZ999\" in fordon.regnr"), "unknown: Rejected");
}

#[test]
fn a_sum_is_known_between_limits_when_only_belonging_is_in_doubt() {
    come_to(&[
        ("sum(grannar.inkomst)", "unknown: Empty"),
        ("sum(for g in grannar[arbetar] return 10)", "between 10 and 20"),
        ("sum(for g in grannar[arbetar] return 10) > 9", "true"),
        ("sum(for g in grannar[arbetar] return -10)", "between -20 and -10"),
        ("sum(for g in grannar[arbetar] return 0)", "0"),
        ("mean(for g in grannar[arbetar] return 10)", "unknown: SourceFailed"),
        ("max(for g in grannar[arbetar] return 10)", "10"),
        ("min(grannar.inkomst)", "at most 1000"),
        ("max(grannar.flyttdatum)", "at least 2026-11-20"),
    ]);
    let more = || LittleWorld::household().open(0, "fordon", Why::Rejected);
    for expression in ["sum(fordon.arsmodell)", "mean(fordon.arsmodell)", "first(fordon)"] {
        assert_eq!(more().eval(expression), "unknown: Rejected", "{expression}");
    }
}

#[test]
fn the_first_is_known_when_it_surely_belongs() {
    come_to(&[
        ("first(grannar[arbetar])", "row 0"),
        ("last(grannar[arbetar])", "unknown: SourceFailed"),
        ("first(grannar[inkomst > 5000])", "unknown: Empty"),
        ("first(grannar[inkomst > 5000]).namn", "unknown: Empty"),
        ("first(grannar[inkomst > 5000]).fordon", "[…]"),
        ("first(grannar[inkomst > 5000]).kort", "unknown: Empty"),
        ("first(grannar[inkomst > 5000]).kort.skydd", "unknown: Empty"),
        ("first(fordon[arsmodell > 3000]).regnr", "unknown: NoRow"),
        ("first(fordon[arsmodell > 3000]).person", "unknown: NoRow"),
        ("first(grannar[namn = \"-\"]).fordon", "[…]"),
        ("first(grannar.inkomst)", "1000"),
        ("last(grannar.inkomst)", "null"),
    ]);
}

#[test]
fn distinct_values_count_what_is_not_known_as_perhaps_one_more() {
    come_to(&[
        ("distinct values(grannar.inkomst)", "[1000, unknown: Empty?, null]"),
        ("count(distinct values(grannar.inkomst))", "between 2 and 3"),
        ("count(distinct values(grannar.inkomst)) >= 2", "true"),
        ("distinct values(grannar[arbetar].adress)", "[Ågatan 1]"),
        ("distinct values(grannar[arbetar].namn)", "[Anna, Bo?]"),
        ("distinct values(grannar[inkomst > 5000].adress)", "[Ågatan 1?]"),
        ("distinct values(grannar[roll = \"Medsökande\"].inkomst)", "[unknown: Empty]"),
        ("count(distinct values(grannar[roll = \"Medsökande\"].inkomst))", "1"),
    ]);
    let dark = || {
        LittleWorld::household().without(PERSONER, 0, "inkomst", Why::Empty).without(PERSONER, 2, "inkomst", Why::Empty)
    };
    assert_eq!(dark().eval("count(distinct values(grannar.inkomst))"), "between 1 and 3");
    let late = || LittleWorld::household().without(PERSONER, 0, "inkomst", Why::Unreadable);
    assert_eq!(late().eval("first(distinct values(grannar.inkomst))"), "unknown: Unreadable");
    assert_eq!(late().eval("first(distinct values(grannar.inkomst)[item != 3])"), "unknown: Unreadable");
    let perhaps_first = || {
        LittleWorld::household()
            .without(PERSONER, 0, "arbetar", Why::Empty)
            .with(PERSONER, 1, "arbetar", Value::Boolean(true))
            .with(PERSONER, 2, "arbetar", Value::Boolean(true))
            .with(PERSONER, 2, "namn", text("Anna"))
    };
    assert_eq!(perhaps_first().eval("distinct values(grannar[arbetar].namn)"), "[Bo, Anna]");
    assert_eq!(perhaps_first().eval("first(distinct values(grannar[arbetar].namn))"), "unknown: Empty");
    let more = LittleWorld::household().open(0, "grannar", Why::Rejected);
    assert_eq!(more.eval("distinct values(grannar.adress)"), "[Ågatan 1, …]");
}

#[test]
fn of_perhaps_equal_rows_each_may_be_the_only_one() {
    let twin = |regnr, year| vec![regnr, person_of(0), text("Avställd"), year, date("2026-11-02")];
    let unread = || LittleWorld::household().and(FORDON, twin(unknown(Why::Unreadable), number(2019)));
    assert_eq!(unread().eval("olika"), "[0, 1, 3?]");
    assert_eq!(unread().eval("count(olika)"), "between 2 and 3");
    let first_unread = || LittleWorld::household().without(FORDON, 0, "regnr", Why::Unreadable);
    assert_eq!(first_unread().eval("olika"), "[0, 1?]");
    let doubtful = || {
        let same = twin(text("ABC123"), number(2020));
        LittleWorld::household().and(FORDON, same).without(FORDON, 0, "status", Why::Unreadable)
    };
    assert_eq!(doubtful().with(FORDON, 3, "status", text("I trafik")).eval("olika_i_trafik"), "[0?, 3?]");
    assert_eq!(doubtful().eval("olika_i_trafik"), "[0?]");
    assert_eq!(doubtful().eval("grannar.i_trafik"), "[0?, 2]");
}

#[test]
fn a_relations_condition_that_is_not_known_leaves_a_doubt() {
    let unread = || LittleWorld::household().without(FORDON, 0, "status", Why::Unreadable);
    assert_eq!(unread().eval("i_trafik"), "[0?]");
    assert_eq!(unread().eval("count(i_trafik)"), "between 0 and 1");
    let card = || LittleWorld::household().without(KORT, 0, "giltigt_till", Why::Unreadable);
    assert_eq!(card().eval("giltigt_kort"), "unknown: Unreadable");
    assert_eq!(card().eval("giltigt_kort = null"), "unknown: Unreadable");
    let expired = LittleWorld::household().with(KORT, 0, "giltigt_till", date("2026-11-20"));
    assert_eq!(expired.eval("giltigt_kort"), "null");
}

#[test]
fn where_a_key_is_not_known_nothing_that_it_leads_to_is() {
    let keyless = || LittleWorld::household().without(PERSONER, 0, "personnummer", Why::Unreadable);
    assert_eq!(keyless().eval("fordon"), "[…]");
    assert_eq!(keyless().eval("kort = null"), "unknown: Unreadable");
    let owner = LittleWorld::household().without(FORDON, 2, "agare", Why::Empty);
    assert_eq!(owner.eval("count(fordon)"), "at least 2");
}

#[test]
fn an_extract_that_is_not_there_is_unknown_and_never_none() {
    let world = || LittleWorld::household().not_there(FORDON, Side::Previous, Why::NoPreviousNight);
    assert_eq!(world().eval("count(fordon_igar)"), "at least 0");
    assert_eq!(world().eval("count(fordon_igar) = 0"), "unknown: NoPreviousNight");
    assert_eq!(world().eval("fordon_igar.regnr"), "[…]");
    assert_eq!(world().eval("delivered(fordon_igar)"), "false");
    assert_eq!(world().eval("delivered(fordon)"), "true");
    assert_eq!(world().eval("some f in fordon satisfies f.regnr in fordon_igar.regnr"), "unknown: NoPreviousNight");
    let cards = || LittleWorld::household().not_there(KORT, Side::Tonight, Why::SetAside);
    assert_eq!(cards().eval("kort = null"), "unknown: SetAside");
    assert_eq!(cards().eval("kort.sekretess"), "unknown: SetAside");
    let mut first_night = LittleWorld::household();
    first_night.previous_night = None;
    assert_eq!(first_night.eval("previous_night = null"), "true");
}

#[test]
fn rows_chosen_by_an_unknown_condition_are_unknown_and_never_left_out() {
    come_to(&[
        ("for g in grannar return if g.arbetar then g.fordon else g.fordon[false]", "[0, 1, …]"),
        ("count(if first(grannar[roll = \"Medsökande\"]).arbetar then fordon else i_trafik)", "unknown: SourceFailed"),
        ("for g in grannar return if g.roll = \"Barn\" then null else g.fordon", "[0, 1, 2, …]"),
    ]);
}

#[test]
fn a_relation_that_counts_as_a_whole_gives_no_row_when_one_may_be_missing() {
    let whole = |open: bool| {
        let mut world = LittleWorld::household();
        world.catalog.extracts[0].relations[0].whole = true;
        if open { world.open(0, "fordon", Why::Rejected) } else { world }
    };
    assert_eq!(whole(false).eval("fordon"), "[0, 1]");
    assert_eq!(whole(true).eval("fordon"), "[…]");
    assert_eq!(whole(true).eval("some f in fordon satisfies f.arsmodell = 2019"), "unknown: Rejected");
    assert!(whole(true).protects("some f in fordon satisfies f.arsmodell = 2019"));
    assert!(!whole(true).protects("some f in fordon satisfies f.arsmodell = 1900"));
}

#[test]
fn a_row_that_is_spoken_against_stands_in_rules() {
    let world = LittleWorld::household().contested(KORT, 0);
    assert_eq!(world.eval("kort.giltigt_till"), "2027-01-01");
    let open = LittleWorld::household().open(0, "kort", Why::Rejected);
    assert_eq!(open.eval("kort.giltigt_till"), "unknown: Rejected");
    assert_eq!(
        LittleWorld::household().with(KORT, 0, "skydd", Value::Null).eval("kort.skydd = \"J\""),
        "unknown: Null"
    );
}
