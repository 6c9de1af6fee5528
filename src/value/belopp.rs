//! Money, and how numbers are written in Swedish.

use std::fmt;

use rust_decimal::Decimal;

/// An amount of money in kronor, positive or negative; exact, kept as whole ören.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Belopp {
    ore: i64,
}

/// How amounts are written in an extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountFormat {
    /// The sign before the ören, `,` or `.`.
    pub decimal: u8,
    /// The sign that stands between thousands where they are set apart; a space is any of those that are not seen.
    pub thousands: Option<u8>,
}

/// Why a text is not an amount. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeloppError {
    /// Not a sign, digits, and at most two digits after the decimal sign.
    #[error("is not an amount with at most two decimals")]
    Form,
    /// More than an extract's amounts can be.
    #[error("is too large an amount")]
    TooLarge,
}

impl Belopp {
    /// The amount of this many hundredths of a krona.
    #[must_use]
    pub fn from_ore(ore: i64) -> Self {
        Self { ore }
    }

    /// The amount in hundredths of a krona.
    #[must_use]
    pub fn ore(self) -> i64 {
        self.ore
    }

    /// The amount in kronor.
    #[must_use]
    pub fn kronor(self) -> Decimal {
        Decimal::new(self.ore, 2)
    }

    /// Reads an amount in the declared form.
    ///
    /// # Errors
    /// When the text is not an amount with at most two decimals.
    pub fn parse(text: &str, format: AmountFormat) -> Result<Self, BeloppError> {
        if let Some(thousands) = format.thousands
            && text.chars().any(|sign| is_between_thousands(sign, thousands))
        {
            let whole = without_thousands(text, format.decimal, thousands)?;
            return Self::parse(&whole, AmountFormat { thousands: None, ..format });
        }
        let (negative, digits) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] | rest => (false, rest),
        };
        let (whole, decimals) = match digits.iter().position(|&byte| byte == format.decimal) {
            Some(place) => (&digits[..place], &digits[place + 1..]),
            None => (digits, &b"00"[..]),
        };
        if whole.is_empty() || decimals.is_empty() || decimals.len() > 2 {
            return Err(BeloppError::Form);
        }
        let tens = if decimals.len() == 1 { 10 } else { 1 };
        let kronor = number_of(whole)?;
        let ore = number_of(decimals)? * tens;
        let ore = kronor.checked_mul(100).and_then(|whole| whole.checked_add(ore)).ok_or(BeloppError::TooLarge)?;
        Ok(Self { ore: if negative { -ore } else { ore } })
    }
}

/// Whether a sign stands between thousands; for a space, the no-break ones too.
fn is_between_thousands(sign: char, thousands: u8) -> bool {
    sign == char::from(thousands) || (thousands == b' ' && matches!(sign, '\u{a0}' | '\u{202f}'))
}

/// An amount without what stands between its thousands, which must be in their places: one to three digits first, then
/// three and three.
fn without_thousands(text: &str, decimal: u8, thousands: u8) -> Result<String, BeloppError> {
    let (whole, decimals) = match text.split_once(char::from(decimal)) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    let unsigned = whole.trim_start_matches(['-', '+']);
    for (place, group) in unsigned.split(|sign| is_between_thousands(sign, thousands)).enumerate() {
        let is_in_place = if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        if !is_in_place {
            return Err(BeloppError::Form);
        }
    }
    let mut kept: String = whole.chars().filter(|sign| !is_between_thousands(*sign, thousands)).collect();
    if let Some(decimals) = decimals {
        kept.push(char::from(decimal));
        kept.push_str(decimals);
    }
    Ok(kept)
}

/// The number that these digits make.
#[inline]
fn number_of(digits: &[u8]) -> Result<i64, BeloppError> {
    /// So many digits always fit.
    const SURE: usize = 18;
    let mut number: i64 = 0;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return Err(BeloppError::Form);
        }
        let digit = i64::from(byte - b'0');
        number = if digits.len() <= SURE {
            number * 10 + digit
        } else {
            number.checked_mul(10).and_then(|number| number.checked_add(digit)).ok_or(BeloppError::TooLarge)?
        };
    }
    Ok(number)
}

impl fmt::Display for Belopp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&swedish_number(self.kronor()))
    }
}

/// A number as Swedish sentences have it: `3 100`, `250,50`; decimals only where there are any and then at least two, an
/// ordinary space between thousands.
#[must_use]
pub fn swedish_number(number: Decimal) -> String {
    let number = number.normalize();
    let plain = number.abs().to_string();
    let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut written = String::with_capacity(plain.len() + 8);
    if number.is_sign_negative() && !number.is_zero() {
        written.push('-');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            written.push(' ');
        }
        written.push(digit);
    }
    if !decimals.is_empty() {
        written.push(',');
        written.push_str(decimals);
        if decimals.len() == 1 {
            written.push('0');
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: AmountFormat = AmountFormat { decimal: b',', thousands: None };
    const SPACED: AmountFormat = AmountFormat { decimal: b',', thousands: Some(b' ') };

    #[test]
    fn thousands_that_are_set_apart_are_read_where_that_is_declared_and_they_are_in_their_places() {
        for written in ["1 234 567,50", "1\u{a0}234\u{a0}567,50", "1\u{202f}234\u{202f}567,50", "1234567,50"] {
            assert_eq!(Belopp::parse(written, SPACED).unwrap().ore(), 123_456_750, "{written}");
        }
        assert_eq!(Belopp::parse("-1\u{a0}000", SPACED).unwrap().ore(), -100_000);
        for wrong in ["1 00", "12 34", "1 0000", " 1 000", "1  000", "1 000 ", "- 1 000", "1 000,5 0", "--1 000"] {
            assert_eq!(Belopp::parse(wrong, SPACED), Err(BeloppError::Form), "{wrong}");
        }
        let dotted = AmountFormat { decimal: b',', thousands: Some(b'.') };
        assert_eq!(Belopp::parse("1.000,50", dotted).unwrap().ore(), 100_050);
        assert_eq!(Belopp::parse("1.00", dotted), Err(BeloppError::Form));
        assert_eq!(Belopp::parse("1\u{a0}000", COMMA), Err(BeloppError::Form));
    }

    #[test]
    fn an_amount_is_read_exactly_in_its_declared_form() {
        assert_eq!(Belopp::parse("3100", COMMA).unwrap().ore(), 310_000);
        assert_eq!(Belopp::parse("-250,5", COMMA).unwrap().ore(), -25_050);
        assert_eq!(Belopp::parse("0,07", COMMA).unwrap().ore(), 7);
        assert_eq!(Belopp::parse("12.50", AmountFormat { decimal: b'.', thousands: None }).unwrap().ore(), 1_250);
        for wrong in ["", "-", "1,234", "1 000", "12.50", ",50", "5,", "1e3"] {
            assert_eq!(Belopp::parse(wrong, COMMA), Err(BeloppError::Form), "{wrong}");
        }
        assert_eq!(Belopp::parse("99999999999999999999", COMMA), Err(BeloppError::TooLarge));
    }

    #[test]
    fn numbers_are_written_the_swedish_way() {
        let written = |text: &str| swedish_number(text.parse().unwrap());
        assert_eq!(written("3100"), "3 100");
        assert_eq!(written("3100.00"), "3 100");
        assert_eq!(written("250.5"), "250,50");
        assert_eq!(written("1234567.25"), "1 234 567,25");
        assert_eq!(written("-999"), "-999");
        assert_eq!(written("-0.5"), "-0,50");
        assert_eq!(written("0"), "0");
    }
}
