//! Writes a night, records it and puts it in place.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::NaiveDate;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::definition::Definitions;
use crate::extract::{DUPLICATE, Measure};
use crate::ledger::{
    Counts, DecisionRecord, ExtractStats, KeySource, Ledger, Measured, NightFigures, NightRecord, RobotNight,
    RobotRecord, RunRecord,
};
use crate::output::{
    ExtractEntry, Folder, GuardEntry, Halt, Manifest, OutputEntry, OutputFile, RejectedLine, RobotEntry, accounts_file,
    halt_at, hex, publish, rejected_file, resume,
};

use super::earlier::{ACCOUNTS, Earlier, MANIFEST, REJECTED};
use super::gather::{Intakes, of_files};
use super::made::{Made, make_all};
use super::rounds::Round;
use super::{LEDGER, NightError, NightRequest};

/// Opens the ledger and finishes a publishing that was cut off.
///
/// # Errors
/// When the ledger cannot be used, or what was to be published cannot be put in place.
pub fn open_ledger(request: &NightRequest) -> Result<Ledger, NightError> {
    let key = request.ledger_key.map_or(KeySource::Random, KeySource::Fixed);
    let mut ledger = Ledger::open(&request.state.join(LEDGER), key)?;
    finish_publishing(&mut ledger, Some(request.night))?;
    Ok(ledger)
}

/// Finishes a publishing that was cut off. `made_anew` is a night whose folder may be lost: it is about to be made again.
///
/// # Errors
/// When the ledger cannot be used, or what was to be published cannot be put in place.
pub fn finish_publishing(ledger: &mut Ledger, made_anew: Option<NaiveDate>) -> Result<(), NightError> {
    let Some(publication) = ledger.pending_publication()? else { return Ok(()) };
    tracing::warn!(night = %publication.night, "finishing a publishing that was cut off");
    let manifest = ledger.manifest(publication.night)?;
    let is_there = resume(&publication, |file| manifest.is_some_and(|hash| hash == *Sha256::digest(file)))?;
    if !is_there && Some(publication.night) != made_anew {
        return Err(NightError::Lost { night: publication.night });
    }
    ledger.clear_publication()?;
    Ok(())
}

/// A night that is ready to be written.
pub struct Delivery {
    files: Vec<OutputFile>,
    manifest: Manifest,
    kept: Vec<String>,
    run: Vec<String>,
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
        let mut account_lines: Vec<(String, Vec<u8>)> = earlier.accounts();
        for (round, mut made) in rounds.iter().zip(made).filter(|(round, _)| !earlier.stands_for(round)) {
            files.extend(std::mem::take(&mut made.files));
            figures.push((made.notes.len() as u64, made.list_rows));
            account_lines.push((round.robot.id.clone(), std::mem::take(&mut made.accounts)));
            robots.push(robot_record(round, made, definitions));
        }
        account_lines.sort_by(|(a, _), (b, _)| a.cmp(b));
        let accounts: Vec<Vec<u8>> = account_lines.into_iter().map(|(_, lines)| lines).collect();
        files.push(OutputFile::usual(ACCOUNTS, accounts_file(&accounts)));
        let rejected = earlier.rejected(request, definitions, intakes);
        files.push(OutputFile::usual(REJECTED, rejected_file(&rejected)));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let now = rounds.iter().filter(|round| !earlier.stands_for(round));
        let mut manifest = manifest(request, definitions, intakes, now, &figures);
        earlier.complete(&mut manifest);
        recount(&mut manifest, &rejected, definitions);
        manifest.outputs = files.par_iter().map(OutputFile::entry).collect::<Vec<OutputEntry>>();
        manifest.exit = super::exit_of(&manifest, rounds).code();
        let extracts = extract_stats(request, definitions, intakes);
        files.push(OutputFile::usual(MANIFEST, manifest.to_file()));
        let kept =
            rounds.iter().filter(|round| earlier.stands_for(round)).map(|round| round.robot.id.clone()).collect();
        let run = rounds.iter().map(|round| round.robot.id.clone()).collect();
        Ok(Self { files, manifest, kept, run, record: Recorded { robots, extracts } })
    }

    /// The account for machines.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The robots that did not run now, of whom what they delivered before stands.
    pub fn kept(&self) -> &[String] {
        &self.kept
    }

    /// Writes beside, records, and puts in place in one move. Gives the night's folder. `figures` are what is kept of the
    /// extracts, where the night was run as a whole.
    ///
    /// # Errors
    /// When something cannot be written. What was there before is then still there, or the next run finishes the move.
    pub fn publish(
        self,
        request: &NightRequest,
        ledger: &mut Ledger,
        figures: Option<Vec<NightFigures>>,
    ) -> Result<PathBuf, NightError> {
        let folder = Folder::stage(&request.output, request.night)?;
        folder.write(&self.files, request.halt)?;
        halt_at(Halt::Staged, request.halt);
        let publication = folder.publication();
        ledger.record(&NightRecord {
            night: request.night,
            manifest: Sha256::digest(self.manifest.to_file()).into(),
            robots: self.record.robots,
            extracts: self.record.extracts,
            figures,
            run: RunRecord {
                night: request.night,
                begun: request.begun,
                ended: (request.clock)(),
                peak_memory: (request.peak_memory)(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                robots: self.run,
                exit: self.manifest.exit,
            },
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
        let duplicates = of_extract().filter(|line| line.reason.starts_with(DUPLICATE)).count() as u64;
        for guard in &mut entry.guards {
            match guard.guard.as_str() {
                "rejected" => guard.part = rejected,
                "duplicates" => guard.part = duplicates,
                _ => {}
            }
        }
    }
}

fn robot_record(round: &Round<'_>, made: Made, definitions: &Definitions) -> RobotRecord {
    let tally = round.result.tally;
    let Made { standing, notes, trials, units, tried, outcomes, draws, .. } = made;
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
        notes,
        trials,
        units,
        tried,
        outcomes,
        draws,
        verdict: round.verdict,
        decision: definitions.decision_of(round.robot).stands().map(|decision| DecisionRecord {
            meaning: decision.meaning.definition,
            reference: decision.reference.clone(),
            role: decision.role.clone(),
            decided: decision.date,
        }),
    }
}

fn extract_stats(request: &NightRequest, definitions: &Definitions, intakes: &Intakes) -> Vec<ExtractStats> {
    of_files(intakes)
        .filter(|((_, night), _)| *night == request.night)
        .filter_map(|((extract, _), intake)| {
            let table = intake.table.as_ref()?;
            Some(ExtractStats {
                extract: definitions.catalog.extract(*extract).id.clone(),
                rows: table.rows_in_file,
                rejected: table.rejected.len() as u64,
                unreadable: table.unreadable.len() as u64,
                bytes: intake.bytes,
                sha256: intake.digest?,
                stopped: intake.stop().map(ToString::to_string),
                measures: intake.measures.iter().map(measured).collect(),
            })
        })
        .collect()
}

fn measured(measure: &Measure) -> Measured {
    Measured {
        guard: measure.guard.clone(),
        part: measure.part,
        whole: measure.whole,
        allowed: measure.limit.clone(),
        passed: measure.stop.is_none(),
    }
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
            guards: guard_entries(&intake.measures),
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

/// In the order of their names: which are measured depends on what the robots ask for, and a robot may be run apart.
fn guard_entries(measures: &[Measure]) -> Vec<GuardEntry> {
    let mut entries: Vec<GuardEntry> = measures.iter().map(guard_entry).collect();
    entries.sort_by(|a, b| a.guard.cmp(&b.guard));
    entries
}

fn guard_entry(measure: &Measure) -> GuardEntry {
    GuardEntry {
        guard: measure.guard.clone(),
        part: measure.part,
        whole: measure.whole,
        limit: measure.limit.clone(),
        passed: measure.stop.is_none(),
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
        reason: round.status.reason().map(str::to_owned).or_else(|| round.held.clone()),
        release: round.verdict.map(|verdict| verdict.word().to_owned()),
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
