"""Index events, clocks, the comparison pool and the attrition."""

from typing import TYPE_CHECKING

from datalab.lazy import lazy_names

if TYPE_CHECKING:
    from datalab.cohort.attrition import require_valid_attrition, with_matched
    from datalab.cohort.build import build_cohort, require_valid_cohort
    from datalab.cohort.results import AttritionStep, Cohort
    from datalab.cohort.settings import CohortSettings

__all__ = [
    "AttritionStep",
    "Cohort",
    "CohortSettings",
    "build_cohort",
    "require_valid_attrition",
    "require_valid_cohort",
    "with_matched",
]

__getattr__ = lazy_names(
    __name__,
    {
        "AttritionStep": "datalab.cohort.results",
        "Cohort": "datalab.cohort.results",
        "CohortSettings": "datalab.cohort.settings",
        "build_cohort": "datalab.cohort.build",
        "require_valid_attrition": "datalab.cohort.attrition",
        "require_valid_cohort": "datalab.cohort.build",
        "with_matched": "datalab.cohort.attrition",
    },
)
