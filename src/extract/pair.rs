//! Pairs rows that cancel one another, one to one: a credit note and the invoice that it credits.
//!
//! Each row that cancels takes one that is not taken: of the same keys and amount and not of a later date, the latest, and
//! of several of that date the highest. They take in the order of their own dates, so that each takes off the top of a pile
//! of those that are old enough; all is sorted once. First come those that are equal in further fields too.

use std::cmp::Ordering;
use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::part::hash_of;
use super::table::Table;
use crate::definition::extract::Pairing;
use crate::rule::tree::Expr;
use crate::rule::types::FieldId;
use crate::rule::value::Value;

/// A row that may be one of a pair.
#[derive(Clone, Copy)]
struct Candidate {
    row: u32,
    cancels: bool,
    /// What is cancelled: in a row that cancels, its own amount with the other sign.
    amount: Decimal,
    date: NaiveDate,
}

/// Works out an expression for every row and gives what it comes to, in order.
type Take<'t> = &'t mut dyn FnMut(u32, Value<'static>);

/// Which rows are one of a pair. A row of which the keys, the amount or the date is not known cancels nothing and is not
/// cancelled: it stands, and what it may have cancelled stands.
pub fn pairs(table: &Table, pairing: &Pairing, each: impl Fn(&Expr, Take<'_>)) -> Vec<bool> {
    let rows = table.len();
    let (mut cancels, mut amounts, mut dates) = (vec![None; rows], vec![None; rows], vec![None; rows]);
    each(&pairing.cancels, &mut |row, value| {
        if let Value::Boolean(holds) = value {
            cancels[row as usize] = Some(holds);
        }
    });
    each(&pairing.amount, &mut |row, value| {
        if let Value::Number(amount) = value {
            amounts[row as usize] = Some(amount);
        }
    });
    each(&pairing.date, &mut |row, value| {
        if let Value::Date(date) = value {
            dates[row as usize] = Some(date);
        }
    });
    let known = (0..rows).filter_map(|row| {
        let (cancels, amount, date) = (cancels[row]?, amounts[row]?, dates[row]?);
        let amount = if cancels { -amount } else { amount };
        Some(Candidate { row: u32::try_from(row).ok()?, cancels, amount, date })
    });
    let candidates: Vec<Candidate> = known.collect();
    drop((cancels, amounts, dates));
    let mut is_paired = vec![false; rows];
    if !pairing.first.is_empty() {
        let keys: Vec<FieldId> = pairing.on.iter().chain(&pairing.first).copied().collect();
        pair_off(&mut is_paired, &candidates, table, &keys, pairing.highest);
    }
    pair_off(&mut is_paired, &candidates, table, &pairing.on, pairing.highest);
    is_paired
}

/// Pairs what is not paired yet and is equal in these fields and in the amount.
fn pair_off(
    is_paired: &mut [bool],
    candidates: &[Candidate],
    table: &Table,
    keys: &[FieldId],
    highest: Option<FieldId>,
) {
    let hash = |candidate: &Candidate| {
        let row = candidate.row as usize;
        let parts = keys.iter().map(|key| table.part(row, *key)).collect::<Result<Vec<_>, _>>().ok()?;
        Some(hash_of(parts.into_iter().chain(super::part::Part::of(Value::Number(candidate.amount)))))
    };
    let mut buckets: HashMap<u64, Vec<Candidate>> = HashMap::new();
    // Only what some row cancels need be put in order.
    for candidate in candidates.iter().filter(|one| one.cancels && !is_paired[one.row as usize]) {
        if let Some(hash) = hash(candidate) {
            buckets.entry(hash).or_default().push(*candidate);
        }
    }
    for candidate in candidates.iter().filter(|one| !one.cancels && !is_paired[one.row as usize]) {
        if let Some(bucket) = hash(candidate).and_then(|hash| buckets.get_mut(&hash)) {
            bucket.push(*candidate);
        }
    }
    for bucket in buckets.into_values() {
        for bucket in apart(bucket, table, keys) {
            pair_bucket(is_paired, bucket, table, highest);
        }
    }
}

/// Rows of one hash, by their keys and amounts themselves: nearly always they are all equal.
fn apart(bucket: Vec<Candidate>, table: &Table, keys: &[FieldId]) -> Vec<Vec<Candidate>> {
    let is_same = |a: &Candidate, b: &Candidate| {
        let parts = |row: u32| keys.iter().map(move |key| table.part(row as usize, *key));
        a.amount == b.amount && parts(a.row).eq(parts(b.row))
    };
    let mut all: Vec<Vec<Candidate>> = Vec::new();
    for candidate in bucket {
        match all.iter_mut().find(|known| is_same(&known[0], &candidate)) {
            Some(known) => known.push(candidate),
            None => all.push(vec![candidate]),
        }
    }
    all
}

fn pair_bucket(is_paired: &mut [bool], bucket: Vec<Candidate>, table: &Table, highest: Option<FieldId>) {
    let height = |row: u32| highest.and_then(|field| table.cell(row as usize, field).ok());
    let higher = |a: &Candidate, b: &Candidate| match (height(a.row), height(b.row)) {
        (Some(Value::Text(a)), Some(Value::Text(b))) => by_numbers(&a, &b),
        (Some(a), Some(b)) => a.order(&b).unwrap_or(Ordering::Equal),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    for (cancelled, by) in matched(bucket, higher) {
        is_paired[cancelled as usize] = true;
        is_paired[by as usize] = true;
    }
}

/// The pairs among rows that are equal in all but their dates and heights: what is cancelled, and by which.
fn matched(mut bucket: Vec<Candidate>, higher: impl Fn(&Candidate, &Candidate) -> Ordering) -> Vec<(u32, u32)> {
    bucket.sort_by(|a, b| {
        // Of one date, what can be cancelled is there before what cancels.
        let by_date = a.date.cmp(&b.date).then(a.cancels.cmp(&b.cancels));
        by_date.then_with(|| higher(a, b)).then(a.row.cmp(&b.row))
    });
    let mut pile: Vec<Candidate> = Vec::new();
    let mut pairs = Vec::new();
    for candidate in bucket {
        if !candidate.cancels {
            pile.push(candidate);
        } else if let Some(cancelled) = pile.pop() {
            pairs.push((cancelled.row, candidate.row));
        }
    }
    pairs
}

/// The order of two texts in which runs of digits are numbers: `V9` before `V10`.
fn by_numbers(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (mut first, mut second) = (a.chars(), b.chars());
        match (first.next(), second.next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (left, right) = (digits(a), digits(b));
                let significant = |run: &str| run.trim_start_matches('0').to_owned();
                let (x, y) = (significant(left), significant(right));
                let order = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
                if order.is_ne() {
                    return order;
                }
                (a, b) = (&a[left.len()..], &b[right.len()..]);
            }
            (Some(x), Some(y)) if x == y => (a, b) = (first.as_str(), second.as_str()),
            (Some(x), Some(y)) => return x.cmp(&y),
        }
    }
}

fn digits(text: &str) -> &str {
    let end = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(row: usize, (cancels, day): (bool, u8)) -> Candidate {
        let date = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap() + chrono::Days::new(u64::from(day));
        Candidate { row: u32::try_from(row).unwrap(), cancels, amount: Decimal::ONE, date }
    }

    /// As the process document says it: each credit in turn looks through all that are left.
    fn one_by_one(all: &[Candidate], higher: impl Fn(&Candidate, &Candidate) -> Ordering) -> Vec<(u32, u32)> {
        let order =
            |a: &Candidate, b: &Candidate| a.date.cmp(&b.date).then_with(|| higher(a, b)).then(a.row.cmp(&b.row));
        let mut credits: Vec<&Candidate> = all.iter().filter(|one| one.cancels).collect();
        credits.sort_by(|a, b| order(a, b));
        let mut taken: Vec<(u32, u32)> = Vec::new();
        for credit in credits {
            let is_left = |one: &&Candidate| {
                !one.cancels && one.date <= credit.date && taken.iter().all(|(cancelled, _)| *cancelled != one.row)
            };
            let latest = all.iter().filter(is_left).max_by(|a, b| order(a, b));
            taken.extend(latest.map(|latest| (latest.row, credit.row)));
        }
        taken
    }

    proptest! {
        #[test]
        fn a_pile_pairs_as_looking_through_all_that_are_left_does(
            rows in prop::collection::vec((any::<bool>(), 0_u8..6), 0..40),
            heights in prop::collection::vec(0_u8..4, 40),
        ) {
            let all: Vec<Candidate> = rows.into_iter().enumerate().map(|(row, drawn)| candidate(row, drawn)).collect();
            let higher = |a: &Candidate, b: &Candidate| heights[a.row as usize].cmp(&heights[b.row as usize]);
            let mut expected = one_by_one(&all, higher);
            let mut found = matched(all, higher);
            expected.sort_unstable();
            found.sort_unstable();
            prop_assert_eq!(expected, found);
        }
    }

    #[test]
    fn runs_of_digits_are_numbers() {
        assert_eq!(by_numbers("V9", "V10"), Ordering::Less);
        assert_eq!(by_numbers("V2600009", "V2600010"), Ordering::Less);
        assert_eq!(by_numbers("V07", "V7"), Ordering::Equal);
        assert_eq!(by_numbers("A1", "B1"), Ordering::Less);
        assert_eq!(by_numbers("V1", "V1a"), Ordering::Less);
    }
}
