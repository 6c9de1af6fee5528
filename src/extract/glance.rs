//! Tells at a glance whether a row's key is one that some case has: for most rows of a register the answer is no.
//!
//! A glance may be unsure, and then the row is read; it never passes over a row that a case can reach. What it takes as a
//! field's value is what reading the field gives.

use super::cell::{Lack, plain, read};
use super::header::Header;
use super::key::KeySet;
use super::part::Part;
use super::request::Request;
use super::rows::Fields;
use crate::definition::extract::{Extract, FieldKind, Origin};
use crate::rule::function::Function;
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::FieldId;
use crate::value::Personnummer;

/// A longer text than this takes more than a glance where something is done with it.
const LONGEST_STEPPED: usize = 64;

/// How the key of a row is seen.
pub struct Glance {
    /// The key's field.
    field: FieldId,
    /// The column it is in, or is worked out from.
    column: usize,
    /// The field of that column.
    source: FieldId,
    /// What is done with its text.
    steps: Vec<Step>,
}

/// A row's key, as far as a glance sees it.
#[derive(Clone, Copy)]
pub enum Glimpse<'g> {
    /// A number.
    Number(u64),
    /// A text's bytes.
    Text(&'g [u8]),
    /// It has none, so that nothing leads to it.
    None,
    /// It takes more than a glance.
    NotSure,
}

/// What a text goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    UpperCase,
    LowerCase,
    WithoutSpaces,
}

/// What a glance tells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Some case has its key.
    In,
    /// None has.
    Out,
    /// The row must be read.
    NotSure,
}

impl Glance {
    /// The glance at keys of these fields; none where they are several, or are worked out in a way that a glance does not
    /// know.
    pub fn at(fields: &[FieldId], extract: &Extract, header: &Header) -> Option<Self> {
        let [field] = fields else { return None };
        let column_of = |field: FieldId| header.column_of[usize::from(field.0)];
        let mut steps = Vec::new();
        let source = match &extract.field(*field).origin {
            Origin::Column { .. } => *field,
            Origin::Row { is, .. } => unwrapped(is, &mut steps)?,
            Origin::Related | Origin::OfRows { .. } | Origin::Paired | Origin::Grouped => return None,
        };
        if !steps.is_empty() && extract.field(source).kind != FieldKind::Text(None) {
            return None;
        }
        // What is done last is written first.
        steps.reverse();
        Some(Self { field: *field, column: column_of(source)?, source, steps })
    }

    /// Whether the row's key is one of the set's.
    #[inline]
    pub fn at_row(&self, row: Fields<'_, '_>, set: &KeySet, request: &Request<'_>) -> Seen {
        let seen = |is_in: bool| if is_in { Seen::In } else { Seen::Out };
        self.glimpse(row, request, |key| match key {
            Glimpse::Number(number) => seen(set.contains_number(number)),
            Glimpse::Text(text) => seen(set.contains_text(text)),
            Glimpse::None => Seen::Out,
            Glimpse::NotSure => Seen::NotSure,
        })
    }

    /// What `then` makes of the row's key.
    #[inline]
    pub fn glimpse<T>(&self, row: Fields<'_, '_>, request: &Request<'_>, then: impl Fn(Glimpse<'_>) -> T) -> T {
        let raw = row.raw(self.column);
        if let Some(plain) = plain(raw).filter(|plain| !plain.is_empty()) {
            match &request.extract.field(self.source).kind {
                FieldKind::Text(None) if self.steps.is_empty() => return then(Glimpse::Text(plain)),
                FieldKind::Text(None) => return self.stepped(plain, then),
                // An organisation's number has ten digits.
                FieldKind::Person | FieldKind::Party => {
                    if let Some(person) = Personnummer::of_usual_form(plain) {
                        return then(Glimpse::Number(person.twelve_digits()));
                    }
                }
                _ => {}
            }
        }
        self.look_closer(row, request, then)
    }

    fn look_closer<T>(&self, row: Fields<'_, '_>, request: &Request<'_>, then: impl Fn(Glimpse<'_>) -> T) -> T {
        let extract = request.extract;
        let Some(text) = row.text_of(self.column, extract.dialect.encoding) else { return then(Glimpse::NotSure) };
        let declared = extract.field(self.source);
        if !self.steps.is_empty() {
            // Beyond ASCII, letters change case in ways of their own.
            let is_sure = !text.is_empty() && text.is_ascii();
            return if is_sure { self.stepped(text.as_bytes(), then) } else { then(Glimpse::NotSure) };
        }
        match read(text, declared, request.night).0 {
            Ok(value) => match Part::of(value) {
                Some(Part::Number(number)) => then(Glimpse::Number(number)),
                Some(Part::Text(text)) => then(Glimpse::Text(text.as_bytes())),
                None => then(Glimpse::None),
            },
            // A row whose own key cannot be read may be anyone's.
            Err(lack) if lack == Lack::Null || !extract.key.contains(&self.field) => then(Glimpse::None),
            Err(_) => then(Glimpse::NotSure),
        }
    }

    /// What `then` makes of an ASCII text that has gone through the steps.
    fn stepped<T>(&self, text: &[u8], then: impl Fn(Glimpse<'_>) -> T) -> T {
        let mut room = [0; LONGEST_STEPPED];
        let Some(stepped) = room.get_mut(..text.len()) else { return then(Glimpse::NotSure) };
        stepped.copy_from_slice(text);
        let mut length = text.len();
        for step in &self.steps {
            match step {
                Step::UpperCase => stepped.make_ascii_uppercase(),
                Step::LowerCase => stepped.make_ascii_lowercase(),
                Step::WithoutSpaces => {
                    let mut kept = 0;
                    for at in 0..length {
                        if !char::from(stepped[at]).is_whitespace() {
                            stepped[kept] = stepped[at];
                            kept += 1;
                        }
                    }
                    length = kept;
                }
            }
        }
        then(Glimpse::Text(&stepped[..length]))
    }
}

/// The text field at the bottom of calls that a glance knows, and the calls, the last one first.
fn unwrapped(is: &Expr, steps: &mut Vec<Step>) -> Option<FieldId> {
    match &is.kind {
        Kind::Field { row, field, .. } if matches!(row.kind, Kind::Local(_)) => Some(*field),
        Kind::Call(function, arguments) => {
            let [argument] = arguments.as_slice() else { return None };
            steps.push(match function {
                Function::UpperCase => Step::UpperCase,
                Function::LowerCase => Step::LowerCase,
                Function::WithoutSpaces => Step::WithoutSpaces,
                _ => return None,
            });
            unwrapped(argument, steps)
        }
        _ => None,
    }
}
