"""Uploads: encrypted as they come, seen by the engine alone, replaced, destroyed with a certificate."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyrage
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.portal.lab import CSV, FOUND, Lab, fresh

from portal.config.clock import at
from portal.config.refusals import Refused
from portal.ops.daily import tick
from portal.ops.destruction import destroy_data
from portal.requests import actions
from portal.requests.models import Request
from portal.requests.states import RETENTION_DAYS
from portal.runs.models import Pair
from portal.uploads import vault
from portal.uploads.actions import MOST_BYTES, receive
from portal.uploads.models import Upload


def test_what_lies_on_the_disk_is_not_what_was_sent(lab: Lab, home: Path) -> None:
    upload = lab.upload(lab.draft())
    kept = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(b"Made-Up" in content for content in kept)
    assert vault.unseal(upload.public_id) == CSV
    assert upload.sha256 == hashlib.sha256(CSV).hexdigest()


def test_without_the_workers_key_nobody_reads_it(lab: Lab, home: Path) -> None:
    upload = lab.upload(lab.draft())
    other = pyrage.x25519.Identity.generate()
    (home / "keys" / "worker.secret").write_text(str(other), encoding="ascii")
    with pytest.raises(pyrage.DecryptError):
        vault.unseal(upload.public_id)


def test_keys_and_files_are_readable_by_their_owner_alone(lab: Lab, home: Path) -> None:
    upload = lab.upload(lab.draft())
    place = vault.place_of(upload.public_id)
    for path in (place.file, place.key, home / "keys" / "worker.secret"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_file_without_its_key_is_lost(lab: Lab) -> None:
    upload = lab.upload(lab.draft())
    copy = vault.place_of(upload.public_id).file.read_bytes()
    vault.destroy(upload.public_id)
    assert not vault.is_there(upload.public_id)
    vault.place_of(upload.public_id).file.write_bytes(copy)
    with pytest.raises(FileNotFoundError):
        vault.unseal(upload.public_id)


def test_another_upload_replaces_and_destroys_the_first(lab: Lab, django_capture_on_commit_callbacks: object) -> None:
    request = lab.draft()
    first = lab.upload(request)
    with django_capture_on_commit_callbacks(execute=True):
        second = lab.upload(request)
    first.refresh_from_db()
    assert (first.state, vault.is_there(first.public_id)) == (Upload.State.REPLACED, False)
    assert vault.is_there(second.public_id)


def test_an_upload_that_cannot_be_used_is_destroyed_at_once(lab: Lab, django_capture_on_commit_callbacks: object) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        upload = lab.upload(lab.draft(), {**FOUND, "usable": False})
    assert (upload.state, vault.is_there(upload.public_id)) == (Upload.State.UNUSABLE, False)


@pytest.mark.parametrize(
    "name", ["people.exe", "people", "people.xlsm", "people.csv.gz", "../../people", "people.zip", ".csv.html"]
)
def test_other_kinds_of_file_are_refused_and_nothing_is_kept(lab: Lab, home: Path, name: str) -> None:
    request = lab.draft()
    with pytest.raises(Refused):
        receive(by=lab.person("provider"), request=request, name=name, content=CSV)
    assert not Upload.objects.exists()
    assert not list(home.glob("vault/*"))


def test_nothing_of_a_files_name_is_kept(lab: Lab, home: Path) -> None:
    name = "../../Ada Made-Up's people.csv"
    upload = receive(by=lab.person("provider"), request=lab.draft(), name=name, content=CSV)
    assert upload.kind == "csv"
    assert not list(home.rglob("*Ada*"))


def test_empty_and_huge_files_are_refused(lab: Lab) -> None:
    request = lab.draft()
    for content in (b"", b"x" * (MOST_BYTES + 1)):
        with pytest.raises(Refused):
            receive(by=lab.person("provider"), request=request, name="people.csv", content=content)


def test_only_the_provider_sends_and_only_while_it_is_a_draft(lab: Lab) -> None:
    request = lab.submitted()
    for who in ("provider", "stranger", "analyst", "steward"):
        with pytest.raises(Refused):
            receive(by=lab.person(who), request=request, name="people.csv", content=CSV)


def test_the_page_says_what_is_wrong_with_a_file(lab: Lab) -> None:
    request = lab.draft()
    client = Client()
    client.force_login(lab.person("provider"))
    answer = client.post(f"/requests/{request.public_id}/people", {"file": SimpleUploadedFile("people.pdf", b"x")})
    assert b"Save it as one of these" in answer.content
    answer = client.post(f"/requests/{request.public_id}/people", {"file": SimpleUploadedFile("people.csv", CSV)})
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200


def _everything_of(request: Request) -> list[str]:
    names = [upload.public_id for upload in request.uploads.all()]
    names += [f"{job.public_id}.{what}" for job in request.jobs.all() for what in ("doubtful", "links", "register")]
    return [name for name in names if vault.is_there(name)]


@pytest.mark.parametrize("ending", ["refused", "withdrawn"])
def test_personal_data_are_gone_after_destruction_and_the_certificate_says_so(
    lab: Lab, ending: str, django_capture_on_commit_callbacks: object
) -> None:
    request = getattr(lab, ending)()
    actions.write_note(by=lab.person("provider"), request=request, text="A note about Ada Made-Up.")
    with django_capture_on_commit_callbacks(execute=True):
        made = destroy_data(by=lab.person("steward"), request=request)
    request = fresh(request)
    assert _everything_of(request) == []
    assert not Pair.objects.filter(job__request=request).exists()
    assert not request.notes.exclude(text="").exists()
    assert made.content["uploads"][0]["sha256"] == hashlib.sha256(CSV).hexdigest()
    assert made.content["notes"] == 1
    with pytest.raises(Refused):
        destroy_data(by=lab.person("steward"), request=request)


def test_the_clock_destroys_on_the_day_and_not_before(lab: Lab) -> None:
    import datetime as dt

    request = lab.withdrawn()
    due = request.state_since + dt.timedelta(days=RETENTION_DAYS[request.state])
    with at(due - dt.timedelta(days=1)):
        tick()
    assert fresh(request).data_destroyed_at is None
    with at(due):
        tick()
        tick()
    assert fresh(request).data_destroyed_at is not None
    assert fresh(request).certificate.made_by == "system"


def test_a_draft_is_kept_as_long_as_somebody_works_on_it_and_is_over_afterwards(lab: Lab) -> None:
    import datetime as dt

    request, idle = lab.draft(), dt.timedelta(days=RETENTION_DAYS["draft"])
    for act in (
        lambda: actions.save_answers(by=lab.person("provider"), request=request, answers={"who": "All."}),
        lambda: lab.upload(request),
    ):
        with at(fresh(request).state_since + idle - dt.timedelta(days=1)):
            act()
            tick()
    assert fresh(request).data_destroyed_at is None
    with at(fresh(request).state_since + idle):
        tick()
        assert fresh(request).data_destroyed_at is not None
        # Nobody would destroy what came in now.
        with pytest.raises(Refused):
            lab.upload(request)
        with pytest.raises(Refused):
            actions.save_answers(by=lab.person("provider"), request=request, answers={"who": "All."})


def test_data_that_are_needed_are_not_destroyed(lab: Lab) -> None:
    request = lab.analysed()
    with pytest.raises(Refused):
        destroy_data(by=lab.person("steward"), request=request)


def test_a_fact_check_lapses_after_twenty_working_days(lab: Lab) -> None:
    import datetime as dt

    request = lab.fact_check()
    with at(dt.datetime.combine(request.due, dt.time(12), dt.UTC)):
        tick()
    assert fresh(request).state == "fact_check"
    with at(dt.datetime.combine(request.due + dt.timedelta(days=1), dt.time(12), dt.UTC)):
        tick()
    assert fresh(request).state == "cleared_final"
