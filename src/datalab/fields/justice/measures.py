"""The measures of the justice field: name, kind, denominator, favourable direction, gate (design 2.1, 2.2).

Every one counts from the clock start, over the plan's 12 or 24 calendar months.
"""

from __future__ import annotations

from datalab.fields.justice.codes import BENEFIT
from datalab.table import Direction, Kind, Measure

REOFFENDERS = "reoffenders"
TAX_RECORDS = "people known to tax and benefit records"
ALL_COURTS = "reoffences"  # their frequencies add up to that of all reoffences
FIRST_COURT = "court of the first reoffence"


def _everyone(name: str, kind: Kind, label: str, unit: str, *, survival: bool = False, part_of: str = "") -> Measure:
    return Measure(name, kind, label, unit=unit, favourable="lower", survival=survival, part_of=part_of)


def _reoffenders(name: str, kind: Kind, label: str, favourable: Direction = "lower", one_of: str = "") -> Measure:
    """Among reoffenders, shown where treated n x p is at least 10."""
    unit = "share" if kind == "binary" else "per person"
    return Measure(name, kind, label, unit=unit, favourable=favourable, among=REOFFENDERS, minimum_expected=10, one_of=one_of)


def _known(name: str, kind: Kind, label: str, favourable: Direction, part_of: str = "") -> Measure:
    """Among the people known to the tax and benefit records before the clock started, whether or not any spell follows."""
    unit = "share" if kind == "binary" else "days"
    return Measure(name, kind, label, unit=unit, favourable=favourable, among=TAX_RECORDS, known_before=True, part_of=part_of)


# The eleven measures of proven reoffending.
REOFFENDING = (
    _everyone("rate", "binary", "Proven reoffending rate", "share", survival=True),
    _everyone("frequency", "count", "Proven reoffences per person", "per person"),
    Measure(
        "days_to_first",
        "number",
        "Days to the first proven reoffence",
        unit="days",
        favourable="higher",
        among=REOFFENDERS,
        minimum_treated=30,
    ),
    _reoffenders("first_indictable_rate", "binary", "First reoffence indictable only", one_of=FIRST_COURT),
    _reoffenders("first_either_way_rate", "binary", "First reoffence triable either way", "neutral", FIRST_COURT),
    _reoffenders("first_summary_rate", "binary", "First reoffence summary", "neutral", FIRST_COURT),
    _reoffenders("first_indictable_frequency", "count", "Indictable-only reoffences per reoffender", one_of=ALL_COURTS),
    _reoffenders("first_either_way_frequency", "count", "Either-way reoffences per reoffender", one_of=ALL_COURTS),
    _reoffenders("first_summary_frequency", "count", "Summary reoffences per reoffender", one_of=ALL_COURTS),
    _reoffenders("custody_rate", "binary", "First reoffence led to custody"),
    _reoffenders("custody_frequency", "count", "Custodial sentences per reoffender"),
)
VIOLENT = (_everyone("violent_rate", "binary", "Violent proven reoffending rate", "share", part_of="rate"),)
WORK = (
    _known("employed_any", "binary", "Employed at any time in the follow-up", "higher"),
    _known("employed_1m", "binary", "Employed one month after the clock start", "higher", "employed_any"),
    _known("employed_12m", "binary", "Employed 12 months after the clock start", "higher", "employed_any"),
    _known("days_employed", "days", "Days employed", "higher"),
    _known("benefit_any", "binary", "On any out-of-work benefit", "lower"),
    *(_known(f"benefit_{code.lower()}", "binary", f"On {label}", "neutral", "benefit_any") for code, label in BENEFIT),
    _known("days_on_benefit", "days", "Days on out-of-work benefits", "lower"),
)
MEASURES = (*REOFFENDING, *VIOLENT, *WORK)
BY_NAME = {measure.name: measure for measure in MEASURES}
WORK_NAMES = frozenset(measure.name for measure in WORK)

# Not for a plan: dated before the programme, which cannot have moved it (design 3.5).
NEGATIVE_CONTROL = Measure(
    "negative_control", "binary", "Proven offence 12 to 24 months before the index offence", unit="share", favourable="neutral"
)
