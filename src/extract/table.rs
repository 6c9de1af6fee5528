//! The rows of one extract that some case can reach, typed, with their lines; and what was rejected.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::cell::{Cell, Lack};
use super::column::Column;
use super::group::Members;
use super::key::Key;
use crate::definition::extract::Extract;
use crate::rule::types::{ExtractId, FieldId};

/// One extract's rows for one night.
#[derive(Debug)]
pub struct Table {
    /// The extract.
    pub extract: ExtractId,
    /// The night.
    pub night: NaiveDate,
    /// Where each row begins in the file, in bytes; ascending.
    pub offsets: Vec<u64>,
    /// The line that each row begins on, counted from 1 with the header.
    pub lines: Vec<u64>,
    /// A hash of each row's bytes, for telling a repeated row from a contradicting one.
    pub hashes: Vec<u64>,
    /// The columns, by the field's place; none for fields that nobody asked for.
    pub columns: Vec<Option<Column>>,
    /// The rows that were rejected.
    pub rejected: Vec<Rejected>,
    /// The cells of kept rows that could not be read.
    pub unreadable: Vec<UnreadableCell>,
    /// How many rows the file has, rejected ones included.
    pub rows_in_file: u64,
    /// For an extract made by grouping another: the rows of each group.
    pub members: Option<Members>,
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
            unreadable: Vec::new(),
            rows_in_file: 0,
            members: None,
        }
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
        self.columns.iter_mut().flatten().for_each(Column::shrink);
        self.offsets.shrink_to_fit();
        self.lines.shrink_to_fit();
        self.hashes.shrink_to_fit();
    }

    /// A row's cell. A field that nobody asked for has none.
    #[expect(clippy::missing_errors_doc, reason = "a cell that lacks its value is no error")]
    pub fn cell(&self, row: usize, field: FieldId) -> Cell<'_> {
        self.columns[usize::from(field.0)].as_ref().map_or(Err(Lack::Unreadable), |column| column.get(row))
    }

    /// The line of a later row with the same key as this one and other content.
    #[must_use]
    pub fn contradicted_by(&self, row: usize) -> Option<u64> {
        let offset = self.offsets[row];
        self.rejected.iter().find(|rejected| rejected.earlier == Some(offset)).map(|rejected| rejected.line)
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
    pub fn with(self, other: Self, extract: &Extract) -> Self {
        let mut order: Vec<(bool, usize)> = Vec::with_capacity(self.len() + other.len());
        let (mut mine, mut theirs) = (0, 0);
        while mine < self.len() || theirs < other.len() {
            let takes_mine = theirs == other.len() || (mine < self.len() && self.offsets[mine] < other.offsets[theirs]);
            if takes_mine {
                order.push((false, mine));
                mine += 1;
            } else {
                if mine == self.len() || self.offsets[mine] != other.offsets[theirs] {
                    order.push((true, theirs));
                }
                theirs += 1;
            }
        }
        let pick = |a: &[u64], b: &[u64]| order.iter().map(|(o, row)| if *o { b[*row] } else { a[*row] }).collect();
        let columns = (0..self.columns.len())
            .map(|place| {
                let field = &extract.fields[place];
                let (a, b) = (self.columns[place].as_ref()?, other.columns[place].as_ref()?);
                Some(a.gathered(b, field, &order))
            })
            .collect();
        let mut rejected = self.rejected;
        rejected.extend(other.rejected);
        rejected.sort_by_key(|row| row.offset);
        rejected.dedup_by_key(|row| row.offset);
        let mut unreadable = self.unreadable;
        unreadable.extend(other.unreadable);
        unreadable.sort_by_key(|cell| (cell.offset, cell.field));
        unreadable.dedup_by_key(|cell| (cell.offset, cell.field));
        Self {
            offsets: pick(&self.offsets, &other.offsets),
            lines: pick(&self.lines, &other.lines),
            hashes: pick(&self.hashes, &other.hashes),
            columns,
            rejected,
            unreadable,
            rows_in_file: self.rows_in_file.max(other.rows_in_file),
            members: None,
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
        let mut first: HashMap<Key, usize> = HashMap::with_capacity(self.len());
        let mut kept: Vec<(bool, usize)> = Vec::with_capacity(self.len());
        let mut rejected = Vec::new();
        for row in 0..self.len() {
            let Some(key) = self.key(row, &extract.key) else {
                kept.push((false, row));
                continue;
            };
            match first.get(&key) {
                None => {
                    first.insert(key, row);
                    kept.push((false, row));
                }
                Some(earlier) if self.hashes[*earlier] == self.hashes[row] => {}
                Some(earlier) => rejected.push(self.duplicate(row, *earlier, extract, ways)),
            }
        }
        if kept.len() == self.len() {
            return self;
        }
        let is_kept: std::collections::HashSet<u64> = kept.iter().map(|(_, row)| self.offsets[*row]).collect();
        let columns = self
            .columns
            .iter()
            .zip(&extract.fields)
            .map(|(column, field)| column.as_ref().map(|column| column.gathered(column, field, &kept)))
            .collect();
        let pick = |all: &[u64]| kept.iter().map(|(_, row)| all[*row]).collect();
        let (offsets, lines, hashes) = (pick(&self.offsets), pick(&self.lines), pick(&self.hashes));
        let mut all_rejected = self.rejected;
        all_rejected.extend(rejected);
        all_rejected.sort_by_key(|row| row.offset);
        let mut unreadable = self.unreadable;
        unreadable.retain(|cell| is_kept.contains(&cell.offset));
        Self {
            offsets,
            lines,
            hashes,
            columns,
            rejected: all_rejected,
            unreadable,
            rows_in_file: self.rows_in_file,
            members: self.members,
            extract: self.extract,
            night: self.night,
        }
    }

    fn duplicate(&self, row: usize, earlier: usize, extract: &Extract, ways: &[Vec<FieldId>]) -> Rejected {
        let headings: Vec<String> = extract.key.iter().map(|field| extract.heading(*field)).collect();
        Rejected {
            offset: self.offsets[row],
            line: self.lines[row],
            field: headings.join(", "),
            reason: format!("{DUPLICATE} {} and other content", self.lines[earlier]),
            kind: Rejection::Duplicate,
            keys: ways.iter().map(|fields| self.key(row, fields)).collect(),
            person: None,
            earlier: Some(self.offsets[earlier]),
            lost: false,
        }
    }
}
