//! Cuts a block of bytes into rows and their fields, by the places of its signs.
//!
//! A row without quotes is cut by arithmetic on those places alone; the others, and whatever is out of order, are read sign by
//! sign in `record`.

use std::borrow::Cow;

use super::cell::{is_plain, text_of};
use super::record::{LONGEST_RECORD, Record, Rest, State, field_ends, record_at};
use super::structure::{Signs, Structure};
use crate::definition::extract::Encoding;

/// One row's fields, in the block that it stands in.
#[derive(Clone, Copy)]
pub struct Fields<'b, 's> {
    block: &'b [u8],
    /// The block as text, where it is UTF-8 throughout and is to be read as such.
    text: Option<&'b str>,
    start: usize,
    end: usize,
    separators: &'s [u32],
}

impl<'b> Fields<'b, '_> {
    /// How many fields there are.
    #[inline]
    pub fn len(self) -> usize {
        self.separators.len() + 1
    }

    /// The bytes of a field, quotes and outer white space included.
    #[inline]
    pub fn raw(self, column: usize) -> &'b [u8] {
        let (start, end) = self.ends(column);
        &self.block[start..end]
    }

    #[inline]
    fn ends(self, column: usize) -> (usize, usize) {
        let start = if column == 0 { self.start } else { self.separators[column - 1] as usize + 1 };
        (start, self.separators.get(column).map_or(self.end, |end| *end as usize))
    }

    /// The text of a field: decoded, without its quotes, without white space first and last. `None` when it cannot be
    /// decoded.
    #[inline]
    pub fn text_of(self, column: usize, encoding: Encoding) -> Option<Cow<'b, str>> {
        let Some(text) = self.text else { return text_of(self.raw(column), encoding) };
        let (start, end) = self.ends(column);
        // A row that is too long may end beyond the text, or within a sign.
        let Some(field) = text.get(start..end) else { return text_of(self.raw(column), encoding) };
        match field.as_bytes() {
            // What is plain at both ends needs nothing taken off.
            [] => Some(Cow::Borrowed(field)),
            [one] if is_plain(*one) => Some(Cow::Borrowed(field)),
            [first, .., last] if is_plain(*first) && is_plain(*last) => Some(Cow::Borrowed(field)),
            [b'"', .., b'"'] => text_of(field.as_bytes(), encoding),
            _ => Some(Cow::Borrowed(field.trim())),
        }
    }

    /// The whole row, without its line end.
    #[inline]
    pub fn text(self) -> &'b [u8] {
        &self.block[self.start..self.end]
    }
}

/// Where the separators of a row stand that is read sign by sign; used for one row after another.
#[derive(Default)]
pub struct Separators {
    ends: Vec<usize>,
    places: Vec<u32>,
}

/// The row that begins at a place of a block, read sign by sign; none where that cannot be told without the bytes that
/// come after the block.
pub fn row_at<'b, 's>(
    Block { bytes: block, text }: Block<'b>,
    start: usize,
    delimiter: u8,
    rest: Rest,
    separators: &'s mut Separators,
) -> Option<(Record, Fields<'b, 's>)> {
    let record = record_at(block, start, delimiter, rest)?;
    let Separators { ends, places } = separators;
    field_ends(&block[start..record.end], delimiter, record.state, ends);
    places.clear();
    places.extend(ends[..ends.len() - 1].iter().map(|end| u32::try_from(start + end).unwrap_or(u32::MAX)));
    Some((record, Fields { block, text, start, end: record.end, separators: places }))
}

/// A block of bytes that is cut into rows.
#[derive(Clone, Copy)]
pub struct Block<'b> {
    /// The bytes.
    pub bytes: &'b [u8],
    /// The bytes as text, as far as the last whole row, where they are to be read as UTF-8 and are that.
    pub text: Option<&'b str>,
}

/// A row of a block.
pub struct Found<'b, 's> {
    /// Its fields; of a broken row, as they stand when quotes are signs like any other.
    pub fields: Fields<'b, 's>,
    /// Whether it can be cut into fields.
    pub state: State,
    /// Where it begins in the block.
    pub at: usize,
    /// How many line ends of the block come before it.
    pub line: u64,
}

/// How far a block was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Where the first row begins that was not cut.
    pub end: usize,
    /// How many line ends come before that.
    pub lines: u64,
    /// Whether it is in the middle of a line, whose rest belongs to a row that is broken.
    pub is_in_line: bool,
}

/// Gives each row that begins before `stop` and is whole in the block, blank lines aside.
pub fn cut<'b>(
    Block { bytes: block, text }: Block<'b>,
    structure: &Structure,
    signs: Signs,
    stop: usize,
    rest: Rest,
    mut each: impl FnMut(Found<'b, '_>),
) -> Cut {
    let places = structure.places();
    let (mut sign, mut line_end, mut quote) = (0, 0, 0);
    let mut done = Cut { end: 0, lines: 0, is_in_line: false };
    let mut separators = Separators::default();
    while done.end < stop {
        let start = done.end;
        let last = structure.line_ends().get(line_end).map(|last| *last as usize);
        let is_quoted = |last| structure.quotes.get(quote).is_some_and(|quote| (*quote as usize) < last);
        if let Some(last) = last.filter(|last| !is_quoted(*last))
            && places[last] as usize - start <= LONGEST_RECORD
        {
            let line = places[last] as usize;
            let end = if line > start && block[line - 1] == b'\r' { line - 1 } else { line };
            if end > start {
                let fields = Fields { block, text, start, end, separators: &places[sign..last] };
                each(Found { fields, state: State::Plain, at: start, line: done.lines });
            }
            done = Cut { end: line + 1, lines: done.lines + 1, is_in_line: false };
            sign = last + 1;
            line_end += 1;
            continue;
        }
        let Some((record, fields)) =
            row_at(Block { bytes: block, text }, start, signs.delimiter, rest, &mut separators)
        else {
            return done;
        };
        if record.end > start {
            each(Found { fields, state: record.state, at: start, line: done.lines });
        }
        done = Cut { end: record.next, lines: done.lines + record.lines, is_in_line: !record.is_ended };
        sign += places[sign..].partition_point(|place| (*place as usize) < done.end);
        line_end += structure.line_ends()[line_end..].partition_point(|place| (*place as usize) < sign);
        quote += structure.quotes[quote..].partition_point(|place| (*place as usize) < sign);
    }
    done
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIGNS: Signs = Signs { delimiter: b';', line_end: b'\n', undefined: [0x81, 0x8D, 0x8F, 0x90, 0x9D] };

    type Told = (usize, u64, State, Vec<Vec<u8>>);

    fn cut_whole(block: &[u8]) -> Vec<Told> {
        let mut structure = Structure::default();
        structure.find(block, SIGNS);
        let mut rows = Vec::new();
        let done = cut(Block { bytes: block, text: None }, &structure, SIGNS, block.len(), Rest::None, |row| {
            let fields = (0..row.fields.len()).map(|column| row.fields.raw(column).to_vec()).collect();
            rows.push((row.at, row.line, row.state, fields));
        });
        assert!(done.end == block.len());
        rows
    }

    /// The same, one record after another and without the places of the signs.
    fn record_by_record(block: &[u8]) -> Vec<Told> {
        let (mut rows, mut at, mut lines, mut ends) = (Vec::new(), 0, 0, Vec::new());
        while at < block.len() {
            let record = record_at(block, at, b';', Rest::None).unwrap();
            let text = &block[at..record.end];
            if !text.is_empty() {
                field_ends(text, b';', record.state, &mut ends);
                let mut from = 0;
                let fields = ends.iter().map(|end| text[std::mem::replace(&mut from, end + 1)..*end].to_vec());
                rows.push((at, lines, record.state, fields.collect()));
            }
            lines += record.lines;
            at = record.next;
        }
        rows
    }

    proptest! {
        /// Signs found together cut the same rows as bytes read one by one, whatever stands in them.
        #[test]
        fn a_block_is_cut_as_its_records_are(block in proptest::collection::vec(
            prop_oneof![Just(b';'), Just(b'\n'), Just(b'\r'), Just(b'"'), Just(b'a'), Just(b' ')], 0..200
        )) {
            prop_assert_eq!(cut_whole(&block), record_by_record(&block));
        }

        /// A block that ends anywhere gives the rows that are whole in it as the whole gives them, and no other.
        #[test]
        fn a_block_that_is_not_the_last_gives_only_what_more_bytes_would_not_change(block in proptest::collection::vec(
            prop_oneof![Just(b';'), Just(b'\n'), Just(b'\r'), Just(b'"'), Just(b'a')], 1..200
        ), end in 0..200_usize) {
            let whole = record_by_record(&block);
            let part = &block[..end.min(block.len())];
            let mut structure = Structure::default();
            structure.find(part, SIGNS);
            let mut rows: Vec<Told> = Vec::new();
            let done = cut(Block { bytes: part, text: None }, &structure, SIGNS, part.len(), Rest::More, |row| {
                let fields = (0..row.fields.len()).map(|column| row.fields.raw(column).to_vec()).collect();
                rows.push((row.at, row.line, row.state, fields));
            });
            prop_assert_eq!(&rows[..], &whole[..rows.len()]);
            prop_assert!(whole[rows.len()..].iter().all(|row| row.0 >= done.end));
        }
    }
}
