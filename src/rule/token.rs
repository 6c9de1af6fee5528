//! Cuts an expression into words, numbers, texts and signs.

use super::habit::foreign_sign;
use super::syntax::{RuleError, Span};

/// The longest expression, in bytes. A rule that needs more is two facts.
pub const LONGEST_EXPRESSION: usize = 4_000;

/// One word, number, text or sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    /// A name or keyword.
    Word(String),
    /// Digits with at most one decimal point.
    Number(String),
    /// A text in double quotes, escapes resolved.
    Text(String),
    /// `@` before a text.
    At,
    /// An operator, bracket or comma.
    Sign(&'static str),
    /// After the last.
    End,
}

const SIGNS: [&str; 20] =
    ["..", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", ".", "{", "}", ":"];

/// Cuts `text` into tokens, the last of them [`TokenKind::End`].
///
/// # Errors
/// At the first character that begins nothing, at a text without its end, and at an expression that is too long.
pub fn cut(text: &str) -> Result<Vec<Token>, RuleError> {
    if text.len() > LONGEST_EXPRESSION {
        return Err(RuleError::new(
            format!("an expression of {} bytes; the longest is {LONGEST_EXPRESSION}", text.len()),
            0..text.chars().next().map_or(0, char::len_utf8),
        )
        .hint("give its parts names under [facts]"));
    }
    let mut tokens = Vec::new();
    let mut place = 0;
    while let Some(first) = text[place..].chars().next() {
        if first.is_whitespace() {
            place += first.len_utf8();
            continue;
        }
        let (kind, length) = token_at(text, place, first)?;
        tokens.push(Token { kind, span: place..place + length });
        place += length;
    }
    tokens.push(Token { kind: TokenKind::End, span: text.len()..text.len() });
    Ok(tokens)
}

fn token_at(text: &str, place: usize, first: char) -> Result<(TokenKind, usize), RuleError> {
    let rest = &text[place..];
    if first.is_alphabetic() || first == '_' {
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        return Ok((TokenKind::Word(rest[..length].to_owned()), length));
    }
    let begins_with_point = first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    if first.is_ascii_digit() || begins_with_point {
        return Ok(number(rest));
    }
    if first == '"' {
        return quoted(rest, place);
    }
    if first == '@' {
        return Ok((TokenKind::At, 1));
    }
    if let Some((sign, hint)) = foreign_sign(rest) {
        let title = match sign {
            "'" => "a text stands in double quotes".to_owned(),
            ";" | "#" | "$" | "`" | "\\" | "“" | "”" | "„" | "’" | "‘" => {
                format!("`{sign}` means nothing here")
            }
            _ => format!("`{sign}` is not an operator here"),
        };
        return Err(RuleError::new(title, place..place + sign.len()).hint(hint));
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(sign) => Ok((TokenKind::Sign(sign), sign.len())),
        None => Err(RuleError::new(format!("`{first}` means nothing here"), place..place + first.len_utf8())),
    }
}

/// Digits, and a point with digits after it. `1..3` is `1` and then an interval's dots.
fn number(rest: &str) -> (TokenKind, usize) {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let whole = digits(rest);
    let decimals = rest[whole..].strip_prefix('.').map_or(0, digits);
    let length = if decimals > 0 { whole + 1 + decimals } else { whole };
    (TokenKind::Number(rest[..length].to_owned()), length)
}

fn quoted(rest: &str, place: usize) -> Result<(TokenKind, usize), RuleError> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((TokenKind::Text(value), at + 1)),
            '\\' => match characters.next() {
                Some((_, '"')) => value.push('"'),
                Some((_, '\\')) => value.push('\\'),
                Some((_, 'n')) => value.push('\n'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, 't')) => value.push('\t'),
                Some((_, escape @ ('u' | 'U'))) => {
                    let digits = if escape == 'u' { 4 } else { 6 };
                    let code: String = characters.by_ref().take(digits).map(|(_, digit)| digit).collect();
                    let known = u32::from_str_radix(&code, 16).ok().filter(|_| code.len() == digits);
                    match known.and_then(char::from_u32) {
                        Some(character) => value.push(character),
                        None => {
                            let span = place + at..place + at + 2;
                            return Err(RuleError::new("an escape that is no character", span)
                                .hint("write `\\u` and the four hexadecimal digits of a code point"));
                        }
                    }
                }
                // As FEEL has it: `"\d"` is a regular expression's, and no escape of the text.
                Some((_, other)) => value.extend(['\\', other]),
                None => return Err(RuleError::new("a text without its closing quote", place..place + rest.len())),
            },
            other => value.push(other),
        }
    }
    Err(RuleError::new("a text without its closing quote", place..place + rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        cut(text).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn an_interval_is_not_taken_for_a_decimal_point() {
        use TokenKind::{End, Number, Sign};
        assert_eq!(
            kinds("[1..2.5]"),
            [Sign("["), Number("1".into()), Sign(".."), Number("2.5".into()), Sign("]"), End]
        );
    }

    #[test]
    fn names_may_have_swedish_letters() {
        assert_eq!(kinds("försörjningshinder")[0], TokenKind::Word("försörjningshinder".into()));
    }

    #[test]
    fn the_habits_of_other_languages_get_a_hint() {
        for (text, hint) in [
            ("a == b", "equality is written with one `=`"),
            ("a <> b", "write `!=` for \"not equal\""),
            ("a && b", "write `and`"),
            ("a = 'x'", "write \"text\"; the single quotes outside are TOML's"),
            ("!a", "write `not(…)`"),
        ] {
            assert_eq!(cut(text).unwrap_err().hint.as_deref(), Some(hint), "{text}");
        }
        assert!(cut("a != b").is_ok());
    }

    #[test]
    fn too_long_an_expression_is_an_error() {
        assert!(cut(&"1+".repeat(100_000)).unwrap_err().title.contains("the longest is"));
    }
}
