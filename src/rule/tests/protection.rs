//! How protection is read: what is not there protects nobody, what cannot be read protects.

use super::world::{KORT, LittleWorld, PERSONER, person_of, text};
use crate::rule::types::Side;
use crate::rule::value::{Value, Why};

fn is_protected(world: impl Fn() -> LittleWorld) -> bool {
    let answers = [
        world().protects("protected(subject)"),
        world().protects("protected(grannar[roll = \"Sökande\"])"),
        world().protects("protected(kort)"),
    ];
    // The card alone says less than the person: it has only the one of its two fields.
    assert!(answers[0] == answers[1] && (answers[0] || !answers[2]), "{answers:?}");
    answers[0]
}

#[test]
fn one_with_a_card_that_says_no_or_without_a_card_is_not_protected() {
    assert!(!is_protected(LittleWorld::household));
    assert!(!is_protected(|| LittleWorld::household().with(KORT, 0, "personnummer", person_of(1))));
    assert!(!LittleWorld::household().protects("protected(grannar)"));
    assert!(!LittleWorld::household().protects("protected(grannar.kort)"));
    assert!(!LittleWorld::household().protects("some g in grannar satisfies protected(g)"));
}

#[test]
fn one_whose_card_says_so_is_protected_and_so_is_the_household() {
    let marked = || LittleWorld::household().with(KORT, 0, "skydd", text("J"));
    assert!(is_protected(marked));
    assert!(marked().protects("protected(grannar)"));
    assert!(!marked().protects("protected(grannar[roll = \"Barn\"])"));
    assert!(is_protected(|| LittleWorld::household().with(KORT, 0, "sekretess", Value::Boolean(true))));
}

#[test]
fn a_card_that_cannot_be_read_or_is_spoken_against_protects() {
    assert!(is_protected(|| LittleWorld::household().without(KORT, 0, "skydd", Why::Unreadable)));
    assert!(is_protected(|| LittleWorld::household().without(KORT, 0, "sekretess", Why::Empty)));
    assert!(is_protected(|| LittleWorld::household().without(KORT, 0, "sekretess", Why::SourceFailed)));
    assert!(is_protected(|| LittleWorld::household().open(0, "kort", Why::Rejected)));
    assert!(is_protected(|| LittleWorld::household().contested(KORT, 0)));
    assert!(is_protected(|| LittleWorld::household().without(PERSONER, 0, "personnummer", Why::Unreadable)));
}

#[test]
fn without_tonights_extract_nobody_can_be_said_not_to_be_protected() {
    for why in [Why::SetAside, Why::NotDelivered] {
        let nowhere = || LittleWorld::household().not_there(KORT, Side::Tonight, why);
        assert!(is_protected(|| nowhere().not_there(KORT, Side::Previous, Why::NoPreviousNight)));
    }
}

#[test]
fn an_empty_key_leads_to_nothing_that_could_protect() {
    assert!(!is_protected(|| LittleWorld::household().without(PERSONER, 0, "personnummer", Why::Empty)));
    assert!(!is_protected(|| LittleWorld::household().with(PERSONER, 0, "personnummer", Value::Null)));
}

#[test]
fn rows_that_may_be_missing_or_may_not_belong_protect() {
    let rejected = LittleWorld::household().open(0, "grannar", Why::Rejected);
    assert!(rejected.protects("protected(grannar)"));
    let marked = || LittleWorld::household().with(KORT, 0, "skydd", text("J"));
    assert!(marked().without(PERSONER, 0, "arbetar", Why::Empty).protects("protected(grannar[arbetar])"));
    assert!(
        !marked().with(PERSONER, 0, "arbetar", Value::Boolean(false)).protects("protected(grannar[namn = \"Bo\"])")
    );
}

#[test]
fn a_row_that_is_not_there_says_no_however_it_is_asked() {
    for condition in [
        "first(grannar[roll = \"Barn\"]).kort.skydd = \"J\"",
        "first(grannar[roll = \"Barn\"]).kort.sekretess",
        "not(first(grannar[roll = \"Barn\"]).kort.sekretess)",
        "some g in grannar satisfies g.kort.sekretess",
        "count(grannar[kort.sekretess]) > 0",
        "some f in first(grannar[roll = \"Barn\"]).fordon satisfies true",
        "protected(first(fordon[arsmodell > 3000]).person)",
    ] {
        assert!(!LittleWorld::household().protects(condition), "{condition}");
    }
}

#[test]
fn rules_and_protection_read_the_same_expression_each_in_its_way() {
    let expression = "protected(last(grannar[roll = \"Barn\"]))";
    assert!(!LittleWorld::household().protects(expression));
    assert_eq!(LittleWorld::household().eval(expression), "unknown: NoRow");
}

#[test]
fn a_declaration_for_an_extract_without_persons_is_asked_for() {
    assert_eq!(LittleWorld::household().eval("protected(fordon)"), "`fordon` does not say when a person is protected");
}
