//! The bytes of an extract: a file read piece by piece at given places, or bytes already in memory.
//!
//! A file may be delivered compressed, as `kir.csv.gz` for `kir.csv`, or through a pipe. Neither can be read at places, and an
//! extract may be read more than once: they are unpacked as they come into a file without a name, which is gone with the
//! process.

use std::fmt;
use std::fs::File;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{NaiveDate, NaiveTime};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::transcribe::{is_needed, transcribe};
use crate::definition::extract::Dialect;

/// An extract's bytes.
pub enum Source {
    /// A file. It is read at places, never mapped, so that a file replaced meanwhile is an error and not a crash.
    File {
        /// The open file.
        file: File,
        /// What was delivered, where that is a compressed file.
        packed: Option<File>,
        /// How many of its bytes are read as rows: all, or those before its last line where that is none.
        length: u64,
        /// How long what was delivered was when it was opened, in bytes.
        whole: u64,
        /// When it was last written.
        written: Option<SystemTime>,
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
    /// Opens a file, or a pipe of that name, or else the file of that name with `.gz` after it.
    ///
    /// # Errors
    /// When none of them is there or can be opened, or one cannot be unpacked to its end.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let failed = |path: &Path, error| SourceError { path: path.to_path_buf(), error };
        match File::open(path) {
            Ok(file) => Self::of(file, path).map_err(|error| failed(path, error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let packed = packed_name(path);
                match File::open(&packed) {
                    Ok(file) => Self::unpacked(file, &packed).map_err(|error| failed(&packed, error)),
                    Err(of_packed) if of_packed.kind() == io::ErrorKind::NotFound => Err(failed(path, error)),
                    Err(of_packed) => Err(failed(&packed, of_packed)),
                }
            }
            Err(error) => Err(failed(path, error)),
        }
    }

    /// Whether there is a file to open, compressed or not; a pipe is none. Nothing is read of it.
    #[must_use]
    pub fn is_there(path: &Path) -> bool {
        path.is_file() || packed_name(path).is_file()
    }

    /// Whether there is a pipe of this name, which is read once and waits for who writes into it.
    #[must_use]
    pub fn is_a_pipe(path: &Path) -> bool {
        path.metadata().is_ok_and(|about| is_pipe(&about))
    }

    /// What is said of a pipe that would be read when nobody writes into it.
    #[must_use]
    pub fn pipe_not_read(path: &Path) -> SourceError {
        let error =
            io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe, which is read once and on its own night");
        SourceError { path: path.to_path_buf(), error }
    }

    fn of(mut file: File, path: &Path) -> io::Result<Self> {
        let about = file.metadata()?;
        if is_pipe(&about) {
            let file = unpack(&mut file)?;
            let length = file.metadata()?.len();
            return Ok(Self::File {
                file,
                packed: None,
                length,
                whole: length,
                written: None,
                path: path.to_path_buf(),
            });
        }
        if !about.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
        }
        let (length, written) = (about.len(), about.modified().ok());
        Ok(Self::File { file, packed: None, length, whole: length, written, path: path.to_path_buf() })
    }

    fn unpacked(packed: File, path: &Path) -> io::Result<Self> {
        let about = packed.metadata()?;
        let file = unpack(&mut MultiGzDecoder::new(&packed))?;
        let (length, whole, written) = (file.metadata()?.len(), about.len(), about.modified().ok());
        Ok(Self::File { file, packed: Some(packed), length, whole, written, path: path.to_path_buf() })
    }

    /// The source as it is read: what is not UTF-8 or Windows-1252 with lines that end with LF is written over, into a file
    /// without a name.
    ///
    /// # Errors
    /// When it cannot be read, and for UTF-16 without a byte order mark.
    pub fn transcribed(self, dialect: Dialect) -> Result<Self, SourceError> {
        if !is_needed(dialect) {
            return Ok(self);
        }
        match self {
            Self::Bytes(bytes) => {
                let mut written = Vec::new();
                let done = transcribe(&mut &*bytes, &mut written, dialect);
                done.map_err(|error| SourceError { path: PathBuf::new(), error })?;
                Ok(Self::Bytes(written))
            }
            Self::File { mut file, packed, whole, written, path, .. } => {
                let over = |file: &mut File| {
                    file.rewind()?;
                    let mut to = tempfile::tempfile()?;
                    transcribe(file, &mut to, dialect)?;
                    let length = to.metadata()?.len();
                    Ok((to, length))
                };
                match over(&mut file) {
                    Ok((to, length)) => {
                        Ok(Self::File { file: to, packed: Some(packed.unwrap_or(file)), length, whole, written, path })
                    }
                    Err(error) => Err(SourceError { path, error }),
                }
            }
        }
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
        let Self::File { written, .. } = self else { return None };
        let written = written.as_ref()?.duration_since(UNIX_EPOCH).ok()?.as_secs();
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

    fn failed(&self, error: io::Error) -> SourceError {
        let path = match self {
            Self::File { path, .. } => path.clone(),
            Self::Bytes(_) => PathBuf::new(),
        };
        SourceError { path, error }
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

    /// The SHA-256 of all the bytes that were delivered, as `sha256sum` gives it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn digest(&self) -> Result<[u8; 32], SourceError> {
        // Few enough bytes to stay near the processor.
        const BLOCK: usize = 1 << 17;
        let mut hasher = Sha256::new();
        let delivered = match self {
            Self::Bytes(bytes) => return Ok(Sha256::digest(bytes).into()),
            Self::File { packed: Some(file), .. } | Self::File { file, .. } => file,
        };
        let mut place = 0;
        let mut block = vec![0; BLOCK];
        while place < self.size() {
            let left = usize::try_from(self.size() - place).unwrap_or(usize::MAX);
            let some = &mut block[..left.min(BLOCK)];
            read_exact_at(delivered, some, place).map_err(|error| self.failed(error))?;
            place += some.len() as u64;
            hasher.update(&*some);
        }
        Ok(hasher.finalize().into())
    }
}

/// The name under which a file is delivered compressed.
fn packed_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    PathBuf::from(name)
}

#[cfg(unix)]
fn is_pipe(about: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&about.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &std::fs::Metadata) -> bool {
    false
}

/// Puts what is read into a file without a name, which nobody else can open.
fn unpack(from: &mut impl io::Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(from, &mut file)?;
    Ok(file)
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const TEXT: &str = "Ärendenummer;Roll\nA1;Barn\n";

    fn read_whole(source: &Source) -> Vec<u8> {
        source.read(0, usize::MAX).unwrap()
    }

    #[test]
    fn a_compressed_file_is_read_as_what_is_in_it_and_its_digest_is_that_of_what_was_delivered() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("hushall.csv");
        assert!(!Source::is_there(&plain));
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(TEXT.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        File::create(folder.path().join("hushall.csv.gz")).unwrap().write_all(&packed).unwrap();
        assert!(Source::is_there(&plain));
        let source = Source::open(&plain).unwrap();
        assert_eq!(read_whole(&source), TEXT.as_bytes());
        assert_eq!((source.length(), source.size()), (TEXT.len() as u64, packed.len() as u64));
        let digest: [u8; 32] = Sha256::digest(&packed).into();
        assert_eq!(source.digest().unwrap(), digest);
        // The file itself comes first where both are there.
        File::create(&plain).unwrap().write_all(b"a;b\n").unwrap();
        assert_eq!(read_whole(&Source::open(&plain).unwrap()), b"a;b\n");
    }

    #[test]
    fn a_compressed_file_that_was_cut_off_cannot_be_read_and_says_which() {
        let folder = tempfile::tempdir().unwrap();
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(TEXT.repeat(100).as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let half = &packed[..packed.len() / 2];
        File::create(folder.path().join("kir.csv.gz")).unwrap().write_all(half).unwrap();
        let error = Source::open(&folder.path().join("kir.csv")).unwrap_err();
        assert!(error.to_string().contains("kir.csv.gz"), "{error}");
        assert!(!error.is_not_found());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_to_its_end_and_can_then_be_read_again_at_any_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kir.csv");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let to = path.clone();
        let writer = std::thread::spawn(move || {
            std::fs::OpenOptions::new().write(true).open(to).unwrap().write_all(TEXT.as_bytes()).unwrap();
        });
        let source = Source::open(&path).unwrap();
        writer.join().unwrap();
        assert_eq!(read_whole(&source), TEXT.as_bytes());
        assert_eq!(source.read(3, 4).unwrap(), &TEXT.as_bytes()[3..7]);
        let digest: [u8; 32] = Sha256::digest(TEXT).into();
        assert_eq!(source.digest().unwrap(), digest);
    }
}
