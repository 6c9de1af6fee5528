//! What the robots need together: which extracts of which nights, which fields, which joins, and in which order the files
//! are read so that only rows that some subject can reach are kept.
//!
//! Every way from a subject's row along relations is a *reach*: `arenden` → `medlemmar` → `kir` → `skrivna`. A file is read
//! once for all the reaches that lead into it and whose sources have been read; once more for each further step of an
//! extract that leads into itself.

mod order;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::definition::Definitions;
use crate::definition::extract::{Extract, Origin, ROWS};
use crate::definition::keep::Keep;
use crate::definition::robot::{Note, OWNER, Per, Robot, SUBJECT, SUBJECTS};
use crate::rule::catalog::Catalog;
use crate::rule::template::Template;
use crate::rule::tree::{Declared, Expr, Kind, Slot};
use crate::rule::types::{ExtractId, FieldId, RelationId, RowType, Side, Type};

use order::order;

/// One extract of one night.
pub type TableKey = (ExtractId, NaiveDate);

/// The nights that one robot looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nights {
    /// The night that is run.
    pub night: NaiveDate,
    /// The night it is compared with; none when there is none to compare with.
    pub previous: Option<NaiveDate>,
}

impl Nights {
    /// The night of a side.
    #[must_use]
    pub fn of(&self, side: Side) -> Option<NaiveDate> {
        match side {
            Side::Tonight => Some(self.night),
            Side::Previous => self.previous,
        }
    }
}

/// A place in [`Plan::reaches`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReachId(pub usize);

/// The rows of a table that are come to in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachedBy {
    /// The table.
    pub table: TableKey,
    /// From which rows and along which relation; none for a table that is read whole.
    pub from: Option<(ReachId, Vec<(FieldId, FieldId)>)>,
    /// Whether they are rows that robots go through, as far as their conditions hold.
    pub are_subjects: bool,
}

/// What is kept of a table.
#[derive(Clone, Debug, Default)]
pub struct Needed {
    /// The fields.
    pub fields: BTreeSet<FieldId>,
    /// The ways in which its rows are found.
    pub ways: Vec<Vec<FieldId>>,
    /// Of an extract that is made from another: the fields that are worked out of its rows once, for whoever asks.
    pub kept: BTreeSet<FieldId>,
}

/// A relation that is followed: its extract and night, itself, and the night that it leads to.
pub type Followed = (ExtractId, Side, RelationId, Side);

/// What one robot needs.
#[derive(Clone, Debug, Default)]
pub struct RobotNeeds {
    /// The extracts that its rules look at.
    pub rules: BTreeSet<(ExtractId, Side)>,
    /// The extracts that its protection looks at.
    pub protection: BTreeSet<(ExtractId, Side)>,
    /// The relations that it follows.
    pub relations: BTreeSet<Followed>,
}

/// One reading of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The table.
    pub table: TableKey,
    /// The reaches that it is read for; all rows when there are none.
    pub reaches: Vec<ReachId>,
}

/// What the robots need together.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is kept of each table.
    pub tables: BTreeMap<TableKey, Needed>,
    /// The ways in which rows are come to.
    pub reaches: Vec<ReachedBy>,
    /// The order of reading.
    pub steps: Vec<Step>,
    /// What each robot needs, in the order given.
    pub robots: Vec<RobotNeeds>,
    /// What is needed for what the ledger keeps of extracts, where that is worked out.
    pub figures: Vec<FigureNeeds>,
}

/// What is needed for what the ledger keeps of an extract.
#[derive(Clone, Debug)]
pub struct FigureNeeds {
    /// The extract.
    pub extract: ExtractId,
    /// The nights that are looked at: tonight and no other.
    pub nights: Nights,
    /// What is needed.
    pub needs: RobotNeeds,
}

/// Plans a run of these robots.
#[must_use]
pub fn plan(definitions: &Definitions, robots: &[(&Robot, Nights)]) -> Plan {
    plan_keeping(definitions, robots, None)
}

/// Plans a run of these robots; where a night is given, also what the ledger keeps of its extracts.
#[must_use]
pub fn plan_keeping(definitions: &Definitions, robots: &[(&Robot, Nights)], kept_of: Option<NaiveDate>) -> Plan {
    let mut plan = Plan::default();
    for (robot, nights) in robots {
        let mut walker = Walker::new(&mut plan, definitions, *nights, Part::Rules);
        walker.optional = &robot.optional;
        walker.robot(robot);
        let needs = walker.needs;
        plan.robots.push(needs);
    }
    let keeps = definitions.extracts.iter().filter_map(|extract| Some((extract.id, extract.keep.as_ref()?)));
    for (night, (extract, keep)) in kept_of.into_iter().flat_map(|night| keeps.clone().map(move |keep| (night, keep))) {
        let nights = Nights { night, previous: None };
        let mut walker = Walker::new(&mut plan, definitions, nights, Part::Figures);
        walker.figures(extract, keep);
        let needs = walker.needs;
        plan.figures.push(FigureNeeds { extract, nights, needs });
    }
    plan.steps = order(&plan, &definitions.extracts);
    plan
}

/// Which part of a robot asks.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Rules,
    Protection,
    /// Not a robot, but what the ledger keeps of an extract.
    Figures,
}

/// Walks a robot's expressions and notes what they reach.
struct Walker<'p> {
    plan: &'p mut Plan,
    catalog: &'p Catalog,
    extracts: &'p [Extract],
    robots: &'p [Robot],
    nights: Nights,
    needs: RobotNeeds,
    optional: &'p [ExtractId],
    part: Part,
    bound: BTreeMap<Slot, Vec<ReachId>>,
    facts: Vec<Vec<ReachId>>,
}

impl<'p> Walker<'p> {
    fn new(plan: &'p mut Plan, definitions: &'p Definitions, nights: Nights, part: Part) -> Self {
        Self {
            plan,
            catalog: &definitions.catalog,
            extracts: &definitions.extracts,
            robots: &definitions.robots,
            nights,
            needs: RobotNeeds::default(),
            optional: &[],
            part,
            bound: BTreeMap::new(),
            facts: Vec::new(),
        }
    }

    /// What the ledger keeps of an extract goes over all of its rows.
    fn figures(&mut self, extract: ExtractId, keep: &Keep) {
        self.look_at(extract, Side::Tonight);
        let rows = self.reach((extract, self.nights.night), None);
        self.bound.insert(SUBJECT, vec![rows]);
        for expr in keep.expressions() {
            self.walk(expr);
        }
    }

    fn robot(&mut self, robot: &Robot) {
        let root = self.reach_subjects((robot.subject.extract, self.nights.night));
        self.want_what_tells_subjects(robot.subject.extract);
        self.look_at(robot.subject.extract, Side::Tonight);
        match &robot.subject.members {
            None => {
                self.bound.insert(SUBJECT, vec![root]);
            }
            Some((rows, extract)) => {
                self.bound.insert(OWNER, vec![root]);
                let members = self.walk(rows);
                self.bound.insert(SUBJECT, members);
                self.look_at(*extract, Side::Tonight);
            }
        }
        for fact in &robot.facts {
            let reached = self.walk(fact);
            self.facts.push(reached);
        }
        let subject = &robot.subject;
        let of_subject = subject.condition.iter().chain([&subject.case]);
        let of_case = subject.unit.iter().chain(&subject.handler).chain(&subject.person).chain(&subject.applicant);
        for expr in of_subject.chain(of_case) {
            self.walk(expr);
        }
        for order in &subject.order_by {
            self.walk(&order.by);
        }
        for check in &robot.checks {
            if let Some(each) = &check.each {
                let rows = self.walk(&each.rows);
                self.bound.insert(each.slot, rows);
            }
            let conditions = check.requires.iter().map(|requirement| &requirement.that).chain([&check.when]);
            let columns = check.columns.iter().map(|(_, expr)| expr);
            let orders = check.order_by.iter().map(|order| &order.by);
            let says = check.says.iter().flat_map(Template::expressions);
            for expr in conditions.chain(says).chain(&check.identity).chain(columns).chain(orders) {
                self.walk(expr);
            }
        }
        self.note_and_lists(robot);
        self.part = Part::Protection;
        if let Some(protection) = &robot.protection {
            self.walk(protection);
        }
        for rejected in &robot.rejected {
            let members = self.reach((rejected.members, self.nights.night), Some((root, rejected.on.clone())));
            self.reach((rejected.register, self.nights.night), Some((members, vec![rejected.by])));
            self.look_at(rejected.register, Side::Tonight);
            // Each register speaks with its own fields; where they lead to one another, that is asked by the other.
            self.want_own_fields(&rejected.protection, rejected.register);
        }
    }

    fn note_and_lists(&mut self, robot: &Robot) {
        let subjects = self.bound.get(&SUBJECT).cloned().unwrap_or_default();
        self.bound.insert(SUBJECTS, subjects.clone());
        for expr in robot.note.iter().flat_map(Note::expressions) {
            self.walk(expr);
        }
        for list in robot.all_lists() {
            if let Per::Row(extract) = list.per {
                self.look_at(extract, Side::Tonight);
                let rows = self.reach((extract, self.nights.night), None);
                self.bound.insert(SUBJECT, vec![rows]);
                for (own, theirs) in &list.subjects {
                    self.want(extract, Side::Tonight, *own);
                    let of_subject =
                        robot.subject.members.as_ref().map_or(robot.subject.extract, |(_, extract)| *extract);
                    self.want(of_subject, Side::Tonight, *theirs);
                }
            }
            for expr in list.expressions() {
                self.walk(expr);
            }
            self.bound.insert(SUBJECT, subjects.clone());
        }
    }

    /// The cells that tell which rows of an extract may be any robot's subjects: what leads to other rows is then the same
    /// whichever robots run.
    fn want_what_tells_subjects(&mut self, extract: ExtractId) {
        let declared = &self.extracts[usize::from(extract.0)];
        let mut fields = Vec::new();
        for robot in self.robots.iter().filter(|robot| robot.subject.extract == extract) {
            for part in robot.asks_of_own_cells(declared).unwrap_or_default() {
                part.fields_into(&mut fields);
            }
        }
        let needed = self.plan.tables.entry((extract, self.nights.night)).or_default();
        needed.fields.extend(fields);
    }

    /// The fields of the row itself that an expression reads.
    fn want_own_fields(&mut self, expr: &Expr, extract: ExtractId) {
        if let Kind::Field { row, field, .. } = &expr.kind
            && matches!(row.kind, Kind::Local(SUBJECT))
        {
            self.want(extract, Side::Tonight, *field);
        }
        for part in expr.parts() {
            self.want_own_fields(part, extract);
        }
    }

    fn look_at(&mut self, extract: ExtractId, side: Side) {
        if let Some(grouping) = &self.extracts[usize::from(extract.0)].grouping {
            self.look_at(grouping.from, side);
        }
        match self.part {
            Part::Rules | Part::Figures => self.needs.rules.insert((extract, side)),
            Part::Protection => self.needs.protection.insert((extract, side)),
        };
    }

    /// The reach of the rows that a robot goes through.
    fn reach_subjects(&mut self, table: TableKey) -> ReachId {
        self.reach_as(table, None, true)
    }

    /// The reach into a table along these key fields, the same one for all who come the same way.
    fn reach(&mut self, table: TableKey, from: Option<(ReachId, Vec<(FieldId, FieldId)>)>) -> ReachId {
        self.reach_as(table, from, false)
    }

    fn reach_as(
        &mut self,
        table: TableKey,
        from: Option<(ReachId, Vec<(FieldId, FieldId)>)>,
        are_subjects: bool,
    ) -> ReachId {
        let from = self.through_rows(table, from);
        let extract = &self.extracts[usize::from(table.0.0)];
        let needed = self.plan.tables.entry(table).or_default();
        needed.fields.extend(&extract.key);
        needed.fields.extend(extract.answer.iter().map(|answer| answer.field));
        // What a row's place among its case's rows is counted by.
        needed.fields.extend(extract.person_field());
        let reached = ReachedBy { table, from, are_subjects };
        if let Some(known) = self.plan.reaches.iter().position(|known| *known == reached) {
            return ReachId(known);
        }
        self.plan.reaches.push(reached);
        ReachId(self.plan.reaches.len() - 1)
    }

    /// A group is come to through the rows that it is made of: those are found in the way that the group is.
    fn through_rows(
        &mut self,
        table: TableKey,
        from: Option<(ReachId, Vec<(FieldId, FieldId)>)>,
    ) -> Option<(ReachId, Vec<(FieldId, FieldId)>)> {
        let Some(grouping) = &self.extracts[usize::from(table.0.0)].grouping else { return from };
        let base_of = |own: FieldId| grouping.by.iter().find(|(field, _)| *field == own).map(|(_, base)| *base);
        let base_way = |way: &[FieldId]| way.iter().filter_map(|own| base_of(*own)).collect::<Vec<FieldId>>();
        let base_from = from.map(|(source, on)| {
            let on = on.iter().filter_map(|(theirs, mine)| Some((base_of(*theirs)?, *mine))).collect();
            (source, on)
        });
        let whole: Vec<FieldId> = grouping.by.iter().map(|(_, base)| *base).collect();
        let base_table = (grouping.from, table.1);
        let mut ways: Vec<Vec<FieldId>> = vec![whole.clone()];
        ways.extend(
            base_from
                .iter()
                .map(|(_, on): &(ReachId, Vec<(FieldId, FieldId)>)| on.iter().map(|(theirs, _)| *theirs).collect()),
        );
        let of_group = self.plan.tables.get(&table).map(|needed| needed.ways.clone()).unwrap_or_default();
        ways.extend(of_group.iter().map(|way| base_way(way)));
        let base = self.reach(base_table, base_from);
        let needed = self.plan.tables.entry(base_table).or_default();
        needed.fields.extend(&whole);
        for way in ways {
            if !needed.ways.contains(&way) {
                needed.ways.push(way);
            }
        }
        if let Some(condition) = &grouping.condition {
            self.want_own_fields(condition, grouping.from);
        }
        Some((base, grouping.by.clone()))
    }

    fn want(&mut self, extract: ExtractId, side: Side, field: FieldId) {
        self.look_at(extract, side);
        if self.has_stand_in(extract, side) {
            self.want(extract, Side::Previous, field);
        }
        let origin = &self.extracts[usize::from(extract.0)].field(field).origin;
        if let Some(night) = self.nights.of(side)
            && !matches!(origin, Origin::Related | Origin::OfRows { .. })
        {
            let is_new = self.plan.tables.entry((extract, night)).or_default().fields.insert(field);
            if is_new && matches!(origin, Origin::Paired) {
                self.want_pairing(extract, side, night);
            }
        }
    }

    /// What pairs are found by. Any row may be one of a pair with any other, so all of them are read.
    fn want_pairing(&mut self, extract: ExtractId, side: Side, night: NaiveDate) {
        let all = self.reach((extract, night), None);
        let Some(pairing) = &self.extracts[usize::from(extract.0)].pairing else { return };
        for field in pairing.on.iter().chain(&pairing.first).chain(&pairing.highest) {
            self.want(extract, side, *field);
        }
        let subject = self.bound.insert(SUBJECT, vec![all]);
        for expr in pairing.expressions() {
            self.walk(expr);
        }
        match subject {
            Some(subject) => self.bound.insert(SUBJECT, subject),
            None => self.bound.remove(&SUBJECT),
        };
    }

    /// A field that is worked out of the rows of a group is worked out once, for whoever asks. What the ledger keeps asks
    /// each row once at most, and many not at all.
    fn keep(&mut self, row: &Type, body: &Expr) {
        if self.part != Part::Figures
            && let (Type::Row(row), Kind::Declared { by: Declared::Field(extract, field), .. }) = (row, &body.kind)
            && matches!(self.extracts[usize::from(extract.0)].field(*field).origin, Origin::OfRows { .. })
            && let Some(night) = self.nights.of(row.side)
        {
            self.plan.tables.entry((*extract, night)).or_default().kept.insert(*field);
        }
    }

    /// Walks an expression; gives the reaches of the rows that it comes to.
    fn walk(&mut self, expr: &Expr) -> Vec<ReachId> {
        match &expr.kind {
            Kind::Local(slot) => self.bound.get(slot).cloned().unwrap_or_default(),
            Kind::Fact(id) => self.facts.get(usize::from(id.0)).cloned().unwrap_or_default(),
            Kind::Field { row, extract, field } => {
                self.walk(row);
                self.want(*extract, side_of(&row.ty), *field);
                Vec::new()
            }
            Kind::Related { row, extract, relation, side } => self.follow(row, *extract, *relation, *side),
            Kind::Map { list, slot, body } | Kind::With { value: list, slot, body } => {
                self.keep(&list.ty, body);
                let rows = self.walk(list);
                self.bound.insert(*slot, rows);
                self.walk(body)
            }
            Kind::Filter { list, slot, condition } => {
                let rows = self.walk(list);
                self.bound.insert(*slot, rows.clone());
                self.walk(condition);
                rows
            }
            Kind::Quantified { list, slot, condition, .. } => {
                let rows = self.walk(list);
                self.bound.insert(*slot, rows);
                self.walk(condition);
                Vec::new()
            }
            Kind::DistinctRows { rows, fields } => {
                let reached = self.walk(rows);
                if let Type::Rows(row) = rows.ty {
                    for field in fields {
                        self.want(row.extract, row.side, *field);
                    }
                }
                reached
            }
            Kind::All(RowType { extract, side }) => {
                self.look_at(*extract, *side);
                let Some(night) = self.nights.of(*side) else { return Vec::new() };
                vec![self.reach((*extract, night), None)]
            }
            Kind::Delivered(RowType { extract, side }) => {
                // Asking whether it is there does not make it needed; the relation that is asked about does.
                let _ = (extract, side);
                Vec::new()
            }
            _ => {
                let mut reached: Vec<ReachId> = expr.parts().into_iter().flat_map(|part| self.walk(part)).collect();
                reached.sort_unstable();
                reached.dedup();
                reached
            }
        }
    }

    /// Whether the night before stands in for an extract: where a robot can do without it and it tells who is protected.
    fn has_stand_in(&self, extract: ExtractId, side: Side) -> bool {
        self.part == Part::Protection && side == Side::Tonight && self.optional.contains(&extract)
    }

    fn follow(&mut self, row: &Expr, extract: ExtractId, relation: RelationId, side: Side) -> Vec<ReachId> {
        let to = self.catalog.extract(extract).relation(relation).to;
        if self.has_stand_in(to, side) {
            self.follow(row, extract, relation, Side::Previous);
        }
        let from = self.walk(row);
        let own_side = side_of(&row.ty);
        let schema = self.catalog.extract(extract).relation(relation);
        self.needs.relations.insert((extract, own_side, relation, side));
        self.look_at(schema.to, side);
        for (_, mine) in &schema.on {
            self.want(extract, own_side, *mine);
        }
        let Some(night) = self.nights.of(side) else { return Vec::new() };
        let is_to_rows = self.extracts[usize::from(extract.0)].grouping.is_some() && schema.id == ROWS;
        if is_to_rows {
            // The rows of a group have been read when the group was made.
            let made = from.iter().filter_map(|group| self.plan.reaches[group.0].from.as_ref());
            return made.map(|(base, _)| *base).collect();
        }
        let table = (schema.to, night);
        let way: Vec<FieldId> = schema.on.iter().map(|(theirs, _)| *theirs).collect();
        let reached: Vec<ReachId> =
            from.iter().map(|from| self.reach(table, Some((*from, schema.on.clone())))).collect();
        self.reach_contradictions(table, &way, &reached);
        let needed = self.plan.tables.entry(table).or_default();
        needed.fields.extend(&way);
        if !needed.ways.contains(&way) {
            needed.ways.push(way);
        }
        reached
    }
}

impl Walker<'_> {
    /// A row that contradicts one that is reached, having the same key, must be reached too: the first of them stands, and
    /// which that is may not depend on which cases there are. Where rows are found by a part of their key, they are anyhow.
    fn reach_contradictions(&mut self, table: TableKey, way: &[FieldId], reached: &[ReachId]) {
        let key = &self.extracts[usize::from(table.0.0)].key;
        if key.is_empty() || way.iter().all(|field| key.contains(field)) {
            return;
        }
        let itself: Vec<(FieldId, FieldId)> = key.iter().map(|field| (*field, *field)).collect();
        for from in reached {
            self.reach(table, Some((*from, itself.clone())));
        }
        let needed = self.plan.tables.entry(table).or_default();
        if !needed.ways.contains(key) {
            needed.ways.push(key.clone());
        }
    }
}

fn side_of(ty: &Type) -> Side {
    match ty {
        Type::Row(row) | Type::Rows(row) => row.side,
        _ => Side::Tonight,
    }
}
