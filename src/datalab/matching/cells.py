"""Cells: exact values, coarsened values, or slices of the score; within a cell everybody counts alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from datalab.constraints import unknown
from datalab.errors import InputError, UsageError
from datalab.matching.task import Task, Weighed, blank
from datalab.numerics.weighting import join_codes
from datalab.table import Covariate, Floats, Ints
from datalab.wording import say


def weigh_exact(task: Task) -> Weighed:
    """Exact matching: a cell is a stratum and a combination of values of the covariates `on`.

    A comparison row's weight is the treated mass of its cell, shared out in proportion to the case weights. Treated rows
    in a cell without comparison rows have no match. `on` is every category and every number of two values where it is not
    given; the other numbers play no part.
    Source: Iacus, King and Porro 2012; Ho, Imai, King and Stuart 2011 (MatchIt).
    """
    return weigh_cells(join_codes(exact_columns(task)), task)


def weigh_coarsened(task: Task) -> Weighed:
    """Coarsened exact matching: as `weigh_exact`, numbers cut into `bins` of equal width or at `cutpoints` (a value on a
    cut belongs above it), every covariate where `on` is not given. Without either the number of bins is Sturges'.

    Source: Iacus, King and Porro 2012; defaults of Ho, Imai, King and Stuart 2011 (MatchIt).
    """
    return weigh_cells(join_codes(coarsened_columns(task)), task)


def weigh_subclasses(task: Task) -> Weighed:
    """Subclassification: cells are slices of the score between quantiles of the treated rows' (case weights apart).

    Source: Rosenbaum and Rubin 1984; quantiles and ends as MatchIt has them.
    """
    return weigh_cells(join_codes(subclass_columns(task)), task)


def exact_columns(task: Task) -> list[Ints]:
    """Stratum and value codes (n,) that must be equal within a cell. Raises InputError where there is nothing to equal."""
    names = task.settings["on"] or tuple(c.name for c in task.covariates if not is_spread(c))
    if not names:
        raise InputError(say("matching.errors.nothing_exact"))
    return [task.strata, *(_codes(covariate.values) for covariate in _named(task.covariates, names))]


def is_spread(covariate: Covariate) -> bool:
    """Whether a covariate is a number of more than two values, on which hardly anybody would be equal."""
    return not covariate.is_categorical and np.unique(covariate.values).size > 2


def coarsened_columns(task: Task) -> list[Ints]:
    """Stratum, level and bin codes (n,) that must be equal within a cell."""
    names = task.settings["on"] or tuple(c.name for c in task.covariates)
    chosen = _named(task.covariates, names)
    cuts = dict(task.settings["cutpoints"] or ())
    _refuse_cuts(cuts, chosen)
    if task.settings["bins"] and not any(not c.is_categorical and c.name not in cuts for c in chosen):
        _refuse([say("matching.settings.no_bins", given=task.settings["bins"])])
    bins = task.settings["bins"] or sturges(float(task.mass.sum()))
    return [task.strata, *(_coarse(covariate, cuts, bins) for covariate in chosen)]


def subclass_columns(task: Task) -> list[Ints]:
    """Stratum and slice of the score (n,)."""
    return [task.strata, slice_scores(task.logit, task.logit[task.treated], int(task.settings["subclasses"]))]


def slice_scores(logit: Floats, treated: Floats, subclasses: int) -> Ints:
    """The slice, 0 to subclasses - 1, of each score (n,) between quantiles of the treated's; the end slices are open.

    >>> slice_scores(np.array([-9.0, 1.0, 2.0, 9.0]), np.array([0.0, 1.0, 2.0, 3.0]), 2).tolist()
    [0, 0, 1, 1]
    """
    ends = np.quantile(treated, np.linspace(0, 1, subclasses + 1))
    return np.clip(np.searchsorted(ends, logit, side="right") - 1, 0, subclasses - 1).astype(np.int64)


def sturges(rows: float) -> int:
    """Number of bins for so many rows (Sturges 1926).

    >>> sturges(614)
    11
    """
    return math.ceil(math.log2(rows) + 1) if rows >= 1 else 1


def equal_cuts(values: Floats, bins: int) -> Floats:
    """The inner ends (bins - 1,) of bins of equal width over the range of the values.

    >>> equal_cuts(np.array([0.0, 4.0]), 4).tolist()
    [1.0, 2.0, 3.0]
    """
    return np.linspace(values.min(), values.max(), bins + 1)[1:-1]


def weigh_cells(cells: Ints, task: Task) -> Weighed:
    """Weights and reach from cell codes (n,) of 0 to a few times n."""
    weights, reach = blank(task)
    treated, pool, mass = task.treated, ~task.treated, task.mass
    size = int(cells.max(initial=0)) + 1
    own = np.bincount(cells[treated], mass[treated], size)
    other = np.bincount(cells[pool], mass[pool], size)
    rate = np.divide(own, other, out=np.zeros(size), where=other > 0)
    weights[pool] = mass[pool] * rate[cells[pool]]
    weights[treated] = np.where(other[cells[treated]] > 0, mass[treated], 0.0)
    reach[treated] = np.bincount(cells[pool], minlength=size)[cells[treated]]
    return Weighed(weights, reach)


def _named(covariates: tuple[Covariate, ...], names: Sequence[str]) -> list[Covariate]:
    known = {covariate.name: covariate for covariate in covariates}
    _refuse([unknown("on", name, known) for name in names if name not in known])
    return [known[name] for name in names]


def _refuse_cuts(cuts: Mapping[str, Sequence[float]], chosen: list[Covariate]) -> None:
    numbers = [covariate.name for covariate in chosen if not covariate.is_categorical]
    _refuse([unknown("cutpoints", name, numbers) for name in cuts if name not in numbers])


def _refuse(faults: list[str]) -> None:
    if faults:
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)


COLUMNS: dict[str, Callable[[Task], list[Ints]]] = {
    "exact": exact_columns,
    "cem": coarsened_columns,
    "subclass": subclass_columns,
}


def _codes(values: Floats | Ints) -> Ints:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _coarse(covariate: Covariate, cuts: Mapping[str, Sequence[float]], bins: int) -> Ints:
    if covariate.is_categorical:
        return np.asarray(covariate.values, dtype=np.int64)
    values = np.asarray(covariate.values, dtype=np.float64)
    inner = np.asarray(cuts[covariate.name]) if covariate.name in cuts else equal_cuts(values, bins)
    return np.searchsorted(inner, values, side="right").astype(np.int64)
