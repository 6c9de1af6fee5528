//! Explains what a robot came to for a case, over a night whose extracts still lie there. Writes nothing.

use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::evaluate::{Explanation, Question, explain as explain_round, isolated};
use crate::ledger::Ledger;
use crate::plan::{Nights, plan};
use crate::rule::world::Constants;

use super::gather::{Files, gather, join, obstacle, take_stock, view};
use super::nights::NightsOf;
use super::{LEDGER, NightError, NightFiles, NightRequest, previous_rows, why_not_used};

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
    let when = NightsOf::find(request, &[robot], ledger.as_ref())?;
    let Some((nights, since)) = when.robots.first().copied() else { return Ok(Vec::new()) };
    let plan = plan(definitions, &[(robot, nights)]);
    let files = NightFiles { request, definitions };
    let mut intakes = gather(&plan, definitions, &files, &|step| {
        tracing::debug!(file = %files.name(step.table).display(), "read");
    });
    take_stock(&mut intakes, definitions, request.night, |extract| {
        when.earlier.iter().find_map(|night| previous_rows(extract, *night, &files, definitions, ledger.as_ref()))
    });
    let Some(needs) = plan.robots.first() else { return Ok(Vec::new()) };
    if let Some(extract) = obstacle(needs, &robot.optional, request.night, &intakes) {
        let reason = why_not_used(extract, request.night, &intakes, definitions);
        return Err(NightError::Refused(format!("`{}` cannot run the night {}: {reason}", robot.id, request.night)));
    }
    let links = join(&plan, &[nights], definitions, &intakes);
    let view = view(nights, needs, definitions, &intakes, &links);
    let constants = Constants {
        night: request.night,
        previous_night: nights.previous,
        since,
        municipality: &request.municipality,
        parameters: &definitions.catalog.parameters,
    };
    let nights = Nights { night: request.night, previous: nights.previous };
    isolated(|| explain_round(robot, definitions, &view, &constants, nights, question))
        .ok_or_else(|| NightError::Refused(format!("`{}` panicked; the place in the code is in the log", robot.id)))
}
