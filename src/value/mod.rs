//! The domain's values: person and organisation numbers, amounts, months.
//!
//! Text becomes one of these once, where an extract is read, and is never text again until it is written.
//! Dates are `chrono::NaiveDate`; the arithmetic that the rules need on them stands in [`date`].

mod alphabet;
mod belopp;
pub mod date;
mod digits;
mod likeness;
mod month;
mod organisation;
mod personnummer;

pub use alphabet::alphabetical;
pub use belopp::{AmountFormat, Belopp, BeloppError, swedish_number};
pub use likeness::{may_be_a_persons, may_name_a_person};
pub use month::Month;
pub use organisation::{OrganisationError, Organisationsnummer, Party};
pub use personnummer::{Personnummer, PersonnummerError};

/// The check digit that ends a number of digits (the Luhn algorithm, ISO/IEC 7812-1 annex B): doubled every second
/// digit from the right, digit sums added, and the whole divisible by ten.
#[must_use]
pub fn has_valid_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let weighted = u32::from(digit) * if place % 2 == 1 { 2 } else { 1 };
            weighted / 10 + weighted % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The digits of `number`, most significant first, ten of them.
fn ten_digits(number: u64) -> [u8; 10] {
    let mut digits = [0; 10];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = u8::try_from(rest % 10).expect("a remainder of ten is a digit");
        rest /= 10;
    }
    digits
}
