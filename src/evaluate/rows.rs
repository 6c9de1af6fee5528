//! The rows of a robot's lists, as far as they can be told before it is known what is new.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::definition::robot::{AFTER, ColumnIs, Covers, Direction, List, ListOrder, Per, Robot, SUBJECT};
use crate::extract::Key;
use crate::outcome::Outcome;
use crate::rule::tree::Expr;
use crate::rule::types::{FieldId, Side};
use crate::rule::value::{RowRef, Truth, Value};

use super::order::{SortKey, sort_key};
use super::result::{Cell, FileOf, Finding, ListRow, RobotResult, SubjectResult, Untried};
use super::round::{Eval, Round};
use super::subject::Subject;

impl<'r> Round<'r> {
    /// Tells the evaluator what the checks came to: how many deviate, how many could not be tried, what the deviations
    /// weigh together, the outcome, and the deviations' ids.
    pub(super) fn bind_after(
        &self,
        outcome: Outcome,
        findings: &[Finding],
        untried: &[Untried],
        evaluator: &mut Eval<'r>,
    ) {
        let robot: &'r Robot = self.robot;
        let deviates = |place: &usize| findings.iter().any(|finding| finding.check == *place && !finding.informs);
        let deviating: Vec<usize> = (0..robot.checks.len()).filter(deviates).collect();
        let undecided =
            untried.iter().filter(|untried| !untried.informs && !deviating.contains(&untried.check)).count();
        let points: u64 = deviating.iter().map(|place| u64::from(robot.checks[*place].weight)).sum();
        let reasons = deviating.iter().map(|place| Value::Text(robot.checks[*place].id.as_str().into())).collect();
        let [of_deviations, of_undecided, of_points, of_outcome, of_reasons] = AFTER;
        evaluator.bind(of_deviations, Value::Number(deviating.len().into()));
        evaluator.bind(of_undecided, Value::Number(undecided.into()));
        evaluator.bind(of_points, Value::Number(points.into()));
        evaluator.bind(of_outcome, Value::Text(outcome.name().into()));
        evaluator.bind(of_reasons, Value::of_list(reasons));
    }

    /// What is counted for each row of a list over another extract, by the row's key.
    fn counts(&self, list: usize, subjects: &[Box<SubjectResult>]) -> HashMap<Key, Counted> {
        let mut counts: HashMap<Key, Counted> = HashMap::new();
        for subject in subjects.iter().filter(|subject| subject.outcome != Outcome::Protected) {
            for (_, key) in subject.counted_in.iter().filter(|(place, _)| *place == list) {
                let counted = counts.entry(key.clone()).or_default();
                let mut deviating: Vec<usize> = subject.deviations().map(|finding| finding.check).collect();
                deviating.dedup();
                counted.deviations += deviating.len() as u64;
                counted.undecided += subject.undecided().count() as u64;
                counted.points +=
                    deviating.iter().map(|check| u64::from(self.robot.checks[*check].weight)).sum::<u64>();
            }
        }
        counts
    }

    /// The rows of lists over other extracts that a subject with something to count belongs to.
    pub(super) fn counted_in(&self, subject: &Subject, outcome: Outcome) -> Vec<(usize, Key)> {
        let lists = self.robot.all_lists().enumerate().filter(|(_, list)| !list.subjects.is_empty());
        if !matches!(outcome, Outcome::Flagged | Outcome::Undecided) {
            return Vec::new();
        }
        let key = |list: &List| {
            let row = subject.row.ok()?;
            let fields: Vec<FieldId> = list.subjects.iter().map(|(_, theirs)| *theirs).collect();
            self.view.table(row.extract, row.side)?.key(row.row as usize, &fields)
        };
        lists.filter_map(|(place, list)| Some((place, key(list)?))).collect()
    }

    /// The rows of one subject.
    pub(super) fn list_rows(
        &self,
        outcome: Outcome,
        (findings, untried): (&[Finding], &[Untried]),
        is_protected: bool,
        evaluator: &mut Eval<'r>,
    ) -> Vec<ListRow> {
        let mut rows = Vec::new();
        // What is written of a protected household stands in a list of its own.
        if outcome == Outcome::Protected {
            return rows;
        }
        for (place, list) in self.robot.all_lists().enumerate() {
            let is_of_others = matches!(list.per, Per::Row(_));
            let is_kept_in = is_protected && list.leaves.is_some();
            if !is_of_others
                && !is_kept_in
                && (is_by_hand_and_untried(place, list, findings, untried)
                    || has_a_row(list, outcome, findings, evaluator))
            {
                rows.push(row(place, list, evaluator));
            }
        }
        rows.shrink_to_fit();
        rows
    }

    /// The rows of the lists that go over an extract of their own.
    pub(super) fn rows_of_extracts(&self, subjects: &[Box<SubjectResult>]) -> Vec<ListRow> {
        let mut rows = Vec::new();
        for (place, list) in self.robot.all_lists().enumerate() {
            let Per::Row(extract) = list.per else { continue };
            let own: Vec<FieldId> = list.subjects.iter().map(|(own, _)| *own).collect();
            let counts = if own.is_empty() { HashMap::new() } else { self.counts(place, subjects) };
            let count = self.view.table(extract, Side::Tonight).map_or(0, crate::extract::Table::len);
            let one = |evaluator: &mut Eval<'r>, number: usize| {
                let row_of_list = u32::try_from(number).ok()?;
                let at = RowRef { extract, side: Side::Tonight, row: row_of_list };
                evaluator.turn_to(&[Value::Row(at), Value::Null]);
                debug_assert_eq!(SUBJECT.0, 0, "the row comes first");
                if !own.is_empty() {
                    let key = self.view.table(extract, Side::Tonight).and_then(|table| table.key(number, &own));
                    let counted = key.and_then(|key| counts.get(&key).copied()).unwrap_or_default();
                    for (slot, number) in AFTER.into_iter().zip([counted.deviations, counted.undecided, counted.points])
                    {
                        evaluator.bind(slot, Value::Number(number.into()));
                    }
                }
                let is_in = list.condition.as_ref().is_none_or(|condition| evaluator.truth(condition) == Truth::True);
                is_in.then(|| row(place, list, evaluator))
            };
            let each = (0..count).into_par_iter().map_init(|| self.evaluator(), one);
            rows.par_extend(each.flatten_iter());
        }
        rows
    }
}

/// Whether a list may have a row of a subject that is clear: without a condition it has only those that are not.
pub(super) fn may_list_clear_subjects(list: &List) -> bool {
    list.condition.is_some() && !matches!(list.per, Per::Row(_))
}

/// Takes out of a subject's rows what may not be told of a protected household. The lists that must have a row of it show what
/// the list of protected ones shows, its case or its own key, the unit and the official, and the columns that the robot says
/// hold nothing else; the others have no row. Where in the list and in which file the row stands tells nothing either.
pub(super) fn withhold(robot: &Robot, subject: &mut SubjectResult) {
    let SubjectResult { key, case, unit, handler, rows, .. } = subject;
    let is_told = |text: &str| [&*key, case, unit, handler].into_iter().any(|told| told == text);
    let list_at = |place: usize| robot.all_lists().nth(place).expect("a row is of one of the robot's lists");
    rows.retain(|row| list_at(row.list).covers.is_some() && list_at(row.list).leaves.is_none());
    for row in rows {
        for (cell, column) in row.columns.iter_mut().zip(&list_at(row.list).columns) {
            if !column.protected_too && !is_told(&cell.text) {
                *cell = Cell { text: String::new(), key: SortKey::Last };
            }
        }
        row.order.clear();
        row.file = row.file.as_ref().map(|_| FileOf::Protected);
    }
}

/// What the subjects that belong to a row came to, together.
#[derive(Clone, Copy, Default)]
struct Counted {
    deviations: u64,
    undecided: u64,
    points: u64,
}

/// What could not be tried is always on the list of what someone is to check, also of one in which something else deviates
/// that the list does not tell of. What a whole missing extract kept from being tried is told there once for all.
fn is_by_hand_and_untried(place: usize, list: &List, findings: &[Finding], untried: &[Untried]) -> bool {
    let deviates = |check: usize| findings.iter().any(|finding| finding.check == check);
    let is_flagged = findings.iter().any(|finding| !finding.informs);
    let is_told = |untried: &&Untried| {
        let is_of_list = list.checks.is_empty() || list.checks.contains(&untried.check);
        !is_flagged || (is_of_list && !untried.why.why.is_whole_extract())
    };
    place == 0 && untried.iter().filter(|untried| !untried.informs && !deviates(untried.check)).any(|one| is_told(&one))
}

/// Whether a subject has a row in a list.
fn has_a_row<'r>(list: &'r List, outcome: Outcome, findings: &[Finding], evaluator: &mut Eval<'r>) -> bool {
    let deviates = || findings.iter().any(|finding| !finding.informs && list.checks.contains(&finding.check));
    let is_told_of = list.checks.is_empty() || deviates();
    match &list.condition {
        Some(condition) => is_told_of && evaluator.truth(condition) == Truth::True,
        None if list.checks.is_empty() => matches!(outcome, Outcome::Flagged | Outcome::Undecided),
        None => is_told_of,
    }
}

fn row<'r>(place: usize, list: &'r List, evaluator: &mut Eval<'r>) -> ListRow {
    let one = |is: &'r ColumnIs, evaluator: &mut Eval<'r>| match is {
        ColumnIs::Value(is) => cell(is, evaluator),
        ColumnIs::OfCheck | ColumnIs::New => Cell { text: String::new(), key: SortKey::Last },
    };
    let columns = list.columns.iter().map(|column| one(&column.is, evaluator)).collect();
    let order = list.order_by.iter().enumerate().filter_map(|(place, order)| match order {
        ListOrder::By(order) => Some((place, sort_key(order, evaluator))),
        ListOrder::Column(..) | ListOrder::Case(_) => None,
    });
    let order = order.collect();
    let file = list.file_per.as_ref().map(|value| FileOf::Value(evaluator.value(value).written().unwrap_or_default()));
    ListRow { list: place, columns, order, file }
}

pub(super) fn cell<'r>(expr: &'r Expr, evaluator: &mut Eval<'r>) -> Cell {
    let value = evaluator.value(expr);
    let key = SortKey::of(&value, &expr.ty, Direction::Ascending);
    Cell { text: value.written().unwrap_or_default(), key }
}

/// A subject that stands in none of the lists that it should stand in (PDD 06: none may be lost).
#[must_use]
pub fn lost<'s>(robot: &Robot, result: &'s RobotResult) -> Option<&'s SubjectResult> {
    let covering = |wanted: Covers| {
        let lists = robot.all_lists().enumerate();
        lists.filter(move |(_, list)| list.covers == Some(wanted)).map(|(place, _)| place).collect::<Vec<_>>()
    };
    let (of_clear, of_every) = (covering(Covers::Clear), covering(Covers::Every));
    let is_lost = |subject: &&SubjectResult| {
        if subject.outcome == Outcome::Protected || subject.is_remembered {
            return false;
        }
        let is_kept_in = |list: usize| {
            let leaves = robot.all_lists().nth(list).is_some_and(|list| list.leaves.is_some());
            leaves && subject.is_in_protected_household
        };
        let lacks = |lists: &[usize]| lists.iter().any(|list| subject.row_in(*list).is_none() && !is_kept_in(*list));
        let is_clear = subject.outcome == Outcome::Clear;
        lacks(&of_every) || (is_clear && lacks(&of_clear)) || (!is_clear && subject.rows.is_empty())
    };
    result.subjects.iter().map(|subject| &**subject).find(is_lost)
}
