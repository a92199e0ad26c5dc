"""The parts of the report about several analyses: who each is about, each measure by analysis, and the needs design."""

from __future__ import annotations

from dataclasses import replace

from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedNeedsOutcome, ReleasedNeedsRun, ReleasedOutcome
from datalab.fields.justice.codes import EVENT_KIND, REGION, SEX
from datalab.report.balance_tables import balance_table
from datalab.report.cohort_words import everybody
from datalab.report.forest import forest_charts
from datalab.report.numbers import interval_decimals
from datalab.report.page import Block, Bullets, TableBlock, Text
from datalab.report.people_tables import analyses_table
from datalab.report.result_tables import FIRST_MEASURES, main_outcomes, measure_title, p_cell, results_table
from datalab.report.sentences import explained, further_tests, headline, vocabulary, voice
from datalab.report.styles import point_decimals, table_style
from datalab.report.tables import Cell, Table, chosen, columns, interval_cell, number_cell, text_cell
from datalab.wording import say, words
from datalab.wording.advice import is_advice

PAGE_COLUMNS = "analysis who matched_people comparison_people largest_smd status"
BY_MEASURE_COLUMNS = "analysis n_treated n_comparison treated comparison estimate_range significant p p_holm"
OTHER_COLUMNS = "measure analysis unit n_treated n_comparison treated comparison estimate_range significant p p_holm"
PARTS_COLUMNS = "covariate level analysis smd_before smd band family"
_CODES = {**dict(EVENT_KIND), **dict(REGION), **dict(SEX)}


def of_headline(release: Release) -> Release:
    """The release with its headline analysis alone: what the parts of the page about one analysis are made of."""
    analysis, _ = headline(release)
    return release if analysis is None else replace(release, analyses=(analysis,))


def several_blocks(release: Release) -> tuple[Block, ...]:
    """Who each analysis is about and why one is missing, then every main measure by analysis, the rest folded away."""
    if len(release.analyses) + release.unnamed_analyses < 2:
        return ()
    values = _words(release)
    others = len(release.analyses) - 1 + release.unnamed_analyses
    found: list[Block] = [Text(say("several.page.intro", count=others, **values))]
    if further_tests(release):
        found.append(Text(say("several.page.family", count=further_tests(release), **values).strip()))
    found.append(TableBlock(chosen(analyses_overview(release), PAGE_COLUMNS), quiet=True))
    missing = _missing(release)
    if missing:
        found.append(Bullets(missing, title=say("several.page.missing")))
    found += [replace(chart, unprinted=say("several.page.behind")) for chart in forest_charts(release)]
    found += [TableBlock(table) for table in _main_tables(release) if len(table.rows) > 1]
    rest = _other_measures(release)
    elsewhere = say("several.page.unprinted", title=rest.title)
    return (*found, *((TableBlock(rest, say("several.page.more"), unprinted=elsewhere),) if rest.rows else ()))


def _words(release: Release) -> dict[str, str]:
    """The vocabulary of a text about all analyses together, even where the headline is about men alone."""
    return {**vocabulary(release), **(everybody() if voice(release) == "run" else {})}


def analyses_overview(release: Release) -> Table:
    """Every analysis: who it is about, its head-counts and balance, and why one has no result."""
    table = analyses_table(release)
    added = ({"who": who(release, analysis), "why": why(release, analysis)} for analysis in release.analyses)
    names = [column.name for column in table.columns]
    rows = tuple(
        tuple(text_cell(more[name]) if name in more else cell for name, cell in zip(names, row, strict=True))
        for more, row in zip(added, table.rows, strict=True)
    )
    return replace(table, rows=rows)


def why(release: Release, analysis: ReleasedAnalysis) -> str:
    """Why an analysis has no result, as a sentence; "" where it has one."""
    return explained(release, analysis.reason, "withheld") if analysis.reason else ""


def _missing(release: Release) -> tuple[str, ...]:
    """The analyses without a result, those with the same reason together, with what is furthest apart where the groups are
    not alike; then what to try, once; and how many are too small to name."""
    names: dict[str, list[str]] = {}
    hints: dict[str, None] = {}
    for analysis in release.analyses:
        if analysis.reason and analysis.name != release.headline_analysis:
            apart = analysis.balance.reasons if analysis.balance is not None and not analysis.balance.passed else ()
            told = (why(release, analysis), *(text for text in apart if not is_advice(text)))
            names.setdefault(" ".join(told), []).append(analysis.name)
            hints |= dict.fromkeys(text for text in apart if is_advice(text))
    lines = [say("report.page.withheld_line", names=", ".join(found), reason=reason) for reason, found in names.items()]
    lines += hints
    unnamed = release.unnamed_analyses
    return (*lines, *((say("several.page.unnamed", count=unnamed),) if unnamed else ()))


def who(release: Release, analysis: ReleasedAnalysis) -> str:
    """Who an analysis is about, in words: "Sex: Female; Year of the event: 2012 or 2013"."""
    if not analysis.conditions:
        return say("several.page.everybody")
    return say("several.page.and").join(
        say("several.page.condition", name=_variable(name), values=say("several.page.or").join(_value(name, v) for v in values))
        for name, values in analysis.conditions
    )


def _variable(name: str) -> str:
    known = words("several")["conditions"]
    return str(known[name]) if name in known else say("several.page.upload_group", name=name.partition(":")[2].capitalize())


def _value(name: str, value: str) -> str:
    """A code's own words; a value of the upload as it stands."""
    if ":" in name:
        return value
    return str(words("several")["values"].get(value, _CODES.get(value, value)))


def _main_tables(release: Release) -> tuple[Table, ...]:
    return tuple(_by_measure(release, outcome) for outcome in main_outcomes(release))


def _by_measure(release: Release, outcome: ReleasedOutcome) -> Table:
    """One measure, a row an analysis (columns of design 2.8, with the adjusted p)."""
    table, unit = results_table(release), table_style(outcome).unit
    rows = tuple(row for row in table.rows if row[1].text == measure_title(outcome))
    key = "by_measure" if unit and unit not in measure_title(outcome) else "by_measure_bare"
    title = say(f"several.tables.{key}", measure=measure_title(outcome), unit=unit)
    return chosen(replace(table, name=f"by_{outcome.measure}", title=title, rows=rows, notes=()), BY_MEASURE_COLUMNS)


def _other_measures(release: Release) -> Table:
    """The measures that have no table of their own, of the analyses beside the headline."""
    shown = {measure_title(outcome) for outcome in main_outcomes(release)}
    table = results_table(release)
    rows = [row for row in table.rows if row[1].text not in shown and row[0].text != release.headline_analysis]
    rows.sort(key=lambda row: row[1].text)
    title = say("several.tables.other_measures")
    return chosen(replace(table, name="other_measures", title=title, rows=tuple(rows), notes=()), OTHER_COLUMNS)


def needs_blocks(release: Release) -> tuple[Block, ...]:
    """The three runs of the needs design side by side, and what they tell."""
    if not release.needs:
        return ()
    values = _words(release)
    intro, reading = (Text(say(f"several.needs.{name}", **values)) for name in ("intro", "reading"))
    main = {outcome.measure for outcome in main_outcomes(release)} or set(FIRST_MEASURES)
    table = needs_table(release)
    rows = tuple(row for row, measure in zip(table.rows, _needs_measures(release), strict=True) if not measure or measure in main)
    names = " ".join(column.name for column in table.columns)
    alone = (
        (Text(say("several.needs.alone")),) if not main_outcomes(release) and any(run.outcomes for run in release.needs) else ()
    )
    return intro, *alone, TableBlock(chosen(replace(table, rows=rows), names), quiet=True), reading


def _needs_measures(release: Release) -> list[str]:
    return [outcome.measure if outcome else "" for _, outcome in _needs_lines(release)]


def _needs_lines(release: Release) -> list[tuple[ReleasedNeedsRun, ReleasedNeedsOutcome | None]]:
    """A line a measure and run, the runs of one measure together; a run without a result has one line."""
    measures = list(dict.fromkeys((run.analysis, outcome.measure) for run in release.needs for outcome in run.outcomes))
    lines: list[tuple[ReleasedNeedsRun, ReleasedNeedsOutcome | None]] = [
        (run, outcome)
        for analysis, measure in measures
        for run in release.needs
        for outcome in run.outcomes
        if (run.analysis, outcome.measure) == (analysis, measure)
    ]
    return lines + [(run, None) for run in release.needs if not run.outcomes]


def needs_table(release: Release) -> Table:
    """Every measure in each of the three runs: sizes where they may be shown, the difference with its range, p."""
    rows = tuple(_needs_row(release, run, outcome) for run, outcome in _needs_lines(release))
    heads = columns(
        "analysis:text measure:text run:text n_treated n_comparison estimate estimate_range:interval p status:text",
        **_words(release),
    )
    note = say("several.needs.rounded", **_words(release))
    return Table("needs", say("several.tables.needs"), heads, rows, (note,))


def _needs_row(release: Release, run: ReleasedNeedsRun, outcome: ReleasedNeedsOutcome | None) -> tuple[Cell, ...]:
    sizes = (number_cell(run.n_treated), number_cell(run.n_comparison))
    design = text_cell(say(f"several.needs.{run.design}"))
    if outcome is None:
        nothing = text_cell("[z]")
        reason = explained(release, run.reason, "withheld") if run.reason else say("several.status.withheld")
        gap = Cell("[z]", ("[z]", "[z]"))
        return (text_cell(run.analysis), nothing, design, *sizes, nothing, gap, nothing, text_cell(reason))
    style = table_style(outcome)
    effect = outcome.effect
    decimals = interval_decimals(effect.low, effect.high, style.decimals, style.shift)
    return (
        text_cell(run.analysis),
        text_cell(outcome.label or outcome.measure),
        design,
        *sizes,
        number_cell(effect.estimate, point_decimals(effect, style), style.shift),
        interval_cell(effect.low, effect.high, decimals, style.shift),
        p_cell(effect, "p"),
        text_cell(""),
    )


def settings_table(release: Release) -> Table:
    """What every analysis was made with, a line a setting: conditions, then matching."""
    lines = [
        (analysis.name, name, value)
        for analysis in release.analyses
        for name, value in ((say("report.columns.who"), who(release, analysis)), *sorted(analysis.match_settings.items()))
    ]
    rows = tuple(tuple(text_cell(text) for text in line) for line in lines)
    heads = columns("analysis:text item:text setting:text")
    return Table("settings", say("several.tables.settings"), heads, rows if len(release.analyses) > 1 else ())


def parts_balance_table(release: Release) -> Table:
    """How far the groups differ in the analyses beside the headline, a line a covariate level; of parts no means are shown."""
    others = tuple(analysis for analysis in release.analyses if analysis.name != release.headline_analysis)
    table = balance_table(release, others)
    means = say("several.page.means", **_words(release))
    named = replace(table, name="balance_others", title=say("several.tables.balance_others"), notes=(*table.notes[:1], means))
    return chosen(named, PARTS_COLUMNS) if named.rows else named


def gathered_warnings(release: Release) -> tuple[tuple[str, int], ...]:
    """Every warning once, with the number of analyses that carry it (0 for one of the study)."""
    counts = dict.fromkeys(release.warnings, 0)
    for analysis in release.analyses:
        for text in dict.fromkeys(analysis.warnings):
            counts[text] = counts.get(text, 0) + 1
    return tuple(counts.items())
