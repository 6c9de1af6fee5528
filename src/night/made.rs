//! What one robot's night is made into: its files, what the ledger keeps of it, and whether its notes are to wait.

use crate::definition::Definitions;
use crate::evaluate::isolated;
use crate::ledger::{Hash16, Ledger, LedgerError, RobotStatus, Standing, Verdict};
use crate::output::{OutputFile, Secrecy, account_lines, further_lists, list, protected_list, written_notes};

use super::once::tried_now;
use super::rounds::Round;
use super::said::{Told, tell};
use super::sample::drawn_now;
use super::{NightError, NightRequest};

/// The folder in the night's own where files wait for `nattkoll release`.
pub const HELD: &str = "held/";

/// What one robot's night is made into.
#[derive(Default)]
pub struct Made {
    /// Its files; under `held/` where they wait for somebody to release them.
    pub files: Vec<OutputFile>,
    /// The cases that its notes are for.
    pub notes: Vec<String>,
    /// The rows on its list.
    pub list_rows: u64,
    /// Its lines in the accounts.
    pub accounts: Vec<u8>,
    /// What the ledger is to keep of it.
    pub standing: Vec<Standing>,
    /// The subjects that need not be tried again, and their cases.
    pub tried: Vec<(Hash16, String)>,
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
    for (path, bytes) in further_lists(round.robot, &round.result, &noted, definitions) {
        files.push(OutputFile::usual(format!("{id}/{path}"), bytes));
    }
    if let Some(bytes) = protected_list(round.robot, &round.result, &noted) {
        files.push(OutputFile::new(format!("{id}/skyddade.csv"), bytes, Secrecy::OwnerOnly));
    }
    let accounts = account_lines(round.robot, &round.result);
    let tried = tried_now(round.robot, &round.result, ledger.key());
    let draws = drawn_now(round.robot, &round.result, ledger.key());
    let mut made = Made { files, notes, list_rows: rows as u64, accounts, standing, tried, draws };
    if let Some(why) = why_held(round).filter(|_| !made.notes.is_empty()) {
        hold(round, &mut made, why, ledger)?;
    }
    Ok(made)
}

/// Why a robot's notes are to wait: it flags far more than is normal for it. So few as the floor hold nothing.
pub fn why_held(round: &Round<'_>) -> Option<String> {
    let (flagged, total) = (round.result.tally.flagged, round.result.tally.total());
    let limit = round.robot.expect.holds_above()?;
    let is_held = flagged > round.robot.expect.hold_floor && limit.is_exceeded_by(flagged, total);
    is_held
        .then(|| format!("it flagged {flagged} of {total}; above {limit} the notes wait for somebody to release them"))
}

/// Holds a robot's files, unless somebody has already decided about these very notes.
fn hold(round: &mut Round<'_>, made: &mut Made, why: String, ledger: &Ledger) -> Result<(), LedgerError> {
    let night = round.nights.night;
    let notes = made.files[0].digest();
    let decided = ledger.release(&round.robot.id, night)?.filter(|release| release.notes == notes);
    round.verdict = decided.map(|release| release.verdict);
    match round.verdict {
        Some(Verdict::Released) => {}
        Some(Verdict::Refused) => {
            round.status = RobotStatus::Held;
            round.held = Some(why);
            made.files.clear();
            made.notes.clear();
            made.tried.clear();
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
    Ok(())
}
