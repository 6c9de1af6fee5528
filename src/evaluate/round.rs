//! One robot's round of its subjects.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::definition::Definitions;
use crate::definition::robot::{AFTER, NoteOf, Once, Order, Robot};
use crate::extract::{Key, View};
use crate::ledger::KeyedHasher;
use crate::outcome::Outcome;
use crate::rule::evaluate::{Evaluator, Standing};
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::Side;
use crate::rule::value::{RowRef, Truth, Value};
use crate::rule::world::{Constants, Silent};

use super::errand::{Cases, Errand};
use super::notes::spoken_of;
use super::order::sort_key;
use super::protection::protect_together;
use super::result::{Finding, Identity, RobotResult, SubjectResult, Untried};
use super::subject::{Number, Subject, identity, roots, subjects_of};

/// Sends a robot round its subjects. Their order, and so the result, does not depend on the threads.
#[must_use]
pub fn go_round(
    robot: &Robot,
    definitions: &Definitions,
    view: &View<'_>,
    constants: &Constants<'_>,
    errand: Errand<'_>,
) -> RobotResult {
    let round = Round::new(robot, definitions, view, constants);
    let mut roots = roots(robot, view);
    if let Some(candidates) = errand.candidates {
        roots.retain(|root| candidates.get(root.row as usize).copied().unwrap_or(true));
    }
    let at_each = roots.par_iter().with_min_len(64);
    let at_each = at_each.map_init(|| round.evaluator(), |evaluator, row| round.at(*row, errand, evaluator));
    let mut subjects: Vec<Box<SubjectResult>> = at_each.flatten_iter().map(Box::new).collect();
    // Those that are called alike keep the order of the file.
    subjects.par_sort_by(|a, b| place_of(a).cmp(&place_of(b)));
    subjects.chunk_by_mut(|one, next| one.shares_case(next)).for_each(|case| protect_together(robot, case));
    let summaries = round.summaries(&subjects);
    let mut result = RobotResult { subjects, summaries, rows: Vec::new(), ..RobotResult::default() };
    for subject in &result.subjects {
        result.tally.add(subject.outcome);
    }
    result.rows = round.rows_of_extracts(&result.subjects);
    result
}

/// What a subject is sorted by: its case, and its key, `A1/2` before `A1/10`.
fn place_of(subject: &SubjectResult) -> (&str, (&str, usize, &str), &str) {
    let key = &*subject.key;
    let of_key = match key.rsplit_once('/').and_then(|(case, number)| Some((case, number.parse().ok()?))) {
        Some((case, number)) => (case, number, ""),
        None => (key, usize::MAX, key),
    };
    (&subject.case, of_key, key)
}

/// Runs one robot's work so that its failure, a panic included, is its own; nothing where it panicked. The panic's text
/// may hold personal data and is thrown away; its place in the code is in the log.
pub fn isolated<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// A robot and what it goes round in.
pub(super) struct Round<'r> {
    pub(super) robot: &'r Robot,
    pub(super) definitions: &'r Definitions,
    pub(super) view: &'r View<'r>,
    pub(super) constants: &'r Constants<'r>,
    /// What is the same for every subject.
    pub(super) standing: Arc<Standing<'r>>,
    /// The keys of the rows that have a protected person among those whose own rows were rejected, for each of the places where
    /// that is looked up.
    pub(super) protected_rejected: OnceLock<Vec<HashSet<Key>>>,
}

/// Works out a robot's expressions on its round.
pub(super) type Eval<'r> = Evaluator<'r, View<'r>, Silent>;

/// What a subject came to.
struct CameTo {
    outcome: Outcome,
    findings: Vec<Finding>,
    untried: Vec<Untried>,
    is_protected: bool,
    is_remembered: bool,
    /// Whether it is known to be a subject, and which row it is.
    is_tried: bool,
}

impl<'r> Round<'r> {
    pub(super) fn new(
        robot: &'r Robot,
        definitions: &'r Definitions,
        view: &'r View<'r>,
        constants: &'r Constants<'r>,
    ) -> Self {
        Self { robot, definitions, view, constants, standing: Arc::default(), protected_rejected: OnceLock::new() }
    }

    /// The subjects at a row of the extract that the robot goes through, each with its case, whether or not the robot's
    /// condition holds for it.
    pub(super) fn subjects_at(&self, row: RowRef) -> Vec<(Subject, String)> {
        let mut evaluator = self.evaluator();
        let subjects = subjects_of(self.robot, self.definitions, self.view, row, &mut evaluator);
        let with_case = |subject: Subject| {
            let own_case = &self.robot.subject.case;
            let case = if asks_after_the_checks(own_case) {
                let result = self.subject(&subject, Errand::ALL, &mut evaluator);
                result.map(|result| result.case).unwrap_or_default()
            } else {
                evaluator.turn_to(&subject.slots());
                evaluator.value(own_case).written().unwrap_or_default()
            };
            (subject, case)
        };
        subjects.into_iter().map(with_case).collect()
    }

    /// What one subject comes to; nothing where the robot's condition does not hold for it.
    pub(super) fn result_of(&self, subject: &Subject) -> Option<SubjectResult> {
        self.subject(subject, Errand::ALL, &mut self.evaluator())
    }

    pub(super) fn evaluator(&self) -> Eval<'r> {
        Evaluator::new(self.view, self.constants, &self.robot.facts, Silent).with_standing(Arc::clone(&self.standing))
    }

    /// The subjects at a row of the extract that the robot goes through.
    fn at(&self, row: RowRef, errand: Errand<'_>, evaluator: &mut Eval<'r>) -> Vec<SubjectResult> {
        let subjects = subjects_of(self.robot, self.definitions, self.view, row, evaluator);
        subjects.iter().filter_map(|subject| self.subject(subject, errand, evaluator)).collect()
    }

    fn subject(&self, subject: &Subject, errand: Errand<'_>, evaluator: &mut Eval<'r>) -> Option<SubjectResult> {
        evaluator.turn_to(&subject.slots());
        let is_one = self.robot.subject.condition.as_ref().map_or(Truth::True, |condition| evaluator.truth(condition));
        let not_tried = match is_one {
            Truth::False => return None,
            Truth::Unknown(why) => Some(why),
            Truth::True => subject.row.err().or(subject.doubt),
        };
        let remembered = match self.robot.subject.once {
            Once::Never => None,
            Once::Tried | Once::Clear => errand.other_nights.tried(&self.own_key(subject)),
        };
        if remembered.is_some() && self.robot.subject.once == Once::Tried {
            return None;
        }
        let own_case = &self.robot.subject.case;
        let known_case = match remembered {
            Some(case) => Some(case.to_owned()),
            None if asks_after_the_checks(own_case) => None,
            None => Some(evaluator.value(own_case).written().unwrap_or_default()),
        };
        let is_another = |case: &str| matches!(errand.cases, Cases::Only(wanted) if wanted != case);
        if known_case.as_deref().is_some_and(is_another) {
            return None;
        }
        let (mut findings, untried) = match remembered {
            Some(_) => (Vec::new(), Vec::new()),
            None => self.try_checks(subject, not_tried, evaluator),
        };
        let has_news = !findings.is_empty() || !untried.is_empty();
        let is_asked = has_news || (remembered.is_none() && self.writes_of_clear_subjects());
        let is_protected = is_asked && self.is_protected(subject, evaluator);
        if is_protected {
            // PDD 00, "Personuppgifter": information is not written about a protected household.
            findings.retain(|finding| !finding.informs);
        }
        let deviates = findings.iter().any(|finding| !finding.informs);
        let is_undecided = untried.iter().any(|untried| !untried.informs);
        let outcome = Outcome::of(deviates, is_undecided, is_protected);
        self.bind_after(outcome, &findings, &untried, evaluator);
        let case = known_case.unwrap_or_else(|| evaluator.value(own_case).written().unwrap_or_default());
        if is_another(&case) {
            return None;
        }
        let came_to = CameTo {
            outcome,
            findings,
            untried,
            is_protected,
            is_remembered: remembered.is_some(),
            is_tried: not_tried.is_none(),
        };
        Some(self.result(subject, (case, errand.hasher), came_to, evaluator))
    }

    /// The key of a subject that has one of its own.
    fn own_key(&self, subject: &Subject) -> String {
        subject.row.map(|row| identity(row, self.definitions, self.view).join("/")).unwrap_or_default()
    }

    fn result(
        &self,
        subject: &Subject,
        (case, hasher): (String, Option<&KeyedHasher>),
        came_to: CameTo,
        evaluator: &mut Eval<'r>,
    ) -> SubjectResult {
        let own = &self.robot.subject;
        let CameTo { outcome, findings, untried, is_protected, is_remembered, is_tried } = came_to;
        let key = match (subject.number, subject.row) {
            (Number::Person(number), _) => format!("{case}/{number}"),
            (Number::NotKnown, _) | (Number::None, Err(_)) => format!("{case}/?"),
            (Number::None, Ok(_)) => self.own_key(subject),
        };
        let rows = if is_remembered {
            Vec::new()
        } else {
            self.list_rows(outcome, (&findings, &untried), is_protected, evaluator)
        };
        // Most subjects are clear, and nothing is asked of them but their row in the accounts.
        let in_note = matches!(&self.robot.note, Some(note) if !matches!(note.of, NoteOf::Deviations));
        let is_noted = in_note && !is_remembered;
        let is_shown = outcome != Outcome::Clear || !findings.is_empty() || is_noted || !rows.is_empty();
        // Where a row cannot be read, who was gone through tells who was not.
        let own_rows = self.view.table(own.extract, Side::Tonight);
        // So it does where a subject may have no case.
        let may_lack_case = !self.has_case_in_key();
        let is_named = is_shown || may_lack_case || own_rows.is_some_and(|table| !table.rejected.is_empty());
        let mut who = Identity::default();
        if is_named || hasher.is_some() {
            who.0.push(case.clone());
            who.0.extend(subject.row.ok().map(|row| identity(row, self.definitions, self.view)).unwrap_or_default());
        }
        let hash = hasher.map(|hasher| who.hash(hasher));
        if !is_named {
            who = Identity::default();
        }
        let mut written = |expr: &'r Option<Expr>| {
            let value = expr.as_ref().map(|expr| evaluator.value(expr));
            value.and_then(|value| value.written()).unwrap_or_default()
        };
        let (unit, handler) = if is_shown { (written(&own.unit), written(&own.handler)) } else { Default::default() };
        let mut person_of =
            |expr: &'r Option<Expr>| match expr.as_ref().filter(|_| is_shown).map(|person| evaluator.value(person)) {
                Some(Value::Person(person)) => Some(person),
                _ => None,
            };
        let person = person_of(&own.person);
        let applicant = if own.applicant.is_some() { person_of(&own.applicant) } else { person };
        let shown_order: &[Order] = if is_shown { &own.order_by } else { &[] };
        let order = shown_order.iter().map(|order| sort_key(order, evaluator)).collect();
        // What was asked since has used the same places.
        self.bind_after(outcome, &findings, &untried, evaluator);
        let (heading, lines, spoken_of) = match &self.robot.note {
            Some(note) if !is_remembered => {
                let heading = note.heading.as_ref().filter(|_| is_shown);
                let heading = heading.map(|heading| heading.fill(evaluator, self.constants).text).unwrap_or_default();
                let lines = if is_tried { self.lines(note, evaluator) } else { Vec::new() };
                (heading, lines, spoken_of(note, subject, is_protected, evaluator))
            }
            _ => (String::new(), Vec::new(), None),
        };
        let counted_in = if is_remembered { Vec::new() } else { self.counted_in(subject, outcome) };
        SubjectResult {
            key,
            case,
            identity: who,
            hash,
            unit,
            handler,
            person,
            applicant,
            order,
            outcome,
            findings,
            untried,
            is_in_protected_household: is_protected,
            is_remembered,
            rows,
            heading,
            lines,
            spoken_of,
            counted_in,
        }
    }

    /// Whether a subject's case is a field of its row's key, without which the row is rejected.
    fn has_case_in_key(&self) -> bool {
        match &self.robot.subject.case.kind {
            Kind::Field { extract, field, .. } => self.definitions.extracts[usize::from(extract.0)].key.contains(field),
            _ => false,
        }
    }
}

/// Whether an expression speaks of what the checks came to.
fn asks_after_the_checks(expr: &Expr) -> bool {
    expr.any(&|part| matches!(part.kind, Kind::Local(slot) if AFTER.contains(&slot)))
}
