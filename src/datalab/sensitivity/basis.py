"""What every line of the family is held against, and may use again: the match, its score, and the outcome models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from datalab.balance.results import BalancedMatch
from datalab.effects.estimate import outcome_design
from datalab.effects.results import OutcomeResult
from datalab.effects.sample import compared_values, fit_expected
from datalab.matching import MatchSettings
from datalab.numerics.design import Design, build_design
from datalab.sensitivity.family import MOST_MEASURES, MOST_POOL
from datalab.table import AnalysisTable, Bools, Floats, Ints, Outcome


@dataclass(frozen=True, eq=False)
class Basis:
    """balanced: the main match. raw: its rows before missing numbers were filled. settings: the plan's. pairs: the measures
    examined, each with its main result, the headline first. minimum_treated: fewest matched treated people of any line."""

    balanced: BalancedMatch
    raw: AnalysisTable
    settings: MatchSettings
    pairs: tuple[tuple[Outcome, OutcomeResult], ...]
    minimum_treated: int

    @property
    def table(self) -> AnalysisTable:
        """The rows matched, missing numbers filled."""
        return self.balanced.table

    @cached_property
    def pinned(self) -> MatchSettings:
        """The plan's settings with the terms that the main match came to."""
        return replace(self.settings, terms="rich" if self.balanced.match.terms == "rich" else "main")

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where each measure stands among the outcomes of the table."""
        names = [outcome.measure.name for outcome in self.table.outcomes]
        return tuple(names.index(outcome.measure.name) for outcome, _ in self.pairs)

    @cached_property
    def design(self) -> Design:
        """The columns of the outcome models, in the terms of the main match."""
        return outcome_design(self.table, self.balanced.match)

    @cached_property
    def main_design(self) -> Design:
        """The covariates' main terms, for the algebra of hidden bias."""
        return self.design if self.design.terms == "main" else build_design(self.table.covariates)

    @cached_property
    def some(self) -> Ints:
        """Places of the treated and of an even part of a large pool, for what need not be measured on everybody."""
        pool = np.flatnonzero(~self.table.treated)
        kept = pool[:: -(-pool.size // MOST_POOL)]
        return np.sort(np.concatenate([np.flatnonzero(self.table.treated), kept]))

    @cached_property
    def values(self) -> Floats:
        """The numbers compared, a row a measure (o, n)."""
        return np.array([compared_values(self.table, self.balanced.match, outcome) for outcome, _ in self.pairs])

    @cached_property
    def known(self) -> Bools:
        """Rows (n,) with a number for every measure."""
        return np.asarray(~np.isnan(self.values).any(axis=0))

    @cached_property
    def expected(self) -> tuple[Floats, ...]:
        """m0 of each measure (n,), which no other match of the same rows and covariates changes."""
        pairs = zip(self.pairs, self.values, strict=True)
        return tuple(fit_expected(self.table, outcome, self.design, values) for (outcome, _), values in pairs)


def choose_measures(outcomes: Sequence[Outcome], results: Sequence[OutcomeResult]) -> tuple[tuple[Outcome, OutcomeResult], ...]:
    """The measures that the family is made for: the headline, then others about everyone analysed in the plan's order, of
    those estimated. A measure among a subgroup is examined only as the headline, with the subgroup's own match."""
    pairs = [(o, r) for o, r in zip(outcomes, results, strict=True) if r.status == "estimated"]
    first = [pair for pair in pairs if pair[1].role == "headline"]
    if any(result.measure.among for _, result in first):
        return tuple(first)
    rest = [pair for pair in pairs if pair[1].role != "headline" and not pair[1].measure.among]
    return tuple((first + rest)[:MOST_MEASURES])
