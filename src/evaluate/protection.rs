//! Whose household is protected, and that none of its case is told of openly.

use std::collections::HashSet;

use crate::definition::robot::{NoteOf, RejectedMember, Robot, SUBJECT};
use crate::extract::{Key, Table};
use crate::outcome::Outcome;
use crate::rule::evaluate::Evaluator;
use crate::rule::types::{FieldId, Side};
use crate::rule::value::{RowRef, Value};
use crate::rule::world::Silent;

use super::result::SubjectResult;
use super::round::{Eval, Round};
use super::rows::{may_list_clear_subjects, withhold};
use super::subject::Subject;

/// Where one subject of a case is found to be in a protected household, so is the case: no other of its subjects is told of
/// openly.
pub(super) fn protect_together(robot: &Robot, case: &mut [Box<SubjectResult>]) {
    if case.iter().all(|subject| subject.outcome != Outcome::Protected && !subject.is_in_protected_household) {
        return;
    }
    for subject in case {
        subject.findings.retain(|finding| !finding.informs);
        let deviates = subject.deviations().next().is_some();
        let is_undecided = subject.undecided().next().is_some();
        subject.outcome = Outcome::of(deviates, is_undecided, true);
        subject.is_in_protected_household = true;
        subject.spoken_of = None;
        if subject.outcome == Outcome::Protected {
            subject.rows.clear();
        }
        withhold(robot, subject);
    }
}

impl<'r> Round<'r> {
    /// Whether a subject's household is protected, whatever it comes to.
    pub(super) fn is_protected_subject(&self, subject: &Subject) -> bool {
        let mut evaluator = self.evaluator();
        evaluator.turn_to(&subject.slots());
        self.is_protected(subject, &mut evaluator)
    }

    /// Whether something is written of subjects that are clear, and so who is protected must be known of them too.
    pub(super) fn writes_of_clear_subjects(&self) -> bool {
        let robot = self.robot;
        let in_note = robot.note.as_ref().is_some_and(|note| !matches!(note.of, NoteOf::Deviations));
        in_note || robot.all_lists().any(|list| list.leaves.is_some() || may_list_clear_subjects(list))
    }

    /// Whether the subject's household is protected. Of a member whose row was rejected, the person is looked up where the
    /// number can be read in it; where it cannot, the case is not tried and nothing is told of that member.
    pub(super) fn is_protected(&self, subject: &Subject, evaluator: &mut Eval<'r>) -> bool {
        let Some(protection) = &self.robot.protection else { return false };
        if subject.row.is_err() {
            evaluator.bind(SUBJECT, Value::Null);
        }
        evaluator.speaks_for_protection(protection) || self.has_protected_rejected_member(subject)
    }

    /// Each of the places where it is looked up is gone through once for all subjects, when the first of them asks.
    fn has_protected_rejected_member(&self, subject: &Subject) -> bool {
        if self.robot.rejected.is_empty() {
            return false;
        }
        let Some(root) = subject.owner.or(subject.row.ok()) else { return false };
        let Some(own) = self.view.table(root.extract, root.side) else { return false };
        let protected = self.protected_rejected.get_or_init(|| {
            self.robot.rejected.iter().map(|rejected| self.with_protected_rejected_members(rejected)).collect()
        });
        self.robot.rejected.iter().zip(protected).any(|(rejected, protected)| {
            let mine: Vec<FieldId> = rejected.on.iter().map(|(_, mine)| *mine).collect();
            !protected.is_empty() && own.key(root.row as usize, &mine).is_some_and(|key| protected.contains(&key))
        })
    }

    /// The keys of the rows that a protected person's rejected row leads to.
    fn with_protected_rejected_members(&self, rejected: &'r RejectedMember) -> HashSet<Key> {
        let (Some(members), Some(register)) =
            (self.view.table(rejected.members, Side::Tonight), self.view.table(rejected.register, Side::Tonight))
        else {
            return HashSet::new();
        };
        let asked: HashSet<&Key> = members.rejected.iter().filter_map(|row| row.person.as_ref()).collect();
        let protected = self.protected_persons(&asked, register, rejected);
        let theirs =
            members.rejected.iter().filter(|row| row.person.as_ref().is_some_and(|who| protected.contains(who)));
        theirs.flat_map(|row| row.keys.iter().flatten().cloned()).collect()
    }

    /// Those of these persons who are protected, by a register.
    fn protected_persons(&self, asked: &HashSet<&Key>, register: &Table, rejected: &'r RejectedMember) -> HashSet<Key> {
        // A row of the register that cannot be read, but says whom it is about, may say that they are protected.
        let unreadable = register.rejected.iter().filter_map(|row| row.person.clone());
        let mut protected: HashSet<Key> = unreadable.filter(|person| asked.contains(person)).collect();
        let by = [rejected.by.0];
        let mut evaluator = Evaluator::new(self.view, self.constants, &[], Silent);
        for row in (0..register.len()).filter(|_| !asked.is_empty()) {
            let Some(person) = register.key(row, &by).filter(|person| asked.contains(person)) else { continue };
            let Ok(row) = u32::try_from(row) else { continue };
            evaluator.turn_to(&[Value::Row(RowRef { extract: rejected.register, side: Side::Tonight, row })]);
            if evaluator.speaks_for_protection(&rejected.protection) {
                protected.insert(person);
            }
        }
        protected
    }
}
