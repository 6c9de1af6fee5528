//! Reads the expressions in a robot's file, with the names that they can use.

use super::document::{Section, Text};
use super::extract::Extract;
use super::lint;
use super::robot::{Direction, Order};
use crate::rule::catalog::Catalog;
use crate::rule::check::{self, Binding, Scope};
use crate::rule::constancy::Within;
use crate::rule::kinds;
use crate::rule::parse::parse;
use crate::rule::syntax::RuleError;
use crate::rule::template::{Template, prints_a_person};
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::{Type, Use};

/// Reads the parts that have expressions, with the names that they can use.
pub struct Reader<'c> {
    /// The declarations.
    pub catalog: &'c Catalog,
    /// The extracts that they are of.
    pub extracts: &'c [Extract],
    /// The names of rows.
    pub bindings: Vec<Binding>,
    /// The facts so far, with their types.
    pub fact_names: Vec<(String, Type)>,
    /// The facts as they are written.
    pub fact_texts: Vec<String>,
    /// Where they stand.
    pub fact_spans: Vec<std::ops::Range<usize>>,
    /// The facts.
    pub facts: Vec<Expr>,
}

impl Reader<'_> {
    /// The names that an expression can use.
    pub fn scope(&self, purpose: Use, more: &[Binding]) -> Scope<'_> {
        let mut bindings = self.bindings.clone();
        bindings.extend_from_slice(more);
        Scope { catalog: self.catalog, bindings, facts: &self.fact_names, purpose }
    }

    /// An expression of any type.
    pub fn expression(&self, section: &Section<'_>, text: &Text, purpose: Use, more: &[Binding]) -> Option<Expr> {
        self.expression_told(section, text, purpose, more, |error| error)
    }

    /// An expression whose mistakes are told as `tell` has it.
    pub fn expression_told(
        &self,
        section: &Section<'_>,
        text: &Text,
        purpose: Use,
        more: &[Binding],
        tell: impl Fn(RuleError) -> RuleError,
    ) -> Option<Expr> {
        let scope = self.scope(purpose, more);
        let checked =
            parse(&text.value).map_err(|error| vec![error]).and_then(|syntax| check::expression(&syntax, &scope));
        let told = |errors: Vec<RuleError>| section.report_rule(text, errors.into_iter().map(tell).collect());
        let checked = checked.map_err(told).ok()?;
        // What is only written may ask for what is known and pass over the rest.
        if purpose == Use::Decides {
            lint::tell_null_tests(section, text, &checked, self.within());
        }
        lint::tell_counted_nulls(section, text, &checked);
        Some(checked)
    }

    /// What conditions are looked over with.
    pub fn within(&self) -> Within<'_> {
        Within { catalog: self.catalog, facts: &self.facts }
    }

    /// An expression that comes to one value, which can be written in a cell.
    pub fn one_value(
        &self,
        what: &str,
        section: &Section<'_>,
        text: &Text,
        purpose: Use,
        more: &[Binding],
    ) -> Option<Expr> {
        self.one_value_told(what, section, text, purpose, more, |error| error)
    }

    /// An expression that comes to one value, whose mistakes are told as `tell` has it.
    pub fn one_value_told(
        &self,
        what: &str,
        section: &Section<'_>,
        text: &Text,
        purpose: Use,
        more: &[Binding],
        tell: impl Fn(RuleError) -> RuleError,
    ) -> Option<Expr> {
        let expr = self.expression_told(section, text, purpose, more, tell)?;
        if kinds::row_extract_of(&expr.ty).is_none() && !matches!(expr.ty, Type::List(_)) {
            return Some(expr);
        }
        let title = format!("{what} is one value, this is {}", kinds::article(&expr.ty, self.catalog));
        section.report(section.error(title, text.span.clone()).hint("take a field, or `count(…)`"));
        None
    }

    /// An expression that comes to a truth value and decides something.
    pub fn condition(&self, section: &Section<'_>, text: &Text, more: &[Binding]) -> Option<Expr> {
        self.condition_for(Use::Decides, section, text, more)
    }

    /// An expression that comes to a truth value.
    pub fn condition_for(&self, purpose: Use, section: &Section<'_>, text: &Text, more: &[Binding]) -> Option<Expr> {
        let scope = self.scope(purpose, more);
        let checked =
            parse(&text.value).map_err(|error| vec![error]).and_then(|syntax| check::condition(&syntax, &scope));
        let checked = checked.map_err(|errors| section.report_rule(text, errors)).ok()?;
        // What is only written may ask for what is known and pass over the rest.
        if purpose == Use::Decides {
            lint::tell_null_tests(section, text, &checked, self.within());
        }
        lint::tell_counted_nulls(section, text, &checked);
        Some(checked)
    }

    /// What rows are ordered by.
    pub fn orders(&self, section: &mut Section<'_>, key: &str, more: &[Binding]) -> Vec<Order> {
        let texts = section.texts(key);
        texts.iter().filter_map(|text| self.order(section, text, more)).collect()
    }

    /// `x` or `x descending`.
    pub fn order(&self, section: &Section<'_>, text: &Text, more: &[Binding]) -> Option<Order> {
        let (by, direction) = direction(&text.value);
        let text = Text::at(by.to_owned(), text.part(&(0..by.len())));
        Some(Order { by: self.one_value("what rows are ordered by", section, &text, Use::Written, more)?, direction })
    }

    /// A sentence with expressions in braces. It prints no person number.
    pub fn template(&self, part: &Section<'_>, text: &Text, bound: &[Binding]) -> Option<Template> {
        let scope = self.scope(Use::Written, bound);
        let template = Template::read(&text.value, &scope).map_err(|errors| part.report_rule(text, errors)).ok()?;
        let is_of_a_person = |expr: &Expr| match expr.kind {
            Kind::Fact(fact) => prints_a_person(&self.facts[usize::from(fact.0)]),
            _ => false,
        };
        if template.expressions().any(|expr| expr.any(&is_of_a_person)) {
            let title = "a sentence does not print a person number, nor a fact made of one";
            let hint = "a note is read by more than those who may see the number; say the role instead";
            part.report(part.error(title, text.span.clone()).hint(hint));
        }
        Some(template)
    }
}

/// `x descending`: the expression and the way.
pub fn direction(text: &str) -> (&str, Direction) {
    match text.strip_suffix(" descending") {
        Some(by) => (by.trim_end(), Direction::Descending),
        None => (text, Direction::Ascending),
    }
}
