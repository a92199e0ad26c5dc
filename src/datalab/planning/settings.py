"""PowerSettings: what is known beforehand, each value with its rule, and the defaults with where they come from."""

from __future__ import annotations

from dataclasses import dataclass

from datalab.constraints import Options, Range
from datalab.errors import UsageError
from datalab.planning.attrition import Kept
from datalab.planning.formula import POWER
from datalab.planning.outcomes import BY_NAME, Typical
from datalab.wording import say

ATTRITIONS = ("typical", "low", "high", "none")
# Smallest of the usual pools, and the share of its size that a pool is worth after weighting: in simulation pools of 10,000
# were worth 1,000 to 1,600 beside 60 people with strong selection, and more elsewhere. On the safe side.
POOL = 20_000
WORTH = 0.1
ASKED_MINIMUM = 60
RESULT_MINIMUM = 30
DAYS = 365  # of the follow-up, in which days are counted
ROUNDING = 1e-12

RULES: dict[str, Options | Range] = {
    "participants": Range(1, 10_000_000, whole=True),
    "outcome": Options(tuple(BY_NAME)),
    "base_rate": Range(0.001, 0.999, hint="Write 31 % as 0.31."),
    "effect": Range(0, open_low=True, hint="A change of 5 percentage points is 0.05."),
    "kept": Range(0, 1, open_low=True, hint="Write 70 % as 0.7."),
    "attrition": Options(ATTRITIONS),
    "power": Range(0.5, 0.99, hint="The usual choice is 0.8."),
    "comparison": Range(1, 1_000_000_000, whole=True),
    "effective": Range(10, hint="Below 10 no result is given."),
    "r_squared": Range(0, 0.95, hint="0.2 is usual for a rate; 0 is on the safe side."),
    "spread": Range(0, open_low=True, hint="It is the standard deviation from person to person."),
}
_NEVER_TOGETHER = (("kept", "attrition"), ("comparison", "effective"))


@dataclass(frozen=True)
class PowerSettings:
    """What is asked; None takes the default.

    participants: people who would be sent in. outcome: see `outcomes.OUTCOMES`. base_rate: share of people like them who
    have the event without the programme. effect: change to plan for, absolute, in the outcome's unit (a rate: 0.05 is 5
    points). kept: share of those sent in who would be analysed; or attrition: typical, low (few are kept), high, none (all
    are). power: chance of finding the effect. comparison: people in the pool, or effective: what they are worth after
    weighting. r_squared: share of the spread that the outcome model explains. spread: standard deviation of the outcome.

    Raises UsageError naming every value that is out of its rule, and every one that the outcome does not use.

    >>> PowerSettings(120).outcome
    'rate'
    """

    participants: int
    outcome: str = "rate"
    base_rate: float | None = None
    effect: float | None = None
    kept: float | None = None
    attrition: str | None = None
    power: float = POWER
    comparison: int | None = None
    effective: float | None = None
    r_squared: float | None = None
    spread: float | None = None

    def __post_init__(self) -> None:
        faults = [fault for name, rule in RULES.items() if (fault := self._fault(name, rule))]
        faults += [
            say("planning.refusals.together", one=one, other=other)
            for one, other in _NEVER_TOGETHER
            if None not in (getattr(self, one), getattr(self, other))
        ]
        faults += [] if faults else self._unused()
        if faults:
            raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)

    def _fault(self, name: str, rule: Options | Range) -> str | None:
        value = getattr(self, name)
        return None if value is None else rule.fault(name, value)

    def _unused(self) -> list[str]:
        outcome = BY_NAME[self.outcome]
        is_number, is_binary = outcome.kind == "number", outcome.kind == "binary"
        refused = {"base_rate": is_number, "spread": is_binary}
        asked = {"base_rate": self.outcome == "binary", "spread": is_number}
        faults = [
            say(f"planning.refusals.{key}", what=name, outcome=self.outcome)
            for key, rules, is_given in (("not_used", refused, True), ("needed", asked, False))
            for name, holds in rules.items()
            if holds and (getattr(self, name) is not None) == is_given
        ]
        return faults + self._impossible()

    def _impossible(self) -> list[str]:
        """An effect that goes beyond both ends of the outcome: a share from 0 to 1, days from 0 to 365."""
        effect, kind = self.effect, self.typical.kind
        if effect is None or kind not in ("binary", "days"):
            return []
        if kind == "binary" and effect >= 1:
            return [say("planning.refusals.whole_share", given=effect)]
        if kind == "days":
            return [say("planning.refusals.beyond_days", given=effect, most=DAYS)] if effect > DAYS else []
        down, up = self.share, 1 - self.share
        if effect <= max(down, up) + ROUNDING:
            return []
        return [
            say("planning.refusals.beyond_ends", given=effect, base=f"{self.share:g}", down=f"{down:g}", up=f"{round(up, 9):g}")
        ]

    @property
    def typical(self) -> Typical:
        """The outcome as published."""
        return BY_NAME[self.outcome]

    @property
    def share(self) -> float:
        """Share of people who have the event; 1 where the outcome knows none."""
        if self.typical.kind == "number":
            return 1.0
        return self.typical.share if self.base_rate is None else self.base_rate

    @property
    def explained(self) -> float:
        """Share of the spread that the outcome model explains."""
        return self.typical.r_squared if self.r_squared is None else self.r_squared

    @property
    def worth(self) -> float:
        """Effective size of the comparison group."""
        return WORTH * (self.comparison or POOL) if self.effective is None else self.effective

    @property
    def stated(self) -> float | None:
        """The effect to plan for; None where neither the caller nor the outcome states one."""
        return self.typical.stated if self.effect is None else self.effect

    def share_kept(self, cases: Kept) -> float:
        """Share of those sent in who would be analysed."""
        if self.kept is not None:
            return self.kept
        named = {"typical": cases.typical, "low": cases.low, "high": cases.high, "none": 1.0}
        return named[self.attrition or "typical"]
