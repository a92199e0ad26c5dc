"""A boosted outcome model, for poor overlap: trees learn what squares and products may miss (Friedman 2001).

scikit-learn is loaded only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from datalab.numerics.weighting import mass_of
from datalab.table import AnalysisTable, Covariate, Floats, Ints, Kind

FOLDS = 5
# Small steps, shallow trees and full leaves: the pool is noisy, and m0 is there to remove bias, not to fit it.
TREES = {
    "learning_rate": 0.05,
    "max_iter": 120,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "random_state": 0,
}
MOST_LEVELS = 255  # of a category that a tree may split as one


def expect_boosted(table: AnalysisTable, covariates: tuple[Covariate, ...], y: Floats, kind: Kind) -> Floats:
    """m0 (n,) from gradient boosted trees, learnt on the pool and cross-fitted: no row is predicted by a model that saw it.

    covariates: without missing numbers. y (n,): read in the pool alone. The pool is cut into 5 folds by person, in turn in
    order of each person's smallest row id; a pool row is predicted by the model of the other folds, a treated row by the
    mean of the five. rate: log loss; count: Poisson deviance; all else squared error, kept within the pool's range. Rows
    go in by id, and nothing is drawn, so that neither their order nor the number of threads shows.
    Source: Friedman 2001; Chernozhukov and others 2018 (cross-fitting).
    """
    order = np.argsort(table.row_id, kind="stable")
    features = np.column_stack([np.asarray(covariate.values, dtype=np.float64)[order] for covariate in covariates])
    categories = [covariate.is_categorical and len(covariate.levels) <= MOST_LEVELS for covariate in covariates]
    pool = np.flatnonzero(~table.treated[order])
    outcome, mass = y[order], mass_of(table.case_weights, table.n)[order]
    folds = fold_people(table.row_id[order][pool], table.person[order][pool])
    treated = np.flatnonzero(table.treated[order])
    found = np.zeros(table.n)
    make = _maker(kind, categories)
    # Small trees lose more by waiting for each other's threads than they gain; loaded above, so the limit finds them.
    with threadpool_limits(limits=1):
        for fold in range(FOLDS):
            learn, rest = pool[folds != fold], pool[folds == fold]
            predict = _learn(features[learn], outcome[learn], mass[learn], make)
            found[rest] = predict(features[rest])
            found[treated] += predict(features[treated]) / FOLDS
    expected = np.empty(table.n)
    expected[order] = found
    return expected


def fold_people(row_id: Ints, person: Ints) -> Ints:
    """The fold, 0 to 4, of each row (m,): people in turn, in order of their smallest row id.

    >>> fold_people(np.array([10, 11, 12]), np.array([7, 3, 7])).tolist()
    [0, 1, 0]
    """
    _, place = np.unique(person, return_inverse=True)
    first = np.full(int(place.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, place, row_id)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(first.size)
    folds: Ints = rank[place] % FOLDS
    return folds


def _learn(features: Floats, y: Floats, mass: Floats, make: Callable[[], Any]) -> Callable[[Floats], Floats]:
    """What predicts from features; a constant where the outcome is one, or there is nobody to learn from."""
    used = mass > 0
    features, y, mass = features[used], y[used], mass[used]
    if not y.size or float(y.min()) == float(y.max()):
        constant = float(y[0]) if y.size else 0.0
        return lambda rows: np.full(rows.shape[0], constant)
    model = make().fit(features, y, sample_weight=mass)
    low, high = float(y.min()), float(y.max())

    def predict(rows: Floats) -> Floats:
        if not rows.size:
            return np.empty(0)
        raw = model.predict_proba(rows)[:, 1] if hasattr(model, "predict_proba") else model.predict(rows)
        return np.clip(np.asarray(raw, dtype=np.float64), low, high)

    return predict


def _maker(kind: Kind, categories: list[bool]) -> Callable[[], Any]:
    from sklearn.ensemble import (  # type: ignore[import-untyped]  # noqa: PLC0415 (half a second that few need)
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    if kind == "binary":
        return partial(HistGradientBoostingClassifier, categorical_features=categories, **TREES)
    loss = "poisson" if kind == "count" else "squared_error"
    return partial(HistGradientBoostingRegressor, loss=loss, categorical_features=categories, **TREES)
