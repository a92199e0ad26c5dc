"""A data lab in a box: link, match, estimate, control disclosure, report.

>>> import datalab as dl
>>> {"evaluate", "run_study", "power", "match", "gate", "effects"} <= set(dl.__all__)
True
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = [
    "AnalysisTable",
    "Covariate",
    "Evaluation",
    "MatchSettings",
    "Measure",
    "Outcome",
    "Output",
    "Power",
    "Rerun",
    "assess_study",
    "effects",
    "evaluate",
    "gate",
    "match",
    "power",
    "rerun",
    "run_study",
    "synthesise",
    "verify_folder",
]


def __getattr__(name: str) -> Any:
    """The names of `datalab.api`, loaded when first used, so that `datalab --help` stays quick."""
    if name in __all__:
        from datalab import api  # noqa: PLC0415 (that is the point)

        return getattr(api, name)
    raise AttributeError(f"module 'datalab' has no attribute {name!r}")
