//! The list of what someone is to check by hand, and the separate one of protected households.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::definition::Definitions;
use crate::definition::robot::{Direction, ListOrder, Per, Robot};
use crate::evaluate::{Cell, Finding, RobotResult, SortKey, SubjectResult, reason};
use crate::ledger::Novelty;
use crate::outcome::Outcome;

use super::note::Noted;
use super::sheet::{lines, lines_of, sheet, with_header};

/// One row before it is written.
struct Row<'r> {
    unit: &'r str,
    handler: &'r str,
    case: &'r str,
    columns: Vec<Cell>,
    deviations: String,
    untried: String,
    subject: &'r SubjectResult,
}

/// A subject with which of its findings are new.
type Told<'r> = (&'r SubjectResult, &'r [Novelty]);

/// The list of a robot, as its file. Holds no protected household.
#[must_use]
pub fn list(robot: &Robot, result: &RobotResult, noted: &Noted, definitions: &Definitions) -> (Vec<u8>, usize) {
    let shown: Vec<Told<'_>> = result
        .subjects
        .iter()
        .zip(noted)
        .filter(|(subject, _)| matches!(subject.outcome, Outcome::Flagged | Outcome::Undecided))
        .filter(|(subject, _)| !subject.only_lacks_whole_extracts())
        .map(|(subject, novelty)| (subject, novelty.as_slice()))
        .collect();
    let mut rows: Vec<Row<'_>> = match robot.list.per {
        Per::Case => {
            let cases: Vec<&[Told<'_>]> = shown.chunk_by(|(a, _), (b, _)| a.shares_case(b)).collect();
            cases.into_par_iter().map(|case| row_of_case(robot, case, definitions)).collect()
        }
        Per::Subject => {
            shown.par_iter().map(|told| row_of_case(robot, std::slice::from_ref(told), definitions)).collect()
        }
        Per::Finding => shown.par_iter().flat_map_iter(|told| rows_of_findings(robot, told, definitions)).collect(),
    };
    rows.par_sort_by(|a, b| order(robot, a, b));
    let mut header = vec!["enhet", "handläggare", "ärendenummer"];
    header.extend(robot.list.columns.iter().map(|column| column.header.as_str()));
    header.extend(["avvikelser", "kunde inte prövas"]);
    let top = lines(whole_extracts(robot, result, definitions, header.len()));
    let below = lines_of(&rows, |row| {
        let columns = row.columns.iter().map(|cell| cell.text.as_str());
        let first = [row.unit, row.handler, row.case].into_iter();
        first.chain(columns).chain([row.deviations.as_str(), row.untried.as_str()]).collect::<Vec<&str>>()
    });
    (with_header(&header, &[top, below]), rows.len())
}

/// What a whole missing extract kept from being tried: told once, at the top.
fn whole_extracts(robot: &Robot, result: &RobotResult, definitions: &Definitions, width: usize) -> Option<Vec<String>> {
    let mut reasons: Vec<(String, Vec<usize>)> = Vec::new();
    let open = result.subjects.iter().filter(|subject| subject.outcome != Outcome::Protected);
    for untried in open.flat_map(SubjectResult::undecided) {
        if untried.why.why.is_whole_extract() {
            add(&mut reasons, reason(&untried.why, &robot.checks[untried.check], definitions), untried.check);
        }
    }
    if reasons.is_empty() {
        return None;
    }
    let mut cells = vec![String::new(); width];
    cells[width - 1] = written(robot, reasons);
    Some(cells)
}

fn add(reasons: &mut Vec<(String, Vec<usize>)>, reason: String, check: usize) {
    match reasons.iter_mut().find(|(known, _)| *known == reason) {
        Some((_, checks)) if checks.contains(&check) => {}
        Some((_, checks)) => checks.push(check),
        None => reasons.push((reason, vec![check])),
    }
}

/// `farre-skrivna, fler-skrivna: sökanden saknas; …`
fn written(robot: &Robot, reasons: Vec<(String, Vec<usize>)>) -> String {
    let one = |(reason, mut checks): (String, Vec<usize>)| {
        checks.sort_unstable();
        let ids: Vec<&str> = checks.iter().map(|check| robot.checks[*check].id.as_str()).collect();
        format!("{}: {reason}", ids.join(", "))
    };
    reasons.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

fn untried(robot: &Robot, subjects: &[Told<'_>], definitions: &Definitions) -> String {
    let mut reasons: Vec<(String, Vec<usize>)> = Vec::new();
    for untried in subjects.iter().flat_map(|(subject, _)| subject.undecided()) {
        if !untried.why.why.is_whole_extract() {
            add(&mut reasons, reason(&untried.why, &robot.checks[untried.check], definitions), untried.check);
        }
    }
    written(robot, reasons)
}

/// `nytt-fordon (ny), okant-fordon`: all deviations that stand, in the robot's order.
fn deviations<'f>(robot: &Robot, findings: impl Iterator<Item = (&'f Finding, Novelty)>) -> String {
    let mut checks: Vec<(usize, bool)> = Vec::new();
    for (finding, novelty) in findings {
        let is_new = novelty == Novelty::New;
        match checks.iter_mut().find(|(check, _)| *check == finding.check) {
            Some((_, any_new)) => *any_new |= is_new,
            None => checks.push((finding.check, is_new)),
        }
    }
    checks.sort_unstable();
    let one = |(check, is_new): &(usize, bool)| {
        let id = &robot.checks[*check].id;
        if *is_new { format!("{id} (ny)") } else { id.clone() }
    };
    checks.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn findings<'r>(told: &Told<'r>) -> impl Iterator<Item = (&'r Finding, Novelty)> + use<'r> {
    told.0.findings.iter().zip(told.1.iter().copied()).filter(|(finding, _)| !finding.informs)
}

fn row_of_case<'r>(robot: &Robot, subjects: &[Told<'r>], definitions: &Definitions) -> Row<'r> {
    let first = subjects.iter().min_by(|(a, _), (b, _)| (&a.order, &a.key).cmp(&(&b.order, &b.key)));
    let (first, _) = first.expect("a case has a subject");
    Row {
        unit: &first.unit,
        handler: &first.handler,
        case: &first.case,
        columns: first.columns.clone(),
        deviations: deviations(robot, subjects.iter().flat_map(findings)),
        untried: untried(robot, subjects, definitions),
        subject: first,
    }
}

fn rows_of_findings<'r>(robot: &Robot, told: &Told<'r>, definitions: &Definitions) -> Vec<Row<'r>> {
    let subject = told.0;
    let row = |columns, deviations, untried| Row {
        unit: &subject.unit,
        handler: &subject.handler,
        case: &subject.case,
        columns,
        deviations,
        untried,
        subject,
    };
    let mut rows: Vec<Row<'r>> = findings(told)
        .map(|(finding, novelty)| {
            let columns = robot.list.columns.iter().zip(&subject.columns).map(|(column, own)| {
                let filled = finding.columns.iter().find(|(header, _)| *header == column.header && column.is.is_none());
                filled.map_or_else(|| own.clone(), |(_, cell)| cell.clone())
            });
            row(columns.collect(), deviations(robot, std::iter::once((finding, novelty))), String::new())
        })
        .collect();
    let untried = untried(robot, std::slice::from_ref(told), definitions);
    if !untried.is_empty() {
        rows.push(row(subject.columns.clone(), String::new(), untried));
    }
    rows
}

/// By unit, then as the robot says, then by case and subject.
fn order(robot: &Robot, a: &Row<'_>, b: &Row<'_>) -> Ordering {
    let mut order = a.unit.cmp(b.unit);
    for (place, by) in robot.list.order_by.iter().enumerate() {
        order = order.then_with(|| match by {
            ListOrder::Column(column, direction) => {
                directed(&a.columns[*column].key, &b.columns[*column].key, *direction)
            }
            ListOrder::Case(direction) if *direction == Direction::Descending => b.case.cmp(a.case),
            ListOrder::Case(_) => a.case.cmp(b.case),
            ListOrder::By(_) => list_key(a.subject, place).cmp(list_key(b.subject, place)),
        });
    }
    order.then_with(|| (a.case, &a.subject.order, &a.subject.key).cmp(&(b.case, &b.subject.order, &b.subject.key)))
}

/// What a subject is sorted by at a place of the list's order that is no column.
fn list_key(subject: &SubjectResult, place: usize) -> &SortKey {
    subject.list_order.iter().find(|(at, _)| *at == place).map_or(&SortKey::Last, |(_, key)| key)
}

/// Two keys in a direction; what is not known is last either way.
fn directed(a: &SortKey, b: &SortKey, direction: Direction) -> Ordering {
    if direction == Direction::Ascending || *a == SortKey::Last || *b == SortKey::Last {
        return a.cmp(b);
    }
    b.cmp(a)
}

/// The separate list of protected households, when there is any: ids only, no sentence, no name, no place.
#[must_use]
pub fn protected_list(robot: &Robot, result: &RobotResult, noted: &Noted) -> Option<Vec<u8>> {
    let mut rows: Vec<(&SubjectResult, Vec<String>)> = result
        .subjects
        .iter()
        .zip(noted)
        .filter(|(subject, _)| subject.outcome == Outcome::Protected)
        .map(|(subject, novelty)| {
            let mut ids = vec![deviations(robot, findings(&(subject, novelty.as_slice())))];
            ids.extend(
                subject.undecided().map(|untried| format!("{} (kunde inte prövas)", robot.checks[untried.check].id)),
            );
            ids.retain(|id| !id.is_empty());
            let person = subject.person.map(crate::value::Personnummer::written_out).unwrap_or_default();
            let cells =
                vec![subject.unit.clone(), subject.handler.clone(), subject.case.clone(), person, ids.join(", ")];
            (subject, cells)
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    rows.sort_by(|(a, _), (b, _)| (&a.unit, &a.case, &a.order, &a.key).cmp(&(&b.unit, &b.case, &b.order, &b.key)));
    let header = ["enhet", "handläggare", "ärendenummer", "personnummer", "avvikelser"];
    Some(sheet(&header, rows.into_iter().map(|(_, cells)| cells)))
}
