"""Two runs side by side: the lines of their results that differ, and those that agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.wording import say


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


def compare(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Line, ...]:
    """Plan, people, balance and every outcome of every analysis of two released results."""
    lines = [
        Line(say(f"runs.compare.{name}"), str(first.get(name)), str(second.get(name)))
        for name in ("plan_sha256", "manifest_sha256", "status")
    ]
    mine, other = _analyses(first), _analyses(second)
    for name in dict.fromkeys([*mine, *other]):
        lines.append(Line(name, mine.get(name, "–"), other.get(name, "–")))
    return tuple(lines)


def _analyses(results: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for analysis in results.get("analyses", ()):
        label = analysis["name"]
        people = analysis.get("people") or {}
        found[say("runs.compare.people", analysis=label)] = ", ".join(
            f"{_plain(people.get(name))}" for name in ("treated", "matched", "pool")
        )
        for outcome in analysis.get("outcomes", ()):
            effect = outcome.get("effect") or {}
            text = (
                f"{_plain(effect.get('estimate'))} ({_plain(effect.get('low'))} to {_plain(effect.get('high'))})"
                if effect
                else str(outcome.get("status"))
            )
            found[f"{label}: {outcome['measure']}"] = text
    return found


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("suppressed", "[c]"))
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)
