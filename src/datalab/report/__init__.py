"""The report a provider reads, its annex and its data."""

from datalab.report.console import Grid, feasibility_grid, feasibility_lines, people_grid, results_grid, verdict_lines
from datalab.report.html import render_html
from datalab.report.results import results_json
from datalab.report.sentences import explained, headline_sentence, warning_sentence
from datalab.report.writers import write_report

__all__ = [
    "Grid",
    "explained",
    "headline_sentence",
    "feasibility_grid",
    "feasibility_lines",
    "people_grid",
    "render_html",
    "results_grid",
    "results_json",
    "verdict_lines",
    "warning_sentence",
    "write_report",
]
