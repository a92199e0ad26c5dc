"""The report a provider reads, its annex and its data."""

from datalab.report.console import result_rows, verdict_lines
from datalab.report.html import render_html
from datalab.report.results import results_json
from datalab.report.writers import write_report

__all__ = ["render_html", "result_rows", "results_json", "verdict_lines", "write_report"]
