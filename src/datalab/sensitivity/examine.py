"""One call for the whole family: every line of an analysis, in the order in which a report prints them."""

from __future__ import annotations

from collections.abc import Sequence

from datalab.balance.results import BalancedMatch
from datalab.effects.results import OutcomeResult, SensitivityLine
from datalab.matching import MatchSettings
from datalab.sensitivity.basis import Basis, choose_measures
from datalab.sensitivity.control import control_lines
from datalab.sensitivity.designs import design_lines
from datalab.sensitivity.family import LinkErrors
from datalab.sensitivity.hidden import hidden_lines
from datalab.sensitivity.linkage import linkage_lines
from datalab.table import AnalysisTable


def examine(
    balanced: BalancedMatch,
    raw: AnalysisTable,
    results: Sequence[OutcomeResult],
    *,
    settings: MatchSettings,
    minimum_treated: int = 30,
    errors: LinkErrors | None = None,
) -> tuple[SensitivityLine, ...]:
    """The sensitivity family of an analysis, fixed beforehand: no line replaces the headline (design 3.5).

    balanced: the main match, missing numbers filled. raw: the same n rows as they came. results: one for each outcome of
    the table, as `estimate_outcome` gave it. settings: of the main match. minimum_treated: fewest matched treated people
    of any line. errors: of linkage, None where nobody was linked. Lines: other designs (each estimate's estimand is the
    effect on the treated that this design can match), hidden bias, links, negative control; measures are the headline and
    up to two others about everyone. Deterministic; empty where no measure is estimated.
    """
    pairs = choose_measures(balanced.table.outcomes, results)
    if not pairs:
        return ()
    basis = Basis(balanced, raw, settings, pairs, minimum_treated)
    linked = () if errors is None else tuple(linkage_lines(basis, errors))
    return (*design_lines(basis), *hidden_lines(basis), *linked, *control_lines(basis))
