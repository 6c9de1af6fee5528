//! What an extract's file must be like to be used. Judged on what the scan saw, before any robot runs.

use super::share::Share;
use crate::rule::types::FieldId;

/// What an extract's file must be like to be used.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The fewest rows.
    pub min_rows: u64,
    /// How much fewer rows than the night before.
    pub max_drop: Share,
    /// With fewer rows than this the night before, a drop stops nothing.
    pub drop_floor: u64,
    /// How many rows may be rejected.
    pub max_rejected: Share,
    /// So many rejected rows stop nothing.
    pub rejected_floor: u64,
    /// How many rows may have the key of an earlier one and other content; they count as rejected as well.
    pub max_duplicates: Option<Share>,
    /// How many hours before its night the file may have been written at most.
    pub max_age: Option<u64>,
    /// The fields that must have a value that can be read, and in which share of the rows at least.
    pub filled: Vec<(FieldId, Share)>,
    /// How large a share at least of the keys that are looked up must be found: a broken key shows there first.
    pub min_found: Option<Share>,
    /// The last line of a file that is whole, with the number of its rows.
    pub trailer: Option<Trailer>,
    /// The fields that must be readable also in a rejected row: without them it cannot be told whom the row is about,
    /// and the robots that use the extract are set aside.
    pub must_read: Vec<FieldId>,
}

/// A last line such as `SLUT;1234`, which is no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// What stands before the number of rows.
    pub before: String,
    /// What stands after it.
    pub after: String,
}

/// The guards that apply where a declaration says nothing else (PDD 00, "Vakter").
impl Default for Guard {
    fn default() -> Self {
        Self {
            min_rows: 1,
            max_drop: Share::percent(20),
            drop_floor: 20,
            max_rejected: Share::percent(1),
            rejected_floor: 3,
            max_duplicates: None,
            max_age: None,
            filled: Vec::new(),
            min_found: None,
            trailer: None,
            must_read: Vec::new(),
        }
    }
}
