//! Periods that begin with what happens, not with the calendar: högkostnadsskydd's twelve months from a first purchase.

use chrono::NaiveDate;

use super::unknown;
use crate::rule::value::{Missing, Value, Why};
use crate::value::date::add_months;

/// The first day of the period that `date` falls in. The first period begins on the first of the dates and lasts for
/// `length`; the next begins on the first date after that, and so on. `date` itself counts among the dates, and those
/// after it do not matter.
///
/// Unknown when one of the dates is: it may begin a period.
pub(super) fn period_start<'w>(dates: &Value<'w>, date: &Value<'w>, length: &Value<'w>) -> Value<'w> {
    let (Value::Date(day), Value::List(list)) = (date, dates) else {
        return if date.missing().is_some() { unknown(date) } else { unknown(dates) };
    };
    if let Some(why) = list.open {
        return Value::Unknown(why);
    }
    let mut known = Vec::with_capacity(list.items.len() + 1);
    known.push(*day);
    for (place, item) in list.items.iter().enumerate() {
        match (item, list.doubt(place)) {
            (Value::Date(other), _) if other > day => {}
            (Value::Date(other), None) => known.push(*other),
            (Value::Date(_), Some(why)) => return Value::Unknown(why),
            (other, _) => return unknown(other),
        }
    }
    known.sort_unstable();
    let mut start = known[0];
    for other in known {
        match end_of(start, length) {
            Some(end) if other >= end => start = other,
            Some(_) => {}
            None => return Value::Unknown(length.missing().unwrap_or(Missing::because(Why::NoDate))),
        }
    }
    Value::Date(start)
}

/// The day after the last of a period.
fn end_of(start: NaiveDate, length: &Value<'_>) -> Option<NaiveDate> {
    match length {
        Value::Months(months) if *months > 0 => add_months(start, *months),
        Value::Days(days) if *days > 0 => start.checked_add_signed(chrono::TimeDelta::try_days(*days)?),
        _ => None,
    }
}
