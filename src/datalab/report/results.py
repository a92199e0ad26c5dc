"""results.json: the release as canonical JSON, in the shape of design 4 and of results.schema.json beside this module.

Keys stand in the schema's order; floats have 10 significant digits; a number that is not shown is `{"suppressed": "[c]"}`,
never 0 or null. No clock times.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from importlib import resources
from typing import Any

from datalab.disclosure.results import (
    Releasable,
    Release,
    ReleasedAnalysis,
    ReleasedOutcome,
    ReleasedSensitivity,
    Suppressed,
)
from datalab.report.sensitivity_tables import explained_reason, tell_line
from datalab.report.sentences import (
    could_be_chance,
    further_tests,
    headline,
    headline_sentence,
    vocabulary,
    warning_sentence,
)
from datalab.report.tables import Table
from datalab.wording import say

FORMAT = 1
DIGITS = 10
NOT_APPLICABLE = {"suppressed": "[z]"}


def results_json(releasable: Releasable, *, manifest_sha256: str) -> bytes:
    """The release as UTF-8 JSON, two spaces of indent, one line feed at the end; same release, same bytes."""
    return plain_document(_document(releasable.release, manifest_sha256))


def plain_document(document: dict[str, Any]) -> bytes:
    """A document of JSON's own types as UTF-8, two spaces of indent, one line feed at the end."""
    return (json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def results_schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of results.json.

    >>> results_schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    source = resources.files("datalab.report").joinpath("results.schema.json")
    schema: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return schema


def symbols_used(tables: tuple[Table, ...]) -> dict[str, str]:
    """The symbols that stand in these tables, with what they mean."""
    found = {value for table in tables for row in table.rows for cell in row for value in cell.values}
    return {name: say(f"report.symbols.{name}") for name in ("c", "x", "z", "low") if f"[{name}]" in found}


def _document(release: Release, manifest_sha256: str) -> dict[str, Any]:
    _, outcome = headline(release)
    plain = _plain(release)
    return {
        "format": FORMAT,
        "kind": release.kind,
        "study_id": release.study_id,
        "title": release.title,
        "programme": plain["programme"],
        "follow_up_months": release.follow_up_months,
        "plan_sha256": release.plan_sha256,
        "manifest_sha256": manifest_sha256,
        "synthetic": release.synthetic,
        "disclosure_profile": release.disclosure_profile,
        "status": release.status,
        "attrition": [_step(step) for step in plain["attrition"]],
        "linkage": plain["linkage"],
        "deaths": plain["deaths"],
        "headline": {
            "analysis": release.headline_analysis,
            "outcome": release.headline_outcome,
            "verdict": outcome.verdict if outcome is not None else "withheld",
            "sentence": headline_sentence(release),
        },
        "analyses": [_analysis(release, analysis) for analysis in release.analyses],
        "unnamed_analyses": release.unnamed_analyses,
        "secondary_tests": release.secondary_tests,
        "needs": plain["needs"],
        "deviations": plain["deviations"],
        "warnings": [warning_sentence(release, text) for text in release.warnings],
        "symbols": {name: say(f"report.symbols.{name}") for name in ("c", "x", "z", "low")},
    }


def _analysis(release: Release, analysis: ReleasedAnalysis) -> dict[str, Any]:
    plain = _plain(analysis)
    plain["warnings"] = [warning_sentence(release, text) for text in analysis.warnings]
    plain["conditions"] = [{"variable": name, "values": list(values)} for name, values in analysis.conditions]
    plain["outcomes"] = [_outcome(release, outcome) for outcome in analysis.outcomes]
    plain["sensitivity"] = [*_classic_lines(release, analysis), *(_line(release, line) for line in _family(analysis))]
    return dict(plain)


def _classic_lines(release: Release, analysis: ReleasedAnalysis) -> list[dict[str, Any]]:
    """The classic way of every measure."""
    assumes = say("sensitivity.assumes.classic", **vocabulary(release))
    return [
        {
            "measure": outcome.measure,
            "part": "design",
            "method": "classic",
            "status": "estimated",
            "effect": _plain(outcome.classic),
            "warns": False,
            "assumes": assumes,
        }
        for outcome in analysis.outcomes
        if outcome.classic is not None
    ]


def _family(analysis: ReleasedAnalysis) -> list[ReleasedSensitivity]:
    """The lines of the family but for the classic way, which every measure has."""
    return [line for line in analysis.sensitivity if line.name != "classic"]


def _line(release: Release, line: ReleasedSensitivity) -> dict[str, Any]:
    found: dict[str, Any] = {"measure": line.measure, "part": line.part, "method": line.name, "status": line.status}
    found |= {"effect": _plain(line.effect)} if line.effect is not None else {}
    found |= {"figures": {name: _plain(value) for name, value in line.figures}} if line.figures else {}
    found |= {"subject": line.subject} if line.subject else {}
    found |= {"reason": explained_reason(release, line)} if line.reason else {}
    return {**found, "warns": line.warns, "assumes": tell_line(release, "assumes", line)}


def _step(plain: dict[str, Any]) -> dict[str, Any]:
    """A step of the attrition; what the release calls percent is a share of those submitted, 0 to 1."""
    return {"share" if name == "percent" else name: value for name, value in plain.items()}


def _outcome(release: Release, outcome: ReleasedOutcome) -> dict[str, Any]:
    plain = _plain(outcome)
    unadjusted = plain.pop("unadjusted")
    plain.pop("classic")
    plain["unadjusted"] = unadjusted and {"difference": unadjusted["estimate"], **unadjusted}
    chance = say("report.notes.chance", count=further_tests(release)) if could_be_chance(outcome) else None
    plain["could_be_chance"] = chance
    return dict(plain)


def _plain(value: Any) -> Any:
    """A frozen value as JSON's own types."""
    if isinstance(value, Suppressed):
        return {"suppressed": str(value)}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(value[name]) for name in sorted(value)}
    if isinstance(value, float):
        return _float(value)
    return value


def plain_value(value: Any) -> Any:
    """A part of a release as JSON's own types: floats to 10 significant digits, what is not shown as its symbol."""
    return _plain(value)


def _float(value: float) -> float | int | dict[str, str]:
    """10 significant digits, no minus zero; NaN and infinity are not applicable."""
    if not math.isfinite(value):
        return dict(NOT_APPLICABLE)
    return float(f"{value:.{DIGITS}g}") + 0.0
