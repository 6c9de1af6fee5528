//! What goes wrong at night, and what an administrator is told: what, where, and what to do next. Never whose.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use std::fs::{self, File};

use common::{
    EARLIER, Exit, LittleNight, NIGHT, ROBOTS, Told, assert_same, from_windows_1252, of_persons, part, person_numbers,
    rows, text, to_windows_1252, undisturbed,
};

const ARENDEN: &str = "nights/2026-11-21/arenden.csv";
const HUSHALL: &str = "nights/2026-11-21/hushall.csv";
const KIR: &str = "nights/2026-11-21/kir.csv";
const FORDON: &str = "nights/2026-11-21/fordon.csv";
const AF: &str = "nights/2026-11-21/af.csv";

// Extracts that are not there, or are not whole

#[test]
fn a_missing_extract_sets_its_robot_aside_and_the_others_deliver_what_they_would_have() {
    let little = LittleNight::of_the_fixtures().without(FORDON);
    little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("`fordon.csv` was not used: `2026-11-21/fordon.csv` is not there")
        .says("once it is mended, `nattkoll run --night 2026-11-21 fordonsinnehav`\n")
        .set_aside("fordonsinnehav")
        .ran("folkbokforing")
        .ran("arbetsformedlingen");
    delivered_as_undisturbed(&little, &["fordonsinnehav"], DO_WITHOUT_FORDON);
    let manifest = text(&little.delivered(NIGHT), "manifest.json").to_owned();
    assert!(manifest.contains("\"exit\": 3") && manifest.contains("\"status\": \"set aside\""), "{manifest}");
}

#[test]
fn a_robot_that_was_set_aside_is_run_into_the_night_once_its_extract_has_come() {
    let little = LittleNight::of_the_fixtures();
    let kept = fs::read(little.path(FORDON)).unwrap();
    let little = little.without(FORDON);
    little.runs(NIGHT).exits_with(Exit::SomeRobotsDidNotRun);
    put(&little, FORDON, &kept);
    // It, and the one that had done without.
    little.types(&["run", "--night", NIGHT, "fordonsinnehav", "nyansokan"]).exits_with(Exit::Done);
    assert_same(undisturbed(), &little.delivered(NIGHT));
}

#[test]
fn what_a_robot_has_delivered_stands_when_it_is_set_aside_on_a_later_run() {
    let little = LittleNight::of_the_fixtures();
    little.runs(NIGHT).exits_with(Exit::Done);
    let noted = little.noted("fordonsinnehav", NIGHT);
    let kept = fs::read(little.path(FORDON)).unwrap();
    let little = little.without(FORDON);
    little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("what was delivered for this night before, if anything, stands");
    let others = |robot: &&str| !DO_WITHOUT_FORDON.contains(robot);
    for robot in ROBOTS.into_iter().filter(others) {
        assert_same(&part(undisturbed(), robot), &part(&little.delivered(NIGHT), robot));
    }
    let accounts = |tree: &common::Tree| {
        let rows = rows(&tree["redovisning.csv"], b';').into_iter();
        rows.filter(|row| others(&row[0].as_str())).collect::<Vec<_>>()
    };
    assert_eq!(accounts(undisturbed()), accounts(&little.delivered(NIGHT)));
    assert_eq!(noted, little.noted("fordonsinnehav", NIGHT));
    put(&little, FORDON, &kept);
    little.runs(NIGHT).exits_with(Exit::Done);
    assert_same(undisturbed(), &little.delivered(NIGHT));
}

#[test]
fn a_robot_that_was_set_aside_counts_from_its_own_last_night() {
    let little = LittleNight::of_the_fixtures();
    let kept = fs::read(little.path("nights/2026-11-20/fordon.csv")).unwrap();
    let little = little.without("nights/2026-11-20/fordon.csv");
    little.runs(EARLIER).exits_with(Exit::SomeRobotsDidNotRun).set_aside("fordonsinnehav");
    put(&little, "nights/2026-11-20/fordon.csv", &kept);
    little.runs(NIGHT).exits_with(Exit::Done);
    // It has never given outcomes, so everything of tonight is new; the others have said theirs.
    assert_same(&part(undisturbed(), "fordonsinnehav"), &part(&little.delivered(NIGHT), "fordonsinnehav"));
    assert_ne!(part(undisturbed(), "folkbokforing"), part(&little.delivered(NIGHT), "folkbokforing"));
}

#[test]
fn a_truncated_extract_sets_its_robot_aside_and_no_other() {
    // What is cut off here protects nobody; for that see below.
    let whole = String::from_utf8_lossy(&fs::read(LittleNight::of_the_fixtures().path(AF)).unwrap()).into_owned();
    let protects_nobody = |line: &str| {
        let is_person = |other: &&str| person_numbers(other) == person_numbers(line);
        line.ends_with(",N") && line.split(',').count() == 8 && whole.lines().filter(is_person).count() == 1
    };
    let little = LittleNight::of_the_fixtures().with_changed(AF, |bytes| cut(&bytes, protects_nobody));
    let told = little.runs(NIGHT).exits_with(Exit::SomeRobotsDidNotRun);
    told.says("`af.csv` was not used: 193 rows tonight, 472 the night before; at most 20 % fewer is allowed")
        .says("once it is mended, `nattkoll run --night 2026-11-21 arbetsformedlingen`\n")
        .set_aside("arbetsformedlingen")
        .ran("folkbokforing")
        .ran("fordonsinnehav");
    delivered_as_undisturbed(&little, &["arbetsformedlingen"], DO_WITHOUT_AF);
}

#[test]
fn whom_last_nights_af_or_kir_protects_is_not_told_of_when_af_cannot_be_used() {
    // Whose mark, or whose contradicting row, is new tonight cannot be known without tonight's extract.
    let new_tonight = ["EB23-1549", "EB21-0276"];
    let cut = LittleNight::of_the_fixtures().with_changed(AF, |bytes| cut(&bytes, |_| true));
    for little in [cut, LittleNight::of_the_fixtures().without(AF)] {
        little.runs(NIGHT).exits_with(Exit::SomeRobotsDidNotRun);
        for robot in ["folkbokforing", "fordonsinnehav"] {
            let protected = cases(&undisturbed()["redovisning.csv"], robot, "protected");
            let list = rows(&little.delivered(NIGHT)[&format!("{robot}/kontrollista.csv")], b';');
            let told: Vec<&String> = list
                .iter()
                .map(|row| &row[2])
                .filter(|case| protected.contains(case) && !new_tonight.contains(&case.as_str()))
                .collect();
            assert!(told.is_empty(), "{robot} tells of {told:?}");
        }
    }
}

#[test]
fn without_kir_no_robot_runs_for_nobody_knows_who_is_protected() {
    let little = LittleNight::of_the_fixtures().without(KIR);
    let told = little.runs(NIGHT).exits_with(Exit::SomeRobotsDidNotRun);
    of_persons().fold(told, |told, robot| told.set_aside(robot));
    let accounts = rows(&little.delivered(NIGHT)["redovisning.csv"], b';');
    assert!(accounts.iter().all(|row| of_persons().all(|robot| row[0] != robot)));
}

#[test]
fn an_extract_without_a_byte_or_without_a_row_sets_its_robot_aside() {
    let little = LittleNight::of_the_fixtures().with_changed(FORDON, |_| Vec::new());
    little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("`fordon.csv` was not used: `2026-11-21/fordon.csv` is empty")
        .set_aside("fordonsinnehav");
    let little = little.with_changed(FORDON, |_| {
        "\u{feff}Regnr;Ägare;Fordonsslag;Fabrikat;Årsmodell;Status;Ägare sedan;Status sedan\r\n".into()
    });
    little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("`fordon.csv` was not used: 0 rows tonight, at least 1 are needed")
        .set_aside("fordonsinnehav");
    delivered_as_undisturbed(&little, &["fordonsinnehav"], DO_WITHOUT_FORDON);
}

#[test]
fn a_night_that_is_typed_and_has_no_folder_is_refused_with_the_nights_that_there_are() {
    let little = LittleNight::of_the_fixtures();
    for typed in [&["run"][..], &["run", "--dry-run"], &["check", "--data"], &["explain", "avslut", "EB21-0123"]] {
        let typed = [typed, &["--night", "2026-11-12"]].concat();
        little
            .types(&typed)
            .exits_with(Exit::Refused)
            .says("error: there is no folder `…/nights/2026-11-12`; nothing was run\n")
            .says("hint: `…/nights` has the nights 2026-11-20, 2026-11-21\n");
    }
    assert!(little.left().is_empty());
    for day in 1..=9 {
        fs::create_dir(little.path(&format!("nights/2026-11-0{day}"))).unwrap();
    }
    let told = little.runs("2026-11-12").exits_with(Exit::Refused);
    told.says("has 11 nights; the newest are 2026-11-05, ").says("2026-11-20, 2026-11-21\n");
    let nothing = LittleNight::of_nothing().runs(NIGHT).exits_with(Exit::Refused);
    nothing.says("has no nights\n");
}

#[test]
fn a_night_that_is_today_and_not_there_sets_every_robot_aside_and_is_not_replaced_by_the_newest() {
    let little = LittleNight::of_the_fixtures();
    little.runs(NIGHT).exits_with(Exit::Done);
    let before = little.delivered(NIGHT);
    let little = little.with_replaced("nattkoll.toml", "\"newest\"", "\"today\"");
    let told = little.types(&["run"]).exits_with(Exit::SomeRobotsDidNotRun);
    let told = ROBOTS.iter().fold(told, |told, robot| told.set_aside(robot));
    told.says("there is no folder `…/nights/").says("`: no robot ran\nhint: once it is delivered, ");
    let made: Vec<String> = little.names_in_output().into_iter().filter(|night| night != NIGHT).collect();
    let [today] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!(rows(&little.delivered(today)["redovisning.csv"], b';').len(), 0);
    assert_same(&before, &little.delivered(NIGHT));
    // The night that gave nothing is not what another counts from.
    little.runs(NIGHT).exits_with(Exit::Done);
    assert_same(&before, &little.delivered(NIGHT));
}

// Rows

#[test]
fn what_cannot_be_read_is_told_without_a_file_to_see_where_none_is_written() {
    let little = LittleNight::of_the_fixtures();
    for typed in [&["run", "--dry-run"][..], &["check", "--data"]] {
        little.types(typed).exits_with(Exit::Done).says(": line 846\nhint: have them mended").does_not_say("avvisade");
    }
    let told = little.types(&["run", "--dry-run"]).exits_with(Exit::Done);
    told.says("note: 2026-11-21/af.csv: 4 rows rejected, 3 cells unreadable\n");
    let told = little.runs(NIGHT).exits_with(Exit::Done).says("hint: see avvisade_rader.csv; have them mended");
    told.says("note: 2026-11-21/af.csv: 4 rows rejected, 3 cells unreadable; see avvisade_rader.csv\n");
}

#[test]
fn a_row_of_hushall_whose_case_cannot_be_read_sets_the_robots_about_members_aside() {
    let little = LittleNight::of_the_fixtures().with_changed(HUSHALL, |bytes| with_line(&bytes, 5, ";;;"));
    let told = little.runs(NIGHT).exits_with(Exit::SomeRobotsDidNotRun);
    let told = told.says("`hushall.csv` was not used: line 5 cannot be read, not even which case it belongs to");
    of_persons().fold(told, |told, robot| told.set_aside(robot));
}

#[test]
fn too_many_rejected_rows_set_the_robot_aside() {
    let broken = |bytes: Vec<u8>| (2..=22).fold(bytes, |bytes, line| with_line(&bytes, line, "ABC 123;only two"));
    let little = LittleNight::of_the_fixtures().with_changed(FORDON, broken);
    little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("rows cannot be read; at most 1 % is allowed")
        .set_aside("fordonsinnehav")
        .ran("folkbokforing");
}

// Another dialect than the declared

#[test]
fn an_extract_in_windows_1252_declared_as_utf_8_is_told_with_what_it_looks_like() {
    let little = LittleNight::of_the_fixtures().with_changed(ARENDEN, |bytes| to_windows_1252(&bytes));
    let told = little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("the header of `2026-11-21/arenden.csv` is not utf-8; it reads as windows-1252\n")
        .says("hint: have it delivered as declared (utf-8, `;`), or declare in robots/extracts/arenden.toml what it has become");
    of_persons().fold(told, |told, robot| told.set_aside(robot));
}

#[test]
fn one_extract_that_cannot_be_read_is_not_blamed_on_another() {
    let little = LittleNight::of_the_fixtures().with_changed(ARENDEN, |bytes| to_windows_1252(&bytes));
    little.runs(NIGHT).exits_with(Exit::SomeRobotsDidNotRun).does_not_say("`hushall.csv` was not used");
}

#[test]
fn an_extract_in_utf_8_declared_as_windows_1252_is_told_with_what_it_looks_like() {
    let little = LittleNight::of_the_fixtures().with_changed(KIR, |bytes| from_windows_1252(&bytes));
    let told =
        little.runs(NIGHT).exits_with(Exit::SomeRobotsDidNotRun).says("it reads as utf-8\n").says(
            "hint: have it delivered as declared, or declare `encoding = \"utf-8\"` in robots/extracts/kir.toml\n",
        );
    of_persons().fold(told, |told, robot| told.set_aside(robot));
}

#[test]
fn rows_in_utf_8_declared_as_windows_1252_under_a_header_in_ascii_are_told_and_not_read() {
    let file = "nights/2026-11-21/fakturor.csv";
    let little = LittleNight::of_the_fixtures().with_changed(file, |bytes| from_windows_1252(&bytes));
    little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("the rows of `2026-11-21/fakturor.csv` are not windows-1252; they read as utf-8\n")
        .set_aside("fakturagranskning")
        .ran("folkbokforing");
}

#[test]
fn an_extract_in_utf_16_is_told_as_such() {
    let utf_16 = |bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let little = LittleNight::of_the_fixtures().with_changed(ARENDEN, utf_16);
    little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("the header of `2026-11-21/arenden.csv` is not utf-8; it begins as utf-16\n")
        .says("hint: have it delivered as the declaration says")
        .set_aside("folkbokforing");
}

#[test]
fn another_delimiter_than_the_declared_is_told() {
    let semicolons = |bytes: Vec<u8>| bytes.into_iter().map(|byte| if byte == b',' { b';' } else { byte }).collect();
    let little = LittleNight::of_the_fixtures().with_changed(AF, semicolons);
    little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("its columns are separated by `;`\n")
        .says("hint: have it delivered as declared (utf-8, `,`), or declare in robots/extracts/af.toml what it has become")
        .set_aside("arbetsformedlingen")
        .ran("folkbokforing");
}

#[test]
fn a_column_that_has_got_another_name_is_told_by_the_one_that_is_missed() {
    let renamed = |bytes: Vec<u8>| {
        to_windows_1252(
            String::from_utf8(from_windows_1252(&bytes)).unwrap().replacen("Flyttdatum", "Flyttdag", 1).as_bytes(),
        )
    };
    let little = LittleNight::of_the_fixtures().with_changed(KIR, renamed);
    little
        .runs(NIGHT)
        .exits_with(Exit::SomeRobotsDidNotRun)
        .says("`2026-11-21/kir.csv` has no column `Flyttdatum`\nhint: the columns of `kir` are declared in robots/extracts/kir.toml\n")
        .set_aside("folkbokforing");
}

#[test]
fn an_extract_of_the_night_before_that_a_guard_stops_is_not_compared_with() {
    let header = |bytes: Vec<u8>| bytes[..=bytes.iter().position(|byte| *byte == b'\n').unwrap()].to_vec();
    let little = LittleNight::of_the_fixtures().with_changed("nights/2026-11-20/fordon.csv", header);
    little
        .runs(NIGHT)
        .exits_with(Exit::Done)
        .says("note: the night before cannot be compared with: `2026-11-20/fordon.csv` was not used: 0 rows, at least 1 are needed")
        .ran("fordonsinnehav");
    let delivered = little.delivered(NIGHT);
    assert!(!text(&delivered, "fordonsinnehav/anteckningar.jsonl").contains("nytt-fordon"), "nobody's vehicle is new");
    assert!(text(&delivered, "fordonsinnehav/kontrollista.csv").contains("gårdagens fordon.csv är stoppad av en vakt"));
}

// The program's own surroundings

#[test]
fn an_output_that_cannot_be_written_is_told_and_nothing_is_noted() {
    let little = LittleNight::of_the_fixtures();
    fs::File::create(little.path("out")).unwrap();
    little
        .runs(NIGHT)
        .exits_with(Exit::CouldNot)
        .says("error: `…/out` cannot be made: ")
        .says("hint: nothing of the night was published; once it is mended, run the night again\n");
    fs::remove_file(little.path("out")).unwrap();
    little.runs(NIGHT).exits_with(Exit::Done);
    assert_same(undisturbed(), &little.delivered(NIGHT));
}

#[test]
fn a_run_waits_for_another_that_holds_the_lock_only_as_long_as_it_is_told() {
    let little = LittleNight::of_the_fixtures();
    fs::create_dir(little.path("state")).unwrap();
    let lock = File::create(little.path("state/nattkoll.lock")).unwrap();
    lock.lock().unwrap();
    little
        .runs(NIGHT)
        .exits_with(Exit::Locked)
        .says("error: another run holds the lock `…/state/nattkoll.lock`\n")
        .says("hint: wait until it is done; the lock goes with the process that holds it\n");
    assert!(!little.path("out").exists());
    little.types(&["run", "--dry-run"]).exits_with(Exit::Done);
    little.types(&["run", "--wait", "1s"]).exits_with(Exit::Locked);
    let waiting = little.program(&["-q", "run", "--wait", "1m"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(!little.path("out").exists(), "it waits");
    drop(lock);
    assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(0));
    assert_same(undisturbed(), &little.delivered(NIGHT));
}

#[test]
fn a_ledger_that_is_damaged_or_something_else_stops_the_night_and_is_left_as_it_was() {
    let little = LittleNight::of_the_fixtures();
    little.runs(NIGHT).exits_with(Exit::Done);
    let little = little.with_changed("state/nattkoll.db", |mut bytes| {
        bytes[100..1_000].fill(b'x');
        bytes
    });
    let before = little.left();
    little
        .runs(NIGHT)
        .exits_with(Exit::CouldNot)
        .says("error: the ledger `…/state/nattkoll.db` is damaged")
        .says("hint: keep it aside, put the latest backup in its place and run the nights after that again\n");
    assert_same(&before, &little.left());
    let little = little.with_changed("state/nattkoll.db", |_| b"something else altogether".to_vec());
    let before = little.left();
    little
        .runs(NIGHT)
        .exits_with(Exit::CouldNot)
        .says("error: the ledger `…/state/nattkoll.db` is not one of nattkoll's\n")
        .says("hint: put the latest backup in its place");
    assert_same(&before, &little.left());
}

#[test]
fn a_ledger_that_another_program_holds_is_told_and_nothing_is_written() {
    let little = LittleNight::of_the_fixtures();
    little.runs(EARLIER).exits_with(Exit::Done);
    let before = little.left();
    let holder = rusqlite::Connection::open(little.path("state/nattkoll.db")).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    little
        .runs(NIGHT)
        .exits_with(Exit::CouldNot)
        .says("error: the ledger `…/state/nattkoll.db` is locked by another program\nhint: let the other nattkoll, the backup");
    drop(holder);
    assert_same(&before, &little.left());
    little.runs(NIGHT).exits_with(Exit::Done);
}

#[test]
fn a_ledger_of_a_later_version_is_refused_and_left_as_it_was() {
    let little = LittleNight::of_the_fixtures();
    little.runs(EARLIER).exits_with(Exit::Done);
    let later = rusqlite::Connection::open(little.path("state/nattkoll.db")).unwrap();
    later.pragma_update(None, "user_version", 99).unwrap();
    drop(later);
    let before = little.left();
    for arguments in [&["run", "--night", NIGHT][..], &["status"], &["verify"], &["purge", "--older-than", "1d"]] {
        little
            .types(arguments)
            .exits_with(Exit::CouldNot)
            .says("has version 99, and this nattkoll knows none later than ");
    }
    assert_same(&before, &little.left());
}

// Words that mean nothing

#[test]
fn a_robot_that_is_not_there_is_refused_with_the_nearest() {
    let little = LittleNight::of_the_fixtures();
    let told = little.types(&["run", "folkbokforng"]).exits_with(Exit::Refused);
    assert_eq!(told.talk(), "error: there is no robot `folkbokforng`\nhint: did you mean `folkbokforing`?\n");
    assert!(little.left().is_empty());
}

#[test]
fn words_that_cannot_be_typed_are_refused() {
    let little = LittleNight::of_the_fixtures();
    for (words, said) in [
        (&["run", "--nigt", NIGHT][..], "a similar argument exists: '--night'"),
        (&["run", "--night", "2026-13-01"], "invalid value '2026-13-01' for '--night <DATE>'"),
        (&["run", "--jobs", "0"], "invalid value '0' for '--jobs <N>'"),
        (&["runn"], "a similar subcommand exists: 'run'"),
        (&[], "Usage: nattkoll"),
    ] {
        little.types(words).exits_with(Exit::Refused).says(said);
    }
    assert!(little.left().is_empty());
}

#[test]
fn every_command_has_a_help_with_examples() {
    let little = LittleNight::of_nothing();
    little.types(&["--help"]).exits_with(Exit::Done).prints("Exit codes: 0 done");
    for command in [
        "run", "check", "test", "robots", "show", "generate", "status", "release", "recall", "verify", "purge",
        "approve",
    ] {
        let example = format!("Examples:\n  nattkoll {command}");
        little.types(&[command, "--help"]).exits_with(Exit::Done).prints(&example);
    }
}

#[test]
fn settings_that_mean_nothing_are_refused_all_at_once() {
    let little = LittleNight::of_the_fixtures()
        .with_replaced("nattkoll.toml", "\"newest\"", "\"nyest\"")
        .with_replaced("nattkoll.toml", "\"0380\"", "\"380\"")
        .with_replaced("nattkoll.toml", "2026-11-20", "\"igår\"");
    let told = little.types(&["run"]).exits_with(Exit::Refused);
    insta::assert_snapshot!(told.talk());
    assert!(little.left().is_empty());
}

// Definitions

/// The robots without their examples, so that a check that is spoiled is missed by no example.
fn bare() -> LittleNight {
    let little = LittleNight::of_the_fixtures().with_its_own_robots();
    ROBOTS.iter().fold(little, |little, robot| little.without(&format!("robots/{robot}/tests.toml")))
}

#[test]
fn every_mistake_in_the_definitions_is_drawn_where_it_stands_with_a_hint() {
    let little = bare()
        .with_replaced(
            "robots/fordonsinnehav/robot.toml",
            "f.agare_sedan = null or f.agare_sedan >=",
            "f.agare_sedan = null or f.agare_fran >=",
        )
        .with_replaced("robots/fordonsinnehav/robot.toml", "grans_fordon(night)", "grans_fordom(night)")
        .with_replaced(
            "robots/folkbokforing/robot.toml",
            "sokande.kir.kommunkod = municipality",
            "sokande.kir.kommunkod == municipality",
        )
        .with_replaced("robots/folkbokforing/robot.toml", "{kommun(m.kir.kommunkod)}", "{komun(m.kir.kommunkod)}")
        .with_replaced("robots/arbetsformedlingen/robot.toml", "purpose =", "pupose =")
        .with_replaced("robots/extracts/kir.toml", "dates     = \"compact\"", "dates     = \"kompakt\"")
        .with_replaced("robots/extracts/hushall.toml", "must_read", "must_red");
    let told = little.types(&["run"]).exits_with(Exit::Refused);
    insta::assert_snapshot!(told.talk());
    assert_eq!(told.stdout, "");
    assert!(little.left().is_empty());
    let checked = little.types(&["check"]).exits_with(Exit::Refused);
    assert_eq!(checked.talk(), told.talk());
}

#[test]
fn a_mistake_in_an_example_is_told_by_check_and_test_and_stops_no_night() {
    let examples = "robots/fordonsinnehav/tests.toml";
    let spoiled: [fn(LittleNight) -> LittleNight; 2] = [
        |little| little.with_replaced("robots/fordonsinnehav/tests.toml", "kanda_fordon = 1", "kanda_fordom = 1"),
        |little| little.with_replaced("robots/fordonsinnehav/tests.toml", "[[test]]", "[[test"),
    ];
    for spoil in spoiled {
        let little = spoil(LittleNight::of_the_fixtures().with_its_own_robots());
        for command in ["check", "test"] {
            little.types(&[command]).exits_with(Exit::Refused).says(examples).says("1 mistake in the definitions");
        }
        little.types(&["robots"]).exits_with(Exit::Done);
        little.types(&["run"]).exits_with(Exit::Done);
    }
}

#[test]
fn the_robots_are_listed_with_as_many_examples_as_are_run() {
    let little = LittleNight::of_nothing();
    let listed = little.types(&["robots"]).exits_with(Exit::Done);
    let tested = little.types(&["test"]).exits_with(Exit::Done);
    for robot in ROBOTS {
        let row = listed.stdout.lines().find(|row| row.starts_with(robot)).unwrap();
        let examples = row.split_whitespace().nth(3).unwrap();
        assert!(tested.stdout.contains(&format!("{robot}: {examples} of {examples} examples passed")), "{row}");
    }
}

#[test]
fn a_field_that_does_not_exist_is_told_with_the_one_that_was_meant() {
    let little = bare().with_replaced(
        "robots/fordonsinnehav/robot.toml",
        "raknade > arenden.kanda_fordon",
        "raknade > arenden.kanda_fordom",
    );
    told_of_one(
        &little,
        "\
error: `arenden` has no field or relation `kanda_fordom`
  --> robots/fordonsinnehav/robot.toml:43:31
   |
43 | when     = 'raknade > arenden.kanda_fordom'
   |                               ^^^^^^^^^^^^ did you mean `kanda_fordon`?
   |
   = hint: the fields of `arenden` stand in robots/extracts/arenden.toml
",
    );
}

#[test]
fn a_robot_whose_id_is_not_its_folders_is_told() {
    let little = bare().with_replaced(
        "robots/folkbokforing/robot.toml",
        "id      = \"folkbokforing\"",
        "id      = \"folkbokforingen\"",
    );
    let told = little.types(&["run"]).exits_with(Exit::Refused);
    insta::assert_snapshot!(told.talk());
    assert!(little.left().is_empty());
}

#[test]
fn a_parameter_that_does_not_exist_is_told_with_the_one_that_was_meant() {
    let little =
        bare().with_replaced("robots/arbetsformedlingen/robot.toml", "dagar_rapport(night)", "dagar_raport(night)");
    let told = little.types(&["run"]).exits_with(Exit::Refused);
    insta::assert_snapshot!(told.talk());
}

#[test]
fn a_file_that_is_not_toml_is_told_and_the_other_files_too() {
    let little = bare()
        .with_replaced("robots/folkbokforing/robot.toml", "\"Folkbokföringsrobot\"", "\"Folkbokföringsrobot")
        .with_replaced("robots/extracts/hushall.toml", "must_read", "must_red");
    let told = little.types(&["run"]).exits_with(Exit::Refused);
    insta::assert_snapshot!(told.talk());
    assert!(little.left().is_empty());
}

#[test]
fn one_wrong_word_is_one_mistake() {
    for (robot, from, to) in [
        ("fordonsinnehav", "raknade > arenden.kanda_fordon", "raknade > arenden.kanda_fordom"),
        ("fordonsinnehav", "raknade    = 'count(", "raknade    = 'cout("),
        ("arbetsformedlingen", "not(af.arbetssokande)'", "not(af.arbetsokande)'"),
        ("extracts", "type = \"party\"", "type = \"part\""),
    ] {
        let file = if robot == "extracts" {
            "robots/extracts/fordon.toml".to_owned()
        } else {
            format!("robots/{robot}/robot.toml")
        };
        let little = LittleNight::of_the_fixtures().with_its_own_robots().with_replaced(&file, from, to);
        little
            .types(&["check"])
            .exits_with(Exit::Refused)
            .says("\nerror: 1 mistake in the definitions; nothing was run\n");
    }
}

#[test]
fn a_definition_that_is_mended_runs() {
    let file = "robots/fordonsinnehav/robot.toml";
    let little =
        LittleNight::of_the_fixtures().with_its_own_robots().with_replaced(file, "kanda_fordon", "kanda_fordom");
    little.types(&["run"]).exits_with(Exit::Refused);
    let little = little.with_replaced(file, "kanda_fordom", "kanda_fordon");
    little.types(&["run"]).exits_with(Exit::Done);
    assert_same(undisturbed(), &little.delivered(NIGHT));
}

#[test]
fn an_example_that_does_not_come_out_is_told_with_its_place() {
    let file = "robots/fordonsinnehav/robot.toml";
    let little = LittleNight::of_nothing().with_its_own_robots().with_replaced(file, "raknade > ", "raknade < ");
    let told = little.types(&["test"]).exits_with(Exit::ATestFailed);
    let told = told.prints("FAILED fordonsinnehav: ").prints("(robots/fordonsinnehav/tests.toml:");
    assert!(told.stdout.contains("okant-fordon"), "{}", told.stdout);
    little.types(&["test", "folkbokforing"]).exits_with(Exit::Done).prints(", 0 failed\n");
}

#[track_caller]
fn told_of_one(little: &LittleNight, drawn: &str) -> Told {
    let told = little.types(&["run"]).exits_with(Exit::Refused);
    assert_eq!(told.talk(), format!("{drawn}\nerror: 1 mistake in the definitions; nothing was run\n"));
    assert!(little.left().is_empty());
    told
}

/// The robots that say something else where an extract is not there that they can do without.
const DO_WITHOUT_FORDON: &[&str] = &["nyansokan", "kontrollbesked"];
const DO_WITHOUT_AF: &[&str] = &["anvisning", "nyansokan", "kontrollbesked"];

/// Nothing of those that were set aside, and of the others what they would have delivered, but for those that do without.
#[track_caller]
fn delivered_as_undisturbed(little: &LittleNight, aside: &[&str], otherwise: &[&str]) {
    let delivered = little.delivered(NIGHT);
    for robot in ROBOTS.into_iter().filter(|robot| !otherwise.contains(robot)) {
        let robots: Vec<&str> = ROBOTS.into_iter().filter(|robot| !aside.contains(robot)).collect();
        let expected = if robots.contains(&robot) { part(undisturbed(), robot) } else { common::Tree::new() };
        assert_same(&expected, &part(&delivered, robot));
        let of_robot = |tree: &common::Tree| {
            let accounts = rows(&tree["redovisning.csv"], b';');
            accounts.into_iter().filter(|row| row[0] == robot).collect::<Vec<_>>()
        };
        let expected = if robots.contains(&robot) { of_robot(undisturbed()) } else { Vec::new() };
        assert_eq!(expected, of_robot(&delivered), "{robot}");
    }
}

fn put(little: &LittleNight, file: &str, bytes: &[u8]) {
    std::io::Write::write_all(&mut File::create(little.path(file)).unwrap(), bytes).unwrap();
}

/// Six of ten rows of a file without line breaks in its cells taken away, from the end, of those that may go.
fn cut(bytes: &[u8], may_go: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let mut left = lines.len() * 6 / 10 - 2;
    for at in (1..lines.len()).rev() {
        if left > 0 && may_go(String::from_utf8_lossy(lines[at]).trim_end()) {
            lines.remove(at);
            left -= 1;
        }
    }
    lines.concat()
}

/// A file with another line in the place of one, counted from 1.
fn with_line(bytes: &[u8], number: usize, line: &str) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    lines[number - 1] = format!("{line}\r\n").into_bytes();
    lines.concat()
}

fn cases(accounts: &[u8], robot: &str, outcome: &str) -> Vec<String> {
    let of_robot = rows(accounts, b';').into_iter().filter(|row| row[0] == robot && row[3] == outcome);
    of_robot.map(|row| row[2].clone()).collect()
}
