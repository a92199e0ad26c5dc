"""The uploads that providers would send: one row a participant, with what goes wrong on the way (`noise.toml`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.synthetic import garbling
from datalab.synthetic.calendars import NEVER, date_of, day
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Ints, Stream
from datalab.synthetic.garbling import Chance, Known
from datalab.synthetic.identities import Identities, pnc_id
from datalab.synthetic.names import read_names
from datalab.synthetic.noise import Noise
from datalab.synthetic.people import People
from datalab.synthetic.programmes import Places, Programme

COLUMNS = (
    "reference",
    "forename",
    "middle_names",
    "surname",
    "date_of_birth",
    "sex",
    "programme_start",
    "programme_end",
    "index_date",
    "conviction_date",
    "pnc_id",
    "prison_number",
    "postcode",
    "establishment",
    "group:site",
    "group:completed",
)
FIRST_ROW = 2  # as a spreadsheet shows it: the header is row 1


@dataclass(frozen=True)
class Upload:
    """rows: texts in the order of COLUMNS, empty where not given. place: for each row the position of its participant in
    Places, -1 where the person is not in the records. Row i stands in line i + FIRST_ROW of the file."""

    rows: tuple[tuple[str, ...], ...]
    place: Ints


def write_rows(
    programme: Programme, places: Places, convicted: Ints, *, country: Country, identities: Identities, noise: Noise
) -> Upload:
    """The provider's rows, in no order that tells anything.

    convicted: day of the conviction behind each place. Besides the participants there are people who are in no record, and
    some rows stand twice with other noise.
    """
    stream = country.stream
    known = _participants(programme, places, convicted, country.people, identities)
    strangers = round(places.count * noise.not_in_records / (1 - noise.not_in_records))
    known += [_stranger(programme, number, stream) for number in range(strangers)]
    place = np.concatenate([np.arange(places.count), np.full(strangers, -1)])
    chance = Chance(stream, f"{programme.name} upload")
    rows = [garbling.write_row(person, chance.of(number), noise) for number, person in enumerate(known)]
    for number in range(places.count):
        if chance.of(number).happens("written twice", noise.duplicate_rows):
            rows.append(garbling.write_row(known[number], chance.of(len(known) + number), noise))
            place = np.append(place, number)
    order = np.argsort(stream.uniform(f"{programme.name} row order", np.arange(len(rows))), kind="stable")
    lines = [_line(rows[old], reference(programme, new)) for new, old in enumerate(order)]
    return Upload(rows=tuple(lines), place=place[order].astype(np.int64))


def reference(programme: Programme, position: int) -> str:
    """The provider's own reference of a row of its upload (from 0)."""
    return f"{programme.name[:2].upper()}-{position + 1:04d}"


def _line(cells: dict[str, str], reference: str) -> tuple[str, ...]:
    return tuple({**cells, "reference": reference}.get(column, "") for column in COLUMNS)


def _participants(programme: Programme, places: Places, convicted: Ints, people: People, identities: Identities) -> list[Known]:
    first_alias = {int(person): row for row, person in enumerate(identities.person) if identities.alias[row]}
    made = []
    for place in range(places.count):
        person = int(places.person[place])
        alias = first_alias.get(person)
        made.append(
            Known(
                forename=str(identities.forename[person]),
                middle=identities.middle[person],
                surname=str(identities.surname[person]),
                alias=None if alias is None else (str(identities.forename[alias]), str(identities.surname[alias])),
                birth=date_of(people.birth[person]),
                sex="Female" if people.female[person] else "Male",
                start=date_of(places.start[place]),
                end=date_of(places.end[place]),
                index_date=date_of(places.index_date[place]),
                conviction_date=None if convicted[place] >= NEVER else date_of(convicted[place]),
                pnc_id=identities.pnc_id[person],
                prison_number=identities.prison_number[person],
                postcode=identities.postcode[person],
                region=int(people.region[person]),
                site=programme.sites[int(places.site[place])],
                completed=bool(places.completed[place]),
            )
        )
    return made


def _stranger(programme: Programme, number: int, stream: Stream) -> Known:
    """A person in no record: never cautioned or convicted under any name given here, or known elsewhere."""
    chance = Chance(stream, f"{programme.name} stranger").of(number)
    female = chance.happens("female", 0.2)
    start = date_of(programme.start + chance.below("start", programme.end - programme.start))
    year = 1990 + chance.below("year", 20)
    return Known(
        forename=chance.pick("forename", read_names().female if female else read_names().male),
        middle=None,
        surname=chance.pick("start of name", read_names().surname_starts) + chance.pick("end of name", read_names().surname_ends),
        alias=None,
        birth=date_of(day("1960-01-01") + chance.below("birth", 12000)),
        sex="Female" if female else "Male",
        start=start,
        end=date_of((start - date_of(0)).days + 60),
        index_date=date_of((start - date_of(0)).days + 20),
        conviction_date=None,
        pnc_id=pnc_id(year, 9_999_992 + chance.below("serial", 8)),
        prison_number=None,
        postcode=None,
        region=chance.below("region", 10),
        site=chance.pick("site", list(programme.sites)),
        completed=chance.happens("completed", 0.7),
    )
