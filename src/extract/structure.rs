//! Finds every separator, line end and quote of a block of bytes, sixty-four bytes at a time.
//!
//! The way is chosen when the program runs: AVX-512 or AVX2 where the processor has them, and else plain arithmetic that
//! finds the same. What the signs mean is left to `record` and `scan`: a quote inside a field is a sign like any other.

#![expect(clippy::inline_always, reason = "what is not inlined into the way that was chosen is not compiled for it")]

use pulp::NullaryFnOnce;

/// How many bytes are looked at together.
const LANES: usize = 64;

/// The signs that a file is cut at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signs {
    /// The byte between fields.
    pub delimiter: u8,
    /// The byte that ends a line.
    pub line_end: u8,
    /// Bytes that mean nothing in the file's encoding.
    pub undefined: [u8; 5],
}

/// Where the signs of a block stand.
#[derive(Default)]
pub struct Structure {
    /// The places of all signs, ascending; longer than there are signs.
    places: Vec<u32>,
    signs: usize,
    /// Which of the places are line ends; longer than there are any.
    line_ends: Vec<u32>,
    lines: usize,
    /// Which of the places are quotes.
    pub quotes: Vec<u32>,
    /// Whether every byte is ASCII.
    pub is_ascii: bool,
    /// Whether some byte means nothing in the file's encoding.
    pub has_undefined: bool,
}

/// Which of sixty-four bytes are what, a bit for each.
#[derive(Clone, Copy)]
struct Masks {
    delimiters: u64,
    line_ends: u64,
    quotes: u64,
    not_ascii: u64,
}

impl Structure {
    /// The places of the signs.
    pub fn places(&self) -> &[u32] {
        &self.places[..self.signs]
    }

    /// Which of the places are line ends.
    pub fn line_ends(&self) -> &[u32] {
        &self.line_ends[..self.lines]
    }

    /// Finds the signs of a block of less than four gigabytes.
    pub fn find(&mut self, block: &[u8], signs: Signs) {
        self.begin(block);
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(v4) = pulp::x86::V4::try_new() {
                return v4.vectorize(Finding { structure: self, block, signs, masks: V4(v4) });
            }
            if let Some(v3) = pulp::x86::V3::try_new() {
                return v3.vectorize(Finding { structure: self, block, signs, masks: V3(v3) });
            }
        }
        self.find_plainly(block, signs);
    }

    /// Finds them without any but plain arithmetic.
    fn find_plainly(&mut self, block: &[u8], signs: Signs) {
        self.begin(block);
        Finding { structure: self, block, signs, masks: Plain }.call();
    }

    fn begin(&mut self, block: &[u8]) {
        (self.signs, self.lines) = (0, 0);
        self.quotes.clear();
        self.is_ascii = true;
        self.has_undefined = false;
        // A block can be all signs; what is not needed of this is never touched.
        let room = block.len() + 2 * LANES;
        if self.places.len() < room {
            self.places = vec![0; room];
            self.line_ends = vec![0; room];
        }
    }

    /// Notes the signs of sixty-four bytes. How many there are differs from one sixty-four to the next, and a processor
    /// that guesses wrong loses more than eight writes take: they are written eight at a time, and what is too many is
    /// written over by the next.
    #[inline(always)]
    fn add(&mut self, at: usize, masks: Masks) {
        let all = masks.delimiters | masks.line_ends | masks.quotes;
        let base = u32::try_from(at).unwrap_or(u32::MAX);
        let before = u32::try_from(self.signs).unwrap_or(u32::MAX);
        let count = all.count_ones() as usize;
        let room = &mut self.places[self.signs..self.signs + LANES];
        let mut left = all;
        for eight in room.as_chunks_mut::<8>().0.iter_mut().take(count.div_ceil(8).max(1)) {
            for place in eight {
                *place = base + left.trailing_zeros();
                left &= left.wrapping_sub(1);
            }
        }
        self.signs += count;
        let rank = |bit: u64| before + (all & bit.wrapping_sub(1)).count_ones();
        // Few sixty-fours have two line ends or more.
        let first = masks.line_ends & masks.line_ends.wrapping_neg();
        self.line_ends[self.lines] = rank(first);
        self.lines += usize::from(first != 0);
        for_each_bit(masks.line_ends ^ first, |bit| {
            self.line_ends[self.lines] = rank(bit);
            self.lines += 1;
        });
        for_each_bit(masks.quotes, |bit| self.quotes.push(rank(bit)));
    }
}

#[inline(always)]
fn for_each_bit(mut mask: u64, mut then: impl FnMut(u64)) {
    while mask != 0 {
        let rest = mask & (mask - 1);
        then(mask ^ rest);
        mask = rest;
    }
}

/// One way of looking at sixty-four bytes.
trait Look: Copy {
    fn masks(self, bytes: &[u8; LANES], signs: Signs) -> Masks;
    fn has_any(self, bytes: &[u8; LANES], of: [u8; 5]) -> bool;
}

struct Finding<'f, L> {
    structure: &'f mut Structure,
    block: &'f [u8],
    signs: Signs,
    masks: L,
}

impl<L: Look> NullaryFnOnce for Finding<'_, L> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { structure, block, signs, masks: look } = self;
        let (whole, rest) = block.as_chunks::<LANES>();
        let mut last = [0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        for (place, bytes) in whole.iter().chain((!rest.is_empty()).then_some(&last)).enumerate() {
            let masks = look.masks(bytes, signs);
            if masks.not_ascii != 0 {
                structure.is_ascii = false;
                structure.has_undefined |= look.has_any(bytes, signs.undefined);
            }
            structure.add(place * LANES, masks);
        }
    }
}

#[derive(Clone, Copy)]
struct Plain;

impl Look for Plain {
    #[inline(always)]
    fn masks(self, bytes: &[u8; LANES], signs: Signs) -> Masks {
        let mask = |is: &dyn Fn(u8) -> bool| {
            bytes.iter().enumerate().fold(0_u64, |mask, (place, byte)| mask | (u64::from(is(*byte)) << place))
        };
        Masks {
            delimiters: mask(&|byte| byte == signs.delimiter),
            line_ends: mask(&|byte| byte == signs.line_end),
            quotes: mask(&|byte| byte == b'"'),
            not_ascii: mask(&|byte| byte >= 0x80),
        }
    }

    #[inline(always)]
    fn has_any(self, bytes: &[u8; LANES], of: [u8; 5]) -> bool {
        bytes.iter().any(|byte| of.contains(byte))
    }
}

#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct V4(pulp::x86::V4);

#[cfg(target_arch = "x86_64")]
impl Look for V4 {
    #[inline(always)]
    fn masks(self, bytes: &[u8; LANES], signs: Signs) -> Masks {
        let bytes: pulp::u8x64 = pulp::cast(*bytes);
        let equal = |sign: u8| self.0.cmp_eq_u8x64(bytes, self.0.splat_u8x64(sign)).0;
        let not_ascii = self.0.cmp_ge_u8x64(bytes, self.0.splat_u8x64(0x80)).0;
        Masks { delimiters: equal(signs.delimiter), line_ends: equal(signs.line_end), quotes: equal(b'"'), not_ascii }
    }

    #[inline(always)]
    fn has_any(self, bytes: &[u8; LANES], of: [u8; 5]) -> bool {
        let bytes: pulp::u8x64 = pulp::cast(*bytes);
        of.iter().any(|sign| self.0.cmp_eq_u8x64(bytes, self.0.splat_u8x64(*sign)).0 != 0)
    }
}

#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct V3(pulp::x86::V3);

#[cfg(target_arch = "x86_64")]
impl V3 {
    #[inline(always)]
    fn bits(self, low: pulp::m8x32, high: pulp::m8x32) -> u64 {
        let bits = |half: pulp::m8x32| self.0.avx2._mm256_movemask_epi8(pulp::cast(half)).cast_unsigned();
        u64::from(bits(low)) | (u64::from(bits(high)) << 32)
    }
}

#[cfg(target_arch = "x86_64")]
impl Look for V3 {
    #[inline(always)]
    fn masks(self, bytes: &[u8; LANES], signs: Signs) -> Masks {
        let [low, high]: [pulp::u8x32; 2] = pulp::cast(*bytes);
        let equal = |sign: u8| {
            let sign = self.0.splat_u8x32(sign);
            self.bits(self.0.cmp_eq_u8x32(low, sign), self.0.cmp_eq_u8x32(high, sign))
        };
        let sign_bits = |half: pulp::u8x32| self.0.avx2._mm256_movemask_epi8(pulp::cast(half)).cast_unsigned();
        Masks {
            delimiters: equal(signs.delimiter),
            line_ends: equal(signs.line_end),
            quotes: equal(b'"'),
            not_ascii: u64::from(sign_bits(low)) | (u64::from(sign_bits(high)) << 32),
        }
    }

    #[inline(always)]
    fn has_any(self, bytes: &[u8; LANES], of: [u8; 5]) -> bool {
        let [low, high]: [pulp::u8x32; 2] = pulp::cast(*bytes);
        of.iter().any(|sign| {
            let sign = self.0.splat_u8x32(*sign);
            self.bits(self.0.cmp_eq_u8x32(low, sign), self.0.cmp_eq_u8x32(high, sign)) != 0
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIGNS: Signs = Signs { delimiter: b';', line_end: b'\n', undefined: [0x81, 0x8D, 0x8F, 0x90, 0x9D] };

    /// What is found, told one byte at a time.
    fn told(structure: &Structure) -> (Vec<u32>, Vec<u32>, Vec<u32>, bool, bool) {
        let at = |which: &[u32]| which.iter().map(|sign| structure.places()[*sign as usize]).collect();
        (
            structure.places().to_vec(),
            at(structure.line_ends()),
            at(&structure.quotes),
            structure.is_ascii,
            structure.has_undefined,
        )
    }

    fn one_by_one(block: &[u8]) -> (Vec<u32>, Vec<u32>, Vec<u32>, bool, bool) {
        let places = |is: &dyn Fn(u8) -> bool| {
            let found = block.iter().enumerate().filter(|(_, byte)| is(**byte));
            found.map(|(place, _)| u32::try_from(place).unwrap()).collect::<Vec<u32>>()
        };
        (
            places(&|byte| matches!(byte, b';' | b'\n' | b'"')),
            places(&|byte| byte == b'\n'),
            places(&|byte| byte == b'"'),
            block.is_ascii(),
            block.iter().any(|byte| SIGNS.undefined.contains(byte)),
        )
    }

    proptest! {
        /// Whichever way the processor allows finds what reading byte by byte finds; so does the plain one.
        #[test]
        fn every_way_finds_the_same(block in proptest::collection::vec(
            prop_oneof![Just(b';'), Just(b'\n'), Just(b'"'), Just(b'a'), Just(0x81), any::<u8>()], 0..300
        )) {
            let mut structure = Structure::default();
            // What an earlier, larger block left behind does not matter.
            structure.find(&[b';'; 400], SIGNS);
            structure.find(&block, SIGNS);
            prop_assert_eq!(told(&structure), one_by_one(&block));
            let mut plain = Structure::default();
            plain.find_plainly(&block, SIGNS);
            prop_assert_eq!(told(&plain), one_by_one(&block));
            #[cfg(target_arch = "x86_64")]
            if let Some(v3) = pulp::x86::V3::try_new() {
                let mut third = Structure::default();
                third.begin(&block);
                v3.vectorize(Finding { structure: &mut third, block: &block, signs: SIGNS, masks: V3(v3) });
                prop_assert_eq!(told(&third), one_by_one(&block));
            }
        }
    }
}
