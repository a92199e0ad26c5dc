"""What a provider meets besides the journey: the check before any account, templates, repeats, the history; and the demonstration."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from tests.portal.lab import Lab, load_records

from datalab.intake.readers import EXTENSIONS
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.public.eligibility import judge
from portal.requests.models import Note, Request

WINDOWS, EXTRACTED = [["2002-01-01", "2014-12-31"]], dt.date(2018, 1, 31)
SOUND = {
    "participants": 213, "offenders": "all", "first": dt.date(2010, 1, 1), "last": dt.date(2012, 12, 31), "ends": "yes",
    "identity": "full", "basis": "yes",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "verdict", "why"),
    [
        ({}, "can", ""),
        ({"participants": 59}, "cannot", "too_few"),
        ({"participants": 100}, "may", "too_few"),
        ({"offenders": "none"}, "cannot", "no_programme"),
        ({"ends": "no"}, "cannot", "no_start_and_end"),
        ({"first": dt.date(1990, 1, 1), "last": dt.date(1991, 1, 1)}, "cannot", "outside_records"),
        ({"first": dt.date(2001, 1, 1)}, "may", "outside_records"),
        ({"last": dt.date(2014, 12, 31)}, "can", ""),
        ({"identity": "none"}, "cannot", "data_not_usable"),
        ({"basis": "unsure"}, "may", "no_lawful_basis"),
    ],
)
def test_can_may_cannot_and_why(changed: dict[str, Any], verdict: str, why: str) -> None:
    answer = judge({**SOUND, **changed}, WINDOWS, EXTRACTED)
    assert answer.verdict == verdict
    assert [one.name for one in answer.criteria if one.standing != "met"] == ([why] if why else [])
    assert all(one.why for one in answer.criteria)
    assert (answer.reach is None) == (int({**SOUND, **changed}["participants"]) < 60)


def asked(**changed: Any) -> str:
    flat = {**SOUND, **changed}
    for name in ("first", "last"):
        day = flat.pop(name)
        flat |= {f"{name}-{part}": getattr(day, part) for part in ("day", "month", "year")}
    return f"/check?{urlencode(flat)}"


def test_the_answer_has_a_picture_and_is_quick_the_second_time(lab: Lab) -> None:
    load_records(lab)
    client = Client()
    text = client.get(asked()).content.decode()
    assert "<svg" in text
    assert "<table" in text
    began = time.process_time()
    assert client.get(asked()).content.decode().count("<svg") == text.count("<svg")
    assert time.process_time() - began < 0.2
    assert "govuk-error-summary" in client.get(asked(last=dt.date(2001, 1, 1))).content.decode()


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_the_template_is_one_that_the_check_takes(db: None, kind: str) -> None:
    answer = Client().get(f"/template.{kind}")
    assert answer.status_code == 200
    assert answer.content
    assert f'.{kind}"' in answer["Content-Disposition"]
    assert Client().get("/template.exe").status_code == 404


def test_a_repeat_takes_the_answers_and_not_the_people(lab: Lab, sign_in: Any) -> None:
    first = lab.refused()
    answer = sign_in("colleague").post(f"/requests/{first.public_id}/repeat")
    assert answer.status_code == 302
    made = Request.objects.exclude(id=first.id).get()
    assert (made.repeat_of, made.state, made.title) == (first, "draft", first.title)
    assert "publication" not in made.answers
    assert not made.uploads.exists()
    assert sign_in("stranger").post(f"/requests/{first.public_id}/repeat").status_code == 404
    assert sign_in("provider").post(f"/requests/{made.public_id}/repeat").status_code == 409


def test_a_provider_reads_the_lines_of_its_own_request_alone(lab: Lab, sign_in: Any) -> None:
    mine, other = lab.accepted(), lab.submitted()
    text = sign_in("colleague").get(f"/requests/{mine.public_id}/history").content.decode()
    assert "Accepted the request" in text
    assert "Submitted the request" in text
    assert lab.person("analyst").email not in text
    assert sign_in("stranger").get(f"/requests/{other.public_id}/history").status_code == 404


def test_a_note_has_no_attachment(lab: Lab, sign_in: Any) -> None:
    request = lab.accepted()
    file = SimpleUploadedFile("people.csv", b"Ada")
    assert sign_in("provider").post(f"/requests/{request.public_id}/notes", {"text": "Hello.", "file": file}).status_code == 302
    assert Note.objects.get().text == "Hello."
    assert "Hello." in sign_in("analyst").get(f"/requests/{request.public_id}/notes").content.decode()


def test_the_demonstration_makes_its_people_once_and_never_in_production(lab: Lab, settings: Any) -> None:
    load_records(lab)
    for role in (Role.STEWARD,):  # a lab that is there already gives its own roles: the demonstration has one of its own
        User.objects.filter(grants__role=role).first().grants.update(ended_at=dt.datetime.now(dt.UTC))
    out = io.StringIO()
    call_command("demo", stdout=out)
    for name in ("provider", "analyst", "reviewer1", "reviewer2", "publisher1", "publisher2", "steward"):
        assert out.getvalue().count(f"{name}@demo.invalid") == 1
    again = io.StringIO()
    call_command("demo", stdout=again)
    assert "@demo.invalid" not in again.getvalue()
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, kind="production")
    for command in ("demo", "serve"):
        with pytest.raises(CommandError):
            call_command(command, stdout=io.StringIO())
