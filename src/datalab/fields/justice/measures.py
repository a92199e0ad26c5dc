"""The measures of the justice field: name, kind, denominator, favourable direction, gate (design 2.1, 2.2).

Every one counts from the clock start, over the plan's 12 or 24 calendar months.
"""

from __future__ import annotations

from datalab.table import Direction, Kind, Measure

REOFFENDERS = "reoffenders"
TAX_RECORDS = "people known to tax and benefit records"


def _everyone(name: str, kind: Kind, label: str, unit: str, *, survival: bool = False) -> Measure:
    return Measure(name, kind, label, unit=unit, favourable="lower", survival=survival)


def _reoffenders(name: str, kind: Kind, label: str, unit: str, favourable: Direction = "lower") -> Measure:
    """Among reoffenders, shown where treated n x p is at least 10."""
    return Measure(name, kind, label, unit=unit, favourable=favourable, among=REOFFENDERS, minimum_expected=10)


def _known(name: str, kind: Kind, label: str, unit: str, favourable: Direction) -> Measure:
    """Among the people known to the tax and benefit records before the clock started, whether or not any spell follows."""
    return Measure(name, kind, label, unit=unit, favourable=favourable, among=TAX_RECORDS, known_before=True)


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
    _reoffenders("first_indictable_rate", "binary", "First reoffence indictable only", "share"),
    _reoffenders("first_either_way_rate", "binary", "First reoffence triable either way", "share", "neutral"),
    _reoffenders("first_summary_rate", "binary", "First reoffence summary", "share", "neutral"),
    _reoffenders("first_indictable_frequency", "count", "Indictable-only reoffences per reoffender", "per person"),
    _reoffenders("first_either_way_frequency", "count", "Either-way reoffences per reoffender", "per person"),
    _reoffenders("first_summary_frequency", "count", "Summary reoffences per reoffender", "per person"),
    _reoffenders("custody_rate", "binary", "First reoffence led to custody", "share"),
    _reoffenders("custody_frequency", "count", "Custodial sentences per reoffender", "per person"),
)
VIOLENT = (_everyone("violent_rate", "binary", "Violent proven reoffending rate", "share"),)
WORK = (
    _known("employed_any", "binary", "Employed at any time in the follow-up", "share", "higher"),
    _known("employed_1m", "binary", "Employed one month after the clock start", "share", "higher"),
    _known("employed_12m", "binary", "Employed 12 months after the clock start", "share", "higher"),
    _known("days_employed", "days", "Days employed", "days", "higher"),
    _known("benefit_any", "binary", "On any out-of-work benefit", "share", "lower"),
    _known("benefit_jsa", "binary", "On Jobseeker's Allowance", "share", "neutral"),
    _known("benefit_esa", "binary", "On Employment and Support Allowance", "share", "neutral"),
    _known("benefit_ib", "binary", "On Incapacity Benefit", "share", "neutral"),
    _known("benefit_is", "binary", "On Income Support", "share", "neutral"),
    _known("benefit_uc", "binary", "On Universal Credit", "share", "neutral"),
    _known("days_on_benefit", "days", "Days on out-of-work benefits", "days", "lower"),
)
MEASURES = (*REOFFENDING, *VIOLENT, *WORK)
BY_NAME = {measure.name: measure for measure in MEASURES}
WORK_NAMES = frozenset(measure.name for measure in WORK)

# Not for a plan: dated before the programme, which cannot have moved it (design 3.5).
NEGATIVE_CONTROL = Measure(
    "negative_control", "binary", "Proven offence 12 to 24 months before the index offence", unit="share", favourable="neutral"
)
