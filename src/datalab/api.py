"""The one door for people and for a portal: power, check, run, evaluate, verify, rerun, and the made-up country."""

from __future__ import annotations

from datalab.chain import run_study
from datalab.enquiry import Power, power
from datalab.evaluation import Evaluation, evaluate
from datalab.feasibility import assess_study
from datalab.manifest import verify_folder
from datalab.output import Output
from datalab.rerunning import Rerun, rerun

__all__ = ["Evaluation", "Output", "Power", "Rerun", "assess_study", "evaluate", "power", "rerun", "run_study", "verify_folder"]
