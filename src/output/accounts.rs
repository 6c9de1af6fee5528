//! The accounts of the night: a row for every subject of every robot, and a row for everything that could not be read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::evaluate::{RobotResult, SubjectResult};
use crate::extract::Table;
use crate::outcome::Outcome;

use super::sheet::{lines, lines_of, rows_of, sheet, with_header};

/// The rows of one robot in `redovisning.csv`: robot, subject, case, outcome, checks.
pub type Account = Vec<Vec<String>>;

/// A row of `avvisade_rader.csv`: extract, line, field, reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RejectedLine {
    /// The extract.
    pub extract: String,
    /// The line, counted from 1 with the header.
    pub line: u64,
    /// The heading of the field; empty where the whole row was rejected.
    pub field: String,
    /// Why; never the value.
    pub reason: String,
}

/// The rows of a robot, one for each of its subjects.
#[must_use]
pub fn accounts(robot: &Robot, result: &RobotResult) -> Account {
    let row = |subject| account(robot, subject).map(Cow::into_owned).to_vec();
    result.subjects.iter().map(|subject| row(subject)).collect()
}

/// The same as they stand in `redovisning.csv`.
#[must_use]
pub fn account_lines(robot: &Robot, result: &RobotResult) -> Vec<u8> {
    lines_of(&result.subjects, |subject| account(robot, subject))
}

fn account<'r>(robot: &'r Robot, subject: &'r SubjectResult) -> [Cow<'r, str>; 5] {
    let mut checks: Vec<usize> = match subject.outcome {
        Outcome::Flagged => subject.deviations().map(|finding| finding.check).collect(),
        Outcome::Undecided => subject.undecided().map(|untried| untried.check).collect(),
        Outcome::Clear | Outcome::Protected => Vec::new(),
    };
    checks.dedup();
    let id = |check: &usize| robot.checks[*check].id.as_str();
    let ids = match checks.as_slice() {
        [] => Cow::Borrowed(""),
        [one] => Cow::Borrowed(id(one)),
        several => Cow::Owned(several.iter().map(id).collect::<Vec<_>>().join(" ")),
    };
    let [robot, key, case] = [&robot.id, &subject.key, &subject.case].map(|text| Cow::Borrowed(text.as_str()));
    [robot, key, case, Cow::Borrowed(subject.outcome.name()), ids]
}

/// `redovisning.csv` from the robots' lines, in the order given.
#[must_use]
pub fn accounts_file(lines: &[Vec<u8>]) -> Vec<u8> {
    with_header(&["robot", "subject", "case", "outcome", "checks"], lines)
}

/// A robot's lines in a file that was written before.
#[must_use]
pub fn account_lines_in(file: &[u8], robot: &str) -> Vec<u8> {
    lines(accounts_in(file, robot))
}

/// A robot's rows in a file that was written before.
#[must_use]
pub fn accounts_in(file: &[u8], robot: &str) -> Account {
    rows_of(file).into_iter().filter(|row| row.first().is_some_and(|id| id == robot)).collect()
}

/// Everything in a table that could not be read.
#[must_use]
pub fn rejected_lines(table: &Table, definitions: &Definitions) -> Vec<RejectedLine> {
    let extract = &definitions.extracts[usize::from(table.extract.0)];
    let line = |line, field: &str, reason: &str| RejectedLine {
        extract: extract.name.clone(),
        line,
        field: field.to_owned(),
        reason: reason.to_owned(),
    };
    let rows = table.rejected.iter().map(|row| line(row.line, &row.field, &row.reason));
    let cells = table.unreadable.iter().map(|cell| line(cell.line, &extract.heading(cell.field), &cell.reason));
    let mut lines: Vec<RejectedLine> = rows.chain(cells).collect();
    lines.sort();
    lines
}

/// `avvisade_rader.csv`.
#[must_use]
pub fn rejected_file(lines: &BTreeSet<RejectedLine>) -> Vec<u8> {
    let rows =
        lines.iter().map(|row| vec![row.extract.clone(), row.line.to_string(), row.field.clone(), row.reason.clone()]);
    sheet(&["extract", "line", "field", "reason"], rows)
}

/// The rows of a file that was written before.
#[must_use]
pub fn rejected_in(file: &[u8]) -> Vec<RejectedLine> {
    let row = |row: Vec<String>| match <[String; 4]>::try_from(row) {
        Ok([extract, line, field, reason]) => Some(RejectedLine { extract, line: line.parse().ok()?, field, reason }),
        Err(_) => None,
    };
    rows_of(file).into_iter().filter_map(row).collect()
}
