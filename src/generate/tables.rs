//! The tables of plants, one for each robot: what is planted, how often, and what the right answer then is. That of robot
//! hogkostnadsskydd, which tells purchases, stands in `cost_table`.
//!
//! `per_mille` is of the cases, and a plant whose household does not suit comes to nothing.

use super::plant::{Checks, Effect, Plant, Robot, Who};

/// The shares of a whole table, in thousandths.
pub fn total<K>(table: &[Plant<K>]) -> u64 {
    table.iter().map(|plant| plant.per_mille).sum()
}

/// Robot folkbokforing, whose subjects are the cases.
pub const FOLKBOKFORING: Robot = Robot {
    id: "folkbokforing",
    checks: &[
        "adress-andrad",
        "farre-skrivna",
        "fler-skrivna",
        "olika-adresser",
        "annan-kommun",
        "avregistrerad",
        "saknas-i-kir",
    ],
};

const MOVED: Checks = Checks(1);
const FEWER: Checks = Checks(1 << 1);
const MORE: Checks = Checks(1 << 2);
const APART: Checks = Checks(1 << 3);
const ABROAD: Checks = Checks(1 << 4);
const DEREGISTERED: Checks = Checks(1 << 5);
const MISSING: Checks = Checks(1 << 6);

/// What a household can have in kir and hushall.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CensusKind {
    Nothing,
    /// Flyttdatum is `since`, the first day that counts.
    MovedOnSince,
    MovedTonight,
    /// The day before `since`, the last that does not count.
    MovedDayBefore,
    Elsewhere,
    ElsewhereMoved,
    NoAddress,
    ApplicantNoAddress,
    /// Membership ended the day before the night; still registered.
    Ended,
    EndsTonight,
    StartsTonight,
    StartsTomorrow,
    ApplicantEnded,
    OtherMunicipality,
    OtherMunicipalityMoved,
    LoneApplicantAway,
    ApplicantAway,
    Deregistered,
    ApplicantDeregistered,
    /// Deregistered, with another municipality and adressid left in the row.
    DeregisteredElsewhere,
    NotInKir,
    ApplicantNotInKir,
    UnknownBirth,
    ApplicantUnknownBirth,
    Lodger,
    DeregisteredLodger,
    /// One member elsewhere and one lodger: the number registered is right.
    LodgerForAbsent,
    /// One member without adressid and one lodger: the number registered is right.
    LodgerForNoAddress,
}

impl CensusKind {
    /// Somebody who is no member is registered at the sökande's adressid.
    pub fn lodges(self) -> bool {
        matches!(self, CensusKind::Lodger | CensusKind::LodgerForAbsent | CensusKind::LodgerForNoAddress)
    }

    /// The member that it is about has no row in kir.
    pub fn leaves_kir(self) -> bool {
        matches!(
            self,
            CensusKind::NotInKir
                | CensusKind::ApplicantNotInKir
                | CensusKind::UnknownBirth
                | CensusKind::ApplicantUnknownBirth
        )
    }
}

/// Nothing planted for robot folkbokforing.
pub static NOTHING: Plant<CensusKind> = Plant::clear(CensusKind::Nothing, 0, Who::Anyone);

/// The plants of robot folkbokforing.
pub static CENSUS: [Plant<CensusKind>; 21] = [
    Plant::flags(CensusKind::MovedOnSince, 9, Who::Anyone, MOVED),
    Plant::flags(CensusKind::MovedTonight, 4, Who::Anyone, MOVED),
    Plant::clear(CensusKind::MovedDayBefore, 4, Who::Anyone),
    Plant::flags(CensusKind::Elsewhere, 22, Who::Other, FEWER.and(APART)),
    Plant::flags(CensusKind::ElsewhereMoved, 8, Who::Other, MOVED.and(FEWER).and(APART)),
    Plant::flags(CensusKind::NoAddress, 8, Who::Other, FEWER),
    Plant::hides(CensusKind::ApplicantNoAddress, 6, Who::Applicant, FEWER.and(MORE).and(APART)),
    Plant::flags(CensusKind::Ended, 10, Who::Other, MORE),
    Plant::clear(CensusKind::EndsTonight, 5, Who::Other),
    Plant::clear(CensusKind::StartsTonight, 5, Who::Other),
    Plant::flags(CensusKind::StartsTomorrow, 4, Who::Other, MORE),
    Plant::hides(CensusKind::ApplicantEnded, 5, Who::FirstOfTwoAdults, FEWER.and(MORE)),
    Plant::flags(CensusKind::OtherMunicipality, 10, Who::Other, FEWER.and(APART).and(ABROAD)),
    Plant::flags(CensusKind::OtherMunicipalityMoved, 6, Who::Other, MOVED.and(FEWER).and(APART).and(ABROAD)),
    Plant::flags(CensusKind::LoneApplicantAway, 5, Who::Alone, ABROAD),
    Plant::flags(CensusKind::ApplicantAway, 5, Who::FirstOfSeveral, APART.and(ABROAD)),
    Plant::flags(CensusKind::Deregistered, 6, Who::Other, FEWER.and(DEREGISTERED)),
    Plant::flags(CensusKind::ApplicantDeregistered, 3, Who::Applicant, FEWER.and(DEREGISTERED)),
    Plant::flags(CensusKind::DeregisteredElsewhere, 5, Who::Other, FEWER.and(DEREGISTERED)),
    Plant::flags(CensusKind::NotInKir, 10, Who::Other, FEWER.and(MISSING)),
    Plant::flags(CensusKind::ApplicantNotInKir, 4, Who::Applicant, MISSING),
];

/// Tried first, in the households that have somebody to lodge with them.
pub static LODGING: [Plant<CensusKind>; 4] = [
    Plant::flags(CensusKind::Lodger, 240, Who::Applicant, MORE),
    Plant::clear(CensusKind::DeregisteredLodger, 60, Who::Applicant),
    Plant::flags(CensusKind::LodgerForAbsent, 90, Who::Other, APART),
    Plant::hides(CensusKind::LodgerForNoAddress, 60, Who::Other, APART),
];

/// For who is alone, and for who is not.
pub static UNKNOWN_BIRTH: [Plant<CensusKind>; 2] = [
    Plant::flags(CensusKind::ApplicantUnknownBirth, 0, Who::Alone, MISSING),
    Plant::flags(CensusKind::UnknownBirth, 0, Who::Other, FEWER.and(MISSING)),
];

/// Robot fordonsinnehav, whose subjects are the adult members.
pub const FORDONSINNEHAV: Robot = Robot {
    id: "fordonsinnehav",
    checks: &["nytt-fordon", "okant-fordon", "manga-agda", "tata-agarbyten", "forsvunnet-fordon", "pastallt"],
};

const NEW: Checks = Checks(1);
const UNKNOWN: Checks = Checks(1 << 1);
const MANY: Checks = Checks(1 << 2);
const CLOSE: Checks = Checks(1 << 3);
const GONE: Checks = Checks(1 << 4);
const ON_ROAD: Checks = Checks(1 << 5);

/// What a household can have in fordon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FleetKind {
    Nothing,
    /// Not there last night, and known in the case.
    New,
    /// The same, and not known.
    NewUnknown,
    /// Owned since 30 days before the night, the last that counts.
    NewThirtyDays,
    NewThirtyOneDays,
    /// No Ägare sedan.
    NewUndated,
    /// The same regnr last night, on another make.
    OtherMake,
    OtherYear,
    /// Årsmodell was there last night; the same vehicle.
    YearLost,
    /// The regnr with a space one night and without the other; the same vehicle.
    PlateRespaced,
    Unknown,
    /// The vehicle that is not known is a child's.
    UnknownOfChild,
    /// Three, the limit, none in traffic.
    Three,
    Two,
    ThreeWithinYear,
    /// One of the three exactly twelve months before the night.
    ThreeYearToTheDay,
    /// One of the three a day more than twelve months before.
    ThreeYearAndADay,
    ThirdIsNew,
    Sold,
    /// Gone from the extract altogether.
    Scrapped,
    WithinHousehold,
    BackOnRoad,
    BackOnRoadUnknown,
    OffRoad,
    /// Kända fordon is empty.
    KnownMissing,
}

/// Nothing planted for robot fordonsinnehav.
pub static NO_FLEET: Plant<FleetKind> = Plant::clear(FleetKind::Nothing, 0, Who::Adult);

/// The plants of robot fordonsinnehav.
pub static FLEET: [Plant<FleetKind>; 24] = [
    Plant::flags(FleetKind::New, 3, Who::Adult, NEW),
    Plant::flags(FleetKind::NewUnknown, 2, Who::Adult, NEW).with_everyone(Effect::deviates(UNKNOWN)),
    Plant::flags(FleetKind::NewThirtyDays, 2, Who::Adult, NEW),
    Plant::clear(FleetKind::NewThirtyOneDays, 2, Who::Adult),
    Plant::flags(FleetKind::NewUndated, 2, Who::Adult, NEW),
    Plant::flags(FleetKind::OtherMake, 2, Who::Adult, NEW),
    Plant::flags(FleetKind::OtherYear, 2, Who::Adult, NEW),
    Plant::clear(FleetKind::YearLost, 2, Who::Adult),
    Plant::clear(FleetKind::PlateRespaced, 2, Who::Adult),
    Plant::clear(FleetKind::Unknown, 3, Who::Adult).with_everyone(Effect::deviates(UNKNOWN)),
    Plant::clear(FleetKind::UnknownOfChild, 4, Who::AdultWithChild).with_everyone(Effect::deviates(UNKNOWN)),
    Plant::flags(FleetKind::Three, 2, Who::Adult, MANY),
    Plant::clear(FleetKind::Two, 2, Who::Adult),
    Plant::flags(FleetKind::ThreeWithinYear, 2, Who::Adult, MANY.and(CLOSE)),
    Plant::flags(FleetKind::ThreeYearToTheDay, 2, Who::Adult, MANY.and(CLOSE)),
    Plant::flags(FleetKind::ThreeYearAndADay, 2, Who::Adult, MANY),
    Plant::flags(FleetKind::ThirdIsNew, 2, Who::Adult, NEW.and(MANY)),
    Plant::flags(FleetKind::Sold, 3, Who::Adult, GONE),
    Plant::clear(FleetKind::Scrapped, 2, Who::Adult),
    Plant::flags(FleetKind::WithinHousehold, 4, Who::AdultWithPartner, GONE).with_partner(Effect::deviates(NEW)),
    Plant::flags(FleetKind::BackOnRoad, 3, Who::Adult, ON_ROAD),
    Plant::flags(FleetKind::BackOnRoadUnknown, 2, Who::Adult, ON_ROAD).with_everyone(Effect::deviates(UNKNOWN)),
    Plant::clear(FleetKind::OffRoad, 2, Who::Adult),
    Plant::clear(FleetKind::KnownMissing, 3, Who::Adult).with_everyone(Effect::undecided(UNKNOWN)),
];

/// Robot arbetsformedlingen, whose subjects are the members of working age where the hindrance is Arbetslös.
pub const ARBETSFORMEDLINGEN: Robot = Robot {
    id: "arbetsformedlingen",
    checks: &["utskriven", "utskriven-tidigare", "aldrig-inskriven", "andrad-kategori", "ingen-aktivitetsrapport"],
};

const LEFT: Checks = Checks(1);
const LEFT_BEFORE: Checks = Checks(1 << 1);
const NEVER: Checks = Checks(1 << 2);
const CATEGORY: Checks = Checks(1 << 3);
const NO_REPORT: Checks = Checks(1 << 4);

/// What a member can have in af.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkKind {
    Nothing,
    /// `J` last night, `N` tonight.
    Left,
    /// The same, without a date.
    LeftUndated,
    /// `J` last night, not in tonight's extract.
    LeftExtract,
    /// Not in last night's extract; avaktualiserad on `since`.
    LeftUnseen,
    /// FEL last night; avaktualiserad on `since`.
    LeftAfterFel,
    /// Not in last night's extract; avaktualiserad the day before `since`.
    LeftEarlier,
    /// FEL last night; avaktualiserad the day before `since`.
    LeftEarlierAfterFel,
    /// In neither extract.
    Absent,
    NeverRegistered,
    /// Answer OK, and all of it empty.
    NeverAnswered,
    CategoryChanged,
    CategoryUnknown,
    CategoryEmpty,
    /// The last report 46 days before the night.
    ReportLate,
    /// 45 days, the last that is in time.
    ReportInTime,
    /// No report; registered 46 days before the night.
    NoReportLate,
    NoReportInTime,
    /// Neither report nor date of registration.
    NoReportUndated,
    Fel,
    FelLastNight,
    /// Not in last night's extract, `J` tonight.
    Arrived,
}

/// Nothing planted for robot arbetsformedlingen.
pub static NO_WORK: Plant<WorkKind> = Plant::clear(WorkKind::Nothing, 0, Who::Seeker);

/// The plants of robot arbetsformedlingen.
pub static WORK: [Plant<WorkKind>; 21] = [
    Plant::flags(WorkKind::Left, 4, Who::Seeker, LEFT),
    Plant::flags(WorkKind::LeftUndated, 2, Who::Seeker, LEFT),
    Plant::flags(WorkKind::LeftExtract, 2, Who::Seeker, LEFT),
    Plant::flags(WorkKind::LeftUnseen, 3, Who::Seeker, LEFT_BEFORE),
    Plant::flags(WorkKind::LeftAfterFel, 3, Who::Seeker, LEFT_BEFORE),
    Plant::clear(WorkKind::LeftEarlier, 2, Who::Seeker),
    Plant::hides(WorkKind::LeftEarlierAfterFel, 2, Who::Seeker, LEFT),
    Plant::flags(WorkKind::Absent, 3, Who::Seeker, NEVER),
    Plant::flags(WorkKind::NeverRegistered, 3, Who::Seeker, NEVER),
    Plant::flags(WorkKind::NeverAnswered, 2, Who::Seeker, NEVER),
    Plant::flags(WorkKind::CategoryChanged, 4, Who::Seeker, CATEGORY),
    Plant::flags(WorkKind::CategoryUnknown, 2, Who::Seeker, CATEGORY),
    Plant::clear(WorkKind::CategoryEmpty, 2, Who::Seeker),
    Plant::flags(WorkKind::ReportLate, 5, Who::Seeker, NO_REPORT),
    Plant::clear(WorkKind::ReportInTime, 4, Who::Seeker),
    Plant::flags(WorkKind::NoReportLate, 3, Who::Seeker, NO_REPORT),
    Plant::clear(WorkKind::NoReportInTime, 2, Who::Seeker),
    Plant::hides(WorkKind::NoReportUndated, 2, Who::Seeker, NO_REPORT),
    Plant::hides(WorkKind::Fel, 6, Who::Seeker, ARBETSFORMEDLINGEN.all()),
    Plant::hides(WorkKind::FelLastNight, 3, Who::Seeker, CATEGORY),
    Plant::clear(WorkKind::Arrived, 2, Who::Seeker),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_has_more_than_a_thousand_thousandths() {
        assert!(total(&CENSUS).max(total(&LODGING)).max(total(&FLEET)).max(total(&WORK)) <= 1_000);
    }
}
