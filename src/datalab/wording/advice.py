"""What to try where a match is not balanced: one sentence a kind of method, known again wherever it is read."""

from __future__ import annotations

from datalab.wording.render import say, words

# Method -> what it can be set closer by: the key of its advice.
_SET_BY = {"radius": "caliper", "classic": "caliper", "nearest": "caliper", "ipw": "weights", "entropy": "weights"}


def advice(method: str) -> str:
    """What to try where a match of this method is not balanced, as a sentence."""
    return say("balance.reasons.try", first=words("balance")["first"][_SET_BY.get(method, method)])


def is_advice(text: str) -> bool:
    """Whether one of the gate's reasons is what to try, and so tells nothing about anybody.

    >>> is_advice(advice("radius")), is_advice("Age (12.0%)")
    (True, False)
    """
    return any(text == say("balance.reasons.try", first=first) for first in words("balance")["first"].values())
