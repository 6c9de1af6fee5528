//! Sentences with expressions in braces: `Antalet skrivna på adressen är {skrivna}.`

use std::fmt;

use super::check::{self, Scope};
use super::evaluate::Evaluator;
use super::function::Function;
use super::kinds::{article, row_type_of};
use super::parse::parse;
use super::syntax::{RuleError, Span};
use super::tree::{Builtin, Expr, Kind};
use super::types::Type;
use super::value::Value;
use super::world::{Constants, Recorder, World};

/// What is written where a sentence prints something that is not known.
const NOT_KNOWN: &str = "okänd uppgift";

/// A sentence whose expressions have been checked.
#[derive(Clone, Debug)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Value(Expr),
}

/// Never what it says.
impl fmt::Debug for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sentence(…)")
    }
}

/// A sentence with its values filled in.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// The text.
    pub text: String,
    /// The values printed in it, less the nights' dates: what makes the finding the same one another night.
    pub printed: Vec<String>,
    /// Whether something printed in it is not known.
    pub has_gaps: bool,
}

impl Template {
    /// Reads and checks a sentence.
    ///
    /// # Errors
    /// Every mistake in its braces and expressions, with spans in `text`.
    pub fn read(text: &str, scope: &Scope<'_>) -> Result<Self, Vec<RuleError>> {
        let mut parts = Vec::new();
        let mut errors = Vec::new();
        for piece in split(text).map_err(|error| vec![error])? {
            match piece {
                Piece::Text(text) => parts.push(Part::Text(text)),
                Piece::Expression(span) => match checked(text, &span, scope) {
                    Ok(expr) => parts.push(Part::Value(expr)),
                    Err(found) => errors.extend(found),
                },
            }
        }
        if errors.is_empty() { Ok(Self { parts }) } else { Err(errors) }
    }

    /// The expressions in it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(expr) => Some(expr),
        })
    }

    /// What stands between the expressions.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Value(_) => None,
        })
    }

    /// Fills in the values.
    pub fn fill<'w, W: World, R: Recorder<'w>>(
        &'w self,
        evaluator: &mut Evaluator<'w, W, R>,
        constants: &Constants<'_>,
    ) -> Sentence {
        let mut sentence = Sentence::default();
        for part in &self.parts {
            match part {
                Part::Text(text) => sentence.text.push_str(text),
                Part::Value(expr) => {
                    let value = evaluator.value(expr);
                    let written = value.written();
                    sentence.has_gaps |= written.is_none();
                    let written = written.unwrap_or_else(|| NOT_KNOWN.to_owned());
                    sentence.text.push_str(&written);
                    if !(is_a_nights_date(&value, constants) && mentions_nights(expr, evaluator.facts())) {
                        sentence.printed.push(written);
                    }
                }
            }
        }
        sentence
    }
}

fn is_a_nights_date(value: &Value<'_>, constants: &Constants<'_>) -> bool {
    match value {
        Value::Date(day) => {
            *day == constants.night || *day == constants.since || Some(*day) == constants.previous_night
        }
        _ => false,
    }
}

/// Whether it speaks of the nights, itself or through a fact: their dates do not make a finding another one.
fn mentions_nights(expr: &Expr, facts: &[Expr]) -> bool {
    expr.any(&|part| {
        matches!(part.kind, Kind::Builtin(Builtin::Night | Builtin::Since | Builtin::Start | Builtin::PreviousNight))
            || matches!(part.kind, Kind::Call(Function::Today, _))
            || matches!(part.kind, Kind::Fact(fact) if mentions_nights(&facts[usize::from(fact.0)], facts))
    })
}

enum Piece {
    Text(String),
    Expression(Span),
}

/// Cuts a sentence at its braces; `{{` and `}}` are the signs themselves.
fn split(text: &str) -> Result<Vec<Piece>, RuleError> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((place, character)) = characters.next() {
        let doubled = characters.peek().is_some_and(|(_, next)| *next == character);
        match character {
            '{' | '}' if doubled => {
                characters.next();
                plain.push(character);
            }
            '{' => {
                let end = end_of_expression(text, place)?;
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Expression(place + 1..end));
                while characters.next_if(|(at, _)| *at <= end).is_some() {}
            }
            '}' => {
                return Err(
                    RuleError::new("a `}` without its `{`", place..place + 1).hint("write `}}` for the sign itself")
                );
            }
            other => plain.push(other),
        }
    }
    pieces.push(Piece::Text(plain));
    Ok(pieces)
}

fn end_of_expression(text: &str, open: usize) -> Result<usize, RuleError> {
    let mut in_text = false;
    let mut characters = text[open + 1..].char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' if in_text => {
                characters.next();
            }
            '"' => in_text = !in_text,
            '}' if !in_text => return Ok(open + 1 + place),
            _ => {}
        }
    }
    Err(RuleError::new("a `{` without its `}`", open..open + 1).hint("write `{{` for the sign itself"))
}

fn checked(text: &str, span: &Span, scope: &Scope<'_>) -> Result<Expr, Vec<RuleError>> {
    let shift = |mut error: RuleError| {
        error.span = error.span.start + span.start..error.span.end + span.start;
        error
    };
    if text[span.clone()].trim().is_empty() {
        let error = RuleError::new("nothing stands between the braces", span.start - 1..span.end + 1);
        return Err(vec![error.hint("write what is to be printed; `{{` and `}}` are the signs themselves")]);
    }
    let syntax = parse(&text[span.clone()]).map_err(|error| vec![shift(error)])?;
    let expr = check::expression(&syntax, scope).map_err(|errors| errors.into_iter().map(shift).collect::<Vec<_>>())?;
    let prints_many = row_type_of(&expr.ty).is_some() || matches!(expr.ty, Type::List(_));
    if prints_many {
        let found = article(&expr.ty, scope.catalog);
        return Err(vec![
            RuleError::new(format!("a sentence prints one value, this is {found}"), span.clone())
                .hint("take a field, or `count(…)`"),
        ]);
    }
    if let Type::Months | Type::Days = expr.ty {
        return Err(vec![
            RuleError::new("a sentence does not print a duration", span.clone())
                .hint("write `days between(…)` or `months between(…)`, and the unit in words"),
        ]);
    }
    if prints_a_person(&expr) {
        return Err(vec![
            RuleError::new("a sentence does not print a person number", span.clone())
                .hint("a note is read by more than those who may see the number; say the role instead"),
        ]);
    }
    Ok(expr)
}

/// Whether it is a person number, or a text made of one.
#[must_use]
pub fn prints_a_person(expr: &Expr) -> bool {
    expr.ty == Type::Person
        || expr.any(&|part| match &part.kind {
            Kind::Call(Function::Text, arguments) => arguments.iter().any(|argument| argument.ty == Type::Person),
            _ => false,
        })
}
