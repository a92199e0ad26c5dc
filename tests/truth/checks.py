"""The checks of design 3.8 on the independent population: each gives the lines of one cell of the truth table."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from tests.truth.effects_design import (
    ATT,
    MEASURES,
    Cell,
    Draws,
    Figure,
    draw_people,
    draw_rate,
    log_odds_shift,
    make_table,
    naive_bias,
    over_replicates,
    population_of,
    run_cell,
    se_over_sd,
    seed_of,
    width_over_classic,
)
from tests.truth.lines import Line

from datalab.effects.estimate import outcome_design
from datalab.effects.influence import difference
from datalab.effects.sample import draw_sample
from datalab.matching import MatchSettings, match
from datalab.table import AnalysisTable, Outcome

FALSE_POSITIVES = "false positives of the {}, %"
COVERAGE = "coverage of 95 % intervals at −4 points, %"
BIAS = "bias of the rate, models right, points"
SE_RATIO = "mean SE / real SD"
WIDTH = "interval width against classic"
WRONG = "bias left against naive, models wrong and poor overlap, %"
POOL = "a pool ten times larger moves the estimate by, points"
POWER = "power at the planned number, %"
SITES = "false positives with sites (CR3), %"
GATE = "share of studies that pass the balance gate"
NAMES = {"rate": "binary default", "frequency": "count log ratio", "days": "days"}
GATE_PUBLISHED = {(30, "moderate"): 0.72, (60, "moderate"): 1.0, (100, "moderate"): 1.0, (200, "moderate"): 1.0} | {
    (30, "strong"): 0.38,
    (60, "strong"): 0.82,
    (100, "strong"): 0.90,
    (200, "strong"): 0.98,
}


def false_positive_limits(measure: str, n: int) -> tuple[float, float]:
    """What the share of false positives (%) is held to."""
    if measure == "frequency":
        return -math.inf, 7.5 if n < 200 else 6.5
    if measure == "days":
        return (4.0, 6.5) if n >= 60 else (-math.inf, math.inf)
    if n < 60:
        return -math.inf, math.inf
    return (3.7, 6.3) if n < 100 else (4.0, 6.0)


def _line(row: str, cell: str, figure: Figure, low: float = -math.inf, high: float = math.inf, scale: float = 100.0) -> Line:
    return Line(row, cell, scale * figure.value, scale * figure.error, low, high, 2 if scale == 100 else 3)


def _found(draws: Draws) -> Figure:
    return over_replicates((draws.p < 0.05).astype(float))


def _covered(draws: Draws, truth: float) -> Figure:
    return over_replicates(((draws.low <= truth) & (truth <= draws.high)).astype(float))


def default_cell(n: int, selection: str, measure: str, pool: int, seed: int, replicates: int, redraws: int) -> tuple[Line, ...]:
    """False positives, coverage, bias, standard error and width of the default in one cell; for a rate with no effect and
    with −4 points."""
    cell, name = Cell(n, selection, pool), f"{selection}, n = {n:,}"
    shifts = (0.0, log_odds_shift(selection)) if measure == "rate" else (0.0,)
    null, *real = run_cell(cell, measure, shifts, seed, replicates, redraws)
    limits = (0.95, 1.05) if n >= 200 else (-math.inf, math.inf)
    lines = [
        _line(FALSE_POSITIVES.format(NAMES[measure]), name, _found(null), *false_positive_limits(measure, n)),
        _line(SE_RATIO, f"{NAMES[measure]}, {name}", se_over_sd(null), *limits, scale=1),
    ]
    if measure == "rate":
        lines += _rate_lines(n, name, null, real[0])
        lines.append(_gate_line(n, selection, name, null))
    return tuple(lines)


def _rate_lines(n: int, name: str, null: Draws, real: Draws) -> list[Line]:
    near = (-0.3, 0.3) if n >= 200 else (-math.inf, math.inf)
    covers = (94.0, 96.0) if n >= 100 else (-math.inf, math.inf)
    ratio = (0.95, 1.05) if n >= 200 else (-math.inf, math.inf)
    return [
        _line(COVERAGE, name, _covered(real, ATT), *covers),
        _line(BIAS, f"no effect, {name}", over_replicates(null.estimate), *near),
        _line(BIAS, f"−4 points, {name}", over_replicates(real.estimate - ATT), *near),
        _line(SE_RATIO, f"binary default at −4 points, {name}", se_over_sd(real), *ratio, scale=1),
        _line(WIDTH, name, width_over_classic(null), -math.inf, 0.93 if n >= 60 else math.inf, scale=1),
    ]


def _gate_line(n: int, selection: str, name: str, draws: Draws) -> Line:
    published = GATE_PUBLISHED.get((n, selection))
    passed = draws.passed.astype(float)
    beside = "" if published is None else f" (the study: {published:.2f})"
    error = passed.std(ddof=1) / np.sqrt(passed.size)
    return Line(GATE, name + beside, float(passed.mean()), float(error))


def pool_redrawn(
    table: AnalysisTable, risk: np.ndarray, settings: MatchSettings, redraws: int, rng: np.random.Generator
) -> float:
    """Mean of the default estimate over redraws of the pool's outcomes, from which the outcome model learns, the treated
    people's outcomes being their own chances: the estimate is linear in these, so that only noise is taken out."""
    found = match(table, settings)
    design, none, estimates = outcome_design(table, found), np.zeros(table.n), []
    for _ in range(redraws):
        y = np.where(table.treated, 1 / (1 + np.exp(-risk)), draw_rate(risk, none, rng))
        sample = draw_sample(table, found, Outcome(MEASURES["rate"], y), design)
        estimates.append(difference(sample.treated, sample.comparison))
    return float(np.mean(estimates))


def matched_difference(table: AnalysisTable, risk: np.ndarray, settings: MatchSettings) -> float:
    """Difference of the matched groups' mean chances: what matching alone leaves, without an outcome model or any noise."""
    found, p = match(table, settings), 1 / (1 + np.exp(-risk))
    return float(p[table.treated & found.matched].mean() - found.weights[~table.treated] @ p[~table.treated])


def _figure(values: np.ndarray) -> Figure:
    return Figure(float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size)))


def wrong_models(n: int, pool: int, terms: Literal["main", "rich"], seed: int, replicates: int, redraws: int) -> tuple[Line, ...]:
    """Bias left by main effects, or with squares and products, where both models lack what drives risk and choice and the
    groups hardly overlap; no effect. The naive bias is that of the whole population."""
    cell, population = Cell(n, "poor", pool), population_of("poor")
    plain, left = np.empty(replicates), np.empty(replicates)
    for i in range(replicates):
        rng = np.random.default_rng([seed_of(seed, cell, "rate"), i])
        people = draw_people(cell, rng)
        table, risk = make_table(people, population=population), population.risk[people.rows]
        plain[i] = matched_difference(table, risk, MatchSettings(terms=terms))
        left[i] = pool_redrawn(table, risk, MatchSettings(terms=terms), redraws, rng)
    naive, name = naive_bias("poor"), f"{terms} terms, n = {n:,}"
    most = {"main": 20.0, "rich": 5.0}[terms]
    lines = []
    for cell_name, values, limit in ((name, left, most), (f"matching alone, {name}", plain, math.inf)):
        bias = _figure(values)
        lines.append(Line(WRONG, cell_name, *(100 * abs(v / naive) for v in (bias.value, bias.error)), -math.inf, limit, 1))
    note = f"{name}: bias in points (naive {100 * naive:.2f})"
    return *lines, _line(WRONG, note, _figure(left))


def larger_pool(
    n: int, selection: str, seed: int, replicates: int, redraws: int, pools: tuple[int, int] = (5_000, 50_000)
) -> tuple[Line, ...]:
    """How far matching alone and the default estimate move when the same kind of pool is ten times larger; no effect."""
    population, found = population_of(selection), np.empty((2, replicates, 2))
    for i in range(replicates):
        for j, pool in enumerate(pools):
            rng = np.random.default_rng([seed_of(seed, Cell(n, selection, 0), "rate"), i])
            people = draw_people(Cell(n, selection, pool), rng)
            table, risk = make_table(people, population=population), population.risk[people.rows]
            found[0, i, j] = matched_difference(table, risk, MatchSettings())
            found[1, i, j] = pool_redrawn(table, risk, MatchSettings(), redraws, rng)
    cell = f"{selection}, n = {n:,}, {pools[0]:,} to {pools[1]:,}"
    names = ("matching alone", "the default")
    moved = found[:, :, 1] - found[:, :, 0]
    return tuple(_line(POOL, f"{name}, {cell}", _figure(each), -0.3, 0.3) for name, each in zip(names, moved, strict=True))


def planned_power(selection: str, points: float, pilot: int, seed: int, replicates: int, redraws: int) -> tuple[Line, ...]:
    """Power at the number that pilots of `pilot` people call for, for a stated effect of `points`."""
    att = -points / 100
    first = run_cell(Cell(pilot, selection), "rate", (0.0,), seed, 40, 10, stated=-att)[0]
    planned = pilot + int(np.median(first.needed))
    real = run_cell(Cell(planned, selection), "rate", (log_odds_shift(selection, att),), seed, replicates, redraws)[0]
    spread = np.quantile(pilot + first.needed, (0.1, 0.9))
    cell = f"{selection}, −{points:g} points, pilot of {pilot}: {planned:,} people ({spread[0]:,.0f} to {spread[1]:,.0f})"
    return (_line(POWER, cell, _found(real), 75.0, 86.0),)


def with_sites(sites: int, n: int, seed: int, replicates: int, redraws: int) -> tuple[Line, ...]:
    """False positives where the sites' log odds differ (SD 0.4); held to something from 10 sites on."""
    cell = Cell(n, "moderate", sites=sites, site_sd=0.4)
    draws = run_cell(cell, "rate", (0.0,), seed, replicates, redraws)[0]
    most = 7.5 if sites >= 10 else math.inf
    return (_line(SITES, f"{sites} sites, n = {n}", _found(draws), -math.inf, most),)
