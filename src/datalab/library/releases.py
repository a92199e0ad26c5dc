"""What a release leaves in the library: its records, whether the headline stood up to the checks, and its survival curves."""

from __future__ import annotations

from dataclasses import replace

from datalab.disclosure.results import Number, Releasable, Release, ReleasedAnalysis
from datalab.evidence import record_release
from datalab.evidence.results import EvidenceRecord
from datalab.report.numbers import is_shown, shown

_CHECKS = frozenset({"hidden", "control"})  # what the printed rule of strength names


def records_of_release(
    releasable: Releasable, *, organisation: str = "", published: str = "", source: str = ""
) -> tuple[EvidenceRecord, ...]:
    """The evidence records of a release (`record_release`); the headline's says whether it stood up to the checks."""
    robust = _stood_up(releasable.release)
    records = record_release(releasable, organisation=organisation, published=published, source=source)
    return tuple(replace(one, robust=robust) if one.role == "headline" else one for one in records)


def _stood_up(release: Release) -> bool | None:
    """Whether none of the checks against hidden bias and of the negative control warns; None where either was not made."""
    lines = [line for one in release.analyses if one.name == release.headline_analysis for line in one.sensitivity]
    made = [line for line in lines if line.part in _CHECKS and line.status not in ("not_balanced", "withheld")]
    if {line.part for line in made} != _CHECKS:
        return None
    return not any(line.warns for line in made)


def curve_points(analysis: ReleasedAnalysis) -> list[dict[str, float | None]]:
    """The released survival curves of an analysis as shares with the event, a row a day; nothing where none was released.

    Keys: day, treated, treated_low, treated_high, comparison, comparison_low, comparison_high; None: not shown.
    """
    points = analysis.survival.points if analysis.survival else ()
    rows = [
        {
            "day": point.day,
            "treated": _with_event(point.treated),
            "treated_low": _with_event(point.treated_high),
            "treated_high": _with_event(point.treated_low),
            "comparison": _with_event(point.comparison),
            "comparison_low": _with_event(point.comparison_high),
            "comparison_high": _with_event(point.comparison_low),
        }
        for point in points
    ]
    return rows if any(row["treated"] is not None for row in rows) else []


def _with_event(without: Number) -> float | None:
    return round(1 - shown(without), 6) if is_shown(without) else None
