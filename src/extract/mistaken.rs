//! Whether a file that is declared as Windows-1252 is UTF-8 all the same. Windows-1252 decodes anything, so that nothing else
//! tells it where the header is ASCII: what is read would be `Ã¥` for `å`.
//!
//! Text in Windows-1252 has letters that stand alone among ASCII, which no UTF-8 has. A file in which everything that is not
//! ASCII is well-formed UTF-8 is UTF-8, but for chance, which some lines rule out. The first block of a file that is as it
//! is declared settles it, and the rest of the file is not looked at.

use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memchr_iter;

/// With fewer lines than this that are more than ASCII, it may be chance.
const FEWEST: u64 = 3;

/// What is found of one file, by all the threads that read it.
pub struct Mistaken {
    /// Whether everything that has been looked at is UTF-8.
    may_be: AtomicBool,
}

impl Mistaken {
    /// Of a file that may be mistaken; another is not looked at.
    pub fn where_it(may_be: bool) -> Self {
        Self { may_be: AtomicBool::new(may_be) }
    }

    /// How many of these whole lines, which are not all ASCII, are more than ASCII; none where they are not UTF-8.
    pub fn look(&self, lines: &[u8]) -> Option<u64> {
        if !self.may_be.load(Ordering::Relaxed) {
            return None;
        }
        if simdutf8::basic::from_utf8(lines).is_err() {
            self.may_be.store(false, Ordering::Relaxed);
            return None;
        }
        let ends = memchr_iter(b'\n', lines).map(|end| end + 1).chain([lines.len()]);
        let mut from = 0;
        let more_than_ascii = ends.filter(|&end| !lines[std::mem::replace(&mut from, end)..end].is_ascii());
        Some(more_than_ascii.count() as u64)
    }

    /// Whether it is UTF-8, where so many lines of the whole file are more than ASCII.
    pub fn is_utf8(&self, more_than_ascii: Option<u64>) -> bool {
        self.may_be.load(Ordering::Relaxed) && more_than_ascii.is_some_and(|lines| lines >= FEWEST)
    }
}
