//! What the months' follow-up is told of a robot's night: whom it tried and what its checks came to, what stands by unit,
//! and whom its notes are about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::definition::robot::{HitPolicy, Robot};
use crate::evaluate::{RobotResult, SubjectResult};
use crate::ledger::{Applicant, CheckTrials, NoteRecord, Novelty, Standing, Trials, UnitStanding};
use crate::output::Noted;
use crate::value::may_name_a_person;

/// Whom a robot tried, and what its checks came to; those that only inform left out. A subject that was clear on an earlier
/// night and is not tried again has not been tried.
#[must_use]
pub fn trials(robot: &Robot, result: &RobotResult, noted: &Noted) -> Trials {
    let checks: Vec<usize> = (0..robot.checks.len()).filter(|place| !robot.checks[*place].informs).collect();
    let of_check = |place: &usize| CheckTrials { check: robot.checks[*place].id.clone(), ..CheckTrials::default() };
    let mut trials = Trials { subjects: Vec::new(), checks: checks.iter().map(of_check).collect() };
    let subjects = result.subjects.iter().zip(noted).filter(|(subject, _)| !subject.is_remembered);
    for (subject, novelty) in subjects {
        let Some(hash) = subject.hash else { continue };
        let came_to: Vec<CameTo> = checks.iter().map(|check| came_to(robot, subject, *check)).collect();
        let is_tried = checks.is_empty() || came_to.iter().any(|came_to| came_to.is_tried());
        let place = u32::try_from(trials.subjects.len()).unwrap_or(u32::MAX);
        for ((check, came_to), of_check) in checks.iter().zip(came_to).zip(&mut trials.checks) {
            let findings = subject.findings.iter().zip(novelty).filter(|(finding, _)| finding.check == *check);
            let new = findings.filter(|(_, novelty)| **novelty == Novelty::New).count() as u64;
            of_check.deviated += u64::from(came_to == CameTo::Deviates);
            of_check.undecided += u64::from(came_to == CameTo::Undecided);
            of_check.new += new;
            of_check.newly.extend((new > 0).then_some(place));
            of_check.untried.extend((is_tried && !came_to.is_tried()).then_some(place));
        }
        if is_tried {
            trials.subjects.push(hash);
        }
    }
    trials
}

/// What one check came to for a subject.
#[derive(Clone, Copy, PartialEq)]
enum CameTo {
    Clear,
    Deviates,
    Undecided,
    /// A rule before it applied.
    NotAsked,
}

impl CameTo {
    fn is_tried(self) -> bool {
        matches!(self, Self::Clear | Self::Deviates)
    }
}

fn came_to(robot: &Robot, subject: &SubjectResult, check: usize) -> CameTo {
    if subject.findings.iter().any(|finding| finding.check == check) {
        return CameTo::Deviates;
    }
    if subject.untried.iter().any(|untried| untried.check == check) {
        return CameTo::Undecided;
    }
    let is_first = robot.hit_policy == HitPolicy::First;
    let has_applied = subject.deviations().any(|finding| finding.check < check);
    if is_first && has_applied { CameTo::NotAsked } else { CameTo::Clear }
}

/// How many deviations stand, by unit and check. Of a case whose unit is not known tonight, and of a protected household, they
/// stand in no unit.
#[must_use]
pub fn units(robot: &Robot, result: &RobotResult, standing: &[Standing]) -> Vec<UnitStanding> {
    let informing: BTreeSet<&str> =
        robot.checks.iter().filter(|check| check.informs).map(|check| check.id.as_str()).collect();
    let cases: BTreeMap<&str, Option<String>> =
        cases(result).into_iter().map(|(case, subjects)| (case, unit(subjects))).collect();
    let mut units: BTreeMap<(Option<String>, &str), u64> = BTreeMap::new();
    for finding in standing.iter().filter(|finding| !informing.contains(finding.check.as_str())) {
        let unit = cases.get(finding.case.as_str()).cloned().flatten();
        *units.entry((unit, &finding.check)).or_default() += 1;
    }
    let one = |((unit, check), standing): ((_, &str), _)| UnitStanding { unit, check: check.to_owned(), standing };
    units.into_iter().map(one).collect()
}

/// The notes for these cases, each with whom it is about. Of a protected household nothing is said.
#[must_use]
pub fn note_records(notes: Vec<String>, result: &RobotResult, night: NaiveDate) -> Vec<NoteRecord> {
    let cases = cases(result);
    let about = |case: String| {
        let subjects = cases.get(case.as_str()).copied().unwrap_or_default();
        NoteRecord { unit: unit(subjects), applicant: applicant(subjects, night), case }
    };
    notes.into_iter().map(about).collect()
}

/// The subjects of each case; they lie together.
fn cases(result: &RobotResult) -> BTreeMap<&str, &[Box<SubjectResult>]> {
    let cases = result.subjects.chunk_by(|one, next| one.shares_case(next));
    cases.filter(|case| !case[0].case.is_empty()).map(|case| (case[0].case.as_str(), case)).collect()
}

fn is_protected(subjects: &[Box<SubjectResult>]) -> bool {
    subjects.iter().any(|subject| subject.is_in_protected_household)
}

/// The unit of a case, where it has one; never a text that may be a person's number.
fn unit(subjects: &[Box<SubjectResult>]) -> Option<String> {
    if is_protected(subjects) {
        return None;
    }
    let units = subjects.iter().map(|subject| subject.unit.as_str());
    same(units.filter(|unit| !unit.is_empty())).filter(|unit| !may_name_a_person(unit)).map(str::to_owned)
}

/// The applicant of a case, where its subjects do not tell of different ones.
fn applicant(subjects: &[Box<SubjectResult>], night: NaiveDate) -> Applicant {
    if is_protected(subjects) {
        return Applicant::default();
    }
    same(subjects.iter().filter_map(|subject| subject.applicant))
        .map(|person| Applicant::of(person, night))
        .unwrap_or_default()
}

/// What all of these are; none where they differ, or there are none.
fn same<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}
