//! Decision tables: values by inputs, in editions that are valid from a date.
//!
//! The hit policy is DMN's *unique*: for every case that can occur exactly one rule applies, or a declared gap does. That
//! is shown when the definitions are loaded, see [`cover`](super::cover).

use std::fmt;
use std::ops::Range;

use chrono::NaiveDate;

use super::reckon::{compare, of_literal};
use super::syntax::Operator;
use super::types::{Literal, Type};
use super::value::{Missing, Truth, Value};

/// A table of values by inputs, valid by date.
#[derive(Clone, Debug)]
pub struct DecisionTable {
    /// What it is asked with, beside the date.
    pub inputs: Vec<Input>,
    /// The type of its values.
    pub ty: Type,
    /// Its editions, in the order of their dates; each is valid until the next.
    pub editions: Vec<Edition>,
}

/// What a table is asked with.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it is a whole number, so that nothing lies between 2 and 3.
    pub is_whole: bool,
}

/// The rules that are valid from one date.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The first day.
    pub from: NaiveDate,
    /// The last day, where it ends without a next one.
    pub to: Option<NaiveDate>,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// The cases that have no value, and why.
    pub gaps: Vec<Gap>,
    /// Why there is no value after its last day.
    pub after: Option<Gap>,
    /// Where it stands in its file.
    pub span: Range<usize>,
}

/// One rule of a table.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What each input must be.
    pub tests: Vec<UnaryTests>,
    /// The value.
    pub value: Literal,
    /// Where it is from: a statute, a decision, a process document.
    pub source: String,
    /// Whether it was derived and is to be checked against its source before the robot is put to use.
    pub derived: bool,
    /// Where it stands in its file.
    pub span: Range<usize>,
}

/// Cases that have no value.
#[derive(Clone, Debug)]
pub struct Gap {
    /// What each input is in them.
    pub tests: Vec<UnaryTests>,
    /// Why they have none.
    pub reason: String,
    /// Where it stands in its file.
    pub span: Range<usize>,
}

/// DMN's unary tests: what a cell of a decision table asks of its input.
#[derive(Clone, Debug, PartialEq)]
pub enum UnaryTests {
    /// `-`: whatever it is.
    Any,
    /// One of these: `< 1`, `[4..6]`, `"El","Hyra"`.
    OneOf(Vec<UnaryTest>),
    /// None of these: `not("El")`.
    NoneOf(Vec<UnaryTest>),
}

/// One test of an input.
#[derive(Clone, Debug, PartialEq)]
pub enum UnaryTest {
    /// It is this.
    Equal(Literal),
    /// It lies between these; a limit that is not there is none, and `true` says that the limit itself is in.
    Within(Option<(Literal, bool)>, Option<(Literal, bool)>),
}

/// What a look-up comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found<'t> {
    /// The rule that applies.
    Rule(&'t Edition, &'t Rule),
    /// None does.
    Nothing,
    /// It is not known which does.
    Unknown(Missing),
}

impl PartialEq for Edition {
    fn eq(&self, other: &Self) -> bool {
        self.from == other.from && self.span == other.span
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && self.tests == other.tests
    }
}

impl DecisionTable {
    /// The edition valid on a day.
    #[must_use]
    pub fn edition_on(&self, day: NaiveDate) -> Option<&Edition> {
        let latest = self.editions.iter().rev().find(|edition| edition.from <= day)?;
        latest.to.is_none_or(|last| day <= last).then_some(latest)
    }

    /// The rule that applies on a day to these inputs. An input that is not known leaves the rule unknown, unless the
    /// other inputs, or every rule that may apply, do without it.
    #[must_use]
    pub fn look_up(&self, day: NaiveDate, inputs: &[Value<'_>]) -> Found<'_> {
        let Some(edition) = self.edition_on(day) else { return Found::Nothing };
        let mut unknown = None;
        for rule in &edition.rules {
            match applies(&rule.tests, inputs) {
                // The rules exclude one another, so what is not known of others does not matter.
                Truth::True => return Found::Rule(edition, rule),
                Truth::False => {}
                Truth::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        unknown.map_or(Found::Nothing, Found::Unknown)
    }
}

/// Whether all tests hold.
fn applies(tests: &[UnaryTests], inputs: &[Value<'_>]) -> Truth {
    let mut unknown = None;
    for (test, input) in tests.iter().zip(inputs) {
        match test.holds(input) {
            Truth::True => {}
            Truth::False => return Truth::False,
            Truth::Unknown(why) => unknown = unknown.or(Some(why)),
        }
    }
    unknown.map_or(Truth::True, Truth::Unknown)
}

impl UnaryTests {
    /// Whether an input meets them.
    #[must_use]
    pub fn holds(&self, input: &Value<'_>) -> Truth {
        match self {
            Self::Any => Truth::True,
            Self::OneOf(tests) => any(tests, input),
            Self::NoneOf(tests) => any(tests, input).negated(),
        }
    }

    /// The values that stand in them.
    pub fn literals(&self) -> impl Iterator<Item = &Literal> {
        let tests: &[UnaryTest] = match self {
            Self::Any => &[],
            Self::OneOf(tests) | Self::NoneOf(tests) => tests,
        };
        tests.iter().flat_map(|test| match test {
            UnaryTest::Equal(value) => vec![value],
            UnaryTest::Within(low, high) => [low, high].into_iter().flatten().map(|(value, _)| value).collect(),
        })
    }
}

/// As a cell writes them.
impl fmt::Display for UnaryTests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |tests: &[UnaryTest]| tests.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Any => f.write_str("-"),
            Self::OneOf(tests) => f.write_str(&joined(tests)),
            Self::NoneOf(tests) => write!(f, "not({})", joined(tests)),
        }
    }
}

impl fmt::Display for UnaryTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal(value) => write!(f, "{value}"),
            Self::Within(Some((low, low_is_in)), Some((high, high_is_in))) => {
                let (open, close) = (if *low_is_in { '[' } else { '(' }, if *high_is_in { ']' } else { ')' });
                write!(f, "{open}{low}..{high}{close}")
            }
            Self::Within(Some((low, is_in)), None) => write!(f, "{} {low}", if *is_in { ">=" } else { ">" }),
            Self::Within(None, Some((high, is_in))) => write!(f, "{} {high}", if *is_in { "<=" } else { "<" }),
            Self::Within(None, None) => f.write_str("-"),
        }
    }
}

fn any(tests: &[UnaryTest], input: &Value<'_>) -> Truth {
    let mut unknown = None;
    for test in tests {
        match test.holds(input) {
            Truth::True => return Truth::True,
            Truth::False => {}
            Truth::Unknown(why) => unknown = unknown.or(Some(why)),
        }
    }
    unknown.map_or(Truth::False, Truth::Unknown)
}

impl UnaryTest {
    fn holds(&self, input: &Value<'_>) -> Truth {
        let (low, high) = match self {
            Self::Equal(value) => return compare(Operator::Equal, input, &of_literal(value)),
            Self::Within(low, high) => (low, high),
        };
        let side = |limit: &Option<(Literal, bool)>, closed, open| match limit {
            None => Truth::True,
            Some((value, is_in)) => compare(if *is_in { closed } else { open }, input, &of_literal(value)),
        };
        let above = side(low, Operator::GreaterOrEqual, Operator::Greater);
        let below = side(high, Operator::LessOrEqual, Operator::Less);
        match (above, below) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::Unknown(why), _) | (_, Truth::Unknown(why)) => Truth::Unknown(why),
            (Truth::True, Truth::True) => Truth::True,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::value::Why;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn number(number: i64) -> Literal {
        Literal::Number(number.into())
    }

    fn rule(test: UnaryTests, value: i64) -> Rule {
        Rule { tests: vec![test], value: number(value), source: "PDD".to_owned(), derived: false, span: 0..0 }
    }

    fn below(limit: i64) -> UnaryTests {
        UnaryTests::OneOf(vec![UnaryTest::Within(None, Some((number(limit), false)))])
    }

    fn from(limit: i64) -> UnaryTests {
        UnaryTests::OneOf(vec![UnaryTest::Within(Some((number(limit), true)), None)])
    }

    fn table() -> DecisionTable {
        let edition = |from: &str, to: Option<&str>, rules| Edition {
            from: day(from),
            to: to.map(day),
            rules,
            gaps: Vec::new(),
            after: None,
            span: 0..0,
        };
        DecisionTable {
            inputs: vec![Input { name: "alder".to_owned(), ty: Type::Number, is_whole: true }],
            ty: Type::Number,
            editions: vec![
                edition("2020-01-01", None, vec![rule(UnaryTests::Any, 1)]),
                edition("2026-01-01", Some("2026-06-30"), vec![rule(below(18), 2), rule(from(18), 3)]),
            ],
        }
    }

    fn value(on: &str, input: &Value<'_>) -> Option<Literal> {
        match table().look_up(day(on), std::slice::from_ref(input)) {
            Found::Rule(_, rule) => Some(rule.value.clone()),
            Found::Nothing => None,
            Found::Unknown(_) => Some(Literal::Null),
        }
    }

    #[test]
    fn the_edition_of_the_events_day_and_the_rule_of_its_inputs_are_chosen() {
        let age = |years: i64| Value::Number(years.into());
        assert_eq!(value("2019-12-31", &age(20)), None);
        assert_eq!(value("2025-12-31", &age(20)), Some(number(1)));
        assert_eq!(value("2026-01-01", &age(17)), Some(number(2)));
        assert_eq!(value("2026-06-30", &age(18)), Some(number(3)));
        assert_eq!(value("2026-07-01", &age(18)), None);
    }

    #[test]
    fn an_input_that_is_not_known_matters_only_where_a_rule_asks_for_it() {
        let unknown = Value::Unknown(Missing::because(Why::Empty));
        assert_eq!(value("2025-12-31", &unknown), Some(number(1)));
        assert_eq!(value("2026-01-01", &unknown), Some(Literal::Null));
        assert_eq!(value("2026-01-01", &Value::Null), Some(Literal::Null));
    }
}
