"""Which people stand behind the tables of a release: what the register keeps of a run."""

from __future__ import annotations

from collections.abc import Mapping

from datalab.disclosure.results import Release, ReleasedAnalysis, Suppressed
from datalab.effects.results import AnalysisFindings, Findings

MATCHED, TREATED = "analysed", "took part"


def released_tables(findings: Findings, release: Release, persons: Mapping[int, str]) -> dict[str, tuple[str, ...]]:
    """Name of a published table to the ids of the people in it, for every analysis of the release that shows numbers.

    persons: row id to person id. An analysis publishes the people analysed, and everybody eligible where their number is
    shown. People among reoffenders and the like are parts of these that the outcome made, and are not kept apart.
    """
    shown = {analysis.name: analysis for analysis in release.analyses}
    tables: dict[str, tuple[str, ...]] = {}
    for found in findings.analyses:
        if (analysis := shown.get(found.name)) is not None:
            tables |= {f"{found.name}, {part}": _ids(rows, persons) for part, rows in _parts(found, analysis).items()}
    return {name: ids for name, ids in tables.items() if ids}


def _parts(found: AnalysisFindings, analysis: ReleasedAnalysis) -> dict[str, tuple[int, ...]]:
    if isinstance(analysis.people.matched, Suppressed):
        return {}
    parts = {MATCHED: found.matched_row_ids}
    if found.members is not None and not isinstance(analysis.people.treated, Suppressed):
        parts[TREATED] = tuple(found.members.treated.tolist())
    return parts


def _ids(rows: tuple[int, ...], persons: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(sorted({persons[row] for row in rows}))
