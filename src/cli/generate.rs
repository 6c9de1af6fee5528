//! `nattkoll generate`

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::{Answer, Context, Outcome};
use crate::generate::{Request, municipality};

/// Makes a synthetic municipality: the extracts that the robots read, in their declared dialects, with planted deviations, and
/// `facit.csv` with the right outcome of every subject. The same seed gives the same bytes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  nattkoll generate /tmp/town                                          a small town
  nattkoll generate /tmp/city --cases 10000 --residents 250000         a city
  NATTKOLL_INPUT=/tmp/city nattkoll run --night 2026-11-21 --dry-run   go over it")]
pub struct GenerateArgs {
    /// Where it is made; a folder for each night
    folder: PathBuf,
    /// How many cases
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    cases: u32,
    /// How many residents
    #[arg(long, value_name = "N", default_value_t = 25_000)]
    residents: u32,
    /// How many nights in a row
    #[arg(long, value_name = "N", default_value_t = 2)]
    nights: u32,
    /// The last of them
    #[arg(long, value_name = "DATE", default_value = "2026-11-21")]
    last_night: NaiveDate,
    /// What the chance is drawn from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl GenerateArgs {
    pub(super) fn execute(self, context: &Context<'_>) -> Outcome {
        let own = context.settings()?.municipality.unwrap_or_else(|| "0380".to_owned());
        let folder = context.here.folder.join(self.folder);
        let request = Request {
            folder: folder.clone(),
            cases: self.cases,
            residents: self.residents,
            nights: self.nights,
            last_night: self.last_night,
            municipality: own,
            seed: self.seed,
        };
        match municipality(&request) {
            Ok(made) => {
                let line = format!(
                    "{}: {} nights, {} files, {} MB; the right answers are in facit.csv\n",
                    folder.display(),
                    made.nights.len(),
                    made.files,
                    made.bytes.div_ceil(1_000_000),
                );
                Ok(Answer::data(if context.quiet { String::new() } else { line }))
            }
            Err(error) => Err(Answer { talk: format!("error: {error}\n"), exit: 1, ..Answer::default() }),
        }
    }
}
