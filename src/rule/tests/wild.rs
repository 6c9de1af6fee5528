//! Expressions that nobody would write: nothing makes the language panic, and every place it names is in the text.

use proptest::prelude::*;

use super::world::{LittleWorld, catalog, checked, scope, subject, told};
use crate::rule::evaluate::Evaluator;
use crate::rule::parse::parse;
use crate::rule::syntax::{RuleError, Span};
use crate::rule::template::Template;
use crate::rule::types::Use;
use crate::rule::world::Silent;

/// Words and signs of the language and of its neighbours.
const WORDS: [&str; 96] = [
    "and",
    "or",
    "if",
    "then",
    "else",
    "some",
    "every",
    "in",
    "satisfies",
    "for",
    "return",
    "between",
    "null",
    "true",
    "false",
    "not",
    "count",
    "sum",
    "min",
    "max",
    "mean",
    "first",
    "last",
    "distinct values",
    "string",
    "abs",
    "upper case",
    "contains",
    "duration",
    "age",
    "days between",
    "month of",
    "last day",
    "delivered",
    "protected",
    "get or else",
    "at least",
    "night",
    "since",
    "previous_night",
    "municipality",
    "subject",
    "namn",
    "roll",
    "inkomst",
    "flyttdatum",
    "ansokan",
    "arbetar",
    "personnummer",
    "betalare",
    "antal_fordon",
    "fordon",
    "fordon_igar",
    "i_trafik",
    "olika",
    "kort",
    "giltigt_kort",
    "grannar",
    "regnr",
    "arsmodell",
    "status",
    "skydd",
    "sekretess",
    "grans",
    "kommun",
    "x",
    "item",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "..",
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "@",
    "{",
    "}",
    "\"",
    "\"Barn\"",
    "@\"2026-02-28\"",
    "\"P1M\"",
    "1",
    "2.5",
    "9999999999999999999999999999",
    "==",
    "å€𝄞",
];

/// Larger pieces, so that some of the soup can be eaten.
const PIECES: [&str; 24] = [
    "count(fordon)",
    "inkomst",
    "arbetar",
    "flyttdatum",
    "some x in fordon satisfies",
    "fordon[arsmodell > 2]",
    "grannar[arbetar]",
    "and",
    "or",
    "not(arbetar)",
    "if arbetar then",
    "else",
    "(",
    ")",
    "+",
    "-",
    "=",
    "<",
    "night",
    "duration(\"P1M\")",
    "first(fordon)",
    "sum(fordon.arsmodell)",
    "1",
    "distinct values(grannar.namn)",
];

fn soup() -> impl Strategy<Value = String> {
    let joined = |words: Vec<&str>, gap: bool| words.join(if gap { " " } else { "" });
    prop_oneof![
        any::<String>(),
        "[\\PC]{0,40}",
        (prop::collection::vec(prop::sample::select(&WORDS[..]), 0..14), any::<bool>())
            .prop_map(move |(words, gap)| joined(words, gap)),
        prop::collection::vec(prop::sample::select(&PIECES[..]), 1..9).prop_map(move |words| joined(words, true)),
        prop::collection::vec(prop::sample::select(&PIECES[..]), 1..4).prop_map(move |words| joined(words, true)),
    ]
}

fn is_in(text: &str, span: &Span) -> bool {
    text.get(span.clone()).is_some()
}

fn told_in(text: &str, errors: &[RuleError]) -> bool {
    !errors.is_empty() && errors.iter().all(|error| is_in(text, &error.span) && !error.title.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_language_panic_and_every_place_is_in_the_text(text in soup()) {
        match parse(&text) {
            Err(error) => prop_assert!(told_in(&text, &[error])),
            Ok(syntax) => prop_assert!(is_in(&text, &syntax.span)),
        }
        let world = LittleWorld::household().joined();
        match checked(&world.catalog, &text, Use::Written) {
            Err(errors) => prop_assert!(told_in(&text, &errors), "{errors:?}"),
            Ok(expr) => {
                prop_assert!(is_in(&text, &expr.span));
                let constants = world.constants();
                let mut evaluator = Evaluator::new(&world, &constants, &[], Silent);
                evaluator.turn_to(&[subject()]);
                told(&evaluator.value(&expr));
                evaluator.speaks_for_protection(&expr);
            }
        }
    }

    #[test]
    fn no_text_makes_a_sentence_panic_and_every_place_is_in_the_text(parts in prop::collection::vec(soup(), 0..4)) {
        let text = parts.join("{");
        let catalog = catalog();
        if let Err(errors) = Template::read(&text, &scope(&catalog, Use::Written)) {
            prop_assert!(told_in(&text, &errors), "{errors:?}");
        }
        let text = format!("ö{{{}}}", parts.join("}{"));
        if let Err(errors) = Template::read(&text, &scope(&catalog, Use::Written)) {
            prop_assert!(told_in(&text, &errors), "{errors:?}");
        }
    }
}

#[test]
fn too_long_a_text_is_marked_at_its_first_letter() {
    let text = "å".repeat(2_001);
    let error = parse(&text).unwrap_err();
    assert_eq!(&text[error.span], "å");
}

/// The stack of a worker thread, which is less than that of the main thread.
fn on_a_workers_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn sums_of_sums_of_sums_are_an_error_and_not_a_crash() {
    let mut longest = String::from("1");
    for _ in 0..30 {
        longest = format!("({longest}{})", "+1".repeat(60));
    }
    on_a_workers_stack(move || {
        let error = parse(&longest).unwrap_err();
        assert_eq!(error.title, "parts inside parts more than 128 deep");
        assert!(is_in(&longest, &error.span));
    });
}

#[test]
fn the_deepest_expression_that_is_read_is_also_worked_out() {
    let nested = |open: &str, inside: &str, close: &str, times: usize| {
        format!("{}{inside}{}", open.repeat(times), close.repeat(times))
    };
    let expressions = [
        nested("(", "1", "+1+1)", 63),
        nested("-", "1", "", 62),
        nested("not(", "true", ")", 31),
        nested("if arbetar then 1 else ", "1", "", 62),
        nested("if arbetar then inkomst - ", "1", " else 3", 31),
        nested("count(fordon[arbetar and 1 < ", "3", "])", 20),
        nested("(arbetar and ", "arbetar", ")", 62),
        nested("some f in fordon satisfies f.arsmodell > 3 or ", "true", "", 31),
        nested("sum(for f in fordon return 1 + ", "2", ")", 20),
        format!("subject{}", ".grannar".repeat(8)),
    ];
    for expression in expressions {
        on_a_workers_stack(move || {
            let mut world = LittleWorld::household();
            // One row each, or the deepest would go round for ever.
            world.tables.values_mut().for_each(|rows| rows.truncate(1));
            let world = world.joined();
            assert_eq!(parse(&expression).err(), None, "{expression}");
            let expr = checked(&world.catalog, &expression, Use::Decides).unwrap();
            let constants = world.constants();
            let mut evaluator = Evaluator::new(&world, &constants, &[], Silent);
            evaluator.turn_to(&[subject()]);
            told(&evaluator.value(&expr));
        });
    }
}
