"""The report a provider reads, its annex and its data."""

from typing import TYPE_CHECKING

from datalab.lazy import lazy_names

if TYPE_CHECKING:
    from datalab.report.console import (
        Grid,
        analyses_grid,
        feasibility_grid,
        feasibility_lines,
        people_grid,
        results_grid,
        verdict_lines,
    )
    from datalab.report.html import render_html
    from datalab.report.results import results_json
    from datalab.report.sentences import explained, headline_sentence, warning_sentence
    from datalab.report.writers import write_report

__all__ = [
    "Grid",
    "analyses_grid",
    "explained",
    "feasibility_grid",
    "feasibility_lines",
    "headline_sentence",
    "people_grid",
    "render_html",
    "results_grid",
    "results_json",
    "verdict_lines",
    "warning_sentence",
    "write_report",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Grid": "datalab.report.console",
        "analyses_grid": "datalab.report.console",
        "explained": "datalab.report.sentences",
        "feasibility_grid": "datalab.report.console",
        "feasibility_lines": "datalab.report.console",
        "headline_sentence": "datalab.report.sentences",
        "people_grid": "datalab.report.console",
        "render_html": "datalab.report.html",
        "results_grid": "datalab.report.console",
        "results_json": "datalab.report.results",
        "verdict_lines": "datalab.report.console",
        "warning_sentence": "datalab.report.sentences",
        "write_report": "datalab.report.writers",
    },
)
