//! Conditions that come out the same whatever the extracts hold: a check that can never deviate, or always does, is a
//! mistake that no example may have come upon.
//!
//! What is found here is certain; what is not found may still be so. Unknown is left out of account: a condition that is
//! false or unknown can never be true.

use std::cmp::Ordering;
use std::fmt::Write;

use rust_decimal::Decimal;

use super::catalog::Catalog;
use super::function::Function;
use super::reckon::{compare, of_literal};
use super::syntax::{Operator, Quantifier};
use super::tree::{Builtin, Expr, Kind};
use super::types::{Literal, Type};
use super::value::Truth;

/// Which ways a condition can come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcomes {
    /// It can hold.
    pub can_hold: bool,
    /// It can fail to hold.
    pub can_fail: bool,
}

impl Outcomes {
    const EITHER: Self = Self { can_hold: true, can_fail: true };

    fn of(holds: bool) -> Self {
        Self { can_hold: holds, can_fail: !holds }
    }

    fn negated(self) -> Self {
        Self { can_hold: self.can_fail, can_fail: self.can_hold }
    }
}

/// What expressions are looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Within<'c> {
    /// The declarations.
    pub catalog: &'c Catalog,
    /// The robot's facts.
    pub facts: &'c [Expr],
}

impl Within<'_> {
    /// Which ways a condition can come out.
    #[must_use]
    pub fn outcomes(&self, condition: &Expr) -> Outcomes {
        match &condition.kind {
            Kind::Literal(Literal::Boolean(holds)) => Outcomes::of(*holds),
            Kind::And(parts) => self.joined(parts, false),
            Kind::Or(parts) => self.joined(parts, true).negated(),
            Kind::Call(Function::Not, arguments) => self.outcomes(&arguments[0]).negated(),
            Kind::Fact(id) => self.facts.get(usize::from(id.0)).map_or(Outcomes::EITHER, |fact| self.outcomes(fact)),
            Kind::Declared { body, .. } | Kind::With { body, .. } | Kind::Standing(body) => self.outcomes(body),
            Kind::IsNull { value, negated } if !self.can_be_null(value) => Outcomes::of(*negated),
            Kind::Quantified { quantifier, condition, .. } => {
                let inside = self.outcomes(condition);
                match quantifier {
                    Quantifier::Some => Outcomes { can_hold: inside.can_hold, can_fail: true },
                    Quantifier::Every => Outcomes { can_hold: true, can_fail: inside.can_fail },
                }
            }
            Kind::If(condition, yes, no) => {
                let (condition, yes, no) = (self.outcomes(condition), self.outcomes(yes), self.outcomes(no));
                Outcomes {
                    can_hold: condition.can_hold && yes.can_hold || condition.can_fail && no.can_hold,
                    can_fail: condition.can_hold && yes.can_fail || condition.can_fail && no.can_fail,
                }
            }
            Kind::Compare(operator, left, right) => Self::compared(*operator, left, right, condition),
            _ => match demand_of(condition, false) {
                Some(demand) => Outcomes { can_hold: !demand.is_empty(), can_fail: !demand.negated_is_empty() },
                None => Outcomes::EITHER,
            },
        }
    }

    fn compared(operator: Operator, left: &Expr, right: &Expr, whole: &Expr) -> Outcomes {
        if let (Kind::Literal(left), Kind::Literal(right)) = (&left.kind, &right.kind) {
            return Outcomes::of(compare(operator, &of_literal(left), &of_literal(right)) == Truth::True);
        }
        if let (Some(left), Some(right)) = (name_of(left), name_of(right))
            && left == right
        {
            let holds = matches!(operator, Operator::Equal | Operator::LessOrEqual | Operator::GreaterOrEqual);
            return Outcomes::of(holds);
        }
        match demand_of(whole, false) {
            Some(demand) => Outcomes { can_hold: !demand.is_empty(), can_fail: !demand.negated_is_empty() },
            None => Outcomes::EITHER,
        }
    }

    /// Parts joined by `and`; joined by `or` they are the opposite of their opposites joined by `and`.
    fn joined(&self, parts: &[Expr], negated: bool) -> Outcomes {
        let outcomes = parts.iter().map(|part| self.outcomes(part));
        let outcomes: Vec<Outcomes> = outcomes.map(|one| if negated { one.negated() } else { one }).collect();
        let is_contradiction = contradicts(parts, negated);
        Outcomes {
            can_hold: !is_contradiction && outcomes.iter().all(|one| one.can_hold),
            can_fail: outcomes.iter().any(|one| one.can_fail),
        }
    }

    /// Whether an expression can come to null.
    #[must_use]
    pub fn can_be_null(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Literal(value) => *value == Literal::Null,
            Kind::Builtin(builtin) => *builtin == Builtin::PreviousNight,
            Kind::Field { extract, field, .. } => self.catalog.extract(*extract).field(*field).nullable,
            Kind::Fact(id) => self.facts.get(usize::from(id.0)).is_none_or(|fact| self.can_be_null(fact)),
            Kind::Declared { body, .. } | Kind::With { body, .. } | Kind::Standing(body) => self.can_be_null(body),
            Kind::If(_, yes, no) => self.can_be_null(yes) || self.can_be_null(no),
            Kind::Call(function, _) => matches!(
                function,
                Function::First
                    | Function::Last
                    | Function::Min
                    | Function::Max
                    | Function::Mean
                    | Function::Number
                    | Function::Date
                    | Function::PersonNumber
                    | Function::OrganisationNumber
                    | Function::GetOrElse
            ),
            Kind::Arithmetic(..)
            | Kind::Negate(_)
            | Kind::Lookup(..)
            | Kind::Property(..)
            | Kind::Compare(..)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Quantified { .. }
            | Kind::Within { .. }
            | Kind::OneOf(..)
            | Kind::InList(..)
            | Kind::IsNull { .. }
            | Kind::Asked { .. }
            | Kind::Delivered(_) => false,
            _ => true,
        }
    }
}

/// Whether what the parts ask of one value cannot be met together.
fn contradicts(parts: &[Expr], negated: bool) -> bool {
    let mut demands: Vec<Demand> = Vec::new();
    for part in parts {
        let Some(demand) = demand_of(part, negated) else { continue };
        match demands.iter_mut().find(|known| known.name == demand.name) {
            Some(known) => known.add(demand),
            None => demands.push(demand),
        }
    }
    demands.iter().any(Demand::is_empty)
}

/// What a condition asks of one value.
#[derive(Clone, Debug)]
struct Demand {
    /// The value, as a name that is the same for the same expression.
    name: String,
    low: Option<(Literal, bool)>,
    high: Option<(Literal, bool)>,
    /// The only values that it may have.
    allowed: Option<Vec<Literal>>,
    forbidden: Vec<Literal>,
    is_null: Option<bool>,
}

/// What a condition, or its opposite, asks of one value; none where that cannot be said of one.
fn demand_of(condition: &Expr, negated: bool) -> Option<Demand> {
    match &condition.kind {
        Kind::Compare(operator, left, right) => {
            let operator = if negated { opposite(*operator) } else { *operator };
            match (&left.kind, &right.kind) {
                (_, Kind::Literal(value)) => Demand::of(left)?.compared(operator, value),
                (Kind::Literal(value), _) => Demand::of(right)?.compared(turned(operator), value),
                _ => None,
            }
        }
        Kind::Within { value, low, high } if !negated => {
            let (Kind::Literal(least), Kind::Literal(most)) = (&low.value.kind, &high.value.kind) else { return None };
            let mut demand = Demand::of(value)?;
            demand.add(Demand { low: Some((least.clone(), low.is_in)), ..Demand::anything() });
            demand.add(Demand { high: Some((most.clone(), high.is_in)), ..Demand::anything() });
            Some(demand)
        }
        Kind::OneOf(value, options) => {
            let options: Option<Vec<Literal>> = options
                .iter()
                .map(|option| if let Kind::Literal(value) = &option.kind { Some(value.clone()) } else { None })
                .collect();
            let options = options?;
            let mut demand = Demand::of(value)?;
            demand.add(if negated {
                Demand { forbidden: options, ..Demand::anything() }
            } else {
                Demand { allowed: Some(options), ..Demand::anything() }
            });
            Some(demand)
        }
        Kind::IsNull { value, negated: is_not } => {
            let is_null = Some(*is_not == negated);
            Some(Demand { name: name_of(value)?, is_null, ..Demand::anything() })
        }
        _ => None,
    }
}

fn opposite(operator: Operator) -> Operator {
    match operator {
        Operator::Equal => Operator::NotEqual,
        Operator::NotEqual => Operator::Equal,
        Operator::Less => Operator::GreaterOrEqual,
        Operator::LessOrEqual => Operator::Greater,
        Operator::Greater => Operator::LessOrEqual,
        _ => Operator::Less,
    }
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

impl Demand {
    fn anything() -> Self {
        Self { name: String::new(), low: None, high: None, allowed: None, forbidden: Vec::new(), is_null: None }
    }

    /// What is known of a value's type: a listed text is one of those listed, a count is not negative.
    fn of(value: &Expr) -> Option<Self> {
        let mut demand = Self { name: name_of(value)?, ..Self::anything() };
        if let Type::Text(Some(values)) = &value.ty {
            demand.allowed = Some(values.iter().map(|value| Literal::Text(value.as_str().into())).collect());
        }
        if let Kind::Call(Function::Count | Function::TextLength, _) = &value.kind {
            demand.low = Some((Literal::Number(Decimal::ZERO), true));
        }
        Some(demand)
    }

    fn compared(mut self, operator: Operator, value: &Literal) -> Option<Self> {
        let plain = Self { name: self.name.clone(), ..Self::anything() };
        let limit = |is_in| Some((value.clone(), is_in));
        self.add(match operator {
            Operator::Equal => Self { allowed: Some(vec![value.clone()]), ..plain },
            Operator::NotEqual => Self { forbidden: vec![value.clone()], ..plain },
            Operator::Less => Self { high: limit(false), ..plain },
            Operator::LessOrEqual => Self { high: limit(true), ..plain },
            Operator::Greater => Self { low: limit(false), ..plain },
            Operator::GreaterOrEqual => Self { low: limit(true), ..plain },
            _ => return None,
        });
        Some(self)
    }

    fn add(&mut self, other: Self) {
        self.low = narrower(self.low.take(), other.low, Ordering::Greater);
        self.high = narrower(self.high.take(), other.high, Ordering::Less);
        self.allowed = match (self.allowed.take(), other.allowed) {
            (Some(one), Some(other)) => Some(one.into_iter().filter(|value| other.contains(value)).collect()),
            (one, other) => one.or(other),
        };
        self.forbidden.extend(other.forbidden);
        if let (Some(one), Some(other)) = (self.is_null, other.is_null)
            && one != other
        {
            self.allowed = Some(Vec::new());
        }
        self.is_null = self.is_null.or(other.is_null);
    }

    /// Whether no value meets it.
    fn is_empty(&self) -> bool {
        let asks_of_value = self.low.is_some() || self.high.is_some() || self.allowed.is_some();
        if self.is_null == Some(true) {
            return asks_of_value || !self.forbidden.is_empty();
        }
        let fits = |value: &Literal| {
            let inside = |limit: &Option<(Literal, bool)>, wanted| {
                limit.as_ref().is_none_or(|(limit, is_in)| match order(value, limit) {
                    Some(Ordering::Equal) => *is_in,
                    Some(found) => found == wanted,
                    None => true,
                })
            };
            inside(&self.low, Ordering::Greater)
                && inside(&self.high, Ordering::Less)
                && !self.forbidden.contains(value)
        };
        if let Some(allowed) = &self.allowed {
            return !allowed.iter().any(fits);
        }
        match (&self.low, &self.high) {
            (Some((low, low_is_in)), Some((high, high_is_in))) => match order(low, high) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => !(*low_is_in && *high_is_in) || self.forbidden.contains(low),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether every value meets it: a count is never below zero.
    fn negated_is_empty(&self) -> bool {
        match (&self.low, &self.high, &self.allowed) {
            // Of a count: its own limit, and none that is narrower.
            (Some((Literal::Number(low), true)), None, None) => {
                low.is_zero() && self.forbidden.is_empty() && self.name.starts_with("count(")
            }
            _ => false,
        }
    }
}

fn narrower(one: Option<(Literal, bool)>, other: Option<(Literal, bool)>, wanted: Ordering) -> Option<(Literal, bool)> {
    match (one, other) {
        (Some(one), Some(other)) => Some(match order(&other.0, &one.0) {
            Some(Ordering::Equal) => (one.0, one.1 && other.1),
            Some(found) if found == wanted => other,
            _ => one,
        }),
        (one, other) => one.or(other),
    }
}

fn order(one: &Literal, other: &Literal) -> Option<Ordering> {
    of_literal(one).order(&of_literal(other))
}

/// A name that is the same for two expressions that always come to the same; none where that is not told.
fn name_of(expr: &Expr) -> Option<String> {
    let mut name = String::new();
    write_name(expr, &mut name)?;
    Some(name)
}

fn write_name(expr: &Expr, name: &mut String) -> Option<()> {
    match &expr.kind {
        Kind::Literal(value) => write!(name, "{value}").ok(),
        Kind::Builtin(builtin) => write!(name, "{builtin:?}").ok(),
        Kind::Local(slot) => write!(name, "v{}", slot.0).ok(),
        Kind::Fact(id) => write!(name, "fact{}", id.0).ok(),
        Kind::Field { row, field, .. } => {
            write_name(row, name)?;
            write!(name, ".f{}", field.0).ok()
        }
        Kind::Related { row, relation, side, .. } => {
            write_name(row, name)?;
            write!(name, ".r{}{side:?}", relation.0).ok()
        }
        Kind::Call(function, arguments) => {
            write!(name, "{}(", function.name()).ok()?;
            for argument in arguments {
                write_name(argument, name)?;
                name.push(',');
            }
            name.push(')');
            Some(())
        }
        // What a declaration says of a row: named by the declaration and the row.
        Kind::With { value, body, .. } => match &body.kind {
            Kind::Declared { by, .. } => {
                write_name(value, name)?;
                write!(name, ".{by:?}").ok()
            }
            _ => None,
        },
        Kind::Property(property, value) => {
            write_name(value, name)?;
            write!(name, ".{property:?}").ok()
        }
        _ => None,
    }
}
