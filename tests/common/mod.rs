//! A little night, told as a story: the fixtures' nights in a folder of their own, gone over by the real program.
//!
//! [`LittleNight`] is the folder, which a test can spoil before the program runs in it; [`Told`] is what the program then
//! said; a [`Tree`] is what it left on disk. What the nights hold is in `fixtures/README.md`.

#![allow(dead_code, reason = "each file of tests is a program of its own and uses its part of this")]
#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]
#![allow(clippy::disallowed_methods, reason = "a test makes and spoils the folders that the program is run in")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use chrono::NaiveDate;
use nattkoll::definition::robot::Robot;
use nattkoll::ledger::Ledger;
use nattkoll::value::Personnummer;
use tempfile::TempDir;

/// The night that the fixtures' facit is for.
pub const NIGHT: &str = "2026-11-21";
/// The night before it.
pub const EARLIER: &str = "2026-11-20";
/// The robots, in the order in which everything tells of them.
pub const ROBOTS: [&str; 14] = [
    "anvisning",
    "arbetsformedlingen",
    "avslut",
    "beslutsstod",
    "fakturagranskning",
    "folkbokforing",
    "fordonsinnehav",
    "hogkostnadsskydd",
    "inflyttade",
    "kontrollbesked",
    "leverantorskontroll",
    "nyansokan",
    "skanning",
    "stickprov",
];

/// Those of them that look at persons.
pub fn of_persons() -> impl Iterator<Item = &'static str> {
    ROBOTS.into_iter().filter(|robot| !["fakturagranskning", "leverantorskontroll"].contains(robot))
}

/// Those that say what is new and nothing else, each in a sentence: a case has a note when it has something new.
pub const SAY_WHAT_IS_NEW: [&str; 5] =
    ["arbetsformedlingen", "folkbokforing", "fordonsinnehav", "hogkostnadsskydd", "inflyttade"];

/// The robots, those that others ask before those that ask them.
pub fn those_asked_first() -> [&'static str; ROBOTS.len()] {
    let mut order = ROBOTS;
    order.sort_by_key(|robot| {
        ["stickprov", "nyansokan", "beslutsstod", "kontrollbesked"].iter().position(|last| last == robot)
    });
    order
}

/// A night as a date.
pub fn date(night: &str) -> NaiveDate {
    night.parse().unwrap()
}

/// A file or folder of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A folder of its own with nights, settings, and room for outputs and ledger.
pub struct LittleNight {
    place: TempDir,
}

impl LittleNight {
    /// The fixtures' two nights, and the repository's robots.
    pub fn of_the_fixtures() -> Self {
        let little = Self::of_nothing();
        copy_folder(&repository("fixtures/nights"), &little.path("nights"));
        little
    }

    /// The fixtures' earlier nights too, few cases in October, and robots that were begun with in September.
    pub fn of_the_fixtures_with_earlier() -> Self {
        let little = Self::of_the_fixtures().with_replaced("nattkoll.toml", "2026-11-20", "2026-09-10");
        copy_folder(&repository("fixtures/earlier"), &little.path("nights"));
        little
    }

    /// A made-up town of two nights, small enough to be gone over many times.
    pub fn of_a_small_town() -> Self {
        static TOWN: OnceLock<Tree> = OnceLock::new();
        let little = Self::of_nothing();
        let town = TOWN.get_or_init(|| {
            let made = Self::of_nothing();
            made.types(&["generate", "nights", "--cases", "40", "--residents", "400"]).exits_with(Exit::Done);
            tree(&made.path("nights"))
        });
        write_tree(town, &little.path("nights"));
        little
    }

    /// No nights at all.
    pub fn of_nothing() -> Self {
        let little = Self { place: tempfile::tempdir().unwrap() };
        little.settle(&repository("robots"));
        little
    }

    /// Room for definitions of its own, and nothing in it yet.
    pub fn of_definitions() -> Self {
        let little = Self { place: tempfile::tempdir().unwrap() };
        little.settle(Path::new("robots"));
        little
    }

    /// Puts a file there, over one of the same name.
    pub fn lay(&self, file: &str, bytes: &[u8]) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Definitions of its own, a copy of the repository's that can be spoiled.
    pub fn with_its_own_robots(self) -> Self {
        copy_folder(&repository("robots"), &self.path("robots"));
        self.settle(Path::new("robots"));
        self
    }

    fn settle(&self, robots: &Path) {
        let settings = format!(
            "input = \"nights\"\noutput = \"out\"\nstate = \"state\"\nrobots = '{}'\n\
             night = \"newest\"\nmunicipality = \"0380\"\nstart = 2026-11-20\n",
            robots.display()
        );
        fs::write(self.path("nattkoll.toml"), settings).unwrap();
    }

    /// A path in its folder.
    pub fn path(&self, path: &str) -> PathBuf {
        self.place.path().join(path)
    }

    /// Adds a night whose extracts are those of another.
    pub fn follows(&self, night: &str, next: &str) -> &Self {
        copy_folder(&self.path("nights").join(night), &self.path("nights").join(next));
        self
    }

    /// Changes a file's bytes.
    pub fn with_changed(self, file: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Self {
        let path = self.path(file);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, change(bytes)).unwrap();
        self
    }

    /// Changes what a file in UTF-8 says. `from` has to stand there.
    pub fn with_replaced(self, file: &str, from: &str, to: &str) -> Self {
        self.with_changed(file, |bytes| {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "`{from}` does not stand in {file}");
            text.replacen(from, to, 1).into_bytes()
        })
    }

    /// Takes a file away.
    pub fn without(self, file: &str) -> Self {
        fs::remove_file(self.path(file)).unwrap();
        self
    }

    /// The program, to be run here with nothing in its environment.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("nattkoll"));
        command.args(arguments).current_dir(self.place.path()).env_clear();
        // What is drawn differs from ledger to ledger; here it is the same in all of them.
        command.env("NATTKOLL_TEST_LEDGER_KEY", "07".repeat(32));
        command
    }

    /// Runs the program.
    pub fn types(&self, arguments: &[&str]) -> Told {
        self.told_by(&mut self.program(arguments))
    }

    /// Runs a command of the program's that has been made ready.
    pub fn told_by(&self, command: &mut Command) -> Told {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Told { exit: output.status.code(), stdout, stderr, place: self.place.path().display().to_string() }
    }

    /// Runs a night with all robots.
    pub fn runs(&self, night: &str) -> Told {
        self.types(&["run", "--night", night])
    }

    /// The files of a night that was delivered.
    pub fn delivered(&self, night: &str) -> Tree {
        tree(&self.path("out").join(night))
    }

    /// Everything that runs have left: outputs, ledger, lock.
    pub fn left(&self) -> Tree {
        let mut left = tree(&self.path("out"));
        left.extend(tree(&self.path("state")).into_iter().map(|(path, bytes)| (format!("state/{path}"), bytes)));
        left
    }

    /// The files of all nights.
    pub fn outputs(&self) -> Tree {
        tree(&self.path("out"))
    }

    /// All that the ledger says but for its secrets and the times of runs, a line a row.
    pub fn ledger(&self) -> Vec<String> {
        let path = self.path("state/nattkoll.db");
        let ledger = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let mut lines = Vec::new();
        for query in [
            "SELECT hex(manifest), night, purged FROM night",
            "SELECT robot, night, since, previous, version, status, clear, flagged, undecided, protected FROM robot_night",
            "SELECT robot, night, case_id, check_id, presence, noted_night, first_night FROM standing
             JOIN robot_night ON id = robot_night",
            "SELECT robot, night, case_id, unit, sex, age_group FROM note JOIN robot_night ON id = robot_night",
            "SELECT robot, night, hex(subjects) FROM trial JOIN robot_night ON id = robot_night",
            "SELECT robot, night, check_id, tried, deviated, check_night.undecided, new, hex(untried), hex(newly) FROM check_night
             JOIN robot_night ON id = robot_night",
            "SELECT robot, night, unit, check_id, standing FROM unit_night JOIN robot_night ON id = robot_night",
            "SELECT extract, night, grouped_by, rejected, reason, grouped, field, of_known, unknown FROM figure_night
             LEFT JOIN figure ON figure_night = id",
            "SELECT robot, night, case_id, outcome, deviates FROM outcome JOIN robot_night ON id = robot_night",
            "SELECT extract, night, rows, rejected, unreadable, bytes, hex(sha256), stopped FROM extract_night",
            "SELECT extract, night, guard, part, whole, allowed, passed FROM measure",
            "SELECT robot, case_id, check_id, first_night, last_night, state FROM finding",
            "SELECT night FROM publication",
            "SELECT robot, night, decision FROM release",
        ] {
            let mut statement = ledger.prepare(query).unwrap();
            let columns = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let cells = (0..columns).map(|column| format!("{:?}", row.get_ref(column).unwrap()));
                lines.push(cells.collect::<Vec<_>>().join(" "));
            }
        }
        lines.sort();
        lines
    }

    /// Runs the program where no file can have more than so many blocks of 512 bytes.
    #[cfg(unix)]
    pub fn types_with_files_of_at_most(&self, blocks: &str, arguments: &[&str]) -> Told {
        let mut command = Command::new("/bin/sh");
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        command.args(["-c", &limited]).arg(assert_cmd::cargo::cargo_bin!("nattkoll")).args(arguments);
        self.told_by(command.current_dir(self.place.path()).env_clear())
    }

    /// What stands directly in the output folder.
    pub fn names_in_output(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("out")).into_iter().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// How many findings the ledger says that a robot's notes of a night have said.
    pub fn noted(&self, robot: &str, night: &str) -> usize {
        let ledger = Ledger::open_read_only(&self.path("state/nattkoll.db")).unwrap().expect("there is a ledger");
        let standing = ledger.standing(robot, date(night)).unwrap();
        standing.iter().filter(|finding| finding.noted_night == Some(date(night))).count()
    }
}

/// What the exit codes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    CouldNot = 1,
    Refused = 2,
    SomeRobotsDidNotRun = 3,
    ATestFailed = 4,
    Locked = 5,
    SomeNotesAreHeld = 6,
}

/// What the program said, and how it ended.
pub struct Told {
    /// The exit code; none when it was killed.
    pub exit: Option<i32>,
    /// The data.
    pub stdout: String,
    /// The talk.
    pub stderr: String,
    place: String,
}

impl Told {
    /// It ended with this code, and told no person's number.
    #[track_caller]
    pub fn exits_with(self, exit: Exit) -> Self {
        assert_eq!(self.exit, Some(exit as i32), "{}\n{}", self.stdout, self.stderr);
        self.names_nobody()
    }

    /// It stopped dead, as it was told to.
    #[track_caller]
    pub fn stops_dead(self) -> Self {
        assert_eq!(self.exit, None, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Its talk holds this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.talk().contains(text), "`{text}` is not said in\n{}", self.talk());
        self
    }

    /// Its talk does not hold this.
    #[track_caller]
    pub fn does_not_say(self, text: &str) -> Self {
        assert!(!self.talk().contains(text), "`{text}` is said in\n{}", self.talk());
        self
    }

    /// Its data holds this.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "`{text}` is not printed in\n{}", self.stdout);
        self
    }

    /// Its data does not hold this.
    #[track_caller]
    pub fn does_not_print(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text), "`{text}` is printed in\n{}", self.stdout);
        self
    }

    /// The robot did not run, and the talk says so and how to run it later.
    #[track_caller]
    pub fn set_aside(self, robot: &str) -> Self {
        let is_told = self.stderr.lines().any(|line| {
            line.contains("no robot ran") || (line.contains(&format!("`{robot}`")) && line.contains(" did not run: "))
        });
        assert!(is_told, "{robot}: {}", self.stderr);
        self
    }

    /// The robot delivered.
    #[track_caller]
    pub fn ran(self, robot: &str) -> Self {
        let row = self.stdout.lines().find(|line| line.starts_with(robot)).unwrap_or_default();
        assert_eq!(row.split_whitespace().nth(1), Some("ran"), "{}", self.stdout);
        self.does_not_say(&format!("`{robot}` did not run"))
    }

    /// Neither data nor talk holds the number of a person.
    #[track_caller]
    pub fn names_nobody(self) -> Self {
        assert_eq!(person_numbers(&self.stdout), BTreeSet::new(), "in what is printed");
        assert_eq!(person_numbers(&self.stderr), BTreeSet::new(), "in what is said");
        self
    }

    /// The talk, with its folder written as `…`.
    pub fn talk(&self) -> String {
        self.stderr.replace(&self.place, "…")
    }
}

/// Files by their paths.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// The files under a folder; none when it is not there.
pub fn tree(folder: &Path) -> Tree {
    let mut files = Tree::new();
    collect(folder, "", &mut files);
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Tree) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

/// The part of a tree that is under a folder of it.
pub fn part(tree: &Tree, folder: &str) -> Tree {
    let of_folder = tree.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/")));
    of_folder.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
}

/// A file of a tree as text, without the byte order mark.
pub fn text<'t>(tree: &'t Tree, file: &str) -> &'t str {
    let bytes = tree.get(file).unwrap_or_else(|| panic!("there is no {file} among {:?}", tree.keys()));
    std::str::from_utf8(bytes).unwrap().trim_start_matches('\u{feff}')
}

/// Holds two trees against each other, and tells which files and lines differ: `-` was expected, `+` was found.
#[track_caller]
pub fn assert_same(expected: &Tree, found: &Tree) {
    let paths: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let mut told = String::new();
    for path in paths {
        match (expected.get(path), found.get(path)) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => differing_lines(path, a, b, &mut told),
            (Some(_), None) => writeln!(told, "{path}: is not there").unwrap(),
            (None, _) => writeln!(told, "{path}: is there and should not be").unwrap(),
        }
    }
    assert!(told.is_empty(), "\n{told}");
}

/// Tells the lines between what is alike at the beginning of two files and at their end.
fn differing_lines(path: &str, expected: &[u8], found: &[u8], told: &mut String) {
    const SHOWN: usize = 8;
    let (expected, found) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(found));
    let (a, b): (Vec<&str>, Vec<&str>) = (expected.split('\n').collect(), found.split('\n').collect());
    let before = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[before..], &b[before..]);
    let after = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    writeln!(told, "{path}: differs from line {}", before + 1).unwrap();
    for (sign, lines) in [('-', &a[..a.len() - after]), ('+', &b[..b.len() - after])] {
        for line in lines.iter().take(SHOWN) {
            writeln!(told, "  {sign} {}", line.trim_end_matches('\r')).unwrap();
        }
        if lines.len() > SHOWN {
            writeln!(told, "  {sign} … and {} lines more", lines.len() - SHOWN).unwrap();
        }
    }
}

/// The rows of a CSV file in UTF-8, without its header.
pub fn rows(bytes: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let body = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(body);
    reader.byte_records().map(|row| row.unwrap().iter().map(readable).collect()).collect()
}

/// A file in Windows-1252 as UTF-8.
pub fn from_windows_1252(bytes: &[u8]) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned().into_bytes()
}

/// A file in UTF-8 as Windows-1252.
pub fn to_windows_1252(bytes: &[u8]) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(&String::from_utf8_lossy(bytes)).0.into_owned()
}

fn readable(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).into_owned()
}

/// The files of the fixtures' night after an undisturbed first run.
pub fn undisturbed() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let little = LittleNight::of_the_fixtures();
        little.runs(NIGHT).exits_with(Exit::Done);
        little.delivered(NIGHT)
    })
}

/// Whether whoever runs the tests has asked for what is expected to be written anew.
pub fn is_expected_to_be_renewed() -> bool {
    std::env::var("NATTKOLL_RENEW_EXPECTED").is_ok_and(|value| value == "1")
}

/// Writes what is expected anew.
pub fn renew(kept: &Path, files: &Tree) {
    let _ = fs::remove_dir_all(kept);
    write_tree(files, kept);
}

/// The checks of a robot, in its order.
pub fn checks_of(robot: &str) -> &'static [String] {
    static CHECKS: OnceLock<BTreeMap<String, Vec<String>>> = OnceLock::new();
    let checks = CHECKS.get_or_init(|| {
        let definitions = nattkoll::definition::load(&repository("robots")).expect("the robots have no mistakes");
        let ids = |robot: &Robot| robot.checks.iter().map(|check| check.id.clone()).collect();
        definitions.robots.iter().map(|robot| (robot.id.clone(), ids(robot))).collect()
    });
    &checks[robot]
}

/// Every person's number that stands in a text, in any written form, as its twelve digits.
pub fn person_numbers(text: &str) -> BTreeSet<u64> {
    let is_part = |letter: char| letter.is_ascii_digit() || letter == '-' || letter == '+';
    let words = text.split(|letter: char| !is_part(letter) && !letter.is_alphanumeric());
    let night = date(NIGHT);
    words
        .filter(|word| word.len() >= 10 && word.chars().all(is_part))
        .filter_map(|word| Personnummer::parse(word, night).ok())
        .map(Personnummer::twelve_digits)
        .collect()
}

fn copy_folder(from: &Path, to: &Path) {
    write_tree(&tree(from), to);
}

fn write_tree(files: &Tree, to: &Path) {
    for (path, bytes) in files {
        let path = to.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
