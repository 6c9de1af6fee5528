//! Makes an extract by grouping another: an invoice is its konteringar.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, Hasher};

use rayon::prelude::*;

use super::cell::Lack;
use super::column::Column;
use super::key::{Key, RowKey};
use super::own::Own;
use super::part::{Part as KeyPart, hash_of, state};
use super::place::place;
use super::slots::Slots;
use super::table::{IN_NO_GROUP, Members, Rejected, Rejection, Table};
use crate::definition::extract::{Extract, Grouping};
use crate::rule::evaluate::Evaluator;
use crate::rule::parameter::Parameter;
use crate::rule::types::{FieldId, Side};
use crate::rule::value::{Missing, RowRef, Truth, Value, Why};
use crate::rule::world::{Constants, Silent};

/// What a grouping is made of.
#[derive(Clone, Copy, Debug)]
pub struct Grouped<'g> {
    /// The extract to make.
    pub extract: &'g Extract,
    /// How.
    pub grouping: &'g Grouping,
    /// The extract whose rows are grouped.
    pub base: &'g Extract,
    /// The ways in which rows of the made extract are found.
    pub ways: &'g [Vec<FieldId>],
    /// The ways in which rows of the other are found.
    pub base_ways: &'g [Vec<FieldId>],
    /// The declared parameters, for the condition.
    pub parameters: &'g [Parameter],
}

/// A part of what a group is told apart by: a value, or nothing as an answer.
type Part = Option<Key>;

/// Groups the rows of a table. Empty, where it is an answer, is a value to group by like any other; a row of which it
/// cannot be told which group it belongs to is listed, and leaves the groups open that it may belong to.
#[must_use]
pub fn group(table: &Table, of: Grouped<'_>, side: Side) -> Table {
    let fields: Vec<FieldId> = of.grouping.by.iter().map(|(own, _)| *own).collect();
    let mut made = Table::empty(of.extract, table.night, &fields);
    let Some(columns) = table.columns_of(&of.grouping.by.iter().map(|(_, base)| *base).collect::<Vec<_>>()) else {
        return made;
    };
    let standing = standings(table, &columns, of);
    let mut groups = Groups::default();
    let mut group_of = vec![IN_NO_GROUP; table.len()];
    let mut stray: Vec<(Vec<Option<Part>>, Missing)> = Vec::new();
    for (row, standing) in standing.into_iter().enumerate() {
        match standing {
            Standing::Left => {}
            Standing::In(hash) => {
                let (group, is_new) = groups.of(hash, row, &columns);
                if is_new {
                    made.push_from(table, row, &of.grouping.by);
                }
                group_of[row] = group;
            }
            Standing::Stray => {
                let parts: Vec<Result<Part, (FieldId, Lack)>> =
                    of.grouping.by.iter().map(|(_, base)| part(table, row, *base)).collect();
                let Some((field, lack)) = parts.iter().find_map(|part| part.as_ref().err().copied()) else { continue };
                let why = if lack == Lack::Unreadable { Why::Unreadable } else { Why::Empty };
                let extract = Some((table.extract, side));
                let missing = Missing { why, extract, line: Some(table.line(row)), field: Some(field) };
                made.rejected.push(not_grouped(table, row, field, &parts, of));
                stray.push((parts.into_iter().map(Result::ok).collect(), missing));
            }
        }
    }
    let mut members = Members::of(group_of, made.len());
    if !stray.is_empty() {
        members.open = open_groups(&made, &stray, of);
    }
    add_rejected(&mut made, &mut members, table, of, side);
    made.rows_in_file = table.rows_in_file;
    members.of = table.state();
    made.members = Some(members);
    made.shrink();
    made
}

/// How a row stands to the groups.
#[derive(Clone, Copy)]
enum Standing {
    /// It is in the group of this hash.
    In(u64),
    /// The condition leaves it out.
    Left,
    /// Its group cannot be told.
    Stray,
}

/// How each row stands, worked out by all threads.
fn standings(table: &Table, columns: &[&Column], of: Grouped<'_>) -> Vec<Standing> {
    let constants = Constants {
        night: table.night,
        previous_night: None,
        since: table.night,
        start: table.night,
        municipality: "",
        parameters: of.parameters,
        draws: None,
    };
    let own = Own(table);
    let condition = of.grouping.condition.as_ref();
    let evaluator = || Evaluator::new(&own, &constants, &[], Silent);
    let rows = (0..table.len()).into_par_iter().with_min_len(1 << 12);
    let standings = rows.map_init(evaluator, |evaluator, row| {
        if let Some(condition) = condition {
            evaluator.turn_to(&[Value::Row(RowRef { extract: table.extract, side: Side::Tonight, row: place(row) })]);
            // One of which it is not known is grouped: what is asked of its group asks it again.
            if evaluator.truth(condition) == Truth::False {
                return Standing::Left;
            }
        }
        hash_with_nulls(columns, row).map_or(Standing::Stray, Standing::In)
    });
    standings.collect()
}

/// The hash of a row's parts, of which null is one; none where one of them is not known.
fn hash_with_nulls(columns: &[&Column], row: usize) -> Option<u64> {
    let mut hasher = state().build_hasher();
    for column in columns {
        match column.part(row) {
            Ok(KeyPart::Number(number)) => hasher.write_u64(number),
            Ok(KeyPart::Text(text)) => text.hash(&mut hasher),
            Err(Lack::Null) => hasher.write_u8(0),
            Err(_) => return None,
        }
    }
    Some(hasher.finish())
}

/// The groups found so far.
#[derive(Default)]
struct Groups {
    slots: Slots,
    /// The first row of each, and its hash.
    firsts: Vec<(u32, u64)>,
}

impl Groups {
    /// The group of a row, and whether the row is its first.
    fn of(&mut self, hash: u64, row: usize, columns: &[&Column]) -> (u32, bool) {
        if self.slots.are_few_for(self.firsts.len()) {
            self.slots = Slots::of(self.firsts.iter().map(|(_, hash)| *hash), self.firsts.len() * 2);
        }
        let is_same = |group: u32| {
            let first = self.firsts[group as usize].0 as usize;
            columns.iter().all(|column| column.part(first) == column.part(row))
        };
        match self.slots.find(hash, is_same) {
            Ok(group) => (group, false),
            Err(slot) => {
                let group = place(self.firsts.len());
                self.slots.put(slot, hash, group);
                self.firsts.push((place(row), hash));
                (group, true)
            }
        }
    }
}

fn part(table: &Table, row: usize, field: FieldId) -> Result<Part, (FieldId, Lack)> {
    match table.cell(row, field) {
        Ok(value) => Ok(Key::of(&value)),
        Err(Lack::Null) => Ok(None),
        Err(lack) => Err((field, lack)),
    }
}

/// A row that has no group.
fn not_grouped(
    table: &Table,
    row: usize,
    field: FieldId,
    parts: &[Result<Part, (FieldId, Lack)>],
    of: Grouped<'_>,
) -> Rejected {
    let known = |own: &FieldId| {
        let place = of.grouping.by.iter().position(|(field, _)| field == own)?;
        parts[place].clone().ok().flatten()
    };
    let keys = of.ways.iter().map(|way| way.iter().map(known).collect::<Option<Vec<Key>>>().map(Key::of_all)).collect();
    Rejected {
        offset: table.offsets[row],
        line: table.line(row),
        field: of.base.heading(field),
        reason: "which group the row belongs to cannot be told".to_owned(),
        kind: Rejection::Key,
        keys,
        person: None,
        earlier: None,
        lost: false,
        form: Vec::new(),
    }
}

/// The groups that a row without a group may belong to: those that are equal to it in what is known of it. One that could be
/// found in none of the ways in which groups are asked for is nobody's, as a row whose key cannot be read is in any
/// relation: whether it is read at all depends on what else is asked for, and what a robot comes to may not.
fn open_groups(made: &Table, stray: &[(Vec<Option<Part>>, Missing)], of: Grouped<'_>) -> HashMap<u32, Missing> {
    let own: Vec<FieldId> = of.grouping.by.iter().map(|(own, _)| *own).collect();
    let is_known = |parts: &[Option<Part>], field: &FieldId| {
        own.iter().position(|own| own == field).is_some_and(|place| parts[place].is_some())
    };
    let is_found = |parts: &[Option<Part>]| {
        let in_a_way = of.ways.iter().any(|way| way.iter().all(|own| is_known(parts, own)));
        in_a_way || (of.ways.is_empty() && parts.iter().any(Option::is_some))
    };
    // By what is known of them, and by the hash of that: what is sought is little, and the groups are many.
    let mut sought: BTreeMap<Vec<bool>, HashMap<u64, Vec<usize>>> = BTreeMap::new();
    for (number, (parts, _)) in stray.iter().enumerate().filter(|(_, (parts, _))| is_found(parts)) {
        let same_mask = sought.entry(parts.iter().map(Option::is_some).collect()).or_default();
        let same_hash = same_mask.entry(hash_of_known(parts)).or_default();
        if same_hash.iter().all(|earlier| stray[*earlier].0 != *parts) {
            same_hash.push(number);
        }
    }
    // The first that may belong to a group tells why it is open.
    let mut first: HashMap<u32, usize> = HashMap::new();
    for (mask, by_hash) in &sought {
        let known: Vec<FieldId> = own.iter().zip(mask).filter(|(_, known)| **known).map(|(own, _)| *own).collect();
        let Some(columns) = made.columns_of(&known) else { continue };
        let matching = |group: usize| {
            let same_hash = by_hash.get(&hash_with_nulls(&columns, group)?)?;
            let is_equal = |number: &&usize| {
                stray[**number].0.iter().flatten().zip(&known).all(|(part, field)| {
                    let own = made.cell(group, *field).ok().and_then(|value| Key::of(&value));
                    own == *part
                })
            };
            same_hash.iter().find(is_equal).map(|number| (place(group), *number))
        };
        for (group, number) in (0..made.len()).into_par_iter().filter_map(matching).collect::<Vec<_>>() {
            let known = first.entry(group).or_insert(number);
            *known = number.min(*known);
        }
    }
    first.into_iter().map(|(group, number)| (group, stray[number].1)).collect()
}

/// The hash of what is known of a row, as [`hash_with_nulls`] has it for the columns of that.
fn hash_of_known(parts: &[Option<Part>]) -> u64 {
    let mut hasher = state().build_hasher();
    for part in parts.iter().flatten() {
        match part {
            None => hasher.write_u8(0),
            Some(key) => key.parts().for_each(|part| match part {
                KeyPart::Number(number) => hasher.write_u64(number),
                KeyPart::Text(text) => text.hash(&mut hasher),
            }),
        }
    }
    hasher.finish()
}

/// A rejected row of the other extract may be one of a group: where its keys say so, the group may have more rows. Of two
/// rows with one key the first stands, and where that one is in the group already, nothing is missing there.
fn add_rejected(made: &mut Table, members: &mut Members, table: &Table, of: Grouped<'_>, side: Side) {
    if table.rejected.is_empty() {
        return;
    }
    let base_of = |own: &FieldId| of.grouping.by.iter().find(|(field, _)| field == own).map(|(_, base)| *base);
    let place_of = |way: &[FieldId]| of.base_ways.iter().position(|known| known == way);
    let mapped: Vec<Option<usize>> = of
        .ways
        .iter()
        .map(|way| way.iter().map(base_of).collect::<Option<Vec<FieldId>>>().and_then(|way| place_of(&way)))
        .collect();
    let all: Vec<FieldId> = of.grouping.by.iter().map(|(own, _)| *own).collect();
    let whole = place_of(&of.grouping.by.iter().map(|(_, base)| *base).collect::<Vec<_>>());
    let mut sought: HashMap<u64, Vec<(&Key, Missing)>> = HashMap::new();
    for rejected in &table.rejected {
        let why = Why::Rejected;
        let missing = Missing { why, extract: Some((table.extract, side)), line: Some(rejected.line), field: None };
        let first = rejected.earlier.and_then(|offset| table.offsets.binary_search(&offset).ok());
        let missing_at = |place: usize| {
            let key = rejected.keys.get(place)?.as_ref()?;
            let is_there = first.is_some_and(|row| table.key(row, &of.base_ways[place]).as_ref() == Some(key));
            (!is_there).then_some(key)
        };
        if let Some(key) = whole.and_then(missing_at) {
            let same_hash = sought.entry(hash_of(key.parts())).or_default();
            if same_hash.iter().all(|(earlier, _)| *earlier != key) {
                same_hash.push((key, missing));
            }
        }
        let keys = mapped.iter().map(|place| missing_at((*place)?).cloned()).collect();
        made.rejected.push(Rejected { keys, earlier: None, ..rejected.clone() });
    }
    made.rejected.sort_by_key(|row| row.offset);
    let Some(columns) = made.columns_of(&all).filter(|_| !sought.is_empty()) else { return };
    let matching = |group: usize| {
        let own = RowKey { columns: &columns, row: group };
        let same_hash = sought.get(&own.hash().ok()?)?;
        let (_, missing) = same_hash.iter().find(|(key, _)| key.parts().eq(own.parts()))?;
        Some((place(group), *missing))
    };
    for (group, missing) in (0..made.len()).into_par_iter().filter_map(matching).collect::<Vec<_>>() {
        members.open.entry(group).or_insert(missing);
    }
}
