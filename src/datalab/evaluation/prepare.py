"""Builds the AnalysisTable of a request: checks every name first, then every column, and refuses all faults at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from datalab.constraints import unknown
from datalab.errors import InputError, UsageError
from datalab.evaluation.arrays import MISSING_LEVEL, is_blank
from datalab.evaluation.columns import (
    KINDS,
    OutcomeRequest,
    group_codes,
    read_covariate,
    read_outcome,
    read_treatment,
)
from datalab.evaluation.readers import array_on_disk, outgrows
from datalab.evaluation.request import EvaluationRequest
from datalab.numerics.order import content_order
from datalab.numerics.repeats import find_repeats
from datalab.table import AnalysisTable, Bools, Covariate, Ints, Outcome, take_rows
from datalab.wording import say


def parse_outcome(text: object) -> OutcomeRequest:
    """`COLUMN:KIND`, or `DURATION:time:EVENT`. Raises UsageError for anything else.

    >>> parse_outcome("durat:time:returned").event
    'returned'
    """
    if not isinstance(text, str):
        raise UsageError(say("evaluate.evaluate.outcome_form", given=text, kinds=", ".join(KINDS)))
    duration, found, event = text.partition(":time:")
    if found and duration and event:
        return OutcomeRequest(duration, "time", event)
    column, _, kind = text.rpartition(":")
    if not column or kind not in KINDS or kind == "time":
        raise UsageError(say("evaluate.evaluate.outcome_form", given=text, kinds=", ".join(KINDS)))
    return OutcomeRequest(column, next(known for known in KINDS if known == kind))


def covariate_names(table: pa.Table, request: EvaluationRequest) -> tuple[str, ...]:
    """The covariates asked for, or every column that has no other part."""
    if request.covariates:
        return request.covariates
    taken = {request.treatment, *request.labels, *(name for outcome in request.outcomes for name in outcome.columns)}
    return tuple(name for name in table.column_names if name not in taken)


def _name_faults(table: pa.Table, request: EvaluationRequest) -> list[str]:
    parts = [("treatment", (request.treatment,)), ("covariates", request.covariates), ("exact", request.exact)]
    parts += [("outcome", outcome.columns) for outcome in request.outcomes]
    parts += [(label, (name,)) for label, name in (("person", request.person), ("cluster", request.cluster)) if name]
    faults = [
        unknown(part, name, table.column_names) for part, names in parts for name in names if name not in table.column_names
    ]
    asked = [outcome.column for outcome in request.outcomes]
    faults += [
        say("evaluate.evaluate.outcome_twice", column=name) for name in sorted({name for name in asked if asked.count(name) > 1})
    ]
    roles = [request.treatment, *dict.fromkeys(name for outcome in request.outcomes for name in outcome.columns)]
    both = [name for name in request.covariates if name in roles]
    faults += [say("evaluate.evaluate.treated_outcome", column=request.treatment)] if request.treatment in roles[1:] else []
    return faults + [say("evaluate.evaluate.two_parts", column=name) for name in both]


def _covariates(table: pa.Table, request: EvaluationRequest, memory: int | None) -> tuple[list[Covariate], list[str], list[str]]:
    """Covariates, faults, and warnings: constants are left out and named; so are unusable columns nobody asked for."""
    large = outgrows(table.num_rows, table.num_columns, memory)
    kept: list[Covariate] = []
    faults: list[str] = []
    warnings: list[str] = []
    for name in covariate_names(table, request):
        if name not in table.column_names:
            continue
        covariate, fault = read_covariate(table, name)
        if _is_empty(table.column(name), covariate):
            warnings.append(say("evaluate.evaluate.left_out", fault=say("evaluate.evaluate.no_values", column=name)))
        elif covariate is None:
            if name in request.covariates:
                faults.append(fault)
            else:
                warnings.append(say("evaluate.evaluate.left_out", fault=fault))
        elif covariate.is_constant:
            warnings.append(say("evaluate.evaluate.constant", column=name))
        else:
            kept.append(_on_disk(covariate, table.column(name)) if large else covariate)
    if not kept and not faults:
        faults.append(say("evaluate.evaluate.no_covariate"))
    return kept, faults, warnings


def _is_empty(column: pa.ChunkedArray, covariate: Covariate | None) -> bool:
    """Whether a column says nothing in any row, of whatever type it is."""
    if covariate is None:
        return bool(pa.types.is_null(column.type))
    return bool(covariate.is_constant and (column.null_count == len(column) or is_blank(column).all()))


def _on_disk(covariate: Covariate, column: pa.ChunkedArray) -> Covariate:
    """The covariate with its values on disk; those that are the column's own memory lie where the column lies."""
    own = column.type == pa.float64() and column.null_count == 0 and column.num_chunks == 1
    return covariate if own else replace(covariate, values=array_on_disk(covariate.values))


def _chosen(covariates: list[Covariate], request: EvaluationRequest) -> list[str]:
    """Says which columns were taken where none was named: something recorded after the treatment may be among them."""
    if request.covariates:
        return []
    return [say("evaluate.evaluate.all_columns", names=", ".join(covariate.name for covariate in covariates))]


def _groupings(table: pa.Table, request: EvaluationRequest, treated: Bools) -> list[str]:
    """Faults of the columns that make groups: a list or a record has no text to be equal by, and rows that name no person or
    no site would all be taken for one. In the pool, of whom nobody chose the site, a row without one stands for itself."""
    names = dict.fromkeys((*request.exact, *request.labels))
    nested = [name for name in names if name in table.column_names and pa.types.is_nested(table.schema.field(name).type)]
    faults = [say("evaluate.evaluate.nested", column=name) for name in nested]
    if request.person in set(table.column_names) - set(nested):
        count = int(np.count_nonzero(is_blank(table.column(request.person))))
        faults += [say("evaluate.evaluate.no_person", column=request.person, count=count)] if count else []
    if request.cluster in set(table.column_names) - set(nested):
        count = int(np.count_nonzero(is_blank(table.column(request.cluster)) & treated))
        faults += [say("evaluate.evaluate.no_site", column=request.cluster, count=count)] if count else []
    return faults


def _both_groups(person: Ints, treated: Bools, name: str) -> list[str]:
    """The fault of people who stand among the treated and in the pool: the variance takes the two groups for different
    people (design 3.2, formula 4), as a cohort of `run` makes sure of, and an earlier event of somebody treated knows what
    came after it."""
    sides = np.zeros((2, int(person.max(initial=0)) + 1), dtype=bool)
    sides[0, person[treated]] = sides[1, person[~treated]] = True
    count = int(np.count_nonzero(sides.all(axis=0)))
    return [say("evaluate.evaluate.both_groups", column=name, count=count)] if count else []


def _outcomes(table: pa.Table, request: EvaluationRequest) -> tuple[list[Outcome], list[str]]:
    asked = [outcome for outcome in request.outcomes if set(outcome.columns) <= set(table.column_names)]
    read = [read_outcome(table, outcome) for outcome in asked]
    return [outcome for outcome, _ in read if outcome], [fault for _, faults in read for fault in faults]


def _filled(covariates: list[Covariate]) -> Iterator[str]:
    """Which covariates have gaps, how many, and what is done about them."""

    def counted(gaps: list[tuple[Covariate, int]]) -> str:
        return ", ".join(
            say("evaluate.evaluate.filled_one", column=one.name, count=count, rows=one.values.size) for one, count in gaps
        )

    numbers = [(one, int(np.isnan(one.values).sum())) for one in covariates if not one.is_categorical]
    texts = [
        (one, int((one.values == one.levels.index(MISSING_LEVEL)).sum())) for one in covariates if MISSING_LEVEL in one.levels
    ]
    numbers = [(one, count) for one, count in numbers if count]
    if numbers:
        yield say("evaluate.evaluate.filled", count=len(numbers), names=counted(numbers))
    if texts:
        yield say("evaluate.evaluate.unknown_level", names=counted(texts))


def _told(treated: Bools, covariates: list[Covariate], outcomes: list[Outcome]) -> Iterator[str]:
    """What does not stop the analysis but must be known: covariates that repeat each other or are many, groups without event."""
    yield from _filled(covariates)
    for names in find_repeats(covariates):
        yield say("evaluate.evaluate.repeats", names=", ".join(names))
    columns, people = sum(max(len(covariate.levels), 1) for covariate in covariates), int(np.count_nonzero(treated))
    if columns > people:
        yield say("evaluate.evaluate.wide", columns=columns, count=people)
    timed = [outcome.measure.name for outcome in outcomes if outcome.measure.kind == "time"]
    if len(timed) > 1:
        yield say("evaluate.evaluate.first_curve", first=timed[0], others=", ".join(timed[1:]), count=len(timed) - 1)
    for outcome in outcomes:
        had = outcome.values > 0 if outcome.event is None else outcome.event
        if outcome.measure.kind == "number" or had[treated].any() == had[~treated].any():
            continue
        side = "pool" if had[treated].any() else "treated"
        yield say(f"evaluate.evaluate.no_events_{side}", column=outcome.measure.name)


def build_analysis_table(table: pa.Table, request: EvaluationRequest, memory: int | None = None) -> AnalysisTable:
    """The AnalysisTable of n = `table.num_rows` rows. memory: as `outgrows` has it; beyond it covariates lie on disk.

    Raises InputError naming every fault: unknown columns, a treatment that is not 0/1 or has one value, outcomes with
    missing values or values outside their kind, covariates asked for that cannot be used, no usable covariate. What can be
    done without is left out, and said in `warnings`.
    """
    faults = _name_faults(table, request)
    if table.num_rows == 0:
        _refuse([*faults, say("evaluate.evaluate.no_rows")])
    treated = np.zeros(table.num_rows, dtype=bool)
    if request.treatment in table.column_names:
        treated, more = read_treatment(table, request.treatment)
        faults += more
    outcomes, more = _outcomes(table, request)
    covariates, unusable, warnings = _covariates(table, request, memory)
    _refuse([*faults, *more, *unusable, *_groupings(table, request, treated)])
    rows = np.arange(table.num_rows, dtype=np.int64)
    person = group_codes(table, (request.person,)) if request.person else rows
    _refuse(_both_groups(person, treated, request.person) if request.person else [])
    cluster = _sites(table, request.cluster)
    timed = next((outcome for outcome in outcomes if outcome.measure.kind == "time"), None)
    prepared = AnalysisTable(
        row_id=rows,
        person=person,
        treated=treated,
        covariates=tuple(covariates),
        outcomes=tuple(outcomes),
        strata=group_codes(table, request.exact),
        cluster=cluster,
        duration=timed.values if timed else None,
        event=timed.event if timed else None,
        horizon=request.horizon or 365.0,
        warnings=(
            *_chosen(covariates, request),
            *warnings,
            *_one_site(cluster[treated], request),
            *_told(treated, covariates, outcomes),
        ),
    )
    return (
        _by_content(prepared, request, large=outgrows(rows.size, table.num_columns, memory)) if request.settles_ties else prepared
    )


def _by_content(table: AnalysisTable, request: EvaluationRequest, *, large: bool) -> AnalysisTable:
    """The table in an order that its rows' contents alone decide, so that who is taken among equals is the same for a
    file that was sorted another way."""
    covariates = sorted(table.covariates, key=lambda one: one.name)
    outcomes = sorted(table.outcomes, key=lambda one: one.measure.name)
    columns = [table.treated, *(one.values for one in covariates), table.strata, table.cluster]
    columns += [part for one in outcomes for part in (one.values, one.event) if part is not None]
    order = content_order((*columns, *([table.person] if request.person else [])), table.n)
    moved = replace(take_rows(table, order), row_id=table.row_id, person=table.person[order] if request.person else table.person)
    if not large:
        return moved
    return replace(moved, covariates=tuple(replace(one, values=array_on_disk(one.values)) for one in moved.covariates))


def _sites(table: pa.Table, name: str) -> Ints:
    """Codes of a column of sites, -1 where none is named."""
    if not name:
        return np.full(table.num_rows, -1, dtype=np.int64)
    return np.where(is_blank(table.column(name)), -1, group_codes(table, (name,)))


def _one_site(cluster: Ints, request: EvaluationRequest) -> list[str]:
    """Says that sites change nothing where all the treated are at one."""
    lone = bool(request.cluster) and bool((cluster == cluster[:1]).all())
    return [say("evaluate.evaluate.one_site", column=request.cluster)] if lone else []


def _refuse(faults: list[str]) -> None:
    if faults:
        raise InputError(say("evaluate.evaluate.refused", faults=say("errors.errors.faults_found", count=len(faults))), faults)
