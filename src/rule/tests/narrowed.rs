//! Rows that are found without going through all of them come to the same as when they are gone through one by one, also
//! where much of them is not known.

use std::sync::Arc;

use proptest::prelude::*;

use super::world::{Cell, FORDON, LittleWorld, PERSONER, checked, number, person_of, subject, text, told, unknown};
use crate::rule::evaluate::{Evaluator, Standing};
use crate::rule::types::{Side, Use};
use crate::rule::value::{Value, Why};
use crate::rule::world::{Recorder, Silent};

/// Goes the long way, as whoever listens to how a value comes about.
struct TheLongWay;

impl Recorder<'_> for TheLongWay {}

/// Conditions and values over the subject's vehicles, of every form that is narrowed and some that are not.
const ASKED: [&str; 27] = [
    "first(fordon[status = \"I trafik\"]).regnr",
    "first(fordon[kopt >= flyttdatum or arsmodell > 2]).kopt",
    "first(i_trafik).arsmodell",
    "some f in fordon satisfies f.regnr = namn",
    "some f in fordon satisfies f.regnr = namn and f.kopt <= flyttdatum",
    "some f in fordon satisfies f.arsmodell = inkomst and f.kopt in (flyttdatum..flyttdatum + duration(\"P10D\"))",
    "some f in fordon satisfies namn = f.regnr and flyttdatum > f.kopt and f.status = \"I trafik\"",
    "some f in fordon[status = \"I trafik\"] satisfies edit distance(f.regnr, namn) = 1 and f.arsmodell = inkomst",
    "some f in fordon satisfies edit distance(namn, f.regnr) = 1 and f.kopt in [flyttdatum - duration(\"P9D\")..flyttdatum]",
    "some f in fordon satisfies edit distance(f.regnr, namn) <= 1",
    "some f in fordon satisfies edit distance(f.regnr, namn) <= 1 and f.arsmodell > inkomst",
    "some f in i_trafik satisfies f.arsmodell = inkomst or f.kopt = flyttdatum",
    "some f in i_trafik satisfies f.kopt = flyttdatum and (f.arsmodell != inkomst or f.regnr != namn)",
    "every f in fordon[kopt in [flyttdatum - duration(\"P10D\")..flyttdatum]] satisfies f.arsmodell > 3",
    "every f in fordon[arsmodell = inkomst] satisfies f.kopt >= flyttdatum",
    "count(fordon)",
    "count(fordon[status = \"I trafik\"])",
    "count(fordon[kopt in (flyttdatum..flyttdatum + duration(\"P20D\")] and status = \"I trafik\"])",
    "count(fordon[regnr = namn][kopt < flyttdatum])",
    "count(i_trafik[arsmodell >= 3])",
    "sum(fordon.arsmodell)",
    "sum(fordon[kopt >= flyttdatum].arsmodell)",
    "sum(fordon[arsmodell = inkomst and status != \"Avställd\"].arsmodell)",
    "sum(i_trafik[kopt <= flyttdatum].arsmodell)",
    "sum(for f in fordon[regnr = namn] return f.arsmodell * 2)",
    "sum(fordon[status = \"I trafik\" or kopt = flyttdatum].arsmodell)",
    "string join(fordon[arsmodell = inkomst].regnr, \" \")",
];

fn day(number: u8) -> Cell {
    Value::Date(super::world::day("2026-10-25") + chrono::Days::new(u64::from(number)))
}

/// Mostly the value; at times nothing as an answer, or something that is not known.
fn perhaps(choice: u8, value: Cell) -> Cell {
    match choice {
        0 => unknown(Why::Unreadable),
        1 => unknown(Why::Empty),
        2 => Value::Null,
        _ => value,
    }
}

prop_compose! {
    fn vehicle(holes: u8)(
        regnr in "[AB1]{0,3}",
        year in 0_i64..6,
        bought in 0_u8..24,
        status in any::<bool>(),
        owner in 0_u8..40,
        missing in prop::array::uniform4(0_u8..40),
    ) -> Vec<Cell> {
        let hole = |place: usize, value: Cell| if missing[place] < holes { perhaps(missing[place] % 3, value) } else { value };
        vec![
            hole(0, text(&regnr)),
            if owner < holes / 4 { unknown(Why::Empty) } else { person_of(usize::from(owner == 39)) },
            hole(1, text(if status { "I trafik" } else { "Avställd" })),
            hole(2, number(year - 2)),
            hole(3, day(bought)),
        ]
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_narrowly_is_what_is_found_by_going_through_all(
        holes in 0_u8..9,
        seed in prop::collection::vec(any::<u8>(), 8),
        vehicles in (0_u8..9).prop_flat_map(|holes| prop::collection::vec(vehicle(holes), 0..60)),
        name in "[AB1]{0,3}",
        own in 0_u8..12,
    ) {
        let mut world = LittleWorld::household()
            .with(PERSONER, 0, "namn", if own == 0 { unknown(Why::Unreadable) } else { text(&name) })
            .with(PERSONER, 0, "inkomst", perhaps(own.saturating_sub(1).max(u8::from(own != 1) * 3), number(i64::from(seed[0] % 5) - 2)))
            .with(PERSONER, 0, "flyttdatum", if own == 3 { unknown(Why::Empty) } else { day(seed[1] % 24) });
        world.tables.insert((FORDON, Side::Tonight), vehicles);
        if holes == 8 {
            world = world.open(0, "fordon", Why::Rejected);
        }
        let world = world.joined();
        let constants = world.constants();
        let read = |asked: &&str| checked(&world.catalog, asked, Use::Written).unwrap_or_else(|errors| panic!("`{asked}`: {errors:?}"));
        let all: Vec<_> = ASKED.iter().map(read).collect();
        let standing = Arc::new(Standing::default());
        for (asked, expr) in ASKED.iter().zip(&all) {
            let mut long = Evaluator::new(&world, &constants, &[], TheLongWay);
            long.turn_to(&[subject()]);
            let expected = long.value(expr);
            let mut short = Evaluator::new(&world, &constants, &[], Silent).with_standing(Arc::clone(&standing));
            short.turn_to(&[subject()]);
            // Twice, since what was sorted for the first is there for the second.
            for _ in 0..2 {
                let found = short.value(expr);
                prop_assert_eq!(format!("{:?} {}", expected, told(&expected)), format!("{:?} {}", found, told(&found)), "{}", asked);
            }
        }
    }
}
