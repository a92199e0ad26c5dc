"""The balance gate: only a match that passes it may meet an outcome."""

from __future__ import annotations

from datalab.balance.measure import measure_balance
from datalab.balance.results import _SEAL, BalancedMatch, UnbalancedMatch
from datalab.matching.results import Match
from datalab.table import AnalysisTable


def gate(table: AnalysisTable, match: Match, *, distances: bool = True) -> BalancedMatch | UnbalancedMatch:
    """The match with its balance: a BalancedMatch where the rule of `rule.judge` holds, else an UnbalancedMatch.

    The reasons of a failure, as sentences that name the worst covariates, are in `balance.reasons`. distances: measure the
    distances of whole distributions too, which no rule asks for and which take the most time.

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
    balance = measure_balance(table, match, distances=distances)
    if balance.passed:
        return BalancedMatch(table, match, balance, seal=_SEAL)
    return UnbalancedMatch(table, match, balance)
