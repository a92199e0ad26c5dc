"""Corners of disclosure control that no ordinary study reaches: each must come out safe."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.findings_factory import make_findings
from tests.unit.test_disclosure_safety import GOOD, changed

from datalab.disclosure import control, differences, differencing, load_thresholds, require_safe_release
from datalab.disclosure.answers import ReleasedExpectation, ReleasedFeasibility, ReleasedYear
from datalab.disclosure.curves import release_overlap
from datalab.disclosure.differencing import Exposure, Population, TooManyError, combine_to_few, find_exposure
from datalab.disclosure.groups import Ladder, release_linkage
from datalab.disclosure.results import Decision, Releasable, ReleasedDeaths, ReleasedEffect, ReleasedNeedsRun, Suppressed
from datalab.disclosure.sensitivity import release_sensitivity
from datalab.effects.results import Deaths, Members, NeedsRun
from datalab.errors import InternalError
from datalab.linkage.results import GroupShare, LinkageQuality

LIMITS = load_thresholds()
HIDDEN = Suppressed()


def people(*numbers: int) -> frozenset[bytes]:
    return frozenset(number.to_bytes(2) for number in numbers)


def test_deaths_are_hidden_where_the_dead_or_the_living_are_few() -> None:
    findings = make_findings()
    treated, pool = findings.analyses[0].people.treated, findings.analyses[0].people.pool
    for deaths, shown in (
        (Deaths(10, 9), (10, HIDDEN)),
        (Deaths(0, pool - 9), (HIDDEN, HIDDEN)),
        (Deaths(treated - 10, pool - 10), (treated - 10, pool - 10)),
    ):
        released = control(replace(findings, deaths=deaths)).release.deaths
        assert released is not None
        assert (released.treated, released.pool) == shown


def test_linked_shares_are_hidden_where_no_grid_keeps_the_number_submitted_open() -> None:
    """95 of 100 linked: every grid either tells that 100 were submitted or makes 100 % of 95 %."""
    groups = (GroupShare("sex", "M", 60, 57), GroupShare("sex", "F", 40, 38))
    quality = LinkageQuality(0.95, 0.004, 0.031, 0.002, 0, groups)
    linkage, _ = release_linkage(quality, Ladder((), (101,), ()), replace(LIMITS, cell_minimum=2))
    assert linkage is not None
    assert {str(group.linked_share) for group in linkage.groups} == {"[c]"}
    many = (GroupShare("sex", "M", 600, 500), GroupShare("sex", "F", 400, 330))
    coarse, _ = release_linkage(replace(quality, groups=many), Ladder((), (1004,), ()), LIMITS)
    assert coarse is not None
    assert [(str(group.submitted), group.linked_share) for group in coarse.groups] == [("[c]", 0.83), ("[c]", 0.82)]


def test_an_analysis_that_is_not_possible_has_a_reason_and_no_number() -> None:
    findings = make_findings()
    none = replace(findings.analyses[0], name="none", status="not_possible", reason="effects.withheld.no_such_group")
    released = control(replace(findings, analyses=(findings.analyses[0], none))).release.analyses[1]
    assert (released.status, released.reason) == ("not_possible", "effects.withheld.no_such_group")
    assert {str(value) for value in (released.people.treated, released.people.matched, released.people.pool)} == {"[z]"}
    assert released.outcomes == ()


def test_a_needs_run_shows_only_differences_that_are_estimated_and_safe() -> None:
    findings = make_findings()
    (found,) = findings.analyses
    bare = replace(found.outcomes[0], effect=None)
    few = replace(found.outcomes[1], treated_events=9)
    run = NeedsRun("everyone", "with_needs", replace(found, outcomes=(bare, few, found.outcomes[0])))
    (released,) = control(replace(findings, needs=(run,))).release.needs
    assert [outcome.measure for outcome in released.outcomes] == ["rate"]


def test_a_histogram_of_one_bin_is_not_shown() -> None:
    (found,) = make_findings().analyses
    assert found.overlap is not None
    alone = replace(found.overlap, treated=np.where(np.arange(30) == 15, 240, 0))
    assert release_overlap(alone, found.people, LIMITS) == ()


def test_a_figure_that_is_not_there_stays_a_symbol_and_an_unknown_one_stops() -> None:
    findings = make_findings()
    (found,) = findings.analyses
    outcomes = control(findings).release.analyses[0].outcomes
    line = next(line for line in found.sensitivity if line.name == "robustness")
    gone = replace(line, figures=(("robustness", math.nan),))
    (released,), _ = release_sensitivity(replace(found, sensitivity=(gone,)), outcomes, (), LIMITS)
    assert str(dict(released.figures)["robustness"]) == "[z]"
    strange = replace(found, sensitivity=(replace(line, figures=(("strange", 0.1),)),))
    with pytest.raises(InternalError, match="no rule"):
        release_sensitivity(strange, outcomes, (), LIMITS)


def test_a_line_of_a_few_fewer_people_without_an_interval_has_none_to_round() -> None:
    findings = make_findings(matched=60)
    (found,) = findings.analyses
    outcomes = control(findings).release.analyses[0].outcomes
    line = next(line for line in found.sensitivity if line.name == "caliper_010" and line.measure.name == "rate")
    assert line.effect is not None
    open_ended = replace(line, effect=replace(line.effect, low=math.nan))
    (released,), _ = release_sensitivity(replace(found, sensitivity=(open_ended,)), outcomes, (), LIMITS)
    assert released.effect is not None
    assert str(released.effect.low) == "[z]"


def test_an_outcome_without_further_estimates_can_hide_its_size() -> None:
    findings = make_findings()
    (found,) = findings.analyses
    bare = tuple(
        replace(o, n_treated=236, effect=None, classic=None, unadjusted=None) if o.measure.name == "rate" else o
        for o in found.outcomes
    )
    rate = control(replace(findings, analyses=(replace(found, outcomes=bare),))).release.analyses[0].outcomes[0]
    assert (rate.n_treated, rate.comparison, rate.classic, rate.unadjusted) == (HIDDEN, HIDDEN, None, None)


def test_a_releasable_cannot_be_changed() -> None:
    made = control(make_findings())
    with pytest.raises(AttributeError, match="frozen"):
        made.release = GOOD
    with pytest.raises(InternalError, match="without a remedy"):
        from datalab.disclosure import results

        Releasable(GOOD, (Decision("cells", "everyone", "fail", ""),), seal=results._SEAL)


def expectation(**changes: object) -> ReleasedExpectation:
    values: dict[str, Any] = {
        "measure": "rate", "label": "Rate", "kind": "binary", "unit": "share", "favourable": "lower", "among": "",
        "role": "headline", "status": "expected", "reason": "", "expected_people": 100, "base": 0.3, "smallest_effect": 0.1,
        "stated_effect": 0.05, "people_needed": 400, "notes": (),
    }  # fmt: skip
    return ReleasedExpectation(**(values | changes))


def feasible(**changes: Any) -> Any:
    answer = ReleasedFeasibility("everyone", "can", (), (expectation(),), (ReleasedYear("2012", 0.4, 0.5),))
    analyses = (replace(GOOD.analyses[0], outcomes=(), survival=None, sensitivity=()),)
    return replace(GOOD, kind="feasibility", analyses=analyses, feasibility=(replace(answer, **changes),))


def test_a_good_feasibility_study_passes_the_last_gate() -> None:
    assert require_safe_release(feasible(), LIMITS)


@pytest.mark.parametrize(
    "release",
    [
        replace(GOOD, kind="feasibility"),
        replace(feasible(), deaths=ReleasedDeaths(20, 20)),
        feasible(years=(ReleasedYear("2012", 1.0, 0.5),)),
        feasible(years=(ReleasedYear("2012", 0.5, 0.0),)),
        feasible(expectations=(expectation(expected_people=9),)),
        feasible(expectations=(expectation(base=1.0),)),
        replace(GOOD, deaths=ReleasedDeaths(9, 200)),
        replace(GOOD, needs=(ReleasedNeedsRun("everyone", "everyone", "estimated", "", 9, 500, ()),)),
        changed("analyses.0.match_settings", {"trimmed": "9"}),
        replace(GOOD, status="drafted"),
    ],
)
def test_the_last_gate_stops_each_of_these(release: Any) -> None:
    with pytest.raises(InternalError):
        require_safe_release(release, LIMITS)


def test_a_needs_run_of_too_few_treated_has_no_result() -> None:
    findings = make_findings()
    run = NeedsRun("everyone", "everyone", findings.analyses[0])
    release = control(replace(findings, needs=(run,))).release
    few = replace(release, needs=(replace(release.needs[0], n_treated=29),))
    with pytest.raises(InternalError):
        require_safe_release(few, LIMITS)


def test_effects_of_a_withheld_line_stop_the_last_gate() -> None:
    effect = ReleasedEffect("difference", 0.1, 0.0, 0.2, HIDDEN, 0.1, 0.1, "secondary", "welch", HIDDEN, HIDDEN, HIDDEN)
    place = next(place for place, line in enumerate(GOOD.analyses[0].sensitivity) if line.status == "withheld")
    with pytest.raises(InternalError):
        require_safe_release(changed(f"analyses.0.sensitivity.{place}.effect", effect), LIMITS)


def test_small_groups_that_only_come_out_together_are_no_exposure() -> None:
    """Two tables differ by 6 people one way and 6 the other: sums over 12. Those 3 who are in both do not come out at all."""
    incidence = np.array([[1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]])
    assert combine_to_few(incidence, (50, 3, 6, 6), 10) is None
    assert combine_to_few(incidence, (50, 3, 4, 4), 10) is not None


def test_an_empty_table_is_of_nobody() -> None:
    table = Population("a", "all", people(*range(40)))
    assert find_exposure([table, Population("a", "none", people())], []) is None


def test_what_cannot_be_settled_in_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver stops with no answer: neither a register nor a study takes that for cleared."""
    import scipy.optimize

    monkeypatch.setattr(scipy.optimize, "milp", lambda *_, **__: SimpleNamespace(status=1, fun=None, x=None))
    incidence = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    with pytest.raises(TooManyError):
        combine_to_few(incidence, (50, 6, 6), 10)
    everybody = people(*range(50))
    tables = [
        everybody | people(*range(100, 106)) | people(*range(200, 206)),
        everybody | people(*range(100, 106)),
        everybody | people(*range(200, 220)),
    ]
    monkeypatch.setattr(differencing, "_plain_difference", lambda *_: None)
    found = find_exposure([Population("a", str(place), members) for place, members in enumerate(tables)], [])
    assert found is not None
    assert found == Exposure(found.tables, 0)


def test_a_study_whose_sets_cannot_be_settled_withholds_the_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise TooManyError

    findings = make_findings()
    (found,) = findings.analyses
    whole = replace(found, matched_row_ids=tuple(range(240)), members=Members(np.arange(254), np.arange(4000)))
    half = replace(
        whole, name="half", people=replace(found.people, treated=120, matched=120), matched_row_ids=tuple(range(120)),
        members=Members(np.arange(120), np.arange(4000)),
    )  # fmt: skip
    assert differences.admit((whole, half), "everyone", LIMITS).withheld == frozenset()
    monkeypatch.setattr(differences, "combine_to_few", never)
    assert "half" in differences.admit((whole, half), "everyone", LIMITS).withheld
