//! `decision.toml`: the recorded decision to run exactly this definition in production.

use std::fmt::{self, Write};
use std::sync::Arc;

use chrono::NaiveDate;

use super::document::{Problems, with_document};
use super::meaning::Meaning;
use crate::diagnostic::SourceFile;

/// The name of its file in the robot's folder.
pub const FILE_NAME: &str = "decision.toml";

/// A recorded decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Where the decision can be found: a registration number.
    pub reference: String,
    /// Who decided, by role.
    pub role: String,
    /// When.
    pub date: NaiveDate,
    /// The robot's version then.
    pub version: String,
    /// What its definition meant.
    pub meaning: Meaning,
}

/// How a robot stands to its recorded decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'d> {
    /// None is recorded.
    Undecided,
    /// It means something else now.
    Changed(&'d Decision),
    /// It means what was decided, with other values in its parameters.
    NewValues(&'d Decision),
    /// It is what was decided.
    Decided(&'d Decision),
}

impl<'d> Standing<'d> {
    /// How a definition that means this stands to a decision.
    #[must_use]
    pub fn of(meaning: Meaning, decision: Option<&'d Decision>) -> Self {
        match decision {
            None => Self::Undecided,
            Some(decision) if decision.meaning.definition != meaning.definition => Self::Changed(decision),
            Some(decision) if decision.meaning.values != meaning.values => Self::NewValues(decision),
            Some(decision) => Self::Decided(decision),
        }
    }

    /// The decision that the robot may be run by.
    #[must_use]
    pub fn stands(self) -> Option<&'d Decision> {
        match self {
            Self::Decided(decision) | Self::NewValues(decision) => Some(decision),
            Self::Undecided | Self::Changed(_) => None,
        }
    }
}

impl fmt::Display for Standing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undecided => write!(f, "none"),
            Self::Changed(decision) => write!(f, "changed since {} of {}", decision.reference, decision.date),
            Self::NewValues(decision) => {
                write!(f, "{} of {}; new values in its parameters since", decision.reference, decision.date)
            }
            Self::Decided(decision) => write!(f, "{} of {}", decision.reference, decision.date),
        }
    }
}

/// Reads a robot's decision.
pub fn read(source: &Arc<SourceFile>, problems: &Problems) -> Option<Decision> {
    with_document(source, "the decision", problems, |section| {
        let reference = section.needed_text("reference", "\"…\"");
        let role = section.needed_text("by", "\"…\"");
        let date = section.needed_date("date");
        let version = section.needed_text("version", "\"1.0.0\"");
        let mut hash = |key: &str| {
            let text = section.needed_text(key, "\"…\"")?;
            let hash = from_hex(&text.value);
            if hash.is_none() {
                let problem = section.error(format!("`{key}` is not a hash"), text.span);
                section.report(problem.hint("`nattkoll approve` writes this file"));
            }
            hash
        };
        let (definition, values) = (hash("meaning"), hash("values"));
        Some(Decision {
            reference: reference?.value,
            role: role?.value,
            date: date?,
            version: version?.value,
            meaning: Meaning { definition: definition?, values: values? },
        })
    })
}

/// A decision as its file.
#[must_use]
pub fn written(decision: &Decision) -> String {
    let text = |text: &str| toml::Value::from(text).to_string();
    let Decision { reference, role, date, version, meaning } = decision;
    format!(
        "# Written by `nattkoll approve`: the decision to run this robot as it is.\n\
         reference = {}\nby        = {}\ndate      = {date}\nversion   = {}\n\
         meaning   = \"{}\"      # of the definition: its rules, what it reads, what it says\n\
         values    = \"{}\"      # of its parameters' values; new ones need no new decision\n",
        text(reference),
        text(role),
        text(version),
        hex(&meaning.definition),
        hex(&meaning.values),
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2).filter(|_| is_hex)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_decision() -> Decision {
        Decision {
            reference: "KS 2026/\"12\"".to_owned(),
            role: "Socialchef".to_owned(),
            date: NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(),
            version: "1.0.0".to_owned(),
            meaning: Meaning { definition: [0xa1; 32], values: [2; 32] },
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let source = Arc::new(SourceFile { path: FILE_NAME.into(), text: written(&some_decision()) });
        let problems = Problems::default();
        assert_eq!(read(&source, &problems), Some(some_decision()));
        assert!(problems.borrow().is_empty());
    }

    #[test]
    fn a_robot_that_means_something_else_has_no_decision_and_one_with_new_values_has() {
        let decision = some_decision();
        let standing = |definition, values| Standing::of(Meaning { definition, values }, Some(&decision));
        assert_eq!(standing([0xa1; 32], [2; 32]), Standing::Decided(&decision));
        assert_eq!(standing([0xa1; 32], [3; 32]).stands(), Some(&decision));
        assert_eq!(standing([0xa2; 32], [2; 32]).stands(), None);
        assert_eq!(Standing::of(decision.meaning, None), Standing::Undecided);
    }
}
