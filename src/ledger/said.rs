//! Decides what is new: which of the night's findings a note is to say, and which have been said already.
//!
//! Pure: the nights before and after are given, and nothing is read or written. One robot at a time.
//!
//! The rule (see `decide`) never consults the night's own earlier record, nor a neighbour's word that this very night
//! said it. So running the night again gives what it gave the first time.
//!
//! What it does not see is further away than the nearest delivered night on each side. When an earlier night is run
//! late and puts a night without the finding between two that had it, or gives a night where it could not be tried
//! something to carry, the nights after keep what they had, until they are run again; a finding may then be noted anew.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use chrono::NaiveDate;

use super::key::Hash16;

/// A deviation that the robot saw tonight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen<'s> {
    /// The case's number, as in the accounting.
    pub case: &'s str,
    /// Whom or what it is about: the keyed hash of something that stays the same from night to night, such as case
    /// and person. A member's number within the case does not; it shifts when somebody moves in.
    pub subject: Hash16,
    /// The check's id.
    pub check: &'s str,
    /// The keyed hash of what makes it the same finding: the hit and the values in its sentence.
    pub fingerprint: Hash16,
}

/// A finding that stood a night: what the ledger keeps of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// As [`Seen::case`].
    pub case: String,
    /// As [`Seen::check`].
    pub check: String,
    /// As [`Seen::subject`].
    pub subject: Hash16,
    /// As [`Seen::fingerprint`].
    pub fingerprint: Hash16,
    /// Whether it was seen that night, or could not be tried.
    pub presence: Presence,
    /// The night whose note said it; `None` when no note has, as when a held one was refused.
    pub noted_night: Option<NaiveDate>,
    /// The first of the delivered nights that it has stood without a break.
    pub first_night: NaiveDate,
}

/// Why a finding stood a night.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// The robot saw it.
    Seen,
    /// The robot had seen it the night before, and its check could not be tried this night.
    Carried,
}

/// Whether a note is to say a finding tonight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// Tonight's note says it.
    New,
    /// The note of this other night says it.
    SaidOn(NaiveDate),
}

/// The checks that could not be tried tonight, by subject or for a whole case.
#[derive(Clone, Debug, Default)]
pub struct Untried {
    subjects: HashMap<Hash16, BTreeSet<String>>,
    cases: HashMap<String, BTreeSet<String>>,
    /// The subjects that were gone through, where there may have been others that could not be told by name.
    all_but: Option<HashSet<Hash16>>,
}

impl Untried {
    /// The check could not be tried for this subject. May be said also of a check that deviated all the same, where
    /// one of several things that it goes over is unknown.
    pub fn add_subject(&mut self, subject: Hash16, check: &str) {
        self.subjects.entry(subject).or_default().insert(check.to_owned());
    }

    /// The check could not be tried for anyone in the case, known or not, as when one of its members was rejected.
    pub fn add_case(&mut self, case: &str, check: &str) {
        self.cases.entry(case.to_owned()).or_default().insert(check.to_owned());
    }

    /// Some subjects could not be told by name, so whatever is not among these could not be tried.
    pub fn add_all_but(&mut self, gone_through: HashSet<Hash16>) {
        self.all_but = Some(gone_through);
    }

    fn covers(&self, finding: &Standing) -> bool {
        if self.all_but.as_ref().is_some_and(|subjects| !subjects.contains(&finding.subject)) {
            return true;
        }
        let among = |checks: Option<&BTreeSet<String>>| checks.is_some_and(|checks| checks.contains(&finding.check));
        among(self.subjects.get(&finding.subject)) || among(self.cases.get(&finding.case))
    }
}

/// What a night came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What the ledger is to keep of the night: sorted, each finding once.
    pub standing: Vec<Standing>,
    /// One for each of the findings seen, in their order.
    pub novelty: Vec<Novelty>,
}

/// Decides what is new on `night`, given what stood on the robot's `previous` delivered night and on its `next` (which
/// has rows only when an earlier night is run after a later one).
///
/// Two findings are the same when case, check and fingerprint are. A finding seen tonight has been said when it stood
/// on the previous night, or else on the next, and a note of another night than this one said it; otherwise it is new.
/// A finding of the previous night that is not seen stands on where its check could not be tried, and only there.
pub fn decide(
    night: NaiveDate,
    previous: &[Standing],
    next: &[Standing],
    seen: &[Seen<'_>],
    untried: &Untried,
) -> Said {
    let (before, after) = (stood(night, previous), stood(night, next));
    let novelty: Vec<Novelty> = seen
        .iter()
        .map(|finding| {
            let noted_in = |stood: &HashMap<Sameness<'_>, Stood>| stood.get(&finding.sameness())?.noted;
            noted_in(&before).or_else(|| noted_in(&after)).map_or(Novelty::New, Novelty::SaidOn)
        })
        .collect();

    let may_be_carried: Vec<&Standing> = previous.iter().filter(|finding| untried.covers(finding)).collect();
    let seen_tonight: HashSet<Sameness<'_>> = match may_be_carried.as_slice() {
        [] => HashSet::new(),
        _ => seen.iter().map(Seen::sameness).collect(),
    };
    let carried = may_be_carried
        .into_iter()
        .filter(|finding| !seen_tonight.contains(&finding.sameness()))
        .map(|finding| Standing { presence: Presence::Carried, ..finding.clone() });

    let stands = |(finding, novelty): (&Seen<'_>, &Novelty)| {
        let first_night = before.get(&finding.sameness()).map_or(night, |stood| stood.first);
        Standing { first_night, ..finding.standing(night, *novelty) }
    };
    let mut standing: Vec<Standing> = seen.iter().zip(&novelty).map(stands).chain(carried).collect();
    standing.sort_unstable();
    standing.dedup();
    Said { standing, novelty }
}

impl Seen<'_> {
    fn sameness(&self) -> Sameness<'_> {
        Sameness { fingerprint: self.fingerprint, case: self.case, check: self.check }
    }

    fn standing(&self, night: NaiveDate, novelty: Novelty) -> Standing {
        let noted = match novelty {
            Novelty::New => night,
            Novelty::SaidOn(other) => other,
        };
        Standing {
            case: self.case.to_owned(),
            check: self.check.to_owned(),
            subject: self.subject,
            fingerprint: self.fingerprint,
            presence: Presence::Seen,
            noted_night: Some(noted),
            first_night: night,
        }
    }
}

/// What makes two findings the same: case, check and fingerprint. Not the subject: what a sentence says about a case
/// is said once, whichever of its members it was met at.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sameness<'a> {
    fingerprint: Hash16,
    case: &'a str,
    check: &'a str,
}

/// By the fingerprint, which is a hash already and tells nearly all findings apart.
impl Hash for Sameness<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

impl Standing {
    fn sameness(&self) -> Sameness<'_> {
        Sameness { fingerprint: self.fingerprint, case: &self.case, check: &self.check }
    }
}

/// How a finding stood on a night: the first of the nights that it had stood then, and the first of those, other than
/// the one that is run, whose note said it.
struct Stood {
    first: NaiveDate,
    noted: Option<NaiveDate>,
}

/// The findings that stood; the same one may have stood at several subjects.
fn stood(night: NaiveDate, standing: &[Standing]) -> HashMap<Sameness<'_>, Stood> {
    let mut all: HashMap<Sameness<'_>, Stood> = HashMap::with_capacity(standing.len());
    for finding in standing {
        let noted = finding.noted_night.filter(|noted| *noted != night);
        let stood = all.entry(finding.sameness()).or_insert(Stood { first: finding.first_night, noted });
        stood.first = stood.first.min(finding.first_night);
        stood.noted = stood.noted.into_iter().chain(noted).min();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn night(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn hash(byte: u8) -> Hash16 {
        Hash16::from([byte; 16])
    }

    fn seen(fingerprint: u8) -> Seen<'static> {
        Seen { case: "A1", subject: hash(1), check: "nytt-fordon", fingerprint: hash(fingerprint) }
    }

    fn stood(fingerprint: u8, noted: Option<u32>) -> Standing {
        let first_night = night(noted.unwrap_or(1));
        Standing { noted_night: noted.map(night), first_night, ..seen(fingerprint).standing(night(1), Novelty::New) }
    }

    fn tried() -> Untried {
        Untried::default()
    }

    #[test]
    fn a_finding_that_has_not_stood_is_new() {
        let said = decide(night(2), &[stood(9, Some(1))], &[], &[seen(1)], &tried());
        assert_eq!(said.novelty, [Novelty::New]);
        assert_eq!(said.standing, [stood(1, Some(2))], "and the one that is gone does not stand");
    }

    #[test]
    fn a_finding_that_a_note_has_said_is_not_said_again_whichever_member_it_is_met_at() {
        let other_member = Seen { subject: hash(2), ..seen(1) };
        let said = decide(night(3), &[stood(1, Some(1))], &[], &[seen(1), other_member], &tried());
        assert_eq!(said.novelty, [Novelty::SaidOn(night(1)); 2]);
        assert_eq!(said.standing, [stood(1, Some(1)), Standing { subject: hash(2), ..stood(1, Some(1)) }]);
    }

    #[test]
    fn a_finding_keeps_its_first_night_while_it_stands_and_gets_another_when_it_comes_back() {
        let stands = decide(night(3), &[stood(1, Some(1))], &[], &[seen(1)], &tried()).standing;
        assert_eq!(stands[0].first_night, night(1));
        assert!(decide(night(4), &stands, &[], &[], &tried()).standing.is_empty(), "its cause is gone: it is closed");
        let back = decide(night(5), &[], &[], &[seen(1)], &tried()).standing;
        assert_eq!(
            (back[0].first_night, back[0].noted_night),
            (night(5), Some(night(5))),
            "and said again as a new one"
        );
    }

    #[test]
    fn another_case_or_check_or_value_is_another_finding() {
        let others = [Seen { case: "A2", ..seen(1) }, Seen { check: "forsvunnet-fordon", ..seen(1) }, seen(2)];
        let said = decide(night(2), &[stood(1, Some(1))], &[], &others, &tried());
        assert_eq!(said.novelty, [Novelty::New; 3]);
    }

    #[test]
    fn a_finding_that_stood_without_having_been_noted_is_new() {
        assert_eq!(decide(night(2), &[stood(1, None)], &[], &[seen(1)], &tried()).novelty, [Novelty::New]);
    }

    #[test]
    fn an_earlier_night_run_after_a_later_one_does_not_say_what_the_later_one_said() {
        let said = decide(night(2), &[], &[stood(1, Some(3))], &[seen(1)], &tried());
        assert_eq!(said.novelty, [Novelty::SaidOn(night(3))]);
        assert_eq!(said.standing, [Standing { first_night: night(2), ..stood(1, Some(3)) }]);
    }

    #[test]
    fn the_previous_nights_word_goes_before_the_next_nights() {
        let said = decide(night(3), &[stood(1, Some(1))], &[stood(1, Some(4))], &[seen(1)], &tried());
        assert_eq!(said.novelty, [Novelty::SaidOn(night(1))]);
    }

    #[test]
    fn a_night_run_again_does_not_believe_that_it_has_said_it_itself() {
        let said = decide(night(2), &[stood(1, Some(2))], &[stood(1, Some(2))], &[seen(1)], &tried());
        assert_eq!(said.novelty, [Novelty::New]);
    }

    #[test]
    fn what_could_not_be_tried_is_carried_and_not_said_again_when_it_is_seen_anew() {
        let mut untried = tried();
        untried.add_subject(hash(1), "nytt-fordon");
        let carried = decide(night(2), &[stood(1, Some(1))], &[], &[], &untried).standing;
        assert_eq!(carried, [Standing { presence: Presence::Carried, ..stood(1, Some(1)) }]);
        assert_eq!(decide(night(3), &carried, &[], &[seen(1)], &tried()).novelty, [Novelty::SaidOn(night(1))]);
    }

    #[test]
    fn what_could_be_tried_for_that_subject_and_check_is_not_carried() {
        let mut untried = tried();
        untried.add_subject(hash(2), "nytt-fordon");
        untried.add_subject(hash(1), "forsvunnet-fordon");
        untried.add_case("A2", "nytt-fordon");
        assert!(decide(night(2), &[stood(1, Some(1))], &[], &[], &untried).standing.is_empty());
    }

    #[test]
    fn a_case_that_could_not_be_tried_carries_what_stood_for_each_of_its_members() {
        let mut untried = tried();
        untried.add_case("A1", "nytt-fordon");
        let other_member = Standing { subject: hash(2), ..stood(2, Some(1)) };
        let before = [stood(1, Some(1)), other_member];
        assert_eq!(decide(night(2), &before, &[], &[], &untried).standing.len(), 2);
    }

    #[test]
    fn where_a_subject_may_be_hidden_in_a_row_that_cannot_be_read_what_stood_for_an_absent_one_stands() {
        let mut untried = tried();
        untried.add_all_but(HashSet::from([hash(2)]));
        assert_eq!(decide(night(2), &[stood(1, Some(1))], &[], &[], &untried).standing.len(), 1);
        let gone_through = Standing { subject: hash(2), ..stood(1, Some(1)) };
        assert!(decide(night(2), &[gone_through], &[], &[], &untried).standing.is_empty());
    }

    #[test]
    fn a_finding_met_twice_stands_once() {
        let said = decide(night(1), &[], &[], &[seen(1), seen(1)], &tried());
        assert_eq!((said.novelty.len(), said.standing.len()), (2, 1));
    }

    /// What the world is like a night, for three findings of one case, each at its own subject.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Truth {
        Absent,
        There,
        CannotBeTried,
    }
    const FINDINGS: u8 = 3;
    const NIGHTS: u32 = 8;

    /// The nights that one robot has delivered, and what its notes said.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Memory {
        standing: std::collections::BTreeMap<NaiveDate, Vec<Standing>>,
        notes: std::collections::BTreeMap<NaiveDate, Vec<u8>>,
    }

    impl Memory {
        /// Runs a night as the conductor does: its neighbours are looked up, its own record is replaced.
        fn run(&mut self, day: u32, truths: &[Truth]) {
            let there = |finding: &u8| truths[usize::from(*finding)] == Truth::There;
            let finding = |finding: u8| Seen { subject: hash(finding), ..seen(finding) };
            let seen: Vec<Seen> = (0..FINDINGS).filter(there).map(finding).collect();
            let mut untried = tried();
            (0..FINDINGS)
                .filter(|finding| truths[usize::from(*finding)] == Truth::CannotBeTried)
                .for_each(|finding| untried.add_subject(hash(finding), "nytt-fordon"));

            let previous = self.standing.range(..night(day)).next_back().map(|(_, rows)| rows.as_slice());
            let next = self.standing.range(night(day + 1)..).next().map(|(_, rows)| rows.as_slice());
            let said = decide(night(day), previous.unwrap_or_default(), next.unwrap_or_default(), &seen, &untried);
            let new = seen.iter().zip(&said.novelty).filter(|(_, novelty)| **novelty == Novelty::New);
            self.notes.insert(night(day), new.map(|(finding, _)| finding.fingerprint.bytes()[0]).collect());
            self.standing.insert(night(day), said.standing);
        }

        /// How many notes each unbroken chain of delivered nights with the finding has.
        fn notes_by_chain(&self, finding: u8) -> Vec<usize> {
            let mut chains = vec![];
            let mut unbroken = false;
            for (night, rows) in &self.standing {
                let stands = rows.iter().any(|row| row.fingerprint == hash(finding));
                if stands && !unbroken {
                    chains.push(0);
                }
                unbroken = stands;
                if self.notes[night].contains(&finding) {
                    *chains.last_mut().expect("what is noted stands") += 1;
                }
            }
            chains
        }
    }

    /// The truths of all nights; with `CannotBeTried` among them only when asked for.
    fn world(kinds: &'static [Truth]) -> impl Strategy<Value = Vec<Vec<Truth>>> {
        let night = prop::collection::vec(prop::sample::select(kinds), usize::from(FINDINGS));
        prop::collection::vec(night, NIGHTS as usize)
    }
    const ALL: &[Truth] = &[Truth::Absent, Truth::There, Truth::CannotBeTried];
    const TRIED: &[Truth] = &[Truth::Absent, Truth::There];

    proptest! {
        #[test]
        fn nights_in_order_note_each_chain_once_and_any_of_them_run_again_changes_nothing(
            world in world(ALL),
            again in prop::collection::vec((1..=NIGHTS, 1..=NIGHTS), 0..12),
        ) {
            let mut memory = Memory::default();
            for day in 1..=NIGHTS {
                memory.run(day, &world[day as usize - 1]);
                // Any night up to this one, run again.
                for (_, earlier) in again.iter().filter(|(when, earlier)| *when == day && *earlier <= day) {
                    let before = memory.clone();
                    memory.run(*earlier, &world[*earlier as usize - 1]);
                    prop_assert_eq!(&memory, &before);
                }
            }
            for finding in 0..FINDINGS {
                prop_assert!(memory.notes_by_chain(finding).iter().all(|notes| *notes == 1));
            }
        }

        #[test]
        fn nights_in_any_order_note_each_chain_at_most_once_and_the_last_one_run_again_changes_nothing(
            world in world(ALL),
            order in Just((1..=NIGHTS).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let mut memory = Memory::default();
            for day in order {
                memory.run(day, &world[day as usize - 1]);
                let before = memory.clone();
                memory.run(day, &world[day as usize - 1]);
                prop_assert_eq!(&memory, &before);
                for finding in 0..FINDINGS {
                    prop_assert!(memory.notes_by_chain(finding).iter().all(|notes| *notes <= 1));
                }
            }
        }

        #[test]
        fn nights_in_any_order_and_any_number_of_times_note_each_chain_at_most_once(
            world in world(TRIED),
            order in prop::collection::vec(1..=NIGHTS, 1..30),
        ) {
            let mut memory = Memory::default();
            for day in order {
                memory.run(day, &world[day as usize - 1]);
                for finding in 0..FINDINGS {
                    prop_assert!(memory.notes_by_chain(finding).iter().all(|notes| *notes <= 1));
                }
            }
        }
    }
}
