//! The last line of a file that tells how many rows it has, where one is declared.

use super::source::{Source, SourceError};
use crate::definition::guard::Trailer;

/// How many of the last bytes are looked at: a line with a number is short.
const TAIL: u64 = 4096;

/// Finds the last line, takes it from what is read as rows, and gives the number of rows in it. Nothing where the last
/// line is another: it is then a row like any other, and the file was cut off.
///
/// # Errors
/// When the file cannot be read.
pub fn take_trailer(source: &mut Source, trailer: &Trailer) -> Result<Option<u64>, SourceError> {
    let start = source.length().saturating_sub(TAIL);
    let tail = source.read(start, usize::try_from(TAIL).unwrap_or(usize::MAX))?;
    let end = tail.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |place| place + 1);
    let begin = memchr::memrchr(b'\n', &tail[..end]).map_or(0, |place| place + 1);
    // The signs around the number are ASCII in every encoding that can be declared, or are not found.
    let line = String::from_utf8_lossy(&tail[begin..end]);
    let number =
        line.trim().strip_prefix(trailer.before.trim()).and_then(|rest| rest.strip_suffix(trailer.after.trim()));
    let told = number.and_then(|number| number.trim().parse().ok());
    if told.is_some() {
        source.end_at(start + begin as u64);
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: &str) -> (Option<u64>, u64) {
        let trailer = Trailer { before: "SLUT;".to_owned(), after: String::new() };
        let mut source = Source::Bytes(file.as_bytes().to_vec());
        let told = take_trailer(&mut source, &trailer).unwrap();
        (told, source.length())
    }

    #[test]
    fn the_last_line_tells_how_many_rows_there_are_and_is_none_itself() {
        assert_eq!(told("a;b\n1;2\nSLUT;1\n"), (Some(1), 8));
        assert_eq!(told("a;b\r\n1;2\r\nSLUT; 12 \r\n\r\n"), (Some(12), 10));
    }

    #[test]
    fn a_file_that_was_cut_off_has_no_such_line() {
        assert_eq!(told("a;b\n1;2\n"), (None, 8));
        assert_eq!(told("a;b\n1;2\nSLUT;"), (None, 13));
        assert_eq!(told(""), (None, 0));
    }
}
