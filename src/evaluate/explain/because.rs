//! What decided a condition, in one Swedish sentence: of all its parts, those that it turned on.

use crate::rule::function::Function;
use crate::rule::syntax::{Operator, Quantifier};
use crate::rule::tree::{Expr, Kind};
use crate::rule::value::Truth;

use super::part::Part;
use crate::sample::Draw;

/// The most parts that a sentence names.
const MOST_NAMED: usize = 4;

/// Why a condition came to this, from what its parts came to.
pub fn because(expr: &Expr, truth: Truth, parts: &[Part]) -> Option<String> {
    let said = match &expr.kind {
        Kind::And(_) => joined(parts, truth, Truth::True),
        Kind::Or(_) => joined(parts, truth, Truth::False),
        Kind::Compare(operator, ..) => compared(*operator, truth, parts),
        Kind::IsNull { negated, .. } => is_null(*negated, truth, parts),
        Kind::Quantified { quantifier, .. } => quantified(*quantifier, truth, parts),
        Kind::Within { .. } => {
            let [value, low, high] = parts else { return None };
            let said = format!("{} ligger mellan {} och {}", value.named(), low.named(), high.named());
            affirmed(&said, "ligger", truth)
        }
        Kind::OneOf(..) | Kind::InList(..) => {
            let (value, options) = parts.split_first()?;
            let options: Vec<String> = options.iter().take(MOST_NAMED).map(|part| part.tree.value.clone()).collect();
            let options = if options.is_empty() { "listan".to_owned() } else { options.join(", ") };
            affirmed(&format!("{} är bland {options}", value.named()), "är", truth)
        }
        Kind::Call(Function::Not, _) | Kind::Declared { .. } | Kind::With { .. } | Kind::If(..) | Kind::Standing(_) => {
            parts.iter().rev().find_map(Part::reason)?
        }
        _ => return None,
    };
    Some(said)
}

/// Of parts joined by `and` or `or`: all of them where all were needed, else the first that decided.
fn joined(parts: &[Part], truth: Truth, of_all: Truth) -> String {
    let decided = |part: &&Part| std::mem::discriminant(&part.truth()) == std::mem::discriminant(&truth);
    let named: Vec<String> = if truth == of_all {
        parts.iter().take(MOST_NAMED).map(Part::why).collect()
    } else {
        parts.iter().find(decided).map(Part::why).into_iter().collect()
    };
    let more = if truth == of_all && parts.len() > MOST_NAMED { " med mera" } else { "" };
    format!("{}{more}", named.join(", och "))
}

fn compared(operator: Operator, truth: Truth, parts: &[Part]) -> String {
    let [left, right] = parts else { return String::new() };
    let (left, right) = (left.named(), right.named());
    let (is, is_not) = match operator {
        Operator::NotEqual => ("är skilt från", "är lika med"),
        Operator::Less => ("är mindre än", "är inte mindre än"),
        Operator::LessOrEqual => ("är högst", "är mer än"),
        Operator::Greater => ("är större än", "är inte större än"),
        Operator::GreaterOrEqual => ("är minst", "är mindre än"),
        _ => ("är lika med", "är inte lika med"),
    };
    match truth {
        Truth::True => format!("{left} {is} {right}"),
        Truth::False => format!("{left} {is_not} {right}"),
        Truth::Unknown(_) => format!("det går inte att avgöra om {left} {is} {right}"),
    }
}

fn is_null(negated: bool, truth: Truth, parts: &[Part]) -> String {
    let Some(part) = parts.first() else { return String::new() };
    match truth {
        Truth::Unknown(_) => format!("det går inte att avgöra om {} är tomt", part.named()),
        truth if (truth == Truth::True) != negated => format!("{} är tomt", part.text()),
        _ => format!("{} är inte tomt", part.named()),
    }
}

/// The row that decided; or that none of them did.
fn quantified(quantifier: Quantifier, truth: Truth, parts: &[Part]) -> String {
    let rows: Vec<&Part> = parts.iter().filter(|part| part.is_item).collect();
    let decisive = if quantifier == Quantifier::Some { Truth::True } else { Truth::False };
    let unknown = |part: &&&Part| matches!(part.truth(), Truth::Unknown(_));
    let one = match truth {
        Truth::Unknown(_) => rows.iter().find(unknown),
        truth if truth == decisive => rows.iter().find(|part| part.truth() == decisive),
        _ => None,
    };
    if let Some(one) = one {
        return format!("för {}: {}", one.text(), one.why());
    }
    match (truth, rows.len()) {
        (Truth::Unknown(_), _) => "det är inte känt vilka rader det gäller".to_owned(),
        (_, 0) => "det finns inga rader att gå igenom".to_owned(),
        (_, count) => {
            let of = rows.first().map(|row| row.why()).unwrap_or_default();
            match (quantifier, count) {
                (_, 1) => of,
                (Quantifier::Some, count) => {
                    format!("ingen av {count} rader uppfyller villkoret; för den första: {of}")
                }
                (Quantifier::Every, count) => format!("alla {count} rader uppfyller villkoret; för den första: {of}"),
            }
        }
    }
}

/// The sentence, or its opposite: `verb` is the word that takes `inte`.
fn affirmed(said: &str, verb: &str, truth: Truth) -> String {
    match truth {
        Truth::True => said.to_owned(),
        Truth::False => said.replacen(&format!(" {verb} "), &format!(" {verb} inte "), 1),
        Truth::Unknown(_) => format!("det går inte att avgöra om {said}"),
    }
}

/// Why a subject was drawn or not: its lot, beside the share that it is held against.
pub fn because_of_lot(draw: &Draw, truth: Truth) -> Option<String> {
    let below = draw.below?;
    let is = if truth == Truth::True { "är" } else { "är inte" };
    Some(format!("lotten {} {is} under {below}, {}", draw.number, draw.share()?))
}
