//! `nattkoll status`

use std::time::Duration;

use clap::Args;

use super::duration::duration;
use super::run::refusal;
use super::{Answer, Context, Outcome};
use crate::night::{self, StatusRequest};
use crate::report::{held_text, status_text};

/// How things stand: the last runs, held notes, robots that did not run, open findings, missed nights.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll status                     how things stand; changes nothing
  nattkoll -q status --max-age 26h    nothing, or exit 4 when the last night was delivered longer ago than that
  nattkoll status --json              for a machine")]
pub struct StatusArgs {
    /// Exit 4 when the newest night was delivered longer ago than this, or none has been: 26h
    #[arg(long, value_name = "AGE", value_parser = duration)]
    max_age: Option<Duration>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl StatusArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let definitions = context.definitions(&settings)?;
        let request = StatusRequest {
            today: context.here.today,
            now: (context.here.clock)(),
            max_age: self.max_age,
            state: settings.state,
            input: settings.input,
        };
        let status = night::status(&request, &definitions).map_err(|error| refusal(&error))?;
        let talk = match (status.too_old, status.last_delivered) {
            (false, _) => String::new(),
            (true, None) => "warning: no night has been delivered\n".to_owned(),
            (true, Some(last)) => {
                let last = last.format("%Y-%m-%d %H:%M");
                format!(
                    "warning: the last night was delivered {last} UTC, longer ago than was asked about\nhint: see that cron runs `nattkoll run`\n"
                )
            }
        };
        let data = match (self.json, context.quiet) {
            (true, _) => serde_json::to_string_pretty(&status).unwrap_or_default() + "\n",
            // What waits for somebody is told also to who only wants to hear of trouble.
            (false, true) => held_text(&status),
            (false, false) => status_text(&status),
        };
        Ok(Answer { data, talk, exit: if status.too_old { 4 } else { 0 } })
    }
}
