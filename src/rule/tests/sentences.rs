//! Sentences with expressions in braces.

use super::facts::facts;
use super::world::{LittleWorld, PERSONER, date, scope, subject};
use crate::rule::check::Scope;
use crate::rule::evaluate::Evaluator;
use crate::rule::syntax::RuleError;
use crate::rule::template::{Sentence, Template};
use crate::rule::types::Use;
use crate::rule::world::Silent;

const FACTS: [(&str, &str); 3] =
    [("flytt", "flyttdatum"), ("senast", "since"), ("bilar", "count(grannar[inkomst > 500])")];

fn read(world: &LittleWorld, text: &str) -> Result<Template, Vec<RuleError>> {
    let (known, _) = facts(world, &FACTS);
    Template::read(text, &Scope { facts: &known, ..scope(&world.catalog, Use::Written) })
}

fn sentence_in(world: LittleWorld, text: &str) -> Sentence {
    let world = world.joined();
    let (_, exprs) = facts(&world, &FACTS);
    let template = read(&world, text).unwrap();
    let constants = world.constants();
    let mut evaluator = Evaluator::new(&world, &constants, &exprs, Silent);
    evaluator.turn_to(&[subject()]);
    template.fill(&mut evaluator, &constants)
}

fn sentence(text: &str) -> Sentence {
    sentence_in(LittleWorld::household(), text)
}

fn mistakes(text: &str) -> Vec<(String, String)> {
    let world = LittleWorld::household();
    let errors = read(&world, text).unwrap_err();
    errors.into_iter().map(|error| (error.title, text[error.span].to_owned())).collect()
}

#[test]
fn values_stand_in_a_sentence_in_their_swedish_forms() {
    for (template, expected) in [
        ("Inkomsten är {inkomst} kr.", "Inkomsten är 1 000 kr."),
        ("{inkomst + 0.5}", "1 000,50"),
        ("{namn} flyttade {flyttdatum}.", "Anna flyttade 2026-11-20."),
        ("Gäller {ansokan}: {arbetar}", "Gäller 2026-11: J"),
        ("{arbetsgivare}", "212000-0142"),
        ("{kommun(\"9999\")}", "okänd kommun (9999)"),
        ("{if arbetar then \"är\" else \"var\"} i arbete", "är i arbete"),
        ("Ingenting att fylla i.", "Ingenting att fylla i."),
        ("", ""),
    ] {
        assert_eq!(sentence(template).text, expected, "{template}");
    }
}

#[test]
fn doubled_braces_are_the_signs_themselves() {
    for (template, expected) in [
        ("{{{namn}}}", "{Anna}"),
        ("{{namn}}", "{namn}"),
        ("å{{ä}}ö", "å{ä}ö"),
        ("{\"}\"}{\"{\"}", "}{"),
        (r#"{"a\"}b"}"#, "a\"}b"),
        ("{namn}{namn}", "AnnaAnna"),
    ] {
        assert_eq!(sentence(template).text, expected, "{template}");
    }
}

#[test]
fn what_is_not_known_is_printed_as_such() {
    let bo = "first(grannar[roll = \"Medsökande\"])";
    let world = || LittleWorld::household();
    assert_eq!(sentence_in(world(), &format!("Inkomst {{{bo}.inkomst}}.")).text, "Inkomst okänd uppgift.");
    assert_eq!(sentence_in(world(), &format!("Flytt {{{bo}.flyttdatum}}.")).text, "Flytt okänd uppgift.");
    assert_eq!(sentence_in(world(), &format!("{{{bo}.inkomst}}")).printed, ["okänd uppgift"]);
    assert_eq!(sentence("{bilar}").text, "okänd uppgift");
    assert_eq!(sentence("minst {at least(bilar)}").text, "minst 1");
    assert_eq!(sentence(&format!("{{get or else(string({bo}.inkomst), \"saknas\")}}")).text, "saknas");
    assert_eq!(sentence("{get or else(namn, \"saknas\")}").text, "Anna");
}

#[test]
fn the_nights_dates_are_printed_but_do_not_make_the_finding_another() {
    for (template, printed) in [
        ("sedan {since} för {namn}", &["Anna"][..]),
        ("natten {night}, före den {previous_night}, {today()}", &[]),
        ("{senast}", &[]),
        // A date of the register's is what was found, even when it happens to be a night's.
        ("{flyttdatum}", &["2026-11-20"]),
        ("{flytt}", &["2026-11-20"]),
        ("{if flytt > since then flytt else since}", &[]),
        ("{night - duration(\"P1M\")}", &["2026-10-21"]),
        ("{inkomst} {namn}", &["1 000", "Anna"]),
    ] {
        assert_eq!(sentence(template).printed, printed, "{template}");
    }
    let moved = || LittleWorld::household().with(PERSONER, 0, "flyttdatum", date("2026-11-21"));
    assert_eq!(sentence_in(moved(), "{flytt} {since}").printed, ["2026-11-21"]);
}

#[test]
fn every_mistake_is_told_with_its_place_in_the_sentence() {
    for (template, expected) in [
        (
            "Åh {namm} och {flytdatum}.",
            &[
                ("`namm` is not a field, a relation, a fact or a built-in name here", "namm"),
                ("`flytdatum` is not a field, a relation, a fact or a built-in name here", "flytdatum"),
            ][..],
        ),
        ("ö {namn +}", &[("the expression ends where a value was expected", "")]),
        ("ö {}", &[("nothing stands between the braces", "{}")]),
        ("{personnummer}", &[("a sentence does not print a person number", "personnummer")]),
        (
            "den {\"s\" + string(personnummer)}",
            &[("a sentence does not print a person number", "\"s\" + string(personnummer)")],
        ),
        ("ö { namn == \"x\"}", &[("`==` is not an operator here", "==")]),
        ("ö {namn", &[("a `{` without its `}`", "{")]),
        ("ö namn} x", &[("a `}` without its `{`", "}")]),
        ("har {fordon} bilar", &[("a sentence prints one value, this is rows of `fordon`", "fordon")]),
        ("{fordon.regnr}", &[("a sentence prints one value, this is a list of texts", "fordon.regnr")]),
        ("{kort}", &[("a sentence prints one value, this is a row of `kort`", "kort")]),
    ] {
        let expected: Vec<_> = expected.iter().map(|(title, at)| ((*title).to_owned(), (*at).to_owned())).collect();
        assert_eq!(mistakes(template), expected, "{template}");
    }
}
