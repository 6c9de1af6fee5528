# Short names for what is typed often. just is a convenience: every recipe is a line or two that can be typed by hand.

# the list of recipes
default:
    @just --list

# what the build server runs: format, lints as errors, tests, docs, a night over the fixtures
check:
    bash .ci/run

# the tests of the code, the robots' examples among them
test:
    cargo test

# the robots over the fixtures' newest night; the files are put in out/
run:
    cargo run --release -- run

# a run is killed at a few hundred random moments, and what comes after is held against undisturbed nights; minutes
kill KILLS="300":
    NATTKOLL_TEST_KILLS={{KILLS}} cargo test --test crash killed_at_any_moment

# one robot: all definitions, its examples, and its night over the fixtures without writing anything
robot NAME:
    cargo run -q --release -- check
    cargo run -q --release -- test {{NAME}}
    cargo run -q --release -- run {{NAME}} --dry-run

# a synthetic municipality in FOLDER
generate FOLDER CASES="1000" RESIDENTS="25000":
    cargo run -q --release -- generate {{FOLDER}} --cases {{CASES}} --residents {{RESIDENTS}}

# how long one check takes, in nanoseconds where criterion says microseconds: each round is a thousand checks
bench-rules:
    cargo bench --bench rules

# new texts for the rule language, from the kept ones, for so many SECONDS; needs a nightly compiler and cargo-fuzz
fuzz SECONDS="300":
    cd fuzz && cargo +nightly fuzz run rule -- -max_total_time={{SECONDS}} -max_len=400 -timeout=20

# how long a check and a night take, in a city of 10 000 cases, 250 000 residents; the figures stand in the README
bench CASES="10000" RESIDENTS="250000": bench-rules
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build -q --release
    place="$PWD/target/bench/{{CASES}}-{{RESIDENTS}}"
    if [ ! -d "$place/city" ]; then
        mkdir -p "$place"
        target/release/nattkoll generate "$place/city" --cases {{CASES}} --residents {{RESIDENTS}}
    fi
    export NATTKOLL_INPUT="$place/city" NATTKOLL_NIGHT=newest
    for round in 1 2 3; do
        rm -rf "$place/out" "$place/state"
        export NATTKOLL_OUTPUT="$place/out" NATTKOLL_STATE="$place/state"
        if [ -x /usr/bin/time ]; then
            /usr/bin/time -f "round $round: %e s, %U s of processor, %M kB at most" target/release/nattkoll -q run
        else
            TIMEFORMAT="round $round: %R s, %U s of processor"
            time target/release/nattkoll -q run
        fi
    done
    du -shL "$place/city"

# what the night of the fixtures must come out as, byte for byte, made anew: read the difference before it is committed
renew-expected:
    NATTKOLL_RENEW_EXPECTED=1 cargo test --test fixtures
    git diff --stat -- fixtures/expected

# the documentation of the code, opened in a browser
doc:
    cargo doc --no-deps --open
