//! The extracts of a night, row by row in an irregular order.

use std::io;
use std::path::Path;

use chrono::{Datelike, Days, NaiveDate};

use super::case::{Case, Protection};
use super::claim_rows;
use super::claims;
use super::dialects;
use super::documents;
use super::draw::{Permutation, Purpose, again};
use super::fleet::{self, Fleet, OwnerNumber, SLOTS, Vehicle};
use super::idle::{Barrier, IdlePlant};
use super::invoices;
use super::moves;
use super::names;
use super::number::{Age, Form, Number};
use super::person_rows::{self, MEMBERS};
use super::registration::{Registration, registration};
use super::second::{self, Second};
use super::sheet::{Dialect, Sheet};
use super::supplier_rows;
use super::suppliers;
use super::town::{Home, Town};
use super::work::{self, Row, Seeking, When, Work};
use super::writing::Writing;

/// One of the extracts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Register {
    Arenden,
    Hushall,
    Kir,
    Fordon,
    Af,
    Ansokningar,
    Kostnader,
    Planer,
    Inkomster,
    Foretagsengagemang,
    Dokument,
    Leverantorer,
    Foretag,
    Betalmottagare,
    Varningslista,
    Avtal,
    Fakturor,
}

/// The largest first, so that workers finish together.
pub const REGISTERS: [Register; 17] = [
    Register::Kostnader,
    Register::Fakturor,
    Register::Kir,
    Register::Inkomster,
    Register::Ansokningar,
    Register::Fordon,
    Register::Af,
    Register::Dokument,
    Register::Hushall,
    Register::Planer,
    Register::Foretagsengagemang,
    Register::Arenden,
    Register::Leverantorer,
    Register::Foretag,
    Register::Betalmottagare,
    Register::Varningslista,
    Register::Avtal,
];

/// Places of a case in `hushall`: up to six members, an earlier membership, one beside another and one in a second case.
const PLACES: u64 = 9;

/// Writes one extract into the night's folder; its size in bytes.
pub fn write(town: &Town, night: NaiveDate, register: Register, folder: &Path) -> io::Result<u64> {
    let rows = match register {
        Register::Arenden => 2 * town.cases,
        Register::Hushall => town.cases * PLACES,
        Register::Kir => town.residents + town.residents / 2_000,
        Register::Fordon => town.base_vehicles() + town.cases * SLOTS,
        Register::Af | Register::Foretagsengagemang => town.residents,
        Register::Ansokningar | Register::Kostnader => town.cases * claims::places(town),
        Register::Planer | Register::Inkomster => town.cases * MEMBERS,
        Register::Dokument => town.cases * documents::PLACES,
        Register::Leverantorer | Register::Foretag | Register::Betalmottagare => 2 * suppliers::count(town),
        Register::Varningslista => supplier_rows::warnings(town),
        Register::Avtal => suppliers::count(town),
        Register::Fakturor => invoices::places(town),
    };
    let variant = night.num_days_from_ce() as u64 * 32 + register as u64;
    let order = town.draw.permutation(Purpose::RowOrder, variant, rows);
    let plates = town.draw.permutation(Purpose::PlateOrder, 0, fleet::PLATES);
    let mut writing = Writing { town, night, sheet: Sheet::create(folder, dialect(register))? };
    for row in 0..rows {
        let index = order.apply(row);
        match register {
            Register::Arenden if index >= town.cases => writing.second_case(index - town.cases)?,
            Register::Arenden => writing.case(index)?,
            Register::Hushall => writing.membership(index / PLACES, (index % PLACES) as usize)?,
            // A few rows stand there twice, alike to the last letter.
            Register::Kir if index >= town.residents => {
                writing.resident(town.draw.below(Purpose::Duplicate, index, town.residents))?;
            }
            Register::Kir => writing.resident(index)?,
            Register::Fordon => writing.vehicle(index, &plates)?,
            Register::Af => writing.answer(index)?,
            Register::Ansokningar => claim_rows::write_application(&mut writing, index)?,
            Register::Kostnader => claim_rows::write_costs(&mut writing, index)?,
            Register::Planer => person_rows::write_plans(&mut writing, index)?,
            Register::Inkomster => person_rows::write_incomes(&mut writing, index)?,
            Register::Foretagsengagemang => person_rows::write_engagement(&mut writing, index)?,
            Register::Dokument => person_rows::write_document(&mut writing, index)?,
            Register::Leverantorer => supplier_rows::write_supplier(&mut writing, index)?,
            Register::Foretag => supplier_rows::write_company(&mut writing, index)?,
            Register::Betalmottagare => supplier_rows::write_recipient(&mut writing, index)?,
            Register::Varningslista => supplier_rows::write_warning(&mut writing, index)?,
            Register::Avtal => supplier_rows::write_contract(&mut writing, index)?,
            Register::Fakturor => invoices::write_invoice(&mut writing, index)?,
        }
    }
    writing.sheet.finish()
}

fn dialect(register: Register) -> &'static Dialect {
    match register {
        Register::Arenden => &dialects::ARENDEN,
        Register::Hushall => &dialects::HUSHALL,
        Register::Kir => &dialects::KIR,
        Register::Fordon => &dialects::FORDON,
        Register::Af => &dialects::AF,
        Register::Ansokningar => &dialects::ANSOKNINGAR,
        Register::Kostnader => &dialects::KOSTNADER,
        Register::Planer => &dialects::PLANER,
        Register::Inkomster => &dialects::INKOMSTER,
        Register::Foretagsengagemang => &dialects::FORETAGSENGAGEMANG,
        Register::Dokument => &dialects::DOKUMENT,
        Register::Leverantorer => &dialects::LEVERANTORER,
        Register::Foretag => &dialects::FORETAG,
        Register::Betalmottagare => &dialects::BETALMOTTAGARE,
        Register::Varningslista => &dialects::VARNINGSLISTA,
        Register::Avtal => &dialects::AVTAL,
        Register::Fakturor => &dialects::FAKTUROR,
    }
}

/// The file name of an extract.
pub fn file_name(register: Register) -> &'static str {
    dialect(register).file
}

impl Writing<'_> {
    fn case(&mut self, index: u64) -> io::Result<()> {
        let (town, night) = (self.town, self.night);
        let case = Case::of(town, index);
        let bits = town.draw.bits(Purpose::CaseRow, index);
        let unit = again(bits, 1, names::UNITS.len() as u64) as usize;
        let seen = |date| town.as_seen(date, night, 30);
        if again(bits, 2, 100) == 0 {
            self.sheet.quote_row();
        }
        self.sheet.field(&Case::label(town, index));
        self.sheet.field(names::UNITS[unit]);
        self.sheet.field(&names::handler(unit, again(bits, 3, 7)));
        self.sheet.field(if case.open { "Pågående" } else { "Avslutat" });
        let opened = town.days_ago(Purpose::Membership, index + town.cases, 60, 2_500);
        let chosen = |last| IdlePlant::day(town, last).map(seen);
        let chosen_opened = case.idle.and_then(|idle| idle.opened).and_then(chosen);
        self.sheet.date(chosen_opened.unwrap_or_else(|| seen(opened)));
        self.sheet.field(case.hindrance);
        // All are paid, and have been of late, but for those where nothing happens.
        let applied = (again(bits, 4, 50) > 0).then(|| seen(town.days_ago(Purpose::CaseRow, index * 2, 1, 45)));
        let paid = Some(seen(town.days_ago(Purpose::CaseRow, index * 2 + 1, 1, 35)));
        self.sheet.date_or_empty(case.idle.map_or(applied, |idle| chosen(idle.applied)));
        self.sheet.date_or_empty(case.idle.map_or(paid, |idle| chosen(idle.paid)));
        self.claim_and_appeal(case.idle.map(|idle| idle.barrier), bits);
        self.sheet.number_or_empty(Fleet::of(town, &case).known);
        self.sheet.end_row()
    }

    /// The second case of those in the first with this index, if there is one.
    fn second_case(&mut self, first: u64) -> io::Result<()> {
        let (town, night) = (self.town, self.night);
        let case = Case::of(town, first);
        let Some(second) = Second::of(town, &case) else { return Ok(()) };
        let index = second::index(town, &case);
        let bits = town.draw.bits(Purpose::CaseRow, index);
        let unit = again(bits, 1, names::UNITS.len() as u64) as usize;
        let lately = town.as_seen(town.days_ago(Purpose::CaseRow, index * 2, 1, 35), night, 30);
        self.sheet.field(&Case::label(town, index));
        self.sheet.field(names::UNITS[unit]);
        self.sheet.field(&names::handler(unit, again(bits, 3, 7)));
        self.sheet.field(if second.is_open() { "Pågående" } else { "Avslutat" });
        self.sheet.date(second.opened(town));
        self.sheet.field(case.hindrance);
        self.sheet.date(if second.is_open() { lately } else { second.opened(town) });
        self.sheet.date_or_empty(if second.is_open() { Some(lately) } else { second.paid(town) });
        self.sheet.empty();
        self.sheet.field("N");
        self.sheet.number_or_empty(Fleet::of(town, &case).known);
        self.sheet.end_row()
    }

    fn claim_and_appeal(&mut self, idle: Option<Barrier>, bits: u64) {
        match (idle, again(bits, 6, 40)) {
            (Some(Barrier::NoClaim), _) => self.sheet.number(0u64),
            (Some(Barrier::Claim), _) | (None, 0) => self.sheet.field(&format!("{},50", 100 + again(bits, 7, 9_000))),
            (None, 1) => self.sheet.number(100 + again(bits, 7, 30_000)),
            _ => self.sheet.empty(),
        }
        self.sheet.field(match idle {
            Some(Barrier::AppealUnknown) => "",
            Some(Barrier::Appeal) => "J",
            None if again(bits, 8, 50) == 0 => "J",
            _ => "N",
        });
    }

    fn membership(&mut self, index: u64, place: usize) -> io::Result<()> {
        let town = self.town;
        let case = Case::of(town, index);
        let has = |purpose, per_10_000| town.draw.chance(purpose, index, per_10_000);
        let mut label = Case::label(town, index);
        let (member, from, to) = match place {
            // The sökande was a member once before.
            6 if has(Purpose::EarlierMembership, 300) => {
                let first = case.members[0].from;
                (0, first - Days::new(900), Some(first - Days::new(300)))
            }
            // Two memberships at once are one member.
            7 if has(Purpose::SecondMembership, 200) => {
                let last = case.members.len() - 1;
                let member = &case.members[last];
                if !case.open || !case.current().contains(&last) {
                    return Ok(());
                }
                (last, member.from - Days::new(30), member.to)
            }
            8 => {
                let Some(second) = Second::of(town, &case) else { return Ok(()) };
                label = Case::label(town, second::index(town, &case));
                (0, second.opened(town), second.until(town))
            }
            _ => match case.members.get(place) {
                Some(member) => (place, member.from, member.to),
                None => return Ok(()),
            },
        };
        self.sheet.field(&label);
        self.person(case.members[member].number, Form::TwelveWithSign, index * PLACES + place as u64);
        self.sheet.field(case.members[member].role.word());
        self.sheet.date(from);
        self.sheet.date_or_empty(to);
        self.sheet.end_row()
    }

    fn resident(&mut self, resident: u64) -> io::Result<()> {
        let Some(row) = registration(self.town, resident) else { return Ok(()) };
        let town = self.town;
        let home = town.home(resident);
        let street = names::street(town.draw, row.address.unwrap_or_else(|| town.address_of(home)));
        let bits = town.draw.bits(Purpose::Curiosity, resident);
        if again(bits, 1, 100) == 0 {
            self.sheet.quote_row();
        }
        self.person(row.number, Form::Twelve, resident);
        self.given_name(resident, bits);
        let household = match home {
            Home::Household { household, .. } => household,
            Home::Loose { .. } | Home::Tail { .. } => resident + (1 << 40),
        };
        self.sheet.field(names::family(town.draw, resident, household));
        self.street(&street, bits);
        self.sheet.number_or_empty(street.flat);
        self.place(&row, street.post);
        self.sheet.number_or_empty(row.address);
        self.sheet.field(row.elsewhere.map_or(&town.municipality, |place| place.code));
        self.history(&row, resident)
    }

    fn given_name(&mut self, resident: u64, bits: u64) {
        let name = names::given(self.town.draw, resident);
        if again(bits, 2, 300) == 0 {
            self.sheet.field(&format!("{name} \"{}\"", &names::given(self.town.draw, resident + (1 << 40))));
        } else {
            self.sheet.field(name);
        }
    }

    fn street(&mut self, street: &names::Street, bits: u64) {
        let (name, number) = (street.name, street.number);
        match again(bits, 3, 4_000) {
            0 => self.sheet.field(&format!("{name} {number}\r\nBox {}", 10 + number)),
            1..80 => self.sheet.field(&format!("c/o {}; {name} {number}", names::family(self.town.draw, bits, bits))),
            _ => self.sheet.field(&format!("{name} {number}")),
        }
    }

    fn place(&mut self, row: &Registration, post: u64) {
        let own = names::own_place(&self.town.municipality);
        let (town, start) = row.elsewhere.map_or(own, |place| (place.town, place.post));
        self.sheet.field(&format!("{start}{post}"));
        self.sheet.field(town);
    }

    fn history(&mut self, row: &Registration, resident: u64) -> io::Result<()> {
        let (town, night) = (self.town, self.night);
        let moved = row.moved.map(|date| town.as_seen(date, night, 365));
        self.sheet.date_or_empty(moved);
        self.sheet.field(if moved.is_some() { moves::code(town, resident, row.origin) } else { "" });
        self.sheet.field(row.deregistered.map_or("", |(reason, _)| reason));
        let deregistered = row.deregistered.and_then(|(_, date)| date);
        self.sheet.date_or_empty(deregistered.map(|date| town.as_seen(date, night, 365)));
        self.sheet.field(row.protection.unwrap_or(""));
        self.sheet.end_row()
    }

    fn vehicle(&mut self, id: u64, plates: &Permutation) -> io::Result<()> {
        let Some(case) = id.checked_sub(self.town.base_vehicles()) else {
            return self.vehicle_row(fleet::base_vehicle(self.town, id, self.night), None, plates);
        };
        let (index, slot) = (case / SLOTS, (case % SLOTS) as usize);
        let case = Case::of(self.town, index);
        let holding = Fleet::of(self.town, &case).holdings[slot];
        let vehicle = if self.night == self.town.nights.last { holding.tonight } else { holding.before };
        match vehicle {
            Some(vehicle) => self.vehicle_row(vehicle, Some(&case), plates),
            None => Ok(()),
        }
    }

    fn vehicle_row(&mut self, vehicle: Vehicle, case: Option<&Case>, plates: &Permutation) -> io::Result<()> {
        let (town, night) = (self.town, self.night);
        let seen = |date: Option<NaiveDate>| date.map(|date| town.as_seen(date, night, 365));
        if vehicle.id.is_multiple_of(100) {
            self.sheet.quote_row();
        }
        self.sheet.field(&fleet::plate(plates.apply(vehicle.id), vehicle.id, vehicle.spaced));
        match fleet::owner_number(town, case, vehicle.owner) {
            OwnerNumber::Person(number) => self.person(number, Form::TwelveWithSign, vehicle.id),
            OwnerNumber::Organisation(number) if vehicle.id.is_multiple_of(2) => self.sheet.number(number),
            OwnerNumber::Organisation(number) => {
                self.sheet.field(&format!("{}-{:04}", number / 10_000, number % 10_000));
            }
        }
        self.sheet.field(vehicle.kind);
        self.sheet.field(vehicle.make);
        self.sheet.number_or_empty(vehicle.year);
        self.sheet.field(vehicle.status.word());
        self.sheet.date_or_empty(seen(vehicle.owned_since));
        self.sheet.date_or_empty(seen(vehicle.status_since));
        self.sheet.end_row()
    }

    /// Adult members of every case, and five of a hundred others.
    fn answer(&mut self, resident: u64) -> io::Result<()> {
        let town = self.town;
        if let Home::Household { household, place } = town.home(resident)
            && let Some(index) = town.case_of(household)
        {
            let case = Case::of(town, index);
            let row = Work::of(town, &case).row(town, &case, place, self.when());
            let is_secret = case.protected == Some((place, Protection::Secret));
            return self.answer_row(case.members[place].number, row, is_secret, resident);
        }
        // Twelve of twenty residents are of working age: one of twelve of those is five of a hundred of all.
        let is_asked = town.age(resident) == Age::Working && town.draw.chance(Purpose::OtherResident, resident, 833);
        if !is_asked {
            return Ok(());
        }
        let is_secret = town.draw.chance(Purpose::Protection, resident + (2 << 40), 20);
        self.answer_row(town.base_number(resident), Row::Ok(work::anybody(town, resident)), is_secret, resident)
    }

    fn when(&self) -> When {
        match self.night {
            night if night == self.town.nights.last => When::Tonight,
            night if night == self.town.nights.since => When::LastNight,
            _ => When::Earlier,
        }
    }

    fn answer_row(&mut self, number: Number, row: Row, is_secret: bool, resident: u64) -> io::Result<()> {
        let (town, night) = (self.town, self.night);
        let seen = |date: Option<NaiveDate>| date.map(|date| town.as_seen(date, night, 30));
        let answer = match row {
            Row::None => return Ok(()),
            Row::Fel => None,
            Row::Ok(answer) => Some(answer),
        };
        if resident.is_multiple_of(100) {
            self.sheet.quote_row();
        }
        self.person(number, Form::Twelve, resident);
        self.sheet.field(if answer.is_some() { "OK" } else { "FEL" });
        self.sheet.field(answer.map_or("", |answer| match answer.seeking {
            Seeking::Yes => "J",
            Seeking::No => "N",
            Seeking::Empty => "",
        }));
        self.sheet.field(answer.map_or("", |answer| answer.category));
        self.sheet.date_or_empty(seen(answer.and_then(|answer| answer.registered)));
        self.sheet.date_or_empty(seen(answer.and_then(|answer| answer.ended)));
        self.sheet.date_or_empty(seen(answer.and_then(|answer| answer.report)));
        self.sheet.field(if is_secret { "J" } else { "N" });
        self.sheet.end_row()
    }
}
