"""How strong a trait that nobody recorded would have to be to explain an effect away (Cinelli and Hazlett 2020).

Everything is measured in the weighted matched sample (treated 1/k each, comparison w_j), where the algebra of omitted
variables is exact: bias = sqrt(R2_Y R2_D / (1 - R2_D)) x sd(Y left) / sd(D left).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from datalab.numerics.blocks import chunk_rows, cut, one_blas_thread
from datalab.numerics.design import Design
from datalab.numerics.roots import crossing
from datalab.table import Covariate, Floats, Ints

# Keeps the equations of columns that add up to one another solvable; of columns with SD 1 it moves no printed figure.
RIDGE = 1e-10
MOST_TIMES = 100.0  # a benchmark a hundred times as strong, or stronger still, is told as a hundred
_LEAST = 1e-14  # a share below this is rounding


@dataclass(frozen=True)
class Left:
    """What the covariates leave unexplained, under one weighting: variances of treatment and outcome, and their covariance."""

    treatment: float
    outcome: float
    together: float

    @property
    def sd_treatment(self) -> float:
        """SD of the treatment after the covariates."""
        return math.sqrt(self.treatment)

    @property
    def outcome_after_treatment(self) -> float:
        """Variance of the outcome after the covariates and the treatment."""
        return max(self.outcome - self.together**2 / self.treatment, 0.0) if self.treatment > 0 else self.outcome

    @property
    def sd_outcome(self) -> float:
        """SD of the outcome after the covariates and the treatment."""
        return math.sqrt(self.outcome_after_treatment)


@dataclass(frozen=True)
class Strength:
    """Partial R2 of one covariate given the others: with the treatment, and with the outcome (given the treatment too)."""

    treatment: float
    outcome: float


@dataclass(frozen=True, eq=False)
class WeightedMoments:
    """Weighted second moments of m rows: of the intercept and the design's columns (1 + p, 1 + p), of those with the treatment
    and o outcomes (1 + p, 1 + o), and of these among themselves (1 + o, 1 + o). Weights sum to 1. effective: 1 / sum of
    squared weights."""

    columns: Floats
    cross: Floats
    others: Floats
    effective: float

    def left(self, outcome: int = 0, without: Ints | None = None) -> Left:
        """What is left of treatment and one outcome (by place) after all columns, or all but some (places in the design)."""
        keep = np.ones(self.columns.shape[0], dtype=bool)
        if without is not None:
            keep[1 + without] = False
        pair = [0, 1 + outcome]
        gram = self.columns[np.ix_(keep, keep)] + RIDGE * np.eye(int(keep.sum()))
        cross = self.cross[keep][:, pair]
        with one_blas_thread():
            explained = cross.T @ np.linalg.solve(gram, cross)
        rest = self.others[np.ix_(pair, pair)] - explained
        return Left(max(float(rest[0, 0]), 0.0), max(float(rest[1, 1]), 0.0), float(rest[0, 1]))

    def strength(self, columns: Ints, outcome: int = 0) -> Strength:
        """Partial R2 of some columns (places in the design) given all the others."""
        full, less = self.left(outcome), self.left(outcome, columns)
        return Strength(
            _share_lost(less.treatment, full.treatment), _share_lost(less.outcome_after_treatment, full.outcome_after_treatment)
        )


def _share_lost(before: float, after: float) -> float:
    share = 1.0 - after / before if before > 0 else 0.0
    return min(share, 1.0) if share > _LEAST else 0.0


def weigh_moments(design: Design, weights: Floats, treated: Floats, outcomes: Floats) -> WeightedMoments:
    """The moments of the rows with positive weight (n,), chunk by chunk; treated (n,) is 0 or 1, outcomes (o, n) known there."""
    rows = np.flatnonzero(weights > 0)
    shares = weights[rows] / weights[rows].sum()
    size = 1 + design.p
    width = size + 1 + outcomes.shape[0]
    total = np.zeros((width, width))
    with one_blas_thread():
        for part in cut(rows.size, chunk_rows(width)):
            chosen = rows[part]
            columns = np.column_stack([np.ones(chosen.size), design.matrix(chosen), treated[chosen], outcomes[:, chosen].T])
            total += (columns * shares[part, None]).T @ columns
    return WeightedMoments(total[:size, :size], total[:size, size:], total[size:, size:], 1.0 / float(shares @ shares))


def beyond_chance(strength: Strength, moments: WeightedMoments, degrees: int, others: int) -> Strength:
    """The strength less what chance alone gives a covariate of so many `degrees` of freedom (adjusted R2, at least 0).

    others: degrees of freedom of the other covariates. Many levels explain something of anything in a small sample.

    >>> moments = WeightedMoments(np.eye(1), np.eye(1), np.eye(1), 101.0)
    >>> beyond_chance(Strength(0.02, 0.5), moments, degrees=10, others=0).treatment
    0.0
    """
    rest = moments.effective - 1 - others
    left = rest - degrees
    if left <= 0:
        return Strength(0.0, 0.0)
    treatment, outcome = (max(1.0 - (1.0 - share) * rest / left, 0.0) for share in (strength.treatment, strength.outcome))
    return Strength(treatment, outcome)


def columns_by_covariate(covariates: tuple[Covariate, ...], design: Design) -> dict[str, Ints]:
    """The places in a design of main terms of each covariate's columns."""
    numbers = [c.name for c in covariates if not c.is_categorical]
    found = {name: np.array([place]) for place, name in enumerate(numbers)}
    start = design.dense_columns
    for covariate in covariates:
        if covariate.is_categorical:
            found[covariate.name] = np.arange(start, start + len(covariate.levels))
            start += len(covariate.levels)
    return {covariate.name: found[covariate.name] for covariate in covariates}


def bias_of(strength: Strength, left: Left) -> float:
    """The bias (absolute, in the outcome's units) of leaving out a trait with these partial R2.

    Source: Cinelli and Hazlett 2020.

    >>> round(bias_of(Strength(treatment=0.1, outcome=0.2), Left(0.25, 0.16, 0.0)), 4)
    0.1193
    """
    if strength.treatment >= 1:
        return math.inf
    return math.sqrt(strength.outcome * strength.treatment / (1 - strength.treatment)) * left.sd_outcome / left.sd_treatment


def partial_f(estimate: float, left: Left) -> float:
    """f = |estimate| sd(D left) / sd(Y left): the effect as Cohen's f of the weighted sample (infinite where Y is explained).

    Never t / sqrt(df), which is about 1.8 times too large with weights (estimator study, section 7).
    """
    return abs(estimate) * left.sd_treatment / left.sd_outcome if left.sd_outcome > 0 else math.inf


def robustness_value(f: float) -> float:
    """The share of what is left of both treatment and outcome that a trait must explain to bring the effect to nothing.

    >>> round(robustness_value(0.1), 4), robustness_value(0.0)
    (0.0951, 0.0)
    """
    return (math.sqrt(f**4 + 4 * f**2) - f**2) / 2 if math.isfinite(f) else 1.0


def times_as_strong(strength: Strength, times: float) -> Strength:
    """The partial R2, given every covariate, of an unrecorded trait `times` as strong as a recorded one.

    strength: of the recorded one given the others. Source: Cinelli and Hazlett 2020, bounds with kD = kY = times.
    """
    own, out = strength.treatment, strength.outcome
    if own >= 1 or times * own >= 1 or out >= 1:
        return Strength(1.0, 1.0)
    treatment = times * own / (1 - own)
    shared = times * own**2 / ((1 - times * own) * (1 - own))
    if treatment >= 1 or shared >= 1:
        return Strength(1.0, 1.0)
    eta = (math.sqrt(times) + math.sqrt(shared)) / math.sqrt(1 - shared)
    return Strength(treatment, min(eta**2 * out / (1 - out), 1.0))


def times_to_explain(estimate: float, strength: Strength, left: Left) -> float:
    """How many times as strong as a recorded covariate an unrecorded trait must be for its bias to equal the estimate.

    From 0 (nothing to explain, or a trait that tells everything) to MOST_TIMES; below 1 a weaker trait would do.
    """

    def gap(times: float) -> float:
        return min(bias_of(times_as_strong(strength, times), left), 1e300) - abs(estimate)

    if gap(0.0) >= 0:
        return 0.0
    return MOST_TIMES if gap(MOST_TIMES) <= 0 else crossing(gap, 0.0, MOST_TIMES)
