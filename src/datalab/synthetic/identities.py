"""Identities of made-up people: filed names, dates of birth, postcodes and numbers, and the aliases that some have used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datalab.fields.justice.codes import GROUP_OF_ETHNICITY
from datalab.fields.justice.identifiers import pnc_check_letter
from datalab.synthetic.calendars import date_of
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Ints, Stream
from datalab.synthetic.names import read_names
from datalab.synthetic.people import People, ethnicity_codes

Texts = NDArray[np.object_]

_LETTERS = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ"), dtype=object)
_INWARD = np.array(list("ABDEFGHJLNPQRSTUWXYZ"), dtype=object)
_SERIALS, _STEP = 9_999_991, 7919  # primes, so that person * step mod serials never repeats
_NO_FIXED_ABODE = "NF1 1NF"
SHARE_ALIAS = 0.125


@dataclass(frozen=True)
class Identities:
    """Filed identities (position = person) and aliases. Texts are None where missing; days are since 1970.

    person: whose (n,); alias: false for the filed one; the first `people` rows are the filed ones, in order.
    """

    person: Ints
    forename: Texts
    middle: Texts
    surname: Texts
    birth: Ints
    postcode: Texts
    pnc_id: Texts
    prison_number: Texts
    source: Texts
    alias: NDArray[np.bool_]


def make_identities(country: Country, jailed: NDArray[np.bool_]) -> Identities:
    """One filed identity a person and aliases for some. jailed (n,): ever received into prison."""
    people, stream = country.people, country.stream
    who = np.arange(people.count)
    forename, middle, surname = _make_names(people, stream)
    postcode = make_postcodes(people.region, stream, "home", who)
    twin = find_twins(people)
    surname[twin] = surname[twin - 1]
    postcode[twin] = postcode[twin - 1]
    blank = stream.uniform("postcode missing", who)
    postcode[blank < 0.03] = None
    postcode[(blank >= 0.03) & (blank < 0.042)] = _NO_FIXED_ABODE
    filed = Identities(
        person=who,
        forename=forename,
        middle=middle,
        surname=surname,
        birth=people.birth,
        postcode=postcode,
        pnc_id=make_pnc_ids(people.first_sanction, stream, country.first),
        prison_number=_prison_numbers(jailed, country.first),
        source=np.full(who.size, "police", dtype=object),
        alias=np.zeros(who.size, bool),
    )
    return _with_aliases(filed, people, stream)


def find_twins(people: People) -> Ints:
    """People born on the same day as the one before them, who are their twins (people.make_people), as positions."""
    same = np.flatnonzero(np.diff(people.birth) == 0) + 1
    return same[np.diff(np.concatenate([[-9], same])) > 1]


def pick_names(stream: Stream, purpose: str, who: Ints, values: tuple[str, ...], flatness: float) -> Texts:
    """Names drawn by rank: the share of rank r is as 1 / (r + flatness)."""
    weights = 1.0 / (np.arange(len(values)) + flatness)
    return np.array(values, dtype=object)[stream.index(purpose, who, weights)]


def forenames(people: People, stream: Stream, purpose: str) -> Texts:
    """A forename a person, by sex and ethnicity group."""
    who = np.arange(people.count)
    asian = _groups(people) == "asian"
    return np.select(
        [asian & people.female, asian, people.female],
        [
            pick_names(stream, purpose, who, read_names().asian_female, 6),
            pick_names(stream, purpose, who, read_names().asian_male, 6),
            pick_names(stream, purpose, who, read_names().female, 18),
        ],
        pick_names(stream, purpose, who, read_names().male, 18),
    )


def surnames(people: People, stream: Stream, purpose: str) -> Texts:
    """A surname a person, by ethnicity group; a good third of the common list are put together from two parts."""
    who = np.arange(people.count)
    group = _groups(people)
    first = pick_names(stream, f"{purpose} start", who, read_names().surname_starts, 30)
    second = pick_names(stream, f"{purpose} end", who, read_names().surname_ends, 30)
    rare = stream.uniform(f"{purpose} rare", who) < 0.38
    common = np.where(rare, first + second, pick_names(stream, purpose, who, read_names().surnames, 12))
    return np.select(
        [group == "asian", group == "black"],
        [
            pick_names(stream, purpose, who, read_names().asian_surnames, 4),
            pick_names(stream, purpose, who, read_names().black_surnames, 6),
        ],
        common,
    )


def _groups(people: People) -> NDArray[np.str_]:
    return np.array([GROUP_OF_ETHNICITY[code] for code in ethnicity_codes()])[people.ethnicity]


def _make_names(people: People, stream: Stream) -> tuple[Texts, Texts, Texts]:
    who = np.arange(people.count)
    middle = forenames(people, stream, "middle name").astype(object)
    middle[stream.uniform("has middle", who) >= 0.62] = None
    return forenames(people, stream, "forename").astype(object), middle, surnames(people, stream, "surname").astype(object)


def make_postcodes(region: Ints, stream: Stream, purpose: str, who: Ints) -> Texts:
    """A postcode a person in an area of their region: area, district 1 to 29, sector, two letters."""
    area = np.empty(who.size, dtype=object)
    for position, areas in enumerate(read_names().postcode_areas):
        rows = np.flatnonzero(region == position)
        area[rows] = np.array(areas, dtype=object)[stream.index(f"{purpose} area", who[rows], np.ones(len(areas)))]
    district = (1 + stream.index(f"{purpose} district", who, np.ones(29))).astype(str).astype(object)
    sector = stream.index(f"{purpose} sector", who, np.ones(9)).astype(str).astype(object)
    first = _INWARD[stream.index(f"{purpose} unit", who, np.ones(_INWARD.size))]
    second = _INWARD[stream.index(f"{purpose} unit end", who, np.ones(_INWARD.size))]
    return np.asarray(area + district + " " + sector + first + second, dtype=object)


def make_pnc_ids(first_sanction: Ints, stream: Stream, first: int) -> Texts:
    """A Police National Computer number of the year of the first sanction, unique, with its check letter; 2 % have none."""
    who = np.arange(first_sanction.size)
    serial = (who + first + 1) * _STEP % _SERIALS + 1
    made = [pnc_id(date_of(day).year, int(number)) for day, number in zip(first_sanction, serial, strict=True)]
    numbers = np.array(made, dtype=object)
    numbers[stream.uniform("pnc missing", who) < 0.02] = None
    return numbers


def pnc_id(year: int, serial: int) -> str:
    """The canonical number of a year and serial, with its check letter.

    >>> pnc_id(1979, 163001)
    '1979/0163001B'
    """
    return f"{year}/{serial:07d}{pnc_check_letter(year, serial)}"


def _prison_numbers(jailed: NDArray[np.bool_], first: int) -> Texts:
    """A1234BC for those ever received, unique, following the person's position."""
    who = np.arange(first, first + jailed.size)
    rest, digits = np.divmod(who * 7 + 1234, 10_000)
    letter, last = np.divmod(rest, _LETTERS.size)
    letter, middle = np.divmod(letter, _LETTERS.size)
    number = np.array([f"{value:04d}" for value in digits], dtype=object)
    made = _LETTERS[letter % _LETTERS.size] + number + _LETTERS[middle] + _LETTERS[last]
    return _only(made, jailed)


def _only(values: Texts, kept: NDArray[np.bool_]) -> Texts:
    """The values where kept, None elsewhere."""
    chosen = values.copy()
    chosen[~kept] = None
    return chosen


def _with_aliases(filed: Identities, people: People, stream: Stream) -> Identities:
    """Another surname, a short forename, another date of birth or another postcode, as used with another service."""
    who = np.flatnonzero(stream.uniform("alias", filed.person) < SHARE_ALIAS)
    kind = stream.index("alias kind", who, (0.4, 0.3, 0.2, 0.1))
    other = surnames(people, stream, "alias surname")[who]
    short = np.array([read_names().short_forms.get(str(name), str(name)) for name in filed.forename[who]], dtype=object)
    unchanged = (kind == 1) & (short == filed.forename[who])
    surname = np.where((kind == 0) | unchanged, other, filed.surname[who])
    forename = np.where(kind == 1, short, filed.forename[who])
    births = np.where(kind == 2, _misremember(filed.birth[who], stream, who), filed.birth[who])
    moved = make_postcodes(people.region[who], stream, "alias home", who)
    source = np.where(stream.uniform("alias source", who) < 0.5, "prison", "probation").astype(object)
    source[(source == "prison") & (filed.prison_number[who] == None)] = "probation"  # noqa: E711 - elementwise
    extra = Identities(
        person=who,
        forename=forename.astype(object),
        middle=_only(filed.middle[who], stream.uniform("alias middle", who) < 0.5),
        surname=surname.astype(object),
        birth=births,
        postcode=np.where(kind == 3, moved, filed.postcode[who]),
        pnc_id=_only(filed.pnc_id[who], stream.uniform("alias pnc", who) < 0.4),
        prison_number=_only(filed.prison_number[who], source == "prison"),
        source=source,
        alias=np.ones(who.size, bool),
    )
    joined = {name: np.concatenate([getattr(filed, name), getattr(extra, name)]) for name in Identities.__dataclass_fields__}
    return Identities(**joined)


def _misremember(birth: Ints, stream: Stream, who: Ints) -> Ints:
    """A date of birth said wrong: the year one off, or 1 January of the year."""
    shift = np.where(stream.uniform("alias year", who) < 0.5, 365, -366)
    first = birth.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return np.where(stream.uniform("alias january", who) < 0.3, first, birth + shift).astype(np.int64)
