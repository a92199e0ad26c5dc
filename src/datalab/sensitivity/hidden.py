"""What a trait that nobody recorded could do: robustness, benchmarks against recorded traits, wrong weights, E-value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace

import numpy as np

from datalab.effects.hidden_bias import (
    Left,
    Strength,
    WeightedMoments,
    beyond_chance,
    bias_of,
    columns_by_covariate,
    partial_f,
    robustness_value,
    times_as_strong,
    times_to_explain,
    weigh_moments,
)
from datalab.effects.results import Effect, OutcomeResult, SensitivityLine
from datalab.effects.tipping import e_value, effect_bounds, nearest_end, tipping_factor
from datalab.errors import InputError
from datalab.matching import match
from datalab.sensitivity.basis import Basis
from datalab.sensitivity.family import BENCHMARKS, WEIGHT_FACTORS
from datalab.table import Floats, Ints, take_rows

Strengths = dict[str, tuple[Strength, ...]]  # covariate to its strength for each measure


def hidden_lines(basis: Basis) -> Iterator[SensitivityLine]:
    """Robustness value and benchmarks of every measure, bounds and E-value of rates (design 3.5)."""
    moments = _moments(basis, basis.balanced.match.weights)
    strengths = benchmark_strengths(basis)
    for place, (_, result) in enumerate(basis.pairs):
        effect, left = result.effect, moments.left(place)
        if effect is None or left.treatment <= 0:
            continue
        yield _robustness(result, effect, left)
        yield from _benchmarks(result, effect, left, {name: found[place] for name, found in strengths.items()})
        if result.measure.kind == "binary":
            yield from _rate_lines(result, effect)


def _moments(basis: Basis, weights: Floats) -> WeightedMoments:
    return weigh_moments(basis.main_design, weights, basis.table.treated.astype(np.float64), np.nan_to_num(basis.values))


def benchmark_strengths(basis: Basis) -> Strengths:
    """How strong the strongest recorded covariates would be if nobody had recorded them.

    In a match that has balanced a covariate it tells nothing of treatment any more, so each is measured in the match made
    again without it. Those matched again are the few that promise the largest bias of the first measure before matching,
    each group weighing the same.
    """
    columns = columns_by_covariate(basis.table.covariates, basis.main_design)
    found: Strengths = {}
    for name in strongest(basis, columns):
        weights = _weights_without(basis, name)
        if weights is not None:
            moments = _moments(basis, weights)
            found[name] = tuple(_strength(basis, moments, columns[name], name, place) for place in range(len(basis.pairs)))
    return found


def _strength(basis: Basis, moments: WeightedMoments, columns: Ints, name: str, place: int) -> Strength:
    """What a covariate tells beyond chance, of the treatment and of the measure in this place."""
    degrees = {c.name: max(len(c.levels) - 1, 1) for c in basis.table.covariates}
    return beyond_chance(moments.strength(columns, place), moments, degrees[name], sum(degrees.values()) - degrees[name])


def strongest(basis: Basis, columns: dict[str, Ints]) -> list[str]:
    """The covariates whose leaving out promises most bias before matching, strongest first; none where there is only one."""
    if len(columns) < 2:
        return []
    treated, cases = basis.table.treated, basis.table.case_weights
    cases = np.ones(basis.table.n) if cases is None else cases
    weights = cases / np.where(treated, cases[treated].sum(), cases[~treated].sum())
    part = np.zeros(basis.table.n, dtype=bool)
    part[basis.some] = True
    moments = _moments(basis, np.where(basis.known & part, weights, 0.0))
    left = moments.left()
    bias = {name: bias_of(_strength(basis, moments, places, name, 0), left) for name, places in columns.items()}
    return sorted((name for name in bias if bias[name] > 0), key=lambda name: (-bias[name], name))[:BENCHMARKS]


def _weights_without(basis: Basis, name: str) -> Floats | None:
    """Weights of the match made again without a covariate, on a part of a large pool; None where nobody can be matched."""
    table, rows = basis.table, basis.some
    kept = tuple(covariate for covariate in table.covariates if covariate.name != name)
    part = replace(table, covariates=kept, outcomes=(), duration=None, event=None, negative_control=None)
    try:
        found = match(take_rows(part, rows), replace(basis.settings, terms="main"))
    except InputError:
        return None
    weights = np.zeros(table.n)
    weights[rows] = found.weights
    # Pseudo-values are known for the treated of the main match alone.
    return np.where(basis.known, weights, 0.0)


def _robustness(result: OutcomeResult, effect: Effect, left: Left) -> SensitivityLine:
    figures = (
        ("robustness", robustness_value(partial_f(effect.estimate, left))),
        ("robustness_interval", robustness_value(partial_f(nearest_end(effect), left))),
    )
    return SensitivityLine("hidden", "robustness", result.measure, figures=figures)


def _benchmarks(result: OutcomeResult, effect: Effect, left: Left, strengths: dict[str, Strength]) -> Iterator[SensitivityLine]:
    """A line a covariate. It warns where a trait no stronger than that could explain a difference that is claimed."""
    claimed = nearest_end(effect) != 0
    for name, strength in strengths.items():
        times = times_to_explain(effect.estimate, strength, left)
        figures = (
            ("times", times),
            ("bias", bias_of(times_as_strong(strength, 1.0), left)),
            ("share_of_treatment", strength.treatment),
            ("share_of_outcome", strength.outcome),
        )
        yield SensitivityLine("hidden", "benchmark", result.measure, figures=figures, subject=name, warns=claimed and times <= 1)


def _rate_lines(result: OutcomeResult, effect: Effect) -> Iterator[SensitivityLine]:
    """Wrong weights and the E-value; nothing where the adjusted comparison rate is not within 0 and 1."""
    near, measure = nearest_end(effect), result.measure
    if not (0 < result.treated < 1 and 0 < result.treated - effect.estimate < 1):
        return
    pair = tuple(tipping_factor(result.treated, value) for value in (effect.estimate, near))
    yield SensitivityLine("hidden", "tipping_weights", measure, figures=(("factor", pair[0]), ("factor_interval", pair[1])))
    for name, factor in WEIGHT_FACTORS.items():
        bounds = effect_bounds(result.treated, effect, factor)
        yield SensitivityLine("hidden", name, measure, figures=(("factor", factor), *asdict(bounds).items()))
    pair = tuple(e_value(result.treated, value) for value in (effect.estimate, near))
    yield SensitivityLine("hidden", "e_value", measure, figures=(("e_value", pair[0]), ("e_value_interval", pair[1])))
