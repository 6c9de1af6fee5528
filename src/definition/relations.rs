//! The later readings of an extract's file, when every extract's columns are known: computed fields, relations,
//! protection.

use super::document::{Document, Problems, Section, Text};
use super::extract::{Empty, Extract, FieldKind, Origin};
use super::identifier::tell_no_name;
use super::of_robots::{self, OfRobots};
use super::pairing;
use crate::rule::catalog::{Cardinality, Catalog, RelationNight, RelationSchema, Written};
use crate::rule::check::{self, Scope};
use crate::rule::constancy::Within;
use crate::rule::kinds;
use crate::rule::parse::parse;
use crate::rule::tree::{Builtin, Expr, Kind};
use crate::rule::types::{ExtractId, FieldId, RelationId, RowType, Side, Type};
use crate::value::AmountFormat;
use crate::value::date::DateFormat;

/// The second reading: computed fields, relations and protection, now that every extract's columns are known.
pub fn read_relations(document: &Document<'_>, id: ExtractId, catalog: &mut Catalog, problems: &Problems) {
    document.read_part(problems, |section| {
        let computed = computed_syntax(section);
        let relations = section.section("relations").map(|mut all| relations(&mut all, id, catalog));
        // One that cannot be read is told where it is checked; nobody asks for it in the meantime.
        let protection = section.text("protection").map(|text| text.value);
        let protection = protection.and_then(|text| Written::read(&text).or_else(|_| Written::read("true")).ok());
        let schema = &mut catalog.extracts[usize::from(id.0)];
        // Those of a group come after the one to its rows.
        schema.relations.extend(relations.unwrap_or_default());
        schema.protection = protection;
        for (name, syntax) in computed {
            if let Some(field) = schema.fields.iter_mut().find(|field| field.id == name) {
                field.computed = Some(syntax);
            }
        }
    });
}

fn computed_syntax(section: &mut Section<'_>) -> Vec<(String, Written)> {
    let Some(mut all) = section.section("fields") else { return Vec::new() };
    let mut found = Vec::new();
    for (name, _) in all.keys() {
        let text = all.section(&name).and_then(|mut one| one.text("is"));
        if let Some(written) = text.and_then(|text| Written::read(&text.value).ok()) {
            found.push((name, written));
        }
    }
    found
}

fn relations(all: &mut Section<'_>, id: ExtractId, catalog: &mut Catalog) -> Vec<RelationSchema> {
    let names = all.keys();
    let mut found = Vec::new();
    for (name, span) in names {
        tell_no_name(all, &name, span);
        match relation(all, name.clone(), id, catalog) {
            Some(relation) => found.push(relation),
            None => catalog.mistaken.relations.push((id, name)),
        }
    }
    found
}

fn relation(all: &mut Section<'_>, name: String, id: ExtractId, catalog: &Catalog) -> Option<RelationSchema> {
    let mut section = all.section(&name)?;
    let (to, cardinality) = match (section.text("one"), section.text("many")) {
        (Some(to), None) => (to, Cardinality::One),
        (None, Some(to)) => (to, Cardinality::Many),
        (Some(_), Some(to)) => {
            section.report(section.error("a relation leads to `one` or to `many`, not both", to.span));
            return None;
        }
        (None, None) => {
            section.missing("one", "\"…\"` or `many = \"…\"");
            return None;
        }
    };
    let Some(to_id) = catalog.extract_named(&to.value) else {
        if catalog.mistaken.extracts.contains(&to.value) {
            return None;
        }
        let ids = catalog.extracts.iter().map(|extract| extract.id.as_str());
        section.report(
            section.error(format!("there is no extract `{}`", to.value), to.span.clone()).suggest(&to.value, ids),
        );
        return None;
    };
    let night = match section.text("night") {
        None => RelationNight::Same,
        Some(text) => match text.value.as_str() {
            "previous" => RelationNight::Previous,
            "tonight" => RelationNight::Tonight,
            other => {
                let problem = section.error(format!("`{other}` is not a night"), text.span.clone());
                section.report(
                    problem.hint("write `\"previous\"`, or `\"tonight\"`; without it, the night of its own row"),
                );
                RelationNight::Same
            }
        },
    };
    let pairs = section.section("on");
    if pairs.as_ref().is_none_or(Section::is_empty) {
        section.report(
            section
                .error(format!("the relation `{name}` joins on nothing"), section.span())
                .hint("write `on = { their_field = \"own_field\" }`"),
        );
        return None;
    }
    let on = pairs.map(|mut pairs| key_pairs(&mut pairs, id, to_id, catalog)).filter(|on| !on.is_empty())?;
    let text = section.text("where");
    let mut condition = text.as_ref().and_then(|text| match Written::read(&text.value) {
        Ok(written) => Some(written),
        Err(error) => {
            section.report_rule(text, vec![error]);
            None
        }
    });
    let distinct =
        section.texts("distinct").iter().filter_map(|text| field_of(&section, catalog, to_id, text)).collect();
    let whole = section.boolean("whole").unwrap_or(false);
    let (mut robots, mut outcomes, mut night) = (Vec::new(), Vec::new(), night);
    if let Some(of_robots) = OfRobots::named(&to.value) {
        // A mistake in its condition has been told; what it says of robots is asked all the same.
        let text = text.filter(|_| condition.is_some());
        let named = of_robots::read_named(&mut section, of_robots, text.as_ref(), catalog)?;
        (robots, outcomes, condition) = (named.robots, named.outcomes, named.condition);
        night = RelationNight::Tonight;
    }
    section.finish();
    Some(RelationSchema { id: name, to: to_id, cardinality, night, on, condition, distinct, whole, robots, outcomes })
}

fn field_of(section: &Section<'_>, catalog: &Catalog, extract: ExtractId, text: &Text) -> Option<FieldId> {
    let schema = catalog.extract(extract);
    let found = schema.field_named(&text.value);
    if found.is_none() {
        let fields = schema.fields.iter().map(|field| field.id.as_str());
        let problem = section
            .error(format!("`{}` has no field `{}`", schema.id, text.value), text.span.clone())
            .suggest(&text.value, fields)
            .hint(schema.told_fields());
        section.report(problem);
    }
    found
}

fn key_pairs(pairs: &mut Section<'_>, own: ExtractId, to: ExtractId, catalog: &Catalog) -> Vec<(FieldId, FieldId)> {
    let mut found = Vec::new();
    for (theirs, span) in pairs.keys() {
        let Some(mine) = pairs.text(&theirs) else { continue };
        // The key of the table as a text, so that a mistake is drawn under it.
        let theirs = Text::at(theirs, span);
        let their_field = field_of(pairs, catalog, to, &theirs);
        let my_field = field_of(pairs, catalog, own, &mine);
        if let (Some(their_field), Some(my_field)) = (their_field, my_field) {
            found.push((their_field, my_field));
        }
    }
    found
}

/// Gives the computed fields their types, as far as those of other extracts that they rest on are known already. What is
/// wrong with them is told when they are checked.
pub fn type_computed(document: &Document<'_>, extract: &mut Extract, catalog: &mut Catalog) {
    if catalog.extract(extract.id).fields.iter().any(|field| field.computed.is_some()) {
        document.read_part(&Problems::default(), |section| computed_columns(section, extract, catalog));
    }
}

/// The third reading: every expression of the declaration is checked, and the computed fields that rest on the row alone
/// become columns.
pub fn check_expressions(document: &Document<'_>, extract: &mut Extract, catalog: &mut Catalog, problems: &Problems) {
    document.read_part(problems, |section| {
        computed_columns(section, extract, catalog);
        // A field that is worked out may be a person's number too.
        extract.holds_persons |=
            extract.fields.iter().any(|field| matches!(field.kind, FieldKind::Person | FieldKind::Party));
        if extract.grouping.is_some() {
            pairing::read(section, extract, catalog);
        }
        check_relations(section, extract, catalog);
        check_protection(section, extract, catalog);
    });
}

fn computed_columns(section: &mut Section<'_>, extract: &mut Extract, catalog: &mut Catalog) {
    let Some(mut all) = section.section("fields") else { return };
    for (name, _) in all.keys() {
        let Some(text) = all.section(&name).and_then(|mut one| one.text("is")) else { continue };
        let Some(id) = catalog.extract(extract.id).field_named(&name) else { continue };
        let row = RowType { extract: extract.id, side: Side::Tonight };
        let checked = parse(&text.value)
            .map_err(|error| vec![error])
            .and_then(|syntax| check::expression(&syntax, &Scope::of_row(catalog, row)));
        let expr = match checked {
            Ok(expr) => expr,
            Err(errors) => {
                section.report_rule(&text, errors);
                continue;
            }
        };
        let schema = &mut catalog.extracts[usize::from(extract.id.0)].fields[usize::from(id.0)];
        schema.ty = expr.ty.clone();
        let nullable = Within { catalog, facts: &[] }.can_be_null(&expr);
        let schema = &mut catalog.extracts[usize::from(extract.id.0)].fields[usize::from(id.0)];
        schema.nullable = nullable;
        let Some(kind) = kind_of(&expr.ty) else { continue };
        let is_of_rows = is_of_rows(&expr, extract);
        let field = &mut extract.fields[usize::from(id.0)];
        field.kind = kind;
        // What a row's own cells come to is worked out when the file is read, before any robot's own nights are known.
        let rests_on_others = expr.any(&|part| {
            matches!(part.kind, Kind::Related { .. } | Kind::All(_))
                || matches!(part.kind, Kind::Builtin(builtin) if builtin != Builtin::Night)
                || matches!(part.kind, Kind::Call(function, _) if function.draws())
        });
        if is_of_rows {
            field.origin = Origin::OfRows { is: Box::new(expr) };
        } else if !rests_on_others && extract.grouping.is_none() {
            schema.computed = None;
            let reads = fields_read(&expr);
            field.origin = Origin::Row { is: Box::new(expr), reads };
            field.empty = Empty::Null;
        }
    }
}

/// Whether an expression of a group asks its rows and its own cells alone: then it comes to the same whoever asks.
pub fn is_of_rows(expr: &Expr, extract: &Extract) -> bool {
    let asks_beyond = |part: &Expr| match &part.kind {
        Kind::Related { extract: of, relation, .. } => *of != extract.id || *relation != RelationId(0),
        Kind::Field { extract: of, field, .. } => {
            *of == extract.id && matches!(extract.field(*field).origin, Origin::Paired)
        }
        Kind::All(_) | Kind::Delivered(_) => true,
        Kind::Builtin(builtin) => *builtin != Builtin::Night,
        _ => false,
    };
    extract.grouping.is_some() && !expr.any(&asks_beyond)
}

/// The kind of column that holds what an expression of this type comes to; none for rows and lists.
fn kind_of(ty: &Type) -> Option<FieldKind> {
    Some(match ty {
        Type::Text(values) => FieldKind::Text(values.clone()),
        Type::Number => FieldKind::Amount(AmountFormat { decimal: b',', thousands: None }),
        Type::Date => FieldKind::Date(DateFormat::Iso),
        Type::Month => FieldKind::Month,
        Type::Boolean => FieldKind::Boolean { yes: "J".to_owned(), no: "N".to_owned() },
        Type::Person => FieldKind::Person,
        Type::Organisation => FieldKind::Organisation,
        Type::Party => FieldKind::Party,
        Type::Mistaken | Type::Null | Type::Months | Type::Days | Type::Row(_) | Type::Rows(_) | Type::List(_) => {
            return None;
        }
    })
}

fn fields_read(expr: &Expr) -> Vec<FieldId> {
    let mut fields = Vec::new();
    collect_fields(expr, &mut fields);
    fields.sort_unstable();
    fields.dedup();
    fields
}

fn collect_fields(expr: &Expr, fields: &mut Vec<FieldId>) {
    if let Kind::Field { field, .. } = &expr.kind {
        fields.push(*field);
    }
    for part in expr.parts() {
        collect_fields(part, fields);
    }
}

fn check_relations(section: &mut Section<'_>, extract: &Extract, catalog: &Catalog) {
    let Some(mut all) = section.section("relations") else { return };
    for relation in &catalog.extract(extract.id).relations {
        let to = RowType { extract: relation.to, side: Side::Tonight };
        for (theirs, mine) in &relation.on {
            for (of, field) in [(relation.to, theirs), (extract.id, mine)] {
                let joined = catalog.extract(of).field(*field);
                if joined.computed.is_some() {
                    let title = format!("`{}` is worked out from other rows, and rows are not found by it", joined.id);
                    all.report(
                        all.error(title, all.span()).hint("join on a field of the row itself, and add a `where`"),
                    );
                }
            }
            let their_type = &catalog.extract(relation.to).field(*theirs).ty;
            let my_type = &catalog.extract(extract.id).field(*mine).ty;
            if !kinds::same_kind(their_type, my_type) {
                let (theirs, mine) = (kinds::article(their_type, catalog), kinds::article(my_type, catalog));
                let at = all.section(&relation.id).and_then(|mut one| one.section("on")).map_or(0..0, |on| on.span());
                let title = format!("the relation `{}` joins {theirs} with {mine}", relation.id);
                all.report(all.error(title, at).hint("the two fields are of one kind"));
            }
        }
        let text = all.section(&relation.id).and_then(|mut one| one.text("where"));
        let from = RowType { extract: extract.id, side: Side::Tonight };
        // As it stands in the file: what a relation says of robots is a part of its condition too.
        let written = text.as_ref().and_then(|text| Written::read(&text.value).ok());
        if let (Some(written), Some(text)) = (written, text)
            && let Err(errors) = check::condition(&written.syntax, &Scope::of_relation(catalog, from, to))
        {
            all.report_rule(&text, errors);
        }
    }
}

fn check_protection(section: &mut Section<'_>, extract: &Extract, catalog: &Catalog) {
    let Some(text) = section.text("protection") else {
        if extract.holds_persons {
            let at = section.text("id").map_or(0..0, |id| id.span);
            let title = format!("`{}` holds persons and does not say when one is protected", extract.name);
            section.report(
                section
                    .error(title, at)
                    .hint("add `protection = '…'`: a condition on the row, or on a register that it relates to"),
            );
        }
        return;
    };
    let row = RowType { extract: extract.id, side: Side::Tonight };
    let checked = parse(&text.value)
        .map_err(|error| vec![error])
        .and_then(|syntax| check::condition(&syntax, &Scope::of_row(catalog, row)));
    if let Err(errors) = checked {
        section.report_rule(&text, errors);
    }
}
