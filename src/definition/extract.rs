//! The declaration of one extract: file, dialect, fields, key, guard, relations, protection.

use crate::rule::kinds;
use std::sync::Arc;

use super::document::{Problems, Section, Share, Text, with_document, with_part};
use crate::diagnostic::SourceFile;
use crate::rule::catalog::{Cardinality, Catalog, ExtractSchema, FieldSchema, RelationNight, RelationSchema};
use crate::rule::check::{self, Scope};
use crate::rule::parse::parse;
use crate::rule::syntax::Syntax;
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::{ExtractId, FieldId, RowType, Side, Type};
use crate::value::AmountFormat;
use crate::value::date::DateFormat;

/// One extract, as it is declared.
#[derive(Debug)]
pub struct Extract {
    /// Its place in the catalog.
    pub id: ExtractId,
    /// Its id, as definitions write it.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// The name of its file in the night's folder.
    pub file: String,
    /// How its file is written.
    pub dialect: Dialect,
    /// Its fields, in the order of the declaration.
    pub fields: Vec<Field>,
    /// The fields that tell its rows apart; none when nothing does.
    pub key: Vec<FieldId>,
    /// What its file must be like to be used.
    pub guard: Guard,
    /// Which answer means that the source could answer, where it says so row by row.
    pub answer: Option<Answer>,
    /// Whether it holds persons.
    pub holds_persons: bool,
    /// Where it is declared.
    pub source: Arc<SourceFile>,
}

impl Extract {
    /// A field.
    #[must_use]
    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[usize::from(id.0)]
    }

    /// The heading of a field's column; of a field that is worked out, the headings of what it is worked out from.
    #[must_use]
    pub fn heading(&self, id: FieldId) -> String {
        let field = self.field(id);
        match &field.origin {
            Origin::Row { reads, .. } => reads.iter().map(|id| self.heading(*id)).collect::<Vec<_>>().join(", "),
            Origin::Column { .. } | Origin::Related => field.heading().to_owned(),
        }
    }
}

/// How an extract's file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Its character encoding.
    pub encoding: Encoding,
    /// The byte between fields.
    pub delimiter: u8,
}

/// A character encoding. Declared and decoded strictly, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1252, in which five bytes mean nothing.
    Windows1252,
}

impl Encoding {
    /// As declarations write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
        }
    }
}

/// One field of an extract.
#[derive(Debug)]
pub struct Field {
    /// Its id.
    pub name: String,
    /// Where its values come from.
    pub origin: Origin,
    /// How its cells are read.
    pub kind: FieldKind,
    /// What an empty cell means.
    pub empty: Empty,
}

/// Where a field's values come from.
#[derive(Debug)]
pub enum Origin {
    /// A column of the file, known by its heading.
    Column {
        /// The heading.
        header: String,
    },
    /// Worked out from the row's own cells as it is read, and then a column like any other.
    Row {
        /// The expression; its row is in the first slot.
        is: Box<Expr>,
        /// The fields that it reads.
        reads: Vec<FieldId>,
    },
    /// Worked out from what the row relates to, wherever it is asked for.
    Related,
}

impl Field {
    /// The heading of its column; its id for one that is worked out.
    #[must_use]
    pub fn heading(&self) -> &str {
        match &self.origin {
            Origin::Column { header } => header,
            Origin::Row { .. } | Origin::Related => &self.name,
        }
    }
}

/// How a cell is read.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// A text, and the only values it may have where they are listed.
    Text(Option<Arc<[String]>>),
    /// A whole number.
    Integer,
    /// An amount with at most two decimals.
    Amount(AmountFormat),
    /// A day.
    Date(DateFormat),
    /// A month, `2026-11`.
    Month,
    /// One of two words.
    Boolean {
        /// The word for true.
        yes: String,
        /// The word for false.
        no: String,
    },
    /// A person's number.
    Person,
    /// An organisation's number.
    Organisation,
    /// A person's or an organisation's number.
    Party,
}

impl FieldKind {
    /// The type of its values in expressions.
    #[must_use]
    pub fn ty(&self) -> Type {
        match self {
            Self::Text(values) => Type::Text(values.clone()),
            Self::Integer | Self::Amount(_) => Type::Number,
            Self::Date(_) => Type::Date,
            Self::Month => Type::Month,
            Self::Boolean { .. } => Type::Boolean,
            Self::Person => Type::Person,
            Self::Organisation => Type::Organisation,
            Self::Party => Type::Party,
        }
    }
}

/// What an empty cell means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// An answer: none, never, not.
    Null,
    /// Nothing is known.
    Unknown,
}

/// What an extract's file must be like to be used. Judged on what the scan saw, before any robot runs.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The fewest rows.
    pub min_rows: u64,
    /// How much fewer rows than the night before.
    pub max_drop: Share,
    /// With fewer rows than this the night before, a drop stops nothing.
    pub drop_floor: u64,
    /// How many rows may be rejected.
    pub max_rejected: Share,
    /// So many rejected rows stop nothing.
    pub rejected_floor: u64,
    /// The fields that must be readable also in a rejected row: without them it cannot be told whom the row is about,
    /// and the robots that use the extract are set aside.
    pub must_read: Vec<FieldId>,
}

/// How a source says that it could not answer for a row.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The field that says so.
    pub field: FieldId,
    /// The value that means that it could.
    pub ok: String,
    /// The fields that stand whatever it says.
    pub except: Vec<FieldId>,
}

/// The first reading: what an extract is called and what its fields are, before anything it says can be checked.
pub struct Draft {
    /// The declaration so far.
    pub extract: Extract,
    /// The fields and relations as the rule language sees them; relations come in the second reading.
    pub schema: ExtractSchema,
}

/// Reads an extract's id, dialect, columns, key and guard.
pub fn read_columns(source: &Arc<SourceFile>, id: ExtractId, problems: &Problems) -> Option<Draft> {
    with_document(source, "the extract", problems, |section| {
        let name = identifier(section, source)?;
        let title = section.text("title").map_or_else(|| name.clone(), |title| title.value);
        let file = section.text("file").map_or_else(|| format!("{name}.csv"), |file| file.value);
        let dialect = dialect(section);
        let formats = formats(section);
        let (fields, schemas) = columns(section, &formats);
        let mut extract = Extract {
            id,
            name: name.clone(),
            title,
            file,
            dialect,
            holds_persons: fields.iter().any(|field| matches!(field.kind, FieldKind::Person | FieldKind::Party)),
            fields,
            key: Vec::new(),
            guard: default_guard(),
            answer: None,
            source: Arc::clone(source),
        };
        extract.key = named_fields(section, "key", &extract);
        if let Some(mut guard) = section.section("guard") {
            read_guard(&mut guard, &mut extract);
            guard.finish();
        }
        if let Some(mut answer) = section.section("answer") {
            extract.answer = read_answer(&mut answer, &extract);
            answer.finish();
        }
        // Read in the second reading, when every extract is known.
        section.has("relations");
        section.has("protection");
        let schema = ExtractSchema { id: name, fields: schemas, relations: Vec::new(), protection: None };
        Some(Draft { extract, schema })
    })
}

/// The id, which is also the name of the file or folder that it stands in.
pub(super) fn identifier(section: &mut Section<'_>, source: &Arc<SourceFile>) -> Option<String> {
    let id = section.needed_text("id", "\"…\"")?;
    let is_name = id.value.chars().next().is_some_and(char::is_alphabetic)
        && id.value.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_name {
        let problem = section.error(format!("`{}` is not an id", id.value), id.span.clone());
        section.report(problem.hint("an id is letters, digits and `_`, and begins with a letter"));
        return None;
    }
    let place = source.path.file_stem().filter(|stem| *stem != "robot").or_else(|| source.path.parent()?.file_name());
    if place.is_some_and(|place| place.to_string_lossy() != id.value) {
        let place = place.map(|place| place.to_string_lossy().into_owned()).unwrap_or_default();
        let problem = section.error(format!("the id is `{}`, the file's place says `{place}`", id.value), id.span);
        section.report(problem.hint("they are the same, so that a name is found where it stands"));
    }
    Some(id.value)
}

fn dialect(section: &mut Section<'_>) -> Dialect {
    let encoding = match section.needed_text("encoding", "\"utf-8\"") {
        None => Encoding::Utf8,
        Some(text) => match text.value.as_str() {
            "utf-8" => Encoding::Utf8,
            "windows-1252" => Encoding::Windows1252,
            other => {
                let problem =
                    section.error(format!("`{other}` is not an encoding that can be read"), text.span.clone());
                section.report(
                    problem
                        .suggest(other, ["utf-8", "windows-1252"])
                        .hint("the encodings are `utf-8` and `windows-1252`"),
                );
                Encoding::Utf8
            }
        },
    };
    let delimiter = match section.needed_text("delimiter", "\";\"") {
        None => b';',
        Some(text) => match text.value.as_bytes() {
            [byte]
                if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | b' ') && !byte.is_ascii_alphanumeric() =>
            {
                *byte
            }
            _ => {
                let problem = section.error("a delimiter is one sign", text.span.clone());
                section.report(problem.hint("write `\";\"`, `\",\"` or `\"\\t\"`"));
                b';'
            }
        },
    };
    Dialect { encoding, delimiter }
}

struct Formats {
    date: DateFormat,
    amount: AmountFormat,
    boolean: (String, String),
}

fn formats(section: &mut Section<'_>) -> Formats {
    let date = match section.text("dates") {
        None => DateFormat::Iso,
        Some(text) => match text.value.as_str() {
            "iso" => DateFormat::Iso,
            "compact" => DateFormat::Compact,
            other => {
                let problem = section.error(format!("`{other}` is not a form of dates"), text.span.clone());
                section.report(problem.hint("write `\"iso\"` for 2026-11-21, `\"compact\"` for 20261121"));
                DateFormat::Iso
            }
        },
    };
    let decimal = match section.text("decimal") {
        None => b',',
        Some(text) => match text.value.as_bytes() {
            [sign @ (b',' | b'.')] => *sign,
            _ => {
                section.report(section.error("the decimal sign is `,` or `.`", text.span));
                b','
            }
        },
    };
    let words = section.texts("booleans");
    let boolean = match words.as_slice() {
        [] => ("J".to_owned(), "N".to_owned()),
        [yes, no] => (yes.value.clone(), no.value.clone()),
        [first, ..] => {
            let problem = section.error("a truth value has two words, that for true first", first.span.clone());
            section.report(problem.hint("write `booleans = [\"J\", \"N\"]`"));
            ("J".to_owned(), "N".to_owned())
        }
    };
    Formats { date, amount: AmountFormat { decimal }, boolean }
}

fn columns(section: &mut Section<'_>, formats: &Formats) -> (Vec<Field>, Vec<FieldSchema>) {
    let Some(mut all) = section.section("fields") else {
        section.missing("fields", "{ … }");
        return (Vec::new(), Vec::new());
    };
    let mut fields = Vec::new();
    let mut schemas = Vec::new();
    for (name, span) in all.keys() {
        let Some(mut one) = all.section(&name) else { continue };
        if one.has("is") {
            // Worked out in the second reading; its place is kept.
            one.text("is");
            fields.push(Field {
                name: name.clone(),
                origin: Origin::Related,
                kind: FieldKind::Integer,
                empty: Empty::Unknown,
            });
            schemas.push(FieldSchema { id: name, ty: Type::Null, computed: None });
            one.finish();
            continue;
        }
        let header = one.text("header").map_or_else(|| name.clone(), |header| header.value);
        let kind = field_kind(&mut one, &name, &span, formats);
        let empty = match one.text("empty") {
            None => Empty::Unknown,
            Some(text) if text.value == "none" => Empty::Null,
            Some(text) => {
                let problem = one.error(format!("`{}` is not a meaning of empty", text.value), text.span);
                one.report(
                    problem.hint("write `empty = \"none\"` where an empty cell is an answer; otherwise leave it out"),
                );
                Empty::Unknown
            }
        };
        schemas.push(FieldSchema { id: name.clone(), ty: kind.ty(), computed: None });
        fields.push(Field { name, origin: Origin::Column { header }, kind, empty });
        one.finish();
    }
    all.finish();
    (fields, schemas)
}

const TYPES: [&str; 9] = ["text", "integer", "amount", "date", "month", "boolean", "person", "organisation", "party"];

fn field_kind(section: &mut Section<'_>, name: &str, span: &std::ops::Range<usize>, formats: &Formats) -> FieldKind {
    let values = section.texts("values");
    let Some(ty) = section.text("type") else {
        let problem = section.error(format!("the field `{name}` has no type"), span.clone());
        section.report(problem.hint(format!("add `type = \"…\"`: {}", TYPES.join(", "))));
        return FieldKind::Text(None);
    };
    if let (Some(first), false) = (values.first(), ty.value == "text") {
        section.report(section.error("only a text has listed values", first.span.clone()));
    }
    match ty.value.as_str() {
        "text" if values.is_empty() => FieldKind::Text(None),
        "text" => FieldKind::Text(Some(values.into_iter().map(|text| text.value).collect())),
        "integer" => FieldKind::Integer,
        "amount" => FieldKind::Amount(formats.amount),
        "date" => FieldKind::Date(formats.date),
        "month" => FieldKind::Month,
        "boolean" => FieldKind::Boolean { yes: formats.boolean.0.clone(), no: formats.boolean.1.clone() },
        "person" => FieldKind::Person,
        "organisation" => FieldKind::Organisation,
        "party" => FieldKind::Party,
        other => {
            let problem = section.error(format!("`{other}` is not a type"), ty.span.clone()).suggest(other, TYPES);
            section.report(problem.hint(format!("the types are {}", TYPES.join(", "))));
            FieldKind::Text(None)
        }
    }
}

/// The fields that a list of ids names.
fn named_fields(section: &mut Section<'_>, key: &str, extract: &Extract) -> Vec<FieldId> {
    let texts = section.texts(key);
    texts.iter().filter_map(|text| named_field(section, text, extract)).collect()
}

fn named_field(section: &Section<'_>, text: &Text, extract: &Extract) -> Option<FieldId> {
    let place = extract.fields.iter().position(|field| field.name == text.value);
    match place.and_then(|place| u16::try_from(place).ok()) {
        Some(place) => Some(FieldId(place)),
        None => {
            let problem = section
                .error(format!("`{}` has no field `{}`", extract.name, text.value), text.span.clone())
                .suggest(&text.value, extract.fields.iter().map(|field| field.name.as_str()));
            section.report(problem);
            None
        }
    }
}

/// The guards that apply where a declaration says nothing else (PDD 00, "Vakter").
fn default_guard() -> Guard {
    Guard {
        min_rows: 1,
        max_drop: Share::percent(20),
        drop_floor: 20,
        max_rejected: Share::percent(1),
        rejected_floor: 3,
        must_read: Vec::new(),
    }
}

fn read_guard(section: &mut Section<'_>, extract: &mut Extract) {
    let guard = default_guard();
    extract.guard = Guard {
        min_rows: section.count("min_rows").unwrap_or(guard.min_rows),
        max_drop: section.share("max_drop").unwrap_or(guard.max_drop),
        drop_floor: section.count("drop_floor").unwrap_or(guard.drop_floor),
        max_rejected: section.share("max_rejected").unwrap_or(guard.max_rejected),
        rejected_floor: section.count("rejected_floor").unwrap_or(guard.rejected_floor),
        must_read: named_fields(section, "must_read", extract),
    };
}

fn read_answer(section: &mut Section<'_>, extract: &Extract) -> Option<Answer> {
    let field = section.needed_text("field", "\"svar\"")?;
    let field = named_field(section, &field, extract)?;
    let ok = section.needed_text("ok", "\"OK\"")?;
    let mut except = named_fields(section, "except", extract);
    except.extend(&extract.key);
    except.push(field);
    Some(Answer { field, ok: ok.value, except })
}

/// The second reading: computed fields, relations and protection, now that every extract's columns are known.
pub fn read_relations(source: &Arc<SourceFile>, id: ExtractId, catalog: &mut Catalog, problems: &Problems) {
    with_part(source, problems, |section| {
        let computed = computed_syntax(section);
        let relations = section.section("relations").map(|mut all| relations(&mut all, id, catalog));
        let protection = section.text("protection").and_then(|text| parse(&text.value).ok());
        let schema = &mut catalog.extracts[usize::from(id.0)];
        schema.relations = relations.unwrap_or_default();
        schema.protection = protection;
        for (name, syntax) in computed {
            if let Some(field) = schema.fields.iter_mut().find(|field| field.id == name) {
                field.computed = Some(syntax);
            }
        }
    });
}

fn computed_syntax(section: &mut Section<'_>) -> Vec<(String, Syntax)> {
    let Some(mut all) = section.section("fields") else { return Vec::new() };
    let mut found = Vec::new();
    for (name, _) in all.keys() {
        let text = all.section(&name).and_then(|mut one| one.text("is"));
        if let Some(syntax) = text.and_then(|text| parse(&text.value).ok()) {
            found.push((name, syntax));
        }
    }
    found
}

fn relations(all: &mut Section<'_>, id: ExtractId, catalog: &Catalog) -> Vec<RelationSchema> {
    let names = all.keys();
    names.into_iter().filter_map(|(name, _)| relation(all, name, id, catalog)).collect()
}

fn relation(all: &mut Section<'_>, name: String, id: ExtractId, catalog: &Catalog) -> Option<RelationSchema> {
    let mut section = all.section(&name)?;
    let (to, cardinality) = match (section.text("one"), section.text("many")) {
        (Some(to), None) => (to, Cardinality::One),
        (None, Some(to)) => (to, Cardinality::Many),
        (Some(_), Some(to)) => {
            section.report(section.error("a relation leads to `one` or to `many`, not both", to.span));
            return None;
        }
        (None, None) => {
            section.missing("one", "\"…\"` or `many = \"…\"");
            return None;
        }
    };
    let Some(to_id) = catalog.extract_named(&to.value) else {
        let ids = catalog.extracts.iter().map(|extract| extract.id.as_str());
        section.report(
            section.error(format!("there is no extract `{}`", to.value), to.span.clone()).suggest(&to.value, ids),
        );
        return None;
    };
    let night = match section.text("night") {
        None => RelationNight::Same,
        Some(text) => match text.value.as_str() {
            "previous" => RelationNight::Previous,
            "tonight" => RelationNight::Tonight,
            other => {
                let problem = section.error(format!("`{other}` is not a night"), text.span.clone());
                section.report(
                    problem.hint("write `\"previous\"`, or `\"tonight\"`; without it, the night of its own row"),
                );
                RelationNight::Same
            }
        },
    };
    let on = section.section("on").map(|mut pairs| key_pairs(&mut pairs, id, to_id, catalog)).unwrap_or_default();
    if on.is_empty() {
        section.report(
            section
                .error(format!("the relation `{name}` joins on nothing"), section.span())
                .hint("write `on = { their_field = \"own_field\" }`"),
        );
        return None;
    }
    let condition = section.text("where").and_then(|text| match parse(&text.value) {
        Ok(syntax) => Some(syntax),
        Err(error) => {
            section.report_rule(&text, vec![error]);
            None
        }
    });
    let distinct =
        section.texts("distinct").iter().filter_map(|text| field_of(&section, catalog, to_id, text)).collect();
    let whole = section.boolean("whole").unwrap_or(false);
    section.finish();
    Some(RelationSchema { id: name, to: to_id, cardinality, night, on, condition, distinct, whole })
}

fn field_of(section: &Section<'_>, catalog: &Catalog, extract: ExtractId, text: &Text) -> Option<FieldId> {
    let schema = catalog.extract(extract);
    let found = schema.field_named(&text.value);
    if found.is_none() {
        let fields = schema.fields.iter().map(|field| field.id.as_str());
        let problem = section
            .error(format!("`{}` has no field `{}`", schema.id, text.value), text.span.clone())
            .suggest(&text.value, fields)
            .hint(format!("the fields of `{0}` stand in robots/extracts/{0}.toml", schema.id));
        section.report(problem);
    }
    found
}

fn key_pairs(pairs: &mut Section<'_>, own: ExtractId, to: ExtractId, catalog: &Catalog) -> Vec<(FieldId, FieldId)> {
    let mut found = Vec::new();
    for (theirs, span) in pairs.keys() {
        let Some(mine) = pairs.text(&theirs) else { continue };
        // The key of the table as a text, so that a mistake is drawn under it.
        let theirs = Text::at(theirs, span);
        let their_field = field_of(pairs, catalog, to, &theirs);
        let my_field = field_of(pairs, catalog, own, &mine);
        if let (Some(their_field), Some(my_field)) = (their_field, my_field) {
            found.push((their_field, my_field));
        }
    }
    found
}

/// The third reading: every expression of the declaration is checked, and the computed fields that rest on the row alone
/// become columns.
pub fn check_expressions(extract: &mut Extract, catalog: &mut Catalog, problems: &Problems) {
    let source = Arc::clone(&extract.source);
    with_part(&source, problems, |section| {
        computed_columns(section, extract, catalog);
        check_relations(section, extract, catalog);
        check_protection(section, extract, catalog);
    });
}

fn computed_columns(section: &mut Section<'_>, extract: &mut Extract, catalog: &mut Catalog) {
    let Some(mut all) = section.section("fields") else { return };
    for (name, _) in all.keys() {
        let Some(text) = all.section(&name).and_then(|mut one| one.text("is")) else { continue };
        let Some(id) = catalog.extract(extract.id).field_named(&name) else { continue };
        let row = RowType { extract: extract.id, side: Side::Tonight };
        let checked = parse(&text.value)
            .map_err(|error| vec![error])
            .and_then(|syntax| check::expression(&syntax, &Scope::of_row(catalog, row)));
        let expr = match checked {
            Ok(expr) => expr,
            Err(errors) => {
                section.report_rule(&text, errors);
                continue;
            }
        };
        let schema = &mut catalog.extracts[usize::from(extract.id.0)].fields[usize::from(id.0)];
        schema.ty = expr.ty.clone();
        let field = &mut extract.fields[usize::from(id.0)];
        let Some(kind) = kind_of(&expr.ty) else { continue };
        field.kind = kind;
        if !expr.any(&|part| matches!(part.kind, Kind::Related { .. })) {
            schema.computed = None;
            let reads = fields_read(&expr);
            field.origin = Origin::Row { is: Box::new(expr), reads };
            field.empty = Empty::Null;
        }
    }
}

/// The kind of column that holds what an expression of this type comes to; none for rows and lists.
fn kind_of(ty: &Type) -> Option<FieldKind> {
    Some(match ty {
        Type::Text(values) => FieldKind::Text(values.clone()),
        Type::Number => FieldKind::Amount(AmountFormat { decimal: b',' }),
        Type::Date => FieldKind::Date(DateFormat::Iso),
        Type::Month => FieldKind::Month,
        Type::Boolean => FieldKind::Boolean { yes: "J".to_owned(), no: "N".to_owned() },
        Type::Person => FieldKind::Person,
        Type::Organisation => FieldKind::Organisation,
        Type::Party => FieldKind::Party,
        Type::Null | Type::Months | Type::Days | Type::Row(_) | Type::Rows(_) | Type::List(_) => return None,
    })
}

fn fields_read(expr: &Expr) -> Vec<FieldId> {
    let mut fields = Vec::new();
    collect_fields(expr, &mut fields);
    fields.sort_unstable();
    fields.dedup();
    fields
}

fn collect_fields(expr: &Expr, fields: &mut Vec<FieldId>) {
    if let Kind::Field { field, .. } = &expr.kind {
        fields.push(*field);
    }
    for part in expr.parts() {
        collect_fields(part, fields);
    }
}

fn check_relations(section: &mut Section<'_>, extract: &Extract, catalog: &Catalog) {
    let Some(mut all) = section.section("relations") else { return };
    for relation in &catalog.extract(extract.id).relations {
        let to = RowType { extract: relation.to, side: Side::Tonight };
        for (theirs, mine) in &relation.on {
            let their_type = &catalog.extract(relation.to).field(*theirs).ty;
            let my_type = &catalog.extract(extract.id).field(*mine).ty;
            if !kinds::same_kind(their_type, my_type) {
                let (theirs, mine) = (kinds::article(their_type, catalog), kinds::article(my_type, catalog));
                all.report(all.error(format!("the relation `{}` joins {theirs} with {mine}", relation.id), all.span()));
            }
        }
        let text = all.section(&relation.id).and_then(|mut one| one.text("where"));
        if let (Some(syntax), Some(text)) = (&relation.condition, text)
            && let Err(errors) = check::condition(syntax, &Scope::of_row(catalog, to))
        {
            all.report_rule(&text, errors);
        }
    }
}

fn check_protection(section: &mut Section<'_>, extract: &Extract, catalog: &Catalog) {
    let Some(text) = section.text("protection") else {
        if extract.holds_persons {
            let at = section.text("id").map_or(0..0, |id| id.span);
            let title = format!("`{}` holds persons and does not say when one is protected", extract.name);
            section.report(
                section
                    .error(title, at)
                    .hint("add `protection = 'kir.skydd != null or af.sekretess'`, with those relations"),
            );
        }
        return;
    };
    let row = RowType { extract: extract.id, side: Side::Tonight };
    let checked = parse(&text.value)
        .map_err(|error| vec![error])
        .and_then(|syntax| check::condition(&syntax, &Scope::of_row(catalog, row)));
    if let Err(errors) = checked {
        section.report_rule(&text, errors);
    }
}
