//! The words of the table of costs: who bought what, when and for how much, how it was applied for, and what the right
//! answer is.
//!
//! The table itself stands in `cost_table`, and what its words come to in a town in `claims`.

use super::cost::{Blemish, Listed, Ore};
use super::plant::{Checks, Effect, Who};

/// Which kind the purchases of a plant are of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Läkemedel or Öppenvård, as it is drawn.
    Either,
    Medicine,
    Care,
}

/// Which of those that a plant is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Buyer {
    First,
    Second,
}

/// A day, reckoned from the last night; never after `since`.
#[derive(Clone, Copy)]
pub enum Day {
    /// So many days before `since`.
    Ago(u64),
    /// Twelve months before the day that is so many days before `since`.
    YearBefore(u64),
    /// Twelve months after `YearBefore`: the first day of the next period.
    Anniversary(u64),
    /// The day before `Anniversary`, the last of the period.
    Eve(u64),
    /// The buyer's 18th birthday.
    Eighteen,
    /// The day before it.
    EveOfEighteen,
    /// 2025-06-20, when a period still begins under the older rules.
    OldFirst,
    /// The last days of such a period, before `since`.
    OldLast,
    /// 2026-06-25, after it.
    OldPast,
    /// 2025-07-01, when a period begins under the newer rules.
    NewFirst,
}

/// What was paid.
#[derive(Clone, Copy)]
pub enum Amount {
    Ore(u64),
    /// So many kronor less than the ceiling.
    Below(u64),
    /// So many kronor more.
    Above(u64),
    /// So many kronor less than nine tenths of it.
    BelowNineTenths(u64),
    /// The ceiling as it was on the day of the purchase.
    Ceiling,
}

/// How a purchase was applied for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// A few days after the purchase, in an application of its own.
    Earlier,
    /// The same, in another case.
    EarlierElsewhere,
    /// On `since`, in one application with the plant's others.
    Tonight,
    /// On `since`, in another case, where the buyer is no member.
    TonightElsewhere,
    /// The day before `since`, the last that is not new.
    DayBefore,
    /// Some time ago, in an application that cannot be found or dated.
    Astray(Listed),
}

/// What was decided.
#[derive(Clone, Copy)]
pub enum Granted {
    All,
    Nothing,
    /// So many kronor.
    Part(u64),
    Undecided,
}

/// One purchase, or several that make up one amount.
#[derive(Clone, Copy)]
pub struct Purchase {
    pub day: Day,
    pub amount: Amount,
    pub buyer: Buyer,
    /// Bought in so many parts, a fortnight apart from `day` on.
    pub parts: u64,
    /// The other one of Läkemedel and Öppenvård.
    pub is_other_kind: bool,
    pub sought: Sought,
    pub granted: Granted,
    pub blemish: Blemish,
    /// What robot hogkostnadsskydd comes to for it, where it is a subject.
    pub effect: Effect,
}

impl Purchase {
    const fn made(day: Day, amount: Amount, sought: Sought, granted: Granted) -> Purchase {
        Purchase {
            day,
            amount,
            buyer: Buyer::First,
            parts: 1,
            is_other_kind: false,
            sought,
            granted,
            blemish: Blemish::None,
            effect: Effect::NONE,
        }
    }

    pub const fn by_second(self) -> Purchase {
        Purchase { buyer: Buyer::Second, ..self }
    }

    pub const fn in_parts(self, parts: u64) -> Purchase {
        Purchase { parts, ..self }
    }

    pub const fn of_other_kind(self) -> Purchase {
        Purchase { is_other_kind: true, ..self }
    }

    pub const fn sought(self, sought: Sought) -> Purchase {
        Purchase { sought, ..self }
    }

    pub const fn granted(self, granted: Granted) -> Purchase {
        Purchase { granted, ..self }
    }

    pub const fn blemished(self, blemish: Blemish) -> Purchase {
        Purchase { blemish, ..self }
    }

    pub const fn deviates(self, checks: Checks) -> Purchase {
        Purchase { effect: self.effect.and(Effect::deviates(checks)), ..self }
    }

    pub const fn undecided(self, checks: Checks) -> Purchase {
        Purchase { effect: self.effect.and(Effect::undecided(checks)), ..self }
    }

    /// Whether its application has the number of another case than the buyer's.
    pub fn is_in_another_case(&self) -> bool {
        matches!(self.sought, Sought::EarlierElsewhere | Sought::TonightElsewhere)
    }

    /// Whether it may be a subject of robot hogkostnadsskydd on the last night.
    pub fn is_subject(&self) -> bool {
        matches!(self.sought, Sought::Tonight | Sought::Astray(_))
    }
}

/// A purchase that has been applied for before `since`, and been granted.
pub const fn earlier(day: Day, amount: Amount) -> Purchase {
    Purchase::made(day, amount, Sought::Earlier, Granted::All)
}

/// A purchase that is applied for on `since`, and is not decided.
pub const fn new(day: Day, amount: Amount) -> Purchase {
    Purchase::made(day, amount, Sought::Tonight, Granted::Undecided)
}

/// A purchase whose application cannot be found or dated: whether it is new cannot be told.
pub const fn astray(listed: Listed) -> Purchase {
    Purchase::made(Day::Ago(20), kronor(240), Sought::Astray(listed), Granted::Undecided)
}

pub const fn kronor(kronor: u64) -> Amount {
    Amount::Ore(Ore::kronor(kronor).0)
}

/// One row of the table of costs. `purchases` begin with the period's first; the ceiling that amounts are told from is
/// that of the day of the first new one.
pub struct CostPlant {
    /// How many cases of a thousand get it, before it is asked whether the household suits.
    pub per_mille: u64,
    pub of: Of,
    pub who: Who,
    pub purchases: &'static [Purchase],
}

impl CostPlant {
    pub const fn of(of: Of, per_mille: u64, who: Who, purchases: &'static [Purchase]) -> CostPlant {
        CostPlant { per_mille, of, who, purchases }
    }

    pub const fn either(per_mille: u64, who: Who, purchases: &'static [Purchase]) -> CostPlant {
        CostPlant::of(Of::Either, per_mille, who, purchases)
    }

    pub const fn medicine(per_mille: u64, who: Who, purchases: &'static [Purchase]) -> CostPlant {
        CostPlant::of(Of::Medicine, per_mille, who, purchases)
    }

    pub const fn care(per_mille: u64, who: Who, purchases: &'static [Purchase]) -> CostPlant {
        CostPlant::of(Of::Care, per_mille, who, purchases)
    }

    /// Whether it stands or falls with the two sets of rules that met on 2025-07-01.
    pub fn is_dated(&self) -> bool {
        self.purchases
            .iter()
            .any(|purchase| matches!(purchase.day, Day::OldFirst | Day::OldLast | Day::OldPast | Day::NewFirst))
    }
}
