//! The tree that an expression is read into, before anything is known about its names.

use std::ops::Range;

/// Bytes of the expression's text.
pub type Span = Range<usize>;

/// A part of an expression with the text it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Syntax {
    /// What it is.
    pub node: Node,
    /// Where it stands.
    pub span: Span,
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// As written; the words of a function's name with one space between.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The constructs of the language.
#[expect(missing_docs, reason = "the doc of a variant speaks of its parts")]
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// `250.5`, as written.
    Number(String),
    /// `"text"`, without quotes and with escapes resolved.
    Text(String),
    /// `@"2026-01-01"`, without the mark and the quotes.
    At(String),
    /// A name on its own: a field, a fact, a variable, a built-in name.
    Name(String),
    /// `row.field`, `rows.field`, `row.relation`
    Path(Box<Syntax>, Name),
    /// `rows[condition]`
    Filter(Box<Syntax>, Box<Syntax>),
    /// `count(rows)`
    Call(Name, Vec<Syntax>),
    /// `-x`
    Negate(Box<Syntax>),
    /// `a + b`, `a < b`
    Binary(Operator, Box<Syntax>, Box<Syntax>),
    /// `a and b and c`
    And(Vec<Syntax>),
    /// `a or b or c`
    Or(Vec<Syntax>),
    /// `x between a and b`
    Between(Box<Syntax>, Box<Syntax>, Box<Syntax>),
    /// `x in [1..3]`, `x in ("a", "b")`
    In(Box<Syntax>, Box<Syntax>),
    /// `[a..b)`
    Interval { low: Box<Syntax>, high: Box<Syntax>, low_is_in: bool, high_is_in: bool },
    /// `[a, b, c]`, or `(a, b)` after `in`
    List(Vec<Syntax>),
    /// `if c then a else b`
    If(Box<Syntax>, Box<Syntax>, Box<Syntax>),
    /// `some x in rows satisfies c`, `every x in rows satisfies c`
    Quantified { quantifier: Quantifier, variable: Name, list: Box<Syntax>, condition: Box<Syntax> },
    /// `for x in rows return e`
    For { variable: Name, list: Box<Syntax>, result: Box<Syntax> },
}

impl Syntax {
    /// Every part directly inside this one.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match &self.node {
            Node::Null | Node::Boolean(_) | Node::Number(_) | Node::Text(_) | Node::At(_) | Node::Name(_) => Vec::new(),
            Node::Path(part, _) | Node::Negate(part) => vec![part],
            Node::Filter(first, second)
            | Node::Binary(_, first, second)
            | Node::In(first, second)
            | Node::Interval { low: first, high: second, .. }
            | Node::Quantified { list: first, condition: second, .. }
            | Node::For { list: first, result: second, .. } => vec![first, second],
            Node::Between(first, second, third) | Node::If(first, second, third) => vec![first, second, third],
            Node::Call(_, parts) | Node::And(parts) | Node::Or(parts) | Node::List(parts) => parts.iter().collect(),
        }
    }
}

/// Which rows must meet the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Some,
    /// All of them.
    Every,
}

/// The operators between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// What is wrong with an expression, where in it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// What is wrong.
    pub title: String,
    /// Where in the expression.
    pub span: Span,
    /// What stands beside the caret.
    pub label: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl RuleError {
    /// A mistake at `span`.
    pub fn new(title: impl Into<String>, span: Span) -> Self {
        Self { title: title.into(), span, label: String::new(), hint: None }
    }

    /// With words beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
