"""Made-up tables for timing `evaluate`: 18 numeric columns and five categories of 3, 4, 5, 10 and 25 levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LEVELS = (3, 4, 5, 10, 25)
TREATED_SHARE = 0.005


def write_table(path: Path, rows: int, seed: int = 1) -> None:
    """A Parquet table of `rows` people, about 0.5 % treated (at least 500), selection and outcome on the same risks."""
    rng = np.random.default_rng(seed)
    columns = {f"x{index}": rng.normal(size=rows) for index in range(8)}
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
    pq.write_table(pa.table(arrays), path)
