//! What is remembered of the rows that nobody asked for when a file was read: where each stands, and a trace of each key that a
//! further reading may ask for it by. That reading then looks only at the rows that it may want.

use super::key::{KeySet, Trace};
use super::row::Place;
use super::table::line_number;
use crate::rule::types::FieldId;

/// The rows of one file that were passed over, in its order.
#[derive(Debug, Default)]
pub struct PassedOver {
    /// The fields by which they may be asked for.
    ways: Vec<Vec<FieldId>>,
    offsets: Vec<u64>,
    lines: Vec<u32>,
    /// For each row, a trace for each way.
    traces: Vec<Trace>,
}

impl PassedOver {
    /// Nothing yet, to be asked for in these ways.
    #[must_use]
    pub fn by(ways: &[Vec<FieldId>]) -> Self {
        Self { ways: ways.to_vec(), ..Self::default() }
    }

    /// Notes a row.
    pub(super) fn add(&mut self, at: Place, traces: impl Iterator<Item = Trace>) {
        self.offsets.push(at.offset);
        self.lines.push(line_number(at.line));
        self.traces.extend(traces);
    }

    /// Adds the rows of a later piece, whose lines are counted from `line`.
    pub(super) fn append(&mut self, piece: &Self, line: u64) {
        self.offsets.extend_from_slice(&piece.offsets);
        self.lines.extend(piece.lines.iter().map(|within| line_number(u64::from(*within) + line)));
        self.traces.extend_from_slice(&piece.traces);
    }

    /// Whether rows can be asked for by all of these sets.
    #[must_use]
    pub fn tells_of(&self, sets: &[impl AsRef<KeySet>]) -> bool {
        sets.iter().all(|set| self.ways.contains(&set.as_ref().fields))
    }

    /// Where the rows stand that may have a key of one of these sets.
    pub(super) fn that_may_be_in(&self, sets: &[impl AsRef<KeySet>]) -> Vec<Place> {
        let way_of = |set: &KeySet| self.ways.iter().position(|way| *way == set.fields);
        let asked: Vec<(usize, &KeySet)> =
            sets.iter().filter_map(|set| Some((way_of(set.as_ref())?, set.as_ref()))).collect();
        let rows = self.offsets.iter().zip(&self.lines).zip(self.traces.chunks_exact(self.ways.len().max(1)));
        let wanted = rows.filter(|(_, traces)| asked.iter().any(|(way, set)| set.may_contain(traces[*way])));
        wanted.map(|((offset, line), _)| Place { offset: *offset, line: u64::from(*line) }).collect()
    }
}
