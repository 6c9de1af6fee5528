//! The rule language against the DMN TCK, the conformance kit of the standard that FEEL is from.
//!
//! `tck/cases.toml` holds the kit's literal-expression cases that fall within the subset, as the kit has them. A case
//! where this language answers otherwise on purpose names the departure and says what the answer is here; every other
//! difference is a failure, and so is a departure that is no longer one. `cargo test --test tck -- --nocapture` prints
//! how many cases are in, how many pass and how many depart, by reason.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use nattkoll::rule::catalog::Catalog;
use nattkoll::rule::check::{self, Binding, Scope};
use nattkoll::rule::evaluate::Evaluator;
use nattkoll::rule::parse::parse;
use nattkoll::rule::tree::Slot;
use nattkoll::rule::types::{ExtractId, FieldId, RelationId, Side, Type, Use};
use nattkoll::rule::value::{List, Missing, RowRef, Value, Why};
use nattkoll::rule::world::{Constants, Related, Silent, World};
use rust_decimal::Decimal;
use serde::Deserialize;

/// From this many decimals on, the kit's expected number is itself rounded, and so is the answer before they are
/// compared.
const ROUNDED_FROM: u32 = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kit {
    /// What each departure is: its name, and the reason for it.
    departures: BTreeMap<String, String>,
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The kit's folder, test case and, where the test case has several, decision.
    id: String,
    expression: String,
    /// The values of the decision's inputs, as literals.
    #[serde(default)]
    inputs: BTreeMap<String, String>,
    /// The types of the inputs that are null.
    #[serde(default)]
    nulls: BTreeMap<String, String>,
    /// What the kit expects, as a literal.
    expected: String,
    /// The name of the departure, where the answer is another on purpose.
    departure: Option<String>,
    /// The answer here where it departs: a literal, `unknown` or `error`.
    ours: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Answer {
    /// Refused when the definitions are loaded.
    Error,
    Unknown,
    Null,
    Boolean(bool),
    Number(Decimal),
    Text(String),
    Date(NaiveDate),
    Months(i64),
    Days(i64),
    List(Vec<Answer>),
    /// Of a kind that no case of the kit is about.
    Other,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error => f.write_str("error"),
            Self::Unknown => f.write_str("unknown"),
            Self::Null => f.write_str("null"),
            Self::Boolean(holds) => write!(f, "{holds}"),
            Self::Number(number) => write!(f, "{}", number.normalize()),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Date(date) => write!(f, "date(\"{date}\")"),
            Self::Months(months) => write!(f, "duration(\"P{months}M\")"),
            Self::Days(days) => write!(f, "duration(\"P{days}D\")"),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::Other => f.write_str("something else"),
        }
    }
}

impl Answer {
    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Unknown(_) | Value::Between(_) => Self::Unknown,
            Value::Boolean(holds) => Self::Boolean(*holds),
            Value::Number(number) => Self::Number(*number),
            Value::Text(text) => Self::Text(text.to_string()),
            Value::Date(date) => Self::Date(*date),
            Value::Months(months) => Self::Months((*months).into()),
            Value::Days(days) => Self::Days(*days),
            Value::List(list) if list.open.is_some() || !list.doubts.is_empty() => Self::Unknown,
            Value::List(list) => Self::List(list.items.iter().map(Self::of).collect()),
            _ => Self::Other,
        }
    }

    /// Whether this is what the kit expects: numbers by value, lists item by item.
    fn agrees(&self, expected: &Self) -> bool {
        match (self, expected) {
            (Self::Number(ours), Self::Number(expected)) if expected.scale() >= ROUNDED_FROM => {
                ours.round_dp(expected.scale()) == *expected
            }
            (Self::List(ours), Self::List(expected)) => {
                ours.len() == expected.len() && ours.iter().zip(expected).all(|(ours, expected)| ours.agrees(expected))
            }
            _ => self == expected,
        }
    }
}

/// Reads the literals that `expected` and `ours` are written in. It is not the language's own reader, so that a mistake
/// in that one cannot hide itself.
struct Literals<'t> {
    rest: &'t str,
}

impl Literals<'_> {
    fn read(text: &str) -> Answer {
        let mut literals = Literals { rest: text };
        let answer = literals.literal();
        assert!(literals.rest.trim().is_empty(), "`{text}` is not one literal");
        answer
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn literal(&mut self) -> Answer {
        for (word, answer) in [
            ("null", Answer::Null),
            ("unknown", Answer::Unknown),
            ("error", Answer::Error),
            ("true", Answer::Boolean(true)),
            ("false", Answer::Boolean(false)),
        ] {
            if self.takes(word) {
                return answer;
            }
        }
        if self.takes("[") {
            return self.list();
        }
        if self.takes("date(") {
            let date = self.text_in_bracket();
            return Answer::Date(date.parse().unwrap_or_else(|_| panic!("`{date}` is not a date")));
        }
        if self.takes("duration(") {
            return duration(&self.text_in_bracket());
        }
        if self.takes("\"") {
            return Answer::Text(self.text());
        }
        let end = self.rest.find([',', ']']).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        Answer::Number(number.trim().parse().unwrap_or_else(|_| panic!("`{number}` is not a literal")))
    }

    fn list(&mut self) -> Answer {
        let mut items = Vec::new();
        while !self.takes("]") {
            items.push(self.literal());
            let _ = self.takes(",");
        }
        Answer::List(items)
    }

    fn text_in_bracket(&mut self) -> String {
        assert!(self.takes("\""), "a text belongs in the bracket");
        let text = self.text();
        assert!(self.takes(")"), "the bracket is not closed");
        text
    }

    /// What is left of a text after its opening quote.
    fn text(&mut self) -> String {
        let end = self.rest.find('"').expect("a text has a closing quote");
        let text = self.rest[..end].to_owned();
        self.rest = &self.rest[end + 1..];
        text
    }
}

/// `P1Y6M`, `P30D` or either with a minus.
fn duration(text: &str) -> Answer {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let parts = text.strip_prefix('P').expect("a duration begins with P").split_inclusive(|c: char| c.is_alphabetic());
    let (mut months, mut days) = (None, None);
    for part in parts {
        let (count, unit) = part.split_at(part.len() - 1);
        let count: i64 = count.parse().expect("a duration counts in whole numbers");
        match unit {
            "Y" => months = Some(months.unwrap_or(0) + 12 * count),
            "M" => months = Some(months.unwrap_or(0) + count),
            _ => days = Some(days.unwrap_or(0) + count),
        }
    }
    months.map_or(Answer::Days(sign * days.unwrap_or(0)), |months| Answer::Months(sign * months))
}

/// A value and its type, as a bound name has them.
fn typed(answer: Answer) -> (Type, Value<'static>) {
    match answer {
        Answer::Boolean(holds) => (Type::Boolean, Value::Boolean(holds)),
        Answer::Number(number) => (Type::Number, Value::Number(number)),
        Answer::Text(text) => (Type::Text(None), Value::Text(Cow::Owned(text))),
        Answer::Date(date) => (Type::Date, Value::Date(date)),
        Answer::List(items) => {
            let (types, items): (Vec<Type>, Vec<Value<'_>>) = items.into_iter().map(typed).unzip();
            let of = types.into_iter().next().expect("no input of the kit is an empty list");
            (Type::List(Box::new(of)), Value::List(Box::new(List { items, ..List::default() })))
        }
        other => panic!("no input of the kit is {other}"),
    }
}

/// The type that the kit's model declares for an input.
fn declared(ty: &str) -> Type {
    match ty {
        "boolean" => Type::Boolean,
        "date" => Type::Date,
        other => panic!("no input of the kit that is null is of type `{other}`"),
    }
}

/// No extract at all.
struct Nothing;

impl World for Nothing {
    fn cell(&self, _: RowRef, _: FieldId) -> Value<'_> {
        Value::Null
    }

    fn related(&self, _: RowRef, _: RelationId, _: Side) -> Related<'_> {
        Related { rows: &[], open: None, whole: false }
    }

    fn extent(&self, _: ExtractId, _: Side) -> (u32, Option<Missing>) {
        (0, Some(Missing::because(Why::NotDelivered)))
    }

    fn line(&self, _: RowRef) -> u64 {
        1
    }

    fn contested(&self, _: RowRef) -> Option<Missing> {
        None
    }

    fn delivery(&self, _: ExtractId, _: Side) -> Option<Missing> {
        Some(Missing::because(Why::NotDelivered))
    }
}

/// The answer, and for an error what was said.
fn answer(case: &Case) -> (Answer, String) {
    let catalog = Catalog::default();
    let (mut bindings, mut values) = (Vec::new(), Vec::new());
    for (slot, (name, literal)) in (0..).zip(&case.inputs) {
        let (ty, value) = match case.nulls.get(name) {
            Some(ty) => (declared(ty), Value::Null),
            None => typed(Literals::read(literal)),
        };
        bindings.push(Binding::Variable { name: name.clone(), ty, slot: Slot(slot) });
        values.push(value);
    }
    let scope = Scope { catalog: &catalog, bindings, facts: &[], purpose: Use::Decides };
    let read = parse(&case.expression).map_err(|error| vec![error]);
    let checked = match read.and_then(|syntax| check::expression(&syntax, &scope)) {
        Ok(checked) => checked,
        Err(errors) => {
            let said: Vec<String> = errors.into_iter().map(|error| error.title).collect();
            return (Answer::Error, said.join("; "));
        }
    };
    let night = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day of the calendar");
    let constants = Constants {
        night,
        previous_night: None,
        since: night,
        start: night,
        municipality: "0380",
        parameters: &[],
        draws: None,
    };
    let mut evaluator = Evaluator::new(&Nothing, &constants, &[], Silent);
    evaluator.turn_to(&values);
    (Answer::of(&evaluator.value(&checked)), String::new())
}

/// What is wrong with a case; nothing when it passes or departs as it says.
fn fault(case: &Case, departures: &BTreeMap<String, String>) -> Option<String> {
    let (ours, said) = answer(case);
    let agrees = ours.agrees(&Literals::read(&case.expected));
    let expected = &case.expected;
    match (&case.departure, &case.ours) {
        (None, None) if agrees => None,
        (None, None) => Some(format!("the kit expects {expected}, the answer is {ours} {said}")),
        (Some(departure), Some(_)) if !departures.contains_key(departure) => {
            Some(format!("the departure `{departure}` is not among [departures]"))
        }
        (Some(departure), Some(_)) if agrees => {
            Some(format!("departs by `{departure}`, and yet the answer is what the kit expects, {expected}"))
        }
        (Some(departure), Some(declared)) if !ours.agrees(&Literals::read(declared)) => {
            Some(format!("departs by `{departure}` to {declared}, and yet the answer is {ours} {said}"))
        }
        (Some(_), Some(_)) => None,
        _ => Some("`departure` and `ours` belong together".to_owned()),
    }
}

fn kit() -> Kit {
    toml::from_str(include_str!("tck/cases.toml")).expect("the cases are well-formed")
}

#[test]
fn every_case_of_the_kit_passes_or_departs_for_a_reason() {
    let Kit { departures, cases } = kit();
    let faults: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("{}: {}\n    {}", case.id, case.expression, fault(case, &departures)?)))
        .collect();
    let departing = cases.iter().filter(|case| case.departure.is_some()).count();
    println!(
        "{} cases: {} as the kit expects, {departing} depart for a reason, {} not explained",
        cases.len(),
        cases.len().saturating_sub(departing + faults.len()),
        faults.len()
    );
    for (name, reason) in &departures {
        let number = cases.iter().filter(|case| case.departure.as_ref() == Some(name)).count();
        println!("{number:>5}  {name}: {reason}");
    }
    assert!(faults.is_empty(), "{} cases:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_case_has_its_own_id_and_every_departure_a_case() {
    let Kit { departures, cases } = kit();
    let mut ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    ids.sort_unstable();
    let twice: Vec<&&str> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let unused: Vec<&String> =
        departures.keys().filter(|name| !cases.iter().any(|case| case.departure.as_ref() == Some(name))).collect();
    assert!(unused.is_empty(), "{unused:?}");
}
