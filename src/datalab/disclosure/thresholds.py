"""The numbers of disclosure control, read from a versioned file that may be tighter than the built-in floor, never looser."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from importlib import resources
from math import isfinite
from typing import Any

from datalab.errors import UsageError
from datalab.wording import say


@dataclass(frozen=True)
class Thresholds:
    """Every threshold; meanings and sources stand in `thresholds.toml`. Counts are people, shares 0 to 1."""

    version: str
    treated_minimum: int = 30
    small_group_below: int = 60
    comparison_minimum: int = 30
    effective_minimum: float = 10
    cell_minimum: int = 10
    whole_group_minimum: int = 5
    dominance_maximum: float = 0.90
    residual_df_minimum: float = 10
    width: int = 5
    interval_grid: float = 0.05
    base: int = 5
    at_risk_base: int = 10

    def is_small(self, count: float) -> bool:
        """True for a count of people that may not be published, 0 included."""
        return count < self.cell_minimum

    def is_close(self, one: float, other: float) -> bool:
        """True where two counts differ, by so few people that the difference may not be published."""
        return 0 < abs(one - other) < self.cell_minimum


FLOOR = Thresholds("floor")
_SECTIONS = {
    "groups": ("treated_minimum", "small_group_below", "comparison_minimum", "effective_minimum"),
    "cells": ("cell_minimum", "whole_group_minimum", "dominance_maximum", "residual_df_minimum"),
    "protection": ("width", "interval_grid"),
    "rounding": ("base", "at_risk_base"),
}
_TIGHTER_IS_LESS = frozenset({"dominance_maximum"})


def load_thresholds(text: str | None = None) -> Thresholds:
    """Thresholds of a TOML text, or the package's own file where None.

    Raises UsageError, all faults at once, for a missing or unknown name, a value that is no number, and one looser than
    the floor (smaller, except `dominance_maximum`, where larger is looser).

    >>> load_thresholds().treated_minimum
    30
    """
    if text is None:
        text = resources.files("datalab.disclosure").joinpath("thresholds.toml").read_text(encoding="utf-8")
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(say("disclosure.thresholds.unreadable")) from error
    faults = [*_unknown_names(given), *_wrong_values(given)]
    if faults:
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)
    values = {name: given[section][name] for section, names in _SECTIONS.items() for name in names}
    return Thresholds(given["version"], **values)


def thresholds_text(thresholds: Thresholds) -> str:
    """The TOML text that `load_thresholds` reads back as the same thresholds.

    >>> load_thresholds(thresholds_text(load_thresholds())) == load_thresholds()
    True
    """
    lines = [f"version = {json.dumps(thresholds.version)}"]
    for section, names in _SECTIONS.items():
        lines += ["", f"[{section}]", *(f"{name} = {getattr(thresholds, name)!r}" for name in names)]
    return "\n".join(lines) + "\n"


def require_floor(thresholds: Thresholds) -> Thresholds:
    """The thresholds, if none is looser than the floor; they may have been made in code. Raises UsageError."""
    names = [item.name for item in fields(Thresholds) if item.name != "version"]
    faults = [fault for name in names for fault in _looseness(name, getattr(thresholds, name))]
    if faults:
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)
    return thresholds


def _unknown_names(given: dict[str, Any]) -> list[str]:
    allowed = {"version", *_SECTIONS}
    found = [name for name in given if name not in allowed]
    for section, names in _SECTIONS.items():
        part = given.get(section)
        found += [f"{section}.{name}" for name in part if name not in names] if isinstance(part, dict) else []
    return [say("disclosure.thresholds.unknown", name=name) for name in found]


def _wrong_values(given: dict[str, Any]) -> list[str]:
    faults = [] if isinstance(given.get("version"), str) else [say("disclosure.thresholds.missing", name="version")]
    for section, names in _SECTIONS.items():
        part = given.get(section)
        if not isinstance(part, dict):
            faults.append(say("disclosure.thresholds.missing", name=section))
            continue
        for name in names:
            missing = name not in part
            faults += (
                [say("disclosure.thresholds.missing", name=f"{section}.{name}")] if missing else _looseness(name, part[name])
            )
    return faults


def is_tighter(one: Thresholds, other: Thresholds) -> bool:
    """Whether no threshold of `one` is looser than that of `other`, and any is tighter. Their versions do not matter."""
    signs = {sign for item in fields(Thresholds) if (sign := _sign(item.name, one, other))}
    return signs == {1}


def _sign(name: str, one: Thresholds, other: Thresholds) -> int:
    """1 where `one` is tighter, -1 where it is looser, 0 where they are the same, or where it is the version."""
    if name == "version":
        return 0
    here, there = getattr(one, name), getattr(other, name)
    more = int(here > there) - int(here < there)
    return -more if name in _TIGHTER_IS_LESS else more


def _looseness(name: str, value: object) -> list[str]:
    floor = getattr(FLOOR, name)
    is_whole = isinstance(floor, int)
    kinds = (int,) if is_whole else (int, float)
    number = value if isinstance(value, kinds) and not isinstance(value, bool) else float("nan")
    # NaN compares as False both ways, and so is refused with all that is no number; of no end is as good as no number.
    if isfinite(number) and (0 <= number <= floor if name in _TIGHTER_IS_LESS else number >= floor):
        return []
    rule = "at_most" if name in _TIGHTER_IS_LESS else "whole" if is_whole else "at_least"
    return [say(f"disclosure.thresholds.{rule}", name=name, floor=floor, given=value)]
