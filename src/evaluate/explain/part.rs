//! A part of an expression that was worked out, as it is told.

use crate::rule::value::{Missing, Truth, Why};

use super::tree::Tree;

/// A part of an expression, with what is needed to say what decided the whole.
#[derive(Clone, Debug)]
pub struct Part {
    /// The part.
    pub tree: Tree,
    /// Whether it is one of several rows that were gone over.
    pub is_item: bool,
    /// What a condition came to.
    pub truth: Option<Truth>,
    /// Whether it is a value that needs no name.
    pub is_plain: bool,
}

impl Part {
    /// The expression, or the row, as it is named.
    pub fn text(&self) -> &str {
        &self.tree.expression
    }

    /// The expression with its value behind it; a plain value on its own.
    pub fn named(&self) -> String {
        if self.is_plain { self.tree.value.clone() } else { format!("{} ({})", self.tree.expression, self.tree.value) }
    }

    /// What a condition came to.
    pub fn truth(&self) -> Truth {
        self.truth.unwrap_or(Truth::Unknown(Missing::because(Why::Null)))
    }

    /// What decided it, where that is known.
    pub fn reason(&self) -> Option<String> {
        self.tree.because.clone()
    }

    /// What decided it; for a condition that is one value, the value.
    pub fn why(&self) -> String {
        self.reason().unwrap_or_else(|| stated(&self.tree.expression, self.truth()))
    }
}

/// What a condition that is one value came to.
pub fn stated(expression: &str, truth: Truth) -> String {
    match truth {
        Truth::True => format!("{expression} är sant"),
        Truth::False => format!("{expression} är falskt"),
        Truth::Unknown(_) => format!("det går inte att avgöra om {expression} är sant"),
    }
}
