//! The list of what someone is to check by hand, and the separate one of protected households.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::definition::Definitions;
use crate::definition::robot::{Column, ColumnIs, Direction, List, ListOrder, Per, Robot};
use crate::evaluate::{Cell, FileOf, Finding, ListRow, RobotResult, SortKey, SubjectResult, reason};
use crate::ledger::Novelty;
use crate::outcome::Outcome;

use super::folder::Secrecy;
use super::note::Noted;
use super::sheet::{lines, lines_of, sheet, with_header};

/// One row before it is written.
struct Row<'r> {
    columns: Vec<Cell>,
    deviations: String,
    untried: String,
    subject: &'r SubjectResult,
    of_list: &'r ListRow,
}

/// A subject with which of its findings are new, and its row in the list.
#[derive(Clone, Copy)]
struct Told<'r> {
    subject: &'r SubjectResult,
    novelty: &'r [Novelty],
    row: &'r ListRow,
}

/// One of a robot's lists.
#[derive(Clone, Copy)]
struct Written<'r> {
    robot: &'r Robot,
    list: &'r List,
    place: usize,
    definitions: &'r Definitions,
}

/// The place of the list of what someone is to check by hand among a robot's.
const BY_HAND: usize = 0;

/// The list of a robot, as its file, and how many rows it has. Holds no protected household.
#[must_use]
pub fn list(robot: &Robot, result: &RobotResult, noted: &Noted, definitions: &Definitions) -> (Vec<u8>, usize) {
    let written = Written { robot, list: &robot.list, place: BY_HAND, definitions };
    let mut rows = written.rows(result, noted);
    rows.par_sort_by(|a, b| a.subject.unit.cmp(&b.subject.unit).then_with(|| written.order(a, b)));
    let mut header = vec!["enhet", "handläggare", "ärendenummer"];
    header.extend(robot.list.columns.iter().map(|column| column.header.as_str()));
    header.extend(["avvikelser", "kunde inte prövas"]);
    let top = lines(whole_extracts(robot, result, definitions, header.len()));
    let below = lines_of(&rows, |row| {
        let columns = row.columns.iter().map(|cell| cell.text.as_str());
        let Row { subject, .. } = row;
        let first = [subject.unit.as_str(), &subject.handler, &subject.case].into_iter();
        first.chain(columns).chain([row.deviations.as_str(), row.untried.as_str()]).collect::<Vec<&str>>()
    });
    (with_header(&header, &[top, below]), rows.len())
}

/// A file of one of a robot's further lists.
pub struct ListFile {
    /// Its path below the robot's folder.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// How many rows it has below its header.
    pub rows: usize,
    /// Who may read it.
    pub secrecy: Secrecy,
}

/// The files of a robot's further lists. A list without rows has its header; of one that is a file for each value, there are
/// only those that have rows.
#[must_use]
pub fn further_lists(robot: &Robot, result: &RobotResult, noted: &Noted, definitions: &Definitions) -> Vec<ListFile> {
    let mut files = Vec::new();
    for (place, list) in robot.all_lists().enumerate().skip(1) {
        let header: Vec<&str> = list.columns.iter().map(|column| column.header.as_str()).collect();
        let rows = match list.per {
            Per::Row(_) => rows_of_extract(list, place, result),
            Per::Case | Per::Subject | Per::Finding => {
                let written = Written { robot, list, place, definitions };
                let mut rows = written.rows(result, noted);
                rows.par_sort_by(|a, b| written.order(a, b));
                rows.into_iter().map(|row| (row.columns, row.of_list.file.as_ref())).collect()
            }
        };
        let texts = |columns: Vec<Cell>| columns.into_iter().map(|cell| cell.text).collect::<Vec<String>>();
        let file = |path: String, rows: Vec<Vec<String>>, secrecy| {
            let (count, bytes) = (rows.len(), sheet(&header, rows));
            ListFile { path, bytes, rows: count, secrecy }
        };
        if list.file_per.is_none() {
            let rows = rows.into_iter().map(|(columns, _)| texts(columns));
            files.push(file(format!("{}.csv", list.file), rows.collect(), Secrecy::Usual));
            continue;
        }
        let mut by_file: BTreeMap<&FileOf, Vec<Vec<String>>> = BTreeMap::new();
        for (columns, of) in rows {
            by_file.entry(of.expect("a list of files says which")).or_default().push(texts(columns));
        }
        let names = file_names(by_file.keys().copied());
        files.extend(by_file.into_iter().zip(names).map(|((of, rows), name)| {
            let secrecy = if *of == FileOf::Protected { Secrecy::OwnerOnly } else { Secrecy::Usual };
            file(format!("{}/{name}.csv", list.file), rows, secrecy)
        }));
    }
    files
}

/// The name of the file of protected households. No value's file has it, whether or not there is one that night.
const OF_PROTECTED: &str = "skyddade";

/// The files' names, in order. Values that would be written alike are told apart by a number: `norr`, `norr-2`.
fn file_names<'f>(files: impl Iterator<Item = &'f FileOf>) -> Vec<String> {
    let mut taken = BTreeSet::from([OF_PROTECTED.to_owned()]);
    let mut name_of = |value: &str| {
        let plain = file_name(value);
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let mut names = std::iter::once(plain.clone()).chain(numbered);
        names.find(|name| taken.insert(name.clone())).expect("there is a number that no other has")
    };
    let one = |file: &FileOf| match file {
        FileOf::Protected => OF_PROTECTED.to_owned(),
        FileOf::Value(value) => name_of(value),
    };
    files.map(one).collect()
}

/// The columns of each row, and what its file is named by.
type Listed<'r> = Vec<(Vec<Cell>, Option<&'r FileOf>)>;

/// The rows of a list over an extract of its own; those that are equal in the list's order keep that of the file.
fn rows_of_extract<'r>(list: &List, place: usize, result: &'r RobotResult) -> Listed<'r> {
    let mut rows: Vec<&ListRow> = result.rows.iter().filter(|row| row.list == place).collect();
    rows.sort_by(|a, b| order_of(list, (a, &a.columns), (b, &b.columns), || Ordering::Equal));
    rows.into_iter().map(|row| (row.columns.clone(), row.file.as_ref())).collect()
}

/// How many signs of a value a file is named by.
const LONGEST_NAME: usize = 80;

/// A value as a file's name: its letters and digits, small, and `-` for each run of other signs.
fn file_name(value: &str) -> String {
    let kept: String = value.chars().map(|sign| if sign.is_alphanumeric() { sign } else { ' ' }).collect();
    let name = kept.split_whitespace().collect::<Vec<&str>>().join("-").to_lowercase();
    // No file system takes a longer one.
    let name: String = name.chars().take(LONGEST_NAME).collect();
    if name.is_empty() { "okänd".to_owned() } else { name }
}

/// What a whole missing extract kept from being tried: told once, at the top.
fn whole_extracts(robot: &Robot, result: &RobotResult, definitions: &Definitions, width: usize) -> Option<Vec<String>> {
    let mut reasons: Vec<(String, Vec<usize>)> = Vec::new();
    let open = result.subjects.iter().filter(|subject| subject.outcome != Outcome::Protected);
    for untried in open.flat_map(|subject| subject.undecided()) {
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

impl<'r> Written<'r> {
    /// The rows, in no order.
    fn rows(self, result: &'r RobotResult, noted: &'r Noted) -> Vec<Row<'r>> {
        let told = |(subject, novelty): (&'r SubjectResult, &'r Vec<Novelty>)| {
            let is_kept_in = self.list.leaves.is_some() && subject.is_in_protected_household;
            let row = subject.row_in(self.place).filter(|_| !is_kept_in)?;
            Some(Told { subject, novelty, row })
        };
        let shown: Vec<Told<'r>> = result
            .subjects
            .iter()
            .map(|subject| &**subject)
            .zip(noted)
            .filter_map(told)
            .filter(|told| {
                self.place != BY_HAND
                    || told.subject.outcome == Outcome::Clear
                    || !told.subject.only_lacks_whole_extracts()
            })
            .filter(|told| !self.list.only_new || self.has_news(told) || self.is_by_hand_and_untried(told))
            .collect();
        match self.list.per {
            Per::Case => {
                let cases: Vec<&[Told<'r>]> = shown.chunk_by(|a, b| a.subject.shares_case(b.subject)).collect();
                cases.into_par_iter().flat_map_iter(|case| self.rows_of_case(case)).collect()
            }
            Per::Subject => shown.par_iter().map(|told| self.row_of_case(std::slice::from_ref(told))).collect(),
            Per::Finding => shown.par_iter().flat_map_iter(|told| self.rows_of_findings(told)).collect(),
            Per::Row(_) => Vec::new(),
        }
    }

    /// The deviations of a subject that the list tells of.
    fn findings(self, told: &Told<'r>) -> impl Iterator<Item = (&'r Finding, Novelty)> + use<'r> {
        let Written { list, .. } = self;
        let is_told = move |finding: &Finding| list.checks.is_empty() || list.checks.contains(&finding.check);
        let is_told_now = move |novelty: &Novelty| !list.only_new || *novelty == Novelty::New;
        findings(told.subject, told.novelty).filter(move |(finding, novelty)| is_told(finding) && is_told_now(novelty))
    }

    /// What could not be tried is always told of to those who check by hand.
    fn is_by_hand_and_untried(self, told: &Told<'r>) -> bool {
        self.place == BY_HAND && told.subject.undecided().next().is_some()
    }

    fn has_news(self, told: &Told<'r>) -> bool {
        self.findings(told).any(|(_, novelty)| novelty == Novelty::New)
    }

    /// A case has a row, and where the list is a file for each value, one in each of its files.
    fn rows_of_case(self, subjects: &[Told<'r>]) -> Vec<Row<'r>> {
        let mut by_file: BTreeMap<Option<&FileOf>, Vec<Told<'r>>> = BTreeMap::new();
        for told in subjects {
            by_file.entry(told.row.file.as_ref()).or_default().push(*told);
        }
        by_file.into_values().map(|subjects| self.row_of_case(&subjects)).collect()
    }

    fn row_of_case(self, subjects: &[Told<'r>]) -> Row<'r> {
        let first = subjects.iter().min_by_key(|told| (&told.subject.order, &told.subject.key));
        let first = first.expect("a case has a subject");
        let is_new = subjects.iter().any(|told| self.has_news(told));
        Row {
            columns: self.columns(first.row, None, is_new),
            deviations: deviations(self.robot, subjects.iter().flat_map(|told| self.findings(told))),
            untried: self.untried(subjects),
            subject: first.subject,
            of_list: first.row,
        }
    }

    fn rows_of_findings(self, told: &Told<'r>) -> Vec<Row<'r>> {
        let row = |columns, deviations, untried| Row {
            columns,
            deviations,
            untried,
            subject: told.subject,
            of_list: told.row,
        };
        let mut rows: Vec<Row<'r>> = self
            .findings(told)
            .map(|(finding, novelty)| {
                let columns = self.columns(told.row, Some(finding), novelty == Novelty::New);
                row(columns, deviations(self.robot, std::iter::once((finding, novelty))), String::new())
            })
            .collect();
        let untried = self.untried(std::slice::from_ref(told));
        if self.place == BY_HAND && !untried.is_empty() {
            rows.push(row(self.columns(told.row, None, false), String::new(), untried));
        }
        rows
    }

    fn columns(self, row: &ListRow, finding: Option<&Finding>, is_new: bool) -> Vec<Cell> {
        let one = |(column, own): (&Column, &Cell)| match &column.is {
            ColumnIs::Value(_) => own.clone(),
            ColumnIs::New => Cell { text: if is_new { "J" } else { "N" }.to_owned(), key: SortKey::Last },
            ColumnIs::OfCheck => {
                let filled = finding.and_then(|finding| {
                    let headers = self.robot.checks[finding.check].columns.iter();
                    headers.zip(&finding.columns).find(|((header, _), _)| *header == column.header)
                });
                filled.map_or_else(|| own.clone(), |(_, cell)| cell.clone())
            }
        };
        self.list.columns.iter().zip(&row.columns).map(one).collect()
    }

    fn untried(self, subjects: &[Told<'r>]) -> String {
        let mut reasons: Vec<(String, Vec<usize>)> = Vec::new();
        for untried in subjects.iter().flat_map(|told| told.subject.undecided()) {
            if !untried.why.why.is_whole_extract() {
                let check = &self.robot.checks[untried.check];
                add(&mut reasons, reason(&untried.why, check, self.definitions), untried.check);
            }
        }
        written(self.robot, reasons)
    }

    /// As the list says, then by case and subject.
    fn order(self, a: &Row<'_>, b: &Row<'_>) -> Ordering {
        let by_case = || a.subject.case.cmp(&b.subject.case);
        let order = order_of(self.list, (a.of_list, &a.columns), (b.of_list, &b.columns), by_case);
        let (of_a, of_b) = (a.subject, b.subject);
        order.then_with(|| (&of_a.case, &of_a.order, &of_a.key).cmp(&(&of_b.case, &of_b.order, &of_b.key)))
    }
}

/// A subject's deviations, and which are new.
fn findings<'r>(
    subject: &'r SubjectResult,
    novelty: &'r [Novelty],
) -> impl Iterator<Item = (&'r Finding, Novelty)> + use<'r> {
    subject.findings.iter().zip(novelty.iter().copied()).filter(|(finding, _)| !finding.informs)
}

/// Two rows, each with its columns, as the list says.
fn order_of(list: &List, a: (&ListRow, &[Cell]), b: (&ListRow, &[Cell]), by_case: impl Fn() -> Ordering) -> Ordering {
    let mut order = Ordering::Equal;
    for (place, by) in list.order_by.iter().enumerate() {
        order = order.then_with(|| match by {
            ListOrder::Column(column, direction) => directed(&a.1[*column].key, &b.1[*column].key, *direction),
            ListOrder::Case(Direction::Descending) => by_case().reverse(),
            ListOrder::Case(Direction::Ascending) => by_case(),
            ListOrder::By(_) => list_key(a.0, place).cmp(list_key(b.0, place)),
        });
    }
    order
}

/// What a row is sorted by at a place of the list's order that is no column.
fn list_key(row: &ListRow, place: usize) -> &SortKey {
    row.order.iter().find(|(at, _)| *at == place).map_or(&SortKey::Last, |(_, key)| key)
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
    let mut rows: Vec<(&SubjectResult, [String; 6])> = result
        .subjects
        .iter()
        .zip(noted)
        .filter(|(subject, _)| subject.outcome == Outcome::Protected)
        .map(|(subject, novelty)| {
            let mut ids = vec![deviations(robot, findings(subject, novelty))];
            ids.extend(
                subject.undecided().map(|untried| format!("{} (kunde inte prövas)", robot.checks[untried.check].id)),
            );
            ids.retain(|id| !id.is_empty());
            let person = subject.person.map(crate::value::Personnummer::written_out).unwrap_or_default();
            // What belongs to no case is found by its own key.
            let about = if subject.case.is_empty() { &subject.key } else { &subject.case };
            // Of a case with several applications or costs, which of them it is about.
            let which = if *about == subject.key { String::new() } else { subject.key.clone() };
            let cells = [subject.unit.clone(), subject.handler.clone(), about.clone(), person, ids.join(", "), which];
            (&**subject, cells)
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    rows.sort_by(|(a, _), (b, _)| (&a.unit, &a.case, &a.order, &a.key).cmp(&(&b.unit, &b.case, &b.order, &b.key)));
    let header = ["enhet", "handläggare", "ärendenummer", "personnummer", "avvikelser", "gäller"];
    Some(sheet(&header, rows.into_iter().map(|(_, cells)| cells.to_vec())))
}
