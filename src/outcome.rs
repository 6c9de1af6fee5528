//! What a robot came to: verdicts on checks, findings, and one outcome for each subject.

/// What one robot came to for one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// No check deviates, and all could be tried.
    Clear,
    /// At least one check deviates.
    Flagged,
    /// No check deviates, but one could not be tried.
    Undecided,
    /// A check deviates or could not be tried, in a household with a protected person.
    Protected,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Clear, Self::Flagged, Self::Undecided, Self::Protected];

    /// As it is written in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Flagged => "flagged",
            Self::Undecided => "undecided",
            Self::Protected => "protected",
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// What the verdicts come to: a deviation goes before what could not be tried, and protection before both.
    #[must_use]
    pub fn of(deviates: bool, is_undecided: bool, is_protected: bool) -> Self {
        match (deviates || is_undecided, is_protected, deviates) {
            (false, ..) => Self::Clear,
            (true, true, _) => Self::Protected,
            (true, false, true) => Self::Flagged,
            (true, false, false) => Self::Undecided,
        }
    }
}

/// How many subjects came to each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Clear.
    pub clear: u64,
    /// Flagged.
    pub flagged: u64,
    /// Undecided.
    pub undecided: u64,
    /// Protected.
    pub protected: u64,
}

impl Tally {
    /// Counts one.
    pub fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Clear => self.clear += 1,
            Outcome::Flagged => self.flagged += 1,
            Outcome::Undecided => self.undecided += 1,
            Outcome::Protected => self.protected += 1,
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.clear + self.flagged + self.undecided + self.protected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protection_goes_before_deviation_and_deviation_before_not_knowing() {
        assert_eq!(Outcome::of(true, true, true), Outcome::Protected);
        assert_eq!(Outcome::of(false, true, true), Outcome::Protected);
        assert_eq!(Outcome::of(true, true, false), Outcome::Flagged);
        assert_eq!(Outcome::of(false, true, false), Outcome::Undecided);
        assert_eq!(Outcome::of(false, false, true), Outcome::Clear);
        assert_eq!(Outcome::named("flagged"), Some(Outcome::Flagged));
    }
}
