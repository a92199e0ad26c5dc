"""Chooses at most one person a row, sends what is not clear to review, and merges rows that are one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from datalab.linkage.candidates import DECISION, Candidate
from datalab.linkage.model import Model

Status = Literal["accepted", "review", "unlinked", "merged"]
TIE, CONFLICT = "tie", "conflict"


@dataclass(frozen=True)
class Choice:
    """What becomes of one submitted row. best: the candidate that leads, None where there is none.

    doubtful: the candidates a person has to look at (only in review). found: the probability that any candidate is right.
    """

    row: int
    status: Status
    rule: str | None
    best: Candidate | None
    doubtful: tuple[Candidate, ...]
    found: float

    @property
    def person_id(self) -> str | None:
        """The person, where the row is linked, merged or in review (then the one that leads)."""
        return None if self.best is None or self.status == "unlinked" else self.best.person_id


def choose(
    candidates: Sequence[Candidate], completeness: Mapping[int, int], model: Model, rejected: frozenset[int] = frozenset()
) -> list[Choice]:
    """One Choice for each submitted row, in row order.

    completeness: for every submitted row, how many of its cells hold something. Rows linked to the same person merge: the
    most complete stands, then the lowest row number. rejected: rows a person took a candidate from.
    """
    by_row: defaultdict[int, list[Candidate]] = defaultdict(list)
    for item in candidates:
        by_row[item.row].append(item)
    choices = [_choose_row(row, by_row[row], model, row in rejected) for row in sorted(completeness)]
    return _merge(choices, completeness)


def _choose_row(row: int, candidates: Sequence[Candidate], model: Model, rejected: bool) -> Choice:
    """A person's decision leads, then the deterministic rule, then weight; a strong rival makes the row doubtful."""
    ranked = sorted(candidates, key=lambda item: (item.rule != DECISION, not item.is_deterministic, -item.weight, item.person_id))
    if not ranked:
        return Choice(row, "unlinked", DECISION if rejected else None, None, (), 0.0)
    best, found = ranked[0], min(sum(item.probability for item in ranked), 1.0)
    if best.rule == DECISION:
        return Choice(row, "accepted", DECISION, best, (), found)
    if doubt := _doubt(best, ranked[1:], model):
        return Choice(row, "review", doubt, best, _doubtful(ranked, model), found)
    if best.is_deterministic or best.probability >= model.accept:
        return Choice(row, "accepted", best.rule, best, (), found)
    if found >= model.review:
        return Choice(row, "review", best.rule, best, _doubtful(ranked, model), found)
    return Choice(row, "unlinked", DECISION if rejected else None, best, (), found)


def _doubt(best: Candidate, rivals: Sequence[Candidate], model: Model) -> str | None:
    """Why a rival makes a row doubtful: as heavy as the leader, or right by itself while the leader's forename differs."""
    if any(item.weight >= best.weight - model.tie_bits and item.pair_probability >= model.review for item in rivals):
        return TIE
    if best.forename_differs and any(item.pair_probability >= model.accept for item in rivals):
        return CONFLICT
    return None


def _doubtful(ranked: Sequence[Candidate], model: Model) -> tuple[Candidate, ...]:
    return (ranked[0], *(item for item in ranked[1:] if item.pair_probability >= model.review))


def choose_at(choices: Sequence[Choice], completeness: Mapping[int, int], threshold: float) -> list[Choice]:
    """The choices as they would be if `accept` were `threshold`, in row order.

    threshold: at or above the model's `review`, so that every row that is no longer linked waits for a person. Ties, conflicts
    and decisions stay as they are. Whoever is linked at a threshold is linked at every lower one.
    """
    return _merge([_choose_at(choice, threshold) for choice in choices], completeness)


def _choose_at(choice: Choice, threshold: float) -> Choice:
    """One row at another threshold; rows of one person stand apart until they are merged anew."""
    if is_linked_at(choice, threshold):
        return replace(choice, status="accepted", doubtful=())
    return replace(choice, status="review") if choice.status in ("accepted", "merged") else choice


def is_linked_at(choice: Choice, threshold: float) -> bool:
    """Whether a row would be linked if `accept` were `threshold`: no threshold settles a tie, a conflict or a decision."""
    if choice.best is None:
        return False
    if choice.best.rule == DECISION or choice.rule in (TIE, CONFLICT):
        return choice.status in ("accepted", "merged")
    return choice.best.is_deterministic or choice.best.probability >= threshold


def _merge(choices: Sequence[Choice], completeness: Mapping[int, int]) -> list[Choice]:
    stands: dict[str, int] = {}
    linked = [choice for choice in choices if choice.status == "accepted" and choice.best]
    for choice in sorted(linked, key=lambda item: (-completeness[item.row], item.row)):
        stands.setdefault(str(choice.person_id), choice.row)
    return [
        replace(choice, status="merged")
        if choice.status == "accepted" and stands[str(choice.person_id)] != choice.row
        else choice
        for choice in choices
    ]
