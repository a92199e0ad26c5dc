"""What raises and lowers the hazard of offending again: the numbers of `calibrated.toml`, checked as they are read.

They were found by `scripts/calibrate.py`, which turns them until the country's own rates lie on the published ones.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from datalab.errors import InternalError
from datalab.fields.justice.codes import DISPOSAL
from datalab.synthetic.draws import Floats, Ints
from datalab.synthetic.offending import offence_mix

FORMAT = 1
HISTORY = ((0, 0), (1, 2), (3, 6), (7, 10), (11, 9999))
# Longest sentence of each band, in days.
SENTENCES = (364, 730, 1460, 3652, 10**6)


@dataclass(frozen=True)
class Effects:
    """Terms of the log odds z, each a table of positions: everything is added up.

    ages: years at the knots; men, women: their terms; history, offence: (adults, young people) by band of earlier offences
    and by offence kind; disposal: of adults, by position in codes.DISPOSAL; sentence: of adults released, by band of length.
    """

    ages: tuple[float, ...]
    men: tuple[float, ...]
    women: tuple[float, ...]
    history: tuple[tuple[float, ...], tuple[float, ...]]
    offence: tuple[tuple[float, ...], tuple[float, ...]]
    disposal: tuple[float, ...]
    sentence: tuple[float, ...]

    def of_age(self, years: Floats, female: np.ndarray[Any, np.dtype[np.bool_]]) -> Floats:
        """The terms of age and sex (n,), straight between the knots."""
        men, women = np.interp(years, self.ages, self.men), np.interp(years, self.ages, self.women)
        return np.asarray(np.where(female, women, men), np.float64)

    def of_record(self, years: Floats, *, earlier: Ints, kind: Ints, disposal: Ints, sentence: Ints) -> Floats:
        """The terms (n,) of earlier offences and of the last one: its kind, what it got, days of custody (0: none)."""
        young = (years < 18).astype(np.int64)
        band = np.searchsorted([high for _, high in HISTORY], earlier)
        longest = np.searchsorted(SENTENCES, sentence)
        grown = np.where(sentence > 0, np.array(self.sentence)[longest], np.array(self.disposal)[disposal])
        record = np.array(self.history)[young, band] + np.array(self.offence)[young, kind]
        return np.asarray(record + np.where(young == 1, 0.0, grown), np.float64)


@cache
def read_effects() -> Effects:
    """The effects of the file. Raises InternalError where it has a key too many or too few.

    >>> len(read_effects().sentence)
    5
    """
    source = resources.files("datalab.synthetic").joinpath("calibrated.toml")
    return parse_effects(tomllib.loads(source.read_text(encoding="utf-8")))


def parse_effects(data: dict[str, Any]) -> Effects:
    """The effects of parsed TOML; see read_effects."""
    mix, disposals = offence_mix(), [name for name, _ in DISPOSAL]
    groups = sorted(set(mix.published.tolist()))
    try:
        if data["format"] != FORMAT:
            raise KeyError("format")
        knots, adult, young = data["age"], data["adult"], data["young"]
        if set(adult["offence"]) != set(groups) or set(young["offence"]) != set(groups):
            raise KeyError("offence")
        return Effects(
            ages=tuple(knots["years"]),
            men=tuple(knots["men"]),
            women=tuple(knots["women"]),
            history=(_numbers(adult["history"], len(HISTORY)), _numbers(young["history"], len(HISTORY))),
            offence=tuple(tuple(part["offence"][name] for name in mix.published.tolist()) for part in (adult, young)),  # type: ignore[arg-type]
            disposal=tuple(adult["disposal"].get(name, 0.0) for name in disposals),
            sentence=_numbers(adult["sentence"], len(SENTENCES)),
        )
    except KeyError as error:
        raise InternalError(f"calibrated.toml is not whole: {error.args[0]}") from error


def _numbers(values: list[float], count: int) -> tuple[float, ...]:
    if len(values) != count:
        raise KeyError(f"{count} numbers")
    return tuple(float(value) for value in values)
