"""The section on employment and benefits: who counts, the shares known, verdicts and table, and what may not be read into it."""

from __future__ import annotations

from dataclasses import replace

from datalab.disclosure.results import Number, Release, ReleasedAnalysis
from datalab.report.detail import analysis_blocks, without_work, work_outcomes
from datalab.report.notes import outcome_notes
from datalab.report.numbers import is_shown, percent
from datalab.report.page import Block, TableBlock, Text
from datalab.report.result_tables import RESULT_COLUMNS, measure_title, results_table
from datalab.report.sentences import is_research, vocabulary
from datalab.report.tables import chosen
from datalab.wording import say

DAYS = {12: 365, 24: 730}


def work_blocks(release: Release) -> tuple[Block, ...]:
    """The section's blocks; nothing where no measure of employment or benefits was asked for, or nothing may be said."""
    asked = [(analysis, work_outcomes(release, analysis)) for analysis in release.analyses]
    if is_research(release) or not any(outcomes for _, outcomes in asked):
        return ()
    treated = vocabulary(release)["treated"]
    found: list[Block] = [Text(say("measures.work.who"))]
    for analysis, outcomes in asked:
        found += [*_known(analysis, treated), *analysis_blocks(release, replace(analysis, outcomes=outcomes))]
    only = replace(release, analyses=tuple(replace(analysis, outcomes=outcomes) for analysis, outcomes in asked))
    labels = {measure_title(outcome) for _, outcomes in asked for outcome in outcomes}
    whole = results_table(release)
    rest = replace(release, analyses=tuple(without_work(release, analysis) for analysis in release.analyses))
    notes = tuple(note for note in outcome_notes(only) if note not in outcome_notes(rest))  # said already
    rows = tuple(row for row in whole.rows if row[1].text in labels)
    table = chosen(replace(whole, rows=rows, notes=notes, title=say("measures.work.table")), RESULT_COLUMNS)
    counting = say("measures.work.counting", days=DAYS[release.follow_up_months])
    texts = (Text(counting, "note"), Text(say("measures.work.descriptive", treated_words=treated), "inset"))
    return (*found, *((TableBlock(table),) if table.rows else ()), *texts)


def _known(analysis: ReleasedAnalysis, treated: str) -> tuple[Block, ...]:
    """The shares known to the records, of those analysed and of the comparison group."""
    texts = []
    for group in analysis.subgroups:
        key = "known" if is_shown(group.treated) and is_shown(group.comparison) else "known_hidden"
        shares = {"treated": _share(group.treated), "comparison": _share(group.comparison)}
        texts.append(Text(say(f"measures.work.{key}", treated_words=treated, **shares)))
    return tuple(texts)


def _share(value: Number) -> str:
    return say("measures.work.about", share=percent(value)) if is_shown(value) else say("measures.work.hidden")
