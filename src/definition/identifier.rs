//! Ids: what may be one, and that a thing is called what its file is.

use std::ops::Range;
use std::sync::Arc;

use super::document::Section;
use crate::diagnostic::SourceFile;
use crate::rule::parse::is_keyword;

/// The id, which is also the name of the file or folder that it stands in.
pub(super) fn identifier(section: &mut Section<'_>, source: &Arc<SourceFile>) -> Option<String> {
    let id = section.needed_text("id", "\"…\"")?;
    // The night's folder has a folder for each robot, and one for what is held.
    let is_taken = id.value == "held";
    if is_taken || !is_name(&id.value) {
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

/// Whether expressions can speak of something by this name.
pub(super) fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !is_keyword(text)
}

/// Tells of a field, a relation or a fact whose name no expression can use.
pub(super) fn tell_no_name(section: &Section<'_>, name: &str, span: Range<usize>) {
    if is_name(name) {
        return;
    }
    let problem = section.error(format!("`{name}` is not a name that expressions can use"), span);
    section.report(if is_keyword(name) {
        problem.hint("it is a word of the rule language")
    } else {
        problem.hint("a name is letters, digits and `_`, and begins with a letter")
    });
}
