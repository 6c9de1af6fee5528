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
    /// Whether all conditions of a list hold.
    All,
    /// Whether any condition of a list holds.
    Any,
    /// Whether a value is in a list.
    ListContains,
    /// Lists end to end.
    Concatenate,
    /// A list with more values last.
    Append,
    /// Lists end to end, each value once.
    Union,
    /// A list from its end.
    Reverse,
    /// A part of a list, by the place of its first value, counted from 1 or, negative, from the end.
    Sublist,
    /// The places, counted from 1, at which a value stands in a list.
    IndexOf,
    /// Rows in the order of one or more values of theirs.
    SortBy,
    /// The rows at which the sum so far has come to a limit.
    Reaching,
    /// The condition the other way round.
    Not,
    /// The number without its sign.
    Abs,
    /// The largest whole number that is not above a number.
    Floor,
    /// The smallest whole number that is not below a number.
    Ceiling,
    /// What is left when one number is divided by another; it has the sign of the divisor.
    Modulo,
    /// A number with this many decimals, a half to the even neighbour.
    Decimal,
    /// A number with this many decimals, away from zero.
    RoundUp,
    /// A number with this many decimals, towards zero.
    RoundDown,
    /// A number with this many decimals, a half away from zero.
    RoundHalfUp,
    /// A number with this many decimals, a half towards zero.
    RoundHalfDown,
    /// The number that a text is; null when it is none.
    Number,
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
    /// A part of a text, by the place of its first character, counted from 1 or, negative, from the end.
    Substring,
    /// What stands before the first place of a text in another.
    SubstringBefore,
    /// What stands after the first place of a text in another.
    SubstringAfter,
    /// Whether a text has another in it.
    Contains,
    /// Whether a text begins with another.
    StartsWith,
    /// Whether a text ends with another.
    EndsWith,
    /// Whether a text has a part that a regular expression describes.
    Matches,
    /// A text with every part that a regular expression describes replaced.
    Replace,
    /// The parts of a text between those that a regular expression describes.
    Split,
    /// Texts end to end, with a text between.
    StringJoin,
    /// The number of characters to put in, take out or replace to make one text of another.
    EditDistance,
    /// Whether a text's last digit is the check digit of those before it.
    HasCheckDigit,
    /// The person's number that a text is; null when it is none.
    PersonNumber,
    /// The organisation's number that a text is; null when it is none.
    OrganisationNumber,
    /// The months or days of an ISO 8601 duration such as `P12M`.
    Duration,
    /// The day that a text, or a year, a month and a day, is; null when it is none.
    Date,
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
    /// The first day of the period that a date falls in, where each period begins with the first of some dates after the
    /// one before has ended.
    PeriodStart,
    /// Whether a subject, by its text, is drawn this night with a share as the probability.
    Drawn,
    /// How many days a case, by its text, waits from a day: from the least to the most.
    WaitingDays,
    /// Every row of an extract, by its id.
    AllRows,
    /// Whether a parameter has a value there: `is listed(kommun(kod))`.
    IsListed,
    /// Whether a parameter's value there was derived: `is derived(riksnorm(dag, antal))`.
    IsDerived,
    /// Whether the extract that a relation leads to was delivered.
    Delivered,
    /// Whether any of these is protected, as their extract says.
    Protected,
    /// The first value, or the second where the first is not there. For what is written, never for what is decided.
    GetOrElse,
    /// The least that a number can be, where some of what it counts is not known; of rows, those that surely belong. For
    /// what is written.
    AtLeast,
    /// Fails, so that tests can see that a robot fails alone.
    #[cfg(test)]
    ProvokePanic,
}

/// As many arguments as one likes.
const ANY_NUMBER: usize = usize::MAX;

/// Name, function, fewest and most arguments.
const TABLE: &[(&str, Function, usize, usize)] = &[
    ("count", Function::Count, 1, 1),
    ("sum", Function::Sum, 1, ANY_NUMBER),
    ("min", Function::Min, 1, ANY_NUMBER),
    ("max", Function::Max, 1, ANY_NUMBER),
    ("mean", Function::Mean, 1, ANY_NUMBER),
    ("first", Function::First, 1, 1),
    ("last", Function::Last, 1, 1),
    ("distinct values", Function::DistinctValues, 1, 1),
    ("all", Function::All, 1, ANY_NUMBER),
    ("any", Function::Any, 1, ANY_NUMBER),
    ("list contains", Function::ListContains, 2, 2),
    ("concatenate", Function::Concatenate, 1, ANY_NUMBER),
    ("append", Function::Append, 2, ANY_NUMBER),
    ("union", Function::Union, 1, ANY_NUMBER),
    ("reverse", Function::Reverse, 1, 1),
    ("sublist", Function::Sublist, 2, 3),
    ("index of", Function::IndexOf, 2, 2),
    ("sort by", Function::SortBy, 2, ANY_NUMBER),
    ("reaching", Function::Reaching, 3, 3),
    ("not", Function::Not, 1, 1),
    ("abs", Function::Abs, 1, 1),
    ("floor", Function::Floor, 1, 2),
    ("ceiling", Function::Ceiling, 1, 2),
    ("modulo", Function::Modulo, 2, 2),
    ("decimal", Function::Decimal, 2, 2),
    ("round up", Function::RoundUp, 2, 2),
    ("round down", Function::RoundDown, 2, 2),
    ("round half up", Function::RoundHalfUp, 2, 2),
    ("round half down", Function::RoundHalfDown, 2, 2),
    ("number", Function::Number, 1, 1),
    ("string", Function::Text, 1, 1),
    ("upper case", Function::UpperCase, 1, 1),
    ("lower case", Function::LowerCase, 1, 1),
    ("without spaces", Function::WithoutSpaces, 1, 1),
    ("string length", Function::TextLength, 1, 1),
    ("substring", Function::Substring, 2, 3),
    ("substring before", Function::SubstringBefore, 2, 2),
    ("substring after", Function::SubstringAfter, 2, 2),
    ("contains", Function::Contains, 2, 2),
    ("starts with", Function::StartsWith, 2, 2),
    ("ends with", Function::EndsWith, 2, 2),
    ("matches", Function::Matches, 2, 3),
    ("replace", Function::Replace, 3, 4),
    ("split", Function::Split, 2, 2),
    ("string join", Function::StringJoin, 1, 2),
    ("edit distance", Function::EditDistance, 2, 2),
    ("has check digit", Function::HasCheckDigit, 1, 1),
    ("person number", Function::PersonNumber, 1, 1),
    ("organisation number", Function::OrganisationNumber, 1, 1),
    ("duration", Function::Duration, 1, 1),
    ("date", Function::Date, 1, 3),
    ("today", Function::Today, 0, 0),
    ("age", Function::Age, 2, 2),
    ("days between", Function::DaysBetween, 2, 2),
    ("months between", Function::MonthsBetween, 2, 2),
    ("month of", Function::MonthOf, 1, 1),
    ("first day", Function::FirstDay, 1, 1),
    ("last day", Function::LastDay, 1, 1),
    ("period start", Function::PeriodStart, 3, 3),
    ("drawn", Function::Drawn, 2, 2),
    ("waiting days", Function::WaitingDays, 4, 4),
    ("all rows", Function::AllRows, 1, 1),
    ("is listed", Function::IsListed, 1, 1),
    ("is derived", Function::IsDerived, 1, 1),
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

    /// The fewest and the most arguments it takes; `usize::MAX` where there is no most.
    #[must_use]
    pub fn arity(self) -> (usize, usize) {
        TABLE.iter().find(|(_, function, ..)| *function == self).map_or((0, 0), |(.., least, most)| (*least, *most))
    }

    /// Whether several values in its brackets are a list: `max(a, b)` for `max([a, b])`.
    #[must_use]
    pub fn takes_values_for_a_list(self) -> bool {
        matches!(self, Self::Sum | Self::Min | Self::Max | Self::Mean | Self::All | Self::Any)
    }

    /// Every function's name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|(name, ..)| *name)
    }

    /// Whether it draws from the robot's sample key, and so means something in a robot only.
    #[must_use]
    pub fn draws(self) -> bool {
        matches!(self, Self::Drawn | Self::WaitingDays)
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
