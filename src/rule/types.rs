//! The types of values, the places of declared things, and the values that stand in a definition itself.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use regex::Regex;
use rust_decimal::Decimal;

/// An extract's place in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtractId(pub u16);

/// A field's place in its extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// A relation's place in its extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationId(pub u16);

/// A parameter's place in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterId(pub u16);

/// A robot's place in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RobotId(pub u16);

/// Which of the two nights' extracts a row is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The night that is run.
    Tonight,
    /// The night it is compared with.
    Previous,
}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// What a mistake that has been told comes to: it goes with everything, so that the mistake is told once.
    Mistaken,
    /// Only `null`.
    Null,
    /// An exact decimal number: integers and amounts.
    Number,
    /// A text, with the values that its field lists where it lists any, in the declared order.
    Text(Option<Arc<[String]>>),
    /// A day.
    Date,
    /// A calendar month.
    Month,
    /// A number of months, `duration("P12M")`.
    Months,
    /// A number of days, `duration("P30D")`.
    Days,
    /// True or false.
    Boolean,
    /// A person's number.
    Person,
    /// An organisation's number.
    Organisation,
    /// A person's or an organisation's number.
    Party,
    /// One row of an extract, or none.
    Row(RowType),
    /// Rows of an extract, in the file's order.
    Rows(RowType),
    /// Values of one type.
    List(Box<Type>),
}

/// Which extract's rows, of which night.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowType {
    /// The extract.
    pub extract: ExtractId,
    /// The night.
    pub side: Side,
}

/// A value that stands in the expression itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// A number.
    Number(Decimal),
    /// A text.
    Text(Box<str>),
    /// A date.
    Date(NaiveDate),
    /// A number of months.
    Months(i32),
    /// A number of days.
    Days(i64),
    /// True or false.
    Boolean(bool),
    /// A pattern that texts are matched against.
    Pattern(Pattern),
}

/// As an expression writes it.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Number(number) => write!(f, "{}", number.normalize()),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Date(day) => write!(f, "@\"{day}\""),
            Self::Months(months) => write!(f, "duration(\"P{months}M\")"),
            Self::Days(days) => write!(f, "duration(\"P{days}D\")"),
            Self::Boolean(holds) => write!(f, "{holds}"),
            Self::Pattern(Pattern(regex)) => write!(f, "\"{regex}\""),
        }
    }
}

/// A regular expression that has been read. Two are equal when they are written alike.
#[derive(Clone, Debug)]
pub struct Pattern(pub Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// Whether an expression decides something or is only written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A condition, a fact, a key: what is not known must stay so.
    Decides,
    /// A sentence, a column, an order: a stand-in may be written for what is not known.
    Written,
}
