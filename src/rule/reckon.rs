//! Reckoning with values: comparison and arithmetic in which null and unknown stay what they are.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::syntax::Operator;
use super::types::Literal;
use super::value::{Bounds, LONGEST_TEXT, List, Missing, Truth, Value, Why};
use crate::value::date::add_months;

impl List<'_> {
    /// Why the value at this place may not belong.
    #[must_use]
    pub fn doubt(&self, place: usize) -> Option<Missing> {
        self.doubts.binary_search_by_key(&place, |(at, _)| *at).ok().map(|found| self.doubts[found].1)
    }
}

/// A truth value's truth; null is not known.
#[must_use]
pub fn truth_of(value: &Value<'_>) -> Truth {
    match value {
        Value::Boolean(holds) => Truth::from(*holds),
        other => Truth::Unknown(other.missing().unwrap_or(Missing::because(Why::Null))),
    }
}

#[inline]
pub(super) fn of_literal(literal: &Literal) -> Value<'_> {
    match literal {
        // A pattern is taken where it stands, never for a value.
        Literal::Null | Literal::Pattern(_) => Value::Null,
        Literal::Number(number) => Value::Number(*number),
        Literal::Text(text) => Value::Text(Cow::Borrowed(text)),
        Literal::Date(date) => Value::Date(*date),
        Literal::Months(months) => Value::Months(*months),
        Literal::Days(days) => Value::Days(*days),
        Literal::Boolean(holds) => Value::Boolean(*holds),
    }
}

/// Compares two values; with null or unknown it is unknown, with a number known between limits it is known where the
/// limits decide it.
#[inline]
pub(super) fn compare(operator: Operator, left: &Value<'_>, right: &Value<'_>) -> Truth {
    if let (Value::Between(_), other) | (other, Value::Between(_)) = (left, right)
        && !matches!(other, Value::Null | Value::Unknown(_))
    {
        return compare_limits(operator, left, right);
    }
    match left.order(right) {
        Some(order) => Truth::from(match operator {
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            _ => order.is_ge(),
        }),
        None => Truth::Unknown(left.missing().or(right.missing()).unwrap_or(Missing::because(Why::Null))),
    }
}

/// The least and the most that a value can be.
fn limits<'v, 'w>(value: &'v Value<'w>) -> (Option<&'v Value<'w>>, Option<&'v Value<'w>>) {
    match value {
        Value::Between(bounds) => (bounds.low.as_ref(), bounds.high.as_ref()),
        known => (Some(known), Some(known)),
    }
}

fn compare_limits(operator: Operator, left: &Value<'_>, right: &Value<'_>) -> Truth {
    let (left_low, left_high) = limits(left);
    let (right_low, right_high) = limits(right);
    let order = |one: Option<&Value<'_>>, other: Option<&Value<'_>>| one?.order(other?);
    let highest_to_lowest = order(left_high, right_low);
    let lowest_to_highest = order(left_low, right_high);
    let surely_less = highest_to_lowest.is_some_and(Ordering::is_lt);
    let surely_not_greater = highest_to_lowest.is_some_and(Ordering::is_le);
    let surely_greater = lowest_to_highest.is_some_and(Ordering::is_gt);
    let surely_not_less = lowest_to_highest.is_some_and(Ordering::is_ge);
    let decided = match operator {
        Operator::Less => (surely_less, surely_not_less),
        Operator::LessOrEqual => (surely_not_greater, surely_greater),
        Operator::Greater => (surely_greater, surely_not_greater),
        Operator::GreaterOrEqual => (surely_not_less, surely_less),
        Operator::NotEqual => (surely_less || surely_greater, false),
        _ => (false, surely_less || surely_greater),
    };
    match decided {
        (true, _) => Truth::True,
        (_, true) => Truth::False,
        _ => Truth::Unknown(left.missing().or(right.missing()).unwrap_or(Missing::because(Why::NotCounted))),
    }
}

pub(super) fn negate(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Number(number) => Value::Number(-number),
        Value::Months(months) => months.checked_neg().map_or(no_number(), Value::Months),
        Value::Days(days) => days.checked_neg().map_or(no_number(), Value::Days),
        other => other.missing().map_or(no_number(), Value::Unknown),
    }
}

fn no_number<'w>() -> Value<'w> {
    Value::Unknown(Missing::because(Why::NoNumber))
}

pub(super) fn arithmetic<'w>(operator: Operator, left: Value<'w>, right: Value<'w>) -> Value<'w> {
    use Operator::{Add, Divide, Multiply, Subtract};
    if let Some(why) = left.missing().or(right.missing()) {
        return shifted(operator, &left, &right, why).unwrap_or(Value::Unknown(why));
    }
    let why = if let Value::Date(_) | Value::Month(_) = left { Why::NoDate } else { Why::NoNumber };
    let result = match (left, operator, right) {
        (Value::Number(a), Add, Value::Number(b)) => a.checked_add(b).map(Value::Number),
        (Value::Number(a), Subtract, Value::Number(b)) => a.checked_sub(b).map(Value::Number),
        (Value::Number(a), Multiply, Value::Number(b)) => a.checked_mul(b).map(Value::Number),
        (Value::Number(a), Divide, Value::Number(b)) => a.checked_div(b).map(Value::Number),
        (Value::Date(a), Subtract, Value::Date(b)) => Some(Value::Days((a - b).num_days())),
        (Value::Date(a), Add, Value::Months(b)) => add_months(a, b).map(Value::Date),
        (Value::Date(a), Subtract, Value::Months(b)) => b.checked_neg().and_then(|b| add_months(a, b)).map(Value::Date),
        (Value::Date(a), Add, Value::Days(b)) => add_days(a, Some(b)),
        (Value::Date(a), Subtract, Value::Days(b)) => add_days(a, b.checked_neg()),
        (Value::Month(a), Add, Value::Months(b)) => add_months(a.first_day(), b).map(month_of),
        (Value::Month(a), Subtract, Value::Months(b)) => {
            b.checked_neg().and_then(|b| add_months(a.first_day(), b)).map(month_of)
        }
        (Value::Months(a), Add, Value::Months(b)) => a.checked_add(b).map(Value::Months),
        (Value::Months(a), Subtract, Value::Months(b)) => a.checked_sub(b).map(Value::Months),
        (Value::Days(a), Add, Value::Days(b)) => a.checked_add(b).map(Value::Days),
        (Value::Days(a), Subtract, Value::Days(b)) => a.checked_sub(b).map(Value::Days),
        (Value::Number(number), Multiply, Value::Months(months))
        | (Value::Months(months), Multiply, Value::Number(number)) => {
            times(number, months.into()).and_then(|months| months.try_into().ok()).map(Value::Months)
        }
        (Value::Number(number), Multiply, Value::Days(days)) | (Value::Days(days), Multiply, Value::Number(number)) => {
            times(number, days).map(Value::Days)
        }
        (Value::Text(a), Add, Value::Text(b)) => {
            (a.len() + b.len() <= LONGEST_TEXT).then(|| Value::Text(Cow::Owned([&*a, &*b].concat())))
        }
        _ => None,
    };
    result.unwrap_or(Value::Unknown(Missing::because(why)))
}

/// The sum or difference of numbers of which one or both are known between limits.
fn shifted<'w>(operator: Operator, left: &Value<'w>, right: &Value<'w>, why: Missing) -> Option<Value<'w>> {
    let is_limited = |value: &Value<'_>| matches!(value, Value::Number(_) | Value::Between(_));
    if !is_limited(left) || !is_limited(right) {
        return None;
    }
    let ((left_low, left_high), (right_low, right_high)) = (limits(left), limits(right));
    let (low, high) = match operator {
        Operator::Add => ((left_low, right_low), (left_high, right_high)),
        Operator::Subtract => ((left_low, right_high), (left_high, right_low)),
        _ => return None,
    };
    let reckoned = |(one, other): (Option<&Value<'w>>, Option<&Value<'w>>)| match (one, other) {
        (Some(Value::Number(one)), Some(Value::Number(other))) => match operator {
            Operator::Add => one.checked_add(*other).map(Value::Number),
            _ => one.checked_sub(*other).map(Value::Number),
        },
        _ => None,
    };
    Some(Value::Between(Box::new(Bounds { low: reckoned(low), high: reckoned(high), why })))
}

/// A duration so many times; nothing where that is no whole number of months or days.
fn times(number: Decimal, duration: i64) -> Option<i64> {
    let product = number.checked_mul(Decimal::from(duration))?;
    if product.is_integer() { product.to_i64() } else { None }
}

fn month_of<'w>(day: NaiveDate) -> Value<'w> {
    Value::Month(crate::value::Month::of(day))
}

fn add_days<'w>(day: NaiveDate, days: Option<i64>) -> Option<Value<'w>> {
    let days = chrono::TimeDelta::try_days(days?)?;
    day.checked_add_signed(days).map(Value::Date)
}

/// A number known to lie between the rows that surely belong and all that may.
pub(super) fn counted<'w>(surely: usize, perhaps: usize, open: Option<Missing>, doubt: Option<Missing>) -> Value<'w> {
    match open.or(doubt) {
        None => Value::Number(Decimal::from(surely)),
        Some(why) => {
            let number = |count: usize| Value::Number(Decimal::from(count));
            let high = if open.is_some() { None } else { Some(number(surely + perhaps)) };
            Value::Between(Box::new(Bounds { low: Some(number(surely)), high, why }))
        }
    }
}
