//! Writes one extract in its declared dialect: encoding, delimiter, line end, dates and quotes.
//!
//! Rows gather in a buffer that is encoded and written a piece at a time; what stands in them is others' business.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use chrono::{Datelike, NaiveDate};

/// The bytes of a file's text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf8WithMark,
    Windows1252,
}

/// How dates are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// `2026-11-21`
    Dashed,
    /// `20261121`
    Compact,
}

/// How one file is written; the columns in order.
pub struct Dialect {
    pub file: &'static str,
    pub encoding: Encoding,
    pub delimiter: char,
    pub line_end: &'static str,
    pub dates: Dates,
    pub columns: &'static [&'static str],
}

/// So much text is encoded and written at a time.
const PIECE: usize = 128 * 1024;

/// A file that is being written, row by row.
pub struct Sheet {
    file: File,
    dialect: &'static Dialect,
    text: String,
    bytes: u64,
    is_first_field: bool,
    quotes_all: bool,
}

impl Sheet {
    /// Creates or replaces the file and writes its header.
    pub fn create(folder: &Path, dialect: &'static Dialect) -> io::Result<Sheet> {
        let mut sheet = Sheet {
            file: File::create(folder.join(dialect.file))?,
            dialect,
            text: String::with_capacity(PIECE + 4096),
            bytes: 0,
            is_first_field: true,
            quotes_all: false,
        };
        if dialect.encoding == Encoding::Utf8WithMark {
            sheet.text.push('\u{feff}');
        }
        for column in dialect.columns {
            sheet.field(column);
        }
        sheet.end_row()?;
        Ok(sheet)
    }

    /// Puts quotes round every field up to the end of the row, needed or not.
    pub fn quote_row(&mut self) {
        self.quotes_all = true;
    }

    /// A field, quoted when it has to be.
    pub fn field(&mut self, value: &str) {
        self.delimit();
        let delimiter = self.dialect.delimiter as u8;
        let must = value.bytes().any(|byte| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r'));
        if !must && !self.quotes_all {
            self.text.push_str(value);
            return;
        }
        self.text.push('"');
        self.text.push_str(&value.replace('"', "\"\""));
        self.text.push('"');
    }

    pub fn empty(&mut self) {
        self.delimit();
    }

    pub fn number(&mut self, value: impl Into<u64>) {
        self.delimit();
        let mut digits = [0u8; 20];
        let mut start = digits.len();
        let mut rest = value.into();
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.text.extend(digits[start..].iter().map(|digit| char::from(*digit)));
    }

    /// A field for what may not be there.
    pub fn number_or_empty(&mut self, value: Option<u64>) {
        match value {
            Some(value) => self.number(value),
            None => self.empty(),
        }
    }

    pub fn date(&mut self, date: NaiveDate) {
        self.delimit();
        let dash = self.dialect.dates == Dates::Dashed;
        self.digits(date.year() as u32, 1_000);
        if dash {
            self.text.push('-');
        }
        self.digits(date.month(), 10);
        if dash {
            self.text.push('-');
        }
        self.digits(date.day(), 10);
    }

    pub fn date_or_empty(&mut self, date: Option<NaiveDate>) {
        match date {
            Some(date) => self.date(date),
            None => self.empty(),
        }
    }

    pub fn end_row(&mut self) -> io::Result<()> {
        self.text.push_str(self.dialect.line_end);
        self.is_first_field = true;
        self.quotes_all = false;
        if self.text.len() >= PIECE { self.write_piece() } else { Ok(()) }
    }

    /// Writes what is left; the size of the whole file in bytes.
    pub fn finish(mut self) -> io::Result<u64> {
        self.write_piece()?;
        self.file.flush()?;
        Ok(self.bytes)
    }

    fn delimit(&mut self) {
        if !self.is_first_field {
            self.text.push(self.dialect.delimiter);
        }
        self.is_first_field = false;
    }

    fn digits(&mut self, value: u32, highest: u32) {
        let mut unit = highest;
        while unit > 0 {
            self.text.push(char::from(b'0' + (value / unit % 10) as u8));
            unit /= 10;
        }
    }

    fn write_piece(&mut self) -> io::Result<()> {
        let size = match self.dialect.encoding {
            Encoding::Windows1252 => {
                let (encoded, _, _) = encoding_rs::WINDOWS_1252.encode(&self.text);
                self.file.write_all(&encoded)?;
                encoded.len()
            }
            Encoding::Utf8 | Encoding::Utf8WithMark => {
                self.file.write_all(self.text.as_bytes())?;
                self.text.len()
            }
        };
        self.bytes += size as u64;
        self.text.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TWO: Dialect = Dialect {
        file: "två.csv",
        encoding: Encoding::Windows1252,
        delimiter: ';',
        line_end: "\r\n",
        dates: Dates::Compact,
        columns: &["Å", "b"],
    };

    #[test]
    fn a_row_is_quoted_encoded_and_ended_as_declared() {
        let folder = tempfile::tempdir().unwrap();
        let mut sheet = Sheet::create(folder.path(), &TWO).unwrap();
        sheet.field("a;\"b\"");
        sheet.date("2026-01-02".parse().unwrap());
        sheet.end_row().unwrap();
        sheet.quote_row();
        sheet.field("c");
        sheet.number(10u64);
        sheet.end_row().unwrap();
        let size = sheet.finish().unwrap();
        let bytes = std::fs::read(folder.path().join("två.csv")).unwrap();
        assert_eq!(bytes, b"\xc5;b\r\n\"a;\"\"b\"\"\";20260102\r\n\"c\";10\r\n");
        assert_eq!(size, bytes.len() as u64);
    }
}
