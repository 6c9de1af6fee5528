//! What a robot's definition means, as one hash: the typed trees of its expressions, the fields, relations and extracts
//! that they use, and the structure of its parameters.
//!
//! Comments, examples, titles, names of facts and the values in parameters' tables are no part of it. A part that is added
//! to a robot or to the rule language has to be told here: the compiler asks for it, since every part is named.

use std::collections::BTreeSet;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::extract::{Extract, Origin, Pairing};
use super::load::Definitions;
use super::robot::{
    Check, ColumnIs, Each, HitPolicy, Leaves, List, ListOrder, Note, NoteLine, NoteOf, Once, Order, Per,
    RejectedMember, Requirement, Robot, Subject,
};
use crate::rule::template::Template;
use crate::rule::tree::{Asked, Bound, Declared, Expr, Kind};
use crate::rule::types::{ExtractId, FieldId, ParameterId, RelationId, RowType, Type};

/// What a robot's definition means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// SHA-256 of all but the values of its parameters.
    pub definition: [u8; 32],
    /// SHA-256 of the values of the parameters that it uses.
    pub values: [u8; 32],
}

impl Meaning {
    /// What a robot means among these definitions.
    #[must_use]
    pub fn of(robot: &Robot, definitions: &Definitions) -> Self {
        let mut writer = Writer { definitions, text: String::new(), used: Used::default() };
        writer.robot(robot);
        writer.declarations();
        let values: String = writer.used.parameters.iter().map(|id| written_values(definitions, *id)).collect();
        Self { definition: Sha256::digest(writer.text).into(), values: Sha256::digest(values).into() }
    }
}

/// What the expressions use of the declarations.
#[derive(Default)]
struct Used {
    fields: BTreeSet<(ExtractId, FieldId)>,
    relations: BTreeSet<(ExtractId, RelationId)>,
    extracts: BTreeSet<ExtractId>,
    parameters: BTreeSet<ParameterId>,
}

/// Writes everything down in one way, places turned into names.
struct Writer<'d> {
    definitions: &'d Definitions,
    text: String,
    used: Used,
}

impl<'d> Writer<'d> {
    fn put(&mut self, what: &str, value: impl std::fmt::Debug) {
        let _ = writeln!(self.text, "{what} {value:?}");
    }

    fn robot(&mut self, robot: &Robot) {
        let Robot {
            id,
            title: _,
            version: _,
            purpose,
            owner: _,
            legal_basis,
            subject,
            fact_names: _,
            fact_texts: _,
            facts,
            checks,
            hit_policy,
            protection,
            rejected,
            note,
            list,
            lists,
            expect,
            sample,
            optional,
            independent_of,
            source: _,
        } = robot;
        self.put("robot", id);
        self.put("purpose", purpose);
        self.put("legal basis", legal_basis);
        self.subject(subject);
        self.all("fact", facts);
        // What most robots do not say is told only of those that say it.
        if *hit_policy != HitPolicy::Collect {
            self.put("hit policy", hit_policy);
        }
        for check in checks {
            self.check(check);
        }
        self.all("protection", protection);
        for member in rejected {
            self.rejected(member);
        }
        if let Some(note) = note {
            self.note(note);
        }
        for list in std::iter::once(list).chain(lists) {
            self.list(list);
        }
        self.put("expect", (expect.hit_rate, expect.hold_above, expect.hold_floor));
        if let Some(sample) = sample {
            self.put("sample", sample);
        }
        for extract in optional {
            let name = self.extract(*extract);
            self.put("optional", name);
        }
        // Declared, and not used.
        let name = |(extract, field): &(ExtractId, FieldId)| self.declared(*extract).field(*field).name.clone();
        let names: Vec<String> = independent_of.iter().map(name).collect();
        self.put("independent of", names);
    }

    fn subject(&mut self, subject: &Subject) {
        let Subject {
            each: _,
            extract,
            members,
            condition,
            condition_text: _,
            case,
            unit,
            handler,
            person,
            applicant,
            order_by,
            once,
        } = subject;
        let name = self.extract(*extract);
        self.put("each", name);
        self.all("members", members.as_ref().map(|(rows, _)| rows));
        self.all("where", condition);
        self.all("case", [case]);
        self.all("unit", unit);
        self.all("handler", handler);
        self.all("person", person);
        self.all("applicant", applicant);
        for order in order_by {
            self.order(order);
        }
        if *once != Once::Never {
            self.put("once", once);
        }
    }

    fn check(&mut self, check: &Check) {
        let Check {
            id,
            each,
            requires,
            when,
            says,
            unless,
            weight,
            identity,
            order_by,
            columns,
            informs,
            written: _,
            span: _,
        } = check;
        self.put("check", (id, informs));
        if let Some(Each { rows, row: _, slot, written: _ }) = each {
            self.put("each in", slot);
            self.all("rows", [rows]);
        }
        for requirement in requires {
            let Requirement { that, otherwise, only_to_clear, written: _ } = requirement;
            self.put("otherwise", (otherwise, only_to_clear));
            self.all("requires", [that]);
        }
        self.all("when", [when]);
        if let Some(says) = says {
            self.sentence(says);
        }
        if !unless.is_empty() || *weight != 0 {
            let unless: Vec<&str> = unless.iter().map(|awaited| awaited.id.as_str()).collect();
            self.put("unless", (unless, weight));
        }
        self.all("identity", identity);
        for order in order_by {
            self.order(order);
        }
        for (header, value) in columns {
            self.put("column", header);
            self.all("is", [value]);
        }
    }

    fn note(&mut self, note: &Note) {
        let Note { title, closing, of, heading, lines } = note;
        self.put("note", (title, closing));
        match of {
            NoteOf::Deviations => {}
            NoteOf::Subjects => self.put("of", "every subject"),
            NoteOf::Checks => self.put("of", "every check"),
            NoteOf::Summary { when, says, written: _ } => {
                self.all("of", [when]);
                self.sentence(says);
            }
        }
        if let Some(heading) = heading {
            self.sentence(heading);
        }
        for NoteLine { when, says, last, written: _ } in lines {
            self.all("line", when);
            self.sentence(says);
            if *last {
                self.put("line", "last");
            }
        }
    }

    fn list(&mut self, list: &List) {
        let List { file, per, condition, checks, only_new, leaves, covers, file_per, columns, order_by, subjects } =
            list;
        match per {
            Per::Row(extract) => {
                let name = self.extract(*extract);
                self.put("list over", name);
                if !subjects.is_empty() {
                    // Of the subject the place is told: its extract is the robot's own.
                    let own = |(own, theirs): &(FieldId, FieldId)| (self.field(*extract, *own), theirs.0);
                    let pairs: Vec<(String, u16)> = subjects.iter().map(own).collect();
                    self.put("its subjects", pairs);
                }
            }
            Per::Case | Per::Subject | Per::Finding => self.put("list", per),
        }
        if !file.is_empty() {
            let leaves = leaves.as_ref().map(|Leaves { to, because }| (to, because));
            self.put("file", (file, leaves, covers));
        }
        if !checks.is_empty() || *only_new {
            self.put("of checks", (checks, only_new));
        }
        self.all("of", condition);
        self.all("file per", file_per);
        for column in columns {
            self.put("column", &column.header);
            match &column.is {
                ColumnIs::Value(is) => self.all("is", [is]),
                ColumnIs::OfCheck => {}
                ColumnIs::New => self.put("is", "new"),
            }
            if column.protected_too {
                self.put("protected too", true);
            }
        }
        for order in order_by {
            match order {
                ListOrder::Column(column, direction) => self.put("by column", (column, direction)),
                ListOrder::Case(direction) => self.put("by case", direction),
                ListOrder::By(order) => self.order(order),
            }
        }
    }

    fn sentence(&mut self, says: &Template) {
        self.put("says", says.texts().collect::<Vec<_>>());
        self.all("saying", says.expressions());
    }

    fn rejected(&mut self, member: &RejectedMember) {
        let RejectedMember { members, on, register, by, protection } = member;
        let (members, register) = (*members, *register);
        let name = self.extract(members);
        self.put("rejected", name);
        for (theirs, _) in on {
            let field = self.field(members, *theirs);
            self.put("on", field);
        }
        let by = (self.field(register, by.0), self.field(members, by.1));
        self.put("by", by);
        self.all("protected", [protection]);
    }

    fn order(&mut self, order: &Order) {
        self.put("order", order.direction);
        self.all("by", [&order.by]);
    }

    fn all<'e>(&mut self, what: &str, expressions: impl IntoIterator<Item = &'e Expr>) {
        for expr in expressions {
            let _ = write!(self.text, "{what} ");
            self.expr(expr);
            self.text.push('\n');
        }
    }

    /// What it does, then its parts in brackets.
    fn expr(&mut self, expr: &Expr) {
        // Where it is worked out is no part of what it means.
        if let Kind::Standing(whole) = &expr.kind {
            return self.expr(whole);
        }
        let head = self.head(expr);
        self.text.push_str(&head);
        self.text.push('(');
        for part in expr.parts() {
            self.expr(part);
            self.text.push(',');
        }
        self.text.push(')');
    }

    /// All that an expression says beside its parts.
    fn head(&mut self, expr: &Expr) -> String {
        let bound = |bound: &Bound| bound.is_in;
        match &expr.kind {
            Kind::Literal(literal) => format!("{literal:?}"),
            Kind::Builtin(name) => format!("{name:?}"),
            Kind::Local(slot) => format!("{slot:?}"),
            Kind::Fact(fact) => format!("{fact:?}"),
            Kind::Field { row: _, extract, field } => self.field(*extract, *field),
            Kind::Related { row: _, extract, relation, side } => {
                format!("{} {side:?}", self.relation(*extract, *relation))
            }
            Kind::All(row) => format!("all {}", self.row(*row)),
            Kind::Property(property, _) => format!("{property:?}"),
            // What stands in a declaration means what it says, wherever it stands.
            Kind::Declared { by, body: _ } => match by {
                Declared::Field(..) => "field".to_owned(),
                Declared::Relation(..) => "relation".to_owned(),
                Declared::Protection(_) => "protection".to_owned(),
            },
            Kind::Standing(_) => "standing".to_owned(),
            Kind::SortBy { list: _, slot, keys: _ } => format!("sort {slot:?}"),
            Kind::Reaching { list: _, slot, amount: _, limit: _ } => format!("reaching {slot:?}"),
            Kind::Map { list: _, slot, body: _ } => format!("map {slot:?}"),
            Kind::Filter { list: _, slot, condition: _ } => format!("filter {slot:?}"),
            Kind::DistinctRows { rows, fields } => {
                let extract = match &rows.ty {
                    Type::Row(row) | Type::Rows(row) => Some(row.extract),
                    _ => None,
                };
                let names = fields.iter().map(|field| extract.map(|extract| self.field(extract, *field)));
                format!("distinct {:?}", names.collect::<Vec<_>>())
            }
            Kind::Quantified { quantifier, list: _, slot, condition: _ } => format!("{quantifier:?} {slot:?}"),
            Kind::With { value: _, slot, body: _ } => format!("with {slot:?}"),
            Kind::Call(function, _) => format!("{function:?}"),
            Kind::Lookup(parameter, _) => self.parameter(*parameter),
            Kind::Compare(operator, ..) | Kind::Arithmetic(operator, ..) => format!("{operator:?}"),
            Kind::IsNull { value: _, negated } => format!("is null {negated}"),
            Kind::Negate(_) => "negate".to_owned(),
            Kind::And(_) => "and".to_owned(),
            Kind::Or(_) => "or".to_owned(),
            Kind::If(..) => "if".to_owned(),
            Kind::Within { value: _, low, high } => format!("within {} {}", bound(low), bound(high)),
            Kind::OneOf(..) => "one of".to_owned(),
            Kind::InList(..) => "in list".to_owned(),
            Kind::Asked { what: Asked::Listed, parameter, arguments: _ } => {
                format!("listed {}", self.parameter(*parameter))
            }
            Kind::Asked { what: Asked::Derived, parameter, arguments: _ } => {
                format!("derived {}", self.parameter(*parameter))
            }
            Kind::Delivered(row) => format!("delivered {}", self.row(*row)),
            Kind::List(_) => "list".to_owned(),
        }
    }

    fn extract(&mut self, id: ExtractId) -> String {
        self.used.extracts.insert(id);
        self.definitions.catalog.extract(id).id.clone()
    }

    fn field(&mut self, extract: ExtractId, field: FieldId) -> String {
        self.used.fields.insert((extract, field));
        format!("{}.{}", self.extract(extract), self.declared(extract).field(field).name)
    }

    fn relation(&mut self, extract: ExtractId, relation: RelationId) -> String {
        self.used.relations.insert((extract, relation));
        format!("{}.{}", self.extract(extract), self.definitions.catalog.extract(extract).relation(relation).id)
    }

    fn row(&mut self, row: RowType) -> String {
        format!("{} {:?}", self.extract(row.extract), row.side)
    }

    fn parameter(&mut self, id: ParameterId) -> String {
        self.used.parameters.insert(id);
        self.definitions.catalog.parameters[usize::from(id.0)].id.clone()
    }

    fn declared(&self, id: ExtractId) -> &'d Extract {
        &self.definitions.extracts[usize::from(id.0)]
    }

    /// What the declarations say of all that is used, and of what that rests on in turn. Relations' conditions and fields
    /// that are worked out from relations stand in the trees already.
    fn declarations(&mut self) {
        let mut lines: BTreeSet<String> = BTreeSet::new();
        loop {
            let before = lines.len();
            for (extract, relation) in self.used.relations.clone() {
                lines.insert(self.told_relation(extract, relation));
            }
            for extract in self.used.extracts.clone() {
                lines.insert(self.told_extract(extract));
            }
            for (extract, field) in self.used.fields.clone() {
                lines.insert(self.told_field(extract, field));
            }
            if lines.len() == before {
                break;
            }
        }
        for id in &self.used.parameters {
            let parameter = &self.definitions.catalog.parameters[usize::from(id.0)];
            lines.insert(format!("parameter {} {:?}", parameter.id, parameter.signature()));
        }
        // In the order of names: places change when another extract is declared.
        self.text.extend(lines);
    }

    fn told_relation(&mut self, extract: ExtractId, relation: RelationId) -> String {
        let schema = self.definitions.catalog.extract(extract).relation(relation);
        let pair = |(theirs, mine): &(FieldId, FieldId)| (self.field(schema.to, *theirs), self.field(extract, *mine));
        let on: Vec<(String, String)> = schema.on.iter().map(pair).collect();
        let ends = (self.extract(extract), &schema.id, self.extract(schema.to));
        // Which robots and outcomes a relation names stands in its condition, and so in the trees.
        format!("relation {ends:?} {on:?} {:?} {:?} {}\n", schema.cardinality, schema.night, schema.whole)
    }

    fn told_extract(&mut self, id: ExtractId) -> String {
        let extract = self.declared(id);
        let key: Vec<String> = extract.key.iter().map(|field| self.field(id, *field)).collect();
        let answer = extract.answer.as_ref().map(|answer| (self.field(id, answer.field), &answer.ok));
        let grouping = extract.grouping.as_ref().map(|grouping| {
            let by: Vec<String> = grouping.by.iter().map(|(_, theirs)| self.field(grouping.from, *theirs)).collect();
            let condition = grouping.condition.as_ref().map(|condition| self.written(condition));
            (self.extract(grouping.from), by, condition)
        });
        format!("extract {} {key:?} {answer:?} {grouping:?}\n", extract.name)
    }

    fn told_field(&mut self, id: ExtractId, field: FieldId) -> String {
        let extract = self.declared(id);
        let field = extract.field(field);
        let origin = match &field.origin {
            Origin::Column { header } => format!("column {header}"),
            Origin::Row { is, reads: _ } => self.written(is),
            // What it is worked out from stands wherever it is asked for.
            Origin::Related | Origin::OfRows { .. } => "related".to_owned(),
            Origin::Paired => self.paired(id),
            Origin::Grouped => "grouped".to_owned(),
        };
        format!("field {}.{} {origin} {:?} {:?}\n", extract.name, field.name, field.kind, field.empty)
    }

    fn paired(&mut self, id: ExtractId) -> String {
        let Some(pairing) = &self.declared(id).pairing else { return String::new() };
        let Pairing { field: _, cancels, on, amount, date, first, highest } = pairing;
        let named = |meaning: &mut Self, fields: &[FieldId]| -> Vec<String> {
            fields.iter().map(|field| meaning.field(id, *field)).collect()
        };
        let (on, first, highest) = (named(self, on), named(self, first), named(self, highest.as_slice()));
        let expressions = [cancels, amount, date].map(|expr| self.written(expr));
        format!("paired {expressions:?} {on:?} {first:?} {highest:?}")
    }

    fn written(&mut self, expr: &Expr) -> String {
        let told = std::mem::take(&mut self.text);
        self.expr(expr);
        std::mem::replace(&mut self.text, told)
    }
}

/// A parameter's values, without the places in its file where they stand.
fn written_values(definitions: &Definitions, id: ParameterId) -> String {
    let parameter = &definitions.catalog.parameters[usize::from(id.0)];
    let told = format!("{} {:?}\n", parameter.id, parameter.content);
    let mut parts = told.split("span: ");
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        written.push_str(part.trim_start_matches(|sign: char| sign.is_ascii_digit() || sign == '.'));
    }
    written
}
