//! A person's number, in every written form, as one value.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use super::digits::{all_digits, eight_digits};
use super::{date, has_valid_check_digit, ten_digits};

/// A personnummer or samordningsnummer whose check digit has been verified (folkbokföringslag 1991:481, 18 and 18 a §§).
///
/// Twelve digits, `YYYYMMDDNNNN`; a samordningsnummer has 60 added to its day. Two numbers are equal when the twelve
/// digits are, however they were written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Personnummer(u64);

/// Never the number: logs and panics print `Debug`.
impl fmt::Debug for Personnummer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personnummer(…)")
    }
}

/// Why a text is not a person's number. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonnummerError {
    /// Not ten or twelve digits with at most one `-` or `+` before the last four.
    #[error("is not ten or twelve digits")]
    Form,
    /// A day that is in no calendar.
    #[error("has an impossible date")]
    Date,
    /// The birth number 000, which is never given out.
    #[error("has the birth number 000")]
    BirthNumber,
    /// The last digit does not agree with the others.
    #[error("has a wrong check digit")]
    CheckDigit,
}

impl Personnummer {
    /// Reads a number written with ten or twelve digits, with or without `-`, with `+` for those who have turned a hundred.
    ///
    /// Ten digits are given the latest century in which the birthday is on or before `night`; after `+` the latest in
    /// which the year of birth is at least a hundred years before that of `night`.
    ///
    /// # Errors
    /// When the form, the date, the birth number or the check digit is not that of a person's number.
    #[inline]
    pub fn parse(text: &str, night: NaiveDate) -> Result<Self, PersonnummerError> {
        Self::read(text.as_bytes(), night)
    }

    /// The same, from bytes that may be no text.
    ///
    /// # Errors
    /// As [`Self::parse`].
    #[inline]
    pub fn read(text: &[u8], night: NaiveDate) -> Result<Self, PersonnummerError> {
        let usual = Self::of_usual_form(text).or_else(|| short_form(text, night).map(Self));
        usual.map_or_else(|| Self::read_any(text, night), Ok)
    }

    /// The number, if it is written with its century and stands in order at a glance; others may be numbers too.
    #[inline]
    #[must_use]
    pub fn of_usual_form(text: &[u8]) -> Option<Self> {
        usual_form(text).map(Self)
    }

    fn read_any(text: &[u8], night: NaiveDate) -> Result<Self, PersonnummerError> {
        let Written { digits, centenarian } = Written::read(text)?;
        let number = match digits {
            Digits::Twelve(number) => number,
            Digits::Ten(short) => with_century(short, centenarian, night)?,
        };
        Self::from_twelve_digits(number)
    }

    /// The number with these twelve digits.
    ///
    /// # Errors
    /// When the date, the birth number or the check digit is not that of a person's number.
    pub fn from_twelve_digits(number: u64) -> Result<Self, PersonnummerError> {
        let short = number % 10_000_000_000;
        if number / 10_000_000_000 < 16 || number > 999_999_999_999 {
            return Err(PersonnummerError::Date);
        }
        birth_day(number)?;
        if (short / 10).is_multiple_of(1_000) {
            return Err(PersonnummerError::BirthNumber);
        }
        if !has_valid_check_digit(&ten_digits(short)) {
            return Err(PersonnummerError::CheckDigit);
        }
        Ok(Self(number))
    }

    /// The number that [`Self::twelve_digits`] gave of one that was read; nothing of it is verified again.
    pub(crate) fn verified(twelve_digits: u64) -> Self {
        Self(twelve_digits)
    }

    /// The twelve digits as a number.
    #[must_use]
    pub fn twelve_digits(self) -> u64 {
        self.0
    }

    /// The number as it is written in the lists that may hold it: `ÅÅÅÅMMDD-NNNN`.
    #[must_use]
    pub fn written_out(self) -> String {
        format!("{:08}-{:04}", self.0 / 10_000, self.0 % 10_000)
    }

    /// The date of birth; `None` for a samordningsnummer with month 00 or day 60, whose date of birth is not known.
    #[must_use]
    pub fn birth_date(self) -> Option<NaiveDate> {
        birth_day(self.0).ok().flatten()
    }

    /// Full years at `day`: on the birthday the year is full. One born on 29 February turns a year on the 28th in a year
    /// without the 29th (lag 1930:173, 1 §). `None` when the date of birth is not known or is after `day`.
    #[must_use]
    pub fn age_at(self, day: NaiveDate) -> Option<u32> {
        let born = self.birth_date()?;
        u32::try_from(date::whole_months_between(born, day) / 12).ok().filter(|_| born <= day)
    }
}

/// The digits of a number and the sign before its last four.
struct Written {
    digits: Digits,
    centenarian: bool,
}

enum Digits {
    Ten(u64),
    Twelve(u64),
}

impl Written {
    fn read(text: &[u8]) -> Result<Self, PersonnummerError> {
        let (digits, sign) = match text.len() {
            10 | 12 => (text.len(), None),
            11 | 13 => (text.len() - 1, Some(text[text.len() - 5])),
            _ => return Err(PersonnummerError::Form),
        };
        if !matches!(sign, None | Some(b'-' | b'+')) {
            return Err(PersonnummerError::Form);
        }
        let mut number = 0;
        for (place, &byte) in text.iter().enumerate() {
            if sign.is_some() && place == text.len() - 5 {
                continue;
            }
            if !byte.is_ascii_digit() {
                return Err(PersonnummerError::Form);
            }
            number = number * 10 + u64::from(byte - b'0');
        }
        let digits = if digits == 12 { Digits::Twelve(number) } else { Digits::Ten(number) };
        Ok(Self { digits, centenarian: sign == Some(b'+') })
    }
}

/// The twelve digits of a number in its usual form, if it is one: twelve digits, or thirteen signs with `-`, a birthday
/// before the 29th, and everything in order. Registers are read for millions of these, so eight digits are looked at in one
/// word; whatever is not in this form is for [`Written`] to judge.
#[inline]
fn usual_form(text: &[u8]) -> Option<u64> {
    match text.len() {
        12 => in_order(text[..8].try_into().ok()?, text[8..].try_into().ok()?),
        13 if text[8] == b'-' => in_order(text[..8].try_into().ok()?, text[9..].try_into().ok()?),
        _ => None,
    }
}

/// The same of a number without its century, ten digits or eleven signs with `-`: the latest century in which its birthday
/// is not after the night.
fn short_form(text: &[u8], night: NaiveDate) -> Option<u64> {
    let (date, last): ([u8; 6], [u8; 4]) = match text.len() {
        10 => (text[..6].try_into().ok()?, text[6..].try_into().ok()?),
        11 if text[6] == b'-' => (text[..6].try_into().ok()?, text[7..].try_into().ok()?),
        _ => return None,
    };
    let [y1, y2, m1, m2, d1, d2] = date;
    let in_year_of = |century: u64| {
        let digit = |number: u64| u8::try_from(number % 10).map_or(b'0', |digit| b'0' + digit);
        in_order([digit(century / 10), digit(century), y1, y2, m1, m2, d1, d2], last)
    };
    let century = u64::try_from(night.year()).ok().filter(|year| (1700..10_000).contains(year))? / 100;
    let latest = in_year_of(century)?;
    let (year, month_and_day) = (latest / 100_000_000, latest / 10_000 % 10_000);
    // Sixty is added to a samordningsnummer's day.
    let day = month_and_day % 100 % 60;
    let birthday = year * 10_000 + month_and_day / 100 * 100 + day;
    let of_night = u64::try_from(night.year()).ok()? * 10_000 + u64::from(night.month() * 100 + night.day());
    if birthday <= of_night { Some(latest) } else { in_year_of(century - 1) }
}

/// Eight digits of a day and four more as the number that they make, if it is in order at a glance.
#[inline]
fn in_order(first: [u8; 8], last: [u8; 4]) -> Option<u64> {
    let (first, last) = (u64::from_le_bytes(first), u64::from(u32::from_le_bytes(last)));
    // The four last digits with zeros before them, in a word of their own.
    let last = (last << 32) | 0x3030_3030;
    if !all_digits(first) || !all_digits(last) {
        return None;
    }
    let (date, number) = (eight_digits(first), eight_digits(last));
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let is_plain_day = (1..=28).contains(&day) || (61..=88).contains(&day);
    let is_in_order = year >= 1600 && (1..=12).contains(&month) && is_plain_day && number / 10 != 0;
    // Luhn: YYMMDDNN in one word, every other digit from the first doubled; the two last digits apart.
    let digits = (first >> 16 | (last >> 32 & 0xFFFF) << 48) & 0x0F0F_0F0F_0F0F_0F0F;
    let doubled = (digits & 0x00FF_00FF_00FF_00FF) * 2;
    // Nine less where the double has two digits: six more than that sets a lane's fifth bit.
    let two_digits = (doubled + 0x0006_0006_0006_0006) >> 4 & 0x0001_0001_0001_0001;
    let lanes = doubled - two_digits * 9 + (digits & 0xFF00_FF00_FF00_FF00);
    let of_eight = lanes.wrapping_mul(0x0101_0101_0101_0101) >> 56;
    let (ninth, check) = (number / 10 % 10, number % 10);
    let of_ninth = if ninth > 4 { ninth * 2 - 9 } else { ninth * 2 };
    (is_in_order && (of_eight + of_ninth + check).is_multiple_of(10)).then_some(date * 10_000 + number)
}

/// Puts the century before ten digits.
fn with_century(short: u64, centenarian: bool, night: NaiveDate) -> Result<u64, PersonnummerError> {
    let year_of_night = u64::try_from(night.year()).map_err(|_| PersonnummerError::Date)?;
    let mut century = year_of_night / 100;
    while century >= 16 {
        let number = century * 10_000_000_000 + short;
        let year = number / 100_000_000;
        let early_enough = if centenarian { year + 100 <= year_of_night } else { year <= year_of_night };
        if early_enough
            && let Ok(born) = birth_day(number)
            && (centenarian || born.is_none_or(|born| born <= night))
        {
            return Ok(number);
        }
        century -= 1;
    }
    Err(PersonnummerError::Date)
}

/// The birthday in twelve digits; `None` for the month 00 or day 60 of one whose date of birth is not known.
fn birth_day(number: u64) -> Result<Option<NaiveDate>, PersonnummerError> {
    let year = i32::try_from(number / 100_000_000).map_err(|_| PersonnummerError::Date)?;
    let month = u32::try_from(number / 1_000_000 % 100).map_err(|_| PersonnummerError::Date)?;
    let day = u32::try_from(number / 10_000 % 100).map_err(|_| PersonnummerError::Date)?;
    let (day, is_coordination) = if day >= 60 { (day - 60, true) } else { (day, false) };
    let is_not_known = is_coordination && day <= 31 && month <= 12 && (month == 0 || day == 0);
    if is_not_known {
        return Ok(None);
    }
    NaiveDate::from_ymd_opt(year, month, day).map(Some).ok_or(PersonnummerError::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
    }

    fn parse(text: &str) -> Result<Personnummer, PersonnummerError> {
        Personnummer::parse(text, night())
    }

    #[test]
    fn every_written_form_becomes_one_value() {
        let forms = ["189001019802", "18900101-9802", "900101+9802", "18900101+9802"];
        for form in forms {
            assert_eq!(parse(form).unwrap().twelve_digits(), 189_001_019_802, "{form}");
        }
        assert_eq!(parse("900101-9802").unwrap().written_out(), "19900101-9802");
    }

    /// The usual form is read in a way of its own, which takes nothing that the other does not, and the same of it.
    #[test]
    fn the_short_way_agrees_with_the_long_one() {
        let mut taken = 0;
        for (place, date) in [
            "18900101", "19991231", "20260228", "20260229", "20240229", "19000229", "20261301", "20260061", "19640888",
            "15991231", "20261122", "20260132", "20260089",
        ]
        .iter()
        .enumerate()
        {
            for last in (0..10_000).step_by(7 + place) {
                for text in [format!("{date}{last:04}"), format!("{date}-{last:04}"), format!("{date}+{last:04}")] {
                    let long = Written::read(text.as_bytes()).and_then(|written| match written.digits {
                        Digits::Twelve(number) => Personnummer::from_twelve_digits(number),
                        Digits::Ten(_) => Err(PersonnummerError::Form),
                    });
                    if let Some(short) = usual_form(text.as_bytes()) {
                        assert_eq!(long.map(Personnummer::twelve_digits), Ok(short), "{text}");
                        taken += 1;
                    }
                    assert_eq!(parse(&text), long, "{text}");
                }
            }
        }
        assert!(taken > 300);
        for wrong in ["1890010198o2", "1890010/9802", "18900101-98:2", "18900101_9802", "/89001019802", "1890 1019802"]
        {
            assert_eq!(usual_form(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn ten_digits_get_the_latest_century_that_is_not_after_the_night() {
        // A number of one born the day after the night belongs to the century before.
        let tomorrow = (0..10_000).map(|last| format!("261122{last:04}")).find_map(|text| parse(&text).ok()).unwrap();
        assert_eq!(tomorrow.birth_date().unwrap().year(), 1926);
        let tonight = (0..10_000).map(|last| format!("261121{last:04}")).find_map(|text| parse(&text).ok()).unwrap();
        assert_eq!(tonight.birth_date().unwrap().year(), 2026);
    }

    #[test]
    fn a_plus_means_born_at_least_a_hundred_years_before_the_nights_year() {
        let number = (0..10_000).map(|last| format!("261222+{last:04}")).find_map(|text| parse(&text).ok()).unwrap();
        assert_eq!(number.birth_date().unwrap().year(), 1926);
        let number = (0..10_000).map(|last| format!("270101+{last:04}")).find_map(|text| parse(&text).ok()).unwrap();
        assert_eq!(number.birth_date().unwrap().year(), 1827);
    }

    #[test]
    fn wrong_numbers_say_what_is_wrong_with_them() {
        assert_eq!(parse("189001019803"), Err(PersonnummerError::CheckDigit));
        assert_eq!(parse("189013019802"), Err(PersonnummerError::Date));
        assert_eq!(parse("1890010198"), Err(PersonnummerError::Date));
        assert_eq!(parse("19900101A802"), Err(PersonnummerError::Form));
        assert_eq!(parse("900101/9802"), Err(PersonnummerError::Form));
        assert_eq!(parse(""), Err(PersonnummerError::Form));
        let zero = (0..10).map(|last| format!("19900101000{last}")).map(|text| parse(&text).unwrap_err());
        assert!(zero.into_iter().all(|error| error == PersonnummerError::BirthNumber));
    }

    #[test]
    fn a_samordningsnummer_may_lack_a_date_of_birth() {
        let known = (0..10_000).map(|last| format!("19900161{last:04}")).find_map(|text| parse(&text).ok()).unwrap();
        assert_eq!(known.birth_date(), NaiveDate::from_ymd_opt(1990, 1, 1));
        let no_day = (0..10_000).map(|last| format!("19900160{last:04}")).find_map(|text| parse(&text).ok()).unwrap();
        assert_eq!(no_day.birth_date(), None);
        assert_eq!(no_day.age_at(night()), None);
        let no_month = (0..10_000).map(|last| format!("19900075{last:04}")).find_map(|text| parse(&text).ok()).unwrap();
        assert_eq!(no_month.birth_date(), None);
    }

    #[test]
    fn age_is_full_years_and_is_reached_on_the_birthday() {
        let person = parse("199001019802").unwrap();
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(person.age_at(day(2007, 12, 31)), Some(17));
        assert_eq!(person.age_at(day(2008, 1, 1)), Some(18));
        let leapling = (0..10_000).map(|last| format!("20000229{last:04}")).find_map(|text| parse(&text).ok()).unwrap();
        assert_eq!(leapling.age_at(day(2018, 2, 27)), Some(17));
        assert_eq!(leapling.age_at(day(2018, 2, 28)), Some(18));
        assert_eq!(leapling.age_at(day(1999, 2, 28)), None);
    }

    #[test]
    fn a_number_never_shows_in_debug_output() {
        assert_eq!(format!("{:?}", parse("189001019802").unwrap()), "Personnummer(…)");
    }
}
