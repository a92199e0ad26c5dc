"""What matching hands on: scores, who is matched, and the weights."""

from __future__ import annotations

from dataclasses import dataclass

from datalab.table import Bools, Floats, Ints


@dataclass(frozen=True)
class Match:
    """A match of n rows (row order as in the AnalysisTable).

    logit (n,): logit of the propensity score. matched (n,): treated with at least one comparison event in reach, or
    comparison event with positive weight. weights (n,): 1/k for each of the k matched treated, w_j for comparison
    events (both groups sum to 1), 0 for the rest. reach (n,): comparison events in reach of each treated, else 0.
    caliper: distance on the logit. effective_pool: 1/sum of squared weights, summed by person first.
    """

    method: str
    caliper_sd_logit: float
    caliper: float
    logit: Floats
    matched: Bools
    weights: Floats
    reach: Ints
    effective_pool: float
    terms: str  # "main", or "rich" where overlap is poor
    warnings: tuple[str, ...] = ()
