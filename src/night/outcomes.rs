//! What robots came to, as the extracts that have no file: written as a file would be, and read as any other.
//!
//! Those of tonight are known once their robots have gone round, and are put in place before a robot that asks for them
//! goes. Those of earlier nights come out of the ledger.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::definition::Definitions;
use crate::definition::extract::{Extract, Field};
use crate::definition::of_robots::{NO, OfRobots, YES};
use crate::definition::robot::Robot;
use crate::evaluate::{RobotResult, SubjectResult};
use crate::extract::{Reach, Request, Source, Table, scan};
use crate::ledger::{CaseOutcome, Ledger, LedgerError};
use crate::outcome::Outcome;
use crate::plan::{Followed, Nights, Plan};
use crate::rule::types::{FieldId, RobotId};
use crate::rule::value::{Missing, Why};

use super::figures::Keeping;
use super::gather::Intake;
use super::join::{AllLinks, join_along, wanted};
use super::rounds::Round;
use super::stock::Stock;

/// Puts what a robot asks of others, of those that have gone round, where it finds it. `place` is its own in the stock.
pub fn hand_over(stock: &mut Stock<'_>, place: usize, gone: &[Round<'_>], definitions: &Definitions) {
    let (asked, needs) = (stock.asked[place], &stock.plan.robots[place]);
    let of_tonight: Vec<Followed> = needs
        .relations
        .iter()
        .copied()
        .filter(|followed| of_robots(*followed, definitions).is_some_and(OfRobots::is_of_tonight))
        .collect();
    if of_tonight.is_empty() {
        return;
    }
    let asked_for = definitions.asked_by(asked.robot);
    let came_to = gone.iter().filter(|round| round.status.is_delivered()).filter_map(|round| {
        let robot = definitions.catalog.robot_named(&round.robot.id)?;
        asked_for.contains(&robot).then_some((robot, round))
    });
    let came_to: BTreeMap<RobotId, &Round<'_>> = came_to.collect();
    for extract in definitions.extracts.iter().filter(|extract| extract.of_robots.is_some()) {
        let lines: Vec<[String; 5]> = match extract.of_robots {
            Some(OfRobots::Outcomes) => {
                came_to.values().flat_map(|round| outcomes(round.robot, &round.result)).collect()
            }
            Some(OfRobots::Deviations) => {
                came_to.values().flat_map(|round| deviations(round.robot, &round.result)).collect()
            }
            Some(OfRobots::History) | None => continue,
        };
        let key = (extract.id, asked.nights.night);
        if let Some(table) = table(extract, &lines, asked.nights.night, &stock.plan, definitions) {
            stock.intakes.insert(key, Intake::made(table));
        }
    }
    let wanted = wanted(&of_tonight, asked.nights, definitions);
    let links = join_along(&stock.plan, wanted, definitions, &stock.intakes);
    stock.links.extend(links);
    let not_run = asked_for.into_iter().filter(|robot| !came_to.contains_key(robot)).collect();
    open(&mut stock.links, &of_tonight, asked.nights, definitions, &not_run);
}

/// Over what a robot that has not run came to, nothing is known.
pub fn open<'f>(
    links: &mut AllLinks,
    followed: impl IntoIterator<Item = &'f Followed>,
    nights: Nights,
    definitions: &Definitions,
    not_run: &BTreeSet<RobotId>,
) {
    for key in wanted(followed, nights, definitions).into_keys() {
        let schema = definitions.catalog.extract(key.0.0).relation(key.1);
        let of_tonight = definitions.extracts[usize::from(schema.to.0)].of_robots.is_some_and(OfRobots::is_of_tonight);
        let robot = schema.robots.iter().find(|robot| of_tonight && not_run.contains(robot));
        if let Some(robot) = robot
            && let Some(known) = links.remove(&key)
        {
            links.insert(key, known.opened(Missing::because(Why::NotRun(*robot))));
        }
    }
}

fn of_robots((extract, _, relation, _): Followed, definitions: &Definitions) -> Option<OfRobots> {
    let to = definitions.catalog.extract(extract).relation(relation).to;
    definitions.extracts[usize::from(to.0)].of_robots
}

/// A line for each subject: whether it deviates is known but where something could not be tried and nothing deviates.
fn outcomes(robot: &Robot, result: &RobotResult) -> Vec<[String; 5]> {
    let line = |subject: &SubjectResult| {
        let deviates = subject.deviations().next().is_some();
        let (key, case) = (subject.key.clone(), subject.case.clone());
        [robot.id.clone(), key, case, subject.outcome.name().to_owned(), word(deviates, subject.outcome).to_owned()]
    };
    result.subjects.iter().map(|subject| line(subject)).collect()
}

/// A line for each check of a subject that deviates, also in a protected household, or could not be tried.
fn deviations(robot: &Robot, result: &RobotResult) -> Vec<[String; 5]> {
    let mut lines = Vec::new();
    for subject in &result.subjects {
        let mut checks: BTreeMap<usize, &str> = subject.undecided().map(|untried| (untried.check, "")).collect();
        checks.extend(subject.deviations().map(|finding| (finding.check, YES)));
        lines.extend(checks.into_iter().map(|(check, deviates)| {
            let (key, case) = (subject.key.clone(), subject.case.clone());
            [robot.id.clone(), key, robot.checks[check].id.clone(), case, deviates.to_owned()]
        }));
    }
    lines
}

/// Whether something deviates, as a cell; empty where that is not known.
fn word(deviates: bool, outcome: Outcome) -> &'static str {
    match (deviates, outcome) {
        (true, _) => YES,
        (false, Outcome::Clear) => NO,
        (false, _) => "",
    }
}

/// What a robot's night is to be remembered by, as far as some robot asks on later nights: each case and outcome once.
#[must_use]
pub fn to_keep(robot: &Robot, result: &RobotResult, definitions: &Definitions) -> Vec<CaseOutcome> {
    let kept = definitions.kept_outcomes(&robot.id);
    let mut cases: BTreeMap<(&str, Outcome), bool> = BTreeMap::new();
    for subject in result.subjects.iter().filter(|subject| !subject.case.is_empty() && kept.contains(&subject.outcome))
    {
        *cases.entry((&subject.case, subject.outcome)).or_default() |= subject.deviations().next().is_some();
    }
    let one =
        |((case, outcome), deviates): ((&str, Outcome), bool)| CaseOutcome { case: case.to_owned(), outcome, deviates };
    cases.into_iter().map(one).collect()
}

/// What robots came to on the nights before, as far as one of these asks: the extract's file.
///
/// # Errors
/// When the ledger cannot be read.
pub fn history(
    definitions: &Definitions,
    robots: &[&Robot],
    ledger: Option<&Ledger>,
    night: NaiveDate,
    keeping: Keeping,
) -> Result<Vec<u8>, LedgerError> {
    let Some(extract) = definitions.extracts.iter().find(|extract| extract.of_robots == Some(OfRobots::History)) else {
        return Ok(Vec::new());
    };
    let mut asked: BTreeSet<RobotId> =
        robots.iter().flat_map(|robot| definitions.asked_of_earlier_nights(robot)).collect();
    if keeping == Keeping::Figures {
        asked.extend(definitions.asked_by_figures());
    }
    let names: Vec<&str> = asked.into_iter().map(|robot| definitions.catalog.robot(robot)).collect();
    let past = ledger.map(|ledger| ledger.outcomes_before(&names, night)).transpose()?.unwrap_or_default();
    let lines: Vec<[String; 6]> = past
        .into_iter()
        .map(|past| {
            let CaseOutcome { case, outcome, deviates } = past.came_to;
            let deviated = if deviates { YES } else { NO }.to_owned();
            let (night, deviates) = (past.night.to_string(), word(deviates, outcome).to_owned());
            [past.robot, night, case, outcome.name().to_owned(), deviates, deviated]
        })
        .collect();
    Ok(file(extract, &lines))
}

/// An extract of no lines, as its file would be.
#[must_use]
pub fn empty(extract: &Extract) -> Vec<u8> {
    file::<0>(extract, &[])
}

fn file<const N: usize>(extract: &Extract, lines: &[[String; N]]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(extract.dialect.delimiter).from_writer(Vec::new());
    let header = extract.fields.iter().map(Field::heading);
    writer.write_record(header).expect("memory can be written to");
    for line in lines {
        writer.write_record(line).expect("memory can be written to");
    }
    writer.into_inner().expect("memory can be written to")
}

fn table(
    extract: &Extract,
    lines: &[[String; 5]],
    night: NaiveDate,
    plan: &Plan,
    definitions: &Definitions,
) -> Option<Table> {
    let needed = plan.tables.get(&(extract.id, night))?;
    let fields: Vec<FieldId> = needed.fields.iter().copied().collect();
    let request = Request {
        extract,
        night,
        fields: &fields,
        reach: Reach::All,
        ways: &needed.ways,
        parameters: &definitions.catalog.parameters,
        path: extract.file.clone().into(),
        piece: None,
    };
    scan(&Source::Bytes(file(extract, lines)), &request).ok()
}
