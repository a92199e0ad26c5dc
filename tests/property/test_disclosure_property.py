"""Random findings through disclosure control, looked at as an outsider would: by subtraction, division and bounds."""

from __future__ import annotations

import math
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.findings_factory import NUMERIC, STEPS, make_findings

from datalab.disclosure import control, load_thresholds
from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedOutcome, Suppressed
from datalab.disclosure.suppression import partition, protect, unprotected
from datalab.effects.results import AnalysisFindings, Findings

LIMITS = load_thresholds()
SLACK = 1e-6


def is_shown(value: object) -> bool:
    return not isinstance(value, Suppressed)


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `make_findings` (small to print where an example fails)."""
    categorical = []
    for place in range(draw(st.integers(1, 3))):
        weights = np.array(draw(st.lists(st.integers(1, 60), min_size=2, max_size=9)), dtype=float)
        levels = tuple(f"level {i}" for i in range(weights.size))
        categorical.append((f"c{place}", f"C {place}", "f", levels, tuple(weights / weights.sum())))
    return {
        "seed": draw(st.integers(0, 10_000)),
        "matched": draw(st.integers(20, 300)),
        "left_out": draw(st.one_of(st.integers(0, 12), st.integers(0, 150))),
        "pool": draw(st.integers(60, 1500)),
        "rate": draw(st.floats(0, 1)),
        "effect": draw(st.floats(-0.3, 0.3)),
        "categorical": tuple(categorical),
        "numeric": (*NUMERIC, ("rare", "Rare", "f", 0.01, 0.001)),
        "steps": tuple((step, reason, draw(st.integers(0, 40)) if place else 0) for place, (step, reason, _) in enumerate(STEPS)),
    }


@settings(max_examples=40)
@given(choices())
def test_nothing_small_can_be_read_or_subtracted(chosen: dict[str, Any]) -> None:
    findings = make_findings(**chosen)
    release = control(findings).release
    (analysis,), (found,) = release.analyses, findings.analyses
    check_ladder(release, findings)
    check_linkage(release, findings)
    check_people(release, analysis)
    if analysis.balance:
        check_balance(analysis, found)
    for outcome in analysis.outcomes:
        check_outcome(outcome, analysis, found)
    check_survival(analysis, found)


def check_ladder(release: Release, findings: Findings) -> None:
    shown = [step.n for step in release.attrition if is_shown(step.n)]
    assert all(n >= 10 for n in shown)
    assert all(one - other >= 10 for one, other in pairwise(shown))
    raw = {step.step: step.n for step in findings.attrition}
    assert all(step.n == raw[step.step] for step in release.attrition if is_shown(step.n))


def check_people(release: Release, analysis: ReleasedAnalysis) -> None:
    counts = [step.n for step in release.attrition] + [analysis.people.treated, analysis.people.matched]
    known = sorted({n for n in counts if is_shown(n)})
    assert all(other - one >= 10 for one, other in pairwise(known))


def check_linkage(release: Release, findings: Findings) -> None:
    """Those not linked in a hidden level lie between what the other hidden levels cannot hold and what it can hold."""
    raw = {(g.characteristic, g.level): g for g in findings.linkage.groups}
    for name, levels in groupby(release.linkage.groups, key=lambda group: group.characteristic):
        items = list(levels)
        for item in items:
            if is_shown(item.submitted):
                assert item.submitted >= 10
            if is_shown(item.linked_share) and (name, item.level) in raw:
                source = raw[name, item.level]
                assert min(source.linked, source.submitted - source.linked) >= 10
        hidden = [raw.get((name, item.level)) for item in items if not is_shown(item.linked_share)]
        if None in hidden or len(hidden) == len(items):
            continue
        missed = [group.submitted - group.linked for group in hidden]
        assert len(hidden) != 1
        for group, count in zip(hidden, missed, strict=True):
            total, others = sum(missed), sum(other.submitted for other in hidden if other is not group)
            low, high = max(0, total - others), min(group.submitted, total)
            for cell, ends in ((count, (low, high)), (group.linked, (group.submitted - high, group.submitted - low))):
                assert cell >= 10 or (ends[0] <= max(0, cell - 5) and ends[1] >= cell + 5)


def check_balance(analysis: ReleasedAnalysis, found: AnalysisFindings) -> None:
    matched, left_out = found.people.matched, found.people.treated - found.people.matched
    for name, group in groupby(analysis.balance.covariates, key=lambda line: line.name):
        lines = list(group)
        if not lines[0].level:
            continue
        raw = [line for line in found.balance.covariates if line.covariate == name]
        named = {line.level: line for line in raw}
        rest = [line for line in raw if line.level not in {item.level for item in lines}]
        sources = [[named[item.level]] if item.level in named else rest for item in lines]
        for column in ("treated_count_before", "treated_count", "pool_count_before", "pool_count"):
            counts = [sum(getattr(line, column) for line in source) for source in sources]
            hidden = [count for item, count in zip(lines, counts, strict=True) if not is_shown(item.treated)]
            assert all(count >= 10 for item, count in zip(lines, counts, strict=True) if is_shown(item.treated))
            if len(hidden) < len(lines):
                assert all(len(hidden) > 1 and sum(hidden) >= count + 5 for count in hidden if count < 10)
        for item, source in zip(lines, sources, strict=True):
            if is_shown(item.treated_before):
                assert left_out == 0 or sum(line.treated_count_before - line.treated_count for line in source) >= 10
            elif is_shown(item.smd) and item.smd:
                # Where all treated are hidden, the spread is that of what is shown: it tells nothing new.
                sd = (item.treated - item.comparison) / item.smd
                assert math.isclose(sd, math.sqrt(item.treated * (1 - item.treated)), rel_tol=1e-6)
            if is_shown(item.treated):
                assert 0 < item.treated < 1 and item.treated * matched >= 10 - SLACK
    rare = next(line for line in analysis.balance.covariates if line.name == "rare")
    assert not is_shown(rare.treated)
    for line in analysis.profile:
        if line.level and is_shown(line.left_out):
            assert line.left_out * left_out >= 10 - SLACK


def check_outcome(outcome: ReleasedOutcome, analysis: ReleasedAnalysis, found: AnalysisFindings) -> None:
    raw = next(item for item in found.outcomes if item.measure.name == outcome.measure)
    if outcome.status == "withheld":
        assert outcome.effect is None and not is_shown(outcome.treated)
        return
    assert raw.n_treated >= 30
    if raw.measure.kind == "binary" and is_shown(outcome.treated):
        least = 10 if raw.measure.among else 5
        assert least <= raw.treated_events <= raw.n_treated - least
        assert 10 <= raw.comparison_events <= raw.n_comparison - 10
    if is_shown(outcome.n_treated) and not raw.measure.among:
        assert analysis.people.matched - outcome.n_treated not in range(1, 10)
    if not is_shown(outcome.treated):
        assert not is_shown(outcome.effect.estimate) and not is_shown(outcome.comparison)


def check_survival(analysis: ReleasedAnalysis, found: AnalysisFindings) -> None:
    if analysis.survival is None:
        return
    exact = found.survival.treated.surviving
    real = [1.0, *(float(exact[point.day]) for point in analysis.survival.points)]
    assert all((one - other) * found.people.matched >= 10 - SLACK for one, other in pairwise(real))
    shares = [1.0, *(point.treated for point in analysis.survival.points)]
    people = [share * found.people.matched / 5 for share in shares[1:]]
    assert all(abs(fives - round(fives)) < SLACK or fives < 1 for fives in people)
    landmarks = [share for _, share, _ in analysis.survival.landmarks if is_shown(share)]
    assert all(min(abs(1 - share - other) for other in shares) < SLACK for share in landmarks)


@settings(max_examples=20)
@given(choices())
def test_strict_counts_are_multiples_of_5_and_totals_add_up(chosen: dict[str, Any]) -> None:
    findings = make_findings(**chosen)
    release = control(findings, "strict").release
    (analysis,) = release.analyses
    people = analysis.people
    counts = [people.treated, people.matched, people.pool, people.comparison, release.linkage.awaiting_review]
    counts += [value for step in release.attrition for value in (step.n, step.lost)]
    counts += [group.submitted for group in release.linkage.groups]
    counts += [value for outcome in analysis.outcomes for value in (outcome.n_treated, outcome.n_comparison)]
    assert all(value % 5 == 0 for value in counts if is_shown(value))
    for one, other in pairwise(release.attrition):
        if is_shown(one.n) and is_shown(other.n) and is_shown(other.lost):
            assert one.n == other.n + other.lost


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 60), min_size=2, max_size=8), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_every_suppressed_cell_stays_uncertain(rows: list[list[int]], seed: int) -> None:
    width = min(len(row) for row in rows)
    columns = np.array([row[:width] for row in rows])
    table = partition(columns, columns < 10)
    hidden = protect(table, 5)
    assert hidden[(columns < 10).any(axis=0)].all()
    assert hidden.all() or unprotected(table, hidden, 5).size == 0
    # The order of the levels decides nothing but ties.
    order = np.random.default_rng(seed).permutation(width)
    again = protect(partition(columns[:, order], columns[:, order] < 10), 5)
    assert columns[:, hidden].sum() == columns[:, order][:, again].sum()


@settings(max_examples=10)
@given(choices())
def test_the_same_findings_give_the_same_release(chosen: dict[str, Any]) -> None:
    findings = make_findings(**chosen)
    assert control(findings).release == control(findings).release
