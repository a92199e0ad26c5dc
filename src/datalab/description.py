"""Describes a match: overlap of the scores, the treated analysed beside those left out, and who is in each subgroup."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datalab.effects.influence import count_people
from datalab.effects.results import Overlap, People, ProfileLine, SubgroupShare
from datalab.matching.results import Match
from datalab.table import AnalysisTable, Bools, Covariate, Floats, Ints

OVERLAP_BINS = 30


def draw_overlap(table: AnalysisTable, match: Match) -> Overlap:
    """Histogram of the logit of the score over the range of both groups: rows treated, pool rows, comparison weight."""
    pool = ~table.treated
    low, high = float(match.logit.min()), float(match.logit.max())
    edges = np.linspace(low, high if high > low else low + 1.0, OVERLAP_BINS + 1)
    return Overlap(
        edges=edges,
        treated=np.histogram(match.logit[table.treated], edges)[0].astype(np.int64),
        pool=np.histogram(match.logit[pool], edges)[0].astype(np.int64),
        comparison_weight=np.histogram(match.logit[pool], edges, weights=match.weights[pool])[0],
    )


def compare_profiles(table: AnalysisTable, match: Match) -> tuple[ProfileLine, ...]:
    """Treated people analysed beside those left out by matching, a line a number and a line a level of each category.

    Means are over rows, NaN where a side is empty; counts are rows of the level (numbers: of the side).
    """
    analysed = [c.values[table.treated & match.matched] for c in table.covariates]
    left_out = [c.values[table.treated & ~match.matched] for c in table.covariates]
    return tuple(line for c, a, b in zip(table.covariates, analysed, left_out, strict=True) for line in _profile_lines(c, a, b))


def share_subgroups(table: AnalysisTable, match: Match) -> tuple[SubgroupShare, ...]:
    """Of those matched, how many belong to each subgroup known before the clock started: people, and the weighted share."""
    treated, used = table.treated & match.matched, ~table.treated & match.matched
    found = []
    for group in table.subgroups:
        cells = {
            "treated_in": treated & group.member,
            "treated_out": treated & ~group.member,
            "comparison_in": used & group.member,
            "comparison_out": used & ~group.member,
        }
        counts = {name: count_people(table.person, rows) for name, rows in cells.items()}
        weight = float(match.weights[used].sum())
        share = float(match.weights[used & group.member].sum()) / weight if weight > 0 else float("nan")
        found.append(SubgroupShare(group.name, share_treated=_mean(group.member[treated]), share_comparison=share, **counts))
    return tuple(found)


def _profile_lines(covariate: Covariate, analysed: Floats | Ints, left_out: Floats | Ints) -> Iterator[ProfileLine]:
    if not covariate.is_categorical:
        yield ProfileLine(covariate.label, "", analysed.size, left_out.size, _mean(analysed), _mean(left_out))
        return
    for code, label in enumerate(covariate.level_labels or covariate.levels):
        a, b = analysed == code, left_out == code
        yield ProfileLine(covariate.label, label, int(a.sum()), int(b.sum()), _mean(a), _mean(b))


def _mean(values: Floats | Ints | Bools) -> float:
    return float(values.mean()) if values.size else float("nan")


def count_groups(table: AnalysisTable, found: Match | None) -> People:
    """Head-counts of the groups before and after matching; found: None where there was no match."""
    matched = np.zeros(table.n, dtype=bool) if found is None else found.matched
    return People(
        treated=count_people(table.person, table.treated),
        matched=count_people(table.person, table.treated & matched),
        pool=count_people(table.person, ~table.treated),
        comparison=count_people(table.person, ~table.treated & matched),
        effective=0.0 if found is None else found.effective_pool,
    )


def as_text(value: object) -> str:
    """A setting's value as people read it.

    >>> as_text([0.5, True, {"age": [30, 40]}])
    '0.5, yes, age at 30, 40'
    """
    if isinstance(value, dict):
        return "; ".join(f"{name} at {as_text(cuts)}" for name, cuts in value.items())
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
