"""`index train`: a new dated linkage model from the lab's own data, and a page that sets it beside the old one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from datalab.engines import duckdb as engine
from datalab.errors import UsageError
from datalab.indexing import READ
from datalab.intake import read_submission, require_usable
from datalab.linkage import load_model, read_model
from datalab.linkage.index import lay_upload, prepare_index
from datalab.linkage.model import make_model, packaged_model
from datalab.linkage.training import LevelChange, Training, train
from datalab.progress import Progress, Silent
from datalab.schema.store import open_central
from datalab.store import canonical_json, read_json, write_new
from datalab.training_page import render_training
from datalab.wording import say

LEAST_ROWS = 500


@dataclass(frozen=True)
class TrainedModel:
    """A model that was trained: its file and page, its version, and each level before and after."""

    model: Path
    page: Path
    version: str
    changes: tuple[LevelChange, ...]


def train_model(
    central: Path,
    uploads: Sequence[Path],
    out: Path,
    *,
    today: dt.date,
    linkage_model: Path | None = None,
    date_order: str = "auto",
    seed: int = 1,
    memory: str = engine.MEMORY,
    progress: Progress | None = None,
) -> TrainedModel:
    """Trains m and u on these uploads and the central records; writes `model_<date>.json` and its page into `out`.

    Nothing is ever overwritten: a second model of one day gets `_2`. linkage_model: the model to start from, by default the
    package's. seed: of the sample for u. Raises InputError for a bad upload or model, UsageError for fewer than 500 usable
    rows or an upload named twice, CentralDataError for records that do not obey their schema.
    """
    tell = progress or Silent()
    raw = packaged_model() if linkage_model is None else read_json(linkage_model)
    old = load_model() if linkage_model is None else read_model(linkage_model)
    with engine.session(memory=memory) as connection:
        coverage = open_central(connection, central, quick=True).coverage
        open_central(connection, central, READ)
        tell.stage(say("linkage.stages.uploads"), len(uploads))
        tables = [_usable(path, today, coverage, date_order) for path in uploads]
        _refuse_twice(uploads, tables)
        people = _people(tables)
        prepare_index(connection, old, progress=tell)
        lay_upload(connection, people, old)
        tell.stage(say("linkage.stages.train"))
        path = _free_name(out, today)
        training = train(connection, raw, path.stem, today, seed)
    return _write(path, training)


def _usable(path: Path, today: dt.date, coverage: Any, date_order: str) -> pa.Table:
    submission = read_submission(path, today=today, coverage=coverage, date_order=date_order)
    require_usable(submission)
    return submission.people


def _refuse_twice(uploads: Sequence[Path], tables: Sequence[pa.Table]) -> None:
    """An upload that is named twice, or a copy of one in any format, would count its people twice."""
    for place, table in enumerate(tables):
        if any(table.equals(earlier) for earlier in tables[:place]):
            raise UsageError(say("linkage.training.twice", path=uploads[place]))


def _people(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of all uploads, numbered anew."""
    names = set(tables[0].column_names).intersection(*(table.column_names for table in tables))
    together = pa.concat_tables([table.select(sorted(names)) for table in tables])
    if together.num_rows < LEAST_ROWS:
        raise UsageError(say("linkage.training.few", rows=together.num_rows, least=LEAST_ROWS))
    return together.set_column(together.schema.get_field_index("row"), "row", pa.array(range(together.num_rows), pa.int64()))


def _free_name(out: Path, today: dt.date) -> Path:
    """The first name of the day that no file has."""
    stem, number = f"model_{today:%Y_%m_%d}", 1
    while (path := out / f"{stem}{'' if number == 1 else f'_{number}'}.json").exists():
        number += 1
    return path


def _write(path: Path, training: Training) -> TrainedModel:
    make_model(training.model)
    version = str(training.model["version"])
    page = path.with_suffix(".html")
    write_new(page, render_training(training).encode(), overwrite=True)
    write_new(path, canonical_json(training.model) + b"\n")
    return TrainedModel(path, page, version, training.changes)


def largest_change(changes: Sequence[LevelChange]) -> float:
    """The largest change of any level's match weight, in bits.

    >>> largest_change([LevelChange("sex", "exact", (0.5, 0.5), (0.25, 0.5), "trained")])
    1.0
    """
    return max((abs(math.log2(one.m[1] / one.u[1]) - math.log2(one.m[0] / one.u[0])) for one in changes), default=0.0)
