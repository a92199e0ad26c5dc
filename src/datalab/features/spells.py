"""Spells of employment and benefits as SQL that covariates and outcomes share: one list, and days with overlaps counted once."""

from __future__ import annotations

from datalab.fields.justice.reoffending import OPEN_END

EMPLOYED = "employed"


def spells() -> str:
    """Spells of employment and of each benefit, in one list (`what`: employed, or the benefit in small letters)."""
    return f"""
    select person_id, '{EMPLOYED}' as what, start, coalesce("end", {OPEN_END}) as last_day, employment_id as spell_id
    from employment
    union all
    select person_id, lower(benefit), start, coalesce("end", {OPEN_END}), benefit_id
    from benefit"""


def merged(clipped: str) -> str:
    """Adds to each clipped spell the last day that earlier spells of the same `what` already cover.

    clipped: relation with event_id, what, first_day, last_day, spell_id.
    """
    return f"""
    select *, max(last_day) over (
        partition by event_id, what order by first_day, last_day, spell_id
        rows between unbounded preceding and 1 preceding
    ) as covered_to
    from {clipped}"""


def uncovered_days() -> str:
    """Days of a merged spell that no earlier one covers; their sum counts every day once."""
    first = "greatest(first_day, cast(coalesce(covered_to, first_day - 1) + 1 as date))"
    return f"greatest(date_diff('day', {first}, last_day) + 1, 0)"
