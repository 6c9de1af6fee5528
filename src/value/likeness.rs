//! Texts that may be a person's number though nothing says that they are.

/// Whether a text is written as a person's number, right or wrong: what a scanner has read (PDD 06), or a sole trader's
/// (PDD 14). The third digit of an organisation's is at least 2.
#[must_use]
pub fn may_be_a_persons(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let is_written_so = text.bytes().all(|sign| sign.is_ascii_digit() || matches!(sign, b'-' | b'+' | b' '));
    if !is_written_so {
        // One that could almost be read: four signs after its hyphen, and mostly digits.
        let has_sign = text.len() >= 5 && matches!(text.as_bytes()[text.len() - 5], b'-' | b'+');
        return has_sign && digits.len() >= 5 && (10..=14).contains(&text.len());
    }
    let ten = match digits.len() {
        10 => &digits[..],
        12 => &digits[2..],
        _ => return false,
    };
    ten[2] < b'2'
}

/// Whether a text may have a person's number somewhere in it.
#[must_use]
pub fn may_name_a_person(text: &str) -> bool {
    let even = |sign: char| if matches!(sign, '‐' | '‑' | '–' | '−') { '-' } else { sign };
    let text: String = text.chars().map(even).collect();
    let is_of_number = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '+' | '?');
    may_be_a_persons(&text) || text.split(|sign| !is_of_number(sign)).any(may_be_a_persons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_in_a_text_whatever_stands_round_it() {
        for text in
            ["Enhet 2 19900101-9802", "Enhet2/19900101-9802", "Enhet\u{a0}199001019802", "(900101–9802)", "900101 9803"]
        {
            assert!(may_name_a_person(text), "{text}");
        }
        for text in ["Ekonomiskt bistånd 2", "Enhet 556000-0167", "2026-11-21", ""] {
            assert!(!may_name_a_person(text), "{text}");
        }
    }

    #[test]
    fn a_text_that_may_be_a_persons_number_is_known_for_one() {
        for text in [
            "198O0512-23B4",
            "????12-2391",
            "19900101-9802",
            "900101+9802",
            "9001019802",
            "900101 9803",
            "199001019802",
        ] {
            assert!(may_be_a_persons(text), "{text}");
        }
        for text in ["556000-0167", "165560000167", "5050-1055", "ABC 123", "2026-11-21", ""] {
            assert!(!may_be_a_persons(text), "{text}");
        }
    }
}
