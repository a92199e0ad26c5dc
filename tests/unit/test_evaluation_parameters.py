"""A method's settings from the command line: NAME=VALUE, read for their rule, refused by `MatchSettings`."""

from __future__ import annotations

import inspect
import re

import pytest

from datalab.errors import UsageError
from datalab.evaluation import evaluate
from datalab.evaluation.parameters import FLAGS, read_parameters, read_stated
from datalab.matching import named_settings


@pytest.mark.parametrize(
    ("given", "method", "expected"),
    [
        (["ratio=2", "replacement=no"], "nearest", {"ratio": 2, "replacement": False}),
        (["on=sex, region"], "exact", {"on": ["sex", "region"]}),
        (["cutpoints=age:25/40,prior:1"], "cem", {"cutpoints": {"age": [25.0, 40.0], "prior": [1.0]}}),
        (["trim=support", "trim_above=0.9"], "ipw", {"trim": "support", "trim_above": 0.9}),
    ],
)
def test_values_are_read_for_their_rule(given, method, expected):
    settings = named_settings(method, read_parameters(given)).settings()
    assert {name: settings[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [(["ratio"], "NAME=VALUE"), (["=2"], "NAME=VALUE"), (["ratio=2", "ratio=3"], "given twice")],
)
def test_what_cannot_be_read_is_refused(given, words):
    with pytest.raises(UsageError, match=words):
        read_parameters(given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["ratio=two"], "ratio must be a whole number"),
        (["replacement=maybe"], "replacement must be true or false"),
        (["cutpoints=age"], "cutpoints must be a table"),
        (["rato=2"], "Did you mean ratio"),
        (["memory=1000"], "parameter must be one of caliper_sd_logit, "),
        (["outcome_model=boosted"], "outcome_model is no setting of a method. It has an option of its own: --outcome-model."),
        (["seed=1", "method=ipw"], "seed is no setting of a method. It has an option of its own: --seed."),
        (["progress=1"], "--quiet"),
    ],
)
def test_what_breaks_its_rule_is_refused_in_the_one_grammar(given, words):
    with pytest.raises(UsageError, match=re.escape(words)):
        named_settings("cem" if "cut" in given[0] else "nearest", read_parameters(given))


def test_the_caliper_has_an_option_of_its_own():
    assert read_parameters([], 0.1) == {"caliper_sd_logit": 0.1}
    with pytest.raises(UsageError, match="given twice"):
        read_parameters(["caliper_sd_logit=0.2"], 0.1)


def test_no_argument_of_evaluate_can_be_given_as_a_setting():
    for name, argument in inspect.signature(evaluate).parameters.items():
        if argument.kind is inspect.Parameter.KEYWORD_ONLY:
            with pytest.raises(UsageError, match=r"no setting of a method|parameter must be one of"):
                read_parameters([f"{name}=1"])
            assert name in FLAGS or name == "memory"


def test_stated_effects_are_measures_with_sizes():
    assert read_stated(["rate=0.08", "frequency=0.2"]) == {"rate": 0.08, "frequency": 0.2}
    assert read_stated([]) == {}
    for wrong in (["rate"], ["rate=0.1", "rate=0.2"]):
        with pytest.raises(UsageError):
            read_stated(wrong)
