"""Forms of requests, made from the questions (questions.py) and the wording."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms

from portal.config.fields import DateField, TextField
from portal.requests.criteria import CRITERIA
from portal.requests.questions import Page, Question
from portal.wording import say, words


class PageForm(forms.Form):
    """One page of the form. What is not answered stays open until the request is submitted."""

    def __init__(self, page: Page, answers: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={question.name: answers.get(question.name) for question in page.questions})
        self.page = page
        for question in page.questions:
            self.fields[question.name] = _field(question)

    def clean(self) -> dict[str, Any]:
        """A programme ends after it starts."""
        data = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start and end and end < start:
            self.add_error("end", say("requests.faults.end_before_start"))
        return data

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered, ready for JSON."""
        return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in self.cleaned_data.items()}


def _field(question: Question) -> forms.Field:  # noqa: PLR0911 (a kind a line)
    texts = words("questions")[question.name]
    common: dict[str, Any] = {"label": texts["label"], "help_text": texts.get("hint", ""), "required": False}
    choices = [(option, texts["options"][option]) for option in question.options]
    match question.kind:
        case "line":
            return TextField(max_length=question.most, **common)
        case "text":
            return TextField(max_length=question.most, widget=forms.Textarea, **common)
        case "number":
            return forms.IntegerField(min_value=question.least, max_value=question.most, **common)
        case "date":
            return DateField(**common)
        case "choice":
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
        case "choices":
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
        case "agree":
            return forms.BooleanField(**common)


def shown_answer(question: Question, value: Any) -> str:
    """An answer as people read it."""
    if value in (None, "", []):
        return say("requests.summary.unanswered")
    texts = words("questions")[question.name]
    if question.kind == "choice":
        return texts["options"][value]
    if question.kind == "choices":
        return "; ".join(texts["options"][one] for one in value)
    if question.kind == "agree":
        return say("requests.summary.agreed")
    if question.kind == "date":
        date = dt.date.fromisoformat(value)
        return f"{date.day} {date:%B %Y}"
    return str(value)


class NoteForm(forms.Form):
    """A note on the thread."""

    text = TextField(
        max_length=4000, widget=forms.Textarea, label=say("requests.fields.note"), help_text=say("requests.fields.note_hint")
    )


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = TextField(max_length=2000, widget=forms.Textarea, label=say("requests.fields.reason"))


class WithdrawForm(forms.Form):
    """Why it is withdrawn, if the provider likes to say."""

    reason = TextField(max_length=2000, widget=forms.Textarea, required=False, label=say("requests.fields.reason_optional"))


class RefuseForm(forms.Form):
    """Which criterion failed, and why."""

    criterion = forms.ChoiceField(
        choices=[(name, say(f"criteria.{name}.name")) for name in CRITERIA],
        widget=forms.RadioSelect,
        label=say("requests.fields.criterion"),
    )
    reason = TextField(
        max_length=2000, widget=forms.Textarea, label=say("requests.fields.reason"), help_text=say("requests.fields.refusal_hint")
    )


class PlanForm(forms.Form):
    """The plan as a study file."""

    text = TextField(
        max_length=20000, widget=forms.Textarea, label=say("requests.fields.plan"), help_text=say("requests.fields.plan_hint")
    )

    def clean_text(self) -> str:
        """With the line ends of a file: the plan's text is what is hashed and kept."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


class AmendForm(PlanForm):
    """An amendment and its reason."""

    reason = TextField(max_length=2000, widget=forms.Textarea, label=say("requests.fields.amend_reason"))


class OwnWordsForm(forms.Form):
    """The provider's own statement."""

    text = TextField(
        max_length=6000,
        widget=forms.Textarea,
        required=False,
        label=say("requests.fields.own_words"),
        help_text=say("requests.fields.own_words_hint"),
    )
