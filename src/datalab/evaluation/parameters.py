"""A method's settings as they are written on a command line: NAME=VALUE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datalab.constraints import Cuts, Flag, Names, Options, refuse, unknown
from datalab.matching.settings import RULES
from datalab.wording import say

# What is no setting of a method: arguments of `evaluate` that have an option of their own.
FLAGS = {name: f"--{name.replace('_', '-')}" for name in ("treatment", "covariates", "exact", "person", "cluster", "horizon")}
FLAGS |= {name: f"--{name.replace('_', '-')}" for name in ("method", "research", "title", "outcome_model", "bootstrap", "seed")}
FLAGS |= {"outcomes": "--outcome", "outcome": "--outcome", "sensitivity": "--no-sensitivity", "caliper": "--caliper"}
FLAGS |= {"progress": "--quiet", "out": "--out", "overwrite": "--overwrite"}


def read_parameters(given: Sequence[str], caliper: float | None = None) -> dict[str, Any]:
    """Settings by name, as numbers, words, lists or cut points; the rules are asked later, by `MatchSettings`.

    given: `ratio=2`, `replacement=yes`, `on=sex,region`, `cutpoints=age:25/40,prior:1/5`. caliper: caliper_sd_logit.
    Raises UsageError for a text that is not NAME=VALUE, a setting that no method has or that is given
    twice; what has an option of its own is told with it.

    >>> read_parameters(["ratio=2", "replacement=yes"])
    {'ratio': 2, 'replacement': True}
    """
    found: dict[str, Any] = {} if caliper is None else {"caliper_sd_logit": caliper}
    faults = []
    for text in given:
        name, mark, value = (part.strip() for part in text.partition("="))
        if not (name and mark and value):
            faults.append(say("evaluate.parameter.form", given=text))
        elif name in FLAGS:
            faults.append(say("evaluate.parameter.own", name=name, flag=FLAGS[name]))
        elif name not in RULES:
            faults.append(unknown("parameter", name, [known for known in RULES if known not in FLAGS]))
        elif name in found:
            faults.append(say("evaluate.parameter.twice", name=name))
        else:
            found[name] = _read(name, value)
    refuse(faults)
    return found


def _read(name: str, text: str) -> Any:
    rule = RULES.get(name)
    if isinstance(rule, Names):
        return tuple(part.strip() for part in text.split(","))
    if isinstance(rule, Cuts):
        pairs = (part.partition(":") for part in text.split(","))
        return {covariate.strip(): tuple(_number(cut) for cut in cuts.split("/")) for covariate, _, cuts in pairs}
    if isinstance(rule, Flag):
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    return text if isinstance(rule, Options) else _number(text)


def _number(text: str) -> Any:
    """The number that a text is, else the text, which its rule will refuse."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
