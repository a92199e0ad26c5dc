"""No programme effect, two traps: a delayed start, and people with many events. What the engine's cohort makes of them.

Every figure is in percentage points. Halves of a country take turns as programme and pool, so that most of the chance in
the outcomes cancels between the two estimates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from tests.cohort_world import QUALITY, connected, submission
from tests.truth.cohort_null_world import DELAY_DAYS, NullWorld, choose_treated, dates, make_null_world, names
from tests.truth.lines import Line

from datalab.cohort import Cohort, CohortSettings, build_cohort
from datalab.features import build_table
from datalab.fields.justice.measures import BY_NAME
from datalab.intake.results import Submission
from datalab.linkage.results import Links
from datalab.table import AnalysisTable

PLAN = CohortSettings(setting="community")
MOST_PRIORS = 25
FORTNIGHT = 14
DELAYS = "delays 0 to 6 months, no effect: bias, points"
EVENTS = "event-level pool, frequent reoffending, no effect: bias, points"


@dataclass(frozen=True)
class Null:
    """What one country showed, in points. estimate: the mean of its two halves. naive: of the analyses that fall into the
    trap, by name."""

    estimate: float
    naive: dict[str, float]


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


def delayed_start(seed: int, people: int) -> Null:
    """Programmes that start 0 to 6 months after the event, joined only by people with no further event by then.

    naive "at once": a pool whose clock starts at the index date, since people who came back at once never joined.
    """
    world = make_null_world(people, mean_rate=0.35, shape=0.6, seed=seed, flagged_share=0.5)
    estimates = []
    for half in swapped(world):
        person, index_day, start = choose_treated(half, DELAY_DAYS, seed=10 * seed)
        cohort, table = analyse(half, person, start)
        treated, pool = split(cohort, table)
        estimates.append(stratified(*treated, *pool))
    _, pool = split(*analyse(half, person, index_day))
    at_once = treated[1] // 10_000 * 10_000 + treated[1] % 100
    return Null(float(np.mean(estimates)), {"at once": stratified(treated[0], at_once, *pool)})


def one_event_a_person(table: AnalysisTable, of: str) -> NDArray[np.bool_]:
    """Pool events with only one for each person: the last, or one at random."""
    order = table.row_id if of == "last" else np.random.Generator(np.random.PCG64(5)).permutation(table.n)
    ranked = np.lexsort((-order, table.person))
    kept = np.zeros(table.n, dtype=bool)
    kept[ranked[np.unique(table.person[ranked], return_index=True)[1]]] = True
    return kept & ~table.treated


def many_events(seed: int, people: int) -> Null:
    """People with up to dozens of events; treated at random, each on one event, whatever came before.

    The pool of events is level; one event of each person, the last or a random one, is not, because people with
    more events after the index date have more to choose from.
    """
    world = make_null_world(people, mean_rate=1.2, shape=0.6, seed=seed, flagged_share=0.5)
    estimates = []
    for half in swapped(world):
        person, index_day, _ = choose_treated(half, 0, seed=10 * seed)
        cohort, table = analyse(half, person, index_day)
        treated, pool = split(cohort, table)
        estimates.append(stratified(*treated, *pool))
    rate, priors = table.outcomes[0].values, cells(cohort, table) % 100
    kept = {of: one_event_a_person(table, of) for of in ("last", "random")}
    naive = {of: stratified(treated[0], treated[1] % 100, rate[rows], priors[rows]) for of, rows in kept.items()}
    return Null(float(np.mean(estimates)), naive)


def null_lines(row: str, seeds: tuple[int, ...], people: int) -> tuple[Line, ...]:
    """The bias over several countries, with its Monte Carlo error, and that of the analyses that fall into the trap."""
    world = {DELAYS: delayed_start, EVENTS: many_events}[row]
    found = [world(seed, people) for seed in seeds]
    values = {"the engine's cohort": [one.estimate for one in found]}
    values |= {f"trap: {name}": [one.naive[name] for one in found] for name in found[0].naive}
    lines = []
    for name, each in values.items():
        most = 0.3 if name == "the engine's cohort" else np.inf
        error = np.std(each, ddof=1) / np.sqrt(len(each))
        lines.append(Line(row, f"{name}, {len(seeds)} countries", float(np.mean(each)), float(error), -most, most))
    return tuple(lines)
