//! The lock that keeps two runs apart: the operating system's, which goes with the process.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::NightError;

/// How often it is looked whether the lock is free.
const BETWEEN: Duration = Duration::from_millis(100);

/// Takes the lock; waits at most `patience` for another run to let go of it.
///
/// # Errors
/// When another run still holds it, or it cannot be made.
#[expect(clippy::disallowed_methods, reason = "the state folder is the program's own, not for people and systems")]
pub fn lock(state: &Path, patience: Duration) -> Result<File, NightError> {
    let path = state.join("nattkoll.lock");
    let failed = |error| NightError::Lock { path: path.clone(), error };
    std::fs::create_dir_all(state).map_err(failed)?;
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => return Err(NightError::Locked { path }),
            Err(TryLockError::WouldBlock) => sleep(BETWEEN.min(patience)),
        }
    }
}
