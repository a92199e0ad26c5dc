"""`power` in parts: the formula against published values and by hand, attrition's quartiles, rules, words, files."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from datalab.effects.influence import Variance
from datalab.effects.planning import people_needed, smallest_effect
from datalab.enquiry import power
from datalab.errors import UsageError
from datalab.planning import PowerSettings, make_plan, read_cases, typical_kept
from datalab.planning.formula import normal_reach, smallest_detectable, treated_needed
from datalab.planning.outcomes import BY_NAME, raw_variance, truncated_variance
from datalab.planning.sentences import answer


@pytest.mark.parametrize(
    ("spread", "effect", "n"),
    [(1.0, 0.5, 31.4), (1.0, 0.2, 196.2), (1.0, 0.8, 12.3)],
)
def test_one_mean_against_a_known_one_is_cohens(spread: float, effect: float, n: float):
    """Cohen (1988): (z.975 + z.80)^2 = 7.849 people for an effect of one standard deviation, by the normal."""
    assert treated_needed(spread, 0.0, effect, normal_reach()) == pytest.approx(n, abs=0.05)


def test_equal_groups_are_the_textbooks():
    """Fleiss (1981): 0.40 against 0.35, equal groups of n: V0 = A/n, so n = 2A (7.849)/0.05^2 = 1507.0 with A = 0.24."""
    n, spread, reach = 1507.0, 0.24, normal_reach()
    assert treated_needed(spread, spread / n, 0.05, reach) == pytest.approx(n, rel=1e-4)
    assert smallest_detectable(spread, spread / n, n, reach) == pytest.approx(0.05, rel=1e-4)


def test_plans_of_the_simulation_study_are_met():
    """Study, moderate selection, rate 0.4, R2 0.195, median plans of pilots of 200: 1,034 people for 4 points, 405 (370 to 445)
    for 6 points, and 1,352 for 4 points without the model. The effective size that the first implies gives the other two."""
    spread, reach = 0.24 * (1 - 0.195), normal_reach()
    effective = spread / ((0.04 / reach) ** 2 - spread / 1034)
    settings = {"base_rate": 0.4, "kept": 1.0, "effective": effective}
    assert power(200, effect=0.04, r_squared=0.195, **settings).people_needed == pytest.approx(1034, abs=1)
    assert 370 < power(200, effect=0.06, r_squared=0.195, **settings).people_needed < 445
    assert power(200, effect=0.04, r_squared=0.0, **settings).people_needed == pytest.approx(1352, rel=0.05)


def test_effects_and_power_share_one_formula():
    variance = Variance(0.2 / 150, 0.0002, 120.0)
    reach = normal_reach()
    assert smallest_effect(variance) == pytest.approx(smallest_detectable(0.2, 0.0002, 150, reach), rel=1e-12)
    assert 150 + people_needed(variance, 150, 0.05) == math.ceil(treated_needed(0.2, 0.0002, 0.05, reach))
    assert people_needed(variance, 150, 0.03) == math.inf


def test_the_published_cases_are_all_there_and_add_up():
    cases = read_cases()
    assert len(cases) == 11
    counted = {case.report_id: (case.submitted, case.analysed) for case in cases if case.submitted}
    assert counted["BLUESKY-2013"] == (321, 72)
    assert counted["LANGLEY-2015"] == (775, 231)
    assert counted["LEEDSIOM-2017"] == (203, 142)
    assert counted["CLINK-2016"] == (178, 89)
    assert all(0 < case.kept <= 1 and case.source for case in cases)
    assert all(case.linked is None or case.analysed <= case.linked <= case.submitted for case in cases)


def test_quartiles_of_the_share_kept_by_hand():
    """Sorted: .111 .14 .17 .224 .298 .37 .47 .5 .64 .700 .735; quartiles half-way between the 3rd and 4th, the 8th and 9th."""
    kept = typical_kept()
    assert (kept.low, kept.typical, kept.high) == pytest.approx(((0.17 + 72 / 321) / 2, 0.37, 0.57))


def test_spreads_by_hand():
    assert raw_variance(BY_NAME["employed_any"], 0.31) == pytest.approx(0.31 * 0.69)
    m, p = 3.56, 0.311
    assert raw_variance(BY_NAME["frequency"], p) == pytest.approx(p * (m * (m - 1) + m * m) - (p * m) ** 2)
    assert truncated_variance(182.5) == pytest.approx(365**2 / 12)
    assert truncated_variance(40.0) == pytest.approx(40.0**2, rel=0.02)  # nearly nothing is cut off
    assert truncated_variance(122.0) == pytest.approx(truncated_variance(365 - 122.0))


def test_the_smallest_change_by_hand():
    """200 sent in, all kept, rate 0.4, nothing explained, effective 1000: 2.8016 sqrt(0.24/200 + 0.24/1000)."""
    plan = make_plan(PowerSettings(200, base_rate=0.4, attrition="none", r_squared=0.0, effective=1000))
    assert plan.reach.smallest == pytest.approx(2.80159 * math.sqrt(0.24 / 200 + 0.24 / 1000), rel=1e-5)
    assert plan.reach.smallest_low == plan.reach.smallest_high == plan.reach.smallest


def test_days_to_first_counts_only_those_who_reoffend():
    whole = make_plan(PowerSettings(1000, "days_to_first", base_rate=0.5, kept=0.5, r_squared=0.0))
    variance = truncated_variance(122.0)
    assert whole.reach.smallest == pytest.approx(normal_reach() * math.sqrt(variance / 250 + variance / 1000))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"participants": 0}, "participants must be a whole number at least 1"),
        ({"participants": 100, "base_rate": 31}, "Write 31 % as 0.31"),
        ({"participants": 100, "outcome": "rates"}, "Did you mean rate?"),
        ({"participants": 100, "effect": 0.9, "base_rate": 0.31}, "from 0.31 it can fall by 0.31 or rise by 0.69 at most"),
        ({"participants": 100, "effect": 400, "outcome": "days_employed"}, "at most 365 days"),
        ({"participants": 100, "effect": 5}, "5 percentage points is 0.05"),
        ({"participants": 100, "kept": 0.5, "attrition": "low"}, "must not both be given"),
        ({"participants": 100, "comparison": 500, "effective": 50}, "must not both be given"),
        ({"participants": 100, "outcome": "binary"}, "base_rate must be given for the outcome binary"),
        ({"participants": 100, "outcome": "number"}, "spread must be given for the outcome number"),
        ({"participants": 100, "outcome": "number", "spread": 1.0, "base_rate": 0.3}, "does not use it"),
        ({"participants": 100, "spread": 1.0}, "spread must not be given for the outcome rate"),
        ({"participants": 100, "spreed": 1.0}, "Did you mean spread?"),
        ({"participants": 100, "power": 80}, "The usual choice is 0.8"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(settings: dict[str, object], words: str):
    with pytest.raises(UsageError) as refused:
        power(**settings)
    assert any(words in fault for fault in refused.value.faults), refused.value.faults


@pytest.mark.parametrize(
    "settings", [{"effect": 0.5}, {"effect": 0.3, "attrition": "none"}, {"outcome": "days_to_first", "effect": 300}]
)
def test_no_need_lies_below_what_a_request_and_a_result_take(settings: dict[str, object]):
    """Design 2.8: 60 sent in, 30 analysed (for days to the first, 30 who reoffend), however large the change."""
    plan = power(100, **settings).plan
    assert plan.need is not None
    assert plan.need.participants >= 60
    assert plan.need.analysed * plan.in_denominator >= 30 - 1e-9
    assert plan.need.is_least
    assert any("Fewer would find so large a change" in sentence for sentence in answer(plan))
    assert all(need.participants >= 60 for need in plan.by_effect)


def test_a_need_above_the_floors_is_the_formulas():
    plan = power(100, effect=0.05, attrition="none").plan
    assert plan.need is not None
    assert not plan.need.is_least
    assert plan.need.analysed == treated_needed(plan.spread, plan.v0, 0.05, normal_reach())
    assert power(100, effect=0.69, base_rate=0.31).plan.need.participants >= 60


def test_every_fault_comes_at_once():
    with pytest.raises(UsageError) as refused:
        PowerSettings(0, base_rate=2.0, kept=0.0, attrition="most")
    assert len(refused.value.faults) == 5


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"participants": 59}, "A request needs at least 60 people"),
        ({"participants": 70}, "A result needs at least 30 people analysed"),
        ({"participants": 20, "base_rate": 0.1}, "could find no reduction at all"),
        ({"participants": 500, "effect": 0.005}, "More comparison people, or more alike ones, are needed"),
        ({"participants": 500, "kept": 0.8}, "400 would be analysed (80% of them, as you said)"),
        ({"participants": 500, "attrition": "high"}, "the upper quartile of 11 published cases"),
        ({"participants": 500, "outcome": "days_to_first"}, "looks only at those who reoffend"),
    ],
)
def test_what_must_be_said_is_said(settings: dict[str, object], said: str):
    assert any(said in sentence for sentence in answer(power(**settings).plan))


def test_nothing_heavy_is_loaded_for_an_answer_in_words():
    """A real process: neither numpy nor a drawing library, and so an answer at once."""
    code = (
        "import sys; from datalab.enquiry import power; power(120).summary(); "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'pandas', 'altair', 'duckdb', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_picture_page_frame_and_dictionary_hold_the_same_numbers(tmp_path: Path):
    found = power(240, effect=0.05)
    frame, plain = found.to_frame(), found.to_dict()
    row = frame[frame["participants"] == 240].iloc[0]
    assert row["smallest"] == plain["reach"]["smallest"] == found.smallest_effect
    assert found.people_needed == plain["need"]["analysed"]
    svg = found.plot().svg
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "<title" in svg
    assert "<desc" in svg
    assert svg == power(240, effect=0.05).plot().svg
    page = found.to_html()
    size = f"{100 * found.smallest_effect:.1f} percentage points"
    assert page.count(size) > 2
    assert size in found.summary()
    assert "<script" not in page
    found.write_chart(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="already there"):
        found.write_chart(tmp_path / "curve.png")
    with pytest.raises(UsageError, match=r"ends in \.svg or \.png"):
        found.write_chart(tmp_path / "curve.jpg")


def test_numbers_of_numpy_are_numbers_and_none_is_not_a_size():
    found = power(np.int64(120), effect=np.float32(0.0625), comparison=np.int32(5000))
    assert found.to_dict() == power(120, effect=0.0625, comparison=5000).to_dict()
    assert json.dumps(found.to_dict())
    with pytest.raises(UsageError, match="participants must be a whole number at least 1"):
        power(None)


def test_a_notebook_shows_the_answer_with_its_curve():
    html = power(120)._repr_html_()
    assert "<svg" in html
    assert "<table" in html
    assert "120 people sent in" in html
