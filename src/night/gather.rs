//! Reads the files that a plan asks for, in its order, and joins them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use tracing::info;

use crate::definition::Definitions;
use crate::definition::extract::Extract;
use crate::extract::{
    Circumstances, Grouped, KeySet, Making, Measure, PassedOver, Reach, Request, RowKey, Source, SourceError, Stop,
    Table, group, make, measure, scan_among, scan_noting, take_trailer,
};
use crate::plan::{Plan, ReachId, RobotNeeds, Step, TableKey};
use crate::rule::types::{ExtractId, FieldId, Side};

use super::candidates::candidates;

/// How one file was taken in.
#[derive(Debug)]
pub struct Intake {
    /// Its rows; none when it could not be read.
    pub table: Option<Table>,
    /// Why it could not be read.
    pub failure: Option<String>,
    /// What its guards measured.
    pub measures: Vec<Measure>,
    /// What was seen of it beside its rows.
    pub seen: Circumstances,
    /// SHA-256 of its file.
    pub digest: Option<[u8; 32]>,
    /// How large its file is.
    pub bytes: u64,
    /// Whether it has no file, but is made by grouping another or of what robots came to.
    pub is_made: bool,
}

/// The intakes that have files of their own.
pub fn of_files(intakes: &Intakes) -> impl Iterator<Item = (&TableKey, &Intake)> {
    intakes.iter().filter(|(_, intake)| !intake.is_made)
}

impl Intake {
    fn failed(failure: String, bytes: u64) -> Self {
        let (measures, seen) = (Vec::new(), Circumstances::default());
        Self { table: None, failure: Some(failure), measures, seen, digest: None, bytes, is_made: false }
    }

    /// One that has no file.
    #[must_use]
    pub fn made(table: Table) -> Self {
        Self { table: Some(table), failure: None, is_made: true, ..Self::failed(String::new(), 0) }
    }

    /// Why a guard stops it.
    #[must_use]
    pub fn stop(&self) -> Option<&Stop> {
        self.measures.iter().find_map(|measure| measure.stop.as_ref())
    }

    /// Why it cannot be used, in words.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        self.failure.clone().or_else(|| self.stop().map(ToString::to_string))
    }
}

/// Every file that was taken in.
pub type Intakes = BTreeMap<TableKey, Intake>;

/// Where the files are.
pub trait Files: Sync {
    /// Opens one.
    ///
    /// # Errors
    /// When it is not there or cannot be opened.
    fn open(&self, table: TableKey) -> Result<Source, SourceError>;
    /// Its name in messages.
    fn name(&self, table: TableKey) -> std::path::PathBuf;
}

/// Reads the files in the plan's order. A file that cannot be read is taken in as such; the others are read all the same.
pub fn gather(
    plan: &Plan,
    definitions: &Definitions,
    files: &impl Files,
    leads: Leads<'_>,
    after_each: &(dyn Fn(&Step) + Sync),
) -> Intakes {
    let mut gathering = Gathering {
        plan,
        definitions,
        leads,
        candidates: BTreeMap::new(),
        intakes: Intakes::new(),
        sources: BTreeMap::new(),
        trailers: BTreeMap::new(),
        keys: BTreeMap::new(),
        passed: BTreeMap::new(),
    };
    // A file is hashed whenever a thread has nothing else to do.
    let digests: Mutex<BTreeMap<TableKey, [u8; 32]>> = Mutex::default();
    let mut intakes = rayon::in_place_scope(|meanwhile| {
        let mut place = 0;
        while let Some(step) = plan.steps.get(place) {
            let made = gathering.make_together(&plan.steps[place..]);
            if made > 0 {
                info!(tables = made, "grouped");
                plan.steps[place..place + made].iter().for_each(after_each);
                place += made;
                continue;
            }
            let (digests, table) = (&digests, step.table);
            gathering.read(step, &plan.steps[place + 1..], files, |source| {
                meanwhile.spawn(move |_| {
                    if let (Ok(digest), Ok(mut known)) = (source.digest(), digests.lock()) {
                        known.insert(table, digest);
                    }
                });
            });
            info!(file = %files.name(step.table).display(), "read");
            after_each(step);
            place += 1;
        }
        let intakes = tables_made(gathering);
        info!("tables made");
        intakes
    });
    for (key, digest) in digests.into_inner().unwrap_or_default() {
        if let Some(intake) = intakes.get_mut(&key) {
            intake.digest = Some(digest);
        }
    }
    intakes
}

/// The tables of the files that were read, each key once, and those that are made from them.
fn tables_made(gathering: Gathering<'_>) -> Intakes {
    let Gathering { plan, definitions, mut intakes, sources, trailers, keys, .. } = gathering;
    // What was grouped on the way to other files stands, where no row has come or gone since.
    let mut grouped: BTreeMap<TableKey, Table> = BTreeMap::new();
    intakes.retain(|key, intake| {
        grouped.extend(intake.table.take_if(|_| intake.is_made).map(|table| (*key, table)));
        !intake.is_made
    });
    intakes.par_iter_mut().for_each(|(key, intake)| {
        let extract = &definitions.extracts[usize::from(key.0.0)];
        let ways = &plan.tables[key].ways;
        intake.table = intake.table.take().map(|table| table.without_duplicates(extract, ways));
        if let Some(table) = &mut intake.table {
            table.shrink();
        }
        let age = sources.get(key).and_then(|source| source.hours_before(key.1));
        let trailer = trailers.get(key).copied();
        let is_guarded = extract.guard.min_found.is_some();
        let table = intake.table.as_ref().filter(|_| is_guarded);
        let found = table.and_then(|table| found(*key, table, extract, plan, &keys));
        intake.seen = Circumstances { previous: None, age, found, trailer };
    });
    // None of them is made from another of them: what is grouped has a file.
    let to_make: Vec<(TableKey, Option<Box<Table>>)> =
        plan.tables.keys().map(|key| (*key, grouped.remove(key).map(Box::new))).collect();
    let whole = to_make.into_par_iter().filter_map(|(key, groups)| {
        made(key, plan, definitions, &intakes, Made::Whole(groups)).map(|intake| (key, intake))
    });
    let whole: Vec<(TableKey, Intake)> = whole.collect();
    intakes.extend(whole);
    for ((extract, _), intake) in &mut intakes {
        intake.is_made |= definitions.extracts[usize::from(extract.0)].of_robots.is_some();
    }
    intakes
}

/// The table that another is made from by grouping its rows.
fn base_of((extract, night): TableKey, definitions: &Definitions) -> Option<TableKey> {
    let grouping = definitions.extracts[usize::from(extract.0)].grouping.as_ref()?;
    Some((grouping.from, night))
}

/// How far an extract is made.
enum Made {
    /// As far as its groups: what they lead to is to be read.
    Groups,
    /// With all that is worked out of their rows; of the groups as they were made before, where there are any.
    Whole(Option<Box<Table>>),
}

/// An extract that is made by grouping another, from what there is of the other; nothing where it has a file of its own.
fn made(key: TableKey, plan: &Plan, definitions: &Definitions, intakes: &Intakes, depth: Made) -> Option<Intake> {
    let extract = &definitions.extracts[usize::from(key.0.0)];
    let grouping = extract.grouping.as_ref()?;
    let base = intakes.get(&(grouping.from, key.1))?;
    let of = Grouped {
        extract,
        grouping,
        base: &definitions.extracts[usize::from(grouping.from.0)],
        ways: &plan.tables.get(&key)?.ways,
        base_ways: &plan.tables.get(&(grouping.from, key.1))?.ways,
        parameters: &definitions.catalog.parameters,
    };
    let table = base.table.as_ref().map(|table| {
        let (is_whole, earlier) = match depth {
            Made::Groups => (false, None),
            Made::Whole(earlier) => (true, earlier.map(|earlier| *earlier)),
        };
        let stands = |earlier: &Table| earlier.members.as_ref().is_some_and(|members| members.are_of(table));
        let mut made = earlier.filter(stands).unwrap_or_else(|| group(table, of, Side::Tonight));
        if is_whole {
            let needed = &plan.tables[&key];
            let kept: Vec<FieldId> = needed.kept.iter().copied().collect();
            let paired = extract.pairing.as_ref().is_some_and(|pairing| needed.fields.contains(&pairing.field));
            make(&mut made, table, Making { extract, kept: &kept, paired, parameters: of.parameters });
        }
        made
    });
    Some(Intake { table, failure: base.failure.clone(), is_made: true, ..Intake::failed(String::new(), 0) })
}

/// Of the keys that an extract was asked for, how many have a row in it, and how many they were.
fn found(
    of: TableKey,
    table: &Table,
    extract: &Extract,
    plan: &Plan,
    keys: &BTreeMap<(ReachId, Sought), Arc<KeySet>>,
) -> Option<(u64, u64)> {
    let is_asked = |((reach, _), keys): &(&(ReachId, Sought), &Arc<KeySet>)| {
        plan.reaches[reach.0].table == of && keys.fields == extract.key
    };
    let sought = united(keys.iter().filter(is_asked).map(|(_, keys)| keys)).filter(|keys| !keys.is_empty())?;
    let columns = table.columns_of(&extract.key)?;
    // No two rows have the same key any more.
    let is_sought = |row: &usize| sought.contains_row(RowKey { columns: &columns, row: *row });
    Some(((0..table.len()).into_par_iter().filter(is_sought).count() as u64, sought.len() as u64))
}

/// The keys of several sets of the same fields in one; none where there is no set.
fn united<'k>(sets: impl Iterator<Item = &'k Arc<KeySet>>) -> Option<Arc<KeySet>> {
    let mut distinct: Vec<&Arc<KeySet>> = Vec::new();
    for set in sets {
        if !distinct.iter().any(|known| Arc::ptr_eq(known, set)) {
            distinct.push(set);
        }
    }
    match distinct.as_slice() {
        [] => None,
        [one] => Some(Arc::clone(one)),
        several => {
            let mut several = several.to_vec();
            several.sort_by_key(|set| std::cmp::Reverse(set.len()));
            let all = several[1..].iter().fold((**several[0]).clone(), |all, set| all.and((***set).clone()));
            Some(Arc::new(all.ready()))
        }
    }
}

/// Which rows of the extract that robots go through lead to others.
#[derive(Clone, Copy, Debug)]
pub enum Leads<'l> {
    /// Those that some robot's condition may hold for, whether or not that robot runs: what is read is then the same
    /// whichever do.
    FromSubjects {
        /// The own municipality's code, which a condition can name.
        municipality: &'l str,
    },
    /// All of them: somebody may ask about one that no condition holds for.
    FromAllRows,
}

/// For whom the rows of a reach are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sought {
    /// For the rows that may be subjects.
    BySubjects,
    /// For all rows of the extract that robots go through.
    ByAllRows,
}

/// So many rows are looked at for their keys at a time.
const ROWS_TOGETHER: usize = 1 << 15;

struct Gathering<'g> {
    plan: &'g Plan,
    definitions: &'g Definitions,
    leads: Leads<'g>,
    /// Which rows of the tables that robots go through may be subjects, where not all may.
    candidates: BTreeMap<TableKey, Vec<bool>>,
    intakes: Intakes,
    sources: BTreeMap<TableKey, Arc<Source>>,
    /// The numbers of rows in the files' last lines, of the files that have one.
    trailers: BTreeMap<TableKey, u64>,
    /// The keys by which the rows of each reach are found.
    keys: BTreeMap<(ReachId, Sought), Arc<KeySet>>,
    /// What was noted of the files that further rows are asked of.
    passed: BTreeMap<TableKey, PassedOver>,
}

impl Gathering<'_> {
    /// Makes the tables that come next and are made from what there is, by all threads; says how many they are.
    fn make_together(&mut self, next: &[Step]) -> usize {
        let is_ready =
            |step: &&Step| base_of(step.table, self.definitions).is_some_and(|base| self.intakes.contains_key(&base));
        let together = next.iter().take_while(is_ready).count();
        let tables = next[..together].par_iter().filter_map(|step| {
            let intake = made(step.table, self.plan, self.definitions, &self.intakes, Made::Groups)?;
            Some((step.table, intake))
        });
        let tables: Vec<(TableKey, Intake)> = tables.collect();
        self.intakes.extend(tables);
        together
    }

    /// Reads a file once. `opened` is told of it when it is opened for that.
    fn read(&mut self, step: &Step, later: &[Step], files: &impl Files, opened: impl Fn(Arc<Source>)) {
        if let Some(intake) = self.intakes.get(&step.table)
            && intake.table.is_none()
        {
            return;
        }
        if let Entry::Vacant(place) = self.sources.entry(step.table) {
            let declared = self.definitions.extracts[usize::from(step.table.0.0)].guard.trailer.as_ref();
            let dialect = self.definitions.extracts[usize::from(step.table.0.0)].dialect;
            let source =
                files.open(step.table).and_then(|source| source.transcribed(dialect)).and_then(|mut source| {
                    let told = declared.map(|trailer| take_trailer(&mut source, trailer)).transpose()?.flatten();
                    Ok((source, told))
                });
            match source {
                Ok((source, told)) => {
                    opened(Arc::clone(place.insert(Arc::new(source))));
                    self.trailers.extend(told.map(|rows| (step.table, rows)));
                }
                Err(error) => {
                    let failure = if error.is_not_found() {
                        format!("`{}` is not there", files.name(step.table).display())
                    } else {
                        error.to_string()
                    };
                    self.fail(step.table, failure, 0);
                    return;
                }
            }
        }
        let reach = self.reach(step);
        let source = &self.sources[&step.table];
        let bytes = source.size();
        let extract = &self.definitions.extracts[usize::from(step.table.0.0)];
        let needed = &self.plan.tables[&step.table];
        let fields: Vec<FieldId> = needed.fields.iter().copied().collect();
        let request = Request {
            extract,
            night: step.table.1,
            fields: &fields,
            reach,
            ways: &needed.ways,
            parameters: &self.definitions.catalog.parameters,
            path: files.name(step.table),
            piece: None,
        };
        let noted = self.passed.get(&step.table).filter(|passed| passed.tells_of(request.reach.sets()));
        let scanned = match noted {
            Some(passed) => scan_among(source, &request, passed).map(|table| (table, None)),
            None => scan_noting(source, &request, &self.asked_of(step.table, later)),
        };
        if later.iter().all(|later| later.table != step.table) {
            self.passed.remove(&step.table);
        }
        match scanned {
            Ok((table, passed)) => {
                self.passed.extend(passed.map(|passed| (step.table, passed)));
                let before = self.intakes.remove(&step.table).and_then(|intake| intake.table);
                let table = match before {
                    Some(before) => before.with(table, extract),
                    None => table,
                };
                let are_subjects =
                    self.plan.reaches.iter().any(|reach| reach.are_subjects && reach.table == step.table);
                if let Leads::FromSubjects { municipality } = self.leads
                    && are_subjects
                    && let Some(candidates) =
                        candidates(&table, self.definitions, &self.definitions.robots, municipality)
                {
                    self.candidates.insert(step.table, candidates);
                }
                let intake = Intake { table: Some(table), failure: None, ..Intake::failed(String::new(), bytes) };
                self.intakes.insert(step.table, intake);
            }
            Err(error) => {
                self.fail(step.table, error.to_string(), bytes);
            }
        }
    }

    /// The fields by which these steps ask for rows of a table.
    fn asked_of(&self, table: TableKey, steps: &[Step]) -> Vec<Vec<FieldId>> {
        let reaches = steps.iter().filter(|step| step.table == table).flat_map(|step| &step.reaches);
        let mut ways: Vec<Vec<FieldId>> = Vec::new();
        for (_, on) in reaches.filter_map(|reach| self.plan.reaches[reach.0].from.as_ref()) {
            let way = on.iter().map(|(theirs, _)| *theirs).collect();
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        ways
    }

    fn fail(&mut self, table: TableKey, failure: String, bytes: u64) {
        self.intakes.insert(table, Intake::failed(failure, bytes));
    }

    /// The rows that a step is for: those that the reaches' sources lead to.
    fn reach(&mut self, step: &Step) -> Reach {
        if step.reaches.is_empty() {
            return Reach::All;
        }
        let mut by_fields: BTreeMap<Vec<FieldId>, Vec<Arc<KeySet>>> = BTreeMap::new();
        let sought = self.sought_in(step.table);
        for reach in &step.reaches {
            let keys = self.keys_of(*reach, sought);
            by_fields.entry(keys.fields.clone()).or_default().push(keys);
        }
        Reach::Keys(by_fields.values().filter_map(|sets| united(sets.iter())).collect())
    }

    /// Where a row that cannot be read must at least say which case it belongs to, every case that leads there straight is
    /// known, also one that no robot goes through: else such a row would stop what it has nothing to do with.
    fn sought_in(&self, (extract, _): TableKey) -> Sought {
        let must_read = &self.definitions.extracts[usize::from(extract.0)].guard.must_read;
        if must_read.is_empty() { Sought::BySubjects } else { Sought::ByAllRows }
    }

    /// The keys by which the rows of a reach are found, from the rows of its source.
    fn keys_of(&mut self, reach: ReachId, sought: Sought) -> Arc<KeySet> {
        if let Some(keys) = self.keys.get(&(reach, sought)) {
            return Arc::clone(keys);
        }
        let keys = Arc::new(self.worked_out(reach, sought).ready());
        self.keys.insert((reach, sought), Arc::clone(&keys));
        keys
    }

    fn worked_out(&mut self, reach: ReachId, sought: Sought) -> KeySet {
        let Some((source, on)) = &self.plan.reaches[reach.0].from else { return KeySet::default() };
        let (theirs, mine): (Vec<FieldId>, Vec<FieldId>) = on.iter().copied().unzip();
        // Groups were made of what was reached, and one told apart by nothing as an answer has no key to know it by.
        let is_made = self.definitions.extracts[usize::from(self.plan.reaches[source.0].table.0.0)].grouping.is_some();
        let own =
            (self.plan.reaches[source.0].from.is_some() && !is_made).then(|| self.keys_of(*source, Sought::BySubjects));
        let mut keys = KeySet::of(theirs.clone());
        let from = self.plan.reaches[source.0].table;
        let Some(table) = self.intakes.get(&from).and_then(|intake| intake.table.as_ref()) else { return keys };
        let own = own.map(|own| (table.columns_of(&own.fields), own));
        if let Some(columns) = table.columns_of(&mine) {
            let is_gone_through = self.plan.reaches[source.0].are_subjects && sought == Sought::BySubjects;
            let candidates = self.candidates.get(&from).filter(|_| is_gone_through);
            let is_reached = |row: &usize| match &own {
                None => candidates.as_ref().is_none_or(|candidates| candidates[*row]),
                Some((None, _)) => false,
                Some((Some(columns), own)) => own.contains_row(RowKey { columns, row: *row }),
            };
            let part = |first: usize| {
                let mut part = KeySet::default();
                for row in (first..table.len().min(first + ROWS_TOGETHER)).filter(is_reached) {
                    part.insert_row(RowKey { columns: &columns, row });
                }
                part
            };
            let parts = (0..table.len()).into_par_iter().step_by(ROWS_TOGETHER).map(part);
            keys = parts.reduce(KeySet::default, KeySet::and);
            keys.fields = theirs;
        }
        // A rejected row's person is looked up all the same: whether they are protected must be known.
        let person = self.definitions.extracts[usize::from(from.0.0)].person_field();
        if person.is_some_and(|person| mine == [person]) {
            table.rejected.iter().filter_map(|row| row.person.clone()).for_each(|person| keys.insert(person));
        }
        keys
    }
}

/// Lets the guards measure what was read, that of the night before as well. `previous_rows` says how many rows an
/// extract's file had on the nearest night before this one.
pub fn take_stock(intakes: &mut Intakes, definitions: &Definitions, previous_rows: impl Fn(TableKey) -> Option<u64>) {
    for ((extract, night), intake) in intakes.iter_mut().filter(|(_, intake)| !intake.is_made) {
        if let Some(table) = &intake.table {
            intake.seen.previous = previous_rows((*extract, *night));
            let extract = &definitions.extracts[usize::from(extract.0)];
            intake.measures = measure(table, extract, &extract.guard, &intake.seen);
        }
    }
    // What is made from a stopped extract is stopped with it.
    let measures: BTreeMap<TableKey, Vec<Measure>> =
        intakes.iter().map(|(key, intake)| (*key, intake.measures.clone())).collect();
    for ((extract, night), intake) in intakes.iter_mut() {
        if let Some(grouping) = &definitions.extracts[usize::from(extract.0)].grouping {
            intake.measures = measures.get(&(grouping.from, *night)).cloned().unwrap_or_default();
        }
    }
}

/// Why an extract was not used, beginning with the name of its file.
pub fn why_not_used(
    extract: ExtractId,
    night: chrono::NaiveDate,
    intakes: &Intakes,
    definitions: &Definitions,
) -> String {
    let file = &definitions.extracts[usize::from(extract.0)].file;
    let Some(intake) = intakes.get(&(extract, night)) else { return format!("`{file}` was not used") };
    intake.stopped().map_or_else(|| format!("`{file}` was not used"), |why| format!("`{file}` was not used: {why}"))
}

/// Why an extract keeps a robot from running; none when it does not.
#[must_use]
pub fn obstacle(
    needs: &RobotNeeds,
    optional: &[ExtractId],
    night: chrono::NaiveDate,
    intakes: &Intakes,
) -> Option<ExtractId> {
    let tonight = |part: &std::collections::BTreeSet<(ExtractId, Side)>| {
        part.iter().filter(|(_, side)| *side == Side::Tonight).map(|(extract, _)| *extract).collect::<Vec<_>>()
    };
    let mut needed = tonight(&needs.rules);
    needed.extend(tonight(&needs.protection));
    needed.sort_unstable();
    needed.dedup();
    needed.into_iter().filter(|extract| !optional.contains(extract)).find(|extract| {
        intakes.get(&(*extract, night)).is_none_or(|intake| intake.table.is_none() || intake.stop().is_some())
    })
}
