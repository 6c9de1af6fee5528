//! The journal notes: one for each case with something new to say.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use chrono::NaiveDate;
use rayon::prelude::*;
use serde::{Deserialize, Serialize, Serializer};

use crate::definition::Definitions;
use crate::definition::robot::{self as definition, Robot};
use crate::evaluate::{Finding, RobotResult, Source, SubjectResult, Summary};
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

/// What a note is made of.
#[derive(Clone, Copy)]
struct Made<'m> {
    robot: &'m Robot,
    note: &'m definition::Note,
    definitions: &'m Definitions,
    nights: Nights,
}

/// A finding that a note says, and whom it is about.
type Said<'r> = (&'r Finding, &'r SubjectResult);

/// The note of one case; none where there is nothing to say.
fn note(
    robot: &Robot,
    result: &RobotResult,
    noted: &Noted,
    case: Range<usize>,
    definitions: &Definitions,
    nights: Nights,
) -> Option<Note> {
    let made = Made { robot, note: robot.note.as_ref()?, definitions, nights };
    let subjects = &result.subjects[case.clone()];
    let mut new: Vec<Said<'_>> = Vec::new();
    for (subject, novelty) in subjects.iter().zip(&noted[case]) {
        for (finding, novelty) in subject.findings.iter().zip(novelty) {
            if *novelty == Novelty::New {
                new.push((finding, subject));
            }
        }
    }
    new.sort_by(|(a, of_a), (b, of_b)| {
        (a.check, &a.order, &of_a.order, &of_a.key).cmp(&(b.check, &b.order, &of_b.order, &of_b.key))
    });
    let is_said = |check: usize| robot.checks[check].says.is_some();
    // A household that is protected is told of by a neutral note alone, where something deviates.
    if subjects.iter().any(|subject| subject.outcome == Outcome::Protected) {
        let is_told = !matches!(made.note.of, definition::NoteOf::Deviations)
            || new.iter().any(|(finding, _)| is_said(finding.check));
        return (is_told && !new.is_empty()).then(|| made.blank(&subjects[0].case));
    }
    match &made.note.of {
        definition::NoteOf::Deviations => {
            new.retain(|(finding, _)| is_said(finding.check));
            (!new.is_empty()).then(|| made.of_deviations(&new, subjects))
        }
        definition::NoteOf::Subjects | definition::NoteOf::Checks => made.of_subjects(&new, subjects),
        definition::NoteOf::Summary { .. } => {
            let case = &subjects.first()?.case;
            let place = result.summaries.binary_search_by(|summary| summary.case.cmp(case)).ok()?;
            Some(made.of_summary(&result.summaries[place]))
        }
    }
}

impl Made<'_> {
    /// A note that says nothing but that there is something to be had.
    fn blank(self, case: &str) -> Note {
        Note {
            note_id: format!("{}/{}/{case}", self.nights.night, self.robot.id),
            case: case.to_owned(),
            robot: self.robot.id.clone(),
            version: self.robot.version.clone(),
            night: self.nights.night,
            title: PROTECTED_TITLE.to_owned(),
            text: PROTECTED_TEXT.to_owned(),
            checks: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// A note with its text and all that it rests on; the closing follows the text.
    fn written(self, case: &str, text: String, said: &[Said<'_>], more: &[Source]) -> Note {
        let mut note = Note { title: self.note.title.clone(), text, ..self.blank(case) };
        if let Some(closing) = &self.note.closing {
            note.text.push_str("\n\n");
            note.text.push_str(closing);
        }
        let mut sources: BTreeSet<Source> = more.iter().copied().collect();
        for (finding, _) in said {
            let id = &self.robot.checks[finding.check].id;
            if !note.checks.contains(id) {
                note.checks.push(id.clone());
            }
            sources.extend(&finding.sources);
        }
        note.sources = sources.iter().filter_map(|source| note_source(source, self.definitions, self.nights)).collect();
        note
    }

    /// The sentences of what is new, then the robot's lines.
    fn of_deviations(self, new: &[Said<'_>], subjects: &[Box<SubjectResult>]) -> Note {
        let mut note = self.written(&subjects[0].case, sentences(new), new, &[]);
        let lines: BTreeSet<&(usize, String)> = subjects.iter().flat_map(|subject| &subject.lines).collect();
        for (_, line) in lines {
            note.text.push('\n');
            note.text.push_str(line);
        }
        note
    }

    /// Each subject's part, one after the other, in their order; none of those in a protected household, of which
    /// information is not written (PDD 00, "Personuppgifter"), nor of those that were done with on an earlier night.
    fn of_subjects(self, new: &[Said<'_>], subjects: &[Box<SubjectResult>]) -> Option<Note> {
        let is_told = |subject: &&SubjectResult| !subject.is_in_protected_household && !subject.is_remembered;
        let mut told: Vec<&SubjectResult> = subjects.iter().map(|subject| &**subject).filter(is_told).collect();
        told.sort_by(|a, b| (&a.order, &a.key).cmp(&(&b.order, &b.key)));
        let parts = told.iter().map(|subject| self.part(subject, told.len() > 1, new));
        let mut parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            return None;
        }
        let lines: BTreeSet<&(usize, String)> = told.iter().flat_map(|subject| &subject.lines).collect();
        parts.extend(lines.into_iter().filter(|(line, _)| self.note.lines[*line].last).map(|(_, line)| line.clone()));
        Some(self.written(&told[0].case, parts.join("\n"), new, &[]))
    }

    fn part(self, subject: &SubjectResult, has_heading: bool, new: &[Said<'_>]) -> String {
        let mut lines: Vec<String> = Vec::new();
        if matches!(self.note.of, definition::NoteOf::Checks) {
            lines.extend((0..self.robot.checks.len()).map(|check| self.line_of_check(check, subject)));
        } else {
            let own: Vec<Said<'_>> = new.iter().filter(|(_, of)| std::ptr::eq(*of, subject)).copied().collect();
            let said = sentences(&own);
            lines.extend((!said.is_empty()).then_some(said));
        }
        let of_subject = subject.lines.iter().filter(|(line, _)| !self.note.lines[*line].last);
        lines.extend(of_subject.map(|(_, line)| line.clone()));
        if has_heading && !subject.heading.is_empty() && !lines.is_empty() {
            lines.insert(0, subject.heading.clone());
        }
        lines.join("\n")
    }

    /// `fordon: avvikelse (ABC123)` (PDD 05, "Anteckning").
    fn line_of_check(self, check: usize, subject: &SubjectResult) -> String {
        let id = &self.robot.checks[check].id;
        let findings: Vec<&Finding> = subject.findings.iter().filter(|finding| finding.check == check).collect();
        if !findings.is_empty() {
            let mut what: Vec<&str> = findings.iter().map(|finding| finding.sentence.text.as_str()).collect();
            what.retain(|text| !text.is_empty());
            what.dedup();
            let what = if what.is_empty() { String::new() } else { format!(" ({})", what.join(", ")) };
            return format!("{id}: avvikelse{what}");
        }
        let is_untried = subject.untried.iter().any(|untried| untried.check == check);
        format!("{id}: {}", if is_untried { "kunde inte kontrolleras" } else { "utan anmärkning" })
    }

    fn of_summary(self, summary: &Summary) -> Note {
        self.written(&summary.case, summary.sentence.text.clone(), &[], &summary.sources)
    }
}

/// The sentences, equal ones once.
fn sentences(said: &[Said<'_>]) -> String {
    let mut sentences: Vec<&str> = Vec::new();
    for (finding, _) in said {
        let text = finding.sentence.text.as_str();
        if !text.is_empty() && !sentences.contains(&text) {
            sentences.push(text);
        }
    }
    sentences.join(" ")
}

fn note_source(source: &Source, definitions: &Definitions, nights: Nights) -> Option<NoteSource> {
    let declared = &definitions.extracts[usize::from(source.extract.0)];
    // What another robot came to stands on no line of a file, and a group on the first line of its rows.
    let file = declared.grouping.as_ref().map_or(source.extract, |grouping| grouping.from);
    let extract = declared.of_robots.is_none().then(|| definitions.catalog.extract(file).id.clone())?;
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
