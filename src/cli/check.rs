//! `nattkoll check`

use std::fmt::Write;

use chrono::NaiveDate;
use clap::Args;

use super::{Answer, Context, Outcome};
use crate::night::{self, Effect, NightRequest};
use crate::report::stock_table;

/// Reads and checks every definition, and tells every mistake at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll check                             every robot, extract, parameter and example
  nattkoll check --data                      also tonight's extracts: rows, rejected rows, guards
  nattkoll check --data --night 2026-11-21   the same for that night; writes nothing")]
pub struct CheckArgs {
    /// Also open tonight's extracts and measure the guards
    #[arg(long)]
    data: bool,
    /// The night whose extracts are measured
    #[arg(long, value_name = "DATE", requires = "data")]
    night: Option<NaiveDate>,
    /// Print what was measured as JSON
    #[arg(long, requires = "data")]
    json: bool,
}

impl CheckArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let definitions = context.definitions_with_examples(&settings)?;
        let night = context.night_with_folder(&settings, self.night)?;
        let talk = context.warnings(&definitions, night);
        let counted = format!(
            "{} robots, {} extracts, {} parameters, {} examples: no mistakes\n",
            definitions.robots.len(),
            definitions.extracts.len(),
            definitions.catalog.parameters.len(),
            definitions.examples.iter().map(Vec::len).sum::<usize>(),
        );
        let data = if context.quiet { String::new() } else { counted };
        if !self.data {
            return Ok(Answer { data, talk, exit: 0 });
        }
        let request = NightRequest { effect: Effect::Measure, ..context.showing(&settings, night)? };
        match night::run(&request, &definitions, &|_| {}) {
            Err(error) => Err(Answer { talk: format!("error: {error}\n"), exit: 1, ..Answer::default() }),
            Ok(report) => {
                let mut talk = talk;
                for problem in &report.problems {
                    let _ = writeln!(talk, "warning: {problem}");
                }
                if self.json {
                    let extracts = serde_json::to_string_pretty(&report.manifest.extracts).unwrap_or_default();
                    return Ok(Answer { data: extracts + "\n", talk, exit: report.exit.code() });
                }
                let stock = if context.quiet { String::new() } else { format!("\n{}", stock_table(&report.manifest)) };
                Ok(Answer { data: data + &stock, talk, exit: report.exit.code() })
            }
        }
    }
}
