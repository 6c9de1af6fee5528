//! Finds the rows that a condition can hold for, and the sums of those that it does hold for, without going through all of
//! them: a million invoices of one supplier are each held against the others in the time that it takes to sort them once.
//!
//! What comes out is the same as without: a row is passed over only where a part of the conditions is known to be false for
//! it, and a row of which something is not known is looked at each time. Whoever listens to how a value comes about gets it
//! the long way, and the two are held against each other in `rule/tests/narrowed.rs`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, RwLock};

use chrono::Datelike;
use foldhash::fast::RandomState;
use rust_decimal::Decimal;

use super::near::{Texts, half_of, hash_of, variants};
use super::shape::Shape;
use super::{Evaluator, Reading};
use crate::rule::apply;
use crate::rule::function::Function;
use crate::rule::reckon::counted;
use crate::rule::syntax::Quantifier;
use crate::rule::tree::{Expr, Kind, Slot};
use crate::rule::types::Type;
use crate::rule::value::{List, Missing, RowRef, Rows, Truth, Value};
use crate::rule::world::{Recorder, World};

/// So few rows are gone through one by one: to find among them takes as long. In tests fewer, so that little worlds go both
/// ways.
const FEW: usize = if cfg!(test) { 3 } else { 8 };

/// What has been sorted, shared by the threads of one round.
#[derive(Debug, Default)]
pub(super) struct Shelf<'w> {
    shapes: RwLock<HashMap<usize, Option<Arc<Shape<'w>>>>>,
    /// By the expression's place in memory, and that of the rows.
    ladders: RwLock<HashMap<(usize, usize, usize), Arc<Ladder>>>,
    state: RandomState,
}

impl<'w> Shelf<'w> {
    fn shape(&self, place: usize, make: impl FnOnce() -> Option<Shape<'w>>) -> Option<Arc<Shape<'w>>> {
        if let Some(known) = self.shapes.read().ok()?.get(&place) {
            return known.clone();
        }
        let made = make().map(Arc::new);
        self.shapes.write().ok()?.insert(place, made.clone());
        made
    }

    fn ladder(&self, key: (usize, usize, usize)) -> Option<Arc<Ladder>> {
        self.ladders.read().ok()?.get(&key).cloned()
    }

    fn keep(&self, key: (usize, usize, usize), ladder: &Arc<Ladder>) {
        if let Ok(mut ladders) = self.ladders.write() {
            ladders.insert(key, Arc::clone(ladder));
        }
    }
}

/// The rows of a relation from one row, sorted by what is asked of them.
#[derive(Debug, Default)]
struct Ladder {
    /// The hash of what is to be equal, ascending; empty where nothing is.
    hashes: Vec<u64>,
    /// The days, ascending within a hash; empty where no day is asked for.
    days: Vec<i32>,
    /// The rows' places among those of the relation.
    places: Vec<u32>,
    /// The sums up to each row; empty where nothing is summed.
    sums: Vec<Decimal>,
    /// The sum of all, where it does not matter who asks.
    whole: Decimal,
    /// How many rows they are.
    count: usize,
    /// The places of rows of which something is not known, ascending.
    loose: Vec<u32>,
    /// Those of one hash by their texts, where there are many; by where they begin.
    near: RwLock<HashMap<usize, Arc<Texts>>>,
}

/// What is asked of a ladder.
struct Sought {
    hash: Option<u64>,
    low: i32,
    high: i32,
    near: Option<(String, bool)>,
}

impl Ladder {
    fn days_of(&self) -> Option<&[i32]> {
        (!self.days.is_empty()).then_some(&self.days)
    }

    /// Where the rows of a hash stand.
    fn bucket(&self, hash: Option<u64>) -> (usize, usize) {
        match hash {
            None => (0, self.count),
            Some(_) if self.hashes.is_empty() => (0, 0),
            Some(hash) => {
                let first = self.hashes.partition_point(|known| *known < hash);
                (first, first + self.hashes[first..].partition_point(|known| *known == hash))
            }
        }
    }
}

/// Where the days between two are, from one place to another.
fn between(days: Option<&[i32]>, (first, last): (usize, usize), sought: &Sought) -> (usize, usize) {
    let Some(days) = days else { return (first, last) };
    let days = &days[first..last];
    let low = days.partition_point(|day| *day < sought.low);
    let high = days.partition_point(|day| *day <= sought.high);
    (first + low, first + high.max(low))
}

impl<'w, W: World, R: Recorder<'w>> Evaluator<'w, W, R> {
    fn shelf(&self) -> Option<Arc<super::Standing<'w>>> {
        if R::LISTENS || self.reading != Reading::Rules { None } else { self.standing.clone() }
    }

    /// Whether a condition holds for one of some rows, or for all, where that can be told without going through them all.
    pub(super) fn quantified_narrowly(
        &mut self,
        quantifier: Quantifier,
        list: &'w Expr,
        slot: Slot,
        condition: &'w Expr,
    ) -> Option<Truth> {
        let standing = self.shelf()?;
        let shelf = &standing.shelf;
        // Of all rows those count for which the condition does not hold: it passes none over.
        let narrowing = (quantifier == Quantifier::Some).then_some((slot, condition));
        let shape = shelf.shape(address(condition), || Shape::of(list, narrowing).filter(Shape::is_narrow))?;
        let rows = self.rows_of(&shape)?;
        let sought = self.sought(&shape, shelf)?;
        let ladder = self.ladder(shelf, address(condition), &shape, &rows, None)?;
        let decisive = if quantifier == Quantifier::Some { Truth::True } else { Truth::False };
        let filters = if narrowing.is_some() { shape.conditions.len() - 1 } else { shape.conditions.len() };
        let mut unknown: Option<(usize, Missing)> = None;
        let mut is_decided = false;
        self.each_candidate(&shape, shelf, &ladder, &sought, &rows, &mut |own, place| {
            let Some(doubt) = own.doubt(&shape.conditions[..filters], rows.at(place)) else { return true };
            own.bind(slot, Value::Row(rows.at(place)));
            let truth = own.truth(condition);
            let why = match (truth, doubt) {
                (Truth::Unknown(why), _) => why,
                (truth, None) if truth == decisive => {
                    is_decided = true;
                    return false;
                }
                (truth, Some(why)) if truth == decisive => why,
                _ => return true,
            };
            if unknown.is_none_or(|(first, _)| place < first) {
                unknown = Some((place, why));
            }
            true
        });
        Some(if is_decided {
            decisive
        } else {
            rows.open.or(unknown.map(|(_, why)| why)).map_or(decisive.negated(), Truth::Unknown)
        })
    }

    /// The rows that conditions hold for.
    pub(super) fn filtered_narrowly(&mut self, filter: &'w Expr) -> Option<Value<'w>> {
        let standing = self.shelf()?;
        let shelf = &standing.shelf;
        let shape = shelf.shape(address(filter), || Shape::of(filter, None).filter(Shape::is_narrow))?;
        let mut rows = self.rows_of(&shape)?;
        let sought = self.sought(&shape, shelf)?;
        let ladder = self.ladder(shelf, address(filter), &shape, &rows, None)?;
        let mut kept: Vec<(u32, Option<Missing>)> = Vec::new();
        self.each_candidate(&shape, shelf, &ladder, &sought, &rows, &mut |own, place| {
            if let Some(doubt) = own.doubt(&shape.conditions, rows.at(place)) {
                kept.push((rows.rows[place], doubt));
            }
            true
        });
        // Rows of a relation stand in the file's order.
        kept.sort_unstable_by_key(|(row, _)| *row);
        rows.doubts = kept.iter().enumerate().filter_map(|(place, (_, doubt))| Some((place, (*doubt)?))).collect();
        rows.rows = kept.into_iter().map(|(row, _)| row).collect::<Vec<u32>>().into();
        Some(Value::Rows(Box::new(rows)))
    }

    /// How many rows, or the sum of something of them.
    pub(super) fn totalled(&mut self, function: Function, list: &'w Expr) -> Option<Value<'w>> {
        let (of, amount) = match (function, &list.kind) {
            (Function::Count, Kind::Filter { .. } | Kind::With { .. }) => (list, None),
            (Function::Sum, Kind::Map { list, slot, body }) if body.ty == Type::Number => {
                (&**list, Some((*slot, &**body)))
            }
            _ => return None,
        };
        let standing = self.shelf()?;
        let shelf = &standing.shelf;
        // A filter that is counted may be followed as well: the two are not sorted for the same.
        let place = address(list) | 1;
        let shape = shelf.shape(place, || {
            let shape = Shape::of(of, None)?;
            let is_of_item = amount.is_none_or(|(slot, body)| {
                let item = Shape {
                    slots: vec![slot],
                    owners: Vec::new(),
                    related: of,
                    conditions: Vec::new(),
                    statics: Vec::new(),
                    equals: Vec::new(),
                    along: None,
                    near: None,
                    asks_more: false,
                };
                item.is_of_row(body)
            });
            Some(shape).filter(|shape| !shape.asks_more && shape.near.is_none() && is_of_item)
        })?;
        let rows = self.rows_of(&shape)?;
        let sought = self.sought(&shape, shelf)?;
        let ladder = self.ladder(shelf, place, &shape, &rows, Some(amount))?;
        let (first, last) = between(ladder.days_of(), ladder.bucket(sought.hash), &sought);
        let mut loose = List { open: rows.open, ..List::default() };
        if amount.is_some() {
            let sum = if shape.is_narrow() { ladder.sums[last].checked_sub(ladder.sums[first])? } else { ladder.whole };
            loose.items.push(Value::Number(sum));
        }
        for place in &ladder.loose {
            let row = rows.at(*place as usize);
            let Some(doubt) = self.doubt(&shape.conditions, row) else { continue };
            loose.doubts.extend(doubt.map(|why| (loose.items.len(), why)));
            let item = amount.map_or(Value::Null, |(slot, body)| {
                self.bind(slot, Value::Row(row));
                self.value(body)
            });
            loose.items.push(item);
        }
        Some(match amount {
            None => {
                let doubtful = loose.doubts.len();
                let sure = last - first + loose.items.len() - doubtful;
                counted(sure, doubtful, loose.open, loose.doubts.first().map(|(_, why)| *why))
            }
            Some(_) => apply::apply(function, [Value::List(Box::new(loose))], self.constants.night),
        })
    }

    /// The first of the rows that a condition holds for: those after it are not asked.
    pub(super) fn first_of(&mut self, filter: &'w Expr) -> Option<Value<'w>> {
        let Kind::Filter { list, slot, condition } = &filter.kind else { return None };
        if R::LISTENS || self.reading != Reading::Rules || !matches!(list.kind, Kind::Related { .. }) {
            return None;
        }
        if let Some(rows) = self.filtered_narrowly(filter) {
            return Some(apply::apply(Function::First, [rows], self.constants.night));
        }
        let Value::Rows(rows) = self.value(list) else { return None };
        if let Some(why) = rows.open.or(rows.disordered) {
            return Some(Value::Unknown(why));
        }
        for place in 0..rows.rows.len() {
            let row = Value::Row(rows.at(place));
            self.bind(*slot, row.clone());
            match self.truth(condition) {
                Truth::False => {}
                Truth::True => return Some(row),
                Truth::Unknown(why) => return Some(Value::Unknown(why)),
            }
        }
        Some(Value::Null)
    }

    /// The rows that the relation leads to, where they are many and stand together.
    fn rows_of(&mut self, shape: &Shape<'w>) -> Option<Rows<'w>> {
        for (slot, owner) in &shape.owners {
            let owner = self.value(owner);
            self.bind(*slot, owner);
        }
        match self.value(shape.related) {
            Value::Rows(rows) if rows.rows.len() > FEW && matches!(rows.rows, std::borrow::Cow::Borrowed(_)) => {
                Some(*rows)
            }
            _ => None,
        }
    }

    /// What the one who asks is held against; none where some of it is not known, so that nothing can be passed over.
    fn sought(&mut self, shape: &Shape<'w>, shelf: &Shelf<'w>) -> Option<Sought> {
        let mut sought = Sought { hash: None, low: i32::MIN, high: i32::MAX, near: None };
        if !shape.equals.is_empty() {
            let mut hasher = shelf.state.build_hasher();
            for (_, other) in &shape.equals {
                add_to(&mut hasher, &self.value(other))?;
            }
            sought.hash = Some(hasher.finish());
        }
        if let Some(along) = &shape.along {
            if let Some((low, is_in)) = along.low {
                let Value::Date(low) = self.value(low) else { return None };
                sought.low = low.num_days_from_ce() + i32::from(!is_in);
            }
            if let Some((high, is_in)) = along.high {
                let Value::Date(high) = self.value(high) else { return None };
                sought.high = high.num_days_from_ce() - i32::from(!is_in);
            }
        }
        if let Some(near) = &shape.near {
            let Value::Text(text) = self.value(near.other) else { return None };
            sought.near = Some((text.into_owned(), near.takes_equal));
        }
        Some(sought)
    }

    /// Takes up the places of rows that conditions can hold for, in no order, until it is told to stop.
    fn each_candidate(
        &mut self,
        shape: &Shape<'w>,
        shelf: &Shelf<'w>,
        ladder: &Ladder,
        sought: &Sought,
        rows: &Rows<'w>,
        take: &mut dyn FnMut(&mut Self, usize) -> bool,
    ) {
        let bucket = ladder.bucket(sought.hash);
        let (first, last) = between(ladder.days_of(), bucket, sought);
        let texts = match (&shape.near, &sought.near) {
            (Some(near), Some(text)) if last - first > 2 * FEW => {
                self.texts(ladder, bucket, near.text, &shape.slots, rows, shelf).map(|texts| (texts, text))
            }
            _ => None,
        };
        let Some((texts, (text, takes_equal))) = texts else {
            let all = ladder.places[first..last].iter().chain(&ladder.loose);
            for place in all {
                if !take(self, *place as usize) {
                    return;
                }
            }
            return;
        };
        let own = hash_of(&shelf.state, text.chars());
        for number in texts.near(&variants(&shelf.state, text)) {
            if texts.hashes[number as usize] == own && !takes_equal {
                continue;
            }
            let days = (!texts.days.is_empty()).then_some(&texts.days[..]);
            let (first, last) = between(days, texts.run(number), sought);
            for place in &texts.places[first..last] {
                if !take(self, *place as usize) {
                    return;
                }
            }
        }
        for place in texts.loose.iter().chain(&ladder.loose) {
            if !take(self, *place as usize) {
                return;
            }
        }
    }

    /// Why a row that conditions may hold for may yet not belong; nothing for one for which some condition does not hold.
    #[expect(
        clippy::option_option,
        reason = "the outer tells whether it is there at all, the inner why that is not sure"
    )]
    fn doubt(&mut self, conditions: &[(Slot, &'w Expr)], row: RowRef) -> Option<Option<Missing>> {
        let mut doubt = None;
        for (slot, condition) in conditions {
            self.bind(*slot, Value::Row(row));
            match self.truth(condition) {
                Truth::False => return None,
                Truth::True => {}
                Truth::Unknown(why) => doubt = Some(why),
            }
        }
        Some(doubt)
    }

    /// The rows of a relation, sorted by what a shape asks of them; with sums of something of them where totals are asked.
    #[expect(clippy::option_option, reason = "the outer tells whether totals are asked, the inner of what")]
    fn ladder(
        &mut self,
        shelf: &Shelf<'w>,
        place: usize,
        shape: &Shape<'w>,
        rows: &Rows<'w>,
        totals: Option<Option<(Slot, &'w Expr)>>,
    ) -> Option<Arc<Ladder>> {
        let key = (place, rows.rows.as_ptr() as usize, rows.rows.len());
        if let Some(known) = shelf.ladder(key) {
            return Some(known);
        }
        let mut steps: Vec<(u64, i32, u32, Decimal)> = Vec::new();
        let mut ladder = Ladder::default();
        let mut total = Decimal::ZERO;
        for at in 0..rows.rows.len() {
            let row = rows.at(at);
            for slot in &shape.slots {
                self.bind(*slot, Value::Row(row));
            }
            let at = u32::try_from(at).ok()?;
            let mut is_sure = true;
            let mut is_out = false;
            for part in &shape.statics {
                match self.truth(part) {
                    Truth::False => is_out = true,
                    Truth::Unknown(_) => is_sure = false,
                    Truth::True => {}
                }
            }
            if is_out {
                continue;
            }
            let mut hasher = shelf.state.build_hasher();
            let mut is_plain = true;
            for (own, _) in &shape.equals {
                is_plain &= add_to(&mut hasher, &self.value(own)).is_some();
            }
            let mut day = 0;
            if let Some(along) = &shape.along {
                match self.value(along.day) {
                    Value::Date(date) => day = date.num_days_from_ce(),
                    _ => is_plain = false,
                }
            }
            let mut amount = Decimal::ZERO;
            if let Some(totals) = &totals {
                is_plain &= is_sure;
                if let Some((slot, body)) = totals {
                    self.bind(*slot, Value::Row(row));
                    match self.value(body) {
                        Value::Number(number) => amount = number,
                        _ => is_plain = false,
                    }
                }
            }
            if !is_plain {
                ladder.loose.push(at);
            } else if totals.is_some() && !shape.is_narrow() {
                ladder.count += 1;
                total = total.checked_add(amount)?;
            } else {
                steps.push((hasher.finish(), day, at, amount));
            }
        }
        if shape.equals.is_empty() {
            for step in &mut steps {
                step.0 = 0;
            }
        }
        steps.sort_unstable_by_key(|(hash, day, at, _)| (*hash, *day, *at));
        if totals.is_some() && !shape.is_narrow() {
            ladder.whole = total;
        } else {
            ladder.count = steps.len();
        }
        if shape.is_narrow() && totals.as_ref().is_some_and(Option::is_some) {
            let mut sum = Decimal::ZERO;
            ladder.sums.reserve_exact(steps.len() + 1);
            ladder.sums.push(sum);
            for (.., amount) in &steps {
                sum = sum.checked_add(*amount)?;
                ladder.sums.push(sum);
            }
        }
        if !shape.equals.is_empty() {
            ladder.hashes = steps.iter().map(|step| step.0).collect();
        }
        if shape.along.is_some() {
            ladder.days = steps.iter().map(|step| step.1).collect();
        }
        if totals.is_none() {
            ladder.places = steps.iter().map(|step| step.2).collect();
        }
        let ladder = Arc::new(ladder);
        shelf.keep(key, &ladder);
        Some(ladder)
    }

    /// The rows of one bucket by their texts.
    fn texts(
        &mut self,
        ladder: &Ladder,
        (first, last): (usize, usize),
        text: &'w Expr,
        slots: &[Slot],
        rows: &Rows<'w>,
        shelf: &Shelf<'w>,
    ) -> Option<Arc<Texts>> {
        if let Some(known) = ladder.near.read().ok()?.get(&first) {
            return Some(Arc::clone(known));
        }
        let mut texts = Texts::default();
        let mut steps: Vec<(u64, i32, u32)> = Vec::with_capacity(last - first);
        for at in first..last {
            let place = ladder.places[at];
            match self.text_of(text, slots, rows, place) {
                Some(own) => {
                    let hash = hash_of(&shelf.state, own.chars());
                    steps.push((hash, ladder.days.get(at).copied().unwrap_or_default(), place));
                }
                None => texts.loose.push(place),
            }
        }
        steps.sort_unstable();
        for run in steps.chunk_by(|a, b| a.0 == b.0) {
            let number = u32::try_from(texts.hashes.len()).ok()?;
            texts.hashes.push(run[0].0);
            texts.starts.push(u32::try_from(texts.places.len()).ok()?);
            texts.places.extend(run.iter().map(|step| step.2));
            if !ladder.days.is_empty() {
                texts.days.extend(run.iter().map(|step| step.1));
            }
            let own = self.text_of(text, slots, rows, run[0].2)?;
            texts.variants.extend(variants(&shelf.state, &own).into_iter().map(|variant| (half_of(variant), number)));
        }
        texts.starts.push(u32::try_from(texts.places.len()).ok()?);
        texts.variants.sort_unstable();
        texts.variants.shrink_to_fit();
        let texts = Arc::new(texts);
        ladder.near.write().ok()?.insert(first, Arc::clone(&texts));
        Some(texts)
    }

    /// The text of one of some rows; none where it is not known or there is none.
    fn text_of(&mut self, text: &'w Expr, slots: &[Slot], rows: &Rows<'w>, place: u32) -> Option<Cow<'w, str>> {
        for slot in slots {
            self.bind(*slot, Value::Row(rows.at(place as usize)));
        }
        match self.value(text) {
            Value::Text(own) => Some(own),
            _ => None,
        }
    }
}

/// Adds a value to a hash; nothing for one that equals nothing.
fn add_to(hasher: &mut impl Hasher, value: &Value<'_>) -> Option<()> {
    match value {
        Value::Text(text) => text.hash(hasher),
        Value::Number(number) => number.normalize().hash(hasher),
        Value::Date(day) => day.hash(hasher),
        Value::Month(month) => month.hash(hasher),
        Value::Boolean(holds) => holds.hash(hasher),
        _ => return None,
    }
    Some(())
}

fn address(expr: &Expr) -> usize {
    std::ptr::from_ref(expr) as usize
}
