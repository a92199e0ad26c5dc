"""What linkage hands on: at most one central person for each submitted row, why, and how good the links are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa


@dataclass(frozen=True)
class GroupShare:
    """Share linked in one level of a characteristic of the submitted people (`characteristic`, `level`)."""

    characteristic: str
    level: str
    submitted: int
    linked: int


@dataclass(frozen=True)
class LinkageQuality:
    """Estimates of error, from the model's own probabilities (shares, 0 to 1).

    false_links: expected share of accepted links that are wrong. missed_links: expected share of the submitted people
    who are in the records but not linked, those lost to blocking included.
    """

    linked_share: float
    false_links: float
    missed_links: float
    lost_to_blocking: float
    awaiting_review: int
    groups: tuple[GroupShare, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class WeightBand:
    """Rows whose leading candidate weighs from `low` to below `high` bits (the first and last band are open), by status."""

    low: int
    high: int
    accepted: int
    review: int
    unlinked: int


@dataclass(frozen=True)
class ThresholdLine:
    """What would be linked if `accept` were `threshold`: rows, their share, expected false and missed links (0 to 1)."""

    threshold: float
    linked: int
    linked_share: float
    false_links: float
    missed_links: float


@dataclass(frozen=True)
class GroupMisses:
    """One level of a characteristic: rows, rows linked, people expected in the records and those of them expected missed."""

    characteristic: str
    level: str
    submitted: int
    linked: int
    there: float
    missed: float


@dataclass(frozen=True)
class LinkageDetail:
    """For the lab's own eyes: never in a release. accept: the threshold in force."""

    weights: tuple[WeightBand, ...]
    thresholds: tuple[ThresholdLine, ...]
    groups: tuple[GroupMisses, ...]
    accept: float


@dataclass(frozen=True)
class OtherLinks:
    """The links as they would be at another threshold of acceptance; links: as those of `Links`.

    name: "strict" (only the surest, a part of the run's own) or "lax" (every doubtful one that a threshold can settle too).
    """

    name: Literal["strict", "lax"]
    threshold: float
    links: pa.Table


@dataclass(frozen=True)
class Links:
    """links: one Arrow row for each submitted row: `row` (int64), `person_id` (text or null), `status` (`accepted`,
    `review`, `unlinked`, `merged`: another row is the same person and stands for it), `rule` (text: which deterministic
    rule, `probabilistic`, or `decision`), `probability` (float64), `match_weight` (bits, float64).

    doubtful: the pairs that await a person's decision, fields side by side (identifying: written to `private/` only).
    seen_person_ids: every person linked at `review` or above, kept out of the pool. detail: for the data steward alone.
    others: the links at a stricter and at a laxer threshold, to see what the result owes to the one in force.
    """

    links: pa.Table
    doubtful: pa.Table
    seen_person_ids: frozenset[str]
    quality: LinkageQuality
    model_version: str
    detail: LinkageDetail | None = None
    others: tuple[OtherLinks, ...] = ()
