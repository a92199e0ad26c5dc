"""Who leaves a survival curve without the event, mostly because they died: the numbers at risk must not count them."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tests.attacks.hidden_counts import LEAST, WIDTH, events_by_day, secrets
from tests.attacks.outsider import read
from tests.attacks.tables import LANDMARKS, make_study
from tests.findings_factory import STEPS, make_findings

from datalab.disclosure import control
from datalab.disclosure.results import Number, Suppressed
from datalab.report.results import results_json


def number(value: Number) -> float:
    assert not isinstance(value, Suppressed)
    return float(value)


LEAVERS = [(), (12,), (40, 41, 200), (100,) * 9, (10,) * 7 + (300,) * 4, (50,) * 14 + (80,), tuple(range(5, 365, 9)), (200,) * 30]


@pytest.mark.parametrize("profile", ["default", "strict"])
@pytest.mark.parametrize("matched", [192, 240, 293])
@pytest.mark.parametrize("gone", LEAVERS, ids=len)
def test_numbers_at_risk_do_not_count_those_who_left(gone: tuple[int, ...], matched: int, profile: str) -> None:
    drawn = {"seed": 3, "matched": matched, "left_out": 40, "pool": 1500, "rate": 0.45, "effect": -0.05, "gone": gone}
    study = make_study(weights={}, flags=(), losses=(40,) * (len(STEPS) - 1), parts=(), deaths=None, survival=True, **drawn)
    content = results_json(control(study.findings, profile), manifest_sha256="ab" * 32)
    document = json.loads(content)
    assert len(document["analyses"][0]["survival"]["points"]) >= 3
    assert study.public.days == LANDMARKS
    cells = [cell for cell in secrets(study.findings, document, study.public) if cell.name.startswith("gone")]
    ends = read({"results.json": content}, study.public).reach([cell.terms for cell in cells])
    told = [
        (cell.name, cell.count, low, high) for cell, (low, high) in zip(cells, ends, strict=True) if not cell.is_safe(low, high)
    ]
    assert not told


def test_a_step_is_counted_in_people_and_not_in_what_the_curve_makes_of_them() -> None:
    """After 170 of 240 have left, one event moves the curve by what three or four people are."""
    findings = make_findings(rate=0.2, gone=(5,) * 170)
    (found,) = findings.analyses
    assert found.survival is not None
    released = control(findings).release.analyses[0].survival
    days = [0, *(int(point.day) for point in released.points)] if released else [0]
    by = events_by_day(found.survival.treated)
    assert all(by[after] - by[before] >= LEAST for before, after in pairwise(days))


@pytest.mark.parametrize("few", range(10))
def test_the_file_is_the_same_whoever_of_a_few_left(few: int) -> None:
    """Five people more or fewer who leave between two days that are shown change nothing, when the curve stays as it is."""
    findings = make_findings()
    (found,) = findings.analyses
    assert found.survival is not None

    def released(gone: int) -> list[tuple[float, Number, Number]]:
        curve = found.survival.treated
        after = curve.at_risk - gone * (curve.days > 100) * curve.surviving / curve.surviving[100]
        one_with = replace(found, survival=replace(found.survival, treated=replace(curve, at_risk=after)))
        survival = control(replace(findings, analyses=(one_with,))).release.analyses[0].survival
        assert survival is not None
        return [(point.day, point.treated, point.treated_at_risk) for point in survival.points]

    assert {str(released(gone)) for gone in (max(0, few - WIDTH), few, min(few + WIDTH, 13))} == {str(released(0))}


@pytest.mark.parametrize(("last", "gone"), [(0.01, 0), (0.03, 30)])
def test_a_day_on_which_a_few_are_left_is_not_shown(last: float, gone: int) -> None:
    findings = make_findings()
    (found,) = findings.analyses
    assert found.survival is not None
    curve = found.survival.treated
    surviving = np.linspace(1.0, last, curve.days.size)
    at_risk = 240 * np.concatenate([[1.0], surviving[:-1]]) - gone * (curve.days > 100) * surviving / surviving[100]
    few = replace(curve, surviving=surviving, at_risk=at_risk)
    findings = replace(findings, analyses=(replace(found, survival=replace(found.survival, treated=few)),))
    released = control(findings).release.analyses[0].survival
    points = (
        [] if released is None else [(number(point.treated) * 240, number(point.treated_at_risk)) for point in released.points]
    )
    assert all(left >= WIDTH - 1e-6 and shown >= LEAST for left, shown in points)
