"""Which offences a made-up country sees: public offence codes, how often, how grave, and in which court.

Codes are of the public Home Office list; weights and gravity are ours, set so that the mix of disposals and the share of each
group come near the published ones. Gravity runs from about -1 (drunkenness) to 5 (rape, robbery).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from datalab.fields.justice.codes import MODE_OF_TRIAL
from datalab.fields.justice.offences import group_of, offence_codes
from datalab.synthetic.draws import Floats, Ints

# code, class of court, weight per 1,000 offences, gravity
MIX: tuple[tuple[str, str, float, float], ...] = (
    ("10501", "summary", 100, 0.4),  # common assault
    ("00806", "either_way", 70, 1.4),  # actual bodily harm
    ("10404", "summary", 18, 0.8),  # assault on a constable
    ("00801", "either_way", 12, 2.6),  # wounding
    ("00501", "indictable", 5, 4.6),  # wounding with intent
    ("00826", "either_way", 16, 1.2),  # bladed article
    ("03401", "indictable", 14, 3.8),  # robbery
    ("12501", "summary", 60, -0.2),  # threatening words
    ("12509", "summary", 30, -0.4),  # disorderly conduct
    ("14101", "summary", 45, -1.0),  # drunk and disorderly
    ("06600", "either_way", 22, 0.9),  # public order, tried either way
    ("02002", "either_way", 6, 2.4),  # sexual assault
    ("01908", "indictable", 2, 5.0),  # rape
    ("02001", "either_way", 3, 3.0),  # sexual assault of a child
    ("16501", "summary", 5, -0.6),  # soliciting
    ("02803", "either_way", 16, 2.5),  # burglary of a dwelling
    ("03001", "either_way", 15, 1.6),  # other burglary
    ("04600", "either_way", 80, 0.2),  # shoplifting
    ("03900", "either_way", 8, 1.0),  # theft from the person
    ("04910", "either_way", 26, 0.4),  # other theft
    ("05400", "either_way", 16, 0.8),  # handling
    ("05301", "either_way", 22, 0.8),  # fraud
    ("05331", "either_way", 8, 0.4),  # fraud, another kind
    ("08302", "either_way", 12, 0.2),  # absconding
    ("13001", "either_way", 16, 0.9),  # taking a vehicle
    ("04510", "either_way", 14, 0.7),  # theft from a vehicle
    ("80701", "summary", 30, 0.1),  # driving while disqualified and licence offences
    ("80901", "summary", 34, -0.3),  # no insurance
    ("80301", "summary", 80, 0.2),  # drink driving
    ("05802", "either_way", 55, 0.0),  # criminal damage
    ("09201", "either_way", 5, 3.0),  # drug production
    ("09253", "either_way", 75, -0.5),  # drug possession
    ("09262", "either_way", 14, 2.6),  # drug supply
    ("19501", "summary", 18, -0.2),  # other
    ("07901", "indictable", 8, 2.2),  # perverting justice
)
# What a person with a breach is dealt with for; none of these counts as a reoffence.
BREACHES: tuple[tuple[str, str, float, float], ...] = (
    ("99800", "summary", 1, 0.6),  # breach of a supervision order
    ("00001", "summary", 1, 0.7),  # breach of an order
    ("08301", "summary", 1, 0.3),  # failure to surrender to bail
)
# How the groups of the reoffending models fall into the published groups of index offences.
PUBLISHED_GROUPS: dict[str, str] = {
    "violence": "Violence against the person",
    "robbery": "Robbery",
    "public_order": "Public order",
    "sexual": "Sexual",
    "sexual_child": "Sexual",
    "soliciting": "Miscellaneous crimes against society",
    "burglary_domestic": "Theft",
    "burglary_other": "Theft",
    "theft": "Theft",
    "handling": "Theft",
    "fraud": "Fraud",
    "absconding": "Miscellaneous crimes against society",
    "vehicle_taking": "Theft",
    "theft_from_vehicle": "Theft",
    "motoring": "Summary motoring",
    "drink_driving": "Summary motoring",
    "criminal_damage": "Criminal damage and arson",
    "drugs_supply": "Drug",
    "drugs": "Drug",
    "other": "Miscellaneous crimes against society",
    "unknown": "Miscellaneous crimes against society",
}
WEAPON_CODES = ("00826",)
WEAPONS, SUMMARY = "Possession of weapons", "Summary non-motoring"
MOTORING = ("motoring", "drink_driving")


def published_group(code: str, group: str, mode: str) -> str:
    """The group of index offences in which the published tables count an offence.

    >>> published_group("10501", "violence", "summary")
    'Summary non-motoring'
    """
    if code in WEAPON_CODES:
        return WEAPONS
    return SUMMARY if mode == "summary" and group not in MOTORING else PUBLISHED_GROUPS[group]


# Groups that people keep to; `any` is the mix of everybody.
HABITS: tuple[tuple[str, frozenset[str]], ...] = (
    ("any", frozenset()),
    ("acquisitive", frozenset({"theft", "handling", "burglary_other", "burglary_domestic", "theft_from_vehicle"})),
    ("violent", frozenset({"violence", "public_order", "criminal_damage", "robbery"})),
    ("drugs", frozenset({"drugs", "drugs_supply", "theft"})),
    ("motoring", frozenset({"motoring", "drink_driving", "vehicle_taking"})),
    ("sexual", frozenset({"sexual", "sexual_child"})),
    ("fraud", frozenset({"fraud"})),
)


@dataclass(frozen=True)
class OffenceMix:
    """The mix as arrays. Position = offence kind; breaches stand after the rest.

    code, group, published: text (published: the group of index offences in the published tables). mode: position in
    MODE_OF_TRIAL. gravity, ogrs3_weight: numbers. chances (habits, kinds): the cumulative chance of each kind for a person of
    each habit.
    """

    code: NDArray[np.str_]
    group: NDArray[np.str_]
    published: NDArray[np.str_]
    mode: Ints
    gravity: Floats
    ogrs3_weight: Floats
    chances: Floats
    first_breach: int


@cache
def offence_mix() -> OffenceMix:
    """The mix read against the public code list.

    >>> mix = offence_mix()
    >>> str(mix.group[0]), bool(mix.chances[0, -1] == 1.0)
    ('violence', True)
    """
    rows = MIX + BREACHES
    modes = [code for code, _ in MODE_OF_TRIAL]
    group = [group_of(row[0]) for row in rows]
    weights = np.array([row[2] for row in MIX], float)
    chances = [_habit_chances(wanted, group[: len(MIX)], weights) for _, wanted in HABITS]
    return OffenceMix(
        code=np.array([row[0] for row in rows]),
        group=np.array(group),
        published=np.array([published_group(row[0], name, row[1]) for row, name in zip(rows, group, strict=True)]),
        mode=np.array([modes.index(row[1]) for row in rows]),
        gravity=np.array([row[3] for row in rows]),
        ogrs3_weight=np.array([offence_codes()[row[0]].ogrs3_weight for row in rows]),
        chances=np.array(chances),
        first_breach=len(MIX),
    )


def _habit_chances(wanted: frozenset[str], group: list[str], weights: Floats) -> Floats:
    """Two offences in three are of the habit's groups, the rest of the common mix."""
    common = weights / weights.sum()
    kept = np.where([name in wanted for name in group], weights, 0.0)
    mixed = 0.65 * kept / kept.sum() + 0.35 * common if wanted else common
    cumulative = np.cumsum(mixed)
    return np.asarray(cumulative / cumulative[-1], np.float64)
