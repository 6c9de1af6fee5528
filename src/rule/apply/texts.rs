//! Functions of texts. A character is a Unicode code point, as in FEEL.

use std::borrow::Cow;

use chrono::NaiveDate;
use regex::Regex;
use rust_decimal::Decimal;

use super::read_as;
use crate::rule::function::Function;
use crate::rule::types::{Literal, Pattern};
use crate::rule::value::{LONGEST_TEXT, List, Missing, Value, Why};
use crate::value::has_valid_check_digit;

pub(super) fn of_text<'w>(
    function: Function,
    text: &Cow<'w, str>,
    second: Option<&Value<'w>>,
    third: Option<&Value<'w>>,
    night: NaiveDate,
) -> Option<Value<'w>> {
    if let Some(value) = read_as(function, text, night) {
        return Some(value);
    }
    let owned = |text: String| Value::Text(Cow::Owned(text));
    Some(match (function, second, third) {
        (Function::UpperCase, ..) => owned(text.to_uppercase()),
        (Function::LowerCase, ..) => owned(text.to_lowercase()),
        (Function::WithoutSpaces, ..) => Value::Text(without_spaces(text)),
        (Function::TextLength, ..) => Value::Number(Decimal::from(text.chars().count())),
        (Function::HasCheckDigit, ..) => Value::Boolean(ends_with_check_digit(text)),
        (Function::Contains, Some(Value::Text(part)), _) => Value::Boolean(text.contains(&**part)),
        (Function::StartsWith, Some(Value::Text(part)), _) => Value::Boolean(text.starts_with(&**part)),
        (Function::EndsWith, Some(Value::Text(part)), _) => Value::Boolean(text.ends_with(&**part)),
        (Function::SubstringBefore, Some(Value::Text(part)), _) => {
            owned(text.split_once(&**part).map_or("", |(before, _)| before).to_owned())
        }
        (Function::SubstringAfter, Some(Value::Text(part)), _) => {
            owned(text.split_once(&**part).map_or("", |(_, after)| after).to_owned())
        }
        (Function::EditDistance, Some(Value::Text(other)), _) => {
            Value::Number(Decimal::from(strsim::levenshtein(text, other)))
        }
        (Function::Substring, Some(Value::Number(start)), length) => match substring(text, *start, length) {
            Some(part) => owned(part),
            None => Value::Unknown(Missing::because(Why::NoNumber)),
        },
        _ => return None,
    })
}

/// A part of a text; `None` where there is no such place.
fn substring(text: &str, start: Decimal, length: Option<&Value<'_>>) -> Option<String> {
    let part = span_of(text.chars().count(), start, length)?;
    Some(text.chars().skip(part.start).take(part.len()).collect())
}

/// The places, counted from 0, that FEEL's start and length mean among `count`: the start counts from 1, or from the end
/// where it is negative. `None` where there is no such place.
pub(super) fn span_of(count: usize, start: Decimal, length: Option<&Value<'_>>) -> Option<std::ops::Range<usize>> {
    let start = i64::try_from(start).ok().filter(|place| *place != 0 && start.is_integer())?;
    let first = match usize::try_from(start) {
        Ok(place) => place - 1,
        Err(_) => count.checked_sub(usize::try_from(start.unsigned_abs()).ok()?)?,
    };
    let length = match length {
        Some(Value::Number(length)) => usize::try_from(*length).ok().filter(|_| length.is_integer())?,
        _ => usize::MAX,
    };
    let first = first.min(count);
    Some(first..first.saturating_add(length).min(count))
}

fn without_spaces<'w>(text: &Cow<'w, str>) -> Cow<'w, str> {
    if text.contains(char::is_whitespace) {
        Cow::Owned(text.chars().filter(|c| !c.is_whitespace()).collect())
    } else {
        text.clone()
    }
}

/// Whether a text of digits, with white space and hyphens anywhere, ends with the check digit of the others.
fn ends_with_check_digit(text: &str) -> bool {
    let mut digits = Vec::with_capacity(text.len());
    for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        match character.to_digit(10).and_then(|digit| u8::try_from(digit).ok()) {
            Some(digit) => digits.push(digit),
            None => return false,
        }
    }
    digits.len() >= 2 && has_valid_check_digit(&digits)
}

/// The functions with a regular expression in them, which was read at load.
pub(in crate::rule) fn of_pattern<'w>(
    function: Function,
    text: &str,
    pattern: &Literal,
    replacement: Option<&str>,
) -> Value<'w> {
    let Literal::Pattern(Pattern(regex)) = pattern else { return Value::Null };
    match function {
        Function::Matches => Value::Boolean(regex.is_match(text)),
        Function::Replace => replaced(regex, text, replacement.unwrap_or(""))
            .map_or(Value::Unknown(Missing::because(Why::NoNumber)), |text| Value::Text(Cow::Owned(text))),
        _ => {
            let items = regex.split(text).map(|part| Value::Text(Cow::Owned(part.to_owned()))).collect();
            Value::List(Box::new(List { items, ..List::default() }))
        }
    }
}

/// A text with every part that a pattern describes replaced; `None` where it grows too long.
fn replaced(regex: &Regex, text: &str, replacement: &str) -> Option<String> {
    // What stands for a group can be the whole text, as often as it is asked for.
    let groups = replacement.matches('$').count();
    if groups.saturating_mul(text.len()) > 64 * LONGEST_TEXT {
        return None;
    }
    let mut whole = String::new();
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        let found = captures.get_match();
        whole.push_str(&text[end..found.start()]);
        captures.expand(replacement, &mut whole);
        end = found.end();
        if whole.len() > LONGEST_TEXT {
            return None;
        }
    }
    whole.push_str(&text[end..]);
    Some(whole)
}
