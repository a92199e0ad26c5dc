"""How the numbers of one measure are printed: the style for sentences and the finer one for tables."""

from __future__ import annotations

from dataclasses import dataclass, replace

from datalab.disclosure.results import Number, Release, ReleasedEffect, ReleasedNeedsOutcome, ReleasedOutcome
from datalab.report.numbers import fixed, interval_decimals, is_shown, shown
from datalab.wording import say

LARGE = 100.0


@dataclass(frozen=True)
class Style:
    """Printing rules of a measure: value x 10**shift with `decimals`, `suffix` after it.

    unit: what stands in a unit column. words: which section of `differences` in the wording names a difference.
    """

    decimals: int
    shift: int
    suffix: str
    unit: str
    words: str

    def text(self, value: Number, decimals: int | None = None) -> str:
        """The value as text, or its symbol.

        >>> Style(0, 2, "%", "%", "binary").text(0.274)
        '27%'
        """
        return fixed(value, self.decimals if decimals is None else decimals, self.shift, self.suffix)


def summary_style(release: Release, outcome: ReleasedOutcome) -> Style:
    """The style for sentences and the per-100 table: whole percentages, whole numbers per 100 people, whole days."""
    if outcome.kind == "binary":
        return Style(0, 2, "%", say("report.units.binary"), "binary")
    if outcome.kind == "count" and release.kind != "evaluate":
        return Style(0, 2, "", say("report.units.per_100"), "count")
    return table_style(outcome) if outcome.kind == "count" else _measured_style(outcome)


def point_decimals(effect: ReleasedEffect, style: Style) -> int:
    """Decimals of a printed estimate: those of its style, more where it would print as 0 while its interval excludes 0."""
    if shown(effect.low) <= 0 <= shown(effect.high):
        return style.decimals
    return interval_decimals(effect.estimate, effect.estimate, style.decimals, style.shift)


def table_style(outcome: ReleasedOutcome | ReleasedNeedsOutcome) -> Style:
    """The style for tables: whole percentages, 2 decimals per person, whole days, other numbers to 2 decimals."""
    if outcome.kind == "binary":
        return Style(0, 2, "%", say("report.units.binary"), "binary")
    if outcome.kind == "count":
        return Style(2, 0, "", outcome.unit, "average")
    if outcome.unit == "days" or outcome.kind == "days":
        return Style(0, 0, " " + say("report.units.days"), say("report.units.days"), _days_words(outcome))
    return Style(2, 0, "", outcome.unit, "number")


def _measured_style(outcome: ReleasedOutcome) -> Style:
    style = table_style(outcome)
    sizes = [abs(shown(value)) for value in (outcome.treated, outcome.comparison) if is_shown(value)]
    return replace(style, decimals=0) if style.words == "number" and sizes and max(sizes) >= LARGE else style


def _days_words(outcome: ReleasedOutcome | ReleasedNeedsOutcome) -> str:
    return "days" if outcome.kind == "days" else "time_to"
