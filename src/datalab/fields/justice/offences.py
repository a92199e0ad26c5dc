"""Offence codes: the 21 offence groups of the reoffending models, read from the public code list in `datalab/data`.

The list gives each code the OGRS3 weight of its category (Howard and others, 2009); the weights differ between all twenty
categories, so the weight names the group. Codes without a weight, or that "need the exact code" (999), are `unknown`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

# group, label, OGRS3 weight (four decimals, as the code list prints it)
GROUPS: tuple[tuple[str, str, str], ...] = (
    ("violence", "Violence", "0"),
    ("robbery", "Robbery", "-0.6348"),
    ("public_order", "Public order and harassment", "0.1819"),
    ("sexual", "Sexual, not against a child", "0.0328"),
    ("sexual_child", "Sexual, against a child", "-0.6534"),
    ("soliciting", "Soliciting or prostitution", "0.7606"),
    ("burglary_domestic", "Burglary of a dwelling", "-0.1239"),
    ("burglary_other", "Other burglary", "0.2406"),
    ("theft", "Theft", "0.6612"),
    ("handling", "Handling stolen goods", "0.3519"),
    ("fraud", "Fraud and forgery", "0.1599"),
    ("absconding", "Absconding and bail", "0.7334"),
    ("vehicle_taking", "Taking a vehicle", "0.3801"),
    ("theft_from_vehicle", "Theft from a vehicle", "0.4272"),
    ("motoring", "Other motoring", "0.2622"),
    ("drink_driving", "Drink driving", "-0.1214"),
    ("criminal_damage", "Criminal damage", "0.205"),
    ("drugs_supply", "Drugs: import, export, production", "-0.7956"),
    ("drugs", "Drugs: possession and supply", "0.0772"),
    ("other", "Other", "-0.0607"),
    ("unknown", "Not known", ""),
)
LABELS = {group: label for group, label, _ in GROUPS}
_GROUP_OF_WEIGHT = {weight: group for group, _, weight in GROUPS if weight}
# Two catch-all codes carry weight 0 only because the list gives them no category.
_NO_CATEGORY = frozenset({"00000", "00001"})


@dataclass(frozen=True)
class OffenceCode:
    """One Home Office code: its group, OGRS3 weight (0 where unknown), and whether it counts as violent."""

    code: str
    group: str
    ogrs3_weight: float
    is_violent: bool


@cache
def offence_codes() -> dict[str, OffenceCode]:
    """All 3,039 codes by code.

    >>> offence_codes()["00801"].group
    'violence'
    """
    source = resources.files("datalab.data").joinpath("offence_codes.csv")
    lines = source.read_text(encoding="utf-8").splitlines()
    return {row["ho_code5"]: _read(row) for row in csv.DictReader(lines)}


def _read(row: dict[str, str]) -> OffenceCode:
    code, weight = row["ho_code5"], row["ogrs3_weight"]
    group = "unknown" if code in _NO_CATEGORY else _GROUP_OF_WEIGHT.get(weight, "unknown")
    known = group != "unknown"
    return OffenceCode(code, group, float(weight) if known else 0.0, row["is_violent_sanction"] == "True")


def group_of(code: str) -> str:
    """The offence group of a Home Office code; `unknown` for a code that is not in the list."""
    found = offence_codes().get(code)
    return found.group if found else "unknown"
