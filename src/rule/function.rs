//! The functions of the language: their names, and how many values each takes. What they do stands in `apply`.

/// A function that an expression can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// How many rows or values there are.
    Count,
    /// The sum of numbers; of none it is 0.
    Sum,
    /// The smallest of a list.
    Min,
    /// The largest of a list.
    Max,
    /// The mean of numbers.
    Mean,
    /// The first of a list, in the file's order; null when there is none.
    First,
    /// The last of a list, in the file's order; null when there is none.
    Last,
    /// The list with each value once.
    DistinctValues,
    /// The condition the other way round.
    Not,
    /// The number without its sign.
    Abs,
    /// A value as a text; a number plainly, `2015`, where a sentence on its own would write `2 015`.
    Text,
    /// A text in capitals.
    UpperCase,
    /// A text in small letters.
    LowerCase,
    /// A text without any white space.
    WithoutSpaces,
    /// How many characters a text has.
    TextLength,
    /// Whether a text has another in it.
    Contains,
    /// Whether a text begins with another.
    StartsWith,
    /// Whether a text ends with another.
    EndsWith,
    /// The months or days of an ISO 8601 duration such as `P12M`.
    Duration,
    /// The night itself.
    Today,
    /// A person's full years at a date.
    Age,
    /// Days from one date to another.
    DaysBetween,
    /// Full months from one date to another.
    MonthsBetween,
    /// The month a date falls in.
    MonthOf,
    /// A month's first day.
    FirstDay,
    /// A month's last day.
    LastDay,
    /// Whether the extract that a relation leads to was delivered.
    Delivered,
    /// Whether any of these is protected, as their extract says.
    Protected,
    /// The first value, or the second where the first is not there. For what is written, never for what is decided.
    GetOrElse,
    /// The least that a number can be, where some of what it counts is not known. For what is written.
    AtLeast,
    /// Fails, so that tests can see that a robot fails alone.
    #[cfg(test)]
    ProvokePanic,
}

/// Name, function, fewest and most arguments.
const TABLE: &[(&str, Function, usize, usize)] = &[
    ("count", Function::Count, 1, 1),
    ("sum", Function::Sum, 1, 1),
    ("min", Function::Min, 1, 1),
    ("max", Function::Max, 1, 1),
    ("mean", Function::Mean, 1, 1),
    ("first", Function::First, 1, 1),
    ("last", Function::Last, 1, 1),
    ("distinct values", Function::DistinctValues, 1, 1),
    ("not", Function::Not, 1, 1),
    ("abs", Function::Abs, 1, 1),
    ("string", Function::Text, 1, 1),
    ("upper case", Function::UpperCase, 1, 1),
    ("lower case", Function::LowerCase, 1, 1),
    ("without spaces", Function::WithoutSpaces, 1, 1),
    ("string length", Function::TextLength, 1, 1),
    ("contains", Function::Contains, 2, 2),
    ("starts with", Function::StartsWith, 2, 2),
    ("ends with", Function::EndsWith, 2, 2),
    ("duration", Function::Duration, 1, 1),
    ("today", Function::Today, 0, 0),
    ("age", Function::Age, 2, 2),
    ("days between", Function::DaysBetween, 2, 2),
    ("months between", Function::MonthsBetween, 2, 2),
    ("month of", Function::MonthOf, 1, 1),
    ("first day", Function::FirstDay, 1, 1),
    ("last day", Function::LastDay, 1, 1),
    ("delivered", Function::Delivered, 1, 1),
    ("protected", Function::Protected, 1, 1),
    ("get or else", Function::GetOrElse, 2, 2),
    ("at least", Function::AtLeast, 1, 1),
    #[cfg(test)]
    ("provoke panic", Function::ProvokePanic, 0, 0),
];

impl Function {
    /// The function of this name, its words with one space between.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|(known, ..)| *known == name).map(|(_, function, ..)| *function)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|(_, function, ..)| *function == self).map_or("", |(name, ..)| name)
    }

    /// The fewest and the most arguments it takes.
    #[must_use]
    pub fn arity(self) -> (usize, usize) {
        TABLE.iter().find(|(_, function, ..)| *function == self).map_or((0, 0), |(.., least, most)| (*least, *most))
    }

    /// Every function's name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|(name, ..)| *name)
    }

    /// How many words the longest name has.
    #[must_use]
    pub fn longest_name() -> usize {
        Self::names().map(|name| name.split(' ').count()).max().unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found_by_its_name() {
        for name in Function::names() {
            assert_eq!(Function::named(name).map(Function::name), Some(name));
        }
        assert_eq!(Function::named("summa"), None);
    }
}
