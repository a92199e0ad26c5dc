"""No programme effect, two traps: a delayed start, and people with many events. The engine's cohort must show no effect.

Every figure is in percentage points. Halves of the country take turns as programme and pool, so that most of the chance in
the outcomes cancels between the two estimates; what remains was measured over seeds (see the docstrings).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from tests.cohort_world import QUALITY, connected, submission
from tests.truth.cohort_null_world import DELAY_DAYS, NullWorld, choose_treated, dates, make_null_world, names

from datalab.cohort import Cohort, CohortSettings, build_cohort
from datalab.features import build_table
from datalab.fields.justice.measures import BY_NAME
from datalab.intake.results import Submission
from datalab.linkage.results import Links
from datalab.table import AnalysisTable

PLAN = CohortSettings(setting="community")
MOST_PRIORS = 25
FORTNIGHT = 14


def upload_of(start: NDArray[np.int64]) -> Submission:
    empty = submission([]).people
    rows = {name: pa.nulls(start.size, empty.schema.field(name).type) for name in empty.column_names}
    rows |= {"row": pa.array(np.arange(start.size) + 2), "programme_start": dates(start)}
    return Submission(pa.table(rows), start.size, (), "0" * 64)


def links_of(world: NullWorld, person: NDArray[np.int64]) -> Links:
    """Flagged people who did not join are kept out of the pool like the treated: else the pool would lose its busy people."""
    rows = {
        "row": pa.array(np.arange(person.size) + 2),
        "person_id": names("p", person),
        "status": pa.repeat("accepted", person.size),
    }
    seen = frozenset(names("p", np.flatnonzero(world.flagged)).to_pylist())
    return Links(pa.table(rows), pa.table({}), seen, QUALITY, "test")


def analyse(
    world: NullWorld, person: NDArray[np.int64], start: NDArray[np.int64], plan: CohortSettings = PLAN
) -> tuple[Cohort, AnalysisTable]:
    with connected(world.tables, threads=2) as connection:
        cohort = build_cohort(connection, upload_of(start), links_of(world, person), plan, seed=1)
        return cohort, build_table(connection, cohort, (BY_NAME["rate"],), ("index", "history"))


def cells(cohort: Cohort, table: AnalysisTable) -> NDArray[np.int64]:
    """Stratum of each event: previous convictions, fortnight of the delay, month. All that tells of a Poisson rate."""
    values = {covariate.name: covariate.values for covariate in table.covariates}
    delay = values.get("delay_days", np.zeros(table.n)) // FORTNIGHT
    month = cohort.events["index_date"].to_numpy().astype("datetime64[M]").astype(np.int64)
    keys = np.stack([np.minimum(values["previous_convictions"], MOST_PRIORS), delay, month])
    powers = np.array([1, 100, 10_000])
    return (keys.astype(np.int64) * powers[:, None]).sum(axis=0)


def stratified(treated: NDArray[np.float64], of: NDArray[np.int64], pool: NDArray[np.float64], at: NDArray[np.int64]) -> float:
    """Treated minus pool within cells, weighted by the treated, in points; cells without both are left out."""
    names_, codes = np.unique(np.concatenate([of, at]), return_inverse=True)
    mine, theirs = codes[: of.size], codes[of.size :]
    n1, n0 = np.bincount(mine, minlength=names_.size), np.bincount(theirs, minlength=names_.size)
    both = (n1 > 0) & (n0 > 0)
    assert n1[both].sum() > 0.9 * of.size
    mean1 = np.bincount(mine, treated, names_.size)[both] / n1[both]
    mean0 = np.bincount(theirs, pool, names_.size)[both] / n0[both]
    return 100 * float(((mean1 - mean0) * n1[both]).sum() / n1[both].sum())


def split(
    cohort: Cohort, table: AnalysisTable
) -> tuple[tuple[NDArray[np.float64], NDArray[np.int64]], tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """(outcome, cell) of the treated and of the pool."""
    rate, cell = table.outcomes[0].values, cells(cohort, table)
    return (rate[table.treated], cell[table.treated]), (rate[~table.treated], cell[~table.treated])


def swapped(world: NullWorld) -> tuple[NullWorld, NullWorld]:
    return world, replace(world, flagged=~world.flagged)


def test_delayed_start_without_effect_shows_none() -> None:
    """Programmes that start 0 to 6 months after the event, joined only by people with no further event by then.

    Over seeds 1 to 4 the mean of the two halves was -0.09, 0.01, -0.08 and 0.15 points. A pool whose clock starts at the
    index date is out by more than a point, since people who came back at once never joined.
    """
    world = make_null_world(200_000, mean_rate=0.35, shape=0.6, seed=1, flagged_share=0.5)
    estimates = []
    for half in swapped(world):
        person, index_day, start = choose_treated(half, DELAY_DAYS, seed=10)
        cohort, table = analyse(half, person, start)
        treated, pool = split(cohort, table)
        estimates.append(stratified(*treated, *pool))
    _, pool = split(*analyse(half, person, index_day))
    at_once = treated[1] // 10_000 * 10_000 + treated[1] % 100
    naive = stratified(treated[0], at_once, *pool)
    assert abs(float(np.mean(estimates))) <= 0.3, estimates
    assert naive < -1, naive


def one_event_a_person(table: AnalysisTable, of: str) -> NDArray[np.bool_]:
    """Pool events with only one for each person: the last, or one at random."""
    order = table.row_id if of == "last" else np.random.Generator(np.random.PCG64(5)).permutation(table.n)
    ranked = np.lexsort((-order, table.person))
    kept = np.zeros(table.n, dtype=bool)
    kept[ranked[np.unique(table.person[ranked], return_index=True)[1]]] = True
    return kept & ~table.treated


def test_event_level_pool_with_frequent_reoffending_shows_no_effect() -> None:
    """People with up to dozens of events; treated at random, each on one event, whatever came before.

    The pool of events is level; one event of each person, the last or a random one, is not, because people with
    more events after the index date have more to choose from.
    """
    world = make_null_world(100_000, mean_rate=1.2, shape=0.6, seed=2, flagged_share=0.5)
    estimates = []
    for half in swapped(world):
        person, index_day, _ = choose_treated(half, 0, seed=20)
        cohort, table = analyse(half, person, index_day)
        treated, pool = split(cohort, table)
        estimates.append(stratified(*treated, *pool))
    rate, priors = table.outcomes[0].values, cells(cohort, table) % 100
    kept = {of: one_event_a_person(table, of) for of in ("last", "random")}
    last, random = (stratified(treated[0], treated[1] % 100, rate[rows], priors[rows]) for rows in kept.values())
    assert abs(float(np.mean(estimates))) <= 0.3, estimates
    assert last > 3, last
    assert random > 1, random
