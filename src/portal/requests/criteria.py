"""The criteria a request is refused for: a fixed list, which the eligibility check on the public pages asks about as well."""

from __future__ import annotations

# In the order of the journey; the words are `criteria.<name>` in the wording.
CRITERIA: tuple[str, ...] = (
    "too_few",
    "no_programme",
    "no_start_and_end",
    "outside_records",
    "follow_up_not_complete",
    "no_lawful_basis",
    "data_not_usable",
    "no_comparison",
)
