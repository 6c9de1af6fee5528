#!/usr/bin/env python3
"""How long a night takes, how much memory, and how that stands to a plain scan of the same bytes.

`just bench`, or by hand `python3 benches/night.py`. Towns of three sizes are made with `nattkoll generate` in a folder
that is kept (`target/bench`, or --data). In each the whole process is timed: a first night, files written and synced,
ledger made; every robot alone, and all in one run. docs/speed.md says what each figure is.

    --sizes 25000,250000      only these
    --largest                 10 500 000 residents too (or BENCH_LARGEST=1): some 11 GB of extracts, two nights
    --rounds 5                how many times each is run; the time is the middle one
    --write                   puts the tables in benches/figures.md, and those of all robots in README.md
"""

import datetime
import json
import shutil

import measure

# Residents, and the cases of a town of that size.
SIZES = {25_000: 1_000, 250_000: 10_000, 1_000_000: 40_000}
LARGEST = {10_500_000: 140_000}
# All robots in one run, of the sum of each alone.
SHARE = 0.70


def main():
    asked = measure.arguments(__doc__, rounds=5)
    nattkoll, scan = measure.binary(), measure.plain_scan()
    sizes = SIZES | (LARGEST if asked.largest else {})
    if asked.sizes:
        sizes = {int(size): (SIZES | LARGEST).get(int(size), int(size) // 25) for size in asked.sizes.split(",")}
    towns = [Town(nattkoll, scan, asked, residents, cases) for residents, cases in sizes.items()]
    for town in towns:
        town.measure()
    about = (
        f"{measure.machine()}; {datetime.date.today()}, commit {measure.commit()}. "
        f"The middle of {measure.rounds(asked.rounds)}, files in the page cache."
    )
    whole = "\n\n".join([heading(), about, together(towns), *(town.table() for town in towns)])
    print(whole)
    if asked.write:
        (measure.ROOT / "benches/figures.md").write_text(whole + "\n")
        measure.replace_between(measure.ROOT / "README.md", "figures", f"{about}\n\n{together(towns)}\n")
    late = [town.residents for town in towns if town.share() > SHARE]
    if late:
        print(f"\nall robots in one run take more than {SHARE:.0%} of the sum at {late} residents")


class Town:
    """A municipality, and what the runs over it took."""

    def __init__(self, nattkoll, scan, asked, residents, cases):
        self.nattkoll, self.scan, self.rounds = nattkoll, scan, asked.rounds
        self.residents, self.cases = residents, cases
        self.folder = measure.town(nattkoll, asked.data / str(residents), residents, cases)
        self.scratch = asked.data / "run"
        self.runs = {}

    def measure(self):
        environment = {
            "NATTKOLL_INPUT": str(self.folder),
            "NATTKOLL_OUTPUT": str(self.scratch / "out"),
            "NATTKOLL_STATE": str(self.scratch / "state"),
            "NATTKOLL_ROBOTS": str(measure.ROOT / "robots"),
            "NATTKOLL_NIGHT": "newest",
        }
        _, _, listed = measure.run([self.nattkoll, "robots"], environment)
        robots = [line.split()[0] for line in listed.splitlines()[1:] if line]
        commands = {robot: [self.nattkoll, "-q", "run", *([robot] if robot else [])] for robot in ["", *robots]}
        # The first round also brings the files into the page cache.
        for robot, command in commands.items():
            self.clear()
            self.runs[robot] = Run(measure.memory(command, environment), self.files_read())
        # By turns, so that what else the machine does meets all alike.
        for _ in range(self.rounds):
            for robot, command in commands.items():
                self.clear()
                self.runs[robot].add(measure.run(command, environment))
        for _ in range(max(3, self.rounds)):
            for run in self.runs.values():
                run.scans.append(float(measure.run([self.scan, *run.files])[2].split()[0]))
        shutil.rmtree(self.scratch, ignore_errors=True)

    def clear(self):
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def files_read(self):
        """The files that the run says it has read."""
        (manifest,) = self.scratch.glob("out/*/manifest.json")
        extracts = json.loads(manifest.read_text())["extracts"]
        return [self.folder / extract["night"] / extract["file"] for extract in extracts]

    def alone(self):
        return [run for robot, run in self.runs.items() if robot]

    def share(self):
        return self.runs[""].seconds / sum(run.seconds for run in self.alone())

    def table(self):
        rows = [self.runs[""].row("**all in one run**")]
        rows += [run.row(f"`{robot}` alone") for robot, run in self.runs.items() if robot]
        processor = self.runs[""].processor / sum(run.processor for run in self.alone())
        return (
            f"## {number(self.residents)} residents, {number(self.cases)} cases\n\n"
            "| run | extracts read | time | least | processor time | memory | of it anonymous | plain scan | times a plain scan |\n"
            "|---|---|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
            f"Each robot alone takes {sum(run.seconds for run in self.alone()):.2f} s in all; "
            f"all in one run take {self.share():.0%} of that, and {processor:.0%} of the processor time."
        )


class Run:
    """What one command took."""

    def __init__(self, memory, files):
        self.whole, self.anonymous = memory
        self.files = files
        self.bytes = sum(file.stat().st_size for file in files)
        self.rounds, self.scans = [], []

    def add(self, measured):
        seconds, processor, _ = measured
        self.rounds.append((seconds, processor))

    @property
    def seconds(self):
        return measure.middle([seconds for seconds, _ in self.rounds])

    @property
    def processor(self):
        return measure.middle([processor for _, processor in self.rounds])

    @property
    def times_a_scan(self):
        """The quickest of both: a scan is over so soon that whatever else the machine does falls on one of them alone."""
        return min(self.rounds)[0] / min(self.scans)

    def row(self, name):
        cells = [
            name,
            f"{self.bytes / 1e6:.1f} MB",
            f"{self.seconds:.2f} s",
            f"{min(self.rounds)[0]:.2f} s",
            f"{self.processor:.2f} s",
            f"{self.whole:.0f} MB",
            f"{self.anonymous:.0f} MB",
            f"{min(self.scans):.3f} s",
            f"{self.times_a_scan:.1f}",
        ]
        return f"| {' | '.join(cells)} |"


def heading():
    return "# What a night takes\n\nWritten by `benches/night.py --write`. [docs/speed.md](../docs/speed.md) says what each figure is."


def together(towns):
    """One row for each size: all robots in one run."""
    lines = [
        "| residents | cases | extracts read | time | processor time | memory, anonymous | times a plain scan | of the sum of each robot alone |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for town in towns:
        run = town.runs[""]
        lines.append(
            f"| {number(town.residents)} | {number(town.cases)} | {run.bytes / 1e6:.0f} MB | {run.seconds:.2f} s "
            f"| {run.processor:.2f} s | {run.anonymous:.0f} MB | {run.times_a_scan:.0f} | {town.share():.0%} |"
        )
    return "\n".join(lines)


def number(value):
    return f"{value:,}".replace(",", " ")


if __name__ == "__main__":
    main()
