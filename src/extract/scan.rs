//! Scans one extract once, in pieces that are read in parallel, and keeps the rows that some case can reach.
//!
//! The pieces and the number of threads never change the result: where one piece's last record ends, the next one's first
//! begins. A piece guesses its first record at the first line end; where the guess was wrong, because the line end stood
//! inside a quoted field, the piece is read again from the right place.

use std::cell::RefCell;
use std::hash::{BuildHasher, Hasher};

use foldhash::quality::FixedState;
use memchr::{memchr, memchr_iter, memmem, memrchr};
use rayon::prelude::*;

use super::cell::{Problem, UNDEFINED_IN_1252};
use super::header::{self, Header, HeaderError};
use super::mistaken::Mistaken;
use super::passed::PassedOver;
use super::record::{LONGEST_RECORD, Rest, record_at};
use super::request::{Reach, Request};
use super::row::{Decodable, Fate, KeyIs, Place, RowReader, Sheet};
use super::rows::{Block, Cut, Separators, cut, row_at};
use super::source::{Source, SourceError};
use super::structure::{Signs, Structure};
use super::table::{Rejected, Table, UnreadableCell, line_number};
use crate::definition::extract::{Dialect, Encoding, Field};
use crate::rule::types::FieldId;

/// How many bytes a piece has at least, where there is more than one, and at most. A piece is what a thread takes on at a
/// time; a small file is cut so that all threads have some of it.
const PIECE: (u64, u64) = (1 << 16, 1 << 20);

/// How many bytes are read and looked at together: few enough to stay near the processor until its rows have been read.
const BLOCK: usize = 1 << 18;

/// How many bytes are read beyond a piece's end, for its last row.
const TAIL: usize = 1 << 10;

/// How many pieces of each thread are read before their rows are put together, so that the rows of a large file do not
/// stand in memory twice.
const PIECES_AHEAD: usize = 16;

/// The largest file, in bytes, of which is noted what nobody asks for yet: some twenty bytes a row, for as long as files are
/// read.
const LARGEST_NOTED: u64 = 1 << 28;

/// Why an extract could not be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The bytes cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The header does not fit the declaration.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Its rows are in another encoding than is declared, where the header is in either.
    #[error("the rows of `{}` are not {declared}; they read as utf-8\nhint: {to_do}", path.display())]
    Encoding {
        /// The file.
        path: std::path::PathBuf,
        /// The declared encoding.
        declared: &'static str,
        /// What to do.
        to_do: String,
    },
    /// More lines than can be counted.
    #[error("`{}` has more than {} lines\nhint: have it delivered in parts", path.display(), u32::MAX)]
    TooManyLines {
        /// The file.
        path: std::path::PathBuf,
    },
}

/// Scans a source. Duplicates are not yet rejected, for a further scan of the same file may bring more of them: see
/// [`Table::without_duplicates`].
///
/// # Errors
/// When the source cannot be read to its end, its header does not fit the declaration, its rows are in another encoding than is
/// declared, or they are more than can be counted.
pub fn scan(source: &Source, request: &Request<'_>) -> Result<Table, ScanError> {
    scan_noting(source, request, &[]).map(|(table, _)| table)
}

/// The same, for a file that rows will be asked of once more, by these fields: what is noted of the rows that nobody asks for
/// now spares a second reading of the whole. Of a very large file nothing is noted.
///
/// # Errors
/// As [`scan`].
pub fn scan_noting(
    source: &Source,
    request: &Request<'_>,
    later: &[Vec<FieldId>],
) -> Result<(Table, Option<PassedOver>), ScanError> {
    let header = read_header(source, request)?;
    let later = if source.length() <= LARGEST_NOTED { later } else { &[] };
    let scan = Scan::of(source, request, &header, later);
    let mut passed = PassedOver::by(later);
    let pieces = pieces(source, header.end as u64, request.piece);
    let mut table = Table::empty(request.extract, request.night, request.fields);
    let mut half_read = Table::empty(request.extract, request.night, request.fields);
    let mut expected = header.end as u64;
    let mut line = header.lines + 1;
    let mut more_than_ascii = Some(0);
    for together in pieces.chunks(PIECES_AHEAD * rayon::current_num_threads()) {
        let guessed: Vec<Result<Piece, SourceError>> = together
            .par_iter()
            .map(|bounds| WORKPLACE.with_borrow_mut(|place| scan.piece(*bounds, Start::Guess, place)))
            .collect();
        let (mut kept, mut half) = (Vec::with_capacity(guessed.len()), Vec::new());
        for (bounds, piece) in together.iter().zip(guessed) {
            let mut piece = piece?;
            if piece.first != expected {
                piece = scan.piece(*bounds, Start::At(expected), &mut Workplace::default())?;
            }
            expected = piece.next;
            table.rows_in_file += piece.rows;
            kept.push((piece.kept, line));
            half.push((piece.half, line));
            passed.append(&piece.passed, line);
            line += piece.lines;
            more_than_ascii = more_than_ascii.zip(piece.more_than_ascii).map(|(all, its)| all + its);
        }
        append(&mut table, kept);
        append(&mut half_read, half);
    }
    if line > u64::from(u32::MAX) {
        return Err(ScanError::TooManyLines { path: request.path.clone() });
    }
    if scan.mistaken.is_utf8(more_than_ascii) {
        let declared = request.extract.dialect.encoding.name();
        let to_do = header::to_be_utf8(request.extract);
        return Err(ScanError::Encoding { path: request.path.clone(), declared, to_do });
    }
    let mut table = table.with_half_read(&half_read, request.extract);
    table.believe_forms(request.extract);
    table.shrink();
    Ok((table, scan.reader.leaves_traces().then_some(passed)))
}

/// Scans a source for rows among those that an earlier scan passed over.
///
/// # Errors
/// When the source cannot be read to its end or its header does not fit the declaration.
pub fn scan_among(source: &Source, request: &Request<'_>, passed: &PassedOver) -> Result<Table, ScanError> {
    let header = read_header(source, request)?;
    let scan = Scan::of(source, request, &header, &[]);
    let places = passed.that_may_be_in(request.reach.sets());
    let near = |one: &Place, next: &Place| one.offset / BLOCK as u64 == next.offset / BLOCK as u64;
    let together: Vec<&[Place]> = places.chunk_by(near).collect();
    let read = |places: &&[Place]| WORKPLACE.with_borrow_mut(|place| scan.among(places, &mut place.block));
    let found: Result<Vec<(Table, u64)>, SourceError> =
        together.par_iter().map(|places| Ok((read(places)?, 0))).collect();
    let mut table = Table::empty(request.extract, request.night, request.fields);
    append(&mut table, found?);
    Ok(table)
}

fn signs_of(dialect: Dialect) -> Signs {
    let undefined = match dialect.encoding {
        Encoding::Windows1252 => UNDEFINED_IN_1252,
        // These bytes are in no UTF-8 text; nobody asks, since finding none of them is not enough to tell that it is one.
        Encoding::Utf8 | Encoding::Utf16 => [0xC0, 0xC1, 0xF5, 0xFE, 0xFF],
    };
    Signs { delimiter: dialect.delimiter, line_end: b'\n', undefined }
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

/// Where the pieces of a file begin and end, of this size where one is asked for.
fn pieces(source: &Source, first: u64, size: Option<u64>) -> Vec<(u64, u64)> {
    let length = source.length();
    let threads = rayon::current_num_threads() as u64;
    let size = size.unwrap_or_else(|| (length / (threads * 4)).clamp(PIECE.0, PIECE.1));
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
    passed: PassedOver,
    /// How many of its lines are more than ASCII, where all of them are UTF-8 and that matters.
    more_than_ascii: Option<u64>,
}

/// What a thread works with, one piece after another.
#[derive(Default)]
struct Workplace {
    block: Vec<u8>,
    structure: Structure,
    /// A line's end is looked for in these bytes.
    line: Vec<u8>,
}

thread_local! {
    /// Kept from one file to the next: to ask for so much memory takes longer than to use it once.
    static WORKPLACE: RefCell<Workplace> = RefCell::default();
}

/// The scan of one file.
struct Scan<'s> {
    source: &'s Source,
    request: &'s Request<'s>,
    header: &'s Header,
    reader: RowReader<'s>,
    signs: Signs,
    mistaken: Mistaken,
}

impl<'s> Scan<'s> {
    fn of(source: &'s Source, request: &'s Request<'s>, header: &'s Header, later: &[Vec<FieldId>]) -> Self {
        let reader = RowReader::new(request, header, later);
        let signs = signs_of(request.extract.dialect);
        let is_1252 = request.extract.dialect.encoding == Encoding::Windows1252;
        let mistaken = Mistaken::where_it(is_1252 && header.is_utf8);
        Self { source, request, header, reader, signs, mistaken }
    }

    fn piece(&self, (begin, end): (u64, u64), start: Start, place: &mut Workplace) -> Result<Piece, SourceError> {
        let Request { extract, night, fields, .. } = *self.request;
        let own = &self.reader.own;
        let from = match start {
            Start::At(at) => at,
            Start::Guess if begin == self.header.end as u64 => begin,
            Start::Guess => after_line_end(self.source, begin - 1, end, &mut place.line)?,
        };
        let mut piece = Piece {
            first: from,
            next: from,
            lines: 0,
            rows: 0,
            kept: Table::empty(extract, night, own),
            half: Table::empty(extract, night, fields),
            passed: PassedOver::default(),
            more_than_ascii: Some(0),
        };
        let mut size = BLOCK;
        while piece.next < end {
            let left = usize::try_from(end - piece.next).expect("a piece is small");
            self.source.read_into(piece.next, size.min(left + TAIL.max(size - BLOCK)), &mut place.block)?;
            let rest = self.rest(piece.next, &place.block);
            let cut = self.block(&mut piece, place, left, rest);
            piece.next += cut.end as u64;
            piece.lines += cut.lines;
            if cut.is_in_line {
                // What is left of the line is never looked at.
                piece.more_than_ascii = None;
            } else if !place.structure.is_ascii
                && let Some(before) = piece.more_than_ascii
            {
                piece.more_than_ascii = self.mistaken.look(&place.block[..cut.end]).map(|lines| before + lines);
            }
            if cut.is_in_line {
                piece.next = after_line_end(self.source, piece.next, u64::MAX, &mut place.line)?;
                piece.lines += 1;
            }
            // A row that is longer than the block is looked at with as many bytes as a row can have.
            size = if cut.end == 0 { BLOCK + LONGEST_RECORD + 1 } else { BLOCK };
        }
        self.reader.work_out_late(&mut piece.kept);
        Ok(piece)
    }

    /// Reads the rows of a block that begin before `stop`.
    fn block(&self, piece: &mut Piece, place: &mut Workplace, stop: usize, rest: Rest) -> Cut {
        let Workplace { block, structure, .. } = place;
        structure.find(block, self.signs);
        let whole = structure.line_ends().last().map_or(0, |last| structure.places()[*last as usize] as usize);
        let whole = if rest == Rest::None { block.len() } else { whole };
        let text = match self.request.extract.dialect.encoding {
            Encoding::Utf8 | Encoding::Utf16 => simdutf8::basic::from_utf8(&block[..whole]).ok(),
            Encoding::Windows1252 if structure.is_ascii => simdutf8::basic::from_utf8(&block[..whole]).ok(),
            Encoding::Windows1252 => None,
        };
        let is_1252 = self.request.extract.dialect.encoding == Encoding::Windows1252 && !structure.has_undefined;
        let decodable = if text.is_some() || is_1252 { Decodable::All } else { Decodable::AskEachRow };
        let mut sheet = Sheet::of(self.request.extract);
        let (from, lines) = (piece.next, piece.lines);
        let (rows, kept, half, passed) = (&mut piece.rows, &mut piece.kept, &mut piece.half, &mut piece.passed);
        cut(Block { bytes: block, text }, structure, self.signs, stop, rest, |row| {
            *rows += 1;
            let at = Place { offset: from + row.at as u64, line: lines + row.line };
            let fate = self.reader.read(row.fields, row.state, at, decodable, &mut sheet, kept);
            if matches!(fate, Fate::Passed) && self.reader.leaves_traces() {
                passed.add(at, self.reader.traces(row.fields));
            }
            self.keep(fate, at, row.fields.text(), &mut sheet, kept, half);
        })
    }

    /// Reads the rows at these places, which are not far from each other.
    fn among(&self, places: &[Place], block: &mut Vec<u8>) -> Result<Table, SourceError> {
        let Request { extract, night, fields, .. } = *self.request;
        let mut kept = Table::empty(extract, night, &self.reader.own);
        let mut half = Table::empty(extract, night, fields);
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return Ok(kept) };
        let span = usize::try_from(last.offset - first.offset).expect("the places of a block are near each other");
        self.source.read_into(first.offset, span + TAIL, block)?;
        let mut sheet = Sheet::of(extract);
        for at in places {
            let start = usize::try_from(at.offset - first.offset).expect("the places of a block are near each other");
            if !self.one(block, start, *at, self.rest(first.offset, block), &mut sheet, &mut kept, &mut half) {
                // With as many bytes as a row can have, it is whole.
                let long = self.source.read(at.offset, LONGEST_RECORD + 2)?;
                let rest = self.rest(at.offset, &long);
                self.one(&long, 0, *at, rest, &mut Sheet::of(extract), &mut kept, &mut half);
            }
        }
        self.reader.work_out_late(&mut kept);
        Ok(kept)
    }

    /// Whether the file goes on after a block that begins here.
    fn rest(&self, from: u64, block: &[u8]) -> Rest {
        if from + block.len() as u64 == self.source.length() { Rest::None } else { Rest::More }
    }

    /// Reads one row; not where the block does not have the whole of it.
    #[expect(clippy::too_many_arguments, reason = "where the row is, and what it is read into")]
    fn one<'b>(
        &self,
        block: &'b [u8],
        start: usize,
        at: Place,
        rest: Rest,
        sheet: &mut Sheet<'b>,
        kept: &mut Table,
        half: &mut Table,
    ) -> bool {
        let mut separators = Separators::default();
        let bytes = Block { bytes: block, text: None };
        let Some((record, fields)) = row_at(bytes, start, self.signs.delimiter, rest, &mut separators) else {
            return false;
        };
        let fate = self.reader.read(fields, record.state, at, Decodable::AskEachRow, sheet, kept);
        self.keep(fate, at, fields.text(), sheet, kept, half);
        true
    }

    fn keep(&self, fate: Fate, at: Place, text: &[u8], sheet: &mut Sheet<'_>, kept: &mut Table, half: &mut Table) {
        match fate {
            Fate::Passed => {}
            Fate::Rejected(rejected, key) => {
                kept.rejected.push(*rejected);
                // Where every row is gone through, this one too.
                if matches!(self.request.reach, Reach::All) && key == KeyIs::Read {
                    half.push_half_read(&self.request.extract.key, &sheet.cells, at.offset, at.line);
                }
            }
            Fate::Taken => kept.place_row(at.offset, at.line, hash(text)),
            Fate::Kept => {
                kept.push_row(&self.reader.own, &sheet.cells);
                kept.place_row(at.offset, at.line, hash(text));
                kept.unreadable.extend(sheet.problems.drain(..).map(|(field, Problem(reason))| UnreadableCell {
                    offset: at.offset,
                    line: at.line,
                    field,
                    reason: reason.into_owned(),
                }));
            }
        }
    }
}

/// Where the first line begins after a place; `end`, or the end of the file, where none does before it.
fn after_line_end(source: &Source, from: u64, end: u64, block: &mut Vec<u8>) -> Result<u64, SourceError> {
    let end = end.min(source.length());
    let mut at = from;
    while at < end {
        let left = usize::try_from(end - at).unwrap_or(usize::MAX);
        source.read_into(at, left.min(TAIL), block)?;
        if let Some(line_end) = memchr(b'\n', block) {
            return Ok(at + line_end as u64 + 1);
        }
        at += block.len() as u64;
    }
    Ok(end)
}

/// A hash of a row's bytes, the same in every run of the program.
fn hash(text: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    hasher.write(text);
    hasher.finish()
}

/// Adds the rows of pieces, each with the line that its own lines are counted from.
fn append(table: &mut Table, pieces: Vec<(Table, u64)>) {
    table.columns.par_iter_mut().enumerate().for_each(|(place, into)| {
        if let Some(into) = into {
            let from = pieces.iter().filter_map(|(piece, _)| Some((piece.columns[place].as_ref()?, 0..piece.len())));
            into.append_all(from);
        }
    });
    let rows = pieces.iter().map(|(piece, _)| piece.len()).sum();
    table.offsets.reserve(rows);
    table.lines.reserve(rows);
    table.hashes.reserve(rows);
    for (piece, line) in pieces {
        table.offsets.extend_from_slice(&piece.offsets);
        table.lines.extend(piece.lines.iter().map(|within| line_number(u64::from(*within) + line)));
        table.hashes.extend_from_slice(&piece.hashes);
        table.rejected.extend(piece.rejected.into_iter().map(|row| Rejected { line: row.line + line, ..row }));
        let unreadable = piece.unreadable.into_iter();
        table.unreadable.extend(unreadable.map(|cell| UnreadableCell { line: cell.line + line, ..cell }));
    }
}

/// How many rows a file has, its header aside, without reading them as anything.
///
/// # Errors
/// When the file cannot be read.
pub fn count_rows(source: &Source, dialect: Dialect) -> Result<u64, SourceError> {
    WORKPLACE.with_borrow_mut(|place| count_rows_at(source, dialect, place))
}

fn count_rows_at(source: &Source, dialect: Dialect, place: &mut Workplace) -> Result<u64, SourceError> {
    let Workplace { block, line, .. } = place;
    let (mut rows, mut at, mut size) = (0_u64, 0, BLOCK);
    while at < source.length() {
        source.read_into(at, size, block)?;
        let rest = if at + block.len() as u64 == source.length() { Rest::None } else { Rest::More };
        let (counted, end, is_in_line) = count_in(block, dialect.delimiter, rest);
        rows += counted;
        at += end as u64;
        if is_in_line {
            at = after_line_end(source, at, u64::MAX, line)?;
        }
        size = if end == 0 { BLOCK + LONGEST_RECORD + 1 } else { BLOCK };
    }
    Ok(rows.saturating_sub(1))
}

/// How many rows are whole in a block, where the first begins that is not, and whether that is in the middle of a line.
/// Without quotes a row is a line; those with quotes are read sign by sign.
fn count_in(block: &[u8], delimiter: u8, rest: Rest) -> (u64, usize, bool) {
    let (mut rows, mut start) = (0, 0);
    while start < block.len() {
        let quote = memchr(b'"', &block[start..]).map_or(block.len(), |quote| start + quote);
        let lines = memrchr(b'\n', &block[start..quote]).map_or(0, |line_end| line_end + 1);
        rows += lines_with_text(&block[start..start + lines]);
        start += lines;
        if start == block.len() {
            break;
        }
        let Some(record) = record_at(block, start, delimiter, rest) else { break };
        rows += u64::from(record.end > start);
        start = record.next;
        if !record.is_ended {
            return (rows, start, true);
        }
    }
    (rows, start, false)
}

/// How many of these whole lines are not blank.
fn lines_with_text(lines: &[u8]) -> u64 {
    let begins_blank = lines.starts_with(b"\n") || lines.starts_with(b"\r\n");
    if begins_blank || memmem::find(lines, b"\n\n").is_some() || memmem::find(lines, b"\n\r\n").is_some() {
        return lines.split_inclusive(|sign| *sign == b'\n').filter(|line| !matches!(*line, b"\n" | b"\r\n")).count()
            as u64;
    }
    memchr_iter(b'\n', lines).count() as u64
}
