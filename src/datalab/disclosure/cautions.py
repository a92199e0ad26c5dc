"""Warnings of a match for release: what would tell of a hidden number of people left out is said of all, or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from datalab.disclosure.results import ReleasedPeople, Suppressed
from datalab.effects.results import AnalysisFindings

TRIMMED = "trimmed"
_SOME_UNMATCHED, _ANY_UNMATCHED = "matching.warnings.some_unmatched", "disclosure.notes.any_unmatched"
_TRIMMED, _ANY_TRIMMED = "matching.warnings.trimmed", "disclosure.notes.any_trimmed"
_FEWER_PARTNERS, _ANY_PARTNERS = "matching.warnings.fewer_partners", "disclosure.notes.any_partners"
# Overlap is poor where the comparison group is worth few people, or where more than one in twenty have no match.
_OF_OVERLAP = frozenset({"matching.warnings.poor_overlap", "matching.warnings.main_kept"})


def release_warnings(found: AnalysisFindings, people: ReleasedPeople, settings: Mapping[str, str]) -> tuple[str, ...]:
    """The warnings of an analysis, made of what its people and settings show.

    "Some are left out" says one at least. Where the number is hidden the sentence stands for nobody as well, and is there
    whether anybody is left out or not; poor overlap is then said where the effective size that is shown says it.
    """
    is_hidden = isinstance(people.treated, Suppressed) or isinstance(people.matched, Suppressed)
    said = tuple(text for text in found.warnings if not is_hidden or text not in _OF_OVERLAP or _is_worth_few(people, settings))
    for text, neutral, applies in (
        (_SOME_UNMATCHED, _ANY_UNMATCHED, is_hidden),
        (
            _TRIMMED,
            _ANY_TRIMMED,
            not {"trim", "trim_above"}.isdisjoint(settings) and (is_hidden or not settings.get(TRIMMED, "").isdigit()),
        ),
        (_FEWER_PARTNERS, _ANY_PARTNERS, settings.get("ratio", "1") != "1"),
    ):
        if applies:
            said = (*(one for one in said if one != text), neutral)
    return said


def _is_worth_few(people: ReleasedPeople, settings: Mapping[str, str]) -> bool:
    effective, matched = people.effective_pool, people.matched
    known = not isinstance(effective, Suppressed) and not isinstance(matched, Suppressed)
    return known and settings.get("method") != "nearest" and effective < matched  # type: ignore[operator]
