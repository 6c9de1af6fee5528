//! What goes over rows and lists: filters, quantifiers, `for … return`, and the functions that take a part for each row.

use super::{Binding, Checker};
use crate::rule::call;
use crate::rule::function::Function;
use crate::rule::kinds::{article, has_order};
use crate::rule::syntax::{Name, Node, Quantifier, RuleError, Span, Syntax};
use crate::rule::tree::{Expr, Kind, Slot};
use crate::rule::types::{RowType, Type};

impl Checker<'_, '_> {
    pub(super) fn filter(&mut self, list: &Syntax, condition: &Syntax, span: Span) -> Option<Expr> {
        let list = self.expression(list)?;
        let slot = self.fresh_slot();
        let item = match &list.ty {
            Type::Rows(row) => Type::Row(*row),
            Type::List(of) => (**of).clone(),
            Type::Mistaken => return Some(Expr::mistaken()),
            other => {
                let found = article(other, self.scope.catalog);
                return self.fail(RuleError::new(format!("{found} cannot be filtered"), list.span));
            }
        };
        let is_place = match &condition.node {
            Node::Negate(inner) => matches!(inner.node, Node::Number(_)),
            other => matches!(other, Node::Number(_)),
        };
        if is_place {
            return self.fail(
                RuleError::new("rows cannot be asked for by their place", condition.span.clone())
                    .hint("write `first(…)` or `last(…)`"),
            );
        }
        let condition = self.within_item(&item, slot, |checker| checker.condition(condition));
        let ty = list.ty.clone();
        Some(Expr { kind: Kind::Filter { list: Box::new(list), slot, condition: Box::new(condition?) }, ty, span })
    }

    /// Lets `inside` see the names of one of the rows, and `item` for the row or value itself, as FEEL has it.
    fn within_item<T>(&mut self, item: &Type, slot: Slot, inside: impl FnOnce(&mut Self) -> T) -> T {
        let bound = self.bindings.len();
        self.bindings.push(Binding::Variable { name: "item".to_owned(), ty: item.clone(), slot });
        if let Type::Row(row) = item {
            self.bindings.push(Binding::Item { row: *row, slot });
        }
        let result = inside(self);
        self.bindings.truncate(bound);
        result
    }

    /// The rows that a function goes over, each of them in a slot.
    fn rows_of(&mut self, function: Function, list: &Syntax) -> Option<(Expr, RowType, Slot)> {
        let list = self.expression(list)?;
        let Type::Rows(row) = list.ty else {
            if list.ty != Type::Mistaken {
                let error = call::wrong(function, &list, "rows", self.scope.catalog);
                self.fail(error);
            }
            return None;
        };
        Some((list, row, self.fresh_slot()))
    }

    /// `sort by(rows, inkopsdatum, kostnad)`
    pub(super) fn sort_by(&mut self, list: &Syntax, keys: &[Syntax], span: Span) -> Option<Expr> {
        let (list, row, slot) = self.rows_of(Function::SortBy, list)?;
        let keys: Vec<Option<Expr>> =
            keys.iter().map(|key| self.within_item(&Type::Row(row), slot, |checker| checker.sort_key(key))).collect();
        let keys = keys.into_iter().collect::<Option<Vec<Expr>>>()?;
        Some(Expr { kind: Kind::SortBy { list: Box::new(list), slot, keys }, ty: Type::Rows(row), span })
    }

    fn sort_key(&mut self, key: &Syntax) -> Option<Expr> {
        let key = self.expression(key)?;
        if has_order(&key.ty) || matches!(key.ty, Type::Person | Type::Boolean | Type::Mistaken) {
            return Some(key);
        }
        let found = article(&key.ty, self.scope.catalog);
        self.fail(RuleError::new(format!("rows are not sorted by {found}"), key.span))
    }

    /// `reaching(rows, belopp, tak)`
    pub(super) fn reaching(&mut self, arguments: &[Syntax], span: Span) -> Option<Expr> {
        let [list, amount, limit] = arguments else { return None };
        let (list, row, slot) = self.rows_of(Function::Reaching, list)?;
        let number = |checker: &mut Self, syntax: &Syntax| {
            let value = checker.within_item(&Type::Row(row), slot, |checker| checker.expression(syntax))?;
            if let Type::Number | Type::Mistaken = value.ty {
                return Some(value);
            }
            let error = call::wrong(Function::Reaching, &value, "a number for each row", checker.scope.catalog);
            checker.fail(error)
        };
        let (amount, limit) = (number(self, amount), number(self, limit));
        let kind = Kind::Reaching { list: Box::new(list), slot, amount: Box::new(amount?), limit: Box::new(limit?) };
        Some(Expr { kind, ty: Type::Rows(row), span })
    }

    pub(super) fn quantified(
        &mut self,
        quantifier: Quantifier,
        variable: &Name,
        list: &Syntax,
        condition: &Syntax,
        span: Span,
    ) -> Option<Expr> {
        let (list, slot, condition) = self.over(variable, list, |checker| checker.condition(condition))?;
        let kind = Kind::Quantified { quantifier, list: Box::new(list), slot, condition: Box::new(condition) };
        Some(Expr { kind, ty: Type::Boolean, span })
    }

    pub(super) fn iteration(&mut self, variable: &Name, list: &Syntax, result: &Syntax, span: Span) -> Option<Expr> {
        let (list, slot, body) = self.over(variable, list, |checker| checker.expression(result))?;
        let ty = match &body.ty {
            Type::Rows(row) => Type::Rows(*row),
            other => Type::List(Box::new(other.clone())),
        };
        Some(Expr { kind: Kind::Map { list: Box::new(list), slot, body: Box::new(body) }, ty, span })
    }

    fn over(
        &mut self,
        variable: &Name,
        list: &Syntax,
        inside: impl FnOnce(&mut Self) -> Option<Expr>,
    ) -> Option<(Expr, Slot, Expr)> {
        let list = self.expression(list)?;
        let item = match &list.ty {
            Type::Rows(row) => Type::Row(*row),
            Type::List(of) => (**of).clone(),
            Type::Mistaken => Type::Mistaken,
            other => {
                let found = article(other, self.scope.catalog);
                self.fail(RuleError::new(format!("{found} is not a list to go over"), list.span));
                return None;
            }
        };
        let slot = self.fresh_slot();
        self.bindings.push(Binding::Variable { name: variable.text.clone(), ty: item, slot });
        let inner = inside(self);
        self.bindings.pop();
        Some((list, slot, inner?))
    }
}
