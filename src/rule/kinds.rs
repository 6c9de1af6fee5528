//! Which types go together, and what messages call them.

use super::catalog::Catalog;
use super::types::{ExtractId, RowType, Side, Type};

/// The extract whose row, or rows, a type is.
pub(super) fn row_type_of(ty: &Type) -> Option<RowType> {
    match ty {
        Type::Row(row) | Type::Rows(row) => Some(*row),
        Type::List(of) => match **of {
            Type::Row(row) => Some(row),
            _ => None,
        },
        _ => None,
    }
}

/// The extract whose rows a type speaks of.
#[must_use]
pub fn row_extract_of(ty: &Type) -> Option<ExtractId> {
    row_type_of(ty).map(|row| row.extract)
}

/// Whether values of two types can be equal.
#[must_use]
pub fn same_kind(left: &Type, right: &Type) -> bool {
    use Type::{List, Organisation, Party, Person, Row, Rows, Text};
    match (left, right) {
        // What is mistaken goes with everything.
        (Type::Mistaken, _)
        | (_, Type::Mistaken)
        | (Text(_), Text(_))
        | (Person | Organisation, Party)
        | (Party, Person | Organisation) => true,
        (Row(_) | Rows(_) | List(_), _) | (_, Row(_) | Rows(_) | List(_)) => false,
        _ => left == right,
    }
}

/// Whether values of a type are less or greater than one another.
pub(super) fn has_order(ty: &Type) -> bool {
    matches!(ty, Type::Number | Type::Text(_) | Type::Date | Type::Month | Type::Months | Type::Days)
}

/// What to write where values of two kinds are compared.
pub(super) fn how_to_compare(one: &Type, other: &Type) -> Option<&'static str> {
    match (one, other) {
        (Type::Date, Type::Text(_) | Type::Number) => Some("write a date as `@\"2026-01-31\"`"),
        (Type::Date, Type::Month) => Some("write `month of(…)` around the date"),
        (Type::Days, Type::Number) => Some("write `duration(\"P30D\")`, or ask for `days between(…, …)`"),
        (Type::Months, Type::Number) => Some("write `duration(\"P12M\")`"),
        (Type::Boolean, Type::Text(_) | Type::Number) => Some("write the condition itself, or `not(…)` around it"),
        (Type::Text(_), Type::Number) => Some("a text stands in double quotes; `number(…)` reads a text as a number"),
        (Type::Person, Type::Text(_) | Type::Number) => {
            Some("a rule names nobody; compare with another person's field")
        }
        (Type::Rows(_), Type::Number) => Some("write `count(…)` for how many there are"),
        (Type::Rows(_) | Type::List(_), Type::Rows(_) | Type::List(_)) | (Type::Row(_), Type::Row(_)) => None,
        (Type::Rows(_) | Type::List(_), _) => Some("write `some x in rows satisfies …`, or `value in rows.field`"),
        (Type::Row(_), _) => Some("take a field of the row, `….field`"),
        _ => None,
    }
}

/// What to write where rows stand in a condition's place.
pub(super) const ROWS_AS_CONDITION: &str = "write `count(…) > 0`, or `some x in … satisfies …`";

/// What to write where something else than a condition stands.
pub(super) fn how_to_ask(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Rows(_) | Type::List(_) => Some(ROWS_AS_CONDITION),
        Type::Row(_) => Some("write `… != null`"),
        Type::Text(_) => Some("compare it, `… = \"…\"`, or ask whether it is there, `… != null`"),
        Type::Number => Some("compare it: `… > 0`"),
        Type::Date | Type::Month => Some("compare it, `… < night`, or ask whether it is there, `… != null`"),
        _ => None,
    }
}

/// `is` or `are`, as a type is named.
pub(super) fn is_or_are(ty: &Type) -> &'static str {
    if let Type::Rows(_) = ty { "are" } else { "is" }
}

/// The type that two branches have in common.
pub(super) fn common(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (Type::Mistaken, _) | (_, Type::Mistaken) => Some(Type::Mistaken),
        (Type::Null, other) | (other, Type::Null) => Some(other.clone()),
        _ if left == right => Some(left.clone()),
        (Type::Text(_), Type::Text(_)) => Some(Type::Text(None)),
        _ => None,
    }
}

pub(super) fn plain(ty: &Type) -> Type {
    if let Type::Text(_) = ty { Type::Text(None) } else { ty.clone() }
}

/// A type as a message names it.
#[must_use]
pub fn article(ty: &Type, catalog: &Catalog) -> String {
    let night = |row: &RowType| match row.side {
        Side::Tonight => "",
        Side::Previous => " of the previous night",
    };
    match ty {
        Type::Mistaken => "something that is wrong".to_owned(),
        Type::Null => "null".to_owned(),
        Type::Number => "a number".to_owned(),
        Type::Text(_) => "a text".to_owned(),
        Type::Date => "a date".to_owned(),
        Type::Month => "a month".to_owned(),
        Type::Months => "a duration in months".to_owned(),
        Type::Days => "a duration in days".to_owned(),
        Type::Boolean => "a condition".to_owned(),
        Type::Person => "a person number".to_owned(),
        Type::Organisation => "an organisation number".to_owned(),
        Type::Party => "a person or organisation number".to_owned(),
        Type::Row(row) => format!("a row of `{}`{}", catalog.extract(row.extract).id, night(row)),
        Type::Rows(row) => format!("rows of `{}`{}", catalog.extract(row.extract).id, night(row)),
        Type::List(of) => format!("a list of {}", plural(of)),
    }
}

/// Several of a type as a message names them.
pub(super) fn plural(ty: &Type) -> &'static str {
    match ty {
        Type::Mistaken => "things that are wrong",
        Type::Null => "nulls",
        Type::Number => "numbers",
        Type::Text(_) => "texts",
        Type::Date => "dates",
        Type::Month => "months",
        Type::Months | Type::Days => "durations",
        Type::Boolean => "conditions",
        Type::Person => "person numbers",
        Type::Organisation => "organisation numbers",
        Type::Party => "person or organisation numbers",
        Type::Row(_) | Type::Rows(_) => "rows",
        Type::List(_) => "lists",
    }
}
