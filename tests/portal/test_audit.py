"""The audit: exactly one event an act, a chain without gaps, and a database that refuses to change it."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.portal.lab import Lab

from portal.audit.guards import guard, unguard
from portal.audit.models import AuditEvent, AuditHead
from portal.audit.verify import export, verify, write_head
from portal.requests import actions


def _refused(statement: str, parameters: list[object] | None = None) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters or [])


def test_raw_sql_cannot_change_or_remove_an_event(lab: Lab) -> None:
    lab.draft()
    _refused("UPDATE audit_auditevent SET actor = 'somebody else'")
    _refused("DELETE FROM audit_auditevent")
    if connection.vendor == "postgresql":
        _refused("TRUNCATE audit_auditevent CASCADE")


@pytest.mark.parametrize("table", ["requests_planversion", "review_vote", "review_clearance", "ops_certificate"])
def test_raw_sql_cannot_change_what_stands(lab: Lab, table: str) -> None:
    from portal.ops.destruction import destroy_data

    lab.cleared()
    destroy_data(by=lab.person("steward"), request=lab.withdrawn())
    column = {
        "requests_planversion": "text",
        "review_vote": "comment",
        "review_clearance": "content_sha256",
        "ops_certificate": "sha256",
    }[table]
    _refused(f"UPDATE {table} SET {column} = 'x'")
    _refused(f"DELETE FROM {table}")


def test_the_chain_holds_through_a_whole_request(lab: Lab) -> None:
    lab.cleared_final()
    verdict = verify()
    assert verdict.faults == ()
    assert verdict.events == AuditEvent.objects.count() == AuditHead.objects.get().seq


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        ("UPDATE audit_auditevent SET actor = 'x' WHERE seq = 3", "Event 3 was changed"),
        ("DELETE FROM audit_auditevent WHERE seq = 3", "Event 3 is missing"),
        ("DELETE FROM audit_auditevent WHERE seq > 5", "The chain ends at event 5"),
        ("UPDATE audit_auditevent SET at = '2001-01-01 00:00:00+00:00' WHERE seq = 4", "Event 4 was changed"),
    ],
)
def test_tampering_as_the_owner_of_the_table_is_found(lab: Lab, tamper: str, said: str) -> None:
    lab.draft()
    unguard(connection, "audit_auditevent")
    with connection.cursor() as cursor:
        cursor.execute(tamper)
    guard(connection, "audit_auditevent")
    assert any(fault.startswith(said) for fault in verify().faults)


def test_a_chain_that_was_written_anew_is_found_by_the_head_kept_outside(lab: Lab, tmp_path: Path) -> None:
    from portal.audit.chain import START, hash_of

    lab.draft()
    heads = tmp_path / "heads.jsonl"
    write_head(heads)
    unguard(connection, "audit_auditevent")
    previous = START
    for event in AuditEvent.objects.order_by("seq"):
        event.actor, event.previous = "x", previous
        previous = event.hash = hash_of(previous, event.said())
        event.save()
    AuditHead.objects.update(hash=previous)
    guard(connection, "audit_auditevent")
    assert verify().faults == ()
    assert verify(heads).faults


def test_an_act_and_its_event_are_kept_together_or_not_at_all(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.requests.models import Request

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    before = Request.objects.count()
    monkeypatch.setattr("portal.audit.action.write_event", fail)
    with pytest.raises(RuntimeError):
        actions.start_request(by=lab.person("provider"))
    assert Request.objects.count() == before


def test_the_export_is_the_chain_as_lines_of_json(lab: Lab) -> None:
    lab.draft()
    lines = [json.loads(line) for line in export()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(later["previous"] == before["hash"] for before, later in itertools.pairwise(lines))


def test_no_event_holds_a_name_or_an_address(lab: Lab) -> None:
    lab.cleared_final()
    text = "\n".join(export())
    assert "example.invalid" not in text
    assert "SCOTT" not in text
    assert "Made-Up" not in text


def test_the_newest_come_first_on_every_page(lab: Lab, sign_in: Any) -> None:
    from django.core.paginator import Paginator

    from portal.audit.newest import NewestFirst

    lab.cleared_final()
    expected = list(AuditEvent.objects.order_by("-seq").values_list("seq", flat=True))
    pages = Paginator(NewestFirst(), 7)
    assert [event.seq for page in pages for event in page] == expected
    assert sign_in("steward").get("/lab/audit?page=2").status_code == 200
