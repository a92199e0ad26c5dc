"""What wrong and missed links could do to the effect (estimator study, section 8); only where people were linked."""

from __future__ import annotations

import math
from collections.abc import Iterator

from datalab.effects.results import Effect, OutcomeResult, SensitivityLine
from datalab.effects.tipping import nearest_end, tipping_misses, without_false_links
from datalab.sensitivity.basis import Basis
from datalab.sensitivity.family import LinkErrors


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
