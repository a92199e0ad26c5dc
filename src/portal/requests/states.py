"""The life cycle of a request as literal tables: its states, who has it in each, and every move from one to another.

The picture in docs/generated is made from these tables (`make docs`) and compared in `make check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.db import models


class State(models.TextChoices):
    """Where a request is. The sentence for people is `requests.states.<value>` in the wording."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    REFUSED = "refused", "Refused"
    ACCEPTED = "accepted", "Accepted"
    PLANNED = "planned", "Plan registered"
    LINKED = "linked", "Linked"
    ANALYSED = "analysed", "Analysed"
    NOT_REPORTABLE = "not_reportable", "No result can be reported"
    IN_REVIEW = "in_review", "In review"
    RETURNED = "returned", "Returned by reviewers"
    CLEARED = "cleared", "Cleared"
    FACT_CHECK = "fact_check", "Fact check"
    CLEARED_FINAL = "cleared_final", "Ready to schedule"
    SCHEDULED = "scheduled", "Scheduled"
    PRE_RELEASE = "pre_release", "Pre-release"
    PUBLISHED = "published", "Published"
    CORRECTED = "corrected", "Published, corrected"
    STOPPED = "stopped", "Publication stopped"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Product(models.TextChoices):
    """What is reviewed and published: the analysis, or, before anything is linked and instead of it, a feasibility study."""

    EVALUATION = "evaluation", "Evaluation"
    FEASIBILITY = "feasibility", "Feasibility study"


class Owner(Enum):
    """Who has to do something next."""

    PROVIDER = "provider"
    ANALYST = "analyst"
    REVIEWERS = "reviewers"
    PUBLISHER = "publisher"
    SYSTEM = "system"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Standing:
    """owner: who has the request. days: working days within which the next thing is to happen; None where nobody waits."""

    owner: Owner
    days: int | None = None


@dataclass(frozen=True)
class Move:
    """start: states it may begin in. end: where it leads. who: who may do it. notice: who gets a letter (wording key
    `notices.<name of the move>`). of: the product that makes it; None: either."""

    start: frozenset[State]
    end: State
    who: frozenset[Owner]
    notice: frozenset[Owner]
    of: Product | None = None


STANDINGS: dict[State, Standing] = {
    State.DRAFT: Standing(Owner.PROVIDER),
    State.SUBMITTED: Standing(Owner.ANALYST, 10),
    State.REFUSED: Standing(Owner.NOBODY),
    State.ACCEPTED: Standing(Owner.ANALYST, 10),
    State.PLANNED: Standing(Owner.ANALYST, 5),
    State.LINKED: Standing(Owner.SYSTEM, 1),
    State.ANALYSED: Standing(Owner.ANALYST, 10),
    State.NOT_REPORTABLE: Standing(Owner.ANALYST, 10),
    State.IN_REVIEW: Standing(Owner.REVIEWERS, 10),
    State.RETURNED: Standing(Owner.ANALYST, 10),
    State.CLEARED: Standing(Owner.ANALYST, 5),
    State.FACT_CHECK: Standing(Owner.PROVIDER, 20),
    State.CLEARED_FINAL: Standing(Owner.PUBLISHER, 20),
    State.SCHEDULED: Standing(Owner.SYSTEM),
    State.PRE_RELEASE: Standing(Owner.SYSTEM, 1),
    State.PUBLISHED: Standing(Owner.NOBODY),
    State.CORRECTED: Standing(Owner.NOBODY),
    State.STOPPED: Standing(Owner.NOBODY),
    State.WITHDRAWN: Standing(Owner.NOBODY),
}


def _move(
    start: tuple[State, ...], end: State, who: tuple[Owner, ...], notice: tuple[Owner, ...], of: Product | None = None
) -> Move:
    return Move(frozenset(start), end, frozenset(who), frozenset(notice), of)


_PROVIDER, _ANALYST, _REVIEWERS, _PUBLISHER, _SYSTEM = (
    (Owner.PROVIDER,), (Owner.ANALYST,), (Owner.REVIEWERS,), (Owner.PUBLISHER,), (Owner.SYSTEM,),
)  # fmt: skip
MOVES: dict[str, Move] = {
    "submit": _move((State.DRAFT,), State.SUBMITTED, _PROVIDER, _PROVIDER + _ANALYST),
    "refuse": _move((State.SUBMITTED,), State.REFUSED, _ANALYST, _PROVIDER),
    "accept": _move((State.SUBMITTED,), State.ACCEPTED, _ANALYST, _PROVIDER),
    "register_plan": _move((State.ACCEPTED,), State.PLANNED, _ANALYST, _PROVIDER),
    "link": _move((State.PLANNED,), State.LINKED, _SYSTEM, _PROVIDER),
    "analyse": _move((State.LINKED,), State.ANALYSED, _SYSTEM, _ANALYST),
    "find_not_reportable": _move((State.LINKED, State.ANALYSED), State.NOT_REPORTABLE, _SYSTEM, _ANALYST),
    "send_to_review": _move((State.ANALYSED, State.NOT_REPORTABLE), State.IN_REVIEW, _ANALYST, _REVIEWERS + _PROVIDER),
    "return": _move((State.IN_REVIEW,), State.RETURNED, _REVIEWERS + _SYSTEM, _ANALYST),
    "rework": _move((State.RETURNED,), State.ANALYSED, _ANALYST, _PROVIDER, Product.EVALUATION),
    "clear": _move((State.IN_REVIEW,), State.CLEARED, _REVIEWERS, _ANALYST),
    # With what other requests released meanwhile it would tell about a few people: no signature gets round that.
    "find_exposed": _move((State.CLEARED,), State.RETURNED, _SYSTEM, _ANALYST),
    "ask_for_facts": _move((State.CLEARED,), State.FACT_CHECK, _ANALYST, _PROVIDER),
    "report_error": _move((State.FACT_CHECK,), State.ANALYSED, _PROVIDER, _ANALYST, Product.EVALUATION),
    "agree": _move((State.FACT_CHECK,), State.CLEARED_FINAL, _PROVIDER + _SYSTEM, _PROVIDER + _PUBLISHER),
    "schedule": _move((State.CLEARED_FINAL,), State.SCHEDULED, _PUBLISHER, _PROVIDER),
    "cancel_release": _move((State.SCHEDULED, State.PRE_RELEASE), State.CLEARED_FINAL, _PUBLISHER, _PROVIDER),
    "open_to_named": _move((State.SCHEDULED,), State.PRE_RELEASE, _SYSTEM, _PUBLISHER),
    "publish": _move((State.PRE_RELEASE, State.SCHEDULED), State.PUBLISHED, _SYSTEM, _PROVIDER),
    "correct": _move((State.PUBLISHED, State.CORRECTED), State.CORRECTED, _PUBLISHER, _PROVIDER),
    # What is scheduled is stopped by cancelling its release first.
    "stop": _move(
        (State.LINKED, State.ANALYSED, State.NOT_REPORTABLE, State.IN_REVIEW, State.RETURNED, State.CLEARED,
         State.FACT_CHECK, State.CLEARED_FINAL),
        State.STOPPED, _PUBLISHER, _PROVIDER + _ANALYST,
    ),
    # A feasibility study is published as a product of its own, and nothing of the request is ever linked to an outcome: it
    # goes back to the plan where an analysis goes back to its run, and its provider may withdraw it instead of agreeing.
    "send_feasibility": _move((State.PLANNED,), State.IN_REVIEW, _ANALYST, _REVIEWERS + _PROVIDER),
    "rework_feasibility": _move((State.RETURNED,), State.PLANNED, _ANALYST, _PROVIDER, Product.FEASIBILITY),
    "report_feasibility_error": _move((State.FACT_CHECK,), State.PLANNED, _PROVIDER, _ANALYST, Product.FEASIBILITY),
    "withdraw_feasibility": _move(
        (State.FACT_CHECK,), State.WITHDRAWN, _PROVIDER, _PROVIDER + _ANALYST, Product.FEASIBILITY
    ),
    # Every result, favourable or not, is published: nobody withdraws once outcomes may be known.
    "withdraw": _move(
        (State.DRAFT, State.SUBMITTED, State.ACCEPTED, State.PLANNED), State.WITHDRAWN, _PROVIDER, _PROVIDER + _ANALYST
    ),
}  # fmt: skip

# Moves that a feasibility study makes in the place of an analysis's, and the states that it is ever in.
INSTEAD: dict[str, str] = {
    "rework": "rework_feasibility", "report_error": "report_feasibility_error", "withdraw": "withdraw_feasibility",
}  # fmt: skip
OF_FEASIBILITY = (
    State.IN_REVIEW, State.RETURNED, State.CLEARED, State.FACT_CHECK, State.CLEARED_FINAL, State.SCHEDULED, State.PRE_RELEASE,
    State.PUBLISHED, State.CORRECTED, State.STOPPED, State.WITHDRAWN,
)  # fmt: skip

# Where the engine can be asked: with a locked plan, again while nobody has reviewed, or for a correction.
PUBLIC = (State.PUBLISHED, State.CORRECTED)
RUNNABLE = (State.PLANNED, State.LINKED, State.ANALYSED, *PUBLIC)
# Where the registered plan can be amended: before a review, after a return, or for a correction.
AMENDABLE = (State.PLANNED, State.ANALYSED, State.NOT_REPORTABLE, State.RETURNED, *PUBLIC)

# Days after which a request's personal data are destroyed, from when it came into the state.
RETENTION_DAYS: dict[State, int] = {
    State.DRAFT: 180,
    State.REFUSED: 90,
    State.WITHDRAWN: 90,
    State.STOPPED: 90,
    State.PUBLISHED: 90,
    State.CORRECTED: 90,
}
# Of an analysis, from here on a provider can no longer withdraw, and the plan changes only by a visible amendment.
OUTCOMES_KNOWN = frozenset(State) - {State.DRAFT, State.SUBMITTED, State.REFUSED, State.ACCEPTED, State.PLANNED, State.WITHDRAWN}


def diagram() -> str:
    """The life cycle as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    for name, move in MOVES.items():
        lines += [f"    {start.value} --> {move.end.value}: {name}" for start in State if start in move.start]
    return "\n".join(lines) + "\n"
