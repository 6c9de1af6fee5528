//! The house of the design: a room imports only rooms on lower floors, and each library lives in its own room.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms and their floors.
const FLOORS: [(&str, u8); 16] = [
    ("main", 8),
    ("cli", 7),
    ("night", 6),
    ("evaluate", 5),
    ("plan", 4),
    ("extract", 4),
    ("output", 4),
    ("report", 4),
    ("generate", 4),
    ("definition", 3),
    ("ledger", 3),
    ("rule", 2),
    ("outcome", 2),
    ("sample", 2),
    ("value", 1),
    ("diagnostic", 1),
];

/// The doors between rooms that are not on the way down, each with its reason. One that is no longer used has to go.
const DOORS: [(&str, &str, &str); 5] = [
    ("output", "evaluate", "notes and lists are written from the outcomes, whose types are `evaluate`'s"),
    ("output", "extract", "the account of what cannot be read is written from the tables"),
    ("output", "plan", "a note's sources name the night of each side, which `plan::Nights` knows"),
    ("rule", "sample", "the language's draws are the sample's own, the same in a run, an example and an audit"),
    ("report", "output", "the lines that a run ends with are written from the manifest, whose type is `output`'s"),
];

/// Libraries that are known in one room alone.
const HOMES: [(&str, &str); 3] = [("clap", "cli"), ("toml", "definition"), ("rusqlite", "ledger")];

#[test]
fn a_room_imports_only_rooms_on_lower_floors() {
    let floors = BTreeMap::from(FLOORS);
    let mut wrong = Vec::new();
    for (from, to, place) in imports() {
        let goes_down = floors[to.as_str()] < floors[from.as_str()];
        let is_door = DOORS.iter().any(|(a, b, _)| *a == from && *b == to);
        if !goes_down && !is_door {
            wrong.push(format!("{place}: `{from}` imports `{to}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_door_that_is_not_on_the_way_down_is_used() {
    let used: BTreeSet<(String, String)> = imports().into_iter().map(|(from, to, _)| (from, to)).collect();
    for (from, to, _) in DOORS {
        assert!(used.contains(&(from.to_owned(), to.to_owned())), "`{from}` no longer imports `{to}`: close that door");
    }
}

#[test]
fn there_are_no_circles_between_rooms() {
    let mut open: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to, _) in imports() {
        open.entry(from).or_default().insert(to);
    }
    // Rooms that import no room still open are closed, until all are or the rest go round in a circle.
    loop {
        let left: BTreeSet<String> = open.keys().cloned().collect();
        let before = open.len();
        open.retain(|_, to| to.iter().any(|room| left.contains(room)));
        if open.len() == before {
            break;
        }
    }
    assert!(open.is_empty(), "these import each other in a circle: {:?}", open.keys());
}

#[test]
fn every_room_of_the_source_has_a_floor() {
    let mut rooms: BTreeSet<String> = files().iter().map(|file| room_of(file)).collect();
    rooms.remove("lib");
    let known: BTreeSet<String> = FLOORS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert!(rooms.is_subset(&known), "without a floor: {:?}", rooms.difference(&known));
}

#[test]
fn a_library_is_known_in_its_own_room_alone() {
    let mut wrong = Vec::new();
    for file in files() {
        for (library, home) in HOMES {
            let code = code_of(&file);
            let is_named = words_before(&code, "::").any(|(word, _)| word == library);
            if is_named && room_of(&file) != home {
                wrong.push(format!("{}: `{library}` lives in `{home}`", shown(&file)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nobody_imports_everything_of_a_sibling() {
    let mut wrong = Vec::new();
    for file in files() {
        let code = code_of(&file);
        // What stands in a file's own tests may be on good terms with the file.
        let own = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        if room_of(&file) != "lib" && !shown(&file).contains("/tests") && own.contains("use super::*") {
            wrong.push(shown(&file));
        }
    }
    assert!(wrong.is_empty(), "`use super::*` in {}", wrong.join(", "));
}

/// Every import of a room by another, with the file it stands in.
fn imports() -> BTreeSet<(String, String, String)> {
    let rooms: BTreeSet<&str> = FLOORS.iter().map(|(room, _)| *room).collect();
    let mut imports = BTreeSet::new();
    for file in files() {
        let from = room_of(&file);
        if from == "lib" {
            continue;
        }
        let code = code_of(&file);
        for root in ["crate", "nattkoll", "super::super"] {
            for (_, rest) in
                words_before(&code, "::").filter(|(word, _)| *word == root.rsplit("::").next().unwrap_or(root))
            {
                let starts_at_root =
                    root != "super::super" || code[..code.len() - rest.len()].ends_with("super::super::");
                if !starts_at_root {
                    continue;
                }
                for to in firsts(rest) {
                    if rooms.contains(to.as_str()) && to != from {
                        imports.insert((from.clone(), to, shown(&file)));
                    }
                }
            }
        }
    }
    assert!(imports.len() > 20, "the imports are not found: {imports:?}");
    imports
}

/// Each word that stands right before `mark`, with what follows the mark.
fn words_before<'c>(code: &'c str, mark: &'c str) -> impl Iterator<Item = (&'c str, &'c str)> {
    code.match_indices(mark).map(move |(at, _)| {
        let word = code[..at].rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
        (word.unwrap_or_default(), &code[at + mark.len()..])
    })
}

/// The first names of a path, or of each path in braces.
fn firsts(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let mut names = vec![name(group)];
    let mut depth = 1;
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => names.push(name(&group[at + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// A file without its comments.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn room_of(file: &Path) -> String {
    let inside = file.strip_prefix(source()).unwrap_or(file);
    let first = inside.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

fn shown(file: &Path) -> String {
    file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file).display().to_string()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
