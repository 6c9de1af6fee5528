//! A made-up municipality: what was planted in it is what the robots find, and it can be made again.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{EARLIER, Exit, LittleNight, NIGHT, Tree, assert_same, part, rows, text, tree};

/// The robots that the facit has answers for. Who moved in is always flagged.
const ANSWERED: [&str; 12] = [
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
        for robot in ANSWERED.into_iter().filter(|robot| *robot != "inflyttade") {
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

/// What `beslutsstod` would have come to for an application that was not drawn; for other robots the same. What could not be
/// tried is not told of one that deviates for being drawn alone.
fn without_the_draw(found: &[String], planted: &[String], drawn: &BTreeSet<String>) -> Vec<String> {
    let mut found = found.to_vec();
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
