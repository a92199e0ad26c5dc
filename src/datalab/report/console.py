"""What a command prints of a report: people, results and the headline, compact, from the same cells as the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datalab.disclosure.results import Number, Releasable, Release, ReleasedOutcome, Suppressed
from datalab.report.feasibility_words import (
    answer_sentence,
    criterion_texts,
    headline_feasibility,
    level_text,
    size_text,
    tag,
    todo,
)
from datalab.report.numbers import fixed
from datalab.report.people_tables import attrition_table, status_word
from datalab.report.result_tables import FIRST_MEASURES, measure_title, results_table, verdict_word
from datalab.report.sentences import explained, headline, headline_sentence, measure_words
from datalab.report.several import analyses_overview, of_headline
from datalab.report.styles import Style, table_style
from datalab.report.tables import Table, number_cell
from datalab.wording import say, words

ANALYSIS_COLUMNS = ("estimate_range", "verdict")
RESULT_COLUMNS = ("treated", "comparison", "estimate", "estimate_range", "verdict")
PEOPLE_COLUMNS = ("matched_people", "comparison_people", "effective")
UNKNOWN = "–"


@dataclass(frozen=True)
class Grid:
    """A small table as text: headings and rows of the same length; the first column heads the rows."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def people_grid(releasable: Releasable) -> Grid:
    """Submitted, linked, analysed, comparison and its effective size, one row; `[c]` where a number may not be shown.

    Linked is a count where its step of the attrition was released, else the share in percent.
    """
    release = releasable.release
    table = analyses_overview(release)
    places = _places(table)
    place = next((i for i, analysis in enumerate(release.analyses) if analysis.name == release.headline_analysis), 0)
    numbers = tuple(table.rows[place][places[name]].text for name in PEOPLE_COLUMNS)
    headings = tuple(say(f"cli.grid.{name}") for name in ("submitted", "linked", *PEOPLE_COLUMNS))
    return Grid(headings, ((_left(release, "submitted"), _linked(release), *numbers),))


def _linked(release: Release) -> str:
    counted = _left(release, "linked")
    if counted or release.linkage is None:
        return counted or UNKNOWN
    return number_cell(release.linkage.linked_share, 0, 2, "%").text


def _left(release: Release, step: str) -> str:
    """How many were left after a step, as the attrition table prints it; "" where the step was merged away."""
    table = attrition_table(release)
    place = _places(table)["n"]
    found = [row[place].text for row, line in zip(table.rows, release.attrition, strict=True) if line.step == step]
    return found[-1] if found else ""


def results_grid(releasable: Releasable, truth: Mapping[str, float] | None = None) -> Grid:
    """The headline and, of a run, rate, frequency and time: both groups, difference, interval, verdict.

    truth: true effects by measure, in its own unit, for one more column ("–" for a measure without one); None: no column.
    """
    release = of_headline(releasable.release)
    table = results_table(release)
    places = _places(table)
    printed = iter(table.rows)
    rows = []
    for outcome in (outcome for analysis in release.analyses for outcome in analysis.outcomes):
        cells = next(printed) if outcome.effect is not None else None
        if not _is_main(release, outcome):
            continue
        texts = tuple(cells[places[name]].text for name in RESULT_COLUMNS) if cells else _withheld(release, outcome)
        last = () if truth is None else (_true_text(outcome, truth),)
        rows.append((_name(release, outcome), *texts, *last))
    names = ("measure", *RESULT_COLUMNS, *(() if truth is None else ("truth",)))
    return Grid(tuple(say(f"cli.grid.{name}") for name in names), tuple(rows))


def analyses_grid(releasable: Releasable, truths: Mapping[str, float] | None = None) -> Grid:
    """Every analysis beside the headline: its people, and the headline's measure or why it has none.

    truths: true effects on that measure by analysis, for one more column; None: no column.
    """
    release = releasable.release
    _, outcome = headline(release)
    table, overview = results_table(release), analyses_overview(release)
    places, found = _places(table), _places(overview)
    title = "" if outcome is None else measure_title(outcome)
    lines = {row[places["analysis"]].text: row for row in table.rows if row[places["measure"]].text == title}
    rows = []
    for analysis, row in zip(release.analyses, overview.rows, strict=True):
        name, people = row[found["analysis"]].text, tuple(row[found[column]].text for column in PEOPLE_COLUMNS[:2])
        if name == release.headline_analysis:
            continue
        line = lines.get(name)
        said = (
            tuple(line[places[column]].text for column in ANALYSIS_COLUMNS) if line else (UNKNOWN, status_word(release, analysis))
        )
        true = {} if truths is None or outcome is None or name not in truths else {outcome.measure: truths[name]}
        rows.append((name, *people, *said, *(() if truths is None or outcome is None else (_true_text(outcome, true),))))
    last = () if truths is None or outcome is None else ("truth",)
    names = ("other_analysis", *PEOPLE_COLUMNS[:2], *ANALYSIS_COLUMNS, *last)
    return Grid(tuple(say(f"cli.grid.{name}") for name in names), tuple(rows))


def _is_main(release: Release, outcome: ReleasedOutcome) -> bool:
    return outcome.measure == release.headline_outcome or release.kind != "run" or outcome.measure in FIRST_MEASURES


def _withheld(release: Release, outcome: ReleasedOutcome) -> tuple[str, ...]:
    style = table_style(outcome)
    values = [number_cell(value, style.decimals, style.shift).text for value in (outcome.treated, outcome.comparison)]
    return (*values, str(_symbol(outcome.treated)), str(_symbol(outcome.treated)), verdict_word(release, outcome))


def _symbol(value: Number) -> Suppressed:
    return value if isinstance(value, Suppressed) else Suppressed("z")


def _name(release: Release, outcome: ReleasedOutcome) -> str:
    """The measure in two or three words with its unit, where the words do not hold it."""
    short, unit = measure_words(release, outcome).get("short", measure_title(outcome)), table_style(outcome).unit
    return short if not unit or unit in short.lower() else f"{short}, {unit}"


def _true_text(outcome: ReleasedOutcome, truth: Mapping[str, float]) -> str:
    if outcome.measure not in truth:
        return UNKNOWN
    style: Style = table_style(outcome)
    # One decimal more than the estimate beside it, so that one can see on which side of a bound it lies.
    return number_cell(truth[outcome.measure], style.decimals + 1, style.shift).text


def _places(table: Table) -> dict[str, int]:
    return {column.name: index for index, column in enumerate(table.columns)}


def verdict_lines(releasable: Releasable) -> tuple[str, ...]:
    """The headline sentence, and why an analysis was refused where it was."""
    release = releasable.release
    lines = [headline_sentence(release)]
    for analysis in of_headline(release).analyses:
        # A failed gate whose table may not be shown either: the reason is all there is to tell.
        if analysis.status == "balance_failed" and analysis.balance is None:
            lines.append(f"  - {explained(release, analysis.reason, 'withheld')}")
        if analysis.balance is not None and not analysis.balance.passed:
            lines += [f"  - {reason}" for reason in analysis.balance.reasons]
    return tuple(lines)


def feasibility_lines(releasable: Releasable) -> tuple[str, ...]:
    """The answer, every criterion, and what to do, of each analysis."""
    release = releasable.release
    told: list[str] = []
    for answer in release.feasibility:
        told.append(say("feasibility.command.answer", tag=tag(answer), sentence=answer_sentence(release, answer)))
        texts = (criterion_texts(criterion) for criterion in answer.criteria)
        told += [f"  {standing}: {name}" for name, standing, _ in texts]
        told += [say("feasibility.command.todo"), *(f"  - {text}" for text in todo(release, answer))]
    return tuple(told)


def feasibility_grid(releasable: Releasable) -> Grid:
    """What the headline analysis could show: measure, people expected, their level, smallest change, more people needed."""
    names = ("measure", "people", "level", "smallest", "needed")
    rows = tuple(
        (
            _short(line.measure, line.label),
            fixed(line.expected_people),
            level_text(line),
            size_text(line, line.smallest_effect),
            fixed(line.people_needed),
        )
        for line in headline_feasibility(releasable.release).expectations
    )
    return Grid(tuple(say(f"feasibility.columns.{name}") for name in names), rows)


def _short(measure: str, label: str) -> str:
    own: dict[str, str] = words("report")["measures"].get(measure, {})
    return own.get("short", label)
