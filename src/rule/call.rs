//! Checks the calls of functions and parameters.

use super::catalog::Type;
use super::check::{Checker, Use, article, common, literal, row_type_of};
use super::function::Function;
use super::syntax::{Name, Node, Quantifier, RuleError, Span, Syntax};
use super::tree::{Expr, Kind, Literal};
use crate::diagnostic::nearest;

/// Checks a call.
pub(super) fn check(checker: &mut Checker<'_, '_>, name: &Name, arguments: &[Syntax], span: Span) -> Option<Expr> {
    let Some(function) = Function::named(&name.text) else {
        return parameter(checker, name, arguments, span);
    };
    let (least, most) = function.arity();
    if arguments.len() < least || arguments.len() > most {
        let expected = match least {
            0 => "no value".to_owned(),
            1 => "one value".to_owned(),
            _ => format!("{least} values"),
        };
        let found = match arguments.len() {
            0 => "here is none".to_owned(),
            1 => "here is one".to_owned(),
            more => format!("here are {more}"),
        };
        return checker.fail(RuleError::new(format!("`{}` takes {expected}, {found}", name.text), span));
    }
    if function == Function::Duration {
        return duration(checker, &arguments[0], span);
    }
    // All of them are looked at before giving up, so that every mistake is told.
    let typed: Vec<Option<Expr>> = arguments.iter().map(|argument| checker.expression(argument)).collect();
    let typed: Option<Vec<Expr>> = typed.into_iter().collect();
    of_function(checker, function, typed?, span)
}

fn parameter(checker: &mut Checker<'_, '_>, name: &Name, arguments: &[Syntax], span: Span) -> Option<Expr> {
    let catalog = checker.scope.catalog;
    let Some(id) = catalog.parameter_named(&name.text) else {
        let mut callable: Vec<&str> = Function::names().collect();
        callable.extend(catalog.parameters.iter().map(|parameter| parameter.id.as_str()));
        let error = RuleError::new(format!("there is no function or parameter `{}`", name.text), name.span.clone());
        let near = nearest(&name.text, callable);
        return checker.fail(match (near, foreign_function(&name.text)) {
            (_, Some(hint)) => error.hint(hint),
            (Some(near), None) => error.label(format!("did you mean `{near}`?")),
            (None, None) => error.hint("parameters stand in robots/parameters/, the functions in docs/rules.md"),
        });
    };
    let (input, output) = catalog.parameters[usize::from(id.0)].signature();
    let [argument] = arguments else {
        return checker
            .fail(RuleError::new(format!("`{}` is called with {}", name.text, article(&input, catalog)), span));
    };
    let argument = checker.expression(argument)?;
    if !super::check::same_kind(&argument.ty, &input) {
        let (expected, found) = (article(&input, catalog), article(&argument.ty, catalog));
        return checker.fail(RuleError::new(
            format!("`{}` is called with {expected}, this is {found}", name.text),
            argument.span,
        ));
    }
    Some(Expr { kind: Kind::Lookup(id, vec![argument]), ty: output, span })
}

/// What to call instead of a function that another language has.
fn foreign_function(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "len" | "length" | "antal" => Some("write `count(…)` for rows, `string length(…)` for a text"),
        "coalesce" | "isnull" | "ifnull" | "nvl" => {
            Some("write `get or else(…, …)` in a sentence; in a condition `if x = null then … else x`")
        }
        "now" | "getdate" | "current_date" => Some("write `night`; nothing here asks the clock"),
        "upper" => Some("write `upper case(…)`"),
        "lower" => Some("write `lower case(…)`"),
        _ => None,
    }
}

fn duration(checker: &mut Checker<'_, '_>, argument: &Syntax, span: Span) -> Option<Expr> {
    let text = match &argument.node {
        Node::Text(text) => text.as_str(),
        _ => "",
    };
    let months =
        |years: &str, months: &str| years.parse::<i32>().ok()?.checked_mul(12)?.checked_add(months.parse().ok()?);
    let body = text.strip_prefix('P').unwrap_or("");
    let parsed = if let Some(days) = body.strip_suffix('D') {
        days.parse().ok().map(|days| (Literal::Days(days), Type::Days))
    } else if let Some(rest) = body.strip_suffix('M') {
        let (years, rest) = rest.split_once('Y').unwrap_or(("0", rest));
        months(years, rest).map(|months| (Literal::Months(months), Type::Months))
    } else {
        body.strip_suffix('Y')
            .and_then(|years| months(years, "0"))
            .map(|months| (Literal::Months(months), Type::Months))
    };
    match parsed {
        Some((value, ty)) => Some(literal(value, ty, span)),
        None => checker.fail(
            RuleError::new("not a duration", argument.span.clone())
                .hint("write `duration(\"P12M\")` for twelve months, `duration(\"P30D\")` for thirty days"),
        ),
    }
}

fn of_function(checker: &mut Checker<'_, '_>, function: Function, arguments: Vec<Expr>, span: Span) -> Option<Expr> {
    use Function as F;
    let ty = match function {
        F::Count => list_argument(checker, function, &arguments[0]).map(|_| Type::Number)?,
        F::Sum | F::Mean => {
            let of = list_argument(checker, function, &arguments[0])?;
            if of != Type::Number {
                return wrong(checker, function, &arguments[0], "numbers");
            }
            Type::Number
        }
        F::Min | F::Max => {
            let of = list_argument(checker, function, &arguments[0])?;
            ordered(checker, function, of, &arguments[0])?
        }
        F::First | F::Last => list_argument(checker, function, &arguments[0])?,
        F::DistinctValues => {
            let of = list_argument(checker, function, &arguments[0])?;
            if let Type::Row(_) | Type::List(_) = of {
                return wrong(checker, function, &arguments[0], "single values, such as a field of rows");
            }
            Type::List(Box::new(of))
        }
        F::Not => fixed(checker, function, &arguments, &[Type::Boolean], Type::Boolean)?,
        F::Abs => fixed(checker, function, &arguments, &[Type::Number], Type::Number)?,
        F::Text => {
            if row_type_of(&arguments[0].ty).is_some() || matches!(arguments[0].ty, Type::List(_)) {
                return wrong(checker, function, &arguments[0], "one value");
            }
            Type::Text(None)
        }
        F::UpperCase | F::LowerCase | F::WithoutSpaces => {
            fixed(checker, function, &arguments, &[Type::Text(None)], Type::Text(None))?
        }
        F::TextLength => fixed(checker, function, &arguments, &[Type::Text(None)], Type::Number)?,
        F::Contains | F::StartsWith | F::EndsWith => {
            fixed(checker, function, &arguments, &[Type::Text(None), Type::Text(None)], Type::Boolean)?
        }
        F::Duration | F::Today => Type::Date,
        F::Age => fixed(checker, function, &arguments, &[Type::Person, Type::Date], Type::Number)?,
        F::DaysBetween | F::MonthsBetween => {
            fixed(checker, function, &arguments, &[Type::Date, Type::Date], Type::Number)?
        }
        F::MonthOf => fixed(checker, function, &arguments, &[Type::Date], Type::Month)?,
        F::FirstDay | F::LastDay => fixed(checker, function, &arguments, &[Type::Month], Type::Date)?,
        F::Delivered => return delivered(checker, &arguments[0], span),
        F::Protected => return protected(checker, arguments.into_iter().next()?, span),
        F::GetOrElse => stand_in(checker, function, &arguments, &span)?,
        F::AtLeast => {
            only_written(checker, function, &span)?;
            fixed(checker, function, &arguments, &[Type::Number], Type::Number)?
        }
        #[cfg(test)]
        F::ProvokePanic => Type::Boolean,
    };
    Some(Expr { kind: Kind::Call(function, arguments), ty, span })
}

fn wrong(checker: &mut Checker<'_, '_>, function: Function, argument: &Expr, expected: &str) -> Option<Expr> {
    let found = article(&argument.ty, checker.scope.catalog);
    checker
        .fail(RuleError::new(format!("`{}` takes {expected}, this is {found}", function.name()), argument.span.clone()))
}

fn expect(
    checker: &mut Checker<'_, '_>,
    function: Function,
    found: &Type,
    expected: &Type,
    argument: &Expr,
) -> Option<()> {
    if super::check::same_kind(found, expected) {
        return Some(());
    }
    let expected = article(expected, checker.scope.catalog);
    let found = article(found, checker.scope.catalog);
    checker.fail(RuleError::new(
        format!("`{}` takes {expected}, this is {found}", function.name()),
        argument.span.clone(),
    ));
    None
}

fn fixed(
    checker: &mut Checker<'_, '_>,
    function: Function,
    arguments: &[Expr],
    expected: &[Type],
    result: Type,
) -> Option<Type> {
    for (argument, expected) in arguments.iter().zip(expected) {
        expect(checker, function, &argument.ty, expected, argument)?;
    }
    Some(result)
}

/// The type of what is in a list.
fn list_argument(checker: &mut Checker<'_, '_>, function: Function, argument: &Expr) -> Option<Type> {
    match &argument.ty {
        Type::Rows(row) => Some(Type::Row(*row)),
        Type::List(of) => Some((**of).clone()),
        _ => {
            wrong(checker, function, argument, "rows or a list");
            None
        }
    }
}

fn ordered(checker: &mut Checker<'_, '_>, function: Function, of: Type, argument: &Expr) -> Option<Type> {
    match of {
        Type::Number | Type::Date | Type::Month | Type::Text(_) => Some(of),
        _ => {
            wrong(checker, function, argument, "numbers, dates, months or texts");
            None
        }
    }
}

fn only_written(checker: &mut Checker<'_, '_>, function: Function, span: &Span) -> Option<()> {
    if checker.scope.purpose == Use::Written {
        return Some(());
    }
    checker.fail(
        RuleError::new(format!("`{}` may not decide anything", function.name()), span.clone())
            .hint("it stands in `says`, in columns and in orders; a condition asks `x = null`, and stays undecided where x is not known"),
    );
    None
}

fn stand_in(checker: &mut Checker<'_, '_>, function: Function, arguments: &[Expr], span: &Span) -> Option<Type> {
    only_written(checker, function, span)?;
    let Some(ty) = common(&arguments[0].ty, &arguments[1].ty) else {
        let catalog = checker.scope.catalog;
        let (value, other) = (article(&arguments[0].ty, catalog), article(&arguments[1].ty, catalog));
        checker.fail(
            RuleError::new(format!("{other} cannot stand in for {value}"), arguments[1].span.clone())
                .hint("make both texts with `string(…)`"),
        );
        return None;
    };
    Some(ty)
}

fn delivered(checker: &mut Checker<'_, '_>, argument: &Expr, span: Span) -> Option<Expr> {
    match row_type_of(&argument.ty) {
        Some(row) => Some(Expr { kind: Kind::Delivered(row), ty: Type::Boolean, span }),
        None => wrong(checker, Function::Delivered, argument, "a relation"),
    }
}

/// Whether any of the rows is protected as its own extract says: the extract's expression, put in place here.
fn protected(checker: &mut Checker<'_, '_>, rows: Expr, span: Span) -> Option<Expr> {
    let Some(row) = row_type_of(&rows.ty) else {
        return wrong(checker, Function::Protected, &rows, "a row or rows");
    };
    let schema = checker.scope.catalog.extract(row.extract);
    let Some(protection) = &schema.protection else {
        return checker.fail(
            RuleError::new(format!("`{}` does not say when a person is protected", schema.id), rows.span)
                .hint(format!("add `protection = '…'` to robots/extracts/{}.toml", schema.id)),
        );
    };
    if let Type::Row(_) = rows.ty {
        return checker.inlined(rows, row, protection, span);
    }
    let slot = checker.fresh_slot();
    let condition = checker.in_row(row, slot, protection, &span)?;
    let kind =
        Kind::Quantified { quantifier: Quantifier::Some, list: Box::new(rows), slot, condition: Box::new(condition) };
    Some(Expr { kind, ty: Type::Boolean, span })
}
