"""Writes a made-up country: central records, the providers' uploads, a study for each, and the truth."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import xlsxwriter

from datalab.engines.archives import normalise_zip
from datalab.schema.store import CARD, CARD_FORMAT
from datalab.store import write_json
from datalab.synthetic.plans import study_text
from datalab.synthetic.truth import TRUTH_FORMAT, mean_truth, truth_rows
from datalab.synthetic.uploads import COLUMNS, Upload
from datalab.synthetic.world import World

TODAY_PROPERTY = datetime(2014, 1, 31)


def write_world(world: World, folder: Path) -> None:
    """Writes the country to `folder`: `central/`, `uploads/`, `studies/`, `truth/` and `truth.json`.

    The same country gives the same bytes on the same lock and platform. Existing files of those names are replaced.
    """
    for name in ("central", "uploads", "studies", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, table in world.tables.items():
        pq.write_table(table, folder / "central" / f"{name}.parquet", compression="zstd")
    card = {"format": CARD_FORMAT, "name": f"Made-up country of {world.people} people, seed {world.seed}", "synthetic": True}
    write_json(folder / "central" / CARD, card)
    for conducted in world.conducted:
        name = conducted.programme.name
        write_upload(conducted.upload, folder / "uploads" / f"{name}.csv")
        write_upload(conducted.upload, folder / "uploads" / f"{name}.xlsx")
        (folder / "studies" / f"{name}.toml").write_text(study_text(conducted.programme, world), encoding="utf-8")
        pq.write_table(truth_rows(conducted), folder / "truth" / f"{name}.parquet", compression="zstd")
    write_json(folder / "truth.json", _truth_document(world))


def write_upload(upload: Upload, path: Path) -> None:
    """Writes an upload as .csv (UTF-8) or .xlsx, every cell as text."""
    if path.suffix == ".csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows([COLUMNS, *upload.rows])
        path.write_bytes(text.getvalue().encode("utf-8"))
    else:
        path.write_bytes(_workbook(upload))


def _workbook(upload: Upload) -> bytes:
    """The upload as a workbook whose bytes do not depend on the clock."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": TODAY_PROPERTY, "title": "Participants"})
    sheet = book.add_worksheet("Participants")
    for row, cells in enumerate([COLUMNS, *upload.rows]):
        for column, text in enumerate(cells):
            if text:
                sheet.write_string(row, column, text)
    book.close()
    return normalise_zip(made.getvalue())


def _truth_document(world: World) -> dict[str, object]:
    return {
        "format": TRUTH_FORMAT,
        "people": world.people,
        "seed": world.seed,
        "today": world.today.isoformat(),
        "hidden_selection": world.hidden_selection,
        "replicates": world.replicates,
        "programmes": {one.programme.name: mean_truth(truth_rows(one)).as_dict() for one in world.conducted},
    }
