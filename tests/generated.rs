//! A made-up municipality: what was planted in it is what the robots find, and it can be made again.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{EARLIER, Exit, LittleNight, NIGHT, Tree, assert_same, part, rows, text, tree};

/// The robots that the facit of two nights has answers for. Who moved in is always flagged, and whom `stickprov` draws is
/// by lot.
const ANSWERED: [&str; 13] = [
    "anvisning",
    "arbetsformedlingen",
    "avslut",
    "beslutsstod",
    "fakturagranskning",
    "folkbokforing",
    "fordonsinnehav",
    "hogkostnadsskydd",
    "inflyttade",
    "leverantorskontroll",
    "nyansokan",
    "skanning",
    "stickprov",
];

#[test]
fn the_robots_find_in_a_made_up_town_what_was_planted() {
    for seed in ["1", "2"] {
        let little = town(seed);
        little.types(&["run", "--input", "town", "--night", NIGHT]).exits_with(Exit::Done);
        let facit = std::fs::read(little.path("town/facit.csv")).unwrap();
        let planted: Vec<Vec<String>> = rows(&facit, b';').into_iter().map(|row| row[1..].to_vec()).collect();
        let robots: BTreeSet<&str> = planted.iter().map(|row| row[0].as_str()).collect();
        let files = little.delivered(NIGHT);
        let drawn = drawn(&files);
        let accounts = rows(&files["redovisning.csv"], b';');
        let found: Vec<Vec<String>> = accounts
            .into_iter()
            .filter(|row| robots.contains(row[0].as_str()))
            .map(|row| vec![row[0].clone(), row[1].clone(), row[3].clone(), row[4].clone()])
            .collect();
        for (planted, found) in planted.iter().zip(&found) {
            assert_eq!(planted, &without_the_draw(found, planted, &drawn), "seed {seed}");
        }
        assert_eq!(planted.len(), found.len(), "seed {seed}");
        recommends_what_was_planted(&little, &files, &drawn);
        assert!(planted.len() > 1_000, "{}", planted.len());
        for outcome in ["clear", "flagged", "undecided", "protected"] {
            assert!(planted.iter().any(|row| row[2] == outcome), "seed {seed} has no subject that is {outcome}");
        }
        assert!(robots.iter().eq(&ANSWERED), "{robots:?}");
        for robot in ANSWERED.into_iter().filter(|robot| !["inflyttade", "stickprov"].contains(robot)) {
            let has = |outcome| planted.iter().any(|row| row[0] == robot && row[2] == outcome);
            assert!(has("clear") && has("flagged"), "seed {seed}: {robot}");
        }
    }
}

/// The applications that `stickprov` has drawn, which nobody can tell who has not the key.
fn drawn(files: &Tree) -> BTreeSet<String> {
    let accounts = rows(&files["redovisning.csv"], b';').into_iter();
    let of_robot = accounts.filter(|row| row[0] == "stickprov" && ["flagged", "protected"].contains(&row[3].as_str()));
    of_robot.map(|row| row[1].clone()).collect()
}

/// What `beslutsstod` would have come to for an application that was not drawn, and of `stickprov` whether only the lot
/// decides; for other robots the same. What could not be tried is not told of one that deviates for being drawn alone.
fn without_the_draw(found: &[String], planted: &[String], drawn: &BTreeSet<String>) -> Vec<String> {
    let mut found = found.to_vec();
    if found[0] == "stickprov" {
        let is_by_lot = found[2] == "clear" && planted[2] == "lot";
        let is_drawn = drawn.contains(&found[1]) && ["lot", "undecided"].contains(&planted[2].as_str());
        return if is_by_lot || is_drawn { planted.to_vec() } else { found };
    }
    if found[0] != "beslutsstod" {
        return found;
    }
    let checks: Vec<&str> = found[3].split_whitespace().filter(|check| *check != "stickprov").collect();
    let checks = checks.join(" ");
    let is_by_lot_alone = match found[2].as_str() {
        "flagged" => checks.is_empty() && ["clear", "undecided"].contains(&planted[2].as_str()),
        "protected" => planted[2] == "clear",
        _ => false,
    };
    if is_by_lot_alone && drawn.contains(&found[1]) {
        return planted.to_vec();
    }
    found[3] = checks;
    found
}

/// An application that is drawn is for somebody to decide; that of a protected household is then in no list.
fn recommends_what_was_planted(little: &LittleNight, files: &Tree, drawn: &BTreeSet<String>) {
    let planted = rows(&std::fs::read(little.path("town/rekommendationer.csv")).unwrap(), b';');
    let of_application = |row: Vec<String>, from: usize| (row[from].clone(), row[from..].to_vec());
    let planted: BTreeMap<String, Vec<String>> = planted.into_iter().map(|row| of_application(row, 1)).collect();
    let found = rows(&files["beslutsstod/rekommendationer.csv"], b';').into_iter();
    let found: BTreeMap<String, Vec<String>> =
        found.map(|row| [&row[..1], &row[2..7]].concat()).map(|row| of_application(row, 0)).collect();
    assert!(found.keys().all(|label| planted.contains_key(label)));
    for (label, planted) in &planted {
        match found.get(label) {
            Some(found) if drawn.contains(label) => {
                assert_eq!((&found[1], &found[2..]), (&"manuell".to_owned(), &planted[2..]), "{label}");
            }
            None => assert!(drawn.contains(label), "{label}"),
            Some(found) => assert_eq!(planted, found),
        }
    }
    for word in ["bifall", "avslag", "manuell"] {
        assert!(planted.values().any(|row| row[1] == word), "{word}");
    }
}

/// Each alike, one of twenty, and nobody else but the few who have waited for no day at all.
#[test]
fn of_those_whom_only_the_lot_decides_about_one_of_twenty_is_drawn() {
    let little = LittleNight::of_nothing();
    little.types(&["generate", "town", "--cases", "2500", "--residents", "12500"]).exits_with(Exit::Done);
    little.types(&["run", "--input", "town", "--night", NIGHT, "stickprov"]).exits_with(Exit::Done);
    let facit = rows(&std::fs::read(little.path("town/facit.csv")).unwrap(), b';');
    let by_lot: BTreeSet<String> =
        facit.iter().filter(|row| row[1] == "stickprov" && row[3] == "lot").map(|row| row[2].clone()).collect();
    let accounts = rows(&little.delivered(NIGHT)["redovisning.csv"], b';');
    let has = |check: &str| {
        let flagged = accounts.iter().filter(|row| row[3] == "flagged" && by_lot.contains(&row[1]));
        flagged.filter(|row| row[4].split(' ').any(|id| id == check)).count()
    };
    // Within four standard deviations.
    let all = by_lot.len();
    assert!(all > 400, "{all}");
    let (drawn, expected) = (has("slump"), all / 20);
    let deviation = (all * 19 / 400).isqrt();
    assert!(drawn.abs_diff(expected) <= 4 * deviation, "{drawn} of {all}");
    // The waiting times are from 0 to 330 days, and those who were there when the robot began have waited none.
    assert!(has("tackning") <= all / 331 + 12, "{}", has("tackning"));
    assert_eq!(has("riktat"), 0);
}

/// Whom nobody has to wait for the lot to know: those who apply for a kind that is targeted, and those who have waited for
/// the longest that anybody waits.
#[test]
fn those_who_are_targeted_are_drawn_and_of_each_case_that_has_waited_long_the_first_application() {
    let little = LittleNight::of_nothing()
        .with_its_own_robots()
        .with_replaced("robots/parameters/riktade_slag.toml", "[codes]", "[codes]\n\"Tandvård\" = \"tandvård\"")
        .with_replaced("nattkoll.toml", "start = 2026-11-20", "start = 2025-06-01");
    little.types(&["generate", "town", "--cases", "400", "--residents", "5000"]).exits_with(Exit::Done);
    little.types(&["run", "--input", "town", "--night", NIGHT, "stickprov"]).exits_with(Exit::Done);
    let of = |file: &str| rows(&std::fs::read(little.path("town").join(NIGHT).join(file)).unwrap(), b';');
    let (cases, applications, costs) = (of("arenden.csv"), of("ansokningar.csv"), of("kostnader.csv"));
    let accounts = rows(&little.delivered(NIGHT)["redovisning.csv"], b';');
    let drawn = |check: &str| -> BTreeSet<String> {
        let flagged = accounts.iter().filter(|row| row[3] == "flagged");
        flagged.filter(|row| row[4].split(' ').any(|id| id == check)).map(|row| row[1].clone()).collect()
    };
    let is_told: BTreeSet<&str> = accounts
        .iter()
        .filter(|row| ["clear", "flagged"].contains(&row[3].as_str()))
        .map(|row| row[1].as_str())
        .collect();

    let targeted: BTreeSet<String> = costs
        .iter()
        .filter(|row| row[4] == "Tandvård" && is_told.contains(row[1].as_str()))
        .map(|row| row[1].clone())
        .collect();
    assert!(targeted.len() > 20, "{}", targeted.len());
    assert_eq!(targeted, drawn("riktat"));

    // One whose day cannot be read leaves it open which of its case's came first, and of a protected one nothing is told.
    let is_untold = |row: &&Vec<String>| ["undecided", "protected"].contains(&row[3].as_str());
    let untold: BTreeSet<&str> = accounts.iter().filter(is_untold).map(|row| row[2].as_str()).collect();
    let cut_short = applications.iter().filter(|row| row.len() < applications[0].len()).map(|row| row[1].as_str());
    let left_open: BTreeSet<&str> = untold.into_iter().chain(cut_short).collect();
    let (covered, mut long) = (drawn("tackning"), 0);
    for case in cases.iter().filter(|case| !left_open.contains(case[0].as_str())) {
        let began = common::date(&case[4]).max(common::date("2025-06-01"));
        let mut own: Vec<&Vec<String>> =
            applications.iter().filter(|row| row[1] == case[0] && is_told.contains(row[0].as_str())).collect();
        own.sort_by_key(|row| (&row[4], &row[0]));
        let waited = |row: &[String]| (common::date(&row[4]) - began).num_days();
        let of_case: Vec<&str> =
            own.iter().map(|row| row[0].as_str()).filter(|label| covered.contains(*label)).collect();
        assert!(of_case.len() <= 1, "{} is covered twice: {of_case:?}", case[0]);
        if let Some(last) = own.iter().find(|row| waited(row) >= 330) {
            let first = own.iter().find(|row| covered.contains(&row[0])).unwrap_or_else(|| panic!("{} waits", case[0]));
            assert!((&first[4], &first[0]) <= (&last[4], &last[0]), "{} waited too long", case[0]);
            long += 1;
        }
    }
    assert!(long > 100, "{long}");
}

/// Thirty-two nights with one ledger: those who were checked thirty days before the last are told, and nobody who was told
/// the night before.
#[test]
fn after_many_nights_those_are_told_of_a_check_whom_the_facit_says() {
    let little = LittleNight::of_nothing().with_replaced("nattkoll.toml", "start = 2026-11-20", "start = 2026-10-20");
    let size = ["--cases", "250", "--residents", "1500", "--nights", "32"];
    little.types(&[&["generate", "town"], &size[..]].concat()).exits_with(Exit::Done);
    let first = common::date("2026-10-21");
    for night in first.iter_days().take(32).map(|night| night.to_string()) {
        let robots = ["nyansokan", "beslutsstod", "kontrollbesked"];
        little
            .types(&[&["run", "-q", "--input", "town", "--night", &night], &robots[..]].concat())
            .exits_with(Exit::Done);
    }
    let facit = rows(&std::fs::read(little.path("town/facit.csv")).unwrap(), b';').into_iter();
    let planted: Vec<Vec<String>> =
        facit.filter(|row| row[1] == "kontrollbesked").map(|row| row[1..].to_vec()).collect();
    let accounts = rows(&little.delivered(NIGHT)["redovisning.csv"], b';').into_iter();
    let of_robot = accounts.filter(|row| row[0] == "kontrollbesked");
    let found: Vec<Vec<String>> = of_robot.map(|row| [&row[..2], &row[3..]].concat()).collect();
    assert_eq!(planted, found);
    assert!(planted.iter().any(|row| row[2] == "flagged"), "nobody is told");
}

#[test]
fn the_same_seed_makes_the_same_town_and_another_makes_another() {
    let (one, again, other) = (town("1"), town("1"), town("2"));
    let files = tree(&one.path("town"));
    assert_eq!(files.len(), 37, "{:?}", files.keys());
    assert_same(&files, &tree(&again.path("town")));
    let other = tree(&other.path("town"));
    assert!(files.keys().eq(other.keys()));
    assert_ne!(text(&files, "facit.csv"), text(&other, "facit.csv"));
}

#[test]
fn a_made_up_town_applies_for_all_eight_kinds_of_costs_two_years_back() {
    let night = part(&tree(&town("3").path("town")), NIGHT);
    let of = |file: &str| rows(&night[&format!("{NIGHT}/{file}")], b';');
    let (applications, costs) = (of("ansokningar.csv"), of("kostnader.csv"));
    let received: Vec<&str> = applications.iter().map(|row| row[4].as_str()).collect();
    assert!(received.iter().any(|day| ("2024-10-01".."2024-11-21").contains(day)));
    assert!(received.contains(&EARLIER) && !received.contains(&NIGHT));
    let kinds: BTreeSet<&str> = costs.iter().map(|row| row[4].as_str()).collect();
    let all = ["Läkemedel", "Öppenvård", "Tandvård", "El", "Hyra", "Hemförsäkring", "Bredband", "Resor"];
    assert!(all.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    // The figures of the page beside it: about 17 applications and 26 costs a case.
    assert!((15 * 400..19 * 400).contains(&applications.len()), "{}", applications.len());
    assert!((23 * 400..29 * 400).contains(&costs.len()), "{}", costs.len());
}

#[test]
fn a_made_up_town_has_all_seventeen_extracts_in_their_sizes() {
    let night = part(&tree(&town("3").path("town")), NIGHT);
    assert_eq!(night.len(), 17, "{:?}", night.keys());
    let of = |file: &str, delimiter| rows(&night[&format!("{NIGHT}/{file}.csv")], delimiter);
    let (suppliers, booked) = (of("leverantorer", b';').len(), of("fakturor", b';'));
    assert!((50..60).contains(&suppliers), "{suppliers}");
    // Two hundred konteringar from each in two whole years, of which a month or so has not come.
    assert!((120 * 50..200 * 50).contains(&booked.len()), "{}", booked.len());
    assert!(booked.iter().all(|row| row[8].as_str() < NIGHT));
    // Twenty rows an adult, of whom there are somewhat more than cases; one to three documents a month.
    let (incomes, documents) = (of("inkomster", b',').len(), of("dokument", b'\t').len());
    assert!((20 * 400..40 * 400).contains(&incomes), "{incomes}");
    assert!((4 * 400..8 * 400).contains(&documents), "{documents}");
    for file in ["planer", "foretagsengagemang", "foretag", "betalmottagare", "varningslista", "avtal"] {
        assert!(!of(file, b';').is_empty(), "{file}");
    }
}

#[test]
fn what_came_in_the_day_before_the_night_is_not_in_the_night_before() {
    let files = tree(&town("1").path("town"));
    let of = |night: &str| rows(&files[&format!("{night}/ansokningar.csv")], b';');
    let (before, tonight) = (of(EARLIER), of(NIGHT));
    assert!(before.iter().all(|row| row[4] != EARLIER));
    let is_new = |row: &&Vec<String>| row[4] == EARLIER;
    assert_eq!(before.len() + tonight.iter().filter(is_new).count(), tonight.len());
}

fn town(seed: &str) -> LittleNight {
    let little = LittleNight::of_nothing();
    little
        .types(&["generate", "town", "--cases", "400", "--residents", "5000", "--seed", seed])
        .exits_with(Exit::Done)
        .prints("the right answers are in facit.csv");
    little
}
