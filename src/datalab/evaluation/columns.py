"""Turns the columns of a table into treatment, outcomes and covariates; every fault is named at once, never a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from datalab.evaluation.arrays import encode_text, floats_of
from datalab.table import Bools, Covariate, Floats, Ints, Kind, Measure, Outcome
from datalab.wording import say

KINDS: tuple[Kind, ...] = ("binary", "count", "days", "number", "time")
# More levels than this is a name or a code, not a category to match on.
MAXIMUM_LEVELS = 200
DAYS_PER_YEAR = 365
# In a smaller table whole numbers may well fill a range by chance.
FEWEST_IDS = 100
# Beyond this the squares of a column overflow, and nothing that is counted or measured about people comes near.
LARGEST_NUMBER = 1e12
_UNIT: dict[Kind, str] = {"binary": "share", "count": "per person", "days": "days", "number": "", "time": ""}


@dataclass(frozen=True)
class OutcomeRequest:
    """One outcome asked for: a column and its kind; for time also the event column (1 = it happened)."""

    column: str
    kind: Kind
    event: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column, self.event) if self.event else (self.column,)


@dataclass(frozen=True)
class Numbers:
    """A column as float64 (NaN = missing), or the fault that stops it."""

    values: Floats
    fault: str = ""


def read_numbers(table: pa.Table, name: str) -> Numbers:
    """A column of numbers or true/false as float64; text, dates, lists and infinite or huge values are a fault."""
    column = table.column(name)
    if fault := _type_fault(column.type):
        return Numbers(np.empty(0), say(f"evaluate.evaluate.{fault}", column=name))
    values = floats_of(column)
    # The ends of what is known (NaN where nothing is) tell of infinite and of very large values in two passes.
    largest = max(abs(float(np.fmin.reduce(values, initial=0.0))), abs(float(np.fmax.reduce(values, initial=0.0))))
    if largest == np.inf:
        return Numbers(values, say("evaluate.evaluate.infinite", column=name, count=int(np.isinf(values).sum())))
    if largest > LARGEST_NUMBER:
        return Numbers(values, say("evaluate.evaluate.too_large", column=name, limit=LARGEST_NUMBER))
    return Numbers(values)


def _type_fault(kind: pa.DataType) -> str:
    """The wording key of why a column of that type holds no numbers, "" where it does."""
    tests = {
        "no_values": (pa.types.is_null,),
        "not_utf8": (pa.types.is_binary, pa.types.is_large_binary),
        "dates": (pa.types.is_temporal,),
        "nested": (pa.types.is_nested,),
        "": (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal),
    }
    return next((key for key, found in tests.items() if any(test(kind) for test in found)), "not_numbers")


def read_treatment(table: pa.Table, name: str) -> tuple[Bools, list[str]]:
    """The treatment column as true/false, with its faults: it must hold 0 and 1, both, and nothing missing."""
    numbers = read_numbers(table, name)
    if numbers.fault:
        text = _is_text(table.schema.field(name).type)
        return np.zeros(table.num_rows, bool), [say("evaluate.evaluate.not_binary", column=name) if text else numbers.fault]
    values = numbers.values
    missing = int(np.isnan(values).sum())
    if missing:
        return np.zeros(values.size, bool), [say("evaluate.evaluate.missing", column=name, count=missing)]
    if not _is_binary(values):
        return np.zeros(values.size, bool), [say("evaluate.evaluate.not_binary", column=name)]
    treated = values == 1.0
    if treated.all():
        return treated, [say("evaluate.evaluate.all_treated", column=name)]
    return treated, [] if treated.any() else [say("evaluate.evaluate.none_treated", column=name)]


def _range_fault(values: Floats, request: OutcomeRequest) -> str:
    """The sentence for values that the kind does not allow, or an empty text."""
    name = request.column
    if request.kind == "binary" and not _is_binary(values):
        return say("evaluate.evaluate.not_binary", column=name)
    if request.kind == "count" and not ((values >= 0) & (values == np.floor(values))).all():
        return say("evaluate.evaluate.not_count", column=name)
    if request.kind == "days" and not ((values >= 0) & (values <= DAYS_PER_YEAR)).all():
        return say("evaluate.evaluate.not_days", column=name)
    if request.kind == "time" and not (values >= 0).all():
        return say("evaluate.evaluate.not_duration", column=name)
    if values.size and (values == values[0]).all():
        return say("evaluate.evaluate.outcome_constant", column=name)
    return ""


def read_outcome(table: pa.Table, request: OutcomeRequest) -> tuple[Outcome | None, list[str]]:
    """One outcome, or its faults: missing values are refused by count, values outside the kind by rule."""
    numbers = read_numbers(table, request.column)
    faults = [numbers.fault] if numbers.fault else []
    if not faults and np.isnan(numbers.values).any():
        faults.append(say("evaluate.evaluate.missing", column=request.column, count=int(np.isnan(numbers.values).sum())))
    if not faults and (fault := _range_fault(numbers.values, request)):
        faults.append(fault)
    event = None
    if request.event:
        event, more = _read_event(table, request.event)
        faults += more
    measure = Measure(request.column, request.kind, request.column, unit=_UNIT[request.kind], survival=request.kind == "time")
    return (None, faults) if faults else (Outcome(measure, numbers.values, event), [])


def _read_event(table: pa.Table, name: str) -> tuple[Bools | None, list[str]]:
    numbers = read_numbers(table, name)
    if numbers.fault:
        return None, [numbers.fault]
    if not _is_binary(numbers.values):
        return None, [say("evaluate.evaluate.not_binary", column=name)]
    return numbers.values == 1.0, []


def _is_binary(values: Floats) -> bool:
    return bool(((values == 0.0) | (values == 1.0)).all())


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_dictionary, pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(test(kind) for test in tests)


def read_covariate(table: pa.Table, name: str) -> tuple[Covariate | None, str]:
    """One covariate: numbers and true/false numeric, text categorical (missing is a level). Returns it or the fault."""
    kind = table.schema.field(name).type
    if _is_text(kind):
        return _categorical(table, name)
    numbers = read_numbers(table, name)
    if numbers.fault:
        return None, numbers.fault
    if _counts_rows(numbers.values):
        return None, say("evaluate.evaluate.id", column=name)
    return Covariate(name, name, numbers.values, family="covariates"), ""


def _counts_rows(values: Floats) -> bool:
    """Whether the values are one run of whole numbers, each once, as a number of the row or of the person is."""
    n = values.size
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    if n < FEWEST_IDS or high - low != n - 1 or not (values == np.floor(values)).all():
        return False
    return bool((np.bincount((values - low).astype(np.int64), minlength=n) == 1).all())


def _categorical(table: pa.Table, name: str) -> tuple[Covariate | None, str]:
    codes, levels = encode_text(table.column(name))
    if len(levels) > MAXIMUM_LEVELS:
        return None, say("evaluate.evaluate.levels", column=name, count=len(levels), limit=MAXIMUM_LEVELS)
    if len(levels) == codes.size > 1:
        return None, say("evaluate.evaluate.id", column=name)
    return Covariate(name, name, codes, levels, levels, "covariates"), ""


def group_codes(table: pa.Table, names: tuple[str, ...]) -> Ints:
    """One code a combination of the columns' values, in the order of their text (all 0 for no column)."""
    codes = np.zeros(table.num_rows, dtype=np.int64)
    for place, name in enumerate(names):
        own, levels = encode_text(table.column(name))
        codes = np.unique(codes * len(levels) + own, return_inverse=True)[1].astype(np.int64) if place else own
    return codes
