"""The plan of a request: a study file. A draft is made from the answers; what is registered must be a plan the engine takes."""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from datalab.errors import InputError
from datalab.study import Study, read_study
from portal.wording import say

# Where a run finds its inputs, seen from the folder that the worker lays out for it; never part of the plan's hash.
INPUTS = {"upload": "upload", "central": "central"}
# What a planned sub-analysis of the form is in a study file; a group column must be in the upload.
ANALYSES: dict[str, dict[str, Any]] = {
    "completers": {"name": "completers", "where": {"group:completed": "yes"}},
    "men_and_women": {"each": "sex"},
    "regions": {"each": "region"},
    "years": {"each": "cohort_year"},
    "sites": {"each": "group:site"},
}
Tables = dict[str, Any]
_HEADER = re.compile(r"""\s*\[\s*(?:inputs|"inputs"|'inputs')\s*\]\s*(?:#.*)?""")


def read_plan(text: str) -> Study:
    """The plan as the engine reads it. Raises InputError with every fault of the text."""
    with tempfile.TemporaryDirectory(prefix="datalab-plan-") as folder:
        path = Path(folder) / "study.toml"
        path.write_text(text, encoding="utf-8")
        return read_study(path)


def read_new_plan(text: str) -> Study:
    """A plan that is to be registered: one that takes the inputs of whichever run. Raises InputError with every fault."""
    plan = read_plan(text)
    try:
        with_inputs(text, '[inputs]\nupload = "upload"\ncentral = "central"\n')
    except ValueError as error:
        raise InputError(say("requests.refusals.plan_inputs")) from error
    return plan


def with_inputs(text: str, inputs: str) -> str:
    """A plan with these inputs in place of its own, which are never part of its hash.

    Raises ValueError where any of its own would stay, or anything else would change: a plan that names its own linkage model or
    thresholds would be run with what nobody agreed to.
    """
    kept, inside = [], False
    for line in text.split("\n"):
        if line.lstrip().startswith("["):
            inside = _HEADER.fullmatch(line) is not None
            kept += [inputs] if inside else []
        if not inside:
            kept.append(line)
    made = "\n".join(kept) + "\n"
    if tomllib.loads(made) != {**tomllib.loads(text), **tomllib.loads(inputs)}:
        raise ValueError("the plan has inputs of its own")
    return made


def draft_plan(reference: str, answers: dict[str, Any], today: dt.date) -> Tables:
    """A plan from what the provider answered, as the tables of a study file, for the analyst to look at and register."""
    age = {"adults": 18, "young": 10, "all": 10}[answers.get("minimum_age", "adults")]
    outcomes = ["rate", "frequency", "days_to_first"] + (["employed_any"] if answers.get("work") == "yes" else [])
    headline = answers.get("headline", "rate")
    outcomes = [headline, *(name for name in outcomes if name != headline)]
    others = [{**ANALYSES[name], "outcomes": outcomes} for name in answers.get("analyses") or []]
    return {
        "format": 1,
        "id": reference.lower(),
        "title": answers.get("title", ""),
        "field": "justice",
        "seed": 1,
        "today": today,
        "inputs": INPUTS,
        "programme": {
            "kind": answers.get("kind", "other"),
            "setting": answers.get("setting", "both"),
            "start": _date(answers.get("start")),
            "end": _date(answers.get("end")),
        },
        "cohort": {"follow_up_months": int(answers.get("follow_up", "12")), "minimum_age_years": age},
        "analysis": [{"name": "everyone", "headline": headline, "outcomes": outcomes}, *others],
    }


def plan_text(tables: Tables) -> str:
    """A study file of these tables: top keys, then a table each, then a table an analysis."""
    lines = [f"{name} = {_value(value)}" for name, value in tables.items() if not isinstance(value, (dict, list))]
    for name, table in tables.items():
        if isinstance(table, dict) and table:
            lines += ["", f"[{name}]", *_lines(table)]
    for analysis in tables["analysis"]:
        lines += ["", "[[analysis]]", *_lines(analysis)]
    return "\n".join(lines) + "\n"


def _lines(table: Tables) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in table.items() if value is not None]


def _value(value: Any) -> str:
    """A TOML value. A JSON string is a TOML one; what no line of text holds is taken out."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_value(one)}" for name, one in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        plain = "".join(letter for letter in " ".join(value.split()) if letter.isprintable())
        return json.dumps(plain, ensure_ascii=False)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _date(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) and value else value
