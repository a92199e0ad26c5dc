"""What a visitor can ask of the library; the same questions make the addresses of lists, charts, downloads and the interface."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import forms
from django.http import HttpResponse

from datalab.library import outcome_words
from portal.config.fields import TextField
from portal.library.entries import current_stamp
from portal.library.models import Analysis, Kept, Result, Source, Standing
from portal.wording import say, words

VERDICTS = ("lower", "higher", "more_people", "withheld", "not_stated")
SETTINGS = ("custody", "community", "both")
SORTS = ("newest", "difference", "people", "strength", "programme")
ANSWERS = ("can", "may", "cannot")
EVERY = "every"
Choices = list[tuple[str, str]]


class SearchForm(forms.Form):
    """A dozen questions, each of which may be left open."""

    q = TextField(required=False, max_length=100, label=say("library.search.q"), help_text=say("library.search.q_hint"))
    kind = forms.ChoiceField(required=False, label=say("library.search.kind"))
    setting = forms.ChoiceField(required=False, label=say("library.search.setting"))
    people = forms.ChoiceField(required=False, label=say("library.search.people"))
    outcome = forms.ChoiceField(required=False, label=say("library.search.outcome"))
    verdict = forms.ChoiceField(required=False, label=say("library.search.verdict"))
    source = forms.ChoiceField(required=False, label=say("library.search.source"))
    organisation = TextField(required=False, max_length=160, label=say("library.search.organisation"))
    first = forms.IntegerField(required=False, min_value=1900, max_value=2999, label=say("library.search.first"))
    last = forms.IntegerField(required=False, min_value=1900, max_value=2999, label=say("library.search.last"))
    least = forms.IntegerField(required=False, min_value=0, max_value=10_000_000, label=say("library.search.least"))
    strength = forms.ChoiceField(required=False, label=say("library.search.strength"))
    sort = forms.ChoiceField(required=False, label=say("library.search.sort"))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        found = choices(current_stamp())
        for name in ("kind", "people", "outcome"):
            self.fields[name].choices = [("", say(f"library.search.any_{name}")), *found[name]]  # type: ignore[attr-defined]
        fixed = {
            "setting": [(name, setting_name(name)) for name in SETTINGS],
            "verdict": [(name, say(f"library.verdicts.{name}")) for name in VERDICTS],
            "source": [(name, say(f"library.sources.{name}")) for name in Source.values],
            "strength": [(str(level), say("library.search.at_least", level=level)) for level in (2, 3, 4, 5)],
        }
        for name, listed in fixed.items():
            self.fields[name].choices = [("", say("library.search.any")), *listed]  # type: ignore[attr-defined]
        self.fields["sort"].choices = [(name, say(f"library.sorts.{name}")) for name in SORTS]  # type: ignore[attr-defined]


class StudyForm(forms.Form):
    """What can be asked of the feasibility studies: of results the same questions, without what only a result has."""

    q = TextField(required=False, max_length=100, label=say("library.search.q"), help_text=say("library.search.q_hint"))
    kind = forms.ChoiceField(required=False, label=say("library.search.kind"))
    answer = forms.ChoiceField(required=False, label=say("library.studies.answer"))
    setting = forms.ChoiceField(required=False, label=say("library.search.setting"))
    organisation = TextField(required=False, max_length=160, label=say("library.search.organisation"))
    source = forms.ChoiceField(required=False, label=say("library.studies.source"))
    first = forms.IntegerField(required=False, min_value=1900, max_value=2999, label=say("library.search.first"))
    last = forms.IntegerField(required=False, min_value=1900, max_value=2999, label=say("library.search.last"))
    least = forms.IntegerField(required=False, min_value=0, max_value=10_000_000, label=say("library.studies.least"))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        listed: dict[str, Choices] = {
            "kind": [(name, kind_name(name)) for name in study_kinds(current_stamp())],
            "answer": [(name, say(f"library.study_answers.{name}")) for name in ANSWERS],
            "setting": [(name, setting_name(name)) for name in SETTINGS],
            "source": [(str(name), say(f"library.sources.{name}")) for name in (Source.MADE_HERE, Source.DEMO)],
        }
        for name, found in listed.items():
            self.fields[name].choices = [("", say("library.search.any")), *found]  # type: ignore[attr-defined]


@lru_cache(maxsize=4)
def study_kinds(stamp: str) -> tuple[str, ...]:
    """The kinds of programme of which this edition of the library holds feasibility studies."""
    kept = Analysis.objects.filter(standing=Standing.CURRENT, product=Kept.STUDY)
    return tuple(kept.exclude(kind="").order_by("kind").values_list("kind", flat=True).distinct())


@lru_cache(maxsize=4)
def choices(stamp: str) -> dict[str, Choices]:
    """What can be chosen in this edition of the library: kinds, people and outcomes that it holds."""
    counted = Analysis.objects.filter(standing=Standing.CURRENT, product=Kept.ANALYSIS)
    kinds = counted.exclude(kind="").order_by("kind").values_list("kind", flat=True).distinct()
    people = counted.exclude(people="").order_by("people").values_list("people", flat=True).distinct()
    outcomes = Result.objects.filter(counts=True).order_by("outcome").values_list("outcome", flat=True).distinct()
    named = sorted(((name, outcome_name(name)) for name in outcomes), key=lambda one: (one[0] != "rate", one[1]))
    return {
        "kind": [(name, kind_name(name)) for name in kinds],
        "people": [(name, people_name(name)) for name in people[:100]],
        "outcome": [*named, (EVERY, say("library.search.every_outcome"))],
    }


def kind_name(kind: str) -> str:
    """A kind of programme as people say it."""
    return words("library")["kinds"].get(kind) or kind.capitalize() or say("library.unknown.kind")


def setting_name(setting: str) -> str:
    """Where a programme takes place."""
    return words("library")["settings"].get(setting) or say("library.unknown.setting")


def people_name(people: str) -> str:
    """Whom a result is about."""
    return people.capitalize() or say("library.unknown.people")


def outcome_name(outcome: str, months: int = 12) -> str:
    """What was measured."""
    return outcome_words(outcome, months)["short"]


def refuse_file(form: forms.Form) -> HttpResponse | None:
    """The answer to questions that make no sense, where a file is asked for, which has no place to say so; None to others."""
    if form.is_valid():
        return None
    faults = [f"{form[name].label}: {' '.join(map(str, told))}" for name, told in form.errors.items()]
    return HttpResponse(
        "\n".join((say("library.download.faulty"), *faults)), status=400, content_type="text/plain; charset=utf-8"
    )
