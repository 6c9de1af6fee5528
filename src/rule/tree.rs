//! The typed tree: an expression whose every name is resolved and whose every type is known to fit.

use super::function::Function;
use super::syntax::{Operator, Quantifier, Span};
use super::types::{ExtractId, FieldId, Literal, ParameterId, RelationId, RowType, Side, Type};

/// The place of a bound variable's value while an expression is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u16);

/// A fact's place among its robot's facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u16);

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it does.
    pub kind: Kind,
    /// The type of what it comes to.
    pub ty: Type,
    /// Where it stands in its source.
    pub span: Span,
}

/// The names that mean the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// The night that is run.
    Night,
    /// The night it is compared with; null when there is none.
    PreviousNight,
    /// The night of the robot's last run that gave outcomes.
    Since,
    /// The day that the robot counts from: `since` of its first night.
    Start,
    /// The own municipality's code.
    Municipality,
}

/// A part of a date or a month, `inkom.year`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// The year.
    Year,
    /// The month of the year, 1 to 12.
    Month,
    /// The day of the month.
    Day,
}

/// Which declaration an expression was put in place from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// A computed field.
    Field(ExtractId, FieldId),
    /// A relation's condition.
    Relation(ExtractId, RelationId),
    /// When a row is about a protected person.
    Protection(ExtractId),
}

/// What is asked of a parameter beside its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Whether it has one there: a code that is listed, a row of a table that applies.
    Listed,
    /// Whether the value was derived, and not yet checked against its source.
    Derived,
}

/// The end of an interval.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Its value.
    pub value: Expr,
    /// Whether the value itself is in.
    pub is_in: bool,
}

/// What an expression does.
#[expect(missing_docs, reason = "the doc of a variant speaks of its parts")]
#[derive(Clone, Debug)]
pub enum Kind {
    /// A value that stands in the expression.
    Literal(Literal),
    /// A name that means the same everywhere.
    Builtin(Builtin),
    /// A bound variable.
    Local(Slot),
    /// A fact of the robot.
    Fact(FactId),
    /// A field of a row.
    Field { row: Box<Expr>, extract: ExtractId, field: FieldId },
    /// What a row is related to.
    Related { row: Box<Expr>, extract: ExtractId, relation: RelationId, side: Side },
    /// Every row of an extract.
    All(RowType),
    /// A part of a date or a month.
    Property(Property, Box<Expr>),
    /// An expression that stands in an extract's declaration.
    Declared { by: Declared, body: Box<Expr> },
    /// The rows in the order of these values, smallest first; rows that are equal in them keep their order.
    SortBy { list: Box<Expr>, slot: Slot, keys: Vec<Expr> },
    /// Those of the rows at which the sum of `amount`, of the row and those before it, is at least `limit`.
    Reaching { list: Box<Expr>, slot: Slot, amount: Box<Expr>, limit: Box<Expr> },
    /// `body` for each of `list`, its value in `slot`; lists of rows are joined end to end.
    Map { list: Box<Expr>, slot: Slot, body: Box<Expr> },
    /// Those of `list` for which `condition` holds.
    Filter { list: Box<Expr>, slot: Slot, condition: Box<Expr> },
    /// Of several rows with these fields equal, the first.
    DistinctRows { rows: Box<Expr>, fields: Vec<FieldId> },
    /// Whether `condition` holds for one, or for all.
    Quantified { quantifier: Quantifier, list: Box<Expr>, slot: Slot, condition: Box<Expr> },
    /// `body` with `value` in `slot`.
    With { value: Box<Expr>, slot: Slot, body: Box<Expr> },
    /// A function's value.
    Call(Function, Vec<Expr>),
    /// What rests on no subject and is worked out once for all of them.
    Standing(Box<Expr>),
    /// A parameter's value.
    Lookup(ParameterId, Vec<Expr>),
    /// `=`, `<` and the like.
    Compare(Operator, Box<Expr>, Box<Expr>),
    /// Whether a value is null; the other way round when `negated`.
    IsNull { value: Box<Expr>, negated: bool },
    /// `+`, `-`, `*`, `/`.
    Arithmetic(Operator, Box<Expr>, Box<Expr>),
    /// `-x`
    Negate(Box<Expr>),
    /// All of them.
    And(Vec<Expr>),
    /// Any of them.
    Or(Vec<Expr>),
    /// The first where the condition holds, the second where it does not.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Whether a value lies between two.
    Within { value: Box<Expr>, low: Box<Bound>, high: Box<Bound> },
    /// Whether a value is one of these.
    OneOf(Box<Expr>, Vec<Expr>),
    /// Whether a value is in a list.
    InList(Box<Expr>, Box<Expr>),
    /// Whether a parameter has a value there, or one that was derived.
    Asked { what: Asked, parameter: ParameterId, arguments: Vec<Expr> },
    /// Whether the extract that a relation leads to was delivered.
    Delivered(RowType),
    /// Values of one type.
    List(Vec<Expr>),
}

impl Expr {
    /// What stands for an expression whose mistake has been told. Nothing that has one is ever worked out.
    #[must_use]
    pub fn mistaken() -> Self {
        Self { kind: Kind::Literal(Literal::Null), ty: Type::Mistaken, span: 0..0 }
    }

    /// Every expression directly inside this one.
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Literal(_)
            | Kind::Builtin(_)
            | Kind::Local(_)
            | Kind::Fact(_)
            | Kind::All(_)
            | Kind::Delivered(_) => Vec::new(),
            Kind::Field { row: part, .. }
            | Kind::Property(_, part)
            | Kind::Standing(part)
            | Kind::Declared { body: part, .. }
            | Kind::Related { row: part, .. }
            | Kind::DistinctRows { rows: part, .. }
            | Kind::IsNull { value: part, .. }
            | Kind::Negate(part) => vec![part],
            Kind::Map { list: first, body: second, .. }
            | Kind::Filter { list: first, condition: second, .. }
            | Kind::Quantified { list: first, condition: second, .. }
            | Kind::With { value: first, body: second, .. }
            | Kind::Compare(_, first, second)
            | Kind::Arithmetic(_, first, second)
            | Kind::InList(first, second) => vec![first, second],
            Kind::If(first, second, third) | Kind::Reaching { list: first, amount: second, limit: third, .. } => {
                vec![first, second, third]
            }
            Kind::SortBy { list, keys, .. } => std::iter::once(&**list).chain(keys).collect(),
            Kind::Within { value, low, high } => vec![value, &low.value, &high.value],
            Kind::OneOf(value, options) => std::iter::once(&**value).chain(options).collect(),
            Kind::Call(_, parts)
            | Kind::Lookup(_, parts)
            | Kind::Asked { arguments: parts, .. }
            | Kind::And(parts)
            | Kind::Or(parts)
            | Kind::List(parts) => parts.iter().collect(),
        }
    }

    /// Whether it speaks of a variable or a fact that it does not bind itself.
    #[must_use]
    pub fn is_bound_outside(&self) -> bool {
        self.any(&|part| matches!(part.kind, Kind::Fact(_))) || {
            let (mut bound, mut spoken_of) = (Vec::new(), Vec::new());
            self.collect_slots(&mut bound, &mut spoken_of);
            spoken_of.iter().any(|slot| !bound.contains(slot))
        }
    }

    fn collect_slots(&self, bound: &mut Vec<Slot>, spoken_of: &mut Vec<Slot>) {
        match &self.kind {
            Kind::Local(slot) => spoken_of.push(*slot),
            Kind::Map { slot, .. }
            | Kind::Filter { slot, .. }
            | Kind::Quantified { slot, .. }
            | Kind::With { slot, .. }
            | Kind::SortBy { slot, .. }
            | Kind::Reaching { slot, .. } => bound.push(*slot),
            _ => {}
        }
        for part in self.parts() {
            part.collect_slots(bound, spoken_of);
        }
    }

    /// Adds the fields that it reads, each once.
    pub fn fields_into(&self, fields: &mut Vec<FieldId>) {
        if let Kind::Field { field, .. } = &self.kind
            && !fields.contains(field)
        {
            fields.push(*field);
        }
        for part in self.parts() {
            part.fields_into(fields);
        }
    }

    /// Whether it, or anything in it, is what `holds` asks.
    pub fn any(&self, holds: &impl Fn(&Self) -> bool) -> bool {
        holds(self) || self.parts().into_iter().any(|part| part.any(holds))
    }
}
