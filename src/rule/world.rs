//! What expressions are worked out over, and who is told of it.

use chrono::NaiveDate;

use super::parameter::Parameter;
use super::table::{Edition, Rule};
use super::tree::Expr;
use super::types::{ExtractId, FieldId, RelationId, Side};
use super::value::{Missing, RowRef, Value};
use crate::sample::{Draw, Draws};

/// The tables that expressions are worked out over.
pub trait World {
    /// A field of a row.
    fn cell(&self, row: RowRef, field: FieldId) -> Value<'_>;
    /// What a row is related to.
    fn related(&self, row: RowRef, relation: RelationId, side: Side) -> Related<'_>;
    /// How many rows an extract has, and why there may be more.
    fn extent(&self, extract: ExtractId, side: Side) -> (u32, Option<Missing>);
    /// The line of the file that a row begins on, counted from 1 with the header.
    fn line(&self, row: RowRef) -> u64;
    /// Whether a later row with the same key says something else, so that this one stands but is spoken against.
    fn contested(&self, row: RowRef) -> Option<Missing>;
    /// What a declared field of a row comes to, where that has been worked out already and is the same for whoever asks.
    fn kept(&self, _row: RowRef, _field: FieldId) -> Option<Value<'_>> {
        None
    }
    /// Whether an extract was delivered for one of the nights, and why not.
    fn delivery(&self, extract: ExtractId, side: Side) -> Option<Missing>;
}

/// What a row is related to.
#[derive(Clone, Debug)]
pub struct Related<'w> {
    /// The rows, in the file's order.
    pub rows: &'w [u32],
    /// Why there may be more, or why it cannot be known at all.
    pub open: Option<Missing>,
    /// Whether the rows count only as a whole: with one that may be missing, none of them is known.
    pub whole: bool,
}

/// What is told while an expression is worked out.
pub trait Recorder<'w> {
    /// Whether it makes anything of what it is told. For one that does, everything is worked out each time it is asked for.
    const LISTENS: bool = true;

    /// A row was looked at.
    fn row(&mut self, _row: RowRef) {}
    /// An expression is about to be worked out.
    fn enter(&mut self, _expr: &'w Expr) {}
    /// An expression has come to a value.
    fn leave(&mut self, _expr: &'w Expr, _value: &Value<'w>) {}
    /// One of several rows or values is taken up.
    fn item(&mut self, _item: &Value<'w>) {}
    /// A rule of a decision table applied.
    fn rule(&mut self, _edition: &'w Edition, _rule: &'w Rule) {}
    /// Something was drawn from the robot's sample key.
    fn draw(&mut self, _draw: Draw) {}
}

/// Records nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Recorder<'_> for Silent {
    const LISTENS: bool = false;
}

/// Records which rows were looked at.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The rows, once each, in order of extract, night and place.
    pub rows: std::collections::BTreeSet<RowRef>,
}

impl Recorder<'_> for Sources {
    fn row(&mut self, row: RowRef) {
        self.rows.insert(row);
    }
}

/// The names that mean the same everywhere.
#[derive(Clone, Debug)]
pub struct Constants<'w> {
    /// The night that is run.
    pub night: NaiveDate,
    /// The night it is compared with.
    pub previous_night: Option<NaiveDate>,
    /// The night of the robot's last run that gave outcomes.
    pub since: NaiveDate,
    /// The day that the robot counts from: `since` of the first night that it gave outcomes.
    pub start: NaiveDate,
    /// The own municipality's code.
    pub municipality: &'w str,
    /// The declared parameters.
    pub parameters: &'w [Parameter],
    /// What the robot draws from; none where there is no ledger yet, and where no robot is run.
    pub draws: Option<Draws<'w>>,
}
