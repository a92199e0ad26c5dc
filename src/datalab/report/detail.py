"""The parts of the page about every measure and about the match: results in detail, and how alike the groups are."""

from __future__ import annotations

from dataclasses import replace

from datalab.disclosure.results import Number, Release, ReleasedAnalysis, ReleasedOutcome
from datalab.fields.justice.measures import WORK_NAMES
from datalab.report.balance_tables import (
    BALANCE_COLUMNS,
    BAND_NAMES,
    SELDOM,
    balance_table,
    bands_table,
    covariate_title,
    worst_covariates,
)
from datalab.report.match_charts import love_chart, overlap_chart
from datalab.report.notes import outcome_notes
from datalab.report.numbers import fixed, percent, shown, smd_decimals
from datalab.report.page import Block, Bullets, TableBlock, Text
from datalab.report.result_tables import RESULT_COLUMNS, impact_table, measure_title, per_100_table, results_table
from datalab.report.sentences import (
    CLEAR,
    explained,
    is_answered,
    is_research,
    measure_words,
    smallest_size,
    tell,
    verdict_sentence,
)
from datalab.report.tables import chosen, every_column
from datalab.wording import say

WORST_NAMED = 3


def results_blocks(release: Release) -> tuple[Block, ...]:
    """Every measure but those of work of the one analysis of the release: its verdict in words, the table, each note once."""
    found = [block for analysis in release.analyses for block in analysis_blocks(release, without_work(release, analysis))]
    said = {*per_100_table(release).notes, *impact_table(release).notes}  # with the first tables of the page
    whole = results_table(release)
    rest = replace(release, analyses=tuple(without_work(release, analysis) for analysis in release.analyses))
    said |= set(outcome_notes(release)) - set(outcome_notes(rest))
    labels = {measure_title(outcome) for analysis in release.analyses for outcome in work_outcomes(release, analysis)}
    rows = tuple(row for row in whole.rows if row[1].text not in labels)
    notes = dict.fromkeys((*whole.notes, *outcome_notes(rest)))
    table = chosen(replace(whole, rows=rows, notes=tuple(note for note in notes if note not in said)), RESULT_COLUMNS)
    return (*found, *((TableBlock(table),) if table.rows else ()))


def work_outcomes(release: Release, analysis: ReleasedAnalysis) -> tuple[ReleasedOutcome, ...]:
    """The measures of employment and benefits, which have a section of their own."""
    return tuple(outcome for outcome in analysis.outcomes if release.kind == "run" and outcome.measure in WORK_NAMES)


def without_work(release: Release, analysis: ReleasedAnalysis) -> ReleasedAnalysis:
    """The analysis with its other measures only."""
    apart = work_outcomes(release, analysis)
    return replace(analysis, outcomes=tuple(outcome for outcome in analysis.outcomes if outcome not in apart))


def analysis_blocks(release: Release, analysis: ReleasedAnalysis) -> list[Block]:
    """The verdicts of one analysis in words: those with a direction first, then those that need more people, then the rest."""
    if is_research(release):
        return []
    clear = [outcome for outcome in analysis.outcomes if outcome.verdict in CLEAR]
    unclear = [outcome for outcome in analysis.outcomes if outcome.verdict == "more_people"]
    nouns = tuple(_unclear_line(release, outcome) for outcome in unclear)
    blocks = (
        Bullets(tuple(verdict_sentence(release, analysis, one) for one in clear), title=say("report.page.verdicts_clear")),
        Bullets(nouns, title=tell(release, "page.verdicts_unclear"), lead=tell(release, "page.unclear_lead")),
        Bullets(_withheld_lines(release, analysis), title=say("report.page.verdicts_withheld")),
    )
    return [block for block in blocks if block.items]


def _withheld_lines(release: Release, analysis: ReleasedAnalysis) -> tuple[str, ...]:
    """The measures that are withheld, those with the same reason together."""
    names: dict[str, list[str]] = {}
    for outcome in analysis.outcomes:
        if not is_answered(outcome):
            reason = explained(release, outcome.reason or analysis.reason, "withheld")
            names.setdefault(reason, []).append(measure_title(outcome))
    return tuple(
        say("report.page.withheld_line", names="; ".join(found), reason=reason[:1].lower() + reason[1:])
        for reason, found in names.items()
    )


def _unclear_line(release: Release, outcome: ReleasedOutcome) -> str:
    """What is not known, and the smallest difference that this study could have detected."""
    noun, size = measure_words(release, outcome)["noun"], smallest_size(release, outcome)
    return tell(release, "page.unclear_line", noun=noun, size=size) if size else f"{noun}."


def balance_blocks(release: Release) -> tuple[Block, ...]:
    """How alike the groups of the one analysis of the release are: in words with the worst covariates named, by band, by
    covariate, and where they overlap."""
    found: list[Block] = []
    for analysis in release.analyses:
        if analysis.balance is None:
            continue
        bands = every_column(bands_table(release, (analysis,)))
        found.extend((*_balance_texts(release, analysis), TableBlock(bands)))
        found.extend((*love_chart(release, analysis), *overlap_chart(release, analysis)))
        table = chosen(balance_table(release, (analysis,)), BALANCE_COLUMNS)
        found.append(TableBlock(table, say("report.page.full_table")))
    return tuple(found)


def _balance_texts(release: Release, analysis: ReleasedAnalysis) -> tuple[Block, ...]:
    balance = analysis.balance
    if balance is None:
        return ()
    key = "failed" if not balance.passed else "passed_all" if shown(balance.share_within_5pc) == 1 else "passed"
    first = tell(release, f"page.{key}", share=percent(balance.share_within_5pc))
    names = "; ".join(_sized(line.smd, covariate_title(line)) for line in worst_covariates(analysis, WORST_NAMED))
    worst = f" {tell(release, 'page.least_alike', names=names)}" if names else ""
    joined = _joined(release, analysis, balance.share_within_5pc)
    overlap = tell(release, "page.overlap_share", share=percent(balance.overlap_share))
    weight = tell(release, "page.weight_share", share=percent(balance.largest_weight_share, 1))
    return Text(first + joined + worst), Text(f"{overlap} {weight}")


def _joined(release: Release, analysis: ReleasedAnalysis, share: Number) -> str:
    """What explains that the table's lines within 5 % are another share than the rule's; "" where they are the same."""
    well = next(iter(BAND_NAMES))
    counted = [line.band for line in analysis.balance.covariates if line.band not in SELDOM] if analysis.balance else []
    own = percent(sum(band == well for band in counted) / len(counted)) if counted else percent(share)
    return "" if own == percent(share) else f" {tell(release, 'page.levels_joined', share=own)}"


def _sized(smd: Number, name: str) -> str:
    size = abs(shown(smd))
    return f"{name} ({fixed(size, smd_decimals(size), 2, '%')})"
