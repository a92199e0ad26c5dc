"""Random-effects meta-analysis: the mean effect, where a new study's would lie, and what each study does to it.

REML for the variance between studies, Hartung and Knapp's t for the mean; held to R's metafor (Viechtbauer 2010).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from datalab.constraints import Options, Range, require
from datalab.errors import UsageError
from datalab.evidence.heterogeneity import Fit, Model, describe_heterogeneity, estimate_tau2, fit_at
from datalab.evidence.results import EffectSize, Guard, LeftOut, Pool, Pooled, Scale, Test
from datalab.table import Floats
from datalab.wording import say

FEWEST_TO_PREDICT = 3
FEW = 5
_RULES: dict[str, Options | Range] = {
    "test": Options(("hartung_knapp", "normal")),
    "guard": Options(("factor", "none")),
    "level": Range(0.5, 0.999),
}


@dataclass(frozen=True)
class Settings:
    """How a mean is tested. test: "hartung_knapp" (t with k - p degrees of freedom) or "normal".

    guard, for Hartung and Knapp alone: their factor is the studies' spread over what tau2 and chance would give. Below 1
    it makes the interval narrower than the ordinary one: with few or very alike studies, narrower than sampling error
    allows. "factor" never lets it fall below 1 (Knapp and Hartung 2003; metafor's test="adhoc"); "none" leaves it as it
    is (metafor's test="knha").
    """

    test: Test = "hartung_knapp"
    guard: Guard = "factor"
    level: float = 0.95

    def __post_init__(self) -> None:
        """Refuses unknown names and levels."""
        require(_RULES, {"test": self.test, "guard": self.guard, "level": self.level})


def share_scale(effects: Sequence[EffectSize]) -> Scale:
    """The one scale of the effects. Raises UsageError for none, several scales, or an error that is no positive number."""
    if not effects:
        raise UsageError(say("evidence.errors.no_effects"))
    scales = sorted({effect.scale for effect in effects})
    wrong = sum(not (math.isfinite(effect.estimate) and 0 < effect.se < math.inf) for effect in effects)
    faults = [say("evidence.errors.scales", given=", ".join(scales))] if len(scales) > 1 else []
    faults += [say("evidence.errors.not_finite", count=wrong)] if wrong else []
    if faults:
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)
    return effects[0].scale


def make_model(effects: Sequence[EffectSize], x: Floats | None = None) -> Model:
    """The effects as a model; x (k, p): its design, one common mean where None."""
    y = np.array([effect.estimate for effect in effects], dtype=np.float64)
    v = np.array([effect.variance for effect in effects], dtype=np.float64)
    return Model(y, v, np.ones((y.size, 1)) if x is None else x)


def widen(fit: Fit, df: int, settings: Settings) -> tuple[float, float, bool]:
    """Factor of the covariance, degrees of freedom (inf: normal), and whether the guard held the factor up."""
    if settings.test == "normal":
        return 1.0, math.inf, False
    factor = fit.q / df
    guarded = settings.guard == "factor" and factor < 1
    return (1.0 if guarded else factor), float(df), guarded


def reach_of(df: float, level: float) -> float:
    """Two-sided quantile: t with df, normal where df is inf."""
    share = 0.5 + level / 2
    return float(ndtri(share) if math.isinf(df) else stdtrit(df, share))


def summarise(estimate: float, se: float, df: float, level: float) -> Pooled:
    """The estimate with its interval and test; an error of 0 (studies that agree exactly) gives p 0 unless it is 0."""
    half = reach_of(df, level) * se
    statistic = estimate / se if se > 0 else math.copysign(math.inf, estimate) if estimate else 0.0
    tail = ndtr(-abs(statistic)) if math.isinf(df) else stdtr(df, -abs(statistic))
    return Pooled(estimate, se, estimate - half, estimate + half, statistic, df, 2 * float(tail))


def _single(effect: EffectSize, scale: Scale, level: float) -> Pool:
    own = summarise(effect.estimate, effect.se, math.inf, level)
    return Pool(scale, 1, level, own, own, None, None, False, (1.0,), ("evidence.notes.one_study",))


def _notes(k: int, tau2: float, guarded: bool) -> tuple[str, ...]:
    named = (
        (k == 2, "two_studies"),
        (2 < k < FEW, "few_studies"),
        (tau2 == 0, "no_difference_seen"),
        (guarded, "guarded"),
        (k < FEWEST_TO_PREDICT, "no_prediction"),
    )
    return tuple(f"evidence.notes.{name}" for holds, name in named if holds)


def pool_effects(effects: Sequence[EffectSize], settings: Settings | None = None) -> Pool:
    """The effects of k independent studies put together by a random-effects model, beside the fixed-effect mean.

    Estimand: the mean of the true effects of such studies (random), and the effect itself if all shared one (fixed).
    effects: all on one scale, errors positive; no missing values. Deterministic; the order changes nothing but rounding.
    The prediction interval is mean +- t(k - 1) sqrt(tau2 + se^2) (normal where the test is), as metafor's `predict()`
    gives it (Higgins, Thompson and Spiegelhalter 2009 take k - 2, which is wider); from three studies on. It takes the
    estimated tau2 for the true one and covers less than it says with few studies (tests/truth measures it). One study: its
    own interval and nothing about differences between studies. Raises UsageError for no effects, several scales, or
    errors that are no positive numbers. Viechtbauer (2005, REML); Hartung and Knapp (2001).

    >>> found = pool_effects([EffectSize("risk_difference", d / 100, 0.02) for d in (-9, -4, -6, -1)])
    >>> round(found.random.estimate, 3), found.k, [round(x, 2) for x in found.prediction]
    (-0.05, 4, [-0.15, 0.05])
    """
    settings = settings or Settings()
    scale = share_scale(effects)
    k = len(effects)
    if k == 1:
        return _single(effects[0], scale, settings.level)
    model = make_model(effects)
    tau2 = estimate_tau2(model)
    fit, alike = fit_at(model, tau2), fit_at(model, 0.0)
    factor, df, guarded = widen(fit, model.df, settings)
    mean, se = float(fit.beta[0]), math.sqrt(factor * float(fit.covariance[0, 0]))
    reach = reach_of(df, settings.level) * math.sqrt(tau2 + se**2)
    return Pool(
        scale=scale,
        k=k,
        level=settings.level,
        random=summarise(mean, se, df, settings.level),
        fixed=summarise(float(alike.beta[0]), math.sqrt(float(alike.covariance[0, 0])), math.inf, settings.level),
        heterogeneity=describe_heterogeneity(model, tau2, settings.level),
        prediction=(mean - reach, mean + reach) if k >= FEWEST_TO_PREDICT else None,
        guarded=guarded,
        weights=tuple(float(w) for w in fit.weights / fit.weights.sum()),
        notes=_notes(k, tau2, guarded),
    )


def leave_one_out(effects: Sequence[EffectSize], names: Sequence[str], settings: Settings | None = None) -> tuple[LeftOut, ...]:
    """The random-effects mean without each study in turn, in the order given; needs three studies or more.

    names: one an effect. Raises UsageError for fewer studies, or names that are not one an effect.

    >>> three = [EffectSize("risk_difference", d / 100, 0.02) for d in (-9, -4, -6)]
    >>> [(one.name, round(one.random.estimate, 3)) for one in leave_one_out(three, ["a", "b", "c"])]
    [('a', -0.05), ('b', -0.075), ('c', -0.065)]
    """
    require({"studies": Range(3), "names": Range(len(effects), len(effects))}, {"studies": len(effects), "names": len(names)})
    found = []
    for i, name in enumerate(names):
        pool = pool_effects([*effects[:i], *effects[i + 1 :]], settings)
        if pool.heterogeneity is not None:
            found.append(LeftOut(name, pool.random, pool.heterogeneity))
    return tuple(found)
