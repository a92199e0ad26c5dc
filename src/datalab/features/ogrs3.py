"""The Copas rate and the Offender Group Reconviction Scale, version 3 (Howard, Francis, Soothill and Humphreys 2009).

z = 1.2511 copas + (0.1261 without previous sanctions, else 0.4631) + weight of age and sex + weight of the offence;
probability of proven reoffending within a year = 1 / (1 + exp(-(1.4026 + z))). The weights lie in `data/ogrs3_parameters.csv`;
those of the offences come with the offence codes (0.0328 for a sexual offence that is not against a child).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from datalab.table import Bools, Floats, Ints


@dataclass(frozen=True)
class Parameters:
    """The scale's numbers. ages: first age of each band; male, female: weight of each band."""

    intercept: float
    copas: float
    first_sanction: float
    repeat: float
    ages: Ints
    male: Floats
    female: Floats


@cache
def parameters() -> Parameters:
    """The published parameters, read once from the package data."""
    source = resources.files("datalab.data").joinpath("ogrs3_parameters.csv")
    rows = list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
    value = {(row["term"], row["level"]): float(row["coefficient"]) for row in rows}
    bands = [row["level"].removeprefix("male ") for row in rows if row["level"].startswith("male ")]
    return Parameters(
        intercept=value["intercept_1yr", ""],
        copas=value["copas_rate_coef", ""],
        first_sanction=value["sanction_history", "first sanction (no previous)"],
        repeat=value["sanction_history", "repeat (>=1 previous)"],
        ages=np.array([int(band.rstrip("+").split("-")[0]) for band in bands], dtype=np.int64),
        male=np.array([value["age_sex", f"male {band}"] for band in bands]),
        female=np.array([value["age_sex", f"female {band}"] for band in bands]),
    )


def copas_rate(previous_sanctions: Ints, years: Floats) -> Floats:
    """ln((1 + n) / (10 + years)), years from the first sanction to the current one (0 or more; Copas and Marshall 1998).

    >>> round(float(copas_rate(np.array([4]), np.array([5.0]))[0]), 4)
    -1.0986
    """
    return np.log((1.0 + previous_sanctions) / (10.0 + np.maximum(years, 0.0)))


def ogrs3(age_years: Ints, female: Bools, previous_sanctions: Ints, copas: Floats, offence_weight: Floats) -> Floats:
    """Probability (0 to 1) of proven reoffending within a year; all arguments are arrays of one length n.

    age_years: at the start of follow-up; ages under 10 take the first band. female: people of unknown sex take the male
    weights, as most are men.

    >>> who = np.array([30]), np.array([False]), np.array([0])
    >>> round(float(ogrs3(*who, copas_rate(np.array([0]), np.array([0.0])), np.array([0.0]))[0]), 3)
    0.064
    """
    known = parameters()
    band = np.maximum(np.searchsorted(known.ages, age_years, side="right") - 1, 0)
    z = known.copas * copas + np.where(previous_sanctions == 0, known.first_sanction, known.repeat)
    z = z + np.where(female, known.female[band], known.male[band]) + offence_weight
    return 1.0 / (1.0 + np.exp(-(known.intercept + z)))
