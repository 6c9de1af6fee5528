//! Tries a robot's checks of one subject: what deviates, with the rows that it rests on, and what could not be tried.

use std::sync::Arc;

use crate::definition::robot::{Awaited, Check, HitPolicy, Requirement};
use crate::rule::evaluate::Evaluator;
use crate::rule::tree::{Kind, Slot};
use crate::rule::value::{Missing, RowRef, Truth, Value, Why};
use crate::rule::world::{Sources, World};

use super::order::sort_key;
use super::result::{Finding, Identity, Source, Untried};
use super::round::{Eval, Round};
use super::rows::cell;
use super::subject::{Subject, identity};

/// What became of one check for one subject.
#[derive(Default)]
struct Tried {
    findings: Vec<Finding>,
    untried: Option<Missing>,
}

impl<'r> Round<'r> {
    /// What the checks of a subject come to.
    pub(super) fn try_checks(
        &self,
        subject: &Subject,
        not_tried: Option<Missing>,
        evaluator: &mut Eval<'r>,
    ) -> (Vec<Finding>, Vec<Untried>) {
        let mut findings: Vec<Finding> = Vec::new();
        let mut untried: Vec<Untried> = Vec::new();
        for (place, check) in self.robot.checks.iter().enumerate() {
            // Of rules in order, one that applies is the last that is asked.
            let is_first = self.robot.hit_policy == HitPolicy::First;
            if is_first && findings.iter().any(|finding| !finding.informs) {
                break;
            }
            let mut tried = match not_tried.or_else(|| kept_from(check, place, &findings, &untried)) {
                Some(why) => Tried { findings: Vec::new(), untried: Some(why) },
                None => self.check(place, check, subject, evaluator),
            };
            // One that applies after one that could not be tried: that one may have gone before it.
            if let Some(before) = untried.iter().find(|before| is_first && !before.informs && !check.informs)
                && !tried.findings.is_empty()
            {
                tried = Tried { findings: Vec::new(), untried: Some(passed_on(before.why)) };
            }
            untried.extend(tried.untried.map(|why| Untried { check: place, informs: check.informs, why }));
            findings.extend(tried.findings);
        }
        // Of a night on which everything deviates they are millions, most often one a subject.
        findings.shrink_to_fit();
        untried.shrink_to_fit();
        (findings, untried)
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
            sentence: check.says.as_ref().map(|says| says.fill(evaluator, self.constants)).unwrap_or_default(),
            identity: Identity(who),
            order: check.order_by.iter().map(|order| sort_key(order, evaluator)).collect(),
            columns: check.columns.iter().map(|(_, expr)| cell(expr, evaluator)).collect(),
            sources: if self.robot.note.is_some() { self.sources(check, subject, row) } else { Vec::new() },
        }
    }

    /// The rows that a deviation rests on: the same evaluation once more, with a recorder that notes every row. Only notes
    /// name them.
    fn sources(&self, check: &'r Check, subject: &Subject, row: Option<RowRef>) -> Vec<Source> {
        let mut evaluator = Evaluator::new(self.view, self.constants, &self.robot.facts, Sources::default())
            .with_standing(Arc::clone(&self.standing));
        evaluator.turn_to(&subject.slots());
        if let (Some(each), Some(row)) = (&check.each, row) {
            evaluator.bind(each.slot, Value::Row(row));
            evaluator.recorder.rows.insert(row);
        }
        let _verdict = evaluator.truth(&check.when);
        let _sentence = check.says.as_ref().map(|says| says.fill(&mut evaluator, self.constants));
        evaluator
            .recorder
            .rows
            .iter()
            // What another robot came to stands in the accounts, and in no line of an extract.
            .filter(|row| self.definitions.extracts[usize::from(row.extract.0)].of_robots.is_none())
            .map(|row| Source { extract: row.extract, side: row.side, line: self.view.line(*row) })
            .collect()
    }
}

/// What keeps a check from being tried: one that it waits for deviates, or could not be tried itself.
fn kept_from(check: &Check, place: usize, findings: &[Finding], untried: &[Untried]) -> Option<Missing> {
    check.unless.iter().enumerate().find_map(|(number, Awaited { place: other, .. })| {
        debug_assert!(*other < place, "a check waits for those above it");
        if findings.iter().any(|finding| finding.check == *other) {
            return Some(Missing::because(Why::Unless(u16::try_from(number).unwrap_or(u16::MAX))));
        }
        untried.iter().find(|untried| untried.check == *other).map(|untried| passed_on(untried.why))
    })
}

/// Why a check could not be tried, as the reason of one that waits for it: what the first requires is not the other's.
fn passed_on(why: Missing) -> Missing {
    match why.why {
        Why::Requirement(_) | Why::Unless(_) => Missing::because(Why::Waits),
        _ => why,
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
