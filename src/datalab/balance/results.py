"""What balance hands on: one line a covariate level, the gate's verdict, and a match that has passed it."""

from __future__ import annotations

from dataclasses import dataclass

from datalab.errors import InternalError
from datalab.matching.results import Match
from datalab.table import AnalysisTable


@dataclass(frozen=True)
class CovariateBalance:
    """One numeric covariate, or one level of a categorical one (`level` not empty; means are then shares).

    smd: (mean treated - weighted mean pool) / sd, with sd of ALL treated before matching; where that is 0 the pool's,
    and `sd_source` says "pool"; both 0: "none", smd is NaN and the line is not counted. Shares of 0 to 1, not percent.
    treated_count, pool_count: people in the level (numeric: with the value known) among matched treated and among
    comparison events with positive weight; treated_count_before, pool_count_before: the same before matching.
    """

    covariate: str
    level: str
    label: str
    family: str
    mean_treated_before: float
    mean_pool_before: float
    mean_treated: float
    mean_pool: float
    sd: float
    sd_source: str
    smd_before: float
    smd: float
    variance_ratio_before: float
    variance_ratio: float
    ks_before: float
    ks: float
    ecdf_before: float
    ecdf: float
    treated_count_before: int
    pool_count_before: int
    treated_count: int
    pool_count: int


@dataclass(frozen=True)
class Balance:
    """The balance table and the gate (design 3.3). max_smd and share_within_5pc count the counted lines only."""

    covariates: tuple[CovariateBalance, ...]
    passed: bool
    reasons: tuple[str, ...]
    max_smd: float
    share_within_5pc: float
    worst: tuple[str, ...]
    overlap_share: float
    matched_share: float
    effective_pool: float
    largest_weight_share: float


_SEAL = object()


class BalancedMatch:
    """A match that passed the gate. Only `datalab.balance.gate` makes one; effects take nothing else."""

    __slots__ = ("balance", "match", "table")

    def __init__(self, table: AnalysisTable, match: Match, balance: Balance, *, seal: object) -> None:
        if seal is not _SEAL or not balance.passed:
            raise InternalError("A BalancedMatch is made by the balance gate alone, from a match that passed it.")
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "match", match)
        object.__setattr__(self, "balance", balance)

    table: AnalysisTable
    match: Match
    balance: Balance

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"BalancedMatch is frozen; {name} cannot be set")


@dataclass(frozen=True)
class UnbalancedMatch:
    """A match that failed the gate: good for a balance report, and for `--research` estimates that no release accepts."""

    table: AnalysisTable
    match: Match
    balance: Balance
