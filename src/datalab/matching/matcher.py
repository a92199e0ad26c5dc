"""From a table to a match: score, weights by the method asked for, and richer terms where overlap is poor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from datalab.errors import InputError
from datalab.matching.cells import is_spread, weigh_coarsened, weigh_exact, weigh_subclasses
from datalab.matching.entropy import weigh_entropy
from datalab.matching.kernel import weigh_kernel
from datalab.matching.nearest import weigh_nearest
from datalab.matching.odds import weigh_odds
from datalab.matching.propensity import caliper_on_logit, score_logit, score_of
from datalab.matching.radius import radius_weights
from datalab.matching.results import Match, Pairs
from datalab.matching.settings import MatchSettings
from datalab.matching.task import Task, Weighed
from datalab.matching.trimming import trim_rows
from datalab.matching.validity import require_valid_match
from datalab.numerics.design import Terms
from datalab.numerics.faults import table_faults
from datalab.numerics.impute import impute_covariates
from datalab.numerics.order import id_order, ordered
from datalab.numerics.people import effective_size
from datalab.numerics.weighting import mass_of
from datalab.table import AnalysisTable, Bools, Covariate, Floats, Ints
from datalab.wording import say

# Poor overlap (estimator study, section 1c): a comparison group worth fewer people than the treated, or this share of
# the treated without a match.
MOST_UNMATCHED = 0.05
LEAST_UNMATCHED = 1e-9  # sums of case weights differ by rounding
# A caliper on the score itself switches matching off where scores are small (design 3.2): warned of above this share.
MOST_OF_MEAN_SCORE = 0.1
RICH_TERMS = "matching.warnings.rich_terms"
POOR_OVERLAP = "matching.warnings.poor_overlap"
SOME_UNMATCHED = "matching.warnings.some_unmatched"
TRIMMED = "matching.warnings.trimmed"
WIDE_CALIPER = "matching.warnings.wide_caliper"
FEWER_PARTNERS = "matching.warnings.fewer_partners"
CELLS = ("exact", "cem")  # methods of equal values, without a reach


def _weigh_radius(task: Task) -> Weighed:
    return Weighed(*radius_weights(task.values, task.treated, task.strata, task.caliper, task.case_weights))


WEIGH: dict[str, Callable[[Task], Weighed]] = {
    "radius": _weigh_radius,
    "classic": _weigh_radius,
    "nearest": weigh_nearest,
    "kernel": weigh_kernel,
    "ipw": weigh_odds,
    "entropy": weigh_entropy,
    "exact": weigh_exact,
    "cem": weigh_coarsened,
    "subclass": weigh_subclasses,
}


def match(table: AnalysisTable, settings: MatchSettings | None = None, *, logit: Floats | None = None) -> Match:
    """Matches or weights the pool to the treated rows by the method of the settings (default: radius), within strata.

    Missing numbers are imputed from the pool first. Where overlap is poor (effective comparison group smaller than the
    matched treated, nearest neighbours apart, or more than 5 % of the treated unmatched) and terms are "auto", score and
    weights are made again with squares and products. logit (n,): the score's logit where it is known already; none is
    fitted then. The same bits whatever the order of rows; nothing is random. `warnings` are wording keys, or sentences.
    The result is checked by `require_valid_match` before it is handed on.
    Raises InputError where there is no treated row, no pool, no covariate, unusable case weights, no treated row with a
    match, or (entropy) no weights that balance; UsageError for the name of a covariate that is not there.
    Source: Rosenbaum and Rubin 1983; Dehejia and Wahba 2002; Austin 2011; each method its own.

    >>> from datalab.table import Covariate
    >>> x = Covariate("x", "X", np.array([1.0, 2.0, 1.0, 2.0, 2.0]))
    >>> ids, zeros = np.arange(5), np.zeros(5, dtype=np.int64)
    >>> table = AnalysisTable(ids, ids, np.array([True, True, False, False, False]), (x,), (), zeros, zeros)
    >>> match(table).weights.round(2).tolist()
    [0.5, 0.5, 0.5, 0.25, 0.25]
    >>> match(table, MatchSettings("nearest")).weights.round(2).tolist()
    [0.5, 0.5, 0.5, 0.5, 0.0]
    """
    _refuse_unmatchable(table, logit)
    order = id_order(table)
    sorted_table = ordered(table, order)
    covariates = impute_covariates(sorted_table.covariates, ~sorted_table.treated, case_weights=sorted_table.case_weights)
    known = logit if logit is None or order is None else logit[order]
    found = _with_terms(_Job(sorted_table, covariates, settings or MatchSettings(), known))
    result = found if order is None else _back(found, order)
    require_valid_match(result, table)
    return result


@dataclass(frozen=True, eq=False)
class _Job:
    """A table in order of ids, its covariates without gaps, the settings, and the score where it is known."""

    table: AnalysisTable
    covariates: tuple[Covariate, ...]
    settings: MatchSettings
    logit: Floats | None


def _refuse_unmatchable(table: AnalysisTable, logit: Floats | None) -> None:
    treated = int(np.count_nonzero(table.treated))
    faults = [
        say(f"matching.errors.{name}")
        for name, wrong in (
            ("no_treated", treated == 0),
            ("no_pool", treated == table.n),
            ("no_covariates", not table.covariates),
            ("bad_score", logit is not None and not (logit.shape == (table.n,) and bool(np.isfinite(logit).all()))),
        )
        if wrong
    ]
    faults += weight_faults(table.case_weights, table.treated)
    faults += table_faults(table)
    if faults:
        raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)


def weight_faults(case_weights: Floats | None, treated: Bools) -> list[str]:
    """A sentence for each thing that is wrong with case weights (n,).

    >>> weight_faults(np.array([1.0, 0.0]), np.array([True, False]))
    ['Case weights must not be 0 for everybody in a group. Nobody with a weight is left to compare with.']
    """
    if case_weights is None:
        return []
    if case_weights.shape != treated.shape:
        return [say("matching.weights.rows")]
    unknown, negative = int(np.count_nonzero(~np.isfinite(case_weights))), int(np.count_nonzero(case_weights < 0))
    faults = [say("matching.weights.unknown", count=unknown)] if unknown else []
    faults += [say("matching.weights.negative", count=negative)] if negative else []
    if faults:
        return faults
    groups = (("no_treated", treated), ("no_pool", ~treated))
    return [say(f"matching.weights.{name}") for name, rows in groups if rows.any() and not (case_weights[rows] > 0).any()]


def _with_terms(job: _Job) -> Match:
    asked = job.settings.chosen["terms"]
    found = _match_once(job, "rich" if asked == "rich" else "main")
    if asked == "auto" and is_poor_overlap(found, job.table):
        rich = _rich_or_none(job)
        found = rich if rich is not None and _matches_as_many(rich, found, job.table) else found
    if not found.matched.any():
        raise InputError(_nobody(job))
    return replace(found, warnings=(*_warnings(found, job.table), *_unused(job)))


def _nobody(job: _Job) -> str:
    """Why nobody is matched, and what to do: fewer columns where they are more than the people who took part."""
    if job.settings.method in CELLS:
        return say("matching.errors.nobody_matched_cells")
    columns = sum(max(len(covariate.levels), 1) for covariate in job.covariates)
    treated = int(np.count_nonzero(job.table.treated))
    if columns > treated:
        return say("matching.errors.nobody_matched_wide", columns=columns, count=treated)
    return say("matching.errors.nobody_matched")


def _unused(job: _Job) -> tuple[str, ...]:
    """A sentence that names the covariates which cells of equal values leave aside, where nobody named the others."""
    if job.settings.method != "exact" or job.settings.on:
        return ()
    names = [covariate.name for covariate in job.covariates if is_spread(covariate)]
    return (say("matching.warnings.exact_unused", names=", ".join(names)),) if names else ()


def _rich_or_none(job: _Job) -> Match | None:
    try:
        return _match_once(job, "rich")
    except InputError:  # entropy balancing of so many columns may have no answer where that of few has one
        return None


def _match_once(job: _Job, terms: Terms) -> Match:
    table, chosen = job.table, job.settings.chosen
    logit = job.logit
    if logit is None:
        logit = score_logit(job.covariates, table.treated, chosen.get("penalty", 1.0), terms, table.case_weights)
    trimmed = trim_rows(logit, table.treated, chosen)
    task = _task(job, logit, terms)
    out = _left_out(trimmed, table.case_weights)
    weighed = WEIGH[job.settings.method](task) if out is None else _weigh_rest(task, out, job.settings.method)
    weights = weighed.weights / _matched_mass(weighed.reach, table)
    sd = chosen.get("caliper_sd_logit")
    return Match(
        method=job.settings.method,
        caliper_sd_logit=float("nan") if sd is None else sd,
        caliper=task.caliper,
        logit=logit,
        matched=weights > 0,
        weights=weights,
        reach=weighed.reach,
        effective_pool=effective_size(table.person[~table.treated], weights[~table.treated]),
        terms=terms,
        scale="logit" if chosen.get("caliper_score") is None else "score",
        settings=job.settings,
        trimmed=trimmed,
        pairs=weighed.pairs,
    )


def _task(job: _Job, logit: Floats, terms: Terms) -> Task:
    table, chosen = job.table, job.settings.chosen
    on_score, sd, width = (chosen.get(name) for name in ("caliper_score", "caliper_sd_logit", "bandwidth_sd_logit"))

    def in_sd(size: float | None) -> float:
        return float("inf") if size is None else caliper_on_logit(logit, table.treated, size, table.case_weights)

    return Task(
        treated=table.treated,
        strata=table.strata,
        covariates=job.covariates,
        logit=logit,
        values=logit if on_score is None else score_of(logit),
        caliper=in_sd(sd) if on_score is None else on_score,
        bandwidth=in_sd(width),
        case_weights=table.case_weights,
        settings=chosen,
        terms=terms,
    )


def _left_out(trimmed: Bools | None, case_weights: Floats | None) -> Bools | None:
    """Rows that take no part: trimmed, or of no weight; None where all do."""
    if case_weights is None or bool((case_weights > 0).all()):
        return trimmed
    nothing: Bools = case_weights == 0
    return nothing if trimmed is None else np.logical_or(nothing, trimmed)


def _weigh_rest(task: Task, out: Bools, method: str) -> Weighed:
    """The weights of the rows that are not left out, and none for the others."""
    rows = np.flatnonzero(~out)
    weights, reach = np.zeros(out.size), np.zeros(out.size, dtype=np.int64)
    if not task.treated[rows].any() or task.treated[rows].all():
        return Weighed(weights, reach)
    rest = replace(
        task,
        treated=task.treated[rows],
        strata=task.strata[rows],
        covariates=tuple(replace(covariate, values=covariate.values[rows]) for covariate in task.covariates),
        logit=task.logit[rows],
        values=task.values[rows],
        case_weights=None if task.case_weights is None else task.case_weights[rows],
    )
    found = WEIGH[method](rest)
    weights[rows], reach[rows] = found.weights, found.reach
    return Weighed(weights, reach, None if found.pairs is None else _places(found.pairs, rows))


def _places(pairs: Pairs, rows: Ints) -> Pairs:
    return Pairs(rows[pairs.treated], rows[pairs.comparison], pairs.amount)


def _matched_mass(reach: Ints, table: AnalysisTable) -> float:
    if table.case_weights is None:
        return float(max(int(np.count_nonzero(reach)), 1))
    return float(table.case_weights[reach > 0].sum()) or 1.0


def is_poor_overlap(found: Match, table: AnalysisTable) -> bool:
    """True where the effective comparison group is smaller than the matched treated, or over 5 % are unmatched.

    Of nearest neighbours only the second is asked, since the number of partners decides the first.
    """
    treated, k = _masses(found, table)
    few = found.method != "nearest" and found.effective_pool < k
    return few or treated - k > MOST_UNMATCHED * treated


def _masses(found: Match, table: AnalysisTable) -> tuple[float, float]:
    """How many rows are treated, and how many of them matched; where rows have case weights, what they stand for."""
    mass = mass_of(table.case_weights, table.n)
    return float(mass[table.treated].sum()), float(mass[found.reach > 0].sum())


def _matches_as_many(rich: Match, main: Match, table: AnalysisTable) -> bool:
    """Whether squares and products leave no more of the treated without a match than made the overlap poor.

    With few people so many terms can tell everybody apart: they would cost the people whom they are to make comparable.
    """
    return bool(rich.matched.any()) and _masses(rich, table)[1] >= (1 - MOST_UNMATCHED) * _masses(main, table)[1]


def _warnings(found: Match, table: AnalysisTable) -> tuple[str, ...]:
    chosen = found.settings.chosen
    on_score = chosen.get("caliper_score")
    treated, k = _masses(found, table)
    mean_score = float(np.average(score_of(found.logit), weights=table.case_weights))
    said = (
        (RICH_TERMS, found.terms == "rich" and chosen["terms"] == "auto"),
        (POOR_OVERLAP, is_poor_overlap(found, table)),
        (SOME_UNMATCHED, treated - k > LEAST_UNMATCHED),
        (TRIMMED, found.trimmed is not None and bool(found.trimmed[table.treated].any())),
        (FEWER_PARTNERS, found.pairs is not None and _lacks_partners(found.pairs, chosen, table)),
        (WIDE_CALIPER, on_score is not None and on_score > MOST_OF_MEAN_SCORE * mean_score),
    )
    return tuple(key for key, holds in said if holds)


def _lacks_partners(pairs: Pairs, chosen: dict[str, Any], table: AnalysisTable) -> bool:
    """Whether any matched treated row has less comparison mass than `ratio` asks for."""
    taken = np.bincount(pairs.treated, pairs.amount, table.n)
    wanted = float(chosen["ratio"]) * (1.0 if chosen["replacement"] else mass_of(table.case_weights, table.n))
    return bool(((taken > 0) & (taken < wanted - LEAST_UNMATCHED)).any())


def _back(found: Match, order: Ints) -> Match:
    """The match with its rows in the order of the input again."""
    rows = np.empty_like(order)
    rows[order] = np.arange(order.size)
    return replace(
        found,
        logit=found.logit[rows],
        matched=found.matched[rows],
        weights=found.weights[rows],
        reach=found.reach[rows],
        trimmed=None if found.trimmed is None else found.trimmed[rows],
        pairs=None if found.pairs is None else _places(found.pairs, order),
    )
