"""Case weights: a row that stands for more, or less, than one counts as its copies would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from datalab.numerics.blocks import chunk_rows, cut
from datalab.numerics.design import ROUNDED_SHARE, Design, Terms, build_design
from datalab.table import Bools, Covariate, Floats, Ints


def weighted_design(
    covariates: tuple[Covariate, ...], case_weights: Floats | None, fit_rows: Bools | None = None, terms: Terms = "main"
) -> Design:
    """`build_design` with columns standardised by means and SDs under the case weights; the same where there are none.

    case_weights (n,): 0 or more, not all 0 among `fit_rows` (n,). Numbers are standardised before their products are made,
    so that the answer is that of a table with the rows copied. Memory with "rich" terms: n x products.

    >>> x = Covariate("x", "X", np.array([0.0, 1.0]))
    >>> weighted_design((x,), np.array([3.0, 1.0])).matrix().round(3).tolist()
    [[-0.577], [1.732]]
    """
    if case_weights is None:
        return build_design(covariates, fit_rows, terms)
    shares = np.where(True if fit_rows is None else fit_rows, case_weights, 0.0)
    shares = shares / shares.sum()
    products = _products(covariates, shares) if terms == "rich" else ()
    design = build_design((*covariates, *products), fit_rows)
    mean = sum((shares[part] @ block for part, block in _blocks(design)), np.zeros(design.p))
    square = sum((shares[part] @ (block - mean) ** 2 for part, block in _blocks(design)), np.zeros(design.p))
    sd = np.sqrt(square)
    varies = (design.scale > 0) & (sd > ROUNDED_SHARE)
    scale = np.where(varies, design.scale / np.where(varies, sd, 1.0), 0.0)
    return replace(design, centre=design.centre + mean / np.where(varies, design.scale, 1.0), scale=scale, terms=terms)


def _blocks(design: Design) -> Iterator[tuple[slice, Floats]]:
    return ((part, design.matrix(np.arange(part.start, part.stop))) for part in cut(design.n, chunk_rows(design.p)))


def _products(covariates: tuple[Covariate, ...], shares: Floats) -> tuple[Covariate, ...]:
    """Squares and pairwise products of the numbers with more than two values among the rows with weight."""
    numbers = [(c.name, _standardised(np.asarray(c.values, np.float64), shares)) for c in covariates if _is_continuous(c, shares)]
    return tuple(
        Covariate(f"{name}*{other}", f"{name}*{other}", values * others)
        for place, (name, values) in enumerate(numbers)
        for other, others in numbers[place:]
    )


def _is_continuous(covariate: Covariate, shares: Floats) -> bool:
    if covariate.is_categorical:
        return False
    known = covariate.values[shares > 0]
    return bool(((known != known.min()) & (known != known.max())).any())


def _standardised(values: Floats, shares: Floats) -> Floats:
    mean = shares @ values
    sd = np.sqrt(shares @ (values - mean) ** 2)
    return (values - mean) / (sd if sd > 0 else 1.0)


def mass_of(case_weights: Floats | None, n: int) -> Floats:
    """The case weights (n,), or one each.

    >>> mass_of(None, 2).tolist()
    [1.0, 1.0]
    """
    return np.ones(n) if case_weights is None else case_weights


def weighted_variance(values: Floats, mass: Floats | None) -> float:
    """Variance of values (m,), divisor: how many they stand for less 1; 0 for one or fewer.

    >>> weighted_variance(np.array([1.0, 3.0]), None), weighted_variance(np.array([1.0, 3.0]), np.array([1.0, 2.0]))
    (2.0, 1.3333333333333333)
    """
    if mass is None:
        return float(values.var(ddof=1)) if values.size > 1 else 0.0
    total = float(mass.sum())
    if total <= 1 or values.size < 2:
        return 0.0
    mean = mass @ values / total
    return float(mass @ (values - mean) ** 2 / (total - 1))


def join_codes(columns: list[Ints]) -> Ints:
    """One code (n,) for each combination of the columns' codes.

    >>> join_codes([np.array([1, 1, 2]), np.array([0, 5, 0])]).tolist()
    [0, 1, 2]
    """
    codes = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        _, place = np.unique(column, return_inverse=True)
        _, codes = np.unique(codes * (int(place.max(initial=0)) + 1) + place, return_inverse=True)
    return codes.astype(np.int64)
