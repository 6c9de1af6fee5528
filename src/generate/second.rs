//! Second cases: somebody who lives alone and has, or has had, another case beside.
//!
//! For robot nyansokan that is a check of its own, for robot skanning a reason not to know where a document belongs. The
//! others come to the same in the second case as in the first: it is only given to those for whom nothing else is planted.

use chrono::{Days, Months, NaiveDate};

use super::case::Case;
use super::draw::Purpose;
use super::fleet::Fleet;
use super::moves::Move;
use super::number::Age;
use super::plant::{share_at, slot};
use super::tables::CensusKind;
use super::town::Town;
use super::work::Work;

/// How the second case stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Second {
    /// Pågående, as the first.
    Open,
    /// Avslutat, and the membership ended 200 days ago.
    Closed,
    /// The membership ended twenty-four months before the last night, the first day that counts.
    ClosedOnLimit,
    ClosedDayBeforeLimit,
    /// Till och med is empty, and Senaste utbetalning the first day that counts.
    PaidOnLimit,
    PaidDayBeforeLimit,
    /// Till och med and Senaste utbetalning are empty, and Aktualiserad the first day that counts.
    OpenedOnLimit,
}

/// What is given to cases of a thousand, before it is asked whether the household suits.
static SECONDS: [(Second, u64); 7] = [
    (Second::Open, 12),
    (Second::Closed, 6),
    (Second::ClosedOnLimit, 6),
    (Second::ClosedDayBeforeLimit, 6),
    (Second::PaidOnLimit, 6),
    (Second::PaidDayBeforeLimit, 6),
    (Second::OpenedOnLimit, 6),
];

impl Second {
    /// The second case of those in `case`, if there is one.
    pub fn of(town: &Town, case: &Case) -> Option<Second> {
        let (second, _) = share_at(&SECONDS, |(_, share)| *share, slot(town.draw, Purpose::SecondCase, case.index))?;
        let is_alone = case.members.len() == 1 && case.current() == [0] && case.members[0].age == Age::Working;
        let is_plain =
            case.open && case.idle.is_none() && case.born.is_none() && case.census.kind == CensusKind::Nothing;
        let suits = is_alone
            && is_plain
            && Fleet::of(town, case).is_plain()
            && Work::of(town, case).is_plain()
            && Move::of(town, case).is_none();
        suits.then_some(*second)
    }

    pub fn is_open(self) -> bool {
        self == Second::Open
    }

    /// Whether it still counts for robot nyansokan.
    pub fn counts(self) -> bool {
        !matches!(self, Second::ClosedDayBeforeLimit | Second::PaidDayBeforeLimit)
    }

    /// The last day of the membership; `None` while none is told.
    pub fn until(self, town: &Town) -> Option<NaiveDate> {
        match self {
            Second::Closed => Some(town.nights.last - Days::new(200)),
            Second::ClosedOnLimit => Some(limit(town)),
            Second::ClosedDayBeforeLimit => Some(limit(town) - Days::new(1)),
            _ => None,
        }
    }

    /// Senaste utbetalning of a case that is closed.
    pub fn paid(self, town: &Town) -> Option<NaiveDate> {
        match self {
            Second::PaidOnLimit => Some(limit(town)),
            Second::PaidDayBeforeLimit => Some(limit(town) - Days::new(1)),
            Second::OpenedOnLimit => None,
            _ => self.until(town),
        }
    }

    /// Aktualiserad, and the first day of the membership.
    pub fn opened(self, town: &Town) -> NaiveDate {
        match self {
            Second::Open => town.nights.last - Days::new(300),
            Second::OpenedOnLimit => limit(town),
            _ => limit(town) - Days::new(300),
        }
    }
}

/// The index of the second case beside this one; it has no household of its own.
pub fn index(town: &Town, case: &Case) -> u64 {
    town.cases + case.index
}

/// The first day of the last twenty-four months.
fn limit(town: &Town) -> NaiveDate {
    town.nights.last - Months::new(24)
}
