//! Takes in what the robots need together: plans, reads, lets the guards measure, and joins.
//!
//! Whatever breaks down on the way is looked for robot by robot, so that what one of them asks for never keeps another
//! from running.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

use chrono::NaiveDate;
use rayon::prelude::*;
use tracing::{info, warn};

use crate::definition::Definitions;
use crate::definition::of_robots::OfRobots;
use crate::definition::robot::Robot;
use crate::evaluate::isolated;
use crate::extract::{Source, SourceError, Table, count_rows};
use crate::ledger::Ledger;
use crate::plan::{Nights, Plan, TableKey, plan_keeping};

use super::NightRequest;
use super::figures::Keeping;
use super::gather::{Files, Intakes, Leads, gather, of_files, take_stock};
use super::join::{AllLinks, join};
use super::nights::{Asked, LONGEST_GAP_DAYS, night_folders};
use super::outcomes::empty;

/// What some robots need, read and joined.
pub struct Stock<'r> {
    /// The robots.
    pub asked: Vec<Asked<'r>>,
    /// What they need; its robots are in the same order.
    pub plan: Plan,
    /// The files.
    pub intakes: Intakes,
    /// What their rows relate to.
    pub links: AllLinks,
}

/// Where the extracts are, and what is known of earlier nights.
pub struct Storehouse<'s> {
    /// What is asked of the night.
    pub request: &'s NightRequest,
    /// What is declared.
    pub definitions: &'s Definitions,
    /// What is remembered.
    pub ledger: Option<&'s Ledger>,
    /// Told of each file as it is read.
    pub watch: &'s (dyn Fn(&str) + Sync),
    /// Which rows lead to others.
    pub leads: Leads<'s>,
    /// What robots came to on earlier nights, as the extract's file.
    pub history: Vec<u8>,
    /// Whether figures are kept of the extracts.
    pub keeping: Keeping,
    /// The pipes that have been read: what comes through one comes once.
    pub pipes: Mutex<BTreeSet<TableKey>>,
}

impl Storehouse<'_> {
    /// Takes in what the robots need. Gives the robots apart for which that broke down.
    pub fn take_in<'r>(&self, asked: &[Asked<'r>]) -> (Stock<'r>, Vec<Asked<'r>>) {
        if let Some(stock) = self.take_in_together(asked, self.keeping) {
            return (stock, Vec::new());
        }
        if self.keeping == Keeping::Figures {
            warn!("reading broke down; it is tried without what is kept of the extracts");
            if let Some(stock) = self.take_in_together(asked, Keeping::Nothing) {
                return (stock, Vec::new());
            }
        }
        warn!("reading for all robots together broke down; each is tried alone");
        let (whole, broken): (Vec<_>, Vec<_>) =
            asked.iter().partition(|one| self.take_in_together(std::slice::from_ref(*one), Keeping::Nothing).is_some());
        match self.take_in_together(&whole, Keeping::Nothing) {
            Some(stock) => (stock, broken),
            None => (Stock::empty(), asked.to_vec()),
        }
    }

    fn take_in_together<'r>(&self, asked: &[Asked<'r>], keeping: Keeping) -> Option<Stock<'r>> {
        isolated(|| {
            let robots: Vec<(&Robot, Nights)> = asked.iter().map(|one| (one.robot, one.nights)).collect();
            let nights: Vec<Nights> = asked.iter().map(|one| one.nights).collect();
            let kept_of = (keeping == Keeping::Figures).then_some(self.request.night);
            let plan = plan_keeping(self.definitions, &robots, kept_of);
            info!(night = %self.request.night, robots = robots.len(), readings = plan.steps.len(), "planned");
            let files = NightFiles {
                request: self.request,
                definitions: self.definitions,
                pipes: &self.pipes,
                history: &self.history,
            };
            let tell = |step: &crate::plan::Step| (self.watch)(&files.name(step.table).display().to_string());
            let mut intakes = gather(&plan, self.definitions, &files, self.leads, &tell);
            info!("gathered");
            let previous = self.rows_before(&intakes, &files);
            take_stock(&mut intakes, self.definitions, |key| previous.get(&key).copied());
            info!("guarded");
            let links = join(&plan, &nights, self.definitions, &intakes);
            intakes.values_mut().filter_map(|intake| intake.table.as_mut()).for_each(Table::settle);
            info!("joined");
            Stock { asked: asked.to_vec(), plan, intakes, links }
        })
    }

    /// How many rows each file had on the nearest night before its own, where that is known: as the ledger remembers, or
    /// counted now.
    fn rows_before(&self, intakes: &Intakes, files: &NightFiles<'_>) -> BTreeMap<TableKey, u64> {
        let folders = night_folders(&self.request.input);
        let mut known = BTreeMap::new();
        let mut to_count = Vec::new();
        for (key, _) in of_files(intakes) {
            let (extract, night) = *key;
            let is_near = |folder: &&NaiveDate| **folder < night && (night - **folder).num_days() <= LONGEST_GAP_DAYS;
            for earlier in folders.iter().rev().filter(is_near).map(|earlier| (extract, *earlier)) {
                match self.remembered(earlier) {
                    Remembered::Rows(rows) => {
                        known.insert(*key, rows);
                        break;
                    }
                    Remembered::Nothing if Source::is_there(&files.path(earlier)) => {
                        to_count.push((*key, earlier));
                        break;
                    }
                    Remembered::Stopped | Remembered::Nothing => {}
                }
            }
        }
        let rows_of = |earlier: TableKey| {
            let read = intakes.get(&earlier).and_then(|intake| intake.table.as_ref()).map(|table| table.rows_in_file);
            let dialect = self.definitions.extracts[usize::from(earlier.0.0)].dialect;
            read.or_else(|| count_rows(&files.open(earlier).ok()?.transcribed(dialect).ok()?, dialect).ok())
        };
        let counted: Vec<(TableKey, u64)> =
            to_count.into_par_iter().filter_map(|(key, earlier)| Some((key, rows_of(earlier)?))).collect();
        known.extend(counted);
        known
    }

    /// What the ledger remembers of an extract on an earlier night. On a night that the ledger knows and remembers none of,
    /// the extract was stopped: two truncated nights in a row are not compared with each other.
    fn remembered(&self, (extract, night): TableKey) -> Remembered {
        let Some(ledger) = self.ledger else { return Remembered::Nothing };
        let declared = &self.definitions.extracts[usize::from(extract.0)];
        match ledger.extract_stats(&declared.name, night) {
            // What a guard has stopped is no measure for the nights to come.
            Ok(Some(stats)) if stats.stopped.is_some() => Remembered::Stopped,
            Ok(Some(stats)) => Remembered::Rows(stats.rows),
            _ if ledger.manifest(night).is_ok_and(|manifest| manifest.is_some()) => Remembered::Stopped,
            _ => Remembered::Nothing,
        }
    }
}

/// What the ledger remembers of an extract on a night.
enum Remembered {
    /// How many rows it had.
    Rows(u64),
    /// It was not used.
    Stopped,
    /// Nothing: the night was not run, or the ledger is new.
    Nothing,
}

impl Stock<'_> {
    fn empty() -> Self {
        Self { asked: Vec::new(), plan: Plan::default(), intakes: Intakes::new(), links: AllLinks::new() }
    }
}

/// The files of the nights' folders.
struct NightFiles<'n> {
    request: &'n NightRequest,
    definitions: &'n Definitions,
    pipes: &'n Mutex<BTreeSet<TableKey>>,
    history: &'n [u8],
}

impl NightFiles<'_> {
    fn path(&self, table: TableKey) -> PathBuf {
        self.request.input.join(self.name(table))
    }
}

impl Files for NightFiles<'_> {
    fn open(&self, table: TableKey) -> Result<Source, SourceError> {
        let declared = &self.definitions.extracts[usize::from(table.0.0)];
        match declared.of_robots {
            Some(OfRobots::History) => return Ok(Source::Bytes(self.history.to_vec())),
            // Nobody has gone round yet.
            Some(_) => return Ok(Source::Bytes(empty(declared))),
            None => {}
        }
        let path = self.path(table);
        // Opening a pipe waits for who writes into it: nobody will for a night that is over, or a second time.
        if Source::is_a_pipe(&path) {
            let is_first = self.pipes.lock().is_ok_and(|mut read| read.insert(table));
            if table.1 != self.request.night || !is_first {
                return Err(Source::pipe_not_read(&path));
            }
        }
        Source::open(&path)
    }

    fn name(&self, (extract, night): TableKey) -> PathBuf {
        PathBuf::from(night.to_string()).join(&self.definitions.extracts[usize::from(extract.0)].file)
    }
}
