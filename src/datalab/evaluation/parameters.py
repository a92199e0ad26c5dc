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
FLAGS |= {"stated_effects": "--stated-effect", "progress": "--quiet", "out": "--out", "overwrite": "--overwrite"}


def read_parameters(given: Sequence[str], caliper: float | None = None) -> dict[str, Any]:
    """Settings by name, as numbers, words, lists or cut points; the rules are asked later, by `MatchSettings`.

    given: `ratio=2`, `replacement=yes`, `on=sex,region`, `cutpoints=age:25/40,prior:1/5`. caliper: caliper_sd_logit.
    Raises UsageError for a text that is not NAME=VALUE, a setting that no method has or that is given
    twice; what has an option of its own is told with it.

    >>> read_parameters(["ratio=2", "replacement=yes"])
    {'ratio': 2, 'replacement': True}
    """
    taken = () if caliper is None else ("caliper_sd_logit",)
    pairs = _pairs("parameter", given, taken)
    refuse([fault for name in pairs if (fault := _name_fault(name)) is not None])
    found = {name: _read(name, value) for name, value in pairs.items()}
    return found if caliper is None else {"caliper_sd_logit": caliper, **found}


def _name_fault(name: str) -> str | None:
    if name in FLAGS:
        return say("evaluate.parameter.own", name=name, flag=FLAGS[name])
    return None if name in RULES else unknown("parameter", name, [known for known in RULES if known not in FLAGS])


def read_stated(given: Sequence[str]) -> dict[str, Any]:
    """Stated effects by outcome; what they may be is asked later. given: `back=0.08`. Raises UsageError as above.

    >>> read_stated(["back=0.08"])
    {'back': 0.08}
    """
    return {name: _number(value) for name, value in _pairs("stated-effect", given).items()}


def _pairs(what: str, given: Sequence[str], taken: Sequence[str] = ()) -> dict[str, str]:
    """Texts of NAME=VALUE by name. taken: names that were given in another way."""
    found: dict[str, str] = {}
    faults = []
    for text in given:
        name, mark, value = (part.strip() for part in text.partition("="))
        if not (name and mark and value):
            faults.append(say("evaluate.parameter.form", what=what, given=text))
        elif name in found or name in taken:
            faults.append(say("evaluate.parameter.twice", name=name))
        else:
            found[name] = value
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
