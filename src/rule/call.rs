//! What functions take and give.

use rust_decimal::Decimal;

use super::catalog::Catalog;
use super::function::Function;
use super::kinds::{article, common, row_type_of, same_kind};
use super::syntax::{Node, RuleError, Span, Syntax};
use super::tree::{Expr, Kind};
use super::types::{Literal, Type, Use};

/// The mistake of calling a function with too many or too few values.
pub(super) fn wrong_count(function: Function, found: usize, span: &Span) -> Option<RuleError> {
    let (least, most) = function.arity();
    if (least..=most).contains(&found) {
        return None;
    }
    let expected = match least {
        0 => "no value".to_owned(),
        1 if most == 1 => "one value".to_owned(),
        _ if most == least => format!("{least} values"),
        _ if most == usize::MAX => format!("{least} values or more"),
        _ => format!("{least} to {most} values"),
    };
    let title = format!("`{}` takes {expected}, {}", function.name(), here_are(found));
    Some(RuleError::new(title, span.clone()))
}

/// How many values stand in the brackets of a call.
pub(super) fn here_are(found: usize) -> String {
    match found {
        0 => "here is none".to_owned(),
        1 => "here is one".to_owned(),
        more => format!("here are {more}"),
    }
}

/// The duration that an argument gives, `P12M` or `P30D`.
///
/// # Errors
/// When it is no duration.
pub(super) fn duration(argument: &Syntax) -> Result<(Literal, Type), RuleError> {
    let Node::Text(text) = &argument.node else {
        let error = RuleError::new("`duration` takes a text as it stands", argument.span.clone());
        return Err(error.hint(DURATIONS));
    };
    duration_of(text).ok_or_else(|| {
        let body = text.strip_prefix("P").unwrap_or_default();
        let hint = match body.split_once('M') {
            _ if body.contains('T') => "there are days and no times of day: `duration(\"P1D\")` is one day",
            _ if body.ends_with('W') => "a week is seven days: `duration(\"P7D\")`",
            Some((_, days)) if days.ends_with('D') => {
                "months and days are two durations: `x + duration(\"P1M\") + duration(\"P3D\")`"
            }
            _ => DURATIONS,
        };
        RuleError::new(format!("`{text}` is not a duration"), argument.span.clone()).hint(hint)
    })
}

const DURATIONS: &str = "write `duration(\"P12M\")` for twelve months, `duration(\"P30D\")` for thirty days";

/// The duration of ISO 8601 that a text is: years and months, or days, with a sign before it.
pub(super) fn duration_of(text: &str) -> Option<(Literal, Type)> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let body = text.strip_prefix('P')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| is_number(text).then(|| text.parse::<i32>().ok()).flatten();
    if let Some(days) = body.strip_suffix('D').filter(|days| is_number(days)) {
        return Some((Literal::Days(days.parse::<i64>().ok()?.checked_mul(i64::from(sign))?), Type::Days));
    }
    let (years, rest) = body.split_once('Y').map_or((Some(0), body), |(years, rest)| (number(years), rest));
    let months = match rest.strip_suffix('M') {
        Some(months) => number(months)?,
        None if rest.is_empty() && body.ends_with('Y') => 0,
        None => return None,
    };
    let months = years?.checked_mul(12)?.checked_add(months)?;
    Some((Literal::Months(months.checked_mul(sign)?), Type::Months))
}

/// A number that stands in the expression.
fn number_of(expr: &Expr) -> Option<Decimal> {
    match &expr.kind {
        Kind::Literal(Literal::Number(number)) => Some(*number),
        Kind::Negate(number) => number_of(number).map(|number| -number),
        _ => None,
    }
}

/// A share that stands in the expression is one: outside 0 to 1 nothing is ever drawn, and nobody is told why.
fn share_in_range(share: &Expr) -> Result<(), RuleError> {
    let Some(number) = number_of(share).filter(|number| *number < Decimal::ZERO || *number > Decimal::ONE) else {
        return Ok(());
    };
    let error = RuleError::new("a share is from 0 to 1", share.span.clone());
    let is_percent = number > Decimal::ONE && number <= Decimal::ONE_HUNDRED;
    let share = (number / Decimal::ONE_HUNDRED).normalize();
    Err(if is_percent { error.hint(format!("{number} % is `{share}`")) } else { error })
}

/// Waiting times that stand in the expression are whole days, the least first.
fn wait_in_order(least: &Expr, most: &Expr) -> Result<(), RuleError> {
    for days in [least, most] {
        if number_of(days).is_some_and(|number| number < Decimal::ZERO || !number.fract().is_zero()) {
            return Err(RuleError::new("a waiting time is a whole number of days", days.span.clone()));
        }
    }
    match (number_of(least), number_of(most)) {
        (Some(shortest), Some(longest)) if longest < shortest => {
            let error = RuleError::new("the longest waiting time is shorter than the shortest", most.span.clone());
            Err(error.hint("the shortest stands first: `waiting days(arendenummer, start, 240, 330)`"))
        }
        _ => Ok(()),
    }
}

/// The type of what a function gives for these values.
///
/// # Errors
/// When it does not take them.
pub(super) fn signature(
    function: Function,
    arguments: &[Expr],
    span: &Span,
    scope: Called<'_>,
) -> Result<Type, RuleError> {
    use Function as F;
    let call = Call { function, scope };
    Ok(match function {
        F::Count
        | F::Sum
        | F::Mean
        | F::Min
        | F::Max
        | F::First
        | F::Last
        | F::DistinctValues
        | F::StringJoin
        | F::All
        | F::Any
        | F::Concatenate
        | F::Union
        | F::Append
        | F::Reverse
        | F::Sublist
        | F::IndexOf
        | F::PeriodStart => call.of_lists(arguments)?,
        F::Not => call.fixed(arguments, &[Type::Boolean], Type::Boolean)?,
        F::Abs
        | F::Floor
        | F::Ceiling
        | F::Modulo
        | F::Decimal
        | F::RoundUp
        | F::RoundDown
        | F::RoundHalfUp
        | F::RoundHalfDown => call.fixed(arguments, &[Type::Number, Type::Number], Type::Number)?,
        F::Number => call.fixed(arguments, &[Type::Text(None)], Type::Number)?,
        F::HasCheckDigit => call.fixed(arguments, &[Type::Text(None)], Type::Boolean)?,
        F::PersonNumber => call.fixed(arguments, &[Type::Text(None)], Type::Person)?,
        F::OrganisationNumber => call.fixed(arguments, &[Type::Text(None)], Type::Organisation)?,
        F::EditDistance => call.fixed(arguments, &[Type::Text(None), Type::Text(None)], Type::Number)?,
        F::Substring => call.fixed(arguments, &[Type::Text(None), Type::Number, Type::Number], Type::Text(None))?,
        F::SubstringBefore | F::SubstringAfter => {
            call.fixed(arguments, &[Type::Text(None), Type::Text(None)], Type::Text(None))?
        }
        F::Date => match arguments {
            [one] if one.ty == Type::Date => Type::Date,
            [_] => call.fixed(arguments, &[Type::Text(None)], Type::Date)?,
            [_, _, _] => call.fixed(arguments, &[Type::Number, Type::Number, Type::Number], Type::Date)?,
            _ => {
                let title = "`date` takes a text, or a year, a month and a day";
                return Err(RuleError::new(title, span.clone()).hint("write `date(2026, 1, 31)`"));
            }
        },
        F::Text => {
            if row_type_of(&arguments[0].ty).is_some() || matches!(arguments[0].ty, Type::List(_)) {
                return Err(call.wrong(&arguments[0], "one value"));
            }
            Type::Text(None)
        }
        F::UpperCase | F::LowerCase | F::WithoutSpaces => {
            call.fixed(arguments, &[Type::Text(None)], Type::Text(None))?
        }
        F::TextLength => call.fixed(arguments, &[Type::Text(None)], Type::Number)?,
        F::Contains | F::StartsWith | F::EndsWith => {
            call.fixed(arguments, &[Type::Text(None), Type::Text(None)], Type::Boolean)?
        }
        F::Duration | F::Today => Type::Date,
        F::Age => call.fixed(arguments, &[Type::Person, Type::Date], Type::Number)?,
        F::DaysBetween | F::MonthsBetween => call.fixed(arguments, &[Type::Date, Type::Date], Type::Number)?,
        F::Drawn => {
            let drawn = call.fixed(arguments, &[Type::Text(None), Type::Number], Type::Boolean)?;
            share_in_range(&arguments[1])?;
            drawn
        }
        F::WaitingDays => {
            let expected = [Type::Text(None), Type::Date, Type::Number, Type::Number];
            let days = call.fixed(arguments, &expected, Type::Number)?;
            wait_in_order(&arguments[2], &arguments[3])?;
            days
        }
        F::MonthOf => call.fixed(arguments, &[Type::Date], Type::Month)?,
        F::FirstDay | F::LastDay => call.fixed(arguments, &[Type::Month], Type::Date)?,
        // Their values are taken as what they are, not for what they come to: see `check`.
        F::Delivered | F::Protected | F::IsListed | F::IsDerived | F::ListContains | F::Matches => Type::Boolean,
        F::SortBy | F::Reaching | F::AllRows | F::Replace | F::Split => Type::Mistaken,
        F::GetOrElse => call.stand_in(arguments, span)?,
        F::AtLeast => {
            call.only_written(span)?;
            match &arguments[0].ty {
                rows @ Type::Rows(_) => rows.clone(),
                _ => call.fixed(arguments, &[Type::Number], Type::Number)?,
            }
        }
        #[cfg(test)]
        F::ProvokePanic => Type::Boolean,
    })
}

/// What a call is checked against.
#[derive(Clone, Copy)]
pub(super) struct Called<'c> {
    /// The declarations, for messages.
    pub(super) catalog: &'c Catalog,
    /// What the expression is for.
    pub(super) purpose: Use,
}

struct Call<'c> {
    function: Function,
    scope: Called<'c>,
}

impl Call<'_> {
    fn wrong(&self, argument: &Expr, expected: &str) -> RuleError {
        wrong(self.function, argument, expected, self.scope.catalog)
    }

    fn fixed(&self, arguments: &[Expr], expected: &[Type], result: Type) -> Result<Type, RuleError> {
        for (argument, expected) in arguments.iter().zip(expected) {
            if !same_kind(&argument.ty, expected) {
                return Err(self.wrong(argument, &article(expected, self.scope.catalog)));
            }
        }
        Ok(result)
    }

    /// The type of what a function of lists gives.
    fn of_lists(&self, arguments: &[Expr]) -> Result<Type, RuleError> {
        Ok(match self.function {
            Function::Count => self.of_list(&arguments[0]).map(|_| Type::Number)?,
            Function::Sum | Function::Mean => {
                let of = self.of_list(&arguments[0])?;
                if of != Type::Number && of != Type::Mistaken {
                    return Err(self.wrong(&arguments[0], "numbers"));
                }
                Type::Number
            }
            Function::Min | Function::Max => {
                let of = self.of_list(&arguments[0])?;
                self.ordered(of, &arguments[0])?
            }
            Function::First | Function::Last => self.of_list(&arguments[0])?,
            Function::DistinctValues => {
                let of = self.of_list(&arguments[0])?;
                if let Type::Row(_) | Type::List(_) = of {
                    return Err(self.wrong(&arguments[0], "single values, such as a field of rows"));
                }
                Type::List(Box::new(of))
            }
            Function::StringJoin => {
                let texts = Type::List(Box::new(Type::Text(None)));
                if !same_kind(&self.of_list(&arguments[0])?, &Type::Text(None)) {
                    return Err(self.wrong(&arguments[0], &article(&texts, self.scope.catalog)));
                }
                self.fixed(&arguments[1..], &[Type::Text(None)], Type::Text(None))?
            }
            Function::All | Function::Any => {
                let of = self.of_list(&arguments[0])?;
                if of != Type::Boolean && of != Type::Mistaken {
                    return Err(self.wrong(&arguments[0], "conditions"));
                }
                Type::Boolean
            }
            Function::Concatenate | Function::Union | Function::Append => self.joined(arguments)?,
            Function::Reverse | Function::Sublist => {
                self.of_list(&arguments[0])?;
                self.fixed(&arguments[1..], &[Type::Number, Type::Number], arguments[0].ty.clone())?
            }
            Function::IndexOf => {
                let of = self.of_list(&arguments[0])?;
                self.fixed(&arguments[1..], &[of], Type::List(Box::new(Type::Number)))?
            }
            Function::PeriodStart => self.period_start(arguments)?,
            _ => Type::Mistaken,
        })
    }

    /// The type of what is in a list.
    fn of_list(&self, argument: &Expr) -> Result<Type, RuleError> {
        match &argument.ty {
            Type::Rows(row) => Ok(Type::Row(*row)),
            Type::List(of) => Ok((**of).clone()),
            Type::Mistaken => Ok(Type::Mistaken),
            _ => Err(self.wrong(argument, "rows or a list")),
        }
    }

    /// Lists of one kind end to end; for `append`, a list and values of its kind.
    fn joined(&self, arguments: &[Expr]) -> Result<Type, RuleError> {
        let of = self.of_list(&arguments[0])?;
        for argument in &arguments[1..] {
            let other = if self.function == Function::Append { argument.ty.clone() } else { self.of_list(argument)? };
            let fits = match (&of, &other) {
                (Type::Row(one), Type::Row(other)) => one == other && self.function != Function::Append,
                (one, other) => same_kind(one, other),
            };
            if !fits {
                return Err(self.wrong(argument, &article(&arguments[0].ty, self.scope.catalog)));
            }
        }
        match (self.function, of) {
            (Function::Union, Type::Row(_)) => Err(self.wrong(&arguments[0], "single values, such as a field of rows")),
            _ if matches!(arguments[0].ty, Type::Rows(_) | Type::Mistaken) => Ok(arguments[0].ty.clone()),
            (_, of) => Ok(Type::List(Box::new(super::kinds::plain(&of)))),
        }
    }

    fn period_start(&self, arguments: &[Expr]) -> Result<Type, RuleError> {
        if !same_kind(&self.of_list(&arguments[0])?, &Type::Date) {
            return Err(self.wrong(&arguments[0], "dates, such as a field of rows"));
        }
        self.fixed(&arguments[1..], &[Type::Date], Type::Date)?;
        match arguments[2].ty {
            Type::Months | Type::Days | Type::Mistaken => Ok(Type::Date),
            _ => Err(self.wrong(&arguments[2], "a duration")),
        }
    }

    fn ordered(&self, of: Type, argument: &Expr) -> Result<Type, RuleError> {
        match of {
            Type::Number | Type::Date | Type::Month | Type::Text(_) | Type::Mistaken => Ok(of),
            _ => Err(self.wrong(argument, "numbers, dates, months or texts")),
        }
    }

    fn only_written(&self, span: &Span) -> Result<(), RuleError> {
        if self.scope.purpose == Use::Written {
            return Ok(());
        }
        Err(RuleError::new(format!("`{}` may not decide anything", self.function.name()), span.clone()).hint(
            "it stands in `says`, in columns and in orders; a condition asks `x = null`, and stays undecided where x is not known",
        ))
    }

    fn stand_in(&self, arguments: &[Expr], span: &Span) -> Result<Type, RuleError> {
        self.only_written(span)?;
        common(&arguments[0].ty, &arguments[1].ty).ok_or_else(|| {
            let catalog = self.scope.catalog;
            let (value, other) = (article(&arguments[0].ty, catalog), article(&arguments[1].ty, catalog));
            RuleError::new(format!("{other} cannot stand in for {value}"), arguments[1].span.clone())
                .hint("make both texts with `string(…)`")
        })
    }
}

/// A value of another type than the function takes.
pub(super) fn wrong(function: Function, argument: &Expr, expected: &str, catalog: &Catalog) -> RuleError {
    let found = article(&argument.ty, catalog);
    let (name, span) = (function.name(), argument.span.clone());
    let error = RuleError::new(format!("`{name}` takes {expected}, this is {found}"), span);
    match (&argument.ty, expected) {
        (Type::Rows(_) | Type::List(_), "a condition") => error.hint(super::kinds::ROWS_AS_CONDITION),
        (Type::Rows(_), "numbers" | "numbers, dates, months or texts") => {
            error.hint(format!("take a field of the rows: `{name}(rows.field)`"))
        }
        (Type::Rows(_) | Type::List(_), _) if expected.starts_with("a ") => {
            error.hint("take one of them, `first(…)`, or go over them, `for x in rows return …`")
        }
        (Type::Row(_), _) => error.hint("take a field of the row, `….field`"),
        (Type::Text(_), "a number") => error.hint("`number(…)` reads a text as a number"),
        (Type::Text(_), "a date") => error.hint("write a date as `@\"2026-01-31\"`"),
        (Type::Text(_) | Type::Null, _) => error,
        (_, "a text") => error.hint("make a text of a value with `string(…)`"),
        _ => error,
    }
}
