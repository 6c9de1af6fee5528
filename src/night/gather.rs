//! Reads the files that a plan asks for, in its order, and joins them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;

use crate::definition::Definitions;
use crate::definition::extract::{Extract, ROWS};
use crate::extract::{
    Circumstances, Delivery, Grouped, Key, KeySet, Links, Measure, Reach, Request, ScanError, Source, SourceError,
    Stop, Table, View, group, measure, scan, take_trailer,
};
use crate::plan::{Nights, Plan, ReachId, RobotNeeds, Step, TableKey};
use crate::rule::types::{ExtractId, FieldId, RelationId, Side};
use crate::rule::value::Why;

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
    /// Whether it has no file, but is made by grouping another.
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
    after_each: &(dyn Fn(&Step) + Sync),
) -> Intakes {
    let mut gathering = Gathering {
        plan,
        definitions,
        intakes: Intakes::new(),
        sources: BTreeMap::new(),
        trailers: BTreeMap::new(),
        keys: BTreeMap::new(),
    };
    for step in &plan.steps {
        gathering.read(step, files);
        after_each(step);
    }
    let Gathering { mut intakes, sources, trailers, keys, .. } = gathering;
    intakes.retain(|_, intake| !intake.is_made);
    for (key, intake) in &mut intakes {
        let extract = &definitions.extracts[usize::from(key.0.0)];
        let age = sources.get(key).and_then(|source| source.hours_before(key.1));
        let trailer = trailers.get(key).copied();
        let found = intake.table.as_ref().and_then(|table| found(*key, table, extract, plan, &keys));
        intake.seen = Circumstances { previous: None, age, found, trailer };
        let ways = &plan.tables[key].ways;
        intake.table = intake.table.take().map(|table| table.without_duplicates(extract, ways));
        if let Some(table) = &mut intake.table {
            table.shrink();
        }
    }
    for key in plan.tables.keys() {
        if let Some(intake) = made(*key, plan, definitions, &intakes) {
            intakes.insert(*key, intake);
        }
    }
    let digests: Vec<(TableKey, Option<[u8; 32]>)> =
        sources.par_iter().map(|(key, source)| (*key, source.digest().ok())).collect();
    for (key, digest) in digests {
        if let Some(intake) = intakes.get_mut(&key) {
            intake.digest = digest;
        }
    }
    intakes
}

/// An extract that is made by grouping another, from what there is of the other; nothing where it has a file of its own.
fn made(key: TableKey, plan: &Plan, definitions: &Definitions, intakes: &Intakes) -> Option<Intake> {
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
    let table = base.table.as_ref().map(|table| group(table, of, Side::Tonight));
    Some(Intake { table, failure: base.failure.clone(), is_made: true, ..Intake::failed(String::new(), 0) })
}

/// Of the keys that an extract was asked for, how many have a row in it, and how many they were.
fn found(
    of: TableKey,
    table: &Table,
    extract: &Extract,
    plan: &Plan,
    keys: &BTreeMap<ReachId, Keys>,
) -> Option<(u64, u64)> {
    let by_key = keys.iter().filter(|(reach, (fields, _))| plan.reaches[reach.0].table == of && *fields == extract.key);
    let sought: HashSet<&Key> = by_key.flat_map(|(_, (_, keys))| keys).collect();
    if sought.is_empty() {
        return None;
    }
    let there: HashSet<Key> = (0..table.len()).filter_map(|row| table.key(row, &extract.key)).collect();
    let found = sought.iter().filter(|key| there.contains(**key)).count();
    Some((found as u64, sought.len() as u64))
}

/// The keys by which the rows of a reach are found.
type Keys = (Vec<FieldId>, HashSet<Key>);

struct Gathering<'g> {
    plan: &'g Plan,
    definitions: &'g Definitions,
    intakes: Intakes,
    sources: BTreeMap<TableKey, Source>,
    /// The numbers of rows in the files' last lines, of the files that have one.
    trailers: BTreeMap<TableKey, u64>,
    keys: BTreeMap<ReachId, Keys>,
}

impl Gathering<'_> {
    fn read(&mut self, step: &Step, files: &impl Files) {
        if let Some(intake) = made(step.table, self.plan, self.definitions, &self.intakes) {
            for reach in &step.reaches {
                let keys = self.keys_of(*reach);
                self.keys.insert(*reach, keys);
            }
            self.intakes.insert(step.table, intake);
            return;
        }
        if let Some(intake) = self.intakes.get(&step.table)
            && intake.table.is_none()
        {
            return;
        }
        if let Entry::Vacant(place) = self.sources.entry(step.table) {
            let declared = self.definitions.extracts[usize::from(step.table.0.0)].guard.trailer.as_ref();
            let opened = files.open(step.table).and_then(|mut source| {
                let told = declared.map(|trailer| take_trailer(&mut source, trailer)).transpose()?.flatten();
                Ok((source, told))
            });
            match opened {
                Ok((source, told)) => {
                    place.insert(source);
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
        match scan(source, &request) {
            Ok(table) => {
                let before = self.intakes.remove(&step.table).and_then(|intake| intake.table);
                let table = match before {
                    Some(before) => before.with(table, extract),
                    None => table,
                };
                let intake = Intake { table: Some(table), failure: None, ..Intake::failed(String::new(), bytes) };
                self.intakes.insert(step.table, intake);
            }
            Err(error @ (ScanError::Source(_) | ScanError::Header(_))) => {
                self.fail(step.table, error.to_string(), bytes);
            }
        }
    }

    fn fail(&mut self, table: TableKey, failure: String, bytes: u64) {
        self.intakes.insert(table, Intake::failed(failure, bytes));
    }

    /// The rows that a step is for: those that the reaches' sources lead to.
    fn reach(&mut self, step: &Step) -> Reach {
        if step.reaches.is_empty() {
            return Reach::All;
        }
        let mut sets: Vec<KeySet> = Vec::new();
        for reach in &step.reaches {
            let (fields, keys) = self.keys_of(*reach);
            let place = sets.iter().position(|set| set.fields == fields).unwrap_or_else(|| {
                sets.push(KeySet::of(fields.clone()));
                sets.len() - 1
            });
            for key in &keys {
                sets[place].insert(key.clone());
            }
            self.keys.insert(*reach, (fields, keys));
        }
        Reach::Keys(sets)
    }

    /// The keys by which the rows of a reach are found, from the rows of its source.
    fn keys_of(&mut self, reach: ReachId) -> Keys {
        if let Some(keys) = self.keys.get(&reach) {
            return keys.clone();
        }
        let Some((source, on)) = &self.plan.reaches[reach.0].from else { return (Vec::new(), HashSet::new()) };
        let theirs: Vec<FieldId> = on.iter().map(|(theirs, _)| *theirs).collect();
        let mine: Vec<FieldId> = on.iter().map(|(_, mine)| *mine).collect();
        // Groups were made of what was reached, and one told apart by nothing as an answer has no key to know it by.
        let is_made = self.definitions.extracts[usize::from(self.plan.reaches[source.0].table.0.0)].grouping.is_some();
        let own = (self.plan.reaches[source.0].from.is_some() && !is_made).then(|| self.keys_of(*source));
        let table = self.intakes.get(&self.plan.reaches[source.0].table).and_then(|intake| intake.table.as_ref());
        let mut keys = HashSet::new();
        for (table, row) in table.into_iter().flat_map(|table| (0..table.len()).map(move |row| (table, row))) {
            let is_reached = own
                .as_ref()
                .is_none_or(|(fields, known)| table.key(row, fields).is_some_and(|key| known.contains(&key)));
            if is_reached && let Some(key) = table.key(row, &mine) {
                keys.insert(key);
            }
        }
        // A rejected row's person is looked up all the same: whether they are protected must be known.
        let person = self.definitions.extracts[usize::from(self.plan.reaches[source.0].table.0.0)].person_field();
        if let (Some(table), Some(person)) = (table, person)
            && mine == [person]
        {
            keys.extend(table.rejected.iter().filter_map(|row| row.person.clone()));
        }
        (theirs, keys)
    }
}

/// Lets the guards measure what was read, that of the night before as well. `previous_rows` says how many rows an
/// extract's file had on the nearest night before this one.
pub fn take_stock(
    intakes: &mut Intakes,
    definitions: &Definitions,
    previous_rows: impl Fn(ExtractId, chrono::NaiveDate) -> Option<u64>,
) {
    for ((extract, night), intake) in intakes.iter_mut().filter(|(_, intake)| !intake.is_made) {
        if let Some(table) = &intake.table {
            intake.seen.previous = previous_rows(*extract, *night);
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

/// The links along every relation that some robot follows.
pub type AllLinks = BTreeMap<(TableKey, RelationId, TableKey), Links>;

/// Joins the tables along every relation that some robot follows.
#[must_use]
pub fn join(plan: &Plan, nights: &[Nights], definitions: &Definitions, intakes: &Intakes) -> AllLinks {
    let mut wanted: BTreeMap<(TableKey, RelationId, TableKey), (Side, Side)> = BTreeMap::new();
    for (needs, nights) in plan.robots.iter().zip(nights) {
        for (extract, side, relation, to_side) in &needs.relations {
            let to = definitions.catalog.extract(*extract).relation(*relation).to;
            if let (Some(from_night), Some(to_night)) = (nights.of(*side), nights.of(*to_side)) {
                wanted.insert(((*extract, from_night), *relation, (to, to_night)), (*side, *to_side));
            }
        }
    }
    let wanted: Vec<_> = wanted.into_iter().collect();
    wanted
        .into_par_iter()
        .filter_map(|((from, relation, to), sides)| {
            let from_table = intakes.get(&from)?.table.as_ref()?;
            let to_table = intakes.get(&to)?.table.as_ref()?;
            let schema = definitions.catalog.extract(from.0).relation(relation);
            if let (Some(members), ROWS) = (&from_table.members, schema.id.as_str()) {
                return Some(((from, relation, to), Links::of_groups(members)));
            }
            let fields: Vec<FieldId> = schema.on.iter().map(|(theirs, _)| *theirs).collect();
            let way = plan.tables[&to].ways.iter().position(|way| *way == fields)?;
            Some(((from, relation, to), Links::join(from_table, to_table, schema, way, sides)))
        })
        .collect()
}

/// The tables as one robot sees them.
#[must_use]
pub fn view<'t>(
    nights: Nights,
    needs: &RobotNeeds,
    definitions: &Definitions,
    intakes: &'t Intakes,
    links: &'t AllLinks,
) -> View<'t> {
    let delivery = |place: usize, side: Side| {
        let id = ExtractId(u16::try_from(place).expect("there are few extracts"));
        let Some(night) = nights.of(side) else { return Delivery::Missing(Why::NoPreviousNight) };
        match intakes.get(&(id, night)) {
            Some(intake @ Intake { table: Some(table), .. }) if intake.stop().is_none() => Delivery::Ready(table),
            Some(Intake { table: Some(table), .. }) => Delivery::SetAside(table),
            _ => Delivery::Missing(Why::NotDelivered),
        }
    };
    let all = |side| (0..definitions.extracts.len()).map(|place| delivery(place, side)).collect();
    let followed = needs.relations.iter().filter_map(|followed| {
        let (extract, side, relation, to_side) = *followed;
        let to = definitions.catalog.extract(extract).relation(relation).to;
        let key = ((extract, nights.of(side)?), relation, (to, nights.of(to_side)?));
        Some((*followed, links.get(&key)?))
    });
    View::new(all(Side::Tonight), all(Side::Previous), followed.collect(), (nights.night, nights.previous))
}
