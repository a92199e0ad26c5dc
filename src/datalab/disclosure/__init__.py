"""Evidence, checks, decisions: the only way out for a number."""

from datalab.disclosure.release import own_data
from datalab.disclosure.thresholds import Thresholds, load_thresholds

__all__ = ["Thresholds", "load_thresholds", "own_data"]
