//! The vehicles: what is planted for robot fordonsinnehav, and what everybody else owns.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::case::Case;
use super::draw::{Purpose, again};
use super::names;
use super::number::{Age, Number, check_digit};
use super::plant::{Checks, Effect, Plant, Who, at_slot, slot};
use super::tables::{FLEET, FORDONSINNEHAV, FleetKind as Kind, NO_FLEET};
use super::town::{BLOCK, HOUSEHOLDS, Home, Town, VEHICLES};

/// The most vehicles that a case has: one of its own and three planted.
pub const SLOTS: u64 = 4;

/// Who owns a vehicle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A member of the case, by place.
    Member(usize),
    Resident(u64),
    /// Ten digits, the third at least 2.
    Organisation(u64),
}

/// The extract's Status.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Status {
    InTraffic,
    OffRoad,
    NotDelivered,
}

impl Status {
    /// The word in the extract.
    pub fn word(self) -> &'static str {
        match self {
            Status::InTraffic => "I trafik",
            Status::OffRoad => "Avställd",
            Status::NotDelivered => "",
        }
    }
}

/// One row of the extract.
#[derive(Clone, Copy)]
pub struct Vehicle {
    /// Which regnr it has; see `plate`.
    pub id: u64,
    /// Whether the regnr is written with a space.
    pub spaced: bool,
    pub owner: Owner,
    pub kind: &'static str,
    pub make: &'static str,
    pub year: Option<u64>,
    pub status: Status,
    pub owned_since: Option<NaiveDate>,
    pub status_since: Option<NaiveDate>,
}

/// A vehicle on the last night and on every night before.
#[derive(Clone, Copy, Default)]
pub struct Holding {
    pub tonight: Option<Vehicle>,
    pub before: Option<Vehicle>,
}

/// What a case's members own.
pub struct Fleet {
    plant: &'static Plant<Kind>,
    target: usize,
    partner: Option<usize>,
    pub holdings: [Holding; SLOTS as usize],
    /// Kända fordon; `None` is an empty cell.
    pub known: Option<u64>,
}

impl Fleet {
    /// Works out what a case's members own.
    pub fn of(town: &Town, case: &Case) -> Fleet {
        let adults = case.adults();
        let plant = plant(town, case, &adults);
        let turn = town.draw.below(Purpose::FleetTarget, case.index, adults.len() as u64) as usize;
        let mut fleet = Fleet {
            plant,
            target: adults.get(turn).copied().unwrap_or(0),
            partner: (adults.len() > 1).then(|| adults[(turn + 1) % adults.len()]),
            holdings: [Holding::default(); SLOTS as usize],
            known: None,
        };
        fleet.own_cars(town, case, &adults);
        fleet.plant_vehicles(town, case);
        fleet.known = fleet.known(town, case);
        fleet
    }

    /// Whether nothing is planted.
    pub fn is_plain(&self) -> bool {
        self.plant.kind == Kind::Nothing
    }

    /// What robot fordonsinnehav comes to for one adult member.
    pub fn effect(&self, case: &Case, place: usize) -> Effect {
        if case.members[place].age == Age::Unknown {
            return Effect::undecided(FORDONSINNEHAV.all());
        }
        let own = if place == self.target { self.plant.own } else { Effect::NONE };
        let partner = if self.partner == Some(place) { self.plant.partner } else { Effect::NONE };
        own.and(partner).and(self.plant.everyone)
    }

    fn own_cars(&mut self, town: &Town, case: &Case, adults: &[usize]) {
        // These plants count vehicles to the limit, and bear no other beside them.
        let counted = matches!(
            self.plant.kind,
            Kind::Three
                | Kind::Two
                | Kind::ThreeWithinYear
                | Kind::ThreeYearToTheDay
                | Kind::ThreeYearAndADay
                | Kind::ThirdIsNew
        );
        let most = match self.plant.kind {
            Kind::Nothing => 2,
            _ if counted => 0,
            _ => 1,
        };
        for (slot, place) in adults.iter().take(most).enumerate() {
            let index = case.index * SLOTS + slot as u64;
            if !town.draw.chance(Purpose::Owner, index + (1 << 40), if slot == 0 { 3_500 } else { 2_500 }) {
                continue;
            }
            let mut car = vehicle(town, case, slot, Owner::Member(*place));
            car.status = match town.draw.below(Purpose::Owner, index + (2 << 40), 100) {
                0..12 => Status::OffRoad,
                12..15 => Status::NotDelivered,
                _ => Status::InTraffic,
            };
            self.both(slot, car);
        }
    }

    fn plant_vehicles(&mut self, town: &Town, case: &Case) {
        let target = self.target;
        let mine = |slot| vehicle(town, case, slot, Owner::Member(target));
        let (last, first) = (town.nights.last, mine(1));
        let days_ago = |days| Some(last - Days::new(days));
        let few = town.draw.below(Purpose::OwnedSince, case.index, 4);
        match self.plant.kind {
            Kind::Nothing => {}
            Kind::New => self.tonight(1, owned(first, days_ago(town.draw.below(Purpose::OwnedSince, case.index, 30)))),
            Kind::NewUnknown => self.tonight(1, owned(first, days_ago(few))),
            Kind::NewThirtyDays => self.tonight(1, owned(first, days_ago(30))),
            Kind::NewThirtyOneDays => self.tonight(1, owned(first, days_ago(31))),
            Kind::NewUndated => self.tonight(1, owned(first, None)),
            Kind::OtherMake => {
                self.change(
                    1,
                    Vehicle { make: "Saab", ..first },
                    owned(Vehicle { make: "Tesla", ..first }, days_ago(few)),
                );
            }
            Kind::OtherYear => {
                let older = Vehicle { year: first.year.map(|year| year - 9), ..first };
                self.change(1, older, owned(first, days_ago(few)));
            }
            Kind::YearLost => self.change(1, owned(first, None), Vehicle { year: None, ..owned(first, None) }),
            Kind::PlateRespaced => {
                let respaced = Vehicle { spaced: !first.spaced, ..first };
                self.change(1, owned(first, None), owned(respaced, None));
            }
            Kind::Unknown | Kind::KnownMissing => self.both(1, first),
            Kind::UnknownOfChild => self.both(1, child_moped(case, first)),
            Kind::Three => (1..4).for_each(|slot| self.both(slot, off_road(mine(slot)))),
            Kind::Two => (1..3).for_each(|slot| self.both(slot, off_road(mine(slot)))),
            Kind::ThreeWithinYear | Kind::ThreeYearToTheDay | Kind::ThreeYearAndADay => self.three_within(town, case),
            Kind::ThirdIsNew => {
                self.both(1, off_road(first));
                self.both(2, off_road(mine(2)));
                self.tonight(3, owned(mine(3), days_ago(few)));
            }
            Kind::Sold => self.change(1, first, owned(Vehicle { owner: stranger(town, case), ..first }, days_ago(few))),
            Kind::Scrapped => self.holdings[1].before = Some(first),
            Kind::WithinHousehold => {
                let owner = Owner::Member(self.partner.unwrap_or(self.target));
                self.change(1, first, owned(Vehicle { owner, ..first }, days_ago(few)));
            }
            Kind::BackOnRoad | Kind::BackOnRoadUnknown => {
                self.change(1, off_road(first), Vehicle { status_since: days_ago(few), ..first });
            }
            Kind::OffRoad => self.change(1, first, Vehicle { status_since: days_ago(few), ..off_road(first) }),
        }
    }

    fn three_within(&mut self, town: &Town, case: &Case) {
        let last = town.nights.last;
        let edge = last.checked_sub_months(Months::new(12)).unwrap_or(last);
        let third = match self.plant.kind {
            Kind::ThreeYearToTheDay => edge,
            Kind::ThreeYearAndADay => edge - Days::new(1),
            _ => last - Days::new(200),
        };
        for (slot, since) in [last - Days::new(40), last - Days::new(120), third].into_iter().enumerate() {
            let own = vehicle(town, case, slot + 1, Owner::Member(self.target));
            self.both(slot + 1, owned(own, Some(since)));
        }
    }

    fn both(&mut self, slot: usize, vehicle: Vehicle) {
        self.change(slot, vehicle, vehicle);
    }

    fn tonight(&mut self, slot: usize, vehicle: Vehicle) {
        self.holdings[slot].tonight = Some(vehicle);
    }

    fn change(&mut self, slot: usize, before: Vehicle, tonight: Vehicle) {
        self.holdings[slot] = Holding { tonight: Some(tonight), before: Some(before) };
    }

    fn known(&self, town: &Town, case: &Case) -> Option<u64> {
        let owned = self.holdings.iter().filter_map(|holding| holding.tonight);
        let counted = owned
            .filter(|vehicle| vehicle.status != Status::OffRoad && matches!(vehicle.owner, Owner::Member(_)))
            .count() as u64;
        let spare = u64::from(town.draw.chance(Purpose::Known, case.index, 1_000));
        let everyone = self.plant.everyone;
        match self.plant.kind {
            Kind::KnownMissing => None,
            _ if everyone.deviations != Checks::NONE => Some(counted - 1),
            _ => Some(counted + spare),
        }
    }
}

fn plant(town: &Town, case: &Case, adults: &[usize]) -> &'static Plant<Kind> {
    if !case.open || adults.is_empty() {
        return &NO_FLEET;
    }
    let has_child = !case.current_of(|age| age == Age::Child).is_empty();
    at_slot(&FLEET, slot(town.draw, Purpose::Fleet, case.index))
        .filter(|plant| match plant.who {
            Who::AdultWithPartner => adults.len() > 1,
            Who::AdultWithChild => has_child,
            _ => true,
        })
        .unwrap_or(&NO_FLEET)
}

/// A vehicle of a case as it mostly is: in traffic, and the owner's for more than a year.
fn vehicle(town: &Town, case: &Case, slot: usize, owner: Owner) -> Vehicle {
    let id = town.base_vehicles() + case.index * SLOTS + slot as u64;
    let bits = town.draw.bits(Purpose::Vehicle, id);
    let (kind, make) = names::vehicle(bits);
    let since = town.nights.last - Days::new(400 + again(bits, 2, 4_000));
    Vehicle {
        id,
        spaced: again(bits, 3, 2) == 0,
        owner,
        kind,
        make,
        year: Some((since.year() as u64).saturating_sub(again(bits, 4, 12))),
        status: Status::InTraffic,
        owned_since: Some(since),
        status_since: Some(since),
    }
}

fn owned(vehicle: Vehicle, since: Option<NaiveDate>) -> Vehicle {
    Vehicle { owned_since: since, status_since: since, ..vehicle }
}

fn off_road(vehicle: Vehicle) -> Vehicle {
    Vehicle { status: Status::OffRoad, ..vehicle }
}

fn child_moped(case: &Case, vehicle: Vehicle) -> Vehicle {
    let child = case.current_of(|age| age == Age::Child).first().copied().unwrap_or(0);
    let (kind, make) = names::moped(vehicle.id);
    Vehicle { owner: Owner::Member(child), kind, make, ..vehicle }
}

/// Somebody outside every case: a company, or the resident who lodges or lives alone.
fn stranger(town: &Town, case: &Case) -> Owner {
    if case.index.is_multiple_of(2) {
        return organisation(town, case.index);
    }
    Owner::Resident(Town::loose(case.household / HOUSEHOLDS))
}

fn organisation(town: &Town, index: u64) -> Owner {
    let nine = 556_000_000 + town.draw.below(Purpose::Organisation, index, 1_000_000);
    Owner::Organisation(nine * 10 + check_digit(nine))
}

/// A vehicle of somebody who is in no case, as it stands on a night.
pub fn base_vehicle(town: &Town, id: u64, night: NaiveDate) -> Vehicle {
    let bits = town.draw.bits(Purpose::Vehicle, id);
    let (kind, make) = names::vehicle(bits);
    let since = town.nights.last - Days::new(1 + again(bits, 2, 5_000));
    let has_come = since < night || night == town.nights.last;
    let seen = town.as_seen(since, night, 365);
    let is_basic = again(bits, 5, 50) == 0;
    let status = match again(bits, 6, 100) {
        _ if is_basic => Status::NotDelivered,
        0..18 => Status::OffRoad,
        _ => Status::InTraffic,
    };
    Vehicle {
        id,
        spaced: again(bits, 3, 2) == 0,
        owner: if has_come { base_owner(town, id) } else { Owner::Resident(Town::loose(id / VEHICLES)) },
        kind,
        make,
        year: (again(bits, 7, 100) > 0).then(|| (since.year() as u64).saturating_sub(again(bits, 4, 12))),
        status,
        owned_since: Some(seen).filter(|_| !is_basic),
        status_since: Some(seen).filter(|_| !is_basic),
    }
}

fn base_owner(town: &Town, id: u64) -> Owner {
    if town.draw.chance(Purpose::Organisation, id, 400) {
        return organisation(town, id + (1 << 40));
    }
    let block = id / VEHICLES;
    let bits = town.draw.bits(Purpose::Owner, id);
    let owner =
        (0..6).map(|turn| block * BLOCK + again(bits, turn, BLOCK)).find(|resident| match town.home(*resident) {
            Home::Household { household, .. } => town.age(*resident) != Age::Child && town.case_of(household).is_none(),
            _ => true,
        });
    Owner::Resident(owner.unwrap_or_else(|| Town::loose(block)))
}

/// Letters of registration plates: I, Q, V, Å, Ä and Ö are not used.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNOPRSTUWXYZ";
/// The last letter is never O.
const LAST_LETTERS: &[u8; 22] = b"ABCDEFGHJKLMNPRSTUWXYZ";
const TRIPLES: u64 = 23 * 23 * 23;
const OLD_PLATES: u64 = TRIPLES * 999;

/// How many ids can have a plate of their own.
pub const PLATES: u64 = OLD_PLATES + TRIPLES * 99 * 22;

/// The regnr of a vehicle: `ABC 123`, `ABC 12D`, and for one in two thousand a personal plate.
pub fn plate(place: u64, id: u64, spaced: bool) -> String {
    let mut text = String::with_capacity(7);
    if id % 2_000 == 7 {
        text.push_str("LYX");
        push_letters(&mut text, id / 2_000, 4);
        return text;
    }
    let space = if spaced { " " } else { "" };
    if place < OLD_PLATES {
        push_letters(&mut text, place / 999, 3);
        return format!("{text}{space}{:03}", 1 + place % 999);
    }
    let rest = place - OLD_PLATES;
    push_letters(&mut text, rest / (99 * 22), 3);
    format!("{text}{space}{:02}{}", 1 + rest / 22 % 99, char::from(LAST_LETTERS[(rest % 22) as usize]))
}

fn push_letters(text: &mut String, value: u64, count: u32) {
    for place in (0..count).rev() {
        text.push(char::from(LETTERS[(value / 23u64.pow(place) % 23) as usize]));
    }
}

/// The number of a vehicle's owner, or the organisation's.
pub enum OwnerNumber {
    Person(Number),
    Organisation(u64),
}

/// Whose number stands in the extract; `case` is the vehicle's, when it has one.
pub fn owner_number(town: &Town, case: Option<&Case>, owner: Owner) -> OwnerNumber {
    match (owner, case) {
        (Owner::Member(place), Some(case)) => OwnerNumber::Person(case.members[place].number),
        (Owner::Member(place), None) => OwnerNumber::Person(town.base_number(place as u64)),
        (Owner::Resident(resident), _) => OwnerNumber::Person(town.base_number(resident)),
        (Owner::Organisation(number), _) => OwnerNumber::Organisation(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_a_plate_of_its_own_form() {
        assert_eq!(plate(0, 1, false), "AAA001");
        assert_eq!(plate(OLD_PLATES - 1, 1, true), "ZZZ 999");
        assert_eq!(plate(PLATES - 1, 1, false), "ZZZ99Z");
        assert_eq!(plate(0, 2_007, false), "LYXAAAB");
    }
}
