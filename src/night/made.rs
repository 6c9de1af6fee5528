//! What one robot's night is made into: its files, what the ledger keeps of it, and whether it is to wait.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::definition::Definitions;
use crate::evaluate::isolated;
use crate::ledger::{
    CaseOutcome, Hash16, Ledger, LedgerError, NoteRecord, RobotStatus, Standing, Trials, Tried, UnitStanding, Verdict,
};
use crate::output::{ListFile, OutputFile, Secrecy, account_lines, further_lists, list, protected_list, written_notes};

use super::once::tried_now;
use super::outcomes::to_keep;
use super::rounds::Round;
use super::said::{Told, tell};
use super::sample::drawn_now;
use super::trials::{note_records, trials, units};
use super::{NightError, NightRequest};

/// The folder in the night's own where files wait for `nattkoll release`.
pub const HELD: &str = "held/";

/// What one robot's night is made into.
#[derive(Default)]
pub struct Made {
    /// Its files; under `held/` where they wait for somebody to release them.
    pub files: Vec<OutputFile>,
    /// The cases that its notes are for.
    pub notes: Vec<NoteRecord>,
    /// The rows on its list.
    pub list_rows: u64,
    /// Its lines in the accounts.
    pub accounts: Vec<u8>,
    /// What the ledger is to keep of it.
    pub standing: Vec<Standing>,
    /// Whom it tried, and what its checks came to.
    pub trials: Trials,
    /// How many of its deviations stand, by unit and check.
    pub units: Vec<UnitStanding>,
    /// The subjects that it has tried, where it tries each of them once.
    pub tried: Vec<Tried>,
    /// What it came to for its cases, as far as some robot asks on later nights.
    pub outcomes: Vec<CaseOutcome>,
    /// The subjects that it has drawn, and why.
    pub draws: Vec<(Hash16, String)>,
}

/// Makes every robot's files. One whose files break down has failed, and the others go on.
pub fn make_all(
    request: &NightRequest,
    definitions: &Definitions,
    rounds: &mut [Round<'_>],
    ledger: &Ledger,
) -> Result<Vec<Made>, NightError> {
    let mut all = Vec::with_capacity(rounds.len());
    for round in rounds {
        let made = isolated(|| make(request, definitions, round, ledger)).transpose()?;
        all.push(made.unwrap_or_else(|| {
            round.fail();
            Made::default()
        }));
    }
    Ok(all)
}

/// Holds, of a night that is only shown, what would be held were it delivered. What a robot would write is made where that
/// could be, and thrown away. Without a ledger all of it is new.
pub fn foresee(
    request: &NightRequest,
    definitions: &Definitions,
    rounds: &mut [Round<'_>],
    ledger: Option<&Ledger>,
) -> Result<(), LedgerError> {
    for round in rounds.iter_mut().filter(|round| round.status.is_delivered()) {
        let Some(ledger) = ledger else {
            round.held = why_held(round);
            if round.held.is_some() {
                round.status = RobotStatus::Held;
            }
            continue;
        };
        let is_decided = ledger.release(&round.robot.id, request.night)?.is_some();
        if (is_decided || why_held(round).is_some())
            && isolated(|| make(request, definitions, round, ledger)).transpose()?.is_none()
        {
            round.fail();
        }
    }
    Ok(())
}

fn make(
    request: &NightRequest,
    definitions: &Definitions,
    round: &mut Round<'_>,
    ledger: &Ledger,
) -> Result<Made, LedgerError> {
    if !round.status.is_delivered() {
        return Ok(Made::default());
    }
    let Told { standing, noted } = tell(round, ledger)?;
    let id = &round.robot.id;
    assert!(request.faulty.as_ref() != Some(id), "a test has asked for this");
    let (bytes, notes) = written_notes(round.robot, &round.result, &noted, definitions, round.nights);
    let (list, rows) = list(round.robot, &round.result, &noted, definitions);
    let mut files = vec![
        OutputFile::usual(format!("{id}/anteckningar.jsonl"), bytes),
        OutputFile::usual(format!("{id}/kontrollista.csv"), list),
    ];
    let further = further_lists(round.robot, &round.result, &noted, definitions);
    let has_further_rows = further.iter().any(|file| file.rows > 0);
    let output = |file: ListFile| OutputFile::new(format!("{id}/{}", file.path), file.bytes, file.secrecy);
    files.extend(further.into_iter().map(output));
    if let Some(bytes) = protected_list(round.robot, &round.result, &noted) {
        files.push(OutputFile::new(format!("{id}/skyddade.csv"), bytes, Secrecy::OwnerOnly));
    }
    let accounts = account_lines(round.robot, &round.result);
    let tried = tried_now(round.robot, &round.result, ledger.key());
    let outcomes = to_keep(round.robot, &round.result, definitions);
    let draws = drawn_now(round.robot, &round.result, ledger.key());
    let night = round.nights.night;
    let notes = note_records(notes, &round.result, night);
    let trials = trials(round.robot, &round.result, &noted);
    let units = units(round.robot, &round.result, &standing);
    let list_rows = rows as u64;
    let mut made = Made { files, notes, list_rows, accounts, standing, trials, units, tried, outcomes, draws };
    let decided = ledger.release(id, night)?;
    // Digests are made only where there is a decision to hold them against.
    let of_these = decided.as_ref().filter(|release| release.files == held_digest(&made.files));
    let verdict = of_these.map(|release| release.verdict);
    let is_to_wait = match why_held(round) {
        // These very files, whatever limit the robot has now.
        None => (verdict == Some(Verdict::Refused)).then(|| "what it wrote was refused".to_owned()),
        // What later nights have said is nothing new any more, and yet it is what somebody decided about.
        Some(why) => (decided.is_some()
            || has_further_rows
            || says_something_new(&made, night)
            || held_the_night_before(round, ledger)?)
        .then_some(why),
    };
    if let Some(why) = is_to_wait {
        hold(round, &mut made, why, verdict);
    }
    Ok(made)
}

/// Why what a robot writes is to wait: it flags far more than is normal for it. So few as the floor hold nothing.
fn why_held(round: &Round<'_>) -> Option<String> {
    let (flagged, total) = (round.result.tally.flagged, round.result.tally.total());
    let limit = round.robot.expect.holds_above()?;
    let is_held = flagged > round.robot.expect.hold_floor && limit.is_exceeded_by(flagged, total);
    is_held.then(|| {
        format!("it flagged {flagged} of {total}; above {limit} what it writes waits for somebody to release it")
    })
}

/// Whether there is a note, or a deviation that is new: a robot without notes has only its lists to say it in.
fn says_something_new(made: &Made, night: NaiveDate) -> bool {
    !made.notes.is_empty() || made.standing.iter().any(|finding| finding.noted_night == Some(night))
}

/// What nobody has looked at yet is not let out the night after by being nothing new.
fn held_the_night_before(round: &Round<'_>, ledger: &Ledger) -> Result<bool, LedgerError> {
    let Some(before) = ledger.last_delivered(&round.robot.id, round.nights.night)? else { return Ok(false) };
    let is_held = |status: &RobotStatus| *status == RobotStatus::Held;
    Ok(ledger.robots_of_night(before)?.iter().any(|night| night.robot == round.robot.id && is_held(&night.status)))
}

/// SHA-256 of all that a robot holds: the name and the bytes of every file. A decision speaks for these and no others.
pub fn held_digest<'f>(files: impl IntoIterator<Item = &'f OutputFile>) -> [u8; 32] {
    let mut named: Vec<(&str, [u8; 32])> =
        files.into_iter().map(|file| (file.path.strip_prefix(HELD).unwrap_or(&file.path), file.digest())).collect();
    named.sort_unstable();
    let mut all = Sha256::new();
    for (path, digest) in named {
        // Each name is hashed, so that where it ends is told.
        all.update(Sha256::digest(path));
        all.update(digest);
    }
    all.finalize().into()
}

/// Holds all that a robot writes, unless somebody has already decided about these very files.
fn hold(round: &mut Round<'_>, made: &mut Made, why: String, verdict: Option<Verdict>) {
    let night = round.nights.night;
    round.verdict = verdict;
    match round.verdict {
        Some(Verdict::Released) => {}
        Some(Verdict::Refused) => {
            round.status = RobotStatus::Held;
            round.held = Some(why);
            // As `Ledger::record_release` forgets it.
            *made = Made {
                accounts: std::mem::take(&mut made.accounts),
                standing: std::mem::take(&mut made.standing),
                trials: std::mem::take(&mut made.trials),
                units: std::mem::take(&mut made.units),
                tried: std::mem::take(&mut made.tried),
                ..Made::default()
            };
            made.tried.iter_mut().for_each(|tried| tried.is_settled = false);
            made.trials.forget_new();
            let said_now = made.standing.iter_mut().filter(|finding| finding.noted_night == Some(night));
            said_now.for_each(|finding| finding.noted_night = None);
        }
        None => {
            round.status = RobotStatus::Held;
            round.held = Some(why);
            for file in &mut made.files {
                file.path.insert_str(0, HELD);
            }
        }
    }
}
