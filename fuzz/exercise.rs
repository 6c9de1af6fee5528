//! Everything that a text can be to the rule language, done to one text: what the fuzz target does to what it is given,
//! and `tests/corpus.rs` to what has been kept.
//!
//! An expression is read, checked and worked out over a little world in which some cells, rows and extracts are not
//! known; the same text is read as a cell of a decision table and as a sentence. Nothing may panic, and every mistake
//! must stand in the text.

use std::borrow::Cow;

use chrono::NaiveDate;
use nattkoll::rule::catalog::{
    Cardinality, Catalog, ExtractSchema, FieldSchema, RelationNight, RelationSchema, Written,
};
use nattkoll::rule::check::{self, Binding, Scope};
use nattkoll::rule::evaluate::Evaluator;
use nattkoll::rule::parameter::{Content, Parameter};
use nattkoll::rule::parse::parse;
use nattkoll::rule::syntax::RuleError;
use nattkoll::rule::table::{DecisionTable, Edition, Input, Rule};
use nattkoll::rule::template::Template;
use nattkoll::rule::tree::{Expr, Slot};
use nattkoll::rule::types::{ExtractId, FieldId, Literal, RelationId, RowType, Side, Type, Use};
use nattkoll::rule::unary;
use nattkoll::rule::value::{Missing, RowRef, Value, Why};
use nattkoll::rule::world::{Constants, Related, Silent, World};
use nattkoll::value::{Month, Organisationsnummer, Party, Personnummer};
use rust_decimal::Decimal;

const ARENDEN: ExtractId = ExtractId(0);
const HUSHALL: ExtractId = ExtractId(1);
const KIR: ExtractId = ExtractId(2);
const AF: ExtractId = ExtractId(3);
const FORDON: ExtractId = ExtractId(4);
const KOSTNADER: ExtractId = ExtractId(5);

/// The rows that the expressions are worked out for: all of the first is known, of the other two less.
const SUBJECTS: u32 = 3;

/// What a robot has named before the expression.
const FACTS: [(&str, &str); 4] = [
    ("sokande", "first(medlemmar[roll = \"Sökande\"])"),
    ("medsokande", "first(medlemmar[roll = \"Medsökande\"])"),
    ("barnet", "last(medlemmar)"),
    ("skrivna", "count(sokande.kir.skrivna)"),
];

/// The declarations, the facts and the tables, made once for many texts.
pub struct Exercise {
    world: Little,
    facts: Vec<(String, Type)>,
    bodies: Vec<Expr>,
    cells: Vec<Input>,
}

impl Exercise {
    /// Makes ready.
    pub fn new() -> Self {
        let world = Little { catalog: catalog() };
        let (mut facts, mut bodies) = (Vec::new(), Vec::new());
        for (name, text) in FACTS {
            let syntax = parse(text).expect("a fact is an expression");
            let body = check::expression(&syntax, &scope(&world.catalog, &facts, Use::Decides));
            let body = body.expect("a fact's names and types are right");
            facts.push((name.to_owned(), body.ty.clone()));
            bodies.push(body);
        }
        let input = |ty: Type, is_whole| Input { name: "varde".to_owned(), ty, is_whole };
        let cells = vec![
            input(Type::Number, true),
            input(Type::Number, false),
            input(Type::Date, false),
            input(Type::Boolean, false),
            input(Type::Text(None), false),
            input(slag(), false),
        ];
        Self { world, facts, bodies, cells }
    }

    /// Does everything that can be done to a text. Whether it is an expression that could be worked out.
    ///
    /// # Panics
    /// Where a mistake is told at a place that is not in the text; and wherever the language has a fault.
    pub fn run(&self, text: &str) -> bool {
        let decides = self.as_expression(text, Use::Decides);
        let writes = self.as_expression(text, Use::Written);
        assert!(writes || !decides, "it may decide and may not be written");
        for input in &self.cells {
            as_cell(text, input);
        }
        self.as_sentence(text);
        writes
    }

    fn as_expression(&self, text: &str, purpose: Use) -> bool {
        let syntax = match parse(text) {
            Ok(syntax) => syntax,
            Err(error) => {
                stands_in(text, &[error]);
                return false;
            }
        };
        let scope = scope(&self.world.catalog, &self.facts, purpose);
        if let Err(errors) = check::condition(&syntax, &scope) {
            stands_in(text, &errors);
        }
        match check::expression(&syntax, &scope) {
            Err(errors) => {
                stands_in(text, &errors);
                false
            }
            Ok(expr) => {
                self.work_out(&expr);
                true
            }
        }
    }

    fn work_out(&self, expr: &Expr) {
        let constants = self.constants();
        let mut evaluator = Evaluator::new(&self.world, &constants, &self.bodies, Silent);
        for row in 0..SUBJECTS {
            evaluator.turn_to(&[subject(row)]);
            let value = evaluator.value(expr);
            let _ = (value.written(), format!("{value:?}"));
            evaluator.truth(expr);
            evaluator.speaks_for_protection(expr);
        }
    }

    fn as_sentence(&self, text: &str) {
        let template = match Template::read(text, &scope(&self.world.catalog, &self.facts, Use::Written)) {
            Ok(template) => template,
            Err(errors) => return stands_in(text, &errors),
        };
        let constants = self.constants();
        let mut evaluator = Evaluator::new(&self.world, &constants, &self.bodies, Silent);
        for row in 0..SUBJECTS {
            evaluator.turn_to(&[subject(row)]);
            template.fill(&mut evaluator, &constants);
        }
    }

    fn constants(&self) -> Constants<'_> {
        Constants {
            night: day(2026, 11, 21),
            previous_night: Some(day(2026, 11, 20)),
            since: day(2026, 11, 20),
            start: day(2026, 11, 1),
            municipality: "0380",
            parameters: &self.world.catalog.parameters,
            draws: None,
        }
    }
}

fn as_cell(text: &str, input: &Input) {
    match unary::read(text, input) {
        Err(error) => stands_in(text, &[error]),
        Ok(tests) => {
            let _ = tests.to_string();
            for value in [Value::Null, unknown(Why::Empty), cell_of(&input.ty, 0), cell_of(&input.ty, 1)] {
                let _ = tests.holds(&value);
            }
        }
    }
}

fn stands_in(text: &str, errors: &[RuleError]) {
    assert!(!errors.is_empty(), "it is refused without a mistake");
    for error in errors {
        let is_in = error.span.start <= error.span.end && text.get(error.span.clone()).is_some();
        assert!(is_in, "`{}` at {:?}, in a text of {} bytes", error.title, error.span, text.len());
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}

fn unknown(why: Why) -> Value<'static> {
    Value::Unknown(Missing::because(why))
}

fn subject(row: u32) -> Value<'static> {
    Value::Row(RowRef { extract: ARENDEN, side: Side::Tonight, row })
}

fn scope<'c>(catalog: &'c Catalog, facts: &'c [(String, Type)], purpose: Use) -> Scope<'c> {
    let row = RowType { extract: ARENDEN, side: Side::Tonight };
    let subject = Binding::Variable { name: "subject".to_owned(), ty: Type::Row(row), slot: Slot(0) };
    Scope { catalog, bindings: vec![subject, Binding::Item { row, slot: Slot(0) }], facts, purpose }
}

struct Little {
    catalog: Catalog,
}

impl World for Little {
    /// Every cell of the first row is known; of the others some are null, and some not known.
    fn cell(&self, row: RowRef, field: FieldId) -> Value<'_> {
        match (row.row, (row.row + u32::from(field.0)) % 4) {
            (1.., 2) => Value::Null,
            (1.., 3) => unknown(Why::Unreadable),
            (place, _) => cell_of(&self.catalog.extract(row.extract).field(field).ty, place),
        }
    }

    /// To the row of the same place; from a case to two or three. From the last row there may be more.
    fn related(&self, row: RowRef, _: RelationId, side: Side) -> Related<'_> {
        const ROWS: [&[u32]; 4] = [&[0, 1, 2], &[0], &[1], &[]];
        let place = if row.extract == ARENDEN { 0 } else { 1 + row.row.min(2) as usize };
        let open = (row.row == 2).then(|| Missing::because(Why::Rejected));
        Related { rows: if side == Side::Previous { &[] } else { ROWS[place] }, open, whole: false }
    }

    fn extent(&self, extract: ExtractId, side: Side) -> (u32, Option<Missing>) {
        match side {
            Side::Tonight if extract == KOSTNADER => (3, Some(Missing::because(Why::Rejected))),
            Side::Tonight => (3, None),
            Side::Previous => (0, self.delivery(extract, side)),
        }
    }

    fn line(&self, row: RowRef) -> u64 {
        u64::from(row.row) + 2
    }

    fn contested(&self, row: RowRef) -> Option<Missing> {
        (row.row == 2).then(|| Missing::because(Why::Contested))
    }

    fn delivery(&self, _: ExtractId, side: Side) -> Option<Missing> {
        (side == Side::Previous).then(|| Missing::because(Why::NotDelivered))
    }
}

/// A value of a type, which differs from row to row and comes near to the limits.
fn cell_of(ty: &Type, row: u32) -> Value<'static> {
    let person = || Personnummer::from_twelve_digits(198_501_012_382).expect("it is of the official test numbers");
    let organisation = || Organisationsnummer::parse("212000-0142").expect("it is a municipality's");
    match ty {
        Type::Number => Value::Number([Decimal::new(1_250, 2), Decimal::ZERO, Decimal::MAX][row as usize % 3]),
        Type::Text(Some(values)) => Value::Text(Cow::Owned(values[row as usize % values.len()].clone())),
        Type::Text(None) => Value::Text(Cow::Borrowed(["Ågatan 1", "", "19850101-2382"][row as usize % 3])),
        Type::Date => Value::Date([day(2026, 11, 20), day(2024, 2, 29), day(9999, 12, 31)][row as usize % 3]),
        Type::Month => Value::Month(Month::of(day(2026, 11, 1))),
        Type::Boolean => Value::Boolean(row.is_multiple_of(2)),
        Type::Person => Value::Person(person()),
        Type::Organisation => Value::Organisation(organisation()),
        Type::Party if row == 0 => Value::Party(Party::Organisation(organisation())),
        Type::Party => Value::Party(Party::Person(person())),
        _ => Value::Null,
    }
}

fn listed(values: &[&str]) -> Type {
    Type::Text(Some(values.iter().map(|value| (*value).to_owned()).collect()))
}

fn slag() -> Type {
    listed(&["El", "Hyra", "Läkemedel"])
}

fn field(id: &str, ty: Type) -> FieldSchema {
    FieldSchema { id: id.to_owned(), ty, nullable: true, computed: None }
}

fn written(text: &str) -> Written {
    Written::read(text).expect("it is an expression")
}

fn one(id: &str, to: ExtractId) -> RelationSchema {
    RelationSchema {
        id: id.to_owned(),
        to,
        cardinality: Cardinality::One,
        night: RelationNight::Same,
        on: Vec::new(),
        condition: None,
        distinct: Vec::new(),
        whole: false,
        robots: Vec::new(),
        outcomes: Vec::new(),
    }
}

fn many(id: &str, to: ExtractId) -> RelationSchema {
    RelationSchema { cardinality: Cardinality::Many, ..one(id, to) }
}

fn catalog() -> Catalog {
    let text = || Type::Text(None);
    let extract = |id: &str, fields, relations| ExtractSchema {
        id: id.to_owned(),
        fields,
        relations,
        protection: None,
        is_of_robots: false,
    };
    let arenden = extract(
        "arenden",
        vec![
            field("arendenummer", text()),
            field("status", listed(&["Pågående", "Avslutat"])),
            field("inkom", Type::Date),
            field("belopp", Type::Number),
            field("kanda_fordon", Type::Number),
            field("ansokan", Type::Month),
            FieldSchema { computed: Some(written("sum(kostnader.belopp)")), ..field("summa", Type::Number) },
        ],
        vec![
            many("medlemmar", HUSHALL),
            many("kostnader", KOSTNADER),
            RelationSchema { distinct: vec![FieldId(0)], ..many("olika", KOSTNADER) },
        ],
    );
    let hushall = extract(
        "hushall",
        vec![
            field("roll", listed(&["Sökande", "Medsökande", "Barn"])),
            field("personnummer", Type::Person),
            field("fran_och_med", Type::Date),
        ],
        vec![
            one("kir", KIR),
            one("af", AF),
            RelationSchema { night: RelationNight::Previous, ..one("af_igar", AF) },
            many("fordon", FORDON),
            RelationSchema { night: RelationNight::Previous, ..many("fordon_igar", FORDON) },
            RelationSchema { condition: Some(written("status = \"I trafik\"")), ..many("i_trafik", FORDON) },
        ],
    );
    let kir = extract(
        "kir",
        vec![
            field("kommunkod", text()),
            field("flyttdatum", Type::Date),
            field("adressid", text()),
            field("avregistrerad", Type::Date),
            field("skydd", text()),
        ],
        vec![many("skrivna", KIR)],
    );
    let af = extract(
        "af",
        vec![
            field("arbetssokande", Type::Boolean),
            field("svar", text()),
            field("senaste", Type::Date),
            field("arbetsgivare", Type::Organisation),
            field("betalare", Type::Party),
        ],
        Vec::new(),
    );
    let fordon = extract(
        "fordon",
        vec![
            field("regnr", text()),
            field("arsmodell", Type::Number),
            field("agare_sedan", Type::Date),
            field("status", listed(&["I trafik", "Avställd"])),
        ],
        Vec::new(),
    );
    let kostnader = extract(
        "kostnader",
        vec![field("slag", slag()), field("belopp", Type::Number), field("inkopsdatum", Type::Date)],
        Vec::new(),
    );
    let hushall = ExtractSchema { protection: Some(written("kir.skydd != null or af.arbetssokande")), ..hushall };
    let extracts = vec![arenden, hushall, kir, af, fordon, kostnader];
    Catalog { extracts, parameters: parameters(), ..Catalog::default() }
}

fn parameters() -> Vec<Parameter> {
    let inputs = vec![
        Input { name: "slag".to_owned(), ty: slag(), is_whole: false },
        Input { name: "alder".to_owned(), ty: Type::Number, is_whole: true },
    ];
    let rule = |cells: [&str; 2], value: i64| Rule {
        tests: cells
            .iter()
            .zip(&inputs)
            .map(|(cell, input)| unary::read(cell, input).expect("it is a unary test"))
            .collect(),
        value: Literal::Number(value.into()),
        source: "PDD".to_owned(),
        derived: false,
        span: 0..0,
    };
    let edition = |rules| Edition {
        from: day(2020, 1, 1),
        to: Some(day(2026, 12, 31)),
        rules,
        gaps: Vec::new(),
        after: None,
        span: 0..0,
    };
    let table = |id: &str, inputs: &[Input], rules| {
        let content = DecisionTable { inputs: inputs.to_vec(), ty: Type::Number, editions: vec![edition(rules)] };
        Parameter { id: id.to_owned(), title: String::new(), content: Content::Table(content) }
    };
    let rules = vec![rule(["not(\"El\")", "-"], 2_000), rule(["\"El\"", "< 18"], 0), rule(["\"El\"", ">= 18"], 3_000)];
    let limit = vec![Rule { tests: Vec::new(), ..rule(["-", "-"], 3) }];
    let kommun = Content::Codes {
        names: [("0380".to_owned(), "Uppsala".to_owned())].into(),
        unlisted: Some("okänd kommun ({code})".to_owned()),
        from: day(2020, 1, 1),
        source: "SCB".to_owned(),
    };
    let kommun = Parameter { id: "kommun".to_owned(), title: String::new(), content: kommun };
    vec![table("tak", &inputs, rules), table("grans_fordon", &[], limit), kommun]
}
