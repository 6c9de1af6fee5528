//! CSV as the receivers have it: UTF-8 with a byte order mark, `;`, CRLF.

use std::borrow::Cow;

use rayon::prelude::*;

/// How many rows a thread writes at a time.
const PIECE: usize = 4096;

/// A table as bytes. A text that a spreadsheet would take for a formula gets a `'` before it.
pub fn sheet<H: AsRef<str>, R: IntoIterator<Item: AsRef<str>>>(
    header: &[H],
    rows: impl IntoIterator<Item = R>,
) -> Vec<u8> {
    with_header(header, &[lines(rows)])
}

/// A table of rows that are written already.
pub fn with_header<H: AsRef<str>>(header: &[H], parts: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024 + parts.iter().map(Vec::len).sum::<usize>());
    bytes.extend_from_slice("\u{feff}".as_bytes());
    bytes.extend(lines([header]));
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The rows of a table, without a header.
///
/// The writer writes to memory, which cannot fail.
pub fn lines<R: IntoIterator<Item: AsRef<str>>>(rows: impl IntoIterator<Item = R>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        for cell in row {
            writer.write_field(inert(cell.as_ref()).as_bytes()).expect("memory can be written to");
        }
        writer.write_record(None::<&[u8]>).expect("memory can be written to");
    }
    writer.into_inner().expect("memory can be written to")
}

/// The same of what each thing is written as, by as many threads as there are, in the order of the things.
pub fn lines_of<'t, T: Sync, R: IntoIterator<Item: AsRef<str>>>(
    things: &'t [T],
    row: impl Fn(&'t T) -> R + Sync,
) -> Vec<u8> {
    let pieces: Vec<Vec<u8>> = things.par_chunks(PIECE).map(|piece| lines(piece.iter().map(&row))).collect();
    pieces.concat()
}

/// A cell that no spreadsheet takes for a formula. Numbers stay as they are.
fn inert(cell: &str) -> Cow<'_, str> {
    let looks_like_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_number = || cell.replace([' ', ','], "").parse::<f64>().is_ok();
    if looks_like_formula && !is_number() { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The rows of a table that `sheet` has written, without its header.
pub fn rows_of(bytes: &[u8]) -> Vec<Vec<String>> {
    let body = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(body);
    let as_text = |record: csv::StringRecord| record.iter().map(plain).collect();
    reader.records().filter_map(Result::ok).map(as_text).collect()
}

/// A cell as it was before [`inert`] made it so.
fn plain(cell: &str) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if inert(rest) == cell => rest.to_owned(),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_utf8_with_mark_semicolons_and_crlf() {
        let bytes = sheet(&["a", "b"], [vec!["1;2", "å\"ä"]]);
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}a;b\r\n\"1;2\";\"å\"\"ä\"\r\n");
    }

    #[test]
    fn a_table_written_in_pieces_is_the_one_written_at_once() {
        let numbers: Vec<usize> = (0..=2 * PIECE).collect();
        let row = |number: &usize| [number.to_string(), String::new(), "å;ä".to_owned()];
        let at_once = sheet(&["n", "", "t"], numbers.iter().map(row));
        assert_eq!(with_header(&["n", "", "t"], &[lines_of(&numbers, row)]), at_once);
        assert_eq!(rows_of(&at_once).len(), numbers.len());
    }

    #[test]
    fn a_text_that_looks_like_a_formula_is_made_inert_and_a_number_is_not() {
        let bytes = sheet(&["a"], [vec!["=1+1"], vec!["-5"], vec!["-1 250,50"], vec!["@x"], vec!["+46"]]);
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert_eq!(text, "\u{feff}a\r\n'=1+1\r\n-5\r\n-1 250,50\r\n'@x\r\n+46\r\n");
        assert_eq!(rows_of(&bytes)[0], ["=1+1"]);
        assert_eq!(rows_of(&sheet(&["a"], [vec!["'x"]]))[0], ["'x"], "an apostrophe of its own stays");
    }
}
