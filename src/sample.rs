//! Drawing a sample that can be drawn again by whoever has the key, and foreseen by nobody else (PDD 11).
//!
//! # The construction, so that it can be redone
//!
//! All that is drawn is a whole number, from a key and some texts:
//!
//! 1. `mac = HMAC-SHA256(key, message)` (RFC 2104), where the message is each text as UTF-8 with its length in bytes before it,
//!    as 8 bytes, big-endian: the texts in their order, and last the number of the try, `"0"`.
//! 2. `u` is the first 8 bytes of `mac`, big-endian: a number below 2⁶⁴.
//! 3. With `m` possible answers, let `r` be 2⁶⁴ modulo `m`. If `u ≥ 2⁶⁴ − r`, go back to 1 with the try `"1"`, and so on, so
//!    that every answer is equally likely. The answer is `u` modulo `m`.
//!
//! | what is drawn | texts | answers | |
//! |---|---|---|---|
//! | a lot | `lot`, robot, night, subject | 10⁹ | drawn where it is below the share times 10⁹, rounded down |
//! | a waiting time | `wait`, robot, case, the day that the clock goes from | most − least + 1 | least is added: days |
//!
//! Days are written `2026-11-21`. docs/sampling.md has the same in another language, and values to compare with.

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// How many lots there are: a share is told apart to nine decimals.
pub const LOTS: u64 = 1_000_000_000;

/// The first text of what a lot is drawn from.
const LOT: &str = "lot";

/// The first text of what a waiting time is drawn from.
const WAIT: &str = "wait";

/// SHA-256 works on blocks of this many bytes; RFC 2104 pads the key to one.
const BLOCK: usize = 64;

/// The secret that samples are drawn from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SampleKey([u8; 32]);

impl SampleKey {
    /// The key of every example, so that what is drawn in it stands as it is written.
    pub const OF_EXAMPLES: Self = Self([7; 32]);

    /// The bytes, for the ledger's own row and for an auditor who is to have the key.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A number below `answers`, each equally likely, the same for the same texts; 0 where there is at most one answer.
    #[must_use]
    pub fn number(&self, texts: &[&str], answers: u64) -> u64 {
        if answers <= 1 {
            return 0;
        }
        // 2⁶⁴ modulo the answers: how many of the highest numbers would make some answers likelier than others.
        let uneven = (u64::MAX % answers + 1) % answers;
        let mut tries = 0_u32;
        loop {
            let number = self.first_bytes(texts, &tries.to_string());
            if uneven == 0 || number <= u64::MAX - uneven {
                return number % answers;
            }
            tries += 1;
        }
    }

    fn first_bytes(&self, texts: &[&str], last: &str) -> u64 {
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(self.0).for_each(|(byte, secret)| *byte ^= secret);
            block
        };
        let mut inner = Sha256::new_with_prefix(padded(0x36));
        for text in texts.iter().chain([&last]) {
            inner.update((text.len() as u64).to_be_bytes());
            inner.update(text);
        }
        let mac = Sha256::new_with_prefix(padded(0x5c)).chain_update(inner.finalize()).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&mac[..8]);
        u64::from_be_bytes(first)
    }
}

impl From<[u8; 32]> for SampleKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Never the key: logs and panics print `Debug`.
impl fmt::Debug for SampleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SampleKey(…)")
    }
}

/// A draw as it is made, with all that it takes but the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Draw {
    /// The texts that it is made from, in their order; the number of the try, which comes last, aside.
    pub texts: [String; 4],
    /// How many answers there are.
    pub answers: u64,
    /// The number that was drawn, below that.
    pub number: u64,
    /// Of a lot: the lots below this are drawn, which is the share that it is held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<u64>,
}

impl Draw {
    /// The share of the lots that are drawn, as it is told: `5 %`.
    #[must_use]
    pub fn share(&self) -> Option<String> {
        let percent = Decimal::from(self.below?) / Decimal::from(self.answers) * Decimal::ONE_HUNDRED;
        Some(format!("{} %", percent.normalize()).replace('.', ","))
    }
}

/// What one robot draws.
#[derive(Clone, Copy, Debug)]
pub struct Draws<'r> {
    /// The key of the night.
    pub key: SampleKey,
    /// The robot: two robots draw apart from each other.
    pub robot: &'r str,
}

impl Draws<'_> {
    /// The subject's lot that night, below [`LOTS`].
    #[must_use]
    pub fn lot(&self, night: NaiveDate, subject: &str) -> u64 {
        self.key.number(&[LOT, self.robot, &night.to_string(), subject], LOTS)
    }

    /// Whether the subject is drawn that night: with exactly this probability, whatever becomes of the others. Who is drawn
    /// with one share is drawn with any larger.
    #[must_use]
    pub fn is_drawn(&self, night: NaiveDate, subject: &str, share: Decimal) -> bool {
        self.lot(night, subject) < drawn_lots(share)
    }

    /// How the subject's lot is drawn that night, beside the share that it is held against.
    #[must_use]
    pub fn made_lot(&self, night: NaiveDate, subject: &str, share: Decimal) -> Draw {
        let texts = [LOT, self.robot, &night.to_string(), subject].map(str::to_owned);
        Draw { texts, answers: LOTS, number: self.lot(night, subject), below: Some(drawn_lots(share)) }
    }

    /// How a waiting time is drawn; the least of it is added to the number.
    #[must_use]
    pub fn made_wait(&self, case: &str, from: NaiveDate, least: Decimal, most: Decimal) -> Option<Draw> {
        let number = self.waiting_days(case, from, least, most)?.checked_sub(least.to_u64()?)?;
        let answers = (most - least).to_u64()? + 1;
        let texts = [WAIT, self.robot, case, &from.to_string()].map(str::to_owned);
        Some(Draw { texts, answers, number, below: None })
    }

    /// How many days a case waits, from `least` to `most`, each equally likely; the same as long as the clock goes from the
    /// same day. Nothing where these are no whole numbers of days, `most` is below `least`, or is more than a century.
    #[must_use]
    pub fn waiting_days(&self, case: &str, from: NaiveDate, least: Decimal, most: Decimal) -> Option<u64> {
        let days = |number: Decimal| number.is_integer().then(|| number.to_u64()).flatten();
        let (least, most) = (days(least)?, days(most).filter(|most| *most <= 36_525)?);
        let answers = most.checked_sub(least)? + 1;
        Some(least + self.key.number(&[WAIT, self.robot, case, &from.to_string()], answers))
    }
}

/// How many of the lots are drawn with a share: none with 0 or less, all with 1 or more.
#[must_use]
pub fn drawn_lots(share: Decimal) -> u64 {
    let share = share.clamp(Decimal::ZERO, Decimal::ONE);
    (share * Decimal::from(LOTS)).floor().to_u64().unwrap_or_default()
}

/// What a plan of sampling comes to, for those who apply once a month and are checked by the sample alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Of the applications, the share drawn by lot.
    pub by_lot: f64,
    /// Of the applications, the share drawn by lot or because the wait is over.
    pub in_all: f64,
    /// The most days that can pass between two checks.
    pub most_days: u64,
}

/// The most days from one application to the next of those who apply every month, and the night on which one is seen.
const FROM_ONE_TO_THE_NEXT: u64 = 31 + 1;

/// The days of a month, on average.
const DAYS_OF_A_MONTH: f64 = 365.25 / 12.0;

/// What a share and waiting times come to. A check by lot begins a new wait.
#[must_use]
pub fn expected(share: Decimal, least: u64, most: u64) -> Expected {
    let by_lot = share.clamp(Decimal::ZERO, Decimal::ONE).to_f64().unwrap_or_default();
    let most = most.max(least);
    let mut applications = 0.0;
    for days in least..=most {
        #[expect(clippy::cast_precision_loss, reason = "a century has few days")]
        let until_over = (days as f64 / DAYS_OF_A_MONTH).ceil().max(1.0);
        // From one check to the next: the first drawn by lot, or the one at which the wait is over.
        applications += if by_lot > 0.0 { (1.0 - (1.0 - by_lot).powf(until_over)) / by_lot } else { until_over };
    }
    #[expect(clippy::cast_precision_loss, reason = "a century has few days")]
    let in_all = (most - least + 1) as f64 / applications;
    Expected { by_lot, in_all: in_all.max(by_lot), most_days: most + FROM_ONE_TO_THE_NEXT }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SampleKey {
        SampleKey([byte; 32])
    }

    fn draws() -> Draws<'static> {
        Draws { key: key(7), robot: "stickprov" }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn percent(share: i64) -> Decimal {
        Decimal::new(share, 2)
    }

    /// The values of docs/sampling.md, which the program there gives.
    #[test]
    fn the_draws_are_those_of_the_page() {
        let lots = ["A26-5201", "A26-5202", "Å 3"].map(|subject| draws().lot(day("2026-11-21"), subject));
        assert_eq!(lots, LOTS_OF_THE_PAGE);
        let wait = |case, least, most| draws().waiting_days(case, day("2026-01-31"), least, most);
        let (none, least, most) = (Decimal::ZERO, Decimal::from(240), Decimal::from(330));
        let days = [wait("EB25-0001", least, most), wait("EB25-0002", least, most), wait("EB25-0001", none, most)];
        assert_eq!(days, DAYS_OF_THE_PAGE.map(Some));
    }

    #[test]
    fn a_draw_that_is_told_has_all_that_it_takes_to_make_it_again() {
        let again = |draw: &Draw| key(7).number(&draw.texts.each_ref().map(String::as_str), draw.answers);
        let lot = draws().made_lot(day("2026-11-21"), "A26-5202", percent(5));
        assert_eq!((lot.number, lot.below), (LOTS_OF_THE_PAGE[1], Some(50_000_000)));
        let wait = draws().made_wait("EB25-0001", day("2026-01-31"), Decimal::from(240), Decimal::from(330)).unwrap();
        assert_eq!((wait.number + 240, wait.answers, wait.below), (DAYS_OF_THE_PAGE[0], 91, None));
        assert_eq!([again(&lot), again(&wait)], [lot.number, wait.number]);
    }

    const LOTS_OF_THE_PAGE: [u64; 3] = [612_421_907, 27_080_999, 493_319_847];
    const DAYS_OF_THE_PAGE: [u64; 3] = [264, 276, 53];

    #[test]
    fn the_key_is_never_printed() {
        assert_eq!(format!("{:?}", draws()), "Draws { key: SampleKey(…), robot: \"stickprov\" }");
    }

    #[test]
    fn a_number_that_would_make_some_answers_likelier_is_drawn_again() {
        // Of 2⁶³ + 1 answers nearly every second number is too high, so that half of them are tried more than once.
        let answers = (1 << 63) + 1;
        for subject in 0..200 {
            assert!(key(1).number(&["x", &subject.to_string()], answers) < answers);
        }
        assert_eq!(key(1).number(&["x"], 1), 0);
        assert_eq!(key(1).number(&["x"], 0), 0);
    }

    #[test]
    fn shares_at_the_ends_draw_none_and_all_and_a_larger_share_draws_who_was_drawn() {
        for subject in 0..500 {
            let subject = subject.to_string();
            let is_drawn = |share| draws().is_drawn(day("2026-11-21"), &subject, share);
            assert!(!is_drawn(Decimal::ZERO) && !is_drawn(percent(-5)));
            assert!(is_drawn(Decimal::ONE) && is_drawn(percent(250)));
            assert!(!is_drawn(percent(5)) || is_drawn(percent(10)));
        }
        assert_eq!(drawn_lots(percent(5)), 50_000_000);
        assert_eq!(drawn_lots(Decimal::ONE / Decimal::from(3)), 333_333_333);
    }

    #[test]
    fn waits_that_make_no_sense_are_nothing() {
        let wait = |least: Decimal, most: Decimal| draws().waiting_days("A1", day("2026-01-31"), least, most);
        assert_eq!(wait(Decimal::from(5), Decimal::from(5)), Some(5));
        assert_eq!(wait(Decimal::from(6), Decimal::from(5)), None);
        assert_eq!(wait(Decimal::from(-1), Decimal::from(5)), None);
        assert_eq!(wait(percent(50), Decimal::from(5)), None);
        assert_eq!(wait(Decimal::ZERO, Decimal::MAX), None);
    }

    /// A year of nights with a hundred applications each: the share, in all and apart, within four standard deviations of a
    /// fair draw. The key is fixed, so that it comes out the same each time.
    #[test]
    fn the_share_is_drawn_each_night_channel_and_unit_alike() {
        let mut all = (0, 0);
        let mut of_channel = [(0, 0); 2];
        let mut of_unit = [(0, 0); 5];
        let mut both_of_a_pair = 0;
        let mut night = day("2026-01-01");
        for number in 0..36_500_usize {
            let is_drawn = draws().is_drawn(night, &format!("A26-{number:05}"), percent(5));
            for (drawn, tried) in [&mut all, &mut of_channel[number % 2], &mut of_unit[number % 5]] {
                *drawn += i32::from(is_drawn);
                *tried += 1;
            }
            both_of_a_pair +=
                i32::from(is_drawn && draws().is_drawn(night, &format!("A26-{:05}", number + 1), percent(5)));
            if number % 100 == 99 {
                night = night.succ_opt().unwrap();
            }
        }
        for (drawn, tried) in [all].into_iter().chain(of_channel).chain(of_unit) {
            let (drawn, tried) = (f64::from(drawn), f64::from(tried));
            assert!((drawn - tried * 0.05).abs() < 4.0 * (tried * 0.05 * 0.95).sqrt(), "{drawn} of {tried}");
        }
        // One drawn says nothing of the next: 1 in 400 of the pairs.
        assert!((f64::from(both_of_a_pair) - 91.25).abs() < 4.0 * 91.25_f64.sqrt(), "{both_of_a_pair}");
    }

    #[test]
    fn waits_are_spread_evenly_from_the_least_to_the_most() {
        let mut of_day = [0_i32; 91];
        for number in 0..9_100 {
            let case = format!("EB25-{number:04}");
            let days = draws().waiting_days(&case, day("2026-01-31"), Decimal::from(240), Decimal::from(330));
            of_day[usize::try_from(days.unwrap()).unwrap() - 240] += 1;
        }
        assert!(of_day.iter().all(|cases| (40..=160).contains(cases)), "{of_day:?}");
        // Chi-squared with 90 degrees of freedom: above 150 in one of ten thousand.
        let chi: f64 = of_day.iter().map(|cases| f64::from(cases - 100).powi(2) / 100.0).sum();
        assert!(chi < 150.0, "{chi}");
    }

    /// Four simulated years of cases that apply once a month, from the robot's start: nobody waits longer than twelve months,
    /// and the draws of the coverage are spread over the nights.
    #[test]
    fn everyone_who_applies_each_month_is_drawn_within_twelve_months() {
        let start = day("2026-01-01");
        let mut on_night = std::collections::BTreeMap::<NaiveDate, u32>::new();
        let mut drawn_in_all = 0_u32;
        for number in 0..600_u64 {
            let case = format!("EB25-{number:04}");
            let mut clock = start;
            let mut at_start = true;
            for month in 0..48_u64 {
                let applies =
                    start + chrono::Months::new(u32::try_from(month).unwrap()) + chrono::Days::new(number % 28);
                let least = if at_start { Decimal::ZERO } else { Decimal::from(240) };
                let wait = draws().waiting_days(&case, clock, least, Decimal::from(330)).unwrap();
                let is_over = applies >= clock + chrono::Days::new(wait);
                let is_drawn = draws().is_drawn(applies, &format!("{case}-{month}"), percent(5));
                if is_over || is_drawn {
                    assert!((applies - clock).num_days() <= 365, "{case} waited from {clock} to {applies}");
                    (clock, at_start) = (applies, false);
                    drawn_in_all += 1;
                }
                if is_over {
                    *on_night.entry(applies).or_default() += 1;
                }
            }
        }
        // A night has up to 22 of these 600 cases that apply; never are half of them drawn because they have waited.
        assert!(on_night.values().all(|cases| *cases <= 11), "{:?}", on_night.values().max());
        let share = f64::from(drawn_in_all) / (600.0 * 48.0);
        let plan = expected(percent(5), 240, 330);
        assert!((share - plan.in_all).abs() < 0.02, "{share} {plan:?}");
    }

    #[test]
    fn a_plan_tells_what_share_is_drawn_and_how_long_it_can_take() {
        let by_lot_alone = expected(percent(100), 240, 330);
        assert!((by_lot_alone.in_all - 1.0).abs() < 1e-9);
        let by_wait_alone = expected(Decimal::ZERO, 300, 300);
        assert!((by_wait_alone.in_all - 0.1).abs() < 1e-9, "every tenth month: {by_wait_alone:?}");
        assert_eq!(expected(percent(5), 240, 330).most_days, 362);
    }
}
