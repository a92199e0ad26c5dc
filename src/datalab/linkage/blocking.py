"""How many true pairs no blocking rule finds, worked out from the model's own m values."""

from __future__ import annotations

import math
from itertools import product

from datalab.linkage.index import IndexSize
from datalab.linkage.model import Comparison, Model

# What a submitted row may lack, and the columns that rules look at when it does not.
OPTIONAL = ("postcodes", "pnc_ids", "prison_numbers")
Outcome = tuple[float, frozenset[str]]


def lost_share(model: Model, size: IndexSize, given: frozenset[str]) -> float:
    """Probability (0 to 1) that a true pair shares no blocking rule.

    given: which of `OPTIONAL` the submitted row has; a central person has each with the share in `size`. Comparisons
    are taken as independent given a true pair, as the model itself takes them (Fellegi and Sunter 1969).

    >>> from datalab.linkage.model import load_model
    >>> size = IndexSize(50_000, 1.0, 1.0, 1.0)
    >>> lost_share(load_model(), size, frozenset()) > lost_share(load_model(), size, frozenset({"pnc_ids"}))
    True
    """
    held = {"postcodes": size.with_postcode, "pnc_ids": size.with_pnc_id, "prison_numbers": size.with_prison_number}
    rules = [frozenset(rule) for rule in model.blocking]
    outcomes = [_outcomes(comparison, held, given) for comparison in model.comparisons]
    lost = 0.0
    for combination in product(*(found for found in outcomes if found)):
        agreeing = frozenset[str]().union(*(columns for _, columns in combination))
        if not any(rule <= agreeing for rule in rules):
            lost += math.prod(share for share, _ in combination)
    return lost


def _outcomes(comparison: Comparison, held: dict[str, float], given: frozenset[str]) -> list[Outcome]:
    """The sets of columns that may agree on a true pair, with their probabilities; [] where no rule looks at them."""
    total = sum(level.m for level in comparison.levels)
    named = [(level.m / total * share, frozenset(columns)) for level in comparison.levels for share, columns in level.agrees]
    if not named:
        return []
    optional = next((column for column in OPTIONAL if any(column in columns for _, columns in named)), None)
    present = 1.0 if optional is None else held[optional] * (optional in given)
    agreeing = [(share * present, columns) for share, columns in named]
    return [*agreeing, (1.0 - sum(share for share, _ in agreeing), frozenset())]
