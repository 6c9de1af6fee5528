//! The ledger's file: made, opened and locked.
//!
//! What is written to it stands in `record`, what is asked of it in `lookup`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::{LedgerError, Trouble};
use super::key::{Hash16, KeySource, LedgerKey};
use super::schema;

/// How long to wait for another program to let go of the file: a backup's copy takes a moment, a forgotten `SQLite`
/// tool does not let go at all.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is remembered between nights, in one `SQLite` file.
#[derive(Debug)]
pub struct Ledger {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    key: LedgerKey,
}

impl Ledger {
    /// Opens the ledger for a run that delivers; makes the folder and the file when there is none, and brings an older
    /// ledger up to date. `key` is used only when the ledger is made.
    ///
    /// # Errors
    /// Refuses a file that is newer, damaged, locked, not writable, or no ledger at all. An empty file is not a new
    /// ledger: one that was emptied by accident would otherwise let everything be said a second time.
    pub fn open(path: &Path, key: KeySource) -> Result<Self, LedgerError> {
        Self::open_with(path, key, PATIENCE)
    }

    /// As `open`, but makes no ledger where there is none.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, LedgerError> {
        if !exists(path)? {
            return Ok(None);
        }
        Self::open(path, KeySource::Random).map(Some)
    }

    fn open_with(path: &Path, key: KeySource, patience: Duration) -> Result<Self, LedgerError> {
        if !exists(path)? {
            create(path, key, patience)?;
        }
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
        // SQLite opens a file that it may not write as if nothing had happened. Better told now than after the night.
        if connection.is_readonly("main").map_err(|error| LedgerError::told_by(path, &error))? {
            return Err(Trouble::ReadOnly.with(path));
        }
        prepare_for_writing(&connection, path)?;
        schema::bring_up_to_date(&mut connection, path)?;
        Self::with_its_key(connection, path)
    }

    /// Opens the ledger for a run that only shows, without a trace on the disk; `None` when there is none yet.
    ///
    /// # Errors
    /// As `open`; also refuses what only a writer can mend, a ledger of an older version and one whose last write was
    /// cut off.
    pub fn open_read_only(path: &Path) -> Result<Option<Self>, LedgerError> {
        if !exists(path)? {
            return Ok(None);
        }
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, PATIENCE)?;
        schema::demand_current(&connection, path)?;
        Self::with_its_key(connection, path).map(Some)
    }

    /// The ledger's secret, for `keyed_hash`.
    pub const fn key(&self) -> &LedgerKey {
        &self.key
    }

    /// A ledger without its key is damaged: with another one, nothing would be recognised and everything said again.
    fn with_its_key(connection: Connection, path: &Path) -> Result<Self, LedgerError> {
        let told = |error| LedgerError::told_by(path, &error);
        let read = "SELECT value FROM meta WHERE name = ?1";
        let key: [u8; 32] = connection.query_row(read, ["key"], |row| row.get(0)).map_err(told)?;
        let seal: Hash16 = connection.query_row(read, ["seal"], |row| row.get(0)).map_err(told)?;
        let key = LedgerKey::from(key);
        if key.seal() != seal {
            return Err(Trouble::Damaged("its key has been altered".into()).with(path));
        }
        Ok(Self { connection, path: path.to_path_buf(), key })
    }

    /// What `SQLite`'s answer means, for `map_err`.
    pub(super) fn told(&self, error: &rusqlite::Error) -> LedgerError {
        LedgerError::told_by(&self.path, error)
    }
}

fn exists(path: &Path) -> Result<bool, LedgerError> {
    path.try_exists().map_err(|_| Trouble::Unopenable.with(path))
}

/// Makes the ledger beside its place and then puts it there, so that one cut short is never taken for a ledger.
/// Only its owner can read it, since it holds the key.
#[expect(clippy::disallowed_methods, reason = "the state folder is the program's own, not for people and systems")]
fn create(path: &Path, key: KeySource, patience: Duration) -> Result<(), LedgerError> {
    let uncreatable = |source| Trouble::Uncreatable(source).with(path);
    let told = |error| LedgerError::told_by(path, &error);
    let key = key.make().map_err(|detail| Trouble::NoRandomness(detail).with(path))?;

    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(uncreatable)?;
    let draft = tempfile::Builder::new().prefix(".ledger-").suffix(".new").tempfile_in(folder).map_err(uncreatable)?;

    let mut connection = connect(draft.path(), OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
    // Nobody's ledger yet, and thrown away if it is cut short: it is synced once, as it is put in its place.
    connection.pragma_update(None, "journal_mode", "memory").map_err(told)?;
    connection.pragma_update(None, "synchronous", "off").map_err(told)?;
    schema::create(&mut connection, path)?;
    connection
        .execute("INSERT INTO meta (name, value) VALUES ('key', ?1), ('seal', ?2)", (key.bytes(), key.seal()))
        .map_err(told)?;
    connection.close().map_err(|(_, error)| told(error))?;
    draft.as_file().sync_all().map_err(uncreatable)?;

    match draft.persist_noclobber(path) {
        Ok(_) => sync(folder).map_err(uncreatable),
        // Another program was first; its ledger is the ledger.
        Err(refusal) if refusal.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(refusal) => Err(uncreatable(refusal.error)),
    }
}

fn connect(path: &Path, access: OpenFlags, patience: Duration) -> Result<Connection, LedgerError> {
    let told = |error| LedgerError::told_by(path, &error);
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(told)?;
    connection.busy_timeout(patience).map_err(told)?;
    // A damaged page is told as such when it is met, and no function hides in a damaged schema.
    connection.pragma_update(None, "cell_size_check", true).map_err(told)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(told)?;
    // Sorting never leaves case numbers in a temporary file.
    connection.pragma_update(None, "temp_store", "memory").map_err(told)?;
    Ok(connection)
}

/// One writer, once a night, and a backup that copies the file: that is the rollback journal, not WAL. Between runs
/// the ledger is then this one file and nothing else, wherever it lies, a network share included; a copy of it is
/// whole; and a dry run can read it without making files beside it. WAL would be quicker for many small writes with
/// readers at the same time, and there are none.
///
/// `extra` is `full`, plus a sync of the folder when the journal is removed, which is what commits. Without it a power
/// cut just after the rename could bring the journal back: the night would be published and not recorded, and the
/// next one would say everything again.
fn prepare_for_writing(connection: &Connection, path: &Path) -> Result<(), LedgerError> {
    let told = |error| LedgerError::told_by(path, &error);
    connection.pragma_update(None, "journal_mode", "delete").map_err(told)?;
    connection.pragma_update(None, "synchronous", "extra").map_err(told)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(told)?;
    Ok(())
}

/// Makes a rename in the folder last through a power cut.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened for this; the file system sees to it.
#[cfg(not(unix))]
fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const KEY: KeySource = KeySource::Fixed([7; 32]);

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_ledger_is_made_with_its_folder_and_keeps_its_key() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a/state/nattkoll.db");
        assert_eq!(Ledger::open(&path, KEY).unwrap().key(), &LedgerKey::from([7; 32]));
        assert_eq!(Ledger::open(&path, KeySource::Random).unwrap().key(), &LedgerKey::from([7; 32]));
        assert_eq!(files(path.parent().unwrap()), ["nattkoll.db"], "one file, and nothing beside it");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("nattkoll.db");
        Ledger::open(&path, KEY).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn reading_only_makes_nothing_and_changes_nothing() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("state/nattkoll.db");
        assert!(Ledger::open_read_only(&path).unwrap().is_none());
        assert!(files(place.path()).is_empty());

        Ledger::open(&path, KEY).unwrap();
        let before = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
        let ledger = Ledger::open_read_only(&path).unwrap().unwrap();
        assert_eq!(ledger.key(), &LedgerKey::from([7; 32]));
        assert_eq!(files(path.parent().unwrap()), ["nattkoll.db"]);
        assert_eq!((fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap()), before);
    }

    #[test]
    fn an_empty_file_and_a_text_file_are_not_taken_for_a_new_ledger() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("nattkoll.db");
        for content in ["", "robot;subject;case;outcome;checks\r\n"] {
            fs::write(&path, content.repeat(100)).unwrap();
            for error in [Ledger::open(&path, KEY).unwrap_err(), Ledger::open_read_only(&path).unwrap_err()] {
                assert!(matches!(error.trouble, Trouble::NotALedger), "{error}");
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), content.repeat(100), "it is left as it was");
        }
    }

    #[test]
    fn a_ledger_whose_key_is_gone_or_altered_is_damaged() {
        for harm in ["UPDATE meta SET value = randomblob(32) WHERE name = 'key'", "DELETE FROM meta"] {
            let place = tempfile::tempdir().unwrap();
            let path = place.path().join("nattkoll.db");
            Ledger::open(&path, KEY).unwrap().connection.execute(harm, []).unwrap();
            let error = Ledger::open(&path, KEY).unwrap_err();
            assert!(matches!(error.trouble, Trouble::Damaged(_)), "{error}");
        }
    }

    #[test]
    fn a_ledger_that_another_program_holds_is_told_as_locked() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("nattkoll.db");
        let other = Ledger::open(&path, KEY).unwrap();
        other.connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let error = Ledger::open_with(&path, KEY, Duration::from_millis(10)).unwrap_err();
        assert!(matches!(error.trouble, Trouble::Locked), "{error}");
        assert!(error.to_string().contains("nattkoll.db"), "{error}");
    }

    #[test]
    fn a_folder_in_the_files_place_is_told() {
        let place = tempfile::tempdir().unwrap();
        let error = Ledger::open(place.path(), KEY).unwrap_err();
        assert!(matches!(error.trouble, Trouble::Unopenable), "{error}");
    }

    #[test]
    fn a_file_where_the_folder_should_be_is_told() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("state"), "").unwrap();
        let error = Ledger::open(&place.path().join("state/nattkoll.db"), KEY).unwrap_err();
        assert!(matches!(error.trouble, Trouble::Uncreatable(_) | Trouble::Unopenable), "{error}");
    }
}
