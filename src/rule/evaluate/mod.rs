//! Works out what a typed expression comes to over the night's tables.
//!
//! There is one evaluation. It is generic over a [`Recorder`] that is told of every row and value, so that what is
//! explained is what was computed; at night the recorder does nothing and costs nothing.

mod draw;
mod narrow;
mod near;
mod rows;
mod shape;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use chrono::Datelike;
use rust_decimal::Decimal;

use self::narrow::Shelf;
use super::apply;
use super::function::Function;
use super::parameter::Content;
use super::reckon::{arithmetic, compare, negate, of_literal, truth_of};
use super::syntax::Operator;
use super::table::Found;
use super::tree::{Asked, Bound, Builtin, Declared, Expr, FactId, Kind, Property, Slot};
use super::types::{ExtractId, FieldId, ParameterId, RelationId, Side, Type};
use super::value::{List, Missing, RowRef, Truth, Value, Why};
use super::world::{Constants, Recorder, World};

/// The slots below this one are the subject's rows; an expression's own variables come after them.
pub(super) const FIRST_FREE_SLOT: u16 = 2;

/// How to take what speaks for protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As rules are read: a row that is not there leaves what it would say unknown.
    Rules,
    /// As protection is read: nobody is protected by a row that is not there, and a row that is spoken against is unknown.
    Protection,
}

/// What rests on no subject, by the place of its expression in memory; shared by the threads of one round.
#[derive(Debug, Default)]
pub struct Standing<'w> {
    values: RwLock<HashMap<usize, Value<'w>>>,
    /// Rows that were sorted so that some are found among many.
    shelf: Shelf<'w>,
}

impl<'w> Standing<'w> {
    fn known(&self, place: usize) -> Option<Value<'w>> {
        self.values.read().ok()?.get(&place).cloned()
    }

    fn keep(&self, place: usize, value: &Value<'w>) {
        if let Ok(mut known) = self.values.write() {
            known.insert(place, value.clone());
        }
    }
}

/// A relation with a condition of its own, followed from one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Followed {
    row: RowRef,
    relation: RelationId,
    side: Side,
    reading: Reading,
    is_distinct: bool,
}

/// Works out expressions for one subject after the other.
pub struct Evaluator<'w, W, R> {
    world: &'w W,
    constants: &'w Constants<'w>,
    facts: &'w [Expr],
    known_facts: Vec<Option<Value<'w>>>,
    /// What is the same for every subject; without it, it is worked out for each.
    standing: Option<Arc<Standing<'w>>>,
    subject: Vec<Value<'w>>,
    slots: Vec<Value<'w>>,
    /// Empty slots that facts have been worked out in, to be used again.
    spare: Vec<Vec<Value<'w>>>,
    /// The rows that relations with conditions of their own were found to lead to from the subject's rows.
    led: Vec<(Followed, Value<'w>)>,
    reading: Reading,
    /// What is told while expressions are worked out.
    pub recorder: R,
}

impl<'w, W: World, R: Recorder<'w>> Evaluator<'w, W, R> {
    /// An evaluator over these tables, with a robot's facts.
    pub fn new(world: &'w W, constants: &'w Constants<'w>, facts: &'w [Expr], recorder: R) -> Self {
        Self {
            world,
            constants,
            facts,
            known_facts: vec![None; facts.len()],
            standing: None,
            subject: Vec::new(),
            slots: Vec::new(),
            spare: Vec::new(),
            led: Vec::new(),
            reading: Reading::Rules,
            recorder,
        }
    }

    /// The robot's facts, in order.
    pub(super) fn facts(&self) -> &'w [Expr] {
        self.facts
    }

    /// With what has been worked out for other subjects and is the same for all.
    #[must_use]
    pub fn with_standing(mut self, standing: Arc<Standing<'w>>) -> Self {
        self.standing = Some(standing);
        self
    }

    /// Turns to another subject: its rows go in the first slots, and no fact is known yet.
    pub fn turn_to(&mut self, subject: &[Value<'w>]) {
        self.known_facts.iter_mut().for_each(|known| *known = None);
        self.led.clear();
        self.subject.clear();
        self.subject.extend_from_slice(subject);
        self.slots.clear();
        self.slots.extend_from_slice(subject);
    }

    /// Puts a value in a slot, as the head of `each = 'f in fordon'` does for each row.
    pub fn bind(&mut self, slot: Slot, value: Value<'w>) {
        let place = usize::from(slot.0);
        match self.slots.get_mut(place) {
            Some(bound) => *bound = value,
            None => {
                self.slots.resize(place, Value::Null);
                self.slots.push(value);
            }
        }
    }

    /// Whether a condition holds.
    pub fn truth(&mut self, condition: &'w Expr) -> Truth {
        if !is_decided_here(&condition.kind) {
            return truth_of(&self.value(condition));
        }
        self.recorder.enter(condition);
        let truth = self.decide(condition);
        self.recorder.leave(condition, &truth.into());
        truth
    }

    fn decide(&mut self, condition: &'w Expr) -> Truth {
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
            Kind::Within { value, low, high } => self.within(value, low, high),
            Kind::OneOf(value, options) => self.one_of(value, options),
            Kind::InList(value, list) => self.in_list(value, list),
            _ => Truth::Unknown(Missing::because(Why::Null)),
        }
    }

    /// What an expression comes to.
    pub fn value(&mut self, expr: &'w Expr) -> Value<'w> {
        self.recorder.enter(expr);
        // What is asked for most often stands first and apart, so that the way to it is short.
        let value = match &expr.kind {
            Kind::Literal(literal) => of_literal(literal),
            Kind::Field { row, extract, field } => self.field(row, *extract, *field),
            Kind::Local(slot) => self.slots[usize::from(slot.0)].clone(),
            _ => self.work_out(expr),
        };
        self.recorder.leave(expr, &value);
        value
    }

    #[inline(never)]
    fn work_out(&mut self, expr: &'w Expr) -> Value<'w> {
        match &expr.kind {
            Kind::Builtin(builtin) => self.builtin(*builtin),
            Kind::Fact(id) => self.fact(*id),
            Kind::All(row) => self.all_rows(*row),
            Kind::Property(property, value) => {
                let value = self.value(value);
                property_of(*property, &value)
            }
            Kind::Declared { body, .. } => self.value(body),
            Kind::Related { row, relation, side, .. } => self.related(row, *relation, *side, &expr.ty),
            Kind::Map { list, slot, body } => self.map(list, *slot, body, &expr.ty),
            Kind::Filter { list, slot, condition } => match self.filtered_narrowly(expr) {
                Some(rows) => rows,
                None => self.led_to(expr, |own| own.filter(list, *slot, condition)),
            },
            Kind::SortBy { list, slot, keys } => self.sort_by(list, *slot, keys),
            Kind::Reaching { list, slot, amount, limit } => self.reaching(list, *slot, amount, limit),
            Kind::DistinctRows { rows, fields } => self.led_to(expr, |own| own.distinct_rows(rows, fields)),
            Kind::With { value, slot, body } => {
                let value = self.value(value);
                if let Some(kept) = self.kept(&value, body) {
                    return kept;
                }
                self.bind(*slot, value);
                self.value(body)
            }
            Kind::Call(function, arguments) => self.call(*function, arguments),
            Kind::Standing(body) => self.stand(body),
            Kind::Lookup(parameter, arguments) => self.look_up(*parameter, arguments),
            Kind::Asked { what, parameter, arguments } => self.asked(*what, *parameter, arguments),
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
            Kind::Delivered(row) => Value::Boolean(self.world.delivery(row.extract, row.side).is_none()),
            Kind::List(items) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                Value::List(Box::new(List { items, ..List::default() }))
            }
            // Conditions are decided, not worked out.
            _ => self.decide(expr).into(),
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
            Builtin::Start => Value::Date(self.constants.start),
            Builtin::Municipality => Value::Text(Cow::Borrowed(self.constants.municipality)),
        }
    }

    /// What a fact comes to.
    pub fn fact_value(&mut self, id: FactId) -> Value<'w> {
        self.fact(id)
    }

    fn fact(&mut self, id: FactId) -> Value<'w> {
        let place = usize::from(id.0);
        if let Some(known) = &self.known_facts[place] {
            return known.clone();
        }
        // A fact sees the subject alone: what the asking expression has bound is put aside meanwhile.
        let mut of_fact = self.spare.pop().unwrap_or_default();
        of_fact.extend_from_slice(&self.subject);
        let bound = std::mem::replace(&mut self.slots, of_fact);
        let facts = self.facts;
        let value = self.value(&facts[place]);
        let mut of_fact = std::mem::replace(&mut self.slots, bound);
        of_fact.clear();
        self.spare.push(of_fact);
        self.known_facts[place] = Some(value.clone());
        value
    }

    fn field(&mut self, row: &'w Expr, extract: ExtractId, field: FieldId) -> Value<'w> {
        match self.row(row) {
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

    /// The row that a field or a relation is asked of, most often a variable.
    fn row(&mut self, expr: &'w Expr) -> Value<'w> {
        if let Kind::Local(slot) = &expr.kind
            && let Value::Row(row) = self.slots[usize::from(slot.0)]
        {
            self.recorder.enter(expr);
            let row = Value::Row(row);
            self.recorder.leave(expr, &row);
            return row;
        }
        self.value(expr)
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

    /// A declared field that has been worked out already, where nobody listens to how.
    fn kept(&self, row: &Value<'w>, body: &Expr) -> Option<Value<'w>> {
        match (row, &body.kind) {
            (Value::Row(row), Kind::Declared { by: Declared::Field(_, field), .. })
                if !R::LISTENS && self.reading == Reading::Rules =>
            {
                self.world.kept(*row, *field)
            }
            _ => None,
        }
    }

    /// What is the same for every subject: as it was worked out for the first of them.
    fn stand(&mut self, body: &'w Expr) -> Value<'w> {
        let Some(standing) = self.standing.clone() else { return self.value(body) };
        let place = std::ptr::from_ref(body) as usize;
        if let Some(known) = standing.known(place) {
            return known;
        }
        let value = self.value(body);
        standing.keep(place, &value);
        value
    }

    fn call(&mut self, function: Function, arguments: &'w [Expr]) -> Value<'w> {
        if let Function::Matches | Function::Replace | Function::Split = function {
            return self.pattern(function, arguments);
        }
        if function.draws() {
            return self.draw(function, arguments);
        }
        if let (Function::Count | Function::Sum, [list]) = (function, arguments)
            && let Some(total) = self.totalled(function, list)
        {
            return total;
        }
        if let (Function::First, [list]) = (function, arguments)
            && let Some(first) = self.first_of(list)
        {
            return first;
        }
        let night = self.constants.night;
        // Most calls have one argument or two, and need no list of them.
        if let [argument] = arguments {
            let value = self.value(argument);
            self.record_rows(&value);
            return apply::apply(function, [value], night);
        }
        if let [first, second] = arguments {
            let values = [self.value(first), self.value(second)];
            for value in &values {
                self.record_rows(value);
            }
            return apply::apply(function, values, night);
        }
        let values: Vec<Value<'w>> = arguments.iter().map(|argument| self.value(argument)).collect();
        for value in &values {
            self.record_rows(value);
        }
        apply::apply(function, values, night)
    }

    fn record_rows(&mut self, value: &Value<'w>) {
        if let Value::Rows(rows) = value {
            for place in 0..rows.rows.len() {
                self.recorder.row(rows.at(place));
            }
        }
    }

    /// A function with a regular expression as its second argument.
    fn pattern(&mut self, function: Function, arguments: &'w [Expr]) -> Value<'w> {
        let Kind::Literal(pattern) = &arguments[1].kind else { return Value::Null };
        let text = self.value(&arguments[0]);
        let replacement = arguments.get(2).map(|argument| self.value(argument));
        match (&text, &replacement) {
            (Value::Text(text), None) => apply::of_pattern(function, text, pattern, None),
            (Value::Text(text), Some(Value::Text(with))) => apply::of_pattern(function, text, pattern, Some(with)),
            (Value::Text(_), Some(other)) | (other, _) => {
                Value::Unknown(other.missing().unwrap_or(Missing::because(Why::Null)))
            }
        }
    }

    /// Whether a parameter has a value there, or one that was derived.
    fn asked(&mut self, what: Asked, id: ParameterId, arguments: &'w [Expr]) -> Value<'w> {
        let values: Vec<Value<'w>> = arguments.iter().map(|argument| self.value(argument)).collect();
        let parameter = &self.constants.parameters[usize::from(id.0)];
        match (&parameter.content, values.as_slice()) {
            (Content::Table(table), [Value::Date(day), inputs @ ..]) => match (table.look_up(*day, inputs), what) {
                (Found::Rule(_, rule), Asked::Derived) => Value::Boolean(rule.derived),
                (found @ (Found::Rule(..) | Found::Nothing), Asked::Listed) => {
                    Value::Boolean(matches!(found, Found::Rule(..)))
                }
                (Found::Nothing, Asked::Derived) => Value::Unknown(Missing::because(Why::NoParameter(id))),
                (Found::Unknown(why), _) => Value::Unknown(why),
            },
            (Content::Codes { .. }, [Value::Text(code)]) => Value::Boolean(parameter.lists(code)),
            (_, [other, ..]) => Value::Unknown(other.missing().unwrap_or(Missing::because(Why::Null))),
            (_, []) => Value::Unknown(Missing::because(Why::NoParameter(id))),
        }
    }

    fn look_up(&mut self, id: ParameterId, arguments: &'w [Expr]) -> Value<'w> {
        let values: Vec<Value<'w>> = arguments.iter().map(|argument| self.value(argument)).collect();
        let parameter = &self.constants.parameters[usize::from(id.0)];
        let nothing = Value::Unknown(Missing::because(Why::NoParameter(id)));
        match (&parameter.content, values.as_slice()) {
            (Content::Table(table), [Value::Date(day), inputs @ ..]) => match table.look_up(*day, inputs) {
                Found::Rule(edition, rule) => {
                    self.recorder.rule(edition, rule);
                    of_literal(&rule.value)
                }
                Found::Nothing => nothing,
                Found::Unknown(why) => Value::Unknown(why),
            },
            (Content::Codes { .. }, [Value::Text(code)]) => {
                parameter.name_of(code).map_or(nothing, |name| Value::Text(Cow::Owned(name)))
            }
            (_, [first, ..]) => first.missing().map_or(nothing, Value::Unknown),
            _ => nothing,
        }
    }
}

/// Whether it is a condition that [`Evaluator::truth`] decides, rather than a value that it reads the truth of.
fn is_decided_here(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::And(_)
            | Kind::Or(_)
            | Kind::Compare(..)
            | Kind::IsNull { .. }
            | Kind::Quantified { .. }
            | Kind::Within { .. }
            | Kind::OneOf(..)
            | Kind::InList(..)
    )
}

fn property_of<'w>(property: Property, value: &Value<'_>) -> Value<'w> {
    let day = match value {
        Value::Date(day) => *day,
        Value::Month(month) => month.first_day(),
        other => return Value::Unknown(other.missing().unwrap_or(Missing::because(Why::Null))),
    };
    Value::Number(match property {
        Property::Year => Decimal::from(day.year()),
        Property::Month => Decimal::from(day.month()),
        Property::Day => Decimal::from(day.day()),
    })
}

fn side_of(ty: &Type) -> Side {
    super::kinds::row_type_of(ty).map_or(Side::Tonight, |row| row.side)
}
