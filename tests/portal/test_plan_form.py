"""The plan as a form: made from the draft, the same plan where nothing was changed, and as text for whatever it has no field for."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from tests.portal.lab import ANSWERS, Lab, fresh

from portal.requests.models import PlanVersion, Request
from portal.requests.plan_form import ROOM, StudyForm, initial_of, tables_of
from portal.requests.plans import draft_plan, plan_text, read_plan

DAY = dt.date(2018, 1, 31)
MANY = ["completers", "men_and_women", "regions", "years", "sites"]


def draft(**changed: Any) -> dict[str, Any]:
    return draft_plan("KD4-93RT", {**ANSWERS, **changed}, DAY)


def filled(tables: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """What a browser posts of the form."""
    data: dict[str, Any] = {}
    for name, value in {**{f"analysis_{n}_by": "none" for n in range(1, ROOM + 1)}, **initial_of(tables), **changed}.items():
        if isinstance(value, dt.date):
            data |= {f"{name}-{part}": getattr(value, part) for part in ("day", "month", "year")}
        elif value is not None:
            data[name] = value
    return data


@pytest.mark.parametrize("analyses", [[], MANY])
def test_what_nobody_changed_is_the_same_plan(analyses: list[str]) -> None:
    tables = draft(analyses=analyses)
    form = StudyForm(tables, filled(tables))
    assert form.is_valid(), form.errors
    assert read_plan(form.text).plan_sha256 == read_plan(plan_text(tables)).plan_sha256


def test_what_is_changed_is_in_the_plan() -> None:
    tables = draft()
    data = filled(
        tables,
        title='A "quoted" title\nof \\ two lines', follow_up_months="24", method="ipw", families=["demographics", "history"], exact=["sex"],
        exclude=["sexual"], headline="frequency", outcomes=["rate"], analysis_2_name="men-in-the-south", analysis_2_by="where",
        analysis_2_variable="cohort_year", analysis_2_values="2012, 2013", analysis_3_by="each", analysis_3_variable="group:site",
    )  # fmt: skip
    form = StudyForm(tables, data)
    assert form.is_valid(), form.errors
    plan = read_plan(form.text)
    assert plan.title == 'A "quoted" title of \\ two lines'
    assert (plan.cohort.follow_up_months, plan.cohort.exclude, plan.matching.match.method) == (24, ("sexual",), "ipw")
    head, *others = plan.analyses
    assert (head.headline, head.outcomes) == ("frequency", ("frequency", "rate"))
    assert [dict(one.where) for one in others[:2]] == [{"group:completed": ("yes",)}, {"cohort_year": (2012, 2013)}]
    assert others[2].each == "group:site"


def test_the_form_and_its_plan_go_there_and_back() -> None:
    tables = draft(analyses=MANY)
    form = StudyForm(tables, filled(tables))
    assert form.is_valid()
    again = tables_of(tables, form.cleaned_data)
    assert initial_of(again) == {**initial_of(tables), **{name: initial_of(again)[name] for name in ("exclude", "outcomes")}}


def address(request: Request) -> str:
    return f"/requests/{request.public_id}/plan"


@pytest.fixture
def page(lab: Lab, sign_in: Any) -> tuple[Client, Request]:
    return sign_in("analyst"), lab.accepted()


def shown_text(answer: Any) -> str:
    return unescape(re.search(r"<pre[^>]*>(.*?)</pre>", answer.content.decode(), re.DOTALL)[1])


def test_the_page_shows_form_and_text_and_registers(page: tuple[Client, Request]) -> None:
    client, request = page
    answer = client.get(address(request))
    tables = draft_plan(request.reference, request.answers, dt.date.today())
    assert read_plan(shown_text(answer)).title == "Thames Workshop"
    shown = client.post(address(request), filled(tables, method="kernel", do="show"))
    assert 'method = "kernel"' in shown_text(shown)
    assert not PlanVersion.objects.exists()
    assert client.post(address(request), filled(tables, method="kernel", do="register")).status_code == 302
    assert fresh(request).state == "planned"
    assert PlanVersion.objects.get().sha256 == read_plan(shown_text(shown)).plan_sha256


def test_the_engines_faults_stand_on_the_page_before_anything_is_registered(page: tuple[Client, Request]) -> None:
    client, request = page
    wrong = filled(draft(), analysis_2_name="x", analysis_2_by="where", analysis_2_variable="colour", analysis_2_values="red")
    for do in ("show", "register"):
        answer = client.post(address(request), {**wrong, "do": do})
        assert answer.status_code == 200
        assert "colour" in answer.content.decode()
        assert "govuk-error-summary" in answer.content.decode()
    assert not PlanVersion.objects.exists()
    missing = client.post(address(request), {**filled(draft()), "title": "", "do": "show"})
    assert 'href="#id_title"' in missing.content.decode()


def test_it_can_be_gone_on_with_as_text(page: tuple[Client, Request]) -> None:
    client, request = page
    answer = client.post(address(request), filled(draft(), title="By hand", do="text"))
    text = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.content.decode(), re.DOTALL)[1])
    assert 'title = "By hand"' in text
    assert client.post(address(request), {"text": text.replace("seed = 1", "seed = 7")}).status_code == 302
    assert "seed = 7" in PlanVersion.objects.get().text
