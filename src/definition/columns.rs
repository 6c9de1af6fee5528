//! The first reading of an extract's file: what it is called and what its columns are, before anything it says of others
//! can be checked.

use std::sync::Arc;

use super::document::{Document, Problems, Section};
use super::extract::{Answer, Dialect, Empty, Encoding, Extract, Field, FieldKind, LineEnds, Origin};
use super::guard::Guard;
use super::guard_file::read_guard;
use super::identifier::{identifier, tell_no_name};
use super::named::{named_field, named_fields};
use super::of_robots::OfRobots;
use crate::diagnostic::SourceFile;
use crate::rule::catalog::{ExtractSchema, FieldSchema};
use crate::rule::types::{ExtractId, FieldId, Type};
use crate::value::AmountFormat;
use crate::value::date::DateFormat;

/// The first reading: what an extract is called and what its fields are, before anything it says can be checked.
pub struct Draft {
    /// The declaration so far.
    pub extract: Extract,
    /// The fields and relations as the rule language sees them; relations come in the second reading.
    pub schema: ExtractSchema,
}

/// Reads an extract's id, dialect, columns, key and guard.
pub fn read_columns(document: &Document<'_>, id: ExtractId, problems: &Problems) -> Option<Draft> {
    let source = document.source();
    document.read("the extract", problems, |section| {
        let name = identifier(section, source)?;
        if OfRobots::named(&name).is_some() {
            let at = section.text("id").map_or(0..0, |id| id.span);
            let problem = section.error(format!("`{name}` is what robots came to, and has no file"), at);
            section.report(problem.hint("give the extract another id"));
            // Nothing more is said of a file that stands for nothing.
            for (key, _) in section.keys() {
                section.has(&key);
            }
            return None;
        }
        let title = section.text("title").map_or_else(|| name.clone(), |title| title.value);
        if section.has("from") {
            return Some(grouped(section, source, id, name, title));
        }
        let file = section.text("file").map_or_else(|| format!("{name}.csv"), |file| file.value);
        if file.is_empty() || file.contains(['/', '\\']) || file.starts_with('.') {
            let at = section.text("file").map_or(0..0, |text| text.span);
            section.report(
                section.error("a file of the night's folder has a plain name", at).hint("write `file = \"kir.csv\"`"),
            );
        }
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
            guard: Guard::default(),
            answer: None,
            grouping: None,
            pairing: None,
            keep: None,
            of_robots: None,
            source: Arc::clone(source),
        };
        extract.key = named_fields(section, "key", &extract);
        if let Some(mut guard) = section.section("guard") {
            extract.guard = read_guard(&mut guard, &extract);
            guard.finish();
        }
        if let Some(mut answer) = section.section("answer") {
            extract.answer = read_answer(&mut answer, &extract);
            answer.finish();
        }
        // Read in the second reading, when every extract is known.
        for later in ["relations", "protection", "keep"] {
            section.has(later);
        }
        let schema =
            ExtractSchema { id: name, fields: schemas, relations: Vec::new(), protection: None, is_of_robots: false };
        Some(Draft { extract, schema })
    })
}

/// An extract that is made by grouping another has no file of its own: what it is grouped by and what is worked out. Both
/// are filled in by the later readings.
fn grouped(section: &mut Section<'_>, source: &Arc<SourceFile>, id: ExtractId, name: String, title: String) -> Draft {
    let by = section.texts("group");
    if by.is_empty() {
        section.missing("group", "[\"…\"]");
    }
    let mut fields = Vec::new();
    let mut schemas = Vec::new();
    let mut key = Vec::new();
    for text in by {
        key.extend(u16::try_from(fields.len()).ok().map(FieldId));
        schemas.push(FieldSchema { id: text.value.clone(), ty: Type::Mistaken, nullable: true, computed: None });
        fields.push(Field {
            name: text.value,
            origin: Origin::Grouped,
            kind: FieldKind::Text(None),
            empty: Empty::Null,
            is_code: false,
        });
    }
    if let Some(mut all) = section.section("fields") {
        for (name, span) in all.keys() {
            let Some(mut one) = all.section(&name) else { continue };
            if !one.has("is") {
                let problem = one.error(format!("the field `{name}` of a group is worked out"), span.clone());
                one.report(problem.hint("write `{ is = 'sum(rows.…)' }`; what it is grouped by stands in `group`"));
            }
            if fields.iter().any(|field| field.name == name) {
                one.report(one.error(format!("`{name}` is what the rows are grouped by already"), span));
            }
            let is_code = one.boolean("code").unwrap_or_default();
            one.finish();
            let kind = FieldKind::Integer;
            schemas.push(FieldSchema { id: name.clone(), ty: Type::Mistaken, nullable: true, computed: None });
            fields.push(Field { name, origin: Origin::Related, kind, empty: Empty::Unknown, is_code });
        }
        all.finish();
    }
    if let Some(mut pairing) = section.section("pairing") {
        if let Some(field) = pairing.needed_text("field", "krediterad") {
            if fields.iter().any(|known| known.name == field.value) {
                let title = format!("there is a field `{}` already", field.value);
                pairing.report(
                    pairing.error(title, field.span.clone()).hint("give what the pairing tells a name of its own"),
                );
            }
            tell_no_name(&pairing, &field.value, field.span);
            schemas.push(FieldSchema { id: field.value.clone(), ty: Type::Boolean, nullable: false, computed: None });
            let kind = FieldKind::Boolean { yes: "J".to_owned(), no: "N".to_owned() };
            let (origin, empty) = (Origin::Paired, Empty::Unknown);
            fields.push(Field { name: field.value, origin, kind, empty, is_code: false });
        }
        for later in ["cancels", "on", "amount", "date", "first", "highest"] {
            pairing.has(later);
        }
        pairing.finish();
    }
    // Read in the later readings, when every extract is known.
    for later in ["where", "relations", "protection", "keep"] {
        section.has(later);
    }
    let extract = Extract {
        id,
        name: name.clone(),
        title,
        file: String::new(),
        dialect: Dialect { encoding: Encoding::Utf8, delimiter: b';', line_ends: LineEnds::Lf },
        holds_persons: false,
        fields,
        key,
        guard: Guard { min_rows: 0, ..Guard::default() },
        answer: None,
        grouping: None,
        pairing: None,
        keep: None,
        of_robots: None,
        source: Arc::clone(source),
    };
    Draft {
        extract,
        schema: ExtractSchema {
            id: name,
            fields: schemas,
            relations: Vec::new(),
            protection: None,
            is_of_robots: false,
        },
    }
}

fn dialect(section: &mut Section<'_>) -> Dialect {
    let encoding = match section.needed_text("encoding", "\"utf-8\"") {
        None => Encoding::Utf8,
        Some(text) => match text.value.as_str() {
            "utf-8" => Encoding::Utf8,
            "utf-16" => Encoding::Utf16,
            "windows-1252" => Encoding::Windows1252,
            other => {
                let problem =
                    section.error(format!("`{other}` is not an encoding that can be read"), text.span.clone());
                section.report(
                    problem
                        .suggest(other, ["utf-8", "utf-16", "windows-1252"])
                        .hint("the encodings are `utf-8`, `utf-16` and `windows-1252`"),
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
    let line_ends = match section.text("line_ends") {
        None => LineEnds::Lf,
        Some(text) => match text.value.as_str() {
            "lf" | "crlf" => LineEnds::Lf,
            "cr" => LineEnds::Cr,
            other => {
                let problem = section.error(format!("lines do not end with `{other}`"), text.span.clone());
                section.report(problem.hint("write `\"cr\"` for lines that end with a CR alone; others need no word"));
                LineEnds::Lf
            }
        },
    };
    Dialect { encoding, delimiter, line_ends }
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
    let thousands = section.text("thousands").and_then(|text| match text.value.as_bytes() {
        [sign @ (b' ' | b'.' | b',' | b'\'')] if *sign != decimal => Some(*sign),
        _ => {
            let problem = section
                .error("thousands are set apart by a space, `.`, `,` or `'`, and not by the decimal sign", text.span);
            section.report(problem.hint("write `thousands = \" \"`: no-break spaces too"));
            None
        }
    });
    let boolean = match words.as_slice() {
        [] => ("J".to_owned(), "N".to_owned()),
        [yes, no] => (yes.value.clone(), no.value.clone()),
        [first, ..] => {
            let problem = section.error("a truth value has two words, that for true first", first.span.clone());
            section.report(problem.hint("write `booleans = [\"J\", \"N\"]`"));
            ("J".to_owned(), "N".to_owned())
        }
    };
    Formats { date, amount: AmountFormat { decimal, thousands }, boolean }
}

fn columns(section: &mut Section<'_>, formats: &Formats) -> (Vec<Field>, Vec<FieldSchema>) {
    let Some(mut all) = section.section("fields") else {
        section.missing("fields", "{ … }");
        return (Vec::new(), Vec::new());
    };
    let mut fields = Vec::new();
    let mut schemas = Vec::new();
    for (name, span) in all.keys() {
        tell_no_name(&all, &name, span.clone());
        let Some(mut one) = all.section(&name) else { continue };
        let is_code = one.boolean("code").unwrap_or_default();
        if one.has("is") {
            // Worked out in the second reading; its place is kept.
            one.text("is");
            fields.push(Field {
                name: name.clone(),
                origin: Origin::Related,
                kind: FieldKind::Integer,
                empty: Empty::Unknown,
                is_code,
            });
            schemas.push(FieldSchema { id: name, ty: Type::Mistaken, nullable: true, computed: None });
            one.finish();
            continue;
        }
        let header = one.text("header").map_or_else(|| name.clone(), |header| header.value);
        let known = field_kind(&mut one, &name, &span, formats);
        let is_known = known.is_some();
        let kind = known.unwrap_or(FieldKind::Text(None));
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
        if is_code && !matches!(kind, FieldKind::Text(_)) {
            one.report(one.error(format!("`{name}` is no text, and so no code"), span).hint("leave `code` out"));
        }
        // A field of no known type goes with everything: its own mistake is told, and no other because of it.
        let ty = if is_known { kind.ty() } else { Type::Mistaken };
        schemas.push(FieldSchema { id: name.clone(), ty, nullable: empty == Empty::Null, computed: None });
        fields.push(Field { name, origin: Origin::Column { header }, kind, empty, is_code });
        one.finish();
    }
    all.finish();
    (fields, schemas)
}

const TYPES: [&str; 9] = ["text", "integer", "amount", "date", "month", "boolean", "person", "organisation", "party"];

fn field_kind(
    section: &mut Section<'_>,
    name: &str,
    span: &std::ops::Range<usize>,
    formats: &Formats,
) -> Option<FieldKind> {
    let values = section.texts("values");
    let Some(ty) = section.text("type") else {
        let problem = section.error(format!("the field `{name}` has no type"), span.clone());
        section.report(problem.hint(format!("add `type = \"…\"`: {}", TYPES.join(", "))));
        return None;
    };
    if let (Some(first), false) = (values.first(), ty.value == "text") {
        section.report(section.error("only a text has listed values", first.span.clone()));
    }
    Some(match ty.value.as_str() {
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
            return None;
        }
    })
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
