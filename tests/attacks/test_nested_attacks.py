"""What the parts of a study tell of the whole's table, each as it was once found by the linear programme."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.attacks.tables import Study, make_study
from tests.attacks.test_linear_programmes import attack

from datalab.disclosure import control
from datalab.disclosure.results import Release, ReleasedAnalysis, Suppressed
from datalab.effects.results import NeedsRun

PLAIN: dict[str, Any] = {
    "seed": 1, "matched": 240, "left_out": 40, "pool": 1200, "rate": 0.3, "effect": -0.05, "flags": (),
    "losses": (12, 20, 40, 30, 20, 20, 20), "parts": (), "deaths": None, "survival": False,
}  # fmt: skip


def study(**changes: Any) -> Study:
    return make_study(**(PLAIN | changes))


def named(release: Release, name: str) -> ReleasedAnalysis:
    return next(found for found in release.analyses if found.name == name)


def shown_levels(release: Release, covariate: str) -> set[str]:
    balance = release.analyses[0].balance
    assert balance is not None
    return {line.level for line in balance.covariates if line.name == covariate and not isinstance(line.treated, Suppressed)}


def narrowed(made: Study) -> list[str]:
    return [str(found) for profile in ("default", "strict") for found in attack(made, profile) if not found.safe]


WEIGHTS = {"region": [60, 60, 80, 95, 5]}


def test_a_level_with_an_analysis_of_its_own_keeps_no_small_level_hidden() -> None:
    """Five of 300 live in the last region; its cheapest company is the first, which is an analysis too: another one goes."""
    alone, beside = study(weights=WEIGHTS), study(weights=WEIGHTS, parts=(("region", (0,)),))
    (first, _, _, _, small) = alone.public.levels["region"]
    assert first not in shown_levels(control(alone.findings).release, "region")
    assert first in shown_levels(control(beside.findings).release, "region")
    assert small not in shown_levels(control(beside.findings).release, "region")
    assert narrowed(alone) == narrowed(beside) == []


def test_small_levels_are_added_up_only_where_no_analysis_has_some_of_them() -> None:
    made = study(seed=409, matched=43, left_out=61, pool=150, weights={"region": [25, 4, 45, 6]}, parts=(("region", (0, 1, 3)),))
    assert narrowed(made) == []


def test_years_of_a_pooled_cohort_are_sums_of_its_quarters() -> None:
    weights = {"index_quarter": [40, 40, 38, 2, 40, 40]}
    made = study(weights=weights, parts=(("index_quarter", (0, 1, 2, 3)), ("index_quarter", (4, 5))))
    assert len(made.findings.analyses) == 3
    assert narrowed(made) == []


def test_the_treated_of_all_parts_do_not_bring_back_a_hidden_number_of_treated() -> None:
    made = study(
        seed=6040, matched=299, left_out=107, pool=400, weights={"region": [40, 19, 25, 22]},
        losses=(24, 47, 11, 57, 12, 47, 3), parts=(("region", (0, 1, 3)), ("region", (2,))),
    )  # fmt: skip
    release = control(made.findings).release
    assert {str(found.people.treated) for found in release.analyses} == {"[c]"}
    assert narrowed(made) == []


@pytest.mark.parametrize("pool", [381, 267])
def test_pools_of_parts_do_not_bring_each_other_back(pool: int) -> None:
    made = study(
        seed=7910, matched=292, left_out=1, pool=pool, weights={"sex": [6, 59], "region": [30, 60]},
        parts=(("sex", (0,)), ("sex", (1,))),
    )  # fmt: skip
    assert narrowed(made) == []


def test_overlapping_parts_that_narrow_a_small_level_are_withheld() -> None:
    made = study(
        seed=2226, matched=74, left_out=4, pool=621, weights={"sex": [41, 37], "region": [10, 24, 57, 17, 28, 54]},
        losses=(79, 1, 25, 0, 1, 0, 22), parts=(("region", (3, 4)), ("region", (1, 3, 5)), ("region", (2,))),
    )  # fmt: skip
    assert ("close_analysis", "withheld") in {(made.rule, made.action) for made in control(made.findings).decisions}
    assert narrowed(made) == []


def test_a_part_that_hides_its_rate_is_not_had_by_subtracting_the_other() -> None:
    """22 of all reoffended and 18 of the one region: 4 are of the other, whose rate is hidden."""
    made = study(
        seed=5138, matched=118, left_out=97, pool=1356, rate=0.19, effect=0.0, weights={"region": [22, 59]},
        parts=(("region", (0,)), ("region", (1,))),
    )  # fmt: skip
    assert narrowed(made) == []


def test_linked_shares_of_hidden_sizes_do_not_count_those_submitted() -> None:
    made = study(seed=219, matched=260, left_out=11, pool=326, weights={"region": [37, 17]}, losses=(12, 9, 69, 6, 9, 76, 1))
    assert narrowed(made) == []
    groups = control(made.findings).release.linkage
    assert groups is not None and {str(group.submitted) for group in groups.groups} == {"[c]"}


def test_a_few_linked_of_a_few_leave_no_share_at_all() -> None:
    """So few were submitted that no grid of shares is coarse enough."""
    made = study(matched=31, left_out=0, pool=200, weights={"region": [37, 17]}, losses=(12, 3, 12, 0, 0, 0, 0))
    assert narrowed(made) == []
    linkage = control(made.findings).release.linkage
    assert linkage is not None and {str(group.linked_share) for group in linkage.groups} <= {"[c]"}


def test_needs_runs_hide_their_sizes_where_people_are_not_known() -> None:
    made = study(weights={"region": [37, 17]})
    head = made.findings.analyses[0]
    bare = NeedsRun(head.name, "everyone", replace(head, members=None))
    (run,) = control(replace(made.findings, needs=(bare,))).release.needs
    assert isinstance(run.n_treated, Suppressed)


@pytest.mark.parametrize("losses", [(12, 0, 10, 8, 15, 27, 2), (0, 0, 0, 0, 0, 0, 2)], ids=["steps before", "no other step"])
def test_few_of_a_part_without_a_match_are_not_bounded_by_the_last_step(losses: tuple[int, ...]) -> None:
    """Nine of a part had no match, ten of all; two more were lost just before: a last step of 12 says "at most 12"."""
    weights = {"index_quarter": [24, 7, 32, 55, 45, 45], "index_kind": [59, 4]}
    parts = (("index_quarter", (3,)), ("index_kind", (0,)), ("index_kind", (1,)))
    made = study(seed=1573, matched=182, left_out=10, pool=1041, weights=weights, losses=losses, parts=parts)
    part = next(found for found in made.findings.analyses if found.name == "index_kind-0")
    assert part.people.treated - part.people.matched == 9
    assert narrowed(made) == []


def test_bands_of_hidden_levels_do_not_say_that_a_level_has_somebody() -> None:
    """What the hidden levels hold together lies further apart than the band of any would let it be, were all in one of them."""
    made = study(
        seed=410, matched=84, left_out=68, pool=111, rate=0.046, effect=0.046, losses=(88, 4, 88, 111, 86, 80, 70),
        weights={"sex": [23, 58, 2], "index_kind": [23, 58, 2]}, parts=(("sex", (0,)),),
    )  # fmt: skip
    assert narrowed(made) == []
