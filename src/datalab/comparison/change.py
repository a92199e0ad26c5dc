"""How far one measure's effect moved from the earlier study to the later one, with what may be said of it.

Two ranges are given. `independent` is right where no person is in both studies: MOVER for a difference of two estimates (Zou
and Donner 2008, "Construction of confidence limits about effect measures", Statistics in Medicine 27: 1693-1702). `widest`
holds whatever the correlation of the two estimates, so whoever is in both: it is MOVER at a correlation of -1, from the
earlier upper end to the later lower end and the other way round. Only `widest` decides whether a change is claimed, since
from stored results nobody can tell who is in both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from datalab.disclosure.number import Number, Suppressed
from datalab.disclosure.results import Release, ReleasedEffect, ReleasedOutcome
from datalab.report.numbers import is_shown, shown
from datalab.report.sentences import is_answered, is_research

Standing = Literal["lower", "higher", "unclear", "unanswered", "follow_up", "unlike"]
Range = tuple[Number, Number]
HIDDEN = Suppressed("z")
NO_RANGE: Range = (HIDDEN, HIDDEN)


@dataclass(frozen=True)
class Change:
    """One measure in both studies. change: later effect less earlier one, on the scale of the effect (shares for rates);
    independent, widest: its two ranges. standing: `lower` or `higher` where a change is claimed, `unclear`, or why the two are
    not compared."""

    earlier: ReleasedOutcome
    later: ReleasedOutcome
    standing: Standing
    change: Number = HIDDEN
    independent: Range = NO_RANGE
    widest: Range = NO_RANGE


def find_change(earlier: Release, later: Release, before: ReleasedOutcome, after: ReleasedOutcome) -> Change:
    """The change of one measure, which both studies have; symbols where a figure behind it is not shown."""
    reason = _why_not(earlier, later, before, after)
    if reason is not None or before.effect is None or after.effect is None:
        return Change(before, after, reason or "unanswered")
    one, two = before.effect, after.effect
    widest = (_less(two.low, one.high), _less(two.high, one.low))
    standing: Standing = "lower" if shown(widest[1]) < 0 else "higher" if shown(widest[0]) > 0 else "unclear"
    return Change(before, after, standing, _less(two.estimate, one.estimate), independent_range(one, two), widest)


def independent_range(earlier: ReleasedEffect, later: ReleasedEffect) -> Range:
    """The 95 % interval of later less earlier where the two estimates are independent (MOVER); symbols where not shown."""
    parts = [one for effect in (earlier, later) for one in (effect.estimate, effect.low, effect.high)]
    if not all(is_shown(part) for part in parts):
        return next((part, part) for part in parts if not is_shown(part))
    e1, l1, u1, e2, l2, u2 = (shown(part) for part in parts)
    gap = e2 - e1
    return gap - math.hypot(e2 - l2, u1 - e1), gap + math.hypot(u2 - e2, e1 - l1)


def _why_not(earlier: Release, later: Release, before: ReleasedOutcome, after: ReleasedOutcome) -> Standing | None:
    if is_research(earlier) or is_research(later) or not (_has_range(before) and _has_range(after)):
        return "unanswered"
    if earlier.follow_up_months != later.follow_up_months:
        return "follow_up"
    alike = ("kind", "unit", "among", "known_before")
    return None if all(getattr(before, name) == getattr(after, name) for name in alike) else "unlike"


def _has_range(outcome: ReleasedOutcome) -> bool:
    return is_answered(outcome) and outcome.effect is not None and is_shown(outcome.effect.low) and is_shown(outcome.effect.high)


def _less(value: Number, other: Number) -> Number:
    return shown(value) - shown(other) if is_shown(value) and is_shown(other) else value if not is_shown(value) else other
