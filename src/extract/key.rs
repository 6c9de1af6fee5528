//! The values that rows are found by, and sets of them that a scan asks for every row of a register.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;

use super::cell::Lack;
use super::column::Column;
use super::part::{Part, state};
use super::place::place;
use crate::rule::types::FieldId;
use crate::rule::value::Value;

/// A key that is kept on its own: that of a rejected row, say.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A part that is a number.
    Number(u64),
    /// A part that is a text.
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

impl From<Part<'_>> for Key {
    fn from(part: Part<'_>) -> Self {
        match part {
            Part::Number(number) => Self::Number(number),
            Part::Text(text) => Self::Text(text.into()),
        }
    }
}

impl Key {
    /// The key of a value; `None` for what equals nothing.
    #[must_use]
    pub fn of(value: &Value<'_>) -> Option<Self> {
        Part::of(value.clone()).map(Key::from)
    }

    /// The key of several values.
    #[must_use]
    pub fn of_all(mut values: Vec<Self>) -> Self {
        if values.len() == 1 { values.remove(0) } else { Self::Several(values.into()) }
    }

    /// Its parts.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let all = match self {
            Self::Several(keys) => keys,
            one => std::slice::from_ref(one),
        };
        all.iter().map(|key| match key {
            Self::Text(text) => Part::Text(Cow::Borrowed(text)),
            Self::Number(number) => Part::Number(*number),
            Self::Several(_) => unreachable!("a key's parts are values"),
        })
    }
}

/// The key of one row, in the columns of a table.
#[derive(Clone, Copy)]
pub struct RowKey<'t, 'c> {
    /// The columns of the key's fields.
    pub columns: &'c [&'t Column],
    /// The row.
    pub row: usize,
}

impl<'t> RowKey<'t, '_> {
    /// The hash of the key; why it cannot be told otherwise, with the place of the field.
    #[inline]
    #[expect(clippy::missing_errors_doc, reason = "a cell that lacks its value is no error")]
    pub fn hash(&self) -> Result<u64, (usize, Lack)> {
        let mut hasher = state().build_hasher();
        for (place, column) in self.columns.iter().enumerate() {
            match column.part(self.row).map_err(|lack| (place, lack))? {
                Part::Number(number) => hasher.write_u64(number),
                Part::Text(text) => text.hash(&mut hasher),
            }
        }
        Ok(hasher.finish())
    }

    /// The parts of a key of which the hash could be told.
    #[inline]
    pub fn parts(&self) -> impl Iterator<Item = Part<'t>> {
        self.columns.iter().filter_map(|column| column.part(self.row).ok())
    }
}

/// The keys that some case can reach, of one or several fields.
#[derive(Clone, Default)]
pub struct KeySet {
    /// The fields, in order.
    pub fields: Vec<FieldId>,
    numbers: HashSet<u64, RandomState>,
    /// Texts of a few signs, as most keys are, each in one word.
    short_texts: HashSet<u128, RandomState>,
    texts: TextSet,
    several: HashSet<Key, RandomState>,
    filter: Filter,
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
        self.filter = Filter::default();
        match key {
            Key::Number(number) => self.numbers.insert(number),
            Key::Text(text) => self.insert_text(text.as_bytes()),
            key @ Key::Several(_) => self.several.insert(key),
        };
    }

    /// Adds a row's key; without making one where it is there already. Nothing where it cannot be told.
    pub fn insert_row(&mut self, key: RowKey<'_, '_>) {
        debug_assert!(self.filter.words.is_empty(), "a set that is ready takes no more keys");
        if let [column] = key.columns {
            match column.part(key.row) {
                Ok(Part::Number(number)) => {
                    self.numbers.insert(number);
                }
                Ok(Part::Text(text)) => {
                    self.insert_text(text.as_bytes());
                }
                Err(_) => {}
            }
            return;
        }
        if key.hash().is_ok() {
            self.several.insert(Key::Several(key.parts().map(Key::from).collect()));
        }
    }

    fn insert_text(&mut self, text: &[u8]) -> bool {
        match in_a_word(text) {
            Some(word) => self.short_texts.insert(word),
            None => self.texts.insert(text),
        }
    }

    /// These keys and those of another set of the same fields.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (mut more, fewer) = if self.len() < other.len() { (other, self) } else { (self, other) };
        more.numbers.extend(fewer.numbers);
        more.short_texts.extend(fewer.short_texts);
        for text in fewer.texts.iter() {
            more.texts.insert(text);
        }
        more.several.extend(fewer.several);
        // A filter that does not know the new keys would pass them over.
        more.filter = Filter::default();
        more
    }

    /// Makes ready for many questions: from now on what is not in it is mostly told at a glance.
    #[must_use]
    pub fn ready(mut self) -> Self {
        let mut filter = Filter::for_keys(self.numbers.len() + self.short_texts.len() + self.texts.len());
        self.numbers.iter().for_each(|number| filter.add(hash_of_number(*number)));
        self.short_texts.iter().for_each(|word| filter.add(hash_of_word(*word)));
        self.texts.iter().for_each(|text| filter.add(hash_of_text(text)));
        self.filter = filter;
        self
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len() + self.short_texts.len() + self.texts.len() + self.several.len()
    }

    /// Whether a number is in it.
    #[inline]
    #[must_use]
    pub fn contains_number(&self, number: u64) -> bool {
        self.filter.may_have(hash_of_number(number)) && self.numbers.contains(&number)
    }

    /// Whether a key with this trace may be in it.
    #[inline]
    #[must_use]
    pub fn may_contain(&self, trace: Trace) -> bool {
        match trace {
            Trace::ANY => true,
            Trace::NONE => false,
            Trace(high) => self.filter.may_have(u64::from(high) << 32),
        }
    }

    /// Whether a text is in it.
    #[inline]
    #[must_use]
    pub fn contains_text(&self, text: &[u8]) -> bool {
        if let Some(word) = in_a_word(text) {
            return self.filter.may_have(hash_of_word(word)) && self.short_texts.contains(&word);
        }
        let hash = hash_of_text(text);
        self.filter.may_have(hash) && self.texts.contains(hash, text)
    }

    /// Whether the key is in it.
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        match key {
            Key::Number(number) => self.contains_number(*number),
            Key::Text(text) => self.contains_text(text.as_bytes()),
            Key::Several(_) => self.several.contains(key),
        }
    }

    /// Whether one field's value is in it; without making a key of its own.
    #[must_use]
    pub fn contains_value(&self, value: &Value<'_>) -> bool {
        match value {
            Value::Text(text) => self.contains_text(text.as_bytes()),
            value => match Part::of(value.clone()) {
                Some(Part::Number(number)) => self.contains_number(number),
                Some(Part::Text(text)) => self.contains_text(text.as_bytes()),
                None => false,
            },
        }
    }

    /// Whether a row's key is in it.
    #[must_use]
    pub fn contains_row(&self, key: RowKey<'_, '_>) -> bool {
        if let [column] = key.columns {
            return match column.part(key.row) {
                Ok(Part::Number(number)) => self.contains_number(number),
                Ok(Part::Text(text)) => self.contains_text(text.as_bytes()),
                Err(_) => false,
            };
        }
        key.hash().is_ok() && self.several.contains(&Key::Several(key.parts().map(Key::from).collect()))
    }

    /// Whether nothing can be reached.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What is remembered of a key that was passed over: enough to tell mostly whether some set has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace(u32);

impl Trace {
    /// It may be any key.
    pub const ANY: Self = Self(0);
    /// It is none.
    pub const NONE: Self = Self(1);

    /// That of a number.
    #[inline]
    #[must_use]
    pub fn of_number(number: u64) -> Self {
        Self::of_hash(hash_of_number(number))
    }

    /// That of a text.
    #[inline]
    #[must_use]
    pub fn of_text(text: &[u8]) -> Self {
        Self::of_hash(in_a_word(text).map_or_else(|| hash_of_text(text), hash_of_word))
    }

    /// As much of a hash as filters look at.
    #[inline]
    fn of_hash(hash: u64) -> Self {
        match Self(u32::try_from(hash >> 32).unwrap_or_default()) {
            Self::NONE => Self::ANY,
            other => other,
        }
    }
}

#[inline]
fn hash_of_number(number: u64) -> u64 {
    // Twelve digits spread over a word: enough for a filter, and a tenth of the time of a hash.
    (number ^ (number >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A text of fifteen bytes or fewer in a word, its length in the last byte.
#[inline]
fn in_a_word(text: &[u8]) -> Option<u128> {
    let mut word = [0; 16];
    let length = text.len();
    match length {
        // Two halves that may overlap are quicker than as many bytes as there are.
        8..16 => {
            word[..8].copy_from_slice(&text[..8]);
            word[length - 8..length].copy_from_slice(&text[length - 8..]);
        }
        ..8 => word[..length].copy_from_slice(text),
        _ => return None,
    }
    word[15] = u8::try_from(length).ok()?;
    Some(u128::from_le_bytes(word))
}

#[inline]
fn hash_of_word(word: u128) -> u64 {
    let mut hasher = state().build_hasher();
    hasher.write_u128(word);
    hasher.finish()
}

#[inline]
fn hash_of_text(text: &[u8]) -> u64 {
    let mut hasher = state().build_hasher();
    hasher.write(text);
    hasher.finish()
}

/// A set of texts, end to end in one piece of memory.
#[derive(Clone, Default)]
struct TextSet {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Open addressing: a part of the hash, and the text's place plus one; nothing at zero. A power of two of them, at most
    /// half in use.
    slots: Vec<(u32, u32)>,
}

impl TextSet {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, place: usize) -> &[u8] {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.bytes[start..self.ends[place]]
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|place| self.get(place))
    }

    #[inline]
    fn contains(&self, hash: u64, text: &[u8]) -> bool {
        !self.slots.is_empty() && self.find(hash, text).is_ok()
    }

    /// Whether it was not there before.
    fn insert(&mut self, text: &[u8]) -> bool {
        if (self.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let hash = hash_of_text(text);
        let Err(slot) = self.find(hash, text) else { return false };
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.slots[slot] = (tag(hash), place(self.ends.len()));
        true
    }

    fn grow(&mut self) {
        self.slots = vec![(0, 0); (self.slots.len() * 2).max(16)];
        for text in 0..self.len() {
            let hash = hash_of_text(self.get(text));
            let mut slot = usize::try_from(hash).unwrap_or_default() & (self.slots.len() - 1);
            while self.slots[slot].1 != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = (tag(hash), place(text + 1));
        }
    }

    /// The slot of a text, or the free one where it would be.
    #[inline]
    fn find(&self, hash: u64, text: &[u8]) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = usize::try_from(hash).unwrap_or_default() & mask;
        loop {
            match self.slots[slot] {
                (_, 0) => return Err(slot),
                (known, place) if known == tag(hash) && self.get(place as usize - 1) == text => return Ok(slot),
                _ => slot = (slot + 1) & mask,
            }
        }
    }
}

fn tag(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// Tells most keys that are not in a set from those that may be, with one look at a piece of memory that stays near the
/// processor.
#[derive(Clone, Default)]
struct Filter {
    /// A power of two of words; none lets everything through.
    words: Vec<u64>,
}

/// The largest filter, in words: 256 KiB.
const MOST_WORDS: usize = 1 << 15;

impl Filter {
    /// Sixteen bits for each key, so that one other in sixteen is let through for nothing.
    fn for_keys(keys: usize) -> Self {
        let words = (keys / 4).next_power_of_two().clamp(8, MOST_WORDS);
        Self { words: vec![0; words] }
    }

    fn add(&mut self, hash: u64) {
        let (word, bit) = self.place(hash);
        self.words[word] |= bit;
    }

    #[inline]
    fn may_have(&self, hash: u64) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let (word, bit) = self.place(hash);
        self.words[word] & bit != 0
    }

    #[inline]
    fn place(&self, hash: u64) -> (usize, u64) {
        let high = usize::try_from(hash >> 32).unwrap_or_default();
        ((high >> 6) & (self.words.len() - 1), 1 << (hash >> 32 & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_into_it_and_nothing_else_with_and_without_its_filter() {
        let mut set = KeySet::of(vec![FieldId(0)]);
        for number in (0..2_000_u64).step_by(2) {
            set.insert(Key::Number(190_001_010_000 + number));
            set.insert(Key::Text(format!("A{number}").into()));
            set.insert(Key::Text(format!("A long name, and the number {number}").into()));
        }
        for set in [set.clone(), set.ready()] {
            for number in 0..2_000_u64 {
                let is_in = number.is_multiple_of(2);
                assert_eq!(set.contains_number(190_001_010_000 + number), is_in);
                assert_eq!(set.contains_text(format!("A{number}").as_bytes()), is_in);
                assert_eq!(set.contains_text(format!("A long name, and the number {number}").as_bytes()), is_in);
                assert!(!set.contains_text(format!("A{number}\0").as_bytes()));
            }
            assert_eq!(set.len(), 3_000);
        }
    }

    #[test]
    fn numbers_that_are_equal_are_one_part_however_they_are_written() {
        let part = |text: &str| Part::of(Value::Number(text.parse().unwrap()));
        assert!(part("1.50") == part("1.5"));
        assert!(part("100") == part("100.0000"));
        assert!(part("0.00001") != part("0"));
        assert!(part("99999999999999999999") != part("99999999999999999998"));
    }
}
