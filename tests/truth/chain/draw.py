"""One draw: a programme is held, its dirty upload goes through the chain's own stages, and the answer meets the truth."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tests.truth.chain.country import Office, undo
from tests.truth.chain.programme import Effect, Held, hold

from datalab.analysis import AnalysisSettings, analyse
from datalab.cohort import Cohort, CohortSettings, build_cohort
from datalab.effects.results import AnalysisFindings
from datalab.features import build_table
from datalab.fields.justice.covariates import FAMILIES
from datalab.fields.justice.measures import BY_NAME
from datalab.intake import read_submission, require_usable
from datalab.linkage import link
from datalab.linkage.results import Links
from datalab.sensitivity import LinkErrors
from datalab.synthetic import TODAY
from datalab.synthetic.uploads import FIRST_ROW
from datalab.synthetic.writers import write_upload
from datalab.table import AnalysisTable

MEASURES = ("rate", "frequency")
EXACT = ("sex", "index_kind")
NAN = float("nan")


@dataclass(frozen=True)
class Draw:
    """What one draw found; a line of the file of draws. Shares and counts are means a person.

    submitted: rows. accepted, false: links; missed: rows whose person is in the records and was not linked. analysed:
    matched treated people; pool: events. true_*: mean difference that the programme made to the people behind the analysed
    rows; before_matching: to everybody who took part and was at risk. warned: see `warning`.
    """

    effect: str
    number: int
    status: str
    submitted: int
    accepted: int
    false: int
    missed: int
    analysed: int
    pool: int
    before_matching: float
    true_rate: float
    rate: float
    rate_low: float
    rate_high: float
    rate_se: float
    true_frequency: float
    frequency: float
    frequency_low: float
    frequency_high: float
    frequency_se: float
    warned: str
    seconds: float

    def row(self) -> list[str]:
        """As texts, for the file."""
        return [repr(value) if isinstance(value, float) else str(value) for value in vars(self).values()]


NAMES = tuple(field.name for field in fields(Draw))


def read_draw(row: dict[str, str]) -> Draw:
    """A Draw from a line of the file."""
    kinds = {"int": int, "float": float, "str": str}
    return Draw(**{field.name: kinds[str(field.type)](row[field.name]) for field in fields(Draw)})


@dataclass(frozen=True)
class Ran:
    """What the stages made of one upload."""

    links: Links
    cohort: Cohort
    table: AnalysisTable
    found: AnalysisFindings


def draw(office: Office, effect: Effect, number: int, share: float) -> Draw:
    """Holds the programme with this number and runs the chain on it. The same arguments give the same line, time apart."""
    began = time.process_time()
    held = hold(office.country, effect, number, share)
    undo(office.connection, held.outcomes.undone, office.country.scene)
    ran = run_chain(office, held, number, examined=number < effect.examined)
    return compare(effect, number, held, ran, time.process_time() - began)


def run_chain(office: Office, held: Held, seed: int, *, examined: bool = False) -> Ran:
    """The stages of `datalab.chain`, from the file that the provider sends to the findings."""
    with tempfile.TemporaryDirectory(prefix="datalab-chain-") as folder:
        path = Path(folder) / "upload.csv"
        write_upload(held.upload.rows, path)
        submission = require_usable(read_submission(path, TODAY, office.central.coverage))
    links = link(office.connection, submission, today=TODAY, model=office.model, prepared=office.index)
    settings = CohortSettings(setting=held.programme.setting, index_kinds=("court_order",))
    cohort = build_cohort(office.connection, submission, links, settings, seed)
    measures = tuple(BY_NAME[name] for name in MEASURES)
    table = build_table(office.connection, cohort, measures, FAMILIES, EXACT, with_control=examined)
    errors = LinkErrors(links.quality.false_links, links.quality.missed_links)
    asked = AnalysisSettings("everyone", headline=MEASURES[0], sensitivity=examined, link_errors=errors)
    return Ran(links, cohort, table, analyse(table, asked))


def compare(effect: Effect, number: int, held: Held, ran: Ran, seconds: float) -> Draw:
    """The answer beside the truth for the people behind the analysed rows, whoever they were linked to."""
    outcomes, found = held.outcomes, ran.found
    place = places_of(held, ran.cohort, found.matched_row_ids)
    real = place[place >= 0]
    answers = {result.measure.name: result.effect for result in found.outcomes}
    values = {}
    for name, difference in _differences(held).items():
        answer = answers.get(name)
        values[f"true_{name}"] = float(difference[real].mean()) if real.size else NAN
        values[name] = answer.estimate if answer else NAN
        values |= {f"{name}_{part}": getattr(answer, part) if answer else NAN for part in ("low", "high", "se")}
    accepted, false, missed = judge_links(held, ran.links)
    return Draw(
        effect=effect.name,
        number=number,
        status=found.status,
        submitted=held.upload.place.size,
        accepted=accepted,
        false=false,
        missed=missed,
        analysed=found.people.matched,
        pool=found.people.pool,
        before_matching=float(_differences(held)["rate"][outcomes.at_risk].mean()),
        warned=warning(found),
        seconds=seconds,
        **values,
    )


def places_of(held: Held, cohort: Cohort, event_ids: tuple[int, ...]) -> np.ndarray:
    """Position among the participants of the person who wrote each of these treated rows; -1 for people in no record."""
    events = cohort.events.sort_by("event_id")
    rows = events.filter(pc.is_in(events["event_id"], value_set=pa.array(event_ids, pa.int64())))["row"]
    return held.upload.place[rows.to_numpy() - FIRST_ROW]


def _differences(held: Held) -> dict[str, np.ndarray]:
    one, other = held.outcomes.with_it, held.outcomes.without
    return {"rate": (one > 0) * 1.0 - (other > 0), "frequency": (one - other).astype(float)}


def judge_links(held: Held, links: Links) -> tuple[int, int, int]:
    """Accepted links, those to the wrong person, and rows of people in the records that are not linked (merged ones apart)."""
    table = links.links
    place = held.upload.place[table["row"].to_numpy() - FIRST_ROW]
    person = np.where(place >= 0, held.places.person[np.maximum(place, 0)], -1)
    right = np.array([f"P{one + 1:08d}" if one >= 0 else "" for one in person], dtype=object)
    status, given = (np.array(table[name].to_pylist(), dtype=object) for name in ("status", "person_id"))
    accepted = status == "accepted"
    missed = (place >= 0) & ~accepted & (status != "merged")
    return int(accepted.sum()), int((accepted & (given != right)).sum()), int(missed.sum())


def warning(found: AnalysisFindings) -> str:
    """The parts of the sensitivity section that warn, joined by +, "no" where none does; "" where there is no section."""
    lines = found.sensitivity
    return ("+".join(sorted({line.part for line in lines if line.warns})) or "no") if lines else ""
