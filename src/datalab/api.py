"""The one door for people and for a portal: power, feasibility, run, evaluate, library, verify, rerun, and the engine's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datalab.lazy import lazy_names

if TYPE_CHECKING:
    from datalab.balance import gate
    from datalab.chain import run_study
    from datalab.comparison import compare_runs
    from datalab.effects.front import effects
    from datalab.enquiry import Power, power
    from datalab.evaluation import Evaluation, evaluate
    from datalab.evidence import synthesise
    from datalab.feasibility import assess_study
    from datalab.library import Library, add_releases, open_library
    from datalab.manifest import verify_folder
    from datalab.matching import MatchSettings, match
    from datalab.output import Output
    from datalab.rendering import Rendered, draw_stored, render_again
    from datalab.rerunning import Rerun, rerun
    from datalab.table import AnalysisTable, Covariate, Measure, Outcome

__all__ = [
    "AnalysisTable",
    "Covariate",
    "Evaluation",
    "Library",
    "MatchSettings",
    "Measure",
    "Outcome",
    "Output",
    "Power",
    "Rendered",
    "Rerun",
    "add_releases",
    "assess_study",
    "compare_runs",
    "draw_stored",
    "effects",
    "evaluate",
    "gate",
    "match",
    "open_library",
    "power",
    "render_again",
    "rerun",
    "run_study",
    "synthesise",
    "verify_folder",
]

# Loaded when first used: whoever evaluates a table waits neither for linkage nor for charts.
__getattr__ = lazy_names(
    __name__,
    {
        "AnalysisTable": "datalab.table",
        "Covariate": "datalab.table",
        "Evaluation": "datalab.evaluation",
        "Library": "datalab.library",
        "MatchSettings": "datalab.matching",
        "Measure": "datalab.table",
        "Outcome": "datalab.table",
        "Output": "datalab.output",
        "Power": "datalab.enquiry",
        "Rendered": "datalab.rendering",
        "Rerun": "datalab.rerunning",
        "add_releases": "datalab.library",
        "assess_study": "datalab.feasibility",
        "compare_runs": "datalab.comparison",
        "draw_stored": "datalab.rendering",
        "effects": "datalab.effects.front",
        "evaluate": "datalab.evaluation",
        "gate": "datalab.balance",
        "match": "datalab.matching",
        "open_library": "datalab.library",
        "power": "datalab.enquiry",
        "render_again": "datalab.rendering",
        "rerun": "datalab.rerunning",
        "run_study": "datalab.chain",
        "synthesise": "datalab.evidence",
        "verify_folder": "datalab.manifest",
    },
)
