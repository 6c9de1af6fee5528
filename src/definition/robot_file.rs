//! Reads a robot's file and checks every expression in it.

use std::sync::Arc;

use super::document::{Problems, RawKind, Section, Text, with_document};
use super::extract::{Extract, FieldKind};
use super::identifier::{identifier, tell_no_name};
use super::lint;
use super::outlet_file::{after_the_checks, tell_unplaced_columns};
use super::reader::Reader;
use super::robot::{Check, Expect, HitPolicy, List, Note, OWNER, Once, RejectedMember, Robot, SUBJECT, Subject};
use super::sample_file;
use super::share::Share;
use crate::diagnostic::{SourceFile, nearest};
use crate::rule::catalog::{Cardinality, Catalog, RelationNight};
use crate::rule::check::{self, Binding, Scope};
use crate::rule::kinds;
use crate::rule::parse::parse;
use crate::rule::syntax::{Node, RuleError, Syntax};
use crate::rule::tree::Expr;
use crate::rule::types::{ExtractId, RowType, Side, Type, Use};

/// Reads a robot and checks every expression in it.
pub fn read(source: &Arc<SourceFile>, catalog: &Catalog, extracts: &[Extract], problems: &Problems) -> Option<Robot> {
    with_document(source, "the robot", problems, |section| {
        let id = identifier(section, source);
        let title = section.needed_text("title", "\"…\"");
        let version = section.needed_text("version", "\"1.0.0\"");
        let purpose = section.needed_text("purpose", "\"…\"");
        let owner = section.needed_text("owner", "\"…\"");
        let independent_of = lint::independent_of(section, catalog);
        let legal_basis = section.texts("legal_basis").into_iter().map(|text| text.value).collect();
        let body = Body::read(section, catalog, extracts);
        let expect = section.section("expect").map(expect).unwrap_or_default();
        let (sample, sample_at) = section.section("sample").map(sample_file::read).unwrap_or_default();
        let optional = optional(section, catalog, extracts);
        let (id, body) = (id?, body?);
        let rejected = rejected_members(&body.subject, catalog, extracts);
        let robot = Robot {
            id,
            title: title?.value,
            version: version?.value,
            purpose: purpose?.value,
            owner: owner?.value,
            legal_basis,
            subject: body.subject,
            fact_names: body.fact_names,
            fact_texts: body.fact_texts,
            facts: body.facts,
            checks: body.checks,
            hit_policy: body.hit_policy,
            rejected,
            protection: body.protection,
            note: body.note,
            list: body.list,
            lists: body.lists,
            expect,
            sample,
            optional,
            independent_of: independent_of.iter().map(|(field, _)| *field).collect(),
            source: Arc::clone(source),
        };
        tell_unprotected(section, &robot, extracts, catalog);
        sample_file::tell_of_draws(section, &robot, sample_at);
        lint::tell_unused_facts(section, &robot, &body.fact_spans);
        for depended in lint::dependences(&robot, &robot.independent_of, catalog, extracts) {
            let span =
                independent_of.iter().find(|(field, _)| *field == depended).map_or(0..0, |(_, span)| span.clone());
            let problem = section.error("the robot depends on what it declares that it does not", span);
            section.report(problem.hint("take it out of the robot's conditions, or out of `independent_of`"));
        }
        Some(robot)
    })
}

/// The parts of a robot that have expressions in them.
struct Body {
    subject: Subject,
    fact_names: Vec<(String, Type)>,
    fact_texts: Vec<String>,
    fact_spans: Vec<std::ops::Range<usize>>,
    facts: Vec<Expr>,
    checks: Vec<Check>,
    hit_policy: HitPolicy,
    protection: Option<Expr>,
    note: Option<Note>,
    list: List,
    lists: Vec<List>,
}

/// The parts of a robot that speak of its subjects.
const OF_SUBJECTS: [&str; 7] = ["facts", "checks", "check", "protection", "note", "list", "lists"];

impl Body {
    fn read(section: &mut Section<'_>, catalog: &Catalog, extracts: &[Extract]) -> Option<Self> {
        let Some(mut part) = section.section("subject") else {
            section.missing("[subject]", "…");
            // Without a subject no name means anything; the other parts are still read for their keys.
            for key in OF_SUBJECTS {
                section.has(key);
            }
            return None;
        };
        let found = bindings(&mut part, catalog);
        let Some((bindings, extract, members)) = found else {
            for key in OF_SUBJECTS {
                section.has(key);
            }
            return None;
        };
        let mut reader = Reader {
            catalog,
            extracts,
            bindings,
            fact_names: Vec::new(),
            fact_texts: Vec::new(),
            fact_spans: Vec::new(),
            facts: Vec::new(),
        };
        reader.read_facts(section);
        let subject = reader.subject(&mut part, extract, members);
        part.finish();
        let (checks, hit_policy) = reader.checks(section);
        let protection = reader.protection(section);
        let note = reader.note(section, &checks);
        let list = section.section("list").map(|part| reader.list(part, &checks)).unwrap_or_default();
        let lists = reader.lists(section, &checks);
        tell_unplaced_columns(section, &checks, &list, &lists);
        if note.is_none() && lists.is_empty() {
            section.missing("[note]", "…");
        }
        let (fact_names, fact_texts, fact_spans) = (reader.fact_names, reader.fact_texts, reader.fact_spans);
        let facts = reader.facts;
        let subject = subject?;
        Some(Self {
            subject,
            fact_names,
            fact_texts,
            fact_spans,
            facts,
            checks,
            hit_policy,
            protection,
            note,
            list,
            lists,
        })
    }
}

/// The names in a robot's expressions, the extract it goes through, and the rows that are its subjects.
type Bound = (Vec<Binding>, ExtractId, Option<(Expr, ExtractId)>);

/// `each = "arenden"`: its rows are the subjects. `each = "arenden.medlemmar"`: the rows that each of them relates to.
fn bindings(part: &mut Section<'_>, catalog: &Catalog) -> Option<Bound> {
    let each = part.needed_text("each", "\"arenden\"")?;
    let (name, relation) = each.value.split_once('.').map_or((each.value.as_str(), None), |(a, b)| (a, Some(b)));
    let Some(extract) = catalog.extract_named(name) else {
        let ids = catalog.extracts.iter().map(|extract| extract.id.as_str());
        if !catalog.mistaken.extracts.iter().any(|known| known == name) {
            part.report(part.error(format!("there is no extract `{name}`"), each.span.clone()).suggest(name, ids));
        }
        return None;
    };
    if catalog.extract(extract).is_of_robots {
        let problem = part.error(format!("`{name}` is come to by a relation"), each.span.clone());
        part.report(problem.hint("go through an extract with a file, and declare a relation that names the robots"));
        return None;
    }
    let row = RowType { extract, side: Side::Tonight };
    let variable = |name: &str, row, slot| Binding::Variable { name: name.to_owned(), ty: Type::Row(row), slot };
    let Some(relation) = relation else {
        let item = Binding::Item { row, slot: SUBJECT };
        return Some((vec![variable(name, row, SUBJECT), variable("subject", row, SUBJECT), item], extract, None));
    };
    let owner = variable(name, row, OWNER);
    let scope = Scope { catalog, bindings: vec![owner.clone()], facts: &[], purpose: Use::Decides };
    let path = parse(&each.value).map_err(|error| vec![error]).and_then(|path| check::rows(&path, &scope));
    match path {
        Ok((rows, member)) => {
            let item = Binding::Item { row: member, slot: SUBJECT };
            let names = vec![owner, variable("subject", member, SUBJECT), item];
            Some((names, extract, Some((rows, member.extract))))
        }
        Err(errors) => {
            let relations = catalog.extract(extract).relations.iter().map(|relation| relation.id.as_str());
            let near = nearest(relation, relations).map(|near| format!("did you mean `{name}.{near}`?"));
            let errors = errors.into_iter().map(|error| RuleError { label: near.clone().unwrap_or_default(), ..error });
            part.report_rule(&each, errors.collect());
            None
        }
    }
}

impl Reader<'_> {
    fn read_facts(&mut self, section: &mut Section<'_>) {
        let Some(mut facts) = section.section("facts") else { return };
        let keys = facts.keys();
        for (place, (name, span)) in keys.iter().cloned().enumerate() {
            let Some(text) = facts.text(&name) else { continue };
            tell_no_name(&facts, &name, span.clone());
            if self.is_taken(&name) {
                let title = format!("the fact `{name}` has the name of a field, a relation, a row or a built-in name");
                facts.report(facts.error(title, span).hint("give the fact a name of its own"));
                continue;
            }
            let later: Vec<&str> = keys[place..].iter().map(|(later, _)| later.as_str()).collect();
            // A fact that is wrong keeps its name, so that the mistake is told once and not at every mention of it.
            let fact = self
                .expression_told(&facts, &text, Use::Decides, &[], |error| out_of_order(error, &text.value, &later));
            let fact = fact.unwrap_or_else(Expr::mistaken);
            self.fact_names.push((name, fact.ty.clone()));
            self.fact_texts.push(text.value);
            self.fact_spans.push(span);
            self.facts.push(fact);
        }
    }

    fn is_taken(&self, name: &str) -> bool {
        let is_bound = |binding: &Binding| match binding {
            Binding::Variable { name: known, .. } => known == name,
            Binding::Item { row, .. } => {
                let schema = self.catalog.extract(row.extract);
                schema.field_named(name).is_some() || schema.relation_named(name).is_some()
            }
        };
        check::is_builtin(name) || self.bindings.iter().any(is_bound)
    }

    fn subject(
        &self,
        part: &mut Section<'_>,
        extract: ExtractId,
        members: Option<(Expr, ExtractId)>,
    ) -> Option<Subject> {
        let is_person = |field: &crate::rule::types::FieldId| {
            self.extracts[usize::from(extract.0)].field(*field).kind == FieldKind::Person
        };
        if members.is_none() && self.extracts[usize::from(extract.0)].key.iter().any(is_person) {
            let id = &self.catalog.extract(extract).id;
            let title = format!("the key of `{id}` holds a person number, which may not name a subject");
            part.report(
                part.error(title, part.span()).hint("go through the rows of each case: `each = \"arenden.medlemmar\"`"),
            );
        }
        let text = part.text("where");
        let condition = text.as_ref().and_then(|text| self.condition(part, text, &[]));
        if let (Some(text), Some(condition)) = (&text, &condition) {
            let (never, always) = ("no row is ever a subject", "every row is a subject: leave `where` out");
            lint::tell_constant(part, text, condition, self.within(), never, always);
        }
        let condition_text = text.map(|text| text.value).unwrap_or_default();
        let case = part.needed_text("case", "\"arendenummer\"");
        let case = case.and_then(|text| self.one_value("`case`", part, &text, Use::Decides, &after_the_checks()));
        let mut written = |key: &str| {
            let text = part.text(key)?;
            self.one_value(&format!("`{key}`"), part, &text, Use::Written, &[])
        };
        let (unit, handler, person) = (written("unit"), written("handler"), written("person"));
        let applicant = written("applicant");
        let order_by = self.orders(part, "order_by", &[]);
        let has_key = !self.extracts[usize::from(extract.0)].key.is_empty();
        let once = once(part, members.is_none() && has_key);
        // It was read before the names could be told; here for people.
        let each = part.text("each").map(|text| text.value).unwrap_or_default();
        Some(Subject {
            each,
            extract,
            members,
            condition,
            condition_text,
            case: case?,
            unit,
            handler,
            person,
            applicant,
            order_by,
            once,
        })
    }

    /// What the subject's own extract says, and what the robot adds.
    fn protection(&self, section: &mut Section<'_>) -> Option<Expr> {
        let subject = Syntax { node: Node::Name("subject".to_owned()), span: 0..0 };
        let mut rows = Vec::new();
        let declares = |row: &RowType| self.catalog.extract(row.extract).protection.is_some();
        let item = self.bindings.iter().find_map(|binding| match binding {
            Binding::Item { row, .. } => Some(*row),
            Binding::Variable { .. } => None,
        });
        if item.is_some_and(|row| declares(&row)) {
            rows.push(subject);
        }
        let mut text_of_also = None;
        if let Some(mut part) = section.section("protection") {
            if let Some(text) = part.needed_text("also", "'…'") {
                match parse(&text.value) {
                    Ok(syntax) => rows.push(syntax),
                    Err(error) => part.report_rule(&text, vec![error]),
                }
                text_of_also = Some(text);
            }
            part.finish();
        }
        let name = crate::rule::syntax::Name { text: "protected".to_owned(), span: 0..0 };
        let parts: Vec<Syntax> = rows
            .into_iter()
            .map(|rows| Syntax { span: rows.span.clone(), node: Node::Call(name.clone(), vec![rows]) })
            .collect();
        if parts.is_empty() {
            return None;
        }
        let any = Syntax { node: Node::Or(parts), span: 0..0 };
        match check::condition(&any, &self.scope(Use::Decides, &[])) {
            Ok(expr) => Some(expr),
            Err(errors) => {
                let text = text_of_also.unwrap_or_else(|| Text::at(String::new(), 0..0));
                section.report_rule(&text, errors);
                // It says when, though wrongly, and that is told once.
                Some(Expr::mistaken())
            }
        }
    }
}

/// The registers that tell whether a member is protected whose row was rejected: those that the rows of a whole relation
/// lead to by their person.
fn rejected_members(subject: &Subject, catalog: &Catalog, extracts: &[Extract]) -> Vec<RejectedMember> {
    let mut found = Vec::new();
    for whole in catalog.extract(subject.extract).relations.iter().filter(|relation| relation.whole) {
        let Some(person) = extracts[usize::from(whole.to.0)].person_field() else { continue };
        for relation in &catalog.extract(whole.to).relations {
            let [by @ (_, mine)] = relation.on.as_slice() else { continue };
            let schema = catalog.extract(relation.to);
            let tells = *mine == person
                && relation.cardinality == Cardinality::One
                && relation.night == RelationNight::Same
                && extracts[usize::from(relation.to.0)].person_field() == Some(by.0);
            let Some(protection) = schema.protection.as_ref().filter(|_| tells) else { continue };
            let row = RowType { extract: relation.to, side: Side::Tonight };
            // Whatever is wrong with it is told where it is declared.
            let Ok(protection) = check::condition(&protection.syntax, &Scope::of_row(catalog, row)) else { continue };
            let is_new = !found.iter().any(|known: &RejectedMember| {
                known.members == whole.to && known.register == relation.to && known.on == whole.on
            });
            if is_new {
                let (members, on) = (whole.to, whole.on.clone());
                found.push(RejectedMember { members, on, register: relation.to, by: *by, protection });
            }
        }
    }
    found
}

/// `once = true` or `once = "clear"`. A subject is remembered by its key, which a member of a case does not have.
fn once(part: &mut Section<'_>, have_keys: bool) -> Once {
    let Some(raw) = part.raw("once") else { return Once::Never };
    let once = match &raw.kind {
        RawKind::Boolean(true) => Once::Tried,
        RawKind::Boolean(false) => Once::Never,
        RawKind::Text(text) if text == "clear" => Once::Clear,
        _ => {
            let problem = part.error("not a way of trying a subject once", raw.span.clone());
            let hint = "write `true`: it is tried on one night only; or `\"clear\"`: until it is clear";
            part.report(problem.hint(hint));
            Once::Never
        }
    };
    if !have_keys && once != Once::Never {
        let problem = part.error("the subject has no key to be remembered by", raw.span);
        part.report(problem.hint("go through an extract with a key: `each = \"dokument\"`"));
    }
    once
}

/// A name that is not known, said to be that of a fact further down where it is.
fn out_of_order(error: RuleError, text: &str, later: &[&str]) -> RuleError {
    let name = text.get(error.span.clone()).unwrap_or_default();
    let is_unknown = error.title.starts_with(&format!("`{name}` is not a field"));
    match later.iter().position(|fact| *fact == name).filter(|_| is_unknown) {
        None => error,
        Some(0) => RuleError::new(format!("the fact `{name}` is used in itself"), error.span),
        Some(_) => RuleError::new(format!("the fact `{name}` stands further down"), error.span)
            .hint(format!("a fact uses those above it: move `{name}` up")),
    }
}

fn expect(mut part: Section<'_>) -> Expect {
    let hit_rate = part.text("hit_rate").and_then(|text| {
        let ends = text.value.split_once("..").and_then(|(low, high)| {
            let low = low.trim();
            let low = if low.ends_with('%') { low.to_owned() } else { format!("{low} %") };
            Some((Share::parse(&low)?, Share::parse(high.trim())?))
        });
        if ends.is_none_or(|(low, high)| low > high) {
            part.report(part.error("not a range of shares", text.span).hint("write `\"5 % .. 15 %\"`"));
        }
        ends
    });
    let hold_above = part.share("hold_above");
    let hold_floor = part.count("hold_floor").unwrap_or(Expect::default().hold_floor);
    part.finish();
    Expect { hit_rate, hold_above, hold_floor }
}

fn optional(section: &mut Section<'_>, catalog: &Catalog, extracts: &[Extract]) -> Vec<ExtractId> {
    let made_of = |extract: &Extract| extract.grouping.as_ref().map_or(extract.id, |grouping| grouping.from);
    let Some(mut part) = section.section("needs") else { return Vec::new() };
    let texts = part.texts("optional");
    let mut found = Vec::new();
    for text in &texts {
        match catalog.extract_named(&text.value) {
            // What is made from an extract cannot be there without it.
            Some(id) => {
                found.extend(extracts.iter().filter(|extract| made_of(extract) == id).map(|extract| extract.id));
            }
            None => {
                let ids = catalog.extracts.iter().map(|extract| extract.id.as_str());
                let problem = part.error(format!("there is no extract `{}`", text.value), text.span.clone());
                part.report(problem.suggest(&text.value, ids));
            }
        }
    }
    part.finish();
    found
}

/// A robot that looks at persons, or at what belongs to them and says who of them is protected, must be able to tell that.
fn tell_unprotected(section: &mut Section<'_>, robot: &Robot, extracts: &[Extract], catalog: &Catalog) {
    if robot.protection.is_some() {
        return;
    }
    let is_of_persons =
        |id: ExtractId| extracts[usize::from(id.0)].holds_persons || catalog.extract(id).protection.is_some();
    let reads_persons = |expr: &Expr| expr.any(&|part| kinds::row_extract_of(&part.ty).is_some_and(is_of_persons));
    if robot.expressions().into_iter().any(reads_persons) {
        let at = section.text("id").map_or(0..0, |id| id.span);
        section.report(
            section
                .error("the robot looks at persons and cannot tell who is protected", at)
                .hint("say `protection = 'protected(…)'` in the subject's extract, or `also = '…'` under [protection]"),
        );
    }
}
