"""Tables of the sensitivity family: estimates by other designs, hidden bias, wrong weights, missed links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedEffect, ReleasedOutcome, ReleasedSensitivity, Suppressed
from datalab.report.numbers import interval_decimals, shown
from datalab.report.result_tables import measure_title, p_cell
from datalab.report.sentences import explained, vocabulary
from datalab.report.styles import Style, point_decimals, table_style
from datalab.report.tables import Cell, Column, Kind, Table, interval_cell, number_cell, text_cell
from datalab.wording import say

NONE = Suppressed("z")
ESTIMATES = ("design", "control")
Row = tuple[ReleasedAnalysis, ReleasedSensitivity]
# Lines with one figure for the estimate and one for the likely range: names of both, unit, decimals and shift.
SCALARS = {
    "robustness": ("robustness", "robustness_interval", "percent", 1, 2),
    "tipping_weights": ("factor", "factor_interval", "factor", 2, 0),
    "e_value": ("e_value", "e_value_interval", "risk_ratio", 2, 0),
    "benchmark": ("times", "", "times", 1, 0),
}


def tell_line(release: Release, section: str, line: ReleasedSensitivity, name: str = "") -> str:
    """The wording of a line in a section of sensitivity.toml."""
    return tell_part(release, f"{section}.{name or line.name}", subject=line.subject)


def tell_part(release: Release, key: str, **values: object) -> str:
    """The wording of a key of sensitivity.toml, with the vocabulary of the release."""
    return say(f"sensitivity.{key}", **{**vocabulary(release), **values})


def line_style(line: ReleasedSensitivity, outcome: ReleasedOutcome | None) -> Style:
    """How a line's numbers are printed: as its measure's, or by its kind where the measure is not among the outcomes."""
    if outcome is not None:
        return table_style(outcome)
    if line.kind == "binary":
        return Style(0, 2, "%", say("report.units.binary"), "binary")
    return Style(2, 0, "", line.unit, "average" if line.kind == "count" else "number")


def difference_unit(style: Style) -> str:
    """The unit of a difference printed in this style."""
    return say("report.units.binary_difference") if style.words == "binary" else style.unit


def outcome_of(analysis: ReleasedAnalysis, line: ReleasedSensitivity) -> ReleasedOutcome | None:
    """The outcome that a line stands beside, None for a negative control."""
    return next((outcome for outcome in analysis.outcomes if outcome.measure == line.measure), None)


def figure_of(line: ReleasedSensitivity, name: str) -> float | int | Suppressed:
    """A figure of a line, not applicable where it has none of that name."""
    return dict(line.figures).get(name, NONE)


def sensitivity_tables(release: Release) -> tuple[Table, ...]:
    """Every table of the family, all analyses and measures, for the annex."""
    return (estimates_table(release), hidden_table(release), weights_table(release), missed_table(release))


def _rows(release: Release) -> Iterator[Row]:
    for analysis in release.analyses:
        for line in analysis.sensitivity:
            yield analysis, line


def _heads(specification: str) -> tuple[Column, ...]:
    return tuple(_head(*part.partition(":")[::2]) for part in specification.split())


def _head(name: str, kind: str) -> Column:
    known: dict[str, Kind] = {"": "number", "text": "text", "interval": "interval"}
    own = (
        "line",
        "assumes",
        "value",
        "value_interval",
        "bounds",
        "bounds_range",
        "missed",
        "with_event",
        "without_event",
        "least",
    )
    title = say(f"sensitivity.columns.{name}") if name in own else say(f"report.columns.{name}")
    return Column(title, known[kind], name)


def estimates_table(release: Release) -> Table:
    """The estimate of each measure by the headline method, every other design, without false links, with the links of other
    thresholds and without adjustment, and of the negative control."""
    rows = tuple(row for analysis in release.analyses for row in _analysis_rows(release, analysis))
    heads = _heads("analysis:text measure:text line:text unit:text estimate estimate_range:interval p assumes:text")
    failed = any(line.status == "not_balanced" for _, line in _rows(release))
    notes = (say("sensitivity.notes.family"), *((say("sensitivity.notes.not_balanced"),) if failed else ()))
    return Table("sensitivity", say("sensitivity.tables.estimates"), heads, rows, (*notes, *_rounded_note(release)))


def _is_estimate(line: ReleasedSensitivity) -> bool:
    """Whether a line is an estimate, or says why there is none; the others are figures alone."""
    return line.part in ESTIMATES or line.effect is not None or (line.part == "linkage" and not line.figures)


def _analysis_rows(release: Release, analysis: ReleasedAnalysis) -> Iterator[tuple[Cell, ...]]:
    """The rows of an analysis, measure by measure; the negative control last."""
    lines = [line for line in analysis.sensitivity if _is_estimate(line)]
    for measure in dict.fromkeys(line.measure for line in lines):
        own = [line for line in lines if line.measure == measure]
        outcome = outcome_of(analysis, own[0])
        first = (text_cell(analysis.name), text_cell(own[0].label or measure))
        yield from ((*first, *cells) for cells in _own_cells(release, outcome, "headline"))
        yield from ((*first, *estimate_cells(release, analysis, line)) for line in own)
        yield from ((*first, *cells) for cells in _own_cells(release, outcome, "unadjusted"))


def _own_cells(release: Release, outcome: ReleasedOutcome | None, name: str) -> Iterator[tuple[Cell, ...]]:
    """The measure's own estimate (headline) or plain difference (unadjusted), where it has one."""
    effect = None if outcome is None else outcome.effect if name == "headline" else outcome.unadjusted
    if outcome is not None and effect is not None:
        assumes = tell_part(release, f"assumes.{name}")
        yield effect_cells(say(f"sensitivity.lines.{name}"), table_style(outcome), effect, assumes)


def _rounded_note(release: Release) -> tuple[str, ...]:
    return () if release.status == "own_data" else (say("sensitivity.notes.rounded"),)


def estimate_cells(release: Release, analysis: ReleasedAnalysis, line: ReleasedSensitivity) -> tuple[Cell, ...]:
    """The cells of a line with an estimate, from what was done to what it assumes; its state where it has none."""
    style = line_style(line, outcome_of(analysis, line))
    name, assumes = tell_line(release, "lines", line), tell_line(release, "assumes", line)
    if line.effect is None:
        state = say(f"sensitivity.status.{line.status}")
        if line.reason:
            assumes = explained_reason(release, line)
        return (text_cell(name), text_cell(""), Cell(state, (state,)), Cell("", ("", "")), text_cell(""), text_cell(assumes))
    return effect_cells(name, style, line.effect, assumes)


def explained_reason(release: Release, line: ReleasedSensitivity) -> str:
    """Why a line has no estimate, as a sentence."""
    if line.reason.startswith("sensitivity."):
        return say(line.reason, **vocabulary(release))
    return explained(release, line.reason, "withheld" if ".withheld." in line.reason else "outcome_notes")


def effect_cells(name: str, style: Style, effect: ReleasedEffect, assumes: str) -> tuple[Cell, ...]:
    """The cells of an effect."""
    decimals = interval_decimals(effect.low, effect.high, style.decimals, style.shift)
    return (
        text_cell(name),
        text_cell(difference_unit(style)),
        number_cell(effect.estimate, point_decimals(effect, style), style.shift),
        interval_cell(effect.low, effect.high, decimals, style.shift),
        p_cell(effect, "p"),
        text_cell(assumes),
    )


def design_table(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome) -> Table:
    """The rows of the estimates that are of one measure of an analysis, corrections for links left out."""
    table = estimates_table(release)
    linked = {tell_line(release, "lines", line) for line in analysis.sensitivity if line.part == "linkage"}
    wanted = (analysis.name, measure_title(outcome))
    rows = tuple(row for row in table.rows if (row[0].text, row[1].text) == wanted and row[2].text not in linked)
    unit = difference_unit(table_style(outcome))
    title = say("report.tables.compare_one", measure=measure_title(outcome), unit=unit)
    return replace(table, rows=rows, title=title)


def linked_table(release: Release) -> Table:
    """The rows of the estimates without false links, and with the links of other thresholds, all analyses and measures."""
    table, linked = (
        estimates_table(release),
        {tell_line(release, "lines", line) for _, line in _rows(release) if line.part == "linkage"},
    )
    rows = tuple(row for row in table.rows if row[2].text in linked)
    return replace(table, rows=rows, title=say("sensitivity.tables.links"), notes=())


def hidden_table(release: Release) -> Table:
    """How strong an unrecorded trait would have to be, one figure for the estimate and one for the likely range."""
    rows = tuple(
        row for analysis, line in _rows(release) if line.name in SCALARS for row in _hidden_rows(release, analysis, line)
    )
    heads = _heads("analysis:text measure:text line:text unit:text value value_interval assumes:text")
    return Table("hidden_bias", say("sensitivity.tables.hidden"), heads, rows)


def _hidden_rows(release: Release, analysis: ReleasedAnalysis, line: ReleasedSensitivity) -> Iterator[tuple[Cell, ...]]:
    one, other, unit, decimals, shift = SCALARS[line.name]
    first = (text_cell(analysis.name), text_cell(line.label or line.measure))
    if line.name == "benchmark" and shown(figure_of(line, one)) < 1:
        decimals = 2
    values = [number_cell(figure_of(line, name), decimals, shift) for name in (one, other)]
    assumes = text_cell(tell_line(release, "assumes", line))
    yield (*first, text_cell(tell_line(release, "lines", line)), text_cell(say(f"sensitivity.units.{unit}")), *values, assumes)
    if line.name == "benchmark":
        style = line_style(line, outcome_of(analysis, line))
        bias = number_cell(figure_of(line, "bias"), max(style.decimals, 0), style.shift)
        name = text_cell(tell_line(release, "lines", line, "benchmark_bias"))
        yield (*first, name, text_cell(difference_unit(style)), bias, number_cell(NONE), assumes)


def weights_table(release: Release) -> Table:
    """The bounds of a rate's effect if comparison weights were wrong by a given factor."""
    rows = []
    for analysis, line in _rows(release):
        if line.name.startswith("weights_"):
            style = line_style(line, outcome_of(analysis, line))
            ends = [
                interval_cell(figure_of(line, low), figure_of(line, high), style.decimals, style.shift)
                for low, high in (("low", "high"), ("interval_low", "interval_high"))
            ]
            names = (analysis.name, line.label or line.measure, tell_line(release, "lines", line), difference_unit(style))
            rows.append((*(text_cell(name) for name in names), *ends, text_cell(tell_line(release, "assumes", line))))
    heads = _heads("analysis:text measure:text line:text unit:text bounds:interval bounds_range:interval assumes:text")
    return Table("weights", say("sensitivity.tables.weights"), heads, tuple(rows))


def missed_table(release: Release) -> Table:
    """The pair of miss rates that would leave no difference."""
    rows = tuple(
        (
            text_cell(analysis.name),
            text_cell(line.label or line.measure),
            text_cell(tell_line(release, "lines", line)),
            *(number_cell(figure_of(line, name), 1, 2) for name in ("missed", "with_event", "without_event", "least")),
            text_cell(tell_line(release, "assumes", line)),
        )
        for analysis, line in _rows(release)
        if line.name.startswith("missed_links")
    )
    heads = _heads("analysis:text measure:text line:text missed with_event without_event least assumes:text")
    return Table("missed_links", say("sensitivity.tables.missed"), heads, rows)
