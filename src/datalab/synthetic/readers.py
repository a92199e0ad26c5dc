"""Reads back what a made-up country knows about itself."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from datalab.store import read_json


def truth_names(folder: Path) -> tuple[str, ...]:
    """The programmes of the country in `folder`. Raises InputError where it holds no truth.json."""
    return tuple(read_json(folder / "truth.json")["programmes"])


def read_truth_rows(folder: Path, programme: str) -> pa.Table:
    """The truth rows of one programme, as truth.truth_rows made them."""
    return pq.read_table(folder / "truth" / f"{programme}.parquet")
