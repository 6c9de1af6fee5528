//! A set of numbers in few bytes: which subjects a robot has tried a night.
//!
//! Subjects are numbered as they are first met, and most of those that a robot tries are tried every night. So a set is
//! mostly whole rows of numbers, and is kept as such: for each row how far it is from the end of the one before, and how
//! long it is, less one. Both are written seven bits to a byte, the lowest first; a byte that another follows has its
//! highest bit set.

use std::ops::Range;

/// A set of numbers, as rows of them in order that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers(Vec<Range<u64>>);

impl Numbers {
    /// How many there are.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|row| row.end - row.start).sum()
    }

    /// Those of this set that are not in the other.
    pub fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut others = other.0.iter().peekable();
        for row in &self.0 {
            let mut start = row.start;
            while let Some(next) = others.peek().filter(|next| next.start < row.end) {
                if next.start > start {
                    left.push(start..next.start);
                }
                start = start.max(next.end);
                // One that goes on beyond this row takes of the next too.
                if next.end > row.end {
                    break;
                }
                others.next();
            }
            if start < row.end {
                left.push(start..row.end);
            }
        }
        Self(left)
    }

    /// All that are in one of these sets.
    pub fn united(sets: impl IntoIterator<Item = Self>) -> Self {
        let mut rows: Vec<Range<u64>> = sets.into_iter().flat_map(|set| set.0).collect();
        rows.sort_unstable_by_key(|row| row.start);
        let mut all: Vec<Range<u64>> = Vec::new();
        for row in rows {
            match all.last_mut().filter(|last| last.end >= row.start) {
                Some(last) => last.end = last.end.max(row.end),
                None => all.push(row),
            }
        }
        Self(all)
    }

    /// The rows of numbers.
    pub fn rows(&self) -> &[Range<u64>] {
        &self.0
    }

    /// As they stand in the ledger.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut end = 0;
        for row in &self.0 {
            write(row.start - end, &mut bytes);
            write(row.end - row.start - 1, &mut bytes);
            end = row.end;
        }
        bytes
    }

    /// What stands in the ledger; `None` where it is no set of numbers.
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut rows: Vec<Range<u64>> = Vec::new();
        while !bytes.is_empty() {
            let end = rows.last().map_or(0, |row| row.end);
            let start = end.checked_add(read(&mut bytes)?)?;
            let length = read(&mut bytes)?.checked_add(1)?;
            if start == end && !rows.is_empty() {
                return None;
            }
            rows.push(start..start.checked_add(length)?);
        }
        Some(Self(rows))
    }
}

impl FromIterator<u64> for Numbers {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut numbers: Vec<u64> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let mut rows: Vec<Range<u64>> = Vec::new();
        for number in numbers {
            match rows.last_mut().filter(|last| last.end >= number) {
                Some(last) => last.end = last.end.max(number + 1),
                None => rows.push(number..number + 1),
            }
        }
        Self(rows)
    }
}

fn write(mut number: u64, bytes: &mut Vec<u8>) {
    while number > 0x7f {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or_default());
}

fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        number |= part.checked_shl(7 * place).filter(|shifted| shifted >> (7 * place) == part)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn listed(numbers: &Numbers) -> BTreeSet<u64> {
        numbers.rows().iter().cloned().flatten().collect()
    }

    #[test]
    fn ten_thousand_in_a_row_are_a_few_bytes() {
        let all: Numbers = (5..10_005).collect();
        assert_eq!((all.len(), all.to_bytes()), (10_000, vec![5, 0x8f, 0x4e]));
    }

    #[test]
    fn what_is_no_set_of_numbers_is_not_taken_for_one() {
        for wrong in [
            &[5][..],
            &[0x80],
            &[1, 0, 0, 3],
            &[0xff; 11],
            &[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        ] {
            assert_eq!(Numbers::from_bytes(wrong), None, "{wrong:?}");
        }
    }

    fn few() -> impl Strategy<Value = BTreeSet<u64>> {
        prop::collection::btree_set(prop_oneof![0..40_u64, 100..20_000_u64, Just(u64::MAX - 1)], 0..30)
    }

    proptest! {
        #[test]
        fn it_is_the_set_it_was_made_of(numbers in few()) {
            let set: Numbers = numbers.iter().copied().collect();
            prop_assert_eq!(listed(&set), numbers.clone());
            prop_assert_eq!(set.len(), numbers.len() as u64);
            prop_assert_eq!(Numbers::from_bytes(&set.to_bytes()), Some(set));
        }

        #[test]
        fn sets_are_united_and_taken_from_each_other(a in few(), b in few()) {
            let (first, second): (Numbers, Numbers) = (a.iter().copied().collect(), b.iter().copied().collect());
            prop_assert_eq!(listed(&first.without(&second)), a.difference(&b).copied().collect::<BTreeSet<_>>());
            let both = Numbers::united([first, second]);
            let all: Numbers = a.union(&b).copied().collect();
            prop_assert_eq!(both, all);
        }
    }
}
