//! A table of hashes: which group of rows has a key.

use super::place::place;

/// The groups by their keys' hashes. Open addressing: a piece of the hash, and the group's place plus one; nothing at zero. A
/// power of two of them, at most half in use. Whether a key is the group's own is for whoever asks to tell.
#[derive(Clone, Debug, Default)]
pub struct Slots(Vec<(u32, u32)>);

impl Slots {
    /// Room for so many groups.
    #[must_use]
    pub fn for_groups(groups: usize) -> Self {
        Self(vec![(0, 0); (groups * 2).next_power_of_two().max(8)])
    }

    /// The groups of these hashes, which are of keys that differ, in this order; with room for so many.
    #[must_use]
    pub fn of(hashes: impl Iterator<Item = u64>, room: usize) -> Self {
        let mut slots = Self::for_groups(room);
        for (group, hash) in hashes.enumerate() {
            if let Err(slot) = slots.find(hash, |_| false) {
                slots.put(slot, hash, place(group));
            }
        }
        slots
    }

    /// Whether one more group than these would take more than half of the slots.
    #[must_use]
    pub fn are_few_for(&self, groups: usize) -> bool {
        (groups + 1) * 2 > self.0.len()
    }

    /// The group with a hash that is the same, or else the free slot where it would be. There is room for one.
    #[inline]
    pub fn find(&self, hash: u64, is_same: impl Fn(u32) -> bool) -> Result<u32, usize> {
        let mask = self.0.len() - 1;
        let mut slot = usize::try_from(hash).unwrap_or_default() & mask;
        loop {
            match self.0[slot] {
                (_, 0) => return Err(slot),
                (known, group) if known == tag(hash) && is_same(group - 1) => return Ok(group - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// Puts a group in a free slot.
    #[inline]
    pub fn put(&mut self, slot: usize, hash: u64, group: u32) {
        self.0[slot] = (tag(hash), group + 1);
    }

    /// Counts the groups from a higher number on.
    pub fn shift(&mut self, by: u32) {
        self.0.iter_mut().filter(|(_, group)| *group != 0).for_each(|(_, group)| *group += by);
    }
}

fn tag(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}
