"""From lives to the ten tables of the central records, as Arrow tables with the schema's columns in the schema's order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datalab.fields.justice import codes
from datalab.fields.justice.tables import TABLES
from datalab.synthetic import disposals
from datalab.synthetic.calendars import NEVER, date_of, day
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Ints
from datalab.synthetic.episodes import Columns, Episodes
from datalab.synthetic.identities import Identities
from datalab.synthetic.names import read_names
from datalab.synthetic.offending import offence_mix
from datalab.synthetic.people import People, ethnicity_codes
from datalab.synthetic.settings import COVERAGE

Mask = NDArray[np.bool_]

ARROW_TYPES = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(), "boolean": pa.bool_()}


def make_ids(letter: str, count: int) -> pa.Array:
    """Numbers of rows, `P0000001` on: sorted as text they keep their order."""
    number = pc.utf8_lpad(pc.cast(pa.array(np.arange(1, count + 1)), pa.string()), 8, "0")
    return pc.binary_join_element_wise(letter, number, "")


@dataclass(frozen=True)
class Ledger:
    """What a country leaves behind; `known`: the day since which each person is known to the tax and benefit records."""

    lives: Episodes
    identities: Identities
    known: Ints
    jobs: Columns
    claims: Columns
    assessments: Columns


@dataclass(frozen=True)
class _Keys:
    """Person numbers by position; occasion numbers with the sorted keys of their occasions (see _keys)."""

    person: pa.Array
    occasion: pa.Array
    of_key: Ints

    def occasions(self, wanted: Ints) -> pa.Array:
        """The occasion numbers of these keys."""
        return self.occasion.take(pa.array(np.searchsorted(self.of_key, wanted)))


def make_tables(country: Country, ledger: Ledger) -> dict[str, pa.Table]:
    """The ten tables. Events after the end of the extract are not in them; rows are in the order of their key."""
    person = make_ids("P", country.people.count)
    made = {
        **make_lives_tables(country, ledger.lives, ledger.known),
        "identity": _identities(ledger.identities, country.people, person),
        "assessment": _assessments(ledger.assessments, person),
        "employment": _spells("employment_id", "W", ledger.jobs, person),
        "benefit": _spells("benefit_id", "B", ledger.claims, person),
        "coverage": _coverage(),
    }
    return {table.name: made[table.name].select(list(table.names)) for table in TABLES}


def make_lives_tables(country: Country, lives: Episodes, known: Ints) -> dict[str, pa.Table]:
    """The tables of people and of what the justice system did with them; see make_tables."""
    rows = lives.occasion
    person = make_ids("P", country.people.count)
    keys = _Keys(person, make_ids("C", rows["person"].size), _keys(rows, part=rows["part"]))
    return {
        "person": _people(country, known, person),
        "occasion": _occasions(country.people, rows, keys),
        "offence": _offences(lives.offence, keys),
        "custody": _custody(country, lives.custody, keys),
        "court_order": _orders(country, lives.order, keys),
    }


def dates(days: Ints, missing: Mask | None = None) -> pa.Array:
    """Days since 1970 as dates; null where missing."""
    return pa.array(days.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())


def coded(positions: Ints, labels: tuple[tuple[str, str], ...]) -> pa.Array:
    """Positions in a code list as the codes."""
    return pa.array([code for code, _ in labels], pa.string()).take(pa.array(positions))


def _flags(values: NDArray[np.generic]) -> pa.Array:
    return pa.array(values.astype(bool), pa.bool_())


def _whole(values: Ints, missing: Mask) -> pa.Array:
    return pa.array(values, pa.int64(), mask=missing)


def _people(country: Country, known: Ints, person: pa.Array) -> pa.Table:
    people, settings = country.people, country.settings
    ethnicity = ethnicity_codes()[people.ethnicity]
    group = [codes.GROUP_OF_ETHNICITY[str(code)] for code in ethnicity]
    return pa.table(
        {
            "person_id": person,
            "tax_identity": dates(known, known > settings.extract_end),
            "date_of_death": dates(people.death, people.death > settings.extract_end),
            "sex": pa.array(np.where(people.female, "F", "M").tolist(), pa.string()),
            "ethnicity": pa.array(ethnicity.tolist(), pa.string()),
            "ethnicity_group": pa.array(group, pa.string()),
            "uk_national": _flags(people.uk),
            "date_of_birth": dates(people.birth),
            "first_sanction_date": dates(people.first_sanction),
        }
    )


def _identities(identities: Identities, people: People, person: pa.Array) -> pa.Table:
    whose = identities.person
    texts = {
        name: getattr(identities, name).tolist()
        for name in ("forename", "surname", "postcode", "pnc_id", "prison_number", "source")
    }
    order = np.lexsort((identities.alias, whose))
    table = pa.table(
        {
            "person_id": person.take(pa.array(whose)),
            **{name: pa.array(values, pa.string()) for name, values in texts.items()},
            "middle_names": pa.array(identities.middle.tolist(), pa.string()),
            "date_of_birth": dates(identities.birth),
            "sex": pa.array(np.where(people.female[whose], "F", "M").tolist(), pa.string()),
            "is_alias": _flags(identities.alias),
        }
    ).take(pa.array(order))
    return table.append_column("identity_id", make_ids("I", table.num_rows))


def _keys(rows: Columns, round_name: str = "round", part: Ints | int = 0) -> Ints:
    """One number an occasion: person, round, part."""
    return np.asarray((rows["person"].astype(np.int64) * 4096 + rows[round_name]) * 2 + part, np.int64)


def _occasions(people: People, rows: Columns, keys: _Keys) -> pa.Table:
    """Occasions by person, round and part (so by person, and nearly by date)."""
    who, disposal = rows["person"], rows["disposal"]
    return pa.table(
        {
            "occasion_id": keys.occasion,
            "person_id": keys.person.take(pa.array(who)),
            "date": dates(rows["date"]),
            "kind": coded((disposal != disposals.CAUTION).astype(np.int64), codes.OCCASION_KIND),
            "court_outcome": coded(disposal, codes.DISPOSAL),
            "area": coded(people.region[who], codes.REGION),
        }
    )


def _offences(rows: Columns, keys: _Keys) -> pa.Table:
    mix = offence_mix()
    kind = rows["kind"]
    length = rows["days"]
    # The main offence stands first on its occasion; on a later occasion its only offence is the principal.
    principal = (rows["place"] == 0) | (rows["part"] == 1)
    return pa.table(
        {
            "offence_id": make_ids("F", kind.size),
            "occasion_id": keys.occasions(_keys(rows, part=rows["part"])),
            "person_id": keys.person.take(pa.array(rows["person"])),
            "offence_date": dates(rows["date"]),
            "code": pa.array(mix.code.tolist(), pa.string()).take(pa.array(kind)),
            "mode_of_trial": coded(mix.mode[kind], codes.MODE_OF_TRIAL),
            "recordable": _flags(rows["recordable"]),
            "jurisdiction": coded(rows["jurisdiction"], codes.JURISDICTION),
            "prosecutor": coded(1 - rows["police"], codes.PROSECUTOR),
            "is_breach": _flags(kind >= mix.first_breach),
            "disposal": coded(rows["disposal"], codes.DISPOSAL),
            "disposal_days": _whole(length, length < 0),
            "is_principal": _flags(principal),
        }
    )


def _custody(country: Country, rows: Columns, keys: _Keys) -> pa.Table:
    people, settings, stream = country.people, country.settings, country.stream
    part = rows["part"]
    who, start = rows["person"], rows["start"]
    # A recall belongs to the occasion that gave the sentence under licence.
    key = _keys(rows, "source_round", np.where(part == 1, 1, 0))
    release = np.minimum(rows["release"], people.death[who])
    prison = stream.index("prison", who, np.ones(len(read_names().prisons)), rows["round"])
    # A recall is drawn some days ahead: nobody is recalled on the day of death or after it.
    kept = (start <= settings.extract_end) & (start < people.death[who])
    table = pa.table(
        {
            "spell_id": make_ids("S", who.size),
            "person_id": keys.person.take(pa.array(who)),
            "occasion_id": keys.occasions(key),
            "start": dates(start),
            "release": dates(release, release > settings.extract_end),
            "establishment": pa.array([f"HMP {name}" for name in read_names().prisons], pa.string()).take(pa.array(prison)),
            "sentence_days": pa.array(rows["sentence"]),
        }
    )
    return table.filter(pa.array(kept))


def _orders(country: Country, rows: Columns, keys: _Keys) -> pa.Table:
    people, stream = country.people, country.stream
    who, when = rows["person"], rows["round"]
    shares = {"unpaid_work": 0.42, "supervision": 0.48, "programme": 0.13, "treatment": 0.09, "curfew": 0.22}
    end = np.minimum(rows["end"], np.maximum(people.death[who], rows["start"]))
    return pa.table(
        {
            "order_id": make_ids("R", who.size),
            "person_id": keys.person.take(pa.array(who)),
            "occasion_id": keys.occasions(_keys(rows)),
            "kind": coded(rows["suspended"], codes.ORDER_KIND),
            "start": dates(rows["start"]),
            "end": dates(end),
            **{name: _flags(stream.uniform(name, who, when) < share) for name, share in shares.items()},
            "region": coded(people.region[who], codes.REGION),
        }
    )


def _assessments(rows: Columns, person: pa.Array) -> pa.Table:
    scores = {name: np.asarray(rows[name], np.int64) for name, _ in codes.NEEDS}
    size = rows["person"].size
    return pa.table(
        {
            "assessment_id": make_ids("A", size),
            "person_id": person.take(pa.array(rows["person"])),
            "date": dates(rows["date"]),
            **{name: _whole(values, values < 0) for name, values in scores.items()},
        }
    )


def _spells(key: str, letter: str, rows: Columns, person: pa.Array) -> pa.Table:
    end = rows["end"]
    columns = {
        key: make_ids(letter, end.size),
        "person_id": person.take(pa.array(rows["person"])),
        "start": dates(rows["start"]),
        "end": dates(end, end >= NEVER),
    }
    if "benefit" in rows:
        columns["benefit"] = coded(rows["benefit"], codes.BENEFIT)
    return pa.table(columns)


def _coverage() -> pa.Table:
    dataset, kind, first, last = zip(*COVERAGE, strict=True)
    return pa.table(
        {
            "dataset": pa.array(dataset),
            "kind": pa.array(kind),
            "first_date": pa.array([date_of(day(value)) for value in first], pa.date32()),
            "last_date": pa.array([date_of(day(value)) for value in last], pa.date32()),
        }
    )
