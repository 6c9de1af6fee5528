//! Reads what an extract's file must be like from its declaration.

use super::document::{Section, Text};
use super::extract::Extract;
use super::guard::{Guard, Trailer};
use super::named::{named_field, named_fields};
use super::share::Share;
use crate::rule::types::FieldId;

/// Reads an extract's guards.
pub fn read_guard(section: &mut Section<'_>, extract: &Extract) -> Guard {
    let usual = Guard::default();
    Guard {
        min_rows: section.count("min_rows").unwrap_or(usual.min_rows),
        max_drop: section.share("max_drop").unwrap_or(usual.max_drop),
        drop_floor: section.count("drop_floor").unwrap_or(usual.drop_floor),
        max_rejected: section.share("max_rejected").unwrap_or(usual.max_rejected),
        rejected_floor: section.count("rejected_floor").unwrap_or(usual.rejected_floor),
        max_duplicates: section.share("max_duplicates"),
        max_age: section.text("max_age").and_then(|text| hours(section, &text)),
        filled: section.section("filled").map(|part| filled(part, extract)).unwrap_or_default(),
        min_found: section.share("min_found"),
        trailer: section.text("trailer").and_then(|text| trailer(section, &text)),
        must_read: named_fields(section, "must_read", extract),
    }
}

/// `"36 h"`.
fn hours(section: &Section<'_>, text: &Text) -> Option<u64> {
    let hours = text.value.strip_suffix('h').and_then(|hours| hours.trim().parse().ok());
    if hours.is_none() {
        let problem = section.error(format!("`{}` is not an age", text.value), text.span.clone());
        section.report(problem.hint("write hours, `\"36 h\"`"));
    }
    hours
}

/// `filled = { status = "90 %" }`
fn filled(mut part: Section<'_>, extract: &Extract) -> Vec<(FieldId, Share)> {
    let mut all = Vec::new();
    for (name, span) in part.keys() {
        let Some(share) = part.share(&name) else { continue };
        let name = Text::at(name, span);
        all.extend(named_field(&part, &name, extract).map(|field| (field, share)));
    }
    part.finish();
    all
}

/// `"SLUT;{rows}"`
fn trailer(section: &Section<'_>, text: &Text) -> Option<Trailer> {
    let parts = text.value.split_once("{rows}").filter(|(before, _)| !before.trim().is_empty());
    if parts.is_none() {
        let problem =
            section.error(format!("`{}` is not a last line with its number of rows", text.value), text.span.clone());
        section
            .report(problem.hint("write it as it stands in the file, with `{rows}` for the number: `\"SLUT;{rows}\"`"));
    }
    parts.map(|(before, after)| Trailer { before: before.to_owned(), after: after.to_owned() })
}
