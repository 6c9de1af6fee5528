//! Whole nights inside the program, for what cannot be seen from outside.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::*;
use crate::definition::load;
use crate::plan::{Nights, plan};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn request(folder: &Path) -> NightRequest {
    NightRequest {
        night: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
        since: None,
        start: NaiveDate::from_ymd_opt(2026, 11, 20),
        robots: Vec::new(),
        case: None,
        effect: Effect::Deliver,
        input: project().join("fixtures/nights"),
        output: folder.join("out"),
        state: folder.join("state"),
        municipality: "0380".to_owned(),
        decisions: Decisions::NotRequired,
        begun: DateTime::UNIX_EPOCH,
        peak_memory: || None,
        clock: || DateTime::UNIX_EPOCH,
        patience: Duration::ZERO,
        halt: None,
        faulty: None,
        ledger_key: Some([7; 32]),
    }
}

/// The shipped robots, and one that fails on its first subject.
fn robots_with_a_failing_one(folder: &Path) -> PathBuf {
    let robots = folder.join("robots");
    copy(&project().join("robots"), &robots);
    let failing = robots.join("brister");
    fs::create_dir_all(&failing).unwrap();
    let text = r#"
id = "brister"
title = "En robot som brister"
version = "1.0.0"
purpose = "Visa att en robot brister ensam."
owner = "Test"
[subject]
each = "arenden"
case = "arendenummer"
[[check]]
id = "brist"
when = 'provoke panic()'
says = "Aldrig."
[note]
title = "Aldrig"
"#;
    fs::write(failing.join("robot.toml"), text).unwrap();
    robots
}

#[test]
fn a_robot_that_panics_fails_alone_and_the_others_deliver_as_if_it_were_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let undisturbed = folder.path().join("undisturbed");
    let definitions = load(&project().join("robots")).unwrap();
    let calm = run(&request(&undisturbed), &definitions, &|_| {}).unwrap();
    assert_eq!(calm.exit, Exit::Done);

    let definitions = load(&robots_with_a_failing_one(folder.path())).unwrap();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let report = run(&request(folder.path()), &definitions, &|_| {}).unwrap();
    std::panic::set_hook(hook);

    assert_eq!(report.exit, Exit::SomeDidNotRun);
    let failed = report.manifest.robots.iter().find(|robot| robot.id == "brister").unwrap();
    assert_eq!(failed.status, "failed");
    assert!(report.problems.iter().any(|problem| problem.contains("robot `brister` did not run: it panicked")));
    let told = format!("{:?}", report.problems);
    assert!(!told.contains("9802"), "a panic's text is never told: {told}");
    for file in ["redovisning.csv", "folkbokforing/anteckningar.jsonl", "fordonsinnehav/kontrollista.csv"] {
        let read = |root: &Path| fs::read(root.join("out/2026-11-21").join(file)).unwrap();
        assert_eq!(read(folder.path()), read(&undisturbed), "{file}");
    }
    assert!(!folder.path().join("out/2026-11-21/brister").exists());
}

/// Runs with the panics' texts thrown away, as the program does.
fn run_quietly(request: &NightRequest, definitions: &Definitions) -> NightReport {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let report = run(request, definitions, &|_| {}).unwrap();
    std::panic::set_hook(hook);
    report
}

#[test]
fn a_robot_that_asks_for_a_field_whose_reading_panics_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let robots = robots_with_a_failing_one(folder.path());
    let extract = robots.join("extracts/arenden.toml");
    let declared = fs::read_to_string(&extract).unwrap();
    fs::write(&extract, declared.replace("\n[relations]", "brist = { is = 'provoke panic()' }\n\n[relations]"))
        .unwrap();
    let robot = robots.join("brister/robot.toml");
    let text = fs::read_to_string(&robot).unwrap();
    fs::write(&robot, text.replace("provoke panic()", "brist")).unwrap();

    let definitions = load(&robots).unwrap();
    let report = run_quietly(&request(folder.path()), &definitions);
    let status = |id: &str| &report.manifest.robots.iter().find(|robot| robot.id == id).unwrap().status;
    assert_eq!(status("brister"), "failed");
    for robot in ["arbetsformedlingen", "folkbokforing", "fordonsinnehav"] {
        assert_eq!(status(robot), "ran");
    }
}

#[test]
fn a_robot_whose_files_cannot_be_made_fails_alone_and_is_said_nothing_of_in_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let definitions = load(&project().join("robots")).unwrap();
    let faulty = NightRequest { faulty: Some("folkbokforing".to_owned()), ..request(folder.path()) };
    let report = run_quietly(&faulty, &definitions);
    assert_eq!(report.exit, Exit::SomeDidNotRun);
    let out = folder.path().join("out/2026-11-21");
    assert!(!out.join("folkbokforing").exists());
    assert!(out.join("fordonsinnehav/anteckningar.jsonl").exists());
    let ledger = Ledger::open_read_only(&faulty.state.join(LEDGER)).unwrap().unwrap();
    assert_eq!(ledger.last_delivered("folkbokforing", faulty.night.succ_opt().unwrap()).unwrap(), None);
    drop(ledger);
    let mended = run(&request(folder.path()), &definitions, &|_| {}).unwrap();
    assert_eq!(mended.exit, Exit::Done);
    assert!(out.join("folkbokforing/anteckningar.jsonl").exists());
}

#[test]
fn the_accounts_of_every_robot_add_up_to_its_subjects() {
    let folder = tempfile::tempdir().unwrap();
    let definitions = load(&project().join("robots")).unwrap();
    let shown = run(&NightRequest { effect: Effect::Show, ..request(folder.path()) }, &definitions, &|_| {}).unwrap();
    assert!(!folder.path().join("out").exists() && !folder.path().join("state").exists(), "showing writes nothing");
    run(&request(folder.path()), &definitions, &|_| {}).unwrap();
    let accounts = fs::read_to_string(folder.path().join("out/2026-11-21/redovisning.csv")).unwrap();
    for robot in &shown.manifest.robots {
        let rows = accounts.lines().filter(|row| row.starts_with(&format!("{};", robot.id))).count() as u64;
        assert_eq!(robot.clear + robot.flagged + robot.undecided + robot.protected, rows, "{}", robot.id);
        // Nobody is told of a control before there has been one.
        assert_eq!(rows > 0, robot.id != "kontrollbesked", "{}", robot.id);
    }
}

#[test]
fn the_registers_are_read_as_few_times_as_their_joins_allow() {
    let definitions = load(&project().join("robots")).unwrap();
    let nights = Nights { night: request(Path::new("")).night, previous: request(Path::new("")).start };
    let robots: Vec<(&Robot, Nights)> = definitions.robots.iter().map(|robot| (robot, nights)).collect();
    let plan = plan(&definitions, &robots);
    let readings = |id: &str, night: NaiveDate| {
        let id = definitions.catalog.extract_named(id).unwrap();
        plan.steps.iter().filter(|step| step.table == (id, night)).count()
    };
    let tonight = |ids: &[&str]| ids.iter().map(|id| readings(id, nights.night)).collect::<Vec<_>>();
    // Cases lead to their members, those to their other cases, and these to their members, who may be protected.
    assert_eq!(tonight(&["arenden", "hushall", "af", "kir"]), [1, 2, 1, 3]);
    // By owner and by number, and what contradicts them.
    assert_eq!(tonight(&["fordon", "ansokningar", "kostnader", "fakturor"]), [2, 1, 1, 1]);
    // What is made of a file that is read whole is made once, however many ways lead into it.
    assert_eq!(tonight(&["faktura", "fakturadel", "fakturapart"]), [1, 1, 1]);
    assert_eq!(readings("fordon", nights.previous.unwrap()), 2);
    assert_eq!(readings("kir", nights.previous.unwrap()), 0);
    let kir = definitions.catalog.extract_named("kir").unwrap();
    let schema = &definitions.extracts[usize::from(kir.0)];
    let name = schema.fields.iter().position(|field| field.name == "fornamn").unwrap();
    let kept = &plan.tables[&(kir, nights.night)].fields;
    assert!(!kept.iter().any(|field| usize::from(field.0) == name), "a name that no robot asks for is not read");
}

#[test]
fn what_a_robot_has_delivered_stands_when_it_cannot_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("nights");
    copy(&project().join("fixtures/nights"), &input);
    let definitions = load(&project().join("robots")).unwrap();
    let request = NightRequest { input: input.clone(), ..request(folder.path()) };
    run(&request, &definitions, &|_| {}).unwrap();
    let out = folder.path().join("out/2026-11-21");
    let read = |file: &str| fs::read(out.join(file)).unwrap();
    let (accounts, notes) = (read("redovisning.csv"), read("arbetsformedlingen/anteckningar.jsonl"));

    fs::remove_file(input.join("2026-11-21/af.csv")).unwrap();
    let report = run(&request, &definitions, &|_| {}).unwrap();
    assert_eq!(report.exit, Exit::SomeDidNotRun);
    assert!(report.problems.iter().any(|problem| problem.contains("robot `arbetsformedlingen` did not run")));
    assert_eq!(read("arbetsformedlingen/anteckningar.jsonl"), notes);
    let of_robot = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines().filter(|line| line.starts_with("arbetsformedlingen;")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of_robot(&read("redovisning.csv")), of_robot(&accounts));

    // The next night still knows what it said.
    let ledger = Ledger::open_read_only(&folder.path().join("state/nattkoll.db")).unwrap().unwrap();
    assert!(!ledger.standing("arbetsformedlingen", request.night).unwrap().is_empty());
}

#[test]
fn nothing_personal_shows_in_debug_output() {
    let folder = tempfile::tempdir().unwrap();
    let definitions = load(&project().join("robots")).unwrap();
    let night = NightRequest { effect: Effect::Show, ..request(folder.path()) };
    let case = NightRequest { case: Some("EB23-0348".to_owned()), ..night.clone() };
    let [night, case] = [night, case].map(|request| run(&request, &definitions, &|_| {}).unwrap());
    assert!(!case.notes.is_empty() && !case.accounts.is_empty());
    let told = format!("{night:?} {case:?}");
    let bytes = fs::read(project().join("fixtures/nights/2026-11-21/hushall.csv")).unwrap();
    let household = String::from_utf8_lossy(&bytes);
    let numbers = household.lines().skip(1).filter_map(|line| line.split(';').nth(1));
    for number in numbers.filter(|number| number.len() >= 10) {
        assert!(!told.contains(number), "a person's number shows");
    }
}
