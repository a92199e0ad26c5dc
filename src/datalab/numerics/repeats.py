"""Covariates that repeat each other: a number that others give exactly, or a category that is another under other names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datalab.table import Covariate, Floats, Ints

# A dependency among columns shows in so many rows; it is then held to all of them.
MOST_ROWS = 5_000
# What is left of a column, as a share of its SD, when others give it exactly; and the least share of a part in it.
NOTHING_LEFT = 1e-8
LEAST_PART = 1e-6


def find_repeats(covariates: Sequence[Covariate]) -> tuple[tuple[str, ...], ...]:
    """Names of covariates that repeat each other: a group for each that the others of its group give exactly.

    A covariate is given by others where a linear combination of their columns and a constant equals a column of its own in
    every row: twice the same number, a sum and its parts, a 0/1 beside its category. Levels of one category, which always
    add up to 1, do not count. Missing numbers stand as their mean. The order of the covariates does not matter.

    >>> x, y = (Covariate(name, name, np.array(values)) for name, values in (("x", [1.0, 2, 4, 7]), ("y", [2.0, 4, 8, 14])))
    >>> find_repeats((x, y))
    (('x', 'y'),)
    """
    columns = [column for covariate in sorted(covariates, key=lambda each: each.name) for column in _columns(covariate)]
    n = columns[0].owner.values.size if columns else 0
    some = np.arange(0, n, max(1, -(-n // MOST_ROWS)))
    for _ in range(len(columns)):
        groups, against = _find(columns, some)
        if not against:
            return groups
        some = np.union1d(some, against)  # what does not hold in these rows is not found again
    return ()


def _find(columns: list[_Column], some: Ints) -> tuple[tuple[tuple[str, ...], ...], list[int]]:
    """The groups that some rows show, and a row against each dependency that does not hold in all rows."""
    varying = [column for column in columns if np.ptp(column.values(some)) > 0]
    if not varying:
        return (), []
    matrix = _standardised(varying, some)
    left = np.abs(np.diagonal(np.linalg.qr(matrix, mode="r"))) / np.sqrt(some.size)
    groups, against = [], []
    # More columns than rows tell nothing: any column is then a combination of others by chance.
    for place in np.flatnonzero(left[: some.size // 2] <= NOTHING_LEFT).tolist():
        before = np.flatnonzero(left[:place] > NOTHING_LEFT)
        share = np.linalg.lstsq(matrix[:, before], matrix[:, place], rcond=None)[0]
        parts = [varying[index] for index in before[np.abs(share) > LEAST_PART].tolist()]
        row = _row_against(parts, varying[place])
        if row is None:
            groups.append(tuple(sorted({column.owner.name for column in (varying[place], *parts)})))
        else:
            against.append(row)
    return tuple(dict.fromkeys(group for group in groups if len(group) > 1)), against


@dataclass(frozen=True)
class _Column:
    """A number, or a level of a category as 0/1."""

    owner: Covariate
    level: int = -1

    def values(self, rows: Ints | slice) -> Floats:
        raw = self.owner.values[rows]
        if self.level >= 0:
            return np.asarray(raw == self.level, dtype=np.float64)
        known = np.asarray(raw, dtype=np.float64)
        missing = np.isnan(known)
        return np.where(missing, np.nanmean(self.owner.values), known) if missing.any() else known


def _columns(covariate: Covariate) -> list[_Column]:
    if covariate.is_constant:
        return []
    if not covariate.is_categorical:
        return [_Column(covariate)]
    return [_Column(covariate, level) for level in range(len(covariate.levels) - 1)]


def _standardised(columns: list[_Column], rows: Ints) -> Floats:
    matrix = np.stack([column.values(rows) for column in columns], axis=1)
    matrix -= matrix.mean(axis=0)
    matrix /= np.abs(matrix).max(axis=0)  # first, so that no square of a tiny number is 0
    matrix /= matrix.std(axis=0)
    return matrix


def _centred(values: Floats) -> Floats:
    return np.asarray(values - values.mean(), dtype=np.float64)


def _row_against(parts: list[_Column], target: _Column) -> int | None:
    """The row that the best combination of the parts gives worst, None where it gives the target in every row."""
    every = slice(None)
    wanted = _centred(target.values(every))
    matrix = np.stack([np.ones(wanted.size), *(_centred(part.values(every)) for part in parts)], axis=1)
    combined = matrix @ np.linalg.lstsq(matrix.T @ matrix, matrix.T @ wanted, rcond=None)[0]
    rest = np.abs(wanted - combined)
    worst = int(rest.argmax())
    return worst if rest[worst] > 100 * NOTHING_LEFT * wanted.std() else None
