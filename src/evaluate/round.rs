//! One robot's round of its subjects.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;

use crate::definition::Definitions;
use crate::definition::robot::{Check, Direction, ListOrder, Order, RejectedMember, Requirement, Robot, SUBJECT};
use crate::extract::{Key, Table, View};
use crate::outcome::Outcome;
use crate::rule::evaluate::{Evaluator, Standing};
use crate::rule::tree::{Expr, Kind, Slot};
use crate::rule::types::{FieldId, Side};
use crate::rule::value::{Missing, RowRef, Truth, Value, Why};
use crate::rule::world::{Constants, Silent, Sources, World};

use super::order::SortKey;
use super::result::{Cell, Finding, Identity, RobotResult, Source, SubjectResult, Untried};
use super::subject::{Number, Subject, identity, roots, subjects_of};

/// Which cases a robot goes through.
#[derive(Clone, Copy, Debug)]
pub enum Cases<'c> {
    /// All of them.
    All,
    /// This one.
    Only(&'c str),
}

/// Sends a robot round its subjects; where it is known which rows may be subjects at all, round those. The order of the subjects, and so the result, does not depend on the threads.
#[must_use]
pub fn go_round(
    robot: &Robot,
    definitions: &Definitions,
    view: &View<'_>,
    constants: &Constants<'_>,
    cases: Cases<'_>,
    candidates: Option<&[bool]>,
) -> RobotResult {
    let round = Round::new(robot, definitions, view, constants);
    let mut roots = roots(robot, view);
    if let Some(candidates) = candidates {
        roots.retain(|root| candidates.get(root.row as usize).copied().unwrap_or(true));
    }
    let at_each = roots.par_iter().with_min_len(64);
    let at_each = at_each.map_init(|| round.evaluator(), |evaluator, row| round.at(*row, cases, evaluator));
    let mut subjects: Vec<SubjectResult> = at_each.flatten_iter().collect();
    subjects.shrink_to_fit();
    subjects.par_sort_by(|a, b| (&a.case, subject_order(&a.key)).cmp(&(&b.case, subject_order(&b.key))));
    subjects.chunk_by_mut(SubjectResult::shares_case).for_each(protect_together);
    let mut result = RobotResult { subjects, ..RobotResult::default() };
    for subject in &result.subjects {
        result.tally.add(subject.outcome);
    }
    result
}

/// Where one subject of a case is found to be protected, so is the case: no other of its subjects is told of openly.
pub(super) fn protect_together(case: &mut [SubjectResult]) {
    if case.iter().all(|subject| subject.outcome != Outcome::Protected) {
        return;
    }
    for subject in case {
        subject.findings.retain(|finding| !finding.informs);
        let deviates = subject.deviations().next().is_some();
        let is_undecided = subject.undecided().next().is_some();
        subject.outcome = Outcome::of(deviates, is_undecided, true);
    }
}

/// `A1/2` before `A1/10`.
fn subject_order(key: &str) -> (&str, usize, &str) {
    match key.rsplit_once('/').and_then(|(case, number)| Some((case, number.parse().ok()?))) {
        Some((case, number)) => (case, number, ""),
        None => (key, usize::MAX, key),
    }
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
    standing: Arc<Standing<'r>>,
}

type Eval<'r> = Evaluator<'r, View<'r>, Silent>;

/// What became of one check for one subject.
#[derive(Default)]
struct Tried {
    findings: Vec<Finding>,
    untried: Option<Missing>,
}

impl<'r> Round<'r> {
    pub(super) fn new(
        robot: &'r Robot,
        definitions: &'r Definitions,
        view: &'r View<'r>,
        constants: &'r Constants<'r>,
    ) -> Self {
        Self { robot, definitions, view, constants, standing: Arc::default() }
    }

    /// The subjects at a row of the extract that the robot goes through, each with its case, whether or not the robot's
    /// condition holds for it.
    pub(super) fn subjects_at(&self, row: RowRef) -> Vec<(Subject, String)> {
        let mut evaluator = self.evaluator();
        let subjects = subjects_of(self.robot, self.definitions, self.view, row, &mut evaluator);
        let with_case = |subject: Subject| {
            evaluator.turn_to(&subject.slots());
            let case = evaluator.value(&self.robot.subject.case).written().unwrap_or_default();
            (subject, case)
        };
        subjects.into_iter().map(with_case).collect()
    }

    /// What one subject comes to; nothing where the robot's condition does not hold for it.
    pub(super) fn result_of(&self, subject: &Subject, cases: Cases<'_>) -> Option<SubjectResult> {
        self.subject(subject, cases, &mut self.evaluator())
    }

    /// Whether a subject's household is protected, whatever it comes to.
    pub(super) fn is_protected_subject(&self, subject: &Subject) -> bool {
        let mut evaluator = self.evaluator();
        evaluator.turn_to(&subject.slots());
        self.is_protected(subject, &mut evaluator)
    }

    fn evaluator(&self) -> Eval<'r> {
        Evaluator::new(self.view, self.constants, &self.robot.facts, Silent).with_standing(Arc::clone(&self.standing))
    }

    /// The subjects at a row of the extract that the robot goes through.
    fn at(&self, row: RowRef, cases: Cases<'_>, evaluator: &mut Eval<'r>) -> Vec<SubjectResult> {
        let subjects = subjects_of(self.robot, self.definitions, self.view, row, evaluator);
        subjects.iter().filter_map(|subject| self.subject(subject, cases, evaluator)).collect()
    }

    fn subject(&self, subject: &Subject, cases: Cases<'_>, evaluator: &mut Eval<'r>) -> Option<SubjectResult> {
        evaluator.turn_to(&subject.slots());
        let is_one = self.robot.subject.condition.as_ref().map_or(Truth::True, |condition| evaluator.truth(condition));
        let not_tried = match is_one {
            Truth::False => return None,
            Truth::Unknown(why) => Some(why),
            Truth::True => subject.row.err().or(subject.doubt),
        };
        let case = evaluator.value(&self.robot.subject.case).written().unwrap_or_default();
        if let Cases::Only(wanted) = cases
            && case != wanted
        {
            return None;
        }
        let mut findings = Vec::new();
        let mut untried = Vec::new();
        for (place, check) in self.robot.checks.iter().enumerate() {
            let tried = match not_tried {
                Some(why) => Tried { findings: Vec::new(), untried: Some(why) },
                None => self.check(place, check, subject, evaluator),
            };
            untried.extend(tried.untried.map(|why| Untried { check: place, informs: check.informs, why }));
            findings.extend(tried.findings);
        }
        let has_news = !findings.is_empty() || !untried.is_empty();
        let is_protected = has_news && self.is_protected(subject, evaluator);
        if is_protected {
            // PDD 00, "Personuppgifter": information is not written about a protected household.
            findings.retain(|finding| !finding.informs);
        }
        let deviates = findings.iter().any(|finding| !finding.informs);
        let is_undecided = untried.iter().any(|untried| !untried.informs);
        let outcome = Outcome::of(deviates, is_undecided, is_protected);
        Some(self.result(subject, case, outcome, findings, untried, evaluator))
    }

    fn result(
        &self,
        subject: &Subject,
        case: String,
        outcome: Outcome,
        findings: Vec<Finding>,
        untried: Vec<Untried>,
        evaluator: &mut Eval<'r>,
    ) -> SubjectResult {
        let own = &self.robot.subject;
        let key = match (subject.number, subject.row) {
            (Number::Person(number), _) => format!("{case}/{number}"),
            (Number::NotKnown, _) | (Number::None, Err(_)) => format!("{case}/?"),
            (Number::None, Ok(row)) => identity(row, self.definitions, self.view).join("/"),
        };
        // Most subjects are clear, and nothing is asked of them but their row in the accounts.
        let is_shown = outcome != Outcome::Clear || !findings.is_empty();
        // Where a row cannot be read, who was gone through tells who was not.
        let own_rows = self.view.table(own.extract, Side::Tonight);
        // So it does where a subject may have no case.
        let may_lack_case = !self.has_case_in_key();
        let is_named = is_shown || may_lack_case || own_rows.is_some_and(|table| !table.rejected.is_empty());
        let mut who = Vec::new();
        if is_named {
            who.push(case.clone());
            who.extend(subject.row.ok().map(|row| identity(row, self.definitions, self.view)).unwrap_or_default());
        }
        let mut written = |expr: &'r Option<Expr>| {
            let value = expr.as_ref().map(|expr| evaluator.value(expr));
            value.and_then(|value| value.written()).unwrap_or_default()
        };
        let (unit, handler) = if is_shown { (written(&own.unit), written(&own.handler)) } else { Default::default() };
        let person = match own.person.as_ref().filter(|_| is_shown).map(|person| evaluator.value(person)) {
            Some(Value::Person(person)) => Some(person),
            _ => None,
        };
        let shown_order: &[Order] = if is_shown { &own.order_by } else { &[] };
        let order = shown_order.iter().map(|order| sort_key(order, evaluator)).collect();
        let (columns, list_order) = if is_shown { self.list_cells(evaluator) } else { (Vec::new(), Vec::new()) };
        let lines = self.lines(evaluator);
        SubjectResult {
            key,
            case,
            identity: Identity(who),
            unit,
            handler,
            person,
            order,
            outcome,
            findings,
            untried,
            columns,
            lines,
            list_order,
        }
    }

    /// Whether a subject's case is a field of its row's key, without which the row is rejected.
    fn has_case_in_key(&self) -> bool {
        match &self.robot.subject.case.kind {
            Kind::Field { extract, field, .. } => self.definitions.extracts[usize::from(extract.0)].key.contains(field),
            _ => false,
        }
    }

    /// The lines that a note of the case ends with because of the subject.
    fn lines(&self, evaluator: &mut Eval<'r>) -> Vec<(usize, String)> {
        let lines = self.robot.note.lines.iter().enumerate();
        let mut said = Vec::new();
        for (place, line) in lines {
            if evaluator.truth(&line.when) == Truth::True {
                said.push((place, line.says.fill(evaluator, self.constants).text));
            }
        }
        said
    }

    fn list_cells(&self, evaluator: &mut Eval<'r>) -> (Vec<Cell>, Vec<(usize, SortKey)>) {
        let list = &self.robot.list;
        let columns = list
            .columns
            .iter()
            .map(|column| match &column.is {
                Some(is) => cell(is, evaluator),
                None => Cell { text: String::new(), key: SortKey::Last },
            })
            .collect();
        let order = list.order_by.iter().enumerate().filter_map(|(place, order)| match order {
            ListOrder::By(order) => Some((place, sort_key(order, evaluator))),
            ListOrder::Column(..) | ListOrder::Case(_) => None,
        });
        (columns, order.collect())
    }

    /// Whether the subject's household is protected. Of a member whose row was rejected, the person is looked up where the
    /// number can be read in it; where it cannot, the case is not tried and nothing is told of that member.
    fn is_protected(&self, subject: &Subject, evaluator: &mut Eval<'r>) -> bool {
        let Some(protection) = &self.robot.protection else { return false };
        if subject.row.is_err() {
            evaluator.bind(SUBJECT, Value::Null);
        }
        evaluator.speaks_for_protection(protection) || self.has_protected_rejected_member(subject)
    }

    fn has_protected_rejected_member(&self, subject: &Subject) -> bool {
        let Some(root) = subject.owner.or(subject.row.ok()) else { return false };
        self.robot.rejected.iter().any(|rejected| {
            let (Some(own), Some(members), Some(register)) = (
                self.view.table(root.extract, root.side),
                self.view.table(rejected.members, Side::Tonight),
                self.view.table(rejected.register, Side::Tonight),
            ) else {
                return false;
            };
            let mine: Vec<FieldId> = rejected.on.iter().map(|(_, mine)| *mine).collect();
            let Some(key) = own.key(root.row as usize, &mine) else { return false };
            let of_case = members.rejected.iter().filter(|row| row.keys.contains(&Some(key.clone())));
            let mut persons = of_case.filter_map(|row| row.person.as_ref());
            persons.any(|person| self.is_protected_person(person, register, rejected))
        })
    }

    fn is_protected_person(&self, person: &Key, register: &Table, rejected: &'r RejectedMember) -> bool {
        // A row of the register that cannot be read, but says whom it is about, may say that they are protected.
        if register.rejected.iter().any(|row| row.person.as_ref() == Some(person)) {
            return true;
        }
        let by = [rejected.by.0];
        let rows = (0..register.len()).filter(|row| register.key(*row, &by).as_ref() == Some(person));
        rows.filter_map(|row| u32::try_from(row).ok()).any(|row| {
            let mut evaluator = Evaluator::new(self.view, self.constants, &[], Silent);
            evaluator.turn_to(&[Value::Row(RowRef { extract: rejected.register, side: Side::Tonight, row })]);
            evaluator.speaks_for_protection(&rejected.protection)
        })
    }

    fn check(&self, place: usize, check: &'r Check, subject: &Subject, evaluator: &mut Eval<'r>) -> Tried {
        let Some(each) = &check.each else {
            return self.at_row(place, check, subject, None, evaluator);
        };
        let rows = match evaluator.value(&each.rows) {
            Value::Rows(rows) => rows,
            other => {
                let why = other.missing().unwrap_or(Missing::because(Why::Null));
                return Tried { findings: Vec::new(), untried: Some(why) };
            }
        };
        // With no row to ask it at, what is required is asked all the same, as far as it does not speak of a row.
        if rows.rows.is_empty() && rows.open.is_none() {
            return Tried { findings: Vec::new(), untried: unmet_without_rows(check, each.slot, evaluator) };
        }
        let mut all = Tried { findings: Vec::new(), untried: rows.open };
        for at in 0..rows.rows.len() {
            let row = rows.at(at);
            evaluator.bind(each.slot, Value::Row(row));
            let tried = self.at_row(place, check, subject, Some(row), evaluator);
            match rows.doubt(at) {
                None => {
                    all.findings.extend(tried.findings);
                    all.untried = all.untried.or(tried.untried);
                }
                // A row that may not belong: it cannot deviate, only leave the check untried where it would.
                Some(why) if !tried.findings.is_empty() || tried.untried.is_some() => {
                    all.untried = all.untried.or(Some(why));
                }
                Some(_) => {}
            }
        }
        all
    }

    fn at_row(
        &self,
        place: usize,
        check: &'r Check,
        subject: &Subject,
        row: Option<RowRef>,
        evaluator: &mut Eval<'r>,
    ) -> Tried {
        let untried = |why| Tried { findings: Vec::new(), untried: Some(why) };
        if let Some(why) = unmet(check, false, evaluator) {
            return untried(why);
        }
        match evaluator.truth(&check.when) {
            Truth::False => unmet(check, true, evaluator).map_or_else(Tried::default, untried),
            Truth::Unknown(why) => untried(why),
            Truth::True => Tried { findings: vec![self.finding(place, check, subject, row, evaluator)], untried: None },
        }
    }

    fn finding(
        &self,
        place: usize,
        check: &'r Check,
        subject: &Subject,
        row: Option<RowRef>,
        evaluator: &mut Eval<'r>,
    ) -> Finding {
        let mut who = row.map(|row| identity(row, self.definitions, self.view)).unwrap_or_default();
        who.extend(check.identity.iter().map(|expr| evaluator.value(expr).written().unwrap_or_default()));
        Finding {
            check: place,
            informs: check.informs,
            sentence: check.says.fill(evaluator, self.constants),
            identity: Identity(who),
            order: check.order_by.iter().map(|order| sort_key(order, evaluator)).collect(),
            columns: check.columns.iter().map(|(header, expr)| (header.clone(), cell(expr, evaluator))).collect(),
            sources: self.sources(check, subject, row),
        }
    }

    /// The rows that a deviation rests on: the same evaluation once more, with a recorder that notes every row.
    fn sources(&self, check: &'r Check, subject: &Subject, row: Option<RowRef>) -> Vec<Source> {
        let mut evaluator = Evaluator::new(self.view, self.constants, &self.robot.facts, Sources::default())
            .with_standing(Arc::clone(&self.standing));
        evaluator.turn_to(&subject.slots());
        if let (Some(each), Some(row)) = (&check.each, row) {
            evaluator.bind(each.slot, Value::Row(row));
            evaluator.recorder.rows.insert(row);
        }
        let _verdict = evaluator.truth(&check.when);
        let _sentence = check.says.fill(&mut evaluator, self.constants);
        evaluator
            .recorder
            .rows
            .iter()
            .map(|row| Source { extract: row.extract, side: row.side, line: self.view.line(*row) })
            .collect()
    }
}

/// What keeps a check over rows from being tried or clear where there are no rows.
fn unmet_without_rows<'r>(check: &'r Check, slot: Slot, evaluator: &mut Eval<'r>) -> Option<Missing> {
    for (number, requirement) in check.requires.iter().enumerate() {
        let speaks_of_row =
            requirement.that.any(&|part| matches!(part.kind, Kind::Local(spoken_of) if spoken_of == slot));
        let unmet = if speaks_of_row { None } else { unmet_one(number, requirement, evaluator) };
        if unmet.is_some() {
            return unmet;
        }
    }
    None
}

/// What keeps one requirement from being met.
fn unmet_one<'r>(number: usize, requirement: &'r Requirement, evaluator: &mut Eval<'r>) -> Option<Missing> {
    match evaluator.truth(&requirement.that) {
        Truth::True => None,
        Truth::False => Some(Missing::because(Why::Requirement(u16::try_from(number).unwrap_or(u16::MAX)))),
        Truth::Unknown(why) => Some(why),
    }
}

/// What keeps a check from being tried, or, once its condition does not hold, from being clear.
fn unmet<'r>(check: &'r Check, to_clear: bool, evaluator: &mut Eval<'r>) -> Option<Missing> {
    for (number, requirement) in check.requires.iter().enumerate() {
        if requirement.only_to_clear == to_clear
            && let Some(missing) = unmet_one(number, requirement, evaluator)
        {
            return Some(missing);
        }
    }
    None
}

fn sort_key<'r>(order: &'r Order, evaluator: &mut Eval<'r>) -> SortKey {
    let value = evaluator.value(&order.by);
    SortKey::of(&value, &order.by.ty, order.direction)
}

fn cell<'r>(expr: &'r Expr, evaluator: &mut Eval<'r>) -> Cell {
    let value = evaluator.value(expr);
    let key = SortKey::of(&value, &expr.ty, Direction::Ascending);
    Cell { text: value.written().unwrap_or_default(), key }
}
