//! Why a robot came to what it did: the night's own evaluation once more, with every value kept.

mod because;
mod tracer;
mod tree;
mod words;

pub use tree::{Applied, Explained, Explanation, Place, Tree, Verdict};

use crate::definition::Definitions;
use crate::definition::robot::{Check, Robot};
use crate::extract::View;
use crate::outcome::Outcome;
use crate::plan::Nights;
use crate::rule::evaluate::Evaluator;
use crate::rule::tree::FactId;
use crate::rule::value::{Truth, Value};
use crate::rule::world::Constants;

use super::reason::reason;
use super::result::SubjectResult;
use super::round::{Cases, Round};
use super::subject::{Subject, identity, roots};
use tracer::{Part, Tracer};
use words::Words;

/// How an outcome is written for what a robot would go through, were it not for its own condition.
pub const NOT_A_SUBJECT: &str = "not a subject";

/// What is to be explained.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The case, or the subject as the accounts have it.
    pub about: &'q str,
    /// Whether to show protected households too.
    pub restricted: bool,
}

/// Explains what a robot came to for the subjects of a case, or for one subject. Of a protected household only that it is
/// one is shown, unless it is asked for as such.
#[must_use]
pub fn explain(
    robot: &Robot,
    definitions: &Definitions,
    view: &View<'_>,
    constants: &Constants<'_>,
    nights: Nights,
    question: Question<'_>,
) -> Vec<Explanation> {
    let round = Round::new(robot, definitions, view, constants);
    let words = Words { definitions, view, nights, restricted: question.restricted };
    let explainer = Explainer { round: &round, words };
    let mut found = Vec::new();
    let mut passed = Vec::new();
    for row in roots(robot, view) {
        for (subject, case) in round.subjects_at(row) {
            let is_of_case = case == question.about;
            if !is_of_case && !may_be(&subject, &case, &round, question.about) {
                continue;
            }
            match round.result_of(&subject, Cases::All) {
                Some(result) if is_of_case || result.key == question.about => {
                    found.push(explainer.subject(&subject, &result, question.restricted));
                }
                None if is_of_case => passed.push((subject, case)),
                _ => {}
            }
        }
    }
    if found.is_empty() {
        found.extend(passed.iter().map(|(subject, case)| explainer.passed(subject, case, question.restricted)));
    }
    found
}

/// Whether this may be the name of a subject in the accounts: its own key, or its case's with a number.
fn may_be(subject: &Subject, case: &str, round: &Round<'_>, about: &str) -> bool {
    let is_numbered = || about.strip_prefix(case).is_some_and(|rest| rest.starts_with('/'));
    let is_key = |row| identity(row, round.definitions, round.view).join("/") == about;
    (!case.is_empty() && is_numbered()) || subject.row.is_ok_and(is_key)
}

struct Explainer<'x, 'r> {
    round: &'x Round<'r>,
    words: Words<'r>,
}

type Tracing<'r> = Evaluator<'r, View<'r>, Tracer<'r>>;

impl<'r> Explainer<'_, 'r> {
    fn evaluator(&self, subject: &Subject) -> Tracing<'r> {
        let robot = self.round.robot;
        let tracer = Tracer::new(self.words, &robot.fact_texts);
        let mut evaluator = Evaluator::new(self.round.view, self.round.constants, &robot.facts, tracer);
        evaluator.turn_to(&subject.slots());
        evaluator
    }

    /// A row that the robot's own condition passes over.
    fn passed(&self, subject: &Subject, case: &str, restricted: bool) -> Explanation {
        let is_protected = self.round.is_protected_subject(subject);
        let mut evaluator = self.evaluator(subject);
        let is_open = !is_protected || restricted;
        Explanation {
            robot: self.round.robot.id.clone(),
            subject: case.to_owned(),
            case: case.to_owned(),
            outcome: NOT_A_SUBJECT.to_owned(),
            protected: is_protected,
            subject_condition: self.condition(&mut evaluator).filter(|_| is_open),
            facts: Vec::new(),
            checks: Vec::new(),
        }
    }

    fn subject(&self, subject: &Subject, result: &SubjectResult, restricted: bool) -> Explanation {
        let robot = self.round.robot;
        let is_protected = result.outcome == Outcome::Protected || self.round.is_protected_subject(subject);
        let mut explanation = Explanation {
            robot: robot.id.clone(),
            subject: result.key.clone(),
            case: result.case.clone(),
            outcome: result.outcome.name().to_owned(),
            protected: is_protected,
            subject_condition: None,
            facts: Vec::new(),
            checks: Vec::new(),
        };
        if is_protected && !restricted {
            return explanation;
        }
        let mut evaluator = self.evaluator(subject);
        explanation.subject_condition = self.condition(&mut evaluator);
        for (place, ((name, _), text)) in robot.fact_names.iter().zip(&robot.fact_texts).enumerate() {
            evaluator.recorder.in_text(text);
            let Ok(id) = u16::try_from(place) else { continue };
            let _value = evaluator.fact_value(FactId(id));
            if let Some(part) = evaluator.recorder.take().pop() {
                evaluator.recorder.keep_reason(place, part.reason());
                explanation.facts.push((name.clone(), part.tree));
            }
        }
        for (place, check) in robot.checks.iter().enumerate() {
            explanation.checks.push(self.check(place, check, result, &mut evaluator));
        }
        explanation
    }

    /// Why it is a subject at all.
    fn condition(&self, evaluator: &mut Tracing<'r>) -> Option<Tree> {
        let subject = &self.round.robot.subject;
        let condition = subject.condition.as_ref()?;
        evaluator.recorder.in_text(&subject.condition_text);
        let _truth = evaluator.truth(condition);
        evaluator.recorder.take().pop().map(|part| part.tree)
    }

    fn check(&self, place: usize, check: &'r Check, result: &SubjectResult, evaluator: &mut Tracing<'r>) -> Explained {
        let findings: Vec<_> = result.findings.iter().filter(|finding| finding.check == place).collect();
        let untried = result.untried.iter().find(|untried| untried.check == place);
        let verdict = match (findings.is_empty(), untried) {
            (false, _) => Verdict::Deviation,
            (true, Some(_)) => Verdict::Undecided,
            (true, None) => Verdict::Clear,
        };
        let parts = self.parts(check, evaluator);
        let why = |truth: Truth| parts.iter().find(|part| part.truth() == truth).map(Part::why);
        let because = match (verdict, untried) {
            (Verdict::Deviation, _) => why(Truth::True),
            (_, Some(untried)) => Some(reason(&untried.why, check, self.words.definitions)),
            _ => why(Truth::False),
        };
        Explained {
            id: check.id.clone(),
            condition: check.written.0.split_whitespace().collect::<Vec<_>>().join(" "),
            verdict,
            informs: check.informs,
            because: because.unwrap_or_else(|| "det finns inga rader att gå igenom".to_owned()),
            sentences: findings.iter().map(|finding| finding.sentence.text.clone()).collect(),
            trees: parts.into_iter().map(|part| part.tree).collect(),
        }
    }

    /// The check's condition part by part, with what it requires; for a check over rows, once for each row.
    fn parts(&self, check: &'r Check, evaluator: &mut Tracing<'r>) -> Vec<Part> {
        let Some(each) = &check.each else { return Self::condition_parts(check, evaluator) };
        evaluator.recorder.in_text(&each.written);
        let rows = evaluator.value(&each.rows);
        let mut parts = evaluator.recorder.take();
        let Value::Rows(rows) = rows else { return parts };
        for place in 0..rows.rows.len() {
            let row = rows.at(place);
            evaluator.bind(each.slot, Value::Row(row));
            for mut part in Self::condition_parts(check, evaluator) {
                part.tree.places.insert(0, self.words.place(row));
                part.tree.expression = format!("{}: {}", self.words.row(row), part.tree.expression);
                parts.push(part);
            }
        }
        parts
    }

    fn condition_parts(check: &'r Check, evaluator: &mut Tracing<'r>) -> Vec<Part> {
        for requirement in &check.requires {
            evaluator.recorder.in_text(&requirement.written);
            let _truth = evaluator.truth(&requirement.that);
        }
        // What is required stands first, and the condition, which decides, last.
        let mut parts = evaluator.recorder.take();
        evaluator.recorder.in_text(&check.written.0);
        let _truth = evaluator.truth(&check.when);
        let condition = evaluator.recorder.take();
        if let Some(mut condition) = condition.into_iter().next() {
            condition.tree.parts.splice(0..0, parts.drain(..).map(|part| part.tree));
            parts.push(condition);
        }
        parts
    }
}
