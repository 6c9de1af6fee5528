//! `nattkoll show`

use std::collections::BTreeSet;
use std::fmt::Write;

use clap::Args;

use super::{Answer, Context, Outcome};
use crate::definition::Definitions;
use crate::definition::robot::{Check, HitPolicy, List, Note, NoteOf, Per, Robot};
use crate::plan::{Nights, plan};
use crate::rule::parameter::Content;
use crate::rule::table::{Edition, Rule};
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::{Literal, Side};

/// Shows what a robot goes through, asks and says, which extracts and parameters it uses, and from where.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll show fordonsinnehav")]
pub struct ShowArgs {
    /// The robot
    robot: String,
}

impl ShowArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let definitions = context.definitions(&settings)?;
        let Some(robot) = definitions.robot(&self.robot) else {
            let ids: Vec<&str> = definitions.robots.iter().map(|robot| robot.id.as_str()).collect();
            let title = format!("error: there is no robot `{}`\nhint: the robots are {}\n", self.robot, ids.join(", "));
            return Err(Answer::refused(title));
        };
        let night = context.night(&settings, None);
        Ok(Answer::data(shown(robot, &definitions, night)))
    }
}

fn shown(robot: &Robot, definitions: &Definitions, night: chrono::NaiveDate) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} {} ({})\n{}\n", robot.title, robot.version, robot.id, robot.purpose);
    let _ = writeln!(text, "owner        {}", robot.owner);
    for basis in &robot.legal_basis {
        let _ = writeln!(text, "legal basis  {basis}");
    }
    let _ = writeln!(text, "defined in   {}", robot.source.path.display());
    let nights = Nights { night, previous: night.pred_opt() };
    let needs = &plan(definitions, &[(robot, nights)]).robots[0];
    let names = |part: &BTreeSet<_>, side| {
        let of_side = part.iter().filter(|(_, of)| *of == side);
        of_side.map(|(id, _)| definitions.catalog.extract(*id).id.as_str()).collect::<Vec<_>>().join(", ")
    };
    let subject = &robot.subject;
    let _ = writeln!(text, "goes through {}", subject.each);
    if !subject.condition_text.is_empty() {
        let _ = writeln!(text, "  where      {}", indented(&subject.condition_text, 13));
    }
    let _ = writeln!(text, "reads        {}", names(&needs.rules, Side::Tonight));
    let previous = names(&needs.rules, Side::Previous);
    if !previous.is_empty() {
        let _ = writeln!(text, "of the night before  {previous}");
    }
    let _ = writeln!(text, "for protection       {}", names(&needs.protection, Side::Tonight));
    if !robot.facts.is_empty() {
        text.push_str("\nfacts\n");
    }
    for ((name, _), fact) in robot.fact_names.iter().zip(&robot.fact_texts) {
        let _ = writeln!(text, "  {name} = {}", indented(fact, 8));
    }
    if robot.hit_policy == HitPolicy::First {
        text.push_str("\nof the checks, only the first that applies\n");
    }
    for check in &robot.checks {
        of_check(&mut text, check);
    }
    if let Some(note) = &robot.note {
        of_note(&mut text, note);
    }
    for list in &robot.lists {
        of_list(&mut text, list, robot, definitions);
    }
    parameters(&mut text, robot, definitions, night);
    text
}

/// A text of several lines with this many spaces before all but the first.
fn indented(written: &str, spaces: usize) -> String {
    written.trim().replace('\n', &format!("\n{:spaces$}", ""))
}

fn of_check(text: &mut String, check: &Check) {
    let (when, says) = &check.written;
    let informs = if check.informs { "   (only informs)" } else { "" };
    let weight = if check.weight == 0 { String::new() } else { format!("   (weight {})", check.weight) };
    let _ = writeln!(text, "\n{}{informs}{weight}", check.id);
    for awaited in &check.unless {
        let _ = writeln!(text, "  unless  {} deviates", awaited.id);
    }
    if let Some(each) = &check.each {
        let _ = writeln!(text, "  each  {}", each.written.trim());
    }
    let _ = writeln!(text, "  when  {}", indented(when, 8));
    if !says.is_empty() {
        let _ = writeln!(text, "  says  {says}");
    }
    for requirement in &check.requires {
        let what = if requirement.only_to_clear { "is not clear without" } else { "is not tried without" };
        let _ = writeln!(
            text,
            "  {what}  {}\n    otherwise: {}",
            indented(&requirement.written, 24),
            requirement.otherwise
        );
    }
}

fn of_note(text: &mut String, note: &Note) {
    let _ = writeln!(text, "\nnote         {}", note.title);
    match &note.of {
        NoteOf::Deviations => {}
        NoteOf::Subjects => text.push_str("  of         every subject, whether or not anything deviates\n"),
        NoteOf::Checks => text.push_str("  of         every subject, a line for each check\n"),
        NoteOf::Summary { written: (when, says), .. } => {
            let _ = writeln!(text, "  of those   {}\n  says       {}", indented(when, 13), indented(says, 13));
        }
    }
    for line in &note.lines {
        let (when, says) = &line.written;
        let _ = writeln!(text, "  ends with  {}", indented(says, 13));
        if !when.is_empty() {
            let _ = writeln!(text, "  when       {}", indented(when, 13));
        }
    }
}

fn of_list(text: &mut String, list: &List, robot: &Robot, definitions: &Definitions) {
    let per = match list.per {
        Per::Case => "case",
        Per::Subject => "subject",
        Per::Finding => "deviation",
        Per::Row(extract) => definitions.catalog.extract(extract).id.as_str(),
    };
    let headers: Vec<&str> = list.columns.iter().map(|column| column.header.as_str()).collect();
    let file =
        if list.file_per.is_some() { format!("{}/<value>.csv", list.file) } else { format!("{}.csv", list.file) };
    let _ = writeln!(text, "\nlist         {file}, a row for each {per}\n  columns    {}", headers.join("; "));
    if !list.checks.is_empty() {
        let ids: Vec<&str> = list.checks.iter().map(|check| robot.checks[*check].id.as_str()).collect();
        let new = if list.only_new { ", what is new" } else { "" };
        let _ = writeln!(text, "  of         {}{new}", ids.join(", "));
    }
    let shown: Vec<&str> =
        list.columns.iter().filter(|column| column.protected_too).map(|column| column.header.as_str()).collect();
    if !shown.is_empty() {
        let _ = writeln!(text, "  also of protected households, where nothing deviates   {}", shown.join("; "));
    }
    if let Some(leaves) = &list.leaves {
        let _ = writeln!(text, "  leaves to  {}: {}", leaves.to, leaves.because);
    }
}

/// The parameters it uses, with the value of the night and its source.
fn parameters(text: &mut String, robot: &Robot, definitions: &Definitions, night: chrono::NaiveDate) {
    let mut used = BTreeSet::new();
    for expr in robot.expressions() {
        collect(expr, &mut used);
    }
    if !used.is_empty() {
        text.push_str("\nparameters\n");
    }
    for id in used {
        let parameter = &definitions.catalog.parameters[usize::from(id)];
        let _ = match &parameter.content {
            Content::Codes { names, source, .. } => {
                writeln!(text, "  {}  {} codes; {source}", parameter.id, names.len())
            }
            Content::Table(table) => match table.edition_on(night) {
                Some(edition) => {
                    let rules: String = edition.rules.iter().map(|rule| said_rule(rule, edition)).collect();
                    let below = if table.inputs.is_empty() { "" } else { "\n" };
                    write!(text, "  {}{below}{rules}", parameter.id)
                }
                None => writeln!(text, "  {}  no value on {night}", parameter.id),
            },
        };
    }
}

fn said_rule(rule: &Rule, edition: &Edition) -> String {
    let tests: Vec<String> = rule.tests.iter().map(ToString::to_string).collect();
    let when = if tests.is_empty() { String::new() } else { format!("    {}:", tests.join(" | ")) };
    let value = match &rule.value {
        Literal::Number(number) => crate::value::swedish_number(*number),
        other => other.to_string(),
    };
    let derived = if rule.derived { " (derived)" } else { "" };
    format!("{when}  {value}{derived} from {}; {}\n", edition.from, rule.source)
}

fn collect(expr: &Expr, used: &mut BTreeSet<u16>) {
    if let Kind::Lookup(id, _) | Kind::Asked { parameter: id, .. } = &expr.kind {
        used.insert(id.0);
    }
    for part in expr.parts() {
        collect(part, used);
    }
}
