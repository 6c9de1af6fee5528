//! Writes a night into the ledger: all of it or nothing.
//!
//! For what is read back see `lookup`; for what is new, `said`.

use std::path::Path;

use chrono::NaiveDate;
use rusqlite::{Transaction, TransactionBehavior, params};

use super::applicant::{AgeGroup, Sex};
use super::column::{Count, Day, Moment};
use super::error::{LedgerError, Trouble};
use super::figures::write_figures;
use super::lookup;
use super::remembered::{
    CaseOutcome, Measured, NightRecord, NoteRecord, RobotNight, RobotRecord, RobotStatus, RunRecord, Tried,
};
use super::said::{Presence, Standing};
use super::sample::write_draws;
use super::store::Ledger;
use super::trials::{Trials, numbered, write_trials};

impl Ledger {
    /// Records a night in one transaction: after it, either all of this is in the ledger and on the disk, or nothing.
    ///
    /// # Errors
    /// `Unpublished` when another publishing than this record's has not been finished; `Contradiction` when a robot or
    /// finding is there twice, or a robot that did not deliver has standing findings.
    pub fn record(&mut self, night: &NightRecord) -> Result<(), LedgerError> {
        let path = self.path.clone();
        let told = |error| LedgerError::told_by(&path, &error);
        let record = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
        let unfinished = lookup::publication(&record).map_err(told)?;
        if let Some(other) = unfinished.filter(|other| *other != night.publication) {
            return Err(Trouble::Unpublished { night: other.night, staging: other.staging }.with(&path));
        }
        let staging = text_of(&night.publication.staging, &path)?;
        let final_path = text_of(&night.publication.final_path, &path)?;

        write_night(&record, night).map_err(told)?;
        let numbers = numbered(&record, &night.robots).map_err(told)?;
        for robot in &night.robots {
            let robot_night = write_robot(&record, night.night, robot, &path)?;
            if robot.robot.status.is_delivered() {
                write_trials(&record, robot_night, robot, &numbers).map_err(told)?;
            }
        }
        write_extracts(&record, night).map_err(told)?;
        if let Some(figures) = &night.figures {
            write_figures(&record, night.night, figures).map_err(told)?;
        }
        write_run(&record, &night.run).map_err(told)?;
        record
            .execute(
                "REPLACE INTO publication (only_row, night, staging, final_path) VALUES (1, ?1, ?2, ?3)",
                params![Day(night.publication.night), staging, final_path],
            )
            .map_err(told)?;
        record.commit().map_err(told)
    }

    /// Says that what was to be published is in its place.
    ///
    /// # Errors
    /// When the ledger is locked, damaged or not writable.
    pub fn clear_publication(&mut self) -> Result<(), LedgerError> {
        self.connection.execute("DELETE FROM publication", []).map_err(|error| self.told(&error))?;
        Ok(())
    }
}

fn write_night(record: &Transaction<'_>, night: &NightRecord) -> rusqlite::Result<()> {
    record.execute(
        "INSERT INTO night (night, manifest) VALUES (?1, ?2)
         ON CONFLICT (night) DO UPDATE SET manifest = excluded.manifest, purged = 0",
        params![Day(night.night), night.manifest],
    )?;
    // Before any robot is written, so that a robot named twice is a contradiction and not a replacement.
    let mut remove = record.prepare("DELETE FROM robot_night WHERE robot = ?1 AND night = ?2")?;
    for robot in &night.robots {
        remove.execute(params![robot.robot.robot, Day(night.night)])?;
    }
    let mut forget = record.prepare("DELETE FROM tried WHERE robot = ?1 AND night = ?2")?;
    for robot in &night.robots {
        forget.execute(params![robot.robot.robot, Day(night.night)])?;
    }
    Ok(())
}

fn write_robot(
    record: &Transaction<'_>,
    night: NaiveDate,
    robot: &RobotRecord,
    path: &Path,
) -> Result<i64, LedgerError> {
    let RobotNight { robot: id, version, since, previous, status, counts } = &robot.robot;
    let has_something = !robot.standing.is_empty()
        || !robot.notes.is_empty()
        || !robot.tried.is_empty()
        || !robot.outcomes.is_empty()
        || !robot.draws.is_empty()
        || !robot.units.is_empty()
        || robot.trials != Trials::default();
    if has_something && !status.is_delivered() {
        let detail = format!("robot `{id}` has standing findings and did not deliver");
        return Err(Trouble::Contradiction(detail).with(path));
    }
    let told = |error| LedgerError::told_by(path, &error);
    record
        .execute(
            "INSERT INTO robot_night
                 (robot, night, since, previous, version, status, reason, clear, flagged, undecided, protected, meaning)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                id,
                Day(night),
                Day(*since),
                previous.map(Day),
                version,
                status.word(),
                status.reason(),
                Count(counts.clear),
                Count(counts.flagged),
                Count(counts.undecided),
                Count(counts.protected),
                robot.decision.as_ref().map(|decision| decision.meaning),
            ],
        )
        .map_err(told)?;
    let robot_night = record.last_insert_rowid();
    write_standing(record, robot_night, &robot.standing).map_err(told)?;
    write_notes(record, robot_night, &robot.notes).map_err(told)?;
    write_tried(record, id, night, &robot.tried).map_err(told)?;
    write_outcomes(record, robot_night, &robot.outcomes).map_err(told)?;
    write_draws(record, id, night, &robot.draws).map_err(told)?;
    if *status == RobotStatus::Held && robot.verdict.is_none() {
        record.execute("DELETE FROM release WHERE robot = ?1 AND night = ?2", params![id, Day(night)]).map_err(told)?;
    }
    write_decision(record, night, robot).map_err(told)?;
    Ok(robot_night)
}

fn write_notes(record: &Transaction<'_>, robot_night: i64, notes: &[NoteRecord]) -> rusqlite::Result<()> {
    let insert = "INSERT INTO note (robot_night, case_id, unit, sex, age_group) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = record.prepare(insert)?;
    for NoteRecord { case, unit, applicant } in notes {
        let (sex, age_group) = (applicant.sex.map(Sex::word), applicant.age_group.map(AgeGroup::word));
        insert.execute(params![robot_night, case, unit, sex, age_group])?;
    }
    Ok(())
}

fn write_tried(record: &Transaction<'_>, robot: &str, night: NaiveDate, tried: &[Tried]) -> rusqlite::Result<()> {
    let mut insert =
        record.prepare("INSERT INTO tried (robot, subject, night, case_id, settled) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for Tried { subject, is_settled, case } in tried {
        insert.execute(params![robot, subject, Day(night), case, is_settled])?;
    }
    Ok(())
}

fn write_outcomes(record: &Transaction<'_>, robot_night: i64, outcomes: &[CaseOutcome]) -> rusqlite::Result<()> {
    let mut insert =
        record.prepare("INSERT INTO outcome (robot_night, case_id, outcome, deviates) VALUES (?1, ?2, ?3, ?4)")?;
    for CaseOutcome { case, outcome, deviates } in outcomes {
        insert.execute(params![robot_night, case, outcome.name(), deviates])?;
    }
    Ok(())
}

fn write_decision(record: &Transaction<'_>, night: NaiveDate, robot: &RobotRecord) -> rusqlite::Result<()> {
    let Some(decision) = &robot.decision else { return Ok(()) };
    record.execute(
        "INSERT INTO decision (robot, meaning, reference, role, decided, first_night) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET first_night = min(first_night, excluded.first_night)",
        params![
            robot.robot.robot,
            decision.meaning,
            decision.reference,
            decision.role,
            Day(decision.decided),
            Day(night)
        ],
    )?;
    Ok(())
}

fn write_run(record: &Transaction<'_>, run: &RunRecord) -> rusqlite::Result<()> {
    record.execute(
        "INSERT INTO run (night, begun, ended, version, robots, exit, peak_memory) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            Day(run.night),
            Moment(run.begun),
            Moment(run.ended),
            run.version,
            run.robots.join(" "),
            run.exit,
            run.peak_memory.and_then(|bytes| i64::try_from(bytes).ok())
        ],
    )?;
    Ok(())
}

/// In the order of the table's key, so that each row is put after the one before and no page is written twice.
fn write_standing(record: &Transaction<'_>, robot_night: i64, standing: &[Standing]) -> rusqlite::Result<()> {
    let mut in_order: Vec<&Standing> = standing.iter().collect();
    in_order.sort_unstable();
    let mut insert = record.prepare(
        "INSERT INTO standing (robot_night, case_id, check_id, subject, fingerprint, presence, noted_night, first_night)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for finding in in_order {
        let presence = match finding.presence {
            Presence::Seen => "seen",
            Presence::Carried => "carried",
        };
        insert.execute(params![
            robot_night,
            finding.case,
            finding.check,
            finding.subject,
            finding.fingerprint,
            presence,
            finding.noted_night.map(Day),
            Day(finding.first_night),
        ])?;
    }
    Ok(())
}

fn write_extracts(record: &Transaction<'_>, night: &NightRecord) -> rusqlite::Result<()> {
    let mut replace = record.prepare(
        "REPLACE INTO extract_night (extract, night, rows, rejected, unreadable, bytes, sha256, stopped)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut forget = record.prepare("DELETE FROM measure WHERE extract = ?1 AND night = ?2")?;
    let mut measure = record.prepare(
        "INSERT INTO measure (extract, night, guard, part, whole, allowed, passed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for stats in &night.extracts {
        replace.execute(params![
            stats.extract,
            Day(night.night),
            Count(stats.rows),
            Count(stats.rejected),
            Count(stats.unreadable),
            Count(stats.bytes),
            stats.sha256,
            stats.stopped,
        ])?;
        forget.execute(params![stats.extract, Day(night.night)])?;
        for Measured { guard, part, whole, allowed, passed } in &stats.measures {
            let (extract, night) = (&stats.extract, Day(night.night));
            measure.execute(params![extract, night, guard, Count(*part), whole.map(Count), allowed, passed])?;
        }
    }
    Ok(())
}

/// A path that is not text could not be found again from the ledger.
pub(super) fn text_of<'a>(folder: &'a Path, ledger: &Path) -> Result<&'a str, LedgerError> {
    folder.to_str().ok_or_else(|| {
        let detail = format!("the folder `{}` has a name that is not UTF-8", folder.display());
        Trouble::Contradiction(detail).with(ledger)
    })
}

#[cfg(test)]
mod tests {
    use super::super::example::{SomeLedger, night, robot, some_finding, some_night};
    use super::*;

    #[test]
    fn a_night_recorded_again_replaces_its_robots_and_leaves_the_others() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let kept = robot("folkbokforing", RobotStatus::Ran, &[some_finding("A1", 1)]);
        let first = robot("fordonsinnehav", RobotStatus::Ran, &[some_finding("A1", 1), some_finding("A2", 1)]);
        let second = robot("fordonsinnehav", RobotStatus::Held, &[some_finding("A3", 1)]);
        ledger.record(&some_night(3, vec![kept.clone(), first])).unwrap();
        let again = NightRecord { manifest: [8; 32], ..some_night(3, vec![second.clone()]) };
        ledger.record(&again).unwrap();

        assert_eq!(ledger.standing("folkbokforing", night(3)).unwrap(), kept.standing);
        assert_eq!(ledger.standing("fordonsinnehav", night(3)).unwrap(), second.standing);
        assert_eq!(ledger.robots_of_night(night(3)).unwrap(), [kept.robot, second.robot]);
        assert_eq!(ledger.manifest(night(3)).unwrap(), Some([8; 32]));
        let rows: i64 = ledger.connection.query_row("SELECT count(*) FROM standing", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 2, "nothing of the first run is left behind");
    }

    #[test]
    fn a_robot_set_aside_when_the_night_is_run_again_no_longer_has_it_delivered() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        ledger.record(&some_night(3, vec![robot("a", RobotStatus::Ran, &[some_finding("A1", 1)])])).unwrap();
        let set_aside = RobotStatus::SetAside { reason: "`af.csv` is missing".into() };
        ledger.record(&some_night(3, vec![robot("a", set_aside, &[])])).unwrap();
        assert_eq!(ledger.last_delivered("a", night(4)).unwrap(), None);
        assert!(ledger.standing("a", night(3)).unwrap().is_empty());
    }

    #[test]
    fn another_unfinished_publishing_stands_in_the_way_until_it_is_cleared() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        ledger.record(&some_night(3, vec![])).unwrap();
        let error = ledger.record(&some_night(4, vec![])).unwrap_err();
        assert!(matches!(&error.trouble, Trouble::Unpublished { night: stuck, .. } if *stuck == night(3)), "{error}");
        assert_eq!(ledger.manifest(night(4)).unwrap(), None, "nothing of the refused night is recorded");

        ledger.clear_publication().unwrap();
        assert_eq!(ledger.pending_publication().unwrap(), None);
        ledger.record(&some_night(4, vec![])).unwrap();
    }

    #[test]
    fn a_record_that_contradicts_itself_leaves_the_ledger_as_it_was() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let before = some_night(3, vec![robot("a", RobotStatus::Ran, &[some_finding("A1", 1)])]);
        ledger.record(&before).unwrap();
        let twice = |robot: RobotRecord| vec![robot.clone(), robot];
        let failed = RobotStatus::Failed { reason: "divided by nothing".into() };
        for robots in [
            twice(robot("a", RobotStatus::Ran, &[])),
            vec![robot("a", RobotStatus::Ran, &[some_finding("A1", 1), some_finding("A1", 1)])],
            vec![robot("a", failed, &[some_finding("A1", 1)])],
        ] {
            let error = ledger.record(&some_night(3, robots)).unwrap_err();
            assert!(matches!(error.trouble, Trouble::Contradiction(_)), "{error}");
            assert!(!error.to_string().contains("A1"), "no case in a message: {error}");
            assert_eq!(ledger.standing("a", night(3)).unwrap(), before.robots[0].standing);
        }
    }

    #[test]
    fn a_full_disk_is_told_and_records_nothing() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let pages: i64 = ledger.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        ledger.connection.pragma_update(None, "max_page_count", pages + 5).unwrap();
        let findings: Vec<Standing> = (0..1000).map(|n| some_finding(&format!("A{n}"), 1)).collect();
        let error = ledger.record(&some_night(3, vec![robot("a", RobotStatus::Ran, &findings)])).unwrap_err();
        assert!(matches!(error.trouble, Trouble::DiskFull), "{error}");
        assert_eq!(ledger.last_delivered("a", night(4)).unwrap(), None);
        assert_eq!(ledger.pending_publication().unwrap(), None);
    }

    #[test]
    fn a_ledger_opened_to_be_read_cannot_be_written() {
        let place = SomeLedger::new();
        drop(place.open());
        let mut ledger = Ledger::open_read_only(&place.path()).unwrap().unwrap();
        let error = ledger.record(&some_night(3, vec![])).unwrap_err();
        assert!(matches!(error.trouble, Trouble::ReadOnly), "{error}");
    }

    /// The journal as a power cut leaves it: beside the ledger, with the pages that the commit had begun to change.
    #[test]
    fn a_write_that_was_cut_off_is_undone_by_the_next_run_and_told_by_one_that_only_shows() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let findings: Vec<Standing> = (0..500).map(|n| some_finding(&format!("A{n}"), 1)).collect();
        ledger.record(&some_night(3, vec![robot("a", RobotStatus::Ran, &findings)])).unwrap();
        // A cache of one page sends the changes to the file while the transaction is open.
        ledger
            .connection
            .execute_batch("PRAGMA cache_size = 1; BEGIN; DELETE FROM standing; DELETE FROM robot_night")
            .unwrap();
        let crashed = SomeLedger::new();
        for (from, to) in [(place.path(), crashed.path()), (place.journal(), crashed.journal())] {
            std::fs::copy(from, to).unwrap();
        }

        let error = Ledger::open_read_only(&crashed.path()).unwrap_err();
        assert!(matches!(error.trouble, Trouble::CutOff), "{error}");
        assert!(crashed.journal().exists(), "a run that only shows leaves it as it is");
        assert_eq!(crashed.open().standing("a", night(3)).unwrap().len(), findings.len());
        assert!(!crashed.journal().exists());
    }

    /// Prints how long it takes: `cargo test --release -- --ignored --nocapture three_hundred_thousand`.
    #[test]
    #[ignore = "a measurement"]
    fn three_hundred_thousand_findings() {
        let place = SomeLedger::new();
        let mut ledger = place.open();
        let mut findings: Vec<Standing> =
            (0..300_000).map(|n| some_finding(&format!("A{:06}", n / 3), u8::try_from(n % 3).unwrap())).collect();
        findings.reverse();
        let timed = |what: &str, work: &mut dyn FnMut()| {
            let start = std::time::Instant::now();
            work();
            println!("{what}: {:?}", start.elapsed());
        };
        let some = some_night(3, vec![robot("a", RobotStatus::Ran, &findings)]);
        timed("first record", &mut || ledger.record(&some).unwrap());
        timed("record again", &mut || ledger.record(&some).unwrap());
        ledger.clear_publication().unwrap();
        let later = some_night(4, vec![robot("a", RobotStatus::Ran, &findings)]);
        timed("next night", &mut || ledger.record(&later).unwrap());
        timed("standing", &mut || assert_eq!(ledger.standing("a", night(3)).unwrap().len(), 300_000));
        println!("bytes: {}", std::fs::metadata(place.path()).unwrap().len());
    }
}
