//! The only room that reads CSV: finds a night's files, scans them, keeps the rows that some case can reach, joins them.
//!
//! Text becomes a typed value here and is never text again.

mod cell;
mod column;
mod glance;
mod group;
mod guard;
mod half_read;
mod header;
mod index;
mod join;
mod kept;
mod key;
mod mistaken;
mod own;
mod pair;
mod part;
mod passed;
mod place;
mod record;
mod request;
mod row;
mod rows;
mod scan;
mod slots;
mod source;
mod structure;
mod table;
mod texts;
mod trailer;
mod transcribe;
mod view;

#[cfg(test)]
mod tests;

pub use cell::Problem;
pub use group::{Grouped, group};
pub use guard::{Circumstances, Measure, Stop, measure};
pub use header::HeaderError;
pub use index::Index;
pub use join::Links;
pub use kept::{Making, make};
pub use key::{Key, KeySet, RowKey};
pub use own::Own;
pub use passed::PassedOver;
pub use request::{Reach, Request};
pub use scan::{ScanError, count_rows, scan, scan_among, scan_noting};
pub use source::{Source, SourceError};
pub use table::{DUPLICATE, Members, Rejected, Rejection, Table, UnreadableCell};
pub use trailer::take_trailer;
pub use view::{Delivery, View};
