"""More of the truth table (design 3.8): counts, days, larger groups, sites, planning, a larger pool. Slow."""

from __future__ import annotations

import numpy as np
import pytest
from tests.truth.effects_design import (
    ATT,
    Cell,
    draw_people,
    log_odds_shift,
    make_population,
    make_table,
    over_replicates,
    print_table,
    run_cell,
    summarise,
)

from datalab.matching import MatchSettings, match

pytestmark = pytest.mark.slow
SEED, REPLICATES, REDRAWS = 2, 240, 20


@pytest.mark.parametrize("selection", ["moderate", "strong"])
@pytest.mark.parametrize(
    ("measure", "n", "low", "high"),
    [
        ("frequency", 60, 0.0, 0.075),
        ("frequency", 200, 0.0, 0.065),
        ("days", 60, 0.040, 0.065),
        ("days", 200, 0.040, 0.065),
        ("rate", 100, 0.040, 0.060),
        ("rate", 500, 0.040, 0.060),
        ("rate", 2000, 0.040, 0.060),
    ],
)
def test_false_positives(measure: str, n: int, low: float, high: float, selection: str):
    cell = Cell(n, selection, pool=20_000 if n == 2000 else 5_000)
    line = summarise(cell, measure, 0.0, run_cell(cell, measure, (0.0,), SEED, REPLICATES, REDRAWS)[0])
    print_table(f"{measure}, seed {SEED}", [line])
    assert low <= line.found.value <= high
    assert n < 200 or 0.95 <= line.se_ratio <= 1.05


def test_sites_by_cr3():
    cell = Cell(200, "moderate", sites=10, site_sd=0.4)
    line = summarise(cell, "rate", 0.0, run_cell(cell, "rate", (0.0,), SEED, 120, REDRAWS)[0])
    print_table(f"10 sites, seed {SEED}", [line])
    assert line.found.value <= 0.075


def test_power_at_the_planned_number():
    pilot = run_cell(Cell(200, "moderate"), "rate", (0.0,), SEED, 40, 10)[0]
    planned = 200 + int(np.median(pilot.needed))
    cell = Cell(planned, "moderate")
    real = run_cell(cell, "rate", (log_odds_shift("moderate"),), SEED, 120, REDRAWS)[0]
    line = summarise(cell, "rate", ATT, real)
    print_table(f"planned for 4 points, seed {SEED}", [line])
    assert 0.75 <= line.found.value <= 0.86


def test_a_pool_ten_times_larger_changes_little():
    population, bias = make_population(), np.empty((30, 2))
    for i in range(30):
        for j, pool in enumerate((5_000, 50_000)):
            people = draw_people(Cell(200, "strong", pool=pool), np.random.default_rng([SEED, i]))
            found, p = match(make_table(people), MatchSettings()), population.p[people.rows]
            sides = people.treated & found.matched, ~people.treated
            bias[i, j] = p[sides[0]].mean() - found.weights[sides[1]] @ p[sides[1]]
    moved = over_replicates((bias[:, 1] - bias[:, 0])[:, None])
    print_table("pool of 50,000 less pool of 5,000, points", [f"{moved}"])  # type: ignore[list-item]
    assert abs(moved.value) <= 0.003
