"""The one door for people and for a portal: check, run, evaluate, verify, rerun, and the made-up country."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datalab.lazy import lazy_names

if TYPE_CHECKING:
    from datalab.chain import run_study
    from datalab.evaluation import Evaluation, evaluate
    from datalab.manifest import verify_folder
    from datalab.output import Output
    from datalab.rerunning import Rerun, rerun

__all__ = ["Evaluation", "Output", "Rerun", "evaluate", "rerun", "run_study", "verify_folder"]

# Loaded when first used: whoever evaluates a table waits neither for linkage nor for charts.
__getattr__ = lazy_names(
    __name__,
    {
        "Evaluation": "datalab.evaluation",
        "Output": "datalab.output",
        "Rerun": "datalab.rerunning",
        "evaluate": "datalab.evaluation",
        "rerun": "datalab.rerunning",
        "run_study": "datalab.chain",
        "verify_folder": "datalab.manifest",
    },
)
