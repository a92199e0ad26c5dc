"""Which people stand behind the tables of a release: what the register keeps of a run or a feasibility study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from datalab.cohort.results import AttritionStep
from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedLinkage, ReleasedNeedsRun, Suppressed
from datalab.effects.results import AnalysisFindings, Findings
from datalab.errors import InternalError
from datalab.register.roll import Roll
from datalab.register.tables import Kind, ShownTable

MATCHED, TREATED, STEP = "analysed", "took part", "step"
OF_ROWS = ("submitted", "readable")
IN_ANALYSIS, LAST = "in_analysis", "matched"
STANDING, LINKED, OF_LINKED = "one_per_person", "linked", "ethnicity_of_linked"


def released_tables(findings: Findings, release: Release, roll: Roll) -> dict[str, ShownTable]:
    """Name of a published table to the people in it: every analysis, run of the needs design and step that shows a number.

    release: in the default profile, of which the strict one shows no more than rounded numbers. An analysis publishes the
    people analysed, and everybody eligible where their number is shown; the ladder its steps as they were merged; the quality
    of the links those whose groups it counts. People among reoffenders and the like are parts of these that the outcome made,
    and are not kept apart. Raises InternalError where a number shown is not that of its people.
    """
    tables = dict(chain(_analyses(findings, release, roll), _needs(findings, release, roll), _steps(findings, release, roll)))
    return {name: table for name, table in tables.items() if table.members}


def _analyses(findings: Findings, release: Release, roll: Roll) -> Iterator[tuple[str, ShownTable]]:
    shown = {analysis.name: analysis for analysis in release.analyses}
    for found in findings.analyses:
        if (analysis := shown.get(found.name)) is not None:
            kind: Kind = "headline" if found.name == findings.headline_analysis else "analysis"
            for part, rows in _parts(found, analysis).items():
                yield f"{found.name}, {part}", ShownTable(kind, _events(rows, roll))


def _parts(found: AnalysisFindings, analysis: ReleasedAnalysis) -> dict[str, tuple[int, ...]]:
    parts: dict[str, tuple[int, ...]] = {}
    if not isinstance(analysis.people.matched, Suppressed):
        parts[MATCHED] = found.matched_row_ids
    if found.members is not None and not isinstance(analysis.people.treated, Suppressed):
        parts[TREATED] = tuple(found.members.treated.tolist())
    return parts


def _needs(findings: Findings, release: Release, roll: Roll) -> Iterator[tuple[str, ShownTable]]:
    """The runs whose number of people is shown; of the others only differences are, too coarse to be subtracted."""
    shown = {(run.analysis, run.design): run for run in release.needs}
    for run in findings.needs:
        made: ReleasedNeedsRun | None = shown.get((run.analysis, run.design))
        if made is not None and not isinstance(made.n_treated, Suppressed):
            yield f"{run.analysis}, {run.design}", ShownTable("analysis", _events(run.found.matched_row_ids, roll))


def _events(rows: Iterable[int], roll: Roll) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted({roll.events[row] for row in rows}))


def _steps(findings: Findings, release: Release, roll: Roll) -> Iterator[tuple[str, ShownTable]]:
    """The steps whose number is shown, by the last line of that number: lines that lost nobody add nothing."""
    lines = findings.attrition
    shown = [(step.step, step.n) for step in release.attrition if not isinstance(step.n, Suppressed)]
    shown += [(step, [line.n for line in lines if line.step == step][-1]) for step in _grouped(release.linkage)]
    named: Counter[str] = Counter()
    for name, n in dict.fromkeys(shown):
        named[name] += 1
        place = max(place for place, line in enumerate(lines) if line.n == n)
        again = f" ({named[name]})" if named[name] > 1 else ""
        yield f"{STEP} {name}{again}", _step(findings, place, name, roll)


def _grouped(linkage: ReleasedLinkage | None) -> list[str]:
    """The steps whose people the groups of the linkage add up to, where they are counted."""
    groups = () if linkage is None else linkage.groups
    counted = {group.characteristic for group in groups if not isinstance(group.submitted, Suppressed)}
    return sorted({LINKED if name == OF_LINKED else STANDING for name in counted})


def _step(findings: Findings, place: int, name: str, roll: Roll) -> ShownTable:
    lines = findings.attrition[: place + 1]
    lost = {line.reason.rsplit(".", maxsplit=1)[-1] for line in lines}
    rows = [row for row in roll.rows if row.lost not in lost]
    inside = _inside(findings, lines[-1], roll)
    rows = [row for row in rows if inside is None or row.person in inside]
    if len(rows) != lines[-1].n:
        raise InternalError(f"the people of the step {lines[-1].step} are not as many as it counts")
    if name in OF_ROWS:
        return ShownTable("rows", tuple(sorted((row.person, row.part) for row in rows)))
    return ShownTable("people", tuple(sorted((row.person,) for row in rows)))


def _inside(findings: Findings, line: AttritionStep, roll: Roll) -> frozenset[str] | None:
    """The people of the headline analysis that its own last steps count; None for the steps of everybody."""
    (head,) = (found for found in findings.analyses if found.name == findings.headline_analysis)
    if line.step == LAST:
        return frozenset(roll.events[row][0] for row in head.matched_row_ids)
    if line.step == IN_ANALYSIS and head.members is not None:
        return frozenset(roll.events[row][0] for row in head.members.treated.tolist())
    return None
