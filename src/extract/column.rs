//! One field's values for the rows that were kept, typed and side by side, each in as few bytes as its type needs.
//!
//! Why a cell has no value stands where its value would: each kind of cell keeps a few values that no extract can hold.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::cell::{Cell, Lack};
use super::part::Part;
use super::texts::Texts;
use crate::definition::extract::{Empty, Field, FieldKind, Origin};
use crate::rule::value::Value;
use crate::value::{Belopp, Month, Organisationsnummer, Party, Personnummer};

/// One field's values.
#[derive(Clone, Debug)]
pub struct Column {
    kind: Kind,
    cells: Cells,
}

/// What the cells say.
#[derive(Clone, Debug)]
enum Kind {
    Text,
    /// One of few declared texts, by its place among them.
    Choice(Arc<[String]>),
    Integer,
    /// Whole ören.
    Amount,
    /// Numbers that were worked out.
    Decimal,
    Date,
    Month,
    Boolean,
    Person,
    Organisation,
    Party,
}

/// The cells, in the narrowest form that holds them.
#[derive(Clone, Debug)]
enum Cells {
    Texts(Texts),
    Long(Vec<i64>),
    Days(Vec<NaiveDate>),
    Bytes(Vec<u8>),
    Decimals(Vec<Result<Decimal, Lack>>),
}

/// So many declared texts fit a byte beside the lacks.
const MOST_CHOICES: usize = 250;

/// The days at the calendar's very beginning stand for lacks.
fn lacking_day(lack: Lack) -> NaiveDate {
    NaiveDate::MIN.checked_add_days(chrono::Days::new(u64::from(lack.place()))).unwrap_or(NaiveDate::MIN)
}

fn day_lacks(day: NaiveDate) -> Option<Lack> {
    if day.year() != NaiveDate::MIN.year() {
        return None;
    }
    Lack::ALL.get(day.ordinal0() as usize - NaiveDate::MIN.ordinal0() as usize).copied()
}

fn lacking_long(lack: Lack) -> i64 {
    i64::MIN + i64::from(lack.place())
}

fn long_lacks(number: i64) -> Option<Lack> {
    Lack::ALL.get(usize::try_from(number.wrapping_sub(i64::MIN)).ok()?).copied()
}

fn lacking_byte(lack: Lack) -> u8 {
    u8::MAX - lack.place()
}

fn byte_lacks(byte: u8) -> Option<Lack> {
    Lack::ALL.get(usize::from(u8::MAX - byte)).copied()
}

impl Column {
    /// An empty column for a field.
    #[must_use]
    pub fn of(field: &Field) -> Self {
        let is_worked_out = !matches!(field.origin, Origin::Column { .. });
        let long = || Cells::Long(Vec::new());
        let (kind, cells) = match &field.kind {
            FieldKind::Text(Some(values)) if !is_worked_out && values.len() <= MOST_CHOICES => {
                (Kind::Choice(Arc::clone(values)), Cells::Bytes(Vec::new()))
            }
            FieldKind::Text(_) => (Kind::Text, Cells::Texts(Texts::default())),
            FieldKind::Amount(_) if is_worked_out => (Kind::Decimal, Cells::Decimals(Vec::new())),
            FieldKind::Integer => (Kind::Integer, long()),
            FieldKind::Amount(_) => (Kind::Amount, long()),
            FieldKind::Date(_) => (Kind::Date, Cells::Days(Vec::new())),
            FieldKind::Month => (Kind::Month, long()),
            FieldKind::Boolean { .. } => (Kind::Boolean, Cells::Bytes(Vec::new())),
            FieldKind::Person => (Kind::Person, long()),
            FieldKind::Organisation => (Kind::Organisation, long()),
            FieldKind::Party => (Kind::Party, long()),
        };
        Self { kind, cells }
    }

    /// Adds a cell. The value is of the column's type: the declaration that made the column also read the cell.
    pub fn push(&mut self, cell: &Cell<'_>) {
        let lack = cell.as_ref().err().copied().unwrap_or(Lack::Unreadable);
        match &mut self.cells {
            Cells::Texts(texts) => texts.push(match cell {
                Ok(Value::Text(text)) => Ok(text),
                _ => Err(lack),
            }),
            Cells::Long(column) => {
                let number = cell.as_ref().ok().and_then(|value| as_long(&self.kind, value));
                column.push(number.filter(|number| long_lacks(*number).is_none()).unwrap_or(lacking_long(lack)));
            }
            Cells::Days(column) => column.push(match cell {
                Ok(Value::Date(day)) if day_lacks(*day).is_none() => *day,
                _ => lacking_day(lack),
            }),
            Cells::Bytes(column) => column.push(match (&self.kind, cell) {
                (Kind::Choice(values), Ok(Value::Text(text))) => {
                    let place = values.iter().position(|value| value == text);
                    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(lacking_byte(lack))
                }
                (_, Ok(Value::Boolean(holds))) => u8::from(*holds),
                _ => lacking_byte(lack),
            }),
            Cells::Decimals(column) => column.push(match cell {
                Ok(Value::Number(number)) => Ok(*number),
                _ => Err(lack),
            }),
        }
    }

    /// A row's cell.
    #[inline]
    pub fn get(&self, row: usize) -> Cell<'_> {
        match &self.cells {
            Cells::Texts(texts) => texts.get(row).map(|text| Value::Text(Cow::Borrowed(text))),
            Cells::Long(column) => {
                let number = column[row];
                long_lacks(number).map_or_else(|| Ok(from_long(&self.kind, number)), Err)
            }
            Cells::Days(column) => day_lacks(column[row]).map_or(Ok(Value::Date(column[row])), Err),
            Cells::Bytes(column) => match (&self.kind, byte_lacks(column[row])) {
                (_, Some(lack)) => Err(lack),
                (Kind::Choice(values), None) => Ok(Value::Text(Cow::Borrowed(&values[usize::from(column[row])]))),
                (_, None) => Ok(Value::Boolean(column[row] == 1)),
            },
            Cells::Decimals(column) => column[row].map(Value::Number),
        }
    }

    /// A number below 256 for each row that tells its cell, lacks included; none where the field has more values than that.
    #[must_use]
    pub fn codes(&self) -> Option<&[u8]> {
        match &self.cells {
            Cells::Bytes(codes) => Some(codes),
            _ => None,
        }
    }

    /// A row's cell as part of a key.
    #[inline]
    pub fn part(&self, row: usize) -> Result<Part<'_>, Lack> {
        if let (Cells::Long(column), Kind::Person | Kind::Organisation | Kind::Party) = (&self.cells, &self.kind) {
            let number = column[row];
            return long_lacks(number).map_or(Ok(Part::Number(number.cast_unsigned())), Err);
        }
        if let Cells::Texts(texts) = &self.cells {
            return texts.get(row).map(|text| Part::Text(Cow::Borrowed(text)));
        }
        self.get(row).and_then(|value| Part::of(value).ok_or(Lack::Unreadable))
    }

    /// Makes room for so many further cells; of texts, without their bytes.
    pub fn reserve(&mut self, rows: usize) {
        match &mut self.cells {
            Cells::Texts(texts) => texts.reserve(rows, 0),
            Cells::Long(column) => column.reserve(rows),
            Cells::Days(column) => column.reserve(rows),
            Cells::Bytes(column) => column.reserve(rows),
            Cells::Decimals(column) => column.reserve(rows),
        }
    }

    /// Makes room for these rows of other columns of the same field.
    fn reserve_for<'c>(&mut self, runs: impl Iterator<Item = (&'c Self, Range<usize>)> + Clone) {
        self.reserve(runs.clone().map(|(_, rows)| rows.len()).sum());
        if let Cells::Texts(texts) = &mut self.cells {
            let bytes = runs.map(|(from, rows)| match &from.cells {
                Cells::Texts(texts) => texts.bytes_of(&rows),
                _ => 0,
            });
            texts.reserve(0, bytes.sum());
        }
    }

    /// Adds rows of other columns of the same field, one run of them after another.
    pub fn append_all<'c>(&mut self, runs: impl Iterator<Item = (&'c Self, Range<usize>)> + Clone) {
        self.reserve_for(runs.clone());
        runs.for_each(|(from, rows)| self.append(from, rows));
    }

    /// Adds cells of another column of the same field.
    fn append(&mut self, other: &Self, rows: Range<usize>) {
        match (&mut self.cells, &other.cells) {
            (Cells::Texts(own), Cells::Texts(others)) => own.append(others, rows),
            (Cells::Long(own), Cells::Long(others)) => own.extend_from_slice(&others[rows]),
            (Cells::Days(own), Cells::Days(others)) => own.extend_from_slice(&others[rows]),
            (Cells::Bytes(own), Cells::Bytes(others)) => own.extend_from_slice(&others[rows]),
            (Cells::Decimals(own), Cells::Decimals(others)) => own.extend_from_slice(&others[rows]),
            _ => unreachable!("two columns of one field have cells of one form"),
        }
    }

    /// Reads a field's text straight into the column; nothing is added where it cannot be read as the field's type.
    #[inline]
    pub fn take(&mut self, text: &str, field: &Field, night: NaiveDate) -> Taken {
        if text.is_empty() {
            self.push_lack(if field.empty == Empty::Null { Lack::Null } else { Lack::Empty });
            return Taken::Empty;
        }
        let is_taken = match (&mut self.cells, &field.kind) {
            (Cells::Texts(texts), FieldKind::Text(None)) => {
                texts.push(Ok(text));
                true
            }
            (Cells::Bytes(column), FieldKind::Text(Some(values))) => {
                let place = values.iter().position(|value| value == text);
                push_some(column, place.and_then(|place| u8::try_from(place).ok()))
            }
            (Cells::Bytes(column), FieldKind::Boolean { yes, no }) => {
                let is_no = text == no;
                push_some(column, if text == yes { Some(1) } else { is_no.then_some(0) })
            }
            (Cells::Days(column), FieldKind::Date(format)) => push_some(column, format.parse(text.as_bytes())),
            (Cells::Long(column), kind) => push_some(column, long_of(text, kind, night)),
            _ => false,
        };
        if is_taken { Taken::Read } else { Taken::Nothing }
    }

    fn push_lack(&mut self, lack: Lack) {
        match &mut self.cells {
            Cells::Texts(texts) => texts.push(Err(lack)),
            Cells::Long(column) => column.push(lacking_long(lack)),
            Cells::Days(column) => column.push(lacking_day(lack)),
            Cells::Bytes(column) => column.push(lacking_byte(lack)),
            Cells::Decimals(column) => column.push(Err(lack)),
        }
    }

    /// Adds a cell that says what an earlier one says.
    pub fn push_again(&mut self, row: usize) {
        match &mut self.cells {
            Cells::Texts(texts) => texts.push_again(row),
            Cells::Long(column) => column.push(column[row]),
            Cells::Days(column) => column.push(column[row]),
            Cells::Bytes(column) => column.push(column[row]),
            Cells::Decimals(column) => column.push(column[row]),
        }
    }

    /// A row's text; none where it lacks one, and where the cells are no texts.
    #[inline]
    #[must_use]
    pub fn text(&self, row: usize) -> Option<&str> {
        match &self.cells {
            Cells::Texts(texts) => texts.get(row).ok(),
            _ => None,
        }
    }

    /// Takes the last cell away.
    pub fn pop(&mut self) {
        match &mut self.cells {
            Cells::Texts(texts) => texts.pop(),
            Cells::Long(column) => drop(column.pop()),
            Cells::Days(column) => drop(column.pop()),
            Cells::Bytes(column) => drop(column.pop()),
            Cells::Decimals(column) => drop(column.pop()),
        }
    }

    /// Gives back the memory that it does not need.
    pub fn shrink(&mut self) {
        match &mut self.cells {
            Cells::Texts(texts) => texts.shrink(),
            Cells::Long(column) => column.shrink_to_fit(),
            Cells::Days(column) => column.shrink_to_fit(),
            Cells::Bytes(column) => column.shrink_to_fit(),
            Cells::Decimals(column) => column.shrink_to_fit(),
        }
    }

    /// These runs of rows of this column and of the other, in one column.
    #[must_use]
    pub fn gathered(&self, other: &Self, field: &Field, runs: &[Run]) -> Self {
        if let Cells::Texts(texts) = &self.cells
            && runs.iter().all(|run| !run.is_other)
            && let Some(texts) = texts.picked(runs.iter().map(|run| run.rows.clone()))
        {
            return Self { kind: self.kind.clone(), cells: Cells::Texts(texts) };
        }
        let mut column = Self::of(field);
        column.append_all(runs.iter().map(|run| (if run.is_other { other } else { self }, run.rows.clone())));
        column
    }
}

/// Rows of one of two tables that stand one after another.
#[derive(Clone, Debug)]
pub struct Run {
    /// Whether they are the other table's.
    pub is_other: bool,
    /// Which.
    pub rows: Range<usize>,
}

/// What became of a text that was to be read into a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was read.
    Read,
    /// It is empty, and the cell says so.
    Empty,
    /// It cannot be read as what it should be, and there is no cell for it.
    Nothing,
}

#[inline]
fn push_some<T>(column: &mut Vec<T>, cell: Option<T>) -> bool {
    let is_some = cell.is_some();
    column.extend(cell);
    is_some
}

fn long_of(text: &str, kind: &FieldKind, night: NaiveDate) -> Option<i64> {
    let digits = match kind {
        FieldKind::Person => Personnummer::parse(text, night).ok()?.twelve_digits(),
        FieldKind::Integer => return text.parse().ok().filter(|number| long_lacks(*number).is_none()),
        FieldKind::Amount(format) => return Belopp::parse(text, *format).ok().map(Belopp::ore),
        FieldKind::Month => return Month::parse(text).map(|month| i64::from(month.since_year_zero())),
        FieldKind::Organisation => Organisationsnummer::parse(text).ok()?.ten_digits(),
        FieldKind::Party => match Personnummer::of_usual_form(text.as_bytes()) {
            Some(person) => person.twelve_digits(),
            None => match Party::parse(text, night).ok()? {
                Party::Person(person) => person.twelve_digits(),
                Party::Organisation(number) => number.ten_digits(),
            },
        },
        _ => return None,
    };
    i64::try_from(digits).ok()
}

fn as_long(kind: &Kind, value: &Value<'_>) -> Option<i64> {
    let number = match (kind, value) {
        (Kind::Integer, Value::Number(number)) => return i64::try_from(*number).ok(),
        (Kind::Amount, Value::Number(number)) => {
            return number.checked_mul(Decimal::ONE_HUNDRED).and_then(|ore| i64::try_from(ore).ok());
        }
        (Kind::Month, Value::Month(month)) => return Some(i64::from(month.since_year_zero())),
        (_, Value::Person(person) | Value::Party(Party::Person(person))) => person.twelve_digits(),
        (_, Value::Organisation(number) | Value::Party(Party::Organisation(number))) => number.ten_digits(),
        _ => return None,
    };
    i64::try_from(number).ok()
}

fn from_long(kind: &Kind, number: i64) -> Value<'static> {
    let digits = number.cast_unsigned();
    match kind {
        Kind::Amount => Value::Number(Belopp::from_ore(number).kronor()),
        Kind::Month => Value::Month(Month::at(i32::try_from(number).unwrap_or_default())),
        Kind::Person => Value::Person(Personnummer::verified(digits)),
        Kind::Organisation => Value::Organisation(Organisationsnummer::verified(digits)),
        // A person's number has twelve digits, an organisation's ten.
        Kind::Party if digits < 10_000_000_000 => {
            Value::Party(Party::Organisation(Organisationsnummer::verified(digits)))
        }
        Kind::Party => Value::Party(Party::Person(Personnummer::verified(digits))),
        _ => Value::Number(number.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::date::DateFormat;

    #[test]
    fn every_lack_stands_in_every_form_of_cell() {
        let origin = || Origin::Column { header: "x".to_owned() };
        let yes_no = FieldKind::Boolean { yes: "J".to_owned(), no: "N".to_owned() };
        let kinds = [
            FieldKind::Text(None),
            FieldKind::Integer,
            FieldKind::Date(DateFormat::default()),
            FieldKind::Month,
            yes_no,
        ];
        for kind in kinds {
            let (name, origin, empty) = ("x".to_owned(), origin(), Empty::Null);
            let mut column = Column::of(&Field { name, origin, kind, empty, is_code: false });
            for lack in Lack::ALL {
                column.push(&Err(lack));
            }
            let lacks: Vec<Lack> = (0..Lack::ALL.len()).filter_map(|row| column.get(row).err()).collect();
            assert_eq!(lacks, Lack::ALL);
        }
    }
}
