//! Values and reasons in Swedish, for those who ask why.

use crate::definition::Definitions;
use crate::plan::Nights;
use crate::rule::types::{ExtractId, FieldId, Side};
use crate::rule::value::{RowRef, Value};
use crate::rule::world::World;

use super::super::reason::reason_for;
use super::tree::Place;
use crate::extract::View;
use crate::value::{Party, may_be_a_persons};

/// The most rows and values of a list that are named.
const MOST_NAMED: usize = 12;

/// What tells where things stand.
#[derive(Clone, Copy)]
pub struct Words<'r> {
    pub definitions: &'r Definitions,
    pub view: &'r View<'r>,
    pub nights: Nights,
    /// Whether persons' numbers are shown: the lines of the files tell who is meant without them.
    pub restricted: bool,
}

impl Words<'_> {
    /// The night's folder and the file in it.
    pub fn file(&self, extract: ExtractId, side: Side) -> String {
        let file = &self.definitions.extracts[usize::from(extract.0)].file;
        self.nights.of(side).map_or_else(|| file.clone(), |night| format!("{night}/{file}"))
    }

    /// Where a row stands; nowhere for what a robot came to, which is in no file.
    pub fn place(&self, row: RowRef) -> Option<Place> {
        let is_in_file = self.definitions.extracts[usize::from(row.extract.0)].of_robots.is_none();
        is_in_file.then(|| Place { file: self.file(row.extract, row.side), line: self.view.line(row), column: None })
    }

    /// A row as it is named beside its parts.
    pub fn row(&self, row: RowRef) -> String {
        let title = &self.definitions.extracts[usize::from(row.extract.0)].title;
        match self.place(row) {
            Some(place) => format!("{} rad {}", place.file, place.line),
            None => format!("{title}: {}", self.came_to(row)),
        }
    }

    /// What tells a row of what robots came to from others: the robot, the subject and the check, or the night.
    fn came_to(&self, row: RowRef) -> String {
        let extract = &self.definitions.extracts[usize::from(row.extract.0)];
        let part = |field: &FieldId| self.view.cell(row, *field).written().unwrap_or_default();
        let parts = extract.key.iter().map(part);
        parts.map(|part| self.name(&part)).collect::<Vec<_>>().join(" · ")
    }

    /// The name of a subject; one that is a person is written after the case.
    pub fn name(&self, name: &str) -> String {
        let open = |word| if !self.restricted && may_be_a_persons(word) { "personnummer" } else { word };
        name.split('/').map(open).collect::<Vec<_>>().join("/")
    }

    /// A value as it is told.
    pub fn value(&self, value: &Value<'_>) -> String {
        match value {
            Value::Null => "tomt".to_owned(),
            Value::Unknown(missing) => format!("okänt: {}", reason_for(missing, &[], self.definitions)),
            Value::Boolean(holds) => if *holds { "sant" } else { "falskt" }.to_owned(),
            Value::Text(text) if !self.restricted && may_be_a_persons(text) => "personnummer".to_owned(),
            Value::Text(text) => format!("\"{text}\""),
            Value::Months(months) => format!("{months} månader"),
            Value::Days(days) => format!("{days} dagar"),
            Value::Between(bounds) => {
                let limit = |limit: &Option<Value<'_>>| limit.as_ref().map(|limit| self.value(limit));
                match (limit(&bounds.low), limit(&bounds.high)) {
                    (Some(low), Some(high)) => format!("mellan {low} och {high}"),
                    (Some(low), None) => format!("minst {low}"),
                    (None, Some(high)) => format!("högst {high}"),
                    (None, None) => format!("okänt: {}", reason_for(&bounds.why, &[], self.definitions)),
                }
            }
            Value::Person(_) | Value::Party(Party::Person(_)) if !self.restricted => "personnummer".to_owned(),
            Value::Row(row) => self.row(*row),
            Value::Rows(rows) if self.definitions.extracts[usize::from(rows.extract.0)].of_robots.is_some() => {
                let title = &self.definitions.extracts[usize::from(rows.extract.0)].title;
                let named = (0..rows.rows.len().min(MOST_NAMED)).map(|place| self.came_to(rows.at(place)));
                let named = named.collect::<Vec<_>>().join("; ");
                match rows.rows.len() {
                    0 if rows.open.is_none() => "inga rader".to_owned(),
                    0 => format!("okänt vilka rader i {title}"),
                    many => {
                        let more = if rows.open.is_some() { ", kanske fler" } else { "" };
                        let noun = if many == 1 { "rad" } else { "rader" };
                        format!("{many} {noun} i {title}: {named}{}{more}", dots(many))
                    }
                }
            }
            Value::Rows(rows) => {
                let lines = (0..rows.rows.len().min(MOST_NAMED)).map(|place| {
                    let line = self.view.line(rows.at(place));
                    if rows.doubt(place).is_some() { format!("{line}?") } else { line.to_string() }
                });
                let lines = lines.collect::<Vec<_>>().join(", ");
                let file = self.file(rows.extract, rows.side);
                let more = if rows.open.is_some() { ", kanske fler" } else { "" };
                match rows.rows.len() {
                    0 if rows.open.is_none() => "inga rader".to_owned(),
                    0 => format!("okänt vilka rader i {file}"),
                    1 => format!("1 rad: {file} rad {lines}{more}"),
                    many => format!("{many} rader: {file} rad {lines}{}{more}", dots(many)),
                }
            }
            Value::List(list) => {
                let items = list.items.iter().take(MOST_NAMED).map(|item| self.value(item)).collect::<Vec<_>>();
                let more = if list.open.is_some() { ", kanske fler" } else { "" };
                format!("[{}{}{more}]", items.join(", "), dots(list.items.len()))
            }
            other => other.written().unwrap_or_default(),
        }
    }
}

fn dots(count: usize) -> &'static str {
    if count > MOST_NAMED { " …" } else { "" }
}
