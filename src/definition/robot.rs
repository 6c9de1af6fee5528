//! One robot: what it goes through, what it asks, what it says. For how it is read from its file see `robot_file`.

use std::sync::Arc;

use super::extract::{Extract, Origin};
use super::share::Share;
use crate::diagnostic::SourceFile;
use crate::rule::syntax::Span;
use crate::rule::template::Template;
use crate::rule::tree::{Builtin, Expr, Kind, Slot};
use crate::rule::types::{ExtractId, FieldId, RowType, Type};

/// The subject's row.
pub const SUBJECT: Slot = Slot(0);
/// For a subject that is one of a case's rows: the case's row.
pub const OWNER: Slot = Slot(1);
/// The row of a check that goes over rows.
pub const EACH: Slot = Slot(2);
/// In a note's summary: the rows of the case's subjects that it speaks of.
pub const SUBJECTS: Slot = Slot(2);
/// What the checks came to, for what is asked after them.
pub const AFTER: [Slot; 5] = [Slot(3), Slot(4), Slot(5), Slot(6), Slot(7)];

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
    /// Which of the checks that apply count.
    pub hit_policy: HitPolicy,
    /// When a subject's household is protected.
    pub protection: Option<Expr>,
    /// Where it is looked up whether a member is protected whose row was rejected.
    pub rejected: Vec<RejectedMember>,
    /// The journal note; none for a robot that writes none.
    pub note: Option<Note>,
    /// The list of what someone is to check by hand.
    pub list: List,
    /// Its further lists, in the order of the file.
    pub lists: Vec<List>,
    /// What is normal.
    pub expect: Expect,
    /// For one whose deviations are a sample: what the sample is to come to.
    pub sample: Option<Sample>,
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

    /// The list of what someone is to check by hand, and then the further ones.
    pub fn all_lists(&self) -> impl Iterator<Item = &List> {
        std::iter::once(&self.list).chain(&self.lists)
    }

    /// Every expression of it.
    #[must_use]
    pub fn expressions(&self) -> Vec<&Expr> {
        let subject = &self.subject;
        let mut all: Vec<&Expr> = self.facts.iter().collect();
        all.extend(subject.members.iter().map(|(rows, _)| rows));
        all.extend(subject.condition.iter().chain([&subject.case]));
        all.extend(subject.unit.iter().chain(&subject.handler).chain(&subject.person).chain(&subject.applicant));
        all.extend(subject.order_by.iter().map(|order| &order.by));
        for check in &self.checks {
            all.extend(check.each.iter().map(|each| &each.rows));
            all.extend(check.requires.iter().map(|requirement| &requirement.that));
            all.push(&check.when);
            all.extend(check.says.iter().flat_map(Template::expressions));
            all.extend(&check.identity);
            all.extend(check.order_by.iter().map(|order| &order.by));
            all.extend(check.columns.iter().map(|(_, expr)| expr));
        }
        all.extend(self.protection.iter());
        all.extend(self.note.iter().flat_map(Note::expressions));
        all.extend(self.all_lists().flat_map(List::expressions));
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
    /// The applicant in the subject's case, where that is not the person.
    pub applicant: Option<Expr>,
    /// In which order subjects of one case come in its note.
    pub order_by: Vec<Order>,
    /// Whether it is remembered from one night to the next that a subject has been tried.
    pub once: Once,
}

/// Whether a subject is tried on one night only. A rerun of that night tries it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Once {
    /// It is tried every night.
    #[default]
    Never,
    /// One that has been tried is no subject on later nights.
    Tried,
    /// One that was clear stays so and is not tried again; the others are.
    Clear,
}

/// Which of several checks that apply count, in the words of DMN (12.8.2.8, "Hit policy").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HitPolicy {
    /// All of them.
    #[default]
    Collect,
    /// The first in the robot's order; those after it are not asked.
    First,
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
    /// What the note then says; nothing for one that is only on the lists.
    pub says: Option<Template>,
    /// The checks that keep it from being tried where they deviate.
    pub unless: Vec<Awaited>,
    /// What a deviation weighs, for the order of lists; 0 where nothing is said.
    pub weight: u32,
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

/// A check that another waits for.
#[derive(Clone, Debug)]
pub struct Awaited {
    /// Its place among the robot's.
    pub place: usize,
    /// Its id.
    pub id: String,
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
#[derive(Clone, Debug)]
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
#[derive(Debug)]
pub struct Note {
    /// Its heading.
    pub title: String,
    /// What it ends with, after an empty line.
    pub closing: Option<String>,
    /// What it is written of.
    pub of: NoteOf,
    /// What stands above each subject's part where the case has several.
    pub heading: Option<Template>,
    /// What comes last of all, each on a line of its own, where it holds for a subject of the case.
    pub lines: Vec<NoteLine>,
}

/// What a note is written of.
#[derive(Debug)]
pub enum NoteOf {
    /// What is new: the sentences of the deviations.
    Deviations,
    /// Each subject of the case, whether or not anything deviates: the sentences of its deviations.
    Subjects,
    /// Each subject of the case, whether or not anything deviates: a line for each check with what became of it.
    Checks,
    /// The case's subjects for which a condition holds, whether or not anything deviates: one text.
    Summary {
        /// The condition.
        when: Expr,
        /// The text; the rows are in the slot [`SUBJECTS`].
        says: Template,
        /// Both as they are written, for people.
        written: (String, String),
    },
}

impl Note {
    /// Every expression of it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let (when, says) = match &self.of {
            NoteOf::Summary { when, says, .. } => (Some(when), Some(says)),
            NoteOf::Deviations | NoteOf::Subjects | NoteOf::Checks => (None, None),
        };
        let lines = self.lines.iter().flat_map(|line| line.when.iter().chain(line.says.expressions()));
        when.into_iter().chain(says.into_iter().chain(&self.heading).flat_map(Template::expressions)).chain(lines)
    }
}

/// A line that a note can end with.
#[derive(Debug)]
pub struct NoteLine {
    /// When it does, always where nothing is said; where this is not known it does not.
    pub when: Option<Expr>,
    /// What it says.
    pub says: Template,
    /// Whether it comes after all of the case's subjects, once where several say the same, in a note of every subject.
    pub last: bool,
    /// The condition and the text as they are written, for people.
    pub written: (String, String),
}

/// A list: that of what someone is to check by hand, or a further one.
#[derive(Debug, Default)]
pub struct List {
    /// The name of a further one's file, without `.csv`.
    pub file: String,
    /// What has a row.
    pub per: Per,
    /// Which of them do: without a condition those that are not clear, or, where [`List::checks`] names some, those in
    /// which one of these deviates.
    pub condition: Option<Expr>,
    /// The deviations that it tells of, by the checks' places; all when there are none.
    pub checks: Vec<usize>,
    /// Whether it has only what is new tonight.
    pub only_new: bool,
    /// Where it goes, for one that leaves the department.
    pub leaves: Option<Leaves>,
    /// The subjects that must each have a row in it, or the robot has failed.
    pub covers: Option<Covers>,
    /// What each row's own file is named by, for one that is a file for each value.
    pub file_per: Option<Expr>,
    /// The robot's own columns.
    pub columns: Vec<Column>,
    /// The order of the rows, after the unit.
    pub order_by: Vec<ListOrder>,
    /// Of a list over an extract: which of the robot's subjects belong to each row, by fields of the row and of theirs that
    /// are equal. What their checks came to is counted for the row.
    pub subjects: Vec<(FieldId, FieldId)>,
}

impl List {
    /// Every expression of it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let columns = self.columns.iter().filter_map(|column| match &column.is {
            ColumnIs::Value(is) => Some(is),
            ColumnIs::OfCheck | ColumnIs::New => None,
        });
        let orders = self.order_by.iter().filter_map(|order| match order {
            ListOrder::By(order) => Some(&order.by),
            ListOrder::Column(..) | ListOrder::Case(_) => None,
        });
        self.condition.iter().chain(&self.file_per).chain(columns).chain(orders)
    }
}

/// A list that leaves the department: only the columns that it names, and no household with a protected person.
#[derive(Debug)]
pub struct Leaves {
    /// Who gets it.
    pub to: String,
    /// Why they may.
    pub because: String,
}

/// The subjects that must each have a row in a list. Protected ones, and those that were clear on an earlier night and are
/// not tried again, are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Those that are clear.
    Clear,
    /// Every one.
    Every,
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
    /// Each row of an extract that is not the robot's own.
    Row(ExtractId),
}

/// A column of a list.
#[derive(Debug)]
pub struct Column {
    /// Its heading.
    pub header: String,
    /// What stands in it.
    pub is: ColumnIs,
    /// Whether it is shown of protected households too, in a list that must have a row for them.
    pub protected_too: bool,
}

/// What stands in a list's column.
#[derive(Debug)]
pub enum ColumnIs {
    /// A value.
    Value(Expr),
    /// What the check of the row's deviation says under `columns`.
    OfCheck,
    /// `J` where something in the row is new tonight, else `N`.
    New,
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

/// What a sample is to come to. How it is drawn stands in the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Within how many months a case that applies every month is to have been checked.
    pub promise_months: u32,
}

/// What is normal for a robot.
#[derive(Debug)]
pub struct Expect {
    /// The share of subjects that is normally flagged.
    pub hit_rate: Option<(Share, Share)>,
    /// Above this share what it writes waits for a person.
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
    /// The share above which what it writes waits: the one that is given, else the most that is normal.
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
        | Kind::Builtin(Builtin::Since | Builtin::Start | Builtin::PreviousNight) => false,
        _ => expr.parts().into_iter().all(|part| rests_on_own_cells(part, slot, extract)),
    }
}
