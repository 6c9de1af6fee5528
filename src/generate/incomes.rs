//! What the sources of SSBTEK answer of each adult, a month at a time, and who has a company.
//!
//! Incomes are the same from month to month, but for those that are planted: see `paid`. Most applications tell of them as
//! they are.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::case::{Case, Role};
use super::cost::Ore;
use super::draw::{Purpose, again};
use super::names;
use super::number::Age;
use super::suppliers;
use super::town::Town;

/// The sources, each with a row a month for every adult.
pub const SOURCES: [&str; 5] = ["FK", "CSN", "PM", "SO", "SKV"];
/// The one of them that tells of wages, as a place among them.
pub const WAGE: usize = 4;
/// The night's month and the three before it.
pub const MONTHS: u64 = 4;
/// The day of the month on which benefits are paid, less one.
const PAID_AFTER: u64 = 24;

/// What somebody has from one source each month.
#[derive(Clone, Copy)]
pub struct Benefit {
    pub name: &'static str,
    pub amount: Ore,
}

/// Whether the sources are asked about a member.
pub fn is_asked(case: &Case, place: usize) -> bool {
    let member = &case.members[place];
    member.age != Age::Child || member.role != Role::Child
}

/// What a resident has from a source, if anything.
pub fn benefit(town: &Town, resident: u64, age: Age, source: usize) -> Option<Benefit> {
    let bits = town.draw.bits(Purpose::Income, resident);
    // One of a hundred, and what it is and how much.
    let share = again(bits, 1, 100);
    let (name, least, spread, in_100): (&[&str], u64, u64, std::ops::Range<u64>) = match (SOURCES[source], age) {
        ("PM", Age::Senior) => (&["Ålderspension", "Äldreförsörjningsstöd"], 5_000, 6_000, 0..95),
        (_, Age::Senior) => return None,
        ("FK", _) => (&["Sjukpenning", "Föräldrapenning", "Aktivitetsersättning"], 1_500, 7_000, 0..18),
        ("CSN", _) => (&["Studiemedel"], 3_000, 2_000, 18..22),
        ("SO", _) => (&["A-kassa"], 4_000, 6_000, 22..30),
        ("SKV", _) => (&["Arbetsinkomst"], 1_000, 9_000, 30..38),
        _ => return None,
    };
    let amount = Ore(Ore::kronor(least + again(bits, 2, spread)).0 + 10 * again(bits, 3, 10));
    in_100.contains(&share).then(|| Benefit { name: name[again(bits, 4, name.len() as u64) as usize], amount })
}

/// Whether a source fails to answer for a resident.
pub fn fails(town: &Town, resident: u64, source: usize) -> bool {
    town.draw.chance(Purpose::Answered, resident * SOURCES.len() as u64 + source as u64, 80)
}

/// The first day of the month so many months before that of `night`.
pub fn month_before(night: NaiveDate, months: u64) -> NaiveDate {
    night.with_day(1).unwrap_or(night) - Months::new(months as u32)
}

/// The day on which the benefits of a month are paid.
pub fn payday(month: NaiveDate) -> NaiveDate {
    month + Days::new(PAID_AFTER)
}

/// What somebody is to a company.
pub struct Engagement {
    pub organisation: u64,
    pub company: String,
    pub role: &'static str,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

/// A resident's engagement in a company, if any; a few of the adults have one.
pub fn engagement(town: &Town, resident: u64) -> Option<Engagement> {
    const ROLES: [&str; 5] = ["Styrelseledamot", "Suppleant", "Bolagsman", "Verkställande direktör", "Likvidator"];
    if town.age(resident) != Age::Working || !town.draw.chance(Purpose::Engagement, resident, 500) {
        return None;
    }
    let bits = town.draw.bits(Purpose::Engagement, resident + (1 << 40));
    let last = town.nights.last;
    let (from, to) = match again(bits, 1, 20) {
        0 => (last - Days::new(400), Some(last - Days::new(1))),
        1 => (last - Days::new(400), Some(last)),
        2 => (last, None),
        3 => (last + Days::new(1), None),
        4..8 => (last - Days::new(1_500), Some(last - Days::new(30 + again(bits, 2, 900)))),
        _ => (last - Days::new(60 + again(bits, 3, 4_000)), None),
    };
    let organisation = suppliers::organisation(town, 2_000_000 + resident % 2_000_000);
    let company = format!(
        "{} {}",
        names::family(town.draw, resident, resident),
        if bits.is_multiple_of(2) { "AB" } else { "& Co; HB" }
    );
    Some(Engagement { organisation, company, role: ROLES[again(bits, 4, 5) as usize], from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_four_months_begins_three_months_before() {
        let night: NaiveDate = "2026-11-21".parse().unwrap();
        assert_eq!(month_before(night, MONTHS - 1).to_string(), "2026-08-01");
        assert_eq!(payday(month_before(night, 0)).to_string(), "2026-11-25");
        assert_eq!(SOURCES[WAGE], "SKV");
    }
}
