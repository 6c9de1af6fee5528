//! Reads the cells of a decision table: DMN's unary tests, over values that stand in the cell itself.

use rust_decimal::Decimal;

use super::reckon::of_literal;
use super::syntax::{RuleError, Span};
use super::table::{Input, UnaryTest, UnaryTests};
use super::token::{Token, TokenKind, cut};
use super::types::{Literal, Type};
use crate::diagnostic::nearest;
use crate::value::date::DateFormat;

/// What a cell can ask of an input of this type.
fn examples(ty: &Type) -> &'static str {
    match ty {
        Type::Text(_) => "a cell for texts is `\"-\"`, `'\"El\"'`, `'\"El\",\"Hyra\"'` or `'not(\"El\")'`",
        Type::Date => "a cell for dates is `\"-\"`, `'< @\"2026-01-01\"'` or `'[@\"2026-01-01\"..@\"2026-06-30\"]'`",
        Type::Boolean => "a cell for conditions is `\"-\"`, `\"true\"` or `\"false\"`",
        _ => "a cell for numbers is `\"-\"`, `\"3\"`, `\"1, 2\"`, `\"< 4\"`, `\"[4..6]\"` or `\"not(3)\"`",
    }
}

/// What the values of a type are, in words.
#[must_use]
pub fn said(ty: &Type) -> &'static str {
    match ty {
        Type::Text(_) => "a text",
        Type::Date => "a date",
        Type::Boolean => "true or false",
        _ => "a number",
    }
}

/// Reads the tests of one cell.
///
/// # Errors
/// Where it is no unary test, or asks for a value of another type than the input's, or one that is not declared.
pub fn read(text: &str, input: &Input) -> Result<UnaryTests, RuleError> {
    let mut reader = Reader { tokens: cut(text)?, place: 0, input };
    if reader.takes("-") && reader.is_at_end() {
        return Ok(UnaryTests::Any);
    }
    reader.place = 0;
    if reader.tokens[0].kind == TokenKind::Word("not".to_owned()) {
        reader.place = 1;
        reader.expect("(")?;
        let tests = reader.tests()?;
        reader.expect(")")?;
        reader.end()?;
        return Ok(UnaryTests::NoneOf(tests));
    }
    let tests = reader.tests()?;
    reader.end()?;
    Ok(UnaryTests::OneOf(tests))
}

struct Reader<'i> {
    tokens: Vec<Token>,
    place: usize,
    input: &'i Input,
}

impl Reader<'_> {
    fn token(&self) -> &Token {
        &self.tokens[self.place]
    }

    fn is_at_end(&self) -> bool {
        self.token().kind == TokenKind::End
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(&self.token().kind, TokenKind::Sign(here) if *here == sign);
        if found {
            self.place += 1;
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), RuleError> {
        if self.takes(sign) { Ok(()) } else { Err(self.wrong(&format!("`{sign}`"))) }
    }

    fn end(&self) -> Result<(), RuleError> {
        if self.is_at_end() { Ok(()) } else { Err(self.wrong("`,` or the end")) }
    }

    fn wrong(&self, expected: &str) -> RuleError {
        RuleError::new(format!("{expected} was expected here"), self.token().span.clone())
            .hint(examples(&self.input.ty))
    }

    fn tests(&mut self) -> Result<Vec<UnaryTest>, RuleError> {
        let mut tests = vec![self.test()?];
        while self.takes(",") {
            tests.push(self.test()?);
        }
        Ok(tests)
    }

    fn test(&mut self) -> Result<UnaryTest, RuleError> {
        for (sign, is_low, is_in) in [("<=", false, true), ("<", false, false), (">=", true, true), (">", true, false)]
        {
            if self.takes(sign) {
                let limit = Some((self.ordered()?, is_in));
                let (low, high) = if is_low { (limit, None) } else { (None, limit) };
                return Ok(UnaryTest::Within(low, high));
            }
        }
        let start = self.token().span.start;
        let low_is_in = match &self.token().kind {
            TokenKind::Sign("[") => true,
            TokenKind::Sign("(" | "]") => false,
            _ => return self.value().map(UnaryTest::Equal),
        };
        self.place += 1;
        let low = self.ordered()?;
        self.expect("..")?;
        let high = self.ordered()?;
        let high_is_in = match &self.token().kind {
            TokenKind::Sign("]") => true,
            TokenKind::Sign(")" | "[") => false,
            _ => return Err(self.wrong("`]` or `)`")),
        };
        self.place += 1;
        if of_literal(&low).order(&of_literal(&high)) == Some(std::cmp::Ordering::Greater) {
            let span = start..self.tokens[self.place - 1].span.end;
            return Err(RuleError::new("an interval that ends before it begins", span));
        }
        Ok(UnaryTest::Within(Some((low, low_is_in)), Some((high, high_is_in))))
    }

    fn ordered(&mut self) -> Result<Literal, RuleError> {
        let span = self.token().span.clone();
        let value = self.value()?;
        match value {
            Literal::Number(_) | Literal::Date(_) => Ok(value),
            _ => Err(RuleError::new("only numbers and dates have limits", span)),
        }
    }

    fn value(&mut self) -> Result<Literal, RuleError> {
        let start = self.token().span.start;
        let is_negative = self.takes("-");
        let token = self.token().clone();
        let value = match token.kind {
            TokenKind::Number(digits) => {
                let number = Decimal::from_str_exact(&digits)
                    .map_err(|_| RuleError::new("a number of more than 28 digits", token.span.clone()))?;
                Literal::Number(if is_negative { -number } else { number })
            }
            _ if is_negative => return Err(self.wrong("a number")),
            TokenKind::Text(text) => Literal::Text(text.into()),
            TokenKind::Word(word) if word == "true" || word == "false" => Literal::Boolean(word == "true"),
            TokenKind::At => {
                self.place += 1;
                match &self.token().kind {
                    TokenKind::Text(text) => match DateFormat::Iso.parse(text.as_bytes()) {
                        Some(day) => Literal::Date(day),
                        None => return Err(self.wrong("a date such as `@\"2026-01-31\"`")),
                    },
                    _ => return Err(self.wrong("a date such as `@\"2026-01-31\"`")),
                }
            }
            TokenKind::Word(word) if matches!(self.input.ty, Type::Text(_)) => {
                let error = RuleError::new(format!("`{word}` stands without its double quotes"), token.span);
                return Err(error
                    .hint(format!("write `'\"{word}\"'`: the single quotes are TOML's, the double ones the text's")));
            }
            _ => return Err(self.wrong("a value")),
        };
        let span = start..self.token().span.end;
        self.place += 1;
        self.fits(&value, span)?;
        Ok(value)
    }

    /// Whether a value is of the input's type, and one of its declared ones.
    fn fits(&self, value: &Literal, span: Span) -> Result<(), RuleError> {
        let name = &self.input.name;
        let (found, is_right) = match value {
            Literal::Number(_) => ("a number", self.input.ty == Type::Number),
            Literal::Text(_) => ("a text", matches!(self.input.ty, Type::Text(_))),
            Literal::Date(_) => ("a date", self.input.ty == Type::Date),
            _ => ("true or false", self.input.ty == Type::Boolean),
        };
        if !is_right {
            let ty = &self.input.ty;
            return Err(RuleError::new(format!("{found} where `{name}` is {}", said(ty)), span).hint(examples(ty)));
        }
        if let (Literal::Number(number), true) = (value, self.input.is_whole)
            && !number.is_integer()
        {
            return Err(RuleError::new(format!("`{name}` is a whole number"), span));
        }
        if let (Literal::Text(text), Type::Text(Some(values))) = (value, &self.input.ty)
            && !values.iter().any(|known| **known == **text)
        {
            let listed = values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
            let error = RuleError::new(format!("`{text}` is not one of the declared values of `{name}`"), span)
                .hint(format!("its values are {listed}"));
            return Err(match nearest(text, values.iter().map(String::as_str)) {
                Some(near) => error.label(format!("did you mean `{near}`?")),
                None => error,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::value::{Truth, Value};

    fn whole() -> Input {
        Input { name: "alder".to_owned(), ty: Type::Number, is_whole: true }
    }

    #[test]
    fn a_cell_says_what_its_input_must_be() {
        let holds =
            |cell: &str, number: i64| read(cell, &whole()).unwrap().holds(&Value::Number(number.into())) == Truth::True;
        for (cell, inside, outside) in [
            ("< 1", 0, 1),
            (">= 7", 7, 6),
            ("[4..6]", 6, 7),
            ("(4..6)", 5, 4),
            ("1, [3..4]", 3, 2),
            ("not(1, 2)", 3, 2),
            ("-1", -1, 1),
        ] {
            assert!(holds(cell, inside), "{cell}: {inside}");
            assert!(!holds(cell, outside), "{cell}: {outside}");
        }
        assert_eq!(read("-", &whole()), Ok(UnaryTests::Any));
    }

    #[test]
    fn what_is_no_test_of_the_input_is_told() {
        let title = |cell: &str| read(cell, &whole()).unwrap_err().title;
        assert_eq!(title("\"El\""), "a text where `alder` is a number");
        assert_eq!(title("1.5"), "`alder` is a whole number");
        assert_eq!(title("[6..4]"), "an interval that ends before it begins");
        assert_eq!(title("1 2"), "`,` or the end was expected here");
        assert_eq!(title(""), "a value was expected here");
        let kinds = Some(["El".to_owned(), "Hyra".to_owned()].into());
        let text = Input { name: "slag".to_owned(), ty: Type::Text(kinds), is_whole: false };
        assert_eq!(read("\"Hyr\"", &text).unwrap_err().label, "did you mean `Hyra`?");
    }
}
