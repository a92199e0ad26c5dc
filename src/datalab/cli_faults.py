"""What a command may say of an error that nobody foresaw."""

from __future__ import annotations

import traceback
from pathlib import Path


def is_interruption(error: Exception) -> bool:
    """Whether a query was stopped by Ctrl-C: DuckDB tells it as an error of its own.

    >>> is_interruption(ValueError("interrupted")), is_interruption(ValueError("wrong"))
    (True, False)
    """
    return "interrupt" in f"{type(error).__name__} {error}".lower()


def place_of(error: Exception) -> str:
    """The kind of an error and where it arose. Never its text, which may hold values from records.

    >>> place_of(ValueError("a value"))
    'ValueError at an unknown place'
    """
    last = (*traceback.walk_tb(error.__traceback__),)[-1:]
    where = "".join(f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in last)
    return f"{type(error).__name__} at {where or 'an unknown place'}"
