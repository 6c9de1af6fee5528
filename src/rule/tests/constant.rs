//! Conditions that come out one way whatever the tables hold.

use super::world::{catalog, checked};
use crate::rule::constancy::{Outcomes, Within};
use crate::rule::types::Use;

fn outcomes(condition: &str) -> Outcomes {
    let mut catalog = catalog();
    // Everything in the little world can be null, but for the role.
    let place = usize::from(catalog.extracts[0].field_named("roll").unwrap().0);
    catalog.extracts[0].fields[place].nullable = false;
    let expr = checked(&catalog, condition, Use::Decides).unwrap();
    Within { catalog: &catalog, facts: &[] }.outcomes(&expr)
}

#[test]
fn what_can_never_hold_is_seen() {
    for condition in [
        "false",
        "1 > 2",
        "inkomst > 5 and inkomst < 3",
        "inkomst > 5 and inkomst <= 5",
        "inkomst = 5 and inkomst != 5",
        "roll = \"Barn\" and roll = \"Sökande\"",
        "roll in (\"Barn\", \"Sökande\") and roll = \"Medsökande\"",
        "flyttdatum >= @\"2026-01-01\" and namn = \"a\" and flyttdatum < @\"2026-01-01\"",
        "inkomst between 3 and 1",
        "roll = null",
        "inkomst = null and inkomst > 5",
        "inkomst < inkomst",
        "count(fordon) < 0",
        "not(true)",
        "some f in fordon satisfies f.arsmodell > 3 and f.arsmodell < 2",
        "antal_fordon = null",
        "kort.skydd = \"S\" and kort.skydd != \"S\"",
    ] {
        assert!(!outcomes(condition).can_hold, "{condition}");
    }
}

#[test]
fn what_always_holds_is_seen() {
    for condition in [
        "true",
        "roll != \"Barn\" or roll != \"Sökande\"",
        "inkomst > 3 or inkomst <= 3",
        "inkomst != null or inkomst = null",
        "roll != null",
        "inkomst = inkomst",
        "count(fordon) >= 0",
        "every f in fordon satisfies f.arsmodell = f.arsmodell",
    ] {
        let found = outcomes(condition);
        assert!(found.can_hold && !found.can_fail, "{condition}: {found:?}");
    }
}

#[test]
fn what_can_come_out_both_ways_is_left_alone() {
    for condition in [
        "inkomst > 5 and inkomst < 7",
        "inkomst >= 5 and inkomst <= 5",
        "roll = \"Barn\" or roll = \"Sökande\"",
        "roll = \"Barn\" and namn = \"Sökande\"",
        "flyttdatum = null",
        "flyttdatum != null and flyttdatum >= since",
        "kort = null",
        "count(fordon) > 0",
        "count(fordon) >= 1",
        "count(fordon) <= 0",
        "first(fordon).arsmodell > 5 and last(fordon).arsmodell < 3",
        "some f in fordon satisfies f.arsmodell > 3",
        "(some f in fordon satisfies f.arsmodell > 3) and (some f in fordon satisfies f.arsmodell < 2)",
        "previous_night = null",
        "if inkomst > 3 then roll = \"Barn\" else roll = \"Sökande\"",
    ] {
        let found = outcomes(condition);
        assert!(found.can_hold && found.can_fail, "{condition}: {found:?}");
    }
}
