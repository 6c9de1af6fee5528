//! What notes say beside the sentences of the findings: their last lines, and the text of a case's subjects.

use rayon::prelude::*;

use crate::definition::robot::{Note, NoteOf, SUBJECTS};
use crate::rule::value::{RowRef, Truth, Value};
use crate::rule::world::World;

use super::result::{Source, SubjectResult, Summary};
use super::round::{Eval, Round};
use super::subject::Subject;

impl<'r> Round<'r> {
    /// The lines that a note of the case ends with because of the subject.
    pub(super) fn lines(&self, note: &'r Note, evaluator: &mut Eval<'r>) -> Vec<(usize, String)> {
        let mut said = Vec::new();
        for (place, line) in note.lines.iter().enumerate() {
            if line.when.as_ref().is_none_or(|when| evaluator.truth(when) == Truth::True) {
                let sentence = line.says.fill(evaluator, self.constants);
                // A line is there for what it prints.
                said.extend((!sentence.has_gaps).then_some((place, sentence.text)));
            }
        }
        said
    }

    /// What each case's note says of those of its subjects that it speaks of.
    pub(super) fn summaries(&self, subjects: &[Box<SubjectResult>]) -> Vec<Summary> {
        let Some(Note { of: NoteOf::Summary { says, .. }, .. }) = &self.robot.note else { return Vec::new() };
        let cases: Vec<&[Box<SubjectResult>]> = subjects.chunk_by(|one, next| one.shares_case(next)).collect();
        let summary = |evaluator: &mut Eval<'r>, case: &[Box<SubjectResult>]| {
            let mut spoken_of: Vec<RowRef> = case.iter().filter_map(|subject| subject.spoken_of).collect();
            spoken_of.sort_unstable();
            let first = *spoken_of.first().filter(|_| !case[0].case.is_empty())?;
            let rows = spoken_of.iter().map(|row| row.row).collect();
            evaluator.turn_to(&[Value::Null, Value::Null]);
            evaluator.bind(SUBJECTS, Value::of_rows(first.extract, first.side, rows));
            let source = |row: &RowRef| Source { extract: row.extract, side: row.side, line: self.view.line(*row) };
            Some(Summary {
                case: case[0].case.clone(),
                sentence: says.fill(evaluator, self.constants),
                sources: spoken_of.iter().map(source).collect(),
            })
        };
        let made = cases.into_par_iter().map_init(|| self.evaluator(), |evaluator, case| summary(evaluator, case));
        made.flatten_iter().collect()
    }
}

/// The subject's row, where the note of its case speaks of it. Information is not written about a protected household.
pub(super) fn spoken_of<'r>(
    note: &'r Note,
    subject: &Subject,
    is_protected: bool,
    evaluator: &mut Eval<'r>,
) -> Option<RowRef> {
    let NoteOf::Summary { when, .. } = &note.of else { return None };
    subject.row.ok().filter(|_| !is_protected && evaluator.truth(when) == Truth::True)
}
