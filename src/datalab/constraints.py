"""Rules for parameters as data, and the one grammar in which a value is refused."""

from __future__ import annotations

import difflib
import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Protocol

from datalab.errors import UsageError
from datalab.wording import say


class Rule(Protocol):
    """What a value must be; `rule` says it in words, `fault` refuses a value in a sentence."""

    @property
    def rule(self) -> str:
        """The rule in words."""

    def fault(self, what: str, value: object) -> str | None:
        """The sentence that refuses `value`, or None where it is allowed."""


@dataclass(frozen=True)
class Flag:
    """True or false."""

    @property
    def rule(self) -> str:
        """The rule in words."""
        return say("errors.rules.flag")

    def fault(self, what: str, value: object) -> str | None:
        """The sentence that refuses `value`, or None where it is allowed."""
        return None if isinstance(plain(value), bool) else refusal(what, self.rule, value)


@dataclass(frozen=True)
class Names:
    """One or more distinct names."""

    @property
    def rule(self) -> str:
        """The rule in words."""
        return say("errors.rules.names")

    def fault(self, what: str, value: object) -> str | None:
        """The sentence that refuses `value`, or None where it is allowed."""
        names = value if isinstance(value, (tuple, list)) else ()
        good = bool(names) and all(isinstance(name, str) and name for name in names) and len(set(names)) == len(names)
        return None if good else refusal(what, self.rule, value)


@dataclass(frozen=True)
class Cuts:
    """Ascending numbers by name: where each of some numeric covariates is cut."""

    @property
    def rule(self) -> str:
        """The rule in words."""
        return say("errors.rules.cuts")

    def fault(self, what: str, value: object) -> str | None:
        """The sentence that refuses `value`, or None where it is allowed."""
        pairs = tuple(value.items()) if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
        good = bool(pairs) and all(isinstance(pair, tuple) and len(pair) == 2 and _ascends(pair[1]) for pair in pairs)
        return None if good else refusal(what, self.rule, value)


def _ascends(cuts: object) -> bool:
    if not isinstance(cuts, (tuple, list)) or not cuts:
        return False
    if not all(_is_number(cut) and math.isfinite(cut) for cut in cuts):
        return False
    return all(one < other for one, other in itertools.pairwise(cuts))


@dataclass(frozen=True)
class Options:
    """One of a few names."""

    names: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The options in words."""
        return say("errors.rules.options", allowed=", ".join(self.names))

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
    open_high: bool = False

    def fault(self, what: str, value: object) -> str | None:
        """The sentence that refuses `value`, or None where it is allowed."""
        if self._allows(value):
            return None
        if isinstance(value, str):
            if self._allows(_number(value)):
                return say("errors.errors.number_as_text", what=what, rule=self.rule, given=value)
            value = f'"{value}"'  # a text is told from a number by its marks
        return refusal(what, self.rule, value, self.hint)

    def _allows(self, value: Any) -> bool:
        if not _is_number(value) or not math.isfinite(value):
            return False
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below and (not self.whole or float(value).is_integer())

    @property
    def rule(self) -> str:
        """The range in words.

        >>> Range(12, 12, whole=True).rule, Range(0, 2**32 - 1, whole=True).rule
        ('12', 'a whole number at least 0 and at most 4,294,967,295')
        """
        if self.low == self.high:
            return _plain(self.low)
        kind = "a whole number " if self.whole else ""
        low = f"greater than {_plain(self.low)}" if self.open_low else f"at least {_plain(self.low)}"
        parts = [low] if math.isfinite(self.low) else []
        if math.isfinite(self.high):
            parts.append(f"{'less than' if self.open_high else 'at most'} {_plain(self.high)}")
        return kind + (" and ".join(parts) or "a number")


@dataclass(frozen=True)
class Numbers:
    """One of a few whole numbers.

    >>> Numbers((12, 24)).fault("months", 18)
    'months must be 12 or 24. You gave 18.'
    """

    numbers: tuple[int, ...]

    def fault(self, what: str, value: object) -> str | None:
        """The sentence that refuses `value`, or None where it is allowed."""
        if isinstance(value, Integral) and not isinstance(value, bool) and value in self.numbers:
            return None
        rule = " or ".join(map(_plain, self.numbers))
        if isinstance(value, str):
            if _number(value) in self.numbers:
                return say("errors.errors.number_as_text", what=what, rule=rule, given=value)
            value = f'"{value}"'
        return say("errors.errors.out_of_range", what=what, rule=rule, given=value, hint="").strip()


def _is_number(value: object) -> bool:
    """Whether it is a real number, of Python or of NumPy; true and false are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def plain(value: Any) -> Any:
    """A NumPy scalar as the number of Python that it is, so that it can be written as JSON; all else as it is.

    NumPy is not loaded for it: whoever asks in words waits for none.

    >>> import numpy as np
    >>> plain(np.int64(3)), plain("a")
    (3, 'a')
    """
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value


def _plain(number: float) -> str:
    # A bound as people write it: thousands parted by commas, never an exponent for a whole number.
    return f"{int(number):,}" if float(number).is_integer() else f"{number:g}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def refusal(what: str, rule: str, given: object, hint: str = "") -> str:
    """The sentence that refuses a value: what, its rule, what was given, what to do.

    >>> refusal("ratio", "at least 1", 0, "1 is the usual choice.")
    'ratio must be at least 1. You gave 0. 1 is the usual choice.'
    """
    return say("errors.errors.out_of_range", what=what, rule=rule, given=given, hint=hint).strip()


def unused(what: str, given: object, by: str, users: Iterable[str]) -> str:
    """The sentence for a value that `by` does not use, naming what does.

    >>> unused("ratio", 2, "radius", ["nearest"])
    'ratio must be left out with radius, which does not use it. You gave 2. It belongs to nearest.'
    """
    return say("errors.errors.not_used", what=what, given=given, by=by, users=", ".join(users))


def unknown(what: str, given: object, allowed: Iterable[str]) -> str:
    """The sentence for a name that is not among `allowed`, with the nearest one named.

    >>> unknown("method", "radious", ["radius", "nearest"])
    'method must be one of radius, nearest. You gave radious. Did you mean radius?'
    """
    names = list(allowed)
    close = difflib.get_close_matches(str(given), names, n=1)
    nearest = f" Did you mean {close[0]}?" if close else ""
    return say("errors.errors.unknown_option", what=what, allowed=", ".join(names), given=given, nearest=nearest)


def require(rules: Mapping[str, Rule], values: Mapping[str, object]) -> None:
    """Checks every value against its rule and refuses them all at once; a value without a rule is refused by name."""
    refuse(faults_of(rules, values))


def faults_of(rules: Mapping[str, Rule], values: Mapping[str, object]) -> list[str]:
    """A sentence for every value that breaks its rule, and for every name without a rule."""
    faults = [unknown("parameter", name, rules) for name in values if name not in rules]
    for name, value in values.items():
        if name in rules and (fault := rules[name].fault(name, value)):
            faults.append(fault)
    return faults


def refuse(faults: list[str]) -> None:
    """Raises UsageError with all the faults, if there are any."""
    if faults:
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)
