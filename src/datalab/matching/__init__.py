"""Propensity score and radius matching."""

from datalab.matching.matcher import match
from datalab.matching.settings import MatchSettings
from datalab.matching.validity import require_valid_match

__all__ = ["MatchSettings", "match", "require_valid_match"]
