//! Writes a file that is not read as it stands over into one that is: UTF-16 as UTF-8, and lines that end with a CR alone as
//! lines that end with LF.
//!
//! It is done as the bytes come, into a file without a name; line numbers and digests are those of the file that was
//! delivered. What means nothing in UTF-16 becomes a byte that means nothing in UTF-8, so that the row it stands in is
//! rejected as any row is.

use std::io::{self, Read, Write};

use crate::definition::extract::{Dialect, Encoding, LineEnds};

/// Whether a file is written over before it is read.
pub fn is_needed(dialect: Dialect) -> bool {
    dialect.encoding == Encoding::Utf16 || dialect.line_ends == LineEnds::Cr
}

/// Writes over all that is read.
///
/// # Errors
/// When it cannot be read or written, and for UTF-16 without a byte order mark.
pub fn transcribe(from: &mut impl Read, to: &mut impl Write, dialect: Dialect) -> io::Result<()> {
    let mut to = io::BufWriter::with_capacity(1 << 16, to);
    let mut from = io::BufReader::with_capacity(1 << 16, from);
    let line_ends = dialect.line_ends;
    match dialect.encoding {
        Encoding::Utf16 => from_utf16(&mut from, &mut to, line_ends)?,
        Encoding::Utf8 | Encoding::Windows1252 => {
            let mut piece = vec![0; 1 << 16];
            loop {
                let read = from.read(&mut piece)?;
                if read == 0 {
                    break;
                }
                piece[..read].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
                to.write_all(&piece[..read])?;
            }
        }
    }
    to.flush()
}

/// A byte that is in no UTF-8 text.
const MEANS_NOTHING: [u8; 1] = [0xFF];

fn from_utf16(from: &mut impl Read, to: &mut impl Write, line_ends: LineEnds) -> io::Result<()> {
    let mut next = |is_big: bool| -> io::Result<Option<Result<u16, ()>>> {
        let mut pair = [0; 2];
        let mut read = 0;
        while read < 2 {
            match from.read(&mut pair[read..])? {
                0 if read == 0 => return Ok(None),
                0 => return Ok(Some(Err(()))),
                more => read += more,
            }
        }
        Ok(Some(Ok(if is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })))
    };
    let is_big = match next(true)? {
        Some(Ok(0xFEFF)) => true,
        Some(Ok(0xFFFE)) => false,
        _ => {
            let told = "it does not begin with the byte order mark of utf-16";
            return Err(io::Error::new(io::ErrorKind::InvalidData, told));
        }
    };
    // The first half of a sign of two.
    let mut half: Option<u16> = None;
    while let Some(unit) = next(is_big)? {
        let Ok(unit) = unit else {
            to.write_all(&MEANS_NOTHING)?;
            break;
        };
        let mut sign = |sign: Option<char>| match sign {
            Some('\r') if line_ends == LineEnds::Cr => to.write_all(b"\n"),
            Some(sign) => to.write_all(sign.encode_utf8(&mut [0; 4]).as_bytes()),
            None => to.write_all(&MEANS_NOTHING),
        };
        match (half.take(), unit) {
            (Some(first), 0xDC00..=0xDFFF) => {
                let both = 0x1_0000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(unit) - 0xDC00);
                sign(char::from_u32(both))?;
            }
            (before, unit) => {
                if before.is_some() {
                    sign(None)?;
                }
                match unit {
                    0xD800..=0xDBFF => half = Some(unit),
                    _ => sign(char::from_u32(u32::from(unit)))?,
                }
            }
        }
    }
    if half.is_some() {
        to.write_all(&MEANS_NOTHING)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8], encoding: Encoding, line_ends: LineEnds) -> io::Result<Vec<u8>> {
        let mut to = Vec::new();
        transcribe(&mut &*bytes, &mut to, Dialect { encoding, delimiter: b';', line_ends })?;
        Ok(to)
    }

    fn utf16(text: &str, is_big: bool) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(|unit: u16| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn utf16_of_either_order_is_the_same_text() {
        let text = "Namn;Ort\r\nÅsa;Malmö\r\n\u{1F600};\u{a0}1\r\n";
        for is_big in [true, false] {
            assert_eq!(written(&utf16(text, is_big), Encoding::Utf16, LineEnds::Lf).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn what_means_nothing_in_utf16_means_nothing_in_what_is_read() {
        let mut bytes = utf16("a", false);
        bytes.extend([0x00, 0xD8, b'b', 0x00, 0x00, 0xDC, b'c']);
        assert_eq!(written(&bytes, Encoding::Utf16, LineEnds::Lf).unwrap(), b"a\xFFb\xFF\xFF");
    }

    #[test]
    fn utf16_without_its_mark_is_not_guessed_at() {
        assert!(written(b"a\0b\0", Encoding::Utf16, LineEnds::Lf).is_err());
        assert!(written(b"", Encoding::Utf16, LineEnds::Lf).is_err());
    }

    #[test]
    fn lines_that_end_with_a_cr_end_with_a_lf() {
        assert_eq!(written(b"a;b\r1;\xE5\r", Encoding::Windows1252, LineEnds::Cr).unwrap(), b"a;b\n1;\xE5\n");
        assert_eq!(written(&utf16("a\rb", true), Encoding::Utf16, LineEnds::Cr).unwrap(), b"a\nb");
    }
}
