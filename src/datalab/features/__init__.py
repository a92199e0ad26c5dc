"""Covariates before, and outcomes after, each index event."""
