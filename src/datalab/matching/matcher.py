"""From a table to a match: score, caliper, weights, and richer terms where overlap is poor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datalab.errors import InputError
from datalab.matching.propensity import caliper_on_logit, score_logit
from datalab.matching.radius import radius_weights
from datalab.matching.results import Match
from datalab.matching.settings import MatchSettings
from datalab.matching.validity import require_valid_match
from datalab.numerics.design import Terms
from datalab.numerics.faults import table_faults
from datalab.numerics.impute import impute_covariates
from datalab.numerics.order import id_order, ordered
from datalab.numerics.people import effective_size
from datalab.table import AnalysisTable, Covariate, Floats, Ints
from datalab.wording import say

# Poor overlap (estimator study, section 1c): a comparison group worth fewer people than the treated, or this share of
# the treated without a match.
MOST_UNMATCHED = 0.05
RICH_TERMS = "matching.warnings.rich_terms"
POOR_OVERLAP = "matching.warnings.poor_overlap"
SOME_UNMATCHED = "matching.warnings.some_unmatched"


def match(table: AnalysisTable, settings: MatchSettings) -> Match:
    """Matches every treated row to all pool rows of its stratum within the caliper on the logit of the score.

    Missing numbers are imputed from the pool first. Where overlap is poor (effective comparison group smaller than the
    matched treated, or more than 5 % of the treated unmatched) and terms are "auto", the score is fitted again with
    squares and products. The same bits whatever the order of rows; nothing is random. `warnings` are wording keys.
    The result is checked by `require_valid_match` before it is handed on.
    Raises InputError where there is no treated row, no pool, no covariate, or no treated row with a match.
    Source: Rosenbaum and Rubin 1983; Dehejia and Wahba 2002; Austin 2011.

    >>> from datalab.table import Covariate
    >>> x = Covariate("x", "X", np.array([1.0, 2.0, 1.0, 2.0, 2.0]))
    >>> ids, zeros = np.arange(5), np.zeros(5, dtype=np.int64)
    >>> table = AnalysisTable(ids, ids, np.array([True, True, False, False, False]), (x,), (), zeros, zeros)
    >>> match(table, MatchSettings()).weights.round(2).tolist()
    [0.5, 0.5, 0.5, 0.25, 0.25]
    """
    _refuse_unmatchable(table)
    order = id_order(table)
    sorted_table = ordered(table, order)
    covariates = impute_covariates(sorted_table.covariates, ~sorted_table.treated)
    found = _with_terms(sorted_table, covariates, settings)
    result = found if order is None else _back(found, order)
    require_valid_match(result, table)
    return result


def _refuse_unmatchable(table: AnalysisTable) -> None:
    treated = int(np.count_nonzero(table.treated))
    faults = [
        say(f"matching.errors.{name}")
        for name, wrong in (
            ("no_treated", treated == 0),
            ("no_pool", treated == table.n),
            ("no_covariates", not table.covariates),
        )
        if wrong
    ]
    faults += table_faults(table)
    if faults:
        raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)


def _with_terms(table: AnalysisTable, covariates: tuple[Covariate, ...], settings: MatchSettings) -> Match:
    first: Terms = "rich" if settings.terms == "rich" else "main"
    found = _match_once(table, covariates, settings, first)
    if settings.terms == "auto" and is_poor_overlap(found, table):
        rich = _match_once(table, covariates, settings, "rich")
        # With few comparison people so many terms can tell everybody apart; a match of somebody beats one of nobody.
        found = rich if rich.matched.any() else found
    if not found.matched.any():
        raise InputError(say("matching.errors.nobody_matched"))
    return replace(found, warnings=_warnings(found, table, settings))


def _match_once(table: AnalysisTable, covariates: tuple[Covariate, ...], settings: MatchSettings, terms: Terms) -> Match:
    treated = table.treated
    logit = score_logit(covariates, treated, settings.penalty, terms)
    caliper = caliper_on_logit(logit, treated, settings.caliper_sd_logit)
    weights, reach = radius_weights(logit, treated, table.strata, caliper)
    weights = _shares(weights, reach)
    return Match(
        method=settings.method,
        caliper_sd_logit=settings.caliper_sd_logit,
        caliper=caliper,
        logit=logit,
        matched=weights > 0,
        weights=weights,
        reach=reach,
        effective_pool=effective_size(table.person[~treated], weights[~treated]),
        terms=terms,
    )


def _shares(weights: Floats, reach: Ints) -> Floats:
    return weights / max(int(np.count_nonzero(reach)), 1)


def is_poor_overlap(found: Match, table: AnalysisTable) -> bool:
    """True where the effective comparison group is smaller than the matched treated, or over 5 % are unmatched."""
    treated = int(np.count_nonzero(table.treated))
    k = int(np.count_nonzero(found.reach))
    return found.effective_pool < k or treated - k > MOST_UNMATCHED * treated


def _warnings(found: Match, table: AnalysisTable, settings: MatchSettings) -> tuple[str, ...]:
    treated = int(np.count_nonzero(table.treated))
    said = (
        (RICH_TERMS, found.terms == "rich" and settings.terms == "auto"),
        (POOR_OVERLAP, is_poor_overlap(found, table)),
        (SOME_UNMATCHED, np.count_nonzero(found.reach) < treated),
    )
    return tuple(key for key, holds in said if holds)


def _back(found: Match, order: Ints) -> Match:
    """The match with its rows in the order of the input again."""
    rows = np.empty_like(order)
    rows[order] = np.arange(order.size)
    return replace(
        found, logit=found.logit[rows], matched=found.matched[rows], weights=found.weights[rows], reach=found.reach[rows]
    )
