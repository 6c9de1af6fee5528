//! A run that dies at any moment: the next one ends where an undisturbed one would have.
//!
//! What dies and comes back is the same whatever the night holds, so these go over a small town many times.

mod common;

use std::process::Stdio;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::{EARLIER, Exit, LittleNight, NIGHT, ROBOTS, Tree, assert_same};

/// Where a build for tests stops dead when it is told to, in the order of a night.
const HALTS: [&str; 5] = ["half-written", "staged", "recorded", "moved-aside", "published"];

#[test]
fn a_first_night_cut_off_anywhere_is_whole_after_the_next_run() {
    for halt in HALTS {
        let little = LittleNight::of_a_small_town();
        run_and_halt(&little, halt);
        run_again(&little, halt);
    }
}

#[test]
fn a_night_run_again_and_cut_off_anywhere_is_whole_after_the_next_run() {
    let little = LittleNight::of_a_small_town();
    little.runs(NIGHT).exits_with(Exit::Done);
    for halt in HALTS {
        run_and_halt(&little, halt);
        run_again(&little, halt);
    }
}

#[test]
fn a_night_cut_off_is_put_in_place_by_the_run_of_another_night() {
    for halt in ["recorded", "published"] {
        let little = LittleNight::of_a_small_town();
        run_and_halt(&little, halt);
        little.runs(EARLIER).exits_with(Exit::Done);
        assert_eq!(little.names_in_output(), [EARLIER, NIGHT], "{halt}");
        assert_same(&undisturbed().files, &little.delivered(NIGHT));
    }
}

#[test]
fn one_robot_run_again_and_cut_off_anywhere_leaves_the_night_whole() {
    let little = LittleNight::of_a_small_town();
    little.runs(NIGHT).exits_with(Exit::Done);
    for halt in HALTS {
        let mut program = little.program(&["run", "folkbokforing"]);
        little.told_by(program.env("NATTKOLL_TEST_HALT", halt)).stops_dead();
        little.types(&["run", "fordonsinnehav"]).exits_with(Exit::Done);
        is_whole(&little, halt);
    }
}

#[test]
fn a_dry_run_after_a_night_that_was_cut_off_moves_nothing() {
    let little = LittleNight::of_a_small_town();
    run_and_halt(&little, "recorded");
    let before = little.left();
    little.types(&["run", "--dry-run"]).exits_with(Exit::Done);
    assert_same(&before, &little.left());
}

/// How many times a run is killed: few where every change is tried, a few hundred with `just kill`.
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, for whoever runs them")]
fn kills() -> u32 {
    std::env::var("NATTKOLL_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

/// Two nights, the second run over the first, are killed at a random moment of either, again and again. What is then run
/// to its end is what two undisturbed nights are: the same files, the same ledger, no note twice and none missing.
#[test]
fn runs_killed_at_any_moment_are_whole_after_the_next() {
    let whole = LittleNight::of_a_small_town();
    let begun = Instant::now();
    for night in [EARLIER, NIGHT] {
        whole.runs(night).exits_with(Exit::Done);
    }
    let long = begun.elapsed() / 2;
    let (files, ledger) = (whole.outputs(), whole.ledger());
    for kill in 0..kills() {
        let little = LittleNight::of_a_small_town();
        if kill % 2 == 1 {
            little.runs(EARLIER).exits_with(Exit::Done);
        }
        let night = if kill % 2 == 1 { NIGHT } else { EARLIER };
        // Some are killed once more while the next run mends what the first left.
        for _ in 0..=kill % 3 {
            kill_at(&little, night, long.mul_f64(rand::random_range(0.0..1.1)));
        }
        for night in [EARLIER, NIGHT] {
            little.runs(night).exits_with(Exit::Done);
        }
        assert_same(&files, &little.outputs());
        assert_eq!(ledger, little.ledger(), "kill {kill}");
        little.types(&["verify"]).exits_with(Exit::Done);
    }
}

fn kill_at(little: &LittleNight, night: &str, moment: Duration) {
    let mut program = little.program(&["run", "--night", night]);
    let mut run = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it can be run");
    std::thread::sleep(moment);
    let _ = run.kill();
    let _ = run.wait();
}

/// What a disk that is full, or a folder that cannot be written to, leaves is nothing, and the next run is whole.
#[cfg(unix)]
#[test]
fn a_disk_without_room_is_told_and_the_next_run_is_whole() {
    let little = LittleNight::of_a_small_town();
    // Blocks of 512 bytes that one file may have: some files fit and others do not, and then not even the ledger's.
    for blocks in ["0", "1", "8", "30", "100"] {
        let told = little.types_with_files_of_at_most(blocks, &["run", "--night", NIGHT]);
        if told.exit == Some(0) {
            continue;
        }
        told.exits_with(Exit::CouldNot).says("error: ");
        assert!(little.names_in_output().iter().all(|name| name.starts_with('.')), "nothing of the night is out");
    }
    run_again(&little, "a full disk");
}

fn run_and_halt(little: &LittleNight, halt: &str) {
    let mut program = little.program(&["run", "--night", NIGHT]);
    little.told_by(program.env("NATTKOLL_TEST_HALT", halt)).stops_dead();
}

fn run_again(little: &LittleNight, what: &str) {
    little.runs(NIGHT).exits_with(Exit::Done);
    is_whole(little, what);
}

fn is_whole(little: &LittleNight, what: &str) {
    assert_eq!(little.names_in_output(), [NIGHT], "what is left beside the night after {what}");
    assert_same(&undisturbed().files, &little.delivered(NIGHT));
    assert_eq!(ROBOTS.map(|robot| little.noted(robot, NIGHT)), undisturbed().noted, "{what}");
}

/// A night that nothing disturbed.
struct Undisturbed {
    files: Tree,
    /// How many findings each robot's notes say.
    noted: [usize; ROBOTS.len()],
}

fn undisturbed() -> &'static Undisturbed {
    static NIGHT_OF_THE_TOWN: OnceLock<Undisturbed> = OnceLock::new();
    NIGHT_OF_THE_TOWN.get_or_init(|| {
        let little = LittleNight::of_a_small_town();
        little.runs(NIGHT).exits_with(Exit::Done);
        let noted = ROBOTS.map(|robot| little.noted(robot, NIGHT));
        assert!(noted.iter().sum::<usize>() > 0, "there is something to note");
        Undisturbed { files: little.delivered(NIGHT), noted }
    })
}
