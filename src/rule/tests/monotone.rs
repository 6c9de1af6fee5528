//! To know less is never to say something else: where cells, rows or extracts are made not known, what was true may
//! become unknown but never false, and what was false never true.
//!
//! The expressions are drawn from a grammar of conditions over the little world, and tried over tables that are
//! drawn too, first whole and then with holes.

use proptest::prelude::*;

use super::world::{FORDON, KORT, LittleWorld, PERSONER, checked, date, number, person_of, text, told, unknown};
use crate::rule::evaluate::Evaluator;
use crate::rule::types::Use;
use crate::rule::types::{ExtractId, Side};
use crate::rule::value::{Truth, Value, Why};
use crate::rule::world::Silent;

type Cell = Value<'static>;

/// Choices read off a tape of bytes; an empty tape makes the first choice each time, so that shrinking makes an
/// expression simpler.
pub(super) struct Tape<'t>(std::slice::Iter<'t, u8>);

impl<'t> Tape<'t> {
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        Self(bytes.iter())
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % limit
    }

    fn one<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }
}

/// Which row a part of the expression speaks of, and how it is named there.
#[derive(Clone)]
struct Spoken {
    extract: ExtractId,
    /// `""` where its fields are names of their own, else `x.`
    prefix: String,
    depth: usize,
}

impl Spoken {
    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn deeper(&self) -> Self {
        Self { depth: self.depth + 1, ..self.clone() }
    }

    fn inside(&self, extract: ExtractId, prefix: &str) -> Self {
        Self { extract, prefix: prefix.to_owned(), depth: self.depth + 1 }
    }

    fn variable(&self) -> String {
        format!("v{}", self.depth)
    }
}

const DEEPEST: usize = 4;

/// A condition on the subject.
pub(super) fn drawn_condition(tape: &mut Tape<'_>) -> String {
    condition(tape, &Spoken { extract: PERSONER, prefix: String::new(), depth: 0 })
}

fn condition(tape: &mut Tape<'_>, of: &Spoken) -> String {
    let simple = of.depth >= DEEPEST;
    let further = of.deeper();
    match tape.below(if simple { 6 } else { 14 }) {
        0 => {
            let operator = tape.one(&["=", "!=", "<", "<=", ">", ">="]);
            format!("{} {operator} {}", numeric(tape, &further), numeric(tape, &further))
        }
        1 => format!("{} {} {}", textual(tape, &further), tape.one(&["=", "!=", "<"]), textual(tape, &further)),
        2 => format!("{} {} {}", dated(tape, &further), tape.one(&["=", "<=", ">"]), dated(tape, &further)),
        3 => boolean(tape, of),
        4 => format!("{} {} null", nullable(tape, &further), tape.one(&["=", "!="])),
        5 => tape.one(&["true", "false"]).to_owned(),
        6 | 7 => {
            let joint = tape.one(&[" and ", " or "]);
            let parts: Vec<_> = (0..2 + tape.below(2)).map(|_| condition(tape, &further)).collect();
            format!("({})", parts.join(joint))
        }
        8 if tape.once_in(3) => {
            let (rows, extract) = rows(tape, &further);
            let name = further.variable();
            let inside = condition(tape, &further.inside(extract, &format!("{name}.")));
            format!("{}(for {name} in {rows} return {inside})", tape.one(&["all", "any"]))
        }
        8 => format!("not({})", condition(tape, &further)),
        9 | 10 => {
            let quantifier = tape.one(&["some", "every"]);
            let (rows, extract) = rows(tape, &further);
            let name = further.variable();
            let inside = further.inside(extract, &format!("{name}."));
            format!("({quantifier} {name} in {rows} satisfies {})", condition(tape, &inside))
        }
        11 => {
            let value = numeric(tape, &further);
            let (low, high) = (numeric(tape, &further), numeric(tape, &further));
            match tape.below(3) {
                0 => format!("{value} between {low} and {high}"),
                1 => format!("{value} in [{low}..{high})"),
                _ => format!("{value} in ({low}, {high})"),
            }
        }
        12 => {
            let (value, list) = (textual(tape, &further), texts(tape, &further));
            // After `in`, a bracket begins a list of its own.
            let list = if list.starts_with('(') { format!("distinct values({list})") } else { list };
            format!("{value} in {list}")
        }
        _ => {
            let parts: Vec<_> = (0..3).map(|_| condition(tape, &further)).collect();
            format!("(if {} then {} else {})", parts[0], parts[1], parts[2])
        }
    }
}

fn boolean(tape: &mut Tape<'_>, of: &Spoken) -> String {
    match of.extract {
        PERSONER => of.named(tape.one(&["arbetar", "kort.sekretess", "giltigt_kort.sekretess"])),
        FORDON => of.named(tape.one(&["person.arbetar", "person.kort.sekretess"])),
        _ => of.named("sekretess"),
    }
}

fn nullable(tape: &mut Tape<'_>, of: &Spoken) -> String {
    match of.extract {
        PERSONER => match tape.below(6) {
            0 => of.named(tape.one(&["inkomst", "namn", "flyttdatum"])),
            1 => of.named(tape.one(&["kort", "giltigt_kort"])),
            2 => of.named(tape.one(&["kort.skydd", "giltigt_kort.giltigt_till"])),
            3 => numeric(tape, of),
            4 => textual(tape, of),
            _ => format!("{}({})", tape.one(&["first", "last"]), rows(tape, of).0),
        },
        FORDON => of.named(tape.one(&["regnr", "kopt", "person", "person.kort", "person.inkomst"])),
        _ => of.named(tape.one(&["skydd", "giltigt_till"])),
    }
}

fn numeric(tape: &mut Tape<'_>, of: &Spoken) -> String {
    let simple = of.depth >= DEEPEST;
    let further = of.deeper();
    match tape.below(if simple { 2 } else { 9 }) {
        0 => tape.one(&["1", "0", "2", "3"]).to_owned(),
        1 => match of.extract {
            PERSONER => of.named(tape.one(&["inkomst", "antal_fordon"])),
            FORDON => of.named(tape.one(&["arsmodell", "person.inkomst"])),
            _ => "1".to_owned(),
        },
        2 | 3 => format!("count({})", rows(tape, &further).0),
        4 => format!("count(distinct values({}))", texts(tape, &further)),
        5 => format!("{}({})", tape.one(&["sum", "min", "max", "mean"]), numbers(tape, &further)),
        6 => format!("({} {} {})", numeric(tape, &further), tape.one(&["+", "-", "*"]), numeric(tape, &further)),
        7 => format!("{}({})", tape.one(&["first", "last"]), numbers(tape, &further)),
        _ => format!(
            "(if {} then {} else {})",
            condition(tape, &further),
            numeric(tape, &further),
            numeric(tape, &further)
        ),
    }
}

fn numbers(tape: &mut Tape<'_>, of: &Spoken) -> String {
    match tape.below(5) {
        0 => {
            let (rows, extract) = rows(tape, of);
            format!(
                "{rows}.{}",
                match extract {
                    PERSONER => tape.one(&["inkomst", "antal_fordon"]),
                    _ => tape.one(&["arsmodell", "person.inkomst"]),
                }
            )
        }
        1 => format!("distinct values({})", numbers(tape, of)),
        2 if of.depth < DEEPEST => format!("{}[item > {}]", numbers(tape, &of.deeper()), numeric(tape, &of.deeper())),
        _ => {
            let (rows, extract) = rows(tape, of);
            let name = of.variable();
            format!("(for {name} in {rows} return {})", numeric(tape, &of.inside(extract, &format!("{name}."))))
        }
    }
}

fn textual(tape: &mut Tape<'_>, of: &Spoken) -> String {
    match tape.below(5) {
        0 => tape.one(&["\"a\"", "\"b\""]).to_owned(),
        1 | 2 => match of.extract {
            PERSONER => of.named(tape.one(&["namn", "adress", "kort.skydd"])),
            FORDON => of.named(tape.one(&["regnr", "person.namn"])),
            _ => of.named("skydd"),
        },
        3 if of.depth < DEEPEST => format!("{}({})", tape.one(&["first", "last", "max"]), texts(tape, &of.deeper())),
        3 => "\"a\"".to_owned(),
        _ if of.depth < DEEPEST => format!("({} + {})", textual(tape, &of.deeper()), textual(tape, &of.deeper())),
        _ => "\"b\"".to_owned(),
    }
}

fn texts(tape: &mut Tape<'_>, of: &Spoken) -> String {
    let (rows, extract) = rows(tape, of);
    let field = match extract {
        PERSONER => tape.one(&["namn", "adress", "kort.skydd"]),
        _ => tape.one(&["regnr", "person.namn"]),
    };
    match tape.below(4) {
        0 | 1 => format!("{rows}.{field}"),
        2 => format!("distinct values({rows}.{field})"),
        _ => format!("distinct values({rows}.{field})[item != \"a\"]"),
    }
}

fn dated(tape: &mut Tape<'_>, of: &Spoken) -> String {
    match tape.below(if of.depth >= DEEPEST { 3 } else { 5 }) {
        3 => {
            let (rows, extract) = rows(tape, &of.deeper());
            let field = if extract == PERSONER { "flyttdatum" } else { "kopt" };
            format!("{}({rows}.{field})", tape.one(&["min", "max", "first"]))
        }
        4 => {
            let (rows, extract) = rows(tape, &of.deeper());
            let field = if extract == PERSONER { "flyttdatum" } else { "kopt" };
            format!("period start({rows}.{field}, {}, @\"P12M\")", field_of_date(tape, of))
        }
        0 => tape.one(&["night", "@\"2026-11-20\"", "@\"2026-02-28\""]).to_owned(),
        1 => format!("({} + duration(\"{}\"))", field_of_date(tape, of), tape.one(&["P1M", "P1D"])),
        _ => field_of_date(tape, of),
    }
}

fn field_of_date(tape: &mut Tape<'_>, of: &Spoken) -> String {
    of.named(match of.extract {
        PERSONER => tape.one(&["flyttdatum", "kort.giltigt_till"]),
        FORDON => tape.one(&["kopt", "person.flyttdatum"]),
        _ => "giltigt_till",
    })
}

/// Rows, and which extract they are of.
fn rows(tape: &mut Tape<'_>, of: &Spoken) -> (String, ExtractId) {
    let further = of.deeper();
    let (base, extract) = match of.extract {
        PERSONER => match tape.below(6) {
            0 | 1 => (of.named("fordon"), FORDON),
            2 => (of.named("i_trafik"), FORDON),
            3 => (of.named("olika"), FORDON),
            4 => (of.named(tape.one(&["grannar.fordon", "grannar.olika", "fordon_igar", "olika_i_trafik"])), FORDON),
            _ => (of.named("grannar"), PERSONER),
        },
        FORDON => match tape.below(2) {
            0 => (of.named("person.fordon"), FORDON),
            _ => (of.named("person.grannar"), PERSONER),
        },
        _ => ("subject.fordon".to_owned(), FORDON),
    };
    if of.depth >= DEEPEST || tape.below(2) == 0 {
        return (base, extract);
    }
    let inside = further.inside(extract, "");
    match tape.below(8) {
        0 => return (format!("sort by({base}, {})", numeric(tape, &inside)), extract),
        1 => {
            let sorted = format!("sort by({base}, {})", dated(tape, &inside));
            return (format!("reaching({sorted}, {}, {})", numeric(tape, &inside), numeric(tape, &inside)), extract);
        }
        2 => return (format!("reaching({base}, {}, {})", numeric(tape, &inside), numeric(tape, &inside)), extract),
        3 => return (format!("reverse({base})"), extract),
        4 if extract == FORDON => return (format!("concatenate({base}, {base})"), extract),
        _ => {}
    }
    let condition = condition(tape, &inside);
    if tape.once_in(4) {
        let name = further.variable();
        return (
            format!(
                "(for {name} in {base}[{condition}] return {name}.{})",
                match extract {
                    PERSONER => "fordon",
                    _ => "person.fordon",
                }
            ),
            FORDON,
        );
    }
    (format!("{base}[{condition}]"), extract)
}

/// Small tables in which rows share keys, names and numbers, so that conditions come out both ways.
pub(super) fn whole_world(tape: &mut Tape<'_>) -> LittleWorld {
    let persons = (0..=tape.below(3))
        .map(|row| {
            let filler = || Value::Null;
            vec![
                person_of(row),
                some_text(tape),
                text(["Sökande", "Medsökande", "Barn"][row]),
                some_number(tape),
                some_date(tape),
                filler(),
                some_boolean(tape),
                some_text(tape),
                filler(),
                filler(),
            ]
        })
        .collect();
    let vehicles = |tape: &mut Tape<'_>| {
        (0..tape.below(5))
            .map(|_| {
                let owner = tape.below(3);
                let status = text(if tape.once_in(2) { "Avställd" } else { "I trafik" });
                vec![some_text(tape), person_of(owner), status, some_number(tape), some_date(tape)]
            })
            .collect()
    };
    let (tonight, yesterday) = (vehicles(tape), vehicles(tape));
    let cards = (0..tape.below(4))
        .map(|_| vec![person_of(tape.below(3)), some_text(tape), some_boolean(tape), some_date(tape)])
        .collect();
    LittleWorld::of([
        ((PERSONER, Side::Tonight), persons),
        ((FORDON, Side::Tonight), tonight),
        ((FORDON, Side::Previous), yesterday),
        ((KORT, Side::Tonight), cards),
    ])
}

fn some_text(tape: &mut Tape<'_>) -> Cell {
    match tape.below(6) {
        0 => Value::Null,
        choice => text(["a", "b"][choice % 2]),
    }
}

fn some_number(tape: &mut Tape<'_>) -> Cell {
    match tape.below(8) {
        0 => Value::Null,
        1 => number(-1),
        choice => number(i64::try_from(choice % 3).unwrap()),
    }
}

fn some_date(tape: &mut Tape<'_>) -> Cell {
    match tape.below(5) {
        0 => Value::Null,
        choice => date(["2026-11-20", "2026-11-21", "2026-01-31", "2024-02-29"][choice - 1]),
    }
}

fn some_boolean(tape: &mut Tape<'_>) -> Cell {
    Value::Boolean(tape.once_in(2))
}

/// Makes some of the world not known: cells, keys among them, the last rows of a table, a whole extract.
pub(super) fn make_holes(world: &mut LittleWorld, tape: &mut Tape<'_>) {
    for rows in world.tables.values_mut() {
        for cell in rows.iter_mut().flatten() {
            if tape.once_in(5) {
                *cell = unknown(Why::Unreadable);
            }
        }
    }
    if tape.once_in(4) {
        let extract = [FORDON, KORT, PERSONER][tape.below(3)];
        // The subject's own row stays.
        let kept = tape.below(3) + usize::from(extract == PERSONER);
        world.cut_off(extract, kept, Why::Rejected);
    }
    if tape.once_in(4) {
        let (extract, side) = [(FORDON, Side::Previous), (KORT, Side::Tonight), (FORDON, Side::Tonight)][tape.below(3)];
        world.lose(extract, side, Why::NotDelivered);
    }
}

/// What a condition comes to when the world is whole and when it has holes.
fn before_and_after(expression: &str, world: &[u8], holes: &[u8]) -> (Truth, Truth) {
    let whole = whole_world(&mut Tape::new(world)).joined();
    let mut torn = whole_world(&mut Tape::new(world));
    make_holes(&mut torn, &mut Tape::new(holes));
    let torn = torn.joined();
    let expr = checked(&whole.catalog, expression, Use::Decides)
        .unwrap_or_else(|errors| panic!("`{expression}` is not of the grammar: {errors:?}"));
    (whole.truth(&expr), torn.truth(&expr))
}

fn tables(bytes: &[u8], holes: &[u8]) -> String {
    let mut world = whole_world(&mut Tape::new(bytes));
    make_holes(&mut world, &mut Tape::new(holes));
    let mut lines = Vec::new();
    for ((extract, side), rows) in &world.tables {
        for row in rows {
            let cells: Vec<_> = row.iter().map(told).collect();
            lines.push(format!("{} {side:?}: {}", world.catalog.extract(*extract).id, cells.join(" | ")));
        }
    }
    lines.join("\n")
}

/// How many of `cases` drawn conditions are true, false and unknown over whole tables.
fn spread(cases: u64) -> [u32; 3] {
    use proptest::test_runner::{RngAlgorithm, TestRng};
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut counts = [0; 3];
    for _ in 0..cases {
        let mut bytes = [0; 160];
        random.fill_bytes(&mut bytes);
        let expression = drawn_condition(&mut Tape::new(&bytes[..80]));
        let (whole, _) = before_and_after(&expression, &bytes[80..], &[]);
        counts[match whole {
            Truth::True => 0,
            Truth::False => 1,
            Truth::Unknown(_) => 2,
        }] += 1;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn to_know_less_is_never_to_say_something_else(
        choices in prop::collection::vec(any::<u8>(), 0..120),
        world in prop::collection::vec(any::<u8>(), 0..160),
        holes in prop::collection::vec(any::<u8>(), 0..160),
    ) {
        let expression = drawn_condition(&mut Tape::new(&choices));
        let (whole, torn) = before_and_after(&expression, &world, &holes);
        let agrees = matches!(torn, Truth::Unknown(_)) || whole == torn;
        prop_assert!(
            agrees, "{expression}\nwhole: {whole:?}\nwith holes: {torn:?}\n{}\n{}", tables(&world, &[]), tables(&world, &holes)
        );
    }
}

#[test]
fn the_drawn_conditions_come_out_in_every_way() {
    let [holds, fails, unknown] = spread(600);
    assert!(holds > 100 && fails > 100 && unknown > 50, "{holds} true, {fails} false, {unknown} unknown");
}

#[test]
fn conditions_over_an_evaluator_that_is_used_again_do_not_remember() {
    let world = LittleWorld::household().joined();
    let expr = checked(&world.catalog, "some f in fordon satisfies f.arsmodell = 2005", Use::Decides).unwrap();
    let constants = world.constants();
    let mut evaluator = Evaluator::new(&world, &constants, &[], Silent);
    for (row, expected) in [(0, Truth::True), (2, Truth::False), (0, Truth::True)] {
        let subject = crate::rule::value::RowRef { extract: PERSONER, side: Side::Tonight, row };
        evaluator.turn_to(&[Value::Row(subject)]);
        assert_eq!(evaluator.truth(&expr), expected, "{row}");
    }
}
