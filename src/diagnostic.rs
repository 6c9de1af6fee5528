//! A mistake in a definition, drawn in its source.
//!
//! Every room that reads definitions reports its mistakes as [`Diagnostic`]s and goes on, so that all of them are told at
//! once. A message says what, where, and what to do next; lower case, no full stop, names in backticks.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// A definition's text and where it stands.
#[derive(Debug)]
pub struct SourceFile {
    /// As it is shown to the reader: relative where it can be.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// The line, counted from 1, that a byte stands on.
    #[must_use]
    pub fn line_of(&self, place: usize) -> usize {
        self.text.as_bytes().iter().take(place).filter(|byte| **byte == b'\n').count() + 1
    }
}

/// Whether a diagnostic stops the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Nothing runs until it is mended.
    Error,
    /// Worth mending; everything runs.
    Warning,
}

/// One mistake: what, where, and what to do next.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Whether it stops the program.
    pub severity: Severity,
    /// What is wrong.
    pub title: String,
    /// The text it is wrong in; none when a whole file or folder is missing.
    pub source: Option<Arc<SourceFile>>,
    /// The bytes of the source that the caret marks.
    pub span: Range<usize>,
    /// What stands beside the caret.
    pub label: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A mistake at `span` of `source`.
    pub fn error(title: impl Into<String>, source: &Arc<SourceFile>, span: Range<usize>) -> Self {
        Self {
            severity: Severity::Error,
            title: title.into(),
            source: Some(Arc::clone(source)),
            span,
            label: String::new(),
            hint: None,
        }
    }

    /// A mistake that is in no text: a file or a folder that is missing or cannot be read.
    pub fn nowhere(title: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            title: title.into(),
            source: None,
            span: 0..0,
            label: String::new(),
            hint: None,
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// With words beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With `did you mean` beside the caret when a candidate is near `name`, else with the hint that `otherwise` gives.
    #[must_use]
    pub fn suggest<'a>(self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(name, candidates) {
            Some(candidate) => self.label(format!("did you mean `{candidate}`?")),
            None => self,
        }
    }

    /// The line and column, counted from 1, that the caret starts at.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        let source = self.source.as_ref()?;
        let before = source.text.get(..self.span.start)?;
        let line_start = before.rfind('\n').map_or(0, |place| place + 1);
        Some((before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
    }

    fn render(&self, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        if self.source.is_none() {
            let word = if self.severity == Severity::Error { "error" } else { "warning" };
            let hint = self.hint.as_ref().map_or_else(String::new, |hint| format!("\nhint: {hint}"));
            return format!("{word}: {}{hint}", self.title);
        }
        let title = level.primary_title(self.title.as_str());
        let mut group = match &self.source {
            None => Group::with_title(title),
            Some(source) => {
                let mut mark = AnnotationKind::Primary.span(within(&source.text, &self.span));
                if !self.label.is_empty() {
                    mark = mark.label(self.label.as_str());
                }
                let path = source.path.to_string_lossy().into_owned();
                title.element(Snippet::source(source.text.as_str()).path(path).annotation(mark))
            }
        };
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
        }
        renderer.render(&[group])
    }
}

/// The span, kept inside the text and off the middle of a character.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Draws the diagnostics one after the other, in the order of their files and places.
#[must_use]
pub fn draw(diagnostics: &[Diagnostic], colour: Colour) -> String {
    let renderer = match colour {
        Colour::Terminal => Renderer::styled(),
        Colour::Plain => Renderer::plain(),
    };
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    ordered.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.source.as_ref().map(|source| source.path.clone()), d.span.start);
        key(a).cmp(&key(b))
    });
    ordered.iter().map(|diagnostic| diagnostic.render(&renderer) + "\n").collect::<Vec<_>>().join("\n")
}

/// Whether the reader's terminal shows colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// With ANSI colours.
    Terminal,
    /// Plain text, for files, mails and `NO_COLOR`.
    Plain,
}

/// The candidate nearest to `name`, when one is so near that it may be what was meant: at most a third of its letters
/// wrong, and always at least one letter right.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let allowed = name.chars().count().div_ceil(3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Arc<SourceFile> {
        Arc::new(SourceFile {
            path: PathBuf::from("robots/fordon/robot.toml"),
            text: "id = \"fordon\"\nwhen = 'f.agare_fran >= since'\n".to_owned(),
        })
    }

    #[test]
    fn a_mistake_is_drawn_with_file_line_column_caret_and_hint() {
        let drawn = draw(
            &[Diagnostic::error("no field `agare_fran` in `fordon`", &source(), 24..34)
                .label("did you mean `agare_sedan`?")
                .hint("the fields of `fordon` stand in robots/extracts/fordon.toml")],
            Colour::Plain,
        );
        assert!(drawn.starts_with("error: no field `agare_fran` in `fordon`\n"), "{drawn}");
        assert!(drawn.contains("robots/fordon/robot.toml:2:11"), "{drawn}");
        assert!(drawn.contains("^^^^^^^^^^ did you mean `agare_sedan`?"), "{drawn}");
        assert!(drawn.contains("hint: the fields of `fordon`"), "{drawn}");
    }

    #[test]
    fn a_span_past_the_end_or_inside_a_character_is_drawn_all_the_same() {
        let source = Arc::new(SourceFile { path: PathBuf::from("x"), text: "åäö".to_owned() });
        assert!(draw(&[Diagnostic::error("t", &source, 1..400)], Colour::Plain).contains("x:1:"));
    }

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        assert_eq!(nearest("agare_sedn", ["agare", "agare_sedan"]), Some("agare_sedan"));
        assert_eq!(nearest("Regnr", ["regnr"]), Some("regnr"));
        assert_eq!(nearest("kommunkod", ["adress"]), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}
