//! Scans one extract once, in pieces that are read in parallel, and keeps the rows that some case can reach.
//!
//! The pieces and the number of threads never change the result: where one piece's last record ends, the next one's first
//! begins. A piece guesses its first record at the first line end; where the guess was wrong, because the line end stood
//! inside a quoted field, the piece is read again from the right place.

use std::hash::{DefaultHasher, Hasher};

use rayon::prelude::*;

use super::cell::{Cell, Problem};
use super::header::{self, Header, HeaderError};
use super::record::{LONGEST_RECORD, record_at};
use super::request::{Reach, Request};
use super::row::{Fate, Place, RowReader};
use super::source::{Source, SourceError};
use super::table::{Rejected, Table, UnreadableCell};
use crate::definition::extract::Field;
use crate::rule::types::FieldId;

/// How many bytes a piece has. Large enough that the bytes read twice at its border do not matter, small enough that the
/// buffers of all threads together are small.
const PIECE: u64 = 1 << 20;

/// Why an extract could not be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The bytes cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The header does not fit the declaration.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

/// Scans a source. Duplicates are not yet rejected, for a further scan of the same file may bring more of them: see
/// [`Table::without_duplicates`].
///
/// # Errors
/// When the source cannot be read to its end or its header does not fit the declaration.
pub fn scan(source: &Source, request: &Request<'_>) -> Result<Table, ScanError> {
    let header = read_header(source, request)?;
    let starts = piece_starts(source, header.end as u64, request.piece.unwrap_or(PIECE));
    let guessed: Vec<Result<Piece, SourceError>> =
        starts.par_iter().map(|bounds| scan_piece(source, request, &header, *bounds, Start::Guess)).collect();
    let mut table = Table::empty(request.extract, request.night, request.fields);
    let mut half_read = Table::empty(request.extract, request.night, request.fields);
    let mut expected = header.end as u64;
    let mut line = header.lines + 1;
    for (bounds, piece) in starts.iter().zip(guessed) {
        let mut piece = piece?;
        if piece.first != expected {
            piece = scan_piece(source, request, &header, *bounds, Start::At(expected))?;
        }
        expected = piece.next;
        let lines = piece.lines;
        let Piece { rows, kept, half, .. } = piece;
        table.rows_in_file += rows;
        append(&mut table, kept, line);
        append(&mut half_read, half, line);
        line += lines;
    }
    let mut table = table.with_half_read(&half_read, request.extract);
    table.shrink();
    Ok(table)
}

fn read_header(source: &Source, request: &Request<'_>) -> Result<Header, ScanError> {
    let start = source.read(0, LONGEST_RECORD)?;
    let wanted: Vec<&Field> = columns_needed(request);
    Ok(header::read(&start, request.extract, &wanted, request.path.clone())?)
}

/// The fields of the file that the fields asked for rest on.
fn columns_needed<'r>(request: &Request<'r>) -> Vec<&'r Field> {
    use crate::definition::extract::Origin;
    let mut needed: Vec<FieldId> = Vec::new();
    for id in request.fields {
        match &request.extract.field(*id).origin {
            Origin::Row { reads, .. } => needed.extend(reads),
            _ => needed.push(*id),
        }
    }
    needed.sort_unstable();
    needed.dedup();
    needed.into_iter().map(|id| request.extract.field(id)).collect()
}

/// Where a piece's first record begins.
#[derive(Clone, Copy)]
enum Start {
    /// After the first line end before the piece; right unless that line end is inside a quoted field.
    Guess,
    /// Here.
    At(u64),
}

fn piece_starts(source: &Source, first: u64, size: u64) -> Vec<(u64, u64)> {
    let length = source.length();
    let mut pieces = Vec::new();
    let mut start = first;
    while start < length {
        let end = (start + size).min(length);
        pieces.push((start, end));
        start = end;
    }
    pieces
}

/// The rows of one piece, with lines counted from its first record.
struct Piece {
    first: u64,
    next: u64,
    lines: u64,
    rows: u64,
    kept: Table,
    /// Rejected rows of which the key can be read.
    half: Table,
}

fn scan_piece(
    source: &Source,
    request: &Request<'_>,
    header: &Header,
    (begin, end): (u64, u64),
    start: Start,
) -> Result<Piece, SourceError> {
    let mut piece = Piece {
        first: begin,
        next: begin,
        lines: 0,
        rows: 0,
        kept: Table::empty(request.extract, request.night, request.fields),
        half: Table::empty(request.extract, request.night, request.fields),
    };
    let from = match start {
        Start::At(place) => place,
        Start::Guess if begin == header.end as u64 => begin,
        Start::Guess => begin - 1,
    };
    piece.first = from;
    piece.next = from;
    if from >= end {
        return Ok(piece);
    }
    let length = usize::try_from(end - from).expect("a piece is small") + LONGEST_RECORD + 1;
    let buffer = source.read(from, length)?;
    let mut place = 0;
    if matches!(start, Start::Guess) && from < begin {
        match memchr::memchr(b'\n', &buffer) {
            Some(line_end) => place = line_end + 1,
            None => place = buffer.len(),
        }
        piece.first = from + place as u64;
    }
    let stop = usize::try_from(end - from).expect("a piece is small");
    let mut reader = RowReader::new(request, header);
    while place < stop.min(buffer.len()) {
        let record = record_at(&buffer, place, request.extract.dialect.delimiter);
        let text = &buffer[place..record.end];
        let is_blank = text.is_empty();
        if !is_blank {
            piece.rows += 1;
            let at = Place { offset: from + place as u64, line: piece.lines };
            keep(&mut piece, reader.read(text, record.state, at), at, text, &request.reach);
        }
        piece.lines += record.lines;
        place = record.next;
    }
    piece.next = (from + place as u64).max(piece.first);
    Ok(piece)
}

fn keep(piece: &mut Piece, fate: Fate<'_>, at: Place, text: &[u8], reach: &Reach) {
    let table = &mut piece.kept;
    match fate {
        Fate::Passed => {}
        Fate::Rejected(rejected, key) => {
            table.rejected.push(*rejected);
            // Where every row is gone through, this one too.
            if matches!(reach, Reach::All) && !key.is_empty() {
                piece.half.push_half_read(&key, at.offset, at.line);
            }
        }
        Fate::Kept(cells, problems) => {
            table.offsets.push(at.offset);
            table.lines.push(at.line);
            table.hashes.push(hash(text));
            push_cells(table, &cells);
            table.unreadable.extend(problems.into_iter().map(|(field, Problem(reason))| UnreadableCell {
                offset: at.offset,
                line: at.line,
                field,
                reason: reason.into_owned(),
            }));
        }
    }
}

fn push_cells(table: &mut Table, cells: &[(FieldId, Cell<'_>)]) {
    for (field, cell) in cells {
        if let Some(column) = &mut table.columns[usize::from(field.0)] {
            column.push(cell);
        }
    }
}

/// A hash of a row's bytes, the same in every run of the program.
fn hash(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text);
    hasher.finish()
}

/// Adds a piece's rows, whose lines are counted from `line`.
fn append(table: &mut Table, kept: Table, line: u64) {
    for row in 0..kept.len() {
        for (into, from) in table.columns.iter_mut().zip(&kept.columns) {
            if let (Some(into), Some(from)) = (into, from) {
                into.push(&from.get(row));
            }
        }
    }
    table.offsets.extend(&kept.offsets);
    table.lines.extend(kept.lines.iter().map(|within| within + line));
    table.hashes.extend(&kept.hashes);
    table.rejected.extend(kept.rejected.into_iter().map(|row| Rejected { line: row.line + line, ..row }));
    table.unreadable.extend(kept.unreadable.into_iter().map(|cell| UnreadableCell { line: cell.line + line, ..cell }));
}

/// How many rows a file has, without reading them as anything.
///
/// # Errors
/// When the file cannot be read.
pub fn count_rows(source: &Source, delimiter: u8) -> Result<u64, SourceError> {
    const BLOCK: usize = 4 << 20;
    let mut rows: u64 = 0;
    let mut place: u64 = 0;
    while place < source.length() {
        let buffer = source.read(place, BLOCK + LONGEST_RECORD)?;
        let mut at = 0;
        while at < buffer.len().min(BLOCK) {
            let record = record_at(&buffer, at, delimiter);
            rows += u64::from(record.end > at);
            at = record.next;
        }
        place += at as u64;
    }
    Ok(rows.saturating_sub(1))
}
