//! What is remembered of a night: how each robot's went, what the scans saw, what is to be published.
//!
//! For the findings that stood see `said`.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};

use super::applicant::Applicant;
use super::figures::NightFigures;
use super::key::Hash16;
use super::said::Standing;
use super::trials::{Trials, UnitStanding};
use crate::outcome::Outcome;

/// All that is recorded of a night that is about to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightRecord {
    /// The night; running it again replaces what was recorded for the robots and extracts named here.
    pub night: NaiveDate,
    /// SHA-256 of the night's `manifest.json`.
    pub manifest: [u8; 32],
    /// The robots of this run, each once; other robots' rows of the night are left as they are.
    pub robots: Vec<RobotRecord>,
    /// The extracts that this run took stock of, each once.
    pub extracts: Vec<ExtractStats>,
    /// What is kept of its extracts, of a run of all robots; what was kept before stands where there is nothing here.
    pub figures: Option<Vec<NightFigures>>,
    /// The run itself.
    pub run: RunRecord,
    /// What is to be put in place once the night is recorded.
    pub publication: Publication,
}

/// One run that delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// The night that was run.
    pub night: NaiveDate,
    /// When it began.
    pub begun: DateTime<Utc>,
    /// When it had written its files.
    pub ended: DateTime<Utc>,
    /// The most memory that it had had by then, in bytes; none where the system does not tell, and of runs before this was
    /// kept.
    pub peak_memory: Option<u64>,
    /// The program's version.
    pub version: String,
    /// The robots that were run.
    pub robots: Vec<String>,
    /// The exit code.
    pub exit: u8,
}

/// One robot's night, and the findings that stood it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotRecord {
    /// How the robot's night went.
    pub robot: RobotNight,
    /// From `said::decide`; must be empty for a robot that did not deliver.
    pub standing: Vec<Standing>,
    /// The cases that it wrote a note for, or that a held note is for; each once.
    pub notes: Vec<NoteRecord>,
    /// Whom it tried, and what its checks came to.
    pub trials: Trials,
    /// How many of its deviations stand, by unit and check; each once.
    pub units: Vec<UnitStanding>,
    /// The subjects that it has tried, where it tries each of them once; each once.
    pub tried: Vec<Tried>,
    /// What it came to for its cases, as far as some robot asks on later nights; each case and outcome once.
    pub outcomes: Vec<CaseOutcome>,
    /// For a robot whose deviations are a sample: the subjects' keyed hashes, and why each was drawn; each once.
    pub draws: Vec<(Hash16, String)>,
    /// The decision that it ran by, where one is recorded.
    pub decision: Option<DecisionRecord>,
    /// Of a robot beyond what it expects: what somebody has decided already about these very files. Of one that is held without
    /// it they wait, and what was decided about others is forgotten.
    pub verdict: Option<Verdict>,
}

/// A subject that a robot has tried, of one that tries each of them once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tried {
    /// Its keyed hash.
    pub subject: Hash16,
    /// Whether it need not be tried on other nights.
    pub is_settled: bool,
    /// Its case.
    pub case: String,
}

/// A subject that another night has settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its keyed hash.
    pub subject: Hash16,
    /// That night.
    pub night: NaiveDate,
    /// The case that it belonged to then.
    pub case: String,
}

/// A note, as far as it is remembered beside what it said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteRecord {
    /// The case that it is for.
    pub case: String,
    /// The unit; none where it is not known, and for protected households.
    pub unit: Option<String>,
    /// The applicant; of protected households nothing.
    pub applicant: Applicant,
}

/// What a robot came to for a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseOutcome {
    /// The case's number.
    pub case: String,
    /// The outcome of one of its subjects, or of several.
    pub outcome: Outcome,
    /// Whether a check deviated in one of them.
    pub deviates: bool,
}

/// What a robot came to for a case on an earlier night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastOutcome {
    /// The robot.
    pub robot: String,
    /// The night.
    pub night: NaiveDate,
    /// What it came to.
    pub came_to: CaseOutcome,
}

/// A recorded decision to run a robot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRecord {
    /// SHA-256 of what the definition means.
    pub meaning: [u8; 32],
    /// Where the decision can be found.
    pub reference: String,
    /// Who decided.
    pub role: String,
    /// When.
    pub decided: NaiveDate,
}

/// What somebody decided about what a robot held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was let out.
    Released,
    /// It was thrown away: what its notes said counts as not noted, and what it had tried or drawn as not tried or drawn.
    Refused,
}

impl Verdict {
    /// The word in files and in the ledger's column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Refused => "refused",
        }
    }
}

/// A decision about what a robot held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The robot.
    pub robot: String,
    /// The night.
    pub night: NaiveDate,
    /// What was decided.
    pub verdict: Verdict,
    /// SHA-256 of all the files that were held: the decision is about these and no others. (The ledger's column is called
    /// `notes`, which were all that it was about at first.)
    pub files: [u8; 32],
    /// Who decided, by role.
    pub role: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a robot's night went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotNight {
    /// The robot's id.
    pub robot: String,
    /// The version in its definition.
    pub version: String,
    /// The robot's last delivered night before this one, or what stood for it the first time.
    pub since: NaiveDate,
    /// The night whose extracts were yesterday's; `None` when there was none.
    pub previous: Option<NaiveDate>,
    /// How it ended.
    pub status: RobotStatus,
    /// What its subjects came to; zeros for a robot that did not deliver.
    pub counts: Counts,
}

/// How a robot's night ended. The first two have delivered the night, the others have not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RobotStatus {
    /// It ran.
    Ran,
    /// It ran, and what it wrote waits for somebody to release it.
    Held,
    /// A guard stopped one of its extracts.
    SetAside {
        /// Which, and what it said.
        reason: String,
    },
    /// There is no decision to run it.
    Refused {
        /// What is missing.
        reason: String,
    },
    /// It broke down.
    Failed {
        /// Where and how.
        reason: String,
    },
}

impl RobotStatus {
    /// Whether the night counts as delivered, so that `since` and what has been said start from it.
    pub const fn is_delivered(&self) -> bool {
        matches!(self, Self::Ran | Self::Held)
    }

    /// The word in the ledger's column.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Ran => "ran",
            Self::Held => "held",
            Self::SetAside { .. } => "set aside",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
        }
    }

    /// Why it did not deliver; `None` for one that did.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Ran | Self::Held => None,
            Self::SetAside { reason } | Self::Refused { reason } | Self::Failed { reason } => Some(reason),
        }
    }
}

/// How many subjects came to each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nothing to say.
    pub clear: u64,
    /// At least one deviation.
    pub flagged: u64,
    /// Some check could not be tried.
    pub undecided: u64,
    /// In a protected household, with something to say.
    pub protected: u64,
}

/// What the scan saw of an extract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtractStats {
    /// The extract's id.
    pub extract: String,
    /// All its rows, the rejected ones included, the header not.
    pub rows: u64,
    /// Rows rejected for their shape, encoding or key.
    pub rejected: u64,
    /// Cells that could not be read.
    pub unreadable: u64,
    /// The file's size.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Which guard stopped it, in words; such a night is no measure for the ones to come.
    pub stopped: Option<String>,
    /// What its guards measured, also what passed.
    pub measures: Vec<Measured>,
}

/// What one guard measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// What was measured.
    pub guard: String,
    /// What it came to.
    pub part: u64,
    /// Of how many, where it is a share.
    pub whole: Option<u64>,
    /// What is allowed, in words.
    pub allowed: String,
    /// Whether it is within that.
    pub passed: bool,
}

/// A publishing that has been recorded and not finished: `staging` is to become `final_path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The night that is published.
    pub night: NaiveDate,
    /// The folder that has been written and synced.
    pub staging: PathBuf,
    /// Where it is to stand. Both are kept as given; absolute ones can be found again from anywhere.
    pub final_path: PathBuf,
}
