//! What a condition on rows asks of each row itself, and of whoever asks: where the two are held against each other, the
//! rows that it can hold for are found without going through all of them.

use super::super::function::Function;
use super::super::syntax::Operator;
use super::super::tree::{Expr, Kind, Slot};
use super::super::types::{Literal, Type};

/// The rows that a relation leads to, with the conditions that stand round them, taken apart.
#[derive(Debug)]
pub struct Shape<'w> {
    /// Rows that relations with conditions lead from, each bound before anything else is asked.
    pub owners: Vec<(Slot, &'w Expr)>,
    /// The relation.
    pub related: &'w Expr,
    /// The conditions as they stand, the innermost first, each with the slot of its row.
    pub conditions: Vec<(Slot, &'w Expr)>,
    /// Slots in which the row stands.
    pub slots: Vec<Slot>,
    /// Parts of the conditions that ask the row alone.
    pub statics: Vec<&'w Expr>,
    /// What is equal: something of the row, and something of whoever asks.
    pub equals: Vec<(&'w Expr, &'w Expr)>,
    /// A day of the row, between days of whoever asks.
    pub along: Option<Along<'w>>,
    /// A text of the row that is one sign from a text of whoever asks.
    pub near: Option<Near<'w>>,
    /// Whether the conditions ask more than that.
    pub asks_more: bool,
}

/// A day of the row, and what it lies between.
#[derive(Debug)]
pub struct Along<'w> {
    /// The row's day.
    pub day: &'w Expr,
    /// The first day; whether it belongs.
    pub low: Option<(&'w Expr, bool)>,
    /// The last day; whether it belongs.
    pub high: Option<(&'w Expr, bool)>,
}

/// A text of the row, and what it is near.
#[derive(Debug)]
pub struct Near<'w> {
    /// The row's text.
    pub text: &'w Expr,
    /// The other.
    pub other: &'w Expr,
    /// Whether the text itself is near enough.
    pub takes_equal: bool,
}

impl<'w> Shape<'w> {
    /// Takes apart rows that are asked for, and the condition of a quantifier over them; none where they are no rows of a
    /// relation.
    pub fn of(list: &'w Expr, condition: Option<(Slot, &'w Expr)>) -> Option<Self> {
        let (mut owners, mut conditions) = (Vec::new(), Vec::new());
        let related = relation_of(list, &mut owners, &mut conditions)?;
        conditions.extend(condition);
        let slots: Vec<Slot> = conditions.iter().map(|(slot, _)| *slot).collect();
        let mut shape = Self {
            owners,
            related,
            conditions,
            slots,
            statics: Vec::new(),
            equals: Vec::new(),
            along: None,
            near: None,
            asks_more: false,
        };
        let conditions = shape.conditions.clone();
        for (_, condition) in conditions {
            shape.take_apart(condition);
        }
        Some(shape)
    }

    /// Whether it makes a difference who asks.
    pub fn is_narrow(&self) -> bool {
        !self.equals.is_empty() || self.along.is_some() || self.near.is_some()
    }

    fn take_apart(&mut self, condition: &'w Expr) {
        match &condition.kind {
            Kind::And(parts) => parts.iter().for_each(|part| self.take_apart(part)),
            Kind::Declared { body, .. } => self.take_apart(body),
            _ if self.is_of_row(condition) => self.statics.push(condition),
            Kind::Compare(operator, left, right) => self.take_comparison(*operator, left, right),
            Kind::Within { value, low, high } if self.along.is_none() && self.is_day(value) => {
                let is_asked = [&low.value, &high.value].into_iter().all(|end| self.is_of_asker(end));
                if is_asked {
                    let (low, high) = (Some((&low.value, low.is_in)), Some((&high.value, high.is_in)));
                    self.along = Some(Along { day: value, low, high });
                } else {
                    self.asks_more = true;
                }
            }
            _ => self.asks_more = true,
        }
    }

    fn take_comparison(&mut self, operator: Operator, left: &'w Expr, right: &'w Expr) {
        let sides = if self.is_of_row(left) && self.is_of_asker(right) {
            Some((operator, left, right))
        } else if self.is_of_row(right) && self.is_of_asker(left) {
            Some((turned(operator), right, left))
        } else {
            None
        };
        match sides {
            Some((Operator::Equal, own, other)) if has_one_form(&own.ty) && same_form(&own.ty, &other.ty) => {
                self.equals.push((own, other));
            }
            Some((operator, day, end)) if self.along.is_none() && self.is_day(day) && end.ty == Type::Date => {
                let (low, high) = match operator {
                    Operator::Less => (None, Some((end, false))),
                    Operator::LessOrEqual => (None, Some((end, true))),
                    Operator::Greater => (Some((end, false)), None),
                    Operator::GreaterOrEqual => (Some((end, true)), None),
                    _ => return self.asks_more = true,
                };
                self.along = Some(Along { day, low, high });
            }
            _ => match self.nearness(operator, left, right) {
                Some(near) if self.near.is_none() => self.near = Some(near),
                _ => self.asks_more = true,
            },
        }
    }

    /// `edit distance(f.nummer, nummer) = 1`, or `<= 1`.
    fn nearness(&self, operator: Operator, left: &'w Expr, right: &'w Expr) -> Option<Near<'w>> {
        let takes_equal = match operator {
            Operator::Equal => false,
            Operator::LessOrEqual => true,
            _ => return None,
        };
        let is_one =
            matches!(&right.kind, Kind::Literal(Literal::Number(number)) if *number == rust_decimal::Decimal::ONE);
        let Kind::Call(Function::EditDistance, texts) = &left.kind else { return None };
        let [first, second] = texts.as_slice() else { return None };
        let (text, other) = match (self.is_of_row(first), self.is_of_row(second)) {
            (true, _) if self.is_of_asker(second) => (first, second),
            (_, true) if self.is_of_asker(first) => (second, first),
            _ => return None,
        };
        is_one.then_some(Near { text, other, takes_equal })
    }

    fn is_day(&self, expr: &Expr) -> bool {
        expr.ty == Type::Date && self.is_of_row(expr)
    }

    /// Whether it rests on the row alone, and so is the same whoever asks.
    pub fn is_of_row(&self, expr: &Expr) -> bool {
        is_of(expr, &mut Vec::new(), &|slot| self.slots.contains(&slot))
            && !expr.any(&|part| matches!(part.kind, Kind::Fact(_)))
    }

    /// Whether it says nothing of the row.
    fn is_of_asker(&self, expr: &Expr) -> bool {
        !expr.any(&|part| matches!(&part.kind, Kind::Local(slot) if self.slots.contains(slot)))
    }
}

/// The relation under conditions.
fn relation_of<'w>(
    list: &'w Expr,
    owners: &mut Vec<(Slot, &'w Expr)>,
    conditions: &mut Vec<(Slot, &'w Expr)>,
) -> Option<&'w Expr> {
    match &list.kind {
        Kind::Related { .. } if matches!(list.ty, Type::Rows(_)) => Some(list),
        Kind::Filter { list, slot, condition } => {
            let related = relation_of(list, owners, conditions)?;
            conditions.push((*slot, condition));
            Some(related)
        }
        Kind::With { value, slot, body } if matches!(value.ty, Type::Row(_)) => {
            owners.push((*slot, value));
            relation_of(body, owners, conditions)
        }
        _ => None,
    }
}

/// Whether every variable in an expression is one of these, or is bound within it.
fn is_of(expr: &Expr, bound: &mut Vec<Slot>, known: &impl Fn(Slot) -> bool) -> bool {
    let binds = match &expr.kind {
        Kind::Local(slot) => return known(*slot) || bound.contains(slot),
        Kind::SortBy { slot, .. }
        | Kind::Reaching { slot, .. }
        | Kind::Map { slot, .. }
        | Kind::Filter { slot, .. }
        | Kind::Quantified { slot, .. }
        | Kind::With { slot, .. } => Some(*slot),
        _ => None,
    };
    // What binds a variable says so once in an expression: a part before it that speaks of it is of another.
    bound.extend(binds);
    expr.parts().into_iter().all(|part| is_of(part, bound, known))
}

fn turned(operator: Operator) -> Operator {
    match operator {
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        other => other,
    }
}

/// Whether values of a type that are equal are alike in every way.
fn has_one_form(ty: &Type) -> bool {
    matches!(ty, Type::Text(_) | Type::Number | Type::Date | Type::Month | Type::Boolean)
}

fn same_form(a: &Type, b: &Type) -> bool {
    matches!(
        (a, b),
        (Type::Text(_), Type::Text(_))
            | (Type::Number, Type::Number)
            | (Type::Date, Type::Date)
            | (Type::Month, Type::Month)
            | (Type::Boolean, Type::Boolean)
    )
}
