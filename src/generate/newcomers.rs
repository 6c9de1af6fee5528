//! New applications: what robot nyansokan comes to, put together from what is planted for the other robots.

use chrono::{Days, Months};

use super::case::Case;
use super::claims::Claims;
use super::cost::{Application, Ore};
use super::draw::{Purpose, again};
use super::fleet::{Fleet, Owner};
use super::incomes::{self, SOURCES};
use super::moves::{Move, Origin};
use super::number::Age;
use super::paid;
use super::plant::{Checks, Effect, Robot};
use super::second::Second;
use super::tables::CensusKind as Kind;
use super::town::Town;
use super::work::{Row, Seeking, When, Work};

/// Robot nyansokan, whose subjects are the new applications.
pub const NYANSOKAN: Robot = Robot {
    id: "nyansokan",
    checks: &[
        "folkbokford",
        "inflyttad",
        "hushall",
        "tidigare-arende",
        "dubbelt-arende",
        "fordon",
        "foretag",
        "inkomster",
        "inskriven-af",
    ],
};

const REGISTERED: Checks = Checks(1);
const MOVED_IN: Checks = Checks(1 << 1);
const HOUSEHOLD: Checks = Checks(1 << 2);
const EARLIER: Checks = Checks(1 << 3);
const TWO_CASES: Checks = Checks(1 << 4);
const VEHICLE: Checks = Checks(1 << 5);
const COMPANY: Checks = Checks(1 << 6);
const INCOME: Checks = Checks(1 << 7);
const SEEKING: Checks = Checks(1 << 8);

/// The new applications of a case, and what comes out of each.
pub fn answers(town: &Town, case: &Case) -> Vec<(Application, Effect)> {
    let is_new = |application: &Application| application.is_first && application.received == town.nights.since;
    let new: Vec<Application> = Claims::of(town, case).listed().filter(is_new).collect();
    let whatever_it_tells = of_household(case)
        .and(of_moves(town, case))
        .and(of_cases(town, case))
        .and(of_property(town, case))
        .and(of_seeking(town, case));
    let effect = |it: &Application| whatever_it_tells.and(of_incomes(town, case, it.number));
    new.into_iter()
        .map(|application| {
            let effect = effect(&application);
            (application, effect)
        })
        .collect()
}

/// What is told of the incomes of the three months: what the sources tell, or for some an öre less.
pub fn told(town: &Town, case: &Case, application: &Application) -> Ore {
    let period = incomes::month_before(application.received, 0);
    let sum = paid::sum(town, case, period - Months::new(2), period);
    if tells_less(town, application.number) { Ore(sum.0.saturating_sub(1)) } else { sum }
}

fn tells_less(town: &Town, number: u64) -> bool {
    again(town.draw.bits(Purpose::AppliesAnew, number + (1 << 40)), 1, 3) == 0
}

/// Where the members are registered, and with how many. The application counts the whole household.
fn of_household(case: &Case) -> Effect {
    match case.census.kind {
        Kind::Elsewhere | Kind::ElsewhereMoved | Kind::NoAddress | Kind::Lodger => Effect::deviates(HOUSEHOLD),
        Kind::OtherMunicipality
        | Kind::OtherMunicipalityMoved
        | Kind::Deregistered
        | Kind::ApplicantDeregistered
        | Kind::DeregisteredElsewhere
        | Kind::NotInKir
        | Kind::UnknownBirth => Effect::deviates(REGISTERED.and(HOUSEHOLD)),
        Kind::LoneApplicantAway | Kind::ApplicantAway | Kind::ApplicantNotInKir | Kind::ApplicantUnknownBirth => {
            Effect::deviates(REGISTERED).and(Effect::undecided(HOUSEHOLD))
        }
        Kind::ApplicantNoAddress | Kind::ApplicantEnded => Effect::undecided(HOUSEHOLD),
        _ => Effect::NONE,
    }
}

fn of_moves(town: &Town, case: &Case) -> Effect {
    let limit = town.nights.last - Months::new(6);
    match Move::of(town, case) {
        Some(it) if it.origin != Origin::Own && it.day >= limit => Effect::deviates(MOVED_IN),
        _ => Effect::NONE,
    }
}

fn of_cases(town: &Town, case: &Case) -> Effect {
    match Second::of(town, case) {
        Some(second) if second.is_open() => Effect::deviates(EARLIER.and(TWO_CASES)),
        Some(second) if second.counts() => Effect::deviates(EARLIER),
        _ => Effect::NONE,
    }
}

fn of_property(town: &Town, case: &Case) -> Effect {
    let holdings = Fleet::of(town, case).holdings;
    let owners = holdings.iter().filter_map(|holding| holding.tonight).map(|vehicle| vehicle.owner);
    let is_current = |owner| matches!(owner, Owner::Member(place) if case.current().contains(&place));
    let vehicle = if owners.into_iter().any(is_current) { VEHICLE } else { Checks::NONE };
    let engagements =
        case.current().iter().filter_map(|place| incomes::engagement(town, case.members[*place].resident));
    let goes_on =
        |it: incomes::Engagement| it.from <= town.nights.last && it.to.is_none_or(|to| to >= town.nights.last);
    let company = if engagements.into_iter().any(goes_on) { COMPANY } else { Checks::NONE };
    Effect::deviates(vehicle.and(company))
}

fn of_incomes(town: &Town, case: &Case, number: u64) -> Effect {
    let asked = || case.current().iter().copied().filter(|place| incomes::is_asked(case, *place));
    let period = incomes::month_before(town.nights.since, 0);
    let sum = paid::sum(town, case, period - Months::new(2), period + Days::new(27));
    if tells_less(town, number) && sum > Ore(0) {
        return Effect::deviates(INCOME);
    }
    let fails =
        |place: usize| (0..SOURCES.len()).any(|source| incomes::fails(town, case.members[place].resident, source));
    if asked().any(fails) { Effect::undecided(INCOME) } else { Effect::NONE }
}

fn of_seeking(town: &Town, case: &Case) -> Effect {
    if !case.unemployed {
        return Effect::NONE;
    }
    let work = Work::of(town, case);
    case.current_of(|age| age == Age::Working).into_iter().fold(Effect::NONE, |effect, place| {
        effect.and(match work.row(town, case, place, When::Tonight) {
            Row::Fel => Effect::undecided(SEEKING),
            Row::Ok(answer) if answer.seeking == Seeking::Yes => Effect::NONE,
            Row::None | Row::Ok(_) => Effect::deviates(SEEKING),
        })
    })
}
