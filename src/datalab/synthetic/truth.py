"""The truth about a programme: the mean difference that it made to its participants, for all of them or for those analysed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datalab.constraints import unknown
from datalab.errors import InputError
from datalab.synthetic.readers import read_truth_rows, truth_names
from datalab.synthetic.records import dates
from datalab.synthetic.uploads import FIRST_ROW
from datalab.synthetic.work_truth import MEASURES as WORK_MEASURES
from datalab.synthetic.world import Conducted
from datalab.wording import say

TRUTH_FORMAT = 1


@dataclass(frozen=True)
class Truth:
    """Mean effects on a group of participants, known because the country is made up.

    people: distinct participants in the group; at_risk: of these, free of offending, custody and death when the clock started
    (the means are theirs). rate: difference in the share who reoffend within 12 months (with minus without the programme);
    frequency: difference in reoffences per person. rate_with, rate_without, frequency_with, frequency_without: their parts.
    known: of those at risk, people known to the tax and benefit records before the clock; work: each employment measure among
    them (empty where nobody is known): effect, with, without.
    """

    people: int
    at_risk: int
    rate: float
    frequency: float
    rate_with: float
    rate_without: float
    frequency_with: float
    frequency_without: float
    known: int = 0
    work: dict[str, dict[str, float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return dict(vars(self))


def truth_rows(conducted: Conducted) -> pa.Table:
    """One row an upload row: row (as in the spreadsheet), person_id (null: in no record), and what was to be expected.

    programme_start, index_date, clock_start (dates); at_risk; p1, p0 (chance of a reoffence with and without the programme);
    m1, m0 (mean number of reoffences); NAME_1, NAME_0 for each employment measure (null also for people not known to the tax
    and benefit records before the clock). Null where the person was not at risk.
    """
    place, places, expected = conducted.upload.place, conducted.places, conducted.expected
    absent = place < 0
    at = np.where(absent, 0, place)
    blank = absent | ~expected.at_risk[at]
    person = [None if gone else f"P{places.person[spot] + 1:08d}" for spot, gone in zip(at, absent, strict=True)]
    outcomes = {name: pa.array(getattr(expected, name)[at], pa.float64(), mask=blank) for name in ("p1", "p0", "m1", "m0")}
    work = {
        f"{name}_{arm}": pa.array(values[at], pa.float64(), mask=blank | np.isnan(values[at]))
        for arm, means in (("1", expected.work1), ("0", expected.work0))
        for name, values in means.items()
    }
    return pa.table(
        {
            "row": pa.array(np.arange(place.size) + FIRST_ROW, pa.int64()),
            "person_id": pa.array(person, pa.string()),
            "programme_start": dates(places.start[at], absent),
            "index_date": dates(places.index_date[at], absent),
            "clock_start": dates(expected.clock[at], absent),
            "at_risk": pa.array(~blank, pa.bool_(), mask=absent),
            **outcomes,
            **work,
        }
    )


def mean_truth(rows: pa.Table) -> Truth:
    """The means over the distinct people of truth rows. Raises InputError where nobody in them was at risk."""
    known = rows.filter(pc.is_valid(rows["person_id"]))
    _, first = np.unique(known["person_id"].to_numpy(zero_copy_only=False).astype(str), return_index=True)
    people = known.take(pa.array(first))
    at_risk = people.filter(people["at_risk"])
    if not at_risk.num_rows:
        raise InputError(say("synthetic.truth.nobody"))
    mean = {name: float(np.mean(at_risk[name].to_numpy())) for name in ("p1", "p0", "m1", "m0")}
    return Truth(
        people=people.num_rows,
        at_risk=at_risk.num_rows,
        rate=mean["p1"] - mean["p0"],
        frequency=mean["m1"] - mean["m0"],
        rate_with=mean["p1"],
        rate_without=mean["p0"],
        frequency_with=mean["m1"],
        frequency_without=mean["m0"],
        known=(known := len(at_risk) - at_risk[f"{WORK_MEASURES[0]}_1"].null_count),
        work={name: _contrast(at_risk, name) for name in WORK_MEASURES} if known else {},
    )


def _contrast(at_risk: pa.Table, name: str) -> dict[str, float]:
    """Means of one employment measure over the people who are in it."""
    with_it, without = (float(pc.mean(at_risk[f"{name}_{arm}"]).as_py()) for arm in ("1", "0"))
    return {"effect": with_it - without, "with": with_it, "without": without}


def truth_for(folder: Path, programme: str, person_ids: Collection[str] | None = None) -> Truth:
    """The truth about a programme of the country in `folder`, for all participants or for those among `person_ids`.

    Duplicates of a person count once; ids that are no participants' are left out. Raises InputError for a folder without a truth,
    a programme that is not in it, or when nobody is left.
    """
    names = truth_names(folder)
    if programme not in names:
        raise InputError(unknown("programme", programme, names))
    rows = read_truth_rows(folder, programme)
    if person_ids is not None:
        wanted = pa.array(sorted(person_ids), pa.string())
        rows = rows.filter(pc.is_in(rows["person_id"], value_set=wanted))
    return mean_truth(rows)
