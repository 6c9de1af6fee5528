//! Why a robot came to what it did: the night's own evaluation once more, with every value kept.

mod because;
mod part;
mod tracer;
mod tree;
mod words;

pub use tree::{Applied, Explained, Explanation, Place, Tree, Verdict};

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::definition::Definitions;
use crate::definition::robot::{Check, HitPolicy, Once, Robot};
use crate::extract::View;
use crate::outcome::Outcome;
use crate::plan::Nights;
use crate::rule::evaluate::Evaluator;
use crate::rule::tree::FactId;
use crate::rule::value::{Truth, Value};
use crate::rule::world::Constants;

use super::protection::protect_together;
use super::reason::reason;
use super::result::SubjectResult;
use super::round::Round;
use super::subject::{Number, Subject, identity, roots};
use part::Part;
use tracer::Tracer;
use words::Words;

/// How an outcome is written for what a robot would go through, were it not for its own condition.
pub const NOT_A_SUBJECT: &str = "not a subject";

/// How the outcome of a subject is written that was tried on another night, of a robot that tries each of them on one night.
pub const TRIED_BEFORE: &str = "tried before";

/// When a subject was tried on another night, and the case that it belonged to then, by its key; for robots that try each of
/// them once.
pub type When<'w> = &'w dyn Fn(&str) -> Option<(NaiveDate, String)>;

/// What is to be explained.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The case, or the subject as the accounts have it.
    pub about: &'q str,
    /// Whether to show protected households too.
    pub restricted: bool,
}

/// Explains what a robot came to for the subjects of a case, or for one subject. Of a protected household only that it is
/// one is shown, unless it is asked for as such; of a subject that was tried on another night only when.
#[must_use]
pub fn explain(
    robot: &Robot,
    definitions: &Definitions,
    view: &View<'_>,
    constants: &Constants<'_>,
    nights: Nights,
    question: Question<'_>,
    tried: When<'_>,
) -> Vec<Explanation> {
    let round = Round::new(robot, definitions, view, constants);
    let words = Words { definitions, view, nights, restricted: question.restricted };
    let explainer = Explainer { round: &round, words, restricted: question.restricted, tried };
    let mut found = Vec::new();
    let mut passed = Vec::new();
    for of_case in explainer.cases_of(question.about) {
        let is_named = |name: &str| of_case.name == question.about || name == question.about;
        let (tried, to_try): (Vec<Subject>, Vec<Subject>) =
            of_case.subjects.into_iter().partition(|subject| explainer.tried_on(subject).is_some());
        let asked = tried.iter().filter(|subject| is_named(&explainer.key_of(subject)));
        found.extend(asked.filter_map(|subject| explainer.tried_before(subject)));
        let (subjects, mut results): (Vec<Subject>, Vec<Box<SubjectResult>>) = to_try
            .into_iter()
            .filter_map(|subject| match round.result_of(&subject) {
                Some(result) => Some((subject, Box::new(result))),
                None => {
                    passed.extend(is_named(&explainer.key_of(&subject)).then(|| (subject, of_case.name.clone())));
                    None
                }
            })
            .unzip();
        // As the night has it: one protected subject protects its case.
        protect_together(robot, &mut results);
        let is_protected = results.iter().any(|result| result.outcome == Outcome::Protected);
        for (subject, result) in subjects.iter().zip(&results).filter(|(_, result)| is_named(&result.key)) {
            found.push(explainer.subject(subject, result, is_protected));
        }
    }
    if found.is_empty() {
        let shown = passed.iter().take(MOST_PASSED);
        found.extend(shown.map(|(subject, case)| explainer.passed(subject, case)));
    }
    found
}

/// How many rows of a case that the robot passes over are told of, where it goes through none of them.
const MOST_PASSED: usize = 10;

/// A case and the robot's rows in it, whether or not they are subjects.
struct OfCase {
    name: String,
    subjects: Vec<Subject>,
}

struct Explainer<'x, 'r> {
    round: &'x Round<'r>,
    words: Words<'r>,
    restricted: bool,
    tried: When<'x>,
}

type Tracing<'r> = Evaluator<'r, View<'r>, Tracer<'r>>;

impl<'r> Explainer<'_, 'r> {
    /// The cases that a name may mean: that of the name, and those of the subjects that may be called so. A row without a
    /// case stands alone.
    fn cases_of(&self, about: &str) -> Vec<OfCase> {
        let of_then = |(subject, case): (Subject, String)| {
            let then = self.tried_on(&subject).map(|(_, case)| case);
            (subject, then.unwrap_or(case))
        };
        let rows = || {
            let rows = roots(self.round.robot, self.round.view).into_iter();
            rows.flat_map(|row| self.round.subjects_at(row)).map(of_then)
        };
        let is_meant = |subject: &Subject, case: &str| {
            let is_numbered = about.strip_prefix(case).is_some_and(|rest| rest.starts_with('/'));
            case == about || (!case.is_empty() && is_numbered) || self.key_of(subject) == about
        };
        let meant: BTreeSet<String> =
            rows().filter(|(subject, case)| is_meant(subject, case)).map(|(_, case)| case).collect();
        let mut cases: Vec<OfCase> = Vec::new();
        for (subject, case) in rows().filter(|(_, case)| meant.contains(case)) {
            match cases.iter_mut().find(|known| known.name == case && !case.is_empty()) {
                Some(known) => known.subjects.push(subject),
                None if !case.is_empty() || is_meant(&subject, &case) => {
                    cases.push(OfCase { name: case, subjects: vec![subject] });
                }
                None => {}
            }
        }
        cases
    }

    /// What tells a row's subject from others, where it has a key of its own.
    fn key_of(&self, subject: &Subject) -> String {
        let key = |row| identity(row, self.round.definitions, self.round.view).join("/");
        subject.row.map(key).unwrap_or_default()
    }

    /// When a subject was tried on another night, and its case then.
    fn tried_on(&self, subject: &Subject) -> Option<(NaiveDate, String)> {
        match self.round.robot.subject.once {
            Once::Never => None,
            Once::Tried | Once::Clear => (self.tried)(&self.key_of(subject)),
        }
    }

    /// A subject that is not tried again.
    fn tried_before(&self, subject: &Subject) -> Option<Explanation> {
        let (night, case) = self.tried_on(subject)?;
        let outcome = match self.round.robot.subject.once {
            Once::Clear => Outcome::Clear.name(),
            Once::Never | Once::Tried => TRIED_BEFORE,
        };
        Some(Explanation {
            robot: self.round.robot.id.clone(),
            subject: self.key_of(subject),
            case,
            outcome: outcome.to_owned(),
            protected: self.round.is_protected_subject(subject),
            delivered: None,
            tried_on: Some(night),
            subject_condition: None,
            facts: Vec::new(),
            checks: Vec::new(),
        })
    }

    fn evaluator(&self, subject: &Subject) -> Tracing<'r> {
        let robot = self.round.robot;
        let tracer = Tracer::new(self.words, &robot.fact_texts);
        let mut evaluator = Evaluator::new(self.round.view, self.round.constants, &robot.facts, tracer);
        evaluator.turn_to(&subject.slots());
        evaluator
    }

    /// A row that the robot's own condition passes over.
    fn passed(&self, subject: &Subject, case: &str) -> Explanation {
        let is_protected = self.round.is_protected_subject(subject);
        let mut evaluator = self.evaluator(subject);
        let is_open = !is_protected || self.restricted;
        Explanation {
            robot: self.round.robot.id.clone(),
            // A person is named by the case alone.
            subject: if subject.number == Number::None { self.key_of(subject) } else { case.to_owned() },
            case: case.to_owned(),
            outcome: NOT_A_SUBJECT.to_owned(),
            protected: is_protected,
            delivered: None,
            tried_on: None,
            subject_condition: self.condition(&mut evaluator).filter(|_| is_open),
            facts: Vec::new(),
            checks: Vec::new(),
        }
    }

    fn subject(&self, subject: &Subject, result: &SubjectResult, case_is_protected: bool) -> Explanation {
        let robot = self.round.robot;
        let is_protected = case_is_protected || self.round.is_protected_subject(subject);
        let mut explanation = Explanation {
            robot: robot.id.clone(),
            subject: result.key.clone(),
            case: result.case.clone(),
            outcome: result.outcome.name().to_owned(),
            protected: is_protected,
            delivered: None,
            tried_on: None,
            subject_condition: None,
            facts: Vec::new(),
            checks: Vec::new(),
        };
        if is_protected && !self.restricted {
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
        let goes_before = result.deviations().map(|finding| finding.check).find(|earlier| *earlier < place);
        let is_first_only = self.round.robot.hit_policy == HitPolicy::First && !check.informs;
        let because = match (verdict, untried) {
            (Verdict::Clear, _) if is_first_only && goes_before.is_some() => {
                goes_before.map(|earlier| format!("prövas inte, {} gäller före.", self.round.robot.checks[earlier].id))
            }
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
            sentences: findings
                .iter()
                .filter(|_| check.says.is_some())
                .map(|finding| finding.sentence.text.clone())
                .collect(),
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
                part.tree.places.splice(0..0, self.words.place(row));
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
        for part in &mut parts {
            part.tree.required = true;
        }
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
