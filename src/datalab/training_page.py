"""The page that sets a trained linkage model beside the one before: m, u and match weight of every level, and a chart."""

from __future__ import annotations

import math
from typing import Any, Literal

import altair as alt

import datalab
from datalab.linkage.training import LevelChange, Training
from datalab.report.html import render_page
from datalab.report.page import Chart, Fact, Page, Panel, Section, Text
from datalab.report.svg import MUTED, NARROW, TREATED, WIDE, Size, data_of, draw, quickly, specification
from datalab.report.tables import Column, Table, text_cell
from datalab.wording import say

SMALLEST = 1e-3  # below it a share is told by its power of ten


def render_training(training: Training) -> str:
    """The whole page as HTML. Same training, same text."""
    model = training.model
    versions = {"old": model["trained"]["from"], "new": model["version"]}
    heading = say("linkage.training.heading", **versions)
    with quickly():
        wide, narrow = _draw(training, WIDE), _draw(training, NARROW)
    chart = Chart("weights", say("linkage.training.chart"), wide, narrow, _table(training))
    return render_page(
        Page(
            title=heading,
            strapline=say("linkage.training.strapline"),
            heading=heading,
            banners=(),
            panel=_panel(training),
            sections=(
                Section("weights", say("linkage.training.levels"), (chart,)),
                Section("kept", say("linkage.training.kept_heading"), (Text(say("linkage.training.kept_text")),)),
            ),
            footer=(say("linkage.training.footer", version=datalab.__version__),),
            watermark="",
        )
    )


def weight(m: float, u: float) -> float:
    """The match weight of a level in bits: how much it speaks for one person.

    >>> weight(0.5, 0.125)
    2.0
    """
    return math.log2(m / u)


def _panel(training: Training) -> Panel:
    trained = sum(change.how == "trained" for change in training.changes)
    facts = (
        Fact(say("linkage.training.rows"), f"{training.rows:,}", ""),
        Fact(say("linkage.training.people"), f"{training.people:,}", ""),
        Fact(say("linkage.training.trained"), f"{trained}/{len(training.changes)}", ""),
    )
    title = say("linkage.training.panel")
    return Panel("unclear", say("linkage.training.tag"), title, "", facts, "")


def _table(training: Training) -> Table:
    heads = ("comparison", "level", "m_old", "m_new", "u_old", "u_new", "weight_old", "weight_new", "how")
    kinds: dict[str, Literal["text", "number"]] = {"comparison": "text", "level": "text", "how": "text"}
    columns = tuple(Column(say(f"linkage.training.{name}"), kinds.get(name, "number")) for name in heads)
    rows = tuple(tuple(text_cell(text) for text in _cells(change)) for change in training.changes)
    return Table("weights", say("linkage.training.levels"), columns, rows)


def _cells(change: LevelChange) -> tuple[str, ...]:
    shares = [_share(value) for value in (*change.m, *change.u)]
    weights = [f"{weight(change.m[place], change.u[place]):.1f}" for place in (0, 1)]
    how = say(f"linkage.training.how_{change.how}")
    return (change.comparison.replace("_", " "), change.level, *shares, *weights, how)


def _share(value: float) -> str:
    return f"{value:.4f}" if value >= SMALLEST else f"{value:.1e}"


def _draw(training: Training, size: Size) -> str:
    names = {"old": say("linkage.training.old"), "new": say("linkage.training.new")}
    order = [_label(change) for change in training.changes]
    data = [
        {"level": _label(change), "weight": round(weight(change.m[place], change.u[place]), 3), "model": name}
        for change in training.changes
        for place, name in enumerate(names.values())
    ]
    domain = list(names.values())
    marks = (
        alt.Chart(data_of(data))
        .mark_point(filled=True, size=70)
        .encode(
            x=alt.X("weight:Q", title=say("linkage.training.axis"), axis=alt.Axis(tickCount=size.ticks)),
            y=alt.Y("level:N", sort=order, title=None, axis=alt.Axis(labelLimit=size.labels, labelFontSize=size.font)),
            color=alt.Color("model:N", scale=alt.Scale(domain=domain, range=[MUTED, TREATED]), legend=alt.Legend(columns=2)),
            shape=alt.Shape("model:N", scale=alt.Scale(domain=domain, range=["circle", "diamond"]), legend=None),
        )
    )
    wanted: dict[str, Any] = specification(marks.properties(width=size.plot, height=22 * len(order)))
    return draw(
        wanted,
        name=f"weights-{size.name}",
        title=say("linkage.training.chart"),
        description=say("linkage.training.chart_description"),
    )


def _label(change: LevelChange) -> str:
    return f"{change.comparison.replace('_', ' ')}: {change.level}"
