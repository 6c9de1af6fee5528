//! Reads what a robot writes: its note and its lists.

use super::document::{Section, Text};
use super::identifier::is_name;
use super::named::named_field;
use super::reader::{Reader, direction};
use super::robot::{
    AFTER, Check, Column, ColumnIs, Covers, Leaves, List, ListOrder, Note, NoteLine, NoteOf, Order, Per, SUBJECT,
    SUBJECTS,
};
use crate::diagnostic::nearest;
use crate::outcome::Outcome;
use crate::rule::check::Binding;
use crate::rule::kinds;
use crate::rule::parse::parse;
use crate::rule::syntax::RuleError;
use crate::rule::template::prints_a_person;
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::{ExtractId, FieldId, RowType, Side, Type, Use};

/// What the checks came to, as names: how many deviate, how many could not be tried, the sum of the deviations' weights,
/// the outcome, and the deviations' ids in the robot's order.
pub fn after_the_checks() -> Vec<Binding> {
    let outcomes = Outcome::ALL.map(|outcome| outcome.name().to_owned());
    let names = [
        ("deviations", Type::Number),
        ("undecided", Type::Number),
        ("points", Type::Number),
        ("outcome", Type::Text(Some(outcomes.into()))),
        ("reasons", Type::List(Box::new(Type::Text(None)))),
    ];
    let bound = names.into_iter().zip(AFTER);
    bound.map(|((name, ty), slot)| Binding::Variable { name: name.to_owned(), ty, slot }).collect()
}

/// What can be counted of the subjects that belong to a row of another extract: the sums of theirs.
fn counted_for_rows() -> Vec<Binding> {
    let is_counted = |binding: &Binding| matches!(binding, Binding::Variable { name, .. } if ["deviations", "undecided", "points"].contains(&name.as_str()));
    after_the_checks().into_iter().filter(is_counted).collect()
}

impl Reader<'_> {
    /// The robot's note; none where it writes none.
    pub fn note(&self, section: &mut Section<'_>, checks: &[Check]) -> Option<Note> {
        let mut part = section.section("note")?;
        let title = part.needed_text("title", "\"…\"").map(|text| text.value).unwrap_or_default();
        let closing = part.text("closing").map(|text| text.value.trim().to_owned()).filter(|text| !text.is_empty());
        let of = self.note_of(&mut part);
        let heading = part.text("heading").and_then(|text| self.template(&part, &text, &[]));
        let after = after_the_checks();
        let mut lines = Vec::new();
        for mut line in part.sections("line") {
            let when_text = line.text("when");
            let says_text = line.needed_text("says", "\"…\"");
            let when = when_text.as_ref().and_then(|text| self.condition_for(Use::Written, &line, text, &after));
            let says = says_text.as_ref().and_then(|text| self.template(&line, text, &after));
            if let (Some(says), Some(says_text)) = (says, says_text) {
                let when_text = when_text.map(|text| text.value).unwrap_or_default();
                let last = line.boolean("last").unwrap_or(false);
                lines.push(NoteLine { when, says, last, written: (when_text, says_text.value) });
            }
            line.finish();
        }
        // A sentence with a mistake in it has been told of already.
        let tells = checks.iter().any(|check| !check.written.1.is_empty()) || !lines.is_empty();
        if matches!(of, NoteOf::Deviations | NoteOf::Subjects) && !tells && !checks.is_empty() {
            let problem = part.error("the note never says anything", part.span());
            part.report(
                problem.hint("give a check `says = \"…\"`, or leave [note] out: the robot then writes lists only"),
            );
        }
        part.finish();
        Some(Note { title, closing, of, heading, lines })
    }

    fn note_of(&self, part: &mut Section<'_>) -> NoteOf {
        let every = part.text("every");
        if let Some(text) = every.as_ref().filter(|text| text.value != "subject") {
            let problem = part.error(format!("a note is not written for every `{}`", text.value), text.span.clone());
            part.report(problem.hint("write `every = \"subject\"`: each of them, whether or not anything deviates"));
        }
        let checks = part.text("checks");
        if let Some(text) = checks.as_ref().filter(|text| text.value != "lines" || every.is_none()) {
            let problem = part.error("the checks' lines belong to a note for every subject", text.span.clone());
            part.report(problem.hint("write `every = \"subject\"` and `checks = \"lines\"`, or neither"));
        }
        if let Some(summary) = part.section("summary") {
            if let Some(text) = &every {
                let problem = part.error("a note is of every subject or has a summary, not both", text.span.clone());
                part.report(problem.hint("leave `every` out"));
            }
            return self.summary(summary).unwrap_or(NoteOf::Deviations);
        }
        match (every, checks) {
            (None, _) => NoteOf::Deviations,
            (Some(_), None) => NoteOf::Subjects,
            (Some(_), Some(_)) => NoteOf::Checks,
        }
    }

    /// `[note.summary]`: which of the case's subjects it is of, and what it says of them.
    fn summary(&self, mut part: Section<'_>) -> Option<NoteOf> {
        let row = self.bindings.iter().find_map(|binding| match binding {
            Binding::Item { row, .. } => Some(*row),
            Binding::Variable { .. } => None,
        })?;
        let name = "subjects".to_owned();
        let subjects = vec![Binding::Variable { name, ty: Type::Rows(row), slot: SUBJECTS }];
        let when_text = part.needed_text("when", "'…'");
        let says_text = part.needed_text("says", "\"…\"");
        let when = when_text.as_ref().and_then(|text| self.condition(&part, text, &after_the_checks()));
        let says = says_text.as_ref().and_then(|text| self.template(&part, text, &subjects));
        part.finish();
        let written = (when_text?.value, says_text?.value);
        Some(NoteOf::Summary { when: when?, says: says?, written })
    }

    /// The list of what someone is to check by hand.
    pub fn list(&self, mut part: Section<'_>, checks: &[Check]) -> List {
        let after = after_the_checks();
        let per = Self::per(&mut part, None);
        let list = self.body(&mut part, per, checks, &after);
        Self::tell_of_protected_too(&part, &list);
        part.finish();
        list
    }

    /// `[[lists]]`: the further ones.
    pub fn lists(&self, section: &mut Section<'_>, checks: &[Check]) -> Vec<List> {
        let mut lists: Vec<List> = Vec::new();
        for mut part in section.sections("lists") {
            let file = part.needed_text("file", "\"…\"");
            if let Some(text) = &file {
                tell_no_file(&part, text, &lists);
            }
            let after = after_the_checks();
            let per = Self::per(&mut part, Some(self));
            let mut list = match per {
                Per::Row(extract) => {
                    let row = RowType { extract, side: Side::Tonight };
                    let subjects = self.subjects_of(&mut part, extract);
                    let counted = if subjects.is_empty() { Vec::new() } else { counted_for_rows() };
                    let list = self.of_rows(row).body(&mut part, per, &[], &counted);
                    List { subjects, ..list }
                }
                Per::Case | Per::Subject | Per::Finding => self.body(&mut part, per, checks, &after),
            };
            list.file = file.map(|text| text.value).unwrap_or_default();
            if list.columns.is_empty() {
                part.missing("columns", "[{ header = \"…\", is = '…' }]");
            }
            list.leaves = part.section("leaves").and_then(leaves);
            list.covers = covers(&mut part);
            self.tell_of_persons(&part, &list);
            Self::tell_of_cover(&part, &list);
            Self::tell_of_protected_too(&part, &list);
            part.finish();
            lists.push(list);
        }
        lists
    }

    /// `subjects = { their_field = "subjects_field" }`: which of the robot's subjects belong to a row.
    fn subjects_of(&self, part: &mut Section<'_>, extract: ExtractId) -> Vec<(FieldId, FieldId)> {
        let subject = self.bindings.iter().find_map(|binding| match binding {
            Binding::Item { row, slot } if *slot == SUBJECT => Some(row.extract),
            _ => None,
        });
        let (Some(mut pairs), Some(subject)) = (part.section("subjects"), subject) else { return Vec::new() };
        let mut found = Vec::new();
        for (own, span) in pairs.keys() {
            let Some(theirs) = pairs.text(&own) else { continue };
            let own = named_field(&pairs, &Text::at(own, span), &self.extracts[usize::from(extract.0)]);
            let theirs_at = named_field(&pairs, &theirs, &self.extracts[usize::from(subject.0)]);
            let (Some(own), Some(field)) = (own, theirs_at) else { continue };
            for (of, field) in [(extract, own), (subject, field)] {
                let schema = self.catalog.extract(of).field(field);
                if schema.computed.is_some() {
                    let title = format!("`{}` is worked out from other rows, and nothing is found by it", schema.id);
                    pairs.report(pairs.error(title, theirs.span.clone()));
                }
            }
            found.push((own, field));
        }
        pairs.finish();
        found
    }

    /// A list over another extract has no subject whose household could be found to be protected.
    fn tell_of_persons(&self, part: &Section<'_>, list: &List) {
        if list.file_per.as_ref().is_some_and(|value| self.names_a_person(value)) {
            part.report(part.error("a file is not named by a person's number", part.span()));
        }
        let Per::Row(extract) = list.per else { return };
        // Also what holds no number is about somebody, where it declares who is protected: a case, say.
        let is_about_persons = |id: ExtractId| {
            self.extracts[usize::from(id.0)].holds_persons || self.catalog.extract(id).protection.is_some()
        };
        let tells_of_persons =
            |expr: &Expr| expr.any(&|part: &Expr| kinds::row_extract_of(&part.ty).is_some_and(is_about_persons));
        if is_about_persons(extract) || list.expressions().any(tells_of_persons) {
            let title = format!("a list over `{}` that tells of persons could not leave out the protected ones", {
                &self.catalog.extract(extract).id
            });
            part.report(part.error(title, part.span()).hint("let the robot go through them instead"));
        }
    }

    /// What a list covers has a row whatever is new and however many deviations there are.
    fn tell_of_cover(part: &Section<'_>, list: &List) {
        if list.covers.is_some() && (list.only_new || matches!(list.per, Per::Finding | Per::Row(_))) {
            let problem = part.error("a list that covers its subjects has a row for each of them", part.span());
            part.report(problem.hint("leave out `only_new`, and take `per = \"subject\"` or `\"case\"`"));
        }
    }

    /// Whether a value is a person's number, or made of one, by itself or by a fact.
    fn names_a_person(&self, value: &Expr) -> bool {
        let is_one = |value: &Expr| matches!(value.ty, Type::Person | Type::Party) || prints_a_person(value);
        let is_fact_of_one = |part: &Expr| match part.kind {
            Kind::Fact(fact) => is_one(&self.facts[usize::from(fact.0)]),
            _ => false,
        };
        is_one(value) || value.any(&is_fact_of_one)
    }

    /// Only a list that covers its subjects, and stays in the department, has rows of protected households.
    fn tell_of_protected_too(part: &Section<'_>, list: &List) {
        let has_rows_of_them = list.covers.is_some() && list.leaves.is_none();
        if let Some(column) = list.columns.iter().find(|column| column.protected_too && !has_rows_of_them) {
            let title = format!("the column `{}` is shown of no protected household: the list has none", column.header);
            let hint = "only a list with `covers` has rows of them, and only where it does not leave the department";
            part.report(part.error(title, part.span()).hint(hint));
        }
    }

    /// The names in a list over the rows of an extract: the row's own, and none of the robot's facts.
    fn of_rows(&self, row: RowType) -> Reader<'_> {
        let own = Binding::Variable { name: "row".to_owned(), ty: Type::Row(row), slot: SUBJECT };
        Reader {
            catalog: self.catalog,
            extracts: self.extracts,
            bindings: vec![own, Binding::Item { row, slot: SUBJECT }],
            fact_names: Vec::new(),
            fact_texts: Vec::new(),
            fact_spans: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// What has a row; with a reader, also each row of an extract.
    fn per(part: &mut Section<'_>, over: Option<&Self>) -> Per {
        if let Some(text) = over.and_then(|_| part.text("each"))
            && let Some(reader) = over
        {
            if let Some(extract) = reader.catalog.extract_named(&text.value) {
                return Per::Row(extract);
            }
            let ids = reader.catalog.extracts.iter().map(|extract| extract.id.as_str());
            let problem = part.error(format!("there is no extract `{}`", text.value), text.span.clone());
            part.report(problem.suggest(&text.value, ids));
        }
        let Some(text) = part.text("per") else {
            return if over.is_some() { Per::Subject } else { Per::Case };
        };
        match text.value.as_str() {
            "case" => Per::Case,
            "subject" => Per::Subject,
            "finding" => Per::Finding,
            other => {
                let problem = part.error(format!("`{other}` cannot have a row"), text.span.clone());
                part.report(problem.hint("write `\"case\"`, `\"subject\"` or `\"finding\"`"));
                Per::Case
            }
        }
    }

    /// What every list has.
    fn body(&self, part: &mut Section<'_>, per: Per, checks: &[Check], after: &[Binding]) -> List {
        let told = Self::told_checks(part, checks);
        let condition = part.text("where").and_then(|text| self.condition_for(Use::Written, part, &text, after));
        let only_new = part.boolean("only_new").unwrap_or(false);
        let columns = self.columns(part, per, checks, &told, after);
        let file_per = part.text("file_per");
        let file_per = file_per.and_then(|text| self.one_value("a file's value", part, &text, Use::Written, after));
        let texts = part.texts("order_by");
        let order_by = texts.iter().filter_map(|text| self.list_order(part, text, &columns, after)).collect();
        List { per, condition, checks: told, only_new, file_per, columns, order_by, ..List::default() }
    }

    /// `checks = ["uteblivit"]`: the deviations that a list tells of.
    fn told_checks(part: &mut Section<'_>, checks: &[Check]) -> Vec<usize> {
        let mut told = Vec::new();
        for text in part.text_or_texts("checks") {
            match checks.iter().position(|check| check.id == text.value && !check.informs) {
                Some(place) => told.push(place),
                None => {
                    let ids = checks.iter().filter(|check| !check.informs).map(|check| check.id.as_str());
                    let problem = part.error(format!("no check `{}` can deviate", text.value), text.span.clone());
                    part.report(problem.suggest(&text.value, ids));
                }
            }
        }
        told.sort_unstable();
        told
    }

    fn columns(
        &self,
        part: &mut Section<'_>,
        per: Per,
        checks: &[Check],
        told: &[usize],
        after: &[Binding],
    ) -> Vec<Column> {
        let mut columns: Vec<Column> = Vec::new();
        for mut column in part.sections("columns") {
            let Some(header) = column.needed_text("header", "\"…\"") else { continue };
            if columns.iter().any(|first| first.header == header.value) {
                let title = format!("the list has two columns `{}`", header.value);
                column.report(column.error(title, header.span.clone()).hint("give each column a heading of its own"));
            }
            let is = column.text("is");
            let is_new = column.boolean("new").unwrap_or(false);
            let fills = |check: &Check| check.columns.iter().any(|(name, _)| *name == header.value);
            let mut of_list = checks.iter().enumerate().filter(|(place, _)| told.is_empty() || told.contains(place));
            if is.is_none() && !is_new && per != Per::Finding {
                let problem = column.error(format!("the column `{}` has no value", header.value), header.span.clone());
                column.report(problem.hint("add `is = '…'`; a check's own column needs `per = \"finding\"`"));
            } else if is.is_none() && !is_new && !of_list.any(|(_, check)| fills(check)) {
                let title = format!("no check fills the column `{}`", header.value);
                column.report(column.error(title, header.span.clone()).hint("add it under `columns` in a check"));
            }
            let is = match is {
                Some(text) => self
                    .one_value("a column's value", &column, &text, Use::Written, after)
                    .map_or(ColumnIs::OfCheck, ColumnIs::Value),
                None if is_new => ColumnIs::New,
                None => ColumnIs::OfCheck,
            };
            let protected_too = column.boolean("protected_too").unwrap_or(false);
            if let (true, ColumnIs::Value(value)) = (protected_too, &is)
                && self.names_a_person(value)
            {
                let problem = column.error("of a protected household no person's number is shown", header.span);
                column.report(problem.hint("leave out `protected_too`"));
            }
            columns.push(Column { header: header.value, is, protected_too });
            column.finish();
        }
        columns
    }

    fn list_order(&self, part: &Section<'_>, text: &Text, columns: &[Column], after: &[Binding]) -> Option<ListOrder> {
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
        // What is no name may be a heading that is misspelt, and nearer to it than to any name.
        let tell = |error: RuleError| {
            let name = error.label.strip_prefix("did you mean `").and_then(|label| label.strip_suffix("`?"));
            let headers = columns.iter().map(|column| column.header.as_str());
            match nearest(by, name.into_iter().chain(headers)).map(str::to_owned) {
                Some(near) if error.span == (0..by.len()) => error.label(format!("did you mean `{near}`?")),
                _ => error,
            }
        };
        let written = Text::at(by.to_owned(), text.part(&(0..by.len())));
        let by = self.one_value_told("what rows are ordered by", part, &written, Use::Written, after, tell)?;
        Some(ListOrder::By(Order { by, direction: way }))
    }
}

/// A file's name is one that every system takes, and no other file of the robot's.
fn tell_no_file(part: &Section<'_>, text: &Text, lists: &[List]) {
    let is_taken = ["anteckningar", "kontrollista", "skyddade"].contains(&text.value.as_str())
        || lists.iter().any(|list| list.file == text.value);
    if is_taken {
        let problem = part.error(format!("the robot has a file `{}` already", text.value), text.span.clone());
        part.report(problem.hint("give the list a name of its own"));
    } else if !is_name(&text.value) {
        let problem = part.error(format!("`{}` is no name for a file", text.value), text.span.clone());
        part.report(
            problem
                .hint("a file's name is letters, digits and `_`, and begins with a letter; `.csv` goes without saying"),
        );
    }
}

/// A check's column has a place in one of the lists.
pub fn tell_unplaced_columns(section: &Section<'_>, checks: &[Check], list: &List, lists: &[List]) {
    for check in checks {
        for (name, _) in &check.columns {
            let mut columns = std::iter::once(list).chain(lists).flat_map(|list| &list.columns);
            if !columns.any(|column| column.header == *name && matches!(column.is, ColumnIs::OfCheck)) {
                let title = format!("no list has a column `{name}` for the check `{}`", check.id);
                let problem = section.error(title, check.span.clone());
                section.report(problem.hint("add it under `columns` in [list] or one of [[lists]]"));
            }
        }
    }
}

/// `leaves = { to = "…", because = "…" }`
fn leaves(mut part: Section<'_>) -> Option<Leaves> {
    let to = part.needed_text("to", "\"…\"");
    let because = part.needed_text("because", "\"…\"");
    part.finish();
    Some(Leaves { to: to?.value, because: because?.value })
}

/// `covers = "clear"`
fn covers(part: &mut Section<'_>) -> Option<Covers> {
    let text = part.text("covers")?;
    match text.value.as_str() {
        "clear" => Some(Covers::Clear),
        "every" => Some(Covers::Every),
        other => {
            let problem = part.error(format!("a list does not cover `{other}`"), text.span);
            part.report(problem.hint("write `\"clear\"`: each subject that is clear; or `\"every\"`"));
            None
        }
    }
}
