"""Parts of a run's report as pages of their own: drawn by the engine from the run's release, once, and kept."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from markupsafe import Markup

from datalab.api import draw_stored
from datalab.errors import DataLabError
from datalab.report.tables import Table
from portal.config.refusals import Refused
from portal.runs.models import Job
from portal.runs.output import output_folder

# As the engine names them (datalab.report.parts), in reading order.
PARTS = ("people", "match", "results", "sensitivity", "disclosure")


def shown_part(job: Job, part: str, place: int) -> Mapping[str, Any]:
    """Charts (drawings for wide and narrow windows, with their tables) and tables of a part. place: of the analysis.

    Drawing takes a second, reading what was drawn before a millisecond. Raises Refused, in the engine's words, where the
    output is not what its manifest says.
    """
    kept = Path(settings.HOME) / "figures" / job.public_id / f"{job.output_sha256[:16]}-{part}-{place}.json"
    if not kept.is_file():
        _keep(kept, _draw(job, part, place))
    found = json.loads(kept.read_text(encoding="utf-8"))
    for chart in found["charts"]:  # the engine's own drawings, in which every text is escaped
        chart["wide"], chart["narrow"] = Markup(chart["wide"]), Markup(chart["narrow"])  # noqa: S704
    return found


def _draw(job: Job, part: str, place: int) -> dict[str, Any]:
    try:
        found = draw_stored(output_folder(job), part, place)
    except DataLabError as error:
        raise Refused("\n".join([error.message, *error.faults]), status=409) from error
    charts = [
        {"title": chart.title, "wide": chart.wide, "narrow": chart.narrow, "table": _plain(chart.table)} for chart in found.charts
    ]
    return {"charts": charts, "tables": [_plain(table) for table in found.tables]}


def _plain(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "heads": [column.title for column in table.columns],
        "rows": [[cell.text for cell in row] for row in table.rows],
        "notes": list(table.notes),
    }


def _keep(path: Path, found: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.write_text(json.dumps(found), encoding="utf-8")
    made.replace(path)
