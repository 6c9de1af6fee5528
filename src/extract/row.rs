//! Reads one row: first the fields that tell whether any case can reach it, then its key, then the rest.

use std::borrow::Cow;

use super::cell::{Cell, Lack, Problem, is_decodable, read, text_of};
use super::header::Header;
use super::key::{Key, KeySet};
use super::record::{State, field_ends};
use super::request::{Reach, Request};
use super::table::{Rejected, Rejection};
use crate::definition::extract::{Extract, Origin};
use crate::rule::evaluate::Evaluator;
use crate::rule::types::{FieldId, RelationId, Side};
use crate::rule::value::{Missing, RowRef, Value, Why};
use crate::rule::world::{Constants, Related, Silent, World};

/// What became of a row.
pub enum Fate<'a> {
    /// No case can reach it.
    Passed,
    /// It was rejected; with the cells of its key, where all of them can be read all the same.
    Rejected(Box<Rejected>, Vec<(FieldId, Cell<'a>)>),
    /// It is kept, with a cell for each field asked for.
    Kept(Vec<(FieldId, Cell<'a>)>, Vec<(FieldId, Problem)>),
}

/// Reads rows of one file.
pub struct RowReader<'r> {
    request: &'r Request<'r>,
    header: &'r Header,
    constants: Constants<'r>,
    ends: Vec<usize>,
}

/// Where a row stands.
#[derive(Clone, Copy)]
pub struct Place {
    /// The byte it begins at.
    pub offset: u64,
    /// The line it begins on.
    pub line: u64,
}

impl<'r> RowReader<'r> {
    pub fn new(request: &'r Request<'r>, header: &'r Header) -> Self {
        // A computed field of the row alone can ask for the night, and for nothing else of the run.
        let constants = Constants {
            night: request.night,
            previous_night: None,
            since: request.night,
            municipality: "",
            parameters: request.parameters,
        };
        Self { request, header, constants, ends: Vec::new() }
    }

    /// Reads the row whose text this is.
    pub fn read<'a>(&mut self, text: &'a [u8], state: State, place: Place) -> Fate<'a> {
        let extract = self.request.extract;
        if let State::BrokenQuote | State::TooLong = state {
            let reason = if state == State::TooLong { "the row is too long" } else { "a quoted field does not end" };
            return self.broken(text, place, Rejection::Shape, reason.to_owned());
        }
        field_ends(text, extract.dialect.delimiter, state, &mut self.ends);
        if self.ends.len() != self.header.columns {
            let reason = format!("{} fields, the header has {}", self.ends.len(), self.header.columns);
            return self.broken(text, place, Rejection::Shape, reason);
        }
        if !is_decodable(text, extract.dialect.encoding) {
            let reason = format!("bytes that are not {}", extract.dialect.encoding.name());
            return self.broken(text, place, Rejection::Encoding, reason);
        }
        if self.is_surely_passed(text) {
            return Fate::Passed;
        }
        let mut row = Row { reader: self, text, cells: vec![None; extract.fields.len()], problems: Vec::new() };
        if !row.can_be_reached() {
            return Fate::Passed;
        }
        if let Some(rejected) = row.without_key(place) {
            return Fate::Rejected(Box::new(rejected), Vec::new());
        }
        row.finish()
    }

    /// Whether no case can reach the row, as far as its own cells tell at a glance: most rows of a register are done with
    /// here, without anything being kept of them.
    fn is_surely_passed(&self, text: &[u8]) -> bool {
        let Reach::Keys(sets) = &self.request.reach else { return false };
        sets.iter().all(|set| {
            let [field] = set.fields.as_slice() else { return false };
            let Some(column) = self.header.column_of[usize::from(field.0)] else { return false };
            let Some(cell) = text_of(self.raw(text, column), self.request.extract.dialect.encoding) else {
                return false;
            };
            match read(cell, self.request.extract.field(*field), self.request.night).0 {
                Ok(value) => !set.contains_value(&value),
                Err(lack) => lack == Lack::Null || !self.request.extract.key.contains(field),
            }
        })
    }

    /// The bytes of a column.
    fn raw<'a>(&self, text: &'a [u8], column: usize) -> &'a [u8] {
        let start = if column == 0 { 0 } else { self.ends[column - 1] + 1 };
        &text[start..self.ends[column]]
    }

    /// A row that cannot be cut into fields or decoded: whatever of its keys can be read says whom it may be about.
    fn broken<'a>(&mut self, text: &'a [u8], place: Place, kind: Rejection, reason: String) -> Fate<'a> {
        let extract = self.request.extract;
        field_ends(text, extract.dialect.delimiter, State::Plain, &mut self.ends);
        let mut row = Row { reader: self, text, cells: vec![None; extract.fields.len()], problems: Vec::new() };
        let keys = row.keys();
        // A key in a broken row is believed only when some case has it: a shifted field is a text like any other.
        let is_known = |keys: &[Option<Key>]| match &row.reader.request.reach {
            Reach::All => keys.iter().any(Option::is_some),
            // Where no case is known at all, nothing can be told of any row: see why the cases are not.
            Reach::Keys(sets) if sets.iter().all(KeySet::is_empty) => true,
            Reach::Keys(sets) => sets.iter().any(|set| {
                let way = row.reader.request.ways.iter().position(|way| *way == set.fields);
                way.and_then(|way| keys[way].as_ref()).is_some_and(|key| set.contains(key))
            }),
        };
        let lost = !extract.guard.must_read.is_empty() && !is_known(&keys);
        let person = row.person();
        let own: Option<Vec<(FieldId, Cell<'a>)>> =
            extract.key.iter().map(|field| row.fetch(*field).ok().map(|value| (*field, Ok(value)))).collect();
        let rejected = Rejected {
            offset: place.offset,
            line: place.line,
            field: String::new(),
            reason,
            kind,
            keys,
            person,
            earlier: None,
            lost,
        };
        Fate::Rejected(Box::new(rejected), own.unwrap_or_default())
    }
}

/// One row while it is read.
struct Row<'a, 'm, 'r> {
    reader: &'m RowReader<'r>,
    text: &'a [u8],
    cells: Vec<Option<Cell<'a>>>,
    problems: Vec<(FieldId, Problem)>,
}

impl<'a> Row<'a, '_, '_> {
    fn extract(&self) -> &Extract {
        self.reader.request.extract
    }

    fn fetch(&mut self, field: FieldId) -> Cell<'a> {
        let place = usize::from(field.0);
        if let Some(cell) = &self.cells[place] {
            return cell.clone();
        }
        let cell = self.read_cell(field);
        self.cells[place] = Some(cell.clone());
        cell
    }

    fn read_cell(&mut self, field: FieldId) -> Cell<'a> {
        let request = self.reader.request;
        let declared = request.extract.field(field);
        if let Origin::Row { is, reads } = &declared.origin {
            for read in reads {
                let _cached = self.fetch(*read);
            }
            return self.worked_out(is);
        }
        let Some(column) = self.reader.header.column_of[usize::from(field.0)] else { return Err(Lack::Empty) };
        if column >= self.reader.ends.len() {
            return Err(Lack::Unreadable);
        }
        let Some(text) = text_of(self.reader.raw(self.text, column), request.extract.dialect.encoding) else {
            return Err(Lack::Unreadable);
        };
        let (cell, problem) = read(text, declared, request.night);
        self.problems.extend(problem.map(|problem| (field, problem)));
        cell
    }

    fn worked_out(&self, is: &crate::rule::tree::Expr) -> Cell<'a> {
        let mut evaluator = Evaluator::new(self, &self.reader.constants, &[], Silent);
        let row = RowRef { extract: self.extract().id, side: Side::Tonight, row: 0 };
        evaluator.turn_to(&[Value::Row(row)]);
        match evaluator.value(is) {
            Value::Null => Err(Lack::Null),
            Value::Unknown(Missing { why: Why::Empty, .. }) => Err(Lack::Empty),
            Value::Text(text) => Ok(Value::Text(Cow::Owned(text.into_owned()))),
            Value::Number(number) => Ok(Value::Number(number)),
            Value::Date(day) => Ok(Value::Date(day)),
            Value::Month(month) => Ok(Value::Month(month)),
            Value::Boolean(holds) => Ok(Value::Boolean(holds)),
            Value::Person(person) => Ok(Value::Person(person)),
            Value::Organisation(number) => Ok(Value::Organisation(number)),
            Value::Party(party) => Ok(Value::Party(party)),
            _ => Err(Lack::Unreadable),
        }
    }

    fn can_be_reached(&mut self) -> bool {
        let request = self.reader.request;
        let Reach::Keys(sets) = &request.reach else { return true };
        sets.iter().any(|set| self.is_in(set))
    }

    fn is_in(&mut self, set: &KeySet) -> bool {
        if let [field] = set.fields.as_slice() {
            return match self.fetch(*field) {
                Ok(value) => set.contains_value(&value),
                Err(lack) => self.may_hide_a_key(*field, lack),
            };
        }
        let mut parts = Vec::with_capacity(set.fields.len());
        for field in &set.fields {
            match self.fetch(*field) {
                Ok(value) => parts.extend(Key::of(&value)),
                Err(lack) => return self.may_hide_a_key(*field, lack),
            }
        }
        set.contains(&Key::of_all(parts))
    }

    /// A row whose key cannot be read may be anyone's: it is looked at, and rejected there.
    fn may_hide_a_key(&self, field: FieldId, lack: Lack) -> bool {
        lack != Lack::Null && self.extract().key.contains(&field)
    }

    fn keys(&mut self) -> Vec<Option<Key>> {
        let ways = self.reader.request.ways;
        ways.iter()
            .map(|fields| {
                let parts: Option<Vec<Key>> =
                    fields.iter().map(|field| self.fetch(*field).ok().and_then(|value| Key::of(&value))).collect();
                parts.map(Key::of_all)
            })
            .collect()
    }

    /// The person that the row is about, where that can be read.
    fn person(&mut self) -> Option<Key> {
        let field = self.reader.request.extract.person_field()?;
        self.fetch(field).ok().and_then(|value| Key::of(&value))
    }

    /// The rejection of a row whose key cannot be read.
    fn without_key(&mut self, place: Place) -> Option<Rejected> {
        let extract = self.reader.request.extract;
        let field = extract.key.iter().copied().find(|field| self.fetch(*field).is_err())?;
        let reason = self
            .problems
            .iter()
            .find(|(problem, _)| *problem == field)
            .map_or(Cow::Borrowed("is empty"), |(_, problem)| problem.0.clone());
        let keys = self.keys();
        let person = self.person();
        let lost = extract.guard.must_read.iter().any(|must| self.fetch(*must).is_err());
        Some(Rejected {
            offset: place.offset,
            line: place.line,
            field: extract.heading(field),
            reason: reason.into_owned(),
            kind: Rejection::Key,
            keys,
            person,
            earlier: None,
            lost,
        })
    }

    fn finish(mut self) -> Fate<'a> {
        let request = self.reader.request;
        for field in request.fields {
            let _cached = self.fetch(*field);
        }
        // A cell that only a computed field reads is told of like one that is asked for.
        let is_read = |field: &FieldId| {
            request.fields.iter().any(|asked| match &request.extract.field(*asked).origin {
                Origin::Row { reads, .. } => reads.contains(field),
                Origin::Column { .. } | Origin::Related | Origin::Grouped => asked == field,
            })
        };
        self.problems.retain(|(field, _)| is_read(field));
        if let Some(answer) = &request.extract.answer {
            let could_answer = match self.fetch(answer.field) {
                Ok(Value::Text(text)) => Some(*text == answer.ok),
                _ => None,
            };
            for field in request.fields {
                let covered = !answer.except.contains(field)
                    && matches!(request.extract.field(*field).origin, Origin::Column { .. });
                match could_answer {
                    Some(false) if covered => self.cells[usize::from(field.0)] = Some(Err(Lack::SourceFailed)),
                    // Whether the source answered cannot be told, so neither can what it said.
                    None if covered => self.cells[usize::from(field.0)] = Some(Err(Lack::Unreadable)),
                    _ => {}
                }
            }
        }
        let cells = request
            .fields
            .iter()
            .map(|field| (*field, self.cells[usize::from(field.0)].take().unwrap_or(Err(Lack::Empty))))
            .collect();
        Fate::Kept(cells, self.problems)
    }
}

/// The row itself as all there is, for the fields that are worked out from its own cells.
impl World for Row<'_, '_, '_> {
    fn cell(&self, _: RowRef, field: FieldId) -> Value<'_> {
        let missing = |why| {
            let extract = Some((self.extract().id, Side::Tonight));
            Value::Unknown(Missing { why, extract, line: None, field: Some(field) })
        };
        match &self.cells[usize::from(field.0)] {
            Some(Ok(value)) => value.clone(),
            Some(Err(Lack::Null)) => Value::Null,
            Some(Err(Lack::Empty)) | None => missing(Why::Empty),
            Some(Err(Lack::Unreadable)) => missing(Why::Unreadable),
            Some(Err(Lack::SourceFailed)) => missing(Why::SourceFailed),
            Some(Err(Lack::Rejected)) => missing(Why::Rejected),
        }
    }

    fn related(&self, _: RowRef, _: RelationId, _: Side) -> Related<'_> {
        Related { rows: &[], open: None, whole: false }
    }

    fn extent(&self, _: crate::rule::types::ExtractId, _: Side) -> (u32, Option<Missing>) {
        (0, None)
    }

    fn line(&self, _: RowRef) -> u64 {
        0
    }

    fn contested(&self, _: RowRef) -> Option<Missing> {
        None
    }

    fn delivery(&self, _: crate::rule::types::ExtractId, _: Side) -> Option<Missing> {
        None
    }
}
