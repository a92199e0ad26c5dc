"""Chooses which cells of a table to suppress beside the primary ones, and audits what could still be worked out.

A table is counts that obey linear equations whose totals are published. Cells of the same unit are suppressed together
(the columns of one line, say). The choice is a small integer programme: every equation that loses a cell loses at least
two; then a linear programme asks how far each hidden cell could move given everything published, and units are added
until it can move far enough (Fischetti and Salazar 2001, with the audit as the separation step). Company is audited as the
primary cells are: whoever reads the table cannot tell the one from the other.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def partition(columns: Ints, primary: Bools, told: Sequence[Bools] = ()) -> LinkedTable:
    """The table of `columns` (c, l): each row a group that its l levels partition, with its total published.

    A level is one unit: where one of its counts is unsafe, all are suppressed. primary (c, l). told: sets of cells (c, l) whose
    sum along each row is published too, where the row has any of them (a part of the people that is shown for itself).
    """
    groups, levels = columns.shape
    sets = [np.ones((groups, levels), dtype=bool), *told]
    rows = [np.kron(np.eye(groups)[row], inside[row]) for inside in sets for row in range(groups) if inside[row].any()]
    equations = np.array(rows, dtype=np.float64)
    units = np.tile(np.arange(levels), groups)
    return LinkedTable(columns.ravel(), equations, equations @ columns.ravel(), units, primary.ravel())


def protect(table: LinkedTable, width: int) -> Bools:
    """Which units (u,) to suppress, True for each, so that every cell of them stays uncertain by `width` both ways.

    The cheapest choice by people suppressed, ties broken by the unit's number. Where not even suppressing everything
    is enough (the totals themselves are small), a cell stays as uncertain as that would leave it. Deterministic.

    >>> table = partition(np.array([[6, 60, 90]]), np.array([[True, False, False]]))
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
    """Suppressed cells (indices) whose range, given all that is published, misses max(0, c - width) or c + width.

    An end that would be missed were everything suppressed is not asked for: the totals alone give it.
    """
    cells = np.flatnonzero(suppressed[table.units])
    counts = table.values[cells].astype(np.float64)
    wanted = np.column_stack([np.maximum(0.0, counts - width), counts + width])
    ends = feasible_ranges(table, suppressed, cells)
    missed = np.flatnonzero(_misses(ends, wanted))
    most = feasible_ranges(table, np.ones_like(suppressed), cells[missed])
    possible = np.column_stack([np.maximum(wanted[missed, 0], most[:, 0]), np.minimum(wanted[missed, 1], most[:, 1])])
    return np.asarray(cells[missed[_misses(ends[missed], possible)]], dtype=np.int64)


def _misses(ends: Floats, wanted: Floats) -> Bools:
    return np.asarray((ends[:, 0] > wanted[:, 0] + _SLACK) | (ends[:, 1] < wanted[:, 1] - _SLACK), dtype=bool)


def feasible_ranges(table: LinkedTable, suppressed: Bools, cells: Ints) -> Floats:
    """Smallest and largest value (k, 2) of some cells that agree with every published cell and total.

    >>> table = partition(np.array([[4, 60, 90]]), np.array([[True, False, False]]))
    >>> feasible_ranges(table, np.array([True, True, False]), np.array([0, 2])).tolist()
    [[0.0, 64.0], [90.0, 90.0]]
    """
    hidden = suppressed[table.units]
    ends = np.column_stack([table.values[cells], table.values[cells]]).astype(np.float64)
    open_ = np.flatnonzero(hidden[cells])
    if open_.size:
        places = np.cumsum(hidden) - 1
        left = table.totals - table.equations @ np.where(hidden, 0, table.values)
        ends[open_] = _solve(table.equations[:, hidden], left, places[cells[open_]])
    return ends


def _solve(equations: Floats, left: Floats, cells: Ints) -> Floats:
    """Ends (k, 2) of cells none of which is below 0. One linear programme for all, with a copy of the table for each end."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 (slow to load, and `evaluate` suppresses nothing)
    from scipy.sparse import eye_array, kron  # noqa: PLC0415

    if not equations[:, cells].any(axis=0).all():
        raise InternalError("The audit of a suppressed table met a cell that is in no sum. Nothing was released.")
    copies, size = 2 * cells.size, equations.shape[1]
    aims = np.zeros((copies, size))
    aims[np.arange(copies), np.repeat(cells, 2)] = np.tile([1.0, -1.0], cells.size)
    sums = np.tile(left, copies)
    tied = LinearConstraint(kron(eye_array(copies), equations, format="csc"), sums, sums)
    found = milp(aims.ravel(), constraints=tied, bounds=Bounds(0.0, np.inf))
    if found.x is None:
        raise InternalError("The audit of a suppressed table could not be solved. Nothing was released.")
    return np.asarray((np.abs(aims) * found.x.reshape(copies, size)).sum(axis=1).reshape(-1, 2) + 0.0, dtype=np.float64)


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
