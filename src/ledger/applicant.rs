//! Who a note is about, as far as it is remembered so that a skew can be seen: sex and age group, and never the person.

use chrono::NaiveDate;

use crate::value::Personnummer;

/// The sex that a person's number tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sex {
    /// The number before the last is even.
    Woman,
    /// It is odd.
    Man,
}

impl Sex {
    const ALL: [Self; 2] = [Self::Woman, Self::Man];

    /// The word in the ledger's column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Woman => "woman",
            Self::Man => "man",
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sex| sex.word() == word)
    }
}

/// Ten years of age, as the month's report groups applicants (PDD 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgeGroup {
    /// 18 to 24.
    From18,
    /// 25 to 34.
    From25,
    /// 35 to 44.
    From35,
    /// 45 to 54.
    From45,
    /// 55 to 64.
    From55,
    /// 65 and older.
    From65,
}

impl AgeGroup {
    const ALL: [Self; 6] = [Self::From18, Self::From25, Self::From35, Self::From45, Self::From55, Self::From65];

    /// The group of this age, in full years; none for a child.
    #[must_use]
    pub fn of(age: u32) -> Option<Self> {
        Some(match age {
            0..18 => return None,
            18..25 => Self::From18,
            25..35 => Self::From25,
            35..45 => Self::From35,
            45..55 => Self::From45,
            55..65 => Self::From55,
            65.. => Self::From65,
        })
    }

    /// The word in the ledger's column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::From18 => "18-24",
            Self::From25 => "25-34",
            Self::From35 => "35-44",
            Self::From45 => "45-54",
            Self::From55 => "55-64",
            Self::From65 => "65-",
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.word() == word)
    }
}

/// What is remembered of an applicant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Applicant {
    /// The sex; none where the applicant is not known.
    pub sex: Option<Sex>,
    /// The age group the night of the note; none where the date of birth is not known, and for a child.
    pub age_group: Option<AgeGroup>,
}

impl Applicant {
    /// What a person's number tells, on a night.
    #[must_use]
    pub fn of(person: Personnummer, night: NaiveDate) -> Self {
        let sex = if (person.twelve_digits() / 10).is_multiple_of(2) { Sex::Woman } else { Sex::Man };
        Self { sex: Some(sex), age_group: person.age_at(night).and_then(AgeGroup::of) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two of Skatteverket's test numbers, born 1960-01-06 and 1960-01-18.
    fn of(number: u64, year: i32, day: u32) -> Applicant {
        let night = NaiveDate::from_ymd_opt(year, 1, day).unwrap();
        Applicant::of(Personnummer::from_twelve_digits(number).unwrap(), night)
    }

    #[test]
    fn sex_and_age_group_are_those_of_the_number_on_that_night() {
        assert_eq!(of(196_001_062_626, 2026, 6).sex, Some(Sex::Woman));
        assert_eq!(of(196_001_189_114, 2026, 6).sex, Some(Sex::Man));
        let group = |year, day| of(196_001_062_626, year, day).age_group;
        assert_eq!((group(1978, 5), group(1978, 6)), (None, Some(AgeGroup::From18)));
        assert_eq!((group(1985, 5), group(1985, 6)), (Some(AgeGroup::From18), Some(AgeGroup::From25)));
        assert_eq!((group(2005, 5), group(2005, 6)), (Some(AgeGroup::From35), Some(AgeGroup::From45)));
        assert_eq!((group(2025, 5), group(2025, 6)), (Some(AgeGroup::From55), Some(AgeGroup::From65)));
    }

    #[test]
    fn every_word_is_known_again() {
        assert!(AgeGroup::ALL.into_iter().all(|group| AgeGroup::named(group.word()) == Some(group)));
        assert!(Sex::ALL.into_iter().all(|sex| Sex::named(sex.word()) == Some(sex)));
        assert_eq!((AgeGroup::named("0-17"), Sex::named("")), (None, None));
    }
}
