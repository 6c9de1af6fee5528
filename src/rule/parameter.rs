//! Amounts, limits and code lists with the dates they are valid from and their sources.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::NaiveDate;

use super::types::Literal;
use super::types::Type;

/// A dated value or a code list, called in expressions by its id.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its id.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// What it holds.
    pub content: Content,
}

/// What a parameter holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// One value at a time, called with the date of the event: `grans_fordon(night)`.
    Dated {
        /// The type of its values.
        ty: Type,
        /// The values in the order of their dates.
        values: Vec<DatedValue>,
    },
    /// Codes and what they stand for, called with a code: `kommun(m.kir.kommunkod)`.
    Codes {
        /// What each code stands for.
        names: BTreeMap<String, String>,
        /// What a code that is not listed is written as, with `{code}` where the code goes; without it such a code is
        /// unknown.
        unlisted: Option<String>,
        /// The first day the list is valid.
        from: NaiveDate,
        /// Where it is from.
        source: String,
    },
}

/// A value and when it is valid.
#[derive(Clone, Debug)]
pub struct DatedValue {
    /// The first day.
    pub from: NaiveDate,
    /// The last day, where the value ends without a next one.
    pub to: Option<NaiveDate>,
    /// The value.
    pub value: Literal,
    /// Where it is from: a statute, a decision, a process document.
    pub source: String,
    /// Whether it was derived and is to be checked against its source before the robot is put to use.
    pub derived: bool,
    /// Where it stands in its file.
    pub span: Range<usize>,
}

impl Parameter {
    /// The type of what it is called with, and of what it gives.
    #[must_use]
    pub fn signature(&self) -> (Type, Type) {
        match &self.content {
            Content::Dated { ty, .. } => (Type::Date, ty.clone()),
            Content::Codes { .. } => (Type::Text(None), Type::Text(None)),
        }
    }

    /// The value valid on a day.
    #[must_use]
    pub fn valid_on(&self, day: NaiveDate) -> Option<&DatedValue> {
        let Content::Dated { values, .. } = &self.content else { return None };
        let latest = values.iter().rev().find(|value| value.from <= day)?;
        latest.to.is_none_or(|last| day <= last).then_some(latest)
    }

    /// What a code stands for.
    #[must_use]
    pub fn name_of(&self, code: &str) -> Option<String> {
        let Content::Codes { names, unlisted, .. } = &self.content else { return None };
        names.get(code).cloned().or_else(|| unlisted.as_ref().map(|pattern| pattern.replace("{code}", code)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_value_of_the_events_day_is_chosen() {
        let value = |from: &str, to: Option<&str>, number: i64| DatedValue {
            from: day(from),
            to: to.map(day),
            value: Literal::Number(number.into()),
            source: "PDD".to_owned(),
            derived: false,
            span: 0..0,
        };
        let limit = Parameter {
            id: "grans".to_owned(),
            title: String::new(),
            content: Content::Dated {
                ty: Type::Number,
                values: vec![value("2020-01-01", None, 3), value("2026-01-01", Some("2026-06-30"), 4)],
            },
        };
        let on = |text: &str| limit.valid_on(day(text)).map(|value| value.value.clone());
        assert_eq!(on("2019-12-31"), None);
        assert_eq!(on("2025-12-31"), Some(Literal::Number(3.into())));
        assert_eq!(on("2026-06-30"), Some(Literal::Number(4.into())));
        assert_eq!(on("2026-07-01"), None);
    }

    #[test]
    fn a_code_outside_the_list_is_written_as_declared() {
        let codes = Parameter {
            id: "kommun".to_owned(),
            title: String::new(),
            content: Content::Codes {
                names: [("0380".to_owned(), "Uppsala".to_owned())].into(),
                unlisted: Some("okänd kommun ({code})".to_owned()),
                from: day("2020-01-01"),
                source: "SCB".to_owned(),
            },
        };
        assert_eq!(codes.name_of("0380").as_deref(), Some("Uppsala"));
        assert_eq!(codes.name_of("9999").as_deref(), Some("okänd kommun (9999)"));
    }
}
