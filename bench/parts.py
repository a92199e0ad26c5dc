"""The parts of the engine at a million rows, each called on a table already in memory: `python -m bench.parts RUNS`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.tables import COVARIATES, ONE, make_table
from bench.timing import line, repeat, section, time_call
from datalab.balance import measure_balance
from datalab.effects.cox import fit_hazard_ratio
from datalab.evaluation.prepare import build_analysis_table, parse_outcome
from datalab.evaluation.readers import read_table
from datalab.evaluation.request import EvaluationRequest
from datalab.matching import MatchSettings, match
from datalab.matching.radius import radius_weights
from datalab.matching.results import Match
from datalab.numerics.design import build_design
from datalab.numerics.glm import fit_ridge
from datalab.table import AnalysisTable, Bools, Floats

ROWS = 1_000_000
CALIPER = 0.26


def read_parts_table(folder: Path, rows: int) -> AnalysisTable:
    """The benchmark's table in memory."""
    path = folder / "parts.parquet"
    make_table(path, rows)
    request = EvaluationRequest("treated", tuple(parse_outcome(text) for text in ONE), COVARIATES, horizon=365.0)
    return build_analysis_table(read_table(path), request)


def bench_parts(runs: int, *, largest: bool) -> None:
    """The parts in a process of their own, so that what they hold counts for no other line."""
    subprocess.run([sys.executable, "-m", "bench.parts", str(runs), *(["--largest"] if largest else [])], check=True)


def time_parts(runs: int, *, largest: bool) -> None:
    """Ridge logistic regression, radius matching, balance table and Cox model, as design B asks for each."""
    section(f"Parts, {ROWS:,} rows x 60 covariates, data in memory")
    bench_radius(5_000, ROWS, runs, "under 0.1 s")
    if largest:
        bench_radius(20_000, 10_000_000, runs, "under 1.5 s")
    with tempfile.TemporaryDirectory(prefix="datalab-bench-") as folder:
        table = read_parts_table(Path(folder), ROWS)
    treated = table.treated.astype(np.float64)

    def fit() -> object:
        return fit_ridge(build_design(table.covariates), treated, "logistic")

    line("ridge logistic, categories kept as codes, standardising included", repeat(lambda: time_call(fit), runs), "under 1 s")
    found = match(table, MatchSettings())
    balance = repeat(lambda: time_call(lambda: measure_balance(table, found)), runs)
    line("balance table, before and after, every level", balance, "under 1 s")
    bench_cox(table, found, runs)


def bench_radius(treated: int, pool: int, runs: int, reach: str) -> None:
    """The radius step alone, on scores drawn for it."""
    rng = np.random.default_rng(7)
    logit: Floats = np.concatenate([rng.normal(-3.6, 1.3, treated), rng.normal(-5, 1.3, pool)])
    is_treated: Bools = np.arange(logit.size) < treated
    strata = np.zeros(logit.size, dtype=np.int64)
    timings = repeat(lambda: time_call(lambda: radius_weights(logit, is_treated, strata, CALIPER)), runs)
    line(f"radius matching, {treated:,} x {pool:,}", timings, reach)


def bench_cox(table: AnalysisTable, found: Match, runs: int) -> None:
    """The weighted Cox model with robust variance, on everybody matched."""
    rows, outcome = found.matched, table.outcomes[1]
    event = outcome.event
    if event is None:
        raise RuntimeError("the second outcome of the benchmark's table must be a time")
    values = (outcome.values[rows], event[rows], table.treated[rows], found.weights[rows], table.person[rows])
    line("weighted Cox model, robust variance", repeat(lambda: time_call(lambda: fit_hazard_ratio(*values)), runs), "under 1 s")


def main() -> None:
    """Times the parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=int)
    parser.add_argument("--largest", action="store_true")
    asked = parser.parse_args()
    time_parts(asked.runs, largest=asked.largest)


if __name__ == "__main__":
    main()
