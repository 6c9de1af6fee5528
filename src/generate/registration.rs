//! How each resident stands in kir, less the name and the street: registered where the home is, except as planted.

use chrono::{Days, NaiveDate};

use super::case::{Case, Protection};
use super::draw::{Purpose, again};
use super::moves::{self, Move, Origin};
use super::names::{ELSEWHERE, Place};
use super::number::Number;
use super::tables::CensusKind as Kind;
use super::town::{Home, Town};

/// A resident's row in kir, less the name and the street.
pub struct Registration {
    pub number: Number,
    pub address: Option<u64>,
    /// Set when it is not the own municipality.
    pub elsewhere: Option<Place>,
    pub moved: Option<NaiveDate>,
    pub origin: Origin,
    pub deregistered: Option<(&'static str, Option<NaiveDate>)>,
    pub protection: Option<&'static str>,
}

/// How a resident is registered; `None` when kir has no row.
pub fn registration(town: &Town, resident: u64) -> Option<Registration> {
    let home = town.home(resident);
    match home {
        Home::Household { household, place } => match Case::at(town, household) {
            Some(case) => member_registration(town, &case, place, home),
            None => Some(other_registration(town, resident, home, household)),
        },
        Home::Loose { block } => Some(loose_registration(town, resident, home, block)),
        Home::Tail { .. } => Some(other_registration(town, resident, home, resident)),
    }
}

fn member_registration(town: &Town, case: &Case, place: usize, home: Home) -> Option<Registration> {
    if !case.is_in_kir(place) {
        return None;
    }
    let member = &case.members[place];
    let moved = settled(town, member.resident);
    let mut row = Registration {
        number: member.number,
        address: Some(town.address_of(home)),
        elsewhere: None,
        moved,
        origin: moves::origin_of_member(town, member.resident, moved),
        deregistered: None,
        protection: None,
    };
    if let Some((protected, register)) = case.protected {
        row.protection = mark(register).filter(|_| protected == place);
    }
    if place == case.census_target {
        alter(town, case, &mut row);
    }
    if let Some(chosen) = Move::of(town, case).filter(|chosen| chosen.place == place) {
        (row.moved, row.origin) = (Some(chosen.day), chosen.origin);
    }
    Some(row)
}

/// The mark in kir's Skydd.
fn mark(register: Protection) -> Option<&'static str> {
    match register {
        Protection::Marked => Some("S"),
        Protection::Hidden => Some("F"),
        Protection::Secret => None,
    }
}

/// Makes the row of the member that the plant is about what the plant says.
fn alter(town: &Town, case: &Case, row: &mut Registration) {
    let nights = town.nights;
    match case.census.kind {
        Kind::MovedOnSince | Kind::ElsewhereMoved | Kind::OtherMunicipalityMoved => move_within(row, nights.since),
        Kind::MovedTonight => move_within(row, nights.last),
        Kind::MovedDayBefore => move_within(row, nights.since - Days::new(1)),
        Kind::NoAddress | Kind::ApplicantNoAddress | Kind::LodgerForNoAddress => row.address = None,
        Kind::Deregistered | Kind::ApplicantDeregistered | Kind::DeregisteredElsewhere => {
            row.deregistered = Some(deregistration(town, case.index));
        }
        _ => {}
    }
    let away = matches!(
        case.census.kind,
        Kind::OtherMunicipality
            | Kind::OtherMunicipalityMoved
            | Kind::LoneApplicantAway
            | Kind::ApplicantAway
            | Kind::DeregisteredElsewhere
    );
    if away {
        row.elsewhere = Some(another_place(town, case.index));
    }
    if away || matches!(case.census.kind, Kind::Elsewhere | Kind::ElsewhereMoved | Kind::LodgerForAbsent) {
        row.address = Some(town.spare_address(case.index));
    }
}

fn move_within(row: &mut Registration, day: NaiveDate) {
    (row.moved, row.origin) = (Some(day), Origin::Own);
}

/// A resident whose household is no case: mostly in order, but registers never are altogether.
fn other_registration(town: &Town, resident: u64, home: Home, household: u64) -> Registration {
    let draw = town.draw;
    let protection = draw.chance(Purpose::Protection, household + (1 << 40), 50);
    Registration {
        number: town.base_number(resident),
        address: Some(town.address_of(home)).filter(|_| !draw.chance(Purpose::MissingAddress, resident, 30)),
        elsewhere: None,
        moved: lately(town, resident),
        origin: moves::origin(town, resident),
        deregistered: draw.chance(Purpose::Deregistered, resident, 50).then(|| deregistration(town, resident)),
        protection: protection.then_some(if household.is_multiple_of(5) { "F" } else { "S" }),
    }
}

fn loose_registration(town: &Town, resident: u64, home: Home, block: u64) -> Registration {
    let household = town.host(block);
    let mut row = other_registration(town, resident, home, resident);
    let Some(case) = Case::at(town, household) else { return row };
    let registered = case.census.kind.lodges();
    if !registered && case.census.kind != Kind::DeregisteredLodger {
        return row;
    }
    row.address = Some(town.address_of(Home::Household { household, place: 0 }));
    row.deregistered = (!registered).then(|| deregistration(town, resident));
    row.protection = case.has_protected_lodger(town).then_some("S");
    row
}

/// A move that is too old to be seen; none known for some.
fn settled(town: &Town, resident: u64) -> Option<NaiveDate> {
    let known = !town.draw.chance(Purpose::Moved, resident, 1_500);
    known.then(|| town.days_ago(Purpose::MovedFrom, resident, 3, 9_000))
}

fn lately(town: &Town, resident: u64) -> Option<NaiveDate> {
    let known = !town.draw.chance(Purpose::Moved, resident, 1_500);
    known.then(|| town.days_ago(Purpose::MovedFrom, resident, 1, 9_000))
}

/// A reason and when; `ZZ` is in no table, and now and then the date is missing.
fn deregistration(town: &Town, index: u64) -> (&'static str, Option<NaiveDate>) {
    const REASONS: [&str; 12] = ["AV", "AV", "AV", "AV", "UV", "UV", "OB", "GN", "GS", "AN", "TA", "ZZ"];
    let bits = town.draw.bits(Purpose::Deregistered, index + (1 << 40));
    let date = town.nights.last - Days::new(1 + again(bits, 1, 400));
    (REASONS[again(bits, 2, 12) as usize], (again(bits, 3, 20) > 0).then_some(date))
}

fn another_place(town: &Town, index: u64) -> Place {
    let first = town.draw.below(Purpose::Elsewhere, index, ELSEWHERE.len() as u64) as usize;
    let place = ELSEWHERE[first];
    if place.code == town.municipality { ELSEWHERE[(first + 1) % ELSEWHERE.len()] } else { place }
}
