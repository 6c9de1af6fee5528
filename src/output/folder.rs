//! A night's folder: written beside, synced, and put in place in one move.
//!
//! The ledger records the night, with a row that says what is to be published, before the folder is moved. Every start
//! first finishes a publishing that was cut off; so whatever moment the program dies at, a night is either wholly there
//! or not at all.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::NaiveDate;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::manifest::{OutputEntry, hex};
use crate::ledger::Publication;

/// Never what it holds.
impl fmt::Debug for OutputFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputFile({}, {} bytes)", self.path, self.bytes.len())
    }
}

/// One file of a night.
#[derive(Clone)]
pub struct OutputFile {
    /// Its path in the night's folder, with `/`.
    pub path: String,
    /// What it holds.
    bytes: Vec<u8>,
    /// Who may read it.
    pub secrecy: Secrecy,
    /// SHA-256 of what it holds, once somebody has asked.
    digest: OnceLock<[u8; 32]>,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// As the folder's own permissions say.
    Usual,
    /// The owner alone: it holds protected persons.
    OwnerOnly,
}

impl OutputFile {
    /// A file that may be read as the folder's permissions say.
    #[must_use]
    pub fn usual(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self::new(path, bytes, Secrecy::Usual)
    }

    /// A file that may be read as its secrecy says.
    #[must_use]
    pub fn new(path: impl Into<String>, bytes: Vec<u8>, secrecy: Secrecy) -> Self {
        Self { path: path.into(), bytes, secrecy, digest: OnceLock::new() }
    }

    /// The same file at another path.
    #[must_use]
    pub fn moved_to(&self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self.clone() }
    }

    /// SHA-256 of what it holds, worked out once.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        *self.digest.get_or_init(|| Sha256::digest(&self.bytes).into())
    }

    /// The file as the manifest lists it.
    #[must_use]
    pub fn entry(&self) -> OutputEntry {
        let sha256 = hex(&self.digest());
        OutputEntry { path: self.path.clone(), sha256, bytes: self.bytes.len() as u64 }
    }
}

/// Why a night's folder could not be written or put in place.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be {doing}: {error}\nhint: nothing of the night was published; once it is mended, run the night again", path.display())]
pub struct FolderError {
    /// The file or folder.
    pub path: PathBuf,
    /// What was being done with it.
    pub doing: &'static str,
    /// What the system said.
    pub error: io::Error,
}

fn failed<'p>(path: &'p Path, doing: &'static str) -> impl FnOnce(io::Error) -> FolderError + 'p {
    move |error| FolderError { path: path.to_path_buf(), doing, error }
}

/// Where a run can be told to stop dead, so that tests can see what the next one makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Some of the files are written.
    HalfWritten,
    /// All files are written and synced, nothing is recorded.
    Staged,
    /// The ledger has the night, nothing is published.
    Recorded,
    /// The night's earlier folder is moved aside, the new one not yet in place.
    MovedAside,
    /// The new folder is in place, the ledger still says that it is to be published.
    Published,
}

impl Halt {
    /// The point of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "half-written" => Self::HalfWritten,
            "staged" => Self::Staged,
            "recorded" => Self::Recorded,
            "moved-aside" => Self::MovedAside,
            "published" => Self::Published,
            _ => return None,
        })
    }
}

/// Stops the program dead, as a power cut would, when this is the point it was told to.
pub fn halt_at(point: Halt, told: Option<Halt>) {
    if told == Some(point) {
        std::process::abort();
    }
}

/// The folder that a night is written to before it is published.
#[derive(Debug)]
pub struct Folder {
    staging: PathBuf,
    final_path: PathBuf,
    night: NaiveDate,
}

impl Folder {
    /// Makes an empty staging folder beside the night's own; what a run that died left there is removed.
    ///
    /// # Errors
    /// When the output folder cannot be written to.
    pub fn stage(output: &Path, night: NaiveDate) -> Result<Self, FolderError> {
        make_folder(output)?;
        let output = fs::canonicalize(output).map_err(failed(output, "found"))?;
        // Whatever was to be published has been by now: what else lies here was cut off before it was recorded.
        for entry in fs::read_dir(&output).map_err(failed(&output, "read"))?.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(".staging-") || name.starts_with(".replaced-") {
                remove_folder(&entry.path())?;
            }
        }
        let staging = output.join(format!(".staging-{night}"));
        make_folder(&staging)?;
        Ok(Self { final_path: output.join(night.to_string()), staging, night })
    }

    /// Writes and syncs the files.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn write(&self, files: &[OutputFile], halt: Option<Halt>) -> Result<(), FolderError> {
        let mut written = Vec::with_capacity(files.len());
        for (place, file) in files.iter().enumerate() {
            if place == files.len() / 2 {
                halt_at(Halt::HalfWritten, halt);
            }
            let path = self.staging.join(&file.path);
            if let Some(folder) = path.parent() {
                make_folder(folder)?;
            }
            let open = write_file(&path, &file.bytes, file.secrecy).map_err(failed(&path, "written"))?;
            written.push((path, open));
        }
        // Together and last: what waits for the disk at the same time waits once.
        written.par_iter().try_for_each(|(path, open)| open.sync_all().map_err(failed(path, "synced")))?;
        sync_folders(&self.staging)
    }

    /// What the ledger is to say about it.
    #[must_use]
    pub fn publication(&self) -> Publication {
        Publication { night: self.night, staging: self.staging.clone(), final_path: self.final_path.clone() }
    }
}

/// Puts a staged folder in the place of the night's earlier one.
///
/// # Errors
/// When a folder cannot be moved.
pub fn publish(publication: &Publication, halt: Option<Halt>) -> Result<(), FolderError> {
    let Publication { staging, final_path, .. } = publication;
    let aside = aside(final_path);
    if staging.exists() {
        if final_path.exists() {
            remove_folder(&aside)?;
            fs::rename(final_path, &aside).map_err(failed(final_path, "moved aside"))?;
        }
        halt_at(Halt::MovedAside, halt);
        fs::rename(staging, final_path).map_err(failed(final_path, "put in place"))?;
        if let Some(parent) = final_path.parent() {
            sync_folder(parent)?;
        }
    }
    halt_at(Halt::Published, halt);
    remove_folder(&aside)
}

/// Finishes a publishing that was cut off. `is_the_one` tells by its `manifest.json` whether a folder in place is the one
/// that was to be put there. Gives whether the night is there now: somebody may have removed it meanwhile.
///
/// # Errors
/// When a folder cannot be moved.
pub fn resume(publication: &Publication, is_the_one: impl Fn(&[u8]) -> bool) -> Result<bool, FolderError> {
    if publication.staging.exists() {
        publish(publication, None)?;
        return Ok(true);
    }
    let in_place = fs::read(publication.final_path.join("manifest.json"));
    if !in_place.is_ok_and(|file| is_the_one(&file)) {
        return Ok(false);
    }
    remove_folder(&aside(&publication.final_path))?;
    Ok(true)
}

fn aside(final_path: &Path) -> PathBuf {
    let name = final_path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    final_path.with_file_name(format!(".replaced-{name}"))
}

/// The files of a night that was delivered before.
#[derive(Debug, Default)]
pub struct Delivered {
    /// Every file, in the order of their paths.
    pub files: Vec<OutputFile>,
}

impl Delivered {
    /// Reads a night's folder; empty when there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(output: &Path, night: NaiveDate) -> Result<Self, FolderError> {
        let folder = output.join(night.to_string());
        let mut delivered = Self::default();
        if folder.is_dir() {
            delivered.read_folder(&folder, "")?;
        }
        delivered.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(delivered)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<(), FolderError> {
        for entry in fs::read_dir(folder).map_err(failed(folder, "read"))? {
            let entry = entry.map_err(failed(folder, "read"))?;
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if path.is_dir() {
                self.read_folder(&path, &format!("{name}/"))?;
                continue;
            }
            let bytes = fs::read(&path).map_err(failed(&path, "read"))?;
            let secrecy =
                if name.rsplit('/').next() == Some("skyddade.csv") { Secrecy::OwnerOnly } else { Secrecy::Usual };
            self.files.push(OutputFile::new(name, bytes, secrecy));
        }
        Ok(())
    }

    /// One file's bytes.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.iter().find(|file| file.path == path).map(|file| file.bytes.as_slice())
    }
}

#[expect(clippy::disallowed_methods, reason = "the one room that writes files")]
fn make_folder(path: &Path) -> Result<(), FolderError> {
    fs::create_dir_all(path).map_err(failed(path, "made"))
}

#[expect(clippy::disallowed_methods, reason = "the one room that writes files")]
fn remove_folder(path: &Path) -> Result<(), FolderError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, "removed")(error)),
        _ => Ok(()),
    }
}

/// Writes a file beside its place and puts it there in one move.
///
/// # Errors
/// When it cannot be written.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |error| FileError { path: path.to_path_buf(), error };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder).map_err(failed)?;
    draft.write_all(bytes).and_then(|()| draft.as_file().sync_all()).map_err(failed)?;
    let usual = fs::metadata(path).map(|about| about.permissions());
    #[cfg(unix)]
    let usual = usual.or_else(|_| Ok::<_, io::Error>(std::os::unix::fs::PermissionsExt::from_mode(0o644)));
    if let Ok(permissions) = usual {
        draft.as_file().set_permissions(permissions).map_err(failed)?;
    }
    draft.persist(path).map_err(|refusal| failed(refusal.error))?;
    sync_folder(folder).map_err(|error| failed(error.error))
}

/// Writes a file of this name in a folder, which is made where it is not there. Gives where it is.
///
/// # Errors
/// When it cannot be written.
pub fn replace_in_folder(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, FolderError> {
    make_folder(folder)?;
    let path = folder.join(name);
    replace_file(&path, bytes).map_err(|FileError { path, error }| FolderError { path, doing: "written", error })?;
    Ok(path)
}

/// Deletes a night's folder.
///
/// # Errors
/// When something in it cannot be deleted.
pub fn remove_night(output: &Path, night: NaiveDate) -> Result<(), FolderError> {
    remove_folder(&output.join(night.to_string()))
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be written: {error}", path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub error: io::Error,
}

/// Writes a file and leaves it open, to be synced.
fn write_file(path: &Path, bytes: &[u8], secrecy: Secrecy) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secrecy == Secrecy::OwnerOnly {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Syncs a folder and those in it, so that the names of its files survive a power cut.
fn sync_folders(folder: &Path) -> Result<(), FolderError> {
    for entry in fs::read_dir(folder).map_err(failed(folder, "synced"))? {
        let path = entry.map_err(failed(folder, "synced"))?.path();
        if path.is_dir() {
            sync_folders(&path)?;
        }
    }
    sync_folder(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), FolderError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder, "synced"))
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), FolderError> {
    // Other systems sync a folder's names with its files.
    Ok(())
}
