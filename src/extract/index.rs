//! Finds the rows of a table by the values of some of their fields.
//!
//! The rows of one key stand together, in the file's order. A key is known by its first row, so that nothing of it is kept
//! a second time.

use rayon::prelude::*;

use super::cell::Lack;
use super::column::Column;
use super::key::RowKey;
use super::part::Part;
use super::place::place;
use super::slots::Slots;
use crate::rule::types::FieldId;

/// The rows of a table by their keys.
#[derive(Debug)]
pub struct Index {
    /// The fields of the key.
    pub fields: Vec<FieldId>,
    /// Keys are dealt out by some bits of their hashes, so that each part is made on its own, near the processor.
    parts: Vec<Slots>,
    /// Where each group begins among the rows, and at last where they end; nothing where each group is one row.
    starts: Vec<u32>,
    rows: Vec<u32>,
}

/// The keys of one part and their rows.
struct Portion {
    slots: Slots,
    starts: Vec<u32>,
    rows: Vec<u32>,
}

/// So many rows are in a part, more or less.
const ROWS_IN_PART: usize = 1 << 14;

impl Index {
    /// Finds the groups of so many rows by the columns of these fields; none where there are no columns. A row with a field
    /// that has no value is in none of them.
    #[must_use]
    pub fn of(fields: &[FieldId], columns: &[&Column], rows: usize) -> Self {
        let mut index = Self { fields: fields.to_vec(), parts: Vec::new(), starts: Vec::new(), rows: Vec::new() };
        if columns.is_empty() {
            return index;
        }
        let parts = (rows / ROWS_IN_PART).next_power_of_two();
        let hashed = dealt(columns, rows, parts);
        let made: Vec<Portion> = hashed.into_par_iter().map(|rows| Portion::of(columns, &rows)).collect();
        index.rows.reserve_exact(made.iter().map(|part| part.rows.len()).sum());
        index.starts.push(0);
        for Portion { mut slots, starts, rows } in made {
            let groups_before = place(index.starts.len() - 1);
            let rows_before = place(index.rows.len());
            slots.shift(groups_before);
            index.parts.push(slots);
            index.starts.extend(starts[1..].iter().map(|start| start + rows_before));
            index.rows.extend(rows);
        }
        if index.starts.len() == index.rows.len() + 1 {
            index.starts = Vec::new();
        }
        index
    }

    /// The index of the rows that are left when only the first of each key stays and the `dropped` ones, ascending, are gone
    /// from among so many.
    #[must_use]
    pub fn of_firsts(&self, dropped: &[u32], rows: usize) -> Self {
        let mut gone = dropped.iter().peekable();
        let mut next = 0;
        let mut places = Vec::with_capacity(rows);
        for row in 0..place(rows) {
            places.push(next);
            next += u32::from(gone.next_if_eq(&&row).is_none());
        }
        let rows = self.groups().map(|group| places[group[0] as usize]).collect();
        Self { fields: self.fields.clone(), parts: self.parts.clone(), starts: Vec::new(), rows }
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.starts.is_empty() { self.rows.len() } else { self.starts.len() - 1 }
    }

    /// Whether no row has a key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of each key, in no order that means anything; those of one key in the file's order.
    pub fn groups(&self) -> impl Iterator<Item = &[u32]> {
        (0..place(self.len())).map(|group| self.rows_in(group))
    }

    /// The group of a key with this hash. `own` tells the cells of the rows that the index was made of.
    pub fn group_of<'k, 't, P: Iterator<Item = Part<'k>>>(
        &self,
        hash: u64,
        own: impl Fn(usize, FieldId) -> Result<Part<'t>, Lack>,
        parts: impl Fn() -> P,
    ) -> Option<u32> {
        let is_same = |group: u32| {
            let first = self.rows_in(group)[0] as usize;
            let mut own = self.fields.iter().map(|field| own(first, *field));
            let is_equal = parts().all(|part| own.next().is_some_and(|own| own == Ok(part)));
            is_equal && own.next().is_none()
        };
        let slots = self.parts.get(part_of(hash, self.parts.len()))?;
        slots.find(hash, is_same).ok()
    }

    /// The rows of a group.
    #[inline]
    #[must_use]
    pub fn rows_in(&self, group: u32) -> &[u32] {
        let group = group as usize;
        if self.starts.is_empty() {
            return &self.rows[group..=group];
        }
        &self.rows[self.starts[group] as usize..self.starts[group + 1] as usize]
    }
}

impl Portion {
    /// Finds the groups of these rows, of which the hashes of the keys are known.
    fn of(columns: &[&Column], hashed: &[(u64, u32)]) -> Self {
        let mut slots = Slots::for_groups(0);
        let (mut firsts, mut counts): (Vec<(u32, u64)>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut group_of = Vec::with_capacity(hashed.len());
        for (hash, row) in hashed {
            if slots.are_few_for(firsts.len()) {
                slots = Slots::of(firsts.iter().map(|(_, hash)| *hash), firsts.len() * 2);
            }
            let key = RowKey { columns, row: *row as usize };
            let is_same = |group: u32| {
                let first = RowKey { columns, row: firsts[group as usize].0 as usize };
                first.parts().eq(key.parts())
            };
            let group = slots.find(*hash, is_same).unwrap_or_else(|slot| {
                let group = place(firsts.len());
                slots.put(slot, *hash, group);
                firsts.push((*row, *hash));
                counts.push(0);
                group
            });
            counts[group as usize] += 1;
            group_of.push(group);
        }
        let (starts, rows) = laid_out(&counts, group_of.iter().zip(hashed).map(|(group, (_, row))| (*group, *row)));
        Self { slots, starts, rows }
    }
}

/// Things put in order of their groups, and where each group begins; those of one group keep their order.
fn laid_out<T: Copy + Default>(counts: &[u32], things: impl Iterator<Item = (u32, T)>) -> (Vec<u32>, Vec<T>) {
    let mut starts = Vec::with_capacity(counts.len() + 1);
    let mut next = 0;
    for count in counts {
        starts.push(next);
        next += count;
    }
    starts.push(next);
    let mut all = vec![T::default(); next as usize];
    let mut at = starts.clone();
    for (group, thing) in things {
        let place_in = &mut at[group as usize];
        all[*place_in as usize] = thing;
        *place_in += 1;
    }
    (starts, all)
}

/// The rows that have a key, each with its hash, dealt out to so many parts.
fn dealt(columns: &[&Column], rows: usize, parts: usize) -> Vec<Vec<(u64, u32)>> {
    let of_rows = |first: usize| {
        let mut dealt: Vec<Vec<(u64, u32)>> = vec![Vec::new(); parts];
        for row in first..rows.min(first + ROWS_TOGETHER) {
            if let Ok(hash) = (RowKey { columns, row }).hash() {
                dealt[part_of(hash, parts)].push((hash, place(row)));
            }
        }
        dealt
    };
    let pieces: Vec<Vec<Vec<(u64, u32)>>> = (0..rows).into_par_iter().step_by(ROWS_TOGETHER).map(of_rows).collect();
    let mut all: Vec<Vec<(u64, u32)>> = vec![Vec::new(); parts];
    for piece in pieces {
        for (all, some) in all.iter_mut().zip(piece) {
            if all.is_empty() { *all = some } else { all.extend(some) }
        }
    }
    all
}

/// So many rows have their keys hashed at a time.
const ROWS_TOGETHER: usize = 1 << 16;

/// The part that a key is dealt to; `parts` is a power of two.
#[inline]
fn part_of(hash: u64, parts: usize) -> usize {
    // The lowest bits tell the slot in the part, the highest are what is compared there.
    usize::try_from(hash >> 24).unwrap_or_default() & (parts.max(1) - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::definition::load;
    use crate::extract::Table;
    use crate::extract::part::hash_of;
    use crate::rule::value::Value;

    /// Enough rows for several parts, some with one key, some with none.
    #[test]
    fn rows_are_found_by_their_keys_and_by_no_other() {
        let definitions = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("robots")).unwrap();
        let extract = definitions.extracts.iter().find(|extract| extract.name == "arenden").unwrap();
        let fields = [FieldId(0), FieldId(1)];
        let night = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let mut table = Table::empty(extract, night, &fields);
        let mut expected: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
        for row in 0..100_000_usize {
            let (case, unit) = (row * 7 % 30_011, row % 3);
            let cell = |is_there, text: String| if is_there { Ok(Value::Text(text.into())) } else { Err(Lack::Empty) };
            let cells = [Some(cell(true, format!("A{case}"))), Some(cell(unit > 0, format!("E{unit}")))];
            table.push_row(&fields, &cells);
            table.place_row(row as u64, row as u64 + 2, 0);
            if unit > 0 {
                expected.entry((case, unit)).or_default().push(u32::try_from(row).unwrap());
            }
        }
        let index = table.index(&fields);
        assert!(index.parts.len() > 1);
        assert_eq!(index.len(), expected.len());
        for ((case, unit), rows) in &expected {
            let parts = || [Part::Text(format!("A{case}").into()), Part::Text(format!("E{unit}").into())].into_iter();
            let group = index.group_of(hash_of(parts()), |row, field| table.part(row, field), parts);
            assert_eq!(index.rows_in(group.unwrap()), rows);
        }
        let not_there = || [Part::Text("A1".into()), Part::Text("E7".into())].into_iter();
        let hash = hash_of(not_there());
        assert_eq!(index.group_of(hash, |row, field| table.part(row, field), not_there), None);
        assert_eq!(index.groups().map(<[u32]>::len).sum::<usize>(), expected.values().map(Vec::len).sum::<usize>());
        // With only the first row of each key left, each key has the row that is now in its place.
        let mut dropped: Vec<u32> = index.groups().flat_map(|group| &group[1..]).copied().collect();
        dropped.sort_unstable();
        let of_firsts = index.of_firsts(&dropped, table.len());
        assert_eq!(of_firsts.len(), index.len());
        for (group, first) in index.groups().map(|group| group[0]).enumerate() {
            let gone_before = dropped.iter().filter(|gone| **gone < first).count();
            let row = u32::try_from(first as usize - gone_before).unwrap();
            assert_eq!(of_firsts.rows_in(u32::try_from(group).unwrap()), [row]);
            if group > 100 {
                break;
            }
        }
    }
}
