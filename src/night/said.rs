//! What of tonight's findings is new, by what the ledger remembers.

use rayon::prelude::*;

use crate::evaluate::{Finding, RobotResult, SubjectResult};
use crate::ledger::{KeyedHasher, Ledger, LedgerError, Novelty, Seen, Standing, Untried, decide};
use crate::output::Noted;

use super::rounds::Round;

/// What the ledger is to keep of a robot's night, and which findings its notes are to say.
pub struct Told {
    /// The findings that stand.
    pub standing: Vec<Standing>,
    /// Which are new, by subject and finding.
    pub noted: Noted,
}

/// Decides what is new for a robot.
///
/// # Errors
/// When the ledger cannot be read.
pub fn tell(round: &Round<'_>, ledger: &Ledger) -> Result<Told, LedgerError> {
    let robot = &round.robot.id;
    let night = round.nights.night;
    let standing_on = |night: Option<chrono::NaiveDate>| match night {
        Some(night) => ledger.standing(robot, night),
        None => Ok(Vec::new()),
    };
    let previous = standing_on(ledger.last_delivered(robot, night)?)?;
    let next = standing_on(ledger.next_delivered(robot, night)?)?;
    let hasher = KeyedHasher::new(ledger.key());
    let seen: Vec<Seen<'_>> =
        round.result.subjects.par_iter().flat_map_iter(|subject| seen_of(round, subject, &hasher)).collect();
    let mut untried = Untried::default();
    for subject in round.result.subjects.iter().filter(|subject| !subject.untried.is_empty()) {
        let hash = subject.identity.hash(&hasher);
        for check in &subject.untried {
            let id = &round.robot.checks[check.check].id;
            // Members who cannot be read: what was seen of any of the case's members stands.
            if subject.key.ends_with("/?") {
                untried.add_case(&subject.case, id);
            } else {
                untried.add_subject(hash, id);
            }
        }
    }
    let has_no_case = |subject: &SubjectResult| subject.case.is_empty() && !subject.untried.is_empty();
    if round.untold > 0 || round.result.subjects.iter().any(|subject| has_no_case(subject)) {
        untried.add_all_but(round.result.subjects.iter().map(|subject| subject.identity.hash(&hasher)).collect());
    }
    let said = decide(night, &previous, &next, &seen, &untried);
    let mut novelty = said.novelty.into_iter();
    let noted =
        round.result.subjects.iter().map(|subject| novelty.by_ref().take(subject.findings.len()).collect()).collect();
    Ok(Told { standing: said.standing, noted })
}

/// Every finding as new: what a night that is only shown would say.
#[must_use]
pub fn all_new(result: &RobotResult) -> Noted {
    result.subjects.iter().map(|subject| vec![Novelty::New; subject.findings.len()]).collect()
}

/// A finding is the same another night when the check, the subject, the keys of its rows and the values printed are
/// (design §4); the nights' dates are not among the values.
fn seen_of<'r>(round: &'r Round<'_>, subject: &'r SubjectResult, hasher: &KeyedHasher) -> Vec<Seen<'r>> {
    if subject.findings.is_empty() {
        return Vec::new();
    }
    let about = subject.identity.hash(hasher);
    let seen = |finding: &Finding| {
        let check = round.robot.checks[finding.check].id.as_str();
        let groups = [&subject.identity.0, &finding.identity.0, &finding.sentence.printed];
        let parts = groups
            .into_iter()
            .flat_map(|group| std::iter::once(b"part".as_slice()).chain(group.iter().map(String::as_bytes)));
        let fingerprint = hasher.hash([b"finding".as_slice(), check.as_bytes()].into_iter().chain(parts));
        Seen { case: &subject.case, subject: about, check, fingerprint }
    };
    subject.findings.iter().map(seen).collect()
}
