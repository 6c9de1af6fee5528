//! Joins two tables along a relation: the rows that a row leads to, found in an index of the other table.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use foldhash::fast::RandomState;

use super::cell::Lack;
use super::index::Index;
use super::key::Key;
use super::part::hash_of;
use super::place::place;
use super::table::Table;
use crate::rule::catalog::RelationSchema;
use crate::rule::types::{ExtractId, FieldId, Side};
use crate::rule::value::{Missing, Why};

/// The rows that each row of a table leads to along one relation. A row's own are looked up when they are asked for.
#[derive(Debug)]
pub struct Links {
    /// The extract that they lead to.
    pub to: ExtractId,
    found: Found,
    open: Open,
    /// Whether the rows count only as a whole.
    pub whole: bool,
    /// Whether they lead from a row to the group that it was put in.
    is_to_own_group: bool,
    /// Why every row may lead to more than is found.
    all_open: Option<Missing>,
}

#[derive(Debug)]
enum Found {
    /// By these fields of the row, in an index of the other table.
    By { mine: Vec<FieldId>, index: Arc<Index>, side: Side, known: Vec<AtomicU32> },
    /// They are the rows that the row was made of.
    Members,
}

/// The keys under which rows may be missing, and why, by the keys' hashes: most looks find none, and make no key to find that.
type Open = HashMap<u64, Vec<(Key, Missing)>, RandomState>;

/// A row that has not been looked up, or about whose links there is more to say than their rows.
const NOT_KNOWN: u32 = 0;
/// One that leads to no row. What is higher leads to a group of the index, so many places on.
const TO_NONE: u32 = 1;
const FIRST_GROUP: u32 = 2;

/// What one row leads to.
#[derive(Clone, Copy, Debug)]
pub struct Led<'l> {
    /// The rows, in the file's order.
    pub rows: &'l [u32],
    /// Why there may be more.
    pub open: Option<Missing>,
}

impl Led<'_> {
    /// To nothing, for a reason or for none.
    fn nowhere(open: Option<Missing>) -> Self {
        Self { rows: &[], open }
    }
}

impl Links {
    /// The links of two tables along a relation. `index` is that of the second by the relation's fields, `way` their place among the
    /// ways that `to` was scanned for, and `sides` say which nights the two tables are of in messages.
    #[must_use]
    pub fn new(
        index: Arc<Index>,
        (from, to): (&Table, &Table),
        relation: &RelationSchema,
        way: usize,
        sides: (Side, Side),
    ) -> Self {
        let theirs: Vec<FieldId> = relation.on.iter().map(|(theirs, _)| *theirs).collect();
        let mine: Vec<FieldId> = relation.on.iter().map(|(_, mine)| *mine).collect();
        let open = rejected_keys(to, way, &theirs, relation.whole, sides.1);
        let known = (0..from.len()).map(|_| AtomicU32::new(NOT_KNOWN)).collect();
        let found = Found::By { mine, index, side: sides.0, known };
        Self { to: to.extract, found, open, whole: relation.whole, all_open: None, is_to_own_group: false }
    }

    /// The links from each group to the rows that it is made of.
    #[must_use]
    pub fn of_groups(to: &Table) -> Self {
        Self {
            to: to.extract,
            found: Found::Members,
            open: Open::default(),
            whole: false,
            all_open: None,
            is_to_own_group: false,
        }
    }

    /// They lead from a row to the group that it was put in, by all that it was grouped by.
    #[must_use]
    pub fn to_own_group(self) -> Self {
        Self { is_to_own_group: true, ..self }
    }

    /// Every row may lead to more than is found, for this reason.
    #[must_use]
    pub fn opened(self, why: Missing) -> Self {
        Self { all_open: Some(why), ..self }
    }

    /// What a row of `from` leads to in `to`.
    #[must_use]
    pub fn of<'l>(&'l self, from: &'l Table, to: &'l Table, row: u32) -> Led<'l> {
        let led = self.found_for(from, to, row);
        Led { open: led.open.or(self.all_open), ..led }
    }

    fn found_for<'l>(&'l self, from: &'l Table, to: &'l Table, row: u32) -> Led<'l> {
        match &self.found {
            Found::Members => from.members.as_ref().map_or(Led::nowhere(None), |members| Led {
                rows: members.rows_of(row),
                open: members.open.get(&row).copied(),
            }),
            Found::By { mine, index, side, known } => {
                let known = &known[row as usize];
                match known.load(Ordering::Relaxed) {
                    NOT_KNOWN => self.looked_up(from, to, row as usize, (mine, index, *side), known),
                    TO_NONE => Led::nowhere(None),
                    group => Led { rows: index.rows_in(group - FIRST_GROUP), open: None },
                }
            }
        }
    }

    fn looked_up<'l>(
        &self,
        from: &Table,
        to: &'l Table,
        row: usize,
        (mine, index, side): (&[FieldId], &'l Index, Side),
        known: &AtomicU32,
    ) -> Led<'l> {
        for field in mine {
            let why = match from.part(row, *field) {
                Ok(_) => continue,
                // Rows are grouped by what is empty too: such a one finds the group that it is in.
                Err(Lack::Null) if self.is_to_own_group => {
                    let group = to.members.as_ref().map_or(&[][..], |members| members.group_of(place(row)));
                    return Led { rows: group, open: None };
                }
                // Empty is an answer, and leads nowhere.
                Err(Lack::Null) => return Led::nowhere(None),
                Err(Lack::Empty) => Why::Empty,
                Err(Lack::SourceFailed) => Why::SourceFailed,
                Err(Lack::Rejected) => Why::Rejected,
                Err(Lack::Unreadable) => Why::Unreadable,
            };
            let (extract, line) = (Some((from.extract, side)), Some(from.line(row)));
            return Led::nowhere(Some(Missing { why, extract, line, field: Some(*field) }));
        }
        let parts = || mine.iter().filter_map(|field| from.part(row, *field).ok());
        let hash = hash_of(parts());
        let same_hash = self.open.get(&hash).into_iter().flatten();
        let open = same_hash.filter(|(key, _)| key.parts().eq(parts())).map(|(_, missing)| *missing).next();
        let group = index.group_of(hash, |row, field| to.part(row, field), parts);
        if open.is_none() {
            // Whichever thread looks it up first, the answer is the same.
            known.store(group.map_or(TO_NONE, |group| group + FIRST_GROUP), Ordering::Relaxed);
        }
        Led { rows: group.map_or(&[], |group| index.rows_in(group)), open }
    }
}

/// The keys under which a row is missing.
///
/// Of two rows with one key the first stands; the later is missing only where the first is not found in the same way, or
/// where the rows count only as a whole.
fn rejected_keys(to: &Table, way: usize, fields: &[FieldId], whole: bool, side: Side) -> Open {
    let mut open = Open::default();
    for rejected in &to.rejected {
        let Some(Some(key)) = rejected.keys.get(way) else { continue };
        let stands = rejected.earlier.and_then(|offset| to.offsets.binary_search(&offset).ok());
        if !whole && stands.is_some_and(|row| to.key(row, fields).as_ref() == Some(key)) {
            continue;
        }
        let missing =
            Missing { why: Why::Rejected, extract: Some((to.extract, side)), line: Some(rejected.line), field: None };
        let same_hash = open.entry(hash_of(key.parts())).or_default();
        if same_hash.iter().all(|(known, _)| known != key) {
            same_hash.push((key.clone(), missing));
        }
    }
    open
}
