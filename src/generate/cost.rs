//! What an application holds: its costs, and how each stands in the extract.

use chrono::NaiveDate;

use super::plant::Effect;

/// Kostnadsslag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Medicine,
    Care,
    Dental,
    Power,
    Rent,
    Insurance,
    Broadband,
    Travel,
}

impl Kind {
    /// The word in the extract.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Medicine => "Läkemedel",
            Kind::Care => "Öppenvård",
            Kind::Dental => "Tandvård",
            Kind::Power => "El",
            Kind::Rent => "Hyra",
            Kind::Insurance => "Hemförsäkring",
            Kind::Broadband => "Bredband",
            Kind::Travel => "Resor",
        }
    }

    /// Whether robot hogkostnadsskydd looks at it.
    pub fn has_ceiling(self) -> bool {
        matches!(self, Kind::Medicine | Kind::Care)
    }
}

/// An amount in öre.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ore(pub u64);

impl Ore {
    /// Whole kronor.
    pub const fn kronor(kronor: u64) -> Ore {
        Ore(kronor * 100)
    }

    /// As an amount can be written: `289` or `289,00`, `289,50` or `289,5`; `bits` choose.
    pub fn written(self, bits: u64) -> String {
        let (kronor, ore) = (self.0 / 100, self.0 % 100);
        match bits % 4 {
            0 | 1 if ore == 0 => kronor.to_string(),
            2 if ore.is_multiple_of(10) && ore > 0 => format!("{kronor},{}", ore / 10),
            _ => format!("{kronor},{ore:02}"),
        }
    }
}

/// What is wrong with a cost's row, or odd about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blemish {
    None,
    /// Inköpsdatum is no date.
    Day,
    /// Sökt belopp is no amount.
    Sought,
    /// Sökt belopp is empty.
    NoSought,
    /// Beviljat belopp is no amount.
    Granted,
    /// Kostnadsslag is none of the eight.
    Kind,
    /// Kostnad is empty: the row is rejected.
    NoKey,
    /// The last field is missing: the row is rejected, and whose it is cannot be told.
    Short,
    /// The row stands there twice, alike to the last letter, and counts once.
    Twice,
}

/// One row of kostnader.
pub struct Cost {
    /// Runs through all costs; those of an application follow each other.
    pub number: u64,
    /// The member that it is for, by place in the case.
    pub buyer: usize,
    pub kind: Kind,
    pub day: NaiveDate,
    pub sought: Ore,
    /// When it was decided, and what was granted; `None` while nothing is.
    pub decided: Option<(NaiveDate, Ore)>,
    pub blemish: Blemish,
    /// What robot hogkostnadsskydd comes to for it; `None` for what is no subject.
    pub answer: Option<Effect>,
}

/// How an application stands in ansokningar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listed {
    Whole,
    /// Not at all, though its costs are there.
    Not,
    /// Inkom is empty.
    Undated,
    /// Inkom is no date.
    Misdated,
    /// The last field is missing: the row is rejected.
    Short,
}

/// One row of ansokningar, with its costs.
pub struct Application {
    /// Runs through all applications, the later months' after the earlier's.
    pub number: u64,
    /// Whose Ärendenummer it and its costs have.
    pub case: u64,
    pub is_first: bool,
    /// The day it came in; the extracts have it from the night after.
    pub received: NaiveDate,
    /// The first day of the month that is applied for.
    pub period: NaiveDate,
    pub listed: Listed,
    pub costs: Vec<Cost>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_with_or_without_the_decimals_that_say_nothing() {
        assert_eq!([0, 3].map(|bits| Ore::kronor(289).written(bits)), ["289", "289,00"]);
        assert_eq!([0, 2].map(|bits| Ore(28_950).written(bits)), ["289,50", "289,5"]);
        assert_eq!([0, 2].map(|bits| Ore(28_905).written(bits)), ["289,05", "289,05"]);
    }
}
