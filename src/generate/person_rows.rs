//! The rows of planer, dokument, inkomster and foretagsengagemang.

use std::io;

use chrono::{Datelike, Months};

use super::case::Case;
use super::documents::{self, Document, ReadCase, ReadPerson};
use super::draw::{Purpose, again};
use super::incomes::{self, MONTHS, SOURCES};
use super::number::{Form, Number};
use super::paid;
use super::plans::{MOST_PLANS, Plans};
use super::town::{Home, Town};
use super::writing::Writing;

/// The members of a household at the most.
pub const MEMBERS: u64 = 6;

/// Writes the plans of a member of a case, if there are any.
pub fn write_plans(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let town = writing.town;
    let case = Case::of(town, index / MEMBERS);
    let place = (index % MEMBERS) as usize;
    if place >= case.members.len() {
        return Ok(());
    }
    for (turn, plan) in (0u64..).zip(Plans::of(town, &case).rows(town, &case, place)) {
        let number = if plan.is_elsewhere { 2 * town.cases } else { case.index };
        writing.sheet.field(&Case::label(town, number));
        writing.person(case.members[place].number, Form::TwelveWithSign, (3 << 40) + index * MOST_PLANS + turn);
        let sheet = &mut writing.sheet;
        sheet.field(plan.activity);
        sheet.date(plan.from);
        match plan.to {
            None => sheet.empty(),
            Some(Ok(day)) => sheet.date(day),
            Some(Err(words)) => sheet.field(words),
        }
        sheet.number(plan.planned);
        sheet.number_or_empty(plan.attended);
        sheet.end_row()?;
    }
    Ok(())
}

/// Writes the document at one place of all cases, if there is one and it had been scanned.
pub fn write_document(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let town = writing.town;
    let case = Case::of(town, index / documents::PLACES);
    let Some(document) = documents::document(town, &case, index % documents::PLACES) else { return Ok(()) };
    if document.scanned.is_some_and(|day| day >= writing.night) {
        return Ok(());
    }
    let bits = town.draw.bits(Purpose::Scan, document.number + (1 << 40));
    if again(bits, 1, 200) == 0 {
        writing.sheet.quote_row();
    }
    let label = documents::label(town, document.number);
    writing.sheet.field(&label);
    match document.scanned {
        Some(day) => writing.sheet.date(day),
        None => writing.sheet.field("i går"),
    }
    write_read_person(writing, &document);
    match document.case {
        ReadCase::Nothing => writing.sheet.empty(),
        ReadCase::This => writing.sheet.field(&Case::label(town, case.index)),
        ReadCase::NoSuch if again(bits, 2, 2) == 0 => writing.sheet.field("EB-O0I7"),
        ReadCase::NoSuch => writing.sheet.field(&Case::label(town, 2 * town.cases + 7)),
    }
    let year = document.scanned.map_or(writing.night.year(), |day| day.year());
    let sheet = &mut writing.sheet;
    sheet.field(if document.has_type { documents::kind(town, document.number) } else { "" });
    sheet.number(1 + again(bits, 3, 12));
    sheet.field(&format!("skan\\{year}\\{label}.pdf"));
    sheet.end_row()
}

fn write_read_person(writing: &mut Writing<'_>, document: &Document) {
    match document.person {
        ReadPerson::Nothing => writing.sheet.empty(),
        ReadPerson::Number(number) => writing.person(number, Form::Twelve, (4 << 40) + document.number),
        ReadPerson::BadDigit(number) => {
            let twelve = number.twelve();
            writing.sheet.number(twelve / 10 * 10 + (twelve + 1) % 10);
        }
        ReadPerson::Garbled => writing.sheet.field("19B0-0l"),
    }
}

/// Writes what the sources answer of a member of a case.
pub fn write_incomes(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let town = writing.town;
    let case = Case::of(town, index / MEMBERS);
    let place = (index % MEMBERS) as usize;
    if place >= case.members.len() || !incomes::is_asked(&case, place) {
        return Ok(());
    }
    let (number, resident) = (case.members[place].number, case.members[place].resident);
    for (turn, source) in SOURCES.iter().enumerate() {
        if incomes::fails(town, resident, turn) {
            write_answer(writing, number, index, source, "FEL");
            (0..5).for_each(|_| writing.sheet.empty());
            writing.sheet.end_row()?;
            continue;
        }
        for back in (0..MONTHS).rev() {
            let month = incomes::month_before(writing.night, back);
            let day = incomes::payday(month);
            let paid = paid::paid(town, &case, place, turn, month).filter(|_| day < writing.night);
            write_answer(writing, number, index, source, "OK");
            let sheet = &mut writing.sheet;
            sheet.field(paid.map_or("", |benefit| benefit.name));
            sheet.field(&paid.map_or(String::new(), |it| format!("{}.{:02}", it.amount.0 / 100, it.amount.0 % 100)));
            sheet.date_or_empty(paid.map(|_| day));
            sheet.date(month);
            sheet.date_or_empty((month + Months::new(1)).pred_opt());
            sheet.end_row()?;
        }
    }
    Ok(())
}

fn write_answer(writing: &mut Writing<'_>, number: Number, index: u64, source: &str, answer: &str) {
    writing.person(number, Form::Twelve, (5 << 40) + index);
    writing.sheet.field(source);
    writing.sheet.field(answer);
}

/// Writes a resident's engagement in a company, if any.
pub fn write_engagement(writing: &mut Writing<'_>, resident: u64) -> io::Result<()> {
    let town = writing.town;
    let Some(engagement) = incomes::engagement(town, resident) else { return Ok(()) };
    writing.person(number_of(town, resident), Form::TwelveWithSign, (6 << 40) + resident);
    let sheet = &mut writing.sheet;
    sheet.field(&format!("{}-{:04}", engagement.organisation / 10_000, engagement.organisation % 10_000));
    sheet.field(&engagement.company);
    sheet.field(engagement.role);
    sheet.date(engagement.from);
    sheet.date_or_empty(engagement.to);
    sheet.end_row()
}

/// The number that a resident has in every register, chosen for a case or not.
fn number_of(town: &Town, resident: u64) -> Number {
    if let Home::Household { household, place } = town.home(resident)
        && let Some(case) = Case::at(town, household)
    {
        return case.members[place].number;
    }
    town.base_number(resident)
}
