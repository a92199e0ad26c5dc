"""What the sensitivity family says of worlds whose truth is known: an unrecorded trait at work, and none.

Seeds are fixed; the Monte Carlo error of every share stands beside its bounds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from datalab.analysis import AnalysisSettings, analyse
from datalab.effects.results import AnalysisFindings, SensitivityLine
from datalab.table import AnalysisTable, Covariate, Measure, NegativeControl, Outcome

RATE = Measure("rate", "binary", "Rate")
BEFORE = Measure("before", "binary", "Before")
SEED = 20_131
REPLICATES = 240


def draw(seed: int, treated: int, pool: int, hidden: float) -> AnalysisTable:
    """Twelve recorded numbers and a trait nobody records; no effect at all. x0 and the trait are alike in strength.

    hidden: how much the trait, and x0, tell of taking part and of the outcome, after the programme and before it.
    """
    rng = np.random.default_rng(seed)
    n = treated + pool
    x, trait = rng.normal(size=(n, 12)), rng.normal(size=n)
    x[:, 1:] += 0.3 * rng.normal(size=(n, 1))
    chance = np.exp(0.55 * x[:, 0] + 0.25 * x[:, 1] - 0.2 * x[:, 2] + hidden * trait)
    is_treated = np.zeros(n, dtype=bool)
    is_treated[rng.choice(n, treated, replace=False, p=chance / chance.sum())] = True
    own = 0.55 * x[:, 0] + 0.3 * x[:, 3] + hidden * trait
    after, before = (rng.random((2, n)) < 1 / (1 + np.exp(-(own - 0.6)))).astype(float)
    covariates = tuple(Covariate(f"x{i}", f"X{i}", x[:, i]) for i in range(12))
    ids, zeros = np.arange(n), np.zeros(n, dtype=np.int64)
    none, control = np.full(n, -1, dtype=np.int64), NegativeControl(Outcome(BEFORE, before), covariates)
    return AnalysisTable(ids, ids, is_treated, covariates, (Outcome(RATE, after),), zeros, none, negative_control=control)


def examined(seed: int, hidden: float, treated: int = 1_200, pool: int = 20_000) -> AnalysisFindings:
    return analyse(draw(seed, treated, pool, hidden), AnalysisSettings("all", "rate"))


def of_name(found: AnalysisFindings, name: str) -> list[SensitivityLine]:
    return [line for line in found.sensitivity if line.name == name]


def test_an_unrecorded_trait_biases_the_estimate_and_the_section_warns() -> None:
    """The trait is as strong as x0, so x0's benchmark foretells the bias, and being "as strong as x0" explains it all."""
    found = examined(SEED, hidden=0.55)
    (outcome,) = found.outcomes
    assert outcome.effect is not None
    assert outcome.effect.low > 0.02  # the truth is 0
    strongest = of_name(found, "benchmark")[0]
    figures = dict(strongest.figures)
    assert strongest.subject == "x0"
    assert strongest.warns
    assert abs(figures["bias"] - outcome.effect.estimate) < 2.5 * outcome.effect.se
    assert 0.4 < figures["times"] <= 1.0
    (control,) = of_name(found, "negative_control")
    assert control.effect is not None and control.warns
    assert control.effect.low > 0.02
    assert all(
        line.effect is not None and line.effect.low > 0 for line in found.sensitivity if line.part == "design" and line.effect
    )


def test_the_bias_of_the_trait_is_that_of_the_formula_on_the_matched_sample() -> None:
    """With the trait added to the covariates the estimate goes to 0; without it, it is what omitting it costs."""
    table = draw(SEED, 1_200, 20_000, 0.55)
    trait = np.random.default_rng(SEED)
    trait.normal(size=(table.n, 12))
    recorded = Covariate("trait", "Trait", trait.normal(size=table.n))
    whole = analyse(replace(table, covariates=(*table.covariates, recorded)), AnalysisSettings("all", "rate"))
    without = analyse(table, AnalysisSettings("all", "rate", sensitivity=False)).outcomes[0].effect
    with_trait = whole.outcomes[0].effect
    assert without is not None and with_trait is not None
    benchmark = next(line for line in of_name(whole, "benchmark") if line.subject == "trait")
    assert abs(with_trait.estimate) < 2 * with_trait.se
    assert dict(benchmark.figures)["bias"] == pytest.approx(without.estimate - with_trait.estimate, abs=0.02)


def test_without_an_unrecorded_trait_nothing_warns() -> None:
    found = examined(SEED + 1, hidden=0.0)
    assert found.outcomes[0].verdict == "more_people"
    assert not [line for line in found.sensitivity if line.warns]


@pytest.mark.slow
def test_a_null_negative_control_contains_0_about_95_times_in_100() -> None:
    """240 replicates: Monte Carlo error 1.4 points, so 91 to 99 are within three of them."""
    held, made = 0, 0
    for replicate in range(REPLICATES):
        found = analyse(draw(SEED + 100 + replicate, 200, 3_000, 0.0), AnalysisSettings("all", "rate"))
        for line in of_name(found, "negative_control"):
            made += line.effect is not None
            held += line.effect is not None and not line.warns
    assert made >= 0.95 * REPLICATES
    assert 0.91 <= held / made <= 0.99
