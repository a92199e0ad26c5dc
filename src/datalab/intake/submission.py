"""From an upload to a Submission: read, locate, clean, and find every fault at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from datalab.constraints import Options, Range, require
from datalab.errors import InputError
from datalab.fields.justice.upload import UPLOAD
from datalab.intake.checks import Person, Rules, check_row, duplicate_faults
from datalab.intake.dates import OrderDecision, decide_order
from datalab.intake.headings import Layout, find_layout
from datalab.intake.readers import read_source
from datalab.intake.report import describe_faults
from datalab.intake.results import Fault, Submission, name_key
from datalab.intake.rows import Row, find_rows
from datalab.schema.coverage import Coverage
from datalab.schema.form import Form
from datalab.wording import say

PARAMETERS: dict[str, Options | Range] = {"date_order": Options(("auto", "dmy", "mdy")), "minimum_rows": Range(low=1, whole=True)}
SEVERITY_ORDER = {"file": 0, "row": 1, "note": 2}


def read_submission(
    path: Path,
    today: date,
    coverage: Coverage | None = None,
    date_order: str = "auto",
    minimum_rows: int = UPLOAD.minimum_rows,
    *,
    form: Form = UPLOAD,
) -> Submission:
    """Reads an upload (CSV, XLSX, ODS) and finds every fault at once; raises only for its own parameters (UsageError).

    today: no date of birth, start or index date may lie after it. coverage: what is loaded; None leaves those checks out.
    date_order: how 01/02/2012 is meant; `auto` decides from the file and refuses one that leaves it open.
    minimum_rows: fewer usable rows are a fault of the file. Deterministic; no value of a cell is in any fault.

    >>> [fault.rule for fault in read_submission(Path("absent.csv"), date(2016, 1, 31)).faults]
    ['no_file']
    """
    require(PARAMETERS, {"date_order": date_order, "minimum_rows": minimum_rows})
    source = read_source(path, form)
    faults = list(source.faults)
    layout = None
    if source.sheets:
        layout, found = find_layout(source.sheets, form)
        faults += found
    if layout is None:
        return Submission(_people_table([], (), form), 0, _in_order(faults, form), source.sha256)
    checked = _check_rows(layout, form, today, coverage, date_order)
    faults += checked.faults
    usable = [person for person in checked.people if person.usable]
    if any(fault.severity == "file" for fault in faults):
        usable = []
    elif len(usable) < minimum_rows:
        faults.append(Fault("too_few", "file", values={"count": len(usable), "minimum": minimum_rows}))
    groups = tuple(sorted(layout.group_columns))
    table = _people_table(usable, groups, form)
    unusable = tuple(sorted(name_key(person.values) for person in checked.people if not person.usable))
    return Submission(table, len(checked.people), _in_order(faults, form), source.sha256, groups, unusable)


@dataclass(frozen=True)
class _Checked:
    people: list[Person]
    faults: list[Fault]


def _check_rows(layout: Layout, form: Form, today: date, coverage: Coverage | None, date_order: str) -> _Checked:
    rows, faults = find_rows(layout, form.required)
    decision, order_faults = _decide(rows, form, date_order)
    asked = any(fault.severity == "file" for fault in order_faults)
    rules = Rules(form, today, decision.order, asked, coverage, frozenset(layout.columns))
    lost = {fault.row for fault in faults if fault.severity == "row"}
    people: list[Person] = []
    for row in rows:
        person, found = check_row(row, layout.group_columns, rules)
        people.append(Person(person.row, person.values, person.usable and person.row not in lost))
        faults += found
    faults += order_faults + duplicate_faults(people)
    if coverage is not None and not {"index_date", "conviction_date"} & set(layout.columns):
        faults.append(Fault("no_index_dates", "note"))
    return _Checked(people, faults)


def _decide(rows: list[Row], form: Form, date_order: str) -> tuple[OrderDecision, list[Fault]]:
    names = [field.name for field in form.fields if field.kind == "date"]
    decision = decide_order((row.text(name) for row in rows for name in names), date_order)
    if decision.is_undecided:
        rule = "date_orders_mixed" if decision.day_first and decision.month_first else "date_order_open"
        return decision, [Fault(rule, "file")]
    if decision.order != "mdy" or date_order != "auto":
        return decision, []
    return decision, [Fault("dates_half_converted", "file", column=name) for name in names if _is_half_converted(rows, name)] or [
        Fault("read_month_first", "note")
    ]


def _is_half_converted(rows: list[Row], name: str) -> bool:
    # A day-first spreadsheet turns month-first text into true dates where it can, days and months swapped, and leaves
    # the rest as text: such a column holds both, and the true dates cannot be trusted.
    texts = [row.text(name) for row in rows if name not in row.dates]
    return any(name in row.dates for row in rows) and decide_order(texts).month_first > 0


def _in_order(faults: Iterable[Fault], form: Form) -> tuple[Fault, ...]:
    columns = {name: place for place, name in enumerate(form.names)}

    def place(fault: Fault) -> tuple[int, int, str, str, int]:
        column = columns.get(fault.column or "", -1 if fault.column is None else len(columns))
        return SEVERITY_ORDER[fault.severity], column, fault.column or "", fault.rule, fault.row or 0

    return tuple(sorted(faults, key=place))


def _people_table(people: list[Person], groups: tuple[str, ...], form: Form) -> pa.Table:
    kinds = {field.name: pa.date32() if field.kind == "date" else pa.string() for field in form.fields}
    kinds |= {name: pa.string() for name in groups}
    arrays = {name: pa.array([person.values.get(name) for person in people], kind) for name, kind in kinds.items()}
    rows = pa.array([person.row for person in people], pa.int64())
    return pa.table({"row": rows, **arrays})


def require_usable(submission: Submission) -> Submission:
    """The same submission where it can be used; else raises InputError with every fault, notes left out.

    It cannot be used where a fault of the file stands; fewer usable rows than the minimum is such a fault.
    """
    if any(fault.severity == "file" for fault in submission.faults):
        faults = describe_faults(submission, notes=False)
        raise InputError(say("intake.refused", count=len(faults)), faults)
    return submission
