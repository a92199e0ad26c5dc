"""The eleven measures of proven reoffending: name, kind, denominator, favourable direction, gate (design 2.1)."""

from __future__ import annotations

from datalab.table import Measure

REOFFENDERS = "reoffenders"

MEASURES = (
    Measure("rate", "binary", "Proven reoffending rate", unit="share", favourable="lower", survival=True),
    Measure("frequency", "count", "Proven reoffences per person", unit="per person", favourable="lower"),
    Measure(
        "days_to_first",
        "number",
        "Days to the first proven reoffence",
        unit="days",
        favourable="higher",
        among=REOFFENDERS,
        minimum_treated=30,
    ),
    Measure(
        "first_indictable_rate",
        "binary",
        "First reoffence indictable only",
        unit="share",
        favourable="lower",
        among=REOFFENDERS,
        minimum_expected=10,
    ),
    Measure(
        "first_either_way_rate",
        "binary",
        "First reoffence triable either way",
        unit="share",
        favourable="neutral",
        among=REOFFENDERS,
        minimum_expected=10,
    ),
    Measure(
        "first_summary_rate",
        "binary",
        "First reoffence summary",
        unit="share",
        favourable="neutral",
        among=REOFFENDERS,
        minimum_expected=10,
    ),
    Measure(
        "first_indictable_frequency",
        "count",
        "Indictable-only reoffences per reoffender",
        unit="per person",
        favourable="lower",
        among=REOFFENDERS,
        minimum_expected=10,
    ),
    Measure(
        "first_either_way_frequency",
        "count",
        "Either-way reoffences per reoffender",
        unit="per person",
        favourable="lower",
        among=REOFFENDERS,
        minimum_expected=10,
    ),
    Measure(
        "first_summary_frequency",
        "count",
        "Summary reoffences per reoffender",
        unit="per person",
        favourable="lower",
        among=REOFFENDERS,
        minimum_expected=10,
    ),
    Measure(
        "custody_rate",
        "binary",
        "First reoffence led to custody",
        unit="share",
        favourable="lower",
        among=REOFFENDERS,
        minimum_expected=10,
    ),
    Measure(
        "custody_frequency",
        "count",
        "Custodial sentences per reoffender",
        unit="per person",
        favourable="lower",
        among=REOFFENDERS,
        minimum_expected=10,
    ),
)
BY_NAME = {measure.name: measure for measure in MEASURES}
