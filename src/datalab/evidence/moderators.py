"""Do kinds of programme differ? A mixed-effects model with one mean a kind and one variance between studies."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc, fdtrc

from datalab.errors import UsageError
from datalab.evidence.heterogeneity import describe_heterogeneity, estimate_tau2, fit_at
from datalab.evidence.pooling import Settings, make_model, share_scale, summarise, widen
from datalab.evidence.results import EffectSize, Level, Moderation
from datalab.table import Floats
from datalab.wording import say


def _test_equal(means: Floats, covariance: Floats, df_error: float) -> tuple[float, float]:
    """Statistic and p of the test that all the means are the same: F, or chi-squared where df_error is inf."""
    m = means.size - 1
    contrast = np.hstack([-np.ones((m, 1)), np.eye(m)])
    gaps = contrast @ means
    wald = float(gaps @ np.linalg.solve(contrast @ covariance @ contrast.T, gaps))
    if math.isinf(df_error):
        return wald, float(chdtrc(m, wald))
    return wald / m, float(fdtrc(m, df_error, wald / m))


def compare_kinds(effects: Sequence[EffectSize], kinds: Sequence[str], settings: Settings | None = None) -> Moderation:
    """The mean effect of each kind, and the test that all kinds have the same (metafor: mods = ~ factor(kind)).

    Estimand: the mean of the true effects of studies of each kind. kinds: one an effect; at least two kinds, and more
    studies than kinds. One tau2 for all kinds (REML); Hartung and Knapp's factor and t(k - kinds) unless the test is
    normal. A difference between kinds is between studies, not people: other things may differ along with the kind.
    Levels come in alphabetical order. Deterministic. Raises UsageError where the numbers do not allow it. Knapp and
    Hartung (2003).

    >>> four = [EffectSize("risk_difference", d / 100, 0.01) for d in (-8, -7, -2, -1)]
    >>> found = compare_kinds(four, ["education", "education", "housing", "housing"])
    >>> [(one.name, one.k, round(one.mean.estimate, 3)) for one in found.levels], round(found.p, 3)
    ([('education', 2, -0.075), ('housing', 2, -0.015)], 0.027)
    """
    settings = settings or Settings()
    scale = share_scale(effects)
    names = sorted(set(kinds))
    if len(kinds) != len(effects) or len(names) < 2 or len(effects) <= len(names):
        raise UsageError(say("evidence.errors.kinds", studies=len(effects), labels=len(kinds), kinds=len(names)))
    model = make_model(effects, np.array([[float(kind == name) for name in names] for kind in kinds]))
    tau2, total = estimate_tau2(model), estimate_tau2(make_model(effects))
    fit = fit_at(model, tau2)
    factor, df, guarded = widen(fit, model.df, settings)
    covariance = factor * fit.covariance
    statistic, p = _test_equal(fit.beta, covariance, df)
    levels = tuple(
        Level(name, list(kinds).count(name), summarise(float(mean), math.sqrt(float(covariance[i, i])), df, settings.level))
        for i, (name, mean) in enumerate(zip(names, fit.beta, strict=True))
    )
    return Moderation(
        scale=scale,
        k=len(effects),
        levels=levels,
        q_moderators=statistic,
        df=len(names) - 1,
        df_error=df,
        p=p,
        residual=describe_heterogeneity(model, tau2, settings.level),
        r2=max(0.0, 1 - tau2 / total) if total > 0 else math.nan,
        guarded=guarded,
    )
