//! The keys that samples are drawn from, and what has been drawn.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::column::{Day, Moment};
use super::error::{LedgerError, Trouble};
use super::key::{Hash16, KeySource, LedgerKey, keyed_hash};
use super::store::Ledger;
use crate::sample::SampleKey;

/// A sample key that was made to take the place of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleKeyRenewal {
    /// The first night that draws from it.
    pub first_night: NaiveDate,
    /// When it was made.
    pub made: DateTime<Utc>,
}

/// What stands in the ledger for a subject that has been drawn.
#[must_use]
pub fn drawn_subject(key: &LedgerKey, subject: &str) -> Hash16 {
    keyed_hash(key, &[b"sample", subject.as_bytes()])
}

/// The key until it is renewed. Whoever gets it to make a draw again does not get the ledger's own.
fn first_key(key: &LedgerKey) -> SampleKey {
    let mut bytes = [0; 32];
    for (half, part) in bytes.chunks_exact_mut(16).zip([b"1", b"2"]) {
        half.copy_from_slice(keyed_hash(key, &[b"sample key", part]).bytes());
    }
    SampleKey::from(bytes)
}

impl Ledger {
    /// The key that samples of a night are drawn from; the same each time the night is run.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn sample_key(&self, night: NaiveDate) -> Result<SampleKey, LedgerError> {
        let query = "SELECT key FROM sample_key WHERE first_night <= ?1 ORDER BY first_night DESC LIMIT 1";
        let renewed = self.connection.query_row(query, params![Day(night)], |row| row.get::<_, [u8; 32]>(0)).optional();
        let renewed = renewed.map_err(|error| self.told(&error))?;
        Ok(renewed.map_or_else(|| first_key(self.key()), SampleKey::from))
    }

    /// The keys that have been made after the first, the oldest first.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn sample_key_renewals(&self) -> Result<Vec<SampleKeyRenewal>, LedgerError> {
        self.rows("SELECT first_night, made FROM sample_key ORDER BY first_night", [], |row| {
            let (Day(first_night), Moment(made)) = (row.get(0)?, row.get(1)?);
            Ok(SampleKeyRenewal { first_night, made })
        })
    }

    /// Makes a new key, for the nights after the last that is recorded; `today` where none is. One made for the same night
    /// before, which nothing has been drawn from, is replaced.
    ///
    /// # Errors
    /// When the system gives no randomness, or the ledger is locked, damaged or not writable.
    pub fn renew_sample_key(&mut self, today: NaiveDate, made: DateTime<Utc>) -> Result<NaiveDate, LedgerError> {
        let path = self.path.clone();
        let told = |error| LedgerError::told_by(&path, &error);
        let key = KeySource::Random.make().map_err(|detail| Trouble::NoRandomness(detail).with(&path))?;
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
        let last: Option<Day> = step.query_row("SELECT max(night) FROM night", [], |row| row.get(0)).map_err(told)?;
        let first_night = last.map_or(today, |Day(night)| night.succ_opt().unwrap_or(night));
        let replace = "REPLACE INTO sample_key (first_night, key, made) VALUES (?1, ?2, ?3)";
        step.execute(replace, params![Day(first_night), key.bytes(), Moment(made)]).map_err(told)?;
        step.commit().map_err(told)?;
        Ok(first_night)
    }

    /// Why a subject was drawn on a night, as it was recorded: the checks' ids, separated by spaces. `None` where it was not.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn sample_draw(&self, robot: &str, night: NaiveDate, subject: &str) -> Result<Option<String>, LedgerError> {
        let query = "SELECT why FROM sample_draw WHERE robot = ?1 AND night = ?2 AND subject = ?3";
        let of = params![robot, Day(night), drawn_subject(self.key(), subject)];
        self.connection.query_row(query, of, |row| row.get(0)).optional().map_err(|error| self.told(&error))
    }
}

/// Takes away what a robot's night had drawn, and writes what it has drawn now.
pub(super) fn write_draws(
    record: &Transaction<'_>,
    robot: &str,
    night: NaiveDate,
    draws: &[(Hash16, String)],
) -> rusqlite::Result<()> {
    record.execute("DELETE FROM sample_draw WHERE robot = ?1 AND night = ?2", params![robot, Day(night)])?;
    let mut insert = record.prepare("INSERT INTO sample_draw (robot, night, subject, why) VALUES (?1, ?2, ?3, ?4)")?;
    for (subject, why) in draws {
        insert.execute(params![robot, Day(night), subject, why])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::example::{SomeLedger, moment, night, robot, some_night};
    use super::super::remembered::{RobotRecord, RobotStatus};
    use super::*;

    #[test]
    fn a_renewed_key_is_for_the_nights_to_come_and_those_before_draw_the_same() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let before = ledger.sample_key(night(3)).unwrap();
        assert_ne!(before.bytes(), ledger.key().bytes());
        ledger.record(&some_night(3, vec![])).unwrap();
        ledger.clear_publication().unwrap();
        let first_night = ledger.renew_sample_key(night(1), moment(4, 9)).unwrap();
        assert_eq!(first_night, night(4));
        assert_eq!(ledger.sample_key(night(3)).unwrap(), before);
        let after = ledger.sample_key(night(4)).unwrap();
        assert_ne!(after, before);
        assert_eq!(ledger.sample_key(night(9)).unwrap(), after);
        ledger.renew_sample_key(night(1), moment(5, 9)).unwrap();
        assert_ne!(ledger.sample_key(night(4)).unwrap(), after, "nothing had been drawn from it");
        let renewals = [SampleKeyRenewal { first_night: night(4), made: moment(5, 9) }];
        assert_eq!(ledger.sample_key_renewals().unwrap(), renewals);
    }

    #[test]
    fn what_a_night_has_drawn_is_known_and_replaced_when_it_is_run_again() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let drawn = |subject: &str, why: &str| (drawn_subject(ledger_key(), subject), why.to_owned());
        let record = |draws| {
            let robot = RobotRecord { draws, ..robot("stickprov", RobotStatus::Ran, &[]) };
            some_night(3, vec![robot])
        };
        ledger.record(&record(vec![drawn("N1", "slump tackning"), drawn("N2", "slump")])).unwrap();
        assert_eq!(ledger.sample_draw("stickprov", night(3), "N1").unwrap().as_deref(), Some("slump tackning"));
        assert_eq!(ledger.sample_draw("stickprov", night(4), "N1").unwrap(), None);
        ledger.record(&record(vec![drawn("N2", "slump")])).unwrap();
        assert_eq!(ledger.sample_draw("stickprov", night(3), "N1").unwrap(), None);
        assert_eq!(ledger.sample_draw("stickprov", night(3), "N2").unwrap().as_deref(), Some("slump"));
    }

    /// The key of [`SomeLedger`].
    fn ledger_key() -> &'static LedgerKey {
        static KEY: std::sync::OnceLock<LedgerKey> = std::sync::OnceLock::new();
        KEY.get_or_init(|| LedgerKey::from([7; 32]))
    }
}
