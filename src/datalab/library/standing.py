"""Where one result stands among the published ones, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from datalab.evidence import read_published
from datalab.evidence.results import EvidenceRecord
from datalab.library.tables import LibraryRow
from datalab.library.words import amount, outcome_words
from datalab.wording import say


def standing(records: Iterable[EvidenceRecord]) -> str:
    """The headline of a study among the published results of its outcome and follow-up that have a usable number; "" where it or
    they have none. A place in a list, not a judgement: the programmes and the people differ.

    >>> published = read_published()
    >>> standing([published[0]])[-58:]
    'in every 100 people) has place 6, counted from the lowest.'
    """
    own = next((one for one in records if one.role == "headline"), None)
    effect = LibraryRow(own).effect if own else None
    if own is None or effect is None:
        return ""
    others = [
        found.estimate
        for one in read_published()
        if (one.outcome, one.follow_up_months, one.design) == (own.outcome, own.follow_up_months, "published")
        and (found := one.on(effect.scale)) is not None
    ]
    if not others:
        return ""
    place = 1 + sum(other < effect.estimate for other in others)
    name = outcome_words(own.outcome, own.follow_up_months)["short"]
    own_words = amount(effect.estimate, own.unit)
    return say("library.commands.standing", count=len(others), outcome=name, own=own_words, place=place)
