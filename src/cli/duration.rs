//! A length of time as it is typed: `90s`, `10m`, `26h`, `30d`.

use std::time::Duration;

/// Reads it; the error is what clap tells.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number and a unit: 90s, 10m, 26h, 30d".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].trim().parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_are_a_length_of_time() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("26h"), Ok(Duration::from_hours(26)));
        assert_eq!(duration("30 d"), Ok(Duration::from_hours(720)));
        for wrong in ["", "26", "h", "-1h", "1å", "99999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
