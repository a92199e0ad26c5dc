"""What a reviewer is asked about an output, each with the fact that answers it. The words are `review.checklist.<name>`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.requests.states import Product
from portal.review.models import Round
from portal.runs.models import Job
from portal.runs.output import DATA_OF, content_sha256, output_folder, product_of
from portal.wording import say, words

ITEMS = ("plan", "attrition", "balance", "small_numbers", "register", "words", "limits")


@dataclass(frozen=True)
class Fact:
    """An item of the checklist: its name, what is asked, and what the output shows."""

    name: str
    question: str
    answer: str


def read_results(job: Job) -> Mapping[str, Any]:
    """results.json of a run, feasibility.json of a feasibility study: what a checklist reads of them has the same names."""
    return json.loads((output_folder(job) / DATA_OF[product_of(job)]).read_text(encoding="utf-8"))


def facts(round_: Round) -> tuple[Fact, ...]:
    """The checklist with its facts, in order."""
    results = read_results(round_.job)
    plan = round_.job.plan
    ladder = results["attrition"]
    numbers = list(_numbers(results))
    small = min((value for value in numbers if value), default=0)
    values: dict[str, dict[str, object]] = {
        "plan": {
            "sha256": results["plan_sha256"][:12],
            "number": plan.number if plan else 0,
            "changes": len(results["deviations"]),
        },
        "attrition": {"steps": len(ladder)},
        "balance": {
            "passed": sum(bool((one.get("balance") or {}).get("passed")) for one in results["analyses"]),
            "of": len(results["analyses"]),
        },
        "small_numbers": {"smallest": small, "hidden": _hidden(results), "profile": results["disclosure_profile"]},
        "register": {"release": round_.release_sha256[:12], "count": int(round_.job.found.get("compared", 0))},
        "words": {},
        "limits": {"warnings": len(results["warnings"])},
    }
    own = words("review")["checklist_feasibility"] if product_of(round_.job) == Product.FEASIBILITY else {}
    parts = {name: f"review.checklist{'_feasibility' if name in own else ''}.{name}" for name in ITEMS}
    return tuple(Fact(name, say(f"{part}.question"), say(f"{part}.fact", **values[name])) for name, part in parts.items())


def _numbers(node: Any) -> Any:
    """Counts of people in a release: whole numbers under the names of counts."""
    if isinstance(node, dict):
        for key, value in node.items():
            if (
                key in ("n", "lost", "treated", "matched", "pool", "submitted", "expected_people")
                and isinstance(value, int)
                and not isinstance(value, bool)
            ):
                yield value
            else:
                yield from _numbers(value)
    elif isinstance(node, list):
        for item in node:
            yield from _numbers(item)


def _hidden(node: Any) -> int:
    if isinstance(node, dict):
        return 1 if set(node) == {"suppressed"} else sum(map(_hidden, node.values()))
    return sum(map(_hidden, node)) if isinstance(node, list) else 0


def is_unchanged(round_: Round) -> bool:
    """Whether the output is, byte for byte, what was opened for review."""
    folder = output_folder(round_.job)
    return folder.is_dir() and content_sha256(folder) == round_.content_sha256
