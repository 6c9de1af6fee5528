//! Who is told of a check: what robot kontrollbesked comes to on the last night, when every night from the first on has been
//! run.
//!
//! Every application is checked on the night after the day it came in, by nyansokan or by beslutsstod, whatever they come to;
//! one that is drawn too is checked on the same night. So it is known who has been checked and when, without the key.

use chrono::{Days, Months, NaiveDate};

use super::case::{Case, Member};
use super::cost::Listed;
use super::number::Age;
use super::plant::{Checks, Effect, Robot};
use super::recurring::applications_of;
use super::town::Town;

/// Robot kontrollbesked, whose subjects are the cases that have been checked and not told.
pub const KONTROLLBESKED: Robot = Robot { id: "kontrollbesked", checks: &["besked"] };

const TOLD: Checks = Checks(1);

/// A check is told of so many days after it, lest it warn.
const DAYS_AFTER: u64 = 30;
/// Nobody is told twice within so many months.
const MONTHS_BETWEEN: u32 = 6;

/// What the robot comes to for a case on the last night; `None` where it is no subject.
pub fn answer(town: &Town, case: &Case) -> Option<Effect> {
    let checked = if case.open { checked_on(town, case) } else { Vec::new() };
    let mut told: Vec<NaiveDate> = Vec::new();
    for night in town.nights.first.iter_days().take_while(|night| *night <= town.nights.last) {
        let is_old = |check: &NaiveDate, at: NaiveDate| *check + Days::new(DAYS_AFTER) <= at;
        let has_news = checked.iter().any(|check| is_old(check, night) && !told.iter().any(|at| is_old(check, *at)));
        let is_too_soon = told.iter().any(|at| *at >= night - Months::new(MONTHS_BETWEEN));
        if !has_news || is_too_soon {
            continue;
        }
        let effect = of_adults(case, night);
        if night == town.nights.last {
            return Some(effect);
        }
        if effect.deviations == TOLD && !is_protected(case, night) {
            told.push(night);
        }
    }
    None
}

/// The nights on which something of the case was checked.
fn checked_on(town: &Town, case: &Case) -> Vec<NaiveDate> {
    let first = town.nights.first;
    let beside = Case::of(town, (case.index + town.cases - 1) % town.cases);
    let sought = applications_of(town, &beside, case).into_iter().map(|(_, application)| application);
    let nights = sought.filter_map(|it| {
        let night = it.received + Days::new(1);
        match it.listed {
            Listed::Whole => Some(night).filter(|night| *night >= first),
            // When it came in is not known, and so it is looked at every night.
            Listed::Undated | Listed::Misdated => Some(night.max(first)),
            Listed::Not | Listed::Short => None,
        }
    });
    nights.collect()
}

fn is_member(member: &Member, night: NaiveDate) -> bool {
    member.from <= night && member.to.is_none_or(|to| to >= night)
}

fn of_adults(case: &Case, night: NaiveDate) -> Effect {
    let has = |age: Age| case.members.iter().any(|member| is_member(member, night) && member.age == age);
    if has(Age::Working) || has(Age::Senior) {
        Effect::deviates(TOLD)
    } else if has(Age::Unknown) {
        Effect::undecided(TOLD)
    } else {
        Effect::NONE
    }
}

fn is_protected(case: &Case, night: NaiveDate) -> bool {
    case.protected.is_some_and(|(place, _)| is_member(&case.members[place], night))
}
