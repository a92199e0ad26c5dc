"""The one door for people and for a portal: power, check, run, evaluate, verify, rerun, and the made-up country."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datalab.lazy import lazy_names

if TYPE_CHECKING:
    from datalab.chain import run_study
    from datalab.enquiry import Power, power
    from datalab.evaluation import Evaluation, evaluate
    from datalab.feasibility import assess_study
    from datalab.manifest import verify_folder
    from datalab.output import Output
    from datalab.rerunning import Rerun, rerun

__all__ = ["Evaluation", "Output", "Power", "Rerun", "assess_study", "evaluate", "power", "rerun", "run_study", "verify_folder"]

# Loaded when first used: whoever evaluates a table waits neither for linkage nor for charts.
__getattr__ = lazy_names(
    __name__,
    {
        "Evaluation": "datalab.evaluation",
        "Output": "datalab.output",
        "Power": "datalab.enquiry",
        "Rerun": "datalab.rerunning",
        "assess_study": "datalab.feasibility",
        "evaluate": "datalab.evaluation",
        "power": "datalab.enquiry",
        "rerun": "datalab.rerunning",
        "run_study": "datalab.chain",
        "verify_folder": "datalab.manifest",
    },
)
