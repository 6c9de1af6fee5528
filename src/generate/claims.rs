//! What a case has applied for: an application most months, and what is planted for robot hogkostnadsskydd.
//!
//! Whoever applies on `since` and has nothing planted buys so little Läkemedel and Öppenvård that no ceiling is near, as
//! do most others; the few who buy more apply on other days. So the answer of every new cost is known without any sum.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::case::Case;
use super::ceiling;
use super::cost::{Application, Blemish, Cost, Kind, Listed, Ore};
use super::cost_table::MOST_APPLICATIONS;
use super::draw::{Purpose, again};
use super::habits::{HOUSEHOLD, Habit, LITTLE, MUCH, SELDOM};
use super::idle::{self, Last};
use super::moves::Move;
use super::plant::Effect;
use super::planted::{Planted, children, grown};
use super::purchase::{Granted, Purchase, Sought};
use super::recurring_plant::{self, Recurring};
use super::recurring_table::Other;
use super::second::Second;
use super::tables::CensusKind;
use super::town::Town;
use super::work::Work;

/// So many months of applications before that of the first night.
const MONTHS_BACK: i64 = 25;
/// The number of an application's first cost is this many times the application's own; no household has as many costs.
const COSTS_PER_APPLICATION: u64 = 20;

/// Of a hundred months, those in which nobody applies: a wage or a benefit came in between.
const SKIPPED: u64 = 25;

/// How many applications a case can have, most of them never made.
pub fn places(town: &Town) -> u64 {
    months(town) + MOST_APPLICATIONS
}

/// The months that have an application, from the earliest.
fn months(town: &Town) -> u64 {
    let month = |night: NaiveDate| i64::from(night.year()) * 12 + i64::from(night.month0());
    (month(town.nights.last) - month(town.nights.first) + MONTHS_BACK + 1) as u64
}

/// The number of the last application that there can be.
pub fn last_application(town: &Town) -> u64 {
    places(town) * town.cases
}

/// The number of the last cost that there can be.
pub fn last_cost(town: &Town) -> u64 {
    (last_application(town) + 1) * COSTS_PER_APPLICATION
}

/// What a case has applied for.
pub struct Claims<'t> {
    town: &'t Town,
    case: &'t Case,
    planted: Option<Planted>,
    recurring: Option<Recurring>,
}

impl<'t> Claims<'t> {
    /// Works out what is planted in a case.
    pub fn of(town: &'t Town, case: &'t Case) -> Claims<'t> {
        Claims { town, case, planted: Planted::of(town, case), recurring: Recurring::of(town, case) }
    }

    /// The application at one of a case's `places`; none where none was made.
    pub fn application(&self, place: u64) -> Option<Application> {
        match place.checked_sub(months(self.town)) {
            None => self.monthly(place),
            Some(turn) => self.planted_application(place, turn),
        }
    }

    /// The applications that have come in before the last night.
    pub fn listed(&self) -> impl Iterator<Item = Application> {
        let all = (0..places(self.town)).filter_map(|place| self.application(place));
        all.filter(|application| application.received < self.town.nights.last)
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

    /// The costs whose rows are cut short, in the order of their numbers. Each is a subject, of nobody that can be told.
    pub fn cut_short(&self) -> impl Iterator<Item = u64> {
        let planted = (months(self.town)..places(self.town)).filter_map(|place| self.application(place));
        let costs = planted.flat_map(|application| application.costs);
        costs.filter(|cost| cost.blemish == Blemish::Short).map(|cost| cost.number)
    }

    /// The applications whose rows are cut short. What they are and of whom cannot be told.
    pub fn cut_short_applications(&self) -> impl Iterator<Item = Application> {
        self.listed().filter(|application| application.listed == Listed::Short)
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
        if self.is_before_case(month + Months::new(1)) {
            return None;
        }
        if let Some(idle) = self.case.idle {
            let lately = idle::lately(self.town);
            let is_lately = idle.applied == Last::LatelyInExtract && month <= lately && lately < month + Months::new(1);
            let day = if is_lately { lately } else { month + Days::new(again(bits, 2, 28)) };
            return Some(day).filter(|day| idle.allows(self.town, *day));
        }
        if self.applies_tonight() && (month.year(), month.month()) == (since.year(), since.month()) {
            return Some(since);
        }
        if again(bits, 1, 100) < SKIPPED {
            return None;
        }
        let day = month + Days::new(again(bits, 2, 28));
        // On the day that decides nobody applies by chance.
        Some(if day == since { day - Days::new(1) } else { day })
    }

    fn is_before_case(&self, day: NaiveDate) -> bool {
        day <= self.town.days_ago(Purpose::Membership, self.case.index + self.town.cases, 60, 2_500)
    }

    fn applies_tonight(&self) -> bool {
        let by_chance = || self.town.draw.chance(Purpose::AppliedTonight, self.case.index, 1_000);
        self.case.idle.is_none() && (by_chance() || self.is_chosen() || self.recurring.is_some())
    }

    /// Whether something is planted that a new application is to meet; of what there is plenty of, a part.
    fn is_chosen(&self) -> bool {
        let (town, case) = (self.town, self.case);
        let is_registered_oddly = || case.census.kind != CensusKind::Nothing || !Work::of(town, case).is_plain();
        case.index.is_multiple_of(5) && is_registered_oddly()
            || case.index.is_multiple_of(2) && Move::of(town, case).is_some()
            || Second::of(town, case).is_some()
    }

    /// Whether the case is applied for anew on the day that decides.
    fn applies_anew(&self, received: NaiveDate) -> bool {
        let case = self.case;
        let by_chance = || self.town.draw.chance(Purpose::AppliesAnew, case.index, 3_000);
        received == self.town.nights.since && case.open && self.recurring.is_none() && (by_chance() || self.is_chosen())
    }

    fn monthly(&self, place: u64) -> Option<Application> {
        let received = self.received(place)?;
        let mut application = self.empty(place, received);
        application.is_first = self.is_before_case(self.month(place)) || self.applies_anew(received);
        if let Some(recurring) = self.recurring.as_ref().filter(|_| received == self.town.nights.since) {
            self.buy_recurring(&mut application, recurring);
            return Some(application);
        }
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
            period: received.with_day(1).unwrap_or(received),
            listed: Listed::Whole,
            costs: Vec::new(),
        }
    }

    fn buy_for_household(&self, application: &mut Application) {
        let bits = self.town.draw.bits(Purpose::HouseholdCosts, application.number);
        for (turn, (kind, habit)) in (0u64..).zip(HOUSEHOLD) {
            self.buy(application, again(bits, turn, 1 << 62), 0, kind, habit);
        }
    }

    /// Each adult's own, and now and then something for one of the children.
    fn buy_for_persons(&self, application: &mut Application, place: u64) {
        let bits = self.town.draw.bits(Purpose::PersonCosts, application.number);
        let buys_much = !self.applies_tonight() && self.town.draw.chance(Purpose::ManyCosts, self.case.index, 600);
        let [medicine, care] = match (buys_much, self.applies_tonight()) {
            (true, _) => MUCH,
            (false, true) => LITTLE,
            (false, false) => SELDOM,
        };
        let is_third = (place + self.case.index).is_multiple_of(3);
        let mut buy = |turn, buyer, kind, habit| {
            self.buy(application, again(bits, turn, 1 << 62), buyer, kind, habit);
        };
        for buyer in grown(self.town, self.case) {
            let turn = 3 * buyer as u64;
            buy(turn, buyer, Kind::Medicine, medicine);
            if buys_much || is_third {
                buy(turn + 1, buyer, Kind::Care, care);
            }
        }
        let children = children(self.town, self.case);
        if children.is_empty() || !(buys_much || is_third) {
            return;
        }
        let child = children[again(bits, 100, children.len() as u64) as usize];
        buy(101, child, Kind::Care, care);
        if buys_much {
            buy(102, child, Kind::Medicine, medicine);
        }
    }

    /// Adds a cost of the month before, or none, as `bits` say.
    fn buy(&self, application: &mut Application, bits: u64, buyer: usize, kind: Kind, habit: Habit) {
        let Habit { per_100, least, spread } = habit;
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
        if let Some(recurring) = self.recurring.as_ref().filter(|_| turn == 0) {
            return self.beside_recurring(place, recurring.plant.other);
        }
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

    /// Another application of a case in which one is planted that is made again.
    fn beside_recurring(&self, place: u64, other: Other) -> Option<Application> {
        let period = recurring_plant::period(self.town);
        let (days_before, period) = match other {
            Other::None => return None,
            Other::SamePeriod => (40, period),
            Other::NextPeriod => (1, period + Months::new(1)),
        };
        Some(Application { period, ..self.empty(place, self.town.nights.since - Days::new(days_before)) })
    }

    fn buy_recurring(&self, application: &mut Application, recurring: &Recurring) {
        for (kind, sought) in recurring.costs(self.town, self.case) {
            application.costs.push(Cost {
                number: application.number * COSTS_PER_APPLICATION + application.costs.len() as u64,
                buyer: 0,
                kind,
                day: application.period - Days::new(10),
                sought,
                decided: None,
                blemish: Blemish::None,
                answer: None,
            });
        }
    }

    /// The application of one part of one purchase.
    fn apart(&self, place: u64, planted: &Planted, purchase: &Purchase, part: u64) -> Application {
        let since = self.town.nights.since;
        let after = |days| planted.day(self.town, self.case, purchase) + Days::new(14 * part + days);
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
        let amount = planted.amount(self.town, self.case, purchase);
        let sought = Ore(amount.0 / purchase.parts + if part == 0 { amount.0 % purchase.parts } else { 0 });
        let decided = |granted| Some((application.received, granted));
        application.costs.push(Cost {
            number: application.number * COSTS_PER_APPLICATION + application.costs.len() as u64,
            buyer: planted.buyer(purchase),
            kind: planted.kind(purchase),
            day: planted.day(self.town, self.case, purchase) + Days::new(14 * part),
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
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::cost_table::{COSTS, FROM_EIGHTEEN, UNKNOWN_BIRTH};
    use super::super::number::Age;
    use super::super::purchase::CostPlant;
    use super::super::town::Nights;
    use super::*;

    fn town(cases: u64) -> Town {
        let night = |text: &str| text.parse().unwrap();
        let nights = Nights { first: night("2026-11-20"), since: night("2026-11-20"), last: night("2026-11-21") };
        Town::new(cases * 4, cases, nights, "0380".to_owned(), 3)
    }

    #[test]
    fn who_applies_on_since_with_nothing_planted_buys_too_little_for_any_ceiling() {
        let town = town(2_000);
        let mut tried = 0;
        for index in 0..town.cases {
            let case = Case::of(&town, index);
            let claims = Claims::of(&town, &case);
            if claims.planted.is_some() || claims.subjects().next().is_none() {
                continue;
            }
            let year = (months(&town) - 13..months(&town)).filter_map(|place| claims.application(place));
            let mut sums = BTreeMap::new();
            for cost in year.flat_map(|application| application.costs).filter(|cost| cost.kind.has_ceiling()) {
                let group = if case.members[cost.buyer].age == Age::Child { usize::MAX } else { cost.buyer };
                *sums.entry((group, cost.kind.word())).or_insert(0) += cost.sought.0;
            }
            for ((_, kind), sum) in sums {
                let lowest = if kind == Kind::Care.word() { 1_200 } else { 2_400 };
                assert!(Ore(sum) < Ore::kronor(lowest), "{kind}: {sum}");
                tried += 1;
            }
        }
        assert!(tried > 200, "{tried}");
    }

    #[test]
    fn every_plant_stands_somewhere_in_six_thousand_cases() {
        let town = town(6_000);
        let cases = (0..town.cases).map(|index| Case::of(&town, index));
        let planted: Vec<&CostPlant> =
            cases.filter_map(|case| Planted::of(&town, &case)).map(|planted| planted.plant).collect();
        for (number, plant) in COSTS.iter().chain(&UNKNOWN_BIRTH).chain(&FROM_EIGHTEEN).enumerate() {
            assert!(planted.iter().any(|other| std::ptr::eq(*other, plant)), "{number}");
        }
    }
}
