"""The same effect by every other design of the family; a match that fails the balance gate gives no estimate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from datalab.balance import gate
from datalab.balance.results import BalancedMatch, UnbalancedMatch
from datalab.effects.estimate import estimate_outcome
from datalab.effects.influence import count_people
from datalab.effects.results import OutcomeResult, SensitivityLine, SensitivityPart
from datalab.errors import InputError
from datalab.matching import MatchSettings, match
from datalab.matching.matcher import is_poor_overlap
from datalab.matching.settings import used_settings
from datalab.numerics.impute import impute_covariates
from datalab.sensitivity.basis import Basis
from datalab.sensitivity.family import FAMILY, Variation
from datalab.table import AnalysisTable, Floats, take_rows

UNMATCHED = "sensitivity.reasons.unmatched"
NOT_PREPARED = "sensitivity.reasons.not_prepared"
TOO_FEW = "sensitivity.reasons.too_few"
Found = BalancedMatch | UnbalancedMatch | str


def design_lines(basis: Basis, family: tuple[Variation, ...] = FAMILY) -> Iterator[SensitivityLine]:
    """A line for each variation that applies and each measure, in the family's order.

    The score of the main match serves every variation of the same rows, covariates and terms, and so does the outcome
    model. Terms are those of the main match unless the variation is about them.
    """
    for variation in family:
        if variation.change == "classic":
            yield from (_classic_line(result) for _, result in basis.pairs)
            continue
        table, settings = _changed_table(basis, variation), _changed_settings(basis, variation)
        if table is None or settings is None:
            continue
        found = match_again(table, settings, basis.minimum_treated, logit=_known_logit(basis, table, settings))
        yield from (_line(basis, variation.name, found, place) for place in range(len(basis.pairs)))


def _changed_settings(basis: Basis, variation: Variation) -> MatchSettings | None:
    """The settings of the variation, None where they come to those of the main match."""
    own = basis.pinned
    if variation.change:
        return own
    if set(variation.settings) == {"terms"} and not _may_change_terms(basis):
        return None
    changed = _other_method(own, variation) if "method" in variation.settings else replace(own, **variation.settings)
    return None if changed.settings() == own.settings() else changed


def _other_method(own: MatchSettings, variation: Variation) -> MatchSettings:
    """Another method on the same score: terms are kept, and the penalty where the method uses it; nothing else."""
    kept: dict[str, object] = {"terms": own.terms}
    if own.penalty is not None and "penalty" in used_settings(str(variation.settings["method"]), variation.settings):
        kept["penalty"] = own.penalty
    return MatchSettings(**{**kept, **variation.settings})


def _known_logit(basis: Basis, table: AnalysisTable, settings: MatchSettings) -> Floats | None:
    """The score of the main match, where rows, covariates and terms are its own."""
    is_same = table.n == basis.table.n and table.covariates is basis.table.covariates and settings.terms == basis.pinned.terms
    return basis.balanced.match.logit if is_same else None


def _may_change_terms(basis: Basis) -> bool:
    """Other terms are looked at only where overlap is poor."""
    return basis.balanced.match.terms == "rich" or is_poor_overlap(basis.balanced.match, basis.table)


def _changed_table(basis: Basis, variation: Variation) -> AnalysisTable | None:
    """The rows and covariates of the variation, None where it changes nothing that is there."""
    return _TABLES[variation.change](basis)


def _without_needs(basis: Basis) -> AnalysisTable | None:
    kept = tuple(covariate for covariate in basis.raw.covariates if covariate.family != "needs")
    return replace(basis.table, covariates=kept) if 0 < len(kept) < len(basis.raw.covariates) else None


def _same_region(basis: Basis) -> AnalysisTable | None:
    """Regions as further strata; None where there are none, or the strata keep them apart already."""
    strata = basis.table.strata
    for covariate in basis.table.covariates:
        if covariate.family == "region" and covariate.is_categorical:
            strata = strata * len(covariate.levels) + np.asarray(covariate.values, dtype=np.int64)
    codes = np.unique(strata, return_inverse=True)[1].astype(np.int64)
    split = int(codes.max()) + 1 > np.unique(basis.table.strata).size
    return replace(basis.table, strata=codes) if split else None


def _complete_cases(basis: Basis) -> AnalysisTable | None:
    """The rows with every number known; None where nothing is missing."""
    known = np.ones(basis.raw.n, dtype=bool)
    for covariate in basis.raw.covariates:
        if not covariate.is_categorical:
            known &= ~np.isnan(covariate.values)
    return None if known.all() else take_rows(basis.table, known)


_TABLES: dict[str, Callable[[Basis], AnalysisTable | None]] = {
    "": lambda basis: basis.table,
    "without_needs": _without_needs,
    "same_region": _same_region,
    "complete_cases": _complete_cases,
}


def match_again(table: AnalysisTable, settings: MatchSettings, minimum_treated: int, *, logit: Floats | None = None) -> Found:
    """The match with its balance, or the wording key of why there is none. logit (n,): the score where it is known."""
    if count_people(table.person, table.treated) < minimum_treated or bool(table.treated.all()):
        return TOO_FEW
    filled = replace(table, covariates=impute_covariates(table.covariates, ~table.treated))
    try:
        found = match(filled, settings, logit=logit)
    except InputError:  # the main match passed the same checks, so it is this design that cannot be made
        return UNMATCHED
    if count_people(table.person, table.treated & found.matched) < minimum_treated:
        return TOO_FEW
    return gate(filled, found, distances=False)


def with_national(lines: tuple[SensitivityLine, ...]) -> tuple[SensitivityLine, ...]:
    """The lines of a plan whose pool is kept to some regions, with one a measure that says why there is no national one."""
    designs = [place for place, line in enumerate(lines) if line.part == "design"]
    if not designs:
        return lines
    end = designs[-1] + 1
    measures = {line.measure.name: line.measure for line in lines[:end]}
    told = (SensitivityLine("design", "national", measure, "withheld", NOT_PREPARED) for measure in measures.values())
    return (*lines[:end], *told, *lines[end:])


def _line(basis: Basis, name: str, found: Found, place: int) -> SensitivityLine:
    measure = basis.pairs[place][0].measure
    if isinstance(found, str):
        return SensitivityLine("design", name, measure, "withheld", found)
    if isinstance(found, UnbalancedMatch):
        return SensitivityLine("design", name, measure, "not_balanced")
    return estimated_line("design", name, _estimate(basis, found, place))


def _estimate(basis: Basis, found: BalancedMatch, place: int) -> OutcomeResult:
    """The measure in another match, by the outcome model of the main one where rows, covariates and terms are the same."""
    outcome = found.table.outcomes[basis.places[place]]
    same_rows = found.table.covariates is basis.table.covariates and found.table.n == basis.table.n
    if same_rows and found.match.terms == basis.design.terms:
        return estimate_outcome(found, outcome, design=basis.design, expected=basis.expected[place])
    return estimate_outcome(found, outcome)


def estimated_line(part: SensitivityPart, name: str, result: OutcomeResult) -> SensitivityLine:
    """A line with the estimate of a balanced match, or with the reason why a gate of the estimator withheld it."""
    if result.effect is None:
        return SensitivityLine(part, name, result.measure, "withheld", result.reason)
    return SensitivityLine(part, name, result.measure, effect=result.effect, counted=result)


def _classic_line(result: OutcomeResult) -> SensitivityLine:
    if result.classic is None:
        return SensitivityLine("design", "classic", result.measure, "withheld", "effects.withheld.no_variation")
    return SensitivityLine("design", "classic", result.measure, effect=result.classic)
