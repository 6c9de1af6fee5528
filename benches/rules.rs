//! How long one check takes, over rows in memory and without reading, joining or writing anything.
//!
//! Each case goes once round a thousand subjects, so that the microseconds it reports are nanoseconds per check. The first
//! case only turns to each subject, which every other case does too. `just bench-rules` runs them all and tells what has
//! changed since the last time.

use std::borrow::Cow;

use chrono::{Days, NaiveDate};
use criterion::{Criterion, Throughput};
use nattkoll::rule::catalog::{Cardinality, Catalog, ExtractSchema, FieldSchema, RelationNight, RelationSchema};
use nattkoll::rule::check::{self, Binding, Scope};
use nattkoll::rule::evaluate::Evaluator;
use nattkoll::rule::parameter::{Content, Parameter};
use nattkoll::rule::parse::parse;
use nattkoll::rule::table::{DecisionTable, Edition, Input, Rule};
use nattkoll::rule::tree::{Expr, Slot};
use nattkoll::rule::types::{ExtractId, FieldId, Literal, RelationId, RowType, Side, Type, Use};
use nattkoll::rule::unary;
use nattkoll::rule::value::{Missing, RowRef, Truth, Value};
use nattkoll::rule::world::{Constants, Related, Silent, World};
use rust_decimal::Decimal;

const SUBJECTS: u32 = 1_000;
const ROWS_EACH: u32 = 12;

const ARENDEN: ExtractId = ExtractId(0);
const KOSTNADER: ExtractId = ExtractId(1);

const SLAG: [&str; 4] = ["El", "Hyra", "Mat", "Resor"];

/// The cells of one field.
enum Column {
    Numbers(Vec<Decimal>),
    /// Some of which are null.
    Dates(Vec<Option<NaiveDate>>),
    Texts(Vec<&'static str>),
}

impl Column {
    fn cell(&self, row: usize) -> Value<'_> {
        match self {
            Self::Numbers(numbers) => Value::Number(numbers[row]),
            Self::Dates(days) => days[row].map_or(Value::Null, Value::Date),
            Self::Texts(texts) => Value::Text(Cow::Borrowed(texts[row])),
        }
    }
}

/// Cases, and the costs of each.
struct Rows {
    catalog: Catalog,
    columns: [Vec<Column>; 2],
    kostnader: Vec<[u32; ROWS_EACH as usize]>,
}

impl World for Rows {
    fn cell(&self, row: RowRef, field: FieldId) -> Value<'_> {
        self.columns[usize::from(row.extract.0)][usize::from(field.0)].cell(row.row as usize)
    }

    fn related(&self, row: RowRef, _: RelationId, _: Side) -> Related<'_> {
        Related { rows: &self.kostnader[row.row as usize], open: None, whole: false }
    }

    fn extent(&self, extract: ExtractId, _: Side) -> (u32, Option<Missing>) {
        (if extract == ARENDEN { SUBJECTS } else { SUBJECTS * ROWS_EACH }, None)
    }

    fn line(&self, row: RowRef) -> u64 {
        u64::from(row.row) + 2
    }

    fn contested(&self, _: RowRef) -> Option<Missing> {
        None
    }

    fn delivery(&self, _: ExtractId, _: Side) -> Option<Missing> {
        None
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}

/// Numbers that look drawn, the same at every run.
fn drawn(place: u32, below: u32) -> u32 {
    let mixed = (u64::from(place) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    u32::try_from((mixed >> 32) % u64::from(below)).expect("less than a number of 32 bits")
}

/// A third of the dates are null; the sums of "El" come out on both sides of 3 000.
fn rows() -> Rows {
    let costs = SUBJECTS * ROWS_EACH;
    let flyttade = (0..SUBJECTS).map(|row| {
        let days = u64::from(drawn(row, 60));
        (row % 3 != 0).then(|| day(2026, 11, 30) - Days::new(days))
    });
    let ages = (0..SUBJECTS).map(|row| Decimal::from(drawn(row, 90)));
    Rows {
        catalog: catalog(),
        columns: [
            vec![
                Column::Numbers((0..SUBJECTS).map(|row| Decimal::new(drawn(row, 200_000).into(), 2)).collect()),
                Column::Dates(flyttade.collect()),
                Column::Numbers(ages.collect()),
                Column::Texts((0..SUBJECTS).map(|row| SLAG[drawn(row, 4) as usize]).collect()),
            ],
            vec![
                Column::Texts((0..costs).map(|row| SLAG[drawn(row, 4) as usize]).collect()),
                Column::Numbers((0..costs).map(|row| Decimal::new(drawn(row, 200_000).into(), 2)).collect()),
            ],
        ],
        kostnader: (0..SUBJECTS)
            .map(|row| std::array::from_fn(|place| row * ROWS_EACH + u32::try_from(place).unwrap_or(0)))
            .collect(),
    }
}

fn catalog() -> Catalog {
    let field = |id: &str, ty: Type| FieldSchema { id: id.to_owned(), ty, nullable: true, computed: None };
    let kostnader = RelationSchema {
        id: "kostnader".to_owned(),
        to: KOSTNADER,
        cardinality: Cardinality::Many,
        night: RelationNight::Same,
        on: Vec::new(),
        condition: None,
        distinct: Vec::new(),
        whole: false,
        robots: Vec::new(),
        outcomes: Vec::new(),
    };
    let extract = |id: &str, fields, relations| ExtractSchema {
        id: id.to_owned(),
        fields,
        relations,
        protection: None,
        is_of_robots: false,
    };
    Catalog {
        extracts: vec![
            extract(
                "arenden",
                vec![
                    field("belopp", Type::Number),
                    field("flyttdatum", Type::Date),
                    field("alder", Type::Number),
                    field("slag", slag()),
                ],
                vec![kostnader],
            ),
            extract("kostnader", vec![field("slag", slag()), field("belopp", Type::Number)], Vec::new()),
        ],
        parameters: vec![tak()],
        ..Catalog::default()
    }
}

fn slag() -> Type {
    Type::Text(Some(SLAG.map(str::to_owned).into()))
}

/// Twelve rules by kind and age, in the second of two editions.
fn tak() -> Parameter {
    let inputs = vec![
        Input { name: "slag".to_owned(), ty: slag(), is_whole: false },
        Input { name: "alder".to_owned(), ty: Type::Number, is_whole: true },
    ];
    let rule = |kind: &str, ages: &str, value: i64| Rule {
        tests: [format!("\"{kind}\""), ages.to_owned()]
            .iter()
            .zip(&inputs)
            .map(|(cell, input)| unary::read(cell, input).expect("the cell is a unary test"))
            .collect(),
        value: Literal::Number(value.into()),
        source: "PDD".to_owned(),
        derived: false,
        span: 0..0,
    };
    let edition = |year: i32, raised: i64| Edition {
        from: day(year, 1, 1),
        to: None,
        rules: SLAG
            .iter()
            .zip(1..)
            .flat_map(|(kind, times)| {
                [("< 18", 100), ("[18..64]", 200), (">= 65", 300)]
                    .map(|(ages, value)| rule(kind, ages, times * value + raised))
            })
            .collect(),
        gaps: Vec::new(),
        after: None,
        span: 0..0,
    };
    let editions = vec![edition(2025, 0), edition(2026, 50)];
    let content = Content::Table(DecisionTable { inputs: inputs.clone(), ty: Type::Number, editions });
    Parameter { id: "tak".to_owned(), title: String::new(), content }
}

fn scope<'c>(catalog: &'c Catalog, facts: &'c [(String, Type)]) -> Scope<'c> {
    let row = RowType { extract: ARENDEN, side: Side::Tonight };
    let subject = Binding::Variable { name: "subject".to_owned(), ty: Type::Row(row), slot: Slot(0) };
    Scope { catalog, bindings: vec![subject, Binding::Item { row, slot: Slot(0) }], facts, purpose: Use::Decides }
}

fn checked(text: &str, scope: &Scope<'_>) -> Expr {
    let syntax = parse(text).expect("it is an expression");
    check::expression(&syntax, scope).expect("its names and types are right")
}

fn checks(criterion: &mut Criterion) {
    let rows = rows();
    let constants = Constants {
        night: day(2026, 11, 21),
        previous_night: Some(day(2026, 11, 20)),
        since: day(2026, 11, 20),
        start: day(2026, 11, 20),
        municipality: "0380",
        parameters: &rows.catalog.parameters,
        draws: None,
    };
    let facts = [
        ("el", "sum(kostnader[slag = \"El\"].belopp)"),
        ("hyra", "sum(kostnader[slag = \"Hyra\"].belopp)"),
        ("grans", "if alder >= 18 then 3000 else 2000"),
    ];
    let names: Vec<(String, Type)> = facts.iter().map(|(name, _)| ((*name).to_owned(), Type::Number)).collect();
    let bodies: Vec<Expr> = facts.iter().map(|(_, body)| checked(body, &scope(&rows.catalog, &[]))).collect();
    let mut group = criterion.benchmark_group("thousand checks");
    group.throughput(Throughput::Elements(SUBJECTS.into()));
    for (name, text) in [
        ("nothing", "true"),
        ("scalar", "belopp > 1000"),
        ("date", "flyttdatum != null and flyttdatum >= since"),
        ("sum", "sum(kostnader[slag = \"El\"].belopp) > 3000"),
        ("some", "some k in kostnader satisfies k.slag = \"El\" and k.belopp > 1900"),
        ("count", "count(kostnader[belopp > 1000]) > 6"),
        ("facts", "el > grans and hyra > grans or el + hyra > 2 * grans"),
        ("table", "belopp > tak(since, slag, alder)"),
    ] {
        let condition = checked(text, &scope(&rows.catalog, &names));
        let mut evaluator = Evaluator::new(&rows, &constants, &bodies, Silent);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let holds = |row: u32| {
                    evaluator.turn_to(&[Value::Row(RowRef { extract: ARENDEN, side: Side::Tonight, row })]);
                    evaluator.truth(&condition) == Truth::True
                };
                (0..SUBJECTS).map(holds).filter(|holds| *holds).count()
            });
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    checks(&mut criterion);
    criterion.final_summary();
}
