"""A table larger than the memory it may take lies in unnamed files, and gives the same figures to the last bit."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datalab as dl
from datalab.errors import InputError
from datalab.evaluation.prepare import build_analysis_table, parse_outcome
from datalab.evaluation.readers import outgrows, read_table
from datalab.evaluation.request import EvaluationRequest

ROWS = 6_000
ASKED = EvaluationRequest("took", (parse_outcome("back:binary"),))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Numbers with and without gaps, whole numbers, true/false, and texts, some of them missing."""
    rng = np.random.default_rng(7)
    age = rng.normal(40.0, 9.0, ROWS)
    took = rng.random(ROWS) < 0.05 + 0.002 * (age - 40.0)
    place = rng.choice(["north", "south", "west"], ROWS)
    columns = {
        "took": pa.array(took.astype(np.int8)),
        "back": pa.array((rng.random(ROWS) < 0.4 - 0.1 * took).astype(np.int8)),
        "age": pa.array(age),
        "gaps": pa.array(rng.normal(size=ROWS), mask=rng.random(ROWS) < 0.1),
        "offences": pa.array(rng.poisson(3, ROWS)),
        "employed": pa.array(rng.random(ROWS) < 0.5),
        "place": pa.array(place, mask=rng.random(ROWS) < 0.05),
    }
    path = tmp_path_factory.mktemp("table") / "table.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=1_000)
    return path


def test_figures_do_not_depend_on_where_the_table_lies(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    held = dl.evaluate(path, treatment="took", outcomes="back:binary")
    on_disk = dl.evaluate(path, treatment="took", outcomes="back:binary", memory=1)
    assert repr(asdict(on_disk.findings)) == repr(asdict(held.findings))
    assert on_disk.body == held.body
    assert list(tmp_path.iterdir()) == []


def test_covariates_of_a_large_table_lie_on_disk(path: Path) -> None:
    table = build_analysis_table(read_table(path, memory=0), ASKED, memory=0)
    assert {covariate.name for covariate in table.covariates} == {"age", "gaps", "offences", "employed", "place"}
    assert all(not covariate.values.flags.owndata and not covariate.values.flags.writeable for covariate in table.covariates)


def test_a_table_outgrows_the_memory_given_and_no_less() -> None:
    assert not outgrows(1_000, 5, memory=40_000)
    assert outgrows(1_000, 5, memory=39_999)
    assert not outgrows(1_000, 5)


def test_a_full_disk_is_said_in_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    with pytest.raises(InputError, match=r"must lie in .* which failed: No space left on device\. Make room there"):
        read_table(path, memory=0)
