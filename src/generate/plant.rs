//! What can be planted: a deviation, a boundary beside one, or something that cannot be tried.
//!
//! Each robot has a table of plants, and each plant declares in that table what the right answer is. The facit is read
//! off the tables; what the plants look like in the registers is made elsewhere, by other code.

use super::draw::{Draw, Purpose};

/// Checks of one robot, one bit each in the robot's order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Checks(pub u16);

impl Checks {
    pub const NONE: Checks = Checks(0);

    pub const fn and(self, other: Checks) -> Checks {
        Checks(self.0 | other.0)
    }

    /// Those that are among others too.
    pub const fn within(self, others: Checks) -> Checks {
        Checks(self.0 & others.0)
    }

    /// The ids, separated by a space.
    pub fn ids(self, robot: &Robot) -> String {
        let ids: Vec<&str> =
            robot.checks.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1).map(|(_, id)| *id).collect();
        ids.join(" ")
    }
}

/// A robot, as far as the facit speaks of it.
pub struct Robot {
    pub id: &'static str,
    pub checks: &'static [&'static str],
}

impl Robot {
    /// Every check of the robot.
    pub const fn all(&self) -> Checks {
        Checks((1 << self.checks.len()) - 1)
    }
}

/// What a plant leads to for one subject; a deviation outranks what cannot be tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    pub deviations: Checks,
    pub undecided: Checks,
}

impl Effect {
    pub const NONE: Effect = Effect { deviations: Checks::NONE, undecided: Checks::NONE };

    pub const fn deviates(checks: Checks) -> Effect {
        Effect { deviations: checks, undecided: Checks::NONE }
    }

    pub const fn undecided(checks: Checks) -> Effect {
        Effect { deviations: Checks::NONE, undecided: checks }
    }

    pub const fn and(self, other: Effect) -> Effect {
        Effect { deviations: self.deviations.and(other.deviations), undecided: self.undecided.and(other.undecided) }
    }
}

/// Whom a plant is about, and thereby which households it can stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Any member.
    Anyone,
    /// The sökande.
    Applicant,
    /// The sökande of a household of one.
    Alone,
    /// The sökande of a household of two or more.
    FirstOfSeveral,
    /// The sökande of a household with a medsökande.
    FirstOfTwoAdults,
    /// A member who is not the sökande.
    Other,
    /// An adult member whose age is known.
    Adult,
    /// The same, with another such adult beside.
    AdultWithPartner,
    /// The same, with a child beside.
    AdultWithChild,
    /// A child.
    Child,
    /// A child with another beside.
    TwoChildren,
    /// A member who is to be registered at Arbetsförmedlingen.
    Seeker,
}

/// One row of a robot's table.
pub struct Plant<K> {
    pub kind: K,
    /// How many cases of a thousand get it, before it is asked whether the household suits.
    pub per_mille: u64,
    pub who: Who,
    /// For whom it is about; in folkbokforing, for the case.
    pub own: Effect,
    /// For the other adult of `AdultWithPartner`.
    pub partner: Effect,
    /// For every adult of the household, the one it is about included.
    pub everyone: Effect,
}

impl<K> Plant<K> {
    /// A plant that must not be seen: a boundary, or nothing at all.
    pub const fn clear(kind: K, per_mille: u64, who: Who) -> Plant<K> {
        Plant { kind, per_mille, who, own: Effect::NONE, partner: Effect::NONE, everyone: Effect::NONE }
    }

    pub const fn flags(kind: K, per_mille: u64, who: Who, checks: Checks) -> Plant<K> {
        Plant { kind, per_mille, who, own: Effect::deviates(checks), partner: Effect::NONE, everyone: Effect::NONE }
    }

    pub const fn hides(kind: K, per_mille: u64, who: Who, checks: Checks) -> Plant<K> {
        Plant { kind, per_mille, who, own: Effect::undecided(checks), partner: Effect::NONE, everyone: Effect::NONE }
    }

    pub const fn with_everyone(mut self, effect: Effect) -> Plant<K> {
        self.everyone = effect;
        self
    }

    pub const fn with_partner(mut self, effect: Effect) -> Plant<K> {
        self.partner = effect;
        self
    }
}

/// The plant whose share of a thousand `slot` falls in; `None` past the last one.
pub fn at_slot<K>(table: &'static [Plant<K>], slot: u64) -> Option<&'static Plant<K>> {
    share_at(table, |plant| plant.per_mille, slot)
}

/// The row of a table whose share `slot` falls in; `None` past the last one.
pub fn share_at<P>(table: &'static [P], share: impl Fn(&P) -> u64, slot: u64) -> Option<&'static P> {
    let mut below = 0;
    table.iter().find(|row| {
        below += share(row);
        slot < below
    })
}

/// A case's place among a thousand: of each thousand cases in a row, every place is taken once, so that a small
/// municipality has all of the plants too.
pub fn slot(draw: Draw, purpose: Purpose, case: u64) -> u64 {
    slot_of(1_000, draw, purpose, case)
}

/// The same among `round`, of which each place is taken once in a row.
pub fn slot_of(round: u64, draw: Draw, purpose: Purpose, index: u64) -> u64 {
    let shift = draw.below(purpose, index / round, round);
    (draw.permutation(purpose, u64::MAX, round).apply(index % round) + shift) % round
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_written_in_the_robots_order() {
        let robot = Robot { id: "r", checks: &["a", "b", "c"] };
        assert_eq!(Checks(0b101).ids(&robot), "a c");
        assert_eq!(robot.all().ids(&robot), "a b c");
        assert_eq!(Checks::NONE.ids(&robot), "");
    }

    #[test]
    fn a_slot_past_the_shares_plants_nothing() {
        static TABLE: [Plant<u8>; 2] = [Plant::clear(1, 3, Who::Anyone), Plant::clear(2, 2, Who::Anyone)];
        let kind = |slot| at_slot(&TABLE, slot).map(|plant| plant.kind);
        assert_eq!([kind(0), kind(2), kind(3), kind(4), kind(5)], [Some(1), Some(1), Some(2), Some(2), None]);
    }
}
