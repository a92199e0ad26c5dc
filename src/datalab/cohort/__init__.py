"""Index events, clocks, the comparison pool and the attrition."""

from datalab.cohort.attrition import require_valid_attrition, with_analysis, with_matched
from datalab.cohort.build import build_cohort, require_valid_cohort
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
    "require_valid_attrition",
    "require_valid_cohort",
    "with_analysis",
    "with_matched",
]
