//! Rejected rows whose key can be read all the same: they are subjects too, of whom nothing but the key is known.
//!
//! A row that cannot be cut into its fields may have lost one and say another's text where its key should be. So its key is
//! believed only when it is written as the keys of whole rows are, and never when it could be a person's number.

use std::collections::HashSet;

use super::cell::{Cell, Lack};
use super::table::Table;
use crate::definition::extract::Extract;
use crate::rule::types::FieldId;
use crate::rule::value::Value;
use crate::value::Personnummer;

impl Table {
    /// Adds a row of which only the key is known.
    pub fn push_half_read(&mut self, key: &[(FieldId, Cell<'_>)], offset: u64, line: u64) {
        self.offsets.push(offset);
        self.lines.push(line);
        self.hashes.push(0);
        for (place, column) in self.columns.iter_mut().enumerate() {
            let Some(column) = column else { continue };
            let own = key.iter().find(|(field, _)| usize::from(field.0) == place);
            column.push(own.map_or(&Err(Lack::Rejected), |(_, cell)| cell));
        }
    }

    /// Puts those of the half-read rows among these whose key is believed and no other row's.
    #[must_use]
    pub fn with_half_read(self, half: &Self, extract: &Extract) -> Self {
        if half.is_empty() {
            return self;
        }
        let forms = forms(&self, extract);
        let mut known: HashSet<_> = (0..self.len()).filter_map(|row| self.key(row, &extract.key)).collect();
        let mut believed = Self::empty(extract, self.night, &asked_for(&self));
        for row in 0..half.len() {
            let is_believed = extract.key.iter().zip(&forms).all(|(field, forms)| match half.cell(row, *field) {
                Ok(Value::Text(text)) => {
                    forms.contains(&form(&text)) && Personnummer::parse(&text, self.night).is_err()
                }
                other => other.is_ok(),
            });
            if is_believed && half.key(row, &extract.key).is_some_and(|key| known.insert(key)) {
                let key: Vec<_> = extract.key.iter().map(|field| (*field, half.cell(row, *field))).collect();
                believed.push_half_read(&key, half.offsets[row], half.lines[row]);
            }
        }
        self.with(believed, extract)
    }

    /// Whether nothing but the row's key is known.
    #[must_use]
    pub fn is_half_read(&self, row: usize) -> bool {
        let offset = self.offsets[row];
        self.rejected.binary_search_by_key(&offset, |rejected| rejected.offset).is_ok()
    }

    /// Whether a rejected row has a place among the rows all the same, by its key.
    #[must_use]
    pub fn knows_the_key_at(&self, offset: u64) -> bool {
        self.offsets.binary_search(&offset).is_ok()
    }
}

fn asked_for(table: &Table) -> Vec<FieldId> {
    let places = table.columns.iter().enumerate().filter(|(_, column)| column.is_some());
    places.filter_map(|(place, _)| u16::try_from(place).ok().map(FieldId)).collect()
}

/// How the whole rows write each field of the key.
fn forms(table: &Table, extract: &Extract) -> Vec<HashSet<String>> {
    let of_field = |field: &FieldId| {
        let texts = (0..table.len()).filter_map(|row| match table.cell(row, *field) {
            Ok(Value::Text(text)) => Some(form(&text)),
            _ => None,
        });
        texts.collect()
    };
    extract.key.iter().map(of_field).collect()
}

/// A text's form: its letters as `A`, its digits as `9`, its other signs as they are.
fn form(text: &str) -> String {
    let sign = |sign: char| match sign {
        _ if sign.is_alphabetic() => 'A',
        _ if sign.is_numeric() => '9',
        other => other,
    };
    text.chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_its_form() {
        assert_eq!(form("EB21-1594"), "AA99-9999");
        assert_eq!(form("Mottagningen"), "AAAAAAAAAAAA");
        assert_ne!(form("EB21-1594"), form("EB21-159"));
    }
}
