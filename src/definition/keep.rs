//! What the ledger keeps of an extract each night: figures over its rows, by what they are grouped by.
//!
//! The ledger holds nobody's data, so nothing that may tell of a person can be grouped by: only few and known values, codes,
//! months and truth values.

use super::document::{Document, Problems, Section, Text};
use super::extract::{Extract, FieldKind};
use super::of_robots::OfRobots;
use crate::rule::catalog::Catalog;
use crate::rule::check::{self, Scope};
use crate::rule::parse::parse;
use crate::rule::syntax::RuleError;
use crate::rule::tree::{Builtin, Expr, Kind};
use crate::rule::types::{FieldId, RowType, Side, Type};

/// What is kept of an extract.
#[derive(Debug)]
pub struct Keep {
    /// Of which rows; the row is in the first slot, as in the expressions below.
    pub condition: Option<Expr>,
    /// What they are grouped by.
    pub by: Vec<KeptField>,
    /// What is kept of each group beside how many its rows are.
    pub figures: Vec<KeptField>,
}

/// A field that is kept, or grouped by.
#[derive(Debug)]
pub struct KeptField {
    /// Its id.
    pub name: String,
    /// What it comes to. A number is summed, and of a truth value the rows are counted for which it holds.
    pub is: Expr,
}

impl Keep {
    /// Its expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.condition.iter().chain(self.by.iter().chain(&self.figures).map(|field| &field.is))
    }
}

/// Reads what is to be kept of each extract, once all that their fields rest on is known.
pub fn read_all(documents: &[Document<'_>], extracts: &mut [Extract], catalog: &Catalog, problems: &Problems) {
    for (document, extract) in documents.iter().zip(extracts) {
        document.read_part(problems, |section| {
            let Some(mut part) = section.section("keep") else { return };
            extract.keep = Some(read(&mut part, extract, catalog));
            part.finish();
        });
    }
}

fn read(part: &mut Section<'_>, extract: &Extract, catalog: &Catalog) -> Keep {
    let row = RowType { extract: extract.id, side: Side::Tonight };
    let condition = part.text("where").and_then(|text| {
        let scope = Scope::of_row(catalog, row);
        let checked = parse(&text.value).map_err(|error| vec![error]).and_then(|it| check::condition(&it, &scope));
        told(part, &text, checked, catalog)
    });
    let mut fields = |key: &str, refused: Refused| -> Vec<KeptField> {
        let texts = part.texts(key);
        texts.iter().filter_map(|text| field(part, text, (extract, catalog), refused)).collect()
    };
    let by = fields("by", not_grouped_by);
    let figures = fields("figures", no_figure);
    Keep { condition, by, figures }
}

/// Why a field cannot be kept in this way, and what to do about it.
type Refused = fn(&Extract, FieldId, &Expr) -> Option<(String, &'static str)>;

fn field(
    part: &Section<'_>,
    text: &Text,
    (extract, catalog): (&Extract, &Catalog),
    refused: Refused,
) -> Option<KeptField> {
    let id = super::named::named_field(part, text, extract)?;
    let row = RowType { extract: extract.id, side: Side::Tonight };
    let checked = parse(&text.value).map_err(|error| vec![error]);
    let checked = checked.and_then(|it| check::expression(&it, &Scope::of_row(catalog, row)));
    let is = told(part, text, checked, catalog)?;
    // What is wrong with the field itself has been told where it stands.
    if is.ty == Type::Mistaken {
        return None;
    }
    if let Some((why, hint)) = refused(extract, id, &is) {
        part.report(part.error(why, text.span.clone()).hint(hint));
        return None;
    }
    Some(KeptField { name: text.value.clone(), is })
}

/// The expression, where nothing is wrong with it and it is of the night alone.
fn told(part: &Section<'_>, text: &Text, checked: Result<Expr, Vec<RuleError>>, catalog: &Catalog) -> Option<Expr> {
    match checked {
        Err(errors) => {
            part.report_rule(text, errors);
            None
        }
        Ok(expr) if expr.any(&|part| is_of_a_run(part, catalog)) => {
            let title = "what is kept of a night is the same whichever robots run, and whenever they ran before";
            part.report(
                part.error(title, text.span.clone()).hint("ask for nothing but tonight's extracts and `history`"),
            );
            None
        }
        Ok(expr) => Some(expr),
    }
}

/// Whether a part asks for what differs from robot to robot: its earlier nights, its draws, or what others have come to so far.
fn is_of_a_run(part: &Expr, catalog: &Catalog) -> bool {
    if let Kind::Related { extract, relation, .. } = &part.kind {
        let to = catalog.extract(*extract).relation(*relation).to;
        if OfRobots::named(&catalog.extract(to).id).is_some_and(OfRobots::is_of_tonight) {
            return true;
        }
    }
    matches!(part.kind, Kind::Related { side: Side::Previous, .. } | Kind::All(RowType { side: Side::Previous, .. }))
        || matches!(part.kind, Kind::Builtin(Builtin::PreviousNight | Builtin::Since | Builtin::Start))
        || matches!(part.kind, Kind::Call(function, _) if function.draws())
}

fn not_grouped_by(extract: &Extract, id: FieldId, is: &Expr) -> Option<(String, &'static str)> {
    let field = extract.field(id);
    let is_of_somebody = |part: &Expr| matches!(part.ty, Type::Person | Type::Organisation | Type::Party);
    let why = match &field.kind {
        FieldKind::Text(_) if field.is_code && is.any(&is_of_somebody) => "is made of somebody's number",
        FieldKind::Text(Some(_)) | FieldKind::Month | FieldKind::Boolean { .. } => return None,
        FieldKind::Text(None) if field.is_code => return None,
        FieldKind::Text(None) => "is a text that may say anything",
        FieldKind::Person | FieldKind::Organisation | FieldKind::Party => "tells who somebody is",
        FieldKind::Integer | FieldKind::Amount(_) | FieldKind::Date(_) => "has too many values to group by",
    };
    let hint = "the ledger groups by months, truth values, texts with `values`, and texts with `code = true`: \
                codes, and names of units, that tell of nobody";
    Some((format!("`{}` {why}, and the ledger does not keep it", field.name), hint))
}

fn no_figure(extract: &Extract, id: FieldId, is: &Expr) -> Option<(String, &'static str)> {
    let name = &extract.field(id).name;
    let why = || format!("`{name}` is no number and no truth value");
    let hint = "a number is summed, and of a truth value the rows are counted for which it holds";
    (!matches!(is.ty, Type::Number | Type::Boolean)).then(|| (why(), hint))
}
