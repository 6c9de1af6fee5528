//! Calls: functions, parameters, and the few that take a name or a pattern for what it is.

use regex::RegexBuilder;

use super::name::declared;
use super::{Checker, literal};
use crate::diagnostic::nearest;
use crate::rule::call;
use crate::rule::catalog::Catalog;
use crate::rule::function::Function;
use crate::rule::habit::foreign_function;
use crate::rule::kinds::{article, row_type_of, same_kind};
use crate::rule::parameter::Content;
use crate::rule::syntax::{Name, Node, Quantifier, RuleError, Span, Syntax};
use crate::rule::tree::{Asked, Declared, Expr, Kind};
use crate::rule::types::{Literal, ParameterId, Pattern, RowType, Side, Type};

/// How much memory a regular expression may take, in bytes.
const LARGEST_PATTERN: usize = 1 << 20;

impl Checker<'_, '_> {
    pub(super) fn call(&mut self, name: &Name, arguments: &[Syntax], span: Span) -> Option<Expr> {
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
        match (function, arguments) {
            (Function::SortBy, [list, keys @ ..]) => return self.sort_by(list, keys, span),
            (Function::Reaching, _) => return self.reaching(arguments, span),
            (Function::AllRows, [extract]) => return self.all_rows(extract, span),
            _ => {}
        }
        // All of them are looked at before giving up, so that every mistake is told.
        let typed: Vec<Option<Expr>> = arguments.iter().map(|argument| self.expression(argument)).collect();
        let typed: Option<Vec<Expr>> = typed.into_iter().collect();
        let mut typed = typed?;
        if function.takes_values_for_a_list() && typed.len() > 1 {
            typed = vec![self.list_of(typed, span.clone())?];
        }
        match function {
            Function::Delivered => self.delivered(&typed[0], span),
            Function::IsListed => self.asked(Asked::Listed, typed.swap_remove(0), span),
            Function::IsDerived => self.asked(Asked::Derived, typed.swap_remove(0), span),
            Function::Protected => self.protected(typed.swap_remove(0), span),
            Function::ListContains => self.list_contains(typed, span),
            Function::Matches | Function::Replace | Function::Split => self.pattern_call(function, typed, span),
            _ => {
                let scope = call::Called { catalog: self.scope.catalog, purpose: self.scope.purpose };
                match call::signature(function, &typed, &span, scope) {
                    Ok(ty) => Some(standing(Expr { kind: Kind::Call(function, typed), ty, span })),
                    Err(error) => self.fail(error),
                }
            }
        }
    }

    /// `all rows(kostnader)`: the one place where an extract is named.
    fn all_rows(&mut self, extract: &Syntax, span: Span) -> Option<Expr> {
        let catalog = self.scope.catalog;
        let Node::Name(name) = &extract.node else {
            let error = RuleError::new("`all rows` takes the name of an extract", extract.span.clone());
            return self.fail(error.hint("write `all rows(kostnader)`"));
        };
        let Some(id) = catalog.extract_named(name) else {
            if catalog.mistaken.extracts.contains(name) {
                return Some(Expr::mistaken());
            }
            let error = RuleError::new(format!("there is no extract `{name}`"), extract.span.clone());
            let near = nearest(name, catalog.extracts.iter().map(|extract| extract.id.as_str()));
            return self.fail(match near {
                Some(near) => error.label(format!("did you mean `{near}`?")),
                None => error,
            });
        };
        if catalog.extract(id).is_of_robots {
            let error = RuleError::new(format!("`{name}` is come to by a relation"), extract.span.clone());
            return self.fail(error.hint("declare one that names its robots, `{ many = …, robots = [\"…\"] }`"));
        }
        let row = RowType { extract: id, side: Side::Tonight };
        Some(Expr { kind: Kind::All(row), ty: Type::Rows(row), span })
    }

    /// `list contains(list, value)` is `value in list`.
    fn list_contains(&mut self, typed: Vec<Expr>, span: Span) -> Option<Expr> {
        let mut typed = typed.into_iter();
        let (list, value) = (typed.next()?, typed.next()?);
        self.in_list(value, list, span)
    }

    /// `is listed(kommun(kod))`, `is derived(riksnorm(dag, antal))`
    fn asked(&mut self, what: Asked, argument: Expr, span: Span) -> Option<Expr> {
        let catalog = self.scope.catalog;
        let is_codes = |id: ParameterId| matches!(catalog.parameters[usize::from(id.0)].content, Content::Codes { .. });
        match argument.kind {
            Kind::Lookup(id, _) if what == Asked::Derived && is_codes(id) => {
                let error = RuleError::new("the codes of a code list are not derived", argument.span);
                self.fail(error.hint("`is derived` takes a look-up in a table"))
            }
            Kind::Lookup(parameter, arguments) => {
                Some(Expr { kind: Kind::Asked { what, parameter, arguments }, ty: Type::Boolean, span })
            }
            _ => {
                let name = if what == Asked::Listed { "is listed" } else { "is derived" };
                let error = RuleError::new(format!("`{name}` takes a look-up of a parameter"), argument.span);
                self.fail(error.hint(format!("write `{name}(kommun(kod))`")))
            }
        }
    }

    /// The functions with a regular expression, which is read here once and for all.
    fn pattern_call(&mut self, function: Function, mut typed: Vec<Expr>, span: Span) -> Option<Expr> {
        let flags = match (function, typed.len()) {
            (Function::Matches, 3) | (Function::Replace, 4) => typed.pop(),
            _ => None,
        };
        let catalog = self.scope.catalog;
        for argument in &typed {
            if !same_kind(&argument.ty, &Type::Text(None)) {
                let error = call::wrong(function, argument, "a text", catalog);
                return self.fail(error);
            }
        }
        let flags = match flags.as_ref().map(|flags| &flags.kind) {
            None => "",
            Some(Kind::Literal(Literal::Text(flags))) => flags,
            Some(_) => return self.fail(not_in_the_expression("flags", span)),
        };
        let Kind::Literal(Literal::Text(pattern)) = &typed[1].kind else {
            let at = typed[1].span.clone();
            return self.fail(not_in_the_expression("pattern", at));
        };
        match pattern_of(pattern, flags) {
            Ok(pattern) => {
                typed[1].kind = Kind::Literal(Literal::Pattern(pattern));
                let ty = match function {
                    Function::Matches => Type::Boolean,
                    Function::Split => Type::List(Box::new(Type::Text(None))),
                    _ => Type::Text(None),
                };
                Some(Expr { kind: Kind::Call(function, typed), ty, span })
            }
            Err(why) => {
                let at = typed[1].span.clone();
                self.fail(RuleError::new(format!("not a regular expression: {why}"), at))
            }
        }
    }

    fn parameter(&mut self, name: &Name, arguments: &[Syntax], span: Span) -> Option<Expr> {
        let catalog = self.scope.catalog;
        let Some(id) = catalog.parameter_named(&name.text) else {
            if catalog.mistaken.parameters.contains(&name.text) {
                return Some(Expr::mistaken());
            }
            let mut callable: Vec<&str> = Function::names().collect();
            callable.extend(catalog.parameters.iter().map(|parameter| parameter.id.as_str()));
            let error = RuleError::new(format!("there is no function or parameter `{}`", name.text), name.span.clone());
            let near = nearest(&name.text, callable);
            return self.fail(match (near, foreign_function(&name.text)) {
                (_, Some(hint)) => error.hint(hint),
                (Some(near), None) => error.label(format!("did you mean `{near}`?")),
                (None, None) => error.hint("parameters stand in robots/parameters/, the functions in docs/rules.md"),
            });
        };
        let (inputs, output) = catalog.parameters[usize::from(id.0)].signature();
        if inputs.len() != arguments.len() {
            let mut said: Vec<String> = inputs.iter().map(|(name, ty)| said_input(name, ty, catalog)).collect();
            let last = said.pop().unwrap_or_default();
            let said = if said.is_empty() { last } else { format!("{} and {last}", said.join(", ")) };
            let title = format!("`{}` is called with {said}, {}", name.text, call::here_are(arguments.len()));
            return self.fail(RuleError::new(title, span));
        }
        let typed: Vec<Option<Expr>> = arguments.iter().map(|argument| self.expression(argument)).collect();
        let typed: Option<Vec<Expr>> = typed.into_iter().collect();
        let typed = typed?;
        for (argument, (input, ty)) in typed.iter().zip(&inputs) {
            if !same_kind(&argument.ty, ty) {
                let (expected, found) = (said_input(input, ty, catalog), article(&argument.ty, catalog));
                let title = format!("`{}` is called with {expected}, this is {found}", name.text);
                return self.fail(RuleError::new(title, argument.span.clone()));
            }
            self.listed(&Expr { ty: ty.clone(), ..Expr::mistaken() }, argument);
        }
        Some(Expr { kind: Kind::Lookup(id, typed), ty: output, span })
    }

    fn delivered(&mut self, argument: &Expr, span: Span) -> Option<Expr> {
        match row_type_of(&argument.ty) {
            Some(row) if self.scope.catalog.extract(row.extract).is_of_robots => {
                let error = RuleError::new("what robots came to is not delivered in a file", argument.span.clone());
                self.fail(error.hint("leave it out: where one of the robots did not run, what is asked is unknown"))
            }
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
            return self.inlined(rows, row, Declared::Protection(row.extract), protection, span);
        }
        let slot = self.fresh_slot();
        let condition = self.in_row(row, slot, Some((row, slot)), &protection.syntax, &span)?;
        let condition = declared(Declared::Protection(row.extract), condition);
        let quantifier = Quantifier::Some;
        let kind = Kind::Quantified { quantifier, list: Box::new(rows), slot, condition: Box::new(condition) };
        Some(Expr { kind, ty: Type::Boolean, span })
    }
}

/// One value of a whole extract is the same for every subject, and is worked out once.
fn standing(expr: Expr) -> Expr {
    let is_one_value = !matches!(expr.ty, Type::Rows(_) | Type::List(_) | Type::Mistaken);
    let goes_over_all = is_one_value && expr.any(&|part| matches!(part.kind, Kind::All(_)));
    if !goes_over_all || expr.is_bound_outside() {
        return expr;
    }
    let (ty, span) = (expr.ty.clone(), expr.span.clone());
    Expr { kind: Kind::Standing(Box::new(expr)), ty, span }
}

/// An input of a parameter as a message names it.
fn said_input(name: &str, ty: &Type, catalog: &Catalog) -> String {
    if name.starts_with("the ") {
        return if *ty == Type::Date { "a date".to_owned() } else { article(ty, catalog) };
    }
    format!("`{name}` ({})", article(ty, catalog))
}

fn not_in_the_expression(what: &str, span: Span) -> RuleError {
    RuleError::new(format!("the {what} of a regular expression stands in the expression itself, as a text"), span)
}

/// Reads a regular expression with FEEL's flags: `i`, `s`, `m`, `x`.
fn pattern_of(pattern: &str, flags: &str) -> Result<Pattern, String> {
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(LARGEST_PATTERN);
    for flag in flags.chars() {
        match flag {
            'i' => builder.case_insensitive(true),
            's' => builder.dot_matches_new_line(true),
            'm' => builder.multi_line(true),
            'x' => builder.ignore_whitespace(true),
            other => return Err(format!("there is no flag `{other}`")),
        };
    }
    let read = builder.build();
    read.map(Pattern).map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned())
}
