"""The page of `world describe --page`: the country beside the published figures, as pictures with their tables."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from datalab.report.html import render_page
from datalab.report.numbers import fixed
from datalab.report.page import Chart, Fact, Page, Panel, Section, TableBlock, Text
from datalab.report.svg import (
    COMPARISON,
    MUTED,
    NARROW,
    TREATED,
    WIDE,
    Size,
    data_of,
    draw,
    names_above,
    quickly,
    specification,
)
from datalab.report.tables import Column, Table, number_cell, text_cell
from datalab.synthetic.describe import summarise
from datalab.synthetic.published import HELD, OTHER_YEAR, SOFT
from datalab.wording import say

# Breakdowns with a picture of their own, in the order of the page.
PICTURES = ("all", "sex", "age_band", "previous_offences", "index_offence_group", "index_disposal", "custodial_sentence_length")
ROW_PIXELS = 30


def render_description(frame: pd.DataFrame, *, name: str, version: str) -> str:
    """The whole page. frame: of describe_world; name: of the country. Same frame, same text."""
    rates = frame[(frame["asked"] == HELD) & (frame["metric"] == "rate_pct")]
    heading = say("synthetic.page.heading")
    with quickly():
        charts = tuple(_chart(part, rates[rates["breakdown"] == part]) for part in PICTURES)
    others = frame[(frame["asked"] == HELD) & (frame["metric"] != "rate_pct")]
    sections = (
        Section("rates", say("synthetic.page.rates"), (Text(say("synthetic.page.rates_lead")), *charts)),
        Section("others", say("synthetic.page.others"), (TableBlock(_table("others", others), quiet=True),)),
        _listed(frame, SOFT),
        _listed(frame, OTHER_YEAR),
    )
    return render_page(
        Page(
            title=say("synthetic.page.title", heading=heading),
            strapline=say("synthetic.page.strapline"),
            heading=heading,
            banners=(),
            panel=_panel(frame, name),
            sections=sections,
            footer=(say("synthetic.page.footer", version=version),),
            watermark="",
        )
    )


def _listed(frame: pd.DataFrame, asked: str) -> Section:
    lead = Text(say(f"synthetic.page.{asked}_lead"))
    table = TableBlock(_table(asked, frame[frame["asked"] == asked]), summary=say("synthetic.page.open"))
    return Section(asked, say(f"synthetic.page.{asked}"), (lead, table))


def _panel(frame: pd.DataFrame, name: str) -> Panel:
    found = summarise(frame)
    facts = (
        Fact(say("synthetic.page.fact_mean"), say("synthetic.page.points", value=fixed(found["mean_points"], 1))),
        Fact(say("synthetic.page.fact_worst"), say("synthetic.page.points", value=fixed(found["worst_points"], 1))),
        Fact(say("synthetic.page.fact_weighted"), say("synthetic.page.points", value=fixed(found["weighted_points"], 1))),
    )
    sentence = say("synthetic.page.sentence", count=int(found["rates"]), value=fixed(found["mean_points"], 1))
    return Panel("unclear", say("synthetic.page.tag"), sentence, say("synthetic.page.meaning", name=name), facts, "")


def _lines(rows: pd.DataFrame) -> list[Any]:
    return list(rows.itertuples())


def row_name(row: Any) -> str:
    """A figure's name beside its picture: the group, the people it is of, and the measure where that is the newer one."""
    group = say("synthetic.page.everybody") if row.group == "all" else row.group
    new = say("synthetic.page.new") if row.measure == "new" else ""
    return say("synthetic.page.row", group=group, population=row.population, new=new).strip()


def _table(name: str, rows: pd.DataFrame) -> Table:
    heads = tuple(
        Column(say(f"synthetic.page.columns.{column}"), "text" if column in ("group", "cohort", "metric") else "number")
        for column in ("group", "cohort", "metric", "people", "published", "ours", "difference")
    )
    cells = tuple(
        (
            text_cell(row_name(row)),
            text_cell(row.cohort),
            text_cell(say(f"synthetic.page.metrics.{row.metric}")),
            number_cell(int(row.people)),
            *(
                number_cell(float(value), 1 if row.metric != "entries_per_person" else 2)
                for value in (row.published, row.ours, row.difference)
            ),
        )
        for row in _lines(rows)
    )
    return Table(name, say(f"synthetic.page.tables.{name}"), heads, cells)


def _chart(part: str, rows: pd.DataFrame) -> Chart:
    title = say(f"synthetic.page.tables.{part}")
    wide, narrow = (
        draw(_specification(rows, size), name=f"{part}-{size.name}", title=title, description=_told(rows))
        for size in (WIDE, NARROW)
    )
    return Chart(part, title, wide, narrow, _table(part, rows))


def _told(rows: pd.DataFrame) -> str:
    worst = rows.loc[rows["difference"].abs().idxmax()]
    return say("synthetic.page.told", count=len(rows), group=row_name(worst), value=fixed(abs(float(worst["difference"])), 1))


def _specification(rows: pd.DataFrame, size: Size) -> dict[str, Any]:
    """A line a figure: the published value as a hollow ring, the country's own as a filled point, a line between."""
    # Where all are of one population the title of the table says so, and long names have room.
    alone = rows["population"].nunique() == 1
    names = [str(row.group) if alone else row_name(row) for row in _lines(rows)]
    kinds = {"published": say("synthetic.page.published"), "ours": say("synthetic.page.ours")}
    ends = [
        {"name": name, "low": min(row.ours, row.published), "high": max(row.ours, row.published)}
        for name, row in zip(names, _lines(rows), strict=True)
    ]
    points = [
        {"name": name, "kind": kinds[kind], "rate": round(float(getattr(row, kind)), 3)}
        for name, row in zip(names, _lines(rows), strict=True)
        for kind in kinds
    ]
    narrow = size.name == NARROW.name
    labels = alt.Axis(title=None, labelLimit=size.labels - 10, labelFontSize=size.font, ticks=False, domain=False)
    y = alt.Y("name:N", sort=names, axis=None if narrow else labels)
    axis = alt.Axis(tickCount=size.ticks, grid=True)
    x = alt.X("rate:Q", title=say("synthetic.page.axis"), scale=alt.Scale(domainMin=0, nice=True), axis=axis)
    line = alt.Chart(data_of(ends)).mark_rule(strokeWidth=2, color=MUTED).encode(y=y, x="low:Q", x2="high:Q")
    domain = list(kinds.values())
    legend = alt.Legend(columns=1 if narrow else 2)
    marks = (
        alt.Chart(data_of(points))
        .mark_point(size=90, strokeWidth=2.5, opacity=1)
        .encode(
            y=y,
            x=x,
            color=alt.Color("kind:N", scale=alt.Scale(domain=domain, range=[COMPARISON, TREATED]), legend=legend),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=domain, range=["circle", "diamond"]), legend=legend),
        )
    )
    texts = [names_above(names, size, 12)] if narrow else []
    width = size.plot - (0 if narrow else size.labels)
    return specification(alt.layer(line, marks, *texts).properties(width=width, height=(ROW_PIXELS + 10 * narrow) * len(names)))
