//! Joins the tables that were read, and shows them as each robot sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::definition::Definitions;
use crate::definition::extract::ROWS;
use crate::extract::{Delivery, Index, Links, View};
use crate::plan::{Followed, Nights, Plan, RobotNeeds, TableKey};
use crate::rule::catalog::RelationSchema;
use crate::rule::types::{ExtractId, FieldId, RelationId, Side};
use crate::rule::value::Why;

use super::gather::{Intake, Intakes};

/// The links along every relation that some robot follows.
pub type AllLinks = BTreeMap<(TableKey, RelationId, TableKey), Links>;

/// The relations to join along: the tables at both ends, and which nights those are to the robot that follows them.
pub type Wanted = BTreeMap<(TableKey, RelationId, TableKey), (Side, Side)>;

/// The tables at both ends of the relations that a robot follows on these nights.
pub fn wanted<'f>(
    followed: impl IntoIterator<Item = &'f Followed>,
    nights: Nights,
    definitions: &Definitions,
) -> Wanted {
    let ends = followed.into_iter().filter_map(|(extract, side, relation, to_side)| {
        let to = definitions.catalog.extract(*extract).relation(*relation).to;
        let (from_night, to_night) = (nights.of(*side)?, nights.of(*to_side)?);
        Some((((*extract, from_night), *relation, (to, to_night)), (*side, *to_side)))
    });
    ends.collect()
}

/// Joins the tables along every relation that some robot follows.
#[must_use]
pub fn join(plan: &Plan, nights: &[Nights], definitions: &Definitions, intakes: &Intakes) -> AllLinks {
    let of_robots = plan.robots.iter().zip(nights.iter().copied());
    let of_figures = plan.figures.iter().map(|figures| (&figures.needs, figures.nights));
    let all =
        of_robots.chain(of_figures).flat_map(|(needs, nights)| wanted(&needs.relations, nights, definitions)).collect();
    join_along(plan, all, definitions, intakes)
}

/// Joins the tables along these relations.
#[must_use]
pub fn join_along(plan: &Plan, wanted: Wanted, definitions: &Definitions, intakes: &Intakes) -> AllLinks {
    let table_of = |key: &TableKey| intakes.get(key).and_then(|intake| intake.table.as_ref());
    let is_to_members = |from: &TableKey, relation: RelationId| {
        let is_made = table_of(from).is_some_and(|table| table.members.is_some());
        is_made && definitions.catalog.extract(from.0).relation(relation).id == ROWS
    };
    let by_index = wanted.keys().filter(|(from, relation, _)| !is_to_members(from, *relation));
    let mut asked: Vec<(TableKey, Vec<FieldId>)> =
        by_index.map(|(from, relation, to)| (*to, theirs(definitions, *from, *relation))).collect();
    asked.sort();
    asked.dedup();
    // Relations that find rows by the same fields share an index.
    let indexes: BTreeMap<(TableKey, Vec<FieldId>), Arc<Index>> = asked
        .into_par_iter()
        .filter_map(|(to, fields)| {
            let index = table_of(&to)?.index(&fields);
            Some(((to, fields), index))
        })
        .collect();
    let joined = wanted.into_iter().filter_map(|((from, relation, to), sides)| {
        let from_table = table_of(&from)?;
        let to_table = table_of(&to)?;
        let schema = definitions.catalog.extract(from.0).relation(relation);
        if is_to_members(&from, relation) {
            return Some(((from, relation, to), Links::of_groups(to_table)));
        }
        let fields = theirs(definitions, from, relation);
        let way = plan.tables[&to].ways.iter().position(|way| *way == fields)?;
        let index = Arc::clone(indexes.get(&(to, fields))?);
        let links = Links::new(index, (from_table, to_table), schema, way, sides);
        let is_to_own_group = leads_to_own_group(definitions, from, schema, to);
        Some(((from, relation, to), if is_to_own_group { links.to_own_group() } else { links }))
    });
    joined.collect()
}

/// Whether a relation leads from a row to the group that it was put in: by all that it was grouped by, the same night.
fn leads_to_own_group(definitions: &Definitions, from: TableKey, schema: &RelationSchema, to: TableKey) -> bool {
    let grouping = definitions.extracts[usize::from(to.0.0)].grouping.as_ref();
    grouping.is_some_and(|grouping| {
        let is_by_all = grouping.by.len() == schema.on.len() && grouping.by.iter().all(|pair| schema.on.contains(pair));
        grouping.from == from.0 && from.1 == to.1 && is_by_all
    })
}

/// The fields by which a relation finds rows of the extract that it leads to.
fn theirs(definitions: &Definitions, from: TableKey, relation: RelationId) -> Vec<FieldId> {
    definitions.catalog.extract(from.0).relation(relation).on.iter().map(|(theirs, _)| *theirs).collect()
}

/// The tables as one robot sees them.
#[must_use]
pub fn view<'t>(
    nights: Nights,
    needs: &RobotNeeds,
    definitions: &Definitions,
    intakes: &'t Intakes,
    links: &'t AllLinks,
) -> View<'t> {
    let delivery = |place: usize, side: Side| {
        let id = ExtractId(u16::try_from(place).expect("there are few extracts"));
        let Some(night) = nights.of(side) else { return Delivery::Missing(Why::NoPreviousNight) };
        match intakes.get(&(id, night)) {
            Some(intake @ Intake { table: Some(table), .. }) if intake.stop().is_none() => Delivery::Ready(table),
            Some(Intake { table: Some(table), .. }) => Delivery::SetAside(table),
            _ => Delivery::Missing(Why::NotDelivered),
        }
    };
    let all = |side| (0..definitions.extracts.len()).map(|place| delivery(place, side)).collect();
    let followed = needs.relations.iter().filter_map(|followed| {
        let (extract, side, relation, to_side) = *followed;
        let to = definitions.catalog.extract(extract).relation(relation).to;
        let key = ((extract, nights.of(side)?), relation, (to, nights.of(to_side)?));
        Some((*followed, links.get(&key)?))
    });
    View::new(all(Side::Tonight), all(Side::Previous), followed.collect(), (nights.night, nights.previous))
}
