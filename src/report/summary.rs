//! The few lines that a run ends with.

use comfy_table::{Cell, CellAlignment, Table, presets};

use crate::definition::robot::Robot;
use crate::output::{Manifest, RobotEntry};

/// The lines that a run ends with: of the robots that it was for, what ran, what did not, and what came of it. The night's
/// other robots are named below, as they stand since they were run.
#[must_use]
pub fn summary(manifest: &Manifest, folder: Option<&std::path::Path>, gone_for: &[String], kept: &[String]) -> String {
    let place = folder.map_or_else(|| "nothing written".to_owned(), |folder| folder.display().to_string());
    let mut table =
        plain(&["robot", "status", "since", "clear", "flagged", "undecided", "protected", "notes", "list rows"]);
    let (now, before): (Vec<&RobotEntry>, Vec<&RobotEntry>) =
        manifest.robots.iter().partition(|robot| gone_for.contains(&robot.id));
    for robot in now {
        let ran = robot.status == "ran" || robot.status == "held";
        let figure = |number: Option<u64>| number.filter(|_| ran).map_or_else(|| "–".to_owned(), |n| n.to_string());
        let status = if kept.contains(&robot.id) { "not run, earlier kept" } else { robot.stands() };
        let status = if folder.is_none() && status == "held" { "would be held" } else { status };
        let mut row = vec![Cell::new(&robot.id), Cell::new(status), Cell::new(robot.since)];
        let tally = [robot.clear, robot.flagged, robot.undecided, robot.protected].map(Some);
        let figures = tally.into_iter().chain([robot.notes, robot.list_rows]);
        row.extend(figures.map(|number| Cell::new(figure(number)).set_alignment(CellAlignment::Right)));
        table.add_row(row);
    }
    format!("night {}: {place}\n\n{}\n{}", manifest.night, trimmed(&table), stands(&before))
}

/// The robots that were not run now: one that does not merely stand delivered is told how it stands.
fn stands(robots: &[&RobotEntry]) -> String {
    if robots.is_empty() {
        return String::new();
    }
    let named = robots.iter().map(|robot| match robot.stands() {
        "ran" => robot.id.clone(),
        status => format!("{} ({status})", robot.id),
    });
    format!("\nnot run now, and as before in the night: {}\n", named.collect::<Vec<_>>().join(", "))
}

/// What `check --data` shows: each extract's rows, and what its guards measured.
#[must_use]
pub fn stock_table(manifest: &Manifest) -> String {
    let mut stock = plain(&["extract", "night", "file", "rows", "rejected", "unreadable", "guards"]);
    let mut measures = plain(&["extract", "night", "guard", "measured", "allowed", ""]);
    for extract in &manifest.extracts {
        let stopped = extract.stopped.as_deref().unwrap_or("passed").lines().next().unwrap_or_default();
        let names = [&extract.id, &extract.night.to_string(), &extract.file].map(Cell::new);
        let figures = [extract.rows, extract.rejected, extract.unreadable].map(figure);
        stock.add_row(names.into_iter().chain(figures).chain([Cell::new(stopped)]));
        for guard in &extract.guards {
            let measured = match guard.whole {
                None => guard.part.to_string(),
                Some(whole) => format!("{} of {whole}", guard.part),
            };
            let verdict = if guard.passed { "passed" } else { "stopped" };
            let cells = [&extract.id, &extract.night.to_string(), &guard.guard].map(Cell::new);
            let limit = [Cell::new(&guard.limit), Cell::new(verdict)];
            measures.add_row(cells.into_iter().chain([figure(measured)]).chain(limit));
        }
    }
    format!("{}\n\n{}\n", trimmed(&stock), trimmed(&measures))
}

/// A number in a table.
pub(super) fn figure(number: impl std::fmt::Display) -> Cell {
    Cell::new(number).set_alignment(CellAlignment::Right)
}

/// What `robots` shows; `examples` is how many each robot has.
#[must_use]
pub fn robots_table(robots: &[Robot], examples: &[usize]) -> String {
    let mut table = plain(&["robot", "version", "checks", "examples", "title"]);
    for (robot, examples) in robots.iter().zip(examples) {
        table.add_row(vec![
            Cell::new(&robot.id),
            Cell::new(&robot.version),
            Cell::new(robot.checks.len()).set_alignment(CellAlignment::Right),
            Cell::new(examples).set_alignment(CellAlignment::Right),
            Cell::new(&robot.title),
        ]);
    }
    trimmed(&table) + "\n"
}

pub(super) fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table
}

pub(super) fn trimmed(table: &Table) -> String {
    table
        .to_string()
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}
