//! Joins two tables along a relation: for each row, the rows it leads to, end to end in one piece of memory.

use std::collections::HashMap;

use super::cell::Lack;
use super::group::Members;
use super::key::Key;
use super::table::Table;
use crate::rule::catalog::RelationSchema;
use crate::rule::types::{FieldId, Side};
use crate::rule::value::{Missing, Why};

/// The rows that each row of a table leads to along one relation.
#[derive(Debug)]
pub struct Links {
    starts: Vec<u32>,
    rows: Vec<u32>,
    open: HashMap<u32, Missing>,
    /// Whether the rows count only as a whole.
    pub whole: bool,
}

/// What one row leads to.
#[derive(Clone, Copy, Debug)]
pub struct Led<'l> {
    /// The rows, in the file's order.
    pub rows: &'l [u32],
    /// Why there may be more.
    pub open: Option<Missing>,
}

impl Links {
    /// What a row leads to.
    #[must_use]
    pub fn of(&self, row: u32) -> Led<'_> {
        let place = row as usize;
        let rows = &self.rows[self.starts[place] as usize..self.starts[place + 1] as usize];
        Led { rows, open: self.open.get(&row).copied() }
    }

    /// Joins `from` with `to`. `way` is the place of the relation's fields among the ways that `to` was scanned for, and
    /// `side` says which night `from` is of in messages.
    #[must_use]
    pub fn join(from: &Table, to: &Table, relation: &RelationSchema, way: usize, sides: (Side, Side)) -> Self {
        let theirs: Vec<FieldId> = relation.on.iter().map(|(theirs, _)| *theirs).collect();
        let mine: Vec<FieldId> = relation.on.iter().map(|(_, mine)| *mine).collect();
        let index = index(to, &theirs);
        let open_keys = rejected_keys(to, way, &theirs, relation.whole, sides.1);
        let mut links = Self {
            starts: Vec::with_capacity(from.len() + 1),
            rows: Vec::new(),
            open: HashMap::new(),
            whole: relation.whole,
        };
        for row in 0..from.len() {
            links.starts.push(place(links.rows.len()));
            match key_of(from, row, &mine, sides.0) {
                Err(None) => {}
                Err(Some(missing)) => {
                    links.open.insert(place(row), missing);
                }
                Ok(key) => {
                    links.rows.extend(index.get(&key).into_iter().flatten());
                    if let Some(missing) = open_keys.get(&key) {
                        links.open.insert(place(row), *missing);
                    }
                }
            }
        }
        links.starts.push(place(links.rows.len()));
        links
    }
}

impl Links {
    /// The links from each group to its rows.
    #[must_use]
    pub fn of_groups(members: &Members) -> Self {
        let mut links = Self {
            starts: Vec::with_capacity(members.rows.len() + 1),
            rows: Vec::new(),
            open: HashMap::new(),
            whole: false,
        };
        for rows in &members.rows {
            links.starts.push(place(links.rows.len()));
            links.rows.extend(rows);
        }
        links.starts.push(place(links.rows.len()));
        links.open.clone_from(&members.open);
        links
    }
}

fn place(number: usize) -> u32 {
    u32::try_from(number).expect("the rows that cases can reach are fewer than four thousand million")
}

fn index(table: &Table, fields: &[FieldId]) -> HashMap<Key, Vec<u32>> {
    let mut index: HashMap<Key, Vec<u32>> = HashMap::with_capacity(table.len());
    for row in 0..table.len() {
        if let Some(key) = table.key(row, fields) {
            index.entry(key).or_default().push(place(row));
        }
    }
    index
}

/// The keys under which a row is missing.
///
/// Of two rows with one key the first stands; the later is missing only where the first is not found in the same way, or
/// where the rows count only as a whole.
fn rejected_keys(to: &Table, way: usize, fields: &[FieldId], whole: bool, side: Side) -> HashMap<Key, Missing> {
    let mut open = HashMap::new();
    for rejected in &to.rejected {
        let Some(Some(key)) = rejected.keys.get(way) else { continue };
        let stands = rejected.earlier.and_then(|offset| to.offsets.binary_search(&offset).ok());
        if !whole && stands.is_some_and(|row| to.key(row, fields).as_ref() == Some(key)) {
            continue;
        }
        let missing =
            Missing { why: Why::Rejected, extract: Some((to.extract, side)), line: Some(rejected.line), field: None };
        open.entry(key.clone()).or_insert(missing);
    }
    open
}

/// A row's key of these fields; why it cannot be told, or nothing where empty is an answer and leads nowhere.
fn key_of(table: &Table, row: usize, fields: &[FieldId], side: Side) -> Result<Key, Option<Missing>> {
    let mut parts = Vec::with_capacity(fields.len());
    for field in fields {
        match table.cell(row, *field) {
            Ok(value) => parts.extend(Key::of(&value)),
            Err(Lack::Null) => return Err(None),
            Err(lack) => {
                let why = match lack {
                    Lack::Empty => Why::Empty,
                    Lack::SourceFailed => Why::SourceFailed,
                    Lack::Rejected => Why::Rejected,
                    Lack::Null | Lack::Unreadable => Why::Unreadable,
                };
                let line = Some(table.lines[row]);
                return Err(Some(Missing { why, extract: Some((table.extract, side)), line, field: Some(*field) }));
            }
        }
    }
    Ok(Key::of_all(parts))
}
