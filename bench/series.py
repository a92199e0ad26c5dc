"""The whole process from Parquet to effect, interval, survival and balance table, from 20,000 rows to 10,000,000."""

from __future__ import annotations

import math
import sys
from itertools import pairwise
from pathlib import Path

from bench.tables import make_table
from bench.timing import Timing, line, median, repeat, section, time_command

SIZES = (20_000, 200_000, 1_000_000)
LARGEST = (3_000_000, 10_000_000)
REACH = {20_000: "under 1.2 s", 200_000: "under 2 s", 1_000_000: "under 6 s, under 1,300 MB"}
ELEVEN_ROWS = 1_000_000


def core_command(path: Path, *options: str) -> list[str]:
    """The command that evaluates a file without report and annex."""
    return [sys.executable, "-m", "bench.core", str(path), *options]


def bench_series(work: Path, runs: int, *, largest: bool) -> None:
    """One outcome and its survival at every size, and how the cost grows against N log N."""
    section("Whole process, Parquet to effect, interval, survival and balance table: one outcome x 60 covariates")
    medians: list[tuple[int, float]] = []
    for rows in SIZES + (LARGEST if largest else ()):
        timings = time_rows(work, rows, 1 if rows in LARGEST else runs)
        line(f"{rows:,} rows", timings, REACH.get(rows, ""))
        medians.append((rows, median(timings)))
    print("growth of wall time, against growth of N log N:")
    for (rows, seconds), (more, longer) in pairwise(medians):
        allowed = more * math.log(more) / (rows * math.log(rows))
        print(f"  {rows:>10,} to {more:>10,}   {longer / seconds:6.1f} x   {allowed:6.1f} x")


def time_rows(work: Path, rows: int, runs: int) -> list[Timing]:
    """Timings at so many rows; the file is made before and removed after."""
    path = work / f"core-{rows}.parquet"
    make_table(path, rows)
    timings = repeat(lambda: time_command(core_command(path)), runs)
    path.unlink()
    return timings


def bench_eleven(work: Path, runs: int) -> None:
    """Eleven outcomes of every kind at a million rows."""
    section(f"Whole process, eleven outcomes x 60 covariates, {ELEVEN_ROWS:,} rows")
    path = work / "eleven.parquet"
    make_table(path, ELEVEN_ROWS, many=True)
    timings = repeat(lambda: time_command(core_command(path, "--eleven")), runs)
    line("3 rates, 3 counts, days, number, time, 2 among those who came back", timings, "under 25 s")
    path.unlink()
