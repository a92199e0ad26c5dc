"""Every check of a person's row and of the rows together; each gives faults, none stops the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from datalab.intake.cells import Reading, plain_text, read_cell, unsafe_rule
from datalab.intake.dates import Order
from datalab.intake.results import Fault, Severity
from datalab.intake.rows import Row
from datalab.schema.coverage import COHORT, EVENTS, Coverage
from datalab.schema.form import Field, Form

Value = str | date | None
# Dates that the central data must reach, and the kind of window that says so (design 2.1: both kinds are needed).
COVERED = (("index_date", COHORT, "outside_cohort"), ("programme_start", EVENTS, "outside_extract"))
NOT_AFTER_TODAY = ("date_of_birth", "programme_start", "index_date", "conviction_date")


@dataclass(frozen=True)
class Person:
    """A row read: its number, the value of each field and group column, and whether any fault makes it unusable."""

    row: int
    values: Mapping[str, Value]
    usable: bool


@dataclass(frozen=True)
class Rules:
    """What the checks of a row need to know besides the row."""

    form: Form
    today: date
    order: Order | None
    order_is_asked: bool  # an ambiguous date is then one fault of the file, not one a row
    coverage: Coverage | None
    columns: frozenset[str]


def check_row(row: Row, group_columns: tuple[str, ...], rules: Rules) -> tuple[Person, list[Fault]]:
    """Reads one row and finds all its faults."""
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    for field in rules.form.fields:
        if field.name in rules.columns:
            reading = read_cell(row.text(field.name), field, rules.today, rules.order)
            values[field.name] = reading.day if field.kind == "date" else reading.text
            faults += _cell_faults(reading, field, row.number, rules)
    for name in group_columns:
        text = plain_text(row.text(name))
        rule = unsafe_rule(text)
        values[name] = None if rule or not text else text
        faults += [Fault(rule, "note", row.number, name)] * bool(rule)
    for rule, severity, column, told in _rules_between(values, rules):
        faults.append(Fault(rule, severity, row.number, column, told))
        if severity == "note":
            values[column] = None
    return Person(row.number, values, not any(fault.severity == "row" for fault in faults)), faults


def _cell_faults(reading: Reading, field: Field, row: int, rules: Rules) -> Iterator[Fault]:
    severity: Severity = "row" if field.need == "required" else "note"
    if reading.note:
        yield Fault(reading.note, "note", row, field.name)
    if reading.rule and not (reading.rule == "ambiguous_date" and rules.order_is_asked):
        yield Fault(reading.rule, severity, row, field.name)
    if field.need == "required" and not (reading.rule or reading.text or reading.day):
        yield Fault("missing", "row", row, field.name)


def _rules_between(values: Mapping[str, Value], rules: Rules) -> Iterator[tuple[str, Severity, str, Mapping[str, object]]]:
    days = {name: value for name, value in values.items() if isinstance(value, date)}
    future = [name for name in NOT_AFTER_TODAY if name in days and days[name] > rules.today]
    for name in future:
        yield "in_future", "row" if name != "conviction_date" else "note", name, {}
    birth, start, end = (days.get(name) for name in ("date_of_birth", "programme_start", "programme_end"))
    if birth and start and not {"date_of_birth", "programme_start"} & set(future):
        low, high = rules.form.minimum_age_years, rules.form.maximum_age_years
        if not low <= age_years(birth, start) <= high:
            yield "age", "row", "date_of_birth", {"low": low, "high": high}
    if start and end and end < start and "programme_start" not in future:
        yield "end_before_start", "row", "programme_end", {}
    yield from _coverage_rules(days, future, rules.coverage)


def _coverage_rules(
    days: Mapping[str, date], future: list[str], coverage: Coverage | None
) -> Iterator[tuple[str, Severity, str, Mapping[str, object]]]:
    for name, kind, rule in COVERED if coverage else ():
        if coverage and name in days and name not in future and not coverage.contains(days[name], kind=kind):
            yield rule, "row", name, {"window": coverage.words(kind=kind)}


def age_years(birth: date, day: date) -> int:
    """Whole years of age on a day; someone born on 29 February has the birthday on 1 March of other years.

    >>> age_years(date(2000, 2, 29), date(2010, 2, 28)), age_years(date(2000, 2, 29), date(2010, 3, 1))
    (9, 10)
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def duplicate_faults(people: list[Person]) -> list[Fault]:
    """Notes on rows that are the person of an earlier row (same PNC ID or prison number, or same names and birth).

    Both rows are kept: linkage merges them and counts one. `as_row` is the earlier row.
    """
    first: dict[tuple[str, ...], int] = {}
    faults: list[Fault] = []
    for person in people:
        keys = list(_identity_keys(person))
        earlier = [first[key] for key in keys if key in first]
        if earlier:
            faults.append(Fault("duplicate", "note", person.row, values={"as_row": min(earlier)}))
        for key in keys:
            first.setdefault(key, person.row)
    return faults


def _identity_keys(person: Person) -> Iterator[tuple[str, ...]]:
    for name in ("pnc_id", "prison_number"):
        if value := person.values.get(name):
            yield name, str(value)
    named = [person.values.get(name) for name in ("forename", "surname", "date_of_birth")]
    if all(named):
        yield "names", *(str(value) for value in named)
