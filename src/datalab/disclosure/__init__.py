"""Evidence, checks, decisions: the only way out for a number."""

from datalab.disclosure.release import as_stored, control, own_data, restore
from datalab.disclosure.safety import require_safe_release
from datalab.disclosure.stored import release_document
from datalab.disclosure.thresholds import Thresholds, is_tighter, load_thresholds, thresholds_text

__all__ = [
    "Thresholds",
    "as_stored",
    "control",
    "is_tighter",
    "load_thresholds",
    "own_data",
    "release_document",
    "require_safe_release",
    "restore",
    "thresholds_text",
]
