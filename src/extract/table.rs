//! The rows of one extract that some case can reach, typed, with their lines; and what was rejected.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use chrono::NaiveDate;
use foldhash::quality::FixedState;
use rayon::prelude::*;

use super::cell::{Cell, Lack};
use super::column::{Column, Run};
use super::index::Index;
use super::kept::Kept;
use super::key::Key;
use super::part::Part;
use super::place::place;
use crate::definition::extract::Extract;
use crate::rule::types::{ExtractId, FieldId};
use crate::rule::value::{Missing, Value};

/// One extract's rows for one night.
#[derive(Debug)]
pub struct Table {
    /// The extract.
    pub extract: ExtractId,
    /// The night.
    pub night: NaiveDate,
    /// Where each row begins in the file, in bytes; ascending.
    pub offsets: Vec<u64>,
    /// The line that each row begins on, counted from 1 with the header. See [`Table::line`].
    pub(super) lines: Vec<u32>,
    /// A hash of each row's bytes, for telling a repeated row from a contradicting one.
    pub(super) hashes: Vec<u64>,
    /// The columns, by the field's place; none for fields that nobody asked for.
    pub columns: Vec<Option<Column>>,
    /// The rows that were rejected.
    pub rejected: Vec<Rejected>,
    /// Where rows begin that a later one with the same key speaks against, and the line of that one.
    pub(super) contradicted: HashMap<u64, u64>,
    /// The cells of kept rows that could not be read.
    pub unreadable: Vec<UnreadableCell>,
    /// How many rows the file has, rejected ones included.
    pub rows_in_file: u64,
    /// For an extract made by grouping another: the rows of each group.
    pub members: Option<Members>,
    /// Fields that are worked out of the rows of a group, by the field's place, as far as they have been worked out.
    pub(super) kept: Vec<Option<Kept>>,
    /// Its rows by its key, where that has been made.
    by_key: Option<Arc<Index>>,
}

/// The rows of each group, by the place of the group.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// Where each group begins among the rows, and at last where they end.
    starts: Vec<u32>,
    /// The rows of the groups in the table that was grouped, one group after the other, each in the file's order.
    rows: Vec<u32>,
    /// The group of each row of the table that was grouped; [`IN_NO_GROUP`] for one that is in none.
    group_of: Vec<u32>,
    /// Groups that may have more rows, and why.
    pub open: HashMap<u32, Missing>,
    /// Of which rows: see [`Table::state`].
    pub of: u64,
}

/// The group of a row that is in none.
pub const IN_NO_GROUP: u32 = u32::MAX;

impl Members {
    /// So many groups, by the group of each row.
    #[must_use]
    pub fn of(group_of: Vec<u32>, groups: usize) -> Self {
        let mut starts = vec![0; groups + 1];
        for group in group_of.iter().filter(|group| **group != IN_NO_GROUP) {
            starts[*group as usize + 1] += 1;
        }
        for group in 0..groups {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; starts.last().map_or(0, |end| *end as usize)];
        for (row, group) in group_of.iter().enumerate().filter(|(_, group)| **group != IN_NO_GROUP) {
            let at = &mut next[*group as usize];
            rows[*at as usize] = place(row);
            *at += 1;
        }
        Self { starts, rows, group_of, open: HashMap::new(), of: 0 }
    }

    /// The rows of a group.
    #[must_use]
    pub fn rows_of(&self, group: u32) -> &[u32] {
        let group = group as usize;
        &self.rows[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// Whether they are those of a table as it is now.
    #[must_use]
    pub fn are_of(&self, table: &Table) -> bool {
        self.group_of.len() == table.len() && self.of == table.state()
    }

    /// The group that a row is in, as a list of one; of none where it is in none.
    #[must_use]
    pub fn group_of(&self, row: u32) -> &[u32] {
        let group = self.group_of.get(row as usize).filter(|group| **group != IN_NO_GROUP);
        group.map_or(&[], std::slice::from_ref)
    }
}

/// A rejected row.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// The line it begins on.
    pub line: u64,
    /// The heading of the field that it was rejected for; empty for its shape or encoding.
    pub field: String,
    /// Why.
    pub reason: String,
    /// Which kind of rejection it is.
    pub kind: Rejection,
    /// The keys that could be read in it, one for each way of finding rows of the extract.
    pub keys: Vec<Option<Key>>,
    /// The person that the row is about, where that can be read.
    pub person: Option<Key>,
    /// For a later row with the same key: where the row that stands begins.
    pub earlier: Option<u64>,
    /// Whether a field that must be readable even so cannot be read.
    pub lost: bool,
    /// For a row that cannot be cut into its fields: the form of what stands where its fields that must be readable should
    /// be. It is not lost where whole rows are written so.
    pub form: Vec<String>,
}

/// How the reason begins of a row that has an earlier one's key.
pub const DUPLICATE: &str = "the same key as line";

/// Why a row was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// It does not have as many fields as the header, or a quote does not end.
    Shape,
    /// Its bytes mean nothing in the declared encoding.
    Encoding,
    /// A field of its key cannot be read.
    Key,
    /// An earlier row has the same key and other content.
    Duplicate,
}

/// A cell that could not be read, in a row that was kept.
#[derive(Clone, Debug)]
pub struct UnreadableCell {
    /// Where its row begins in the file, in bytes.
    pub offset: u64,
    /// The line its row begins on.
    pub line: u64,
    /// The field.
    pub field: FieldId,
    /// Why it could not be read.
    pub reason: String,
}

impl Table {
    /// A table without rows and with these columns.
    #[must_use]
    pub fn empty(extract: &Extract, night: NaiveDate, fields: &[FieldId]) -> Self {
        let columns = (0..extract.fields.len())
            .map(|place| {
                let id = FieldId(u16::try_from(place).ok()?);
                fields.contains(&id).then(|| Column::of(extract.field(id)))
            })
            .collect();
        Self {
            extract: extract.id,
            night,
            offsets: Vec::new(),
            lines: Vec::new(),
            hashes: Vec::new(),
            columns,
            rejected: Vec::new(),
            contradicted: HashMap::new(),
            unreadable: Vec::new(),
            rows_in_file: 0,
            members: None,
            kept: Vec::new(),
            by_key: None,
        }
    }

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

    /// How many rows were kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether no row was kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Adds a row with these fields' cells. The columns of other fields are worked out afterwards.
    pub(super) fn push_row(&mut self, fields: &[FieldId], cells: &[Option<Cell<'_>>]) {
        for field in fields {
            let place = usize::from(field.0);
            if let Some(column) = &mut self.columns[place] {
                column.push(cells[place].as_ref().unwrap_or(&Err(Lack::Empty)));
            }
        }
    }

    /// Says where a row stands whose cells have been added.
    pub(super) fn place_row(&mut self, offset: u64, line: u64, hash: u64) {
        self.offsets.push(offset);
        self.lines.push(line_number(line));
        self.hashes.push(hash);
    }

    /// Adds a row with these fields, its own and the other's, as they stand in a row of another table.
    pub(super) fn push_from(&mut self, other: &Self, row: usize, fields: &[(FieldId, FieldId)]) {
        self.offsets.push(other.offsets[row]);
        self.lines.push(other.lines[row]);
        self.hashes.push(other.hashes[row]);
        for (own, theirs) in fields {
            if let Some(column) = &mut self.columns[usize::from(own.0)] {
                column.push(&other.cell(row, *theirs));
            }
        }
    }

    /// Gives back the memory that it does not need: a table is read once and kept for the whole night.
    pub fn shrink(&mut self) {
        self.columns.par_iter_mut().flatten().for_each(Column::shrink);
        self.offsets.shrink_to_fit();
        self.lines.shrink_to_fit();
        self.hashes.shrink_to_fit();
    }

    /// A row's cell. A field that nobody asked for has none.
    #[expect(clippy::missing_errors_doc, reason = "a cell that lacks its value is no error")]
    pub fn cell(&self, row: usize, field: FieldId) -> Cell<'_> {
        self.columns[usize::from(field.0)].as_ref().map_or(Err(Lack::Unreadable), |column| column.get(row))
    }

    /// What a field of a group was worked out to, where it was.
    #[must_use]
    pub fn kept(&self, row: u32, field: FieldId) -> Option<Value<'_>> {
        self.kept.get(usize::from(field.0))?.as_ref().map(|kept| kept.get(row))
    }

    /// The line of a later row with the same key as this one and other content.
    #[must_use]
    pub fn contradicted_by(&self, row: usize) -> Option<u64> {
        if self.contradicted.is_empty() { None } else { self.contradicted.get(&self.offsets[row]).copied() }
    }

    /// A number that is another when a row has come or gone, or one more has been rejected.
    #[must_use]
    pub fn state(&self) -> u64 {
        let mut hasher = FixedState::with_seed(0).build_hasher();
        self.offsets.iter().for_each(|offset| hasher.write_u64(*offset));
        hasher.write_usize(self.rejected.len());
        hasher.finish()
    }

    fn indexed(&self, fields: &[FieldId]) -> Index {
        Index::of(fields, &self.columns_of(fields).unwrap_or_default(), self.len())
    }

    /// Lets go of what is needed only until the table has been joined with others.
    pub fn settle(&mut self) {
        self.by_key = None;
        self.hashes = Vec::new();
    }

    /// Its rows by the values of some fields.
    #[must_use]
    pub fn index(&self, fields: &[FieldId]) -> Arc<Index> {
        match &self.by_key {
            Some(index) if index.fields == fields => Arc::clone(index),
            _ => Arc::new(self.indexed(fields)),
        }
    }

    /// The line that a row begins on, counted from 1 with the header.
    #[must_use]
    pub fn line(&self, row: usize) -> u64 {
        u64::from(self.lines[row])
    }

    /// A row's key of these fields; `None` when one of them has no value.
    #[must_use]
    pub fn key(&self, row: usize, fields: &[FieldId]) -> Option<Key> {
        let parts: Option<Vec<Key>> =
            fields.iter().map(|field| self.cell(row, *field).ok().and_then(|value| Key::of(&value))).collect();
        parts.map(Key::of_all)
    }

    /// Puts the rows of a further scan of the same file among these, in the file's order.
    #[must_use]
    pub fn with(mut self, mut other: Self, extract: &Extract) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        let mut add = |is_other: bool, row: usize| match runs.last_mut() {
            Some(run) if run.is_other == is_other && run.rows.end == row => run.rows.end += 1,
            _ => runs.push(Run { is_other, rows: row..row + 1 }),
        };
        let (mut mine, mut theirs) = (0, 0);
        while mine < self.len() || theirs < other.len() {
            let takes_mine = theirs == other.len() || (mine < self.len() && self.offsets[mine] < other.offsets[theirs]);
            if takes_mine {
                add(false, mine);
                mine += 1;
            } else {
                if mine == self.len() || self.offsets[mine] != other.offsets[theirs] {
                    add(true, theirs);
                }
                theirs += 1;
            }
        }
        let (mut rejected, mut unreadable) = (std::mem::take(&mut self.rejected), std::mem::take(&mut self.unreadable));
        rejected.extend(std::mem::take(&mut other.rejected));
        rejected.sort_by_key(|row| row.offset);
        rejected.dedup_by_key(|row| row.offset);
        unreadable.extend(std::mem::take(&mut other.unreadable));
        unreadable.sort_by_key(|cell| (cell.offset, cell.field));
        unreadable.dedup_by_key(|cell| (cell.offset, cell.field));
        let rows_in_file = self.rows_in_file.max(other.rows_in_file);
        // A further scan often finds nothing but what is there.
        let brings_rows = runs.iter().any(|run| run.is_other);
        let table = if brings_rows { self.gathered(&other, extract, &runs) } else { self };
        Self { rejected, unreadable, rows_in_file, ..table }
    }

    /// These runs of rows of this table and of the other, without what was rejected or could not be read.
    fn gathered(&self, other: &Self, extract: &Extract, runs: &[Run]) -> Self {
        let columns = self.columns.par_iter().zip(&other.columns).zip(&extract.fields);
        let columns = columns.map(|((own, others), field)| Some(own.as_ref()?.gathered(others.as_ref()?, field, runs)));
        let places = || {
            let offsets = picked(&self.offsets, &other.offsets, runs);
            (offsets, picked(&self.lines, &other.lines, runs), picked(&self.hashes, &other.hashes, runs))
        };
        let (columns, (offsets, lines, hashes)) = rayon::join(|| columns.collect(), places);
        Self {
            offsets,
            lines,
            hashes,
            columns,
            rejected: Vec::new(),
            contradicted: HashMap::new(),
            unreadable: Vec::new(),
            rows_in_file: self.rows_in_file,
            members: None,
            kept: Vec::new(),
            by_key: None,
            extract: self.extract,
            night: self.night,
        }
    }

    /// Rejects each row whose key an earlier row has; one that is the same byte for byte is only counted once.
    #[must_use]
    pub fn without_duplicates(self, extract: &Extract, ways: &[Vec<FieldId>]) -> Self {
        if extract.key.is_empty() {
            return self;
        }
        let index = Arc::new(self.indexed(&extract.key));
        let mut dropped: Vec<u32> = Vec::new();
        let mut rejected = Vec::new();
        for group in index.groups().filter(|group| group.len() > 1) {
            let first = group[0] as usize;
            for row in &group[1..] {
                dropped.push(*row);
                if self.hashes[first] != self.hashes[*row as usize] {
                    rejected.push(self.duplicate(*row as usize, first, extract, ways));
                }
            }
        }
        if dropped.is_empty() {
            return Self { by_key: Some(index), ..self };
        }
        dropped.sort_unstable();
        let mut from = 0;
        let mut kept: Vec<Run> = Vec::with_capacity(dropped.len() + 1);
        for row in dropped.iter().map(|row| *row as usize).chain([self.len()]) {
            kept.push(Run { is_other: false, rows: from..row });
            from = row + 1;
        }
        let is_dropped: HashSet<u64> = dropped.iter().map(|row| self.offsets[*row as usize]).collect();
        let mut table = self.gathered(&self, extract, &kept);
        table.by_key = Some(Arc::new(index.of_firsts(&dropped, self.len())));
        table.members = self.members;
        table.contradicted = contradicted(&rejected);
        table.rejected = self.rejected;
        table.rejected.extend(rejected);
        table.rejected.sort_by_key(|row| row.offset);
        table.unreadable = self.unreadable;
        table.unreadable.retain(|cell| !is_dropped.contains(&cell.offset));
        table
    }

    fn duplicate(&self, row: usize, earlier: usize, extract: &Extract, ways: &[Vec<FieldId>]) -> Rejected {
        let headings: Vec<String> = extract.key.iter().map(|field| extract.heading(*field)).collect();
        Rejected {
            offset: self.offsets[row],
            line: self.line(row),
            field: headings.join(", "),
            reason: format!("{DUPLICATE} {} and other content", self.line(earlier)),
            kind: Rejection::Duplicate,
            keys: ways.iter().map(|fields| self.key(row, fields)).collect(),
            person: None,
            earlier: Some(self.offsets[earlier]),
            lost: false,
            form: Vec::new(),
        }
    }
}

/// What these runs of two tables' rows are.
fn picked<T: Copy>(own: &[T], others: &[T], runs: &[Run]) -> Vec<T> {
    let mut all = Vec::with_capacity(runs.iter().map(|run| run.rows.len()).sum());
    for run in runs {
        all.extend_from_slice(&(if run.is_other { others } else { own })[run.rows.clone()]);
    }
    all
}

/// Where the rows begin that rejected ones speak against, each with the first that does.
fn contradicted(rejected: &[Rejected]) -> HashMap<u64, u64> {
    let mut lines = HashMap::new();
    for row in rejected {
        if let Some(earlier) = row.earlier {
            let line = lines.entry(earlier).or_insert(row.line);
            *line = row.line.min(*line);
        }
    }
    lines
}

/// A line's number as tables keep it. A file of more lines than four bytes count is refused while it is scanned.
pub fn line_number(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}
