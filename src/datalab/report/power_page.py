"""The answer of `power` as a picture and a page: the curve, the people needed, and what they rest on."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from datalab.planning.power import Plan, Reach
from datalab.planning.sentences import (
    TextTable,
    answer,
    assumptions,
    enough,
    need_table,
    people,
    reach_table,
    size_text,
)
from datalab.report.html import render_page
from datalab.report.page import Bullets, Chart, Fact, Page, Panel, Section, TableBlock, Text
from datalab.report.svg import (
    COMPARISON,
    INK,
    MUTED,
    NARROW,
    TREATED,
    WIDE,
    Size,
    data_of,
    draw,
    quickly,
    specification,
    standalone,
)
from datalab.report.tables import Column, Table, text_cell
from datalab.wording import say

CURVES = ("typical", "high", "low")
DASHES = ([1, 0], [7, 4], [2, 3])


def power_picture(plan: Plan) -> str:
    """The curve as an SVG file of its own, with title and description for a screen reader."""
    with quickly():
        return standalone(_drawing(plan, WIDE))


def render_power(plan: Plan, *, version: str) -> str:
    """The whole page. Same plan, same text."""
    chart = power_chart(plan)
    heading = say("planning.page.heading")
    sections = (
        Section("answer", say("planning.page.answer"), tuple(Text(text) for text in answer(plan))),
        Section("curve", say("planning.page.curve"), (chart,)),
        Section("needs", say("planning.page.needs"), (TableBlock(page_table("by_effect", need_table(plan)), quiet=True),)),
        Section("rests", say("planning.page.rests"), (Bullets(assumptions(plan)),)),
    )
    return render_page(
        Page(
            title=say("planning.page.title", heading=heading),
            strapline=say("planning.page.strapline"),
            heading=heading,
            banners=(),
            panel=_panel(plan),
            sections=sections,
            footer=(say("planning.page.footer", version=version),),
            watermark="",
        )
    )


def _panel(plan: Plan) -> Panel:
    asked, reach = plan.settings, plan.reach
    facts = [
        Fact(
            say("planning.page.fact_analysed"),
            people(reach.analysed),
            say("planning.page.fact_analysed_note", participants=people(asked.participants)),
        ),
        Fact(
            say("planning.page.fact_smallest"),
            size_text(plan, reach.smallest, short=True),
            say("planning.page.fact_smallest_note", power=round(100 * asked.power)),
        ),
    ]
    if plan.need is not None:
        size = size_text(plan, plan.need.effect)
        note = say("planning.page.fact_needed_note", size=size)
        facts.append(Fact(say("planning.page.fact_needed"), enough(plan.need.participants), note))
    title = say("planning.answer.title", participants=people(asked.participants))
    return Panel("unclear", say("planning.page.tag"), title, "", tuple(facts), "")


def page_table(name: str, table: TextTable) -> Table:
    """A table of words as one of the page: the first column heads the rows, the others stand right."""
    columns = tuple(Column(title, "text" if place == 0 else "number") for place, title in enumerate(table.headings))
    return Table(name, table.title, columns, tuple(tuple(text_cell(cell) for cell in row) for row in table.rows))


def power_chart(plan: Plan) -> Chart:
    """The curve for wide and narrow windows with the table of its figures."""
    with quickly():
        wide, narrow = _drawing(plan, WIDE), _drawing(plan, NARROW)
    return Chart("power", say("planning.chart.title"), wide, narrow, page_table("by_participants", reach_table(plan)))


def _drawing(plan: Plan, size: Size) -> str:
    first, last = plan.by_participants[0], plan.by_participants[-1]
    marked = say("planning.chart.marked", participants=people(plan.reach.participants), size=size_text(plan, plan.reach.smallest))
    description = say(
        "planning.chart.description",
        first=people(first.participants),
        first_size=size_text(plan, first.smallest),
        last=people(last.participants),
        last_size=size_text(plan, last.smallest),
        marked=marked,
    )
    title = say("planning.chart.title")
    return draw(_specification(plan, size), name=f"power-{size.name}", title=title, description=description)


def _specification(plan: Plan, size: Size) -> dict[str, Any]:
    shift = 100.0 if plan.settings.typical.kind == "binary" else 1.0
    names = {curve: say(f"planning.chart.{curve}") for curve in CURVES}
    chosen = CURVES if plan.reach.smallest_low != plan.reach.smallest_high else CURVES[:1]
    data = [
        {"people": point.participants, "curve": names[curve], "effect": round(shift * value, 4)}
        for point in plan.by_participants
        for curve, value in zip(CURVES, (point.smallest, point.smallest_high, point.smallest_low), strict=True)
        if curve in chosen and math.isfinite(value)
    ]
    x = alt.X("people:Q", title=say("planning.chart.x"), scale=alt.Scale(type="log", nice=False), axis=_people_axis(plan, size))
    y = alt.Y("effect:Q", title=_effect_title(plan), scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=6))
    domain = [names[curve] for curve in chosen]
    count = len(domain)
    legend = alt.Legend(columns=3 if size is WIDE else 1) if count > 1 else None
    line = (
        alt.Chart(data_of(data))
        .mark_line(strokeWidth=2.5, interpolate="monotone")
        .encode(
            x=x,
            y=y,
            color=alt.Color("curve:N", scale=alt.Scale(domain=domain, range=[TREATED, MUTED, MUTED][:count]), legend=legend),
            strokeDash=alt.StrokeDash("curve:N", scale=alt.Scale(domain=domain, range=list(DASHES[:count])), legend=legend),
        )
    )
    layers = [line, *_marks(plan, plan.reach, shift), *_stated(plan, shift)]
    return specification(alt.layer(*layers).properties(width=size.plot - 60, height=260))


def _people_axis(plan: Plan, size: Size) -> Any:
    ends = (plan.by_participants[0].participants, plan.by_participants[-1].participants)
    marks = (10, 30, 60, 100, 200, 500, 1000, 2000, 5000, 10_000) if size is WIDE else (10, 60, 200, 1000, 10_000)
    values = [value for value in marks if ends[0] <= value <= ends[1]]
    return alt.Axis(values=values, format=",", grid=False)


def _effect_title(plan: Plan) -> str:
    return say(f"planning.chart.y_{plan.settings.typical.kind}")


def _marks(plan: Plan, reach: Reach, shift: float) -> list[Any]:
    """The size that was asked about: a diamond with its words."""
    if not math.isfinite(reach.smallest):
        return []
    text = say("planning.chart.marked", participants=people(reach.participants), size=size_text(plan, reach.smallest))
    data = data_of([{"people": reach.participants, "effect": round(shift * reach.smallest, 4), "text": text}])
    base = alt.Chart(data).encode(x="people:Q", y="effect:Q")
    last = plan.by_participants[-1].participants
    align, dx = ("right", -12) if reach.participants > math.sqrt(last * plan.by_participants[0].participants) else ("left", 12)
    look: dict[str, Any] = {"align": align, "dx": dx, "dy": -12, "fontWeight": "bold"}
    words = base.encode(text="text:N")
    return [
        base.mark_point(shape="diamond", filled=True, size=160, color=COMPARISON, opacity=1),
        words.mark_text(**look, stroke="#ffffff", strokeWidth=5),
        words.mark_text(**look, color=INK),
    ]


def _stated(plan: Plan, shift: float) -> list[Any]:
    """The change to find, as a line across."""
    if plan.need is None:
        return []
    text = say("planning.chart.stated", size=size_text(plan, plan.need.effect))
    data = data_of([{"effect": round(shift * plan.need.effect, 4), "text": text, "people": plan.by_participants[0].participants}])
    base = alt.Chart(data).encode(y="effect:Q")
    return [
        base.mark_rule(strokeDash=[5, 4], strokeWidth=1.5, color=COMPARISON),
        base.mark_text(align="left", dx=4, dy=-8, color=COMPARISON).encode(x="people:Q", text="text:N"),
    ]
