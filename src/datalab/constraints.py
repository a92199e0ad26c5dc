"""Rules for parameters as data, and the one grammar in which a value is refused."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass

from datalab.errors import UsageError
from datalab.wording import say


@dataclass(frozen=True)
class Options:
    """One of a few names."""

    names: tuple[str, ...]

    def fault(self, what: str, value: object) -> str | None:
        """The sentence that refuses `value`, or None where it is allowed."""
        if isinstance(value, str) and value in self.names:
            return None
        return unknown(what, value, self.names)


@dataclass(frozen=True)
class Range:
    """A number between two ends, each closed unless said open."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    whole: bool = False
    hint: str = ""

    def fault(self, what: str, value: object) -> str | None:
        """The sentence that refuses `value`, or None where it is allowed."""
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            above = value > self.low if self.open_low else value >= self.low
            if above and value <= self.high and (not self.whole or float(value).is_integer()):
                return None
        return say("errors.errors.out_of_range", what=what, rule=self.rule, given=value, hint=self.hint).strip()

    @property
    def rule(self) -> str:
        """The range in words."""
        kind = "a whole number " if self.whole else ""
        low = f"greater than {self.low:g}" if self.open_low else f"at least {self.low:g}"
        parts = [low] if math.isfinite(self.low) else []
        if math.isfinite(self.high):
            parts.append(f"at most {self.high:g}")
        return kind + (" and ".join(parts) or "a number")


def unknown(what: str, given: object, allowed: Iterable[str]) -> str:
    """The sentence for a name that is not among `allowed`, with the nearest one named.

    >>> unknown("method", "radious", ["radius", "nearest"])
    'method must be one of radius, nearest. You gave radious. Did you mean radius?'
    """
    names = list(allowed)
    close = difflib.get_close_matches(str(given), names, n=1)
    nearest = f" Did you mean {close[0]}?" if close else ""
    return say("errors.errors.unknown_option", what=what, allowed=", ".join(names), given=given, nearest=nearest)


def require(rules: dict[str, Options | Range], values: dict[str, object]) -> None:
    """Checks every value against its rule and refuses them all at once; a value without a rule is refused by name."""
    faults = [unknown("parameter", name, rules) for name in values if name not in rules]
    for name, value in values.items():
        if name in rules and (fault := rules[name].fault(name, value)):
            faults.append(fault)
    if faults:
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)
