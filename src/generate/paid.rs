//! What the sources of SSBTEK tell of each month: what is drawn, and what is planted in its place.

use chrono::NaiveDate;

use super::case::Case;
use super::cost::Ore;
use super::incomes::{self, Benefit, MONTHS, SOURCES};
use super::recurring_plant::{BENEFIT, Recurring, SOURCE};
use super::town::Town;

/// What a member has from a source for a month, by its first day, if anything.
pub fn paid(town: &Town, case: &Case, place: usize, source: usize, month: NaiveDate) -> Option<Benefit> {
    let member = &case.members[place];
    let planted = (source == SOURCE).then(|| Recurring::of(town, case)).flatten();
    match planted.filter(|it| it.target == place).and_then(|it| it.amount(town, month)) {
        Some(Ore(0)) => None,
        Some(amount) => Some(Benefit { name: BENEFIT, amount }),
        None => incomes::benefit(town, member.resident, member.age, source),
    }
}

/// What a case's current members have had in the months from `first` up to and including `last`, each by its first day,
/// as the last night sees it.
pub fn sum(town: &Town, case: &Case, first: NaiveDate, last: NaiveDate) -> Ore {
    let seen = (0..MONTHS).map(|back| incomes::month_before(town.nights.last, back));
    let told = seen.filter(|month| (first..=last).contains(month) && incomes::payday(*month) < town.nights.last);
    Ore(told.map(|month| of_month(town, case, month)).sum())
}

/// What a case's current members have had for a month from the sources that answer, in öre.
fn of_month(town: &Town, case: &Case, month: NaiveDate) -> u64 {
    let asked = case.current().iter().copied().filter(|place| incomes::is_asked(case, *place));
    let of = |place: usize| {
        let resident = case.members[place].resident;
        let answering = (0..SOURCES.len()).filter(move |source| !incomes::fails(town, resident, *source));
        answering.filter_map(move |source| paid(town, case, place, source, month))
    };
    asked.flat_map(of).map(|benefit| benefit.amount.0).sum()
}
