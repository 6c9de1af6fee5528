//! What a robot is sent round for.

use crate::ledger::KeyedHasher;

/// Which cases a robot goes through.
#[derive(Clone, Copy, Debug)]
pub enum Cases<'c> {
    /// All of them.
    All,
    /// This one.
    Only(&'c str),
}

/// The subjects that were tried on other nights, for robots that try each of them once.
pub trait OtherNights: Sync {
    /// The case that the subject of this key belonged to when it was tried; none where it has not been.
    fn tried(&self, key: &str) -> Option<&str>;
}

/// Nothing has been tried on any other night.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl OtherNights for Nothing {
    fn tried(&self, _key: &str) -> Option<&str> {
        None
    }
}

/// What a robot is sent round for.
#[derive(Clone, Copy)]
pub struct Errand<'c> {
    /// Which cases.
    pub cases: Cases<'c>,
    /// Which rows may be subjects at all, by their places; all where it is not known.
    pub candidates: Option<&'c [bool]>,
    /// What was tried on other nights.
    pub other_nights: &'c dyn OtherNights,
    /// What makes of each subject what stands for it in the ledger; none where nothing is recorded.
    pub hasher: Option<&'c KeyedHasher>,
}

impl Errand<'_> {
    /// All cases, as if no other night had been run.
    pub const ALL: Self = Self { cases: Cases::All, candidates: None, other_nights: &Nothing, hasher: None };
}
