//! Ids: what may be one, and that a thing is called what its file is.

use std::sync::Arc;

use super::document::Section;
use crate::diagnostic::SourceFile;

/// The id, which is also the name of the file or folder that it stands in.
pub(super) fn identifier(section: &mut Section<'_>, source: &Arc<SourceFile>) -> Option<String> {
    let id = section.needed_text("id", "\"…\"")?;
    // The night's folder has a folder for each robot, and one for what is held.
    let is_taken = id.value == "held";
    let is_name = !is_taken
        && id.value.chars().next().is_some_and(char::is_alphabetic)
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
