//! `nattkoll explain`

use std::collections::HashSet;
use std::fmt::Write;

use chrono::NaiveDate;
use clap::Args;

use super::run::refusal;
use super::{Answer, Context, Outcome};
use crate::evaluate::{Explained, Explanation, NOT_A_SUBJECT, Place, Question, Tree, Verdict};
use crate::night::{self, NightRequest};
use crate::sample::Draw;

/// How many parts of one expression are drawn, and how many lines of files named.
const MOST_PARTS: usize = 30;

/// How deep expressions are drawn; `--json` has them whole.
const DEEPEST: usize = 12;

/// Explains what a robot came to: each check, every value, the lines of the files, and what decided it.
///
/// Works for a past night as long as its extracts lie there. Of a protected household it shows only that it is one, unless
/// `--restricted` is given by someone who may see it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll explain fordonsinnehav EB26-0344                      all that the robot asks of the case
  nattkoll explain hogkostnadsskydd K-105290 --check over-taket  one check of one subject
  nattkoll explain folkbokforing EB26-0344 --night 2026-11-21    a past night
  nattkoll explain folkbokforing EB26-0344 --json                for a machine")]
pub struct ExplainArgs {
    /// The robot
    robot: String,
    /// The case, or a subject as `redovisning.csv` has it
    case: String,
    /// The night, a folder of the input with that name
    #[arg(long, value_name = "DATE")]
    night: Option<NaiveDate>,
    /// For a robot that has never run: the night to count from
    #[arg(long, value_name = "DATE")]
    since: Option<NaiveDate>,
    /// Only this check
    #[arg(long, value_name = "ID")]
    check: Option<String>,
    /// Show protected households too
    #[arg(long)]
    restricted: bool,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl ExplainArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let definitions = context.definitions(&settings)?;
        if let (Some(check), Some(robot)) = (&self.check, definitions.robot(&self.robot))
            && !robot.checks.iter().any(|known| known.id == *check)
        {
            let ids: Vec<&str> = robot.checks.iter().map(|check| check.id.as_str()).collect();
            return Err(Answer::refused(format!(
                "error: `{}` has no check `{check}`\nhint: its checks are {}\n",
                self.robot,
                ids.join(", ")
            )));
        }
        let night = context.night_with_folder(&settings, self.night)?;
        let request =
            NightRequest { since: self.since, robots: vec![self.robot.clone()], ..context.showing(&settings, night)? };
        let question = Question { about: &self.case, restricted: self.restricted };
        let mut explanations =
            night::explain(&request, &definitions, &self.robot, question).map_err(|e| refusal(&e))?;
        if let Some(only) = &self.check {
            for explanation in &mut explanations {
                explanation.checks.retain(|check| check.id == *only);
                keep_named_facts(explanation);
            }
        }
        if explanations.is_empty() {
            return Err(Answer {
                talk: format!(
                    "error: `{}` comes upon no `{}` in the night {}\nhint: the subjects stand in redovisning.csv; \
`--night` takes another night\n",
                    self.robot, self.case, request.night
                ),
                exit: 2,
                ..Answer::default()
            });
        }
        if self.json {
            let mut text =
                serde_json::to_string_pretty(&explanations).expect("an explanation has no other keys than texts");
            text.push('\n');
            return Ok(Answer::data(text));
        }
        Ok(Answer::data(explanations.iter().map(drawn).collect::<Vec<_>>().join("\n")))
    }
}

/// Leaves out the facts that no check that is left names, straight or through another fact.
fn keep_named_facts(explanation: &mut Explanation) {
    fn words_of(tree: &Tree, words: &mut HashSet<String>) {
        let is_of_name = |sign: char| sign.is_alphanumeric() || sign == '_';
        let all = tree.expression.split(|sign| !is_of_name(sign)).filter(|word| !word.is_empty());
        words.extend(all.map(str::to_owned));
        tree.parts.iter().for_each(|part| words_of(part, words));
    }
    let mut words = HashSet::new();
    explanation.checks.iter().flat_map(|check| &check.trees).for_each(|tree| words_of(tree, &mut words));
    // A fact names only those above it.
    for (name, tree) in explanation.facts.iter().rev() {
        if words.contains(name) {
            words_of(tree, &mut words);
        }
    }
    explanation.facts.retain(|(name, _)| words.contains(name));
}

fn drawn(explanation: &Explanation) -> String {
    let mut text = String::new();
    let about = if explanation.case == explanation.subject || explanation.case.is_empty() {
        explanation.subject.clone()
    } else {
        format!("{} (ärende {})", explanation.subject, explanation.case)
    };
    let _ = writeln!(text, "{} · {about}: {}", explanation.robot, explanation.outcome);
    if let Some(delivered) = &explanation.delivered {
        let _ = writeln!(
            text,
            "Natten redovisade något annat: {delivered}. Roboten eller ett utdrag är ett annat nu; `nattkoll verify` säger \
vilka utdrag."
        );
    }
    if let Some(night) = explanation.tried_on {
        let _ = writeln!(
            text,
            "Prövades natten {night} och prövas inte igen. Den prövningen visas av\n\
  nattkoll explain {} {} --night {night}",
            explanation.robot, explanation.subject
        );
        return text;
    }
    if explanation.protected && explanation.facts.is_empty() && explanation.checks.is_empty() {
        text.push_str("Hushållet är skyddat. Vad som prövades visas med --restricted för den som har behörighet.\n");
        return text;
    }
    for (verdict, title) in [(Verdict::Deviation, "Avvikelser"), (Verdict::Undecided, "Kunde inte prövas")] {
        let of_verdict = |check: &&Explained| check.verdict == verdict && !check.informs;
        let ids: Vec<&str> = explanation.checks.iter().filter(of_verdict).map(|check| check.id.as_str()).collect();
        if !ids.is_empty() {
            let _ = writeln!(text, "{title}: {}", ids.join(", "));
        }
    }
    let mut drawing = Drawing { text, drawn: HashSet::new() };
    if let Some(condition) = &explanation.subject_condition {
        drawing.text.push_str("\nprövas när\n");
        drawing.branch(condition, "  ", true, 0);
        if explanation.outcome == NOT_A_SUBJECT {
            let because = condition.because.as_deref().unwrap_or("villkoret inte stämmer");
            let _ = writeln!(drawing.text, "  Ingår inte: {because}.");
        }
    }
    for check in &explanation.checks {
        drawing.text.push('\n');
        drawing.check(check);
    }
    if !explanation.facts.is_empty() {
        drawing.text.push_str("\nuppgifter\n");
    }
    for (name, tree) in &explanation.facts {
        let _ = writeln!(drawing.text, "  {name} = {}   {}{}", tree.value, tree.expression, places(&tree.places));
        drawing.parts(tree, "    ", 0);
    }
    drawing.text
}

/// Draws trees. What has been drawn with its parts once is named and not drawn again: checks of a robot often require the
/// same, and go over the same rows.
struct Drawing<'e> {
    text: String,
    drawn: HashSet<&'e Tree>,
}

impl<'e> Drawing<'e> {
    fn check(&mut self, check: &'e Explained) {
        let verdict = match (check.verdict, check.informs) {
            (Verdict::Deviation, true) => "Upplysning",
            (Verdict::Deviation, false) => "Avvikelse",
            (Verdict::Clear, _) => "Utan anmärkning",
            (Verdict::Undecided, _) => "Kunde inte prövas",
        };
        let _ = writeln!(self.text, "{}\n  {verdict}: {}.", check.id, check.because);
        for sentence in &check.sentences {
            let _ = writeln!(self.text, "  Anteckning: {sentence}");
        }
        for (place, tree) in check.trees.iter().enumerate().take(MOST_PARTS) {
            self.branch(tree, "  ", place + 1 == check.trees.len(), 0);
        }
        if check.trees.len() > MOST_PARTS {
            let _ = writeln!(self.text, "  … och {} till", check.trees.len() - MOST_PARTS);
        }
    }

    /// A tree with its branches; whether all of it is drawn, now or before.
    fn branch(&mut self, tree: &'e Tree, before: &str, is_last: bool, depth: usize) -> bool {
        let (knot, below) = if is_last { ("└ ", "  ") } else { ("├ ", "│ ") };
        let required = if tree.required { "kräver: " } else { "" };
        let is_repeated = !tree.parts.is_empty() && self.drawn.contains(tree);
        let again = if is_repeated { "   (som ovan)" } else { "" };
        let (expression, value, places) = (&tree.expression, &tree.value, places(&tree.places));
        let _ = writeln!(self.text, "{before}{knot}{required}{expression} = {value}{places}{again}");
        let is_whole = is_repeated || self.parts(tree, &format!("{before}{below}"), depth);
        if is_whole {
            self.drawn.insert(tree);
        }
        is_whole
    }

    /// What stands below a tree's own line; whether that is all.
    fn parts(&mut self, tree: &'e Tree, before: &str, depth: usize) -> bool {
        if let Some(applied) = &tree.parameter {
            let cells =
                if applied.cells.is_empty() { String::new() } else { format!(" [{}]", applied.cells.join(" | ")) };
            let derived = if applied.derived { ", härlett och inte kontrollerat" } else { "" };
            let _ = writeln!(
                self.text,
                "{before}· {}{cells}, gäller från {}{derived}: {}",
                applied.title, applied.from, applied.source
            );
        }
        if let Some(draw) = &tree.draw {
            let _ = writeln!(self.text, "{before}· {}", told_draw(draw));
        }
        if depth == DEEPEST && !tree.parts.is_empty() {
            let _ = writeln!(self.text, "{before}└ … (hela trädet: --json)");
            return false;
        }
        let mut is_whole = tree.parts.len() <= MOST_PARTS;
        for (place, part) in tree.parts.iter().take(MOST_PARTS).enumerate() {
            is_whole &= self.branch(part, before, place + 1 == tree.parts.len(), depth + 1);
        }
        if tree.parts.len() > MOST_PARTS {
            let _ = writeln!(self.text, "{before}└ … och {} till", tree.parts.len() - MOST_PARTS);
        }
        is_whole
    }
}

/// What was drawn and from what, as docs/sampling.md says how to draw it again.
fn told_draw(draw: &Draw) -> String {
    let Draw { texts, answers, number, below } = draw;
    let from = format!("ur nattens nyckel och {}", texts.join(", "));
    match (below, draw.share()) {
        (Some(below), Some(share)) => format!("lotten {number} av {answers}; under {below} dras, {share}; {from}"),
        _ => format!("talet {number} av {answers}, {from}"),
    }
}

/// `  (2026-11-21/kir.csv rad 12, Flyttdatum)`; where there are several, the value says which.
fn places(places: &[Place]) -> String {
    match places {
        [Place { file, line, column: Some(column) }] => format!("   ({file} rad {line}, {column})"),
        _ => String::new(),
    }
}
