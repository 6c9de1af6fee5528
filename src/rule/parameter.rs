//! Amounts, limits, decision tables and code lists, with the dates they are valid from and their sources.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::table::DecisionTable;
use super::types::Type;

/// A table of values or a code list, called in expressions by its id.
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
    /// Values by date and inputs, called with the date of the event and then the inputs: `grans_fordon(night)`,
    /// `tak(inkopsdatum, kostnadsslag, periodstart)`.
    Table(DecisionTable),
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

impl Parameter {
    /// The types of what it is called with, each with its name, and of what it gives.
    #[must_use]
    pub fn signature(&self) -> (Vec<(String, Type)>, Type) {
        match &self.content {
            Content::Table(table) => {
                let date = ("the date of the event".to_owned(), Type::Date);
                let inputs = table.inputs.iter().map(|input| (input.name.clone(), input.ty.clone()));
                (std::iter::once(date).chain(inputs).collect(), table.ty.clone())
            }
            Content::Codes { .. } => (vec![("the code".to_owned(), Type::Text(None))], Type::Text(None)),
        }
    }

    /// What a code stands for.
    #[must_use]
    pub fn name_of(&self, code: &str) -> Option<String> {
        let Content::Codes { names, unlisted, .. } = &self.content else { return None };
        names.get(code).cloned().or_else(|| unlisted.as_ref().map(|pattern| pattern.replace("{code}", code)))
    }

    /// Whether a code is listed.
    #[must_use]
    pub fn lists(&self, code: &str) -> bool {
        matches!(&self.content, Content::Codes { names, .. } if names.contains_key(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_outside_the_list_is_written_as_declared() {
        let codes = Parameter {
            id: "kommun".to_owned(),
            title: String::new(),
            content: Content::Codes {
                names: [("0380".to_owned(), "Uppsala".to_owned())].into(),
                unlisted: Some("okänd kommun ({code})".to_owned()),
                from: "2020-01-01".parse().unwrap(),
                source: "SCB".to_owned(),
            },
        };
        assert_eq!(codes.name_of("0380").as_deref(), Some("Uppsala"));
        assert_eq!(codes.name_of("9999").as_deref(), Some("okänd kommun (9999)"));
        assert!(codes.lists("0380") && !codes.lists("9999"));
    }
}
