"""What a data steward looks at after a run, and nobody outside the lab: weights, other thresholds, expected misses by group."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from datalab.linkage.candidates import Candidate
from datalab.linkage.choice import Choice, is_linked_at
from datalab.linkage.model import Model
from datalab.linkage.results import GroupMisses, LinkageDetail, ThresholdLine, WeightBand

BAND_BITS = 2
LOWEST, HIGHEST = -10, 70  # bands beyond are one band at each end
THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)
Lost = Mapping[int, float]


def describe_links(choices: Sequence[Choice], groups: Mapping[int, Mapping[str, str]], lost: Lost, model: Model) -> LinkageDetail:
    """The detail of a run's links. groups: level by characteristic of each row. lost: expected true pairs of each row that
    no blocking rule brought together. Merged rows are left out, as everywhere: another row stands for them."""
    standing = [choice for choice in choices if choice.status != "merged"]
    return LinkageDetail(
        weights=_weights(standing),
        thresholds=tuple(_at(threshold, standing, lost) for threshold in sorted({*THRESHOLDS, model.accept})),
        groups=_groups(standing, groups, lost),
        accept=model.accept,
    )


def _weights(choices: Sequence[Choice]) -> tuple[WeightBand, ...]:
    """Rows by the weight of the candidate that leads, in bands of two bits; rows without a candidate are in none."""
    counts: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("accepted", "review", "unlinked"), 0))
    for choice in choices:
        if choice.best is not None:
            counts[_band(choice.best)][choice.status] += 1
    return tuple(WeightBand(low, low + BAND_BITS, **counts[low]) for low in sorted(counts))


def _band(candidate: Candidate) -> int:
    return math.floor(min(max(candidate.weight, LOWEST), HIGHEST) / BAND_BITS) * BAND_BITS


def _at(threshold: float, choices: Sequence[Choice], lost: Lost) -> ThresholdLine:
    """What would be linked at another threshold. Ties, conflicts and decisions do not depend on it."""
    linked = [choice.best for choice in choices if choice.best is not None and is_linked_at(choice, threshold)]
    passed = {candidate.row for candidate in linked}
    missed = sum(choice.found for choice in choices if choice.row not in passed)
    never = sum(lost[choice.row] for choice in choices)
    total = sum(choice.found for choice in choices) + never
    wrong = sum(1.0 - candidate.probability for candidate in linked)
    return ThresholdLine(
        threshold, len(linked), _share(len(linked), len(choices)), _share(wrong, len(linked)), _share(missed + never, total)
    )


def _groups(choices: Sequence[Choice], groups: Mapping[int, Mapping[str, str]], lost: Lost) -> tuple[GroupMisses, ...]:
    sums: defaultdict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0, 0.0, 0.0])
    for choice in choices:
        for key in groups[choice.row].items():
            own = sums[key]
            own[0] += 1
            own[1] += choice.status == "accepted"
            own[2] += choice.found + lost[choice.row]
            own[3] += lost[choice.row] + (0.0 if choice.status == "accepted" else choice.found)
    return tuple(
        GroupMisses(*key, int(n), int(linked), there, missed) for key, (n, linked, there, missed) in sorted(sums.items())
    )


def missed_gaps(groups: Sequence[GroupMisses], points: float, smallest: int) -> list[GroupMisses]:
    """Groups of at least `smallest` rows, not everybody, whose expected share missed is more than `points` above the rest's.

    Both are expectations of the model: who is not in the records does not count, so chance moves them less than shares linked.
    """
    found = []
    for characteristic in sorted({group.characteristic for group in groups}):
        levels = [group for group in groups if group.characteristic == characteristic]
        there, missed = sum(group.there for group in levels), sum(group.missed for group in levels)
        for group in levels:
            rest = _share(missed - group.missed, there - group.there)
            if group.submitted >= smallest and len(levels) > 1 and (_share(group.missed, group.there) - rest) * 100 > points:
                found.append(group)
    return found


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0
