//! What expressions come to over rows that are known.

use super::world::{FORDON, LittleWorld, PERSONER, come_to, date, number, person_of, text};
use crate::rule::value::Value;
use crate::value::Month;

#[test]
fn numbers_are_exact_and_keep_to_the_usual_precedence() {
    come_to(&[
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 3 - 2", "5"),
        ("0.1 + 0.2 = 0.3", "true"),
        ("-inkomst + 1", "-999"),
        ("--1", "1"),
        ("10 / 4", "2.5"),
        ("1 / 0", "unknown: NoNumber"),
        ("9999999999999999999999999999 * 9999999999999999999999999999", "unknown: NoNumber"),
        ("abs(-2.5)", "2.5"),
        ("inkomst", "1000"),
        ("antal_fordon", "2"),
    ]);
}

#[test]
fn texts_are_put_together_and_looked_into() {
    come_to(&[
        ("namn + \" \" + roll", "Anna Sökande"),
        ("\"en \\\"text\\\" med\\\\tecken\"", "en \"text\" med\\tecken"),
        ("upper case(\"åäö\")", "ÅÄÖ"),
        ("lower case(\"ÅÄÖ\")", "åäö"),
        ("without spaces(\" AB C\u{a0}1 \")", "ABC1"),
        ("string length(\"åäö\")", "3"),
        ("contains(adress, \"gatan\")", "true"),
        ("starts with(adress, \"Åg\")", "true"),
        ("ends with(adress, \"2\")", "false"),
        ("string(1234.50)", "1234.5"),
        ("string(night)", "2026-11-21"),
        ("string(arbetar)", "J"),
        ("string(ansokan)", "2026-11"),
        ("string(arbetsgivare)", "212000-0142"),
        ("\"a\" < \"b\"", "true"),
    ]);
}

#[test]
fn dates_are_reckoned_with_over_month_ends_and_leap_years() {
    come_to(&[
        ("@\"2024-01-31\" + duration(\"P1M\")", "2024-02-29"),
        ("@\"2026-01-31\" + duration(\"P1M\")", "2026-02-28"),
        ("@\"2024-02-29\" + duration(\"P1Y\")", "2025-02-28"),
        ("@\"2024-02-29\" - duration(\"P4Y\")", "2020-02-29"),
        ("@\"2026-03-31\" - duration(\"P1M\")", "2026-02-28"),
        ("@\"2024-02-28\" + duration(\"P2D\")", "2024-03-01"),
        ("@\"2026-03-01\" - duration(\"P1D\")", "2026-02-28"),
        ("@\"2026-03-01\" - @\"2024-03-01\"", "730 days"),
        ("@\"2026-03-01\" - @\"2024-03-01\" > duration(\"P2D\")", "true"),
        ("duration(\"P1Y6M\") = duration(\"P18M\")", "true"),
        ("duration(\"P1Y\") + duration(\"P1M\") - duration(\"P2M\")", "11 months"),
        ("duration(\"P3D\") - duration(\"P5D\")", "-2 days"),
        ("-duration(\"P3D\")", "-3 days"),
        ("@\"9999-12-31\" + duration(\"P999999Y\")", "unknown: NoDate"),
        ("@\"2026-01-01\" - duration(\"P99999999999D\")", "unknown: NoDate"),
        ("ansokan + duration(\"P2M\")", "2027-01"),
        ("ansokan - duration(\"P11M\")", "2025-12"),
        ("month of(night) = ansokan", "true"),
        ("first day(ansokan)", "2026-11-01"),
        ("last day(month of(@\"2024-02-10\"))", "2024-02-29"),
        ("last day(month of(@\"2026-12-10\"))", "2026-12-31"),
        ("days between(@\"2024-02-28\", @\"2024-03-01\")", "2"),
        ("days between(@\"2026-01-02\", @\"2026-01-01\")", "-1"),
        ("months between(@\"2024-02-29\", @\"2025-02-28\")", "12"),
        ("months between(@\"2026-01-31\", @\"2026-02-27\")", "0"),
        ("months between(@\"2026-01-31\", @\"2026-02-28\")", "1"),
        ("night", "2026-11-21"),
        ("today() = night", "true"),
        ("previous_night", "2026-11-20"),
        ("since <= night", "true"),
    ]);
}

#[test]
fn a_person_is_a_year_older_on_the_birthday() {
    come_to(&[
        ("age(personnummer, @\"2026-01-01\")", "41"),
        ("age(personnummer, @\"2025-12-31\")", "40"),
        ("age(personnummer, @\"1984-12-31\")", "-1"),
        ("subject.personnummer = personnummer", "true"),
    ]);
}

#[test]
fn comparisons_intervals_and_lists_say_whether_a_value_is_in_them() {
    come_to(&[
        ("inkomst between 1000 and 2000", "true"),
        ("inkomst between 0 and 999.99", "false"),
        ("inkomst in [1000..2000]", "true"),
        ("inkomst in (1000..2000]", "false"),
        ("inkomst in [0..1000)", "false"),
        ("inkomst in [0..1000]", "true"),
        ("flyttdatum in [since..night]", "true"),
        ("roll in (\"Sökande\", \"Medsökande\")", "true"),
        ("roll in [\"Barn\"]", "false"),
        ("roll in grannar.roll", "true"),
        ("\"Ida\" in grannar.namn", "false"),
        ("roll != \"Barn\"", "true"),
        ("municipality = \"0380\"", "true"),
        ("arbetsgivare = betalare", "true"),
        ("personnummer = betalare", "false"),
        ("arbetar = true", "true"),
    ]);
}

#[test]
fn the_operators_of_logic_and_the_conditional_work_as_expected_on_what_is_known() {
    come_to(&[
        ("true and false", "false"),
        ("true or false", "true"),
        ("true or false and false", "true"),
        ("not(arbetar)", "false"),
        ("if arbetar then 1 else 2", "1"),
        ("if not(arbetar) then 1 else if inkomst > 5 then 3 else 4", "3"),
        ("if arbetar then null else 2", "null"),
        ("if arbetar then fordon else null", "[0, 1]"),
    ]);
}

#[test]
fn relations_lead_to_rows_of_the_right_night_in_the_files_order() {
    come_to(&[
        ("fordon", "[0, 1]"),
        ("fordon_igar", "[0]"),
        ("i_trafik", "[0]"),
        ("olika", "[0, 1]"),
        ("kort", "row 0"),
        ("giltigt_kort", "row 0"),
        ("grannar.fordon", "[0, 1, 2]"),
        ("grannar.kort", "[row 0, null, null]"),
        ("grannar.giltigt_kort", "[row 0, null, null]"),
        ("fordon.person.namn", "[Anna, Anna]"),
        ("fordon.regnr", "[ABC123, DEF456]"),
        ("grannar[roll = \"Barn\"].fordon", "[]"),
        ("first(fordon).person.kort.giltigt_till", "2027-01-01"),
        ("delivered(fordon)", "true"),
        ("for g in grannar return count(g.fordon)", "[2, 1, 0]"),
        ("for g in grannar return g.fordon", "[0, 1, 2]"),
        ("for g in grannar return g.antal_fordon", "[2, 1, 0]"),
        ("for g in grannar return for f in g.fordon return f.regnr", "[[ABC123, DEF456], [GHI789], []]"),
    ]);
}

#[test]
fn filters_keep_what_meets_the_condition_and_see_the_outer_names() {
    come_to(&[
        ("fordon[status = \"Avställd\"]", "[1]"),
        ("fordon[kopt >= flyttdatum]", "[]"),
        ("fordon[kopt < flyttdatum]", "[0, 1]"),
        ("grannar[roll = subject.roll]", "[0]"),
        ("grannar[fordon.regnr = fordon.regnr]", "a list of texts is compared with a list of texts"),
        ("[1, 2, 3][item >= 2]", "[2, 3]"),
        ("fordon.regnr[item != \"ABC123\"]", "[DEF456]"),
        ("grannar.kort[giltigt_till > night]", "[row 0, null?, null?]"),
        ("grannar[count(fordon) > 0]", "[0, 1]"),
        ("grannar[some f in fordon satisfies f.status = \"Avställd\"]", "[0]"),
    ]);
}

#[test]
fn some_and_every_go_over_rows_and_values() {
    come_to(&[
        ("some f in fordon satisfies f.status = \"Avställd\"", "true"),
        ("some f in fordon satisfies f.arsmodell > 2020", "false"),
        ("every f in fordon satisfies f.arsmodell > 2000", "true"),
        ("every f in fordon satisfies f.arsmodell > 2010", "false"),
        ("some f in fordon[arsmodell > 3000] satisfies true", "false"),
        ("every f in fordon[arsmodell > 3000] satisfies false", "true"),
        ("some x in [1, 2] satisfies x = 2", "true"),
        ("every f in fordon satisfies some y in fordon_igar satisfies y.regnr = f.regnr", "false"),
        ("some f in fordon satisfies every y in fordon_igar satisfies y.regnr != f.regnr", "true"),
        ("true and some f in fordon satisfies f.arsmodell = 2005", "true"),
    ]);
}

#[test]
fn functions_of_lists_give_one_value_of_many() {
    come_to(&[
        ("count(fordon)", "2"),
        ("count(fordon[arsmodell > 3000])", "0"),
        ("sum(fordon.arsmodell)", "4024"),
        ("sum(fordon[arsmodell > 3000].arsmodell)", "0"),
        ("sum(for f in fordon return f.arsmodell * 2)", "8048"),
        ("min(fordon.arsmodell)", "2005"),
        ("max(fordon.arsmodell)", "2019"),
        ("max(fordon.regnr)", "DEF456"),
        ("max([@\"2026-01-01\", @\"2025-01-01\"])", "2026-01-01"),
        ("mean([1, 2])", "1.5"),
        ("mean(fordon[arsmodell > 3000].arsmodell)", "null"),
        ("max(fordon[arsmodell > 3000].arsmodell)", "null"),
        ("first(fordon)", "row 0"),
        ("last(fordon)", "row 1"),
        ("last(fordon).regnr", "DEF456"),
        ("first([5, 6])", "5"),
        ("first(fordon[arsmodell > 3000])", "null"),
        ("distinct values(grannar.adress)", "[Ågatan 1]"),
        ("distinct values([2, 1, 2, 3, 1])", "[2, 1, 3]"),
        ("first(distinct values([2, 1, 2]))", "2"),
        ("count(distinct values(grannar.flyttdatum))", "3"),
    ]);
}

#[test]
fn of_rows_with_the_declared_fields_equal_only_the_first_is_one() {
    let twin = || vec![text("ABC123"), person_of(0), text("Avställd"), number(2019), date("2026-11-02")];
    let world = || LittleWorld::household().and(FORDON, twin());
    assert_eq!(world().eval("fordon"), "[0, 1, 3]");
    assert_eq!(world().eval("olika"), "[0, 1]");
    assert_eq!(world().eval("count(olika)"), "2");
    let nulls = || world().with(FORDON, 0, "regnr", Value::Null).with(FORDON, 3, "regnr", Value::Null);
    assert_eq!(nulls().eval("olika"), "[0, 1]");
}

#[test]
fn a_parameter_is_chosen_by_the_date_or_code_it_is_called_with() {
    come_to(&[
        ("grans(night)", "4"),
        ("grans(@\"2025-06-30\")", "3"),
        ("grans(@\"2025-07-01\")", "unknown: NoParameter(ParameterId(0))"),
        ("grans(@\"2019-12-31\")", "unknown: NoParameter(ParameterId(0))"),
        ("count(fordon) > grans(flyttdatum)", "false"),
        ("kommun(municipality)", "Uppsala"),
        ("kommun(\"9999\")", "okänd kommun (9999)"),
        ("lan(\"0380\")", "Uppsala"),
        ("lan(\"9999\")", "unknown: NoParameter(ParameterId(2))"),
    ]);
}

#[test]
fn a_multi_word_name_is_a_function_only_with_its_bracket() {
    let world = LittleWorld::household().with(PERSONER, 0, "ansokan", Value::Month(Month::new(2026, 2).unwrap()));
    assert_eq!(world.eval("last  day ( ansokan )"), "2026-02-28");
    come_to(&[("for days in [1, 5] return days between 2 and 9", "[false, true]")]);
}
