"""Runs programs and tells what they took: time, processor time and memory.

Used by `night.py` and `comparison/compare.py`. Python's standard library alone; memory is read from `/proc`, so Linux only.
"""

import argparse
import os
import platform
import statistics
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


class Failed(Exception):
    """A program ended with another code than 0: its figures mean nothing."""


def start(command, environment):
    return subprocess.Popen(
        [str(word) for word in command],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )


def run(command, environment=None):
    """The whole process: seconds, seconds of processor, and what it printed."""
    begun = time.perf_counter()
    process = start(command, environment or {})
    told = emptied(process)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    refuse_failure(command, process, told)
    return seconds, used.ru_utime + used.ru_stime, told()[0]


def emptied(process):
    """Empties both pipes while it runs, so that it never waits for us. Gives what tells what it printed and talked."""
    texts = [None, None]

    def empty(place, pipe):
        with pipe:
            texts[place] = pipe.read().decode(errors="replace")

    readers = [
        threading.Thread(target=empty, args=(place, pipe)) for place, pipe in enumerate((process.stdout, process.stderr))
    ]
    for reader in readers:
        reader.start()

    def told():
        for reader in readers:
            reader.join()
        return texts

    return told


def refuse_failure(command, process, told):
    if process.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {process.returncode}: {told()[1][-2000:]}")


def memory(command, environment=None):
    """Memory at most, in MB: all of it (VmHWM), and what is no file's (the highest RssAnon that was seen).

    A round of its own, as looking 200 times a second disturbs what is timed. The largest resident set that the
    system remembers of a process (`ru_maxrss`) would count the Python that started it.
    """
    process = start(command, environment or {})
    told = emptied(process)
    whole = anonymous = 0
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        except OSError:
            break
        status = dict(line.split(":", 1) for line in lines)
        whole = max(whole, megabytes(status, "VmHWM"))
        anonymous = max(anonymous, megabytes(status, "RssAnon"))
        time.sleep(0.005)
    process.wait()
    refuse_failure(command, process, told)
    return whole, anonymous


def megabytes(told, name):
    return int(told.get(name, "0 kB").split()[0]) * 1024 / 1e6


def arguments(about, rounds):
    """What is asked of a benchmark of several sizes: `about` is its help, `rounds` how many there are when nobody says."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", metavar="N,N")
    parser.add_argument("--largest", action="store_true", default=os.environ.get("BENCH_LARGEST") == "1")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("BENCH_ROUNDS", str(rounds))))
    parser.add_argument("--data", type=Path, default=TARGET / "bench")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def rounds(number):
    return "one round" if number == 1 else f"{number} rounds"


def middle(values):
    return statistics.median(values)


def cargo(*words):
    subprocess.run(["cargo", *words], cwd=ROOT, check=True)


def binary():
    cargo("build", "-q", "--release")
    return TARGET / "release" / "nattkoll"


def plain_scan():
    cargo("build", "-q", "--release", "--example", "plain_scan")
    return TARGET / "release" / "examples" / "plain_scan"


def town(nattkoll, folder, residents, cases):
    """A synthetic municipality in `folder`, made when it is not there whole and as asked for."""
    mark = folder.with_suffix(".made")
    words = f"{residents} residents, {cases} cases, seed 1"
    if not mark.is_file() or mark.read_text() != words:
        mark.unlink(missing_ok=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        run([nattkoll, "generate", folder, "--residents", residents, "--cases", cases, "--seed", 1])
        mark.write_text(words)
    return folder


def machine():
    """The machine in one line: processor, cores, memory, system."""
    cpu = next(
        (line.split(":", 1)[1].strip() for line in lines_of("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or "unknown processor",
    )
    memory = next((int(line.split()[1]) for line in lines_of("/proc/meminfo") if line.startswith("MemTotal")), 0)
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {cpu}, {memory * 1024 / 1e9:.0f} GB, {platform.system()} {platform.release()}"


def lines_of(path):
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def commit():
    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--", "src", "robots", "Cargo.toml", "Cargo.lock")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" with changes" if changed else "")


def replace_between(path, name, text):
    """Puts `text` between the lines `<!-- NAME: begin … -->` and `<!-- NAME: end -->` of a page."""
    page = path.read_text()
    before, found, rest = page.partition(f"<!-- {name}: begin")
    begin, closed, inner = rest.partition("-->\n")
    _, ended, after = inner.partition(f"<!-- {name}: end -->")
    if not (found and closed and ended):
        raise SystemExit(f"error: {path} has no place for {name}")
    path.write_text(f"{before}{found}{begin}{closed}\n{text}\n{ended}{after}")
