//! What runs, and is a mistake all the same: checks that come out one way whatever the extracts hold, facts that nothing
//! uses, and what a robot has declared that it must not depend on.

use super::document::{Section, Text};
use super::extract::{Extract, Origin};
use super::robot::Robot;
use crate::diagnostic::Diagnostic;
use crate::rule::catalog::Catalog;
use crate::rule::constancy::Within;
use crate::rule::function::Function;
use crate::rule::tree::{Expr, FactId, Kind};
use crate::rule::types::{ExtractId, FieldId, Type};

/// Warns of tests for null that can never hold, in an expression as it stands in a text.
pub fn tell_null_tests(section: &Section<'_>, text: &Text, expr: &Expr, within: Within<'_>) {
    if let Kind::IsNull { value, negated } = &expr.kind
        && !within.can_be_null(value)
    {
        let way = if *negated { "holds wherever it is known" } else { "never holds" };
        let problem = section.error(format!("this {way}: it is never null here"), text.part(&expr.span)).as_warning();
        section.report(problem.hint(
            "a cell that is empty without being declared as an answer is unknown, not null; \
declare `empty = \"none\"` where empty is an answer",
        ));
    }
    // What stands in a declaration is told where it is declared.
    if matches!(expr.kind, Kind::Declared { .. }) {
        return;
    }
    for part in expr.parts() {
        tell_null_tests(section, text, part, within);
    }
}

/// Warns of counting a path whose last step leads to one row or none: it has a null for each row that leads to none.
pub fn tell_counted_nulls(section: &Section<'_>, text: &Text, expr: &Expr) {
    if let Kind::Call(Function::Count, arguments) = &expr.kind
        && let Kind::Map { body, .. } = &arguments[0].kind
        && matches!((&body.kind, &body.ty), (Kind::Related { .. } | Kind::Call(Function::First, _), Type::Row(_)))
    {
        let title = "this counts the rows that lead to none too: each of them as null";
        let problem = section.error(title, text.part(&expr.span)).as_warning();
        section.report(problem.hint("count those that lead to one: `count(medlemmar[kir != null])`"));
    }
    if matches!(expr.kind, Kind::Declared { .. }) {
        return;
    }
    for part in expr.parts() {
        tell_counted_nulls(section, text, part);
    }
}

/// Warns of a condition that comes out one way whatever the extracts hold; `never` and `always` say what that means.
pub fn tell_constant(section: &Section<'_>, text: &Text, expr: &Expr, within: Within<'_>, never: &str, always: &str) {
    let outcomes = within.outcomes(expr);
    let said = match (outcomes.can_hold, outcomes.can_fail) {
        (false, _) => never,
        (true, false) => always,
        _ => return,
    };
    section.report(section.error(said, text.span.clone()).as_warning());
}

/// Warns of facts that nothing uses. `spans` are where their names stand.
pub fn tell_unused_facts(section: &Section<'_>, robot: &Robot, spans: &[std::ops::Range<usize>]) {
    let used = |id: FactId| robot.expressions().into_iter().any(|expr| uses(expr, id));
    for (place, ((name, _), span)) in robot.fact_names.iter().zip(spans).enumerate() {
        let Ok(id) = u16::try_from(place) else { continue };
        if !used(FactId(id)) {
            let problem = section.error(format!("nothing uses the fact `{name}`"), span.clone()).as_warning();
            section.report(problem);
        }
    }
}

fn uses(expr: &Expr, id: FactId) -> bool {
    expr.any(&|part| matches!(part.kind, Kind::Fact(used) if used == id))
}

/// The fields that a robot has declared it does not depend on, where it does: in itself, in what its fields are worked out
/// from, or in what its rows are found by.
pub fn dependences(
    robot: &Robot,
    fields: &[(ExtractId, FieldId)],
    catalog: &Catalog,
    extracts: &[Extract],
) -> Vec<(ExtractId, FieldId)> {
    let all = robot.expressions();
    let depends = |(extract, field): &&(ExtractId, FieldId)| {
        all.iter().any(|expr| expr.any(&|part| reads(part, (*extract, *field), catalog, extracts)))
    };
    fields.iter().filter(depends).copied().collect()
}

fn reads(part: &Expr, wanted: (ExtractId, FieldId), catalog: &Catalog, extracts: &[Extract]) -> bool {
    match &part.kind {
        Kind::Field { extract, field, .. } => rests_on((*extract, *field), wanted, extracts),
        Kind::Related { extract, relation, .. } => {
            let relation = catalog.extract(*extract).relation(*relation);
            let mut pairs = relation.on.iter();
            let joined = pairs.any(|(theirs, mine)| {
                rests_on((relation.to, *theirs), wanted, extracts) || rests_on((*extract, *mine), wanted, extracts)
            });
            joined || is_grouped_by(relation.to, wanted, extracts)
        }
        Kind::DistinctRows { rows, fields } => crate::rule::kinds::row_extract_of(&rows.ty)
            .is_some_and(|extract| fields.iter().any(|field| rests_on((extract, *field), wanted, extracts))),
        _ => false,
    }
}

/// Whether a field is the other, or is worked out from it.
fn rests_on(field: (ExtractId, FieldId), wanted: (ExtractId, FieldId), extracts: &[Extract]) -> bool {
    if field == wanted {
        return true;
    }
    let extract = &extracts[usize::from(field.0.0)];
    match &extract.field(field.1).origin {
        Origin::Row { reads, .. } => reads.iter().any(|read| rests_on((field.0, *read), wanted, extracts)),
        Origin::Grouped => extract.grouping.as_ref().is_some_and(|grouping| {
            grouping.by.iter().any(|(own, base)| *own == field.1 && rests_on((grouping.from, *base), wanted, extracts))
        }),
        // A pair is made of what stands in the rows; whether it depends on a field, its expressions tell.
        Origin::Paired => extract.pairing.as_ref().is_some_and(|pairing| {
            let of_expressions = pairing.expressions().into_iter().any(|expr| {
                expr.any(&|part| matches!(&part.kind, Kind::Field { extract, field, .. } if rests_on((*extract, *field), wanted, extracts)))
            });
            of_expressions || pairing.on.iter().chain(&pairing.first).chain(&pairing.highest).any(|own| rests_on((field.0, *own), wanted, extracts))
        }),
        Origin::Column { .. } | Origin::Related | Origin::OfRows { .. } => false,
    }
}

/// Whether an extract's rows are groups made by the field.
fn is_grouped_by(extract: ExtractId, wanted: (ExtractId, FieldId), extracts: &[Extract]) -> bool {
    let Some(grouping) = &extracts[usize::from(extract.0)].grouping else { return false };
    let in_condition = |condition: &Expr| {
        condition.any(&|part| matches!(&part.kind, Kind::Field { extract, field, .. } if rests_on((*extract, *field), wanted, extracts)))
    };
    grouping.by.iter().any(|(_, base)| rests_on((grouping.from, *base), wanted, extracts))
        || grouping.condition.as_ref().is_some_and(in_condition)
}

/// The fields named by `independent_of = ["ansokningar.kanal"]`, with where they are named.
pub fn independent_of(
    section: &mut Section<'_>,
    catalog: &Catalog,
) -> Vec<((ExtractId, FieldId), std::ops::Range<usize>)> {
    let mut found = Vec::new();
    for text in section.texts("independent_of") {
        let named = text.value.split_once('.');
        let extract = named.and_then(|(extract, _)| catalog.extract_named(extract));
        let field = extract.zip(named).and_then(|(id, (_, field))| catalog.extract(id).field_named(field));
        match (extract, field) {
            (Some(extract), Some(field)) => found.push(((extract, field), text.span)),
            _ => section.report(not_a_field(section, &text, extract, catalog)),
        }
    }
    found
}

fn not_a_field(section: &Section<'_>, text: &Text, extract: Option<ExtractId>, catalog: &Catalog) -> Diagnostic {
    let problem = section.error(format!("`{}` is not a field of an extract", text.value), text.span.clone());
    let problem = problem.hint("write `independent_of = [\"ansokningar.kanal\"]`");
    let (name, field) = text.value.split_once('.').unwrap_or((text.value.as_str(), ""));
    match extract {
        Some(id) => problem.suggest(field, catalog.extract(id).fields.iter().map(|field| field.id.as_str())),
        None => problem.suggest(name, catalog.extracts.iter().map(|extract| extract.id.as_str())),
    }
}
