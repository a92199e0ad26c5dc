"""Evidence, checks, decisions: the only way out for a number."""

from datalab.disclosure.release import control, own_data
from datalab.disclosure.safety import require_safe_release
from datalab.disclosure.thresholds import Thresholds, load_thresholds

__all__ = ["Thresholds", "control", "load_thresholds", "own_data", "require_safe_release"]
