//! The values that keys are made of, and how they are hashed.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::OnceLock;

use chrono::Datelike;
use foldhash::fast::RandomState;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::rule::value::Value;
use crate::value::Party;

/// One value of a key. Two values that an expression would call equal are the same part.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part<'a> {
    /// A number of twelve or ten digits, a day, a month, a number with at most four decimals.
    Number(u64),
    /// A text, or another number as text.
    Text(Cow<'a, str>),
}

impl<'a> Part<'a> {
    /// The part that a value is; `None` for what equals nothing.
    #[must_use]
    pub fn of(value: Value<'a>) -> Option<Self> {
        Some(match value {
            Value::Person(person) | Value::Party(Party::Person(person)) => Self::Number(person.twelve_digits()),
            Value::Organisation(number) | Value::Party(Party::Organisation(number)) => {
                Self::Number(number.ten_digits())
            }
            Value::Date(day) => Self::Number(u64::from(day.num_days_from_ce().unsigned_abs())),
            Value::Boolean(holds) => Self::Number(u64::from(holds)),
            Value::Text(text) => Self::Text(text),
            Value::Number(number) => Self::of_number(number),
            Value::Month(month) => Self::Number(u64::from(month.since_year_zero().unsigned_abs())),
            _ => return None,
        })
    }

    fn of_number(number: Decimal) -> Self {
        let scaled = number.checked_mul(Decimal::from(10_000)).filter(Decimal::is_integer);
        match scaled.and_then(|scaled| scaled.to_i64()) {
            Some(scaled) => Self::Number(scaled.cast_unsigned()),
            None => Self::Text(number.normalize().to_string().into()),
        }
    }
}

/// What all keys of a run are hashed with. Drawn anew by each run, so that nobody can write texts that fall together;
/// nothing that comes out depends on it.
pub fn state() -> &'static RandomState {
    static STATE: OnceLock<RandomState> = OnceLock::new();
    STATE.get_or_init(RandomState::default)
}

/// The hash of a key's parts, one after another.
#[inline]
pub fn hash_of<'a>(parts: impl Iterator<Item = Part<'a>>) -> u64 {
    let mut hasher = state().build_hasher();
    for part in parts {
        match part {
            Part::Number(number) => hasher.write_u64(number),
            Part::Text(text) => text.hash(&mut hasher),
        }
    }
    hasher.finish()
}
