//! What is asked of a scan.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

use super::key::KeySet;
use crate::definition::extract::Extract;
use crate::rule::parameter::Parameter;
use crate::rule::types::FieldId;

/// Which rows are kept.
#[derive(Debug)]
pub enum Reach {
    /// Every row.
    All,
    /// The rows that one of these key sets has.
    Keys(Vec<Arc<KeySet>>),
}

impl Reach {
    /// The key sets; none where every row is kept.
    #[must_use]
    pub fn sets(&self) -> &[Arc<KeySet>] {
        match self {
            Self::All => &[],
            Self::Keys(sets) => sets,
        }
    }
}

/// What is asked of a scan.
#[derive(Debug)]
pub struct Request<'r> {
    /// The extract.
    pub extract: &'r Extract,
    /// The night its file is for: the century of ten-digit person numbers, and `night` in its computed fields.
    pub night: NaiveDate,
    /// The fields that are kept: what the robots ask for, its key, and what its rows are found by.
    pub fields: &'r [FieldId],
    /// Which rows are kept.
    pub reach: Reach,
    /// The ways in which its rows are found, each a list of fields: a rejected row tells which of them it may belong to.
    pub ways: &'r [Vec<FieldId>],
    /// The declared parameters, for its computed fields.
    pub parameters: &'r [Parameter],
    /// The file's name in messages.
    pub path: PathBuf,
    /// How many bytes a piece has; [`None`] is the usual size. Tests ask for pieces of a few bytes.
    pub piece: Option<u64>,
}
