//! What the night's earlier folder holds that this run does not make again.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;

use crate::definition::Definitions;
use crate::ledger::Ledger;
use crate::output::{
    Account, Delivered, ExtractEntry, GuardEntry, Manifest, OutputFile, RejectedLine, RobotEntry, account_lines_in,
    accounts_in, hex, rejected_in, rejected_lines,
};

use super::gather::{Intakes, of_files};
use super::made::HELD;
use super::rounds::Round;
use super::{NightError, NightRequest};

pub const MANIFEST: &str = "manifest.json";
pub const ACCOUNTS: &str = "redovisning.csv";
pub const REJECTED: &str = "avvisade_rader.csv";

/// A robot's rows in the accounts of a night that has been delivered; none where they do not lie there, or whoever asks may
/// not read them.
pub fn delivered_accounts(output: &Path, night: NaiveDate, robot: &str) -> Option<Account> {
    let file = std::fs::read(output.join(night.to_string()).join(ACCOUNTS)).ok()?;
    Some(accounts_in(&file, robot))
}

/// What is carried over from the night's earlier folder: all that belongs to robots that are not run now, or that were
/// to run and could not. What a robot has delivered stands until it delivers again.
pub struct Earlier {
    delivered: Delivered,
    manifest: Option<Manifest>,
    carried: Vec<String>,
}

impl Earlier {
    /// Reads it.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(request: &NightRequest, definitions: &Definitions, rounds: &[Round<'_>]) -> Result<Self, NightError> {
        let runs_now = |id: &str| rounds.iter().any(|round| round.robot.id == id && round.status.is_delivered());
        if definitions.robots.iter().all(|robot| runs_now(&robot.id)) {
            return Ok(Self { delivered: Delivered::default(), manifest: None, carried: Vec::new() });
        }
        let delivered = Delivered::read(&request.output, request.night)?;
        let manifest = delivered.file(MANIFEST).and_then(Manifest::from_file);
        let robots = manifest.iter().flat_map(|manifest| &manifest.robots);
        let was_to_run = |id: &str| rounds.iter().any(|round| round.robot.id == id);
        let carried = robots
            .filter(|robot| !runs_now(&robot.id) && (is_delivered(robot) || !was_to_run(&robot.id)))
            .map(|robot| robot.id.clone())
            .collect();
        Ok(Self { delivered, manifest, carried })
    }

    /// Refuses a run of some robots when the ledger says that others have delivered the night and their files are not there
    /// to be carried over: what they said would not be said again.
    pub fn refuse_to_lose(
        &self,
        request: &NightRequest,
        definitions: &Definitions,
        rounds: &[Round<'_>],
        ledger: &Ledger,
    ) -> Result<(), NightError> {
        for record in ledger.robots_of_night(request.night)? {
            let id = &record.robot;
            let is_to_run = rounds.iter().any(|round| round.robot.id == *id);
            let is_defined = definitions.robot(id).is_some();
            if record.status.is_delivered() && is_defined && !is_to_run && !self.carried.contains(id) {
                return Err(NightError::NotThere { robot: id.clone(), night: request.night });
            }
        }
        Ok(())
    }

    /// Whether what a robot delivered before stands for this round of it.
    pub fn stands_for(&self, round: &Round<'_>) -> bool {
        self.carried.contains(&round.robot.id)
    }

    /// The files of the robots that are carried over.
    pub fn files(&self) -> Vec<OutputFile> {
        let is_carried = |path: &str| {
            let path = path.strip_prefix(HELD).unwrap_or(path);
            self.carried.iter().any(|id| path.strip_prefix(id.as_str()).is_some_and(|rest| rest.starts_with('/')))
        };
        self.delivered.files.iter().filter(|file| is_carried(&file.path)).cloned().collect()
    }

    /// Their lines in the accounts.
    pub fn accounts(&self) -> Vec<(String, Vec<u8>)> {
        let file = self.delivered.file(ACCOUNTS).unwrap_or_default();
        self.carried.iter().map(|id| (id.clone(), account_lines_in(file, id))).collect()
    }

    /// What could not be read: what was found now, and what was found before in files that are still the same.
    pub fn rejected(
        &self,
        request: &NightRequest,
        definitions: &Definitions,
        intakes: &Intakes,
    ) -> BTreeSet<RejectedLine> {
        let tonight = of_files(intakes).filter(|((_, night), _)| *night == request.night);
        let mut lines: BTreeSet<RejectedLine> = tonight
            .filter_map(|(_, intake)| intake.table.as_ref())
            .flat_map(|table| rejected_lines(table, definitions))
            .collect();
        let is_the_same = |extract: &str| {
            let of = |entry: &&ExtractEntry| entry.id == extract && entry.night == request.night;
            let before = self.manifest.iter().flat_map(|manifest| &manifest.extracts).find(of);
            let id = definitions.catalog.extract_named(extract);
            let now = id.and_then(|id| intakes.get(&(id, request.night)));
            match (before, now) {
                (Some(_), None) => true,
                (Some(before), Some(now)) => before.sha256 == now.digest.as_ref().map(|digest| hex(digest)),
                (None, _) => false,
            }
        };
        let before = self.delivered.file(REJECTED).map(rejected_in).unwrap_or_default();
        lines.extend(before.into_iter().filter(|line| is_the_same(&line.extract)));
        lines
    }

    /// Adds the robots and extracts of the earlier account that were not run or read now.
    pub fn complete(&self, manifest: &mut Manifest) {
        let Some(earlier) = &self.manifest else { return };
        let carried = earlier.robots.iter().filter(|robot| self.carried.contains(&robot.id));
        manifest.robots.extend(carried.cloned());
        manifest.robots.sort_by(|a, b| a.id.cmp(&b.id));
        for before in &earlier.extracts {
            match manifest.extracts.iter_mut().find(|now| now.id == before.id && now.night == before.night) {
                None => manifest.extracts.push(before.clone()),
                // Other robots may have asked for more of the night before's.
                Some(now) if now.sha256 == before.sha256 => {
                    now.rejected = now.rejected.max(before.rejected);
                    now.unreadable = now.unreadable.max(before.unreadable);
                    widen(&mut now.guards, &before.guards);
                }
                Some(_) => {}
            }
        }
        manifest.extracts.sort_by(|a, b| (&a.id, a.night).cmp(&(&b.id, b.night)));
    }
}

fn is_delivered(robot: &RobotEntry) -> bool {
    robot.status == "ran" || robot.status == "held"
}

/// Other robots may have asked for more fields, and come to more rows: what was measured over more of them stands.
fn widen(now: &mut Vec<GuardEntry>, before: &[GuardEntry]) {
    for earlier in before {
        match now.iter_mut().find(|guard| guard.guard == earlier.guard) {
            Some(guard) if earlier.whole > guard.whole => *guard = earlier.clone(),
            Some(_) => {}
            None => now.push(earlier.clone()),
        }
    }
    now.sort_by(|a, b| a.guard.cmp(&b.guard));
}
