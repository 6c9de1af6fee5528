//! What a night that is only shown has to show.

use crate::definition::Definitions;
use crate::evaluate::reason;
use crate::outcome::Outcome;
use crate::output::{Note, Noted, accounts, notes};

use super::said::all_new;
use super::{NotTried, Round};

/// The robots' notes, accounts and what could not be tried.
#[derive(Default)]
pub struct Shown {
    pub notes: Vec<Note>,
    pub accounts: Vec<Vec<String>>,
    pub untried: Vec<NotTried>,
}

/// What the rounds came to, every finding as if it were new.
pub fn shown(definitions: &Definitions, rounds: &[Round<'_>]) -> Shown {
    let mut shown = Shown::default();
    for round in rounds {
        let all_new: Noted = all_new(&round.result);
        shown.notes.extend(notes(round.robot, &round.result, &all_new, definitions, round.nights));
        shown.accounts.extend(accounts(round.robot, &round.result));
        shown.untried.extend(not_tried(round, definitions));
    }
    shown
}

fn not_tried(round: &Round<'_>, definitions: &Definitions) -> Vec<NotTried> {
    let shown = round.result.subjects.iter().filter(|subject| subject.outcome != Outcome::Protected);
    shown
        .flat_map(|subject| subject.undecided().map(move |untried| (subject, untried)))
        .map(|(subject, untried)| {
            let check = &round.robot.checks[untried.check];
            NotTried {
                robot: round.robot.id.clone(),
                subject: subject.key.clone(),
                check: check.id.clone(),
                reason: reason(&untried.why, check, definitions),
            }
        })
        .collect()
}
