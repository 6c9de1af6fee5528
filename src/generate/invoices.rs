//! The invoices: some every month from each supplier, one row for each kontering.
//!
//! They are in order: no two from one supplier have the same number or, within some weeks, the same amount, none is an
//! even thousand, and together they stay below every limit for what is bought without a contract.

use std::io;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::ceiling::date;
use super::draw::{Purpose, again};
use super::supplier_rows::contract;
use super::suppliers::{self, Supplier};
use super::town::Town;
use super::writing::Writing;

/// The year of the last night and the one before it.
const MONTHS: u64 = 24;
/// Invoices of a supplier and month; with two konteringar each, some two hundred in two years.
const A_MONTH: u64 = 4;

/// How many invoices there can be.
pub fn places(town: &Town) -> u64 {
    suppliers::count(town) * MONTHS * A_MONTH
}

/// Writes the konteringar of the invoice at one place of all suppliers, if it had been booked.
pub fn write_invoice(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let (town, night) = (writing.town, writing.night);
    let (owner, ordinal) = (index / (MONTHS * A_MONTH), index % (MONTHS * A_MONTH));
    let Some(supplier) = Supplier::of(town, owner).filter(|supplier| supplier.is_listed(town.nights.first)) else {
        return Ok(());
    };
    let bits = town.draw.bits(Purpose::Invoice, index);
    let dated = month(town, ordinal / A_MONTH) + Days::new(again(bits, 1, 28));
    let booked = dated + Days::new(1 + again(bits, 2, 6));
    // Nothing is bought of late from who is blocked.
    if booked >= night || (supplier.is_blocked() && booked + Days::new(90) > town.nights.last) {
        return Ok(());
    }
    let contract = contract(town, owner)
        .filter(|contract| (contract.from..=contract.to).contains(&dated) && again(bits, 3, 5) > 0)
        .map_or(String::new(), |contract| contract.label);
    let invoice = Invoice { ordinal, dated, booked, contract, bits };
    let parts = 1 + again(bits, 4, 3);
    for part in 0..parts {
        invoice.write(writing, &supplier, index, (part, parts))?;
    }
    Ok(())
}

/// The first day of a month, counted from January of the year before the last night's.
fn month(town: &Town, months: u64) -> NaiveDate {
    date(town.nights.last.year() - 1, 1, 1) + Months::new(months as u32)
}

struct Invoice {
    ordinal: u64,
    dated: NaiveDate,
    booked: NaiveDate,
    contract: String,
    bits: u64,
}

impl Invoice {
    /// The amount of one of its parts, in öre. The öre of the first tell the invoices of some weeks apart.
    fn amount(&self, part: u64) -> u64 {
        let kronor = 90 + again(self.bits, 10 + part, 3_800);
        if part == 0 { 100 * kronor + 1 + self.ordinal % 99 } else { 100 * kronor }
    }

    /// Its number, in the way of its supplier.
    fn label(&self, supplier: &Supplier<'_>) -> String {
        let number = self.ordinal * 7 + supplier.index % 7;
        match supplier.index % 4 {
            0 => format!("{}", 10_000 + 13 * number),
            1 => format!("F{}-{:04}", self.dated.year() % 100, 11 * number),
            2 => format!("00{}", 200_000 + 101 * number),
            _ => format!("{}/{}", 5_000 + 17 * number, self.dated.year()),
        }
    }

    fn write(
        &self,
        writing: &mut Writing<'_>,
        supplier: &Supplier<'_>,
        index: u64,
        (part, parts): (u64, u64),
    ) -> io::Result<()> {
        const ACCOUNTS: [(&str, &str); 6] = [
            ("4010", "Inköp av varor"),
            ("5010", "Lokalhyra"),
            ("5460", "Förbrukningsmaterial"),
            ("6550", "Konsultarvoden"),
            ("7690", "Övriga personalkostnader"),
            ("5420", "Programvaror; licenser"),
        ];
        const OFFICES: [&str; 6] = [
            "Socialförvaltningen",
            "Utbildningsförvaltningen",
            "Omsorgsförvaltningen",
            "Stadsbyggnad",
            "Kultur och fritid",
            "Kommunledningskontoret",
        ];
        let town = writing.town;
        let (account, account_text) = ACCOUNTS[again(self.bits, 20 + part, 6) as usize];
        let amount = self.amount(part);
        let clerk = again(self.bits, 6, 40);
        let sheet = &mut writing.sheet;
        sheet.field(&format!("212000-{}", town.municipality));
        sheet.field("Kommunen");
        sheet.field(&format!("V{}-{:09}", self.booked.year(), index + 1));
        sheet.field(&supplier.name());
        sheet.field(&supplier.number());
        sheet.field(account);
        sheet.field(account_text);
        sheet.field(&format!("{},{:02}", amount / 100, amount % 100));
        sheet.date(self.booked);
        sheet.field(OFFICES[again(self.bits, 5, 6) as usize]);
        sheet.field(&self.label(supplier));
        sheet.field(if parts > 1 { "delad" } else { "" });
        sheet.field(&self.contract);
        sheet.field(&town.municipality);
        sheet.empty();
        sheet.field(&supplier.label());
        sheet.date(self.dated);
        sheet.date(self.dated + Days::new(30));
        sheet.field(&supplier.account(town.nights.last).text);
        sheet.field(&format!("anv{clerk:03}"));
        sheet.field(&format!("chef{:02}", again(self.bits, 7, 25)));
        sheet.field("N");
        sheet.end_row()
    }
}
