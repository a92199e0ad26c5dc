"""What `make truth` runs: every row of the table in design 3.8, and the slice of it that is in `make test`."""

from __future__ import annotations

from tests.truth.checks import default_cell, larger_pool, planned_power, with_sites, wrong_models
from tests.truth.nulls import DELAYS, EVENTS, null_lines
from tests.truth.tasks import Task

SEED = 1
REPLICATES, REDRAWS = 240, 20
SELECTIONS = ("moderate", "strong")
POOL, LARGE_POOL, LARGE_GROUP = 5_000, 20_000, 1_000


def _default(measure: str, n: int, selection: str, replicates: int = REPLICATES, redraws: int = REDRAWS) -> Task:
    pool = LARGE_POOL if n >= LARGE_GROUP else POOL
    cost = (60 if measure == "rate" else 50) * (1 if pool == POOL else 4) * replicates / REPLICATES
    name = f"{measure}, n = {n}, {selection}"
    return Task(name, default_cell, (n, selection, measure, pool, SEED, replicates, redraws), cost)


def grid() -> tuple[Task, ...]:
    """All tasks, in the order of the table."""
    tasks = [_default("rate", n, selection) for selection in SELECTIONS for n in (30, 60, 100, 200, 500, 2000)]
    for row, first, people, cost in ((EVENTS, 100, 100_000, 60), (DELAYS, 200, 200_000, 100)):
        tasks += [Task(row, null_lines, (row, tuple(range(first, first + 16)), people), cost * 16 / 5)]
    tasks += [_default("frequency", n, selection) for selection in SELECTIONS for n in (60, 200, 500)]
    tasks += [_default("days", n, selection) for selection in SELECTIONS for n in (60, 200, 500)]
    tasks += [
        Task(f"models wrong, {terms}", wrong_models, (500, LARGE_POOL // 2, terms, SEED, 100, REDRAWS), cost)
        for terms, cost in (("main", 80), ("rich", 600))
    ]
    tasks += [Task(f"larger pool, {selection}", larger_pool, (200, selection, SEED, 120, 6), 200) for selection in SELECTIONS]
    tasks += [
        Task(f"planned power, {selection} {points}", planned_power, (selection, points, pilot, SEED, 120, REDRAWS), 60)
        for selection, points, pilot in (("moderate", 4, 200), ("moderate", 6, 200), ("strong", 5, 200), ("strong", 8, 60))
    ]
    tasks += [
        Task(f"{sites} sites, n = {n}", with_sites, (sites, n, SEED, REPLICATES, REDRAWS), 60)
        for n in (200, 500)
        for sites in (5, 10, 20, 40)
    ]
    return tuple(tasks)


def small_slice() -> tuple[Task, ...]:
    """The part that runs with the other tests: the same checks with fewer people drawn and more outcomes for each."""
    return (
        _default("rate", 60, "moderate", 80, 40),
        _default("rate", 200, "strong", 100, 40),
        Task("models wrong, main", wrong_models, (500, 5_000, "main", SEED, 24, 4), 4),
    )
