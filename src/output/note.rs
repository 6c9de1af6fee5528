//! The journal notes: one for each case with something new to say.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use chrono::NaiveDate;
use rayon::prelude::*;
use serde::{Deserialize, Serialize, Serializer};

use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::evaluate::{Finding, RobotResult, Source, SubjectResult};
use crate::ledger::Novelty;
use crate::outcome::Outcome;
use crate::plan::Nights;
use crate::value::date::DateFormat;

/// The heading of a note about a protected household (PDD 00, "Personuppgifter").
const PROTECTED_TITLE: &str = "Kontroll";
/// All that such a note says.
const PROTECTED_TEXT: &str = "En kontroll finns att hämta hos den som har behörighet.";

/// Which findings are new: for each subject in the result's order, one for each of its findings.
pub type Noted = Vec<Vec<Novelty>>;

/// One journal note.
#[derive(Clone, Serialize)]
pub struct Note {
    /// Made of night, robot and case, so that an importer can refuse a second copy.
    pub note_id: String,
    /// The case.
    pub case: String,
    /// The robot.
    pub robot: String,
    /// The version of its definition.
    pub version: String,
    /// The night.
    #[serde(serialize_with = "iso")]
    pub night: NaiveDate,
    /// The heading.
    pub title: String,
    /// What it says.
    pub text: String,
    /// The ids of the checks that it speaks of.
    pub checks: Vec<String>,
    /// The rows that it rests on.
    pub sources: Vec<NoteSource>,
}

/// Never what it says.
impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Note({} …)", self.note_id)
    }
}

/// A row that a note rests on.
#[derive(Clone, Debug, Serialize)]
pub struct NoteSource {
    /// The extract.
    pub extract: String,
    /// The night.
    #[serde(serialize_with = "iso")]
    pub night: NaiveDate,
    /// The line of its file, counted from 1 with the header.
    pub line: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "it is called so by what derives `Serialize`")]
fn iso<S: Serializer>(night: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&DateFormat::Iso.write(*night))
}

/// The notes of a robot, in the order of their cases.
#[must_use]
pub fn notes(
    robot: &Robot,
    result: &RobotResult,
    noted: &Noted,
    definitions: &Definitions,
    nights: Nights,
) -> Vec<Note> {
    cases_of(result).into_par_iter().filter_map(|case| note(robot, result, noted, case, definitions, nights)).collect()
}

/// How many cases a thread writes notes for at a time.
const PIECE: usize = 128;

/// The notes of a robot as JSON, one a line, and the cases that they are for, in order. What [`notes`] would give, each
/// written as soon as it is made: all of them at once would fill the memory on a night when everything is flagged.
#[must_use]
pub fn written_notes(
    robot: &Robot,
    result: &RobotResult,
    noted: &Noted,
    definitions: &Definitions,
    nights: Nights,
) -> (Vec<u8>, Vec<String>) {
    let write = |cases: &[Range<usize>]| {
        let (mut bytes, mut noted_cases) = (Vec::new(), Vec::new());
        for case in cases {
            let Some(note) = note(robot, result, noted, case.clone(), definitions, nights) else { continue };
            serde_json::to_writer(&mut bytes, &note)
                .expect("memory can be written to and a note has no other keys than texts");
            bytes.push(b'\n');
            noted_cases.push(note.case);
        }
        (bytes, noted_cases)
    };
    let pieces: Vec<(Vec<u8>, Vec<String>)> = cases_of(result).par_chunks(PIECE).map(write).collect();
    let (bytes, cases): (Vec<Vec<u8>>, Vec<Vec<String>>) = pieces.into_iter().unzip();
    (bytes.concat(), cases.into_iter().flatten().collect())
}

/// The subjects of each case that a note can be written in. What is seen of one without a case is on the list.
fn cases_of(result: &RobotResult) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut cases = Vec::new();
    for case in result.subjects.chunk_by(|a, b| a.case == b.case) {
        if !case[0].case.is_empty() {
            cases.push(start..start + case.len());
        }
        start += case.len();
    }
    cases
}

fn note(
    robot: &Robot,
    result: &RobotResult,
    noted: &Noted,
    case: Range<usize>,
    definitions: &Definitions,
    nights: Nights,
) -> Option<Note> {
    let subjects = &result.subjects[case.clone()];
    let mut new: Vec<(&Finding, &SubjectResult)> = Vec::new();
    for (subject, novelty) in subjects.iter().zip(&noted[case]) {
        for (finding, novelty) in subject.findings.iter().zip(novelty) {
            if *novelty == Novelty::New {
                new.push((finding, subject));
            }
        }
    }
    let case = &subjects.first()?.case;
    if new.is_empty() {
        return None;
    }
    let mut note = Note {
        note_id: format!("{}/{}/{case}", nights.night, robot.id),
        case: case.clone(),
        robot: robot.id.clone(),
        version: robot.version.clone(),
        night: nights.night,
        title: PROTECTED_TITLE.to_owned(),
        text: PROTECTED_TEXT.to_owned(),
        checks: Vec::new(),
        sources: Vec::new(),
    };
    if subjects.iter().any(|subject| subject.outcome == Outcome::Protected) {
        return Some(note);
    }
    new.sort_by(|(a, of_a), (b, of_b)| {
        (a.check, &a.order, &of_a.order, &of_a.key).cmp(&(b.check, &b.order, &of_b.order, &of_b.key))
    });
    let mut sentences: Vec<&str> = Vec::new();
    let mut sources: BTreeSet<Source> = BTreeSet::new();
    for (finding, _) in &new {
        if !sentences.contains(&finding.sentence.text.as_str()) {
            sentences.push(&finding.sentence.text);
        }
        let id = &robot.checks[finding.check].id;
        if !note.checks.contains(id) {
            note.checks.push(id.clone());
        }
        sources.extend(&finding.sources);
    }
    note.title.clone_from(&robot.note.title);
    note.text = sentences.join(" ");
    if let Some(closing) = &robot.note.closing {
        note.text.push_str("\n\n");
        note.text.push_str(closing);
    }
    let lines: BTreeSet<&(usize, String)> = subjects.iter().flat_map(|subject| &subject.lines).collect();
    for (_, line) in lines {
        note.text.push('\n');
        note.text.push_str(line);
    }
    note.sources = sources.iter().filter_map(|source| note_source(source, definitions, nights)).collect();
    Some(note)
}

fn note_source(source: &Source, definitions: &Definitions, nights: Nights) -> Option<NoteSource> {
    let extract = definitions.catalog.extract(source.extract).id.clone();
    Some(NoteSource { extract, night: nights.of(source.side)?, line: source.line })
}

/// All that is asked of a note that was written before.
#[derive(Deserialize)]
struct CaseOnly {
    case: String,
}

/// The cases of the notes in a file that was written before, in order.
#[must_use]
pub fn cases_in(file: &[u8]) -> Vec<String> {
    let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let case = |line: &[u8]| Some(serde_json::from_slice::<CaseOnly>(line).ok()?.case);
    let mut cases: Vec<String> = lines.filter_map(case).collect();
    cases.sort();
    cases
}
