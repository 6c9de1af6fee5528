//! Functions of numbers.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::rule::function::Function;
use crate::rule::value::{Missing, Value, Why};

/// The most decimals that a number can be asked for.
const MOST_DECIMALS: u32 = 28;

pub(super) fn of_number<'w>(function: Function, number: Decimal, second: Option<&Value<'w>>) -> Option<Value<'w>> {
    let other = match second {
        Some(Value::Number(other)) => Some(*other),
        _ => None,
    };
    let decimals = || match other {
        None => Some(0),
        Some(other) => u32::try_from(other).ok().filter(|decimals| other.is_integer() && *decimals <= MOST_DECIMALS),
    };
    let rounded = |strategy| decimals().map(|decimals| number.round_dp_with_strategy(decimals, strategy));
    let result = match function {
        Function::Abs => Some(number.abs()),
        Function::Floor => rounded(RoundingStrategy::ToNegativeInfinity),
        Function::Ceiling => rounded(RoundingStrategy::ToPositiveInfinity),
        Function::Decimal => rounded(RoundingStrategy::MidpointNearestEven),
        Function::RoundUp => rounded(RoundingStrategy::AwayFromZero),
        Function::RoundDown => rounded(RoundingStrategy::ToZero),
        Function::RoundHalfUp => rounded(RoundingStrategy::MidpointAwayFromZero),
        Function::RoundHalfDown => rounded(RoundingStrategy::MidpointTowardZero),
        Function::Modulo => other.and_then(|divisor| modulo(number, divisor)),
        _ => return None,
    };
    Some(result.map_or(Value::Unknown(Missing::because(Why::NoNumber)), Value::Number))
}

/// FEEL's: `dividend - divisor * floor(dividend / divisor)`.
fn modulo(dividend: Decimal, divisor: Decimal) -> Option<Decimal> {
    let rest = dividend.checked_rem(divisor)?;
    let is_off = !rest.is_zero() && rest.is_sign_negative() != divisor.is_sign_negative();
    if is_off { rest.checked_add(divisor) } else { Some(rest) }
}

/// The number that a text is: digits with a decimal point, and a sign before them.
pub(super) fn read(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !digits.ends_with('.');
    if is_plain { Decimal::from_str_exact(text).ok() } else { None }
}
