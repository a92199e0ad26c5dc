"""Reads a file of disclosure thresholds: those of a lab that is stricter than the package."""

from __future__ import annotations

from pathlib import Path

from datalab.disclosure.thresholds import Thresholds, load_thresholds
from datalab.errors import UsageError
from datalab.wording import say


def read_thresholds(path: Path | None) -> Thresholds:
    """The thresholds of a TOML file, or the package's own where None.

    Raises UsageError for a file that is missing or no text, and for whatever `load_thresholds` refuses: one looser value and
    nothing is done.

    >>> read_thresholds(None) == load_thresholds()
    True
    """
    if path is None:
        return load_thresholds()
    try:
        return load_thresholds(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError) as error:
        raise UsageError(say("disclosure.thresholds.unreadable")) from error
