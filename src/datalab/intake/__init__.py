"""Reads an upload safely, cleans it, and finds every fault at once."""

from typing import TYPE_CHECKING

from datalab.lazy import lazy_names

if TYPE_CHECKING:
    from datalab.intake.report import FaultGroup, describe_faults, group_faults
    from datalab.intake.results import Fault, Submission
    from datalab.intake.submission import read_submission, require_usable

__all__ = ["Fault", "FaultGroup", "Submission", "describe_faults", "group_faults", "read_submission", "require_usable"]

__getattr__ = lazy_names(
    __name__,
    {
        "Fault": "results",
        "FaultGroup": "report",
        "Submission": "results",
        "describe_faults": "report",
        "group_faults": "report",
        "read_submission": "submission",
        "require_usable": "submission",
    },
)
