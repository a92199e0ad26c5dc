"""The counts behind each thing that may be shown, collected before any rule looks at them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from datalab.balance.results import CovariateBalance
from datalab.effects.results import AnalysisFindings, OutcomeResult


@dataclass(frozen=True)
class GroupEvidence:
    """Who stands behind an analysis (people; `effective` is a size)."""

    matched: int
    left_out: int
    pool: int
    comparison: int
    effective: float


@dataclass(frozen=True)
class OutcomeEvidence:
    """Who stands behind an outcome. without: people in the group without the event. whole_group: nobody matched is
    outside the denominator by what came after the programme. events are 0 where the kind has none. comparison_share: the
    adjusted comparison value as printed, NaN where there is none."""

    kind: str
    whole_group: bool
    n: int
    events: int
    comparison_n: int
    comparison_events: int
    effective: float
    top_two_share: float
    residual_df: float
    comparison_share: float = float("nan")

    @property
    def without(self) -> int:
        """Treated people without the event."""
        return self.n - self.events

    @property
    def comparison_without(self) -> int:
        """Comparison people without the event."""
        return self.comparison_n - self.comparison_events


@dataclass(frozen=True)
class LineEvidence:
    """Counts behind one balance line: people in the level, or the total of a numeric covariate that counts something.

    Columns: treated before, treated (matched), pool before, comparison. others: the complement's counts where the
    covariate is 0/1; empty for a level (its complement is the other levels). contributors: of a number, the square of the
    total over the sum of squares of all treated, which at least so many people must hold (inf for a level).
    """

    counts: tuple[float, float, float, float]
    others: tuple[float, ...] = ()
    contributors: float = math.inf

    @property
    def left_out(self) -> float:
        """What the treated who were left out account for."""
        return self.counts[0] - self.counts[1]


def group_evidence(found: AnalysisFindings) -> GroupEvidence:
    """The head-counts of an analysis."""
    people = found.people
    return GroupEvidence(people.matched, people.treated - people.matched, people.pool, people.comparison, people.effective)


def outcome_evidence(result: OutcomeResult) -> OutcomeEvidence:
    """The counts of an outcome."""
    return OutcomeEvidence(
        kind=result.measure.kind,
        whole_group=not result.measure.among,
        n=result.n_treated,
        events=result.treated_events,
        comparison_n=result.n_comparison,
        comparison_events=result.comparison_events,
        effective=result.effective_comparison,
        top_two_share=result.top_two_share,
        residual_df=result.residual_df,
        comparison_share=result.comparison,
    )


def line_evidence(line: CovariateBalance) -> LineEvidence:
    """The counts of a balance line; for a numeric covariate its totals, which may be counts of people."""
    sizes = (line.treated_count_before, line.treated_count, line.pool_count_before, line.pool_count)
    if line.level:
        return LineEvidence(tuple(float(size) for size in sizes))  # type: ignore[arg-type]
    means = (line.mean_treated_before, line.mean_treated, line.mean_pool_before, line.mean_pool)
    totals = tuple(mean * size for mean, size in zip(means, sizes, strict=True))
    others = tuple(size - total for size, total in zip(sizes, totals, strict=True)) if _may_lie_within_one(line) else ()
    return LineEvidence(totals, others, _contributors(line))  # type: ignore[arg-type]


def _contributors(line: CovariateBalance) -> float:
    """Least number of treated people who can hold the total, known the spread (Cauchy and Schwarz); inf for a total of 0
    or below, which counts nobody."""
    size, mean = line.treated_count_before, line.mean_treated_before
    if mean <= 0 or size == 0:
        return math.inf
    spread = line.sd**2 if line.sd_source == "treated" else 0.0
    return size * mean**2 / (mean**2 + spread * (size - 1) / size)


def _may_lie_within_one(line: CovariateBalance) -> bool:
    """True where all values may lie within 0 to 1 for all that mean and spread say: yes/no numbers, imputed ones among them."""
    mean, size = line.mean_treated_before, line.treated_count_before
    most = mean * (1 - mean) * (size / (size - 1) if size > 1 else 1.0)
    return is_zero_one(line) or (0 <= mean <= 1 and line.sd_source == "treated" and line.sd**2 <= most)


def is_zero_one(line: CovariateBalance) -> bool:
    """True for a numeric covariate that behaves like a 0/1 one: its variance is p(1 - p), its means lie in 0 to 1."""
    mean, size = line.mean_treated_before, line.treated_count_before
    if line.sd_source != "treated":  # all treated alike: 0/1 for all we know, so treat it as such
        return all(0 <= value <= 1 for value in (mean, line.mean_pool_before))
    spread, either = line.sd**2, size / (size - 1) if size > 1 else 1.0
    expected = mean * (1 - mean)
    return any(math.isclose(spread, expected * factor, rel_tol=1e-6) for factor in (1.0, either))
