"""build_table: from a cohort to the AnalysisTable that matching takes, covariates and outcomes read in the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datalab.cohort.results import Cohort
from datalab.constraints import unknown
from datalab.engines.sql import Connection, compose, fetch, forget, hand_over
from datalab.errors import InternalError, UsageError
from datalab.features.covariates import FAMILY_QUERIES
from datalab.features.negative import LEFT_OUT, MOST_UNLOADED, RETOLD, control_parts
from datalab.features.ogrs3 import copas_rate, ogrs3
from datalab.features.outcomes import COHORT_TABLE, measure_query, outcome_parts
from datalab.fields.justice.covariates import BY_NAME, CovariateSpec, of_families
from datalab.fields.justice.measures import NEGATIVE_CONTROL, TAX_RECORDS
from datalab.fields.justice.reoffending import OFFENCE_CODE_TABLE, hand_over_offence_codes
from datalab.progress import Progress, Silent
from datalab.table import AnalysisTable, Bools, Covariate, Floats, Ints, Measure, NegativeControl, Outcome, Subgroup
from datalab.wording import say

STAGE = "features"
NOT_LOADED = "effects.withheld.not_loaded_{}"
YEAR_DAYS = 365
Columns = dict[str, np.ndarray[Any, Any]]


def build_table(
    connection: Connection,
    cohort: Cohort,
    measures: tuple[Measure, ...],
    families: tuple[str, ...],
    exact: tuple[str, ...] = (),
    *,
    with_control: bool = True,
    progress: Progress | None = None,
) -> AnalysisTable:
    """The cohort's covariates and outcomes, one row an event, sorted by event_id.

    measures: those with a query in `outcomes.QUERIES`; none: no outcome and no survival time is read. families: switches of
    `fields/justice/covariates.py`. exact: categorical covariates whose combinations are the exact strata, whether or not
    their family is switched on.
    Numeric gaps are NaN; a categorical gap is a level. Covariates with one value for everybody are left out and named in
    `warnings`. `cluster` is the establishment of the upload. A measure whose data do not reach over the follow-up of every
    treated event is withheld (`Outcome.withheld`); pool events they do not reach are outside its denominator.
    `negative_control`: see features/negative.py; with_control: whether it is read at all. Raises UsageError for an unknown
    measure, family or covariate.

    connection: one with the central views; only rows of the cohort come to Python.
    """
    told = progress or Silent()
    require_known(families, exact)
    events = cohort.events.sort_by("event_id")
    wanted = tuple(dict.fromkeys((*families, *(BY_NAME[name].family for name in exact))))
    told.stage(STAGE, len(wanted) + 2)
    try:
        hand_over_offence_codes(connection)
        hand_over(connection, COHORT_TABLE, events)
        columns = read_covariates(connection, wanted, events, told)
        # Where no measure is asked for, no record after the clock is read (a feasibility study relies on it).
        outcomes, found = read_outcomes(connection, measures, events) if measures else ((), {})
        told.step(len(wanted) + 1)
        control = read_control(connection, columns, families, events) if measures and with_control else None
    finally:
        forget(connection, (COHORT_TABLE, OFFENCE_CODE_TABLE))
    told.step(len(wanted) + 2)
    covariates, constant = shaped(columns, of_families(families))
    return AnalysisTable(
        row_id=_whole(events["event_id"]),
        person=codes_of(events["person_id"].to_pylist())[0],
        treated=_flags(events["treated"]),
        covariates=covariates,
        outcomes=outcomes,
        strata=strata([columns[name] for name in exact], events.num_rows),
        cluster=clusters(events),
        warnings=constant_warnings(constant),
        negative_control=control,
        **found,
    )


def require_known(families: tuple[str, ...], exact: tuple[str, ...]) -> None:
    """Refuses unknown families and exact names that are no categorical covariates, all at once (UsageError)."""
    allowed = [name for name, spec in BY_NAME.items() if spec.kind == "categorical"]
    faults = [unknown("families", name, FAMILY_QUERIES) for name in families if name not in FAMILY_QUERIES]
    faults += [
        say("features.refusals.exact_not_categorical", given=name, allowed=", ".join(allowed))
        if name in BY_NAME
        else unknown("exact", name, allowed)
        for name in exact
        if name not in allowed
    ]
    if faults:
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)


def read_covariates(connection: Connection, families: Iterable[str], events: pa.Table, told: Progress) -> Columns:
    """Name -> values (n,) of each covariate of the families, rows as in `events`; text for categories, NaN for gaps."""
    columns: Columns = {}
    for done, family in enumerate(families):
        rows = fetch(connection, FAMILY_QUERIES[family]())
        require_same_events(rows, events)
        columns |= {name: _values(rows[name]) for name in rows.column_names if name != "event_id"}
        told.step(done + 1)
    if "copas_rate" in {spec.name for spec in of_families(tuple(families))}:
        columns |= risk_scores(connection, columns, events)
    return columns


def risk_scores(connection: Connection, columns: Columns, events: pa.Table) -> Columns:
    """The Copas rate and OGRS3 from the history columns."""
    people = columns if "sex" in columns else read_people(connection)
    sanctions = (columns["previous_convictions"] + columns["previous_cautions"]).astype(np.int64)
    copas = copas_rate(sanctions, columns["years_since_first"])
    female = np.asarray(people["sex"] == "F", dtype=np.bool_)
    ages = _whole(events["age_years"])
    return {"copas_rate": copas, "ogrs3": ogrs3(ages, female, sanctions, copas, columns["offence_weight"])}


def read_people(connection: Connection) -> Columns:
    """Sex of each event's person, where the demographics are switched off."""
    rows = fetch(connection, FAMILY_QUERIES["demographics"]())
    return {"sex": _values(rows["sex"])}


def read_outcomes(
    connection: Connection, measures: tuple[Measure, ...], events: pa.Table
) -> tuple[tuple[Outcome, ...], dict[str, Any]]:
    """The measures' values; duration, event and horizon (days) of the survival curve; the subgroups that measures are among."""
    horizon = YEAR_DAYS * follow_up_years(events)
    parts = outcome_parts(tuple(measure.name for measure in measures), horizon)
    rows = fetch(connection, compose(parts, "select * from outcome order by event_id"))
    require_same_events(rows, events)
    treated = _flags(events["treated"])
    outcomes = tuple(read_outcome(measure, rows, treated) for measure in measures)
    found = {"duration": _numbers(rows["duration"]), "event": _flags(rows["is_event"]), "horizon": float(horizon)}
    known = (Subgroup(TAX_RECORDS, _flags(rows["is_known"])),) if "is_known" in rows.column_names else ()
    return outcomes, {**found, "subgroups": known}


def read_outcome(measure: Measure, rows: pa.Table, treated: Bools) -> Outcome:
    """One measure's values; withheld where its dataset does not reach over the follow-up of every treated event."""
    needs = measure_query(measure.name).needs
    if needs and not _flags(rows[f"{needs}_loaded"])[treated].all():
        return Outcome(measure, np.full(rows.num_rows, np.nan), withheld=NOT_LOADED.format(needs))
    return Outcome(measure, _numbers(rows[measure.name]))


def read_control(connection: Connection, columns: Columns, families: tuple[str, ...], events: pa.Table) -> NegativeControl | None:
    """The negative control; None where the records begin too late for its window in either group, or a group is empty.

    columns: the covariates as read for the cohort. Replaces `lab_cohort` by the same events with their history date set
    back to the start of the window, so nothing may be read from it afterwards.
    """
    rows = fetch(connection, compose(control_parts(), "select * from control order by event_id"))
    require_same_events(rows, events)
    treated, missing = _flags(events["treated"]), ~_flags(rows["is_loaded"])
    if any(not group.any() or missing[group].mean() > MOST_UNLOADED for group in (treated, ~treated)):
        return None
    back = pc.min_element_wise(events["history_date"], rows["window_start"])
    earlier = events.set_column(events.schema.get_field_index("history_date"), "history_date", back)
    hand_over(connection, COHORT_TABLE, earlier)
    retold = read_covariates(connection, [name for name in families if name in RETOLD], earlier, Silent())
    specs = tuple(spec for spec in of_families(families) if spec.name not in LEFT_OUT)
    covariates, _ = shaped({**columns, **retold}, specs)
    return NegativeControl(Outcome(NEGATIVE_CONTROL, _numbers(rows["offended"])), covariates)


def follow_up_years(events: pa.Table) -> int:
    """1 or 2: the follow-up of the cohort, read from its clocks."""
    if events.num_rows == 0:
        return 1
    days: int = (events["follow_up_end"][0].as_py() - events["clock_start"][0].as_py()).days
    return max(round(days / YEAR_DAYS), 1)


def require_same_events(rows: pa.Table, events: pa.Table) -> None:
    """Refuses a query that lost, doubled or reordered events (InternalError)."""
    if rows.num_rows != events.num_rows or not np.array_equal(_whole(rows["event_id"]), _whole(events["event_id"])):
        raise InternalError("a query of the features does not give one row for each event of the cohort")


def shaped(columns: Columns, specs: tuple[CovariateSpec, ...]) -> tuple[tuple[Covariate, ...], list[str]]:
    """Covariates in the list's order, and the names of those left out because they are the same for everybody."""
    made = [
        _categorical(spec, columns[spec.name]) if spec.kind == "categorical" else _numeric(spec, columns[spec.name])
        for spec in specs
    ]
    constant = [spec.name for spec, covariate in zip(specs, made, strict=True) if covariate.is_constant]
    return tuple(covariate for covariate in made if covariate.name not in constant), constant


def constant_warnings(names: Sequence[str]) -> tuple[str, ...]:
    """The sentence that names covariates left out because they are the same for everybody, where there are any."""
    return (say("features.warnings.constant", count=len(names), names="; ".join(names)),) if names else ()


def _numeric(spec: CovariateSpec, values: np.ndarray[Any, Any]) -> Covariate:
    return Covariate(spec.name, spec.label, values.astype(np.float64), family=spec.family)


def _categorical(spec: CovariateSpec, values: np.ndarray[Any, Any]) -> Covariate:
    """Codes into the levels that occur, in the list's order (in the order of the names where the list has none)."""
    found, inverse = np.unique(values.astype(str), return_inverse=True)
    labels = dict(spec.levels) or {str(level): str(level) for level in found}
    strange = [level for level in found if level not in labels]
    if strange:
        raise InternalError(f"{spec.name} has a level that the list of covariates does not know")
    levels = tuple(level for level in labels if level in set(found))
    place = np.array([levels.index(level) for level in found], dtype=np.int64)
    coded = place[inverse] if found.size else np.zeros(0, dtype=np.int64)
    return Covariate(spec.name, spec.label, coded, levels, tuple(labels[level] for level in levels), spec.family)


def strata(columns: list[np.ndarray[Any, Any]], n: int) -> Ints:
    """Code (n,) of the combination of the columns, in the order of their values; zeros where there is no column."""
    if not columns:
        return np.zeros(n, dtype=np.int64)
    return codes_of(["|".join(values) for values in zip(*(column.astype(str) for column in columns), strict=True)])[0]


def clusters(events: pa.Table) -> Ints:
    """Code of the establishment that the upload names, by name; -1 for the pool and where none is named."""
    names = events["establishment"].to_pylist()
    known = sorted({name for name in names if name})
    code = {name: place for place, name in enumerate(known)}
    return np.array([code.get(name, -1) for name in names], dtype=np.int64)


def codes_of(names: list[str]) -> tuple[Ints, list[str]]:
    """Codes of names in the names' own order, so that they do not depend on the order of the rows."""
    found, inverse = np.unique(np.array(names, dtype=str), return_inverse=True)
    return inverse.astype(np.int64), [str(name) for name in found]


def _values(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    return np.asarray(column.to_pylist(), dtype=object) if pa.types.is_string(column.type) else _numbers(column)


def _numbers(column: pa.ChunkedArray) -> Floats:
    """float64 with NaN for null."""
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _flags(column: pa.ChunkedArray) -> Bools:
    return np.asarray(column.to_numpy(), dtype=np.bool_)


def _whole(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.cast(pa.int64()).to_numpy(), dtype=np.int64)
