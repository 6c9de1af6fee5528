//! Writes the right answers: the outcome of every subject on the last night, read off the tables of plants.
//!
//! Nothing here reads an extract or asks the engine. `since` and the previous night are the night before the last.

use std::io;
use std::path::Path;

use super::case::Case;
use super::claim_rows::{application_label, cost_label};
use super::claims::Claims;
use super::cost_table::HOGKOSTNADSSKYDD;
use super::documents::{self, SKANNING, document};
use super::fleet::Fleet;
use super::idle::AVSLUT;
use super::invoice_table::FAKTURAGRANSKNING;
use super::invoices;
use super::moves::{INFLYTTADE, Move};
use super::newcomers::{NYANSOKAN, answers};
use super::notified::{self, KONTROLLBESKED};
use super::number::Age;
use super::plans::{ANVISNING, Plans};
use super::plant::{Checks, Effect, Robot};
use super::recurring;
use super::recurring_table::BESLUTSSTOD;
use super::sampled::{self, BY_LOT, STICKPROV};
use super::second::{self, Second};
use super::sheet::{Dates, Dialect, Encoding, Sheet};
use super::supplier_table::LEVERANTORSKONTROLL;
use super::suppliers::{self, Supplier};
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

/// The robots that have answers, in the order in which they stand.
pub const ROBOTS: [&Robot; 14] = [
    &ANVISNING,
    &ARBETSFORMEDLINGEN,
    &AVSLUT,
    &BESLUTSSTOD,
    &FAKTURAGRANSKNING,
    &FOLKBOKFORING,
    &FORDONSINNEHAV,
    &HOGKOSTNADSSKYDD,
    &INFLYTTADE,
    &KONTROLLBESKED,
    &LEVERANTORSKONTROLL,
    &NYANSOKAN,
    &SKANNING,
    &STICKPROV,
];

/// Writes `facit.csv`, sorted by robot, case and subject; its size in bytes.
pub fn write(town: &Town, answers: Answers, folder: &Path) -> io::Result<u64> {
    let mut sheet = Sheet::create(folder, &FACIT)?;
    if answers == Answers::Given {
        ROBOTS.into_iter().try_for_each(|robot| write_robot(town, robot, &mut sheet))?;
    }
    sheet.finish()
}

fn write_robot(town: &Town, robot: &Robot, sheet: &mut Sheet) -> io::Result<()> {
    if robot.id == LEVERANTORSKONTROLL.id {
        return write_suppliers(town, sheet);
    }
    if robot.id == FAKTURAGRANSKNING.id {
        let mut subjects = invoices::subjects(town);
        return subjects.try_for_each(|(key, effect)| write_row(town, robot, &key, effect, false, sheet));
    }
    if robot.id == HOGKOSTNADSSKYDD.id {
        write_cut_short(town, sheet)?;
    }
    if [BESLUTSSTOD.id, NYANSOKAN.id, STICKPROV.id].contains(&robot.id) {
        write_cut_short_applications(town, robot, sheet)?;
    }
    if robot.id == SKANNING.id {
        // What is sorted by hand belongs to no case, and comes first.
        (0..town.cases).try_for_each(|index| write_documents(town, index, Placed::ByHand, sheet))?;
    }
    (0..town.cases).try_for_each(|index| write_case(town, robot, &Case::of(town, index), sheet))?;
    (0..town.cases).try_for_each(|index| write_second_case(town, robot, &Case::of(town, index), sheet))
}

/// The robots that go through cases or their members go through a second case too, and find nothing more there.
fn write_second_case(town: &Town, robot: &Robot, case: &Case, sheet: &mut Sheet) -> io::Result<()> {
    if !Second::of(town, case).is_some_and(Second::is_open) {
        return Ok(());
    }
    let label = Case::label(town, second::index(town, case));
    let is_protected = case.protected.is_some();
    let effect = match robot.id {
        id if [AVSLUT.id, FOLKBOKFORING.id].contains(&id) => Some(Effect::NONE),
        id if [ANVISNING.id, ARBETSFORMEDLINGEN.id, FORDONSINNEHAV.id].contains(&id) => {
            let effect = effects_of_members(town, robot, case)(0);
            return effect.map_or(Ok(()), |it| write_row(town, robot, &format!("{label}/1"), it, is_protected, sheet));
        }
        _ => None,
    };
    effect.map_or(Ok(()), |it| write_row(town, robot, &label, it, is_protected, sheet))
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

/// The rejected rows that tell their Ansökan: whether they are new is not known either.
fn write_cut_short_applications(town: &Town, robot: &Robot, sheet: &mut Sheet) -> io::Result<()> {
    let mut labels: Vec<String> = (0..town.cases)
        .flat_map(|index| Claims::of(town, &Case::of(town, index)).cut_short_applications().collect::<Vec<_>>())
        .map(|application| application_label(town, &application))
        .collect();
    labels.sort_unstable();
    let untried = Effect::undecided(robot.all());
    labels.iter().try_for_each(|label| write_row(town, robot, label, untried, true, sheet))
}

/// Whether a document is given to a case or sorted by hand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Placed {
    InCase,
    ByHand,
}

fn write_documents(town: &Town, index: u64, placed: Placed, sheet: &mut Sheet) -> io::Result<()> {
    let case = Case::of(town, index);
    let documents = (0..documents::PLACES).filter_map(|place| document(town, &case, place));
    let mut of_place = documents.filter(|it| (it.effect == Effect::NONE) == (placed == Placed::InCase));
    of_place.try_for_each(|it| {
        let label = documents::label(town, it.number);
        write_row(town, &SKANNING, &label, it.effect, it.is_protected, sheet)
    })
}

fn write_suppliers(town: &Town, sheet: &mut Sheet) -> io::Result<()> {
    for supplier in (0..2 * suppliers::count(town)).filter_map(|index| Supplier::of(town, index)) {
        if let Some(effect) = supplier.effect() {
            write_row(town, &LEVERANTORSKONTROLL, &supplier.label(), effect, false, sheet)?;
        }
    }
    Ok(())
}

fn write_case(town: &Town, robot: &Robot, case: &Case, sheet: &mut Sheet) -> io::Result<()> {
    let label = Case::label(town, case.index);
    let is_protected = case.protected.is_some();
    match robot.id {
        id if id == SKANNING.id => return write_documents(town, case.index, Placed::InCase, sheet),
        id if id == BESLUTSSTOD.id => {
            let answers = recurring::answers(town, case);
            return answers.iter().try_for_each(|it| {
                write_row(town, robot, &application_label(town, &it.application), it.effect, is_protected, sheet)
            });
        }
        id if id == STICKPROV.id => {
            return sampled::subjects(town, case).into_iter().try_for_each(|(application, effect)| {
                write_row(town, robot, &application_label(town, &application), effect, is_protected, sheet)
            });
        }
        _ if !case.open => return Ok(()),
        id if id == KONTROLLBESKED.id => {
            let answer = notified::answer(town, case);
            return answer.map_or(Ok(()), |effect| write_row(town, robot, &label, effect, is_protected, sheet));
        }
        id if id == FOLKBOKFORING.id => {
            let is_protected = is_protected || case.has_protected_lodger(town);
            return write_row(town, robot, &label, case.census.own, is_protected, sheet);
        }
        id if id == AVSLUT.id => {
            let effect = case.idle.map_or(Effect::NONE, |idle| idle.effect);
            return write_row(town, robot, &label, effect, is_protected, sheet);
        }
        id if id == NYANSOKAN.id => {
            let is_protected = is_protected || case.has_protected_lodger(town);
            return answers(town, case).into_iter().try_for_each(|(application, effect)| {
                write_row(town, robot, &application_label(town, &application), effect, is_protected, sheet)
            });
        }
        id if id == HOGKOSTNADSSKYDD.id => {
            let claims = Claims::of(town, case);
            return claims.subjects().try_for_each(|(number, effect)| {
                write_row(town, robot, &cost_label(town, number), effect, is_protected, sheet)
            });
        }
        _ => {}
    }
    let effect_of = effects_of_members(town, robot, case);
    for (turn, place) in case.numbered().into_iter().enumerate() {
        if let Some(effect) = effect_of(place) {
            write_row(town, robot, &format!("{label}/{}", turn + 1), effect, is_protected, sheet)?;
        }
    }
    Ok(())
}

/// What a robot whose subjects are members comes to for the one at a place; `None` for who is no subject.
fn effects_of_members<'t>(town: &'t Town, robot: &Robot, case: &'t Case) -> Box<dyn Fn(usize) -> Option<Effect> + 't> {
    match robot.id {
        id if id == FORDONSINNEHAV.id => {
            let fleet = Fleet::of(town, case);
            Box::new(move |place| (case.members[place].age != Age::Child).then(|| fleet.effect(case, place)))
        }
        id if id == ANVISNING.id => {
            let plans = Plans::of(town, case);
            Box::new(move |place| Plans::is_subject(case, place).then(|| plans.effect(town, case, place)))
        }
        id if id == INFLYTTADE.id => {
            let chosen = Move::of(town, case);
            let received = move || Claims::of(town, case).listed().map(|it| it.received).collect::<Vec<_>>();
            Box::new(move |place| chosen.as_ref().filter(|it| it.place == place)?.effect(received()))
        }
        _ => {
            let work = Work::of(town, case);
            Box::new(move |place| Work::is_subject(case, place).then(|| work.effect(case, place)))
        }
    }
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
        Effect::NONE if robot.id == STICKPROV.id => (BY_LOT, Checks::NONE),
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
