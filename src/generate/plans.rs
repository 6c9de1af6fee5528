//! The plans: what is planted for robot anvisning, and whether everybody else who should have a plan has one.
//!
//! A plan is the person's, whatever case it stands under. Every second adult who should have one has none, and is to be
//! referred.

use chrono::{Days, NaiveDate};

use super::case::Case;
use super::draw::{Purpose, again};
use super::idle::Barrier;
use super::number::Age;
use super::plant::{Checks, Effect, Robot, share_at, slot};
use super::town::Town;

/// Robot anvisning, whose subjects are the members of working age where the hindrance is Arbetslös or Språkhinder.
pub const ANVISNING: Robot = Robot { id: "anvisning", checks: &["anvisas", "uteblivit", "plan-gar-ut"] };

const REFERRED: Checks = Checks(1);
/// The deviation that robot beslutsstod asks about.
pub const ABSENT: Checks = Checks(1 << 1);
const ENDING: Checks = Checks(1 << 2);

/// The most plans that a person has.
pub const MOST_PLANS: u64 = 2;

/// When a plan ends, in days after the last night.
#[derive(Clone, Copy)]
enum End {
    In(i64),
    /// Till is empty: until further notice.
    Open,
    /// Till is no date.
    Unreadable,
}

/// A plan as it is planted; days are reckoned from the last night.
#[derive(Clone, Copy)]
struct Spec {
    begins: i64,
    end: End,
    planned: u64,
    /// `None` is an empty cell.
    attended: Option<u64>,
    /// Stands under another Ärendenummer than the person's.
    is_elsewhere: bool,
}

const fn spec(begins: i64, end: End, planned: u64, attended: u64) -> Spec {
    Spec { begins, end, planned, attended: Some(attended), is_elsewhere: false }
}

const fn followed(end: End) -> Spec {
    spec(-90, end, 12, 11)
}

/// One row of the table: the plans of one person, and what the right answer then is.
struct PlanPlant {
    /// How many cases of a thousand get it.
    per_mille: u64,
    plans: &'static [Spec],
    effect: Effect,
}

const fn plant(per_mille: u64, plans: &'static [Spec], checks: Checks) -> PlanPlant {
    PlanPlant { per_mille, plans, effect: Effect::deviates(checks) }
}

const fn hidden(per_mille: u64, plans: &'static [Spec], checks: Checks) -> PlanPlant {
    PlanPlant { per_mille, plans, effect: Effect::undecided(checks) }
}

static PLANS: [PlanPlant; 24] = [
    // The day before the night, the night itself, and a plan that is to come.
    plant(4, &[followed(End::In(-1))], REFERRED),
    plant(3, &[followed(End::In(0))], ENDING),
    plant(3, &[spec(1, End::In(120), 0, 0)], Checks::NONE),
    plant(3, &[spec(0, End::In(120), 0, 0)], Checks::NONE),
    // Fourteen days, and fifteen.
    plant(5, &[followed(End::In(14))], ENDING),
    plant(4, &[followed(End::In(15))], Checks::NONE),
    plant(3, &[followed(End::In(14)), followed(End::In(15))], Checks::NONE),
    plant(3, &[followed(End::In(10)), followed(End::Open)], Checks::NONE),
    plant(3, &[followed(End::In(10)), spec(11, End::In(100), 8, 0)], Checks::NONE),
    plant(3, &[followed(End::In(10)), followed(End::In(10))], ENDING),
    plant(3, &[followed(End::In(10)), followed(End::In(-10))], ENDING),
    // Three quarters of the occasions, one less, and too few planned to tell.
    plant(6, &[spec(-60, End::Open, 4, 2)], ABSENT),
    plant(4, &[spec(-60, End::Open, 4, 3)], Checks::NONE),
    plant(4, &[spec(-60, End::Open, 3, 0)], Checks::NONE),
    plant(4, &[spec(-200, End::In(90), 100, 74)], ABSENT),
    plant(3, &[spec(-200, End::In(90), 100, 75)], Checks::NONE),
    plant(4, &[spec(-60, End::In(7), 10, 0)], ABSENT.and(ENDING)),
    // Only a plan that goes on is one to stay away from.
    plant(3, &[spec(-200, End::In(-30), 20, 1), followed(End::Open)], Checks::NONE),
    plant(3, &[spec(5, End::Open, 20, 0)], Checks::NONE),
    plant(3, &[spec(-200, End::In(-30), 20, 1)], REFERRED),
    // The plan is the person's, under whatever case it stands.
    plant(4, &[Spec { is_elsewhere: true, ..followed(End::Open) }], Checks::NONE),
    plant(3, &[Spec { is_elsewhere: true, ..spec(-60, End::Open, 8, 1) }], ABSENT),
    hidden(3, &[Spec { attended: None, ..followed(End::Open) }], ABSENT),
    hidden(3, &[followed(End::Unreadable)], REFERRED.and(ENDING)),
];

/// How many cases of a thousand have something planted.
pub fn planted_per_mille() -> u64 {
    PLANS.iter().map(|plant| plant.per_mille).sum()
}

/// One row of the extract.
pub struct Plan {
    pub activity: &'static str,
    pub from: NaiveDate,
    /// `None` is an empty cell; the other is what stands there instead of a date.
    pub to: Option<Result<NaiveDate, &'static str>>,
    pub planned: u64,
    pub attended: Option<u64>,
    /// Stands under a case that is not there.
    pub is_elsewhere: bool,
}

/// What is planted in a case, and for whom.
pub struct Plans {
    plant: Option<&'static PlanPlant>,
    target: usize,
}

impl Plans {
    /// Works out what is planted in a case.
    pub fn of(town: &Town, case: &Case) -> Plans {
        let subjects = case.current_of(|age| age == Age::Working);
        let plant = (case.open && case.idle.is_none() && is_to_have_plans(case) && !subjects.is_empty())
            .then(|| share_at(&PLANS, |plant| plant.per_mille, slot(town.draw, Purpose::Plans, case.index)))
            .flatten();
        let turn = town.draw.below(Purpose::PlansTarget, case.index, subjects.len() as u64) as usize;
        Plans { plant, target: subjects.get(turn).copied().unwrap_or(0) }
    }

    /// Whether a current member is a subject of robot anvisning. One whose age is not known is one too.
    pub fn is_subject(case: &Case, place: usize) -> bool {
        is_to_have_plans(case) && matches!(case.members[place].age, Age::Working | Age::Unknown)
    }

    /// What the robot comes to for one subject.
    pub fn effect(&self, town: &Town, case: &Case, place: usize) -> Effect {
        if case.members[place].age == Age::Unknown {
            return Effect::undecided(ANVISNING.all());
        }
        match self.plant {
            Some(plant) if place == self.target => plant.effect,
            _ if has_plan(town, case, place) => Effect::NONE,
            _ => Effect::deviates(REFERRED),
        }
    }

    /// The plans of a member, `MOST_PLANS` at the most.
    pub fn rows(&self, town: &Town, case: &Case, place: usize) -> Vec<Plan> {
        let resident = case.members[place].resident;
        match self.plant {
            Some(plant) if place == self.target => {
                (0u64..).zip(plant.plans).map(|(turn, spec)| row(town, spec, resident * MOST_PLANS + turn)).collect()
            }
            _ if has_plan(town, case, place) => vec![drawn(town, case, resident)],
            _ => Vec::new(),
        }
    }
}

fn is_to_have_plans(case: &Case) -> bool {
    matches!(case.hindrance, "Arbetslös" | "Språkhinder")
}

/// Whether somebody for whom nothing is planted has a plan.
fn has_plan(town: &Town, case: &Case, place: usize) -> bool {
    let member = &case.members[place];
    match (member.age, case.idle) {
        (Age::Child | Age::Senior | Age::Unknown, _) => false,
        // What holds up a closing is planted there too.
        (Age::Working, Some(idle)) => idle.barrier == Barrier::Plan && case.adults().first() == Some(&place),
        (Age::Working, None) => {
            let per_10_000 = if is_to_have_plans(case) { 5_000 } else { 1_500 };
            town.draw.chance(Purpose::HasPlan, member.resident, per_10_000)
        }
    }
}

/// A plan that goes on and is followed, and does not end within some weeks.
fn drawn(town: &Town, case: &Case, resident: u64) -> Plan {
    let bits = town.draw.bits(Purpose::Plan, resident);
    let planned = again(bits, 1, 40);
    let is_elsewhere = case.idle.is_some_and(|idle| idle.is_elsewhere);
    Plan {
        activity: activity(town, resident),
        from: town.nights.last - Days::new(10 + again(bits, 2, 300)),
        to: (again(bits, 3, 4) > 0).then(|| Ok(town.nights.last + Days::new(20 + again(bits, 4, 160)))),
        planned,
        attended: Some(planned - again(bits, 5, planned / 4 + 1)),
        is_elsewhere,
    }
}

fn row(town: &Town, spec: &Spec, index: u64) -> Plan {
    let day = |days: i64| town.nights.last + chrono::Duration::days(days);
    Plan {
        activity: activity(town, index),
        from: day(spec.begins),
        to: match spec.end {
            End::In(days) => Some(Ok(day(days))),
            End::Open => None,
            End::Unreadable => Some(Err("tills vidare")),
        },
        planned: spec.planned,
        attended: spec.attended,
        is_elsewhere: spec.is_elsewhere,
    }
}

fn activity(town: &Town, index: u64) -> &'static str {
    const ACTIVITIES: [&str; 8] = [
        "Jobbspår",
        "SFI",
        "SFI, kväll",
        "Arbetsträning",
        "Jobbsökarkurs; grupp",
        "Praktik",
        "Vägledning",
        "Kurs \"Första jobbet\"",
    ];
    town.draw.pick(Purpose::Activity, index, &ACTIVITIES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_is_drawn_is_attended_three_quarters_of_the_time_at_the_least() {
        for (planned, missed) in (0u64..40).map(|planned| (planned, planned / 4)) {
            assert!((planned - missed) * 4 >= planned * 3);
        }
    }

    #[test]
    fn nobody_has_more_plans_than_there_is_room_for() {
        assert!(PLANS.iter().all(|plant| plant.plans.len() as u64 <= MOST_PLANS));
        assert!(planted_per_mille() <= 1_000);
    }
}
