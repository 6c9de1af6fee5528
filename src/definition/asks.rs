//! Which robots ask what others came to: tonight, so that those go first and no two wait for each other, and on earlier
//! nights, so that the ledger keeps it.

use std::collections::BTreeSet;

use super::extract::Extract;
use super::keep::Keep;
use super::load::Definitions;
use super::of_robots::OfRobots;
use super::robot::Robot;
use crate::outcome::Outcome;
use crate::rule::catalog::{Catalog, RelationSchema};
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::{ExtractId, RelationId, RobotId};

/// The nights that a robot asks about.
#[derive(Clone, Copy, PartialEq)]
enum When {
    Tonight,
    EarlierNights,
}

/// The relations by which a robot asks what others came to.
fn asked(robot: &Robot, when: When, catalog: &Catalog, extracts: &[Extract]) -> BTreeSet<(ExtractId, RelationId)> {
    asked_in(robot.expressions(), when, catalog, extracts)
}

/// The relations by which expressions ask what robots came to.
fn asked_in<'e>(
    expressions: impl IntoIterator<Item = &'e Expr>,
    when: When,
    catalog: &Catalog,
    extracts: &[Extract],
) -> BTreeSet<(ExtractId, RelationId)> {
    let mut all = BTreeSet::new();
    for expr in expressions {
        followed(expr, &mut all);
    }
    let asks = |(extract, relation): &(ExtractId, RelationId)| {
        let to = catalog.extract(*extract).relation(*relation).to;
        let of_robots = extracts[usize::from(to.0)].of_robots;
        of_robots.is_some_and(|of_robots| of_robots.is_of_tonight() == (when == When::Tonight))
    };
    all.retain(asks);
    all
}

fn followed(expr: &Expr, all: &mut BTreeSet<(ExtractId, RelationId)>) {
    if let Kind::Related { extract, relation, .. } = &expr.kind {
        all.insert((*extract, *relation));
    }
    for part in expr.parts() {
        followed(part, all);
    }
}

/// A robot that waits for itself: the robots in the order in which each asks the next, which the last asks the first, and
/// the relation by which the first asks. The same circle is told once.
pub fn circles(
    robots: &[Robot],
    catalog: &Catalog,
    extracts: &[Extract],
) -> Vec<(Vec<RobotId>, (ExtractId, RelationId))> {
    let all: Vec<_> = robots.iter().map(|robot| asked(robot, When::Tonight, catalog, extracts)).collect();
    let asks = |robot: RobotId| {
        let place = robots.iter().position(|known| known.id == catalog.robot(robot));
        place.map(|place| &all[place]).into_iter().flatten()
    };
    let mut told: BTreeSet<BTreeSet<RobotId>> = BTreeSet::new();
    let mut found = Vec::new();
    for first in robots.iter().filter_map(|robot| catalog.robot_named(&robot.id)) {
        // Each way on, as far as it goes without coming back to a robot of its own.
        let mut ways: Vec<Vec<RobotId>> = vec![vec![first]];
        let mut seen = BTreeSet::from([first]);
        while let Some(way) = ways.pop() {
            let Some(last) = way.last() else { continue };
            for (extract, relation) in asks(*last) {
                for next in &catalog.extract(*extract).relation(*relation).robots {
                    if *next == first && told.insert(way.iter().copied().collect()) {
                        found.push((way.clone(), (*extract, *relation)));
                    }
                    if seen.insert(*next) {
                        ways.push(way.iter().copied().chain([*next]).collect());
                    }
                }
            }
        }
    }
    found
}

impl Definitions {
    /// The robots whose outcomes of tonight a robot asks for, in order.
    #[must_use]
    pub fn asked_by(&self, robot: &Robot) -> BTreeSet<RobotId> {
        self.named_by(robot, When::Tonight)
    }

    /// The robots whose outcomes of earlier nights a robot asks for, in order.
    #[must_use]
    pub fn asked_of_earlier_nights(&self, robot: &Robot) -> BTreeSet<RobotId> {
        self.named_by(robot, When::EarlierNights)
    }

    /// The robots whose outcomes of earlier nights are asked for by what is kept of the extracts.
    #[must_use]
    pub fn asked_by_figures(&self) -> BTreeSet<RobotId> {
        let keeps = self.extracts.iter().filter_map(|extract| extract.keep.as_ref());
        let expressions = keeps.flat_map(Keep::expressions);
        self.named_in(&asked_in(expressions, When::EarlierNights, &self.catalog, &self.extracts))
    }

    fn named_by(&self, robot: &Robot, when: When) -> BTreeSet<RobotId> {
        self.named_in(&asked(robot, when, &self.catalog, &self.extracts))
    }

    fn named_in(&self, relations: &BTreeSet<(ExtractId, RelationId)>) -> BTreeSet<RobotId> {
        let named = |(extract, relation): &(ExtractId, RelationId)| {
            self.catalog.extract(*extract).relation(*relation).robots.clone()
        };
        relations.iter().flat_map(named).collect()
    }

    /// The robots that some of these ask what they came to tonight, and those that these ask in turn, without these.
    #[must_use]
    pub fn asked_beside(&self, robots: &[&Robot]) -> Vec<&Robot> {
        let mut found: Vec<&Robot> = Vec::new();
        let mut asking: Vec<&Robot> = robots.to_vec();
        while let Some(robot) = asking.pop() {
            let asked = self.asked_by(robot);
            let asked = asked.into_iter().filter_map(|id| self.robot(self.catalog.robot(id)));
            for robot in asked.collect::<Vec<_>>() {
                let is_known = |known: &&Robot| known.id == robot.id;
                if !robots.iter().any(is_known) && !found.iter().any(is_known) {
                    found.push(robot);
                    asking.push(robot);
                }
            }
        }
        found
    }

    /// Robots so that each comes after those that it asks, else in the order in which they are given.
    #[must_use]
    pub fn in_order<'r>(&self, robots: impl Iterator<Item = &'r Robot>) -> Vec<&'r Robot> {
        let mut waiting: Vec<(&Robot, BTreeSet<RobotId>)> = robots.map(|robot| (robot, self.asked_by(robot))).collect();
        let mut order = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let ids: Vec<Option<RobotId>> =
                waiting.iter().map(|(robot, _)| self.catalog.robot_named(&robot.id)).collect();
            let is_ready = |asks: &BTreeSet<RobotId>| !ids.iter().flatten().any(|id| asks.contains(id));
            // What has been loaded has no circles, so one is always ready.
            let place = waiting.iter().position(|(_, asks)| is_ready(asks)).unwrap_or_default();
            order.push(waiting.remove(place).0);
        }
        order
    }

    /// The outcomes of a robot's nights that some relation to `history` asks for.
    #[must_use]
    pub fn kept_outcomes(&self, robot: &str) -> Vec<Outcome> {
        let Some(robot) = self.catalog.robot_named(robot) else { return Vec::new() };
        let to_history =
            |relation: &&RelationSchema| self.extracts[usize::from(relation.to.0)].of_robots == Some(OfRobots::History);
        let relations = self.catalog.extracts.iter().flat_map(|extract| &extract.relations);
        let asking: Vec<&RelationSchema> =
            relations.filter(to_history).filter(|relation| relation.robots.contains(&robot)).collect();
        let is_asked = |outcome: &Outcome| {
            let asks = |relation: &&RelationSchema| {
                relation.outcomes.is_empty() || relation.outcomes.iter().any(|name| name == outcome.name())
            };
            asking.iter().any(asks)
        };
        Outcome::ALL.into_iter().filter(is_asked).collect()
    }
}
