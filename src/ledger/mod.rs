//! What is remembered between nights: the only place that knows `SQLite`.
//!
//! Which nights each robot has delivered, what it has already said, the extracts' sizes, and which publishing is
//! under way. No identity is stored: a subject is a keyed hash ([`keyed_hash`]), a case is its number.

mod applicant;
mod column;
mod error;
#[cfg(test)]
mod example;
mod figures;
mod history;
mod key;
mod lookup;
mod month;
mod numbers;
mod purge;
mod recall;
mod record;
mod release;
mod remembered;
mod said;
mod sample;
mod schema;
mod steps;
mod store;
mod trials;

pub use applicant::{AgeGroup, Applicant, Sex};
pub use error::{LedgerError, Trouble};
pub use figures::{Figure, FigureGroup, GroupValue, NightFigures};
pub use history::{KnownNight, LastNight, NotDelivered};
pub use key::{Hash16, KeySource, KeyedHasher, LedgerKey, keyed_hash};
pub use month::{CheckMonth, Nights, NoteGroup, NotedCase, RobotMonth};
pub use purge::{Class, Purging};
pub use recall::WrittenNote;
pub use release::ReleaseRecord;
pub use remembered::{
    CaseOutcome, Counts, DecisionRecord, ExtractStats, Measured, NightRecord, NoteRecord, PastOutcome, Publication,
    Release, RobotNight, RobotRecord, RobotStatus, RunRecord, Settled, Tried, Verdict,
};
pub use said::{Novelty, Presence, Said, Seen, Standing, Untried, decide};
pub use sample::{SampleKeyRenewal, drawn_subject};
pub use store::Ledger;
pub use trials::{CheckTrials, Trials, UnitStanding};
