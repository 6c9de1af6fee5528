//! Writes the right answers: the outcome of every subject on the last night, read off the tables of plants.
//!
//! Nothing here reads an extract or asks the engine. `since` and the previous night are the night before the last.

use std::io;
use std::path::Path;

use super::case::Case;
use super::claim_rows::cost_label;
use super::claims::Claims;
use super::cost_table::HOGKOSTNADSSKYDD;
use super::fleet::Fleet;
use super::number::Age;
use super::plant::{Checks, Effect, Robot};
use super::sheet::{Dates, Dialect, Encoding, Sheet};
use super::tables::{ARBETSFORMEDLINGEN, FOLKBOKFORING, FORDONSINNEHAV};
use super::town::Town;
use super::work::Work;

/// Where the answers are written.
pub const FILE: &str = "facit.csv";

static FACIT: Dialect = Dialect {
    file: FILE,
    encoding: Encoding::Utf8WithMark,
    delimiter: ';',
    line_end: "\r\n",
    dates: Dates::Dashed,
    columns: &["night", "robot", "subject", "outcome", "checks"],
};

/// Whether there is a night before the last to compare with; without one there are no answers to give.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    Given,
    Withheld,
}

/// Writes `facit.csv`, sorted by robot, case and subject; its size in bytes.
pub fn write(town: &Town, answers: Answers, folder: &Path) -> io::Result<u64> {
    let mut sheet = Sheet::create(folder, &FACIT)?;
    if answers == Answers::Given {
        for robot in [&ARBETSFORMEDLINGEN, &FOLKBOKFORING, &FORDONSINNEHAV, &HOGKOSTNADSSKYDD] {
            if robot.id == HOGKOSTNADSSKYDD.id {
                write_cut_short(town, &mut sheet)?;
            }
            for index in 0..town.cases {
                write_case(town, robot, &Case::of(town, index), &mut sheet)?;
            }
        }
    }
    sheet.finish()
}

/// The rejected rows that tell their Kostnad: their cases are not known, so they come first, and count as protected.
fn write_cut_short(town: &Town, sheet: &mut Sheet) -> io::Result<()> {
    let mut numbers: Vec<u64> = (0..town.cases)
        .flat_map(|index| Claims::of(town, &Case::of(town, index)).cut_short().collect::<Vec<_>>())
        .collect();
    numbers.sort_unstable();
    let untried = Effect::undecided(HOGKOSTNADSSKYDD.all());
    numbers
        .into_iter()
        .try_for_each(|number| write_row(town, &HOGKOSTNADSSKYDD, &cost_label(town, number), untried, true, sheet))
}

fn write_case(town: &Town, robot: &Robot, case: &Case, sheet: &mut Sheet) -> io::Result<()> {
    if !case.open {
        return Ok(());
    }
    let label = Case::label(town, case.index);
    let is_protected = case.protected.is_some();
    if robot.id == FOLKBOKFORING.id {
        let is_protected = is_protected || case.has_protected_lodger(town);
        return write_row(town, robot, &label, case.census.own, is_protected, sheet);
    }
    if robot.id == HOGKOSTNADSSKYDD.id {
        let claims = Claims::of(town, case);
        for (number, effect) in claims.subjects() {
            write_row(town, robot, &cost_label(town, number), effect, is_protected, sheet)?;
        }
        return Ok(());
    }
    let (fleet, work) = (Fleet::of(town, case), Work::of(town, case));
    for (turn, place) in case.numbered().into_iter().enumerate() {
        let effect = if robot.id == FORDONSINNEHAV.id {
            (case.members[place].age != Age::Child).then(|| fleet.effect(case, place))
        } else {
            Work::is_subject(case, place).then(|| work.effect(case, place))
        };
        if let Some(effect) = effect {
            write_row(town, robot, &format!("{label}/{}", turn + 1), effect, is_protected, sheet)?;
        }
    }
    Ok(())
}

fn write_row(
    town: &Town,
    robot: &Robot,
    subject: &str,
    effect: Effect,
    is_protected: bool,
    sheet: &mut Sheet,
) -> io::Result<()> {
    let (outcome, checks) = match effect {
        Effect::NONE => ("clear", Checks::NONE),
        _ if is_protected => ("protected", Checks::NONE),
        Effect { deviations: Checks::NONE, undecided } => ("undecided", undecided),
        Effect { deviations, .. } => ("flagged", deviations),
    };
    sheet.date(town.nights.last);
    sheet.field(robot.id);
    sheet.field(subject);
    sheet.field(outcome);
    sheet.field(&checks.ids(robot));
    sheet.end_row()
}
