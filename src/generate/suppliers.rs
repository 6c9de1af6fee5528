//! The municipality's suppliers, and what the registers of companies and accounts have about them.
//!
//! A supplier follows from its index; a few have a second supplier number with the same account.

use chrono::{Days, NaiveDate};

use super::draw::{Purpose, again};
use super::invoice_table::{About, INVOICES, InvoicePlant, OF_UNREGISTERED, OF_WARNED};
use super::names;
use super::number::{Age, check_digit};
use super::plant::{Effect, Plant, share_at, slot_of};
use super::supplier_table::{Kind, NOTHING, ROUND, SUPPLIERS};
use super::town::Town;

/// So few suppliers there are at the least, and one for so many residents.
const FEWEST: u64 = 50;
const RESIDENTS_EACH: u64 = 100;
/// Numbers and accounts are given out in an irregular order among so many.
const GIVEN_OUT: u64 = 4_000_000;
/// Where the second suppliers', the earlier accounts' and the strangers' begin.
const SECOND: u64 = 1_000_000;
const EARLIER: u64 = 2_000_000;
const STRANGERS: u64 = 3_000_000;

/// The extract's Betalningssätt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Bankgiro,
    Plusgiro,
    Iban,
}

impl Method {
    /// The word in the extracts.
    pub fn word(self) -> &'static str {
        match self {
            Method::Bankgiro => "BG",
            Method::Plusgiro => "PG",
            Method::Iban => "IBAN",
        }
    }
}

/// How the account stands in an extract.
#[derive(Clone)]
pub struct Account {
    pub method: Method,
    /// As it is written; the digits are the same whatever stands between them.
    pub text: String,
}

/// What the register of companies has about a supplier.
pub struct Company {
    pub number: String,
    /// `None` is an empty cell.
    pub has_tax: Option<bool>,
    pub status: &'static str,
    pub since: NaiveDate,
}

/// A supplier, by its number in the ledger of suppliers.
pub struct Supplier<'t> {
    town: &'t Town,
    /// From 0; the seconds' after all the others'.
    pub index: u64,
    first: u64,
    /// Its place in a round: first those of the table of suppliers, then those of the table of invoices.
    slot: u64,
    plant: &'static Plant<Kind>,
}

/// How many suppliers there are, the second numbers not counted.
pub fn count(town: &Town) -> u64 {
    (town.residents / RESIDENTS_EACH).max(FEWEST)
}

/// An organisation number, another for each `index` below four millions.
pub fn organisation(town: &Town, index: u64) -> u64 {
    let nine = 556_000_000 + town.draw.permutation(Purpose::Organisations, 0, GIVEN_OUT).apply(index);
    nine * 10 + check_digit(nine)
}

/// The digits of an account, another for each `index` below four millions; right both as bankgiro and as plusgiro.
fn giro(town: &Town, index: u64) -> u64 {
    let digits = 600_000 + town.draw.permutation(Purpose::Account, 0, GIVEN_OUT).apply(index);
    digits * 10 + check_digit(digits)
}

/// A number and an account that belong to no supplier, to be warned of.
pub fn stranger(town: &Town, index: u64) -> (u64, u64) {
    let index = STRANGERS + index % (GIVEN_OUT - STRANGERS);
    (organisation(town, index), giro(town, index))
}

impl<'t> Supplier<'t> {
    /// The supplier with this index, up to twice `count`; `None` where there is no second.
    pub fn of(town: &'t Town, index: u64) -> Option<Supplier<'t>> {
        let first = index % count(town);
        let slot = slot_of(ROUND, town.draw, Purpose::Supplier, first);
        let plant = share_at(&SUPPLIERS, |plant| plant.per_mille, slot).unwrap_or(&NOTHING);
        let supplier = Supplier { town, index, first, slot, plant };
        (index < count(town) || supplier.has_second()).then_some(supplier)
    }

    /// The Leverantörsnummer; as wide for the last as for the first.
    pub fn label(&self) -> String {
        let width = (2 * count(self.town)).to_string().len().max(5);
        format!("L{:0width$}", self.index + 1)
    }

    /// What is planted among its invoices.
    pub fn invoices(&self) -> Option<&'static InvoicePlant> {
        match self.plant.kind {
            _ if self.is_second() => None,
            Kind::WarnedNumber | Kind::WarnedAccount => Some(&OF_WARNED),
            Kind::NotRegistered => Some(&OF_UNREGISTERED),
            _ => self.slot.checked_sub(SUPPLIERS.len() as u64).and_then(|slot| INVOICES.get(slot as usize)),
        }
    }

    /// Whether it has its usual invoices up to the last night: others are looked at by their plants alone.
    pub fn is_usual(&self) -> bool {
        self.plant.kind == Kind::Nothing && !self.is_blocked() && self.invoices().is_none()
    }

    fn about(&self) -> About {
        self.invoices().map_or(About::Nothing, |plant| plant.about)
    }

    /// What robot leverantorskontroll comes to; `None` for who is blocked.
    pub fn effect(&self) -> Option<Effect> {
        (!self.is_blocked()).then_some(if self.is_second() { self.plant.partner } else { self.plant.own })
    }

    pub fn is_blocked(&self) -> bool {
        match self.plant.kind {
            Kind::SharedBlocked => self.is_second(),
            Kind::Nothing if self.invoices().is_none() => self.town.draw.chance(Purpose::SupplierRow, self.first, 200),
            _ => false,
        }
    }

    /// Whether the extract of a night has it.
    pub fn is_listed(&self, night: NaiveDate) -> bool {
        self.plant.kind != Kind::NewTonight || night == self.town.nights.last
    }

    pub fn name(&self) -> String {
        const TRADES: [&str; 10] = [
            "Bygg AB",
            "El AB",
            "Livs AB",
            "Konsult AB",
            "Städ & Flytt AB",
            "Taxi; Buss AB",
            "Kontor AB",
            "VVS AB",
            "Omsorg AB",
            "Data \"IT\" AB",
        ];
        let bits = self.town.draw.bits(Purpose::SupplierRow, self.company() + (1 << 40));
        let family = names::family(self.town.draw, bits, bits);
        match self.plant.kind {
            Kind::SoleTrader | Kind::SoleTraderTwelve => format!("{family}s firma"),
            _ => format!("{family}s {}", TRADES[again(bits, 1, TRADES.len() as u64) as usize]),
        }
    }

    /// Upplagd.
    pub fn created(&self) -> NaiveDate {
        match (self.plant.kind, self.about()) {
            (Kind::NewTonight, _) => self.town.nights.since,
            (_, About::Created(days)) => self.town.nights.since - Days::new(days),
            _ => self.town.days_ago(Purpose::SupplierRow, self.index + (2 << 40), 800, 4_000),
        }
    }

    /// Ändrad betaluppgift.
    pub fn changed(&self) -> Option<NaiveDate> {
        let since = self.town.nights.since;
        match self.plant.kind {
            Kind::ChangedOnSince | Kind::NewTonight => Some(since),
            Kind::ChangedDayBefore => Some(since - Days::new(1)),
            _ => {
                let bits = self.town.draw.bits(Purpose::SupplierRow, self.index + (3 << 40));
                (again(bits, 1, 3) == 0).then(|| since - Days::new(2 + again(bits, 2, 700)))
            }
        }
    }

    /// Betalningssätt and Betalkonto on a night.
    pub fn account(&self, night: NaiveDate) -> Account {
        let is_tonight = night == self.town.nights.last;
        let digits = giro(self.town, self.account_index(is_tonight));
        let method = self.method(is_tonight);
        let text = match (self.plant.kind, method) {
            (_, Method::Iban) => format!("SE{:02} 5000 0000 {:012}", 10 + self.first % 89, self.first),
            (Kind::BadDigit, _) => digits_with_dash(digits / 10 * 10 + (digits + 1) % 10),
            (Kind::TooShort, _) => short(10_000 + self.first % 60_000),
            (Kind::TooLong, _) => digits_with_dash(short_giro(20_000_000 + self.first)),
            (Kind::ShortGiro, _) => short_giro(1 + self.first / ROUND).to_string(),
            (Kind::Respelled, _) if !is_tonight => digits.to_string(),
            (_, Method::Plusgiro) => digits_with_spaces(digits),
            _ => digits_with_dash(digits),
        };
        Account { method, text }
    }

    /// The number as it stands in leverantorer and fakturor.
    pub fn number(&self) -> String {
        let own = self.register_number();
        match self.plant.kind {
            Kind::TwelveDigits => format!("16{own}"),
            Kind::SoleTraderTwelve => self.trader().to_string(),
            _ if self.first.is_multiple_of(2) && own.len() == 10 => format!("{}-{}", &own[..6], &own[6..]),
            _ => own,
        }
    }

    /// What the register of companies has on a night; nothing for a second number of the same company.
    pub fn companys_row(&self, night: NaiveDate) -> Option<Company> {
        let (kind, is_tonight) = (self.plant.kind, night == self.town.nights.last);
        let is_there = match kind {
            Kind::NotRegistered | Kind::NotRegisteredAssociation | Kind::WrongNumber | Kind::NineDigits => false,
            Kind::NoTaxNewCompany => is_tonight,
            Kind::SharedSameCompany => !self.is_second(),
            _ => true,
        };
        let status = match kind {
            Kind::Bankrupt => "Konkurs",
            Kind::Liquidated => "Likvidation",
            Kind::Deregistered => "Avregistrerad",
            _ => "Aktiv",
        };
        let has_tax = match kind {
            Kind::TaxEnded => Some(!is_tonight),
            Kind::NoTax | Kind::NoTaxNewCompany | Kind::NoTaxAssociation | Kind::NoTaxAuthority => Some(false),
            Kind::TaxUnknown => None,
            _ => Some(true),
        };
        let since = match (status, self.about()) {
            (_, About::Registered(days)) => self.town.nights.since - Days::new(days),
            ("Aktiv", _) => self.created() - Days::new(400),
            _ => self.town.days_ago(Purpose::SupplierRow, self.index + (4 << 40), 5, 200),
        };
        is_there.then(|| Company { number: self.register_number(), has_tax, status, since })
    }

    /// Whose the account is among the recipients; `None` where it is not there, or is another's row.
    pub fn recipient(&self) -> Option<String> {
        match self.plant.kind {
            Kind::AccountOfOther => Some(organisation(self.town, SECOND + self.first).to_string()),
            Kind::AccountUnlisted | Kind::BadDigit | Kind::TooShort | Kind::TooLong => None,
            Kind::Shared | Kind::SharedSameCompany | Kind::SharedBlocked if self.is_second() => None,
            _ if self.method(true) == Method::Iban => None,
            _ => Some(self.register_number()),
        }
    }

    /// When its contract ends, and the ceiling in kronor, where a plant among its invoices says so.
    pub fn planted_contract(&self) -> Option<(NaiveDate, u64)> {
        let since = self.town.nights.since;
        match self.about() {
            About::Ceiling => Some((since + Days::new(400), 100_000)),
            About::Ended(days) => Some((since - Days::new(days), 1_000_000)),
            _ => None,
        }
    }

    /// What the list of warnings has about it: the number, the account.
    pub fn warning(&self) -> Option<(String, String)> {
        match self.plant.kind {
            Kind::WarnedNumber => Some((self.number(), String::new())),
            Kind::WarnedAccount => Some((String::new(), self.account(self.town.nights.last).text.replace('-', " "))),
            Kind::WarnedNameAlone => Some((String::new(), String::new())),
            _ => None,
        }
    }

    fn has_second(&self) -> bool {
        matches!(
            self.plant.kind,
            Kind::Shared | Kind::SharedSameCompany | Kind::SharedBlocked | Kind::SharedOtherMethod
        )
    }

    fn is_second(&self) -> bool {
        self.index >= count(self.town)
    }

    /// Which company it is, by index.
    fn company(&self) -> u64 {
        let is_other = self.is_second() && self.plant.kind != Kind::SharedSameCompany;
        if is_other { SECOND + self.first } else { self.first }
    }

    fn account_index(&self, is_tonight: bool) -> u64 {
        if self.plant.kind == Kind::AccountChanged && !is_tonight { EARLIER + self.first } else { self.first }
    }

    fn method(&self, is_tonight: bool) -> Method {
        match self.plant.kind {
            Kind::Iban => Method::Iban,
            Kind::MethodChanged if is_tonight => Method::Plusgiro,
            Kind::SharedOtherMethod if self.is_second() => Method::Plusgiro,
            Kind::TooLong | Kind::ShortGiro => Method::Plusgiro,
            Kind::Nothing => match self.town.draw.below(Purpose::Account, self.first, 20) {
                0 => Method::Iban,
                1..5 => Method::Plusgiro,
                _ => Method::Bankgiro,
            },
            _ => Method::Bankgiro,
        }
    }

    fn trader(&self) -> u64 {
        // Past the last resident: nobody who lives here.
        self.town.births.number(Age::Working, self.town.residents + SECOND + self.first).twelve()
    }

    /// The number as the other registers have it.
    fn register_number(&self) -> String {
        let of_nine = |nine: u64| (nine * 10 + check_digit(nine)).to_string();
        let own = organisation(self.town, self.company());
        match self.plant.kind {
            Kind::NoTaxAssociation | Kind::NotRegisteredAssociation => of_nine(802_000_000 + self.first),
            Kind::NoTaxAuthority => of_nine(222_000_000 + self.first),
            Kind::WrongNumber | Kind::WrongNumberRegistered => (own / 10 * 10 + (own + 1) % 10).to_string(),
            Kind::NineDigits => (own / 10).to_string(),
            Kind::SoleTrader | Kind::SoleTraderTwelve => format!("{:010}", self.trader() % 10_000_000_000),
            // There is no thirteenth month.
            Kind::ThirdDigit => of_nine(551_345_000 + self.first / ROUND % 1_000),
            _ => own.to_string(),
        }
    }
}

fn short(payload: u64) -> String {
    short_giro(payload).to_string()
}

fn short_giro(payload: u64) -> u64 {
    payload * 10 + check_digit(payload)
}

/// `5050-1055`
fn digits_with_dash(digits: u64) -> String {
    format!("{}-{:04}", digits / 10_000, digits % 10_000)
}

/// `412 34 56-7`
fn digits_with_spaces(digits: u64) -> String {
    format!("{} {:02} {:02}-{}", digits / 100_000, digits / 1_000 % 100, digits / 10 % 100, digits % 10)
}
