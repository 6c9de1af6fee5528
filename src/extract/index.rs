//! Finds the rows of a table by the values of some of their fields.
//!
//! The rows of one key stand together, in the file's order; keys stand in the order of their first rows. A key is known by
//! its first row, so that nothing of it is kept a second time.

use super::cell::Lack;
use super::column::Column;
use super::key::{Part, RowKey, hash_of};
use super::table::Table;
use crate::rule::types::FieldId;

/// The rows of a table by their keys.
#[derive(Debug)]
pub struct Index {
    /// The fields of the key.
    pub fields: Vec<FieldId>,
    /// Open addressing: a part of the hash, and the group's place plus one; nothing at zero.
    slots: Vec<(u32, u32)>,
    /// Where each group begins among the rows, and at last where they end.
    starts: Vec<u32>,
    rows: Vec<u32>,
}

/// A row that belongs to no group.
const NONE: u32 = u32::MAX;

impl Index {
    /// Finds the groups of a table's rows. A row with a field that has no value is in none of them.
    #[must_use]
    pub fn of(table: &Table, fields: &[FieldId]) -> Self {
        let columns = table.columns_of(fields);
        let capacity = (table.len() + table.len() / 2).next_power_of_two().max(8);
        let mut index =
            Self { fields: fields.to_vec(), slots: vec![(0, 0); capacity], starts: Vec::new(), rows: Vec::new() };
        let Some(columns) = columns else {
            index.starts.push(0);
            return index;
        };
        let mut firsts: Vec<u32> = Vec::new();
        let mut counts: Vec<u32> = Vec::new();
        let mut group_of = Vec::with_capacity(table.len());
        for row in 0..table.len() {
            let key = RowKey { columns: &columns, row };
            let Ok(hash) = key.hash() else {
                group_of.push(NONE);
                continue;
            };
            let is_same = |group: u32| {
                let first = RowKey { columns: &columns, row: firsts[group as usize] as usize };
                first.parts().eq(key.parts())
            };
            let group = match index.find(hash, is_same) {
                Ok(group) => group,
                Err(slot) => {
                    let group = place(firsts.len());
                    index.slots[slot] = (tag(hash), group + 1);
                    firsts.push(place(row));
                    counts.push(0);
                    group
                }
            };
            counts[group as usize] += 1;
            group_of.push(group);
        }
        index.lay_out(&counts, &group_of);
        index
    }

    fn lay_out(&mut self, counts: &[u32], group_of: &[u32]) {
        let mut next = 0;
        for count in counts {
            self.starts.push(next);
            next += count;
        }
        self.starts.push(next);
        self.rows = vec![0; next as usize];
        let mut at = self.starts.clone();
        for (row, group) in group_of.iter().enumerate().filter(|(_, group)| **group != NONE) {
            let place_in = &mut at[*group as usize];
            self.rows[*place_in as usize] = place(row);
            *place_in += 1;
        }
        self.starts.shrink_to_fit();
    }

    /// The group with a hash, or the free slot where it would be.
    #[inline]
    fn find(&self, hash: u64, is_same: impl Fn(u32) -> bool) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = usize::try_from(hash).unwrap_or_default() & mask;
        loop {
            match self.slots[slot] {
                (_, 0) => return Err(slot),
                (known, group) if known == tag(hash) && is_same(group - 1) => return Ok(group - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The rows of each key.
    pub fn groups(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.rows[ends[0] as usize..ends[1] as usize])
    }

    /// The group of a key among the rows of the table that it was made of.
    pub fn group_of<'k, P: Iterator<Item = Part<'k>>>(&self, table: &Table, parts: impl Fn() -> P) -> Option<u32> {
        let hash = hash_of(parts());
        let is_same = |group: u32| {
            let first = self.rows[self.starts[group as usize] as usize] as usize;
            let mut own = self.fields.iter().map(|field| table.part(first, *field));
            let is_equal = parts().all(|part| own.next().is_some_and(|own| own == Ok(part)));
            is_equal && own.next().is_none()
        };
        self.find(hash, is_same).ok()
    }

    /// The rows of a group.
    #[inline]
    #[must_use]
    pub fn rows_in(&self, group: u32) -> &[u32] {
        let group = group as usize;
        &self.rows[self.starts[group] as usize..self.starts[group + 1] as usize]
    }
}

fn tag(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// A place as the night's tables count rows.
pub fn place(number: usize) -> u32 {
    u32::try_from(number).expect("the rows that cases can reach are fewer than four thousand million")
}

impl Table {
    /// The columns of some fields; none where one of them was not asked for.
    #[must_use]
    pub fn columns_of(&self, fields: &[FieldId]) -> Option<Vec<&Column>> {
        fields.iter().map(|field| self.columns[usize::from(field.0)].as_ref()).collect()
    }

    /// A row's cell as part of a key.
    #[expect(clippy::missing_errors_doc, reason = "a cell that lacks its value is no error")]
    #[inline]
    pub fn part(&self, row: usize, field: FieldId) -> Result<Part<'_>, Lack> {
        self.columns[usize::from(field.0)].as_ref().map_or(Err(Lack::Unreadable), |column| column.part(row))
    }
}
