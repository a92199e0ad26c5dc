"""The report a provider reads, its annex and its data."""

from datalab.report.console import Grid, analyses_grid, people_grid, results_grid, verdict_lines
from datalab.report.html import render_html
from datalab.report.results import results_json
from datalab.report.sentences import explained, warning_sentence
from datalab.report.writers import write_report

__all__ = [
    "Grid",
    "analyses_grid",
    "explained",
    "people_grid",
    "render_html",
    "results_grid",
    "results_json",
    "verdict_lines",
    "warning_sentence",
    "write_report",
]
