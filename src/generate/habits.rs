//! What households buy as they always have: how often, and for how much.

use super::cost::Kind;

/// How often something is bought, and for how much.
#[derive(Clone, Copy)]
pub struct Habit {
    /// Of a hundred applications.
    pub per_100: u64,
    /// The least, in kronor.
    pub least: u64,
    /// So many different amounts in whole kronor from `least` on.
    pub spread: u64,
}

const fn habit(per_100: u64, least: u64, spread: u64) -> Habit {
    Habit { per_100, least, spread }
}

/// Bought for the household: rent and electricity for the most part.
pub const HOUSEHOLD: [(Kind, Habit); 6] = [
    (Kind::Rent, habit(45, 3_800, 3_200)),
    (Kind::Power, habit(35, 180, 700)),
    (Kind::Insurance, habit(6, 90, 180)),
    (Kind::Broadband, habit(6, 199, 250)),
    (Kind::Travel, habit(6, 60, 900)),
    (Kind::Dental, habit(4, 150, 2_500)),
];

/// A person's own, Läkemedel and Öppenvård; the latter at most every third month.
pub type Habits = [Habit; 2];

/// What most buy.
pub const SELDOM: Habits = [habit(20, 20, 160), habit(30, 60, 160)];
/// What those buy who apply on `since`, where a small town too is to have many that are clear. Bought at most thirteen
/// and five times in twelve months, neither comes to a ceiling: they have been at least 2 400 and 1 200 kronor in the
/// years that are made.
pub const LITTLE: Habits = [habit(45, 20, 160), habit(80, 60, 160)];
/// What a few buy, Öppenvård every month too: ceilings are reached.
pub const MUCH: Habits = [habit(70, 100, 700), habit(50, 100, 300)];
