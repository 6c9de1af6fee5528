//! What somebody decided about what robots held.

use chrono::NaiveDate;
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};

use super::column::{Day, Moment};
use super::error::{LedgerError, Trouble};
use super::lookup::{self, day, not_a_word_of_ours};
use super::record::text_of;
use super::remembered::{Publication, Release, Verdict};
use super::store::Ledger;
use super::trials::forget_new;

/// All that is recorded of a release, in one transaction.
#[derive(Clone, Debug)]
pub struct ReleaseRecord {
    /// What was decided.
    pub release: Release,
    /// SHA-256 of the night's new `manifest.json`.
    pub manifest: [u8; 32],
    /// What is to be put in place.
    pub publication: Publication,
}

impl Ledger {
    /// What was decided about what a robot held of a night; nothing when nobody has.
    ///
    /// # Errors
    /// When the ledger is locked or damaged.
    pub fn release(&self, robot: &str, night: NaiveDate) -> Result<Option<Release>, LedgerError> {
        self.connection
            .query_row(
                "SELECT robot, night, decision, notes, role, at FROM release WHERE robot = ?1 AND night = ?2",
                params![robot, Day(night)],
                release,
            )
            .optional()
            .map_err(|error| self.told(&error))
    }

    /// Records a release, and that its folder is to be put in place. What was refused counts as not noted, on the later
    /// nights too, and as neither tried nor drawn.
    ///
    /// # Errors
    /// When the ledger is locked, damaged or not writable, or another publishing has not been finished.
    pub fn record_release(&mut self, record: &ReleaseRecord) -> Result<(), LedgerError> {
        let path = self.path.clone();
        let told = |error| LedgerError::told_by(&path, &error);
        let ReleaseRecord { release, manifest, publication } = record;
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
        if let Some(other) = lookup::publication(&step).map_err(told)?.filter(|other| other != publication) {
            return Err(Trouble::Unpublished { night: other.night, staging: other.staging }.with(&path));
        }
        let (staging, final_path) = (text_of(&publication.staging, &path)?, text_of(&publication.final_path, &path)?);
        let of_night = params![release.robot, Day(release.night)];
        match release.verdict {
            Verdict::Released => {
                let released = "UPDATE robot_night SET status = 'ran' WHERE robot = ?1 AND night = ?2";
                step.execute(released, of_night).map_err(told)?;
            }
            Verdict::Refused => {
                let forget = "UPDATE standing SET noted_night = NULL WHERE noted_night = ?2
                              AND robot_night IN (SELECT id FROM robot_night WHERE robot = ?1)";
                step.execute(forget, of_night).map_err(told)?;
                let notes = "DELETE FROM note
                             WHERE robot_night IN (SELECT id FROM robot_night WHERE robot = ?1 AND night = ?2)";
                step.execute(notes, of_night).map_err(told)?;
                forget_new(&step, &release.robot, release.night).map_err(told)?;
                // Nothing of it went out, and so nothing has been settled or drawn: the next night tries it again, nobody has been
                // checked because of it, and no robot is told that somebody was.
                for forget in [
                    "UPDATE tried SET settled = 0 WHERE robot = ?1 AND night = ?2",
                    "DELETE FROM sample_draw WHERE robot = ?1 AND night = ?2",
                    "DELETE FROM outcome
                     WHERE robot_night IN (SELECT id FROM robot_night WHERE robot = ?1 AND night = ?2)",
                ] {
                    step.execute(forget, of_night).map_err(told)?;
                }
            }
        }
        step.execute(
            "REPLACE INTO release (robot, night, decision, notes, role, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                release.robot,
                Day(release.night),
                release.verdict.word(),
                release.files,
                release.role,
                Moment(release.at)
            ],
        )
        .map_err(told)?;
        step.execute("UPDATE night SET manifest = ?2 WHERE night = ?1", params![Day(release.night), manifest])
            .map_err(told)?;
        step.execute(
            "REPLACE INTO publication (only_row, night, staging, final_path) VALUES (1, ?1, ?2, ?3)",
            params![Day(publication.night), staging, final_path],
        )
        .map_err(told)?;
        step.commit().map_err(told)
    }
}

fn release(row: &Row<'_>) -> rusqlite::Result<Release> {
    let verdict = match row.get_ref(2)?.as_str()? {
        "released" => Verdict::Released,
        "refused" => Verdict::Refused,
        _ => return Err(not_a_word_of_ours(2)),
    };
    let Moment(at) = row.get(5)?;
    Ok(Release { robot: row.get(0)?, night: day(row, 1)?, verdict, files: row.get(3)?, role: row.get(4)?, at })
}

#[cfg(test)]
mod tests {
    use super::super::example::{SomeLedger, moment, night, robot, some_finding, some_night};
    use super::super::key::Hash16;
    use super::super::remembered::{CaseOutcome, RobotRecord, RobotStatus, Tried, Verdict};
    use super::super::sample::drawn_subject;
    use super::*;
    use crate::outcome::Outcome;

    fn decided(verdict: Verdict) -> (SomeLedger, Ledger) {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let held = some_finding("A1", 1);
        let finding = super::super::said::Standing { noted_night: Some(night(3)), ..held };
        for day in [3, 4] {
            let robot = RobotRecord {
                tried: vec![Tried { subject: Hash16::from([8; 16]), is_settled: true, case: "A1".into() }],
                outcomes: vec![CaseOutcome { case: "A1".into(), outcome: Outcome::Flagged, deviates: true }],
                draws: vec![(drawn_subject(ledger.key(), "N1"), "slump".into())],
                ..robot("a", RobotStatus::Held, std::slice::from_ref(&finding))
            };
            ledger.record(&some_night(day, vec![robot])).unwrap();
            ledger.clear_publication().unwrap();
        }
        let publication = some_night(3, vec![]).publication;
        let release = Release {
            robot: "a".into(),
            night: night(3),
            verdict,
            files: [5; 32],
            role: "Enhetschef".into(),
            at: moment(4, 8),
        };
        ledger.record_release(&ReleaseRecord { release: release.clone(), manifest: [6; 32], publication }).unwrap();
        assert_eq!(ledger.release("a", night(3)).unwrap(), Some(release));
        assert_eq!(ledger.release("a", night(4)).unwrap(), None);
        assert_eq!(ledger.manifest(night(3)).unwrap(), Some([6; 32]));
        (place, ledger)
    }

    #[test]
    fn released_notes_stay_noted_and_the_robot_has_run() {
        let (_place, ledger) = decided(Verdict::Released);
        assert_eq!(ledger.robots_of_night(night(3)).unwrap()[0].status, RobotStatus::Ran);
        assert_eq!(ledger.robots_of_night(night(4)).unwrap()[0].status, RobotStatus::Held);
        assert_eq!(ledger.standing("a", night(4)).unwrap()[0].noted_night, Some(night(3)));
    }

    #[test]
    fn what_refused_notes_said_is_not_noted_on_any_night() {
        let (_place, ledger) = decided(Verdict::Refused);
        for day in [3, 4] {
            assert_eq!(ledger.standing("a", night(day)).unwrap()[0].noted_night, None);
        }
    }

    #[test]
    fn what_was_refused_is_neither_tried_nor_drawn_nor_known_to_other_robots_and_waits_no_more() {
        let known = |ledger: &Ledger, day| {
            let past = ledger.outcomes_before(&["a"], night(9)).unwrap();
            let outcomes = past.iter().filter(|past| past.night == night(day)).count();
            let is_drawn = ledger.sample_draw("a", night(day), "N1").unwrap().is_some();
            let is_settled =
                ledger.settled_but_on("a", night(9)).unwrap().iter().any(|other| other.night == night(day));
            let waits = ledger.held().unwrap().iter().any(|(_, held, _)| *held == night(day));
            (outcomes, is_drawn, is_settled, waits)
        };
        let (_place, released) = decided(Verdict::Released);
        assert_eq!([known(&released, 3), known(&released, 4)], [(1, true, true, false), (1, true, true, true)]);
        let (_place, refused) = decided(Verdict::Refused);
        assert_eq!([known(&refused, 3), known(&refused, 4)], [(0, false, false, false), (1, true, true, true)]);
    }

    #[test]
    fn what_was_decided_is_forgotten_when_the_night_holds_other_files() {
        let (_place, mut ledger) = decided(Verdict::Refused);
        ledger.clear_publication().unwrap();
        let again = RobotRecord { verdict: Some(Verdict::Refused), ..robot("a", RobotStatus::Held, &[]) };
        ledger.record(&some_night(3, vec![again.clone()])).unwrap();
        assert!(ledger.release("a", night(3)).unwrap().is_some());
        ledger.record(&some_night(3, vec![RobotRecord { verdict: None, ..again }])).unwrap();
        assert_eq!(ledger.release("a", night(3)).unwrap(), None);
        assert_eq!(ledger.held().unwrap()[0].1, night(3));
    }
}
