//! Finds where records and their fields begin and end (RFC 4180, with line ends LF or CRLF).
//!
//! A quote opens a quoted field only where the field begins; elsewhere it is a sign like any other. A quoted field that does
//! not end within [`LONGEST_RECORD`] is taken for a stray quote: its row is broken, and the next line is a row again, so
//! that one quote never swallows the rows after it.

use memchr::memchr;

/// The longest record, in bytes.
pub const LONGEST_RECORD: usize = 256 * 1024;

/// One record of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where the next record begins.
    pub next: usize,
    /// Where its text ends, without the line end.
    pub end: usize,
    /// How many line ends it has, its own included.
    pub lines: u64,
    /// Whether it can be cut into fields.
    pub state: State,
    /// Whether its last line ends in the buffer or with the file; of a broken one that does not, the rest of the line is
    /// none of the rows after it.
    pub is_ended: bool,
}

/// Whether a record can be cut into fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No field is quoted.
    Plain,
    /// Some field is quoted.
    Quoted,
    /// A quoted field does not end, or something follows its end.
    BrokenQuote,
    /// Longer than a record can be.
    TooLong,
}

/// Whether there are bytes after a buffer's last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// There are more, which may belong to its last record.
    More,
    /// It ends where the file does.
    None,
}

/// The record that begins at `start`; none where that cannot be told without the bytes that come after the buffer. With
/// two bytes more than [`LONGEST_RECORD`] it always can.
pub fn record_at(buffer: &[u8], start: usize, delimiter: u8, after: Rest) -> Option<Record> {
    let rest = &buffer[start..];
    let line = memchr(b'\n', rest);
    let may_be_longer = after == Rest::More && rest.len() <= LONGEST_RECORD + 1;
    if line.is_none() && may_be_longer {
        return None;
    }
    let first_line = line.map_or(rest, |end| &rest[..end]);
    if memchr(b'"', first_line).is_none() {
        return Some(match line {
            _ if first_line.len() > LONGEST_RECORD => broken(buffer, start, line, State::TooLong, after),
            Some(length) => plain(buffer, start, start + length, 1),
            None => plain(buffer, start, buffer.len(), 0),
        });
    }
    match quoted_end(rest, delimiter) {
        Quoted::EndsAt { end, .. } | Quoted::NotBefore(end) if may_be_longer && end >= rest.len() => None,
        Quoted::EndsAt { end, lines } => {
            let is_last = start + end == buffer.len();
            Some(Record {
                next: start + end + usize::from(!is_last),
                end: without_return(buffer, start, start + end),
                lines: lines + u64::from(!is_last),
                state: State::Quoted,
                is_ended: true,
            })
        }
        Quoted::Broken | Quoted::NotBefore(_) => Some(broken(buffer, start, line, State::BrokenQuote, after)),
    }
}

fn plain(buffer: &[u8], start: usize, end: usize, lines: u64) -> Record {
    let next = if lines == 1 { end + 1 } else { end };
    Record { next, end: without_return(buffer, start, end), lines, state: State::Plain, is_ended: true }
}

/// A record that goes to the end of its first line.
fn broken(buffer: &[u8], start: usize, line: Option<usize>, state: State, after: Rest) -> Record {
    // What is kept of it does not depend on where the buffer happens to end.
    let longest = start + LONGEST_RECORD;
    match line {
        Some(length) => {
            let line = plain(buffer, start, start + length, 1);
            Record { state, end: line.end.min(longest), ..line }
        }
        None => {
            let is_ended = after == Rest::None;
            let end = buffer.len().min(longest);
            Record { next: buffer.len(), end, lines: 0, state, is_ended }
        }
    }
}

fn without_return(buffer: &[u8], start: usize, end: usize) -> usize {
    if end > start && buffer[end - 1] == b'\r' { end - 1 } else { end }
}

enum Quoted {
    EndsAt {
        end: usize,
        lines: u64,
    },
    /// A quoted field does not end before here, which is as far as was looked.
    NotBefore(usize),
    Broken,
}

/// The end of a record with quotes in it: the first line end outside a quoted field.
fn quoted_end(rest: &[u8], delimiter: u8) -> Quoted {
    let limit = rest.len().min(LONGEST_RECORD);
    let mut place = 0;
    let mut lines = 0;
    loop {
        // A field begins here.
        if rest.get(place) == Some(&b'"') {
            place += 1;
            loop {
                let within = rest.get(place..limit).unwrap_or_default();
                let Some(found) = memchr(b'"', within) else { return Quoted::NotBefore(limit) };
                lines += memchr::memchr_iter(b'\n', &rest[place..place + found]).count() as u64;
                place += found + 1;
                if rest.get(place) == Some(&b'"') {
                    place += 1;
                } else {
                    break;
                }
            }
            match rest.get(place) {
                None | Some(b'\n') => return Quoted::EndsAt { end: place, lines },
                Some(b'\r') if matches!(rest.get(place + 1), None | Some(b'\n')) => {
                    return Quoted::EndsAt { end: place + 1, lines };
                }
                Some(byte) if *byte == delimiter => place += 1,
                Some(_) => return Quoted::Broken,
            }
            continue;
        }
        let left = rest.get(place..limit).unwrap_or_default();
        match left.iter().position(|&byte| byte == delimiter || byte == b'\n') {
            None if limit == rest.len() => return Quoted::EndsAt { end: rest.len(), lines },
            None => return Quoted::NotBefore(limit),
            Some(found) if rest[place + found] == b'\n' => return Quoted::EndsAt { end: place + found, lines },
            Some(found) => place += found + 1,
        }
        if place > limit {
            return Quoted::NotBefore(limit);
        }
    }
}

/// Puts the end of each field of a record's text into `ends`.
pub fn field_ends(text: &[u8], delimiter: u8, state: State, ends: &mut Vec<usize>) {
    ends.clear();
    if state != State::Quoted {
        ends.extend(memchr::memchr_iter(delimiter, text));
        ends.push(text.len());
        return;
    }
    let mut place = 0;
    loop {
        if text.get(place) == Some(&b'"') {
            place += 1;
            while let Some(found) = memchr(b'"', &text[place..]) {
                place += found + 1;
                if text.get(place) != Some(&b'"') {
                    break;
                }
                place += 1;
            }
        }
        match memchr(delimiter, &text[place..]) {
            Some(found) => {
                ends.push(place + found);
                place += found + 1;
            }
            None => {
                ends.push(text.len());
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<(Vec<String>, u64, State)> {
        let mut found = Vec::new();
        let mut start = 0;
        let mut ends = Vec::new();
        while start < text.len() {
            let record = record_at(text.as_bytes(), start, b';', Rest::None).unwrap();
            let body = &text[start..record.end];
            field_ends(body.as_bytes(), b';', record.state, &mut ends);
            let mut from = 0;
            let fields = ends.iter().map(|&end| body[std::mem::replace(&mut from, end + 1)..end].to_owned()).collect();
            found.push((fields, record.lines, record.state));
            start = record.next;
        }
        found
    }

    fn fields(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn line_ends_are_lf_or_crlf_and_the_last_may_be_missing() {
        let found = records("a;b\r\nc;\nd;e");
        assert_eq!(found[0], (fields(&["a", "b"]), 1, State::Plain));
        assert_eq!(found[1], (fields(&["c", ""]), 1, State::Plain));
        assert_eq!(found[2], (fields(&["d", "e"]), 0, State::Plain));
    }

    #[test]
    fn a_quoted_field_may_hold_separators_quotes_and_line_breaks() {
        let found = records("\"a;b\";\"c\"\"d\"\r\n\"e\nf\r\ng\";h\ni;j\n");
        assert_eq!(found[0], (fields(&["\"a;b\"", "\"c\"\"d\""]), 1, State::Quoted));
        assert_eq!(found[1], (fields(&["\"e\nf\r\ng\"", "h"]), 3, State::Quoted));
        assert_eq!(found[2].0, fields(&["i", "j"]));
    }

    #[test]
    fn a_quote_inside_a_field_is_a_sign_like_any_other() {
        assert_eq!(records("5\" rör;b\nc;d\n")[0].0, fields(&["5\" rör", "b"]));
    }

    #[test]
    fn a_stray_quote_breaks_its_own_row_and_no_other() {
        let found = records("\"a;b\nc;d\ne;f\n");
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].2, State::BrokenQuote);
        assert_eq!(found[1], (fields(&["c", "d"]), 1, State::Plain));
        assert_eq!(records("\"a\"x;b\nc;d\n")[0].2, State::BrokenQuote);
    }

    #[test]
    fn a_quote_at_the_very_limit_of_a_record_breaks_its_row_and_nothing_else() {
        for before in LONGEST_RECORD - 4..LONGEST_RECORD + 4 {
            for tail in [";\"a\";b\nc;d\n", ";\"a\"\"b\";c\nc;d\n", ";\"a\"\nc;d\n", ";\"\nc;d\n"] {
                let found = records(&format!("{}{tail}", "x".repeat(before)));
                assert_eq!(found.last().unwrap().0, fields(&["c", "d"]));
                let found = records(&format!("\"{}{tail}", "x".repeat(before)));
                assert!(!found.is_empty());
            }
        }
    }

    #[test]
    fn a_line_without_end_is_too_long_and_not_kept() {
        let text = format!("{}\nb;c\n", "x".repeat(LONGEST_RECORD + 1));
        let found = records(&text);
        assert_eq!(found[0].2, State::TooLong);
        assert_eq!(found[1].0, fields(&["b", "c"]));
    }
}
