//! Applications that are made again: what robot beslutsstod comes to, put together from what they say, what the household
//! has, and what is planted for the robots that it asks.
//!
//! Whether one is drawn for a closer look nobody can tell who has not the key: the check `stickprov` is left out here.

use chrono::{Datelike, Months, NaiveDate};

use super::case::{Case, Role};
use super::claims::Claims;
use super::cost::{Application, Blemish, Kind, Listed, Ore};
use super::cost_table::HOGKOSTNADSSKYDD;
use super::incomes::{self, SOURCES};
use super::norm;
use super::number::Age;
use super::paid;
use super::plans::{ABSENT, Plans};
use super::plant::{Checks, Effect};
use super::recurring_plant::Recurring;
use super::recurring_table::{
    BESLUTSSTOD, CEILING, CHANGED, DIFFERS, ENDED, HOUSEHOLD, NO_CASE, NO_NORM, OVER, PLAN, RecurringPlant,
    SAME_PERIOD, UNCHECKED, WAGE, WITHOUT,
};
use super::town::Town;

/// How far what is told may be from what the sources tell.
const TOLERANCE: u64 = 100 * 100;

/// What is reckoned of an application, each part where it can be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Reckoning {
    pub norm: Option<Ore>,
    pub costs: Option<Ore>,
    pub incomes: Option<Ore>,
}

impl Reckoning {
    /// What is lacking to the norm, in öre; below zero where there is more than enough.
    pub fn need(&self) -> Option<i64> {
        let ore = |sum: Option<Ore>| sum.map(|sum| sum.0.cast_signed());
        Some(ore(self.norm)? + ore(self.costs)? - ore(self.incomes)?)
    }
}

/// An application, and the right answer.
pub struct Answer {
    pub application: Application,
    pub effect: Effect,
    pub reckoning: Reckoning,
}

/// The answers for the applications that stand under a case's number, in the order of theirs.
pub fn answers(town: &Town, household: &Case) -> Vec<Answer> {
    let beside = Case::of(town, (household.index + town.cases - 1) % town.cases);
    let sought = applications_of(town, &beside, household);
    let is_again = |it: &Application| !it.is_first && it.received == town.nights.since && it.listed == Listed::Whole;
    let is_undated = |it: &Application| !it.is_first && matches!(it.listed, Listed::Undated | Listed::Misdated);
    let answer = |turn: usize| {
        let (writer, application) = &sought[turn];
        let others = sought.iter().enumerate().filter(|(other, _)| *other != turn).map(|(_, (_, it))| it);
        let (effect, reckoning) = Asked { town, household, writer, application }.answer(others);
        // When it came in may not be known, and then nothing is tried; what it comes to can be reckoned all the same.
        (if is_undated(application) { Effect::undecided(BESLUTSSTOD.all()) } else { effect }, reckoning)
    };
    let answers: Vec<(Effect, Reckoning)> = (0..sought.len()).map(answer).collect();
    let all = sought.into_iter().zip(answers).filter(|((_, it), _)| is_again(it) || is_undated(it));
    let mut all: Vec<Answer> =
        all.map(|((_, application), (effect, reckoning))| Answer { application, effect, reckoning }).collect();
    all.sort_by_key(|it| (it.application.received.year(), it.application.number));
    all
}

/// The applications that stand under a case's number, and whose they are: its own, or some of the case before it.
pub fn applications_of<'c>(town: &Town, beside: &'c Case, own: &'c Case) -> Vec<(&'c Case, Application)> {
    let writers = [beside, own].into_iter().skip(usize::from(beside.index == own.index));
    let all = writers.flat_map(|writer| {
        let listed = Claims::of(town, writer).listed().collect::<Vec<_>>();
        listed.into_iter().map(move |it| (writer, it))
    });
    all.filter(|(_, it)| it.case == own.index).collect()
}

/// Uppgivna inkomster: what the sources tell of the month before the one that is applied for, or for some a little more or
/// less.
pub fn told(town: &Town, case: &Case, application: &Application) -> Ore {
    let month = control_month(application);
    let found = paid::sum(town, case, month, month);
    let beside = planted(town, case, application).map_or(0, |plant| plant.told);
    Ore(found.0.saturating_add_signed(beside))
}

/// Antal vuxna and antal barn: the whole household, by age, or for some one more.
pub fn counted(town: &Town, case: &Case, application: &Application) -> (usize, usize) {
    let adults = case.members.iter().filter(|member| member.age != Age::Child).count();
    let (more_adults, more_children) = planted(town, case, application).map_or((0, 0), |plant| plant.counted);
    (adults + more_adults, case.members.len() - adults + more_children)
}

/// What is planted for an application on the day that decides.
fn planted(town: &Town, case: &Case, application: &Application) -> Option<&'static RecurringPlant> {
    (application.received == town.nights.since).then(|| Recurring::of(town, case)).flatten().map(|it| it.plant)
}

fn control_month(application: &Application) -> NaiveDate {
    application.period - Months::new(1)
}

/// An application, the household that it is for, and the one that wrote it.
struct Asked<'t> {
    town: &'t Town,
    household: &'t Case,
    writer: &'t Case,
    application: &'t Application,
}

impl Asked<'_> {
    fn answer<'o>(&self, others: impl Iterator<Item = &'o Application>) -> (Effect, Reckoning) {
        let (costs, of_costs) = self.of_costs();
        let (norm, of_norm) = self.of_norm();
        let effect = self
            .of_plans()
            .and(self.of_numbers())
            .and(self.of_incomes())
            .and(of_costs)
            .and(self.of_ceilings())
            .and(of_norm)
            .and(self.of_others(others))
            .and(if self.household.open { Effect::NONE } else { Effect::deviates(NO_CASE) });
        let month = control_month(self.application);
        let incomes = (!self.is_unchecked()).then(|| paid::sum(self.town, self.household, month, month));
        (effect, Reckoning { norm, costs, incomes })
    }

    /// What robot anvisning comes to tonight for those in the case.
    fn of_plans(&self) -> Effect {
        let case = self.household;
        if !case.open {
            return Effect::NONE;
        }
        let plans = Plans::of(self.town, case);
        let subjects = case.current().iter().copied().filter(|place| Plans::is_subject(case, *place));
        let effect = subjects.fold(Effect::NONE, |effect, place| effect.and(plans.effect(self.town, case, place)));
        one_of(effect, ABSENT, PLAN)
    }

    /// Whether the application counts those whom the household has, by their roles.
    fn of_numbers(&self) -> Effect {
        let (adults, children) = self.by_role();
        if counted(self.town, self.writer, self.application) == (adults.len(), children.len()) {
            Effect::NONE
        } else {
            Effect::deviates(HOUSEHOLD)
        }
    }

    fn by_role(&self) -> (Vec<usize>, Vec<usize>) {
        let members = &self.household.members;
        self.household.current().iter().partition(|place| members[**place].role != Role::Child)
    }

    fn is_unchecked(&self) -> bool {
        let case = self.household;
        let mut asked = case.current().iter().filter(|place| incomes::is_asked(case, **place));
        asked.any(|place| {
            let resident = case.members[*place].resident;
            (0..SOURCES.len()).any(|source| incomes::fails(self.town, resident, source))
        })
    }

    fn of_incomes(&self) -> Effect {
        if self.is_unchecked() {
            return Effect::deviates(UNCHECKED);
        }
        let (town, case, month) = (self.town, self.household, control_month(self.application));
        let found = paid::sum(town, case, month, month);
        let told = told(town, self.writer, self.application);
        let differs = if found.0.abs_diff(told.0) > TOLERANCE { DIFFERS } else { Checks::NONE };
        let mut asked = case.current().iter().filter(|place| incomes::is_asked(case, **place));
        let has_wage = asked.any(|place| {
            let member = &case.members[*place];
            incomes::benefit(town, member.resident, member.age, incomes::WAGE).is_some()
        });
        // Incomes are the same from month to month, but for what is planted.
        let planted = Recurring::of(town, case).map_or(Checks::NONE, |it| it.plant.checks.within(CHANGED.and(ENDED)));
        Effect::deviates(differs.and(if has_wage { WAGE } else { Checks::NONE }).and(planted))
    }

    /// The costs of each kind beside its schablon, and what those come to that are within.
    fn of_costs(&self) -> (Option<Ore>, Effect) {
        let (members, period) = (self.household.current().len(), self.application.period);
        let mut kinds: Vec<Kind> = Vec::new();
        let (mut sum, mut effect) = (Some(Ore(0)), Effect::NONE);
        let mut is_all_known = members > 0;
        for cost in &self.application.costs {
            if matches!(cost.blemish, Blemish::Kind | Blemish::NoKey | Blemish::Short) {
                // It may be of any kind: no sum is known.
                (is_all_known, sum, effect) = (false, None, effect.and(Effect::undecided(OVER.and(WITHOUT))));
            } else if !kinds.contains(&cost.kind) {
                kinds.push(cost.kind);
            }
        }
        for kind in kinds {
            let of_kind = || self.application.costs.iter().filter(|cost| cost.kind == kind);
            let is_known =
                is_all_known && of_kind().all(|cost| !matches!(cost.blemish, Blemish::Sought | Blemish::NoSought));
            let sought: u64 = of_kind().map(|cost| cost.sought.0).sum();
            match norm::schablon(kind, members, period) {
                None => effect = effect.and(Effect::deviates(WITHOUT)),
                Some(_) if !is_known => (sum, effect) = (None, effect.and(Effect::undecided(OVER))),
                Some(limit) if sought > limit.0 => effect = effect.and(Effect::deviates(OVER)),
                Some(_) => sum = sum.map(|sum| Ore(sum.0 + sought)),
            }
        }
        (sum, effect)
    }

    /// What robot hogkostnadsskydd comes to tonight for the costs.
    fn of_ceilings(&self) -> Effect {
        let costs = self.application.costs.iter();
        let of_members = costs.filter(|cost| self.writer.open && self.writer.current().contains(&cost.buyer));
        let effect = of_members.filter_map(|cost| cost.answer).fold(Effect::NONE, Effect::and);
        one_of(effect, HOGKOSTNADSSKYDD.all(), CEILING)
    }

    fn of_norm(&self) -> (Option<Ore>, Effect) {
        let (adults, children) = self.by_role();
        let members = &self.household.members;
        let period = self.application.period;
        let ages: Option<Vec<i32>> = children.iter().map(|place| members[*place].age_on(period)).collect();
        match ages.as_deref().map(|ages| norm::of_household(period, adults.len(), ages)) {
            Some(Some(norm)) => (Some(norm), Effect::NONE),
            Some(None) => (None, Effect::deviates(NO_NORM)),
            None if norm::of_household(period, adults.len(), &[]).is_none() => (None, Effect::deviates(NO_NORM)),
            None => (None, Effect::undecided(NO_NORM)),
        }
    }

    fn of_others<'o>(&self, mut others: impl Iterator<Item = &'o Application>) -> Effect {
        let is_listed = |it: &Application| !matches!(it.listed, Listed::Not | Listed::Short);
        let is_same = others.any(|it| is_listed(it) && it.period == self.application.period);
        if is_same { Effect::deviates(SAME_PERIOD) } else { Effect::NONE }
    }
}

/// What one check comes to that asks whether another robot has any of these deviations.
const fn one_of(effect: Effect, asked: Checks, check: Checks) -> Effect {
    if effect.deviations.0 & asked.0 != 0 {
        Effect::deviates(check)
    } else if effect.undecided.0 & asked.0 != 0 {
        Effect::undecided(check)
    } else {
        Effect::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::super::recurring_table::{Income, RECURRING};
    use super::super::town::Nights;
    use super::*;

    /// What is planted for robot anvisning is the one thing more that such a household can meet.
    #[test]
    fn every_plant_stands_somewhere_and_comes_to_what_its_row_says() {
        let night = |text: &str| text.parse().unwrap();
        let nights = Nights { first: night("2026-11-20"), since: night("2026-11-20"), last: night("2026-11-21") };
        let town = Town::new(24_000, 6_000, nights, "0380".to_owned(), 3);
        let mut stood = vec![0; RECURRING.len()];
        for index in 0..town.cases {
            let case = Case::of(&town, index);
            let Some(planted) = Recurring::of(&town, &case) else { continue };
            let number = RECURRING.iter().position(|plant| std::ptr::eq(plant, planted.plant)).unwrap();
            let again = Claims::of(&town, &case).listed().find(|it| it.received == town.nights.since).unwrap();
            let answers = answers(&town, &case);
            let answer = answers.iter().find(|it| it.application.number == again.number).unwrap();
            let meets_plan = answer.effect.deviations.within(PLAN) == PLAN;
            let expected = if meets_plan { planted.plant.checks.and(PLAN) } else { planted.plant.checks };
            assert_eq!(answer.effect.deviations.0, expected.0, "plant {number}");
            if let Income::Leaves(left) = planted.plant.income {
                assert_eq!(answer.reckoning.need(), Some(left), "plant {number}");
            }
            stood[number] += 1;
        }
        assert!(stood.iter().all(|times| *times > 0), "{stood:?}");
    }
}
