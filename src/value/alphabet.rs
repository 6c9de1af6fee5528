//! The order of the Swedish alphabet, in which å, ä and ö come last.

use std::cmp::Ordering;

/// Two texts in the order of the Swedish alphabet, capitals with their small letters. Texts that differ in nothing else are
/// in the order of their characters' codes, so that no two different texts are equal.
#[must_use]
pub fn alphabetical(a: &str, b: &str) -> Ordering {
    let letters = |text: &str| text.chars().flat_map(char::to_lowercase).map(place).collect::<Vec<u32>>();
    // Most texts that are compared need no more than their bytes to be told apart.
    if a.is_ascii() && b.is_ascii() {
        let small = |text: &str| text.to_ascii_lowercase();
        return small(a).cmp(&small(b)).then_with(|| a.cmp(b));
    }
    letters(a).cmp(&letters(b)).then_with(|| a.cmp(b))
}

/// A small letter's place: as its code has it, but å, ä and ö in that order after z.
fn place(letter: char) -> u32 {
    match letter {
        'å' => u32::from('z') * 4 + 1,
        'ä' => u32::from('z') * 4 + 2,
        'ö' => u32::from('z') * 4 + 3,
        other => u32::from(other) * 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_letters_come_last_and_in_order() {
        let mut words =
            ["Öppenvård", "Ändringsanmälan", "Årsbesked", "zink", "Intyg", "hyra", "Hyresavi", "åker", "z|"];
        words.sort_by(|a, b| alphabetical(a, b));
        assert_eq!(
            words,
            ["hyra", "Hyresavi", "Intyg", "zink", "z|", "åker", "Årsbesked", "Ändringsanmälan", "Öppenvård"]
        );
    }

    #[test]
    fn different_texts_are_never_equal() {
        assert_ne!(alphabetical("Hyra", "hyra"), Ordering::Equal);
        assert_ne!(alphabetical("Ö", "ö"), Ordering::Equal);
        assert_eq!(alphabetical("Ö", "Ö"), Ordering::Equal);
    }
}
