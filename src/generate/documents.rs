//! The scanned documents: a few a month for each case, and what is planted for robot skanning.

use chrono::{Days, NaiveDate};

use super::case::Case;
use super::draw::{Purpose, again};
use super::idle::Scanned;
use super::number::{Age, Number};
use super::plant::{Checks, Effect, Plant, Robot, Who, at_slot, slot};
use super::second::Second;
use super::tables::total;
use super::town::Town;

/// Robot skanning, whose subjects are the documents.
pub const SKANNING: Robot = Robot {
    id: "skanning",
    checks: &[
        "personnummer-olasligt",
        "okand-person",
        "flera-arenden",
        "avslutat-arende",
        "nummer-stammer-inte",
        "dokumenttyp-saknas",
    ],
};

const UNREADABLE: Checks = Checks(1);
const STRANGER: Checks = Checks(1 << 1);
const SEVERAL: Checks = Checks(1 << 2);
const CLOSED: Checks = Checks(1 << 3);
const MISMATCH: Checks = Checks(1 << 4);
const NO_TYPE: Checks = Checks(1 << 5);

/// So many months of documents before the last night.
const MONTHS: u64 = 3;
/// The most documents of a case and month.
const A_MONTH: u64 = 3;
/// The most documents of a case; the last is that of an idle case.
pub const PLACES: u64 = MONTHS * A_MONTH + 1;

/// How a document can have been read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The case, the person or both, as it is drawn.
    Drawn,
    CaseOnly,
    PersonOnly,
    /// A number that no case has.
    NoSuchCase,
    BadDigit,
    BadDigitNoCase,
    Garbled,
    Stranger,
    StrangerNoCase,
    Nothing,
    NothingNoSuchCase,
    OfNeighbour,
    OfNeighbourNoType,
    NoType,
    NoTypePersonOnly,
    FormerMember,
    FormerMemberNoCase,
}

static DRAWN: Plant<Kind> = Plant::clear(Kind::Drawn, 0, Who::Anyone);
static CASE_ONLY: Plant<Kind> = Plant::clear(Kind::CaseOnly, 0, Who::Anyone);
static PERSON_ONLY: Plant<Kind> = Plant::clear(Kind::PersonOnly, 0, Who::Anyone);
static OF_CLOSED: Plant<Kind> = Plant::flags(Kind::Drawn, 0, Who::Anyone, CLOSED);
/// For somebody who is a member no more.
static OF_FORMER: [Plant<Kind>; 2] = [
    Plant::flags(Kind::FormerMember, 0, Who::Other, MISMATCH),
    Plant::flags(Kind::FormerMemberNoCase, 0, Who::Other, CLOSED),
];

/// What is planted, by thousandths of the documents. Of several reasons the first in the robot's order is given.
static DOCUMENTS: [Plant<Kind>; 13] = [
    Plant::clear(Kind::NoSuchCase, 4, Who::Anyone),
    Plant::flags(Kind::BadDigit, 3, Who::Anyone, UNREADABLE),
    Plant::flags(Kind::BadDigitNoCase, 2, Who::Anyone, UNREADABLE),
    Plant::flags(Kind::Garbled, 2, Who::Anyone, UNREADABLE),
    Plant::flags(Kind::Stranger, 2, Who::Anyone, STRANGER),
    Plant::flags(Kind::StrangerNoCase, 4, Who::Anyone, STRANGER),
    Plant::flags(Kind::Nothing, 3, Who::Anyone, STRANGER),
    Plant::flags(Kind::NothingNoSuchCase, 2, Who::Anyone, STRANGER),
    Plant::flags(Kind::OfNeighbour, 4, Who::Anyone, MISMATCH),
    Plant::flags(Kind::OfNeighbourNoType, 2, Who::Anyone, MISMATCH),
    Plant::flags(Kind::NoType, 5, Who::Anyone, NO_TYPE),
    Plant::flags(Kind::NoTypePersonOnly, 3, Who::Anyone, NO_TYPE),
    Plant::clear(Kind::PersonOnly, 6, Who::Anyone),
];

/// How many documents of a thousand have something planted.
pub fn planted_per_mille() -> u64 {
    total(&DOCUMENTS)
}

/// What was read of the person's number.
pub enum ReadPerson {
    Nothing,
    Number(Number),
    /// A number with a wrong check digit.
    BadDigit(Number),
    Garbled,
}

/// What was read of the case's number.
pub enum ReadCase {
    Nothing,
    This,
    NoSuch,
}

/// One row of the extract.
pub struct Document {
    /// Runs through all documents, a case's after those of the case before.
    pub number: u64,
    /// `None` is a cell that is no date.
    pub scanned: Option<NaiveDate>,
    pub person: ReadPerson,
    pub case: ReadCase,
    pub has_type: bool,
    /// What robot skanning comes to.
    pub effect: Effect,
    /// Whether the person, the case or one of the person's cases is protected.
    pub is_protected: bool,
}

/// The document at one of a case's `PLACES`, if there is one.
pub fn document(town: &Town, case: &Case, place: u64) -> Option<Document> {
    let number = case.index * PLACES + place + 1;
    let bits = town.draw.bits(Purpose::Scan, number);
    if place == PLACES - 1 {
        return of_idle(town, case, number, bits);
    }
    let (month, turn) = (place / A_MONTH, place % A_MONTH);
    let of_month = 1 + town.draw.below(Purpose::Document, case.index * MONTHS + month, A_MONTH);
    let is_there = if case.open { turn < of_month } else { turn == 0 };
    // Nothing has come in of late where nothing happens.
    if !is_there || (case.idle.is_some() && month == 0) {
        return None;
    }
    let scanned = town.nights.last - Days::new(1 + 30 * month + again(bits, 1, 30));
    let (plant, neighbour) = plant(town, case, number, place);
    Some(read(town, case, number, Some(scanned), plant, neighbour.as_ref(), bits))
}

fn of_idle(town: &Town, case: &Case, number: u64, bits: u64) -> Option<Document> {
    let days_ago = |days| Some(town.nights.last - Days::new(days));
    let (scanned, plant) = match case.idle?.scanned {
        Scanned::Nothing => return None,
        Scanned::ThirtyDays => (days_ago(30), &CASE_ONLY),
        Scanned::ThirtyOneDays => (days_ago(31), &DRAWN),
        Scanned::ByPerson => (days_ago(10), &PERSON_ONLY),
        Scanned::Undated => (None, &DRAWN),
    };
    Some(read(town, case, number, scanned, plant, None, bits))
}

/// What is planted in a document, and the neighbour whose it is then.
fn plant(town: &Town, case: &Case, number: u64, place: u64) -> (&'static Plant<Kind>, Option<Case>) {
    if !case.open {
        return (&OF_CLOSED, None);
    }
    if case.current().is_empty() {
        return (&CASE_ONLY, None);
    }
    // The first of the latest month, where somebody is a member no more.
    if let Some(plant) = OF_FORMER.get(place as usize)
        && former(town, case).is_some()
    {
        return (plant, None);
    }
    // The person's number alone does not tell which case, where there are two.
    if place == 0 && has_two_cases(town, case) {
        return (&PERSON_ONLY, None);
    }
    let planted = at_slot(&DOCUMENTS, slot(town.draw, Purpose::Document, number)).unwrap_or(&DRAWN);
    if !matches!(planted.kind, Kind::OfNeighbour | Kind::OfNeighbourNoType) {
        return (planted, None);
    }
    let neighbour = Case::of(town, (case.index + 1) % town.cases);
    // A document with its member's number would be something that happens in an idle case.
    let suits = neighbour.index != case.index
        && neighbour.open
        && neighbour.idle.is_none()
        && case.idle.is_none()
        && !neighbour.current().is_empty();
    if suits { (planted, Some(neighbour)) } else { (&DRAWN, None) }
}

/// Whether the one who lives alone here has another case beside that goes on.
fn has_two_cases(town: &Town, case: &Case) -> bool {
    Second::of(town, case).is_some_and(Second::is_open)
}

/// A member whose membership has ended.
fn former(town: &Town, case: &Case) -> Option<Number> {
    let ended = |to: NaiveDate| to < town.nights.last;
    case.members.iter().find(|member| member.to.is_some_and(ended)).map(|member| member.number)
}

fn read(
    town: &Town,
    case: &Case,
    number: u64,
    scanned: Option<NaiveDate>,
    plant: &Plant<Kind>,
    neighbour: Option<&Case>,
    bits: u64,
) -> Document {
    let read_case = read_case(plant.kind, bits);
    let names_member = matches!(plant.kind, Kind::Drawn | Kind::PersonOnly | Kind::NoTypePersonOnly | Kind::NoSuchCase);
    let is_of_several = names_member && !matches!(read_case, ReadCase::This) && has_two_cases(town, case);
    // Which case a document is of cannot be told from a number that cannot be read or is nobody's here.
    let reaches_case = matches!(read_case, ReadCase::This) || names_member;
    let is_of_protected = neighbour.is_some_and(|other| other.protected.is_some());
    Document {
        number,
        scanned,
        person: read_person(town, case, number, plant.kind, neighbour, bits),
        case: read_case,
        has_type: !matches!(plant.kind, Kind::NoType | Kind::NoTypePersonOnly | Kind::OfNeighbourNoType),
        effect: if is_of_several { Effect::deviates(SEVERAL) } else { plant.own },
        is_protected: is_of_protected || (reaches_case && case.protected.is_some()),
    }
}

fn read_case(kind: Kind, bits: u64) -> ReadCase {
    match kind {
        Kind::Drawn if (3..6).contains(&drawn_cells(bits)) => ReadCase::Nothing,
        Kind::PersonOnly
        | Kind::NoTypePersonOnly
        | Kind::BadDigitNoCase
        | Kind::StrangerNoCase
        | Kind::Nothing
        | Kind::FormerMemberNoCase => ReadCase::Nothing,
        Kind::NoSuchCase | Kind::NothingNoSuchCase => ReadCase::NoSuch,
        _ => ReadCase::This,
    }
}

/// Which cells of a document with nothing planted were read: below 3 only the case's, from 3 to 5 only the person's,
/// of 20.
fn drawn_cells(bits: u64) -> u64 {
    again(bits, 3, 20)
}

fn read_person(town: &Town, case: &Case, number: u64, kind: Kind, neighbour: Option<&Case>, bits: u64) -> ReadPerson {
    let members: Vec<usize> = if case.open { case.current().to_vec() } else { (0..case.members.len()).collect() };
    let drawn = members.get(again(bits, 2, members.len() as u64) as usize);
    let own = drawn.map(|place| case.members[*place].number);
    let of = |number: Option<Number>| number.map_or(ReadPerson::Nothing, ReadPerson::Number);
    match kind {
        Kind::Drawn if drawn_cells(bits) < 3 => ReadPerson::Nothing,
        Kind::Drawn | Kind::NoType | Kind::PersonOnly | Kind::NoTypePersonOnly | Kind::NoSuchCase => of(own),
        Kind::CaseOnly | Kind::Nothing | Kind::NothingNoSuchCase => ReadPerson::Nothing,
        Kind::BadDigit | Kind::BadDigitNoCase => own.map_or(ReadPerson::Garbled, ReadPerson::BadDigit),
        Kind::Garbled => ReadPerson::Garbled,
        // Past the last resident: nobody who lives here.
        Kind::Stranger | Kind::StrangerNoCase => {
            ReadPerson::Number(town.births.number(Age::Working, town.residents + number % 1_000_000))
        }
        Kind::OfNeighbour | Kind::OfNeighbourNoType => {
            of(neighbour.and_then(|other| Some(other.members.get(*other.current().first()?)?.number)))
        }
        Kind::FormerMember | Kind::FormerMemberNoCase => of(former(town, case)),
    }
}

/// The Dokument with this number; as wide for the last as for the first.
pub fn label(town: &Town, number: u64) -> String {
    let width = (town.cases * PLACES).to_string().len();
    format!("D-{number:0width$}")
}

/// What a document of this number is called by who scanned it.
pub fn kind(town: &Town, number: u64) -> &'static str {
    const KINDS: [&str; 8] = [
        "Lönespecifikation",
        "Hyresavi",
        "Kontoutdrag",
        "Ansökan om ekonomiskt bistånd",
        "Läkarintyg",
        "Kvitto",
        "Beslut från Försäkringskassan",
        "El- och nätfaktura",
    ];
    town.draw.pick(Purpose::Scan, number, &KINDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_a_thousand_of_a_thousand_are_planted() {
        assert!(planted_per_mille() <= 1_000);
    }
}
