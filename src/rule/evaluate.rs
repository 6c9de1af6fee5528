//! Works out what a typed expression comes to over the night's tables.
//!
//! There is one evaluation. It is generic over a [`Recorder`] that is told of every row and value, so that what is
//! explained is what was computed; at night the recorder does nothing and costs nothing.

use std::borrow::Cow;

use super::apply;
use super::parameter::Content;
use super::reckon::{arithmetic, compare, negate, of_literal, truth_of};
use super::syntax::{Operator, Quantifier};
use super::tree::{Bound, Builtin, Expr, FactId, Kind, Slot};
use super::types::{ExtractId, FieldId, ParameterId, RelationId, RowType, Side, Type};
use super::value::{List, Missing, RowRef, Rows, Truth, Value, Why};
use super::world::{Constants, Recorder, World};

/// How to take what speaks for protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As rules are read: a row that is not there leaves what it would say unknown.
    Rules,
    /// As protection is read: nobody is protected by a row that is not there, and a row that is spoken against is unknown.
    Protection,
}

/// Works out expressions for one subject after the other.
pub struct Evaluator<'w, W, R> {
    world: &'w W,
    constants: &'w Constants<'w>,
    facts: &'w [Expr],
    known_facts: Vec<Option<Value<'w>>>,
    subject: Vec<Value<'w>>,
    slots: Vec<Value<'w>>,
    reading: Reading,
    /// What is told while expressions are worked out.
    pub recorder: R,
}

impl<'w, W: World, R: Recorder> Evaluator<'w, W, R> {
    /// An evaluator over these tables, with a robot's facts.
    pub fn new(world: &'w W, constants: &'w Constants<'w>, facts: &'w [Expr], recorder: R) -> Self {
        Self {
            world,
            constants,
            facts,
            known_facts: vec![None; facts.len()],
            subject: Vec::new(),
            slots: Vec::new(),
            reading: Reading::Rules,
            recorder,
        }
    }

    /// The robot's facts, in order.
    pub(super) fn facts(&self) -> &'w [Expr] {
        self.facts
    }

    /// Turns to another subject: its rows go in the first slots, and no fact is known yet.
    pub fn turn_to(&mut self, subject: &[Value<'w>]) {
        self.known_facts.fill(None);
        self.subject.clear();
        self.subject.extend_from_slice(subject);
        self.slots.clone_from(&self.subject);
    }

    /// Puts a value in a slot, as the head of `each = 'f in fordon'` does for each row.
    pub fn bind(&mut self, slot: Slot, value: Value<'w>) {
        let place = usize::from(slot.0);
        if self.slots.len() <= place {
            self.slots.resize(place + 1, Value::Null);
        }
        self.slots[place] = value;
    }

    /// Whether a condition holds.
    pub fn truth(&mut self, condition: &'w Expr) -> Truth {
        match &condition.kind {
            Kind::And(parts) => self.all(parts),
            Kind::Or(parts) => self.any(parts),
            Kind::Compare(operator, left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                compare(*operator, &left, &right)
            }
            Kind::IsNull { value, negated } => {
                let truth = match self.value(value) {
                    Value::Unknown(why) => Truth::Unknown(why),
                    value => Truth::from(matches!(value, Value::Null)),
                };
                if *negated { truth.negated() } else { truth }
            }
            Kind::Quantified { quantifier, list, slot, condition } => {
                self.quantified(*quantifier, list, *slot, condition)
            }
            _ => truth_of(&self.value(condition)),
        }
    }

    /// What an expression comes to.
    pub fn value(&mut self, expr: &'w Expr) -> Value<'w> {
        match &expr.kind {
            Kind::Literal(literal) => of_literal(literal),
            Kind::Builtin(builtin) => self.builtin(*builtin),
            Kind::Local(slot) => self.slots[usize::from(slot.0)].clone(),
            Kind::Fact(id) => self.fact(*id),
            Kind::Field { row, extract, field } => self.field(row, *extract, *field),
            Kind::Related { row, relation, side, .. } => self.related(row, *relation, *side, &expr.ty),
            Kind::Map { list, slot, body } => self.map(list, *slot, body, &expr.ty),
            Kind::Filter { list, slot, condition } => self.filter(list, *slot, condition),
            Kind::DistinctRows { rows, fields } => self.distinct_rows(rows, fields),
            Kind::With { value, slot, body } => {
                let value = self.value(value);
                self.bind(*slot, value);
                self.value(body)
            }
            Kind::Call(function, arguments) => self.call(*function, arguments),
            Kind::Lookup(parameter, arguments) => {
                let argument = self.value(&arguments[0]);
                self.parameter(*parameter, &argument)
            }
            Kind::Arithmetic(operator, left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                arithmetic(*operator, left, right)
            }
            Kind::Negate(value) => negate(self.value(value)),
            Kind::If(condition, yes, no) => match self.truth(condition) {
                Truth::True => self.value(yes),
                Truth::False => self.value(no),
                Truth::Unknown(why) => Value::Unknown(why),
            },
            Kind::Within { value, low, high } => self.within(value, low, high).into(),
            Kind::OneOf(value, options) => self.one_of(value, options).into(),
            Kind::InList(value, list) => self.in_list(value, list).into(),
            Kind::Delivered(row) => Value::Boolean(self.world.delivery(row.extract, row.side).is_none()),
            Kind::List(items) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                Value::List(Box::new(List { items, ..List::default() }))
            }
            Kind::And(_) | Kind::Or(_) | Kind::Compare(..) | Kind::IsNull { .. } | Kind::Quantified { .. } => {
                self.truth(expr).into()
            }
        }
    }

    /// Whether a row, rows, or a condition speak for protection. What cannot be read counts as protection.
    pub fn speaks_for_protection(&mut self, condition: &'w Expr) -> bool {
        self.reading = Reading::Protection;
        let known_facts = std::mem::take(&mut self.known_facts);
        self.known_facts = vec![None; self.facts.len()];
        let truth = self.holds(condition);
        self.known_facts = known_facts;
        self.reading = Reading::Rules;
        truth != Truth::False
    }

    fn all(&mut self, parts: &'w [Expr]) -> Truth {
        let mut unknown = None;
        for part in parts {
            match self.holds(part) {
                Truth::False => return Truth::False,
                Truth::True => {}
                Truth::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        unknown.map_or(Truth::True, Truth::Unknown)
    }

    fn any(&mut self, parts: &'w [Expr]) -> Truth {
        let mut unknown = None;
        for part in parts {
            match self.holds(part) {
                Truth::True => return Truth::True,
                Truth::False => {}
                Truth::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        unknown.map_or(Truth::False, Truth::Unknown)
    }

    /// Whether a part of a condition holds. In protection's reading, what a row that is not there would say is no.
    fn holds(&mut self, part: &'w Expr) -> Truth {
        if self.reading == Reading::Rules {
            return self.truth(part);
        }
        match self.value(part) {
            Value::Null | Value::Unknown(Missing { why: Why::NoRow, .. }) => Truth::False,
            other => truth_of(&other),
        }
    }

    fn builtin(&self, builtin: Builtin) -> Value<'w> {
        match builtin {
            Builtin::Night => Value::Date(self.constants.night),
            Builtin::PreviousNight => self.constants.previous_night.map_or(Value::Null, Value::Date),
            Builtin::Since => Value::Date(self.constants.since),
            Builtin::Municipality => Value::Text(Cow::Borrowed(self.constants.municipality)),
        }
    }

    fn fact(&mut self, id: FactId) -> Value<'w> {
        let place = usize::from(id.0);
        if let Some(known) = &self.known_facts[place] {
            return known.clone();
        }
        // A fact sees the subject alone: what the asking expression has bound is put aside meanwhile.
        let bound = std::mem::replace(&mut self.slots, self.subject.clone());
        let facts = self.facts;
        let value = self.value(&facts[place]);
        self.slots = bound;
        self.known_facts[place] = Some(value.clone());
        value
    }

    fn field(&mut self, row: &'w Expr, extract: ExtractId, field: FieldId) -> Value<'w> {
        match self.value(row) {
            Value::Row(row) => {
                self.recorder.row(row);
                if self.reading == Reading::Protection
                    && let Some(why) = self.world.contested(row)
                {
                    return Value::Unknown(why);
                }
                self.world.cell(row, field)
            }
            Value::Unknown(why) => Value::Unknown(why),
            _ => Value::Unknown(Missing {
                why: Why::NoRow,
                extract: Some((extract, side_of(&row.ty))),
                line: None,
                field: None,
            }),
        }
    }

    fn related(&mut self, row: &'w Expr, relation: RelationId, side: Side, ty: &Type) -> Value<'w> {
        let to = match ty {
            Type::Row(to) | Type::Rows(to) => *to,
            _ => return Value::Null,
        };
        let from = self.value(row);
        let nothing = |open| Value::Rows(Rows { open, ..Rows::none(to.extract, to.side) });
        let is_one = matches!(ty, Type::Row(_));
        let row = match from {
            Value::Row(row) => row,
            Value::Unknown(why) => return if is_one { Value::Unknown(why) } else { nothing(Some(why)) },
            _ => {
                let why = Missing {
                    why: Why::NoRow,
                    extract: Some((row_extract(&row.ty), side_of(&row.ty))),
                    line: None,
                    field: None,
                };
                return match (self.reading, is_one) {
                    (Reading::Protection, true) => Value::Null,
                    (Reading::Rules, true) => Value::Unknown(why),
                    (Reading::Protection, false) => nothing(None),
                    (Reading::Rules, false) => nothing(Some(why)),
                };
            }
        };
        self.recorder.row(row);
        if self.reading == Reading::Rules
            && let Some(why) = self.world.delivery(to.extract, to.side)
        {
            return if is_one { Value::Unknown(why) } else { nothing(Some(why)) };
        }
        let mut found = self.world.related(row, relation, side);
        if self.reading == Reading::Protection
            && let Some(missing) = self.world.delivery(to.extract, to.side)
        {
            return self.protection_without(row, relation, to, missing, is_one);
        }
        if self.reading == Reading::Protection {
            found.open = found.open.filter(|missing| speaks_of_protection(missing.why));
            // A household with a member who cannot be read is not tried at all, so that nothing is told of that member;
            // those who are known speak for themselves.
            found.open = found.open.filter(|_| !found.whole);
        }
        if !is_one {
            let counts = self.reading == Reading::Protection || !found.whole || found.open.is_none();
            let known: &[u32] = if counts { found.rows } else { &[] };
            let rows = Cow::Borrowed(known);
            return Value::Rows(Rows {
                extract: to.extract,
                side: to.side,
                rows,
                doubts: Vec::new(),
                open: found.open,
            });
        }
        match (found.rows.first(), found.open) {
            (_, Some(why)) => Value::Unknown(why),
            (Some(row), None) => Value::Row(RowRef { extract: to.extract, side: to.side, row: *row }),
            (None, None) => Value::Null,
        }
    }

    /// What speaks for protection where tonight's extract cannot be used: what there is of it, then what the night before
    /// had, and where that is not there either, nobody can be said not to be protected.
    fn protection_without(
        &self,
        row: RowRef,
        relation: RelationId,
        to: RowType,
        missing: Missing,
        is_one: bool,
    ) -> Value<'w> {
        for side in [to.side, Side::Previous] {
            let found = self.world.related(row, relation, side);
            if let Some(why) = found.open.filter(|missing| is_one && speaks_of_protection(missing.why)) {
                return Value::Unknown(why);
            }
            if let (true, Some(found)) = (is_one, found.rows.first()) {
                return Value::Row(RowRef { extract: to.extract, side, row: *found });
            }
        }
        match (is_one, self.world.delivery(to.extract, Side::Previous)) {
            (true, None) => Value::Null,
            (true, Some(_)) => Value::Unknown(missing),
            (false, _) => Value::Rows(Rows { open: Some(missing), ..Rows::none(to.extract, to.side) }),
        }
    }

    fn map(&mut self, list: &'w Expr, slot: Slot, body: &'w Expr, ty: &Type) -> Value<'w> {
        let source = match self.items(list) {
            Ok(source) => source,
            Err(why) => return nothing_known(ty, why),
        };
        if let Type::Rows(to) = ty {
            let mut rows = Rows::none(to.extract, to.side);
            rows.open = source.open;
            for place in 0..source.items.len() {
                self.bind(slot, source.items[place].clone());
                let part = match self.value(body) {
                    Value::Rows(part) => part,
                    other => {
                        rows.open = rows.open.or(other.missing());
                        continue;
                    }
                };
                let doubt = source.doubt(place);
                let offset = rows.rows.len();
                let all = rows.rows.to_mut();
                all.extend_from_slice(&part.rows);
                rows.doubts.extend(
                    (0..part.rows.len()).filter_map(|at| part.doubt(at).or(doubt).map(|why| (offset + at, why))),
                );
                rows.open = rows.open.or(part.open);
            }
            return Value::Rows(rows);
        }
        let mut values = List { items: Vec::with_capacity(source.items.len()), ..source.clone_doubts() };
        for item in &source.items {
            self.bind(slot, item.clone());
            let value = self.value(body);
            values.items.push(value);
        }
        Value::List(Box::new(values))
    }

    /// The values of a list, or of rows, one by one.
    fn items(&mut self, list: &'w Expr) -> Result<List<'w>, Missing> {
        match self.value(list) {
            Value::List(list) => Ok(*list),
            Value::Rows(rows) => {
                let items = (0..rows.rows.len()).map(|place| Value::Row(rows.at(place))).collect();
                Ok(List { items, doubts: rows.doubts, open: rows.open, disordered: None })
            }
            other => Err(other.missing().unwrap_or(Missing::because(Why::Null))),
        }
    }

    fn filter(&mut self, list: &'w Expr, slot: Slot, condition: &'w Expr) -> Value<'w> {
        match self.value(list) {
            Value::Rows(rows) => {
                let mut kept = Vec::new();
                let mut doubts = Vec::new();
                for place in 0..rows.rows.len() {
                    let row = rows.at(place);
                    self.bind(slot, Value::Row(row));
                    let doubt = match self.holds(condition) {
                        Truth::False => continue,
                        Truth::True => rows.doubt(place),
                        Truth::Unknown(why) => Some(why),
                    };
                    doubts.extend(doubt.map(|why| (kept.len(), why)));
                    kept.push(row.row);
                }
                Value::Rows(Rows { rows: Cow::Owned(kept), doubts, ..rows })
            }
            Value::List(list) => {
                let mut kept = List { open: list.open, disordered: list.disordered, ..List::default() };
                for (place, item) in list.items.iter().enumerate() {
                    self.bind(slot, item.clone());
                    let doubt = match self.holds(condition) {
                        Truth::False => continue,
                        Truth::True => list.doubt(place),
                        Truth::Unknown(why) => Some(why),
                    };
                    kept.doubts.extend(doubt.map(|why| (kept.items.len(), why)));
                    kept.items.push(item.clone());
                }
                Value::List(Box::new(kept))
            }
            other => other,
        }
    }

    fn distinct_rows(&mut self, rows: &'w Expr, fields: &[FieldId]) -> Value<'w> {
        let rows = match self.value(rows) {
            Value::Rows(rows) => rows,
            other => return other,
        };
        let mut kept: Vec<(RowRef, Option<Missing>)> = Vec::with_capacity(rows.rows.len());
        let mut doubts = Vec::new();
        for place in 0..rows.rows.len() {
            let row = rows.at(place);
            let mut doubt = rows.doubt(place);
            let mut is_repeat = false;
            for (earlier, earlier_doubt) in &kept {
                match (self.are_twins(*earlier, row, fields), *earlier_doubt) {
                    (Truth::True, None) => is_repeat = true,
                    // Which of the two is the first is not known: it may be either.
                    (Truth::True, Some(why)) | (Truth::Unknown(why), _) => doubt = doubt.or(Some(why)),
                    (Truth::False, _) => {}
                }
            }
            if !is_repeat {
                doubts.extend(doubt.map(|why| (kept.len(), why)));
                kept.push((row, rows.doubt(place)));
            }
        }
        let places = kept.into_iter().map(|(row, _)| row.row).collect();
        Value::Rows(Rows { rows: Cow::Owned(places), doubts, ..rows })
    }

    /// Whether two rows have these fields equal; two that are null are.
    fn are_twins(&self, a: RowRef, b: RowRef, fields: &[FieldId]) -> Truth {
        let mut unknown = None;
        for field in fields {
            match (self.world.cell(a, *field), self.world.cell(b, *field)) {
                (Value::Null, Value::Null) => {}
                (Value::Unknown(why), _) | (_, Value::Unknown(why)) => unknown = unknown.or(Some(why)),
                (a, b) if a.order(&b) == Some(std::cmp::Ordering::Equal) => {}
                _ => return Truth::False,
            }
        }
        unknown.map_or(Truth::True, Truth::Unknown)
    }

    fn quantified(&mut self, quantifier: Quantifier, list: &'w Expr, slot: Slot, condition: &'w Expr) -> Truth {
        let source = match self.items(list) {
            Ok(source) => source,
            Err(why) => return Truth::Unknown(why),
        };
        let decisive = if quantifier == Quantifier::Some { Truth::True } else { Truth::False };
        let mut unknown = source.open;
        for (place, item) in source.items.iter().enumerate() {
            self.bind(slot, item.clone());
            let truth = self.holds(condition);
            match (truth, source.doubt(place)) {
                (Truth::Unknown(why), _) => unknown = unknown.or(Some(why)),
                (truth, None) if truth == decisive => return decisive,
                (truth, Some(why)) if truth == decisive => unknown = unknown.or(Some(why)),
                _ => {}
            }
        }
        unknown.map_or(decisive.negated(), Truth::Unknown)
    }

    fn within(&mut self, value: &'w Expr, low: &'w Bound, high: &'w Bound) -> Truth {
        let value = self.value(value);
        let least = self.value(&low.value);
        let most = self.value(&high.value);
        let above = compare(if low.is_in { Operator::GreaterOrEqual } else { Operator::Greater }, &value, &least);
        let below = compare(if high.is_in { Operator::LessOrEqual } else { Operator::Less }, &value, &most);
        match (above, below) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::Unknown(why), _) | (_, Truth::Unknown(why)) => Truth::Unknown(why),
            (Truth::True, Truth::True) => Truth::True,
        }
    }

    fn one_of(&mut self, value: &'w Expr, options: &'w [Expr]) -> Truth {
        let value = self.value(value);
        let mut unknown = None;
        for option in options {
            let option = self.value(option);
            match compare(Operator::Equal, &value, &option) {
                Truth::True => return Truth::True,
                Truth::False => {}
                Truth::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        unknown.map_or(Truth::False, Truth::Unknown)
    }

    fn in_list(&mut self, value: &'w Expr, list: &'w Expr) -> Truth {
        let value = self.value(value);
        let list = match self.items(list) {
            Ok(list) => list,
            Err(why) => return Truth::Unknown(why),
        };
        let mut unknown = list.open;
        for (place, item) in list.items.iter().enumerate() {
            match (compare(Operator::Equal, &value, item), list.doubt(place)) {
                (Truth::True, None) => return Truth::True,
                (Truth::True, Some(why)) | (Truth::Unknown(why), _) => unknown = unknown.or(Some(why)),
                (Truth::False, _) => {}
            }
        }
        unknown.map_or(Truth::False, Truth::Unknown)
    }

    fn call(&mut self, function: super::function::Function, arguments: &'w [Expr]) -> Value<'w> {
        let values: Vec<Value<'w>> = arguments.iter().map(|argument| self.value(argument)).collect();
        for value in &values {
            if let Value::Rows(rows) = value {
                for place in 0..rows.rows.len() {
                    self.recorder.row(rows.at(place));
                }
            }
        }
        apply::apply(function, values, self.constants.night)
    }

    fn parameter(&self, id: ParameterId, argument: &Value<'w>) -> Value<'w> {
        let parameter = &self.constants.parameters[usize::from(id.0)];
        let unknown = Value::Unknown(Missing::because(Why::NoParameter(id)));
        match (&parameter.content, argument) {
            (Content::Dated { .. }, Value::Date(day)) => {
                parameter.valid_on(*day).map_or(unknown, |value| of_literal(&value.value))
            }
            (Content::Codes { .. }, Value::Text(code)) => {
                parameter.name_of(code).map_or(unknown, |name| Value::Text(Cow::Owned(name)))
            }
            _ => argument.missing().map_or(unknown, Value::Unknown),
        }
    }
}

fn nothing_known<'w>(ty: &Type, why: Missing) -> Value<'w> {
    match ty {
        Type::Rows(to) => Value::Rows(Rows { open: Some(why), ..Rows::none(to.extract, to.side) }),
        _ => Value::List(Box::new(List { open: Some(why), ..List::default() })),
    }
}

/// What may hide that someone is protected. An empty key leads nowhere, and an extract that is not there is dealt with
/// before any robot runs.
fn speaks_of_protection(why: Why) -> bool {
    !matches!(why, Why::NoRow | Why::Empty | Why::Null | Why::NotDelivered | Why::NoPreviousNight)
}

fn side_of(ty: &Type) -> Side {
    super::kinds::row_type_of(ty).map_or(Side::Tonight, |row| row.side)
}

fn row_extract(ty: &Type) -> ExtractId {
    super::kinds::row_type_of(ty).map_or(ExtractId(0), |row| row.extract)
}
