//! Writes a night, records it and puts it in place.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::definition::Definitions;
use crate::evaluate::isolated;
use crate::ledger::{
    Counts, ExtractStats, KeySource, Ledger, LedgerError, NightRecord, RobotNight, RobotRecord, Standing,
};
use crate::output::{
    Account, Delivered, ExtractEntry, Folder, Halt, Manifest, OutputEntry, OutputFile, RejectedLine, RobotEntry,
    Secrecy, accounts, accounts_file, accounts_in, halt_at, hex, list, notes, notes_file, protected_list, publish,
    rejected_file, rejected_in, rejected_lines, resume,
};

use super::gather::{Intakes, of_files};
use super::rounds::Round;
use super::said::{Told, tell};
use super::{LEDGER, NightError, NightRequest};

const MANIFEST: &str = "manifest.json";
const ACCOUNTS: &str = "redovisning.csv";
const REJECTED: &str = "avvisade_rader.csv";

/// Opens the ledger and finishes a publishing that was cut off.
///
/// # Errors
/// When the ledger cannot be used, or what was to be published cannot be put in place.
pub fn open_ledger(request: &NightRequest) -> Result<Ledger, NightError> {
    let key = request.ledger_key.map_or(KeySource::Random, KeySource::Fixed);
    let mut ledger = Ledger::open(&request.state.join(LEDGER), key)?;
    if let Some(publication) = ledger.pending_publication()? {
        tracing::warn!(night = %publication.night, "finishing a publishing that was cut off");
        let manifest = ledger.manifest(publication.night)?;
        let is_there = resume(&publication, |file| manifest.is_some_and(|hash| hash == *Sha256::digest(file)))?;
        if !is_there && publication.night != request.night {
            return Err(NightError::Lost { night: publication.night });
        }
        // Where it is this very night that was lost, it is made again now.
        ledger.clear_publication()?;
    }
    Ok(ledger)
}

/// A night that is ready to be written.
pub struct Delivery {
    files: Vec<OutputFile>,
    manifest: Manifest,
    kept: Vec<String>,
    record: Recorded,
}

/// What the ledger is to keep of it.
struct Recorded {
    robots: Vec<RobotRecord>,
    extracts: Vec<ExtractStats>,
}

impl Delivery {
    /// Makes all files in memory, those of robots that were not run carried over from the night's earlier folder.
    ///
    /// # Errors
    /// When the ledger or the earlier folder cannot be read.
    pub fn prepare(
        request: &NightRequest,
        definitions: &Definitions,
        intakes: &Intakes,
        rounds: &mut [Round<'_>],
        ledger: &Ledger,
    ) -> Result<Self, NightError> {
        let made = make_all(request, definitions, rounds, ledger)?;
        let rounds = &*rounds;
        let earlier = Earlier::read(request, definitions, rounds)?;
        earlier.refuse_to_lose(request, definitions, rounds, ledger)?;
        let mut files = earlier.files();
        let mut robots = Vec::with_capacity(rounds.len());
        let mut figures = Vec::with_capacity(rounds.len());
        let mut account_rows: Vec<(String, Account)> = earlier.accounts();
        for (round, made) in rounds.iter().zip(made).filter(|(round, _)| !earlier.stands_for(round)) {
            files.extend(made.files);
            figures.push((made.notes, made.list_rows));
            account_rows.push((round.robot.id.clone(), made.accounts));
            robots.push(robot_record(round, made.standing));
        }
        account_rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        let accounts = account_rows.into_iter().map(|(_, account)| account).collect();
        files.push(OutputFile::usual(ACCOUNTS, accounts_file(accounts)));
        let rejected = earlier.rejected(request, definitions, intakes);
        files.push(OutputFile::usual(REJECTED, rejected_file(&rejected)));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let now = rounds.iter().filter(|round| !earlier.stands_for(round));
        let mut manifest = manifest(request, definitions, intakes, now, &figures);
        earlier.complete(&mut manifest);
        recount(&mut manifest, &rejected, definitions);
        manifest.outputs = files.iter().map(OutputFile::entry).collect::<Vec<OutputEntry>>();
        manifest.exit = super::exit_of(&manifest, rounds).code();
        let extracts = extract_stats(request, definitions, intakes);
        files.push(OutputFile::usual(MANIFEST, manifest.to_file()));
        let kept =
            rounds.iter().filter(|round| earlier.stands_for(round)).map(|round| round.robot.id.clone()).collect();
        Ok(Self { files, manifest, kept, record: Recorded { robots, extracts } })
    }

    /// The account for machines.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The robots that did not run now, of whom what they delivered before stands.
    pub fn kept(&self) -> &[String] {
        &self.kept
    }

    /// Writes beside, records, and puts in place in one move. Gives the night's folder.
    ///
    /// # Errors
    /// When something cannot be written. What was there before is then still there, or the next run finishes the move.
    pub fn publish(self, request: &NightRequest, ledger: &mut Ledger) -> Result<PathBuf, NightError> {
        let folder = Folder::stage(&request.output, request.night)?;
        folder.write(&self.files, request.halt)?;
        halt_at(Halt::Staged, request.halt);
        let publication = folder.publication();
        ledger.record(&NightRecord {
            night: request.night,
            manifest: Sha256::digest(self.manifest.to_file()).into(),
            robots: self.record.robots,
            extracts: self.record.extracts,
            publication: publication.clone(),
        })?;
        halt_at(Halt::Recorded, request.halt);
        publish(&publication, request.halt)?;
        ledger.clear_publication()?;
        Ok(publication.final_path)
    }
}

/// Counts tonight's rejected rows and unreadable cells from the list of them, which also has what robots that are not run
/// now have come upon: they asked for fields, and reached rows, that were not looked at now. A cell of a key that cannot be
/// read rejects its row.
fn recount(manifest: &mut Manifest, lines: &BTreeSet<RejectedLine>, definitions: &Definitions) {
    let night = manifest.night;
    for entry in manifest.extracts.iter_mut().filter(|entry| entry.night == night) {
        let Some(extract) = definitions.extracts.iter().find(|extract| extract.name == entry.id) else { continue };
        let key: Vec<String> = extract.key.iter().map(|field| extract.heading(*field)).collect();
        let is_row =
            |line: &&RejectedLine| line.field.is_empty() || line.field == key.join(", ") || key.contains(&line.field);
        let of_extract = || lines.iter().filter(|line| line.extract == entry.id);
        let rejected = of_extract().filter(is_row).count() as u64;
        let unreadable = of_extract().count() as u64 - rejected;
        (entry.rejected, entry.unreadable) = (rejected, unreadable);
    }
}

/// What one robot's night is made into.
#[derive(Default)]
struct Made {
    files: Vec<OutputFile>,
    notes: u64,
    list_rows: u64,
    accounts: Account,
    standing: Vec<Standing>,
}

/// Makes every robot's files. One whose files break down has failed, and the others go on.
fn make_all(
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
    round: &Round<'_>,
    ledger: &Ledger,
) -> Result<Made, LedgerError> {
    if !round.status.is_delivered() {
        return Ok(Made::default());
    }
    let Told { standing, noted } = tell(round, ledger)?;
    let id = &round.robot.id;
    assert!(request.faulty.as_ref() != Some(id), "a test has asked for this");
    let notes = notes(round.robot, &round.result, &noted, definitions, round.nights);
    let (list, rows) = list(round.robot, &round.result, &noted, definitions);
    let mut files = vec![
        OutputFile::usual(format!("{id}/anteckningar.jsonl"), notes_file(&notes)),
        OutputFile::usual(format!("{id}/kontrollista.csv"), list),
    ];
    if let Some(bytes) = protected_list(round.robot, &round.result, &noted) {
        files.push(OutputFile { path: format!("{id}/skyddade.csv"), bytes, secrecy: Secrecy::OwnerOnly });
    }
    let accounts = accounts(round.robot, &round.result);
    Ok(Made { files, notes: notes.len() as u64, list_rows: rows as u64, accounts, standing })
}

fn robot_record(round: &Round<'_>, standing: Vec<Standing>) -> RobotRecord {
    let tally = round.result.tally;
    RobotRecord {
        robot: RobotNight {
            robot: round.robot.id.clone(),
            version: round.robot.version.clone(),
            since: round.since,
            previous: round.nights.previous,
            status: round.status.clone(),
            counts: Counts {
                clear: tally.clear,
                flagged: tally.flagged,
                undecided: tally.undecided,
                protected: tally.protected,
            },
        },
        standing,
    }
}

fn extract_stats(request: &NightRequest, definitions: &Definitions, intakes: &Intakes) -> Vec<ExtractStats> {
    of_files(intakes)
        // What a guard has stopped is no measure for the nights to come.
        .filter(|((_, night), intake)| *night == request.night && intake.stop().is_none())
        .filter_map(|((extract, _), intake)| {
            let table = intake.table.as_ref()?;
            Some(ExtractStats {
                extract: definitions.catalog.extract(*extract).id.clone(),
                rows: table.rows_in_file,
                rejected: table.rejected.len() as u64,
                unreadable: table.unreadable.len() as u64,
                bytes: intake.bytes,
                sha256: intake.digest?,
            })
        })
        .collect()
}

/// The account of what was run now; `figures` are each robot's notes and list rows, where they are known.
pub fn manifest<'r>(
    request: &NightRequest,
    definitions: &Definitions,
    intakes: &Intakes,
    rounds: impl Iterator<Item = &'r Round<'r>>,
    figures: &[(u64, u64)],
) -> Manifest {
    let robots = rounds.enumerate().map(|(place, round)| robot_entry(round, figures.get(place).copied()));
    let extracts = of_files(intakes).map(|((extract, night), intake)| {
        let declared = &definitions.extracts[usize::from(extract.0)];
        let table = intake.table.as_ref();
        ExtractEntry {
            id: declared.name.clone(),
            night: *night,
            file: declared.file.clone(),
            sha256: intake.digest.as_ref().map(|digest| hex(digest)),
            bytes: intake.bytes,
            rows: table.map_or(0, |table| table.rows_in_file),
            rejected: table.map_or(0, |table| table.rejected.len() as u64),
            unreadable: table.map_or(0, |table| table.unreadable.len() as u64),
            stopped: intake.stopped(),
        }
    });
    Manifest {
        format: 1,
        nattkoll: env!("CARGO_PKG_VERSION").to_owned(),
        night: request.night,
        municipality: request.municipality.clone(),
        definitions: hex(&definitions.digest),
        exit: 0,
        robots: robots.collect(),
        extracts: extracts.collect(),
        outputs: Vec::new(),
    }
}

fn robot_entry(round: &Round<'_>, figures: Option<(u64, u64)>) -> RobotEntry {
    let tally = round.result.tally;
    RobotEntry {
        id: round.robot.id.clone(),
        version: round.robot.version.clone(),
        definition: hex(&Sha256::digest(&round.robot.source.text)),
        status: match round.status {
            crate::ledger::RobotStatus::Ran => "ran",
            crate::ledger::RobotStatus::Held => "held",
            crate::ledger::RobotStatus::SetAside { .. } => "set aside",
            crate::ledger::RobotStatus::Refused { .. } => "refused",
            crate::ledger::RobotStatus::Failed { .. } => "failed",
        }
        .to_owned(),
        reason: round.status.reason().map(str::to_owned),
        since: round.since,
        previous_night: round.nights.previous,
        clear: tally.clear,
        flagged: tally.flagged,
        undecided: tally.undecided,
        protected: tally.protected,
        notes: figures.map(|(notes, _)| notes),
        list_rows: figures.map(|(_, rows)| rows),
    }
}

/// What is carried over from the night's earlier folder: all that belongs to robots that are not run now, or that were
/// to run and could not. What a robot has delivered stands until it delivers again.
struct Earlier {
    delivered: Delivered,
    manifest: Option<Manifest>,
    carried: Vec<String>,
}

impl Earlier {
    fn read(request: &NightRequest, definitions: &Definitions, rounds: &[Round<'_>]) -> Result<Self, NightError> {
        let runs_now = |id: &str| rounds.iter().any(|round| round.robot.id == id && round.status.is_delivered());
        if definitions.robots.iter().all(|robot| runs_now(&robot.id)) {
            return Ok(Self { delivered: Delivered::default(), manifest: None, carried: Vec::new() });
        }
        let delivered = Delivered::read(&request.output, request.night)?;
        let manifest = delivered.file(MANIFEST).and_then(Manifest::from_file);
        let robots = manifest.iter().flat_map(|manifest| &manifest.robots);
        let was_to_run = |id: &str| rounds.iter().any(|round| round.robot.id == id);
        let carried = robots
            .filter(|robot| !runs_now(&robot.id) && (robot.status == "ran" || !was_to_run(&robot.id)))
            .map(|robot| robot.id.clone())
            .collect();
        Ok(Self { delivered, manifest, carried })
    }

    /// Refuses a run of some robots when the ledger says that others have delivered the night and their files are not there
    /// to be carried over: what they said would not be said again.
    fn refuse_to_lose(
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
    fn stands_for(&self, round: &Round<'_>) -> bool {
        self.carried.contains(&round.robot.id)
    }

    fn files(&self) -> Vec<OutputFile> {
        let is_carried = |path: &str| {
            self.carried.iter().any(|id| path.strip_prefix(id.as_str()).is_some_and(|rest| rest.starts_with('/')))
        };
        self.delivered.files.iter().filter(|file| is_carried(&file.path)).cloned().collect()
    }

    fn accounts(&self) -> Vec<(String, Account)> {
        let file = self.delivered.file(ACCOUNTS).unwrap_or_default();
        self.carried.iter().map(|id| (id.clone(), accounts_in(file, id))).collect()
    }

    /// What could not be read: what was found now, and what was found before in files that are still the same.
    fn rejected(&self, request: &NightRequest, definitions: &Definitions, intakes: &Intakes) -> BTreeSet<RejectedLine> {
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
    fn complete(&self, manifest: &mut Manifest) {
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
                }
                Some(_) => {}
            }
        }
        manifest.extracts.sort_by(|a, b| (&a.id, a.night).cmp(&(&b.id, b.night)));
    }
}
