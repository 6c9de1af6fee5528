//! `nattkoll test`

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;

use super::{Answer, Context, Outcome};
use crate::definition::Definitions;
use crate::night::example::{Tried, try_example};

/// Runs the robots' examples: the rows of each in its `tests.toml`, through the same scan and rules as a night.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll test                       every robot's examples
  nattkoll test fordonsinnehav        one robot's
  nattkoll test --junit report.xml    also a report for a build server")]
pub struct TestArgs {
    /// The robots whose examples are run; all when none is named
    robots: Vec<String>,
    /// Also write a `JUnit` report
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// A robot's examples after they were run.
struct Suite {
    robot: String,
    tried: Vec<Tried>,
}

impl TestArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let definitions = context.definitions_with_examples(&settings)?;
        if let Some(unknown) = self.robots.iter().find(|id| definitions.robot(id).is_none()) {
            return Err(Answer::refused(format!("error: there is no robot `{unknown}`\n")));
        }
        let suites: Vec<Suite> = definitions
            .robots
            .iter()
            .zip(&definitions.examples)
            .filter(|(robot, _)| self.robots.is_empty() || self.robots.contains(&robot.id))
            .map(|(robot, examples)| Suite {
                robot: robot.id.clone(),
                tried: examples.par_iter().map(|example| try_example(robot, example, &definitions)).collect(),
            })
            .collect();
        if let Some(path) = &self.junit {
            write_report(&context.here.folder.join(path), &suites)?;
        }
        Ok(told(&suites, &definitions, context))
    }
}

fn told(suites: &[Suite], definitions: &Definitions, context: &Context<'_>) -> Answer {
    let mut data = String::new();
    let mut talk = String::new();
    let (mut passed, mut failed) = (0, 0);
    for suite in suites {
        if suite.tried.is_empty() {
            let _ = writeln!(talk, "warning: the robot `{}` has no examples", suite.robot);
        }
        for tried in &suite.tried {
            if tried.mistakes.is_empty() {
                passed += 1;
                continue;
            }
            failed += 1;
            let _ = writeln!(
                data,
                "FAILED {}: {}{}",
                suite.robot,
                tried.name,
                place(&suite.robot, &tried.name, definitions)
            );
            for mistake in &tried.mistakes {
                let _ = writeln!(data, "  {mistake}");
            }
        }
        if !context.quiet {
            let good = suite.tried.iter().filter(|tried| tried.mistakes.is_empty()).count();
            let _ = writeln!(data, "{}: {good} of {} examples passed", suite.robot, suite.tried.len());
        }
    }
    if !context.quiet {
        let _ = writeln!(data, "{passed} passed, {failed} failed");
    }
    Answer { data, talk, exit: if failed == 0 { 0 } else { 4 } }
}

/// Where an example stands, as ` (file:line)`.
fn place(robot: &str, name: &str, definitions: &Definitions) -> String {
    let examples = definitions.robots.iter().zip(&definitions.examples).find(|(known, _)| known.id == robot);
    let example = examples.and_then(|(_, examples)| examples.iter().find(|example| example.name == name));
    example.map_or_else(String::new, |example| {
        let before = &example.source.text[..example.span.start.min(example.source.text.len())];
        format!(" ({}:{})", example.source.path.display(), before.matches('\n').count() + 1)
    })
}

#[expect(clippy::disallowed_methods, reason = "a report that was asked for by name, no output of a night")]
fn write_report(path: &Path, suites: &[Suite]) -> Result<(), Answer> {
    std::fs::write(path, report(suites)).map_err(|error| Answer {
        talk: format!("error: `{}` cannot be written: {error}\n", path.display()),
        exit: 1,
        ..Answer::default()
    })
}

fn report(suites: &[Suite]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in suites {
        let failed = suite.tried.iter().filter(|tried| !tried.mistakes.is_empty()).count();
        let name = escaped(&suite.robot);
        let _ = writeln!(xml, "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failed}\">", suite.tried.len());
        for tried in &suite.tried {
            let case = escaped(&tried.name);
            if tried.mistakes.is_empty() {
                let _ = writeln!(xml, "    <testcase classname=\"{name}\" name=\"{case}\"/>");
                continue;
            }
            let mistakes = escaped(&tried.mistakes.join("\n"));
            let _ = writeln!(
                xml,
                "    <testcase classname=\"{name}\" name=\"{case}\"><failure>{mistakes}</failure></testcase>"
            );
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_its_failures_and_escapes_its_texts() {
        let tried = |name: &str, mistakes: &[&str]| Tried {
            name: name.to_owned(),
            mistakes: mistakes.iter().map(|mistake| (*mistake).to_owned()).collect(),
        };
        let suite = Suite { robot: "r".to_owned(), tried: vec![tried("a < b", &[]), tried("c", &["\"x\" & y"])] };
        let xml = report(&[suite]);
        assert!(xml.contains("tests=\"2\" failures=\"1\""));
        assert!(xml.contains("name=\"a &lt; b\"/>"));
        assert!(xml.contains("<failure>&quot;x&quot; &amp; y</failure>"));
    }
}
