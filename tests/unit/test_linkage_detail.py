"""The steward's detail of a run: weights, other thresholds, expected misses by group, and the page about them."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import load_thresholds
from datalab.effects.results import AnalysisFindings
from datalab.linkage.candidates import Candidate, bits
from datalab.linkage.choice import Choice, choose_at
from datalab.linkage.detail import describe_links, missed_gaps
from datalab.linkage.model import load_model
from datalab.linkage.quality import with_missed_gaps
from datalab.linkage.results import GroupMisses, LinkageDetail, LinkageQuality
from datalab.linkage_page import render_linkage
from datalab.relinking import Relinked

MODEL = load_model()
QUALITY = LinkageQuality(0.9, 0.001, 0.02, 0.01, 0, (), ("A warning of the quality.",))


def choice(row: int, status: Any, probability: float, rule: str = "probabilistic") -> Choice:
    best = Candidate(row, f"p{row}", rule, bits(probability), probability, probability)
    return Choice(row, status, rule, best, (), probability)


def detail(choices: list[Choice], groups: dict[int, str] | None = None, lost: float = 0.0) -> LinkageDetail:
    levels = {item.row: {"sex": (groups or {}).get(item.row, "M")} for item in choices}
    return describe_links(choices, levels, {item.row: lost for item in choices}, MODEL)


def at(found: LinkageDetail, threshold: float) -> tuple[int, float, float]:
    line = next(line for line in found.thresholds if line.threshold == threshold)
    return line.linked, line.false_links, line.missed_links


def test_other_thresholds_link_more_or_fewer_and_ties_stay() -> None:
    choices = [
        choice(2, "accepted", 0.9999),
        choice(3, "accepted", 0.992),
        choice(4, "review", 0.95),
        choice(5, "review", 0.97, "tie"),
        choice(6, "accepted", 0.6, "decision"),
        choice(7, "accepted", 0.9, "pnc_id"),
        choice(8, "unlinked", 0.2),
        choice(9, "merged", 0.9999),
    ]
    found = detail(choices)
    assert [line.linked for line in found.thresholds if line.threshold in (0.5, 0.95, 0.99, 0.999)] == [5, 5, 4, 3]
    total = sum(item.found for item in choices if item.status != "merged")
    linked, false, missed = at(found, MODEL.accept)
    assert linked == sum(item.status == "accepted" for item in choices)
    assert false == pytest.approx((0.0001 + 0.008 + 0.4 + 0.1) / 4)
    assert missed == pytest.approx((0.95 + 0.97 + 0.2) / total)
    assert found.accept == MODEL.accept


def test_choices_at_another_threshold() -> None:
    """Ties, conflicts and decisions stay as they are; a merged row stands for the person where its better one is not linked."""
    choices = [
        choice(2, "accepted", 0.99995),
        choice(3, "accepted", 0.995),
        choice(4, "review", 0.6),
        choice(5, "review", 0.9, "tie"),
        choice(6, "accepted", 0.2, "conflict"),
        replace(choice(7, "accepted", 0.6), best=Candidate(7, "p7", "decision", 0.0, 0.6, 0.6)),
        replace(choice(8, "accepted", 0.9), best=Candidate(8, "p8", "pnc_id", 0.0, 0.9, 0.9)),
        choice(9, "unlinked", 0.2),
        Choice(10, "unlinked", None, None, (), 0.0),
        replace(choice(11, "merged", 0.99995), best=Candidate(11, "p3", "probabilistic", 9.0, 0.99995, 0.99995)),
        replace(choice(12, "review", 0.7), best=Candidate(12, "p2", "probabilistic", 1.0, 0.7, 0.7)),
    ]
    full = {item.row: 5 if item.row in (2, 3) else 4 for item in choices}

    def at(threshold: float) -> dict[str, list[int]]:
        found = choose_at(choices, full, threshold)
        assert [item.row for item in found] == [item.row for item in choices]
        return {status: [item.row for item in found if item.status == status] for status in ("accepted", "review", "merged")}

    assert at(0.9999) == {"accepted": [2, 6, 7, 8, 11], "review": [3, 4, 5, 12], "merged": []}
    assert at(0.99) == {"accepted": [2, 3, 6, 7, 8], "review": [4, 5, 12], "merged": [11]}
    assert at(0.5) == {"accepted": [2, 3, 4, 6, 7, 8], "review": [5], "merged": [11, 12]}
    assert all(not item.doubtful for item in choose_at(choices, full, 0.5) if item.status == "accepted")


def test_weights_are_counted_in_bands_of_two_bits() -> None:
    found = detail([choice(2, "accepted", 0.999), choice(3, "unlinked", 0.5), Choice(4, "unlinked", None, None, (), 0.0)])
    assert [(band.low, band.accepted, band.unlinked) for band in found.weights] == [(0, 0, 1), (8, 1, 0)]
    huge = detail([replace(choice(2, "accepted", 0.999), best=Candidate(2, "p", "x", 99.0, 1.0, 1.0))])
    assert huge.weights[0].low == 70


def test_what_was_lost_to_blocking_counts_as_missed_in_its_group() -> None:
    found = detail([choice(2, "accepted", 1.0 - 1e-9), choice(3, "unlinked", 0.5)], {2: "M", 3: "F"}, lost=0.25)
    assert [(g.level, g.submitted, g.linked, round(g.there, 6), round(g.missed, 6)) for g in found.groups] == [
        ("F", 1, 0, 0.75, 0.75),
        ("M", 1, 1, 1.25, 0.25),
    ]


def group(level: str, submitted: int, there: float, missed: float) -> GroupMisses:
    return GroupMisses("sex", level, submitted, submitted - 1, there, missed)


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ([group("M", 100, 100.0, 1.0), group("F", 100, 100.0, 4.1)], ["F"]),
        ([group("M", 100, 100.0, 1.0), group("F", 100, 100.0, 3.9)], []),
        ([group("M", 100, 100.0, 1.0), group("F", 99, 99.0, 9.0)], []),
        ([group("M", 100, 100.0, 9.0)], []),
    ],
)
def test_a_group_missed_more_than_three_points_above_the_rest_is_warned_of(groups: list[GroupMisses], told: list[str]) -> None:
    assert [one.level for one in missed_gaps(groups, 3.0, 100)] == told
    warned = with_missed_gaps(QUALITY, LinkageDetail((), (), tuple(groups), 0.99), MODEL)
    assert len(warned.warnings) == 1 + len(told)
    if told:
        assert "of the people in the group women more than 3 points more" in warned.warnings[0]
        assert not re.search(r"\d %", warned.warnings[0]), "no share of anybody"


def test_the_page_prints_no_count_of_a_few() -> None:
    few, many = 7, 40
    choices = [choice(2 + n, "accepted", 0.9999) for n in range(many)] + [choice(90 + n, "unlinked", 0.3) for n in range(few)]
    groups = {item.row: "F" if item.row >= 90 else "M" for item in choices}
    page = render_linkage(QUALITY, detail(choices, groups), "model_x", load_thresholds())
    cells = re.findall(r"<td[^>]*>\s*([^<]*?)\s*</td>", page)
    assert "40" in cells
    assert "[c]" in cells
    assert "7" not in cells
    assert "47" not in cells
    assert page.count("<svg") == 2
    assert "A warning of the quality." in page
    assert "women" not in page, "a group of few is left out"


def test_the_page_stays_in_the_lab(tmp_path: Path) -> None:
    import pyarrow as pa
    from tests.cohort_world import QUALITY as EMPTY

    from datalab.linkage.results import Links
    from datalab.linkage_page import write_for_steward

    table = pa.table({"row": [2]})
    links = Links(table, table, frozenset(), EMPTY, "model_x", detail([choice(2, "accepted", 0.999)]))
    write_for_steward(links, load_thresholds(), tmp_path / "private")
    assert (tmp_path / "private" / "linkage.html").stat().st_mode & 0o777 == 0o600


def results(**changes: Any) -> AnalysisFindings:
    """A headline analysis with the lines of a run."""
    return make_findings(**changes).analyses[0]


def cells_of(effects: tuple[Relinked, ...]) -> list[str]:
    page = render_linkage(QUALITY, detail([choice(2, "accepted", 0.999)]), "model_x", load_thresholds(), effects)
    section = page.partition('id="effects"')[2]
    return [unescape(cell) for cell in re.findall(r"<t[dh][^>]*>\s*([^<]*?)\s*</t[dh]>", section)]


def test_the_page_tells_links_people_gate_and_effect_at_each_threshold() -> None:
    own = results()
    effect = own.outcomes[0].effect
    assert effect is not None
    failed = results(status="balance_failed")
    cells = cells_of(
        (Relinked("strict", 0.9999, 236, failed), Relinked("in_force", 0.99, 251, own), Relinked("lax", 0.5, 254, None))
    )
    place = {
        name: cells.index(f"{name}") for name in ("0.9999 (only the surest links)", "0.99 (in force)", "0.5 (doubtful links too)")
    }
    strict, in_force, lax = (cells[start + 1 : start + 5] for start in place.values())
    assert (strict[0], strict[-1]) == ("236", "failed: no estimate")
    assert (in_force[:2], in_force[-1]) == (["251", str(own.people.matched)], "passed")
    assert lax == ["254", "", "", "not made again: the same people"]
    assert f"{100 * effect.estimate:.1f}".replace("-", "−") in cells
    assert "percentage points" in cells


def test_the_page_prints_no_effect_that_tells_of_a_few_and_none_where_nothing_was_estimated() -> None:
    rare = results(rate=0.013, effect=-0.1)
    cells = cells_of((Relinked("in_force", 0.99, 251, rare), Relinked("lax", 0.5, 7, None)))
    assert "7" not in cells
    assert "[c]" in cells[cells.index("percentage points") - 2]
    page = render_linkage(QUALITY, detail([choice(2, "accepted", 0.999)]), "model_x", load_thresholds())
    assert "The effect at other thresholds" not in page
