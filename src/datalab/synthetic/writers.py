"""Writes a made-up country: central records, the providers' uploads, a study for each, and the truth."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

import datalab
from datalab.engines.archives import normalise_zip
from datalab.schema.store import CARD, CARD_FORMAT
from datalab.store import write_json
from datalab.synthetic.plans import study_text
from datalab.synthetic.programmes import Programme
from datalab.synthetic.truth import TRUTH_FORMAT, mean_truth, truth_rows
from datalab.synthetic.uploads import COLUMNS
from datalab.synthetic.world import World

TODAY_PROPERTY = datetime(2014, 1, 31)
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Facts:
    """What a whole country was made from."""

    people: int
    seed: int
    today: date
    hidden_selection: float
    replicates: int


@dataclass(frozen=True)
class Sent:
    """One programme as it is written: the rows of its upload, and the truth behind each (see truth_rows)."""

    programme: Programme
    rows: Rows
    truth: pa.Table


class CentralFiles:
    """The Parquet files of the central tables, to which blocks of rows are appended; a file is opened by its first rows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}

    def append(self, tables: Mapping[str, pa.Table]) -> None:
        """Adds rows to each table."""
        for name, table in tables.items():
            if name not in self._writers:
                self._writers[name] = pq.ParquetWriter(self._folder / f"{name}.parquet", table.schema, compression="zstd")
            self._writers[name].write_table(table)

    def close(self) -> None:
        """Ends every file."""
        for writer in self._writers.values():
            writer.close()


@contextmanager
def open_central_files(folder: Path) -> Iterator[CentralFiles]:
    """The files of `folder/central`, closed at the end."""
    (folder / "central").mkdir(parents=True, exist_ok=True)
    files = CentralFiles(folder / "central")
    try:
        yield files
    finally:
        files.close()


def write_world(world: World, folder: Path) -> None:
    """Writes the country to `folder`: `central/`, `uploads/`, `studies/`, `truth/` and `truth.json`.

    The same country gives the same bytes on the same lock and platform. Existing files of those names are replaced.
    """
    with open_central_files(folder) as files:
        files.append(world.tables)
    facts = Facts(world.people, world.seed, world.today, world.hidden_selection, world.replicates)
    write_sent(sent_by(world), facts, folder)


def sent_by(world: World) -> tuple[Sent, ...]:
    """What each programme of a country sends in."""
    return tuple(Sent(one.programme, one.upload.rows, truth_rows(one)) for one in world.conducted)


def write_sent(sent: tuple[Sent, ...], facts: Facts, folder: Path) -> None:
    """Writes all but the tables: the card of the central data, uploads, studies, and the truth."""
    for name in ("central", "uploads", "studies", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    card = {"format": CARD_FORMAT, "name": f"Made-up country of {facts.people} people, seed {facts.seed}", "synthetic": True}
    write_json(folder / "central" / CARD, card)
    for one in sent:
        name = one.programme.name
        write_upload(one.rows, folder / "uploads" / f"{name}.csv")
        write_upload(one.rows, folder / "uploads" / f"{name}.xlsx")
        study = study_text(one.programme, seed=facts.seed, today=facts.today)
        (folder / "studies" / f"{name}.toml").write_text(study, encoding="utf-8")
        pq.write_table(one.truth, folder / "truth" / f"{name}.parquet", compression="zstd")
    write_json(folder / "truth.json", _truth_document(sent, facts))


def write_upload(rows: Rows, path: Path) -> None:
    """Writes an upload as .csv (UTF-8) or .xlsx, every cell as text."""
    if path.suffix == ".csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows([COLUMNS, *rows])
        path.write_bytes(text.getvalue().encode("utf-8"))
    else:
        path.write_bytes(_workbook(rows))


def _workbook(rows: Rows) -> bytes:
    """The upload as a workbook whose bytes do not depend on the clock."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": TODAY_PROPERTY, "title": "Participants"})
    sheet = book.add_worksheet("Participants")
    for row, cells in enumerate([COLUMNS, *rows]):
        for column, text in enumerate(cells):
            if text:
                sheet.write_string(row, column, text)
    book.close()
    return normalise_zip(made.getvalue())


def _truth_document(sent: tuple[Sent, ...], facts: Facts) -> dict[str, object]:
    return {
        "format": TRUTH_FORMAT,
        "people": facts.people,
        "seed": facts.seed,
        "today": facts.today.isoformat(),
        "hidden_selection": facts.hidden_selection,
        "replicates": facts.replicates,
        "programmes": {one.programme.name: mean_truth(one.truth).as_dict() for one in sent},
    }


def draw_description(frame: pd.DataFrame, folder: Path, page: Path) -> None:
    """Writes the page of a country beside the published figures. frame: of describe_world for the country in `folder`."""
    # The page needs the report's drawing, which takes a second to import and which no other command here uses.
    from datalab.synthetic.page import render_description  # noqa: PLC0415

    card = json.loads((folder / "central" / CARD).read_text(encoding="utf-8"))
    text = render_description(frame, name=str(card["name"]), version=datalab.__version__)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
