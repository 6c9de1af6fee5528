//! Texts of rows, side by side.
//!
//! Of most columns few texts differ: units, accounts, names of suppliers. Once all of them are there, such a column keeps each
//! text once, and of each row a number.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::cell::Lack;
use super::place::place;

/// The texts of a column.
#[derive(Clone, Debug)]
pub enum Texts {
    /// Each on its own.
    Each(EndToEnd),
    /// Each as the number of one of those that differ; the numbers after the last of them are what rows lack instead.
    Coded {
        /// The number of each row.
        codes: Codes,
        /// Those that differ.
        distinct: Arc<EndToEnd>,
    },
}

/// Numbers, in as few bytes as the largest needs.
#[derive(Clone)]
pub enum Codes {
    /// Below 2^8.
    One(Vec<u8>),
    /// Below 2^16.
    Two(Vec<u16>),
    /// Below 2^32.
    Four(Vec<u32>),
}

/// Never the numbers, of which there are millions.
impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codes(…)")
    }
}

impl Codes {
    /// These numbers, the largest of which is below `limit`.
    fn of(codes: Vec<u32>, limit: usize) -> Self {
        if limit <= 1 << 8 {
            return Self::One(codes.into_iter().map(|code| u8::try_from(code).unwrap_or(u8::MAX)).collect());
        }
        if limit <= 1 << 16 {
            return Self::Two(codes.into_iter().map(|code| u16::try_from(code).unwrap_or(u16::MAX)).collect());
        }
        Self::Four(codes)
    }

    fn len(&self) -> usize {
        match self {
            Self::One(codes) => codes.len(),
            Self::Two(codes) => codes.len(),
            Self::Four(codes) => codes.len(),
        }
    }

    /// How many bytes a number takes.
    fn size(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Two(_) => 2,
            Self::Four(_) => 4,
        }
    }

    #[inline]
    fn at(&self, row: usize) -> usize {
        match self {
            Self::One(codes) => usize::from(codes[row]),
            Self::Two(codes) => usize::from(codes[row]),
            Self::Four(codes) => codes[row] as usize,
        }
    }

    /// Those of these runs of rows.
    fn picked(&self, runs: impl Iterator<Item = Range<usize>>) -> Self {
        fn of<T: Copy>(codes: &[T], runs: impl Iterator<Item = Range<usize>>) -> Vec<T> {
            let mut picked = Vec::with_capacity(codes.len());
            runs.for_each(|rows| picked.extend_from_slice(&codes[rows]));
            picked
        }
        match self {
            Self::One(codes) => Self::One(of(codes, runs)),
            Self::Two(codes) => Self::Two(of(codes, runs)),
            Self::Four(codes) => Self::Four(of(codes, runs)),
        }
    }
}

/// Fewer rows than this are not worth a look at which of them differ.
const FEWEST_CODED: usize = 1 << 10;

/// So many rows tell at most whether texts come again.
const MOST_DRAWN: usize = 1 << 12;

impl Default for Texts {
    fn default() -> Self {
        Self::Each(EndToEnd::default())
    }
}

impl Texts {
    /// The texts as they can be added to.
    fn each(&mut self) -> &mut EndToEnd {
        if let Self::Coded { codes, distinct } = self {
            let mut all = EndToEnd::default();
            for row in 0..codes.len() {
                all.push(decoded(codes, distinct, row));
            }
            *self = Self::Each(all);
        }
        match self {
            Self::Each(texts) => texts,
            Self::Coded { .. } => unreachable!("it has been written out"),
        }
    }

    /// Adds a text, or what a row lacks.
    #[inline]
    pub fn push(&mut self, text: Result<&str, Lack>) {
        self.each().push(text);
    }

    /// Adds what an earlier row has.
    pub fn push_again(&mut self, row: usize) {
        self.each().push_again(row);
    }

    /// Takes the last away.
    pub fn pop(&mut self) {
        self.each().pop();
    }

    /// A row's text.
    #[inline]
    pub fn get(&self, row: usize) -> Result<&str, Lack> {
        match self {
            Self::Each(texts) => texts.get(row),
            Self::Coded { codes, distinct } => decoded(codes, distinct, row),
        }
    }

    /// Adds rows of another column.
    pub fn append(&mut self, other: &Self, rows: Range<usize>) {
        let own = self.each();
        match other {
            Self::Each(others) => own.append(others, rows),
            Self::Coded { codes, distinct } => rows.for_each(|row| own.push(decoded(codes, distinct, row))),
        }
    }

    /// These runs of its own rows, where it need not be written out for that.
    #[must_use]
    pub fn picked(&self, runs: impl Iterator<Item = Range<usize>>) -> Option<Self> {
        match self {
            Self::Each(_) => None,
            Self::Coded { codes, distinct } => {
                Some(Self::Coded { codes: codes.picked(runs), distinct: Arc::clone(distinct) })
            }
        }
    }

    /// Makes room for so many further rows, and for the bytes of their texts.
    pub fn reserve(&mut self, rows: usize, bytes: usize) {
        self.each().reserve(rows, bytes);
    }

    /// How many bytes the texts of some rows are, where that can be told without looking at them.
    #[must_use]
    pub fn bytes_of(&self, rows: &Range<usize>) -> usize {
        match self {
            Self::Each(texts) => texts.start_of(rows.end) - texts.start_of(rows.start),
            Self::Coded { .. } => 0,
        }
    }

    /// Gives back the memory that it does not need: no more texts are to come.
    pub fn shrink(&mut self) {
        let Self::Each(texts) = self else { return };
        match texts.coded() {
            Some(coded) => *self = coded,
            None => texts.shrink(),
        }
    }
}

#[inline]
fn decoded<'t>(codes: &Codes, distinct: &'t EndToEnd, row: usize) -> Result<&'t str, Lack> {
    let code = codes.at(row);
    match code.checked_sub(distinct.ends.len()) {
        None => distinct.get(code),
        Some(lack) => Err(Lack::ALL[lack]),
    }
}

/// Texts end to end in one piece of memory.
#[derive(Clone, Default)]
pub struct EndToEnd {
    bytes: String,
    /// Where each text ends, counted from its block's beginning; it begins where the one before it ends.
    ends: Vec<u32>,
    /// Where each block of rows begins in the bytes, so that four bytes a row are enough.
    blocks: Vec<usize>,
    /// What each row lacks; nothing at all while every row has a text.
    lacks: Vec<u8>,
}

/// So many rows have their ends counted from one place. A text is at most three times
/// as long as the longest record, 2^18 bytes, so that a block's texts stay below 2^32.
const BLOCK: usize = 1 << 12;

const HAS_TEXT: u8 = u8::MAX;

/// Never the texts: they are names and addresses.
impl fmt::Debug for EndToEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndToEnd({} …)", self.ends.len())
    }
}

impl EndToEnd {
    fn push(&mut self, text: Result<&str, Lack>) {
        let row = self.ends.len();
        if row.is_multiple_of(BLOCK) {
            self.blocks.push(self.bytes.len());
        }
        match text {
            Ok(text) => {
                self.bytes.push_str(text);
                if !self.lacks.is_empty() {
                    self.lacks.push(HAS_TEXT);
                }
            }
            Err(lack) => {
                self.lacks.resize(row, HAS_TEXT);
                self.lacks.push(lack.place());
            }
        }
        self.ends.push(within(self.bytes.len() - self.blocks[row / BLOCK]));
    }

    fn pop(&mut self) {
        let Some(last) = self.ends.len().checked_sub(1) else { return };
        self.bytes.truncate(self.start_of(last));
        self.ends.pop();
        self.lacks.truncate(last);
        self.blocks.truncate(last.div_ceil(BLOCK));
    }

    fn get(&self, row: usize) -> Result<&str, Lack> {
        if let Some(lack) = self.lacks.get(row).and_then(|lack| Lack::ALL.get(usize::from(*lack))) {
            return Err(*lack);
        }
        let block = self.blocks[row / BLOCK];
        let start = if row.is_multiple_of(BLOCK) { 0 } else { self.ends[row - 1] as usize };
        Ok(&self.bytes[block + start..block + self.ends[row] as usize])
    }

    /// Adds rows of another.
    fn append(&mut self, other: &Self, rows: Range<usize>) {
        if !other.lacks.is_empty() {
            self.lacks.resize(self.ends.len(), HAS_TEXT);
            self.lacks.extend_from_slice(&other.lacks[rows.clone()]);
        } else if !self.lacks.is_empty() {
            self.lacks.resize(self.ends.len() + rows.len(), HAS_TEXT);
        }
        // The bytes in one piece, and then where each text ends in them.
        let begins = other.start_of(rows.start);
        let moved = self.bytes.len();
        self.bytes.push_str(&other.bytes[begins..other.start_of(rows.end)]);
        // As many rows at a time as have their ends counted from one place, here and there.
        let mut row = rows.start;
        while row < rows.end {
            let own = self.ends.len();
            if own.is_multiple_of(BLOCK) {
                self.blocks.push(moved + other.start_of(row) - begins);
            }
            let together = (rows.end - row).min(BLOCK - row % BLOCK).min(BLOCK - own % BLOCK);
            let (theirs, block) = (other.blocks[row / BLOCK], self.blocks[own / BLOCK]);
            let ends = other.ends[row..row + together].iter();
            self.ends.extend(ends.map(|end| within(moved + (theirs + *end as usize - begins) - block)));
            row += together;
        }
    }

    /// The same in fewer bytes, each text that differs once; none where that would not be much fewer.
    fn coded(&self) -> Option<Texts> {
        let rows = self.ends.len();
        if rows < FEWEST_CODED || self.mostly_differ() {
            return None;
        }
        let plain = self.bytes.len() + rows * size_of::<u32>() + self.lacks.len();
        let mut numbers: HashMap<&str, u32, RandomState> = HashMap::default();
        let mut distinct = Self::default();
        let mut codes = Vec::with_capacity(rows);
        for row in 0..rows {
            match self.get(row) {
                Ok(text) => {
                    let next = place(numbers.len());
                    let code = *numbers.entry(text).or_insert_with(|| {
                        distinct.push(Ok(text));
                        next
                    });
                    codes.push(code);
                }
                // Told apart from the texts when it is known how many they are.
                Err(lack) => codes.push(u32::MAX - u32::from(lack.place())),
            }
            if numbers.len() > rows / 2 {
                return None;
            }
        }
        let texts = numbers.len();
        let limit = texts + Lack::ALL.len();
        for code in codes.iter_mut().filter(|code| **code as usize >= texts) {
            *code = place(texts) + (u32::MAX - *code);
        }
        let codes = Codes::of(codes, limit);
        let in_codes = distinct.bytes.len() + texts * size_of::<u32>() + rows * codes.size();
        distinct.shrink();
        (in_codes <= plain / 4 * 3).then(|| Texts::Coded { codes, distinct: Arc::new(distinct) })
    }

    /// Whether more than a quarter of the texts differ from all others, as far as some rows tell: of `n` drawn from `d` texts
    /// that are as common as each other, some `n² / 2d` have another's.
    fn mostly_differ(&self) -> bool {
        let rows = self.ends.len();
        let drawn = (rows / 8).min(MOST_DRAWN);
        let mut draw = SmallRng::seed_from_u64(rows as u64);
        let texts = (0..drawn).filter_map(|_| self.get(draw.random_range(0..rows)).ok());
        let texts: Vec<&str> = texts.collect();
        let seen: HashSet<&str, RandomState> = texts.iter().copied().collect();
        let again = texts.len() - seen.len();
        // Of all rows as many have a text as of those drawn, more or less.
        let with_text = rows * texts.len() / drawn.max(1);
        again * with_text < 2 * texts.len() * texts.len()
    }

    /// Adds what an earlier row has.
    fn push_again(&mut self, row: usize) {
        let next = self.ends.len();
        if let Err(lack) = self.get(row) {
            return self.push(Err(lack));
        }
        if next.is_multiple_of(BLOCK) {
            self.blocks.push(self.bytes.len());
        }
        self.bytes.extend_from_within(self.start_of(row)..self.start_of(row + 1));
        if !self.lacks.is_empty() {
            self.lacks.push(HAS_TEXT);
        }
        self.ends.push(within(self.bytes.len() - self.blocks[next / BLOCK]));
    }

    /// Makes room for so many further rows of other columns, and for the bytes of their texts.
    fn reserve(&mut self, rows: usize, bytes: usize) {
        self.bytes.reserve(bytes);
        self.ends.reserve(rows);
    }

    /// Where a row's text begins, which is where the one before it ends.
    #[inline]
    fn start_of(&self, row: usize) -> usize {
        match row.checked_sub(1) {
            None => 0,
            Some(before) => self.blocks[before / BLOCK] + self.ends[before] as usize,
        }
    }

    fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.lacks.shrink_to_fit();
    }
}

/// A text's end, counted from its block's beginning.
fn within(place: usize) -> u32 {
    u32::try_from(place).expect("a block's texts are shorter than its records")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Cells = Vec<Result<String, Lack>>;

    fn texts_of(cells: &Cells) -> Texts {
        let mut texts = Texts::default();
        for cell in cells {
            texts.push(cell.as_deref().map_err(|lack| *lack));
        }
        texts
    }

    fn told(texts: &Texts, rows: usize) -> Cells {
        (0..rows).map(|row| texts.get(row).map(str::to_owned)).collect()
    }

    fn cells(most: usize) -> impl Strategy<Value = Cells> {
        let cell = prop_oneof![8 => "[aåä]{0,3}".prop_map(Ok), 1 => Just(Err(Lack::Empty)), 1 => Just(Err(Lack::Null))];
        // With and without any lack at all, which are kept in two ways; and texts that mostly differ.
        prop_oneof![
            proptest::collection::vec(cell, 0..most),
            proptest::collection::vec("[aå]{0,3}".prop_map(Ok), 0..most),
            proptest::collection::vec("[a-zåäö]{9}".prop_map(Ok), 0..most)
        ]
    }

    fn is_coded(texts: &Texts) -> bool {
        matches!(texts, Texts::Coded { .. })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Texts are what was put in, however they came there, on both sides of the places that their ends are counted from,
        /// and whether or not each is kept once.
        #[test]
        fn texts_added_one_by_one_or_in_runs_are_the_same(
            own in cells(BLOCK + 20), others in cells(BLOCK + 20), from in 0.0..1.0_f64, to in 0.0..1.0_f64, popped in 0..3_usize,
            own_is_shrunk in any::<bool>(), other_is_shrunk in any::<bool>(),
        ) {
            let (mut texts, mut theirs) = (texts_of(&own), texts_of(&others));
            if own_is_shrunk {
                texts.shrink();
                prop_assert_eq!(&told(&texts, own.len()), &own);
            }
            if other_is_shrunk {
                theirs.shrink();
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a few thousand")]
            let at = |share: f64| (share * others.len() as f64) as usize;
            let rows = at(from.min(to))..at(from.max(to));
            if let Some(picked) = theirs.picked(std::iter::once(rows.clone())) {
                prop_assert_eq!(&told(&picked, rows.len()), &others[rows.clone()]);
            }
            texts.append(&theirs, rows.clone());
            let mut all = own;
            all.extend_from_slice(&others[rows]);
            for _ in 0..popped.min(all.len()) {
                texts.pop();
                all.pop();
            }
            texts.push(Ok("sist"));
            all.push(Ok("sist".to_owned()));
            for row in [0, all.len() / 2, all.len() - 1] {
                texts.push_again(row);
                all.push(all[row].clone());
            }
            texts.shrink();
            prop_assert_eq!(told(&texts, all.len()), all);
        }
    }

    /// As many that differ as a byte has numbers for, one more, and as many as two bytes have.
    #[test]
    fn texts_that_come_again_take_no_more_bytes_than_their_numbers_need() {
        for (differ, size) in [(251, 1), (252, 2), (65_531, 2), (65_532, 4)] {
            let lacks = Lack::ALL.into_iter().map(Err);
            let cells: Cells =
                lacks.chain((0..differ * 8).map(|row| Ok(format!("Leverantör {}", row % differ)))).collect();
            let mut texts = texts_of(&cells);
            texts.shrink();
            assert_eq!(told(&texts, cells.len()), cells);
            let Texts::Coded { codes, .. } = &texts else { panic!("{differ} texts are kept one by one") };
            assert_eq!(codes.size(), size, "{differ}");
        }
    }

    #[test]
    fn texts_of_their_own_are_kept_as_they_are() {
        let cells: Cells = (0..5000).map(|row| Ok(format!("V{row}"))).collect();
        let mut texts = texts_of(&cells);
        assert!(texts.each().mostly_differ(), "a few of them tell");
        texts.shrink();
        assert!(!is_coded(&texts));
    }
}
