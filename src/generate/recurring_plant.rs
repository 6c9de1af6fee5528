//! What is planted in a case for robot beslutsstod, and what the table's words come to there.
//!
//! Only households where nothing else is planted that an application meets: what they come to is then what the table says.

use chrono::{Months, NaiveDate};

use super::case::{Case, Role};
use super::ceiling;
use super::cost::{Kind, Ore};
use super::draw::Purpose;
use super::incomes::{self, SOURCES};
use super::moves::Move;
use super::norm;
use super::number::Age;
use super::plant::{share_at, slot};
use super::planted::Planted;
use super::recurring_table::{Income, RECURRING, RecurringPlant};
use super::second::Second;
use super::tables::CensusKind;
use super::town::Town;
use super::work::Work;

/// The source that plants are told by, as a place in `SOURCES`, and what it calls them.
pub const SOURCE: usize = 0;
pub const BENEFIT: &str = "Sjukpenning";

/// What is planted in a case.
pub struct Recurring {
    pub plant: &'static RecurringPlant,
    /// The member whose income it is, by place in the case.
    pub target: usize,
    /// In the month before the one that is looked at, and in that; `None` where it is as drawn.
    amounts: Option<[Ore; 2]>,
}

impl Recurring {
    /// Works out what is planted in a case; nothing where the household does not suit.
    pub fn of(town: &Town, case: &Case) -> Option<Recurring> {
        let plant = share_at(&RECURRING, |plant| plant.per_mille, slot(town.draw, Purpose::Recurring, case.index))?;
        let target = case.current_of(|age| age == Age::Working).first().copied()?;
        if !is_plain(town, case) {
            return None;
        }
        let amounts = match plant.income {
            Income::Drawn => None,
            Income::Months(before, looked_at) => Some([Ore(before), Ore(looked_at)]),
            Income::Leaves(left) => {
                let amount = needed(town, case, plant)?.checked_sub_signed(left)?;
                let amount = amount.checked_sub(of_others(town, case, target)).filter(|amount| *amount > 0)?;
                Some([Ore(amount); 2])
            }
        };
        Some(Recurring { plant, target, amounts })
    }

    /// What the source tells of a month, by its first day; `None` where it is as drawn.
    pub fn amount(&self, town: &Town, month: NaiveDate) -> Option<Ore> {
        let [before, looked_at] = self.amounts?;
        Some(if month < looked_at_month(town) { before } else { looked_at })
    }

    /// What is sought, row by row.
    pub fn costs(&self, town: &Town, case: &Case) -> Vec<(Kind, Ore)> {
        let rows = self.plant.sought.iter().flat_map(|sought| {
            let limit = norm::schablon(sought.kind, case.current().len(), period(town)).unwrap_or(Ore(0));
            let sum = limit.0 + sought.above;
            let part = move |row| Ore(sum / sought.rows + if row == 0 { sum % sought.rows } else { 0 });
            (0..sought.rows).map(move |row| (sought.kind, part(row)))
        });
        rows.collect()
    }
}

/// The month that is applied for on the day that decides, and the one whose incomes are then looked at.
pub fn period(town: &Town) -> NaiveDate {
    incomes::month_before(town.nights.since, 0)
}

fn looked_at_month(town: &Town) -> NaiveDate {
    period(town) - Months::new(1)
}

/// Whether nothing else is planted that an application meets, and every source answers and tells of no wage.
fn is_plain(town: &Town, case: &Case) -> bool {
    let is_usual = case.open
        && case.idle.is_none()
        && case.born.is_none()
        && case.protected.is_none()
        && case.census.kind == CensusKind::Nothing;
    let answers = |place: &usize| {
        let member = &case.members[*place];
        let wage = incomes::benefit(town, member.resident, member.age, incomes::WAGE);
        wage.is_none() && (0..SOURCES.len()).all(|source| !incomes::fails(town, member.resident, source))
    };
    is_usual
        && town.nights.last >= ceiling::first_night()
        && asked(case).all(|place| answers(&place))
        && Planted::of(town, case).is_none()
        && Work::of(town, case).is_plain()
        && Move::of(town, case).is_none()
        && Second::of(town, case).is_none()
}

fn asked(case: &Case) -> impl Iterator<Item = usize> {
    case.current().iter().copied().filter(|place| incomes::is_asked(case, *place))
}

/// The norm and what is sought within the schabloner, in öre.
fn needed(town: &Town, case: &Case, plant: &'static RecurringPlant) -> Option<u64> {
    let (adults, children): (Vec<usize>, Vec<usize>) =
        case.current().iter().partition(|place| case.members[**place].role != Role::Child);
    let ages: Option<Vec<i32>> = children.iter().map(|place| case.members[*place].age_on(period(town))).collect();
    let norm = norm::of_household(period(town), adults.len(), &ages?)?;
    let costs = Recurring { plant, target: 0, amounts: None }.costs(town, case);
    Some(norm.0 + costs.iter().map(|(_, sought)| sought.0).sum::<u64>())
}

/// What the household has a month beside what is planted, in öre.
fn of_others(town: &Town, case: &Case, target: usize) -> u64 {
    let of = |place: usize| {
        let member = &case.members[place];
        let sources = (0..SOURCES.len()).filter(move |source| (place, *source) != (target, SOURCE));
        sources.filter_map(|source| incomes::benefit(town, member.resident, member.age, source))
    };
    asked(case).flat_map(of).map(|benefit| benefit.amount.0).sum()
}
