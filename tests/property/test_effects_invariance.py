"""What must change neither balance nor estimate, interval, p-value, variance or curve: how the rows are laid out and named.

Whole analyses are compared, from the table to the findings, every number of them to 1e-9.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.matching_tables import make_table

from datalab.analysis import AnalysisSettings, analyse
from datalab.effects.results import AnalysisFindings
from datalab.matching import MatchSettings
from datalab.table import AnalysisTable, Covariate, Measure, Outcome, take_rows

TOLERANCE = 1e-9
SETTINGS = AnalysisSettings("all", headline="rate", research=True, sensitivity=False)
SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=12)


def make_study(seed: int, n: int = 260, sites: int = 0) -> AnalysisTable:
    """A table with gaps, several events of some people, every kind of outcome, one among a subgroup, times and sites."""
    rng = np.random.default_rng([seed, 7])
    table = make_table(n, seed=seed, strength=0.25, share=0.3)
    age, priors = table.covariates[0].values, table.covariates[1].values
    risk = 1 / (1 + np.exp(0.4 - 0.02 * (age - 35) - 0.3 * (priors - 2)))
    rate, days = (rng.random(n) < risk).astype(float), np.floor(366 * rng.beta(0.5, 1.0, n)).clip(0, 365)
    among = np.where(rate == 1, np.minimum(rng.gamma(2.0, 50.0, n), 365.0), np.nan)
    duration = np.minimum(np.ceil(rng.exponential(400, n)), 365.0)
    outcomes = (
        Outcome(Measure("rate", "binary", "Rate"), rate),
        Outcome(Measure("count", "count", "Count"), rng.poisson(0.3 + risk).astype(float)),
        Outcome(Measure("days", "days", "Days"), days),
        Outcome(Measure("number", "number", "Number"), rng.normal(risk, 1.0)),
        Outcome(Measure("first", "days", "First", among="reoffenders"), among),
    )
    gaps = np.where(rng.random(n) < 0.1, np.nan, priors)
    return replace(
        table,
        covariates=(table.covariates[0], replace(table.covariates[1], values=gaps), *table.covariates[2:]),
        outcomes=outcomes,
        duration=duration,
        event=duration < 365,
        cluster=np.where(table.treated & (sites > 0), rng.integers(0, max(sites, 1), n), -1),
    )


def numbers(value: Any, path: str = "") -> dict[str, float]:
    """Every number and truth value in a finding, by its place in it; lines of balance by covariate and level."""
    if isinstance(value, bool | int | float | np.number | np.bool_):
        return {path: float(value)}
    if isinstance(value, np.ndarray):
        return {f"{path}[{place}]": float(one) for place, one in enumerate(value)}
    if dataclasses.is_dataclass(value):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    elif isinstance(value, tuple):
        parts = {_name(one, place): one for place, one in enumerate(value)}
    else:
        return {}
    return {key: number for name, one in parts.items() for key, number in numbers(one, f"{path}.{name}").items()}


def _name(line: Any, place: int) -> str:
    return f"{line.covariate}|{line.level}" if hasattr(line, "level") and hasattr(line, "covariate") else str(place)


def figures(found: AnalysisFindings) -> dict[str, float]:
    """The figures of the findings that are told: who, balance, outcomes, curves. Not the bins of the overlap, whose counts
    may move at an edge for a rounding error, nor the rows' own ids."""
    parts = {name: getattr(found, name) for name in ("people", "balance", "outcomes", "survival")}
    return {key: value for name, part in parts.items() for key, value in numbers(part, name).items()}


def require_same(one: dict[str, float], other: dict[str, float]) -> None:
    assert one.keys() == other.keys()
    assert len(one) > 120
    far = {
        key: (value, other[key])
        for key, value in one.items()
        if not math.isclose(value, other[key], rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        and not (math.isnan(value) and math.isnan(other[key]))
    }
    assert far == {}


def statuses(found: AnalysisFindings) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(result.status, result.reason, result.verdict, result.notes) for result in found.outcomes]


def same_findings(one: AnalysisTable, other: AnalysisTable) -> None:
    first, second = analyse(one, SETTINGS), analyse(other, SETTINGS)
    assert (first.status, statuses(first)) == (second.status, statuses(second))
    require_same(figures(first), figures(second))


@FEW
@given(SEEDS, st.integers(0, 1000), st.sampled_from([0, 3, 8]))
def test_order_of_rows_changes_no_bit(seed: int, shuffle: int, sites: int) -> None:
    table = make_study(seed, sites=sites)
    order = np.random.default_rng(shuffle).permutation(table.n)
    first, second = analyse(table, SETTINGS), analyse(take_rows(table, order), SETTINGS)
    assert np.array_equal(*(np.array(list(figures(found).values())) for found in (first, second)), equal_nan=True)
    assert statuses(first) == statuses(second)
    assert first.matched_row_ids == second.matched_row_ids


@FEW
@given(SEEDS, st.permutations(range(5)))
def test_order_of_covariates_changes_nothing(seed: int, order: list[int]) -> None:
    table = make_study(seed)
    same_findings(table, replace(table, covariates=tuple(table.covariates[place] for place in order)))


@FEW
@given(SEEDS, st.permutations(range(4)))
def test_order_of_levels_changes_nothing(seed: int, order: list[int]) -> None:
    table = make_study(seed)
    region = table.covariates[4]
    codes = np.argsort(np.array(order))[region.values]
    moved = replace(region, values=codes, levels=tuple(region.levels[code] for code in order))
    same_findings(table, replace(table, covariates=(*table.covariates[:4], moved)))


@FEW
@given(SEEDS)
def test_names_of_levels_change_nothing(seed: int) -> None:
    table = make_study(seed)
    region = table.covariates[4]
    renamed = replace(region, levels=tuple(f"new {level}" for level in region.levels))
    first = analyse(table, SETTINGS)
    second = analyse(replace(table, covariates=(*table.covariates[:4], renamed)), SETTINGS)
    require_same(figures(first), {key.replace("new ", ""): value for key, value in figures(second).items()})


@FEW
@given(SEEDS, st.sampled_from([-50.0, 1.0, 1000.0, 1e-3]), st.sampled_from([0, 1, 2]))
def test_a_constant_added_to_a_covariate_changes_nothing(seed: int, constant: float, place: int) -> None:
    """Beside the means of that covariate themselves, which move by the constant."""
    table = make_study(seed)
    old = table.covariates[place]
    covariates = tuple(replace(c, values=c.values + constant) if c is old else c for c in table.covariates)
    first, second = (figures(analyse(each, SETTINGS)) for each in (table, replace(table, covariates=covariates)))
    means = {key for key in first if f".{old.name}|." in key and ".mean_" in key}
    assert len(means) == 4
    for key in means:
        assert math.isclose(first[key] + constant, second[key], rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    require_same({k: v for k, v in first.items() if k not in means}, {k: v for k, v in second.items() if k not in means})


@FEW
@given(SEEDS, st.sampled_from(["auto", "main", "rich"]))
def test_a_treated_copy_of_the_pool_has_no_effect(seed: int, terms: Any) -> None:
    """Everybody once as treated and once as comparison: no difference in anything, and p = 1."""
    table = make_study(seed)
    pool = take_rows(table, ~table.treated)
    n = pool.n
    both = take_rows(pool, np.tile(np.arange(n), 2))
    ids = np.arange(2 * n)
    copied = replace(both, row_id=ids, person=both.person + (table.n + 1) * (ids >= n), treated=ids >= n)
    found = analyse(copied, replace(SETTINGS, match=MatchSettings(terms=terms)))
    assert found.status == "estimated"
    assert found.balance is not None
    assert found.balance.max_smd < TOLERANCE
    assert [result.status for result in found.outcomes] == ["estimated"] * 5
    for result in found.outcomes:
        assert result.effect is not None
        assert abs(result.effect.estimate) <= TOLERANCE * max(1.0, abs(result.treated))
        assert result.effect.p > 1 - 1e-6
        assert result.verdict == "more_people"
    survival = found.survival
    assert survival is not None
    assert survival.rmst is not None
    assert abs(survival.rmst.estimate) < 1e-6
    np.testing.assert_allclose(survival.treated.surviving, survival.comparison.surviving, atol=TOLERANCE)
    assert survival.hazard_ratio is not None
    assert math.isclose(survival.hazard_ratio.ratio, 1.0, abs_tol=1e-6)


@FEW
@given(SEEDS, st.sampled_from([1e-3, 0.5, 4.0, 365.25]))
def test_the_unit_of_a_number_scales_its_effect_alone(seed: int, scale: float) -> None:
    """An outcome in other units: the effect and its interval in those units, the same p and verdict."""
    table = make_study(seed)
    number = table.outcomes[3]
    scaled = replace(table, outcomes=(number, replace(number, values=number.values * scale)))
    one, other = analyse(scaled, SETTINGS).outcomes
    assert one.effect is not None
    assert other.effect is not None
    for name in ("estimate", "low", "high", "se"):
        assert math.isclose(getattr(one.effect, name) * scale, getattr(other.effect, name), rel_tol=1e-7, abs_tol=1e-12)
    assert math.isclose(one.effect.p, other.effect.p, rel_tol=1e-6, abs_tol=1e-12)
    assert one.verdict == other.verdict


@FEW
@given(SEEDS)
def test_the_opposite_of_a_rate_has_the_opposite_effect(seed: int) -> None:
    table = make_study(seed)
    rate = table.outcomes[0]
    opposite = replace(table, outcomes=(rate, Outcome(Measure("stayed", "binary", "Stayed out"), 1 - rate.values)))
    one, other = analyse(opposite, SETTINGS).outcomes
    assert one.effect is not None
    assert other.effect is not None
    for name, mirror in (("estimate", "estimate"), ("low", "high"), ("high", "low")):
        assert math.isclose(getattr(one.effect, name), -getattr(other.effect, mirror), rel_tol=1e-7, abs_tol=TOLERANCE)
    assert math.isclose(one.effect.p, other.effect.p, rel_tol=1e-6, abs_tol=TOLERANCE)


@FEW
@given(SEEDS, st.permutations(range(5)))
def test_order_of_outcomes_changes_no_adjusted_p(seed: int, order: list[int]) -> None:
    table = make_study(seed)
    mixed = replace(table, outcomes=tuple(table.outcomes[place] for place in order))
    first, second = ({r.measure.name: r.p_holm for r in analyse(each, SETTINGS).outcomes} for each in (table, mixed))
    assert {name: repr(p) for name, p in first.items()} == {name: repr(p) for name, p in second.items()}


@FEW
@given(SEEDS)
def test_a_constant_covariate_changes_no_estimate(seed: int) -> None:
    table = make_study(seed)
    constant = Covariate("same", "Same", np.full(table.n, 3.0))
    first, second = (analyse(each, SETTINGS) for each in (table, replace(table, covariates=(*table.covariates, constant))))
    require_same(numbers(first.outcomes), numbers(second.outcomes))


@FEW
@given(SEEDS, st.sampled_from([0, 8]))
def test_copies_of_pool_people_with_halved_weights_change_nothing(seed: int, sites: int) -> None:
    """Each pool row twice at half the weight, still the same person's: neither balance, estimate nor variance moves."""
    table = make_study(seed, sites=sites)
    pool = np.flatnonzero(~table.treated)
    rows = np.concatenate([np.arange(table.n), pool])
    weights = np.where(table.treated, 1.0, 0.5)[rows]
    doubled = replace(take_rows(table, rows), row_id=np.arange(rows.size), case_weights=weights)
    first, second = (analyse(each, SETTINGS) for each in (table, doubled))
    assert (first.status, statuses(first)) == (second.status, statuses(second))
    # Efron's way with ties counts the rows that share a day, so the hazard ratio of copies is another (by a thousandth).
    told = ({key: value for key, value in figures(one).items() if "hazard_ratio" not in key} for one in (first, second))
    require_same(*told)
