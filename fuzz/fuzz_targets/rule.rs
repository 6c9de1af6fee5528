//! Whatever bytes stand in a robot's file, the rule language answers: with a value, or with a mistake and its place.
//! `just fuzz` runs it; what it finds is kept in `corpus/rule` and run by every `cargo test`.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "../exercise.rs"]
mod exercise;

static EXERCISE: LazyLock<exercise::Exercise> = LazyLock::new(exercise::Exercise::new);

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        EXERCISE.run(text);
    }
});
