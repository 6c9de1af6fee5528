#!/usr/bin/env bash
# How many instructions a small fixed night takes, beside the last recorded one: a figure that another program on the
# machine does not disturb. Needs valgrind; without it says so and is content. `--record` adds the figure to
# benches/instructions.txt. The hash tables' seeds differ from run to run, which is worth about one part in a thousand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v valgrind >/dev/null; then
    echo "instructions: valgrind is not on this machine, so they were not counted"
    exit 0
fi

record=benches/instructions.txt
target=${CARGO_TARGET_DIR:-target}
place=$target/bench/instructions
cargo build -q --release
rm -rf "$place"
mkdir -p "$place"
"$target/release/nattkoll" -q generate "$place/town" --seed 1 --cases 300 --residents 5000
export NATTKOLL_INPUT=$place/town NATTKOLL_OUTPUT=$place/out NATTKOLL_STATE=$place/state NATTKOLL_NIGHT=newest
valgrind --tool=callgrind --callgrind-out-file="$place/callgrind.out" --log-file="$place/log" \
    "$target/release/nattkoll" -q run --jobs 1 --dry-run >/dev/null 2>"$place/talk" ||
    { cat "$place/talk" "$place/log" >&2; exit 1; }
counted=$(sed -n 's/.*Collected : //p' "$place/log")
rm -rf "$place"

read -r commit before < <(grep -v '^#' "$record" | tail -n 1) || true
printf 'instructions of a fixed night: %s' "$counted"
if [ -n "${before:-}" ]; then
    awk -v now="$counted" -v before="$before" -v commit="$commit" \
        'BEGIN { printf "; recorded at %s: %s, now %+.1f %%", commit, before, 100 * (now - before) / before }'
fi
echo
if [ "${1:-}" = --record ]; then
    echo "$(git rev-parse --short HEAD) $counted" >>"$record"
fi
