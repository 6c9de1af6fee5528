//! Operators: comparison, arithmetic, `in`, `between`, lists, `if`.

use rust_decimal::Decimal;

use super::Checker;
use crate::diagnostic::nearest;
use crate::rule::kinds::{article, common, has_order, how_to_compare, is_or_are, plain, plural, same_kind};
use crate::rule::syntax::{Node, Operator, RuleError, Span, Syntax};
use crate::rule::tree::{Bound, Expr, Kind};
use crate::rule::types::{Literal, Type};

impl Checker<'_, '_> {
    pub(super) fn negate(&mut self, value: &Syntax, span: Span) -> Option<Expr> {
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

    pub(super) fn conditions(&mut self, parts: &[Syntax], join: fn(Vec<Expr>) -> Kind, span: Span) -> Option<Expr> {
        // All parts are looked at before giving up, so that every mistake is told.
        let checked: Vec<Option<Expr>> = parts.iter().map(|part| self.condition(part)).collect();
        let parts: Option<Vec<Expr>> = checked.into_iter().collect();
        Some(Expr { kind: join(parts?), ty: Type::Boolean, span })
    }

    pub(super) fn binary(&mut self, operator: Operator, left: &Syntax, right: &Syntax, span: Span) -> Option<Expr> {
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
        use Operator::{Add, Multiply, Subtract};
        let ty = match (&left.ty, operator, &right.ty) {
            (Type::Mistaken, ..) | (.., Type::Mistaken) => Type::Mistaken,
            (Type::Number, _, Type::Number) => Type::Number,
            (Type::Date, Add | Subtract, Type::Months | Type::Days) => Type::Date,
            (Type::Month, Add | Subtract, Type::Months) => Type::Month,
            (Type::Months, Add | Subtract, Type::Months)
            | (Type::Number, Multiply, Type::Months)
            | (Type::Months, Multiply, Type::Number) => Type::Months,
            (Type::Date, Subtract, Type::Date)
            | (Type::Days, Add | Subtract, Type::Days)
            | (Type::Number, Multiply, Type::Days)
            | (Type::Days, Multiply, Type::Number) => Type::Days,
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
                    (Type::Date, Type::Date) => {
                        error.hint("`a - b` and `days between(b, a)` are the days between them")
                    }
                    (Type::Number, Type::Days | Type::Months) | (Type::Days | Type::Months, Type::Number) => {
                        error.hint("a duration is added to a date, and multiplied by a number: `3 * duration(\"P1M\")`")
                    }
                    (Type::Null, _) | (_, Type::Null) => error.hint("ask first whether it is there: `x != null and …`"),
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
            _ => {
                let error = RuleError::new("nothing is less or greater than null", span);
                return self.fail(error.hint("write `x = null` or `x != null`"));
            }
        };
        if let Type::Rows(_) | Type::List(_) = value.ty {
            return self.fail(
                RuleError::new("a list is never null", span).hint("write `count(…) = 0` for one with nothing in it"),
            );
        }
        Some(Expr { kind: Kind::IsNull { value: Box::new(value), negated }, ty: Type::Boolean, span })
    }

    /// Whether two values can be compared; says so when they cannot.
    pub(super) fn comparable(&mut self, left: &Expr, right: &Expr, operator: Operator) -> Option<()> {
        let catalog = self.scope.catalog;
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        // In `list contains` the value that is looked for stands after the list.
        let span = left.span.start.min(right.span.start)..left.span.end.max(right.span.end);
        if !same_kind(&left.ty, &right.ty) {
            let (one, other) = (article(&left.ty, catalog), article(&right.ty, catalog));
            let error = RuleError::new(format!("{one} {} compared with {other}", is_or_are(&left.ty)), span);
            self.errors.push(match written_otherwise(left, right).or_else(|| written_otherwise(right, left)) {
                Some(hint) => error.hint(hint),
                None => error,
            });
            return None;
        }
        let is_cell = |expr: &Expr| matches!(expr.kind, Kind::Field { .. });
        let asks_for_nothing = (is_cell(left) && is_empty_text(right)) || (is_cell(right) && is_empty_text(left));
        // `x != ""` is a way to ask that something is known.
        if operator == Operator::Equal && asks_for_nothing {
            let error = RuleError::new("an empty cell is never an empty text", span);
            let hint = "write `x = null`: an empty cell is null where its field has `empty = \"none\"`, else not known";
            self.errors.push(error.hint(hint));
            return None;
        }
        if left.ty == Type::Mistaken || right.ty == Type::Mistaken {
            return Some(());
        }
        if ordered && !has_order(&left.ty) {
            let found = article(&left.ty, catalog);
            self.errors.push(RuleError::new(format!("{found} is neither less nor greater than another"), span));
            return None;
        }
        self.listed(left, right);
        self.listed(right, left);
        Some(())
    }

    /// A text that the field's declaration does not list is a mistake, not a comparison that never holds.
    pub(super) fn listed(&mut self, field: &Expr, text: &Expr) {
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

    pub(super) fn within(
        &mut self,
        value: &Syntax,
        low: (&Syntax, bool),
        high: (&Syntax, bool),
        span: Span,
    ) -> Option<Expr> {
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

    pub(super) fn membership(&mut self, value: &Syntax, set: &Syntax, span: Span) -> Option<Expr> {
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
                self.in_list(value, list, span)
            }
        }
    }

    pub(super) fn in_list(&mut self, value: Expr, list: Expr, span: Span) -> Option<Expr> {
        let of = match &list.ty {
            Type::List(of) => (**of).clone(),
            Type::Mistaken => return Some(Expr::mistaken()),
            other => {
                let found = article(other, self.scope.catalog);
                let (not, hint) = match other {
                    Type::Rows(_) => ("are not", "take a field of the rows: `x in rows.field`"),
                    _ => ("is not", "write `x in (a, b)` or `x in [a..b]`; of a text, `contains(text, \"part\")`"),
                };
                return self.fail(RuleError::new(format!("{found} {not} a list to look in"), list.span).hint(hint));
            }
        };
        let item = Expr { kind: Kind::List(Vec::new()), ty: of, span: list.span.clone() };
        self.comparable(&value, &item, Operator::Equal)?;
        Some(Expr { kind: Kind::InList(Box::new(value), Box::new(list)), ty: Type::Boolean, span })
    }

    pub(super) fn list(&mut self, items: &[Syntax], span: Span) -> Option<Expr> {
        let checked: Vec<Option<Expr>> = items.iter().map(|item| self.expression(item)).collect();
        self.list_of(checked.into_iter().collect::<Option<Vec<Expr>>>()?, span)
    }

    /// A list of these values, which are of one kind.
    pub(super) fn list_of(&mut self, items: Vec<Expr>, span: Span) -> Option<Expr> {
        let Some(first) = items.iter().find(|item| item.ty != Type::Null).or(items.first()) else {
            return self.fail(RuleError::new("a list with nothing in it has no type", span));
        };
        let ty = plain(&first.ty);
        if let Some(other) = items.iter().find(|item| item.ty != Type::Null && !same_kind(&item.ty, &ty)) {
            let catalog = self.scope.catalog;
            let title = format!("{} among {}", article(&other.ty, catalog), plural(&ty));
            return self.fail(RuleError::new(title, other.span.clone()));
        }
        Some(Expr { kind: Kind::List(items), ty: Type::List(Box::new(ty)), span })
    }

    pub(super) fn conditional(&mut self, condition: &Syntax, yes: &Syntax, no: &Syntax, span: Span) -> Option<Expr> {
        let condition = self.condition(condition);
        let yes = self.expression(yes);
        let no = self.expression(no);
        let (condition, yes, no) = (condition?, yes?, no?);
        let Some(ty) = common(&yes.ty, &no.ty) else {
            let (yes, no) = (article(&yes.ty, self.scope.catalog), article(&no.ty, self.scope.catalog));
            let error = RuleError::new(format!("`then` gives {yes} and `else` gives {no}"), span);
            return self.fail(error.hint("both give one type: make texts of them with `string(…)`, or write `null`"));
        };
        Some(Expr { kind: Kind::If(Box::new(condition), Box::new(yes), Box::new(no)), ty, span })
    }
}

/// How a value is written that can be compared with another, where what stands there cannot.
fn written_otherwise(value: &Expr, written: &Expr) -> Option<String> {
    let text = match &written.kind {
        Kind::Literal(Literal::Text(text)) => Some(&**text),
        _ => None,
    };
    match (&value.ty, text) {
        (_, Some("")) => Some("write `x = null` for an empty cell".to_owned()),
        (Type::Number, Some(text)) if Decimal::from_str_exact(text).is_ok() => {
            Some(format!("a number stands without quotes: `{text}`"))
        }
        // `2026-01-31` without anything round it is a subtraction.
        (Type::Date, None) if written.ty == Type::Number && !matches!(written.kind, Kind::Arithmetic(..)) => None,
        _ => how_to_compare(&value.ty, &written.ty).map(str::to_owned),
    }
}

fn is_empty_text(expr: &Expr) -> bool {
    matches!(&expr.kind, Kind::Literal(Literal::Text(text)) if text.is_empty())
}
