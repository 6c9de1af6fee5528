//! Which nights a robot looks at.

use std::path::Path;

use chrono::NaiveDate;

use crate::definition::Definitions;
use crate::definition::robot::Robot;
use crate::ledger::Ledger;
use crate::plan::Nights;
use crate::rule::world::Constants;
use crate::sample::{Draws, SampleKey};

use super::{Decisions, NightError, NightRequest};

/// How far back a night can lie and still be the one that tonight is compared with (PDD 00, "Tid").
pub const LONGEST_GAP_DAYS: i64 = 7;

/// A robot and the nights that it looks at.
#[derive(Clone, Copy)]
pub struct Asked<'r> {
    /// The robot.
    pub robot: &'r Robot,
    /// Tonight, and the night it is compared with.
    pub nights: Nights,
    /// The night of its last run that gave outcomes.
    pub since: NaiveDate,
    /// What that was of the first night that it gave outcomes.
    pub start: NaiveDate,
    /// What it draws from this night; none where there is no ledger yet.
    pub sample_key: Option<SampleKey>,
}

impl<'r> Asked<'r> {
    /// Whether the robot may be run as it is defined now.
    pub fn is_let(&self, request: &NightRequest, definitions: &Definitions) -> bool {
        request.decisions == Decisions::NotRequired || definitions.decision_of(self.robot).stands().is_some()
    }

    /// The names that mean the same in all of the robot's expressions.
    pub fn constants<'c>(&self, request: &'c NightRequest, definitions: &'c Definitions) -> Constants<'c>
    where
        'r: 'c,
    {
        let robot: &'r Robot = self.robot;
        Constants {
            night: request.night,
            previous_night: self.nights.previous,
            since: self.since,
            start: self.start,
            municipality: &request.municipality,
            parameters: &definitions.catalog.parameters,
            draws: self.sample_key.map(|key| Draws { key, robot: &robot.id }),
        }
    }
}

/// Finds the nights that each robot looks at, in the input folder and the ledger.
///
/// # Errors
/// When `since` was given and is not what the ledger knows, or the ledger cannot be read.
pub fn nights_of<'r>(
    request: &NightRequest,
    robots: &[&'r Robot],
    ledger: Option<&Ledger>,
) -> Result<Vec<Asked<'r>>, NightError> {
    let night = request.night;
    let sample_key = ledger.map(|ledger| ledger.sample_key(night)).transpose()?;
    let folders = night_folders(&request.input);
    let is_near = |folder: &NaiveDate| *folder < night && (night - *folder).num_days() <= LONGEST_GAP_DAYS;
    let nearest = folders.iter().rev().copied().find(is_near);
    let mut found = Vec::with_capacity(robots.len());
    for robot in robots {
        let last = ledger.map(|ledger| ledger.last_delivered(&robot.id, night)).transpose()?.flatten();
        let recorded = recorded(ledger, robot, night)?;
        let since = match recorded {
            // A night that is run again counts from the same nights as it did the first time.
            Some((_, since)) => {
                refuse_another_since(request, robot, since)?;
                since
            }
            None => since(request, robot, last)?,
        };
        let same = recorded.and_then(|(nights, _)| nights.previous).filter(|previous| folders.contains(previous));
        // A night to compare with that has come since is taken.
        let previous = same.or_else(|| previous(nearest, last, since, &folders));
        let first = ledger.map(|ledger| ledger.first_delivered(&robot.id, night)).transpose()?.flatten();
        let start = first.map_or(since, |(_, since)| since);
        found.push(Asked { robot, nights: Nights { night, previous }, since, start, sample_key });
    }
    Ok(found)
}

/// The nights that a robot looked at when it delivered this same night before.
fn recorded(
    ledger: Option<&Ledger>,
    robot: &Robot,
    night: NaiveDate,
) -> Result<Option<(Nights, NaiveDate)>, NightError> {
    let Some(ledger) = ledger else { return Ok(None) };
    let robots = ledger.robots_of_night(night)?;
    let recorded = robots.into_iter().find(|record| record.robot == robot.id && record.status.is_delivered());
    Ok(recorded.map(|record| (Nights { night, previous: record.previous }, record.since)))
}

fn refuse_another_since(request: &NightRequest, robot: &Robot, known: NaiveDate) -> Result<(), NightError> {
    match request.since {
        Some(given) if given != known => Err(NightError::Refused(format!(
            "--since {given} differs from what the ledger knows: `{}` counts {} from {known}\nhint: leave --since out",
            robot.id, request.night
        ))),
        _ => Ok(()),
    }
}

/// The night of the robot's last run that gave outcomes; for a first run the one given, else the night before.
fn since(request: &NightRequest, robot: &Robot, last: Option<NaiveDate>) -> Result<NaiveDate, NightError> {
    let night = request.night;
    if let Some(last) = last {
        refuse_another_since(request, robot, last)?;
    }
    match (last, request.since) {
        (Some(last), _) => Ok(last),
        (None, Some(given)) if given >= night => {
            Err(NightError::Refused(format!("--since {given} is not before the night {night}")))
        }
        (None, Some(given)) => Ok(given),
        (None, None) => {
            let start = request.start.filter(|start| *start < night);
            Ok(start.or_else(|| night.pred_opt()).unwrap_or(night))
        }
    }
}

/// The night to compare with: the nearest earlier one where the robot gave outcomes then, else that of its last run while
/// its folder is left. A robot that has never run is compared with its start, else with the nearest.
fn previous(
    nearest: Option<NaiveDate>,
    last: Option<NaiveDate>,
    since: NaiveDate,
    folders: &[NaiveDate],
) -> Option<NaiveDate> {
    let nearest = nearest?;
    if last == Some(nearest) {
        return Some(nearest);
    }
    let of_last_run = Some(since).filter(|since| folders.contains(since));
    match last {
        Some(_) => of_last_run,
        None => of_last_run.or(Some(nearest)),
    }
}

/// The nights that have a folder, in order.
#[must_use]
pub fn night_folders(input: &Path) -> Vec<NaiveDate> {
    let Ok(entries) = std::fs::read_dir(input) else { return Vec::new() };
    let mut nights: Vec<NaiveDate> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().to_str().filter(|name| name.len() == 10)?.parse().ok())
        .collect();
    nights.sort_unstable();
    nights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    #[test]
    fn a_robot_is_compared_with_the_nearest_night_when_it_gave_outcomes_then() {
        assert_eq!(previous(Some(night(20)), Some(night(20)), night(20), &[night(20)]), Some(night(20)));
    }

    #[test]
    fn a_robot_set_aside_last_night_is_compared_with_its_own_last_while_that_is_left() {
        let folders = [night(19), night(20)];
        assert_eq!(previous(Some(night(20)), Some(night(19)), night(19), &folders), Some(night(19)));
        assert_eq!(previous(Some(night(20)), Some(night(18)), night(18), &folders), None);
    }

    #[test]
    fn a_first_run_is_compared_with_its_start_or_the_nearest_night() {
        let folders = [night(15), night(20)];
        assert_eq!(previous(Some(night(20)), None, night(15), &folders), Some(night(15)));
        assert_eq!(previous(Some(night(20)), None, night(1), &folders), Some(night(20)));
        assert_eq!(previous(None, None, night(20), &[]), None);
    }
}
