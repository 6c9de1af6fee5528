//! One field's values for the rows that were kept, typed and side by side.

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::cell::{Cell, Lack};
use crate::definition::extract::{Field, FieldKind, Origin};
use crate::rule::value::Value;
use crate::value::{Belopp, Month, Organisationsnummer, Party, Personnummer};

/// One field's values.
#[derive(Clone, Debug)]
pub enum Column {
    /// Texts.
    Text(Texts),
    /// Whole numbers.
    Integer(Vec<Result<i64, Lack>>),
    /// Amounts.
    Amount(Vec<Result<Belopp, Lack>>),
    /// Numbers that were worked out.
    Decimal(Vec<Result<Decimal, Lack>>),
    /// Days.
    Date(Vec<Result<NaiveDate, Lack>>),
    /// Months.
    Month(Vec<Result<Month, Lack>>),
    /// Truth values.
    Boolean(Vec<Result<bool, Lack>>),
    /// Persons' numbers.
    Person(Vec<Result<Personnummer, Lack>>),
    /// Organisations' numbers.
    Organisation(Vec<Result<Organisationsnummer, Lack>>),
    /// Persons' or organisations' numbers.
    Party(Vec<Result<Party, Lack>>),
}

/// Texts end to end in one piece of memory.
#[derive(Clone, Default)]
pub struct Texts {
    bytes: String,
    /// Where each text ends; it begins where the one before it ends.
    ends: Vec<usize>,
    lacks: Vec<Option<Lack>>,
}

/// Never the texts: they are names and addresses.
impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Texts({} …)", self.ends.len())
    }
}

impl Texts {
    fn push(&mut self, text: Result<&str, Lack>) {
        self.bytes.push_str(text.unwrap_or_default());
        self.ends.push(self.bytes.len());
        self.lacks.push(text.err());
    }

    fn get(&self, row: usize) -> Result<&str, Lack> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        self.lacks[row].map_or_else(|| Ok(&self.bytes[start..self.ends[row]]), Err)
    }

    fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.lacks.shrink_to_fit();
    }
}

impl Column {
    /// An empty column for a field.
    #[must_use]
    pub fn of(field: &Field) -> Self {
        let is_worked_out = !matches!(field.origin, Origin::Column { .. });
        match field.kind {
            FieldKind::Text(_) => Self::Text(Texts::default()),
            FieldKind::Amount(_) if is_worked_out => Self::Decimal(Vec::new()),
            FieldKind::Integer => Self::Integer(Vec::new()),
            FieldKind::Amount(_) => Self::Amount(Vec::new()),
            FieldKind::Date(_) => Self::Date(Vec::new()),
            FieldKind::Month => Self::Month(Vec::new()),
            FieldKind::Boolean { .. } => Self::Boolean(Vec::new()),
            FieldKind::Person => Self::Person(Vec::new()),
            FieldKind::Organisation => Self::Organisation(Vec::new()),
            FieldKind::Party => Self::Party(Vec::new()),
        }
    }

    /// Adds a cell. The value is of the column's type: the declaration that made the column also read the cell.
    pub fn push(&mut self, cell: &Cell<'_>) {
        let lack = cell.as_ref().err().copied().unwrap_or(Lack::Unreadable);
        match (self, cell) {
            (Self::Text(texts), Ok(Value::Text(text))) => texts.push(Ok(text)),
            (Self::Text(texts), _) => texts.push(Err(lack)),
            (Self::Integer(column), Ok(Value::Number(number))) => {
                column.push(i64::try_from(*number).map_err(|_| Lack::Unreadable));
            }
            (Self::Integer(column), _) => column.push(Err(lack)),
            (Self::Amount(column), Ok(Value::Number(number))) => {
                let ore = number.checked_mul(Decimal::ONE_HUNDRED).and_then(|ore| i64::try_from(ore).ok());
                column.push(ore.map(Belopp::from_ore).ok_or(Lack::Unreadable));
            }
            (Self::Amount(column), _) => column.push(Err(lack)),
            (Self::Decimal(column), Ok(Value::Number(number))) => column.push(Ok(*number)),
            (Self::Decimal(column), _) => column.push(Err(lack)),
            (Self::Date(column), Ok(Value::Date(day))) => column.push(Ok(*day)),
            (Self::Date(column), _) => column.push(Err(lack)),
            (Self::Month(column), Ok(Value::Month(month))) => column.push(Ok(*month)),
            (Self::Month(column), _) => column.push(Err(lack)),
            (Self::Boolean(column), Ok(Value::Boolean(holds))) => column.push(Ok(*holds)),
            (Self::Boolean(column), _) => column.push(Err(lack)),
            (Self::Person(column), Ok(Value::Person(person))) => column.push(Ok(*person)),
            (Self::Person(column), _) => column.push(Err(lack)),
            (Self::Organisation(column), Ok(Value::Organisation(number))) => column.push(Ok(*number)),
            (Self::Organisation(column), _) => column.push(Err(lack)),
            (Self::Party(column), Ok(Value::Party(party))) => column.push(Ok(*party)),
            (Self::Party(column), _) => column.push(Err(lack)),
        }
    }

    /// A row's cell.
    pub fn get(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Text(texts) => texts.get(row).map(|text| Value::Text(text.into())),
            Self::Integer(column) => column[row].map(|number| Value::Number(number.into())),
            Self::Amount(column) => column[row].map(|amount| Value::Number(amount.kronor())),
            Self::Decimal(column) => column[row].map(Value::Number),
            Self::Date(column) => column[row].map(Value::Date),
            Self::Month(column) => column[row].map(Value::Month),
            Self::Boolean(column) => column[row].map(Value::Boolean),
            Self::Person(column) => column[row].map(Value::Person),
            Self::Organisation(column) => column[row].map(Value::Organisation),
            Self::Party(column) => column[row].map(Value::Party),
        }
    }

    /// Gives back the memory that it does not need.
    pub fn shrink(&mut self) {
        match self {
            Self::Text(texts) => texts.shrink(),
            Self::Integer(column) => column.shrink_to_fit(),
            Self::Amount(column) => column.shrink_to_fit(),
            Self::Decimal(column) => column.shrink_to_fit(),
            Self::Date(column) => column.shrink_to_fit(),
            Self::Month(column) => column.shrink_to_fit(),
            Self::Boolean(column) => column.shrink_to_fit(),
            Self::Person(column) => column.shrink_to_fit(),
            Self::Organisation(column) => column.shrink_to_fit(),
            Self::Party(column) => column.shrink_to_fit(),
        }
    }

    /// The rows at these places of this column and then of the other, in one column.
    #[must_use]
    pub fn gathered(&self, other: &Self, field: &Field, order: &[(bool, usize)]) -> Self {
        let mut column = Self::of(field);
        for (from_other, row) in order {
            column.push(&if *from_other { other.get(*row) } else { self.get(*row) });
        }
        column
    }
}
