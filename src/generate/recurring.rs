//! Applications that are made again: what robot beslutsstod comes to, put together from what they say, what the household
//! has, and what is planted for the robots that it asks.
//!
//! Whether one is drawn for a closer look nobody can tell who has not the key: the check `stickprov` is left out here.

use chrono::{Datelike, Months, NaiveDate};

use super::case::{Case, Role};
use super::claim_rows::application_label;
use super::claims::Claims;
use super::cost::{Application, Blemish, Kind, Listed, Ore};
use super::cost_table::HOGKOSTNADSSKYDD;
use super::incomes::{self, SOURCES};
use super::norm;
use super::number::Age;
use super::plans::{ABSENT, Plans};
use super::plant::{Checks, Effect, Robot};
use super::town::Town;

/// Robot beslutsstod, whose subjects are the applications that are made again.
pub const BESLUTSSTOD: Robot = Robot {
    id: "beslutsstod",
    checks: &[
        "plan-foljs-inte",
        "hushallet-andrat",
        "ej-kontrollerbar",
        "inkomst-avviker",
        "inkomst-andrad",
        "inkomst-upphord",
        "arbetsinkomst",
        "over-schablon",
        "saknar-schablon",
        "hogkostnad",
        "norm-saknas",
        "samma-period",
        "arende-saknas",
    ],
};

const PLAN: Checks = Checks(1);
const HOUSEHOLD: Checks = Checks(1 << 1);
const UNCHECKED: Checks = Checks(1 << 2);
const DIFFERS: Checks = Checks(1 << 3);
const WAGE: Checks = Checks(1 << 6);
const OVER: Checks = Checks(1 << 7);
const WITHOUT: Checks = Checks(1 << 8);
const CEILING: Checks = Checks(1 << 9);
const NO_NORM: Checks = Checks(1 << 10);
const SAME_PERIOD: Checks = Checks(1 << 11);
const NO_CASE: Checks = Checks(1 << 12);

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
        let ore = |sum: Option<Ore>| sum.map(|sum| sum.0 as i64);
        Some(ore(self.norm)? + ore(self.costs)? - ore(self.incomes)?)
    }
}

/// An application, and the right answer.
pub struct Answer {
    pub label: String,
    pub effect: Effect,
    pub reckoning: Reckoning,
}

/// The answers for the applications that stand under a case's number, in the order of theirs.
pub fn answers(town: &Town, household: &Case) -> Vec<Answer> {
    let beside = Case::of(town, (household.index + town.cases - 1) % town.cases);
    let sought = [&beside, household].into_iter().flat_map(|writer| {
        let all = Claims::of(town, writer).listed().collect::<Vec<_>>();
        all.into_iter().filter(|it| it.case == household.index).map(move |it| (writer, it))
    });
    let sought: Vec<(&Case, Application)> = sought.collect();
    let is_again = |it: &Application| !it.is_first && it.received == town.nights.since && it.listed == Listed::Whole;
    let is_undated = |it: &Application| !it.is_first && matches!(it.listed, Listed::Undated | Listed::Misdated);
    let mut answers = Vec::new();
    for (turn, (writer, application)) in sought.iter().enumerate() {
        let label = application_label(town, application);
        let others = || sought.iter().enumerate().filter(|(other, _)| *other != turn).map(|(_, (_, it))| it);
        if is_again(application) || is_undated(application) {
            let (effect, reckoning) = Asked { town, household, writer, application }.answer(others());
            // When it came in is not known, and so nothing is tried; what it comes to can be reckoned all the same.
            let effect = if is_undated(application) { Effect::undecided(BESLUTSSTOD.all()) } else { effect };
            answers.push(Answer { label, effect, reckoning });
        }
    }
    answers.sort_by(|one, other| one.label.cmp(&other.label));
    answers
}

/// Uppgivna inkomster: what the sources tell of the month before the one that is applied for.
pub fn told(town: &Town, case: &Case, application: &Application) -> Ore {
    let month = control_month(application);
    incomes::sum(town, case, month, month)
}

/// Antal vuxna and antal barn: the whole household, by age.
pub fn counted(case: &Case) -> (usize, usize) {
    let adults = case.members.iter().filter(|member| member.age != Age::Child).count();
    (adults, case.members.len() - adults)
}

/// The first day of the month that is applied for.
pub fn period(application: &Application) -> NaiveDate {
    application.received.with_day(1).unwrap_or(application.received)
}

fn control_month(application: &Application) -> NaiveDate {
    period(application) - Months::new(1)
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
        let incomes = (!self.is_unchecked()).then(|| incomes::sum(self.town, self.household, month, month));
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
        if counted(self.writer) == (adults.len(), children.len()) { Effect::NONE } else { Effect::deviates(HOUSEHOLD) }
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
        let found = incomes::sum(town, case, month, month);
        let told = told(town, self.writer, self.application);
        let differs = if found.0.abs_diff(told.0) > TOLERANCE { DIFFERS } else { Checks::NONE };
        let wage = SOURCES.iter().position(|source| *source == "SKV").expect("it is one of the sources");
        let mut asked = case.current().iter().filter(|place| incomes::is_asked(case, **place));
        let has_wage = asked.any(|place| {
            let member = &case.members[*place];
            incomes::benefit(town, member.resident, member.age, wage).is_some()
        });
        Effect::deviates(differs.and(if has_wage { WAGE } else { Checks::NONE }))
    }

    /// The costs of each kind beside its schablon, and what those come to that are within.
    fn of_costs(&self) -> (Option<Ore>, Effect) {
        let (members, period) = (self.household.current().len(), period(self.application));
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
        let period = period(self.application);
        let ages: Option<Vec<i32>> = children.iter().map(|place| age_on(&members[*place], period)).collect();
        match ages.as_deref().map(|ages| norm::of_household(period, adults.len(), ages)) {
            Some(Some(norm)) => (Some(norm), Effect::NONE),
            Some(None) => (None, Effect::deviates(NO_NORM)),
            None if norm::of_household(period, adults.len(), &[]).is_none() => (None, Effect::deviates(NO_NORM)),
            None => (None, Effect::undecided(NO_NORM)),
        }
    }

    fn of_others<'o>(&self, mut others: impl Iterator<Item = &'o Application>) -> Effect {
        let is_listed = |it: &Application| !matches!(it.listed, Listed::Not | Listed::Short);
        let is_same = others.any(|it| is_listed(it) && period(it) == period(self.application));
        if is_same { Effect::deviates(SAME_PERIOD) } else { Effect::NONE }
    }
}

/// Full years on a day, below zero before the birth; `None` where the day of birth is not known.
fn age_on(member: &super::case::Member, day: NaiveDate) -> Option<i32> {
    if member.age == Age::Unknown {
        return None;
    }
    let years = day.year() - member.number.year();
    // A birthday on 29 February is told of no other year: it is the last of that month.
    let birthday = member.number.birthday(years).or_else(|| NaiveDate::from_ymd_opt(day.year(), 2, 28))?;
    Some(if birthday <= day { years } else { years - 1 })
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
