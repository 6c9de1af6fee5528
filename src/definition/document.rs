//! One TOML file, read key by key with every mistake kept and drawn where it stands.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::share::Share;
use crate::diagnostic::{Diagnostic, SourceFile, nearest};
use crate::rule::syntax::RuleError;

/// The mistakes found so far.
pub type Problems = RefCell<Vec<Diagnostic>>;

/// A text in a TOML file and where its content stands.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text.
    pub value: String,
    /// The bytes of its content, without the quotes.
    pub span: Range<usize>,
    places: Places,
}

/// Where in the file each byte of a text stands.
#[derive(Clone, Debug)]
enum Places {
    /// One after the other from where its content begins: nearly every text is written as it reads.
    AsItReads,
    /// Each byte's place, and that of its end: something in it is written with a `\`, or a line ends in two signs.
    Each(Arc<[usize]>),
    /// That cannot be told.
    Unknown,
}

impl Text {
    /// A text that stands in the file without quotes, such as a key.
    pub(super) fn at(value: String, span: Range<usize>) -> Self {
        let places = if value.len() == span.len() { Places::AsItReads } else { Places::Unknown };
        Self { value, span, places }
    }

    /// Where a part of the text stands in the file; the whole text where that cannot be told.
    #[must_use]
    pub fn part(&self, part: &Range<usize>) -> Range<usize> {
        let place = |at: usize| match &self.places {
            Places::AsItReads => (at <= self.value.len()).then_some(self.span.start + at),
            Places::Each(places) => places.get(at).copied(),
            Places::Unknown => None,
        };
        place(part.start).zip(place(part.end)).map_or_else(|| self.span.clone(), |(start, end)| start..end)
    }
}

/// Reads a file and its outermost keys; reports a file that cannot be read or is not TOML.
pub fn open(path: &Path, shown_as: &Path, problems: &Problems) -> Option<Arc<SourceFile>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Some(Arc::new(SourceFile { path: shown_as.to_path_buf(), text })),
        Err(error) => {
            let title = format!("`{}` cannot be read: {error}", shown_as.display());
            problems.borrow_mut().push(Diagnostic::nowhere(title));
            None
        }
    }
}

/// A TOML file taken apart, to be read once or several times.
pub struct Document<'s> {
    source: &'s Arc<SourceFile>,
    table: Spanned<DeTable<'s>>,
}

impl<'s> Document<'s> {
    /// Takes a file apart; reports one that is not TOML.
    pub fn parse(source: &'s Arc<SourceFile>, problems: &Problems) -> Option<Self> {
        let (table, errors) = DeTable::parse_recoverable(&source.text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            let mut problem = Diagnostic::error(format!("not TOML: {}", error.message()), source, span);
            problem.hint = habit_of_toml(error.message()).map(str::to_owned);
            problems.borrow_mut().push(problem);
        }
        errors.is_empty().then_some(Self { source, table })
    }

    /// The file.
    #[must_use]
    pub fn source(&self) -> &'s Arc<SourceFile> {
        self.source
    }

    /// Lets `read` go through all its keys, and reports those that it did not ask for.
    pub fn read<T>(
        &self,
        what: &str,
        problems: &Problems,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let mut section = Section::new(self.source, self.table.get_ref(), 0..0, what, problems);
        let result = read(&mut section);
        section.finish();
        result
    }

    /// Lets `read` go through some of its keys; the others are another reading's.
    pub fn read_part(&self, problems: &Problems, read: impl FnOnce(&mut Section<'_>)) {
        read(&mut Section::new(self.source, self.table.get_ref(), 0..0, "the file", problems));
    }
}

/// Lets `read` go through the keys of a file that is read once, and reports those that it did not ask for.
pub fn with_document<T>(
    source: &Arc<SourceFile>,
    what: &str,
    problems: &Problems,
    read: impl FnOnce(&mut Section<'_>) -> Option<T>,
) -> Option<T> {
    Document::parse(source, problems)?.read(what, problems, read)
}

/// What to do about TOML that is not.
fn habit_of_toml(message: &str) -> Option<&'static str> {
    let hints = [
        ("invalid basic string", "a text in `\"` ends on its line; one of several lines stands in `\"\"\"`"),
        ("invalid literal string", "an expression in `'` ends on its line; one of several lines stands in `\'\'\'`"),
        ("unexpected key or value", "an expression with texts in it stands in single quotes: `'roll = \"Barn\"'`"),
        ("invalid unquoted key", "a key with other letters stands in quotes, `\"ärenden\"`"),
        ("duplicate key", "a key stands once in its table"),
        ("string values must be quoted", "a text stands in quotes"),
        ("invalid date", "a date is written `2026-01-31`, without quotes"),
    ];
    hints.iter().find(|(known, _)| message.contains(known)).map(|(_, hint)| *hint)
}

/// A table in a TOML file.
pub struct Section<'d> {
    source: &'d Arc<SourceFile>,
    table: &'d DeTable<'d>,
    span: Range<usize>,
    what: Arc<str>,
    asked: Vec<String>,
    /// Whether every key that is there counts as asked for.
    all_asked: bool,
    problems: &'d Problems,
}

impl<'d> Section<'d> {
    fn new(
        source: &'d Arc<SourceFile>,
        table: &'d DeTable<'d>,
        span: Range<usize>,
        what: impl Into<Arc<str>>,
        problems: &'d Problems,
    ) -> Self {
        Self { source, table, span, what: what.into(), asked: Vec::new(), all_asked: false, problems }
    }

    /// The file it is in.
    #[must_use]
    pub fn source(&self) -> &'d Arc<SourceFile> {
        self.source
    }

    /// Where the table stands.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Keeps a mistake.
    pub fn report(&self, problem: Diagnostic) {
        self.problems.borrow_mut().push(problem);
    }

    /// Keeps a mistake at a place in this file.
    pub fn error(&self, title: impl Into<String>, span: Range<usize>) -> Diagnostic {
        Diagnostic::error(title, self.source, span)
    }

    /// Keeps the mistakes of an expression or a sentence.
    pub fn report_rule(&self, text: &Text, errors: Vec<RuleError>) {
        for error in errors {
            let mut problem = Diagnostic::error(error.title, self.source, text.part(&error.span)).label(error.label);
            problem.hint = error.hint;
            self.report(problem);
        }
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(self) {
        if self.all_asked {
            return;
        }
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !self.asked.iter().any(|asked| asked == name) {
                let asked = || self.asked.iter().map(String::as_str);
                let problem = self.error(format!("unknown key `{name}` in {}", self.what), key.span());
                let known: Vec<String> = asked().map(|key| format!("`{key}`")).collect();
                self.report(match nearest(name, asked()) {
                    Some(near) => problem.label(format!("did you mean `{near}`?")),
                    None => problem.hint(format!("the keys here are {}", known.join(", "))),
                });
            }
        }
    }

    /// The keys in the order in which they stand in the file, and where; all of them count as asked for.
    pub fn keys(&mut self) -> Vec<(String, Range<usize>)> {
        let mut keys: Vec<(String, Range<usize>)> =
            self.table.keys().map(|key| (key.get_ref().to_string(), key.span())).collect();
        keys.sort_by_key(|(_, span)| span.start);
        self.all_asked = true;
        keys
    }

    /// Whether a key is there.
    pub fn has(&mut self, key: &str) -> bool {
        self.value(key).is_some()
    }

    fn value(&mut self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        if !self.all_asked && !self.asked.iter().any(|asked| asked == key) {
            self.asked.push(key.to_owned());
        }
        self.table.get(key)
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let (found, written) = (words_for(value.get_ref()), self.source.text.get(value.span()).unwrap_or_default());
        let problem = self.error(format!("`{key}` is {expected}, here is {found}"), value.span());
        let plain = written.trim_matches(['"', '\'']);
        let is_text = value.get_ref().as_str().is_some();
        self.report(match expected {
            "a text in quotes" if !written.contains(['"', '\n', '[', '{']) => {
                problem.hint(format!("put it in quotes: `{key} = \"{plain}\"`"))
            }
            "a list of texts in brackets" if is_text && !written.contains('\n') => {
                problem.hint(format!("put it in brackets: `{key} = [{written}]`"))
            }
            "a whole number" | "a date such as 2026-01-31"
                if is_text && !plain.is_empty() && plain.chars().all(|c| c.is_ascii_digit() || c == '-') =>
            {
                problem.hint(format!("write it without quotes: `{key} = {plain}`"))
            }
            _ => problem,
        });
    }

    /// Says that a key is missing.
    pub fn missing(&self, key: &str, example: &str) {
        let at = if self.span.is_empty() { 0..0 } else { self.span.clone() };
        let problem = self.error(format!("{} has no `{key}`", self.what), at);
        self.report(problem.hint(if key.starts_with('[') {
            format!("add a table `{key}`")
        } else {
            format!("add `{key} = {example}`")
        }));
    }

    /// Whether it has no keys.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// A text, if the key is there.
    pub fn text(&mut self, key: &str) -> Option<Text> {
        let value = self.value(key)?;
        match as_text(value, self.source) {
            Some(text) => Some(text),
            None => {
                self.wrong_type(key, value, "a text in quotes");
                None
            }
        }
    }

    /// A text that must be there and say something.
    pub fn needed_text(&mut self, key: &str, example: &str) -> Option<Text> {
        if !self.has(key) {
            self.missing(key, example);
            return None;
        }
        let text = self.text(key)?;
        if text.value.trim_matches([' ', '\n', '\r']).is_empty() {
            self.report(self.error(format!("`{key}` is empty"), text.span).hint(format!("write `{key} = {example}`")));
            return None;
        }
        Some(text)
    }

    /// Texts in brackets; none when the key is not there.
    pub fn texts(&mut self, key: &str) -> Vec<Text> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let texts = value
            .get_ref()
            .as_array()
            .map(|items| items.iter().map(|item| as_text(item, self.source)).collect::<Option<Vec<Text>>>());
        match texts {
            Some(Some(texts)) => texts,
            _ => {
                self.wrong_type(key, value, "a list of texts in brackets");
                Vec::new()
            }
        }
    }

    /// A text, or texts in brackets; none when the key is not there.
    pub fn text_or_texts(&mut self, key: &str) -> Vec<Text> {
        match self.value(key).and_then(|value| as_text(value, self.source)) {
            Some(text) => vec![text],
            None => self.texts(key),
        }
    }

    /// Rows of texts, each row in brackets.
    pub fn rows_of_texts(&mut self, key: &str) -> Vec<Vec<String>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let of_row = |row: &Spanned<DeValue<'_>>| {
            let cells = row.get_ref().as_array()?.iter();
            cells.map(|cell| Some(as_text(cell, self.source)?.value)).collect::<Option<Vec<String>>>()
        };
        let rows = value.get_ref().as_array().and_then(|rows| rows.iter().map(of_row).collect());
        rows.unwrap_or_else(|| {
            self.wrong_type(key, value, "rows in brackets, each of them texts in brackets");
            Vec::new()
        })
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong_type(key, value, "`true` or `false`");
        }
        found
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, key: &str) -> Option<u64> {
        let value = self.value(key)?;
        let integer = value.get_ref().as_integer();
        let found = integer.and_then(|number| number.as_str().parse().ok());
        match integer {
            Some(number) if found.is_none() => {
                let title = format!("`{key}` is a whole number, 0 or larger, here is {}", number.as_str());
                self.report(self.error(title, value.span()));
            }
            _ if found.is_none() => self.wrong_type(key, value, "a whole number"),
            _ => {}
        }
        found
    }

    /// A date without quotes.
    pub fn date(&mut self, key: &str) -> Option<NaiveDate> {
        let value = self.value(key)?;
        let found = as_date(value.get_ref());
        if found.is_none() {
            self.wrong_type(key, value, "a date such as 2026-01-31");
        }
        found
    }

    /// A date that must be there.
    pub fn needed_date(&mut self, key: &str) -> Option<NaiveDate> {
        if !self.has(key) {
            self.missing(key, "2026-01-31");
            return None;
        }
        self.date(key)
    }

    /// A share such as `"20 %"`, as a fraction in hundredths of a per cent.
    pub fn share(&mut self, key: &str) -> Option<Share> {
        let value = self.value(key)?;
        let Some(text) = as_text(value, self.source) else {
            self.report(self.error(format!("`{key}` is a share"), value.span()).hint("write `\"20 %\"`"));
            return None;
        };
        let share = Share::parse(&text.value);
        if share.is_none() {
            self.report(self.error(format!("`{}` is not a share", text.value), text.span).hint("write `\"20 %\"`"));
        }
        share
    }

    /// A value as it stands, whatever its type: what a test gives a field.
    pub fn raw(&mut self, key: &str) -> Option<Raw> {
        let value = self.value(key)?;
        Raw::of(value, self.source)
    }

    /// Values in brackets as they stand; none when the key is not there.
    pub fn raws(&mut self, key: &str) -> Vec<Raw> {
        let Some(value) = self.value(key) else { return Vec::new() };
        match value.get_ref().as_array() {
            Some(items) => items.iter().filter_map(|item| Raw::of(item, self.source)).collect(),
            None => {
                self.wrong_type(key, value, "a list in brackets");
                Vec::new()
            }
        }
    }

    /// Rows, each of them cells in brackets or a table.
    pub fn rows_of_cells(&mut self, key: &str) -> Vec<Row<'d>> {
        let Some(value) = self.value(key) else {
            self.missing(key, "[[\"…\", 1]]");
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of rows in brackets");
            return Vec::new();
        };
        let mut rows = Vec::new();
        for item in items {
            if let Some(cells) = item.get_ref().as_array() {
                let cells = cells.iter().filter_map(|cell| Raw::of(cell, self.source)).collect();
                rows.push(Row::Cells(cells, item.span()));
            } else if let Some(table) = item.get_ref().as_table() {
                let what = format!("a row of `{key}`");
                rows.push(Row::Section(Section::new(self.source, table, item.span(), what, self.problems)));
            } else {
                self.wrong_type(key, item, "cells in brackets, or a table");
            }
        }
        rows
    }

    /// A table under this one.
    pub fn section(&mut self, key: &str) -> Option<Section<'d>> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a table");
            return None;
        };
        let what = format!("[{key}]");
        Some(Section::new(self.source, table, value.span(), what, self.problems))
    }

    /// The tables of `[[key]]`, or of a list of tables in brackets.
    pub fn sections(&mut self, key: &str) -> Vec<Section<'d>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of tables");
            return Vec::new();
        };
        let mut sections = Vec::with_capacity(items.len());
        let what: Arc<str> = format!("[[{key}]]").into();
        for item in items {
            match item.get_ref().as_table() {
                Some(table) => {
                    sections.push(Section::new(self.source, table, item.span(), Arc::clone(&what), self.problems));
                }
                None => self.wrong_type(key, item, "a list of tables"),
            }
        }
        sections
    }

    /// A text, or a list of texts and tables: each as it stands.
    pub fn texts_and_sections(&mut self, key: &str) -> Vec<TextOrSection<'d>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let items: Vec<&Spanned<DeValue<'d>>> = match value.get_ref().as_array() {
            Some(items) => items.iter().collect(),
            None => vec![value],
        };
        let mut found = Vec::new();
        for item in items {
            if let Some(text) = as_text(item, self.source) {
                found.push(TextOrSection::Text(text));
            } else if let Some(table) = item.get_ref().as_table() {
                let what = format!("`{key}`");
                found.push(TextOrSection::Section(Section::new(self.source, table, item.span(), what, self.problems)));
            } else {
                self.wrong_type(key, item, "a text in quotes or a table");
            }
        }
        found
    }
}

/// A text or a table where either may stand.
pub enum TextOrSection<'d> {
    /// A text.
    Text(Text),
    /// A table.
    Section(Section<'d>),
}

/// A row of a decision table as it stands.
pub enum Row<'d> {
    /// Cells in brackets.
    Cells(Vec<Raw>, Range<usize>),
    /// A table with keys.
    Section(Section<'d>),
}

impl Row<'_> {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        match self {
            Self::Cells(_, span) => span.clone(),
            Self::Section(section) => section.span(),
        }
    }
}

/// A value as it stands in a test or in a decision table.
#[derive(Clone, Debug)]
pub struct Raw {
    /// What it is.
    pub kind: RawKind,
    /// Where it stands.
    pub span: Range<usize>,
    /// The value as a text that an expression can be read from.
    text: Text,
}

/// The kinds of values in a test.
#[derive(Clone, Debug, PartialEq)]
pub enum RawKind {
    /// A text.
    Text(String),
    /// A number as written.
    Number(String),
    /// A date.
    Date(NaiveDate),
    /// True or false.
    Boolean(bool),
}

impl Raw {
    fn of(value: &Spanned<DeValue<'_>>, source: &SourceFile) -> Option<Self> {
        let text = as_text(value, source);
        let kind = match value.get_ref() {
            DeValue::Integer(number) => RawKind::Number(number.as_str().to_owned()),
            DeValue::Float(number) => RawKind::Number(number.as_str().to_owned()),
            DeValue::Boolean(holds) => RawKind::Boolean(*holds),
            DeValue::Datetime(_) => RawKind::Date(as_date(value.get_ref())?),
            _ => RawKind::Text(text.as_ref()?.value.clone()),
        };
        let span = value.span();
        let text = text.unwrap_or_else(|| {
            let written = source.text.get(span.clone()).unwrap_or("").to_owned();
            Text::at(written, span.clone())
        });
        Some(Self { kind, span, text })
    }

    /// The value as a text that an expression can be read from: a cell `3` is the test `3`.
    #[must_use]
    pub fn text(&self) -> Text {
        self.text.clone()
    }
}

fn as_text(value: &Spanned<DeValue<'_>>, source: &SourceFile) -> Option<Text> {
    let text = value.get_ref().as_str()?;
    let span = value.span();
    let raw = source.text.get(span.clone()).unwrap_or("");
    for quote in ["'''", "\"\"\"", "'", "\""] {
        if raw.starts_with(quote) && raw.len() >= 2 * quote.len() {
            let first_line_end = if quote.len() == 3 {
                raw[3..].strip_prefix("\r\n").map_or_else(|| usize::from(raw[3..].starts_with('\n')), |_| 2)
            } else {
                0
            };
            let start = span.start + quote.len() + first_line_end;
            let end = span.end - quote.len();
            let span = start.min(end)..end;
            let content = source.text.get(span.clone()).unwrap_or_default();
            let places = if content == text {
                Places::AsItReads
            } else {
                let each = places(content, start, quote.starts_with('"'));
                each.filter(|each| each.len() == text.len() + 1).map_or(Places::Unknown, Places::Each)
            };
            return Some(Text { value: text.to_owned(), span, places });
        }
    }
    Some(Text { value: text.to_owned(), span, places: Places::Unknown })
}

/// Where each byte of a text stands in the file, and its end. What TOML writes with a `\` stands where the `\` does.
fn places(content: &str, start: usize, has_escapes: bool) -> Option<Arc<[usize]>> {
    let mut places = Vec::with_capacity(content.len() + 1);
    let mut rest = content;
    while let Some(first) = rest.chars().next() {
        let at = start + content.len() - rest.len();
        let (written, bytes) = match (first, rest.as_bytes().get(1)) {
            ('\\', Some(b'u' | b'U' | b'x')) if has_escapes => {
                let digits = match rest.as_bytes()[1] {
                    b'x' => 2,
                    b'u' => 4,
                    _ => 8,
                };
                let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
                (2 + digits, char::from_u32(code)?.len_utf8())
            }
            ('\\', Some(b'\n' | b'\r' | b' ' | b'\t')) if has_escapes => {
                (rest.len() - rest[1..].trim_start_matches([' ', '\t', '\n', '\r']).len(), 0)
            }
            ('\\', Some(_)) if has_escapes => (2, 1),
            ('\r', Some(b'\n')) => (1, 0),
            (first, _) => {
                places.extend(at..at + first.len_utf8());
                rest = &rest[first.len_utf8()..];
                continue;
            }
        };
        places.extend(std::iter::repeat_n(at, bytes));
        rest = &rest[written..];
    }
    places.push(start + content.len());
    Some(places.into())
}

/// What a value is, for a message.
fn words_for(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(true) => "`true`",
        DeValue::Boolean(false) => "`false`",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "a list in brackets",
        DeValue::Table(_) => "a table",
    }
}

fn as_date(value: &DeValue<'_>) -> Option<NaiveDate> {
    let stamp = value.as_datetime()?;
    if stamp.time.is_some() || stamp.offset.is_some() {
        return None;
    }
    let date = stamp.date?;
    NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_text_is_a_place_in_the_file() {
        let text = "a = 'some x'\nb = \"\"\"\nfirst\"\"\"\nc = \"a\\tb\"\nd = \"\"\"\u{e5} \\u00e5 \\\n  \\\"där\\\" här\"\"\"\n";
        let source = Arc::new(SourceFile { path: "x.toml".into(), text: text.to_owned() });
        let problems = Problems::default();
        with_document(&source, "the file", &problems, |section| {
            let a = section.text("a")?;
            assert_eq!(&text[a.part(&(5..6))], "x");
            let b = section.text("b")?;
            assert_eq!(&text[b.part(&(0..5))], "first");
            let c = section.text("c")?;
            assert_eq!(&text[c.part(&(2..3))], "b");
            let d = section.text("d")?;
            assert_eq!(&text[d.part(&(d.value.find("här").unwrap()..d.value.len()))], "här");
            Some(())
        });
        assert!(problems.borrow().is_empty());
    }

    #[test]
    fn every_mistake_is_kept_with_its_place() {
        let text = "titel = \"x\"\nkey = 3\n";
        let source = Arc::new(SourceFile { path: "x.toml".into(), text: text.to_owned() });
        let problems = Problems::default();
        with_document(&source, "the extract", &problems, |section| {
            section.text("title");
            section.text("key");
            section.needed_text("id", "\"kir\"")
        });
        let titles: Vec<String> = problems.borrow().iter().map(|problem| problem.title.clone()).collect();
        assert_eq!(
            titles,
            [
                "`key` is a text in quotes, here is a number",
                "the extract has no `id`",
                "unknown key `titel` in the extract"
            ]
        );
        assert_eq!(problems.borrow()[2].label, "did you mean `title`?");
    }
}
