//! What expressions come to: values, null, and what is not known with the reason why.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::types::{ExtractId, FieldId, ParameterId, RobotId, Side};
use crate::value::{Month, Organisationsnummer, Party, Personnummer, swedish_number};

/// The longest text that texts can be put together to, in bytes. Each doubling of a text takes a line in a robot's file,
/// and forty lines would fill any memory.
pub const LONGEST_TEXT: usize = 1 << 16;

/// A row of one of the night's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowRef {
    /// Its extract.
    pub extract: ExtractId,
    /// Its night.
    pub side: Side,
    /// Its place in the table.
    pub row: u32,
}

/// Why something is not known. Says where, never what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Why.
    pub why: Why,
    /// The extract that it was looked for in.
    pub extract: Option<(ExtractId, Side)>,
    /// The line it stands on, counted from 1 with the header, where it has one.
    pub line: Option<u64>,
    /// The field.
    pub field: Option<FieldId>,
}

/// The ways of not being known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// There is no such row.
    NoRow,
    /// The cell is empty, and the declaration does not say that empty is an answer.
    Empty,
    /// The cell is empty, which is an answer, but not one that this can be reckoned with.
    Null,
    /// The cell cannot be read as what it should be.
    Unreadable,
    /// The row, or one that may belong here, was rejected.
    Rejected,
    /// A later row with the same key says something else.
    Contested,
    /// The source answered that it could not answer.
    SourceFailed,
    /// The whole extract is missing.
    NotDelivered,
    /// A guard has set the extract aside.
    SetAside,
    /// There is no previous night to compare with.
    NoPreviousNight,
    /// The robot whose outcomes are asked for has not run this night.
    NotRun(RobotId),
    /// The person's date of birth is not known.
    NoBirthDate,
    /// No value of the parameter is valid then, or the code is not listed.
    NoParameter(ParameterId),
    /// The number depends on rows that are not known.
    NotCounted,
    /// Division by zero, a number of more than 28 digits, or a text that has grown past [`LONGEST_TEXT`].
    NoNumber,
    /// Outside the calendar.
    NoDate,
    /// There is no key to draw with: it is made with the ledger.
    NoKey,
    /// There is no waiting time between these limits.
    NoDraw,
    /// The check's own condition for being tried does not hold; which one, in its order.
    Requirement(u16),
    /// A check that this one waits for deviates; which one, in its order.
    Unless(u16),
    /// A check that this one waits for, or a rule before it, could not be tried.
    Waits,
}

impl Why {
    /// Whether a whole extract, or a whole robot, is what is missing, which is told once and not case by case.
    #[must_use]
    pub fn is_whole_extract(self) -> bool {
        matches!(self, Self::NotDelivered | Self::SetAside | Self::NoPreviousNight | Self::NotRun(_))
    }
}

impl Missing {
    /// Not known for a reason that is in no extract.
    #[must_use]
    pub fn because(why: Why) -> Self {
        Self { why, extract: None, line: None, field: None }
    }
}

/// What an expression comes to.
#[derive(Clone)]
pub enum Value<'w> {
    /// Nothing, as an answer.
    Null,
    /// Not known.
    Unknown(Missing),
    /// An exact number.
    Number(Decimal),
    /// A number or a day of which only the least and the most are known.
    Between(Box<Bounds<'w>>),
    /// A text.
    Text(Cow<'w, str>),
    /// A day.
    Date(NaiveDate),
    /// A month.
    Month(Month),
    /// A number of months.
    Months(i32),
    /// A number of days.
    Days(i64),
    /// True or false.
    Boolean(bool),
    /// A person's number.
    Person(Personnummer),
    /// An organisation's number.
    Organisation(Organisationsnummer),
    /// A person's or an organisation's number.
    Party(Party),
    /// A row.
    Row(RowRef),
    /// Rows of one table. In a box, so that no other value is as large.
    Rows(Box<Rows<'w>>),
    /// Values.
    List(Box<List<'w>>),
}

/// Never a text, which may be a name or an address; a person's number hides itself.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Unknown(why) => write!(f, "Unknown({why:?})"),
            Self::Number(number) => write!(f, "Number({number})"),
            Self::Between(bounds) => write!(f, "Between({bounds:?})"),
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Date(day) => write!(f, "Date({day})"),
            Self::Month(month) => write!(f, "Month({month})"),
            Self::Months(months) => write!(f, "Months({months})"),
            Self::Days(days) => write!(f, "Days({days})"),
            Self::Boolean(holds) => write!(f, "Boolean({holds})"),
            Self::Person(_) | Self::Organisation(_) | Self::Party(_) => f.write_str("Party(…)"),
            Self::Row(row) => write!(f, "{row:?}"),
            Self::Rows(rows) => write!(f, "{rows:?}"),
            Self::List(list) => write!(f, "{list:?}"),
        }
    }
}

/// The least and the most that a value can be; none where there is no limit.
#[derive(Clone, Debug)]
pub struct Bounds<'w> {
    /// The least.
    pub low: Option<Value<'w>>,
    /// The most.
    pub high: Option<Value<'w>>,
    /// Why it is not known exactly.
    pub why: Missing,
}

/// Rows of one table, in the file's order where nothing else was asked for.
#[derive(Clone, Debug)]
pub struct Rows<'w> {
    /// The extract they are from.
    pub extract: ExtractId,
    /// The night they are from.
    pub side: Side,
    /// Their places in the table.
    pub rows: Cow<'w, [u32]>,
    /// Which of `rows`, by place in it and in its order, may not belong here, and why that is not known.
    pub doubts: Vec<(usize, Missing)>,
    /// Why there may be more rows than these.
    pub open: Option<Missing>,
    /// Why it is not known which comes first.
    pub disordered: Option<Missing>,
}

impl Value<'_> {
    /// Rows of a table, all of them known.
    #[must_use]
    pub fn of_rows(extract: ExtractId, side: Side, rows: Vec<u32>) -> Self {
        Self::Rows(Box::new(Rows { rows: Cow::Owned(rows), ..Rows::none(extract, side) }))
    }

    /// Values, all of them known.
    #[must_use]
    pub fn of_list(items: Vec<Self>) -> Self {
        Self::List(Box::new(List { items, ..List::default() }))
    }
}

impl Rows<'_> {
    /// No rows, and none that may be missing.
    #[must_use]
    pub fn none(extract: ExtractId, side: Side) -> Self {
        Self { extract, side, rows: Cow::Borrowed(&[]), doubts: Vec::new(), open: None, disordered: None }
    }

    /// The row at a place among these.
    #[must_use]
    pub fn at(&self, place: usize) -> RowRef {
        RowRef { extract: self.extract, side: self.side, row: self.rows[place] }
    }

    /// Why the row at this place may not belong here.
    #[must_use]
    pub fn doubt(&self, place: usize) -> Option<Missing> {
        self.doubts.binary_search_by_key(&place, |(at, _)| *at).ok().map(|found| self.doubts[found].1)
    }
}

/// Values in order, some of which may not belong.
#[derive(Clone, Debug, Default)]
pub struct List<'w> {
    /// The values.
    pub items: Vec<Value<'w>>,
    /// Which of them, by place and in its order, may not belong here.
    pub doubts: Vec<(usize, Missing)>,
    /// Why there may be more.
    pub open: Option<Missing>,
    /// Why it is not known which comes first.
    pub disordered: Option<Missing>,
}

/// True, false, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It is not known whether it holds.
    Unknown(Missing),
}

impl Truth {
    /// The other way round.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown(why) => Self::Unknown(why),
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl From<Truth> for Value<'_> {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Boolean(true),
            Truth::False => Self::Boolean(false),
            Truth::Unknown(why) => Self::Unknown(why),
        }
    }
}

impl Value<'_> {
    /// Why there is no value to reckon with, where there is none.
    #[must_use]
    pub fn missing(&self) -> Option<Missing> {
        match self {
            Self::Null => Some(Missing::because(Why::Null)),
            Self::Unknown(why) => Some(*why),
            Self::Between(bounds) => Some(bounds.why),
            _ => None,
        }
    }

    /// The order of two values of the same kind; `None` where they have none.
    #[must_use]
    #[inline]
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Month(a), Self::Month(b)) => a.cmp(b),
            (Self::Months(a), Self::Months(b)) => a.cmp(b),
            (Self::Days(a), Self::Days(b)) => a.cmp(b),
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Person(a), Self::Person(b)) => a.cmp(b),
            (Self::Organisation(a), Self::Organisation(b)) => a.cmp(b),
            _ => self.as_party()?.cmp(&other.as_party()?),
        })
    }

    fn as_party(&self) -> Option<Party> {
        match self {
            Self::Party(party) => Some(*party),
            Self::Person(person) => Some(Party::Person(*person)),
            Self::Organisation(organisation) => Some(Party::Organisation(*organisation)),
            _ => None,
        }
    }

    /// The value as notes and lists write it: `3 100`, `250,50`, `2026-11-21`, `2026-11`, `J`. `None` where there is none.
    #[must_use]
    pub fn written(&self) -> Option<String> {
        Some(match self {
            Self::Number(number) => swedish_number(*number),
            Self::Text(text) => text.clone().into_owned(),
            Self::Date(date) => date.to_string(),
            Self::Month(month) => month.to_string(),
            Self::Months(months) => months.to_string(),
            Self::Days(days) => days.to_string(),
            Self::Boolean(holds) => if *holds { "J" } else { "N" }.to_owned(),
            Self::Person(person) | Self::Party(Party::Person(person)) => person.written_out(),
            Self::Organisation(organisation) | Self::Party(Party::Organisation(organisation)) => {
                organisation.to_string()
            }
            Self::Null | Self::Unknown(_) | Self::Between(_) | Self::Row(_) | Self::Rows(_) | Self::List(_) => {
                return None;
            }
        })
    }
}
