//! Lets out what a robot holds, or refuses it: its notes and all its lists together.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use crate::ledger::{Ledger, Release, ReleaseRecord, RobotStatus, Verdict};
use crate::output::{Delivered, Folder, Halt, Manifest, OutputFile, cases_in, halt_at, publish};

use super::deliver::finish_publishing;
use super::earlier::MANIFEST;
use super::lock::lock;
use super::made::{HELD, held_digest};
use super::{LEDGER, NightError, stands_at};

/// The name of the notes' file in a robot's folder.
const NOTES: &str = "anteckningar.jsonl";

/// What is asked about what a robot holds.
#[derive(Clone, Debug)]
pub struct ReleaseRequest {
    /// The robot.
    pub robot: String,
    /// The night.
    pub night: NaiveDate,
    /// What is decided.
    pub verdict: Verdict,
    /// Who decides, by role.
    pub role: String,
    /// When.
    pub now: DateTime<Utc>,
    /// Where the nights' outputs are.
    pub output: PathBuf,
    /// Where the ledger and the lock are.
    pub state: PathBuf,
    /// How long to wait for a run to be done.
    pub patience: Duration,
    /// Where to stop dead, for tests of what the next run makes of it.
    pub halt: Option<Halt>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Released {
    /// It was done now.
    Now {
        /// How many notes it was about.
        notes: usize,
        /// How many lists.
        lists: usize,
    },
    /// It had been decided so before.
    Before(Release),
}

/// Releases or refuses all that a robot holds of a night. The second time nothing is done.
///
/// # Errors
/// When nothing is held, when it has been decided otherwise, or when the night has been altered or cannot be written.
pub fn release(request: &ReleaseRequest) -> Result<Released, NightError> {
    let _lock = lock(&request.state, request.patience)?;
    let (robot, night) = (&request.robot, request.night);
    let Some(mut ledger) = Ledger::open_existing(&request.state.join(LEDGER))? else {
        return Err(NightError::Refused(format!("`{robot}` holds nothing for {night}: there is no ledger")));
    };
    finish_publishing(&mut ledger, None)?;
    let delivered = Delivered::read(&request.output, night)?;
    let held: Vec<&OutputFile> = delivered.files.iter().filter(|file| is_held_by(robot, &file.path)).collect();
    if held.is_empty() {
        return decided_before(request, &ledger);
    }
    let status = ledger.robots_of_night(night)?.into_iter().find(|record| record.robot == *robot);
    let manifest_file = delivered.file(MANIFEST).unwrap_or_default();
    let is_the_recorded = ledger.manifest(night)? == Some(Sha256::digest(manifest_file).into());
    let manifest = Manifest::from_file(manifest_file).filter(|_| is_the_recorded);
    let (Some(RobotStatus::Held), Some(manifest)) = (status.map(|record| record.status), manifest) else {
        return Err(NightError::Altered { night });
    };
    // What somebody has looked through is what was made, file for file.
    let made = manifest.outputs.iter().filter(|entry| is_held_by(robot, &entry.path)).cloned();
    if !made.eq(held.iter().map(|file| file.entry())) {
        return Err(NightError::Altered { night });
    }
    let release = Release {
        robot: robot.clone(),
        night,
        verdict: request.verdict,
        files: held_digest(held.iter().copied()),
        role: request.role.clone(),
        at: request.now,
    };
    let notes = delivered.file(&format!("{HELD}{robot}/{NOTES}")).map_or(0, |notes| cases_in(notes).len());
    let lists = held.iter().filter(|file| !file.path.ends_with(NOTES)).count();
    put(request, &mut ledger, &delivered, manifest, release)?;
    Ok(Released::Now { notes, lists })
}

fn is_held_by(robot: &str, path: &str) -> bool {
    let of_robot = path.strip_prefix(HELD).and_then(|path| path.strip_prefix(robot));
    of_robot.is_some_and(|rest| rest.starts_with('/'))
}

/// Nothing is held: either it has been decided about, or it never was.
fn decided_before(request: &ReleaseRequest, ledger: &Ledger) -> Result<Released, NightError> {
    let (robot, night) = (&request.robot, request.night);
    match ledger.release(robot, night)? {
        Some(before) if before.verdict == request.verdict => Ok(Released::Before(before)),
        Some(before) => {
            let hint = match before.verdict {
                Verdict::Released => format!("to take written notes back: `nattkoll recall {robot} --nights {night}`"),
                Verdict::Refused => "what it said is said anew the next night that it is seen".to_owned(),
            };
            let (word, role) = (before.verdict.word(), &before.role);
            let told = format!("what `{robot}` held for {night} was {word} by {role}\nhint: {hint}");
            Err(NightError::Refused(told))
        }
        None => {
            let hint = "`nattkoll status` tells what is held";
            Err(NightError::Refused(format!("`{robot}` holds nothing for {night}\nhint: {hint}")))
        }
    }
}

/// Writes the night's folder anew with what was decided, records it, and puts it in place.
fn put(
    request: &ReleaseRequest,
    ledger: &mut Ledger,
    delivered: &Delivered,
    mut manifest: Manifest,
    release: Release,
) -> Result<(), NightError> {
    let mut files: Vec<OutputFile> = Vec::with_capacity(delivered.files.len());
    for file in delivered.files.iter().filter(|file| file.path != MANIFEST) {
        match (is_held_by(&request.robot, &file.path), request.verdict) {
            (false, _) => files.push(file.clone()),
            (true, Verdict::Released) => {
                files.push(file.moved_to(&file.path[HELD.len()..]));
            }
            (true, Verdict::Refused) => {}
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    for robot in manifest.robots.iter_mut().filter(|robot| robot.id == request.robot) {
        robot.release = Some(request.verdict.word().to_owned());
        match request.verdict {
            Verdict::Released => (robot.status, robot.reason) = ("ran".to_owned(), None),
            Verdict::Refused => (robot.notes, robot.list_rows) = (Some(0), Some(0)),
        }
    }
    manifest.exit = stands_at(&manifest).code();
    manifest.outputs = files.iter().map(OutputFile::entry).collect();
    let manifest = manifest.to_file();
    let digest = Sha256::digest(&manifest).into();
    files.push(OutputFile::usual(MANIFEST, manifest));

    let folder = Folder::stage(&request.output, request.night)?;
    folder.write(&files, request.halt)?;
    halt_at(Halt::Staged, request.halt);
    let publication = folder.publication();
    ledger.record_release(&ReleaseRecord { release, manifest: digest, publication: publication.clone() })?;
    halt_at(Halt::Recorded, request.halt);
    publish(&publication, request.halt)?;
    ledger.clear_publication()?;
    Ok(())
}
