//! A case: its household, who is a member on the last night, what is planted there, and who is protected.
//!
//! The registers and the facit both begin here; how a plant shows in a register stands in `registration`, `fleet` and
//! `work`.

use chrono::{Datelike, Days, NaiveDate};

use super::draw::Purpose;
use super::idle::IdlePlant;
use super::number::{Age, Number};
use super::plant::{Plant, Who, at_slot, slot};
use super::tables::{self, CensusKind};
use super::town::{HOUSEHOLDS, Town};

/// The slots of the tables whose households are protected too, so that even a small municipality has protected
/// households with deviations for every robot. With the others, about fourteen households of a thousand are protected.
const PROTECTED_WORK: [u64; 4] = [0, 21, 34, 50];
const PROTECTED_FLEET: u64 = 0;
const PROTECTED_COSTS: [u64; 3] = [0, 4, 5];
const PROTECTED_IDLE: [u64; 2] = [0, 1];
const PROTECTED_PLANS: [u64; 2] = [0, 36];
const PROTECTED_MOVE: u64 = 0;

/// What can hinder somebody beside being out of work.
const HINDRANCES: [&str; 6] = ["Sjukskriven", "Språkhinder", "Sociala skäl", "Föräldraledig", "Arbetar", "Saknas"];

/// What a member is to the case, as the extract spells it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Applicant,
    Partner,
    Child,
}

impl Role {
    /// The word in the extract.
    pub fn word(self) -> &'static str {
        match self {
            Role::Applicant => "Sökande",
            Role::Partner => "Medsökande",
            Role::Child => "Barn",
        }
    }
}

/// One of the household, with the one membership that decides whether it goes on.
pub struct Member {
    pub resident: u64,
    pub number: Number,
    pub role: Role,
    pub age: Age,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl Member {
    /// Full years on a day, below zero before the birth; `None` where the day of birth is not known.
    pub fn age_on(&self, day: NaiveDate) -> Option<i32> {
        if self.age == Age::Unknown {
            return None;
        }
        let years = day.year() - self.number.year();
        // A birthday on 29 February is told of no other year: it is the last of that month.
        let birthday = self.number.birthday(years).or_else(|| NaiveDate::from_ymd_opt(day.year(), 2, 28))?;
        Some(if birthday <= day { years } else { years - 1 })
    }
}

/// In which register a household's protection stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// `S` in kir.
    Marked,
    /// `F` in kir.
    Hidden,
    /// `J` in af.
    Secret,
}

/// A household that has or has had a case.
pub struct Case {
    /// From 0; the cases are sorted by it.
    pub index: u64,
    pub household: u64,
    /// Pågående; otherwise Avslutat, with nothing planted and no subject.
    pub open: bool,
    /// Whether the hindrance is Arbetslös.
    pub unemployed: bool,
    /// Försörjningshinder, as the extract spells it.
    pub hindrance: &'static str,
    /// The whole household, adults first, current or not.
    pub members: Vec<Member>,
    /// What is planted for robot folkbokforing.
    pub census: &'static Plant<CensusKind>,
    /// Which member `census` is about.
    pub census_target: usize,
    /// Which member is protected, and where it says so.
    pub protected: Option<(usize, Protection)>,
    /// Which member has a date of birth that was chosen, and which.
    pub born: Option<(usize, SpecialBirth)>,
    /// What is planted for robot avslut.
    pub idle: Option<&'static IdlePlant>,
    current: Vec<usize>,
}

impl Case {
    /// Works out the case with this index.
    pub fn of(town: &Town, index: u64) -> Case {
        let household = town.household_of(index);
        let residents: Vec<u64> = town.household(household).collect();
        let ages: Vec<Age> = residents.iter().map(|resident| town.age(*resident)).collect();
        let census = census(town, index, household, &ages);
        let census_target = census_target(town, index, census.who, ages.len());
        let members = (0..residents.len()).map(|place| member(town, index, residents[place], place, ages[place]));
        let unemployed =
            town.draw.chance(Purpose::Hindrance, index, if ages[0] == Age::Senior { 2_500 } else { 8_500 });
        let mut case = Case {
            index,
            household,
            open: is_open(town, index),
            unemployed,
            hindrance: if unemployed {
                "Arbetslös"
            } else {
                town.draw.pick(Purpose::OtherHindrance, index, &HINDRANCES)
            },
            members: members.collect(),
            census,
            census_target,
            protected: None,
            born: None,
            idle: None,
            current: Vec::new(),
        };
        case.plant_membership(town);
        case.plant_birth(town);
        case.current = (0..case.members.len()).filter(|place| case.is_current(*place, town)).collect();
        case.protected = case.protection(town);
        case.idle = case.idle(town);
        case
    }

    /// The case that a household is, if it is one.
    pub fn at(town: &Town, household: u64) -> Option<Case> {
        town.case_of(household).map(|index| Case::of(town, index))
    }

    /// Members on the last night, as places in `members`.
    pub fn current(&self) -> &[usize] {
        &self.current
    }

    /// Current members who are 18 or more, and whose age is known.
    pub fn adults(&self) -> Vec<usize> {
        self.current_of(|age| matches!(age, Age::Working | Age::Senior))
    }

    /// Current members of these ages.
    pub fn current_of(&self, suits: impl Fn(Age) -> bool) -> Vec<usize> {
        self.current.iter().copied().filter(|place| suits(self.members[*place].age)).collect()
    }

    /// Which of the current members each is, counted from 1 by person number.
    pub fn numbered(&self) -> Vec<usize> {
        let mut places = self.current.clone();
        places.sort_by_key(|place| self.members[*place].number);
        places
    }

    /// The number as it stands in the extracts; as wide for the last case as for the first.
    pub fn label(town: &Town, index: u64) -> String {
        // Second cases are numbered after all others.
        let width = (3 * town.cases).to_string().len().max(5);
        format!("EB-{:0width$}", index + 1)
    }

    /// Whether a member has a row in kir at all.
    pub fn is_in_kir(&self, place: usize) -> bool {
        !(self.census.kind.leaves_kir() && place == self.census_target)
    }

    /// Whether somebody who lodges at the sökande's adressid is protected.
    pub fn has_protected_lodger(&self, town: &Town) -> bool {
        self.census.kind.lodges() && town.draw.chance(Purpose::LodgerProtection, self.index, 700)
    }

    fn is_current(&self, place: usize, town: &Town) -> bool {
        let member = &self.members[place];
        member.from <= town.nights.last && member.to.is_none_or(|to| to >= town.nights.last)
    }

    fn plant_membership(&mut self, town: &Town) {
        if !self.open {
            let ended = town.draw.chance(Purpose::Membership, self.index, 7_000);
            let last_day = town.days_ago(Purpose::Open, self.index + 1, 1, 40);
            self.members.iter_mut().filter(|_| ended).for_each(|member| member.to = Some(last_day));
        }
        let (last, target) = (town.nights.last, &mut self.members[self.census_target]);
        match self.census.kind {
            CensusKind::Ended | CensusKind::ApplicantEnded => target.to = Some(last - Days::new(1)),
            CensusKind::EndsTonight => target.to = Some(last),
            CensusKind::StartsTonight => target.from = last,
            CensusKind::StartsTomorrow => target.from = last + Days::new(1),
            _ => {}
        }
    }

    /// Gives a member of some of the first cases a birthday at a limit, or a date of birth that is not known.
    fn plant_birth(&mut self, town: &Town) {
        let Some((birth, serial)) = special_birth(self.index) else { return };
        let births = &town.births;
        let child = self.members.iter().position(|member| member.age == Age::Child);
        let (place, number, age) = match birth {
            SpecialBirth::Turns18 => (child, Number::born(births.turns_18, serial), Age::Working),
            SpecialBirth::Turned18 => (child, Number::born(births.turned_18, serial), Age::Working),
            SpecialBirth::Turns18Tomorrow => (child, Number::born(births.turns_18_tomorrow, serial), Age::Child),
            SpecialBirth::Turns67 => (Some(0), Number::born(births.turns_67, serial), Age::Senior),
            SpecialBirth::Turns67Tomorrow => (Some(0), Number::born(births.turns_67_tomorrow, serial), Age::Working),
            SpecialBirth::Unknown if !self.open => return,
            SpecialBirth::Unknown => {
                let target = self.census_target;
                let year = self.members[target].number.year();
                (Some(target), Number::of_unknown_birth(year, serial), Age::Unknown)
            }
        };
        if let Some(place) = place {
            self.members[place].number = number;
            self.members[place].age = age;
            self.born = Some((place, birth));
        }
    }

    /// What is planted for robot avslut; nothing where somebody's age is not known.
    fn idle(&self, town: &Town) -> Option<&'static IdlePlant> {
        let first = self.members.get(*self.adults().first()?)?;
        if !self.open || matches!(self.born, Some((_, SpecialBirth::Unknown))) {
            return None;
        }
        let is_child = |place: &usize| {
            let member = &self.members[*place];
            member.role == Role::Child || member.age == Age::Child
        };
        IdlePlant::at(town, self.index, self.current.iter().any(is_child), first.age == Age::Working)
    }

    fn protection(&self, town: &Town) -> Option<(usize, Protection)> {
        let work = PROTECTED_WORK.contains(&slot(town.draw, Purpose::Work, self.index));
        let fleet = PROTECTED_FLEET == slot(town.draw, Purpose::Fleet, self.index);
        let costs = PROTECTED_COSTS.contains(&slot(town.draw, Purpose::Costs, self.index));
        let slot_of = |purpose| slot(town.draw, purpose, self.index);
        let chosen = PROTECTED_IDLE.contains(&slot_of(Purpose::Idle))
            || PROTECTED_PLANS.contains(&slot_of(Purpose::Plans))
            || PROTECTED_MOVE == slot_of(Purpose::Move);
        let per_10_000 = if self.census.kind == CensusKind::Nothing { 5 } else { 50 };
        if !work && !fleet && !costs && !chosen && !town.draw.chance(Purpose::Protection, self.index, per_10_000) {
            return None;
        }
        let registered = self.current.iter().copied().find(|place| self.is_in_kir(*place));
        match town.draw.below(Purpose::Protection, self.index + town.cases, 10) {
            6..8 => registered.map(|place| (place, Protection::Hidden)),
            8.. if !work => self.adults().first().map(|place| (*place, Protection::Secret)),
            _ => registered.map(|place| (place, Protection::Marked)),
        }
    }
}

/// Pågående; the others, a few per cent, are Avslutat.
fn is_open(town: &Town, case: u64) -> bool {
    !town.draw.chance(Purpose::Open, case, 300)
}

/// What is planted for robot folkbokforing in a case whose household has these ages.
fn census(town: &Town, case: u64, household: u64, ages: &[Age]) -> &'static Plant<CensusKind> {
    if !is_open(town, case) {
        return &tables::NOTHING;
    }
    if matches!(special_birth(case), Some((SpecialBirth::Unknown, _))) {
        return &tables::UNKNOWN_BIRTH[usize::from(ages.len() > 1)];
    }
    let can_have_lodger = town.host(household / HOUSEHOLDS) == household;
    let lodging =
        can_have_lodger.then(|| at_slot(&tables::LODGING, town.draw.below(Purpose::Lodging, case, 1_000))).flatten();
    lodging
        .or_else(|| at_slot(&tables::CENSUS, slot(town.draw, Purpose::Census, case)))
        .filter(|plant| suits(plant.who, ages))
        .unwrap_or(&tables::NOTHING)
}

/// Which member a plant for robot folkbokforing is about.
fn census_target(town: &Town, case: u64, who: Who, members: usize) -> usize {
    let below = |bound: usize| town.draw.below(Purpose::CensusTarget, case, bound as u64) as usize;
    match who {
        Who::Anyone => below(members),
        Who::Other => 1 + below(members - 1),
        _ => 0,
    }
}

fn member(town: &Town, case: u64, resident: u64, place: usize, age: Age) -> Member {
    let role = match age {
        Age::Child => Role::Child,
        _ if place == 0 => Role::Applicant,
        _ => Role::Partner,
    };
    let from = town.days_ago(Purpose::Membership, case + town.cases, 60, 2_500);
    Member { resident, number: town.base_number(resident), role, age, from, to: None }
}

/// A number that is not formed from the resident's index.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SpecialBirth {
    Turns18,
    /// The day before the last night.
    Turned18,
    Turns18Tomorrow,
    Turns67,
    Turns67Tomorrow,
    Unknown,
}

/// The special birth of a case, and a serial that no other case with the same one has; as far as a day's serials reach.
fn special_birth(case: u64) -> Option<(SpecialBirth, u64)> {
    let (round, place) = (case / 200, case % 200);
    let (birth, serial) = match place {
        // Most households have no child, so these are tried four times as often.
        10 | 60 | 110 | 160 => (SpecialBirth::Turns18, round * 4 + place / 50 + 1),
        11 | 61 | 111 | 161 => (SpecialBirth::Turns18Tomorrow, round * 4 + place / 50 + 1),
        14 | 64 | 114 | 164 => (SpecialBirth::Turned18, round * 4 + place / 50 + 1),
        12 => (SpecialBirth::Turns67, round + 1),
        13 => (SpecialBirth::Turns67Tomorrow, round + 1),
        49 => (SpecialBirth::Unknown, round + 1),
        _ => return None,
    };
    (serial <= 999).then_some((birth, serial))
}

/// Whether a plant of this kind suits a household with these ages.
fn suits(who: Who, ages: &[Age]) -> bool {
    match who {
        Who::Alone => ages.len() == 1,
        Who::FirstOfSeveral | Who::Other => ages.len() > 1,
        Who::FirstOfTwoAdults => ages.len() > 1 && ages[1] != Age::Child,
        _ => true,
    }
}
