"""Survival against R's survival (figures kept here) and against lifelines.

R 4.x, survival 3.5-3, on the rows that `known_rows` makes, written to s.csv with columns d, e, z, w, p:

    d <- read.csv("s.csv"); options(digits = 12)
    f <- coxph(Surv(d, e) ~ z, weights = w, robust = TRUE, data = d);  coef(f);  sqrt(diag(f$var))
    g <- coxph(Surv(d, e) ~ z, weights = w, cluster = p, data = d);    sqrt(diag(g$var))
    k <- survfit(Surv(d, e) ~ 1, weights = w, cluster = p, data = d, robust = TRUE)
    summary(k, times = c(10, 30, 60, 100))
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from datalab.effects.cox import fit_hazard_ratio
from datalab.effects.life_table import can_reach, make_life_table, mean_time, pseudo_mean_time
from datalab.effects.survival import curve_se, draw_curve

DAYS = np.array([10, 30, 60, 100])


def known_rows():
    """60 rows of 30 people: tied whole days, a third censored, unequal weights."""
    rng = np.random.default_rng(1)
    d = np.round(rng.exponential(60, 60) + 1)
    e, z, w = rng.random(60) < 0.7, rng.random(60) < 0.4, rng.random(60) + 0.2
    return d, e, z, w, np.arange(60) // 2


def test_hazard_ratio_and_both_robust_errors_are_rs():
    d, e, z, w, person = known_rows()
    by_row, by_person = (fit_hazard_ratio(d, e, z, w, ids) for ids in (np.arange(60), person))
    assert by_row is not None
    assert by_person is not None
    assert math.log(by_row.ratio) == pytest.approx(0.418113356372, abs=1e-10)
    assert by_row.se_log == pytest.approx(0.331938568868, abs=1e-10)
    assert by_person.se_log == pytest.approx(0.315800030786, abs=1e-10)


def test_curve_and_its_robust_error_by_person_are_rs():
    d, e, _, w, person = known_rows()
    curve = draw_curve(d, e, w, person, DAYS)
    assert curve.surviving == pytest.approx([0.858074951435, 0.725235501497, 0.519098931390, 0.359126932695], abs=1e-10)
    se = curve_se(make_life_table(d, e, w), d, e, weights=w, person=person, days=DAYS.astype(float))
    assert se == pytest.approx([0.0609710333577, 0.0667421053096, 0.0769435474879, 0.0813970155561], abs=1e-10)
    assert (curve.low < curve.surviving).all()
    assert (curve.high > curve.surviving).all()


def test_curve_is_lifelines_with_weights():
    d, e, _, w, _ = known_rows()
    days = np.arange(0, 150)
    with pytest.warns(match="weights are not integers"):
        fitter = KaplanMeierFitter().fit(d, e, weights=w)
    ours = draw_curve(d, e, w, np.arange(60), days)
    assert ours.surviving == pytest.approx(fitter.survival_function_at_times(days).to_numpy(), abs=1e-10)
    assert ours.at_risk.tolist() == [(d >= day).sum() for day in days]


def test_hazard_ratio_without_ties_is_lifelines():
    d, e, z, w, _ = known_rows()
    d = d + np.arange(60) / 1000
    frame = pd.DataFrame({"d": d, "e": e, "z": z.astype(float), "w": w})
    fitter = CoxPHFitter().fit(frame, "d", "e", weights_col="w", robust=True)
    ours = fit_hazard_ratio(d, e, z, w, np.arange(60))
    assert ours is not None
    assert math.log(ours.ratio) == pytest.approx(fitter.params_["z"], abs=1e-6)
    assert ours.se_log == pytest.approx(fitter.standard_errors_["z"], abs=1e-6)
    assert ours.p == pytest.approx(fitter.summary.loc["z", "p"], abs=1e-6)


def test_restricted_mean_is_lifelines():
    d, e, *_ = known_rows()
    fitter = KaplanMeierFitter().fit(d, e)
    expected = restricted_mean_survival_time(fitter, t=100)
    clipped = np.minimum(d, 100), e & (d <= 100)
    assert mean_time(make_life_table(*clipped, np.ones(60)), 100) == pytest.approx(expected, abs=1e-9)


def test_pseudo_values_are_the_derivative_of_the_restricted_mean():
    """theta_i = RMST + n dRMST/dw_i, the derivative taken numerically; their mean is the RMST itself."""
    d, e, *_ = known_rows()
    pseudo = pseudo_mean_time(d, e, 100.0)
    cut, event = np.minimum(d, 100.0), e & (d <= 100)
    whole = mean_time(make_life_table(cut, event, np.ones(60)), 100)
    assert pseudo.mean() == pytest.approx(whole, abs=1e-10)
    for i in range(0, 60, 7):
        nudged = [np.ones(60), np.ones(60)]
        nudged[0][i], nudged[1][i] = 1 + 1e-5, 1 - 1e-5
        slope = np.subtract(*(mean_time(make_life_table(cut, event, w), 100) for w in nudged)) / 2e-5
        assert pseudo[i] == pytest.approx(whole + 60 * slope, abs=1e-5)


def test_without_censoring_a_pseudo_value_is_the_time_itself():
    d = np.array([3.0, 3.0, 50.0, 200.0, 400.0])
    assert pseudo_mean_time(d, np.ones(5, bool), 365.0) == pytest.approx(np.minimum(d, 365))


def test_everybody_with_the_event_on_one_day():
    d, e = np.full(4, 20.0), np.ones(4, bool)
    curve = draw_curve(d, e, np.ones(4), np.arange(4), np.array([0, 19, 20, 30]))
    assert curve.surviving.tolist() == [1, 1, 0, 0]
    assert curve.low.tolist() == curve.high.tolist() == [1, 1, 0, 0]
    assert pseudo_mean_time(d, e, 30.0).tolist() == [20.0] * 4


def test_nobody_with_the_event():
    d, e = np.full(4, 365.0), np.zeros(4, bool)
    curve = draw_curve(d, e, np.ones(4), np.arange(4), np.array([0, 365]))
    assert curve.surviving.tolist() == [1, 1]
    assert pseudo_mean_time(d, e, 365.0).tolist() == [365.0] * 4
    assert fit_hazard_ratio(d, e, np.array([True, True, False, False]), np.ones(4), np.arange(4)) is None


@pytest.mark.parametrize(("last_is_event", "known"), [(True, True), (False, False)])
def test_a_curve_that_ends_early_has_no_restricted_mean(last_is_event: bool, known: bool):
    assert can_reach(np.array([5.0, 9.0]), np.array([True, last_is_event]), 30.0) is known


def test_groups_whose_events_do_not_overlap_have_no_hazard_ratio():
    d = np.array([1.0, 2.0, 3.0, 10.0, 11.0, 12.0])
    treated = d < 5
    assert fit_hazard_ratio(d, np.ones(6, bool), treated, np.ones(6), np.arange(6)) is None
    assert fit_hazard_ratio(d, np.ones(6, bool), ~treated, np.ones(6), np.arange(6)) is None
