"""Tables of results: per 100 people, every result, other methods, people needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from datalab.disclosure.results import (
    Number,
    Release,
    ReleasedAnalysis,
    ReleasedEffect,
    ReleasedOutcome,
    Suppressed,
)
from datalab.report.notes import outcome_notes
from datalab.report.numbers import interval_decimals, is_shown, p_decimals, p_value, parts_add_up, shown
from datalab.report.sentences import (
    by_kind,
    could_be_chance,
    difference_text,
    effect_decimals,
    further_tests,
    headline,
    is_answered,
    is_research,
    measure_words,
    range_text,
    tell,
    vocabulary,
)
from datalab.report.styles import Style, point_decimals, summary_style, table_style
from datalab.report.tables import Cell, Table, chosen, columns, interval_cell, number_cell, text_cell
from datalab.wording import say

FIRST_MEASURES = ("rate", "frequency", "days_to_first")
NONE = Suppressed("z")
COMPARE_COLUMNS = "method estimate estimate_range p"
IMPACT_COLUMNS = "measure unit treated comparison estimate_range significant p p_holm"
RESULT_COLUMNS = "measure analysis unit treated comparison estimate_range significant p p_holm n_treated n_comparison effective"


def main_outcomes(release: Release) -> tuple[ReleasedOutcome, ...]:
    """The outcomes of the headline analysis that the first tables and the charts show: the headline first, then the rate,
    frequency and time of a run, or every outcome of an evaluation."""
    analysis, first = headline(release)
    if analysis is None or first is None:
        return ()
    rest = [outcome for outcome in analysis.outcomes if outcome is not first]
    if release.kind == "run":
        rest = [outcome for outcome in rest if outcome.measure in FIRST_MEASURES]
    return tuple(outcome for outcome in (first, *rest) if outcome.effect is not None)


def per_100_table(release: Release) -> Table:
    """What the headline analysis means for 100 typical people: the two groups and the difference in words."""
    words = vocabulary(release)
    rows = tuple(_per_100_row(release, outcome) for outcome in main_outcomes(release))
    heads = columns("measure:text treated comparison difference:text likely:text", **words)
    notes = [say("report.notes.adjusted", **words), say("report.notes.interval")]
    if not all(_adds_up(outcome, summary_style(release, outcome)) for outcome in main_outcomes(release)):
        notes.insert(0, say("report.notes.rounding"))
    return Table("per_100", tell(release, by_kind(release, "tables.per_100")), heads, rows, tuple(notes))


def _per_100_row(release: Release, outcome: ReleasedOutcome) -> tuple[Cell, ...]:
    style, effect = summary_style(release, outcome), outcome.effect
    suffix = style.suffix if release.kind == "evaluate" or outcome.kind != "binary" else ""
    values = [number_cell(value, style.decimals, style.shift, suffix) for value in (outcome.treated, outcome.comparison)]
    name = text_cell(measure_words(release, outcome)["per"])
    if effect is None:
        return (name, *values, text_cell(str(NONE)), text_cell(str(NONE)))
    decimals = effect_decimals(release, outcome, effect)
    words_of = "per_100" if release.kind == "run" and outcome.kind in ("binary", "count") else ""
    difference = difference_text(release, outcome, effect.estimate, point_decimals(effect, style), words_of)
    return (name, *values, text_cell(difference), text_cell(range_text(release, outcome, effect, decimals, words_of)))


def results_table(release: Release) -> Table:
    """Every measure of every analysis: numbers of people, values, the 95 % interval, significance, p, and the rest."""
    rows = tuple(_result_row(release, analysis, outcome) for analysis, outcome in _outcomes(release) if outcome.effect)
    notes = [
        say("report.notes.significant"),
        tell(release, "notes.secondary"),
        tell(release, "notes.adjusted"),
        say("report.notes.effective"),
    ]
    if not all(_adds_up(outcome, table_style(outcome)) for _, outcome in _outcomes(release)):
        notes.insert(0, say("report.notes.rounding"))
    notes += outcome_notes(release)
    heads = columns(
        "analysis:text measure:text unit:text n_treated n_comparison effective treated comparison estimate "
        "estimate_range:interval significant:text p p_holm verdict:text ratio ratio_range:interval plain "
        "role:text smallest_effect",
        **vocabulary(release),
    )
    return Table("results", say("report.tables.results"), heads, rows, tuple(notes))


def impact_table(release: Release) -> Table:
    """The main measures of the headline analysis as estimates with their test; adjusted p where a measure is secondary."""
    labels = {measure_title(outcome) for outcome in main_outcomes(release)}
    table = results_table(release)
    rows = tuple(row for row in table.rows if row[0].text == release.headline_analysis and row[1].text in labels)
    table = chosen(replace(table, rows=rows, title=say("report.tables.impact")), IMPACT_COLUMNS)
    has_adjusted = any(column.name == "p_holm" for column in table.columns)
    more = (tell(release, "notes.secondary"),) if has_adjusted else ()
    return replace(table, notes=(say("report.notes.significant"), *more))


def verdict_word(release: Release, outcome: ReleasedOutcome) -> str:
    """The verdict in a word or two, for tables."""
    if is_research(release) or not is_answered(outcome):
        return say("report.words_of.withheld")
    if table_style(outcome).words == "time_to" and outcome.verdict in ("lower", "higher"):
        return say("report.words_of.shorter" if outcome.verdict == "lower" else "report.words_of.longer")
    return tell(release, f"words_of.{outcome.verdict}")


def _outcomes(release: Release) -> Iterator[tuple[ReleasedAnalysis, ReleasedOutcome]]:
    for analysis in release.analyses:
        for outcome in analysis.outcomes:
            yield analysis, outcome


def _result_row(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome) -> tuple[Cell, ...]:
    style, effect = table_style(outcome), outcome.effect
    if effect is None:
        raise ValueError("a result row needs an effect")
    decimals = interval_decimals(effect.low, effect.high, style.decimals, style.shift)
    verdict = verdict_word(release, outcome)
    if could_be_chance(outcome):
        verdict = f"{verdict} ({say('report.notes.chance', count=further_tests(release))})"
    return (
        text_cell(analysis.name),
        text_cell(measure_title(outcome)),
        text_cell(style.unit),
        number_cell(outcome.n_treated),
        number_cell(outcome.n_comparison),
        number_cell(outcome.effective_comparison),
        number_cell(outcome.treated, style.decimals, style.shift),
        number_cell(outcome.comparison, style.decimals, style.shift),
        number_cell(effect.estimate, point_decimals(effect, style), style.shift),
        interval_cell(effect.low, effect.high, decimals, style.shift),
        text_cell(_significance(release, outcome, effect)),
        p_cell(effect, "p"),
        p_cell(effect, "p_holm") if outcome.role == "secondary" else number_cell(NONE),
        text_cell(verdict),
        number_cell(effect.ratio, 2),
        interval_cell(effect.ratio_low, effect.ratio_high, ratio_decimals(effect.ratio_low, effect.ratio_high)),
        number_cell(outcome.comparison_plain, style.decimals, style.shift),
        text_cell(say(f"report.roles.{outcome.role}")),
        _effect_size(outcome, "smallest_effect"),
    )


def measure_title(outcome: ReleasedOutcome) -> str:
    """The measure's own label, or its name where it has none."""
    return outcome.label or outcome.measure


def ratio_decimals(low: Number, high: Number) -> int:
    """Decimals that keep 1 outside a printed ratio interval when it is outside the true one; 2 as a rule."""
    if not (is_shown(low) and is_shown(high)):
        return 2
    return interval_decimals(shown(low) - 1, shown(high) - 1, 2)


def p_cell(effect: ReleasedEffect, name: str) -> Cell:
    """The p-value of an effect that this name holds (`p` or `p_holm`); "<0.01" is a text."""
    value = getattr(effect, name)
    text = p_value(value)
    return Cell(text, (text,)) if text.startswith("<") else number_cell(value, p_decimals(value))


def _significance(release: Release, outcome: ReleasedOutcome, effect: ReleasedEffect) -> str:
    if is_research(release) or not is_answered(outcome):
        return str(NONE)
    if could_be_chance(outcome):
        return f"{say('report.words_of.significant')} ({say('report.notes.chance', count=further_tests(release))})"
    return say("report.words_of.not_significant" if outcome.verdict == "more_people" else "report.words_of.significant")


def _adds_up(outcome: ReleasedOutcome, style: Style) -> bool:
    effect = outcome.effect
    return effect is None or parts_add_up(outcome.treated, outcome.comparison, effect.estimate, style.decimals, style.shift)


def compare_table(release: Release) -> Table:
    """The main measures of every analysis by the headline method, the classic one, and without any adjustment."""
    rows = []
    for analysis, outcome in _outcomes(release):
        for name, label in _method_labels(analysis):
            effect: ReleasedEffect | None = getattr(outcome, name)
            if outcome.effect is not None and effect is not None:
                rows.append(_compare_row(analysis, outcome, label, effect))
    heads = columns("analysis:text measure:text method:text unit:text estimate estimate_range:interval p")
    return Table("compare", say("report.tables.compare"), heads, tuple(rows), (say("report.notes.methods_compared"),))


def _method_labels(analysis: ReleasedAnalysis) -> tuple[tuple[str, str], ...]:
    """The outcome's effects that are compared, and what each is called under the analysis's method of matching."""
    method = analysis.match_settings.get("method", "radius")
    others = tuple((name, say(f"report.compare.{name}")) for name in ("bootstrap", "percentile"))
    unadjusted = ("unadjusted", say("report.compare.unadjusted"))
    if method == "radius":
        named = (("effect", say("report.compare.headline")), ("classic", say("report.compare.classic")))
    else:
        named = (("effect", say(f"report.compare.headline_{method}")), ("classic", say("report.compare.two_sample")))
    # The classic method's own effect is that of the two-sample test.
    return (named[0], *others, *(named[1:] if method != "classic" else ()), unadjusted)


def _compare_row(analysis: ReleasedAnalysis, outcome: ReleasedOutcome, label: str, effect: ReleasedEffect) -> tuple[Cell, ...]:
    style = table_style(outcome)
    decimals = interval_decimals(effect.low, effect.high, style.decimals, style.shift)
    return (
        text_cell(analysis.name),
        text_cell(measure_title(outcome)),
        text_cell(label),
        text_cell(_difference_unit(style)),
        number_cell(effect.estimate, point_decimals(effect, style), style.shift),
        interval_cell(effect.low, effect.high, decimals, style.shift),
        p_cell(effect, "p"),
    )


def _difference_unit(style: Style) -> str:
    return say("report.units.binary_difference") if style.words == "binary" else style.unit


def people_needed_table(release: Release) -> Table:
    """For every measure: the effect to detect, how many more people that takes, and what this study could detect."""
    rows = tuple(
        (
            text_cell(analysis.name),
            text_cell(measure_title(outcome)),
            text_cell(_difference_unit(table_style(outcome))),
            _effect_size(outcome, "stated_effect"),
            _needed_cell(release, outcome),
            _effect_size(outcome, "smallest_effect"),
        )
        for analysis, outcome in _outcomes(release)
        if outcome.effect is not None
    )
    heads = columns("analysis:text measure:text unit:text stated_effect people_needed smallest_effect")
    return Table("people_needed", say("report.tables.people_needed"), heads, rows, (tell(release, "notes.people_needed"),))


def _effect_size(outcome: ReleasedOutcome, name: str) -> Cell:
    style = table_style(outcome)
    return number_cell(getattr(outcome, name), 1 if style.words == "binary" else style.decimals, style.shift)


def _needed_cell(release: Release, outcome: ReleasedOutcome) -> Cell:
    value = outcome.people_needed
    if not isinstance(value, Suppressed) and value == float("inf"):
        return text_cell(tell(release, "page.needed_infinite"))
    if shown(value) <= 0:
        return text_cell(say("report.page.needed_none"))
    return number_cell(value)
