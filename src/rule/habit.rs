//! Habits from SQL, C, Excel and Python, and what is written here instead.
//!
//! Tables alone: where a habit shows itself is seen by `token`, `parse` and `check`, which ask here what to say of it.

/// Signs of other languages, the longer before the shorter, with what to write here instead.
const SIGNS: [(&str, &str); 37] = [
    ("===", "equality is written with one `=`"),
    ("!==", "write `!=` for \"not equal\""),
    ("==", "equality is written with one `=`"),
    ("<>", "write `!=` for \"not equal\""),
    ("=>", "write `>=` for \"at least\""),
    ("=<", "write `<=` for \"at most\""),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("**", "multiply the number by itself"),
    ("??", "write `if x = null then … else x`; in a sentence `get or else(x, …)`"),
    ("//", "a remark stands after `#`, outside the expression; a division is written with one `/`"),
    ("/*", "a remark stands after `#`, outside the expression"),
    ("+=", "an expression changes nothing: equality is written with `=`"),
    ("-=", "an expression changes nothing: equality is written with `=`"),
    ("'", "write \"text\"; the single quotes outside are TOML's"),
    ("!", "write `not(…)`"),
    ("&", "write `and` between conditions, `+` between texts"),
    ("|", "write `or`"),
    ("%", "write the share as a number, `0.12` for 12 %; what is left of a division is `modulo(…, …)`"),
    ("?", "write `if … then … else …`"),
    (";", "values in brackets are separated by `,`, and an expression ends without a sign"),
    ("^", "multiply the number by itself"),
    ("#", "a remark stands outside the expression's quotes"),
    ("$", "a name is written as it is, without signs around it"),
    ("`", "a name is written as it is, without signs around it"),
    ("\\", "texts stand in double quotes, and only in them `\\` has a meaning"),
    ("“", "write the straight quote `\"`"),
    ("”", "write the straight quote `\"`"),
    ("„", "write the straight quote `\"`"),
    ("’", "a text stands in straight double quotes, `\"text\"`"),
    ("‘", "a text stands in straight double quotes, `\"text\"`"),
    ("–", "write the plain minus sign `-`"),
    ("−", "write the plain minus sign `-`"),
    ("≤", "write `<=`"),
    ("≥", "write `>=`"),
    ("≠", "write `!=`"),
    ("×", "write `*`"),
];

/// A sign of another language that a text begins with, and what to write instead.
pub(super) fn foreign_sign(text: &str) -> Option<(&'static str, &'static str)> {
    let found = SIGNS.iter().find(|(sign, _)| text.starts_with(sign))?;
    // `!=` is a sign of this language.
    (found.0 != "!" || !text.starts_with("!=")).then_some(*found)
}

/// What to write instead of a word that another language has where an operator or a value stands.
pub(super) fn foreign_word(word: &str) -> Option<&'static str> {
    Some(match word.to_uppercase().as_str() {
        "IS" => "write `x = null` or `x != null`",
        "LIKE" | "ILIKE" | "RLIKE" | "REGEXP" => "write `contains(text, \"part\")` or `starts with(text, \"part\")`",
        "AND" if word != "and" => "write `and` in small letters",
        "OR" if word != "or" => "write `or` in small letters",
        "IN" if word != "in" => "write `in` in small letters",
        "BETWEEN" if word != "between" => "write `x between a and b` in small letters",
        "IF" if word != "if" => "write `if … then … else …` in small letters",
        "THEN" if word != "then" => "write `then` in small letters",
        "ELSE" if word != "else" => "write `else` in small letters",
        "NOT" => "write `not(…)` with the condition in brackets",
        "OCH" => "write `and`",
        "ELLER" => "write `or`",
        "EXISTS" => "write `some x in rows satisfies …`",
        "WHERE" => "write the condition in square brackets: `rows[roll = \"Barn\"]`",
        "CONTAINS" => "write `contains(text, \"part\")`",
        "STARTSWITH" => "write `starts with(text, \"part\")`",
        "MOD" | "REM" => "what is left of a division is `modulo(…, …)`",
        "XOR" => "write `a != b` between conditions",
        "INSTANCE" | "AS" => "types are known and are not asked for; `string(…)` makes a text, `number(…)` a number",
        "ASC" | "DESC" | "DESCENDING" | "ASCENDING" => "orders stand in `order_by`, as `\"x descending\"`",
        _ => return None,
    })
}

/// What to write instead of a word that opens an expression or a part of one in another language.
pub(super) fn opening_word(word: &str) -> Option<&'static str> {
    Some(match word.to_uppercase().as_str() {
        "SELECT" | "FROM" => "write the relation itself, `medlemmar.roll`, or `for x in rows return …`",
        "CASE" | "SWITCH" | "WHEN" => "write `if … then … else …`",
        "DISTINCT" => "write `distinct values(…)`",
        "EXISTS" | "ANY" => "write `some x in rows satisfies …`",
        "ALL" => "write `every x in rows satisfies …`",
        "IS" => "write `x = null` or `x != null`",
        "DEF" | "LAMBDA" | "FUNCTION" | "FUNC" | "LET" | "VAR" => {
            "give the part a name under [facts]; functions are those in docs/rules.md"
        }
        _ => return None,
    })
}

/// What to call instead of a function that another language has.
pub(super) fn foreign_function(name: &str) -> Option<&'static str> {
    Some(match name.to_uppercase().as_str() {
        "LEN" | "LENGTH" | "ANTAL" | "LÄNGD" | "SIZE" => "write `count(…)` for rows, `string length(…)` for a text",
        "COALESCE" | "ISNULL" | "IFNULL" | "NVL" | "IFERROR" | "OMFEL" | "NULLIF" => {
            "write `get or else(…, …)` in a sentence; in a condition `if x = null then … else x`"
        }
        "ISBLANK" | "ISEMPTY" | "ÄRTOM" | "ISNA" | "ISERROR" | "ÄRFEL" | "DEFINED" => "write `x = null`",
        "NOW" | "GETDATE" | "CURRENT_DATE" | "IDAG" | "NU" | "SYSDATE" | "TODAY" => {
            "write `night`; nothing here asks the clock"
        }
        "UPPER" | "UCASE" | "VERSALER" | "TOUPPERCASE" => "write `upper case(…)`",
        "LOWER" | "LCASE" | "GEMENER" | "TOLOWERCASE" => "write `lower case(…)`",
        "IF" | "IIF" | "OM" => "write `if … then … else …`",
        "AND" | "OCH" => "write `a and b`, between the conditions",
        "OR" | "ELLER" => "write `a or b`, between the conditions",
        "NOT" | "ICKE" => "write `not(…)` in small letters",
        "EXISTS" => "write `some x in rows satisfies …`, or `count(rows) > 0`",
        "SUMIF" | "SUMIFS" | "SUMMA.OM" => {
            "write `sum(rows[roll = \"Barn\"].inkomst)`: the condition in square brackets"
        }
        "COUNTIF" | "COUNTIFS" | "COUNTA" => "write `count(rows[roll = \"Barn\"])`: the condition in square brackets",
        "SUMMA" => "write `sum(…)`",
        "AVERAGE" | "AVG" | "MEDEL" => "write `mean(…)`",
        "MAXIMUM" | "STÖRSTA" => "write `max(…)`",
        "MINIMUM" | "MINSTA" => "write `min(…)`",
        "VLOOKUP" | "XLOOKUP" | "HLOOKUP" | "LETARAD" | "XLETAUPP" | "LOOKUP" => {
            "write a relation in the extract's file, and then a path: `medlemmar.kir.kommunkod`"
        }
        "YEAR" | "ÅR" => "write `….year`",
        "MONTH" | "MÅNAD" => "write `….month`, or `month of(…)` for the month of its year",
        "DAY" | "DAG" => "write `….day`",
        "DAYS" | "DAYS360" | "DATEDIFF" | "DATEDIF" | "DAGAR" => {
            "write `days between(a, b)`; a number of days is `duration(\"P30D\")`"
        }
        "DATEADD" | "EDATE" | "ADDDATE" | "EDATUM" | "TIMEDELTA" | "INTERVAL" => {
            "write `x + duration(\"P1M\")`, or `duration(\"P30D\")`"
        }
        "MONTHS" | "YEARS" => "write `duration(\"P12M\")`, or `months between(a, b)`",
        "DATUM" | "TO_DATE" | "DATETIME" | "TODATE" | "PARSEDATE" => "write `@\"2026-01-31\"`, or `date(2026, 1, 31)`",
        "TIME" | "TIMESTAMP" => "there are days and no times of day",
        "STR" | "TEXT" | "TO_CHAR" | "TOSTRING" | "VARCHAR" => "write `string(…)`",
        "INT" | "FLOAT" | "VALUE" | "TO_NUMBER" | "TEXTNUM" | "PARSEINT" | "HELTAL" => {
            "write `number(…)` to read a text, `floor(…)` for the whole part of a number"
        }
        "CAST" | "CONVERT" => "write `string(…)` to make a text, `number(…)` to read one",
        "ROUND" | "AVRUNDA" => "write `round half up(…, 2)`; `decimal(…, 2)` takes a half to the even digit",
        "ROUNDUP" | "CEIL" | "AVRUNDA.UPPÅT" => "write `round up(…, 2)`, or `ceiling(…)` for a whole number",
        "ROUNDDOWN" | "TRUNC" | "AVRUNDA.NEDÅT" => "write `round down(…, 2)`, or `floor(…)` for a whole number",
        "MOD" | "REST" => "write `modulo(…, …)`",
        "POWER" | "POW" | "UPPHÖJT.TILL" => "multiply the number by itself",
        "TRIM" | "STRIP" | "STÄDA" | "RENSA" => {
            "cells have no spaces first or last; `without spaces(…)` takes all of them"
        }
        "CONCAT" | "CONCATENATE" | "SAMMANFOGA" | "TEXTJOIN" => {
            "put texts together with `+`, or those of a list with `string join(…, \", \")`"
        }
        "SUBSTR" | "MID" | "LEFT" | "RIGHT" | "VÄNSTER" | "HÖGER" | "EXTEXT" => {
            "write `substring(text, from, length)`"
        }
        "FIND" | "INSTR" | "SEARCH" | "CHARINDEX" | "HITTA" => "write `contains(text, \"part\")`",
        "LIKE" | "REGEXP" | "REGEXP_LIKE" | "MATCH" => "write `matches(text, \"…\")`, or `contains(text, \"part\")`",
        "UNIQUE" | "DISTINCT" | "SET" | "UNIK" => "write `distinct values(…)`",
        "SORT" | "SORTED" | "ORDER_BY" => "write `sort by(rows, field)`",
        "FILTER" | "WHERE" => "write the condition in square brackets: `rows[roll = \"Barn\"]`",
        "MAP" => "write `for x in rows return …`",
        _ => return None,
    })
}

/// What to write instead of what other languages ask for, or call, after a point.
pub(super) fn foreign_member(name: &str) -> Option<&'static str> {
    Some(match name.to_uppercase().as_str() {
        "EQUALS" => "write `a = b`",
        "OM" | "OMF" => "write the condition in square brackets: `count(rows[roll = \"Barn\"])`",
        "ISEMPTY" | "EMPTY" => "write `count(…) = 0`, or `x = null`",
        "GETYEAR" => "write `….year`",
        "GETMONTH" => "write `….month`",
        "GETDAY" => "write `….day`",
        "STARTSWITH" => "write `starts with(text, \"part\")`",
        "ENDSWITH" => "write `ends with(text, \"part\")`",
        "CONTAINS" | "INCLUDES" => "write `contains(text, \"part\")`, or `\"value\" in list`",
        "COUNT" => "write `count(…)`",
        "SUM" => "write `sum(…)`",
        _ => return foreign_function(name),
    })
}

/// The word of this language for a value that others call by another name.
pub(super) fn own_word(name: &str) -> Option<&'static str> {
    Some(match name.to_uppercase().as_str() {
        "NULL" | "NONE" | "NIL" | "UNDEFINED" | "NAN" => "write `null`",
        "TRUE" | "SANT" => "write `true`",
        "FALSE" | "FALSKT" => "write `false`",
        "TODAY" | "IDAG" | "NOW" | "CURRENT_DATE" => "write `night`; nothing here asks the clock",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_hides_no_longer_one_after_it() {
        for (place, (sign, _)) in SIGNS.iter().enumerate() {
            let hidden = SIGNS[place + 1..].iter().find(|(later, _)| later.starts_with(sign));
            assert_eq!(hidden, None, "{sign}");
        }
    }

    #[test]
    fn the_words_of_this_language_are_not_foreign() {
        assert_eq!(foreign_sign("!= 3"), None);
        for word in ["and", "or", "in", "between", "then", "else"] {
            assert_eq!(foreign_word(word), None, "{word}");
        }
    }
}
