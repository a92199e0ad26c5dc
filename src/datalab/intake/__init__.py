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
        "Fault": "datalab.intake.results",
        "FaultGroup": "datalab.intake.report",
        "Submission": "datalab.intake.results",
        "describe_faults": "datalab.intake.report",
        "group_faults": "datalab.intake.report",
        "read_submission": "datalab.intake.submission",
        "require_usable": "datalab.intake.submission",
    },
)
