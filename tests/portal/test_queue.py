"""The queue of the lab: oldest in its state first, narrowed by state, found by reference or organisation, in pages."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.portal.lab import Lab, fresh

from portal.config.clock import now
from portal.requests import actions
from portal.requests.models import Request


def references(client: Any, query: str = "") -> list[str]:
    return re.findall(r">([A-Z]{2}\d-\d{2}[A-Z]{2})</a>", client.get(f"/requests/queue{query}").content.decode())


def test_it_is_in_order_narrowed_and_found(lab: Lab, sign_in: Any) -> None:
    first, second, third = lab.submitted(), lab.accepted(), lab.refused()
    for days, request in enumerate((second, first, third)):
        Request.objects.filter(id=request.id).update(state_since=now() - dt.timedelta(days=10 - days))
    draft = lab.draft()
    client = sign_in("analyst")
    assert references(client) == [second.reference, first.reference]
    assert references(client, "?show=to_decide") == [first.reference]
    assert references(client, "?show=ended") == [third.reference]
    assert references(client, f"?find={first.reference[:3].lower()}") == [first.reference]
    assert references(client, "?find=workshop") == [second.reference, first.reference]
    assert references(client, "?find=nobody") == []
    assert draft.reference not in references(client, "?show=no-such-filter")


def test_what_was_never_handed_in_is_not_there(lab: Lab, sign_in: Any) -> None:
    draft = actions.withdraw(by=lab.person("provider"), request=lab.draft(), reason="")
    handed_in = lab.withdrawn()
    assert fresh(draft).submitted_at is None
    assert references(sign_in("analyst"), "?show=ended") == [handed_in.reference]


def test_a_page_asks_as_much_for_many_as_for_few(lab: Lab, sign_in: Any) -> None:
    client, request = sign_in("analyst"), lab.submitted()
    client.get("/requests/queue")
    with CaptureQueriesContext(connection) as few:
        assert len(references(client)) == 1
    Request.objects.bulk_create(
        Request(organisation=request.organisation, created_by=request.created_by, state="submitted", submitted_at=now())
        for _ in range(60)
    )
    with CaptureQueriesContext(connection) as many:
        assert len(references(client)) == 25
    assert len(references(client, "?page=3")) == 11
    assert len(many) == len(few)
