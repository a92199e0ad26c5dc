"""What others use, in the same run on the same tables: R's MatchIt beside the whole engine, lifelines beside our Cox model."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from bench.series import core_command
from bench.tables import make_table
from bench.timing import Timing, line, section, time_command

SIZES = (200_000, 1_000_000)
COX_SIZE = 20_000
COX_LARGEST = 200_000
SCRIPT = Path(__file__).parent / "matchit.R"


def bench_peers(work: Path, runs: int, *, largest: bool) -> None:
    """Times both on each table and prints how many times faster we are, by wall time and by processor time."""
    section("Peers, whole processes on the same table in this run")
    if (missing := missing_peer()) is not None:
        print(missing)
    else:
        for rows in SIZES:
            compare_matchit(work, rows, runs)
    compare_lifelines(work, COX_LARGEST if largest else COX_SIZE, runs)


def missing_peer() -> str | None:
    """The sentence that says what is not installed, or None."""
    if shutil.which("Rscript") is None:
        return "R is not installed, so MatchIt is not timed (Debian: r-base-core, r-cran-matchit)."
    asked = subprocess.run(["Rscript", "-e", "library(MatchIt)"], check=False, capture_output=True)
    return "R has no MatchIt, so it is not timed (Debian: r-cran-matchit)." if asked.returncode else None


def compare_matchit(work: Path, rows: int, runs: int) -> None:
    """MatchIt's nearest 1:1 with its balance table from CSV, and our whole engine from Parquet, in turns."""
    table, text = work / f"peer-{rows}.parquet", work / f"peer-{rows}.csv"
    make_table(table, rows)
    pa_csv.write_csv(pq.read_table(table), text)
    pairs = [
        (time_command(core_command(table)), time_command(["Rscript", "--vanilla", str(SCRIPT), str(text)])) for _ in range(runs)
    ]
    report_pair((f"ours, {rows:,} rows", f"MatchIt nearest 1:1 with summary(), {rows:,} rows"), pairs, "at least 12 x, aim 20 x")
    text.unlink()
    table.unlink()


def compare_lifelines(work: Path, rows: int, runs: int) -> None:
    """Lifelines' robust Cox model of the treatment alone, and ours, both from the same Parquet file."""
    table = work / f"cox-{rows}.parquet"
    make_table(table, rows)
    jobs = [[sys.executable, "-m", name, str(table)] for name in ("bench.our_cox", "bench.lifelines_cox")]
    pairs = [(time_command(jobs[0]), time_command(jobs[1])) for _ in repeat_once(rows, runs)]
    report_pair((f"our Cox model, {rows:,} rows", f"lifelines CoxPHFitter(robust=True), {rows:,} rows"), pairs, "")
    table.unlink()


def repeat_once(rows: int, runs: int) -> range:
    """One run where lifelines takes most of a minute."""
    return range(1 if rows > COX_SIZE else runs)


def report_pair(names: tuple[str, str], pairs: list[tuple[Timing, Timing]], reach: str) -> None:
    """Two lines, and the ratios of the least times of each."""
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    line(names[0], ours)
    line(names[1], theirs)
    wall = min(timing.seconds for timing in theirs) / min(timing.seconds for timing in ours)
    processor = min(timing.processor for timing in theirs) / min(timing.processor for timing in ours)
    print(f"  {wall:.1f} x faster by wall time, {processor:.1f} x by processor time (least of each). {reach}", flush=True)
