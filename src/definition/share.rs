//! A share, as `20 %` in a guard or a sample.

use std::fmt;

/// A share of something, in hundredths of a per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// A share in whole per cent.
    #[must_use]
    pub const fn percent(percent: u32) -> Self {
        Self(percent * 100)
    }

    /// Reads `20 %`, `0.5 %` or `0,5 %`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.strip_suffix('%')?.trim().replace(',', ".");
        let (whole, decimals) = number.split_once('.').unwrap_or((&number, ""));
        let decimals = match decimals.len() {
            0 => 0,
            1 => decimals.parse::<u32>().ok()? * 10,
            2 => decimals.parse::<u32>().ok()?,
            _ => return None,
        };
        let share = whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(decimals)?;
        (share <= 10_000).then_some(Self(share))
    }

    /// Whether `part` is at least this share of `whole`.
    #[must_use]
    pub fn is_reached_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 10_000 >= u128::from(whole) * u128::from(self.0)
    }

    /// Whether `part` is more than this share of `whole`.
    #[must_use]
    pub fn is_exceeded_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 10_000 > u128::from(whole) * u128::from(self.0)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 100 {
            0 => write!(f, "{} %", self.0 / 100),
            rest => write!(f, "{}.{rest:02} %", self.0 / 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_exact() {
        let fifth = Share::parse("20 %").unwrap();
        assert!(!fifth.is_exceeded_by(20, 100));
        assert!(fifth.is_exceeded_by(21, 100));
        assert_eq!(Share::parse("0,5 %").unwrap().to_string(), "0.50 %");
        for wrong in ["20", "101 %", "-1 %", "0.123 %", "%"] {
            assert_eq!(Share::parse(wrong), None, "{wrong}");
        }
    }
}
