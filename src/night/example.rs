//! Runs a robot's examples: the same way as a night, over files made of the examples' rows.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::definition::Definitions;
use crate::definition::example::{Example, ExampleRow, ExampleRows, Expected};
use crate::definition::extract::{Dialect, Encoding, Extract, FieldKind, LineEnds, Origin};
use crate::definition::robot::Robot;
use crate::evaluate::{Cases, Errand, OtherNights, RobotResult, SubjectResult, go_round, isolated, lost};
use crate::extract::{Source, SourceError};
use crate::ledger::Novelty;
use crate::outcome::Outcome;
use crate::output::{Noted, further_lists, lines as sheet_lines, list, notes, rows_of};
use crate::plan::{Nights, TableKey, plan};
use crate::rule::parameter::{Content, Parameter};
use crate::rule::types::{ExtractId, FieldId, Side};
use crate::rule::world::Constants;
use crate::sample::{Draws, SampleKey};

use super::candidates::candidates;
use super::difference::difference;
use super::gather::{Files, Leads, gather};
use super::join::{join, view};
use super::outcomes::open;

/// What became of one example.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The example.
    pub name: String,
    /// What did not come out as the example says; nothing when all did.
    pub mistakes: Vec<String>,
}

/// Runs one example; once more with the values swapped of each field that the robot has declared it does not depend on,
/// where it must come out the same.
#[must_use]
pub fn try_example(robot: &Robot, example: &Example, definitions: &Definitions) -> Tried {
    let mut mistakes = mistakes(robot, example, &example.rows, definitions);
    for (extract, field) in &robot.independent_of {
        let declared = &definitions.extracts[usize::from(extract.0)];
        let FieldKind::Text(Some(values)) = &declared.field(*field).kind else { continue };
        let rows = swapped(&example.rows, *extract, *field, values);
        if mistakes.is_empty() && rows != example.rows {
            let name = format!("{}.{}", declared.name, declared.field(*field).name);
            let of_swapped = self::mistakes(robot, example, &rows, definitions);
            mistakes.extend(of_swapped.into_iter().map(|mistake| format!("with `{name}` swapped, {mistake}")));
        }
    }
    Tried { name: example.name.clone(), mistakes }
}

/// The rows with another of its declared values in each cell of a field: the one after, and the first after the last.
fn swapped(rows: &ExampleRows, extract: ExtractId, field: FieldId, values: &[String]) -> ExampleRows {
    let mut rows = rows.clone();
    let of_extract = rows.iter_mut().filter(|((of, _), _)| *of == extract).flat_map(|(_, rows)| rows);
    for (_, cell) in of_extract.flat_map(|row| &mut row.cells).filter(|(of, _)| *of == field) {
        if let Some(place) = values.iter().position(|value| value == cell) {
            cell.clone_from(&values[(place + 1) % values.len()]);
        }
    }
    rows
}

/// What does not come out as an example says, over these rows.
fn mistakes(robot: &Robot, example: &Example, rows: &ExampleRows, definitions: &Definitions) -> Vec<String> {
    let nights = Nights { night: example.night, previous: Some(example.previous_night) };
    let plan = plan(definitions, &[(robot, nights)]);
    let files = ExampleFiles { example, rows, definitions };
    let parameters = parameters_of(example, definitions);
    let constants = Constants {
        night: example.night,
        previous_night: Some(example.previous_night),
        since: example.since,
        start: example.start,
        municipality: &example.municipality,
        parameters: &parameters,
        draws: Some(Draws { key: SampleKey::OF_EXAMPLES, robot: &robot.id }),
    };
    let leads = Leads::FromSubjects { municipality: &example.municipality };
    let intakes = gather(&plan, definitions, &files, leads, &|_| {});
    let mut mistakes: Vec<String> = intakes
        .iter()
        .filter(|((extract, _), intake)| {
            intake.failure.is_some() && !example.missing.iter().any(|(id, _)| id == extract)
        })
        .filter_map(|(_, intake)| intake.failure.clone())
        .collect();
    let mut links = join(&plan, &[nights], definitions, &intakes);
    let not_run = example.not_run.iter().copied().collect();
    open(&mut links, &plan.robots[0].relations, nights, definitions, &not_run);
    let view = view(nights, &plan.robots[0], definitions, &intakes, &links);
    let table = view.table(robot.subject.extract, Side::Tonight);
    let this = std::slice::from_ref(robot);
    let candidates = table.and_then(|table| candidates(table, definitions, this, &example.municipality));
    let other_nights = &TriedBefore(example);
    let errand = Errand { cases: Cases::All, candidates: candidates.as_deref(), other_nights, hasher: None };
    match isolated(|| go_round(robot, definitions, &view, &constants, errand)) {
        None => mistakes.push("the robot panicked".to_owned()),
        Some(result) => {
            let noted: Vec<Vec<Novelty>> =
                result.subjects.iter().map(|subject| vec![Novelty::New; subject.findings.len()]).collect();
            let notes = notes(robot, &result, &noted, definitions, nights);
            let note_of = |case: &str| notes.iter().find(|note| note.case == case).map(|note| note.text.clone());
            mistakes.extend(compare(robot, example, &result, note_of));
            mistakes.extend(
                lost(robot, &result).map(|lost| format!("`{}` is on none of the lists it belongs on", lost.key)),
            );
            compare_lists(robot, example, &result, &noted, definitions, &mut mistakes);
        }
    }
    mistakes
}

/// The parameters, with the code lists that the example fills itself.
fn parameters_of<'d>(example: &Example, definitions: &'d Definitions) -> Cow<'d, [Parameter]> {
    let declared = &definitions.catalog.parameters;
    if example.codes.is_empty() {
        return Cow::Borrowed(declared);
    }
    let mut own = declared.clone();
    for parameter in &mut own {
        if let (Some(codes), Content::Codes { names, .. }) = (example.codes.get(&parameter.id), &mut parameter.content)
        {
            *names = codes.iter().map(|code| (code.clone(), code.clone())).collect();
        }
    }
    Cow::Owned(own)
}

fn compare(
    robot: &Robot,
    example: &Example,
    result: &RobotResult,
    note_of: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut mistakes = Vec::new();
    for expected in &example.expect {
        match result.subjects.iter().find(|subject| subject.key == expected.subject) {
            None => mistakes.push(format!("`{}` is not a subject", expected.subject)),
            Some(subject) => compare_subject(robot, expected, subject, &note_of, &mut mistakes),
        }
    }
    for subject in &result.subjects {
        let is_listed = example.expect.iter().any(|expected| expected.subject == subject.key);
        if !is_listed && subject.outcome != Outcome::Clear {
            let (checks, untried) = (deviations(robot, subject), untried(robot, subject));
            let outcome = subject.outcome.name();
            mistakes
                .push(format!("`{}` is {outcome} ({checks:?}, undecided {untried:?}), expected clear", subject.key));
        }
    }
    mistakes
}

/// What the example says was tried on an earlier night.
struct TriedBefore<'e>(&'e Example);

impl OtherNights for TriedBefore<'_> {
    fn tried(&self, key: &str) -> Option<&str> {
        self.0.tried_before.get(key).map(String::as_str)
    }
}

/// The rows of the lists that the example speaks of.
fn compare_lists(
    robot: &Robot,
    example: &Example,
    result: &RobotResult,
    noted: &Noted,
    definitions: &Definitions,
    mistakes: &mut Vec<String>,
) {
    let (by_hand, _) = list(robot, result, noted, definitions);
    let files = further_lists(robot, result, noted, definitions);
    for (name, expected) in &example.lists {
        let further = files.iter().find(|file| file.path.strip_suffix(".csv") == Some(name)).map(|file| &file.bytes);
        let bytes = if name == "kontrollista" { Some(&by_hand) } else { further };
        if bytes.is_none() && !expected.is_empty() {
            let there = files.iter().filter_map(|file| file.path.strip_suffix(".csv"));
            let there: Vec<String> =
                std::iter::once("kontrollista").chain(there).map(|name| format!("`{name}`")).collect();
            mistakes.push(format!("the list `{name}` is not there; there are {}", there.join(", ")));
            continue;
        }
        let rows = bytes.map(|bytes| rows_of(bytes)).unwrap_or_default();
        if rows != *expected {
            let lines = |rows: &[Vec<String>]| rows.iter().map(|row| line_of(row)).collect::<Vec<_>>();
            let (expected, found) = (lines(expected), lines(&rows));
            mistakes.push(differs(&format!("the list `{name}`"), &texts(&expected), &texts(&found)));
        }
    }
}

/// A row of a list as its file has it, so that it is seen where its cells divide.
fn line_of(row: &[String]) -> String {
    String::from_utf8_lossy(&sheet_lines([row])).trim_end_matches("\r\n").to_owned()
}

fn compare_subject(
    robot: &Robot,
    expected: &Expected,
    subject: &SubjectResult,
    note_of: &impl Fn(&str) -> Option<String>,
    mistakes: &mut Vec<String>,
) {
    let key = &subject.key;
    if subject.outcome != expected.outcome {
        mistakes.push(format!("`{key}` is {}, expected {}", subject.outcome.name(), expected.outcome.name()));
    }
    let checks = deviations(robot, subject);
    if checks != expected.checks {
        mistakes.push(format!("`{key}` deviates in {checks:?}, expected {:?}", expected.checks));
    }
    let untried = untried(robot, subject);
    if let Some(undecided) = &expected.undecided
        && *undecided != untried
    {
        mistakes.push(format!("`{key}` is undecided in {untried:?}, expected {undecided:?}"));
    }
    if let Some(note) = &expected.note {
        let found = note_of(&subject.case);
        // An empty text says that there is no note.
        if found.as_deref().unwrap_or_default() != note {
            let lines = |text: &'_ str| text.split('\n').map(str::to_owned).collect::<Vec<_>>();
            let expected = if note.is_empty() { Vec::new() } else { lines(note) };
            let found = found.as_deref().map(lines).unwrap_or_default();
            mistakes.push(differs(&format!("the note of `{}`", subject.case), &texts(&expected), &texts(&found)));
        }
    }
}

fn texts(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

/// What is told of a text that is not the one that the example says.
fn differs(what: &str, expected: &[&str], found: &[&str]) -> String {
    let how = match (expected, found) {
        ([], _) => "is there and should not be",
        (_, []) => "is not there",
        _ => "is another: - expected, + found",
    };
    format!("{what} {how}{}", difference(expected, found))
}

fn deviations(robot: &Robot, subject: &SubjectResult) -> Vec<String> {
    let mut checks: Vec<usize> = subject.deviations().map(|finding| finding.check).collect();
    checks.dedup();
    checks.into_iter().map(|check| robot.checks[check].id.clone()).collect()
}

fn untried(robot: &Robot, subject: &SubjectResult) -> Vec<String> {
    subject.undecided().map(|untried| robot.checks[untried.check].id.clone()).collect()
}

/// The files that an example's rows make.
struct ExampleFiles<'e> {
    example: &'e Example,
    rows: &'e ExampleRows,
    definitions: &'e Definitions,
}

impl Files for ExampleFiles<'_> {
    fn open(&self, (extract, night): TableKey) -> Result<Source, SourceError> {
        let side = if night == self.example.night { Side::Tonight } else { Side::Previous };
        if self.example.missing.contains(&(extract, side)) {
            let error = std::io::ErrorKind::NotFound.into();
            return Err(SourceError { path: self.name((extract, night)), error });
        }
        let declared = &self.definitions.extracts[usize::from(extract.0)];
        let rows = self.rows.get(&(extract, side)).map_or(&[][..], Vec::as_slice);
        Ok(Source::Bytes(file(declared, rows)))
    }

    fn name(&self, (extract, night): TableKey) -> PathBuf {
        PathBuf::from(format!("{night}/{}", self.definitions.extracts[usize::from(extract.0)].file))
    }
}

/// Rows as the extract's file would have them.
fn file(extract: &Extract, rows: &[ExampleRow]) -> Vec<u8> {
    let Dialect { encoding, delimiter, line_ends } = extract.dialect;
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let columns: Vec<usize> = (0..extract.fields.len())
        .filter(|place| matches!(extract.fields[*place].origin, Origin::Column { .. }))
        .collect();
    let header: Vec<&str> = columns.iter().map(|place| extract.fields[*place].heading()).collect();
    writer.write_record(&header).expect("memory can be written to");
    for row in rows {
        let cell = |place: &usize| {
            let given = row.cells.iter().find(|(field, _)| usize::from(field.0) == *place);
            given.map_or("", |(_, cell)| cell.as_str())
        };
        writer.write_record(columns.iter().map(cell)).expect("memory can be written to");
    }
    let text = String::from_utf8(writer.into_inner().expect("memory can be written to")).unwrap_or_default();
    let text = if line_ends == LineEnds::Cr { text.replace("\r\n", "\r").replace('\n', "\r") } else { text };
    match encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf16 => {
            std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(|unit: u16| unit.to_le_bytes()).collect()
        }
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_value_stands_in_the_cells_of_the_field_and_nowhere_else() {
        let (extract, field) = (ExtractId(1), FieldId(2));
        let row = |cells: &[(u16, &str)]| ExampleRow {
            cells: cells.iter().map(|(of, cell)| (FieldId(*of), (*cell).to_owned())).collect(),
        };
        let rows = |cell: &str, last: &str| {
            let of_extract = vec![row(&[(2, cell), (3, "Papper")]), row(&[(2, last)]), row(&[(2, "Fax")])];
            ExampleRows::from([
                ((extract, Side::Tonight), of_extract),
                ((ExtractId(0), Side::Tonight), vec![row(&[(2, "Papper")])]),
            ])
        };
        let values = ["E-tjänst".to_owned(), "Papper".to_owned()];
        let before = rows("E-tjänst", "Papper");
        let after = rows("Papper", "E-tjänst");
        assert_eq!(swapped(&before, extract, field, &values), after);
        assert_eq!(swapped(&after, extract, field, &values), before);
    }
}
