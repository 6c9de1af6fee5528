//! A table as all there is: what a row's own cells are enough for is worked out over this.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;

use super::cell::{Cell, Lack};
use super::column::Column;
use super::table::Table;
use crate::definition::extract::{Extract, Origin};
use crate::rule::evaluate::Evaluator;
use crate::rule::tree::Slot;
use crate::rule::types::{ExtractId, FieldId, RelationId, Side};
use crate::rule::value::{Missing, RowRef, Value, Why};
use crate::rule::world::{Constants, Related, Silent, World};

/// One table, and nothing that its rows relate to.
pub struct Own<'t>(pub &'t Table);

impl World for Own<'_> {
    fn cell(&self, row: RowRef, field: FieldId) -> Value<'_> {
        match self.0.cell(row.row as usize, field) {
            Ok(value) => value,
            Err(lack) => lacking(lack, self.0.extract, field),
        }
    }

    fn related(&self, _: RowRef, _: RelationId, _: Side) -> Related<'_> {
        Related { rows: &[], open: None, whole: false }
    }

    fn extent(&self, _: ExtractId, _: Side) -> (u32, Option<Missing>) {
        (0, None)
    }

    fn line(&self, row: RowRef) -> u64 {
        self.0.line(row.row as usize)
    }

    fn contested(&self, _: RowRef) -> Option<Missing> {
        None
    }

    fn delivery(&self, _: ExtractId, _: Side) -> Option<Missing> {
        None
    }
}

/// What an expression reads in a cell without a value.
pub fn lacking<'v>(lack: Lack, extract: ExtractId, field: FieldId) -> Value<'v> {
    let why = match lack {
        Lack::Null => return Value::Null,
        Lack::Empty => Why::Empty,
        Lack::Unreadable => Why::Unreadable,
        Lack::SourceFailed => Why::SourceFailed,
        Lack::Rejected => Why::Rejected,
    };
    Value::Unknown(Missing { why, extract: Some((extract, Side::Tonight)), line: None, field: Some(field) })
}

/// The cell that a computed field's value makes.
pub fn cell_of(value: Value<'_>) -> Cell<'_> {
    match value {
        Value::Null => Err(Lack::Null),
        Value::Unknown(Missing { why: Why::Empty, .. }) => Err(Lack::Empty),
        Value::Unknown(Missing { why: Why::SourceFailed, .. }) => Err(Lack::SourceFailed),
        Value::Unknown(Missing { why: Why::Rejected, .. }) => Err(Lack::Rejected),
        Value::Text(_)
        | Value::Number(_)
        | Value::Date(_)
        | Value::Month(_)
        | Value::Boolean(_)
        | Value::Person(_)
        | Value::Organisation(_)
        | Value::Party(_) => Ok(value),
        _ => Err(Lack::Unreadable),
    }
}

/// Where a computed field's expression finds its row. There is nothing else that one row after the other would change.
const THE_ROW: Slot = Slot(0);

/// Works out fields of every row from the row's other fields, in this order.
pub fn work_out(table: &mut Table, fields: &[FieldId], extract: &Extract, constants: &Constants<'_>) {
    for field in fields {
        let declared = extract.field(*field);
        let Origin::Row { is, reads } = &declared.origin else { continue };
        let mut column = Column::of(declared);
        let own = Own(table);
        let mut evaluator = Evaluator::new(&own, constants, &[], Silent);
        column.reserve(table.len());
        let mut before = Before::new(table, reads);
        for row in 0..table.len() {
            if let Some(same) = before.with_the_same(row) {
                column.push_again(same);
                continue;
            }
            let row = RowRef { extract: extract.id, side: Side::Tonight, row: super::place::place(row) };
            evaluator.bind(THE_ROW, Value::Row(row));
            column.push(&cell_of(evaluator.value(is)));
        }
        drop(evaluator);
        table.columns[usize::from(field.0)] = Some(column);
    }
}

/// Rows before this one that say the same in the one text that a field is worked out from: a supplier's number stands in
/// each of its invoices.
struct Before<'t> {
    texts: Option<&'t Column>,
    rows: HashMap<&'t str, usize, RandomState>,
    /// How many rows had been there before.
    again: usize,
}

/// So many rows tell whether texts come again.
const SAMPLE: usize = 1 << 8;

impl<'t> Before<'t> {
    fn new(table: &'t Table, reads: &[FieldId]) -> Self {
        let texts = match reads {
            [one] => table.columns[usize::from(one.0)].as_ref(),
            _ => None,
        };
        Self { texts, rows: HashMap::default(), again: 0 }
    }

    /// The first row with the text of this one, where there is one before it.
    fn with_the_same(&mut self, row: usize) -> Option<usize> {
        let text = self.texts?.text(row)?;
        match self.rows.entry(text) {
            Entry::Occupied(first) => {
                self.again += 1;
                Some(*first.get())
            }
            Entry::Vacant(place) => {
                place.insert(row);
                if self.rows.len() >= SAMPLE && self.again < self.rows.len() / 2 {
                    // Texts that mostly differ are not worth remembering.
                    (self.texts, self.rows) = (None, HashMap::default());
                }
                None
            }
        }
    }
}
