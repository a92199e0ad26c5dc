"""How to match: the settings and their rules."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from datalab.constraints import Options, Range, require

RULES: dict[str, Options | Range] = {
    "method": Options(("radius",)),
    "caliper_sd_logit": Range(0, 5, open_low=True, hint="0.2 is the usual choice; 0.1 and 0.05 are stricter."),
    "penalty": Range(0, 1e6, open_low=True, hint="1 is the usual choice."),
    "terms": Options(("auto", "main", "rich")),
}


@dataclass(frozen=True)
class MatchSettings:
    """Settings of the score and the match.

    method: "radius". caliper_sd_logit: reach on the logit of the score in its SD (above 0, at most 5). penalty: ridge
    penalty of the score (above 0). terms: "main" effects, "rich" (squares and products of the numbers too), or "auto":
    rich only where overlap is poor with main effects.
    Raises UsageError naming every setting that breaks its rule.

    >>> MatchSettings().caliper_sd_logit
    0.2
    """

    method: Literal["radius"] = "radius"
    caliper_sd_logit: float = 0.2
    penalty: float = 1.0
    terms: Literal["auto", "main", "rich"] = "auto"

    def __post_init__(self) -> None:
        require(RULES, asdict(self))
