//! Extracts that are made by grouping another: what they are grouped by, once every extract's columns are known.

use super::document::{Document, Problems, Section, Text};
use super::extract::{Extract, Grouping, Origin, ROWS};
use crate::rule::catalog::{Cardinality, Catalog, RelationNight, RelationSchema, Written};
use crate::rule::check::{self, Scope};
use crate::rule::parse::parse;
use crate::rule::tree::{Builtin, Expr, Kind};
use crate::rule::types::{ExtractId, FieldId, RowType, Side};

/// Fills in what each made extract takes from the one that it is made from.
pub fn resolve(documents: &[Document<'_>], extracts: &mut [Extract], catalog: &mut Catalog, problems: &Problems) {
    for (place, document) in documents.iter().enumerate() {
        document.read_part(problems, |section| {
            if let Some(from) = section.text("from") {
                take_from(section, &from, place, extracts, catalog);
            }
        });
    }
}

fn take_from(section: &mut Section<'_>, from: &Text, place: usize, extracts: &mut [Extract], catalog: &mut Catalog) {
    let Some(base) = catalog.extract_named(&from.value) else {
        if !catalog.mistaken.extracts.contains(&from.value) {
            let ids = catalog.extracts.iter().map(|extract| extract.id.as_str());
            let problem = section.error(format!("there is no extract `{}`", from.value), from.span.clone());
            section.report(problem.suggest(&from.value, ids));
        }
        catalog.mistaken.relations.push((extracts[place].id, ROWS.to_owned()));
        return;
    };
    let other = &extracts[usize::from(base.0)];
    let is_made = extracts[place].id == base || other.key_is_grouped() || other.of_robots.is_some();
    if is_made {
        let title = format!("`{}` has no file, or is this one", from.value);
        section.report(section.error(title, from.span.clone()).hint("group the rows of an extract that has a file"));
        return;
    }
    let mut by = Vec::new();
    for text in section.texts("group") {
        let Some(theirs) = catalog.extract(base).field_named(&text.value) else {
            let fields = catalog.extract(base).fields.iter().map(|field| field.id.as_str());
            let title = format!("`{}` has no field `{}`", from.value, text.value);
            section.report(section.error(title, text.span.clone()).suggest(&text.value, fields));
            continue;
        };
        by.extend(
            extracts[place]
                .fields
                .iter()
                .position(|field| field.name == text.value)
                .and_then(own)
                .map(|own| (own, theirs)),
        );
    }
    let condition = section.text("where").and_then(|text| match Written::read(&text.value) {
        Ok(written) => Some(written),
        Err(error) => {
            section.report_rule(&text, vec![error]);
            None
        }
    });
    let (file, dialect, holds_persons) = {
        let base = &extracts[usize::from(base.0)];
        (base.file.clone(), base.dialect, base.holds_persons)
    };
    let made = &mut extracts[place];
    (made.file, made.dialect, made.holds_persons) = (file, dialect, holds_persons);
    made.grouping = Some(Grouping { from: base, by: by.clone(), condition: None });
    catalog.extracts[place].relations = vec![rows_of(base, &by, condition)];
    take_kinds(extracts, catalog);
}

/// What the fields that rows are grouped by hold, as far as that is known of the rows' own.
pub fn take_kinds(extracts: &mut [Extract], catalog: &mut Catalog) {
    for place in 0..extracts.len() {
        let Some(grouping) = &extracts[place].grouping else { continue };
        let (base, by) = (grouping.from, grouping.by.clone());
        for (own, theirs) in by {
            let theirs = extracts[usize::from(base.0)].field(theirs);
            let (kind, empty, is_code) = (theirs.kind.clone(), theirs.empty, theirs.is_code);
            let schema = &mut catalog.extracts[place].fields[usize::from(own.0)];
            (schema.ty, schema.nullable) = (kind.ty(), empty == super::extract::Empty::Null);
            let field = &mut extracts[place].fields[usize::from(own.0)];
            (field.kind, field.empty, field.is_code) = (kind, empty, is_code);
        }
    }
}

fn own(place: usize) -> Option<FieldId> {
    u16::try_from(place).ok().map(FieldId)
}

/// The relation from a group to its rows.
fn rows_of(base: ExtractId, by: &[(FieldId, FieldId)], condition: Option<Written>) -> RelationSchema {
    RelationSchema {
        id: ROWS.to_owned(),
        to: base,
        cardinality: Cardinality::Many,
        night: RelationNight::Same,
        on: by.iter().map(|(own, theirs)| (*theirs, *own)).collect(),
        condition,
        distinct: Vec::new(),
        whole: false,
        robots: Vec::new(),
        outcomes: Vec::new(),
    }
}

/// Checks which rows are grouped, and that what they are grouped by stands in the rows themselves.
pub fn check_conditions(documents: &[Document<'_>], extracts: &mut [Extract], catalog: &Catalog, problems: &Problems) {
    for (place, document) in documents.iter().enumerate() {
        let Some(grouping) = &extracts[place].grouping else { continue };
        let (base, by) = (grouping.from, grouping.by.clone());
        let mut condition = None;
        document.read_part(problems, |section| {
            let texts = section.texts("group");
            for ((_, theirs), text) in by.iter().zip(&texts) {
                if let Origin::Related = extracts[usize::from(base.0)].field(*theirs).origin {
                    let title =
                        format!("`{}` is worked out from other rows, and rows are not grouped by it", text.value);
                    section.report(section.error(title, text.span.clone()));
                }
            }
            if let Some(text) = section.text("where") {
                condition = read_condition(section, &text, base, catalog);
            }
        });
        if let Some(grouping) = &mut extracts[place].grouping {
            grouping.condition = condition;
        }
    }
}

/// Whether it asks for more than stands in a row as it is read: other rows, or what is known of a robot's run.
fn asks_beyond_the_row(part: &Expr) -> bool {
    matches!(part.kind, Kind::Related { .. } | Kind::All(_))
        || matches!(part.kind, Kind::Builtin(builtin) if builtin != Builtin::Night)
        || matches!(part.kind, Kind::Call(function, _) if function.draws())
}

fn read_condition(section: &Section<'_>, text: &Text, base: ExtractId, catalog: &Catalog) -> Option<Expr> {
    let row = RowType { extract: base, side: Side::Tonight };
    // What is wrong with its form has been told already.
    let syntax = parse(&text.value).ok()?;
    match check::condition(&syntax, &Scope::of_row(catalog, row)) {
        Err(errors) => {
            section.report_rule(text, errors);
            None
        }
        Ok(expr) if expr.any(&asks_beyond_the_row) => {
            let title = "which rows are grouped is asked of the rows themselves";
            section.report(section.error(title, text.span.clone()).hint("ask the group instead, in the robot"));
            None
        }
        Ok(expr) => Some(expr),
    }
}
