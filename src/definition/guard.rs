//! What an extract's file must be like to be used. Judged on what the scan saw, before any robot runs.

use super::columns::{named_field, named_fields};
use super::document::{Section, Share, Text};
use super::extract::Extract;
use crate::rule::types::FieldId;

/// What an extract's file must be like to be used.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The fewest rows.
    pub min_rows: u64,
    /// How much fewer rows than the night before.
    pub max_drop: Share,
    /// With fewer rows than this the night before, a drop stops nothing.
    pub drop_floor: u64,
    /// How many rows may be rejected.
    pub max_rejected: Share,
    /// So many rejected rows stop nothing.
    pub rejected_floor: u64,
    /// How many rows may have the key of an earlier one and other content; they count as rejected as well.
    pub max_duplicates: Option<Share>,
    /// How many hours before its night the file may have been written at most.
    pub max_age: Option<u64>,
    /// The fields that must have a value that can be read, and in which share of the rows at least.
    pub filled: Vec<(FieldId, Share)>,
    /// How large a share at least of the keys that are looked up must be found: a broken key shows there first.
    pub min_found: Option<Share>,
    /// The last line of a file that is whole, with the number of its rows.
    pub trailer: Option<Trailer>,
    /// The fields that must be readable also in a rejected row: without them it cannot be told whom the row is about,
    /// and the robots that use the extract are set aside.
    pub must_read: Vec<FieldId>,
}

/// A last line such as `SLUT;1234`, which is no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// What stands before the number of rows.
    pub before: String,
    /// What stands after it.
    pub after: String,
}

/// The guards that apply where a declaration says nothing else (PDD 00, "Vakter").
impl Default for Guard {
    fn default() -> Self {
        Self {
            min_rows: 1,
            max_drop: Share::percent(20),
            drop_floor: 20,
            max_rejected: Share::percent(1),
            rejected_floor: 3,
            max_duplicates: None,
            max_age: None,
            filled: Vec::new(),
            min_found: None,
            trailer: None,
            must_read: Vec::new(),
        }
    }
}

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
