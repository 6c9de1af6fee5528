//! The rows of ansokningar and kostnader: the applications that had come in before the night, and their costs.

use std::io;

use chrono::{Datelike, Days};

use super::case::Case;
use super::claims::{self, Claims};
use super::cost::{Application, Blemish, Cost, Listed, Ore};
use super::draw::{Purpose, again};
use super::newcomers;
use super::number::Form;
use super::recurring;
use super::town::Town;
use super::writing::Writing;

/// The Kostnad with this number; as wide for the last as for the first, so that their texts are in the numbers' order.
pub fn cost_label(town: &Town, number: u64) -> String {
    let width = claims::last_cost(town).to_string().len();
    format!("K-{number:0width$}")
}

/// The Ansökan, with the year in which it came in.
pub fn application_label(town: &Town, application: &Application) -> String {
    let width = claims::last_application(town).to_string().len();
    format!("A{:02}-{:0width$}", application.received.year() % 100, application.number)
}

/// Writes the application at one place of all cases, if there is one.
pub fn write_application(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let Some((case, application)) = application(writing, index) else { return Ok(()) };
    if application.listed == Listed::Not {
        return Ok(());
    }
    let town = writing.town;
    let bits = town.draw.bits(Purpose::ApplicationRow, application.number);
    let sheet = &mut writing.sheet;
    if again(bits, 1, 200) == 0 {
        sheet.quote_row();
    }
    sheet.field(&application_label(town, &application));
    sheet.field(&Case::label(town, application.case));
    sheet.field(if application.is_first { "Ny" } else { "Åter" });
    sheet.field(if again(bits, 2, 4) == 0 { "Papper" } else { "E-tjänst" });
    match application.listed {
        Listed::Undated => sheet.empty(),
        Listed::Misdated => sheet.field(&format!("{}-02-30", application.received.year())),
        _ => sheet.date(application.received),
    }
    sheet.field(&application.period.format("%Y-%m").to_string());
    sheet.field(&income(town, &case, &application, bits).written(again(bits, 6, 4)));
    let (adults, children) = recurring::counted(town, &case, &application);
    sheet.number(adults as u64);
    if application.listed != Listed::Short {
        sheet.number(children as u64);
    }
    sheet.end_row()
}

/// Uppgivna inkomster: what the sources tell of the months that the application is about, for most of those that came in
/// lately.
fn income(town: &Town, case: &Case, application: &Application, bits: u64) -> Ore {
    if application.received + Days::new(28) < town.nights.last {
        return Ore(if again(bits, 3, 2) == 0 { 0 } else { 100 * again(bits, 4, 14_000) + 50 * again(bits, 5, 2) });
    }
    if application.is_first {
        newcomers::told(town, case, application)
    } else {
        recurring::told(town, case, application)
    }
}

/// Writes the costs of the application at one place of all cases.
pub fn write_costs(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let Some((case, application)) = application(writing, index) else { return Ok(()) };
    for cost in &application.costs {
        let copies = if cost.blemish == Blemish::Twice { 2 } else { 1 };
        for _ in 0..copies {
            write_cost(writing, &case, &application, cost)?;
        }
    }
    Ok(())
}

fn application(writing: &Writing<'_>, index: u64) -> Option<(Case, Application)> {
    let town = writing.town;
    let case = Case::of(town, index % town.cases);
    let application = Claims::of(town, &case).application(index / town.cases)?;
    (application.received < writing.night).then_some((case, application))
}

fn write_cost(writing: &mut Writing<'_>, case: &Case, application: &Application, cost: &Cost) -> io::Result<()> {
    let town = writing.town;
    let bits = town.draw.bits(Purpose::ApplicationRow, cost.number + (1 << 40));
    if again(bits, 1, 200) == 0 {
        writing.sheet.quote_row();
    }
    match cost.blemish {
        Blemish::NoKey => writing.sheet.empty(),
        _ => writing.sheet.field(&cost_label(town, cost.number)),
    }
    writing.sheet.field(&application_label(town, application));
    writing.sheet.field(&Case::label(town, application.case));
    writing.person(case.members[cost.buyer].number, Form::TwelveWithSign, cost.number + (1 << 40));
    let granted = cost.decided.filter(|(day, _)| *day < writing.night).map(|(_, granted)| granted);
    let sheet = &mut writing.sheet;
    sheet.field(if cost.blemish == Blemish::Kind { "Medicin" } else { cost.kind.word() });
    match cost.blemish {
        Blemish::Day => sheet.field(&format!("{}-11-31", cost.day.year())),
        _ => sheet.date(cost.day),
    }
    match cost.blemish {
        Blemish::Sought => sheet.field("7OO,00"),
        Blemish::NoSought => sheet.empty(),
        _ => sheet.field(&cost.sought.written(again(bits, 2, 4))),
    }
    match granted {
        _ if cost.blemish == Blemish::Short => return sheet.end_row(),
        _ if cost.blemish == Blemish::Granted => sheet.field("avslag"),
        Some(granted) => sheet.field(&granted.written(again(bits, 3, 4))),
        None => sheet.empty(),
    }
    sheet.end_row()
}
