"""The three examples on public data: figures that others have published, and what the design asks of ours."""

from __future__ import annotations

import pytest
from examples import lalonde, recid, rossi
from examples.tables import lalonde_benchmark


def test_rossi_unadjusted_difference_is_exact_and_the_adjusted_one_near_it() -> None:
    """432 people, aid at random: 48/216 = 22.22 % against 66/216 = 30.56 %, so -8.33 points (Rossi and others 1980)."""
    found = rossi.evaluate()
    assert found.balanced
    result = found.outcome("arrest")
    assert result.unadjusted is not None
    assert result.effect is not None
    assert result.unadjusted.estimate == pytest.approx(48 / 216 - 66 / 216, abs=1e-12)
    assert -0.13 < result.effect.estimate < -0.05
    assert result.effect.low < -0.0833 < result.effect.high


def test_rossi_cox_hazard_ratio_is_the_textbooks() -> None:
    """R: coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio, data = Rossi): exp(coef) of fin 0.684."""
    assert rossi.hazard_ratio() == pytest.approx(0.684, abs=0.0005)


def test_recid_finds_no_clear_effect() -> None:
    """Wooldridge (2002, example 20.4) finds no significant effect of the work programme on time to return."""
    found = recid.evaluate()
    assert found.balanced
    rate, months = found.outcome("returned_12_months"), found.outcome("durat")
    assert rate.n_treated <= 672
    assert rate.verdict == "more_people"
    assert months.effect is not None
    assert months.effect.low < 0 < months.effect.high


def test_lalonde_fails_the_gate_and_research_hides_nothing() -> None:
    """Experiment: 1,794 dollars (Dehejia and Wahba 1999). The survey cannot be balanced, so no verdict may stand."""
    assert lalonde_benchmark() == pytest.approx(1794.34, abs=0.01)
    assert lalonde.evaluate(research=False).analysis.outcomes == ()
    found = lalonde.evaluate()
    assert found.findings.research
    result = found.outcome("re78")
    assert result.verdict == "withheld"
    estimates = [result.effect, result.classic, result.unadjusted]
    assert all(effect is not None for effect in estimates)
    assert result.unadjusted is not None
    assert result.unadjusted.estimate == pytest.approx(-8497.5, abs=1)
