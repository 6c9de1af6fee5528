//! What kind of municipality to make.

use std::path::PathBuf;

use chrono::NaiveDate;

/// What to make.
pub struct Request {
    /// Where the nights' folders, the facit and the page go; made when it is not there.
    pub folder: PathBuf,
    /// At most half as many as the residents.
    pub cases: u32,
    /// Rows in kir, about.
    pub residents: u32,
    /// Consecutive nights, `last_night` included. With one alone the facit has no rows.
    pub nights: u32,
    /// The night that the facit is for.
    pub last_night: NaiveDate,
    /// The own municipality's code, four digits.
    pub municipality: String,
    /// Another seed makes another municipality.
    pub seed: u64,
}
