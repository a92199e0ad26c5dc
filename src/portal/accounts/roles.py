"""The roles of the lab, each with the paragraph that says who may hold it; two roles that one person may not have together."""

from __future__ import annotations

from django.db import models

from portal.wording import say


class Role(models.TextChoices):
    """What somebody of the lab does. A provider's people have none: they belong to an organisation."""

    ANALYST = "analyst", "Analyst"
    REVIEWER = "reviewer", "Reviewer"
    PUBLISHER = "publisher", "Publisher"
    STEWARD = "steward", "Data steward"


# Who looks after the records and who may hold which role does neither analyse nor review.
APART: tuple[frozenset[Role], ...] = (
    frozenset({Role.STEWARD, Role.ANALYST}),
    frozenset({Role.STEWARD, Role.REVIEWER}),
    frozenset({Role.STEWARD, Role.PUBLISHER}),
)


def who_may_hold(role: Role) -> str:
    """The paragraph that says who may hold a role."""
    return say(f"accounts.roles.{role.value}")
