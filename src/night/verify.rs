//! Goes through manifests, outputs and ledger, and tells what has been altered or is missing. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::extract::Source;
use crate::ledger::{KnownNight, Ledger};
use crate::output::{Delivered, Manifest, accounts_in, cases_in, hex};

use super::earlier::{ACCOUNTS, MANIFEST};
use super::made::HELD;
use super::nights::night_folders;
use super::{LEDGER, NightError};

/// What is to be verified.
#[derive(Clone, Debug)]
pub struct VerifyRequest {
    /// The only night to go through; all when there is none.
    pub night: Option<NaiveDate>,
    /// The folder with a folder for each night.
    pub input: PathBuf,
    /// Where the nights' outputs are.
    pub output: PathBuf,
    /// Where the ledger is.
    pub state: PathBuf,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Verified {
    /// The nights that were gone through.
    pub nights: usize,
    /// The files of theirs.
    pub files: usize,
    /// What has been altered or is missing.
    pub problems: Vec<String>,
}

/// Verifies the nights that the ledger knows.
///
/// # Errors
/// When there is no ledger, or it or an output cannot be read.
pub fn verify(request: &VerifyRequest) -> Result<Verified, NightError> {
    let path = request.state.join(LEDGER);
    let Some(ledger) = Ledger::open_read_only(&path)? else {
        return Err(NightError::Refused(format!("there is no ledger `{}`", path.display())));
    };
    let mut verified = Verified { problems: ledger.contradictions()?, ..Verified::default() };
    if let Some(waiting) = ledger.pending_publication()? {
        let night = waiting.night;
        verified.problems.push(format!("{night}: waits to be put in place; a new run, of any night, does it"));
    }
    let known = ledger.nights()?;
    let is_asked_for = |night: NaiveDate| request.night.is_none_or(|asked| asked == night);
    for night in known.iter().filter(|known| is_asked_for(known.night) && !known.is_purged) {
        Verifier { request, ledger: &ledger, known: *night, found: &mut verified }.night()?;
    }
    let nights: BTreeSet<NaiveDate> = known.iter().map(|known| known.night).collect();
    for folder in night_folders(&request.output).into_iter().filter(|folder| is_asked_for(*folder)) {
        if !nights.contains(&folder) {
            verified.problems.push(format!("{folder}: there is a folder, and the ledger does not know the night"));
        }
    }
    if let Some(night) = request.night.filter(|night| !nights.contains(night)) {
        verified.problems.push(format!("{night}: the ledger does not know the night"));
    }
    Ok(verified)
}

struct Verifier<'v> {
    request: &'v VerifyRequest,
    ledger: &'v Ledger,
    known: KnownNight,
    found: &'v mut Verified,
}

impl Verifier<'_> {
    fn tell(&mut self, what: impl std::fmt::Display) {
        self.found.problems.push(format!("{}: {what}", self.known.night));
    }

    fn night(&mut self) -> Result<(), NightError> {
        self.found.nights += 1;
        let delivered = Delivered::read(&self.request.output, self.known.night)?;
        self.found.files += delivered.files.len();
        let Some(file) = delivered.file(MANIFEST) else {
            let what = if delivered.files.is_empty() { "its folder is missing" } else { "`manifest.json` is missing" };
            self.tell(what);
            return Ok(());
        };
        if self.known.manifest != *Sha256::digest(file) {
            self.tell("`manifest.json` is not the one that the ledger knows");
        }
        let Some(manifest) = Manifest::from_file(file) else {
            self.tell("`manifest.json` cannot be read");
            return Ok(());
        };
        self.outputs(&manifest, &delivered);
        self.robots(&manifest, &delivered)?;
        self.inputs(&manifest);
        Ok(())
    }

    fn outputs(&mut self, manifest: &Manifest, delivered: &Delivered) {
        let listed: BTreeMap<&str, &str> =
            manifest.outputs.iter().map(|output| (output.path.as_str(), output.sha256.as_str())).collect();
        for (path, sha256) in &listed {
            match delivered.file(path) {
                None => self.tell(format!("`{path}` is missing")),
                Some(bytes) if hex(&Sha256::digest(bytes)) != *sha256 => {
                    self.tell(format!("`{path}` has been altered"));
                }
                Some(_) => {}
            }
        }
        for file in &delivered.files {
            if file.path != MANIFEST && !listed.contains_key(file.path.as_str()) {
                self.tell(format!("`{}` is not of the night", file.path));
            }
        }
    }

    /// The manifest's counts, the rows of the accounts, and the ledger's say the same; and so do its notes.
    fn robots(&mut self, manifest: &Manifest, delivered: &Delivered) -> Result<(), NightError> {
        let recorded = self.ledger.robots_of_night(self.known.night)?;
        for robot in &manifest.robots {
            let id = &robot.id;
            let counts = (robot.clear, robot.flagged, robot.undecided, robot.protected);
            let rows = accounts_in(delivered.file(ACCOUNTS).unwrap_or_default(), id).len() as u64;
            if rows != counts.0 + counts.1 + counts.2 + counts.3 {
                self.tell(format!("the accounts of `{id}` do not add up to its counts"));
            }
            let its = recorded.iter().find(|record| record.robot == *id).map(|record| record.counts);
            let known = its.map(|its| (its.clear, its.flagged, its.undecided, its.protected));
            if known != Some(counts) {
                self.tell(format!("the ledger counts otherwise for `{id}` than the manifest"));
            }
            let notes = |folder: &str| delivered.file(&format!("{folder}{id}/anteckningar.jsonl")).map(cases_in);
            let noted = notes("").or_else(|| notes(HELD)).unwrap_or_default();
            if noted != self.ledger.noted_cases(id, self.known.night)? {
                self.tell(format!("the notes of `{id}` are not those that the ledger knows"));
            }
        }
        Ok(())
    }

    /// An extract that has been cleared away is no trouble; one that is another than was run on is.
    fn inputs(&mut self, manifest: &Manifest) {
        let night = self.known.night;
        for extract in manifest.extracts.iter().filter(|extract| extract.night == night) {
            let name = format!("{}/{}", extract.night, extract.file);
            let digest = Source::open(&self.request.input.join(&name)).and_then(|source| source.digest());
            if let (Ok(now), Some(then)) = (digest, &extract.sha256)
                && hex(&now) != *then
            {
                self.tell(format!("the extract `{name}` is another now than the one that was run on"));
            }
        }
    }
}
