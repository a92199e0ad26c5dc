"""What a command prints of a report: the table of results and the headline, from the same cells as the page."""

from __future__ import annotations

from datalab.disclosure.results import Releasable
from datalab.report.result_tables import results_table
from datalab.report.sentences import headline_sentence
from datalab.report.tables import Table

# The page's table of results has more columns than a terminal is wide; these are enough to read a verdict.
COLUMNS = (1, 3, 4, 6, 7, 8, 9, 11, 13)


def result_rows(releasable: Releasable) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Headings and rows of the results, as text: measure, numbers, values, difference, interval, p, verdict."""
    table: Table = results_table(releasable.release)
    headings = tuple(table.columns[index].title for index in COLUMNS)
    return headings, tuple(tuple(row[index].text for index in COLUMNS) for row in table.rows)


def verdict_lines(releasable: Releasable) -> tuple[str, ...]:
    """The headline sentence, and why an analysis was refused where it was."""
    release = releasable.release
    lines = [headline_sentence(release)]
    for analysis in release.analyses:
        if analysis.balance is not None and not analysis.balance.passed:
            lines += [f"  - {reason}" for reason in analysis.balance.reasons]
    return tuple(lines)
