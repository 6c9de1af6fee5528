//! The values that rows are found by.

use std::collections::HashSet;
use std::fmt;

use chrono::Datelike;

use crate::rule::types::FieldId;
use crate::rule::value::Value;
use crate::value::Party;

/// A value that rows are found by. Two values that an expression would call equal are the same key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A number of twelve or ten digits, a day, a month.
    Number(u64),
    /// A text, or an amount as text.
    Text(Box<str>),
    /// The values of several fields.
    Several(Box<[Key]>),
}

/// Never the key: it may be a person's number.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// The key of a value; `None` for what equals nothing.
    #[must_use]
    pub fn of(value: &Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Person(person) | Value::Party(Party::Person(person)) => Self::Number(person.twelve_digits()),
            Value::Organisation(number) | Value::Party(Party::Organisation(number)) => {
                Self::Number(number.ten_digits())
            }
            Value::Date(day) => Self::Number(u64::from(day.num_days_from_ce().unsigned_abs())),
            Value::Boolean(holds) => Self::Number(u64::from(*holds)),
            Value::Text(text) => Self::Text(text.as_ref().into()),
            Value::Number(number) => Self::Text(number.normalize().to_string().into()),
            Value::Month(month) => Self::Text(month.to_string().into()),
            _ => return None,
        })
    }

    /// The key of several values.
    #[must_use]
    pub fn of_all(mut values: Vec<Self>) -> Self {
        if values.len() == 1 { values.remove(0) } else { Self::Several(values.into()) }
    }
}

/// The keys that some case can reach, of one or several fields.
#[derive(Clone, Default)]
pub struct KeySet {
    /// The fields, in order.
    pub fields: Vec<FieldId>,
    numbers: HashSet<u64>,
    texts: HashSet<Box<str>>,
    others: HashSet<Key>,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySet({:?} …)", self.fields)
    }
}

impl KeySet {
    /// An empty set of keys of these fields.
    #[must_use]
    pub fn of(fields: Vec<FieldId>) -> Self {
        Self { fields, ..Self::default() }
    }

    /// Adds a key.
    pub fn insert(&mut self, key: Key) {
        match key {
            Key::Number(number) => self.numbers.insert(number),
            Key::Text(text) => self.texts.insert(text),
            key @ Key::Several(_) => self.others.insert(key),
        };
    }

    /// Whether the key is in it.
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        match key {
            Key::Number(number) => self.numbers.contains(number),
            Key::Text(text) => self.texts.contains(text),
            Key::Several(_) => self.others.contains(key),
        }
    }

    /// Whether one field's value is in it; without making a key of its own.
    #[must_use]
    pub fn contains_value(&self, value: &Value<'_>) -> bool {
        match value {
            Value::Text(text) => self.texts.contains(&**text),
            value => Key::of(value).is_some_and(|key| self.contains(&key)),
        }
    }

    /// Whether nothing can be reached.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.texts.is_empty() && self.others.is_empty()
    }
}
