//! Samples: what a night has drawn, whether a draw can be made again, and what a robot's draws will come to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::definition::Definitions;
use crate::definition::robot::{Robot, Sample};
use crate::evaluate::RobotResult;
use crate::ledger::{Hash16, Ledger, LedgerKey, RobotStatus, SampleKeyRenewal, Verdict, drawn_subject};
use crate::rule::evaluate::Evaluator;
use crate::rule::function::Function;
use crate::rule::tree::{Expr, Kind};
use crate::rule::types::{ExtractId, FieldId, RelationId, Side};
use crate::rule::value::{Missing, RowRef, Value};
use crate::rule::world::{Constants, Related, Silent, World};
use crate::sample::{Draws, Expected, SampleKey, drawn_lots, expected};

use super::earlier::delivered_accounts;
use super::lock::lock;
use super::{LEDGER, NightError};

/// The subjects that a robot has drawn: those that deviate, where its deviations are a sample, and in which checks.
pub fn drawn_now(robot: &Robot, result: &RobotResult, key: &LedgerKey) -> Vec<(Hash16, String)> {
    if robot.sample.is_none() {
        return Vec::new();
    }
    let mut drawn: Vec<(Hash16, String)> = Vec::new();
    for subject in &result.subjects {
        let mut checks: Vec<usize> = subject.deviations().map(|finding| finding.check).collect();
        checks.dedup();
        let why: Vec<&str> = checks.into_iter().map(|check| robot.checks[check].id.as_str()).collect();
        if !why.is_empty() {
            drawn.push((drawn_subject(key, &subject.key), why.join(" ")));
        }
    }
    drawn.sort_unstable();
    drawn.dedup_by(|a, b| a.0 == b.0);
    drawn
}

/// What a robot's draws will come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The robot.
    pub robot: String,
    /// The share that is drawn by lot; where it has several, the largest.
    pub share: Option<Decimal>,
    /// The waiting times in days: the least and the most of each.
    pub waits: Vec<(u64, u64)>,
    /// Within how many months everyone who applies each month is to have been checked.
    pub promise_months: u32,
    /// What the share and the waiting time that is longest at its least come to.
    pub expected: Option<Expected>,
}

impl Plan {
    /// The most days that the promise allows: twelve months have 365 at the least.
    #[must_use]
    pub fn promised_days(&self) -> u64 {
        u64::from(self.promise_months) * 365 / 12
    }

    /// Whether somebody who applies each month can be without a check for longer than is promised.
    #[must_use]
    pub fn is_too_slow(&self) -> bool {
        self.expected.is_none_or(|expected| expected.most_days > self.promised_days())
    }
}

/// What the draws of each of these robots that has a sample will come to, with the parameters of a night.
#[must_use]
pub fn plan(definitions: &Definitions, robots: &[&Robot], night: NaiveDate) -> Vec<Plan> {
    let constants = constants(definitions, night);
    let of_robot = |robot: &&Robot| robot.sample.map(|sample| plan_of(robot, sample, &constants));
    robots.iter().filter_map(of_robot).collect()
}

fn constants(definitions: &Definitions, night: NaiveDate) -> Constants<'_> {
    Constants {
        night,
        previous_night: None,
        since: night,
        start: night,
        municipality: "",
        parameters: &definitions.catalog.parameters,
        draws: None,
    }
}

fn plan_of(robot: &Robot, sample: Sample, constants: &Constants<'_>) -> Plan {
    let mut calls = Vec::new();
    robot.expressions().into_iter().for_each(|expr| calls_in(expr, &mut calls));
    let mut evaluator = Evaluator::new(&NoTables, constants, &robot.facts, Silent);
    evaluator.turn_to(&[Value::Null, Value::Null]);
    let mut number = |expr| match evaluator.value(expr) {
        Value::Number(number) => Some(number),
        _ => None,
    };
    let mut share: Option<Decimal> = None;
    let mut waits = Vec::new();
    for (function, arguments) in calls {
        match (function, arguments) {
            (Function::Drawn, [_, of]) => share = share.max(number(of)),
            (Function::WaitingDays, [_, _, least, most]) => {
                let days = |of: Option<Decimal>| of.and_then(|days| days.to_u64());
                waits.extend(days(number(least)).zip(days(number(most))));
            }
            _ => {}
        }
    }
    waits.sort_unstable();
    waits.dedup();
    // The wait at the robot's start begins at once and is over once; the other is that of every year.
    let usual = waits.iter().max().copied();
    let longest = waits.iter().map(|(_, most)| *most).max();
    let expected = usual.zip(longest).map(|((least, _), most)| expected(share.unwrap_or_default(), least, most));
    Plan { robot: robot.id.clone(), share, waits, promise_months: sample.promise_months, expected }
}

fn calls_in<'e>(expr: &'e Expr, calls: &mut Vec<(Function, &'e [Expr])>) {
    if let Kind::Call(function, arguments) = &expr.kind
        && function.draws()
    {
        calls.push((*function, arguments));
    }
    for part in expr.parts() {
        calls_in(part, calls);
    }
}

/// No table at all: a share and waiting times rest on parameters.
struct NoTables;

impl World for NoTables {
    fn cell(&self, _row: RowRef, _field: FieldId) -> Value<'_> {
        Value::Null
    }

    fn related(&self, _row: RowRef, _relation: RelationId, _side: Side) -> Related<'_> {
        Related { rows: &[], open: None, whole: false }
    }

    fn extent(&self, _extract: ExtractId, _side: Side) -> (u32, Option<Missing>) {
        (0, None)
    }

    fn line(&self, _row: RowRef) -> u64 {
        0
    }

    fn contested(&self, _row: RowRef) -> Option<Missing> {
        None
    }

    fn delivery(&self, _extract: ExtractId, _side: Side) -> Option<Missing> {
        None
    }
}

/// A subject's draw on a night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Its lot, below [`crate::sample::LOTS`].
    pub lot: u64,
    /// It is drawn where its lot is below this; unknown where the share rests on more than parameters.
    pub below: Option<u64>,
    /// Why it was drawn, as it was recorded that night; nothing where it was not.
    pub recorded: Option<String>,
    /// Whether the robot has delivered the night.
    pub is_delivered: bool,
    /// Whether somebody refused what the robot held that night: then nothing is recorded as drawn.
    pub is_refused: bool,
    /// Whether the night's accounts have the subject; not known where they cannot be read.
    pub is_subject: Option<bool>,
}

/// Makes a subject's draw on a night again, and looks up what was recorded. A robot without a sample draws as well, and any
/// name has a lot: whether it was a subject at all is told by the accounts in `output`.
///
/// # Errors
/// When there is no ledger, or it cannot be read.
pub fn draw(
    definitions: &Definitions,
    robot: &Robot,
    subject: &str,
    night: NaiveDate,
    (state, output): (&Path, &Path),
) -> Result<Drawn, NightError> {
    let path = state.join(LEDGER);
    let Some(ledger) = Ledger::open_read_only(&path)? else { return Err(no_ledger(&path)) };
    let draws = Draws { key: ledger.sample_key(night)?, robot: &robot.id };
    let plan = plan_of(robot, robot.sample.unwrap_or(Sample { promise_months: 0 }), &constants(definitions, night));
    let delivered = ledger.robots_of_night(night)?;
    let of_night = delivered.iter().find(|record| record.robot == robot.id).map(|record| &record.status);
    let is_refused = of_night == Some(&RobotStatus::Held)
        && ledger.release(&robot.id, night)?.is_some_and(|release| release.verdict == Verdict::Refused);
    let has_it = |row: &Vec<String>| row.get(1).is_some_and(|name| name == subject);
    let is_subject = delivered_accounts(output, night, &robot.id).map(|accounts| accounts.iter().any(has_it));
    Ok(Drawn {
        lot: draws.lot(night, subject),
        below: plan.share.map(drawn_lots),
        recorded: ledger.sample_draw(&robot.id, night, subject)?,
        is_delivered: of_night.is_some_and(RobotStatus::is_delivered),
        is_refused,
        is_subject,
    })
}

fn no_ledger(path: &Path) -> NightError {
    NightError::Refused(format!(
        "there is no ledger `{}`\nhint: the key is made with the ledger, by the first night that is run",
        path.display()
    ))
}

/// The key of a night, and when it has been renewed.
#[derive(Clone, Debug)]
pub struct SampleKeyState {
    /// The key.
    pub key: SampleKey,
    /// Its renewals, the oldest first.
    pub renewals: Vec<SampleKeyRenewal>,
}

/// The key that samples of a night are drawn from.
///
/// # Errors
/// When there is no ledger, or it cannot be read.
pub fn sample_key(night: NaiveDate, state: &Path) -> Result<SampleKeyState, NightError> {
    let path = state.join(LEDGER);
    let Some(ledger) = Ledger::open_read_only(&path)? else { return Err(no_ledger(&path)) };
    Ok(SampleKeyState { key: ledger.sample_key(night)?, renewals: ledger.sample_key_renewals()? })
}

/// What is to be done with the key.
#[derive(Clone, Debug)]
pub struct SampleRequest {
    /// Today.
    pub today: NaiveDate,
    /// The moment.
    pub now: DateTime<Utc>,
    /// Where the ledger and the lock are.
    pub state: PathBuf,
    /// How long to wait for a run to be done.
    pub patience: Duration,
}

/// Makes a new sample key, and gives the first night that draws from it.
///
/// # Errors
/// When there is no ledger, another run holds the lock, or it cannot be written.
pub fn renew_key(request: &SampleRequest) -> Result<NaiveDate, NightError> {
    let path = request.state.join(LEDGER);
    let _lock = lock(&request.state, request.patience)?;
    let Some(mut ledger) = Ledger::open_existing(&path)? else { return Err(no_ledger(&path)) };
    Ok(ledger.renew_sample_key(request.today, request.now)?)
}
