"""`make bench`: wall time and peak memory of the main jobs, median of a few runs, beside what is to be reached."""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.tables import write_table
from datalab.matching.radius import radius_weights

SEPARATOR = "-" * 100


@dataclass(frozen=True)
class Timing:
    """Wall seconds and peak memory (MB) of one run of a command."""

    seconds: float
    megabytes: float


def time_command(command: list[str]) -> Timing:
    """Runs a command to its end and measures the whole process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read().decode() if process.stderr else ""  # to the end, so that the pipe never fills
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command[:4])} ended with {process.returncode}: {errors}")
    return Timing(time.perf_counter() - began, usage.ru_maxrss / 1024)


def report(name: str, timings: list[Timing], reach: str) -> None:
    """One line of the table: median and range of seconds, median of megabytes."""
    seconds = [timing.seconds for timing in timings]
    memory = statistics.median(timing.megabytes for timing in timings)
    spread = f"{min(seconds):.2f}–{max(seconds):.2f}"
    print(f"{name:58} {statistics.median(seconds):8.2f} {spread:>14} {memory:9.0f}  {reach}", flush=True)


def bench_matching(runs: int) -> None:
    """The radius step alone: 5,000 treated against 1,000,000, inside this process."""
    rng = np.random.default_rng(7)
    logit = np.concatenate([rng.normal(-3.6, 1.3, 5_000), rng.normal(-5, 1.3, 1_000_000)])
    treated, strata = np.arange(logit.size) < 5_000, np.zeros(logit.size, dtype=np.int64)
    timings = []
    for _ in range(runs):
        began = time.perf_counter()
        radius_weights(logit, treated, strata, 0.26)
        timings.append(Timing(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    report("matching step alone, 5,000 x 1,000,000", timings, "under 0.2 s")


def bench_evaluate(work: Path, rows: int, runs: int, reach: str) -> None:
    """`datalab evaluate` on a Parquet file, whole process, report and annex included."""
    path, out = work / f"{rows}.parquet", work / f"evaluate-{rows}"
    write_table(path, rows)
    command = [
        sys.executable,
        "-m",
        "datalab.cli",
        "evaluate",
        str(path),
        "--treatment",
        "treated",
        "--outcome",
        "outcome:binary",
    ]
    command += ["--out", str(out), "--overwrite", "--quiet"]
    report(f"evaluate, {rows:,} rows x 60 covariates, one outcome", [time_command(command) for _ in range(runs)], reach)


def bench_run(work: Path, people: int, runs: int) -> None:
    """`datalab run`: a provider's 1,000 people against `people` central people."""
    country = work / "country"
    made = time_command(
        [sys.executable, "-m", "datalab.cli", "world", "make", "--people", str(people), "--out", str(country), "--quiet"]
    )
    report(f"world make, {people:,} people", [made], "")
    study = country / "studies" / "thousand.toml"
    shorten_upload(country, study)
    command = [sys.executable, "-m", "datalab.cli", "run", str(study), "--out", str(work / "run"), "--overwrite", "--quiet"]
    report(
        f"run, 1,000 submitted, {people:,} central people",
        [time_command(command) for _ in range(runs)],
        "under 60 s, under 4,000 MB",
    )


def shorten_upload(country: Path, study: Path) -> None:
    """A study of the main programme whose upload holds its first 1,000 rows."""
    lines = (country / "uploads" / "thames-workshop.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (country / "uploads" / "thousand.csv").write_text("".join(lines[:1001]), encoding="utf-8")
    text = (country / "studies" / "thames-workshop.toml").read_text(encoding="utf-8")
    study.write_text(text.replace("thames-workshop.xlsx", "thousand.csv"), encoding="utf-8")


def main() -> None:
    """Runs every benchmark, or the ones named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--only", choices=("run", "evaluate", "matching"))
    asked = parser.parse_args()
    print(f"{'job':58} {'median s':>8} {'range':>14} {'peak MB':>9}  to be reached\n{SEPARATOR}")
    with tempfile.TemporaryDirectory(prefix="datalab-bench-") as folder:
        work = Path(folder)
        if asked.only in (None, "matching"):
            bench_matching(asked.runs)
        if asked.only in (None, "evaluate"):
            for rows, reach in ((20_000, ""), (200_000, ""), (1_000_000, "under 10 s")):
                bench_evaluate(work, rows, asked.runs, reach)
        if asked.only in (None, "run"):
            bench_run(work, asked.people, asked.runs)


if __name__ == "__main__":
    main()
