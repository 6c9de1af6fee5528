//! The table of plants of robot beslutsstod: what an application that is made again says, what the sources tell of the two
//! months before, what is sought, and what the right answer then is.
//!
//! What the words come to in a household stands in `recurring_plant`; everybody else applies as they always have.

use super::cost::Kind;
use super::plant::{Checks, Robot};

/// Robot beslutsstod, whose subjects are the applications that are made again. Its check `stickprov` is left out: whether one
/// is drawn for a closer look nobody can tell who has not the key.
pub const BESLUTSSTOD: Robot = Robot {
    id: "beslutsstod",
    checks: &[
        "plan-foljs-inte",
        "hushallet-andrat",
        "ej-kontrollerbar",
        "inkomst-avviker",
        "inkomst-andrad",
        "inkomst-upphord",
        "arbetsinkomst",
        "over-schablon",
        "saknar-schablon",
        "hogkostnad",
        "norm-saknas",
        "samma-period",
        "arende-saknas",
    ],
};

pub const PLAN: Checks = Checks(1);
pub const HOUSEHOLD: Checks = Checks(1 << 1);
pub const UNCHECKED: Checks = Checks(1 << 2);
pub const DIFFERS: Checks = Checks(1 << 3);
pub const CHANGED: Checks = Checks(1 << 4);
pub const ENDED: Checks = Checks(1 << 5);
pub const WAGE: Checks = Checks(1 << 6);
pub const OVER: Checks = Checks(1 << 7);
pub const WITHOUT: Checks = Checks(1 << 8);
pub const CEILING: Checks = Checks(1 << 9);
pub const NO_NORM: Checks = Checks(1 << 10);
pub const SAME_PERIOD: Checks = Checks(1 << 11);
pub const NO_CASE: Checks = Checks(1 << 12);

/// What one of the adults has from Försäkringskassan.
#[derive(Clone, Copy)]
pub enum Income {
    /// What is drawn, if anything.
    Drawn,
    /// So many öre in the month before the one that is looked at, and in that; 0 is nothing at all.
    Months(u64, u64),
    /// As much in both as leaves so many öre of the need.
    Leaves(i64),
}

/// What is sought, in öre beside the schablon.
#[derive(Clone, Copy)]
pub struct Sought {
    pub kind: Kind,
    /// More than the schablon; of a kind that has none, what is sought.
    pub above: u64,
    /// In so many rows.
    pub rows: u64,
}

/// Another application of the case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Other {
    None,
    /// Forty days ago, for the same month.
    SamePeriod,
    /// The day before, for the next month.
    NextPeriod,
}

/// One row of the table.
pub struct RecurringPlant {
    /// How many cases of a thousand get it, before it is asked whether the household suits.
    pub per_mille: u64,
    pub income: Income,
    /// What is told of the incomes beside what the sources tell, in öre.
    pub told: i64,
    /// Beside the household's own: adults and children.
    pub counted: (usize, usize),
    pub sought: &'static [Sought],
    pub other: Other,
    pub checks: Checks,
}

const fn income(income: Income, checks: Checks) -> RecurringPlant {
    RecurringPlant { per_mille: 4, income, told: 0, counted: (0, 0), sought: &[], other: Other::None, checks }
}

const fn told(told: i64, checks: Checks) -> RecurringPlant {
    RecurringPlant { told, ..income(Income::Months(500_000, 500_000), checks) }
}

const fn sought(sought: &'static [Sought], checks: Checks) -> RecurringPlant {
    RecurringPlant { sought, ..income(Income::Drawn, checks) }
}

const fn rent(above: u64, rows: u64) -> Sought {
    Sought { kind: Kind::Rent, above, rows }
}

/// The plants of robot beslutsstod.
pub static RECURRING: [RecurringPlant; 24] = [
    // A hundred kronor more or less than what the sources tell, and an öre besides.
    told(10_000, Checks::NONE),
    told(10_001, DIFFERS),
    told(-10_000, Checks::NONE),
    told(-10_001, DIFFERS),
    // Twelve per cent of the month before, and an öre besides.
    income(Income::Months(500_000, 560_000), Checks::NONE),
    income(Income::Months(500_000, 560_001), CHANGED),
    income(Income::Months(500_000, 440_000), Checks::NONE),
    income(Income::Months(500_000, 439_999), CHANGED),
    income(Income::Months(0, 310_000), CHANGED),
    income(Income::Months(310_000, 0), ENDED),
    income(Income::Months(1, 0), ENDED),
    // Nothing left of the need is granted too, an öre too much is not.
    RecurringPlant { sought: &[rent(0, 1)], ..income(Income::Leaves(0), Checks::NONE) },
    RecurringPlant { sought: &[rent(0, 1)], ..income(Income::Leaves(-1), Checks::NONE) },
    RecurringPlant { sought: &[rent(0, 1)], ..income(Income::Leaves(1), Checks::NONE) },
    // The schablon, and an öre above it; of several rows of a kind the sum.
    sought(&[rent(0, 1), Sought { kind: Kind::Power, above: 0, rows: 1 }], Checks::NONE),
    sought(&[rent(0, 1), Sought { kind: Kind::Power, above: 1, rows: 1 }], OVER),
    sought(&[rent(0, 2)], Checks::NONE),
    sought(&[rent(1, 2)], OVER),
    sought(&[Sought { kind: Kind::Dental, above: 20_000, rows: 1 }], WITHOUT),
    // Over one schablon and without another.
    sought(&[rent(100, 1), Sought { kind: Kind::Travel, above: 100, rows: 2 }], OVER.and(WITHOUT)),
    RecurringPlant { counted: (1, 0), ..income(Income::Drawn, HOUSEHOLD) },
    RecurringPlant { counted: (0, 1), ..income(Income::Drawn, HOUSEHOLD) },
    RecurringPlant { other: Other::SamePeriod, ..income(Income::Drawn, SAME_PERIOD) },
    RecurringPlant { other: Other::NextPeriod, ..income(Income::Drawn, Checks::NONE) },
];

/// How many cases of a thousand have something planted.
pub fn planted_per_mille() -> u64 {
    RECURRING.iter().map(|plant| plant.per_mille).sum()
}
