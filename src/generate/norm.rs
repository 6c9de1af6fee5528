//! The riksnorm and the schabloner, as the facit knows them: kept apart from the robots' own parameters, so that a mistake
//! there shows.

use chrono::{Datelike, NaiveDate};

use super::cost::{Kind, Ore};

/// A year's riksnorm, in kronor a month.
struct Norm {
    year: i32,
    /// One adult, and two.
    adults: [u64; 2],
    /// By the ages of `BANDS`.
    children: [u64; 8],
    /// By how many the household is, from one on.
    shared: [u64; 7],
}

/// The age at which each of the norms for children ends.
const BANDS: [i32; 8] = [0, 2, 3, 6, 10, 14, 18, 20];

const fn norm(year: i32, adults: [u64; 2], children: [u64; 8], shared: [u64; 7]) -> Norm {
    Norm { year, adults, children, shared }
}

const NORMS: [Norm; 6] = [
    norm(
        2021,
        [3_160, 5_700],
        [2_180, 2_440, 2_170, 2_440, 3_060, 3_520, 3_970, 4_000],
        [1_020, 1_130, 1_420, 1_610, 1_860, 2_100, 2_270],
    ),
    norm(
        2022,
        [3_210, 5_800],
        [2_220, 2_480, 2_210, 2_480, 3_110, 3_580, 4_040, 4_070],
        [1_040, 1_150, 1_450, 1_640, 1_890, 2_140, 2_310],
    ),
    norm(
        2023,
        [3_490, 6_300],
        [2_420, 2_700, 2_410, 2_700, 3_380, 3_890, 4_390, 4_430],
        [1_130, 1_250, 1_580, 1_790, 2_060, 2_330, 2_510],
    ),
    norm(
        2024,
        [3_800, 6_850],
        [2_640, 2_940, 2_620, 2_940, 3_680, 4_230, 4_780, 4_820],
        [1_230, 1_360, 1_720, 1_950, 2_240, 2_540, 2_730],
    ),
    norm(
        2025,
        [3_910, 7_050],
        [2_720, 3_030, 2_700, 3_030, 3_790, 4_350, 4_920, 4_960],
        [1_270, 1_400, 1_770, 2_010, 2_310, 2_620, 2_810],
    ),
    norm(
        2026,
        [3_940, 7_100],
        [2_740, 3_060, 2_720, 3_060, 3_820, 4_390, 4_960, 5_000],
        [1_280, 1_410, 1_790, 2_030, 2_330, 2_640, 2_830],
    ),
];

/// What a household has by the riksnorm in a period's month; `None` where there is none for it. The children's ages are
/// full years on the month's first day, below zero for one who is born later.
pub fn of_household(period: NaiveDate, adults: usize, children: &[i32]) -> Option<Ore> {
    let norm = NORMS.iter().find(|norm| norm.year == period.year())?;
    let of_adults = norm.adults.get(adults.checked_sub(1)?)?;
    let of_child = |age: &i32| BANDS.iter().position(|last| age <= last).map(|band| norm.children[band]);
    let of_children: Option<u64> = children.iter().map(of_child).sum();
    let shared = norm.shared.get(adults + children.len() - 1)?;
    Some(Ore::kronor(of_adults + of_children? + shared))
}

/// The schablon for costs of a kind, sought for a household of so many, one at the least; `None` where the kind has none.
pub fn schablon(kind: Kind, members: usize, period: NaiveDate) -> Option<Ore> {
    let by_members: [u64; 5] = match kind {
        Kind::Power if (4..=9).contains(&period.month()) => [450, 550, 650, 750, 850],
        Kind::Power => [700, 850, 1_000, 1_150, 1_300],
        Kind::Insurance => [180, 200, 220, 240, 260],
        Kind::Broadband => [300; 5],
        Kind::Medicine => [400, 600, 750, 900, 1_000],
        Kind::Care => [300, 450, 550, 600, 600],
        Kind::Rent => [6_330, 6_900, 8_100, 9_300, 10_450],
        Kind::Dental | Kind::Travel => return None,
    };
    Some(Ore::kronor(by_members[members.clamp(1, 5) - 1]))
}

#[cfg(test)]
mod tests {
    use super::super::ceiling::date;
    use super::*;

    #[test]
    fn a_household_has_the_norm_of_the_year_and_of_the_ages_on_the_first_day() {
        let period = date(2026, 11, 1);
        assert_eq!(of_household(period, 1, &[]), Some(Ore::kronor(3_940 + 1_280)));
        assert_eq!(
            of_household(period, 2, &[-1, 0, 3, 7]),
            Some(Ore::kronor(7_100 + 2 * 2_740 + 2_720 + 3_820 + 2_640))
        );
        assert_eq!(of_household(period, 1, &[20]), Some(Ore::kronor(3_940 + 5_000 + 1_410)));
        assert_eq!(of_household(period, 1, &[21]), None);
        assert_eq!((of_household(period, 0, &[5]), of_household(period, 3, &[])), (None, None));
        assert_eq!(of_household(date(2027, 1, 1), 1, &[]), None);
    }

    #[test]
    fn the_season_and_the_household_decide_the_schablon() {
        let [winter, summer] = [date(2026, 11, 1), date(2026, 9, 1)];
        assert_eq!(schablon(Kind::Power, 1, winter), Some(Ore::kronor(700)));
        assert_eq!(schablon(Kind::Power, 6, summer), Some(Ore::kronor(850)));
        assert_eq!(schablon(Kind::Dental, 1, summer), None);
    }
}
