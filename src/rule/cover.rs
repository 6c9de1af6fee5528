//! Whether the rules of a decision table leave anything out, or say two things of one case.
//!
//! Every value that a test mentions cuts its input's values into pieces that no test tells apart. One case stands for all
//! in such a piece, so that going through the pieces of all inputs together goes through every case there can be.

use chrono::Days;
use rust_decimal::Decimal;

use super::reckon::of_literal;
use super::table::{DecisionTable, Edition, Gap, Rule, UnaryTests};
use super::types::{Literal, Type};
use super::value::{Truth, Value};

/// How many cases a table may have.
pub const MOST_CASES: usize = 200_000;

/// What is wrong with an edition's rules.
#[derive(Debug)]
pub enum Fault<'t> {
    /// Two rules apply to one case.
    Overlap(&'t Rule, &'t Rule, String),
    /// A rule applies to a case that is declared as a gap.
    InGap(&'t Rule, &'t Gap, String),
    /// No rule applies to a case, and no gap is declared for it.
    Uncovered(String),
    /// The table has more cases than can be gone through.
    TooLarge,
}

/// A piece of an input's values that no test tells apart.
struct Piece {
    /// A value in it; none for a text that no test mentions.
    example: Literal,
    /// In words.
    said: String,
}

/// What is wrong with an edition's rules: every pair that overlaps once, and every case that is left out.
#[must_use]
pub fn faults<'t>(table: &DecisionTable, edition: &'t Edition) -> Vec<Fault<'t>> {
    let pieces: Vec<Vec<Piece>> = (0..table.inputs.len()).map(|place| pieces(table, edition, place)).collect();
    let cases = pieces.iter().try_fold(1_usize, |cases, pieces| cases.checked_mul(pieces.len()));
    if cases.is_none_or(|cases| cases > MOST_CASES) {
        return vec![Fault::TooLarge];
    }
    let mut found = Vec::new();
    let mut told: Vec<(usize, usize)> = Vec::new();
    let mut case = vec![0; pieces.len()];
    loop {
        let chosen: Vec<&Piece> = case.iter().zip(&pieces).map(|(at, pieces)| &pieces[*at]).collect();
        let inputs: Vec<Value<'_>> = chosen.iter().map(|piece| of_literal(&piece.example)).collect();
        let hits: Vec<usize> = hits(edition.rules.iter().map(|rule| &rule.tests), &inputs);
        let gap = hits_gap(edition, &inputs);
        let said = || chosen.iter().map(|piece| piece.said.as_str()).collect::<Vec<_>>().join(", ");
        match (hits.as_slice(), gap) {
            ([one, other, ..], _) if !told.contains(&(*one, *other)) => {
                told.push((*one, *other));
                found.push(Fault::Overlap(&edition.rules[*one], &edition.rules[*other], said()));
            }
            ([one], Some(gap)) if !told.contains(&(*one, usize::MAX)) => {
                told.push((*one, usize::MAX));
                found.push(Fault::InGap(&edition.rules[*one], gap, said()));
            }
            ([], None) => found.push(Fault::Uncovered(said())),
            _ => {}
        }
        if !next(&mut case, &pieces) {
            return found;
        }
    }
}

/// The places of the rules that apply to a case.
fn hits<'t>(rules: impl Iterator<Item = &'t Vec<UnaryTests>>, inputs: &[Value<'_>]) -> Vec<usize> {
    let applies = |tests: &[UnaryTests]| tests.iter().zip(inputs).all(|(test, input)| test.holds(input) == Truth::True);
    rules.enumerate().filter(|(_, tests)| applies(tests)).map(|(place, _)| place).collect()
}

fn hits_gap<'t>(edition: &'t Edition, inputs: &[Value<'_>]) -> Option<&'t Gap> {
    hits(edition.gaps.iter().map(|gap| &gap.tests), inputs).first().map(|place| &edition.gaps[*place])
}

/// Turns to the next case; `false` after the last.
fn next(case: &mut [usize], pieces: &[Vec<Piece>]) -> bool {
    for (at, pieces) in case.iter_mut().zip(pieces).rev() {
        *at += 1;
        if *at < pieces.len() {
            return true;
        }
        *at = 0;
    }
    false
}

fn pieces(table: &DecisionTable, edition: &Edition, place: usize) -> Vec<Piece> {
    let input = &table.inputs[place];
    let rules = edition.rules.iter().map(|rule| &rule.tests[place]);
    let gaps = edition.gaps.iter().map(|gap| &gap.tests[place]);
    let mut mentioned: Vec<Literal> = rules.chain(gaps).flat_map(UnaryTests::literals).cloned().collect();
    mentioned.sort_by(|a, b| of_literal(a).order(&of_literal(b)).unwrap_or(std::cmp::Ordering::Equal));
    mentioned.dedup();
    let name = &input.name;
    match &input.ty {
        Type::Text(Some(values)) => values
            .iter()
            .map(|value| Piece { example: Literal::Text(value.as_str().into()), said: format!("{name} = \"{value}\"") })
            .collect(),
        Type::Boolean => [true, false]
            .map(|holds| Piece { example: Literal::Boolean(holds), said: format!("{name} = {holds}") })
            .into(),
        Type::Number | Type::Date => intervals(name, &mentioned, input.is_whole),
        _ => {
            let mut pieces: Vec<Piece> = mentioned
                .iter()
                .map(|value| Piece { said: format!("{name} = {value}"), example: value.clone() })
                .collect();
            // A text that no test mentions: none of the texts is empty.
            pieces.push(Piece { example: Literal::Text("".into()), said: format!("{name} is something else") });
            pieces
        }
    }
}

/// The values themselves and what lies before, between and after them.
fn intervals(name: &str, mentioned: &[Literal], is_whole: bool) -> Vec<Piece> {
    let piece = |example: Option<Literal>, said: String| example.map(|example| Piece { example, said });
    let Some((first, last)) = mentioned.first().zip(mentioned.last()) else {
        return vec![Piece { example: Literal::Number(Decimal::ZERO), said: format!("any {name}") }];
    };
    let mut found = vec![piece(beside(first, -1), format!("{name} < {first}"))];
    for (place, value) in mentioned.iter().enumerate() {
        found.push(piece(Some(value.clone()), format!("{name} = {value}")));
        if let Some(next) = mentioned.get(place + 1) {
            let said = format!("{name} between {value} and {next}");
            found.push(piece(inside(value, next, is_whole), said));
        }
    }
    found.push(piece(beside(last, 1), format!("{name} > {last}")));
    found.into_iter().flatten().collect()
}

/// A value one step below or above another.
fn beside(value: &Literal, step: i32) -> Option<Literal> {
    match value {
        Literal::Number(number) => number.checked_add(Decimal::from(step)).map(Literal::Number),
        Literal::Date(day) if step < 0 => day.checked_sub_days(Days::new(1)).map(Literal::Date),
        Literal::Date(day) => day.checked_add_days(Days::new(1)).map(Literal::Date),
        _ => None,
    }
}

/// A value strictly between two, where there is one.
fn inside(low: &Literal, high: &Literal, is_whole: bool) -> Option<Literal> {
    match (low, high) {
        (Literal::Number(low), Literal::Number(high)) if is_whole => {
            let next = low.floor() + Decimal::ONE;
            (next < *high).then_some(Literal::Number(next))
        }
        (Literal::Number(low), Literal::Number(high)) => Some(Literal::Number((low + high) / Decimal::TWO)),
        (Literal::Date(low), Literal::Date(high)) => {
            low.checked_add_days(Days::new(1)).filter(|next| next < high).map(Literal::Date)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::table::{Input, UnaryTest};

    fn number(number: i64) -> Literal {
        Literal::Number(number.into())
    }

    fn table(is_whole: bool, tests: &[UnaryTests]) -> DecisionTable {
        let rule = |test: &UnaryTests, place: usize| Rule {
            tests: vec![test.clone()],
            value: number(1),
            source: "PDD".to_owned(),
            derived: false,
            span: place..place + 1,
        };
        let rules = tests.iter().enumerate().map(|(place, test)| rule(test, place)).collect();
        let from = "2020-01-01".parse().unwrap();
        DecisionTable {
            inputs: vec![Input { name: "alder".to_owned(), ty: Type::Number, is_whole }],
            ty: Type::Number,
            editions: vec![Edition { from, to: None, rules, gaps: Vec::new(), after: None, span: 0..0 }],
        }
    }

    fn within(low: Option<i64>, high: Option<i64>) -> UnaryTests {
        let limit = |value: Option<i64>| value.map(|value| (number(value), true));
        UnaryTests::OneOf(vec![UnaryTest::Within(limit(low), limit(high))])
    }

    fn said(table: &DecisionTable) -> Vec<String> {
        faults(table, &table.editions[0])
            .into_iter()
            .map(|fault| match fault {
                Fault::Overlap(one, other, case) => format!("{} and {}: {case}", one.span.start, other.span.start),
                Fault::Uncovered(case) => case,
                Fault::InGap(..) | Fault::TooLarge => "other".to_owned(),
            })
            .collect()
    }

    #[test]
    fn every_case_has_one_rule_or_is_told() {
        let whole = table(true, &[within(None, Some(2)), within(Some(3), Some(3)), within(Some(4), None)]);
        assert!(said(&whole).is_empty());
        let gap = table(true, &[within(None, Some(2)), within(Some(4), None)]);
        assert_eq!(said(&gap), ["alder between 2 and 4"]);
        let overlap = table(true, &[within(None, Some(4)), within(Some(4), None)]);
        assert_eq!(said(&overlap), ["0 and 1: alder = 4"]);
    }

    #[test]
    fn between_two_numbers_there_is_a_case_unless_they_are_whole() {
        let tests = [within(None, Some(2)), within(Some(3), None)];
        assert!(said(&table(true, &tests)).is_empty());
        assert_eq!(said(&table(false, &tests)), ["alder between 2 and 3"]);
    }
}
