"""The reviewer's form: the checklist, a comment, the vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from portal.config.fields import TextField
from portal.review.checklist import Fact
from portal.wording import say


class VoteForm(forms.Form):
    """Each item of the checklist holds or does not; then to clear it or to return it."""

    def __init__(self, facts: tuple[Fact, ...], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        choices = [("yes", say("review.fields.holds")), ("no", say("review.fields.does_not_hold"))]
        self.items = tuple(fact.name for fact in facts)
        for fact in facts:
            self.fields[fact.name] = forms.ChoiceField(
                choices=choices, widget=forms.RadioSelect, label=fact.question, help_text=fact.answer
            )
        self.fields["comment"] = TextField(
            max_length=4000,
            widget=forms.Textarea,
            required=False,
            label=say("review.fields.comment"),
            help_text=say("review.fields.comment_hint"),
        )
        decision = [("approve", say("review.fields.approve")), ("return", say("review.fields.return"))]
        self.fields["decision"] = forms.ChoiceField(
            choices=decision, widget=forms.RadioSelect, label=say("review.fields.decision")
        )

    def clean(self) -> dict[str, Any]:
        """Nobody clears what does not hold, and who returns says why."""
        data = super().clean() or {}
        if data.get("decision") == "approve" and any(data.get(name) == "no" for name in self.items):
            self.add_error("decision", say("review.refusals.checklist"))
        if data.get("decision") == "return" and not (data.get("comment") or "").strip():
            self.add_error("comment", say("review.refusals.comment"))
        return data

    @property
    def checklist(self) -> dict[str, bool]:
        """Item to whether it holds."""
        return {name: self.cleaned_data[name] == "yes" for name in self.items}
