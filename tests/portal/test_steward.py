"""What the data steward looks after, through the pages: roles by two people, records that obey their schema, the audit."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.portal.lab import Lab
from tests.world_fixture import world_folder

from portal.accounts.models import Grant
from portal.accounts.roles import Role, who_may_hold
from portal.config.clock import at, now
from portal.ops.central import current_load
from portal.ops.models import CentralLoad, Change
from portal.ops.roles import REVIEW_EVERY, due_for_review


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def propose(client: Any, who: str, role: str, give: str = "yes") -> Any:
    return client.post("/lab/people", {"email": f"{who}@example.invalid", "role": role, "give": give, "why": "Needed."})


def holds(lab: Lab, who: str) -> set[str]:
    return set(lab.person(who).roles)


def test_a_role_is_given_and_taken_by_two_people(lab: Lab, sign_in: Any) -> None:
    one, two = sign_in("steward"), sign_in("steward2")
    for give, held in (("yes", {"analyst", "publisher"}), ("no", {"analyst"})):
        before = holds(lab, "analyst")
        assert propose(one, "analyst", "publisher", give).status_code == 302
        assert holds(lab, "analyst") == before
        address = f"/lab/people/changes/{Change.objects.get(decided_at=None).public_id}"
        assert one.post(address, {"answer": "accept"}).status_code == 403
        assert two.post(address, {"answer": "accept"}).status_code == 302
        assert two.post(address, {"answer": "accept"}).status_code == 409
        assert holds(lab, "analyst") == held
    assert propose(one, "analyst", "reviewer").status_code == 302
    two.post(f"/lab/people/changes/{Change.objects.get(decided_at=None).public_id}", {"answer": "decline"})
    assert holds(lab, "analyst") == {"analyst"}


@pytest.mark.parametrize(
    ("who", "role", "why"),
    [
        ("steward", "analyst", "holds no other role"), ("analyst", "steward", "holds no other role"), ("analyst", "analyst", "already"),
        ("steward2", "reviewer", "holds no other role"), ("nobody", "analyst", "no account"),
    ],
)  # fmt: skip
def test_who_may_not_hold_a_role_is_told_why(lab: Lab, sign_in: Any, who: str, role: str, why: str) -> None:
    answer = propose(sign_in("steward"), who, role)
    assert answer.status_code == 200
    assert why in text_of(answer)
    assert not Change.objects.exists()


def test_the_database_refuses_one_person_alone_and_anybody_for_themselves(lab: Lab, sign_in: Any) -> None:
    propose(sign_in("steward"), "analyst", "publisher")
    change = Change.objects.get()
    for by in (lab.person("steward"), lab.person("analyst")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Change.objects.filter(id=change.id).update(decided_by=by)


def test_every_quarter_somebody_says_that_a_role_is_still_needed(lab: Lab, sign_in: Any) -> None:
    grant = Grant.objects.get(user=lab.person("analyst"))
    assert due_for_review() == []
    with at(now() + REVIEW_EVERY + dt.timedelta(days=1)):
        client = sign_in("steward")
        assert grant in due_for_review()
        page = text_of(client.get("/lab/people"))
        assert "Due for its quarterly look" in page
        for role in Role:
            assert who_may_hold(role)[:40] in page.replace("&#39;", "'")
        assert client.post(f"/lab/people/roles/{grant.id}/keep").status_code == 302
        assert grant not in due_for_review()
        own = Grant.objects.get(user=lab.person("steward"))
        assert client.post(f"/lab/people/roles/{own.id}/keep").status_code == 403


@pytest.fixture
def records(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = home / "central" / "first"
    shutil.copytree(world_folder(tmp_path_factory, 500, replicates=5) / "central", folder)
    return folder


def load(client: Any, folder: str) -> Any:
    return client.post(
        "/lab/records", {"folder": folder, "extracted_on-day": "31", "extracted_on-month": "1", "extracted_on-year": "2018"}
    )


def test_records_are_taken_in_once_they_obey_their_schema(lab: Lab, sign_in: Any, records: Path) -> None:
    client = sign_in("steward")
    assert load(client, "first").status_code == 302
    first = current_load()
    assert first is not None
    assert first.rows["person"] == 500
    assert first.coverage
    assert "first" in text_of(client.get("/lab/records"))
    shutil.copytree(records, records.with_name("second"))
    assert load(client, "second").status_code == 302
    assert CentralLoad.objects.filter(is_current=True).get().folder == "second"


def test_records_that_do_not_obey_are_refused_in_words(lab: Lab, sign_in: Any, records: Path) -> None:
    client = sign_in("steward")
    (records / "person.parquet").write_bytes(b"not a table")
    answer = load(client, "first")
    assert answer.status_code == 200
    assert "person" in text_of(answer)
    for folder in ("nothing", "../central/first", "/etc", ".", "first/../first"):
        assert "no such folder" in text_of(load(client, folder))
    assert current_load() is None


def test_the_audit_is_looked_at_checked_and_exported(lab: Lab, sign_in: Any) -> None:
    lab.cleared()
    client = sign_in("steward")
    assert "The chain holds" in text_of(client.get("/lab/audit?verify=1"))
    lines = b"".join(client.get("/lab/audit.jsonl").streaming_content).decode().splitlines()
    assert [json.loads(line)["verb"] for line in lines[-2:]] == ["audit.look", "audit.export"]


def test_data_are_destroyed_before_their_day_by_a_steward(lab: Lab, sign_in: Any) -> None:
    request = lab.refused()
    client = sign_in("steward")
    assert request.reference in text_of(client.get("/lab/"))
    assert client.post(f"/lab/destroy/{request.public_id}").status_code == 302
    assert request.reference not in text_of(client.get("/lab/"))
    assert sign_in("provider").get(f"/requests/{request.public_id}/certificate").status_code == 200


def test_nobody_proposes_anything_for_themselves(lab: Lab, sign_in: Any) -> None:
    assert "Nobody decides on a role of their own" in text_of(propose(sign_in("steward"), "steward", "steward", "no"))
    assert not Change.objects.exists()
