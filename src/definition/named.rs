//! Fields that a declaration names.

use super::document::{Section, Text};
use super::extract::Extract;
use crate::rule::types::FieldId;

/// The fields that a list of ids names.
pub fn named_fields(section: &mut Section<'_>, key: &str, extract: &Extract) -> Vec<FieldId> {
    let texts = section.texts(key);
    texts.iter().filter_map(|text| named_field(section, text, extract)).collect()
}

/// The field that an id names; a mistake where there is none.
pub fn named_field(section: &Section<'_>, text: &Text, extract: &Extract) -> Option<FieldId> {
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
