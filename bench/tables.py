"""Made-up tables for timing: 18 numeric columns and five categories of 3, 4, 5, 10 and 25 levels, about 60 covariates.

`python -m bench.tables FILE ROWS [--many]` writes one: in a process of its own, since what a process has held counts as the
peak of the processes that it starts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LEVELS = (3, 4, 5, 10, 25)
TREATED_SHARE = 0.005
COVARIATES = (
    *(f"x{index}" for index in range(8)),
    *(f"k{index}" for index in range(6)),
    *(f"b{index}" for index in range(4)),
    *(f"g{level}" for level in LEVELS),
)
# One outcome and the time to it; and eleven of every kind, the last two of them known only for those who came back.
ONE = ("outcome:binary", "days:time:back")
ELEVEN = (
    *ONE,
    "court:binary",
    "custody:binary",
    "offences:count",
    "hearings:count",
    "sentences:count",
    "worked:days",
    "earned:number",
    "first:number",
    "each:count",
)
AMONG = ("first", "each")
Rows = dict[str, Any]


def make_table(path: Path, rows: int, *, many: bool = False) -> None:
    """`write_table` in a process of its own."""
    command = [sys.executable, "-m", "bench.tables", str(path), str(rows), *(["--many"] if many else [])]
    subprocess.run(command, check=True)


def write_table(path: Path, rows: int, seed: int = 1, *, many: bool = False) -> None:
    """A Parquet table of `rows` people, about 0.5 % treated (at least 500), selection and outcomes on the same risks.

    many: with the columns of all eleven outcomes, else those of the one and of its time.
    """
    rng = np.random.default_rng(seed)
    columns: Rows = {f"x{index}": rng.normal(size=rows) for index in range(8)}
    columns |= {f"k{index}": rng.poisson(1 + index, rows).astype(np.float64) for index in range(6)}
    columns |= {f"b{index}": (rng.random(rows) < 0.2 + 0.1 * index).astype(np.float64) for index in range(4)}
    codes = {f"g{level}": rng.integers(0, level, rows) for level in LEVELS}
    risk = 0.3 * columns["x0"] - 0.2 * columns["x1"] + 0.1 * columns["k0"] + 0.2 * columns["b0"] + 0.02 * codes["g10"]
    share = max(TREATED_SHARE, 500 / rows)
    pull = np.exp(0.5 * (risk - risk.mean()))
    treated = rng.random(rows) < share * pull / pull.mean()
    outcome = rng.random(rows) < 1 / (1 + np.exp(0.5 - risk + 0.3 * treated))
    arrays = {name: pa.array(values) for name, values in columns.items()}
    arrays |= {
        name: pa.array([f"level {code:02d}" for code in range(int(name[1:]))]).take(pa.array(values))
        for name, values in codes.items()
    }
    arrays |= {"treated": pa.array(treated.astype(np.int8)), "outcome": pa.array(outcome.astype(np.int8))}
    arrays |= {name: pa.array(values) for name, values in _timed(rng, outcome).items()}
    if many:
        arrays |= {name: pa.array(values) for name, values in _more(rng, risk, outcome).items()}
    pq.write_table(pa.table(arrays), path)


def _timed(rng: np.random.Generator, outcome: np.ndarray) -> Rows:
    """Whole days to the event of those who have it in the year, else 365."""
    days = np.where(outcome, rng.integers(1, 366, outcome.size), 365)
    return {"days": days.astype(np.float64), "back": outcome.astype(np.int8)}


def _more(rng: np.random.Generator, risk: np.ndarray, outcome: np.ndarray) -> Rows:
    """The other outcomes: rates, counts, days with a mass at 0, a number, and two of those who came back (else null)."""
    n = risk.size
    offences = np.where(outcome, 1 + rng.poisson(np.exp(0.2 * risk)), 0)
    rates = {"court": outcome & (rng.random(n) < 0.8), "custody": outcome & (rng.random(n) < 0.3)}
    counts = {"offences": offences, "hearings": rng.binomial(offences, 0.8), "sentences": rng.binomial(offences, 0.3)}
    worked = np.where(rng.random(n) < 0.4, rng.integers(1, 366, n), 0).astype(np.float64)
    among = {"first": rng.normal(100 - 5 * risk, 30), "each": offences.astype(np.float64)}
    return {
        **{name: values.astype(np.int8) for name, values in rates.items()},
        **{name: values.astype(np.int32) for name, values in counts.items()},
        "worked": worked,
        "earned": worked * np.exp(rng.normal(3.5, 0.3, n)),
        **{name: np.where(outcome, values, 0.0) for name, values in among.items()},
    }


def main() -> None:
    """Writes the table asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("rows", type=int)
    parser.add_argument("--many", action="store_true")
    asked = parser.parse_args()
    write_table(asked.path, asked.rows, many=asked.many)


if __name__ == "__main__":
    main()
