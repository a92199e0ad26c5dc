"""What can be worked out by adding and subtracting the analyses of one study: each of these must not give a few people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.findings_factory import Made, make_analysis, make_findings

from datalab.disclosure import control
from datalab.disclosure.differences import Admission, admit, in_order
from datalab.disclosure.results import Release, ReleasedAnalysis, Suppressed
from datalab.disclosure.said import VARIABLES
from datalab.disclosure.thresholds import load_thresholds
from datalab.effects.results import AnalysisFindings, Findings, Members, NeedsRun

LIMITS = load_thresholds()
POOL = np.arange(10_000, 14_000)
EVERYBODY = range(240)


def analysis(
    name: str,
    matched: Sequence[int],
    *,
    left_out: Sequence[int] = (),
    pool: np.ndarray = POOL,
    planned: bool = True,
    **conditions: str,
) -> AnalysisFindings:
    """An analysis of these people; its figures are drawn, its sets are as given."""
    made = make_analysis(name, Made(seed=len(matched), matched=len(matched), left_out=len(left_out), pool=pool.size))
    return replace(
        made,
        matched_row_ids=tuple(matched),
        members=Members(np.array([*matched, *left_out], dtype=np.int64), pool),
        conditions=tuple((_variable(name), (value,)) for name, value in sorted(conditions.items())),
        planned=planned,
    )


def _variable(name: str) -> str:
    """A variable of the records, or the upload's own."""
    return name if name in VARIABLES else f"group:{name}"


def admitted(*others: AnalysisFindings, whole: AnalysisFindings | None = None) -> Admission:
    return admit((whole or analysis("everyone", EVERYBODY), *others), "everyone", LIMITS)


def released(*others: AnalysisFindings, **made: object) -> Release:
    findings = make_findings(**made)
    whole = replace(findings.analyses[0], matched_row_ids=tuple(EVERYBODY), members=Members(np.arange(254), POOL))
    return control(replace(findings, analyses=(whole, *others))).release


def named(release: Release, name: str) -> ReleasedAnalysis:
    return next(found for found in release.analyses if found.name == name)


@pytest.mark.parametrize(("rest", "withheld"), [(0, False), (1, True), (9, True), (10, False), (60, False)])
def test_everyone_less_a_part_is_never_a_few(rest: int, withheld: bool) -> None:
    part = analysis("completers", range(240 - rest), completed="yes")
    assert ("completers" in admitted(part).withheld) is withheld


def test_equal_sizes_of_different_people_are_no_difference_of_a_few() -> None:
    """Men and women of nearly the same number share nobody: their difference is all of them."""
    found = admitted(analysis("men", range(118), sex="M"), analysis("women", range(118, 235 - 10), sex="F"))
    assert found.withheld == frozenset()


def test_the_parts_of_a_division_may_not_leave_a_few() -> None:
    """240 less 150 men less 86 women are 4 whose sex is not known: the smaller part goes, and the larger stays."""
    men, women = analysis("men", range(150), sex="M"), analysis("women", range(150, 236), sex="F")
    assert admitted(men, women).withheld == {"women"}
    assert admitted(women, men).withheld == {"men"}
    assert admitted(men, analysis("women", range(150, 240), sex="F")).withheld == frozenset()


def test_of_the_analyses_of_one_line_the_smallest_goes() -> None:
    regions = [
        analysis(f"region-{name}", range(first, last), region=name, planned=False)
        for name, first, last in (("wales", 0, 40), ("london", 40, 140), ("east", 140, 237))
    ]
    assert admitted(*regions).withheld == {"region-wales"}
    order = in_order((analysis("everyone", EVERYBODY), *regions), "everyone")
    assert [found.name for found in order] == ["everyone", "region-london", "region-east", "region-wales"]


def test_parts_of_a_part_are_subtracted_too() -> None:
    men = analysis("men", range(150), sex="M")
    inside = [
        analysis("men-london", range(80), sex="M", region="london"),
        analysis("men-wales", range(80, 145), sex="M", region="wales"),
    ]
    assert admitted(men, *inside).withheld == {"men-wales"}
    assert admitted(*inside, men).withheld == {"men"}


def test_a_whole_made_of_some_levels_of_a_division() -> None:
    regions = [analysis(name, range(60 * i, 60 * i + 60), region=name) for i, name in enumerate("abcd")]
    south = analysis("south", range(60, 176), region="b or c")
    assert admitted(*regions, south).withheld == {"south"}


def test_what_several_sets_together_determine() -> None:
    """Sums over A and B, A and C, B and C give each of the three; C is 6 people. No pair and no division shows it."""
    a, b, c = range(80), range(80, 160), range(160, 166)
    whole = analysis("everyone", EVERYBODY)
    sets = [analysis("ab", [*a, *b]), analysis("ac", [*a, *c], one="x"), analysis("bc", [*b, *c], two="y")]
    found = admit((whole, *sets), "everyone", LIMITS)
    assert len(found.withheld) == 1
    assert found.withheld == {"bc"}


def test_all_treated_are_a_set_beside_those_matched() -> None:
    """Matched people alone differ by 20, all treated of both by 3: their averages before matching would tell of the 3."""
    whole = analysis("everyone", range(200), left_out=range(200, 240))
    part = analysis("completers", range(180), left_out=range(180, 237), completed="yes")
    assert admitted(part, whole=whole).withheld == {"completers"}
    hidden = analysis("completers", range(180), left_out=range(180, 185), completed="yes")  # its treated are not shown
    assert admitted(hidden, whole=whole).withheld == frozenset()


def test_sizes_that_look_like_a_few_count_as_a_few() -> None:
    """Ten people apart in all, but 190 beside 182: whoever reads it takes the rest for 8."""
    assert admitted(
        analysis("part", [*range(182 - 1), 1000], completed="yes"), whole=analysis("everyone", range(190))
    ).withheld == {"part"}


def test_without_row_ids_nearly_equal_counts_are_taken_for_nearly_the_same_people() -> None:
    bare = make_analysis("completers", Made(seed=2, matched=235))
    assert admitted(bare).withheld == frozenset({"completers"}) or bare.members is not None
    assert admit((make_analysis("everyone", Made()), bare), "everyone", LIMITS).withheld == {"completers"}


def test_a_pool_that_differs_by_a_few_hides_its_size_only() -> None:
    release = released(analysis("completers", range(180), pool=POOL[:-4], completed="yes"))
    assert isinstance(named(release, "completers").people.pool, Suppressed)
    assert named(release, "completers").outcomes
    assert named(release, "everyone").people.pool == 4000


def with_events(found: AnalysisFindings, measure: str, events: int) -> AnalysisFindings:
    outcomes = tuple(replace(o, treated_events=events) if o.measure.name == measure else o for o in found.outcomes)
    return replace(found, outcomes=outcomes)


@pytest.mark.parametrize(
    ("events", "is_full"), [(60, True), (81, True), (82, False), (86, False), (32, True), (31, True), (30, False)]
)
def test_the_rest_has_enough_people_with_and_without_the_event(events: int, is_full: bool) -> None:
    """86 of 240 reoffended; of a part of 180, so many: the other 60 must not be nearly all or nearly none."""
    whole = with_events(analysis("everyone", EVERYBODY), "rate", 86)
    part = with_events(analysis("completers", range(180), completed="yes"), "rate", events)
    direction = admit((whole, part), "everyone", LIMITS).direction_only
    assert (("completers", "rate") not in direction) is is_full


def test_a_part_shows_no_means_of_covariates_that_could_be_subtracted() -> None:
    release = released(analysis("completers", range(180), completed="yes"))
    part, whole = named(release, "completers"), named(release, "everyone")
    assert part.balance is not None and whole.balance is not None
    values = [(line.treated, line.treated_before, line.pool_before, line.comparison) for line in part.balance.covariates]
    assert all(isinstance(value, Suppressed) for line in values for value in line)
    assert part.profile == ()
    assert any(isinstance(line.treated, float) for line in whole.balance.covariates)
    shown = [line.smd for line in part.balance.covariates if not isinstance(line.smd, Suppressed)]
    assert shown and all(value == round(value, 2) for value in shown)


def test_an_analysis_made_by_a_level_of_a_few_people_is_counted_not_named() -> None:
    small = [analysis(f"site-{i}", range(10 * i, 10 * i + i), site=str(i), planned=False) for i in (3, 9)]
    planned = analysis("site-hidden", range(5), site="5")
    release = released(*small, planned, analysis("site-large", range(100, 190), site="x", planned=False))
    assert [found.name for found in release.analyses] == ["everyone", "site-hidden", "site-large"]
    assert release.unnamed_analyses == 2
    assert named(release, "site-hidden").status == "withheld"
    assert named(release, "site-hidden").people.treated == Suppressed()


def test_sizes_of_the_needs_runs_are_hidden_where_they_differ_by_a_few() -> None:
    findings = make_findings()
    whole = analysis("everyone", EVERYBODY)
    runs = (
        NeedsRun("everyone", "with_needs", analysis("everyone", range(200))),
        NeedsRun("everyone", "same_people", analysis("everyone", range(202))),
        NeedsRun("everyone", "everyone", analysis("everyone", EVERYBODY)),
    )
    release = control(replace(findings, analyses=(whole,), needs=runs)).release
    assert [run.n_treated for run in release.needs] == [200, Suppressed(), 240]
    effect = release.needs[0].outcomes[0].effect
    assert isinstance(effect.estimate, float) and effect.estimate == round(effect.estimate, 2)
    assert isinstance(effect.se, Suppressed) and effect.role == "needs"


def test_nothing_of_a_release_holds_the_people_of_an_analysis() -> None:
    from datalab.disclosure.safety import walk

    release = released(analysis("completers", range(180), completed="yes"))
    assert not [path for path, _ in walk(release) if "members" in path or "row_ids" in path]


def test_the_order_of_the_analyses_decides_nothing_but_importance() -> None:
    """The same analyses in another order give the same sets, but for whose turn it was."""
    parts = [analysis("a", range(100), completed="yes"), analysis("b", range(150), attended="yes")]
    assert admitted(*parts).withheld == admitted(*reversed(parts)).withheld == frozenset()


def make_study(*others: AnalysisFindings) -> Findings:
    findings = make_findings()
    return replace(findings, analyses=(analysis("everyone", EVERYBODY), *others))


def test_decisions_name_what_was_withheld_and_never_a_small_level() -> None:
    close = analysis("completers", range(237), completed="yes")
    small = analysis("site-x", range(4), site="x", planned=False)
    decisions = control(make_study(close, small)).decisions
    assert ("close_analysis", "completers", "withheld") in {(d.rule, d.subject, d.action) for d in decisions}
    assert ("small_level", "analyses", "merged") in {(d.rule, d.subject, d.action) for d in decisions}
    assert not [d for d in decisions if "site-x" in d.subject]
