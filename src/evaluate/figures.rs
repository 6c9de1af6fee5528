//! Adds up an extract's rows by what they are grouped by, for what the ledger keeps of a night.
//!
//! Takes memory for the groups alone. What is not known of a row is counted and never left out: see [`FigureGroup`].

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rust_decimal::Decimal;

use crate::definition::keep::Keep;
use crate::extract::View;
use crate::ledger::{Figure, FigureGroup, GroupValue};
use crate::rule::evaluate::{Evaluator, Standing};
use crate::rule::types::{ExtractId, Side};
use crate::rule::value::{RowRef, Truth, Value};
use crate::rule::world::{Constants, Silent};
use crate::value::may_name_a_person;

/// What the rows of a group come to so far.
#[derive(Clone, Default)]
struct Sum {
    rows: u64,
    doubtful: u64,
    figures: Vec<Figure>,
}

type Sums = BTreeMap<Vec<GroupValue>, Sum>;

/// What is kept of an extract that has so many rows, in the order of the groups.
#[must_use]
pub fn add_up(
    extract: ExtractId,
    rows: usize,
    keep: &Keep,
    view: &View<'_>,
    constants: &Constants<'_>,
) -> Vec<FigureGroup> {
    let standing: Arc<Standing<'_>> = Arc::default();
    let evaluator = || Evaluator::new(view, constants, &[], Silent).with_standing(Arc::clone(&standing));
    let rows = u32::try_from(rows).expect("a table's rows are counted in four bytes");
    let each = (0..rows).into_par_iter().with_min_len(1 << 10);
    let sums = each
        .fold(
            || (evaluator(), Sums::new()),
            |(mut evaluator, mut sums), row| {
                add(RowRef { extract, side: Side::Tonight, row }, keep, &mut evaluator, &mut sums);
                (evaluator, sums)
            },
        )
        .map(|(_, sums)| sums)
        .reduce(Sums::new, together);
    let named = |figures: Vec<Figure>| keep.figures.iter().map(|field| field.name.clone()).zip(figures).collect();
    let group = |(of, Sum { rows, doubtful, figures })| FigureGroup { of, rows, doubtful, figures: named(figures) };
    sums.into_iter().map(group).collect()
}

type Eval<'v> = Evaluator<'v, View<'v>, Silent>;

fn add<'v>(row: RowRef, keep: &'v Keep, evaluator: &mut Eval<'v>, sums: &mut Sums) {
    evaluator.turn_to(&[Value::Row(row)]);
    let is_kept = keep.condition.as_ref().map_or(Truth::True, |condition| evaluator.truth(condition));
    if is_kept == Truth::False {
        return;
    }
    let of: Vec<GroupValue> = keep.by.iter().map(|field| group_value(&evaluator.value(&field.is))).collect();
    let sum = sums.entry(of).or_default();
    sum.figures.resize(keep.figures.len(), Figure::default());
    if is_kept != Truth::True {
        sum.doubtful += 1;
        sum.figures.iter_mut().for_each(|figure| figure.unknown += 1);
        return;
    }
    sum.rows += 1;
    for (field, figure) in keep.figures.iter().zip(&mut sum.figures) {
        let number = match evaluator.value(&field.is) {
            Value::Number(number) => Some(number),
            Value::Boolean(holds) => Some(Decimal::from(u8::from(holds))),
            // None, as an answer, adds nothing.
            Value::Null => Some(Decimal::ZERO),
            _ => None,
        };
        *figure = plus(*figure, Figure { of_known: number.unwrap_or_default(), unknown: number.is_none().into() });
    }
}

/// A text that may be a person's number is none to keep.
fn group_value(value: &Value<'_>) -> GroupValue {
    match value {
        Value::Null => GroupValue::None,
        Value::Text(text) if may_name_a_person(text) => GroupValue::Unknown,
        _ => value.written().map_or(GroupValue::Unknown, GroupValue::Is),
    }
}

fn plus(a: Figure, b: Figure) -> Figure {
    let unknown = a.unknown + b.unknown;
    match a.of_known.checked_add(b.of_known) {
        Some(of_known) => Figure { of_known, unknown },
        // Larger than any sum of money: it is not known.
        None => Figure { unknown: unknown + 1, ..a },
    }
}

fn together(mut all: Sums, others: Sums) -> Sums {
    for (of, other) in others {
        let sum = all.entry(of).or_default();
        sum.rows += other.rows;
        sum.doubtful += other.doubtful;
        sum.figures.resize(other.figures.len().max(sum.figures.len()), Figure::default());
        for (figure, other) in sum.figures.iter_mut().zip(other.figures) {
            *figure = plus(*figure, other);
        }
    }
    all
}
