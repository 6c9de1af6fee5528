//! Reads an expression into its tree.

use super::function::Function;
use super::habit::{foreign_member, foreign_word, opening_word};
use super::syntax::{Name, Node, Operator, Quantifier, RuleError, Span, Syntax};
use super::token::{Token, TokenKind, cut};

/// How deep an expression may nest, and how long a chain of one operator may be.
pub const DEEPEST_NESTING: usize = 64;

/// How many layers of parts within parts an expression may have.
pub const DEEPEST_TREE: usize = 128;

const KEYWORDS: [&str; 15] = [
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
];

/// Whether a word is the language's own, so that nothing else can have it for a name.
#[must_use]
pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word) || word == "not"
}

/// Reads one expression.
///
/// # Errors
/// At the first place where the text stops being an expression, with a hint where a habit from SQL, C or Excel shows.
pub fn parse(text: &str) -> Result<Syntax, RuleError> {
    let mut parser = Parser { tokens: cut(text)?, place: 0, depth: 0 };
    if parser.peek() == &TokenKind::End {
        return Err(RuleError::new("an empty expression", 0..text.len()));
    }
    let tree = parser.expression()?;
    match parser.peek() {
        TokenKind::End => not_too_deep(tree),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

/// A sum of sums of sums is deep without many brackets, and what walks the tree later needs stack for each layer.
fn not_too_deep(tree: Syntax) -> Parsed {
    let mut layer = vec![&tree];
    for _ in 0..DEEPEST_TREE {
        layer = layer.into_iter().flat_map(Syntax::parts).collect();
    }
    match layer.first() {
        None => Ok(tree),
        Some(deepest) => {
            Err(RuleError::new(format!("parts inside parts more than {DEEPEST_TREE} deep"), deepest.span.clone())
                .hint("give its parts names under [facts]"))
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    place: usize,
    depth: usize,
}

type Parsed = Result<Syntax, RuleError>;

impl Parser {
    fn peek(&self) -> &TokenKind {
        &self.tokens[self.place].kind
    }

    fn span(&self) -> Span {
        self.tokens[self.place].span.clone()
    }

    fn next(&mut self) -> Token {
        let token = self.tokens[self.place].clone();
        if self.place + 1 < self.tokens.len() {
            self.place += 1;
        }
        token
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), TokenKind::Word(found) if found == word)
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), TokenKind::Sign(here) if *here == sign);
        if found {
            self.next();
        }
        found
    }

    fn expect_sign(&mut self, sign: &str) -> Result<(), RuleError> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), RuleError> {
        if self.takes_word(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    fn unexpected(&self, expected: &str) -> RuleError {
        let found = match self.peek() {
            TokenKind::End => "the expression ends".to_owned(),
            TokenKind::Word(word) => format!("`{word}` stands"),
            TokenKind::Number(number) => format!("`{number}` stands"),
            TokenKind::Text(_) => "a text stands".to_owned(),
            TokenKind::At => "`@` stands".to_owned(),
            TokenKind::Sign(sign) => format!("`{sign}` stands"),
        };
        let error = RuleError::new(format!("{found} where {expected} was expected"), self.span());
        match self.habit() {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// What to write instead, where what stands here and before it looks like a habit from another language.
    fn habit(&self) -> Option<&'static str> {
        let before = self.place.checked_sub(1).map(|place| &self.tokens[place].kind);
        let after = self.tokens.get(self.place + 1).map(|token| &token.kind);
        let is_own = |word: &str| KEYWORDS.contains(&word);
        match (before, self.peek()) {
            (_, TokenKind::Word(word)) if foreign_word(word).is_some() => foreign_word(word),
            (Some(TokenKind::Number(_)), TokenKind::Number(_)) => Some("write a number without spaces: `15000`"),
            (Some(TokenKind::Number(_)), TokenKind::Sign(",")) if matches!(after, Some(TokenKind::Number(_))) => {
                Some("write the decimals after a point: `1500.50`")
            }
            (Some(TokenKind::Word(word)), TokenKind::Text(_)) if word.len() == 1 => {
                Some("put texts together with `+` and `string(…)`; braces are for sentences")
            }
            (Some(TokenKind::Word(word)), TokenKind::Text(_) | TokenKind::Number(_)) if !is_own(word) => {
                Some("an operator is missing between them, such as `=`")
            }
            (Some(TokenKind::Word(one)), TokenKind::Word(other)) if !is_own(one) && !is_own(other) => {
                Some("a name is one word of letters, digits and `_`; a text stands in double quotes")
            }
            (Some(TokenKind::Number(_)), TokenKind::Word(word)) if !is_own(word) => {
                Some("a name begins with a letter; an operator stands between a number and a name")
            }
            (_, TokenKind::Word(word)) if word == "for" => {
                Some("write `for x in rows return …`; a condition on the rows stands in square brackets")
            }
            (None, TokenKind::Word(word)) if word == "return" => Some("an expression is its value: leave `return` out"),
            (None, TokenKind::Sign("=")) => Some("an expression begins without `=`"),
            (Some(TokenKind::Sign("(")), TokenKind::Sign("*")) => Some("write what is counted: `count(medlemmar)`"),
            (_, TokenKind::Sign("{" | "}")) => Some("braces are for sentences; an expression has brackets, `(…)`"),
            (_, TokenKind::Sign(":")) => Some("a value is written as it is; `decimal(x, 0)` rounds a number"),
            _ => None,
        }
    }

    /// A word that an expression of several words has, with how the whole is written.
    fn expect_word_of(&mut self, word: &str, whole: &'static str) -> Result<(), RuleError> {
        let is_foreign = matches!(self.peek(), TokenKind::Word(here) if foreign_word(here).is_some());
        self.expect_word(word).map_err(|error| if is_foreign { error } else { error.hint(whole) })
    }

    /// One level further in, so that no text can make the parser or a later walk run out of stack.
    fn deeper(&mut self, part: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.depth == DEEPEST_NESTING {
            return Err(RuleError::new(format!("nested more than {DEEPEST_NESTING} deep"), self.span())
                .hint("give its parts names under [facts]"));
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }

    fn expression(&mut self) -> Parsed {
        self.deeper(|parser| {
            if parser.is_word("if") {
                parser.conditional()
            } else if parser.is_word("some") || parser.is_word("every") {
                parser.quantified()
            } else if parser.is_word("for") {
                parser.iteration()
            } else {
                parser.disjunction()
            }
        })
    }

    fn conditional(&mut self) -> Parsed {
        let start = self.next().span.start;
        let condition = self.expression()?;
        self.expect_word_of("then", "write `if … then … else …`")?;
        let yes = self.expression()?;
        self.expect_word_of("else", "write `if … then … else …`, with a value for each")?;
        let no = self.expression()?;
        let span = start..no.span.end;
        Ok(Syntax { node: Node::If(Box::new(condition), Box::new(yes), Box::new(no)), span })
    }

    fn quantified(&mut self) -> Parsed {
        let quantifier = if self.is_word("some") { Quantifier::Some } else { Quantifier::Every };
        let start = self.next().span.start;
        let (variable, list) = self.variable_in_list("write `some x in rows satisfies …`")?;
        self.expect_word_of("satisfies", "write `some x in rows satisfies …`")?;
        let condition = self.expression()?;
        let span = start..condition.span.end;
        let node = Node::Quantified { quantifier, variable, list: Box::new(list), condition: Box::new(condition) };
        Ok(Syntax { node, span })
    }

    fn iteration(&mut self) -> Parsed {
        let start = self.next().span.start;
        let (variable, list) = self.variable_in_list("write `for x in rows return …`")?;
        self.expect_word_of("return", "write `for x in rows return …`")?;
        let result = self.expression()?;
        let span = start..result.span.end;
        Ok(Syntax { node: Node::For { variable, list: Box::new(list), result: Box::new(result) }, span })
    }

    fn variable_in_list(&mut self, whole: &'static str) -> Result<(Name, Syntax), RuleError> {
        let variable = self.name("a variable's name")?;
        self.expect_word_of("in", whole)?;
        Ok((variable, self.postfix()?))
    }

    fn name(&mut self, expected: &str) -> Result<Name, RuleError> {
        match self.peek() {
            TokenKind::Word(word) if !KEYWORDS.contains(&word.as_str()) => {
                let text = word.clone();
                Ok(Name { text, span: self.next().span })
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn disjunction(&mut self) -> Parsed {
        self.chain("or", Self::conjunction, Node::Or)
    }

    fn conjunction(&mut self) -> Parsed {
        self.chain("and", Self::comparison, Node::And)
    }

    /// Parts joined by one word, kept as one flat list so that a long one is not a deep tree.
    fn chain(&mut self, word: &str, part: fn(&mut Self) -> Parsed, join: fn(Vec<Syntax>) -> Node) -> Parsed {
        let first = part(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let start = first.span.start;
        let mut parts = vec![first];
        while self.takes_word(word) {
            // `a and some x in … satisfies …`: what follows a connective may be a whole expression.
            let opens_wide = ["if", "some", "every", "for"].iter().any(|word| self.is_word(word));
            parts.push(if opens_wide { self.expression()? } else { part(self)? });
        }
        let end = parts.last().map_or(start, |last| last.span.end);
        Ok(Syntax { node: join(parts), span: start..end })
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        let operator = match self.peek() {
            TokenKind::Sign("=") => Operator::Equal,
            TokenKind::Sign("!=") => Operator::NotEqual,
            TokenKind::Sign("<") => Operator::Less,
            TokenKind::Sign("<=") => Operator::LessOrEqual,
            TokenKind::Sign(">") => Operator::Greater,
            TokenKind::Sign(">=") => Operator::GreaterOrEqual,
            TokenKind::Word(word) if word == "between" => return self.between(left),
            TokenKind::Word(word) if word == "in" => return self.membership(left),
            TokenKind::Word(word) if !KEYWORDS.contains(&word.as_str()) => {
                return Err(self.unexpected("an operator or the end"));
            }
            _ => return Ok(left),
        };
        self.next();
        let right = self.sum()?;
        if let TokenKind::Sign("=" | "!=" | "<" | "<=" | ">" | ">=") = self.peek() {
            return Err(RuleError::new("comparisons cannot follow one another", self.span())
                .hint("write `a < b and b < c`, or `b between a and c`"));
        }
        let span = left.span.start..right.span.end;
        Ok(Syntax { node: Node::Binary(operator, Box::new(left), Box::new(right)), span })
    }

    fn between(&mut self, value: Syntax) -> Parsed {
        self.next();
        let low = self.sum()?;
        self.expect_word_of("and", "write `x between a and b`")?;
        let high = self.sum()?;
        let span = value.span.start..high.span.end;
        Ok(Syntax { node: Node::Between(Box::new(value), Box::new(low), Box::new(high)), span })
    }

    fn membership(&mut self, value: Syntax) -> Parsed {
        self.next();
        let set = match self.peek() {
            TokenKind::Sign("(" | "[") => self.interval_or_list()?,
            _ => self.postfix()?,
        };
        let span = value.span.start..set.span.end;
        Ok(Syntax { node: Node::In(Box::new(value), Box::new(set)), span })
    }

    /// `[1..3]`, `(1..3]`, `[a, b]` or, after `in`, `("a", "b")`.
    fn interval_or_list(&mut self) -> Parsed {
        self.deeper(|parser| {
            let open = parser.next();
            let low_is_in = open.kind == TokenKind::Sign("[");
            let start = open.span.start;
            if low_is_in && parser.takes_sign("]") {
                return Ok(Syntax { node: Node::List(Vec::new()), span: start..start + 2 });
            }
            let first = parser.expression()?;
            if parser.takes_sign("..") {
                let high = parser.expression()?;
                let high_is_in = matches!(parser.peek(), TokenKind::Sign("]"));
                if !high_is_in && !matches!(parser.peek(), TokenKind::Sign(")" | "[")) {
                    return Err(parser.unexpected("`]` or `)`"));
                }
                let end = parser.next().span.end;
                let node = Node::Interval { low: Box::new(first), high: Box::new(high), low_is_in, high_is_in };
                return Ok(Syntax { node, span: start..end });
            }
            let mut items = vec![first];
            while parser.takes_sign(",") {
                items.push(parser.expression()?);
            }
            let end = parser.span().end;
            parser.expect_sign(if low_is_in { "]" } else { ")" })?;
            Ok(Syntax { node: Node::List(items), span: start..end })
        })
    }

    fn sum(&mut self) -> Parsed {
        self.left_to_right(&[("+", Operator::Add), ("-", Operator::Subtract)], Self::product)
    }

    fn product(&mut self) -> Parsed {
        self.left_to_right(&[("*", Operator::Multiply), ("/", Operator::Divide)], Self::unary)
    }

    fn left_to_right(&mut self, operators: &[(&str, Operator)], part: fn(&mut Self) -> Parsed) -> Parsed {
        let mut left = part(self)?;
        let mut length = 0;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.takes_sign(sign)) {
            length += 1;
            if length > DEEPEST_NESTING {
                return Err(RuleError::new(format!("more than {DEEPEST_NESTING} terms in a row"), left.span)
                    .hint("sum rows with `sum(for x in rows return …)`, or give parts names under [facts]"));
            }
            let right = part(self)?;
            let span = left.span.start..right.span.end;
            left = Syntax { node: Node::Binary(*operator, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let start = self.span().start;
        if self.takes_sign("-") {
            let value = self.deeper(Self::unary)?;
            let span = start..value.span.end;
            return Ok(Syntax { node: Node::Negate(Box::new(value)), span });
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Parsed {
        let mut value = self.primary()?;
        let mut length = 0;
        loop {
            length += 1;
            if length > DEEPEST_NESTING {
                return Err(RuleError::new(format!("a path of more than {DEEPEST_NESTING} steps"), value.span));
            }
            let start = value.span.start;
            if self.takes_sign(".") {
                let name = self.name("a field or a relation")?;
                if let TokenKind::Sign("(") = self.peek() {
                    return Err(called_after_a_point(&name));
                }
                let span = start..name.span.end;
                value = Syntax { node: Node::Path(Box::new(value), name), span };
            } else if self.takes_sign("[") {
                let condition = self.expression()?;
                let end = self.span().end;
                self.expect_sign("]")?;
                value = Syntax { node: Node::Filter(Box::new(value), Box::new(condition)), span: start..end };
            } else {
                return Ok(value);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let span = self.span();
        match self.peek().clone() {
            TokenKind::Number(number) => Ok(self.literal(Node::Number(number))),
            TokenKind::Text(text) => Ok(self.literal(Node::Text(text))),
            TokenKind::At => {
                self.next();
                match self.peek().clone() {
                    TokenKind::Text(text) => {
                        let end = self.next().span.end;
                        Ok(Syntax { node: Node::At(text), span: span.start..end })
                    }
                    _ => Err(self.unexpected("a date such as `@\"2026-01-01\"`")),
                }
            }
            TokenKind::Sign("(") => {
                self.next();
                let inner = self.expression()?;
                let end = self.span().end;
                self.expect_sign(")")?;
                Ok(Syntax { node: inner.node, span: span.start..end })
            }
            TokenKind::Sign("[") => self.interval_or_list(),
            TokenKind::Word(word) => self.word(&word),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn literal(&mut self, node: Node) -> Syntax {
        Syntax { node, span: self.next().span }
    }

    fn word(&mut self, word: &str) -> Parsed {
        match word {
            "null" => return Ok(self.literal(Node::Null)),
            "true" => return Ok(self.literal(Node::Boolean(true))),
            "false" => return Ok(self.literal(Node::Boolean(false))),
            "if" | "some" | "every" | "for" => return self.expression(),
            _ => {}
        }
        if let Some(name) = self.function_name() {
            return self.call(name);
        }
        let name = self.name("a value")?;
        let is_opening = matches!(self.peek(), TokenKind::Word(next) if !KEYWORDS.contains(&next.as_str()));
        if let Some(hint) = opening_word(word).filter(|_| is_opening) {
            return Err(RuleError::new(format!("`{word}` is not a word here"), name.span).hint(hint));
        }
        if let TokenKind::Sign("(") = self.peek() {
            return self.call(name);
        }
        if name.text.eq_ignore_ascii_case("not") {
            let error = RuleError::new(format!("`{}` stands without its brackets", name.text), name.span);
            return Err(error.hint("write `not(…)` with the condition in brackets"));
        }
        if let TokenKind::Text(_) | TokenKind::Number(_) = self.peek() {
            return Err(self.unexpected("an operator"));
        }
        Ok(Syntax { node: Node::Name(name.text), span: name.span })
    }

    /// A function's name of several words, when these tokens are one with a bracket after it.
    fn function_name(&mut self) -> Option<Name> {
        let longest = Function::longest_name();
        for length in (2..=longest).rev() {
            let words: Option<Vec<&str>> = (0..length)
                .map(|ahead| match self.tokens.get(self.place + ahead).map(|token| &token.kind) {
                    Some(TokenKind::Word(word)) => Some(word.as_str()),
                    _ => None,
                })
                .collect();
            let Some(words) = words else { continue };
            let text = words.join(" ");
            let has_bracket =
                self.tokens.get(self.place + length).is_some_and(|next| next.kind == TokenKind::Sign("("));
            if has_bracket && Function::named(&text).is_some() {
                let span = self.span().start..self.tokens[self.place + length - 1].span.end;
                self.place += length;
                return Some(Name { text, span });
            }
        }
        None
    }

    fn call(&mut self, name: Name) -> Parsed {
        self.deeper(|parser| {
            parser.expect_sign("(")?;
            let mut arguments = Vec::new();
            if !matches!(parser.peek(), TokenKind::Sign(")")) {
                arguments.push(parser.expression()?);
                while parser.takes_sign(",") {
                    arguments.push(parser.expression()?);
                }
            }
            let end = parser.span().end;
            parser.expect_sign(")")?;
            let span = name.span.start..end;
            Ok(Syntax { node: Node::Call(name, arguments), span })
        })
    }
}

/// `enhet.length()`
fn called_after_a_point(name: &Name) -> RuleError {
    let error = RuleError::new(format!("`{}` is called after a point", name.text), name.span.clone());
    error.hint(foreign_member(&name.text).unwrap_or("a function stands before its values: `string length(text)`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> RuleError {
        parse(text).unwrap_err()
    }

    #[test]
    fn the_expressions_of_the_design_are_read() {
        for text in [
            "some m in medlemmar satisfies m.kir.flyttdatum != null and m.kir.flyttdatum >= since",
            "count(sokande.kir.skrivna)",
            "first(medlemmar[roll = \"Sökande\"])",
            "count(distinct values(medlemmar[kir.avregistreringsorsak = null].kir.adressid)) >= 2",
            "x between 1 and 3 and y in (\"a\", \"b\") or z in [1..3)",
            "if a then b else c",
            "sum(for k in kostnader return k.belopp * 2) > 3",
            "night - duration(\"P12M\") <= @\"2026-01-01\"",
            "not(a) and every f in fordon satisfies f.status = null",
        ] {
            assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn the_caret_stands_where_the_expression_stops_making_sense() {
        assert_eq!(error("a = ").span, 4..4);
        assert_eq!(error("a and").title, "the expression ends where a value was expected");
        assert_eq!(error("count(a").title, "the expression ends where `)` was expected");
        assert_eq!(error("a IS NULL").hint.as_deref(), Some("write `x = null` or `x != null`"));
        assert_eq!(error("a AND b").hint.as_deref(), Some("write `and` in small letters"));
        assert_eq!(error("1 < a < 3").title, "comparisons cannot follow one another");
    }

    #[test]
    fn brackets_and_sums_without_end_are_errors_and_not_crashes() {
        assert!(error(&"(".repeat(3_000)).title.contains("nested more than"));
        assert!(error(&"-".repeat(3_000)).title.contains("nested more than"));
        assert!(error(&format!("1{}", "+1".repeat(1_900))).title.contains("terms in a row"));
        assert!(error(&"(".repeat(200_000)).title.contains("the longest is"));
        assert!(error(&format!("a{}", ".b".repeat(1_900))).title.contains("a path of more than"));
    }
}
