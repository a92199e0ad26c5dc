"""The roll of a study, and which of it a release publishes: rows that were lost, merged steps, needs runs, hidden numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.cohort_world import linked, submission
from tests.findings_factory import make_findings
from tests.register_tables import roll_of

from datalab.cohort.results import AttritionStep, Cohort
from datalab.disclosure import control
from datalab.disclosure.results import ReleasedGroup, ReleasedLinkage, ReleasedNeedsRun
from datalab.disclosure.values import CONFIDENTIAL
from datalab.effects.results import Findings, Members, NeedsRun
from datalab.errors import InternalError
from datalab.intake.results import Submission, name_key
from datalab.register.released import released_tables
from datalab.register.roll import SubmittedRow, call_roll

STEPS = (
    ("submitted", "none", 0),
    ("one_per_person", "duplicate", 4),
    ("linked", "awaiting_review", 11),
    ("linked", "not_linked", 22),
)


def upload(names: list[str], unusable: tuple[str, ...] = ()) -> Submission:
    people = submission([{"programme_start": None} for _ in names]).people
    for name, values in (("forename", names), ("surname", names), ("date_of_birth", ["1980-01-01"] * len(names))):
        people = people.append_column(name, pa.array(values, pa.string()))
    return Submission(people, len(names) + len(unusable), (), "0" * 64, unusable=unusable)


def no_events() -> pa.Table:
    dates = {name: pa.array([], pa.date32()) for name in ("index_date", "baseline_date", "clock_start")}
    return pa.table({"event_id": pa.array([], pa.int64()), "person_id": [], "kind": [], **dates})


def rows_of(names: list[str], persons: list[str | None], statuses: list[str], lost: dict[int, str]) -> set[SubmittedRow]:
    return set(call_roll(upload(names), linked(persons, statuses), Cohort(no_events(), (), {}, lost)).rows)


def test_every_row_is_called_with_the_reason_for_which_it_was_lost() -> None:
    rows = rows_of(["a", "b", "c", "d"], ["p0", "p0", "p2", None], ["accepted", "merged", "review", "unlinked"], {2: "no_event"})
    assert {(row.person, row.part, row.lost) for row in rows} == {
        ("p0", "1", "no_event"),
        ("p0", "2", "duplicate"),
        ("unlinked|c|c|1980-01-01|1", "1", "awaiting_review"),
        ("unlinked|d|d|1980-01-01|1", "1", "not_linked"),
    }


def test_a_row_that_nobody_was_found_for_is_known_again_and_two_of_one_name_are_two() -> None:
    once = rows_of(["Zoë", "Zoë"], [None, None], ["unlinked", "unlinked"], {})
    again = rows_of(["ZOE ", "zoe"], [None, None], ["unlinked", "unlinked"], {})
    assert once == again
    assert len({row.person for row in once}) == 2


def test_rows_that_could_not_be_read_are_called_too() -> None:
    key = name_key({"reference": "7", "forename": None, "surname": "", "date_of_birth": None})
    (row,) = call_roll(upload([], (key,)), linked([]), Cohort(no_events(), (), {})).rows
    assert (row.lost, "7" in row.person) == ("unreadable", True)


def findings(**changes: object) -> Findings:
    made = replace(make_findings(matched=160, left_out=31, survival=False, sensitivity=False, steps=STEPS), linkage=None)
    (found,) = made.analyses
    people = Members(np.arange(found.people.treated), np.arange(1000, 1000 + found.people.pool))
    return replace(made, analyses=(replace(found, matched_row_ids=tuple(range(160)), members=people),), **changes)


def sizes(made: Findings, **released: object) -> dict[str, int]:
    release = replace(control(made).release, **released)
    return {name: len(table.members) for name, table in released_tables(made, release, roll_of(made)).items()}


def test_the_steps_that_are_shown_are_those_that_were_merged() -> None:
    """Four duplicates are merged with those who await a decision."""
    assert sizes(findings()) == {
        "everyone, analysed": 160,
        "everyone, took part": 191,
        "step submitted": 228,
        "step linked": 213,
        "step linked (2)": 191,
        "step matched": 160,
    }


def test_the_groups_of_the_links_stand_for_the_step_that_they_add_up_to() -> None:
    groups = (ReleasedGroup("sex", "M", 200, 0.9), ReleasedGroup("ethnicity_of_linked", "white", 150, 1.0))
    shown = sizes(findings(), linkage=ReleasedLinkage(0.9, 0.0, 0.0, 0.0, 0, groups))
    assert shown["step one_per_person"] == 224
    hidden = tuple(replace(group, submitted=CONFIDENTIAL) for group in groups)
    assert "step one_per_person" not in sizes(findings(), linkage=ReleasedLinkage(0.9, 0.0, 0.0, 0.0, 0, hidden))


def test_a_run_of_the_needs_design_is_registered_where_its_size_is_shown() -> None:
    made = findings()
    run = NeedsRun("everyone", "same_people", replace(made.analyses[0], matched_row_ids=tuple(range(100))))
    made = replace(made, needs=(run,))
    shown = ReleasedNeedsRun("everyone", "same_people", "estimated", "", 100, 500, ())
    assert sizes(made, needs=(shown,))["everyone, same_people"] == 100
    assert "everyone, same_people" not in sizes(made, needs=())


def test_all_who_took_part_are_registered_where_those_analysed_are_too_few_to_count() -> None:
    made = findings()
    release = control(made).release
    few = control(
        replace(made, analyses=(replace(made.analyses[0], people=replace(made.analyses[0].people, matched=3)),))
    ).release
    people = replace(release.analyses[0].people, matched=few.analyses[0].people.matched)
    shown = sizes(made, analyses=(replace(release.analyses[0], people=people),))
    assert "everyone, analysed" not in shown
    assert shown["everyone, took part"] == 191


def test_a_number_that_is_not_that_of_its_people_is_refused() -> None:
    made = findings()
    roll = roll_of(made)
    with pytest.raises(InternalError, match="not as many as it counts"):
        released_tables(made, control(made).release, replace(roll, rows=roll.rows[1:]))


def test_the_step_of_an_analysis_of_some_people_counts_those_in_it() -> None:
    made = findings()
    *before, last = made.attrition
    (found,) = made.analyses
    inside = replace(found, people=replace(found.people, treated=175), members=Members(np.arange(175), np.arange(1000, 2000)))
    steps = (*before, AttritionStep("in_analysis", 175, 16, "outside_analysis"), AttritionStep("matched", 160, 15, "no_match"))
    assert last.n == 160
    assert sizes(replace(made, analyses=(inside,), attrition=steps))["step in_analysis"] == 175
