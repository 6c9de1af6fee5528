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

#[test]
fn a_run_killed_at_any_moment_is_whole_after_the_next() {
    const MOMENTS: u32 = 15;
    let little = LittleNight::of_a_small_town();
    let begun = Instant::now();
    little.runs(NIGHT).exits_with(Exit::Done);
    let whole = begun.elapsed();
    let fresh = LittleNight::of_a_small_town();
    for moment in 0..MOMENTS {
        // The end, where files are written and moved, is where the moments lie closest.
        let left = f64::from(MOMENTS - moment) / f64::from(MOMENTS);
        let patience = whole.mul_f64(1.05 - left * left);
        let killed = if moment % 2 == 0 { &little } else { &fresh };
        let mut program = killed.program(&["run", "--night", NIGHT]);
        let mut run = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(patience.max(Duration::from_millis(1)));
        let _ = run.kill();
        run.wait().unwrap();
    }
    run_again(&little, "killed over a delivered night");
    run_again(&fresh, "killed over and over on a first night");
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
