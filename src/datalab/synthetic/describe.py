"""Sets a made-up country beside the published figures: both national measures, histories, work and benefits.

The rates come from the engine's own cohorts and counting rule (`cohort.events`, `fields.justice.reoffending`), so that what is
told of the country is what an analysis of it would find.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from datalab.cohort.events import make_events
from datalab.engines.duckdb import MEMORY, session
from datalab.engines.sql import compose, fetch, keep
from datalab.progress import Progress, Silent
from datalab.schema.store import open_central
from datalab.synthetic.cells import ENTRY_TABLE, NEW, OLD, WINDOW_TABLE, cell_query, entry_parts
from datalab.synthetic.further import further_figures
from datalab.synthetic.published import HELD, MAIN, Figure, published_figures, windows
from datalab.wording import say

COLUMNS = (
    "cohort",
    "measure",
    "population",
    "breakdown",
    "group",
    "metric",
    "asked",
    "people",
    "ours",
    "published",
    "difference",
)
Cells = dict[tuple[str, ...], dict[str, float]]
_SHORT, _LONG = "Custody determinate <12 months", "Custody determinate 12 months+"
MIXED_RATE = 0.42
STEPS = 4


def describe_world(folder: Path, progress: Progress | None = None, *, memory: str = MEMORY) -> pd.DataFrame:
    """Our figures beside the published ones, one row a figure, those that are held to something first.

    Columns: cohort, measure (old: a person once in 12 months; new: once a quarter; empty for others), population, breakdown,
    group, metric (rate_pct, reoffences_per_reoffender, days_to_first, entries_per_person, share_pct, days), asked (held,
    other_year, soft), people (entries of ours behind it), ours, published, difference (ours minus published, in the metric's
    unit). `folder` is the one `write_world` wrote. Raises CentralDataError where its files are not those of the schema; whether
    their rows obey it is for `run` and `index build` to check. memory: what the database may use, as in "3GB"; UsageError where
    it is too little (5,000,000 people need more than 3GB).
    """
    shown = progress or Silent()
    shown.stage(say("synthetic.stages.describe"), STEPS)
    with session(memory=memory) as connection:
        open_central(connection, folder / "central", quick=True)
        shown.step(1)
        make_events(connection)
        shown.step(2)
        cells = index_cells(count_cells(connection))
        shown.step(3)
        rows = [row for figure in published_figures() if (row := compare_figure(figure, cells))]
        rows += further_figures(connection)
        shown.step(STEPS)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.sort_values("asked", key=lambda asked: asked != HELD, kind="stable").reset_index(drop=True)


def count_cells(connection: Any, *, held: bool = False) -> pd.DataFrame:
    """The cells of every cohort with a published figure, or of those with a held one alone (see cell_query for the columns).

    connection: with the central views and `lab_event`.
    """
    cohorts = windows(held=held)
    first, last = min(one.first for one in cohorts), max(one.last for one in cohorts)
    keep(connection, ENTRY_TABLE, compose(entry_parts(first.isoformat(), last.isoformat()), "select * from entry"))
    connection.execute(
        f"create or replace temporary table {WINDOW_TABLE} (cohort varchar, measure varchar, first_day date, last_day date)"
    )
    connection.executemany(
        f"insert into {WINDOW_TABLE} values (?, ?, ?, ?)", [(one.cohort, one.measure, one.first, one.last) for one in cohorts]
    )
    cells: pd.DataFrame = fetch(connection, cell_query()).to_pandas()
    return cells


def index_cells(cells: pd.DataFrame) -> Cells:
    """The cells by cohort, measure, population, breakdown and group."""
    columns = ("people", "reoffenders", "reoffences", "days")
    made: Cells = {}
    for row in cells.to_dict("records"):
        key = tuple(str(row[name]) for name in ("cohort", "measure", "population", "breakdown", "group_name"))
        made[key] = {name: float(row[name]) for name in columns}
    return made


def compare_figure(figure: Figure, cells: Cells) -> dict[str, object]:
    """One figure beside the published one; nothing where nobody is in the group.

    cells: as of index_cells.
    """
    found = _ours(figure, cells)
    if found is None:
        return {}
    people, ours = found
    told = {name: getattr(figure, name) for name in ("cohort", "measure", "population", "breakdown", "group", "metric", "asked")}
    return {**told, "people": people, "ours": ours, "published": figure.value, "difference": ours - figure.value}


def _ours(figure: Figure, cells: Cells) -> tuple[int, float] | None:
    """How many entries, and the country's own value."""
    if figure.metric == "entries_per_person":
        new, old = (cells.get((cohort, measure, "All", "all", "all")) for cohort, measure in ((figure.cohort, NEW), (MAIN, OLD)))
        return None if new is None or old is None else (int(new["people"]), new["people"] / old["people"])
    if figure.metric == "days_to_first":
        return _mixed_days(cells)
    cell = cells.get((figure.cohort, figure.measure, figure.population, figure.breakdown, figure.group))
    if cell is None or not cell["people"]:
        return None
    if figure.metric == "rate_pct":
        return int(cell["people"]), 100.0 * cell["reoffenders"] / cell["people"]
    return (int(cell["people"]), cell["reoffences"] / cell["reoffenders"]) if cell["reoffenders"] else None


def _mixed_days(cells: Cells) -> tuple[int, float] | None:
    """Mean days to the first reoffence in a group of released adults of whom 42 % reoffend, as in the published one.

    Such a group is mixed of short and of long sentences, in the shares that give that rate.
    """
    short, long = (cells.get(("Jul 2013-Jun 2014", OLD, "Adult", "index_disposal", name)) for name in (_SHORT, _LONG))
    if short is None or long is None or not short["reoffenders"] or not long["reoffenders"]:
        return None
    high, low = (cell["reoffenders"] / cell["people"] for cell in (short, long))
    share = (MIXED_RATE - low) / (high - low) if high > low else 0.5
    again = share * high, (1.0 - share) * low
    days = (again[0] * short["days"] + again[1] * long["days"]) / sum(again)
    return int(short["reoffenders"] + long["reoffenders"]), days


def summarise(frame: pd.DataFrame) -> dict[str, float]:
    """How near the country is, over the held rows of describe_world: `rates`: how many rates; `mean_points`: their mean
    absolute difference in points; `worst_points`: the largest; `weighted_points`: the mean weighted by people."""
    rates = frame[(frame["asked"] == HELD) & (frame["metric"] == "rate_pct")]
    away = rates["difference"].abs()
    return {
        "rates": float(len(rates)),
        "mean_points": float(away.mean()),
        "worst_points": float(away.max()),
        "weighted_points": float((away * rates["people"]).sum() / rates["people"].sum()),
    }
