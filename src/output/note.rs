//! The journal notes: one for each case with something new to say.

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;
use serde::Serialize;

use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::evaluate::{RobotResult, Source, SubjectResult};
use crate::ledger::Novelty;
use crate::outcome::Outcome;
use crate::plan::Nights;

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
    pub night: NaiveDate,
    /// The line of its file, counted from 1 with the header.
    pub line: u64,
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
    let mut notes = Vec::new();
    let mut start = 0;
    while start < result.subjects.len() {
        let case = &result.subjects[start].case;
        if case.is_empty() {
            // There is no case to write a note in; what was seen is on the list.
            start += 1;
            continue;
        }
        let length = result.subjects[start..].iter().take_while(|subject| subject.case == *case).count();
        let subjects = &result.subjects[start..start + length];
        let novelty = &noted[start..start + length];
        notes.extend(note(robot, subjects, novelty, definitions, nights));
        start += length;
    }
    notes
}

fn note(
    robot: &Robot,
    subjects: &[SubjectResult],
    novelty: &[Vec<Novelty>],
    definitions: &Definitions,
    nights: Nights,
) -> Option<Note> {
    let mut new = Vec::new();
    for (subject, novelty) in subjects.iter().zip(novelty) {
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

/// The notes as JSON, one a line.
#[must_use]
pub fn notes_file(notes: &[Note]) -> Vec<u8> {
    let mut file = Vec::new();
    for note in notes {
        serde_json::to_writer(&mut file, note)
            .expect("memory can be written to and a note has no other keys than texts");
        file.push(b'\n');
    }
    file
}

/// The cases of the notes in a file that was written before, in order.
#[must_use]
pub fn cases_in(file: &[u8]) -> Vec<String> {
    let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let case =
        |line: &[u8]| Some(serde_json::from_slice::<serde_json::Value>(line).ok()?.get("case")?.as_str()?.to_owned());
    let mut cases: Vec<String> = lines.filter_map(case).collect();
    cases.sort();
    cases
}
