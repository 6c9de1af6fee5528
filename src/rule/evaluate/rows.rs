//! What goes over rows and lists. What may not belong, or may be missing, is carried along as doubt, so that nothing
//! becomes smaller than it is.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{Evaluator, Followed, Reading, side_of};
use crate::rule::kinds::row_type_of;
use crate::rule::reckon::compare;
use crate::rule::syntax::{Operator, Quantifier};
use crate::rule::tree::{Declared, Expr, Kind, Slot};
use crate::rule::types::{ExtractId, FieldId, RelationId, RowType, Side, Type};
use crate::rule::value::{Bounds, List, Missing, RowRef, Rows, Truth, Value, Why};
use crate::rule::world::{Recorder, World};
use crate::value::alphabetical;

/// So many relations' rows are remembered for a subject, so that finding one of them stays quicker than working it out.
const MOST_REMEMBERED: usize = 16;

impl<'w, W: World, R: Recorder<'w>> Evaluator<'w, W, R> {
    /// Puts one of several in its slot.
    fn take_up(&mut self, slot: Slot, item: Value<'w>) {
        self.recorder.item(&item);
        self.bind(slot, item);
    }

    pub(super) fn related(&mut self, row: &'w Expr, relation: RelationId, side: Side, ty: &Type) -> Value<'w> {
        let to = match ty {
            Type::Row(to) | Type::Rows(to) => *to,
            _ => return Value::Null,
        };
        let from = self.row(row);
        let nothing = |open| Value::Rows(Box::new(Rows { open, ..Rows::none(to.extract, to.side) }));
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
            // those who are known speak for themselves. Where it cannot be read which household it is, anyone may be in it.
            let is_of_the_household =
                |missing: &Missing| missing.extract.is_some_and(|extract| extract != (to.extract, to.side));
            found.open = found.open.filter(|missing| !found.whole || is_of_the_household(missing));
        }
        if !is_one {
            let counts = self.reading == Reading::Protection || !found.whole || found.open.is_none();
            let known: &[u32] = if counts { found.rows } else { &[] };
            let rows = Cow::Borrowed(known);
            return Value::Rows(Box::new(Rows { rows, open: found.open, ..Rows::none(to.extract, to.side) }));
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
            (false, _) => Value::Rows(Box::new(Rows { open: Some(missing), ..Rows::none(to.extract, to.side) })),
        }
    }

    /// The rows that an expression comes to, as they were found before where they are those of a declared relation: a
    /// robot speaks of the same rows in one check after the other.
    pub(super) fn led_to(&mut self, expr: &'w Expr, work_out: impl FnOnce(&mut Self) -> Value<'w>) -> Value<'w> {
        let followed = if R::LISTENS { None } else { self.followed(expr) };
        let Some(followed) = followed else { return work_out(self) };
        if let Some((_, rows)) = self.led.iter().find(|(known, _)| *known == followed) {
            return rows.clone();
        }
        let rows = work_out(self);
        if self.led.len() < MOST_REMEMBERED {
            self.led.push((followed, rows.clone()));
        }
        rows
    }

    /// The relation that an expression follows, if it is a declared one's rows and nothing else.
    fn followed(&mut self, expr: &'w Expr) -> Option<Followed> {
        let (filtered, is_distinct) = match &expr.kind {
            Kind::DistinctRows { rows, .. } => (&**rows, true),
            _ => (expr, false),
        };
        let Kind::Filter { list, condition, .. } = &filtered.kind else { return None };
        let Kind::Declared { by: Declared::Relation(of, declared), .. } = &condition.kind else { return None };
        let Kind::Related { row, extract, relation, side } = &list.kind else { return None };
        if (of, declared) != (extract, relation) {
            return None;
        }
        match self.row(row) {
            Value::Row(row) => {
                Some(Followed { row, relation: *relation, side: *side, reading: self.reading, is_distinct })
            }
            _ => None,
        }
    }

    pub(super) fn map(&mut self, list: &'w Expr, slot: Slot, body: &'w Expr, ty: &Type) -> Value<'w> {
        let source = match self.several(list) {
            Ok(source) => source,
            Err(why) => return nothing_known(ty, why),
        };
        if let Type::Rows(to) = ty {
            let mut rows = Rows::none(to.extract, to.side);
            rows.open = source.open();
            rows.disordered = source.disordered();
            for place in 0..source.len() {
                self.take_up(slot, source.item(place));
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
            return Value::Rows(Box::new(rows));
        }
        let mut values = List { items: Vec::with_capacity(source.len()), ..List::default() };
        for place in 0..source.len() {
            self.take_up(slot, source.item(place));
            let value = self.value(body);
            values.items.push(value);
        }
        (values.open, values.disordered) = (source.open(), source.disordered());
        values.doubts = source.into_doubts();
        Value::List(Box::new(values))
    }

    /// The values of a list, or rows, to be taken up one by one.
    fn several(&mut self, list: &'w Expr) -> Result<Several<'w>, Missing> {
        match self.value(list) {
            Value::List(list) => Ok(Several::Values(list)),
            Value::Rows(rows) => Ok(Several::Rows(rows)),
            other => Err(other.missing().unwrap_or(Missing::because(Why::Null))),
        }
    }

    pub(super) fn filter(&mut self, list: &'w Expr, slot: Slot, condition: &'w Expr) -> Value<'w> {
        match self.value(list) {
            Value::Rows(mut rows) => {
                let mut kept = Vec::with_capacity(rows.rows.len());
                let mut doubts = Vec::new();
                for place in 0..rows.rows.len() {
                    let row = rows.at(place);
                    self.take_up(slot, Value::Row(row));
                    let doubt = match self.holds(condition) {
                        Truth::False => continue,
                        Truth::True => rows.doubt(place),
                        Truth::Unknown(why) => Some(why),
                    };
                    doubts.extend(doubt.map(|why| (kept.len(), why)));
                    kept.push(row.row);
                }
                (rows.rows, rows.doubts) = (Cow::Owned(kept), doubts);
                Value::Rows(rows)
            }
            Value::List(list) => {
                let mut kept = List { open: list.open, disordered: list.disordered, ..List::default() };
                for (place, item) in list.items.iter().enumerate() {
                    self.take_up(slot, item.clone());
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

    pub(super) fn distinct_rows(&mut self, rows: &'w Expr, fields: &[FieldId]) -> Value<'w> {
        let mut rows = match self.value(rows) {
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
        (rows.rows, rows.doubts) = (Cow::Owned(places), doubts);
        Value::Rows(rows)
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

    pub(super) fn quantified(
        &mut self,
        quantifier: Quantifier,
        list: &'w Expr,
        slot: Slot,
        condition: &'w Expr,
    ) -> Truth {
        if let Some(truth) = self.quantified_narrowly(quantifier, list, slot, condition) {
            return truth;
        }
        let source = match self.several(list) {
            Ok(source) => source,
            Err(why) => return Truth::Unknown(why),
        };
        let decisive = if quantifier == Quantifier::Some { Truth::True } else { Truth::False };
        let mut unknown = source.open();
        for place in 0..source.len() {
            self.take_up(slot, source.item(place));
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

    pub(super) fn in_list(&mut self, value: &'w Expr, list: &'w Expr) -> Truth {
        let value = self.value(value);
        let list = match self.several(list) {
            Ok(list) => list,
            Err(why) => return Truth::Unknown(why),
        };
        let mut unknown = list.open();
        for place in 0..list.len() {
            match (compare(Operator::Equal, &value, &list.item(place)), list.doubt(place)) {
                (Truth::True, None) => return Truth::True,
                (Truth::True, Some(why)) | (Truth::Unknown(why), _) => unknown = unknown.or(Some(why)),
                (Truth::False, _) => {}
            }
        }
        unknown.map_or(Truth::False, Truth::Unknown)
    }

    /// Every row of an extract.
    pub(super) fn all_rows(&self, of: RowType) -> Value<'w> {
        let (count, open) = self.world.extent(of.extract, of.side);
        let rows = Cow::Owned((0..count).collect());
        Value::Rows(Box::new(Rows { rows, open, ..Rows::none(of.extract, of.side) }))
    }

    /// The rows in the order of their keys. What is null comes last; a key that is not known leaves the order unknown.
    pub(super) fn sort_by(&mut self, list: &'w Expr, slot: Slot, keys: &'w [Expr]) -> Value<'w> {
        let mut rows = match self.value(list) {
            Value::Rows(rows) => rows,
            other => return other,
        };
        let mut order: Vec<(Vec<Value<'w>>, usize)> = Vec::with_capacity(rows.rows.len());
        for place in 0..rows.rows.len() {
            self.take_up(slot, Value::Row(rows.at(place)));
            let of_row: Vec<Value<'w>> = keys.iter().map(|key| sort_key(self.value(key), &key.ty)).collect();
            let unknown = of_row.iter().find(|key| matches!(key, Value::Unknown(_) | Value::Between(_)));
            rows.disordered = rows.disordered.or(unknown.and_then(Value::missing));
            order.push((of_row, place));
        }
        order.sort_by(|(a, _), (b, _)| by_keys(a, b));
        let places: Vec<u32> = order.iter().map(|(_, place)| rows.rows[*place]).collect();
        let doubts = order.iter().enumerate().filter_map(|(to, (_, from))| Some((to, rows.doubt(*from)?))).collect();
        rows.doubts = doubts;
        rows.rows = Cow::Owned(places);
        Value::Rows(rows)
    }

    /// The rows at which the sum so far has come to the limit. With rows that may be missing, or an order that is not
    /// known, any of them may be one.
    pub(super) fn reaching(&mut self, list: &'w Expr, slot: Slot, amount: &'w Expr, limit: &'w Expr) -> Value<'w> {
        let mut rows = match self.value(list) {
            Value::Rows(rows) => rows,
            other => return other,
        };
        let mut unknown = rows.open.or(rows.disordered);
        let (mut low, mut high) = (Decimal::ZERO, Decimal::ZERO);
        let (mut kept, mut doubts, mut why_between) = (Vec::new(), Vec::new(), None);
        for place in 0..rows.rows.len() {
            let row = rows.at(place);
            let doubt = rows.doubt(place);
            why_between = why_between.or(doubt);
            self.take_up(slot, Value::Row(row));
            match self.value(amount) {
                Value::Number(number) => {
                    let (below, above) = match doubt {
                        None => (number, number),
                        Some(_) => (number.min(Decimal::ZERO), number.max(Decimal::ZERO)),
                    };
                    match (low.checked_add(below), high.checked_add(above)) {
                        (Some(lower), Some(higher)) => (low, high) = (lower, higher),
                        _ => unknown = unknown.or(Some(Missing::because(Why::NoNumber))),
                    }
                }
                other => unknown = unknown.or(other.missing()),
            }
            let so_far = match (unknown, why_between) {
                (Some(why), _) => Value::Unknown(why),
                (None, Some(why)) if low != high => {
                    let bounds = Bounds { low: Some(Value::Number(low)), high: Some(Value::Number(high)), why };
                    Value::Between(Box::new(bounds))
                }
                _ => Value::Number(low),
            };
            let limit = self.value(limit);
            let doubt = match compare(Operator::GreaterOrEqual, &so_far, &limit) {
                Truth::False => continue,
                Truth::True => doubt,
                Truth::Unknown(why) => Some(why),
            };
            doubts.extend(doubt.map(|why| (kept.len(), why)));
            kept.push(row.row);
        }
        (rows.rows, rows.doubts) = (Cow::Owned(kept), doubts);
        Value::Rows(rows)
    }
}

/// The values of a list, or rows, to be taken up one by one.
enum Several<'w> {
    Values(Box<List<'w>>),
    Rows(Box<Rows<'w>>),
}

impl<'w> Several<'w> {
    fn len(&self) -> usize {
        match self {
            Self::Values(list) => list.items.len(),
            Self::Rows(rows) => rows.rows.len(),
        }
    }

    fn item(&self, place: usize) -> Value<'w> {
        match self {
            Self::Values(list) => list.items[place].clone(),
            Self::Rows(rows) => Value::Row(rows.at(place)),
        }
    }

    /// Why the one at this place may not belong.
    fn doubt(&self, place: usize) -> Option<Missing> {
        match self {
            Self::Values(list) => list.doubt(place),
            Self::Rows(rows) => rows.doubt(place),
        }
    }

    fn into_doubts(self) -> Vec<(usize, Missing)> {
        match self {
            Self::Values(list) => list.doubts,
            Self::Rows(rows) => rows.doubts,
        }
    }

    /// Why there may be more.
    fn open(&self) -> Option<Missing> {
        match self {
            Self::Values(list) => list.open,
            Self::Rows(rows) => rows.open,
        }
    }

    /// Why it is not known which comes first.
    fn disordered(&self) -> Option<Missing> {
        match self {
            Self::Values(list) => list.disordered,
            Self::Rows(rows) => rows.disordered,
        }
    }
}

/// What a row is sorted by: a text with declared values by its place among them, as everywhere else.
fn sort_key<'w>(value: Value<'w>, ty: &Type) -> Value<'w> {
    match (&value, ty) {
        (Value::Text(text), Type::Text(Some(declared))) => {
            let place = declared.iter().position(|known| **known == **text).unwrap_or(declared.len());
            Value::Number(Decimal::from(place))
        }
        _ => value,
    }
}

/// The order of two rows' keys, texts in that of the alphabet; null last.
fn by_keys(a: &[Value<'_>], b: &[Value<'_>]) -> Ordering {
    let one = |(a, b): (&Value<'_>, &Value<'_>)| match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Text(a), Value::Text(b)) => alphabetical(a, b),
        (a, b) => a.order(b).unwrap_or(Ordering::Equal),
    };
    a.iter().zip(b).map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn nothing_known<'w>(ty: &Type, why: Missing) -> Value<'w> {
    match ty {
        Type::Rows(to) => Value::Rows(Box::new(Rows { open: Some(why), ..Rows::none(to.extract, to.side) })),
        _ => Value::List(Box::new(List { open: Some(why), ..List::default() })),
    }
}

/// What may hide that someone is protected. An empty key leads nowhere, and an extract that is not there is dealt with
/// before any robot runs.
fn speaks_of_protection(why: Why) -> bool {
    !matches!(why, Why::NoRow | Why::Empty | Why::Null | Why::NotDelivered | Why::NoPreviousNight)
}

fn row_extract(ty: &Type) -> ExtractId {
    row_type_of(ty).map_or(ExtractId(0), |row| row.extract)
}
