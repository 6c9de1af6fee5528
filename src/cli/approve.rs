//! `nattkoll approve`

use chrono::NaiveDate;
use clap::Args;

use super::{Answer, Context, Outcome};
use crate::definition::decision::{Decision, FILE_NAME, Standing, written};
use crate::definition::meaning::Meaning;
use crate::output::replace_file;

/// Records the decision to run a robot as it is defined now, in its folder. Where `require_decision` is set, a robot
/// without one, or that means something else since, is refused.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll approve folkbokforing --ref \"SN 2026/123\" --by Socialchef --date 2026-11-01   writes decision.toml
  nattkoll status                                                                      tells which decisions stand")]
pub struct ApproveArgs {
    /// The robot
    robot: String,
    /// Where the decision can be found: a registration number
    #[arg(long = "ref", value_name = "REFERENCE")]
    reference: String,
    /// Who decided: a role, not a name
    #[arg(long, value_name = "ROLE")]
    by: String,
    /// When it was decided
    #[arg(long, value_name = "DATE")]
    date: NaiveDate,
}

impl ApproveArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let settings = context.settings()?;
        let definitions = context.definitions(&settings)?;
        let Some(robot) = definitions.robot(&self.robot) else {
            return Err(Answer::refused(format!("error: there is no robot `{}`\n", self.robot)));
        };
        let before = definitions.decision_of(robot);
        let decision = Decision {
            reference: self.reference,
            role: self.by,
            date: self.date,
            version: robot.version.clone(),
            meaning: Meaning::of(robot, &definitions),
        };
        let path = settings.robots.join(&robot.id).join(FILE_NAME);
        replace_file(&path, written(&decision).as_bytes()).map_err(|error| Answer {
            talk: format!("error: {error}\n"),
            exit: 1,
            ..Answer::default()
        })?;
        let after = Standing::of(decision.meaning, Some(&decision));
        let data = format!("{}: {after} (before: {before})\n", path.display());
        Ok(if context.quiet { Answer::default() } else { Answer::data(data) })
    }
}
