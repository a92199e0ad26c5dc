"""Parts of a report by themselves: the charts of the page and the tables of the annex, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from datalab.constraints import unknown
from datalab.disclosure.results import Releasable, Release
from datalab.errors import UsageError
from datalab.report.annex_tables import annex_tables
from datalab.report.balance_tables import balance_table
from datalab.report.charts import effect_charts
from datalab.report.match_charts import attrition_chart, love_chart, overlap_chart
from datalab.report.page import Chart
from datalab.report.survival_chart import survival_chart
from datalab.report.svg import quickly
from datalab.report.tables import Table, every_column


@dataclass(frozen=True)
class Part:
    """Charts, each with the table of its figures, and further tables; nothing but what the release shows."""

    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


# The tables of each part, by their names in the annex, in reading order.
_TABLES = {
    "people": ("analyses", "linkage", "linkage_groups", "profile"),
    "match": ("bands", "settings"),
    "results": ("per_100", "results", "needs", "landmarks", "rmst", "compare", "people_needed"),
    "sensitivity": ("sensitivity", "hidden_bias", "weights", "missed_links"),
    "disclosure": ("checks",),
}
PARTS = tuple(_TABLES)


def report_part(releasable: Releasable, part: str, place: int = 0) -> Part:
    """One part of a report. part: one of PARTS. place: of the analysis that charts and balance are of, from 0.

    Raises UsageError for a part or an analysis that is not there.
    """
    release = releasable.release
    if part not in _TABLES:
        raise UsageError(unknown("part", part, PARTS))
    if release.analyses and not 0 <= place < len(release.analyses):
        raise UsageError(unknown("analysis", str(place), [str(number) for number in range(len(release.analyses))]))
    one = replace(release, analyses=release.analyses[place : place + 1])
    with quickly():
        charts = _CHARTS[part](one, release)
    known = {table.name: table for table in annex_tables(releasable)}
    tables = tuple(every_column(known[name]) for name in _TABLES[part] if name in known)
    own = (balance_table(release, one.analyses),) if part == "match" else ()
    return Part(charts, (*(every_column(table) for table in own if table.rows), *tables))


def _people(one: Release, release: Release) -> tuple[Chart, ...]:
    return attrition_chart(release) if release.attrition else ()


def _match(one: Release, release: Release) -> tuple[Chart, ...]:
    return tuple(chart for analysis in one.analyses for draw in (overlap_chart, love_chart) for chart in draw(release, analysis))


def _results(one: Release, release: Release) -> tuple[Chart, ...]:
    return effect_charts(release) + tuple(chart for analysis in one.analyses for chart in survival_chart(release, analysis))


def _no_charts(one: Release, release: Release) -> tuple[Chart, ...]:
    return ()


_CHARTS: dict[str, Callable[[Release, Release], tuple[Chart, ...]]] = {
    "people": _people,
    "match": _match,
    "results": _results,
    "sensitivity": _no_charts,
    "disclosure": _no_charts,
}
