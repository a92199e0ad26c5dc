"""The family of other designs as data: fixed beforehand, the same in every study, never a menu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Change = Literal["", "without_needs", "same_region", "complete_cases", "classic"]
MOST_MEASURES = 3  # the headline and the first others of the plan that are about everyone analysed
MOST_POOL = 10_000  # comparison rows that benchmarks are measured on; of more, every second, third or so by row id
BENCHMARKS = 3  # recorded covariates that an unrecorded trait is measured against
WEIGHT_FACTORS = {"weights_125": 1.25, "weights_150": 1.5}  # by how much comparison weights may be wrong


@dataclass(frozen=True)
class Variation:
    """One other design. settings: what it changes of the match. change: what it changes of the people, covariates or
    estimator. A variation that comes to the plan's own design is left out."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    change: Change = ""


FAMILY: tuple[Variation, ...] = (
    Variation("caliper_020", {"method": "radius", "caliper_sd_logit": 0.2}),
    Variation("caliper_010", {"method": "radius", "caliper_sd_logit": 0.1}),
    Variation("caliper_005", {"method": "radius", "caliper_sd_logit": 0.05}),
    Variation("nearest", {"method": "nearest", "ratio": 1, "replacement": True}),
    Variation("ipw", {"method": "ipw"}),
    Variation("entropy", {"method": "entropy", "terms": "main"}),
    Variation("classic", change="classic"),
    Variation("without_needs", change="without_needs"),
    Variation("same_region", change="same_region"),
    Variation("complete_cases", change="complete_cases"),
    Variation("main_terms", {"terms": "main"}),
    Variation("rich_terms", {"terms": "rich"}),
)


@dataclass(frozen=True)
class LinkErrors:
    """Expected shares (0 to 1) of accepted links that are wrong, and of the submitted people who were missed."""

    false_links: float
    missed_links: float
