"""Why there is nothing to see, said so that the reason itself counts nobody."""

from __future__ import annotations

FEW_PEOPLE = "disclosure.withheld.few_people"
TOO_FEW_TREATED = "disclosure.withheld.too_few_treated"
TOO_FEW_EXPECTED = "effects.withheld.too_few_expected"
NOBODY_OR_FEW = "disclosure.withheld.nobody_or_few"
# Each of these tells of a hidden number that it is 0, 1, everybody or within a small range; what stands in its place is said
# of larger numbers too.
_NEUTRAL = {
    "effects.withheld.too_few_with_event": FEW_PEOPLE,
    TOO_FEW_EXPECTED: FEW_PEOPLE,
    "effects.withheld.no_variation": FEW_PEOPLE,
    "disclosure.withheld.dominance": FEW_PEOPLE,
    "effects.withheld.subgroup_unmatched": "effects.withheld.too_few_treated",
    "effects.withheld.nobody_matched": NOBODY_OR_FEW,
    "effects.withheld.no_pool": NOBODY_OR_FEW,
    "feasibility.reasons.no_pool": NOBODY_OR_FEW,
    "effects.withheld.no_such_value": NOBODY_OR_FEW,
    "effects.withheld.no_level": NOBODY_OR_FEW,
}


def neutral(reason: str) -> str:
    """The reason as it may be printed: one that would tell how many gives way to one that does not.

    reason: a wording key, "" for none.

    >>> neutral("effects.withheld.too_few_with_event") == neutral("effects.withheld.no_variation")
    True
    """
    return _NEUTRAL.get(reason, reason)
