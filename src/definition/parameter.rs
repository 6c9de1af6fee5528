//! Parameters: dated values, decision tables and code lists, each with its source.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate};

use super::document::{Problems, Raw, RawKind, Row, Section, with_document};
use super::identifier::identifier;
use crate::diagnostic::SourceFile;
use crate::rule::cover::{self, Fault};
use crate::rule::parameter::{Content, Parameter};
use crate::rule::table::{DecisionTable, Edition, Gap, Input, Rule, UnaryTests};
use crate::rule::types::{Literal, Type};
use crate::rule::unary;

/// The most inputs of a table.
const MOST_INPUTS: usize = 8;

/// The most rows of a table's edition.
const MOST_RULES: usize = 1_000;

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
        let content = if section.has("codes") { codes(section)? } else { table(section)? };
        Some(Declared { parameter: Parameter { id, title, content }, review_by })
    })
}

fn codes(section: &mut Section<'_>) -> Option<Content> {
    let from = section.needed_date("from");
    let source = section.needed_text("source", "\"…\"");
    let unlisted = section.text("unlisted");
    if let Some(text) = unlisted.as_ref().filter(|text| text.value.replace("{code}", "").contains(['{', '}'])) {
        let problem = section.error("only `{code}` stands for something in `unlisted`", text.span.clone());
        section.report(problem.hint("write `unlisted = \"okänd kod ({code})\"`"));
    }
    let unlisted = unlisted.map(|text| text.value);
    let mut all = section.section("codes")?;
    let mut names = BTreeMap::new();
    for (code, _) in all.keys() {
        if let Some(name) = all.text(&code) {
            names.insert(code, name.value);
        }
    }
    Some(Content::Codes { names, unlisted, from: from?, source: source?.value })
}

/// One value at a time, or a table of values by inputs.
fn table(section: &mut Section<'_>) -> Option<Content> {
    let Some(inputs) = inputs(section) else {
        // Without its inputs no cell means anything.
        section.has("table");
        return None;
    };
    let editions = if inputs.is_empty() { values(section) } else { editions(section, &inputs) };
    let mut editions = editions?;
    let ty = one_type(section, &editions)?;
    editions.sort_by_key(|edition| edition.from);
    let table = DecisionTable { inputs, ty, editions };
    tell_overlaps_and_gaps(section, &table);
    Some(Content::Table(table))
}

/// `[inputs]`: what the table is asked with beside the date, in the order of its cells.
fn inputs(section: &mut Section<'_>) -> Option<Vec<Input>> {
    let Some(mut part) = section.section("inputs") else { return Some(Vec::new()) };
    let mut inputs = Vec::new();
    let mut are_all_right = true;
    for (name, span) in part.keys() {
        let Some(mut one) = part.section(&name) else { continue };
        let values = one.texts("values");
        let Some(ty) = one.needed_text("type", "\"integer\"") else {
            are_all_right = false;
            one.finish();
            continue;
        };
        let values = (!values.is_empty()).then(|| values.into_iter().map(|value| value.value).collect());
        let (ty, is_whole) = match ty.value.as_str() {
            "text" => (Type::Text(values), false),
            "integer" => (Type::Number, true),
            "amount" => (Type::Number, false),
            "date" => (Type::Date, false),
            "boolean" => (Type::Boolean, false),
            other => {
                let problem = one.error(format!("`{other}` is not a type of inputs"), ty.span.clone());
                let known = ["text", "integer", "amount", "date", "boolean"];
                one.report(problem.suggest(other, known).hint(format!("the types are {}", known.join(", "))));
                are_all_right = false;
                continue;
            }
        };
        one.finish();
        if inputs.len() == MOST_INPUTS {
            part.report(part.error(format!("a table of more than {MOST_INPUTS} inputs"), span));
            break;
        }
        inputs.push(Input { name, ty, is_whole });
    }
    part.finish();
    are_all_right.then_some(inputs)
}

/// `[[value]]`: one value at a time.
fn values(section: &mut Section<'_>) -> Option<Vec<Edition>> {
    let rows = section.sections("value");
    if rows.is_empty() {
        section.missing("value", "…` in a `[[value]]` with `from` and `source`, or a table `[codes]");
        return None;
    }
    let mut editions = Vec::new();
    for mut row in rows {
        let span = row.span();
        let edition = edition(&mut row);
        let source = row.needed_text("source", "\"…\"");
        let derived = row.boolean("derived").unwrap_or(false);
        let value = match row.raw("value") {
            Some(raw) => literal(&row, raw),
            None => {
                row.missing("value", "3");
                None
            }
        };
        row.finish();
        if let (Some(edition), Some(source), Some(value)) = (edition, source, value) {
            let rule = Rule { tests: Vec::new(), value, source: source.value, derived, span };
            editions.push(Edition { rules: vec![rule], ..edition });
        }
    }
    Some(editions)
}

/// The dates of an edition, and the reason for the days after it that have none.
fn edition(row: &mut Section<'_>) -> Option<Edition> {
    let from = row.needed_date("from");
    let to = row.date("to");
    let span = row.span();
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        row.report(row.error(format!("valid from {from}, and ends before it, on {to}"), span.clone()));
    }
    let gap = if row.has("gap") { row.needed_text("gap", "\"…\"") } else { None };
    let after = gap.map(|text| Gap { tests: Vec::new(), reason: text.value, span: text.span });
    Some(Edition { from: from?, to, rules: Vec::new(), gaps: Vec::new(), after, span })
}

/// `[[table]]`: rows of cells, the value last.
fn editions(section: &mut Section<'_>, inputs: &[Input]) -> Option<Vec<Edition>> {
    let tables = section.sections("table");
    if tables.is_empty() {
        section.missing("table", "…` in a `[[table]]` with `from`, `source` and `rows");
        return None;
    }
    let mut editions = Vec::new();
    let mut are_all_right = true;
    for mut part in tables {
        let edition = edition(&mut part);
        let source = part.needed_text("source", "\"…\"").map_or_else(String::new, |text| text.value);
        let derived = part.boolean("derived").unwrap_or(false);
        let mut rules = Vec::new();
        for row in part.rows_of_cells("rows") {
            if rules.len() == MOST_RULES {
                part.report(part.error(format!("a table of more than {MOST_RULES} rows"), row.span()));
                break;
            }
            let read = rule(&part, row, inputs, &source, derived);
            are_all_right &= read.is_some();
            rules.extend(read);
        }
        let gaps: Vec<Option<Gap>> = part.sections("gaps").into_iter().map(|gap| read_gap(gap, inputs)).collect();
        are_all_right &= gaps.iter().all(Option::is_some);
        let gaps = gaps.into_iter().flatten().collect();
        part.finish();
        editions.extend(edition.map(|edition| Edition { rules, gaps, ..edition }));
    }
    // Without a row that is wrong, cases would seem to be left out.
    are_all_right.then_some(editions)
}

/// `["\"El\"", "[4..9]", 450]`, or `{ when = ["…"], value = 450, source = "…", derived = true }`.
fn rule(part: &Section<'_>, row: Row<'_>, inputs: &[Input], source: &str, derived: bool) -> Option<Rule> {
    match row {
        Row::Cells(mut cells, span) => {
            if cells.len() != inputs.len() + 1 {
                let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
                let (expected, found) = (cells_of(inputs.len() + 1), cells.len());
                let title = format!("a row has {expected}, {} and the value; here are {found}", names.join(", "));
                part.report(part.error(title, span));
                return None;
            }
            let value = literal(part, cells.pop()?)?;
            let tests = tests(part, &cells, inputs)?;
            Some(Rule { tests, value, source: source.to_owned(), derived, span })
        }
        Row::Section(mut section) => {
            let span = section.span();
            let cells = section.raws("when");
            let value = section.raw("value");
            let source = section.text("source").map_or_else(|| source.to_owned(), |text| text.value);
            let derived = section.boolean("derived").unwrap_or(derived);
            let value = match value {
                Some(raw) => literal(&section, raw),
                None => {
                    section.missing("value", "450");
                    None
                }
            };
            let tests = whole_row(&section, &cells, inputs);
            section.finish();
            Some(Rule { tests: tests?, value: value?, source, derived, span })
        }
    }
}

fn read_gap(mut section: Section<'_>, inputs: &[Input]) -> Option<Gap> {
    let span = section.span();
    let cells = section.raws("when");
    let reason = section.needed_text("reason", "\"…\"");
    let tests = whole_row(&section, &cells, inputs);
    section.finish();
    Some(Gap { tests: tests?, reason: reason?.value, span })
}

fn whole_row(section: &Section<'_>, cells: &[Raw], inputs: &[Input]) -> Option<Vec<UnaryTests>> {
    if cells.len() != inputs.len() {
        let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        let (expected, found) = (cells_of(inputs.len()), cells.len());
        let title = format!("`when` has {expected}, {}; here are {found}", names.join(", "));
        section.report(section.error(title, section.span()));
        return None;
    }
    tests(section, cells, inputs)
}

fn cells_of(count: usize) -> String {
    if count == 1 { "one cell".to_owned() } else { format!("{count} cells") }
}

fn tests(section: &Section<'_>, cells: &[Raw], inputs: &[Input]) -> Option<Vec<UnaryTests>> {
    let read = cells.iter().zip(inputs).map(|(cell, input)| {
        let text = cell.text();
        unary::read(&text.value, input).map_err(|error| section.report_rule(&text, vec![error])).ok()
    });
    // All of them are read before giving up, so that every mistake is told.
    read.collect::<Vec<_>>().into_iter().collect()
}

fn literal(section: &Section<'_>, raw: Raw) -> Option<Literal> {
    Some(match raw.kind {
        RawKind::Text(text) => Literal::Text(text.into()),
        RawKind::Date(date) => Literal::Date(date),
        RawKind::Boolean(holds) => Literal::Boolean(holds),
        RawKind::Number(number) => match number.replace('_', "").parse() {
            Ok(number) => Literal::Number(number),
            Err(_) => {
                section.report(section.error("a number of more than 28 digits", raw.span));
                return None;
            }
        },
    })
}

fn type_of(value: &Literal) -> Type {
    match value {
        Literal::Text(_) => Type::Text(None),
        Literal::Date(_) => Type::Date,
        Literal::Boolean(_) => Type::Boolean,
        _ => Type::Number,
    }
}

/// The type of all values, which is one.
fn one_type(section: &Section<'_>, editions: &[Edition]) -> Option<Type> {
    let mut rules = editions.iter().flat_map(|edition| &edition.rules);
    let ty = type_of(&rules.next()?.value);
    for rule in rules {
        if type_of(&rule.value) != ty {
            let (one, first) = (unary::said(&type_of(&rule.value)), unary::said(&ty));
            section.report(section.error(format!("this value is {one}, the first is {first}"), rule.span.clone()));
        }
    }
    Some(ty)
}

/// Two values for one day or case are a mistake, and so are days and cases without a value that no gap declares.
fn tell_overlaps_and_gaps(section: &Section<'_>, table: &DecisionTable) {
    for (place, edition) in table.editions.iter().enumerate() {
        let next = table.editions.get(place + 1);
        if let Some(next) = next
            && (next.from == edition.from || edition.to.is_some_and(|to| to >= next.from))
        {
            let title = format!("two values are valid on {}", next.from);
            let line = section.source().line_of(edition.span.start);
            let label = format!("this one and the one on line {line}");
            section.report(section.error(title, next.span.clone()).label(label));
        }
        if let Some(to) = edition.to.filter(|to| *to >= edition.from) {
            let day_after = to.checked_add_days(Days::new(1));
            let is_followed = next.is_some_and(|next| Some(next.from) <= day_after);
            if !is_followed && edition.after.is_none() {
                let title = format!("no value is valid after {to}");
                let hint = "add the next value, or `gap = \"…\"` with the reason to this one";
                section.report(section.error(title, edition.span.clone()).hint(hint));
            }
        }
        tell_faults(section, table, edition);
    }
}

/// The most cases without a value that are told of one edition.
const MOST_TOLD: usize = 3;

fn tell_faults(section: &Section<'_>, table: &DecisionTable, edition: &Edition) {
    if table.inputs.is_empty() {
        return;
    }
    let mut uncovered = Vec::new();
    for fault in cover::faults(table, edition) {
        match fault {
            Fault::Overlap(one, other, case) => {
                let line = section.source().line_of(one.span.start);
                let problem = section.error(format!("two rows apply where {case}"), other.span.clone());
                section.report(problem.label(format!("this one and the one on line {line}")));
            }
            Fault::InGap(rule, gap, case) => {
                let line = section.source().line_of(gap.span.start);
                let problem =
                    section.error(format!("a row applies in a declared gap, where {case}"), rule.span.clone());
                section.report(problem.label(format!("the gap stands on line {line}")));
            }
            Fault::Uncovered(case) => uncovered.push(case),
            Fault::TooLarge => {
                let title = format!("a table of more than {} cases", cover::MOST_CASES);
                section.report(section.error(title, edition.span.clone()).hint("make two tables of it"));
            }
        }
    }
    for case in uncovered.iter().take(MOST_TOLD) {
        let problem = section.error(format!("no row applies where {case}"), edition.span.clone());
        section.report(problem.hint("add a row, or `gaps = [{ when = […], reason = \"…\" }]`"));
    }
    if uncovered.len() > MOST_TOLD {
        let title = format!("and {} more cases have no row", uncovered.len() - MOST_TOLD);
        section.report(section.error(title, edition.span.clone()));
    }
}
