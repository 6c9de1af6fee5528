//! What a case has applied for: an application most months, and what is planted for robot hogkostnadsskydd.
//!
//! Whoever applies on `since` and has nothing planted buys so little Läkemedel and Öppenvård that no ceiling is near, as
//! do most others; the few who buy more apply on other days. So the answer of every new cost is known without any sum.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::case::{Case, SpecialBirth};
use super::ceiling::{self, ceiling, date};
use super::cost::{Application, Blemish, Cost, Kind, Listed, Ore};
use super::cost_table::{COSTS, FROM_EIGHTEEN, MOST_APPLICATIONS, UNKNOWN_BIRTH, UNTIL_EIGHTEEN};
use super::draw::{Purpose, again};
use super::number::Age;
use super::plant::{Effect, Who, share_at, slot};
use super::purchase::{Amount, Buyer, CostPlant, Day, Granted, Of, Purchase, Sought};
use super::town::Town;

/// So many months of applications before that of the first night.
const MONTHS_BACK: u32 = 25;
/// The number of an application's first cost is this many times the application's own; no household has as many costs.
const COSTS_PER_APPLICATION: u64 = 20;

/// Bought for the household: how many applications of a hundred have it, the least in kronor, and how much more it can be.
const HOUSEHOLD: [(Kind, u64, u64, u64); 6] = [
    (Kind::Rent, 42, 3_800, 6_000),
    (Kind::Power, 38, 180, 1_100),
    (Kind::Insurance, 20, 90, 180),
    (Kind::Broadband, 20, 199, 250),
    (Kind::Travel, 12, 60, 900),
    (Kind::Dental, 8, 150, 2_500),
];

/// A person's own: per hundred and amounts as above. Bought at most once a month, so thirteen times in twelve months;
/// Öppenvård at most every third month, so five times. Neither comes to a ceiling, which have been at least 2 400 and
/// 1 200 kronor in the years that are made.
const LITTLE_MEDICINE: (u64, u64, u64) = (45, 20, 160);
const LITTLE_CARE: (u64, u64, u64) = (80, 60, 160);
/// Bought by the few, every month: ceilings are reached.
const MUCH_MEDICINE: (u64, u64, u64) = (70, 100, 700);
const MUCH_CARE: (u64, u64, u64) = (50, 100, 300);

/// How many applications a case can have, most of them never made.
pub fn places(town: &Town) -> u64 {
    months(town) + MOST_APPLICATIONS
}

/// The months that have an application, from the earliest.
fn months(town: &Town) -> u64 {
    let nights = town.nights;
    let between = (nights.last.year() - nights.first.year()) * 12 + nights.last.month0() as i32;
    (between - nights.first.month0() as i32 + MONTHS_BACK as i32 + 1) as u64
}

/// The number of the last application that there can be.
pub fn last_application(town: &Town) -> u64 {
    places(town) * town.cases
}

/// The number of the last cost that there can be.
pub fn last_cost(town: &Town) -> u64 {
    (last_application(town) + 1) * COSTS_PER_APPLICATION
}

/// What is planted in a case, and for whom.
struct Planted {
    plant: &'static CostPlant,
    buyers: [usize; 2],
    kind: Kind,
}

/// What a case has applied for.
pub struct Claims<'t> {
    town: &'t Town,
    case: &'t Case,
    planted: Option<Planted>,
}

impl<'t> Claims<'t> {
    /// Works out what is planted in a case.
    pub fn of(town: &'t Town, case: &'t Case) -> Claims<'t> {
        Claims { town, case, planted: planted(town, case) }
    }

    /// The application at one of a case's `places`; none where none was made.
    pub fn application(&self, place: u64) -> Option<Application> {
        match place.checked_sub(months(self.town)) {
            None => self.monthly(place),
            Some(turn) => self.planted_application(place, turn),
        }
    }

    /// The costs that robot hogkostnadsskydd goes through on the last night, in the order of their numbers.
    pub fn subjects(&self) -> impl Iterator<Item = (u64, Effect)> {
        let months = months(self.town);
        // What is new came in on `since`, which lies in the last month or ended the one before.
        let recent = (months - 2..places(self.town)).filter_map(|place| self.application(place));
        let costs = recent.flat_map(|application| application.costs);
        let of_members = costs.filter(|cost| self.case.open && self.case.current().contains(&cost.buyer));
        of_members.filter_map(|cost| cost.answer.map(|effect| (cost.number, effect)))
    }

    fn number(&self, place: u64) -> u64 {
        1 + place * self.town.cases + self.case.index
    }

    /// The first day of a place's month.
    fn month(&self, place: u64) -> NaiveDate {
        let last = self.town.nights.last.with_day(1).unwrap_or(self.town.nights.last);
        last - Months::new((months(self.town) - 1 - place) as u32)
    }

    /// The day that a month's application came in.
    fn received(&self, place: u64) -> Option<NaiveDate> {
        let (draw, month, since) = (self.town.draw, self.month(place), self.town.nights.since);
        let bits = draw.bits(Purpose::Application, self.number(place));
        if self.is_before_case(month + Months::new(1)) || again(bits, 1, 100) < 12 {
            return None;
        }
        if self.applies_tonight() && (month.year(), month.month()) == (since.year(), since.month()) {
            return Some(since);
        }
        let day = month + Days::new(again(bits, 2, 28));
        // On the day that decides nobody applies by chance.
        Some(if day == since { day - Days::new(1) } else { day })
    }

    fn is_before_case(&self, day: NaiveDate) -> bool {
        day <= self.town.days_ago(Purpose::Membership, self.case.index + self.town.cases, 60, 2_500)
    }

    fn applies_tonight(&self) -> bool {
        self.town.draw.chance(Purpose::AppliedTonight, self.case.index, 1_000)
    }

    fn monthly(&self, place: u64) -> Option<Application> {
        let received = self.received(place)?;
        let mut application = self.empty(place, received);
        application.is_first = self.is_before_case(self.month(place));
        self.buy_for_household(&mut application);
        if self.planted.is_none() && self.town.nights.last >= ceiling::first_night() {
            self.buy_for_persons(&mut application, place);
        }
        Some(application)
    }

    fn empty(&self, place: u64, received: NaiveDate) -> Application {
        Application {
            number: self.number(place),
            case: self.case.index,
            is_first: false,
            received,
            listed: Listed::Whole,
            costs: Vec::new(),
        }
    }

    fn buy_for_household(&self, application: &mut Application) {
        let bits = self.town.draw.bits(Purpose::HouseholdCosts, application.number);
        for (turn, (kind, per_100, least, spread)) in (0u64..).zip(HOUSEHOLD) {
            self.buy(application, again(bits, turn, 1 << 62), 0, kind, (per_100, least, spread));
        }
    }

    /// Each adult's own, and now and then something for one of the children.
    fn buy_for_persons(&self, application: &mut Application, place: u64) {
        let bits = self.town.draw.bits(Purpose::PersonCosts, application.number);
        let buys_much = !self.applies_tonight() && self.town.draw.chance(Purpose::ManyCosts, self.case.index, 1_200);
        let is_third = (place + self.case.index).is_multiple_of(3);
        let mut buy = |turn, buyer, kind, share| {
            self.buy(application, again(bits, turn, 1 << 62), buyer, kind, share);
        };
        for buyer in grown(self.town, self.case) {
            let turn = 3 * buyer as u64;
            buy(turn, buyer, Kind::Medicine, if buys_much { MUCH_MEDICINE } else { LITTLE_MEDICINE });
            if buys_much || is_third {
                buy(turn + 1, buyer, Kind::Care, if buys_much { MUCH_CARE } else { LITTLE_CARE });
            }
        }
        let children = children(self.town, self.case);
        if children.is_empty() || !(buys_much || is_third) {
            return;
        }
        let child = children[again(bits, 100, children.len() as u64) as usize];
        buy(101, child, Kind::Care, if buys_much { MUCH_CARE } else { LITTLE_CARE });
        if buys_much {
            buy(102, child, Kind::Medicine, MUCH_MEDICINE);
        }
    }

    /// Adds a cost of the month before, or none, as `bits` say.
    fn buy(&self, application: &mut Application, bits: u64, buyer: usize, kind: Kind, share: (u64, u64, u64)) {
        let (per_100, least, spread) = share;
        if again(bits, 1, 100) >= per_100 {
            return;
        }
        let ore = [0, 0, 0, 0, 0, 0, 50, 50, 25, 90][again(bits, 2, 10) as usize];
        let sought = Ore(Ore::kronor(least + again(bits, 3, spread)).0 + ore);
        let month = application.received.with_day(1).unwrap_or(application.received) - Months::new(1);
        let granted = match again(bits, 4, 100) {
            0..6 => Ore(0),
            6..10 => Ore::kronor(again(bits, 5, sought.0 / 100)),
            _ => sought,
        };
        let is_new = application.received == self.town.nights.since;
        application.costs.push(Cost {
            number: application.number * COSTS_PER_APPLICATION + application.costs.len() as u64,
            buyer,
            kind,
            day: month + Days::new(again(bits, 6, 28)),
            sought,
            decided: Some((application.received + Days::new(2 + again(bits, 7, 20)), granted)),
            blemish: if again(bits, 8, 3_000) == 0 { Blemish::Twice } else { Blemish::None },
            answer: (is_new && kind.has_ceiling()).then_some(Effect::NONE),
        });
    }

    /// The application of a plant's `turn`th purchase apart, or, after those, of all its new ones.
    fn planted_application(&self, place: u64, turn: u64) -> Option<Application> {
        let planted = self.planted.as_ref()?;
        let mut turns = turn;
        for purchase in planted.plant.purchases.iter().filter(|purchase| purchase.sought != Sought::Tonight) {
            if turns < purchase.parts {
                return Some(self.apart(place, planted, purchase, turns));
            }
            turns -= purchase.parts;
        }
        let mut new = planted.plant.purchases.iter().filter(|purchase| purchase.sought == Sought::Tonight).peekable();
        if turns > 0 || new.peek().is_none() {
            return None;
        }
        let mut application = self.empty(place, self.town.nights.since);
        self.buy_for_household(&mut application);
        new.for_each(|purchase| self.buy_planted(&mut application, planted, purchase, 0));
        Some(application)
    }

    /// The application of one part of one purchase.
    fn apart(&self, place: u64, planted: &Planted, purchase: &Purchase, part: u64) -> Application {
        let since = self.town.nights.since;
        let after = |days| self.day(planted, purchase) + Days::new(14 * part + days);
        let mut application = self.empty(
            place,
            match purchase.sought {
                Sought::Earlier | Sought::EarlierElsewhere | Sought::Astray(_) => after(3),
                Sought::Tonight | Sought::TonightElsewhere => since,
                Sought::DayBefore => since - Days::new(1),
            },
        );
        if let Sought::Astray(listed) = purchase.sought {
            application.listed = listed;
        }
        if matches!(purchase.sought, Sought::EarlierElsewhere | Sought::TonightElsewhere) {
            application.case = (self.case.index + 1) % self.town.cases;
        }
        self.buy_planted(&mut application, planted, purchase, part);
        application
    }

    fn buy_planted(&self, application: &mut Application, planted: &Planted, purchase: &Purchase, part: u64) {
        let amount = self.amount(planted, purchase);
        let sought = Ore(amount.0 / purchase.parts + if part == 0 { amount.0 % purchase.parts } else { 0 });
        let decided = |granted| Some((application.received, granted));
        application.costs.push(Cost {
            number: application.number * COSTS_PER_APPLICATION + application.costs.len() as u64,
            buyer: planted.buyer(purchase),
            kind: planted.kind(purchase),
            day: self.day(planted, purchase) + Days::new(14 * part),
            sought,
            decided: match purchase.granted {
                Granted::All => decided(sought),
                Granted::Nothing => decided(Ore(0)),
                Granted::Part(kronor) => decided(Ore::kronor(kronor)),
                Granted::Undecided => None,
            },
            blemish: purchase.blemish,
            answer: purchase.is_subject().then_some(purchase.effect),
        });
    }

    fn amount(&self, planted: &Planted, purchase: &Purchase) -> Ore {
        let purchases = planted.plant.purchases;
        let tried = purchases.iter().find(|purchase| purchase.is_subject()).unwrap_or(purchase);
        let (own_day, start) = (self.day(planted, purchase), self.day(planted, &purchases[0]));
        let at = |day| ceiling(planted.kind(purchase), day, start).0;
        let ceiling = at(self.day(planted, tried));
        let ore = |kronor: u64| kronor * 100;
        Ore(match purchase.amount {
            Amount::Ore(ore) => ore,
            Amount::Below(less) => ceiling - ore(less),
            Amount::Above(more) => ceiling + ore(more),
            Amount::BelowNineTenths(less) => ceiling / 10 * 9 - ore(less),
            Amount::Ceiling => at(own_day),
        })
    }

    fn day(&self, planted: &Planted, purchase: &Purchase) -> NaiveDate {
        let since = self.town.nights.since;
        let ago = |days| since - Days::new(days);
        let year_before = |days| ago(days) - Months::new(12);
        let eighteen = || self.case.members[planted.buyer(purchase)].number.birthday(18);
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

impl Planted {
    fn buyer(&self, purchase: &Purchase) -> usize {
        self.buyers[usize::from(purchase.buyer == Buyer::Second)]
    }

    fn kind(&self, purchase: &Purchase) -> Kind {
        match (self.kind, purchase.is_other_kind) {
            (Kind::Medicine, true) => Kind::Care,
            (_, true) => Kind::Medicine,
            (kind, false) => kind,
        }
    }
}

fn planted(town: &Town, case: &Case) -> Option<Planted> {
    if !case.open || town.nights.last < ceiling::first_night() {
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
    let needs_another_case =
        |purchase: &Purchase| matches!(purchase.sought, Sought::EarlierElsewhere | Sought::TonightElsewhere);
    if town.cases < 2 && plant.purchases.iter().any(needs_another_case) {
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
fn grown(town: &Town, case: &Case) -> Vec<usize> {
    let born_by = town.nights.first.year() - 22;
    places_where(case, |age, year| matches!(age, Age::Working | Age::Senior) && year <= born_by)
}

/// Members who are not 18 on the last night, and were born when the earliest costs were bought.
fn children(town: &Town, case: &Case) -> Vec<usize> {
    let born_by = town.nights.first.year() - 4;
    places_where(case, |age, year| age == Age::Child && year <= born_by)
}

fn places_where(case: &Case, suits: impl Fn(Age, i32) -> bool) -> Vec<usize> {
    let members = case.members.iter().enumerate();
    members.filter(|(_, member)| suits(member.age, member.number.year())).map(|(place, _)| place).collect()
}
