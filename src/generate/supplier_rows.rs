//! The rows of leverantorer, foretag, betalmottagare, varningslista and avtal.

use std::io;

use chrono::{Days, NaiveDate};

use super::draw::{Purpose, again};
use super::suppliers::{self, Method, Supplier};
use super::town::Town;
use super::writing::Writing;

/// Writes a supplier's row, if the night has it.
pub fn write_supplier(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let (town, night) = (writing.town, writing.night);
    let Some(supplier) = Supplier::of(town, index).filter(|supplier| supplier.is_listed(night)) else { return Ok(()) };
    let account = supplier.account(night);
    let sheet = &mut writing.sheet;
    sheet.field(&supplier.label());
    sheet.field(&supplier.name());
    sheet.field(&supplier.number());
    sheet.field(account.method.word());
    sheet.field(&account.text);
    sheet.date(town.as_seen(supplier.created(), night, 365));
    sheet.date_or_empty(supplier.changed().map(|day| town.as_seen(day, night, 365)));
    sheet.field(if supplier.is_blocked() { "J" } else { "N" });
    sheet.end_row()
}

/// Writes a company's row, if the night's register has it.
pub fn write_company(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let (town, night) = (writing.town, writing.night);
    let Some(supplier) = Supplier::of(town, index) else { return Ok(()) };
    let Some(company) = supplier.companys_row(night) else { return Ok(()) };
    let bits = town.draw.bits(Purpose::SupplierRow, index + (5 << 40));
    let letter = |is: bool| if is { "J" } else { "N" };
    let sheet = &mut writing.sheet;
    sheet.field(&company.number);
    sheet.field(&supplier.name());
    sheet.field(company.has_tax.map_or("", letter));
    sheet.field(letter(again(bits, 1, 20) > 0));
    sheet.field(letter(again(bits, 2, 3) > 0));
    sheet.field(company.status);
    sheet.date(town.as_seen(company.since, night, 365));
    sheet.end_row()
}

/// Writes whose a supplier's account is, if it is known.
pub fn write_recipient(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let Some(supplier) = Supplier::of(writing.town, index) else { return Ok(()) };
    let account = supplier.account(writing.night);
    let Some(number) = supplier.recipient().filter(|_| account.method != Method::Iban) else { return Ok(()) };
    let sheet = &mut writing.sheet;
    sheet.field(account.method.word());
    sheet.field(&account.text.replace(['-', ' '], ""));
    sheet.field(&number);
    sheet.end_row()
}

/// How many rows of warnings there are at the most: those of suppliers, and a few of others.
pub fn warnings(town: &Town) -> u64 {
    suppliers::count(town) + 40 + town.residents / 1_000
}

/// Writes a warning: of a supplier where one is planted, otherwise of a stranger.
pub fn write_warning(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let town = writing.town;
    let suppliers = suppliers::count(town);
    let bits = town.draw.bits(Purpose::Warning, index);
    let (number, account, name) = if index < suppliers {
        let Some(supplier) = Supplier::of(town, index) else { return Ok(()) };
        let Some((number, account)) = supplier.warning() else { return Ok(()) };
        (number, account, supplier.name())
    } else {
        let (number, account) = suppliers::stranger(town, index);
        let of = |part: u64, text: String| if again(bits, 1, 3) == part { String::new() } else { text };
        (of(0, number.to_string()), of(1, account.to_string()), format!("Nordiska Företagsregistret {index}"))
    };
    let sheet = &mut writing.sheet;
    sheet.field(&number);
    sheet.field(&account);
    sheet.field(&name);
    sheet.date(town.nights.first - Days::new(1 + again(bits, 2, 900)));
    sheet.end_row()
}

/// A supplier's contract.
pub struct Contract {
    pub label: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// In kronor; far above what is ever paid.
    ceiling: Option<u64>,
}

/// The contract of a supplier, if there is one: every fifth has one.
pub fn contract(town: &Town, index: u64) -> Option<Contract> {
    let label = format!("AVT-{:06}", index + 1);
    let supplier = Supplier::of(town, index)?;
    if let Some((to, ceiling)) = supplier.planted_contract() {
        return Some(Contract { label, from: to - Days::new(700), to, ceiling: Some(ceiling) });
    }
    // What is planted among the invoices of others is bought without one.
    if supplier.invoices().is_some() || !town.draw.chance(Purpose::Contract, index, 2_000) {
        return None;
    }
    let bits = town.draw.bits(Purpose::Contract, index + (1 << 40));
    let from = town.nights.last - Days::new(30 + again(bits, 1, 900));
    Some(Contract {
        label,
        from,
        to: from + Days::new(700 + again(bits, 2, 700)),
        ceiling: (again(bits, 3, 4) > 0).then(|| 2_000_000 + 50_000 * again(bits, 4, 100)),
    })
}

/// Writes a supplier's contract, if there is one.
pub fn write_contract(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    const SUBJECTS: [&str; 6] =
        ["Kontorsmaterial", "Konsulttjänster", "Livsmedel", "Bygg; underhåll", "Städning", "Programvara"];
    let town = writing.town;
    let Some(contract) = contract(town, index) else { return Ok(()) };
    let Some(supplier) = Supplier::of(town, index) else { return Ok(()) };
    let sheet = &mut writing.sheet;
    sheet.field(&contract.label);
    sheet.field(&supplier.label());
    sheet.field(town.draw.pick(Purpose::Contract, index + (2 << 40), &SUBJECTS));
    sheet.date(contract.from);
    sheet.date(contract.to);
    sheet.number_or_empty(contract.ceiling);
    sheet.end_row()
}
