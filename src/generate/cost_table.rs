//! The table of plants of robot hogkostnadsskydd: what is bought and applied for, and what the right answer then is.
//!
//! A household with one of them buys no other Läkemedel or Öppenvård, so that a sum is that of the plant's own purchases.
//! No ceiling has been raised by more than 250 kronor: a sum that is to be below it stays 350 kronor below until the
//! purchase that is tried, so that it was below on every earlier day too.

use super::cost::{Blemish, Listed};
use super::plant::{Checks, Robot, Who};
use super::purchase::Day::{
    Ago, Anniversary, Eighteen, Eve, EveOfEighteen, NewFirst, OldFirst, OldLast, OldPast, YearBefore,
};
use super::purchase::{Amount, CostPlant, Granted, Sought, astray, earlier, kronor, new};

/// Robot hogkostnadsskydd, whose subjects are the new costs. What only informs is in no account.
pub const HOGKOSTNADSSKYDD: Robot =
    Robot { id: "hogkostnadsskydd", checks: &["over-taket", "frikort", "barn", "dubblett"] };

const OVER: Checks = Checks(1);
const FREE: Checks = Checks(1 << 1);
const CHILD: Checks = Checks(1 << 2);
const TWICE: Checks = Checks(1 << 3);
const ALL: Checks = HOGKOSTNADSSKYDD.all();

/// The most applications that a plant takes.
pub const MOST_APPLICATIONS: u64 = 4;

/// The plants of robot hogkostnadsskydd.
pub static COSTS: [CostPlant; 59] = [
    // The first three stand first for `case`, which protects households by their slots.
    CostPlant::either(
        3,
        Who::Adult,
        &[earlier(Ago(200), Amount::Below(600)).in_parts(3), new(Ago(5), kronor(850)).deviates(OVER)],
    ),
    CostPlant::either(2, Who::Adult, &[astray(Listed::Not).undecided(ALL)]),
    CostPlant::either(
        3,
        Who::Adult,
        &[
            earlier(Ago(300), Amount::Below(100)).in_parts(2),
            earlier(Ago(150), kronor(200)),
            new(Ago(3), kronor(150)).deviates(FREE),
        ],
    ),
    // Half a krona over.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(150), Amount::Below(600)), new(Ago(9), Amount::Ore(60_050)).deviates(OVER)],
    ),
    // Not over: the ceiling itself, nine tenths of it, and an öre less. The first two inform.
    CostPlant::either(2, Who::Adult, &[earlier(Ago(150), Amount::Below(600)).in_parts(2), new(Ago(9), kronor(600))]),
    CostPlant::either(2, Who::Adult, &[earlier(Ago(100), Amount::BelowNineTenths(100)), new(Ago(7), kronor(100))]),
    CostPlant::either(
        1,
        Who::Adult,
        &[earlier(Ago(100), Amount::BelowNineTenths(100)), new(Ago(7), Amount::Ore(9_999))],
    ),
    // The ceiling is reached when the sum is as much.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(120), Amount::Below(0)).in_parts(3), new(Ago(6), kronor(90)).deviates(FREE)],
    ),
    CostPlant::either(
        2,
        Who::Adult,
        &[
            earlier(Ago(90), Amount::Below(600)),
            new(Ago(12), kronor(700)).deviates(OVER),
            new(Ago(2), kronor(80)).deviates(FREE),
        ],
    ),
    // Of two on one day the one with the lower Kostnad comes first.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(90), Amount::Below(600)), new(Ago(12), kronor(600)), new(Ago(12), kronor(90)).deviates(FREE)],
    ),
    // Receipts that come late, and are tried against what was bought before them.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(250), Amount::Below(600)), earlier(Ago(20), kronor(800)), new(Ago(40), kronor(500))],
    ),
    CostPlant::either(
        2,
        Who::Adult,
        &[
            earlier(Ago(250), Amount::Below(600)),
            earlier(Ago(20), kronor(300)),
            new(Ago(40), kronor(650)).deviates(OVER),
        ],
    ),
    CostPlant::either(2, Who::Adult, &[earlier(Ago(100), Amount::Above(50)), new(Ago(130), kronor(120))]),
    // The first day of the next period, and the last of this one.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(YearBefore(10), Amount::Above(100)).in_parts(2), new(Anniversary(10), kronor(140))],
    ),
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(YearBefore(10), Amount::Above(100)).in_parts(2), new(Eve(10), kronor(140)).deviates(FREE)],
    ),
    // A refusal counts nothing, and begins a period all the same.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(180), Amount::Below(50)).granted(Granted::Nothing), new(Ago(8), kronor(600))],
    ),
    CostPlant::either(
        2,
        Who::Adult,
        &[
            earlier(YearBefore(10), kronor(300)).granted(Granted::Nothing),
            earlier(Ago(100), Amount::Above(0)),
            new(Anniversary(10), kronor(140)),
        ],
    ),
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(180), Amount::Above(400)).granted(Granted::Part(90)), new(Ago(8), kronor(400))],
    ),
    // What is not decided counts as it was sought.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(15), Amount::Below(400)).granted(Granted::Undecided), new(Ago(4), kronor(650)).deviates(OVER)],
    ),
    // Each kind and each adult has a period of its own.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(120), Amount::Above(100)), new(Ago(5), kronor(200)).of_other_kind()],
    ),
    CostPlant::either(
        4,
        Who::AdultWithPartner,
        &[earlier(Ago(120), Amount::Above(100)).by_second(), new(Ago(5), kronor(200))],
    ),
    CostPlant::either(
        3,
        Who::AdultWithPartner,
        &[
            earlier(Ago(120), Amount::Below(600)),
            earlier(Ago(110), Amount::Below(600)).by_second(),
            new(Ago(5), kronor(700)).deviates(OVER),
            new(Ago(5), kronor(550)).by_second(),
        ],
    ),
    CostPlant::care(
        4,
        Who::AdultWithChild,
        &[earlier(Ago(120), Amount::Above(100)), new(Ago(5), kronor(200)).by_second()],
    ),
    // The children have one together, for Öppenvård.
    CostPlant::care(
        12,
        Who::TwoChildren,
        &[earlier(Ago(160), Amount::Below(400)).in_parts(2), new(Ago(6), kronor(500)).by_second().deviates(OVER)],
    ),
    CostPlant::care(
        10,
        Who::TwoChildren,
        &[
            earlier(Ago(160), Amount::Below(100)),
            earlier(Ago(80), kronor(250)).by_second(),
            new(Ago(6), kronor(120)).deviates(FREE),
        ],
    ),
    CostPlant::care(
        8,
        Who::TwoChildren,
        &[earlier(Ago(160), Amount::Below(400)), new(Ago(6), kronor(400)).by_second()],
    ),
    CostPlant::care(5, Who::Child, &[earlier(Ago(160), Amount::Below(600)), new(Ago(6), kronor(610)).deviates(OVER)]),
    // Läkemedel before 18 is in no period.
    CostPlant::medicine(8, Who::Child, &[new(Ago(5), kronor(180)).deviates(CHILD)]),
    CostPlant::medicine(
        5,
        Who::Child,
        &[earlier(Ago(150), Amount::Above(100)), new(Ago(5), kronor(250)).deviates(CHILD)],
    ),
    CostPlant::medicine(
        5,
        Who::Child,
        &[earlier(Ago(40), kronor(185)), new(Ago(40), kronor(185)).deviates(CHILD.and(TWICE))],
    ),
    // Sought before: also what was refused, in another case, and in the same application.
    CostPlant::either(3, Who::Adult, &[earlier(Ago(33), kronor(289)), new(Ago(33), kronor(289)).deviates(TWICE)]),
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(33), kronor(289)).granted(Granted::Nothing), new(Ago(33), kronor(289)).deviates(TWICE)],
    ),
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(33), kronor(289)).sought(Sought::EarlierElsewhere), new(Ago(33), kronor(289)).deviates(TWICE)],
    ),
    CostPlant::either(2, Who::Adult, &[new(Ago(14), kronor(210)), new(Ago(14), kronor(210)).deviates(TWICE)]),
    // Another amount, another day, another kind.
    CostPlant::either(
        2,
        Who::Adult,
        &[
            earlier(Ago(30), kronor(210)),
            new(Ago(30), Amount::Ore(21_001)),
            new(Ago(29), kronor(210)),
            new(Ago(30), kronor(210)).of_other_kind(),
        ],
    ),
    // Another person.
    CostPlant::either(
        3,
        Who::AdultWithPartner,
        &[earlier(Ago(30), kronor(210)).by_second(), new(Ago(30), kronor(210))],
    ),
    // What was sought before counts once more.
    CostPlant::either(
        2,
        Who::Adult,
        &[
            earlier(Ago(200), Amount::Below(400)),
            earlier(Ago(30), kronor(350)),
            new(Ago(30), kronor(350)).deviates(OVER.and(TWICE)),
        ],
    ),
    CostPlant::either(
        2,
        Who::Adult,
        &[
            earlier(Ago(200), Amount::Above(50)),
            earlier(Ago(30), kronor(160)),
            new(Ago(30), kronor(160)).deviates(FREE.and(TWICE)),
        ],
    ),
    // The sum is the person's, whatever the case.
    CostPlant::either(
        2,
        Who::Adult,
        &[
            earlier(Ago(140), Amount::Below(600)).sought(Sought::EarlierElsewhere),
            new(Ago(5), kronor(700)).deviates(OVER),
        ],
    ),
    // Over the ceiling, and no subject: not new, and not a member's.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(140), Amount::Below(600)), earlier(Ago(10), kronor(900)).sought(Sought::DayBefore)],
    ),
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(140), Amount::Below(600)), earlier(Ago(5), kronor(900)).sought(Sought::TonightElsewhere)],
    ),
    // Counted once, though the row stands there twice.
    CostPlant::either(
        2,
        Who::Adult,
        &[earlier(Ago(150), Amount::Below(600)).blemished(Blemish::Twice), new(Ago(5), kronor(200))],
    ),
    // Whether it is new cannot be told.
    CostPlant::either(1, Who::Adult, &[astray(Listed::Undated).undecided(ALL)]),
    CostPlant::either(1, Who::Adult, &[astray(Listed::Misdated).undecided(ALL)]),
    CostPlant::either(1, Who::Adult, &[astray(Listed::Short).undecided(ALL)]),
    // Cells that cannot be read. The day could be before 18, before or after the ceiling was reached, or that of the other.
    CostPlant::medicine(
        1,
        Who::Adult,
        &[
            earlier(Ago(200), Amount::Below(100)),
            earlier(Ago(60), kronor(180)),
            new(Ago(5), kronor(180)).blemished(Blemish::Day).undecided(ALL),
        ],
    ),
    CostPlant::care(
        1,
        Who::Adult,
        &[
            earlier(Ago(200), Amount::Below(100)),
            earlier(Ago(60), kronor(180)),
            new(Ago(5), kronor(180)).blemished(Blemish::Day).undecided(OVER.and(FREE).and(TWICE)),
        ],
    ),
    CostPlant::either(
        1,
        Who::Adult,
        &[earlier(Ago(200), Amount::Below(600)), new(Ago(5), kronor(700)).blemished(Blemish::Sought).undecided(OVER)],
    ),
    CostPlant::either(
        1,
        Who::Adult,
        &[earlier(Ago(200), Amount::Below(600)), new(Ago(5), kronor(700)).blemished(Blemish::NoSought).undecided(OVER)],
    ),
    CostPlant::either(
        1,
        Who::Adult,
        &[
            earlier(Ago(200), kronor(900)).blemished(Blemish::Granted),
            new(Ago(5), kronor(300)).undecided(OVER.and(FREE)),
        ],
    ),
    CostPlant::either(1, Who::Adult, &[new(Ago(5), kronor(300)).blemished(Blemish::Kind).undecided(ALL)]),
    // A row of the person's is rejected: the sums are not known, nor what else it may have been.
    CostPlant::either(
        1,
        Who::Adult,
        &[
            earlier(Ago(200), kronor(400)).blemished(Blemish::NoKey),
            new(Ago(5), kronor(300)).undecided(OVER.and(FREE).and(TWICE)),
        ],
    ),
    CostPlant::either(
        1,
        Who::Adult,
        &[
            earlier(Ago(200), kronor(400)).blemished(Blemish::Short),
            new(Ago(5), kronor(300)).undecided(OVER.and(FREE).and(TWICE)),
        ],
    ),
    CostPlant::either(
        1,
        Who::Adult,
        &[
            earlier(Ago(200), kronor(400)).blemished(Blemish::NoKey),
            earlier(Ago(25), kronor(300)),
            new(Ago(25), kronor(300)).deviates(TWICE).undecided(OVER.and(FREE)),
        ],
    ),
    // The older rules and the newer, by the day that the period began.
    CostPlant::medicine(
        3,
        Who::Adult,
        &[earlier(OldFirst, Amount::Below(600)), new(OldLast, kronor(650)).deviates(OVER)],
    ),
    // Reached under the lower ceiling of 2025, and kept when it was raised.
    CostPlant::medicine(2, Who::Adult, &[earlier(OldFirst, Amount::Ceiling), new(OldLast, kronor(40)).deviates(FREE)]),
    CostPlant::medicine(2, Who::Adult, &[earlier(NewFirst, kronor(2_400)), new(OldLast, kronor(600))]),
    CostPlant::medicine(2, Who::Adult, &[earlier(OldFirst, Amount::Above(100)), new(OldPast, kronor(3_000))]),
    CostPlant::medicine(
        2,
        Who::Adult,
        &[earlier(NewFirst, Amount::Below(600)), new(OldLast, kronor(650)).deviates(OVER)],
    ),
];

/// For a member whose date of birth is not known: the ceiling was reached, or is passed now, or neither, by when 18 was
/// turned.
pub static UNKNOWN_BIRTH: [CostPlant; 3] = [
    CostPlant::medicine(
        0,
        Who::Anyone,
        &[
            earlier(Ago(200), Amount::Below(100)),
            earlier(Ago(100), Amount::Below(50)),
            new(Ago(9), kronor(240)).undecided(OVER.and(FREE).and(CHILD)),
        ],
    ),
    CostPlant::care(
        0,
        Who::Anyone,
        &[
            earlier(Ago(200), Amount::Below(100)),
            earlier(Ago(100), Amount::Below(50)),
            new(Ago(9), kronor(240)).undecided(OVER.and(FREE)),
        ],
    ),
    CostPlant::medicine(
        0,
        Who::Anyone,
        &[
            earlier(Ago(40), kronor(155)),
            new(Ago(40), kronor(155)).deviates(TWICE).undecided(OVER.and(FREE).and(CHILD)),
        ],
    ),
];

/// For a member who turns 18 on the last night or later.
pub static UNTIL_EIGHTEEN: CostPlant =
    CostPlant::medicine(0, Who::Anyone, &[new(EveOfEighteen, kronor(175)).deviates(CHILD)]);

/// For a member who has turned 18 by `since`: what is bought on the birthday is an adult's.
pub static FROM_EIGHTEEN: [CostPlant; 2] = [
    CostPlant::medicine(
        0,
        Who::Anyone,
        &[
            earlier(Ago(90), Amount::Above(100)),
            new(EveOfEighteen, kronor(175)).deviates(CHILD),
            new(Eighteen, kronor(175)),
        ],
    ),
    CostPlant::care(
        0,
        Who::Anyone,
        &[
            earlier(Ago(90), Amount::Below(400)),
            new(EveOfEighteen, kronor(450)).deviates(OVER),
            new(Eighteen, kronor(450)),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// One for each part of what is not new, and one for what is.
    fn applications(plant: &CostPlant) -> u64 {
        let apart = plant.purchases.iter().filter(|purchase| purchase.sought != Sought::Tonight);
        1 + apart.map(|purchase| purchase.parts).sum::<u64>()
    }

    #[test]
    fn no_plant_takes_more_applications_than_there_is_room_for() {
        let plants = COSTS.iter().chain(&UNKNOWN_BIRTH).chain(&FROM_EIGHTEEN).chain([&UNTIL_EIGHTEEN]);
        assert_eq!(plants.map(applications).max(), Some(MOST_APPLICATIONS));
        assert!(COSTS.iter().map(|plant| plant.per_mille).sum::<u64>() < 1_000);
    }

    #[test]
    fn what_is_no_subject_has_no_answer() {
        for purchase in COSTS.iter().flat_map(|plant| plant.purchases) {
            assert!(purchase.is_subject() || purchase.effect == super::super::plant::Effect::NONE);
        }
    }
}
