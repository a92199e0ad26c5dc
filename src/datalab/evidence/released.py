"""Evidence records of a release: what disclosure control let out, and nothing else."""

from __future__ import annotations

import math

from datalab.disclosure.results import Number, Releasable, Release, ReleasedAnalysis, ReleasedEffect, ReleasedOutcome, Suppressed
from datalab.errors import UsageError
from datalab.evidence.effect_sizes import odds_ratio_at
from datalab.evidence.recover import se_from_interval
from datalab.evidence.results import EffectSize, EvidenceRecord, RecordVerdict

_VERDICTS: dict[str, RecordVerdict] = {"lower": "lower", "higher": "higher", "more_people": "more_people"}


def _known(value: Number) -> float | None:
    return None if isinstance(value, Suppressed) else float(value)


def _ratio(effect: ReleasedEffect) -> tuple[EffectSize, ...]:
    """The log rate ratio behind a released ratio and its limits (the normal for its t: a hair wide, never narrow)."""
    ratio, low, high = _known(effect.ratio), _known(effect.ratio_low), _known(effect.ratio_high)
    if ratio is None or low is None or high is None or not 0 < low < high:
        return ()
    return (EffectSize("log_rate_ratio", math.log(ratio), se_from_interval(math.log(low), math.log(high))),)


def _odds(difference: EffectSize, outcome: ReleasedOutcome) -> tuple[EffectSize, ...]:
    treated, n1, n0 = _known(outcome.treated), _known(outcome.n_treated), _known(outcome.effective_comparison)
    if treated is None or n1 is None or n0 is None:
        return ()
    try:
        return (odds_ratio_at(difference, treated, n_treated=n1, n_comparison=n0),)
    except UsageError:  # a share of 0 or 1 has no odds
        return ()


def _effects(outcome: ReleasedOutcome) -> tuple[EffectSize, ...]:
    """The released effect on its scales; none where the estimate or its standard error was not released."""
    effect = outcome.effect
    if effect is None or outcome.verdict not in _VERDICTS:
        return ()
    estimate, se = _known(effect.estimate), _known(effect.se)
    if estimate is None or se is None or se <= 0:
        return ()
    if outcome.kind != "binary":
        return (EffectSize("mean_difference", estimate, se), *_ratio(effect))
    difference = EffectSize("risk_difference", estimate, se)
    return (difference, *_odds(difference, outcome))


def _reason(outcome: ReleasedOutcome | None, effects: tuple[EffectSize, ...]) -> str:
    if effects:
        return ""
    if outcome is None or outcome.verdict not in _VERDICTS:
        return "evidence.reasons.withheld"
    return "evidence.reasons.suppressed"


def record_release(
    releasable: Releasable, *, organisation: str = "", published: str = "", source: str = "", robust: bool | None = None
) -> tuple[EvidenceRecord, ...]:
    """One record for every outcome of every analysis of a release, in its order; every result counts, whatever it says.

    Only what was released goes in: where the estimate or its standard error was suppressed, the verdict is kept alone,
    and an analysis without outcomes leaves a record of the headline outcome with the verdict "withheld". A match that
    failed its gate gives no effect. organisation, published (a date), source: texts for the library. robust: whether the
    verdicts stood up to the sensitivity checks, None where not known. All records carry the study's id as `study`, since
    analyses of one study share people. origin: "demo" for a made-up country, else "here".
    """
    release = releasable.release
    given = {"organisation": organisation, "published": published, "source": source}
    return tuple(
        _record(release, analysis, outcome, given, robust)
        for analysis in release.analyses
        for outcome in analysis.outcomes or (None,)
    )


def _record(
    release: Release,
    analysis: ReleasedAnalysis,
    outcome: ReleasedOutcome | None,
    given: dict[str, str],
    robust: bool | None,
) -> EvidenceRecord:
    effects = () if outcome is None or release.status == "balance_failed" else _effects(outcome)
    effect = None if outcome is None else outcome.effect
    measure = release.headline_outcome if outcome is None else outcome.measure
    balance = analysis.balance
    return EvidenceRecord(
        id=f"{release.study_id}/{analysis.name}/{measure}",
        study=release.study_id,
        programme=release.title,
        organisation=given["organisation"],
        kind=release.programme.kind,
        setting=release.programme.setting,
        design="matched",
        people=analysis.name,
        outcome=measure,
        unit="" if outcome is None else outcome.unit,
        favourable="neutral" if outcome is None else outcome.favourable,
        follow_up_months=release.follow_up_months,
        published=given["published"],
        role="secondary" if outcome is None else outcome.role,
        n_treated=None if outcome is None else _count(outcome.n_treated),
        n_comparison=None if outcome is None else _known(outcome.n_comparison),
        treated=None if outcome is None else _known(outcome.treated),
        comparison=None if outcome is None else _known(outcome.comparison),
        low=None if effect is None else _known(effect.low),
        high=None if effect is None else _known(effect.high),
        effects=effects,
        se_from="released" if effects else "",
        reason=_reason(outcome, effects),
        verdict="withheld" if outcome is None else _VERDICTS.get(outcome.verdict, "withheld"),
        balance_passed=None if balance is None else balance.passed,
        largest_smd=None if balance is None else _known(balance.max_smd),
        robust=robust,
        origin="demo" if release.synthetic else "here",
        source=given["source"],
    )


def _count(value: Number) -> int | None:
    return None if isinstance(value, Suppressed) else int(value)
