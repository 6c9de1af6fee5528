//! What a robot came to, apart from the tables that it was worked out over.

use std::fmt;

use crate::outcome::{Outcome, Tally};
use crate::rule::template::Sentence;
use crate::rule::types::{ExtractId, Side};
use crate::rule::value::Missing;
use crate::value::Personnummer;

use super::order::SortKey;

/// What a robot came to for all its subjects.
#[derive(Debug, Default)]
pub struct RobotResult {
    /// The subjects, in the order of case and subject.
    pub subjects: Vec<SubjectResult>,
    /// How many came to each outcome.
    pub tally: Tally,
}

/// What tells one thing from all others on any night. It may hold a person's number, so it never shows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity(pub Vec<String>);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// What a robot came to for one subject.
#[derive(Debug)]
pub struct SubjectResult {
    /// Its key, as the accounts have it: `A1`, or `A1/2` for a person.
    pub key: String,
    /// The case that its note and list row belong to; empty where there is none.
    pub case: String,
    /// What tells it from all others on any night: the case and the person, or its own key. Empty for a subject that is
    /// clear where every row could be read; what follows is empty for every clear one.
    pub identity: Identity,
    /// The unit that handles the case.
    pub unit: String,
    /// The official who handles it.
    pub handler: String,
    /// The person whose number may stand in the list of protected ones.
    pub person: Option<Personnummer>,
    /// Its place among the subjects of its case.
    pub order: Vec<SortKey>,
    /// What it came to.
    pub outcome: Outcome,
    /// The deviations, and what checks that only inform have to say, in the robot's order of checks.
    pub findings: Vec<Finding>,
    /// What could not be tried, in the robot's order of checks; also in a check that deviates all the same, for what was
    /// seen in it before stands until it can be tried.
    pub untried: Vec<Untried>,
    /// The robot's own columns in the list, and what they are sorted by.
    pub columns: Vec<Cell>,
    /// The lines that a note of its case ends with because of it, each with its place among the robot's.
    pub lines: Vec<(usize, String)>,
    /// What the list is sorted by beyond its columns, by the place in the list's order.
    pub list_order: Vec<(usize, SortKey)>,
}

/// A cell of a list.
#[derive(Clone)]
pub struct Cell {
    /// As it is written; empty where nothing is known.
    pub text: String,
    /// What it is sorted by.
    pub key: SortKey,
}

/// Never the text, nor the key: they are what the robot's author put there.
impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cell(…)")
    }
}

/// One deviation with the facts behind it.
#[derive(Debug)]
pub struct Finding {
    /// The check's place in the robot.
    pub check: usize,
    /// Whether the check only informs.
    pub informs: bool,
    /// What the note says.
    pub sentence: Sentence,
    /// What tells it from other findings of the same check and subject: the keys of its rows and what the check adds.
    pub identity: Identity,
    /// Its place among the sentences of its check.
    pub order: Vec<SortKey>,
    /// What it puts in the list's columns, by heading.
    pub columns: Vec<(String, Cell)>,
    /// The rows it rests on.
    pub sources: Vec<Source>,
}

/// A row that a finding rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The extract.
    pub extract: ExtractId,
    /// The night.
    pub side: Side,
    /// The line, counted from 1 with the header.
    pub line: u64,
}

/// A check that could not be tried, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untried {
    /// The check's place in the robot.
    pub check: usize,
    /// Whether the check only informs.
    pub informs: bool,
    /// Why.
    pub why: Missing,
}

impl SubjectResult {
    /// Whether two subjects belong to one case; those that belong to none do not belong together.
    #[must_use]
    pub fn shares_case(&self, other: &Self) -> bool {
        self.case == other.case && !self.case.is_empty()
    }

    /// The deviations, in the robot's order of checks.
    pub fn deviations(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.informs)
    }

    /// The checks whose verdict is undecided: a deviation goes before what else the check could not try. One that only
    /// informs has no verdict.
    pub fn undecided(&self) -> impl Iterator<Item = &Untried> {
        let deviates = |check: usize| self.findings.iter().any(|finding| finding.check == check);
        self.untried.iter().filter(move |untried| !untried.informs && !deviates(untried.check))
    }

    /// Whether nothing but a whole missing extract kept its checks from being tried, and nothing deviates.
    #[must_use]
    pub fn only_lacks_whole_extracts(&self) -> bool {
        self.deviations().next().is_none() && self.untried.iter().all(|untried| untried.why.why.is_whole_extract())
    }
}
