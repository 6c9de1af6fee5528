//! CSV as the receivers have it: UTF-8 with a byte order mark, `;`, CRLF.

/// A table as bytes. A text that a spreadsheet would take for a formula gets a `'` before it.
///
/// The writer writes to memory, which cannot fail.
pub fn sheet<H: AsRef<str>, C: AsRef<str>>(header: &[H], rows: impl IntoIterator<Item = Vec<C>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(header.iter().map(AsRef::as_ref)).expect("memory can be written to");
    for row in rows {
        writer.write_record(row.iter().map(|cell| inert(cell.as_ref()))).expect("memory can be written to");
    }
    writer.into_inner().expect("memory can be written to")
}

/// A cell that no spreadsheet takes for a formula. Numbers stay as they are.
fn inert(cell: &str) -> String {
    let looks_like_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_number = cell.replace([' ', ','], "").parse::<f64>().is_ok();
    if looks_like_formula && !is_number { format!("'{cell}") } else { cell.to_owned() }
}

/// The rows of a table that [`sheet`] has written, without its header.
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
    fn a_text_that_looks_like_a_formula_is_made_inert_and_a_number_is_not() {
        let bytes = sheet(&["a"], [vec!["=1+1"], vec!["-5"], vec!["-1 250,50"], vec!["@x"], vec!["+46"]]);
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert_eq!(text, "\u{feff}a\r\n'=1+1\r\n-5\r\n-1 250,50\r\n'@x\r\n+46\r\n");
        assert_eq!(rows_of(&bytes)[0], ["=1+1"]);
        assert_eq!(rows_of(&sheet(&["a"], [vec!["'x"]]))[0], ["'x"], "an apostrophe of its own stays");
    }
}
