//! A household of three and their vehicles, as tables in memory, with ways to make parts of it not known.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::rule::catalog::{Cardinality, Catalog, ExtractSchema, FieldSchema, RelationNight, RelationSchema, Written};
use crate::rule::check::{self, Binding, Scope};
use crate::rule::evaluate::Evaluator;
use crate::rule::parameter::{Content, Parameter};
use crate::rule::parse::parse;
use crate::rule::syntax::RuleError;
use crate::rule::table::{DecisionTable, Edition, Rule};
use crate::rule::tree::{Expr, Slot};
use crate::rule::types::Literal;
use crate::rule::types::Use;
use crate::rule::types::{ExtractId, FieldId, RelationId, RowType, Side, Type};
use crate::rule::value::{Missing, RowRef, Truth, Value, Why};
use crate::rule::world::{Constants, Related, Silent, World};
use crate::value::{Month, Organisationsnummer, Party, Personnummer};

pub type Cell = Value<'static>;

pub const PERSONER: ExtractId = ExtractId(0);
pub const FORDON: ExtractId = ExtractId(1);
pub const KORT: ExtractId = ExtractId(2);

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn text(text: &str) -> Cell {
    Value::Text(Cow::Owned(text.to_owned()))
}

pub fn number(number: i64) -> Cell {
    Value::Number(Decimal::from(number))
}

pub fn date(text: &str) -> Cell {
    Value::Date(day(text))
}

/// Of the official test numbers.
pub fn person(twelve_digits: u64) -> Cell {
    Value::Person(Personnummer::from_twelve_digits(twelve_digits).unwrap())
}

/// The person of a row of [`LittleWorld::household`].
pub fn person_of(row: usize) -> Cell {
    person([198_501_012_382, 198_502_082_392, 200_001_032_382][row])
}

pub fn unknown(why: Why) -> Cell {
    Value::Unknown(Missing::because(why))
}

/// The declarations of the little world.
pub fn catalog() -> Catalog {
    let listed = |values: &[&str]| Type::Text(Some(values.iter().map(|v| (*v).to_owned()).collect()));
    let personer = ExtractSchema {
        id: "personer".to_owned(),
        fields: vec![
            field("personnummer", Type::Person),
            field("namn", Type::Text(None)),
            field("roll", listed(&["Sökande", "Medsökande", "Barn"])),
            field("inkomst", Type::Number),
            field("flyttdatum", Type::Date),
            field("ansokan", Type::Month),
            field("arbetar", Type::Boolean),
            field("adress", Type::Text(None)),
            field("arbetsgivare", Type::Organisation),
            field("betalare", Type::Party),
            computed("antal_fordon", Type::Number, "count(fordon)"),
        ],
        relations: vec![
            many("fordon", FORDON, (1, 0)),
            RelationSchema { night: RelationNight::Previous, ..many("fordon_igar", FORDON, (1, 0)) },
            RelationSchema {
                condition: Some(Written::read("status = \"I trafik\"").unwrap()),
                ..many("i_trafik", FORDON, (1, 0))
            },
            RelationSchema { distinct: vec![FieldId(0)], ..many("olika", FORDON, (1, 0)) },
            RelationSchema { cardinality: Cardinality::One, ..many("kort", KORT, (0, 0)) },
            RelationSchema {
                cardinality: Cardinality::One,
                condition: Some(Written::read("giltigt_till = null or giltigt_till >= night").unwrap()),
                ..many("giltigt_kort", KORT, (0, 0))
            },
            many("grannar", PERSONER, (7, 7)),
            RelationSchema {
                condition: Some(Written::read("status = \"I trafik\"").unwrap()),
                distinct: vec![FieldId(0)],
                ..many("olika_i_trafik", FORDON, (1, 0))
            },
        ],
        protection: Some(Written::read("kort.skydd != null or kort.sekretess").unwrap()),
        is_of_robots: false,
    };
    let fordon = ExtractSchema {
        id: "fordon".to_owned(),
        fields: vec![
            field("regnr", Type::Text(None)),
            field("agare", Type::Person),
            field("status", listed(&["I trafik", "Avställd"])),
            field("arsmodell", Type::Number),
            field("kopt", Type::Date),
        ],
        relations: vec![RelationSchema { cardinality: Cardinality::One, ..many("person", PERSONER, (0, 1)) }],
        protection: None,
        is_of_robots: false,
    };
    let kort = ExtractSchema {
        id: "kort".to_owned(),
        fields: vec![
            field("personnummer", Type::Person),
            field("skydd", Type::Text(None)),
            field("sekretess", Type::Boolean),
            field("giltigt_till", Type::Date),
        ],
        relations: Vec::new(),
        protection: Some(Written::read("sekretess").unwrap()),
        is_of_robots: false,
    };
    Catalog { extracts: vec![personer, fordon, kort], parameters: parameters(), ..Catalog::default() }
}

fn field(id: &str, ty: Type) -> FieldSchema {
    FieldSchema { id: id.to_owned(), ty, nullable: true, computed: None }
}

fn computed(id: &str, ty: Type, expression: &str) -> FieldSchema {
    FieldSchema { id: id.to_owned(), ty, nullable: false, computed: Some(Written::read(expression).unwrap()) }
}

fn many(id: &str, to: ExtractId, (target, own): (u16, u16)) -> RelationSchema {
    RelationSchema {
        id: id.to_owned(),
        to,
        cardinality: Cardinality::Many,
        night: RelationNight::Same,
        on: vec![(FieldId(target), FieldId(own))],
        condition: None,
        distinct: Vec::new(),
        whole: false,
        robots: Vec::new(),
        outcomes: Vec::new(),
    }
}

fn parameters() -> Vec<Parameter> {
    let edition = |from: &str, to: Option<&str>, number: i64| Edition {
        from: day(from),
        to: to.map(day),
        rules: vec![Rule {
            tests: Vec::new(),
            value: Literal::Number(number.into()),
            source: "PDD".to_owned(),
            derived: false,
            span: 0..0,
        }],
        gaps: Vec::new(),
        after: None,
        span: 0..0,
    };
    let codes = |id: &str, unlisted: Option<&str>| Parameter {
        id: id.to_owned(),
        title: String::new(),
        content: Content::Codes {
            names: [("0380".to_owned(), "Uppsala".to_owned())].into(),
            unlisted: unlisted.map(str::to_owned),
            from: day("2020-01-01"),
            source: "SCB".to_owned(),
        },
    };
    let limit = Parameter {
        id: "grans".to_owned(),
        title: String::new(),
        content: Content::Table(DecisionTable {
            inputs: Vec::new(),
            ty: Type::Number,
            editions: vec![edition("2020-01-01", Some("2025-06-30"), 3), edition("2026-01-01", None, 4)],
        }),
    };
    vec![limit, codes("kommun", Some("okänd kommun ({code})")), codes("lan", None)]
}

/// The rows that a relation leads to, and why there may be more.
type Joined = (Vec<u32>, Option<Missing>);

/// Tables in memory, with what is not known of them.
pub struct LittleWorld {
    pub catalog: Catalog,
    pub tables: BTreeMap<(ExtractId, Side), Vec<Vec<Cell>>>,
    open: BTreeMap<(RowRef, RelationId), Missing>,
    contested: BTreeMap<RowRef, Missing>,
    not_delivered: BTreeMap<(ExtractId, Side), Missing>,
    /// Tonight's extracts of which rows were rejected, so that any relation to them may lead to more.
    cut_off: BTreeMap<ExtractId, Missing>,
    joined: BTreeMap<(RowRef, RelationId, Side), Joined>,
    pub night: NaiveDate,
    pub previous_night: Option<NaiveDate>,
}

impl LittleWorld {
    /// With these rows and nothing that is not known.
    pub fn of(tables: impl IntoIterator<Item = ((ExtractId, Side), Vec<Vec<Cell>>)>) -> Self {
        Self {
            catalog: catalog(),
            tables: tables.into_iter().collect(),
            open: BTreeMap::new(),
            contested: BTreeMap::new(),
            not_delivered: BTreeMap::new(),
            cut_off: BTreeMap::new(),
            joined: BTreeMap::new(),
            night: day("2026-11-21"),
            previous_night: Some(day("2026-11-20")),
        }
    }

    /// Anna, who applies, with two vehicles (one in traffic) and a card; Bo, with one vehicle and nothing known of his
    /// income or work; and their child Cia, with no vehicle, no card and no income. Yesterday Anna had one vehicle.
    pub fn household() -> Self {
        let employer = Organisationsnummer::parse("212000-0142").unwrap();
        let anna = vec![
            person_of(0),
            text("Anna"),
            text("Sökande"),
            number(1000),
            date("2026-11-20"),
            Value::Month(Month::new(2026, 11).unwrap()),
            Value::Boolean(true),
            text("Ågatan 1"),
            Value::Organisation(employer),
            Value::Party(Party::Organisation(employer)),
        ];
        let bo = vec![
            person_of(1),
            text("Bo"),
            text("Medsökande"),
            unknown(Why::Empty),
            Value::Null,
            unknown(Why::Unreadable),
            unknown(Why::SourceFailed),
            text("Ågatan 1"),
            Value::Null,
            unknown(Why::Empty),
        ];
        let cia = vec![
            person_of(2),
            text("Cia"),
            text("Barn"),
            Value::Null,
            date("2024-02-29"),
            Value::Null,
            Value::Boolean(false),
            text("Ågatan 1"),
            Value::Null,
            Value::Null,
        ];
        let vehicle = |regnr: &str, owner: usize, status: Cell, year: Cell| {
            vec![text(regnr), person_of(owner), status, year, date("2026-11-01")]
        };
        let vehicles = vec![
            vehicle("ABC123", 0, text("I trafik"), number(2019)),
            vehicle("DEF456", 0, text("Avställd"), number(2005)),
            vehicle("GHI789", 1, text("I trafik"), unknown(Why::Unreadable)),
        ];
        let yesterday = vec![vehicle("ABC123", 0, text("I trafik"), number(2019))];
        let card = vec![person_of(0), Value::Null, Value::Boolean(false), date("2027-01-01")];
        Self::of([
            ((PERSONER, Side::Tonight), vec![anna, bo, cia]),
            ((FORDON, Side::Tonight), vehicles),
            ((FORDON, Side::Previous), yesterday),
            ((KORT, Side::Tonight), vec![card]),
        ])
    }

    /// The same with another cell.
    pub fn with(mut self, extract: ExtractId, row: usize, field: &str, cell: Cell) -> Self {
        let place = self.field(extract, field);
        self.tables.get_mut(&(extract, Side::Tonight)).unwrap()[row][place] = cell;
        self
    }

    /// The same with one cell not known.
    pub fn without(self, extract: ExtractId, row: usize, field: &str, why: Why) -> Self {
        self.with(extract, row, field, unknown(why))
    }

    /// The same with another row last in tonight's table.
    pub fn and(mut self, extract: ExtractId, row: Vec<Cell>) -> Self {
        self.tables.entry((extract, Side::Tonight)).or_default().push(row);
        self
    }

    /// The same where there may be more rows than those that a row of `personer` leads to.
    pub fn open(mut self, row: usize, relation: &str, why: Why) -> Self {
        let key = self.relation_of(row, relation);
        self.open.insert(key, Missing::because(why));
        self
    }

    /// The same where a later row speaks against one of tonight's.
    pub fn contested(mut self, extract: ExtractId, row: u32) -> Self {
        let row = RowRef { extract, side: Side::Tonight, row };
        self.contested.insert(row, Missing::because(Why::Contested));
        self
    }

    /// The same without an extract.
    pub fn not_there(mut self, extract: ExtractId, side: Side, why: Why) -> Self {
        self.lose(extract, side, why);
        self
    }

    pub fn lose(&mut self, extract: ExtractId, side: Side, why: Why) {
        self.tables.remove(&(extract, side));
        self.not_delivered.insert((extract, side), Missing::because(why));
    }

    /// Rejects tonight's rows of an extract after the first few.
    pub fn cut_off(&mut self, extract: ExtractId, kept: usize, why: Why) {
        self.tables.entry((extract, Side::Tonight)).or_default().truncate(kept);
        self.cut_off.insert(extract, Missing::because(why));
    }

    fn relation_of(&self, row: usize, relation: &str) -> (RowRef, RelationId) {
        let id = self.catalog.extract(PERSONER).relation_named(relation).unwrap();
        (RowRef { extract: PERSONER, side: Side::Tonight, row: u32::try_from(row).unwrap() }, id)
    }

    fn field(&self, extract: ExtractId, field: &str) -> usize {
        usize::from(self.catalog.extract(extract).field_named(field).unwrap().0)
    }

    /// Joins the tables. A row whose key is not known may belong to any row; a row that looks for a key that is not
    /// known may lead to any.
    pub fn joined(mut self) -> Self {
        for ((extract, side), rows) in &self.tables {
            for (place, row) in rows.iter().enumerate() {
                let from = RowRef { extract: *extract, side: *side, row: u32::try_from(place).unwrap() };
                for (id, relation) in self.catalog.extract(*extract).relations.iter().enumerate() {
                    let id = RelationId(u16::try_from(id).unwrap());
                    let to = relation.night.side(*side);
                    let (target, own) = relation.on[0];
                    let key = &row[usize::from(own.0)];
                    let mut found = Vec::new();
                    let mut open = self.open.get(&(from, id)).copied();
                    open = open.or(self.not_delivered.get(&(relation.to, to)).copied());
                    if to == Side::Tonight {
                        open = open.or(self.cut_off.get(&relation.to).copied());
                    }
                    if let Value::Unknown(why) = key {
                        open = open.or(Some(*why));
                    }
                    for (at, other) in self.tables.get(&(relation.to, to)).into_iter().flatten().enumerate() {
                        match &other[usize::from(target.0)] {
                            Value::Unknown(why) if !matches!(key, Value::Null) => open = open.or(Some(*why)),
                            other if key.order(other).is_some_and(std::cmp::Ordering::is_eq) => {
                                found.push(u32::try_from(at).unwrap());
                            }
                            _ => {}
                        }
                    }
                    self.joined.insert((from, id, to), (found, open));
                }
            }
        }
        self
    }

    pub fn constants(&self) -> Constants<'_> {
        Constants {
            night: self.night,
            previous_night: self.previous_night,
            since: day("2026-11-20"),
            start: day("2026-11-20"),
            municipality: "0380",
            parameters: &self.catalog.parameters,
            draws: None,
        }
    }

    /// What an expression comes to for Anna, in few words; the mistakes where it is not one.
    pub fn eval(self, expression: &str) -> String {
        let world = self.joined();
        let expr = match checked(&world.catalog, expression, Use::Decides) {
            Ok(expr) => expr,
            Err(errors) => return errors.iter().map(|error| error.title.clone()).collect::<Vec<_>>().join("; "),
        };
        let constants = world.constants();
        let mut evaluator = Evaluator::new(&world, &constants, &[], Silent);
        evaluator.turn_to(&[subject()]);
        told(&evaluator.value(&expr))
    }

    /// Whether a condition speaks for protection of Anna.
    pub fn protects(self, expression: &str) -> bool {
        let world = self.joined();
        let expr = checked(&world.catalog, expression, Use::Decides).unwrap();
        let constants = world.constants();
        let mut evaluator = Evaluator::new(&world, &constants, &[], Silent);
        evaluator.turn_to(&[subject()]);
        evaluator.speaks_for_protection(&expr)
    }

    /// Whether a condition holds for Anna. The world is joined.
    pub fn truth(&self, condition: &Expr) -> Truth {
        let constants = self.constants();
        let mut evaluator = Evaluator::new(self, &constants, &[], Silent);
        evaluator.turn_to(&[subject()]);
        evaluator.truth(condition)
    }
}

impl World for LittleWorld {
    fn cell(&self, row: RowRef, field: FieldId) -> Value<'_> {
        self.tables[&(row.extract, row.side)][row.row as usize][usize::from(field.0)].clone()
    }

    fn related(&self, row: RowRef, relation: RelationId, side: Side) -> Related<'_> {
        let Some((rows, open)) = self.joined.get(&(row, relation, side)) else {
            return Related { rows: &[], open: None, whole: false };
        };
        let whole = self.catalog.extract(row.extract).relation(relation).whole;
        Related { rows, open: *open, whole }
    }

    fn extent(&self, extract: ExtractId, side: Side) -> (u32, Option<Missing>) {
        let rows = self.tables.get(&(extract, side)).map_or(0, |rows| u32::try_from(rows.len()).unwrap());
        let cut_off = self.cut_off.get(&extract).copied().filter(|_| side == Side::Tonight);
        (rows, self.delivery(extract, side).or(cut_off))
    }

    fn line(&self, row: RowRef) -> u64 {
        u64::from(row.row) + 2
    }

    fn contested(&self, row: RowRef) -> Option<Missing> {
        self.contested.get(&row).copied()
    }

    fn delivery(&self, extract: ExtractId, side: Side) -> Option<Missing> {
        self.not_delivered.get(&(extract, side)).copied()
    }
}

/// Anna's row.
pub fn subject() -> Cell {
    Value::Row(RowRef { extract: PERSONER, side: Side::Tonight, row: 0 })
}

/// The scope of a robot that goes through `personer`.
pub fn scope(catalog: &Catalog, purpose: Use) -> Scope<'_> {
    let row = RowType { extract: PERSONER, side: Side::Tonight };
    let subject = Binding::Variable { name: "subject".to_owned(), ty: Type::Row(row), slot: Slot(0) };
    Scope { bindings: vec![subject, Binding::Item { row, slot: Slot(0) }], purpose, ..Scope::of_row(catalog, row) }
}

pub fn checked(catalog: &Catalog, expression: &str, purpose: Use) -> Result<Expr, Vec<RuleError>> {
    let syntax = parse(expression).map_err(|error| vec![error])?;
    check::expression(&syntax, &scope(catalog, purpose))
}

/// A value in few words: `?` behind what may not belong, `…` where there may be more.
pub fn told(value: &Value<'_>) -> String {
    let several = |parts: Vec<String>, doubts: &[(usize, Missing)], open: Option<Missing>| {
        let mut parts = parts;
        for (place, _) in doubts {
            parts[*place].push('?');
        }
        parts.extend(open.map(|_| "…".to_owned()));
        format!("[{}]", parts.join(", "))
    };
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(why) => format!("unknown: {:?}", why.why),
        Value::Between(bounds) => match (&bounds.low, &bounds.high) {
            (Some(low), Some(high)) => format!("between {} and {}", told(low), told(high)),
            (Some(low), None) => format!("at least {}", told(low)),
            (None, Some(high)) => format!("at most {}", told(high)),
            (None, None) => "anything".to_owned(),
        },
        Value::Boolean(holds) => holds.to_string(),
        Value::Number(number) => number.normalize().to_string(),
        Value::Months(months) => format!("{months} months"),
        Value::Days(days) => format!("{days} days"),
        Value::Row(row) => format!("row {}", row.row),
        Value::Rows(rows) => several(rows.rows.iter().map(u32::to_string).collect(), &rows.doubts, rows.open),
        Value::List(list) => several(list.items.iter().map(told).collect(), &list.doubts, list.open),
        other => other.written().unwrap(),
    }
}

/// Asserts what each expression comes to in the household.
pub fn come_to(table: &[(&str, &str)]) {
    for (expression, expected) in table {
        assert_eq!(LittleWorld::household().eval(expression), *expected, "{expression}");
    }
}
