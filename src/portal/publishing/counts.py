"""How many requests were received and what became of them: each is counted once, so the counts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from portal.requests.models import Request
from portal.requests.states import PUBLIC, Product, State


@dataclass(frozen=True)
class Counts:
    """Requests that were ever submitted. answered: with an analysis; studied: with a feasibility study, which is no result.
    refused: criterion to how many."""

    received: int
    answered: int
    studied: int
    refused: dict[str, int]
    withdrawn: int
    stopped: int

    @property
    def in_progress(self) -> int:
        """The rest."""
        return self.received - self.answered - self.studied - sum(self.refused.values()) - self.withdrawn - self.stopped

    def lines(self) -> tuple[tuple[str, int], ...]:
        """Name (wording key `publishing.counts.<name>`) and count; all but the first add up to the first."""
        return (
            ("received", self.received),
            ("answered", self.answered),
            ("studied", self.studied),
            ("refused", sum(self.refused.values())),
            ("withdrawn", self.withdrawn),
            ("stopped", self.stopped),
            ("in_progress", self.in_progress),
        )


def answer_of(product: str) -> str:
    """How what is published of a request counts: with an analysis or with a feasibility study."""
    return "studied" if product == Product.FEASIBILITY else "answered"


def count_requests(answered_with_this: Collection[int] = ()) -> Counts:
    """The counts now; requests with these ids count as answered, as they will be when the release that has them is out.

    A scheduled report is a request in progress, like any other that is not out.
    """
    found = Request.objects.exclude(submitted_at=None).values_list("id", "state", "criterion", "product")
    states: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for request_id, state, criterion, product in found:
        out = request_id in answered_with_this or state in PUBLIC
        states[answer_of(product) if out else state] += 1
        if state == State.REFUSED:
            refused[criterion] += 1
    return Counts(
        received=sum(states.values()),
        answered=states["answered"],
        studied=states["studied"],
        refused=dict(sorted(refused.items())),
        withdrawn=states[State.WITHDRAWN],
        stopped=states[State.STOPPED],
    )
