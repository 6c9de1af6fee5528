//! Eight digits at a time: registers are read for millions of numbers and dates, and a word holds eight of their signs.

/// Whether each byte of a word is a digit.
#[inline]
pub fn all_digits(word: u64) -> bool {
    let high = word & 0xF0F0_F0F0_F0F0_F0F0;
    let with_six = word.wrapping_add(0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0;
    high == 0x3030_3030_3030_3030 && with_six == 0x3030_3030_3030_3030
}

/// The number that eight digits make, the first in the lowest byte.
#[inline]
pub fn eight_digits(word: u64) -> u64 {
    let pairs = (word & 0x0F0F_0F0F_0F0F_0F0F).wrapping_mul(2561) >> 8;
    let fours = (pairs & 0x00FF_00FF_00FF_00FF).wrapping_mul(6_553_601) >> 16;
    (fours & 0x0000_FFFF_0000_FFFF).wrapping_mul(42_949_672_960_001) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_are_a_number_and_any_other_sign_among_them_is_seen() {
        let word = u64::from_le_bytes(*b"20261121");
        assert!(all_digits(word));
        assert_eq!(eight_digits(word), 20_261_121);
        for place in 0..8 {
            for sign in (0..=u8::MAX).filter(|sign| !sign.is_ascii_digit()) {
                let mut text = *b"20261121";
                text[place] = sign;
                assert!(!all_digits(u64::from_le_bytes(text)), "{sign} at {place}");
            }
        }
    }
}
