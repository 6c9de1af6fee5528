//! The table of plants of robot leverantorskontroll: what is wrong with a supplier, and what the right answer then is.
//!
//! The shares are of `ROUND` suppliers. What a plant looks like in the registers stands in `suppliers`.

use super::plant::{Checks, Effect, Plant, Robot, Who};

/// Robot leverantorskontroll, whose subjects are the suppliers that are not blocked.
pub const LEVERANTORSKONTROLL: Robot = Robot {
    id: "leverantorskontroll",
    checks: &[
        "varningslista",
        "konkurs",
        "kontot-annans",
        "okant-foretag",
        "f-skatt-upphort",
        "saknar-fskatt",
        "kontot-bytt",
        "delat-konto",
        "ogiltigt-konto",
        "ogiltigt-orgnr",
    ],
};

const WARNED: Checks = Checks(1);
const BANKRUPT: Checks = Checks(1 << 1);
const OF_OTHER: Checks = Checks(1 << 2);
const UNKNOWN: Checks = Checks(1 << 3);
const TAX_ENDED: Checks = Checks(1 << 4);
const NO_TAX: Checks = Checks(1 << 5);
const CHANGED: Checks = Checks(1 << 6);
const SHARED: Checks = Checks(1 << 7);
const BAD_ACCOUNT: Checks = Checks(1 << 8);
const BAD_NUMBER: Checks = Checks(1 << 9);

/// So many suppliers have each plant once, those of the table of invoices too.
pub const ROUND: u64 = 200;

/// What there is about a supplier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Nothing,
    WarnedNumber,
    WarnedAccount,
    /// Somebody of the same name is warned of, with neither number nor account.
    WarnedNameAlone,
    Bankrupt,
    Liquidated,
    Deregistered,
    AccountOfOther,
    /// The account is not among those that are known.
    AccountUnlisted,
    /// IBAN, which is not tried.
    Iban,
    NotRegistered,
    NotRegisteredAssociation,
    /// F-skatt was J last night.
    TaxEnded,
    NoTax,
    /// The company was not in last night's register.
    NoTaxNewCompany,
    /// The number begins with 8, or with 2: no F-skatt is wanted.
    NoTaxAssociation,
    NoTaxAuthority,
    /// F-skatt is empty.
    TaxUnknown,
    /// Another account last night.
    AccountChanged,
    /// Bankgiro last night, and plusgiro with the same digits tonight.
    MethodChanged,
    /// Ändrad betaluppgift is `since`.
    ChangedOnSince,
    ChangedDayBefore,
    /// The same account, written otherwise last night.
    Respelled,
    /// Not in last night's extract.
    NewTonight,
    /// Another supplier number of another company has the same account.
    Shared,
    SharedSameCompany,
    /// The other one is blocked, and counts all the same.
    SharedBlocked,
    /// The same digits, one bankgiro and one plusgiro.
    SharedOtherMethod,
    BadDigit,
    TooShort,
    TooLong,
    /// As short as a plusgiro can be.
    ShortGiro,
    WrongNumber,
    /// The same, with a row in the register.
    WrongNumberRegistered,
    NineDigits,
    /// Twelve digits that begin with 16.
    TwelveDigits,
    SoleTrader,
    SoleTraderTwelve,
    /// The third digit is below 2, and the number is nobody's person number.
    ThirdDigit,
}

const fn flags(kind: Kind, checks: Checks) -> Plant<Kind> {
    Plant::flags(kind, 1, Who::Anyone, checks)
}

const fn clear(kind: Kind) -> Plant<Kind> {
    Plant::clear(kind, 1, Who::Anyone)
}

const fn hides(kind: Kind, checks: Checks) -> Plant<Kind> {
    Plant::hides(kind, 1, Who::Anyone, checks)
}

/// Nothing planted.
pub static NOTHING: Plant<Kind> = Plant::clear(Kind::Nothing, 0, Who::Anyone);

/// The plants; `partner` is for the other supplier number of one account.
pub static SUPPLIERS: [Plant<Kind>; 38] = [
    flags(Kind::WarnedNumber, WARNED),
    flags(Kind::WarnedAccount, WARNED),
    clear(Kind::WarnedNameAlone),
    flags(Kind::Bankrupt, BANKRUPT),
    flags(Kind::Liquidated, BANKRUPT),
    flags(Kind::Deregistered, BANKRUPT),
    flags(Kind::AccountOfOther, OF_OTHER),
    hides(Kind::AccountUnlisted, OF_OTHER),
    clear(Kind::Iban),
    flags(Kind::NotRegistered, UNKNOWN),
    flags(Kind::NotRegisteredAssociation, UNKNOWN),
    flags(Kind::TaxEnded, TAX_ENDED.and(NO_TAX)),
    flags(Kind::NoTax, NO_TAX),
    flags(Kind::NoTaxNewCompany, NO_TAX),
    clear(Kind::NoTaxAssociation),
    clear(Kind::NoTaxAuthority),
    hides(Kind::TaxUnknown, TAX_ENDED.and(NO_TAX)),
    flags(Kind::AccountChanged, CHANGED),
    flags(Kind::MethodChanged, CHANGED),
    flags(Kind::ChangedOnSince, CHANGED),
    clear(Kind::ChangedDayBefore),
    clear(Kind::Respelled),
    clear(Kind::NewTonight),
    flags(Kind::Shared, SHARED).with_partner(Effect::deviates(SHARED.and(OF_OTHER))),
    flags(Kind::SharedSameCompany, SHARED).with_partner(Effect::deviates(SHARED)),
    flags(Kind::SharedBlocked, SHARED),
    clear(Kind::SharedOtherMethod),
    flags(Kind::BadDigit, BAD_ACCOUNT),
    flags(Kind::TooShort, BAD_ACCOUNT),
    flags(Kind::TooLong, BAD_ACCOUNT),
    clear(Kind::ShortGiro),
    flags(Kind::WrongNumber, UNKNOWN.and(BAD_NUMBER)),
    flags(Kind::WrongNumberRegistered, BAD_NUMBER),
    flags(Kind::NineDigits, UNKNOWN.and(BAD_NUMBER)),
    clear(Kind::TwelveDigits),
    clear(Kind::SoleTrader),
    clear(Kind::SoleTraderTwelve),
    flags(Kind::ThirdDigit, BAD_NUMBER),
];

#[cfg(test)]
mod tests {
    use super::super::invoice_table::INVOICES;
    use super::super::tables::total;
    use super::*;

    #[test]
    fn there_is_room_for_every_plant_in_a_round() {
        assert_eq!(total(&SUPPLIERS), SUPPLIERS.len() as u64);
        assert!(total(&SUPPLIERS) + (INVOICES.len() as u64) < ROUND);
    }
}
