//! Functions of lists and rows, some of which may not belong, or of which there may be more.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::unknown;
use crate::rule::function::Function;
use crate::rule::reckon::{compare, counted, truth_of};
use crate::rule::syntax::Operator;
use crate::rule::value::{Bounds, LONGEST_TEXT, List, Missing, Rows, Truth, Value, Why};

pub(super) fn count<'w>(list: &Value<'w>) -> Value<'w> {
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
pub(super) fn sum(list: Value<'_>) -> Value<'_> {
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
        Some((_, why)) if low != high => between(Some(Value::Number(low)), Some(Value::Number(high)), *why),
        _ => Value::Number(low),
    }
}

pub(super) fn mean(list: Value<'_>) -> Value<'_> {
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

fn between<'w>(low: Option<Value<'w>>, high: Option<Value<'w>>, why: Missing) -> Value<'w> {
    Value::Between(Box::new(Bounds { low, high, why }))
}

/// The smallest or largest. Where something may not belong, or there may be more, what is surely there is a limit: the
/// smallest cannot be above it, the largest not below. So too with null among them, which leaves it open what is meant.
pub(super) fn extreme(list: Value<'_>, wanted: Ordering) -> Value<'_> {
    let list = match list {
        Value::List(list) => list,
        other => return unknown(&other),
    };
    let mut why = list.open;
    let mut is_closed = list.open.is_none();
    // The best of those that surely belong, and of all that may.
    let (mut sure, mut perhaps): (Option<Value<'_>>, Option<Value<'_>>) = (None, None);
    let beats =
        |item: &Value<'_>, best: &Option<Value<'_>>| best.as_ref().is_none_or(|best| item.order(best) == Some(wanted));
    for (place, item) in list.items.iter().enumerate() {
        if let Some(missing) = item.missing() {
            why = why.or(Some(missing));
            is_closed = false;
            continue;
        }
        let doubt = list.doubt(place);
        if beats(item, &perhaps) {
            perhaps = Some(item.clone());
        }
        if doubt.is_none() && beats(item, &sure) {
            sure = Some(item.clone());
        }
        why = why.or(doubt);
    }
    match (sure, perhaps, why) {
        (Some(sure), _, None) => sure,
        (None, None, None) => Value::Null,
        (Some(sure), Some(perhaps), Some(why)) => {
            let perhaps = Some(perhaps).filter(|_| is_closed);
            if perhaps.as_ref().is_some_and(|perhaps| perhaps.order(&sure) == Some(Ordering::Equal)) {
                return sure;
            }
            match wanted {
                Ordering::Less => between(perhaps, Some(sure), why),
                _ => between(Some(sure), perhaps, why),
            }
        }
        (_, _, why) => Value::Unknown(why.unwrap_or(Missing::because(Why::NotCounted))),
    }
}

/// Which end of a list.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum End {
    First,
    Last,
}

/// The first or last; not known when it may not belong, or when more may be missing.
pub(super) fn end(list: Value<'_>, which: End) -> Value<'_> {
    let place = |length: usize| if which == End::First { 0 } else { length.saturating_sub(1) };
    match list {
        Value::Rows(rows) => match (rows.open.or(rows.disordered), rows.rows.is_empty()) {
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
pub(super) fn distinct_values(list: Value<'_>) -> Value<'_> {
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

/// Whether any condition holds (`decisive` is true), or all do (`decisive` is false).
pub(super) fn decided<'w>(list: &Value<'w>, decisive: bool) -> Value<'w> {
    let list = match list {
        Value::List(list) => list,
        other => return unknown(other),
    };
    let mut why = list.open;
    for (place, item) in list.items.iter().enumerate() {
        match (truth_of(item), list.doubt(place)) {
            (Truth::Unknown(missing), _) => why = why.or(Some(missing)),
            (truth, doubt) if truth == Truth::from(decisive) => match doubt {
                None => return Value::Boolean(decisive),
                Some(missing) => why = why.or(Some(missing)),
            },
            _ => {}
        }
    }
    why.map_or(Value::Boolean(!decisive), Value::Unknown)
}

pub(super) fn reversed(list: Value<'_>) -> Value<'_> {
    let turned = |doubts: Vec<(usize, Missing)>, length: usize| {
        doubts.into_iter().rev().map(|(place, why)| (length - 1 - place, why)).collect()
    };
    match list {
        Value::Rows(mut rows) => {
            rows.doubts = turned(rows.doubts, rows.rows.len());
            rows.rows.to_mut().reverse();
            Value::Rows(rows)
        }
        Value::List(mut list) => {
            list.doubts = turned(list.doubts, list.items.len());
            list.items.reverse();
            Value::List(list)
        }
        other => unknown(&other),
    }
}

/// A part of a list. Where the list may have more in it, or something that does not belong, no place in it is known.
pub(super) fn sublist<'w>(list: Value<'w>, start: Option<&Value<'w>>, length: Option<&Value<'w>>) -> Value<'w> {
    let count = match &list {
        Value::Rows(rows) => rows.rows.len(),
        Value::List(list) => list.items.len(),
        other => return unknown(other),
    };
    if let Some(why) = why_places_are_unknown(&list) {
        return Value::Unknown(why);
    }
    let Some(Value::Number(first)) = start else {
        return unknown(start.unwrap_or(&Value::Null));
    };
    if let Some(length @ (Value::Unknown(_) | Value::Between(_) | Value::Null)) = length {
        return unknown(length);
    }
    let Some(part) = super::texts::span_of(count, *first, length) else {
        return Value::Unknown(Missing::because(Why::NoNumber));
    };
    match list {
        Value::Rows(mut rows) => {
            rows.rows = Cow::Owned(rows.rows[part].to_vec());
            Value::Rows(rows)
        }
        Value::List(mut list) => {
            list.items = list.items.drain(part).collect();
            Value::List(list)
        }
        other => other,
    }
}

/// Why it is not known what stands at a place of a list.
fn why_places_are_unknown(list: &Value<'_>) -> Option<Missing> {
    let (open, disordered, doubts) = match list {
        Value::Rows(rows) => (rows.open, rows.disordered, &rows.doubts),
        Value::List(list) => (list.open, list.disordered, &list.doubts),
        _ => return None,
    };
    open.or(disordered).or(doubts.first().map(|(_, why)| *why))
}

/// The places at which a value stands in a list.
pub(super) fn index_of<'w>(list: &Value<'w>, value: Option<&Value<'w>>) -> Value<'w> {
    if let Some(why) = why_places_are_unknown(list) {
        return Value::Unknown(why);
    }
    let (Value::List(list), Some(value)) = (list, value) else { return unknown(list) };
    let mut found = List::default();
    for (place, item) in list.items.iter().enumerate() {
        let is_it = match (item, value) {
            (Value::Null, Value::Null) => Truth::True,
            (Value::Null, known) | (known, Value::Null) if known.missing().is_none() => Truth::False,
            (item, value) => compare(Operator::Equal, item, value),
        };
        let doubt = match is_it {
            Truth::False => continue,
            Truth::True => None,
            Truth::Unknown(why) => Some(why),
        };
        found.doubts.extend(doubt.map(|why| (found.items.len(), why)));
        found.items.push(Value::Number(Decimal::from(place + 1)));
    }
    Value::List(Box::new(found))
}

/// The rows that surely belong, and no others.
pub(super) fn that_surely_belong<'w>(rows: &Rows<'w>) -> Value<'w> {
    let sure = (0..rows.rows.len()).filter(|place| rows.doubt(*place).is_none()).map(|place| rows.rows[place]);
    Value::Rows(Box::new(Rows { rows: Cow::Owned(sure.collect()), ..Rows::none(rows.extract, rows.side) }))
}

/// Lists end to end; for `append`, what follows the first are values of their own.
pub(super) fn joined<'w>(function: Function, arguments: impl IntoIterator<Item = Value<'w>>) -> Value<'w> {
    let mut whole: Option<Value<'_>> = None;
    for (place, argument) in arguments.into_iter().enumerate() {
        let part = if function == Function::Append && place > 0 {
            Value::List(Box::new(List { items: vec![argument], ..List::default() }))
        } else {
            argument
        };
        whole = Some(match (whole, part) {
            (None, part) => part,
            (Some(Value::Rows(mut rows)), Value::Rows(more)) => {
                let offset = rows.rows.len();
                rows.rows.to_mut().extend_from_slice(&more.rows);
                rows.doubts.extend(more.doubts.into_iter().map(|(at, why)| (offset + at, why)));
                rows.open = rows.open.or(more.open);
                rows.disordered = rows.disordered.or(more.disordered);
                Value::Rows(rows)
            }
            (Some(Value::Rows(mut rows)), Value::List(more)) => {
                add_rows(&mut rows, &more);
                Value::Rows(rows)
            }
            (Some(Value::List(mut list)), Value::Rows(more)) => {
                let offset = list.items.len();
                list.items.extend((0..more.rows.len()).map(|place| Value::Row(more.at(place))));
                list.doubts.extend(more.doubts.into_iter().map(|(at, why)| (offset + at, why)));
                list.open = list.open.or(more.open);
                list.disordered = list.disordered.or(more.disordered);
                Value::List(list)
            }
            (Some(Value::List(mut list)), Value::List(more)) => {
                let offset = list.items.len();
                list.items.extend(more.items);
                list.doubts.extend(more.doubts.into_iter().map(|(at, why)| (offset + at, why)));
                list.open = list.open.or(more.open);
                list.disordered = list.disordered.or(more.disordered);
                Value::List(list)
            }
            (Some(Value::Rows(_) | Value::List(_)), other) | (Some(other), _) => return unknown(&other),
        });
    }
    let whole = whole.unwrap_or(Value::Null);
    if function == Function::Union { distinct_values(whole) } else { whole }
}

/// Adds rows that are each by themselves, as a path over a relation to one gives them: null leads to none, and where it
/// is not known which row it is, there may be more.
fn add_rows(rows: &mut Rows<'_>, more: &List<'_>) {
    rows.open = rows.open.or(more.open);
    rows.disordered = rows.disordered.or(more.disordered);
    for (place, item) in more.items.iter().enumerate() {
        match item {
            Value::Row(row) => {
                rows.doubts.extend(more.doubt(place).map(|why| (rows.rows.len(), why)));
                rows.rows.to_mut().push(row.row);
            }
            Value::Null => {}
            other => rows.open = rows.open.or(other.missing()),
        }
    }
}

/// Texts end to end with a text between. What is null is passed over, as in FEEL.
pub(super) fn string_join<'w>(list: &Value<'w>, between: Option<&Value<'w>>) -> Value<'w> {
    let list = match list {
        Value::List(list) => list,
        other => return unknown(other),
    };
    let between = match between {
        None | Some(Value::Null) => "",
        Some(Value::Text(text)) => text,
        Some(other) => return unknown(other),
    };
    let doubt = list.doubts.first().map(|(_, why)| *why);
    if let Some(why) = list.open.or(list.disordered).or(doubt) {
        return Value::Unknown(why);
    }
    let mut parts = Vec::with_capacity(list.items.len());
    for item in &list.items {
        match item {
            Value::Null => {}
            Value::Text(text) => parts.push(&**text),
            other => return unknown(other),
        }
    }
    let length = parts.iter().map(|part| part.len() + between.len()).sum::<usize>();
    if length > LONGEST_TEXT + between.len() {
        return Value::Unknown(Missing::because(Why::NoNumber));
    }
    Value::Text(Cow::Owned(parts.join(between)))
}
