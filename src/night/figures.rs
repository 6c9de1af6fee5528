//! What the ledger keeps of the extracts of a night: worked out beside the robots, of a night that is run as a whole.
//!
//! Nothing that goes wrong here keeps a robot from running; it is kept and told as what it is.

use tracing::info;

use crate::definition::Definitions;
use crate::definition::extract::Extract;
use crate::definition::keep::Keep;
use crate::evaluate::{add_up, isolated};
use crate::extract::Table;
use crate::ledger::NightFigures;
use crate::rule::types::Side;
use crate::rule::world::Constants;

use super::gather::why_not_used;
use super::join::view;
use super::stock::Stock;
use super::{Effect, NightRequest};

/// Whether figures are kept of the extracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// They are: all robots are run, over all cases, and the night is recorded.
    Figures,
    /// They are not. What was kept of the night before stands.
    Nothing,
}

impl Keeping {
    /// What is kept of a run.
    pub fn of(request: &NightRequest) -> Self {
        let is_whole = request.robots.is_empty() && request.case.is_none();
        if is_whole && request.effect == Effect::Deliver { Self::Figures } else { Self::Nothing }
    }
}

/// So many groups an extract is kept in at most: a field that has more values is none to group by.
const MOST_GROUPS: usize = 2_000;

/// What is kept of the night's extracts; nothing where the night is not run as a whole.
pub fn figures(request: &NightRequest, definitions: &Definitions, stock: &Stock<'_>) -> Option<Vec<NightFigures>> {
    if Keeping::of(request) == Keeping::Nothing {
        return None;
    }
    let keeps = definitions.extracts.iter().filter_map(|extract| Some((extract, extract.keep.as_ref()?)));
    let figures = keeps.map(|(extract, keep)| of_extract(request, definitions, stock, (extract, keep))).collect();
    info!("figures worked out");
    Some(figures)
}

fn of_extract(
    request: &NightRequest,
    definitions: &Definitions,
    stock: &Stock<'_>,
    (extract, keep): (&Extract, &Keep),
) -> NightFigures {
    let nothing = |reason: String| NightFigures {
        extract: extract.name.clone(),
        by: keep.by.iter().map(|field| field.name.clone()).collect(),
        groups: Err(reason),
        rejected: 0,
    };
    let Some(planned) = stock.plan.figures.iter().find(|planned| planned.extract == extract.id) else {
        return nothing("reading for it broke down; the place in the code is in the log".to_owned());
    };
    let intake = stock.intakes.get(&(extract.id, request.night)).filter(|intake| intake.stop().is_none());
    let Some(table) = intake.and_then(|intake| intake.table.as_ref()) else {
        return nothing(why_not_used(extract.id, request.night, &stock.intakes, definitions));
    };
    let view = view(planned.nights, &planned.needs, definitions, &stock.intakes, &stock.links);
    let constants = Constants {
        night: request.night,
        previous_night: None,
        since: request.night,
        start: request.night,
        municipality: &request.municipality,
        parameters: &definitions.catalog.parameters,
        draws: None,
    };
    let rows = view.table(extract.id, Side::Tonight).map_or(0, Table::len);
    let Some(groups) = isolated(|| add_up(extract.id, rows, keep, &view, &constants)) else {
        return nothing("working it out broke down; the place in the code is in the log".to_owned());
    };
    if groups.len() > MOST_GROUPS {
        return nothing(format!("its rows are of {} groups, more than the {MOST_GROUPS} that are kept", groups.len()));
    }
    NightFigures { groups: Ok(groups), rejected: table.rejected.len() as u64, ..nothing(String::new()) }
}

/// What could not be kept, in words.
pub fn not_kept(figures: &[NightFigures]) -> impl Iterator<Item = String> {
    let reason = |figures: &NightFigures| {
        let reason = figures.groups.as_ref().err()?;
        Some(format!("nothing new is kept of `{}` for the month's figures: {reason}", figures.extract))
    };
    figures.iter().filter_map(reason)
}
