//! A made-up municipality: what was planted in it is what the robots find, and it can be made again.

mod common;

use common::{Exit, LittleNight, NIGHT, assert_same, rows, text, tree};

#[test]
fn the_robots_find_in_a_made_up_town_what_was_planted() {
    for seed in ["1", "2"] {
        let little = town(seed);
        little.types(&["run", "--input", "town", "--night", NIGHT]).exits_with(Exit::Done);
        let facit = std::fs::read(little.path("town/facit.csv")).unwrap();
        let planted: Vec<Vec<String>> = rows(&facit, b';').into_iter().map(|row| row[1..].to_vec()).collect();
        let accounts = rows(&little.delivered(NIGHT)["redovisning.csv"], b';');
        let found: Vec<Vec<String>> = accounts
            .into_iter()
            .map(|row| vec![row[0].clone(), row[1].clone(), row[3].clone(), row[4].clone()])
            .collect();
        for (planted, found) in planted.iter().zip(&found) {
            assert_eq!(planted, found, "seed {seed}");
        }
        assert_eq!(planted.len(), found.len(), "seed {seed}");
        assert!(planted.len() > 1_000, "{}", planted.len());
        for outcome in ["clear", "flagged", "undecided", "protected"] {
            assert!(planted.iter().any(|row| row[2] == outcome), "seed {seed} has no subject that is {outcome}");
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_town_and_another_makes_another() {
    let (one, again, other) = (town("1"), town("1"), town("2"));
    let files = tree(&one.path("town"));
    assert_eq!(files.len(), 12, "{:?}", files.keys());
    assert_same(&files, &tree(&again.path("town")));
    let other = tree(&other.path("town"));
    assert!(files.keys().eq(other.keys()));
    assert_ne!(text(&files, "facit.csv"), text(&other, "facit.csv"));
}

fn town(seed: &str) -> LittleNight {
    let little = LittleNight::of_nothing();
    little
        .types(&["generate", "town", "--cases", "400", "--residents", "5000", "--seed", seed])
        .exits_with(Exit::Done)
        .prints("the right answers are in facit.csv");
    little
}
