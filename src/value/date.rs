//! Reckoning with dates: months that end on different days, full months between two days, the forms in extracts.

use chrono::{Datelike, Months, NaiveDate};

use super::digits::{all_digits, eight_digits};

/// How a date is written in an extract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateFormat {
    /// `2026-11-21`, ISO 8601's extended form.
    #[default]
    Iso,
    /// `20261121`, its basic form.
    Compact,
}

impl DateFormat {
    /// Reads a date in exactly this form; `None` for anything else, days in no calendar included.
    #[inline]
    #[must_use]
    pub fn parse(self, text: &[u8]) -> Option<NaiveDate> {
        let digits = match (self, text) {
            (Self::Iso, &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2])
            | (Self::Compact, &[y1, y2, y3, y4, m1, m2, d1, d2]) => {
                u64::from_le_bytes([y1, y2, y3, y4, m1, m2, d1, d2])
            }
            _ => return None,
        };
        if !all_digits(digits) {
            return None;
        }
        let number = u32::try_from(eight_digits(digits)).ok()?;
        NaiveDate::from_ymd_opt(i32::try_from(number / 10_000).ok()?, number / 100 % 100, number % 100)
    }

    /// Writes a date in this form.
    #[must_use]
    pub fn write(self, date: NaiveDate) -> String {
        let year = match u32::try_from(date.year()) {
            Ok(year) if year <= 9999 => year,
            _ if self == Self::Iso => return date.format("%Y-%m-%d").to_string(),
            _ => return date.format("%Y%m%d").to_string(),
        };
        let mut text = String::with_capacity("2026-11-21".len());
        push_digits(&mut text, year, 4);
        for part in [date.month(), date.day()] {
            if self == Self::Iso {
                text.push('-');
            }
            push_digits(&mut text, part, 2);
        }
        text
    }
}

/// Writes a number's last `length` digits.
fn push_digits(text: &mut String, number: u32, length: u32) {
    for place in (0..length).rev() {
        text.extend(char::from_digit(number / 10_u32.pow(place) % 10, 10));
    }
}

/// `months` months after `date` (before it when negative), on the same day of the month, or on the month's last day where
/// it has no such day. `None` outside the calendar.
#[must_use]
pub fn add_months(date: NaiveDate, months: i32) -> Option<NaiveDate> {
    if months >= 0 {
        date.checked_add_months(Months::new(months.unsigned_abs()))
    } else {
        date.checked_sub_months(Months::new(months.unsigned_abs()))
    }
}

/// Full months from `from` to `to`; negative when `to` comes first. A month is full on the same day of the next, or on
/// that month's last day where it has no such day (lag 1930:173, 1 §).
#[must_use]
pub fn whole_months_between(from: NaiveDate, to: NaiveDate) -> i32 {
    if to < from {
        return -whole_months_between(to, from);
    }
    let months = (to.year() - from.year()) * 12 + i32::try_from(to.month()).expect("a month is small")
        - i32::try_from(from.month()).expect("a month is small");
    let reached = add_months(from, months).is_some_and(|day| day <= to);
    if reached { months } else { months - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn a_date_is_read_in_the_declared_form_and_no_other() {
        assert_eq!(DateFormat::Iso.parse(b"2026-11-21"), Some(day(2026, 11, 21)));
        assert_eq!(DateFormat::Compact.parse(b"20261121"), Some(day(2026, 11, 21)));
        for wrong in [&b"20261121"[..], b"2026-13-01", b"2026-02-29", b"26-11-21", b"2026-11-2", b"+026-11-21", b""] {
            assert_eq!(DateFormat::Iso.parse(wrong), None);
        }
        assert_eq!(DateFormat::Compact.parse(b"2026-11-21"), None);
    }

    #[test]
    fn a_date_is_written_as_the_calendar_writes_it() {
        let days =
            [day(2026, 11, 21), day(2000, 1, 1), day(33, 2, 3), day(9999, 12, 31), day(12026, 1, 2), day(-5, 6, 7)];
        for date in days {
            assert_eq!(DateFormat::Iso.write(date), date.to_string());
            assert_eq!(DateFormat::Compact.write(date), date.format("%Y%m%d").to_string());
        }
    }

    #[test]
    fn a_month_without_the_day_ends_on_its_last() {
        assert_eq!(add_months(day(2026, 3, 31), -1), Some(day(2026, 2, 28)));
        assert_eq!(add_months(day(2024, 2, 29), 12), Some(day(2025, 2, 28)));
        assert_eq!(add_months(day(2026, 1, 15), -12), Some(day(2025, 1, 15)));
    }

    #[test]
    fn full_months_are_counted_to_the_day() {
        assert_eq!(whole_months_between(day(2025, 11, 21), day(2026, 11, 20)), 11);
        assert_eq!(whole_months_between(day(2025, 11, 21), day(2026, 11, 21)), 12);
        assert_eq!(whole_months_between(day(2026, 1, 31), day(2026, 2, 28)), 1);
        assert_eq!(whole_months_between(day(2026, 2, 28), day(2026, 1, 31)), -1);
    }
}
