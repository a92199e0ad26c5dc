"""What a published report's page says of it: the programme in its provider's words, the finding in the engine's, and no more
than the cleared output says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datalab.library import read_released
from datalab.report.feasibility_words import short_answer
from portal.requests.forms import shown_answer
from portal.requests.models import Request
from portal.requests.questions import PAGES
from portal.requests.states import Product
from portal.runs.output import DATA_OF
from portal.wording import say

# Questions of the form that are shown with a report.
SHOWN = ("kind", "description", "theory", "setting", "who", "start", "end", "where")


def facts_of(request: Request, folder: Path) -> dict[str, Any]:
    """What stands on the page of a report: kept with its version, so that later changes elsewhere do not change it.

    folder: of the cleared output. Numbers of people and effects are those of results.json, suppressed ones as their symbol.
    """
    product = Product(request.product)
    results = json.loads((folder / DATA_OF[product]).read_text(encoding="utf-8"))
    questions = {question.name: question for page in PAGES for question in page.questions}
    found = _of_a_study(folder) if product == Product.FEASIBILITY else _of_an_analysis(results)
    return {
        "product": str(product),
        "title": request.title,
        "organisation": request.organisation.name,
        "organisation_id": request.organisation.public_id,
        "kind": request.answers.get("kind", "other"),
        "setting": request.answers.get("setting", "both"),
        "programme": {name: shown_answer(questions[name], request.answers.get(name)) for name in SHOWN if name in questions},
        "own_words": request.own_words,
        "interim": request.answers.get("interim") == "yes",
        "synthetic": bool(results.get("synthetic")),
        **found,
        "plan_sha256": results["plan_sha256"],
        "manifest_sha256": results["manifest_sha256"],
    }


def _of_an_analysis(results: Mapping[str, Any]) -> dict[str, Any]:
    headline = results["headline"] or {}
    return {
        "status": results["status"],
        "sentence": headline.get("sentence", ""),
        "verdict": headline.get("verdict", ""),
        "analyses": [_analysis(one, headline.get("outcome", "")) for one in results["analyses"]],
    }


def _of_a_study(folder: Path) -> dict[str, Any]:
    """A feasibility study has an answer and no effect: there is no analysis for a table, a picture or a count of results."""
    found = short_answer(read_released(folder).release)
    return {"status": found.answer, "tag": found.tag, "sentence": found.sentence, "verdict": "", "analyses": []}


def is_study(finding: Mapping[str, Any]) -> bool:
    """Whether what was published is a feasibility study; what was published before there were any says nothing of it."""
    return finding.get("product") == Product.FEASIBILITY


def _analysis(analysis: dict[str, Any], measure: str) -> dict[str, Any]:
    """One analysis, with its effect on the headline measure where it has one."""
    outcome: dict[str, Any] = next((one for one in analysis.get("outcomes") or () if one["measure"] == measure), {})
    effect = outcome.get("effect") or {}
    people = analysis.get("people") or {}
    return {
        "name": analysis["name"],
        "status": analysis["status"],
        "treated": people.get("matched"),
        "comparison": people.get("pool"),
        "measure": measure,
        "unit": outcome.get("unit", ""),
        "scale": effect.get("scale", ""),
        "estimate": effect.get("estimate"),
        "low": effect.get("low"),
        "high": effect.get("high"),
        "verdict": outcome.get("verdict", ""),
    }


def is_share(analysis: Mapping[str, Any]) -> bool:
    """Whether an effect is a difference of shares, which is told in percentage points."""
    return bool(analysis["unit"] == "share")


def effect_text(analysis: Mapping[str, Any], which: str) -> str:
    """An effect's number with its sign: of a share in percentage points; its symbol where it is suppressed."""
    value = analysis[which]
    if isinstance(value, Mapping):
        return str(value["suppressed"])
    if value is None:
        return "–"
    return f"{100 * value:+.1f}" if is_share(analysis) else f"{value:+.3g}"


def effect_unit(analysis: Mapping[str, Any]) -> str:
    """What an effect is counted in."""
    return say("publishing.units.share") if is_share(analysis) else say("publishing.units.other", unit=analysis["unit"] or "–")
