//! Writes what robot beslutsstod is to recommend on the last night, with what it reckons from: `rekommendationer.csv`.
//!
//! Each is what is right for an application that is not drawn for a closer look; one that is goes to somebody to decide
//! by hand, with the same amounts. Of a protected household stands only what has no deviation, as in the robot's own list.

use std::io;
use std::path::Path;

use super::case::Case;
use super::claim_rows::application_label;
use super::cost::Ore;
use super::facit::Answers;
use super::plant::Effect;
use super::recurring::{self, Answer};
use super::sheet::{Dates, Dialect, Encoding, Sheet};
use super::town::Town;

/// Where they are written.
pub const FILE: &str = "rekommendationer.csv";

static RECOMMENDATIONS: Dialect = Dialect {
    file: FILE,
    encoding: Encoding::Utf8WithMark,
    delimiter: ';',
    line_end: "\r\n",
    dates: Dates::Dashed,
    columns: &["night", "ansökan", "rekommendation", "norm", "godkända kostnader", "inkomster", "beräknat behov"],
};

/// Writes the file, sorted by case and application; its size in bytes.
pub fn write(town: &Town, answers: Answers, folder: &Path) -> io::Result<u64> {
    let mut sheet = Sheet::create(folder, &RECOMMENDATIONS)?;
    if answers == Answers::Given {
        for index in 0..town.cases {
            let case = Case::of(town, index);
            let all = recurring::answers(town, &case).into_iter();
            let mut shown = all.filter(|it| it.effect == Effect::NONE || case.protected.is_none());
            shown.try_for_each(|answer| write_row(town, &answer, &mut sheet))?;
        }
    }
    sheet.finish()
}

fn write_row(town: &Town, answer: &Answer, sheet: &mut Sheet) -> io::Result<()> {
    let need = answer.reckoning.need();
    sheet.date(town.nights.last);
    sheet.field(&application_label(town, &answer.application));
    sheet.field(match need {
        Some(need) if answer.effect == Effect::NONE => {
            if need < 0 {
                "avslag"
            } else {
                "bifall"
            }
        }
        _ => "manuell",
    });
    for part in [answer.reckoning.norm, answer.reckoning.costs, answer.reckoning.incomes] {
        sheet.field(&part.map_or_else(String::new, |Ore(ore)| written(ore.cast_signed())));
    }
    sheet.field(&need.map_or_else(String::new, written));
    sheet.end_row()
}

/// An amount as officials read it: `3 100`, `250,50`.
fn written(ore: i64) -> String {
    let digits = (ore.unsigned_abs() / 100).to_string();
    let spaced = |(place, digit): (usize, char)| {
        let is_after_three = place > 0 && (digits.len() - place).is_multiple_of(3);
        if is_after_three { format!(" {digit}") } else { digit.to_string() }
    };
    let kronor: String = digits.chars().enumerate().map(spaced).collect();
    let sign = if ore < 0 { "-" } else { "" };
    match ore.unsigned_abs() % 100 {
        0 => format!("{sign}{kronor}"),
        rest => format!("{sign}{kronor},{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_its_thousands_apart_and_ore_where_there_are_any() {
        let cases = [(0, "0"), (310_000, "3 100"), (25_050, "250,50"), (-1, "-0,01"), (123_456_789, "1 234 567,89")];
        for (ore, text) in cases {
            assert_eq!(written(ore), text);
        }
    }
}
