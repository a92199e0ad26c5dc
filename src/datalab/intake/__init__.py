"""Reads an upload safely, cleans it, and finds every fault at once."""

from datalab.intake.report import FaultGroup, describe_faults, group_faults
from datalab.intake.results import Fault, Submission
from datalab.intake.submission import read_submission, require_usable

__all__ = ["Fault", "FaultGroup", "Submission", "describe_faults", "group_faults", "read_submission", "require_usable"]
