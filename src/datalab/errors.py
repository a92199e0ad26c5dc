"""The exception tree: whose fault it is, what to say, and the exit code that says it to a machine."""

from __future__ import annotations

from collections.abc import Iterable


class DataLabError(Exception):
    """Base of every error this package raises on purpose.

    `message` is a whole sentence for a person; `faults` are further sentences, one a fault, in reading order.
    Neither ever holds a value from anybody's record.
    """

    exit_code = 4

    def __init__(self, message: str, faults: Iterable[str] = ()) -> None:
        self.message = message
        self.faults = tuple(faults)
        super().__init__("\n".join((message, *(f"  - {fault}" for fault in self.faults))))


class InputError(DataLabError):
    """Something in what you gave (a file, a table, a study) must be put right before we can go on."""

    exit_code = 1


class UsageError(DataLabError):
    """The command or call itself is wrong: an unknown option, a value out of range, a folder in the way."""

    exit_code = 2


class CentralDataError(DataLabError):
    """The central records do not obey their schema, or are not there."""

    exit_code = 3


class InternalError(DataLabError):
    """Our fault: an invariant of the engine does not hold. Nothing was released."""

    exit_code = 4
