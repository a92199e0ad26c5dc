"""Nothing of a scheduled report is seen before it is out: by named people alone, by their own link, for 24 hours, every look kept;
for everybody else a lab with a scheduled release answers, to the byte, as one without."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils.text import slugify
from tests.portal.lab import OUT_ON, RESULTS, Lab, fresh

from portal.audit.models import AuditEvent
from portal.config.clock import at
from portal.config.refusals import Refused
from portal.library.entries import install_published
from portal.notices.models import Notice
from portal.publishing import actions
from portal.publishing.clock import keep_time
from portal.publishing.models import Named, Release
from portal.publishing.times import opens_at, publish_at

OPEN = opens_at(OUT_ON) + dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def release(lab: Lab) -> Release:
    """Scheduled, with the colleague of another charity on its list."""
    made = lab.release(lab.cleared_final())
    publisher = lab.person("publisher")
    actions.name_person(
        by=publisher, release=made, email="stranger@example.invalid", role="Head of News", why="To answer questions."
    )
    actions.propose(by=publisher, release=made)
    return actions.schedule(by=lab.person("publisher2"), release=made)


def _client(lab: Lab, who: str) -> Client:
    client = Client()
    if who != "public":
        client.force_login(lab.person(who))
    return client


def _addresses(release: Release) -> list[str]:
    named, entry = release.named.get(), release.entries.get()
    return [
        f"/early/{named.public_id}",
        f"/early/{named.public_id}/bulletin.ods",
        f"/early/{named.public_id}/{entry.public_id}/report.html",
    ]


def test_the_person_on_the_list_for_24_hours_and_every_look_is_kept(lab: Lab, release: Release) -> None:
    addresses, client = _addresses(release), _client(lab, "stranger")
    with at(opens_at(OUT_ON) - SECOND):
        keep_time()
        assert {client.get(one).status_code for one in addresses} == {404}
    with at(OPEN):
        keep_time()
        assert Notice.objects.get(key="release_open").path == addresses[0]
        pages = [client.get(one) for one in addresses]
        assert {one.status_code for one in pages} == {200}
        assert all("no-store" in one["Cache-Control"] and "private" in one["Cache-Control"] for one in pages)
        assert RESULTS["headline"]["sentence"] in pages[0].content.decode()
        assert AuditEvent.objects.filter(verb="early.look", actor=lab.person("stranger").actor_id).count() == 3
    with at(publish_at(OUT_ON)):
        client = _client(lab, "stranger")  # the session of the day before has ended
        assert {client.get(one).status_code for one in addresses} == {404}
        keep_time()
        assert {client.get(one).status_code for one in addresses} == {404}


def test_nobody_else_by_the_same_link(lab: Lab, release: Release) -> None:
    with at(OPEN):
        keep_time()
        for who in ("provider", "colleague", "analyst", "reviewer1", "reviewer3", "publisher", "steward"):
            assert {_client(lab, who).get(one).status_code for one in _addresses(release)} == {404}, who
        assert {_client(lab, "public").get(one).status_code for one in _addresses(release)} == {302}  # to sign in


def test_taken_off_the_list_at_once_and_never_added_after_it_is_fixed(lab: Lab, release: Release) -> None:
    with at(OPEN):
        keep_time()
        actions.unname_person(by=lab.person("publisher"), named=release.named.get())
        assert _client(lab, "stranger").get(f"/early/{Named.objects.get().public_id}").status_code == 404
        with pytest.raises(Refused):
            actions.name_person(by=lab.person("publisher"), release=release, email="analyst@example.invalid", role="x", why="y")


def test_the_list_is_printed_in_the_release(lab: Lab, release: Release) -> None:
    with at(publish_at(OUT_ON)):
        keep_time()
        page = _client(lab, "public").get(f"/releases/{release.public_id}").content.decode()
    assert "Head of News: To answer questions." in page
    assert "stranger" not in page


METHODS: tuple[tuple[str, dict[str, str]], ...] = (
    ("get", {}),
    ("head", {}),
    ("get", {"HTTP_RANGE": "bytes=0-99"}),
    ("get", {"HTTP_IF_NONE_MATCH": "*"}),
    ("options", {}),
    ("post", {}),
)
OUTSIDE = ("public", "stranger", "reviewer3")


def _tried(lab: Lab, release_id: str, entry_id: str, named_id: str) -> Iterator[tuple[str, str, Any]]:
    """Everything that somebody outside may try, with every identifier there is."""
    names = ("bulletin.html", "bulletin.json", "bulletin.ods", "bulletin.pdf", "report.html", "results.json", "../bulletin.html")
    paths = [
        "/", "/health", "/releases/log", "/releases/feed.atom", "/sitemap.xml", "/robots.txt", "/releases/%00",
        f"/releases/{release_id}", f"/reports/{entry_id}", f"/reports/{entry_id}/1", f"/reports/{release_id}", f"/releases/{entry_id}",
        f"/publishing/{release_id}/preview", f"/early/{named_id}x",
        *(f"/releases/{release_id}/{name}" for name in names),
        *(f"/reports/{entry_id}/1/{name}" for name in names),
        *(f"/static/{release_id}/{name}" for name in names),
        "/library/", "/library/?q=thames", "/library/?source=demo&outcome=every", "/library/?q=no-such-thing&page=99",
        "/library/organisations/thames-workshop-trust", "/library/programmes/thames-workshop-trust-thames-workshop",
        f"/library/analyses/{slugify(entry_id)}", "/library/dashboard?source=demo", "/library/dashboard?view=time", "/library/kinds/employment",
        "/library/chart.svg?view=forest&source=demo", "/library/download.csv?source=demo", "/library/download.json",
        "/library/api/v1/results?source=demo", f"/library/api/v1/analyses/{slugify(entry_id)}", "/library/api/v1/synthesis?source=demo",
        "/library/feasibility", "/library/feasibility?q=thames", "/library/feasibility.csv", "/library/api/v1/feasibility", "/library/about",
    ]  # fmt: skip
    for who in OUTSIDE:
        client = _client(lab, who)
        for path in paths:
            for method, headers in METHODS[:2] if path.startswith("/library/") else METHODS:
                yield f"{who} {method} {headers} {path}", path, getattr(client, method)(path, **headers)


# What differs between any two answers, scheduled or not.
NOISE = re.compile(rb'csrfmiddlewaretoken" value="[^"]+"|nonce-[\w+/=]+|csrftoken=\S+')


def _said(answer: Any) -> tuple[object, ...]:
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in ("Date", "Set-Cookie"))
    return answer.status_code, NOISE.sub(b"", answer.getvalue()), headers


def test_a_lab_with_a_scheduled_release_answers_as_one_without(lab: Lab) -> None:
    request, study = lab.cleared_final(), lab.study_final()
    made = lab.release(request, study)
    actions.name_person(by=lab.person("publisher"), release=made, email="analyst@example.invalid", role="x", why="y")
    install_published()
    ids = (made.public_id, made.entries.get(request=request).public_id, made.named.get().public_id)
    with at(OPEN):
        before = {what: _said(answer) for what, _, answer in _tried(lab, *ids)}
    publisher = lab.person("publisher")
    actions.propose(by=publisher, release=made)
    actions.schedule(by=lab.person("publisher2"), release=made)
    with at(OPEN):
        keep_time()
        assert fresh(request).state == fresh(study).state == "pre_release"
        tried = list(_tried(lab, *ids))
    secrets = (
        request.title,
        request.organisation.name,
        RESULTS["headline"]["sentence"],
        made.title,
        "can be evaluated as planned",
    )
    assert [what for what, _, answer in tried if _said(answer) != before[what]] == []
    bodies = ((what, answer.getvalue().decode("utf-8", "replace")) for what, _, answer in tried)
    assert [what for what, body in bodies if any(one in body for one in secrets)] == []
    assert len(tried) > 400
    # The same tries see it once it is out: they would have seen it before.
    with at(publish_at(OUT_ON)):
        keep_time()
        assert f"/reports/{ids[1]}" in _client(lab, "public").get("/sitemap.xml").content.decode()
        out = {path for _, path, answer in _tried(lab, *ids) if request.title in answer.getvalue().decode("utf-8", "replace")}
    assert {f"/releases/{ids[0]}", f"/reports/{ids[1]}", "/releases/log"} <= out
    assert {path.partition("?")[0] for path in out} >= {
        "/library/",
        "/library/api/v1/results",
        "/library/feasibility",
        "/library/feasibility.csv",
        "/library/api/v1/feasibility",
        f"/library/analyses/{slugify(ids[1])}",
    }


def test_the_calendar_shows_the_day_and_the_title_only_once_it_is_announced(lab: Lab, release: Release) -> None:
    client = _client(lab, "public")
    page = client.get("/releases/").content.decode()
    assert "14 January 2027, 9:30am: A release" in page
    assert "Results, January 2027" not in page
    actions.announce(by=lab.person("publisher"), release=release, announced=True)
    page = client.get("/releases/").content.decode()
    assert "Results, January 2027" in page
    assert RESULTS["headline"]["sentence"] not in page
    assert "Thames Workshop" not in page
