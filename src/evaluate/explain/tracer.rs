//! Follows an evaluation and keeps every value that it came by.

use crate::rule::reckon::truth_of;
use crate::rule::table::{Edition, Rule};
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::{FieldId, Type};
use crate::rule::value::{RowRef, Value};
use crate::rule::world::Recorder;
use crate::sample::Draw;

use super::because::{because, because_of_lot};
use super::part::{Part, stated};
use super::tree::{Applied, Place, Tree};
use super::words::Words;

/// An expression that is being worked out.
struct Frame<'w> {
    text: String,
    parts: Vec<Part>,
    row: Option<RowRef>,
    applied: Option<(&'w Edition, &'w Rule)>,
    draw: Option<Draw>,
    /// The row or value that is gone over now, with where its parts begin.
    item: Option<(String, Vec<Place>, usize)>,
}

/// Keeps what each expression came to.
pub struct Tracer<'w> {
    words: Words<'w>,
    fact_texts: &'w [String],
    /// The texts that the expressions stand in, the innermost last.
    sources: Vec<&'w str>,
    frames: Vec<Frame<'w>>,
    /// The outermost expressions, in the order in which they were worked out.
    pub roots: Vec<Part>,
    /// What decided each fact that is a condition, by its place.
    reasons: Vec<Option<String>>,
}

impl<'w> Tracer<'w> {
    pub fn new(words: Words<'w>, fact_texts: &'w [String]) -> Self {
        let reasons = vec![None; fact_texts.len()];
        Self { words, fact_texts, sources: Vec::new(), frames: Vec::new(), roots: Vec::new(), reasons }
    }

    /// Says which text the next expressions stand in.
    pub fn in_text(&mut self, text: &'w str) {
        self.sources = vec![text];
    }

    /// Keeps what decided a fact, for the expressions that name it.
    pub fn keep_reason(&mut self, fact: usize, reason: Option<String>) {
        if let Some(place) = self.reasons.get_mut(fact) {
            *place = reason;
        }
    }

    /// What has been worked out since this was last asked.
    pub fn take(&mut self) -> Vec<Part> {
        std::mem::take(&mut self.roots)
    }

    fn text_of(&self, expr: &Expr) -> String {
        let source = self.sources.last().copied().unwrap_or_default();
        let part = source.get(expr.span.clone()).unwrap_or(source);
        part.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The text that an expression's parts stand in, where it is another.
    fn source_inside(&self, expr: &Expr) -> Option<&'w str> {
        match &expr.kind {
            Kind::Declared { by, .. } => {
                self.words.definitions.catalog.written(*by).map(|written| written.text.as_str())
            }
            Kind::Fact(id) => self.fact_texts.get(usize::from(id.0)).map(String::as_str),
            _ => None,
        }
    }

    fn places(&self, expr: &Expr, value: &Value<'_>, row: Option<RowRef>) -> Vec<Place> {
        match (&expr.kind, value, row) {
            (Kind::Field { field, .. }, _, Some(row)) => self.cell(row, *field).into_iter().collect(),
            (_, Value::Row(row), _) => self.words.place(*row).into_iter().collect(),
            (
                Kind::Related { .. } | Kind::Filter { .. } | Kind::SortBy { .. } | Kind::Reaching { .. },
                Value::Rows(rows),
                _,
            ) => (0..rows.rows.len()).filter_map(|place| self.words.place(rows.at(place))).collect(),
            _ => Vec::new(),
        }
    }

    fn cell(&self, row: RowRef, field: FieldId) -> Option<Place> {
        let heading = self.words.definitions.extracts[usize::from(row.extract.0)].heading(field);
        Some(Place { column: Some(heading), ..self.words.place(row)? })
    }

    fn applied(&self, expr: &Expr, applied: Option<(&Edition, &Rule)>) -> Option<Applied> {
        let (Kind::Lookup(id, _), Some((edition, rule))) = (&expr.kind, applied) else { return None };
        Some(Applied {
            title: self.words.definitions.catalog.parameters[usize::from(id.0)].title.clone(),
            cells: rule.tests.iter().map(ToString::to_string).collect(),
            from: edition.from.to_string(),
            source: rule.source.clone(),
            derived: rule.derived,
        })
    }
}

impl Frame<'_> {
    /// Puts the parts of the row that is gone over together under it.
    fn close_item(&mut self) {
        let Some((expression, places, start)) = self.item.take() else { return };
        let inside: Vec<Part> = self.parts.drain(start..).collect();
        let last = inside.last();
        let (truth, because) = (last.and_then(|part| part.truth), last.and_then(Part::reason));
        let value = last.map(|part| part.tree.value.clone()).unwrap_or_default();
        let because = because.or_else(|| truth.and(last).map(Part::why));
        let parts = shown(inside);
        let tree = Tree { expression, value, places, parts, because, ..Tree::default() };
        self.parts.push(Part { tree, is_item: true, truth, is_plain: false });
    }
}

impl Tree {
    /// Whether it is a row that only leads on along a path that is written so.
    fn leads_only_to(&self, text: &str) -> bool {
        matches!(self.parts.as_slice(), [only] if only.expression == text && self.expression.contains(" rad "))
    }
}

/// The parts that are worth showing: a plain value says nothing that its expression does not.
fn shown(parts: Vec<Part>) -> Vec<Tree> {
    parts.into_iter().filter(|part| !part.is_plain).map(|part| part.tree).collect()
}

impl<'w> Recorder<'w> for Tracer<'w> {
    fn row(&mut self, row: RowRef) {
        if let Some(frame) = self.frames.last_mut() {
            frame.row = frame.row.or(Some(row));
        }
    }

    fn enter(&mut self, expr: &'w Expr) {
        let outside = self.text_of(expr);
        let inside = self.source_inside(expr);
        self.sources.extend(inside);
        // A declaration's text stands in the declaration; a fact is written by its name.
        let is_declared = inside.is_some() && matches!(expr.kind, Kind::Declared { .. });
        let text = if is_declared { self.text_of(expr) } else { outside };
        self.frames.push(Frame { text, parts: Vec::new(), row: None, applied: None, draw: None, item: None });
    }

    fn leave(&mut self, expr: &'w Expr, value: &Value<'w>) {
        if self.source_inside(expr).is_some() {
            self.sources.pop();
        }
        let Some(mut frame) = self.frames.pop() else { return };
        frame.close_item();
        let truth = (expr.ty == Type::Boolean).then(|| truth_of(value));
        let mut reason = truth.and_then(|truth| because(expr, truth, &frame.parts));
        if let Kind::Fact(id) = expr.kind {
            let place = usize::from(id.0);
            let inner = frame.parts.iter().rev().find_map(Part::reason).or_else(|| self.reasons[place].clone());
            self.reasons[place].clone_from(&inner);
            reason = truth.map(|truth| {
                let said = stated(&frame.text, truth);
                inner.map_or_else(|| said.clone(), |inner| format!("{said} ({inner})"))
            });
        }
        let is_plain = matches!(expr.kind, Kind::Literal(_) | Kind::Local(_)) || is_part_of_name(expr);
        let mut places = self.places(expr, value, frame.row);
        let mut parameter = self.applied(expr, frame.applied);
        let mut draw = frame.draw.take();
        if let (Some(lot), Some(truth)) = (&draw, truth) {
            reason = because_of_lot(lot, truth);
        }
        let mut parts = Vec::new();
        for part in shown(std::mem::take(&mut frame.parts)) {
            if part.leads_only_to(&frame.text) {
                continue;
            }
            // A part that is written like the whole is the whole: a relation's rows before its condition, what stands in a
            // computed field's place.
            if part.expression == frame.text {
                if places.is_empty() {
                    places = part.places;
                }
                parameter = parameter.or(part.parameter);
                draw = draw.or(part.draw);
                parts.extend(part.parts);
            } else {
                parts.push(part);
            }
        }
        let value = self.words.value(value);
        let expression = frame.text;
        let tree = Tree { value, places, parameter, draw, expression, parts, because: reason, required: false };
        let part = Part { tree, is_item: false, truth, is_plain };
        match self.frames.last_mut() {
            Some(outer) => outer.parts.push(part),
            None => self.roots.push(part),
        }
    }

    fn item(&mut self, item: &Value<'w>) {
        let (text, places) = match item {
            Value::Row(row) => (self.words.row(*row), self.words.place(*row).into_iter().collect()),
            other => (self.words.value(other), Vec::new()),
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.close_item();
            frame.item = Some((text, places, frame.parts.len()));
        }
    }

    fn rule(&mut self, edition: &'w Edition, rule: &'w Rule) {
        if let Some(frame) = self.frames.last_mut() {
            frame.applied = Some((edition, rule));
        }
    }

    fn draw(&mut self, mut draw: Draw) {
        if let Some(frame) = self.frames.last_mut() {
            // A subject may be a person.
            draw.texts = draw.texts.map(|text| self.words.name(&text));
            frame.draw = Some(draw);
        }
    }
}

/// Whether an expression is only a step on the way to a name: the row in `row.field`.
fn is_part_of_name(expr: &Expr) -> bool {
    matches!(&expr.ty, Type::Row(_)) && matches!(expr.kind, Kind::Local(_))
}
