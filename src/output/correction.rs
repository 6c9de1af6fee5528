//! Corrections for the importer of notes: one for each note that is taken back.

use chrono::NaiveDate;
use serde::Serialize;

use crate::ledger::WrittenNote;

/// A correction's heading.
const TITLE: &str = "Rättelse";

/// One correction. It says nothing of what the note said, nor which robot looked at what: the household may be protected.
#[derive(Clone, Debug, Serialize)]
pub struct Correction {
    /// Made of the note's id, so that an importer can refuse a second copy.
    pub correction_id: String,
    /// The note that is taken back.
    pub corrects: String,
    /// The case.
    pub case: String,
    /// The robot.
    pub robot: String,
    /// The version of its definition that wrote the note.
    pub version: String,
    /// The night of the note.
    pub night: NaiveDate,
    /// The heading.
    pub title: String,
    /// What it says.
    pub text: String,
}

impl Correction {
    /// The correction of a note.
    #[must_use]
    pub fn of(note: &WrittenNote) -> Self {
        let WrittenNote { robot, version, night, case } = note;
        let corrects = format!("{night}/{robot}/{case}");
        Self {
            correction_id: format!("recall/{corrects}"),
            corrects,
            case: case.clone(),
            robot: robot.clone(),
            version: version.clone(),
            night: *night,
            title: TITLE.to_owned(),
            text: format!(
                "Anteckningen från den automatiska kontrollen natten {night} är återkallad. Den ska inte ligga till grund för handläggningen."
            ),
        }
    }
}

/// The corrections as JSON, one a line.
#[must_use]
pub fn corrections_file(corrections: &[Correction]) -> Vec<u8> {
    let mut file = Vec::new();
    for correction in corrections {
        serde_json::to_writer(&mut file, correction).expect("memory can be written to, and every key is a text");
        file.push(b'\n');
    }
    file
}
