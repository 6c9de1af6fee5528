//! What Arbetsförmedlingen answers: what is planted for robot arbetsformedlingen, and what everybody else gets.

use chrono::{Days, NaiveDate};

use super::case::{Case, Protection};
use super::draw::{Purpose, again};
use super::number::Age;
use super::plant::{Effect, Plant, at_slot, slot};
use super::tables::{ARBETSFORMEDLINGEN, NO_WORK, WORK, WorkKind as Kind};
use super::town::Town;

/// Which of the nights an answer is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    Tonight,
    LastNight,
    Earlier,
}

/// The extract's arbetssokande.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Seeking {
    Yes,
    No,
    Empty,
}

/// One row of the extract that says OK, less the secrecy.
#[derive(Clone, Copy)]
pub struct Answer {
    pub seeking: Seeking,
    /// Empty where there is none.
    pub category: &'static str,
    pub registered: Option<NaiveDate>,
    pub ended: Option<NaiveDate>,
    pub report: Option<NaiveDate>,
}

/// What the extract has for someone.
#[derive(Clone, Copy)]
pub enum Row {
    None,
    Fel,
    Ok(Answer),
}

const EMPTY: Answer = Answer { seeking: Seeking::Empty, category: "", registered: None, ended: None, report: None };

/// What is planted in a case, and for whom.
pub struct Work {
    plant: &'static Plant<Kind>,
    target: usize,
}

impl Work {
    /// Works out what is planted in a case.
    pub fn of(town: &Town, case: &Case) -> Work {
        let seekers = if case.unemployed { case.current_of(|age| age == Age::Working) } else { Vec::new() };
        // A household that af says is protected must have the row that says so.
        let is_secret = matches!(case.protected, Some((_, Protection::Secret)));
        let plant = if !case.open || is_secret || seekers.is_empty() {
            None
        } else {
            at_slot(&WORK, slot(town.draw, Purpose::Work, case.index))
        };
        let turn = town.draw.below(Purpose::WorkTarget, case.index, seekers.len() as u64) as usize;
        Work { plant: plant.unwrap_or(&NO_WORK), target: seekers.get(turn).copied().unwrap_or(0) }
    }

    /// Whether nothing is planted.
    pub fn is_plain(&self) -> bool {
        self.plant.kind == Kind::Nothing
    }

    /// Whether a member is a subject of robot arbetsformedlingen. One whose age is not known is one too.
    pub fn is_subject(case: &Case, place: usize) -> bool {
        case.unemployed && matches!(case.members[place].age, Age::Working | Age::Unknown)
    }

    /// What the robot comes to for one subject.
    pub fn effect(&self, case: &Case, place: usize) -> Effect {
        if case.members[place].age == Age::Unknown {
            return Effect::undecided(ARBETSFORMEDLINGEN.all());
        }
        if place == self.target { self.plant.own } else { Effect::NONE }
    }

    /// What the extract has for a member.
    pub fn row(&self, town: &Town, case: &Case, place: usize, when: When) -> Row {
        let member = &case.members[place];
        if member.age == Age::Child {
            return Row::None;
        }
        let seeker = registered(town, member.resident);
        if case.open && place == self.target && self.plant.kind != Kind::Nothing {
            return planted(town, self.plant.kind, seeker, when);
        }
        let must_seek = case.unemployed && member.age != Age::Senior;
        Row::Ok(if must_seek { seeker } else { anybody(town, member.resident) })
    }
}

/// Registered, and in time with the reports.
fn registered(town: &Town, resident: u64) -> Answer {
    const CATEGORIES: [&str; 10] = ["11", "11", "11", "11", "11", "14", "21", "31", "70", "70"];
    let bits = town.draw.bits(Purpose::Seeker, resident);
    let days_ago = |days| Some(town.nights.last - Days::new(days));
    Answer {
        seeking: Seeking::Yes,
        category: CATEGORIES[again(bits, 1, 10) as usize],
        registered: days_ago(50 + again(bits, 2, 1_500)),
        ended: None,
        report: days_ago(1 + again(bits, 3, 45)),
    }
}

/// Somebody who need not be registered: never was, was once, or is.
pub fn anybody(town: &Town, resident: u64) -> Answer {
    let seeker = registered(town, resident);
    let bits = town.draw.bits(Purpose::OtherResident, resident);
    match bits % 10 {
        0..5 => Answer { seeking: Seeking::No, ..EMPTY },
        5..8 => left(seeker, Some(town.nights.last - Days::new(60 + again(bits, 1, 900)))),
        _ => seeker,
    }
}

fn left(seeker: Answer, ended: Option<NaiveDate>) -> Answer {
    let registered = match (seeker.registered, ended) {
        (Some(registered), Some(ended)) => Some(registered.min(ended - Days::new(30))),
        (registered, _) => registered,
    };
    Answer { seeking: Seeking::No, category: "", registered, ended, report: None }
}

fn planted(town: &Town, kind: Kind, seeker: Answer, when: When) -> Row {
    match when {
        When::Tonight => tonight(town, kind, seeker),
        When::LastNight => last_night(town, kind, seeker),
        When::Earlier => match kind {
            // What the source failed to answer last night, it answered before.
            Kind::LeftUnseen | Kind::LeftAfterFel | Kind::FelLastNight => Row::Ok(seeker),
            _ => last_night(town, kind, seeker),
        },
    }
}

fn tonight(town: &Town, kind: Kind, seeker: Answer) -> Row {
    let since = town.nights.since;
    let days_ago = |days| Some(town.nights.last - Days::new(days));
    match kind {
        Kind::Left | Kind::LeftUnseen | Kind::LeftAfterFel => Row::Ok(left(seeker, Some(since))),
        Kind::LeftEarlier | Kind::LeftEarlierAfterFel => Row::Ok(left(seeker, Some(since - Days::new(1)))),
        Kind::LeftUndated => Row::Ok(left(seeker, None)),
        Kind::LeftExtract | Kind::Absent => Row::None,
        Kind::NeverRegistered => Row::Ok(Answer { seeking: Seeking::No, ..EMPTY }),
        Kind::NeverAnswered => Row::Ok(EMPTY),
        Kind::CategoryChanged => Row::Ok(Answer { category: another_category(seeker.category), ..seeker }),
        Kind::CategoryUnknown => Row::Ok(Answer { category: "99", ..seeker }),
        Kind::CategoryEmpty => Row::Ok(Answer { category: "", ..seeker }),
        Kind::Fel => Row::Fel,
        Kind::Arrived => Row::Ok(Answer { registered: Some(since), report: None, ..seeker }),
        Kind::ReportLate => Row::Ok(Answer { report: days_ago(46), ..seeker }),
        Kind::ReportInTime => Row::Ok(Answer { report: days_ago(45), ..seeker }),
        Kind::NoReportLate => Row::Ok(Answer { report: None, registered: days_ago(46), ..seeker }),
        Kind::NoReportInTime => Row::Ok(Answer { report: None, registered: days_ago(45), ..seeker }),
        Kind::NoReportUndated => Row::Ok(Answer { report: None, registered: None, ..seeker }),
        Kind::Nothing | Kind::FelLastNight => Row::Ok(seeker),
    }
}

fn last_night(town: &Town, kind: Kind, seeker: Answer) -> Row {
    match kind {
        Kind::LeftUnseen | Kind::LeftEarlier | Kind::Absent | Kind::Arrived => Row::None,
        Kind::LeftAfterFel | Kind::LeftEarlierAfterFel | Kind::FelLastNight => Row::Fel,
        Kind::NeverAnswered => Row::Ok(Answer { seeking: Seeking::No, ..EMPTY }),
        Kind::Left
        | Kind::LeftUndated
        | Kind::LeftExtract
        | Kind::CategoryChanged
        | Kind::CategoryUnknown
        | Kind::CategoryEmpty
        | Kind::Fel => Row::Ok(seeker),
        _ => tonight(town, kind, seeker),
    }
}

fn another_category(category: &str) -> &'static str {
    if category == "11" { "21" } else { "11" }
}
