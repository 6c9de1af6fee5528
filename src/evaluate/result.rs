//! What a robot came to, apart from the tables that it was worked out over.

use std::fmt;

use crate::extract::Key;
use crate::ledger::{Hash16, KeyedHasher};
use crate::outcome::{Outcome, Tally};
use crate::rule::template::Sentence;
use crate::rule::types::{ExtractId, Side};
use crate::rule::value::{Missing, RowRef};
use crate::value::Personnummer;

use super::order::SortKey;

/// What a robot came to for all its subjects.
#[derive(Debug, Default)]
pub struct RobotResult {
    /// The subjects, in the order of case and subject. In boxes, so that they are put in order without being moved.
    pub subjects: Vec<Box<SubjectResult>>,
    /// How many came to each outcome.
    pub tally: Tally,
    /// What the notes say of some of each case's subjects, in the order of the cases.
    pub summaries: Vec<Summary>,
    /// The rows of the lists that go over an extract of their own.
    pub rows: Vec<ListRow>,
}

impl RobotResult {
    /// Leaves out every other case.
    pub fn keep_only(&mut self, case: &str) {
        self.subjects.retain(|subject| subject.case == case);
        self.tally = Tally::default();
        for subject in &self.subjects {
            self.tally.add(subject.outcome);
        }
    }
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
    /// What stands for that in the ledger; none where the night is not recorded.
    pub hash: Option<Hash16>,
    /// The unit that handles the case.
    pub unit: String,
    /// The official who handles it.
    pub handler: String,
    /// The person whose number may stand in the list of protected ones.
    pub person: Option<Personnummer>,
    /// The applicant in its case.
    pub applicant: Option<Personnummer>,
    /// Its place among the subjects of its case.
    pub order: Vec<SortKey>,
    /// What it came to.
    pub outcome: Outcome,
    /// The deviations, and what checks that only inform have to say, in the robot's order of checks.
    pub findings: Vec<Finding>,
    /// What could not be tried, in the robot's order of checks; also in a check that deviates all the same, for what was
    /// seen in it before stands until it can be tried.
    pub untried: Vec<Untried>,
    /// Whether somebody in its household is protected, whatever it came to; asked only where something may be written of clear
    /// subjects too.
    pub is_in_protected_household: bool,
    /// Whether it was clear on another night and was not tried again.
    pub is_remembered: bool,
    /// Its rows in the robot's lists.
    pub rows: Vec<ListRow>,
    /// What stands above its part of a note.
    pub heading: String,
    /// The lines that a note of its case ends with because of it, each with its place among the robot's.
    pub lines: Vec<(usize, String)>,
    /// The rows of lists over other extracts that it belongs to: the list's place, and the row's key. Only of one that has
    /// something to be counted.
    pub counted_in: Vec<(usize, Key)>,
    /// Its row, where its case's note is to speak of it.
    pub spoken_of: Option<RowRef>,
}

/// A row of a list, as far as it can be told before it is known what is new.
#[derive(Debug)]
pub struct ListRow {
    /// The list's place among the robot's: 0 is that of what someone is to check by hand.
    pub list: usize,
    /// The columns; empty those that a check fills, or that tell what is new.
    pub columns: Vec<Cell>,
    /// What it is sorted by beyond the columns, by the place in the list's order.
    pub order: Vec<(usize, SortKey)>,
    /// Which of its files it stands in, where the list is a file for each value.
    pub file: Option<FileOf>,
}

/// What the rows of one file have in common, in a list that is a file for each value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileOf {
    /// They are of protected households, whatever their value.
    Protected,
    /// Their value.
    Value(String),
}

/// Never the value: it is what the robot's author put there.
impl fmt::Debug for FileOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileOf(…)")
    }
}

/// What a case's note says of some of its subjects, whether or not anything deviates.
#[derive(Debug)]
pub struct Summary {
    /// The case.
    pub case: String,
    /// What it says.
    pub sentence: Sentence,
    /// The rows that it speaks of.
    pub sources: Vec<Source>,
}

/// A cell of a list.
#[derive(Clone)]
pub struct Cell {
    /// As it is written; empty where nothing is known.
    pub text: String,
    /// What it is sorted by.
    pub key: SortKey,
}

impl Identity {
    /// What stands for it in the ledger.
    #[must_use]
    pub fn hash(&self, hasher: &KeyedHasher) -> Hash16 {
        hasher.hash(std::iter::once(b"subject".as_slice()).chain(self.0.iter().map(String::as_bytes)))
    }
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
    /// What it puts in the list's columns, in the check's order of them.
    pub columns: Vec<Cell>,
    /// The rows it rests on; none where the robot writes no notes, which alone name them.
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
    /// Its row in a list.
    #[must_use]
    pub fn row_in(&self, list: usize) -> Option<&ListRow> {
        self.rows.iter().find(|row| row.list == list)
    }

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
