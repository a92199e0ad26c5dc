"""The design: standardised columns of the covariates, kept as numbers and category codes, never as a wide matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from datalab.errors import InputError, InternalError
from datalab.numerics.blocks import chunk_rows, cut, each
from datalab.table import Bools, Covariate, Floats, Ints
from datalab.wording import say

Terms = Literal["main", "rich"]
Rows = slice | Ints
# A column whose SD is below this share of its largest value is constant but for rounding: numbers near 1e12, the largest that
# may be given, are held to about 1e-4.
CONSTANT_SHARE = 1e-14
# The same where standardised numbers were multiplied or weighted first, which adds rounding of its own.
ROUNDED_SHARE = 1e-10
# A number with more than two values nearly always shows them in so many rows.
FIRST_ROWS = 4096


@dataclass(frozen=True, eq=False)
class Numbers:
    """The numeric columns of n rows: the covariates' own arrays, standardised a few thousand rows at a time.

    mean, inverse (a,): what standardises them; the inverse of the SD is 0 for a constant number. left, right (b,): the two
    numbers of each product.
    """

    n: int
    columns: tuple[Floats, ...]
    mean: Floats
    inverse: Floats
    left: Ints
    right: Ints

    @property
    def size(self) -> int:
        """Number of columns, products counted."""
        return len(self.columns) + int(self.left.size)

    def block(self, rows: Rows) -> Floats:
        """Standardised numbers and their products of some rows, a line a column (size, m); few rows stay in cache."""
        a = len(self.columns)
        block = np.empty((self.size, len(range(*rows.indices(self.n))) if isinstance(rows, slice) else rows.size))
        for line, column in zip(block, self.columns, strict=False):
            line[:] = column[rows]
        block[:a] -= self.mean[:, None]
        block[:a] *= self.inverse[:, None]
        if self.left.size:
            np.multiply(block[self.left], block[self.right], out=block[a:])
        return block


@dataclass(frozen=True, eq=False)
class Category:
    """A category of the design: its level codes (n,), and where its levels stand among the level columns."""

    codes: Ints
    levels: slice


@dataclass(frozen=True, eq=False)
class Design:
    """n rows and p columns in the order numbers, products, levels; `names` (p,) are unique.

    centre, scale (p,): a column is (raw - centre) x scale, where raw is the standardised number, the product of two, or
    0/1; scale is 0 for a constant column, which so has no influence. terms: "main" or "rich".
    """

    names: tuple[str, ...]
    numbers: Numbers
    categories: tuple[Category, ...]
    centre: Floats
    scale: Floats
    terms: Terms

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.numbers.n

    @property
    def p(self) -> int:
        """Number of columns, the intercept not counted."""
        return len(self.names)

    @property
    def dense_columns(self) -> int:
        """Number of columns before the level columns."""
        return self.numbers.size

    def raw_coefficients(self, intercept: float, coefficients: Floats) -> tuple[float, Floats]:
        """Intercept and coefficients of the raw columns that give the same linear predictor."""
        raw = coefficients * self.scale
        return float(intercept - raw @ self.centre), raw

    def linear(self, intercept: float, coefficients: Floats, rows: Rows) -> Floats:
        """Linear predictor (m,) of some rows from coefficients (p,) of the standardised columns."""
        base, raw = self.raw_coefficients(intercept, coefficients)
        eta: Floats = raw[: self.dense_columns] @ self.numbers.block(rows) + base
        levels = raw[self.dense_columns :]
        for category in self.categories:
            eta += levels[category.levels][category.codes[rows]]
        return eta

    def matrix(self, rows: Rows | None = None) -> Floats:
        """The standardised columns as a matrix (m, p): for small designs, checks and tests."""
        chosen = np.arange(self.n)[slice(None) if rows is None else rows]
        raw = np.zeros((chosen.size, self.p))
        raw[:, : self.dense_columns] = self.numbers.block(chosen).T
        for category in self.categories:
            raw[np.arange(chosen.size), self.dense_columns + category.levels.start + category.codes[chosen]] = 1.0
        standardised: Floats = (raw - self.centre) * self.scale
        return standardised


def build_design(covariates: tuple[Covariate, ...], fit_rows: Bools | None = None, terms: Terms = "main") -> Design:
    """Standardised columns of the covariates, with an influence of 0 for constant ones.

    covariates: numbers without missing values (see `impute_covariates`) and categories, all (n,). fit_rows (n,): the
    rows whose means and SDs (divisor m) standardise; all rows where None. terms: "rich" adds the squares and pairwise
    products of the numbers with more than two values. Every level of a category has its column, without a reference
    level, so that naming or ordering the levels otherwise changes nothing.
    Memory: next to none, since numbers and codes stay the covariates' own arrays.
    Raises InternalError for terms of another name, InputError where a number is missing or not finite.

    >>> age = Covariate("age", "Age", np.array([20.0, 30.0, 40.0]))
    >>> sex = Covariate("sex", "Sex", np.array([0, 1, 1]), levels=("f", "m"))
    >>> build_design((age, sex)).names
    ('age', 'sex=f', 'sex=m')
    """
    if terms not in ("main", "rich"):
        raise InternalError(f"design terms must be main or rich, not {terms}")
    plain = [covariate for covariate in covariates if not covariate.is_categorical]
    named = [covariate for covariate in covariates if covariate.is_categorical]
    _refuse_unknown(plain)
    rows = None if fit_rows is None or bool(fit_rows.all()) else np.flatnonzero(fit_rows)
    numbers = _numbers(plain, rows, covariates[0].values.size if covariates else 0, terms)
    categories = _categories(named)
    varies = numbers.inverse > 0
    scales = ((np.zeros(varies.size), varies.astype(np.float64)), _product_scale(numbers, rows), _level_scale(categories, rows))
    return Design(
        names=(*(c.name for c in plain), *_product_names(plain, numbers), *_level_names(named)),
        numbers=numbers,
        categories=categories,
        centre=np.concatenate([centre for centre, _ in scales]),
        scale=np.concatenate([scale for _, scale in scales]),
        terms=terms,
    )


def _refuse_unknown(numbers: list[Covariate]) -> None:
    # A sum is finite only where every value is (but for an overflow, which is refused too).
    faults = [say("numerics.errors.not_finite", name=c.name) for c in numbers if not np.isfinite(np.sum(c.values))]
    if faults:
        raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)


def _numbers(plain: list[Covariate], rows: Ints | None, n: int, terms: Terms) -> Numbers:
    columns = tuple(np.asarray(covariate.values, dtype=np.float64) for covariate in plain)
    moments = each(lambda column: _moments(column if rows is None else column[rows]), columns)
    continuous = np.array([place for place, moment in enumerate(moments) if moment.continuous], dtype=np.int64)
    upper = np.triu_indices(continuous.size if terms == "rich" else 0)
    return Numbers(
        n=n,
        columns=columns,
        mean=np.array([moment.mean for moment in moments], dtype=np.float64),
        inverse=np.array([1.0 / moment.sd if moment.varies else 0.0 for moment in moments], dtype=np.float64),
        left=continuous[upper[0]],
        right=continuous[upper[1]],
    )


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
    continuous = varies and any(_has_between(part, low, high) for part in (known[:FIRST_ROWS], known[FIRST_ROWS:]))
    return _Moments(float(known.mean()), sd, varies, continuous)


def _has_between(values: Floats, low: float, high: float) -> bool:
    return bool(((values != low) & (values != high)).any())


def _categories(named: list[Covariate]) -> tuple[Category, ...]:
    ends = np.cumsum([0, *(len(category.levels) for category in named)]).tolist()
    return tuple(
        Category(np.asarray(category.values), slice(start, stop))
        for category, start, stop in zip(named, ends[:-1], ends[1:], strict=True)
    )


def _inverse(sd: Floats, size: Floats) -> Floats:
    varies = sd > ROUNDED_SHARE * size
    return np.where(varies, 1.0 / np.where(varies, sd, 1.0), 0.0)


def _product_scale(numbers: Numbers, rows: Ints | None) -> tuple[Floats, Floats]:
    """Mean and inverse SD of the products, in two passes over chunks of rows."""
    if not numbers.left.size:
        return np.empty(0), np.empty(0)
    count = numbers.n if rows is None else rows.size
    parts = [part if rows is None else rows[part] for part in cut(count, chunk_rows(numbers.size))]
    none = np.zeros(numbers.left.size)

    def products(part: Rows) -> Floats:
        return numbers.block(part)[len(numbers.columns) :]

    mean = sum((products(part).sum(axis=1) for part in parts), none) / max(count, 1)
    square = sum((((products(part).T - mean) ** 2).sum(axis=0) for part in parts), none)
    return mean, _inverse(np.sqrt(square / max(count, 1)), np.maximum(np.abs(mean), 1.0))


def _level_scale(categories: tuple[Category, ...], rows: Ints | None) -> tuple[Floats, Floats]:
    sizes = [category.levels.stop - category.levels.start for category in categories]
    chosen = [category.codes if rows is None else category.codes[rows] for category in categories]
    counts = [np.bincount(codes, minlength=size) for codes, size in zip(chosen, sizes, strict=True)]
    share = np.concatenate(counts) / max(chosen[0].size, 1) if counts else np.empty(0)
    return share, _inverse(np.sqrt(share * (1.0 - share)), np.ones(share.size))


def _product_names(plain: list[Covariate], numbers: Numbers) -> tuple[str, ...]:
    names = [covariate.name for covariate in plain]
    return tuple(f"{names[first]}*{names[second]}" for first, second in zip(numbers.left, numbers.right, strict=True))


def _level_names(named: list[Covariate]) -> tuple[str, ...]:
    return tuple(f"{category.name}={level}" for category in named for level in category.levels)
