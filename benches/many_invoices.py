#!/usr/bin/env python3
"""How long a night of many konteringar takes, a third of them of the kinds that are hard, and how much memory.

Nights of several sizes are made with `invoices.py` in a folder that is kept (`target/bench`, or --data), and `fakturagranskning`
is run over each: a first night, everything written and recorded. What is looked for is growth: twice the rows shall take little
more than twice the time and the memory, whatever the rows are.

    --sizes 100000,1000000    only these
    --largest                 20 000 000 konteringar too (or BENCH_LARGEST=1): some 3 GB of disk
    --rounds 3                how many times each is run; the time is the middle one
    --write                   puts the table in docs/speed.md
"""

import csv
import datetime
import shutil

import invoices
import measure

SIZES = [100_000, 300_000, 1_000_000, 5_000_000]
LARGEST = 20_000_000
# A kontering may take so many times as long on the largest night as on the next.
GROWTH = 1.5


def main():
    asked = measure.arguments(__doc__, rounds=3)
    nattkoll = measure.binary()
    sizes = [int(size) for size in asked.sizes.split(",")] if asked.sizes else SIZES + [LARGEST] * asked.largest
    nights = [Night(nattkoll, asked, size) for size in sizes]
    page = (
        f"{measure.machine()}; {datetime.date.today()}, commit {measure.commit()}. "
        f"The middle of {measure.rounds(asked.rounds)}, files in the page cache.\n\n"
        "| konteringar | file | invoices tried | flagged | time | processor time | memory, anonymous | a kontering |\n"
        "|---|---|---|---|---|---|---|---|\n" + "\n".join(night.row() for night in nights)
    )
    print(page)
    if asked.write:
        measure.replace_between(measure.ROOT / "docs/speed.md", "invoices", page + "\n")
    slow = grows(nights)
    if slow:
        print(f"\na kontering takes {slow:.1f} times as long on the largest night as on the next")


def grows(nights):
    """How many times as long a kontering takes on the largest night as on the next, where that is more than it may be."""
    if len(nights) < 2:
        return None
    *_, less, most = (night.processor / night.size for night in nights)
    return most / less if most > GROWTH * less else None


class Night:
    """One night, and what it took."""

    def __init__(self, nattkoll, asked, size):
        self.size = size
        self.folder = asked.data / f"invoices-{size}"
        if not (self.folder / "made").is_file():
            shutil.rmtree(self.folder, ignore_errors=True)
            invoices.make(size, self.folder)
            (self.folder / "made").touch()
        night = invoices.NIGHT.isoformat()
        self.bytes = (self.folder / night / "fakturor.csv").stat().st_size
        scratch = asked.data / "invoices-run"
        environment = {
            "NATTKOLL_INPUT": str(self.folder),
            "NATTKOLL_OUTPUT": str(scratch / "out"),
            "NATTKOLL_STATE": str(scratch / "state"),
            "NATTKOLL_ROBOTS": str(measure.ROOT / "robots"),
        }
        since = (invoices.NIGHT - datetime.timedelta(days=7)).isoformat()
        command = [nattkoll, "-q", "run", "fakturagranskning", "--night", night, "--since", since]

        def cleared():
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(parents=True)

        # The first round also brings the files into the page cache.
        cleared()
        _, self.memory = measure.memory(command, environment)
        self.outcomes = outcomes(scratch / "out" / night / "redovisning.csv")
        took = []
        for _ in range(asked.rounds):
            cleared()
            took.append(measure.run(command, environment))
        self.seconds = measure.middle([seconds for seconds, _, _ in took])
        self.processor = measure.middle([processor for _, processor, _ in took])
        shutil.rmtree(scratch, ignore_errors=True)

    def row(self):
        each = self.memory * 1e6 / self.size
        cells = [
            number(self.size),
            f"{self.bytes / 1e6:.0f} MB",
            number(sum(self.outcomes.values())),
            number(self.outcomes.get("flagged", 0)),
            f"{self.seconds:.1f} s",
            f"{self.processor:.1f} s",
            f"{self.memory:.0f} MB",
            f"{each:.0f} bytes, {self.processor * 1e6 / self.size:.1f} µs",
        ]
        return f"| {' | '.join(cells)} |"


def outcomes(accounts):
    """How many came to each outcome."""
    counts = {}
    with open(accounts, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file, delimiter=";"):
            counts[row["outcome"]] = counts.get(row["outcome"], 0) + 1
    return counts


def number(number):
    return f"{number:,}".replace(",", " ")


if __name__ == "__main__":
    main()
