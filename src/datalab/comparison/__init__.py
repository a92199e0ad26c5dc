"""Two stored runs of one programme, then and now: what each found, what is not the same, and whether a change can be told."""

from datalab.comparison.compare import Comparison, compare_runs

__all__ = ["Comparison", "compare_runs"]
