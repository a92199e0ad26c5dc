"""The sensitivity section: would another design, an unrecorded trait, wrong links or the past change the answer?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedEffect, ReleasedOutcome, ReleasedSensitivity, Suppressed
from datalab.report.numbers import fixed, interval_decimals, is_shown, percent, shown
from datalab.report.page import Block, Bullets, Heading, TableBlock, Text
from datalab.report.result_tables import COMPARE_COLUMNS, compare_table, measure_title
from datalab.report.sensitivity_chart import design_chart
from datalab.report.sensitivity_tables import (
    design_table,
    explained_reason,
    figure_of,
    hidden_table,
    line_style,
    linked_table,
    missed_table,
    outcome_of,
    tell_line,
    tell_part,
    weights_table,
)
from datalab.report.sentences import CLEAR, difference_words, headline, range_words, vocabulary
from datalab.report.styles import Style, point_decimals, summary_style
from datalab.report.tables import Table, chosen
from datalab.wording import say

MOST_TIMES = 100.0
RELINKED = ("links_strict", "links_lax")
Lines = tuple[ReleasedSensitivity, ...]


def sensitivity_blocks(release: Release) -> tuple[Block, ...]:
    """The headline measure of the headline analysis: warnings, other designs, hidden bias, links, and the check on the past.

    The other analyses and measures are in the annex. Where the family was not made, and where a bootstrap was, the measure by
    the methods in sight.
    """
    analysis, outcome = headline(release)
    if analysis is None or outcome is None:
        return ()
    lines = tuple(line for line in analysis.sensitivity if line.measure == outcome.measure or line.part == "control")
    if not lines or outcome.effect is None:
        return _compare(release, outcome)
    return (
        *(Text(text, "warning") for text in warnings(release, lines)),
        *_designs(release, analysis, outcome, lines),
        *(_compare(release, outcome) if outcome.bootstrap is not None else ()),
        *_hidden(release, outcome, lines),
        *_linkage(release, outcome, lines),
        *_control(release, analysis, lines),
        Text(tell_part(release, "hidden.rule"), "note"),
    )


def warnings(release: Release, lines: Lines) -> tuple[str, ...]:
    """What the printed rule warns of: the strongest recorded trait that could explain the difference, and the control."""
    found = []
    weak = [line for line in lines if line.name == "benchmark" and line.warns]
    if weak:
        named = [line for line in weak if is_shown(figure_of(line, "times"))]
        least = min(named, key=lambda line: shown(figure_of(line, "times")), default=None)
        key = "benchmark_unnamed" if least is None else "benchmark"
        found.append(tell_line(release, "warnings", least or weak[0], key))
    found += [tell_line(release, "warnings", line, "control") for line in lines if line.part == "control" and line.warns]
    return tuple(found)


def _compare(release: Release, outcome: ReleasedOutcome) -> tuple[Block, ...]:
    """The headline measure by every method in sight, the rest in the annex."""
    table = compare_table(release)
    rows = tuple(row for row in table.rows if row[0].text == release.headline_analysis and row[1].text == measure_title(outcome))
    if len(rows) < 2:
        return ()
    title = say("report.tables.compare_one", measure=measure_title(outcome), unit=rows[0][3].text)
    return (TableBlock(chosen(replace(table, rows=rows, title=title), COMPARE_COLUMNS)),)


def _designs(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome, lines: Lines) -> Iterator[Block]:
    """In a sentence how many other designs agree, then the chart and the table."""
    yield Text(" ".join(design_sentences(release, outcome, lines)))
    yield from design_chart(release, analysis, outcome)
    yield TableBlock(chosen(design_table(release, analysis, outcome), "line estimate estimate_range p assumes"))


def design_sentences(release: Release, outcome: ReleasedOutcome, lines: Lines) -> tuple[str, ...]:
    """How many designs with an estimate would have given the same verdict, and which could not be balanced."""
    designs = [line for line in lines if line.part == "design"]
    estimated = [line for line in designs if line.effect is not None and is_shown(line.effect.low)]
    other = [line for line in estimated if line.effect is not None and _verdict(line.effect) != outcome.verdict]
    failed = [line for line in designs if line.status == "not_balanced"]
    said = []
    if not estimated:
        said.append(tell_part(release, "designs.none"))
    elif not other:
        said.append(tell_part(release, "designs.all_same", count=len(estimated)))
    else:
        same = len(estimated) - len(other)
        said.append(tell_part(release, "designs.some_same", count=same, total=len(estimated), names=_names(release, other)))
    if failed:
        said.append(tell_part(release, "designs.failed", count=len(failed), names=_names(release, failed)))
    return tuple(said)


def _verdict(effect: ReleasedEffect) -> str:
    if shown(effect.high) < 0:
        return "lower"
    return "higher" if shown(effect.low) > 0 else "more_people"


def _names(release: Release, lines: list[ReleasedSensitivity]) -> str:
    return "; ".join(tell_line(release, "lines", line).lower() for line in lines)


def _one(lines: Lines, name: str) -> ReleasedSensitivity | None:
    return next((line for line in lines if line.name == name), None)


def _hidden(release: Release, outcome: ReleasedOutcome, lines: Lines) -> Iterator[Block]:
    """Robustness and wrong weights in sentences, the benchmarks as a list, the figures in folded tables."""
    texts = tuple(hidden_sentences(release, outcome, lines))
    if not texts:
        return
    yield Heading(tell_part(release, "headings.hidden"))
    yield Text(tell_part(release, "hidden.intro"))
    yield from (Text(text) for text in texts)
    benchmarks = tuple(benchmark_sentence(release, outcome, line) for line in lines if line.name == "benchmark")
    if benchmarks:
        yield Bullets(
            benchmarks, title=tell_part(release, "hidden.benchmarks"), lead=tell_part(release, "hidden.benchmarks_lead")
        )
    for table in (hidden_table(release), weights_table(release)):
        yield from _folded(release, table, measure_title(outcome))


def hidden_sentences(release: Release, outcome: ReleasedOutcome, lines: Lines) -> Iterator[str]:
    """Robustness value, wrong weights and E-value; only that there is nothing to explain where no difference is claimed."""
    found = {name: _one(lines, name) for name in _ENDS}
    if outcome.verdict not in CLEAR:
        yield tell_part(release, "hidden.unclear")
        return
    for name, line in found.items():
        if line is not None:
            key, section, decimals, shift, suffix = _ENDS[name]
            pair = (figure_of(line, key), figure_of(line, f"{key}_interval"))
            value, interval = (fixed(number, decimals, shift, suffix) for number in pair)
            yield tell_part(release, f"hidden.{section}", value=value, interval=interval)


# Line -> its figure (and that of the range), the sentence, and how it is printed.
_ENDS = {
    "robustness": ("robustness", "robustness", 1, 2, "%"),
    "tipping_weights": ("factor", "weights", 2, 0, ""),
    "e_value": ("e_value", "e_value", 2, 0, ""),
}


def benchmark_sentence(release: Release, outcome: ReleasedOutcome, line: ReleasedSensitivity) -> str:
    """What an unrecorded trait as strong as a recorded one could do."""
    times, bias = figure_of(line, "times"), figure_of(line, "bias")
    if isinstance(times, Suppressed) or isinstance(bias, Suppressed):
        return tell_line(release, "hidden", line, "benchmark_hidden")
    style = summary_style(release, outcome)
    size = fixed(bias, style.decimals, style.shift)
    unit = say(f"report.sizes.{style.words}", count=1 if size == "1" else 2, **vocabulary(release))
    values = {"bias": f"{size} {unit}".strip(), "times": fixed(times, 1 if times < 10 else 0)}
    many = "benchmark_many" if times >= MOST_TIMES else "benchmark"
    name = many if outcome.verdict in CLEAR else "benchmark_unclear"
    name = "benchmark_little" if shown(bias) == 0 or not size.strip("0.") else name
    return tell_part(release, f"hidden.{name}", subject=line.subject, **values)


def _folded(release: Release, table: Table, measure: str) -> Iterator[Block]:
    """The rows of the headline measure, folded away."""
    rows = tuple(row for row in table.rows if row[0].text == release.headline_analysis and row[1].text == measure)
    if rows:
        names = " ".join(column.name for column in table.columns if column.name not in ("analysis", "measure"))
        yield TableBlock(chosen(replace(table, rows=rows), names), table.title)


def _linkage(release: Release, outcome: ReleasedOutcome, lines: Lines) -> Iterator[Block]:
    texts = tuple(linkage_sentences(release, outcome, lines))
    if texts:
        yield Heading(tell_part(release, "headings.linkage"))
        yield from (Text(text) for text in texts)
        for table in (linked_table(release), missed_table(release)):
            yield from _folded(release, table, measure_title(outcome))


def linkage_sentences(release: Release, outcome: ReleasedOutcome, lines: Lines) -> Iterator[str]:
    """The difference without false links, with links at other thresholds, and the pair of miss rates that would leave none."""
    false, missed = _one(lines, "false_links"), _one(lines, "missed_links")
    if false is not None and false.effect is not None:
        share = figure_of(false, "false_links")
        if is_shown(share) and shown(share) > 0:
            yield tell_part(
                release,
                "linkage.false_links",
                share=percent(share, 1),
                **_effect_words(release, summary_style(release, outcome), false.effect),
            )
        else:
            yield tell_part(release, "linkage.false_links_low")
    yield from (_relinked_sentence(release, outcome, line) for line in lines if line.name in RELINKED)
    if missed is not None and outcome.verdict in CLEAR and is_shown(figure_of(missed, "missed")):
        names = ("missed", "with_event", "without_event", "least")
        values = {name: percent(figure_of(missed, name), 1) for name in names}
        key = "missed" if is_shown(figure_of(missed, "with_event")) else "missed_never"
        yield tell_part(release, f"linkage.{key}", **values)


def _relinked_sentence(release: Release, outcome: ReleasedOutcome, line: ReleasedSensitivity) -> str:
    """The difference with the links of another threshold, or why there is none."""
    if line.effect is not None:
        return tell_part(release, f"linkage.{line.name}", **_effect_words(release, summary_style(release, outcome), line.effect))
    reason = explained_reason(release, line) if line.reason else ""
    return tell_part(release, f"linkage.{line.name}_{line.status}", reason=reason)


def _effect_words(release: Release, style: Style, effect: ReleasedEffect) -> dict[str, str]:
    """A difference and its likely range in words."""
    decimals = interval_decimals(effect.low, effect.high, style.decimals, style.shift)
    return {
        "difference": difference_words(release, style, effect.estimate, point_decimals(effect, style)),
        "range": range_words(release, style, effect, decimals),
    }


def _control(release: Release, analysis: ReleasedAnalysis, lines: Lines) -> Iterator[Block]:
    found = next((line for line in lines if line.part == "control"), None)
    if found is not None:
        yield Heading(tell_part(release, "headings.control"))
        yield Text(control_sentence(release, analysis, found))


def control_sentence(release: Release, analysis: ReleasedAnalysis, line: ReleasedSensitivity) -> str:
    """What the negative control is, and whether it finds no difference, as it should."""
    intro = tell_part(release, "control.intro", label=line.label or line.measure)
    if line.effect is None:
        reason = explained_reason(release, line) if line.reason else ""
        return f"{intro} {tell_part(release, f'control.{line.status}', reason=reason)}"
    words = _effect_words(release, line_style(line, outcome_of(analysis, line)), line.effect)
    ending = "fails" if line.warns else "holds"
    return f"{intro} {tell_part(release, f'control.{ending}', **words)}"
