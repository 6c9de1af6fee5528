//! Who lives where: blocks of twenty residents in ten households and one who lodges or lives alone.
//!
//! A resident's household, age and number follow from the resident's index by arithmetic, and a household's case from
//! a permutation that can be asked in both directions. What is planted in a case stands in `case`.

use chrono::{Days, NaiveDate};

use super::draw::{Draw, Permutation, Purpose};
use super::number::{Age, Births, Number};

/// Residents of a block.
pub const BLOCK: u64 = 20;
/// Households of a block, the one who lodges or lives alone not counted.
pub const HOUSEHOLDS: u64 = 10;
/// The base vehicles of a block: half a vehicle a resident.
pub const VEHICLES: u64 = 10;

const WORKING: u64 = 12;
const OTHERS: u64 = 4;

/// The households of a block: W is of working age, S a senior, C a child. Every layout has eleven W (the loose resident
/// is the twelfth), four S and four C, so that a resident's running number within the age follows from the block's.
const LAYOUTS: [[&str; HOUSEHOLDS as usize]; 4] = [
    ["W", "W", "S", "S", "WW", "WW", "SS", "WWCC", "WWC", "WC"],
    ["W", "W", "W", "S", "S", "WW", "WW", "WW", "SS", "WWCCCC"],
    ["W", "W", "W", "WW", "WW", "SS", "SS", "WWC", "WC", "WCC"],
    ["W", "W", "W", "W", "WW", "WW", "SS", "SS", "WC", "WWCCC"],
];

/// Where in the town a resident lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// A household that can be a case, and the resident's place in it.
    Household { household: u64, place: usize },
    /// Last in a block: lodges with one of its households or lives alone. Never a member of a case.
    Loose { block: u64 },
    /// Lives alone, past the last whole block.
    Tail { rank: u64 },
}

#[derive(Clone, Copy)]
struct Seat {
    household: u64,
    place: usize,
    age: Age,
    rank: u64,
}

struct Layout {
    seats: Vec<Seat>,
    /// Where each household's seats begin, and how many they are.
    spans: Vec<(u64, u64)>,
}

/// The first night that is made, the night before the last, and the last.
#[derive(Clone, Copy)]
pub struct Nights {
    pub first: NaiveDate,
    pub since: NaiveDate,
    pub last: NaiveDate,
}

/// Everything that the registers and the facit are derived from.
pub struct Town {
    pub residents: u64,
    pub cases: u64,
    pub nights: Nights,
    pub municipality: String,
    pub draw: Draw,
    pub births: Births,
    blocks: u64,
    layouts: Vec<Layout>,
    case_order: Permutation,
    address_order: Permutation,
}

impl Town {
    pub fn new(residents: u64, cases: u64, nights: Nights, municipality: String, seed: u64) -> Town {
        let draw = Draw::new(seed);
        let blocks = residents / BLOCK;
        let addresses = blocks * (HOUSEHOLDS + 1) + BLOCK + cases;
        Town {
            residents,
            cases,
            nights,
            municipality,
            draw,
            births: Births::new(nights.first, nights.last, draw),
            blocks,
            layouts: LAYOUTS.iter().map(|households| lay_out(households)).collect(),
            case_order: draw.permutation(Purpose::CaseOrder, 0, blocks * HOUSEHOLDS),
            address_order: draw.permutation(Purpose::AddressOrder, 0, addresses),
        }
    }

    /// How many households can be cases among so many residents.
    pub fn most_cases(residents: u64) -> u64 {
        residents / BLOCK * HOUSEHOLDS
    }

    pub fn base_vehicles(&self) -> u64 {
        self.blocks * VEHICLES
    }

    pub fn home(&self, resident: u64) -> Home {
        let (block, seat) = (resident / BLOCK, resident % BLOCK);
        if block == self.blocks {
            return Home::Tail { rank: seat };
        }
        match self.layout(block).seats.get(seat as usize) {
            Some(seat) => Home::Household { household: block * HOUSEHOLDS + seat.household, place: seat.place },
            None => Home::Loose { block },
        }
    }

    /// The resident who lodges or lives alone in a block.
    pub fn loose(block: u64) -> u64 {
        block * BLOCK + BLOCK - 1
    }

    /// The residents of a household, adults first.
    pub fn household(&self, household: u64) -> impl Iterator<Item = u64> + use<> {
        let block = household / HOUSEHOLDS;
        let (start, length) = self.layout(block).spans[(household % HOUSEHOLDS) as usize];
        (0..length).map(move |place| block * BLOCK + start + place)
    }

    pub fn age(&self, resident: u64) -> Age {
        self.age_and_rank(resident).0
    }

    /// The number by the resident's age alone; a case can plant another.
    pub fn base_number(&self, resident: u64) -> Number {
        let (age, rank) = self.age_and_rank(resident);
        self.births.number(age, rank)
    }

    /// The case that a household is, if it is one.
    pub fn case_of(&self, household: u64) -> Option<u64> {
        Some(self.case_order.invert(household)).filter(|case| *case < self.cases)
    }

    pub fn household_of(&self, case: u64) -> u64 {
        self.case_order.apply(case)
    }

    /// The household that a block's loose resident would lodge with.
    pub fn host(&self, block: u64) -> u64 {
        block * HOUSEHOLDS + self.draw.below(Purpose::Host, block, HOUSEHOLDS)
    }

    /// The adressid of a home; eight digits.
    pub fn address_of(&self, home: Home) -> u64 {
        let households = self.blocks * HOUSEHOLDS;
        self.address(match home {
            Home::Household { household, .. } => household,
            Home::Loose { block } => households + block,
            Home::Tail { rank } => households + self.blocks + rank,
        })
    }

    /// An adressid where nobody lives but whom a case's plant puts there.
    pub fn spare_address(&self, case: u64) -> u64 {
        self.address(self.blocks * (HOUSEHOLDS + 1) + BLOCK + case)
    }

    /// What `date` looked like on an earlier night, before it had come: as many steps earlier as it takes. On the last
    /// night, dates stand as they are planted, the future ones too.
    pub fn as_seen(&self, date: NaiveDate, night: NaiveDate, step: u64) -> NaiveDate {
        if night == self.nights.last || date < night {
            return date;
        }
        let behind = (date - night).num_days() as u64 + 1;
        date - Days::new(behind.div_ceil(step) * step)
    }

    /// A date from `least` up to `least + spread` days before the last night.
    pub fn days_ago(&self, purpose: Purpose, index: u64, least: u64, spread: u64) -> NaiveDate {
        self.nights.last - Days::new(least + self.draw.below(purpose, index, spread))
    }

    fn address(&self, place: u64) -> u64 {
        10_000_000 + self.address_order.apply(place)
    }

    fn layout(&self, block: u64) -> &Layout {
        &self.layouts[self.draw.below(Purpose::Layout, block, LAYOUTS.len() as u64) as usize]
    }

    fn age_and_rank(&self, resident: u64) -> (Age, u64) {
        let (block, seat) = (resident / BLOCK, resident % BLOCK);
        if block == self.blocks {
            return (Age::Working, block * WORKING + seat);
        }
        match self.layout(block).seats.get(seat as usize) {
            Some(Seat { age: Age::Working, rank, .. }) => (Age::Working, block * WORKING + rank),
            Some(Seat { age, rank, .. }) => (*age, block * OTHERS + rank),
            None => (Age::Working, block * WORKING + WORKING - 1),
        }
    }
}

fn lay_out(households: &[&str]) -> Layout {
    let mut layout = Layout { seats: Vec::new(), spans: Vec::new() };
    for (household, residents) in households.iter().enumerate() {
        layout.spans.push((layout.seats.len() as u64, residents.len() as u64));
        for (place, letter) in residents.chars().enumerate() {
            let age = match letter {
                'C' => Age::Child,
                'S' => Age::Senior,
                _ => Age::Working,
            };
            let rank = layout.seats.iter().filter(|seat| seat.age == age).count() as u64;
            layout.seats.push(Seat { household: household as u64, place, age, rank });
        }
    }
    layout
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn small() -> Town {
        let night = |text: &str| text.parse().unwrap();
        let nights = Nights { first: night("2026-11-20"), since: night("2026-11-20"), last: night("2026-11-21") };
        Town::new(1_007, 250, nights, "0380".to_owned(), 3)
    }

    #[test]
    fn every_layout_has_the_same_ages() {
        for households in LAYOUTS {
            let letters = households.concat();
            let count = |letter| letters.chars().filter(|other| *other == letter).count() as u64;
            assert_eq!((count('W'), count('S'), count('C')), (WORKING - 1, OTHERS, OTHERS));
        }
    }

    #[test]
    fn a_household_lists_those_whose_home_it_is() {
        let town = small();
        for household in 0..town.blocks * HOUSEHOLDS {
            for (place, resident) in town.household(household).enumerate() {
                assert!(town.home(resident) == Home::Household { household, place });
            }
        }
    }

    #[test]
    fn residents_have_numbers_of_their_own_and_homes_addresses_of_their_own() {
        let town = small();
        let mut numbers: Vec<Number> = (0..town.residents).map(|resident| town.base_number(resident)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len() as u64, town.residents);
        let homes = (0..town.residents).map(|resident| town.address_of(town.home(resident)));
        let mut addresses: Vec<u64> = homes.chain((0..town.cases).map(|case| town.spare_address(case))).collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len() as u64, town.blocks * (HOUSEHOLDS + 1) + 7 + town.cases);
    }

    #[test]
    fn a_case_and_its_household_find_each_other() {
        let town = small();
        assert!((0..town.cases).all(|case| town.case_of(town.household_of(case)) == Some(case)));
    }

    #[test]
    fn a_date_that_had_not_come_is_seen_as_an_earlier_one() {
        let town = small();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(town.as_seen(date("2026-11-20"), date("2026-11-21"), 30), date("2026-11-20"));
        assert_eq!(town.as_seen(date("2026-11-20"), date("2026-11-20"), 30), date("2026-10-21"));
    }
}
