"""The lists of `names.toml` as a frozen value: forenames, surnames, short forms, prisons and postcode areas."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Names:
    """Names, commonest first. short_forms: forename -> what the person is called. postcode_areas: by region."""

    male: tuple[str, ...]
    female: tuple[str, ...]
    surnames: tuple[str, ...]
    surname_starts: tuple[str, ...]
    surname_ends: tuple[str, ...]
    asian_male: tuple[str, ...]
    asian_female: tuple[str, ...]
    asian_surnames: tuple[str, ...]
    black_surnames: tuple[str, ...]
    prisons: tuple[str, ...]
    postcode_areas: tuple[tuple[str, ...], ...]
    short_forms: Mapping[str, str]


@cache
def read_names() -> Names:
    """The lists of the file.

    >>> read_names().male[0]
    'James'
    """
    source = resources.files("datalab.synthetic").joinpath("names.toml")
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    del data["format"]
    lists = {name: tuple(value.split()) for name, value in data.items() if isinstance(value, str)}
    return Names(
        **lists,
        prisons=tuple(data["prisons"]),
        postcode_areas=tuple(tuple(areas) for areas in data["postcode_areas"]),
        short_forms=dict(data["short_forms"]),
    )
