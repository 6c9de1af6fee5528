#!/usr/bin/env python3
"""Five checks in nattkoll, DuckDB and Polars: whether they agree, and what each takes. README.md says how to run it.

    --sizes 250000,1000000    towns with so many residents
    --rounds 5                how many times each program is run, by turns; the time is the middle one
    --write                   puts the tables in figures.md beside this file
"""

import argparse
import csv
import datetime
import importlib.metadata
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import keys
import measure
from night import LARGEST, SIZES, number

NIGHT, BEFORE = "2026-11-21", "2026-11-20"
CHECKS = ["adress_andrad", "antal_skrivna", "nytt_fordon", "over_taket", "utskriven"]
OTHERS = {"DuckDB": "in_duckdb.py", "Polars": "in_polars.py"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="250000,1000000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=measure.TARGET / "bench")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    nattkoll = measure.binary()
    pages = [heading(asked)]
    disagree = []
    for size in map(int, asked.sizes.split(",")):
        cases = (SIZES | LARGEST).get(size, size // 25)
        comparison = Comparison(nattkoll, measure.town(nattkoll, asked.data / str(size), size, cases), asked)
        pages.append(f"## {number(size)} residents, {number(cases)} cases\n\n{comparison.answers()}\n\n{comparison.times()}")
        disagree += comparison.disagree
    page = "\n\n".join(pages) + "\n"
    print(page)
    if asked.write:
        (HERE / "figures.md").write_text(page)
    if disagree:
        raise SystemExit(f"error: the programs do not agree on {', '.join(disagree)}")


class Comparison:
    """The three programs over one town."""

    def __init__(self, nattkoll, town, asked):
        self.scratch = asked.data / "comparison"
        self.environment = {
            "NATTKOLL_INPUT": str(town),
            "NATTKOLL_OUTPUT": str(self.scratch / "out"),
            "NATTKOLL_STATE": str(self.scratch / "state"),
            "NATTKOLL_ROBOTS": str(HERE / "robots"),
            "NATTKOLL_NIGHT": "newest",
            "NATTKOLL_START": BEFORE,
            "NATTKOLL_MUNICIPALITY": "0380",
        }
        self.commands = {"nattkoll": [nattkoll, "-q", "run"]}
        for name, program in OTHERS.items():
            self.commands[name] = [sys.executable, HERE / program, town, NIGHT, BEFORE, self.scratch / f"{name}.csv"]
        # The first round brings the files into the page cache, tells the memory and gives the answers.
        self.memory, self.rounds = {}, {name: [] for name in self.commands}
        for name in self.commands:
            self.clear()
            self.memory[name] = measure.memory(self.commands[name], self.environment)
            self.take_answers(name)
        for _ in range(asked.rounds):
            for name in self.commands:
                self.clear()
                self.rounds[name].append(measure.run(self.commands[name], self.environment))
        shutil.rmtree(self.scratch)

    def clear(self):
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def take_answers(self, name):
        if name != "nattkoll":
            self.found[name] = keys.read(self.scratch / f"{name}.csv")
            return
        self.found = {name: {check: set() for check in CHECKS}}
        self.left_out = {outcome: {check: set() for check in CHECKS} for outcome in ("undecided", "protected")}
        self.subjects = dict.fromkeys(CHECKS, 0)
        with open(self.scratch / "out" / NIGHT / "redovisning.csv", newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file, delimiter=";"):
                check, subject, outcome = row["robot"], row["subject"], row["outcome"]
                self.subjects[check] += 1
                if outcome == "flagged":
                    self.found[name][check].add(subject)
                elif outcome != "clear":
                    self.left_out[outcome][check].add(subject)

    def answers(self):
        """A row for each check: what each program found among the subjects that nattkoll could try openly."""
        self.disagree = []
        lines = [
            f"| check | subjects | left out: undecided, protected | {' | '.join(self.commands)} | the same |",
            "|---|---|---|" + "---|" * (len(self.commands) + 1),
        ]
        for check in CHECKS:
            undecided, hidden = (self.left_out[outcome][check] for outcome in ("undecided", "protected"))
            found = [self.found[name].get(check, set()) - undecided - hidden for name in self.commands]
            agree = all(subjects == found[0] for subjects in found)
            if not agree:
                self.disagree.append(check)
            cells = [f"{len(subjects)} `{keys.digest(subjects)}`" for subjects in found]
            lines.append(
                f"| `{check}` | {number(self.subjects[check])} | {len(undecided)}, {len(hidden)} "
                f"| {' | '.join(cells)} | {'yes' if agree else '**no**'} |"
            )
        return "\n".join(lines)

    def times(self):
        lines = [
            "| program | time | least | processor time | memory | of it anonymous | time, to nattkoll's | memory, to nattkoll's |",
            "|---|---|---|---|---|---|---|---|",
        ]
        own = measure.middle([seconds for seconds, _, _ in self.rounds["nattkoll"]])
        for name, rounds in self.rounds.items():
            seconds = measure.middle([seconds for seconds, _, _ in rounds])
            processor = measure.middle([processor for _, processor, _ in rounds])
            whole, anonymous = self.memory[name]
            lines.append(
                f"| {name} | {seconds:.2f} s | {min(seconds for seconds, _, _ in rounds):.2f} s | {processor:.2f} s "
                f"| {whole:.0f} MB | {anonymous:.0f} MB | {seconds / own:.2f} | {anonymous / self.memory['nattkoll'][1]:.1f} |"
            )
        return "\n".join(lines)


def heading(asked):
    versions = ", ".join(f"{name} {importlib.metadata.version(name.lower())}" for name in OTHERS)
    return (
        "# Five checks in three programs\n\nWritten by `compare.py --write`; README.md says what is compared.\n\n"
        f"{measure.machine()}; {datetime.date.today()}, nattkoll at commit {measure.commit()}, {versions}, "
        f"Python {sys.version.split()[0]}. The middle of {measure.rounds(asked.rounds)} by turns, the whole process, files in the page cache."
    )


if __name__ == "__main__":
    main()
