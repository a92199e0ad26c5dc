"""Then and now: the two ranges of a change, when a change may be claimed, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.command_line import call
from tests.findings_factory import make_findings
from tests.release_factory import make_release
from tests.stored_runs import write_run

from datalab.comparison import compare_runs
from datalab.comparison.change import find_change, independent_range
from datalab.comparison.compare import comparison_schema
from datalab.disclosure.results import Release, ReleasedEffect, ReleasedOutcome, Suppressed
from datalab.errors import InputError, UsageError
from datalab.rerunning import rerun


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Stored runs: a first study, a like one with more people, one that found the opposite, one that was refused."""
    base = tmp_path_factory.mktemp("runs")
    return {
        "first": write_run(base / "first", matched=300, pool=6000, effect=-0.06),
        "more": write_run(base / "more", "2016-01-31", matched=900, pool=9000, effect=-0.09, seed=2),
        "opposite": write_run(base / "opposite", "2016-01-31", matched=1500, pool=9000, effect=0.09, seed=2),
        "refused": write_run(base / "refused", "2016-01-31", passed=False, status="balance_failed"),
        "evaluated": write_run(base / "evaluated", kind="evaluate", matched=300),
    }


def an_effect(estimate: float, low: float, high: float) -> ReleasedEffect:
    nan = float("nan")
    return ReleasedEffect("difference", estimate, low, high, nan, nan, nan, "headline", "m", nan, nan, nan)


def test_the_independent_range_by_hand() -> None:
    # Zou and Donner (2008), equation 4, with estimates 0.02 and 0.05: 0.03 - sqrt(0.04^2 + 0.03^2), 0.03 + sqrt(0.05^2 + 0.01^2)
    low, high = independent_range(an_effect(0.02, 0.01, 0.05), an_effect(0.05, 0.01, 0.10))
    assert low == pytest.approx(0.03 - 0.05)
    assert high == pytest.approx(0.03 + math.sqrt(0.0026))


def test_normal_intervals_give_the_usual_standard_error() -> None:
    z, one, two = 1.959964, 0.02, 0.03
    low, high = independent_range(
        an_effect(-0.1, -0.1 - z * one, -0.1 + z * one), an_effect(-0.02, -0.02 - z * two, -0.02 + z * two)
    )
    assert (high - low) / 2 == pytest.approx(z * math.hypot(one, two))


def a_pair(first: ReleasedEffect, second: ReleasedEffect) -> tuple[Release, ReleasedOutcome, ReleasedOutcome]:
    release = make_release(make_findings(survival=False, overlap=False, sensitivity=False)).release
    outcome = release.analyses[0].outcomes[0]

    def with_effect(effect: ReleasedEffect) -> ReleasedOutcome:
        low, high = effect.low, effect.high
        clear = "more_people" if isinstance(low, Suppressed) else "lower" if high < 0 else "higher" if low > 0 else "more_people"
        return replace(outcome, effect=effect, verdict=clear)

    return release, with_effect(first), with_effect(second)


EFFECTS = st.tuples(st.floats(-0.3, 0.3), st.floats(0.0, 0.2), st.floats(0.0, 0.2)).map(
    lambda parts: an_effect(parts[0], parts[0] - parts[1], parts[0] + parts[2])
)
PLAIN, _, _ = a_pair(an_effect(0, -1, 1), an_effect(0, -1, 1))


@settings(max_examples=300, deadline=None)
@given(first=EFFECTS, second=EFFECTS)
def test_a_change_is_claimed_only_where_the_two_ranges_stand_apart(first: ReleasedEffect, second: ReleasedEffect) -> None:
    outcome = PLAIN.analyses[0].outcomes[0]
    found = find_change(PLAIN, PLAIN, replace(outcome, effect=first), replace(outcome, effect=second))
    assert found.widest[0] <= found.independent[0] + 1e-12
    assert found.independent[1] <= found.widest[1] + 1e-12
    assert found.widest[0] - 1e-12 <= found.change <= found.widest[1] + 1e-12
    apart = "lower" if second.high < first.low else "higher" if second.low > first.high else "unclear"
    assert found.standing == apart


def test_a_hidden_figure_is_never_worked_out() -> None:
    release, before, after = a_pair(
        an_effect(-0.1, -0.2, -0.05), replace(an_effect(0, 0, 0), estimate=Suppressed(), low=0.1, high=0.2)
    )
    found = find_change(release, release, before, after)
    assert found.change == Suppressed()
    assert found.independent == (Suppressed(), Suppressed())
    assert found.standing == "higher"
    hidden = replace(after, effect=replace(after.effect, low=Suppressed(), high=Suppressed()))
    assert find_change(release, release, before, hidden).standing == "unanswered"


def test_different_follow_up_or_kinds_are_not_compared() -> None:
    release, before, after = a_pair(an_effect(-0.1, -0.2, -0.05), an_effect(0.1, 0.05, 0.2))
    longer = replace(release, follow_up_months=24)
    assert find_change(release, longer, before, after).standing == "follow_up"
    assert find_change(release, release, before, replace(after, among="reoffenders")).standing == "unlike"
    research = replace(release, status="balance_failed")
    assert find_change(release, research, before, after).standing == "unanswered"


def page_of(folder: Path) -> str:
    return (folder / "comparison.html").read_text(encoding="utf-8")


def test_two_like_studies_show_no_change_and_say_so(runs: dict[str, Path], tmp_path: Path) -> None:
    found = compare_runs(runs["first"], runs["more"], tmp_path / "out")
    assert found.standing == "unclear"
    page = page_of(found.folder)
    assert "do not show whether the difference between the two groups" in page
    assert "This should not be taken to mean that nothing has changed." in page
    assert "is lower in the later study" not in page
    assert "is higher in the later study" not in page


def test_two_ranges_apart_are_a_change_without_a_cause(runs: dict[str, Path], tmp_path: Path) -> None:
    found = compare_runs(runs["more"], runs["opposite"], tmp_path / "out")
    assert found.standing == "higher"
    page = page_of(found.folder)
    assert "is higher in the later study than in the earlier one." in page
    assert "That holds whether or not some people are in both studies." in page
    assert "Why the figure is different cannot be told" in page


def test_a_study_without_a_result_is_told_but_not_compared(runs: dict[str, Path], tmp_path: Path) -> None:
    found = compare_runs(runs["first"], runs["refused"], tmp_path / "out")
    assert found.standing == "unanswered"
    assert "has no result for the share of people who reoffend within 12 months" in found.sentence
    assert "Anything about a change, good or bad." in page_of(found.folder)


def test_json_csv_and_page_hold_the_same_figures(runs: dict[str, Path], tmp_path: Path) -> None:
    found = compare_runs(runs["first"], runs["more"], tmp_path / "out")
    document = json.loads((found.folder / "comparison.json").read_bytes())
    jsonschema.validate(document, comparison_schema())
    rows = list(csv.reader(io.StringIO((found.folder / "comparison.csv").read_text(encoding="utf-8"))))
    assert [row[0] for row in rows[1:]] == [change["label"] for change in document["changes"]]
    stored = json.loads((runs["more"] / "results.json").read_bytes())
    effect = stored["analyses"][0]["outcomes"][0]["effect"]
    rate = document["changes"][0]
    assert rate["later"] == {name: effect[name] for name in ("estimate", "low", "high", "p")}
    assert rate["widest"]["low"] == pytest.approx(rate["later"]["low"] - rate["earlier"]["high"])
    assert float(rows[1][4]) == pytest.approx(100 * effect["low"], abs=0.5)
    assert f"{float(rows[1][6]):.0f}".replace("-", "−") in page_of(found.folder)


def test_same_runs_same_bytes_and_rerun_agrees(runs: dict[str, Path], tmp_path: Path) -> None:
    first, second = (compare_runs(runs["first"], runs["more"], tmp_path / name) for name in ("one", "two"))
    names = sorted(path.name for path in first.folder.iterdir())
    assert names == ["comparison.csv", "comparison.html", "comparison.json", "manifest.json", "studies.csv"]
    same = [name for name in names if (first.folder / name).read_bytes() == (second.folder / name).read_bytes()]
    assert same == names
    assert rerun(first.folder).ok


def test_what_is_not_the_same_is_listed(runs: dict[str, Path], tmp_path: Path) -> None:
    found = compare_runs(runs["first"], runs["more"], tmp_path / "out")
    lines = {line["item"]: line for line in json.loads((found.folder / "comparison.json").read_bytes())["studies"]}
    assert lines["Analysed"] == {"item": "Analysed", "earlier_is": "300", "later_is": "900", "same": "No"}
    assert lines["When"]["same"] == "Yes"
    assert lines["Headline measure"]["later_is"] == "Proven reoffending rate"


def test_a_headline_without_a_result_is_called_as_the_other_study_calls_it(runs: dict[str, Path], tmp_path: Path) -> None:
    page = (compare_runs(runs["first"], runs["refused"], tmp_path / "out").folder / "comparison.html").read_text("utf-8")
    assert "Proven reoffending rate" in page
    assert ">rate<" not in page


def test_changed_files_wrong_order_and_wrong_kinds_are_refused(runs: dict[str, Path], tmp_path: Path) -> None:
    changed = write_run(tmp_path / "changed", matched=60)
    (changed / "results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        compare_runs(changed, tmp_path / "nowhere", tmp_path / "out")
    assert any(fault.startswith("Earlier: ") and "results.json" in fault for fault in refused.value.faults)
    assert any(fault.startswith("Later: ") for fault in refused.value.faults)
    with pytest.raises(InputError, match="different runs"):
        compare_runs(runs["first"], runs["first"], tmp_path / "out")
    with pytest.raises(InputError, match="earlier run must come first"):
        compare_runs(runs["more"], runs["first"], tmp_path / "out")
    with pytest.raises(InputError, match="same kind"):
        compare_runs(runs["first"], runs["evaluated"], tmp_path / "out")
    made = compare_runs(runs["first"], runs["more"], tmp_path / "made")
    with pytest.raises(InputError, match=r"must be a run with results\.json"):
        compare_runs(made.folder, runs["more"], tmp_path / "out")
    with pytest.raises(UsageError):
        compare_runs(runs["first"], runs["more"], made.folder)
    assert not (tmp_path / "out").exists()


def test_the_command(runs: dict[str, Path], tmp_path: Path) -> None:
    answer = call("compare", runs["first"], runs["more"], "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    assert "do not show whether" in answer.out.replace("\n", " ")
    told = call("compare", runs["first"], runs["more"], "--out", tmp_path / "two", "--json").document
    assert told["standing"] == "unclear"
    assert call("compare", runs["more"], runs["first"], "--out", tmp_path / "three").code == 1
