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

# how long the parts of a night take: reading a register, joining, the robots' rounds, what is written
bench-parts:
    cargo bench --bench parts

# how long a night takes at three sizes, each robot alone and all in one run, and how that grows with the invoices; renews the tables in the README and docs/speed.md. BENCH_LARGEST=1: a size more of each
bench:
    python3 benches/night.py --write
    python3 benches/many_invoices.py --write
    bash benches/instructions.sh

# the same five checks in nattkoll, DuckDB and Polars; needs a network once, for the two
bench-comparison *OPTIONS:
    python3 -m venv target/comparison
    target/comparison/bin/pip install -q -r benches/comparison/requirements.txt
    target/comparison/bin/python benches/comparison/compare.py {{OPTIONS}}

# what the night of the fixtures must come out as, byte for byte, made anew: read the difference before it is committed
renew-expected:
    NATTKOLL_RENEW_EXPECTED=1 cargo test --test fixtures --test history
    git diff --stat -- fixtures/expected

# the documentation of the code, opened in a browser
doc:
    cargo doc --no-deps --open
