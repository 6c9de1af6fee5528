//! Who has moved in from another municipality: what is planted for robot inflyttade.
//!
//! Every other member who moved of late did so within the municipality. What is planted lies before `since`, but for the
//! ones whom robot folkbokforing sees move on the night itself.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::case::Case;
use super::draw::{Purpose, again};
use super::idle;
use super::names::ELSEWHERE;
use super::plant::{Checks, Effect, Robot, share_at, slot};
use super::planted::Planted;
use super::tables::CensusKind;
use super::town::Town;

/// Robot inflyttade, whose subjects are the members who moved in during the last three months.
pub const INFLYTTADE: Robot = Robot { id: "inflyttade", checks: &["inflyttad", "samma-period", "kommunkod-okand"] };

const MOVED_IN: Checks = Checks(1);
const SAME_PERIOD: Checks = Checks(1 << 1);
const UNKNOWN_PLACE: Checks = Checks(1 << 2);

/// Days before the last night within which a background move is one within the municipality.
const LATELY: u64 = 200;

/// Kir's Från kommun.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Own,
    /// The source tells none, as of who has immigrated.
    Empty,
    /// One of `names::ELSEWHERE` that is in the table of municipalities.
    Known,
    /// A code that is in no table.
    Unknown,
}

#[derive(Clone, Copy)]
enum Day {
    Ago(u64),
    /// Three months before the last night, the first day that counts.
    OnLimit,
    BeforeLimit,
}

struct MovePlant {
    /// How many cases of a thousand get it, before it is asked what else is planted there.
    per_mille: u64,
    day: Day,
    origin: Origin,
    /// `None` for who is no subject.
    checks: Option<Checks>,
}

const fn moved(per_mille: u64, day: Day, origin: Origin, checks: Option<Checks>) -> MovePlant {
    MovePlant { per_mille, day, origin, checks }
}

static MOVES: [MovePlant; 9] = [
    moved(6, Day::Ago(35), Origin::Known, Some(MOVED_IN)),
    moved(5, Day::Ago(60), Origin::Known, Some(MOVED_IN)),
    moved(3, Day::Ago(3), Origin::Known, Some(MOVED_IN)),
    moved(4, Day::OnLimit, Origin::Known, Some(MOVED_IN)),
    moved(4, Day::BeforeLimit, Origin::Known, None),
    moved(4, Day::Ago(40), Origin::Own, None),
    moved(4, Day::Ago(50), Origin::Empty, Some(MOVED_IN.and(UNKNOWN_PLACE))),
    moved(4, Day::Ago(30), Origin::Unknown, Some(MOVED_IN.and(UNKNOWN_PLACE))),
    moved(3, Day::BeforeLimit, Origin::Empty, None),
];

/// How many cases of a thousand have something planted.
pub fn planted_per_mille() -> u64 {
    MOVES.iter().map(|plant| plant.per_mille).sum()
}

/// A member's move that was chosen.
pub struct Move {
    /// Which member, by place in the case.
    pub place: usize,
    pub day: NaiveDate,
    pub origin: Origin,
    checks: Option<Checks>,
}

impl Move {
    /// What is planted in a case.
    pub fn of(town: &Town, case: &Case) -> Option<Move> {
        let last = town.nights.last;
        let (place, day, origin, checks) = match case.census.kind {
            CensusKind::MovedTonight => (case.census_target, last, Origin::Known, Some(MOVED_IN)),
            CensusKind::Nothing => {
                let plant = share_at(&MOVES, |plant| plant.per_mille, slot(town.draw, Purpose::Move, case.index))?;
                let turn = town.draw.below(Purpose::MoveTarget, case.index, case.current().len() as u64) as usize;
                let day = match plant.day {
                    Day::Ago(days) => last - Days::new(days),
                    Day::OnLimit => last - Months::new(3),
                    Day::BeforeLimit => last - Months::new(3) - Days::new(1),
                };
                (*case.current().get(turn)?, day, plant.origin, plant.checks)
            }
            _ => return None,
        };
        // Which applications a case has is then known: those of its months.
        let is_plain = case.open && Planted::of(town, case).is_none() && !idle::gets_from_before(town, case.index);
        is_plain.then_some(Move { place, day, origin, checks })
    }

    /// What robot inflyttade comes to in a case whose applications came in on these days; `None` for who is no subject.
    pub fn effect(&self, received: impl IntoIterator<Item = NaiveDate>) -> Option<Effect> {
        let checks = self.checks?;
        let month = |day: NaiveDate| day.year() * 12 + day.month0().cast_signed();
        let about = month(self.day) - 1..=month(self.day);
        let is_same = received.into_iter().any(|day| about.contains(&month(day)));
        Some(Effect::deviates(if is_same { checks.and(SAME_PERIOD) } else { checks }))
    }
}

/// Where a member moved from whose move is not planted.
pub fn origin_of_member(town: &Town, resident: u64, moved: Option<NaiveDate>) -> Origin {
    let is_late = moved.is_some_and(|day| day + Days::new(LATELY) > town.nights.last);
    if is_late { Origin::Own } else { origin(town, resident) }
}

/// Where a resident moved from.
pub fn origin(town: &Town, resident: u64) -> Origin {
    let bits = town.draw.bits(Purpose::Curiosity, resident);
    match again(bits, 4, 10) {
        0 => Origin::Empty,
        1..4 => Origin::Known,
        _ => Origin::Own,
    }
}

/// The code that stands in kir, the same for the same resident.
pub fn code(town: &Town, resident: u64, origin: Origin) -> &str {
    let known = again(town.draw.bits(Purpose::Curiosity, resident), 5, 12) as usize;
    match origin {
        Origin::Own => &town.municipality,
        Origin::Empty => "",
        Origin::Known if ELSEWHERE[known].code == town.municipality => ELSEWHERE[(known + 1) % 12].code,
        Origin::Known => ELSEWHERE[known].code,
        Origin::Unknown => ELSEWHERE[12].code,
    }
}
