//! Reads one cell as what its declaration says it is.

use std::borrow::Cow;

use chrono::NaiveDate;
use encoding_rs::WINDOWS_1252;

use crate::definition::extract::{Empty, Encoding, Field, FieldKind};
use crate::rule::value::Value;
use crate::value::{Belopp, Month, Organisationsnummer, Party, Personnummer};

/// Why a cell has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It is empty, which is an answer.
    Null,
    /// It is empty, which is not.
    Empty,
    /// It cannot be read.
    Unreadable,
    /// The row's source answered that it could not answer.
    SourceFailed,
    /// The whole row was rejected.
    Rejected,
}

impl Lack {
    /// All of them, each at its place.
    pub const ALL: [Self; 5] = [Self::Null, Self::Empty, Self::Unreadable, Self::SourceFailed, Self::Rejected];

    /// Its place among all.
    #[must_use]
    pub fn place(self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Empty => 1,
            Self::Unreadable => 2,
            Self::SourceFailed => 3,
            Self::Rejected => 4,
        }
    }
}

/// What is wrong with a cell or a row, for the list of rejected rows. Never holds the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(pub Cow<'static, str>);

/// What a cell holds.
pub type Cell<'a> = Result<Value<'a>, Lack>;

/// The five bytes that mean nothing in Windows-1252.
pub const UNDEFINED_IN_1252: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

/// Whether all bytes mean something in the declared encoding.
pub fn is_decodable(bytes: &[u8], encoding: Encoding) -> bool {
    bytes.is_ascii()
        || match encoding {
            // UTF-16 has been written over as UTF-8.
            Encoding::Utf8 | Encoding::Utf16 => std::str::from_utf8(bytes).is_ok(),
            Encoding::Windows1252 => !bytes.iter().any(|byte| UNDEFINED_IN_1252.contains(byte)),
        }
}

/// The bytes of a field that are its text as they stand: ASCII throughout, and neither quoted nor with white space first or
/// last. Most fields are such.
#[inline]
pub fn plain(raw: &[u8]) -> Option<&[u8]> {
    let begins_and_ends =
        raw.first().is_none_or(|first| is_plain(*first)) && raw.last().is_none_or(|last| is_plain(*last));
    (begins_and_ends && raw.is_ascii()).then_some(raw)
}

/// Whether a byte is neither white space nor a quote, nor part of a sign beyond ASCII.
#[inline]
pub fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"'
}

/// The text of a field: decoded, without its quotes, without white space first and last. `None` when it cannot be decoded.
#[inline]
pub fn text_of(raw: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    match plain(raw) {
        Some(plain) => std::str::from_utf8(plain).ok().map(Cow::Borrowed),
        None => unusual_text_of(raw, encoding),
    }
}

fn unusual_text_of(raw: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    let (raw, is_quoted) = match raw {
        [b'"', inner @ .., b'"'] => (inner, true),
        whole => (whole, false),
    };
    let text = match encoding {
        Encoding::Utf8 | Encoding::Utf16 => Cow::Borrowed(std::str::from_utf8(raw).ok()?),
        Encoding::Windows1252 if raw.is_ascii() => Cow::Borrowed(std::str::from_utf8(raw).ok()?),
        Encoding::Windows1252 => {
            if !is_decodable(raw, encoding) {
                return None;
            }
            WINDOWS_1252.decode_without_bom_handling(raw).0
        }
    };
    let has_quotes = is_quoted && text.contains("\"\"");
    let text = if has_quotes { Cow::Owned(text.replace("\"\"", "\"")) } else { text };
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    })
}

/// Reads a cell's text as its field's type.
pub fn read<'a>(text: Cow<'a, str>, field: &Field, night: NaiveDate) -> (Cell<'a>, Option<Problem>) {
    if text.is_empty() {
        return match field.empty {
            Empty::Null => (Err(Lack::Null), None),
            Empty::Unknown => (Err(Lack::Empty), None),
        };
    }
    match typed(text, &field.kind, night) {
        Ok(value) => (Ok(value), None),
        Err(problem) => (Err(Lack::Unreadable), Some(problem)),
    }
}

fn typed<'a>(text: Cow<'a, str>, kind: &FieldKind, night: NaiveDate) -> Result<Value<'a>, Problem> {
    let fixed = |problem: &'static str| Problem(Cow::Borrowed(problem));
    Ok(match kind {
        FieldKind::Text(None) => Value::Text(text),
        FieldKind::Text(Some(values)) => {
            if !values.iter().any(|value| **value == *text) {
                return Err(fixed("is not one of the declared values"));
            }
            Value::Text(text)
        }
        FieldKind::Integer => Value::Number(text.parse::<i64>().map_err(|_| fixed("is not a whole number"))?.into()),
        FieldKind::Amount(format) => {
            let amount = Belopp::parse(&text, *format).map_err(|error| Problem(error.to_string().into()))?;
            Value::Number(amount.kronor())
        }
        FieldKind::Date(format) => {
            Value::Date(format.parse(text.as_bytes()).ok_or_else(|| fixed("is not a date in the declared form"))?)
        }
        FieldKind::Month => Value::Month(Month::parse(&text).ok_or_else(|| fixed("is not a month"))?),
        FieldKind::Boolean { yes, no } => match &*text {
            word if word == yes => Value::Boolean(true),
            word if word == no => Value::Boolean(false),
            _ => return Err(fixed("is neither of the two declared words")),
        },
        FieldKind::Person => Value::Person(
            Personnummer::parse(&text, night)
                .map_err(|error| Problem(format!("a person number that {error}").into()))?,
        ),
        FieldKind::Organisation => Value::Organisation(
            Organisationsnummer::parse(&text)
                .map_err(|error| Problem(format!("an organisation number that {error}").into()))?,
        ),
        FieldKind::Party => Value::Party(
            Party::parse(&text, night)
                .map_err(|error| Problem(format!("a person or organisation number that {error}").into()))?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_loses_its_quotes_and_outer_white_space() {
        assert_eq!(text_of(b" a b ", Encoding::Utf8).unwrap(), "a b");
        assert_eq!(text_of(b"\"a \"\"b\"\"\"", Encoding::Utf8).unwrap(), "a \"b\"");
        assert_eq!(text_of(b"\xc5ngstr\xf6m", Encoding::Windows1252).unwrap(), "Ångström");
    }

    #[test]
    fn a_byte_that_means_nothing_is_not_decoded() {
        assert_eq!(text_of(b"\xc5", Encoding::Utf8), None);
        assert_eq!(text_of(b"\x81", Encoding::Windows1252), None);
        assert!(!is_decodable(b"abc\xff", Encoding::Utf8));
        assert!(is_decodable(b"abc\xff", Encoding::Windows1252));
    }
}
