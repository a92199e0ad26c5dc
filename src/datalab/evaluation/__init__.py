"""Any table with a treatment column becomes an AnalysisTable: the engine for whatever field."""

from datalab.evaluation.evaluation import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
