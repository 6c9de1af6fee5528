//! Reads one row: first the fields that tell whether any case can reach it, then its key, then the rest.

use std::borrow::Cow;

use super::cell::{Cell, Lack, Problem, is_decodable, read};
use super::column::{Column, Taken};
use super::glance::{Glance, Glimpse, Seen};
use super::half_read::form;
use super::header::Header;
use super::key::{Key, KeySet, Trace};
use super::own::{cell_of, lacking, work_out};
use super::record::State;
use super::request::{Reach, Request};
use super::rows::Fields;
use super::table::{Rejected, Rejection, Table};
use crate::definition::extract::{Extract, Origin};
use crate::rule::evaluate::Evaluator;
use crate::rule::types::{FieldId, RelationId, Side};
use crate::rule::value::{Missing, RowRef, Value};
use crate::rule::world::{Constants, Related, Silent, World};

/// What became of a row.
pub enum Fate {
    /// No case can reach it.
    Passed,
    /// It was rejected; and whether the cells of its key can be read all the same.
    Rejected(Box<Rejected>, KeyIs),
    /// It is kept; its cells and what was wrong with them stand in the sheet.
    Kept,
    /// It is kept, and its cells stand in the table already.
    Taken,
}

/// Whether a rejected row's key can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyIs {
    /// It can; its cells stand in the sheet.
    Read,
    /// It cannot, or its extract has none.
    NotRead,
}

/// The cells of the row that is being read, one place for each field; used for one row after another.
pub struct Sheet<'a> {
    /// The cells that were read.
    pub cells: Vec<Option<Cell<'a>>>,
    /// What was wrong with the cells of a kept row.
    pub problems: Vec<(FieldId, Problem)>,
}

impl Sheet<'_> {
    /// Room for an extract's fields.
    pub fn of(extract: &Extract) -> Self {
        Self { cells: vec![None; extract.fields.len()], problems: Vec::new() }
    }
}

/// Reads rows of one file.
pub struct RowReader<'r> {
    request: &'r Request<'r>,
    header: &'r Header,
    constants: Constants<'r>,
    /// For each set of keys, how a row's key is seen at a glance; none where it must be worked out.
    glances: Vec<Option<Glance>>,
    /// How the keys are seen that a further reading may ask for; none where one of them must be worked out.
    later: Vec<Glance>,
    /// The fields that are kept of each row as it is read, and their columns.
    pub own: Vec<FieldId>,
    /// The fields that are worked out of the others once a piece has been read, in that order.
    pub late: Vec<FieldId>,
    /// The columns of the fields that are kept, where each of them is a column of the file and so the row need not be looked
    /// at cell by cell.
    direct: Option<Vec<Direct>>,
}

/// A field that is read straight into its column.
struct Direct {
    field: FieldId,
    column: usize,
    /// The row is rejected without it.
    is_key: bool,
    /// The row's other fields stand only when it says this.
    must_say: Option<String>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The byte it begins at.
    pub offset: u64,
    /// The line it begins on.
    pub line: u64,
}

/// Whether the bytes of a block are known to mean something in the declared encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decodable {
    /// All of them do.
    All,
    /// Some may not: each row is looked at.
    AskEachRow,
}

impl<'r> RowReader<'r> {
    /// The reader of a file's rows. Of those that are passed over, a trace is left for each of the `later` ways.
    pub fn new(request: &'r Request<'r>, header: &'r Header, later: &[Vec<FieldId>]) -> Self {
        // A computed field of the row alone can ask for the night, and for nothing else of the run.
        let constants = Constants {
            night: request.night,
            previous_night: None,
            since: request.night,
            start: request.night,
            municipality: "",
            parameters: request.parameters,
            draws: None,
        };
        let sets = request.reach.sets();
        let glance = |fields: &[FieldId]| Glance::at(fields, request.extract, header);
        let glances = sets.iter().map(|set| glance(&set.fields)).collect();
        let later: Option<Vec<Glance>> = later.iter().map(|fields| glance(fields)).collect();
        let later = later.unwrap_or_default();
        let (own, late) = kept_fields(request);
        let has_answer = request.extract.answer.as_ref().is_none_or(|answer| own.contains(&answer.field));
        let direct: Option<Vec<Direct>> = own.iter().map(|field| direct(*field, request.extract, header)).collect();
        let direct = direct.filter(|_| has_answer);
        Self { request, header, constants, glances, later, own, late, direct }
    }

    /// Works out, for the rows of a piece, the fields that need nothing but the row's other fields.
    pub fn work_out_late(&self, piece: &mut Table) {
        work_out(piece, &self.late, self.request.extract, &self.constants);
    }

    /// Reads a row into the sheet.
    pub fn read<'a>(
        &self,
        row: Fields<'a, '_>,
        state: State,
        place: Place,
        decodable: Decodable,
        sheet: &mut Sheet<'a>,
        kept: &mut Table,
    ) -> Fate {
        let extract = self.request.extract;
        if let State::BrokenQuote | State::TooLong = state {
            let reason = if state == State::TooLong { "the row is too long" } else { "a quoted field does not end" };
            return self.broken(row, place, Rejection::Shape, reason.to_owned(), sheet);
        }
        if row.len() != self.header.columns {
            let reason = format!("{} fields, the header has {}", row.len(), self.header.columns);
            return self.broken(row, place, Rejection::Shape, reason, sheet);
        }
        if decodable == Decodable::AskEachRow && !is_decodable(row.text(), extract.dialect.encoding) {
            let reason = format!("bytes that are not {}", extract.dialect.encoding.name());
            return self.broken(row, place, Rejection::Encoding, reason, sheet);
        }
        match self.glance(row) {
            Seen::Out => return Fate::Passed,
            Seen::In if self.is_taken(row, kept) => return Fate::Taken,
            Seen::In | Seen::NotSure => {}
        }
        let mut row = self.turn_to(row, sheet);
        if !row.can_be_reached() {
            return Fate::Passed;
        }
        if let Some(rejected) = row.without_key(place) {
            return Fate::Rejected(Box::new(rejected), KeyIs::NotRead);
        }
        row.finish();
        Fate::Kept
    }

    /// Whether traces are left for a further reading.
    pub fn leaves_traces(&self) -> bool {
        !self.later.is_empty()
    }

    /// The traces of a row's keys for a further reading.
    pub fn traces(&self, row: Fields<'_, '_>) -> impl Iterator<Item = Trace> {
        let trace = |key: Glimpse<'_>| match key {
            Glimpse::Number(number) => Trace::of_number(number),
            Glimpse::Text(text) => Trace::of_text(text),
            Glimpse::None => Trace::NONE,
            Glimpse::NotSure => Trace::ANY,
        };
        self.later.iter().map(move |glance| glance.glimpse(row, self.request, trace))
    }

    fn turn_to<'a, 'm>(&'m self, fields: Fields<'a, 'm>, sheet: &'m mut Sheet<'a>) -> Row<'a, 'm, 'r> {
        sheet.cells.fill(None);
        sheet.problems.clear();
        Row { reader: self, fields, sheet }
    }

    /// Whether some case can reach the row, as far as its own cells tell at a glance: most rows of a register are done with
    /// here, without anything being kept of them.
    fn glance(&self, row: Fields<'_, '_>) -> Seen {
        let Reach::Keys(sets) = &self.request.reach else { return Seen::In };
        let mut all = Seen::Out;
        for (set, glance) in sets.iter().zip(&self.glances) {
            match glance.as_ref().map_or(Seen::NotSure, |glance| glance.at_row(row, set, self.request)) {
                Seen::In => return Seen::In,
                Seen::NotSure => all = Seen::NotSure,
                Seen::Out => {}
            }
        }
        all
    }

    #[inline]
    fn take(&self, one: &Direct, text: &str, column: &mut Column) -> Taken {
        if one.must_say.as_ref().is_some_and(|ok| ok != text) {
            return Taken::Nothing;
        }
        column.take(text, self.request.extract.field(one.field), self.request.night)
    }

    /// Reads a row straight into the table, as far as there is nothing to say about any of its cells; otherwise nothing is
    /// kept of it here.
    fn is_taken(&self, row: Fields<'_, '_>, kept: &mut Table) -> bool {
        let Some(direct) = &self.direct else { return false };
        let extract = self.request.extract;
        for (place, one) in direct.iter().enumerate() {
            let column = kept.columns[usize::from(one.field.0)].as_mut();
            let text = row.text_of(one.column, extract.dialect.encoding);
            let taken = match (text, column) {
                (Some(text), Some(column)) => self.take(one, &text, column),
                _ => Taken::Nothing,
            };
            let added = match taken {
                Taken::Read => continue,
                Taken::Empty if !one.is_key => continue,
                Taken::Empty => place + 1,
                Taken::Nothing => place,
            };
            for one in &direct[..added] {
                if let Some(column) = &mut kept.columns[usize::from(one.field.0)] {
                    column.pop();
                }
            }
            return false;
        }
        true
    }

    /// A row that cannot be cut into fields or decoded: whatever of its keys can be read says whom it may be about.
    fn broken<'a>(
        &self,
        fields: Fields<'a, '_>,
        place: Place,
        kind: Rejection,
        reason: String,
        sheet: &mut Sheet<'a>,
    ) -> Fate {
        let extract = self.request.extract;
        let mut row = self.turn_to(fields, sheet);
        let keys = row.keys();
        // A key in a broken row is believed only when some case has it: a shifted field is a text like any other.
        let is_known = |keys: &[Option<Key>]| match &self.request.reach {
            Reach::All => keys.iter().any(Option::is_some),
            // Where no case is known at all, nothing can be told of any row: see why the cases are not.
            Reach::Keys(sets) if sets.iter().all(|set| set.is_empty()) => true,
            Reach::Keys(sets) => sets.iter().any(|set| {
                let way = self.request.ways.iter().position(|way| *way == set.fields);
                way.and_then(|way| keys[way].as_ref()).is_some_and(|key| set.contains(key))
            }),
        };
        let must_read = &extract.guard.must_read;
        let lost = !must_read.is_empty() && !is_known(&keys);
        let form_of = |field: &FieldId| match row.fetch(*field) {
            Ok(Value::Text(text)) => Some(form(&text)),
            _ => None,
        };
        let form = if lost { must_read.iter().map(form_of).collect::<Option<Vec<String>>>() } else { None };
        let person = row.person();
        let is_read = extract.key.iter().all(|field| row.has(*field)) && !extract.key.is_empty();
        let rejected = Rejected {
            offset: place.offset,
            line: place.line,
            field: String::new(),
            reason,
            kind,
            keys,
            person,
            earlier: None,
            lost,
            form: form.unwrap_or_default(),
        };
        Fate::Rejected(Box::new(rejected), if is_read { KeyIs::Read } else { KeyIs::NotRead })
    }
}

/// The fields that are kept of each row as it is read, and those that are worked out of them afterwards, which takes less
/// time. A field that rows are rejected for is needed at once; so is one that rows are asked for by where the source's answer
/// may take away what it is worked out from.
fn kept_fields(request: &Request<'_>) -> (Vec<FieldId>, Vec<FieldId>) {
    let sets = request.reach.sets();
    let is_asked_for = |field: &FieldId| sets.iter().any(|set| set.fields.contains(field));
    let is_early = |field: &FieldId| {
        request.extract.key.contains(field) || (request.extract.answer.is_some() && is_asked_for(field))
    };
    let (mut own, mut late) = (Vec::new(), Vec::new());
    for field in request.fields {
        sort_in(*field, request.extract, &is_early, &mut own, &mut late);
    }
    (own, late)
}

/// Puts a field where it belongs, after those that it is worked out from.
fn sort_in(
    field: FieldId,
    extract: &Extract,
    is_early: &impl Fn(&FieldId) -> bool,
    own: &mut Vec<FieldId>,
    late: &mut Vec<FieldId>,
) {
    if own.contains(&field) || late.contains(&field) {
        return;
    }
    match &extract.field(field).origin {
        Origin::Row { reads, .. } if !is_early(&field) => {
            for read in reads {
                sort_in(*read, extract, is_early, own, late);
            }
            late.push(field);
        }
        _ => own.push(field),
    }
}

fn direct(field: FieldId, extract: &Extract, header: &Header) -> Option<Direct> {
    let Origin::Column { .. } = extract.field(field).origin else { return None };
    let answer = extract.answer.as_ref().filter(|answer| answer.field == field);
    Some(Direct {
        field,
        column: header.column_of[usize::from(field.0)]?,
        is_key: extract.key.contains(&field),
        must_say: answer.map(|answer| answer.ok.clone()),
    })
}

/// One row while it is read.
struct Row<'a, 'm, 'r> {
    reader: &'m RowReader<'r>,
    fields: Fields<'a, 'm>,
    sheet: &'m mut Sheet<'a>,
}

impl<'a> Row<'a, '_, '_> {
    fn extract(&self) -> &Extract {
        self.reader.request.extract
    }

    /// Reads a cell, unless it has been read.
    fn ensure(&mut self, field: FieldId) {
        let place = usize::from(field.0);
        if self.sheet.cells[place].is_none() {
            self.sheet.cells[place] = Some(self.read_cell(field));
        }
    }

    fn fetch(&mut self, field: FieldId) -> Cell<'a> {
        self.ensure(field);
        self.sheet.cells[usize::from(field.0)].clone().unwrap_or(Err(Lack::Empty))
    }

    fn has(&mut self, field: FieldId) -> bool {
        self.ensure(field);
        matches!(self.sheet.cells[usize::from(field.0)], Some(Ok(_)))
    }

    fn read_cell(&mut self, field: FieldId) -> Cell<'a> {
        let request = self.reader.request;
        let declared = request.extract.field(field);
        if let Origin::Row { is, reads } = &declared.origin {
            for read in reads {
                self.ensure(*read);
            }
            return self.worked_out(is);
        }
        let Some(column) = self.reader.header.column_of[usize::from(field.0)] else { return Err(Lack::Empty) };
        if column >= self.fields.len() {
            return Err(Lack::Unreadable);
        }
        let Some(text) = self.fields.text_of(column, request.extract.dialect.encoding) else {
            return Err(Lack::Unreadable);
        };
        let (cell, problem) = read(text, declared, request.night);
        self.sheet.problems.extend(problem.map(|problem| (field, problem)));
        cell
    }

    fn worked_out(&self, is: &crate::rule::tree::Expr) -> Cell<'a> {
        let mut evaluator = Evaluator::new(self, &self.reader.constants, &[], Silent);
        let row = RowRef { extract: self.extract().id, side: Side::Tonight, row: 0 };
        evaluator.turn_to(&[Value::Row(row)]);
        match cell_of(evaluator.value(is)) {
            Ok(Value::Text(text)) => Ok(Value::Text(Cow::Owned(text.into_owned()))),
            Ok(Value::Number(number)) => Ok(Value::Number(number)),
            Ok(Value::Date(day)) => Ok(Value::Date(day)),
            Ok(Value::Month(month)) => Ok(Value::Month(month)),
            Ok(Value::Boolean(holds)) => Ok(Value::Boolean(holds)),
            Ok(Value::Person(person)) => Ok(Value::Person(person)),
            Ok(Value::Organisation(number)) => Ok(Value::Organisation(number)),
            Ok(Value::Party(party)) => Ok(Value::Party(party)),
            Ok(_) => Err(Lack::Unreadable),
            Err(lack) => Err(lack),
        }
    }

    fn can_be_reached(&mut self) -> bool {
        let request = self.reader.request;
        let Reach::Keys(sets) = &request.reach else { return true };
        sets.iter().any(|set| self.is_in(set))
    }

    fn is_in(&mut self, set: &KeySet) -> bool {
        if let [field] = set.fields.as_slice() {
            return match self.fetch(*field) {
                Ok(value) => set.contains_value(&value),
                Err(lack) => self.may_hide_a_key(*field, lack),
            };
        }
        let mut parts = Vec::with_capacity(set.fields.len());
        for field in &set.fields {
            match self.fetch(*field) {
                Ok(value) => parts.extend(Key::of(&value)),
                Err(lack) => return self.may_hide_a_key(*field, lack),
            }
        }
        set.contains(&Key::of_all(parts))
    }

    /// A row whose key cannot be read may be anyone's: it is looked at, and rejected there.
    fn may_hide_a_key(&self, field: FieldId, lack: Lack) -> bool {
        lack != Lack::Null && self.extract().key.contains(&field)
    }

    fn keys(&mut self) -> Vec<Option<Key>> {
        let ways = self.reader.request.ways;
        ways.iter()
            .map(|fields| {
                let parts: Option<Vec<Key>> =
                    fields.iter().map(|field| self.fetch(*field).ok().and_then(|value| Key::of(&value))).collect();
                parts.map(Key::of_all)
            })
            .collect()
    }

    /// The person that the row is about, where that can be read.
    fn person(&mut self) -> Option<Key> {
        let field = self.reader.request.extract.person_field()?;
        self.fetch(field).ok().and_then(|value| Key::of(&value))
    }

    /// The rejection of a row whose key cannot be read.
    fn without_key(&mut self, place: Place) -> Option<Rejected> {
        let extract = self.reader.request.extract;
        let field = extract.key.iter().copied().find(|field| !self.has(*field))?;
        let reason = self
            .sheet
            .problems
            .iter()
            .find(|(problem, _)| *problem == field)
            .map_or(Cow::Borrowed("is empty"), |(_, problem)| problem.0.clone());
        let keys = self.keys();
        let person = self.person();
        let lost = extract.guard.must_read.iter().any(|must| !self.has(*must));
        Some(Rejected {
            offset: place.offset,
            line: place.line,
            field: extract.heading(field),
            reason: reason.into_owned(),
            kind: Rejection::Key,
            keys,
            person,
            earlier: None,
            lost,
            form: Vec::new(),
        })
    }

    /// Reads every cell that is asked for.
    fn finish(mut self) {
        let request = self.reader.request;
        let is_column = |field: &&FieldId| matches!(request.extract.field(**field).origin, Origin::Column { .. });
        let reader = self.reader;
        for field in reader.own.iter().filter(is_column) {
            self.ensure(*field);
        }
        // A cell that only a computed field reads is told of like one that is asked for.
        let is_read = |field: &FieldId| {
            request.fields.iter().any(|asked| match &request.extract.field(*asked).origin {
                Origin::Row { reads, .. } => reads.contains(field),
                Origin::Column { .. } | Origin::Related | Origin::OfRows { .. } | Origin::Paired | Origin::Grouped => {
                    asked == field
                }
            })
        };
        if !self.sheet.problems.is_empty() {
            self.sheet.problems.retain(|(field, _)| is_read(field));
        }
        if let Some(answer) = &request.extract.answer {
            let could_answer = match self.fetch(answer.field) {
                Ok(Value::Text(text)) => Some(*text == answer.ok),
                _ => None,
            };
            for field in &reader.own {
                let covered = !answer.except.contains(field) && is_column(&field);
                match could_answer {
                    Some(false) if covered => self.sheet.cells[usize::from(field.0)] = Some(Err(Lack::SourceFailed)),
                    // Whether the source answered cannot be told, so neither can what it said.
                    None if covered => self.sheet.cells[usize::from(field.0)] = Some(Err(Lack::Unreadable)),
                    _ => {}
                }
            }
        }
        // What is worked out of the others sees what the source's answer left of them.
        for field in &reader.own {
            self.ensure(*field);
        }
    }
}

/// The row itself as all there is, for the fields that are worked out from its own cells.
impl World for Row<'_, '_, '_> {
    fn cell(&self, _: RowRef, field: FieldId) -> Value<'_> {
        match &self.sheet.cells[usize::from(field.0)] {
            Some(Ok(value)) => value.clone(),
            Some(Err(lack)) => lacking(*lack, self.extract().id, field),
            None => lacking(Lack::Empty, self.extract().id, field),
        }
    }

    fn related(&self, _: RowRef, _: RelationId, _: Side) -> Related<'_> {
        Related { rows: &[], open: None, whole: false }
    }

    fn extent(&self, _: crate::rule::types::ExtractId, _: Side) -> (u32, Option<Missing>) {
        (0, None)
    }

    fn line(&self, _: RowRef) -> u64 {
        0
    }

    fn contested(&self, _: RowRef) -> Option<Missing> {
        None
    }

    fn delivery(&self, _: crate::rule::types::ExtractId, _: Side) -> Option<Missing> {
        None
    }
}
