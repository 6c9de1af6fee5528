//! What an expression came to, part by part, in words for those who ask why.

use chrono::NaiveDate;
use serde::Serialize;

use crate::sample::Draw;

/// An expression and what it came to, with its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Tree {
    /// The expression as it is written.
    pub expression: String,
    /// What it came to, in Swedish.
    pub value: String,
    /// Where the value stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// The rule of a decision table that applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<Applied>,
    /// What was drawn from the night's sample key, so that it can be drawn again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draw: Option<Draw>,
    /// Its parts that are not plain values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Tree>,
    /// For a condition: what decided it, in Swedish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Whether the check requires it to be tried at all, or to be clear.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// The night's folder and the file in it.
    pub file: String,
    /// The line, counted from 1 with the header.
    pub line: u64,
    /// The heading of the column, for a single value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// A rule of a decision table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Applied {
    /// The parameter's title.
    pub title: String,
    /// What the rule asks of the inputs, as its cells write it.
    pub cells: Vec<String>,
    /// The first day it is valid.
    pub from: String,
    /// Where it is from.
    pub source: String,
    /// Whether it was derived and is to be checked against its source.
    pub derived: bool,
}

/// What came of one check.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// Its id.
    pub id: String,
    /// The condition as it is written.
    pub condition: String,
    /// What it came to, as the night had it.
    pub verdict: Verdict,
    /// Whether it only informs.
    pub informs: bool,
    /// What decided it, in Swedish.
    pub because: String,
    /// What a note says of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sentences: Vec<String>,
    /// The condition part by part; for a check over rows, one for each row.
    pub trees: Vec<Tree>,
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It does not hold.
    Clear,
    /// It holds.
    Deviation,
    /// It could not be tried.
    Undecided,
}

/// Why one subject came to what it did.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The robot.
    pub robot: String,
    /// The subject, as the accounts have it.
    pub subject: String,
    /// The case that its note and list row belong to.
    pub case: String,
    /// What it came to.
    pub outcome: String,
    /// Whether its household is protected.
    pub protected: bool,
    /// What the night's accounts say that it came to, outcome and checks, where that is something else: the robot or an extract
    /// is not what it was. Whoever has the accounts fills it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<String>,
    /// The other night that tried it, of a subject that is tried once: nothing was tried on the night that is asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tried_on: Option<NaiveDate>,
    /// Why it is a subject at all, where the robot asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_condition: Option<Tree>,
    /// The facts, by name. Empty, as what follows, for a protected household that is not asked for as such.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<(String, Tree)>,
    /// The checks, in the robot's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Explained>,
}
