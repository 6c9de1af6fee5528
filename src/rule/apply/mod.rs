//! What each function does with its values.

mod lists;
mod numbers;
mod periods;
mod texts;

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::function::Function;
use super::reckon::truth_of;
use super::value::{Missing, Value, Why};
use crate::value::date::{DateFormat, add_months, whole_months_between};
use crate::value::{Month, Organisationsnummer, Party, Personnummer};
use lists::End;
pub(super) use texts::of_pattern;

/// Applies a function. The types have been checked at load; what is null or unknown stays unknown, but for the functions
/// that ask for just that.
pub(super) fn apply<'w>(
    function: Function,
    arguments: impl IntoIterator<Item = Value<'w>>,
    night: NaiveDate,
) -> Value<'w> {
    if let Function::Concatenate | Function::Append | Function::Union = function {
        return lists::joined(function, arguments);
    }
    let mut arguments = arguments.into_iter();
    let first = arguments.next().unwrap_or(Value::Null);
    let second = arguments.next();
    let third = arguments.next();
    match function {
        Function::Count => lists::count(&first),
        Function::Sum => lists::sum(first),
        Function::Mean => lists::mean(first),
        Function::Min => lists::extreme(first, Ordering::Less),
        Function::Max => lists::extreme(first, Ordering::Greater),
        Function::First => lists::end(first, End::First),
        Function::Last => lists::end(first, End::Last),
        Function::DistinctValues => lists::distinct_values(first),
        Function::All => lists::decided(&first, false),
        Function::Any => lists::decided(&first, true),
        Function::Reverse => lists::reversed(first),
        Function::Sublist => lists::sublist(first, second.as_ref(), third.as_ref()),
        Function::IndexOf => lists::index_of(&first, second.as_ref()),
        Function::StringJoin => lists::string_join(&first, second.as_ref()),
        Function::PeriodStart => match (&first, second.as_ref(), third.as_ref()) {
            (dates, Some(date), Some(length)) => periods::period_start(dates, date, length),
            _ => Value::Null,
        },
        Function::Not => truth_of(&first).negated().into(),
        Function::Today => Value::Date(night),
        Function::GetOrElse => {
            if first.missing().is_some() {
                second.unwrap_or(Value::Null)
            } else {
                first
            }
        }
        Function::AtLeast => match first {
            Value::Between(bounds) => bounds.low.unwrap_or(Value::Unknown(bounds.why)),
            Value::Rows(rows) => lists::that_surely_belong(&rows),
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
        _ => of_known(function, &first, second.as_ref(), third.as_ref(), night),
    }
}

fn unknown<'w>(value: &Value<'_>) -> Value<'w> {
    Value::Unknown(value.missing().unwrap_or(Missing::because(Why::Null)))
}

/// The functions that need all their values.
fn of_known<'w>(
    function: Function,
    first: &Value<'w>,
    second: Option<&Value<'w>>,
    third: Option<&Value<'w>>,
    night: NaiveDate,
) -> Value<'w> {
    for value in [Some(first), second, third].into_iter().flatten() {
        if value.missing().is_some() {
            return unknown(value);
        }
    }
    let result = match (first, second) {
        (Value::Number(number), _) if function != Function::Date => numbers::of_number(function, *number, second),
        (Value::Text(text), _) => texts::of_text(function, text, second, third, night),
        _ => of_others(function, first, second, third),
    };
    result.unwrap_or(Value::Unknown(Missing::because(Why::NoDate)))
}

fn of_others<'w>(
    function: Function,
    first: &Value<'w>,
    second: Option<&Value<'w>>,
    third: Option<&Value<'w>>,
) -> Option<Value<'w>> {
    match (function, first, second) {
        (Function::MonthOf, Value::Date(date), _) => Some(Value::Month(Month::of(*date))),
        (Function::FirstDay, Value::Month(month), _) => Some(Value::Date(month.first_day())),
        (Function::LastDay, Value::Month(month), _) => {
            add_months(month.first_day(), 1).and_then(|next| next.pred_opt()).map(Value::Date)
        }
        (Function::Date, Value::Date(date), None) => Some(Value::Date(*date)),
        (Function::Date, Value::Number(year), Some(Value::Number(month))) => match third {
            Some(Value::Number(day)) => Some(day_of(*year, *month, *day).map_or(Value::Null, Value::Date)),
            _ => None,
        },
        (Function::Age, Value::Person(person) | Value::Party(Party::Person(person)), Some(Value::Date(day))) => {
            Some(age(*person, *day))
        }
        (Function::Age, ..) => Some(Value::Unknown(Missing::because(Why::NoBirthDate))),
        (Function::DaysBetween, Value::Date(from), Some(Value::Date(to))) => {
            Some(Value::Number(Decimal::from((*to - *from).num_days())))
        }
        (Function::MonthsBetween, Value::Date(from), Some(Value::Date(to))) => {
            Some(Value::Number(Decimal::from(whole_months_between(*from, *to))))
        }
        _ => None,
    }
}

/// The years that a date is written with: four digits.
const YEARS: std::ops::RangeInclusive<i32> = 0..=9999;

fn day_of(year: Decimal, month: Decimal, day: Decimal) -> Option<NaiveDate> {
    let whole = |number: Decimal| number.is_integer().then(|| i32::try_from(number).ok()).flatten();
    let unsigned = |number| whole(number).and_then(|number| u32::try_from(number).ok());
    NaiveDate::from_ymd_opt(whole(year).filter(|year| YEARS.contains(year))?, unsigned(month)?, unsigned(day)?)
}

fn age<'w>(person: Personnummer, day: NaiveDate) -> Value<'w> {
    match (person.age_at(day), person.birth_date()) {
        (Some(years), _) => Value::Number(Decimal::from(years)),
        // Not yet born on that day: not of any age that a rule asks for.
        (None, Some(_)) => Value::Number(Decimal::NEGATIVE_ONE),
        (None, None) => Value::Unknown(Missing::because(Why::NoBirthDate)),
    }
}

/// A text read as what it should be; null where it is not that, which is an answer.
fn read_as<'w>(function: Function, text: &str, night: NaiveDate) -> Option<Value<'w>> {
    Some(match function {
        Function::Date => DateFormat::Iso.parse(text.as_bytes()).map_or(Value::Null, Value::Date),
        Function::PersonNumber => Personnummer::parse(text.trim(), night).map_or(Value::Null, Value::Person),
        Function::OrganisationNumber => {
            Organisationsnummer::parse(text.trim()).map_or(Value::Null, Value::Organisation)
        }
        Function::Number => numbers::read(text).map_or(Value::Null, Value::Number),
        _ => return None,
    })
}
