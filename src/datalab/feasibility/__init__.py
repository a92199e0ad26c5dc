"""Whether a study can be evaluated, from counts, covariates and the comparison people's outcomes; a report of its own."""

from datalab.feasibility.assess import assess_study

__all__ = ["assess_study"]
