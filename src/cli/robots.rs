//! `nattkoll robots`

use clap::Args;

use super::{Answer, Context, Outcome};
use crate::definition::count_examples;
use crate::report::robots_table;

/// Lists the robots.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll robots           a table
  nattkoll robots --json    for a program")]
pub struct RobotsArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl RobotsArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let definitions = context.definitions(&settings)?;
        if !self.json {
            let examples = count_examples(&settings.robots, &definitions.robots);
            return Ok(Answer::data(robots_table(&definitions.robots, &examples)));
        }
        let robots: Vec<serde_json::Value> = definitions
            .robots
            .iter()
            .map(|robot| {
                let checks: Vec<&str> = robot.checks.iter().map(|check| check.id.as_str()).collect();
                serde_json::json!({
                    "id": robot.id,
                    "title": robot.title,
                    "version": robot.version,
                    "owner": robot.owner,
                    "checks": checks,
                })
            })
            .collect();
        let json = serde_json::to_string_pretty(&robots).unwrap_or_default();
        Ok(Answer::data(json + "\n"))
    }
}
