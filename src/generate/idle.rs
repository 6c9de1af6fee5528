//! Cases in which nothing happens: what is planted for robot avslut.
//!
//! Everybody else has been paid lately, and is not looked at twice. A case with one of these plants has no other
//! applications, documents and plans than the plant says.

use chrono::{Days, Months, NaiveDate};

use super::cost_table::COSTS;
use super::draw::Purpose;
use super::plant::{Checks, Effect, Robot, share_at, slot};
use super::town::Town;

/// Robot avslut, whose subjects are the cases.
pub const AVSLUT: Robot =
    Robot { id: "avslut", checks: &["avslut", "aterkrav", "overklagande", "pagaende-plan", "barn"] };

const CLOSE: Checks = Checks(1);
const CLAIM: Checks = Checks(1 << 1);
const APPEAL: Checks = Checks(1 << 2);
const PLAN: Checks = Checks(1 << 3);
const CHILD: Checks = Checks(1 << 4);

/// When something last happened. The limit is three months before the last night, which still counts as lately.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Last {
    DayBeforeLimit,
    OnLimit,
    /// The cell is empty: Aktualiserad counts.
    Never,
    /// Long ago by the case's own row, and lately by ansokningar.
    LatelyInExtract,
    /// Lately by the case's own row alone.
    LatelyInCase,
}

/// The one document of the last month, or thereabouts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    Nothing,
    /// Thirty days ago, the first that counts, with the case's number alone.
    ThirtyDays,
    ThirtyOneDays,
    /// Ten days ago, with a member's number alone.
    ByPerson,
    /// Skannad is no date.
    Undated,
}

/// What stands in the way of closing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Barrier {
    Nothing,
    Claim,
    /// Återkrav is 0, which is none.
    NoClaim,
    Appeal,
    /// Överklagande pågår is empty.
    AppealUnknown,
    Plan,
    Child,
}

/// One row of the table.
pub struct IdlePlant {
    /// How many cases of a thousand get it, before it is asked whether the household suits.
    per_mille: u64,
    pub applied: Last,
    pub paid: Last,
    /// Of Aktualiserad; `None` is as drawn.
    pub opened: Option<Last>,
    pub scanned: Scanned,
    pub barrier: Barrier,
    /// The plan stands under another case's number.
    pub is_elsewhere: bool,
    pub effect: Effect,
}

const fn idle(per_mille: u64, barrier: Barrier, checks: Checks) -> IdlePlant {
    IdlePlant {
        per_mille,
        applied: Last::DayBeforeLimit,
        paid: Last::DayBeforeLimit,
        opened: None,
        scanned: Scanned::Nothing,
        barrier,
        is_elsewhere: false,
        effect: Effect::deviates(checks),
    }
}

const fn active(per_mille: u64) -> IdlePlant {
    idle(per_mille, Barrier::Nothing, Checks::NONE)
}

static IDLE: [IdlePlant; 20] = [
    idle(6, Barrier::Nothing, CLOSE),
    idle(3, Barrier::NoClaim, CLOSE),
    idle(4, Barrier::Claim, CLAIM),
    idle(4, Barrier::Appeal, APPEAL),
    idle(4, Barrier::Plan, PLAN),
    IdlePlant { is_elsewhere: true, ..idle(3, Barrier::Plan, PLAN) },
    idle(12, Barrier::Child, CHILD),
    // The limit itself is lately.
    IdlePlant { applied: Last::OnLimit, ..active(3) },
    IdlePlant { paid: Last::OnLimit, ..active(3) },
    IdlePlant { applied: Last::LatelyInExtract, ..active(3) },
    IdlePlant { applied: Last::LatelyInCase, ..active(3) },
    // Who never applied, or was never paid, is reckoned from Aktualiserad.
    IdlePlant {
        applied: Last::Never,
        paid: Last::Never,
        opened: Some(Last::DayBeforeLimit),
        ..idle(3, Barrier::Nothing, CLOSE)
    },
    IdlePlant { applied: Last::Never, opened: Some(Last::OnLimit), ..active(3) },
    IdlePlant { paid: Last::Never, opened: Some(Last::OnLimit), ..active(3) },
    IdlePlant { paid: Last::Never, opened: Some(Last::DayBeforeLimit), ..idle(3, Barrier::Claim, CLAIM) },
    IdlePlant { scanned: Scanned::ThirtyDays, ..active(3) },
    IdlePlant { scanned: Scanned::ThirtyOneDays, ..idle(3, Barrier::Nothing, CLOSE) },
    IdlePlant { scanned: Scanned::ByPerson, ..active(3) },
    IdlePlant {
        scanned: Scanned::Undated,
        effect: Effect::undecided(CLOSE),
        ..idle(2, Barrier::Nothing, Checks::NONE)
    },
    IdlePlant { effect: Effect::undecided(CLOSE.and(APPEAL)), ..idle(2, Barrier::AppealUnknown, Checks::NONE) },
];

/// How many cases of a thousand have something planted.
pub fn planted_per_mille() -> u64 {
    IDLE.iter().map(|plant| plant.per_mille).sum()
}

impl IdlePlant {
    /// The plant at a case's place among a thousand that suits the household: whether there is a child in it, and whether its
    /// first adult can have a plan.
    pub fn at(town: &Town, index: u64, has_child: bool, can_have_plan: bool) -> Option<&'static IdlePlant> {
        if gets_from_before(town, index) {
            return None;
        }
        share_at(&IDLE, |plant| plant.per_mille, slot(town.draw, Purpose::Idle, index))
            .filter(|plant| has_child == (plant.barrier == Barrier::Child))
            .filter(|plant| can_have_plan || plant.barrier != Barrier::Plan)
    }

    /// The day that something last happened; `None` where it never did.
    pub fn day(town: &Town, last: Last) -> Option<NaiveDate> {
        let limit = limit(town);
        match last {
            Last::DayBeforeLimit | Last::LatelyInExtract => Some(limit - Days::new(1)),
            Last::OnLimit => Some(limit),
            Last::Never => None,
            Last::LatelyInCase => Some(lately(town)),
        }
    }

    /// Whether an application that came in on `day` stands in ansokningar.
    pub fn allows(&self, town: &Town, day: NaiveDate) -> bool {
        match self.applied {
            Last::Never => false,
            Last::LatelyInExtract if day == lately(town) => true,
            _ => day < limit(town),
        }
    }
}

/// The first day of the last three months.
pub fn limit(town: &Town) -> NaiveDate {
    town.nights.last - Months::new(3)
}

/// A day well within them.
pub fn lately(town: &Town) -> NaiveDate {
    town.nights.last - Days::new(20)
}

/// Whether the case before may have an application under this one's number.
pub fn gets_from_before(town: &Town, index: u64) -> bool {
    let before = (index + town.cases - 1) % town.cases;
    share_at(&COSTS, |plant| plant.per_mille, slot(town.draw, Purpose::Costs, before))
        .is_some_and(|plant| plant.purchases.iter().any(super::purchase::Purchase::is_in_another_case))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_a_thousand_of_a_thousand_are_planted() {
        assert!(planted_per_mille() <= 1_000);
    }
}
