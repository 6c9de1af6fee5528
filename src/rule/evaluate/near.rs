//! Texts that are one sign from one another: exchanged, added or taken away.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

/// Rows by a text each, so that those are found whose text is one sign from another.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// The hash of each text, ascending.
    pub hashes: Vec<u64>,
    /// Where the rows of each text begin, and at last where they end.
    pub starts: Vec<u32>,
    /// The days, ascending within a text; empty where no day is asked for.
    pub days: Vec<i32>,
    /// The rows' places among those of the relation, text by text.
    pub places: Vec<u32>,
    /// What each text comes to with a sign taken away, or as it stands, and the text's place: ascending. Half a hash is
    /// enough, for every row that is found so has its conditions asked.
    pub variants: Vec<(u32, u32)>,
    /// The places of rows of which the text is not known.
    pub loose: Vec<u32>,
}

impl Texts {
    /// The texts that may be one sign from one of these variants, each once.
    pub fn near(&self, variants: &[u64]) -> Vec<u32> {
        let mut found = Vec::new();
        for variant in variants {
            let half = half_of(*variant);
            let first = self.variants.partition_point(|(known, _)| *known < half);
            let same = self.variants[first..].iter().take_while(|(known, _)| *known == half);
            found.extend(same.map(|(_, text)| *text));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Where the rows of a text are.
    pub fn run(&self, text: u32) -> (usize, usize) {
        (self.starts[text as usize] as usize, self.starts[text as usize + 1] as usize)
    }
}

/// Half of a hash.
pub(super) fn half_of(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// The hashes of a text as it stands and with each of its signs taken away: two texts that are one sign from each other,
/// exchanged, added or taken away, share one.
pub(super) fn variants(state: &RandomState, text: &str) -> Vec<u64> {
    let signs: Vec<char> = text.chars().collect();
    let without = |left_out: usize| {
        let kept = signs.iter().enumerate().filter(move |(place, _)| *place != left_out);
        hash_of(state, kept.map(|(_, sign)| *sign))
    };
    let mut hashes: Vec<u64> = (0..=signs.len()).map(without).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// The hash of a text by its signs.
pub(super) fn hash_of(state: &RandomState, signs: impl Iterator<Item = char>) -> u64 {
    let mut hasher = state.build_hasher();
    signs.for_each(|sign| hasher.write_u32(u32::from(sign)));
    hasher.finish()
}
