//! One robot: what it goes through, what it asks, what it says. For how it is read from its file see `robot_file`.

use std::sync::Arc;

use super::document::Share;
use super::extract::{Extract, Origin};
use crate::diagnostic::SourceFile;
use crate::rule::syntax::Span;
use crate::rule::template::Template;
use crate::rule::tree::{Builtin, Expr, Kind, Slot};
use crate::rule::types::{ExtractId, FieldId, RowType, Type};

/// The subject's row.
pub const SUBJECT: Slot = Slot(0);
/// For a subject that is one of a case's rows: the case's row.
pub const OWNER: Slot = Slot(1);

/// One robot, checked against the declared extracts.
#[derive(Debug)]
pub struct Robot {
    /// Its id, which is the name of its folder.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The version of its definition.
    pub version: String,
    /// What it is for.
    pub purpose: String,
    /// Who answers for it.
    pub owner: String,
    /// The statutes that it rests on.
    pub legal_basis: Vec<String>,
    /// What it goes through.
    pub subject: Subject,
    /// The names of its facts with their types, in the order of the file.
    pub fact_names: Vec<(String, Type)>,
    /// Its facts as they are written, in the same order.
    pub fact_texts: Vec<String>,
    /// Its facts, in the same order.
    pub facts: Vec<Expr>,
    /// Its checks, in the order of the file.
    pub checks: Vec<Check>,
    /// When a subject's household is protected.
    pub protection: Option<Expr>,
    /// Where it is looked up whether a member is protected whose row was rejected.
    pub rejected: Vec<RejectedMember>,
    /// The journal note.
    pub note: Note,
    /// The list of what someone is to check by hand.
    pub list: List,
    /// What is normal.
    pub expect: Expect,
    /// The extracts that it can do without.
    pub optional: Vec<ExtractId>,
    /// The fields that it has declared it does not depend on, which has been checked.
    pub independent_of: Vec<(ExtractId, FieldId)>,
    /// Where it is defined.
    pub source: Arc<SourceFile>,
}

impl Robot {
    /// The parts of its condition that rest on the cells of the row that it starts from, that of the subject or of its case,
    /// and on nothing that differs from run to run but the night; none where there is no such part.
    #[must_use]
    pub fn asks_of_own_cells(&self, extract: &Extract) -> Option<Vec<&Expr>> {
        let slot = if self.subject.members.is_some() { OWNER } else { SUBJECT };
        let condition = self.subject.condition.as_ref()?;
        let parts = match &condition.kind {
            Kind::And(parts) => parts.as_slice(),
            _ => std::slice::from_ref(condition),
        };
        let own: Vec<&Expr> = parts.iter().filter(|part| rests_on_own_cells(part, slot, extract)).collect();
        (!own.is_empty()).then_some(own)
    }

    /// Every expression of it.
    #[must_use]
    pub fn expressions(&self) -> Vec<&Expr> {
        let subject = &self.subject;
        let mut all: Vec<&Expr> = self.facts.iter().collect();
        all.extend(subject.members.iter().map(|(rows, _)| rows));
        all.extend(subject.condition.iter().chain([&subject.case]));
        all.extend(subject.unit.iter().chain(&subject.handler).chain(&subject.person));
        all.extend(subject.order_by.iter().map(|order| &order.by));
        for check in &self.checks {
            all.extend(check.each.iter().map(|each| &each.rows));
            all.extend(check.requires.iter().map(|requirement| &requirement.that));
            all.push(&check.when);
            all.extend(check.says.expressions());
            all.extend(&check.identity);
            all.extend(check.order_by.iter().map(|order| &order.by));
            all.extend(check.columns.iter().map(|(_, expr)| expr));
        }
        all.extend(self.protection.iter());
        for line in &self.note.lines {
            all.push(&line.when);
            all.extend(line.says.expressions());
        }
        all.extend(self.list.columns.iter().filter_map(|column| column.is.as_ref()));
        all.extend(self.list.order_by.iter().filter_map(|order| match order {
            ListOrder::By(order) => Some(&order.by),
            ListOrder::Column(..) | ListOrder::Case(_) => None,
        }));
        all
    }
}

/// What a robot goes through.
#[derive(Debug)]
pub struct Subject {
    /// What it goes through, as it is written.
    pub each: String,
    /// The extract that it goes through row by row.
    pub extract: ExtractId,
    /// When each of a row's related rows is a subject: the rows, and their extract.
    pub members: Option<(Expr, ExtractId)>,
    /// Which of them are subjects.
    pub condition: Option<Expr>,
    /// That as it is written.
    pub condition_text: String,
    /// The case that its note and list row belong to.
    pub case: Expr,
    /// The unit that handles the case.
    pub unit: Option<Expr>,
    /// The official who handles the case.
    pub handler: Option<Expr>,
    /// The person whose number may stand in the list of protected ones.
    pub person: Option<Expr>,
    /// In which order subjects of one case come in its note.
    pub order_by: Vec<Order>,
}

impl Subject {
    /// The extract whose rows are the subjects.
    #[must_use]
    pub fn row_extract(&self) -> ExtractId {
        self.members.as_ref().map_or(self.extract, |(_, extract)| *extract)
    }
}

/// An expression to sort by.
#[derive(Debug)]
pub struct Order {
    /// The expression.
    pub by: Expr,
    /// Which way.
    pub direction: Direction,
}

/// Which way to sort. What is not known comes last either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// One condition with an id.
#[derive(Debug)]
pub struct Check {
    /// Its id.
    pub id: String,
    /// For a check over rows: the rows, and where each is bound.
    pub each: Option<Each>,
    /// When it can be tried at all, and when it can be clear.
    pub requires: Vec<Requirement>,
    /// When it is a deviation.
    pub when: Expr,
    /// What the note then says.
    pub says: Template,
    /// What makes a finding another one, beside the keys of its rows and the values printed.
    pub identity: Vec<Expr>,
    /// The order of its sentences.
    pub order_by: Vec<Order>,
    /// What it puts in the list's columns, by heading.
    pub columns: Vec<(String, Expr)>,
    /// Whether it only informs: a sentence in the note, and no deviation.
    pub informs: bool,
    /// The condition and the sentence as they are written, for people.
    pub written: (String, String),
    /// Where it stands in its file.
    pub span: Span,
}

/// The rows that a check goes over.
#[derive(Debug)]
pub struct Each {
    /// The rows.
    pub rows: Expr,
    /// The head as it is written, `f in fordon`.
    pub written: String,
    /// Their extract and night.
    pub row: RowType,
    /// Where each of them is bound.
    pub slot: Slot,
}

/// What must hold for a check to be tried.
#[derive(Debug)]
pub struct Requirement {
    /// Whether it is asked only where the check's condition does not hold: what has been seen is enough for a deviation,
    /// but not for saying that there is none.
    pub only_to_clear: bool,
    /// The condition.
    pub that: Expr,
    /// The condition as it is written.
    pub written: String,
    /// The reason given where it does not hold.
    pub otherwise: String,
}

/// Where it is looked up whether one is protected whose row was rejected, when the person can be read in it.
#[derive(Debug)]
pub struct RejectedMember {
    /// The extract whose row was rejected.
    pub members: ExtractId,
    /// How its rows are found from the row that the robot goes through: their fields and its.
    pub on: Vec<(FieldId, FieldId)>,
    /// The register that tells.
    pub register: ExtractId,
    /// How its row is found: its field, and the person in the rejected row.
    pub by: (FieldId, FieldId),
    /// When the register's row is about a protected person; the row is in the subject's slot.
    pub protection: Expr,
}

/// The journal note.
#[derive(Debug, Default)]
pub struct Note {
    /// Its heading.
    pub title: String,
    /// What it ends with, after an empty line.
    pub closing: Option<String>,
    /// What comes last of all, each on a line of its own, where it holds for a subject of the case.
    pub lines: Vec<NoteLine>,
}

/// A line that a note can end with.
#[derive(Debug)]
pub struct NoteLine {
    /// When it does; where this is not known it does not.
    pub when: Expr,
    /// What it says.
    pub says: Template,
    /// The condition and the text as they are written, for people.
    pub written: (String, String),
}

/// The list of what someone is to check by hand.
#[derive(Debug, Default)]
pub struct List {
    /// What has a row.
    pub per: Per,
    /// The robot's own columns.
    pub columns: Vec<Column>,
    /// The order of the rows, after the unit.
    pub order_by: Vec<ListOrder>,
}

/// What has a row in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Per {
    /// Each case.
    #[default]
    Case,
    /// Each subject.
    Subject,
    /// Each deviation.
    Finding,
}

/// A column of a list.
#[derive(Debug)]
pub struct Column {
    /// Its heading.
    pub header: String,
    /// Its value; without it, what the check says under `columns`.
    pub is: Option<Expr>,
}

/// What a list is sorted by.
#[derive(Debug)]
pub enum ListOrder {
    /// One of its columns.
    Column(usize, Direction),
    /// The case.
    Case(Direction),
    /// An expression over the subject.
    By(Order),
}

/// What is normal for a robot.
#[derive(Debug)]
pub struct Expect {
    /// The share of subjects that is normally flagged.
    pub hit_rate: Option<(Share, Share)>,
    /// Above this share the notes wait for a person.
    pub hold_above: Option<Share>,
    /// So few flagged subjects hold nothing.
    pub hold_floor: u64,
}

impl Default for Expect {
    fn default() -> Self {
        Self { hit_rate: None, hold_above: None, hold_floor: 20 }
    }
}

impl Expect {
    /// The share above which the notes wait: the one that is given, else the most that is normal.
    #[must_use]
    pub fn holds_above(&self) -> Option<Share> {
        self.hold_above.or(self.hit_rate.map(|(_, most)| most))
    }
}

fn rests_on_own_cells(expr: &Expr, slot: Slot, extract: &Extract) -> bool {
    match &expr.kind {
        Kind::Field { row, extract: of, field } => {
            let is_own = matches!(row.kind, Kind::Local(local) if local == slot) && *of == extract.id;
            is_own && matches!(extract.field(*field).origin, Origin::Column { .. } | Origin::Row { .. })
        }
        Kind::Local(_)
        | Kind::Related { .. }
        | Kind::All(_)
        | Kind::Fact(_)
        | Kind::Delivered(_)
        | Kind::Builtin(Builtin::Since | Builtin::PreviousNight) => false,
        _ => expr.parts().into_iter().all(|part| rests_on_own_cells(part, slot, extract)),
    }
}
