//! Resolves every name and checks every type of an expression against the declarations, once, at load.
//!
//! What passes here can come to null or unknown at night, but never to a value of the wrong type.

mod function;
mod name;
mod operator;
mod rows;

use super::catalog::Catalog;
use super::evaluate::FIRST_FREE_SLOT;
use super::kinds::{article, how_to_ask};
use super::syntax::{Node, RuleError, Span, Syntax};
use super::tree::{Builtin, Expr, Kind, Slot};
use super::types::{Literal, RowType, Type, Use};

/// What a name can stand for where an expression stands.
#[derive(Clone, Debug)]
pub enum Binding {
    /// A variable: `f` in `each = 'f in fordon'`.
    Variable {
        /// Its name.
        name: String,
        /// Its type.
        ty: Type,
        /// Where its value is.
        slot: Slot,
    },
    /// A row whose fields and relations are names of their own: the subject, or the item in a filter.
    Item {
        /// Its extract and night.
        row: RowType,
        /// Where it is.
        slot: Slot,
    },
}

/// The names that an expression can use.
#[derive(Clone, Debug)]
pub struct Scope<'c> {
    /// The declarations.
    pub catalog: &'c Catalog,
    /// Bound names, the innermost last.
    pub bindings: Vec<Binding>,
    /// The robot's facts so far, in order.
    pub facts: &'c [(String, Type)],
    /// What the expression is for.
    pub purpose: Use,
}

impl<'c> Scope<'c> {
    /// A scope in which the fields of one row are names, and `row` is the row itself: that of a declaration.
    #[must_use]
    pub fn of_row(catalog: &'c Catalog, row: RowType) -> Self {
        let own = Binding::Variable { name: "row".to_owned(), ty: Type::Row(row), slot: Slot(0) };
        let bindings = vec![own, Binding::Item { row, slot: Slot(0) }];
        Self { catalog, bindings, facts: &[], purpose: Use::Decides }
    }

    /// A scope for the condition of a relation: the names of the row that it leads to, and `row` for the row that it
    /// leads from.
    #[must_use]
    pub fn of_relation(catalog: &'c Catalog, from: RowType, to: RowType) -> Self {
        let own = Binding::Variable { name: "row".to_owned(), ty: Type::Row(from), slot: Slot(1) };
        let bindings = vec![own, Binding::Item { row: to, slot: Slot(0) }];
        Self { catalog, bindings, facts: &[], purpose: Use::Decides }
    }

    /// The first slot that no binding of the scope has; the first few are kept for the subject's rows.
    fn free_slot(&self) -> u16 {
        self.bindings
            .iter()
            .map(|binding| match binding {
                Binding::Variable { slot, .. } | Binding::Item { slot, .. } => slot.0 + 1,
            })
            .max()
            .unwrap_or(0)
            .max(FIRST_FREE_SLOT)
    }
}

/// Checks an expression, and that it comes to a truth value.
///
/// # Errors
/// Every mistake found in it.
pub fn condition(syntax: &Syntax, scope: &Scope<'_>) -> Result<Expr, Vec<RuleError>> {
    let mut checker = Checker::new(scope);
    let typed = checker.condition(syntax);
    checker.finish(typed)
}

/// Checks an expression of any type.
///
/// # Errors
/// Every mistake found in it.
pub fn expression(syntax: &Syntax, scope: &Scope<'_>) -> Result<Expr, Vec<RuleError>> {
    let mut checker = Checker::new(scope);
    let typed = checker.expression(syntax);
    checker.finish(typed)
}

/// Checks the head of `each = 'f in fordon'` and gives the rows that it goes over.
///
/// # Errors
/// Every mistake found in it.
pub fn rows(syntax: &Syntax, scope: &Scope<'_>) -> Result<(Expr, RowType), Vec<RuleError>> {
    let checked = expression(syntax, scope)?;
    match checked.ty {
        Type::Rows(row) => Ok((checked, row)),
        ref other => Err(vec![RuleError::new(
            format!("{} stands where rows were expected", article(other, scope.catalog)),
            checked.span.clone(),
        )]),
    }
}

/// How deep relations' conditions and extracts' protections may lead into one another.
const DEEPEST_INLINING: usize = 8;

/// Walks one expression, collecting its mistakes.
struct Checker<'s, 'c> {
    scope: &'s Scope<'c>,
    bindings: Vec<Binding>,
    next_slot: u16,
    inlined: usize,
    /// The extract whose declarations were found to lead too deep.
    circle: Option<RowType>,
    errors: Vec<RuleError>,
}

impl<'s, 'c> Checker<'s, 'c> {
    fn new(scope: &'s Scope<'c>) -> Self {
        Self {
            scope,
            bindings: scope.bindings.clone(),
            next_slot: scope.free_slot(),
            inlined: 0,
            circle: None,
            errors: Vec::new(),
        }
    }

    fn finish(self, checked: Option<Expr>) -> Result<Expr, Vec<RuleError>> {
        match checked {
            Some(expr) if self.errors.is_empty() => Ok(expr),
            _ => Err(self.errors),
        }
    }

    fn fail(&mut self, error: RuleError) -> Option<Expr> {
        self.errors.push(error);
        None
    }

    fn fresh_slot(&mut self) -> Slot {
        self.next_slot += 1;
        Slot(self.next_slot - 1)
    }

    fn condition(&mut self, syntax: &Syntax) -> Option<Expr> {
        let checked = self.expression(syntax)?;
        if let Type::Boolean | Type::Mistaken = checked.ty {
            return Some(checked);
        }
        let found = article(&checked.ty, self.scope.catalog);
        let stands = if let Type::Rows(_) = checked.ty { "stand" } else { "stands" };
        let error = RuleError::new(format!("{found} {stands} where a condition was expected"), syntax.span.clone());
        self.fail(match how_to_ask(&checked.ty) {
            Some(hint) => error.hint(hint),
            None => error,
        })
    }

    fn expression(&mut self, syntax: &Syntax) -> Option<Expr> {
        let span = syntax.span.clone();
        match &syntax.node {
            Node::Null => Some(literal(Literal::Null, Type::Null, span)),
            Node::Boolean(value) => Some(literal(Literal::Boolean(*value), Type::Boolean, span)),
            Node::Number(text) => self.number(text, span),
            Node::Text(text) => Some(literal(Literal::Text(text.as_str().into()), Type::Text(None), span)),
            Node::At(text) => self.at(text, span),
            Node::Name(name) => self.name(name, span),
            Node::Path(base, name) => {
                let base = self.expression(base)?;
                self.step(base, name, span)
            }
            Node::Filter(list, condition) => self.filter(list, condition, span),
            Node::Call(name, arguments) => self.call(name, arguments, span),
            Node::Negate(value) => self.negate(value, span),
            Node::Binary(operator, left, right) => self.binary(*operator, left, right, span),
            Node::And(parts) => self.conditions(parts, Kind::And, span),
            Node::Or(parts) => self.conditions(parts, Kind::Or, span),
            Node::Between(value, low, high) => self.within(value, (low, true), (high, true), span),
            Node::In(value, set) => self.membership(value, set, span),
            Node::Interval { .. } => {
                self.fail(RuleError::new("an interval stands on its own", span).hint("write `x in [a..b]`"))
            }
            Node::List(items) => self.list(items, span),
            Node::If(condition, yes, no) => self.conditional(condition, yes, no, span),
            Node::Quantified { quantifier, variable, list, condition } => {
                self.quantified(*quantifier, variable, list, condition, span)
            }
            Node::For { variable, list, result } => self.iteration(variable, list, result, span),
        }
    }
}

/// Whether a name is built in.
#[must_use]
pub fn is_builtin(name: &str) -> bool {
    builtins().into_iter().any(|(known, ..)| known == name)
}

fn builtins() -> [(&'static str, Builtin, Type); 5] {
    [
        ("night", Builtin::Night, Type::Date),
        ("previous_night", Builtin::PreviousNight, Type::Date),
        ("since", Builtin::Since, Type::Date),
        ("start", Builtin::Start, Type::Date),
        ("municipality", Builtin::Municipality, Type::Text(None)),
    ]
}

fn literal(value: Literal, ty: Type, span: Span) -> Expr {
    Expr { kind: Kind::Literal(value), ty, span }
}
