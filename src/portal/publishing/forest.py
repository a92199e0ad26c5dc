"""Pictures of every effect on the rate of reoffending that has been published: all, clear ones, and those that are not clear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datalab.report.forest import intervals
from datalab.report.svg import NARROW, WIDE, Size, draw
from portal.publishing.models import Report, Version
from portal.wording import say

MEASURE = "rate"


@dataclass(frozen=True)
class Line:
    """An effect in percentage points; negative is fewer reoffenders than in the comparison group."""

    name: str
    estimate: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out no change."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Forest:
    """A picture with the figures behind it. wide, narrow: SVG."""

    name: str
    title: str
    wide: str
    narrow: str
    lines: tuple[Line, ...]


def draw_forests(findings: Sequence[Mapping[str, Any]]) -> tuple[Forest, ...]:
    """The pictures with the findings of a release among all published before it; those without a line are left out.

    Results of made-up people stand with such alone.
    """
    made_up = all(one["synthetic"] for one in findings)
    known = [one for one in (*findings, *_published(findings)) if one["synthetic"] == made_up]
    lines = tuple(sorted(_lines(known), key=lambda line: line.estimate))
    chosen = {
        "all": lines,
        "clear": tuple(line for line in lines if line.is_clear),
        "unclear": tuple(line for line in lines if not line.is_clear),
    }
    return tuple(_drawn(name, part) for name, part in chosen.items() if part)


def _published(findings: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    here = {one["report"] for one in findings}
    for report in Report.objects.exclude(public_id__in=here).prefetch_related("versions__correction"):
        versions = sorted(report.versions.all(), key=lambda version: version.number)
        if _counts(versions):
            yield versions[-1].facts


def _counts(versions: Sequence[Version]) -> bool:
    """Whether a report's result counts: not once it was withdrawn, unless a newer output took its place."""
    corrected = [one.correction for one in versions if one.correction is not None]
    deciding = [one for one in corrected if one.withdraws or one.clearance_id is not None]
    return not (deciding and deciding[-1].withdraws)


def _lines(findings: Iterable[Mapping[str, Any]]) -> Iterable[Line]:
    """Effects on the rate whose numbers are shown; analyses without one are in the tables."""
    for one in findings:
        for analysis in one["analyses"]:
            numbers = [analysis[name] for name in ("estimate", "low", "high")]
            if analysis["measure"] == MEASURE and all(isinstance(value, int | float) for value in numbers):
                several = len(one["analyses"]) > 1
                name = say("publishing.forest.part", title=one["title"], analysis=analysis["name"]) if several else one["title"]
                estimate, low, high = (100.0 * value for value in numbers)
                yield Line(name, estimate, low, high)


def _drawn(name: str, lines: tuple[Line, ...]) -> Forest:
    title = say(f"publishing.forest.{name}")
    texts = (say("publishing.forest.line", name=one.name, low=f"{one.low:.1f}", high=f"{one.high:.1f}") for one in lines)
    description = " ".join(texts)
    wide, narrow = (
        draw(_specification(lines, size), name=f"forest-{name}-{size.name}", title=title, description=description)
        for size in (WIDE, NARROW)
    )
    return Forest(name, title, wide, narrow, lines)


def _specification(lines: tuple[Line, ...], size: Size) -> dict[str, Any]:
    # Two programmes may be called the same: spaces of no width tell their rows apart.
    names = [one.name + "\u200b" * place for place, one in enumerate(lines)]
    rows = [
        {"analysis": name, "estimate": round(one.estimate, 4), "low": round(one.low, 4), "high": round(one.high, 4)}
        for name, one in zip(names, lines, strict=True)
    ]
    return intervals(rows, size, say("publishing.forest.axis"), above=size is NARROW)
