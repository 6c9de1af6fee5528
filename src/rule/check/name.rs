//! Names: fields, relations, facts, built-in names, and what declarations say in their place.

use rust_decimal::Decimal;

use super::{Binding, Checker, DEEPEST_INLINING, builtins, literal};
use crate::diagnostic::nearest;
use crate::rule::call;
use crate::rule::catalog::{Cardinality, FieldSchema, Written};
use crate::rule::function::Function;
use crate::rule::habit::{foreign_member, own_word};
use crate::rule::kinds::{article, row_type_of};
use crate::rule::syntax::{Name, Node, RuleError, Span, Syntax};
use crate::rule::tree::{Declared, Expr, FactId, Kind, Property, Slot};
use crate::rule::types::{Literal, RowType, Type};
use crate::value::date::DateFormat;

impl<'s> Checker<'s, '_> {
    pub(super) fn number(&mut self, text: &str, span: Span) -> Option<Expr> {
        match Decimal::from_str_exact(text) {
            Ok(number) => Some(literal(Literal::Number(number), Type::Number, span)),
            Err(_) => self.fail(RuleError::new("a number of more than 28 digits", span)),
        }
    }

    /// `@"2026-01-31"`, or `@"P12M"` for `duration("P12M")`.
    pub(super) fn at(&mut self, text: &str, span: Span) -> Option<Expr> {
        if let Some(date) = DateFormat::Iso.parse(text.as_bytes()) {
            return Some(literal(Literal::Date(date), Type::Date, span));
        }
        if let Some((duration, ty)) = call::duration_of(text) {
            return Some(literal(duration, ty, span));
        }
        let error = RuleError::new(format!("`{text}` is neither a date nor a duration"), span);
        let day = text.get(..10).filter(|_| text.get(10..11) == Some("T"));
        self.fail(match day.filter(|day| DateFormat::Iso.parse(day.as_bytes()).is_some()) {
            Some(day) => error.hint(format!("there are days and no times of day: `@\"{day}\"`")),
            None => error.hint("write `@\"2026-01-31\"` for a day, `@\"P12M\"` for twelve months"),
        })
    }

    pub(super) fn name(&mut self, name: &str, span: Span) -> Option<Expr> {
        let catalog = self.scope.catalog;
        for binding in self.bindings.clone().iter().rev() {
            match binding {
                Binding::Variable { name: known, ty, slot } if known == name => {
                    return Some(Expr { kind: Kind::Local(*slot), ty: ty.clone(), span });
                }
                Binding::Item { row, slot } => {
                    let schema = catalog.extract(row.extract);
                    if schema.field_named(name).is_some()
                        || schema.relation_named(name).is_some()
                        || catalog.is_mistaken_relation(row.extract, name)
                    {
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
        let is_parameter = self.scope.catalog.parameter_named(name).is_some()
            || self.scope.catalog.mistaken.parameters.iter().any(|known| known == name);
        if is_parameter {
            error =
                error.hint(format!("a parameter is called with the date of the event or its code: `{name}(night)`"));
        } else if let Some(word) = own_word(name) {
            error = error.hint(word);
        } else if Function::named(name).is_some() {
            error = error.hint(format!("a function is called with its values in brackets: `{name}(…)`"));
        } else if let Some(hint) = self.way_to(name) {
            error = error.hint(hint);
        } else if let Some(near) = nearest(name, self.visible_names().iter().map(String::as_str)) {
            error = error.label(format!("did you mean `{near}`?"));
        } else if let Some(Binding::Item { row, .. }) =
            self.bindings.iter().rev().find(|b| matches!(b, Binding::Item { .. }))
        {
            error = error.hint(self.scope.catalog.extract(row.extract).told_fields());
        }
        self.fail(error)
    }

    /// Where a name is known that is not known here: an extract, a field of what the row relates to, a declared text.
    fn way_to(&self, name: &str) -> Option<String> {
        let catalog = self.scope.catalog;
        let rows: Vec<RowType> = self
            .bindings
            .iter()
            .rev()
            .filter_map(|binding| match binding {
                Binding::Item { row, .. } => Some(*row),
                Binding::Variable { .. } => None,
            })
            .collect();
        let relations = || rows.iter().flat_map(|row| &catalog.extract(row.extract).relations);
        if let Some(extract) = catalog.extract_named(name) {
            return Some(match relations().find(|relation| relation.to == extract) {
                Some(relation) => format!("`{name}` is an extract; the relation to it is `{}`", relation.id),
                None => format!("`{name}` is an extract; go to it by a relation, or write `all rows({name})`"),
            });
        }
        if let Some(relation) = relations().find(|relation| catalog.extract(relation.to).field_named(name).is_some()) {
            return Some(format!("`{name}` is a field of `{0}`: write `{0}.{name}`", relation.id));
        }
        let lists =
            |field: &FieldSchema| matches!(&field.ty, Type::Text(Some(values)) if values.iter().any(|v| v == name));
        let is_text = catalog.extracts.iter().flat_map(|extract| &extract.fields).any(lists);
        is_text.then(|| format!("a text stands in double quotes: `\"{name}\"`"))
    }

    fn visible_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for binding in self.bindings.iter().rev() {
            match binding {
                // What only keeps a slot free has no name.
                Binding::Variable { name, .. } => names.extend((!name.is_empty()).then(|| name.clone())),
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
    pub(super) fn step(&mut self, base: Expr, name: &Name, span: Span) -> Option<Expr> {
        if let Type::Date | Type::Month = base.ty {
            return self.property(base, name, span);
        }
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
                let error = RuleError::new(format!("{found} has no `{}`", name.text), name.span.clone());
                self.fail(match foreign_member(&name.text) {
                    Some(hint) => error.hint(hint),
                    None => error,
                })
            }
        }
    }

    /// `inkom.year`
    fn property(&mut self, base: Expr, name: &Name, span: Span) -> Option<Expr> {
        let property = match name.text.as_str() {
            "year" => Property::Year,
            "month" => Property::Month,
            "day" if base.ty == Type::Date => Property::Day,
            other => {
                let found = article(&base.ty, self.scope.catalog);
                let error = RuleError::new(format!("{found} has no `{other}`"), name.span.clone());
                return self.fail(error.hint("it has `year`, `month` and, where it is a day, `day`"));
            }
        };
        Some(Expr { kind: Kind::Property(property, Box::new(base)), ty: Type::Number, span })
    }

    /// A field of a row, or what it is related to.
    fn member(&mut self, row: Expr, ty: RowType, name: &Name, span: Span) -> Option<Expr> {
        let catalog = self.scope.catalog;
        let schema = catalog.extract(ty.extract);
        if let Some(id) = schema.field_named(&name.text) {
            let field = schema.field(id);
            if let Some(computed) = &field.computed {
                return self.inlined(row, ty, Declared::Field(ty.extract, id), computed, span);
            }
            let kind = Kind::Field { row: Box::new(row), extract: ty.extract, field: id };
            return Some(Expr { kind, ty: field.ty.clone(), span });
        }
        if schema.relation_named(&name.text).is_some() {
            return self.related(row, ty, &name.text, span);
        }
        if catalog.is_mistaken_relation(ty.extract, &name.text) {
            return Some(Expr::mistaken());
        }
        let mut error =
            RuleError::new(format!("`{}` has no field or relation `{}`", schema.id, name.text), name.span.clone())
                .hint(schema.told_fields());
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
        let mut owner = None;
        let mut row = row;
        // A condition that speaks of the row that the relation leads from needs it under a name of its own.
        if relation.condition.as_ref().is_some_and(|condition| speaks_of_row(&condition.syntax)) {
            let slot = self.fresh_slot();
            let here = Expr { kind: Kind::Local(slot), ty: Type::Row(from), span: span.clone() };
            owner = Some((std::mem::replace(&mut row, here), slot));
        }
        let kind = Kind::Related { row: Box::new(row), extract: from.extract, relation: id, side };
        let ty = if one { Type::Row(to) } else { Type::Rows(to) };
        let mut related = Expr { kind, ty, span: span.clone() };
        if let Some(condition) = &relation.condition {
            let slot = self.fresh_slot();
            let own = owner.as_ref().map(|(_, slot)| (from, *slot));
            let condition = self.in_row(to, slot, own, &condition.syntax, &span)?;
            let condition = declared(Declared::Relation(from.extract, id), condition);
            let kind = Kind::Filter { list: Box::new(related), slot, condition: Box::new(condition) };
            related = Expr { kind, ty: Type::Rows(to), span: span.clone() };
        }
        if let Some((value, slot)) = owner {
            let ty = related.ty.clone();
            let kind = Kind::With { value: Box::new(value), slot, body: Box::new(related) };
            related = Expr { kind, ty, span: span.clone() };
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
    pub(super) fn inlined(
        &mut self,
        row: Expr,
        ty: RowType,
        by: Declared,
        written: &Written,
        span: Span,
    ) -> Option<Expr> {
        let slot = self.fresh_slot();
        let body = declared(by, self.in_row(ty, slot, Some((ty, slot)), &written.syntax, &span)?);
        let ty = body.ty.clone();
        Some(Expr { kind: Kind::With { value: Box::new(row), slot, body: Box::new(body) }, ty, span })
    }

    /// Checks an expression from a declaration, which sees only the names of the row in `slot`, and `row` for its own.
    /// Its mistakes are told where the declaration is checked.
    pub(super) fn in_row(
        &mut self,
        row: RowType,
        slot: Slot,
        own: Option<(RowType, Slot)>,
        syntax: &Syntax,
        span: &Span,
    ) -> Option<Expr> {
        if self.circle.is_some() {
            return None;
        }
        if self.inlined == DEEPEST_INLINING {
            self.circle = Some(row);
            return None;
        }
        let told = self.errors.len();
        let own = own.map(|(ty, slot)| Binding::Variable { name: "row".to_owned(), ty: Type::Row(ty), slot });
        let bindings = own.into_iter().chain([Binding::Item { row, slot }]).collect();
        let outer = std::mem::replace(&mut self.bindings, bindings);
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
}

/// An expression with the declaration that it stands in.
pub(super) fn declared(by: Declared, body: Expr) -> Expr {
    let (ty, span) = (body.ty.clone(), body.span.clone());
    Expr { kind: Kind::Declared { by, body: Box::new(body) }, ty, span }
}

/// Whether a declaration names its own row.
fn speaks_of_row(syntax: &Syntax) -> bool {
    matches!(&syntax.node, Node::Name(name) if name == "row") || syntax.parts().into_iter().any(speaks_of_row)
}
