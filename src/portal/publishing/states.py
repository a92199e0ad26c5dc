"""The life of a release as literal tables: its states, and every move from one to another."""

from __future__ import annotations

from django.db import models


class ReleaseState(models.TextChoices):
    """Where a release is. The sentence for people is `publishing.states.<value>` in the wording."""

    DRAFT = "draft", "Being put together"
    PROPOSED = "proposed", "Waits for a second person"
    SCHEDULED = "scheduled", "Scheduled"
    OPEN = "open", "Open to named people"
    HELD = "held", "Held: its pages were changed"
    PUBLISHED = "published", "Published"
    CANCELLED = "cancelled", "Cancelled"


# Name of a move -> where it may begin and where it leads.
MOVES: dict[str, tuple[frozenset[ReleaseState], ReleaseState]] = {
    "propose": (frozenset({ReleaseState.DRAFT}), ReleaseState.PROPOSED),
    "take_back": (frozenset({ReleaseState.PROPOSED}), ReleaseState.DRAFT),
    "schedule": (frozenset({ReleaseState.PROPOSED}), ReleaseState.SCHEDULED),
    "open": (frozenset({ReleaseState.SCHEDULED}), ReleaseState.OPEN),
    "hold": (frozenset({ReleaseState.SCHEDULED, ReleaseState.OPEN}), ReleaseState.HELD),
    "publish": (frozenset({ReleaseState.SCHEDULED, ReleaseState.OPEN}), ReleaseState.PUBLISHED),
    "cancel": (
        frozenset({
            ReleaseState.DRAFT, ReleaseState.PROPOSED, ReleaseState.SCHEDULED, ReleaseState.OPEN, ReleaseState.HELD,
        }),
        ReleaseState.CANCELLED,
    ),
}  # fmt: skip

# Its pages are fixed; only the clock or a cancellation moves it on.
FROZEN = (ReleaseState.SCHEDULED, ReleaseState.OPEN, ReleaseState.HELD)
# Not fixed yet; once announced, its date stands in the public calendar as provisional.
PLANNED = (ReleaseState.DRAFT, ReleaseState.PROPOSED)
# Its date stands in the public calendar.
COMING = (ReleaseState.SCHEDULED, ReleaseState.OPEN)


def diagram() -> str:
    """The life of a release as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    for name, (starts, end) in MOVES.items():
        lines += [f"    {start.value} --> {end.value}: {name}" for start in ReleaseState if start in starts]
    return "\n".join(lines) + "\n"
