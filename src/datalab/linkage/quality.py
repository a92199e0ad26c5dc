"""How good the links are: share linked, expected false and missed links, and whether some groups are linked less."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa

from datalab.linkage.blocking import lost_share
from datalab.linkage.choice import Choice
from datalab.linkage.detail import missed_gaps
from datalab.linkage.index import IndexSize
from datalab.linkage.model import Model
from datalab.linkage.results import GroupShare, LinkageDetail, LinkageQuality
from datalab.wording import say

NOT_GIVEN = "not_given"
ETHNICITY = "ethnicity_of_linked"
AGE_BANDS = ((18, "under_18"), (21, "18_20"), (25, "21_24"), (30, "25_29"), (40, "30_39"), (50, "40_49"))
OLDEST = "50_and_over"


def measure_quality(
    choices: Sequence[Choice], people: pa.Table, ethnicity: Mapping[str, str], size: IndexSize, *, model: Model, today: date
) -> LinkageQuality:
    """The quality of the links. ethnicity: group by person, of the people linked.

    Merged rows are left out everywhere: another row stands for them. False links: mean of 1 - probability over accepted
    links. Missed: expected true pairs of the rows not accepted, and those lost to blocking, over all expected true pairs.
    """
    standing = [choice for choice in choices if choice.status != "merged"]
    accepted = [choice for choice in standing if choice.status == "accepted"]
    submitted = {int(record["row"]): record for record in people.to_pylist()}
    found = sum(choice.found for choice in standing)
    lost = sum(lost_by_row(standing, submitted, size, model).values())
    missed = sum(choice.found for choice in standing if choice.status != "accepted")
    groups = _groups(standing, submitted, today)
    by_ethnicity = Counter(ethnicity.get(str(choice.person_id), NOT_GIVEN) for choice in accepted)
    linked_only = tuple(GroupShare(ETHNICITY, level, n, n) for level, n in sorted(by_ethnicity.items()))
    return LinkageQuality(
        linked_share=_share(len(accepted), len(standing)),
        false_links=_share(sum(1.0 - choice.best.probability for choice in accepted if choice.best), len(accepted)),
        missed_links=_share(missed + lost, found + lost),
        lost_to_blocking=_share(lost, found + lost),
        awaiting_review=sum(choice.status == "review" for choice in standing),
        groups=(*groups, *linked_only),
        warnings=_warnings(groups, _share(len(accepted), len(standing)), model, bool(linked_only)),
    )


def with_missed_gaps(quality: LinkageQuality, detail: LinkageDetail, model: Model) -> LinkageQuality:
    """The quality with a warning for each group of which more is expected to be missed than of the rest. No figure is told."""
    gaps = missed_gaps(detail.groups, model.missed_gap_points, model.missed_gap_people)
    told = tuple(
        say(
            "linkage.quality.missed_gap",
            characteristic=say(f"linkage.characteristics.{group.characteristic}"),
            level=_level_name(group.characteristic, group.level),
            points=f"{model.missed_gap_points:g}",
        )
        for group in gaps
    )
    return replace(quality, warnings=(*told, *quality.warnings))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def lost_by_row(
    choices: Sequence[Choice], submitted: Mapping[int, Mapping[str, Any]], size: IndexSize, model: Model
) -> dict[int, float]:
    """Expected true pairs of each row that no rule brought together: what was found is a share 1 - f of all."""
    shares: dict[frozenset[str], float] = {}
    lost = {}
    for choice in choices:
        given = _given(submitted[choice.row])
        share = shares.setdefault(given, lost_share(model, size, given) if given not in shares else 0.0)
        lost[choice.row] = choice.found * share / (1.0 - share)
    return lost


def _given(record: Mapping[str, Any]) -> frozenset[str]:
    columns = {"postcodes": "postcode", "pnc_ids": "pnc_id", "prison_numbers": "prison_number"}
    return frozenset(name for name, column in columns.items() if record[column])


def _groups(choices: Sequence[Choice], submitted: Mapping[int, Mapping[str, Any]], today: date) -> tuple[GroupShare, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    linked: Counter[tuple[str, str]] = Counter()
    for choice in choices:
        for key in row_levels(submitted[choice.row], today).items():
            counts[key] += 1
            linked[key] += choice.status == "accepted"
    return tuple(GroupShare(*key, counts[key], linked[key]) for key in sorted(counts))


def row_levels(record: Mapping[str, Any], today: date) -> dict[str, str]:
    """The level of each characteristic that a submitted row has."""
    return {
        "sex": record["sex"] or NOT_GIVEN,
        "age_band": _age_band(record["date_of_birth"], record.get("programme_start") or today),
        "postcode_area": postcode_area(record["postcode"]),
    }


def _age_band(born: date | None, on: date) -> str:
    if born is None:
        return NOT_GIVEN
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return next((name for below, name in AGE_BANDS if years < below), OLDEST)


def postcode_area(postcode: str | None) -> str:
    """The letters that begin a postcode, or `not_given`.

    >>> postcode_area("SW1A 1AA"), postcode_area(None)
    ('SW', 'not_given')
    """
    letters = re.match(r"[A-Za-z]+", postcode or "")
    return letters.group(0).upper() if letters else NOT_GIVEN


def _warnings(groups: Sequence[GroupShare], overall: float, model: Model, has_ethnicity: bool) -> tuple[str, ...]:
    """Sentences about large enough groups that are linked much less or more than everyone; shares only, no counts."""
    gaps = [
        _gap_sentence(group, overall, model)
        for group in groups
        if group.submitted >= model.smallest_group
        and abs(_share(group.linked, group.submitted) - overall) * 100 > model.gap_points
    ]
    return (*gaps, say("linkage.quality.ethnicity_linked_only")) if has_ethnicity else tuple(gaps)


def _gap_sentence(group: GroupShare, overall: float, model: Model) -> str:
    return say(
        "linkage.quality.gap",
        characteristic=say(f"linkage.quality.{group.characteristic}"),
        level=_level_name(group.characteristic, group.level),
        share=round(100 * _share(group.linked, group.submitted)),
        overall=round(100 * overall),
        points=f"{model.gap_points:g}",
    )


def _level_name(characteristic: str, level: str) -> str:
    """The level in words; an area is its own name."""
    is_area = characteristic == "postcode_area" and level != NOT_GIVEN
    return level if is_area else say(f"linkage.levels.{level}")
