//! Makes an extract by grouping another: an invoice is its konteringar.

use std::collections::HashMap;

use super::cell::Lack;
use super::key::Key;
use super::own::Own;
use super::table::{Members, Rejected, Rejection, Table};
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
    let mut places: HashMap<Vec<Part>, u32> = HashMap::new();
    let mut members = Members::default();
    let mut stray: Vec<(Vec<Option<Part>>, Missing)> = Vec::new();
    for row in 0..table.len() {
        if !belongs(table, row, of) {
            continue;
        }
        let parts: Vec<Result<Part, (FieldId, Lack)>> =
            of.grouping.by.iter().map(|(_, base)| part(table, row, *base)).collect();
        let place = u32::try_from(row).unwrap_or(u32::MAX);
        match parts.iter().cloned().collect::<Result<Vec<Part>, _>>() {
            Ok(parts) => {
                let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
                let group = *places.entry(parts).or_insert(next);
                if group == next {
                    made.push_from(table, row, &of.grouping.by);
                    members.rows.push(Vec::new());
                }
                members.rows[group as usize].push(place);
            }
            Err((field, lack)) => {
                let why = if lack == Lack::Unreadable { Why::Unreadable } else { Why::Empty };
                let extract = Some((table.extract, side));
                let missing = Missing { why, extract, line: Some(table.line(row)), field: Some(field) };
                made.rejected.push(not_grouped(table, row, field, &parts, of));
                stray.push((parts.into_iter().map(Result::ok).collect(), missing));
            }
        }
    }
    members.open = open_groups(&places, &stray, of);
    add_rejected(&mut made, &mut members, table, of, side);
    made.rows_in_file = table.rows_in_file;
    made.members = Some(members);
    made
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
fn open_groups(
    places: &HashMap<Vec<Part>, u32>,
    stray: &[(Vec<Option<Part>>, Missing)],
    of: Grouped<'_>,
) -> HashMap<u32, Missing> {
    let mut open = HashMap::new();
    let mut by_mask: HashMap<Vec<bool>, HashMap<Vec<Part>, Vec<u32>>> = HashMap::new();
    let is_known = |parts: &[Option<Part>], own: &FieldId| {
        of.grouping.by.iter().position(|(field, _)| field == own).is_some_and(|place| parts[place].is_some())
    };
    let is_found = |parts: &[Option<Part>]| {
        let in_a_way = of.ways.iter().any(|way| way.iter().all(|own| is_known(parts, own)));
        in_a_way || (of.ways.is_empty() && parts.iter().any(Option::is_some))
    };
    for (parts, missing) in stray.iter().filter(|(parts, _)| is_found(parts)) {
        let mask: Vec<bool> = parts.iter().map(Option::is_some).collect();
        let index = by_mask.entry(mask.clone()).or_insert_with(|| {
            let mut index: HashMap<Vec<Part>, Vec<u32>> = HashMap::new();
            for (group, place) in places {
                let known = group.iter().zip(&mask).filter(|(_, known)| **known).map(|(part, _)| part.clone());
                index.entry(known.collect()).or_default().push(*place);
            }
            index
        });
        let known: Vec<Part> = parts.iter().flatten().cloned().collect();
        for place in index.get(&known).into_iter().flatten() {
            open.entry(*place).or_insert(*missing);
        }
    }
    open
}

/// A rejected row of the other extract may be one of a group: where its keys say so, the group may have more rows. Of two
/// rows with one key the first stands, and where that one is in the group already, nothing is missing there.
fn add_rejected(made: &mut Table, members: &mut Members, table: &Table, of: Grouped<'_>, side: Side) {
    let base_of = |own: &FieldId| of.grouping.by.iter().find(|(field, _)| field == own).map(|(_, base)| *base);
    let place_of = |way: &[FieldId]| of.base_ways.iter().position(|known| known == way);
    let mapped: Vec<Option<usize>> = of
        .ways
        .iter()
        .map(|way| way.iter().map(base_of).collect::<Option<Vec<FieldId>>>().and_then(|way| place_of(&way)))
        .collect();
    let all: Vec<FieldId> = of.grouping.by.iter().map(|(own, _)| *own).collect();
    let whole = place_of(&of.grouping.by.iter().map(|(_, base)| *base).collect::<Vec<_>>());
    let groups: HashMap<Key, u32> =
        (0..made.len()).filter_map(|row| Some((made.key(row, &all)?, u32::try_from(row).ok()?))).collect();
    for rejected in &table.rejected {
        let why = Why::Rejected;
        let missing = Missing { why, extract: Some((table.extract, side)), line: Some(rejected.line), field: None };
        let first = rejected.earlier.and_then(|offset| table.offsets.binary_search(&offset).ok());
        let missing_at = |place: usize| {
            let key = rejected.keys.get(place)?.as_ref()?;
            let is_there = first.is_some_and(|row| table.key(row, &of.base_ways[place]).as_ref() == Some(key));
            (!is_there).then_some(key)
        };
        let key = whole.and_then(missing_at);
        if let Some(group) = key.and_then(|key| groups.get(key)) {
            members.open.entry(*group).or_insert(missing);
        }
        let keys = mapped.iter().map(|place| missing_at((*place)?).cloned()).collect();
        made.rejected.push(Rejected { keys, earlier: None, ..rejected.clone() });
    }
    made.rejected.sort_by_key(|row| row.offset);
}

/// Whether a row is grouped at all. One of which that is not known is: what is asked of its group asks it again.
fn belongs(table: &Table, row: usize, of: Grouped<'_>) -> bool {
    let Some(condition) = &of.grouping.condition else { return true };
    let own = Own(table);
    let constants = Constants {
        night: table.night,
        previous_night: None,
        since: table.night,
        start: table.night,
        municipality: "",
        parameters: of.parameters,
    };
    let mut evaluator = Evaluator::new(&own, &constants, &[], Silent);
    let row = RowRef { extract: table.extract, side: Side::Tonight, row: u32::try_from(row).unwrap_or(u32::MAX) };
    evaluator.turn_to(&[Value::Row(row)]);
    evaluator.truth(condition) != Truth::False
}
