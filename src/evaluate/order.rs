//! Values to sort by, apart from the tables that they are from.

use std::cmp::Ordering;
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::definition::robot::{Direction, Order};
use crate::rule::types::Type;
use crate::rule::value::Value;
use crate::value::alphabetical;

use super::round::Eval;

/// A value to sort by. What is not known comes last, whichever way the rest is sorted.
#[derive(Clone, PartialEq, Eq)]
pub enum SortKey {
    /// A number, a person's number, a truth value, or a text's place among its declared values.
    Number(Decimal, Direction),
    /// A text.
    Text(String, Direction),
    /// A day.
    Date(NaiveDate, Direction),
    /// Not known.
    Last,
}

/// Never what is sorted by: it may be a person's number.
impl fmt::Debug for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SortKey(…)")
    }
}

impl SortKey {
    /// The key of a value. A text with declared values is sorted in the order of the declaration.
    #[must_use]
    pub fn of(value: &Value<'_>, ty: &Type, direction: Direction) -> Self {
        match (value, ty) {
            (Value::Text(text), Type::Text(Some(values))) => {
                let place = values.iter().position(|declared| **declared == **text).unwrap_or(values.len());
                Self::Number(Decimal::from(place), direction)
            }
            (Value::Text(text), _) => Self::Text(text.to_string(), direction),
            (Value::Number(number), _) => Self::Number(*number, direction),
            (Value::Boolean(holds), _) => Self::Number(Decimal::from(u8::from(*holds)), direction),
            (Value::Date(day), _) => Self::Date(*day, direction),
            (Value::Person(person), _) => Self::Number(Decimal::from(person.twelve_digits()), direction),
            (other, _) => other.written().map_or(Self::Last, |text| Self::Text(text, direction)),
        }
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let (order, direction) = match (self, other) {
            (Self::Last, Self::Last) => return Ordering::Equal,
            (Self::Last, _) => return Ordering::Greater,
            (_, Self::Last) => return Ordering::Less,
            (Self::Number(a, direction), Self::Number(b, _)) => (a.cmp(b), direction),
            (Self::Text(a, direction), Self::Text(b, _)) => (alphabetical(a, b), direction),
            (Self::Date(a, direction), Self::Date(b, _)) => (a.cmp(b), direction),
            // Different kinds in one order come from columns that different checks fill.
            (a, b) => return a.kind().cmp(&b.kind()),
        };
        if *direction == Direction::Descending { order.reverse() } else { order }
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl SortKey {
    fn kind(&self) -> u8 {
        match self {
            Self::Number(..) => 0,
            Self::Text(..) => 1,
            Self::Date(..) => 2,
            Self::Last => 3,
        }
    }
}

pub(super) fn sort_key<'r>(order: &'r Order, evaluator: &mut Eval<'r>) -> SortKey {
    let value = evaluator.value(&order.by);
    SortKey::of(&value, &order.by.ty, order.direction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_comes_last_either_way() {
        for direction in [Direction::Ascending, Direction::Descending] {
            let mut keys = [SortKey::Last, SortKey::Number(Decimal::ONE, direction)];
            keys.sort();
            assert_eq!(keys[1], SortKey::Last);
        }
    }
}
