"""Chooses which cells of a table to suppress beside the primary ones, and audits what could still be worked out.

A table is counts that obey linear equations whose totals are published. Cells of the same unit are suppressed together
(the columns of one line, say). The choice is a small integer programme: every equation that loses a cell loses at least
two; then a linear programme asks how far each primary cell could move given everything published, and units are added
until it can move far enough (Fischetti and Salazar 2001, with the audit as the separation step).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.errors import InternalError
from datalab.table import Bools, Floats, Ints

_SLACK = 1e-6  # the solvers' tolerance; counts are whole numbers


@dataclass(frozen=True)
class LinkedTable:
    """values (m,): counts. equations (r, m) and totals (r,): equations @ values = totals, all of it published.

    units (m,): cells of the same number are suppressed together, 0 to u-1. primary (m,): unsafe on their own.
    """

    values: Ints
    equations: Floats
    totals: Floats
    units: Ints
    primary: Bools


def partition(columns: Ints, primary: Bools) -> LinkedTable:
    """The table of `columns` (c, l): each row a group that its l levels partition, with its total published.

    A level is one unit: where one of its counts is unsafe, all are suppressed. primary (c, l).
    """
    groups, levels = columns.shape
    equations = np.kron(np.eye(groups), np.ones(levels))
    units = np.tile(np.arange(levels), groups)
    return LinkedTable(columns.ravel(), equations.astype(np.float64), columns.sum(axis=1).astype(float), units, primary.ravel())


def protect(table: LinkedTable, width: int) -> Bools:
    """Which units (u,) to suppress, True for each, so that every primary cell stays uncertain by `width` both ways.

    The cheapest choice by people suppressed, ties broken by the unit's number. Where not even suppressing everything
    is enough (the totals themselves are small), everything is suppressed. Deterministic.

    >>> table = partition(np.array([[4, 60, 90]]), np.array([[True, False, False]]))
    >>> protect(table, 5).tolist()
    [True, True, False]
    """
    size = int(table.units.max(initial=-1)) + 1
    suppressed = np.zeros(size, dtype=bool)
    if not table.primary.any():
        return suppressed
    cuts: list[Bools] = []
    for _ in range(2 * size + 1):
        suppressed = _choose(table, size, cuts)
        if suppressed.all() or not unprotected(table, suppressed, width).size:
            return suppressed
        cuts.append(~suppressed)
    return np.ones(size, dtype=bool)


def unprotected(table: LinkedTable, suppressed: Bools, width: int) -> Ints:
    """Primary cells (indices) whose range, given all that is published, misses max(0, c - width) or c + width."""
    found = []
    for cell in np.flatnonzero(table.primary).tolist():
        low, high = feasible_range(table, suppressed, cell)
        count = float(table.values[cell])
        if low > max(0.0, count - width) + _SLACK or high < count + width - _SLACK:
            found.append(cell)
    return np.array(found, dtype=np.int64)


def feasible_range(table: LinkedTable, suppressed: Bools, cell: int) -> tuple[float, float]:
    """Smallest and largest value of a cell that agree with every published cell and total.

    >>> table = partition(np.array([[4, 60, 90]]), np.array([[True, False, False]]))
    >>> feasible_range(table, np.array([True, True, False]), 0)
    (0.0, 64.0)
    """
    from scipy.optimize import linprog  # noqa: PLC0415 (slow to load, and `evaluate` suppresses nothing)

    hidden = suppressed[table.units]
    bounds = [(0, None) if open_ else (value, value) for open_, value in zip(hidden, table.values.tolist(), strict=True)]
    ends = []
    for sign in (1.0, -1.0):
        aim = np.zeros(table.values.size)
        aim[cell] = sign
        found = linprog(aim, A_eq=table.equations, b_eq=table.totals, bounds=bounds, method="highs")
        if found.status == 3:  # unbounded
            ends.append(np.inf)
        elif found.status != 0 or found.fun is None:
            raise InternalError("The audit of a suppressed table could not be solved. Nothing was released.")
        else:
            ends.append(sign * found.fun + 0.0)
    return ends[0], ends[1]


def _choose(table: LinkedTable, size: int, cuts: list[Bools]) -> Bools:
    """The cheapest units that hold every primary cell, two or more in each equation that holds any, and every cut."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 (as above)

    must = np.zeros(size)
    np.maximum.at(must, table.units, table.primary.astype(float))
    people = np.bincount(table.units, table.values, size)
    # A share of a person a unit breaks ties by number and makes an empty unit not free.
    costs = people + 1 + np.arange(size) / (size + 1)
    rows, least = _pairs(table, size)
    constraints = [LinearConstraint(rows, least, np.inf)] if rows.size else []
    if cuts:
        constraints.append(LinearConstraint(np.array(cuts, dtype=float), 1, np.inf))
    found = milp(costs, constraints=constraints, integrality=np.ones(size, dtype=np.int64), bounds=Bounds(must, np.ones(size)))
    # Infeasible: no further unit helps, so everything goes.
    return np.ones(size, dtype=bool) if found.x is None else np.asarray(found.x > 0.5, dtype=bool)


def _pairs(table: LinkedTable, size: int) -> tuple[Floats, Floats]:
    """One row for each equation and unit in it: the others' sum minus the unit is at least 0 (a hidden one has company)."""
    rows = []
    for equation in table.equations:
        inside = np.unique(table.units[equation != 0])
        if inside.size < 2:
            continue  # the unit's own sum: its cells hide each other
        for unit in inside.tolist():
            row = np.zeros(size)
            row[inside] = 1.0
            row[unit] = -1.0
            rows.append(row)
    return np.array(rows).reshape(-1, size), np.zeros(len(rows))
