//! The night's tables as one robot sees them: tonight's, and those of the night that it compares with.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::cell::Lack;
use super::join::Links;
use super::table::Table;
use crate::rule::types::{ExtractId, FieldId, RelationId, Side};
use crate::rule::value::{Missing, RowRef, Value, Why};
use crate::rule::world::{Related, World};

/// How an extract stands for a robot.
#[derive(Debug)]
pub enum Delivery<'t> {
    /// It is there.
    Ready(&'t Table),
    /// A guard has set it aside. Its rows still tell who is protected.
    SetAside(&'t Table),
    /// It is not there, and why.
    Missing(Why),
}

/// The links along a relation, by the relation's extract and night and the night it leads to.
pub type LinksOf<'t> = HashMap<(ExtractId, Side, RelationId, Side), &'t Links>;

/// The night's tables as one robot sees them.
#[derive(Debug)]
pub struct View<'t> {
    tonight: Vec<Delivery<'t>>,
    previous: Vec<Delivery<'t>>,
    /// The links that the robot follows, each at the place of its relation.
    links: Vec<Option<&'t Links>>,
    /// How many relations each extract has a place for.
    relations: usize,
    nights: (NaiveDate, Option<NaiveDate>),
}

impl<'t> View<'t> {
    /// A view over tables, each list by the extract's place.
    #[must_use]
    pub fn new(
        tonight: Vec<Delivery<'t>>,
        previous: Vec<Delivery<'t>>,
        links: LinksOf<'t>,
        nights: (NaiveDate, Option<NaiveDate>),
    ) -> Self {
        let relations = links.keys().map(|(_, _, relation, _)| usize::from(relation.0) + 1).max().unwrap_or(0);
        let mut view = Self { tonight, previous, links: Vec::new(), relations, nights };
        for ((extract, side, relation, to), links) in links {
            let at = view.place_of(extract, side, relation, to);
            view.links.resize(view.links.len().max(at + 1), None);
            view.links[at] = Some(links);
        }
        view
    }

    /// Where a relation's links stand among all.
    fn place_of(&self, extract: ExtractId, side: Side, relation: RelationId, to: Side) -> usize {
        let is_previous = |side: Side| usize::from(side == Side::Previous);
        let relation = usize::from(extract.0) * self.relations + usize::from(relation.0);
        (relation * 2 + is_previous(side)) * 2 + is_previous(to)
    }

    /// An extract's table, set aside or not.
    #[must_use]
    pub fn table(&self, extract: ExtractId, side: Side) -> Option<&'t Table> {
        match self.at(extract, side) {
            Delivery::Ready(table) | Delivery::SetAside(table) => Some(table),
            Delivery::Missing(_) => None,
        }
    }

    /// The night of a side.
    #[must_use]
    pub fn night(&self, side: Side) -> Option<NaiveDate> {
        match side {
            Side::Tonight => Some(self.nights.0),
            Side::Previous => self.nights.1,
        }
    }

    fn at(&self, extract: ExtractId, side: Side) -> &Delivery<'t> {
        let side = match side {
            Side::Tonight => &self.tonight,
            Side::Previous => &self.previous,
        };
        &side[usize::from(extract.0)]
    }
}

impl World for View<'_> {
    fn cell(&self, row: RowRef, field: FieldId) -> Value<'_> {
        let place = row.row as usize;
        let Some(table) = self.table(row.extract, row.side) else {
            return Value::Unknown(Missing::because(Why::NotDelivered));
        };
        let why = match table.cell(place, field) {
            Ok(value) => return value,
            Err(Lack::Null) => return Value::Null,
            Err(Lack::Empty) => Why::Empty,
            Err(Lack::Unreadable) => Why::Unreadable,
            Err(Lack::SourceFailed) => Why::SourceFailed,
            Err(Lack::Rejected) => Why::Rejected,
        };
        let line = Some(table.line(place));
        Value::Unknown(Missing { why, extract: Some((row.extract, row.side)), line, field: Some(field) })
    }

    fn related(&self, row: RowRef, relation: RelationId, side: Side) -> Related<'_> {
        // A relation that nobody follows has no place: it could be taken for another's.
        let place =
            (usize::from(relation.0) < self.relations).then(|| self.place_of(row.extract, row.side, relation, side));
        let links = place.and_then(|place| self.links.get(place).copied().flatten());
        let led = links.and_then(|links| {
            let (from, to) = (self.table(row.extract, row.side)?, self.table(links.to, side)?);
            Some((links.of(from, to, row.row), links.whole))
        });
        match led {
            Some((led, whole)) => Related { rows: led.rows, open: led.open, whole },
            None => Related { rows: &[], open: None, whole: false },
        }
    }

    fn extent(&self, extract: ExtractId, side: Side) -> (u32, Option<Missing>) {
        let rows = self.table(extract, side).map_or(0, |table| u32::try_from(table.len()).unwrap_or(u32::MAX));
        let rejected = self.table(extract, side).and_then(|table| table.rejected.first()).map(|rejected| Missing {
            why: Why::Rejected,
            extract: Some((extract, side)),
            line: Some(rejected.line),
            field: None,
        });
        (rows, self.delivery(extract, side).or(rejected))
    }

    fn line(&self, row: RowRef) -> u64 {
        self.table(row.extract, row.side).map_or(0, |table| table.line(row.row as usize))
    }

    fn contested(&self, row: RowRef) -> Option<Missing> {
        let line = self.table(row.extract, row.side)?.contradicted_by(row.row as usize)?;
        let extract = Some((row.extract, row.side));
        Some(Missing { why: Why::Contested, extract, line: Some(line), field: None })
    }

    fn kept(&self, row: RowRef, field: FieldId) -> Option<Value<'_>> {
        match self.at(row.extract, row.side) {
            Delivery::Ready(table) => table.kept(row.row, field),
            Delivery::SetAside(_) | Delivery::Missing(_) => None,
        }
    }

    fn delivery(&self, extract: ExtractId, side: Side) -> Option<Missing> {
        let why = match self.at(extract, side) {
            Delivery::Ready(_) => return None,
            Delivery::SetAside(_) => Why::SetAside,
            Delivery::Missing(why) => *why,
        };
        Some(Missing { why, extract: Some((extract, side)), line: None, field: None })
    }
}
