//! `nattkoll verify`

use std::fmt::Write;

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::run::refusal;
use super::{Answer, Context, Outcome};
use crate::night::{self, VerifyRequest};

/// Goes through ledger, manifests and outputs, and tells what has been altered or is missing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll verify                      every night that the ledger knows; changes nothing
  nattkoll verify --night 2026-11-21   that night
  nattkoll verify --json               the same for a machine; exit 4 when something is wrong")]
pub struct VerifyArgs {
    /// The only night to go through
    #[arg(long, value_name = "DATE")]
    night: Option<NaiveDate>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

impl VerifyArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let request =
            VerifyRequest { night: self.night, input: settings.input, output: settings.output, state: settings.state };
        let verified = night::verify(&request).map_err(|error| refusal(&error))?;
        let (nights, files, problems) = (verified.nights, verified.files, &verified.problems);
        let exit = if problems.is_empty() { 0 } else { 4 };
        if self.json {
            let data = json!({ "nights": nights, "files": files, "problems": problems });
            return Ok(Answer { data: format!("{data:#}\n"), exit, ..Answer::default() });
        }
        let mut talk = String::new();
        for problem in problems {
            let _ = writeln!(talk, "warning: {problem}");
        }
        if !problems.is_empty() {
            talk.push_str("hint: docs/operations.md tells what to do for each of these\n");
        }
        let data = if context.quiet {
            String::new()
        } else {
            let found = if problems.is_empty() {
                "nothing is altered or missing".to_owned()
            } else {
                format!("{} problems", problems.len())
            };
            format!("{nights} nights, {files} files: {found}\n")
        };
        Ok(Answer { data, talk, exit })
    }
}
