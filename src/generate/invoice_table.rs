//! The table of plants of robot fakturagranskning: a supplier's invoices, and what the right answer then is.
//!
//! A supplier with one of them has no other invoices near, or none at all, so that every sum is that of the plant's own.

use super::plant::{Checks, Effect, Robot};

/// Robot fakturagranskning, whose subjects are the invoices that were booked on the day that it starts from.
pub const FAKTURAGRANSKNING: Robot = Robot {
    id: "fakturagranskning",
    checks: &[
        "varningslista",
        "okand-leverantor",
        "annat-konto",
        "dubblett",
        "fore-upplagg",
        "samma-person",
        "ny-och-stor",
        "over-tak",
        "uppdelad",
        "utan-avtal",
        "utanfor-avtalstid",
        "trolig-dubblett",
        "jamnt-belopp",
    ],
};

const WARNED: Checks = Checks(1);
const NO_SUPPLIER: Checks = Checks(1 << 1);
const OTHER_ACCOUNT: Checks = Checks(1 << 2);
const TWICE: Checks = Checks(1 << 3);
const BEFORE: Checks = Checks(1 << 4);
const ONE_PERSON: Checks = Checks(1 << 5);
const NEW_AND_BIG: Checks = Checks(1 << 6);
const OVER: Checks = Checks(1 << 7);
const SPLIT: Checks = Checks(1 << 8);
const NO_CONTRACT: Checks = Checks(1 << 9);
const OUTSIDE: Checks = Checks(1 << 10);
const LIKELY_TWICE: Checks = Checks(1 << 11);
const EVEN: Checks = Checks(1 << 12);

/// What is not as it should be with one invoice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    Nothing,
    /// A supplier number that is not in the night's extract.
    UnknownSupplier,
    OtherAccount,
    /// The supplier's account, written otherwise.
    AccountRespelled,
    OnePerson,
    Void,
    OtherOffice,
    /// With the supplier's contract, or one that is not there.
    WithContract,
    MissingContract,
}

/// One invoice; days are before `since`.
#[derive(Clone, Copy)]
pub struct Spec {
    pub label: &'static str,
    /// In öre; negative is a credit.
    pub ore: i64,
    pub dated: u64,
    /// 0 for the ones that are subjects.
    pub booked: u64,
    pub oddity: Oddity,
    /// `None` for what is credited or void, and no subject.
    pub effect: Option<Effect>,
}

const fn invoice(label: &'static str, ore: i64, dated: u64) -> Spec {
    Spec { label, ore, dated, booked: 0, oddity: Oddity::Nothing, effect: Some(Effect::NONE) }
}

impl Spec {
    const fn booked(self, booked: u64) -> Spec {
        Spec { booked, effect: None, ..self }
    }

    const fn with(self, oddity: Oddity) -> Spec {
        Spec { oddity, ..self }
    }

    const fn is(self, checks: Checks) -> Spec {
        Spec { effect: Some(Effect::deviates(checks)), ..self }
    }

    const fn untried(self, checks: Checks) -> Spec {
        Spec { effect: Some(Effect::undecided(checks)), ..self }
    }

    const fn no_subject(self) -> Spec {
        Spec { effect: None, ..self }
    }
}

/// What there is about the supplier itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum About {
    Nothing,
    /// Upplagd so many days before `since`.
    Created(u64),
    /// The company is registered so many days before `since`.
    Registered(u64),
    /// A contract with a ceiling of 100 000 kronor.
    Ceiling,
    /// A contract that ended so many days before `since`.
    Ended(u64),
}

/// One row of the table.
pub struct InvoicePlant {
    pub invoices: &'static [Spec],
    pub about: About,
    /// Whether the supplier has its usual invoices too, up to two months ago.
    pub has_usual: bool,
}

const fn of(invoices: &'static [Spec]) -> InvoicePlant {
    InvoicePlant { invoices, about: About::Nothing, has_usual: false }
}

/// For who is warned of, by number or account.
pub static OF_WARNED: InvoicePlant = of(&[invoice("X-31", 481_250, 2).is(WARNED)]);
/// For who is not in the register of companies.
pub static OF_UNREGISTERED: InvoicePlant = of(&[invoice("X-32", 481_250, 2).untried(BEFORE)]);

/// The plants.
pub static INVOICES: [InvoicePlant; 34] = [
    of(&[invoice("X-1", 481_250, 2).with(Oddity::OtherAccount).is(OTHER_ACCOUNT)]),
    of(&[invoice("X-1", 481_250, 2).with(Oddity::AccountRespelled)]),
    of(&[invoice("X-1", 481_250, 2).with(Oddity::UnknownSupplier).is(NO_SUPPLIER)]),
    of(&[invoice("X-1", 481_250, 2).with(Oddity::OnePerson).is(ONE_PERSON)]),
    // The same number, however it is written and whatever the amount; not one that is void.
    of(&[invoice("X-77", 481_250, 90).booked(80), invoice("0x 77", 120_075, 2).is(TWICE)]),
    of(&[invoice("X-77", 481_250, 3).is(TWICE), invoice("X77", 481_250, 2).is(TWICE)]),
    of(&[invoice("X-77", 481_250, 90).booked(80).with(Oddity::Void), invoice("X-77", 481_250, 2)]),
    of(&[invoice("X-77", 481_250, 90).booked(80), invoice("X-770", 120_075, 2)]),
    // The same amount and one sign between the numbers, ten days apart and eleven; and two signs.
    of(&[invoice("X-7712", 481_250, 12).booked(9), invoice("X-7713", 481_250, 2).is(LIKELY_TWICE)]),
    of(&[invoice("X-7712", 481_250, 12).booked(9), invoice("X-77123", 481_250, 2).is(LIKELY_TWICE)]),
    of(&[invoice("X-7712", 481_250, 13).booked(9), invoice("X-7713", 481_250, 2)]),
    of(&[invoice("X-7712", 481_250, 12).booked(9), invoice("X-7735", 481_250, 2)]),
    of(&[invoice("X-7712", 481_250, 12).booked(9), invoice("X-7713", 481_251, 2)]),
    // The first day of the company, and the day before.
    InvoicePlant { about: About::Registered(10), ..of(&[invoice("X-1", 481_250, 10)]) },
    InvoicePlant { about: About::Registered(10), ..of(&[invoice("X-1", 481_250, 11).is(BEFORE)]) },
    // Twenty-nine days after the supplier was put up, and thirty; 50 000 kronor, and an öre less.
    InvoicePlant { about: About::Created(29), ..of(&[invoice("X-1", 5_000_000, 2).is(NEW_AND_BIG)]) },
    InvoicePlant { about: About::Created(29), ..of(&[invoice("X-1", 4_999_999, 2)]) },
    InvoicePlant { about: About::Created(30), ..of(&[invoice("X-1", 5_000_000, 2)]) },
    // To the ceiling, and an öre over it.
    InvoicePlant {
        about: About::Ceiling,
        ..of(&[
            invoice("X-1", 6_000_050, 90).booked(80).with(Oddity::WithContract),
            invoice("X-20", 3_999_950, 2).with(Oddity::WithContract),
        ])
    },
    InvoicePlant {
        about: About::Ceiling,
        ..of(&[
            invoice("X-1", 6_000_050, 90).booked(80).with(Oddity::WithContract),
            invoice("X-20", 3_999_951, 2).with(Oddity::WithContract).is(OVER),
        ])
    },
    // The last day of the contract, and the day after.
    InvoicePlant { about: About::Ended(3), ..of(&[invoice("X-1", 481_250, 3).with(Oddity::WithContract)]) },
    InvoicePlant { about: About::Ended(3), ..of(&[invoice("X-1", 481_250, 2).with(Oddity::WithContract).is(OUTSIDE)]) },
    of(&[invoice("X-1", 481_250, 2).with(Oddity::MissingContract).untried(OVER.and(OUTSIDE))]),
    // Three within seven days, and within eight; to the limit of attestation; to another office; one that needs attesting.
    of(&[
        invoice("X-1", 3_400_125, 9).booked(6),
        invoice("X-22", 3_400_250, 5).booked(4),
        invoice("X-333", 3_400_375, 2).is(SPLIT),
    ]),
    of(&[
        invoice("X-1", 3_400_125, 10).booked(6),
        invoice("X-22", 3_400_250, 5).booked(4),
        invoice("X-333", 3_400_375, 2),
    ]),
    of(&[
        invoice("X-1", 3_333_325, 9).booked(6),
        invoice("X-22", 3_333_350, 5).booked(4),
        invoice("X-333", 3_333_325, 2),
    ]),
    of(&[
        invoice("X-1", 3_400_125, 9).booked(6),
        invoice("X-22", 3_400_250, 5).booked(4).with(Oddity::OtherOffice),
        invoice("X-333", 3_400_375, 2),
    ]),
    of(&[
        invoice("X-1", 3_400_125, 9).booked(6),
        invoice("X-22", 10_000_000, 5).booked(4),
        invoice("X-333", 3_400_375, 2),
    ]),
    // 700 000 kronor in twelve months, and half a krona more.
    of(&[
        invoice("X-1", 35_000_000, 200).booked(190),
        invoice("X-22", 34_000_000, 100).booked(90),
        invoice("X-333", 1_000_000, 2),
    ]),
    of(&[
        invoice("X-1", 35_000_000, 200).booked(190),
        invoice("X-22", 34_000_000, 100).booked(90),
        invoice("X-333", 1_000_050, 2).is(NO_CONTRACT),
    ]),
    // Credited and credit are both out of it.
    of(&[invoice("X-1", 481_250, 3).no_subject(), invoice("X-1", -481_250, 2).no_subject()]),
    // An even thousand where no other is, from 10 000 kronor on.
    InvoicePlant { has_usual: true, ..of(&[invoice("X-1", 1_000_000, 2).is(EVEN)]) },
    InvoicePlant { has_usual: true, ..of(&[invoice("X-1", 900_000, 2)]) },
    InvoicePlant { has_usual: true, ..of(&[invoice("X-1", 1_000_050, 2)]) },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_subject_was_booked_before_or_is_cancelled_on_the_day() {
        let cancelled = |plant: &InvoicePlant| plant.invoices.iter().map(|it| it.ore).sum::<i64>() == 0;
        for plant in &INVOICES {
            assert!(cancelled(plant) || plant.invoices.iter().all(|it| (it.booked == 0) == it.effect.is_some()));
        }
    }
}
