"""The data steward's page about a run's links: weights, other thresholds, what the effect owes to the one in force, expected
misses by group. It stays in `private/`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import altair as alt

import datalab
from datalab.disclosure.checks import check_outcome
from datalab.disclosure.evidence import outcome_evidence
from datalab.disclosure.number import Number
from datalab.disclosure.thresholds import Thresholds
from datalab.disclosure.values import CONFIDENTIAL, shown
from datalab.effects.results import AnalysisFindings, OutcomeResult
from datalab.linkage import write_private
from datalab.linkage.results import GroupMisses, LinkageDetail, LinkageQuality, Links, WeightBand
from datalab.relinking import Relinked
from datalab.report.html import render_page
from datalab.report.page import Bullets, Chart, Fact, Page, Panel, Section, TableBlock, Text
from datalab.report.svg import INK, MUTED, NARROW, TREATED, WIDE, Size, data_of, draw, quickly, specification
from datalab.report.tables import Cell, Column, Table, interval_cell, number_cell, text_cell
from datalab.wording import say

STATUSES = ("accepted", "review", "unlinked")
COLOURS = (TREATED, INK, MUTED)
Kind = Literal["text", "number", "interval"]
Effects = Sequence[Relinked]


def write_for_steward(links: Links, limits: Thresholds, folder: Path, *, effects: Effects = ()) -> None:
    """Writes links, doubtful pairs and, where the links have a detail, the page `linkage.html` into a run's private folder.

    effects: the headline analysis at each threshold, strictest first; empty where no effect was estimated.
    """
    page = None if links.detail is None else render_linkage(links.quality, links.detail, links.model_version, limits, effects)
    write_private(links, folder, page)


def render_linkage(
    quality: LinkageQuality, detail: LinkageDetail, model_version: str, limits: Thresholds, effects: Effects = ()
) -> str:
    """The whole page as HTML. A count that disclosure control would not print is printed nowhere, not even here."""
    heading = say("linkage.page.heading")
    with quickly():
        wide, narrow = _draw(detail, limits, WIDE), _draw(detail, limits, NARROW)
    weights = Chart("weights", say("linkage.page.weights"), wide, narrow, _weights_table(detail, limits))
    warnings = (Bullets(quality.warnings),) if quality.warnings else (Text(say("linkage.page.no_warnings")),)
    return render_page(
        Page(
            title=heading,
            strapline=say("linkage.page.strapline"),
            heading=heading,
            banners=(),
            panel=_panel(quality),
            sections=(
                Section("warnings", say("linkage.page.warnings"), warnings),
                Section("groups", say("linkage.page.groups"), (TableBlock(_groups_table(detail, limits), quiet=True),)),
                Section("weights", say("linkage.page.weights"), (Text(say("linkage.page.weights_text")), weights)),
                Section(
                    "thresholds",
                    say("linkage.page.thresholds"),
                    (Text(say("linkage.page.thresholds_text")), TableBlock(_thresholds_table(detail), quiet=True)),
                ),
                *_effects_section(effects, limits),
            ),
            footer=(say("linkage.page.footer", version=datalab.__version__, model=model_version),),
            watermark="",
        )
    )


def _panel(quality: LinkageQuality) -> Panel:
    names = ("linked_share", "false_links", "missed_links", "lost_to_blocking")
    facts = tuple(Fact(say(f"linkage.page.{name}"), f"{100 * getattr(quality, name):.1f}%", "") for name in names)
    return Panel("unclear", say("linkage.page.tag"), say("linkage.page.panel"), "", facts, "")


def _count(count: int, limits: Thresholds) -> Number:
    """The count, or the symbol of one that is too small; none at all is no secret of anybody here."""
    return count if count == 0 or not limits.is_small(count) else CONFIDENTIAL


def _table(name: str, heads: dict[str, Kind], rows: tuple[tuple[Cell, ...], ...]) -> Table:
    columns = tuple(Column(say(f"linkage.page.{head}"), kind) for head, kind in heads.items())
    return Table(name, say(f"linkage.page.{name}"), columns, rows)


def _weights_table(detail: LinkageDetail, limits: Thresholds) -> Table:
    rows = tuple(
        (text_cell(_band(band)), *(number_cell(_count(getattr(band, status), limits)) for status in STATUSES))
        for band in detail.weights
    )
    return _table("weights", {"bits": "text", "accepted": "number", "review": "number", "unlinked": "number"}, rows)


def _band(band: WeightBand) -> str:
    return say("linkage.page.band", low=band.low, high=band.high)


def _thresholds_table(detail: LinkageDetail) -> Table:
    rows = tuple(
        (
            text_cell(f"{line.threshold:g}" + (f" ({say('linkage.page.in_force')})" if line.threshold == detail.accept else "")),
            number_cell(shown(line.linked_share), 1, 2),
            number_cell(shown(line.false_links), 2, 2),
            number_cell(shown(line.missed_links), 1, 2),
        )
        for line in detail.thresholds
    )
    heads: dict[str, Kind] = {
        "threshold": "text",
        "linked_share": "number",
        "false_links": "number",
        "missed_links": "number",
    }
    return _table("thresholds", heads, rows)


def _effects_section(effects: Effects, limits: Thresholds) -> Iterator[Section]:
    """What the result owes to the threshold in force; nothing where no effect was looked for."""
    if effects:
        tables = (_people_table(effects, limits), _effects_table(effects, limits))
        blocks = (TableBlock(table, quiet=place == 0) for place, table in enumerate(tables) if table.rows)
        yield Section("effects", say("linkage.page.effects"), (Text(say("linkage.page.effects_text")), *blocks))


def _people_table(effects: Effects, limits: Thresholds) -> Table:
    rows = tuple((_threshold(one), number_cell(_count(one.linked, limits)), *_people_cells(one, limits)) for one in effects)
    heads: dict[str, Kind] = {
        "threshold": "text",
        "links": "number",
        "analysed": "number",
        "largest": "number",
        "gate": "text",
    }
    return _table("effects_people", heads, rows)


def _threshold(one: Relinked) -> Cell:
    return text_cell(f"{one.threshold:g} ({say(f'linkage.page.{one.name}')})")


def _people_cells(one: Relinked, limits: Thresholds) -> tuple[Cell, ...]:
    """People analysed, the largest difference left, and the gate; nothing counted where they are the same."""
    if one.found is None:
        return text_cell(""), text_cell(""), text_cell(say("linkage.page.same_people"))
    balance = one.found.balance
    largest = number_cell(shown(None if balance is None else balance.max_smd), 1, 2)
    analysed = number_cell(_count(one.found.people.matched, limits))
    return analysed, largest, text_cell(say(f"linkage.gate.{one.found.status}"))


def _effects_table(effects: Effects, limits: Thresholds) -> Table:
    """The measures that the report looks at in the same way, at each threshold that has an estimate of them."""
    own = next(one.found for one in effects if one.name == "in_force")
    names = () if own is None else dict.fromkeys(line.measure.name for line in own.sensitivity if line.part == "linkage")
    rows = tuple(
        (text_cell(result.measure.label), _threshold(one), *_effect_cells(result, limits))
        for name in names
        for one in effects
        for result in _results(one.found, name)
    )
    heads: dict[str, Kind] = {
        "measure": "text",
        "threshold": "text",
        "estimate": "number",
        "interval": "interval",
        "unit": "text",
    }
    return _table("effects_estimates", heads, rows)


def _results(found: AnalysisFindings | None, name: str) -> Iterator[OutcomeResult]:
    yield from (result for result in (found.outcomes if found else ()) if result.measure.name == name)


def _effect_cells(result: OutcomeResult, limits: Thresholds) -> tuple[Cell, ...]:
    """Estimate, interval and unit; hidden where a release would not show the measure in full, of these very people."""
    is_rate = result.measure.kind == "binary"
    decimals, shift = (1, 2) if is_rate else (2, 0)
    unit = text_cell(say("linkage.page.points") if is_rate else result.measure.unit)
    effect = result.effect
    if effect is None or check_outcome(outcome_evidence(result), result.measure.name, limits).showing != "full":
        return number_cell(CONFIDENTIAL), interval_cell(CONFIDENTIAL, CONFIDENTIAL), unit
    ends = interval_cell(shown(effect.low), shown(effect.high), decimals, shift)
    return number_cell(shown(effect.estimate), decimals, shift), ends, unit


def _groups_table(detail: LinkageDetail, limits: Thresholds) -> Table:
    rows = tuple(_group_row(group, limits) for group in detail.groups if not limits.is_small(group.submitted))
    heads: dict[str, Kind] = {
        "characteristic": "text",
        "level": "text",
        "submitted": "number",
        "linked_share": "number",
        "missed_links": "number",
    }
    return _table("groups", heads, rows)


def _group_row(group: GroupMisses, limits: Thresholds) -> tuple[Cell, ...]:
    """A share is shown where neither those linked nor those not linked are few, though some: it would tell their number."""
    counts = (group.linked, group.submitted - group.linked)
    telling = any(count and limits.is_small(count) for count in counts)
    share = CONFIDENTIAL if telling else shown(group.linked / group.submitted)
    missed = shown(group.missed / group.there) if group.there else shown(None)
    is_area = group.characteristic == "postcode_area" and group.level != "not_given"
    level = group.level if is_area else say(f"linkage.levels.{group.level}")
    return (
        text_cell(say(f"linkage.characteristics.{group.characteristic}")),
        text_cell(level),
        number_cell(group.submitted),
        number_cell(share, 0, 2),
        number_cell(missed, 1, 2),
    )


def _draw(detail: LinkageDetail, limits: Thresholds, size: Size) -> str:
    names = {status: say(f"linkage.page.{status}") for status in STATUSES}
    data = [
        {"bits": band.low, "end": band.high, "rows": count, "status": names[status]}
        for band in detail.weights
        for status in STATUSES
        if (count := getattr(band, status)) and not limits.is_small(count)
    ]
    colours = alt.Scale(domain=list(names.values()), range=list(COLOURS))
    bars = (
        alt.Chart(data_of(data))
        .mark_bar()
        .encode(
            x=alt.X("bits:Q", bin="binned", title=say("linkage.page.bits"), axis=alt.Axis(tickCount=size.ticks)),
            x2="end:Q",
            y=alt.Y("rows:Q", title=say("linkage.page.rows"), stack="zero"),
            color=alt.Color("status:N", scale=colours, legend=alt.Legend(columns=3 if size is WIDE else 1)),
        )
    )
    wanted: dict[str, Any] = specification(bars.properties(width=size.plot - 60, height=240))
    description = say("linkage.page.weights_description")
    return draw(wanted, name=f"weights-{size.name}", title=say("linkage.page.weights"), description=description)
