//! How long the parts of a night take, each by itself: reading a register, joining, the robots' rounds, and what is
//! written of them. The conditions that robots ask are measured in `rules`, a whole night by `night.py`.
//!
//! On one thread, for steadier figures. `just bench-parts` runs them all and tells what has changed since the last time.
//! All that reaches into the crate's rooms stands in `Stage`.

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::path::Path;

use chrono::NaiveDate;
use criterion::{Criterion, Throughput};
use nattkoll::definition::{Definitions, load, robot::Robot};
use nattkoll::evaluate::{Errand, RobotResult, go_round};
use nattkoll::extract::{Delivery, KeySet, Links, Reach, Request, Source, Table, View, scan};
use nattkoll::generate;
use nattkoll::ledger::Novelty;
use nattkoll::output::{Noted, accounts, list, notes};
use nattkoll::plan::{Followed, Nights, Plan, RobotNeeds, TableKey, plan};
use nattkoll::rule::types::{ExtractId, RelationId, Side};
use nattkoll::rule::value::Why;
use nattkoll::rule::world::Constants;
use tempfile::TempDir;

const RESIDENTS: u32 = 50_000;
const CASES: u32 = 500;
const MUNICIPALITY: &str = "0380";

/// A made-up town, read and joined, and the robots over it.
struct Stage {
    town: TempDir,
    definitions: Definitions,
    nights: Nights,
    plan: Plan,
    tables: BTreeMap<TableKey, Table>,
}

impl Stage {
    fn set() -> Self {
        let night = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day of the calendar");
        let nights = Nights { night, previous: night.pred_opt() };
        let town = tempfile::tempdir().expect("there is room for a folder");
        generate::municipality(&generate::Request {
            folder: town.path().to_path_buf(),
            cases: CASES,
            residents: RESIDENTS,
            nights: 2,
            last_night: night,
            municipality: MUNICIPALITY.to_owned(),
            seed: 1,
        })
        .expect("so small a town can be made");
        let robots = Path::new(env!("CARGO_MANIFEST_DIR")).join("robots");
        let definitions = load(&robots).expect("the repository's robots have no mistake");
        let asked: Vec<(&Robot, Nights)> = definitions.robots.iter().map(|robot| (robot, nights)).collect();
        let plan = plan(&definitions, &asked);
        let mut stage = Self { town, definitions, nights, plan, tables: BTreeMap::new() };
        // Every row of every file: what the parts after reading are given does not depend on how reading finds its rows.
        let keys: Vec<TableKey> = stage.plan.tables.keys().copied().collect();
        stage.tables = keys.into_iter().map(|key| (key, stage.scan(key, Reach::All))).collect();
        stage
    }

    /// The table of an extract, by its name, of the night itself.
    fn key(&self, extract: &str) -> TableKey {
        let found = self.definitions.extracts.iter().find(|known| known.name == extract);
        (found.expect("it is one of the repository's extracts").id, self.nights.night)
    }

    fn source(&self, (extract, night): TableKey) -> Source {
        let file = &self.definitions.extracts[usize::from(extract.0)].file;
        Source::open(&self.town.path().join(night.to_string()).join(file)).expect("the town has every file")
    }

    fn scan(&self, key: TableKey, reach: Reach) -> Table {
        let extract = &self.definitions.extracts[usize::from(key.0.0)];
        let needed = &self.plan.tables[&key];
        let fields: Vec<_> = needed.fields.iter().copied().collect();
        let request = Request {
            extract,
            night: key.1,
            fields: &fields,
            reach,
            ways: &needed.ways,
            parameters: &self.definitions.catalog.parameters,
            path: extract.file.clone().into(),
            piece: None,
        };
        let table = scan(&self.source(key), &request).expect("the town's files can be read");
        table.without_duplicates(extract, &needed.ways)
    }

    /// The keys of the register's rows that a member leads to.
    fn members(&self) -> Reach {
        let (from, relation) = (self.key("hushall"), self.relation("hushall", "kir"));
        let on = &self.definitions.catalog.extract(from.0).relation(relation).on;
        let mut keys = KeySet::of(on.iter().map(|(theirs, _)| *theirs).collect());
        let mine: Vec<_> = on.iter().map(|(_, mine)| *mine).collect();
        let table = &self.tables[&from];
        (0..table.len()).filter_map(|row| table.key(row, &mine)).for_each(|key| keys.insert(key));
        Reach::Keys(vec![keys.ready().into()])
    }

    fn relation(&self, extract: &str, relation: &str) -> RelationId {
        let relations = &self.definitions.catalog.extract(self.key(extract).0).relations;
        let place = relations.iter().position(|known| known.id == relation).expect("the extract has it");
        RelationId(u16::try_from(place).expect("an extract has few relations"))
    }

    /// Joins along a relation, as a night does.
    fn join(&self, (extract, side, relation, to_side): Followed) -> Option<Links> {
        let schema = self.definitions.catalog.extract(extract).relation(relation);
        let (from, to) = ((extract, self.nights.of(side)?), (schema.to, self.nights.of(to_side)?));
        let fields: Vec<_> = schema.on.iter().map(|(theirs, _)| *theirs).collect();
        let way = self.plan.tables.get(&to)?.ways.iter().position(|way| *way == fields)?;
        let (from, to) = (self.tables.get(&from)?, self.tables.get(&to)?);
        Some(Links::new(to.index(&fields), (from, to), schema, way, (side, to_side)))
    }

    fn join_tonight(&self, extract: &str, relation: &str) -> Links {
        let followed = (self.key(extract).0, Side::Tonight, self.relation(extract, relation), Side::Tonight);
        self.join(followed).expect("both are read tonight")
    }

    fn links_of(&self, needs: &RobotNeeds) -> HashMap<Followed, Links> {
        needs.relations.iter().filter_map(|followed| Some((*followed, self.join(*followed)?))).collect()
    }

    fn view<'t>(&'t self, links: &'t HashMap<Followed, Links>) -> View<'t> {
        let delivery = |place: usize, side: Side| {
            let extract = ExtractId(u16::try_from(place).expect("there are few extracts"));
            let table = self.nights.of(side).and_then(|night| self.tables.get(&(extract, night)));
            table.map_or(Delivery::Missing(Why::NotDelivered), Delivery::Ready)
        };
        let all = |side| (0..self.definitions.extracts.len()).map(|place| delivery(place, side)).collect();
        let links = links.iter().map(|(followed, links)| (*followed, links)).collect();
        View::new(all(Side::Tonight), all(Side::Previous), links, (self.nights.night, self.nights.previous))
    }

    fn go_round(&self, robot: &Robot, view: &View<'_>) -> RobotResult {
        let constants = Constants {
            night: self.nights.night,
            previous_night: self.nights.previous,
            since: self.nights.previous.unwrap_or(self.nights.night),
            start: self.nights.previous.unwrap_or(self.nights.night),
            draws: None,
            municipality: MUNICIPALITY,
            parameters: &self.definitions.catalog.parameters,
        };
        go_round(robot, &self.definitions, view, &constants, Errand::ALL)
    }

    fn robots(&self) -> impl Iterator<Item = (&Robot, &RobotNeeds)> {
        self.definitions.robots.iter().zip(&self.plan.robots)
    }
}

/// The same register where one row of fifty is reached, and where every row is.
fn scans(criterion: &mut Criterion, stage: &Stage) {
    let kir = stage.key("kir");
    let mut group = criterion.benchmark_group("scan");
    group.sample_size(20).throughput(Throughput::Bytes(stage.source(kir).size()));
    group.bench_function("register, few rows reached", |bencher| {
        bencher.iter_batched(|| stage.members(), |reach| stage.scan(kir, reach), criterion::BatchSize::LargeInput);
    });
    group.bench_function("register, every row reached", |bencher| {
        bencher.iter_with_large_drop(|| stage.scan(kir, Reach::All));
    });
    group.finish();
}

fn joins(criterion: &mut Criterion, stage: &Stage) {
    let mut group = criterion.benchmark_group("join");
    group.sample_size(20);
    for (name, extract, relation) in [
        ("members to the register", "hushall", "kir"),
        ("residents to their address", "kir", "skrivna"),
        ("costs to the person's costs", "kostnader", "personens"),
    ] {
        let rows = stage.tables[&stage.key(extract)].len();
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(name, |bencher| {
            bencher.iter_with_large_drop(|| stage.join_tonight(extract, relation));
        });
    }
    group.finish();
}

/// The robots' counts, sums and comparisons over what is joined: `hogkostnadsskydd` sums periods, `folkbokforing` counts
/// addresses, `fordonsinnehav` compares two nights.
fn aggregates(criterion: &mut Criterion, stage: &Stage) {
    let mut group = criterion.benchmark_group("aggregates, a robot's round");
    group.sample_size(20);
    for (robot, needs) in stage.robots() {
        let links = stage.links_of(needs);
        let view = stage.view(&links);
        let subjects = stage.go_round(robot, &view).subjects.len();
        assert!(subjects > 0, "`{}` has nothing to go round", robot.id);
        group.throughput(Throughput::Elements(subjects as u64));
        group.bench_function(robot.id.as_str(), |bencher| {
            bencher.iter_with_large_drop(|| stage.go_round(robot, &view));
        });
    }
    group.finish();
}

/// What is written of a first night of the robot with most to say, where everything is new.
fn output(criterion: &mut Criterion, stage: &Stage) {
    let id = "folkbokforing";
    let (robot, needs) = stage.robots().find(|(robot, _)| robot.id == id).expect("it is one of the repository's");
    let links = stage.links_of(needs);
    let result = stage.go_round(robot, &stage.view(&links));
    let noted: Noted = result.subjects.iter().map(|subject| vec![Novelty::New; subject.findings.len()]).collect();
    let mut group = criterion.benchmark_group("output");
    group.throughput(Throughput::Elements(result.subjects.len() as u64));
    group.bench_function("notes", |bencher| {
        bencher.iter(|| notes(robot, black_box(&result), &noted, &stage.definitions, stage.nights));
    });
    group.bench_function("list", |bencher| {
        bencher.iter(|| list(robot, black_box(&result), &noted, &stage.definitions));
    });
    group.bench_function("account", |bencher| {
        bencher.iter(|| accounts(robot, black_box(&result)));
    });
    group.finish();
}

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("no other pool has been made");
    let stage = Stage::set();
    let mut criterion = Criterion::default().configure_from_args();
    scans(&mut criterion, &stage);
    joins(&mut criterion, &stage);
    aggregates(&mut criterion, &stage);
    output(&mut criterion, &stage);
    criterion.final_summary();
}
