//! Explains what a robot came to for a case, over a night whose extracts still lie there. Writes nothing.

use std::sync::Mutex;

use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::evaluate::{Explanation, NOT_A_SUBJECT, Question, Verdict, explain as explain_round, isolated};
use crate::ledger::Ledger;
use crate::outcome::Outcome;
use crate::output::Account;

use super::earlier::delivered_accounts;
use super::figures::Keeping;
use super::gather::{Leads, obstacle, why_not_used};
use super::join::view;
use super::nights::nights_of;
use super::once::SettledBefore;
use super::outcomes::{hand_over, history};
use super::rounds::go;
use super::stock::Storehouse;
use super::{LEDGER, NightError, NightRequest};

/// Explains what one robot came to for a case or a subject, on the nights that it looked at when it ran.
///
/// # Errors
/// When the robot does not exist, could not run that night, or something cannot be read.
pub fn explain(
    request: &NightRequest,
    definitions: &Definitions,
    robot: &str,
    question: Question<'_>,
) -> Result<Vec<Explanation>, NightError> {
    let robots: Vec<&Robot> = super::chosen(request, definitions)?;
    let Some(robot) = robots.into_iter().find(|known| known.id == robot) else { return Ok(Vec::new()) };
    let ledger = Ledger::open_read_only(&request.state.join(LEDGER))?;
    // Those that it asks what they came to are worked out as in a whole night.
    let helpers = definitions.asked_beside(&[robot]);
    let mut asked = nights_of(request, &[robot], ledger.as_ref())?;
    let of_helpers = NightRequest { since: None, case: None, ..request.clone() };
    asked.extend(
        nights_of(&of_helpers, &helpers, ledger.as_ref())?.into_iter().filter(|one| one.is_let(request, definitions)),
    );
    let going: Vec<&Robot> = asked.iter().map(|asked| asked.robot).collect();
    let history = history(definitions, &going, ledger.as_ref(), request.night, Keeping::Nothing)?;
    let watch = |file: &str| tracing::debug!(file, "read");
    let leads = Leads::FromSubjects { municipality: &request.municipality };
    let store = Storehouse {
        request,
        definitions,
        ledger: ledger.as_ref(),
        watch: &watch,
        leads,
        history,
        keeping: Keeping::Nothing,
        pipes: Mutex::default(),
    };
    // The guards judge what the night read. What is asked about may be a case that no robot goes through, which led nowhere
    // then: it is read once more, for every row.
    let (judged, _) = store.take_in(&asked);
    let (mut stock, _broken) = Storehouse { leads: Leads::FromAllRows, ..store }.take_in(&asked);
    for (key, intake) in &mut stock.intakes {
        if let Some(judged) = judged.intakes.get(key) {
            intake.measures.clone_from(&judged.measures);
        }
    }
    let panicked = || NightError::Refused(format!("`{}` panicked; the place in the code is in the log", robot.id));
    let gone = go(&of_helpers, definitions, &mut stock, &helpers, ledger.as_ref())?;
    let Some(place) = stock.asked.iter().position(|asked| asked.robot.id == robot.id) else { return Err(panicked()) };
    hand_over(&mut stock, place, &gone, definitions);
    let (one, needs) = (&stock.asked[place], &stock.plan.robots[place]);
    let nights = one.nights;
    if let Some(extract) = obstacle(needs, &robot.optional, request.night, &stock.intakes) {
        let reason = why_not_used(extract, request.night, &stock.intakes, definitions);
        return Err(NightError::Refused(format!("`{}` cannot run the night {}: {reason}", robot.id, request.night)));
    }
    let tried = match ledger.as_ref() {
        Some(ledger) => SettledBefore::read(request.night, robot, ledger)?,
        None => None,
    };
    let when = |key: &str| tried.as_ref()?.when(key).map(|(night, case)| (night, case.to_owned()));
    let view = view(nights, needs, definitions, &stock.intakes, &stock.links);
    let constants = one.constants(request, definitions);
    let explain = || explain_round(robot, definitions, &view, &constants, nights, question, &when);
    let mut explanations = isolated(explain).ok_or_else(panicked)?;
    if let Some(accounts) = delivered_accounts(&request.output, request.night, &robot.id) {
        for explanation in &mut explanations {
            explanation.delivered = told_otherwise(explanation, &accounts);
        }
    }
    Ok(explanations)
}

/// What the accounts say of a subject, where that is something else than what it comes to now. A robot without a row in them
/// has not delivered the night.
fn told_otherwise(explanation: &Explanation, accounts: &Account) -> Option<String> {
    if accounts.is_empty() || explanation.tried_on.is_some() {
        return None;
    }
    let row = accounts.iter().find(|row| row.get(1) == Some(&explanation.subject));
    let [_, _, _, outcome, checks] = row.map(Vec::as_slice).unwrap_or_default() else {
        return (explanation.outcome != NOT_A_SUBJECT).then(|| NOT_A_SUBJECT.to_owned());
    };
    let verdict = match explanation.outcome.as_str() {
        outcome if outcome == Outcome::Flagged.name() => Some(Verdict::Deviation),
        outcome if outcome == Outcome::Undecided.name() => Some(Verdict::Undecided),
        _ => None,
    };
    let of_verdict = explanation.checks.iter().filter(|check| Some(check.verdict) == verdict && !check.informs);
    let now: Vec<&str> = of_verdict.map(|check| check.id.as_str()).collect();
    let is_same = *outcome == explanation.outcome && checks.split_whitespace().eq(now);
    (!is_same).then(|| format!("{outcome} {checks}").trim_end().to_owned())
}
