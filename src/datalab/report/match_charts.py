"""Charts of the match and of the people: love plot, overlap of the scores, the funnel of attrition."""

from __future__ import annotations

from statistics import median
from typing import Any

import altair as alt

from datalab.disclosure.results import Release, ReleasedAnalysis
from datalab.report.balance_tables import BALANCE_COLUMNS, balance_table, covariate_title, overlap_table, worst_covariates
from datalab.report.charts import slug, titled
from datalab.report.numbers import fixed, is_shown, percent_of_people, shown, smd_decimals
from datalab.report.page import Chart
from datalab.report.people_tables import attrition_table
from datalab.report.sentences import explained, vocabulary
from datalab.report.svg import (
    COMPARISON,
    INK,
    MUTED,
    NARROW,
    POOL,
    TREATED,
    WIDE,
    Size,
    data_of,
    draw,
    names_above,
    specification,
)
from datalab.report.tables import Table, chosen, every_column
from datalab.wording import say

BANDS_PERCENT = (5, 10)
STEP_PIXELS = 50
LONGEST_LABEL = 360
LETTER_PIXELS = 7.2  # an average letter at 14 pixels, with a little room
WIDEST_END = 2.0


def love_chart(release: Release, analysis: ReleasedAnalysis) -> tuple[Chart, ...]:
    """Standardised differences before and after matching of the covariates least alike; nothing where none is shown."""
    worst = worst_covariates(analysis)
    if not worst or analysis.balance is None:
        return ()
    before, after = say("report.charts.before"), say("report.charts.after")
    data = [
        {"name": covariate_title(line), "when": when, "size": round(100 * abs(shown(value)), 2)}
        for line in worst
        for when, value in ((before, line.smd_before), (after, line.smd))
        if is_shown(value)
    ]
    largest = fixed(analysis.balance.max_smd, smd_decimals(analysis.balance.max_smd), 2, "%")
    description = say("report.charts.love_desc", count=len(worst))
    if is_shown(analysis.balance.max_smd):
        description = f"{description} {say('report.page.largest', largest=largest)}"
    order = [covariate_title(line) for line in worst]
    whole = balance_table(release, (analysis,))
    keep = {(line.label, line.level) for line in worst}
    rows = tuple(row for row in whole.rows if (row[1].text, row[2].text) in keep)
    heading = titled(release, analysis, say("report.tables.least_alike"))
    table = chosen(Table(whole.name, heading, whole.columns, rows, whole.notes), BALANCE_COLUMNS)
    title = titled(release, analysis, say("report.charts.love_title"))
    name = f"love-{slug(analysis.name)}"
    drawings = [
        draw(
            _love_specification(data, order, (before, after), size),
            name=f"{name}-{size.name}",
            title=title,
            description=description,
        )
        for size in (WIDE, NARROW)
    ]
    return (Chart(name, title, drawings[0], drawings[1], table),)


def _love_specification(data: list[dict[str, Any]], order: list[str], when: tuple[str, str], size: Size) -> dict[str, Any]:
    """Names beside the marks in the wide drawing, above them in the narrow one, where there is no room beside."""
    labels = min(LONGEST_LABEL, round(LETTER_PIXELS * max(len(name) for name in order))) if size is WIDE else 0
    names = alt.Axis(title=None, labelLimit=labels, labelFontSize=size.font, ticks=False, domain=False, grid=False)
    most = max([12.0, *(row["size"] for row in data)])
    x = alt.X(
        "size:Q",
        title=say("report.charts.love_axis"),
        scale=alt.Scale(domain=[0, most * 1.04], nice=False),
        axis=alt.Axis(tickCount=size.ticks),
    )
    base = alt.Chart(data_of(data)).encode(y=alt.Y("name:N", sort=order, axis=names if size is WIDE else None))
    drop = 0 if size is WIDE else 10
    link = base.mark_line(color="#c3c8cc", strokeWidth=1.5, yOffset=drop).encode(x=x, detail="name:N")
    legend = alt.Legend(columns=2 if size is WIDE else 1)
    points = base.mark_point(size=90, strokeWidth=2, opacity=1, yOffset=drop).encode(
        x=x,
        shape=alt.Shape("when:N", scale=alt.Scale(domain=list(when), range=["square", "circle"]), legend=legend),
        color=alt.Color("when:N", scale=alt.Scale(domain=list(when), range=[COMPARISON, TREATED]), legend=legend),
        fill=alt.Fill("when:N", scale=alt.Scale(domain=list(when), range=["#ffffff", TREATED]), legend=legend),
    )
    lines = alt.Chart(data_of([{"line": band} for band in BANDS_PERCENT]))
    marks = lines.mark_rule(strokeDash=[5, 4], color=MUTED, strokeWidth=1.5).encode(x="line:Q")
    layers = [marks, link, points] if size is WIDE else [marks, link, points, names_above(order, size)]
    step = alt.Step(26 if size is WIDE else 40)
    return specification(alt.layer(*layers).properties(width=size.plot - labels - (10 if size is WIDE else 20), height=step))


def overlap_chart(release: Release, analysis: ReleasedAnalysis) -> tuple[Chart, ...]:
    """Outlines of the spread of the score in the three groups; nothing where no bin is shown."""
    words = vocabulary(release)
    groups = (words["treated_short"], words["comparison_short"], say("report.charts.pool"))
    data = [
        {"score": round(score, 4), "group": group, "density": round(shown(value) / (bin_.high - bin_.low), 5)}
        for bin_ in analysis.overlap
        for group, value in zip(groups, (bin_.treated, bin_.comparison, bin_.pool), strict=True)
        for score in (bin_.low, bin_.high)
        if is_shown(value)
    ]
    if not data:
        return ()
    domain = _drawn_scores(analysis)
    is_cut = domain != (analysis.overlap[0].low, analysis.overlap[-1].high)
    axis = [say(f"report.charts.{part}") for part in ("overlap_axis", *(("overlap_cut",) if is_cut else ()))]
    title, name = titled(release, analysis, say("report.charts.overlap_title")), f"overlap-{slug(analysis.name)}"
    drawings = [
        draw(
            _overlap_specification(data, groups, (axis, domain), size),
            name=f"{name}-{size.name}",
            title=title,
            description=say("report.charts.overlap_desc", **words),
        )
        for size in (WIDE, NARROW)
    ]
    whole = overlap_table(release)
    rows = tuple(row for row in whole.rows if row[0].text == analysis.name)
    heading = titled(release, analysis, whole.title)
    table = every_column(Table(whole.name, heading, whole.columns, rows, whole.notes))
    return (Chart(name, title, drawings[0], drawings[1], table),)


def _drawn_scores(analysis: ReleasedAnalysis) -> tuple[float, float]:
    """From where to where the scores are drawn: end bins that disclosure control made wide are cut to WIDEST_END usual bins."""
    bins = analysis.overlap
    room = WIDEST_END * median(bin_.high - bin_.low for bin_ in bins)
    return max(bins[0].low, bins[0].high - room), min(bins[-1].high, bins[-1].low + room)


def _overlap_specification(
    data: list[dict[str, Any]], groups: tuple[str, ...], scores: tuple[list[str], tuple[float, float]], size: Size
) -> dict[str, Any]:
    legend = alt.Legend(columns=3 if size is WIDE else 1)
    color = alt.Color("group:N", scale=alt.Scale(domain=list(groups), range=[TREATED, COMPARISON, POOL]), legend=legend)
    dash = alt.StrokeDash("group:N", scale=alt.Scale(domain=list(groups), range=[[1, 0], [7, 4], [2, 3]]), legend=legend)
    axis_title, domain = scores
    scale = alt.Scale(domain=[round(end, 4) for end in domain], nice=False)
    x = alt.X("score:Q", title=axis_title, scale=scale, axis=alt.Axis(tickCount=size.ticks, grid=False))
    y = alt.Y(
        "density:Q", stack=None, title=say("report.charts.overlap_share"), axis=alt.Axis(labels=False, ticks=False, tickCount=4)
    )
    base = alt.Chart(data_of(data)).encode(x=x)
    fill = (
        base.transform_filter(alt.datum.group == groups[0])
        .mark_area(opacity=0.15, color=TREATED, clip=True)
        .encode(y=y, order="score:Q")
    )
    line = base.mark_line(strokeWidth=2.5, clip=True).encode(y=y, color=color, strokeDash=dash)
    return specification((fill + line).properties(width=size.plot - 80, height=220))


def attrition_chart(release: Release) -> tuple[Chart, ...]:
    """A bar for each step with its number and percentage; a step whose number is not shown has its symbol and no bar."""
    table = attrition_table(release)
    data = [
        {
            "order": index,
            "step": explained(release, step.step, "attrition.steps"),
            "n": shown(step.n) if is_shown(step.n) else 0,
            "text": f"{fixed(step.n)} ({percent_of_people(step.percent)})" if is_shown(step.n) else fixed(step.n),
        }
        for index, step in enumerate(release.attrition)
    ]
    first, last = fixed(release.attrition[0].n), fixed(release.attrition[-1].n)
    title, description = say("report.charts.funnel_title"), say("report.charts.funnel_desc", first=first, last=last)
    drawings = [
        draw(_funnel_specification(data, size), name=f"attrition-chart-{size.name}", title=title, description=description)
        for size in (WIDE, NARROW)
    ]
    return (Chart("funnel", title, drawings[0], drawings[1], table),)


def _funnel_specification(data: list[dict[str, Any]], size: Size) -> dict[str, Any]:
    most = max([1.0, *(row["n"] for row in data)])
    x = alt.X("n:Q", axis=None, scale=alt.Scale(domain=[0, most * (1.2 if size is WIDE else 1.5)], nice=False))
    base = alt.Chart(data_of(data)).encode(y=alt.Y("order:O", axis=None, scale=alt.Scale(paddingInner=0)))
    bar = base.mark_bar(height=16, yOffset=9, color=TREATED).encode(x=x)
    name = base.mark_text(align="left", baseline="middle", dy=-10, color=INK, limit=size.plot, fontSize=size.font).encode(
        x=alt.value(0), text="step:N"
    )
    number = base.mark_text(align="left", baseline="middle", dx=8, dy=9, fontWeight="bold").encode(x=x, text="text:N")
    return specification((bar + name + number).properties(width=size.plot - 20, height=alt.Step(STEP_PIXELS)))
