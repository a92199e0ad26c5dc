"""Propensity score, matching and weighting."""

from datalab.matching.matcher import match
from datalab.matching.settings import MatchSettings, named_settings
from datalab.matching.validity import require_valid_match

__all__ = ["MatchSettings", "match", "named_settings", "require_valid_match"]
