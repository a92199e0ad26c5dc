"""The eligibility check: who, when, how many, start and end, lawful basis, and the answer can, may or cannot, with why.

No personal data and nothing kept: the answers stay in the address of the page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from django import forms

from datalab.api import power
from portal.config.fields import DateField
from portal.wording import say

LEAST = 60
Standing = Literal["met", "unsure", "not_met"]
# What an answer of a choice says about its criterion.
OFFENDERS: dict[str, Standing] = {"all": "met", "some": "unsure", "none": "not_met"}
IDENTITY: dict[str, Standing] = {"full": "met", "part": "unsure", "none": "not_met"}
BASIS: dict[str, Standing] = {"yes": "met", "unsure": "unsure", "no": "not_met"}


class EligibilityForm(forms.Form):
    """Six questions."""

    participants = forms.IntegerField(
        min_value=1,
        max_value=1_000_000,
        label=say("public.eligibility.participants"),
        help_text=say("public.eligibility.participants_hint"),
    )
    offenders = forms.ChoiceField(
        choices=[(name, say(f"public.eligibility.offenders_{name}")) for name in ("all", "some", "none")],
        widget=forms.RadioSelect,
        label=say("public.eligibility.offenders"),
    )
    first = DateField(label=say("public.eligibility.first"), help_text=say("public.eligibility.first_hint"))
    last = DateField(label=say("public.eligibility.last"))
    ends = forms.ChoiceField(
        choices=[(name, say(f"public.eligibility.ends_{name}")) for name in ("yes", "no")],
        widget=forms.RadioSelect,
        label=say("public.eligibility.ends"),
    )
    identity = forms.ChoiceField(
        choices=[(name, say(f"public.eligibility.identity_{name}")) for name in ("full", "part", "none")],
        widget=forms.RadioSelect,
        label=say("public.eligibility.identity"),
    )
    basis = forms.ChoiceField(
        choices=[(name, say(f"public.eligibility.basis_{name}")) for name in ("yes", "unsure", "no")],
        widget=forms.RadioSelect,
        label=say("public.eligibility.basis"),
    )

    def clean(self) -> dict[str, Any]:
        """The last person cannot have started before the first."""
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", say("public.eligibility.order"))
        return data


@dataclass(frozen=True)
class Criterion:
    """One criterion: how it stands, and the sentence that says why."""

    name: str
    standing: Standing
    why: str


@dataclass(frozen=True)
class Reach:
    """What could be found with so many people: the engine's picture, its sentences, and a row a number of people."""

    picture: str
    lines: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Answer:
    """can, may or cannot; every criterion; and what could be found with so many people."""

    verdict: Literal["can", "may", "cannot"]
    criteria: tuple[Criterion, ...]
    reach: Reach | None


def judge(answers: Mapping[str, Any], windows: list[list[str]], extracted_on: dt.date | None) -> Answer:
    """The answer to one enquiry. windows: of the records that are loaded; extracted_on: the day they end (None: none loaded)."""
    number = int(answers["participants"])
    found = (
        _criterion(
            "too_few", "met" if number >= 2 * LEAST else "unsure" if number >= LEAST else "not_met", count=number, least=LEAST
        ),
        _criterion("no_programme", OFFENDERS[answers["offenders"]]),
        _criterion("no_start_and_end", "met" if answers["ends"] == "yes" else "not_met"),
        _criterion("outside_records", _inside(answers["first"], answers["last"], windows), windows=_plain(windows)),
        _criterion("follow_up_not_complete", _followed(answers["last"], extracted_on)),
        _criterion("data_not_usable", IDENTITY[answers["identity"]]),
        _criterion("no_lawful_basis", BASIS[answers["basis"]]),
    )
    standings = {one.standing for one in found}
    verdict: Literal["can", "may", "cannot"] = "cannot" if "not_met" in standings else "may" if "unsure" in standings else "can"
    return Answer(verdict, found, reach_of(number) if number >= LEAST else None)


@lru_cache(maxsize=500)
def reach_of(number: int) -> Reach:
    """What could be found with so many people. Kept, since the drawing takes a quarter of a second and anybody may ask."""
    found = power(number)
    lines = found.summary().split("\n\n")[0].splitlines()
    rows = tuple(
        (f"{one.participants:,}", f"{one.analysed:.0f}", f"{one.smallest * 100:.1f}") for one in found.plan.by_participants
    )
    return Reach(found.plot().svg, tuple(line for line in lines if line), rows)


def _criterion(name: str, standing: Standing, **values: object) -> Criterion:
    return Criterion(name, standing, say(f"criteria.{name}.{standing}", **values))


def _inside(first: dt.date, last: dt.date, windows: list[list[str]]) -> Standing:
    """Whether the programme's starts lie in the loaded windows: wholly, in part, not at all."""
    spans = [(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) for start, end in windows]
    if not spans:
        return "unsure"
    if any(start <= first and last <= end for start, end in spans):
        return "met"
    return "unsure" if any(start <= last and first <= end for start, end in spans) else "not_met"


def _followed(last: dt.date, extracted_on: dt.date | None) -> Standing:
    """A year of follow-up and half a year for courts and records must have passed since the last start."""
    if extracted_on is None:
        return "unsure"
    return "met" if last + dt.timedelta(days=548) <= extracted_on else "unsure"


def _plain(windows: list[list[str]]) -> str:
    spans = [(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) for start, end in windows]
    return "; ".join(f"{start.day} {start:%B %Y} to {end.day} {end:%B %Y}" for start, end in spans) or say(
        "public.eligibility.no_records"
    )
