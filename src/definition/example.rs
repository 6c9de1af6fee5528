//! A robot's examples: rows in, outcomes and sentences out.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;

use super::document::{Problems, Raw, RawKind, Section, with_document};
use super::extract::{Empty, Extract, Field, FieldKind, Origin};
use super::of_robots::OfRobots;
use super::robot::Robot;
use crate::diagnostic::{SourceFile, nearest};
use crate::outcome::Outcome;
use crate::rule::catalog::Catalog;
use crate::rule::parameter::{Content, Parameter};
use crate::rule::types::{ExtractId, FieldId, RobotId, Side};
use crate::value::Party;
use crate::value::date::DateFormat;

/// The nights of an example, as its keys name them.
const NIGHTS: [&str; 2] = ["night", "previous"];

/// Before which everyone in an example is born, whatever night it is for.
const LATEST_NIGHT: NaiveDate = NaiveDate::from_ymd_opt(2099, 12, 31).expect("a day of the calendar");

/// One example.
#[derive(Debug)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The night that is run.
    pub night: NaiveDate,
    /// The night of the robot's last run that gave outcomes.
    pub since: NaiveDate,
    /// The day that the robot counts from; `since` unless the example says otherwise.
    pub start: NaiveDate,
    /// The night it is compared with; the day before unless the example says otherwise.
    pub previous_night: NaiveDate,
    /// The own municipality's code.
    pub municipality: String,
    /// The rows of each night's extracts.
    pub rows: ExampleRows,
    /// The extracts that are not there at all.
    pub missing: Vec<(ExtractId, Side)>,
    /// The keys of the subjects that were tried on an earlier night, and the cases that they belonged to.
    pub tried_before: BTreeMap<String, String>,
    /// The rows of lists, by the name of the list's file; those of lists that are not named are not compared.
    pub lists: BTreeMap<String, Vec<Vec<String>>>,
    /// The codes of code lists, by the list's id, in place of those that are declared.
    pub codes: BTreeMap<String, Vec<String>>,
    /// The robots that have not run this night.
    pub not_run: Vec<RobotId>,
    /// What must come out; a subject that is not listed must be clear.
    pub expect: Vec<Expected>,
    /// Where it stands.
    pub source: Arc<SourceFile>,
    /// Where it stands in its file.
    pub span: Range<usize>,
}

/// The rows of each extract of each night.
pub type ExampleRows = BTreeMap<(ExtractId, Side), Vec<ExampleRow>>;

/// One row: the cells that it gives, as they would be written in the extract's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExampleRow {
    /// Each field's cell.
    pub cells: Vec<(FieldId, String)>,
}

/// What must come out for one subject.
#[derive(Debug)]
pub struct Expected {
    /// The subject's key.
    pub subject: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// The deviations' ids, in the robot's order.
    pub checks: Vec<String>,
    /// The ids that could not be tried; not compared where the example does not say.
    pub undecided: Option<Vec<String>>,
    /// The note of the subject's case; not compared where the example does not say.
    pub note: Option<String>,
    /// Where it stands in its file.
    pub span: Range<usize>,
}

/// Reads a robot's examples.
pub fn read(
    source: &Arc<SourceFile>,
    robot: &Robot,
    catalog: &Catalog,
    extracts: &[Extract],
    problems: &Problems,
) -> Vec<Example> {
    let examples = with_document(source, "the file of examples", problems, |section| {
        let municipality = section.needed_text("municipality", "\"0380\"").map(|text| text.value).unwrap_or_default();
        let mut reader = Reader { robot, catalog, extracts, persons: BTreeMap::new(), defaults: BTreeMap::new() };
        reader.read_persons(section);
        reader.read_defaults(section);
        let mut examples: Vec<Example> = Vec::new();
        for mut part in section.sections("test") {
            let name = part.text("name");
            if let Some(name) = name.filter(|name| examples.iter().any(|first| first.name == name.value)) {
                let problem = part.error("two examples have this name", name.span);
                part.report(problem.hint("say what each of them shows: a report tells which failed by the name"));
            }
            examples.extend(reader.example(&mut part, &municipality));
            part.finish();
        }
        Some(examples)
    });
    examples.unwrap_or_default()
}

struct Reader<'r> {
    robot: &'r Robot,
    catalog: &'r Catalog,
    extracts: &'r [Extract],
    persons: BTreeMap<String, String>,
    defaults: BTreeMap<ExtractId, Vec<(FieldId, String)>>,
}

impl Reader<'_> {
    fn read_persons(&mut self, section: &mut Section<'_>) {
        let Some(mut persons) = section.section("persons") else { return };
        for (name, _) in persons.keys() {
            let Some(number) = persons.text(&name) else { continue };
            if Party::parse(&number.value, LATEST_NIGHT).is_err() {
                let problem = persons.error(format!("`{name}` has no number that a person can have"), number.span);
                persons
                    .report(problem.hint("use official test numbers, `ÅÅÅÅMMDDNNNN`; a wrong one stands in its row"));
            }
            self.persons.insert(name, number.value);
        }
    }

    fn read_defaults(&mut self, section: &mut Section<'_>) {
        let Some(mut all) = section.section("defaults") else { return };
        for (name, span) in all.keys() {
            let Some(extract) = self.extract(&all, &name, span) else { continue };
            if let Some(mut row) = all.section(&name) {
                let cells = self.row(&mut row, extract).cells;
                self.defaults.insert(extract, cells);
            }
        }
    }

    fn extract(&self, section: &Section<'_>, name: &str, span: Range<usize>) -> Option<ExtractId> {
        let found = self.catalog.extract_named(name);
        if found.is_none() && !self.catalog.mistaken.extracts.iter().any(|known| known == name) {
            let ids = self.catalog.extracts.iter().map(|extract| extract.id.as_str());
            section.report(section.error(format!("there is no extract `{name}`"), span).suggest(name, ids));
        }
        found
    }

    fn example(&self, part: &mut Section<'_>, municipality: &str) -> Option<Example> {
        let name = part.needed_text("name", "\"…\"");
        let night = part.needed_date("date");
        let since = part.date("since");
        let start = part.date("start");
        let previous = part.date("previous_night");
        let mut rows = BTreeMap::new();
        for (key, side) in [("night", Side::Tonight), ("previous", Side::Previous)] {
            let Some(mut tables) = part.section(key) else { continue };
            for (extract_name, span) in tables.keys() {
                let Some(extract) = self.extract(&tables, &extract_name, span) else { continue };
                let mut read = Vec::new();
                for mut row in tables.sections(&extract_name) {
                    let cells = self.with_defaults(self.row(&mut row, extract), extract);
                    self.tell_not_earlier(&row, &cells, extract, night);
                    read.push(cells);
                }
                rows.insert((extract, side), read);
            }
        }
        let missing = self.missing(part);
        let tried_before = part.section("tried_before").map(cases_of).unwrap_or_default();
        let lists = part.section("lists").map(|lists| self.lists(lists)).unwrap_or_default();
        let codes = part.section("codes").map(|codes| self.codes(codes)).unwrap_or_default();
        let not_run = self.not_run(part);
        let expect = part.sections("expect").into_iter().filter_map(|section| self.expected(section)).collect();
        let night = night?;
        let since = since.or_else(|| night.pred_opt())?;
        Some(Example {
            name: name?.value,
            night,
            since,
            start: start.unwrap_or(since),
            previous_night: previous.or_else(|| night.pred_opt())?,
            municipality: part.text("municipality").map_or_else(|| municipality.to_owned(), |text| text.value),
            rows,
            missing,
            tried_before,
            lists,
            codes,
            not_run,
            expect,
            source: Arc::clone(part.source()),
            span: part.span(),
        })
    }

    /// What robots came to on the night itself is no history.
    fn tell_not_earlier(&self, section: &Section<'_>, row: &ExampleRow, extract: ExtractId, night: Option<NaiveDate>) {
        let declared = &self.extracts[usize::from(extract.0)];
        if declared.of_robots != Some(OfRobots::History) {
            return;
        }
        let given = row.cells.iter().find(|(field, _)| declared.field(*field).name == "night");
        let day = given.and_then(|(_, cell)| DateFormat::Iso.parse(cell.as_bytes()));
        if let (Some(day), Some(night)) = (day, night)
            && day >= night
        {
            let problem = section.error("`history` is of nights before the example's", section.span());
            section.report(problem.hint("what robots came to the same night is `outcomes` and `deviations`"));
        }
    }

    /// `missing = ["previous.fordon"]`, and `["fordon"]` for tonight's.
    fn missing(&self, part: &mut Section<'_>) -> Vec<(ExtractId, Side)> {
        let mut found = Vec::new();
        for text in part.texts("missing") {
            if let Some((night, name)) = text.value.split_once('.').filter(|(night, _)| !NIGHTS.contains(night)) {
                let problem = part.error(format!("`{night}` is not a night"), text.span.clone());
                part.report(problem.hint(format!("write `\"previous.{name}\"`, or `\"{name}\"` for tonight's")));
                continue;
            }
            let (side, name) = match text.value.split_once('.') {
                Some(("previous", name)) => (Side::Previous, name),
                Some(("night", name)) => (Side::Tonight, name),
                _ => (Side::Tonight, text.value.as_str()),
            };
            if let Some(extract) = self.extract(part, name, text.span.clone()) {
                found.push((extract, side));
            }
        }
        found
    }

    /// `lists.rekommendationer = [["A1", "bifall"]]`: the rows as they stand in the file.
    fn lists(&self, mut section: Section<'_>) -> BTreeMap<String, Vec<Vec<String>>> {
        let mut lists = BTreeMap::new();
        for (name, span) in section.keys() {
            let known = || self.robot.lists.iter().map(|list| list.file.as_str()).chain(["kontrollista"]);
            // A list that is a file for each value has its files in a folder of its own.
            let is_known =
                known().any(|file| name == file || name.strip_prefix(file).is_some_and(|rest| rest.starts_with('/')));
            if !is_known {
                section.report(section.error(format!("the robot has no list `{name}`"), span).suggest(&name, known()));
            }
            lists.insert(name.clone(), section.rows_of_texts(&name));
        }
        section.finish();
        lists
    }

    /// `codes.riktade_slag = ["Tandvård"]`: what the list has in this example, whatever is declared.
    fn codes(&self, mut section: Section<'_>) -> BTreeMap<String, Vec<String>> {
        let mut all = BTreeMap::new();
        let lists = || {
            let is_list = |parameter: &&Parameter| matches!(parameter.content, Content::Codes { .. });
            self.catalog.parameters.iter().filter(is_list).map(|parameter| parameter.id.as_str())
        };
        for (name, span) in section.keys() {
            if !lists().any(|id| id == name) {
                let problem = section.error(format!("there is no code list `{name}`"), span);
                section.report(problem.suggest(&name, lists()));
            }
            let codes = section.texts(&name).into_iter().map(|text| text.value).collect();
            all.insert(name, codes);
        }
        section.finish();
        all
    }

    /// `not_run = ["anvisning"]`: what they came to is not known.
    fn not_run(&self, part: &mut Section<'_>) -> Vec<RobotId> {
        let mut found = Vec::new();
        for text in part.texts("not_run") {
            match self.catalog.robot_named(&text.value) {
                Some(robot) => found.push(robot),
                None => {
                    let ids = self.catalog.robots.iter().map(String::as_str);
                    let problem = part.error(format!("there is no robot `{}`", text.value), text.span.clone());
                    part.report(problem.suggest(&text.value, ids));
                }
            }
        }
        found
    }

    fn with_defaults(&self, mut row: ExampleRow, extract: ExtractId) -> ExampleRow {
        for (field, cell) in self.defaults.get(&extract).into_iter().flatten() {
            if !row.cells.iter().any(|(given, _)| given == field) {
                row.cells.push((*field, cell.clone()));
            }
        }
        row
    }

    fn row(&self, section: &mut Section<'_>, extract: ExtractId) -> ExampleRow {
        let declaration = &self.extracts[usize::from(extract.0)];
        let mut row = ExampleRow::default();
        for (name, span) in section.keys() {
            let Some(raw) = section.raw(&name) else { continue };
            let Some(field) = self.catalog.extract(extract).field_named(&name) else {
                let fields = declaration.fields.iter().map(|field| field.name.as_str());
                let title = format!("`{}` has no field `{name}`", declaration.name);
                section.report(section.error(title, span).suggest(&name, fields));
                continue;
            };
            match self.cell(declaration.field(field), &raw) {
                Ok(cell) => row.cells.push((field, cell)),
                Err(why) => {
                    let problem = section.error(why.title, raw.span);
                    section.report(match why.near {
                        Some(near) => problem.label(format!("did you mean `@{near}`?")),
                        None => problem.hint(why.hint),
                    });
                }
            }
        }
        row
    }

    /// A value as the extract's file would have it.
    fn cell(&self, field: &Field, raw: &Raw) -> Result<String, NoCell> {
        let Origin::Column { .. } = field.origin else {
            let title = format!("`{}` is worked out and cannot be given", field.name);
            return Err(NoCell { title, near: None, hint: "give what it is worked out from" });
        };
        match (&raw.kind, &field.kind) {
            (RawKind::Text(text), _) if text.starts_with('@') => {
                let name = &text[1..];
                self.persons.get(name).cloned().ok_or_else(|| NoCell {
                    title: format!("there is no person `{name}` under [persons]"),
                    near: nearest(name, self.persons.keys().map(String::as_str)).map(str::to_owned),
                    hint: "add the name under [persons], with a test number",
                })
            }
            (RawKind::Text(text), _) => Ok(text.clone()),
            (RawKind::Date(date), FieldKind::Date(format)) => Ok(format.write(*date)),
            (RawKind::Boolean(holds), FieldKind::Boolean { yes, no }) => Ok(if *holds { yes } else { no }.clone()),
            (RawKind::Number(number), FieldKind::Integer) if !number.contains('.') => Ok(number.clone()),
            (RawKind::Number(number), FieldKind::Amount(format)) => {
                Ok(number.replace('.', &char::from(format.decimal).to_string()))
            }
            (_, kind) => {
                let (what, hint) = expected_of(kind);
                Err(NoCell { title: format!("`{}` is {what}", field.name), near: None, hint })
            }
        }
    }

    fn expected(&self, mut section: Section<'_>) -> Option<Expected> {
        let subject = section.needed_text("subject", "\"A1\"");
        let outcome = section.needed_text("outcome", "\"flagged\"");
        let outcome = outcome.and_then(|text| {
            let found = Outcome::named(&text.value);
            if found.is_none() {
                let names = Outcome::ALL.map(Outcome::name);
                let problem = section.error(format!("`{}` is not an outcome", text.value), text.span.clone());
                section
                    .report(problem.suggest(&text.value, names).hint(format!("the outcomes are {}", names.join(", "))));
            }
            found
        });
        let checks = self.ids(&mut section, "checks").unwrap_or_default();
        let undecided = self.ids(&mut section, "undecided");
        let note = section.text("note").map(|text| text.value.trim_end().to_owned());
        let span = section.span();
        section.finish();
        Some(Expected { subject: subject?.value, outcome: outcome?, checks, undecided, note, span })
    }

    fn ids(&self, section: &mut Section<'_>, key: &str) -> Option<Vec<String>> {
        if !section.has(key) {
            return None;
        }
        let known = || self.robot.checks.iter().map(|check| check.id.as_str());
        let texts = section.texts(key);
        for text in &texts {
            if !known().any(|id| id == text.value) {
                let title = format!("the robot has no check `{}`", text.value);
                section.report(section.error(title, text.span.clone()).suggest(&text.value, known()));
            }
        }
        Some(texts.into_iter().map(|text| text.value).collect())
    }
}

/// `tried_before = { D1 = "A1" }`
fn cases_of(mut section: Section<'_>) -> BTreeMap<String, String> {
    let keys = section.keys();
    let cases = keys.into_iter().filter_map(|(key, _)| Some((key.clone(), section.text(&key)?.value))).collect();
    section.finish();
    cases
}

/// Why a value cannot be a cell of a field.
struct NoCell {
    title: String,
    /// The person's name that was meant.
    near: Option<String>,
    hint: &'static str,
}

/// What an example gives a field of this kind, and how it is written.
fn expected_of(kind: &FieldKind) -> (&'static str, &'static str) {
    match kind {
        FieldKind::Date(_) => ("a date", "write `2026-01-31`; a text in quotes is a cell as it stands"),
        FieldKind::Boolean { .. } => {
            ("true or false", "write `true` or `false`; a text in quotes is a cell as it stands")
        }
        FieldKind::Integer => ("a whole number", "write `3`; a text in quotes is a cell as it stands"),
        FieldKind::Amount(_) => ("an amount", "write `3.50`; a text in quotes is a cell as it stands"),
        FieldKind::Person | FieldKind::Party => ("a person's number", "write `\"@sven\"`, a name under [persons]"),
        _ => ("a text", "write a text in quotes, which is a cell as it stands"),
    }
}

/// Whether a field's empty cell is an answer; used where an example leaves a field out.
#[must_use]
pub fn is_answer_when_empty(field: &Field) -> bool {
    field.empty == Empty::Null
}
