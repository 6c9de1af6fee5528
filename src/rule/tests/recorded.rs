//! What is explained is what was computed: an evaluation whose every step is recorded comes to the same as one that is
//! told to nobody, and its record has the shape of the expression.

use proptest::prelude::*;

use super::monotone::{Tape, drawn_condition, make_holes, whole_world};
use super::world::{LittleWorld, checked, subject};
use crate::rule::evaluate::Evaluator;
use crate::rule::reckon::truth_of;
use crate::rule::tree::Expr;
use crate::rule::types::Use;
use crate::rule::value::{RowRef, Truth, Value};
use crate::rule::world::{Recorder, Silent};

/// Keeps everything that it is told.
#[derive(Default)]
struct Everything<'w> {
    /// What has been entered and not yet left, the innermost last.
    open: Vec<&'w Expr>,
    /// What has been left, with its value and how many were still open around it.
    left: Vec<(&'w Expr, Value<'w>, usize)>,
    /// How many were left before what they had entered themselves.
    crossed: usize,
    items: Vec<Value<'w>>,
    rows: Vec<RowRef>,
}

impl<'w> Recorder<'w> for Everything<'w> {
    fn row(&mut self, row: RowRef) {
        self.rows.push(row);
    }

    fn enter(&mut self, expr: &'w Expr) {
        self.open.push(expr);
    }

    fn leave(&mut self, expr: &'w Expr, value: &Value<'w>) {
        let innermost = self.open.pop();
        self.crossed += usize::from(!innermost.is_some_and(|innermost| std::ptr::eq(innermost, expr)));
        self.left.push((expr, value.clone(), self.open.len()));
    }

    fn item(&mut self, item: &Value<'w>) {
        self.items.push(item.clone());
    }
}

/// What a condition comes to when nobody is told, and whether it speaks for protection.
fn untold(world: &LittleWorld, condition: &Expr) -> (Truth, bool) {
    let constants = world.constants();
    let mut evaluator = Evaluator::new(world, &constants, &[], Silent);
    evaluator.turn_to(&[subject()]);
    (evaluator.truth(condition), evaluator.speaks_for_protection(condition))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_recorded_evaluation_comes_to_the_same_as_a_silent_one(
        choices in prop::collection::vec(any::<u8>(), 0..120),
        cells in prop::collection::vec(any::<u8>(), 0..160),
        holes in prop::collection::vec(any::<u8>(), 0..160),
    ) {
        let text = drawn_condition(&mut Tape::new(&choices));
        let mut world = whole_world(&mut Tape::new(&cells));
        make_holes(&mut world, &mut Tape::new(&holes));
        let world = world.joined();
        let condition = checked(&world.catalog, &text, Use::Decides)
            .unwrap_or_else(|errors| panic!("`{text}` is not of the grammar: {errors:?}"));
        let (truth, protects) = untold(&world, &condition);

        let constants = world.constants();
        let mut evaluator = Evaluator::new(&world, &constants, &[], Everything::default());
        evaluator.turn_to(&[subject()]);
        prop_assert_eq!(evaluator.truth(&condition), truth, "{}", text);
        let told = std::mem::take(&mut evaluator.recorder);
        prop_assert!(told.open.is_empty(), "{text}: {} are not left", told.open.len());
        prop_assert_eq!(told.crossed, 0, "{}: left in another order than entered", text);
        let (outermost, verdict, around) = told.left.last().expect("the condition itself is left");
        prop_assert!(std::ptr::eq(*outermost, &raw const condition) && *around == 0, "{text}: it is not left last");
        prop_assert_eq!(truth_of(verdict), truth, "{}", text);
        prop_assert_eq!(told.left.iter().filter(|(.., around)| *around == 0).count(), 1, "{}", text);

        prop_assert_eq!(evaluator.speaks_for_protection(&condition), protects, "{}", text);
        prop_assert!(evaluator.recorder.open.is_empty() && evaluator.recorder.crossed == 0, "{text}");
    }
}

#[test]
fn every_row_and_every_item_that_decides_is_told() {
    let world = LittleWorld::household().joined();
    let told = |text: &str| {
        let condition = checked(&world.catalog, text, Use::Decides).unwrap();
        let constants = world.constants();
        let mut evaluator = Evaluator::new(&world, &constants, &[], Everything::default());
        evaluator.turn_to(&[subject()]);
        evaluator.truth(&condition);
        let Everything { items, rows, left, .. } = evaluator.recorder;
        (items.len(), rows.len(), left.len())
    };
    assert_eq!(told("arbetar"), (0, 1, 2));
    assert_eq!(told("some f in fordon satisfies f.arsmodell > 2000"), (1, 2, 7));
    assert_eq!(told("sum(fordon[status = \"I trafik\"].arsmodell) > 3000"), (3, 4, 17));
}
