"""Two runs side by side: what went in, the plan, the people, balance and every outcome; what differs is marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datalab.fields.justice.measures import BY_NAME as MEASURES
from datalab.study import deviations
from portal.requests.plans import read_plan
from portal.runs.models import Job
from portal.wording import say

NOTHING = "–"
Found = Mapping[str, Any]
Named = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """One thing of two runs, as people read it."""

    name: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        """Whether the two say something else."""
        return self.first != self.second


@dataclass(frozen=True)
class Group:
    """Lines under one heading."""

    title: str
    lines: tuple[Line, ...]

    @property
    def differing(self) -> int:
        """How many of them differ."""
        return sum(line.differs for line in self.lines)


def compare(first: tuple[Found, Found], second: tuple[Found, Found]) -> tuple[Group, ...]:
    """Two runs, each as its results and its manifest: inputs and versions, then each analysis."""
    groups = [Group(say("runs.compare.inputs"), _beside(_inputs(*first), _inputs(*second)))]
    mine, other = _analyses(first[0]), _analyses(second[0])
    for name in dict.fromkeys([*mine, *other]):
        groups.append(Group(name, _beside(mine.get(name, []), other.get(name, []))))
    return tuple(groups)


def plan_changes(first: Job, second: Job) -> tuple[str, ...]:
    """What the second run's plan says otherwise than the first's, a sentence a setting."""
    if first.plan is None or second.plan is None or first.plan == second.plan:
        return ()
    return deviations(read_plan(second.plan.text), read_plan(first.plan.text))


def _beside(first: list[Named], second: list[Named]) -> tuple[Line, ...]:
    mine, other = dict(first), dict(second)
    return tuple(Line(name, mine.get(name, NOTHING), other.get(name, NOTHING)) for name in dict.fromkeys([*mine, *other]))


def _inputs(results: Found, manifest: Found) -> list[Named]:
    body = manifest.get("body", {})
    found = [(say(f"runs.compare.{name}"), str(results.get(name, NOTHING))) for name in ("status", "plan_sha256")]
    found.append((say("runs.compare.sentence"), str((results.get("headline") or {}).get("sentence") or NOTHING)))
    found += [(say("runs.compare.version", name=name), str(value)) for name, value in body.get("versions", {}).items()]
    return found + [(say("runs.compare.file", name=one["role"]), one["sha256"][:16]) for one in body.get("inputs", ())]


def _analyses(results: Found) -> dict[str, list[Named]]:
    return {analysis["name"]: list(_of_analysis(analysis)) for analysis in results.get("analyses", ())}


def _of_analysis(analysis: Found) -> Iterator[Named]:
    people, balance = analysis.get("people") or {}, analysis.get("balance") or {}
    for name in ("treated", "matched", "pool"):
        yield say(f"runs.compare.{name}"), _plain(people.get(name))
    if balance:
        yield say("runs.pages.passed"), say("runs.pages.yes" if balance.get("passed") else "runs.pages.no")
        yield say("runs.pages.max_smd"), _plain(balance.get("max_smd"))
    for outcome in analysis.get("outcomes", ()):
        measure = MEASURES.get(outcome["measure"])
        yield measure.label if measure else outcome["measure"], _effect(outcome)


def _effect(outcome: Found) -> str:
    effect = outcome.get("effect") or {}
    if not effect:
        return str(outcome.get("status"))
    return say("runs.compare.effect", **{name: _plain(effect.get(name)) for name in ("estimate", "low", "high")})


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("suppressed", "[c]"))
    if isinstance(value, float):
        return f"{value:.4g}"
    return NOTHING if value is None else str(value)
