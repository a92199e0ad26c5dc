"""Two runs side by side: every line of both, what differs marked in words and counted."""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.portal.lab import RESULTS, Lab, fresh

from portal.requests.actions import amend_plan
from portal.runs.comparing import compare
from portal.runs.models import Job
from portal.runs.output import output_folder

MANIFEST = {"body": {"versions": {"datalab": "1", "thresholds": "a"}, "inputs": [{"role": "upload", "sha256": "a" * 64}]}}


def changed() -> dict[str, Any]:
    found = copy.deepcopy(RESULTS)
    analysis = found["analyses"][0]
    analysis["people"]["matched"] = {"suppressed": "[c]"}
    analysis["outcomes"][0]["effect"]["estimate"] = -0.05
    analysis["outcomes"].append({"measure": "frequency", "status": "withheld"})
    found["analyses"].append({**copy.deepcopy(analysis), "name": "men"})
    return found


def test_what_is_the_same_is_not_marked() -> None:
    groups = compare((RESULTS, MANIFEST), (RESULTS, MANIFEST))
    assert [group.title for group in groups][1:] == ["everyone"]
    assert not any(group.differing for group in groups)


def test_what_differs_is_marked_line_by_line() -> None:
    other = copy.deepcopy(MANIFEST)
    other["body"]["versions"]["thresholds"] = "b"
    first, everyone, men = compare((RESULTS, MANIFEST), (changed(), other))
    assert [line.name for line in first.lines if line.differs] == ["Version of thresholds"]
    lines = {line.name: (line.first, line.second) for line in everyone.lines if line.differs}
    assert lines == {
        "Of them matched": ("191", "[c]"),
        "Proven reoffending rate": ("-0.03 (-0.1 to 0.04)", "-0.05 (-0.1 to 0.04)"),
        "Proven reoffences per person": ("–", "withheld"),
    }
    assert {line.first for line in men.lines} == {"–"}


def test_the_page_marks_differences_in_words_and_says_what_the_plans_differ_in(lab: Lab, sign_in: Any) -> None:
    request = lab.analysed()
    plan = request.plans.get()
    amend_plan(by=lab.person("analyst"), request=request, text=plan.text.replace("seed = 1", "seed = 2"), reason="x")
    second = lab.run(fresh(request))
    (output_folder(second) / "results.json").write_text(json.dumps(changed()), encoding="utf-8")
    first = Job.objects.filter(request=request, kind="run").order_by("asked_at")[0]
    client, base = sign_in("reviewer1"), f"/requests/{request.public_id}/runs/{first.public_id}/beside"
    text = client.get(f"{base}/{second.public_id}").content.decode()
    assert text.count("Different") == sum(group.differing for group in compare((RESULTS, {}), (changed(), {})))
    assert "seed: registered as 1, run as 2." in text
    assert "The two runs say the same in every line." in client.get(f"{base}/{first.public_id}").content.decode()
