//! What the ledger keeps of an extract each night: figures over its rows, by what they are grouped by.
//!
//! The ledger holds nobody's data, so nothing that may tell of a person can be grouped by: only few and known values, codes,
//! months and truth values.

use super::document::{Document, Problems, Section, Text};
use super::extract::{Extract, FieldKind, Origin};
use super::named::named_field;
use super::of_robots::OfRobots;
use crate::rule::catalog::Catalog;
use crate::rule::check::{self, Scope};
use crate::rule::function::Function;
use crate::rule::parse::parse;
use crate::rule::syntax::RuleError;
use crate::rule::tree::{Builtin, Expr, Kind};
use crate::rule::types::{ExtractId, FieldId, RowType, Side, Type};

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
    for (place, document) in documents.iter().enumerate() {
        let mut keep = None;
        document.read_part(problems, |section| {
            let Some(mut part) = section.section("keep") else { return };
            keep = Some(Reader { extract: &extracts[place], extracts, catalog }.read(&mut part));
            part.finish();
        });
        extracts[place].keep = keep;
    }
}

/// Reads what is to be kept of one extract.
struct Reader<'r> {
    extract: &'r Extract,
    extracts: &'r [Extract],
    catalog: &'r Catalog,
}

impl Reader<'_> {
    fn read(&self, part: &mut Section<'_>) -> Keep {
        let condition = part.text("where").and_then(|text| {
            let checked = parse(&text.value).map_err(|error| vec![error]);
            let checked = checked.and_then(|syntax| check::condition(&syntax, &self.scope()));
            told(part, &text, checked, self.catalog)
        });
        let by = self.fields(part, "by", Purpose::Group);
        let figures = self.fields(part, "figures", Purpose::Figure);
        Keep { condition, by, figures }
    }

    fn scope(&self) -> Scope<'_> {
        Scope::of_row(self.catalog, RowType { extract: self.extract.id, side: Side::Tonight })
    }

    fn fields(&self, part: &mut Section<'_>, key: &str, purpose: Purpose) -> Vec<KeptField> {
        let texts = part.texts(key);
        let mut fields: Vec<KeptField> = Vec::new();
        for text in &texts {
            if texts.iter().take_while(|other| other.span != text.span).any(|other| other.value == text.value) {
                let why = format!("`{}` is named twice", text.value);
                part.report(part.error(why, text.span.clone()).hint("each field stands once"));
                continue;
            }
            fields.extend(self.field(part, text, purpose));
        }
        fields
    }

    fn field(&self, part: &Section<'_>, text: &Text, purpose: Purpose) -> Option<KeptField> {
        let id = named_field(part, text, self.extract)?;
        let checked = parse(&text.value).map_err(|error| vec![error]);
        let checked = checked.and_then(|syntax| check::expression(&syntax, &self.scope()));
        let is = told(part, text, checked, self.catalog)?;
        // What is wrong with the field itself has been told where it stands.
        if is.ty == Type::Mistaken {
            return None;
        }
        let refused = match purpose {
            Purpose::Group => self.not_grouped_by(id, &is),
            Purpose::Figure => self.no_figure(id, &is),
        };
        if let Some((why, hint)) = refused {
            part.report(part.error(why, text.span.clone()).hint(hint));
            return None;
        }
        Some(KeptField { name: text.value.clone(), is })
    }

    /// Why rows are not grouped by a field, and what to do about it.
    fn not_grouped_by(&self, id: FieldId, is: &Expr) -> Option<(String, &'static str)> {
        let field = self.extract.field(id);
        let why = match &field.kind {
            FieldKind::Text(_) if self.writes_a_number(is) => "is made of somebody's number",
            FieldKind::Text(Some(_)) | FieldKind::Month | FieldKind::Boolean { .. } => return None,
            FieldKind::Text(None) if field.is_code => return None,
            FieldKind::Text(None) => "is a text that may say anything",
            FieldKind::Person | FieldKind::Organisation | FieldKind::Party => "tells who somebody is",
            FieldKind::Integer | FieldKind::Amount(_) | FieldKind::Date(_) => "has too many values to group by",
        };
        let hint = "rows are grouped by months, truth values, texts with `values`, and texts with `code = true`, \
                    which tell of nobody";
        Some((format!("`{}` {why}, and the ledger does not keep it", field.name), hint))
    }

    /// Whether a text is made of the number of a person or an organisation, there or in a field that it reads.
    fn writes_a_number(&self, expr: &Expr) -> bool {
        let is_number = |argument: &Expr| matches!(argument.ty, Type::Person | Type::Organisation | Type::Party);
        expr.any(&|part| match &part.kind {
            Kind::Call(Function::Text, arguments) => arguments.iter().any(is_number),
            Kind::Field { extract, field, .. } => self.reads_a_number(*extract, *field),
            _ => false,
        })
    }

    fn reads_a_number(&self, extract: ExtractId, field: FieldId) -> bool {
        let extract = &self.extracts[usize::from(extract.0)];
        match (&extract.field(field).origin, &extract.grouping) {
            (Origin::Row { is, .. } | Origin::OfRows { is }, _) => self.writes_a_number(is),
            (Origin::Grouped, Some(grouping)) => {
                let base = grouping.by.iter().find(|(own, _)| *own == field);
                base.is_some_and(|(_, theirs)| self.reads_a_number(grouping.from, *theirs))
            }
            _ => false,
        }
    }

    /// Why a field is not added up, and what to do about it.
    fn no_figure(&self, id: FieldId, is: &Expr) -> Option<(String, &'static str)> {
        let name = &self.extract.field(id).name;
        let why = || format!("`{name}` is no number and no truth value");
        let hint = "a number is summed, and of a truth value the rows are counted for which it holds";
        (!matches!(is.ty, Type::Number | Type::Boolean)).then(|| (why(), hint))
    }
}

/// What a field is kept as.
#[derive(Clone, Copy)]
enum Purpose {
    /// What rows are grouped by.
    Group,
    /// What is added up over them.
    Figure,
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
