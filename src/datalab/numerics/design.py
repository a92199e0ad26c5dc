"""The design: standardised columns of the covariates, kept as numbers and category codes, never as a wide matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from datalab.errors import InputError, InternalError
from datalab.numerics.blocks import chunk_rows, cut
from datalab.table import Bools, Covariate, Floats, Ints
from datalab.wording import say

Terms = Literal["main", "rich"]
Rows = slice | Ints
# A column whose SD is below this share of its largest value is constant but for rounding.
CONSTANT_SHARE = 1e-10


@dataclass(frozen=True, eq=False)
class Design:
    """n rows and p columns in the order numbers, products, levels; `names` (p,) are unique.

    numeric (n, a): standardised numbers. left, right (b,): the two numbers of each product. codes (c, n): a row's level
    column in each category, 0 at the first level column. centre, scale (p,): a column is (raw - centre) x scale, where
    raw is the standardised number, the product of two, or 0/1; scale is 0 for a constant column, which so has no
    influence. terms: "main" or "rich".
    """

    names: tuple[str, ...]
    numeric: Floats
    left: Ints
    right: Ints
    codes: Ints
    centre: Floats
    scale: Floats
    terms: Terms

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.numeric.shape[0])

    @property
    def p(self) -> int:
        """Number of columns, the intercept not counted."""
        return len(self.names)

    @property
    def dense_columns(self) -> int:
        """Number of columns before the level columns."""
        return int(self.numeric.shape[1] + self.left.size)

    def dense(self, rows: Rows) -> Floats:
        """Raw numbers and products of some rows (m, dense_columns); a view where there are no products."""
        numeric = self.numeric[rows]
        if not self.left.size:
            return numeric
        return np.concatenate([numeric, numeric[:, self.left] * numeric[:, self.right]], axis=1)

    def raw_coefficients(self, intercept: float, coefficients: Floats) -> tuple[float, Floats]:
        """Intercept and coefficients of the raw columns that give the same linear predictor."""
        raw = coefficients * self.scale
        return float(intercept - raw @ self.centre), raw

    def linear(self, intercept: float, coefficients: Floats, rows: Rows) -> Floats:
        """Linear predictor (m,) of some rows from coefficients (p,) of the standardised columns."""
        base, raw = self.raw_coefficients(intercept, coefficients)
        dense = self.dense_columns
        eta: Floats = self.dense(rows) @ raw[:dense] + base
        levels = raw[dense:]
        for code in self.codes:
            eta += levels[code[rows]]
        return eta

    def matrix(self, rows: Rows | None = None) -> Floats:
        """The standardised columns as a matrix (m, p): for small designs, checks and tests."""
        chosen = np.arange(self.n)[slice(None) if rows is None else rows]
        raw = np.zeros((chosen.size, self.p))
        raw[:, : self.dense_columns] = self.dense(chosen)
        for code in self.codes:
            raw[np.arange(chosen.size), self.dense_columns + code[chosen]] = 1.0
        standardised: Floats = (raw - self.centre) * self.scale
        return standardised


def build_design(covariates: tuple[Covariate, ...], fit_rows: Bools | None = None, terms: Terms = "main") -> Design:
    """Standardised columns of the covariates, with an influence of 0 for constant ones.

    covariates: numbers without missing values (see `impute_covariates`) and categories, all (n,). fit_rows (n,): the
    rows whose means and SDs (divisor m) standardise; all rows where None. terms: "rich" adds the squares and pairwise
    products of the numbers with more than two values. Every level of a category has its column, without a reference
    level, so that naming or ordering the levels otherwise changes nothing.
    Memory: n x (numbers + categories) floats, not n x columns.
    Raises InternalError for terms of another name, InputError where a number is missing or not finite.

    >>> age = Covariate("age", "Age", np.array([20.0, 30.0, 40.0]))
    >>> sex = Covariate("sex", "Sex", np.array([0, 1, 1]), levels=("f", "m"))
    >>> build_design((age, sex)).names
    ('age', 'sex=f', 'sex=m')
    """
    if terms not in ("main", "rich"):
        raise InternalError(f"design terms must be main or rich, not {terms}")
    numbers = [covariate for covariate in covariates if not covariate.is_categorical]
    categories = [covariate for covariate in covariates if covariate.is_categorical]
    _refuse_unknown(numbers)
    n = covariates[0].values.size if covariates else 0
    rows = np.ones(n, dtype=bool) if fit_rows is None else fit_rows
    numeric, varies, continuous = _standardise(numbers, rows, n)
    left, right = _pairs(continuous) if terms == "rich" else (np.empty(0, np.int64), np.empty(0, np.int64))
    codes, widths = _level_columns(categories, n)
    blocks = (_numeric_scale(varies), _product_scale(numeric, left, right, rows), _level_scale(codes, widths, rows))
    return Design(
        names=(*(c.name for c in numbers), *_product_names(numbers, left, right), *_level_names(categories)),
        numeric=numeric,
        left=left,
        right=right,
        codes=codes,
        centre=np.concatenate([centre for centre, _ in blocks]),
        scale=np.concatenate([scale for _, scale in blocks]),
        terms=terms,
    )


def _refuse_unknown(numbers: list[Covariate]) -> None:
    # A sum is finite only where every value is (but for an overflow, which is refused too).
    faults = [say("numerics.errors.not_finite", name=c.name) for c in numbers if not np.isfinite(np.sum(c.values))]
    if faults:
        raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)


def _standardise(numbers: list[Covariate], rows: Bools, n: int) -> tuple[Floats, Bools, Ints]:
    """The standardised numbers (n, a), which of them vary (a,), and the places of those with more than two values."""
    columns = [np.asarray(covariate.values, dtype=np.float64) for covariate in numbers]
    every = bool(rows.all())
    moments = [_moments(column if every else column[rows]) for column in columns]
    numeric = np.zeros((n, len(columns)))
    # A few thousand rows at a time, so that the rows being filled stay in cache from one column to the next.
    for part in cut(n, chunk_rows(len(columns))):
        for place, column in enumerate(columns):
            if moments[place].varies:
                np.subtract(column[part], moments[place].mean, out=numeric[part, place])
                numeric[part, place] /= moments[place].sd
    varies = np.array([moment.varies for moment in moments], dtype=bool)
    continuous = [place for place, moment in enumerate(moments) if moment.continuous]
    return numeric, varies, np.array(continuous, dtype=np.int64)


@dataclass(frozen=True)
class _Moments:
    """Mean and SD of a number over the rows that standardise; continuous: it has more than two values."""

    mean: float
    sd: float
    varies: bool
    continuous: bool


def _moments(known: Floats) -> _Moments:
    if not known.size:
        return _Moments(0.0, 0.0, varies=False, continuous=False)
    low, high, sd = float(known.min()), float(known.max()), float(known.std())
    varies = sd > CONSTANT_SHARE * max(abs(low), abs(high))
    return _Moments(float(known.mean()), sd, varies, varies and bool(((known != low) & (known != high)).any()))


def _pairs(continuous: Ints) -> tuple[Ints, Ints]:
    upper = np.triu_indices(continuous.size)
    return continuous[upper[0]], continuous[upper[1]]


def _level_columns(categories: list[Covariate], n: int) -> tuple[Ints, list[int]]:
    widths = [len(category.levels) for category in categories]
    codes = np.empty((len(categories), n), dtype=np.int64)
    for place, category in enumerate(categories):
        codes[place] = category.values
        codes[place] += sum(widths[:place])
    return codes, widths


def _inverse(sd: Floats, size: Floats) -> Floats:
    varies = sd > CONSTANT_SHARE * size
    return np.where(varies, 1.0 / np.where(varies, sd, 1.0), 0.0)


def _numeric_scale(varies: Bools) -> tuple[Floats, Floats]:
    return np.zeros(varies.size), varies.astype(np.float64)


def _product_scale(numeric: Floats, left: Ints, right: Ints, rows: Bools) -> tuple[Floats, Floats]:
    """Mean and inverse SD of the products, in two passes over chunks of rows."""
    chosen = np.flatnonzero(rows)
    count = max(chosen.size, 1)
    size = chunk_rows(left.size)
    if not left.size:
        return np.empty(0), np.empty(0)

    def products(part: NDArray[np.int64]) -> Floats:
        some = numeric[part]
        return some[:, left] * some[:, right]

    mean = sum((products(chosen[part]).sum(axis=0) for part in cut(chosen.size, size)), np.zeros(left.size)) / count
    square = (((products(chosen[part]) - mean) ** 2).sum(axis=0) for part in cut(chosen.size, size))
    sd = np.sqrt(sum(square, np.zeros(left.size)) / count)
    return mean, _inverse(sd, np.maximum(np.abs(mean), 1.0))


def _level_scale(codes: Ints, widths: list[int], rows: Bools) -> tuple[Floats, Floats]:
    count = max(int(np.count_nonzero(rows)), 1)
    every = bool(rows.all())
    counts = np.zeros(sum(widths))
    for code in codes:
        counts += np.bincount(code if every else code[rows], minlength=counts.size)
    share = counts / count
    return share, _inverse(np.sqrt(share * (1.0 - share)), np.ones(share.size))


def _product_names(numbers: list[Covariate], left: Ints, right: Ints) -> tuple[str, ...]:
    names = [covariate.name for covariate in numbers]
    return tuple(f"{names[first]}*{names[second]}" for first, second in zip(left, right, strict=True))


def _level_names(categories: list[Covariate]) -> tuple[str, ...]:
    return tuple(f"{category.name}={level}" for category in categories for level in category.levels)
