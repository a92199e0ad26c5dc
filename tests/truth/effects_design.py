"""A made-up population with a known effect, and the cheap design that holds the estimators to account (design 3.8).

Independent of the package's own synthetic country. Cheap design: `replicates` draws of people, each matched once, times
`redraws` of their outcomes; the Monte Carlo error is taken between replicates, since redraws share their people. Every
replicate of a cell has its own seed, so the figures do not depend on which process worked on which cell.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from datalab.balance import gate
from datalab.effects.estimate import estimate_sample, outcome_design
from datalab.effects.results import OutcomeResult
from datalab.effects.sample import Sample, draw_sample
from datalab.matching import MatchSettings, match
from datalab.table import AnalysisTable, Covariate, Measure, Outcome

NUMERIC, BINARY, LEVELS = 17, 9, (4, 6, 8, 3)
SUPERPOPULATION = 120_000
BASE_RATE, R_SQUARED = 0.40, 0.195
SELECTION_SD = {"moderate": 0.6, "strong": 1.2, "poor": 2.0}
# Under "poor" selection a product and a square of two numbers, which models of main effects lack, carry this share of the
# variance of the risk's predictor and of the choice's. How wrong a model is cannot be read off a table: both numbers were
# set so that the population weighs as few people (about 5 %) and matching alone leaves as much of the naive bias (about a
# fifth) as in the estimator study's own poor scenario.
BENT_SHARE = 0.10
ATT = -0.04
TREATED_DRAWS = 4  # of the treated people's outcomes, for each draw of the pool's
MEASURES = {
    "rate": Measure("rate", "binary", "Rate"),
    "frequency": Measure("frequency", "count", "Frequency"),
    "days": Measure("days", "days", "Days"),
}


@dataclass(frozen=True)
class Population:
    """Covariates of everybody, the linear predictor of risk, and that of being selected (SD 1, centred)."""

    numeric: np.ndarray
    codes: np.ndarray
    risk: np.ndarray
    choice: np.ndarray

    @property
    def p(self) -> np.ndarray:
        return 1 / (1 + np.exp(-self.risk))


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _calibrated(raw: np.ndarray) -> np.ndarray:
    """a + b raw such that the mean risk is BASE_RATE and var(p) / p(1-p) is R_SQUARED."""

    def at(b: float) -> np.ndarray:
        low, high = -8.0, 8.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if _logistic(middle + b * raw).mean() < BASE_RATE else (low, middle)
        return low + b * raw

    low, high = 0.1, 5.0
    for _ in range(40):
        b = (low + high) / 2
        enough = _logistic(at(b)).var() / (BASE_RATE * (1 - BASE_RATE)) > R_SQUARED
        low, high = (low, b) if enough else (b, high)
    return at(low)


@cache
def make_population(bent: bool = False, seed: int = 20130401) -> Population:
    """A latent criminality behind 17 numbers (some skewed), 9 yes/no and 4 categories (21 levels).

    bent: risk and choice hold a product and a square too, in the same direction, so that main effects alone are wrong.
    """
    rng = np.random.default_rng(seed)
    n = SUPERPOPULATION
    latent = rng.normal(size=n)
    loading = np.linspace(0.7, 0.0, NUMERIC)
    numeric = latent[:, None] * loading + rng.normal(size=(n, NUMERIC)) * np.sqrt(1 - loading**2)
    numeric[:, ::4] = np.exp(0.5 * numeric[:, ::4])  # counts and gaps are skewed
    cut = rng.normal(size=(n, BINARY)) + 0.5 * latent[:, None] > np.linspace(-0.5, 1.5, BINARY)
    codes = np.stack([np.minimum((m * rng.beta(1.0, 1.5, n)).astype(int), m - 1) for m in LEVELS], axis=1)
    level = [rng.normal(scale=0.3, size=m) for m in LEVELS]
    chance = [rng.normal(scale=0.5, size=m) for m in LEVELS]
    risk_b, choice_b = rng.normal(scale=0.15, size=NUMERIC + BINARY), rng.normal(scale=0.25, size=NUMERIC + BINARY)
    x = np.hstack([numeric, cut])
    risk = x @ (risk_b + 0.25 * (np.arange(NUMERIC + BINARY) < 6)) + sum(b[c] for b, c in zip(level, codes.T, strict=True))
    choice = x @ choice_b + sum(b[c] for b, c in zip(chance, codes.T, strict=True))
    risk, choice = (risk - risk.mean()) / risk.std(), (choice - choice.mean()) / choice.std()
    choice -= (choice @ risk / n) * risk + 0.30 * risk  # people of lower risk take part more often
    choice = _standard(choice)
    if bent:
        first, second = numeric[:, 1], numeric[:, 2]
        bend = _standard(_standard(first * second) + _standard(second**2))
        risk = np.sqrt(1 - BENT_SHARE) * risk + np.sqrt(BENT_SHARE) * bend
        choice = _standard(np.sqrt(1 - BENT_SHARE) * choice - np.sqrt(BENT_SHARE) * bend)
    return Population(x, codes, _calibrated(risk), choice)


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def population_of(selection: str) -> Population:
    """The population that a kind of selection is from."""
    return make_population(bent=selection == "poor")


@dataclass(frozen=True)
class People:
    """One replicate: rows of the population, who is treated."""

    rows: np.ndarray
    treated: np.ndarray


@dataclass(frozen=True)
class Cell:
    """What is varied: people in the programme, pool, selection, caliper."""

    n: int
    selection: str
    pool: int = 5_000
    sites: int = 0
    site_sd: float = 0.0  # of the sites' shifts of the log odds


def tilt(cell: Cell) -> np.ndarray:
    """Chance of each member of the population to be drawn into the programme: exponential tilting of the population."""
    weight = np.exp(SELECTION_SD[cell.selection] * population_of(cell.selection).choice)
    return weight / weight.sum()


@cache
def log_odds_shift(selection: str, att: float = ATT) -> float:
    """The constant shift of the log odds whose mean effect on the treated is `att`."""
    population, weight = population_of(selection), tilt(Cell(0, selection))
    low, high = -3.0, 3.0
    for _ in range(60):
        middle = (low + high) / 2
        effect = weight @ (_logistic(population.risk + middle) - population.p)
        low, high = (middle, high) if effect < att else (low, middle)
    return low


def naive_bias(selection: str) -> float:
    """Mean risk of the selected minus that of the population, with no effect at all."""
    population = population_of(selection)
    return float(tilt(Cell(0, selection)) @ population.p - population.p.mean())


def seed_of(seed: int, cell: Cell, measure: str) -> int:
    """A seed of the cell's own, the same in every process."""
    return zlib.crc32(f"{seed} {cell} {measure}".encode())


def draw_people(cell: Cell, rng: np.random.Generator) -> People:
    """Treated by tilting, pool at random."""
    treated = rng.choice(SUPERPOPULATION, cell.n, replace=True, p=tilt(cell))
    pool = rng.choice(SUPERPOPULATION, cell.pool, replace=False)
    return People(np.concatenate([treated, pool]), np.arange(cell.n + cell.pool) < cell.n)


def make_table(people: People, sites: int = 0, population: Population | None = None) -> AnalysisTable:
    """The package's table of these people, outcomes to be added; treated people spread evenly over the sites."""
    population = population or make_population()
    n = people.rows.size
    covariates = [Covariate(f"x{j}", f"x{j}", population.numeric[people.rows, j].copy()) for j in range(NUMERIC + BINARY)]
    for j, m in enumerate(LEVELS):
        levels = tuple(str(level) for level in range(m))
        covariates.append(Covariate(f"c{j}", f"c{j}", population.codes[people.rows, j].astype(np.int64), levels, levels))
    ids, none = np.arange(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    site = np.where(people.treated, ids % sites, -1) if sites else none - 1
    return AnalysisTable(ids, ids, people.treated, tuple(covariates), (), none, site)


Draw = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def draw_rate(risk: np.ndarray, shift: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(risk.size) < _logistic(risk + shift)).astype(float)


def draw_frequency(risk: np.ndarray, shift: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Overdispersed counts, mean about 1 (gamma mixed Poisson)."""
    mean = np.exp(-0.1 + 0.55 * (risk + 0.5) + shift)
    return rng.poisson(mean * rng.gamma(1.0, 1.0, risk.size)).astype(float)


def draw_days(risk: np.ndarray, shift: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Days worked of 365, more than half of them 0."""
    share = _logistic(-0.6 - 0.9 * (risk + 0.5) + shift)
    return np.where(rng.random(risk.size) < share, np.floor(366 * rng.beta(1.2, 1.0, risk.size)), 0.0)


DRAWS: dict[str, Draw] = {"rate": draw_rate, "frequency": draw_frequency, "days": draw_days}


@dataclass(frozen=True)
class Draws:
    """Estimates of a cell, (replicates, redraws): estimate, low, high, se, p, width of the classic interval,
    more people needed for an effect of 4 points. One a replicate: balanced, effective size, share unmatched."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    se: np.ndarray
    p: np.ndarray
    classic_width: np.ndarray
    needed: np.ndarray
    passed: np.ndarray
    effective: np.ndarray
    unmatched: np.ndarray


def _figures(result: OutcomeResult) -> tuple[float, ...]:
    effect, classic = result.effect, result.classic
    if effect is None or classic is None:
        raise ValueError(result.reason)
    needed = float("nan") if result.people_needed is None else result.people_needed
    return effect.estimate, effect.low, effect.high, effect.se, effect.p, classic.high - classic.low, needed


def _redraw(sample: Sample, y: np.ndarray) -> Sample:
    """The same sample with other outcomes of the treated: m0 has never seen them, so it need not be fitted again."""
    return replace(sample, treated=replace(sample.treated, y=y))


def run_cell(
    cell: Cell,
    measure: str,
    shifts: tuple[float, ...],
    seed: int,
    replicates: int,
    redraws: int,
    stated: float = -ATT,
) -> tuple[Draws, ...]:
    """The cheap design of one cell: people drawn and matched `replicates` times, outcomes `redraws` times each.

    One Draws for each of `shifts` of the treated people's linear predictor; they share people and comparison outcomes.
    The pool's outcomes, which carry about a tenth of the variance, are drawn for every fourth redraw only. stated: effect
    that people needed are counted for. A match that fails the gate is estimated all the same, so that the estimator is
    judged and not the gate.
    """
    population, draw, own = population_of(cell.selection), DRAWS[measure], seed_of(seed, cell, measure)
    found = np.empty((len(shifts), replicates, redraws, 7))
    passed, effective, unmatched = np.empty(replicates, bool), np.empty(replicates), np.empty(replicates)
    for i in range(replicates):
        rng = np.random.default_rng([own, i])
        people = draw_people(cell, rng)
        table = make_table(people, cell.sites, population)
        gated = gate(table, match(table, MatchSettings()))
        design = outcome_design(table, gated.match)
        passed[i], effective[i] = gated.balance.passed, gated.match.effective_pool
        unmatched[i] = 1 - gated.balance.matched_share
        risk, none = population.risk[people.rows], np.zeros(people.rows.size)
        matched = gated.match.matched & people.treated
        for j in range(redraws):
            if j % TREATED_DRAWS == 0:
                outcome = Outcome(MEASURES[measure], draw(risk, none, rng))
                sample = draw_sample(table, gated.match, outcome, design)
            here = rng.normal(scale=cell.site_sd, size=cell.sites)[table.cluster] if cell.sites else none
            for s, shift in enumerate(shifts):
                chosen = _redraw(sample, draw(risk[matched], here[matched] + shift, rng))
                found[s, i, j] = _figures(estimate_sample(chosen, outcome.measure, "headline", stated))
    return tuple(Draws(*np.moveaxis(one, 2, 0), passed, effective, unmatched) for one in found)


@dataclass(frozen=True)
class Figure:
    """A share or mean with its Monte Carlo standard error between replicates."""

    value: float
    error: float

    def __str__(self) -> str:
        return f"{100 * self.value:6.2f} ±{100 * self.error:.2f}"


def over_replicates(values: np.ndarray) -> Figure:
    """Mean of (replicates, redraws) values; error between the replicates' means."""
    by_replicate = values.mean(axis=1)
    return Figure(float(by_replicate.mean()), float(by_replicate.std(ddof=1) / np.sqrt(by_replicate.size)))


def se_over_sd(draws: Draws) -> Figure:
    """Mean standard error over the real spread of the estimates; error by leaving out one replicate after the other."""
    replicates, redraws = draws.estimate.shape
    size = replicates * redraws

    def ratio(se: np.ndarray, total: np.ndarray, squares: np.ndarray, n: int) -> np.ndarray:
        return (se / n) / np.sqrt(squares / n - (total / n) ** 2)

    sums = [values.sum(axis=1) for values in (draws.se, draws.estimate, draws.estimate**2)]
    without = ratio(*(s.sum() - s for s in sums), size - redraws)
    spread = np.sqrt((replicates - 1) / replicates * ((without - without.mean()) ** 2).sum())
    return Figure(float(ratio(*(s.sum() for s in sums), size)), float(spread))


def width_over_classic(draws: Draws) -> Figure:
    """Mean width of the default interval over the classic one's."""
    ratio = (draws.high - draws.low).mean(axis=1) / draws.classic_width.mean(axis=1)
    whole = (draws.high - draws.low).mean() / draws.classic_width.mean()
    return Figure(float(whole), float(ratio.std(ddof=1) / np.sqrt(ratio.size)))
