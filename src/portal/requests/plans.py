"""The plan of a request: a study file. A draft is made from the answers; what is registered must be a plan the engine takes."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from datalab.study import Study, read_study

# Where a run finds its inputs, seen from the folder that the worker lays out for it; never part of the plan's hash.
INPUTS = {"upload": "upload", "central": "central"}
# What a planned sub-analysis of the form is in a study file; a group column must be in the upload.
ANALYSES: dict[str, tuple[str, ...]] = {
    "completers": ('name = "completers"', 'where = { "group:completed" = "yes" }'),
    "men_and_women": ('each = "sex"',),
    "regions": ('each = "region"',),
    "years": ('each = "cohort_year"',),
    "sites": ('each = "group:site"',),
}


def read_plan(text: str) -> Study:
    """The plan as the engine reads it. Raises InputError with every fault of the text."""
    with tempfile.TemporaryDirectory(prefix="datalab-plan-") as folder:
        path = Path(folder) / "study.toml"
        path.write_text(text, encoding="utf-8")
        return read_study(path)


def draft_plan(reference: str, answers: dict[str, Any], today: dt.date) -> str:
    """A plan from what the provider answered, for the analyst to look at and register."""
    age = {"adults": 18, "young": 10, "all": 10}[answers.get("minimum_age", "adults")]
    outcomes = ["rate", "frequency", "days_to_first"] + (["employed_any"] if answers.get("work") == "yes" else [])
    headline = answers.get("headline", "rate")
    outcomes = [headline, *(name for name in outcomes if name != headline)]
    lines = [
        "format = 1",
        f'id = "{reference.lower()}"',
        f"title = {_text(answers.get('title', ''))}",
        'field = "justice"',
        "seed = 1",
        f"today = {today.isoformat()}",
        "",
        "[inputs]",
        *(f'{name} = "{where}"' for name, where in INPUTS.items()),
        "",
        "[programme]",
        f"kind = {_text(answers.get('kind', 'other'))}",
        f'setting = "{answers.get("setting", "both")}"',
        f"start = {answers.get('start')}",
        f"end = {answers.get('end')}",
        "",
        "[cohort]",
        f"follow_up_months = {answers.get('follow_up', '12')}",
        f"minimum_age_years = {age}",
        "",
        "[[analysis]]",
        'name = "everyone"',
        f'headline = "{headline}"',
        f"outcomes = [{', '.join(_text(name) for name in outcomes)}]",
    ]
    for name in answers.get("analyses") or []:
        lines += ["", "[[analysis]]", *ANALYSES[name], f"outcomes = [{', '.join(_text(outcome) for outcome in outcomes)}]"]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """A TOML basic string."""
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{" ".join(plain.split())}"'
