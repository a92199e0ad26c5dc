"""What the evidence library hands on: effect sizes on a common scale, records of analyses, and what they say together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from datalab.evidence.names import plain_name

Scale = Literal["risk_difference", "log_odds_ratio", "log_rate_ratio", "hedges_g", "mean_difference"]
Origin = Literal["published", "here", "demo"]
RecordVerdict = Literal["lower", "higher", "more_people", "withheld", "not_stated"]
Test = Literal["hartung_knapp", "normal"]
Guard = Literal["factor", "none"]


@dataclass(frozen=True)
class EffectSize:
    """One study's effect, treated against comparison, and its standard error (positive), both on `scale`.

    risk_difference: shares (0.01 = one point). log_odds_ratio, log_rate_ratio: natural logarithms. hedges_g: standard
    deviations. mean_difference: the outcome's own unit, so that only the same outcome can be put together.
    """

    scale: Scale
    estimate: float
    se: float

    @property
    def variance(self) -> float:
        """The square of the standard error."""
        return self.se**2


@dataclass(frozen=True)
class EvidenceRecord:
    """What one analysis leaves behind. None: not known or not released; never guessed.

    id: unique in a library. study: results with the same text, however it is spelled (`study_key`), may share people, so
    only one of them is put together with others. design: "matched" (made here), "published" (a report of the real
    service) or "descriptive" (a published figure that is no effect of the programme). people: who was analysed.
    unit: of `low`, `high`, `treated` and `comparison` (shares for rates).
    low, high: the 95 % interval as released or printed, on the difference scale.
    effects: on every scale that the figures allow; empty where only the verdict is kept, for the `reason` (a wording
    key). se_from: "released", "interval" or "rates", "" without effects. balance_passed, largest_smd (share of a standard
    deviation): of the balance gate. robust: whether the verdict stood up to the sensitivity checks. role: the
    headline's, or secondary.
    """

    id: str
    study: str
    programme: str
    organisation: str
    kind: str
    setting: str
    design: str
    people: str
    outcome: str
    unit: str
    favourable: str
    follow_up_months: int
    published: str
    role: str
    n_treated: int | None
    n_comparison: float | None
    treated: float | None
    comparison: float | None
    low: float | None
    high: float | None
    effects: tuple[EffectSize, ...]
    se_from: str
    reason: str
    verdict: RecordVerdict
    balance_passed: bool | None
    largest_smd: float | None
    robust: bool | None
    origin: Origin
    source: str
    note: str = ""

    @property
    def study_key(self) -> str:
        """`study` as it is compared."""
        return plain_name(self.study)

    def on(self, scale: Scale) -> EffectSize | None:
        """The effect on this scale, None where the figures do not allow it."""
        return next((effect for effect in self.effects if effect.scale == scale), None)


@dataclass(frozen=True)
class Strength:
    """Strength of evidence from 1 (weak) to 5 (strong): one more than the rules met. met, missed: names of the rules."""

    level: int
    met: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True)
class Heterogeneity:
    """How much studies differ beyond chance.

    tau2: variance of the true effects between studies (REML), with its 95 % Q-profile interval; i2: share (0 to 1) of
    the variance that lies between studies; h2: total over sampling variance; q, df, p: Cochran's test.
    """

    tau2: float
    tau2_low: float
    tau2_high: float
    i2: float
    h2: float
    q: float
    df: int
    p: float

    @property
    def tau(self) -> float:
        """Standard deviation of the true effects, on the scale of the effects."""
        return math.sqrt(self.tau2)


@dataclass(frozen=True)
class Pooled:
    """A summary effect, its interval at the level asked for, and its test; df is inf where the normal is used."""

    estimate: float
    se: float
    low: float
    high: float
    statistic: float
    df: float
    p: float


@dataclass(frozen=True)
class Pool:
    """Effects put together.

    random: random effects. fixed: as if there were one true effect, for comparison. prediction: where the true effect
    of a new study would lie, None below three studies. guarded: the guard widened the interval. weights: shares of each
    study in the random-effects mean, in the order given. notes: wording keys.
    """

    scale: Scale
    k: int
    level: float
    random: Pooled
    fixed: Pooled
    heterogeneity: Heterogeneity | None
    prediction: tuple[float, float] | None
    guarded: bool
    weights: tuple[float, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class LeftOut:
    """The random-effects mean without one study, which `name` names."""

    name: str
    random: Pooled
    heterogeneity: Heterogeneity


@dataclass(frozen=True)
class Level:
    """The mean effect of one kind of programme, k studies."""

    name: str
    k: int
    mean: Pooled


@dataclass(frozen=True)
class Moderation:
    """Whether kinds of programme differ.

    levels: mean of each kind under one common tau2. q_moderators, df, df_error, p: test that all kinds have the same
    mean (F with df and df_error, or chi-squared where df_error is inf). residual: heterogeneity left within kinds.
    r2: share of tau2 that the kinds account for (0 to 1; NaN where there was none).
    """

    scale: Scale
    k: int
    levels: tuple[Level, ...]
    q_moderators: float
    df: int
    df_error: float
    p: float
    residual: Heterogeneity
    r2: float
    guarded: bool


@dataclass(frozen=True)
class Funnel:
    """Points of a funnel plot (estimate, standard error), in the order given, around the fixed-effect mean, and Egger's
    test of their asymmetry; None below three studies or where all have the same standard error. notes: wording keys."""

    scale: Scale
    points: tuple[tuple[float, float], ...]
    centre: float
    egger: Pooled | None
    limit: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class VerdictCounts:
    """How many results said what."""

    lower: int = 0
    higher: int = 0
    more_people: int = 0
    withheld: int = 0
    not_stated: int = 0


@dataclass(frozen=True)
class LeftAside:
    """A record that was not put together with the others, and why (a wording key)."""

    id: str
    reason: str


@dataclass(frozen=True)
class Synthesis:
    """What the records of one outcome say together.

    pool: None where no record has an effect. verdict: by the interval of the random-effects mean, as for one study;
    "not_stated" without a pool. used, effects, kinds: ids, effects and kinds of programme of the records put together, in
    one order. left_aside: the others. verdicts: of all of them but the descriptive ones.
    """

    outcome: str
    follow_up_months: int
    pool: Pool | None
    verdict: RecordVerdict
    used: tuple[str, ...]
    effects: tuple[EffectSize, ...]
    kinds: tuple[str, ...]
    left_aside: tuple[LeftAside, ...]
    verdicts: VerdictCounts
