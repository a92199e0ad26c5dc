"""Covariates and outcomes of a cohort, as small named queries."""

from datalab.features.build import build_table, constant_warnings

__all__ = ["build_table", "constant_warnings"]
