//! Facts: named values of a subject, worked out when first asked for and then known.

use std::cell::Cell as Counter;

use super::world::{LittleWorld, PERSONER, scope, subject, told};
use crate::rule::check::{self, Scope};
use crate::rule::evaluate::Evaluator;
use crate::rule::parse::parse;
use crate::rule::tree::Expr;
use crate::rule::types::Use;
use crate::rule::types::{ExtractId, FieldId, RelationId, Side, Type};
use crate::rule::value::{Missing, RowRef, Value};
use crate::rule::world::{Constants, Related, Silent, Sources, World};

/// Facts checked one after the other, each seeing those before it.
pub fn facts(world: &LittleWorld, table: &[(&str, &str)]) -> (Vec<(String, Type)>, Vec<Expr>) {
    let mut known: Vec<(String, Type)> = Vec::new();
    let mut exprs = Vec::new();
    for (name, expression) in table {
        let scope = Scope { facts: &known, ..scope(&world.catalog, Use::Decides) };
        let expr = check::expression(&parse(expression).unwrap(), &scope).unwrap();
        known.push(((*name).to_owned(), expr.ty.clone()));
        exprs.push(expr);
    }
    (known, exprs)
}

fn with_facts(table: &[(&str, &str)], expression: &str) -> String {
    let world = LittleWorld::household().joined();
    let (known, exprs) = facts(&world, table);
    let scope = Scope { facts: &known, ..scope(&world.catalog, Use::Decides) };
    let expr = check::expression(&parse(expression).unwrap(), &scope).unwrap();
    let constants = world.constants();
    let mut evaluator = Evaluator::new(&world, &constants, &exprs, Silent);
    evaluator.turn_to(&[subject()]);
    told(&evaluator.value(&expr))
}

#[test]
fn a_fact_can_use_the_facts_before_it() {
    let table = [("bilar", "fordon[status = \"I trafik\"]"), ("antal", "count(bilar)"), ("dubbelt", "antal * 2")];
    assert_eq!(with_facts(&table, "dubbelt + antal"), "3");
    assert_eq!(with_facts(&table, "bilar.regnr"), "[ABC123]");
    assert_eq!(with_facts(&table, "delivered(bilar)"), "true");
}

#[test]
fn a_fact_asked_for_inside_a_quantifier_leaves_the_variable_alone() {
    let table =
        [("aldst", "min(for f in fordon return f.arsmodell)"), ("nagon", "first(grannar[roll = \"Barn\"]).namn")];
    assert_eq!(with_facts(&table, "some f in fordon satisfies aldst = 2005 and f.arsmodell = 2019"), "true");
    assert_eq!(with_facts(&table, "for f in fordon return f.arsmodell - aldst"), "[14, 0]");
    assert_eq!(with_facts(&table, "for g in grannar return nagon + g.namn"), "[CiaAnna, CiaBo, CiaCia]");
    assert_eq!(with_facts(&table, "grannar[namn = nagon]"), "[2]");
    assert_eq!(
        with_facts(&table, "for g in grannar return for f in g.fordon return nagon + f.regnr + g.namn"),
        "[[CiaABC123Anna, CiaDEF456Anna], [CiaGHI789Bo], []]"
    );
}

#[test]
fn a_fact_sees_the_subject_and_not_the_row_it_is_asked_for_beside() {
    let table = [("eget_namn", "namn")];
    assert_eq!(with_facts(&table, "for g in grannar return eget_namn"), "[Anna, Anna, Anna]");
    assert_eq!(with_facts(&table, "count(grannar[eget_namn = \"Anna\"])"), "3");
}

#[test]
fn a_declarations_own_expression_does_not_see_the_facts() {
    // `i_trafik` asks for `status`, which is a vehicle's and not this fact.
    assert_eq!(with_facts(&[("status", "\"Avställd\""), ("night", "@\"2030-01-01\"")], "i_trafik"), "[0]");
    assert_eq!(with_facts(&[("night", "@\"2030-01-01\"")], "giltigt_kort"), "row 0");
}

/// Counts the cells that are looked at.
struct Counting<'a> {
    world: &'a LittleWorld,
    cells: Counter<usize>,
}

impl World for Counting<'_> {
    fn cell(&self, row: RowRef, field: FieldId) -> Value<'_> {
        self.cells.set(self.cells.get() + 1);
        self.world.cell(row, field)
    }
    fn related(&self, row: RowRef, relation: RelationId, side: Side) -> Related<'_> {
        self.world.related(row, relation, side)
    }
    fn extent(&self, extract: ExtractId, side: Side) -> (u32, Option<Missing>) {
        self.world.extent(extract, side)
    }
    fn line(&self, row: RowRef) -> u64 {
        self.world.line(row)
    }
    fn contested(&self, row: RowRef) -> Option<Missing> {
        self.world.contested(row)
    }

    fn delivery(&self, extract: ExtractId, side: Side) -> Option<Missing> {
        self.world.delivery(extract, side)
    }
}

#[test]
fn a_fact_is_worked_out_once_for_a_subject_and_again_for_the_next() {
    let world = LittleWorld::household().joined();
    let (known, exprs) = facts(&world, &[("eget_namn", "namn")]);
    let scope = Scope { facts: &known, ..scope(&world.catalog, Use::Decides) };
    let expr = check::expression(&parse("eget_namn + eget_namn + eget_namn").unwrap(), &scope).unwrap();
    let counting = Counting { world: &world, cells: Counter::new(0) };
    let constants: Constants<'_> = world.constants();
    let mut evaluator = Evaluator::new(&counting, &constants, &exprs, Silent);
    evaluator.turn_to(&[subject()]);
    assert_eq!(told(&evaluator.value(&expr)), "AnnaAnnaAnna");
    assert_eq!(told(&evaluator.value(&expr)), "AnnaAnnaAnna");
    assert_eq!(counting.cells.get(), 1);
    evaluator.turn_to(&[Value::Row(RowRef { extract: PERSONER, side: Side::Tonight, row: 1 })]);
    assert_eq!(told(&evaluator.value(&expr)), "BoBoBo");
    assert_eq!(counting.cells.get(), 2);
}

#[test]
fn protection_reads_a_fact_anew_and_leaves_what_the_rules_know_of_it() {
    let world = LittleWorld::household().joined();
    let (known, exprs) = facts(&world, &[("skyddad", "first(grannar[roll = \"Barn\"]).kort.sekretess")]);
    let scope = Scope { facts: &known, ..scope(&world.catalog, Use::Decides) };
    let expr = check::condition(&parse("skyddad").unwrap(), &scope).unwrap();
    let constants = world.constants();
    let mut evaluator = Evaluator::new(&world, &constants, &exprs, Silent);
    evaluator.turn_to(&[subject()]);
    assert_eq!(told(&evaluator.value(&expr)), "unknown: NoRow");
    assert!(!evaluator.speaks_for_protection(&expr));
    assert_eq!(told(&evaluator.value(&expr)), "unknown: NoRow");
}

#[test]
fn the_recorder_is_told_of_the_rows_that_were_looked_at() {
    let world = LittleWorld::household().joined();
    let expr = check::expression(&parse("count(i_trafik)").unwrap(), &scope(&world.catalog, Use::Decides)).unwrap();
    let constants = world.constants();
    let mut evaluator = Evaluator::new(&world, &constants, &[], Sources::default());
    evaluator.turn_to(&[subject()]);
    evaluator.value(&expr);
    let rows: Vec<(ExtractId, u32)> = evaluator.recorder.rows.iter().map(|row| (row.extract, row.row)).collect();
    assert_eq!(rows, [(PERSONER, 0), (super::world::FORDON, 0), (super::world::FORDON, 1)]);
}
