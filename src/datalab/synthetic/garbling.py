"""One row of an upload from what is known of a person: variants, misspellings, gaps and loose forms, each by its share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from datalab.fields.justice.identifiers import CHECK_LETTERS
from datalab.synthetic.draws import Stream
from datalab.synthetic.identities import make_postcodes
from datalab.synthetic.names import read_names
from datalab.synthetic.noise import Noise

NO_FIXED_ABODE = "NF1 1NF"
PLACEHOLDER_BIRTH = date(1970, 1, 1)


@dataclass(frozen=True)
class Known:
    """What the provider's staff could have known of one person; None where there is nothing."""

    forename: str
    middle: str | None
    surname: str
    alias: tuple[str, str] | None
    birth: date
    sex: str
    start: date
    end: date
    index_date: date
    conviction_date: date | None
    pnc_id: str | None
    prison_number: str | None
    postcode: str | None
    region: int
    site: str
    completed: bool


@dataclass(frozen=True)
class Chance:
    """Draws for one row, each by its purpose."""

    stream: Stream
    name: str
    row: int = 0

    def of(self, row: int) -> Chance:
        """The chance of another row."""
        return Chance(self.stream, self.name, row)

    def share(self, purpose: str) -> float:
        """A number between 0 and 1."""
        return float(self.stream.uniform(f"{self.name} {purpose}", self.row))

    def happens(self, purpose: str, share: float) -> bool:
        """True in this share of rows."""
        return self.share(purpose) < share

    def below(self, purpose: str, limit: int) -> int:
        """A whole number from 0 to limit - 1."""
        return min(int(self.share(purpose) * limit), limit - 1)

    def pick(self, purpose: str, values: Sequence[str]) -> str:
        """One of the values, all alike."""
        return values[self.below(purpose, len(values))]

    def weighed(self, purpose: str, table: tuple[tuple[str, float], ...]) -> str:
        """One of the names, by its weight."""
        cumulative = np.cumsum([weight for _, weight in table])
        found = int(np.searchsorted(cumulative / cumulative[-1], self.share(purpose), side="right"))
        return table[min(found, len(table) - 1)][0]


def write_row(person: Known, chance: Chance, noise: Noise) -> dict[str, str]:
    """The cells of one row, column -> text; columns that stay empty are left out."""
    forename, surname = _names(person, chance, noise)
    cells = {
        "forename": forename,
        "surname": surname,
        "date_of_birth": _day(_birth(person.birth, chance, noise)),
        "programme_start": _day(person.start),
        "programme_end": _day(person.end),
        "establishment": person.site,
        "group:site": person.site,
        "group:completed": "yes" if person.completed else "no",
        "pnc_id": _pnc(person.pnc_id, chance, noise),
        "prison_number": _prison_number(person.prison_number, chance, noise),
        "postcode": _postcode(person, chance, noise),
    }
    if not chance.happens("sex missing", noise.sex_missing):
        cells["sex"] = person.sex
    if person.middle and chance.happens("middle given", noise.middle_names_given):
        cells["middle_names"] = person.middle
    if chance.happens("index date", noise.index_date_given):
        off = chance.below("index off by", 9) - 4 if chance.happens("index off", noise.index_date_off) else 0
        cells["index_date"] = _day(person.index_date + timedelta(days=off))
    if person.conviction_date and chance.happens("conviction date", noise.conviction_date_given):
        cells["conviction_date"] = _day(person.conviction_date)
    return cells


def _day(value: date) -> str:
    return value.strftime("%d/%m/%Y")


def _names(person: Known, chance: Chance, noise: Noise) -> tuple[str, str]:
    forename, surname = person.forename, person.surname
    if chance.happens("name varies", noise.name_variant):
        forename, surname = _vary(person, chance, chance.weighed("name variant", noise.name_variants))
    if chance.happens("prefix", noise.prefix):
        surname = "DUPLICATE_" + surname
    if chance.happens("capitals", noise.capitals):
        forename, surname = forename.upper(), surname.upper()
    return forename, surname


def _vary(person: Known, chance: Chance, kind: str) -> tuple[str, str]:
    """The names under one kind of variant; where a kind cannot be had (no alias, no short form) a misspelling."""
    forename, surname = person.forename, person.surname
    if kind == "alias" and person.alias:
        return person.alias
    if kind == "short_form" and forename in read_names().short_forms:
        return read_names().short_forms[forename], surname
    if kind == "swapped":
        return surname, forename
    if kind == "double":
        return forename, f"{surname}-{chance.pick('second surname', read_names().surnames)}"
    if chance.happens("misspell forename", 0.45):
        return misspell(forename, chance), surname
    return forename, misspell(surname, chance)


def misspell(name: str, chance: Chance) -> str:
    """One slip: two letters swapped, one left out, one doubled, or one replaced. Never the first letter.

    >>> len(misspell("Robinson", Chance(Stream(1), "doctest"))) in (7, 8, 9)
    True
    """
    place = 1 + chance.below("slip place", max(len(name) - 2, 1))
    kind = chance.below("slip kind", 4)
    if kind == 0:
        return name[:place] + name[place : place + 2][::-1] + name[place + 2 :]
    if kind == 1 and len(name) > 3:
        return name[:place] + name[place + 1 :]
    if kind == 2:
        return name[:place] + name[place] + name[place:]
    return name[:place] + chance.pick("slip letter", "aeiourntls") + name[place + 1 :]


def _birth(birth: date, chance: Chance, noise: Noise) -> date:
    if not chance.happens("birth wrong", noise.date_of_birth_error):
        return birth
    kind = chance.weighed("birth error", noise.date_of_birth_errors)
    if kind == "placeholder":
        return PLACEHOLDER_BIRTH
    if kind == "swapped" and birth.day <= 12 and birth.day != birth.month:
        return date(birth.year, birth.day, birth.month)
    if kind == "year":
        return _on_year(birth, birth.year + (1 if chance.happens("birth later", 0.5) else -1))
    # One digit of the day.
    other = birth.day + 10 if birth.day <= 18 else birth.day - 10
    return date(birth.year, birth.month, min(other, 28))


def _on_year(value: date, year: int) -> date:
    return date(year, value.month, min(value.day, 28))


def _pnc(number: str | None, chance: Chance, noise: Noise) -> str:
    if number is None or chance.happens("pnc missing", noise.pnc_id_missing):
        return ""
    if chance.happens("pnc letter", noise.pnc_id_wrong_letter):
        letter = CHECK_LETTERS[(CHECK_LETTERS.index(number[-1]) + 1 + chance.below("letter", 20)) % len(CHECK_LETTERS)]
        return number[:-1] + letter
    if chance.happens("pnc loose", noise.pnc_id_loose):
        year, rest = number.split("/")
        short = f"{year[2:]}/{rest.lstrip('0')}"
        return short.lower() if chance.happens("pnc lower", 0.3) else short
    return number


def _prison_number(number: str | None, chance: Chance, noise: Noise) -> str:
    return "" if number is None or chance.happens("prison number missing", noise.prison_number_missing) else number


def _postcode(person: Known, chance: Chance, noise: Noise) -> str:
    if chance.happens("postcode missing", noise.postcode_missing):
        return ""
    if chance.happens("postcode placeholder", noise.postcode_placeholder):
        return NO_FIXED_ABODE
    postcode = person.postcode
    if postcode is None or chance.happens("moved", noise.postcode_moved):
        who = np.array([chance.row])
        postcode = str(make_postcodes(np.array([person.region]), chance.stream, f"{chance.name} new home", who)[0])
    if chance.happens("postcode loose", noise.postcode_loose):
        return postcode.lower() if chance.happens("postcode lower", 0.5) else postcode.replace(" ", "")
    return postcode
