"""Are small studies different? The points of a funnel plot, and Egger's regression test of its asymmetry."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from datalab.evidence.heterogeneity import fit_at
from datalab.evidence.pooling import make_model, share_scale, summarise
from datalab.evidence.results import EffectSize, Funnel, Pooled

FEWEST_TO_READ = 10
FEWEST_TO_TEST = 3


def _egger(effects: Sequence[EffectSize], level: float) -> tuple[Pooled | None, float]:
    """Slope of the estimate in its standard error, and the estimate at a standard error of 0."""
    errors = np.array([effect.se for effect in effects])
    if len(effects) < FEWEST_TO_TEST or np.ptp(errors) <= 1e-12 * errors.max():
        return None, math.nan
    model = make_model(effects, np.column_stack([np.ones_like(errors), errors]))
    fit = fit_at(model, 0.0)
    se = math.sqrt(fit.q / model.df * float(fit.covariance[1, 1]))
    return summarise(float(fit.beta[1]), se, float(model.df), level), float(fit.beta[0])


def draw_funnel(effects: Sequence[EffectSize], level: float = 0.95) -> Funnel:
    """Points, centre (fixed-effect mean), and Egger's test (metafor: regtest(model = "lm")).

    Egger and others (1997): estimates regressed on their standard errors, weights 1/se^2, spread estimated, t(k - 2); a
    slope away from 0 means that small studies say something else than large ones, because unwelcome results stayed
    unpublished, or because small programmes are different. `limit` is the estimate at an error of 0. With fewer than ten
    studies the test misses most asymmetry (Sterne and others 2011), and a note says so. On the scales of rates the error
    depends on the rate itself, which tilts the funnel a little without any bias. Raises UsageError as `pool_effects`.

    >>> found = draw_funnel([EffectSize("risk_difference", d / 100, s / 100) for d, s in ((-9, 4), (-4, 2), (-3, 1))])
    >>> round(found.egger.estimate, 2), found.notes
    (-1.75, ('evidence.notes.funnel_few',))
    """
    scale = share_scale(effects)
    egger, limit = _egger(effects, level)
    centre = float(fit_at(make_model(effects), 0.0).beta[0])
    named = ((egger is None, "funnel_none"), (egger is not None and len(effects) < FEWEST_TO_READ, "funnel_few"))
    return Funnel(
        scale=scale,
        points=tuple((effect.estimate, effect.se) for effect in effects),
        centre=centre,
        egger=egger,
        limit=limit,
        notes=tuple(f"evidence.notes.{name}" for holds, name in named if holds),
    )
