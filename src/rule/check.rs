//! Resolves every name and checks every type of an expression against the declarations, once, at load.
//!
//! What passes here can come to null or unknown at night, but never to a value of the wrong type.

use rust_decimal::Decimal;

use super::call;
use super::catalog::{Cardinality, Catalog};
use super::function::Function;
use super::kinds::{article, common, how_to_compare, plain, plural, row_type_of, same_kind};
use super::syntax::{Name, Node, Operator, Quantifier, RuleError, Span, Syntax};
use super::tree::{Bound, Builtin, Expr, FactId, Kind, Slot};
use super::types::{Literal, RowType, Type, Use};
use crate::diagnostic::nearest;
use crate::value::date::DateFormat;

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
    /// A scope in which the fields of one row are names.
    #[must_use]
    pub fn of_row(catalog: &'c Catalog, row: RowType) -> Self {
        Self { catalog, bindings: vec![Binding::Item { row, slot: Slot(0) }], facts: &[], purpose: Use::Decides }
    }

    /// The first slot that no binding of the scope has.
    fn free_slot(&self) -> u16 {
        self.bindings
            .iter()
            .map(|binding| match binding {
                Binding::Variable { slot, .. } | Binding::Item { slot, .. } => slot.0 + 1,
            })
            .max()
            .unwrap_or(0)
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
        let error = RuleError::new(format!("{found} stands where a condition was expected"), syntax.span.clone());
        self.fail(match checked.ty {
            Type::Rows(_) => error.hint("write `count(…) > 0`, or `some x in … satisfies …`"),
            Type::Row(_) => error.hint("write `… != null`"),
            _ => error,
        })
    }

    fn expression(&mut self, syntax: &Syntax) -> Option<Expr> {
        let span = syntax.span.clone();
        match &syntax.node {
            Node::Null => Some(literal(Literal::Null, Type::Null, span)),
            Node::Boolean(value) => Some(literal(Literal::Boolean(*value), Type::Boolean, span)),
            Node::Number(text) => self.number(text, span),
            Node::Text(text) => Some(literal(Literal::Text(text.as_str().into()), Type::Text(None), span)),
            Node::At(text) => self.date(text, span),
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

    fn number(&mut self, text: &str, span: Span) -> Option<Expr> {
        match Decimal::from_str_exact(text) {
            Ok(number) => Some(literal(Literal::Number(number), Type::Number, span)),
            Err(_) => self.fail(RuleError::new("a number of more than 28 digits", span)),
        }
    }

    fn date(&mut self, text: &str, span: Span) -> Option<Expr> {
        match DateFormat::Iso.parse(text.as_bytes()) {
            Some(date) => Some(literal(Literal::Date(date), Type::Date, span)),
            None => self.fail(RuleError::new(format!("`{text}` is not a date"), span).hint("write `@\"2026-01-31\"`")),
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Option<Expr> {
        let catalog = self.scope.catalog;
        for binding in self.bindings.clone().iter().rev() {
            match binding {
                Binding::Variable { name: known, ty, slot } if known == name => {
                    return Some(Expr { kind: Kind::Local(*slot), ty: ty.clone(), span });
                }
                Binding::Item { row, slot } => {
                    let schema = catalog.extract(row.extract);
                    if schema.field_named(name).is_some() || schema.relation_named(name).is_some() {
                        let item = Expr { kind: Kind::Local(*slot), ty: Type::Row(*row), span: span.clone() };
                        return self.member(item, *row, &Name { text: name.to_owned(), span: span.clone() }, span);
                    }
                }
                Binding::Variable { .. } => {}
            }
        }
        if let Some(place) = self.facts().iter().position(|(fact, _)| fact == name) {
            let id = FactId(u16::try_from(place).expect("a robot has few facts"));
            return Some(Expr { kind: Kind::Fact(id), ty: self.facts()[place].1.clone(), span });
        }
        if let Some((_, builtin, ty)) = builtins().into_iter().find(|(known, ..)| *known == name) {
            return Some(Expr { kind: Kind::Builtin(builtin), ty, span });
        }
        self.unknown_name(name, span)
    }

    /// The robot's facts, which a declaration's own expressions do not see.
    fn facts(&self) -> &'s [(String, Type)] {
        if self.inlined == 0 { self.scope.facts } else { &[] }
    }

    fn unknown_name(&mut self, name: &str, span: Span) -> Option<Expr> {
        let mut error =
            RuleError::new(format!("`{name}` is not a field, a relation, a fact or a built-in name here"), span);
        if self.scope.catalog.parameter_named(name).is_some() {
            error =
                error.hint(format!("a parameter is called with the date of the event or its code: `{name}(night)`"));
        } else if let Some(word) = ["null", "true", "false"].iter().find(|word| word.eq_ignore_ascii_case(name)) {
            error = error.hint(format!("write `{word}` in small letters"));
        } else if let Some(near) = nearest(name, self.visible_names().iter().map(String::as_str)) {
            error = error.label(format!("did you mean `{near}`?"));
        } else if let Some(Binding::Item { row, .. }) =
            self.bindings.iter().rev().find(|b| matches!(b, Binding::Item { .. }))
        {
            let id = &self.scope.catalog.extract(row.extract).id;
            error = error.hint(format!("the fields of `{id}` stand in robots/extracts/{id}.toml"));
        }
        self.fail(error)
    }

    fn visible_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for binding in self.bindings.iter().rev() {
            match binding {
                Binding::Variable { name, .. } => names.push(name.clone()),
                Binding::Item { row, .. } => names.extend(self.member_names(*row)),
            }
        }
        names.extend(self.facts().iter().map(|(name, _)| name.clone()));
        names.extend(builtins().into_iter().map(|(name, ..)| name.to_owned()));
        names
    }

    fn member_names(&self, row: RowType) -> Vec<String> {
        let schema = self.scope.catalog.extract(row.extract);
        let fields = schema.fields.iter().map(|field| field.id.clone());
        fields.chain(schema.relations.iter().map(|relation| relation.id.clone())).collect()
    }

    /// `base.name`: of a row, or of each of several.
    fn step(&mut self, base: Expr, name: &Name, span: Span) -> Option<Expr> {
        match row_type_of(&base.ty) {
            Some(row) if matches!(base.ty, Type::Row(_)) => self.member(base, row, name, span),
            Some(row) => {
                let slot = self.fresh_slot();
                let item = Expr { kind: Kind::Local(slot), ty: Type::Row(row), span: span.clone() };
                let body = self.member(item, row, name, span.clone())?;
                let ty = match &body.ty {
                    Type::Rows(to) => Type::Rows(*to),
                    other => Type::List(Box::new(other.clone())),
                };
                Some(Expr { kind: Kind::Map { list: Box::new(base), slot, body: Box::new(body) }, ty, span })
            }
            None if base.ty == Type::Mistaken => Some(Expr::mistaken()),
            None => {
                let found = article(&base.ty, self.scope.catalog);
                self.fail(RuleError::new(format!("{found} has no `{}`", name.text), name.span.clone()))
            }
        }
    }

    /// A field of a row, or what it is related to.
    fn member(&mut self, row: Expr, ty: RowType, name: &Name, span: Span) -> Option<Expr> {
        let catalog = self.scope.catalog;
        let schema = catalog.extract(ty.extract);
        if let Some(id) = schema.field_named(&name.text) {
            let field = schema.field(id);
            if let Some(computed) = &field.computed {
                return self.inlined(row, ty, computed, span);
            }
            let kind = Kind::Field { row: Box::new(row), extract: ty.extract, field: id };
            return Some(Expr { kind, ty: field.ty.clone(), span });
        }
        if schema.relation_named(&name.text).is_some() {
            return self.related(row, ty, &name.text, span);
        }
        let mut error =
            RuleError::new(format!("`{}` has no field or relation `{}`", schema.id, name.text), name.span.clone())
                .hint(format!("the fields of `{0}` stand in robots/extracts/{0}.toml", schema.id));
        if let Some(near) = nearest(&name.text, self.member_names(ty).iter().map(String::as_str)) {
            error = error.label(format!("did you mean `{near}`?"));
        }
        self.fail(error)
    }

    fn related(&mut self, row: Expr, from: RowType, name: &str, span: Span) -> Option<Expr> {
        let schema = self.scope.catalog.extract(from.extract);
        let id = schema.relation_named(name)?;
        let relation = schema.relation(id);
        let side = relation.night.side(from.side);
        let to = RowType { extract: relation.to, side };
        let one =
            relation.cardinality == Cardinality::One && relation.condition.is_none() && relation.distinct.is_empty();
        let kind = Kind::Related { row: Box::new(row), extract: from.extract, relation: id, side };
        let ty = if one { Type::Row(to) } else { Type::Rows(to) };
        let mut related = Expr { kind, ty, span: span.clone() };
        if let Some(condition) = &relation.condition {
            let slot = self.fresh_slot();
            let condition = self.in_row(to, slot, condition, &span)?;
            let kind = Kind::Filter { list: Box::new(related), slot, condition: Box::new(condition) };
            related = Expr { kind, ty: Type::Rows(to), span: span.clone() };
        }
        if !relation.distinct.is_empty() {
            let kind = Kind::DistinctRows { rows: Box::new(related), fields: relation.distinct.clone() };
            related = Expr { kind, ty: Type::Rows(to), span: span.clone() };
        }
        if relation.cardinality == Cardinality::One && !one {
            let kind = Kind::Call(Function::First, vec![related]);
            related = Expr { kind, ty: Type::Row(to), span };
        }
        Some(related)
    }

    /// An expression from a declaration, with `row` as the row that it speaks of.
    fn inlined(&mut self, row: Expr, ty: RowType, syntax: &Syntax, span: Span) -> Option<Expr> {
        let slot = self.fresh_slot();
        let body = self.in_row(ty, slot, syntax, &span)?;
        let ty = body.ty.clone();
        Some(Expr { kind: Kind::With { value: Box::new(row), slot, body: Box::new(body) }, ty, span })
    }

    /// Checks an expression from a declaration, which sees only its own row's names. Its mistakes are told where the
    /// declaration is checked.
    fn in_row(&mut self, row: RowType, slot: Slot, syntax: &Syntax, span: &Span) -> Option<Expr> {
        if self.circle.is_some() {
            return None;
        }
        if self.inlined == DEEPEST_INLINING {
            self.circle = Some(row);
            return None;
        }
        let told = self.errors.len();
        let outer = std::mem::replace(&mut self.bindings, vec![Binding::Item { row, slot }]);
        self.inlined += 1;
        let checked = self.expression(syntax);
        self.inlined -= 1;
        self.bindings = outer;
        // Their places are in the declaration's text, not in this one.
        self.errors.truncate(told);
        if self.inlined > 0 {
            return checked;
        }
        if let Some(row) = self.circle.take() {
            let id = &self.scope.catalog.extract(row.extract).id;
            return self.fail(
                RuleError::new(format!("the declarations of `{id}` lead round in a circle"), span.clone())
                    .hint("a condition, a computed field or a protection leads back to itself"),
            );
        }
        checked
    }

    fn filter(&mut self, list: &Syntax, condition: &Syntax, span: Span) -> Option<Expr> {
        let list = self.expression(list)?;
        let slot = self.fresh_slot();
        let item = match &list.ty {
            Type::Rows(row) => Binding::Item { row: *row, slot },
            Type::List(of) => match &**of {
                Type::Row(row) => Binding::Item { row: *row, slot },
                other => Binding::Variable { name: "item".to_owned(), ty: other.clone(), slot },
            },
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
        self.bindings.push(item);
        let condition = self.condition(condition);
        self.bindings.pop();
        let ty = list.ty.clone();
        Some(Expr { kind: Kind::Filter { list: Box::new(list), slot, condition: Box::new(condition?) }, ty, span })
    }

    fn quantified(
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

    fn iteration(&mut self, variable: &Name, list: &Syntax, result: &Syntax, span: Span) -> Option<Expr> {
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

    fn negate(&mut self, value: &Syntax, span: Span) -> Option<Expr> {
        let value = self.expression(value)?;
        match value.ty {
            Type::Number | Type::Days | Type::Months | Type::Mistaken => {
                let ty = value.ty.clone();
                Some(Expr { kind: Kind::Negate(Box::new(value)), ty, span })
            }
            ref other => {
                let found = article(other, self.scope.catalog);
                self.fail(RuleError::new(format!("{found} has no negative"), span))
            }
        }
    }

    fn conditions(&mut self, parts: &[Syntax], join: fn(Vec<Expr>) -> Kind, span: Span) -> Option<Expr> {
        // All parts are looked at before giving up, so that every mistake is told.
        let checked: Vec<Option<Expr>> = parts.iter().map(|part| self.condition(part)).collect();
        let parts: Option<Vec<Expr>> = checked.into_iter().collect();
        Some(Expr { kind: join(parts?), ty: Type::Boolean, span })
    }

    fn binary(&mut self, operator: Operator, left: &Syntax, right: &Syntax, span: Span) -> Option<Expr> {
        let left = self.expression(left);
        let right = self.expression(right);
        let (left, right) = (left?, right?);
        match operator {
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => {
                self.arithmetic(operator, left, right, span)
            }
            _ => self.comparison(operator, left, right, span),
        }
    }

    fn arithmetic(&mut self, operator: Operator, left: Expr, right: Expr, span: Span) -> Option<Expr> {
        use Operator::{Add, Subtract};
        let ty = match (&left.ty, operator, &right.ty) {
            (Type::Mistaken, ..) | (.., Type::Mistaken) => Type::Mistaken,
            (Type::Number, _, Type::Number) => Type::Number,
            (Type::Date, Add | Subtract, Type::Months | Type::Days) => Type::Date,
            (Type::Month, Add | Subtract, Type::Months) => Type::Month,
            (Type::Months, Add | Subtract, Type::Months) => Type::Months,
            (Type::Date, Subtract, Type::Date) | (Type::Days, Add | Subtract, Type::Days) => Type::Days,
            (Type::Text(_), Add, Type::Text(_)) => Type::Text(None),
            _ => {
                let catalog = self.scope.catalog;
                let error = RuleError::new(
                    format!(
                        "{} and {} cannot go together with `{}`",
                        article(&left.ty, catalog),
                        article(&right.ty, catalog),
                        operator.sign()
                    ),
                    span,
                );
                return self.fail(match (&left.ty, &right.ty) {
                    (Type::Date, Type::Number) => error.hint("write `duration(\"P30D\")` or `duration(\"P12M\")`"),
                    (Type::Text(_), _) | (_, Type::Text(_)) => error.hint("make a text of a value with `string(…)`"),
                    _ => error,
                });
            }
        };
        Some(Expr { kind: Kind::Arithmetic(operator, Box::new(left), Box::new(right)), ty, span })
    }

    fn comparison(&mut self, operator: Operator, left: Expr, right: Expr, span: Span) -> Option<Expr> {
        if left.ty == Type::Null || right.ty == Type::Null {
            let value = if right.ty == Type::Null { left } else { right };
            return self.null_test(operator, value, span);
        }
        self.comparable(&left, &right, operator)?;
        let kind = Kind::Compare(operator, Box::new(left), Box::new(right));
        Some(Expr { kind, ty: Type::Boolean, span })
    }

    fn null_test(&mut self, operator: Operator, value: Expr, span: Span) -> Option<Expr> {
        let negated = match operator {
            Operator::Equal => false,
            Operator::NotEqual => true,
            _ => return self.fail(RuleError::new("nothing is less or greater than null", span)),
        };
        if let Type::Rows(_) | Type::List(_) = value.ty {
            return self.fail(
                RuleError::new("a list is never null", span).hint("write `count(…) = 0` for one with nothing in it"),
            );
        }
        Some(Expr { kind: Kind::IsNull { value: Box::new(value), negated }, ty: Type::Boolean, span })
    }

    /// Whether two values can be compared; says so when they cannot.
    fn comparable(&mut self, left: &Expr, right: &Expr, operator: Operator) -> Option<()> {
        let catalog = self.scope.catalog;
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        let span = left.span.start..right.span.end;
        if !same_kind(&left.ty, &right.ty) {
            let title = format!("{} is compared with {}", article(&left.ty, catalog), article(&right.ty, catalog));
            let error = RuleError::new(title, span);
            self.errors.push(match how_to_compare(&left.ty, &right.ty).or(how_to_compare(&right.ty, &left.ty)) {
                Some(hint) => error.hint(hint),
                None => error,
            });
            return None;
        }
        if left.ty == Type::Mistaken || right.ty == Type::Mistaken {
            return Some(());
        }
        let has_order =
            matches!(left.ty, Type::Number | Type::Text(_) | Type::Date | Type::Month | Type::Months | Type::Days);
        if ordered && !has_order {
            let found = article(&left.ty, catalog);
            self.errors.push(RuleError::new(format!("{found} is neither less nor greater than another"), span));
            return None;
        }
        self.listed(left, right);
        self.listed(right, left);
        Some(())
    }

    /// A text that the field's declaration does not list is a mistake, not a comparison that never holds.
    fn listed(&mut self, field: &Expr, text: &Expr) {
        let (Type::Text(Some(values)), Kind::Literal(Literal::Text(text_value))) = (&field.ty, &text.kind) else {
            return;
        };
        if values.iter().any(|value| **value == **text_value) {
            return;
        }
        let mut error =
            RuleError::new(format!("`{text_value}` is not one of the field's declared values"), text.span.clone())
                .hint(format!(
                    "its values are {}",
                    values.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(", ")
                ));
        if let Some(near) = nearest(text_value, values.iter().map(String::as_str)) {
            error = error.label(format!("did you mean `{near}`?"));
        }
        self.errors.push(error);
    }

    fn within(&mut self, value: &Syntax, low: (&Syntax, bool), high: (&Syntax, bool), span: Span) -> Option<Expr> {
        let value = self.expression(value);
        let low_value = self.expression(low.0);
        let high_value = self.expression(high.0);
        let (value, low_value, high_value) = (value?, low_value?, high_value?);
        self.comparable(&value, &low_value, Operator::LessOrEqual)?;
        self.comparable(&value, &high_value, Operator::LessOrEqual)?;
        let kind = Kind::Within {
            value: Box::new(value),
            low: Box::new(Bound { value: low_value, is_in: low.1 }),
            high: Box::new(Bound { value: high_value, is_in: high.1 }),
        };
        Some(Expr { kind, ty: Type::Boolean, span })
    }

    fn membership(&mut self, value: &Syntax, set: &Syntax, span: Span) -> Option<Expr> {
        match &set.node {
            Node::Interval { low, high, low_is_in, high_is_in } => {
                self.within(value, (low, *low_is_in), (high, *high_is_in), span)
            }
            Node::List(items) => {
                let value = self.expression(value)?;
                let mut options = Vec::with_capacity(items.len());
                for item in items {
                    let option = self.expression(item)?;
                    self.comparable(&value, &option, Operator::Equal)?;
                    options.push(option);
                }
                Some(Expr { kind: Kind::OneOf(Box::new(value), options), ty: Type::Boolean, span })
            }
            _ => {
                let value = self.expression(value)?;
                let list = self.expression(set)?;
                let Type::List(of) = &list.ty else {
                    let found = article(&list.ty, self.scope.catalog);
                    return self.fail(RuleError::new(format!("{found} is not a list to look in"), list.span));
                };
                let item = Expr { kind: Kind::List(Vec::new()), ty: (**of).clone(), span: list.span.clone() };
                self.comparable(&value, &item, Operator::Equal)?;
                Some(Expr { kind: Kind::InList(Box::new(value), Box::new(list)), ty: Type::Boolean, span })
            }
        }
    }

    fn list(&mut self, items: &[Syntax], span: Span) -> Option<Expr> {
        let checked: Option<Vec<Expr>> = items.iter().map(|item| self.expression(item)).collect();
        let checked = checked?;
        let Some(first) = checked.first() else {
            return self.fail(RuleError::new("a list with nothing in it has no type", span));
        };
        let ty = plain(&first.ty);
        if let Some(other) = checked.iter().find(|item| !same_kind(&item.ty, &ty)) {
            let catalog = self.scope.catalog;
            let title = format!("{} among {}", article(&other.ty, catalog), plural(&ty));
            return self.fail(RuleError::new(title, other.span.clone()));
        }
        Some(Expr { kind: Kind::List(checked), ty: Type::List(Box::new(ty)), span })
    }

    fn conditional(&mut self, condition: &Syntax, yes: &Syntax, no: &Syntax, span: Span) -> Option<Expr> {
        let condition = self.condition(condition);
        let yes = self.expression(yes);
        let no = self.expression(no);
        let (condition, yes, no) = (condition?, yes?, no?);
        let Some(ty) = common(&yes.ty, &no.ty) else {
            let (yes, no) = (article(&yes.ty, self.scope.catalog), article(&no.ty, self.scope.catalog));
            return self.fail(RuleError::new(format!("`then` gives {yes} and `else` gives {no}"), span));
        };
        Some(Expr { kind: Kind::If(Box::new(condition), Box::new(yes), Box::new(no)), ty, span })
    }

    fn call(&mut self, name: &Name, arguments: &[Syntax], span: Span) -> Option<Expr> {
        let Some(function) = Function::named(&name.text) else {
            return self.parameter(name, arguments, span);
        };
        if let Some(error) = call::wrong_count(function, arguments.len(), &span) {
            return self.fail(error);
        }
        if function == Function::Duration {
            return match call::duration(&arguments[0]) {
                Ok((value, ty)) => Some(literal(value, ty, span)),
                Err(error) => self.fail(error),
            };
        }
        // All of them are looked at before giving up, so that every mistake is told.
        let typed: Vec<Option<Expr>> = arguments.iter().map(|argument| self.expression(argument)).collect();
        let typed: Option<Vec<Expr>> = typed.into_iter().collect();
        let mut typed = typed?;
        match function {
            Function::Delivered => self.delivered(&typed[0], span),
            Function::Protected => self.protected(typed.swap_remove(0), span),
            _ => {
                let scope = call::Called { catalog: self.scope.catalog, purpose: self.scope.purpose };
                match call::signature(function, &typed, &span, scope) {
                    Ok(ty) => Some(Expr { kind: Kind::Call(function, typed), ty, span }),
                    Err(error) => self.fail(error),
                }
            }
        }
    }

    fn parameter(&mut self, name: &Name, arguments: &[Syntax], span: Span) -> Option<Expr> {
        let catalog = self.scope.catalog;
        let Some(id) = catalog.parameter_named(&name.text) else {
            let mut callable: Vec<&str> = Function::names().collect();
            callable.extend(catalog.parameters.iter().map(|parameter| parameter.id.as_str()));
            let error = RuleError::new(format!("there is no function or parameter `{}`", name.text), name.span.clone());
            let near = nearest(&name.text, callable);
            return self.fail(match (near, call::foreign_function(&name.text)) {
                (_, Some(hint)) => error.hint(hint),
                (Some(near), None) => error.label(format!("did you mean `{near}`?")),
                (None, None) => error.hint("parameters stand in robots/parameters/, the functions in docs/rules.md"),
            });
        };
        let (input, output) = catalog.parameters[usize::from(id.0)].signature();
        let [argument] = arguments else {
            let title = format!("`{}` is called with {}", name.text, article(&input, catalog));
            return self.fail(RuleError::new(title, span));
        };
        let argument = self.expression(argument)?;
        if !same_kind(&argument.ty, &input) {
            let (expected, found) = (article(&input, catalog), article(&argument.ty, catalog));
            let title = format!("`{}` is called with {expected}, this is {found}", name.text);
            return self.fail(RuleError::new(title, argument.span));
        }
        Some(Expr { kind: Kind::Lookup(id, vec![argument]), ty: output, span })
    }

    fn delivered(&mut self, argument: &Expr, span: Span) -> Option<Expr> {
        match row_type_of(&argument.ty) {
            Some(row) => Some(Expr { kind: Kind::Delivered(row), ty: Type::Boolean, span }),
            None => self.fail(call::wrong(Function::Delivered, argument, "a relation", self.scope.catalog)),
        }
    }

    /// Whether any of the rows is protected as its own extract says: the extract's expression, put in place here.
    fn protected(&mut self, rows: Expr, span: Span) -> Option<Expr> {
        let catalog = self.scope.catalog;
        let Some(row) = row_type_of(&rows.ty) else {
            return self.fail(call::wrong(Function::Protected, &rows, "a row or rows", catalog));
        };
        let schema = catalog.extract(row.extract);
        let Some(protection) = &schema.protection else {
            return self.fail(
                RuleError::new(format!("`{}` does not say when a person is protected", schema.id), rows.span)
                    .hint(format!("add `protection = '…'` to robots/extracts/{}.toml", schema.id)),
            );
        };
        if let Type::Row(_) = rows.ty {
            return self.inlined(rows, row, protection, span);
        }
        let slot = self.fresh_slot();
        let condition = self.in_row(row, slot, protection, &span)?;
        let quantifier = Quantifier::Some;
        let kind = Kind::Quantified { quantifier, list: Box::new(rows), slot, condition: Box::new(condition) };
        Some(Expr { kind, ty: Type::Boolean, span })
    }
}

fn builtins() -> [(&'static str, Builtin, Type); 4] {
    [
        ("night", Builtin::Night, Type::Date),
        ("previous_night", Builtin::PreviousNight, Type::Date),
        ("since", Builtin::Since, Type::Date),
        ("municipality", Builtin::Municipality, Type::Text(None)),
    ]
}

fn literal(value: Literal, ty: Type, span: Span) -> Expr {
    Expr { kind: Kind::Literal(value), ty, span }
}
