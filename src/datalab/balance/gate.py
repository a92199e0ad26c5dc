"""The balance gate: only a match that passes it may meet an outcome."""

from __future__ import annotations

from datalab.balance.measure import measure_balance
from datalab.balance.results import _SEAL, BalancedMatch, UnbalancedMatch
from datalab.errors import UsageError
from datalab.matching.results import Match
from datalab.table import AnalysisTable
from datalab.wording import say

# The weights of either group sum to 1 but for rounding.
ROUNDING = 1e-6


def _require_own(table: AnalysisTable, match: Match) -> None:
    """Refuses a match that cannot be of this table: of another size, or with weights that stand with other people's groups."""
    own = match.weights.shape == (table.n,)
    if own:
        treated, whole = float(match.weights[table.treated].sum()), float(match.weights.sum())
        own = abs(treated - 1.0) <= ROUNDING and abs(whole - 2.0) <= ROUNDING
    if not own:
        raise UsageError(say("numerics.errors.other_table"))


def gate(table: AnalysisTable, match: Match, *, distances: bool = True) -> BalancedMatch | UnbalancedMatch:
    """The match with its balance: a BalancedMatch where the rule of `rule.judge` holds, else an UnbalancedMatch.

    The reasons of a failure, as sentences that name the worst covariates, are in `balance.reasons`. distances: measure the
    distances of whole distributions too, which no rule asks for and which take the most time. Raises UsageError for a match
    of another table: its weights must sum to 1 among this one's treated and in its pool.

    >>> import numpy as np
    >>> from datalab.table import Covariate
    >>> x = Covariate("x", "X", np.array([1.0, 2.0, 1.0, 2.0]))
    >>> ids, zeros, two = np.arange(4), np.zeros(4, dtype=np.int64), np.array([True, True, False, False])
    >>> table = AnalysisTable(ids, ids, two, (x,), (), zeros, zeros)
    >>> halves = np.full(4, 0.5)
    >>> match = Match("radius", 0.2, 1.0, zeros * 0.5, halves > 0, halves, np.array([2, 2, 0, 0]), 2.0, "main")
    >>> type(gate(table, match)).__name__
    'BalancedMatch'
    """
    _require_own(table, match)
    balance = measure_balance(table, match, distances=distances)
    if balance.passed:
        return BalancedMatch(table, match, balance, seal=_SEAL)
    return UnbalancedMatch(table, match, balance)
