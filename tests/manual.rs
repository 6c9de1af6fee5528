//! The manual keeps its word: every example of `docs/rules.md` comes to what the page says, and every file of
//! `docs/definitions.md` loads.
//!
//! The page's examples are about the household that stands on it, read by the scan of a night from the robots' own
//! extracts. What is looked at is a table's headings: one with `comes to` has values, one with `call` has functions.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]
#![allow(clippy::disallowed_methods, reason = "a test makes the folder that the definitions are loaded from")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use nattkoll::definition::example::{Example, ExampleRow};
use nattkoll::definition::extract::{Extract, Origin};
use nattkoll::definition::robot::SUBJECT;
use nattkoll::definition::{Definitions, load};
use nattkoll::diagnostic::{Colour, draw};
use nattkoll::extract::{Delivery, Links, Reach, Request, Source, Table, View, scan};
use nattkoll::night::example::try_example;
use nattkoll::rule::check::{self, Binding, Scope};
use nattkoll::rule::cover::MOST_CASES;
use nattkoll::rule::evaluate::Evaluator;
use nattkoll::rule::function::Function;
use nattkoll::rule::parse::{DEEPEST_NESTING, DEEPEST_TREE, parse};
use nattkoll::rule::syntax::RuleError;
use nattkoll::rule::table::Input;
use nattkoll::rule::template::Template;
use nattkoll::rule::tree::Expr;
use nattkoll::rule::types::{ExtractId, FieldId, RelationId, RowType, Side, Type, Use};
use nattkoll::rule::unary;
use nattkoll::rule::value::{Missing, RowRef, Truth, Value, Why};
use nattkoll::rule::world::{Constants, Silent};
use nattkoll::sample::{Draws, SampleKey};

const RULES: &str = include_str!("../docs/rules.md");
const DEFINITIONS: &str = include_str!("../docs/definitions.md");

/// The robot that the household's case belongs to: what its facts are is said in words on the page.
const ROBOT: &str = r#"
id      = "manual"
title   = "Exempel"
version = "1"
purpose = "Manualens exempel."
owner   = "ingen"
subject = { each = "arenden", case = "arendenummer" }
facts   = { sokande = 'first(medlemmar[roll = "Sökande"])', medsokande = 'first(medlemmar[roll = "Medsökande"])', barnet = 'first(medlemmar[roll = "Barn"])' }
check   = [{ id = "ensam", when = 'count(medlemmar) < 2', says = "Ensam." }]
note    = { title = "Exempel" }
"#;

/// Of the official test numbers.
const PERSONS: &str = r#"
municipality = "0380"
persons = { sven = "198001022394", anna = "198401012383", kalle = "201501012395" }
"#;

// The page

/// The tables of a page: headings, then rows, each a list of cells.
fn tables(page: &str) -> Vec<Vec<Vec<&str>>> {
    let mut tables = vec![Vec::new()];
    for line in page.lines() {
        match line.strip_prefix('|').and_then(|rest| rest.strip_suffix('|')) {
            Some(row) if row.starts_with("---") => {}
            Some(row) => tables.last_mut().unwrap().push(row.split('|').map(str::trim).collect()),
            None => tables.push(Vec::new()),
        }
    }
    tables
}

/// The rows of every table with these headings, the cells under them alone.
fn rows<const N: usize>(headings: [&str; N]) -> Vec<[&'static str; N]> {
    let mut found = Vec::new();
    for table in tables(RULES) {
        let Some((head, rows)) = table.split_first() else { continue };
        let places: Option<Vec<usize>> =
            headings.iter().map(|heading| head.iter().position(|cell| cell == heading)).collect();
        let Some(places) = places else { continue };
        for row in rows {
            assert_eq!(row.len(), head.len(), "a row of another length than its headings: {row:?}");
            found.push(std::array::from_fn(|place| row[places[place]]));
        }
    }
    assert!(!found.is_empty(), "the page has no table with {headings:?}");
    found
}

/// What stands between backticks in a cell.
fn codes(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn code(cell: &str) -> &str {
    codes(cell).next().unwrap_or_else(|| panic!("`{cell}` has no expression"))
}

/// The `toml` blocks of a page.
fn blocks(page: &str) -> impl Iterator<Item = &str> {
    page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap())
}

/// A text with one space wherever it has white space, and no sign of markdown.
fn plain(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

// The household

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// What the repository's robots are made of, for the extracts name the robots, and the robot of the manual with its household.
fn definitions() -> Definitions {
    let folder = tempfile::tempdir().unwrap();
    copy(&repository("robots"), folder.path());
    let household = blocks(RULES).find(|block| block.starts_with("[[test]]")).expect("the page shows its household");
    fs::create_dir_all(folder.path().join("manual")).unwrap();
    fs::write(folder.path().join("manual/robot.toml"), ROBOT).unwrap();
    fs::write(folder.path().join("manual/tests.toml"), format!("{PERSONS}\n{household}")).unwrap();
    load(folder.path()).unwrap_or_else(|mistakes| panic!("{}", draw(&mistakes, Colour::Plain)))
}

/// The file that rows make; their fields are all utf-8 in a test.
fn file(extract: &Extract, rows: &[ExampleRow]) -> Vec<u8> {
    let columns: Vec<usize> = (0..extract.fields.len())
        .filter(|place| matches!(extract.fields[*place].origin, Origin::Column { .. }))
        .collect();
    let line = |cells: Vec<&str>| cells.join(&char::from(extract.dialect.delimiter).to_string()) + "\n";
    let mut text = line(columns.iter().map(|place| extract.fields[*place].heading()).collect());
    for row in rows {
        let cell = |place: &usize| row.cells.iter().find(|(field, _)| usize::from(field.0) == *place);
        text += &line(columns.iter().map(|place| cell(place).map_or("", |(_, cell)| cell)).collect());
    }
    encoding_rs::Encoding::for_label(extract.dialect.encoding.name().as_bytes()).unwrap().encode(&text).0.into_owned()
}

/// The fields by which an extract's rows are found, one list for each relation that leads to it.
fn ways(definitions: &Definitions, to: ExtractId) -> Vec<Vec<FieldId>> {
    let relations = definitions.catalog.extracts.iter().flat_map(|schema| &schema.relations);
    relations
        .filter(|relation| relation.to == to)
        .map(|relation| relation.on.iter().map(|(theirs, _)| *theirs).collect())
        .collect()
}

type Tables = BTreeMap<(ExtractId, Side), Table>;

fn scanned(definitions: &Definitions, household: &Example) -> Tables {
    let mut tables = Tables::new();
    for extract in definitions.extracts.iter().filter(|extract| extract.grouping.is_none()) {
        for (side, night) in [(Side::Tonight, household.night), (Side::Previous, household.previous_night)] {
            if household.missing.contains(&(extract.id, side)) {
                continue;
            }
            let rows = household.rows.get(&(extract.id, side)).map_or(&[][..], Vec::as_slice);
            let fields: Vec<FieldId> = (0..extract.fields.len()).map(|at| FieldId(at.try_into().unwrap())).collect();
            let request = Request {
                extract,
                night,
                fields: &fields,
                reach: Reach::All,
                ways: &ways(definitions, extract.id),
                parameters: &definitions.catalog.parameters,
                path: PathBuf::from(&extract.file),
                piece: None,
            };
            tables.insert((extract.id, side), scan(&Source::Bytes(file(extract, rows)), &request).unwrap());
        }
    }
    tables
}

type Followed = (ExtractId, Side, RelationId, Side);

fn linked(definitions: &Definitions, tables: &Tables) -> BTreeMap<Followed, Links> {
    let mut links = BTreeMap::new();
    for ((extract, side), table) in tables {
        for (place, relation) in definitions.catalog.extract(*extract).relations.iter().enumerate() {
            let to_side = relation.night.side(*side);
            let Some(to) = tables.get(&(relation.to, to_side)) else { continue };
            let by: Vec<FieldId> = relation.on.iter().map(|(theirs, _)| *theirs).collect();
            let way = ways(definitions, relation.to).iter().position(|way| *way == by).unwrap();
            let id = RelationId(place.try_into().unwrap());
            links.insert((*extract, *side, id, to_side), {
                let theirs: Vec<_> = relation.on.iter().map(|(theirs, _)| *theirs).collect();
                Links::new(to.index(&theirs), (table, to), relation, way, (*side, to_side))
            });
        }
    }
    links
}

/// The page's household, as the rule language sees it.
struct Stage<'s> {
    definitions: &'s Definitions,
    view: View<'s>,
    constants: Constants<'s>,
}

fn on_stage(play: impl FnOnce(&Stage<'_>)) {
    let definitions = definitions();
    let manual = definitions.robots.iter().position(|robot| robot.id == "manual").unwrap();
    let household = &definitions.examples[manual][0];
    let tables = scanned(&definitions, household);
    let links = linked(&definitions, &tables);
    let of_side = |side: Side| {
        let delivery = |extract: &Extract| {
            tables.get(&(extract.id, side)).map_or(Delivery::Missing(Why::NotDelivered), Delivery::Ready)
        };
        definitions.extracts.iter().map(delivery).collect()
    };
    let links: HashMap<Followed, &Links> = links.iter().map(|(followed, links)| (*followed, links)).collect();
    let nights = (household.night, Some(household.previous_night));
    let constants = Constants {
        night: household.night,
        previous_night: Some(household.previous_night),
        since: household.since,
        start: household.since,
        municipality: &household.municipality,
        parameters: &definitions.catalog.parameters,
        draws: Some(Draws { key: SampleKey::OF_EXAMPLES, robot: "manual" }),
    };
    let view = View::new(of_side(Side::Tonight), of_side(Side::Previous), links, nights);
    play(&Stage { definitions: &definitions, view, constants });
}

impl Stage<'_> {
    fn subject(&self) -> RowType {
        RowType { extract: self.definitions.robot("manual").unwrap().subject.extract, side: Side::Tonight }
    }

    fn scope(&self, purpose: Use) -> Scope<'_> {
        let row = self.subject();
        let named = |name: &str| Binding::Variable { name: name.to_owned(), ty: Type::Row(row), slot: SUBJECT };
        let bindings = vec![named("arenden"), named("subject"), Binding::Item { row, slot: SUBJECT }];
        Scope {
            catalog: &self.definitions.catalog,
            bindings,
            facts: &self.definitions.robot("manual").unwrap().fact_names,
            purpose,
        }
    }

    fn checked(&self, expression: &str, purpose: Use) -> Result<Expr, Vec<RuleError>> {
        let syntax = parse(expression).map_err(|error| vec![error])?;
        check::expression(&syntax, &self.scope(purpose))
    }

    /// What an expression comes to, as the page writes it; its mistakes where it is none.
    fn told(&self, expression: &str, purpose: Use) -> String {
        let expr = match self.checked(expression, purpose) {
            Ok(expr) => expr,
            Err(errors) => return errors.iter().map(|error| error.title.clone()).collect::<Vec<_>>().join("; "),
        };
        told(&self.evaluator().value(&expr))
    }

    fn evaluator(&self) -> Evaluator<'_, View<'_>, Silent> {
        let mut evaluator =
            Evaluator::new(&self.view, &self.constants, &self.definitions.robot("manual").unwrap().facts, Silent);
        evaluator.turn_to(&[Value::Row(RowRef { extract: self.subject().extract, side: Side::Tonight, row: 0 })]);
        evaluator
    }

    /// A sentence with its values filled in.
    fn filled(&self, sentence: &str) -> String {
        match Template::read(sentence, &self.scope(Use::Written)) {
            Ok(template) => template.fill(&mut self.evaluator(), &self.constants).text,
            Err(errors) => errors.iter().map(|error| error.title.clone()).collect::<Vec<_>>().join("; "),
        }
    }
}

/// A value as the page writes it: as in an expression, a date without its `@`, a duration without its call.
fn told(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(_) => "unknown".to_owned(),
        Value::Between(bounds) => match (&bounds.low, &bounds.high) {
            (Some(low), Some(high)) => format!("between {} and {}", told(low), told(high)),
            (Some(low), None) => format!("at least {}", told(low)),
            (None, Some(high)) => format!("at most {}", told(high)),
            (None, None) => "anything".to_owned(),
        },
        Value::Number(number) => number.normalize().to_string(),
        Value::Text(text) => format!("\"{text}\""),
        Value::Boolean(holds) => holds.to_string(),
        Value::Months(months) => format!("P{months}M"),
        Value::Days(days) => format!("P{days}D"),
        Value::Row(_) => "a row".to_owned(),
        Value::Rows(rows) => format!("{} rows", rows.rows.len()),
        Value::List(list) => {
            let is_doubtful = |place: usize| list.doubts.iter().any(|(at, _)| *at == place);
            let mut items: Vec<String> = list.items.iter().map(told).collect();
            for (place, item) in items.iter_mut().enumerate() {
                item.push_str(if is_doubtful(place) { "?" } else { "" });
            }
            items.extend(list.open.map(|_: Missing| "…".to_owned()));
            format!("[{}]", items.join(", "))
        }
        other => other.written().unwrap(),
    }
}

fn all_right(faults: &[String]) {
    assert!(faults.is_empty(), "{} of the manual:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_example_comes_to_what_the_page_says() {
    on_stage(|stage| {
        let examples = rows(["expression", "comes to"]).into_iter().chain(rows(["example", "comes to"]));
        let mut faults = Vec::new();
        for (expression, expected) in examples.map(|[expression, expected]| (code(expression), expected)) {
            // A stand-in may be written, and never decides.
            let decided = stage.told(expression, Use::Decides);
            let is_stand_in = decided.contains("may not decide anything");
            let found = if is_stand_in { stage.told(expression, Use::Written) } else { decided };
            if found != expected.trim_matches('`') {
                faults.push(format!("`{expression}` comes to {found}, the page says {expected}"));
            }
        }
        all_right(&faults);
    });
}

#[test]
fn every_function_has_a_row_on_the_page() {
    let called: Vec<&str> =
        rows(["call"]).iter().flat_map(|[call]| codes(call)).filter_map(|call| Some(call.split_once('(')?.0)).collect();
    let left_out: Vec<&str> = Function::names().filter(|name| !called.contains(name)).collect();
    assert!(left_out.is_empty(), "no row for {left_out:?}");
    let unknown: Vec<&&str> = called.iter().filter(|name| Function::named(name).is_none()).collect();
    assert!(unknown.is_empty(), "no function is called {unknown:?}");
}

#[test]
fn a_function_stands_in_its_own_example() {
    for [call, example] in rows(["call", "example"]) {
        let name = code(call).split('(').next().unwrap();
        assert!(code(example).contains(&format!("{name}(")), "{call}: {example}");
    }
}

#[test]
fn what_you_write_stands_in_a_robot() {
    let mut all = String::new();
    let mut folders = vec![repository("robots")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                all += &fs::read_to_string(path).unwrap();
            }
        }
    }
    let close = |text: &str| text.split_whitespace().collect::<String>();
    let all = close(&all);
    let written = rows(["you want to say", "you write"]);
    let faults: Vec<String> = written
        .iter()
        .filter(|[_, expression]| !all.contains(&close(code(expression))))
        .map(|[say, expression]| format!("{say}: no robot says {expression}"))
        .collect();
    all_right(&faults);
    assert!(written.len() >= 25, "{} rows", written.len());
}

#[test]
fn a_habit_from_elsewhere_is_refused_with_a_hint_and_what_to_write_instead_is_not() {
    on_stage(|stage| {
        let mut faults = Vec::new();
        for [habit, instead] in rows(["not", "but"]) {
            for expression in codes(habit) {
                match stage.checked(expression, Use::Decides) {
                    Ok(_) => faults.push(format!("`{expression}` is no mistake")),
                    Err(errors) if errors.iter().all(|error| error.hint.is_none() && error.label.is_empty()) => {
                        faults.push(format!("`{expression}` is refused without a hint"));
                    }
                    Err(_) => {}
                }
            }
            for expression in codes(instead) {
                if let Err(errors) = stage.checked(expression, Use::Written) {
                    faults.push(format!("`{expression}`: {}", errors[0].title));
                }
            }
        }
        all_right(&faults);
    });
}

#[test]
fn a_sentence_is_written_as_the_page_says() {
    on_stage(|stage| {
        let told = rows(["in a sentence", "is written"]);
        let differs = |[sentence, written]: &&[&str; 2]| stage.filled(code(sentence)) != code(written);
        let fault = |[sentence, written]: &[&str; 2]| {
            format!("{sentence} is written {}, the page says {written}", stage.filled(code(sentence)))
        };
        all_right(&told.iter().filter(differs).map(fault).collect::<Vec<_>>());
    });
}

#[test]
fn a_cell_of_a_decision_table_holds_for_what_the_page_says() {
    on_stage(|stage| {
        for [cell, ty, holds_for, not_for] in rows(["cell", "of", "holds for", "not for"]) {
            let (ty, is_whole) = match ty {
                "integer" => (Type::Number, true),
                "text" => (Type::Text(None), false),
                "date" => (Type::Date, false),
                "boolean" => (Type::Boolean, false),
                other => panic!("no input is of type {other}"),
            };
            let tests = unary::read(code(cell), &Input { name: "x".to_owned(), ty, is_whole }).unwrap();
            for (examples, expected) in [(holds_for, Truth::True), (not_for, Truth::False)] {
                for example in codes(examples) {
                    let expr = stage.checked(example, Use::Decides).unwrap();
                    assert_eq!(tests.holds(&stage.evaluator().value(&expr)), expected, "{cell}: {example}");
                }
            }
        }
    });
}

#[test]
fn every_departure_of_the_conformance_kit_is_on_the_page() {
    let kit: toml::Table = include_str!("tck/cases.toml").parse().unwrap();
    let page = plain(&RULES.replace("\n  ", " "));
    for (name, reason) in kit["departures"].as_table().unwrap() {
        // What is said after the first sentence is about the kit's cases.
        let reason = plain(reason.as_str().unwrap());
        let reason = reason.split_once(". ").map_or(reason.as_str(), |(first, _)| first);
        assert!(page.contains(reason), "the page does not say of `{name}`: {reason}");
    }
}

#[test]
fn the_limits_are_those_of_the_code() {
    let page = plain(RULES);
    for limit in [
        format!("{DEEPEST_NESTING} brackets within brackets"),
        format!("{DEEPEST_TREE} parts within parts"),
        format!("{} 000 cases", MOST_CASES / 1000),
    ] {
        assert!(page.contains(&limit), "{limit}");
    }
    let longest = parse(&"1 ".repeat(2_001)).unwrap_err().title;
    assert!(longest.contains("4000") && page.contains("4 000 bytes"), "{longest}");
}

// The other page

/// A file with a part of it exchanged: the tables that the part has, and with `[[…]]` one more.
fn with_part(whole: &str, part: &str) -> String {
    fn head(line: &str) -> Option<&str> {
        line.starts_with('[').then(|| line.split_inclusive(']').next().unwrap())
    }
    let exchanged: Vec<&str> = part.lines().filter_map(head).filter(|head| !head.starts_with("[[")).collect();
    let mut is_kept = true;
    let kept = whole.lines().filter(|line| {
        is_kept = head(line).map_or(is_kept, |head| !exchanged.contains(&head));
        is_kept
    });
    kept.chain(part.lines()).collect::<Vec<&str>>().join("\n")
}

#[test]
fn every_file_that_the_page_of_definitions_shows_is_without_mistakes_and_its_examples_pass() {
    for block in blocks(DEFINITIONS) {
        let name = block.lines().next().and_then(|line| line.strip_prefix("# robots/"));
        let name = name.unwrap_or_else(|| panic!("an example does not begin with its file's name:\n{block}"));
        let (name, is_part) = name.strip_suffix(", a part").map_or((name, false), |name| (name, true));
        let folder = tempfile::tempdir().unwrap();
        copy(&repository("robots"), folder.path());
        let path = folder.path().join(name);
        let text = if is_part { with_part(&fs::read_to_string(&path).unwrap(), block) } else { block.to_owned() };
        fs::write(&path, text).unwrap();
        match load(folder.path()) {
            Ok(definitions) => examples_pass(&definitions, name),
            Err(mut mistakes) => {
                // A shortened file leaves out what others ask it for; what it says itself must be right.
                mistakes.retain(|mistake| mistake.source.as_ref().is_none_or(|source| source.path == path));
                assert!(mistakes.is_empty(), "{}", draw(&mistakes, Colour::Plain));
            }
        }
    }
}

/// Where what is shown are a robot's examples, they pass.
fn examples_pass(definitions: &Definitions, name: &str) {
    let Some(robot) = name.strip_suffix("/tests.toml") else { return };
    let place = definitions.robots.iter().position(|known| known.id == robot).unwrap();
    for example in &definitions.examples[place] {
        let mistakes = try_example(&definitions.robots[place], example, definitions).mistakes;
        assert!(mistakes.is_empty(), "{}: {mistakes:?}", example.name);
    }
}
