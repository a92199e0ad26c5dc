"""The plan as a form: what an analyst decides most of the time. Whatever else a study file can say is written as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from datalab.errors import InputError
from datalab.fields.justice.covariates import FAMILIES
from datalab.fields.justice.measures import MEASURES
from datalab.fields.justice.offences import GROUPS
from datalab.study import CohortPlan, MatchingPlan
from datalab.study_analyses import EXACT, RECORDED
from portal.config.fields import DateField
from portal.requests.plans import Tables, plan_text, read_plan
from portal.requests.questions import KINDS
from portal.wording import say, words

# Further analyses that the form has room for.
ROOM = 6
PARTS = ("name", "by", "variable", "values")
METHODS = ("radius", "nearest", "kernel", "ipw", "entropy", "subclass")
_MEASURES = [(measure.name, measure.label) for measure in MEASURES]


def _say(name: str) -> dict[str, Any]:
    """The words of a field: label and, where there is one, hint."""
    texts = words("requests")["plan_form"]
    return {"label": texts[name], "help_text": texts.get(f"{name}_hint", "")}


def _options(name: str, options: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(option, say(f"requests.plan_options.{name}_{option}")) for option in options]


def _several(name: str, choices: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, required=False, **_say(name))


def _one(name: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **_say(name))


class StudyForm(forms.Form):
    """A plan. What the form has no field for (identifier, seed, day of the records) stays as in the draft."""

    title = forms.CharField(max_length=120, **_say("title"))
    kind = forms.ChoiceField(choices=[(name, words("questions")["kind"]["options"][name]) for name in KINDS], **_say("kind"))
    setting = _one(
        "setting", [(name, words("questions")["setting"]["options"][name]) for name in ("custody", "community", "both")]
    )
    start = DateField(**_say("start"))
    end = DateField(**_say("end"))
    follow_up_months = _one("follow_up_months", _options("follow_up", ("12", "24")))
    minimum_age_years = forms.IntegerField(**_say("minimum_age_years"))
    region = _one("region", _options("region", ("national", "regional")))
    exclude = _several("exclude", [(name, label) for name, label, _ in GROUPS])
    method = forms.ChoiceField(choices=_options("method", METHODS), **_say("method"))
    caliper_sd_logit = forms.FloatField(required=False, **_say("caliper_sd_logit"))
    exact = _several("exact", _options("exact", EXACT))
    families = _several("families", _options("family", FAMILIES))
    headline = forms.ChoiceField(choices=_MEASURES, **_say("headline"))
    outcomes = _several("outcomes", _MEASURES)

    def __init__(self, draft: Tables, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial_of(draft))
        self.draft = draft
        for number in range(1, ROOM + 1):
            for part in PARTS:
                self.fields[f"analysis_{number}_{part}"] = _analysis_field(number, part)

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings, in reading order."""
        split = {"programme": 5, "cohort": 4, "matching": 4, "outcomes": 2}
        bound, begin = list(self), 0
        for name, count in split.items():
            yield say(f"requests.plan_parts.{name}"), bound[begin : begin + count]
            begin += count
        for number in range(1, ROOM + 1):
            yield say("requests.plan_parts.analysis", number=number), bound[begin : begin + len(PARTS)]
            begin += len(PARTS)

    @property
    def text(self) -> str:
        """The study file of what was filled in."""
        return plan_text(tables_of(self.draft, self.cleaned_data))

    def add_engine_faults(self) -> None:
        """What the engine would say of it, beside the form's own faults."""
        try:
            read_plan(self.text)
        except InputError as error:
            self.add_error(None, [error.message, *error.faults])


def _analysis_field(number: int, part: str) -> forms.Field:
    texts = {**_say(f"analysis_{part}"), "required": False}
    if part == "by":
        return forms.ChoiceField(
            choices=_options("by", ("none", "where", "each")), widget=forms.RadioSelect, initial="none", **texts
        )
    if part == "variable":
        texts["help_text"] = say("requests.plan_form.analysis_variable_hint", names=", ".join(RECORDED))
    return forms.CharField(max_length=200, **texts)


def initial_of(tables: Tables) -> dict[str, Any]:
    """What stands in the form for a plan; analyses beyond the form's room are left out."""
    head, *others = tables["analysis"]
    usual = MatchingPlan()
    found: dict[str, Any] = {
        "title": tables["title"],
        **tables["programme"],
        "region": CohortPlan().region,
        "exclude": [],
        **tables["cohort"],
        "method": usual.method,
        "caliper_sd_logit": usual.caliper_sd_logit,
        "exact": list(usual.exact),
        "families": list(usual.families),
        **tables.get("matching", {}),
        "headline": head["headline"],
        "outcomes": head["outcomes"],
    }
    for number, analysis in enumerate(others[:ROOM], start=1):
        variable, values = next(iter(analysis.get("where", {}).items()), (analysis.get("each", ""), ""))
        parts = (analysis.get("name", ""), "where" if "where" in analysis else "each", variable, _listed(values))
        found |= {f"analysis_{number}_{part}": value for part, value in zip(PARTS, parts, strict=True)}
    return found


def tables_of(draft: Tables, data: Mapping[str, Any]) -> Tables:
    """A plan from the form. The headline is among the outcomes; every other analysis has the same ones."""
    outcomes = list(dict.fromkeys([data["headline"], *data["outcomes"]]))
    head = {"name": draft["analysis"][0]["name"], "headline": data["headline"], "outcomes": outcomes}
    matching = {
        "method": data["method"], "caliper_sd_logit": data["caliper_sd_logit"], "exact": data["exact"],
        "families": data["families"] or None,
    }  # fmt: skip
    cohort = {
        "follow_up_months": int(data["follow_up_months"]),
        "minimum_age_years": data["minimum_age_years"],
        "region": data["region"],
        "exclude": data["exclude"] or None,
    }
    return {
        **draft,
        "title": data["title"],
        "programme": {name: data[name] for name in ("kind", "setting", "start", "end")},
        "cohort": cohort,
        "matching": matching,
        "analysis": [head, *_analyses(data, outcomes)],
    }


def _analyses(data: Mapping[str, Any], outcomes: list[str]) -> Iterator[Tables]:
    for number in range(1, ROOM + 1):
        name, by, variable, values = (data[f"analysis_{number}_{part}"] for part in PARTS)
        if by == "where":
            given = [_typed(variable, one.strip()) for one in values.split(",") if one.strip()]
            yield {"name": name, "where": {variable: given[0] if len(given) == 1 else given}, "outcomes": outcomes}
        elif by == "each":
            yield {"each": variable, "outcomes": outcomes}


def _typed(variable: str, value: str) -> str | int:
    """Years are numbers, all else is text."""
    return int(value) if variable == "cohort_year" and value.isdecimal() else value


def _listed(values: Any) -> str:
    return ", ".join(str(one) for one in values) if isinstance(values, list) else str(values)
