//! A person whose day of birth is not known, and so whether they are of age.
//!
//! No number that is set aside for testing is such a one; the one here is worked out, and nobody's.

#![allow(clippy::unwrap_used, reason = "this is all test, though outside the tests' own functions")]

mod common;

use std::collections::BTreeSet;

use common::{Exit, LittleNight, NIGHT, Tree, text, tree, undisturbed};
use nattkoll::value::Personnummer;

/// A samordningsnummer of somebody whose birthday is not known, in a year when nobody alive was born, so that it is no one's.
fn of_unknown_birthday() -> Personnummer {
    (0..10_000)
        .map(|last| 1650_0060_0000 + last)
        .find_map(|number| Personnummer::from_twelve_digits(number).ok())
        .expect("every tenth has the right check digit")
}

#[test]
fn one_whose_day_of_birth_is_not_known_is_tried_where_age_does_not_matter_and_nowhere_else() {
    // The one member of EB25-0520: arbetslös, in every register, and clear in each robot.
    const WRITTEN: [&str; 4] = ["19991226-2384", "199912262384", "991226-2384", "9912262384"];
    let unknown = of_unknown_birthday().twelve_digits().to_string();
    let little = LittleNight::of_the_fixtures();
    for (file, bytes) in tree(&little.path("nights")) {
        // A byte of a person's number is the same in every encoding that the extracts have.
        let changed =
            WRITTEN.into_iter().fold(bytes, |bytes, form| replaced(&bytes, form.as_bytes(), unknown.as_bytes()));
        little.lay(&format!("nights/{file}"), &changed);
    }
    little.runs(NIGHT).exits_with(Exit::Done);
    let found = little.delivered(NIGHT);
    let differs: Vec<String> = accounts_of_all(&found).difference(&accounts_of_all(undisturbed())).cloned().collect();
    // Who is of age is asked by four of them, for a cost by whether it was bought by a child; the fifth asks what two of
    // those came to. Neither where somebody lives nor whether a case is to be closed depends on it.
    let expected = [
        "anvisning;EB25-0520/1;EB25-0520;undecided;anvisas uteblivit plan-gar-ut",
        "arbetsformedlingen;EB25-0520/1;EB25-0520;undecided;utskriven utskriven-tidigare aldrig-inskriven andrad-kategori \
         ingen-aktivitetsrapport",
        "beslutsstod;A26-5212;EB25-0520;undecided;plan-foljs-inte hogkostnad",
        "fordonsinnehav;EB25-0520/1;EB25-0520;undecided;nytt-fordon okant-fordon manga-agda tata-agarbyten forsvunnet-fordon \
         pastallt",
        "hogkostnadsskydd;K-105029;EB25-0520;undecided;over-taket frikort",
    ];
    assert_eq!(differs, expected);
    for (path, bytes) in &found {
        assert!(!String::from_utf8_lossy(bytes).contains(&unknown), "{path} has the number");
    }
}

fn accounts_of_all(files: &Tree) -> BTreeSet<String> {
    text(files, "redovisning.csv").lines().map(str::to_owned).collect()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut changed = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(place) = rest.windows(from.len()).position(|window| window == from) {
        changed.extend_from_slice(&rest[..place]);
        changed.extend_from_slice(to);
        rest = &rest[place + from.len()..];
    }
    changed.extend_from_slice(rest);
    changed
}
