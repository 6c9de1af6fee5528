//! An organisation's number, and an owner who may be a person or an organisation.

use std::fmt;

use chrono::NaiveDate;

use super::{Personnummer, PersonnummerError, has_valid_check_digit, ten_digits};

/// A legal person's organisationsnummer with a verified check digit: ten digits, the third at least 2
/// (lag 1974:174). A sole trader's number is a person's and is not one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Organisationsnummer(u64);

/// Why a text is not an organisation's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationError {
    /// Not ten digits, with or without a hyphen before the last four.
    #[error("is not ten digits")]
    Form,
    /// The third digit is 0 or 1, as in a person's number.
    #[error("has a third digit below 2")]
    ThirdDigit,
    /// The last digit does not agree with the others.
    #[error("has a wrong check digit")]
    CheckDigit,
}

impl Organisationsnummer {
    /// Reads ten digits, with or without a hyphen before the last four.
    ///
    /// # Errors
    /// When the form, the third digit or the check digit is not that of an organisation.
    pub fn parse(text: &str) -> Result<Self, OrganisationError> {
        let number = ten_written_digits(text).ok_or(OrganisationError::Form)?;
        let digits = ten_digits(number);
        if digits[2] < 2 {
            return Err(OrganisationError::ThirdDigit);
        }
        if !has_valid_check_digit(&digits) {
            return Err(OrganisationError::CheckDigit);
        }
        Ok(Self(number))
    }

    /// The number that [`Self::ten_digits`] gave of one that was read; nothing of it is verified again.
    pub(crate) fn verified(ten_digits: u64) -> Self {
        Self(ten_digits)
    }

    /// The ten digits as a number.
    #[must_use]
    pub fn ten_digits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Organisationsnummer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}-{:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

/// The ten digits of `NNNNNN-NNNN` or `NNNNNNNNNN`.
fn ten_written_digits(text: &str) -> Option<u64> {
    let (first, last) = match text.len() {
        10 => text.split_at_checked(6)?,
        11 => text.split_once('-').filter(|(first, _)| first.len() == 6)?,
        _ => return None,
    };
    let all_digits = first.bytes().chain(last.bytes()).all(|byte| byte.is_ascii_digit());
    if !all_digits {
        return None;
    }
    Some(first.parse::<u64>().ok()? * 10_000 + last.parse::<u64>().ok()?)
}

/// One who can own or be owed: a person or an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// A natural person, a sole trader included.
    Person(Personnummer),
    /// A legal person.
    Organisation(Organisationsnummer),
}

impl Party {
    /// Reads a person's or an organisation's number: ten digits whose third is at least 2 are an organisation's.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(text: &str, night: NaiveDate) -> Result<Self, PersonnummerError> {
        match Organisationsnummer::parse(text) {
            Ok(number) => Ok(Self::Organisation(number)),
            Err(OrganisationError::CheckDigit) => Err(PersonnummerError::CheckDigit),
            Err(_) => Personnummer::parse(text, night).map(Self::Person),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_is_told_from_a_person_by_the_third_digit() {
        let night = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        assert!(matches!(Party::parse("212000-0142", night), Ok(Party::Organisation(_))));
        assert!(matches!(Party::parse("18900101-9802", night), Ok(Party::Person(_))));
        assert_eq!(Party::parse("212000-0143", night), Err(PersonnummerError::CheckDigit));
        assert!(Party::parse("saknas", night).is_err());
    }

    #[test]
    fn a_number_is_read_with_and_without_its_hyphen() {
        assert_eq!(Organisationsnummer::parse("2120000142"), Organisationsnummer::parse("212000-0142"));
        assert_eq!(Organisationsnummer::parse("212000-0142").unwrap().to_string(), "212000-0142");
        assert_eq!(Organisationsnummer::parse("2100000142"), Err(OrganisationError::ThirdDigit));
        assert_eq!(Organisationsnummer::parse("21200-00142"), Err(OrganisationError::Form));
    }
}
