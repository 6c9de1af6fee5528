//! What can be told of robot stickprov without the key that it draws with: who its subjects are, and what cannot be tried.
//!
//! The others are by lot: clear, or flagged when it falls on them. No kind of cost is targeted, and on a first run nobody has
//! waited for long.

use super::case::Case;
use super::cost::{Application, Blemish, Listed};
use super::plant::{Checks, Effect, Robot};
use super::recurring::applications_of;
use super::town::Town;

/// Robot stickprov, whose subjects are the new applications of either kind.
pub const STICKPROV: Robot = Robot { id: "stickprov", checks: &["slump", "riktat", "tackning"] };

const TARGETED: Checks = Checks(1 << 1);

/// The outcome of a subject that only the lot decides about.
pub const BY_LOT: &str = "lot";

/// The subjects that stand under a case's number, in the order of theirs, and what cannot be tried of each.
pub fn subjects(town: &Town, household: &Case) -> Vec<(Application, Effect)> {
    let beside = Case::of(town, (household.index + town.cases - 1) % town.cases);
    let sought = applications_of(town, &beside, household).into_iter().map(|(_, application)| application);
    sought.filter_map(|it| untried(town, &it).map(|effect| (it, effect))).collect()
}

/// `None` for what is no subject.
fn untried(town: &Town, application: &Application) -> Option<Effect> {
    let is_of_unknown_kind =
        application.costs.iter().any(|cost| matches!(cost.blemish, Blemish::Kind | Blemish::NoKey | Blemish::Short));
    match application.listed {
        Listed::Undated | Listed::Misdated => Some(Effect::undecided(STICKPROV.all())),
        Listed::Whole if application.received != town.nights.since => None,
        Listed::Whole if is_of_unknown_kind => Some(Effect::undecided(TARGETED)),
        Listed::Whole => Some(Effect::NONE),
        // Not there at all, or of nobody that can be told.
        Listed::Not | Listed::Short => None,
    }
}
