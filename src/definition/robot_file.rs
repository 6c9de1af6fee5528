//! Reads a robot's file and checks every expression in it.

use std::sync::Arc;

use super::document::{Problems, Section, Share, Text, TextOrSection, with_document};
use super::extract::{Extract, FieldKind};
use super::identifier::{identifier, tell_no_name};
use super::lint;
use super::robot::{
    Check, Column, Direction, Each, Expect, List, ListOrder, Note, NoteLine, OWNER, Order, Per, RejectedMember,
    Requirement, Robot, SUBJECT, Subject,
};
use crate::diagnostic::{SourceFile, nearest};
use crate::rule::catalog::{Cardinality, Catalog, RelationNight};
use crate::rule::check::{self, Binding, Scope};
use crate::rule::constancy::Within;
use crate::rule::kinds;
use crate::rule::parse::parse;
use crate::rule::syntax::{Node, RuleError, Syntax};
use crate::rule::template::{Template, prints_a_person};
use crate::rule::tree::{Expr, Kind, Slot};
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
        let optional = optional(section, catalog, extracts);
        let (id, body) = (id?, body?);
        tell_unprotected(section, &body, extracts);
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
            rejected,
            protection: body.protection,
            note: body.note,
            list: body.list,
            expect,
            optional,
            independent_of: independent_of.iter().map(|(field, _)| *field).collect(),
            source: Arc::clone(source),
        };
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
    protection: Option<Expr>,
    note: Note,
    list: List,
}

impl Body {
    fn read(section: &mut Section<'_>, catalog: &Catalog, extracts: &[Extract]) -> Option<Self> {
        let Some(mut part) = section.section("subject") else {
            section.missing("[subject]", "…");
            // Without a subject no name means anything; the other parts are still read for their keys.
            for key in ["facts", "check", "protection", "note", "list"] {
                section.has(key);
            }
            return None;
        };
        let found = bindings(&mut part, catalog);
        let Some((bindings, extract, members)) = found else {
            for key in ["facts", "check", "protection", "note", "list"] {
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
        let checks = reader.checks(section);
        let protection = reader.protection(section);
        let note = reader.note(section);
        let list = section.section("list").map(|part| reader.list(part, &checks)).unwrap_or_default();
        let (fact_names, fact_texts, fact_spans) = (reader.fact_names, reader.fact_texts, reader.fact_spans);
        let facts = reader.facts;
        Some(Self { subject: subject?, fact_names, fact_texts, fact_spans, facts, checks, protection, note, list })
    }

    fn expressions(&self) -> Vec<&Expr> {
        let mut all: Vec<&Expr> = self.facts.iter().collect();
        all.extend(self.subject.condition.iter());
        for check in &self.checks {
            all.push(&check.when);
            all.extend(check.each.iter().map(|each| &each.rows));
        }
        all
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

/// Reads the parts that have expressions, with the names that they can use.
struct Reader<'c> {
    catalog: &'c Catalog,
    extracts: &'c [Extract],
    bindings: Vec<Binding>,
    fact_names: Vec<(String, Type)>,
    fact_texts: Vec<String>,
    fact_spans: Vec<std::ops::Range<usize>>,
    facts: Vec<Expr>,
}

impl Reader<'_> {
    fn scope(&self, purpose: Use, more: &[Binding]) -> Scope<'_> {
        let mut bindings = self.bindings.clone();
        bindings.extend_from_slice(more);
        Scope { catalog: self.catalog, bindings, facts: &self.fact_names, purpose }
    }

    fn expression(&self, section: &Section<'_>, text: &Text, purpose: Use, more: &[Binding]) -> Option<Expr> {
        self.expression_told(section, text, purpose, more, |error| error)
    }

    /// An expression whose mistakes are told as `tell` has it.
    fn expression_told(
        &self,
        section: &Section<'_>,
        text: &Text,
        purpose: Use,
        more: &[Binding],
        tell: impl Fn(RuleError) -> RuleError,
    ) -> Option<Expr> {
        let scope = self.scope(purpose, more);
        let checked =
            parse(&text.value).map_err(|error| vec![error]).and_then(|syntax| check::expression(&syntax, &scope));
        let told = |errors: Vec<RuleError>| section.report_rule(text, errors.into_iter().map(tell).collect());
        let checked = checked.map_err(told).ok()?;
        // What is only written may ask for what is known and pass over the rest.
        if purpose == Use::Decides {
            lint::tell_null_tests(section, text, &checked, self.within());
        }
        lint::tell_counted_nulls(section, text, &checked);
        Some(checked)
    }

    /// What conditions are looked over with.
    fn within(&self) -> Within<'_> {
        Within { catalog: self.catalog, facts: &self.facts }
    }

    /// An expression that comes to one value, which can be written in a cell.
    fn one_value(
        &self,
        what: &str,
        section: &Section<'_>,
        text: &Text,
        purpose: Use,
        more: &[Binding],
    ) -> Option<Expr> {
        let expr = self.expression(section, text, purpose, more)?;
        if kinds::row_extract_of(&expr.ty).is_none() && !matches!(expr.ty, Type::List(_)) {
            return Some(expr);
        }
        let title = format!("{what} is one value, this is {}", kinds::article(&expr.ty, self.catalog));
        section.report(section.error(title, text.span.clone()).hint("take a field, or `count(…)`"));
        None
    }

    fn condition(&self, section: &Section<'_>, text: &Text, more: &[Binding]) -> Option<Expr> {
        self.condition_for(Use::Decides, section, text, more)
    }

    fn condition_for(&self, purpose: Use, section: &Section<'_>, text: &Text, more: &[Binding]) -> Option<Expr> {
        let scope = self.scope(purpose, more);
        let checked =
            parse(&text.value).map_err(|error| vec![error]).and_then(|syntax| check::condition(&syntax, &scope));
        let checked = checked.map_err(|errors| section.report_rule(text, errors)).ok()?;
        // What is only written may ask for what is known and pass over the rest.
        if purpose == Use::Decides {
            lint::tell_null_tests(section, text, &checked, self.within());
        }
        lint::tell_counted_nulls(section, text, &checked);
        Some(checked)
    }

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
        let case = case.and_then(|text| self.one_value("`case`", part, &text, Use::Decides, &[]));
        let mut written = |key: &str| {
            let text = part.text(key)?;
            self.one_value(&format!("`{key}`"), part, &text, Use::Written, &[])
        };
        let (unit, handler, person) = (written("unit"), written("handler"), written("person"));
        let order_by = self.orders(part, "order_by", &[]);
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
            order_by,
        })
    }

    fn orders(&self, section: &mut Section<'_>, key: &str, more: &[Binding]) -> Vec<Order> {
        let texts = section.texts(key);
        texts.iter().filter_map(|text| self.order(section, text, more)).collect()
    }

    fn order(&self, section: &Section<'_>, text: &Text, more: &[Binding]) -> Option<Order> {
        let (by, direction) = direction(&text.value);
        let text = Text::at(by.to_owned(), text.part(&(0..by.len())));
        Some(Order { by: self.one_value("what rows are ordered by", section, &text, Use::Written, more)?, direction })
    }

    fn checks(&self, section: &mut Section<'_>) -> Vec<Check> {
        let mut checks: Vec<Check> = Vec::new();
        for mut part in section.sections("check") {
            let Some(id) = part.needed_text("id", "\"…\"") else {
                continue;
            };
            if let Some(first) = checks.iter().find(|check| check.id == id.value) {
                let problem = part.error(format!("there are two checks `{}`", id.value), id.span.clone());
                let line = part.source().line_of(first.span.start);
                part.report(problem.label(format!("this one and the one on line {line}")));
            }
            if id.value.contains(char::is_whitespace) {
                let joined: Vec<&str> = id.value.split_whitespace().collect();
                let problem = part.error("a check's id has no spaces in it", id.span.clone());
                part.report(problem.hint(format!("write `id = \"{}\"`", joined.join("-"))));
            }
            checks.extend(self.check(&mut part, id.value));
            part.finish();
        }
        if checks.is_empty() && section.sections("check").is_empty() {
            section.missing("[[check]]", "…");
        }
        checks
    }

    fn check(&self, part: &mut Section<'_>, id: String) -> Option<Check> {
        let span = part.span();
        let each = match part.text("each") {
            None => None,
            Some(text) => match self.each(part, &text) {
                Some(each) => Some(each),
                // Without its rows no name in the check means anything; its keys are its own all the same.
                None => {
                    for key in
                        ["requires", "clear_requires", "when", "says", "identity", "order_by", "columns", "informs"]
                    {
                        part.has(key);
                    }
                    return None;
                }
            },
        };
        let bound: Vec<Binding> = each.iter().map(|(_, binding)| binding.clone()).collect();
        let mut requires = self.requirements(part, "requires", &bound);
        requires.extend(self.requirements(part, "clear_requires", &bound));
        let informs = part.boolean("informs").unwrap_or(false);
        let when_text = part.needed_text("when", "'…'");
        let says_text = part.needed_text("says", "\"…\"");
        let when = when_text.as_ref().and_then(|text| self.condition(part, text, &bound));
        if let (Some(text), Some(when)) = (&when_text, &when) {
            let never = format!("the check `{id}` can never deviate");
            let always = format!("the check `{id}` deviates whatever the extracts hold");
            lint::tell_constant(part, text, when, self.within(), &never, &always);
        }
        let says = says_text.as_ref().and_then(|text| self.template(part, text, &bound));
        let identity = part.texts("identity");
        let identity = identity.iter().filter_map(|text| self.expression(part, text, Use::Decides, &bound)).collect();
        let order_by = self.orders(part, "order_by", &bound);
        let columns = self.check_columns(part, &bound);
        let each = each.map(|(each, _)| each);
        let written = (when_text?.value, says_text?.value);
        Some(Check {
            id,
            each,
            requires,
            when: when?,
            says: says?,
            identity,
            order_by,
            columns,
            informs,
            written,
            span,
        })
    }

    /// `each = 'f in fordon'`
    fn each(&self, part: &Section<'_>, text: &Text) -> Option<(Each, Binding)> {
        let Ok(Syntax { node: Node::In(variable, list), .. }) = parse(&text.value) else {
            let problem = part.error("a check over rows names each row", text.span.clone());
            part.report(problem.hint("write `each = 'f in fordon'`"));
            return None;
        };
        let Node::Name(name) = variable.node else {
            part.report(part.error("the row's name is one word", text.part(&variable.span)));
            return None;
        };
        let scope = self.scope(Use::Decides, &[]);
        let (rows, row) = match check::rows(&list, &scope) {
            Ok(found) => found,
            Err(errors) => {
                part.report_rule(text, errors);
                return None;
            }
        };
        let slot = Slot(OWNER.0 + 1);
        let binding = Binding::Variable { name, ty: Type::Row(row), slot };
        Some((Each { rows, written: text.value.clone(), row, slot }, binding))
    }

    fn template(&self, part: &Section<'_>, text: &Text, bound: &[Binding]) -> Option<Template> {
        let scope = self.scope(Use::Written, bound);
        let template = Template::read(&text.value, &scope).map_err(|errors| part.report_rule(text, errors)).ok()?;
        let is_of_a_person = |expr: &Expr| match expr.kind {
            Kind::Fact(fact) => prints_a_person(&self.facts[usize::from(fact.0)]),
            _ => false,
        };
        if template.expressions().any(|expr| expr.any(&is_of_a_person)) {
            let title = "a sentence does not print a person number, nor a fact made of one";
            let hint = "a note is read by more than those who may see the number; say the role instead";
            part.report(part.error(title, text.span.clone()).hint(hint));
        }
        Some(template)
    }

    fn requirements(&self, part: &mut Section<'_>, key: &str, bound: &[Binding]) -> Vec<Requirement> {
        let only_to_clear = key == "clear_requires";
        let mut requirements = Vec::new();
        for item in part.texts_and_sections(key) {
            match item {
                TextOrSection::Text(text) => {
                    requirements.extend(self.condition(part, &text, bound).map(|that| Requirement {
                        only_to_clear,
                        that,
                        written: text.value.clone(),
                        otherwise: "förutsättningen är inte uppfylld".to_owned(),
                    }));
                }
                TextOrSection::Section(mut section) => {
                    let text = section.needed_text("that", "'…'");
                    let that = text.as_ref().and_then(|text| self.condition(&section, text, bound));
                    let otherwise = section.needed_text("otherwise", "\"…\"");
                    if let (Some(text), Some(that), Some(otherwise)) = (text, that, otherwise) {
                        let (written, otherwise) = (text.value, otherwise.value);
                        requirements.push(Requirement { only_to_clear, that, written, otherwise });
                    }
                    section.finish();
                }
            }
        }
        requirements
    }

    fn check_columns(&self, part: &mut Section<'_>, bound: &[Binding]) -> Vec<(String, Expr)> {
        let Some(mut columns) = part.section("columns") else { return Vec::new() };
        let mut found = Vec::new();
        for (header, _) in columns.keys() {
            let Some(text) = columns.text(&header) else { continue };
            let expr = self.one_value("a column's value", &columns, &text, Use::Written, bound);
            found.extend(expr.map(|expr| (header, expr)));
        }
        found
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

    fn note(&self, section: &mut Section<'_>) -> Note {
        let Some(mut part) = section.section("note") else {
            section.missing("[note]", "…");
            return Note::default();
        };
        let title = part.needed_text("title", "\"…\"").map(|text| text.value).unwrap_or_default();
        let closing = part.text("closing").map(|text| text.value.trim().to_owned()).filter(|text| !text.is_empty());
        let mut lines = Vec::new();
        for mut line in part.sections("line") {
            let when_text = line.needed_text("when", "'…'");
            let says_text = line.needed_text("says", "\"…\"");
            let when = when_text.as_ref().and_then(|text| self.condition_for(Use::Written, &line, text, &[]));
            let says = says_text.as_ref().and_then(|text| self.template(&line, text, &[]));
            if let (Some(when), Some(says), Some(when_text), Some(says_text)) = (when, says, when_text, says_text) {
                lines.push(NoteLine { when, says, written: (when_text.value, says_text.value) });
            }
            line.finish();
        }
        part.finish();
        Note { title, closing, lines }
    }

    fn list(&self, mut part: Section<'_>, checks: &[Check]) -> List {
        let per = match part.text("per") {
            None => Per::Case,
            Some(text) => match text.value.as_str() {
                "case" => Per::Case,
                "subject" => Per::Subject,
                "finding" => Per::Finding,
                other => {
                    let problem = part.error(format!("`{other}` cannot have a row"), text.span.clone());
                    part.report(problem.hint("write `\"case\"`, `\"subject\"` or `\"finding\"`"));
                    Per::Case
                }
            },
        };
        let columns = self.columns(&mut part, per, checks);
        let texts = part.texts("order_by");
        let order_by = texts.iter().filter_map(|text| self.list_order(&part, text, &columns)).collect();
        part.finish();
        List { per, columns, order_by }
    }

    fn columns(&self, part: &mut Section<'_>, per: Per, checks: &[Check]) -> Vec<Column> {
        let mut columns = Vec::new();
        for mut column in part.sections("columns") {
            let Some(header) = column.needed_text("header", "\"…\"") else { continue };
            if columns.iter().any(|first: &Column| first.header == header.value) {
                let title = format!("the list has two columns `{}`", header.value);
                column.report(column.error(title, header.span.clone()).hint("give each column a heading of its own"));
            }
            let is = column.text("is");
            if is.is_none() && per != Per::Finding {
                let problem = column.error(format!("the column `{}` has no value", header.value), header.span.clone());
                column.report(problem.hint("add `is = '…'`; a check's own column needs `per = \"finding\"`"));
            } else if is.is_none()
                && !checks.iter().any(|check| check.columns.iter().any(|(name, _)| *name == header.value))
            {
                let title = format!("no check fills the column `{}`", header.value);
                column.report(column.error(title, header.span.clone()).hint("add it under `columns` in a check"));
            }
            let is = is.and_then(|text| self.one_value("a column's value", &column, &text, Use::Written, &[]));
            columns.push(Column { header: header.value, is });
            column.finish();
        }
        for check in checks {
            for (name, _) in &check.columns {
                if !columns.iter().any(|column| column.header == *name && column.is.is_none()) {
                    let title = format!("the list has no column `{name}` for the check `{}`", check.id);
                    part.report(part.error(title, check.span.clone()).hint("add it under `columns` in [list]"));
                }
            }
        }
        columns
    }

    fn list_order(&self, part: &Section<'_>, text: &Text, columns: &[Column]) -> Option<ListOrder> {
        let (by, way) = direction(&text.value);
        if let Some(place) = columns.iter().position(|column| column.header == by) {
            return Some(ListOrder::Column(place, way));
        }
        if by == "case" {
            return Some(ListOrder::Case(way));
        }
        if let Some((start, "desc" | "asc" | "DESC" | "ASC" | "ascending")) = by.rsplit_once(' ') {
            let problem = part.error(format!("`{by}` is not an order"), text.span.clone());
            part.report(problem.hint(format!("write `\"{start}\"`, or `\"{start} descending\"` for the other way")));
            return None;
        }
        if by.contains(' ') && parse(by).is_err() {
            let headers = columns.iter().map(|column| column.header.as_str());
            let problem = part.error(format!("the list has no column `{by}`"), text.part(&(0..by.len())));
            part.report(problem.suggest(by, headers).hint("order by a column's heading, `\"case\"` or an expression"));
            return None;
        }
        self.order(part, text, &[]).map(ListOrder::By)
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

/// `x descending`: the expression and the way.
fn direction(text: &str) -> (&str, Direction) {
    match text.strip_suffix(" descending") {
        Some(by) => (by.trim_end(), Direction::Descending),
        None => (text, Direction::Ascending),
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

/// A robot that looks at persons must be able to tell who is protected.
fn tell_unprotected(section: &mut Section<'_>, body: &Body, extracts: &[Extract]) {
    if body.protection.is_some() {
        return;
    }
    let reads_persons = |expr: &Expr| {
        expr.any(&|part| kinds::row_extract_of(&part.ty).is_some_and(|id| extracts[usize::from(id.0)].holds_persons))
    };
    if body.expressions().into_iter().any(reads_persons) {
        let at = section.text("id").map_or(0..0, |id| id.span);
        section.report(
            section
                .error("the robot looks at persons and cannot tell who is protected", at)
                .hint("say `protection = 'protected(…)'` in the subject's extract, or `also = '…'` under [protection]"),
        );
    }
}
