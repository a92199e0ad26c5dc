"""The one door for people and for a portal: check, run, evaluate, verify, rerun, and the pieces of the engine."""

from __future__ import annotations

from datalab.balance import gate
from datalab.chain import run_study
from datalab.effects.front import effects
from datalab.evaluation import Evaluation, evaluate
from datalab.manifest import verify_folder
from datalab.matching import MatchSettings, match
from datalab.output import Output
from datalab.rerunning import Rerun, rerun
from datalab.table import AnalysisTable, Covariate, Measure, Outcome

__all__ = [
    "AnalysisTable",
    "Covariate",
    "Evaluation",
    "MatchSettings",
    "Measure",
    "Outcome",
    "Output",
    "Rerun",
    "effects",
    "evaluate",
    "gate",
    "match",
    "rerun",
    "run_study",
    "verify_folder",
]
