//! Which rows of an extract may be subjects at all, as far as their own cells tell: only from these is anything reached, so
//! that a closed case costs no look into any register.

use rayon::prelude::*;

use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::evaluate::isolated;
use crate::extract::{Own, Table};
use crate::rule::evaluate::Evaluator;
use crate::rule::tree::Expr;
use crate::rule::types::{ExtractId, Side};
use crate::rule::value::{RowRef, Truth, Value};
use crate::rule::world::{Constants, Silent};

/// For each row of a table, whether some of these robots may go through it, or through rows that it leads to; none where
/// none of them starts from it, or the condition of one says nothing of the row's own cells.
pub fn candidates(table: &Table, definitions: &Definitions, robots: &[Robot], municipality: &str) -> Option<Vec<bool>> {
    let declared = &definitions.extracts[usize::from(table.extract.0)];
    let from_here = robots.iter().filter(|robot| robot.subject.extract == table.extract);
    let conditions: Option<Vec<Vec<&Expr>>> = from_here.map(|robot| robot.asks_of_own_cells(declared)).collect();
    let conditions = conditions.filter(|conditions| !conditions.is_empty())?;
    // Which nights a robot looks back at differs from robot to robot; what speaks of them is not decided here.
    let constants = Constants {
        night: table.night,
        previous_night: None,
        since: table.night,
        start: table.night,
        municipality,
        parameters: &definitions.catalog.parameters,
        draws: None,
    };
    // A condition that breaks down is told of when its robot goes its round; here it means that all rows lead.
    isolated(|| decided(table, &conditions, &constants))
}

fn decided(table: &Table, conditions: &[Vec<&Expr>], constants: &Constants<'_>) -> Vec<bool> {
    let own = Own(table);
    let evaluator = || Evaluator::new(&own, constants, &[], Silent);
    let mut candidates = vec![false; table.len()];
    for parts in conditions {
        if let Some(codes) = codes(table, parts) {
            by_codes(&mut candidates, &codes, table.extract, parts, evaluator());
            continue;
        }
        candidates.par_iter_mut().enumerate().with_min_len(1 << 10).for_each_init(
            evaluator,
            |evaluator, (row, is_one)| {
                *is_one = *is_one || may_be_subject(evaluator, parts, table.extract, row);
            },
        );
    }
    candidates
}

/// For each row, a number that is the same for all rows that the parts cannot tell apart; none where the parts look at more
/// than two columns with few values.
fn codes(table: &Table, parts: &[&Expr]) -> Option<Vec<u16>> {
    let mut fields = Vec::new();
    for part in parts {
        part.fields_into(&mut fields);
    }
    let columns = table.columns_of(&fields)?;
    match columns.as_slice() {
        [one] => Some(one.codes()?.iter().map(|code| u16::from(*code)).collect()),
        [one, other] => {
            let both = one.codes()?.iter().zip(other.codes()?);
            Some(both.map(|(one, other)| u16::from(*one) << 8 | u16::from(*other)).collect())
        }
        _ => None,
    }
}

/// The parts are decided once for all rows with one code.
fn by_codes<'e>(
    candidates: &mut [bool],
    codes: &[u16],
    extract: ExtractId,
    parts: &[&'e Expr],
    mut evaluator: Evaluator<'e, Own<'e>, Silent>,
) {
    let mut decided: Vec<Option<bool>> = vec![None; 1 << 16];
    for (row, (is_one, code)) in candidates.iter_mut().zip(codes).enumerate() {
        let holds = decided[usize::from(*code)].unwrap_or_else(|| may_be_subject(&mut evaluator, parts, extract, row));
        decided[usize::from(*code)] = Some(holds);
        *is_one |= holds;
    }
}

fn may_be_subject<'e>(
    evaluator: &mut Evaluator<'e, Own<'e>, Silent>,
    parts: &[&'e Expr],
    extract: ExtractId,
    row: usize,
) -> bool {
    let row = u32::try_from(row).expect("a table's rows are counted in four bytes");
    let row = Value::Row(RowRef { extract, side: Side::Tonight, row });
    evaluator.turn_to(&[row.clone(), row]);
    parts.iter().all(|part| evaluator.truth(part) != Truth::False)
}
