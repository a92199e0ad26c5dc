"""What matching hands on: scores, who is matched, and the weights."""

from __future__ import annotations

from dataclasses import dataclass, field

from datalab.matching.settings import MatchSettings
from datalab.table import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Pairs:
    """Who was matched with whom (m,): places of the treated and of the comparison rows, and how much of the latter was
    taken (1, or less where case weights make a row less than a person)."""

    treated: Ints
    comparison: Ints
    amount: Floats


@dataclass(frozen=True)
class Match:
    """A match of n rows (row order as in the AnalysisTable).

    logit (n,): logit of the propensity score. matched (n,): treated with at least one comparison event in reach, or
    comparison event with positive weight. weights (n,): 1/k for each of the k matched treated, w_j for comparison
    events (both groups sum to 1; in proportion to the case weights where there are any), 0 for the rest. reach (n,):
    comparison events that stand behind each treated, else 0.
    caliper: distance on `scale` ("logit" or "score"), infinite where the method has none. effective_pool: 1/sum of
    squared weights, summed by person first. settings: what was asked for. trimmed (n,): rows left out by trimming, None
    where nothing was to be trimmed. pairs: of nearest neighbours.
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
    scale: str = "logit"
    settings: MatchSettings = field(default_factory=MatchSettings)
    trimmed: Bools | None = None
    pairs: Pairs | None = None
