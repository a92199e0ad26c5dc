"""The status page in words: what happens next, who has it, by when; and what the person who looks may do now."""

from __future__ import annotations

from dataclasses import dataclass

from portal.accounts.models import User
from portal.config.refusals import is_allowed
from portal.requests.models import Request
from portal.requests.permissions import (
    check_amend,
    check_describe,
    check_edit,
    check_may,
    check_note,
    check_open_results,
    check_output,
    check_review_again,
    check_run,
    is_provider_of,
)
from portal.requests.states import INSTEAD, MOVES, Product, State
from portal.wording import say, words

# The stages of the way, as the status page lists them; each with the states in which it is the one that is going on.
WAY: tuple[tuple[str, frozenset[State]], ...] = (
    ("draft", frozenset({State.DRAFT})),
    ("decision", frozenset({State.SUBMITTED})),
    ("plan", frozenset({State.ACCEPTED})),
    ("analysis", frozenset({State.PLANNED, State.LINKED, State.ANALYSED, State.NOT_REPORTABLE, State.RETURNED})),
    ("review", frozenset({State.IN_REVIEW})),
    ("facts", frozenset({State.CLEARED, State.FACT_CHECK})),
    ("publication", frozenset({State.CLEARED_FINAL, State.SCHEDULED, State.PRE_RELEASE})),
    ("published", frozenset({State.PUBLISHED, State.CORRECTED})),
)
# What may be done beside the moves of the life cycle, each with its guard: a page offers what the guard lets through.
BESIDE = {
    "edit": check_edit,
    "note": check_note,
    "output": check_output,
    "amend": check_amend,
    "run": check_run,
    "review_again": check_review_again,
    "describe": check_describe,
    "open_results": check_open_results,
}


@dataclass(frozen=True)
class Stage:
    """A stage of the way: its words, and whether it is done, going on or to come."""

    name: str
    words: str
    standing: str


def stages(request: Request) -> tuple[Stage, ...]:
    """The way of a request; of one that ended early only what it went through."""
    current = next((place for place, (_, states) in enumerate(WAY) if request.state in states), None)
    if current is None:
        return ()
    study = request.product == Product.FEASIBILITY
    return tuple(
        Stage(
            name,
            say(f"requests.way.{'feasibility' if study and name == 'analysis' else name}"),
            "done" if place < current else "now" if place == current else "later",
        )
        for place, (name, _) in enumerate(WAY)
    )


def next_step(request: Request) -> str:
    """What happens next and who does it; a feasibility study has its own words where they differ."""
    if request.product == Product.FEASIBILITY and request.state in words("requests")["next_feasibility"]:
        return say(f"requests.next_feasibility.{request.state}")
    return say(f"requests.next.{request.state}")


def possible(user: User, request: Request) -> frozenset[str]:
    """The moves that the person may make now, those of BESIDE, and `provider`."""
    moves = {name for name in MOVES if is_allowed(check_may, user, request, name)}
    moves |= {name for name, own in INSTEAD.items() if own in moves}  # pages ask for either by the one name
    extra = {name for name, check in BESIDE.items() if is_allowed(check, user, request)}
    return frozenset(moves | extra | ({"provider"} if is_provider_of(user, request) else set()))
