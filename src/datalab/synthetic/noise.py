"""The upload noise of `noise.toml` as a frozen value, checked as it is read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

from datalab.errors import InternalError

FORMAT = 1


@dataclass(frozen=True)
class Noise:
    """Shares of rows (0 to 1) in which each thing goes wrong; the meaning of each stands in `noise.toml`."""

    pnc_id_missing: float
    prison_number_missing: float
    postcode_moved: float
    name_variant: float
    date_of_birth_error: float
    not_in_records: float
    duplicate_rows: float
    postcode_missing: float
    postcode_placeholder: float
    postcode_loose: float
    pnc_id_wrong_letter: float
    pnc_id_loose: float
    middle_names_given: float
    index_date_given: float
    index_date_off: float
    conviction_date_given: float
    sex_missing: float
    capitals: float
    prefix: float
    name_variants: tuple[tuple[str, float], ...]
    date_of_birth_errors: tuple[tuple[str, float], ...]


@cache
def read_noise() -> Noise:
    """The noise of the file. Raises InternalError where it has a key too many or too few, or a share outside 0 to 1.

    >>> read_noise().pnc_id_missing
    0.3
    """
    source = resources.files("datalab.synthetic").joinpath("noise.toml")
    return parse_noise(tomllib.loads(source.read_text(encoding="utf-8")))


def parse_noise(data: dict[str, Any]) -> Noise:
    """The noise of parsed TOML; see read_noise."""
    names = {field.name for field in fields(Noise)}
    given = {name for name in data if name != "format"}
    if data.get("format") != FORMAT or given != names:
        raise InternalError("noise.toml must hold format = 1 and exactly the keys of Noise")
    tables = {name: tuple(value.items()) for name, value in data.items() if isinstance(value, dict)}
    plain = {name: float(value) for name, value in data.items() if name in names - set(tables)}
    shares = [*plain.values(), *(share for table in tables.values() for _, share in table)]
    if any(not 0.0 <= share <= 1.0 for share in shares):
        raise InternalError("shares in noise.toml must lie between 0 and 1")
    values: dict[str, Any] = {**plain, **tables}
    return Noise(**values)
