//! What each function does with its values.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::function::Function;
use super::reckon::{counted, truth_of};
use super::value::{Bounds, List, Missing, Value, Why};
use crate::value::date::{add_months, whole_months_between};
use crate::value::{Month, Party, Personnummer};

/// Applies a function. The types have been checked at load; what is null or unknown stays unknown, but for the functions
/// that ask for just that.
pub(super) fn apply(function: Function, arguments: Vec<Value<'_>>, night: NaiveDate) -> Value<'_> {
    let mut arguments = arguments.into_iter();
    let first = arguments.next().unwrap_or(Value::Null);
    let second = arguments.next().unwrap_or(Value::Null);
    match function {
        Function::Count => count(&first),
        Function::Sum => sum(first),
        Function::Mean => mean(first),
        Function::Min => extreme(first, Ordering::Less),
        Function::Max => extreme(first, Ordering::Greater),
        Function::First => end(first, End::First),
        Function::Last => end(first, End::Last),
        Function::DistinctValues => distinct_values(first),
        Function::Not => truth_of(&first).negated().into(),
        Function::Today => Value::Date(night),
        Function::GetOrElse => {
            if first.missing().is_some() {
                second
            } else {
                first
            }
        }
        Function::AtLeast => match first {
            Value::Between(bounds) => Value::Number(bounds.low),
            other => other,
        },
        // As FEEL writes a number: `2015`, not the `2 015` of a sentence.
        Function::Text => match (&first, first.written()) {
            (Value::Number(number), _) => Value::Text(Cow::Owned(number.normalize().to_string())),
            (_, Some(text)) => Value::Text(Cow::Owned(text)),
            (_, None) => unknown(&first),
        },
        #[cfg(test)]
        Function::ProvokePanic => panic!("provoked, with 18900101-9802 in its text"),
        _ => of_known(function, &first, &second),
    }
}

fn unknown<'w>(value: &Value<'_>) -> Value<'w> {
    Value::Unknown(value.missing().unwrap_or(Missing::because(Why::Null)))
}

/// The functions that need all their values.
fn of_known<'w>(function: Function, first: &Value<'w>, second: &Value<'w>) -> Value<'w> {
    if first.missing().is_some() {
        return unknown(first);
    }
    let result = match (function, first, second) {
        (Function::Abs, Value::Number(number), _) => Some(Value::Number(number.abs())),
        (Function::UpperCase, Value::Text(text), _) => Some(Value::Text(Cow::Owned(text.to_uppercase()))),
        (Function::LowerCase, Value::Text(text), _) => Some(Value::Text(Cow::Owned(text.to_lowercase()))),
        (Function::WithoutSpaces, Value::Text(text), _) => Some(Value::Text(without_spaces(text))),
        (Function::TextLength, Value::Text(text), _) => Some(Value::Number(Decimal::from(text.chars().count()))),
        (Function::MonthOf, Value::Date(date), _) => Some(Value::Month(Month::of(*date))),
        (Function::FirstDay, Value::Month(month), _) => Some(Value::Date(month.first_day())),
        (Function::LastDay, Value::Month(month), _) => {
            add_months(month.first_day(), 1).and_then(|next| next.pred_opt()).map(Value::Date)
        }
        (_, _, second) if second.missing().is_some() => return unknown(second),
        (Function::Contains, Value::Text(text), Value::Text(part)) => Some(Value::Boolean(text.contains(&**part))),
        (Function::StartsWith, Value::Text(text), Value::Text(part)) => Some(Value::Boolean(text.starts_with(&**part))),
        (Function::EndsWith, Value::Text(text), Value::Text(part)) => Some(Value::Boolean(text.ends_with(&**part))),
        (Function::Age, Value::Person(person) | Value::Party(Party::Person(person)), Value::Date(day)) => {
            Some(age(*person, *day))
        }
        (Function::Age, ..) => Some(Value::Unknown(Missing::because(Why::NoBirthDate))),
        (Function::DaysBetween, Value::Date(from), Value::Date(to)) => {
            Some(Value::Number(Decimal::from((*to - *from).num_days())))
        }
        (Function::MonthsBetween, Value::Date(from), Value::Date(to)) => {
            Some(Value::Number(Decimal::from(whole_months_between(*from, *to))))
        }
        _ => None,
    };
    result.unwrap_or(Value::Unknown(Missing::because(Why::NoDate)))
}

fn without_spaces<'w>(text: &Cow<'w, str>) -> Cow<'w, str> {
    if text.contains(char::is_whitespace) {
        Cow::Owned(text.chars().filter(|c| !c.is_whitespace()).collect())
    } else {
        text.clone()
    }
}

fn age<'w>(person: Personnummer, day: NaiveDate) -> Value<'w> {
    match (person.age_at(day), person.birth_date()) {
        (Some(years), _) => Value::Number(Decimal::from(years)),
        // Not yet born on that day: not of any age that a rule asks for.
        (None, Some(_)) => Value::Number(Decimal::NEGATIVE_ONE),
        (None, None) => Value::Unknown(Missing::because(Why::NoBirthDate)),
    }
}

fn count<'w>(list: &Value<'w>) -> Value<'w> {
    match list {
        Value::Rows(rows) => {
            let doubtful = rows.doubts.len();
            counted(rows.rows.len() - doubtful, doubtful, rows.open, rows.doubts.first().map(|(_, why)| *why))
        }
        Value::List(list) => {
            let doubtful = list.doubts.len();
            counted(list.items.len() - doubtful, doubtful, list.open, list.doubts.first().map(|(_, why)| *why))
        }
        other => unknown(other),
    }
}

/// Numbers that may or may not belong make the sum lie between limits; one that is not known, or more that may be
/// missing, make it unknown, for they could be negative.
fn sum(list: Value<'_>) -> Value<'_> {
    let list = match list {
        Value::List(list) => list,
        other => return unknown(&other),
    };
    if let Some(why) = list.open {
        return Value::Unknown(why);
    }
    let (mut low, mut high) = (Decimal::ZERO, Decimal::ZERO);
    for (place, item) in list.items.iter().enumerate() {
        let Value::Number(number) = item else { return unknown(item) };
        let is_doubtful = list.doubt(place).is_some();
        let (below, above) = match (is_doubtful, number.is_sign_negative()) {
            (false, _) => (*number, *number),
            (true, true) => (*number, Decimal::ZERO),
            (true, false) => (Decimal::ZERO, *number),
        };
        match (low.checked_add(below), high.checked_add(above)) {
            (Some(lower), Some(higher)) => (low, high) = (lower, higher),
            _ => return Value::Unknown(Missing::because(Why::NoNumber)),
        }
    }
    match list.doubts.first() {
        Some((_, why)) if low != high => Value::Between(Box::new(Bounds { low, high: Some(high), why: *why })),
        _ => Value::Number(low),
    }
}

fn mean(list: Value<'_>) -> Value<'_> {
    let how_many = match &list {
        Value::List(list) if list.doubts.is_empty() => Decimal::from(list.items.len()),
        Value::List(list) => return Value::Unknown(list.doubts[0].1),
        other => return unknown(other),
    };
    match sum(list) {
        Value::Number(_) if how_many.is_zero() => Value::Null,
        Value::Number(total) => {
            total.checked_div(how_many).map_or(Value::Unknown(Missing::because(Why::NoNumber)), Value::Number)
        }
        other => other,
    }
}

/// The smallest or largest. Not known when a value that is not known could be it.
fn extreme(list: Value<'_>, wanted: Ordering) -> Value<'_> {
    let list = match list {
        Value::List(list) => list,
        other => return unknown(&other),
    };
    if let Some(why) = list.open.or(list.doubts.first().map(|(_, why)| *why)) {
        return Value::Unknown(why);
    }
    let mut found: Option<Value<'_>> = None;
    for item in list.items {
        if item.missing().is_some() {
            return unknown(&item);
        }
        if found.as_ref().is_none_or(|best| item.order(best) == Some(wanted)) {
            found = Some(item);
        }
    }
    found.unwrap_or(Value::Null)
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    First,
    Last,
}

/// The first or last; not known when it may not belong, or when more may be missing.
fn end(list: Value<'_>, which: End) -> Value<'_> {
    let place = |length: usize| if which == End::First { 0 } else { length.saturating_sub(1) };
    match list {
        Value::Rows(rows) => match (rows.open, rows.rows.is_empty()) {
            (Some(why), _) => Value::Unknown(why),
            (None, true) => Value::Null,
            (None, false) => {
                let place = place(rows.rows.len());
                rows.doubt(place).map_or_else(|| Value::Row(rows.at(place)), Value::Unknown)
            }
        },
        Value::List(mut list) => match (list.open.or(list.disordered), list.items.is_empty()) {
            (Some(why), _) => Value::Unknown(why),
            (None, true) => Value::Null,
            (None, false) => {
                let place = place(list.items.len());
                list.doubt(place).map_or_else(|| list.items.swap_remove(place), Value::Unknown)
            }
        },
        other => unknown(&other),
    }
}

/// Each value once, in the order of their first places. A value that is not known, or may not belong, may be one more: it
/// is kept as a doubt, unless it is the only sign that there is any value at all.
fn distinct_values(list: Value<'_>) -> Value<'_> {
    let list = match list {
        Value::List(list) => list,
        other => return unknown(&other),
    };
    let same = |a: &Value<'_>, b: &Value<'_>| {
        matches!((a, b), (Value::Null, Value::Null)) || a.order(b) == Some(Ordering::Equal)
    };
    let why_not_sure = |place: usize| match &list.items[place] {
        item @ (Value::Unknown(_) | Value::Between(_)) => item.missing(),
        _ => list.doubt(place),
    };
    let mut sure: Vec<&Value<'_>> = Vec::new();
    let mut disordered = list.disordered;
    for (place, item) in list.items.iter().enumerate() {
        match why_not_sure(place) {
            None if !sure.iter().any(|known| same(known, item)) => sure.push(item),
            None => {}
            Some(why) => disordered = disordered.or(Some(why)),
        }
    }
    let mut distinct = List { open: list.open, disordered, ..List::default() };
    for (place, item) in list.items.iter().enumerate() {
        let doubt = why_not_sure(place);
        let repeats = distinct.items.iter().any(|known| same(known, item));
        if repeats || (doubt.is_some() && sure.iter().any(|known| same(known, item))) {
            continue;
        }
        let is_any_at_all = sure.is_empty() && distinct.items.is_empty() && list.doubt(place).is_none();
        distinct.doubts.extend(doubt.filter(|_| !is_any_at_all).map(|why| (distinct.items.len(), why)));
        distinct.items.push(item.clone());
    }
    Value::List(Box::new(distinct))
}
