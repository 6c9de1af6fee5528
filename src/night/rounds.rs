//! Sends each robot that nothing stands in the way of on its round.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tracing::{info, warn};

use crate::definition::Definitions;
use crate::definition::decision::Standing;
use crate::definition::robot::Robot;
use crate::evaluate::{Cases, Errand, Nothing, OtherNights, RobotResult, go_round, isolated, lost};
use crate::extract::Table;
use crate::ledger::{KeyedHasher, Ledger, LedgerError, RobotStatus, Verdict};
use crate::plan::{Nights, RobotNeeds};
use crate::rule::types::{RobotId, Side};

use super::candidates::candidates;
use super::gather::{obstacle, why_not_used};
use super::join::view;
use super::nights::Asked;
use super::once::SettledBefore;
use super::outcomes::hand_over;
use super::stock::Stock;
use super::{Effect, NightRequest};

/// What an administrator is told of a robot that broke down. A panic's text may hold personal data; its place is logged.
const PANICKED: &str = "it panicked; the place in the code is in the log";

/// What one robot came to.
pub struct Round<'r> {
    /// The robot.
    pub robot: &'r Robot,
    /// The nights that it looked at.
    pub nights: Nights,
    /// The night of its last run that gave outcomes.
    pub since: NaiveDate,
    /// How it went.
    pub status: RobotStatus,
    /// Why what it writes waits for somebody to release it.
    pub held: Option<String>,
    /// What somebody has decided about it.
    pub verdict: Option<Verdict>,
    /// What its subjects came to; empty for one that did not run.
    pub result: RobotResult,
    /// What it needs.
    pub needs: RobotNeeds,
    /// How many rows of the extract it goes through stand for nothing, not even their key being readable.
    pub untold: usize,
}

impl<'r> Round<'r> {
    /// A robot that has not gone round.
    pub fn not_gone(asked: Asked<'r>, status: RobotStatus) -> Self {
        let Asked { robot, nights, since, start: _, sample_key: _ } = asked;
        let (result, needs) = (RobotResult::default(), RobotNeeds::default());
        Self { robot, nights, since, status, held: None, verdict: None, result, needs, untold: 0 }
    }

    /// One that broke down while its extracts were read, or on its round.
    pub fn failed(asked: Asked<'r>) -> Self {
        warn!(robot = asked.robot.id, "the robot failed");
        Self::not_gone(asked, RobotStatus::Failed { reason: PANICKED.to_owned() })
    }

    /// One that may not be run as it is defined now.
    pub fn refused(asked: Asked<'r>, definitions: &Definitions) -> Self {
        let why = match definitions.decision_of(asked.robot) {
            Standing::Changed(decision) => {
                format!("it has changed since the decision {} of {}", decision.reference, decision.date)
            }
            _ => "no decision to run it is recorded".to_owned(),
        };
        let reason = format!("{why}; once it is decided, `nattkoll approve` records it");
        Self::not_gone(asked, RobotStatus::Refused { reason })
    }

    /// Its files could not be made.
    pub fn fail(&mut self) {
        warn!(robot = self.robot.id, "the robot failed");
        self.status = RobotStatus::Failed { reason: PANICKED.to_owned() };
        self.result = RobotResult::default();
    }
}

/// Sends these robots, as far as nothing stands in their way, on their rounds: each after those that it asks what they came
/// to. Where one case is asked for, those that others ask go round all the same.
///
/// # Errors
/// When the ledger cannot be read.
pub fn go<'r>(
    request: &NightRequest,
    definitions: &Definitions,
    stock: &mut Stock<'r>,
    robots: &[&'r Robot],
    ledger: Option<&Ledger>,
) -> Result<Vec<Round<'r>>, LedgerError> {
    let mut rounds: Vec<Round<'r>> = Vec::with_capacity(robots.len());
    let recorded = ledger.filter(|_| request.effect == Effect::Deliver);
    let hasher = recorded.map(|ledger| KeyedHasher::new(ledger.key()));
    let asked: BTreeSet<RobotId> = stock.asked.iter().flat_map(|one| definitions.asked_by(one.robot)).collect();
    for robot in definitions.in_order(robots.iter().copied()) {
        let Some(place) = stock.asked.iter().position(|asked| asked.robot.id == robot.id) else { continue };
        if isolated(|| hand_over(stock, place, &rounds, definitions)).is_none() {
            rounds.push(Round::failed(stock.asked[place]));
            continue;
        }
        let tried = match ledger {
            Some(ledger) => SettledBefore::read(request.night, robot, ledger)?,
            None => None,
        };
        let needs = stock.plan.robots[place].clone();
        let is_asked = definitions.catalog.robot_named(&robot.id).is_some_and(|id| asked.contains(&id));
        let case = request.case.as_deref().filter(|_| !is_asked);
        let cases = case.map_or(Cases::All, Cases::Only);
        let errand = (cases, tried.as_ref(), hasher.as_ref());
        let round = go_one(request, definitions, stock, stock.asked[place], &needs, errand);
        rounds.push(Round { needs, ..round });
    }
    if let Some(case) = &request.case {
        for round in &mut rounds {
            round.result.keep_only(case);
        }
    }
    Ok(rounds)
}

fn go_one<'r>(
    request: &NightRequest,
    definitions: &Definitions,
    stock: &Stock<'r>,
    asked: Asked<'r>,
    needs: &RobotNeeds,
    (cases, tried, hasher): (Cases<'_>, Option<&SettledBefore>, Option<&KeyedHasher>),
) -> Round<'r> {
    let Asked { robot, nights, .. } = asked;
    if let Some(extract) = obstacle(needs, &robot.optional, request.night, &stock.intakes) {
        let reason = why_not_used(extract, request.night, &stock.intakes, definitions);
        return Round::not_gone(asked, RobotStatus::SetAside { reason });
    }
    let view = view(nights, needs, definitions, &stock.intakes, &stock.links);
    let constants = asked.constants(request, definitions);
    let table = view.table(robot.subject.extract, Side::Tonight);
    let this = std::slice::from_ref(robot);
    let candidates = table.and_then(|table| candidates(table, definitions, this, &request.municipality));
    let other_nights: &dyn OtherNights = tried.map_or(&Nothing, |tried| tried);
    let errand = Errand { cases, candidates: candidates.as_deref(), other_nights, hasher };
    let go = || go_round(robot, definitions, &view, &constants, errand);
    let Some(result) = isolated(go) else {
        return Round::failed(asked);
    };
    info!(robot = robot.id, subjects = result.subjects.len(), "went round");
    if result.tally.total() != result.subjects.len() as u64 {
        return Round::not_gone(asked, RobotStatus::Failed { reason: "its accounts do not add up".to_owned() });
    }
    if let Some(lost) = lost(robot, &result) {
        let reason = format!("its lists do not add up: `{}` is on none that it belongs on", lost.key);
        return Round::not_gone(asked, RobotStatus::Failed { reason });
    }
    let own = stock.intakes.get(&(robot.subject.extract, request.night)).and_then(|intake| intake.table.as_ref());
    let untold = own.map_or(0, |table| in_no_accounts(table).count());
    Round { result, untold, ..Round::not_gone(asked, RobotStatus::Ran) }
}

/// The lines of rejected rows that stand for nothing in a table: what they are about cannot be told.
pub fn in_no_accounts(table: &Table) -> impl Iterator<Item = u64> {
    let untold = table.rejected.iter().filter(|row| row.earlier.is_none() && !table.knows_the_key_at(row.offset));
    untold.map(|row| row.line)
}
