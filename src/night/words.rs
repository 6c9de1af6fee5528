//! What an administrator is told of a night: what kept robots from running, and what is worth knowing all the same.

use crate::definition::Definitions;
use crate::definition::decision::Standing;
use crate::rule::types::Side;

use super::gather::{Intakes, of_files, why_not_used};
use super::rounds::{Round, in_no_accounts};
use super::{Effect, NightRequest};

/// How many lines of a file a mail from cron names.
const MOST_LINES: usize = 10;

/// With fewer subjects than this, the share that is flagged says nothing.
const TOO_FEW_TO_JUDGE: u64 = 100;

/// What kept robots from running, each reason once, and what they had to do without.
pub fn problems(
    request: &NightRequest,
    definitions: &Definitions,
    intakes: &Intakes,
    rounds: &[Round<'_>],
) -> Vec<String> {
    let night = request.night;
    if !request.input.join(night.to_string()).is_dir() {
        let folder = request.input.join(night.to_string());
        return vec![format!(
            "there is no folder `{}`: no robot ran\nhint: once it is delivered, `nattkoll run --night {night}`",
            folder.display()
        )];
    }
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for round in rounds {
        let Some(reason) = round.status.reason() else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, robots)) => robots.push(&round.robot.id),
            None => reasons.push((reason, vec![&round.robot.id])),
        }
    }
    let mut problems: Vec<String> = reasons
        .iter()
        .map(|(reason, robots)| {
            let named = robots.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
            let word = if robots.len() == 1 { "robot" } else { "robots" };
            let again = robots.join(" ");
            format!(
                "{word} {named} did not run: {reason}\nhint: what was delivered for this night before, if anything, stands; \
once it is mended, `nattkoll run --night {night} {again}`"
            )
        })
        .collect();
    for round in rounds.iter().filter(|round| round.verdict.is_none()) {
        let (Some(why), id) = (&round.held, &round.robot.id) else { continue };
        if request.effect != Effect::Deliver {
            problems.push(format!("robot `{id}` would hold what it writes: {why}"));
            continue;
        }
        problems.push(format!(
            "robot `{id}` holds what it writes: {why}\nhint: look through held/{id} in the night's folder; then \
`nattkoll release {id} --night {night} --by ROLE`, or the same with `--refuse`"
        ));
    }
    for ((extract, _), intake) in of_files(intakes).filter(|((_, of_night), _)| *of_night == night) {
        let is_gone_through = rounds.iter().any(|round| round.robot.subject.extract == *extract);
        let lines: Vec<String> = intake.table.iter().flat_map(in_no_accounts).map(|line| line.to_string()).collect();
        if is_gone_through && !lines.is_empty() {
            let file = &definitions.extracts[usize::from(extract.0)].file;
            let more = lines.len().saturating_sub(MOST_LINES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            // Of a night that is only shown nothing is written to look in.
            let see = if request.effect == Effect::Deliver { "see avvisade_rader.csv; " } else { "" };
            let lines = format!("{}{more}", lines[..lines.len().min(MOST_LINES)].join(", "));
            problems.push(format!(
                "`{file}` has rows that cannot be read, and what they are about is in no robot's accounts: line {lines}\n\
hint: {see}have them mended and run the night again"
            ));
        }
        if intake.stopped().is_none() {
            continue;
        }
        let why = why_not_used(*extract, night, intakes, definitions);
        if !problems.iter().any(|problem| problem.contains(&why)) {
            problems.push(why);
        }
        let file = &definitions.extracts[usize::from(extract.0)].file;
        let without = rounds
            .iter()
            .any(|round| round.status.is_delivered() && round.needs.protection.contains(&(*extract, Side::Tonight)));
        if without {
            problems.push(format!(
                "who is protected was told by what there is of `{file}` and by that of the night before"
            ));
        }
    }
    problems
}

/// What is worth knowing though nothing was kept from running.
pub fn remarks(
    request: &NightRequest,
    definitions: &Definitions,
    intakes: &Intakes,
    rounds: &[Round<'_>],
) -> Vec<String> {
    let mut remarks = Vec::new();
    for ((extract, night), intake) in of_files(intakes) {
        let Some(table) = &intake.table else {
            let is_earlier = rounds.iter().any(|round| round.nights.previous == Some(*night));
            if let (true, Some(failure)) = (is_earlier, &intake.failure) {
                remarks.push(format!("the night before cannot be compared with: {failure}"));
            }
            continue;
        };
        let file = &definitions.extracts[usize::from(extract.0)].file;
        if let Some(stop) = intake.stop().filter(|_| *night != request.night) {
            let stop = stop.to_string().replace(" tonight", "");
            remarks.push(format!("the night before cannot be compared with: `{night}/{file}` was not used: {stop}"));
        }
        if !table.rejected.is_empty() || !table.unreadable.is_empty() {
            let (rows, cells) = (table.rejected.len(), table.unreadable.len());
            let is_listed = *night == request.night && request.effect == Effect::Deliver;
            let list = if is_listed { "; see avvisade_rader.csv" } else { "" };
            let plural = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
            let (rows, cells) = (plural(rows, "row"), plural(cells, "cell"));
            remarks.push(format!("{night}/{file}: {rows} rejected, {cells} unreadable{list}"));
        }
    }
    for round in rounds.iter().filter(|round| round.status.is_delivered()) {
        if let Standing::NewValues(decision) = definitions.decision_of(round.robot) {
            let (id, reference, date) = (&round.robot.id, &decision.reference, decision.date);
            remarks.push(format!(
                "robot `{id}` has new values in its parameters since the decision {reference} of {date}"
            ));
        }
        let (tally, Some((least, most))) = (round.result.tally, round.robot.expect.hit_rate) else { continue };
        let (flagged, total) = (tally.flagged, tally.total());
        let is_outside = most.is_exceeded_by(flagged, total) || !least.is_reached_by(flagged, total);
        if is_outside && total >= TOO_FEW_TO_JUDGE {
            let id = &round.robot.id;
            remarks.push(format!("robot `{id}` flagged {flagged} of {total}; {least} .. {most} is usual"));
        }
    }
    for round in rounds {
        let compares = round.needs.rules.iter().any(|(_, side)| *side == Side::Previous);
        if compares && round.nights.previous.is_none() && round.status.is_delivered() {
            let id = &round.robot.id;
            remarks.push(format!("robot `{id}` had no earlier night to compare with; what needs one was not tried"));
        }
    }
    remarks
}
