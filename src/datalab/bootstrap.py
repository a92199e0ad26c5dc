"""A bootstrap of the whole procedure: people drawn again, score, match and outcome model made again (an option)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from datalab.constraints import Range, Rule, plain, refuse, require
from datalab.effects.estimate import outcome_design
from datalab.effects.influence import FEWEST_CLUSTERS, Variance, difference
from datalab.effects.intervals import LEVEL, influence_t
from datalab.effects.outcome_model import OutcomeModel
from datalab.effects.results import Effect, OutcomeResult
from datalab.effects.sample import draw_sample, is_followed
from datalab.errors import InputError
from datalab.matching import MatchSettings, match
from datalab.numerics.order import id_order
from datalab.progress import Progress, Silent
from datalab.table import AnalysisTable, Floats, Ints, Outcome, take_outcome, take_rows
from datalab.wording import say

FEWEST, MOST = 100, 100_000
RULES: dict[str, Rule] = {
    "bootstrap": Range(FEWEST, MOST, whole=True, hint="1000 is a usual choice; leave it out for none."),
    "seed": Range(0, 2**32 - 1, whole=True),
}
# With more samples than this that could not be matched, those that could tell nothing of the rest.
MOST_FAILED = 0.10
FAILED = "effects.notes.bootstrap_failed"


@dataclass(frozen=True)
class BootstrapSettings:
    """replicates: samples to draw. seed: of their draws. Raises UsageError naming every setting out of its range.

    >>> BootstrapSettings(200).seed
    1
    """

    replicates: int
    seed: int = 1

    def __post_init__(self) -> None:
        require(RULES, {"bootstrap": self.replicates, "seed": self.seed})


def asked_bootstrap(replicates: int, seed: int | None) -> BootstrapSettings | None:
    """The bootstrap asked for; None for 0 samples, which have no use for a seed. Raises UsageError.

    >>> asked_bootstrap(0, None), asked_bootstrap(500, None)
    (None, BootstrapSettings(replicates=500, seed=1))
    """
    if replicates == 0 and seed is not None:
        refuse([say("effects.notes.seed_unused", seed=seed)])
    return None if replicates == 0 else BootstrapSettings(plain(replicates), 1 if seed is None else plain(seed))


def bootstrap_outcomes(
    table: AnalysisTable,
    settings: MatchSettings,
    outcomes: Sequence[Outcome],
    results: Sequence[OutcomeResult],
    how: BootstrapSettings,
    *,
    outcome_model: OutcomeModel = "ridge",
    progress: Progress | None = None,
) -> tuple[OutcomeResult, ...]:
    """The results with a bootstrap's intervals beside their own: standard error with t, and percentiles.

    Treated and pool people are drawn again with all their rows, each group on its own; with five sites or more the sites of
    the treated are drawn instead. In every sample missing numbers, score, weights and outcome model are made again with
    `settings` (terms as the analysis found them); the balance gate is not asked again. table: as it was before imputation,
    outcomes (n,) known in every row. Randomness: numpy's PCG64 from the seed, one stream a sample, people in order of their
    codes, so that the order of rows does not show. Where more than a tenth of the samples cannot be matched, a note says so
    and nothing else. No gain over the intervals of design 3.2 was measured, which is why it is never the default.
    Source: Efron and Tibshirani 1993; Otsu and Rai 2017 (why single partners with replacement are not to be bootstrapped so).
    """
    progress = progress or Silent()
    progress.stage("bootstrap", how.replicates)
    order = id_order(table)
    rows = np.arange(table.n) if order is None else order
    table, outcomes = take_rows(table, rows), [take_outcome(outcome, rows) for outcome in outcomes]
    people = _People(table)
    drawn = np.full((how.replicates, len(outcomes)), np.nan)
    for sample in range(how.replicates):
        places = people.draw(np.random.default_rng([how.seed, sample]))
        drawn[sample] = _estimates(table, settings, outcomes, places, outcome_model)
        progress.step(sample + 1)
    df = people.sites - 1.0 if people.sites else None
    return tuple(_with_bootstrap(result, drawn[:, place], df) for place, result in enumerate(results))


class _People:
    """The units that are drawn: persons of each group, or the treated's sites."""

    def __init__(self, table: AnalysisTable) -> None:
        treated = np.flatnonzero(table.treated)
        named = np.unique(table.cluster[treated][table.cluster[treated] >= 0]).size
        self.by_site = named >= FEWEST_CLUSTERS
        units = table.cluster[treated] if self.by_site else table.person[treated]
        pool = np.flatnonzero(~table.treated)
        self.groups = (_Units(treated, units), _Units(pool, table.person[pool]))
        self.sites = self.groups[0].starts.size if self.by_site else 0

    def draw(self, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Places in the table of the rows drawn, and a code for each draw of a unit."""
        places, codes = zip(*(group.draw(rng) for group in self.groups), strict=True)
        return np.concatenate(places), np.concatenate([codes[0], codes[1] + self.groups[0].starts.size])


class _Units:
    """Rows in order of their unit, with where each unit starts and how many rows it has."""

    def __init__(self, rows: Ints, unit: Ints) -> None:
        order = np.argsort(unit, kind="stable")
        self.rows = rows[order]
        self.starts = np.flatnonzero(np.concatenate([[True], np.diff(unit[order]) != 0]))
        self.sizes = np.diff(np.append(self.starts, rows.size))

    def draw(self, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Places of the rows of as many units as there are, drawn with replacement, and the number of the draw."""
        chosen = np.sort(rng.integers(0, self.starts.size, self.starts.size))
        sizes = self.sizes[chosen]
        code = np.repeat(np.arange(chosen.size), sizes)
        within = np.arange(code.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.rows[self.starts[chosen][code] + within], code


def _estimates(
    table: AnalysisTable, settings: MatchSettings, outcomes: list[Outcome], drawn: tuple[Ints, Ints], model: OutcomeModel
) -> Floats:
    """The estimate of each outcome in one sample, NaN where there is none."""
    places, code = drawn
    none = np.full(len(outcomes), np.nan)
    sample = take_rows(replace(table, outcomes=(), negative_control=None), places)
    # Drawn twice a unit is two; the persons of a site stay as many as they are.
    person = _dense(code * np.int64(table.n + 1) + _dense(table.person)[places])
    sample = replace(sample, row_id=np.arange(places.size), person=person)
    try:
        found = match(sample, settings)
    except InputError:
        return none
    design = outcome_design(sample, found)
    groups = (sample.treated & found.matched, ~sample.treated)
    for place, outcome in enumerate(outcomes):
        own = take_outcome(outcome, places)
        if is_followed(own, groups, table.horizon):
            drawn_sample = draw_sample(sample, found, own, design, model)
            none[place] = difference(drawn_sample.treated, drawn_sample.comparison)
    return none


def _dense(codes: Ints) -> Ints:
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _with_bootstrap(result: OutcomeResult, drawn: Floats, df: float | None) -> OutcomeResult:
    known = drawn[~np.isnan(drawn)]
    if result.effect is None:
        return result
    if known.size < (1 - MOST_FAILED) * drawn.size or known.std() == 0:
        return replace(result, notes=(*result.notes, FAILED))
    estimate, se = result.effect.estimate, float(known.std(ddof=1))
    freedom = result.n_treated - 1.0 if df is None else df
    by_t = influence_t(estimate, Variance(se**2, 0.0, freedom), "bootstrap_t")
    return replace(result, bootstrap=by_t, percentile=percentile_effect(estimate, known))


def percentile_effect(estimate: float, drawn: Floats) -> Effect:
    """The percentile interval of the estimates drawn (m,); p is the level at which it just touches 0.

    >>> round(percentile_effect(1.0, np.arange(101.0)).low, 6)
    2.5
    """
    ranked = np.sort(drawn)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(ranked, [tail, 1 - tail])
    at_zero = float(np.interp(0.0, ranked, np.linspace(0, 1, ranked.size)))
    p = max(2 * min(at_zero, 1 - at_zero), 1 / (ranked.size + 1))
    return Effect(estimate, float(low), float(high), float(drawn.std(ddof=1)), p, float("inf"), "bootstrap_percentile")
