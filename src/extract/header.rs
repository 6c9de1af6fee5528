//! An extract's first record: which column is which field, and whether the file is what the declaration says.
//!
//! Windows-1252 decodes anything and a wrong delimiter makes one long column, so a file of another dialect than declared shows
//! here first. The message says what it looks like instead.

use std::path::PathBuf;

use crate::definition::extract::{Encoding, Extract, Field, Origin};

use super::cell::text_of;
use super::record::{Record, Rest, State, field_ends, record_at};

/// Where each field's column is, and where the rows begin.
#[derive(Clone, Debug)]
pub struct Header {
    /// How many columns there are.
    pub columns: usize,
    /// Each field's column, by the field's place; none for fields that are worked out or not there.
    pub column_of: Vec<Option<usize>>,
    /// The byte at which the first row begins.
    pub end: usize,
    /// How many lines the header takes.
    pub lines: u64,
    /// Whether it is UTF-8, whatever is declared.
    pub is_utf8: bool,
}

/// Why a file's header does not fit its declaration.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// Nothing in the file, not even a header.
    #[error("`{}` is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The header cannot be decoded.
    #[error("the header of `{}` is not {declared}{looks}", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The declared encoding.
        declared: &'static str,
        /// What it looks like instead, and what to do.
        looks: String,
    },
    /// A column that is read is not there.
    #[error("`{}` has no column {}{looks}", path.display(), quoted(columns))]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The columns.
        columns: Vec<String>,
        /// What it looks like instead, and what to do.
        looks: String,
    },
    /// Two columns of one name.
    #[error("`{}` has two columns `{column}`", path.display())]
    TwoColumns {
        /// The file.
        path: PathBuf,
        /// The heading.
        column: String,
    },
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads the header at the beginning of a file's bytes, for the fields that are asked for.
pub fn read(start: &[u8], extract: &Extract, wanted: &[&Field], path: PathBuf) -> Result<Header, HeaderError> {
    let mark = if start.starts_with(UTF8_MARK) { UTF8_MARK.len() } else { 0 };
    let body = &start[mark..];
    if body.is_empty() {
        return Err(HeaderError::Empty { path });
    }
    let dialect = extract.dialect;
    // The header is looked for in as many bytes as a record can have.
    let record = record_at(body, 0, dialect.delimiter, Rest::None).ok_or(HeaderError::Empty { path: path.clone() })?;
    let line = &body[..record.end];
    let Some(names) = names(line, record, dialect.delimiter, dialect.encoding) else {
        let looks = looks_like(start, line, record, extract, wanted);
        return Err(HeaderError::Encoding { path, declared: dialect.encoding.name(), looks });
    };
    if reads_better_as_utf8(line, record, extract, &names) {
        let looks = format!("; it reads as utf-8\nhint: {}", to_be_utf8(extract));
        return Err(HeaderError::Encoding { path, declared: dialect.encoding.name(), looks });
    }
    let missing: Vec<String> = wanted
        .iter()
        .filter_map(|field| match &field.origin {
            Origin::Column { header } if !names.contains(header) => Some(header.clone()),
            _ => None,
        })
        .collect();
    if !missing.is_empty() {
        let looks = looks_like(start, line, record, extract, wanted);
        return Err(HeaderError::NoColumn { path, columns: missing, looks });
    }
    let mut column_of = Vec::with_capacity(extract.fields.len());
    for field in &extract.fields {
        let Origin::Column { header } = &field.origin else {
            column_of.push(None);
            continue;
        };
        let mut places = names.iter().enumerate().filter(|(_, name)| *name == header).map(|(place, _)| place);
        column_of.push(places.next());
        if places.next().is_some() && wanted.iter().any(|wanted| wanted.name == field.name) {
            return Err(HeaderError::TwoColumns { path, column: header.clone() });
        }
    }
    let is_utf8 = simdutf8::basic::from_utf8(&body[..record.next]).is_ok();
    Ok(Header { columns: names.len(), column_of, end: mark + record.next, lines: record.lines, is_utf8 })
}

/// What to do about a file that is declared otherwise and is UTF-8.
pub fn to_be_utf8(extract: &Extract) -> String {
    format!("have it delivered as declared, or declare `encoding = \"utf-8\"` in robots/extracts/{}.toml", extract.name)
}

fn names(line: &[u8], record: Record, delimiter: u8, encoding: Encoding) -> Option<Vec<String>> {
    let mut ends = Vec::new();
    let state = if record.state == State::Quoted { State::Quoted } else { State::Plain };
    field_ends(line, delimiter, state, &mut ends);
    let mut from = 0;
    ends.iter()
        .map(|&end| {
            text_of(&line[std::mem::replace(&mut from, end + 1)..end], encoding).map(std::borrow::Cow::into_owned)
        })
        .collect()
}

/// Whether a header that is declared as Windows-1252, which decodes anything, has more of the declared headings when it is
/// read as UTF-8; also headings that nobody asks for tonight tell.
fn reads_better_as_utf8(line: &[u8], record: Record, extract: &Extract, names_now: &[String]) -> bool {
    if extract.dialect.encoding != Encoding::Windows1252 || line.is_ascii() {
        return false;
    }
    let Some(as_utf8) = names(line, record, extract.dialect.delimiter, Encoding::Utf8) else { return false };
    let declared = |names: &[String]| {
        let is_there = |field: &&Field| matches!(&field.origin, Origin::Column { header } if names.contains(header));
        extract.fields.iter().filter(is_there).count()
    };
    declared(&as_utf8) > declared(names_now)
}

/// What the header would be right for, as the end of a message.
fn looks_like(start: &[u8], line: &[u8], record: Record, extract: &Extract, wanted: &[&Field]) -> String {
    let id = &extract.name;
    if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") {
        return "; it begins as utf-16\nhint: have it delivered as the declaration says".to_owned();
    }
    let has_all = |names: &[String]| {
        wanted.iter().all(|field| match &field.origin {
            Origin::Column { header } => names.contains(header),
            _ => true,
        })
    };
    for encoding in [Encoding::Utf8, Encoding::Windows1252] {
        for delimiter in [b';', b',', b'\t', b'|'] {
            let record = Record { state: record.state, ..record };
            let Some(names) = names(line, record, delimiter, encoding) else { continue };
            if !has_all(&names) {
                continue;
            }
            let mut differs = Vec::new();
            if encoding != extract.dialect.encoding {
                differs.push(format!("it reads as {}", encoding.name()));
            }
            if delimiter != extract.dialect.delimiter {
                differs.push(format!("its columns are separated by `{}`", char::from(delimiter).escape_default()));
            }
            return format!(
                "; {}\nhint: have it delivered as declared ({}, `{}`), or declare in robots/extracts/{id}.toml what it has become",
                differs.join(" and "),
                extract.dialect.encoding.name(),
                char::from(extract.dialect.delimiter).escape_default(),
            );
        }
    }
    if line.contains(&b'\r') {
        return "; its lines end with CR alone\nhint: have it delivered with LF or CRLF".to_owned();
    }
    format!("\nhint: the columns of `{id}` are declared in robots/extracts/{id}.toml")
}
