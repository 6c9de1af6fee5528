//! The few lines that a run ends with.

use comfy_table::{Cell, CellAlignment, Table, presets};

use crate::definition::Definitions;
use crate::output::Manifest;

/// The lines that a run ends with: what ran, what did not, and what came of it.
#[must_use]
pub fn summary(manifest: &Manifest, folder: Option<&std::path::Path>, kept: &[String]) -> String {
    let place = folder.map_or_else(|| "nothing written".to_owned(), |folder| folder.display().to_string());
    let mut table =
        plain(&["robot", "status", "since", "clear", "flagged", "undecided", "protected", "notes", "list rows"]);
    for robot in &manifest.robots {
        let ran = robot.status == "ran" || robot.status == "held";
        let figure = |number: Option<u64>| number.filter(|_| ran).map_or_else(|| "–".to_owned(), |n| n.to_string());
        let status = if kept.contains(&robot.id) { "not run, earlier kept" } else { &robot.status };
        let mut row = vec![Cell::new(&robot.id), Cell::new(status), Cell::new(robot.since)];
        let tally = [robot.clear, robot.flagged, robot.undecided, robot.protected].map(Some);
        let figures = tally.into_iter().chain([robot.notes, robot.list_rows]);
        row.extend(figures.map(|number| Cell::new(figure(number)).set_alignment(CellAlignment::Right)));
        table.add_row(row);
    }
    format!("night {}: {place}\n\n{}\n", manifest.night, trimmed(&table))
}

/// What `check --data` shows: each extract's rows, and what stands in its way.
#[must_use]
pub fn stock_table(manifest: &Manifest) -> String {
    let mut table = plain(&["extract", "night", "file", "rows", "rejected", "unreadable", "guard"]);
    for extract in &manifest.extracts {
        let figure = |number: u64| Cell::new(number).set_alignment(CellAlignment::Right);
        let stopped = extract.stopped.as_deref().unwrap_or("passed").lines().next().unwrap_or_default();
        table.add_row(vec![
            Cell::new(&extract.id),
            Cell::new(extract.night),
            Cell::new(&extract.file),
            figure(extract.rows),
            figure(extract.rejected),
            figure(extract.unreadable),
            Cell::new(if extract.night == manifest.night { stopped } else { "" }),
        ]);
    }
    trimmed(&table) + "\n"
}

/// What `robots` shows.
#[must_use]
pub fn robots_table(definitions: &Definitions) -> String {
    let mut table = plain(&["robot", "version", "checks", "examples", "title"]);
    for (robot, examples) in definitions.robots.iter().zip(&definitions.examples) {
        table.add_row(vec![
            Cell::new(&robot.id),
            Cell::new(&robot.version),
            Cell::new(robot.checks.len()).set_alignment(CellAlignment::Right),
            Cell::new(examples.len()).set_alignment(CellAlignment::Right),
            Cell::new(&robot.title),
        ]);
    }
    trimmed(&table) + "\n"
}

fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table
}

fn trimmed(table: &Table) -> String {
    table
        .to_string()
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}
