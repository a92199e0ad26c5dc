"""The one rule that turns an interval into a verdict (design 2.8)."""

from __future__ import annotations

from datalab.effects.results import Effect, Verdict


def give_verdict(effect: Effect | None) -> Verdict:
    """lower or higher where the 95 % interval lies wholly on one side of 0, else more_people; None: withheld.

    >>> give_verdict(Effect(-0.05, -0.09, -0.01, 0.02, 0.01, 99.0, "influence_t"))
    'lower'
    """
    if effect is None:
        return "withheld"
    if effect.high < 0:
        return "lower"
    return "higher" if effect.low > 0 else "more_people"
