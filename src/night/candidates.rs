//! Which rows of an extract may be subjects at all, as far as their own cells tell: only from these is anything reached, so
//! that a closed case costs no look into any register.

use rayon::prelude::*;

use crate::definition::Definitions;
use crate::definition::extract::{Extract, Origin};
use crate::definition::robot::{OWNER, Robot, SUBJECT};
use crate::extract::{Own, Table};
use crate::rule::evaluate::Evaluator;
use crate::rule::tree::{Builtin, Expr, Kind, Slot};
use crate::rule::types::{ExtractId, FieldId, Side};
use crate::rule::value::{RowRef, Truth, Value};
use crate::rule::world::{Constants, Silent};

/// For each row of a table, whether some of these robots may go through it, or through rows that it leads to; none where
/// none of them starts from it, or the condition of one says nothing of the row's own cells.
pub fn candidates(table: &Table, definitions: &Definitions, robots: &[Robot], municipality: &str) -> Option<Vec<bool>> {
    let declared = &definitions.extracts[usize::from(table.extract.0)];
    let from_here = robots.iter().filter(|robot| robot.subject.extract == table.extract);
    let conditions: Option<Vec<Vec<&Expr>>> = from_here.map(|robot| own_parts(robot, declared)).collect();
    let conditions = conditions.filter(|conditions| !conditions.is_empty())?;
    // Which nights a robot looks back at differs from robot to robot; what speaks of them is not decided here.
    let constants = Constants {
        night: table.night,
        previous_night: None,
        since: table.night,
        municipality,
        parameters: &definitions.catalog.parameters,
    };
    let own = Own(table);
    let evaluator = || Evaluator::new(&own, &constants, &[], Silent);
    let mut candidates = vec![false; table.len()];
    for parts in conditions {
        if let Some(codes) = codes(table, &parts) {
            by_codes(&mut candidates, &codes, table.extract, &parts, evaluator());
            continue;
        }
        candidates.par_iter_mut().enumerate().with_min_len(1 << 10).for_each_init(
            evaluator,
            |evaluator, (row, is_one)| {
                *is_one = *is_one || may_be_subject(evaluator, &parts, table.extract, row);
            },
        );
    }
    Some(candidates)
}

/// For each row, a number that is the same for all rows that the parts cannot tell apart; none where the parts look at more
/// than two columns with few values.
fn codes(table: &Table, parts: &[&Expr]) -> Option<Vec<u16>> {
    let mut fields = Vec::new();
    for part in parts {
        fields_of(part, &mut fields);
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

fn fields_of(expr: &Expr, fields: &mut Vec<FieldId>) {
    if let Kind::Field { field, .. } = &expr.kind
        && !fields.contains(field)
    {
        fields.push(*field);
    }
    expr.parts().into_iter().for_each(|part| fields_of(part, fields));
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

/// The parts of a robot's condition that rest on the cells of the row that it starts from; none where there is no such part.
fn own_parts<'r>(robot: &'r Robot, extract: &Extract) -> Option<Vec<&'r Expr>> {
    let slot = if robot.subject.members.is_some() { OWNER } else { SUBJECT };
    let condition = robot.subject.condition.as_ref()?;
    let parts = match &condition.kind {
        Kind::And(parts) => parts.as_slice(),
        _ => std::slice::from_ref(condition),
    };
    let own: Vec<&Expr> = parts.iter().filter(|part| rests_on_own_cells(part, slot, extract)).collect();
    (!own.is_empty()).then_some(own)
}

fn rests_on_own_cells(expr: &Expr, slot: Slot, extract: &Extract) -> bool {
    match &expr.kind {
        Kind::Field { row, extract: of, field } => {
            let is_own = matches!(row.kind, Kind::Local(local) if local == slot) && *of == extract.id;
            is_own && matches!(extract.field(*field).origin, Origin::Column { .. } | Origin::Row { .. })
        }
        Kind::Local(_)
        | Kind::Related { .. }
        | Kind::All(_)
        | Kind::Fact(_)
        | Kind::Delivered(_)
        | Kind::Builtin(Builtin::Since | Builtin::PreviousNight) => false,
        _ => expr.parts().into_iter().all(|part| rests_on_own_cells(part, slot, extract)),
    }
}
