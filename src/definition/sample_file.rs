//! Reads `[sample]` of a robot's file: what its draws are to come to. How it draws stands in its checks.

use super::document::Section;
use super::robot::{Robot, Sample};
use crate::rule::function::Function;
use crate::rule::syntax::Span;
use crate::rule::tree::{Expr, Kind};

/// What the section says, and where it stands.
pub fn read(mut part: Section<'_>) -> (Option<Sample>, Span) {
    let (months, span) = (part.count("promise_months"), part.span());
    if months.is_none() && !part.has("promise_months") {
        part.missing("promise_months", "12");
    }
    if months == Some(0) {
        let problem = part.error("nobody is checked within no months", span.clone());
        part.report(problem.hint("say in how many months everyone is to have been checked: `promise_months = 12`"));
    }
    part.finish();
    (months.map(|months| Sample { promise_months: u32::try_from(months).unwrap_or(u32::MAX) }), span)
}

/// A robot with a sample draws one, and keeps its promise by time: a lot alone reaches nobody for certain.
pub fn tell_of_draws(section: &Section<'_>, robot: &Robot, at: Span) {
    if robot.sample.is_none() {
        return;
    }
    let expressions = robot.expressions();
    let asks = |is_meant: fn(Function) -> bool| {
        let is_call = |part: &Expr| matches!(part.kind, Kind::Call(function, _) if is_meant(function));
        expressions.iter().any(|expr| expr.any(&is_call))
    };
    if !asks(Function::draws) {
        let problem = section.error("the robot has a sample and draws nothing", at);
        section.report(problem.hint("ask `drawn(…, share)` in a check, or leave [sample] out"));
    } else if !asks(|function| function == Function::WaitingDays) {
        let problem = section.error("the robot promises that everyone is checked in time, and asks for no time", at);
        let hint = "ask `days between(…) >= waiting days(…)` in a check, or leave [sample] out: `drawn` needs none";
        section.report(problem.hint(hint));
    }
}
