"""What findings may say in words: settings, keys of sentences and sentences that are known here; nothing else is printed.

The names of a plan (its title, kind of programme, groups and analyses) are its author's own words, as the labels of measures and
covariates are the field's. None of them is made of the data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from datalab.effects.results import AnalysisFindings, Findings
from datalab.errors import InternalError
from datalab.wording.render import is_said

_SETTINGS = (
    "method estimator caliper_sd_logit penalty terms caliper_score ratio replacement bandwidth_sd_logit on bins cutpoints "
    "subclasses trim trim_above outcome_model bootstrap bootstrap_seed caliper terms_used exact trimmed"
)
_WITHHELD = (
    "too_few_treated too_few_expected too_few_with_event effective_size no_variation follow_up_short subgroup_unbalanced "
    "subgroup_unmatched too_few_matched balance_failed not_loaded_employment not_loaded_benefit no_such_group no_such_value "
    "no_level no_pool nobody_matched"
)
_NOTES = (
    "difference_interval clustered few_sites after_programme classic_sites boosted bootstrap_failed mean_time could_be_chance "
    "not_evidence"
)
_OF_MATCHES = "rich_terms poor_overlap some_unmatched main_kept trimmed wide_caliper exact_unused fewer_partners"
_OF_THE_GATE = "nothing_varies too_far too_many too_many_of_few try"


def _keys(section: str, names: str) -> frozenset[str]:
    return frozenset(f"{section}.{name}" for name in names.split())


SETTINGS = frozenset(_SETTINGS.split())
REASONS = _keys("effects.withheld", _WITHHELD) | {
    "feasibility.reasons.no_pool",
    "sensitivity.reasons.unmatched",
    "sensitivity.reasons.too_few",
    "sensitivity.reasons.not_prepared",
}
NOTES = _keys("effects.notes", _NOTES)
WARNINGS = _keys("matching.warnings", _OF_MATCHES) | {
    "disclosure.thresholds.tighter",
    "features.warnings.constant",
    "linkage.quality.gap",
    "linkage.quality.missed_gap",
    "linkage.quality.ethnicity_linked_only",
}
GATE = _keys("balance.reasons", _OF_THE_GATE)
DEVIATIONS = frozenset({"study.study.deviation"})
VARIABLES = frozenset({"setting", "index_kind", "region", "cohort_year", "sex"})
CHARACTERISTICS = frozenset({"sex", "age_band", "postcode_area", "ethnicity_of_linked"})
_GROUP = re.compile(r"group:\w{1,40}")


def require_known_words(findings: Findings) -> None:
    """Refuses findings that say what no rule was written for: a setting, a reason, a note, a warning, who is in an analysis.

    Raises InternalError naming the part (never the words), so that what is new stays inside until it is known here.
    """
    linkage = findings.linkage
    _require("warning", [] if linkage is None else linkage.warnings, WARNINGS)
    _require("warning", findings.warnings, WARNINGS)
    _require("deviation", findings.deviations, DEVIATIONS)
    _require_names(
        "characteristic", [] if linkage is None else (group.characteristic for group in linkage.groups), CHARACTERISTICS
    )
    _require_names("reason", (line.reason for answer in findings.feasibility for line in answer.expectations), REASONS)
    for found in (*findings.analyses, *(run.found for run in findings.needs)):
        _require_analysis(found)


def _require_analysis(found: AnalysisFindings) -> None:
    variables = (name for name, _ in found.conditions if not _GROUP.fullmatch(name))
    _require_names("match_settings", found.match_settings, SETTINGS)
    _require_names("condition", variables, VARIABLES)
    _require_names("reason", _reasons(found), REASONS)
    _require_names("note", (note for result in found.outcomes for note in result.notes), NOTES)
    _require("warning", found.warnings, WARNINGS)
    _require("balance reason", () if found.balance is None else found.balance.reasons, GATE)


def _reasons(found: AnalysisFindings) -> Iterator[str]:
    yield found.reason
    yield from (result.reason for result in found.outcomes)
    yield from (line.reason for line in found.sensitivity)


def _require_names(part: str, names: Iterable[str], known: frozenset[str]) -> None:
    if any(name and name not in known for name in names):
        raise InternalError(f"Disclosure control has no rule for this {part}.")


def _require(part: str, texts: Iterable[str], known: frozenset[str]) -> None:
    """Each text is a key that is known, or what one of those sentences says."""
    if any(text not in known and not any(is_said(text, key) for key in known) for text in texts):
        raise InternalError(f"Disclosure control has no rule for this {part}.")
