//! `nattkoll recall`

use std::fmt::Write;
use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;

use super::duration::duration;
use super::run::refusal;
use super::{Answer, Context, Outcome};
use crate::night::{self, Effect, RecallRequest};

/// Lists every note that a robot wrote, and writes corrections of them for the importer. What they said counts as not
/// noted, so mend the robot first: what still stands is noted anew the next night.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll recall folkbokforing --nights 2026-11-18..2026-11-21                     the notes of four nights
  nattkoll recall folkbokforing --nights 2026-11-18..2026-11-21 --version 1.1.0    those of one version
  nattkoll recall folkbokforing --nights 2026-11-21 --dry-run                       list them, write nothing")]
pub struct RecallArgs {
    /// The robot
    robot: String,
    /// The night, or the first and the last: A..B
    #[arg(long, value_name = "A..B", value_parser = nights)]
    nights: (NaiveDate, NaiveDate),
    /// The only version of the robot's definition
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// List them, write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the corrections as JSON, one a line
    #[arg(long)]
    json: bool,
    /// How long to wait for a run to be done: 90s, 10m, 2h
    #[arg(long, value_name = "LIMIT", default_value = "0s", hide_default_value = true, value_parser = duration)]
    wait: Duration,
}

impl RecallArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let request = RecallRequest {
            robot: self.robot,
            nights: self.nights,
            version: self.version,
            effect: if self.dry_run { Effect::Show } else { Effect::Deliver },
            now: (context.here.clock)(),
            output: settings.output,
            state: settings.state,
            patience: self.wait,
        };
        let recalled = night::recall(&request).map_err(|error| refusal(&error))?;
        let mut data = String::new();
        for correction in &recalled.corrections {
            if self.json {
                data.push_str(&serde_json::to_string(correction).unwrap_or_default());
                data.push('\n');
            } else {
                let _ = writeln!(data, "{}", correction.corrects);
            }
        }
        let how_many = recalled.corrections.len();
        let talk = match &recalled.file {
            _ if context.quiet => String::new(),
            Some(file) => format!("{how_many} notes are taken back\nhint: import `{}`\n", file.display()),
            None => format!("{how_many} notes, nothing written\n"),
        };
        Ok(Answer { data, talk, exit: 0 })
    }
}

/// `2026-11-18..2026-11-21`, or one night.
fn nights(text: &str) -> Result<(NaiveDate, NaiveDate), String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let night = |text: &str| text.parse::<NaiveDate>().map_err(|error| format!("`{text}` is not a night: {error}"));
    let (first, last) = (night(first)?, night(last)?);
    if first > last { Err("the first night is after the last".to_owned()) } else { Ok((first, last)) }
}
