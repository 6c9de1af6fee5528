//! Reads a robot's checks.

use super::document::{Section, Text, TextOrSection};
use super::lint;
use super::reader::Reader;
use super::robot::{Awaited, Check, EACH, Each, HitPolicy, Requirement};
use crate::rule::check::{self, Binding};
use crate::rule::parse::parse;
use crate::rule::syntax::{Node, Syntax};
use crate::rule::tree::Expr;
use crate::rule::types::{Type, Use};

/// The keys of a check that hold expressions over its rows.
const OVER_ITS_ROWS: [&str; 8] =
    ["requires", "clear_requires", "when", "says", "identity", "order_by", "columns", "informs"];

/// What a robot says of all its checks together.
#[derive(Default)]
struct Common {
    /// What must hold for any of them to be tried.
    requires: Vec<Requirement>,
    hit_policy: HitPolicy,
}

impl Reader<'_> {
    /// The robot's checks, and which of those that apply count.
    pub fn checks(&self, section: &mut Section<'_>) -> (Vec<Check>, HitPolicy) {
        let common = section.section("checks").map(|part| self.common(part)).unwrap_or_default();
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
            checks.extend(self.check(&mut part, id.value, &common, &checks));
            part.finish();
        }
        if checks.is_empty() && section.sections("check").is_empty() {
            section.missing("[[check]]", "…");
        }
        (checks, common.hit_policy)
    }

    /// `[checks]`: what holds for all of them.
    fn common(&self, mut part: Section<'_>) -> Common {
        // It is asked in checks over rows too, whose row is not its to speak of, nor to put anything in the place of.
        let kept_free = Binding::Variable { name: String::new(), ty: Type::Null, slot: EACH };
        let requires = self.requirements(&mut part, "requires", &[kept_free]);
        let hit_policy = match part.text("hit_policy") {
            None => HitPolicy::Collect,
            Some(text) => match text.value.as_str() {
                "collect" => HitPolicy::Collect,
                "first" => HitPolicy::First,
                other => {
                    let problem = part.error(format!("there is no hit policy `{other}`"), text.span);
                    part.report(problem.hint("write `\"collect\"`, every check that applies, or `\"first\"`"));
                    HitPolicy::Collect
                }
            },
        };
        part.finish();
        Common { requires, hit_policy }
    }

    /// The checks above that keep this one from being tried where they deviate.
    fn unless(part: &mut Section<'_>, above: &[Check]) -> Vec<Awaited> {
        let mut found = Vec::new();
        for text in part.text_or_texts("unless") {
            match above.iter().position(|check| check.id == text.value) {
                Some(place) => found.push(Awaited { place, id: text.value }),
                None => {
                    let ids = above.iter().map(|check| check.id.as_str());
                    let problem = part.error(format!("no check `{}` stands above", text.value), text.span.clone());
                    part.report(problem.suggest(&text.value, ids).hint("a check waits for those above it"));
                }
            }
        }
        found
    }

    fn check(&self, part: &mut Section<'_>, id: String, common: &Common, above: &[Check]) -> Option<Check> {
        let span = part.span();
        let each = match part.text("each") {
            None => None,
            Some(text) => match self.each(part, &text) {
                Some(each) => Some(each),
                // Without its rows no name in the check means anything; its keys are its own all the same.
                None => {
                    for key in OVER_ITS_ROWS {
                        part.has(key);
                    }
                    return None;
                }
            },
        };
        let bound: Vec<Binding> = each.iter().map(|(_, binding)| binding.clone()).collect();
        let mut requires = common.requires.clone();
        requires.extend(self.requirements(part, "requires", &bound));
        requires.extend(self.requirements(part, "clear_requires", &bound));
        let informs = part.boolean("informs").unwrap_or(false);
        let when_text = part.needed_text("when", "'…'");
        // What is there says something.
        let has_to_say = informs || part.has("says");
        let says_text = if has_to_say { part.needed_text("says", "\"…\"") } else { None };
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
        let unless = Self::unless(part, above);
        let weight = part.count("weight").map_or(0, |weight| u32::try_from(weight).unwrap_or(u32::MAX));
        let each = each.map(|(each, _)| each);
        let written = (when_text?.value, says_text.map(|text| text.value).unwrap_or_default());
        Some(Check {
            id,
            each,
            requires,
            when: when?,
            says,
            unless,
            weight,
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
        let slot = EACH;
        let binding = Binding::Variable { name, ty: Type::Row(row), slot };
        Some((Each { rows, written: text.value.clone(), row, slot }, binding))
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
}
