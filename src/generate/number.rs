//! Forms person numbers by rule, one for each index and never the same twice, and the birth dates they speak of.
//!
//! The numbers belong to nobody known: they are not drawn from any list of people or of test numbers. For reading and
//! checking numbers see the values' own room; this one only makes them, so that nothing it makes leans on the engine.

use chrono::{Datelike, Days, NaiveDate};

use super::draw::{Draw, Permutation, Purpose};

/// How old someone is on the last night, as far as the robots ask.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Under 18.
    Child,
    /// From 18 up to and including 66.
    Working,
    /// 67 or more.
    Senior,
    /// The number says that the date of birth is not known.
    Unknown,
}

/// Twelve digits with a right check digit; a personnummer or a samordningsnummer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(u64);

impl Number {
    /// `day` carries 60 more for a samordningsnummer; `serial` is 1 up to and including 999.
    fn formed(year: i32, month: u32, day: u32, serial: u64) -> Number {
        let date = u64::from(year.unsigned_abs()) * 10_000 + u64::from(month) * 100 + u64::from(day);
        let nine = date % 1_000_000 * 1_000 + serial;
        Number((date * 1_000 + serial) * 10 + check_digit(nine))
    }

    /// The number of someone born on `date`.
    pub fn born(date: NaiveDate, serial: u64) -> Number {
        Number::formed(date.year(), date.month(), date.day(), serial)
    }

    /// A samordningsnummer that says that the date of birth is not known: day 60, and for an even serial month 00 too.
    pub fn of_unknown_birth(year: i32, serial: u64) -> Number {
        let month = if serial.is_multiple_of(2) { 0 } else { 1 + (serial % 12) as u32 };
        Number::formed(year, month, 60, serial)
    }

    /// All twelve digits as one integer.
    pub fn twelve(self) -> u64 {
        self.0
    }

    /// The birthday on which someone turns `age`; `None` where it is not known, or is 29 February in another year.
    pub fn birthday(self, age: i32) -> Option<NaiveDate> {
        let (month, day) = ((self.0 / 1_000_000 % 100) as u32, (self.0 / 10_000 % 100) as u32);
        NaiveDate::from_ymd_opt(self.year() + age, month, if day > 60 { day - 60 } else { day })
    }

    /// The year of birth, century included.
    pub fn year(self) -> i32 {
        (self.0 / 100_000_000) as i32
    }
}

/// The digit that completes nine digits to a right number: every other one doubled from the first, digits summed.
pub fn check_digit(nine: u64) -> u64 {
    let mut sum = 0;
    let mut rest = nine;
    for place in 0..9 {
        let digit = rest % 10 * if place % 2 == 0 { 2 } else { 1 };
        sum += digit / 10 + digit % 10;
        rest /= 10;
    }
    (10 - sum % 10) % 10
}

/// Who is born when: one stretch of days for each age, and the four birthdays around the robots' age limits kept free.
pub struct Births {
    child: Stretch,
    working: Stretch,
    senior: Stretch,
    centenarian: Stretch,
    draw: Draw,
    /// Turns 18 on the last night.
    pub turns_18: NaiveDate,
    /// Turned 18 the day before the last night, or another day before it where that one is 29 February.
    pub turned_18: NaiveDate,
    /// Turns 18 the day after the last night.
    pub turns_18_tomorrow: NaiveDate,
    /// Turns 67 on the last night.
    pub turns_67: NaiveDate,
    /// Turns 67 the day after the last night.
    pub turns_67_tomorrow: NaiveDate,
}

/// One senior of so many is a hundred years or more, so that numbers with `+` occur.
const SENIORS_PER_CENTENARIAN: u64 = 400;

impl Births {
    /// Nobody is born after `first`, so that every night sees the same people.
    pub fn new(first: NaiveDate, last: NaiveDate, draw: Draw) -> Births {
        let [turns_18, turns_67] = [18, 67].map(|age| latest_birth(age, last));
        let stretch = |variant, from, to| Stretch {
            from,
            order: draw.permutation(Purpose::Births, variant, numbers_between(from, to)),
        };
        Births {
            child: stretch(0, turns_18 + Days::new(4), first - Days::new(10)),
            working: stretch(1, turns_67 + Days::new(4), turns_18 - Days::new(4)),
            senior: stretch(2, latest_birth(90, last), turns_67 - Days::new(4)),
            centenarian: stretch(3, latest_birth(105, last), latest_birth(101, last)),
            draw,
            turns_18,
            turned_18: day_before(turns_18),
            turns_18_tomorrow: day_after(turns_18),
            turns_67,
            turns_67_tomorrow: day_after(turns_67),
        }
    }

    /// The number of the `index`th resident of this age; one in a hundred is a samordningsnummer.
    pub fn number(&self, age: Age, index: u64) -> Number {
        let (date, serial) = match age {
            Age::Child => self.child.birth(index),
            Age::Senior if index.is_multiple_of(SENIORS_PER_CENTENARIAN) => {
                self.centenarian.birth(index / SENIORS_PER_CENTENARIAN)
            }
            Age::Senior => self.senior.birth(index),
            Age::Working | Age::Unknown => self.working.birth(index),
        };
        let coordination = self.draw.chance(Purpose::Coordination, index * 4 + age as u64, 100);
        Number::formed(date.year(), date.month(), date.day() + if coordination { 60 } else { 0 }, serial)
    }
}

/// Serials 001 up to and including 999; 000 is not a number.
const SERIALS: u64 = 999;

/// The births from one day on, and the order in which they are given out.
struct Stretch {
    from: NaiveDate,
    order: Permutation,
}

impl Stretch {
    fn birth(&self, index: u64) -> (NaiveDate, u64) {
        let place = self.order.apply(index % self.order.domain());
        (self.from + Days::new(place / SERIALS), 1 + place % SERIALS)
    }
}

/// How many numbers there are for births from `from` up to and including `to`.
fn numbers_between(from: NaiveDate, to: NaiveDate) -> u64 {
    ((to - from).num_days().max(0) as u64 + 1) * SERIALS
}

/// The latest date of birth that makes someone `age` years old on `night`.
fn latest_birth(age: i32, night: NaiveDate) -> NaiveDate {
    let year = night.year() - age;
    NaiveDate::from_ymd_opt(year, night.month(), night.day())
        .or_else(|| NaiveDate::from_ymd_opt(year, 2, 28))
        .expect("the last night lies in a year that has been checked")
}

/// Skips 29 February, whose birthday in other years is a question of its own.
fn day_after(date: NaiveDate) -> NaiveDate {
    let next = date + Days::new(1);
    if (next.month(), next.day()) == (2, 29) { next + Days::new(1) } else { next }
}

/// Skips 29 February too.
fn day_before(date: NaiveDate) -> NaiveDate {
    let earlier = date - Days::new(1);
    if (earlier.month(), earlier.day()) == (2, 29) { earlier - Days::new(1) } else { earlier }
}

/// How a person number is written.
#[derive(Clone, Copy)]
pub enum Form {
    /// `199001011234`
    Twelve,
    /// `19900101-1234`
    TwelveWithSign,
    /// `9001011234`, with `+` as below for who has turned a hundred
    Ten,
    /// `900101-1234`, or `900101+1234` from the year in which someone turns a hundred
    TenWithSign,
}

impl Form {
    /// The extract's usual form, or now and then another.
    pub fn drawn(usual: Form, bits: u64) -> Form {
        match bits % 64 {
            0 => Form::Twelve,
            1 => Form::TwelveWithSign,
            2 => Form::Ten,
            3 => Form::TenWithSign,
            _ => usual,
        }
    }

    /// The number as it is written on a night of `year`.
    pub fn write(self, number: Number, year: i32) -> String {
        let twelve = number.twelve();
        let (date, last) = (twelve / 10_000, twelve % 10_000);
        let ten_can_say_it = date % 100 != 60;
        match self {
            Form::TwelveWithSign => format!("{date:08}-{last:04}"),
            Form::Ten | Form::TenWithSign if ten_can_say_it => {
                let old = number.year() <= year - 100;
                let sign = match self {
                    _ if old => "+",
                    Form::TenWithSign => "-",
                    _ => "",
                };
                format!("{:06}{sign}{last:04}", date % 1_000_000)
            }
            _ => format!("{twelve:012}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn births() -> Births {
        Births::new(date("2026-11-20"), date("2026-11-21"), Draw::new(5))
    }

    #[test]
    fn a_check_digit_is_the_one_that_the_rule_gives() {
        // Skatteverket's own worked example, 811218-987, gives 6.
        assert_eq!(check_digit(811_218_987), 6);
    }

    #[test]
    fn numbers_are_unique_and_right_and_of_their_age() {
        let births = births();
        let mut numbers: Vec<u64> = Vec::new();
        for (age, from, to) in [(Age::Child, 2008, 2026), (Age::Working, 1959, 2008), (Age::Senior, 1920, 1959)] {
            for index in 0..5_000 {
                let number = births.number(age, index);
                assert!((from..=to).contains(&number.year()));
                assert_eq!(check_digit(number.twelve() / 10 % 1_000_000_000), number.twelve() % 10);
                numbers.push(number.twelve());
            }
        }
        numbers.sort_unstable();
        assert!(numbers.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn the_birthdays_at_the_limits_are_the_days_they_say() {
        let births = births();
        assert_eq!(births.turns_18, date("2008-11-21"));
        assert_eq!(births.turns_67_tomorrow, date("1959-11-22"));
    }

    #[test]
    fn a_number_is_written_in_four_forms_and_with_plus_after_a_hundred_years() {
        let young = Number::born(date("1990-01-01"), 17);
        let old = Number::born(date("1925-01-01"), 17);
        assert_eq!(Form::TenWithSign.write(young, 2026).len(), 11);
        assert!(Form::Ten.write(young, 2026).starts_with("900101017"));
        assert!(Form::Ten.write(old, 2026).starts_with("250101+017"));
        assert!(Form::TwelveWithSign.write(old, 2026).starts_with("19250101-017"));
        assert_eq!(Form::Ten.write(Number::of_unknown_birth(1980, 3), 2026).len(), 12);
    }
}
