"""Candidate: one pair (submitted row, central person) worth a thought, with its weight and probabilities."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datalab.linkage.model import Model

DECISION = "decision"
DIFFERENT_FORENAME, DIFFERENT_BIRTH = "different_forename", "different_birth"
PROBABILISTIC = "probabilistic"


@dataclass(frozen=True)
class Candidate:
    """A pair. weight: bits, prior included. pair_probability: what that weight says of the pair alone (0 to 1).

    probability: the same given that a submitted row is at most one person (0 to 1), never above `pair_probability`.
    rule: `pnc_id`, `prison_number`, `decision`, `probabilistic`, or `different_forename` or `different_birth`, which are never
    accepted by weight alone.
    variant: the row of the index that agreed best, None where only the deterministic rule found the pair.
    forename_differs: no known forename is like the submitted one, as with a brother's number.
    """

    row: int
    person_id: str
    rule: str
    weight: float
    pair_probability: float
    probability: float
    variant: int | None = None
    forename_differs: bool = False

    @property
    def is_deterministic(self) -> bool:
        """True where an identifier and two of surname, forename and date of birth agree."""
        return self.rule in ("pnc_id", "prison_number")


def bits(probability: float) -> float:
    """The weight, in bits, of a probability strictly between 0 and 1.

    >>> bits(0.5), round(bits(0.99), 2)
    (0.0, 6.63)
    """
    return math.log2(probability / (1.0 - probability))


def probability_of(weight: float) -> float:
    """The probability (0 to 1) that a weight in bits stands for.

    >>> probability_of(0.0)
    0.5
    """
    return 1.0 / (1.0 + 2.0**-weight) if weight > -1000 else 0.0


def read_candidates(pairs: Iterable[dict[str, Any]], model: Model) -> list[Candidate]:
    """Candidates from the rows of `score_pairs`, in the order of row and person.

    A deterministic pair weighs at least as much as the model's stated probability for it; a pair whose forenames
    differ, or whose births lie far apart, weighs at most nothing (even odds), unless it is deterministic.
    """
    return sorted((_candidate(pair, model) for pair in pairs), key=lambda item: (item.row, item.person_id))


def _candidate(pair: dict[str, Any], model: Model) -> Candidate:
    weight = -math.inf if pair["weight"] is None else float(pair["weight"])
    rule = pair["rule"]
    if rule:
        weight = max(weight, bits(model.deterministic_probability))
    elif pair["capped"] or pair["far"]:
        rule, weight = DIFFERENT_FORENAME if pair["capped"] else DIFFERENT_BIRTH, min(weight, 0.0)
    chance = probability_of(weight)
    return Candidate(
        pair["row"], pair["person_id"], rule or PROBABILISTIC, weight, chance, chance, pair["variant"], pair["capped"]
    )


def share_rows(candidates: Sequence[Candidate], model: Model) -> list[Candidate]:
    """Sets `probability`: each candidate's odds against all candidates of its row together and against none of them.

    With odds o of each pair, the chance that this one is right is o / (1 + sum of o): a row has at most one right person.
    A pair that a person accepted has the probability that the model states for decisions.
    """
    totals: defaultdict[int, float] = defaultdict(float)
    for item in sorted(candidates, key=lambda item: (item.row, item.person_id)):
        totals[item.row] += 2.0**item.weight
    return [replace(item, probability=_share(item, totals[item.row], model)) for item in candidates]


def _share(item: Candidate, total: float, model: Model) -> float:
    return model.decision_probability if item.rule == DECISION else 2.0**item.weight / (1.0 + total)
