//! Parameters: dated values, and code lists, each with its source.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate};

use super::document::{Problems, RawKind, Section, with_document};
use super::identifier::identifier;
use crate::diagnostic::SourceFile;
use crate::rule::parameter::{Content, DatedValue, Parameter};
use crate::rule::types::Literal;
use crate::rule::types::Type;

/// A parameter with what only its file says.
#[derive(Debug)]
pub struct Declared {
    /// The parameter.
    pub parameter: Parameter,
    /// When it is to be looked over; a warning is given from sixty days ahead.
    pub review_by: Option<NaiveDate>,
}

/// Reads a parameter's file.
pub fn read(source: &Arc<SourceFile>, problems: &Problems) -> Option<Declared> {
    with_document(source, "the parameter", problems, |section| {
        let id = identifier(section, source)?;
        let title = section.text("title").map_or_else(|| id.clone(), |title| title.value);
        let review_by = section.date("review_by");
        let content = if section.has("codes") { codes(section)? } else { dated(section)? };
        Some(Declared { parameter: Parameter { id, title, content }, review_by })
    })
}

fn codes(section: &mut Section<'_>) -> Option<Content> {
    let from = section.needed_date("from")?;
    let source = section.needed_text("source", "\"…\"")?.value;
    let unlisted = section.text("unlisted").map(|text| text.value);
    let mut all = section.section("codes")?;
    let mut names = BTreeMap::new();
    for (code, _) in all.keys() {
        if let Some(name) = all.text(&code) {
            names.insert(code, name.value);
        }
    }
    Some(Content::Codes { names, unlisted, from, source })
}

fn dated(section: &mut Section<'_>) -> Option<Content> {
    let rows = section.sections("value");
    if rows.is_empty() {
        section.missing("value", "…` in a `[[value]]` with `from` and `source`, or a table `[codes]");
        return None;
    }
    let mut values = Vec::new();
    let mut ty = None;
    let mut gaps = Vec::new();
    for mut row in rows {
        if let Some((value, gap)) = dated_value(&mut row) {
            let found = type_of(&value.value);
            if ty.get_or_insert_with(|| found.clone()) != &found {
                row.report(row.error("a value of another type than the one above it", value.span.clone()));
            }
            if gap.is_some() {
                gaps.push(value.from);
            }
            values.push(value);
        }
        row.finish();
    }
    values.sort_by_key(|value: &DatedValue| value.from);
    tell_overlaps_and_gaps(section, &values, &gaps);
    Some(Content::Dated { ty: ty?, values })
}

fn dated_value(row: &mut Section<'_>) -> Option<(DatedValue, Option<String>)> {
    let from = row.needed_date("from");
    let to = row.date("to");
    let source = row.needed_text("source", "\"…\"");
    let derived = row.boolean("derived").unwrap_or(false);
    let gap = row.text("gap").map(|text| text.value);
    let span = row.span();
    let Some(raw) = row.raw("value") else {
        row.missing("value", "3");
        return None;
    };
    let value = match raw.kind {
        RawKind::Text(text) => Literal::Text(text.into()),
        RawKind::Date(date) => Literal::Date(date),
        RawKind::Boolean(holds) => Literal::Boolean(holds),
        RawKind::Number(number) => match number.replace('_', "").parse() {
            Ok(number) => Literal::Number(number),
            Err(_) => {
                row.report(row.error("a number of more than 28 digits", raw.span));
                return None;
            }
        },
    };
    Some((DatedValue { from: from?, to, value, source: source?.value, derived, span }, gap))
}

fn type_of(value: &Literal) -> Type {
    match value {
        Literal::Text(_) => Type::Text(None),
        Literal::Date(_) => Type::Date,
        Literal::Boolean(_) => Type::Boolean,
        _ => Type::Number,
    }
}

/// Two values on one day are a mistake, and so are days without a value that no `gap = "reason"` declares.
fn tell_overlaps_and_gaps(section: &Section<'_>, values: &[DatedValue], declared_gaps: &[NaiveDate]) {
    for (place, value) in values.iter().enumerate() {
        let next = values.get(place + 1);
        if let Some(next) = next
            && (next.from == value.from || value.to.is_some_and(|to| to >= next.from))
        {
            let title = format!("two values are valid on {}", next.from);
            section.report(section.error(title, next.span.clone()).label("this one and the one before it"));
        }
        let Some(to) = value.to else { continue };
        let day_after = to.checked_add_days(Days::new(1));
        let is_followed = next.is_some_and(|next| Some(next.from) <= day_after);
        if !is_followed && !declared_gaps.contains(&value.from) {
            let title = format!("no value is valid after {to}");
            let hint = "add the next value, or `gap = \"…\"` with the reason to this one";
            section.report(section.error(title, value.span.clone()).hint(hint));
        }
    }
}
