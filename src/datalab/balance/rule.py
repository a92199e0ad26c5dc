"""The balance rule: the thresholds, and what a table of balance lines means under them (design 3.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from datalab.balance.results import CovariateBalance
from datalab.wording import say
from datalab.wording.advice import advice

# All of the gate's figures. Differences are shares of a standard deviation.
MOST_DIFFERENCE = 0.10
SMALL_DIFFERENCE = 0.05
LEAST_SHARE_SMALL = 0.90
FEW_COVARIATES = 20
LARGER_ALLOWED_OF_FEW = 1
WORST_NAMED = 5
# Limits are met by a value that differs from them by rounding only.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Judgement:
    """Whether the lines pass, why not, and the figures that decide; NaN where no line counts."""

    passed: bool
    reasons: tuple[str, ...]
    max_smd: float
    share_within_5pc: float
    worst: tuple[str, ...]


def judge(lines: tuple[CovariateBalance, ...], method: str = "radius") -> Judgement:
    """Passes when every counted line is within 10 % and 90 % of them within 5 % (of under 20 lines: all but one).

    A line counts where the covariate varies in the treated or the pool. Without any counted line nothing can be said to
    be balanced, so it does not pass. `worst`: up to five lines beyond 5 %, the largest first. method: how the match was made,
    which decides what to try.

    >>> judge(()).passed
    False
    """
    counted = [line for line in lines if line.sd_source != "none"]
    if not counted:
        return Judgement(False, (say("balance.reasons.nothing_varies"),), float("nan"), float("nan"), ())
    ranked = sorted(counted, key=lambda line: (-_size(line), line.covariate, line.level))
    beyond_small = [line for line in ranked if _size(line) > SMALL_DIFFERENCE + ROUNDING]
    beyond_most = [line for line in beyond_small if _size(line) > MOST_DIFFERENCE + ROUNDING]
    share = 1 - len(beyond_small) / len(counted)
    worst = tuple(name_of(line) for line in beyond_small[:WORST_NAMED])
    reasons = (*_reasons_far(beyond_most), *_reasons_many(len(counted), len(beyond_small), share, worst))
    hint = (advice(method),) if reasons else ()
    return Judgement(not reasons, (*reasons, *hint), _size(ranked[0]), share, worst)


def _size(line: CovariateBalance) -> float:
    # A difference that cannot be worked out (nobody's value is known on one side) is as bad as can be.
    return abs(line.smd) if math.isfinite(line.smd) else math.inf


def name_of(line: CovariateBalance) -> str:
    """A line's name for people: the covariate's label, and its level where it is one."""
    return f"{line.label}: {line.level}" if line.level else line.label


def _reasons_far(lines: list[CovariateBalance]) -> tuple[str, ...]:
    if not lines:
        return ()
    worst = "; ".join(_with_size(line) for line in lines[:WORST_NAMED])
    return (say("balance.reasons.too_far", count=len(lines), limit=f"{MOST_DIFFERENCE:.0%}", worst=worst),)


def _with_size(line: CovariateBalance) -> str:
    return say("balance.reasons.with_size", name=name_of(line), size=f"{_size(line):.1%}")


def _reasons_many(counted: int, larger: int, share: float, worst: tuple[str, ...]) -> tuple[str, ...]:
    few = counted < FEW_COVARIATES
    if share >= LEAST_SHARE_SMALL - ROUNDING or (few and larger <= LARGER_ALLOWED_OF_FEW):
        return ()
    values = {"larger": larger, "count": counted, "limit": f"{SMALL_DIFFERENCE:.0%}", "worst": "; ".join(worst)}
    if few:
        return (say("balance.reasons.too_many_of_few", **values, allowed=LARGER_ALLOWED_OF_FEW),)
    return (say("balance.reasons.too_many", **values, allowed=f"{1 - LEAST_SHARE_SMALL:.0%}"),)
