//! A calendar month.

use std::fmt;

use chrono::{Datelike, NaiveDate};

/// A calendar month, such as the one an application is for; written `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Months since January of the year 0.
    since_year_zero: i32,
}

impl Month {
    /// The month `month` (1–12) of `year`; `None` outside the calendar.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, 1).map(Self::of)
    }

    /// The month that `date` falls in.
    #[must_use]
    pub fn of(date: NaiveDate) -> Self {
        Self { since_year_zero: date.year() * 12 + i32::try_from(date.month0()).expect("a month is small") }
    }

    /// Reads `2026-11`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let plain = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(year, 4) || !plain(month, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?)
    }

    /// How many months it is since January of the year 0.
    pub(crate) fn since_year_zero(self) -> i32 {
        self.since_year_zero
    }

    /// The month that is so many months after January of the year 0.
    pub(crate) fn at(since_year_zero: i32) -> Self {
        Self { since_year_zero }
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        let month = u32::try_from(self.since_year_zero.rem_euclid(12)).expect("a remainder of twelve") + 1;
        NaiveDate::from_ymd_opt(self.since_year_zero.div_euclid(12), month, 1).unwrap_or(NaiveDate::MAX)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first_day().format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_and_written_as_year_and_month() {
        assert_eq!(Month::parse("2026-11").unwrap().to_string(), "2026-11");
        for wrong in ["2026-13", "2026-1", "202611", "2026-11-01", "+026-11", ""] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
        assert!(Month::parse("2025-12") < Month::parse("2026-01"));
    }
}
