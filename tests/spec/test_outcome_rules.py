"""Every measure on small histories, number by number: what happened after the clock started, and what each measure says of it."""

# ruff: noqa: E501 (the tables are wide)

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from tests.cohort_world import World, connected, day, linked, submission

from datalab.cohort import CohortSettings, build_cohort
from datalab.features import build_table
from datalab.fields.justice.codes import OCCASION_KIND
from datalab.fields.justice.measures import BY_NAME, MEASURES, REOFFENDING, VIOLENT, WORK
from datalab.table import AnalysisTable

CLOCK = "2011-03-01"


def rows_of(text: str) -> list[list[str]]:
    """The cells of a table; the first line is its heading."""
    lines = [line.strip().strip("|").split("|") for line in text.strip().splitlines()]
    return [[cell.strip() for cell in line] for line in lines[1:]]


def measured(world: World, clock: str = CLOCK, months: int = 12, clocks: dict[str, str] | None = None) -> AnalysisTable:
    """The table of the people of the world, each sentenced to an order on the day of `clock`, or their own of `clocks`."""
    people = [row["person_id"] for row in world.rows["person"]]
    days = [(clocks or {}).get(person, clock) for person in people]
    for person, when in zip(people, days, strict=True):
        world.occasion(person, when, {"offence_date": "2009-01-01"}, outcome="community")
    upload = submission([{"programme_start": day(when), "index_date": day(when)} for when in days])
    with connected(world.tables()) as connection:
        plan = CohortSettings(setting="community", follow_up_months=months)
        return build_table(
            connection, build_cohort(connection, upload, linked(people), plan, seed=1), MEASURES, ("demographics",)
        )


def values_of(table: AnalysisTable, person: int = 0) -> dict[str, float]:
    """Each measure of the person of that number (in the order of their names)."""
    (row,) = np.flatnonzero(table.person == person)
    return {outcome.measure.name: float(outcome.values[row]) for outcome in table.outcomes}


# An occasion: day convicted, disposal, then its offences: day committed, i(ndictable) e(ither way) s(ummary), v = violent,
# b = breach, and the offence's own disposal where it is not the occasion's. Columns: rate, frequency, days to the first;
# first i e s; number i e s; first to custody, custodial sentences; violent.
HISTORIES = rows_of(
    """
    | case                                | history                                                                | rate | n | days | first | i e s | jail | v |
    | nothing                             |                                                                        | 0    | 0 | -    | - - - | - - - | - -  | 0 |
    | one offence, fined                  | 2011-07-01 fine 2011-06-01s                                            | 1    | 1 | 92   | 0 0 1 | 0 0 1 | 0 0  | 0 |
    | on the clock's day                  | 2011-07-01 fine 2011-03-01s                                            | 0    | 0 | -    | - - - | - - - | - -  | 0 |
    | the day after                       | 2011-07-01 fine 2011-03-02e                                            | 1    | 1 | 1    | 0 1 0 | 0 1 0 | 0 0  | 0 |
    | on 29 February, day 365             | 2012-03-05 fine 2012-02-29e                                            | 1    | 1 | 365  | 0 1 0 | 0 1 0 | 0 0  | 0 |
    | on the last day, day 366            | 2012-03-05 fine 2012-03-01e                                            | 1    | 1 | 366  | 0 1 0 | 0 1 0 | 0 0  | 0 |
    | proven on the last day of waiting   | 2012-09-01 fine 2011-06-01s                                            | 1    | 1 | 92   | 0 0 1 | 0 0 1 | 0 0  | 0 |
    | proven after the waiting period     | 2012-09-02 fine 2011-06-01s                                            | 0    | 0 | -    | - - - | - - - | - -  | 0 |
    | a breach, and nothing else          | 2011-07-01 custody 2011-06-01sb                                        | 0    | 0 | -    | - - - | - - - | - -  | 0 |
    | a breach dealt with beside a theft  | 2011-07-01 custody 2011-06-01sb 2011-05-01e-fine                       | 1    | 1 | 61   | 0 1 0 | 0 1 0 | 0 0  | 0 |
    | a caution                           | 2011-07-01 caution 2011-06-01s                                         | 1    | 1 | 92   | 0 0 1 | 0 0 1 | 0 0  | 0 |
    | two to custody on one occasion      | 2011-07-01 custody 2011-06-01e 2011-06-10e                             | 1    | 2 | 92   | 0 1 0 | 0 2 0 | 1 1  | 0 |
    | to custody on two occasions         | 2011-07-01 custody 2011-06-01e ; 2011-09-01 custody 2011-08-01s        | 1    | 2 | 92   | 0 1 0 | 0 1 1 | 1 2  | 0 |
    | first to a fine, then to custody    | 2011-07-01 fine 2011-06-01s ; 2011-09-01 custody 2011-08-01e           | 1    | 2 | 92   | 0 0 1 | 0 1 1 | 0 1  | 0 |
    | committed first, proven later       | 2011-12-01 custody 2011-04-01e ; 2011-07-01 fine 2011-06-01s           | 1    | 2 | 31   | 0 1 0 | 0 1 1 | 1 1  | 0 |
    | two on one day: the heavier court   | 2011-07-01 fine 2011-06-01s 2011-06-01iv                               | 1    | 2 | 92   | 1 0 0 | 1 0 1 | 0 0  | 1 |
    | the first is summary, others not    | 2011-07-01 fine 2011-06-01s 2011-06-02i 2011-06-03i 2011-06-04e        | 1    | 4 | 92   | 0 0 1 | 2 1 1 | 0 0  | 0 |
    | violence later on                   | 2011-07-01 fine 2011-06-01s ; 2012-01-05 fine 2012-01-01ev             | 1    | 2 | 92   | 0 0 1 | 0 1 1 | 0 0  | 1 |
    """
)
NAMES = [measure.name for measure in (*REOFFENDING, *VIOLENT)]


def add_history(world: World, history: str, person: str = "p") -> None:
    for occasion in filter(None, map(str.strip, history.split(";"))):
        proven, disposal, *given = occasion.split()
        offences = []
        for text in given:
            date, marks = text[:10], text[10:].split("-")[0]
            own = text[10:].split("-")[1] if "-" in text[10:] else disposal
            mode = {"i": "indictable", "e": "either_way", "s": "summary"}[marks[0]]
            code = "00801" if "v" in marks else "04910"
            offences.append(
                {"offence_date": date, "mode_of_trial": mode, "is_breach": "b" in marks, "code": code, "disposal": own}
            )
        world.occasion(person, proven, *offences, outcome=disposal)


@pytest.fixture(scope="module")
def histories() -> AnalysisTable:
    """All the histories, a person each."""
    world = World().coverage()
    for place, row in enumerate(HISTORIES):
        add_history(world, row[1], world.person(f"p{place:02d}"))
    return measured(world)


@pytest.mark.parametrize("place", range(len(HISTORIES)), ids=[row[0] for row in HISTORIES])
def test_the_eleven_measures_and_violence(place: int, histories: AnalysisTable) -> None:
    case, _, *expected = HISTORIES[place]
    got = values_of(histories, place)
    wanted = [math.nan if cell == "-" else float(cell) for cell in " ".join(expected).split()]
    order = [
        *("rate", "frequency", "days_to_first"),
        *("first_indictable_rate", "first_either_way_rate", "first_summary_rate"),
        *("first_indictable_frequency", "first_either_way_frequency", "first_summary_frequency"),
        *("custody_rate", "custody_frequency", "violent_rate"),
    ]
    assert sorted(order) == sorted(NAMES)
    np.testing.assert_array_equal([got[name] for name in order], wanted, err_msg=case)


def test_penalty_notices_have_no_row_to_be_counted() -> None:
    """They are no occasion that the records know: a table that holds one does not obey the schema."""
    assert [kind for kind, _ in OCCASION_KIND] == ["caution", "conviction"]


TWO_YEARS = rows_of(
    """
    | case                              | history                                                         | months | rate | n |
    | in the second year, one followed  | 2012-07-01 fine 2012-06-01s                                     | 12     | 0    | 0 |
    | in the second year, two followed  | 2012-07-01 fine 2012-06-01s                                     | 24     | 1    | 1 |
    | on the last day of two years      | 2013-03-02 fine 2013-03-01s                                     | 24     | 1    | 1 |
    | a day too late                    | 2013-03-05 fine 2013-03-02s                                     | 24     | 0    | 0 |
    | proven 30 months after            | 2013-09-01 fine 2013-02-01s                                     | 24     | 1    | 1 |
    | proven later than that            | 2013-09-02 fine 2013-02-01s                                     | 24     | 0    | 0 |
    | of the first year, proven late    | 2013-02-01 fine 2011-06-01s                                     | 24     | 1    | 1 |
    """
)


@pytest.mark.parametrize(("case", "history", "months", "rate", "n"), TWO_YEARS)
def test_two_years(case: str, history: str, months: str, rate: str, n: str) -> None:
    world = World().coverage()
    world.person("p")
    add_history(world, history)
    table = measured(world, months=int(months))
    got = values_of(table)
    assert (got["rate"], got["frequency"]) == (float(rate), float(n)), case
    assert table.horizon == 365 * int(months) / 12


# Employment: first to last day (never: still going on). Known: day since which the person is known to the records.
JOBS = rows_of(
    """
    | case                                | known      | clock      | jobs                                                    | any | 1m | 12m | days |
    | no job, but known                   | 2005-01-01 | 2011-03-01 |                                                         | 0   | 0  | 0   | 0    |
    | not known                           | never      | 2011-03-01 | 2011-04-01 2011-04-30                                   | -   | -  | -   | -    |
    | known on the clock's day            | 2011-03-01 | 2011-03-01 | 2011-04-01 2011-04-30                                   | -   | -  | -   | -    |
    | known the day before                | 2011-02-28 | 2011-03-01 | 2011-04-01 2011-04-30                                   | 1   | 1  | 0   | 30   |
    | ended on the clock's day            | 2005-01-01 | 2011-03-01 | 2010-01-01 2011-03-01                                   | 0   | 0  | 0   | 0    |
    | ended the day after                 | 2005-01-01 | 2011-03-01 | 2010-01-01 2011-03-02                                   | 1   | 0  | 0   | 1    |
    | begun on the last day               | 2005-01-01 | 2011-03-01 | 2012-03-01 never                                        | 1   | 0  | 1   | 1    |
    | begun a day too late                | 2005-01-01 | 2011-03-01 | 2012-03-02 never                                        | 0   | 0  | 0   | 0    |
    | in work all along, a leap year      | 2005-01-01 | 2011-03-01 | 2010-01-01 never                                        | 1   | 1  | 1   | 365  |
    | in work all along                   | 2005-01-01 | 2010-03-01 | 2010-01-01 never                                        | 1   | 1  | 1   | 365  |
    | two jobs at once                    | 2005-01-01 | 2011-03-01 | 2011-05-01 2011-05-31, 2011-05-11 2011-06-09            | 1   | 0  | 0   | 40   |
    | one job inside another              | 2005-01-01 | 2011-03-01 | 2011-05-01 2011-05-31, 2011-05-11 2011-05-20            | 1   | 0  | 0   | 31   |
    | one after the other                 | 2005-01-01 | 2011-03-01 | 2011-05-01 2011-05-31, 2011-06-01 2011-06-30            | 1   | 0  | 0   | 61   |
    | only on the day one month on        | 2005-01-01 | 2011-03-01 | 2011-04-01 2011-04-01                                   | 1   | 1  | 0   | 1    |
    | the day before that                 | 2005-01-01 | 2011-03-01 | 2011-03-02 2011-03-31                                   | 1   | 0  | 0   | 30   |
    | one month from 31 January           | 2005-01-01 | 2012-01-31 | 2012-02-29 2012-02-29                                   | 1   | 1  | 0   | 1    |
    | a year from 29 February             | 2005-01-01 | 2012-02-29 | 2013-02-28 2013-03-31                                   | 1   | 0  | 1   | 1    |
    """
)


@pytest.fixture(scope="module")
def jobs() -> AnalysisTable:
    """All the rows, a person each."""
    world = World().coverage()
    for number, (_, known, _, spells, *_) in enumerate(JOBS):
        person = world.person(f"p{number:02d}", tax_identity=None if known == "never" else day(known))
        for place, (start, end) in enumerate(job.split() for job in filter(None, spells.split(", "))):
            last = None if end == "never" else day(end)
            world.add("employment", employment_id=f"e{number}-{place}", person_id=person, start=day(start), end=last)
    return measured(world, clocks={f"p{number:02d}": row[2] for number, row in enumerate(JOBS)})


@pytest.mark.parametrize("place", range(len(JOBS)), ids=[row[0] for row in JOBS])
def test_employment(place: int, jobs: AnalysisTable) -> None:
    case, _, _, _, *expected = JOBS[place]
    got = values_of(jobs, place)
    wanted = [math.nan if cell == "-" else float(cell) for cell in expected]
    names = ("employed_any", "employed_1m", "employed_12m", "days_employed")
    np.testing.assert_array_equal([got[name] for name in names], wanted, err_msg=case)
    assert all(math.isnan(got[measure.name]) == (expected[0] == "-") for measure in WORK)


CLAIMS = rows_of(
    """
    | case                          | claims                                                            | any | days | on          |
    | none                          |                                                                   | 0   | 0    |             |
    | one                           | JSA 2011-05-01 2011-05-10                                         | 1   | 10   | JSA         |
    | two at once: a day is a day   | JSA 2011-05-01 2011-05-10, IS 2011-05-06 2011-05-15               | 1   | 15   | JSA IS      |
    | a gap between                 | ESA 2011-05-01 2011-05-10, UC 2011-06-01 2011-06-10               | 1   | 20   | ESA UC      |
    | from before to beyond         | IB 2010-01-01 never                                               | 1   | 365  | IB          |
    | over by then                  | JSA 2010-01-01 2011-03-01                                         | 0   | 0    |             |
    """
)


@pytest.fixture(scope="module")
def claims() -> AnalysisTable:
    """All the rows, a person each."""
    world = World().coverage()
    for number, (_, spells, *_) in enumerate(CLAIMS):
        person = world.person(f"p{number}", tax_identity=day("2005-01-01"))
        for place, (benefit, start, end) in enumerate(claim.split() for claim in filter(None, spells.split(", "))):
            values = {"benefit": benefit, "start": day(start), "end": None if end == "never" else day(end)}
            world.add("benefit", benefit_id=f"b{number}-{place}", person_id=person, **values)
    return measured(world)


@pytest.mark.parametrize("place", range(len(CLAIMS)), ids=[row[0] for row in CLAIMS])
def test_benefits(place: int, claims: AnalysisTable) -> None:
    case, _, any_, days, on = CLAIMS[place]
    got = values_of(claims, place)
    assert (got["benefit_any"], got["days_on_benefit"]) == (float(any_), float(days)), case
    single = {code for code in ("JSA", "ESA", "IB", "IS", "UC") if got[f"benefit_{code.lower()}"] == 1.0}
    assert single == set(on.split())


def test_two_years_of_work_have_730_days() -> None:
    world = World().coverage()
    world.person("p", tax_identity=day("2005-01-01"))
    world.add("employment", employment_id="e0", person_id="p", start=day("2010-01-01"), end=None)
    world.add("benefit", benefit_id="b0", person_id="p", benefit="UC", start=day("2012-06-01"), end=day("2012-06-30"))
    got = values_of(measured(world, months=24))
    assert (got["days_employed"], got["employed_1m"], got["employed_12m"]) == (730.0, 1.0, 1.0)
    assert (got["benefit_uc"], got["days_on_benefit"]) == (1.0, 30.0)


COVERED = rows_of(
    """
    | case                            | employment loaded     | withheld |
    | over the whole follow-up        | 2011-03-01 2012-03-01 |          |
    | begins a day late               | 2011-03-02 2012-03-01 | yes      |
    | ends a day early                | 2011-03-01 2012-02-29 | yes      |
    | not loaded                      |                       | yes      |
    """
)


@pytest.mark.parametrize(("case", "loaded", "withheld"), COVERED)
def test_a_follow_up_outside_the_loaded_records_withholds_the_measure(case: str, loaded: str, withheld: str) -> None:
    world = World().coverage()
    world.person("p", tax_identity=day("2005-01-01"))
    rows = world.rows["coverage"]
    window = next(row for row in rows if row["dataset"] == "employment" and row["kind"] == "events")
    if loaded:
        window["first_date"], window["last_date"] = map(day, loaded.split())
    else:
        rows.remove(window)
    found = {outcome.measure.name: outcome for outcome in measured(world).outcomes}
    reason = "effects.withheld.not_loaded_employment" if withheld else ""
    assert {found[name].withheld for name in ("employed_any", "days_employed", "employed_1m")} == {reason}, case
    assert found["benefit_any"].withheld == "" and found["rate"].withheld == ""
    assert bool(np.isnan(found["employed_any"].values).all()) == bool(withheld)


def test_death_in_follow_up() -> None:
    """Not reoffending in the rate, censored on the day in survival; nobody is employed after it but by the records' error."""
    world = World().coverage()
    world.person("p", tax_identity=day("2005-01-01"), date_of_death=dt.date(2011, 6, 1))
    world.add("employment", employment_id="e0", person_id="p", start=day("2011-03-05"), end=day("2011-06-01"))
    table = measured(world)
    got = values_of(table)
    assert (got["rate"], got["days_employed"], got["employed_12m"]) == (0.0, 89.0, 0.0)
    assert table.duration is not None and table.event is not None
    assert (table.duration[0], table.event[0]) == (92.0, False)


def test_custody_on_the_clock_s_day_and_after() -> None:
    """Going to custody the day after the clock starts ends nothing: only an offence counts."""
    world = World().coverage()
    world.person("p")
    old = world.occasion("p", "2011-03-02", {"offence_date": "2010-01-01"}, outcome="custody")
    world.custody("p", old, "2011-03-02", "2011-12-01")
    assert values_of(measured(world))["rate"] == 0.0


def test_every_measure_says_whom_it_is_about_and_whether_that_was_known_before() -> None:
    assert [measure.name for measure in MEASURES if measure.known_before] == [measure.name for measure in WORK]
    assert all(measure.among for measure in WORK)
    assert {BY_NAME[measure.part_of].among == measure.among for measure in MEASURES if measure.part_of} == {True}
    gates = {measure.name: (measure.minimum_treated, measure.minimum_expected) for measure in MEASURES}
    assert gates["rate"] == gates["frequency"] == (0, 0)
    assert gates["days_to_first"] == (30, 0)
    assert {gates[measure.name] for measure in REOFFENDING[3:]} == {(0, 10)}
