"""What a command loads before it can work: a second of libraries is more than a small table takes to analyse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HEAVY = (
    "pandas",
    "altair",
    "vl_convert",
    "duckdb",
    "splink",
    "gptables",
    "odfdo",
    "jinja2",
    "sklearn",
    "narwhals",
    "scipy.optimize",
    "scipy.stats",
    "scipy.linalg",
)


def loaded_by(code: str, *arguments: str) -> set[str]:
    """The heavy libraries that a fresh process has loaded after running some code."""
    ending = f"\nimport sys\nprint(*(name for name in {HEAVY} if name in sys.modules))"
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code + ending, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, env=environment)
    return set(done.stdout.splitlines()[-1].split())


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A Parquet file of 3,000 made-up people, texts and empty cells among them."""
    rng = np.random.default_rng(4)
    age = pa.array([None if value < 20 else value for value in rng.normal(35, 9, 3000).tolist()])
    area = pa.array(rng.choice(["north", "south"], 3000).tolist())
    columns = {"part": rng.integers(0, 2, 3000), "age": age, "area": area, "back": rng.integers(0, 2, 3000)}
    pq.write_table(pa.table(columns), tmp_path / "people.parquet")
    return tmp_path / "people.parquet"


def test_evaluating_a_file_loads_no_library_of_frames_charts_or_workbooks(table: Path) -> None:
    code = "import sys, datalab as dl\nprint(dl.evaluate(sys.argv[1], treatment='part', outcomes='back:binary').summary())"
    assert loaded_by(code, str(table)) == set()


def test_help_loads_nothing_heavy_and_is_quick() -> None:
    code = "import contextlib, sys\nfrom datalab.cli import app\nwith contextlib.suppress(SystemExit):\n    app(['--help'])"
    assert loaded_by(code) == set()
    began = os.times()
    subprocess.run([sys.executable, "-m", "datalab.cli", "--help"], check=True, capture_output=True, timeout=120)
    ended = os.times()
    busy = ended.children_user + ended.children_system - began.children_user - began.children_system
    assert busy < 2.0  # processor seconds; a loose guard, `make bench` prints the figure


def test_the_lazy_names_of_packages_are_all_there() -> None:
    import importlib

    for name in ("datalab", "datalab.api", "datalab.report", "datalab.cohort", "datalab.linkage", "datalab.intake"):
        package = importlib.import_module(name)
        assert all(getattr(package, each) is not None for each in package.__all__)
        with pytest.raises(AttributeError, match="nothing_of_this_name"):
            _ = package.nothing_of_this_name
