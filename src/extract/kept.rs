//! What is worked out of the rows of each group once, for whoever asks: an invoice's sum, and which invoices are credited.
//!
//! An expression comes to the same with what is kept and without: it is kept only where it asks the rows of the group and
//! nothing else. Asked of every invoice of a supplier for every one of them, a sum over a million rows must not be worked
//! out a million times.

use std::borrow::Cow;
use std::collections::HashMap;

use rayon::prelude::*;

use super::cell::Lack;
use super::column::Column;
use super::own::{cell_of, lacking};
use super::pair::pairs;
use super::place::place;
use super::table::Table;
use crate::definition::extract::{Extract, Origin};
use crate::rule::evaluate::Evaluator;
use crate::rule::parameter::Parameter;
use crate::rule::tree::Expr;
use crate::rule::types::{ExtractId, FieldId, RelationId, Side};
use crate::rule::value::{Bounds, Missing, RowRef, Value};
use crate::rule::world::{Constants, Related, Silent, World};

/// What one field came to for every group: a column, and beside it what no column can hold, with its reason.
#[derive(Debug)]
pub struct Kept {
    column: Column,
    others: HashMap<u32, Value<'static>>,
}

impl Kept {
    /// What the field of a row came to.
    pub fn get(&self, row: u32) -> Value<'_> {
        match self.column.get(row as usize) {
            Ok(value) => value,
            Err(Lack::Null) => Value::Null,
            Err(_) => self.others.get(&row).cloned().unwrap_or(Value::Null),
        }
    }
}

/// What a grouped table is made whole with.
#[derive(Clone, Copy, Debug)]
pub struct Making<'m> {
    /// The grouped extract.
    pub extract: &'m Extract,
    /// The fields that are kept of it.
    pub kept: &'m [FieldId],
    /// Whether it is asked which of its rows are paired.
    pub paired: bool,
    /// The declared parameters.
    pub parameters: &'m [Parameter],
}

/// Works out these fields of a table of groups, and which of its rows cancel one another.
pub fn make(made: &mut Table, base: &Table, making: Making<'_>) {
    let constants = Constants {
        night: made.night,
        previous_night: None,
        since: made.night,
        start: made.night,
        municipality: "",
        parameters: making.parameters,
        draws: None,
    };
    made.kept = (0..making.extract.fields.len()).map(|_| None).collect();
    for field in making.kept {
        let declared = making.extract.field(*field);
        let Origin::OfRows { is } = &declared.origin else { continue };
        let mut kept = Kept { column: Column::of(declared), others: HashMap::new() };
        each(is, made, base, &constants, &mut |row, value| match &value {
            Value::Unknown(_) | Value::Between(_) => {
                kept.column.push(&Err(Lack::Unreadable));
                kept.others.insert(row, value);
            }
            _ => kept.column.push(&cell_of(value)),
        });
        kept.column.shrink();
        made.kept[usize::from(field.0)] = Some(kept);
    }
    let Some(pairing) = making.extract.pairing.as_ref().filter(|_| making.paired) else { return };
    let is_paired = pairs(made, pairing, |is, take| each(is, made, base, &constants, take));
    let mut column = Column::of(making.extract.field(pairing.field));
    for is_one in is_paired {
        column.push(&Ok(Value::Boolean(is_one)));
    }
    made.columns[usize::from(pairing.field.0)] = Some(column);
}

/// So many rows are worked out by all threads before what they came to is put away.
const ROWS_TOGETHER: usize = 1 << 16;

/// What an expression comes to for each group in turn.
fn each(is: &Expr, made: &Table, base: &Table, constants: &Constants<'_>, take: &mut dyn FnMut(u32, Value<'static>)) {
    let groups = Groups { made, base };
    for first in (0..made.len()).step_by(ROWS_TOGETHER) {
        let evaluator = || Evaluator::new(&groups, constants, &[], Silent);
        let rows = first..made.len().min(first + ROWS_TOGETHER);
        let rows = rows.into_par_iter().with_min_len(1 << 8);
        let values = rows.map_init(evaluator, |evaluator, row| {
            evaluator.turn_to(&[Value::Row(RowRef { extract: made.extract, side: Side::Tonight, row: place(row) })]);
            owned(evaluator.value(is))
        });
        let values: Vec<Value<'static>> = values.collect();
        for (at, value) in values.into_iter().enumerate() {
            take(place(first + at), value);
        }
    }
}

/// A single value that borrows nothing.
fn owned(value: Value<'_>) -> Value<'static> {
    match value {
        Value::Null | Value::Row(_) | Value::Rows(_) | Value::List(_) => Value::Null,
        Value::Unknown(why) => Value::Unknown(why),
        Value::Number(number) => Value::Number(number),
        Value::Between(bounds) => {
            let Bounds { low, high, why } = *bounds;
            Value::Between(Box::new(Bounds { low: low.map(owned), high: high.map(owned), why }))
        }
        Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        Value::Date(day) => Value::Date(day),
        Value::Month(month) => Value::Month(month),
        Value::Months(months) => Value::Months(months),
        Value::Days(days) => Value::Days(days),
        Value::Boolean(holds) => Value::Boolean(holds),
        Value::Person(person) => Value::Person(person),
        Value::Organisation(organisation) => Value::Organisation(organisation),
        Value::Party(party) => Value::Party(party),
    }
}

/// Groups and the rows that they are made of, and nothing that either relates to.
struct Groups<'t> {
    made: &'t Table,
    base: &'t Table,
}

impl Groups<'_> {
    fn table(&self, extract: ExtractId) -> &Table {
        if extract == self.made.extract { self.made } else { self.base }
    }
}

impl World for Groups<'_> {
    fn cell(&self, row: RowRef, field: FieldId) -> Value<'_> {
        let table = self.table(row.extract);
        match table.cell(row.row as usize, field) {
            Ok(value) => value,
            Err(lack) => match lacking(lack, row.extract, field) {
                Value::Unknown(why) => Value::Unknown(Missing { line: Some(table.line(row.row as usize)), ..why }),
                other => other,
            },
        }
    }

    fn related(&self, row: RowRef, _: RelationId, _: Side) -> Related<'_> {
        let members = self.made.members.as_ref().filter(|_| row.extract == self.made.extract);
        members.map_or(Related { rows: &[], open: None, whole: false }, |members| Related {
            rows: members.rows_of(row.row),
            open: members.open.get(&row.row).copied(),
            whole: false,
        })
    }

    fn extent(&self, _: ExtractId, _: Side) -> (u32, Option<Missing>) {
        (0, None)
    }

    fn line(&self, row: RowRef) -> u64 {
        self.table(row.extract).line(row.row as usize)
    }

    fn contested(&self, _: RowRef) -> Option<Missing> {
        None
    }

    fn kept(&self, row: RowRef, field: FieldId) -> Option<Value<'_>> {
        self.table(row.extract).kept(row.row, field)
    }

    fn delivery(&self, _: ExtractId, _: Side) -> Option<Missing> {
        None
    }
}
