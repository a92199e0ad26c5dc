"""What an action or a page raises when it will not do what was asked, with the sentence that people read."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


class Refused(Exception):
    """Not allowed, or not now. status: 403 for a person who may not, 409 for a state in which it cannot be."""

    def __init__(self, sentence: str, status: int = 403) -> None:
        self.sentence = sentence
        self.status = status
        super().__init__(sentence)


def is_allowed(check: Callable[P, None], *args: P.args, **given: P.kwargs) -> bool:
    """Whether a check that raises Refused passes, so that a button and its guard cannot disagree."""
    try:
        check(*args, **given)
    except Refused:
        return False
    return True
