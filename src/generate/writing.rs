//! An extract on its way to disk: the town, the night, the sheet, and how its persons are written.

use chrono::{Datelike, NaiveDate};

use super::draw::Purpose;
use super::number::{Form, Number};
use super::sheet::Sheet;
use super::town::Town;

/// An extract that is being written for one night.
pub struct Writing<'t> {
    pub town: &'t Town,
    pub night: NaiveDate,
    pub sheet: Sheet,
}

impl Writing<'_> {
    /// A person's number, in the usual form or, for a few of the rows, in another.
    pub fn person(&mut self, number: Number, usual: Form, index: u64) {
        // The few who have turned a hundred mostly show their `+`.
        let usual = if number.year() <= self.night.year() - 100 { Form::TenWithSign } else { usual };
        let form = Form::drawn(usual, self.town.draw.bits(Purpose::Form, index));
        self.sheet.field(&form.write(number, self.night.year()));
    }
}
