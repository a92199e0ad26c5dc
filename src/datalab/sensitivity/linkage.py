"""What wrong and missed links could do to the effect (estimator study, section 8), and what links at another threshold make of
it; only where people were linked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from datalab.effects.results import AnalysisFindings, Effect, OutcomeResult, SensitivityLine
from datalab.effects.tipping import nearest_end, tipping_misses, without_false_links
from datalab.sensitivity.basis import Basis
from datalab.sensitivity.designs import TOO_FEW, UNMATCHED, estimated_line
from datalab.sensitivity.family import LinkErrors
from datalab.table import Measure

RELINKED = "links_{}"  # the name of the line at the threshold of this name


def linkage_lines(basis: Basis, errors: LinkErrors) -> Iterator[SensitivityLine]:
    """The effect without the expected false links, and for rates the pair of miss rates that would turn it into none."""
    for _, result in basis.pairs:
        if result.effect is None:
            continue
        if errors.false_links < 1:
            yield SensitivityLine(
                "linkage",
                "false_links",
                result.measure,
                effect=without_false_links(result.effect, errors.false_links),
                figures=(("false_links", errors.false_links),),
            )
        if result.measure.kind == "binary" and not result.measure.among:
            yield from _missed_lines(result, result.effect, errors.missed_links)


def _missed_lines(result: OutcomeResult, effect: Effect, missed: float) -> Iterator[SensitivityLine]:
    """The pair for the estimate, and for the end of the interval nearest no effect where a difference is claimed."""
    shifts = {"missed_links": effect.estimate, "missed_links_interval": nearest_end(effect)}
    for name, shift in shifts.items():
        pair = tipping_misses(result.treated, result.treated - shift, missed)
        if shift and math.isfinite(pair.least):
            figures = (
                ("missed", missed),
                ("with_event", pair.with_event),
                ("without_event", pair.without_event),
                ("least", pair.least),
            )
            yield SensitivityLine("linkage", name, result.measure, figures=figures)


def relinked_lines(name: str, measures: Iterable[Measure], found: AnalysisFindings | None) -> Iterator[SensitivityLine]:
    """A line a measure: its effect in the same analysis of the people that another threshold links.

    name: of the threshold. found: that analysis, None where it would be of the very same people and was not made again.
    """
    yield from (_relinked_line(RELINKED.format(name), measure, found) for measure in measures)


def _relinked_line(name: str, measure: Measure, found: AnalysisFindings | None) -> SensitivityLine:
    if found is None:
        return SensitivityLine("linkage", name, measure, "same_people")
    if found.status == "balance_failed":
        return SensitivityLine("linkage", name, measure, "not_balanced")
    result = next((result for result in found.outcomes if result.measure.name == measure.name), None)
    if result is None:
        return SensitivityLine("linkage", name, measure, "withheld", TOO_FEW if found.status == "too_few" else UNMATCHED)
    return estimated_line("linkage", name, result)


def examined(lines: Iterable[SensitivityLine]) -> dict[str, Measure]:
    """The measures, by name, that the lines of an analysis are about: not the negative control."""
    return {line.measure.name: line.measure for line in lines if line.part != "control"}


def with_relinked(
    lines: tuple[SensitivityLine, ...], more: Iterable[tuple[str, AnalysisFindings | None]]
) -> tuple[SensitivityLine, ...]:
    """The lines of an analysis with those of other thresholds (name, analysis) behind its own on links, of the same measures."""
    measures = examined(lines)
    made = [line for name, found in more for line in relinked_lines(name, measures.values(), found)]
    end = next((place for place, line in enumerate(lines) if line.part == "control"), len(lines))
    return (*lines[:end], *made, *lines[end:])
