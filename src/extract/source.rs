//! The bytes of an extract: a file read piece by piece at given places, or bytes already in memory.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use chrono::{NaiveDate, NaiveTime};
use sha2::{Digest, Sha256};

/// An extract's bytes.
pub enum Source {
    /// A file. It is read at places, never mapped, so that a file replaced meanwhile is an error and not a crash.
    File {
        /// The open file.
        file: File,
        /// How many of its bytes are read as rows: all, or those before its last line where that is none.
        length: u64,
        /// Its length when it was opened, in bytes.
        whole: u64,
        /// Where it is.
        path: PathBuf,
    },
    /// Bytes in memory: the rows of an example.
    Bytes(Vec<u8>),
}

/// Never the bytes.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, length, .. } => write!(f, "File({}, {length} bytes)", path.display()),
            Self::Bytes(bytes) => write!(f, "Bytes({} …)", bytes.len()),
        }
    }
}

/// Why an extract's file cannot be opened or read.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be read: {error}", path.display())]
pub struct SourceError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub error: io::Error,
}

impl SourceError {
    /// Whether there is no such file.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.error.kind() == io::ErrorKind::NotFound
    }
}

impl Source {
    /// Opens a file.
    ///
    /// # Errors
    /// When the file is not there or cannot be opened.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let failed = |error| SourceError { path: path.to_path_buf(), error };
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if !about.is_file() {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")));
        }
        Ok(Self::File { file, length: about.len(), whole: about.len(), path: path.to_path_buf() })
    }

    /// Lets what is read end here. The digest is still that of the whole file.
    pub fn end_at(&mut self, end: u64) {
        match self {
            Self::File { length, .. } => *length = end.min(*length),
            Self::Bytes(bytes) => bytes.truncate(usize::try_from(end).unwrap_or(usize::MAX)),
        }
    }

    /// How many whole hours before the beginning of `night` (UTC) the file was last written; none for bytes in memory and
    /// where the system does not tell.
    #[must_use]
    pub fn hours_before(&self, night: NaiveDate) -> Option<u64> {
        let Self::File { file, .. } = self else { return None };
        let written = file.metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let begins = u64::try_from(night.and_time(NaiveTime::MIN).and_utc().timestamp()).ok()?;
        Some(begins.saturating_sub(written) / 3600)
    }

    /// How large the file is, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::File { whole, .. } => *whole,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// How many bytes there are to read.
    #[must_use]
    pub fn length(&self) -> u64 {
        match self {
            Self::File { length, .. } => *length,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// The bytes from `start`, at most `length` of them; fewer only at the end.
    ///
    /// # Errors
    /// When the file cannot be read, or is shorter than when it was opened.
    pub fn read(&self, start: u64, length: usize) -> Result<Vec<u8>, SourceError> {
        let mut buffer = Vec::new();
        self.read_into(start, length, &mut buffer)?;
        Ok(buffer)
    }

    /// The same, into a buffer that is used again and again. What was in it is gone.
    ///
    /// # Errors
    /// When the file cannot be read, or is shorter than when it was opened.
    pub fn read_into(&self, start: u64, length: usize, buffer: &mut Vec<u8>) -> Result<(), SourceError> {
        self.read_until(self.length(), start, length, buffer)
    }

    fn read_until(&self, end: u64, start: u64, length: usize, buffer: &mut Vec<u8>) -> Result<(), SourceError> {
        let left = end.saturating_sub(start);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(length);
        match self {
            Self::Bytes(bytes) => {
                let start = usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len());
                buffer.clear();
                buffer.extend_from_slice(&bytes[start..start + length]);
                Ok(())
            }
            Self::File { file, path, .. } => {
                // Only what the buffer grows by is filled with zeros first.
                buffer.resize(length, 0);
                read_exact_at(file, buffer, start).map_err(|error| SourceError { path: path.clone(), error })
            }
        }
    }

    /// The SHA-256 of all the bytes, as `sha256sum` gives it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn digest(&self) -> Result<[u8; 32], SourceError> {
        const BLOCK: usize = 1 << 20;
        let mut hasher = Sha256::new();
        let mut place = 0;
        let mut block = Vec::new();
        while place < self.size() {
            self.read_until(self.size(), place, BLOCK, &mut block)?;
            place += block.len() as u64;
            hasher.update(&block);
        }
        Ok(hasher.finalize().into())
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], start: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, start)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut start: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, start)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[read..];
        start += read as u64;
    }
    Ok(())
}
