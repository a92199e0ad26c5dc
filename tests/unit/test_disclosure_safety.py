"""The last gate: each thing that must never leave is put into a good release, and must stop it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.findings_factory import make_findings

from datalab.disclosure import control, load_thresholds, require_safe_release
from datalab.disclosure.results import Releasable, Release, Suppressed
from datalab.errors import InternalError

LIMITS = load_thresholds()
GOOD = control(make_findings(steps=(("submitted", "submitted", 0), ("linked", "not_linked", 90)))).release


def changed(path: str, value: Any, release: Any = GOOD) -> Any:
    """A copy of the release with the value at a dotted path; numbers are places in tuples."""
    head, _, rest = path.partition(".")
    if isinstance(release, tuple):
        place = int(head)
        return (*release[:place], changed(rest, value, release[place]) if rest else value, *release[place + 1 :])
    return replace(release, **{head: changed(rest, value, getattr(release, head)) if rest else value})


def test_a_good_release_passes_unchanged() -> None:
    assert require_safe_release(GOOD, LIMITS) is GOOD


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("attrition.1.n", 9),
        ("attrition.1.lost", 3),
        ("attrition.1.n", GOOD.attrition[0].n - 4),
        ("attrition.0.n", float("inf")),
        ("linkage.awaiting_review", 4),
        ("linkage.groups.0.submitted", 8),
        ("linkage.groups.0.linked_share", 1.0),
        ("linkage.groups.0.linked_share", 0.99),
        ("analyses.0.people.matched", 8),
        ("analyses.0.people.matched", 29),
        ("analyses.0.people.matched", Suppressed()),
        ("analyses.0.people.treated", 243),
        ("analyses.0.outcomes.0.n_treated", 20),
        ("analyses.0.outcomes.0.n_treated", 238),
        ("analyses.0.outcomes.0.treated", 0.0),
        ("analyses.0.outcomes.0.treated", 4 / 240),
        ("analyses.0.outcomes.0.treated", 237 / 240),
        ("analyses.0.outcomes.0.treated", float("nan")),
        ("analyses.0.outcomes.0.comparison_plain", 1.0),
        ("analyses.0.outcomes.0.status", "withheld"),
        ("analyses.0.outcomes.0.treated", np.float64(0.3)),
        ("analyses.0.outcomes.0.treated", [0.3]),
        ("analyses.0.balance.covariates.0.treated", 1.0),
        ("analyses.0.balance.covariates.0.treated", 4 / 240),
        ("analyses.0.survival.points.0.treated", 1.0),
        ("analyses.0.match_settings", {"caliper": object()}),
        ("title", Suppressed("?")),
        ("status", "own_data"),
        ("status", "balance_failed"),
        ("analyses", (object(),)),
    ],
)
def test_what_must_not_leave_stops_the_release(path: str, value: Any) -> None:
    with pytest.raises(InternalError):
        require_safe_release(changed(path, value), LIMITS)


def test_the_messages_hold_no_number_of_people() -> None:
    with pytest.raises(InternalError) as error:
        require_safe_release(changed("attrition.1.lost", 7), LIMITS)
    assert "7" not in str(error.value)


def test_nobody_else_can_seal_a_release() -> None:
    with pytest.raises(InternalError):
        Releasable(GOOD, (), seal=object())
    sealed = control(make_findings())
    with pytest.raises(AttributeError):
        sealed.release = GOOD
    assert isinstance(sealed.release, Release)
