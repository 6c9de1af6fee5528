//! The ceilings of the högkostnadsskydd, as the facit knows them: kept apart from the robots' own parameters, so that a
//! mistake there shows.

use chrono::{Datelike, NaiveDate};

use super::cost::{Kind, Ore};

/// From which year, and the ceilings in kronor from then on: Läkemedel in a period that began before 2025-07-01, and
/// Öppenvård (lag 2002:160, 5 §; hälso- och sjukvårdslag 2017:30, 17 kap. 6 §). None has ever been lowered.
const CEILINGS: [(i32, u64, u64); 6] = [
    (2020, 2_350, 1_150),
    (2022, 2_400, 1_200),
    (2023, 2_600, 1_300),
    (2024, 2_850, 1_400),
    (2025, 2_900, 1_450),
    (2026, 2_950, 1_450),
];
/// Läkemedel in a period that began on 2025-07-01 or later (SFS 2025:578).
const MEDICINE_NOW: u64 = 3_800;

/// The first day of a period under the rules that hold now.
pub fn new_rules() -> NaiveDate {
    date(2025, 7, 1)
}

/// The first last night whose costs can all be tried, a year and more before them included: no ceiling is known before
/// 2020.
pub fn first_night() -> NaiveDate {
    date(2022, 3, 1)
}

/// The ceiling for a purchase of `kind`, Läkemedel or Öppenvård, on `day` in a period that began on `start`.
pub fn ceiling(kind: Kind, day: NaiveDate, start: NaiveDate) -> Ore {
    let of_year = CEILINGS.iter().rev().find(|(from, ..)| *from <= day.year()).unwrap_or(&CEILINGS[0]);
    Ore::kronor(match kind {
        Kind::Medicine if start >= new_rules() => MEDICINE_NOW,
        Kind::Medicine => of_year.1,
        _ => of_year.2,
    })
}

/// A day that is known to exist.
pub fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the day is written in the code and exists")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_decides_the_ceiling_and_the_periods_beginning_which_rules() {
        let [old, new] = [date(2025, 6, 30), new_rules()];
        assert_eq!(ceiling(Kind::Medicine, date(2025, 12, 31), old), Ore::kronor(2_900));
        assert_eq!(ceiling(Kind::Medicine, date(2026, 1, 1), old), Ore::kronor(2_950));
        assert_eq!(ceiling(Kind::Medicine, date(2026, 1, 1), new), Ore::kronor(3_800));
        assert_eq!(ceiling(Kind::Care, date(2024, 12, 31), old), Ore::kronor(1_400));
    }
}
