//! In which order the files are read.

use std::collections::BTreeSet;

use super::{Plan, ReachId, Step, TableKey};
use crate::definition::extract::Extract;

/// The order in which the files are read: a file that is led into from others comes after them, and is read as few times
/// as can be.
pub(super) fn order(plan: &Plan, extracts: &[Extract]) -> Vec<Step> {
    let read_whole: BTreeSet<TableKey> = plan.reaches.iter().filter(|r| r.from.is_none()).map(|r| r.table).collect();
    // What is made from a table that is read whole is made once, of all its rows.
    let is_made_whole = |(extract, night): &&TableKey| {
        let grouping = extracts[usize::from(extract.0)].grouping.as_ref();
        grouping.is_some_and(|grouping| read_whole.contains(&(grouping.from, *night)))
    };
    let made_whole: Vec<TableKey> = plan.tables.keys().filter(is_made_whole).copied().collect();
    let all_of = |table: &TableKey| Step { table: *table, reaches: Vec::new() };
    let mut steps: Vec<Step> = read_whole.iter().chain(&made_whole).map(all_of).collect();
    let whole: BTreeSet<TableKey> = read_whole.into_iter().chain(made_whole).collect();
    let mut read: Vec<bool> = plan.reaches.iter().map(|reach| reach.from.is_none()).collect();
    loop {
        settle(plan, &whole, &mut read);
        let ready: Vec<usize> =
            (0..read.len()).filter(|place| !read[*place] && source_is_read(plan, &read, *place)).collect();
        let tables: BTreeSet<TableKey> = ready.iter().map(|place| plan.reaches[*place].table).collect();
        let Some(table) = tables.into_iter().min_by_key(|table| waiting(plan, &read, *table, &ready)) else {
            return steps;
        };
        let reaches: Vec<ReachId> =
            ready.iter().filter(|place| plan.reaches[**place].table == table).map(|place| ReachId(*place)).collect();
        for reach in &reaches {
            read[reach.0] = true;
        }
        steps.push(Step { table, reaches });
    }
}

fn source_is_read(plan: &Plan, read: &[bool], place: usize) -> bool {
    plan.reaches[place].from.as_ref().is_some_and(|(source, _)| read[source.0])
}

/// What leads into a table that is read whole needs no reading of its own.
fn settle(plan: &Plan, whole: &BTreeSet<TableKey>, read: &mut [bool]) {
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for place in 0..read.len() {
            if !read[place] && whole.contains(&plan.reaches[place].table) && source_is_read(plan, read, place) {
                read[place] = true;
                has_changed = true;
            }
        }
    }
}

/// How many reaches of a table still wait for another table: it is better read after that one.
fn waiting(plan: &Plan, read: &[bool], table: TableKey, ready: &[usize]) -> usize {
    (0..read.len())
        .filter(|place| !read[*place] && !ready.contains(place) && plan.reaches[*place].table == table)
        .filter(|place| !leads_through(plan, *place, table))
        .count()
}

/// Whether a reach comes through the same table further up: then it needs a reading of its own whatever the order.
fn leads_through(plan: &Plan, place: usize, table: TableKey) -> bool {
    let mut at = place;
    while let Some((source, _)) = &plan.reaches[at].from {
        at = source.0;
        if plan.reaches[at].table == table {
            return true;
        }
    }
    false
}
