//! Tells at a glance whether a row's key is one that some case has: for most rows of a register the answer is no.
//!
//! A glance may be unsure, and then the row is read; it never passes over a row that a case can reach. What it takes as a
//! field's value is what reading the field gives.

use super::cell::{Lack, plain, read, text_of};
use super::header::Header;
use super::key::KeySet;
use super::request::Request;
use super::rows::Fields;
use crate::definition::extract::{Extract, FieldKind, Origin};
use crate::rule::function::Function;
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::FieldId;
use crate::value::Personnummer;

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
    /// The glance at a set's keys; none where its key is several fields, or is worked out in a way that a glance does not
    /// know.
    pub fn at(set: &KeySet, extract: &Extract, header: &Header) -> Option<Self> {
        let [field] = set.fields.as_slice() else { return None };
        let column_of = |field: FieldId| header.column_of[usize::from(field.0)];
        let mut steps = Vec::new();
        let source = match &extract.field(*field).origin {
            Origin::Column { .. } => *field,
            Origin::Row { is, .. } => unwrapped(is, &mut steps)?,
            Origin::Related | Origin::Grouped => return None,
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
        let extract = request.extract;
        let raw = row.raw(self.column);
        if let Some(plain) = plain(raw).filter(|plain| !plain.is_empty() && self.steps.is_empty()) {
            match &extract.field(self.source).kind {
                FieldKind::Text(None) if set.contains_text(plain) => return Seen::In,
                FieldKind::Text(None) => return Seen::Out,
                FieldKind::Person => {
                    if let Ok(person) = Personnummer::read(plain, request.night) {
                        return if set.contains_number(person.twelve_digits()) { Seen::In } else { Seen::Out };
                    }
                }
                _ => {}
            }
        }
        self.look_closer(raw, set, request)
    }

    fn look_closer(&self, raw: &[u8], set: &KeySet, request: &Request<'_>) -> Seen {
        let extract = request.extract;
        let Some(text) = text_of(raw, extract.dialect.encoding) else { return Seen::NotSure };
        let declared = extract.field(self.source);
        let is_in = |is_in: bool| if is_in { Seen::In } else { Seen::Out };
        if !self.steps.is_empty() {
            // Beyond ASCII, letters change case in ways of their own.
            let is_sure = !text.is_empty() && text.is_ascii();
            return if is_sure { is_in(set.contains_text(self.stepped(&text).as_bytes())) } else { Seen::NotSure };
        }
        match read(text, declared, request.night).0 {
            Ok(value) => is_in(set.contains_value(&value)),
            // A row whose own key cannot be read may be anyone's.
            Err(lack) if lack == Lack::Null || !extract.key.contains(&self.field) => Seen::Out,
            Err(_) => Seen::NotSure,
        }
    }

    fn stepped(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for step in &self.steps {
            match step {
                Step::UpperCase => text.make_ascii_uppercase(),
                Step::LowerCase => text.make_ascii_lowercase(),
                Step::WithoutSpaces => text.retain(|sign| !sign.is_whitespace()),
            }
        }
        text
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
