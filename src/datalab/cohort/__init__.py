"""Index events, clocks, the comparison pool and the attrition."""

from typing import TYPE_CHECKING

from datalab.lazy import lazy_names

if TYPE_CHECKING:
    from datalab.cohort.attrition import require_valid_attrition, with_analysis, with_matched
    from datalab.cohort.build import build_cohort, made_events, require_valid_cohort
    from datalab.cohort.facts import EventFacts, gather_facts
    from datalab.cohort.results import AttritionStep, Cohort
    from datalab.cohort.settings import CohortSettings

__all__ = [
    "AttritionStep",
    "Cohort",
    "CohortSettings",
    "EventFacts",
    "build_cohort",
    "gather_facts",
    "made_events",
    "require_valid_attrition",
    "require_valid_cohort",
    "with_analysis",
    "with_matched",
]

__getattr__ = lazy_names(
    __name__,
    {
        "AttritionStep": "datalab.cohort.results",
        "Cohort": "datalab.cohort.results",
        "CohortSettings": "datalab.cohort.settings",
        "EventFacts": "datalab.cohort.facts",
        "build_cohort": "datalab.cohort.build",
        "gather_facts": "datalab.cohort.facts",
        "made_events": "datalab.cohort.build",
        "require_valid_attrition": "datalab.cohort.attrition",
        "require_valid_cohort": "datalab.cohort.build",
        "with_analysis": "datalab.cohort.attrition",
        "with_matched": "datalab.cohort.attrition",
    },
)
