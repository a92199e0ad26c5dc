"""Propensity score and radius matching."""
