//! Reads which rows of a grouped extract cancel one another: `[pairing]`.

use super::document::{Section, Text};
use super::extract::{Extract, Origin, Pairing};
use super::named::named_field;
use super::relations::is_of_rows;
use crate::rule::catalog::Catalog;
use crate::rule::check::{self, Scope};
use crate::rule::kinds;
use crate::rule::parse::parse;
use crate::rule::syntax::RuleError;
use crate::rule::tree::Expr;
use crate::rule::types::{FieldId, RowType, Side, Type};

/// Reads the pairing of an extract whose fields are known.
pub fn read(section: &mut Section<'_>, extract: &mut Extract, catalog: &Catalog) {
    let Some(mut part) = section.section("pairing") else { return };
    let field = extract.fields.iter().position(|field| matches!(field.origin, Origin::Paired));
    let field = field.and_then(|place| u16::try_from(place).ok()).map(FieldId);
    let cancels = expression(&mut part, "cancels", &Type::Boolean, extract, catalog);
    let amount = expression(&mut part, "amount", &Type::Number, extract, catalog);
    let date = expression(&mut part, "date", &Type::Date, extract, catalog);
    let on = grouped(&mut part, "on", extract);
    if on.is_empty() {
        part.missing("on", "[\"…\"]");
    }
    let first = grouped(&mut part, "first", extract);
    let highest = grouped(&mut part, "highest", extract).first().copied();
    if let (Some(field), Some(cancels), Some(amount), Some(date)) = (field, cancels, amount, date) {
        extract.pairing = Some(Pairing { field, cancels, on, amount, date, first, highest });
    }
}

/// An expression of the row and the rows of its group.
fn expression(part: &mut Section<'_>, key: &str, ty: &Type, extract: &Extract, catalog: &Catalog) -> Option<Expr> {
    let text = part.needed_text(key, "…")?;
    let row = RowType { extract: extract.id, side: Side::Tonight };
    let checked = parse(&text.value)
        .map_err(|error| vec![error])
        .and_then(|syntax| check::expression(&syntax, &Scope::of_row(catalog, row)));
    match checked {
        Err(errors) => part.report_rule(&text, errors),
        Ok(expr) if expr.ty == Type::Mistaken => {}
        Ok(expr) if !kinds::same_kind(&expr.ty, ty) => {
            let (found, wanted) = (kinds::article(&expr.ty, catalog), kinds::article(ty, catalog));
            let error = RuleError::new(format!("`{key}` of a pairing is {wanted}, not {found}"), expr.span);
            part.report_rule(&text, vec![error]);
        }
        Ok(expr) if !is_of_rows(&expr, extract) => tell_beyond(part, &text),
        Ok(expr) => return Some(expr),
    }
    None
}

fn tell_beyond(part: &Section<'_>, text: &Text) {
    let problem = part.error("what is paired is told by the rows of the group alone", text.span.clone());
    part.report(problem.hint("ask its own fields and `rows`, and nothing that they relate to"));
}

/// Fields that the rows are grouped by.
fn grouped(part: &mut Section<'_>, key: &str, extract: &Extract) -> Vec<FieldId> {
    let mut fields = Vec::new();
    for text in part.text_or_texts(key) {
        let Some(field) = named_field(part, &text, extract) else { continue };
        if !matches!(extract.field(field).origin, Origin::Grouped) {
            let problem = part.error(format!("the rows are not grouped by `{}`", text.value), text.span.clone());
            part.report(problem.hint("pairs are found by what stands in `group`"));
        }
        fields.push(field);
    }
    fields
}
