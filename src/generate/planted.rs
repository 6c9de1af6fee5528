//! What is planted in a case for robot hogkostnadsskydd, and what the table's words come to there: who, when, how much.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::case::{Case, SpecialBirth};
use super::ceiling::{self, ceiling, date};
use super::cost::{Kind, Ore};
use super::cost_table::{COSTS, FROM_EIGHTEEN, UNKNOWN_BIRTH, UNTIL_EIGHTEEN};
use super::draw::Purpose;
use super::number::Age;
use super::plant::{Who, share_at, slot};
use super::purchase::{Amount, Buyer, CostPlant, Day, Of, Purchase};
use super::town::Town;

/// What is planted in a case, and for whom.
pub struct Planted {
    pub plant: &'static CostPlant,
    buyers: [usize; 2],
    kind: Kind,
}

impl Planted {
    /// Works out what is planted in a case.
    pub fn of(town: &Town, case: &Case) -> Option<Planted> {
        if !case.open || case.idle.is_some() || town.nights.last < ceiling::first_night() {
            return None;
        }
        let (plant, buyers) = planted_by_birth(case).or_else(|| {
            let plant = share_at(&COSTS, |plant| plant.per_mille, slot(town.draw, Purpose::Costs, case.index))?;
            Some((plant, buyers(town, case, plant)?))
        })?;
        let kind = match plant.of {
            Of::Medicine => Kind::Medicine,
            Of::Care => Kind::Care,
            Of::Either => town.draw.pick(Purpose::CostKind, case.index, &[Kind::Medicine, Kind::Care]),
        };
        Some(Planted { plant, buyers, kind })
    }

    /// The member that a purchase is for, by place in the case.
    pub fn buyer(&self, purchase: &Purchase) -> usize {
        self.buyers[usize::from(purchase.buyer == Buyer::Second)]
    }

    /// What was bought.
    pub fn kind(&self, purchase: &Purchase) -> Kind {
        match (self.kind, purchase.is_other_kind) {
            (Kind::Medicine, true) => Kind::Care,
            (_, true) => Kind::Medicine,
            (kind, false) => kind,
        }
    }

    /// What was paid, all parts together.
    pub fn amount(&self, town: &Town, case: &Case, purchase: &Purchase) -> Ore {
        let purchases = self.plant.purchases;
        let tried = purchases.iter().find(|purchase| purchase.is_subject()).unwrap_or(purchase);
        let (own_day, start) = (self.day(town, case, purchase), self.day(town, case, &purchases[0]));
        let at = |day| ceiling(self.kind(purchase), day, start).0;
        let ceiling = at(self.day(town, case, tried));
        let ore = |kronor: u64| kronor * 100;
        Ore(match purchase.amount {
            Amount::Ore(ore) => ore,
            Amount::Below(less) => ceiling - ore(less),
            Amount::Above(more) => ceiling + ore(more),
            Amount::BelowNineTenths(less) => ceiling / 10 * 9 - ore(less),
            Amount::Ceiling => at(own_day),
        })
    }

    /// The day of the purchase, of its first part.
    pub fn day(&self, town: &Town, case: &Case, purchase: &Purchase) -> NaiveDate {
        let since = town.nights.since;
        let ago = |days| since - Days::new(days);
        let year_before = |days| ago(days) - Months::new(12);
        let eighteen = || case.members[self.buyer(purchase)].number.birthday(18);
        let day = match purchase.day {
            Day::Ago(days) => ago(days),
            Day::YearBefore(days) => year_before(days),
            Day::Anniversary(days) => year_before(days) + Months::new(12),
            Day::Eve(days) => year_before(days) + Months::new(12) - Days::new(1),
            Day::Eighteen => eighteen().unwrap_or(since),
            Day::EveOfEighteen => eighteen().map_or(since, |day| day - Days::new(1)),
            Day::OldFirst => date(2025, 6, 20),
            Day::OldLast => date(2026, 6, 15),
            Day::OldPast => date(2026, 6, 25),
            Day::NewFirst => ceiling::new_rules(),
        };
        day.min(since)
    }
}

/// What stands in a case where a member's date of birth was chosen for it.
fn planted_by_birth(case: &Case) -> Option<(&'static CostPlant, [usize; 2])> {
    let (place, born) = case.born.filter(|(place, _)| case.current().contains(place))?;
    let turn = (case.index / 50) as usize;
    let plant = match born {
        SpecialBirth::Unknown => &UNKNOWN_BIRTH[turn / 4 % UNKNOWN_BIRTH.len()],
        SpecialBirth::Turns18 | SpecialBirth::Turns18Tomorrow => &UNTIL_EIGHTEEN,
        SpecialBirth::Turned18 => &FROM_EIGHTEEN[turn % FROM_EIGHTEEN.len()],
        SpecialBirth::Turns67 | SpecialBirth::Turns67Tomorrow => return None,
    };
    Some((plant, [place; 2]))
}

/// Whom a plant is about; `None` where the household, the town or the nights do not suit.
fn buyers(town: &Town, case: &Case, plant: &CostPlant) -> Option<[usize; 2]> {
    let since = town.nights.since;
    if plant.is_dated() && !(date(2026, 7, 5)..=date(2027, 5, 31)).contains(&since) {
        return None;
    }
    if town.cases < 2 && plant.purchases.iter().any(Purchase::is_in_another_case) {
        return None;
    }
    let current = |mut places: Vec<usize>| {
        places.retain(|place| case.current().contains(place));
        let turn = town.draw.below(Purpose::CostTarget, case.index, places.len() as u64) as usize;
        places.rotate_left(turn);
        places
    };
    let (adults, children) = (current(grown(town, case)), current(children(town, case)));
    let (first, second) = match plant.who {
        Who::AdultWithPartner => (adults.first(), adults.get(1)),
        Who::AdultWithChild => (adults.first(), children.first()),
        Who::Child => (children.first(), children.first()),
        Who::TwoChildren => (children.first(), children.get(1)),
        _ => (adults.first(), adults.first()),
    };
    Some([*first?, *second?])
}

/// Members who were 18 already when the earliest costs were bought.
pub fn grown(town: &Town, case: &Case) -> Vec<usize> {
    let born_by = town.nights.first.year() - 22;
    places_where(case, |age, year| matches!(age, Age::Working | Age::Senior) && year <= born_by)
}

/// Members who are not 18 on the last night, and were born when the earliest costs were bought.
pub fn children(town: &Town, case: &Case) -> Vec<usize> {
    let born_by = town.nights.first.year() - 4;
    places_where(case, |age, year| age == Age::Child && year <= born_by)
}

fn places_where(case: &Case, suits: impl Fn(Age, i32) -> bool) -> Vec<usize> {
    let members = case.members.iter().enumerate();
    members.filter(|(_, member)| suits(member.age, member.number.year())).map(|(place, _)| place).collect()
}
