//! Rejected rows whose key can be read all the same: they are subjects too, of whom nothing but the key is known.
//!
//! A row that cannot be cut into its fields may have lost one and say another's text where its key should be. So its key is
//! believed only when it is written as the keys of whole rows are, and never when it could be a person's number.

use std::collections::HashSet;

use super::cell::{Cell, Lack};
use super::key::{Key, KeySet, RowKey};
use super::table::Table;
use crate::definition::extract::Extract;
use crate::rule::types::FieldId;
use crate::rule::value::Value;
use crate::value::Personnummer;

impl Table {
    /// Adds a row of which only the key is known, whose cells are among these.
    pub(super) fn push_half_read(&mut self, key: &[FieldId], cells: &[Option<Cell<'_>>], offset: u64, line: u64) {
        for (place, column) in self.columns.iter_mut().enumerate() {
            let Some(column) = column else { continue };
            let is_own = key.iter().any(|field| usize::from(field.0) == place);
            column.push(cells[place].as_ref().filter(|_| is_own).unwrap_or(&Err(Lack::Rejected)));
        }
        self.place_row(offset, line, 0);
    }

    /// Puts those of the half-read rows among these whose key is believed and no other row's.
    #[must_use]
    pub fn with_half_read(self, half: &Self, extract: &Extract) -> Self {
        let (Some(own), Some(theirs)) = (self.columns_of(&extract.key), half.columns_of(&extract.key)) else {
            return self;
        };
        if half.is_empty() {
            return self;
        }
        let believed: Vec<usize> = believed(&self, half, extract);
        if believed.is_empty() {
            return self;
        }
        let mut sought = KeySet::of(extract.key.clone());
        for row in &believed {
            sought.insert_row(RowKey { columns: &theirs, row: *row });
        }
        let sought = sought.ready();
        let rows = (0..self.len()).filter(|row| sought.contains_row(RowKey { columns: &own, row: *row }));
        let mut known: HashSet<Key> = rows.filter_map(|row| self.key(row, &extract.key)).collect();
        let mut added = Self::empty(extract, self.night, &asked_for(&self));
        for row in believed {
            if half.key(row, &extract.key).is_some_and(|key| known.insert(key)) {
                let mut cells = vec![None; extract.fields.len()];
                for field in &extract.key {
                    cells[usize::from(field.0)] = Some(half.cell(row, *field));
                }
                added.push_half_read(&extract.key, &cells, half.offsets[row], half.line(row));
            }
        }
        self.with(added, extract)
    }

    /// Tells of the broken rows whose they are, where what stands in the fields that must be readable is written as whole rows
    /// write it: then they are not lost, whoever is asked about.
    pub(super) fn believe_forms(&mut self, extract: &Extract) {
        let must_read = &extract.guard.must_read;
        let written = |place: usize, of: &Self| {
            let sought = of.rejected.iter().filter(|row| row.lost).filter_map(|row| row.form.get(place).cloned());
            forms_found(of, must_read[place], sought.collect())
        };
        let forms: Vec<HashSet<String>> = (0..must_read.len()).map(|place| written(place, self)).collect();
        for rejected in self.rejected.iter_mut().filter(|row| row.lost && row.form.len() == must_read.len()) {
            rejected.lost = rejected.form.iter().zip(&forms).any(|(form, forms)| !forms.contains(form));
        }
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

/// The half-read rows whose keys are written as those of whole rows are.
fn believed(whole: &Table, half: &Table, extract: &Extract) -> Vec<usize> {
    let text = |row: usize, field: FieldId| match half.cell(row, field) {
        Ok(Value::Text(text)) => Some(text.into_owned()),
        _ => None,
    };
    let is_written_so = |field: &FieldId| {
        let sought: HashSet<String> =
            (0..half.len()).filter_map(|row| text(row, *field)).map(|text| form(&text)).collect();
        (*field, forms_found(whole, *field, sought))
    };
    let forms: Vec<(FieldId, HashSet<String>)> = extract.key.iter().map(is_written_so).collect();
    let is_believed = |row: &usize| {
        forms.iter().all(|(field, forms)| match half.cell(*row, *field) {
            Ok(Value::Text(text)) => forms.contains(&form(&text)) && Personnummer::parse(&text, whole.night).is_err(),
            other => other.is_ok(),
        })
    };
    (0..half.len()).filter(is_believed).collect()
}

/// Which of these forms some whole row's field is written in. Where all are, that shows within the first rows.
fn forms_found(whole: &Table, field: FieldId, mut sought: HashSet<String>) -> HashSet<String> {
    let mut found = HashSet::new();
    for row in 0..whole.len() {
        if sought.is_empty() {
            break;
        }
        if let Ok(Value::Text(text)) = whole.cell(row, field)
            && let Some(form) = sought.take(&form(&text))
        {
            found.insert(form);
        }
    }
    found
}

/// A text's form: its letters as `A`, its digits as `9`, its other signs as they are.
pub(super) fn form(text: &str) -> String {
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
