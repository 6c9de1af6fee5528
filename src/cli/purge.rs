//! `nattkoll purge`

use std::fmt::Write;
use std::time::Duration;

use chrono::Days;
use clap::{Args, ValueEnum};

use super::duration::duration;
use super::run::refusal;
use super::{Answer, Context, Outcome};
use crate::ledger::{Class, Purging};
use crate::night::{self, PurgeRequest};

/// Deletes what is old, and keeps what stops a note from being written twice.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll purge --older-than 90d --dry-run                    how much there is to delete
  nattkoll purge --older-than 90d --class outputs              the nights' folders
  nattkoll purge --older-than 365d --class findings --class runs")]
pub struct PurgeArgs {
    /// Delete what is about nights longer ago than this: 90d
    #[arg(long, value_name = "AGE", value_parser = duration)]
    older_than: Duration,
    /// What to delete; everything when none is named
    #[arg(long, value_name = "CLASS")]
    class: Vec<ClassName>,
    /// Tell how much, delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    /// How long to wait for a run to be done: 90s, 10m, 2h
    #[arg(long, value_name = "LIMIT", default_value = "0s", hide_default_value = true, value_parser = duration)]
    wait: Duration,
}

/// A class as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ClassName {
    /// The nights' folders
    Outputs,
    /// Which findings stood, and which cases had notes; older nights cannot be run again, nor recalled
    Findings,
    /// What was seen of the extracts, and what guards measured
    Statistics,
    /// Whom the robots tried, what their checks came to, and sums out of extracts: what months are followed up by
    Figures,
    /// The log of runs
    Runs,
}

impl ClassName {
    const fn class(self) -> Class {
        match self {
            Self::Outputs => Class::Outputs,
            Self::Findings => Class::Findings,
            Self::Statistics => Class::Statistics,
            Self::Figures => Class::Figures,
            Self::Runs => Class::Runs,
        }
    }

    const fn of(class: Class) -> (&'static str, &'static str) {
        match class {
            Class::Outputs => ("outputs", "folders"),
            Class::Findings => ("findings", "rows"),
            Class::Statistics => ("statistics", "rows"),
            Class::Figures => ("figures", "rows"),
            Class::Runs => ("runs", "rows"),
        }
    }
}

impl PurgeArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let classes = if self.class.is_empty() { ClassName::value_variants().to_vec() } else { self.class };
        let days = Days::new(self.older_than.as_secs() / 86_400);
        let Some(before) = context.here.today.checked_sub_days(days) else {
            return Err(Answer::refused("error: there are no nights that long ago\n"));
        };
        let request = PurgeRequest {
            classes: classes.into_iter().map(ClassName::class).collect(),
            before,
            purging: if self.dry_run { Purging::Show } else { Purging::Delete },
            output: settings.output,
            state: settings.state,
            patience: self.wait,
        };
        let purged = night::purge(&request).map_err(|error| refusal(&error))?;
        let mut data = String::new();
        if self.json {
            let counts = purged.iter().map(|one| (ClassName::of(one.class).0.to_owned(), one.count.into()));
            let counts: serde_json::Map<String, serde_json::Value> = counts.collect();
            data = format!("{:#}\n", serde_json::json!({ "before": before, "purged": counts }));
        } else if !context.quiet {
            let word = if self.dry_run { "would be deleted" } else { "deleted" };
            for one in purged {
                let (class, what) = ClassName::of(one.class);
                let _ = writeln!(data, "{class} before {before}: {} {what} {word}", one.count);
            }
        }
        Ok(Answer { data, ..Answer::default() })
    }
}
