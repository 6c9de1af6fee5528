//! One robot's round of its subjects.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::definition::Definitions;
use crate::definition::robot::{
    AFTER, Awaited, Check, Direction, HitPolicy, List, Note, NoteOf, Once, Order, RejectedMember, Requirement, Robot,
    SUBJECT, SUBJECTS,
};
use crate::extract::{Key, Table, View};
use crate::outcome::Outcome;
use crate::rule::evaluate::{Evaluator, Standing};
use crate::rule::tree::{Expr, Kind, Slot};
use crate::rule::types::{FieldId, Side};
use crate::rule::value::{Missing, RowRef, Truth, Value, Why};
use crate::rule::world::{Constants, Silent, Sources, World};

use super::order::SortKey;
use super::result::{Cell, Finding, Identity, RobotResult, Source, SubjectResult, Summary, Untried};
use super::rows::{may_list_clear_subjects, withhold};
use super::subject::{Number, Subject, identity, roots, subjects_of};

/// Which cases a robot goes through.
#[derive(Clone, Copy, Debug)]
pub enum Cases<'c> {
    /// All of them.
    All,
    /// This one.
    Only(&'c str),
}

/// The subjects that were tried on other nights, for robots that try each of them once.
pub trait OtherNights: Sync {
    /// The case that the subject of this key belonged to when it was tried; none where it has not been.
    fn tried(&self, key: &str) -> Option<&str>;
}

/// Nothing has been tried on any other night.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl OtherNights for Nothing {
    fn tried(&self, _key: &str) -> Option<&str> {
        None
    }
}

/// What a robot is sent round for.
#[derive(Clone, Copy)]
pub struct Errand<'c> {
    /// Which cases.
    pub cases: Cases<'c>,
    /// Which rows may be subjects at all, by their places; all where it is not known.
    pub candidates: Option<&'c [bool]>,
    /// What was tried on other nights.
    pub other_nights: &'c dyn OtherNights,
}

impl Errand<'_> {
    /// All cases, as if no other night had been run.
    pub const ALL: Self = Self { cases: Cases::All, candidates: None, other_nights: &Nothing };
}

/// Sends a robot round its subjects. Their order, and so the result, does not depend on the threads.
#[must_use]
pub fn go_round(
    robot: &Robot,
    definitions: &Definitions,
    view: &View<'_>,
    constants: &Constants<'_>,
    errand: Errand<'_>,
) -> RobotResult {
    let round = Round::new(robot, definitions, view, constants);
    let mut roots = roots(robot, view);
    if let Some(candidates) = errand.candidates {
        roots.retain(|root| candidates.get(root.row as usize).copied().unwrap_or(true));
    }
    let at_each = roots.par_iter().with_min_len(64);
    let at_each = at_each.map_init(|| round.evaluator(), |evaluator, row| round.at(*row, errand, evaluator));
    let mut subjects = in_order(at_each.flatten_iter().collect());
    subjects.chunk_by_mut(SubjectResult::shares_case).for_each(|case| protect_together(robot, case));
    let summaries = round.summaries(&subjects);
    let mut result = RobotResult { subjects, summaries, rows: Vec::new(), ..RobotResult::default() };
    for subject in &result.subjects {
        result.tally.add(subject.outcome);
    }
    result.rows = round.rows_of_extracts(&result.subjects);
    result
}

/// The subjects in order of case and key. A result is large: it is moved once, when its place is known.
fn in_order(subjects: Vec<SubjectResult>) -> Vec<SubjectResult> {
    let mut order: Vec<(&str, (&str, usize, &str), usize)> = Vec::with_capacity(subjects.len());
    for (place, subject) in subjects.iter().enumerate() {
        order.push((&subject.case, subject_order(&subject.key), place));
    }
    order.par_sort_unstable();
    let places: Vec<usize> = order.into_iter().map(|(.., place)| place).collect();
    let mut left: Vec<Option<SubjectResult>> = subjects.into_iter().map(Some).collect();
    places.into_iter().map(|place| left[place].take().expect("each has one place")).collect()
}

/// Where one subject of a case is found to be in a protected household, so is the case: no other of its subjects is told of
/// openly.
pub(super) fn protect_together(robot: &Robot, case: &mut [SubjectResult]) {
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

/// `A1/2` before `A1/10`.
fn subject_order(key: &str) -> (&str, usize, &str) {
    match key.rsplit_once('/').and_then(|(case, number)| Some((case, number.parse().ok()?))) {
        Some((case, number)) => (case, number, ""),
        None => (key, usize::MAX, key),
    }
}

/// Runs one robot's work so that its failure, a panic included, is its own; nothing where it panicked. The panic's text
/// may hold personal data and is thrown away; its place in the code is in the log.
pub fn isolated<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// A robot and what it goes round in.
pub(super) struct Round<'r> {
    pub(super) robot: &'r Robot,
    pub(super) definitions: &'r Definitions,
    pub(super) view: &'r View<'r>,
    pub(super) constants: &'r Constants<'r>,
    /// What is the same for every subject.
    pub(super) standing: Arc<Standing<'r>>,
    /// The keys of the rows that have a protected person among those whose own rows were rejected, for each of the places where
    /// that is looked up.
    protected_rejected: OnceLock<Vec<HashSet<Key>>>,
}

/// Works out a robot's expressions on its round.
pub(super) type Eval<'r> = Evaluator<'r, View<'r>, Silent>;

/// What a subject came to.
struct CameTo {
    outcome: Outcome,
    findings: Vec<Finding>,
    untried: Vec<Untried>,
    is_protected: bool,
    is_remembered: bool,
    /// Whether it is known to be a subject, and which row it is.
    is_tried: bool,
}

/// What became of one check for one subject.
#[derive(Default)]
struct Tried {
    findings: Vec<Finding>,
    untried: Option<Missing>,
}

impl<'r> Round<'r> {
    pub(super) fn new(
        robot: &'r Robot,
        definitions: &'r Definitions,
        view: &'r View<'r>,
        constants: &'r Constants<'r>,
    ) -> Self {
        Self { robot, definitions, view, constants, standing: Arc::default(), protected_rejected: OnceLock::new() }
    }

    /// The subjects at a row of the extract that the robot goes through, each with its case, whether or not the robot's
    /// condition holds for it.
    pub(super) fn subjects_at(&self, row: RowRef) -> Vec<(Subject, String)> {
        let mut evaluator = self.evaluator();
        let subjects = subjects_of(self.robot, self.definitions, self.view, row, &mut evaluator);
        let with_case = |subject: Subject| {
            let own_case = &self.robot.subject.case;
            let case = if asks_after_the_checks(own_case) {
                let result = self.subject(&subject, Errand::ALL, &mut evaluator);
                result.map(|result| result.case).unwrap_or_default()
            } else {
                evaluator.turn_to(&subject.slots());
                evaluator.value(own_case).written().unwrap_or_default()
            };
            (subject, case)
        };
        subjects.into_iter().map(with_case).collect()
    }

    /// What one subject comes to; nothing where the robot's condition does not hold for it.
    pub(super) fn result_of(&self, subject: &Subject) -> Option<SubjectResult> {
        self.subject(subject, Errand::ALL, &mut self.evaluator())
    }

    /// Whether a subject's household is protected, whatever it comes to.
    pub(super) fn is_protected_subject(&self, subject: &Subject) -> bool {
        let mut evaluator = self.evaluator();
        evaluator.turn_to(&subject.slots());
        self.is_protected(subject, &mut evaluator)
    }

    pub(super) fn evaluator(&self) -> Eval<'r> {
        Evaluator::new(self.view, self.constants, &self.robot.facts, Silent).with_standing(Arc::clone(&self.standing))
    }

    /// The subjects at a row of the extract that the robot goes through.
    fn at(&self, row: RowRef, errand: Errand<'_>, evaluator: &mut Eval<'r>) -> Vec<SubjectResult> {
        let subjects = subjects_of(self.robot, self.definitions, self.view, row, evaluator);
        subjects.iter().filter_map(|subject| self.subject(subject, errand, evaluator)).collect()
    }

    fn subject(&self, subject: &Subject, errand: Errand<'_>, evaluator: &mut Eval<'r>) -> Option<SubjectResult> {
        evaluator.turn_to(&subject.slots());
        let is_one = self.robot.subject.condition.as_ref().map_or(Truth::True, |condition| evaluator.truth(condition));
        let not_tried = match is_one {
            Truth::False => return None,
            Truth::Unknown(why) => Some(why),
            Truth::True => subject.row.err().or(subject.doubt),
        };
        let remembered = match self.robot.subject.once {
            Once::Never => None,
            Once::Tried | Once::Clear => errand.other_nights.tried(&self.own_key(subject)),
        };
        if remembered.is_some() && self.robot.subject.once == Once::Tried {
            return None;
        }
        let own_case = &self.robot.subject.case;
        let known_case = match remembered {
            Some(case) => Some(case.to_owned()),
            None if asks_after_the_checks(own_case) => None,
            None => Some(evaluator.value(own_case).written().unwrap_or_default()),
        };
        let is_another = |case: &str| matches!(errand.cases, Cases::Only(wanted) if wanted != case);
        if known_case.as_deref().is_some_and(is_another) {
            return None;
        }
        let (mut findings, untried) = match remembered {
            Some(_) => (Vec::new(), Vec::new()),
            None => self.try_checks(subject, not_tried, evaluator),
        };
        let has_news = !findings.is_empty() || !untried.is_empty();
        let is_asked = has_news || (remembered.is_none() && self.writes_of_clear_subjects());
        let is_protected = is_asked && self.is_protected(subject, evaluator);
        if is_protected {
            // PDD 00, "Personuppgifter": information is not written about a protected household.
            findings.retain(|finding| !finding.informs);
        }
        let deviates = findings.iter().any(|finding| !finding.informs);
        let is_undecided = untried.iter().any(|untried| !untried.informs);
        let outcome = Outcome::of(deviates, is_undecided, is_protected);
        self.bind_after(outcome, &findings, &untried, evaluator);
        let case = known_case.unwrap_or_else(|| evaluator.value(own_case).written().unwrap_or_default());
        if is_another(&case) {
            return None;
        }
        let came_to = CameTo {
            outcome,
            findings,
            untried,
            is_protected,
            is_remembered: remembered.is_some(),
            is_tried: not_tried.is_none(),
        };
        Some(self.result(subject, case, came_to, evaluator))
    }

    /// What the checks of a subject come to.
    fn try_checks(
        &self,
        subject: &Subject,
        not_tried: Option<Missing>,
        evaluator: &mut Eval<'r>,
    ) -> (Vec<Finding>, Vec<Untried>) {
        let mut findings: Vec<Finding> = Vec::new();
        let mut untried: Vec<Untried> = Vec::new();
        for (place, check) in self.robot.checks.iter().enumerate() {
            // Of rules in order, one that applies is the last that is asked.
            let is_first = self.robot.hit_policy == HitPolicy::First;
            if is_first && findings.iter().any(|finding| !finding.informs) {
                break;
            }
            let mut tried = match not_tried.or_else(|| kept_from(check, place, &findings, &untried)) {
                Some(why) => Tried { findings: Vec::new(), untried: Some(why) },
                None => self.check(place, check, subject, evaluator),
            };
            // One that applies after one that could not be tried: that one may have gone before it.
            if let Some(before) = untried.iter().find(|before| is_first && !before.informs && !check.informs)
                && !tried.findings.is_empty()
            {
                tried = Tried { findings: Vec::new(), untried: Some(passed_on(before.why)) };
            }
            untried.extend(tried.untried.map(|why| Untried { check: place, informs: check.informs, why }));
            findings.extend(tried.findings);
        }
        (findings, untried)
    }

    /// Whether something is written of subjects that are clear, and so who is protected must be known of them too.
    fn writes_of_clear_subjects(&self) -> bool {
        let robot = self.robot;
        let in_note = robot.note.as_ref().is_some_and(|note| !matches!(note.of, NoteOf::Deviations));
        in_note || robot.all_lists().any(|list| list.leaves.is_some() || may_list_clear_subjects(list))
    }

    /// The key of a subject that has one of its own.
    fn own_key(&self, subject: &Subject) -> String {
        subject.row.map(|row| identity(row, self.definitions, self.view).join("/")).unwrap_or_default()
    }

    fn result(&self, subject: &Subject, case: String, came_to: CameTo, evaluator: &mut Eval<'r>) -> SubjectResult {
        let own = &self.robot.subject;
        let CameTo { outcome, findings, untried, is_protected, is_remembered, is_tried } = came_to;
        let key = match (subject.number, subject.row) {
            (Number::Person(number), _) => format!("{case}/{number}"),
            (Number::NotKnown, _) | (Number::None, Err(_)) => format!("{case}/?"),
            (Number::None, Ok(_)) => self.own_key(subject),
        };
        let rows = if is_remembered {
            Vec::new()
        } else {
            self.list_rows(outcome, (&findings, &untried), is_protected, evaluator)
        };
        // Most subjects are clear, and nothing is asked of them but their row in the accounts.
        let in_note = matches!(&self.robot.note, Some(note) if !matches!(note.of, NoteOf::Deviations));
        let is_noted = in_note && !is_remembered;
        let is_shown = outcome != Outcome::Clear || !findings.is_empty() || is_noted || !rows.is_empty();
        // Where a row cannot be read, who was gone through tells who was not.
        let own_rows = self.view.table(own.extract, Side::Tonight);
        // So it does where a subject may have no case.
        let may_lack_case = !self.has_case_in_key();
        let is_named = is_shown || may_lack_case || own_rows.is_some_and(|table| !table.rejected.is_empty());
        let mut who = Vec::new();
        if is_named {
            who.push(case.clone());
            who.extend(subject.row.ok().map(|row| identity(row, self.definitions, self.view)).unwrap_or_default());
        }
        let mut written = |expr: &'r Option<Expr>| {
            let value = expr.as_ref().map(|expr| evaluator.value(expr));
            value.and_then(|value| value.written()).unwrap_or_default()
        };
        let (unit, handler) = if is_shown { (written(&own.unit), written(&own.handler)) } else { Default::default() };
        let person = match own.person.as_ref().filter(|_| is_shown).map(|person| evaluator.value(person)) {
            Some(Value::Person(person)) => Some(person),
            _ => None,
        };
        let shown_order: &[Order] = if is_shown { &own.order_by } else { &[] };
        let order = shown_order.iter().map(|order| sort_key(order, evaluator)).collect();
        // What was asked since has used the same places.
        self.bind_after(outcome, &findings, &untried, evaluator);
        let (heading, lines, spoken_of) = match &self.robot.note {
            Some(note) if !is_remembered => {
                let heading = note.heading.as_ref().filter(|_| is_shown);
                let heading = heading.map(|heading| heading.fill(evaluator, self.constants).text).unwrap_or_default();
                let lines = if is_tried { self.lines(note, evaluator) } else { Vec::new() };
                (heading, lines, spoken_of(note, subject, is_protected, evaluator))
            }
            _ => (String::new(), Vec::new(), None),
        };
        let counted_in = if is_remembered { Vec::new() } else { self.counted_in(subject, outcome) };
        SubjectResult {
            key,
            case,
            identity: Identity(who),
            unit,
            handler,
            person,
            order,
            outcome,
            findings,
            untried,
            is_in_protected_household: is_protected,
            is_remembered,
            rows,
            heading,
            lines,
            spoken_of,
            counted_in,
        }
    }

    /// The rows of lists over other extracts that a subject with something to count belongs to.
    fn counted_in(&self, subject: &Subject, outcome: Outcome) -> Vec<(usize, Key)> {
        let lists = self.robot.all_lists().enumerate().filter(|(_, list)| !list.subjects.is_empty());
        if !matches!(outcome, Outcome::Flagged | Outcome::Undecided) {
            return Vec::new();
        }
        let key = |list: &List| {
            let row = subject.row.ok()?;
            let fields: Vec<FieldId> = list.subjects.iter().map(|(_, theirs)| *theirs).collect();
            self.view.table(row.extract, row.side)?.key(row.row as usize, &fields)
        };
        lists.filter_map(|(place, list)| Some((place, key(list)?))).collect()
    }

    /// Whether a subject's case is a field of its row's key, without which the row is rejected.
    fn has_case_in_key(&self) -> bool {
        match &self.robot.subject.case.kind {
            Kind::Field { extract, field, .. } => self.definitions.extracts[usize::from(extract.0)].key.contains(field),
            _ => false,
        }
    }

    /// The lines that a note of the case ends with because of the subject.
    fn lines(&self, note: &'r Note, evaluator: &mut Eval<'r>) -> Vec<(usize, String)> {
        let mut said = Vec::new();
        for (place, line) in note.lines.iter().enumerate() {
            if line.when.as_ref().is_none_or(|when| evaluator.truth(when) == Truth::True) {
                let sentence = line.says.fill(evaluator, self.constants);
                // A line is there for what it prints.
                said.extend((!sentence.has_gaps).then_some((place, sentence.text)));
            }
        }
        said
    }

    /// What each case's note says of those of its subjects that it speaks of.
    fn summaries(&self, subjects: &[SubjectResult]) -> Vec<Summary> {
        let Some(Note { of: NoteOf::Summary { says, .. }, .. }) = &self.robot.note else { return Vec::new() };
        let cases: Vec<&[SubjectResult]> = subjects.chunk_by(SubjectResult::shares_case).collect();
        let summary = |evaluator: &mut Eval<'r>, case: &[SubjectResult]| {
            let mut spoken_of: Vec<RowRef> = case.iter().filter_map(|subject| subject.spoken_of).collect();
            spoken_of.sort_unstable();
            let first = *spoken_of.first().filter(|_| !case[0].case.is_empty())?;
            let rows = spoken_of.iter().map(|row| row.row).collect();
            evaluator.turn_to(&[Value::Null, Value::Null]);
            evaluator.bind(SUBJECTS, Value::of_rows(first.extract, first.side, rows));
            let source = |row: &RowRef| Source { extract: row.extract, side: row.side, line: self.view.line(*row) };
            Some(Summary {
                case: case[0].case.clone(),
                sentence: says.fill(evaluator, self.constants),
                sources: spoken_of.iter().map(source).collect(),
            })
        };
        let made = cases.into_par_iter().map_init(|| self.evaluator(), |evaluator, case| summary(evaluator, case));
        made.flatten_iter().collect()
    }

    /// Whether the subject's household is protected. Of a member whose row was rejected, the person is looked up where the
    /// number can be read in it; where it cannot, the case is not tried and nothing is told of that member.
    fn is_protected(&self, subject: &Subject, evaluator: &mut Eval<'r>) -> bool {
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

    fn check(&self, place: usize, check: &'r Check, subject: &Subject, evaluator: &mut Eval<'r>) -> Tried {
        let Some(each) = &check.each else {
            return self.at_row(place, check, subject, None, evaluator);
        };
        let rows = match evaluator.value(&each.rows) {
            Value::Rows(rows) => rows,
            other => {
                let why = other.missing().unwrap_or(Missing::because(Why::Null));
                return Tried { findings: Vec::new(), untried: Some(why) };
            }
        };
        // With no row to ask it at, what is required is asked all the same, as far as it does not speak of a row.
        if rows.rows.is_empty() && rows.open.is_none() {
            return Tried { findings: Vec::new(), untried: unmet_without_rows(check, each.slot, evaluator) };
        }
        let mut all = Tried { findings: Vec::new(), untried: rows.open };
        for at in 0..rows.rows.len() {
            let row = rows.at(at);
            evaluator.bind(each.slot, Value::Row(row));
            let tried = self.at_row(place, check, subject, Some(row), evaluator);
            match rows.doubt(at) {
                None => {
                    all.findings.extend(tried.findings);
                    all.untried = all.untried.or(tried.untried);
                }
                // A row that may not belong: it cannot deviate, only leave the check untried where it would.
                Some(why) if !tried.findings.is_empty() || tried.untried.is_some() => {
                    all.untried = all.untried.or(Some(why));
                }
                Some(_) => {}
            }
        }
        all
    }

    fn at_row(
        &self,
        place: usize,
        check: &'r Check,
        subject: &Subject,
        row: Option<RowRef>,
        evaluator: &mut Eval<'r>,
    ) -> Tried {
        let untried = |why| Tried { findings: Vec::new(), untried: Some(why) };
        if let Some(why) = unmet(check, false, evaluator) {
            return untried(why);
        }
        match evaluator.truth(&check.when) {
            Truth::False => unmet(check, true, evaluator).map_or_else(Tried::default, untried),
            Truth::Unknown(why) => untried(why),
            Truth::True => Tried { findings: vec![self.finding(place, check, subject, row, evaluator)], untried: None },
        }
    }

    fn finding(
        &self,
        place: usize,
        check: &'r Check,
        subject: &Subject,
        row: Option<RowRef>,
        evaluator: &mut Eval<'r>,
    ) -> Finding {
        let mut who = row.map(|row| identity(row, self.definitions, self.view)).unwrap_or_default();
        who.extend(check.identity.iter().map(|expr| evaluator.value(expr).written().unwrap_or_default()));
        Finding {
            check: place,
            informs: check.informs,
            sentence: check.says.as_ref().map(|says| says.fill(evaluator, self.constants)).unwrap_or_default(),
            identity: Identity(who),
            order: check.order_by.iter().map(|order| sort_key(order, evaluator)).collect(),
            columns: check.columns.iter().map(|(header, expr)| (header.clone(), cell(expr, evaluator))).collect(),
            sources: if self.robot.note.is_some() { self.sources(check, subject, row) } else { Vec::new() },
        }
    }

    /// The rows that a deviation rests on: the same evaluation once more, with a recorder that notes every row. Only notes
    /// name them.
    fn sources(&self, check: &'r Check, subject: &Subject, row: Option<RowRef>) -> Vec<Source> {
        let mut evaluator = Evaluator::new(self.view, self.constants, &self.robot.facts, Sources::default())
            .with_standing(Arc::clone(&self.standing));
        evaluator.turn_to(&subject.slots());
        if let (Some(each), Some(row)) = (&check.each, row) {
            evaluator.bind(each.slot, Value::Row(row));
            evaluator.recorder.rows.insert(row);
        }
        let _verdict = evaluator.truth(&check.when);
        let _sentence = check.says.as_ref().map(|says| says.fill(&mut evaluator, self.constants));
        evaluator
            .recorder
            .rows
            .iter()
            // What another robot came to stands in the accounts, and in no line of an extract.
            .filter(|row| self.definitions.extracts[usize::from(row.extract.0)].of_robots.is_none())
            .map(|row| Source { extract: row.extract, side: row.side, line: self.view.line(*row) })
            .collect()
    }
}

/// The subject's row, where the note of its case speaks of it. Information is not written about a protected household.
fn spoken_of<'r>(note: &'r Note, subject: &Subject, is_protected: bool, evaluator: &mut Eval<'r>) -> Option<RowRef> {
    let NoteOf::Summary { when, .. } = &note.of else { return None };
    subject.row.ok().filter(|_| !is_protected && evaluator.truth(when) == Truth::True)
}

/// Whether an expression speaks of what the checks came to.
fn asks_after_the_checks(expr: &Expr) -> bool {
    expr.any(&|part| matches!(part.kind, Kind::Local(slot) if AFTER.contains(&slot)))
}

/// What keeps a check from being tried: one that it waits for deviates, or could not be tried itself.
fn kept_from(check: &Check, place: usize, findings: &[Finding], untried: &[Untried]) -> Option<Missing> {
    check.unless.iter().enumerate().find_map(|(number, Awaited { place: other, .. })| {
        debug_assert!(*other < place, "a check waits for those above it");
        if findings.iter().any(|finding| finding.check == *other) {
            return Some(Missing::because(Why::Unless(u16::try_from(number).unwrap_or(u16::MAX))));
        }
        untried.iter().find(|untried| untried.check == *other).map(|untried| passed_on(untried.why))
    })
}

/// Why a check could not be tried, as the reason of one that waits for it: what the first requires is not the other's.
fn passed_on(why: Missing) -> Missing {
    match why.why {
        Why::Requirement(_) | Why::Unless(_) => Missing::because(Why::Waits),
        _ => why,
    }
}

/// What keeps a check over rows from being tried or clear where there are no rows.
fn unmet_without_rows<'r>(check: &'r Check, slot: Slot, evaluator: &mut Eval<'r>) -> Option<Missing> {
    for (number, requirement) in check.requires.iter().enumerate() {
        let speaks_of_row =
            requirement.that.any(&|part| matches!(part.kind, Kind::Local(spoken_of) if spoken_of == slot));
        let unmet = if speaks_of_row { None } else { unmet_one(number, requirement, evaluator) };
        if unmet.is_some() {
            return unmet;
        }
    }
    None
}

/// What keeps one requirement from being met.
fn unmet_one<'r>(number: usize, requirement: &'r Requirement, evaluator: &mut Eval<'r>) -> Option<Missing> {
    match evaluator.truth(&requirement.that) {
        Truth::True => None,
        Truth::False => Some(Missing::because(Why::Requirement(u16::try_from(number).unwrap_or(u16::MAX)))),
        Truth::Unknown(why) => Some(why),
    }
}

/// What keeps a check from being tried, or, once its condition does not hold, from being clear.
fn unmet<'r>(check: &'r Check, to_clear: bool, evaluator: &mut Eval<'r>) -> Option<Missing> {
    for (number, requirement) in check.requires.iter().enumerate() {
        if requirement.only_to_clear == to_clear
            && let Some(missing) = unmet_one(number, requirement, evaluator)
        {
            return Some(missing);
        }
    }
    None
}

pub(super) fn sort_key<'r>(order: &'r Order, evaluator: &mut Eval<'r>) -> SortKey {
    let value = evaluator.value(&order.by);
    SortKey::of(&value, &order.by.ty, order.direction)
}

pub(super) fn cell<'r>(expr: &'r Expr, evaluator: &mut Eval<'r>) -> Cell {
    let value = evaluator.value(expr);
    let key = SortKey::of(&value, &expr.ty, Direction::Ascending);
    Cell { text: value.written().unwrap_or_default(), key }
}
