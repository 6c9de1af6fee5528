//! The invoices: some every month from each supplier, one row for each kontering.
//!
//! The usual ones are in order: no two from one supplier have the same number or, within some weeks, the same amount, none is an
//! even thousand, and together they stay below every limit for what is bought without a contract.

use std::io;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::ceiling::date;
use super::draw::{Purpose, again};
use super::invoice_table::Oddity;
use super::plant::Effect;
use super::supplier_rows::contract;
use super::suppliers::{self, Supplier};
use super::town::Town;
use super::writing::Writing;

/// The year of the last night and the one before it.
const MONTHS: u64 = 24;
/// Invoices of a supplier and month; with two konteringar each, some two hundred in two years.
const A_MONTH: u64 = 4;
/// The most invoices of a plant.
const PLANTED: u64 = 3;
/// So many days before the last night who is looked at for something else has no usual invoices.
const QUIET: u64 = 90;

/// How many invoices there can be, the planted ones not counted.
fn usual_places(town: &Town) -> u64 {
    suppliers::count(town) * MONTHS * A_MONTH
}

/// How many invoices there can be.
pub fn places(town: &Town) -> u64 {
    usual_places(town) + suppliers::count(town) * PLANTED
}

/// Writes the konteringar of the invoice at one place of all suppliers, if it had been booked.
pub fn write_invoice(writing: &mut Writing<'_>, index: u64) -> io::Result<()> {
    let Some((supplier, invoice)) = invoice(writing.town, index) else { return Ok(()) };
    if invoice.booked >= writing.night {
        return Ok(());
    }
    (0..invoice.parts).try_for_each(|part| invoice.write(writing, &supplier, part))
}

/// The invoices that robot fakturagranskning goes through on the last night, and what comes out of each.
pub fn subjects(town: &Town) -> impl Iterator<Item = (String, Effect)> {
    let all = (0..places(town)).filter_map(|index| invoice(town, index));
    let new = all.filter(|(_, invoice)| invoice.booked == town.nights.since);
    new.filter_map(|(supplier, invoice)| {
        let key = [invoice.supplier_label(&supplier), invoice.label.clone(), invoice.voucher()].join("/");
        Some((key, invoice.effect?))
    })
}

/// The invoice at one place, if there is one.
fn invoice(town: &Town, index: u64) -> Option<(Supplier<'_>, Invoice)> {
    match index.checked_sub(usual_places(town)) {
        None => usual(town, index),
        Some(rest) => planted(town, index, rest / PLANTED, (rest % PLANTED) as usize),
    }
}

fn usual(town: &Town, index: u64) -> Option<(Supplier<'_>, Invoice)> {
    let (owner, ordinal) = (index / (MONTHS * A_MONTH), index % (MONTHS * A_MONTH));
    let supplier = Supplier::of(town, owner).filter(|supplier| supplier.is_listed(town.nights.first))?;
    let bits = town.draw.bits(Purpose::Invoice, index);
    let dated = month(town, ordinal / A_MONTH) + Days::new(again(bits, 1, 28));
    let booked = dated + Days::new(1 + again(bits, 2, 6));
    // Nothing is bought of late from who is blocked, or has something else to be looked at for.
    let has_usual = supplier.invoices().is_none_or(|plant| plant.has_usual);
    if !supplier.is_usual() && (booked + Days::new(QUIET) > town.nights.last || !has_usual) {
        return None;
    }
    let contract = contract(town, owner)
        .filter(|contract| (contract.from..=contract.to).contains(&dated) && again(bits, 3, 5) > 0)
        .map_or(String::new(), |contract| contract.label);
    let parts = 1 + again(bits, 4, 3);
    let amount = |part: u64| {
        let kronor = 90 + again(bits, 10 + part, 3_800);
        // The öre of the first tell the invoices of some weeks apart.
        (100 * kronor + if part == 0 { 1 + ordinal % 99 } else { 0 }).cast_signed()
    };
    let invoice = Invoice {
        index,
        label: label(&supplier, ordinal, dated),
        amounts: [amount(0), amount(1), amount(2)],
        parts,
        dated,
        booked,
        contract,
        oddity: Oddity::Nothing,
        effect: Some(Effect::NONE),
        bits,
    };
    Some((supplier, invoice))
}

fn planted(town: &Town, index: u64, owner: u64, turn: usize) -> Option<(Supplier<'_>, Invoice)> {
    let supplier = Supplier::of(town, owner)?;
    let spec = supplier.invoices()?.invoices.get(turn)?;
    let ago = |days| town.nights.since - Days::new(days);
    // In two parts where it can be, which together are the amount.
    let parts = 1 + u64::from(owner.is_multiple_of(2));
    let second = if parts == 2 { spec.ore / 3 } else { 0 };
    let invoice = Invoice {
        index,
        label: spec.label.to_owned(),
        amounts: [spec.ore - second, second, 0],
        parts,
        dated: ago(spec.dated),
        booked: ago(spec.booked),
        contract: match spec.oddity {
            Oddity::WithContract => contract(town, owner).map_or(String::new(), |contract| contract.label),
            Oddity::MissingContract => "AVT-SAKNAS".to_owned(),
            _ => String::new(),
        },
        oddity: spec.oddity,
        effect: spec.effect,
        // The same for all of a supplier's: they go to one office.
        bits: town.draw.bits(Purpose::Invoice, owner + (1 << 40)),
    };
    Some((supplier, invoice))
}

/// The first day of a month, counted from January of the year before the last night's.
fn month(town: &Town, months: u64) -> NaiveDate {
    date(town.nights.last.year() - 1, 1, 1) + Months::new(months as u32)
}

struct Invoice {
    index: u64,
    /// Fakturanummer.
    label: String,
    /// Of its parts, in öre; the first `parts` of them.
    amounts: [i64; 3],
    parts: u64,
    dated: NaiveDate,
    booked: NaiveDate,
    contract: String,
    oddity: Oddity,
    /// What robot fakturagranskning comes to, where it is new; `None` for what it does not go through.
    effect: Option<Effect>,
    bits: u64,
}

/// A usual invoice's number, in the way of its supplier.
fn label(supplier: &Supplier<'_>, ordinal: u64, dated: NaiveDate) -> String {
    let number = ordinal * 7 + supplier.index % 7;
    match supplier.index % 4 {
        0 => format!("{}", 10_000 + 13 * number),
        1 => format!("F{}-{:04}", dated.year() % 100, 11 * number),
        2 => format!("00{}", 200_000 + 101 * number),
        _ => format!("{}.{}", 5_000 + 17 * number, dated.year()),
    }
}

impl Invoice {
    /// Verifikationsnummer.
    fn voucher(&self) -> String {
        format!("V{}-{:09}", self.booked.year(), self.index + 1)
    }

    fn supplier_label(&self, supplier: &Supplier<'_>) -> String {
        let label = supplier.label();
        if self.oddity == Oddity::UnknownSupplier { format!("{label}X") } else { label }
    }

    fn account(&self, supplier: &Supplier<'_>, town: &Town) -> String {
        let own = supplier.account(town.nights.last).text;
        match self.oddity {
            Oddity::OtherAccount => suppliers::stranger(town, supplier.index + 500_000).1.to_string(),
            Oddity::AccountRespelled => own.replace(['-', ' '], ""),
            _ => own,
        }
    }

    fn write(&self, writing: &mut Writing<'_>, supplier: &Supplier<'_>, part: u64) -> io::Result<()> {
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
        let amount = self.amounts[part as usize];
        let (sign, ore) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
        let clerk = format!("anv{:03}", again(self.bits, 6, 40));
        let is_one = self.oddity == Oddity::OnePerson;
        let manager = if is_one { clerk.clone() } else { format!("chef{:02}", again(self.bits, 7, 25)) };
        let office = again(self.bits, 5, 6) as usize + usize::from(self.oddity == Oddity::OtherOffice);
        let sheet = &mut writing.sheet;
        sheet.field(&format!("212000-{}", town.municipality));
        sheet.field("Kommunen");
        sheet.field(&self.voucher());
        sheet.field(&supplier.name());
        sheet.field(&supplier.number());
        sheet.field(account);
        sheet.field(account_text);
        sheet.field(&format!("{sign}{},{:02}", ore / 100, ore % 100));
        sheet.date(self.booked);
        sheet.field(OFFICES[office % 6]);
        sheet.field(&self.label);
        sheet.field(if self.parts > 1 { "delad" } else { "" });
        sheet.field(&self.contract);
        sheet.field(&town.municipality);
        sheet.empty();
        sheet.field(&self.supplier_label(supplier));
        sheet.date(self.dated);
        sheet.date(self.dated + Days::new(30));
        sheet.field(&self.account(supplier, town));
        sheet.field(&clerk);
        sheet.field(&manager);
        sheet.field(if self.oddity == Oddity::Void { "J" } else { "N" });
        sheet.end_row()
    }
}
