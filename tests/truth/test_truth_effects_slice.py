"""The slice of the truth table (design 3.8) in `make test`: the binary default at n = 60 and 200.

240 replicates x 20 outcome redraws a cell, 30 covariates, pools of 5,000; seed fixed beforehand and never chosen by its
result. `pytest -s` prints the table. The rest of the grid is in test_truth_effects_grid.py (slow).
"""

from __future__ import annotations

import pytest
from tests.truth.effects_design import ATT, Cell, log_odds_shift, naive_bias, print_table, run_cell, summarise

SEED, REPLICATES, REDRAWS = 1, 240, 20
FALSE_POSITIVES = {60: (0.037, 0.063), 200: (0.040, 0.060)}


def test_without_matching_the_answer_is_wrong():
    assert naive_bias("moderate") < -0.03
    assert naive_bias("strong") < -0.06


@pytest.mark.parametrize("selection", ["moderate", "strong"])
@pytest.mark.parametrize("n", [200, 60])
def test_binary_default(n: int, selection: str):
    cell = Cell(n, selection)
    null, real = run_cell(cell, "rate", (0.0, log_odds_shift(selection)), SEED, REPLICATES, REDRAWS)
    without, effect = summarise(cell, "rate", 0.0, null), summarise(cell, "rate", ATT, real)
    print_table(f"binary default, seed {SEED}, {REPLICATES} x {REDRAWS}", (without, effect))
    low, high = FALSE_POSITIVES[n]
    assert low <= without.found.value <= high
    assert without.width <= 0.93
    if n >= 200:
        assert 0.94 <= effect.coverage.value <= 0.96
        assert max(abs(without.bias.value), abs(effect.bias.value)) <= 0.003
        assert 0.95 <= without.se_ratio <= 1.05
        assert 0.95 <= effect.se_ratio <= 1.05
